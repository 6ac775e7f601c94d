/* lower_output.c: one output to IR: its phases, what holds after them, its rules and bounds.
 *
 * In: chk_output. Out: additions to the program. Calls: lower.c for phases, lower_rule.c, lower_require.c, lower_parts.c, the IR builder.
 */
#include <math.h>
#include "lowering.h"

/* After the last phase its last value holds. */
static void hold_last(output *o, const running *r)
{
    lowering *l = o->l;
    segment s = {.kind = LRS_K_CONST, .end = low_num(l, INFINITY)};
    s.a = r->value ? r->value : low_num(l, 0);
    if (low_stage(l, s.a) == IR_STAGE_STEP) {
        diag *g = diag_add(l->d, DIAG_NO_START, r->at, "the rate that holds after this phase is not known before the run: its formula reads another schedule");
        diag_help(l->d, g, "let it go on without an end, or add a phase with a rate of its own, such as `then hold 0.1`");
        return;
    }
    low_put_segment(o, &s, LRS_K_NONE);
}

void low_phase_of_output(output *o, const chk_phase *q, running *r)
{
    uint32_t first = o->nsegment;
    low_phase(o, q, r);
    low_add_rules(o, q->rules, first, o->nsegment - first);
}

/* The rate that a schedule starts from, and the templates that it is. */
static void start_from(output *o, const chk_output *c, running *r)
{
    if (c->outer)
        start_from(o, c->outer, r);
    if (c->from)
        r->value = low_checked(o->l, o->cap, c->from, 0, 1, "a rate");
    low_set_rate(o->l, c, r->value);
    low_requires(o->l, o->cap, c->requires);
}

static void lower_phases(output *o, const chk_output *c)
{
    lowering *l = o->l;
    int open = 0;
    running r = {low_num(l, 0), 0, c->at, 0};
    start_from(o, c, &r);
    low_says_total(o, c->total, r.time);
    o->next = chk_has_action(c->rules, AST_NEXT);
    o->restart = chk_has_action(c->rules, AST_RESTART);
    for (const chk_phase *q = c->phases; q; q = q->next)
        open = chk_open_ended(q) && !low_has_next(o, q);
    for (const chk_phase *q = c->phases; q && !low_is_over(l); q = q->next)
        low_phase_of_output(o, q, &r);
    if (!low_is_over(l) && !open)
        hold_last(o, &r);
    low_place_segments(o);
}

void low_output(lowering *l, growing *cap, const chk_output *c)
{
    ir_program *p = l->p;
    lrs_k_out *out = &p->outs[c->index];
    output o = {.l = l, .cap = cap, .index = c->index, .out = out, .around = LRS_K_NONE};
    p->output_names[c->index] = c->name;
    out->bounds = LRS_K_NONE;
    lower_phases(&o, c);
    out->scale = p->layout.nscale;
    low_add_rules(&o, c->rules, 0, 0);
    low_put_rules(&o);
    if (c->low && !low_is_over(l)) {
        ir_ref low = low_value(l, c->low), high = low_value(l, c->high);
        low_put_check(l, cap, low_op2(l, IR_LE, low, high), c->bounds_at, "the lower bound must not be above the upper one");
        out->bounds = low_put_table(l, low);
        p->bounds_at[c->index] = c->bounds_at;
        low_put_table(l, high);
    }
}
