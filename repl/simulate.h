/* simulate.h: `lrsc sim`: what rules would do on a recorded or an imagined metric. */
#ifndef LRS_REPL_SIMULATE_H
#define LRS_REPL_SIMULATE_H

#include "cli_options.h"

int lrs_simulate(const cli_options *o); /* the exit code */

#endif
