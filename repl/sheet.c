/* sheet.c: see sheet.h. */
#include "sheet.h"

#include <stdlib.h>
#include <string.h>
#include "cli_io.h"

void sheet_init(sheet *s, int width, int height)
{
    s->width = width;
    s->height = height;
    s->at = cli_alloc((size_t)width * (size_t)height * sizeof *s->at);
}

void sheet_free(sheet *s)
{
    free(s->at);
    s->at = NULL;
}

void sheet_put(sheet *s, int row, int column, uint32_t ch, int ink)
{
    if (row >= 0 && row < s->height && column >= 0 && column < s->width) {
        cell *c = &s->at[(size_t)row * (size_t)s->width + (size_t)column];
        c->ch = ch;
        c->ink = (uint8_t)ink;
    }
}

/* The code point at *p, moved past it; `?` for what is none. */
static uint32_t next_char(const char **p)
{
    const unsigned char *s = (const unsigned char *)*p;
    uint32_t c = *s;
    int more = c >= 0xf0 && c < 0xf8 ? 3 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xc2 && c < 0xe0 ? 1 : 0;
    if (c < 0x80) {
        ++*p;
        return c == '\t' || c == '\n' || c == '\r' ? ' ' : c < 0x20 || c == 0x7f ? '?' : c;
    }
    c = more == 3 ? c & 7u : more == 2 ? c & 15u : c & 31u;
    for (int i = 1; i <= more; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            more = 0;
            break;
        }
        c = c << 6 | (s[i] & 63u);
    }
    *p += more + 1;
    int control = c < 0xa0 || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff || (c >= 0x200b && c <= 0x202e);
    return more == 0 || control ? '?' : c;
}

int sheet_text(sheet *s, int row, int column, const char *text, int ink, int ascii)
{
    while (*text && column < s->width) {
        uint32_t c = next_char(&text);
        sheet_put(s, row, column++, ascii && c > 0x7e ? '?' : c, ink);
    }
    return column;
}

int sheet_text_width(const char *text)
{
    int n = 0;
    while (*text) {
        next_char(&text);
        n++;
    }
    return n;
}

static void put_char(FILE *f, uint32_t c)
{
    if (c < 0x80) {
        fputc((int)c, f);
    } else if (c < 0x800) {
        fprintf(f, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        fprintf(f, "%c%c%c", (int)(0xe0 | c >> 12), (int)(0x80 | (c >> 6 & 63)), (int)(0x80 | (c & 63)));
    } else {
        fprintf(f, "%c%c%c%c", (int)(0xf0 | c >> 18), (int)(0x80 | (c >> 12 & 63)), (int)(0x80 | (c >> 6 & 63)),
                (int)(0x80 | (c & 63)));
    }
}

void sheet_print(const sheet *s, FILE *f, int rows, int color)
{
    /* The curves' colours are Okabe and Ito's, in the palette of 256, on a dark or a light ground; the first is the terminal's own. */
    static const char *const inks[INK_CURVE + INK_CURVES] = {
        "\033[0m", "\033[2m", "\033[33m", "\033[36m", "\033[38;5;208m", "\033[38;5;35m", "\033[38;5;175m",
        "\033[38;5;32m", "\033[38;5;166m", "\033[38;5;178m", "\033[38;5;245m"};
    for (int r = 0; r < rows && r < s->height; r++) {
        const cell *line = &s->at[(size_t)r * (size_t)s->width];
        int n = s->width, ink = INK_PLAIN;
        while (n > 0 && (line[n - 1].ch == 0 || line[n - 1].ch == ' ')) {
            n--;
        }
        for (int i = 0; i < n; i++) {
            if (color && line[i].ch && line[i].ch != ' ' && line[i].ink != ink) {
                if (ink != INK_PLAIN) {
                    fputs(inks[INK_PLAIN], f);
                }
                ink = line[i].ink;
                if (ink != INK_PLAIN) {
                    fputs(inks[ink], f);
                }
            }
            put_char(f, line[i].ch ? line[i].ch : ' ');
        }
        if (ink != INK_PLAIN) {
            fputs(inks[INK_PLAIN], f);
        }
        fputc('\n', f);
    }
}
