/* decision.h: what detectors made of each observation. In: a plan and its state, before and after an observation. Out: a list, a
 * decision for each detector that looks at the input. */
#ifndef LRS_REPL_DECISION_H
#define LRS_REPL_DECISION_H

#include <stddef.h>
#include <stdint.h>
#include "lrs/lrs.h"

enum {
    DECISION_SKIPPED,  /* it did not count: every=, no mean yet, a phase that does not run, a step that was observed */
    DECISION_IMPROVED, /* better than the best so far */
    DECISION_BAD,      /* plateau: no improvement */
    DECISION_PAST,     /* diverge: past the limit, and not for long enough */
    DECISION_WITHIN,   /* diverge: no new best, and not past the limit */
    DECISION_COOLDOWN, /* it counts for the cooldown */
    DECISION_TRUE,     /* a condition holds, and did so before */
    DECISION_FALSE,
    DECISION_WAITING,  /* the clock has not come so far */
    DECISION_ACTED,    /* its event, and a rule acted */
    DECISION_HELD,     /* its event, and no rule could act: the rate is at its floor, or its change within eps */
    DECISIONS
};

typedef struct decision {
    int64_t step;
    size_t input, detector;
    double metric;
    int what;
    double best, smoothed, patience; /* after it; NaN where there is none, as in lrs_detector */
    int64_t bad, cooling;
    double before, after;            /* the rate at this step without and with it */
} decision;

typedef struct decisions {
    decision *at;
    size_t n, cap;
    size_t ndetectors;
    int *verdict;   /* of each, on the observation that is being made; -1: it does not look at the input */
    int64_t *fired; /* how often its rules had acted before it */
    uint64_t *copy; /* of the state */
    size_t count[DECISIONS];
} decisions;

void decisions_init(decisions *d, const lrs_plan *plan);
void decisions_free(decisions *d);
void decisions_clear(decisions *d);

/* Call the one before lrs_observe, the other after it with the same arguments; before and after: the rate at the step. */
void decisions_begin(decisions *d, const lrs_plan *plan, const lrs_state *s, size_t input, int64_t step, double metric);
void decisions_end(decisions *d, const lrs_plan *plan, const lrs_state *s, size_t input, int64_t step, double metric, double before,
                   double after);

/* "improved", "no improvement", "cooldown", ...; static. */
const char *decision_word(int what);

#endif
