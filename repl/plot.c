/* plot.c: `lrsc plot`. In: the options. Out: a picture of the curve in characters on standard output. The same input
 * gives the same characters everywhere. */
#include "plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "cli_io.h"
#include "cli_number.h"
#include "columns.h"
#include "curve.h"
#include "kernel/types.h"
#include "kernel/math.h"
#include "sheet.h"
#include "ticks.h"

/* The characters of the frame, in Unicode and in ASCII. */
typedef struct glyphs {
    uint32_t wall, tick, corner, floor, floor_tick, open, close, bar, thin, event, zero, line;
} glyphs;
static const glyphs unicode_glyphs = {0x2502, 0x2524, 0x2514, 0x2500, 0x252c, 0x251c,
                                      0x2524, 0x2500, 0x2502, 0x25b2, 0x25be, 0x2501};
static const glyphs ascii_glyphs = {'|', '+', '+', '-', '+', '|', '|', '-', '|', '^', 'v', '*'};

typedef struct picture {
    const cli_options *o;
    const glyphs *g;
    int ascii, log;
    int margin;         /* columns left of the curve's field, the wall included */
    int wide, high;     /* cells of the field */
    int dots_x, dots_y; /* dots of one cell: 2 by 4 in braille, 1 by 1 in ASCII */
    ticks values, steps;
    double low, high_value; /* what the bottom and the top row of dots stand for; logarithms on a logarithmic axis */
    columns columns;
    uint8_t *dots; /* a byte a cell, bits in the order of braille */
    sheet sheet;
} picture;

/* ---- the curve --------------------------------------------------------------------------------- */

static int dot_rows(const picture *p)
{
    return p->high * p->dots_y;
}

/* The row of dots of a value, 0 at the bottom. */
static int row_of(const picture *p, double v)
{
    int n = dot_rows(p) - 1;
    double x = ((p->log ? lrs_k_log10(v) : v) - p->low) / (p->high_value - p->low) * n;
    return x < 0 ? 0 : x > n ? n : (int)(x + 0.5);
}

static void set_dot(picture *p, int x, int y)
{
    static const uint8_t bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    int from_top = dot_rows(p) - 1 - y;
    int cell_x = x / p->dots_x, cell_y = from_top / p->dots_y;
    p->dots[cell_y * p->wide + cell_x] |= bits[from_top % p->dots_y][x % p->dots_x];
}

