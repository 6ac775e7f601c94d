/* screen.c: see screen.h. Speaks the common part of all terminals since the VT100. */
#define _GNU_SOURCE /* wcwidth */
#include "screen.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* One row of the screen. */
typedef struct row {
    char *text;
    size_t n, cap;
    int columns;
    int flows; /* the terminal itself begins the next row, when its first character comes */
} row;

typedef struct layout {
    const editor_host *host;
    row *rows;
    int n, cap;
    int first, end; /* the rows whose text is kept */
    int point_row, point_column;
    int width;
    const char *code; /* of the ink that is on */
} layout;

static int height = 24, width = 80;
static int fresh = 1, cursor_row; /* of what is drawn, from its first row */
static layout last;               /* what is drawn, with the width that it was made for */

/* ---- rows -------------------------------------------------------------------------------------- */

static void put(layout *l, const char *s, size_t n)
{
    row *r = &l->rows[l->n - 1];
    if (l->n - 1 < l->first || l->n - 1 >= l->end) {
        return;
    }
    if (r->n + n + 1 > r->cap) {
        size_t cap = 2 * (r->n + n + 64);
        char *more = realloc(r->text, cap);
        if (!more) {
            return; /* the picture of the line has a gap; the line has none */
        }
        r->text = more;
        r->cap = cap;
    }
    memcpy(r->text + r->n, s, n);
    r->n += n;
}

static void put_code(layout *l, const char *s)
{
    put(l, s, strlen(s));
}

static void new_row(layout *l, int flows)
{
    if (l->n > 0) {
        l->rows[l->n - 1].flows = flows;
        put_code(l, *l->code ? "\033[0m" : "");
    }
    if (l->n == l->cap) {
        l->cap = 2 * l->cap + 16;
        row *more = realloc(l->rows, (size_t)l->cap * sizeof *more);
        if (!more) {
            abort();
        }
        l->rows = more;
    }
    l->rows[l->n++] = (row){0};
    put_code(l, l->code);
}

static void layout_free(layout *l)
{
    for (int i = 0; i < l->n; i++) {
        free(l->rows[i].text);
    }
    free(l->rows);
    *l = (layout){0};
}

/* A character as it is shown, into buf; its columns in *wide. Returns how many bytes of the text it is. */
static size_t shown(const layout *l, char buf[16], int *wide, const char *s, size_t n, int column)
{
    unsigned char c = (unsigned char)*s;
    if (c == '\t') {
        *wide = 8 - column % 8;
        snprintf(buf, 16, "%*s", *wide, "");
        return 1;
    }
    if (c < 0x20 || c == 0x7f) {
        *wide = 2;
        snprintf(buf, 16, "^%c", c ^ 0x40);
        return 1;
    }
    wchar_t w;
    mbstate_t state = {0};
    size_t bytes = c < 0x80 ? 1 : mbrtowc(&w, s, n, &state);
    if (bytes == 0 || bytes > n || bytes > 8) {
        *wide = 4;
        snprintf(buf, 16, "\\x%02x", c);
        return 1;
    }
    *wide = c < 0x80 ? 1 : l->host->is_shown((uint32_t)w) ? wcwidth(w) : -1;
    if (*wide < 0) {
        *wide = 1;
        snprintf(buf, 16, "?");
        return bytes;
    }
    memcpy(buf, s, bytes);
    buf[bytes] = 0;
    return bytes;
}

static void put_char(layout *l, const char *text, int wide)
{
    if (l->rows[l->n - 1].columns + wide > l->width) {
        new_row(l, 1);
    }
    put_code(l, text);
    l->rows[l->n - 1].columns += wide;
}

static void put_prompt(layout *l, const char *prompt)
{
    char buf[16];
    int wide;
    for (size_t n = strlen(prompt); n > 0;) {
        size_t bytes = shown(l, buf, &wide, prompt, n, l->rows[l->n - 1].columns);
        if (*prompt != 1 && *prompt != 2) { /* readline's marks around what takes no room */
            put_char(l, buf, wide);
        }
        prompt += bytes;
        n -= bytes;
    }
}

static void set_code(layout *l, const char *code)
{
    if (strcmp(l->code, code) != 0) {
        put_code(l, *l->code ? "\033[0m" : "");
        put_code(l, code);
        l->code = code;
    }
}

static void mark_point(layout *l)
{
    l->point_row = l->n - 1;
    l->point_column = l->rows[l->n - 1].columns;
}

