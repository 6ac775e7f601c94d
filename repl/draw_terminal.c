/* draw_terminal.c: a figure in characters. In: a figure, the size. Out: lines of text. The same input gives the same
 * characters everywhere. */
#include "draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "cli_io.h"
#include "cli_number.h"
#include "dots.h"
#include "kernel/types.h"
#include "kernel/math.h"
#include "sheet.h"

/* The characters of the frame, in Unicode and in ASCII. */
typedef struct glyphs {
    uint32_t wall, tick, corner, floor, floor_tick, open, close, bar, thin, event, zero, line;
    uint32_t marks[INK_CURVES]; /* what tells curves apart without colours */
} glyphs;
static const glyphs unicode_glyphs = {0x2502, 0x2524, 0x2514, 0x2500, 0x252c, 0x251c,
                                      0x2524, 0x2500, 0x2502, 0x25b2, 0x25be, 0x2501,
                                      {0x25cf, 0x25cb, 0x25c6, 0x25c7, 0x25a0, 0x25a1, 0x2605, 0x2606}};
static const glyphs ascii_glyphs = {'|', '+', '+', '-', '+', '|', '|', '-', '|', '^', 'v', '*', {'*', 'o', '#', 'x', '@', '%', '&', '='}};

typedef struct picture {
    const figure *f;
    const figure_panel *panel;
    const glyphs *g;
    int ascii, log, color;
    int brief;          /* without the summary */
    int margin;         /* columns left of the curve's field, the wall included */
    int wide, high;     /* cells of the field */
    int dots_x;         /* dots of one cell, side by side */
    double low, high_value; /* what the bottom and the top row of dots stand for, as place_of has it */
    dots field; /* of the line being drawn */
    sheet sheet;
} picture;

/* ---- the curve --------------------------------------------------------------------------------- */

/* Logarithms on a logarithmic axis, else halves: the difference of two is a double. */
static double place_of(const picture *p, double v)
{
    return p->log ? lrs_k_log10(v) : v / 2;
}

/* The row of dots of a value, 0 at the bottom. */
static int row_of(const picture *p, double v)
{
    int n = dots_rows(&p->field) - 1;
    double x = (place_of(p, v) - p->low) / (p->high_value - p->low) * n;
    return x < 0 ? 0 : x > n ? n : (int)(x + 0.5);
}

/* What a column shows: on a logarithmic axis only what is above 0. */
static int is_drawn(const picture *p, const column *c)
{
    return c->seen && (!p->log || c->high > 0);
}

static double drawn(const picture *p, const column *c, double v)
{
    return p->log && v <= 0 ? c->least_positive : v;
}

/* Each column from its least to its greatest value, and on to where the column before it ended: no jump leaves a gap.
 */
static void draw_dense(picture *p, const columns *k)
{
    int joined = 0, before = 0;
    for (int x = 0; x < k->n; x++) {
        const column *c = &k->at[x];
        if (!is_drawn(p, c)) {
            joined = 0;
            continue;
        }
        int low = row_of(p, drawn(p, c, c->low)), high = row_of(p, c->high);
        joined = joined && !(p->log && c->first <= 0);
        if (joined && before < low - 1) {
            low = before + 1;
        }
        if (joined && before > high + 1) {
            high = before - 1;
        }
        dots_stroke(&p->field, x, low, high);
        before = row_of(p, drawn(p, c, c->last));
        joined = !(p->log && c->last <= 0);
    }
}

static void draw_sparse(picture *p, const columns *k)
{
    int last = -1, y0 = 0;
    for (int x = 0; x < k->n; x++) {
        const column *c = &k->at[x];
        if (is_drawn(p, c)) {
            int y = row_of(p, c->last);
            dots_line(&p->field, last < 0 ? x : last, last < 0 ? y : y0, x, y);
            last = x;
            y0 = y;
        } else if (c->seen) {
            last = -1;
        }
    }
}

static int ink_of(const figure_line *l)
{
    return INK_CURVE + l->number % INK_CURVES;
}

/* Several curves, and no colours. */
static int has_marks(const picture *p)
{
    return p->f->ncurves > 1 && !p->color;
}

#define MARK_EVERY 10 /* cells from one mark of a curve to its next */

/* The character of a cell of a line. */
static uint32_t curve_glyph(const picture *p, const figure_line *l, int x, uint8_t bits)
{
    uint32_t mark = p->g->marks[l->number % INK_CURVES];
    if (p->ascii) {
        return mark;
    }
    return has_marks(p) && (x + 3 * l->number) % MARK_EVERY == MARK_EVERY / 2 ? mark : 0x2800u + bits;
}

