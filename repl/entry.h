/* entry.h: an entry as statements, and the program that it makes of another.
 * In: a text in the language. Out: its tree, with tokens and diagnostics; the program with the entry in it, by the rules of session.h. */
#ifndef LRS_REPL_ENTRY_H
#define LRS_REPL_ENTRY_H

#include "ast.h"
#include "diag.h"
#include "items.h"
#include "moved.h"
#include "tokens.h"

/* A parsed entry. */
typedef struct entry {
    const char *text;
    size_t n;
    arena mem;
    lrs_diagnostics *d;
    ast_stmt *statements;
    int status;
    text_token *tokens;
    size_t ntokens;
} entry;

void entry_parse(entry *e, const session_origin *at, size_t n);
void entry_free(entry *e);
/* The program with the entry in it. in_order: as it stands in a file. When that cannot be, the entry says so. */
session_program entry_amend(const session_program *old, entry *e, int in_order);
/* Its statements in canonical form, with newlines between; malloc'ed. */
char *entry_canonical(const entry *e);

#endif
