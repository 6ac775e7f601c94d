/* syntax_show.c: what the golden tests of the syntax look at.
 * syntax_show ast|errors NAME < text: the tree, or the diagnostics as they are rendered. 0 without an error, 1 with
 * one. Linked with a parser that can tell what it does (traced_parser.c), it tells so on stderr. */
#include "ast.h"
#include "diag.h"
#include "parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(void *ctx, const char *text, size_t n) {
    fwrite(text, 1, n, ctx);
}

static char *read_all(FILE *f, size_t *n) {
    size_t cap = 1 << 16;
    char *text = malloc(cap);
    *n = 0;
    while (text) {
        *n += fread(text + *n, 1, cap - *n, f);
        if (*n < cap)
            break;
        cap *= 2;
        text = realloc(text, cap);
    }
    return text;
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    size_t n;
    char *text = read_all(stdin, &n);
    lrs_diagnostics *d = diags_new(NULL);
    if (!text || !d || diags_add_source(d, argv[2], text, n) < 0)
        return 2;
    arena mem;
    arena_init(&mem, NULL);
#if LRS_YDEBUG
    lrs_ydebug = 1;
#endif
    ast_stmt *program;
    int result = lrs_parse(&program, &mem, d, 0);
    if (strcmp(argv[1], "ast") == 0)
        ast_print(program, put, stdout);
    size_t length = lrs_diagnostics_render(d, 0, NULL, 0);
    char *rendered = malloc(length + 1);
    if (!rendered)
        return 2;
    lrs_diagnostics_render(d, 0, rendered, length + 1);
    fputs(rendered, stdout);
    free(rendered);
    lrs_diagnostics_free(d);
    arena_free(&mem);
    free(text);
    return result == LRS_OK ? 0 : 1;
}
