/* highlight.h: the colours of program texts. In: a text. Out: an ink for each byte. Calls the scanner. */
#ifndef LRS_REPL_HIGHLIGHT_H
#define LRS_REPL_HIGHLIGHT_H

#include <stddef.h>

enum highlight { HIGHLIGHT_NONE, HIGHLIGHT_KEYWORD, HIGHLIGHT_LAW, HIGHLIGHT_NUMBER, HIGHLIGHT_UNIT, HIGHLIGHT_STRING, HIGHLIGHT_COMMENT, HIGHLIGHT_COMMAND, HIGHLIGHTS };

/* inks[i] for i < n: one of these. */
void highlight(unsigned char *inks, const char *text, size_t n);
/* What a terminal is told for an ink; "" for HIGHLIGHT_NONE. */
extern const char *const highlight_codes[HIGHLIGHTS];

#endif
