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
    LRS_K_SUB,    /* a block, on a clock of its own: see lrs_k_sub */
    LRS_K_KINDS
};

/* Eight doubles of T. A segment holds for times before `end` and not before the end of the one before it;
 * ends never decrease and the last is +inf, so the segment of x is the number of ends <= x. */
typedef struct lrs_k_seg {
    double end, ref, hi, lo, a, b, off, p;
} lrs_k_seg;
#define LRS_K_SEG_WORDS 8

/* A segment of kind SUB is a phase with phases of its own, which are a block: segments and scales like those of an output,
 * in blocks[exprs[its index]], with times that count from the beginning of the block. Its eight words:
 *   end, ref as ever: the block begins at ref
 *   length, stretch, count: a repeat of `count` rounds (+inf: without an end). Round c takes length*stretch^c and begins at
 *     ref + length*(stretch^c - 1)/(stretch - 1), or ref + c*length when stretch is 1. All times in it are stretch^c times
 *     as long. stretch 0: no repeat but one round, and `cycle` is that of the repeat around it.
 *   hi, lo: log2 of what each round multiplies the values of the block by
 *   later: 1 + the block of the rounds after the first; 0: all rounds have the same */
typedef struct lrs_k_sub {
    double end, ref, length, stretch, count, hi, lo, later;
} lrs_k_sub;
/* Blocks in blocks. */
#define LRS_K_NEST 8

