/* value.h: the pure half: what an output is at a step.
 *
 * In: a program's descriptors, a state's d[] and a step. Out: the value, the same bits from lrs_k_value and lrs_k_fill
 * whatever compiled them. Calls math.h and the program's step code; reads D, writes nothing but y.
 *
 * Every law is written once, in lrs_k_law, which both entry points inline: lrs_k_fill with the kind known, so that its
 * loops vectorise. `mask` says which kinds a program has: where it is constant, the others vanish.
 */
#ifndef LRS_KERNEL_VALUE_H
#define LRS_KERNEL_VALUE_H

#include <stddef.h>
#include <stdint.h>
#include "types.h"
#include "math.h"

/* A mask that promises nothing: for callers whose programs are data. */
#define LRS_K_ANY ((1u << LRS_K_KINDS) - 1u)

/* Up to here int64_t -> double is exact, and so are sums of whole numbers. */
#define LRS_K_EXACT ((int64_t)1 << 53)

/* What is called where a value is needed only now and then, by rules and by lrs_k_fill for single steps: the plain
 * functions, or ones around them that the includer has and that are not inlined, so that there is less code. */
#ifndef LRS_K_VALUE_SELDOM
#define LRS_K_VALUE_SELDOM lrs_k_value_at
#endif
#ifndef LRS_K_BASE_SELDOM
#define LRS_K_BASE_SELDOM lrs_k_base
#endif

/* How many values lrs_k_fill finishes before it goes on: they stay in the first-level cache between its passes. */
#define LRS_K_BLOCK 512
/* It works on multiples of this many, in memory of its own, so that vector loops need no second loop for a rest. */
#define LRS_K_LANES 8

LRS_KFN double lrs_k_time(int64_t step)
{
    return step < 0 ? 0.0 : (double)step;
}

LRS_KFN const double *lrs_k_table(const lrs_k_program *k, const double *D)
{
    return k->table ? k->table : D + k->layout->table;
}

/* How many of t[0], t[stride], ... t[(n-2)*stride] are <= x. The last of the n is not looked at: segments end with +inf.
 * Ascending order makes the sum of halves the answer, without a branch on the data. */
LRS_KFN uint32_t lrs_k_search(const double *t, uint32_t stride, uint32_t n, double x)
{
    uint32_t base = 0;
    while (n > 1) {
        uint32_t half = n >> 1;
        base += (uint32_t)(t[(size_t)(base + half - 1) * stride] <= x) * half;
        n -= half;
    }
    return base;
}

/* How many of the n ascending times are <= x. */
LRS_KFN uint32_t lrs_k_count(const double *t, uint32_t n, double x)
{
    uint32_t c;
    if (n == 0)
        return 0;
    c = lrs_k_search(t, 1, n, x);
    return c + (uint32_t)(t[c] <= x);
}

LRS_KFN lrs_k_seg lrs_k_load_seg(const double *p)
{
    lrs_k_seg s;
    s.end = p[0];
    s.ref = p[1];
    s.hi = p[2];
    s.lo = p[3];
    s.a = p[4];
    s.b = p[5];
    s.off = p[6];
    s.p = p[7];
    return s;
}

/* The kind of segment, known without looking when a program has only one. A chain, not a loop: it folds. */
LRS_KFN uint32_t lrs_k_kind(uint32_t mask, uint32_t kind)
{
    if (mask & (mask - 1u))
        return kind;
    return mask == 1u << LRS_K_CONST ? (uint32_t)LRS_K_CONST
        : mask == 1u << LRS_K_LINEAR ? (uint32_t)LRS_K_LINEAR
        : mask == 1u << LRS_K_EXP2   ? (uint32_t)LRS_K_EXP2
        : mask == 1u << LRS_K_STAIR  ? (uint32_t)LRS_K_STAIR
        : mask == 1u << LRS_K_HCOS   ? (uint32_t)LRS_K_HCOS
        : mask == 1u << LRS_K_POW    ? (uint32_t)LRS_K_POW
        : mask == 1u << LRS_K_SQRT   ? (uint32_t)LRS_K_SQRT
        : mask == 1u << LRS_K_COSQRT ? (uint32_t)LRS_K_COSQRT
        : mask == 1u << LRS_K_RSQRT  ? (uint32_t)LRS_K_RSQRT
        : mask == 1u << LRS_K_RECIP  ? (uint32_t)LRS_K_RECIP
                                     : (uint32_t)LRS_K_EXPR;
}

