/* check_template.c: templates: `def NAME(a, b = 1) { PHASES }`, put in where they are called.
 * In: a template and the arguments of a call. Out: the phases and rules of its body, checked, as a block (a chk_output
 * without a name). Calls: ast_copy.c, diagnostics, the other check files; check_require.c for what the body requires.
 *
 * The body is copied for each call. A parameter that is a number becomes a `let` of that call; one that is a text, a list
 * or the name of a law is put in as it is written. Names in the arguments mean what they mean where the call stands, names
 * in the body what they mean where the template is defined: parameters are bound to their symbols here, so that nothing
 * gets mixed up, and all else goes by the file that it is written in. */
#include "check.h"

#include <string.h>

typedef struct instance {
    checker *c;
    chk_scope bindings;  /* what names in the body stand for: a number: its LET; a text, a list, or a name of a law: a FORMAL
                            whose body is that */
    chk_symbol *start;   /* the rate that it starts from, once something asks for it */
    uint32_t call;       /* see diags_add_call */
    int lacks_law;       /* an argument that is the name of a law is something else: nothing can be said of the body */
    const ast_expr **given; /* the arguments as they are written, one per parameter; NULL: its default */
} instance;

/* Without memory, and when templates have been copied too often, copies lack parts of what they are copies of: nothing may look
 * at them. */
static int copies_are_whole(const checker *c)
{
    return *c->copies && !arena_failed(c->mem);
}

/* ---- what stands for what ---- */

static ast_expr *keep_expr(void *ctx, const ast_expr *e)
{
    (void)ctx;
    return (ast_expr *)e;
}

static ast_name keep_law(void *ctx, ast_name name)
{
    (void)ctx;
    return name;
}

static ast_expr *copy_static(checker *c, const ast_expr *e)
{
    ast_substitution same = {keep_expr, keep_law, NULL, c->copies, 0};
    return ast_copy_expr(c->mem, e, &same);
}

chk_symbol *chk_template_start(checker *c, span at)
{
    if (!*c->start && (*c->start = arena_alloc(c->mem, sizeof **c->start)))
        **c->start = (chk_symbol){.kind = CHK_SYM_RATE, .name = "start", .at = at, .index = c->nest, .done = 1, .used = 1, .type = CHK_NUMBER};
    return *c->start;
}

static ast_expr *bound_name(checker *c, const ast_expr *e, chk_symbol *s, uint32_t call)
{
    ast_expr *copy = arena_alloc(c->mem, sizeof *copy);
    if (copy) {
        *copy = *e;
        copy->symbol = s;
        if (call)
            copy->at.call = call;
    }
    return copy;
}

static ast_expr *in_body(void *ctx, const ast_expr *e)
{
    const instance *i = ctx;
    chk_symbol *b = e->symbol ? NULL : chk_find(&i->bindings, e->name.text);
    if (!b)
        return (ast_expr *)e;
    if (b->kind == CHK_SYM_LET)
        return bound_name(i->c, e, b, i->call);
    return copy_static(i->c, b->body);
}

static ast_name law_in_body(void *ctx, ast_name name)
{
    const instance *i = ctx;
    const chk_symbol *b = chk_find(&i->bindings, name.text);
    if (b && b->kind == CHK_SYM_FORMAL && (b->body->kind == AST_NAME || b->body->kind == AST_STRING))
        name = (ast_name){b->body->name.text, b->body->at}; /* which means what it means where it was written */
    return name;
}

/* In arguments, defaults and `let`s `start` is the rate that the template starts from. */
static ast_expr *in_let(void *ctx, const ast_expr *e)
{
    instance *i = ctx;
    ast_expr *other = in_body(ctx, e);
    if (other != e || e->symbol || strcmp(e->name.text, "start") != 0)
        return other;
    checker here = {.mem = i->c->mem, .nest = i->c->nest, .start = &i->start};
    chk_symbol *s = chk_template_start(&here, e->at);
    return s ? bound_name(i->c, e, s, i->call) : NULL;
}

static ast_expr *in_argument(void *ctx, const ast_expr *e)
{
    const instance *i = ctx;
    return i->c->locals & 1u << CHK_START ? (ast_expr *)e : in_let(ctx, e);
}

/* Defaults see the parameters before them. */
static ast_expr *in_default(void *ctx, const ast_expr *e)
{
    ast_expr *other = in_body(ctx, e);
    return other != e ? other : in_argument(ctx, e);
}

/* ---- arguments ---- */