static void set_dots(picture *p, int x, int from, int to)
{
    for (int y = from < to ? from : to; y <= (from < to ? to : from); y++) {
        set_dot(p, x, y);
    }
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
static void draw_dense(picture *p)
{
    int joined = 0, before = 0;
    for (int x = 0; x < p->columns.n; x++) {
        const column *c = &p->columns.at[x];
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
        set_dots(p, x, low, high);
        before = row_of(p, drawn(p, c, c->last));
        joined = !(p->log && c->last <= 0);
    }
}

/* A straight line between two columns; where it is steep, upright strokes join without a gap. */
static void draw_line(picture *p, int x0, int y0, int x1, int y1)
{
    int wide = x1 - x0, before = y0;
    for (int x = x0; x <= x1; x++) {
        int twice = 2 * (y1 - y0) * (x - x0);
        int y = y0 + (wide ? (twice >= 0 ? twice + wide : twice - wide) / (2 * wide) : 0);
        int from = y > before + 1 ? before + 1 : y < before - 1 ? before - 1 : y;
        set_dots(p, x, from, y);
        before = y;
    }
}

static void draw_sparse(picture *p)
{
    int last = -1, y0 = 0;
    for (int x = 0; x < p->columns.n; x++) {
        const column *c = &p->columns.at[x];
        if (is_drawn(p, c)) {
            int y = row_of(p, c->last);
            draw_line(p, last < 0 ? x : last, last < 0 ? y : y0, x, y);
            last = x;
            y0 = y;
        } else if (c->seen) {
            last = -1;
        }
    }
}

static void draw_curve(picture *p)
{
    if (columns_sparse(&p->columns)) {
        draw_sparse(p);
    } else {
        draw_dense(p);
    }
    for (int y = 0; y < p->high; y++) {
        for (int x = 0; x < p->wide; x++) {
            uint8_t dots = p->dots[y * p->wide + x];
            if (dots) {
                sheet_put(&p->sheet, y, p->margin + x, p->ascii ? '*' : 0x2800u + dots, INK_CURVE);
            }
        }
    }
}

/* ---- axes -------------------------------------------------------------------------------------- */

static void put_label(picture *p, int row, const char *text)
{
    sheet_text(&p->sheet, row, p->margin - 2 - (int)strlen(text), text, INK_DIM, p->ascii);
}

/* The step of a tick: near the greatest int64_t a double may be the power of two above it. */
static int64_t step_of_tick(double at)
{
    return at >= 0x1p63 ? INT64_MAX : (int64_t)at;
}

static int cell_of_step(const picture *p, int64_t step)
{
    return p->margin + columns_of(&p->columns, step) / p->dots_x;
}

static void draw_values_axis(picture *p)
{
    for (int y = 0; y < p->high; y++) {
        sheet_put(&p->sheet, y, p->margin - 1, p->g->wall, INK_DIM);
    }
    int used = -2;
    for (size_t i = p->values.n; i-- > 0;) {
        int row = (dot_rows(p) - 1 - row_of(p, p->values.at[i])) / p->dots_y;
        if (row != used) {
            sheet_put(&p->sheet, row, p->margin - 1, p->g->tick, INK_DIM);
            put_label(p, row, p->values.label[i]);
            used = row;
        }
    }
}

/* A row of its own for what a logarithmic axis has no place for. */
static void draw_zeros(picture *p, int row)
{
    put_label(p, row, p->columns.low < 0 ? "<=0" : "0");
    sheet_put(&p->sheet, row, p->margin - 1, p->g->tick, INK_DIM);
    for (int x = 0; x < p->columns.n; x++) {
        if (p->columns.at[x].seen && p->columns.at[x].zeros) {
            sheet_put(&p->sheet, row, p->margin + x / p->dots_x, p->g->zero, INK_CURVE);
        }
    }
}

static void draw_steps_axis(picture *p, int row, const char *unit)
{
    sheet_put(&p->sheet, row, p->margin - 1, p->g->corner, INK_DIM);
    for (int x = 0; x < p->wide; x++) {
        sheet_put(&p->sheet, row, p->margin + x, p->g->floor, INK_DIM);
    }
    put_label(p, row + 1, unit);
    int free_from = p->margin - 1;
    for (size_t i = 0; i < p->steps.n; i++) {
        int x = cell_of_step(p, step_of_tick(p->steps.at[i])), n = (int)strlen(p->steps.label[i]);
        int from = x - n / 2;
        from = from + n > p->sheet.width ? p->sheet.width - n : from;
        sheet_put(&p->sheet, row, x, p->g->floor_tick, INK_DIM);
        if (from >= free_from) {
            free_from = sheet_text(&p->sheet, row + 1, from, p->steps.label[i], INK_DIM, p->ascii) + 1;
        }
    }
}

/* ---- phases and events ------------------------------------------------------------------------- */

/* The text if there is room for it, else its first word, else the beginning of that. */
static void put_phase_label(picture *p, int row, int from, int room, const char *text)
{
    char word[64];
    if (!text || !*text) {
        text = "end"; /* the last value holds */
    }
    if (sheet_text_width(text) > room) {
        size_t n = strcspn(text, " \t\n(;");
        n = n < sizeof word - 1 ? n : sizeof word - 1;
        n = (int)n > room ? (size_t)room : n;
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
static void draw_phases(picture *p, int row, const curve *c)
{
    curve_phase *phases;
    size_t n = curve_phases(c, c->engine.state, p->columns.first, p->columns.last, &phases, 100000);
    int from = p->margin, end = p->margin + p->wide - 1;
    put_label(p, row, "phases");
    for (size_t i = 0; i < n && from <= end; i++) {
        int to = i + 1 < n ? cell_of_step(p, phases[i + 1].first) - 1 : end;
        to = to < from ? from : to > end ? end : to;
        draw_phase(p, row, from, to, phases[i].text);
        from = to + 1;
    }
    free(phases);
}

static int draw_events(picture *p, int row, const curve *c)
{
    int any = 0;
    for (size_t i = 0; i < c->nevents; i++) {
        if (c->events[i] >= p->columns.first && c->events[i] <= p->columns.last) {
            sheet_put(&p->sheet, row, cell_of_step(p, c->events[i]), p->g->event, INK_EVENT);
            any = 1;
        }
    }
    if (any) {
        put_label(p, row, "rules");
    }
    return any;
}

/* ---- summary ----------------------------------------------------------------------------------- */

/* Pieces side by side, each whole: one that does not fit begins the next line. Returns the row after. */
typedef struct flow {
    picture *p;
    int row, column;
} flow;

static void put_piece(flow *f, const char *text, int ink)
{
    int n = sheet_text_width(text);
    if (f->column > 2 && f->column + n > f->p->sheet.width) {
        f->row++;
        f->column = 2;
    }
    f->column = sheet_text(&f->p->sheet, f->row, f->column, text, ink, f->p->ascii) + 3;
}

static void put_event_list(flow *f, const curve *c)
{
    size_t n = 0, shown = 0;
    char text[160] = "";
    for (size_t i = 0; i < c->nevents; i++) {
        if (c->events[i] < f->p->columns.first || c->events[i] > f->p->columns.last) {
            continue;
        }
        n++;
        if (shown < 5) {
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%lld", shown ? ", " : "",
                     (long long)c->events[i]);
            shown++;
        }
    }
    if (n > 0) {
        char *all = cli_printf("rules acted %zu time%s: at %s%s", n, n == 1 ? "" : "s", text, n > shown ? ", ..." : "");
        put_piece(f, all, INK_EVENT);
        free(all);
    }
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

static int draw_summary(picture *p, int row, const curve *c)
{
    flow f = {p, row, 2};
    const columns *k = &p->columns;
    char number[32], *text;
    f.column = sheet_text(&p->sheet, row, f.column, "", INK_CURVE, p->ascii);
    sheet_put(&p->sheet, row, f.column++, p->g->line, INK_CURVE);
    sheet_put(&p->sheet, row, f.column++, p->g->line, INK_CURVE);
    f.column++;
    put_piece(&f, base_name(c->name), INK_PLAIN);
    if (lrs_program_outputs(c->program) > 1 || strcmp(curve_name(c, c->output), "lr") != 0) {
        put_piece(&f, curve_name(c, c->output), INK_PLAIN);
    }
    if (k->finite > 0) {
        ticks_number(number, sizeof number, k->high);
        put_piece(&f, text = cli_printf("max %s at %lld", number, (long long)k->high_at), INK_PLAIN);
        free(text);
    }
    ticks_number(number, sizeof number, k->final);
    put_piece(&f, text = cli_printf("final %s at %lld", number, (long long)k->last), INK_PLAIN);
    free(text);
    if (k->summed > 0 && isfinite(k->sum)) {
        ticks_number(number, sizeof number, k->sum / (double)k->summed);
        put_piece(&f, text = cli_printf("mean %s", number), INK_PLAIN);
        free(text);
    }
    if (k->bad > 0) {
        put_piece(&f, text = cli_printf("%llu value%s not finite", (unsigned long long)k->bad,
                                         k->bad == 1 ? " is" : "s are"), INK_EVENT);
        free(text);
    }
    put_event_list(&f, c);
    return f.row + 1;
}

/* ---- layout ------------------------------------------------------------------------------------ */

static int terminal_width(const cli_options *o)
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

static int choose_axes(picture *p)
{
    const columns *k = &p->columns;
    double low = k->finite ? k->low : 0, high = k->finite ? k->high : 1;
    size_t most = (size_t)(p->high * 2 / 5); /* a label every two or three rows */
    if (p->log) {
        if (!(high > 0)) {
            cli_error("a logarithmic axis needs a value above 0, and the curve has none");
            return CLI_DIAGNOSTICS;
        }
        ticks_log(&p->values, k->least_positive, high, most > 3 ? most : 3);
        p->low = lrs_k_log10(p->values.low);
        p->high_value = lrs_k_log10(p->values.high);
        return CLI_OK;
    }
    if (low > 0 && low < 0.5 * high) {
        low = 0; /* how high a rate is can only be seen from 0 */
    }
    ticks_linear(&p->values, low, high, most);
    p->low = p->values.low;
    p->high_value = p->values.high;
    return CLI_OK;
}

/* The margin holds the widest label; the labels need the values, and the values' columns need the margin: so the room
 * for labels is fixed first, as what they take at most, and the field is what remains. */
#define LABEL_ROOM 8

static int draw(picture *p, curve *c)
{
    int code = choose_axes(p);
    if (code != CLI_OK) {
        return code;
    }
    for (size_t i = 0; i < p->values.n; i++) { /* rates of 1e-100: their labels are cut rather than the picture */
        p->values.label[i][LABEL_ROOM] = 0;
    }
    ticks_steps(&p->steps, p->columns.first, p->columns.last, (size_t)(p->wide / 12 + 2));
    sheet_init(&p->sheet, p->margin + p->wide, p->high + 16);
    p->dots = cli_alloc((size_t)p->wide * (size_t)p->high);
    int row = p->high, zeros = 0;
    for (int x = 0; x < p->columns.n; x++) {
        zeros = zeros || (p->columns.at[x].seen && p->columns.at[x].zeros);
    }
    draw_values_axis(p);
    draw_curve(p);
    if (p->log && zeros) {
        draw_zeros(p, row++);
    }
    draw_steps_axis(p, row, curve_unit(c));
    draw_phases(p, row + 2, c);
    row += 3;
    row += draw_events(p, row, c);
    row = draw_summary(p, row, c);
    sheet_print(&p->sheet, stdout, row, cli_color(stdout));
    return CLI_OK;
}

/* The picture of one output. */
static int plot(curve *c, const cli_options *o, range r)
{
    picture p = {.o = o, .log = o->log, .ascii = o->ascii || !cli_utf8()};
    p.g = p.ascii ? &ascii_glyphs : &unicode_glyphs;
    p.dots_x = p.ascii ? 1 : 2;
    p.dots_y = p.ascii ? 1 : 4;
    p.margin = LABEL_ROOM + 2;
    p.wide = terminal_width(o) - p.margin;
    p.high = o->height;
    columns_make(&p.columns, c, r, p.wide * p.dots_x);
    int code = draw(&p, c);
    columns_free(&p.columns);
    sheet_free(&p.sheet);
    free(p.dots);
    return code;
}

/* Of all outputs, one under the other over the same steps. */
static int plot_all(curve *c, const cli_options *o)
{
    range r = o->has_range ? (range){o->first, o->last, 1} : curve_default_range(c);
    size_t *outputs = c->outputs, n = c->noutputs;
    int code = CLI_OK;
    for (size_t k = 0; k < n && code == CLI_OK; k++) {
        if (k > 0) {
            putchar('\n');
            curve_restart(c);
        }
        c->outputs = &outputs[k];
        c->noutputs = 1;
        c->output = outputs[k];
        code = plot(c, o, r);
    }
    c->outputs = outputs;
    c->noutputs = n;
    return code;
}

int lrs_plot(const cli_options *o)
{
    curve c;
    int code = curve_open(&c, o);
    code = code ? code : plot_all(&c, o);
    curve_close(&c);
    return cli_finish_stdout(code);
}
