/* lower.c: the checked schedule to IR: phases to segments of the table.
 *
 * In: chk_program. Out: ir_program. Calls: the other files of lowering.h, the IR builder.
 *
 * Every phase has a start time S (later than its first when a rule said `restart`), a natural end N, an end E (earlier than N
 * when a rule said `next`), the rate A that it starts at and the rate V that it passes on. All are IR values: known at compile time, or when params are bound.
 */
#include "lower.h"

#include <math.h>
#include <string.h>
#include "lowering.h"

/* Expressions visited, once all definitions are put in. */
#define BUDGET (1u << 20)

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
        w.hi = low_op2(l, IR_NEG, w.hi, 0);
        w.lo = low_op2(l, IR_NEG, w.lo, 0);
    }
    if (w.leaf != IR_TAU)
        low_dd_div(l, &w.hi, &w.lo, k->length);
    s->hi = w.hi;
    s->lo = w.lo;
    s->off = w.beta;
}

static affine leaf(lowering *l, enum ir_op op)
{
    return (affine){op, low_num(l, 1), low_num(l, 0), low_num(l, 0)};
}

/* |end| < |start|: the rate is counted from its end, which keeps all digits on the way down to 0. */
static ir_ref falls(lowering *l, ir_ref start, ir_ref end)
{
    ir_ref to = low_op(l, IR_ABS, end, 0, 0);
    ir_ref from = low_op(l, IR_ABS, start, 0, 0);
    return low_op2(l, IR_LT, to, from);
}

/* What to - from leaves out, for literals: 0.1 is a tenth, so that a fifth of the way from 0 to 0.1 is 0.02 and three are 0.06. */
static ir_ref rest_of_difference(lowering *l, ir_ref to, ir_ref from)
{
    const ir_ins *a = ir_get(l->b, to), *b = ir_get(l->b, from);
    if (a->op != IR_CONST || b->op != IR_CONST)
        return low_num(l, 0);
    double d = a->imm - b->imm, back = d - a->imm;
    double rounded = (a->imm - (d - back)) - (b->imm + back);
    double rest = rounded + (a->imm_low - b->imm_low);
    return low_num(l, isfinite(rest) ? rest : 0);
}

/* log2(1 + rest/start) when a decay starts at a literal: a tenth of 0.1 is 0.01, although 0.1 as a double is a little more. */
static ir_ref log2_of_rest(lowering *l, ir_ref factor, ir_ref start)
{
    const ir_ins *a = ir_get(l->b, start);
    if (!low_is_const(l, factor, 1) || a->op != IR_CONST || a->imm_low == 0)
        return 0;
    double rest = 0x1.71547652b82fep0 * (a->imm_low / a->imm);
    return isfinite(rest) ? low_num(l, rest) : 0;
}

