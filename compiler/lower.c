/* lower.c: the checked schedule to IR: phases to segments of the table, rules to scales and detectors.
 *
 * In: chk_program. Out: ir_program. Calls: lower_expr.c, normal.c, the IR builder.
 *
 * Every phase has a start time S, a natural end N, an end E (earlier than N when a rule said `next`), the rate A that it
 * starts at and the rate V that it passes on. All are IR values: known at compile time, or when params are bound.
 */
#include "lower.h"

#include <math.h>
#include <string.h>
#include "lowering.h"

#define BUDGET ((uint64_t)20000000)

/* ---- small things ----------------------------------------------------------------------------------- */

static ir_ref num(lowering *l, double v)
{
    return ir_const(l->b, v);
}

static ir_ref op2(lowering *l, enum ir_op op, ir_ref x, ir_ref y)
{
    return low_op(l, op, x, y, 0);
}

static ir_ref select_op(lowering *l, ir_ref c, ir_ref x, ir_ref y)
{
    return low_op(l, IR_SELECT, c, x, y);
}

static ir_ref times(lowering *l, ir_ref x, ir_ref y)
{
    return low_is_const(l, x, 0) || low_is_const(l, y, 1) ? x : low_is_const(l, y, 0) || low_is_const(l, x, 1) ? y : op2(l, IR_MUL, x, y);
}

static ir_ref value_of(lowering *l, const ast_expr *e)
{
    static const frame nothing = {0};
    return low_expr(l, &nothing, e);
}

static ir_ref value_or(lowering *l, const ast_expr *e, double otherwise)
{
    return e ? value_of(l, e) : num(l, otherwise);
}

/* Room for n more items of an array of the program. */
static void *grow(lowering *l, void *at, uint32_t n, uint32_t *cap, size_t size)
{
    if (n < *cap)
        return at;
    uint32_t more = *cap ? *cap * 2 : 16;
    void *bigger = arena_alloc(l->mem, more * size);
    if (!bigger)
        return NULL;
    if (n)
        memcpy(bigger, at, n * size);
    *cap = more;
    return bigger;
}

typedef struct growing {
    uint32_t table, kinds, phases, checks, scales, dets, rules, expr, events;
    uint32_t phase_ends, exprs, phase_of, scale_at, rule_at;
} growing;

typedef struct output {
    lowering *l;
    growing *cap;
    uint32_t index;
    uint32_t event;    /* first event end of this output; LRS_K_NONE: no rule ends phases */
} output;

static uint32_t put_table(lowering *l, ir_ref r)
{
    ir_ref *table = grow(l, l->table, l->ntable, &l->table_cap, sizeof *table);
    if (!table)
        return 0;
    l->table = table;
    l->table[l->ntable] = r;
    return l->ntable++;
}

static void put_check(lowering *l, growing *cap, ir_ref cond, span at, const char *message)
{
    const ir_ins *i = ir_get(l->b, cond);
    if (i->op == IR_CONST) {
        if (i->imm == 0) {
            diag *g = diag_add(l->d, DIAG_RANGE, at, "%s", message);
            (void)g;
        }
        return;
    }
    ir_check *checks = grow(l, l->p->checks, l->p->nchecks, &cap->checks, sizeof *checks);
    if (!checks)
        return;
    l->p->checks = checks;
    checks[l->p->nchecks++] = (ir_check){cond, message};
}

/* The words of a span on one line, shortened to what a message can hold. */
static const char *words(lowering *l, span at, size_t most)
{
    const source *s = &l->d->sources.at[at.file];
    size_t n = at.end - at.begin, k = 0;
    char *text = arena_alloc(l->mem, (n < most ? n : most) + 4);
    if (!text)
        return "";
    for (size_t i = at.begin; i < at.end; i++) {
        char ch = s->text[i];
        if (ch == '#')
            while (i < at.end && s->text[i] != '\n')
                i++;
        if ((unsigned char)ch <= ' ' || ch == '#')
            ch = ' ';
        if (ch == ' ' && (k == 0 || text[k - 1] == ' '))
            continue;
        if (k >= most) {
            while (k > 0 && ((unsigned char)text[k - 1] & 0xc0) == 0x80)
                k--;
            memcpy(text + k, "...", 3);
            return text;
        }
        text[k++] = ch;
    }
    if (k && text[k - 1] == ' ')
        text[k - 1] = 0;
    return text;
}

/* x is finite and >= 0 */
static ir_ref not_negative(lowering *l, ir_ref x)
{
    ir_ref above = op2(l, IR_LE, num(l, 0), x);
    ir_ref below = op2(l, IR_LT, x, num(l, INFINITY));
    return op2(l, IR_AND, above, below);
}

static ir_ref is_finite(lowering *l, ir_ref x)
{
    ir_ref size = low_op(l, IR_ABS, x, 0, 0);
    return op2(l, IR_LT, size, num(l, INFINITY));
}

