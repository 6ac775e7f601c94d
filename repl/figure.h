/* figure.h: what a picture of schedules shows, whatever it is drawn with.
 * In: the options, which name files and how to look at them. Out: panels, one for each output, over a common axis of steps; in
 * each panel a line for each curve, measured for as many columns as the picture has. */
#ifndef LRS_REPL_FIGURE_H
#define LRS_REPL_FIGURE_H

#include "columns.h"
#include "curve.h"
#include "ticks.h"

/* A curve of one panel. */
typedef struct figure_line {
    curve *curve;
    const char *label;
    int number; /* of the curve: its colour and its mark in all panels */
    size_t output;
    columns columns;
    curve_phase *phases; /* those that run in the range */
    size_t nphases;
    int stopped;         /* a rule stopped the run, at stop_step; what follows is not drawn */
    int64_t stop_step;
    curve_event *events; /* the rules that acted in the range; a cooldown or a `stop` leaves before == after */
    size_t nevents;
} figure_line;

typedef struct figure_panel {
    const char *output;
    figure_line *lines;
    size_t nlines;
    ticks values;     /* of the axis of values, limits included */
    int has_zeros;    /* on a logarithmic axis: a line has values that have no place there */
} figure_panel;

typedef struct figure {
    curve *curves;
    char **labels; /* what tells the curves apart: the name of the file, the values of a sweep */
    size_t ncurves;
    figure_panel *panels;
    size_t npanels;
    range range;
    int log;
    int no_phases; /* leave them out of the picture */
    const char *x_name; /* "step", "epochs", "tokens", "%": what the axis of steps counts */
    double x_scale;     /* steps of the trainer to that */
    ticks steps;        /* their places are in it */
} figure;

/* Opens every curve that the options name: each file, once for each value of a sweep (-D peak=1e-4,3e-4). 0, or an exit
 * code with everything said; close it in any case. */
int figure_open(figure *f, const cli_options *o);
void figure_close(figure *f);

/* Measures every line in n columns, and makes the axes with at most so many labels. May be called again. 0, or an exit code
 * with the message printed. */
int figure_measure(figure *f, int columns, size_t most_values, size_t most_steps);

/* The number on the axis of steps of a step, and the nearest step of a number there. */
double figure_x(const figure *f, int64_t step);
int64_t figure_step(const figure *f, double x);
/* An event as people read it: "plateau x0.5", or the rule's text. Into buf. */
void figure_event_text(char *buf, size_t cap, const curve_event *e);
/* Both have the same phases at the same steps. */
int figure_same_phases(const figure_line *a, const figure_line *b);
/* The numbers of a measured line: "max 3e-4 at 500", "final 0 at 10000", "mean 2.5e-4", "stop at 15", "1 value is not finite". Returns how
 * many there are; the last one is of values that are not finite when l->columns.bad is not 0. */
#define FIGURE_PIECES 6
typedef char figure_piece[64];
size_t figure_summary(const figure_line *l, figure_piece pieces[FIGURE_PIECES]);
/* The name of the panel tells something: there are others, or it is not the usual one. */
int figure_names_output(const figure *f, const figure_panel *p, const figure_line *l);
/* The last part of a path. */
const char *figure_base_name(const char *path);

#endif