LRS_KFN double lrs_k_affine(const lrs_k_seg *s, double tau)
{
    return s->off + LRS_K_FMA(tau, s->hi, tau * s->lo);
}

/* a + tau*(hi+lo) with all roundings made good but the last, so that a line is at both its ends what was written. */
LRS_KFN double lrs_k_line(const lrs_k_seg *s, double tau)
{
    double p = tau * s->hi;
    double rest = LRS_K_FMA(tau, s->lo, LRS_K_FMA(tau, s->hi, -p));
    double v = s->a + p;
    double back = v - s->a;
    double lost = (s->a - (v - back)) + (p - back);
    return v + (lost + rest);
}

/* a + b*2^(n*(hi+lo) + p). The product is rounded nearly once, and at n = 0 it is b itself, whatever hi is. */
LRS_KFN double lrs_k_decay(const lrs_k_seg *s, double n)
{
    double h = n * s->hi;
    double l = LRS_K_FMA(n, s->lo, LRS_K_FMA(n, s->hi, -h));
    double y = lrs_k_exp2s(s->b, h, l + s->p);
    double v = n == 0.0 ? s->b : y;
    return s->a + v;
}

/* x: the time, which is `local` in the block of the segment; m: how much that is stretched. */
LRS_KFN double lrs_k_law_expr(const lrs_k_program *k, const double *T, const double *D, uint32_t expr, const lrs_k_seg *s,
                              double x, double local, double m, double cycle)
{
    double tau = local - s->ref;
    double left = s->off - local;
    return k->expr(k, expr, T, D, x, tau / m, LRS_K_FMA(tau, s->hi, tau * s->lo), LRS_K_FMA(left, s->hi, left * s->lo), cycle);
}

/* The laws that need nothing but their segment. */
LRS_KFN double lrs_k_law(uint32_t kind, uint32_t mask, const lrs_k_seg *s, double x)
{
    double tau = x - s->ref;
    double w, left;
    switch (kind) {
    case LRS_K_LINEAR:
        if (mask & 1u << LRS_K_LINEAR)
            return lrs_k_line(s, tau);
        break;
    case LRS_K_EXP2:
        if (mask & 1u << LRS_K_EXP2)
            return lrs_k_decay(s, tau);
        break;
    case LRS_K_STAIR:
        if (mask & 1u << LRS_K_STAIR)
            return lrs_k_decay(s, lrs_k_stairs(tau, s->off));
        break;
    case LRS_K_HCOS:
        if (mask & 1u << LRS_K_HCOS)
            return LRS_K_FMA(s->b, lrs_k_hcos(lrs_k_affine(s, tau)), s->a);
        break;
    case LRS_K_POW:
        if (mask & 1u << LRS_K_POW)
            return LRS_K_FMA(s->b, lrs_k_pow(lrs_k_affine(s, tau), s->p), s->a);
        break;
    case LRS_K_SQRT:
        if (mask & 1u << LRS_K_SQRT)
            return LRS_K_FMA(s->b, lrs_k_sqrt(lrs_k_affine(s, tau)), s->a);
        break;
    case LRS_K_COSQRT:
        if (mask & 1u << LRS_K_COSQRT) {
            left = s->p - x;
            w = lrs_k_affine(s, tau);
            return LRS_K_FMA(s->b, w / (1.0 + lrs_k_sqrt(LRS_K_FMA(left, s->hi, left * s->lo))), s->a);
        }
        break;
    case LRS_K_RSQRT:
        if (mask & 1u << LRS_K_RSQRT)
            return LRS_K_FMA(s->b, 1.0 / lrs_k_sqrt(lrs_k_affine(s, tau)), s->a);
        break;
    case LRS_K_RECIP:
        if (mask & 1u << LRS_K_RECIP)
            return LRS_K_FMA(s->b, 1.0 / lrs_k_affine(s, tau), s->a);
        break;
    default:
        break;
    }
    return s->a;
}

