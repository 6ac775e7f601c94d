/* cases.h: reads the case files that generate.py writes. In: a file. Out: a case after another. Calls script.h and the C library. */
#ifndef CASES_H
#define CASES_H

#include "script.h"

#include "lrs/lrs.h"

typedef struct binding_list {
    lrs_binding at[32];
    size_t n;
} binding_list;

typedef struct test_case {
    unsigned number;
    char *text;
    size_t len;
    binding_list defines, params;
    operation *ops;
    size_t nops, cap;
} test_case;

typedef struct case_file {
    FILE *f;
    char *line;
    size_t cap;
} case_file;

static inline char *copy_string(const char *s) {
    size_t n = strlen(s) + 1;
    return memcpy(script_alloc(NULL, n), s, n);
}

static inline void add_binding(binding_list *b, const char *line) {
    char name[200];
    uint64_t bits = 0;
    if (b->n == sizeof b->at / sizeof b->at[0] || sscanf(line, "%*s %199s %" SCNx64, name, &bits) != 2)
        script_fail("a malformed binding");
    b->at[b->n].name = copy_string(name);
    b->at[b->n++].value = script_double(bits);
}

static inline void free_bindings(binding_list *b) {
    for (size_t i = 0; i < b->n; i++)
        free((char *)(uintptr_t)b->at[i].name);
}

static inline void case_free(test_case *c) {
    for (size_t i = 0; i < c->nops; i++)
        free(c->ops[i].blob);
    free_bindings(&c->defines);
    free_bindings(&c->params);
    free(c->ops);
    free(c->text);
}

/* 0 at the end of the file. */
static inline int case_read(test_case *c, case_file *f) {
    memset(c, 0, sizeof *c);
    if (!script_line(f->f, &f->line, &f->cap))
        return 0;
    if (sscanf(f->line, "case %u", &c->number) != 1 || !script_line(f->f, &f->line, &f->cap) ||
        sscanf(f->line, "text %zu", &c->len) != 1)
        script_fail("a case is expected");
    c->text = script_alloc(NULL, c->len + 1);
    if (fread(c->text, 1, c->len + 1, f->f) != c->len + 1)
        script_fail("a truncated case");
    while (script_line(f->f, &f->line, &f->cap) && strcmp(f->line, "end") != 0) {
        if (strncmp(f->line, "define ", 7) == 0) {
            add_binding(&c->defines, f->line);
        } else if (strncmp(f->line, "bind ", 5) == 0) {
            add_binding(&c->params, f->line);
        } else {
            if (c->nops == c->cap)
                c->ops = script_alloc(c->ops, (c->cap = c->cap * 2 + 64) * sizeof *c->ops);
            if (strncmp(f->line, "op ", 3) != 0 || !script_parse(&c->ops[c->nops++], f->line + 3))
                script_fail("an operation is expected");
        }
    }
    return 1;
}

static inline void case_open(case_file *f, const char *path) {
    memset(f, 0, sizeof *f);
    f->f = fopen(path, "rb");
    if (!f->f)
        script_fail("cannot open the cases");
}

static inline void case_close(case_file *f) {
    fclose(f->f);
    free(f->line);
}

static inline void print_text(const test_case *c) {
    fwrite(c->text, 1, c->len, stdout);
    for (size_t i = 0; i < c->defines.n; i++)
        printf("# -D %s=%.17g\n", c->defines.at[i].name, c->defines.at[i].value);
    for (size_t i = 0; i < c->params.n; i++)
        printf("# param %s=%.17g\n", c->params.at[i].name, c->params.at[i].value);
}
#endif
