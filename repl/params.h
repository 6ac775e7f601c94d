/* params.h: `lrsc params`: the params of a schedule, and what a tuner has to know of them. */
#ifndef LRS_REPL_PARAMS_H
#define LRS_REPL_PARAMS_H

#include "cli_options.h"

int lrs_params_list(const cli_options *o); /* the exit code */

#endif
