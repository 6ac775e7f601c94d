/* moved.h: what the compiler says about the text of a session, said about the entry that was typed.
 * In: diagnostics of a program's text, and where in it the entry is. Out: the same diagnostics, with places in the entry. */
#ifndef LRS_REPL_MOVED_H
#define LRS_REPL_MOVED_H

#include "diag.h"
#include "items.h"

/* Where an entry was typed or read, for messages: it is text[base .. base + its length). */
typedef struct session_origin {
    const char *name; /* "<stdin>", a path; "<input>" in a terminal */
    const char *text;
    size_t n, base;
    int lines_before; /* of the stream, before the text */
} session_origin;

/* Drops warnings and notes that are not about the entry: those were said before. */
void move_diagnostics(lrs_diagnostics *d, const program_text *t, const session_origin *at);

#endif
