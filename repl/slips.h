/* slips.h: entries that are wrong in a way that is known: a command without its `:`, the name of the schedule where a phase belongs.
 * In: an entry and what the compiler says of it. Out: the same diagnostics, in words that are about the session. */
#ifndef LRS_REPL_SLIPS_H
#define LRS_REPL_SLIPS_H

#include "session.h"

void slips_amend(const session *s, lrs_diagnostics *d, const char *entry, size_t n);

#endif
