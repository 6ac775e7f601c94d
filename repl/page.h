/* page.h: a figure laid out in pixels. In: a figure, a size, a canvas. Out: the shapes of the picture, drawn on the canvas: the
 * same ones for SVG, PNG and PDF. */
#ifndef LRS_REPL_PAGE_H
#define LRS_REPL_PAGE_H

#include "canvas.h"
#include "figure.h"

#define PAGE_LEAST 200 /* pixels of a side */
#define PAGE_MOST 10000

/* --width and --height, or what the figure needs. */
void page_size(const figure *f, const cli_options *o, int *width, int *height);
/* Measures the figure for the size and draws it. 0, or an exit code with the message printed. */
int page_draw(figure *f, int width, int height, canvas *c);
/* What the picture shows, in a sentence, for those who cannot see it. malloc'ed. */
char *page_description(const figure *f);

#endif
