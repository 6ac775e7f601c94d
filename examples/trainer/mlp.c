/* mlp.c: a two-layer perceptron: ReLU hidden layer, softmax, cross-entropy, SGD with momentum.
 *
 * In: samples, a learning rate.  Out: better weights, losses and accuracies.  May call: rng.h, digits.h; of the C library
 * only functions whose results are exact (sqrt, frexp, ldexp, floor).
 *
 * exp and log are written here, because those of C libraries differ in their last bits: with the sums in a fixed order and
 * without contraction (-ffp-contract=off) a training run gives the same log on every machine with IEEE doubles.
 */
#include "mlp.h"

#include <math.h>
#include <string.h>

enum {
    AT_W1 = 0,
    AT_B1 = AT_W1 + MLP_HIDDEN * DIGITS_PIXELS,
    AT_W2 = AT_B1 + MLP_HIDDEN,
    AT_B2 = AT_W2 + DIGITS_CLASSES * MLP_HIDDEN
};

typedef struct activations {
    double hidden[MLP_HIDDEN];
    double probability[DIGITS_CLASSES];
} activations;

/* e^x: x = k ln 2 + r with |r| <= ln(2)/2, Taylor's series for e^r. */
static double exponential(double x)
{
    if (!(x >= -700.0))
        return x < 0.0 ? 0.0 : x; /* the latter is NaN: weights that have diverged */
    double k = floor(x * 0x1.71547652b82fep+0 + 0.5);
    double r = (x - k * 0x1.62e42fefa3800p-1) - k * 0x1.ef35793c76730p-45;
    double sum = 1.0;
    for (int i = 14; i > 0; i--)
        sum = 1.0 + sum * r / i;
    return ldexp(sum, (int)k);
}

/* ln x for x > 0: x = m 2^k with m in [sqrt(1/2), sqrt(2)), ln m = 2 artanh((m - 1)/(m + 1)). */
static double logarithm(double x)
{
    int k;
    double m = frexp(x, &k);
    if (m < 0x1.6a09e667f3bcdp-1) {
        m *= 2.0;
        k--;
    }
    double s = (m - 1.0) / (m + 1.0);
    double s2 = s * s;
    double sum = 0.0;
    for (int i = 23; i > 0; i -= 2)
        sum = 1.0 / i + sum * s2;
    return k * 0x1.62e42fefa39efp-1 + 2.0 * s * sum;
}

static double dot(const double *a, const double *b, int n)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

void mlp_init(mlp *m, rng *r)
{
    const double limit1 = sqrt(6.0 / (double)DIGITS_PIXELS);
    const double limit2 = sqrt(6.0 / (double)MLP_HIDDEN);
    memset(m, 0, sizeof *m);
    for (int i = AT_W1; i < AT_B1; i++)
        m->weights[i] = limit1 * (2.0 * rng_unit(r) - 1.0);
    for (int i = AT_W2; i < AT_B2; i++)
        m->weights[i] = limit2 * (2.0 * rng_unit(r) - 1.0);
}

/* The loss of one sample. The largest logit is subtracted first, so that exp cannot overflow; a probability that
 * underflows to 0 counts as 1e-300. */
static double forward(const double *w, const double *pixels, int label, activations *a)
{
    for (int h = 0; h < MLP_HIDDEN; h++) {
        double z = w[AT_B1 + h] + dot(&w[AT_W1 + h * DIGITS_PIXELS], pixels, DIGITS_PIXELS);
        a->hidden[h] = z > 0.0 ? z : 0.0;
    }
    double *p = a->probability;
    double top = -INFINITY;
    for (int c = 0; c < DIGITS_CLASSES; c++) {
        p[c] = w[AT_B2 + c] + dot(&w[AT_W2 + c * MLP_HIDDEN], a->hidden, MLP_HIDDEN);
        top = p[c] > top ? p[c] : top;
    }
    double sum = 0.0;
    for (int c = 0; c < DIGITS_CLASSES; c++) {
        p[c] = exponential(p[c] - top);
        sum += p[c];
    }
    for (int c = 0; c < DIGITS_CLASSES; c++)
        p[c] /= sum;
    return -logarithm(p[label] > 1e-300 ? p[label] : 1e-300);
}

/* Adds the gradient of one sample's loss to g. */
static void backward(const double *w, const double *pixels, int label, const activations *a, double *g)
{
    double hidden[MLP_HIDDEN] = {0};
    for (int c = 0; c < DIGITS_CLASSES; c++) {
        double d = a->probability[c] - (c == label ? 1.0 : 0.0);
        g[AT_B2 + c] += d;
        for (int h = 0; h < MLP_HIDDEN; h++) {
            g[AT_W2 + c * MLP_HIDDEN + h] += d * a->hidden[h];
            hidden[h] += d * w[AT_W2 + c * MLP_HIDDEN + h];
        }
    }
    for (int h = 0; h < MLP_HIDDEN; h++) {
        if (a->hidden[h] == 0.0)
            continue;
        g[AT_B1 + h] += hidden[h];
        for (int i = 0; i < DIGITS_PIXELS; i++)
            g[AT_W1 + h * DIGITS_PIXELS + i] += hidden[h] * pixels[i];
    }
}

double mlp_update(mlp *m, const digits *d, const uint32_t *index, size_t n, double lr, double momentum)
{
    double loss = 0.0;
    activations a;
    memset(m->gradient, 0, sizeof m->gradient);
    for (size_t i = 0; i < n; i++) {
        const double *pixels = d->pixels[index[i]];
        int label = d->labels[index[i]];
        loss += forward(m->weights, pixels, label, &a);
        backward(m->weights, pixels, label, &a, m->gradient);
    }
    for (int i = 0; i < MLP_WEIGHTS; i++) {
        m->velocity[i] = momentum * m->velocity[i] + m->gradient[i] / (double)n;
        m->weights[i] -= lr * m->velocity[i];
    }
    return loss / (double)n;
}

static int answer(const activations *a)
{
    int best = 0;
    for (int c = 1; c < DIGITS_CLASSES; c++)
        if (a->probability[c] > a->probability[best])
            best = c;
    return best;
}

score mlp_score(const mlp *m, const digits *d, const uint32_t *index, size_t n)
{
    double loss = 0.0;
    size_t right = 0;
    activations a;
    for (size_t i = 0; i < n; i++) {
        int label = d->labels[index[i]];
        loss += forward(m->weights, d->pixels[index[i]], label, &a);
        right += answer(&a) == label;
    }
    return (score){loss / (double)n, (double)right / (double)n};
}
