/* page.c: see page.h. From top to bottom: names and summaries, then for each panel its curve, its axis, a band of phases. All
 * arithmetic is plain doubles, so that the same shapes come out everywhere. */
#include "page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "kernel/types.h"
#include "kernel/math.h"
#include "letters.h"

#define EDGE 20        /* around all */
#define TITLE_ROW 26   /* a row of the head: the name of the one curve, */
#define LEGEND_ROW 20  /* a curve of several, */
#define NAME_ROW 22    /* the name of a panel */
#define HEAD_GAP 8     /* below the head */
#define ZEROS_ROW 18   /* what a logarithmic axis has no place for */
#define AXIS_ROW 22    /* numbers of steps */
#define BAND_ROW 23    /* phases */
#define BAND_HIGH 19
#define PANEL_GAP 18
#define ROOM_ABOVE 10  /* between the top of a panel and the greatest value */
#define ROOM_BELOW 6   /* between the axis and the least one, where that is not 0 */
#define LEAST_PLOT 40  /* pixels of a curve */
#define KEY_WIDE 26    /* the piece of a curve before its name */
#define BLANK 14       /* between two texts in a row */
#define LABEL_GAP 9    /* between a panel and the numbers of its values, */
#define NAME_GAP 15    /* and the names of the rows below it */

typedef struct box {
    double left, top, right, bottom;
} box;

#define MOST_NOTES 64

typedef struct page {
    figure *f;
    canvas *c;
    double wide, high;
    double left, right; /* of the panels' fields */
    double below;       /* the head */
    double plot;        /* height of a panel's field */
    int bands;          /* rows of phases that each panel may have */
    /* the panel being drawn */
    const figure_panel *panel;
    double top, bottom; /* of its field */
    double low, range;  /* of values, as place_of has them */
    double base;        /* where `low` is */
    double zeros;       /* the row of values that are not above 0 */
    box notes[MOST_NOTES];
    size_t nnotes;
} page;

/* ---- texts ------------------------------------------------------------------------------------- */

/* In thousandths of the size, rather too wide than too narrow: the fonts of those who look are not known. */
static double letter_width(uint32_t c, int bold)
{
    double w = c < 0x80 ? 620 : c >= 0x1100 ? 1050 : 680;
    if (strchr("ijlI.,:;'|!`", (int)(c < 0x80 ? c : 'x'))) {
        w = 330;
    } else if (strchr(" frt()[]/\\-\"{}", (int)(c < 0x80 ? c : 'x'))) {
        w = 410;
    } else if (strchr("mwMW@%", (int)(c < 0x80 ? c : 'x'))) {
        w = 960;
    } else if (c >= 'A' && c <= 'Z') {
        w = 720;
    }
    return bold ? w * 1.08 : w;
}

static double text_width(const char *text, int kind)
{
    double w = 0;
    for (uint32_t c; (c = letters_next(&text)) != 0;) {
        w += letter_width(c, pen_styles[kind].bold);
    }
    return w * pen_styles[kind].size / 1000;
}

/* As many letters as there is room for, in letters that may be shown. "": not even three of a longer text. malloc'ed. */
static char *fitting(const char *text, int kind, double room)
{
    double scale = pen_styles[kind].size / 1000, dots = 900 * scale, w = 0;
    char *out = cli_alloc(4 * strlen(text) + 8);
    size_t n = 0, whole = 0, letters = 0;
    const char *p = text;
    for (uint32_t c; (c = letters_next(&p)) != 0;) {
        char bytes[5];
        size_t len = letters_put(bytes, c);
        w += letter_width(c, pen_styles[kind].bold) * scale;
        memcpy(out + n, bytes, len);
        n += len;
        if (w + dots <= room) {
            whole = n;
            letters++;
        }
        if (w > room) {
            memcpy(out + whole, letters >= 3 ? "\xe2\x80\xa6" : "\0\0\0", 4);
            return out;
        }
    }
    return out;
}

/* Returns where the text ends. */
static double put_text(const page *p, double x, double y, int kind, int anchor, const char *text, double room)
{
    char *fit = fitting(text, kind, room);
    double w = text_width(fit, kind);
    if (*fit) {
        p->c->ops->group(p->c->to, (pen){kind, 0}, strcmp(fit, text) == 0 ? NULL : text);
        p->c->ops->text(p->c->to, x, y, anchor, fit);
        p->c->ops->end(p->c->to);
    }
    free(fit);
    return anchor == ANCHOR_START ? x + w : x;
}

