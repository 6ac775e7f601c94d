/* eval.h: `lrsc eval`: the values of a schedule as text. */
#ifndef LRS_REPL_EVAL_H
#define LRS_REPL_EVAL_H

#include "cli_options.h"

int lrs_eval(const cli_options *o); /* the exit code */

#endif
