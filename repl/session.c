/* session.c: see session.h. */
#include "session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "api.h"
#include "backend.h"
#include "canon.h"
#include "cli_io.h"
#include "tokens.h"

#define MOST_UNDO 100

/* ---- programs as lists of statements ----------------------------------------------------------- */

static void item_free(session_item *i)
{
    free(i->key);
    free(i->lead);
    free(i->text);
    free(i->tail);
}

static void program_free(session_program *p)
{
    for (size_t i = 0; i < p->n; i++) {
        item_free(&p->items[i]);
    }
    free(p->items);
    *p = (session_program){0};
}

static session_program program_copy(const session_program *p)
{
    session_program c = {cli_alloc((p->n + 1) * sizeof *c.items), p->n};
    for (size_t i = 0; i < p->n; i++) {
        const session_item *from = &p->items[i];
        c.items[i] = (session_item){from->kind, cli_strdup(from->key), cli_strdup(from->lead), cli_strdup(from->text), cli_strdup(from->tail), 0, 0};
    }
    return c;
}

static void program_remove(session_program *p, size_t i)
{
    item_free(&p->items[i]);
    memmove(&p->items[i], &p->items[i + 1], (--p->n - i) * sizeof *p->items);
}

static void program_insert(session_program *p, size_t at, session_item item)
{
    p->items = cli_realloc(p->items, (p->n + 1) * sizeof *p->items);
    memmove(&p->items[at + 1], &p->items[at], (p->n++ - at) * sizeof *p->items);
    p->items[at] = item;
}

static int is_rule(enum ast_stmt_kind kind)
{
    return kind == AST_ON || kind == AST_AT || kind == AST_EVERY || kind == AST_BOUNDS;
}

/* What an output is made of, or one itself. */
static int is_schedule(const session_item *i)
{
    return i->kind == AST_PHASE || i->kind == AST_SCHEDULE || is_rule(i->kind);
}

static int has_schedule(const session_program *p)
{
    for (size_t i = 0; i < p->n; i++) {
        if (is_schedule(&p->items[i]) && strncmp(p->items[i].key, "name ", 5) != 0) {
            return 1;
        }
    }
    return 0;
}

/* ---- the text of a program --------------------------------------------------------------------- */

/* text[begin, end) of the program is at from in the entry that is tried. */
typedef struct placed {
    size_t begin, end, from;
} placed;

typedef struct program_text {
    backend_buffer text;
    placed *at;
    size_t n;
} program_text;

static void put(backend_buffer *b, const char *text)
{
    buffer_put(b, text, strlen(text));
}

static void write_program(program_text *t, const session_program *p)
{
    int phases = 0;
    t->at = cli_alloc((p->n + 1) * sizeof *t->at);
    put(&t->text, "");
    for (size_t i = 0; i < p->n; i++) {
        const session_item *item = &p->items[i];
        put(&t->text, item->lead);
        put(&t->text, item->kind == AST_PHASE && phases++ ? "then " : "");
        size_t begin = t->text.n;
        put(&t->text, item->text);
        if (item->fresh) {
            t->at[t->n++] = (placed){begin, t->text.n, item->from};
        }
        put(&t->text, *item->tail && *item->tail != '\n' ? "  " : "");
        put(&t->text, item->tail);
        put(&t->text, "\n");
    }
    if (t->text.failed) {
        exit(cli_no_memory());
    }
}

static void program_text_free(program_text *t)
{
    buffer_free(&t->text);
    free(t->at);
}

char *session_text(const session *s)
{
    program_text t = {0};
    write_program(&t, &s->program);
    char *text = cli_strdup(t.text.at ? t.text.at : "");
    program_text_free(&t);
    return text;
}

/* A program without a schedule is one with the simplest: its declarations are judged. */
#define NO_SCHEDULE "hold 0\n"

char *session_judged_text(const session *s)
{
    char *text = session_text(s), *all = cli_printf("%s%s", text, has_schedule(&s->program) ? "" : NO_SCHEDULE);
    free(text);
    return all;
}

int session_has_schedule(const session *s)
{
    return has_schedule(&s->program);
}

/* ---- diagnostics, moved to where the entry was typed ------------------------------------------- */