/* ---- shapes ------------------------------------------------------------------------------------ */

static void begin(const page *p, int kind, int number, const char *title)
{
    p->c->ops->group(p->c->to, (pen){kind, number}, title);
}

static void end(const page *p)
{
    p->c->ops->end(p->c->to);
}

static void line(const page *p, double x0, double y0, double x1, double y1)
{
    double xy[4] = {x0, y0, x1, y1};
    p->c->ops->line(p->c->to, 2, xy);
}

/* A line one pixel wide lies on whole pixels. */
static double crisp(double v)
{
    return lrs_k_floor(v) + 0.5;
}

/* ---- places ------------------------------------------------------------------------------------ */

static double x_of_part(const page *p, double part)
{
    return p->left + part * (p->right - p->left);
}

static double steps_between(const page *p)
{
    return (double)((uint64_t)p->f->range.last - (uint64_t)p->f->range.first);
}

static double x_of(const page *p, int64_t step)
{
    double all = steps_between(p);
    return x_of_part(p, all > 0 ? (double)((uint64_t)step - (uint64_t)p->f->range.first) / all : 0.5);
}

/* Of a number on the axis of steps. */
static double x_of_amount(const page *p, double amount)
{
    double all = steps_between(p);
    return x_of_part(p, all > 0 ? (amount / p->f->x_scale - (double)p->f->range.first) / all : 0.5);
}

/* Halves: the difference of two is a double. */
static double place_of(const page *p, double v)
{
    return p->f->log ? lrs_k_log10(v) : v / 2;
}

static double y_of(const page *p, double v)
{
    double part = (place_of(p, v) - p->low) / p->range;
    return p->base - part * (p->base - p->top - ROOM_ABOVE);
}

/* ---- curves ------------------------------------------------------------------------------------ */

typedef struct path {
    double *xy;
    size_t n, cap;
} path;

static void path_add(path *a, double x, double y)
{
    if (a->n == a->cap) {
        a->cap = a->cap ? 2 * a->cap : 256;
        a->xy = cli_realloc(a->xy, 2 * a->cap * sizeof *a->xy);
    }
    a->xy[2 * a->n] = x;
    a->xy[2 * a->n + 1] = y;
    a->n++;
}

#define TOLERANCE 0.1 /* pixels */

/* The point between two that is farthest from the line through them, or 0 when none is far. */
static size_t farthest(const double *xy, size_t from, size_t to)
{
    double dx = xy[2 * to] - xy[2 * from], dy = xy[2 * to + 1] - xy[2 * from + 1];
    double most = TOLERANCE * TOLERANCE * (dx * dx + dy * dy);
    size_t found = 0;
    for (size_t i = from + 1; i < to; i++) {
        double cross = dx * (xy[2 * i + 1] - xy[2 * from + 1]) - dy * (xy[2 * i] - xy[2 * from]);
        if (cross * cross > most) {
            most = cross * cross;
            found = i;
        }
    }
    return found;
}

/* Douglas and Peucker's: leaves out points that lie on the line through those that stay. */
static void simplify(path *a)
{
    if (a->n < 3) {
        return;
    }
    char *stays = cli_alloc(a->n);
    size_t *stack = cli_alloc(2 * a->n * sizeof *stack), depth = 0, n = 0;
    stays[0] = stays[a->n - 1] = 1;
    stack[depth++] = 0;
    stack[depth++] = a->n - 1;
    while (depth > 0) {
        size_t to = stack[--depth], from = stack[--depth], middle = farthest(a->xy, from, to);
        if (middle) {
            stays[middle] = 1;
            stack[depth++] = from;
            stack[depth++] = middle;
            stack[depth++] = middle;
            stack[depth++] = to;
        }
    }
    for (size_t i = 0; i < a->n; i++) {
        if (stays[i]) {
            a->xy[2 * n] = a->xy[2 * i];
            a->xy[2 * n + 1] = a->xy[2 * i + 1];
            n++;
        }
    }
    a->n = n;
    free(stack);
    free(stays);
}

