/* diff.h: `lrsc diff`: where two schedules differ. */
#ifndef LRS_REPL_DIFF_H
#define LRS_REPL_DIFF_H

#include "cli_options.h"

/* The exit code: as diff has them, 0 the same, 1 different, 2 and above that they could not be compared. */
int lrs_diff(const cli_options *o);

#endif
