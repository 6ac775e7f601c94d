/* progress.h: how far a long computation is, and whether it is to go on.
 * In: what is done, how much of how much. Out: a bar on stderr when that is a terminal and the work takes over a second; nothing
 * otherwise. One computation at a time. */
#ifndef LRS_REPL_PROGRESS_H
#define LRS_REPL_PROGRESS_H

#include <stdint.h>

void progress_begin(const char *what, uint64_t total);
/* So much is done. Cheap: it looks at the clock, and no more, when nothing is to be drawn. 1: stop, somebody pressed
 * Ctrl-C (in the REPL; elsewhere that ends the process). */
int progress_at(uint64_t done);
/* Removes the bar. */
void progress_end(void);

/* Asks the running computation to stop; may be called from a signal handler. It stays asked until progress_resume. */
void progress_stop(void);
int progress_stopped(void);
void progress_resume(void);

#endif
