/* Asks the callback of examples/adapters/ggml as ggml does, and prints step,lr,wd for the optimizer steps, then
 * epoch,lr. */
#include "callback.h"

#include <stdio.h>
#include <string.h>

struct ggml_opt_optimizer_params ggml_opt_get_default_optimizer_params(void *userdata)
{
    struct ggml_opt_optimizer_params p;
    (void)userdata;
    memset(&p, 0, sizeof p);
    p.adamw.alpha = p.sgd.alpha = 0.001f;
    p.adamw.beta1 = 0.9f;
    p.adamw.beta2 = 0.999f;
    p.adamw.eps = 1e-8f;
    return p;
}

/* What ggml asserts, and that what the schedule does not say is as it was. */
static int is_fine(const struct ggml_opt_optimizer_params *p)
{
    return p->adamw.alpha > 0 && p->sgd.alpha == p->adamw.alpha && p->adamw.beta1 == 0.9f && p->adamw.beta2 == 0.999f &&
           p->adamw.eps == 1e-8f && p->adamw.wd >= 0 && p->adamw.wd <= 1;
}

int main(void)
{
    struct ggml_schedule s;
    ggml_opt_get_optimizer_params get_opt_pars = ggml_schedule_step;
    struct ggml_opt_optimizer_params p;
    unsigned char saved[finetune_SAVE_SIZE];
    int64_t epoch;

    memset(&s, 0, sizeof s);
    if (finetune_init(&s.state, NULL))
        return 1;
    for (int batch = 0; batch < 2 * 310; batch++)
        if (batch % 2) { /* opt_period is 2 */
            if (batch == 201) { /* and the run is resumed from a checkpoint here */
                int64_t step = s.step;
                size_t n = finetune_save(&s.state, saved, sizeof saved);
                memset(&s, 0, sizeof s);
                if (finetune_init(&s.state, NULL) || finetune_load(&s.state, saved, n))
                    return 1;
                s.step = step;
            }
            p = get_opt_pars(&s);
            printf("%d,%.9g,%.9g\n", batch / 2, (double)p.adamw.alpha, (double)p.adamw.wd);
            if (!is_fine(&p))
                return 1;
        }
    get_opt_pars = ggml_schedule_epoch;
    for (epoch = 1; epoch <= 200; epoch++) {
        p = get_opt_pars(&epoch);
        printf("%d,%.9g\n", (int)epoch, (double)p.adamw.alpha);
        if (!is_fine(&p))
            return 1;
    }
    return 0;
}
