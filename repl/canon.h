/* canon.h: statements in one way of writing them: brackets where they are needed, units in full, clauses in one order.
 * In: trees, and the text that they were parsed from. Out: a text that compiles to the same program. */
#ifndef LRS_REPL_CANON_H
#define LRS_REPL_CANON_H

#include "ast.h"
#include "backend.h"

/* One statement, without a newline at its end. text: what its spans are places in; digits are taken from there. */
void canon_statement(backend_buffer *b, const ast_stmt *s, const char *text);

#endif
