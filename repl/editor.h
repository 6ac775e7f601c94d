/* editor.h: what a line editor is to the REPL: a plugin, so that lrsc is linked with none.
 * The plugin knows keys and the screen; what lines mean it asks its host. */
#ifndef LRS_REPL_EDITOR_H
#define LRS_REPL_EDITOR_H

#include <stddef.h>
#include <stdint.h>

#define EDITOR_ABI 3

typedef struct editor_candidate {
    char *text, *help; /* owned by the list */
} editor_candidate;

/* What the word before the cursor may become. */
typedef struct editor_candidates {
    editor_candidate *at;
    size_t n;
    size_t begin; /* where that word begins */
    char after;   /* is typed after the only one; 0: nothing */
} editor_candidates;

typedef struct editor_host {
    void *ctx;
    int color;
    const char *prompt, *more; /* of the first line of an entry, and of the others; of the same width */
    const char *const *codes;  /* what the terminal is told for an ink */
    /* The ink of each byte. */
    void (*ink)(void *ctx, const char *text, size_t n, unsigned char *inks);
    /* The line below the entry, of at most `width` columns; NULL: there is none. The text stays the host's. */
    const char *(*below)(void *ctx, const char *text, size_t n, int width);
    void (*complete)(void *ctx, const char *text, size_t n, size_t point, editor_candidates *out);
    void (*drop)(editor_candidates *c);
    int (*is_command)(const char *text);
    /* May the character be shown as it is? */
    int (*is_shown)(uint32_t code_point);
    /* The entry cannot end here; *depth: brackets that are open. */
    int (*is_open)(const char *text, size_t n, int *depth);
    /* The settings of the terminal are the host's: hold remembers them, and gives them back, with `normal` written, when a signal
     * ends the process; release ends that. */
    int (*hold)(const char *normal);
    void (*release)(void);
} editor_host;

enum { EDITOR_ENTRY, EDITOR_END, EDITOR_INTERRUPTED };

typedef struct editor {
    int abi;
    const char *name; /* "readline 8.2" */
    void (*begin)(const editor_host *host);
    /* Reads one entry into malloc'ed memory. INTERRUPTED: Ctrl-C, the entry is what had been typed; END: the entry is NULL. The
     * terminal is as it was before the call, whatever happens in between. */
    int (*read)(char **entry);
    /* For going back to it. */
    void (*remember)(const char *entry);
    void (*end)(void);
} editor;

/* The one symbol of the plugin. */
typedef const editor *(*editor_fn)(void);
#define EDITOR_SYMBOL "lrs_line_editor"

#endif
