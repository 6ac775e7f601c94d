/* complete.h: what the word before the cursor may become, by what stands before it.
 * In: the session, a text, a place in it. Out: candidates with a line of help each. */
#ifndef LRS_REPL_COMPLETE_H
#define LRS_REPL_COMPLETE_H

#include "editor.h"
#include "session.h"

void complete(const session *s, const char *text, size_t point, editor_candidates *out);
void complete_drop(editor_candidates *c);

#endif