/* Source 0 is the text that was compiled; what is said about the entry goes to a source of its own. */
static int move_one(diag *g, const program_text *t, const session_origin *at, uint32_t file)
{
    if (g->at.file != 0) {
        return 0;
    }
    for (size_t i = 0; i < t->n; i++) {
        const placed *p = &t->at[i];
        if (g->at.begin >= p->begin && g->at.begin <= p->end) {
            size_t end = g->at.end < p->end ? g->at.end : p->end;
            size_t shift = at->base + p->from;
            g->at = (span){file, (uint32_t)(g->at.begin - p->begin + shift), (uint32_t)(end - p->begin + shift), 0};
            return 1;
        }
    }
    return 0;
}

/* Drops warnings and notes that are not about the entry: those were said before. A declaration that nothing uses yet is the
 * beginning of every session. */
static void move_diagnostics(lrs_diagnostics *d, const program_text *t, const session_origin *at)
{
    if (!d) {
        return;
    }
    uint32_t file = (uint32_t)d->sources.n;
    if (diags_add_source(d, at->name, at->text, at->n)) {
        exit(cli_no_memory());
    }
    d->sources.at[file].lines_before = at->lines_before;
    diag **link = &d->first;
    while (*link) {
        diag *g = *link;
        int moved = move_one(g, t, at, file);
        for (diag *note = g->notes; note; note = note->next) {
            move_one(note, t, at, file);
        }
        if (g->severity < LRS_ERROR && (!moved || g->code == DIAG_UNUSED)) {
            *link = g->next;
            d->count--;
        } else {
            link = &g->next;
        }
    }
    d->tail = link;
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

static int has_param(const session_program *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->items[i].kind == AST_PARAM && strcmp(p->items[i].key + strlen("name "), name) == 0) {
            return 1;
        }
    }
    return is_well_known(name);
}

int session_is_param(const session *s, const char *name)
{
    return has_param(&s->program, name);
}

/* Values of params that the program does not have now wait until it has them. */
static size_t applicable(const session *s, const session_program *p, lrs_binding *out)
{
    size_t n = 0;
    for (size_t i = 0; i < s->nsets; i++) {
        if (has_param(p, s->sets[i].name)) {
            out[n++] = s->sets[i];
        }
    }
    return n;
}

static void fill_options(const session *s, const session_program *p, cli_options *o)
{
    o->defines = cli_alloc((s->nsets + 1) * sizeof *o->defines);
    o->ndefines = applicable(s, p, o->defines);
    size_t n = s->options->include_dirs.n;
    o->include_dirs.at = cli_alloc((n + 1) * sizeof *o->include_dirs.at);
    o->include_dirs.n = 0;
    if (s->folder) {
        o->include_dirs.at[o->include_dirs.n++] = s->folder;
    }
    for (size_t i = 0; i < n; i++) {
        o->include_dirs.at[o->include_dirs.n++] = s->options->include_dirs.at[i];
    }
}

void session_options(const session *s, cli_options *o)
{
    fill_options(s, &s->program, o);
}

void session_options_free(cli_options *o)
{
    free(o->defines);
    free(o->include_dirs.at);
    o->defines = NULL;
    o->include_dirs.at = NULL;
}

/* Compiles a text that belongs to program p. NULL with diagnostics in *d. */
static lrs_program *compile(const session *s, const session_program *p, const char *text, size_t n, lrs_diagnostics **d)
{
    lrs_program *out = NULL;
    cli_options o = *s->options;
    fill_options(s, p, &o);
    lrs_options options = cli_compile_options(&o, "<session>");
    int status = lrs_compile(&out, text, n, &options, d);
    session_options_free(&o);
    if (status == LRS_E_NOMEM) {
        exit(cli_no_memory());
    }
    return out;
}

/* ---- entries ----------------------------------------------------------------------------------- */

/* A parsed entry. */
typedef struct entry {
    const char *text;
    size_t n;
    arena mem;
    lrs_diagnostics *d;
    ast_stmt *statements;
    int status;
    text_token *tokens;
    size_t ntokens;
} entry;

static void entry_parse(entry *e, const session_origin *at, size_t n)
{
    *e = (entry){.text = at->text + at->base, .n = n};
    arena_init(&e->mem, NULL);
    e->d = diags_new(NULL);
    if (!e->d || diags_add_source(e->d, "", e->text, n)) {
        exit(cli_no_memory());
    }
    e->status = lrs_parse(&e->statements, &e->mem, e->d, 0);
    if (e->status == LRS_E_NOMEM) {
        exit(cli_no_memory());
    }
    e->ntokens = lrs_tokens(&e->tokens, e->text, n);
}

