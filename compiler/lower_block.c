/* lower_block.c: phases with braces: repeats, and phases with rules of their own, to segments of kind SUB and their blocks.
 *
 * In: chk_phase of kind REPEAT and BLOCK. Out: blocks of the program (runtime/kernel/types.h says what they mean), and the
 * segment that leads to them. Calls: lower.c for the phases inside, lower_rule.c, the IR builder.
 *
 * A block is lowered for the rate that it starts at. To know whether its end depends on that, it is first lowered "dry", for
 * a start that nothing else has: nothing of that goes into the program. What was lowered once for a start is kept.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "lowering.h"

/* The numbers of a rule of the block, for the rate that it starts at. */
typedef struct low_acting {
    ir_ref *times, period; /* of `at`, of `every` */
    uint32_t ntimes;
    ir_ref factor, floor;  /* 0: none */
} low_acting;

typedef struct low_block low_block;
struct low_block {
    const chk_phase *owner;
    uint32_t rates;              /* what the starts of templates were then: lowering.rates */
    ir_ref start, origin, cycle; /* what it was made for */
    int dry;
    const segment *segments;
    uint32_t nsegment;
    uint32_t number;             /* in blocks[] */
    ir_ref length;               /* +inf: it has no end */
    ir_ref end;                  /* the rate that it passes on, before its rules */
    const low_acting *acting;    /* its rules, in their order */
    int unknown_start, unknown_end; /* see running; the former is what it was made for, too */
    low_block *next;             /* in its list */
};

uint32_t low_block_number(const low_block *b)
{
    return b ? b->number : LRS_K_NONE;
}

/* ---- walks over values ------------------------------------------------------------------------------ */

enum { MARKER = INT32_MAX };

/* What a value is computed from. A set of these is kept for each value, so that nothing is searched twice. */
enum {
    OF_TIME = 1, OF_TAU = 2, OF_U = 4, OF_COU = 8, OF_CYCLE = 16, OF_OUT = 32, OF_MARKER = 64, OF_EVENT = 128
};

/* What became of a value for another cycle; kept, since phases that go on from each other have it in common. */
typedef struct low_memo {
    ir_ref of, cycle, is;
} low_memo;

typedef struct low_marks {
    uint8_t *leaves;   /* of the values below `known`: a set of OF_ */
    uint32_t known;
    uint32_t *seen;    /* the epoch in which a value was visited last */
    ir_ref *image;     /* what became of it */
    ir_ref *list;
    uint32_t cap, epoch;
    low_memo *memo;    /* a hash table, at most half full */
    uint32_t nmemo, memo_cap;
} low_marks;

static uint8_t leaf_of(const ir_ins *v)
{
    switch (v->op) {
    case IR_TIME:
        return OF_TIME;
    case IR_TAU:
        return OF_TAU;
    case IR_U:
        return OF_U;
    case IR_COU:
        return OF_COU;
    case IR_CYCLE:
        return OF_CYCLE;
    case IR_OUT:
        return OF_OUT;
    case IR_EVENT:
        return v->index == MARKER ? OF_MARKER : OF_EVENT;
    default:
        return 0;
    }
}

/* Room for all values up to r, with their leaves. Operands come before users. 0 without memory. */
static int know(lowering *l, ir_ref r)
{
    low_marks *m = l->marks;
    if (!m)
        m = l->marks = arena_alloc(l->mem, sizeof *m);
    if (!m)
        return 0;
    if (r >= m->cap) {
        uint32_t cap = r + r / 2 + 64;
        uint8_t *leaves = arena_alloc(l->mem, cap);
        uint32_t *seen = arena_alloc(l->mem, cap * sizeof *seen);
        ir_ref *image = arena_alloc(l->mem, cap * sizeof *image), *list = arena_alloc(l->mem, cap * sizeof *list);
        if (!leaves || !seen || !image || !list)
            return 0;
        if (m->cap) {
            memcpy(leaves, m->leaves, m->cap);
            memcpy(seen, m->seen, m->cap * sizeof *seen);
        }
        m->leaves = leaves;
        m->seen = seen;
        m->image = image;
        m->list = list;
        m->cap = cap;
    }
    for (; m->known <= r; m->known++) {
        const ir_ins *v = ir_get(l->b, m->known);
        m->leaves[m->known] = (uint8_t)(leaf_of(v) | m->leaves[v->a] | m->leaves[v->b] | m->leaves[v->c]);
    }
    return 1;
}

void low_forget_marks(lowering *l, uint32_t count)
{
    if (l->marks && l->marks->known > count)
        l->marks->known = count;
}

static int depends(lowering *l, ir_ref root, unsigned leaves)
{
    return root && know(l, root) && (l->marks->leaves[root] & leaves);
}

int low_knows_step(lowering *l, ir_ref root)
{
    return depends(l, root, OF_TIME | OF_OUT);
}

int low_knows_event(lowering *l, ir_ref root)
{
    return depends(l, root, OF_EVENT);
}

int low_knows_round(lowering *l, ir_ref root)
{
    return depends(l, root, OF_CYCLE);
}

/* What takes the place of the leaves; 0: they stay. */
typedef struct leaves {
    ir_ref time, tau, u, cou, cycle;
} leaves;

