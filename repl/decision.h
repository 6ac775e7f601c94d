/* decision.h: what detectors made of each observation. In: a plan and its state, before and after an observation. Out: a list, a
 * decision for each detector that looks at the input. */
#ifndef LRS_REPL_DECISION_H
#define LRS_REPL_DECISION_H

#include <stddef.h>
#include <stdint.h>
#include "lrs/lrs.h"

enum {
    DECISION_SKIPPED,  /* it did not count: every=, a phase that does not run */
    DECISION_IMPROVED, /* better than the best so far */
    DECISION_BAD,      /* no improvement; of diverge: past the limit */
    DECISION_WITHIN,   /* diverge: no new best, and not past the limit */
    DECISION_COOLDOWN, /* counted down */
    DECISION_TRUE,     /* a condition holds, and did so before */
    DECISION_FALSE,
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
    lrs_detector *was; /* before the observation */
    size_t ndetectors;
    size_t count[DECISIONS];
} decisions;

void decisions_init(decisions *d, const lrs_plan *plan);
void decisions_free(decisions *d);
void decisions_clear(decisions *d);

/* Call around lrs_observe; before and after: the rate at the step. */
void decisions_begin(decisions *d, const lrs_plan *plan, const lrs_state *s);
void decisions_end(decisions *d, const lrs_plan *plan, const lrs_state *s, size_t input, int64_t step, double metric, double before,
                   double after);

/* "improved", "no improvement", "cooldown", ...; static. */
const char *decision_word(int what);

#endif