/* Draws what was gathered, and begins anew. A value with nothing beside it is a dot. */
static void path_end(page *p, path *a)
{
    if (a->n == 1) {
        p->c->ops->circle(p->c->to, a->xy[0], a->xy[1], 1);
    } else if (a->n > 1) {
        simplify(a);
        p->c->ops->line(p->c->to, a->n, a->xy);
    }
    a->n = 0;
}

typedef struct sample {
    int64_t at;
    double v;
} sample;

static size_t add_sample(sample *s, size_t n, int64_t at, double v)
{
    size_t i = n;
    for (; i > 0 && s[i - 1].at >= at; i--) {
        if (s[i - 1].at == at) {
            return n;
        }
    }
    memmove(&s[i + 1], &s[i], (n - i) * sizeof *s);
    s[i] = (sample){at, v};
    return n + 1;
}

/* Of each column the first, the last, the least and the greatest value at their own steps: no spike is lost, and each point
 * is a value of the schedule. */
static void draw_dense(page *p, path *a, const columns *k)
{
    int log = p->f->log;
    for (int x = 0; x < k->n; x++) {
        const column *c = &k->at[x];
        sample s[5];
        size_t n = 0;
        if (!c->seen || (log && c->first <= 0)) {
            path_end(p, a);
        }
        if (!c->seen || (log && !(c->high > 0))) {
            continue;
        }
        n = add_sample(s, n, c->high_at, c->high);
        n = log && c->low <= 0 ? add_sample(s, n, c->least_positive_at, c->least_positive) : add_sample(s, n, c->low_at, c->low);
        n = log && c->first <= 0 ? n : add_sample(s, n, c->first_at, c->first);
        n = log && c->last <= 0 ? n : add_sample(s, n, c->last_at, c->last);
        for (size_t i = 0; i < n; i++) {
            path_add(a, x_of(p, s[i].at), y_of(p, s[i].v));
        }
        if (log && c->last <= 0) {
            path_end(p, a);
        }
    }
    path_end(p, a);
}

/* The column of a step, when the picture has more columns than steps; NULL: the step has no place in the picture. */
static const column *column_of_step(const page *p, const columns *k, int64_t step)
{
    const column *c = &k->at[columns_of(k, step)];
    return c->seen && !(p->f->log && !(c->last > 0)) ? c : NULL;
}

static void draw_sparse(page *p, path *a, const columns *k)
{
    for (int64_t step = k->first;; step++) {
        const column *c = column_of_step(p, k, step);
        if (c) {
            path_add(a, x_of(p, step), y_of(p, c->last));
        } else {
            path_end(p, a);
        }
        if (step == k->last) {
            break;
        }
    }
    path_end(p, a);
}

#define DOTS_FROM 9 /* pixels between two steps, from which on each value has a dot */

static void draw_dots(page *p, const figure_line *l)
{
    const columns *k = &l->columns;
    if (!columns_sparse(k) || (p->right - p->left) < DOTS_FROM * steps_between(p)) {
        return;
    }
    begin(p, PEN_DOT, l->number, NULL);
    for (int64_t step = k->first;; step++) {
        const column *c = column_of_step(p, k, step);
        if (c) {
            p->c->ops->circle(p->c->to, x_of(p, step), y_of(p, c->last), 2.75);
        }
        if (step == k->last) {
            break;
        }
    }
    end(p);
}

/* "name   max ...   final ...", as the tooltip of a curve has it. malloc'ed. */
static char *describe_line(const figure *f, const figure_panel *panel, const figure_line *l)
{
    figure_piece pieces[FIGURE_PIECES];
    size_t n = figure_summary(l, pieces);
    char *all = figure_names_output(f, panel, l) ? cli_printf("%s, %s:", l->label, panel->output) : cli_printf("%s:", l->label);
    for (size_t i = 0; i < n; i++) {
        char *longer = cli_printf("%s%s %s", all, i ? "," : "", pieces[i]);
        free(all);
        all = longer;
    }
    return all;
}