static void entry_free(entry *e)
{
    arena_free(&e->mem);
    lrs_diagnostics_free(e->d);
    free(e->tokens);
}

static char *key_of(const ast_stmt *s)
{
    const char *name = s->name.text ? s->name.text : "";
    switch (s->kind) {
    case AST_PARAM:
    case AST_LET:
    case AST_INPUT:
    case AST_DEF:
    case AST_TEMPLATE:
        return cli_printf("name %s", name);
    case AST_SHAPE:
    case AST_DECAY:
    case AST_CURVE:
        return cli_printf("law %s", name);
    case AST_SCHEDULE:
        return s->is_hidden ? cli_printf("name %s", name)
                            : cli_printf("schedule %s%s%s", name, s->group.text ? " " : "", s->group.text ? s->group.text : "");
    case AST_USE:
        return cli_printf("use %s", name);
    case AST_UNIT_DECL:
        return cli_strdup("unit");
    case AST_BOUNDS:
        return cli_strdup("bounds");
    default:
        return cli_strdup("");
    }
}

/* The first token that begins at a place or after it. */
static size_t token_from(const entry *e, size_t place)
{
    size_t low = 0, high = e->ntokens;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (e->tokens[middle].begin < place) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The last token before a place that is neither a newline nor a comment is `then`. */
static int has_then(const entry *e, const ast_stmt *s)
{
    size_t i = token_from(e, s->at.begin);
    while (i > 0 && (e->tokens[i - 1].class == TOKEN_NEWLINE || e->tokens[i - 1].class == TOKEN_COMMENT)) {
        i--;
    }
    const text_token *last = i > 0 ? &e->tokens[i - 1] : NULL;
    return last && last->end - last->begin == 4 && strncmp(e->text + last->begin, "then", 4) == 0;
}

static char *slice(const char *text, size_t begin, size_t end)
{
    return cli_printf("%.*s", (int)(end - begin), text + begin);
}

/* The comments between two statements: one on the line of the first belongs to it, the others to the second. A blank line
 * before them stays. */
static void take_comments(const entry *e, size_t begin, size_t end, char **tail, char **lead)
{
    backend_buffer b = {0};
    int newlines = 0;
    put(&b, "");
    for (size_t i = token_from(e, begin); i < e->ntokens && e->tokens[i].end <= end; i++) {
        const text_token *t = &e->tokens[i];
        newlines = t->class == TOKEN_NEWLINE ? newlines + 1 : newlines;
        if (t->class != TOKEN_COMMENT) {
            continue;
        }
        if (newlines == 0 && tail && !**tail) {
            free(*tail);
            *tail = slice(e->text, t->begin, t->end);
        } else {
            put(&b, newlines > 1 && b.n == 0 && begin > 0 ? "\n" : "");
            buffer_put(&b, e->text + t->begin, t->end - t->begin);
            put(&b, "\n");
        }
    }
    *lead = cli_strdup(b.at ? b.at : "");
    buffer_free(&b);
}

static size_t after_last(const session_program *p, int (*is)(const session_item *))
{
    size_t at = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (is(&p->items[i])) {
            at = i + 1;
        }
    }
    return at;
}

static int is_phase(const session_item *i)
{
    return i->kind == AST_PHASE;
}

static int is_of_schedule(const session_item *i)
{
    return is_phase(i) || is_rule(i->kind);
}

/* Where a declaration goes: before the phases, as people write them. */
static size_t before_phases(const session_program *p)
{
    for (size_t i = 0; i < p->n; i++) {
        if (is_of_schedule(&p->items[i])) {
            return i;
        }
    }
    return p->n;
}

/* What the schedule `lr` is made of goes. Its place: of the first statement of it, or where phases go. */
static size_t begin_anew(session_program *p)
{
    size_t at = SIZE_MAX;
    for (size_t i = p->n; i-- > 0;) {
        session_item *item = &p->items[i];
        if (!item->fresh && (is_of_schedule(item) || strcmp(item->key, "schedule lr") == 0)) {
            program_remove(p, i);
            at = i;
        }
    }
    return at != SIZE_MAX ? at : before_phases(p);
}

