/* lower_require.c: `require` and conditional notes whose conditions are about numbers.
 *
 * In: chk_require. Out: a diagnostic where the numbers are known, else a check that bind makes. Calls: lower_expr.c,
 * lower_parts.c, diagnostics.
 */
#include <math.h>
#include <string.h>
#include "lowering.h"

/* What the names in a condition are worth, as "a is 0, b is 2". */
enum { MOST_VALUES = 4 };
typedef struct values {
    lowering *l;
    const chk_require *r;
    const char *names[MOST_VALUES];
    int n;
    const char *text;
    int only_defined; /* of params that `-D` makes constants */
} values;

/* A parameter that the call does not give: its default says nothing to those who call, unless it is the rate. */
static int is_default(const chk_require *r, const chk_symbol *s)
{
    if (!r->call || s->at.call == r->call->at.call)
        return 0;
    const chk_symbol *t = r->call->of;
    for (uint32_t i = 0; i < t->nformals; i++)
        if (strcmp(t->formals[i].name, s->name) == 0)
            return !t->defaults[i] || t->defaults[i]->kind != AST_NAME || strcmp(t->defaults[i]->name.text, "start") != 0;
    return 0;
}

static void add_value(void *ctx, const ast_expr *e)
{
    values *v = ctx;
    lowering *l = v->l;
    chk_symbol *s = e->symbol;
    if (!s || is_default(v->r, s) || v->n == MOST_VALUES || (s->kind != CHK_SYM_LET && s->kind != CHK_SYM_PARAM && s->kind != CHK_SYM_RATE))
        return;
    for (int k = 0; k < v->n; k++)
        if (strcmp(v->names[k], e->name.text) == 0)
            return;
    if (v->only_defined && s->kind != CHK_SYM_PARAM)
        return;
    const ir_ins i = *ir_get(l->b, low_symbol(l, s));
    if (i.op != IR_CONST || !v->text)
        return;
    v->text = arena_printf(l->mem, "%s%s%s is %.12g", v->text, v->n ? ", " : "", e->name.text, i.imm);
    v->names[v->n++] = e->name.text;
}

/* Said of this call, or of one around it: what else does not hold may be a consequence. */
static int is_refused(const chk_require *r)
{
    for (const chk_call *c = r->call; c; c = c->outer)
        if (c->refused)
            return 1;
    return 0;
}

static void refuse(lowering *l, const chk_require *r)
{
    values v = {.l = l, .r = r, .text = ""};
    if (r->call)
        r->call->refused = 1;
    diag *g = chk_require_say(l->d, r, CHK_ALWAYS);
    ast_each_name(r->condition, add_value, &v);
    const char *what = v.text && v.n ? arena_printf(l->mem, "%s%s", r->call ? "; " : "", v.text) : "";
    if (r->call)
        diag_note(l->d, g, r->decl->at, "required here, by `%s`%s", r->call->of->name, what ? what : "");
    else if (v.n && what)
        diag_help(l->d, g, "%s", what);
}

/* Is the value of the condition part of the program? */
static int decide(lowering *l, growing *cap, chk_require *r)
{
    ir_ref cond = low_value(l, r->condition);
    const ir_ins i = *ir_get(l->b, cond);
    int is_note = r->decl->kind == AST_NOTE;
    int in_run = i.stage == IR_STAGE_STEP || low_knows_event(l, cond); /* the end of a phase by an event */
    if (in_run && !is_note) {
        diag *g = diag_add(l->d, DIAG_REQUIRE, r->at, "this is decided before the run, and the rate that it starts from is known in the run only");
        diag_note(l->d, g, r->decl->at, "it is asked for here");
        r->said = 1;
    } else if (i.op == IR_CONST && (i.imm != 0) == is_note) {
        if (is_note)
            chk_require_say(l->d, r, CHK_ALWAYS);
        else
            refuse(l, r);
        r->said = 1;
    } else if (i.op != IR_CONST && is_note) {
        double holds = in_run ? (double)NAN : low_by_default(l, cond); /* NaN: that is not known, or a param has no default */
        if (holds != 0)
            chk_require_say(l->d, r, holds != holds ? CHK_IN_SOME_CASES : l->has_given ? CHK_AS_GIVEN : CHK_BY_DEFAULT);
        r->said = 1;
    } else if (i.op != IR_CONST) {
        const char *text = r->decl->name.text;
        values v = {.l = l, .r = r, .text = "", .only_defined = 1};
        uint32_t before = l->p->nchecks;
        ast_each_name(r->condition, add_value, &v);
        text = r->call ? arena_printf(l->mem, "`%s`: %s", r->call->of->name, text) : text;
        if (v.n && v.text && text) /* the values of the others are those of the params that are bound */
            text = arena_printf(l->mem, "%s; %s", text, v.text);
        low_put_check(l, cap, cond, r->at, text);
        if (l->p->nchecks > before)
            l->p->checks[before].is_required = 1;
        return 1;
    }
    return 0;
}

/* What is decided here is no part of the schedule: with it and without it the program and its hash are the same. */
void low_requires(lowering *l, growing *cap, chk_require *r)
{
    for (; r && !l->dry && !low_is_over(l); r = r->next)
        if (!r->said && !is_refused(r)) {
            uint32_t count = low_begin_trial(l);
            low_end_trial(l, count, decide(l, cap, r));
        }
}