/* What a logarithmic axis has no place for, as strokes in a row of their own. */
static void draw_zeros_of(page *p, const figure_line *l)
{
    const columns *k = &l->columns;
    begin(p, PEN_DOT, l->number, "not above 0");
    for (int x = 0; x < k->n; x++) {
        if (!k->at[x].seen || !k->at[x].zeros) {
            continue;
        }
        double from = x_of(p, k->at[x].low_at);
        int to = x;
        while (to + 1 < k->n && (!k->at[to + 1].seen ? columns_sparse(k) : k->at[to + 1].zeros)) {
            to++;
        }
        while (!k->at[to].seen) {
            to--;
        }
        double until = x_of(p, k->at[to].last <= 0 ? k->at[to].last_at : k->at[to].low_at);
        p->c->ops->rect(p->c->to, from - 2.5, p->zeros - 2.5, (until > from ? until - from : 0) + 5, 5, 2.5);
        x = to;
    }
    end(p);
}

static void draw_curve(page *p, const figure_line *l)
{
    path a = {0};
    char *title = describe_line(p->f, p->panel, l);
    begin(p, PEN_CURVE, l->number, title);
    if (columns_sparse(&l->columns)) {
        draw_sparse(p, &a, &l->columns);
    } else {
        draw_dense(p, &a, &l->columns);
    }
    end(p);
    draw_dots(p, l);
    free(a.xy);
    free(title);
}

/* ---- axes -------------------------------------------------------------------------------------- */

#define DECADE_FOR_MINOR 45 /* pixels of a decade in which lines at 2 ... 9 do not crowd */

static void draw_minor(page *p)
{
    const ticks *t = &p->panel->values;
    if (!p->f->log || (p->base - p->top - ROOM_ABOVE) / p->range < DECADE_FOR_MINOR) {
        return;
    }
    begin(p, PEN_MINOR, 0, NULL);
    for (int e = ticks_decade(t->low); e <= ticks_decade(t->high); e++) {
        for (int m = 2; m <= 9; m++) {
            double v = m * ticks_power10(e);
            if (v > t->low && v < t->high) {
                line(p, p->left, crisp(y_of(p, v)), p->right, crisp(y_of(p, v)));
            }
        }
    }
    end(p);
}

static void draw_values_axis(page *p)
{
    const ticks *t = &p->panel->values;
    draw_minor(p);
    begin(p, PEN_GRID, 0, NULL);
    for (size_t i = 0; i < t->n; i++) {
        double y = crisp(y_of(p, t->at[i]));
        if (y < p->bottom - 1) {
            line(p, p->left, y, p->right, y);
        }
    }
    end(p);
    if (!p->f->log && t->low < 0 && t->high > 0) {
        begin(p, PEN_AXIS, 0, NULL);
        line(p, p->left, crisp(y_of(p, 0)), p->right, crisp(y_of(p, 0)));
        end(p);
    }
    begin(p, PEN_DIM, 0, NULL);
    for (size_t i = 0; i < t->n; i++) {
        p->c->ops->text(p->c->to, p->left - LABEL_GAP, y_of(p, t->at[i]) + 4, ANCHOR_END, t->label[i]);
    }
    if (p->panel->has_zeros) {
        int negative = 0;
        for (size_t i = 0; i < p->panel->nlines; i++) {
            negative |= p->panel->lines[i].columns.low < 0;
        }
        p->c->ops->text(p->c->to, p->left - LABEL_GAP, p->zeros + 4, ANCHOR_END, negative ? "\xe2\x89\xa4 0" : "0");
    }
    end(p);
}

static void draw_steps_axis(page *p)
{
    const ticks *t = &p->f->steps;
    double y = crisp(p->bottom), free_from = 0;
    begin(p, PEN_AXIS, 0, NULL);
    line(p, p->left, y, p->right, y);
    for (size_t i = 0; i < t->n; i++) {
        double x = crisp(x_of_amount(p, t->at[i]));
        line(p, x, y, x, y + 5);
    }
    end(p);
    begin(p, PEN_DIM, 0, NULL);
    p->c->ops->text(p->c->to, p->left - NAME_GAP, p->bottom + 17, ANCHOR_END, p->f->x_name);
    for (size_t i = 0; i < t->n; i++) {
        double half = text_width(t->label[i], PEN_DIM) / 2, x = x_of_amount(p, t->at[i]);
        x = x + half > p->wide - 3 ? p->wide - 3 - half : x < p->left + half - 7 ? p->left + half - 7 : x;
        if (x - half >= free_from) {
            p->c->ops->text(p->c->to, x, p->bottom + 17, ANCHOR_MIDDLE, t->label[i]);
            free_from = x + half + 5;
        }
    }
    end(p);
}

