/* tokens.c: see tokens.h. Calls the scanner alone. */
#include "tokens.h"

#include <stdlib.h>
#include <string.h>

#include "parse.h"

typedef struct token_list {
    text_token *at;
    size_t n, cap;
    int failed;
} token_list;

static void add(token_list *l, enum token_class class, size_t begin, size_t end, int goes_on) {
    if (l->n == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 64;
        text_token *more = realloc(l->at, cap * sizeof *more);
        if (!more) {
            l->failed = 1;
            return;
        }
        l->at = more;
        l->cap = cap;
    }
    l->at[l->n++] = (text_token){class, begin, end, goes_on};
}

/* The scanner passes over comments: they are found in what lies between its tokens. */
static void add_comments(token_list *l, const char *text, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++) {
        int block = text[i] == '/' && i + 1 < end && text[i + 1] == '*';
        if (text[i] != '#' && !block)
            continue;
        const char *newline = block ? NULL : memchr(text + i, '\n', end - i);
        size_t stop = newline ? (size_t)(newline - text) : end;
        add(l, TOKEN_COMMENT, i, stop, 0);
        i = stop;
    }
}

static enum token_class class_of(const token *t, const char *word, size_t n, const keyword **k) {
    *k = NULL;
    switch (t->kind) {
    case RAW_NEWLINE: return TOKEN_NEWLINE;
    case T_NUMBER: return TOKEN_NUMBER;
    case T_STRING: return TOKEN_STRING;
    case T_LPAREN:
    case T_LBRACKET:
    case T_LBRACE: return TOKEN_OPEN;
    case T_RPAREN:
    case T_RBRACKET:
    case T_RBRACE: return TOKEN_CLOSE;
    case T_IDENT:
        *k = keyword_find(word, n);
        return !*k ? TOKEN_NAME : (*k)->class == KEYWORD_UNIT ? TOKEN_UNIT : TOKEN_KEYWORD;
    default: return TOKEN_SIGN;
    }
}

static void scan_all(token_list *l, parse *p) {
    size_t end = 0;
    for (;;) {
        token t = scan_next(p);
        const keyword *k;
        size_t begin = t.at.begin;
        add_comments(l, p->text, end, begin);
        end = t.at.end;
        if (t.kind == T_YYEOF || p->scan_failed || arena_failed(p->mem) || l->failed)
            return;
        enum token_class class = class_of(&t, p->text + begin, end - begin, &k);
        add(l, class, begin, end, layout_goes_on_after(k ? k->token : t.kind));
    }
}

size_t lrs_tokens(text_token **out, const char *text, size_t n) {
    token_list l = {0};
    arena mem;
    lrs_diagnostics *d = n <= LRS_MAX_SOURCE ? diags_new(NULL) : NULL;
    *out = NULL;
    arena_init(&mem, NULL);
    parse *p = d && diags_add_source(d, "", text, n) == 0 ? arena_alloc(&mem, sizeof *p) : NULL;
    if (p) {
        p->mem = &mem;
        p->d = d;
        p->text = d->sources.at[0].text;
        p->len = n;
        p->at_start = 1;
        if (scan_open(p) == LRS_OK)
            scan_all(&l, p);
        scan_close(p);
    }
    arena_free(&mem);
    lrs_diagnostics_free(d);
    *out = l.at;
    return l.n;
}

void lrs_text_open_add(text_open *o, const char *text, size_t n) {
    text_token *at;
    size_t count = lrs_tokens(&at, text, n);
    for (size_t i = 0; i < count; i++) {
        o->brackets += at[i].class == TOKEN_OPEN;
        o->brackets -= at[i].class == TOKEN_CLOSE && o->brackets > 0;
        if (at[i].class != TOKEN_NEWLINE && at[i].class != TOKEN_COMMENT)
            o->goes_on = at[i].goes_on;
    }
    free(at);
}

int lrs_text_is_open(const char *text, size_t n, int *depth) {
    text_open open = {0};
    lrs_text_open_add(&open, text, n);
    if (depth)
        *depth = open.brackets;
    return open.brackets > 0 || open.goes_on;
}
