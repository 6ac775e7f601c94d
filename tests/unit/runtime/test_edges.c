/* test_edges.c: laws at the very edges of their phases, from text to values: the step where a phase of fractional length
 * begins, steps next to the ends of very long phases. Expected values are exact in their formula, written here anew. */
#include <math.h>
#include <stdio.h>

#include "rt.h"

static lrs_plan *plan_of(const char *text, lrs_state **s)
{
    lrs_program *p;
    lrs_plan *plan;
    assert_int_equal(lrs_compile(&p, text, strlen(text), NULL, NULL), LRS_OK);
    assert_int_equal(lrs_bind(&plan, p, NULL, 0, NULL, 0), LRS_OK);
    assert_int_equal(lrs_state_new(s, plan), LRS_OK);
    lrs_program_free(p);
    return plan;
}

static double value_of(const char *text, int64_t step)
{
    lrs_state *s;
    lrs_plan *plan = plan_of(text, &s);
    double v = lrs_value(plan, s, 0, step);
    lrs_state_free(s, plan);
    lrs_plan_free(plan);
    return v;
}

/* Where start + length is rounded, the phase is not quite as long as its length: no root of what lies below 0. */
static void fractional_lengths(void **unused)
{
    static const char *const laws[] = {"linear", "cosine",  "poly",       "poly power=0.9", "sqrt", "square",
                                       "tanh",   "sigmoid", "smoothstep", "rex",            "exp"};
    (void)unused;
    for (size_t k = 0; k < sizeof laws / sizeof laws[0]; k++) {
        for (int start = 1; start < 9000; start += 173) {
            char text[100];
            double length = 0.7 + start * 0.123;
            snprintf(text, sizeof text, "hold 1 for %d; %s %.3f -> 1e-3", start, laws[k], length);
            double first = value_of(text, start), last = value_of(text, (int64_t)(start + length));
            /* the end is rounded by an ulp of its time */
            if (!(fabs(first - 1) < 1e-12) || !(last >= 1e-3 - 1e-15 && last <= 1))
                fail_msg("%s: %.17g at its first step, %.17g at its last", text, first, last);
        }
    }
}

/* 1 - sqrt(u) near u = 0, where 1 - u has no digits of u left. */
static void cooldown_begins_exactly(void **unused)
{
    (void)unused;
    for (int64_t step = 0; step < 20; step++) {
        double expected = (double)(1 - sqrtl((long double)step / 1e9L));
        double v = value_of("sqrt 1e9 from 1 -> 0", step);
        if (!(fabs(v - expected) <= 0x1p-52))
            fail_msg("step %d: %.17g, expected %.17g", (int)step, v, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fractional_lengths),
        cmocka_unit_test(cooldown_begins_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
