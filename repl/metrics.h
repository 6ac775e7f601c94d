/* metrics.h: a recorded metric. In: a csv file with a header `step,metric`, or `step,` and the names
 * of inputs. Out: observations in the order of their
 * steps. */
#ifndef LRS_REPL_METRICS_H
#define LRS_REPL_METRICS_H

#include <stddef.h>
#include <stdint.h>

typedef struct observation {
    int64_t step;
    size_t input;
    double metric;
} observation;

typedef struct metrics {
    observation *at;
    size_t n;
} metrics;

/* inputs: the names that the program gives its metrics. `metric` in the header is the only one. Of one step they are in
 * the order of the program.
 * A step may not come before the one above it. An empty metric, or nan, is none.
 * 0, or an exit code with the message printed. */
int metrics_read(metrics *m, const char *path, const char *const *inputs, size_t ninputs);
void metrics_free(metrics *m);

#endif
