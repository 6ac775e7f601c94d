/* session.h: the program that a session holds, and how what is typed changes it.
 * In: entries, pieces of text in the language. Out: the program amended, or diagnostics and the program as it was. Prints
 * nothing. Calls the compiler. Each change makes a version, so that all can be undone.
 *
 * The rules: a declaration replaces the one of its name, or is added. A phase that does not begin with `then` begins the schedule
 * anew: the phases, rules and bounds before it go, and `schedule lr { }` too. A phase that begins with `then` goes on after the
 * last one. `on`, `at` and `every` are added; `bounds` replaces the bounds. What is no statement but an expression is
 * computed, and changes nothing. */
#ifndef LRS_REPL_SESSION_H
#define LRS_REPL_SESSION_H

#include "cli_options.h"
#include "diag.h"
#include "items.h"
#include "moved.h"

/* What changes take back and bring back. */
typedef struct session_version {
    session_program program;
    lrs_binding *sets; /* -D and :set; the names are owned */
    size_t nsets;
    char *path;   /* of the file that was loaded or saved last; NULL: none */
    char *folder; /* where `use "file.lrs"` looks first: that of the file that was loaded; NULL: none */
} session_version;

typedef struct session_versions {
    session_version *at; /* the latest last */
    size_t n;
} session_versions;

typedef struct session {
    const cli_options *options; /* -D, -I, -W as lrsc was called with */
    session_version now;
    session_versions undo, redo;
} session;

enum session_kind { SESSION_NOTHING, SESSION_CHANGED, SESSION_VALUE, SESSION_ERROR };
enum session_type { SESSION_NUMBER, SESSION_TIME, SESSION_TRUTH };

/* What an entry came to. */
typedef struct session_result {
    enum session_kind kind;
    lrs_diagnostics *diagnostics; /* or NULL */
    char *canonical;              /* CHANGED: its statements in canonical form, with newlines between */
    enum session_type type;       /* VALUE */
    double value;
    const char *unit;             /* of TIME; static */
    lrs_program *compiled;        /* of session_try and session_check: the whole program; NULL: it has no schedule */
} session_result;
void session_result_free(session_result *r);

void session_init(session *s, const cli_options *o);
void session_free(session *s);

/* Judges the entry and, when it is sound, amends the session. */
void session_enter(session *s, const session_origin *at, size_t n, session_result *r);
/* The same without changing anything; the compiled program goes to the caller. */
void session_try(const session *s, const session_origin *at, size_t n, session_result *r);
/* A whole file in place of the program; its own folder is where its `use` looks. What was set goes, but not what -D said.
 * path NULL: the session's own text, changed by hand. What is set of params that are as they were stays. */
void session_load(session *s, const session_origin *at, const char *path, session_result *r);
/* Empties the program. */
void session_new(session *s);
/* What was before the last change, and what was before that was undone; 0: there is nothing. */
int session_undo(session *s);
int session_redo(session *s);
/* The session, and the versions of it before and after that have the same file, have this one from now on. */
void session_rename(session *s, const char *path);

/* The text of the program, malloc'ed; "" when there is none. */
char *session_text(const session *s);
/* The same, and where it has no schedule, the simplest one: declarations alone are no program. */
char *session_judged_text(const session *s);
/* The text with what was set, but not by -D, as defaults of its params. *set: these, as in "peak = 0.001, total = 90000";
 * "": there is nothing. Both malloc'ed. */
char *session_saved_text(const session *s, char **set);
/* The text in canonical form, without comments and without a newline at its end. */
char *session_canonical(const session *s);
/* There is something to draw. */
int session_has_schedule(const session *s);

/* Gives params values, as -D does, when the program takes them; else the session stays as it was, and the result says why not. */
void session_set(session *s, const lrs_binding *sets, size_t n, session_result *r);
/* Judges the session's text, which *at holds, with the values that are set now. */
void session_check(const session *s, const session_origin *at, session_result *r);
int session_is_param(const session *s, const char *name);
/* The options of a verb that looks at the session: -D, -I and others of s added to o. The names are s's, all arrays are
 * malloc'ed: session_options_free. */
void session_options(const session *s, cli_options *o);
void session_options_free(cli_options *o);

/* For what judges texts: compiles one with what a version has set. NULL with diagnostics in *d. */
lrs_program *session_compile(const session *s, const session_version *v, const char *text, size_t n, lrs_diagnostics **d);

#endif
