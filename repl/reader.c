/* reader.c: see reader.h. */
#include "reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "commands.h"
#include "progress.h"
#include "repl.h"
#include "tokens.h"

/* The next line, its newline included, to the end of r->text. 0: there is none, or a signal came. */
static int read_line(reader *r)
{
    size_t begin = r->n;
    for (;;) {
        int c = getc(r->file);
        if (c == EOF && ferror(r->file) && errno == EINTR && !progress_stopped()) {
            clearerr(r->file);
            continue;
        }
        if (c == EOF) {
            return r->n > begin;
        }
        if (r->cap - r->n < 2) {
            r->cap = r->cap ? 2 * r->cap : 4096;
            r->text = cli_realloc(r->text, r->cap);
        }
        r->text[r->n++] = (char)c;
        r->text[r->n] = 0;
        if (c == '\n' || r->n - r->base > LRS_MAX_SOURCE) {
            return 1;
        }
    }
}

static int is_blank(const char *s, size_t n)
{
    while (n > 0 && strchr(" \t\r\n", s[n - 1])) {
        n--;
    }
    return n == 0;
}

static int interrupted(reader *r)
{
    clearerr(r->file);
    r->n = r->base;
    return READ_INTERRUPTED;
}

int reader_next(reader *r, session_origin *at, size_t *n)
{
    if (r->prompts) {
        r->n = 0;
    }
    r->base = r->n;
    for (int first = 1;; first = 0) {
        if (r->prompts) {
            fputs(first ? REPL_PROMPT : REPL_MORE, stdout);
            fflush(stdout);
        }
        size_t begin = r->n;
        int more = read_line(r);
        if (progress_stopped()) {
            return interrupted(r);
        }
        if (!more && first) {
            return READ_END;
        }
        const char *entry = r->text + r->base;
        int blank = is_blank(r->text + begin, r->n - begin);
        if (!more || (blank && r->prompts) || (first && is_command(entry)) || !lrs_text_is_open(entry, r->n - r->base, NULL)) {
            break;
        }
    }
    *n = r->n - r->base;
    *at = (session_origin){r->name, r->text, r->n, r->base};
    return READ_ENTRY;
}

void reader_close(reader *r)
{
    free(r->text);
    r->text = NULL;
}
