/* session.c: see session.h. */
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include "api.h"
#include "cli_io.h"
#include "entry.h"
#include "expression.h"
#include "parse.h"
#include "program.h"

#define MOST_UNDO 100

/* ---- its text ---------------------------------------------------------------------------------- */

static char *text_of(const session_program *p)
{
    program_text t = {0};
    program_write(&t, p);
    char *text = cli_strdup(t.text.at ? t.text.at : "");
    program_text_free(&t);
    return text;
}

char *session_text(const session *s)
{
    return text_of(&s->now.program);
}

/* A program without a schedule is one with the simplest: its declarations are judged. */
#define NO_SCHEDULE "hold 0\n"

char *session_judged_text(const session *s)
{
    char *text = session_text(s), *all = cli_printf("%s%s", text, program_has_schedule(&s->now.program) ? "" : NO_SCHEDULE);
    free(text);
    return all;
}

int session_has_schedule(const session *s)
{
    return program_has_schedule(&s->now.program);
}

char *session_canonical(const session *s)
{
    char *text = session_text(s);
    session_origin at = {"<session>", text, strlen(text), 0, 0};
    entry e;
    entry_parse(&e, &at, at.n);
    char *canonical = entry_canonical(&e);
    entry_free(&e);
    free(text);
    return canonical;
}

/* ---- versions ---------------------------------------------------------------------------------- */

static void version_free(session_version *v)
{
    program_free(&v->program);
    while (v->nsets) {
        free((void *)(uintptr_t)v->sets[--v->nsets].name);
    }
    free(v->sets);
    free(v->path);
    free(v->folder);
    *v = (session_version){0};
}

static void forget_set(session_version *v, const char *name)
{
    for (size_t i = 0; i < v->nsets; i++) {
        if (strcmp(v->sets[i].name, name) == 0) {
            free((void *)(uintptr_t)v->sets[i].name);
            memmove(&v->sets[i], &v->sets[i + 1], (--v->nsets - i) * sizeof *v->sets);
            return;
        }
    }
}

static void set(session_version *v, const char *name, double value)
{
    forget_set(v, name);
    v->sets = cli_realloc(v->sets, (v->nsets + 1) * sizeof *v->sets);
    v->sets[v->nsets++] = (lrs_binding){cli_strdup(name), value};
}

/* An empty program with what -D says. */
static session_version first_version(const session *s)
{
    session_version v = {0};
    for (size_t i = 0; i < s->options->ndefines; i++) {
        set(&v, s->options->defines[i].name, s->options->defines[i].value);
    }
    return v;
}

/* All of a version but its program. */
static session_version version_around(const session_version *old)
{
    session_version v = {.path = old->path ? cli_strdup(old->path) : NULL, .folder = old->folder ? cli_strdup(old->folder) : NULL};
    for (size_t i = 0; i < old->nsets; i++) {
        set(&v, old->sets[i].name, old->sets[i].value);
    }
    return v;
}

static void push(session_versions *l, session_version v)
{
    if (l->n == MOST_UNDO) {
        version_free(&l->at[0]);
        memmove(&l->at[0], &l->at[1], --l->n * sizeof *l->at);
    }
    l->at = cli_realloc(l->at, (l->n + 1) * sizeof *l->at);
    l->at[l->n++] = v;
}

static void drop(session_versions *l)
{
    while (l->n) {
        version_free(&l->at[--l->n]);
    }
    free(l->at);
    *l = (session_versions){0};
}

/* Goes on to a version, which is the session's then. */
static void advance(session *s, session_version *v)
{
    for (size_t i = 0; i < v->program.n; i++) {
        v->program.items[i].fresh = 0;
    }
    push(&s->undo, s->now);
    drop(&s->redo);
    s->now = *v;
    *v = (session_version){0};
}

static int go(session *s, session_versions *from, session_versions *to)
{
    if (from->n == 0) {
        return 0;
    }
    push(to, s->now);
    s->now = from->at[--from->n];
    return 1;
}

int session_undo(session *s)
{
    return go(s, &s->undo, &s->redo);
}

int session_redo(session *s)
{
    return go(s, &s->redo, &s->undo);
}