static ir_ref leaf_for(const leaves *f, uint8_t op)
{
    return op == IR_TIME ? f->time : op == IR_TAU ? f->tau : op == IR_U ? f->u : op == IR_COU ? f->cou : op == IR_CYCLE ? f->cycle : 0;
}

static low_memo *place_of(const low_marks *m, ir_ref of, ir_ref cycle)
{
    uint32_t mask = m->memo_cap - 1, k = (of * UINT32_C(0x9e3779b1) ^ cycle * UINT32_C(0x85ebca6b)) >> 7 & mask;
    while (m->memo[k].of && (m->memo[k].of != of || m->memo[k].cycle != cycle))
        k = (k + 1) & mask;
    return &m->memo[k];
}

static ir_ref find_memo(const low_marks *m, ir_ref of, ir_ref cycle)
{
    return m->memo_cap ? place_of(m, of, cycle)->is : 0;
}

static void put_memo(lowering *l, ir_ref of, ir_ref cycle, ir_ref is)
{
    low_marks *m = l->marks;
    if (m->nmemo * 2 >= m->memo_cap) {
        low_marks bigger = {.memo_cap = m->memo_cap ? m->memo_cap * 2 : 256};
        bigger.memo = arena_alloc(l->mem, bigger.memo_cap * sizeof *bigger.memo);
        if (!bigger.memo)
            return;
        for (uint32_t i = 0; i < m->memo_cap; i++)
            if (m->memo[i].of)
                *place_of(&bigger, m->memo[i].of, m->memo[i].cycle) = m->memo[i];
        m->memo = bigger.memo;
        m->memo_cap = bigger.memo_cap;
    }
    low_memo *k = place_of(m, of, cycle);
    m->nmemo += !k->of;
    *k = (low_memo){of, cycle, is};
}

/* Everything that root is computed from and that has one of these leaves, with itself, in no order: marks->list[0 .. n). What
 * has only the cycle, and was given this one before, is in it without what it is computed from. */
static uint32_t gather(lowering *l, ir_ref root, unsigned which, ir_ref cycle)
{
    low_marks *m = l->marks;
    uint32_t n = 0;
    m->epoch++;
    m->seen[root] = m->epoch;
    m->list[n++] = root;
    for (uint32_t i = 0; i < n; i++) {
        ir_ref r = m->list[i];
        const ir_ins *v = ir_get(l->b, r);
        const ir_ref arg[3] = {v->a, v->b, v->c};
        m->image[r] = (m->leaves[r] & which) == OF_CYCLE ? find_memo(m, r, cycle) : 0;
        for (int k = 0; k < 3 && !m->image[r]; k++)
            if ((m->leaves[arg[k]] & which) && m->seen[arg[k]] != m->epoch) {
                m->seen[arg[k]] = m->epoch;
                m->list[n++] = arg[k];
            }
    }
    return n;
}

static int ascending(const void *a, const void *b)
{
    ir_ref x = *(const ir_ref *)a, y = *(const ir_ref *)b;
    return x < y ? -1 : x > y;
}

/* The same value of other leaves. Operands come before users, so in the order of numbers. */
static ir_ref substitute(lowering *l, ir_ref root, const leaves *f)
{
    unsigned which = (f->time ? OF_TIME : 0u) | (f->tau ? OF_TAU : 0u) | (f->u ? OF_U : 0u) | (f->cou ? OF_COU : 0u) | (f->cycle ? OF_CYCLE : 0u);
    if (!depends(l, root, which))
        return root;
    uint32_t n = gather(l, root, which, f->cycle);
    ir_ref *list = arena_alloc(l->mem, n * sizeof *list);
    if (!list)
        return root;
    memcpy(list, l->marks->list, n * sizeof *list);
    qsort(list, n, sizeof *list, ascending);
    for (uint32_t i = 0; i < n; i++) {
        low_marks *m = l->marks;
        const ir_ins v = *ir_get(l->b, list[i]);
        ir_ref arg[3] = {v.a, v.b, v.c}, to = leaf_for(f, v.op);
        int changed = 0;
        if (m->image[list[i]])
            continue;
        for (int k = 0; k < 3; k++)
            if (m->leaves[arg[k]] & which) {
                ir_ref is = m->image[arg[k]];
                changed |= is != arg[k];
                arg[k] = is;
            }
        m->image[list[i]] = to ? to : changed ? low_op(l, (enum ir_op)v.op, arg[0], arg[1], arg[2]) : list[i];
        if ((m->leaves[list[i]] & which) == OF_CYCLE)
            put_memo(l, list[i], f->cycle, m->image[list[i]]);
    }
    return l->marks->image[root];
}

static void set_start(lowering *l, const chk_phase *q, ir_ref start)
{
    if (q->block)
        low_set_rate(l, q->block, start);
}

/* ---- what rules make of a rate ------------------------------------------------------------------------ */

static ir_ref *times_of(lowering *l, const chk_rule *r, uint32_t *n)
{
    for (const ast_piece *i = r->times; i; i = i->next)
        ++*n;
    ir_ref *times = arena_alloc(l->mem, (*n + 1) * sizeof *times), *at = times;
    for (const ast_piece *i = r->times; i && times; i = i->next)
        *at++ = low_value(l, i->until);
    return times;
}

