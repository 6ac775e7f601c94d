/* metrics.c: see metrics.h. */
#include "metrics.h"

#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "cli_options.h"
#include "csv.h"

/* What is read, and what its columns are. */
typedef struct table {
    metrics *m;
    size_t cap;
    const char *const *inputs;
    size_t ninputs;
    size_t *column_of; /* inputs: the column after the step, counted from 1; 0: there is none */
    size_t ncolumns;   /* after the step */
    double *row;
} table;

static int refuse_header(const table *t, const csv_line *line)
{
    csv_field all = line->text;
    int n = (int)(all.n > 60 ? 60 : all.n);
    char *names = cli_strdup("");
    int one = t->ninputs == 1;
    for (size_t i = 0; i < t->ninputs && !(one && strcmp(t->inputs[0], "metric") == 0); i++) {
        char *longer = cli_printf("%s,%s", names, t->inputs[i]);
        free(names);
        names = longer;
    }
    cli_error("%s:%zu: the first line must be the header %s%s%s%s, with %s; %s%.*s%s", cli_display_name(line->path),
              line->number, one ? "`step,metric`" : "", *names ? one ? " or `step" : "`step" : "", names, *names ? "`" : "",
              one ? "two columns" : "one column or more of these inputs", all.n ? "it is '" : "the file is empty", n,
              all.n ? all.at : "", all.n ? "'" : "");
    free(names);
    if (csv_columns(line) > 2) {
        cli_note(one ? "leave out the columns that are not observed, e.g. with cut, and call the other one `metric`"
                     : "leave out the columns that are no inputs, e.g. with cut");
    }
    return CLI_DIAGNOSTICS;
}

static int parse_header(void *ctx, const csv_line *line)
{
    table *t = ctx;
    size_t n = csv_columns(line);
    int good = n > 1 && n <= t->ninputs + 1 && csv_is(csv_column(line, 0), "step");
    for (size_t k = 1; k < n && good; k++) {
        csv_field name = csv_column(line, k);
        size_t i = 0;
        while (i < t->ninputs && !csv_is(name, t->inputs[i])) {
            i++;
        }
        if (i == t->ninputs && t->ninputs == 1 && csv_is(name, "metric")) { /* of several, which one would it be? */
            i = 0;
        }
        good = i < t->ninputs && t->column_of[i] == 0;
        if (good) {
            t->column_of[i] = k;
        }
    }
    if (!good) {
        return refuse_header(t, line);
    }
    t->ncolumns = n - 1;
    return CLI_OK;
}

static int parse_row(table *t, const csv_line *line, int64_t *step)
{
    if (csv_columns(line) == 1) {
        return csv_wrong(line, "expected `step,metric`, got", line->text);
    }
    int code = csv_step(step, line, csv_column(line, 0));
    if (code == CLI_OK && t->ncolumns == 1 && csv_columns(line) != 2) {
        return csv_wrong(line, "two columns are wanted, step and metric; after the step there is", csv_rest(line, 1));
    }
    code = code ? code : csv_check_columns(line, t->ncolumns + 1);
    for (size_t k = 1; k <= t->ncolumns && code == CLI_OK; k++) {
        code = csv_number(&t->row[k], line, csv_column(line, k));
    }
    return code;
}

static int add_row(void *ctx, const csv_line *line)
{
    table *t = ctx;
    metrics *m = t->m;
    int64_t step;
    int code = parse_row(t, line, &step);
    if (code == CLI_OK && m->n > 0 && step < m->at[m->n - 1].step) {
        cli_error("%s:%zu: step %lld comes after step %lld; the steps must not go back", cli_display_name(line->path), line->number,
                  (long long)step, (long long)m->at[m->n - 1].step);
        return CLI_DIAGNOSTICS;
    }
    for (size_t i = 0; i < t->ninputs && code == CLI_OK; i++) {
        if (t->column_of[i] == 0) {
            continue;
        }
        if (m->n == t->cap) {
            t->cap = t->cap ? 2 * t->cap : 256;
            m->at = cli_realloc(m->at, t->cap * sizeof *m->at);
        }
        m->at[m->n++] = (observation){step, i, t->row[t->column_of[i]]};
    }
    return code;
}

int metrics_read(metrics *m, const char *path, const char *const *inputs, size_t ninputs)
{
    table t = {.m = m, .inputs = inputs, .ninputs = ninputs};
    m->at = NULL;
    m->n = 0;
    t.column_of = cli_alloc((ninputs + 1) * sizeof *t.column_of);
    t.row = cli_alloc((ninputs + 1) * sizeof *t.row);
    int code = csv_read(path, &(csv_reader){parse_header, add_row, &t});
    free(t.column_of);
    free(t.row);
    return code;
}

void metrics_free(metrics *m)
{
    free(m->at);
    m->at = NULL;
    m->n = 0;
}
