/* digits.c: reads the handwritten digits from csv.
 *
 * In: a path.  Out: a digits, or a sentence that names the file, the line and what is wrong.  May call: the C library.
 */
#include "digits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 1024, PIXEL_MAX = 16 };

static int grow(digits *d, size_t *cap)
{
    size_t want = *cap ? *cap * 2 : 2048;
    void *pixels = realloc(d->pixels, want * sizeof *d->pixels);
    if (pixels)
        d->pixels = pixels;
    void *labels = realloc(d->labels, want);
    if (labels)
        d->labels = labels;
    if (!pixels || !labels)
        return -1;
    *cap = want;
    return 0;
}

/* The next whole number of the line, 0 to max, with the character that must follow it; -1 when it is not there. */
static int field(const char **at, int max, char after)
{
    const char *p = *at;
    int value = 0;
    if (*p < '0' || *p > '9')
        return -1;
    for (; *p >= '0' && *p <= '9' && value <= max; p++)
        value = value * 10 + (*p - '0');
    if (value > max || *p != after)
        return -1;
    *at = p + 1;
    return value;
}

static int parse_line(const char *line, double *pixels, uint8_t *label, uint64_t *hash)
{
    for (int i = 0; i < DIGITS_PIXELS; i++) {
        int v = field(&line, PIXEL_MAX, ',');
        if (v < 0)
            return -1;
        pixels[i] = v / (double)PIXEL_MAX;
        *hash = (*hash ^ (uint64_t)v) * 0x100000001B3u; /* FNV-1a */
    }
    int v = field(&line, DIGITS_CLASSES - 1, '\0');
    if (v < 0)
        return -1;
    *label = (uint8_t)v;
    *hash = (*hash ^ (uint64_t)v) * 0x100000001B3u;
    return 0;
}

static int read_lines(digits *d, FILE *f, const char *path, char *error, size_t error_cap)
{
    char line[LINE_MAX_BYTES];
    size_t cap = 0;
    for (unsigned long number = 1; fgets(line, sizeof line, f); number++) {
        line[strcspn(line, "\r\n")] = '\0';
        if (number == 1 || line[0] == '\0')
            continue;
        if (d->n == cap && grow(d, &cap) < 0) {
            snprintf(error, error_cap, "%s: out of memory", path);
            return -1;
        }
        if (parse_line(line, d->pixels[d->n], &d->labels[d->n], &d->hash) < 0) {
            snprintf(error, error_cap, "%s:%lu: expected 64 pixels from 0 to 16 and a label from 0 to 9", path, number);
            return -1;
        }
        d->n++;
    }
    if (ferror(f)) {
        snprintf(error, error_cap, "%s: cannot read: %s", path, strerror(errno));
        return -1;
    }
    return 0;
}

int digits_read(digits *d, const char *path, char *error, size_t cap)
{
    *d = (digits){.hash = 0xCBF29CE484222325u};
    FILE *f = fopen(path, "r");
    if (!f) {
        snprintf(error, cap, "%s: cannot open: %s", path, strerror(errno));
        return -1;
    }
    int status = read_lines(d, f, path, error, cap);
    fclose(f);
    if (status < 0)
        digits_free(d);
    return status;
}

void digits_free(digits *d)
{
    free(d->pixels);
    free(d->labels);
    *d = (digits){0};
}
