/* columns.c: see columns.h. */
#include "columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "progress.h"

__extension__ typedef unsigned __int128 u128;

static uint64_t length(const columns *k)
{
    return (uint64_t)k->last - (uint64_t)k->first; /* one less than the number of steps, which may be 2^64 */
}

int columns_sparse(const columns *k)
{
    return length(k) < (uint64_t)k->n;
}

int columns_of(const columns *k, int64_t step)
{
    uint64_t i = (uint64_t)step - (uint64_t)k->first, n = length(k);
    uint64_t wide = (uint64_t)k->n;
    if (columns_sparse(k)) {
        return n ? (int)((i * (wide - 1) + n / 2) / n) : 0;
    }
    return (int)((u128)i * wide / ((u128)n + 1));
}

int64_t columns_step(const columns *k, int c)
{
    uint64_t n = length(k), wide = (uint64_t)k->n;
    if (columns_sparse(k)) {
        return (int64_t)((uint64_t)k->first + (wide > 1 ? (uint64_t)c * n / (wide - 1) : 0));
    }
    u128 i = ((u128)(unsigned)c * ((u128)n + 1) + wide - 1) / wide;
    return (int64_t)((uint64_t)k->first + (uint64_t)(i > n ? n : i));
}

static void add(columns *k, int64_t step, double v, int in_mean)
{
    k->final = v; /* steps come in order */
    k->final_at = step;
    if (!isfinite(v)) {
        k->bad++;
        return;
    }
    column *c = &k->at[columns_of(k, step)];
    if (!c->seen) {
        c->low = c->high = c->first = v;
        c->low_at = c->high_at = c->first_at = step;
        c->least_positive = INFINITY;
        c->seen = 1;
    }
    if (v < c->low) {
        c->low = v;
        c->low_at = step;
    }
    if (v > c->high) {
        c->high = v;
        c->high_at = step;
    }
    c->last = v;
    c->last_at = step;
    if (v > 0) {
        if (v < c->least_positive) {
            c->least_positive = v;
            c->least_positive_at = step;
        }
        k->least_positive = v < k->least_positive ? v : k->least_positive;
    } else {
        c->zeros = 1;
    }
    if (k->finite == 0 || v > k->high) {
        k->high = v;
        k->high_at = step;
    }
    k->low = k->finite == 0 || v < k->low ? v : k->low;
    k->finite++;
    if (in_mean) {
        k->sum += v;
        k->summed++;
    }
}

typedef struct walker {
    columns *k;
    const curve *c;
} walker;

/* What comes after a stop is left out, but for the first step of a range that begins there. */
static int is_over(const columns *k, const curve *c, int64_t step)
{
    return c->stopped && step > c->stop_step && step > k->first;
}

static int add_block(void *ctx, int64_t first, int64_t stride, size_t n, const double *const *y)
{
    const walker *w = ctx;
    for (size_t i = 0; i < n && !is_over(w->k, w->c, range_step(first, stride, i)); i++) {
        add(w->k, range_step(first, stride, i), y[0][i], 1);
    }
    return 0;
}

static void look(columns *k, curve *c, int64_t step, int in_mean)
{
    double v = curve_value(c, step);
    if (!is_over(k, c, step)) {
        add(k, step, v, in_mean);
    }
}

/* Somewhere in a stride: a curve that repeats itself would look flat at even distances. The same everywhere (splitmix64). */
static uint64_t somewhere(uint64_t i, uint64_t stride)
{
    uint64_t z = i * 0x9e3779b97f4a7c15u + 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % stride;
}

/* One step of each stride, with the first, the last and the two steps around each phase boundary merged in: a spike is a phase of
 * its own. */
static int sample(columns *k, curve *c)
{
    uint64_t total = length(k), stride = total / (COLUMNS_EXACT / 16) + 1;
    curve_phase *phases;
    size_t n = 0, next = 0;
    lrs_state *s = NULL;
    if (lrs_state_new(&s, c->plan) == LRS_OK) {
        n = curve_phases(c, s, k->first, k->last, &phases, 1000000);
        lrs_state_free(s, c->plan);
    }
    k->stride = stride;
    progress_begin("computing", total);
    int stop = 0;
    for (uint64_t i = 0, number = 0; !stop; i += stride, number++) {
        uint64_t at = i == 0 ? 0 : total - i < stride ? total : i + somewhere(number, stride);
        int64_t step = (int64_t)((uint64_t)k->first + at);
        for (; next < n && phases[next].last < step; next++) {
            look(k, c, phases[next].last, 0);
            if (phases[next].last + 1 < step) {
                look(k, c, phases[next].last + 1, 0);
            }
        }
        look(k, c, step, 1);
        if (total - i < stride) { /* the last step has been looked at */
            break;
        }
        stop = number % 4096 == 4095 && progress_at(i) ? CURVE_STOPPED : 0;
    }
    progress_end();
    if (n) {
        free(phases);
    }
    return stop;
}

int columns_make(columns *k, curve *c, range r, int n)
{
    memset(k, 0, sizeof *k);
    k->n = n;
    k->at = cli_alloc((size_t)n * sizeof *k->at);
    k->first = r.first;
    k->last = r.last;
    k->least_positive = INFINITY;
    if (length(k) < COLUMNS_EXACT) {
        return curve_walk(c, (range){r.first, r.last, 1}, add_block, &(walker){k, c});
    }
    return sample(k, c);
}

void columns_free(columns *k)
{
    free(k->at);
    k->at = NULL;
}