/* ---- phases ------------------------------------------------------------------------------------ */

#define NARROW 3 /* pixels below which neighbours share a piece of the band */

/* Where phase number i begins; that after the last one is the end. */
static double x_of_phase(const page *p, const figure_line *l, size_t i)
{
    return i < l->nphases ? x_of(p, l->phases[i].first) : p->right;
}

static void put_phase_label(const page *p, const char *text, double from, double to, double y)
{
    char *word = NULL;
    double room = to - from - 6;
    if (text_width(text, PEN_LABEL) > room) {
        text = word = cli_printf("%.*s", (int)strcspn(text, " \t\n(;"), text);
    }
    char *fit = fitting(text, PEN_LABEL, room);
    if (*fit) {
        begin(p, PEN_LABEL, 0, NULL); /* the band behind it says it whole */
        p->c->ops->text(p->c->to, (from + to) / 2, y, ANCHOR_MIDDLE, fit);
        end(p);
    }
    free(fit);
    free(word);
}

static void draw_phases_of(const page *p, const figure_line *l, double y)
{
    for (size_t i = 0; i < l->nphases;) {
        size_t next = i + 1;
        double from = x_of_phase(p, l, i), to = x_of_phase(p, l, next);
        for (; to - from < NARROW && next < l->nphases && x_of_phase(p, l, next + 1) - to < NARROW; next++) {
            to = x_of_phase(p, l, next + 1);
        }
        const curve_phase *a = &l->phases[i], *b = &l->phases[next - 1];
        const char *text = a->text && *a->text ? a->text : "end"; /* the last value holds */
        char *title = next == i + 1 ? cli_printf("%s: %s %lld to %lld", text, curve_unit(l->curve), (long long)a->first, (long long)b->last)
                                    : cli_printf("%zu phases: %s %lld to %lld", next - i, curve_unit(l->curve), (long long)a->first, (long long)b->last);
        double gap = to - from > 4 ? 0.5 : 0;
        begin(p, PEN_BAND, l->number, title);
        p->c->ops->rect(p->c->to, from + gap, y, to - from - 2 * gap > 0.5 ? to - from - 2 * gap : 0.5, BAND_HIGH, to - from > 8 ? 3 : 0);
        end(p);
        if (next == i + 1) {
            put_phase_label(p, text, from, to, y + 13.5);
        }
        free(title);
        i = next;
    }
}

/* Curves that have a row of phases: those whose phases no curve before them has. */
static int has_row(const figure_panel *panel, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (figure_same_phases(&panel->lines[j], &panel->lines[i])) {
            return 0;
        }
    }
    return 1;
}

static int rows_of(const figure_panel *panel)
{
    int n = 0;
    for (size_t i = 0; i < panel->nlines; i++) {
        n += has_row(panel, i);
    }
    return n;
}

static void draw_phases(page *p)
{
    double y = p->bottom + AXIS_ROW + 4;
    int row = 0;
    if (p->bands == 0) {
        return;
    }
    begin(p, PEN_DIM, 0, NULL);
    p->c->ops->text(p->c->to, p->left - NAME_GAP, y + 13.5, ANCHOR_END, "phases");
    end(p);
    for (size_t i = 0; i < p->panel->nlines && row < p->bands; i++) {
        if (has_row(p->panel, i)) {
            draw_phases_of(p, &p->panel->lines[i], y + BAND_ROW * row++);
        }
    }
}

#define SPLIT_LEAST 8 /* pixels between lines where phases begin */

/* In the field, where all curves have the same phases. */
static void draw_splits(page *p)
{
    const figure_line *l = &p->panel->lines[0];
    double before = p->left;
    if (p->f->no_phases || rows_of(p->panel) > 1) {
        return;
    }
    begin(p, PEN_SPLIT, 0, NULL);
    for (size_t i = 1; i < l->nphases; i++) {
        double x = x_of_phase(p, l, i);
        if (x - before >= SPLIT_LEAST && p->right - x >= SPLIT_LEAST) {
            line(p, crisp(x), p->top, crisp(x), p->bottom);
            before = x;
        }
    }
    end(p);
}

