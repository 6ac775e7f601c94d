/* find.h: `lrsc find`: a rate from the losses of a range test. */
#ifndef LRS_REPL_FIND_H
#define LRS_REPL_FIND_H

#include "cli_options.h"

int lrs_find_rate(const cli_options *o); /* the exit code */

#endif
