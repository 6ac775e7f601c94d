/* check_require.c: `require CONDITION "message"` and `note [CONDITION] "message"`.
 * In: the statement, its condition with the arguments of a call put in. Out: a diagnostic, or what lower_require.c decides when
 * the numbers are known. Calls: check_expr.c, diagnostics.
 *
 * A condition about texts is decided here, before the body of its template is looked at, since texts are no values. */
#include "check.h"

#include <string.h>

/* Names and texts of one condition that are looked at: more than any has. */
#define MOST_NAMES 16
#define MOST_TEXTS 16
#define DEEPEST 200

/* ---- what a condition is about --------------------------------------------------------------- */

typedef struct names {
    const char *at[MOST_NAMES];
    size_t n;
} names;

static void add_name(void *ctx, const ast_expr *e)
{
    names *all = ctx;
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->at[i], e->name.text) == 0)
            return;
    if (all->n < MOST_NAMES)
        all->at[all->n++] = e->name.text;
}

static uint32_t formal_of(const chk_symbol *t, const char *name)
{
    uint32_t k = 0;
    while (k < t->nformals && strcmp(t->formals[k].name, name) != 0)
        k++;
    return k;
}

/* The argument that it is about, when it is about one that is written in the call. */
static const ast_expr *only_argument(const ast_stmt *s, const chk_arguments *a)
{
    names all = {.n = 0};
    if (!a)
        return NULL;
    ast_each_name(s->value, add_name, &all);
    uint32_t k = all.n == 1 ? formal_of(a->of, all.at[0]) : a->of->nformals;
    return k < a->of->nformals ? a->given[k] : NULL;
}

/* name == "a" or name == "b" or ...: the texts that a parameter may be */
typedef struct choice {
    const char *name;
    const char *texts[MOST_TEXTS];
    size_t n;
} choice;

static int is_choice(const ast_expr *e, choice *all, int depth)
{
    if (!e || depth > DEEPEST || e->kind != AST_BINARY)
        return 0;
    if (e->op == AST_OR)
        return is_choice(e->left, all, depth + 1) && is_choice(e->right, all, depth + 1);
    if (e->op != AST_EQ || e->left->kind != AST_NAME || e->right->kind != AST_STRING || all->n == MOST_TEXTS)
        return 0;
    if (all->name && strcmp(all->name, e->left->name.text) != 0)
        return 0;
    all->name = e->left->name.text;
    all->texts[all->n++] = e->right->name.text;
    return 1;
}

/* ---- saying so -------------------------------------------------------------------------------- */

diag *chk_require_say(lrs_diagnostics *d, const chk_require *r, enum chk_when when)
{
    static const char *const words[] = {[CHK_ALWAYS] = "", [CHK_BY_DEFAULT] = "with the default params: ",
                                        [CHK_AS_GIVEN] = "with these params: ", [CHK_IN_SOME_CASES] = "in some cases: "};
    const char *message = r->decl->name.text;
    if (r->decl->kind == AST_NOTE && !r->call)
        return diag_add(d, DIAG_TEMPLATE_NOTE, r->at, "%s%s", words[when], message);
    if (r->decl->kind == AST_NOTE)
        return diag_add(d, DIAG_TEMPLATE_NOTE, r->call->at, "`%s`: %s%s", r->call->of->name, words[when], message);
    return diag_add(d, DIAG_REQUIRE, r->at, "%s", message);
}

static char lower_case(char ch)
{
    return ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch;
}

/* The first letters of either are the other, whatever their case. */
static int is_beginning(const char *a, const char *b)
{
    while (*a && *b && lower_case(*a) == lower_case(*b))
        a++, b++;
    return *a == 0 || *b == 0;
}

static int is_one_letter_off(const char *a, const char *b)
{
    int off = 0;
    for (; *a && *b; a++, b++)
        off += lower_case(*a) != lower_case(*b);
    return off == 1 && *a == *b;
}

/* The one that is meant: there are few, so that an abbreviation says which. */
static const char *nearest(const choice *all, const char *text)
{
    const char *near = NULL;
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++)
        if (is_one_letter_off(text, all->texts[i])) /* "triangular3" is not "triangular" */
            return all->texts[i];
    for (size_t i = 0; i < all->n && *text; i++)
        if (is_beginning(text, all->texts[i])) {
            near = all->texts[i];
            n++;
        }
    return n == 1 ? near : diag_did_you_mean(text, all->texts, all->n);
}

/* Does the message name all of them? */
static int names_all(const choice *all, const char *message)
{
    for (size_t i = 0; i < all->n; i++)
        if (!strstr(message, all->texts[i]))
            return 0;
    return 1;
}

/* It does not hold, whatever the params. */
static void refuse_text(checker *c, const chk_require *r, const choice *all, const char *text, int is_literal)
{
    diag *g = chk_require_say(c->d, r, CHK_ALWAYS);
    const char *near = text ? nearest(all, text) : NULL, *list = "";
    for (size_t i = 0; i < all->n && list; i++)
        list = arena_printf(c->mem, "%s%s\"%s\"", list, i ? i + 1 == all->n ? " or " : ", " : "", all->texts[i]);
    if (near && names_all(all, r->decl->name.text))
        diag_help(c->d, g, "did you mean \"%s\"?", near);
    else if (list && all->n && near)
        diag_help(c->d, g, "`%s` is %s: did you mean \"%s\"?", all->name, list, near);
    else if (list && all->n && !names_all(all, r->decl->name.text))
        diag_help(c->d, g, "`%s` is %s", all->name, list);
    if (near && is_literal)
        diag_fix(c->d, g, "\"%s\"", near);
    if (r->call)
        diag_note(c->d, g, r->decl->at, "required here, by `%s`", r->call->of->name);
}