/* While the block is lowered: later, a rate that they depend on may be that of another call. NULL: no rules. */
static const low_acting *acting_of(lowering *l, const chk_phase *q)
{
    uint32_t n = 0;
    for (const chk_rule *r = q->inside; r; r = r->next)
        n++;
    low_acting *all = n ? arena_alloc(l->mem, n * sizeof *all) : NULL, *a = all;
    for (const chk_rule *r = q->inside; r && all; r = r->next, a++) {
        a->factor = low_value(l, r->factor);
        a->floor = r->floor ? low_value(l, r->floor) : 0;
        if (r->kind == CHK_AT)
            a->times = times_of(l, r, &a->ntimes);
        else
            a->period = low_value(l, r->period);
    }
    return all;
}

/* A value at x, or the one that x is reached with: what ends at x still holds, and what begins there has not begun. */
enum side { REACHED, THERE };

/* The rate v at x, in a block or at its end, after the rules have acted. */
static ir_ref after_rules_at(lowering *l, const low_block *b, ir_ref x, ir_ref v, enum side side)
{
    const low_acting *k = b->acting;
    ir_ref zero = low_num(l, 0), one = low_num(l, 1);
    for (const chk_rule *r = k ? b->owner->inside : NULL; r && !low_is_over(l); r = r->next, k++) {
        ir_ref n = zero;
        if (r->kind == CHK_AT) {
            for (uint32_t i = 0; i < k->ntimes; i++)
                n = low_op2(l, IR_ADD, n, low_op2(l, side == REACHED ? IR_LT : IR_LE, k->times[i], x));
        } else {
            ir_ref period = k->period;
            n = low_op2(l, IR_STAIRS, x, period);
            ir_ref rest = low_op(l, IR_FMA, low_op2(l, IR_SUB, zero, n), period, x);
            ir_ref on_it = low_op2(l, IR_LE, rest, zero);
            ir_ref down = low_op2(l, IR_MAX, low_op2(l, IR_SUB, n, one), zero);
            n = side == REACHED ? low_select(l, on_it, down, n) : n;
        }
        ir_ref f = k->factor, hi = low_op(l, IR_LOG2HI, f, 0, 0), lo = low_op(l, IR_LOG2LO, f, 0, 0);
        if (r->divide) {
            hi = low_op2(l, IR_NEG, hi, 0);
            lo = low_op2(l, IR_NEG, lo, 0);
        }
        ir_ref power = low_op(l, IR_EXP2X, hi, lo, n);
        ir_ref s = low_select(l, low_op2(l, IR_EQ, n, zero), one, power);
        ir_ref w = low_op2(l, IR_MUL, v, s);
        if (k->floor) {
            ir_ref floor_value = k->floor, stop = low_op2(l, IR_MIN, v, floor_value);
            ir_ref reduces = low_op2(l, IR_LT, s, one), below = low_op2(l, IR_LT, w, floor_value);
            w = low_select(l, low_op2(l, IR_AND, reduces, below), stop, w);
        }
        v = w;
    }
    return v;
}

static ir_ref after_rules(lowering *l, const low_block *b, ir_ref x, ir_ref v)
{
    return after_rules_at(l, b, x, v, REACHED);
}

/* ---- a block ---------------------------------------------------------------------------------------------- */

static int same_block(const low_block *a, const low_block *b)
{
    return a->owner == b->owner && a->rates == b->rates && a->start == b->start && a->origin == b->origin && a->cycle == b->cycle && a->dry == b->dry &&
           a->unknown_start == b->unknown_start;
}

/* The list of the blocks that may be like this one. */
static low_block **blocks_like(const lowering *l, const low_block *key)
{
    uint64_t h = (uint64_t)(uintptr_t)key->owner ^ (uint64_t)key->start << 32 ^ (uint64_t)key->origin << 16 ^ key->rates;
    return &l->blocks[h * UINT64_C(0x9e3779b97f4a7c15) >> 32 & (l->block_lists - 1)];
}

static low_block *find_block(const lowering *l, const low_block *key)
{
    for (low_block *b = l->block_lists ? *blocks_like(l, key) : NULL; b; b = b->next)
        if (same_block(b, key))
            return b;
    return NULL;
}

static void keep_block(lowering *l, low_block *b)
{
    if (l->nblocks == l->block_lists) {
        lowering bigger = {.block_lists = l->block_lists ? l->block_lists * 2 : 64};
        bigger.blocks = arena_alloc(l->mem, bigger.block_lists * sizeof *bigger.blocks);
        if (!bigger.blocks)
            return;
        for (uint32_t i = 0; i < l->block_lists; i++)
            for (low_block *old = l->blocks[i], *next; old; old = next) {
                low_block **list = blocks_like(&bigger, old);
                next = old->next;
                old->next = *list;
                *list = old;
            }
        l->blocks = bigger.blocks;
        l->block_lists = bigger.block_lists;
    }
    low_block **list = blocks_like(l, b);
    b->next = *list;
    *list = b;
    l->nblocks++;
}

