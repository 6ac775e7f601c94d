/* test_growth.c: programs of many phases: what compiling them takes grows as they do. What grew with the square of that would
 * take more memory than is asserted here, or run into the time limit of this test, which is many times what it needs. */
#include "schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct text {
    char *at;
    size_t n, cap;
} text;

static void put(text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(text *t, const char *format, ...)
{
    va_list args;
    char line[256];
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    assert_true(n >= 0 && (size_t)n < sizeof line);
    if (t->n + (size_t)n >= t->cap) {
        t->cap = t->cap * 2 + sizeof line;
        t->at = realloc(t->at, t->cap);
        assert_non_null(t->at);
    }
    memcpy(t->at + t->n, line, (size_t)n + 1);
    t->n += (size_t)n;
}

/* All that is ever allocated, given back or not. */
static void *counting(void *ctx, void *p, size_t n)
{
    *(size_t *)ctx += n;
    if (n)
        return realloc(p, n);
    free(p);
    return NULL;
}

/* Compiles t, and frees it: the value at a step. Asserts that it takes at most so many bytes for each phase or declaration. */
static double value_with(text *t, int n, size_t bytes_each, int64_t step)
{
    size_t total = 0;
    lrs_allocator allocator = {&total, counting};
    lrs_options o = {.size = sizeof o, .allocator = &allocator};
    lrs_program *p = NULL;
    lrs_plan *plan = NULL;
    lrs_state *state = NULL;
    assert_int_equal(lrs_compile(&p, t->at, t->n, &o, NULL), LRS_OK);
    if (total / (size_t)n > bytes_each)
        fail_msg("%zu bytes for each of %d", total / (size_t)n, n);
    assert_int_equal(lrs_bind(&plan, p, NULL, 0, NULL, 0), LRS_OK);
    assert_int_equal(lrs_state_new(&state, plan), LRS_OK);
    double v = lrs_value(plan, state, 0, step);
    lrs_state_free(state, plan);
    lrs_plan_free(plan);
    lrs_program_free(p);
    free(t->at);
    return v;
}

/* Formulas that go on from each other, in a repeat that ends in the middle of a round: what each is worth at that time is a
 * formula of params. */
static void test_cut_rounds(void **unused)
{
    (void)unused;
    enum { N = 6000 };
    text t = {0};
    put(&t, "param d = 1\nrepeat for 3*%d + 0.5 {\nhold 1 for d\n", N);
    for (int i = 1; i < N; i++)
        put(&t, "curve start + log(1 + t)/log(2) for d\n");
    put(&t, "}\nhold\n");
    assert_near(value_with(&t, N, 40000, N - 1), N - 1, "cut", 0);
}

/* The same with what goes on from each other by a decay. */
static void test_cut_decays(void **unused)
{
    (void)unused;
    enum { N = 5000 };
    text t = {0};
    put(&t, "param d = 1\nrepeat for 3*%d + 0.5 {\nhold 1 for d\n", N);
    for (int i = 1; i < N; i++)
        put(&t, "exp gamma=0.999 for d\n");
    put(&t, "}\nhold\n");
    assert_near(value_with(&t, N, 40000, 3), 0.999L * 0.999L, "decays", 3);
}

/* Many repeats, and phases with rules, each a block of its own. */
static void test_many_blocks(void **unused)
{
    (void)unused;
    enum { N = 5800 };
    text t = {0};
    put(&t, "hold 1 for 1\n");
    for (int i = 0; i < N; i++)
        put(&t, "repeat 2 { linear 2 -> *1 { every 1 *1 }; hold for 1 }\n");
    assert_near(value_with(&t, N, 40000, 1 + 6 * N), 1, "blocks", 0);
}

/* Phases with rules of their own: every value applies the scales of all, so that the analyses look at fewer of them. */
static void test_many_rules(void **unused)
{
    (void)unused;
    enum { N = 9000 };
    text t = {0};
    put(&t, "hold 1 for 1\n");
    for (int i = 0; i < N; i++)
        put(&t, "linear 2 -> %d { on plateau *0.5 }\n", 2 - i % 2);
    assert_near(value_with(&t, N, 40000, 2 * N), 1.5L, "rules", 0);
}

/* A template with many names, each of which is looked for in what was bound before. */
static void test_many_bindings(void **unused)
{
    (void)unused;
    enum { N = 25000 };
    text t = {0};
    put(&t, "def f(a) {\nlet x0 = a\n");
    for (int i = 1; i < N; i++)
        put(&t, "let x%d = x%d + 1\n", i, i - 1);
    put(&t, "hold x%d\n}\nf(1)\n", N - 1);
    assert_near(value_with(&t, N, 10000, 0), N, "bindings", 0);
}

/* Names that depend on the rate that a template starts from: each is computed once for a call, not again in all that use it. */
static void test_lets_of_start(void **unused)
{
    (void)unused;
    enum { N = 8000 };
    for (int last_only = 0; last_only < 2; last_only++) {
        text t = {0};
        put(&t, "def f(a) {\nlet x0 = start\n");
        for (int i = 1; i < N; i++)
            put(&t, "let x%d = x%d + a\n", i, i - 1);
        for (int i = last_only ? N - 1 : 1; i < N; i++)
            put(&t, "hold x%d for 1\n", i);
        put(&t, "hold for 1\n}\nhold 2 for 1\nf(1)\nf(2)\nhold\n");
        int64_t one = last_only ? 2 : N;
        assert_near(value_with(&t, N, 40000, 1 + 2 * one - 1), 2 + 3 * (N - 1), "lets of start", last_only);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_rounds), cmocka_unit_test(test_cut_decays), cmocka_unit_test(test_many_blocks),
        cmocka_unit_test(test_many_rules), cmocka_unit_test(test_many_bindings), cmocka_unit_test(test_lets_of_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
