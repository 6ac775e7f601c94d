/* reader.c: see reader.h. */
#include "reader.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include "cli_io.h"
#include "commands.h"
#include "progress.h"
#include "repl.h"
#include "tokens.h"

/* Waits until a terminal has a line. A Ctrl-C that comes after the prompt and before the reading is not lost: it is let through while this
 * waits, and not before. A terminal gives a line at a time, so that nothing waits in the buffer of the file. 0: a signal came. */
static int wait_for_line(FILE *f)
{
    sigset_t interrupt, before;
    int status = 0, error = 0;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    sigprocmask(SIG_BLOCK, &interrupt, &before);
    do {
        fd_set input;
        FD_ZERO(&input);
        FD_SET(fileno(f), &input);
        status = progress_stopped() ? 0 : pselect(fileno(f) + 1, &input, NULL, NULL, NULL, &before);
        error = errno;
    } while (status < 0 && error == EINTR && !progress_stopped());
    sigprocmask(SIG_SETMASK, &before, NULL);
    return !progress_stopped();
}

/* The next line, its newline included, to the end of r->text. 0: there is none, or a signal came. */
static int read_line(reader *r)
{
    size_t begin = r->n;
    if (r->prompts && !wait_for_line(r->file)) {
        return 0;
    }
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
        r->lines += c == '\n';
        if (c == '\n' || r->n > LRS_MAX_SOURCE) {
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

int reader_next(reader *r, session_origin *at, size_t *n)
{
    text_open open = {0};
    int lines_before = r->lines;
    r->n = 0;
    for (int first = 1;; first = 0) {
        if (r->prompts) {
            fputs(first ? REPL_PROMPT : REPL_MORE, stdout);
            fflush(stdout);
        }
        size_t begin = r->n;
        int more = read_line(r);
        if (progress_stopped()) {
            clearerr(r->file);
            return READ_INTERRUPTED;
        }
        if (!more && first) {
            return READ_END;
        }
        const char *line = r->text + begin;
        if (!more || (is_blank(line, r->n - begin) && r->prompts) || (first && is_command(line)) || r->n > LRS_MAX_SOURCE) {
            break;
        }
        lrs_text_open_add(&open, line, r->n - begin);
        if (open.brackets == 0 && !open.goes_on) {
            break;
        }
    }
    *n = r->n;
    *at = (session_origin){r->name, r->text, r->n, 0, r->prompts ? 0 : lines_before};
    return READ_ENTRY;
}

void reader_close(reader *r)
{
    free(r->text);
    r->text = NULL;
}
