/* sheet.c: see sheet.h. */
#include "sheet.h"

#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "letters.h"

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

static void add_rows(sheet *s, int height)
{
    size_t had = (size_t)s->width * (size_t)s->height, all = (size_t)s->width * (size_t)height;
    s->at = cli_realloc(s->at, all * sizeof *s->at);
    memset(s->at + had, 0, (all - had) * sizeof *s->at);
    s->height = height;
}

void sheet_put(sheet *s, int row, int column, uint32_t ch, int ink)
{
    if (row >= s->height) {
        add_rows(s, row + 1);
    }
    if (row >= 0 && column >= 0 && column < s->width) {
        cell *c = &s->at[(size_t)row * (size_t)s->width + (size_t)column];
        c->ch = ch;
        c->ink = (uint8_t)ink;
    }
}

int sheet_text(sheet *s, int row, int column, const char *text, int ink, int ascii)
{
    while (*text && column < s->width) {
        uint32_t c = letters_next(&text);
        sheet_put(s, row, column++, ascii && c > 0x7e ? '?' : c, ink);
    }
    return column;
}

int sheet_text_width(const char *text)
{
    int n = 0;
    while (*text) {
        letters_next(&text);
        n++;
    }
    return n;
}

/* The number of letters of the text, at most so many, that make a line: up to its last blank, if it has one. */
static int first_line(const char *text, int most)
{
    int n = 0, blank = 0;
    for (; *text && n <= most; n++) {
        blank = letters_next(&text) == ' ' && n > 0 ? n : blank;
    }
    return n <= most ? n : blank ? blank : most;
}

void sheet_piece(sheet_flow *f, const char *text, int ink)
{
    int room = f->s->width - 2;
    if (f->column > 2 && f->column + sheet_text_width(text) > f->s->width) {
        f->row++;
        f->column = 2;
    }
    while (f->column == 2 && sheet_text_width(text) > room) {
        for (int n = first_line(text, room); n > 0; n--) {
            uint32_t c = letters_next(&text);
            sheet_put(f->s, f->row, f->column++, f->ascii && c > 0x7e ? '?' : c, ink);
        }
        text += *text == ' ';
        f->row++;
        f->column = 2;
    }
    f->column = sheet_text(f->s, f->row, f->column, text, ink, f->ascii) + 3;
}

static void put_char(FILE *f, uint32_t c)
{
    char bytes[5];
    letters_put(bytes, c);
    fputs(bytes, f);
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