static ir_ref checked_value(lowering *l, growing *cap, const ast_expr *e, double otherwise, int may_be_negative, const char *what)
{
    ir_ref r = value_or(l, e, otherwise);
    if (e)
        put_check(l, cap, may_be_negative ? is_finite(l, r) : not_negative(l, r), e->at,
                  arena_printf(l->mem, "%s (`%s`) must be finite%s", what, words(l, e->at, 60), may_be_negative ? "" : " and not negative"));
    return r;
}

/* ---- segments ------------------------------------------------------------------------------------------ */

typedef struct segment {
    int kind;
    ir_ref end, ref, hi, lo, a, b, off, p;
    ir_ref root;
} segment;

static void put_segment(output *o, const segment *s, uint32_t phase, uint32_t event)
{
    lowering *l = o->l;
    ir_program *p = l->p;
    uint32_t n = p->layout.nkind;
    const ir_ref zero = num(l, 0);
    const ir_ref fields[LRS_K_SEG_WORDS] = {s->end, s->ref, s->hi, s->lo, s->a, s->b, s->off, s->p};
    for (int i = 0; i < LRS_K_SEG_WORDS; i++)
        put_table(l, fields[i] ? fields[i] : zero);
    p->kinds = grow(l, p->kinds, n, &o->cap->kinds, sizeof *p->kinds);
    p->phases = grow(l, p->phases, n, &o->cap->phase_ends, sizeof *p->phases);
    p->exprs = grow(l, p->exprs, n, &o->cap->exprs, sizeof *p->exprs);
    p->phase_of = grow(l, p->phase_of, n, &o->cap->phase_of, sizeof *p->phase_of);
    if (arena_failed(l->mem))
        return;
    p->kinds[n] = (uint8_t)s->kind;
    p->phases[n] = event;
    p->phase_of[n] = phase;
    p->exprs[n] = LRS_K_NONE;
    if (s->kind == LRS_K_EXPR) {
        p->expr = grow(l, p->expr, p->nexpr, &o->cap->expr, sizeof *p->expr);
        if (!p->expr)
            return;
        p->exprs[n] = p->nexpr;
        p->expr[p->nexpr++] = (ir_expr){.root = s->root};
    }
    p->layout.nkind++;
    p->outs[o->index].nseg++;
    p->outs[o->index].mask |= 1u << s->kind;
}

/* What the laws of a phase are computed from. */
typedef struct span_of_time {
    ir_ref first, last; /* the times where u is 0 and 1: shifted; last 0: open-ended */
    ir_ref length;      /* D; 0: open-ended */
} span_of_time;

/* hi, lo, ref and off of w = beta + leaf*(hi + lo), over the time. */
static void place(lowering *l, segment *s, const span_of_time *k, affine w)
{
    s->ref = k->first;
    if (w.leaf == IR_COU) {
        s->ref = k->last;
        w.hi = op2(l, IR_NEG, w.hi, 0);
        w.lo = op2(l, IR_NEG, w.lo, 0);
    }
    if (w.leaf != IR_TAU)
        low_dd_div(l, &w.hi, &w.lo, k->length);
    s->hi = w.hi;
    s->lo = w.lo;
    s->off = w.beta;
}

static affine leaf(lowering *l, enum ir_op op)
{
    return (affine){op, num(l, 1), num(l, 0), num(l, 0)};
}

/* |end| < |start|: the rate is counted from its end, which keeps all digits on the way down to 0. */
static ir_ref falls(lowering *l, ir_ref start, ir_ref end)
{
    ir_ref to = low_op(l, IR_ABS, end, 0, 0);
    ir_ref from = low_op(l, IR_ABS, start, 0, 0);
    return op2(l, IR_LT, to, from);
}

/* What to - from leaves out, for literals: 0.1 is a tenth, so that a fifth of the way from 0 to 0.1 is 0.02 and three are 0.06. */
static ir_ref rest_of_difference(lowering *l, ir_ref to, ir_ref from)
{
    const ir_ins *a = ir_get(l->b, to), *b = ir_get(l->b, from);
    if (a->op != IR_CONST || b->op != IR_CONST)
        return num(l, 0);
    double d = a->imm - b->imm, back = d - a->imm;
    double rounded = (a->imm - (d - back)) - (b->imm + back);
    double rest = rounded + (a->imm_low - b->imm_low);
    return num(l, isfinite(rest) ? rest : 0);
}

/* log2(1 + rest/start) when a decay starts at a literal: a tenth of 0.1 is 0.01, although 0.1 as a double is a little more. */
static ir_ref log2_of_rest(lowering *l, ir_ref factor, ir_ref start)
{
    const ir_ins *a = ir_get(l->b, start);
    if (!low_is_const(l, factor, 1) || a->op != IR_CONST || a->imm_low == 0)
        return 0;
    double rest = 0x1.71547652b82fep0 * (a->imm_low / a->imm);
    return isfinite(rest) ? num(l, rest) : 0;
}

