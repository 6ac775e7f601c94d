/* lower_rule.c: rules to scales, detectors and what their events do.
 *
 * In: chk_rule. Out: additions to the program. Calls: lower_parts.c, the IR builder.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "lowering.h"

/* No other rule comes from the same call of a template. */
static int is_alone(const output *o, const chk_rule *r)
{
    for (uint32_t i = 0; i < o->nwaiting; i++)
        if (o->waiting[i].rule != r && o->waiting[i].rule->at.call == r->at.call)
            return 0;
    return 1;
}

/* What is written in another file, as in a module, speaks of parameters that the reader of this one does not see: it goes by the
 * words of its call, as phases do. */
static const char *words_of_rule(output *o, const chk_rule *r)
{
    lowering *l = o->l;
    span at = r->at;
    while (at.call && at.file != 0)
        at = l->d->calls.at[at.call - 1].at;
    const char *words = low_words(l, at, 60);
    if (at.file == r->at.file || is_alone(o, r))
        return words;
    const char *own = low_words(l, r->at, 60), *event = strchr(own, ' ');
    const char *both = arena_printf(l->mem, "%.*s of %s", (int)(event ? (size_t)(event - own) + 1 + strcspn(event + 1, " (") : strlen(own)), own, words);
    return both ? both : "";
}

