/* columns.h: a curve reduced to the columns of a picture. In: a curve and a range. Out: for each column the least, the
 * greatest, the first and the last value of its steps, so that no step is lost however many share a column; and the
 * numbers of a summary. */
#ifndef LRS_REPL_COLUMNS_H
#define LRS_REPL_COLUMNS_H

#include "curve.h"

typedef struct column {
    int seen; /* it has a finite value */
    double low, high, first, last;
    int64_t low_at, high_at, first_at, last_at; /* their steps; of equal values the first one's */
    int zeros;                                  /* values that are not above 0 */
    double least_positive;                      /* +inf: there is none */
    int64_t least_positive_at;
} column;

typedef struct columns {
    int n;
    column *at;
    int64_t first, last;
    /* summary */
    double low, high, least_positive, sum; /* of the finite values */
    double final;                          /* the value at the last step, whatever it is */
    int64_t high_at, final_at;             /* final_at: before `last` where a rule stopped the run */
    uint64_t finite, summed, bad; /* bad: values that are not finite */
    uint64_t stride;              /* there were too many steps to look at each: one in so many was; else 0 */
} columns;

/* Looks at every step of the range (its stride is not heeded) while they are at most COLUMNS_EXACT; else at one somewhere in each
 * of a million strides, and at each side of every place where a phase begins. */
#define COLUMNS_EXACT ((uint64_t)1 << 24)
/* 0; CURVE_STOPPED: progress_stop ended it, and what was seen until then is there. */
int columns_make(columns *k, curve *c, range r, int n);
void columns_free(columns *k);

/* The column of a step. With fewer steps than columns they are spread from the first column to the last. */
int columns_of(const columns *k, int64_t step);
/* The first step of a column; with fewer steps than columns: the step before or at it. */
int64_t columns_step(const columns *k, int column);
/* There are no more steps than columns: each has a column of its own, with empty ones between. */
int columns_sparse(const columns *k);

#endif