static void rename_those_of(session_versions *l, const char *old, const char *path)
{
    for (size_t i = l->n; i-- > 0 && (old && l->at[i].path ? strcmp(old, l->at[i].path) == 0 : old == l->at[i].path);) {
        free(l->at[i].path);
        l->at[i].path = cli_strdup(path);
    }
}

void session_rename(session *s, const char *path)
{
    char *old = s->now.path, *name = cli_strdup(path);
    rename_those_of(&s->undo, old, name);
    rename_those_of(&s->redo, old, name);
    s->now.path = name;
    free(old);
}

/* ---- compiling --------------------------------------------------------------------------------- */

static int is_well_known(const char *name)
{
    static const char *const names[] = {"total", "steps_per_epoch", "samples_per_step", "tokens_per_step"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0) {
            return 1;
        }
    }
    return 0;
}

/* Of a param. */
static const char *name_of(const session_item *item)
{
    return item->key + strlen("name ");
}

static int has_param(const session_program *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->items[i].kind == AST_PARAM && strcmp(name_of(&p->items[i]), name) == 0) {
            return 1;
        }
    }
    return is_well_known(name);
}

int session_is_param(const session *s, const char *name)
{
    return has_param(&s->now.program, name);
}

/* Values of params that the program does not have now wait until it has them. */
static size_t applicable(const session_version *v, lrs_binding *out)
{
    size_t n = 0;
    for (size_t i = 0; i < v->nsets; i++) {
        if (has_param(&v->program, v->sets[i].name)) {
            out[n++] = v->sets[i];
        }
    }
    return n;
}

static void fill_options(const session *s, const session_version *v, cli_options *o)
{
    o->defines = cli_alloc((v->nsets + 1) * sizeof *o->defines);
    o->ndefines = applicable(v, o->defines);
    size_t n = s->options->include_dirs.n;
    o->include_dirs.at = cli_alloc((n + 1) * sizeof *o->include_dirs.at);
    o->include_dirs.n = 0;
    if (v->folder) {
        o->include_dirs.at[o->include_dirs.n++] = v->folder;
    }
    for (size_t i = 0; i < n; i++) {
        o->include_dirs.at[o->include_dirs.n++] = s->options->include_dirs.at[i];
    }
}

void session_options(const session *s, cli_options *o)
{
    fill_options(s, &s->now, o);
}

void session_options_free(cli_options *o)
{
    free(o->defines);
    free(o->include_dirs.at);
    o->defines = NULL;
    o->include_dirs.at = NULL;
}

lrs_program *session_compile(const session *s, const session_version *v, const char *text, size_t n, lrs_diagnostics **d)
{
    lrs_program *out = NULL;
    cli_options o = *s->options;
    fill_options(s, v, &o);
    lrs_options options = cli_compile_options(&o, "<session>");
    int status = lrs_compile(&out, text, n, &options, d); /* without advice on -D: a param is entered, or set */
    session_options_free(&o);
    if (status == LRS_E_NOMEM) {
        exit(cli_no_memory());
    }
    return out;
}

/* ---- entering ---------------------------------------------------------------------------------- */

/* Only what is parsed alone is known, when it is no program yet. */
static void keep_parse_errors(entry *e, const session_origin *at, session_result *r)
{
    placed whole = {0, e->n + 1, 0};
    program_text t = {.at = &whole, .n = 1};
    move_diagnostics(e->d, &t, at);
    r->diagnostics = e->d;
    e->d = NULL;
    r->kind = SESSION_ERROR;
}

static void judge(const session *s, const session_version *v, const session_origin *at, session_result *r)
{
    program_text t = {0};
    program_write(&t, &v->program);
    int whole = program_has_schedule(&v->program);
    program_put(&t.text, whole ? "" : NO_SCHEDULE);
    lrs_program *q = session_compile(s, v, t.text.at, t.text.n, &r->diagnostics);
    move_diagnostics(r->diagnostics, &t, at);
    program_text_free(&t);
    r->kind = q ? SESSION_CHANGED : SESSION_ERROR;
    if (whole) {
        r->compiled = q;
    } else {
        lrs_program_free(q);
    }
}

/* By -D, which holds whatever is typed. */
static const lrs_binding *given(const session *s, const char *name)
{
    for (size_t i = 0; i < s->options->ndefines; i++) {
        if (strcmp(s->options->defines[i].name, name) == 0) {
            return &s->options->defines[i];
        }
    }
    return NULL;
}

