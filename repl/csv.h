/* csv.h: tables of numbers as text. In: a csv file with a header. Out: its lines, taken apart; messages with file and line
 * for what is wrong in them. What the columns mean is the caller's.
 * Empty lines and lines that begin with `#` are skipped, and so is a byte order mark. Functions that return an exit code
 * have printed their message. */
#ifndef LRS_REPL_CSV_H
#define LRS_REPL_CSV_H

#include <stddef.h>
#include <stdint.h>

/* A piece of the text. */
typedef struct csv_field {
    const char *at;
    size_t n;
} csv_field;

typedef struct csv_line {
    const char *path;
    size_t number; /* from 1 */
    csv_field text; /* without blanks and quotes around it */
    csv_field raw;
} csv_line;

typedef struct csv_reader {
    int (*header)(void *ctx, const csv_line *line); /* with an empty text when the file has no line */
    int (*row)(void *ctx, const csv_line *line);
    void *ctx;
} csv_reader;

/* Hands the first line to header and the others to row, until one of them does not return 0; returns that. */
int csv_read(const char *path, const csv_reader *r);

/* How many columns a line has, and column number k of them, from 0, without blanks and quotes around it. Past the last one it
 * is empty. */
size_t csv_columns(const csv_line *line);
csv_field csv_column(const csv_line *line, size_t k);
/* The column that begins at a place of line->raw, and where the next one begins; NULL: it is the last. */
const char *csv_take(const csv_line *line, const char *at, csv_field *column);
/* From column k to the end of the line. */
csv_field csv_rest(const csv_line *line, size_t k);
int csv_is(csv_field f, const char *word);

/* "FILE:LINE: what 'FIELD'", cut to fit; returns CLI_DIAGNOSTICS. */
int csv_wrong(const csv_line *line, const char *what, csv_field f);
/* A number, or nan, inf, -inf; an empty field is NaN. */
int csv_number(double *out, const csv_line *line, csv_field f);
int csv_step(int64_t *out, const csv_line *line, csv_field f);
/* A row must have as many columns as the header. */
int csv_check_columns(const csv_line *line, size_t columns);

#endif
