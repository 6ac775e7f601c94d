/* test_limits.c: programs at and past every limit: each is compiled, or refused with a clear error, and none takes long or
 * takes the process down. Times are not asserted; ctest's time limit is what a hang runs into. */
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
    for (;;) {
        va_start(args, format);
        int n = vsnprintf(t->at ? t->at + t->n : NULL, t->at ? t->cap - t->n : 0, format, args);
        va_end(args);
        assert_true(n >= 0);
        if (t->at && t->n + (size_t)n < t->cap) {
            t->n += (size_t)n;
            return;
        }
        t->cap = t->cap * 2 + (size_t)n + 64;
        t->at = realloc(t->at, t->cap);
        assert_non_null(t->at);
    }
}

/* 0, or the code of the first error. */
static int compile(const text *t, double *first_value)
{
    lrs_program *p = NULL;
    lrs_plan *plan = NULL;
    lrs_state *state = NULL;
    lrs_diagnostics *d = NULL;
    lrs_diagnostic g = {.size = sizeof g};
    int status = lrs_compile(&p, t->at, t->n, NULL, &d), code = 0;
    for (size_t i = 0; lrs_diagnostics_get(&g, d, i) == LRS_OK && !code; i++)
        code = g.severity == LRS_ERROR ? g.code : 0;
    lrs_diagnostics_free(d);
    assert_true(status == LRS_OK ? code == 0 : status == LRS_E_SOURCE && code != 0);
    if (first_value && status == LRS_OK) {
        assert_int_equal(lrs_bind(&plan, p, NULL, 0, NULL, 0), LRS_OK);
        assert_int_equal(lrs_state_new(&state, plan), LRS_OK);
        *first_value = lrs_value(plan, state, 0, 0);
        lrs_state_free(state, plan);
        lrs_plan_free(plan);
    }
    lrs_program_free(p);
    return code;
}

static int compile_and_free(text *t, double *first_value)
{
    int code = compile(t, first_value);
    free(t->at);
    return code;
}

static void test_many_phases(void **unused)
{
    (void)unused;
    text t = {0};
    enum { N = 5000 };
    put(&t, "param a = 1\nhold a for 10\n");
    for (int i = 1; i < N; i++)
        put(&t, "linear 10 -> %d\n", i % 7);
    schedule s = schedule_open(t.at, NULL, NULL);
    for (int i = 2; i < N; i++) {
        double from = (i - 1) % 7, to = i % 7;
        assert_near(schedule_at(&s, 10 * i + 5), (from + to) / 2, "phase", i);
    }
    schedule_close(&s);
    free(t.at);
}

static void test_many_pieces(void **unused)
{
    (void)unused;
    text t = {0};
    put(&t, "piecewise ");
    for (int i = 1; i <= 20000; i++)
        put(&t, "%d until %d, ", i, 10 * i);
    put(&t, "0");
    schedule s = schedule_open(t.at, NULL, NULL);
    for (int i = 1; i <= 20000; i += 37)
        assert_true(schedule_at(&s, 10 * i - 1) == i);
    assert_true(schedule_at(&s, 200000) == 0);
    schedule_close(&s);
    free(t.at);
}

static void test_many_times(void **unused)
{
    (void)unused;
    text t = {0};
    put(&t, "hold 1\nat 1");
    for (int i = 2; i <= 20000; i++)
        put(&t, ", %d", i);
    put(&t, " *0.5");
    schedule s = schedule_open(t.at, NULL, NULL);
    assert_true(schedule_at(&s, 0) == 1 && schedule_at(&s, 10) == 1 / 1024.0 && schedule_at(&s, 20000) == 0);
    schedule_close(&s);
    free(t.at);
}

static void test_many_rules_and_params(void **unused)
{
    (void)unused;
    text t = {0};
    for (int i = 0; i < 2000; i++)
        put(&t, "param p%d = %d in 0..10000\n", i, i);
    put(&t, "hold p0");
    for (int i = 1; i < 2000; i++)
        put(&t, " + p%d%s", i, i % 400 == 399 ? "\nhold p0" : "");
    put(&t, "\n");
    for (int i = 0; i < 1000; i++)
        put(&t, "on plateau(patience=%d) *0.5\nevery %d *0.9\n", i, i + 1);
    double v = -1;
    assert_int_equal(compile_and_free(&t, &v), 0);
    assert_true(v == 399 * 400 / 2); /* the first `hold` is open-ended */
}