/* ---- rules that acted -------------------------------------------------------------------------- */

/* The text to the right of the mark, above it; to its left at the border; where others are, not at all. */
static void put_note(page *p, double x, double y, const char *text)
{
    double w = text_width(text, PEN_NOTE);
    double left = x + 7 + w > p->right ? x - 7 - w : x + 7;
    box b = {left, y - 15, left + w, y - 1};
    if (p->nnotes == MOST_NOTES || b.left < p->left || b.top < p->top - 6) {
        return;
    }
    for (size_t i = 0; i < p->nnotes; i++) {
        const box *o = &p->notes[i];
        if (b.left < o->right + 6 && o->left < b.right + 6 && b.top < o->bottom && o->top < b.bottom) {
            return;
        }
    }
    p->notes[p->nnotes++] = b;
    char *clean = letters_clean(text);
    begin(p, PEN_NOTE, 0, NULL);
    p->c->ops->text(p->c->to, left, y - 4, ANCHOR_START, clean);
    end(p);
    free(clean);
}

static double y_of_event(const page *p, double v)
{
    return !isfinite(v) ? p->bottom : p->f->log && !(v > 0) ? (p->panel->has_zeros ? p->zeros : p->bottom) : y_of(p, v);
}

#define MARK_LEAST 4 /* pixels between the marks of a curve */

static void draw_events_of(page *p, const figure_line *l)
{
    double last = -MARK_LEAST;
    for (size_t i = 0; i < l->nevents; i++) {
        const curve_event *e = &l->events[i];
        double x = x_of(p, e->step), y = y_of_event(p, e->after);
        char text[128], before[32], after[32];
        if (x - last < MARK_LEAST) {
            continue;
        }
        last = x;
        figure_event_text(text, sizeof text, e);
        ticks_number(before, sizeof before, e->before);
        ticks_number(after, sizeof after, e->after);
        char *title = cli_printf("%s %lld: %s, from %s to %s", curve_unit(l->curve), (long long)e->step, text, before, after);
        begin(p, PEN_HALO, 0, NULL);
        p->c->ops->circle(p->c->to, x, y, 5.5);
        end(p);
        begin(p, PEN_DOT, l->number, title);
        p->c->ops->circle(p->c->to, x, y, 4);
        end(p);
        free(title);
        put_note(p, x, y, text);
    }
}

/* ---- the head ---------------------------------------------------------------------------------- */

/* Pieces of a summary one after the other, each whole, up to the right border. */
static void put_summary(const page *p, const figure_line *l, double x, double y)
{
    figure_piece pieces[FIGURE_PIECES + 1];
    size_t n = figure_summary(l, pieces);
    if (l->nevents > (size_t)l->stopped) {
        snprintf(pieces[n++], sizeof *pieces, "rules acted %zu time%s", l->nevents, l->nevents == 1 ? "" : "s");
    }
    for (size_t i = 0; i < n && x + text_width(pieces[i], PEN_DIM) <= p->right; i++) {
        x = put_text(p, x, y, PEN_DIM, ANCHOR_START, pieces[i], p->right - x) + BLANK;
    }
}

static void put_key(const page *p, const figure_line *l, double x, double y)
{
    begin(p, PEN_CURVE, l->number, NULL);
    line(p, x, y - 4, x + KEY_WIDE, y - 4);
    end(p);
}

static double widest_label(const figure *f)
{
    double most = 0;
    for (size_t i = 0; i < f->ncurves; i++) {
        double w = text_width(f->labels[i], PEN_TEXT);
        most = w > most ? w : most;
    }
    return most;
}

/* A row for each curve with its numbers, or side by side in columns. */
static int legend_has_summaries(const page *p)
{
    return p->f->npanels == 1 && (double)p->f->ncurves * LEGEND_ROW <= 0.3 * p->high;
}

