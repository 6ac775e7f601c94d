/* tokens.h: a text as editors see it: pieces with places and classes, from the compiler's own scanner.
 * In: any bytes. Out: tokens in the order of the text, comments among them. What the scanner finds wrong is left out: saying so
 * is the parser's task. */
#ifndef LRS_TOKENS_H
#define LRS_TOKENS_H

#include <stddef.h>

enum token_class {
    TOKEN_NAME, TOKEN_KEYWORD, TOKEN_UNIT, TOKEN_NUMBER, TOKEN_STRING, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_SIGN, TOKEN_NEWLINE, TOKEN_COMMENT
};

typedef struct text_token {
    enum token_class class;
    size_t begin, end;
    int goes_on; /* a newline after it is white space */
} text_token;

/* A malloc'ed list in *out; free it. Returns their number; 0 without memory. */
size_t lrs_tokens(text_token **out, const char *text, size_t n);

/* What is open after some lines: from zeros, with line after line added. */
typedef struct text_open {
    int brackets;
    int goes_on; /* after the last token */
} text_open;
void lrs_text_open_add(text_open *o, const char *lines, size_t n);

/* A person who ends the line here has not finished: a bracket is open, or the last token goes on. *depth: the open brackets; may
 * be NULL. */
int lrs_text_is_open(const char *text, size_t n, int *depth);

#endif