static void test_formals(void **unused)
{
    (void)unused;
    for (int n = 63; n <= 66; n++) {
        text t = {0};
        double v = 0;
        put(&t, "def f(");
        for (int i = 0; i < n; i++)
            put(&t, "%sa%d", i ? ", " : "", i);
        put(&t, ") = a0 + a%d\nhold f(", n - 1);
        for (int i = 0; i < n; i++)
            put(&t, "%s%d", i ? ", " : "", i + 1);
        put(&t, ")\n");
        int code = compile_and_free(&t, &v);
        assert_int_equal(code, n <= 64 ? 0 : 215);
        assert_true(n > 64 || v == 1 + n);
    }
}

static void repeat_around(text *t, const char *before, const char *middle, const char *after, int n)
{
    for (int i = 0; i < n; i++)
        put(t, "%s", before);
    put(t, "%s", middle);
    for (int i = 0; i < n; i++)
        put(t, "%s", after);
}

static void test_deep_expressions(void **unused)
{
    (void)unused;
    static const struct {
        const char *before, *middle, *after;
        int most;       /* repetitions that compile */
        int least;      /* repetitions that do not */
    } cases[] = {
        {"(", "1", ")", 250, 260},
        {"", "1", " + 1", 999, 1000},
        {"-", "1", "", 200, 100000},
        {"sqrt(", "1", ")", 250, 260},
        {"2^", "1", "", 3, 100000},
        {"", "1", " + 1", 900, 100000},
        {"max(1, ", "1", ")", 250, 50000},
        {"if(1 < 2, 1, ", "1", ")", 250, 50000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        text t = {0};
        put(&t, "hold ");
        repeat_around(&t, cases[i].before, cases[i].middle, cases[i].after, cases[i].most);
        int code = compile_and_free(&t, NULL);
        if (code != 0)
            print_error("%d times `%s`: LRS%04d\n", cases[i].most, cases[i].before, code);
        assert_int_equal(code, 0);
        t = (text){0};
        put(&t, "hold ");
        repeat_around(&t, cases[i].before, cases[i].middle, cases[i].after, cases[i].least);
        code = compile_and_free(&t, NULL);
        if (code == 0)
            print_error("%d times `%s` compiles\n", cases[i].least, cases[i].before);
        assert_int_not_equal(code, 0);
    }
}

/* Declarations that build on each other, to and against the order of the file. */
static void test_long_chains(void **unused)
{
    (void)unused;
    static const struct {
        int up, n, code;
    } cases[] = {{1, 500, 0}, {1, 1000, 0}, {1, 30000, 0}, {0, 500, 0}, {0, 501, 215}, {0, 30000, 215}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        int up = cases[k].up, n = cases[k].n;
        text t = {0};
        double v = 0;
        if (up)
            put(&t, "let a0 = 1\n");
        for (int i = 1; i < n; i++)
            put(&t, "let a%d = a%d + 1\n", up ? i : n - i, up ? i - 1 : n - i - 1);
        if (!up)
            put(&t, "let a0 = 1\n");
        put(&t, "hold a%d\n", n - 1);
        assert_int_equal(compile_and_free(&t, &v), cases[k].code);
        assert_true(cases[k].code || v == n);
    }
    /* params: what a chain is worth is known when the run starts */
    text p = {0};
    double sum = 0;
    put(&p, "param z = 1\nlet a0 = z\n");
    for (int i = 1; i < 10000; i++)
        put(&p, "let a%d = a%d + z\n", i, i - 1);
    put(&p, "hold a9999\n");
    assert_int_equal(compile_and_free(&p, &sum), 0);
    assert_true(sum == 10000);
}

/* The call, for each definition a sum and a call, and the formal of the first: 2 n levels when there are n definitions. */
static void test_levels(void **unused)
{
    (void)unused;
    static const int counts[] = {500, 1000, 1001, 15000};
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
        int n = counts[k];
        text t = {0};
        double v = 0;
        put(&t, "def f0(x) = x\n");
        for (int i = 1; i < n; i++)
            put(&t, "def f%d(x) = f%d(x) + 1\n", i, i - 1);
        put(&t, "hold f%d(1)\n", n - 1);
        assert_int_equal(compile_and_free(&t, &v), n <= 1000 ? 0 : 215);
        assert_true(n > 1000 || v == n);
    }
    /* lets are computed once: one that has many levels is no part of what uses it */
    text t = {0};
    double v = 0;
    put(&t, "param z = 1\nlet a0 = z\n");
    for (int i = 1; i <= 40; i++) {
        put(&t, "let a%d = a%d", i, i - 1);
        for (int j = 0; j < 900; j++)
            put(&t, " + z");
        put(&t, "\n");
    }
    put(&t, "hold a40\n");
    assert_int_equal(compile_and_free(&t, &v), 0);
    assert_true(v == 1 + 40 * 900);
}