/* The segment of an output that holds at x, counted from its first. */
LRS_KFN uint32_t lrs_k_segment_at(const lrs_k_out *o, const double *T, double x)
{
    return lrs_k_search(T + o->seg, LRS_K_SEG_WORDS, o->nseg, x);
}

/* ---- scales ---- */

/* The factor that a scale has at x. */
LRS_KFN double lrs_k_factor(const lrs_k_scale *c, const double *T, const double *D, double x)
{
    const double *t = T + c->t;
    double n;
    if (c->what == LRS_K_STATE)
        return D[c->d];
    n = c->what == LRS_K_AT ? (double)lrs_k_count(t + 3, c->n, x) : lrs_k_stairs(x, t[3]);
    return n == 0.0 ? 1.0 : lrs_k_exp2x(t[0], t[1], n);
}

LRS_KFN double lrs_k_floor_of(const lrs_k_scale *c, const double *T)
{
    return T[c->t + (c->what == LRS_K_STATE ? 0u : 2u)];
}

/* A floor stops a reduction; it never raises what is lower by itself. */
LRS_KFN double lrs_k_apply(double v, double s, double floor)
{
    double w = v * s;
    double stop = v < floor ? v : floor;
    return (int)(s < 1.0) & (int)(w < floor) ? stop : w;
}

/* All scales in source order, with `factor` in place of D[d]: what an action would make of the value. d = LRS_K_NONE: as things
 * are. */
LRS_KFN double lrs_k_scales(const lrs_k_program *k, const double *T, const double *D, const lrs_k_out *o, double x,
                            double v, uint32_t d, double factor)
{
    uint32_t i;
    for (i = 0; i < o->nscale; i++) {
        const lrs_k_scale *c = &k->scales[o->scale + i];
        double s = lrs_k_factor(c, T, D, x);
        if (c->what == LRS_K_STATE && c->d == d)
            s = factor;
        v = lrs_k_apply(v, s, lrs_k_floor_of(c, T));
    }
    return v;
}

/* ---- blocks ---- */

/* An output or a block that runs, and the time in it. */
typedef struct lrs_k_level {
    const lrs_k_out *o;
    double ref;               /* its time is the time of the level above, minus ref, minus start: both stretched */
    struct lrs_k_pair start;
    double length, stretch, count, cycle; /* of its repeat; stretch 0: none */
    double m;                 /* how much its times are stretched */
    double log_hi, log_lo;    /* log2 of what its round multiplies values by, and nothing when there is no repeat */
    double x, end;            /* its time, and the end of its segment that runs */
} lrs_k_level;

/* Where a time leads: level[0] is the output, level[n - 1] the block whose segment holds. */
typedef struct lrs_k_spot {
    uint32_t n;
    uint32_t segment;         /* entry in kinds[] */
    const double *t;          /* its words */
    double cycle;             /* round of the innermost repeat */
    lrs_k_level level[LRS_K_NEST + 1];
} lrs_k_spot;

/* lrs_k_search with all times stretched. */
LRS_KFN uint32_t lrs_k_search_stretched(const double *t, uint32_t n, double m, double x)
{
    uint32_t base = 0;
    while (n > 1) {
        uint32_t half = n >> 1;
        double end = t[(size_t)(base + half - 1) * LRS_K_SEG_WORDS] * m;
        base += (uint32_t)(end <= x) * half;
        n -= half;
    }
    return base;
}

/* The time in a block, from that in the level above. */
LRS_KFN double lrs_k_time_in(const lrs_k_level *v, double above)
{
    return lrs_k_since(above - v->ref, v->start);
}

/* Into the block of the segment that the level above is in. */
LRS_KFN void lrs_k_enter(const lrs_k_program *k, uint32_t segment, const double *t, const lrs_k_level *up, lrs_k_level *v)
{
    double m = up->m, c = 0.0, last = t[4] - 1.0;
    v->ref = t[1] * m;
    v->length = t[2] * m;
    v->stretch = t[3];
    v->count = t[4];
    v->start.hi = 0.0;
    v->start.lo = 0.0;
    if (v->stretch > 0.0) {
        c = lrs_k_round_of(up->x - v->ref, v->length, v->stretch);
        c = c < last ? c : last; /* in the last one, whatever the rounding of its end says */
        c = c > 0.0 ? c : 0.0;
        v->start = lrs_k_round_pair(c, v->length, v->stretch);
        m = v->stretch == 1.0 ? m : m * lrs_k_power_of(v->stretch, c);
    }
    v->cycle = c;
    v->m = m;
    v->log_hi = t[5];
    v->log_lo = t[6];
    v->o = &k->blocks[c > 0.0 && t[7] > 0.0 ? (uint32_t)t[7] - 1u : k->exprs[segment]];
    v->x = lrs_k_time_in(v, up->x);
}

