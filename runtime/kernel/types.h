/* types.h: the shape of a program at run time, the same for every engine.
 *
 * A program is a set of constant descriptors (this file), a table T of doubles, and code for what is free-form.
 * The interpreter reads descriptors and T from memory; generated objects and emitted C hold them as constants and
 * inline the very same kernel functions over them, so that compilers can fold them away. That is what makes all
 * engines give the same bits: there is one definition of every value.
 *
 *   T   the table: segments, times, factors, settings, and values that free-form code needs. If every entry is
 *       known at compile time T is constant data; else it lives in the state (the end of d[]) and bind() fills it.
 *   state: a header, then i[] (integers), then d[] (doubles). Plain data; see lrs_k_layout.
 *
 * Time x is the trainer's step as a double, negative steps counted as 0.
 */
#ifndef LRS_KERNEL_TYPES_H
#define LRS_KERNEL_TYPES_H

#include "base.h"

/* The kinds of segment, and the value at time x with tau = x - ref and r = fma(tau, hi, tau*lo), w = off + r. r is
 * the nearest double to tau/D when hi+lo is 1/D, so that 1 - t/1000 is 0 at 1000 and not a rest of the division. */
enum {
    LRS_K_CONST,  /* a */
    LRS_K_LINEAR, /* a + tau*(hi+lo), rounded once: see lrs_k_line */
    LRS_K_EXP2,   /* a + b*2^(tau*(hi+lo) + p): see lrs_k_decay; p is the log2 of what b as a double leaves out */
    LRS_K_STAIR,  /* a + b*2^(n*(hi+lo) + p), n = floor(tau/off) = stairs(tau, off) */
    LRS_K_HCOS,   /* fma(b, hcos(w), a)                                    half-cosine, counted from the end of less magnitude */
    LRS_K_POW,    /* fma(b, w^p, a) */
    LRS_K_SQRT,   /* fma(b, sqrt(w), a) */
    LRS_K_COSQRT, /* fma(b, w/(1 + sqrt(v)), a), v = (p - x)*(hi+lo)       1 - sqrt(1 - w) without cancellation: p is the
                     time where w is 1, and v is 1 - w as fma(p - x, hi, (p - x)*lo) */
    LRS_K_RSQRT,  /* fma(b, 1/sqrt(w), a) */
    LRS_K_RECIP,  /* fma(b, 1/w, a) */
    LRS_K_EXPR,   /* step code: expr(x, tau, u, cou, cycle), u = tau*(hi+lo) as fma(tau, hi, tau*lo),
                     cou = (off - x)*(hi+lo) in the same way: off is the time where u would be 1 */
    LRS_K_KINDS
};

/* Eight doubles of T. A segment holds for times before `end` and not before the end of the one before it;
 * ends never decrease and the last is +inf, so the segment of x is the number of ends <= x. */
typedef struct lrs_k_seg {
    double end, ref, hi, lo, a, b, off, p;
} lrs_k_seg;
#define LRS_K_SEG_WORDS 8

/* One output. Its segments are T[seg .. seg + 8*nseg). */
typedef struct lrs_k_out {
    uint32_t nseg, seg;
    uint32_t kind;           /* its first entry in kinds[], phases[] and exprs[] */
    uint32_t mask;           /* bit k set: some segment is of kind k */
    uint32_t nscale, scale;  /* scaling rules, applied in source order */
    uint32_t bounds;         /* T[bounds] = low, T[bounds+1] = high; LRS_K_NONE: no bounds */
} lrs_k_out;
#define LRS_K_NONE 0xffffffffu

/* One thing that scales an output after its base value. With v the value so far and s the factor in force:
 *     v' = v*s;   if s < 1 and v' < floor then v' = v < floor ? v : floor
 * so a floor stops a reduction and never raises a value that is lower by itself. No floor: -inf.
 * T[t..]: AT: log2 of the factor (hi, lo), floor, then n ascending times; n(x) = number of times <= x
 *         EVERY: log2 of the factor (hi, lo), floor, then the period; n(x) = floor(x/period)
 *         STATE: floor; s is d[d]
 * AT and EVERY: s = n == 0 ? 1 : 2^(n*(hi+lo)) by exp2x. */
enum { LRS_K_AT, LRS_K_EVERY, LRS_K_STATE };
typedef struct lrs_k_scale {
    uint32_t what, n, t, d;
} lrs_k_scale;

/* One detector: it turns observations of an input into events.
 * PLATEAU, torch dialect, on each counted observation with metric m (smoothed when smooth > 0):
 *     better? best = m, bad = 0 : bad += 1;  if cooling > 0 { cooling -= 1; bad = 0 }
 *     bad > patience: event; cooling = cooldown; bad = 0
 *   better, rel: min m < best*(1 - threshold), max m > best*(1 + threshold); abs: m < best - threshold, m > best + threshold
 *   best starts at +inf (min) or -inf (max).
 * T[t+0] patience, +1 threshold, +2 cooldown, +3 every (steps; 0: each observation), +4 smooth (beta; 0: none)
 * every: an observation counts when it is the first, or at least `every` steps after the last counted one.
 * smooth: m = ema/weight with ema = beta*ema + (1-beta)*metric, weight likewise over 1 (bias-corrected); all observations enter it
 *   but infinite ones, which stand for themselves.
 * CONDITION: event when the step code expr[t] is true and was not at the observation before (edge). (Later work; not emitted yet.)
 * i[i+0] bad, +1 cooling, +2 step of the last counted observation (INT64_MIN: none); d[d+0] best, +1 ema, +2 weight. */