/* `let` and the call of `min` are a part each, so is each number and each argument; the phase, its statement and its number. */
static void test_parts(void **unused)
{
    (void)unused;
    for (int past = 0; past <= 1; past++) {
        text t = {0};
        double v = 0;
        put(&t, "let a = min(1");
        for (int i = 0; i < ((1 << 17) - 8) / 2; i++)
            put(&t, ",1");
        put(&t, ")\nhold -%sa\n", past ? "-" : "");
        assert_int_equal(compile_and_free(&t, &v), past ? 114 : 0);
        assert_true(past || v == -1);
    }
}

static void test_laws(void **unused)
{
    (void)unused;
    for (int n = 64; n <= 65; n++) {
        text t = {0};
        for (int i = 0; i < n; i++)
            put(&t, "shape s(u, x%d) = u*x%d\n", i, i);
        put(&t, "s 10 x63=1 from 1 -> 0\n");
        assert_int_equal(compile_and_free(&t, NULL), n <= 64 ? 0 : 215);
    }
}

/* What is visited once all definitions are put in: a call, a sum and a body of one number for each of n, half a million at most. */
static void test_expressions(void **unused)
{
    (void)unused;
    static const int thousands[] = {340, 360}; /* times three: 2^20 is between them */
    for (int k = 0; k < 2; k++) {
        text t = {0};
        double v = 0;
        put(&t, "def f() = 1\ndef g() = f()");
        for (int i = 1; i < 500; i++)
            put(&t, " + f()");
        put(&t, "\nhold g()");
        for (int i = 1; i < thousands[k] * 2; i++)
            put(&t, " + g()");
        put(&t, "\n");
        assert_int_equal(compile_and_free(&t, &v), k ? 215 : 0);
        assert_true(k || v == 340000);
    }
}

/* Values that many phases after each other use, some of them from the first to the last: registers are few, places in T are not. */
static void test_many_phases_of_params(void **unused)
{
    (void)unused;
    text t = {0};
    enum { N = 1600 };
    put(&t, "param p = 1\nhold p for 10\n");
    for (int i = 1; i < N; i++)
        put(&t, "linear 10 -> p*0.%d\n", i % 697 + 100);
    schedule s = schedule_open(t.at, NULL, "p=2");
    for (int i = 2; i < N; i++) {
        char digits[2][16];
        snprintf(digits[0], sizeof digits[0], "0.%d", (i - 1) % 697 + 100);
        snprintf(digits[1], sizeof digits[1], "0.%d", i % 697 + 100);
        assert_near(schedule_at(&s, 10 * i + 5), strtold(digits[0], NULL) + strtold(digits[1], NULL), "phase", i);
    }
    schedule_close(&s);
    free(t.at);
}

/* Definitions that use what they build on several times: 4^n values. Equal ones are made once, and what is really too much
 * is refused. */
static void test_blow_up(void **unused)
{
    (void)unused;
    for (int shared = 0; shared < 2; shared++) {
        text t = {0};
        put(&t, "param z = 1\ndef f0(x) = sin(x) + 0.1\n");
        for (int i = 1; i < 40; i++)
            put(&t, shared ? "def f%d(x) = f%d(x) + f%d(x)\n" : "def f%d(x) = (f%d(x) + f%d(x + 1))/2\n", i, i - 1, i - 1);
        put(&t, "hold f39(z)\n");
        assert_int_equal(compile_and_free(&t, NULL), 215);
    }
    text t = {0}; /* lets share: no blow-up at all */
    double v = 0;
    put(&t, "param z = 1\nlet a0 = z\n");
    for (int i = 1; i < 60; i++)
        put(&t, "let a%d = a%d + a%d\n", i, i - 1, i - 1);
    put(&t, "hold a59\n");
    assert_int_equal(compile_and_free(&t, &v), 0);
    assert_true(v == 576460752303423488.0); /* 2^59 */

    /* the step code of many phases, each with its own copy */
    t = (text){0};
    put(&t, "def f0(x) = sin(x) + 0.1\n");
    for (int i = 1; i < 9; i++)
        put(&t, "def f%d(x) = (f%d(x) + f%d(x + 1))/2\n", i, i - 1, i - 1);
    for (int i = 0; i < 200; i++)
        put(&t, "curve f8(t/%d) for 10\n", i + 1);
    int code = compile_and_free(&t, NULL);
    assert_true(code == 0 || code == 215);
}