LRS_KFN void lrs_k_descend(const lrs_k_program *k, const double *T, const lrs_k_out *o, double x, lrs_k_spot *p)
{
    lrs_k_level *v = p->level;
    v->o = o;
    v->ref = 0.0;
    v->start.hi = 0.0;
    v->start.lo = 0.0;
    v->stretch = 0.0;
    v->cycle = 0.0;
    v->m = 1.0;
    v->x = x;
    p->cycle = 0.0;
    for (p->n = 1;; p->n++, v++) {
        uint32_t j = lrs_k_search_stretched(T + v->o->seg, v->o->nseg, v->m, v->x);
        p->t = T + v->o->seg + (size_t)j * LRS_K_SEG_WORDS;
        p->segment = v->o->kind + j;
        v->end = p->t[0] * v->m;
        if (k->kinds[p->segment] != LRS_K_SUB || p->n > LRS_K_NEST)
            return;
        lrs_k_enter(k, p->segment, p->t, v, v + 1);
        p->cycle = v[1].stretch > 0.0 ? v[1].cycle : p->cycle;
    }
}

/* The segment with times m as long. Rates are divided in two parts, as those of other segments are. */
LRS_KFN void lrs_k_stretch(lrs_k_seg *s, uint32_t kind, double m)
{
    double hi = s->hi / m;
    double rest = LRS_K_FMA(-hi, m, s->hi);
    double lo = (rest + s->lo) / m;
    s->ref *= m;
    if (kind == LRS_K_STAIR) { /* hi and lo are for each stair */
        s->off *= m;
        return;
    }
    s->hi = hi;
    s->lo = lo == lo ? lo : 0.0;
    if (kind == LRS_K_COSQRT)
        s->p *= m;
    if (kind == LRS_K_EXPR)
        s->off *= m;
}

/* What a round multiplies the values of its block by. */
LRS_KFN double lrs_k_round_factor(const lrs_k_level *v)
{
    int none = (int)(v->cycle == 0.0) | ((int)(v->log_hi == 0.0) & (int)(v->log_lo == 0.0));
    return none ? 1.0 : lrs_k_exp2x(v->log_hi, v->log_lo, v->cycle);
}

/* The segment that holds there, stretched, and its kind. */
LRS_KFN uint32_t lrs_k_spot_segment(const lrs_k_program *k, const lrs_k_spot *p, lrs_k_seg *s)
{
    uint32_t kind = k->kinds[p->segment];
    double m = p->level[p->n - 1].m;
    *s = lrs_k_load_seg(p->t);
    if (m != 1.0)
        lrs_k_stretch(s, kind, m);
    return kind;
}

/* The law there, without what the blocks scale. */
LRS_KFN double lrs_k_spot_law(const lrs_k_program *k, const double *T, const double *D, uint32_t mask, const lrs_k_spot *p,
                              double x)
{
    const lrs_k_level *v = &p->level[p->n - 1];
    lrs_k_seg s;
    uint32_t kind = lrs_k_spot_segment(k, p, &s);
    if ((mask & 1u << LRS_K_EXPR) && kind == LRS_K_EXPR)
        return lrs_k_law_expr(k, T, D, k->exprs[p->segment], &s, x, v->x, v->m, p->cycle);
    return lrs_k_law(kind, mask, &s, v->x);
}

/* What the blocks around make of it: the innermost first. */
LRS_KFN double lrs_k_spot_scales(const lrs_k_program *k, const double *T, const lrs_k_spot *p, double v)
{
    uint32_t i;
    for (i = p->n - 1; i > 0; i--) {
        const lrs_k_level *l = &p->level[i];
        v = lrs_k_scales(k, T, T, l->o, l->x / l->m, v, LRS_K_NONE, 1.0) * lrs_k_round_factor(l);
    }
    return v;
}

