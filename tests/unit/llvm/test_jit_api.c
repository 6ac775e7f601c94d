/* test_jit_api.c: lrs_jit of the public interface: from text to machine code, against the interpreter on the same plan. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lrs/lrs.h"

#define CARD "warmup 5 linear -> 0.1; then exp s=1000; on plateau(patience=3) *0.5\n"
#define WITH_PARAMS \
    "param peak = 0.1 in 0.01..1 log\nparam total = 900\nwarmup 30 cosine -> peak\ncosine until total -> 0\n" \
    "on plateau(patience=2, cooldown=1) *0.3 floor=1e-4\n"
#define EXPRESSION \
    "at 10, 20, 30 *0.1\nhold 0.2 for 5\ncurve start * (1 - u)^0.9 + 0.001 * sin(t) for 400\n"
#define ENDED_BY_EVENT "warmup 10 -> 0.3\nhold for 100\nlinear 50 -> 0\non plateau(patience=1) next\n"

#define RELATIONS                                                                                              \
    "let base { warmup 100 -> 1; cosine 900 -> 0 }\n"                                                           \
    "schedule wd = 0.1 * lr\nschedule lr = 0.3 * base { on plateau(patience=2) *0.5; bounds 0 .. 0.2 }\n"      \
    "schedule lr[\"head\"] = min(10 * lr, 1) + wd\nschedule momentum { hold 0.9 for 50; curve 0.95 - lr*step/1000 }\n"
static const char *const programs[] = {CARD, WITH_PARAMS, EXPRESSION, ENDED_BY_EVENT, RELATIONS};

static uint64_t bits(double v)
{
    uint64_t u;
    memcpy(&u, &v, sizeof u);
    return u;
}

static lrs_plan *plan_of(const char *text, const lrs_binding *params, size_t n)
{
    lrs_program *p = NULL;
    lrs_plan *plan = NULL;
    lrs_diagnostics *d = NULL;
    char error[500] = "";
    if (lrs_compile(&p, text, strlen(text), NULL, &d) != 0) {
        char out[4000] = "";
        lrs_diagnostics_render(d, LRS_RENDER_ASCII, out, sizeof out);
        lrs_diagnostics_free(d);
        fail_msg("%s", out);
    }
    lrs_diagnostics_free(d);
    if (lrs_bind(&plan, p, params, n, error, sizeof error) != 0)
        fail_msg("%s", error);
    lrs_program_free(p); /* the plan keeps what it needs */
    return plan;
}

static lrs_functions jit(const lrs_plan *plan, int level)
{
    lrs_functions f = {.size = sizeof f};
    char error[2000] = "";
    if (lrs_jit(&f, plan, level, error, sizeof error) != 0)
        fail_msg("%s", error);
    return f;
}

static size_t compare(const lrs_plan *plan, const lrs_functions *f)
{
    static const int64_t far[] = {-3, INT64_MIN, INT64_MAX, ((int64_t)1 << 53) + 1, 123456789};
    lrs_state *a, *b;
    double y[300], z[300];
    size_t compared = 0, i;
    int64_t step;
    assert_int_equal(lrs_state_new(&a, plan), 0);
    assert_int_equal(lrs_state_new(&b, plan), 0);
    for (step = 0; step < 1200; step++) {
        double metric = step % 7 == 3 ? NAN : 1.0 / (double)(1 + step % 90);
        assert_int_equal(bits(f->get_lr(a, step, metric)), bits(lrs_get_lr(plan, b, step, metric)));
        if (step % 50 == 0)
            assert_int_equal(f->observe(a, 0, step + 1, metric), lrs_observe(plan, b, 0, step + 1, metric));
        compared += 2;
    }
    assert_memory_equal(a, b, lrs_state_size(plan));
    for (i = 0; i < sizeof far / sizeof far[0]; i++)
        assert_int_equal(bits(f->value(a, 0, far[i])), bits(lrs_value(plan, b, 0, far[i])));
    for (i = 0; i < 8; i++)
        y[i] = z[i] = 7.0; /* behind the last output nothing is written */
    f->values(a, 400, y);
    lrs_values(plan, b, 400, z);
    for (i = 0; i < 8; i++) {
        double v = lrs_value(plan, b, i, 400);
        assert_int_equal(bits(y[i]), bits(z[i]));
        assert_int_equal(bits(y[i]), isnan(v) ? bits(7.0) : bits(v));
        assert_int_equal(bits(f->value(a, i, 400)), bits(v));
    }
    f->fill(a, 0, -20, 300, y);
    lrs_fill(plan, b, 0, -20, 300, z);
    assert_memory_equal(y, z, sizeof y);
    lrs_state_free(a, plan);
    lrs_state_free(b, plan);
    return compared + i + 300;
}

