/* metrics.h: a recorded metric. In: a csv file with a header `step,metric`. Out: observations in the order of their
 * steps. */
#ifndef LRS_REPL_METRICS_H
#define LRS_REPL_METRICS_H

#include <stddef.h>
#include <stdint.h>

typedef struct observation {
    int64_t step;
    double metric;
} observation;

typedef struct metrics {
    observation *at;
    size_t n;
} metrics;

/* input: the name that the program gives its metric, allowed in the header as well.
 * A step may not come before the one above it. An empty metric, or nan, is none.
 * 0, or an exit code with the message printed. */
int metrics_read(metrics *m, const char *path, const char *input);
void metrics_free(metrics *m);

#endif