/* Into blocks[]. */
static void place_block(output *in, low_block *b)
{
    lowering *l = in->l;
    ir_program *p = l->p;
    p->blocks = low_grow(l, p->blocks, p->layout.nblock, &in->cap->blocks, sizeof *p->blocks);
    if (!p->blocks)
        return;
    in->out = &p->blocks[p->layout.nblock];
    *in->out = (lrs_k_out){.bounds = LRS_K_NONE};
    low_place_segments(in);
    in->out->scale = p->layout.nscale;
    for (const chk_rule *r = b->owner->inside; r; r = r->next)
        low_put_pure(in, r);
    b->number = p->layout.nblock++;
}

static low_block *lower_block(const output *o, const chk_phase *q, ir_ref start, int unknown, ir_ref origin)
{
    lowering *l = o->l;
    set_start(l, q, start);
    low_block key = {.owner = q, .rates = l->rates, .start = start, .origin = origin, .cycle = l->cycle, .dry = l->dry, .unknown_start = unknown,
                     .number = LRS_K_NONE};
    low_block *b = find_block(l, &key);
    if (b)
        return b;
    b = arena_alloc(l->mem, sizeof *b);
    if (!b)
        return NULL;
    *b = key;
    output in = {.l = l, .cap = o->cap, .index = o->index, .around = o->phase, .phase = o->phase,
                 .in_repeat = o->in_repeat || q->kind == CHK_REPEAT, .origin = origin,
                 .round = q->kind == CHK_BLOCK && !q->block ? o->round : 0, .points = q->block ? origin : o->points};
    running r = {low_num(l, 0), start, q->at, unknown};
    if (q->block)
        low_requires(l, o->cap, q->block->requires);
    l->repeats += q->kind == CHK_REPEAT;
    for (const chk_phase *i = q->body; i && !ir_failed(l->b) && !arena_failed(l->mem) && l->budget; i = i->next)
        low_phase(&in, i, &r);
    l->repeats -= q->kind == CHK_REPEAT;
    b->acting = acting_of(l, q);
    b->length = r.time;
    b->end = r.value ? r.value : low_num(l, 0);
    b->unknown_end = r.unknown;
    int open = in.nsegment && low_is_const(l, in.segments[in.nsegment - 1].end, INFINITY);
    if (!open && r.unknown && in.nsegment) /* it has no last value to hold, and no time in which to hold it */
        in.segments[in.nsegment - 1].end = low_num(l, INFINITY);
    else if (!open)
        low_put_segment(&in, &(segment){.kind = LRS_K_CONST, .end = low_num(l, INFINITY), .a = b->end}, LRS_K_NONE);
    if (in.nsegment == 0)
        return NULL;
    b->segments = in.segments;
    b->nsegment = in.nsegment;
    if (!l->dry)
        place_block(&in, b);
    keep_block(l, b);
    return b;
}

/* ---- the rate at a time in a block, as a value of the IR ---------------------------------------------------------- */

/* lrs_k_stretch */
static segment stretched(lowering *l, const segment *s, ir_ref m)
{
    segment t = *s;
    if (low_is_const(l, m, 1) || s->kind == LRS_K_CONST)
        return t;
    ir_ref zero = low_num(l, 0), hi = s->hi ? s->hi : zero, lo = s->lo ? s->lo : zero;
    t.ref = s->ref ? low_op2(l, IR_MUL, s->ref, m) : 0;
    if (s->kind == LRS_K_STAIR) {
        t.off = low_op2(l, IR_MUL, s->off, m);
        return t;
    }
    t.hi = low_op2(l, IR_DIV, hi, m);
    ir_ref rest = low_op(l, IR_FMA, low_op2(l, IR_NEG, t.hi, 0), m, hi);
    ir_ref low = low_op2(l, IR_DIV, low_op2(l, IR_ADD, rest, lo), m);
    t.lo = low_select(l, low_op2(l, IR_EQ, low, low), low, zero);
    if (s->kind == LRS_K_COSQRT)
        t.p = low_op2(l, IR_MUL, s->p, m);
    if (s->kind == LRS_K_EXPR && s->off)
        t.off = low_op2(l, IR_MUL, s->off, m);
    return t;
}

static ir_ref value_in_block(lowering *l, low_block *b, ir_ref x, ir_ref m, ir_ref cycle, enum side side);

