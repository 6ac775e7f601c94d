/* make_script.c: writes the hand-built programs as C into a folder, with a script of calls and the results that the reference
 * gives for them: NAME.c and NAME.h for each program, all.c (all of them in one file), table.c, script.bin; and sched.c,
 * sched.h, enc.c, enc.h for linking.
 *
 * usage: make_script FOLDER */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "emit_names.h"
#include "iprog.h"
#include "kernel/state.h"
#include "script.h"

enum { STEPS = 4000, SETS = 3, BULK = 600, MAX_NPARAM = 16 };

static const char *folder;

static FILE *create(const char *name, const char *suffix, const char *mode) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s%s", folder, name, suffix);
    FILE *f = fopen(path, mode);
    if (!f) {
        fprintf(stderr, "make_script: %s: %s\n", path, strerror(errno));
        exit(2);
    }
    return f;
}

static void done(FILE *f) {
    if (ferror(f) | fclose(f)) {
        fprintf(stderr, "make_script: cannot write to %s\n", folder);
        exit(2);
    }
}

static void write_text(const char *name, const char *suffix, int status, backend_buffer *b) {
    if (status != 0) {
        fprintf(stderr, "make_script: emitting %s%s: %d\n", name, suffix, status);
        exit(2);
    }
    FILE *f = create(name, suffix, "w");
    fwrite(b->at, 1, b->n, f);
    done(f);
    buffer_free(b);
}

/* ---- the table of functions ---- */

static void write_adapter(FILE *f, const ir_program *p, const backend_options *o, arena *mem) {
    emit_names n;
    if (emit_names_make(&n, p, o, mem) != 0)
        exit(2);
    const char *s = o->prefix;
    const lrs_k_layout *l = &p->layout;
    fprintf(f, "static int call_%s_init(void *s, const double *v)\n{\n    %s_params p;\n    if (!v)\n"
               "        return %s_init((%s_state *)s, 0);\n    %s_params_default(&p);\n",
            s, s, s, s, s);
    for (uint32_t i = 0; i < l->nparam; i++)
        fprintf(f, "    p.%s = v[%u];\n", n.params[i], i);
    fprintf(f, "    return %s_init((%s_state *)s, &p);\n}\n", s, s);
    fprintf(f, "static double call_%s_value(const void *s, size_t out, int64_t step)\n{\n    switch (out) {\n", s);
    for (uint32_t i = 0; i < p->npublic; i++)
        if (n.values) /* both ways */
            fprintf(f,
                    "    case %u: {\n        %s_values v;\n        double one = %s_%s((const %s_state *)s, step);\n"
                    "        %s_eval((const %s_state *)s, step, &v);\n        return memcmp(&one, &v.%s, sizeof one) == 0 ? one : -12345.0;\n    }\n",
                    i, s, s, n.outputs[i], s, s, s, n.values[i]);
        else
            fprintf(f, "    case %u:\n        return %s_%s((const %s_state *)s, step);\n", i, s, n.outputs[i], s);
    fprintf(f, "    default:\n        return 0.0;\n    }\n}\n");
    fprintf(f, "static void call_%s_fill(const void *s, size_t out, int64_t first, size_t n, double *y)\n{\n    switch (out) {\n",
            s);
    for (uint32_t i = 0; i < p->npublic; i++)
        fprintf(f, "    case %u:\n        %s_fill_%s((const %s_state *)s, first, n, y);\n        break;\n", i, s,
                n.outputs[i], s);
    fprintf(f, "    default:\n        break;\n    }\n}\n");
    if (n.metrics) {
        fprintf(f, "static %s_metrics call_%s_no_metrics(void)\n{\n    double none[%u];\n    %s_metrics m;\n    size_t i;\n"
                   "    for (i = 0; i < sizeof none / sizeof none[0]; i++)\n        none[i] = zero/zero;\n    memcpy(&m, none, sizeof m);\n"
                   "    return m;\n}\n",
                s, s, l->ninput, s);
        fprintf(f, "static double call_%s_get_lr(void *s, int64_t step, double metric)\n{\n    %s_metrics m = call_%s_no_metrics();\n"
                   "    m.%s = metric;\n    return metric == metric ? %s((%s_state *)s, step, &m) : %s((%s_state *)s, step, 0);\n}\n",
                s, s, s, n.metrics[0], n.get_lr, s, n.get_lr, s);
        if (n.initial)
            fprintf(f, "static double call_%s_own(int64_t step, double metric)\n{\n    %s_metrics m = call_%s_no_metrics();\n"
                       "    m.%s = metric;\n    return %s(step, &m);\n}\n",
                    s, s, s, n.metrics[0], n.own_get_lr);
    }
    fprintf(f, "static int call_%s_observe(void *s, size_t input, int64_t step, double metric)\n{\n    switch (input) {\n", s);
    for (uint32_t i = 0; i < l->ninput; i++)
        if (n.metrics) /* one way or the other */
            fprintf(f,
                    "    case %u:\n        if (step %% 2) {\n            %s_metrics m = call_%s_no_metrics();\n            m.%s = metric;\n"
                    "            return %s_observe((%s_state *)s, step, &m);\n        }\n"
                    "        return %s_observe_%s((%s_state *)s, step, metric);\n",
                    i, s, s, n.metrics[i], s, s, s, n.inputs[i], s);
        else
            fprintf(f, "    case %u:\n        return %s_observe((%s_state *)s, step, metric);\n", i, s, s);
    fprintf(f, "    default:\n        return -1;\n    }\n}\n");
    if (!n.metrics)
        fprintf(f, "static double call_%s_get_lr(void *s, int64_t step, double metric)\n{\n    return %s((%s_state *)s, step, metric);\n}\n",
                s, n.get_lr, s);
    fprintf(f, "static int call_%s_stopped(const void *s)\n{\n    return %s_stopped((const %s_state *)s);\n}\n", s, s, s);
    fprintf(f, "static size_t call_%s_save(const void *s, void *buf, size_t cap)\n{\n    return %s_save((const %s_state *)s, buf, cap);\n}\n",
            s, s, s);
    fprintf(f, "static int call_%s_load(void *s, const void *buf, size_t len)\n{\n    return %s_load((%s_state *)s, buf, len);\n}\n\n",
            s, s, s);
}

