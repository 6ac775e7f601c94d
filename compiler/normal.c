/* normal.c: the normal form of a law: a + b*g(w) with w linear in the time, g one of the kinds of runtime/kernel/types.h.
 *
 * Nearly every law has one, and a table of such segments is what all engines evaluate fastest and most accurately: slopes
 * and rates are divided once, in two parts, when params are bound. What has none stays step code.
 *
 * In: the IR of a law over the leaves tau, u, cou. Out: its normal form. Calls: the IR builder.
 */
#include "lowering.h"

#include <math.h>

static ir_ref op2(lowering *l, enum ir_op op, ir_ref x, ir_ref y)
{
    return ir_op(l->b, op, x, y, 0);
}

static ir_ref num(lowering *l, double v)
{
    return ir_const(l->b, v);
}

/* Products and sums that leave 0 and 1 alone: a normal form keeps its 0 and 1 recognisable. */
static ir_ref mul(lowering *l, ir_ref x, ir_ref y)
{
    if (low_is_const(l, x, 0) || low_is_const(l, y, 1))
        return x;
    if (low_is_const(l, y, 0) || low_is_const(l, x, 1))
        return y;
    return op2(l, IR_MUL, x, y);
}

static ir_ref divide(lowering *l, ir_ref x, ir_ref y)
{
    return low_is_const(l, x, 0) ? x : op2(l, IR_DIV, x, y);
}

static ir_ref add(lowering *l, ir_ref x, ir_ref y)
{
    if (low_is_const(l, x, 0))
        return y;
    if (low_is_const(l, y, 0))
        return x;
    return op2(l, IR_ADD, x, y);
}

static ir_ref negate(lowering *l, ir_ref x)
{
    return low_is_const(l, x, 0) ? x : op2(l, IR_NEG, x, 0);
}

/* Where a part is 0 or infinite the rest is NaN, and the first part alone is right. */
static ir_ref number_or_zero(lowering *l, ir_ref x)
{
    ir_ref is_number = op2(l, IR_EQ, x, x);
    return ir_op(l->b, IR_SELECT, is_number, x, num(l, 0));
}

void low_dd_mul(lowering *l, ir_ref *hi, ir_ref *lo, ir_ref k)
{
    if (low_is_const(l, k, 1))
        return;
    if (low_is_const(l, *hi, 1) && low_is_const(l, *lo, 0)) {
        *hi = k;
        return;
    }
    ir_ref p = op2(l, IR_MUL, *hi, k);
    ir_ref e = ir_op(l->b, IR_FMA, *hi, k, op2(l, IR_NEG, p, 0));
    *lo = number_or_zero(l, low_is_const(l, *lo, 0) ? e : ir_op(l->b, IR_FMA, *lo, k, e));
    *hi = p;
}

void low_dd_div(lowering *l, ir_ref *hi, ir_ref *lo, ir_ref k)
{
    if (low_is_const(l, k, 1))
        return;
    ir_ref q = op2(l, IR_DIV, *hi, k);
    ir_ref r = ir_op(l->b, IR_FMA, op2(l, IR_NEG, q, 0), k, *hi);
    ir_ref e = op2(l, IR_DIV, add(l, r, *lo), k);
    *lo = number_or_zero(l, e);
    *hi = q;
}

/* ---- linear in the time? -------------------------------------------------------------------------- */

static int is_bound(const lowering *l, ir_ref r)
{
    return low_stage(l, r) < IR_STAGE_STEP;
}

