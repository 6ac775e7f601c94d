/* cli_compile.h: the verbs that need the compiler alone: compile, check, and the answers about it. */
#ifndef LRS_CLI_COMPILE_H
#define LRS_CLI_COMPILE_H

#include "cli_options.h"

/* Each returns the exit code. */
int cli_compile(const cli_options *o); /* also `check`: o->check_only */
int cli_print_targets(void);
int cli_print_version(void);
int cli_explain(const char *code);

/* Prints the diagnostics as o wants them (colours, -w, -Werror). The exit code that they ask for. d may be NULL. */
int cli_show_diagnostics(lrs_diagnostics *d, const cli_options *o);
/* Prints those of one diag_code alone. */
void cli_show_code(lrs_diagnostics *d, int code);
/* The exit code of a status of the library, with a message that says what failed unless diagnostics have said it. */
int cli_status(int status, const char *name, const char *error);

#endif
