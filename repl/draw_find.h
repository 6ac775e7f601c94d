/* draw_find.h: a range test in characters. In: the losses, what lrs_find made of them. Out: the loss over the rate, both axes
 * with labels, and a mark for each suggestion. */
#ifndef LRS_REPL_DRAW_FIND_H
#define LRS_REPL_DRAW_FIND_H

#include <stdio.h>
#include "losses.h"

/* A suggestion as people see it. */
typedef struct find_mark {
    const char *name;
    char letter; /* its mark in the picture */
    const char *what;
    lrs_suggestion s;
    const char *reason; /* why there is none */
} find_mark;

typedef struct find_view {
    const losses *l;
    const double *smoothed;
    int is_smoothed; /* the averages are not the losses themselves */
    const lrs_finding *found;
    size_t lowest; /* of the averages looked at; none: the first point */
    size_t turn;   /* of the losses themselves, which may be long before; none: the first point */
    int turns;     /* they turn up there: it is not where they end */
    const find_mark *marks;
    size_t nmarks;
    const char *doubt; /* why none of them is one to train with, and what to do; NULL: the first is */
} find_view;

void draw_find(const find_view *v, const cli_options *o, FILE *out);

#endif
