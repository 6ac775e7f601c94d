/* ticks.c: see ticks.h. */
#include "ticks.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "kernel/types.h"
#include "kernel/math.h"

/* m times 10^e for a whole m: the nearest double, which no product of tens is for all e. */
static double multiple(double m, int e)
{
    char text[48];
    snprintf(text, sizeof text, "%.0fe%d", m, e);
    return strtod(text, NULL);
}

double ticks_power10(int e)
{
    return multiple(1, e);
}

int ticks_decade(double v)
{
    int e = (int)lrs_k_floor(lrs_k_log10(v));
    while (ticks_power10(e) > v) {
        e--;
    }
    while (ticks_power10(e + 1) <= v) {
        e++;
    }
    return e;
}

/* A step of 1, 2 or 5 times 10^*e such that at most `most` ticks fit into span. Returns the 1, 2 or 5. */
static int nice_step(double span, size_t most, int *e)
{
    static const int steps[] = {1, 2, 5};
    *e = ticks_decade(span) - 2;
    for (;; ++*e) {
        for (size_t i = 0; i < 3; i++) {
            double step = multiple(steps[i], *e);
            if (span / step + 1 <= (double)most + 1e-9) {
                return steps[i];
            }
        }
    }
}

/* mantissa digits, dot, exponent without padding: 3.0e-4 */
static void label_scientific(char *buf, double v, int decade, int digits)
{
    if (v == 0) {
        snprintf(buf, TICK_LABEL, "0");
    } else {
        double m = decade > 0 ? v / ticks_power10(decade) : v * ticks_power10(-decade);
        snprintf(buf, TICK_LABEL, "%.*fe%d", digits, m, decade);
    }
}

static void label_linear(ticks *t, int step_e)
{
    double most = fabs(t->at[0]) > fabs(t->at[t->n - 1]) ? fabs(t->at[0]) : fabs(t->at[t->n - 1]);
    int top = most > 0 ? ticks_decade(most) : 0;
    int digits = step_e < 0 ? -step_e : 0;
    for (size_t i = 0; i < t->n; i++) {
        if (digits > 4 || top >= 6) {
            label_scientific(t->label[i], t->at[i], top, top > step_e ? top - step_e : 0);
        } else if (t->at[i] == 0) {
            snprintf(t->label[i], TICK_LABEL, "0");
        } else {
            snprintf(t->label[i], TICK_LABEL, "%.*f", digits, t->at[i]);
        }
    }
}

static void fill_linear(ticks *t, int step, int e)
{
    double unit = multiple(step, e);
    t->n = 0;
    for (double k = lrs_k_ceil(t->low / unit - 1e-9); k <= t->high / unit + 1e-9 && t->n < TICKS_MAX; k += 1) {
        t->at[t->n++] = multiple(k * step, e) + 0.0;
    }
}

/* Below this a part of a span is no normal double any more. */
#define SMALLEST 1e-290

/* As nice_step has it, also where the span of the axis is no double any more. */
static int nice_step_between(double low, double high, size_t most, int *e)
{
    int step;
    if (isfinite(high - low)) {
        return nice_step(high - low, most, e);
    }
    step = nice_step(high / 10 - low / 10, most, e);
    ++*e;
    return step;
}

void ticks_linear(ticks *t, double low, double high, size_t most)
{
    most = most < 2 ? 2 : most > TICKS_MAX - 2 ? TICKS_MAX - 2 : most;
    double size = fabs(low) > fabs(high) ? fabs(low) : fabs(high);
    double least = size * 1e-12; /* a flat curve, or one whose ticks a double can hardly tell apart */
    if (!(high - low > (least > SMALLEST ? least : SMALLEST))) {
        double room = size > 0 ? size * 0.1 : 1;
        room = room < SMALLEST ? SMALLEST : room;
        low = low - room < -DBL_MAX ? -DBL_MAX : low - room;
        high = high + room > DBL_MAX ? DBL_MAX : high + room;
    }
    int e, step = nice_step_between(low, high, most, &e);
    t->low = low;
    t->high = high;
    fill_linear(t, step, e);
    while (t->n < 2) { /* one number is no scale */
        e -= step == 1;
        step = step == 1 ? 5 : step == 5 ? 2 : 1;
        fill_linear(t, step, e);
    }
    label_linear(t, e);
}

static void add_log_tick(ticks *t, int mantissa, int e)
{
    if (t->n < TICKS_MAX) {
        snprintf(t->label[t->n], TICK_LABEL, "%de%d", mantissa, e);
        t->at[t->n++] = multiple(mantissa, e);
    }
}

/* The ticks m*10^e inside the limits, m from mantissas, every nth decade. */
static void fill_log(ticks *t, double low, double high, const int *mantissas, size_t n, int every)
{
    int last = ticks_decade(high);
    t->n = 0;
    for (int e = ticks_decade(low); e <= last; e++) {
        for (size_t i = 0; i < n && e % every == 0; i++) {
            double v = multiple(mantissas[i], e);
            if (v >= low * (1 - 1e-9) && v <= high * (1 + 1e-9)) {
                add_log_tick(t, mantissas[i], e);
            }
        }
    }
}