/* lrs_k_enter, but that at the end of a round which is reached it is still that one. */
static ir_ref value_of_repeat(lowering *l, const segment *s, ir_ref x, ir_ref m, ir_ref cycle, enum side side)
{
    ir_ref zero = low_num(l, 0), one = low_num(l, 1), stretch = s->lo, count = s->a;
    ir_ref since = low_op2(l, IR_SUB, x, s->ref ? low_op2(l, IR_MUL, s->ref, m) : zero);
    if (s->first->owner->kind == CHK_BLOCK)
        return value_in_block(l, s->first, since, m, cycle, side);
    ir_ref length = low_op2(l, IR_MUL, s->hi, m);
    ir_ref c = low_op(l, IR_ROUND_OF, since, length, stretch);
    c = low_op2(l, IR_MIN, c, low_op2(l, IR_SUB, count, one));
    c = low_op2(l, IR_MAX, c, zero);
    ir_ref into = low_op2(l, IR_SUB, since, low_op(l, IR_ROUND_AT, c, length, stretch));
    into = low_op2(l, IR_SUB, into, low_op(l, IR_ROUND_REST, c, length, stretch));
    ir_ref not_in = low_op2(l, IR_LE, into, zero), later = low_op2(l, IR_LT, zero, c), over = low_op2(l, IR_AND, not_in, later);
    c = side == REACHED ? low_select(l, over, low_op2(l, IR_SUB, c, one), c) : c;
    into = low_op2(l, IR_SUB, since, low_op(l, IR_ROUND_AT, c, length, stretch));
    into = low_op2(l, IR_SUB, into, low_op(l, IR_ROUND_REST, c, length, stretch));
    if (!low_is_const(l, stretch, 1))
        m = low_op2(l, IR_MUL, m, low_op2(l, IR_POWER_OF, stretch, c));
    ir_ref v = value_in_block(l, s->first, into, m, c, side);
    if (s->later) {
        ir_ref w = value_in_block(l, s->later, into, m, c, side);
        v = low_select(l, low_op2(l, IR_LT, zero, c), w, v);
    }
    if (s->b) {
        ir_ref factor = low_op(l, IR_EXP2X, s->b, s->off, c);
        factor = low_select(l, low_op2(l, IR_LT, zero, c), factor, one);
        v = low_op2(l, IR_MUL, v, factor);
    }
    return v;
}

static ir_ref value_of_segment(lowering *l, const segment *s, ir_ref x, ir_ref m, ir_ref cycle, enum side side)
{
    segment t = stretched(l, s, m);
    if (s->kind == LRS_K_CONST)
        return s->a ? s->a : low_num(l, 0);
    if (s->kind == LRS_K_SUB)
        return value_of_repeat(l, s, x, m, cycle, side);
    if (s->kind != LRS_K_EXPR)
        return low_segment_value(l, &t, x);
    ir_ref zero = low_num(l, 0), hi = t.hi ? t.hi : zero, lo = t.lo ? t.lo : zero;
    ir_ref tau = low_op2(l, IR_SUB, x, t.ref ? t.ref : zero), left = low_op2(l, IR_SUB, t.off ? t.off : zero, x);
    leaves f = {.cycle = cycle};
    f.tau = low_op2(l, IR_DIV, tau, m);
    f.u = low_op(l, IR_FMA, tau, hi, low_op2(l, IR_MUL, tau, lo));
    f.cou = low_op(l, IR_FMA, left, hi, low_op2(l, IR_MUL, left, lo));
    return substitute(l, s->root, &f);
}

static ir_ref value_in_block(lowering *l, low_block *b, ir_ref x, ir_ref m, ir_ref cycle, enum side side)
{
    ir_ref v = value_of_segment(l, &b->segments[b->nsegment - 1], x, m, cycle, side);
    for (uint32_t j = b->nsegment - 1; j-- > 0;) {
        const segment *s = &b->segments[j];
        ir_ref w = value_of_segment(l, s, x, m, cycle, side);
        ir_ref end = low_op2(l, IR_MUL, s->end, m);
        v = low_select(l, low_op2(l, side == REACHED ? IR_LE : IR_LT, x, end), w, v);
    }
    ir_ref local = low_op2(l, IR_DIV, x, m);
    return after_rules_at(l, b, local, v, side);
}

/* Is there a formula of when it runs in it? */
static int knows_step(lowering *l, low_block *b)
{
    for (uint32_t j = 0; b && j < b->nsegment; j++) {
        const segment *s = &b->segments[j];
        if ((s->kind == LRS_K_EXPR && low_knows_step(l, s->root)) ||
            (s->kind == LRS_K_SUB && (knows_step(l, s->first) || knows_step(l, s->later))))
            return 1;
    }
    return 0;
}

/* ---- the rate at which the rounds start ----------------------------------------------------------------------------- */

static int block_depends_on_marker(lowering *l, low_block *b)
{
    for (uint32_t j = 0; b && j < b->nsegment; j++) {
        const segment *s = &b->segments[j];
        const ir_ref fields[] = {s->a, s->b, s->p, s->off, s->hi, s->root};
        for (size_t k = 0; k < sizeof fields / sizeof fields[0]; k++)
            if (depends(l, fields[k], OF_MARKER))
                return 1;
        if (s->kind == LRS_K_SUB && (block_depends_on_marker(l, s->first) || block_depends_on_marker(l, s->later)))
            return 1;
    }
    return 0;
}

static int is_proportional(const chk_phase *body);

static int law_is_proportional(const chk_phase *q)
{
    const chk_symbol *s = q->law.symbol;
    if (q->kind == CHK_CURVED)
        return s && s->in_prelude; /* start*(end/start)^u */
    return s && !(s->needs & (1u << CHK_START | 1u << CHK_END));
}

static int phase_is_proportional(const chk_phase *q)
{
    if (q->from || q->from_zero)
        return 0;
    for (const chk_rule *r = q->inside; r; r = r->next)
        if (r->floor)
            return 0;
    switch (q->kind) {
    case CHK_HOLD:
        return !q->value;
    case CHK_SHAPED: case CHK_CURVED:
        return q->to_factor && law_is_proportional(q);
    case CHK_DECAYING:
        return law_is_proportional(q);
    case CHK_REPEAT: case CHK_BLOCK: /* a template that mentions its start may use it for anything */
        return !(q->block && q->block->start) && is_proportional(q->body);
    default:
        return 0;
    }
}

