/* decision.c: see decision.h. What a detector makes of an observation is computed by the kernel's own functions, on a copy of
 * the state. */
#include "decision.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "kernel/observe.h"
#include "kernel/state.h"
#include "program.h"

static const char *const words[DECISIONS] = {
    [DECISION_SKIPPED] = "not counted", [DECISION_IMPROVED] = "improved",       [DECISION_BAD] = "no improvement",
    [DECISION_PAST] = "past the limit", [DECISION_WITHIN] = "within the limit", [DECISION_COOLDOWN] = "cooldown",
    [DECISION_TRUE] = "still true",     [DECISION_FALSE] = "false",             [DECISION_WAITING] = "not yet",
    [DECISION_ACTED] = "acted",         [DECISION_HELD] = "no change"};

const char *decision_word(int what)
{
    return words[what];
}

void decisions_init(decisions *d, const lrs_plan *plan)
{
    memset(d, 0, sizeof *d);
    d->ndetectors = lrs_plan_detectors(plan);
    d->verdict = cli_alloc((d->ndetectors + 1) * sizeof *d->verdict);
    d->fired = cli_alloc((d->ndetectors + 1) * sizeof *d->fired);
    d->copy = cli_alloc(lrs_state_size(plan));
}

void decisions_free(decisions *d)
{
    free(d->at);
    free(d->verdict);
    free(d->fired);
    free(d->copy);
    memset(d, 0, sizeof *d);
}

void decisions_clear(decisions *d)
{
    d->n = 0;
    memset(d->count, 0, sizeof d->count);
}

/* ---- the verdict of one detector: DECISION_ACTED stands for its event ----------------------------- */

/* Optax looks at the mean of several observations; 0: there are not enough of them yet. */
static int take_mean(lrs_k_look *w)
{
    double n = w->mean[1] + 1.0;
    if (n < w->T[6]) {
        return 0;
    }
    w->m = lrs_k_canon((w->mean[1] * w->mean[0] + w->m) / n);
    return 1;
}

static int look_at_plateau(lrs_k_look *w)
{
    lrs_k_look mean = *w;
    if (w->dialect == LRS_K_OPTAX && !take_mean(&mean)) {
        lrs_k_plateau(w);
        return DECISION_SKIPPED;
    }
    int cooled = lrs_k_cooling(w), ignores = w->dialect == LRS_K_PADDLE && cooled;
    int better = !ignores && ((w->dialect == LRS_K_PADDLE && w->first) || lrs_k_better(&mean));
    if (lrs_k_plateau(w)) {
        return DECISION_ACTED;
    }
    if (better) {
        return DECISION_IMPROVED;
    }
    if (w->dialect == LRS_K_KERAS) { /* it counts again with the observation that ends the cooldown */
        cooled = lrs_k_cooling(w);
    }
    return cooled ? DECISION_COOLDOWN : DECISION_BAD;
}

static int look_at_divergence(const lrs_k_look *w)
{
    double best = *w->best;
    int cooled = lrs_k_cooling(w);
    if (lrs_k_diverge(w)) {
        return DECISION_ACTED;
    }
    return *w->best != best ? DECISION_IMPROVED : cooled ? DECISION_COOLDOWN : *w->bad > 0 ? DECISION_PAST : DECISION_WITHIN;
}

/* As lrs_k_detect. */
static int look(const lrs_k_program *k, const lrs_k_det *t, int64_t *I, double *D, int64_t step, double metric)
{
    lrs_k_look w;
    double x = lrs_k_time(step);
    if (!lrs_k_runs(k, t, D, x)) {
        return DECISION_SKIPPED;
    }
    if (t->kind == LRS_K_CONDITION) {
        return lrs_k_condition(k, t, I, D, x) ? DECISION_ACTED : I[t->i] ? DECISION_TRUE : DECISION_FALSE;
    }
    if (t->kind == LRS_K_CLOCK) {
        return lrs_k_clock(k, t, D, metric) ? DECISION_ACTED : DECISION_WAITING;
    }
    if (!lrs_k_begin(k, t, I, D, step, metric, &w)) {
        return DECISION_SKIPPED;
    }
    return t->kind == LRS_K_DIVERGE ? look_at_divergence(&w) : look_at_plateau(&w);
}

/* ---- an observation ------------------------------------------------------------------------------- */

static int64_t fired(const lrs_plan *plan, const lrs_state *s, size_t detector)
{
    lrs_detector e = {.size = sizeof e};
    lrs_detector_at(&e, plan, s, detector);
    return e.fired;
}

void decisions_begin(decisions *d, const lrs_plan *plan, const lrs_state *s, size_t input, int64_t step, double metric)
{
    if (d->ndetectors == 0) {
        return;
    }
    const lrs_k_program *k = &plan->k;
    memcpy(d->copy, s, lrs_state_size(plan));
    int64_t *I = lrs_k_state_i(d->copy);
    double *D = lrs_k_state_d(k, d->copy);
    int counts = !isnan(metric) && step > I[2 + input];
    if (counts && k->layout->input != LRS_K_NONE) {
        D[k->layout->input + input] = metric;
    }
    for (size_t i = 0; i < d->ndetectors; i++) {
        const lrs_k_det *t = &k->dets[i];
        d->verdict[i] = !(t->watch >> input & 1) ? -1 : counts ? look(k, t, I, D, step, metric) : DECISION_SKIPPED;
        d->fired[i] = fired(plan, s, i);
    }
}

void decisions_end(decisions *d, const lrs_plan *plan, const lrs_state *s, size_t input, int64_t step, double metric, double before,
                   double after)
{
    for (size_t i = 0; i < d->ndetectors; i++) {
        lrs_detector is = {.size = sizeof is};
        if (d->verdict[i] < 0 || lrs_detector_at(&is, plan, s, i) != LRS_OK) {
            continue;
        }
        if (d->n == d->cap) {
            d->cap = d->cap ? 2 * d->cap : 256;
            d->at = cli_realloc(d->at, d->cap * sizeof *d->at);
        }
        int what = d->verdict[i] == DECISION_ACTED && is.fired == d->fired[i] ? DECISION_HELD : d->verdict[i];
        d->count[what]++;
        d->at[d->n++] = (decision){step, input, i, metric, what, is.best, is.smoothed, is.patience, is.bad, is.cooling, before, after};
    }
}
