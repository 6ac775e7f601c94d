/* sheet.h: a page of terminal cells. In: characters and colours at places. Out: lines of text, blanks at their ends cut
 * off. */
#ifndef LRS_REPL_SHEET_H
#define LRS_REPL_SHEET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* INK_CURVE + 0 ... INK_CURVE + INK_CURVES - 1 are the colours of curves; people who see few colours can tell them apart. */
#define INK_CURVES 8
enum { INK_PLAIN, INK_DIM, INK_EVENT, INK_CURVE };

typedef struct cell {
    uint32_t ch; /* code point; 0: blank */
    uint8_t ink;
} cell;

typedef struct sheet {
    int width, height;
    cell *at;
} sheet;

void sheet_init(sheet *s, int width, int height);
void sheet_free(sheet *s);
/* Places outside the width are ignored; rows are added as they are needed. */
void sheet_put(sheet *s, int row, int column, uint32_t ch, int ink);
/* Text from a column on, cut at the right border; returns the column after it. Control characters and broken UTF-8
 * become `?`, white space one blank each; with ascii everything else that is not ASCII becomes `?` too. */
int sheet_text(sheet *s, int row, int column, const char *text, int ink, int ascii);
/* How many columns the text takes: code points. */
int sheet_text_width(const char *text);
/* Pieces of text side by side, each whole: one that does not fit begins the next line, and one that is longer than a line goes on in
 * the next, from a blank on if it has any. */
typedef struct sheet_flow {
    sheet *s;
    int row, column;
    int ascii;
} sheet_flow;
void sheet_piece(sheet_flow *f, const char *text, int ink);
void sheet_print(const sheet *s, FILE *f, int rows, int color);

#endif