/* from + (to - from)*g(u), for g that turn around: 1 - g(u) = g(1 - u). The end of less magnitude is the origin. */
static void place_symmetric(lowering *l, segment *s, const span_of_time *k, int kind, ir_ref from, ir_ref to)
{
    ir_ref fall = falls(l, from, to), d = low_op2(l, IR_SUB, to, from);
    s->kind = kind;
    s->ref = low_select(l, fall, k->last, k->first);
    s->a = low_select(l, fall, to, from);
    if (kind == LRS_K_LINEAR) {
        s->hi = d;
        s->lo = rest_of_difference(l, to, from);
        low_dd_div(l, &s->hi, &s->lo, k->length);
        return;
    }
    ir_ref hi = low_num(l, 1), lo = low_num(l, 0);
    low_dd_div(l, &hi, &lo, k->length);
    s->hi = low_select(l, fall, low_op2(l, IR_NEG, hi, 0), hi);
    s->lo = low_select(l, fall, low_op2(l, IR_NEG, lo, 0), lo);
    s->b = low_select(l, fall, low_op2(l, IR_SUB, from, to), d);
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
            s->a = low_is_const(l, n->a, 0) ? low_times(l, n->b, w.beta) : low_op(l, IR_FMA, n->b, w.beta, n->a);
        w.beta = low_num(l, 0);
        low_dd_mul(l, &w.hi, &w.lo, n->b);
        place(l, s, k, w);
        s->b = s->off = low_num(l, 0);
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
        s->hi = low_num(l, 0);
        if (k->length) {
            s->hi = low_num(l, 1);
            s->lo = low_num(l, 0);
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
            m.root = low_op(l, IR_FMA, low_op2(l, IR_SUB, start, end), i.b, end);
        else
            m.root = low_op(l, IR_FMA, low_op2(l, IR_SUB, end, start), n->root, start);
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
        m.b = low_op2(l, IR_SUB, start, end);
    } else {
        ir_ref d = low_op2(l, IR_SUB, end, start);
        m.a = low_is_const(l, n->a, 0) ? start : low_op(l, IR_FMA, d, n->a, start);
        m.b = low_times(l, d, n->b);
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
    ir_ref zero = low_num(l, 0), b = s->b ? s->b : zero, hi = s->hi ? s->hi : zero, lo = s->lo ? s->lo : zero;
    ir_ref h = low_op2(l, IR_MUL, n, hi), of_h = low_op(l, IR_FMA, n, hi, low_op2(l, IR_NEG, h, 0)), low = low_op(l, IR_FMA, n, lo, of_h);
    ir_ref y = low_op(l, IR_EXP2S, b, h, low_op2(l, IR_ADD, low, s->p ? s->p : zero));
    ir_ref v = low_select(l, low_op2(l, IR_EQ, n, zero), b, y);
    return low_op2(l, IR_ADD, s->a ? s->a : zero, v);
}

/* What a segment is worth at a time known before the run: lrs_k_law of runtime/kernel/value.h, step by step. */
ir_ref low_segment_value(lowering *l, const segment *s, ir_ref x)
{
    ir_ref zero = low_num(l, 0), one = low_num(l, 1), g;
    ir_ref a = s->a ? s->a : zero, hi = s->hi ? s->hi : zero, lo = s->lo ? s->lo : zero, off = s->off ? s->off : zero;
    ir_ref tau = low_op2(l, IR_SUB, x, s->ref ? s->ref : zero);
    ir_ref r = low_op(l, IR_FMA, tau, hi, low_op2(l, IR_MUL, tau, lo)), w = low_op2(l, IR_ADD, off, r);
    switch (s->kind) {
    case LRS_K_LINEAR:
    {
        ir_ref p = low_op2(l, IR_MUL, tau, hi), v = low_op2(l, IR_ADD, a, p), back = low_op2(l, IR_SUB, v, a);
        ir_ref rest = low_op(l, IR_FMA, tau, lo, low_op(l, IR_FMA, tau, hi, low_op2(l, IR_NEG, p, 0)));
        ir_ref of_a = low_op2(l, IR_SUB, a, low_op2(l, IR_SUB, v, back)), of_p = low_op2(l, IR_SUB, p, back), lost = low_op2(l, IR_ADD, of_a, of_p);
        return low_op2(l, IR_ADD, v, low_op2(l, IR_ADD, lost, rest));
    }
    case LRS_K_EXP2:
        return decay_value(l, s, tau);
    case LRS_K_STAIR:
        return decay_value(l, s, low_op2(l, IR_STAIRS, tau, off));
    case LRS_K_HCOS:
        g = low_op(l, IR_HCOS, w, 0, 0);
        break;
    case LRS_K_POW:
        g = low_op2(l, IR_POW, w, s->p);
        break;
    case LRS_K_SQRT:
        g = low_op(l, IR_SQRT, w, 0, 0);
        break;
    case LRS_K_COSQRT: {
        ir_ref left = low_op2(l, IR_SUB, s->p, x);
        ir_ref root = low_op(l, IR_SQRT, low_op(l, IR_FMA, left, hi, low_op2(l, IR_MUL, left, lo)), 0, 0);
        g = low_op2(l, IR_DIV, w, low_op2(l, IR_ADD, one, root));
        break;
    }
    case LRS_K_RSQRT:
        g = low_op2(l, IR_DIV, one, low_op(l, IR_SQRT, w, 0, 0));
        break;
    case LRS_K_RECIP:
        g = low_op2(l, IR_DIV, one, w);
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
        return low_op(l, IR_FMA, low_op2(l, IR_SUB, f->end, f->start), g, f->start);
    return q->kind == CHK_DECAYING ? low_op2(l, IR_MUL, f->start, g) : g;
}

/* The same for a law that stays step code: its formula at that time, which is `now` since the run began. */
static ir_ref free_value(lowering *l, const chk_phase *q, const frame *known, const span_of_time *k, ir_ref x, ir_ref now)
{
    frame f = *known;
    f.t = low_op2(l, IR_SUB, x, k->first);
    f.u = k->length ? low_op2(l, IR_DIV, f.t, k->length) : low_num(l, 0);
    if (k->length && !q->shift) /* with a shift, u is past 1 before the phase ends */
        f.u = low_op2(l, IR_MIN, f.u, low_num(l, 1));
    f.x = now;
    return rate(l, q, &f, law_value(l, q, &f));
}

static ir_phase as_written(const output *o, const chk_phase *q, const char *text, ir_ref start, ir_ref end)
{
    ir_phase w = {.text = text, .at = q->at, .out = o->index, .start = start, .end = end, .start_at = q->at, .end_at = q->at, .around = o->around == LRS_K_NONE ? 0 : o->around + 1};
    w.traits = (q->from ? IR_PHASE_FROM : q->from_zero ? IR_PHASE_ZERO : 0u) | (q->shift ? IR_PHASE_SHIFTED : 0u) |
               (q->duration ? IR_PHASE_LENGTH : q->until ? IR_PHASE_UNTIL : chk_open_ended(q) ? 0u : IR_PHASE_OWN_END) |
               (q->kind == CHK_FREE ? IR_PHASE_FORMULA : (q->kind == CHK_HOLD && q->value) || q->kind == CHK_POINTS ? IR_PHASE_VALUE : 0u) |
               (q->kind != CHK_FREE ? 0u : (q->needs & 1u << CHK_STEP ? IR_PHASE_OF_STEP : 0u) | (q->needs & 1u << CHK_T ? IR_PHASE_OF_TIME : 0u)) |
               (q->kind == CHK_REPEAT || q->kind == CHK_BLOCK ? IR_PHASE_BRACES : 0u) | (q->is_ramp ? IR_PHASE_RANGETEST : 0u);
    if (q->from || q->value)
        w.start_at = q->from ? q->from->at : q->value->at;
    if (q->duration || q->until)
        w.end_at = q->duration ? q->duration->at : q->until->at;
    return w;
}

/* The events of a phase: its end, and, where a rule starts it again, the time of that. LRS_K_NONE: no rule does either. */
static uint32_t put_events(output *o, const chk_phase *q)
{
    lrs_k_layout *k = &o->l->p->layout;
    uint32_t event = k->nevent;
    if (low_has_restart(o, q))
        k->nevent += 2;
    else if (low_has_next(o, q))
        k->nevent += 1;
    else
        return LRS_K_NONE;
    return event;
}

/* A point in time, as it is written, on the clock of o. */
static ir_ref point_at(output *o, ir_ref point)
{
    if (o->round)
        point = low_op2(o->l, IR_ADD, o->round, point);
    if (!o->origin || o->origin == o->points)
        return point;
    return low_op2(o->l, IR_SUB, point, o->points ? low_op2(o->l, IR_SUB, o->origin, o->points) : o->origin);
}

void low_end_at(output *o, low_span *t, ir_ref N)
{
    lowering *l = o->l;
    t->N = t->E = N;
    if (t->can_end)
        t->E = low_op2(l, IR_MAX, t->S, low_op2(l, IR_MIN, N, ir_event_ref(l->b, t->event)));
}

low_span low_begin(output *o, const chk_phase *q, const running *r, const char *text)
{
    lowering *l = o->l;
    low_span t = {.S = r->time};
    ir_ref N = low_num(l, INFINITY);
    t.event = put_events(o, q);
    t.can_end = low_has_next(o, q);
    if (low_has_restart(o, q)) {
        ir_ref again = ir_event_ref(l->b, t.event + 1), happened = low_op2(l, IR_LT, again, low_num(l, INFINITY));
        ir_ref later = low_op2(l, IR_MAX, t.S, again);
        t.before = t.S;
        t.S = low_select(l, happened, later, t.S);
    }
    l->at = q->at;
    if (q->duration) {
        t.D = low_before_rounds(l, low_value(l, q->duration), q->duration->at, "a duration");
        ir_ref sound = low_not_negative(l, t.D);
        if (!low_holds(l, sound))
            low_put_check(l, o->cap, sound, q->duration->at,
                          arena_printf(l->mem, "the duration of `%s` must be finite and not negative", text));
        N = low_op2(l, IR_ADD, t.S, t.D);
    } else if (q->until) {
        ir_ref written = low_value(l, q->until), point = point_at(o, written);
        point = low_before_rounds(l, point, q->until->at, "a point in time");
        ir_ref sound = low_is_finite(l, written); /* what it counts from is +inf behind an event that has not happened */
        if (!low_holds(l, sound))
            low_put_check(l, o->cap, sound, q->until->at, arena_printf(l->mem, "the end of `%s` must be finite", text));
        N = low_op2(l, IR_MAX, t.S, point);
        t.D = low_op2(l, IR_SUB, N, t.S);
    }
    low_end_at(o, &t, N);
    return t;
}

/* "torch.StepLR(30)", or "linear of hf.get_..." where the call has several phases. */
static const char *words_of_call(lowering *l, const chk_phase *q)
{
    const char *call = low_words(l, q->called, 60), *own = low_words(l, q->at, 60);
    const char *both = q->is_alone ? call : arena_printf(l->mem, "%.*s of %s", (int)strcspn(own, " ("), own, call);
    return both ? both : "";
}

void low_put_phase(output *o, const chk_phase *q, const char *text, ir_ref start, ir_ref end)
{
    ir_program *p = o->l->p;
    if (o->l->dry)
        return;
    p->phase = low_grow(o->l, p->phase, p->nphase, &o->cap->phases, sizeof *p->phase);
    if (!p->phase)
        return;
    o->phase = p->nphase;
    p->phase[p->nphase++] = as_written(o, q, q->called.end ? words_of_call(o->l, q) : text, start, end);
}

/* Is it worth the same whenever the run comes to it, but for the round? */
static int is_of_round(output *o, ir_ref r)
{
    return o->around != LRS_K_NONE && !low_knows_step(o->l, r);
}

ir_ref low_going_on(output *o, const chk_phase *q, const running *r)
{
    lowering *l = o->l;
    diag *g;
    if (!r->unknown && (!r->value || low_stage(l, r->value) < IR_STAGE_STEP || is_of_round(o, r->value)))
        return r->value;
    if (l->dry || low_said(l, DIAG_NO_START, q->at))
        return low_num(l, 0);
    if (r->unknown) {
        g = diag_add(l->d, DIAG_NO_START, q->at, "the rate that this phase goes on from depends on when the round runs");
        diag_note(l->d, g, r->at, "the formula before it has `step`, `epoch` or another schedule in it");
        diag_help(l->d, g, "give the phase a rate of its own, by `from`, or write the formula with `t` and `cycle`");
    } else {
        g = diag_add(l->d, DIAG_NO_START, q->at, "the rate that this phase goes on from is not known before the run");
        diag_note(l->d, g, r->at, "the formula before it reads another schedule");
        diag_help(l->d, g, "give the phase a rate of its own: `from 0.1`, or `hold 0.1`");
    }
    return low_num(l, 0);
}

/* Does it begin at the rate where the one before it ended? */
static int goes_on(const chk_phase *q)
{
    return !q->from && !q->from_zero && !(q->kind == CHK_HOLD && q->value) &&
           (q->kind != CHK_FREE || q->to_factor || q->needs & 1u << CHK_START);
}

/* The law of q from A to V, over k. */
static segment law_segment(lowering *l, const chk_phase *q, const frame *f, const span_of_time *k)
{
    ir_ref A = f->start, V = f->end, g = law_value(l, q, f);
    segment s = {0};
    normal n = low_normal(l, g);
    int by_round = (A && low_stage(l, A) == IR_STAGE_STEP) || (V && low_stage(l, V) == IR_STAGE_STEP);
    if (by_round && n.kind != LRS_K_EXPR) { /* no table has what depends on the round */
        n.kind = LRS_K_EXPR;
        n.root = g;
    }
    if (q->law.symbol && q->law.symbol->kind == CHK_SYM_SHAPE) {
        place_shape(l, &s, k, &n, A, V);
    } else if (q->kind == CHK_DECAYING) {
        if (n.kind == LRS_K_EXPR) {
            n.root = low_op2(l, IR_MUL, A, g);
        } else {
            if (n.kind == LRS_K_EXP2 || n.kind == LRS_K_STAIR)
                n.rest = log2_of_rest(l, n.b, A);
            n.a = low_times(l, n.a, A);
            n.b = low_times(l, n.b, A);
        }
        place_normal(l, &s, k, &n);
    } else {
        int whole = n.kind == LRS_K_HCOS && low_is_leaf(l, &n.w, IR_U);
        if (whole)
            place_symmetric(l, &s, k, LRS_K_HCOS, n.a, low_op2(l, IR_ADD, n.a, n.b));
        else
            place_normal(l, &s, k, &n);
    }
    return s;
}

static frame frame_of(lowering *l, ir_ref start, ir_ref end)
{
    frame f = {.start = start, .end = end};
    f.t = ir_leaf(l->b, IR_TAU);
    f.u = ir_leaf(l->b, IR_U);
    f.x = ir_leaf(l->b, IR_TIME);
    return f;
}

/* A part of a phase between two points, known where the phase is passed on. */
typedef struct part {
    segment s;
    frame f;
    span_of_time k;
    ir_ref time;       /* its end */
} part;

static ir_ref part_value(lowering *l, const chk_phase *q, const part *p, ir_ref x)
{
    if (p->s.kind == LRS_K_CONST)
        return p->s.a;
    if (p->s.kind != LRS_K_EXPR)
        return low_segment_value(l, &p->s, x);
    frame f = p->f;
    f.t = low_op2(l, IR_SUB, x, p->k.first);
    f.u = low_op2(l, IR_DIV, f.t, p->k.length);
    f.u = low_op2(l, IR_MIN, f.u, low_num(l, 1));
    ir_ref g = law_value(l, q, &f);
    if (q->law.symbol->kind != CHK_SYM_SHAPE)
        return g;
    ir_ref d = low_op2(l, IR_SUB, f.end, f.start);
    return low_op(l, IR_FMA, d, g, f.start);
}

/* The rate of points at x. */
static ir_ref value_of_parts(lowering *l, const chk_phase *q, const part *parts, uint32_t n, ir_ref x)
{
    ir_ref v = parts[n].s.a;
    for (uint32_t i = n; i-- > 0;) {
        ir_ref here = part_value(l, q, &parts[i], x);
        v = low_select(l, low_op2(l, IR_LT, x, parts[i].time), here, v);
    }
    return v;
}

/* The first rate until the first point, a shape between each two, the last rate from the last point on. */
static void lower_points(output *o, const chk_phase *q, running *r)
{
    lowering *l = o->l;
    const char *text = low_words(l, q->at, 60);
    low_span t = low_begin(o, q, r, text);
    ir_ref S = t.S, last = 0, value = 0;
    uint32_t n = 0, i = 0;
    for (const ast_piece *p = q->points; p; p = p->next)
        n++;
    part *parts = arena_alloc(l->mem, (n + 2) * sizeof *parts);
    if (!parts || !q->law.symbol || !n)
        return;
    for (const ast_piece *p = q->points; p; p = p->next, i++) {
        ir_ref written = low_value(l, p->until), time = point_at(o, written), sound = low_is_finite(l, written);
        time = low_before_rounds(l, time, p->until->at, "a point in time");
        if (!low_holds(l, sound))
            low_put_check(l, o->cap, sound, p->until->at, arena_printf(l->mem, "the times of `%s` must be finite", text));
        ir_ref rate = low_checked(l, o->cap, p->value, 0, 1, "a rate");
        if (last) {
            ir_ref ascends = low_op2(l, IR_LE, last, time);
            if (!low_holds(l, ascends))
                low_put_check(l, o->cap, ascends, p->until->at, "the times of `points` must ascend");
            ir_ref gap = low_op2(l, IR_SUB, time, last);
            ir_ref is_gap = low_op2(l, IR_LT, low_num(l, 0), gap), one = low_num(l, 1); /* none: two rates at one time, and nothing between */
            parts[i].k = (span_of_time){last, time, low_select(l, is_gap, gap, one)};
            parts[i].f = frame_of(l, value, rate);
            parts[i].s = law_segment(l, q, &parts[i].f, &parts[i].k);
        } else {
            parts[i].s = (segment){.kind = LRS_K_CONST, .a = rate};
        }
        parts[i].time = time;
        parts[i].s.end = low_op2(l, IR_MAX, S, time);
        last = time;
        value = rate;
    }
    parts[n].s = (segment){.kind = LRS_K_CONST, .a = value};
    if (!q->duration && !q->until)
        low_end_at(o, &t, low_op2(l, IR_MAX, S, last));
    low_put_phase(o, q, text, S, t.E);
    if (t.before) {
        ir_ref first = value_of_parts(l, q, parts, n, S);
        low_put_segment(o, &(segment){.kind = LRS_K_CONST, .end = S, .a = first}, t.event);
    }
    for (i = 0; i <= n; i++) {
        segment s = parts[i].s;
        s.end = i == n ? t.E : low_op2(l, IR_MIN, s.end, t.E);
        low_put_segment(o, &s, t.event);
    }
    ir_ref passed = value;
    if (q->duration || q->until || t.can_end)
        passed = value_of_parts(l, q, parts, n, t.E);
    *r = (running){t.E, passed, q->at, 0};
}

/* A formula of when it runs, in a round: where it ends is known only then. */
static int end_is_unknown(output *o, const segment *s)
{
    return o->in_repeat && s->kind == LRS_K_EXPR && low_knows_step(o->l, s->root);
}

/* A time on the clock of o, since the run began. */
static ir_ref since_run(output *o, ir_ref x)
{
    return o->origin ? low_op2(o->l, IR_ADD, o->origin, x) : x;
}

void low_phase(output *o, const chk_phase *q, running *r)
{
    lowering *l = o->l;
    if (q->kind == CHK_REPEAT || q->kind == CHK_BLOCK) {
        low_in_braces(o, q, r);
        return;
    }
    if (q->kind == CHK_POINTS) {
        lower_points(o, q, r);
        return;
    }
    const char *text = low_words(l, q->at, 60);
    low_span t = low_begin(o, q, r, text);
    ir_ref S = t.S, D = t.D, N = t.N, E = t.E, before = t.before;
    uint32_t event = t.event;
    int can_end = t.can_end;

    /* the rates */
    ir_ref A = q->from ? low_checked(l, o->cap, q->from, 0, 1, "a rate") : q->from_zero ? low_num(l, 0) : goes_on(q) ? low_going_on(o, q, r) : 0;
    ir_ref V = 0;
    if (q->to && q->to_factor) {
        ir_ref factor = low_checked(l, o->cap, q->to, 0, 1, "a factor");
        if (q->to_divide)
            low_put_check(l, o->cap, low_op2(l, IR_NE, factor, low_num(l, 0)), q->to->at, "a rate cannot be divided by 0");
        V = low_op2(l, q->to_divide ? IR_DIV : IR_MUL, A, factor);
    } else if (q->to) {
        V = low_checked(l, o->cap, q->to, 0, 1, "a rate");
    }

    if (q->is_ramp) {
        low_put_check(l, o->cap, low_op2(l, IR_LT, low_num(l, 0), A), q->from->at, "the rates of `rangetest` must be above 0");
        low_put_check(l, o->cap, low_op2(l, IR_LT, low_num(l, 0), V), q->to->at, "the rates of `rangetest` must be above 0");
    }
    low_put_phase(o, q, text, S, E);

    if (q->kind == CHK_HOLD) {
        if (q->value)
            A = low_checked(l, o->cap, q->value, 0, 1, "a rate");
        low_put_segment(o, &(segment){.kind = LRS_K_CONST, .end = E, .a = A}, event);
        *r = (running){E, A, q->at, 0};
        return;
    }
    if (!q->law.symbol && q->kind != CHK_FREE)
        return;

    /* the law */
    ir_ref shift = q->shift ? low_checked(l, o->cap, q->shift, 0, 1, "`shift`") : 0;
    span_of_time k = {S, D ? N : 0, D};
    if (shift) {
        k.first = low_op2(l, IR_SUB, S, shift);
        k.last = D ? low_op2(l, IR_SUB, N, shift) : 0;
    }
    frame f = frame_of(l, A, V);
    segment s = law_segment(l, q, &f, &k);

    if (before) {
        ir_ref first = A ? A : s.kind == LRS_K_EXPR ? free_value(l, q, &f, &k, S, since_run(o, S)) : low_segment_value(l, &s, S);
        low_put_segment(o, &(segment){.kind = LRS_K_CONST, .end = S, .a = first}, event);
    }
    /* a shifted shape reaches its target early, or leaves its start late */
    s.end = E;
    if (shift && V && q->kind != CHK_FREE) {
        ir_ref late = low_op2(l, IR_SUB, S, low_op2(l, IR_MIN, shift, low_num(l, 0))), early = low_op2(l, IR_SUB, N, low_op2(l, IR_MAX, shift, low_num(l, 0)));
        late = low_op2(l, IR_MIN, late, E);
        early = low_op2(l, IR_MIN, low_op2(l, IR_MAX, early, late), E);
        low_put_segment(o, &(segment){.kind = LRS_K_CONST, .end = late, .a = A}, event);
        s.end = early;
        low_put_segment(o, &s, event);
        low_put_segment(o, &(segment){.kind = LRS_K_CONST, .end = E, .a = V}, event);
    } else {
        low_put_segment(o, &s, event);
    }

    /* what it passes on: the value where it ends, by the formula of the segment, so that nothing jumps there */
    ir_ref passed = V;
    int unknown = 0;
    if (!V || q->kind == CHK_FREE || can_end) {
        unknown = end_is_unknown(o, &s);
        ir_ref there = unknown ? low_num(l, 0) : s.kind == LRS_K_EXPR ? free_value(l, q, &f, &k, E, since_run(o, E)) : low_segment_value(l, &s, E);
        if (V && q->kind != CHK_FREE) {
            if (shift) {
                there = low_select(l, low_op2(l, IR_LT, E, low_op2(l, IR_SUB, S, low_op2(l, IR_MIN, shift, low_num(l, 0)))), A, there);
                there = low_select(l, low_op2(l, IR_LT, E, low_op2(l, IR_SUB, N, low_op2(l, IR_MAX, shift, low_num(l, 0)))), there, V);
            }
            if (can_end)
                there = low_select(l, low_op2(l, IR_LT, ir_event_ref(l->b, event), N), there, V);
        }
        passed = there;
    }
    /* an empty phase passes on its target, or without one what it was given */
    if (!V || q->kind == CHK_FREE) {
        ir_ref given = V ? V : A ? A : r->value && !r->unknown ? r->value : passed;
        passed = low_select(l, low_op2(l, IR_LT, S, E), passed, given);
    }
    *r = (running){E, passed, q->at, unknown};
}

/* ---- the whole ------------------------------------------------------------------------------------------------ */

/* What units are converted by divides: at 0 a phase would vanish without a word. */
static void check_conversions(lowering *l, growing *cap)
{
    const chk_program *c = l->checked;
    chk_symbol *const known[] = {c->steps_per_epoch, c->samples_per_step, c->tokens_per_step};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i] && known[i]->kind == CHK_SYM_PARAM && !known[i]->is_constant) {
            ir_ref v = ir_param_ref(l->b, known[i]->index);
            low_put_check(l, cap, low_op2(l, IR_LT, low_num(l, 0), v), known[i]->at,
                      arena_printf(l->mem, "the param `%s` must be above 0: units are converted by it", known[i]->name));
        }
}