static int is_there(const session_program *p, const session_item *item)
{
    for (size_t i = 0; i < p->n; i++) {
        if (strcmp(p->items[i].key, item->key) == 0 && strcmp(p->items[i].text, item->text) == 0) {
            return 1;
        }
    }
    return 0;
}

/* A param that is typed anew has the value that is typed, if no -D says otherwise; one that is in a file as it was keeps what
 * was set. */
static void forget_sets(const session *s, session_version *v, int in_order)
{
    for (size_t i = 0; i < v->program.n; i++) {
        const session_item *item = &v->program.items[i];
        if (item->fresh && item->kind == AST_PARAM && !given(s, name_of(item)) && !(in_order && is_there(&s->now.program, item))) {
            forget_set(v, name_of(item));
        }
    }
}

/* Its first word is one that no expression begins with. */
static int begins_statement(const session_origin *at)
{
    const char *text = at->text + at->base + strspn(at->text + at->base, " \t\r\n");
    const keyword *k = keyword_find(text, strspn(text, "abcdefghijklmnopqrstuvwxyz"));
    return k && (k->class == KEYWORD_STATEMENT || k->class == KEYWORD_PHASE);
}

/* Makes of *v, which has all but a program, the version with the entry in it. An expression can only be one that is no statement;
 * and a statement that is none may be an expression. */
static void try_entry(const session *s, const session_origin *at, size_t n, int in_order, session_version *v, session_result *r)
{
    entry e;
    *r = (session_result){.kind = SESSION_NOTHING};
    entry_parse(&e, at, n);
    if (e.status == LRS_OK && !e.statements) {
        entry_free(&e);
        return;
    }
    if (e.status == LRS_OK) {
        session_program none = {0};
        v->program = entry_amend(in_order ? &none : &s->now.program, &e, in_order);
        forget_sets(s, v, in_order);
    }
    if (e.status != LRS_OK) {
        keep_parse_errors(&e, at, r);
    } else {
        judge(s, v, at, r);
        r->canonical = entry_canonical(&e);
    }
    int is_statement = (e.statements && r->canonical) || begins_statement(at);
    entry_free(&e);
    if (r->kind == SESSION_ERROR && !in_order) {
        expression_try(s, at, n, is_statement, r);
    }
}

static void drop_compiled(session_result *r)
{
    lrs_program_free(r->compiled);
    r->compiled = NULL;
}

void session_enter(session *s, const session_origin *at, size_t n, session_result *r)
{
    session_version v = version_around(&s->now);
    try_entry(s, at, n, 0, &v, r);
    drop_compiled(r);
    if (r->kind == SESSION_CHANGED) {
        advance(s, &v);
    }
    version_free(&v);
}

void session_try(const session *s, const session_origin *at, size_t n, session_result *r)
{
    session_version v = version_around(&s->now);
    try_entry(s, at, n, 0, &v, r);
    version_free(&v);
}

void session_check(const session *s, const session_origin *at, session_result *r)
{
    *r = (session_result){.kind = SESSION_CHANGED};
    lrs_program *q = session_compile(s, &s->now, at->text, at->n, &r->diagnostics);
    r->kind = q || !program_has_schedule(&s->now.program) ? SESSION_CHANGED : SESSION_ERROR;
    r->compiled = q;
}

void session_load(session *s, const session_origin *at, const char *path, session_result *r)
{
    session_version v = path ? first_version(s) : version_around(&s->now);
    if (path) {
        v.path = strcmp(path, "-") == 0 ? NULL : cli_strdup(path);
        v.folder = cli_folder_of(path);
    }
    try_entry(s, at, at->n, 1, &v, r);
    drop_compiled(r);
    if (r->kind == SESSION_NOTHING) {
        r->kind = SESSION_CHANGED;
        r->canonical = cli_strdup("");
    }
    if (r->kind == SESSION_CHANGED) {
        advance(s, &v);
    }
    version_free(&v);
}

void session_new(session *s)
{
    session_version v = first_version(s);
    advance(s, &v);
}

