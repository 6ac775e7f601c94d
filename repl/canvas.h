/* canvas.h: what a page is drawn on: a few shapes, and the pens for them. In: shapes, in pixels from the upper left corner.
 * Out: whatever the canvas is: SVG, or a surface of cairo. The module for cairo is compiled with this header and pens.c
 * alone. */
#ifndef LRS_REPL_CANVAS_H
#define LRS_REPL_CANVAS_H

#include <stddef.h>
#include <stdint.h>

/* What a shape is; the table of pens says how that looks. */
enum {
    PEN_PAPER,  /* the ground */
    PEN_GRID,   /* lines across a panel at its numbers */
    PEN_MINOR,  /* and between them, on a logarithmic axis */
    PEN_AXIS,   /* the axis of steps, and zero */
    PEN_SPLIT,  /* where a phase begins */
    PEN_TITLE,  /* texts: the name of the picture, */
    PEN_NAME,   /* of a panel, */
    PEN_TEXT,   /* what is read first, */
    PEN_DIM,    /* numbers on axes and summaries, */
    PEN_LABEL,  /* phases, */
    PEN_NOTE,   /* rules that acted */
    PEN_CURVE,  /* a curve, */
    PEN_DOT,    /* a single value of it, */
    PEN_BAND,   /* a phase of it, */
    PEN_HALO,   /* room around a mark on it */
    PENS
};
#define PEN_COLORS 8

typedef struct pen {
    int kind;
    int curve; /* of PEN_CURVE, PEN_DOT, PEN_BAND: whose colour and dashes */
} pen;

typedef struct pen_style {
    const char *name;
    uint32_t light, dark; /* 0xRRGGBB on light and on dark ground; not for those of a curve */
    int of_curve;
    double stroke; /* how wide; 0: it fills */
    double alpha;
    double size; /* of letters; 0: it writes none */
    int bold;
} pen_style;

typedef struct pen_color {
    uint32_t light, dark;
} pen_color;

extern const pen_style pen_styles[PENS];
/* Those of Okabe and Ito, the two blues changed over on light ground, where the first curve should be seen well. */
extern const pen_color pen_colors[PEN_COLORS];
/* Lengths of strokes and gaps, 0 behind the last; the first has none. */
#define PEN_DASHES 7
extern const double pen_dashes[PEN_COLORS][PEN_DASHES];
int pen_color_of(pen p);
/* The next eight curves have the colours again, each with other dashes. */
int pen_dash_of(pen p);

enum { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };

typedef struct canvas_ops {
    /* Shapes until `end` are drawn with this pen; the title, or NULL, is what they say when they are pointed at. */
    void (*group)(void *to, pen p, const char *title);
    void (*end)(void *to);
    void (*line)(void *to, size_t n, const double *xy); /* through n points */
    void (*rect)(void *to, double x, double y, double w, double h, double round);
    void (*circle)(void *to, double x, double y, double r);
    /* On a base line. Letters that may be shown alone, in UTF-8. */
    void (*text)(void *to, double x, double y, int anchor, const char *text);
} canvas_ops;

typedef struct canvas {
    const canvas_ops *ops;
    void *to;
} canvas;

/* What the module for cairo offers: its function lrs_cairo returns a table of this version. */
#define CAIRO_ABI 1
typedef int (*cairo_write)(void *ctx, const unsigned char *data, unsigned n); /* 0: written */
typedef struct cairo_table {
    int abi;
    const char *version; /* of cairo */
    /* NULL: `error` says why. A PDF has a point for each pixel, a PNG `scale` dots in a row of each. */
    void *(*open)(canvas *c, int pdf, double width, double height, double scale, const char *title, const char **error);
    /* Writes what was drawn; closes it in any case. NULL, or what went wrong. */
    const char *(*close)(void *to, cairo_write write, void *ctx);
} cairo_table;

#endif
