/* session.h: the program that a session holds, and how what is typed changes it.
 * In: entries, pieces of text in the language. Out: the program amended, or diagnostics and the program as it was. Prints
 * nothing. Calls the compiler.
 *
 * The rules: a declaration replaces the one of its name, or is added. A phase that does not begin with `then` begins the schedule
 * anew: the phases, rules and bounds before it go, and `schedule lr { }` too. A phase that begins with `then` goes on after the
 * last one. `on`, `at` and `every` are added; `bounds` replaces the bounds. What is no statement but an expression is
 * computed, and changes nothing. */
#ifndef LRS_REPL_SESSION_H
#define LRS_REPL_SESSION_H

#include "ast.h"
#include "cli_options.h"
#include "diag.h"

/* One statement of the program. */
typedef struct session_item {
    enum ast_stmt_kind kind;
    char *key;  /* what it is replaced by: "name peak", "law exp", "schedule lr"; "": nothing */
    char *lead; /* comment lines before it, each with its newline */
    char *text;
    char *tail; /* a comment on its last line; of the last statement of an entry, the comment lines below it too */
    int fresh;  /* of the entry that is being tried, where it is from `from` on */
    size_t from;
} session_item;

typedef struct session_program {
    session_item *items;
    size_t n;
} session_program;

typedef struct session {
    const cli_options *options; /* -D, -I, -W as lrsc was called with */
    session_program program;
    session_program *undo; /* those before, the latest last */
    size_t nundo;
    lrs_binding *sets; /* -D and :set; the names are owned */
    size_t nsets;
    char *folder;  /* of the file that was loaded, where `use "file.lrs"` looks first; NULL: none */
} session;

/* Where an entry was typed or read, for messages: it is text[base .. base + its length). */
typedef struct session_origin {
    const char *name; /* "<stdin>", a path; "<input>" in a terminal */
    const char *text;
    size_t n, base;
    int lines_before; /* of the stream, before the text */
} session_origin;

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
/* A whole file in place of the program; its own folder is where its `use` looks. What was set goes, but not what -D said. */
void session_load(session *s, const session_origin *at, const char *path, session_result *r);
/* Empties the program. */
void session_new(session *s);
/* The program before the last change; 0: there is none. */
int session_undo(session *s);

/* The text of the program, malloc'ed; "" when there is none. */
char *session_text(const session *s);
/* The same, and where it has no schedule, the simplest one: declarations alone are no program. */
char *session_judged_text(const session *s);
/* The text in canonical form, without comments and without a newline at its end. */
char *session_canonical(const session *s);
/* There is something to draw. */
int session_has_schedule(const session *s);

/* A param's value: as -D gives it. 0, or -1: the program has no such param. */
int session_set(session *s, const char *name, double value);
/* All values at once, for taking changes back. The names are copied. */
void session_replace_sets(session *s, const lrs_binding *sets, size_t n);
/* Judges the session's text, which *at holds, with the values that are set now. */
void session_check(const session *s, const session_origin *at, session_result *r);
int session_is_param(const session *s, const char *name);
/* The options of a verb that looks at the session: -D, -I and others of s added to o. The names are s's, all arrays are
 * malloc'ed: session_options_free. */
void session_options(const session *s, cli_options *o);
void session_options_free(cli_options *o);

#endif