/* Where lines cross, a cell of braille has the dots of both. */
static void put_curve(picture *p, const figure_line *l, int row, int x, uint8_t bits)
{
    uint32_t *there = &p->sheet.at[row * p->sheet.width + p->margin + x].ch;
    uint32_t ch = curve_glyph(p, l, x, bits);
    if (!p->ascii && *there > 0x2800u && *there <= 0x28ffu && ch > 0x2800u && ch <= 0x28ffu) {
        ch |= *there;
    }
    sheet_put(&p->sheet, row, p->margin + x, ch, ink_of(l));
}

static void draw_curve(picture *p, const figure_line *l)
{
    dots_clear(&p->field);
    if (columns_sparse(&l->columns)) {
        draw_sparse(p, &l->columns);
    } else {
        draw_dense(p, &l->columns);
    }
    for (int y = 0; y < p->high; y++) {
        for (int x = 0; x < p->wide; x++) {
            uint8_t bits = dots_cell(&p->field, x, y);
            if (bits) {
                put_curve(p, l, y, x, bits);
            }
        }
    }
}

/* The first one lies on top. */
static void draw_curves(picture *p)
{
    for (size_t i = p->panel->nlines; i-- > 0;) {
        draw_curve(p, &p->panel->lines[i]);
    }
}

/* ---- axes -------------------------------------------------------------------------------------- */

/* The margin holds the widest label; the labels need the values, and the values' columns need the margin: so the figure is measured
 * for a margin of the usual labels, and once more where one is longer. */
#define LABEL_ROOM 8
#define LEAST_FIELD 4

static void put_label(picture *p, int row, const char *text)
{
    sheet_text(&p->sheet, row, p->margin - 2 - (int)strlen(text), text, INK_DIM, p->ascii);
}

static int label_room(const figure *f)
{
    size_t room = LABEL_ROOM;
    for (size_t i = 0; i < f->npanels; i++) {
        const ticks *t = &f->panels[i].values;
        for (size_t k = 0; k < t->n; k++) {
            room = strlen(t->label[k]) > room ? strlen(t->label[k]) : room;
        }
    }
    return (int)room;
}

static int cell_of_step(const picture *p, int64_t step)
{
    return p->margin + columns_of(&p->panel->lines[0].columns, step) / p->dots_x;
}

static void draw_values_axis(picture *p)
{
    for (int y = 0; y < p->high; y++) {
        sheet_put(&p->sheet, y, p->margin - 1, p->g->wall, INK_DIM);
    }
    int used = -2;
    const ticks *t = &p->panel->values;
    for (size_t i = t->n; i-- > 0;) {
        int row = (dots_rows(&p->field) - 1 - row_of(p, t->at[i])) / p->field.per_y;
        if (row != used) {
            sheet_put(&p->sheet, row, p->margin - 1, p->g->tick, INK_DIM);
            put_label(p, row, t->label[i]);
            used = row;
        }
    }
}

/* A row of its own for what a logarithmic axis has no place for. */
static void draw_zeros(picture *p, int row)
{
    int negative = 0;
    sheet_put(&p->sheet, row, p->margin - 1, p->g->tick, INK_DIM);
    for (size_t i = p->panel->nlines; i-- > 0;) {
        const figure_line *l = &p->panel->lines[i];
        negative |= l->columns.low < 0;
        for (int x = 0; x < l->columns.n; x++) {
            if (l->columns.at[x].seen && l->columns.at[x].zeros) {
                sheet_put(&p->sheet, row, p->margin + x / p->dots_x, p->g->zero, ink_of(l));
            }
        }
    }
    put_label(p, row, negative ? "<=0" : "0");
}

static void draw_steps_axis(picture *p, int row)
{
    sheet_put(&p->sheet, row, p->margin - 1, p->g->corner, INK_DIM);
    for (int x = 0; x < p->wide; x++) {
        sheet_put(&p->sheet, row, p->margin + x, p->g->floor, INK_DIM);
    }
    put_label(p, row + 1, p->f->x_name);
    int free_from = p->margin - 1;
    const ticks *t = &p->f->steps;
    for (size_t i = 0; i < t->n; i++) {
        int x = cell_of_step(p, figure_step(p->f, t->at[i])), n = (int)strlen(t->label[i]);
        int from = x - n / 2;
        from = from + n > p->sheet.width ? p->sheet.width - n : from;
        sheet_put(&p->sheet, row, x, p->g->floor_tick, INK_DIM);
        if (from >= free_from) {
            free_from = sheet_text(&p->sheet, row + 1, from, t->label[i], INK_DIM, p->ascii) + 1;
        }
    }
}

/* ---- phases and events ------------------------------------------------------------------------- */

