/* expression.c: see expression.h. Calls the compiler, and the interpreter. */
#include "expression.h"

#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "entry.h"
#include "tokens.h"

/* ---- expressions ------------------------------------------------------------------------------- */

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

/* ---- what it reads ----------------------------------------------------------------------------- */

/* What an entry may read, by the names in it and in what these stand for. It may read less. */
typedef struct reads {
    const session_program *p;
    char *item;     /* for each item of p: it is read */
    int has_units;  /* lengths are read, and with them what converts them */
    int has_others; /* names are read that p does not declare: of functions, or of what it uses */
} reads;

/* The name that an item declares: behind the first word of its key, and before the group of a schedule. */
static int declares(const session_item *item, const char *name, size_t n)
{
    const char *own = strchr(item->key, ' ');
    int is_lr = item->kind == AST_PHASE || program_is_rule(item->kind);
    if (is_lr) {
        return n == 2 && memcmp(name, "lr", 2) == 0;
    }
    return own && strncmp(own + 1, name, n) == 0 && (own[1 + n] == ' ' || !own[1 + n]);
}

static void note_reads(reads *r, const char *text, size_t n)
{
    text_token *tokens;
    size_t ntokens = lrs_tokens(&tokens, text, n);
    for (size_t i = 0; i < ntokens; i++) {
        const char *name = text + tokens[i].begin;
        size_t length = tokens[i].end - tokens[i].begin;
        int found = 0;
        r->has_units |= tokens[i].class == TOKEN_UNIT || *name == '%';
        for (size_t k = 0; k < r->p->n && tokens[i].class != TOKEN_COMMENT; k++) {
            const session_item *item = &r->p->items[k];
            int is = declares(item, name, length), is_new = is && !r->item[k];
            found |= is;
            r->item[k] |= (char)is;
            if (is_new) {
                note_reads(r, item->text, strlen(item->text));
            }
        }
        r->has_others |= tokens[i].class == TOKEN_NAME && !found;
    }
    free(tokens);
}

static int may_read(const reads *r, const char *param)
{
    static const char *const converts[] = {"total", "steps_per_epoch", "samples_per_step", "tokens_per_step"};
    int declared = 0;
    for (size_t i = 0; i < sizeof converts / sizeof *converts; i++) {
        if (r->has_units && strcmp(param, converts[i]) == 0) {
            return 1;
        }
    }
    for (size_t i = 0; i < r->p->n; i++) {
        int is = r->p->items[i].kind == AST_PARAM && declares(&r->p->items[i], param, strlen(param));
        declared |= is;
        if (is && r->item[i]) {
            return 1;
        }
    }
    return !declared && r->has_others;
}

/* ---- its value --------------------------------------------------------------------------------- */

/* Values for the params that have none and that the entry does not read: any will do. The name of one that it reads; NULL: none. */
static const char *fill_unread(const lrs_program *q, const reads *r, lrs_binding *out, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < lrs_program_params(q); i++) {
        lrs_param_info info = {.size = sizeof info};
        if (lrs_program_param(&info, q, i) || info.has_default) {
            continue;
        }
        if (may_read(r, info.name)) {
            return info.name;
        }
        out[(*n)++] = (lrs_binding){info.name, info.has_range && (info.lo > 1 || info.hi < 1) ? info.lo : 1};
    }
    return NULL;
}

/* The value of the output of this name. 0: there is none, and *d says why, of the place. */
static int value_of(const lrs_program *q, const char *name, const reads *r, span at, double *out, lrs_diagnostics **d)
{
    enum { ROOM = 600 };
    char why[ROOM] = "";
    lrs_plan *plan = NULL;
    lrs_state *state = NULL;
    lrs_binding *unread = cli_alloc((lrs_program_params(q) + 1) * sizeof *unread);
    size_t n;
    int found = 0, status = LRS_OK;
    const char *missing = fill_unread(q, r, unread, &n);
    if (!missing) {
        status = lrs_bind(&plan, q, unread, n, why, sizeof why);
        status = status == LRS_OK ? lrs_state_new(&state, plan) : status;
    }
    for (size_t i = 0; state && i < lrs_program_outputs(q) && !found; i++) {
        found = strcmp(lrs_program_output_name(q, i), name) == 0;
        *out = found ? lrs_value(plan, state, i, 0) : 0;
    }
    *d = found || *d ? *d : diags_new(NULL);
    if (status == LRS_E_NOMEM || (!found && !*d)) {
        exit(cli_no_memory());
    }
    if (missing) {
        diag *g = diag_add(*d, DIAG_DEFINE, at, "the param `%s` has no value yet", missing);
        diag_help(*d, g, "give it one with `:set %s=VALUE`, or a default where it is declared", missing);
    } else if (!found) {
        diag_add(*d, DIAG_DEFINE, at, "%s", why);
    }
    lrs_state_free(state, plan);
    lrs_plan_free(plan);
    free(unread);
    return found;
}

