/* eval.c: `lrsc eval`. In: the options. Out: csv, json or the bits of values on standard output, in blocks, so that the
 * memory does not grow with the range. */
#include "eval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "curve.h"

/* ---- formats ----------------------------------------------------------------------------------- */

typedef struct writer {
    int format;
    const char *output;
    int any; /* a value has been written */
} writer;

static void put_csv(const writer *w, int64_t step, double v)
{
    (void)w;
    printf("%lld,%.17g\n", (long long)step, v);
}

static void put_hex(const writer *w, int64_t step, double v)
{
    uint64_t bits;
    (void)w;
    memcpy(&bits, &v, sizeof bits);
    printf("%lld,%016llx\n", (long long)step, (unsigned long long)bits);
}

static void put_json(const writer *w, int64_t step, double v)
{
    printf("%s{\"step\": %lld, \"%s\": ", w->any ? ",\n " : "[", (long long)step, w->output);
    if (isfinite(v)) {
        printf("%.17g}", v);
    } else {
        fputs("null}", stdout); /* json has no other word for it */
    }
}

static void (*const put_value[])(const writer *, int64_t,
                                 double) = {[FORMAT_CSV] = put_csv, [FORMAT_JSON] = put_json, [FORMAT_HEX] = put_hex};

static void begin(const writer *w)
{
    if (w->format != FORMAT_JSON) {
        printf("step,%s\n", w->output);
    }
}

static void put(writer *w, int64_t step, double v)
{
    put_value[w->format](w, step, v);
    w->any = 1;
}

static void end(const writer *w)
{
    if (w->format == FORMAT_JSON) {
        fputs(w->any ? "]\n" : "[]\n", stdout);
    }
}

/* ---- ranges and points ------------------------------------------------------------------------- */

static int put_block(void *ctx, int64_t first, int64_t stride, size_t n, const double *y)
{
    writer *w = ctx;
    for (size_t i = 0; i < n; i++) {
        put(w, range_step(first, stride, i), y[i]);
    }
    return ferror(stdout);
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
    double value;
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
    for (size_t i = 0; i < n; i++) {
        points[i] = (point){at[i], i, 0};
    }
    qsort(points, n, sizeof *points, by_step);
    for (size_t i = 0; i < n; i++) {
        points[i].value = curve_value(c, points[i].step);
    }
    qsort(points, n, sizeof *points, by_place);
    for (size_t i = 0; i < n; i++) {
        put(w, points[i].step, points[i].value);
    }
    free(points);
}

int lrs_eval(const cli_options *o)
{
    if (o->nat && o->has_range) {
        cli_error("--at and --range cannot be used together");
        return CLI_USAGE;
    }
    curve c;
    int code = curve_open(&c, o);
    if (code == CLI_OK) {
        writer w = {.format = o->format, .output = c.output_name};
        range r = o->nat ? (range){0, 0, 1} : choose_range(&c, o);
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
