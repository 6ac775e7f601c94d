/* test_rounds.c: what lrs_explain_at says of rounds. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lrs/lrs.h"

static lrs_explanation why(const char *text, int64_t step)
{
    lrs_explanation x = {.size = sizeof x};
    static char words[512];
    lrs_program *program;
    lrs_plan *plan;
    lrs_state *s;
    assert_int_equal(lrs_compile(&program, text, strlen(text), NULL, NULL), 0);
    assert_int_equal(lrs_bind(&plan, program, NULL, 0, NULL, 0), 0);
    assert_int_equal(lrs_state_new(&s, plan), 0);
    assert_int_equal(lrs_explain_at(&x, plan, s, 0, step), 0);
    strncpy(words, x.inner_text, sizeof words - 1); /* it belongs to the program */
    x.inner_text = words;
    x.phase_text = NULL;
    lrs_state_free(s, plan);
    lrs_plan_free(plan);
    lrs_program_free(program);
    return x;
}

#define SGDR "warmup 10 -> 1\nrepeat 3 stretch=2 { cosine 10 from 1 -> 0.1; hold for 5 }\nhold 0.05"

static void test_round(void **state)
{
    (void)state;
    lrs_explanation x = why(SGDR, 5);
    assert_int_equal(x.round, -1);
    assert_string_equal(x.inner_text, "");
    x = why(SGDR, 24);
    assert_int_equal(x.round, 0);
    assert_string_equal(x.inner_text, "hold for 5");
    assert_true(x.inner_start == 20 && x.inner_end == 25 && x.phase_start == 10 && x.phase_end == 115);
    x = why(SGDR, 25);
    assert_int_equal(x.round, 1);
    assert_string_equal(x.inner_text, "cosine 10 from 1 -> 0.1");
    assert_string_equal(x.law, "half-cosine");
    assert_true(x.inner_start == 25 && x.inner_end == 45);
    x = why(SGDR, 114);
    assert_int_equal(x.round, 2);
    assert_true(x.inner_start == 95 && x.inner_end == 115);
    x = why(SGDR, 115);
    assert_int_equal(x.round, -1);
}

static void test_nested(void **state)
{
    const char *text = "repeat { repeat 2 { linear 4 from 1 -> 0; hold for 1 }; hold 3 for 5 }";
    (void)state;
    lrs_explanation x = why(text, 15 * 1000 + 9);
    assert_int_equal(x.round, 1);
    assert_string_equal(x.inner_text, "hold for 1");
    assert_true(x.inner_start == 15009 && x.inner_end == 15010);
    x = why(text, 15 * 1000 + 12);
    assert_int_equal(x.round, 1000);
    assert_string_equal(x.inner_text, "hold 3 for 5");
}

static void test_rules_in_braces(void **state)
{
    const char *text = "hold 1 for 5\nlinear 100 -> 0 { every 10 *0.5 }";
    (void)state;
    lrs_explanation x = why(text, 50);
    assert_int_equal(x.round, -1);
    assert_true(x.inner_start == 5 && x.inner_end == 105);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_round), cmocka_unit_test(test_nested), cmocka_unit_test(test_rules_in_braces)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