/* The prompt and the text in rows of this width, of which those from first to end - 1 have their text. */
static layout lay_out(const editor_host *host, const screen_view *v, int columns, int first, int end)
{
    layout l = {.host = host, .width = columns, .code = "", .first = first, .end = end};
    unsigned char *inks = end > first ? calloc(v->n + 1, 1) : NULL;
    char buf[16];
    int wide;
    new_row(&l, 0);
    put_prompt(&l, v->prompt);
    if (inks && host->color) {
        host->ink(host->ctx, v->text, v->n, inks);
    }
    for (size_t i = 0; i < v->n;) {
        if (i == v->point) {
            mark_point(&l);
        }
        set_code(&l, inks ? host->codes[inks[i]] : "");
        if (v->text[i] == '\n') {
            new_row(&l, 0);
            const char *code = l.code;
            set_code(&l, "");
            put_prompt(&l, host->more);
            set_code(&l, code);
            i++;
            continue;
        }
        size_t bytes = shown(&l, buf, &wide, v->text + i, v->n - i, l.rows[l.n - 1].columns);
        put_char(&l, buf, wide);
        if (v->point > i && v->point < i + bytes) {
            mark_point(&l);
        }
        i += bytes;
    }
    set_code(&l, "");
    if (v->point >= v->n) {
        mark_point(&l);
    }
    if (l.point_column >= l.width) { /* a full row: the cursor is at the beginning of the next */
        if (l.point_row == l.n - 1) {
            new_row(&l, 1);
        }
        l.point_row++;
        l.point_column = 0;
    }
    free(inks);
    return l;
}

/* ---- drawing ----------------------------------------------------------------------------------- */

void screen_fresh(void)
{
    fresh = 1;
    cursor_row = 0;
    layout_free(&last);
}

/* Rows that were full, and those that the text flows into, take more or fewer rows in the new width. */
void screen_size(int rows, int columns)
{
    if (columns != width && !fresh && last.n) {
        int now = 0, flowing = 0;
        for (int i = 0; i < last.point_row && i < last.n; i++) {
            flowing += last.rows[i].columns;
            if (!last.rows[i].flows) {
                now += flowing > columns ? (flowing + columns - 1) / columns : 1;
                flowing = 0;
            }
        }
        flowing += last.point_column;
        cursor_row = now + flowing / columns;
    }
    height = rows > 2 ? rows : 2;
    width = columns > 8 ? columns : 8;
}

static void to_start(FILE *out)
{
    if (!fresh) {
        fputc('\r', out);
        if (cursor_row > 0) {
            fprintf(out, "\033[%dA", cursor_row);
        }
    }
}

/* Rows first ... end - 1. */
static void print_rows(FILE *out, const layout *l, int first, int end)
{
    for (int i = first; i < end; i++) {
        const row *r = &l->rows[i];
        fwrite(r->text, 1, r->n, out);
        if (i + 1 == end) {
            fputs(r->columns < l->width ? "\033[K" : "", out);
        } else if (!r->flows) {
            fputs(r->columns < l->width ? "\033[K\r\n" : "\r\n", out);
        } else if (l->rows[i + 1].columns == 0) {
            fputs(" \r", out); /* nothing comes that would make the terminal begin the row */
        } else if (r->columns < l->width) {
            fputs(" ", out); /* a wide character did not fit */
        }
    }
}

/* Of an entry that is higher than the screen, the rows around the cursor. */
void screen_draw(FILE *out, const editor_host *host, const screen_view *v)
{
    layout l = lay_out(host, v, width, 0, 0); /* where the cursor is */
    int room = height - (v->below ? 2 : 1), first = 0, end = l.n;
    room = room < 1 ? 1 : room;
    if (l.n > room) {
        first = l.point_row - room / 2;
        first = first < 0 ? 0 : first + room > l.n ? l.n - room : first;
        end = first + room;
    }
    layout_free(&l);
    l = lay_out(host, v, width, first, end);
    to_start(out);
    print_rows(out, &l, first, end);
    int bottom = end - first - 1;
    if (v->below) {
        fprintf(out, "\r\n%s\033[K", v->below);
        bottom++;
    }
    fputs("\033[J", out);
    cursor_row = l.point_row - first;
    fputc('\r', out);
    if (bottom > cursor_row) {
        fprintf(out, "\033[%dA", bottom - cursor_row);
    }
    if (l.point_column > 0) {
        fprintf(out, "\033[%dC", l.point_column);
    }
    fflush(out);
    fresh = 0;
    layout_free(&last);
    last = l;
    last.point_row = cursor_row;
}

void screen_leave(FILE *out, const editor_host *host, const screen_view *v, const char *mark)
{
    screen_view all = *v;
    all.below = NULL;
    all.point = all.n;
    screen_draw(out, host, &all);
    fprintf(out, "%s\033[J\r\n", mark);
    fflush(out);
    screen_fresh();
}