LRS_KFN double lrs_k_base_in_blocks(const lrs_k_program *k, const double *T, const double *D, const lrs_k_out *o,
                                    uint32_t mask, double x)
{
    lrs_k_spot p;
    lrs_k_descend(k, T, o, x, &p);
    return lrs_k_spot_scales(k, T, &p, lrs_k_spot_law(k, T, D, mask, &p, x));
}

/* The value before scales and bounds. */
LRS_KFN double lrs_k_base(const lrs_k_program *k, const double *T, const double *D, const lrs_k_out *o, uint32_t mask, double x)
{
    uint32_t j, kind;
    lrs_k_seg s;
    if (mask & 1u << LRS_K_SUB)
        return lrs_k_base_in_blocks(k, T, D, o, mask, x);
    j = lrs_k_segment_at(o, T, x);
    kind = lrs_k_kind(mask, k->kinds[o->kind + j]);
    s = lrs_k_load_seg(T + o->seg + (size_t)j * LRS_K_SEG_WORDS);
    if ((mask & 1u << LRS_K_EXPR) && kind == LRS_K_EXPR)
        return lrs_k_law_expr(k, T, D, k->exprs[o->kind + j], &s, x, x, 1.0, 0.0);
    return lrs_k_law(kind, mask, &s, x);
}

/* ---- bounds ---- */

LRS_KFN double lrs_k_bounded(const lrs_k_out *o, const double *T, double v)
{
    if (o->bounds != LRS_K_NONE) {
        double lo = T[o->bounds], hi = T[o->bounds + 1];
        v = v < lo ? lo : v > hi ? hi : v;
    }
    return v;
}

/* The value before bounds, with `factor` in place of D[d]. */
LRS_KFN double lrs_k_scaled(const lrs_k_program *k, const double *D, uint32_t out, double x, uint32_t d, double factor)
{
    const lrs_k_out *o = &k->outs[out];
    const double *T = lrs_k_table(k, D);
    return lrs_k_scales(k, T, D, o, x, LRS_K_BASE_SELDOM(k, T, D, o, o->mask, x), d, factor);
}

/* ---- one value ---- */

LRS_KFN double lrs_k_value_at(const lrs_k_program *k, const double *D, uint32_t out, uint32_t mask, double x)
{
    const lrs_k_out *o = &k->outs[out];
    const double *T = lrs_k_table(k, D);
    double v = lrs_k_scales(k, T, D, o, x, lrs_k_base(k, T, D, o, mask, x), LRS_K_NONE, 1.0);
    return lrs_k_canon(lrs_k_bounded(o, T, v));
}

LRS_KFN double lrs_k_value(const lrs_k_program *k, const double *D, uint32_t out, int64_t step)
{
    return lrs_k_value_at(k, D, out, k->outs[out].mask, lrs_k_time(step));
}

/* What step code has of another output: its value at the time x. */
LRS_KFN double lrs_k_out_at(const lrs_k_program *k, const double *D, uint32_t out, double x)
{
    return lrs_k_value_at(k, D, out, k->outs[out].mask, x);
}

/* ---- many values ---- */

LRS_KFN void lrs_k_fill_same(double v, size_t n, double *y)
{
    size_t i;
    for (i = 0; i < n; i++)
        y[i] = v;
}

/* The next multiple of LRS_K_LANES. */
LRS_KFN int32_t lrs_k_lanes(int32_t n)
{
    return (int32_t)((uint32_t)(n + (LRS_K_LANES - 1)) & ~(uint32_t)(LRS_K_LANES - 1));
}

/* One segment over x0, x0+1, ... x0+n-1 and up to LRS_K_LANES-1 more. A 32-bit counter: int32 -> double has a vector form
 * everywhere. */
LRS_KFN void lrs_k_fill_kind(uint32_t kind, const lrs_k_seg *segment, double x0, int32_t n, double *y)
{
    lrs_k_seg s = *segment; /* a copy: y may not change it */
    int32_t i, end = lrs_k_lanes(n);
    for (i = 0; i != end; i++) /* != so that the number of rounds is seen to be a multiple */
        y[i] = lrs_k_law(kind, LRS_K_ANY, &s, x0 + (double)i);
}