/* The text of a `let`, where the argument names it: what is wrong with it is wrong in this call. */
static const ast_expr *text_at(checker *c, const ast_expr *text, span at)
{
    ast_expr *copy = arena_alloc(c->mem, sizeof *copy);
    if (copy) {
        *copy = *text;
        copy->at = at;
    }
    return copy;
}

/* The text, list, input or law that an argument is; NULL: it is a number. */
static const ast_expr *as_written(checker *c, enum chk_type type, const ast_expr *e)
{
    if (e->kind == AST_STRING || chk_is_list(c, e))
        return e;
    if (e->kind != AST_NAME || e->symbol)
        return NULL;
    if (type == CHK_LAW)
        return e;
    chk_symbol *s = chk_find_at(c, &c->values, e->name.text, e->at);
    if (s && s->kind == CHK_SYM_LET && s->decl->value->kind == AST_STRING) {
        s->used = 1;
        return text_at(c, s->decl->value, e->at);
    }
    return s ? s->kind == CHK_SYM_INPUT ? e : NULL : chk_find_at(c, &c->laws, e->name.text, e->at) ? e : NULL;
}

/* `lr_lambda=[law]`, `lr_lambda=0.9` */
static void refuse_law(instance *i, const ast_name *name, const ast_expr *value)
{
    lrs_diagnostics *d = i->c->d;
    diag *g = diag_add(d, DIAG_TYPE, value->at, "`%s` is the name of a law", name->text);
    const ast_expr *only = value->kind == AST_LIST && value->args && !value->args->next ? value->args->value : NULL;
    if (only && only->kind == AST_NAME)
        diag_help(d, g, "there is one rate, and one law for it: write `%s=%s`", name->text, only->name.text);
    else
        diag_help(d, g, "declare one on a line before, as in `decay law(t) = 0.95^t`, and write `%s=law`", name->text);
    i->lacks_law = 1;
}

static void bind_value(instance *i, const ast_name *name, enum chk_type type, ast_expr *value)
{
    checker *c = i->c;
    if (!value || !copies_are_whole(c))
        return;
    const ast_expr *written = as_written(c, type, value);
    if (type == CHK_LAW && value->kind != AST_NAME && value->kind != AST_STRING) {
        refuse_law(i, name, value);
        return;
    }
    chk_symbol *y = arena_alloc(c->mem, sizeof *y);
    ast_stmt *decl = arena_alloc(c->mem, sizeof *decl);
    if (!y || !decl)
        return;
    if (written && type != CHK_NUMBER && type != CHK_DURATION) {
        *y = (chk_symbol){.kind = CHK_SYM_FORMAL, .name = name->text, .at = value->at, .body = written};
        chk_declare(c, &i->bindings, y);
        return;
    }
    *decl = (ast_stmt){.kind = AST_LET, .at = value->at, .name = *name, .value = value};
    *y = (chk_symbol){.kind = CHK_SYM_LET, .name = name->text, .at = value->at, .decl = decl, .used = 1, .expected = type};
    if (written) {
        y->done = 1;
        diag_add(c->d, DIAG_TYPE, value->at, "`%s` is a %s, not a text or a list", name->text, type == CHK_NUMBER ? "number" : "duration");
    }
    chk_symbol_check(c, y);
    chk_declare(c, &i->bindings, y);
}

static const ast_formal *formal_at(const ast_stmt *s, uint32_t index)
{
    const ast_formal *f = s->formals;
    while (index--)
        f = f->next;
    return f;
}

static int bind_arguments(instance *i, const chk_symbol *t, const ast_arg *args, span at)
{
    checker *c = i->c;
    const char *what = arena_printf(c->mem, "`%s`", t->name);
    if (chk_assign(c, at, what ? what : "it", t, 0, args, &i->given))
        return -1;
    ast_substitution outside = {in_argument, keep_law, i, c->copies, 0}, inside = {in_default, keep_law, i, c->copies, i->call};
    instance bare = {.c = c}; /* arguments do not see the parameters */
    outside.ctx = &bare;
    ast_expr **copies = arena_alloc(c->mem, (t->nformals + 1) * sizeof *copies);
    if (!copies)
        return -1;
    for (uint32_t k = 0; k < t->nformals; k++)
        copies[k] = i->given[k] ? ast_copy_expr(c->mem, i->given[k], &outside) : NULL;
    i->start = bare.start;
    for (uint32_t k = 0; k < t->nformals; k++) {
        ast_expr *value = copies[k] ? copies[k] : ast_copy_expr(c->mem, t->defaults[k], &inside);
        bind_value(i, &formal_at(t->decl, k)->name, t->formals[k].type, value);
    }
    return 0;
}

