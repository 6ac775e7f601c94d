/* schedule.h: what tests of meaning need: text in, values out. Every failure ends the test. */
#ifndef SCHEDULE_H
#define SCHEDULE_H

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lrs/lrs.h"

/* A program, bound with its defaults and with the params of `bound`, and a state of it. */
typedef struct schedule {
    lrs_program *program;
    lrs_plan *plan;
    lrs_state *state;
} schedule;

/* defines and params: "a=1 b=2.5" or NULL. */
schedule schedule_open(const char *text, const char *defines, const char *params);
void schedule_close(schedule *s);
double schedule_at(const schedule *s, int64_t step);

/* One value of a text with its defaults. */
double value_of(const char *text, int64_t step);

/* Within `ulp`-free relative error of 1e-13 (absolute below 1e-300). */
void assert_near(double found, long double expected, const char *what, int64_t step);
#define RELATIVE 1e-13L

/* Compiles what must fail: the code of its first error, and its message in `message` (may be NULL). */
int first_error(const char *text, const char *defines, char *message, size_t cap);

/* The codes of all diagnostics of a text that compiles, in order, as "304 305". */
const char *codes_of(const char *text, const char *defines);
const char *codes_with(const char *text, const lrs_options *options);

/* The kinds of the segments of output 0, as "const linear exp2". */
const char *kinds_of(const char *text);

#endif
