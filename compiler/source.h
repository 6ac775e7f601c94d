/* source.h: the texts of one compilation and places in them. */
#ifndef LRS_SOURCE_H
#define LRS_SOURCE_H

#include <stddef.h>
#include <stdint.h>

/* Bytes [begin, end) of source number `file`. Every token, AST node and diagnostic has one. call: what stands there is a copy
 * for this call of a template (diag_call), 0: it is not. */
typedef struct span {
    uint32_t file;
    uint32_t begin, end;
    uint32_t call;
} span;

typedef struct source {
    const char *name; /* as shown to people */
    const char *text;
    size_t len;       /* at most LRS_MAX_SOURCE bytes */
    int lines_before; /* the text is a part of a longer one, and begins so many lines into it */
    size_t given;     /* its number among the sources of lrs_options, from 1; 0: it is none of these */
} source;

typedef struct source_map {
    source *at;
    size_t n, cap;
} source_map;

/* What a source may have. A schedule of a thousand phases takes some 30 KB and 10,000 parts; these limits keep whatever a
 * stranger writes below 100 MB and a second. docs/language.md lists all limits. */
#define LRS_MAX_SOURCE ((size_t)4 << 20)
#define LRS_MAX_PARTS (1u << 17) /* nodes of the trees */

/* 1-based line and byte column of an offset; lines end at \n. */
void source_position(const source *s, size_t offset, int *line, int *column);
/* The line that holds an offset, without its newline. */
void source_line(const source *s, size_t offset, size_t *begin, size_t *end);
/* The smallest span that holds both (same file). */
span span_join(span a, span b);

#endif