static size_t legend_columns(const page *p)
{
    double each = KEY_WIDE + 8 + widest_label(p->f) + 2 * BLANK;
    size_t n = (size_t)((p->wide - 2 * EDGE) / each);
    return legend_has_summaries(p) || n < 1 ? 1 : n < p->f->ncurves ? n : p->f->ncurves;
}

static size_t legend_rows(const page *p)
{
    size_t across = legend_columns(p), rows = (p->f->ncurves + across - 1) / across, most = (size_t)((0.4 * p->high < p->high - 140 ? 0.4 * p->high : p->high - 140) / LEGEND_ROW);
    return rows < most ? rows : most > 1 ? most : 1;
}

/* Of several curves. Those that there is no room for are counted. */
static double draw_legend(const page *p, double y)
{
    const figure_panel *panel = &p->f->panels[0];
    size_t across = legend_columns(p), rows = legend_rows(p), n = p->f->ncurves;
    size_t shown = across * rows < n ? across * rows - 1 : n;
    double each = (p->wide - 2 * EDGE) / (double)across, label = widest_label(p->f);
    for (size_t i = 0; i <= shown && i < n; i++) {
        double x = EDGE + each * (double)(i / rows), at = y + LEGEND_ROW * (double)(i % rows) + 12;
        double room = (across == 1 ? p->right : x + each - BLANK) - x - KEY_WIDE - 8;
        if (i == shown) {
            char *more = cli_printf("and %zu more", n - shown);
            put_text(p, x + KEY_WIDE + 8, at, PEN_DIM, ANCHOR_START, more, room);
            free(more);
            break;
        }
        put_key(p, &(figure_line){.number = (int)i}, x, at);
        put_text(p, x + KEY_WIDE + 8, at, PEN_TEXT, ANCHOR_START, p->f->labels[i], room);
        if (legend_has_summaries(p) && i < panel->nlines) {
            put_summary(p, &panel->lines[i], x + KEY_WIDE + 8 + label + BLANK, at);
        }
    }
    return y + LEGEND_ROW * (double)rows;
}

static int has_names(const figure *f)
{
    return figure_names_output(f, &f->panels[0], &f->panels[0].lines[0]);
}

static double draw_head(const page *p)
{
    const figure *f = p->f;
    double x = EDGE, y = EDGE;
    if (f->ncurves > 1) {
        return draw_legend(p, y) + HEAD_GAP;
    }
    x = put_text(p, x, y + 12, PEN_TITLE, ANCHOR_START, f->labels[0], p->wide - 2 * EDGE) + BLANK;
    if (!has_names(f)) {
        put_summary(p, &f->panels[0].lines[0], x + 4, y + 12);
    }
    return y + TITLE_ROW + HEAD_GAP;
}

static double head_height(const page *p)
{
    return EDGE + HEAD_GAP + (p->f->ncurves > 1 ? LEGEND_ROW * (double)legend_rows(p) : TITLE_ROW);
}

static void draw_name(const page *p, double y)
{
    const figure_panel *panel = p->panel;
    double x = put_text(p, EDGE, y + 12, PEN_NAME, ANCHOR_START, panel->output, p->wide / 2) + BLANK;
    if (panel->nlines == 1) {
        put_summary(p, &panel->lines[0], x, y + 12);
    }
}

/* ---- layout ------------------------------------------------------------------------------------ */

static double panel_extra(const page *p, const figure_panel *panel, int bands)
{
    int rows = rows_of(panel);
    return (has_names(p->f) ? NAME_ROW : 0) + (panel->has_zeros ? ZEROS_ROW : 0) + AXIS_ROW + BAND_ROW * (rows < bands ? rows : bands) +
           (bands ? 4 : 0) + PANEL_GAP;
}

/* The height of each field when panels have at most so many rows of phases. */
static double plot_height(const page *p, int bands)
{
    double left = p->high - head_height(p) - EDGE + PANEL_GAP;
    for (size_t i = 0; i < p->f->npanels; i++) {
        left -= panel_extra(p, &p->f->panels[i], bands);
    }
    return lrs_k_floor(left / (double)p->f->npanels);
}

#define MOST_BANDS 8

/* Phases give way to the curve. */
static void choose_heights(page *p)
{
    p->bands = p->f->no_phases ? 0 : MOST_BANDS;
    while (p->bands > 0 && plot_height(p, p->bands) < (p->bands > 1 ? 120 : LEAST_PLOT)) {
        p->bands--;
    }
    p->plot = plot_height(p, p->bands);
}