/* More values alive at the same time than there are registers. */
static void test_registers(void **unused)
{
    (void)unused;
    for (int n = 4; n <= 100000; n *= 5) {
        text t = {0};
        put(&t, "curve ");
        for (int i = 0; i < n && i < 900; i++)
            put(&t, "(sin(t + %d) + ", i);
        put(&t, "1");
        for (int i = 0; i < n && i < 900; i++)
            put(&t, "*cos(t*%d))", i + 1);
        int code = compile_and_free(&t, NULL);
        if (n == 4)
            assert_int_equal(code, 0);
        assert_true(code == 0 || code == 110 || code == 215); /* too deep, or too many */
    }
    /* every sine is wanted by the sums and, when all of them are done, by the products */
    for (int groups = 1; groups <= 64; groups *= 8) {
        text t = {0};
        put(&t, "def s(x) = sin(x)");
        for (int i = 1; i < 64; i++)
            put(&t, " + sin(x + %d)", i);
        put(&t, "\ndef p(x) = sin(x)");
        for (int i = 1; i < 64; i++)
            put(&t, "*sin(x + %d)", i);
        put(&t, "\ncurve (s(t)");
        for (int i = 1; i < groups; i++)
            put(&t, " + s(t*%d)", i + 1);
        put(&t, ")*(p(t)");
        for (int i = 1; i < groups; i++)
            put(&t, " + p(t*%d)", i + 1);
        put(&t, ")\n");
        int code = compile_and_free(&t, NULL);
        assert_int_equal(code, groups == 1 ? 0 : 215);
    }
}

static void test_large_source(void **unused)
{
    (void)unused;
    text t = {0};
    size_t most = (size_t)4 << 20;
    t.at = calloc(most + 1, 1);
    assert_non_null(t.at);
    memset(t.at, ' ', most + 1);
    memcpy(t.at, "hold 1", 6);
    t.n = most;
    assert_int_equal(compile(&t, NULL), 0);
    t.n = most + 1;
    assert_int_equal(compile(&t, NULL), 114);
    free(t.at);
}

/* Thousands of mistakes: the first are shown, the others counted. */
static void test_many_errors(void **unused)
{
    (void)unused;
    text t = {0};
    lrs_program *p = NULL;
    lrs_diagnostics *d = NULL;
    for (int i = 0; i < 20000; i++)
        put(&t, "hold a%d for 5\n", i);
    assert_int_equal(lrs_compile(&p, t.at, t.n, NULL, &d), LRS_E_SOURCE);
    assert_int_equal(lrs_diagnostics_errors(d), 20000);
    assert_true(lrs_diagnostics_count(d) <= 100);
    lrs_diagnostics_free(d);
    free(t.at);
    t = (text){0};
    for (int i = 0; i < 20000; i++)
        put(&t, "let a%d = 1\n", i);
    put(&t, "hold 1\n");
    d = NULL;
    assert_int_equal(lrs_compile(&p, t.at, t.n, NULL, &d), LRS_OK);
    assert_true(lrs_diagnostics_count(d) <= 100);
    lrs_diagnostics_free(d);
    lrs_program_free(p);
    free(t.at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_phases),  cmocka_unit_test(test_many_pieces),     cmocka_unit_test(test_many_times),
        cmocka_unit_test(test_many_rules_and_params), cmocka_unit_test(test_formals), cmocka_unit_test(test_deep_expressions),
        cmocka_unit_test(test_long_chains),  cmocka_unit_test(test_blow_up),         cmocka_unit_test(test_registers),
        cmocka_unit_test(test_large_source), cmocka_unit_test(test_many_errors),
        cmocka_unit_test(test_levels),       cmocka_unit_test(test_parts),           cmocka_unit_test(test_laws),
        cmocka_unit_test(test_expressions),  cmocka_unit_test(test_many_phases_of_params),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