/* Are all rates in it the rate it starts at, times something? */
static int is_proportional(const chk_phase *body)
{
    for (const chk_phase *q = body; q; q = q->next)
        if (!phase_is_proportional(q))
            return 0;
    return 1;
}

/* How the rounds of a repeat start. */
typedef struct rounds {
    ir_ref start;         /* of the first */
    ir_ref later;         /* of the others; 0: they are like the first but for the factor */
    ir_ref factor;        /* each is so many times the one before; 0: 1 */
} rounds;

static low_block *lower_dry(const output *o, const chk_phase *q, ir_ref start)
{
    o->l->dry++;
    low_block *b = lower_block(o, q, start, 0, 0);
    o->l->dry--;
    return b;
}

static rounds start_of_rounds(output *o, const chk_phase *q, const running *r)
{
    lowering *l = o->l;
    rounds k = {0, 0, 0};
    ir_ref marker = ir_event_ref(l->b, MARKER);
    low_block *dry = lower_dry(o, q, marker);
    if (!dry || !block_depends_on_marker(l, dry)) { /* it says its start: all rounds are alike */
        k.start = low_num(l, 0);
        return k;
    }
    k.start = low_going_on(o, q, r);
    if (!k.start)
        k.start = low_num(l, 0);
    if (low_stage(l, k.start) == IR_STAGE_STEP && !l->dry) {
        diag *g = diag_add(l->d, DIAG_NO_START, q->at, "the rate that this repeat starts at depends on the round of the repeat around it");
        diag_help(l->d, g, "add `from` to its first phase");
        return k;
    }
    ir_ref end = after_rules(l, dry, dry->length, dry->end);
    if (!depends(l, end, OF_MARKER) && !dry->unknown_end) {
        leaves before = {.cycle = low_op2(l, IR_SUB, l->cycle, low_num(l, 1))};
        k.later = substitute(l, end, &before);
        return k;
    }
    if (is_proportional(q->body) && phase_is_proportional(q) && !dry->unknown_end) {
        dry = lower_dry(o, q, low_num(l, 1));
        k.factor = dry ? after_rules(l, dry, dry->length, dry->end) : 0;
        if (k.factor && low_stage(l, k.factor) < IR_STAGE_STEP) {
            low_put_check(l, o->cap, low_not_negative(l, k.factor), q->at, "what a round multiplies the rate by must be finite and not negative");
            return k;
        }
    }
    if (!l->dry) {
        const chk_phase *first = q->body;
        diag *g = diag_add(l->d, DIAG_NO_START, first->at, "where the next round starts is not known: the end of a round depends on its start");
        diag_help(l->d, g, "say where each round starts, by `from`, or where it ends, as in `-> 0.001`");
    }
    k.factor = 0;
    return k;
}

/* Where a rule starts the phase again, and where its clock begins later than it does: until then, the rate that it starts at. */
static void start_segment(output *o, const low_span *t, const segment *s, ir_ref shift)
{
    lowering *l = o->l;
    if (!t->before && !shift)
        return;
    leaves f = {.time = o->origin ? low_op2(l, IR_ADD, o->origin, t->S) : t->S};
    ir_ref one = low_num(l, 1), zero = low_num(l, 0), begin = shift ? low_op2(l, IR_MAX, t->S, s->ref) : t->S;
    ir_ref first = substitute(l, value_of_repeat(l, s, begin, one, l->cycle ? l->cycle : zero, THERE), &f);
    low_put_segment(o, &(segment){.kind = LRS_K_CONST, .end = shift ? low_op2(l, IR_MIN, begin, t->E) : begin, .a = first}, t->event);
}

/* `shift=`: how far the clock of what is in the braces is ahead; 0: not at all. *ref: where it begins. */
static ir_ref shift_clock(output *o, const chk_phase *q, ir_ref S, ir_ref *ref)
{
    ir_ref shift = q->shift ? low_checked(o->l, o->cap, q->shift, 0, 1, "`shift`") : 0;
    if (q->shift)
        shift = low_before_rounds(o->l, shift, q->shift->at, "`shift`");
    *ref = shift ? low_op2(o->l, IR_SUB, S, shift) : S;
    return shift;
}

/* What holds before its clock begins and after it ends must be known before. */
static void refuse_shift(output *o, const chk_phase *q)
{
    lowering *l = o->l;
    if (l->dry || low_said(l, DIAG_CLAUSE, q->shift->at))
        return;
    diag *g = diag_add(l->d, DIAG_CLAUSE, q->shift->at, "formulas with `step`, `epoch` or another schedule in them cannot be shifted: what these are is the same whatever the shift");
    diag_help(l->d, g, "leave `shift=` out, and write the formulas with `t`");
}

/* ---- phases with braces ------------------------------------------------------------------------------------------------ */

