/* test_robust.c: whatever the bytes are, the parser returns a tree or at least one error, and never crashes or leaks.
 *
 *   test_robust prefixes FILE...    every prefix of every file
 *   test_robust mutations FILE...   20000 seeded mutations of them
 *   test_robust memory FILE...      the nth allocation fails, for every n
 *
 * A file whose name ends in .src holds several programs, each after a line that begins with `===`. */
#include "ast.h"
#include "diag.h"
#include "parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t parses, trees, refused;

static void fail(const char *what, const char *text, size_t n) {
    fprintf(stderr, "%s; the program is:\n", what);
    fwrite(text, 1, n, stderr);
    fprintf(stderr, "\n--- %zu bytes\n", n);
    exit(1);
}

static void count_bytes(void *ctx, const char *text, size_t n) {
    (void)text;
    *(size_t *)ctx += n;
}

/* Checks that every span lies in the text and every node is reachable: printing walks the whole tree. */
static int parse_text(const char *text, size_t n, const lrs_allocator *allocator, int must_fit) {
    lrs_diagnostics *d = diags_new(allocator);
    if (!d)
        return LRS_E_NOMEM;
    if (diags_add_source(d, "x.lrs", text, n) < 0) {
        lrs_diagnostics_free(d);
        return LRS_E_NOMEM;
    }
    arena mem;
    arena_init(&mem, allocator);
    ast_stmt *program;
    int result = lrs_parse(&program, &mem, d, 0);
    if (result == LRS_E_NOMEM && must_fit)
        fail("out of memory", text, n);
    if (result == LRS_OK && d->errors > 0)
        fail("accepted in spite of an error", text, n);
    if (result == LRS_E_SOURCE && d->errors == 0)
        fail("refused without an error", text, n);
    size_t printed = 0;
    ast_print(program, count_bytes, &printed);
    for (const diag *g = d->first; g; g = g->next)
        if (g->at.begin > g->at.end || g->at.end > n)
            fail("a diagnostic outside the text", text, n);
    char buffer[4096];
    lrs_diagnostics_render(d, 0, buffer, sizeof buffer);
    lrs_diagnostics_free(d);
    arena_free(&mem);
    parses++;
    trees += result == LRS_OK;
    refused += result == LRS_E_SOURCE;
    return result;
}

static char *read_file(const char *path, size_t *n) {
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        exit(2);
    }
    fseek(f, 0, SEEK_END);
    *n = (size_t)ftell(f);
    rewind(f);
    char *text = malloc(*n + 1);
    if (!text || fread(text, 1, *n, f) != *n)
        exit(2);
    text[*n] = '\0';
    fclose(f);
    return text;
}

/* ---- the programs ---- */

static struct program {
    char *text;
    size_t n;
} programs[512];
static size_t nprograms;

static void add_program(const char *text, size_t n) {
    if (nprograms == sizeof programs / sizeof programs[0])
        return;
    /* An exact copy, so that the sanitizer sees a read past the end. */
    char *copy = malloc(n ? n : 1);
    if (!copy)
        exit(2);
    memcpy(copy, text, n);
    programs[nprograms].text = copy;
    programs[nprograms++].n = n;
}

static void load(int nfiles, char **files) {
    for (int i = 0; i < nfiles; i++) {
        size_t n;
        char *text = read_file(files[i], &n);
        size_t length = strlen(files[i]);
        if (length > 4 && strcmp(files[i] + length - 4, ".src") == 0) {
            for (char *s = strstr(text, "==="); s;) {
                char *begin = strchr(s, '\n');
                if (!begin)
                    break;
                begin++;
                char *end = strstr(begin, "\n===");
                add_program(begin, end ? (size_t)(end + 1 - begin) : strlen(begin));
                s = end ? end + 1 : NULL;
            }
        } else {
            add_program(text, n);
        }
        free(text);
    }
}

/* ---- the tests ---- */

static void prefixes(void) {
    for (size_t i = 0; i < nprograms; i++)
        for (size_t n = 0; n <= programs[i].n; n++) {
            char *exact = malloc(n ? n : 1);
            if (!exact)
                exit(2);
            memcpy(exact, programs[i].text, n);
            parse_text(exact, n, NULL, 1);
            free(exact);
        }
}

static uint64_t seed = 7;

static size_t below(size_t n) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return n ? (size_t)((seed >> 33) % n) : 0;
}

static void mutations(void) {
    static const char *const pieces[] = {
        "(",  ")",       "[",        "]",  "{",      "}",        ";",    "\n",
        "->", "then",    "*",        "-",  "not ",   "^",        "=",    "..",
        ",",  "5",       "1e",       "\"", "#",      "\x80",     "\xff", "until",
        "on", "param x", "curve f(", ":",  "epochs", "plateau(", "%",    "\xe2\x86\x92",
        ".",  "repeat",  "points"};
    for (int i = 0; i < 20000; i++) {
        const struct program *from = &programs[below(nprograms)];
        size_t n = from->n;
        char *text = malloc(n + 400);
        if (!text)
            exit(2);
        memcpy(text, from->text, n);
        for (size_t times = below(8) + 1; times-- > 0;) {
            size_t at = below(n + 1);
            const char *piece = pieces[below(sizeof pieces / sizeof pieces[0])];
            size_t length = strlen(piece);
            switch (below(5)) {
            case 0: /* a byte changes */
                if (at < n)
                    text[at] = (char)below(256);
                break;
            case 1: /* bytes go */
                if (at < n) {
                    size_t gone = below(n - at < 9 ? n - at : 9);
                    memmove(text + at, text + at + gone, n - at - gone);
                    n -= gone;
                }
                break;
            case 2: /* bytes of the text come again */
                length = below(n - at < 30 ? n - at : 30);
                memmove(text + at + length, text + at, n - at);
                n += length;
                break;
            default: /* a piece comes in */
                memmove(text + at + length, text + at, n - at);
                memcpy(text + at, piece, length);
                n += length;
            }
        }
        char *exact = malloc(n ? n : 1);
        if (!exact)
            exit(2);
        memcpy(exact, text, n);
        parse_text(exact, n, NULL, 1);
        free(exact);
        free(text);
    }
}

