/* plot.h: `lrsc plot`: the curve of a schedule in the terminal. */
#ifndef LRS_REPL_PLOT_H
#define LRS_REPL_PLOT_H

#include "cli_options.h"

int lrs_plot(const cli_options *o); /* the exit code */

#endif
