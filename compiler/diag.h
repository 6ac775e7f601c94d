/* diag.h: errors as data. Everything that judges a program reports here; one renderer turns it into text.
 * Codes, their short titles and long explanations are one table: diag.def. */
#ifndef LRS_DIAG_H
#define LRS_DIAG_H

#include "arena.h"
#include "lrs/lrs.h"
#include "source.h"

/* DIAG(number, severity, name, "title", "long explanation shown by lrsc --explain") in diag.def */
enum diag_code {
#define DIAG(number, severity, name, title, explanation) DIAG_##name = number,
#include "diag.def"
#undef DIAG
};

typedef struct diag diag;
struct diag {
    enum diag_code code;
    int severity; /* LRS_NOTE, LRS_WARNING, LRS_ERROR */
    span at;            /* in a template's copy: the call of it, outside of all templates */
    span from;          /* what it was added for */
    diag *place;        /* the note that shows it, when that is elsewhere; else NULL */
    const char *message;
    const char *label;  /* beside the caret, or NULL */
    const char *fix;    /* replaces `at`, or NULL */
    const char *help;   /* or NULL */
    diag *notes;        /* further places: "defined here" */
    diag *next;
};

/* A call of a template, which may stand in another template's copy. */
typedef struct diag_call {
    span at;
    const char *name;
} diag_call;
typedef struct diag_calls {
    diag_call *at;
    size_t n, cap;
} diag_calls;

/* An ordered list. Owns its memory (the arena inside), so it can outlive the compilation. */
struct lrs_diagnostics {
    arena mem;
    source_map sources; /* names and texts, copied, so that rendering needs nothing else */
    diag_calls calls;
    diag *first, **tail;
    size_t count;       /* in the list */
    size_t errors;      /* errors added, also those past the limit */
    size_t repeated;    /* those of them that are said once for all calls of a template */
    size_t others;      /* warnings and notes added, likewise */
    size_t max_errors;  /* of each kind; past that, one line says how many more; default 50 */
    int for_command;    /* advice is what is typed to lrsc, as -D and -I; else what any program can do */
    lrs_allocator allocator;
    diag scratch;       /* what diag_add returns when there is nothing to keep */
};

lrs_diagnostics *diags_new(const lrs_allocator *allocator); /* NULL: no memory */
/* Adds source number sources.n; text is copied. 0, or -1 without memory. */
int diags_add_source(lrs_diagnostics *d, const char *name, const char *text, size_t len);

/* Registers a call of a template: what goes into `call` of the spans of its copy. 0 without memory. */
uint32_t diags_add_call(lrs_diagnostics *d, const char *name, span at);

/* Adds one; the severity is that of the table. What is in a template's copy is reported where the template is called, and
 * notes show the places in the templates; a label and a fix then belong to the innermost. Never NULL: without memory, and past the limit, it returns a dummy, and
 * d->errors still counts. */
diag *diag_add(lrs_diagnostics *d, enum diag_code code, span at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void diag_label(lrs_diagnostics *d, diag *g, const char *format, ...) __attribute__((format(printf, 3, 4)));
void diag_fix(lrs_diagnostics *d, diag *g, const char *format, ...) __attribute__((format(printf, 3, 4)));
void diag_help(lrs_diagnostics *d, diag *g, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* What it was added for is a larger part of the same text: its fix replaces all of it. */
void diag_span(lrs_diagnostics *d, diag *g, span at);
void diag_note(lrs_diagnostics *d, diag *g, span at, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Puts the diagnostics from *from on (a link of the list: &d->first, or the d->tail of some time ago) in the order of
 * their places; those of one place stay in the order of their making. */
void diags_sort(lrs_diagnostics *d, diag **from);

/* The candidate nearest to name by edit distance when it is near enough to be a typo, else NULL. */
const char *diag_did_you_mean(const char *name, const char *const *candidates, size_t n);

/* Is one of the words in the name? Names are split at `_`, at digits and where a capital follows a small letter: `f1` and `map` are
 * in `val_f1` and in `mAP50`, and `acc` is not in `accum`. The words are of small letters; NULL ends them. */
int diag_has_word(const char *name, const char *const *words);

/* The text as messages show it, character by character (spell_char): it, or a copy in mem; "": no memory. */
const char *diag_visible(arena *mem, const char *text);

/* The long form of --explain, or NULL. */
const char *diag_explain(int code);
const char *diag_title(int code);

#endif