/* What a repeat passes on after `count` rounds. */
static ir_ref after_rounds(lowering *l, low_block *first, low_block *later, const rounds *k, ir_ref count,
                           ir_ref given)
{
    ir_ref zero = low_num(l, 0), one = low_num(l, 1), last = low_op2(l, IR_MAX, low_op2(l, IR_SUB, count, one), zero);
    leaves f = {.cycle = last};
    ir_ref v = after_rules(l, first, first->length, first->end);
    v = substitute(l, v, &f);
    if (later) {
        ir_ref w = after_rules(l, later, later->length, later->end);
        w = substitute(l, w, &f);
        v = low_select(l, low_op2(l, IR_LT, zero, last), w, v);
    }
    if (k->factor) {
        ir_ref hi = low_op(l, IR_LOG2HI, k->factor, 0, 0), lo = low_op(l, IR_LOG2LO, k->factor, 0, 0);
        ir_ref power = low_op(l, IR_EXP2X, hi, lo, last);
        power = low_select(l, low_op2(l, IR_LT, zero, last), power, one);
        v = low_op2(l, IR_MUL, v, power);
    }
    return given ? low_select(l, low_op2(l, IR_LT, zero, count), v, given) : v;
}

/* The rate where a phase with braces ends: there it may be in the middle of what stands in them. natural: when its rounds are all done,
 * and end: the rate then; or 0, see pass_on. */
static ir_ref rate_at_end(output *o, const chk_phase *q, const low_span *t, const segment *s, ir_ref natural, ir_ref end)
{
    lowering *l = o->l;
    ir_ref zero = low_num(l, 0), x = t->E;
    if (low_is_const(l, t->E, INFINITY))
        return zero;
    leaves f = {.time = o->origin ? low_op2(l, IR_ADD, o->origin, t->E) : t->E};
    if (q->shift)
        x = low_op2(l, IR_MAX, t->E, s->ref);
    ir_ref v = value_of_repeat(l, s, x, low_num(l, 1), l->cycle ? l->cycle : zero, REACHED);
    if (!o->in_repeat)
        v = substitute(l, v, &f);
    if (natural)
        return low_select(l, low_op2(l, IR_LE, natural, t->E), end, v);
    if (end && !q->duration && !q->until && !q->shift)
        return low_select(l, low_op2(l, IR_LT, t->E, t->N), v, end);
    if (end && q->kind == CHK_BLOCK) /* where all of it is done; after that its rules go on counting */
        return low_select(l, low_op2(l, IR_EQ, t->E, low_op2(l, IR_ADD, s->ref, s->first->length)), end, v);
    return v;
}

/* The segment s, and what the phase passes on. length: of all rounds; 0: there is no number of them, or no rounds. end: the rate
 * that it ends at by itself; 0: that is not known. Where the phase goes on after the last round, this rate holds. What is no round
 * holds its last value by itself, and its rules go on counting. */
static void pass_on(output *o, const chk_phase *q, running *r, const low_span *t, segment *s, ir_ref shift, ir_ref length, ir_ref end)
{
    lowering *l = o->l;
    int has_length = q->duration || q->until, is_endless = q->kind == CHK_REPEAT && !q->count;
    int cut = has_length || t->can_end || is_endless || shift;
    int knows = cut && (knows_step(l, s->first) || knows_step(l, s->later)), unknown = cut ? knows && o->in_repeat : !end;
    ir_ref natural = length && end && (shift || has_length) ? low_op2(l, IR_ADD, s->ref, length) : 0;
    if (shift && knows)
        refuse_shift(o, q);
    if (natural)
        s->end = low_op2(l, IR_MIN, low_op2(l, IR_MAX, natural, t->S), t->E);
    low_put_segment(o, s, t->event);
    if (natural)
        low_put_segment(o, &(segment){.kind = LRS_K_CONST, .end = t->E, .a = end}, t->event);
    ir_ref passed = unknown ? 0 : cut ? rate_at_end(o, q, t, s, natural, end) : end;
    if (r->value && passed && (has_length || is_endless))
        passed = low_select(l, low_op2(l, IR_LT, t->S, t->E), passed, r->value);
    *r = (running){t->E, passed ? passed : low_num(l, 0), q->at, unknown};
}