static void write_row(FILE *f, const ir_program *p, const backend_options *o, arena *mem) {
    emit_names n;
    if (emit_names_make(&n, p, o, mem) != 0)
        exit(2);
    const char *s = o->prefix;
    const char *own = !n.initial ? "0" : n.metrics ? arena_printf(mem, "call_%s_own", s) : n.own_get_lr;
    fprintf(f, "    {\"%s\", sizeof(%s_state), %u, %u, %u, call_%s_init, call_%s_value, call_%s_fill, call_%s_observe, "
               "call_%s_get_lr,\n     %s, call_%s_stopped, call_%s_save, call_%s_load},\n",
            s, s, p->layout.nparam, p->npublic, p->layout.ninput, s, s, s, s, s, own, s, s, s);
}

/* ---- the script ---- */

static FILE *script;
static uint64_t ncommands, nresults;

static void put(uint64_t word) {
    fwrite(&word, sizeof word, 1, script);
}

static void command(enum script_command c, size_t program) {
    put((uint64_t)c);
    put(program);
    ncommands++;
}

static void result(uint64_t word) {
    put(1);
    put(word);
    nresults++;
}

static void put_bytes(const uint8_t *bytes, size_t n) {
    for (size_t i = 0; i < n; i += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes + i, n - i < 8 ? n - i : 8);
        put(word);
    }
}

static void script_values(size_t program, const iprog_ref *r, uint64_t seed, size_t nrandom) {
    static int64_t steps[STEPS];
    static double y[BULK];
    size_t n = iprog_steps(r, seed, nrandom, steps, STEPS);
    for (uint32_t out = 0; out < r->p->layout.nout; out++) {
        for (size_t i = 0; i < n; i++) {
            command(SCRIPT_VALUE, program);
            put(out);
            put((uint64_t)steps[i]);
            result(iprog_bits(iprog_ref_value(r, out, steps[i])));
        }
        for (size_t i = 0; i < 6; i++) {
            int64_t first = i == 0 ? -7 : i == 1 ? INT64_MAX - 100 : i == 2 ? ((int64_t)1 << 53) - 300
                                                                            : steps[iprog_random(&seed) % n];
            size_t count = BULK - (size_t)(iprog_random(&seed) % 20);
            /* bit for bit the single values, which is what the reference of fill is */
            for (size_t j = 0; j < count; j++)
                y[j] = iprog_ref_value(r, out, first > INT64_MAX - (int64_t)j ? INT64_MAX : first + (int64_t)j);
            command(SCRIPT_FILL, program);
            put(out);
            put((uint64_t)first);
            put(count);
            put(count);
            for (size_t j = 0; j < count; j++)
                put(iprog_bits(y[j]));
            nresults += count;
        }
    }
}

