/* ticks.h: round numbers on axes. In: limits and room. Out: places and labels, all labels of an axis in one format.
 * Calls the kernel's mathematics alone, so that the same picture comes out everywhere. */
#ifndef LRS_REPL_TICKS_H
#define LRS_REPL_TICKS_H

#include <stddef.h>
#include <stdint.h>

#define TICKS_MAX 64
#define TICK_LABEL 24

typedef struct ticks {
    size_t n;
    double at[TICKS_MAX]; /* ascending; on a logarithmic axis the values themselves */
    char label[TICKS_MAX][TICK_LABEL];
    double low, high; /* limits of the axis: those given, with room around a single value */
} ticks;

/* Multiples of 1, 2 or 5 times a power of ten inside the limits, at most `most` (>= 2) of them. */
void ticks_linear(ticks *t, double low, double high, size_t most);
/* Powers of ten; 2 and 5 between them when there are less than two decades. 0 < low <= high. */
void ticks_log(ticks *t, double low, double high, size_t most);
/* Whole steps with a common suffix (k, M, B, T), inside the limits. */
void ticks_steps(ticks *t, int64_t first, int64_t last, size_t most);

/* Amounts that need not be whole (epochs, percents), with a common suffix, inside the limits, low < high. */
void ticks_amounts(ticks *t, double low, double high, size_t most);

/* 10^e, the nearest double. */
double ticks_power10(int e);
/* floor(log10(v)), exact at powers of ten. v > 0 */
int ticks_decade(double v);
/* Four digits, or those of the whole part, in the style of the language: 0.1, 3e-4, 0.02093, 12345; nan, inf. */
void ticks_number(char *buf, size_t cap, double v);

#endif