/* An allocator that fails at the nth call, and counts what is not given back. */
struct meter {
    long left, live;
};

static void *metered(void *ctx, void *p, size_t n) {
    struct meter *m = ctx;
    if (n == 0) {
        m->live -= p != NULL;
        free(p);
        return NULL;
    }
    if (m->left-- <= 0)
        return NULL;
    void *q = realloc(p, n);
    m->live += q && !p;
    return q;
}

static void memory(void) {
    size_t failures = 0;
    for (size_t i = 0; i < nprograms; i++) {
        int result = LRS_E_NOMEM;
        for (long allowed = 0; result == LRS_E_NOMEM; allowed++) {
            struct meter m = {allowed, 0};
            lrs_allocator allocator = {&m, metered};
            result = parse_text(programs[i].text, programs[i].n, &allocator, 0);
            if (m.live != 0)
                fail("memory was not given back", programs[i].text, programs[i].n);
            if (allowed > 10000)
                fail("never enough memory", programs[i].text, programs[i].n);
            failures += result == LRS_E_NOMEM;
        }
    }
    printf("%zu failed allocations, ", failures);
    if (failures < nprograms)
        exit(1);
}

static void limits(void) {
    /* Depth and length, by the hundred thousand: time is linear and the stack is not used up. */
    static const struct {
        const char *begin, *again, *end;
        int result;
    } cases[] = {
        {"let a = ", "(", "", LRS_E_SOURCE},
        {"let a = ", "-", "1", LRS_E_SOURCE},
        {"let a = ", "not ", "1", LRS_E_SOURCE},
        {"let a = 1", "^1", "", LRS_E_SOURCE},
        {"let a = 1", "+1", "", LRS_E_SOURCE},
        {"let a = ", "f(", "", LRS_E_SOURCE},
        {"", "repeat {", "", LRS_E_SOURCE},
        {"let a = f(1", ",-1", ")", LRS_OK},
        {"points", " (-1, -1)", "", LRS_OK},
        {"", ")", "", LRS_E_SOURCE},
        {"", "}", "", LRS_E_SOURCE},
        {"", "\xff ", "", LRS_E_SOURCE},
        {"", ";", "", LRS_OK},
        {"", "\n", "", LRS_OK},
        {"", "hold\n", "", LRS_OK},
        {"", "curve f(\n", "", LRS_E_SOURCE},
        {"hold", " a=1", "", LRS_OK},
        {"hold", " until 5", "", LRS_OK},
        {"", "curve f((((\n", "", LRS_E_SOURCE},
        {"let a = 0.", "1", "", LRS_OK},
        {"let a", "b", " = 1", LRS_OK},
        {"piecewise 1", " until 5, 1", "", LRS_OK},
        {"", "{", "", LRS_E_SOURCE},
        {"at 1", ", 1", " *2", LRS_OK},
        {"", "hold [ ", "", LRS_E_SOURCE},
        {"hold ", "(1) ", "", LRS_E_SOURCE},
        {"hold", " then hold", "", LRS_OK},
        {"", "1k", "", LRS_E_SOURCE},
        {"use \"", "\\\\", "\"", LRS_OK},
        {"hold 1", " {}", "", LRS_E_SOURCE},
        {"", "schedule a { ", "", LRS_E_SOURCE},
        {"schedule = ", "{ ", "", LRS_E_SOURCE},
        {"let a = 0.1e", "1", "", LRS_E_SOURCE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t begin = strlen(cases[i].begin), again = strlen(cases[i].again), end = strlen(cases[i].end),
               times = cases[i].result == LRS_OK ? 20000 : 100000; /* what is built has at most LRS_MAX_PARTS parts */
        size_t n = begin + times * again + end;
        char *text = malloc(n);
        if (!text)
            exit(2);
        memcpy(text, cases[i].begin, begin);
        for (size_t j = 0; j < times; j++)
            memcpy(text + begin + j * again, cases[i].again, again);
        memcpy(text + n - end, cases[i].end, end);
        int result = parse_text(text, n, NULL, 1);
        if (result != cases[i].result) {
            fprintf(stderr, "%s%s...%s: %d\n", cases[i].begin, cases[i].again, cases[i].end, result);
            exit(1);
        }
        free(text);
    }
}

int main(int argc, char **argv) {
    if (argc < 3)
        return 2;
    load(argc - 2, argv + 2);
    if (nprograms == 0)
        return 2;
    if (strcmp(argv[1], "prefixes") == 0)
        prefixes();
    else if (strcmp(argv[1], "mutations") == 0) {
        limits();
        mutations();
    } else if (strcmp(argv[1], "memory") == 0)
        memory();
    else
        return 2;
    printf("%zu programs, %zu parses: %zu trees, %zu refused\n", nprograms, parses, trees, refused);
    for (size_t i = 0; i < nprograms; i++)
        free(programs[i].text);
    return 0;
}