/* The text if there is room for it, else its first word, else the beginning of that, but of a number, which would be another one. */
static void put_phase_label(picture *p, int row, int from, int room, const char *text)
{
    char word[64];
    if (!text || !*text) {
        text = "end"; /* the last value holds */
    }
    if (sheet_text_width(text) > room) {
        size_t n = strcspn(text, " \t\n(;");
        n = n < sizeof word - 1 ? n : sizeof word - 1;
        if ((int)n > room) {
            n = strchr("+-.0123456789", *text) ? 0 : (size_t)room;
        }
        memcpy(word, text, n);
        word[n] = 0;
        text = word;
    }
    int spare = room - sheet_text_width(text);
    sheet_text(&p->sheet, row, from + spare / 2, text, INK_PLAIN, p->ascii);
}

static void draw_phase(picture *p, int row, int from, int to, const char *text)
{
    if (from == to) {
        sheet_put(&p->sheet, row, from, p->g->thin, INK_DIM);
        return;
    }
    for (int x = from + 1; x < to; x++) {
        sheet_put(&p->sheet, row, x, p->g->bar, INK_DIM);
    }
    sheet_put(&p->sheet, row, from, p->g->open, INK_DIM);
    sheet_put(&p->sheet, row, to, p->g->close, INK_DIM);
    if (to - from > 1) {
        put_phase_label(p, row, from + 1, to - from - 1, text);
    }
}

/* Each phase from its first cell to the cell before the next one's; one that has no cell to itself pushes the next ones
 * on. */
static void draw_phases_of(picture *p, int row, const figure_line *l)
{
    int from = p->margin, end = p->margin + p->wide - 1;
    for (size_t i = 0; i < l->nphases && from <= end; i++) {
        int to = i + 1 < l->nphases ? cell_of_step(p, l->phases[i + 1].first) - 1 : end;
        to = to < from ? from : to > end ? end : to;
        draw_phase(p, row, from, to, l->phases[i].text);
        from = to + 1;
    }
}

/* A row for each curve, but that curves with the phases of one before have none. Returns the row after. */
static int draw_phases(picture *p, int row)
{
    const figure_panel *panel = p->panel;
    put_label(p, row, "phases");
    for (size_t i = 0; i < panel->nlines; i++) {
        int seen = 0;
        for (size_t j = 0; j < i; j++) {
            seen = seen || figure_same_phases(&panel->lines[j], &panel->lines[i]);
        }
        if (seen) {
            continue;
        }
        if (panel->nlines > 1) {
            uint32_t mark = has_marks(p) || p->ascii ? p->g->marks[panel->lines[i].number % INK_CURVES] : p->g->line;
            sheet_put(&p->sheet, row, p->margin - 1, mark, ink_of(&panel->lines[i]));
        }
        draw_phases_of(p, row++, &panel->lines[i]);
    }
    return row;
}

static int draw_events(picture *p, int row)
{
    int any = 0;
    for (size_t i = p->panel->nlines; i-- > 0;) {
        const figure_line *l = &p->panel->lines[i];
        for (size_t k = 0; k < l->nevents; k++) {
            sheet_put(&p->sheet, row, cell_of_step(p, l->events[k].step), p->g->event, p->panel->nlines > 1 ? ink_of(l) : INK_EVENT);
            any = 1;
        }
    }
    if (any) {
        put_label(p, row, "rules");
    }
    return any;
}

/* What the detectors made of the metric, a character a cell: of several observations in it the gravest. */
static int draw_decisions(picture *p, int row)
{
    static const char marks[DECISIONS] = {[DECISION_IMPROVED] = '+', [DECISION_BAD] = '-', [DECISION_PAST] = '-', [DECISION_COOLDOWN] = '~', [DECISION_HELD] = '=', [DECISION_ACTED] = '!'};
    static const char order[] = "!=~-+";
    int any = 0;
    for (size_t i = p->panel->nlines; i-- > 0;) {
        const figure_line *l = &p->panel->lines[i];
        for (size_t k = 0; k < l->curve->decisions.n; k++) {
            const decision *d = &l->curve->decisions.at[k];
            char mark = marks[d->what];
            if (!mark || d->step < l->columns.first || d->step > l->columns.last) {
                continue;
            }
            int x = cell_of_step(p, d->step);
            uint32_t there = p->sheet.at[row * p->sheet.width + x].ch;
            if (!there || strchr(order, mark) < strchr(order, (int)there)) {
                sheet_put(&p->sheet, row, x, (uint32_t)mark, mark == '!' ? INK_EVENT : p->panel->nlines > 1 ? ink_of(l) : INK_DIM);
            }
            any = 1;
        }
    }
    if (any) {
        put_label(p, row, "metric");
    }
    return any;
}

/* ---- summary ----------------------------------------------------------------------------------- */

