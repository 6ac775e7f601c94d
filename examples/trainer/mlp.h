/* mlp.h: a two-layer perceptron trained by stochastic gradient descent with momentum.
 *
 * In: samples, a learning rate.  Out: better weights, losses and accuracies.  May call: rng.h, digits.h, the C library.
 */
#ifndef TRAINER_MLP_H
#define TRAINER_MLP_H

#include "digits.h"
#include "rng.h"

enum {
    MLP_HIDDEN = 64,
    MLP_WEIGHTS = MLP_HIDDEN * DIGITS_PIXELS + MLP_HIDDEN + DIGITS_CLASSES * MLP_HIDDEN + DIGITS_CLASSES
};

/* Plain data: all of it that outlives an update is weights and velocity. */
typedef struct mlp {
    double weights[MLP_WEIGHTS]; /* first layer, its biases, second layer, its biases */
    double velocity[MLP_WEIGHTS];
    double gradient[MLP_WEIGHTS];
} mlp;

typedef struct score {
    double loss;     /* mean cross-entropy */
    double accuracy; /* share of right answers, 0 to 1 */
} score;

/* Random weights (He's uniform), zero biases and velocity. */
void mlp_init(mlp *m, rng *r);

/* One update from the samples d[index[0]], ..., d[index[n - 1]]; their mean loss before it. */
double mlp_update(mlp *m, const digits *d, const uint32_t *index, size_t n, double lr, double momentum);

score mlp_score(const mlp *m, const digits *d, const uint32_t *index, size_t n);

#endif
