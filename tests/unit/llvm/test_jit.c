/* test_jit.c: the JIT's functions against the reference, which involves no code generator: every hand-built program, every
 * optimisation level, three sets of params, boundary and random steps, observations in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "backend.h"
#include "iprog.h"

enum { STEPS = 4000, BULK = 700, PARAMS = 64, SETS = 3 };

typedef struct functions {
    double (*get_lr)(void *s, int64_t step, double metric);
    double (*value)(const void *s, size_t output, int64_t step);
    int (*observe)(void *s, size_t input, int64_t step, double metric);
    void (*fill)(const void *s, size_t output, int64_t first, size_t n, double *y);
} functions;

static const llvm_backend *backend(void)
{
    char error[4096];
    const llvm_backend *b = backend_llvm(error, sizeof error);
    if (!b)
        fail_msg("%s", error);
    return b;
}

static int setup(void **state)
{
    *state = NULL;
    backend();
    return 0;
}

static backend_jit *compile(functions *f, const ir_program *p, int level)
{
    static const char *const symbols[] = {"jit_get_lr", "jit_value", "jit_observe", "jit_fill"};
    const llvm_backend *b = backend();
    backend_jit *j;
    char error[4096] = "";
    void *at[4];
    int i;
    if (b->jit(&j, p, level, error, sizeof error) != 0)
        fail_msg("%s: %s", p->name, error);
    for (i = 0; i < 4; i++) {
        at[i] = b->jit_symbol(j, symbols[i]);
        assert_non_null(at[i]);
    }
    memcpy(&f->get_lr, &at[0], sizeof at[0]);
    memcpy(&f->value, &at[1], sizeof at[1]);
    memcpy(&f->observe, &at[2], sizeof at[2]);
    memcpy(&f->fill, &at[3], sizeof at[3]);
    return j;
}

typedef struct tally {
    const char *name;
    int level;
    uint64_t compared, differ;
} tally;

static void compare(tally *t, double got, double want, const char *what, int64_t step)
{
    t->compared++;
    if (iprog_bits(got) == iprog_bits(want))
        return;
    if (t->differ++ < 5)
        print_error("%s -O%d: %s at %lld: %.17g, not %.17g\n", t->name, t->level, what, (long long)step, got, want);
}

static void compare_values(tally *t, const functions *f, const iprog_ref *r, uint32_t out, const uint64_t *words,
                           uint64_t seed)
{
    static _Thread_local int64_t steps[STEPS];
    static _Thread_local double y[BULK + 1];
    size_t n = iprog_steps(r, seed, 500, steps, STEPS), i, k;
    for (i = 0; i < n; i++)
        compare(t, f->value(words, out, steps[i]), iprog_ref_value(r, out, steps[i]), "value", steps[i]);
    for (k = 0; k < 8; k++) {
        int64_t first = k == 0 ? -5 : k == 1 ? INT64_MAX - 20 : k == 2 ? ((int64_t)1 << 53) - 600 : steps[iprog_random(&seed) % n];
        size_t count = k == 3 ? 0 : (size_t)(iprog_random(&seed) % BULK);
        y[count] = 12345.0;
        f->fill(words, out, first, count, y);
        for (i = 0; i < count; i++) {
            int64_t step = first > INT64_MAX - (int64_t)i ? INT64_MAX : first + (int64_t)i;
            compare(t, y[i], iprog_ref_value(r, out, step), "fill", step);
        }
        compare(t, y[count], 12345.0, "what lies behind fill", first);
    }
}

static void compare_run(tally *t, const functions *f, iprog_ref *r, uint64_t *words, uint64_t seed)
{
    int64_t step = -2;
    uint32_t inputs = r->p->layout.ninput;
    unsigned k;
    for (k = 0; k < 600; k++) {
        double metric = iprog_metric(&seed, k);
        uint32_t input = inputs ? (uint32_t)(k / 5) % inputs : 0;
        if (k % 5 == 4) {
            compare(t, f->observe(words, input, step, metric), iprog_ref_observe(r, input, step, metric), "observe", step);
        } else {
            double got = f->get_lr(words, step, metric);
            iprog_ref_observe(r, 0, step, metric);
            compare(t, got, iprog_ref_value(r, 0, step), "get_lr", step);
        }
        if (k % 9 != 8)
            step += 1 + (int64_t)(iprog_random(&seed) % 4);
    }
}

static void compare_program(tally *t, const ir_program *p, int level, arena *mem)
{
    functions f;
    backend_jit *j = compile(&f, p, level);
    double params[PARAMS];
    unsigned set;
    uint32_t out;
    t->name = p->name;
    t->level = level;
    for (set = 0; set < SETS; set++) {
        iprog_ref r;
        uint64_t *words;
        iprog_params(p, set, params);
        assert_int_equal(iprog_ref_init(&r, p, params, mem), 0);
        words = malloc(r.nwords * sizeof *words);
        assert_non_null(words);
        memcpy(words, r.words, r.nwords * sizeof *words);
        for (out = 0; out < p->layout.nout; out++)
            compare_values(t, &f, &r, out, words, set + 1);
        compare_run(t, &f, &r, words, set + 7);
        for (out = 0; out < p->layout.nout; out++)
            compare_values(t, &f, &r, out, words, set + 2);
        /* Everything that is saved must be the same, too. */
        assert_memory_equal(words, r.words, ((size_t)LRS_K_HEADER_WORDS + p->layout.ni + p->layout.nsave) * sizeof *words);
        free(words);
    }
    backend()->jit_free(j);
}