LRS_KFN void lrs_k_fill_expr(const lrs_k_program *k, const double *T, const double *D, uint32_t expr, const lrs_k_seg *s,
                             double x0, int32_t n, double *y)
{
    int32_t i;
    for (i = 0; i < n; i++)
        y[i] = lrs_k_law_expr(k, T, D, expr, s, x0 + (double)i, x0 + (double)i, 1.0, 0.0);
}

/* The interpreter has a way to run step code over many steps at once. */
#ifndef LRS_K_FILL_EXPR
#define LRS_K_FILL_EXPR lrs_k_fill_expr
#endif

LRS_KFN void lrs_k_fill_segment(const lrs_k_program *k, const double *T, const double *D, uint32_t kind, uint32_t mask,
                                uint32_t expr, const lrs_k_seg *s, double x0, int32_t n, double *y)
{
    switch (kind) {
    case LRS_K_LINEAR:
        if (mask & 1u << LRS_K_LINEAR)
            lrs_k_fill_kind(LRS_K_LINEAR, s, x0, n, y);
        break;
    case LRS_K_EXP2:
        if (mask & 1u << LRS_K_EXP2)
            lrs_k_fill_kind(LRS_K_EXP2, s, x0, n, y);
        break;
    case LRS_K_STAIR:
        if (mask & 1u << LRS_K_STAIR)
            lrs_k_fill_kind(LRS_K_STAIR, s, x0, n, y);
        break;
    case LRS_K_HCOS:
        if (mask & 1u << LRS_K_HCOS)
            lrs_k_fill_kind(LRS_K_HCOS, s, x0, n, y);
        break;
    case LRS_K_POW:
        if (mask & 1u << LRS_K_POW)
            lrs_k_fill_kind(LRS_K_POW, s, x0, n, y);
        break;
    case LRS_K_SQRT:
        if (mask & 1u << LRS_K_SQRT)
            lrs_k_fill_kind(LRS_K_SQRT, s, x0, n, y);
        break;
    case LRS_K_COSQRT:
        if (mask & 1u << LRS_K_COSQRT)
            lrs_k_fill_kind(LRS_K_COSQRT, s, x0, n, y);
        break;
    case LRS_K_RSQRT:
        if (mask & 1u << LRS_K_RSQRT)
            lrs_k_fill_kind(LRS_K_RSQRT, s, x0, n, y);
        break;
    case LRS_K_RECIP:
        if (mask & 1u << LRS_K_RECIP)
            lrs_k_fill_kind(LRS_K_RECIP, s, x0, n, y);
        break;
    case LRS_K_EXPR:
        if (mask & 1u << LRS_K_EXPR)
            LRS_K_FILL_EXPR(k, T, D, expr, s, x0, n, y);
        break;
    default:
        lrs_k_fill_same(s->a, (size_t)lrs_k_lanes(n), y);
        break;
    }
}

/* How many of x0, x0+1, ... x0+n-1 are < end, given that x0 is. All of these are exact whole numbers. */
LRS_KFN int32_t lrs_k_run(double x0, double end, int32_t n)
{
    int32_t m;
    if (!(end < x0 + (double)n))
        return n;
    m = (int32_t)(end - x0);
    return m + (int32_t)(x0 + (double)m < end);
}

/* Does x still lead to this spot? Levels further in come later. */
LRS_KFN int lrs_k_is_at(const lrs_k_spot *p, double x)
{
    uint32_t i;
    for (i = 0; i < p->n; i++) {
        const lrs_k_level *v = &p->level[i];
        if (i > 0) {
            if (v->stretch > 0.0 && v->cycle + 1.0 < v->count &&
                lrs_k_since(x - v->ref, lrs_k_round_pair(v->cycle + 1.0, v->length, v->stretch)) >= 0.0)
                return 0;
            x = lrs_k_time_in(v, x);
        }
        if (!(x < v->end))
            return 0;
    }
    return 1;
}

/* How many of x, x+1, ... x+n-1 lead to the spot that x leads to. In all levels a step is a step: the nearest end is a guess
 * to correct. */
