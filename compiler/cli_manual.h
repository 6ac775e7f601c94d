/* cli_manual.h: what the command says about itself to other programs, made from the table of options, as --help is.
 * In: a stream. Out: text on it. */
#ifndef LRS_CLI_MANUAL_H
#define LRS_CLI_MANUAL_H

#include <stdio.h>

/* The manual page lrsc(1), as troff with the macros of man(7). */
void cli_manual(FILE *f);
/* A script that makes a shell complete the words of a command line of lrsc. shell: PRINT_BASH, PRINT_ZSH, PRINT_FISH. */
void cli_completion(FILE *f, int shell);

#endif
