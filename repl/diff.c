/* diff.c: `lrsc diff`. In: two schedules. Out: the first and the greatest difference of each output, the phases side by side, and
 * both curves in one picture; the exit code says whether they differ. */
#include "diff.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "draw.h"
#include "figure.h"
#include "json.h"
#include "letters.h"
#include "progress.h"

/* ---- comparing --------------------------------------------------------------------------------- */

typedef struct place {
    int64_t step;
    double a, b, size;
} place;

/* What is to be said of one output. */
typedef struct comparison {
    uint64_t steps, differing;
    int sampled; /* there are more steps than were compared */
    place first, absolute, relative; /* where differing > 0 */
    place real;                      /* the first that is more than rounding; size 0: there is none */
} comparison;

/* Two formulas of one curve differ by roundings, which are below this part of the value. */
#define ROUNDING 1e-12

static int same(double a, double b, double tolerance)
{
    if (a == b || (isnan(a) && isnan(b))) {
        return 1;
    }
    double most = fabs(a) > fabs(b) ? fabs(a) : fabs(b);
    return isfinite(a) && isfinite(b) && fabs(a / 2 - b / 2) <= tolerance * (most / 2);
}

static void keep(place *p, int64_t step, double a, double b, double size)
{
    if (size > p->size) {
        *p = (place){step, a, b, size};
    }
}

/* In relation to the greater one, of two that are finite and differ. */
static double relation(double a, double b)
{
    double most = fabs(a) > fabs(b) ? fabs(a) : fabs(b);
    return fabs(a / most - b / most);
}

static void compare_step(comparison *r, int64_t step, double a, double b, double tolerance)
{
    r->steps++;
    if (same(a, b, tolerance)) {
        return;
    }
    double by = fabs(a - b);
    int number = isfinite(a) && isfinite(b); /* a number against nan or inf: more than any difference of numbers */
    if (r->differing++ == 0) {
        r->first = (place){step, a, b, by};
        r->absolute.size = r->relative.size = -1;
    }
    if (step < r->first.step) {
        r->first = (place){step, a, b, by};
    }
    if (!same(a, b, ROUNDING) && (r->real.size == 0 || step < r->real.step)) {
        r->real = (place){step, a, b, 1};
    }
    keep(&r->absolute, step, a, b, !number ? (double)INFINITY : by < DBL_MAX ? by : DBL_MAX);
    keep(&r->relative, step, a, b, number ? relation(a, b) : (double)INFINITY);
}

/* More steps than this are compared at even distances. */
#define MOST_STEPS ((uint64_t)1 << 27)
#define BLOCK 4096

static range choose_steps(const figure *f, const cli_options *o)
{
    range r = f->range;
    uint64_t n = (uint64_t)r.last - (uint64_t)r.first;
    r.stride = o->has_range ? o->stride : 1;
    if (n / (uint64_t)r.stride >= MOST_STEPS) {
        r.stride = (int64_t)(n / MOST_STEPS + 1);
        if (!o->quiet) {
            cli_note("one step in %lld is compared, and both sides of every place where a phase begins; a shorter --range compares all",
                     (long long)r.stride);
        }
    }
    return r;
}

