/* items.h: a program as a list of statements, and its text.
 * In: statements with the comments around them. Out: their text, and where in it those of the entry that is tried are. */
#ifndef LRS_REPL_ITEMS_H
#define LRS_REPL_ITEMS_H

#include <stddef.h>
#include "ast.h"
#include "backend.h"

/* One statement of the program. */
typedef struct session_item {
    enum ast_stmt_kind kind;
    char *key;  /* what it is replaced by: "name peak", "law exp", "schedule lr"; "": nothing */
    char *lead; /* comment lines before it, each with its newline */
    char *text;
    char *tail; /* a comment on its last line; of the last statement of an entry, the comment lines below it too */
    int fresh;  /* of the entry that is being tried, where it is from `from` on */
    size_t from;
} session_item;

typedef struct session_program {
    session_item *items;
    size_t n;
} session_program;

void program_free(session_program *p);
session_program program_copy(const session_program *p);
void program_remove(session_program *p, size_t i);
/* Takes the item. */
void program_insert(session_program *p, size_t at, session_item item);
/* `on`, `at`, `every`, `bounds`. */
int program_is_rule(enum ast_stmt_kind kind);
/* There is something to draw. */
int program_has_schedule(const session_program *p);

/* text[begin, end) of the program is at from in the entry that is tried. */
typedef struct placed {
    size_t begin, end, from;
} placed;

typedef struct program_text {
    backend_buffer text;
    placed *at;
    size_t n;
    size_t around; /* what is from here on was put around the one entry, which did not say it; 0: nothing was */
} program_text;

/* Of zeros. */
void program_write(program_text *t, const session_program *p);
void program_text_free(program_text *t);
/* Both end the process when there is no memory. */
void program_put(backend_buffer *b, const char *text);
void program_put_n(backend_buffer *b, const char *text, size_t n);

#endif
