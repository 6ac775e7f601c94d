/* check.c: judges a program. In: trees. Out: the checked schedule of check.h, or diagnostics.
 * The outputs and the whole are here; check_decl.c, check_phase.c, check_rule.c and check_expr.c judge the parts. Nothing
 * but these files judges names, units, types, clauses and arguments. Calls: diagnostics, and the parser for the prelude. */
#include "check.h"

#include <string.h>
#include <math.h>
#include "embed.h"

/* ---- outputs ------------------------------------------------------------------------------------ */

/* Nothing of its own ends the phase. */
static int open_ended(const chk_phase *q)
{
    return !q->duration && !q->until && !chk_has_action(q->rules, AST_NEXT);
}

static void check_output(checker *c, chk_output *o, const ast_stmt *body)
{
    chk_phase **phases = &o->phases, *before = NULL;
    chk_rule **rules = &o->rules;
    for (const ast_stmt *s = body; s; s = s->next) {
        switch (s->kind) {
        case AST_PHASE:
            chk_phase_check(c, s->phase, &phases, o->phases == NULL);
            break;
        case AST_ON: case AST_AT: case AST_EVERY:
            chk_rule_check(c, s, &rules);
            break;
        case AST_BOUNDS:
            if (o->low) {
                diag *g = diag_add(c->d, DIAG_DUPLICATE, s->at, "`bounds` are already given");
                diag_note(c->d, g, o->bounds_at, "here");
                break;
            }
            o->low = s->low;
            o->high = s->high;
            o->bounds_at = s->at;
            chk_expr(c, s->low, CHK_NUMBER);
            chk_expr(c, s->high, CHK_NUMBER);
            double lo, hi;
            if (chk_constant(s->low, &lo, 0) && chk_constant(s->high, &hi, 0) && !(lo <= hi)) {
                diag *g = diag_add(c->d, DIAG_RANGE, s->at, "the lower bound is above the upper one");
                diag_help(c->d, g, "write `bounds %.12g .. %.12g`", hi, lo);
            }
            break;
        default:
            break;
        }
    }
    for (const chk_rule *r = o->rules; r; r = r->next)
        chk_rule_raises(c, r, o->phases);
    for (const chk_phase *q = o->phases; q; q = q->next)
        for (const chk_rule *r = q->rules; r; r = r->next)
            chk_rule_raises(c, r, q);
    int ended_by_rule = chk_has_action(o->rules, AST_NEXT);
    for (chk_phase *q = o->phases; q; before = q, q = q->next)
        if (before && open_ended(before) && !ended_by_rule && !c->d->errors) { /* its length may be what is wrong */
            diag *g = diag_add(c->d, DIAG_NEVER_RUNS, q->at, "this phase never runs: the one before it has no end");
            diag_note(c->d, g, before->at, "give this one a length: `for 1000` or `until 5000`");
            break;
        }
}

static int in_output(enum ast_stmt_kind k)
{
    return k == AST_PHASE || k == AST_ON || k == AST_AT || k == AST_EVERY || k == AST_BOUNDS;
}

static chk_output *new_output(checker *c, chk_output ***tail, const char *name, span at)
{
    chk_output *o = arena_alloc(c->mem, sizeof *o);
    if (!o)
        return NULL;
    for (const chk_output *x = c->program->outputs; x; x = x->next)
        if (strcmp(x->name, name) == 0) {
            diag *g = diag_add(c->d, DIAG_DUPLICATE, at, "there already is a schedule `%s`", name);
            diag_note(c->d, g, x->at, "here");
        }
    o->name = name;
    o->at = at;
    **tail = o;
    *tail = &o->next;
    c->program->noutputs++;
    return o;
}

static void check_outputs(checker *c, const ast_stmt *program)
{
    chk_output **tail = &c->program->outputs;
    const ast_stmt *bare = NULL, *block = NULL, *last = NULL;
    for (const ast_stmt *s = program; s; last = s, s = s->next) {
        if (in_output(s->kind) && (!bare || (s->kind == AST_PHASE && bare->kind != AST_PHASE)))
            bare = s;
        if (s->kind == AST_SCHEDULE && !block)
            block = s;
    }
    if (bare && block) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, bare->at, "phases and rules beside a `schedule` block belong to none");
        diag_note(c->d, g, block->at, "put them inside this block, or leave the block's braces out");
        return;
    }
    if (bare) {
        chk_output *o = new_output(c, &tail, "lr", bare->at);
        if (o)
            check_output(c, o, program);
    }
    for (const ast_stmt *s = program; s; s = s->next) {
        if (s->kind != AST_SCHEDULE)
            continue;
        if (s->group.text || !s->has_body) {
            chk_not_yet(c, s->at, s->group.text ? "parameter groups" : "schedules that are expressions");
            continue;
        }
        for (const ast_stmt *i = s->body; i; i = i->next)
            if (!in_output(i->kind))
                diag_add(c->d, DIAG_CLAUSE, i->at, "declarations stand outside of `schedule`");
        if (c->program->noutputs == 1)
            chk_not_yet(c, s->at, "more than one schedule");
        chk_output *o = new_output(c, &tail, s->name.text, s->name.at);
        if (o)
            check_output(c, o, s->body);
    }
    if (c->d->errors)
        return;
    for (chk_output *o = c->program->outputs; o; o = o->next)
        if (!o->phases) {
            diag *g = diag_add(c->d, DIAG_NO_PHASE, o->at, "the schedule `%s` has no phase", o->name);
            diag_help(c->d, g, "begin with `hold 0.1` or `warmup 500 -> 0.1`");
        }
    if (!c->program->outputs) {
        span end = {0, 0, 0};
        if (last)
            end = last->at;
        diag *g = diag_add(c->d, DIAG_NO_PHASE, end, "there is no schedule here");
        diag_help(c->d, g, "write a phase, as in `warmup 5 linear -> 0.1; then exp s=1000`");
    }
}