/* The statements that this one replaces go; the place of the first, or SIZE_MAX. */
static size_t replace(session_program *p, const char *key)
{
    size_t at = SIZE_MAX;
    for (size_t i = p->n; i-- > 0 && *key;) {
        if (!p->items[i].fresh && strcmp(p->items[i].key, key) == 0) {
            program_remove(p, i);
            at = i;
        }
    }
    return at;
}

static void refuse(entry *e, const ast_stmt *s, const char *message, const char *help)
{
    diag *g = diag_add(e->d, DIAG_NO_PHASE, s->at, "%s", message);
    diag_help(e->d, g, "%s", help);
    e->status = LRS_E_SOURCE;
}

/* Puts a statement into the program. in_order: as it stands in a file. begun: a phase of the entry is there. */
static void amend(session_program *p, entry *e, const ast_stmt *s, session_item item, int in_order, int *begun)
{
    size_t at = p->n;
    if (s->kind == AST_PHASE && !in_order) {
        int goes_on = *begun || has_then(e, s);
        if (goes_on && after_last(p, is_phase) == 0) {
            refuse(e, s, "there are no phases that this one could go on after",
                   "leave out `then` to begin a schedule; one in braces is typed anew, or changed with :edit");
        }
        at = goes_on ? after_last(p, is_phase) : begin_anew(p);
        *begun = 1;
    } else if (!in_order && is_rule(s->kind)) {
        replace(p, item.key);
        at = after_last(p, is_of_schedule);
        at = at ? at : p->n;
    } else if (!in_order && strcmp(item.key, "schedule lr") == 0) {
        at = begin_anew(p);
    } else if (!in_order) {
        at = replace(p, item.key);
        at = at != SIZE_MAX ? at : s->kind == AST_SCHEDULE ? p->n : before_phases(p);
    }
    program_insert(p, at, item);
}

/* Comments after the last statement go below it. */
static void take_last_comments(const entry *e, size_t begin, session_item *last)
{
    char *lines;
    take_comments(e, begin, e->n, NULL, &lines);
    size_t n = strlen(lines);
    if (n > 0) {
        char *tail = cli_printf("%s\n%.*s", last->tail, (int)n - 1, lines);
        free(last->tail);
        last->tail = tail;
    }
    free(lines);
}

/* The program with the entry in it. */
static session_program amended(const session_program *old, entry *e, int in_order)
{
    session_program p = program_copy(old);
    int begun = 0;
    size_t before = 0;
    for (const ast_stmt *s = e->statements; s; s = s->next) {
        session_item item = {s->kind, key_of(s), NULL, slice(e->text, s->at.begin, s->at.end), cli_strdup(""), 1, s->at.begin};
        take_comments(e, before, s->at.begin, NULL, &item.lead);
        size_t limit = s->next ? s->next->at.begin : e->n, line = s->at.end;
        while (line < limit && e->text[line] != '\n') {
            line++;
        }
        char *none;
        take_comments(e, s->at.end, line, &item.tail, &none);
        free(none);
        before = line;
        if (!s->next) {
            take_last_comments(e, before, &item);
        }
        amend(&p, e, s, item, in_order, &begun);
    }
    return p;
}

static char *canonical_of(const entry *e)
{
    backend_buffer b = {0};
    int phases = 0;
    put(&b, "");
    for (const ast_stmt *s = e->statements; s; s = s->next) {
        put(&b, s == e->statements ? "" : "\n");
        put(&b, s->kind == AST_PHASE && (phases || has_then(e, s)) ? "then " : "");
        phases |= s->kind == AST_PHASE;
        canon_statement(&b, s, e->text);
    }
    char *text = cli_strdup(b.at ? b.at : "");
    buffer_free(&b);
    return text;
}

char *session_canonical(const session *s)
{
    char *text = session_text(s);
    session_origin at = {"<session>", text, strlen(text), 0, 0};
    entry e;
    entry_parse(&e, &at, at.n);
    char *canonical = canonical_of(&e);
    entry_free(&e);
    free(text);
    return canonical;
}

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