/* A name for it that neither the program nor the entry has. */
static char *unused_name(const char *program, const char *text, size_t n)
{
    char *name = cli_strdup("repl_value"), *entry_text = cli_printf("%.*s", (int)n, text);
    while (strstr(program, name) || strstr(entry_text, name)) {
        char *longer = cli_printf("%s_", name);
        free(name);
        name = longer;
    }
    free(entry_text);
    return name;
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
    program_put_n(&t.text, at->text + at->base, n);
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

enum { NO_EXPRESSION, NO_VALUE, HAS_VALUE };

/* Computes the entry as an expression: a schedule of its own, beside those of the program. HAS_VALUE: done. Else *d says why not. */
static int try_type(const session *s, const session_origin *at, size_t n, int is_condition, session_result *r, lrs_diagnostics **d)
{
    const char *text = at->text + at->base;
    program_text t = {0};
    program_write(&t, &s->now.program);
    t.around = t.text.n + 1;
    char *name = unused_name(t.text.at, text, n);
    program_put(&t.text, "schedule ");
    program_put(&t.text, name);
    program_put(&t.text, is_condition ? " = if(" : " = (");
    size_t begin = t.text.n;
    program_put_n(&t.text, text, n);
    t.at[t.n++] = (placed){begin, t.text.n, 0};
    program_put(&t.text, is_condition ? "\n, 1, 0)\n" : "\n)\n");
    lrs_program *q = session_compile(s, &s->now, t.text.at, t.text.n, d);
    reads read = {.p = &s->now.program, .item = cli_alloc(s->now.program.n + 1)};
    note_reads(&read, text, n);
    int done = q && value_of(q, name, &read, (span){0, (uint32_t)begin, (uint32_t)(begin + n), 0}, &r->value, d);
    move_diagnostics(*d, &t, at);
    free(read.item);
    free(name);
    int came_to = done ? HAS_VALUE : q ? NO_VALUE : NO_EXPRESSION;
    lrs_program_free(q);
    program_text_free(&t);
    if (done) {
        r->kind = SESSION_VALUE;
        r->type = is_condition ? SESSION_TRUTH : text_is_time(text, n) ? SESSION_TIME : SESSION_NUMBER;
        r->unit = unit_of(&s->now.program);
    }
    return came_to;
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

/* 1: it is one. The diagnostics of the reading that got further stay in r; those of what is a statement by its grammar do, unless
 * it is an expression that lacks no more than the value of a param. */
int expression_try(const session *s, const session_origin *at, size_t n, int is_statement, session_result *r)
{
    n = trimmed(at->text + at->base, n);
    size_t first = at->base + strspn(at->text + at->base, " \t\r\n");
    for (int is_condition = 0; is_condition < 2; is_condition++) {
        lrs_diagnostics *d = NULL;
        int is = expression_is_grammatical(at, n, &d);
        int came_to = is ? try_type(s, at, n, is_condition, r, &d) : NO_EXPRESSION;
        if (came_to == HAS_VALUE) {
            lrs_diagnostics_free(r->diagnostics);
            r->diagnostics = NULL;
            lrs_diagnostics_free(d);
            return 1;
        }
        size_t place = first_error(r->diagnostics);
        int further = came_to == NO_VALUE || (!is_condition && !is_statement && (is || first_error(d) > place || place == first));
        lrs_diagnostics_free(further ? r->diagnostics : d);
        r->diagnostics = further ? d : r->diagnostics;
        if (came_to == NO_VALUE) {
            return 0;
        }
    }
    return 0;
}