static int by_step(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Where a phase of either curve begins, the step before it, and the last step: malloc'ed, in order. */
static size_t places_to_look(int64_t **out, const figure_panel *p, range at)
{
    size_t n = 0;
    *out = cli_alloc(sizeof **out);
    for (int k = 0; k < 2; k++) {
        curve *c = p->lines[k].curve;
        curve_phase *phases;
        size_t count = curve_phases(c, c->engine.state, at.first, at.last, &phases, 100000);
        *out = cli_realloc(*out, (n + 2 * count + 1) * sizeof **out);
        for (size_t i = 0; i < count; i++) {
            (*out)[n++] = phases[i].first;
            (*out)[n++] = phases[i].last;
        }
        free(phases);
    }
    (*out)[n++] = at.last;
    qsort(*out, n, sizeof **out, by_step);
    return n;
}

/* What lies between the steps of the stride. */
static void compare_places(comparison *r, const figure_panel *p, range at, double tolerance)
{
    int64_t *places;
    size_t n = places_to_look(&places, p, at);
    curve_restart(p->lines[0].curve);
    curve_restart(p->lines[1].curve);
    for (size_t i = 0; i < n; i++) {
        int counted = ((uint64_t)places[i] - (uint64_t)at.first) % (uint64_t)at.stride == 0;
        if (!counted && (i == 0 || places[i] != places[i - 1])) {
            double a = curve_value(p->lines[0].curve, places[i]);
            compare_step(r, places[i], a, curve_value(p->lines[1].curve, places[i]), tolerance);
        }
    }
    free(places);
}

/* The two curves of a panel, step by step. CURVE_STOPPED or 0. */
static int compare(comparison *r, const figure_panel *p, range at, double tolerance)
{
    static double y[2][BLOCK];
    uint64_t left = ((uint64_t)at.last - (uint64_t)at.first) / (uint64_t)at.stride; /* after the first */
    const uint64_t all = left;
    int64_t step = at.first;
    int stop = 0;
    for (int k = 0; k < 2; k++) {
        curve_choose(p->lines[k].curve, p->lines[k].output);
        curve_restart(p->lines[k].curve);
    }
    progress_begin("comparing", all);
    for (;;) {
        size_t n = left < BLOCK - 1 ? (size_t)left + 1 : BLOCK;
        for (int k = 0; k < 2; k++) {
            curve_fill(p->lines[k].curve, step, at.stride, n, y[k]);
        }
        for (size_t i = 0; i < n; i++) {
            compare_step(r, range_step(step, at.stride, i), y[0][i], y[1][i], tolerance);
        }
        if (left < n || (stop = progress_at(all - left)) != 0) {
            break;
        }
        left -= n;
        step = range_step(step, at.stride, n);
    }
    progress_end();
    if (!stop && r->sampled) {
        compare_places(r, p, at, tolerance);
    }
    return stop ? CURVE_STOPPED : 0;
}

/* ---- the report in words ----------------------------------------------------------------------- */

static void put_place(const char *what, const char *unit, const place *p)
{
    char a[32], b[32], by[32];
    snprintf(a, sizeof a, "%.17g", p->a);
    snprintf(b, sizeof b, "%.17g", p->b);
    ticks_number(by, sizeof by, fabs(p->a - p->b));
    printf("  %-24s %s %lld: %s and %s", what, unit, (long long)p->step, a, b);
    if (isfinite(p->a) && isfinite(p->b)) {
        printf(", by %s (%.3g %%)", isfinite(p->a - p->b) ? by : "more than 1.797e308", 100 * relation(p->a, p->b));
    }
    putchar('\n');
}

static void put_comparison(const figure *f, const figure_panel *p, const comparison *r)
{
    const char *unit = curve_unit(&f->curves[0]);
    if (r->differing == 0 && r->sampled) {
        printf("%s: no difference at the %" PRIu64 " %ss that were compared\n", p->output, r->steps, unit);
        return;
    }
    if (r->differing == 0) {
        printf("%s: the same at all %" PRIu64 " %ss\n", p->output, r->steps, unit);
        return;
    }
    printf("%s: different at %" PRIu64 " of %" PRIu64 " %ss%s\n", p->output, r->differing, r->steps, unit,
           r->sampled ? " that were compared" : "");
    put_place("first difference", unit, &r->first);
    if (r->real.size == 0) {
        printf("  %-24s all are below %g of the value\n", "only roundings", ROUNDING);
    } else if (r->real.step != r->first.step) {
        put_place("first past rounding", unit, &r->real);
    }
    put_place("largest difference", unit, &r->absolute);
    put_place("largest in relation", unit, &r->relative);
}

/* The part of a text that goes into so many columns, to a blank if it has more; *text is what is left. */
static void put_part(const char **text, int width)
{
    const char *at = *text, *end = at, *blank = NULL;
    char bytes[5];
    int used = 0, n = 0;
    for (; *end && n < width; n++) {
        letters_next(&end);
        blank = *end == ' ' ? end : blank;
    }
    end = *end && blank ? blank : end;
    for (; at < end; used++) {
        letters_put(bytes, letters_next(&at));
        fputs(bytes, stdout);
    }
    *text = at + strspn(at, " ");
    printf("%*s", width - used, "");
}

#define WHEN 13 /* columns of the steps of a phase */

/* A cell of the table of phases: when, and what, with as many lines as that needs. */
typedef struct cell {
    char when[48];
    char *text; /* of one line */
    const char *left;
} cell;

static void cell_init(cell *c, const char *when, const char *text)
{
    snprintf(c->when, sizeof c->when, "%s", when);
    c->text = letters_clean(text);
    c->left = c->text;
}

static void cell_of_phase(cell *c, const curve_phase *p)
{
    char when[48] = "";
    if (p) {
        snprintf(when, sizeof when, "%lld..%lld", (long long)p->first, (long long)p->last);
    }
    cell_init(c, when, !p ? "" : p->text ? p->text : "(the last value holds)");
}

/* The next line of the cell; long steps push the text on. */
static void put_line(cell *c, int width, int has_when)
{
    int indent = 0;
    if (has_when) {
        indent = printf("%-*s ", WHEN, c->when);
        c->when[0] = 0;
    }
    put_part(&c->left, width - indent < 8 ? 8 : width - indent);
}

static void put_cells(cell *a, cell *b, int width, char mark, int has_when)
{
    do {
        printf("  ");
        put_line(a, width, has_when);
        printf(" %c ", mark);
        put_line(b, width, has_when);
        putchar('\n');
        mark = ' ';
    } while (*a->left || *b->left);
    free(a->text);
    free(b->text);
}

static int same_phase(const curve_phase *a, const curve_phase *b)
{
    return a && b && a->first == b->first && a->last == b->last && strcmp(a->text ? a->text : "", b->text ? b->text : "") == 0;
}

#define MOST_ROWS 40

/* As diff -y has it: `|` between phases that differ, `<` and `>` beside one that only one side has. */
static void put_phases(const figure *f, const figure_panel *p, int width)
{
    const figure_line *a = &p->lines[0], *b = &p->lines[1];
    int half = (width - 5) / 2;
    size_t i = 0, j = 0, rows = 0;
    cell left, right;
    half = half > 60 ? 60 : half < 30 ? 30 : half; /* in fewer columns lines run over */
    cell_init(&left, "", f->labels[0]);
    cell_init(&right, "", f->labels[1]);
    putchar('\n');
    put_cells(&left, &right, half, ' ', 0);
    while ((i < a->nphases || j < b->nphases) && rows++ < MOST_ROWS) {
        const curve_phase *x = i < a->nphases ? &a->phases[i] : NULL, *y = j < b->nphases ? &b->phases[j] : NULL;
        if (x && y && x->first != y->first) { /* the one that begins first stands alone */
            *(x->first < y->first ? &y : &x) = NULL;
        }
        cell_of_phase(&left, x);
        cell_of_phase(&right, y);
        put_cells(&left, &right, half, same_phase(x, y) ? ' ' : !y ? '<' : !x ? '>' : '|', 1);
        i += x != NULL;
        j += y != NULL;
    }
    if (i < a->nphases || j < b->nphases) {
        printf("  and %zu more phases\n", a->nphases - i + b->nphases - j);
    }
}

/* ---- the report as json ------------------------------------------------------------------------ */

static void put_json_place(const char *name, const place *p)
{
    printf(", \"%s\": {\"step\": %lld, \"a\": ", name, (long long)p->step);
    json_number(stdout, p->a);
    json_member(stdout, "b", p->b);
    putchar('}');
}

static void put_json(const figure_panel *p, const comparison *r, int first)
{
    printf("%s{\"output\": ", first ? "" : ",\n ");
    json_string(stdout, p->output);
    if (p->nlines < 2) {
        printf(", \"only_in\": \"%c\"}", 'a' + p->lines[0].number);
        return;
    }
    printf(", \"steps\": %" PRIu64 ", \"differing\": %" PRIu64, r->steps, r->differing);
    if (r->differing) {
        put_json_place("first", &r->first);
        if (r->real.size > 0) {
            put_json_place("first_past_rounding", &r->real);
        }
        put_json_place("largest_absolute", &r->absolute);
        put_json_place("largest_relative", &r->relative);
    }
    putchar('}');
}

/* ---- the whole --------------------------------------------------------------------------------- */

enum { SAME = 0, DIFFERENT = 1, TROUBLE = 2 };

/* Compares all panels. 1: some differ; else 0, or an exit code. */
static int compare_all(figure *f, const cli_options *o, comparison *r)
{
    range at = choose_steps(f, o);
    int differ = 0;
    for (size_t i = 0; i < f->npanels; i++) {
        r[i].sampled = at.stride > 1 && !(o->has_range && at.stride == o->stride);
        if (f->panels[i].nlines == 2 && compare(&r[i], &f->panels[i], at, o->tolerance)) {
            return CLI_STOPPED;
        }
        differ |= f->panels[i].nlines < 2 || r[i].differing > 0;
    }
    return differ;
}

static int report_text(figure *f, const cli_options *o, const comparison *r, int differ)
{
    int width = draw_terminal_width(o);
    for (size_t i = 0; i < f->npanels; i++) {
        const figure_panel *p = &f->panels[i];
        if (p->nlines < 2) {
            char *label = letters_clean(p->lines[0].label);
            printf("%s: only in %s\n", p->output, label);
            free(label);
            continue;
        }
        put_comparison(f, p, &r[i]);
    }
    if (!differ) {
        return CLI_OK;
    }
    int code = figure_measure(f, width, 4, 4);
    for (size_t i = 0; i < f->npanels && code == CLI_OK; i++) {
        if (f->panels[i].nlines == 2 && r[i].differing) {
            put_phases(f, &f->panels[i], width);
        }
    }
    putchar('\n');
    return code ? code : draw_terminal(f, o, stdout);
}

static void report_json(const figure *f, const comparison *r)
{
    putchar('[');
    for (size_t i = 0; i < f->npanels; i++) {
        put_json(&f->panels[i], &r[i], i == 0);
    }
    puts("]");
}

static int diff(figure *f, const cli_options *o)
{
    comparison *r = cli_alloc((f->npanels + 1) * sizeof *r);
    int code = compare_all(f, o, r), differ = code == DIFFERENT;
    if (code <= DIFFERENT && !o->quiet) {
        if (o->format == FORMAT_JSON) {
            report_json(f, r);
            code = CLI_OK;
        } else {
            code = report_text(f, o, r, differ);
        }
    }
    free(r);
    return code > DIFFERENT ? code : differ;
}

int lrs_diff(const cli_options *o)
{
    figure f = {0};
    if (o->files.n + (o->text != NULL) != 2) {
        cli_error("diff compares two schedules: two files, calls such as 'torch.StepLR(30, lr=0.1)', or one of them and -e TEXT");
        cli_note("lrsc diff --help says how it is used");
        return CLI_USAGE;
    }
    int code = figure_open(&f, o);
    code = code == CLI_DIAGNOSTICS ? TROUBLE : code ? code : diff(&f, o); /* 1 means that they differ */
    figure_close(&f);
    int lost = cli_finish_stdout(CLI_OK);
    return lost ? lost : code;
}