/* from + (to - from)*g(u), for g that turn around: 1 - g(u) = g(1 - u). The end of less magnitude is the origin. */
static void place_symmetric(lowering *l, segment *s, const span_of_time *k, int kind, ir_ref from, ir_ref to)
{
    ir_ref fall = falls(l, from, to), d = op2(l, IR_SUB, to, from);
    s->kind = kind;
    s->ref = select_op(l, fall, k->last, k->first);
    s->a = select_op(l, fall, to, from);
    if (kind == LRS_K_LINEAR) {
        s->hi = d;
        s->lo = rest_of_difference(l, to, from);
        low_dd_div(l, &s->hi, &s->lo, k->length);
        return;
    }
    ir_ref hi = num(l, 1), lo = num(l, 0);
    low_dd_div(l, &hi, &lo, k->length);
    s->hi = select_op(l, fall, op2(l, IR_NEG, hi, 0), hi);
    s->lo = select_op(l, fall, op2(l, IR_NEG, lo, 0), lo);
    s->b = select_op(l, fall, op2(l, IR_SUB, from, to), d);
}

/* a + b*g(w) as a segment. */
static void place_normal(lowering *l, segment *s, const span_of_time *k, const normal *n)
{
    s->kind = n->kind;
    s->a = n->a;
    s->b = n->b;
    switch (n->kind) {
    case LRS_K_CONST:
        return;
    case LRS_K_LINEAR: { /* a + b*(beta + leaf*(hi + lo)) */
        affine w = n->w;
        if (!low_is_const(l, w.beta, 0))
            s->a = low_is_const(l, n->a, 0) ? times(l, n->b, w.beta) : low_op(l, IR_FMA, n->b, w.beta, n->a);
        w.beta = num(l, 0);
        low_dd_mul(l, &w.hi, &w.lo, n->b);
        place(l, s, k, w);
        s->b = s->off = num(l, 0);
        return;
    }
    case LRS_K_STAIR:
        s->ref = k->first;
        s->hi = n->k_hi;
        s->lo = n->k_lo;
        s->off = n->p;
        s->p = n->rest;
        return;
    case LRS_K_EXPR: /* u and cou: rate 1/D, off is where u is 1 */
        s->ref = k->first;
        s->hi = num(l, 0);
        if (k->length) {
            s->hi = num(l, 1);
            s->lo = num(l, 0);
            low_dd_div(l, &s->hi, &s->lo, k->length);
            s->off = k->last;
        }
        s->root = n->root;
        return;
    case LRS_K_POW: case LRS_K_COSQRT:
        s->p = n->p;
        break;
    case LRS_K_EXP2:
        s->p = n->rest;
        break;
    default:
        break;
    }
    place(l, s, k, n->w);
}

/* start + (end - start)*shape, where the normal form of the shape is n */
static void place_shape(lowering *l, segment *s, const span_of_time *k, const normal *n, ir_ref start, ir_ref end)
{
    int same = low_is_const(l, n->a, 0) && low_is_const(l, n->b, 1), turned = low_is_const(l, n->a, 1) && low_is_const(l, n->b, -1);
    int whole = n->kind != LRS_K_CONST && n->kind != LRS_K_STAIR && n->kind != LRS_K_EXPR && low_is_leaf(l, &n->w, IR_U);
    normal m = *n;
    if (n->kind == LRS_K_EXPR) {
        const ir_ins i = *ir_get(l->b, n->root);
        if (i.op == IR_SUB && low_is_const(l, i.a, 1))
            m.root = low_op(l, IR_FMA, op2(l, IR_SUB, start, end), i.b, end);
        else
            m.root = low_op(l, IR_FMA, op2(l, IR_SUB, end, start), n->root, start);
        place_normal(l, s, k, &m);
        return;
    }
    if (whole && (same || turned) && (n->kind == LRS_K_LINEAR || n->kind == LRS_K_HCOS)) {
        place_symmetric(l, s, k, n->kind, same ? start : end, same ? end : start);
        return;
    }
    if (whole && same && n->kind == LRS_K_SQRT) {
        const ir_ins a = *ir_get(l->b, start), b = *ir_get(l->b, end);
        int down = b.op == IR_CONST && (b.imm == 0 || (a.op == IR_CONST && fabs(b.imm) < fabs(a.imm)));
        if (down) { /* 1 - sqrt(u), from 1 - u */
            m.kind = LRS_K_COSQRT;
            m.w = leaf(l, IR_COU);
            m.p = k->first;
            turned = 1;
        }
    }
    if (turned) {
        m.a = end;
        m.b = op2(l, IR_SUB, start, end);
    } else {
        ir_ref d = op2(l, IR_SUB, end, start);
        m.a = low_is_const(l, n->a, 0) ? start : low_op(l, IR_FMA, d, n->a, start);
        m.b = times(l, d, n->b);
    }
    place_normal(l, s, k, &m);
}