static void choose_margin(page *p)
{
    double most = text_width("phases", PEN_DIM), w = text_width(p->f->x_name, PEN_DIM);
    most = (w > most ? w : most) + NAME_GAP - LABEL_GAP;
    for (size_t i = 0; i < p->f->npanels; i++) {
        const ticks *t = &p->f->panels[i].values;
        for (size_t k = 0; k < t->n; k++) {
            w = text_width(t->label[k], PEN_DIM);
            most = w > most ? w : most;
        }
    }
    p->left = lrs_k_floor(EDGE + most + LABEL_GAP);
    p->right = p->wide - EDGE;
}

static void draw_panel(page *p, double y)
{
    const ticks *t = &p->panel->values;
    int log = p->f->log;
    if (has_names(p->f)) {
        draw_name(p, y);
        y += NAME_ROW;
    }
    p->top = y;
    p->bottom = y + p->plot + (p->panel->has_zeros ? ZEROS_ROW : 0);
    p->low = place_of(p, t->low);
    p->range = place_of(p, t->high) - p->low;
    p->base = y + p->plot - (!log && t->low == 0 ? 0 : ROOM_BELOW);
    p->zeros = p->bottom - 9;
    p->nnotes = 0;
    draw_values_axis(p);
    draw_splits(p);
    draw_steps_axis(p);
    draw_phases(p);
    for (size_t i = 0; i < p->panel->nlines; i++) { /* between the dashes of a later one an earlier one shows */
        draw_curve(p, &p->panel->lines[i]);
        if (p->panel->has_zeros) {
            draw_zeros_of(p, &p->panel->lines[i]);
        }
    }
    for (size_t i = 0; i < p->panel->nlines; i++) {
        draw_events_of(p, &p->panel->lines[i]);
    }
}

static void draw(page *p)
{
    begin(p, PEN_PAPER, 0, NULL);
    p->c->ops->rect(p->c->to, 0, 0, p->wide, p->high, 0);
    end(p);
    double y = draw_head(p);
    for (size_t i = 0; i < p->f->npanels; i++) {
        p->panel = &p->f->panels[i];
        draw_panel(p, y);
        y += p->plot + panel_extra(p, p->panel, p->bands);
    }
}

void page_size(const figure *f, const cli_options *o, int *width, int *height)
{
    double rows = f->ncurves > 1 ? (double)f->ncurves : 1, n = (double)f->npanels;
    double each = n > 2 ? 230 : n > 1 ? 270 : 360;
    double natural = 60 + LEGEND_ROW * (rows > 12 ? 12 : rows) + n * each;
    *width = o->width ? o->width : 960;
    *height = o->height ? o->height : natural > PAGE_MOST ? PAGE_MOST : (int)natural;
}

int page_draw(figure *f, int width, int height, canvas *c)
{
    page p = {.f = f, .c = c, .wide = width, .high = height};
    double guess = (height - head_height(&p)) / (double)f->npanels - 90;
    size_t most_values = guess > 90 ? (size_t)(guess / 38) + 1 : 3, most_steps = (size_t)(width / 90 + 2);
    int code = figure_measure(f, width - 2 * EDGE - 60, most_values, most_steps);
    if (code != CLI_OK) {
        return code;
    }
    choose_margin(&p);
    choose_heights(&p);
    if (p.plot < LEAST_PLOT) {
        cli_error("a picture %d pixels high has no room for %zu panels; give it more with --height, or choose one with --output", height, f->npanels);
        return CLI_USAGE;
    }
    draw(&p);
    return CLI_OK;
}

char *page_description(const figure *f)
{
    char *all = cli_printf("%s %lld to %lld.", curve_unit(&f->curves[0]), (long long)f->range.first, (long long)f->range.last);
    for (size_t i = 0; i < f->npanels; i++) {
        for (size_t k = 0; k < f->panels[i].nlines; k++) {
            char *one = describe_line(f, &f->panels[i], &f->panels[i].lines[k]), *longer = cli_printf("%s %s.", all, one);
            free(one);
            free(all);
            all = longer;
        }
    }
    return all;
}
