/* loss.h: a metric that nobody recorded: a loss that answers to the rate. In: a model, which is an expression of lrs over `loss`
 * (the last value), `lr`, `peak` (the greatest rate) and `step`; noise. Out: the value after each observed step. The same numbers
 * on every machine. */
#ifndef LRS_REPL_LOSS_H
#define LRS_REPL_LOSS_H

#include <stdint.h>
#include "lrs/lrs.h"

/* It comes down by a tenth of the way at each observation, to a floor that is higher the higher the rate is. */
#define LOSS_MODEL "loss + 0.1*(0.2 + 0.8*sqrt(abs(lr)/peak) - loss)"

typedef struct loss_model {
    lrs_program *program;
    double loss, peak, noise;
    uint64_t random;
} loss_model;

/* model: NULL: LOSS_MODEL. 0, or an exit code with the message printed. */
int loss_open(loss_model *m, const char *model, double start, double peak, double noise, int64_t seed);
void loss_close(loss_model *m);
/* The next value, with noise; the model goes on without it. */
double loss_next(loss_model *m, int64_t step, double lr);

#endif