LRS_KFN int32_t lrs_k_spot_run(const lrs_k_spot *p, double x, int32_t n)
{
    double left = (double)n;
    uint32_t i;
    int32_t r;
    for (i = 0; i < p->n; i++) {
        const lrs_k_level *v = &p->level[i];
        left = lrs_k_min(v->end - v->x, left);
        if (i > 0 && v->stretch > 0.0) {
            double whole = v->stretch == 1.0 ? v->length : v->length * (v->m / p->level[i - 1].m);
            left = lrs_k_min(whole - v->x, left);
        }
    }
    r = left > 1.0 ? (int32_t)left : 1;
    while (r < n && lrs_k_is_at(p, x + (double)r))
        r++;
    while (r > 1 && !lrs_k_is_at(p, x + (double)(r - 1)))
        r--;
    return r;
}

/* Are the times of a run in the innermost block the first one, and 1 more each? They are where only whole numbers are
 * subtracted. */
LRS_KFN int lrs_k_in_step(const lrs_k_spot *p)
{
    uint32_t i;
    for (i = 1; i < p->n; i++) {
        const lrs_k_level *v = &p->level[i];
        if (v->ref != lrs_k_floor(v->ref) || v->start.hi != lrs_k_floor(v->start.hi) || v->start.lo != 0.0)
            return 0;
    }
    return 1;
}

/* The run of n steps at a spot, which is at x0. */
LRS_KFN void lrs_k_fill_spot(const lrs_k_program *k, const double *T, const double *D, uint32_t mask, lrs_k_spot *p,
                             double x0, int32_t n, double *y)
{
    lrs_k_level *in = &p->level[p->n - 1];
    double first = in->x, factor = 1.0;
    uint32_t kind = k->kinds[p->segment], i, nscale = 0;
    int32_t j;
    for (i = 1; i < p->n; i++)
        nscale += p->level[i].o->nscale;
    if (nscale == 0 && kind != LRS_K_EXPR && lrs_k_in_step(p)) {
        lrs_k_seg s;
        lrs_k_spot_segment(k, p, &s);
        lrs_k_fill_segment(k, T, D, kind, mask & ~(1u << LRS_K_EXPR), 0, &s, first, n, y);
        for (i = p->n - 1; i > 0; i--) {
            factor = lrs_k_round_factor(&p->level[i]);
            for (j = 0; factor != 1.0 && j < n; j++)
                y[j] *= factor;
        }
        return;
    }
    for (j = 0; j < n; j++) {
        double x = x0 + (double)j, local = x;
        for (i = 1; i < p->n; i++) {
            local = lrs_k_time_in(&p->level[i], local);
            p->level[i].x = local;
        }
        in->x = local;
        y[j] = lrs_k_spot_scales(k, T, p, lrs_k_spot_law(k, T, D, mask, p, x));
    }
}

LRS_KFN void lrs_k_fill_in_blocks(const lrs_k_program *k, const double *T, const double *D, const lrs_k_out *o,
                                  uint32_t mask, double x0, int32_t n, double *y)
{
    int32_t i = 0;
    while (i < n) {
        double x = x0 + (double)i;
        lrs_k_spot p;
        int32_t m;
        lrs_k_descend(k, T, o, x, &p);
        m = lrs_k_spot_run(&p, x, n - i);
        lrs_k_fill_spot(k, T, D, mask, &p, x, m, y + i);
        i += m;
    }
}

/* n values, a multiple of LRS_K_LANES; after the last, up to LRS_K_LANES-1 more are written over. */
LRS_KFN void lrs_k_fill_base(const lrs_k_program *k, const double *T, const double *D, const lrs_k_out *o, uint32_t mask,
                             double x0, int32_t n, double *y)
{
    int32_t i = 0;
    if (mask & 1u << LRS_K_SUB) {
        lrs_k_fill_in_blocks(k, T, D, o, mask, x0, n, y);
        return;
    }
    while (i < n) {
        double x = x0 + (double)i;
        uint32_t j = lrs_k_segment_at(o, T, x);
        uint32_t kind = lrs_k_kind(mask, k->kinds[o->kind + j]);
        lrs_k_seg s = lrs_k_load_seg(T + o->seg + (size_t)j * LRS_K_SEG_WORDS);
        int32_t m = lrs_k_run(x, s.end, n - i);
        uint32_t expr = (mask & 1u << LRS_K_EXPR) && kind == LRS_K_EXPR ? k->exprs[o->kind + j] : 0;
        lrs_k_fill_segment(k, T, D, kind, mask, expr, &s, x, m, y + i);
        i += m;
    }
}