static int find_affine(lowering *l, ir_ref r, affine *w, int depth)
{
    ir_ins i = *ir_get(l->b, r);
    if (depth > 64)
        return 0;
    switch (i.op) {
    case IR_TAU: case IR_U: case IR_COU:
        w->leaf = (enum ir_op)i.op;
        w->hi = num(l, 1);
        w->lo = w->beta = num(l, 0);
        return 1;
    case IR_NEG:
        if (!find_affine(l, i.a, w, depth + 1))
            return 0;
        w->hi = negate(l, w->hi);
        w->lo = negate(l, w->lo);
        w->beta = negate(l, w->beta);
        return 1;
    case IR_ADD: case IR_SUB:
        if (is_bound(l, i.b)) {
            if (!find_affine(l, i.a, w, depth + 1))
                return 0;
            w->beta = i.op == IR_ADD ? add(l, w->beta, i.b) : add(l, w->beta, negate(l, i.b));
            return 1;
        }
        if (!is_bound(l, i.a) || !find_affine(l, i.b, w, depth + 1))
            return 0;
        if (i.op == IR_SUB) {
            w->hi = negate(l, w->hi);
            w->lo = negate(l, w->lo);
            w->beta = negate(l, w->beta);
        }
        w->beta = add(l, i.a, w->beta);
        return 1;
    case IR_MUL: {
        ir_ref k = is_bound(l, i.a) ? i.a : i.b, x = is_bound(l, i.a) ? i.b : i.a;
        if (!is_bound(l, k) || !find_affine(l, x, w, depth + 1))
            return 0;
        low_dd_mul(l, &w->hi, &w->lo, k);
        w->beta = mul(l, w->beta, k);
        return 1;
    }
    case IR_DIV:
        if (!is_bound(l, i.b) || !find_affine(l, i.a, w, depth + 1))
            return 0;
        low_dd_div(l, &w->hi, &w->lo, i.b);
        w->beta = divide(l, w->beta, i.b);
        return 1;
    default:
        return 0;
    }
}

int low_is_leaf(const lowering *l, const affine *w, enum ir_op leaf)
{
    return w->leaf == leaf && low_is_const(l, w->hi, 1) && low_is_const(l, w->lo, 0) && low_is_const(l, w->beta, 0);
}

/* ---- the form ----------------------------------------------------------------------------------------- */

static int find_normal(lowering *l, ir_ref r, normal *n, int depth);

static void scale_by(lowering *l, normal *n, ir_ref k)
{
    n->a = mul(l, n->a, k);
    n->b = mul(l, n->b, k);
}

/* One operand of a sum, product or quotient is known before the run. */
static int find_outer(lowering *l, const ir_ins *i, normal *n, int depth)
{
    int a_bound = is_bound(l, i->a), b_bound = i->b && is_bound(l, i->b);
    switch (i->op) {
    case IR_NEG:
        if (!find_normal(l, i->a, n, depth + 1))
            return 0;
        n->a = negate(l, n->a);
        n->b = negate(l, n->b);
        return 1;
    case IR_ADD:
        if (!(a_bound || b_bound) || !find_normal(l, a_bound ? i->b : i->a, n, depth + 1))
            return 0;
        n->a = add(l, a_bound ? i->a : i->b, n->a);
        return 1;
    case IR_SUB:
        if (b_bound) {
            if (!find_normal(l, i->a, n, depth + 1))
                return 0;
            n->a = add(l, n->a, negate(l, i->b));
            return 1;
        }
        if (!a_bound || !find_normal(l, i->b, n, depth + 1))
            return 0;
        n->a = add(l, i->a, negate(l, n->a));
        n->b = negate(l, n->b);
        return 1;
    case IR_MUL:
        if (!(a_bound || b_bound) || !find_normal(l, a_bound ? i->b : i->a, n, depth + 1))
            return 0;
        scale_by(l, n, a_bound ? i->a : i->b);
        return 1;
    case IR_DIV:
        if (!b_bound || !find_normal(l, i->a, n, depth + 1))
            return 0;
        n->a = divide(l, n->a, i->b);
        n->b = divide(l, n->b, i->b);
        return 1;
    default:
        return 0;
    }
}

/* 2^(beta + w): beta goes into the factor. */
static void exponent(lowering *l, normal *n, affine w)
{
    if (!low_is_const(l, w.beta, 0))
        n->b = mul(l, n->b, op2(l, IR_EXP2, w.beta, 0));
    w.beta = num(l, 0);
    n->kind = LRS_K_EXP2;
    n->w = w;
}

static const double log2e_hi = 0x1.71547652b82fep+0, log2e_lo = 0x1.777d0ffda0d24p-56;

static void dd_mul_dd(lowering *l, affine *w, ir_ref hi, ir_ref lo)
{
    affine v = *w;
    low_dd_mul(l, &w->hi, &w->lo, hi);
    w->lo = add(l, w->lo, mul(l, v.hi, lo));
}