/* The value that the program is going to be bound with. One that bind refuses is none. */
static void take_given(lowering *l, ir_param *q, const lrs_options *o)
{
    for (size_t i = o ? o->nparams : 0; i > 0 && !q->is_given; i--) { /* the last one of a name wins, as in bind */
        const lrs_binding *b = &o->params[i - 1];
        if (!b->name || strcmp(b->name, q->name) != 0)
            continue;
        if (!isfinite(b->value) || (q->has_range && !(b->value >= q->lo && b->value <= q->hi)))
            return;
        q->is_given = l->has_given = 1;
        q->given = b->value;
    }
}

static void lower_params(lowering *l, const lrs_options *options)
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
                                 c->params[i]->has_unit ? chk_unit_names[c->params[i]->unit] : NULL, 0, 0};
        take_given(l, &p->params[i], options);
    }
    p->inputs = c->inputs;
    p->layout.ninput = c->ninputs;
    p->layout.clock = c->elapsed ? c->elapsed->index : LRS_K_NONE;
}

/* An operation of which some arguments are NaN, which stands for what is not known: neither is the result, unless the others decide. */
static double of_known(enum ir_op op, const double *v)
{
    int arity = ir_op_arity(op);
    if (op == IR_AND && (v[0] == 0 || v[1] == 0))
        return 0;
    if (op == IR_OR && ((v[0] == v[0] && v[0] != 0) || (v[1] == v[1] && v[1] != 0)))
        return 1;
    for (int k = 0; k < (op == IR_SELECT ? 1 : arity); k++) /* of a choice, the one that is not taken does not matter */
        if (v[k] != v[k])
            return (double)NAN;
    return ir_eval_op(op, v[0], v[1], v[2]);
}

