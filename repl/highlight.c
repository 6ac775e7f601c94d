/* highlight.c: see highlight.h. */
#include "highlight.h"

#include <stdlib.h>
#include <string.h>
#include "names.h"
#include "tokens.h"

const char *const highlight_codes[HIGHLIGHTS] = {
    [HIGHLIGHT_NONE] = "",           [HIGHLIGHT_KEYWORD] = "\033[1;34m", [HIGHLIGHT_LAW] = "\033[36m",     [HIGHLIGHT_NUMBER] = "\033[33m",
    [HIGHLIGHT_UNIT] = "\033[32m",   [HIGHLIGHT_STRING] = "\033[32m",    [HIGHLIGHT_COMMENT] = "\033[2m",  [HIGHLIGHT_COMMAND] = "\033[1;35m",
};

static enum highlight ink_of(const char *text, const text_token *t)
{
    switch (t->class) {
    case TOKEN_KEYWORD:
        return HIGHLIGHT_KEYWORD;
    case TOKEN_UNIT:
        return HIGHLIGHT_UNIT;
    case TOKEN_NUMBER:
        return HIGHLIGHT_NUMBER;
    case TOKEN_STRING:
        return HIGHLIGHT_STRING;
    case TOKEN_COMMENT:
        return HIGHLIGHT_COMMENT;
    case TOKEN_NAME:
        return names_is_law(text + t->begin, t->end - t->begin) ? HIGHLIGHT_LAW : HIGHLIGHT_NONE;
    default:
        return HIGHLIGHT_NONE;
    }
}

void highlight(unsigned char *inks, const char *text, size_t n)
{
    text_token *at;
    size_t skip = 0;
    memset(inks, HIGHLIGHT_NONE, n);
    while (skip < n && (text[skip] == ' ' || text[skip] == '\t')) {
        skip++;
    }
    if (skip < n && (text[skip] == ':' || text[skip] == '?')) { /* a command: its name */
        size_t end = skip;
        while (end < n && !strchr(" \t\n", text[end])) {
            end++;
        }
        memset(inks + skip, HIGHLIGHT_COMMAND, end - skip);
        return;
    }
    size_t count = lrs_tokens(&at, text, n);
    for (size_t i = 0; i < count; i++) {
        if (at[i].end <= n) {
            memset(inks + at[i].begin, (int)ink_of(text, &at[i]), at[i].end - at[i].begin);
        }
    }
    free(at);
}
