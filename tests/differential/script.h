/* script.h: what one engine is asked for one program, and what it answers.
 *
 * In: a script (generate.py says what its operations mean) and an engine. Out: 64-bit words, as many for each operation
 * whatever the engine: V 1, F n, U 1, Y n, E n, O 1, I 1, G 1, W 1, T 1, R 1, S 2 (length and hash of the saved bytes), L 1. The bits of two engines
 * must be equal, word for word. Calls the engine, stdio and malloc alone: it is compiled for every target.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A schedule under test; self is the engine's own. The functions of the object's own state (W) may be absent. */
typedef struct engine {
    void *self;
    int (*fresh)(void *self);                                    /* an initialised state; 0 when it worked */
    double (*value)(void *self, unsigned output, int64_t step);
    void (*fill)(void *self, unsigned output, int64_t first, size_t n, double *out);
    void (*eval)(void *self, int64_t step, double *out);        /* the values of all outputs */
    int (*observe)(void *self, unsigned input, int64_t step, double metric);
    double (*get_lr)(void *self, int64_t step, double metric);
    double (*own_get_lr)(void *self, int64_t step, double metric);
    int (*stopped)(void *self);
    size_t (*save)(void *self, void *buf, size_t cap);
    int (*load)(void *self, const void *buf, size_t len);
    /* With this value of a param: 0 it is taken, 1 refused, 2 refused with these words in what is said. */
    int (*refuses)(void *self, const char *param, double value, const char *words);
} engine;

typedef struct operation {
    char what;
    unsigned input, output;
    int64_t step;
    size_t n;
    uint64_t metric;
    uint8_t *blob; /* L: what another engine saved; NULL: what this one saved last. R: the words */
    size_t len;
    char param[64]; /* R: its name, and its number in the scripts of generated code */
} operation;

typedef struct answers {
    uint64_t *words;
    size_t n, cap;
} answers;

static inline void script_fail(const char *why) {
    fprintf(stderr, "differential test: %s\n", why);
    exit(70);
}

static inline void *script_alloc(void *old, size_t n) {
    void *p = realloc(old, n ? n : 1);
    if (!p)
        script_fail("no memory");
    return p;
}

static inline uint64_t script_bits(double v) {
    uint64_t b;
    memcpy(&b, &v, sizeof b);
    return b;
}

static inline double script_double(uint64_t b) {
    double v;
    memcpy(&v, &b, sizeof v);
    return v;
}

static inline void answer(answers *a, uint64_t word) {
    if (a->n == a->cap) {
        a->cap = a->cap ? a->cap * 2 : 4096;
        a->words = script_alloc(a->words, a->cap * sizeof *a->words);
    }
    a->words[a->n++] = word;
}

static inline uint64_t script_hash(const uint8_t *p, size_t n) {
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 1099511628211u;
    return h;
}

/* by_value: F through single values, which is what fills are compared with. keep: S stores its bytes in the next L. */
static inline void script_run(engine *e, operation *ops, size_t n, int by_value, int keep, answers *a) {
    uint8_t *saved = NULL;
    double *block = NULL;
    size_t len = 0;
    if (e->fresh(e->self) != 0)
        script_fail("an engine refuses params that the interpreter takes");
    for (size_t i = 0; i < n; i++) {
        operation *o = &ops[i];
        switch (o->what) {
        case 'V': case 'U':
            answer(a, script_bits(e->value(e->self, o->output, o->step)));
            break;
        case 'E':
            block = script_alloc(block, o->n * sizeof *block);
            for (size_t k = 0; by_value && k < o->n; k++)
                block[k] = e->value(e->self, (unsigned)k, o->step);
            if (!by_value)
                e->eval(e->self, o->step, block);
            for (size_t k = 0; k < o->n; k++)
                answer(a, script_bits(block[k]));
            break;
        case 'F': case 'Y':
            block = script_alloc(block, o->n * sizeof *block);
            for (size_t k = 0; by_value && k < o->n; k++)
                block[k] = e->value(e->self, o->output, o->step > INT64_MAX - (int64_t)k ? INT64_MAX : o->step + (int64_t)k);
            if (!by_value)
                e->fill(e->self, o->output, o->step, o->n, block);
            for (size_t k = 0; k < o->n; k++)
                answer(a, script_bits(block[k]));
            break;
        case 'O': case 'I':
            answer(a, (uint64_t)(int64_t)e->observe(e->self, o->input, o->step, script_double(o->metric)));
            break;
        case 'G':
            answer(a, script_bits(e->get_lr(e->self, o->step, script_double(o->metric))));
            break;
        case 'W':
            answer(a, e->own_get_lr ? script_bits(e->own_get_lr(e->self, o->step, script_double(o->metric))) : 0);
            break;
        case 'T':
            answer(a, (uint64_t)e->stopped(e->self));
            break;
        case 'R':
            answer(a, (uint64_t)e->refuses(e->self, o->param, script_double(o->metric), (const char *)o->blob));
            break;
        case 'S':
            len = e->save(e->self, NULL, 0);
            saved = script_alloc(saved, len);
            if (e->save(e->self, saved, len) != len)
                script_fail("save does not take what it said");
            answer(a, len);
            answer(a, script_hash(saved, len));
            for (size_t k = i + 1; keep && k < n && ops[k].what != 'S'; k++) {
                if (ops[k].what != 'L')
                    continue;
                ops[k].blob = script_alloc(ops[k].blob, len);
                memcpy(ops[k].blob, saved, len);
                ops[k].len = len;
            }
            break;
        case 'L':
            if (e->fresh(e->self) != 0)
                script_fail("a second state is refused");
            answer(a, (uint64_t)(int64_t)e->load(e->self, o->blob ? o->blob : saved, o->blob ? o->len : len));
            break;
        default:
            script_fail("unknown operation");
        }
    }
    free(saved);
    free(block);
}