/* Computes the entry as an expression: a schedule of its own, beside those of the program. 1: done. Else *d says why. */
static int try_type(const session *s, const session_origin *at, size_t n, int is_condition, session_result *r, lrs_diagnostics **d)
{
    const char *text = at->text + at->base;
    program_text t = {0};
    write_program(&t, &s->program);
    put(&t.text, "schedule " VALUE_NAME " = ");
    put(&t.text, is_condition ? "if(" : "(");
    size_t begin = t.text.n;
    buffer_put(&t.text, text, n);
    t.at[t.n++] = (placed){begin, t.text.n, 0};
    put(&t.text, is_condition ? "\n, 1, 0)\n" : "\n)\n");
    lrs_program *q = compile(s, &s->program, t.text.at, t.text.n, d);
    int done = q && value_of(q, &r->value);
    move_diagnostics(*d, &t, at);
    lrs_program_free(q);
    program_text_free(&t);
    if (done) {
        r->kind = SESSION_VALUE;
        r->type = is_condition ? SESSION_TRUTH : text_is_time(text, n) ? SESSION_TIME : SESSION_NUMBER;
        r->unit = unit_of(&s->program);
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
static int try_expression(const session *s, const session_origin *at, size_t n, int is_statement, session_result *r)
{
    for (int is_condition = 0; is_condition < 2; is_condition++) {
        lrs_diagnostics *d = NULL;
        if (try_type(s, at, n, is_condition, r, &d)) {
            lrs_diagnostics_free(r->diagnostics);
            r->diagnostics = NULL;
            lrs_diagnostics_free(d);
            return 1;
        }
        int further = !is_condition && !is_statement && first_error(d) > first_error(r->diagnostics);
        lrs_diagnostics_free(further ? r->diagnostics : d);
        r->diagnostics = further ? d : r->diagnostics;
    }
    return 0;
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

static void judge(const session *s, const session_program *p, const session_origin *at, session_result *r)
{
    program_text t = {0};
    write_program(&t, p);
    int whole = has_schedule(p);
    put(&t.text, whole ? "" : NO_SCHEDULE);
    lrs_program *q = compile(s, p, t.text.at, t.text.n, &r->diagnostics);
    move_diagnostics(r->diagnostics, &t, at);
    program_text_free(&t);
    r->kind = q ? SESSION_CHANGED : SESSION_ERROR;
    if (whole) {
        r->compiled = q;
    } else {
        lrs_program_free(q);
    }
}

/* An expression can only be one that is no statement; and a statement that is none may be an expression. */
static void try_entry(const session *s, const session_origin *at, size_t n, int in_order, session_program *out, session_result *r)
{
    entry e;
    *r = (session_result){.kind = SESSION_NOTHING};
    *out = (session_program){0};
    entry_parse(&e, at, n);
    if (e.status == LRS_OK && !e.statements) {
        entry_free(&e);
        return;
    }
    if (e.status == LRS_OK) {
        session_program none = {0};
        *out = amended(in_order ? &none : &s->program, &e, in_order);
    }
    if (e.status != LRS_OK) {
        keep_parse_errors(&e, at, r);
    } else {
        judge(s, out, at, r);
        r->canonical = canonical_of(&e);
    }
    int is_statement = e.statements && r->canonical;
    entry_free(&e);
    if (r->kind == SESSION_ERROR && !in_order) {
        try_expression(s, at, n, is_statement, r);
    }
}

static void commit(session *s, session_program *p)
{
    if (s->nundo == MOST_UNDO) {
        program_free(&s->undo[0]);
        memmove(&s->undo[0], &s->undo[1], --s->nundo * sizeof *s->undo);
    }
    s->undo = cli_realloc(s->undo, (s->nundo + 1) * sizeof *s->undo);
    s->undo[s->nundo++] = s->program;
    for (size_t i = 0; i < p->n; i++) {
        p->items[i].fresh = 0;
    }
    s->program = *p;
    *p = (session_program){0};
}

static void drop_compiled(session_result *r)
{
    lrs_program_free(r->compiled);
    r->compiled = NULL;
}

/* A param that is typed anew has the value that is typed, if no -D says otherwise. */
static void forget_set(session *s, const char *name)
{
    for (size_t i = 0; i < s->nsets; i++) {
        if (strcmp(s->sets[i].name, name) == 0) {
            free((void *)(uintptr_t)s->sets[i].name);
            memmove(&s->sets[i], &s->sets[i + 1], (--s->nsets - i) * sizeof *s->sets);
            return;
        }
    }
}

/* By -D, which holds whatever is typed. */
static int is_given(const session *s, const char *name)
{
    for (size_t i = 0; i < s->options->ndefines; i++) {
        if (strcmp(s->options->defines[i].name, name) == 0) {
            return 1;
        }
    }
    return 0;
}

void session_enter(session *s, const session_origin *at, size_t n, session_result *r)
{
    session_program p;
    try_entry(s, at, n, 0, &p, r);
    drop_compiled(r);
    if (r->kind == SESSION_CHANGED) {
        for (size_t i = 0; i < p.n; i++) {
            if (p.items[i].fresh && p.items[i].kind == AST_PARAM && !is_given(s, p.items[i].key + strlen("name "))) {
                forget_set(s, p.items[i].key + strlen("name "));
            }
        }
        commit(s, &p);
    }
    program_free(&p);
}

void session_try(const session *s, const session_origin *at, size_t n, session_result *r)
{
    session_program p;
    try_entry(s, at, n, 0, &p, r);
    program_free(&p);
}

static void set(session *s, const char *name, double value)
{
    forget_set(s, name);
    s->sets = cli_realloc(s->sets, (s->nsets + 1) * sizeof *s->sets);
    s->sets[s->nsets++] = (lrs_binding){cli_strdup(name), value};
}

void session_replace_sets(session *s, const lrs_binding *sets, size_t n)
{
    while (s->nsets) {
        free((void *)(uintptr_t)s->sets[--s->nsets].name);
    }
    for (size_t i = 0; i < n; i++) {
        set(s, sets[i].name, sets[i].value);
    }
}

static void reset_sets(session *s)
{
    session_replace_sets(s, s->options->defines, s->options->ndefines);
}

void session_check(const session *s, const session_origin *at, session_result *r)
{
    *r = (session_result){.kind = SESSION_CHANGED};
    lrs_program *q = compile(s, &s->program, at->text, at->n, &r->diagnostics);
    r->kind = q || !has_schedule(&s->program) ? SESSION_CHANGED : SESSION_ERROR;
    r->compiled = q;
}

void session_load(session *s, const session_origin *at, const char *path, session_result *r)
{
    session_program p;
    const char *slash = strrchr(path, '/');
    char *folder = s->folder;
    lrs_binding *sets = s->sets;
    size_t nsets = s->nsets;
    s->sets = NULL;
    s->nsets = 0;
    reset_sets(s);
    s->folder = slash ? slice(path, 0, slash == path ? 1 : (size_t)(slash - path)) : cli_strdup(".");
    try_entry(s, at, at->n, 1, &p, r);
    drop_compiled(r);
    if (r->kind == SESSION_NOTHING) {
        r->kind = SESSION_CHANGED;
        r->canonical = cli_strdup("");
    }
    if (r->kind == SESSION_CHANGED) {
        commit(s, &p);
    } else { /* all as it was */
        lrs_binding *unused = s->sets;
        size_t n = s->nsets;
        char *other = s->folder;
        s->sets = sets;
        s->nsets = nsets;
        s->folder = folder;
        sets = unused;
        nsets = n;
        folder = other;
    }
    while (nsets) {
        free((void *)(uintptr_t)sets[--nsets].name);
    }
    free(sets);
    free(folder);
    program_free(&p);
}

void session_new(session *s)
{
    session_program none = {0};
    commit(s, &none);
    reset_sets(s);
    free(s->folder);
    s->folder = NULL;
}

int session_undo(session *s)
{
    if (s->nundo == 0) {
        return 0;
    }
    program_free(&s->program);
    s->program = s->undo[--s->nundo];
    return 1;
}

int session_set(session *s, const char *name, double value)
{
    if (!session_is_param(s, name)) {
        return -1;
    }
    set(s, name, value);
    return 0;
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
    reset_sets(s);
}

void session_free(session *s)
{
    program_free(&s->program);
    while (s->nundo) {
        program_free(&s->undo[--s->nundo]);
    }
    while (s->nsets) {
        free((void *)(uintptr_t)s->sets[--s->nsets].name);
    }
    free(s->undo);
    free(s->sets);
    free(s->folder);
    *s = (session){0};
}
