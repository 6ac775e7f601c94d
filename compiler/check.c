/* check.c: judges a program. In: trees. Out: the checked schedule of check.h, or diagnostics.
 * The whole is here; check_decl.c, check_output.c, check_phase.c, check_rule.c, check_require.c and check_expr.c judge the parts. Nothing
 * but these files judges names, units, types, clauses and arguments. Calls: diagnostics, and the parser for the prelude. */
#include "check.h"

#include <string.h>
#include <math.h>
#include "embed.h"

/* Nodes of trees that templates and lists may make: more than any schedule needs, and soon made. */
#define MAX_COPIES ((size_t)1 << 18)

/* `total` says how long the run is, the others how it counts, to tools and to the trainer, without being used. */
static int says_of_the_run(const chk_program *p, const chk_symbol *s)
{
    return s == p->total || s == p->steps_per_epoch || s == p->samples_per_step || s == p->tokens_per_step;
}

static void warn_of_unused_outputs(checker *c)
{
    for (const chk_output *o = c->program->outputs; o; o = o->next)
        if (o->is_hidden && o->name && !o->symbol.used) {
            diag *g = diag_add(c->d, DIAG_UNUSED, o->at, "the schedule `%s` is not used", o->name);
            diag_help(c->d, g, "`schedule %s { ... }` makes an output of it", o->name);
        }
}

static void warn_of_unused(checker *c)
{
    chk_symbol *scopes[] = {c->values.latest, c->laws.latest};
    for (int i = 0; i < 2; i++)
        for (const chk_symbol *s = scopes[i]; s; s = s->next) {
            if (s->used || s->in_prelude || !s->decl || s->at.file != 0 || s->kind == CHK_SYM_TEMPLATE || s->kind == CHK_SYM_INPUT || says_of_the_run(c->program, s))
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
    size_t copies = MAX_COPIES;
    c.copies = &copies;
    c.program = arena_alloc(mem, sizeof *c.program);
    if (!c.program)
        return LRS_E_NOMEM;
    c.program->deep_tail = &c.program->deep;
    c.program->requires_tail = &c.program->requires;
    chk_builtins(&c);
    ast_stmt *prelude;
    int status = parse_prelude(&prelude, &c);
    if (status)
        return status;
    for (const ast_stmt *s = prelude; s; s = s->next)
        chk_declaration(&c, s, 1);
    c.program->ninputs = 0;
    status = chk_uses(&c, program);
    if (status)
        return status;
    for (const ast_stmt *s = program; s; s = s->next)
        chk_declaration(&c, s, 0);
    chk_refuse_second_unit(&c, program);
    c.program->total = chk_define_well_known(&c, "total");
    c.program->steps_per_epoch = chk_define_well_known(&c, "steps_per_epoch");
    c.program->samples_per_step = chk_define_well_known(&c, "samples_per_step");
    c.program->tokens_per_step = chk_define_well_known(&c, "tokens_per_step");
    chk_units_of_params(&c);
    chk_refuse_unknown_defines(&c);
    chk_declare_outputs(&c, program);
    check_symbols(&c, &c.values);
    check_symbols(&c, &c.laws);
    chk_requires(&c, program);
    chk_outputs(&c, program);

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
    if (!options || !options->no_warnings) {
        warn_of_unused(&c);
        warn_of_unused_outputs(&c);
    }
    *out = p;
    return LRS_OK;
}