static void lower_repeat(output *o, const chk_phase *q, running *r)
{
    lowering *l = o->l;
    const char *text = low_words(l, q->at, 60);
    low_span t = low_begin(o, q, r, text);
    ir_ref S = t.S, cycle = l->cycle, one = low_num(l, 1), zero = low_num(l, 0), ref;
    ir_ref shift = shift_clock(o, q, S, &ref);
    ir_ref count = q->count ? low_value(l, q->count) : low_num(l, INFINITY), stretch = q->stretch ? low_value(l, q->stretch) : one;
    if (q->count) {
        count = low_before_rounds(l, count, q->count->at, "the number of rounds");
        ir_ref sound = low_not_negative(l, count), whole = low_op2(l, IR_EQ, count, low_op(l, IR_FLOOR, count, 0, 0));
        whole = low_op2(l, IR_AND, sound, whole);
        low_put_check(l, o->cap, whole, q->count->at, arena_printf(l->mem, "the number of rounds of `%s` must be whole and not negative", text));
    }
    if (q->stretch) {
        stretch = low_before_rounds(l, stretch, q->stretch->at, "`stretch`");
        ir_ref grows = low_op2(l, IR_LE, one, stretch), sound = low_op2(l, IR_AND, low_is_finite(l, stretch), grows);
        low_put_check(l, o->cap, sound, q->stretch->at, "`stretch` must be finite and at least 1");
    }
    /* when the rounds end is known once they are lowered, but phases stand in the order of the file */
    uint32_t at = l->p->nphase;
    low_put_phase(o, q, text, S, t.E);
    l->cycle = ir_leaf(l->b, IR_CYCLE);
    rounds k = start_of_rounds(o, q, r);
    low_block *first = lower_block(o, q, k.start, 0, 0), *later = NULL;
    if (k.later && k.later != k.start)
        later = lower_block(o, q, k.later, 0, 0);
    l->cycle = cycle;
    if (!first || (k.later && k.later != k.start && !later))
        return;
    o->phase = l->dry ? o->phase : at;

    low_put_check(l, o->cap, low_op2(l, IR_LT, zero, first->length), q->at, arena_printf(l->mem, "a round of `%s` must be longer than 0", text));
    if (q->count && !q->duration && !q->until) {
        low_end_at(o, &t, low_op2(l, IR_ADD, S, low_op(l, IR_ROUND_AT, count, first->length, stretch)));
        if (!l->dry && l->p->phase)
            l->p->phase[at].end = t.E;
    }
    segment s = {.kind = LRS_K_SUB, .end = t.E, .ref = ref, .hi = first->length, .lo = stretch, .a = count, .first = first,
                 .later = later};
    if (k.factor) {
        s.b = low_op(l, IR_LOG2HI, k.factor, 0, 0);
        s.off = low_op(l, IR_LOG2LO, k.factor, 0, 0);
    }
    s.p = low_num(l, later && !l->dry ? 1 + (double)later->number : 0);
    start_segment(o, &t, &s, shift);

    ir_ref length = q->count ? low_op(l, IR_ROUND_AT, count, first->length, stretch) : 0;
    int known = q->count && !first->unknown_end && !(later && later->unknown_end);
    pass_on(o, q, r, &t, &s, shift, length, known ? after_rounds(l, first, later, &k, count, r->value) : 0);
}

static void lower_plain_block(output *o, const chk_phase *q, running *r)
{
    lowering *l = o->l;
    const char *text = low_words(l, q->at, 60);
    low_span t = low_begin(o, q, r, text);
    ir_ref S = t.S, one = low_num(l, 1), ref;
    ir_ref shift = shift_clock(o, q, S, &ref);
    if (q->from) {
        r->value = low_checked(l, o->cap, q->from, 0, 1, "a rate");
        r->unknown = 0;
    }
    ir_ref origin = o->origin ? low_op2(l, IR_ADD, o->origin, ref) : ref;
    uint32_t at = l->p->nphase;
    low_put_phase(o, q, text, S, t.E);
    low_block *b = lower_block(o, q, r->value, r->unknown, origin);
    if (!b)
        return;
    o->phase = l->dry ? o->phase : at;
    if (!q->duration && !q->until) {
        low_says_total(o, q->block ? q->block->total : NULL, S);
        low_end_at(o, &t, low_is_const(l, b->length, INFINITY) ? b->length : low_op2(l, IR_ADD, S, b->length));
        if (!l->dry && l->p->phase)
            l->p->phase[at].end = t.E;
    }
    segment s = {.kind = LRS_K_SUB, .end = t.E, .ref = ref, .hi = low_num(l, INFINITY), .a = one, .first = b};
    start_segment(o, &t, &s, shift);
    ir_ref end = b->unknown_end ? 0 : after_rules(l, b, b->length, b->end);
    pass_on(o, q, r, &t, &s, shift, 0, end);
}

/* Rounds that events may end: each has phases of its own, and knows its number. */
static void lower_rounds(output *o, const chk_phase *q, running *r)
{
    lowering *l = o->l;
    ir_ref cycle = l->cycle, round = o->round;
    const ir_ins *n = ir_get(l->b, low_value_or(l, q->count, 1));
    uint32_t count = q->block ? 1 : n->op == IR_CONST ? (uint32_t)n->imm : 0;
    if (q->from) {
        r->value = low_checked(l, o->cap, q->from, 0, 1, "a rate");
        r->unknown = 0;
    }
    set_start(l, q, r->value ? r->value : low_num(l, 0));
    low_says_total(o, q->block ? q->block->total : NULL, r->time);
    if (q->block)
        low_requires(l, o->cap, q->block->requires);
    for (uint32_t c = 0; c < count && !low_is_over(l); c++) {
        l->cycle = q->block ? cycle : low_num(l, c);
        o->round = r->time;
        for (const chk_phase *i = q->body; i && !low_is_over(l); i = i->next)
            low_phase_of_output(o, i, r);
    }
    l->cycle = cycle;
    o->round = round;
}

void low_in_braces(output *o, const chk_phase *q, running *r)
{
    if (q->unrolled)
        lower_rounds(o, q, r);
    else if (q->kind == CHK_REPEAT)
        lower_repeat(o, q, r);
    else
        lower_plain_block(o, q, r);
}
