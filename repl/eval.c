/* eval.c: `lrsc eval`. In: the options. Out: csv, json or the bits of values on standard output, in blocks, so that the
 * memory does not grow with the range. */
#include "eval.h"

#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "curve.h"
#include "json.h"
#include "progress.h"

/* ---- formats ----------------------------------------------------------------------------------- */

typedef struct writer {
    int format;
    const curve *c;
    int any; /* a row has been written */
} writer;

/* A row: the step and the value of each output. */

static void put_csv(const writer *w, int64_t step, const double *v)
{
    printf("%lld", (long long)step);
    for (size_t k = 0; k < w->c->noutputs; k++) {
        printf(",%.17g", v[k]);
    }
    putchar('\n');
}

static void put_hex(const writer *w, int64_t step, const double *v)
{
    printf("%lld", (long long)step);
    for (size_t k = 0; k < w->c->noutputs; k++) {
        uint64_t bits;
        memcpy(&bits, &v[k], sizeof bits);
        printf(",%016llx", (unsigned long long)bits);
    }
    putchar('\n');
}

static void put_json(const writer *w, int64_t step, const double *v)
{
    printf("%s{\"step\": %lld", w->any ? ",\n " : "[", (long long)step);
    for (size_t k = 0; k < w->c->noutputs; k++) {
        fputs(", ", stdout);
        json_string(stdout, curve_name(w->c, w->c->outputs[k]));
        fputs(": ", stdout);
        json_number(stdout, v[k]);
    }
    putchar('}');
}

static void (*const put_row[])(const writer *, int64_t,
                               const double *) = {[FORMAT_CSV] = put_csv, [FORMAT_JSON] = put_json, [FORMAT_HEX] = put_hex};

static void begin(const writer *w)
{
    if (w->format == FORMAT_JSON) {
        return;
    }
    fputs("step", stdout);
    for (size_t k = 0; k < w->c->noutputs; k++) {
        printf(",%s", curve_name(w->c, w->c->outputs[k]));
    }
    putchar('\n');
}

static void put(writer *w, int64_t step, const double *v)
{
    put_row[w->format](w, step, v);
    w->any = 1;
}

static void end(const writer *w)
{
    if (w->format == FORMAT_JSON) {
        fputs(w->any ? "]\n" : "[]\n", stdout);
    }
}

/* ---- ranges and points ------------------------------------------------------------------------- */

static int put_block(void *ctx, int64_t first, int64_t stride, size_t n, const double *const *y)
{
    writer *w = ctx;
    double *v = cli_alloc(w->c->noutputs * sizeof *v);
    for (size_t i = 0; i < n && !progress_stopped(); i++) { /* a terminal takes a while for a block */
        for (size_t k = 0; k < w->c->noutputs; k++) {
            v[k] = y[k][i];
        }
        put(w, range_step(first, stride, i), v);
    }
    free(v);
    return progress_stopped() ? CURVE_STOPPED : ferror(stdout);
}

/* Without --range a long schedule is thinned. */
#define MOST_ROWS 1000000

static range choose_range(const curve *c, const cli_options *o)
{
    if (o->has_range) {
        return (range){o->first, o->last, o->stride};
    }
    range r = curve_default_range(c);
    while (r.last / r.stride > MOST_ROWS) {
        r.stride *= 10;
    }
    if (r.stride > 1) {
        cli_note("every %lldth step is printed; --range=0:%lld prints all", (long long)r.stride, (long long)r.last);
    }
    return r;
}

typedef struct point {
    int64_t step;
    size_t place;
    double *values;
} point;

static int by_step(const void *a, const void *b)
{
    const point *x = a, *y = b;
    return x->step != y->step ? (x->step > y->step) - (x->step < y->step)
                              : (x->place > y->place) - (x->place < y->place);
}

static int by_place(const void *a, const void *b)
{
    const point *x = a, *y = b;
    return (x->place > y->place) - (x->place < y->place);
}

/* Computed in the order of the steps, because the metrics come in that order; printed in the order that was asked for.
 */
static void put_points(curve *c, writer *w, const int64_t *at, size_t n)
{
    point *points = cli_alloc(n * sizeof *points);
    double *values = cli_alloc(n * c->noutputs * sizeof *values);
    for (size_t i = 0; i < n; i++) {
        points[i] = (point){at[i], i, values + i * c->noutputs};
    }
    qsort(points, n, sizeof *points, by_step);
    for (size_t i = 0; i < n; i++) {
        curve_observe_to(c, points[i].step);
        for (size_t k = 0; k < c->noutputs; k++) {
            points[i].values[k] = engine_value(&c->engine, c->outputs[k], points[i].step);
        }
    }
    qsort(points, n, sizeof *points, by_place);
    for (size_t i = 0; i < n; i++) {
        put(w, points[i].step, points[i].values);
    }
    free(points);
    free(values);
}

static int64_t last_of(const cli_options *o)
{
    int64_t last = o->at[0];
    for (size_t i = 1; i < o->nat; i++) {
        last = o->at[i] > last ? o->at[i] : last;
    }
    return last;
}

int lrs_eval(const cli_options *o)
{
    if (o->nat && o->has_range) {
        cli_error("--at and --range cannot be used together");
        return CLI_USAGE;
    }
    curve c = {0};
    curve_text text;
    int code = curve_read_one(&text, o);
    code = code ? code : curve_open(&c, o, &text);
    curve_text_free(&text);
    if (code == CLI_OK) {
        writer w = {.format = o->format, .c = &c};
        range r = o->nat ? (range){0, 0, 1} : choose_range(&c, o);
        curve_note_range(&c, o, o->nat ? last_of(o) : r.last);
        begin(&w);
        if (o->nat) {
            put_points(&c, &w, o->at, o->nat);
        } else {
            curve_walk(&c, r, put_block, &w);
        }
        end(&w);
    }
    curve_close(&c);
    return cli_finish_stdout(code);
}
