/* history.h: what was typed in earlier sessions.
 * In: entries, and a file that several sessions may share. Out: the entries, oldest first. $LRS_HISTORY names the file, else it is
 * ${XDG_STATE_HOME:-~/.local/state}/lrs/history; with an empty LRS_HISTORY there is none. A line is an entry, with newlines in it
 * written \n. Only its owner may read the file. */
#ifndef LRS_REPL_HISTORY_H
#define LRS_REPL_HISTORY_H

#include <stddef.h>

#define HISTORY_MOST 10000

typedef struct history {
    char *path; /* NULL: not kept */
    char **at;
    size_t n;
    char *trouble; /* why the file is not written; NULL: nothing is known against it */
    int told;      /* that was said */
} history;

/* Reads the file, where there is one. It is no error when it cannot be read or written: the list goes on without. */
void history_open(history *h);
void history_close(history *h);
/* Says why entries do not get into the file, if they do not: once. */
void history_tell_trouble(history *h);
/* An entry goes to the end, of the file too; an equal one before it goes from the list. */
void history_add(history *h, const char *entry);

#endif
