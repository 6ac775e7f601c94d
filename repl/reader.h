/* reader.h: where entries come from: a stream, line by line; or a person at a terminal.
 * In: lines. Out: whole entries: while a bracket is open, or the line ends where a statement goes on, the next line belongs to it. */
#ifndef LRS_REPL_READER_H
#define LRS_REPL_READER_H

#include <stdio.h>
#include "session.h"

typedef struct reader {
    FILE *file;
    int prompts;      /* a person types: prompts, and a blank line ends an entry */
    const char *name; /* for messages */
    char *text;       /* the entry */
    size_t n, cap;
    int lines;        /* that were read */
} reader;

enum { READ_ENTRY, READ_END, READ_INTERRUPTED };

/* An entry of reader->text: *at says where. */
int reader_next(reader *r, session_origin *at, size_t *n);
void reader_close(reader *r);

#endif
