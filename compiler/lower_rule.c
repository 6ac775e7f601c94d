/* lower_rule.c: rules to scales, detectors and what their events do.
 *
 * In: chk_rule. Out: additions to the program. Calls: lower_parts.c, the IR builder.
 */
#include <math.h>
#include "lowering.h"

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
    p->scales = low_grow(l, p->scales, p->layout.nscale, &o->cap->scales, sizeof *p->scales);
    p->scale_at = low_grow(l, p->scale_at, p->layout.nscale, &o->cap->scale_at, sizeof *p->scale_at);
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
    ir_ref f = low_checked(l, o->cap, r->factor, 1, 0, "a factor");
    ir_ref hi = low_op(l, IR_LOG2HI, f, 0, 0), lo = low_op(l, IR_LOG2LO, f, 0, 0);
    if (r->divide) {
        low_put_check(l, o->cap, low_op2(l, IR_LT, low_num(l, 0), f), r->factor->at, "a rate cannot be divided by 0");
        hi = low_op2(l, IR_NEG, hi, 0);
        lo = low_op2(l, IR_NEG, lo, 0);
    }
    uint32_t t = low_put_table(l, hi);
    low_put_table(l, lo);
    low_put_table(l, low_value_or(l, r->floor, -INFINITY));
    return t;
}

static void lower_detector(output *o, const chk_rule *r)
{
    lowering *l = o->l;
    ir_program *p = l->p;
    p->dets = low_grow(l, p->dets, p->layout.ndet, &o->cap->dets, sizeof *p->dets);
    p->rules = low_grow(l, p->rules, p->layout.nrule, &o->cap->rules, sizeof *p->rules);
    p->rule_at = low_grow(l, p->rule_at, p->layout.nrule, &o->cap->rule_at, sizeof *p->rule_at);
    if (!p->dets || !p->rules || !p->rule_at)
        return;
    p->rule_at[p->layout.nrule] = place_of(r);
    lrs_k_det det = {.kind = LRS_K_PLATEAU, .dialect = LRS_K_TORCH, .input = r->input};
    det.mode_max = (uint32_t)r->mode_max;
    det.absolute = (uint32_t)r->absolute;
    det.t = low_put_table(l, low_checked(l, o->cap, r->patience, 10, 0, "`patience`"));
    low_put_table(l, low_checked(l, o->cap, r->threshold, 1e-4, 0, "`threshold`"));
    low_put_table(l, low_checked(l, o->cap, r->cooldown, 0, 0, "`cooldown`"));
    low_put_table(l, low_checked(l, o->cap, r->every, 0, 0, "`every`"));
    ir_ref smooth = low_checked(l, o->cap, r->smooth, 0, 0, "`smooth`");
    if (r->smooth)
        low_put_check(l, o->cap, low_op2(l, IR_LT, smooth, low_num(l, 1)), r->smooth->at, "`smooth` must be below 1");
    low_put_table(l, smooth);
    lrs_k_rule rule = {.det = p->layout.ndet, .out = o->index};
    p->dets[p->layout.ndet++] = det;
    rule.action = r->action == AST_SCALE ? LRS_K_SCALE : r->action == AST_NEXT ? LRS_K_NEXT : LRS_K_STOP;
    if (r->action == AST_SCALE) {
        ir_ref f = low_checked(l, o->cap, r->factor, 1, 0, "a factor");
        if (r->divide) {
            low_put_check(l, o->cap, low_op2(l, IR_LT, low_num(l, 0), f), r->factor->at, "a rate cannot be divided by 0");
            f = low_op2(l, IR_DIV, low_num(l, 1), f);
        }
        ir_ref floor_value = low_value_or(l, r->floor, -INFINITY);
        rule.t = low_put_table(l, f);
        low_put_table(l, floor_value);
        low_put_table(l, low_checked(l, o->cap, r->eps, 1e-8, 0, "`eps`"));
        put_scale(o, r, (lrs_k_scale){.what = LRS_K_STATE, .t = low_put_table(l, floor_value), .d = p->layout.nrule});
    }
    p->rules[p->layout.nrule++] = rule;
}

void low_rule(output *o, const chk_rule *r)
{
    lowering *l = o->l;
    l->at = r->at;
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
            ir_ref t = low_checked(l, o->cap, i->until, 0, 0, "a time");
            if (before)
                low_put_check(l, o->cap, low_op2(l, IR_LE, before, t), i->until->at, "the times of `at` must ascend");
            low_put_table(l, t);
            before = t;
        }
    } else {
        ir_ref period = low_checked(l, o->cap, r->period, 1, 0, "a period");
        low_put_check(l, o->cap, low_op2(l, IR_LT, low_num(l, 0), period), r->period->at, "a period must be above 0");
        low_put_table(l, period);
    }
    put_scale(o, r, s);
}
