/* repl.h: `lrsc repl`: schedules tried out line by line; and what its parts share. */
#ifndef LRS_REPL_REPL_H
#define LRS_REPL_REPL_H

#include <sys/stat.h>
#include "cli_options.h"
#include "history.h"
#include "session.h"

/* A file as this session saw it last. */
typedef struct file_seen {
    char *path; /* the real one */
    struct stat st;
} file_seen;

typedef struct repl {
    const cli_options *options;
    session session;
    history history;
    char *draft;     /* the file that :edit was left with, when that was no program; NULL: none */
    char *draft_of;  /* the text of the session that it began with */
    file_seen *seen; /* files that were loaded or saved, as they were then */
    size_t nseen;
    int interactive; /* somebody sees it: prompts, colours, mini plots in the size of a terminal */
    int quiet;       /* the file of settings is being run: only errors are shown */
    int timing;      /* :time */
    int leaving;     /* :quit */
} repl;

int lrs_repl(const cli_options *o); /* the exit code */

/* One entry: a command, or a piece of program. The exit code that it comes to. */
int repl_enter(repl *r, const session_origin *at, size_t n);
/* Draws what the session holds, in a few rows, and a line of numbers. */
int repl_show(repl *r);
/* Prints what is wrong with an entry: in a terminal below the line, with carets under what was typed. */
void repl_show_diagnostics(const repl *r, lrs_diagnostics *d, const session_origin *at, size_t n);

/* What edits lines: "readline 8.2", or why nothing does. */
const char *repl_editing(void);

#define REPL_PROMPT "lrs> "
#define REPL_MORE "...> "

#endif
