/* tty.h: the settings of the terminal, while somebody changes them: the line editor, or :watch.
 * In: who takes the terminal, and gives it back. Out: the settings as they were, also when a signal ends or stops the process in
 * between. One holder at a time. */
#ifndef LRS_REPL_TTY_H
#define LRS_REPL_TTY_H

/* Remembers the settings of standard input. A signal that ends the process gives them back from now on, writes `normal` to
 * standard output, and does what it did before. 0: standard input is no terminal, and nothing is held. */
int tty_hold(const char *normal);
/* Keys come one by one, and are not shown. A process that is stopped gives the settings back, and takes them again. */
void tty_take_keys(void);
/* The settings as they were when they were held. */
void tty_release(void);

#endif
