/* show.h: what the session computes, for people.
 * In: a session's options. Out: text on standard output. Each returns an exit code, with its message printed. */
#ifndef LRS_REPL_SHOW_H
#define LRS_REPL_SHOW_H

#include "cli_options.h"

/* A few rows of picture, and a line of numbers for each output: steps, peak, final, mean, area, phases. */
int show_plot(const cli_options *o);
/* The value of each output at a step, and why: the phase, the formula with its numbers, the rules that acted. */
int show_at(const cli_options *o, int64_t step);
/* The params: value, unit, range. */
int show_params(const cli_options *o);

#endif