static void test_same_as_interpreter(void **state)
{
    size_t i, n = 0;
    int level;
    (void)state;
    for (i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        lrs_plan *plan = plan_of(programs[i], NULL, 0);
        for (level = 0; level <= 3; level++) {
            lrs_functions f = jit(plan, level);
            n += compare(plan, &f);
            lrs_jit_free(&f);
            assert_null(f.handle);
            lrs_jit_free(&f); /* zeroed: nothing happens */
        }
        lrs_plan_free(plan);
    }
    print_message("lrs_jit: %zu results compared\n", n);
}

static void test_params_are_the_plans(void **state)
{
    const lrs_binding low = {"peak", 0.02}, high = {"peak", 0.9};
    lrs_plan *a, *b;
    lrs_functions f, g;
    (void)state;
    a = plan_of(WITH_PARAMS, &low, 1);
    b = plan_of(WITH_PARAMS, &high, 1);
    f = jit(a, 2);
    g = jit(b, 2);
    compare(a, &f);
    compare(b, &g);
    lrs_jit_free(&f);
    lrs_jit_free(&g);
    lrs_plan_free(a);
    lrs_plan_free(b);
}

static void test_card(void **state)
{
    lrs_plan *plan = plan_of(CARD, NULL, 0);
    lrs_functions f = jit(plan, 2);
    lrs_state *s;
    int64_t step;
    (void)state;
    assert_int_equal(lrs_state_new(&s, plan), 0);
    memset(s, 0, lrs_state_size(plan)); /* no state: it has no rate */
    assert_true(isnan(f.get_lr(s, 5, 1.0)) && isnan(lrs_get_lr(plan, s, 5, 1.0)));
    double y[2] = {0, 0};
    f.fill(s, 0, 5, 2, y);
    assert_true(isnan(y[0]) && isnan(y[1]));
    lrs_state_init(s, plan);
    assert_true(f.get_lr(s, 0, NAN) == 0.0);
    assert_true(f.get_lr(s, 1, NAN) == 0.02);
    assert_true(f.get_lr(s, 5, NAN) == 0.1);
    assert_true(fabs(f.value(s, 0, 1005) - 0.01) < 2e-18);
    /* A metric that stays: PyTorch's patience=3 halves at the fifth observation. */
    for (step = 0; step < 5; step++)
        assert_int_equal(f.observe(s, 0, step, 1.0), step == 4);
    assert_true(f.value(s, 0, 5) == 0.05);
    lrs_state_free(s, plan);
    lrs_jit_free(&f);
    lrs_plan_free(plan);
}

/* The names of the functions in the machine code hold the output's. */
static void test_long_name(void **state)
{
    char text[400] = "schedule ";
    lrs_plan *plan;
    lrs_functions f;
    (void)state;
    memset(text + 9, 'x', 300);
    strcpy(text + 309, " { warmup 5 -> 1 }");
    plan = plan_of(text, NULL, 0);
    f = jit(plan, 0);
    compare(plan, &f);
    lrs_jit_free(&f);
    lrs_plan_free(plan);
}

static void test_arguments(void **state)
{
    lrs_plan *plan = plan_of(CARD, NULL, 0);
    lrs_functions f = {.size = sizeof f};
    char error[200] = "";
    (void)state;
    assert_int_equal(lrs_jit(NULL, plan, 2, error, sizeof error), LRS_E_ARG);
    assert_true(strlen(error) > 10);
    assert_int_equal(lrs_jit(&f, NULL, 2, NULL, 0), LRS_E_ARG);
    assert_int_equal(lrs_jit(&f, plan, 4, NULL, 0), LRS_E_ARG);
    assert_int_equal(lrs_jit(&f, plan, -1, NULL, 0), LRS_E_ARG);
    lrs_jit_free(&f); /* a failed call leaves nothing to free */
    lrs_jit_free(NULL);
    lrs_jit_free(&(lrs_functions){0});
    lrs_plan_free(plan);
}