static void test_all_programs(void **state)
{
    tally t = {0};
    size_t i;
    int level;
    (void)state;
    for (i = 0; i < iprog_count(); i++)
        for (level = 0; level <= 3; level++) {
            arena mem;
            arena_init(&mem, NULL);
            compare_program(&t, iprog_build(i, &mem), level, &mem);
            arena_free(&mem);
        }
    print_message("JIT: %llu results compared, %llu differ\n", (unsigned long long)t.compared, (unsigned long long)t.differ);
    assert_true(t.compared > 100000);
    assert_int_equal(t.differ, 0);
}

static void *thread(void *arg)
{
    tally *t = arg;
    size_t i;
    for (i = 0; i < 6; i++) {
        arena mem;
        arena_init(&mem, NULL);
        compare_program(t, iprog_build(i, &mem), (int)(i % 3), &mem);
        arena_free(&mem);
    }
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[4];
    tally t[4];
    size_t i;
    (void)state;
    memset(t, 0, sizeof t);
    for (i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, thread, &t[i]), 0);
    for (i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_true(t[i].compared > 1000);
        assert_int_equal(t[i].differ, 0);
    }
}

static void test_many_alive(void **state)
{
    enum { N = 12 };
    backend_jit *j[N];
    functions f[N];
    arena mem;
    const ir_program *p;
    iprog_ref r;
    double params[PARAMS];
    size_t i;
    (void)state;
    arena_init(&mem, NULL);
    p = iprog_build_name("card", &mem);
    iprog_params(p, 0, params);
    assert_int_equal(iprog_ref_init(&r, p, params, &mem), 0);
    for (i = 0; i < N; i++)
        j[i] = compile(&f[i], p, 2);
    for (i = 0; i < N; i += 2)
        backend()->jit_free(j[i]);
    for (i = 1; i < N; i += 2) {
        assert_int_equal(iprog_bits(f[i].value(r.words, 0, 777)), iprog_bits(iprog_ref_value(&r, 0, 777)));
        backend()->jit_free(j[i]);
    }
    backend()->jit_free(NULL);
    arena_free(&mem);
}

static void test_unknown_symbol(void **state)
{
    arena mem;
    backend_jit *j;
    functions f;
    (void)state;
    arena_init(&mem, NULL);
    j = compile(&f, iprog_build_name("card", &mem), 1);
    assert_null(backend()->jit_symbol(j, "jit_no_such_function"));
    backend()->jit_free(j);
    arena_free(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_programs),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_many_alive),
        cmocka_unit_test(test_unknown_symbol),
    };
    return cmocka_run_group_tests_name("the JIT", tests, setup, NULL);
}
