/* entry.c: see entry.h. Calls the scanner and the parser. */
#include "entry.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "canon.h"
#include "cli_io.h"

/* ---- entries ----------------------------------------------------------------------------------- */

void entry_parse(entry *e, const session_origin *at, size_t n)
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

void entry_free(entry *e)
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

/* A comment begins with the blanks before it. */
static size_t blanks_before(const char *text, size_t begin, size_t at)
{
    while (at > begin && (text[at - 1] == ' ' || text[at - 1] == '\t')) {
        at--;
    }
    return at;
}

/* The empty lines that so many newlines in a row make: the first ends a line, unless a comment did. Before the first statement of a
 * text there are none. */
static void put_empty_lines(backend_buffer *b, int newlines, size_t begin)
{
    int empty = b->n > 0 ? newlines : begin > 0 ? newlines - 1 : 0;
    for (int i = 0; i < empty; i++) {
        program_put(b, "\n");
    }
}

/* The comments and empty lines between two statements: a comment on the line of the first belongs to it, all else to the second. */
static void take_comments(const entry *e, size_t begin, size_t end, char **tail, char **lead)
{
    backend_buffer b = {0};
    int newlines = 0, is_last = end == e->n;
    program_put(&b, "");
    for (size_t i = token_from(e, begin); i < e->ntokens && e->tokens[i].end <= end; i++) {
        const text_token *t = &e->tokens[i];
        newlines = t->class == TOKEN_NEWLINE ? newlines + 1 : newlines;
        if (t->class != TOKEN_COMMENT) {
            continue;
        }
        size_t from = blanks_before(e->text, begin, t->begin);
        if (newlines == 0 && tail && !**tail) {
            free(*tail);
            *tail = slice(e->text, from, t->end);
        } else {
            put_empty_lines(&b, newlines, begin);
            program_put_n(&b, e->text + from, t->end - from);
            program_put(&b, "\n");
            newlines = -1; /* its own is no empty line */
        }
    }
    if (!is_last) {
        put_empty_lines(&b, newlines, begin);
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
    return is_phase(i) || program_is_rule(i->kind);
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
    } else if (!in_order && program_is_rule(s->kind)) {
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
session_program entry_amend(const session_program *old, entry *e, int in_order)
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

char *entry_canonical(const entry *e)
{
    backend_buffer b = {0};
    int phases = 0;
    program_put(&b, "");
    for (const ast_stmt *s = e->statements; s; s = s->next) {
        program_put(&b, s == e->statements ? "" : "\n");
        program_put(&b, s->kind == AST_PHASE && (phases || has_then(e, s)) ? "then " : "");
        phases |= s->kind == AST_PHASE;
        canon_statement(&b, s, e->text);
    }
    program_put(&b, ""); /* there was memory for all of it */
    char *text = cli_strdup(b.at ? b.at : "");
    buffer_free(&b);
    return text;
}
