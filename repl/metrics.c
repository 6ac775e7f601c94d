/* metrics.c: see metrics.h. */
#include "metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "cli_number.h"
#include "cli_options.h"

/* A piece of the text. */
typedef struct field {
    const char *at;
    size_t n;
} field;

static field trimmed(const char *at, size_t n)
{
    while (n > 0 && (*at == ' ' || *at == '\t')) {
        at++;
        n--;
    }
    while (n > 0 && (at[n - 1] == ' ' || at[n - 1] == '\t' || at[n - 1] == '\r')) {
        n--;
    }
    if (n >= 2 && *at == '"' && at[n - 1] == '"') {
        at++;
        n -= 2;
    }
    return (field){at, n};
}

static int is_word(field f, const char *word)
{
    return f.n == strlen(word) && memcmp(f.at, word, f.n) == 0;
}

static int wrong(const char *path, size_t line, const char *what, field f)
{
    cli_error("%s:%zu: %s '%.*s'", cli_display_name(path), line, what, (int)(f.n > 60 ? 60 : f.n), f.at);
    return CLI_DIAGNOSTICS;
}

static int parse_metric(double *out, field f)
{
    static const struct {
        const char *word;
        double value;
    } words[] = {{"", (double)NAN},
                 {"nan", (double)NAN},
                 {"NaN", (double)NAN},
                 {"inf", (double)INFINITY},
                 {"+inf", (double)INFINITY},
                 {"-inf", -(double)INFINITY},
                 {"Infinity", (double)INFINITY},
                 {"-Infinity", -(double)INFINITY}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (is_word(f, words[i].word)) {
            *out = words[i].value;
            return 1;
        }
    }
    return cli_parse_number(out, f.at, f.n);
}

/* What is read, and what its columns are. */
typedef struct table {
    metrics *m;
    size_t cap;
    const char *path;
    const char *const *inputs;
    size_t ninputs;
    size_t *column_of; /* inputs: the column after the step, counted from 1; 0: there is none */
    size_t ncolumns;   /* after the step; 0: no header yet */
    double *row;
} table;

/* Piece number k of a line, between commas; its end is where the line's is. */
static field piece(field line, size_t k)
{
    const char *at = line.at, *end = line.at + line.n;
    for (; k > 0; k--) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        at = comma ? comma + 1 : end;
    }
    const char *comma = memchr(at, ',', (size_t)(end - at));
    return trimmed(at, (size_t)((comma ? comma : end) - at));
}

static size_t count_pieces(field line)
{
    size_t n = 1;
    for (size_t i = 0; i < line.n; i++) {
        n += line.at[i] == ',';
    }
    return n;
}

static int refuse_header(const table *t, size_t line, field raw)
{
    field all = trimmed(raw.at, raw.n);
    int n = (int)(all.n > 60 ? 60 : all.n);
    char *names = cli_strdup("");
    for (size_t i = 0; i < t->ninputs && strcmp(t->inputs[0], "metric") != 0; i++) {
        char *longer = cli_printf("%s,%s", names, t->inputs[i]);
        free(names);
        names = longer;
    }
    cli_error("%s:%zu: the first line must be the header `step,metric`%s%s%s, with %s; %s%.*s%s", cli_display_name(t->path), line,
              *names ? " or `step" : "", names, *names ? "`" : "", t->ninputs > 1 ? "one column or more of them" : "two columns",
              all.n ? "it is '" : "the file is empty", n, all.n ? all.at : "", all.n ? "'" : "");
    free(names);
    return CLI_DIAGNOSTICS;
}

static int parse_header(table *t, size_t line, field all)
{
    size_t n = count_pieces(all);
    int good = n > 1 && n <= t->ninputs + 1 && is_word(piece(all, 0), "step");
    for (size_t k = 1; k < n && good; k++) {
        field name = piece(all, k);
        size_t i = 0;
        while (i < t->ninputs && !is_word(name, t->inputs[i])) {
            i++;
        }
        if (i == t->ninputs && is_word(name, "metric")) {
            i = 0;
        }
        good = i < t->ninputs && t->column_of[i] == 0;
        if (good) {
            t->column_of[i] = k;
        }
    }
    if (!good) {
        return refuse_header(t, line, all);
    }
    t->ncolumns = n - 1;
    return CLI_OK;
}

static int parse_row(table *t, size_t line, field all, int64_t *step)
{
    field first = piece(all, 0);
    if (count_pieces(all) == 1) {
        return wrong(t->path, line, "expected `step,metric`, got", trimmed(all.at, all.n));
    }
    if (!cli_parse_step(step, first.at, first.n)) {
        return wrong(t->path, line, "not a step:", first);
    }
    if (count_pieces(all) != t->ncolumns + 1) {
        const char *rest = memchr(all.at, ',', all.n);
        field after = trimmed(rest + 1, (size_t)(all.at + all.n - rest - 1));
        if (t->ncolumns == 1) {
            return wrong(t->path, line, "two columns are wanted, step and metric; after the step there is", after);
        }
        return wrong(t->path, line, "there are not as many columns as in the header:", trimmed(all.at, all.n));
    }
    for (size_t k = 1; k <= t->ncolumns; k++) {
        field metric = piece(all, k);
        if (cli_number_is_too_large(metric.at, metric.n)) {
            return wrong(t->path, line, "out of the range of a double (write inf for infinity):", metric);
        }
        if (!parse_metric(&t->row[k], metric)) {
            return wrong(t->path, line, "not a number:", metric);
        }
    }
    return CLI_OK;
}

static int add_row(table *t, size_t line, field all)
{
    metrics *m = t->m;
    int64_t step;
    int code = parse_row(t, line, all, &step);
    if (code == CLI_OK && m->n > 0 && step < m->at[m->n - 1].step) {
        cli_error("%s:%zu: step %lld comes after step %lld; the steps must not go back", cli_display_name(t->path), line,
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

static int parse_all(table *t, const char *text, size_t len)
{
    size_t number = 0;
    int code = CLI_OK;
    const char *p = text, *end = text + len;
    if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        p += 3;
    }
    while (p < end && code == CLI_OK) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        stop = stop ? stop : end;
        field raw = {p, (size_t)(stop - p)}, all = trimmed(raw.at, raw.n);
        number++;
        if (all.n > 0 && *all.at != '#') {
            code = t->ncolumns ? add_row(t, number, raw) : parse_header(t, number, raw);
        }
        p = stop + (stop < end);
    }
    if (code == CLI_OK && t->ncolumns == 0) {
        code = parse_header(t, 1, (field){"", 0});
    }
    return code;
}

int metrics_read(metrics *m, const char *path, const char *const *inputs, size_t ninputs)
{
    char *text;
    size_t len;
    m->at = NULL;
    m->n = 0;
    int code = cli_read(&text, &len, path, CLI_MAX_DATA);
    if (code == CLI_OK) {
        table t = {.m = m, .path = path, .inputs = inputs, .ninputs = ninputs};
        t.column_of = cli_alloc((ninputs + 1) * sizeof *t.column_of);
        t.row = cli_alloc((ninputs + 1) * sizeof *t.row);
        code = parse_all(&t, text, len);
        free(t.column_of);
        free(t.row);
    }
    free(text);
    return code;
}

void metrics_free(metrics *m)
{
    free(m->at);
    m->at = NULL;
    m->n = 0;
}
