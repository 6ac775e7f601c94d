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

static int has_comma(field f)
{
    return f.n > 0 && memchr(f.at, ',', f.n) != NULL;
}

/* all: the line as it stands. */
static int parse_header(const char *path, size_t line, field all, field step, field metric, const char *input)
{
    if (is_word(step, "step") && (is_word(metric, "metric") || is_word(metric, input))) {
        return CLI_OK;
    }
    int n = (int)(all.n > 60 ? 60 : all.n), own = strcmp(input, "metric") != 0;
    cli_error("%s:%zu: the first line must be the header `step,metric`%s%s%s, with two columns; %s%.*s%s",
              cli_display_name(path), line, own ? " or `step," : "", own ? input : "", own ? "`" : "",
              all.n ? "it is '" : "the file is empty", n, all.n ? all.at : "", all.n ? "'" : "");
    return CLI_DIAGNOSTICS;
}

static int add(metrics *m, size_t *cap, const char *path, size_t line, field step, field metric)
{
    observation v;
    if (!cli_parse_step(&v.step, step.at, step.n)) {
        return wrong(path, line, "not a step:", step);
    }
    if (has_comma(metric)) {
        return wrong(path, line, "two columns are wanted, step and metric; after the step there is", metric);
    }
    if (cli_number_is_too_large(metric.at, metric.n)) {
        return wrong(path, line, "out of the range of a double (write inf for infinity):", metric);
    }
    if (!parse_metric(&v.metric, metric)) {
        return wrong(path, line, "not a number:", metric);
    }
    if (m->n > 0 && v.step < m->at[m->n - 1].step) {
        cli_error("%s:%zu: step %lld comes after step %lld; the steps must not go back", cli_display_name(path), line,
                  (long long)v.step, (long long)m->at[m->n - 1].step);
        return CLI_DIAGNOSTICS;
    }
    if (m->n == *cap) {
        *cap = *cap ? 2 * *cap : 256;
        m->at = cli_realloc(m->at, *cap * sizeof *m->at);
    }
    m->at[m->n++] = v;
    return CLI_OK;
}

static int parse_all(metrics *m, const char *path, const char *text, size_t len, const char *input)
{
    size_t cap = 0, number = 0;
    int code = CLI_OK, header = 0;
    const char *p = text, *end = text + len;
    if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        p += 3;
    }
    while (p < end && code == CLI_OK) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        stop = stop ? stop : end;
        field all = trimmed(p, (size_t)(stop - p));
        number++;
        if (all.n > 0 && *all.at != '#') {
            const char *comma = memchr(p, ',', (size_t)(stop - p));
            if (!comma && !header) {
                code = parse_header(path, number, all, all, (field){"", 0}, input);
                break;
            }
            if (!comma) {
                code = wrong(path, number, "expected `step,metric`, got", all);
                break;
            }
            field step = trimmed(p, (size_t)(comma - p)), metric = trimmed(comma + 1, (size_t)(stop - comma - 1));
            code = header ? add(m, &cap, path, number, step, metric) : parse_header(path, number, all, step, metric, input);
            header = 1;
        }
        p = stop + (stop < end);
    }
    if (code == CLI_OK && !header) {
        code = parse_header(path, 1, (field){"", 0}, (field){"", 0}, (field){"", 0}, input);
    }
    return code;
}

int metrics_read(metrics *m, const char *path, const char *input)
{
    char *text;
    size_t len;
    m->at = NULL;
    m->n = 0;
    int code = cli_read(&text, &len, path, CLI_MAX_DATA);
    if (code == CLI_OK) {
        code = parse_all(m, path, text, len, input ? input : "metric");
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
