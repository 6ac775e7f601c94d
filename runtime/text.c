/* text.c: numbers and names in messages. In: values. Out: text; calls the C library's formatting only. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

void lrs_number_text(char text[LRS_NUMBER_TEXT], double v)
{
    char raw[LRS_NUMBER_TEXT];
    size_t k, n = 0;
    int digits;
    for (digits = 1; digits <= 17; digits++) {
        snprintf(raw, sizeof raw, "%.*g", digits, v);
        if (strtod(raw, NULL) == v)
            break;
    }
    if (v > -1e15 && v < 1e15 && v == (double)(int64_t)v) /* 500, not 5e+02 */
        snprintf(raw, sizeof raw, "%.0f", v);
    /* Whatever stands between the digits is the locale's decimal point, of one byte or several. */
    for (k = 0; raw[k]; k++) {
        if (strchr("0123456789+-einfa", raw[k]))
            text[n++] = raw[k];
        else if (n == 0 || text[n - 1] != '.')
            text[n++] = '.';
    }
    text[n] = 0;
    if (v != v)
        memcpy(text, "nan", 4);
}

#define NEAR_NAME 40

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;
    return m < c ? m : c;
}

/* How many letters to insert, delete, replace or swap with their neighbour to make one of the other. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
    size_t row[3][NEAR_NAME + 1];
    size_t i, j;
    for (j = 0; j <= nb; j++)
        row[0][j] = j;
    for (i = 1; i <= na; i++) {
        size_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (j = 1; j <= nb; j++) {
            now[j] = min3(last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
    }
    return row[na % 3][nb];
}

const char *lrs_nearest(const char *name, const lrs_param_info *candidates, size_t n)
{
    size_t len = strlen(name), best = 1 + len / 3, k;
    const char *nearest = NULL;
    if (len > NEAR_NAME)
        return NULL;
    for (k = 0; k < n; k++) {
        size_t other = strlen(candidates[k].name), d;
        if (other > NEAR_NAME)
            continue;
        d = distance(name, len, candidates[k].name, other);
        if (d <= best && d < len && (!nearest || d < best)) {
            best = d;
            nearest = candidates[k].name;
        }
    }
    return nearest;
}