static void script_observe(size_t program, iprog_ref *r, uint64_t *seed, int64_t *step, unsigned n) {
    for (unsigned m = 0; m < n; m++) {
        uint32_t input = (uint32_t)(iprog_random(seed) % r->p->layout.ninput);
        double metric = iprog_metric(seed, m);
        if (m % 7 == 6 || input != 0) {
            command(SCRIPT_OBSERVE, program);
            put(input);
            put((uint64_t)*step);
            put(iprog_bits(metric));
            result((uint64_t)(int64_t)iprog_ref_observe(r, input, *step, metric));
        } else {
            command(SCRIPT_GET_LR, program);
            put((uint64_t)*step);
            put(iprog_bits(metric));
            iprog_ref_observe(r, 0, *step, metric);
            result(iprog_bits(iprog_ref_value(r, 0, *step)));
        }
        if (m % 11 != 10) /* now and then the same step again, which changes nothing */
            *step += 1 + (int64_t)(iprog_random(seed) % 3);
    }
    command(SCRIPT_STOPPED, program);
    result((uint64_t)(r->i[0] & LRS_K_STOPPED));
}

/* All but the table: a NaN in a segment that never runs may have either sign, and behind the table is scratch. */
static void script_words(size_t program, const iprog_ref *r) {
    size_t n = (size_t)LRS_K_HEADER_WORDS + r->p->layout.ni + r->p->layout.nsave;
    command(SCRIPT_WORDS, program);
    put(n);
    for (size_t i = 0; i < n; i++)
        put(r->words[i]);
    nresults += n;
}

static void script_save(size_t program, const iprog_ref *r, uint8_t *bytes, size_t size) {
    lrs_k_save(&r->k, r->words, bytes, size);
    command(SCRIPT_SAVE, program);
    put(1 + (size + 7) / 8);
    put(size);
    put_bytes(bytes, size);
    nresults += 1 + (size + 7) / 8;
}

static int script_load(size_t program, iprog_ref *r, const uint8_t *bytes, size_t size) {
    int code = lrs_k_load(&r->k, r->words, bytes, size);
    command(SCRIPT_LOAD, program);
    put(size);
    put_bytes(bytes, size);
    result((uint64_t)(int64_t)code);
    return code;
}

static void script_init(size_t program, const double *params, uint64_t n, int code) {
    command(SCRIPT_INIT, program);
    put(n);
    for (uint64_t i = 0; n != UINT64_MAX && i < n; i++)
        put(iprog_bits(params[i]));
    result((uint64_t)(int64_t)code);
}

/* What init must say, by its documentation. */
static int init_code(const ir_program *p, const double *params, arena *mem) {
    for (uint32_t i = 0; i < p->layout.nparam; i++) {
        const ir_param *q = &p->params[i];
        if (!isfinite(params[i]) || (q->has_range && (params[i] < q->lo || params[i] > q->hi)))
            return -(1 + (int)i);
    }
    iprog_ref r;
    int failed = iprog_ref_init(&r, p, params, mem);
    return failed ? -(1000 + failed) : 0;
}

/* Params that are wrong one at a time; every refusal leaves the state alone, which the commands after this one show. */
static void script_bad_params(size_t program, const ir_program *p, arena *mem) {
    static const double bad[] = {-1e300, 1e308, -0.5, 0.0, 5.0};
    double params[MAX_NPARAM];
    for (uint32_t i = 0; i < p->layout.nparam; i++) {
        iprog_params(p, 0, params);
        for (size_t j = 0; j < sizeof bad / sizeof bad[0]; j++) {
            params[i] = bad[j];
            int code = init_code(p, params, mem);
            if (code != 0)
                script_init(program, params, p->layout.nparam, code);
        }
        params[i] = (double)NAN;
        script_init(program, params, p->layout.nparam, init_code(p, params, mem));
        params[i] = -(double)INFINITY;
        script_init(program, params, p->layout.nparam, init_code(p, params, mem));
    }
    iprog_params(p, 0, params);
    for (uint32_t i = 0; i < p->layout.nparam; i++)
        if (!p->params[i].has_default) {
            script_init(program, params, UINT64_MAX, -(1 + (int)i)); /* NULL asks for defaults */
            return;
        }
}

static void script_own(size_t program, const ir_program *p, arena *mem) {
    double params[MAX_NPARAM];
    iprog_ref r;
    uint64_t seed = 5;
    for (uint32_t i = 0; i < p->layout.nparam; i++)
        params[i] = p->params[i].def;
    if (iprog_ref_init(&r, p, params, mem) != 0)
        return;
    for (int64_t step = 0; step < 900; step += 1 + step / 90) {
        double metric = iprog_metric(&seed, (uint64_t)step);
        command(SCRIPT_OWN, program);
        put((uint64_t)step);
        put(iprog_bits(metric));
        iprog_ref_observe(&r, 0, step, metric);
        result(iprog_bits(iprog_ref_value(&r, 0, step)));
    }
}

