/* callback.c: see callback.h. It needs finetune.h and epochs.h:
 *
 *     lrsc finetune.lrs --prefix=finetune --emit=c,header -o finetune.c
 *     lrsc epochs.lrs --prefix=epochs --emit=c,header -o epochs.c
 */
#include "callback.h"

#include "epochs.h"

#include <float.h>
#include <math.h>

/* ggml stops the program at a rate of 0, where warm-ups may begin and decays end. This one changes no weight. */
static float positive(double rate)
{
    return rate > FLT_MIN ? (float)rate : FLT_MIN;
}

struct ggml_opt_optimizer_params ggml_schedule_step(void *userdata)
{
    struct ggml_schedule *s = userdata;
    struct ggml_opt_optimizer_params p = ggml_opt_get_default_optimizer_params(NULL);
    finetune_values v;

    finetune_eval(&s->state, s->step++, &v);
    p.adamw.alpha = p.sgd.alpha = positive(v.lr);
    p.adamw.wd = p.sgd.wd = (float)v.wd;
    return p;
}

struct ggml_opt_optimizer_params ggml_schedule_epoch(void *userdata)
{
    int64_t epoch = *(const int64_t *)userdata;
    struct ggml_opt_optimizer_params p = ggml_opt_get_default_optimizer_params(NULL);

    p.adamw.alpha = p.sgd.alpha = positive(epochs_get_lr(epoch - 1, NAN));
    return p;
}