/* A value with params as they are given, or else at their defaults; NaN: one has neither, or past `budget` operations. */
static double by_default(const lowering *l, ir_ref r, int *budget)
{
    const ir_ins *i = ir_get(l->b, r);
    double v[3] = {0, 0, 0};
    const ir_ref arg[3] = {i->a, i->b, i->c};
    if (i->op == IR_CONST)
        return i->imm;
    if (i->op == IR_PARAM)
        return ir_param_usual(&l->p->params[i->index]);
    if (--*budget < 0 || i->stage == IR_STAGE_STEP || i->op == IR_EVENT)
        return (double)NAN;
    for (int k = 0; k < ir_op_arity((enum ir_op)i->op); k++)
        v[k] = by_default(l, arg[k], budget);
    return of_known((enum ir_op)i->op, v);
}

double low_by_default(const lowering *l, ir_ref r)
{
    int budget = 200; /* what a conversion of units takes, or a condition of a note, is far less */
    return by_default(l, r, &budget);
}

/* A well-known param at its default, when it is above 0 and finite; else 0: not known. */
static double known_by_default(lowering *l, chk_symbol *s)
{
    double v = s ? low_by_default(l, low_symbol(l, s)) : 0;
    return v > 0 && v < (double)INFINITY ? v : 0;
}