/* ---- phases ---------------------------------------------------------------------------------------------- */

static ir_ref law_value(lowering *l, const chk_phase *q, const frame *f)
{
    if (q->kind == CHK_FREE)
        return low_expr(l, f, q->value);
    return low_body(l, f, q->law.symbol, 1, q->kind == CHK_DECAYING ? f->t : f->u, q->law.args);
}

/* lrs_k_decay */
static ir_ref decay_value(lowering *l, const segment *s, ir_ref n)
{
    ir_ref zero = num(l, 0), b = s->b ? s->b : zero, hi = s->hi ? s->hi : zero, lo = s->lo ? s->lo : zero;
    ir_ref h = op2(l, IR_MUL, n, hi), of_h = low_op(l, IR_FMA, n, hi, op2(l, IR_NEG, h, 0)), low = low_op(l, IR_FMA, n, lo, of_h);
    ir_ref y = low_op(l, IR_EXP2S, b, h, op2(l, IR_ADD, low, s->p ? s->p : zero));
    ir_ref v = select_op(l, op2(l, IR_EQ, n, zero), b, y);
    return op2(l, IR_ADD, s->a ? s->a : zero, v);
}

/* What a segment is worth at a time known before the run: lrs_k_law of runtime/kernel/value.h, step by step. */
static ir_ref segment_value(lowering *l, const segment *s, ir_ref x)
{
    ir_ref zero = num(l, 0), one = num(l, 1), g;
    ir_ref a = s->a ? s->a : zero, hi = s->hi ? s->hi : zero, lo = s->lo ? s->lo : zero, off = s->off ? s->off : zero;
    ir_ref tau = op2(l, IR_SUB, x, s->ref ? s->ref : zero);
    ir_ref r = low_op(l, IR_FMA, tau, hi, op2(l, IR_MUL, tau, lo)), w = op2(l, IR_ADD, off, r);
    switch (s->kind) {
    case LRS_K_LINEAR:
    {
        ir_ref p = op2(l, IR_MUL, tau, hi), v = op2(l, IR_ADD, a, p), back = op2(l, IR_SUB, v, a);
        ir_ref rest = low_op(l, IR_FMA, tau, lo, low_op(l, IR_FMA, tau, hi, op2(l, IR_NEG, p, 0)));
        ir_ref of_a = op2(l, IR_SUB, a, op2(l, IR_SUB, v, back)), of_p = op2(l, IR_SUB, p, back), lost = op2(l, IR_ADD, of_a, of_p);
        return op2(l, IR_ADD, v, op2(l, IR_ADD, lost, rest));
    }
    case LRS_K_EXP2:
        return decay_value(l, s, tau);
    case LRS_K_STAIR:
        return decay_value(l, s, op2(l, IR_STAIRS, tau, off));
    case LRS_K_HCOS:
        g = low_op(l, IR_HCOS, w, 0, 0);
        break;
    case LRS_K_POW:
        g = op2(l, IR_POW, w, s->p);
        break;
    case LRS_K_SQRT:
        g = low_op(l, IR_SQRT, w, 0, 0);
        break;
    case LRS_K_COSQRT: {
        ir_ref left = op2(l, IR_SUB, s->p, x);
        ir_ref root = low_op(l, IR_SQRT, low_op(l, IR_FMA, left, hi, op2(l, IR_MUL, left, lo)), 0, 0);
        g = op2(l, IR_DIV, w, op2(l, IR_ADD, one, root));
        break;
    }
    case LRS_K_RSQRT:
        g = op2(l, IR_DIV, one, low_op(l, IR_SQRT, w, 0, 0));
        break;
    case LRS_K_RECIP:
        g = op2(l, IR_DIV, one, w);
        break;
    default:
        return a;
    }
    return low_op(l, IR_FMA, s->b ? s->b : zero, g, a);
}

/* The rate of a phase with the law's value g. */
static ir_ref rate(lowering *l, const chk_phase *q, const frame *f, ir_ref g)
{
    if (q->kind == CHK_SHAPED)
        return low_op(l, IR_FMA, op2(l, IR_SUB, f->end, f->start), g, f->start);
    return q->kind == CHK_DECAYING ? op2(l, IR_MUL, f->start, g) : g;
}

/* The same for a law that stays step code: its formula at that time. */
static ir_ref free_value(lowering *l, const chk_phase *q, const frame *running, const span_of_time *k, ir_ref x)
{
    frame f = *running;
    f.t = op2(l, IR_SUB, x, k->first);
    f.u = k->length ? op2(l, IR_DIV, f.t, k->length) : num(l, 0);
    if (k->length && !q->shift) /* with a shift, u is past 1 before the phase ends */
        f.u = op2(l, IR_MIN, f.u, num(l, 1));
    f.x = x;
    return rate(l, q, &f, law_value(l, q, &f));
}

