/* items.c: see items.h. */
#include "items.h"

#include <stdlib.h>
#include <string.h>
#include "cli_io.h"

/* ---- programs as lists of statements ----------------------------------------------------------- */

static void item_free(session_item *i)
{
    free(i->key);
    free(i->lead);
    free(i->text);
    free(i->tail);
}

void program_free(session_program *p)
{
    for (size_t i = 0; i < p->n; i++) {
        item_free(&p->items[i]);
    }
    free(p->items);
    *p = (session_program){0};
}

session_program program_copy(const session_program *p)
{
    session_program c = {cli_alloc((p->n + 1) * sizeof *c.items), p->n};
    for (size_t i = 0; i < p->n; i++) {
        const session_item *from = &p->items[i];
        c.items[i] = (session_item){from->kind, cli_strdup(from->key), cli_strdup(from->lead), cli_strdup(from->text), cli_strdup(from->tail), 0, 0};
    }
    return c;
}

void program_remove(session_program *p, size_t i)
{
    item_free(&p->items[i]);
    memmove(&p->items[i], &p->items[i + 1], (--p->n - i) * sizeof *p->items);
}

void program_insert(session_program *p, size_t at, session_item item)
{
    p->items = cli_realloc(p->items, (p->n + 1) * sizeof *p->items);
    memmove(&p->items[at + 1], &p->items[at], (p->n++ - at) * sizeof *p->items);
    p->items[at] = item;
}

int program_is_rule(enum ast_stmt_kind kind)
{
    return kind == AST_ON || kind == AST_AT || kind == AST_EVERY || kind == AST_BOUNDS;
}

/* What an output is made of, or one itself. */
static int is_schedule(const session_item *i)
{
    return i->kind == AST_PHASE || i->kind == AST_SCHEDULE || program_is_rule(i->kind);
}

int program_has_schedule(const session_program *p)
{
    for (size_t i = 0; i < p->n; i++) {
        if (is_schedule(&p->items[i]) && strncmp(p->items[i].key, "name ", 5) != 0) {
            return 1;
        }
    }
    return 0;
}

/* ---- the text of a program --------------------------------------------------------------------- */

void program_put_n(backend_buffer *b, const char *text, size_t n)
{
    buffer_put(b, text, n);
    if (b->failed) {
        exit(cli_no_memory());
    }
}

void program_put(backend_buffer *b, const char *text)
{
    program_put_n(b, text, strlen(text));
}

void program_write(program_text *t, const session_program *p)
{
    int phases = 0;
    t->at = cli_alloc((p->n + 1) * sizeof *t->at);
    program_put(&t->text, "");
    for (size_t i = 0; i < p->n; i++) {
        const session_item *item = &p->items[i];
        program_put(&t->text, item->lead + (i == 0 ? strspn(item->lead, "\n") : 0));
        program_put(&t->text, item->kind == AST_PHASE && phases++ ? "then " : "");
        size_t begin = t->text.n;
        program_put(&t->text, item->text);
        if (item->fresh) {
            t->at[t->n++] = (placed){begin, t->text.n, item->from};
        }
        program_put(&t->text, item->tail);
        program_put(&t->text, "\n");
    }
}

void program_text_free(program_text *t)
{
    buffer_free(&t->text);
    free(t->at);
}