/* ---- the body ---- */

static const char *text_of(const void *ctx, const char *name)
{
    const chk_symbol *b = chk_find(&((const instance *)ctx)->bindings, name);
    return b && b->kind == CHK_SYM_FORMAL && b->body->kind == AST_STRING ? b->body->name.text : NULL;
}

/* The statements of the body for this call: what is declared in it is bound, the rest is copied. */
static ast_stmt *instantiate(instance *i, checker *inner, const chk_symbol *t, chk_output *block, int *refused)
{
    checker *c = i->c;
    ast_stmt *first = NULL, **tail = &first;
    ast_substitution inside = {in_body, law_in_body, i, c->copies, i->call}, let = {in_let, law_in_body, i, c->copies, i->call};
    chk_require **requires = &block->requires;
    chk_arguments arguments = {t, i->given, text_of, i};
    for (const ast_stmt *s = t->decl->body; s && copies_are_whole(c); s = s->next) {
        ast_stmt one = *s;
        ast_expr *condition;
        one.next = NULL;
        switch (s->kind) {
        case AST_REQUIRE: case AST_NOTE:
            condition = ast_copy_expr(c->mem, s->value, &inside);
            if ((s->kind == AST_REQUIRE || !*refused) && copies_are_whole(c))
                *refused |= chk_require_check(inner, s, condition, &arguments, &requires);
            break;
        case AST_LET:
            bind_value(i, &s->name, CHK_ANY, ast_copy_expr(c->mem, s->value, &let));
            break;
        case AST_PHASE: case AST_ON: case AST_AT: case AST_EVERY: case AST_BOUNDS:
            *tail = ast_copy_stmts(c->mem, &one, &inside);
            if (*tail)
                tail = &(*tail)->next;
            break;
        default:
            one.at.call = i->call;
            diag_add(c->d, DIAG_CLAUSE, one.at, "a template holds phases, rules, `let`, `require` and `note`");
            break;
        }
    }
    return first;
}

chk_output *chk_template(checker *c, const ast_name *name, const ast_arg *args, span at, int has_start)
{
    chk_symbol *t = chk_find_at(c, &c->laws, name->text, name->at);
    chk_output *block = arena_alloc(c->mem, sizeof *block);
    if (!t || !block)
        return NULL;
    t->used = 1;
    if (t->busy) {
        diag *g = diag_add(c->d, DIAG_CIRCULAR, name->at, "the template `%s` calls itself", t->name);
        diag_help(c->d, g, "there is no recursion: `repeat` runs phases again");
        return NULL;
    }
    *block = (chk_output){.at = at};
    size_t errors = c->d->errors;
    checker outer = *c;
    chk_symbol **deep = &block->deep;
    outer.deep = &deep;
    instance i = {.c = &outer, .call = diags_add_call(c->d, t->name, at)};
    chk_call *call = arena_alloc(c->mem, sizeof *call);
    int refused = 0;
    t->busy = 1;
    if (call && bind_arguments(&i, t, args, at) == 0) {
        checker inner = outer;
        *call = (chk_call){t, at, c->call, 0};
        inner.call = call;
        inner.locals = 0;
        inner.start = &i.start;
        refused = i.lacks_law;
        ast_stmt *body = refused ? NULL : instantiate(&i, &inner, t, block, &refused);
        if (!refused && copies_are_whole(c))
            chk_body(&inner, block, body, !has_start);
        chk_symbol *total = chk_find(&i.bindings, "total");
        block->start = i.start;
        block->total = total && total->kind == CHK_SYM_LET ? total : NULL;
        if (!block->phases && c->d->errors == errors) {
            diag *g = diag_add(c->d, DIAG_NO_PHASE, at, "`%s` has no phase", t->name);
            diag_help(c->d, g, "begin its body with `hold start`, so that its rules have something to scale");
        }
        if (i.start && !has_start) {
            diag *g = diag_add(c->d, DIAG_NO_START, at, "`%s` needs a rate to start from", t->name);
            diag_help(c->d, g, "add `from 0.1`, with the rate that the optimizer is given in a training script");
        }
    }
    t->busy = 0;
    if (*c->copies == 0 && c->d->errors == errors)
        diag_add(c->d, DIAG_LIMIT, at, "templates that call templates make this program too large");
    return refused ? NULL : block;
}
