/* watch.h: :watch: a file is loaded and drawn whenever it is saved. In: a path. Out: pictures, until a key or Ctrl-C. */
#ifndef LRS_REPL_WATCH_H
#define LRS_REPL_WATCH_H

#include "repl.h"

int watch_file(repl *r, const char *path); /* an exit code */

#endif