/* One output. Its segments are T[seg .. seg + 8*nseg). */
typedef struct lrs_k_out {
    uint32_t nseg, seg;
    uint32_t kind;           /* its first entry in kinds[], phases[] and exprs[] */
    uint32_t mask;           /* bit k set: some segment is of kind k, here or in a block below */
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

/* One detector: it turns observations of inputs into events. A detector looks at an observation of an input whose bit is set in
 * `watch`, and, when nseg is not 0, only while one of the segments seg .. seg + nseg of output `out` holds: those of its phase.
 *
 * PLATEAU, on each counted observation with metric m (smoothed when smooth > 0), as the library does it that gave the dialect
 * its name:
 *   torch   better? best = m, bad = 0 : bad += 1;  if cooling > 0 { cooling -= 1; bad = 0 }
 *           bad > patience: event; cooling = cooldown; bad = 0
 *   keras   if cooling > 0 { cooling -= 1; bad = 0 };  first or better? best = m, bad = 0 : if cooling == 0 { bad += 1;
 *           bad >= patience: event; cooling = cooldown; bad = 0 }
 *   optax   m is the mean of accumulation_size observations; better? best = m, bad = 0 : bad += 1;
 *           if cooling > 0 { cooling -= 1; bad = 0 } else if bad == patience { event; cooling = cooldown; bad = 0 }
 *   paddle  if cooling > 0, cooling -= 1, and that is all;  first or better? best = m, bad = 0 : bad += 1
 *           bad > patience: event; cooling = cooldown; bad = 0
 *   better, rel: min m < best*(1 - threshold), max m > best*(1 + threshold); abs: m < best - threshold, m > best + threshold
 *           rel of paddle: m < best - best*threshold, m > best + best*threshold; of optax: m < (1 - threshold)*best - atol;
 *           of keras, in single precision: m + threshold < best, m - threshold > best
 *   best starts at +inf (min) or -inf (max).
 * T[t+0] patience, +1 threshold, +2 cooldown, +3 every (steps; 0: each observation), +4 smooth (beta; 0: none);
 *   optax: +5 atol, +6 accumulation_size
 * every: an observation counts when it is the first, or at least `every` steps after the last counted one.
 * smooth: m = ema/weight with ema = beta*ema + (1-beta)*metric, weight likewise over 1 (bias-corrected); all observations enter it
 *   but infinite ones, which stand for themselves.
 * Patience and cooldown in time (patience_by, cooldown_by): what is compared with patience is not `bad` but the time since the
 *   last improvement, event, or end of the cooldown; >= for keras and optax. Time is that of the step, or for BY_CLOCK the latest
 *   value of the input layout.clock, in seconds.
 * DIVERGE: bad counts observations in a row with m > best + gain*|best| (max: m < best - gain*|best|), of which an infinite one on
 *   the wrong side is worth any number. bad >= window: event; cooling = cooldown; bad = 0. None counts while cooling.
 *   T[t+0] window, +1 gain, +2 cooldown, +3 every, +4 smooth.
 * CONDITION: event when step code number `expr` is not 0, and was 0 when it was looked at before. No T.
 * CLOCK: event when the input layout.clock is at least T[t], counted from its first observation unless `absolute`.
 *
 * PLATEAU and DIVERGE: i[i+0] bad, +1 cooling, +2 step of the last counted observation (INT64_MIN: none); d[d+0] best, +1 ema,
 *   +2 weight; optax: then the mean so far and its number of observations; in time: then the time that patience counts from, and
 *   the end of the cooldown (NaN: none yet).
 * CONDITION: i[i] 1 when it was true. CLOCK: i[i] 0; d[d] the first value (NaN: none yet). */
enum { LRS_K_PLATEAU, LRS_K_DIVERGE, LRS_K_CONDITION, LRS_K_CLOCK };
enum { LRS_K_TORCH, LRS_K_KERAS, LRS_K_OPTAX, LRS_K_PADDLE };
enum { LRS_K_BY_COUNT, LRS_K_BY_TIME, LRS_K_BY_CLOCK };
#define LRS_K_DET_I 3 /* the most that a detector has */
#define LRS_K_DET_D 7
#define LRS_K_DET_T 7
typedef struct lrs_k_det {
    uint32_t kind, dialect, watch;
    uint32_t mode_max, absolute;
    uint32_t patience_by, cooldown_by;
    uint32_t expr;
    uint32_t out, seg, nseg;
    uint32_t t, i, d;
} lrs_k_det;
#define LRS_K_MAX_INPUTS 32

/* How many words of i[], d[] and T a detector has. */
LRS_KFN uint32_t lrs_k_det_i(const lrs_k_det *t)
{
    return t->kind <= LRS_K_DIVERGE ? 3u : 1u;
}

LRS_KFN uint32_t lrs_k_det_timed(const lrs_k_det *t)
{
    return t->patience_by != LRS_K_BY_COUNT || t->cooldown_by != LRS_K_BY_COUNT;
}

LRS_KFN uint32_t lrs_k_det_d(const lrs_k_det *t)
{
    if (t->kind > LRS_K_DIVERGE)
        return t->kind == LRS_K_CLOCK;
    return 3u + (t->dialect == LRS_K_OPTAX ? 2u : 0u) + (lrs_k_det_timed(t) ? 2u : 0u);
}

LRS_KFN uint32_t lrs_k_det_t(const lrs_k_det *t)
{
    if (t->kind > LRS_K_DIVERGE)
        return t->kind == LRS_K_CLOCK;
    return t->dialect == LRS_K_OPTAX ? 7u : 5u;
}

/* What an event of detector `det` does, unless it is one of a phase that does not run any more.
 * SCALE on output `out`: T[t+0] factor, +1 floor, +2 eps. The new factor is d[d]*factor, but not less than T[low] (low LRS_K_NONE:
 *   without that). With v0 the value at this step before bounds and v1 the same with the new factor: it counts only when
 *   fabs(v0 - v1) > eps (torch's eps).
 * NEXT: the phase of output `out` that runs at this step ends here: d[event + phase] = min(it, x), then bind() again.
 *   Nothing when the trailing hold runs.
 * STOP: sets the stop flag.
 * RESTART: the phase of output `out` that runs at this step begins again here: d[event + phase + 1] = x, then bind() again;
 *   detectors of the phase begin anew. In a program with such a rule every phase has two events: its end, and this.
 * i[i] counts how often the rule acted, i[i+1] = step when it acted last. Rules act in source order. */
enum { LRS_K_SCALE, LRS_K_NEXT, LRS_K_STOP, LRS_K_RESTART };
#define LRS_K_RULE_I 2
typedef struct lrs_k_rule {
    uint32_t det, action, out, t, low, i, d;
} lrs_k_rule;

/* What the detectors and rules of a program make use of: the rest of observe.h folds away. */
enum {
    LRS_K_USES_PLATEAU = 1,
    LRS_K_USES_DIALECTS = 2,  /* others than torch */
    LRS_K_USES_DIVERGE = 4,
    LRS_K_USES_CONDITION = 8,
    LRS_K_USES_CLOCK = 16,
    LRS_K_USES_TIME = 32,     /* patience or cooldown in time */
    LRS_K_USES_PHASES = 64,   /* detectors of one phase */
    LRS_K_USES_SCALE = 128,
    LRS_K_USES_NEXT = 256,
    LRS_K_USES_STOP = 512,
    LRS_K_USES_RESTART = 1024
};

/* The state in 8-byte words: word 0 = LRS_K_STATE_VERSION | (uint64_t)(total words) << 32, word 1 = program hash,
 * then i[ni], then d[nd].
 * i[0] flags (bit 0: stop), i[1] number of times rules acted, i[2 + k] step of the last observation of input k (INT64_MIN: none),
 *   then detectors and rules where their descriptors say.
 * d[0 .. nparam) params, then detectors' and rules' doubles, then, when something reads them, the latest value of each input
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
    uint32_t nout, ndet, nrule, nscale, nkind, nblock;
    uint32_t uses;    /* LRS_K_USES_* */
    uint32_t clock;   /* the input that counts seconds; LRS_K_NONE: none does */
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
    const uint32_t *exprs;      /* layout.nkind: the expr of EXPR segments, the block of SUB segments */
    const lrs_k_scale *scales;
    const lrs_k_det *dets;
    const lrs_k_rule *rules;
    const lrs_k_out *blocks;    /* layout.nblock: their scales are AT or EVERY, and they have no bounds */
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
