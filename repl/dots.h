/* dots.h: a field of dots in cells of characters: 2 by 4 of them in a cell of braille, one in ASCII.
 * In: dots and lines between dots, counted from the bottom left. Out: for each cell its dots, as the bits of braille. */
#ifndef LRS_REPL_DOTS_H
#define LRS_REPL_DOTS_H

#include <stdint.h>

typedef struct dots {
    int wide, high;   /* cells */
    int per_x, per_y; /* dots of a cell */
    uint8_t *at;      /* wide * high cells, the top row first: U+2800 + the bits is the character */
} dots;

void dots_init(dots *d, int wide, int high, int ascii);
void dots_free(dots *d);
/* No dot is set any more. */
void dots_clear(dots *d);

int dots_columns(const dots *d);
int dots_rows(const dots *d);
/* Dots outside the field are left out. */
void dots_set(dots *d, int x, int y);
void dots_stroke(dots *d, int x, int from, int to); /* upright, ends included, in any order */
/* A straight line from left to right, x0 <= x1; where it is steep, upright strokes join without a gap. */
void dots_line(dots *d, int x0, int y0, int x1, int y1);
uint8_t dots_cell(const dots *d, int column, int row);

#endif