static ir_rule_at place_of(output *o, const chk_rule *r)
{
    ir_rule_at a = {r->at, r->action_at, r->at, r->at, r->action_at, words_of_rule(o, r)};
    if (r->patience)
        a.patience = r->patience->at;
    if (r->cooldown)
        a.cooldown = r->cooldown->at;
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
    p->scale_at[p->layout.nscale] = place_of(o, r);
    p->scales[p->layout.nscale++] = s;
    o->out->nscale++;
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

/* The table has the settings of a detector one after the other. */
static void put_settings(output *o, const chk_rule *r)
{
    lowering *l = o->l;
    int diverges = r->event == CHK_DIVERGE;
    ir_ref gain;
    low_put_table(l, low_checked(l, o->cap, r->patience, diverges ? 1 : 10, 0, diverges ? "`window`" : "`patience`"));
    if (diverges) {
        ir_ref factor = low_checked(l, o->cap, r->threshold, 2, 0, "`factor`");
        if (r->threshold)
            low_put_check(l, o->cap, low_op2(l, IR_LE, low_num(l, 1), factor), r->threshold->at, "`factor` must be at least 1");
        gain = low_op2(l, IR_SUB, factor, low_num(l, 1));
        low_put_table(l, gain);
    } else {
        low_put_table(l, low_checked(l, o->cap, r->threshold, 1e-4, 0,
                                     r->dialect == CHK_KERAS ? "`min_delta`" : r->dialect == CHK_OPTAX ? "`rtol`" : "`threshold`"));
    }
    low_put_table(l, low_checked(l, o->cap, r->cooldown, 0, 0, "`cooldown`"));
    low_put_table(l, low_checked(l, o->cap, r->every, 0, 0, "`every`"));
    ir_ref smooth = low_checked(l, o->cap, r->smooth, 0, 0, "`smooth`");
    if (r->smooth)
        low_put_check(l, o->cap, low_op2(l, IR_LT, smooth, low_num(l, 1)), r->smooth->at, "`smooth` must be below 1");
    low_put_table(l, smooth);
    if (r->dialect == CHK_OPTAX) {
        low_put_table(l, low_checked(l, o->cap, r->atol, 0, 0, "`atol`"));
        low_put_table(l, low_checked(l, o->cap, r->size, 1, 0, "`accumulation_size`"));
    }
}

static uint32_t put_condition(output *o, const chk_rule *r)
{
    lowering *l = o->l;
    ir_program *p = l->p;
    frame f = {.x = ir_leaf(l->b, IR_TIME)};
    p->expr = low_grow(l, p->expr, p->nexpr, &o->cap->expr, sizeof *p->expr);
    if (!p->expr)
        return 0;
    ir_ref root = low_expr(l, &f, r->condition);
    if (low_knows_round(l, root))
        root = low_before_rounds(l, root, r->condition->at, "a condition");
    p->expr[p->nexpr] = (ir_expr){.root = root};
    return p->nexpr++;
}

static void put_detector(output *o, const low_waiting *w)
{
    static const uint32_t kinds[] = {[CHK_PLATEAU] = LRS_K_PLATEAU, [CHK_DIVERGE] = LRS_K_DIVERGE,
                                     [CHK_CONDITION] = LRS_K_CONDITION, [CHK_CLOCK] = LRS_K_CLOCK};
    static const uint32_t dialects[] = {[CHK_TORCH] = LRS_K_TORCH, [CHK_KERAS] = LRS_K_KERAS, [CHK_OPTAX] = LRS_K_OPTAX,
                                        [CHK_PADDLE] = LRS_K_PADDLE};
    static const uint32_t by[] = {[CHK_BY_COUNT] = LRS_K_BY_COUNT, [CHK_BY_TIME] = LRS_K_BY_TIME, [CHK_BY_CLOCK] = LRS_K_BY_CLOCK};
    lowering *l = o->l;
    ir_program *p = l->p;
    const chk_rule *r = w->rule;
    p->dets = low_grow(l, p->dets, p->layout.ndet, &o->cap->dets, sizeof *p->dets);
    if (!p->dets)
        return;
    lrs_k_det det = {.kind = kinds[r->event], .dialect = dialects[r->dialect], .watch = r->watch};
    det.mode_max = (uint32_t)r->mode_max;
    det.absolute = (uint32_t)r->absolute;
    det.patience_by = by[r->patience_by];
    det.cooldown_by = by[r->cooldown_by];
    det.out = o->index;
    det.seg = w->seg;
    det.nseg = w->nseg;
    det.t = l->ntable;
    if (r->event == CHK_CONDITION)
        det.expr = put_condition(o, r);
    else if (r->event == CHK_CLOCK)
        low_put_table(l, low_checked(l, o->cap, r->seconds, 0, 0, "a time"));
    else
        put_settings(o, r);
    p->dets[p->layout.ndet++] = det;
}

/* The rate is set, or multiplied, whatever it was: the libraries of these dialects know no `eps`. */
static double usual_eps(const chk_rule *r)
{
    if (r->event != CHK_PLATEAU)
        return 0;
    return r->dialect == CHK_KERAS ? 0 : r->dialect == CHK_OPTAX ? -1 : 1e-8;
}

static void put_reaction(output *o, const low_waiting *w)
{
    static const uint32_t actions[] = {[AST_SCALE] = LRS_K_SCALE, [AST_NEXT] = LRS_K_NEXT, [AST_RESTART] = LRS_K_RESTART,
                                       [AST_STOP] = LRS_K_STOP};
    lowering *l = o->l;
    ir_program *p = l->p;
    const chk_rule *r = w->rule;
    p->rules = low_grow(l, p->rules, p->layout.nrule, &o->cap->rules, sizeof *p->rules);
    p->rule_at = low_grow(l, p->rule_at, p->layout.nrule, &o->cap->rule_at, sizeof *p->rule_at);
    if (!p->rules || !p->rule_at)
        return;
    p->rule_at[p->layout.nrule] = place_of(o, r);
    l->at = r->at;
    put_detector(o, w);
    if (!p->dets)
        return;
    lrs_k_rule rule = {.det = p->layout.ndet - 1, .out = o->index, .action = actions[r->action], .low = LRS_K_NONE};
    if (r->action == AST_SCALE) {
        ir_ref f = low_checked(l, o->cap, r->factor, 1, 0, "a factor");
        if (r->divide) {
            low_put_check(l, o->cap, low_op2(l, IR_LT, low_num(l, 0), f), r->factor->at, "a rate cannot be divided by 0");
            f = low_op2(l, IR_DIV, low_num(l, 1), f);
        }
        ir_ref floor_value = low_value_or(l, r->floor, -INFINITY);
        rule.t = low_put_table(l, f);
        low_put_table(l, floor_value);
        low_put_table(l, low_checked(l, o->cap, r->eps, usual_eps(r), 0, "`eps`"));
        if (r->low)
            rule.low = low_put_table(l, low_checked(l, o->cap, r->low, 0, 0, "`min_scale`"));
        put_scale(o, r, (lrs_k_scale){.what = LRS_K_STATE, .t = low_put_table(l, floor_value), .d = p->layout.nrule});
    }
    p->rules[p->layout.nrule++] = rule;
}

void low_put_pure(output *o, const chk_rule *r)
{
    lowering *l = o->l;
    l->at = r->at;
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

int low_has_next(const output *o, const chk_phase *q)
{
    return o->next || chk_has_action(q->rules, AST_NEXT);
}

int low_has_restart(const output *o, const chk_phase *q)
{
    return o->restart || chk_has_action(q->rules, AST_RESTART);
}

void low_add_rules(output *o, const chk_rule *rules, uint32_t seg, uint32_t nseg)
{
    for (const chk_rule *r = rules; r; r = r->next) {
        low_waiting *more = low_grow(o->l, o->waiting, o->nwaiting, &o->waiting_cap, sizeof *more);
        if (!more)
            return;
        o->waiting = more;
        more[o->nwaiting++] = (low_waiting){r, seg, nseg};
    }
}

static int as_written(const void *a, const void *b)
{
    const low_waiting *x = a, *y = b;
    if (x->rule->order != y->rule->order)
        return x->rule->order < y->rule->order ? -1 : 1;
    return (x->seg > y->seg) - (x->seg < y->seg);
}

void low_put_rules(output *o)
{
    if (o->nwaiting)
        qsort(o->waiting, o->nwaiting, sizeof *o->waiting, as_written);
    for (uint32_t i = 0; i < o->nwaiting && !low_is_over(o->l); i++)
        if (o->waiting[i].rule->kind == CHK_ON)
            put_reaction(o, &o->waiting[i]);
        else
            low_put_pure(o, o->waiting[i].rule);
}
