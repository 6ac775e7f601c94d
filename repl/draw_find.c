/* draw_find.c: see draw_find.h. The same input gives the same characters everywhere. */
#include "draw_find.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "dots.h"
#include "draw.h"
#include "figure.h"
#include "kernel/types.h"
#include "kernel/math.h"
#include "sheet.h"
#include "ticks.h"

typedef struct glyphs {
    uint32_t wall, tick, corner, floor, floor_tick, open, close, bar, line;
} glyphs;
static const glyphs unicode_glyphs = {0x2502, 0x2524, 0x2514, 0x2500, 0x252c, 0x251c, 0x2524, 0x2500, 0x2501};
static const glyphs ascii_glyphs = {'|', '+', '+', '-', '+', '|', '|', '-', '*'};

#define LABEL_ROOM 8 /* at least */
#define LEAST_FIELD 4

typedef struct picture {
    const find_view *v;
    const glyphs *g;
    int ascii, color;
    int margin, wide, high;
    double left, right; /* logarithms of the rates at the ends of the axis */
    ticks values, rates;
    dots field;
    sheet sheet;
} picture;

/* ---- places ------------------------------------------------------------------------------------ */

static int column_of(const picture *p, double lr)
{
    double x = (lrs_k_log10(lr) - p->left) / (p->right - p->left) * (dots_columns(&p->field) - 1);
    return x < 0 ? -1 : x > dots_columns(&p->field) ? dots_columns(&p->field) : (int)(x + 0.5);
}

/* Far outside of the field all places are the same. */
static int row_of(const picture *p, double loss)
{
    int n = dots_rows(&p->field);
    double y = (loss - p->values.low) / (p->values.high - p->values.low) * (n - 1);
    return y < -2 * n ? -2 * n : y > 3 * n ? 3 * n : (int)lrs_k_floor(y + 0.5);
}

static int cell_of(const picture *p, double lr)
{
    return p->margin + column_of(p, lr) / p->field.per_x;
}

#define MOST 1e307 /* spans of larger values are no doubles */

/* Values from the first point looked at to the lowest one, and what little of the others does not flatten these: the rise at the
 * end leaves the picture at the top. */
static void choose_values(picture *p, size_t most)
{
    const find_view *v = p->v;
    double low = HUGE_VAL, high = -HUGE_VAL, least = HUGE_VAL, greatest = -HUGE_VAL;
    for (size_t i = 0; i < v->l->n; i++) {
        double y = fmax(-MOST, fmin(v->smoothed[i], MOST));
        if (isfinite(v->smoothed[i])) {
            int main_part = i >= v->found->first && i <= v->lowest;
            least = fmin(least, y);
            greatest = fmax(greatest, y);
            low = main_part ? fmin(low, y) : low;
            high = main_part ? fmax(high, y) : high;
        }
    }
    if (!(least <= greatest)) {
        least = 0;
        greatest = 1;
    }
    if (!(low < high)) {
        low = least;
        high = greatest;
    }
    double room = (high - low) * 0.3;
    ticks_linear(&p->values, fmax(least, low - room) - room / 6, fmin(greatest, high + room) + room / 6, most);
}

/* ---- the losses -------------------------------------------------------------------------------- */

static void put_field(picture *p, uint32_t ascii, int first, int last, int ink)
{
    for (int y = 0; y < p->high; y++) {
        for (int x = first; x <= last; x++) {
            uint8_t bits = dots_cell(&p->field, x, y);
            if (bits) {
                sheet_put(&p->sheet, y, p->margin + x, p->ascii ? ascii : 0x2800u + bits, ink);
            }
        }
    }
}

static void draw_losses(picture *p)
{
    const find_view *v = p->v;
    dots_clear(&p->field);
    for (size_t i = 0; i < v->l->n; i++) {
        if (isfinite(v->l->loss[i])) {
            dots_set(&p->field, column_of(p, v->l->lr[i]), row_of(p, v->l->loss[i]));
        }
    }
    put_field(p, '.', 0, p->wide - 1, INK_DIM);
}

