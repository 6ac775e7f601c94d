/* losses.c: see losses.h. */
#include "losses.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "csv.h"
#include "curve.h"
#include "ticks.h"

#define NO_COLUMN ((size_t)-1)

typedef struct reading {
    losses *l;
    int has_schedule, yields; /* yields: it is the session's, and rates of the file go before it */
    size_t lr, loss, step; /* columns */
    size_t columns;
} reading;

/* ---- the file ---------------------------------------------------------------------------------- */

/* Which columns there are, and the first that is there twice. A file may have very many. */
static void find_columns(reading *r, const csv_line *line, csv_field *twice)
{
    csv_field column;
    r->lr = r->loss = r->step = NO_COLUMN;
    r->columns = 0;
    for (const char *at = line->raw.at; at; r->columns++) {
        at = csv_take(line, at, &column);
        size_t *which = csv_is(column, "lr") ? &r->lr : csv_is(column, "loss") ? &r->loss : csv_is(column, "step") ? &r->step : NULL;
        if (which && *which == NO_COLUMN) {
            *which = r->columns;
        } else if (which && !twice->at) {
            *twice = column;
        }
    }
}

static int parse_header(void *ctx, const csv_line *line)
{
    reading *r = ctx;
    const char *name = cli_display_name(line->path);
    csv_field twice = {NULL, 0};
    find_columns(r, line, &twice);
    if (line->text.n == 0) {
        cli_error("%s:%zu: the file is empty; the first line must be a header such as `lr,loss`", name, line->number);
        return CLI_DIAGNOSTICS;
    }
    if (r->loss == NO_COLUMN || (r->lr == NO_COLUMN && r->step == NO_COLUMN)) {
        return csv_wrong(line, "the first line must be a header with a column `loss`, and `lr` or `step`, such as `lr,loss`; it is",
                         line->text);
    }
    if (twice.at) {
        return csv_wrong(line, "each column is wanted once; there is another", twice);
    }
    r->has_schedule &= !r->yields || r->lr == NO_COLUMN;
    if (r->lr == NO_COLUMN && !r->has_schedule && r->yields) {
        cli_error("%s:%zu: there is no column `lr`, and no schedule yet: type the range test, or give it with --schedule=FILE.lrs", name, line->number);
        return CLI_DIAGNOSTICS;
    }
    if (r->lr == NO_COLUMN && !r->has_schedule) {
        cli_error("%s:%zu: there is no column `lr`: give the range test with --schedule=FILE.lrs, or -e TEXT", name, line->number);
        return CLI_DIAGNOSTICS;
    }
    if (r->lr != NO_COLUMN && r->has_schedule) {
        cli_error("%s has a column `lr`: leave out --schedule and -e", name);
        return CLI_USAGE;
    }
    return CLI_OK;
}

static void grow(losses *l, int has_steps)
{
    l->cap = l->cap ? 2 * l->cap : 256;
    l->lr = cli_realloc(l->lr, l->cap * sizeof *l->lr);
    l->loss = cli_realloc(l->loss, l->cap * sizeof *l->loss);
    l->line = cli_realloc(l->line, l->cap * sizeof *l->line);
    if (has_steps) {
        l->step = cli_realloc(l->step, l->cap * sizeof *l->step);
    }
}

/* A row without a loss was not measured. */
static int add_row(void *ctx, const csv_line *line)
{
    reading *r = ctx;
    losses *l = r->l;
    double lr = 0, loss = 0;
    int64_t step = 0;
    int code = csv_check_columns(line, r->columns);
    if (code == CLI_OK && csv_column(line, r->loss).n == 0) {
        return CLI_OK;
    }
    code = code ? code : csv_number(&loss, line, csv_column(line, r->loss));
    if (code == CLI_OK && r->lr != NO_COLUMN) {
        code = csv_number(&lr, line, csv_column(line, r->lr));
    }
    if (code == CLI_OK && r->step != NO_COLUMN) {
        code = csv_step(&step, line, csv_column(line, r->step));
    }
    if (code != CLI_OK) {
        return code;
    }
    if (l->n == l->cap) {
        grow(l, r->step != NO_COLUMN);
    }
    l->lr[l->n] = lr;
    l->loss[l->n] = loss;
    l->line[l->n] = line->number;
    if (r->step != NO_COLUMN) {
        l->step[l->n] = step;
    }
    l->n++;
    return CLI_OK;
}

/* ---- the schedule ------------------------------------------------------------------------------ */

/* Its rates before any metric: a range test has no rule that changes them. */
static int compute_rates(losses *l, const cli_options *o)
{
    curve c = {0};
    curve_text text = {.name = "<command line>"};
    int code = CLI_OK;
    if (o->text) {
        text.text = cli_strdup(o->text);
        text.n = strlen(o->text);
    } else {
        code = curve_read(&text, o, o->schedule);
    }
    l->schedule = text.name;
    code = code ? code : curve_open(&c, o, &text);
    for (size_t i = 0; i < l->n && code == CLI_OK; i++) {
        l->lr[i] = engine_value(&c.engine, c.output, l->step[i]);
    }
    curve_close(&c);
    curve_text_free(&text);
    return code;
}

/* ---- the whole --------------------------------------------------------------------------------- */

static int check_usage(const cli_options *o)
{
    if (o->files.n != 1) {
        cli_error(o->files.n ? "find takes one file" : "find needs a file with the losses of a range test");
        cli_note("lrsc find --help says how it is used");
        return CLI_USAGE;
    }
    if (o->schedule && o->text) {
        cli_error("find takes --schedule or -e TEXT, not both");
        return CLI_USAGE;
    }
    if (o->schedule && strcmp(o->schedule, "-") == 0 && strcmp(o->files.at[0], "-") == 0) {
        cli_error("the schedule and the losses cannot both come from standard input");
        return CLI_USAGE;
    }
    return CLI_OK;
}

int losses_read(losses *l, const cli_options *o)
{
    reading r = {.l = l, .has_schedule = o->schedule || o->text, .yields = o->text_yields};
    *l = (losses){0};
    int code = check_usage(o);
    if (code != CLI_OK) {
        return code;
    }
    l->name = cli_display_name(o->files.at[0]);
    code = csv_read(o->files.at[0], &(csv_reader){parse_header, add_row, &r});
    return code == CLI_OK && r.has_schedule ? compute_rates(l, o) : code;
}

void losses_free(losses *l)
{
    free(l->lr);
    free(l->loss);
    free(l->step);
    free(l->line);
    *l = (losses){0};
}

int losses_refuse_rate(const losses *l, size_t i)
{
    char rate[32], before[32];
    ticks_number(rate, sizeof rate, l->lr[i]);
    ticks_number(before, sizeof before, i ? l->lr[i - 1] : 0);
    const char *what = !isfinite(l->lr[i]) ? "is not finite" : l->lr[i] <= 0 ? "is not above 0" : "is not above the one before it, ";
    if (l->schedule) {
        cli_error("%s:%zu: the rate at step %lld, %s, %s%s; is %s the range test that gave these losses?", l->name, l->line[i],
                  (long long)l->step[i], rate, what, l->lr[i] > 0 && isfinite(l->lr[i]) ? before : "", l->schedule);
    } else {
        cli_error("%s:%zu: the rate %s %s%s; the rates of a range test grow from row to row", l->name, l->line[i], rate, what,
                  l->lr[i] > 0 && isfinite(l->lr[i]) ? before : "");
    }
    return CLI_DIAGNOSTICS;
}
