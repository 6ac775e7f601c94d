/* wrap.h: lines of text as wide as the terminal. In: a line. Out: the same on standard output, broken at blanks where that is a
 * terminal. */
#ifndef LRS_REPL_WRAP_H
#define LRS_REPL_WRAP_H

#include <stddef.h>

/* indent: of the lines after the first. least: so many blanks or more are a place to break at. */
void wrap_put(const char *line, size_t indent, size_t least);

#endif