/* The points looked at in the colour of a curve, those before and after them without. */
static void draw_averages(picture *p)
{
    const find_view *v = p->v;
    const losses *l = v->l;
    dots_clear(&p->field);
    for (size_t i = 0; i < l->n; i++) {
        if (isfinite(v->smoothed[i])) {
            size_t from = i > 0 && isfinite(v->smoothed[i - 1]) ? i - 1 : i;
            dots_line(&p->field, column_of(p, l->lr[from]), row_of(p, v->smoothed[from]), column_of(p, l->lr[i]), row_of(p, v->smoothed[i]));
        }
    }
    put_field(p, '*', 0, p->wide - 1, INK_PLAIN);
    if (v->found->end > v->found->first) {
        put_field(p, '*', cell_of(p, l->lr[v->found->first]) - p->margin, cell_of(p, l->lr[v->found->end - 1]) - p->margin, INK_CURVE);
    }
}

/* ---- axes -------------------------------------------------------------------------------------- */

static void put_label(picture *p, int row, const char *text)
{
    sheet_text(&p->sheet, row, p->margin - 2 - (int)strlen(text), text, INK_DIM, p->ascii);
}

static int label_room(const ticks *t)
{
    size_t room = LABEL_ROOM;
    for (size_t i = 0; i < t->n; i++) {
        room = strlen(t->label[i]) > room ? strlen(t->label[i]) : room;
    }
    return (int)room;
}

static void draw_values_axis(picture *p)
{
    int used = -1;
    for (int y = 0; y < p->high; y++) {
        sheet_put(&p->sheet, y, p->margin - 1, p->g->wall, INK_DIM);
    }
    for (size_t i = p->values.n; i-- > 0;) {
        int row = (dots_rows(&p->field) - 1 - row_of(p, p->values.at[i])) / p->field.per_y;
        if (row > used) {
            sheet_put(&p->sheet, row, p->margin - 1, p->g->tick, INK_DIM);
            put_label(p, row, p->values.label[i]);
            used = row;
        }
    }
}

static void draw_rates_axis(picture *p, int row)
{
    sheet_put(&p->sheet, row, p->margin - 1, p->g->corner, INK_DIM);
    for (int x = 0; x < p->wide; x++) {
        sheet_put(&p->sheet, row, p->margin + x, p->g->floor, INK_DIM);
    }
    put_label(p, row + 1, "lr");
    int free_from = p->margin - 1;
    for (size_t i = 0; i < p->rates.n; i++) {
        int x = cell_of(p, p->rates.at[i]), n = (int)strlen(p->rates.label[i]), from = x - n / 2;
        from = from + n > p->sheet.width ? p->sheet.width - n : from;
        sheet_put(&p->sheet, row, x, p->g->floor_tick, INK_DIM);
        if (from >= free_from) {
            free_from = sheet_text(&p->sheet, row + 1, from, p->rates.label[i], INK_DIM, p->ascii) + 1;
        }
    }
}

/* A piece of the line below the axis: |--text--|. */
static void put_band(picture *p, int row, int from, int to, const char *text)
{
    int room = to - from - 1, n = sheet_text_width(text);
    for (int x = from + 1; x < to; x++) {
        sheet_put(&p->sheet, row, x, p->g->bar, INK_DIM);
    }
    sheet_put(&p->sheet, row, from, p->g->open, INK_DIM);
    sheet_put(&p->sheet, row, to, p->g->close, INK_DIM);
    if (n <= room) {
        sheet_text(&p->sheet, row, from + 1 + (room - n) / 2, text, INK_PLAIN, p->ascii);
    }
}

/* Which points are looked at. Returns the row after. */
static int draw_band(picture *p, int row)
{
    const find_view *v = p->v;
    const losses *l = v->l;
    size_t first = v->found->first, end = v->found->end;
    if (end <= first) {
        return row;
    }
    int from = cell_of(p, l->lr[first]), to = cell_of(p, l->lr[end - 1]);
    long long a = l->step ? (long long)l->step[first] : (long long)first, b = l->step ? (long long)l->step[end - 1] : (long long)end - 1;
    char *text = cli_printf("%s %lld to %lld", l->step ? "steps" : "points", a, b);
    put_band(p, row, from, to > from ? to : from, text);
    put_label(p, row, "used");
    free(text);
    const char *why = v->found->diverged < l->n ? "diverged" : "";
    if (to + 2 + (int)strlen(why) <= p->sheet.width) {
        sheet_text(&p->sheet, row, to + 2, why, INK_EVENT, p->ascii);
    }
    return row + 1;
}