typedef struct low_total {
    chk_symbol *total;
    ir_ref origin, from;
    uint32_t output;
    struct low_total *next;
} low_total;

void low_says_total(output *o, chk_symbol *total, ir_ref from)
{
    lowering *l = o->l;
    low_total *t = !total || l->dry || o->in_repeat ? NULL : arena_alloc(l->mem, sizeof *t);
    if (!t)
        return;
    *t = (low_total){total, o->origin ? o->origin : low_num(l, 0), from, o->index, l->totals};
    l->totals = t;
}

static int is_constant(const chk_output *o)
{
    return o->phases && !o->phases->next && o->phases->kind == CHK_HOLD && !o->rules && !o->phases->rules;
}

/* What is computed from other outputs is as long as they are, when all of them say how long that is, but for constants. */
static double total_of_output(const ir_program *p, const chk_output *o)
{
    double longest = p->out_total[o->index];
    if (longest > 0)
        return longest;
    for (const chk_reading *r = o->readings; r; r = r->next) {
        double v = p->out_total[r->of->index];
        if (!(v > 0) && !is_constant(r->of))
            return 0;
        longest = v > longest ? v : longest;
    }
    return longest;
}

/* Along the chains in which outputs read each other: those are short. */
static void lower_totals(lowering *l)
{
    for (const low_total *t = l->totals; t && !low_is_over(l); t = t->next) {
        double *known = &l->p->out_total[t->output];
        double v = low_by_default(l, low_symbol(l, t->total)) + low_by_default(l, t->origin) + low_by_default(l, t->from);
        if (v > *known && v < (double)INFINITY)
            *known = v;
    }
    for (int changed = 1, round = 0; changed && round < CHK_MAX_CHAIN; round++) {
        changed = 0;
        for (const chk_output *o = l->checked->outputs; o; o = o->next) {
            double v = total_of_output(l->p, o);
            changed |= v > l->p->out_total[o->index];
            l->p->out_total[o->index] = v;
        }
    }
}

