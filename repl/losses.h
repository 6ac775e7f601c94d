/* losses.h: a recorded range test. In: a csv file with columns `lr` and `loss`, or `step` and `loss` and the schedule that gave
 * the rates. Out: rates and losses in the order of the file. */
#ifndef LRS_REPL_LOSSES_H
#define LRS_REPL_LOSSES_H

#include "cli_options.h"

typedef struct losses {
    const char *name; /* of the file, for people; not owned */
    size_t n, cap;
    double *lr, *loss;
    int64_t *step;    /* NULL: the file has none */
    size_t *line;     /* where each point stands in the file */
    const char *schedule; /* what the rates were computed from; NULL: they are in the file */
} losses;

/* The file of the options. 0, or an exit code with the message printed; free it in any case. */
int losses_read(losses *l, const cli_options *o);
void losses_free(losses *l);

/* The message for a rate that a range test cannot have, point i; returns CLI_DIAGNOSTICS. */
int losses_refuse_rate(const losses *l, size_t i);

#endif