static void put_event_list(sheet_flow *f, const figure_line *l)
{
    char text[160] = "";
    if (l->nevents == 1 && l->events[0].is_stop && l->events[0].before == l->events[0].after) {
        return; /* the summary has it */
    }
    size_t shown = l->nevents < 5 ? l->nevents : 5;
    for (size_t i = 0; i < shown; i++) {
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%lld", i ? ", " : "", (long long)l->events[i].step);
    }
    if (shown > 0) {
        char *all = cli_printf("rules acted %zu time%s: at %s%s", l->nevents, l->nevents == 1 ? "" : "s", text, l->nevents > shown ? ", ..." : "");
        sheet_piece(f, all, INK_EVENT);
        free(all);
    }
}

/* Two strokes in the colour of the line, with its mark where there are no colours. */
static void put_key(picture *p, sheet_flow *f, const figure_line *l)
{
    uint32_t mark = p->g->marks[l->number % INK_CURVES];
    f->column = 2;
    sheet_put(&p->sheet, f->row, f->column++, p->ascii ? mark : p->g->line, ink_of(l));
    if (has_marks(p) && !p->ascii) {
        sheet_put(&p->sheet, f->row, f->column++, mark, ink_of(l));
    }
    sheet_put(&p->sheet, f->row, f->column++, p->ascii ? mark : p->g->line, ink_of(l));
    f->column++;
}

/* The line's key, its name and its numbers. Returns the row after. */
static int draw_summary(picture *p, int row, const figure_line *l)
{
    sheet_flow f = {&p->sheet, row, 2, p->ascii};
    figure_piece pieces[FIGURE_PIECES];
    put_key(p, &f, l);
    sheet_piece(&f, l->label, INK_PLAIN);
    if (figure_names_output(p->f, p->panel, l)) {
        sheet_piece(&f, p->panel->output, INK_PLAIN);
    }
    size_t n = figure_summary(l, pieces);
    for (size_t i = 0; i < n; i++) {
        sheet_piece(&f, pieces[i], i + 1 == n && l->columns.bad ? INK_EVENT : INK_PLAIN);
    }
    put_event_list(&f, l);
    return f.row + 1;
}

/* ---- layout ------------------------------------------------------------------------------------ */

static void draw(picture *p, FILE *out)
{
    const figure_panel *panel = p->panel;
    int row = p->high;
    p->low = place_of(p, panel->values.low);
    p->high_value = place_of(p, panel->values.high);
    sheet_init(&p->sheet, p->margin + p->wide, p->high + 16 + 12 * (int)panel->nlines);
    dots_init(&p->field, p->wide, p->high, p->ascii);
    draw_values_axis(p);
    draw_curves(p);
    if (panel->has_zeros) {
        draw_zeros(p, row++);
    }
    draw_steps_axis(p, row);
    row = p->f->no_phases ? row + 2 : draw_phases(p, row + 2);
    row += draw_decisions(p, row);
    row += draw_events(p, row);
    for (size_t i = 0; i < panel->nlines && !p->brief; i++) {
        row = draw_summary(p, row, &panel->lines[i]);
    }
    sheet_print(&p->sheet, out, row, p->color);
    sheet_free(&p->sheet);
    dots_free(&p->field);
}

int draw_terminal_width(const cli_options *o)
{
    struct winsize size;
    int64_t v = 0;
    const char *wanted = getenv("COLUMNS");
    if (o->width) {
        return o->width;
    }
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        v = size.ws_col;
    } else if (!wanted || !cli_parse_step(&v, wanted, strlen(wanted))) {
        v = 80;
    }
    return v < 20 ? 20 : v > 1000 ? 1000 : (int)v;
}

static int measure(picture *p, figure *f, const cli_options *o, int room)
{
    p->margin = room + 2;
    p->wide = draw_terminal_width(o) - p->margin;
    p->wide = p->wide < LEAST_FIELD ? LEAST_FIELD : p->wide;
    /* a label every two or three rows, and every dozen cells */
    return figure_measure(f, p->wide * p->dots_x, (size_t)(p->high * 2 / 5), (size_t)(p->wide / 12 + 2));
}

/* Panels one under the other over the same steps. */
int draw_terminal(figure *f, const cli_options *o, FILE *out)
{
    picture p = {.f = f, .log = o->log, .brief = o->brief, .ascii = o->ascii || !cli_utf8(), .color = cli_color(out)};
    p.g = p.ascii ? &ascii_glyphs : &unicode_glyphs;
    p.dots_x = p.ascii ? 1 : 2;
    p.high = o->height ? o->height : 15;
    int code = measure(&p, f, o, LABEL_ROOM);
    if (code == CLI_OK && label_room(f) > LABEL_ROOM) {
        code = measure(&p, f, o, label_room(f));
    }
    for (size_t i = 0; i < f->npanels && code == CLI_OK; i++) {
        if (i > 0) {
            fputc('\n', out);
        }
        p.panel = &f->panels[i];
        draw(&p, out);
    }
    return code;
}