typedef struct running {
    ir_ref time, value; /* where the phase before ended */
} running;

static ir_phase as_written(const output *o, const chk_phase *q, const char *text, ir_ref start, ir_ref end)
{
    ir_phase w = {.text = text, .at = q->at, .out = o->index, .start = start, .end = end, .start_at = q->at, .end_at = q->at};
    w.traits = (q->from ? IR_PHASE_FROM : q->from_zero ? IR_PHASE_ZERO : 0u) | (q->shift ? IR_PHASE_SHIFTED : 0u) |
               (q->duration ? IR_PHASE_LENGTH : q->until ? IR_PHASE_UNTIL : 0u) |
               (q->kind == CHK_FREE ? IR_PHASE_FORMULA : q->kind == CHK_HOLD && q->value ? IR_PHASE_VALUE : 0u);
    if (q->from || q->value)
        w.start_at = q->from ? q->from->at : q->value->at;
    if (q->duration || q->until)
        w.end_at = q->duration ? q->duration->at : q->until->at;
    return w;
}

static void lower_phase(output *o, const chk_phase *q, uint32_t number_in_output, running *r)
{
    lowering *l = o->l;
    ir_program *p = l->p;
    const char *text = words(l, q->at, 60);
    ir_ref S = r->time, N = num(l, INFINITY), D = 0;
    uint32_t phase = p->nphase;

    /* the time */
    if (q->duration) {
        D = value_of(l, q->duration);
        put_check(l, o->cap, not_negative(l, D), q->duration->at,
                  arena_printf(l->mem, "the duration of `%s` must be finite and not negative", text));
        N = op2(l, IR_ADD, S, D);
    } else if (q->until) {
        ir_ref point = value_of(l, q->until);
        put_check(l, o->cap, is_finite(l, point), q->until->at, arena_printf(l->mem, "the end of `%s` must be finite", text));
        N = op2(l, IR_MAX, S, point);
        D = op2(l, IR_SUB, N, S);
    }
    uint32_t event = o->event == LRS_K_NONE ? LRS_K_NONE : o->event + number_in_output;
    ir_ref E = N;
    if (event != LRS_K_NONE)
        E = op2(l, IR_MAX, S, op2(l, IR_MIN, N, ir_event_ref(l->b, event)));

    /* the rates */
    ir_ref A = q->from ? checked_value(l, o->cap, q->from, 0, 1, "a rate") : q->from_zero ? num(l, 0) : r->value;
    ir_ref V = 0;
    if (q->to && q->to_factor) {
        ir_ref factor = checked_value(l, o->cap, q->to, 0, 1, "a factor");
        if (q->to_divide)
            put_check(l, o->cap, op2(l, IR_NE, factor, num(l, 0)), q->to->at, "a rate cannot be divided by 0");
        V = op2(l, q->to_divide ? IR_DIV : IR_MUL, A, factor);
    } else if (q->to) {
        V = checked_value(l, o->cap, q->to, 0, 1, "a rate");
    }

    p->phase = grow(l, p->phase, p->nphase, &o->cap->phases, sizeof *p->phase);
    if (!p->phase)
        return;
    p->phase[p->nphase++] = as_written(o, q, text, S, E);

    if (q->kind == CHK_HOLD) {
        if (q->value)
            A = checked_value(l, o->cap, q->value, 0, 1, "a rate");
        put_segment(o, &(segment){.kind = LRS_K_CONST, .end = E, .a = A}, phase, event);
        *r = (running){E, A};
        return;
    }
    if (!q->law.symbol && q->kind != CHK_FREE)
        return;

    /* the law */
    ir_ref shift = q->shift ? checked_value(l, o->cap, q->shift, 0, 1, "`shift`") : 0;
    span_of_time k = {S, D ? N : 0, D};
    if (shift) {
        k.first = op2(l, IR_SUB, S, shift);
        k.last = D ? op2(l, IR_SUB, N, shift) : 0;
    }
    frame f = {.t = ir_leaf(l->b, IR_TAU), .u = ir_leaf(l->b, IR_U), .start = A, .end = V, .x = ir_leaf(l->b, IR_TIME)};
    ir_ref g = law_value(l, q, &f);
    segment s = {0};
    normal n = low_normal(l, g);
    if (q->kind == CHK_SHAPED) {
        place_shape(l, &s, &k, &n, A, V);
    } else if (q->kind == CHK_DECAYING) {
        if (n.kind == LRS_K_EXPR) {
            n.root = op2(l, IR_MUL, A, g);
        } else {
            if (n.kind == LRS_K_EXP2 || n.kind == LRS_K_STAIR)
                n.rest = log2_of_rest(l, n.b, A);
            n.a = times(l, n.a, A);
            n.b = times(l, n.b, A);
        }
        place_normal(l, &s, &k, &n);
    } else {
        int whole = n.kind == LRS_K_HCOS && low_is_leaf(l, &n.w, IR_U);
        if (whole)
            place_symmetric(l, &s, &k, LRS_K_HCOS, n.a, op2(l, IR_ADD, n.a, n.b));
        else
            place_normal(l, &s, &k, &n);
    }

    /* a shifted shape reaches its target early, or leaves its start late */
    s.end = E;
    if (shift && V && q->kind != CHK_FREE) {
        ir_ref late = op2(l, IR_SUB, S, op2(l, IR_MIN, shift, num(l, 0))), early = op2(l, IR_SUB, N, op2(l, IR_MAX, shift, num(l, 0)));
        late = op2(l, IR_MIN, late, E);
        early = op2(l, IR_MIN, op2(l, IR_MAX, early, late), E);
        put_segment(o, &(segment){.kind = LRS_K_CONST, .end = late, .a = A}, phase, event);
        s.end = early;
        put_segment(o, &s, phase, event);
        put_segment(o, &(segment){.kind = LRS_K_CONST, .end = E, .a = V}, phase, event);
    } else {
        put_segment(o, &s, phase, event);
    }

    /* what it passes on: the value where it ends, by the formula of the segment, so that nothing jumps there */
    ir_ref passed = V;
    if (!V || q->kind == CHK_FREE || event != LRS_K_NONE) {
        ir_ref there = s.kind == LRS_K_EXPR ? free_value(l, q, &f, &k, E) : segment_value(l, &s, E);
        if (V && q->kind != CHK_FREE) {
            if (shift) {
                there = select_op(l, op2(l, IR_LT, E, op2(l, IR_SUB, S, op2(l, IR_MIN, shift, num(l, 0)))), A, there);
                there = select_op(l, op2(l, IR_LT, E, op2(l, IR_SUB, N, op2(l, IR_MAX, shift, num(l, 0)))), there, V);
            }
            there = select_op(l, op2(l, IR_LT, ir_event_ref(l->b, event), N), there, V);
        }
        passed = there;
    }
    /* an empty phase passes on its target, or without one what it was given */
    if (!V || q->kind == CHK_FREE) {
        ir_ref given = V ? V : A ? A : passed;
        passed = select_op(l, op2(l, IR_LT, S, E), passed, given);
    }
    *r = (running){E, passed};
}

