/* expression.c: see expression.h. Calls the compiler, and the interpreter. */
#include "expression.h"

#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "entry.h"

/* ---- expressions ------------------------------------------------------------------------------- */

#define VALUE_NAME "repl_value"

static const char *unit_of(const session_program *p)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->items[i].kind == AST_UNIT_DECL) {
            return strstr(p->items[i].text, "epoch")    ? "epochs"
                   : strstr(p->items[i].text, "sample") ? "samples"
                   : strstr(p->items[i].text, "token")  ? "tokens"
                                                        : "steps";
        }
    }
    return "steps";
}

/* It is a time: a sum of times, or a multiple of one. */
static int is_time(const ast_expr *e)
{
    switch (e->kind == AST_UNARY || e->kind == AST_BINARY ? e->op : AST_EQ) {
    case AST_NEG:
        return is_time(e->left);
    case AST_ADD:
    case AST_SUB:
        return is_time(e->left) || is_time(e->right);
    case AST_MUL:
        return is_time(e->left) != is_time(e->right);
    case AST_DIV:
        return is_time(e->left) && !is_time(e->right);
    default:
        return e->kind == AST_UNIT && e->unit != AST_PERCENT;
    }
}

static int text_is_time(const char *text, size_t n)
{
    char *let = cli_printf("let x = (%.*s\n)", (int)n, text);
    session_origin at = {"", let, strlen(let), 0, 0};
    entry e;
    entry_parse(&e, &at, at.n);
    int is = e.status == LRS_OK && e.statements && e.statements->value && is_time(e.statements->value);
    entry_free(&e);
    free(let);
    return is;
}

static int value_of(const lrs_program *q, double *out)
{
    lrs_plan *plan = NULL;
    lrs_state *state = NULL;
    int found = 0;
    if (lrs_bind(&plan, q, NULL, 0, NULL, 0) == LRS_OK && lrs_state_new(&state, plan) == LRS_OK) {
        for (size_t i = 0; i < lrs_program_outputs(q) && !found; i++) {
            found = strcmp(lrs_program_output_name(q, i), VALUE_NAME) == 0;
            *out = found ? lrs_value(plan, state, i, 0) : 0;
        }
    }
    lrs_state_free(state, plan);
    lrs_plan_free(plan);
    return found;
}

/* Without blanks at its end, where nobody looks for a mistake. */
static size_t trimmed(const char *text, size_t n)
{
    while (n > 0 && strchr(" \t\r\n", text[n - 1])) {
        n--;
    }
    return n;
}

int expression_is_grammatical(const session_origin *at, size_t n, lrs_diagnostics **d)
{
    program_text t = {0};
    entry e;
    program_put(&t.text, "let x = ");
    placed whole = {t.text.n, t.text.n + n, 0};
    buffer_put(&t.text, at->text + at->base, n);
    program_put(&t.text, "\n");
    t.at = &whole;
    t.n = 1;
    t.around = 1;
    entry_parse(&e, &(session_origin){"", t.text.at, t.text.n, 0, 0}, t.text.n);
    int is = e.status == LRS_OK;
    if (!is) {
        move_diagnostics(e.d, &t, at);
        *d = e.d;
        e.d = NULL;
    }
    entry_free(&e);
    buffer_free(&t.text);
    return is;
}

/* Computes the entry as an expression: a schedule of its own, beside those of the program. 1: done. Else *d says why. */
static int try_type(const session *s, const session_origin *at, size_t n, int is_condition, session_result *r, lrs_diagnostics **d)
{
    const char *text = at->text + at->base;
    program_text t = {0};
    program_write(&t, &s->now.program);
    t.around = t.text.n + 1;
    program_put(&t.text, "schedule " VALUE_NAME " = ");
    program_put(&t.text, is_condition ? "if(" : "(");
    size_t begin = t.text.n;
    buffer_put(&t.text, text, n);
    t.at[t.n++] = (placed){begin, t.text.n, 0};
    program_put(&t.text, is_condition ? "\n, 1, 0)\n" : "\n)\n");
    lrs_program *q = session_compile(s, &s->now, t.text.at, t.text.n, d);
    int done = q && value_of(q, &r->value);
    move_diagnostics(*d, &t, at);
    lrs_program_free(q);
    program_text_free(&t);
    if (done) {
        r->kind = SESSION_VALUE;
        r->type = is_condition ? SESSION_TRUTH : text_is_time(text, n) ? SESSION_TIME : SESSION_NUMBER;
        r->unit = unit_of(&s->now.program);
    }
    return done;
}

static size_t first_error(const lrs_diagnostics *d)
{
    for (const diag *g = d ? d->first : NULL; g; g = g->next) {
        if (g->severity == LRS_ERROR) {
            return g->at.begin;
        }
    }
    return 0;
}

/* 1: it is one. The diagnostics of the reading that got further stay in r; those of what is a statement by its grammar do in any
 * case. */
int expression_try(const session *s, const session_origin *at, size_t n, int is_statement, session_result *r)
{
    n = trimmed(at->text + at->base, n);
    size_t first = at->base + strspn(at->text + at->base, " \t\r\n");
    for (int is_condition = 0; is_condition < 2; is_condition++) {
        lrs_diagnostics *d = NULL;
        int is = expression_is_grammatical(at, n, &d);
        if (is && try_type(s, at, n, is_condition, r, &d)) {
            lrs_diagnostics_free(r->diagnostics);
            r->diagnostics = NULL;
            lrs_diagnostics_free(d);
            return 1;
        }
        size_t place = first_error(r->diagnostics);
        int further = !is_condition && !is_statement && (is || first_error(d) > place || place == first);
        lrs_diagnostics_free(further ? r->diagnostics : d);
        r->diagnostics = further ? d : r->diagnostics;
    }
    return 0;
}