LRS_KFN void lrs_k_fill_scaled(double s, double floor, int32_t n, double *y)
{
    int32_t i;
    for (i = 0; i < n; i++)
        y[i] = lrs_k_apply(y[i], s, floor);
}

/* How many of x, x+1, ... x+n-1 lie in the same period as x. The rounded end of the period is a guess to correct. */
LRS_KFN int32_t lrs_k_period_run(double x, double period, int32_t n)
{
    double m = lrs_k_stairs(x, period);
    int32_t r;
    if (!(m == m))
        return 1;
    r = lrs_k_run(x, lrs_k_max((m + 1.0) * period, x + 0.5), n);
    while (r < n && lrs_k_stairs(x + (double)r, period) == m)
        r++;
    while (r > 1 && lrs_k_stairs(x + (double)(r - 1), period) != m)
        r--;
    return r;
}

/* Factors are constant over runs of steps. */
LRS_KFN void lrs_k_fill_scale(const lrs_k_scale *c, const double *T, const double *D, double x0, int32_t n, double *y)
{
    const double *t = T + c->t + 3;
    double floor = lrs_k_floor_of(c, T);
    int32_t i = 0;
    while (i < n) {
        double x = x0 + (double)i;
        int32_t m = n - i;
        if (c->what == LRS_K_EVERY) {
            m = lrs_k_period_run(x, t[0], m);
        } else if (c->what == LRS_K_AT) {
            uint32_t j = lrs_k_count(t, c->n, x);
            if (j < c->n)
                m = lrs_k_run(x, t[j], m);
        }
        lrs_k_fill_scaled(lrs_k_factor(c, T, D, x), floor, m, y + i);
        i += m;
    }
}

LRS_KFN void lrs_k_fill_block(const lrs_k_program *k, const double *D, const lrs_k_out *o, uint32_t mask, double x0,
                              int32_t n, double *y)
{
    const double *T = lrs_k_table(k, D);
    double t[LRS_K_BLOCK + LRS_K_LANES];
    int32_t m = lrs_k_lanes(n);
    uint32_t i;
    int32_t j;
    lrs_k_fill_base(k, T, D, o, mask, x0, m, t);
    for (i = 0; i < o->nscale; i++)
        lrs_k_fill_scale(&k->scales[o->scale + i], T, D, x0, m, t);
    if (o->bounds != LRS_K_NONE) {
        double lo = T[o->bounds], hi = T[o->bounds + 1];
        for (j = 0; j < n; j++) {
            double v = t[j];
            double w = v > hi ? hi : v;
            y[j] = lrs_k_canon(v < lo ? lo : w);
        }
    } else {
        for (j = 0; j < n; j++)
            y[j] = lrs_k_canon(t[j]);
    }
}

LRS_KFN void lrs_k_fill_at(const lrs_k_program *k, const double *D, uint32_t out, uint32_t mask, int64_t first, size_t n,
                           double *y)
{
    const lrs_k_out *o = &k->outs[out];
    while (n != 0) {
        size_t m = n;
        if (first >= 0 && first < LRS_K_EXACT - LRS_K_BLOCK) {
            m = n < LRS_K_BLOCK ? n : LRS_K_BLOCK;
            lrs_k_fill_block(k, D, o, mask, (double)first, (int32_t)m, y);
        } else {
            /* Steps before 0 are all alike, and so are those past the last; near 2^53 and after it neighbours may round to
             * one double, so each goes by itself. */
            uint64_t alike = first < 0 ? UINT64_C(0) - (uint64_t)first : first == INT64_MAX ? (uint64_t)n : 1;
            m = alike < (uint64_t)n ? (size_t)alike : n;
            lrs_k_fill_same(LRS_K_VALUE_SELDOM(k, D, out, mask, lrs_k_time(first)), m, y);
        }
        n -= m;
        y += m;
        first = n == 0 ? first : first + (int64_t)m;
    }
}

LRS_KFN void lrs_k_fill(const lrs_k_program *k, const double *D, uint32_t out, int64_t first, size_t n, double *y)
{
    lrs_k_fill_at(k, D, out, k->outs[out].mask, first, n, y);
}

#endif