/* ---- rules ------------------------------------------------------------------------------------------------- */

static ir_rule_at place_of(const chk_rule *r)
{
    ir_rule_at a = {r->at, r->action_at, r->at, r->action_at};
    if (r->patience)
        a.patience = r->patience->at;
    if (r->floor)
        a.floor = r->floor->at;
    return a;
}

static void put_scale(output *o, const chk_rule *r, lrs_k_scale s)
{
    lowering *l = o->l;
    ir_program *p = l->p;
    p->scales = grow(l, p->scales, p->layout.nscale, &o->cap->scales, sizeof *p->scales);
    p->scale_at = grow(l, p->scale_at, p->layout.nscale, &o->cap->scale_at, sizeof *p->scale_at);
    if (!p->scales || !p->scale_at)
        return;
    p->scale_at[p->layout.nscale] = place_of(r);
    p->scales[p->layout.nscale++] = s;
    p->outs[o->index].nscale++;
}

/* T: log2 of the factor in two parts, floor */
static uint32_t put_pure_factor(output *o, const chk_rule *r)
{
    lowering *l = o->l;
    ir_ref f = checked_value(l, o->cap, r->factor, 1, 0, "a factor");
    ir_ref hi = low_op(l, IR_LOG2HI, f, 0, 0), lo = low_op(l, IR_LOG2LO, f, 0, 0);
    if (r->divide) {
        put_check(l, o->cap, op2(l, IR_LT, num(l, 0), f), r->factor->at, "a rate cannot be divided by 0");
        hi = op2(l, IR_NEG, hi, 0);
        lo = op2(l, IR_NEG, lo, 0);
    }
    uint32_t t = put_table(l, hi);
    put_table(l, lo);
    put_table(l, value_or(l, r->floor, -INFINITY));
    return t;
}

