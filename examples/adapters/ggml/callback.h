/* callback.h: schedules of lrs as the callback that ggml's optimizers take their parameters from. */
#ifndef GGML_SCHEDULE_H
#define GGML_SCHEDULE_H

#include "finetune.h"
#include "ggml-opt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A run: the state of finetune.lrs, and the optimizer step that comes next. Both go into a checkpoint, with
 * finetune_save.
 *
 *     struct ggml_schedule s = {0};
 *     finetune_init(&s.state, NULL);
 *     params.get_opt_pars = ggml_schedule_step;
 *     params.get_opt_pars_ud = &s;
 */
struct ggml_schedule {
    finetune_state state;
    int64_t step;
};

/* ggml asks before each evaluation that ends with an optimizer step, and not while gradients are accumulated: this
 * counts those. */
struct ggml_opt_optimizer_params ggml_schedule_step(void *userdata);

/* For ggml_opt_fit and its like, whose userdata is the epoch, counted from 1: the schedule epochs.lrs. */
struct ggml_opt_optimizer_params ggml_schedule_epoch(void *userdata);

#ifdef __cplusplus
}
#endif
#endif