/* Outputs and inputs that there are not: what the interpreter says to them. */
static void test_out_of_range(void **state)
{
    static const size_t beyond[] = {1, 2, 1000, (size_t)1 << 31, (size_t)UINT32_MAX, SIZE_MAX};
    static const char *const texts[] = {CARD, "warmup 5 -> 0.1\n"};
    size_t t, i;
    (void)state;
    for (t = 0; t < 2; t++) {
        lrs_plan *plan = plan_of(texts[t], NULL, 0);
        lrs_functions f = jit(plan, 2);
        lrs_state *s, *untouched;
        double y[3] = {7, 7, 7};
        assert_int_equal(lrs_state_new(&s, plan), 0);
        assert_int_equal(lrs_state_new(&untouched, plan), 0);
        for (i = 0; i < sizeof beyond / sizeof beyond[0]; i++) {
            assert_int_equal(bits(f.value(s, beyond[i], 3)), bits(lrs_value(plan, s, beyond[i], 3)));
            assert_true(isnan(f.value(s, beyond[i], 3)));
            assert_int_equal(f.observe(s, beyond[i], 3, 0.5), 0);
            y[0] = y[1] = y[2] = 7;
            f.fill(s, beyond[i], 0, 2, y);
            assert_true(isnan(y[0]) && isnan(y[1]) && y[2] == 7);
        }
        assert_memory_equal(s, untouched, lrs_state_size(plan));
        lrs_state_free(s, plan);
        lrs_state_free(untouched, plan);
        lrs_jit_free(&f);
        lrs_plan_free(plan);
    }
}

/* A struct of another version of the header. */
static void test_sizes(void **state)
{
    static const size_t none[] = {0, 1, sizeof(size_t), 2 * sizeof(size_t) - 1, LRS_STRUCT_MAX + 1, SIZE_MAX};
    union {
        lrs_functions f;
        unsigned char bytes[sizeof(lrs_functions) + 64];
    } u;
    lrs_plan *plan = plan_of(CARD, NULL, 0);
    lrs_state *s;
    size_t i;
    char error[200];
    (void)state;
    assert_int_equal(lrs_state_new(&s, plan), 0);
    /* older: without observe and fill */
    memset(&u, 0xa5, sizeof u);
    u.f.size = offsetof(lrs_functions, observe);
    assert_int_equal(lrs_jit(&u.f, plan, 0, error, sizeof error), 0);
    assert_int_equal(u.f.size, offsetof(lrs_functions, observe));
    assert_true(u.f.value(s, 0, 5) == 0.1);
    for (i = offsetof(lrs_functions, observe); i < sizeof u; i++)
        assert_int_equal(u.bytes[i], 0xa5);
    lrs_jit_free(&u.f);
    assert_null(u.f.handle);
    for (i = offsetof(lrs_functions, observe); i < sizeof u; i++)
        assert_int_equal(u.bytes[i], 0xa5);
    /* newer */
    memset(&u, 0xa5, sizeof u);
    u.f.size = sizeof u - 8;
    assert_int_equal(lrs_jit(&u.f, plan, 0, error, sizeof error), 0);
    assert_true(u.f.get_lr(s, 5, NAN) == 0.1);
    for (i = sizeof(lrs_functions); i < sizeof u; i++)
        assert_int_equal(u.bytes[i], i < sizeof u - 8 ? 0 : 0xa5);
    lrs_jit_free(&u.f);
    assert_null(u.f.get_lr);
    assert_int_equal(u.f.size, sizeof u - 8);
    /* none at all */
    for (i = 0; i < sizeof none / sizeof none[0]; i++) {
        memset(&u, 0xa5, sizeof u);
        u.f.size = none[i];
        assert_int_equal(lrs_jit(&u.f, plan, 0, error, sizeof error), LRS_E_ARG);
        assert_non_null(strstr(error, "size"));
        assert_int_equal(u.bytes[sizeof(size_t)], 0xa5);
    }
    /* a failure leaves zeros */
    memset(&u, 0xa5, sizeof u);
    u.f.size = sizeof u.f;
    assert_int_equal(lrs_jit(&u.f, plan, 9, error, sizeof error), LRS_E_ARG);
    assert_true(!u.f.handle && !u.f.get_lr && !u.f.fill && u.f.size == sizeof u.f);
    lrs_state_free(s, plan);
    lrs_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_interpreter),
        cmocka_unit_test(test_params_are_the_plans),
        cmocka_unit_test(test_card),
        cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_out_of_range),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests_name("lrs_jit", tests, NULL, NULL);
}