static void lower_detector(output *o, const chk_rule *r)
{
    lowering *l = o->l;
    ir_program *p = l->p;
    p->dets = grow(l, p->dets, p->layout.ndet, &o->cap->dets, sizeof *p->dets);
    p->rules = grow(l, p->rules, p->layout.nrule, &o->cap->rules, sizeof *p->rules);
    p->rule_at = grow(l, p->rule_at, p->layout.nrule, &o->cap->rule_at, sizeof *p->rule_at);
    if (!p->dets || !p->rules || !p->rule_at)
        return;
    p->rule_at[p->layout.nrule] = place_of(r);
    lrs_k_det det = {.kind = LRS_K_PLATEAU, .dialect = LRS_K_TORCH, .input = r->input};
    det.mode_max = (uint32_t)r->mode_max;
    det.absolute = (uint32_t)r->absolute;
    det.t = put_table(l, checked_value(l, o->cap, r->patience, 10, 0, "`patience`"));
    put_table(l, checked_value(l, o->cap, r->threshold, 1e-4, 0, "`threshold`"));
    put_table(l, checked_value(l, o->cap, r->cooldown, 0, 0, "`cooldown`"));
    put_table(l, checked_value(l, o->cap, r->every, 0, 0, "`every`"));
    ir_ref smooth = checked_value(l, o->cap, r->smooth, 0, 0, "`smooth`");
    if (r->smooth)
        put_check(l, o->cap, op2(l, IR_LT, smooth, num(l, 1)), r->smooth->at, "`smooth` must be below 1");
    put_table(l, smooth);
    lrs_k_rule rule = {.det = p->layout.ndet, .out = o->index};
    p->dets[p->layout.ndet++] = det;
    rule.action = r->action == AST_SCALE ? LRS_K_SCALE : r->action == AST_NEXT ? LRS_K_NEXT : LRS_K_STOP;
    if (r->action == AST_SCALE) {
        ir_ref f = checked_value(l, o->cap, r->factor, 1, 0, "a factor");
        if (r->divide) {
            put_check(l, o->cap, op2(l, IR_LT, num(l, 0), f), r->factor->at, "a rate cannot be divided by 0");
            f = op2(l, IR_DIV, num(l, 1), f);
        }
        ir_ref floor_value = value_or(l, r->floor, -INFINITY);
        rule.t = put_table(l, f);
        put_table(l, floor_value);
        put_table(l, checked_value(l, o->cap, r->eps, 1e-8, 0, "`eps`"));
        put_scale(o, r, (lrs_k_scale){.what = LRS_K_STATE, .t = put_table(l, floor_value), .d = p->layout.nrule});
    }
    p->rules[p->layout.nrule++] = rule;
}

static void lower_rule(output *o, const chk_rule *r)
{
    lowering *l = o->l;
    if (r->kind == CHK_ON) {
        lower_detector(o, r);
        return;
    }
    lrs_k_scale s = {.what = r->kind == CHK_AT ? LRS_K_AT : LRS_K_EVERY, .n = 1};
    s.t = put_pure_factor(o, r);
    if (r->kind == CHK_AT) {
        ir_ref before = 0;
        s.n = 0;
        for (const ast_piece *i = r->times; i; i = i->next, s.n++) {
            ir_ref t = checked_value(l, o->cap, i->until, 0, 0, "a time");
            if (before)
                put_check(l, o->cap, op2(l, IR_LE, before, t), i->until->at, "the times of `at` must ascend");
            put_table(l, t);
            before = t;
        }
    } else {
        ir_ref period = checked_value(l, o->cap, r->period, 1, 0, "a period");
        put_check(l, o->cap, op2(l, IR_LT, num(l, 0), period), r->period->at, "a period must be above 0");
        put_table(l, period);
    }
    put_scale(o, r, s);
}

/* ---- outputs ------------------------------------------------------------------------------------------------ */

static void lower_output(lowering *l, growing *cap, const chk_output *c, uint32_t index)
{
    ir_program *p = l->p;
    output o = {.l = l, .cap = cap, .index = index, .event = LRS_K_NONE};
    lrs_k_out *out = &p->outs[index];
    uint32_t nphases = 0;
    int open = 0, ended_by_rule = 0;
    for (const chk_phase *q = c->phases; q; q = q->next, nphases++)
        open = !q->duration && !q->until;
    for (const chk_rule *r = c->rules; r; r = r->next)
        ended_by_rule |= r->action == AST_NEXT;
    if (ended_by_rule) {
        o.event = p->layout.nevent;
        p->layout.nevent += nphases;
    }
    p->output_names[index] = c->name;
    out->seg = l->ntable;
    out->kind = p->layout.nkind;
    out->bounds = LRS_K_NONE;
    running r = {num(l, 0), 0};
    uint32_t n = 0;
    for (const chk_phase *q = c->phases; q; q = q->next)
        lower_phase(&o, q, n++, &r);
    if (!open || ended_by_rule) /* the last value holds */
        put_segment(&o, &(segment){.kind = LRS_K_CONST, .end = num(l, INFINITY), .a = r.value ? r.value : num(l, 0)},
                    p->nphase ? p->nphase - 1 : 0, LRS_K_NONE);
    out->scale = p->layout.nscale;
    for (const chk_rule *q = c->rules; q; q = q->next)
        lower_rule(&o, q);
    if (c->low) {
        ir_ref low = value_of(l, c->low), high = value_of(l, c->high);
        put_check(l, cap, op2(l, IR_LE, low, high), c->bounds_at, "the lower bound must not be above the upper one");
        out->bounds = put_table(l, low);
        put_table(l, high);
    }
}

