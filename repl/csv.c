/* csv.c: see csv.h. */
#include "csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "cli_number.h"
#include "cli_options.h"

static csv_field trimmed(const char *at, size_t n)
{
    while (n > 0 && (*at == ' ' || *at == '\t')) {
        at++;
        n--;
    }
    while (n > 0 && (at[n - 1] == ' ' || at[n - 1] == '\t' || at[n - 1] == '\r')) {
        n--;
    }
    return (csv_field){at, n};
}

static csv_field unquoted(csv_field f)
{
    return f.n >= 2 && *f.at == '"' && f.at[f.n - 1] == '"' ? (csv_field){f.at + 1, f.n - 2} : f;
}

/* The comma after the column that begins here, or the end of the line. Between quotes commas are text; a quote without its
 * other one is a letter like others. */
static const char *end_of(const char *at, const char *end)
{
    const char *after = at;
    while (after < end && (*after == ' ' || *after == '\t')) {
        after++;
    }
    if (after < end && *after == '"') {
        do { /* two quotes are one of the text */
            const char *quote = memchr(after + 1, '"', (size_t)(end - after - 1));
            after = quote ? quote + 1 : NULL;
        } while (after && after < end && *after == '"');
        at = after ? after : at;
    }
    const char *comma = memchr(at, ',', (size_t)(end - at));
    return comma ? comma : end;
}

/* Where column k begins; the end of the line when there is none. */
static const char *begin_of(const csv_line *line, size_t k)
{
    const char *at = line->raw.at, *end = at + line->raw.n;
    for (; k > 0; k--) {
        at = end_of(at, end);
        at += at < end;
    }
    return at;
}

csv_field csv_column(const csv_line *line, size_t k)
{
    const char *at = begin_of(line, k), *end = line->raw.at + line->raw.n;
    return unquoted(trimmed(at, (size_t)(end_of(at, end) - at)));
}

const char *csv_take(const csv_line *line, const char *at, csv_field *column)
{
    const char *end = line->raw.at + line->raw.n, *stop = end_of(at, end);
    *column = unquoted(trimmed(at, (size_t)(stop - at)));
    return stop < end ? stop + 1 : NULL;
}

csv_field csv_rest(const csv_line *line, size_t k)
{
    const char *at = begin_of(line, k);
    return trimmed(at, (size_t)(line->raw.at + line->raw.n - at));
}

size_t csv_columns(const csv_line *line)
{
    size_t n = 1;
    const char *at = line->raw.at, *end = at + line->raw.n;
    while ((at = end_of(at, end)) < end) {
        at++;
        n++;
    }
    return n;
}

int csv_is(csv_field f, const char *word)
{
    return f.n == strlen(word) && memcmp(f.at, word, f.n) == 0;
}

int csv_wrong(const csv_line *line, const char *what, csv_field f)
{
    cli_error("%s:%zu: %s '%.*s'", cli_display_name(line->path), line->number, what, (int)(f.n > 60 ? 60 : f.n), f.at);
    return CLI_DIAGNOSTICS;
}

static int parse_number(double *out, csv_field f)
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
        if (csv_is(f, words[i].word)) {
            *out = words[i].value;
            return 1;
        }
    }
    return cli_parse_number(out, f.at, f.n);
}

int csv_number(double *out, const csv_line *line, csv_field f)
{
    if (cli_number_is_too_large(f.at, f.n)) {
        return csv_wrong(line, "out of the range of a double (write inf for infinity):", f);
    }
    return parse_number(out, f) ? CLI_OK : csv_wrong(line, "not a number:", f);
}

int csv_step(int64_t *out, const csv_line *line, csv_field f)
{
    return cli_parse_step(out, f.at, f.n) ? CLI_OK : csv_wrong(line, "not a step:", f);
}

int csv_check_columns(const csv_line *line, size_t columns)
{
    if (csv_columns(line) == columns) {
        return CLI_OK;
    }
    return csv_wrong(line, "there are not as many columns as in the header:", line->text);
}

static int read_lines(const csv_reader *r, const char *path, const char *text, size_t len)
{
    csv_line line = {.path = path};
    int headed = 0, code = CLI_OK;
    const char *p = text, *end = text + len;
    if (len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        p += 3;
    }
    while (p < end && code == CLI_OK) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        stop = stop ? stop : end;
        line.raw = (csv_field){p, (size_t)(stop - p)};
        line.text = trimmed(line.raw.at, line.raw.n);
        line.number++;
        if (line.text.n > 0 && *line.text.at != '#') {
            code = headed ? r->row(r->ctx, &line) : r->header(r->ctx, &line);
            headed = 1;
        }
        p = stop + (stop < end);
    }
    if (code == CLI_OK && !headed) {
        code = r->header(r->ctx, &(csv_line){path, 1, {"", 0}, {"", 0}});
    }
    return code;
}

int csv_read(const char *path, const csv_reader *r)
{
    char *text;
    size_t len;
    int code = cli_read(&text, &len, path, CLI_MAX_DATA);
    code = code ? code : read_lines(r, path, text, len);
    free(text);
    return code;
}