/* How long the run is and how it counts, for tools. */
static void lower_total(lowering *l)
{
    static const char *const units[] = {[AST_STEPS] = "step", [AST_EPOCHS] = "epoch", [AST_SAMPLES] = "sample", [AST_TOKENS] = "token"};
    ir_program *p = l->p;
    const chk_program *c = l->checked;
    p->counts_steps = c->unit == AST_STEPS;
    p->step_unit = units[c->unit];
    p->steps_per_epoch = known_by_default(l, c->steps_per_epoch);
    p->samples_per_step = known_by_default(l, c->samples_per_step);
    p->tokens_per_step = known_by_default(l, c->tokens_per_step);
    p->total = known_by_default(l, c->total);
    if (c->total)
        p->total_at = c->total->at;
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
    l.p->out_total = arena_alloc(mem, checked->noutputs * sizeof *l.p->out_total);
    l.p->bounds_at = arena_alloc(mem, checked->noutputs * sizeof *l.p->bounds_at);
    if (!l.p->bounds_at || !l.p->outs || !l.p->output_names || !l.p->out_total)
        return LRS_E_NOMEM;
    l.p->layout.nout = checked->noutputs;
    l.p->npublic = checked->npublic;
    lower_params(&l, options);
    check_conversions(&l, &cap);
    for (chk_symbol *s = checked->deep; s; s = s->deep_next) {
        l.at = s->at;
        low_symbol(&l, s);
    }
    low_requires(&l, &cap, checked->requires);
    if (d->errors) /* what they refuse would be wrong in more ways */
        return LRS_E_SOURCE;
    for (const chk_output *o = checked->outputs; o && !arena_failed(mem) && !ir_failed(l.b); o = o->next)
        low_output(&l, &cap, o);
    if (!arena_failed(mem) && !ir_failed(l.b)) {
        lower_total(&l);
        lower_totals(&l);
    }
    if (arena_failed(mem) || ir_failed(l.b) == LRS_E_NOMEM)
        return LRS_E_NOMEM;
    if (l.budget == 0 || ir_failed(l.b) == LRS_E_LIMIT) {
        diag *g = diag_add(d, DIAG_LIMIT, l.at, "the program is too large from here on: once all definitions are put in it has more than %u %s",
                           l.budget == 0 ? BUDGET : LRS_IR_MAX, l.budget == 0 ? "expressions" : "values");
        diag_help(d, g, "a definition that uses another twice doubles it: `let` computes what does not change with the step once");
        return LRS_E_SOURCE;
    }
    if (d->errors)
        return LRS_E_SOURCE;
    l.p->sources = checked->sources;
    l.p->nsources = checked->nsources;
    l.p->table = l.table;
    l.p->layout.ntable = l.ntable;
    status = ir_finish(l.p, l.b, mem);
    if (status == LRS_E_LIMIT) {
        diag *g = diag_add(d, DIAG_LIMIT, l.at, "the program is too large: its formulas compute more than %u values, those that several need counted for each", LRS_IR_MAX_STEP);
        diag_help(d, g, "a phase that goes on from one before it computes that rate again where it depends on the round: give it one, by `from`");
    }
    if (status == LRS_OK)
        *out = l.p;
    return status;
}