static void script_program(size_t program, const ir_program *p, arena *mem) {
    for (unsigned set = 0; set < SETS; set++) {
        double params[MAX_NPARAM];
        iprog_ref r;
        iprog_params(p, set, params);
        if (iprog_ref_init(&r, p, params, mem) != 0) {
            fprintf(stderr, "make_script: params %u of %s do not bind\n", set, p->name);
            exit(2);
        }
        script_init(program, params, p->layout.nparam, 0);
        if (set == 1)
            script_bad_params(program, p, mem);
        script_words(program, &r);
        script_values(program, &r, set + 1, 600);

        uint64_t seed = 31 * set + 1;
        int64_t step = -3;
        size_t size = lrs_k_saved_size(&r.k);
        uint8_t *early = arena_alloc(mem, size), *late = arena_alloc(mem, size);
        if (!early || !late)
            exit(2);
        script_observe(program, &r, &seed, &step, 150);
        script_save(program, &r, early, size);
        script_values(program, &r, set + 2, 100);
        script_observe(program, &r, &seed, &step, 400);
        script_save(program, &r, late, size);
        script_values(program, &r, set + 3, 100);
        /* back to the early state, with damaged ones tried on the way */
        late[size / 2] ^= 0x10;
        script_load(program, &r, late, size);
        late[size / 2] ^= 0x10;
        script_load(program, &r, late, size - 1);
        late[0] = 'X';
        script_load(program, &r, late, size);
        script_words(program, &r);
        script_load(program, &r, early, size);
        script_values(program, &r, set + 4, 50);
        script_words(program, &r);
        script_observe(program, &r, &seed, &step, 200);
        script_words(program, &r);
    }
    if (p->has_defaults)
        script_own(program, p, mem);
}

/* sched.c and sched.h as a compiler user gets them without --prefix, enc.c and enc.h with it; both stand alone. */
static void write_pair(const char *name, const char *prefix, int own_prefix) {
    arena mem;
    arena_init(&mem, NULL);
    ir_program *p = iprog_build_name(name, &mem);
    backend_options o = {.prefix = prefix, .own_prefix = own_prefix, .source_name = "pair.lrs"};
    backend_buffer b = {0}, c = {0};
    write_text(prefix, ".h", emit_header(p, &o, &b), &b);
    write_text(prefix, ".c", emit_c(p, &o, &c), &c);
    arena_free(&mem);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: make_script FOLDER\n");
        return 2;
    }
    folder = argv[1];
    script = create("script", ".bin", "wb");
    FILE *all = create("all", ".c", "w"), *table = create("table", ".c", "w");
    fprintf(table, "#include <string.h>\n#include \"script.h\"\nstatic double zero = 0.0;\n");
    for (size_t i = 0; i < iprog_count(); i++)
        fprintf(table, "#include \"%s.h\"\n", iprog_get(i)->name);
    fprintf(table, "\n");
    char *rows = NULL;
    size_t nrows = 0;
    FILE *row = open_memstream(&rows, &nrows);
    for (size_t i = 0; i < iprog_count(); i++) {
        arena mem;
        arena_init(&mem, NULL);
        ir_program *p = iprog_build(i, &mem);
        const char *name = iprog_get(i)->name;
        char header[256];
        snprintf(header, sizeof header, "%s.h", name);
        backend_options o = {.prefix = name, .own_prefix = 1, .source_name = p->name, .header_name = header};
        backend_buffer b = {0}, c = {0};
        write_text(name, ".h", emit_header(p, &o, &b), &b);
        write_text(name, ".c", emit_c(p, &o, &c), &c);
        fprintf(all, "#include \"%s.c\"\n", name);
        write_adapter(table, p, &o, &mem);
        write_row(row, p, &o, &mem);
        script_program(i, p, &mem);
        arena_free(&mem);
    }
    write_pair("card", "sched", 0);
    write_pair("params", "enc", 1);
    fclose(row);
    fprintf(table, "const schedule schedules[] = {\n%s};\nconst size_t nschedules = %zu;\n", rows, iprog_count());
    free(rows);
    done(table);
    done(all);
    done(script);
    printf("%zu schedules, %llu calls, %llu result words\n", iprog_count(), (unsigned long long)ncommands,
           (unsigned long long)nresults);
    return 0;
}
