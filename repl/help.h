/* help.h: help on commands and on every name of the language. Out: text on standard output; an exit code. */
#ifndef LRS_REPL_HELP_H
#define LRS_REPL_HELP_H

#include "repl.h"

/* The list of commands. */
int help_commands(void);
/* One name: a command (with its colon or without), a word, law, function, event, unit, module, the code of
 * a message, or what the session declares. */
int help_topic(repl *r, const char *topic);

#endif