/* One operation from its line; 0 when it is none. */
static inline int script_parse(operation *o, const char *line) {
    int used = 0;
    memset(o, 0, sizeof *o);
    o->what = line[0];
    switch (o->what) {
    case 'V':
        return sscanf(line, "V %" SCNd64, &o->step) == 1;
    case 'F':
        return sscanf(line, "F %" SCNd64 " %zu", &o->step, &o->n) == 2;
    case 'U':
        return sscanf(line, "U %u %" SCNd64, &o->output, &o->step) == 2;
    case 'Y':
        return sscanf(line, "Y %u %" SCNd64 " %zu", &o->output, &o->step, &o->n) == 3;
    case 'E':
        return sscanf(line, "E %" SCNd64 " %zu", &o->step, &o->n) == 2;
    case 'O': case 'G': case 'W':
        return sscanf(line + 1, "%" SCNd64 " %" SCNx64, &o->step, &o->metric) == 2;
    case 'I':
        return sscanf(line, "I %u %" SCNd64 " %" SCNx64, &o->input, &o->step, &o->metric) == 3;
    case 'R':
        if (sscanf(line, "R %63s %" SCNx64 " %n", o->param, &o->metric, &used) != 2 || !used)
            return 0;
        o->len = strlen(line + used);
        o->blob = script_alloc(NULL, o->len + 1);
        memcpy(o->blob, line + used, o->len + 1);
        return 1;
    case 'T': case 'S':
        return 1;
    case 'L':
        if (sscanf(line, "L %zu %n", &o->len, &used) == 1) {
            o->blob = script_alloc(NULL, o->len);
            for (size_t k = 0; k < o->len; k++) {
                unsigned byte;
                if (sscanf(line + used + 2 * k, "%2x", &byte) != 1)
                    return 0;
                o->blob[k] = (uint8_t)byte;
            }
        }
        return 1;
    default:
        return 0;
    }
}

/* A line of any length without its newline; NULL at the end. */
static inline char *script_line(FILE *f, char **buf, size_t *cap) {
    size_t n = 0;
    for (int c; (c = getc(f)) != EOF && c != '\n'; (*buf)[n++] = (char)c)
        if (n + 2 > *cap)
            *buf = script_alloc(*buf, *cap = *cap ? *cap * 2 : 256);
    if (n == 0 && feof(f))
        return NULL;
    if (n + 1 > *cap)
        *buf = script_alloc(*buf, *cap = n + 64);
    (*buf)[n] = 0;
    return *buf;
}

static inline void script_write(const char *path, const answers *a) {
    FILE *f = fopen(path, "wb");
    for (size_t i = 0; f && i < a->n; i++) { /* little-endian everywhere */
        uint8_t b[8];
        for (int k = 0; k < 8; k++)
            b[k] = (uint8_t)(a->words[i] >> (8 * k));
        if (fwrite(b, 1, 8, f) != 8)
            break;
    }
    if (!f || ferror(f) || fclose(f) != 0)
        script_fail("cannot write the answers");
}
#endif
