/* dots.c: see dots.h. */
#include "dots.h"

#include <stdlib.h>
#include <string.h>
#include "cli_io.h"

void dots_init(dots *d, int wide, int high, int ascii)
{
    d->wide = wide;
    d->high = high;
    d->per_x = ascii ? 1 : 2;
    d->per_y = ascii ? 1 : 4;
    d->at = cli_alloc((size_t)wide * (size_t)high);
}

void dots_free(dots *d)
{
    free(d->at);
    d->at = NULL;
}

void dots_clear(dots *d)
{
    memset(d->at, 0, (size_t)d->wide * (size_t)d->high);
}

int dots_columns(const dots *d)
{
    return d->wide * d->per_x;
}

int dots_rows(const dots *d)
{
    return d->high * d->per_y;
}

void dots_set(dots *d, int x, int y)
{
    static const uint8_t bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    if (x < 0 || y < 0 || x >= dots_columns(d) || y >= dots_rows(d)) {
        return;
    }
    int from_top = dots_rows(d) - 1 - y;
    d->at[from_top / d->per_y * d->wide + x / d->per_x] |= bits[from_top % d->per_y][x % d->per_x];
}

void dots_stroke(dots *d, int x, int from, int to)
{
    for (int y = from < to ? from : to; y <= (from < to ? to : from); y++) {
        dots_set(d, x, y);
    }
}

void dots_line(dots *d, int x0, int y0, int x1, int y1)
{
    int wide = x1 - x0, before = y0;
    if (wide == 0) {
        dots_stroke(d, x0, y0, y1);
    }
    for (int x = x0; wide > 0 && x <= x1; x++) {
        int twice = 2 * (y1 - y0) * (x - x0);
        int y = y0 + (twice >= 0 ? twice + wide : twice - wide) / (2 * wide);
        int from = y > before + 1 ? before + 1 : y < before - 1 ? before - 1 : y;
        dots_stroke(d, x, from, y);
        before = y;
    }
}

uint8_t dots_cell(const dots *d, int column, int row)
{
    return d->at[row * d->wide + column];
}