/* ---- marks ------------------------------------------------------------------------------------- */

static int ink_of(size_t mark)
{
    return INK_CURVE + 1 + (int)mark % (INK_CURVES - 1);
}

/* The average at a rate between those of the test; NaN outside. */
static double average_at(const find_view *v, double lr)
{
    const losses *l = v->l;
    size_t from = 0, to = l->n - 1;
    if (lr < l->lr[0] || lr > l->lr[to]) {
        return (double)NAN;
    }
    while (to - from > 1) {
        size_t middle = from + (to - from) / 2;
        *(l->lr[middle] <= lr ? &from : &to) = middle;
    }
    if (to == from || l->lr[from] == lr) {
        return v->smoothed[from];
    }
    double part = (lrs_k_log10(lr) - lrs_k_log10(l->lr[from])) / (lrs_k_log10(l->lr[to]) - lrs_k_log10(l->lr[from]));
    return v->smoothed[from] + part * (v->smoothed[to] - v->smoothed[from]);
}

static int is_letter(const picture *p, int row, int x)
{
    uint32_t ch = p->sheet.at[row * p->sheet.width + x].ch;
    return ch >= 'A' && ch <= 'Z';
}

/* Its letter on the curve, or at the next free place above, or below; and on the axis, where it can be read off. */
static void draw_mark(picture *p, size_t i)
{
    const find_mark *m = &p->v->marks[i];
    double y = m->s.reason == LRS_FIND_FOUND ? average_at(p->v, m->s.lr) : (double)NAN;
    if (!isfinite(y)) {
        return;
    }
    int x = cell_of(p, m->s.lr), row = (dots_rows(&p->field) - 1 - row_of(p, y)) / p->field.per_y;
    row = row < 0 ? 0 : row >= p->high ? p->high - 1 : row;
    int at = row;
    while (at > 0 && is_letter(p, at, x)) {
        at--;
    }
    while (at + 1 < p->high && is_letter(p, at, x)) {
        at++;
    }
    sheet_put(&p->sheet, at, x, (uint32_t)m->letter, ink_of(i));
    if (!is_letter(p, p->high, x)) {
        sheet_put(&p->sheet, p->high, x, (uint32_t)m->letter, ink_of(i));
    }
}

/* ---- text -------------------------------------------------------------------------------------- */

static void put_number(sheet_flow *f, const char *what, double v)
{
    char number[32];
    ticks_number(number, sizeof number, v);
    char *text = cli_printf("%s %s", what, number);
    sheet_piece(f, text, INK_PLAIN);
    free(text);
}

/* The line's key, the name of the file, and its numbers. Returns the row after. */
static int draw_summary(picture *p, int row)
{
    const find_view *v = p->v;
    sheet_flow f = {&p->sheet, row, 2, p->ascii};
    for (int k = 0; k < 2; k++) {
        sheet_put(&p->sheet, row, f.column++, p->g->line, INK_CURVE);
    }
    f.column++;
    sheet_piece(&f, figure_base_name(v->l->name), INK_PLAIN);
    char *text = cli_printf("%zu point%s", v->l->n, v->l->n == 1 ? "" : "s");
    sheet_piece(&f, text, INK_PLAIN);
    free(text);
    if (v->found->end > v->found->first) {
        put_number(&f, v->is_smoothed ? "lowest average" : "lowest loss", v->smoothed[v->lowest]);
        f.column -= 2;
        put_number(&f, "at", v->l->lr[v->lowest]);
    }
    if (v->found->diverged < v->l->n) {
        put_number(&f, "diverged at", v->l->lr[v->found->diverged]);
    }
    for (size_t i = 0; i < v->l->n; i++) {
        if (!isfinite(v->l->loss[i])) {
            put_number(&f, "no number from", v->l->lr[i]);
            break;
        }
    }
    return f.row + 1;
}

/* A sentence, with as many lines as it needs. Returns the row after. */
static int draw_words(picture *p, int row, const char *text)
{
    sheet_flow f = {&p->sheet, row, 2, p->ascii};
    while (*text) {
        size_t n = strcspn(text, " ");
        char *word = cli_printf("%.*s", (int)n, text);
        sheet_piece(&f, word, INK_PLAIN);
        free(word);
        f.column -= 2; /* a blank is enough */
        text += n + (text[n] == ' ');
    }
    return f.row + 1;
}