/* What units are converted by divides: at 0 a phase would vanish without a word. */
static void check_conversions(lowering *l, growing *cap)
{
    const chk_program *c = l->checked;
    chk_symbol *const known[] = {c->steps_per_epoch, c->samples_per_step, c->tokens_per_step};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i] && known[i]->kind == CHK_SYM_PARAM && !known[i]->is_constant) {
            ir_ref v = ir_param_ref(l->b, known[i]->index);
            put_check(l, cap, op2(l, IR_LT, num(l, 0), v), known[i]->at,
                      arena_printf(l->mem, "the param `%s` must be above 0: units are converted by it", known[i]->name));
        }
}

static void lower_params(lowering *l)
{
    ir_program *p = l->p;
    const chk_program *c = l->checked;
    p->params = arena_alloc(l->mem, (c->nparams + 1) * sizeof *p->params);
    if (!p->params)
        return;
    p->layout.nparam = c->nparams;
    for (uint32_t i = 0; i < c->nparams; i++) {
        const chk_param_value *v = c->params[i]->param;
        p->params[i] = (ir_param){c->params[i]->name, v->has_default, v->has_range, v->is_log, v->def, v->lo, v->hi, c->params[i]->at,
                                 c->params[i]->has_unit ? chk_unit_names[c->params[i]->unit] : NULL};
    }
    p->inputs = c->inputs;
    p->layout.ninput = c->ninputs;
}

/* A value with params at their defaults. Of the few operations that a conversion of units takes; NaN past `budget` of them. */
static double by_default(const lowering *l, ir_ref r, int *budget)
{
    const ir_ins *i = ir_get(l->b, r);
    double v[3] = {0, 0, 0};
    const ir_ref arg[3] = {i->a, i->b, i->c};
    if (i->op == IR_CONST)
        return i->imm;
    if (i->op == IR_PARAM)
        return l->p->params[i->index].has_default ? l->p->params[i->index].def : (double)NAN;
    if (--*budget < 0 || i->stage == IR_STAGE_STEP)
        return (double)NAN;
    for (int k = 0; k < ir_op_arity((enum ir_op)i->op); k++)
        v[k] = by_default(l, arg[k], budget);
    return ir_eval_op((enum ir_op)i->op, v[0], v[1], v[2]);
}

static void lower_total(lowering *l)
{
    static const char *const units[] = {[AST_STEPS] = "step", [AST_EPOCHS] = "epoch", [AST_SAMPLES] = "sample", [AST_TOKENS] = "token"};
    ir_program *p = l->p;
    int budget = 200;
    p->counts_steps = l->checked->unit == AST_STEPS;
    p->step_unit = units[l->checked->unit];
    if (!l->checked->total)
        return;
    double total = by_default(l, low_symbol(l, l->checked->total), &budget);
    p->total = total > 0 && total < (double)INFINITY ? total : 0;
    p->total_at = l->checked->total->at;
}

int lrs_lower(ir_program **out, arena *mem, lrs_diagnostics *d, const ast_stmt *program, const lrs_options *options)
{
    chk_program *checked;
    *out = NULL;
    int status = lrs_check(&checked, mem, d, (ast_stmt *)program, options);
    if (status)
        return status;
    lowering l = {.mem = mem, .d = d, .checked = checked, .b = ir_begin(mem), .budget = BUDGET};
    growing cap = {0};
    l.p = arena_alloc(mem, sizeof *l.p);
    if (!l.p || !l.b)
        return LRS_E_NOMEM;
    l.p->name = d->sources.n ? d->sources.at[0].name : "<text>";
    l.p->outs = arena_alloc(mem, checked->noutputs * sizeof *l.p->outs);
    l.p->output_names = arena_alloc(mem, checked->noutputs * sizeof *l.p->output_names);
    if (!l.p->outs || !l.p->output_names)
        return LRS_E_NOMEM;
    l.p->layout.nout = checked->noutputs;
    lower_params(&l);
    check_conversions(&l, &cap);
    uint32_t index = 0;
    for (const chk_output *o = checked->outputs; o && !arena_failed(mem) && !ir_failed(l.b); o = o->next)
        lower_output(&l, &cap, o, index++);
    if (!arena_failed(mem) && !ir_failed(l.b))
        lower_total(&l);
    if (arena_failed(mem) || ir_failed(l.b) == LRS_E_NOMEM)
        return LRS_E_NOMEM;
    span whole = {0, 0, 0};
    if (l.budget == 0 || ir_failed(l.b) == LRS_E_LIMIT) {
        diag_add(d, DIAG_LIMIT, whole, "the program is too large once all definitions are put in");
        return LRS_E_SOURCE;
    }
    if (d->errors)
        return LRS_E_SOURCE;
    l.p->table = l.table;
    l.p->layout.ntable = l.ntable;
    status = ir_finish(l.p, l.b, mem);
    if (status == LRS_OK)
        *out = l.p;
    return status;
}