static int find_normal(lowering *l, ir_ref r, normal *n, int depth)
{
    ir_ins i = *ir_get(l->b, r);
    ir_ref hi, lo;
    affine w;
    if (depth > 64)
        return 0;
    n->a = num(l, 0);
    n->b = num(l, 1);
    if (is_bound(l, r)) {
        n->kind = LRS_K_CONST;
        n->a = r;
        n->b = num(l, 0);
        return 1;
    }
    if (find_affine(l, r, &n->w, 0)) {
        n->kind = LRS_K_LINEAR;
        return 1;
    }
    switch (i.op) {
    case IR_EXP2:
        if (!find_affine(l, i.a, &w, 0))
            return 0;
        exponent(l, n, w);
        return 1;
    case IR_EXP:
        if (!find_affine(l, i.a, &w, 0))
            return 0;
        if (!low_is_const(l, w.beta, 0))
            n->b = op2(l, IR_EXP, w.beta, 0);
        w.beta = num(l, 0);
        hi = num(l, log2e_hi);
        lo = num(l, log2e_lo);
        dd_mul_dd(l, &w, hi, lo);
        exponent(l, n, w);
        return 1;
    case IR_EXP2X: {
        ir_ins x = *ir_get(l->b, i.c);
        if (!is_bound(l, i.a) || !is_bound(l, i.b))
            return 0;
        if (x.op == IR_STAIRS && ir_get(l->b, x.a)->op == IR_TAU && is_bound(l, x.b)) {
            n->kind = LRS_K_STAIR;
            n->k_hi = i.a;
            n->k_lo = i.b;
            n->p = x.b;
            return 1;
        }
        if (!find_affine(l, i.c, &w, 0))
            return 0;
        if (!low_is_const(l, w.beta, 0))
            n->b = ir_op(l->b, IR_EXP2X, i.a, i.b, w.beta);
        w.beta = num(l, 0);
        dd_mul_dd(l, &w, i.a, i.b);
        exponent(l, n, w);
        return 1;
    }
    case IR_HCOS:
        n->kind = LRS_K_HCOS;
        return find_affine(l, i.a, &n->w, 0);
    case IR_COSPI: /* cos(pi x) = 1 - 2 hcos(x) */
        n->kind = LRS_K_HCOS;
        n->a = num(l, 1);
        n->b = num(l, -2);
        return find_affine(l, i.a, &n->w, 0);
    case IR_POW:
        n->kind = LRS_K_POW;
        n->p = i.b;
        return is_bound(l, i.b) && find_affine(l, i.a, &n->w, 0);
    case IR_MUL:
        if (i.a == i.b && find_affine(l, i.a, &n->w, 0)) {
            n->kind = LRS_K_POW;
            n->p = num(l, 2);
            return 1;
        }
        break;
    case IR_SQRT:
        n->kind = LRS_K_SQRT;
        return find_affine(l, i.a, &n->w, 0);
    case IR_DIV:
        if (is_bound(l, i.a)) {
            ir_ins below = *ir_get(l->b, i.b);
            if (below.op == IR_SQRT && find_affine(l, below.a, &n->w, 0)) {
                n->kind = LRS_K_RSQRT;
                n->b = i.a;
                return 1;
            }
            if (find_affine(l, i.b, &n->w, 0)) {
                n->kind = LRS_K_RECIP;
                n->b = i.a;
                return 1;
            }
            return 0;
        }
        break;
    default:
        break;
    }
    return find_outer(l, &i, n, depth);
}

normal low_normal(lowering *l, ir_ref root)
{
    normal n = {0};
    if (!find_normal(l, root, &n, 0))
        n.kind = LRS_K_EXPR;
    /* 1 - t/1000 is 0 at 1000 as it is written, and a rest of the rounded slope as 1 + t*(-1/1000) */
    if (n.kind == LRS_K_LINEAR && !low_is_leaf(l, &n.w, IR_U) && !(low_is_const(l, n.a, 0) && low_is_const(l, n.w.beta, 0)))
        n.kind = LRS_K_EXPR;
    n.root = root;
    return n;
}
