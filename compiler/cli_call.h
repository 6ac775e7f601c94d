/* cli_call.h: the call of a schedule in a module, `torch.StepLR(30, lr=0.1)`, in place of a file.
 * In: what stands where a file is named. Out: the program that it is, or what else was meant. */
#ifndef LRS_CLI_CALL_H
#define LRS_CLI_CALL_H

#include <stddef.h>
#include "lrs/lrs.h"

/* The program of a call, malloc'ed; NULL: it is none, or there is a file of that name. */
char *cli_call_text(const char *file);
/* What is said of that program is said of the call: the line before it is nobody's. d may be NULL. */
void cli_call_places(lrs_diagnostics *d);

/* Reads a file, or what a call stands for. 0, or an exit code with the message printed, which tells where a text belongs. */
int cli_read_schedule(char **text, size_t *n, int *is_call, const char *file, int verb);

#endif
