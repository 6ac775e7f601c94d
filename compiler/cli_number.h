/* cli_number.h: numbers on the command line, written as in lrs: 1000 1_000 0.1 1e-3 90k 2.5M 1B 1T 10%.
 * In: text. Out: a number, or 0 when it is none. Calls nothing of the compiler. */
#ifndef LRS_CLI_NUMBER_H
#define LRS_CLI_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* The double nearest to the decimal written in s[0..n), the suffix being part of it. 1, or 0: not a (finite) number. */
int cli_parse_number(double *out, const char *s, size_t n);
/* It is a number, but beyond the largest double. */
int cli_number_is_too_large(const char *s, size_t n);
/* A step: the same notation without %, and the value must be an integer that fits. Exact. */
int cli_parse_step(int64_t *out, const char *s, size_t n);

#endif