/* `total` says how long the run is, the others how it counts, to tools and to the trainer, without being used. */
static int says_of_the_run(const chk_program *p, const chk_symbol *s)
{
    return s == p->total || s == p->steps_per_epoch || s == p->samples_per_step || s == p->tokens_per_step;
}

static void warn_of_unused(checker *c)
{
    chk_symbol *scopes[] = {c->values.latest, c->laws.latest};
    for (int i = 0; i < 2; i++)
        for (const chk_symbol *s = scopes[i]; s; s = s->next) {
            if (s->used || s->in_prelude || !s->decl || s->kind == CHK_SYM_INPUT || says_of_the_run(c->program, s))
                continue;
            diag *g = diag_add(c->d, DIAG_UNUSED, s->at, "the %s `%s` is not used", chk_kind_names[s->kind], s->name);
            diag_help(c->d, g, s->kind == CHK_SYM_PARAM ? "a value bound to it changes nothing: use it, or remove it" : "use it, or remove it");
        }
}

/* ---- the whole ----------------------------------------------------------------------------------- */

static int parse_prelude(ast_stmt **out, checker *c)
{
    const lrs_embedded *text = NULL;
    for (size_t i = 0; i < lrs_stdlib_count; i++)
        if (strcmp(lrs_stdlib[i].name, "prelude.lrs") == 0)
            text = &lrs_stdlib[i];
    uint32_t file = (uint32_t)c->d->sources.n;
    *out = NULL;
    if (!text)
        return LRS_E_INTERNAL;
    if (diags_add_source(c->d, "<prelude.lrs>", text->text, text->len))
        return LRS_E_NOMEM;
    return lrs_parse(out, c->mem, c->d, file);
}

/* In the order of the file, so that declarations that stand before their use never wait for each other. */
static void check_symbols(checker *c, const chk_scope *scope)
{
    uint32_t n = 0, k;
    for (const chk_symbol *s = scope->latest; s; s = s->next)
        n++;
    chk_symbol **ordered = arena_alloc(c->mem, (n + 1) * sizeof *ordered);
    if (!ordered)
        return;
    k = n;
    for (chk_symbol *s = scope->latest; s; s = s->next)
        ordered[--k] = s;
    for (k = 0; k < n; k++)
        chk_symbol_check(c, ordered[k]);
}

int lrs_check(chk_program **out, arena *mem, lrs_diagnostics *d, ast_stmt *program, const lrs_options *options)
{
    *out = NULL;
    int is_too_deep = 0;
    checker c = {.mem = mem, .d = d, .options = options, .is_too_deep = &is_too_deep};
    c.program = arena_alloc(mem, sizeof *c.program);
    if (!c.program)
        return LRS_E_NOMEM;
    c.program->deep_tail = &c.program->deep;
    chk_builtins(&c);
    ast_stmt *prelude;
    int status = parse_prelude(&prelude, &c);
    if (status)
        return status;
    for (const ast_stmt *s = prelude; s; s = s->next)
        chk_declaration(&c, s, 1);
    c.program->ninputs = 0;
    for (const ast_stmt *s = program; s; s = s->next)
        chk_declaration(&c, s, 0);
    chk_refuse_second_unit(&c, program);
    c.program->total = chk_define_well_known(&c, "total");
    c.program->steps_per_epoch = chk_define_well_known(&c, "steps_per_epoch");
    c.program->samples_per_step = chk_define_well_known(&c, "samples_per_step");
    c.program->tokens_per_step = chk_define_well_known(&c, "tokens_per_step");
    chk_units_of_params(&c);
    chk_refuse_unknown_defines(&c);
    check_symbols(&c, &c.values);
    check_symbols(&c, &c.laws);
    check_outputs(&c, program);

    chk_program *p = c.program;
    p->params = arena_alloc(mem, 1);
    for (chk_symbol *s = c.values.latest; s; s = s->next)
        p->nparams += s->kind == CHK_SYM_PARAM && !s->is_constant;
    p->params = arena_alloc(mem, (p->nparams + 1) * sizeof *p->params);
    p->inputs = arena_alloc(mem, (p->ninputs + 1) * sizeof *p->inputs);
    if (!p->params || !p->inputs || arena_failed(mem))
        return LRS_E_NOMEM;
    uint32_t n = p->nparams;
    for (chk_symbol *s = c.values.latest; s; s = s->next) { /* the scope is latest first */
        if (s->kind == CHK_SYM_PARAM && !s->is_constant) {
            s->index = --n;
            p->params[n] = s;
        }
        if (s->kind == CHK_SYM_INPUT)
            p->inputs[s->index] = s->name;
    }
    if (p->ninputs == 0)
        p->inputs[p->ninputs++] = "metric";
    if (d->errors)
        return LRS_E_SOURCE;
    if (!options || !options->no_warnings)
        warn_of_unused(&c);
    *out = p;
    return LRS_OK;
}