void session_set(session *s, const lrs_binding *sets, size_t n, session_result *r)
{
    session_version v = version_around(&s->now);
    char *text = session_judged_text(s);
    *r = (session_result){.kind = SESSION_ERROR};
    v.program = program_copy(&s->now.program);
    for (size_t i = 0; i < n; i++) {
        set(&v, sets[i].name, sets[i].value);
    }
    lrs_program *q = session_compile(s, &v, text, strlen(text), &r->diagnostics);
    if (q) {
        r->kind = SESSION_CHANGED;
        advance(s, &v);
    }
    for (diag *g = r->diagnostics ? r->diagnostics->first : NULL; g; g = g->next) {
        g->message += strncmp(g->message, "-D ", 3) == 0 ? 3 : 0; /* here it is :set */
    }
    lrs_program_free(q);
    version_free(&v);
    free(text);
}

/* ---- what is saved ----------------------------------------------------------------------------- */

/* The text of a param with another default, in the unit that it has. */
static char *with_default(const char *text, const char *value)
{
    session_origin at = {"", text, strlen(text), 0, 0};
    entry e;
    entry_parse(&e, &at, at.n);
    const ast_stmt *s = e.statements;
    char *out;
    if (s->value) {
        const ast_expr *old = s->value->kind == AST_UNIT && s->value->unit != AST_PERCENT ? s->value->left : s->value;
        out = cli_printf("%.*s%s%s", (int)old->at.begin, text, value, text + old->at.end);
    } else {
        out = cli_printf("%.*s = %s%s", (int)s->name.at.end, text, value, text + s->name.at.end);
    }
    entry_free(&e);
    return out;
}

/* Length of the comments at the head of a file, which a blank line ends. */
static size_t head_of(const char *lead)
{
    size_t n = strlen(lead);
    while (n > 0 && !(lead[n - 1] == '\n' && (n == 1 || lead[n - 2] == '\n'))) {
        n--;
    }
    return n;
}

/* `total` and its like are known without a declaration; it goes to the beginning, since it is for what follows. */
static void declare(session_program *p, const char *name, const char *value)
{
    session_item item = {.kind = AST_PARAM, .key = cli_printf("name %s", name), .text = cli_printf("param %s = %s", name, value),
                         .lead = cli_strdup(""), .tail = cli_strdup("")};
    if (p->n > 0) {
        size_t head = head_of(p->items[0].lead);
        free(item.lead);
        item.lead = cli_printf("%.*s", (int)head, p->items[0].lead);
        memmove(p->items[0].lead, p->items[0].lead + head, strlen(p->items[0].lead + head) + 1);
    }
    program_insert(p, 0, item);
}

static void give_default(session_program *p, const char *name, const char *value)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->items[i].kind == AST_PARAM && strcmp(name_of(&p->items[i]), name) == 0) {
            char *text = with_default(p->items[i].text, value);
            free(p->items[i].text);
            p->items[i].text = text;
            return;
        }
    }
    declare(p, name, value);
}

/* All lines end as those that the session adds. */
static void unify_lines(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (from[0] != '\r' || from[1] != '\n') {
            *to++ = *from;
        }
    }
    *to = 0;
}

char *session_saved_text(const session *s, char **said)
{
    session_program p = program_copy(&s->now.program);
    *said = cli_strdup("");
    for (size_t i = 0; i < s->now.nsets; i++) {
        const lrs_binding *b = &s->now.sets[i], *by_option = given(s, b->name);
        char value[LRS_NUMBER_TEXT];
        if (!has_param(&s->now.program, b->name) || (by_option && by_option->value == b->value)) {
            continue;
        }
        lrs_number_text(value, b->value);
        give_default(&p, b->name, value);
        char *longer = cli_printf("%s%s%s = %s", *said, **said ? ", " : "", b->name, value);
        free(*said);
        *said = longer;
    }
    char *text = text_of(&p);
    unify_lines(text);
    program_free(&p);
    return text;
}

/* ---- beginning and end ------------------------------------------------------------------------- */

void session_result_free(session_result *r)
{
    lrs_diagnostics_free(r->diagnostics);
    lrs_program_free(r->compiled);
    free(r->canonical);
    *r = (session_result){0};
}

void session_init(session *s, const cli_options *o)
{
    *s = (session){.options = o};
    s->now = first_version(s);
}

void session_free(session *s)
{
    drop(&s->undo);
    drop(&s->redo);
    version_free(&s->now);
}