/* Letter, name, rate, and what it is where there is room for that. A reason that has none stands below those that have it.
 * Returns the row after. */
static int draw_table(picture *p, int row)
{
    for (size_t i = 0; i < p->v->nmarks; i++, row++) {
        const find_mark *m = &p->v->marks[i], *next = i + 1 < p->v->nmarks ? m + 1 : NULL;
        int found = m->s.reason == LRS_FIND_FOUND;
        char number[32] = "-", letter[2] = {m->letter, 0};
        const char *what = found ? m->what : m->reason;
        if (found) {
            ticks_number(number, sizeof number, m->s.lr);
        }
        sheet_text(&p->sheet, row, 2, letter, found ? ink_of(i) : INK_DIM, p->ascii);
        sheet_text(&p->sheet, row, 4, m->name, INK_PLAIN, p->ascii);
        if (13 + sheet_text_width(number) <= p->sheet.width) {
            sheet_text(&p->sheet, row, 13, number, INK_PLAIN, p->ascii);
        } else {
            sheet_text(&p->sheet, ++row, 4, number, INK_PLAIN, p->ascii);
        }
        if (24 + sheet_text_width(what) <= p->sheet.width) {
            sheet_text(&p->sheet, row, 24, what, INK_DIM, p->ascii);
        } else if (!found && !(next && next->s.reason != LRS_FIND_FOUND && strcmp(next->reason, what) == 0)) {
            row = draw_words(p, row + 1, what) - 1;
        }
    }
    return row;
}

/* What to do with it. Returns the row after. */
static int draw_advice(picture *p, int row, const cli_options *o)
{
    const find_view *v = p->v;
    if (v->doubt) {
        return draw_words(p, row, v->doubt);
    }
    if (v->marks[0].s.reason != LRS_FIND_FOUND) {
        return row;
    }
    char number[32];
    ticks_number(number, sizeof number, v->marks[0].s.lr);
    sheet_flow f = {&p->sheet, row, 2, p->ascii};
    char *text = cli_printf("train with %s peak=%s", o->text_yields ? ":set" : "-D", number);
    sheet_piece(&f, text, INK_PLAIN);
    free(text);
    ticks_number(number, sizeof number, v->l->lr[v->turn]);
    text = cli_printf("by eye: below %s%s", number, p->sheet.width < 50 || !v->turns ? "" : ", where the losses turn up");
    sheet_piece(&f, text, INK_PLAIN);
    free(text);
    return f.row + 1;
}

/* ---- layout ------------------------------------------------------------------------------------ */

void draw_find(const find_view *v, const cli_options *o, FILE *out)
{
    picture p = {.v = v, .ascii = o->ascii || !cli_utf8(), .color = cli_color(out)};
    p.g = p.ascii ? &ascii_glyphs : &unicode_glyphs;
    p.high = o->height ? o->height : 15;
    /* a label every two or three rows, and every eight cells */
    choose_values(&p, (size_t)(p.high * 2 / 5));
    p.margin = label_room(&p.values) + 2;
    p.wide = draw_terminal_width(o) - p.margin;
    p.wide = p.wide < LEAST_FIELD ? LEAST_FIELD : p.wide;
    sheet_init(&p.sheet, p.margin + p.wide, p.high + 40);
    dots_init(&p.field, p.wide, p.high, p.ascii);
    ticks_log(&p.rates, v->l->lr[0], v->l->lr[v->l->n - 1], (size_t)(p.wide / 8 + 1));
    p.left = lrs_k_log10(p.rates.low);
    p.right = lrs_k_log10(p.rates.high);
    draw_values_axis(&p);
    if (v->is_smoothed) {
        draw_losses(&p);
    }
    draw_averages(&p);
    draw_rates_axis(&p, p.high);
    for (size_t i = 0; i < v->nmarks; i++) {
        draw_mark(&p, i);
    }
    int row = draw_band(&p, p.high + 2);
    row = draw_summary(&p, row);
    row = draw_table(&p, row);
    row = draw_advice(&p, row, o);
    sheet_print(&p.sheet, out, row, p.color);
    dots_free(&p.field);
    sheet_free(&p.sheet);
}
