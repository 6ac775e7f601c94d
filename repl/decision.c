/* decision.c: see decision.h. */
#include "decision.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli_io.h"

static const char *const words[DECISIONS] = {
    [DECISION_SKIPPED] = "not counted", [DECISION_IMPROVED] = "improved", [DECISION_BAD] = "no improvement",
    [DECISION_WITHIN] = "within the limit",
    [DECISION_COOLDOWN] = "cooldown",   [DECISION_TRUE] = "still true",   [DECISION_FALSE] = "false",
    [DECISION_ACTED] = "acted",         [DECISION_HELD] = "no change"};

const char *decision_word(int what)
{
    return words[what];
}

void decisions_init(decisions *d, const lrs_plan *plan)
{
    memset(d, 0, sizeof *d);
    d->ndetectors = lrs_plan_detectors(plan);
    d->was = cli_alloc((d->ndetectors + 1) * sizeof *d->was);
}

void decisions_free(decisions *d)
{
    free(d->at);
    free(d->was);
    memset(d, 0, sizeof *d);
}

void decisions_clear(decisions *d)
{
    d->n = 0;
    memset(d->count, 0, sizeof d->count);
}

void decisions_begin(decisions *d, const lrs_plan *plan, const lrs_state *s)
{
    for (size_t i = 0; i < d->ndetectors; i++) {
        d->was[i] = (lrs_detector){.size = sizeof d->was[i]};
        lrs_detector_at(&d->was[i], plan, s, i);
    }
}

/* What happened between the two. The counts say it: an improvement is a new best, an event without one sets the count of bad
 * observations back. */
static int what_happened(const lrs_detector *was, const lrs_detector *is)
{
    if (is->fired > was->fired) {
        return DECISION_ACTED;
    }
    if (strcmp(is->kind, "condition") == 0) {
        return is->bad == 0 ? DECISION_FALSE : was->bad == 0 ? DECISION_HELD : DECISION_TRUE;
    }
    if (is->seen_step == was->seen_step) {
        return DECISION_SKIPPED;
    }
    if (is->cooling > was->cooling) {
        return DECISION_HELD;
    }
    if (is->best != was->best) {
        return DECISION_IMPROVED;
    }
    if (was->cooling > 0) {
        return DECISION_COOLDOWN;
    }
    if (is->bad > was->bad) {
        return DECISION_BAD;
    }
    if (strcmp(is->kind, "diverge") == 0) {
        return DECISION_WITHIN;
    }
    return is->bad == 0 && (was->bad > 0 || is->patience < 1) ? DECISION_HELD : DECISION_SKIPPED;
}

void decisions_end(decisions *d, const lrs_plan *plan, const lrs_state *s, size_t input, int64_t step, double metric, double before,
                   double after)
{
    for (size_t i = 0; i < d->ndetectors; i++) {
        lrs_detector is = {.size = sizeof is};
        if (!(d->was[i].inputs >> input & 1) || lrs_detector_at(&is, plan, s, i) != LRS_OK) {
            continue;
        }
        if (d->n == d->cap) {
            d->cap = d->cap ? 2 * d->cap : 256;
            d->at = cli_realloc(d->at, d->cap * sizeof *d->at);
        }
        int what = isnan(metric) ? DECISION_SKIPPED : what_happened(&d->was[i], &is);
        d->count[what]++;
        d->at[d->n++] = (decision){step, input, i, metric, what, is.best, is.smoothed, is.patience, is.bad, is.cooling, before, after};
    }
}