static void keep_between(ticks *t, double low, double high)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (t->at[i] >= low * (1 - 1e-9) && t->at[i] <= high * (1 + 1e-9)) {
            t->at[n] = t->at[i];
            memmove(t->label[n++], t->label[i], TICK_LABEL);
        }
    }
    t->n = n;
}

void ticks_log(ticks *t, double low, double high, size_t most)
{
    static const int one[] = {1}, few[] = {1, 2, 5};
    most = most < 2 ? 2 : most > TICKS_MAX - 2 ? TICKS_MAX - 2 : most;
    t->n = 0;
    if (high < low * 100 * (1 - 1e-9)) {
        fill_log(t, low, high, few, 3, 1);
    }
    for (int every = 1; t->n < 2 || t->n > most; every++) {
        if ((ticks_decade(high) - ticks_decade(low)) / every + 1 <= (int)most) {
            fill_log(t, low, high, one, 1, every);
            break;
        }
    }
    if (t->n < 2) { /* less than a decade, and no two of 1, 2, 5 in it */
        ticks_linear(t, low, high, most);
    }
    int flat = !(high > low);
    t->low = flat ? low * 0.9 : low;
    t->high = !flat ? high : high < DBL_MAX / 1.1 ? high * 1.1 : DBL_MAX;
    keep_between(t, t->low, t->high); /* a linear axis has more room around a single value */
}

/* The largest of 1, k, M, B, T that the biggest label is worth, when the step is not much finer than it. */
static const struct {
    double scale;
    const char *suffix;
} suffixes[] = {{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e3, "k"}, {1, ""}};

#define TOO_MANY 1e15 /* a thousand of the last suffix: powers of ten say it better */

/* Ticks at the multiples of unit, and their labels. */
static void label_amounts(ticks *t, double low, double high, double unit)
{
    for (double k = lrs_k_ceil(low / unit); k * unit <= high && t->n < TICKS_MAX; k += 1) {
        t->at[t->n++] = k * unit;
    }
    double size = fabs(low) > fabs(high) ? fabs(low) : fabs(high);
    size_t i = 0;
    while (suffixes[i].scale > 1 &&
           (size < suffixes[i].scale || unit < suffixes[i].scale / 10 || (i == 3 && size < 10000 && unit < 1000))) {
        i++;
    }
    double part = unit / suffixes[i].scale;
    int digits = part < 1 ? -ticks_decade(part) : 0, top = size >= TOO_MANY ? ticks_decade(size) : 0;
    for (size_t k = 0; k < t->n; k++) {
        if (top > 0) {
            label_scientific(t->label[k], t->at[k], top, top > ticks_decade(unit) ? top - ticks_decade(unit) : 0);
        } else if (t->at[k] == 0) {
            snprintf(t->label[k], TICK_LABEL, "0");
        } else {
            snprintf(t->label[k], TICK_LABEL, "%.*f%s", digits, t->at[k] / suffixes[i].scale, suffixes[i].suffix);
        }
    }
}

void ticks_amounts(ticks *t, double low, double high, size_t most)
{
    int e;
    most = most < 2 ? 2 : most > TICKS_MAX - 2 ? TICKS_MAX - 2 : most;
    t->n = 0;
    t->low = low;
    t->high = high;
    int step = nice_step(high - low, most, &e);
    label_amounts(t, low, high, multiple(step, e));
}

void ticks_steps(ticks *t, int64_t first, int64_t last, size_t most)
{
    double low = (double)first, high = (double)last;
    int e = 0, step = 1;
    most = most < 2 ? 2 : most > TICKS_MAX - 2 ? TICKS_MAX - 2 : most;
    t->n = 0;
    t->low = low;
    t->high = high;
    if (high - low >= 1) {
        step = nice_step(high - low, most, &e);
        if (e < 0) { /* between two steps there is nothing */
            e = 0;
            step = 1;
        }
    }
    label_amounts(t, low, high, multiple(step, e));
}

void ticks_number(char *buf, size_t cap, double v)
{
    char text[40];
    if (!isfinite(v) || v == 0) {
        snprintf(buf, cap, "%s", isnan(v) ? "nan" : v == 0 ? "0" : v > 0 ? "inf" : "-inf");
        return;
    }
    if (fabs(v) >= 1e-3 && fabs(v) < 1e6) {
        snprintf(buf, cap, fabs(v) < 9999.5 ? "%.4g" : "%.0f", v); /* 12345, not 1.234e+04 */
        return;
    }
    snprintf(text, sizeof text, "%.3e", v);
    char *e = strchr(text, 'e'), *end = e;
    while (end[-1] == '0') {
        end--;
    }
    end -= end[-1] == '.';
    snprintf(buf, cap, "%.*se%ld", (int)(end - text), text, strtol(e + 1, NULL, 10));
}