enum { LRS_K_PLATEAU };
enum { LRS_K_TORCH };
#define LRS_K_DET_I 3
#define LRS_K_DET_D 3
#define LRS_K_DET_T 5
typedef struct lrs_k_det {
    uint32_t kind, dialect, input;
    uint32_t mode_max, absolute;
    uint32_t t, i, d;
} lrs_k_det;

/* What an event of detector `det` does.
 * SCALE on output `out`: T[t+0] factor, +1 floor, +2 eps. With v0 the value at this step before bounds and v1 the same
 *   with the factor multiplied in: only when fabs(v0 - v1) > eps does d[d] *= factor (torch's eps).
 * NEXT: the phase of output `out` that runs at this step ends here: d[event + phase] = min(it, x), then bind() again.
 *   Nothing when the trailing hold runs.
 * STOP: sets the stop flag.
 * i[i] counts how often the rule acted, i[i+1] = step when it acted last. Rules act in source order. */
enum { LRS_K_SCALE, LRS_K_NEXT, LRS_K_STOP };
#define LRS_K_RULE_I 2
typedef struct lrs_k_rule {
    uint32_t det, action, out, t, i, d;
} lrs_k_rule;

/* The state in 8-byte words: word 0 = LRS_K_STATE_VERSION | (uint64_t)(total words) << 32, word 1 = program hash,
 * then i[ni], then d[nd].
 * i[0] flags (bit 0: stop), i[1] number of times rules acted, i[2 + k] step of the last observation of input k (INT64_MIN: none),
 *   then detectors and rules where their descriptors say.
 * d[0 .. nparam) params, then detectors' and rules' doubles, then, when step code reads inputs, the latest value of each input
 *   d[input .. input + ninput) (input == LRS_K_NONE: not kept), then event ends d[event .. event + nevent) (+inf: not ended),
 *   then from d[table] on T itself when it is not constant (table == LRS_K_NONE otherwise), then, when T is there, nevent
 *   more doubles in which loading keeps the old event ends until the new ones have proved sound.
 * Start values: step numbers INT64_MIN, other integers 0, factors 1, best +-inf, latest values NaN, event ends +inf, all else 0.
 * Saved: everything but T and what follows it. nsave = number of d[] words before T. */
#define LRS_K_STATE_VERSION 2u
#define LRS_K_STOPPED 1
#define LRS_K_HEADER_WORDS 2
typedef struct lrs_k_layout {
    uint64_t hash;
    uint32_t ni, nd, nsave;
    uint32_t nparam, ninput, input;
    uint32_t event, nevent;
    uint32_t table, ntable;
    uint32_t nout, ndet, nrule, nscale, nkind;
} lrs_k_layout;

struct lrs_k_program;
/* Step code: the value of expression number `expr` at time x, `tau` into a segment, in round `cycle` of a repeat (0 outside of one).
 * It reads T, and D for the latest values of inputs; other outputs it has from lrs_k_out_at(k, D, out, x). Outputs do not
 * depend on each other in circles, so this ends. */
typedef double (*lrs_k_expr_fn)(const struct lrs_k_program *k, uint32_t expr, const double *T, const double *D, double x,
                                double tau, double u, double cou, double cycle);
/* Fills T from params and event ends: 0, or 1 + index of the check that failed. */
typedef int (*lrs_k_bind_fn)(const void *ctx, const double *params, const double *events, double *T);

/* Everything about a program that kernel functions need. Generated code has one as a constant, so that all of it folds. */
typedef struct lrs_k_program {
    const lrs_k_layout *layout;
    const lrs_k_out *outs;      /* layout.nout */
    const uint8_t *kinds;       /* layout.nkind: kind of segment k, all outputs after each other */
    const uint32_t *phases;     /* layout.nkind: its event end, an index from d[event]; LRS_K_NONE: it has none (the trailing hold) */
    const uint32_t *exprs;      /* layout.nkind: the expr of EXPR segments */
    const lrs_k_scale *scales;
    const lrs_k_det *dets;
    const lrs_k_rule *rules;
    const double *table;        /* T when constant, else NULL: T = d + layout.table */
    lrs_k_expr_fn expr;         /* NULL when there are no EXPR segments */
    lrs_k_bind_fn bind;         /* NULL when T is constant */
    const void *ctx;
} lrs_k_program;

/* What value.h, observe.h and state.h define over it; I and D are i[] and d[] of a state.
 *   double lrs_k_value  (const lrs_k_program *k, const double *D, uint32_t out, int64_t step)
 *   double lrs_k_out_at (const lrs_k_program *k, const double *D, uint32_t out, double x)
 *   void   lrs_k_fill   (const lrs_k_program *k, const double *D, uint32_t out, int64_t first, size_t n, double *y)
 *   int    lrs_k_observe(const lrs_k_program *k, int64_t *I, double *D, uint32_t input, int64_t step, double metric)
 *   void   lrs_k_reset  (const lrs_k_program *k, uint64_t *words)       header, i[], d[] after the params (which are kept) to their start values; T not touched
 *   size_t lrs_k_save   (const lrs_k_program *k, const uint64_t *words, void *buf, size_t cap)
 *   int    lrs_k_load   (const lrs_k_program *k, uint64_t *words, const void *buf, size_t len)   0, or LRS_K_E_*
 * A state is uint64_t words in memory; i[] and d[] are reached through pointers into it, which is why generated headers
 * declare it as a struct { uint64_t version, program; int64_t i[NI]; double d[ND]; }. */
enum { LRS_K_E_TRUNCATED = -101, LRS_K_E_MAGIC = -102, LRS_K_E_VERSION = -103, LRS_K_E_DAMAGED = -104,
       LRS_K_E_PROGRAM = -105, LRS_K_E_PARAMS = -106, LRS_K_E_UNINIT = -107 };

#endif