/* ---- deciding -------------------------------------------------------------------------------------- */

/* Of a condition in which all comparisons are of texts: 1 or 0; -1: numbers decide. */
static int decided(const ast_expr *e, int depth)
{
    int a, b;
    if (!e || depth > DEEPEST)
        return -1;
    if (e->kind == AST_NUMBER)
        return e->number != 0;
    if (e->kind == AST_UNARY && e->op == AST_NOT)
        return (a = decided(e->left, depth + 1)) < 0 ? -1 : !a;
    if (e->kind != AST_BINARY || (e->op != AST_AND && e->op != AST_OR))
        return -1;
    a = decided(e->left, depth + 1);
    b = decided(e->right, depth + 1);
    if (e->op == AST_AND)
        return a == 0 || b == 0 ? 0 : a < 0 || b < 0 ? -1 : 1;
    return a == 1 || b == 1 ? 1 : a < 0 || b < 0 ? -1 : 0;
}

static int is_silent(const checker *c, const ast_stmt *s)
{
    return s->kind == AST_NOTE && c->options && c->options->no_warnings;
}

/* Of a condition: 1 or 0 when texts and constants decide it, -1 when numbers do; -2 with diagnostics when it is wrong. *needs_rate:
 * it asks for the rate that the template starts from. */
static int decide(checker *c, const chk_require *r, int *needs_rate)
{
    checker inner = *c;
    size_t errors = c->d->errors;
    inner.before_run = r->decl->kind == AST_NOTE ? "note" : "require";
    inner.needs = 0;
    chk_expr(&inner, (ast_expr *)r->condition, CHK_BOOL);
    if (inner.deepest > c->deepest)
        c->deepest = inner.deepest;
    *needs_rate = (inner.needs & CHK_NEEDS_RATE) != 0;
    return c->d->errors > errors ? -2 : decided(r->condition, 0);
}

/* To be decided with the numbers: in its template when it asks for a rate, else once for the program. */
static void queue(checker *c, chk_require *r, int needs_rate, chk_require ***of_template)
{
    chk_require ***tail = needs_rate ? of_template : &c->program->requires_tail;
    **tail = r;
    *tail = &r->next;
}

int chk_require_check(checker *c, const ast_stmt *s, ast_expr *condition, const chk_arguments *arguments, chk_require ***tail)
{
    const ast_expr *only = only_argument(s, arguments);
    chk_require *r = arena_alloc(c->mem, sizeof *r);
    choice texts = {.n = 0};
    int needs_rate = 0, holds = 1;
    if (!r || (s->value && !condition))
        return -1;
    *r = (chk_require){.condition = condition, .decl = s, .call = c->call};
    r->at = only ? only->at : c->call ? c->call->at : s->kind == AST_REQUIRE ? s->value->at : s->at;
    if (!is_choice(s->value, &texts, 0))
        texts = (choice){.n = 0};
    const char *text = texts.n && arguments ? arguments->text(arguments->ctx, texts.name) : NULL;
    if (texts.n && arguments && !text && formal_of(arguments->of, texts.name) < arguments->of->nformals)
        holds = 0; /* a number or a list, where texts are asked for */
    else if (s->value)
        holds = decide(c, r, &needs_rate);
    if (holds < -1)
        return -1;
    if (holds == 0 && s->kind == AST_REQUIRE) {
        refuse_text(c, r, &texts, text, only && only->kind == AST_STRING);
        return -1;
    }
    if (holds < 0 && !is_silent(c, s))
        queue(c, r, needs_rate, tail);
    else if (holds == 1 && s->kind == AST_NOTE && !is_silent(c, s))
        chk_require_say(c->d, r, CHK_ALWAYS);
    return 0;
}

void chk_defer_require(checker *c, const ast_stmt *s)
{
    chk_program *p = c->program;
    if (p->ndeferred == p->deferred_cap) {
        uint32_t cap = p->deferred_cap ? p->deferred_cap * 2 : 16;
        const ast_stmt **more = arena_alloc(c->mem, cap * sizeof *more);
        if (!more)
            return;
        if (p->ndeferred)
            memcpy(more, p->deferred, p->ndeferred * sizeof *more);
        p->deferred = more;
        p->deferred_cap = cap;
    }
    p->deferred[p->ndeferred++] = s;
}

void chk_requires(checker *c, const ast_stmt *program)
{
    chk_require *none = NULL, **tail = &none;
    for (uint32_t i = 0; i < c->program->ndeferred; i++)
        chk_require_check(c, c->program->deferred[i], c->program->deferred[i]->value, NULL, &tail);
    for (const ast_stmt *s = program; s; s = s->next)
        if (s->kind == AST_REQUIRE || s->kind == AST_NOTE)
            chk_require_check(c, s, s->value, NULL, &tail);
}
