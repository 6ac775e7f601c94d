/* draw.h: the ways to draw a figure. Each measures the figure for its own size.
 * 0, or an exit code with the message printed. */
#ifndef LRS_REPL_DRAW_H
#define LRS_REPL_DRAW_H

#include <stdio.h>
#include "figure.h"

/* Characters: --width, --height, --ascii, --log. */
int draw_terminal(figure *f, const cli_options *o, FILE *out);
/* The width that it takes: --width, that of the terminal, $COLUMNS, 80. */
int draw_terminal_width(const cli_options *o);

#endif
