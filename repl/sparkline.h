/* sparkline.h: the curve of the session with what is being typed, on one line below it.
 * In: the session and a text. Out: a line for a terminal. It is made at each key, so the work is bounded. */
#ifndef LRS_REPL_SPARKLINE_H
#define LRS_REPL_SPARKLINE_H

#include "session.h"

/* A line of at most `width` columns: the curve, its greatest value and its length; or the value of an expression; or, when the
 * text is neither, the curve before it dimmed and what is wrong. NULL: there is nothing to show. Until the next call. */
const char *sparkline(const session *s, const char *text, size_t n, int width, int ascii, int color);
/* The session has changed: nothing that was drawn of it holds. */
void sparkline_forget(void);
void sparkline_free(void);

#endif
