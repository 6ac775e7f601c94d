/* screen.h: an entry on the screen: the prompt, the text in colours over as many rows as it takes, and the line below it.
 * In: a text and the place of the cursor. Out: what the terminal is told. Knows nothing of readline. */
#ifndef LRS_REPL_SCREEN_H
#define LRS_REPL_SCREEN_H

#include <stdio.h>
#include "editor.h"

typedef struct screen_view {
    const char *prompt;
    const char *text;
    size_t n, point;
    const char *below; /* or NULL */
} screen_view;

/* The cursor is at the beginning of a new line: nothing of an entry is on the screen. */
void screen_fresh(void);
/* The terminal has these rows and columns. When that changes, what was drawn has flowed with it. */
void screen_size(int rows, int columns);
/* Draws the entry in the place of what was drawn of it before, and puts the cursor where it belongs. */
void screen_draw(FILE *out, const editor_host *host, const screen_view *v);
/* The cursor goes to the beginning of the line after the entry, of which the line below goes. `mark` stands behind its end. */
void screen_leave(FILE *out, const editor_host *host, const screen_view *v, const char *mark);

#endif
