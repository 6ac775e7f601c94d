/* draw.h: the ways to draw a figure. Each measures the figure for its own size.
 * 0, or an exit code with the message printed. */
#ifndef LRS_REPL_DRAW_H
#define LRS_REPL_DRAW_H

#include <stdio.h>
#include "figure.h"

/* Characters: --width, --height, --ascii, --log. */
int draw_terminal(figure *f, const cli_options *o, FILE *out);
/* Pixels: --width, --height, --log. */
int draw_svg(figure *f, const cli_options *o, FILE *out);
int draw_png(figure *f, const cli_options *o, FILE *out);
int draw_pdf(figure *f, const cli_options *o, FILE *out);
/* The module that draws those two; NULL with a sentence in error. */
const struct cairo_table *draw_cairo_table(char *error, size_t error_cap);
/* A line that says which cairo it is linked with, or why there is none, on standard output. */
void draw_print_cairo(void);
/* A page that draws by itself; its size is that of the window. */
int draw_html(figure *f, const cli_options *o, FILE *out);
/* What is drawn, in numbers: --range, with its stride. */
int draw_csv(figure *f, const cli_options *o, FILE *out);
int draw_json(figure *f, const cli_options *o, FILE *out);
/* The width that characters take: --width, that of the terminal, $COLUMNS, 80. */
int draw_terminal_width(const cli_options *o);

#endif
