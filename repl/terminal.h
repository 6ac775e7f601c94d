/* terminal.h: a person at a terminal: the line editor, if there is one; colours of the language.
 * The editor is a plugin, lrs-readline.so, so that lrsc itself is not linked with readline; it is searched for when a session
 * begins in a terminal that can move its cursor. */
#ifndef LRS_REPL_TERMINAL_H
#define LRS_REPL_TERMINAL_H

#include <stdio.h>
#include "repl.h"

/* Opens the plugin. 0: plain lines are read. */
int terminal_has_editor(void);
/* Reads and runs entries until the end. The exit code. */
int terminal_run(repl *r);
/* An entry goes to the history, without the blanks and newlines at its end. */
void terminal_remember(repl *r, const char *entry, size_t n);
/* Ctrl-C has ended a computation: what it has printed and the terminal has not shown goes. */
void terminal_say_stopped(void);
/* A text of several lines, without what a terminal would obey. */
void terminal_put(FILE *f, const char *text);
/* The same of a program, in colours where the stream has them. */
void terminal_put_colored(FILE *f, const char *text);

#endif
