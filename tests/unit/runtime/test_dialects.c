/* test_dialects.c: the plateau rules of Keras, Optax and Paddle against a recorded table of what these libraries do with random
 * metrics (plateau_dialects.py): the best value, the counters and the rate after each observation. */
#include <float.h>
#include <math.h>

#include "kernel/state.h"
#include "rt.h"

typedef struct dialect_row {
    double metric, best;
    int bad, cooling, acted; /* acted: of Keras, whose own rate is in single precision */
    double rate;             /* of the others */
} dialect_row;

typedef struct dialect_case {
    int dialect, mode_max, absolute, patience;
    double threshold;
    int cooldown;
    double factor, eps, atol;
    int size;
    double min_scale;
    const dialect_row *rows;
    int n;
} dialect_case;

#include "plateau_dialects.inc"

static void write_program(const dialect_case *c, char *text, size_t cap)
{
    if (c->dialect == LRS_K_KERAS)
        snprintf(text, cap, "hold 1; on plateau(dialect=keras, mode=%s, patience=%d, min_delta=%.17g, cooldown=%d) *%.17g",
                 c->mode_max ? "max" : "min", c->patience, c->threshold, c->cooldown, c->factor);
    else if (c->dialect == LRS_K_OPTAX)
        snprintf(text, cap, "hold 1; on plateau(dialect=optax, patience=%d, rtol=%.17g, atol=%.17g, cooldown=%d, accumulation_size=%d)"
                 " *%.17g min_scale=%.17g", c->patience, c->threshold, c->atol, c->cooldown, c->size, c->factor, c->min_scale);
    else
        snprintf(text, cap, "hold 1; on plateau(dialect=paddle, mode=%s, threshold_mode=%s, patience=%d, threshold=%.17g, cooldown=%d)"
                 " *%.17g eps=%.17g", c->mode_max ? "max" : "min", c->absolute ? "abs" : "rel", c->patience, c->threshold, c->cooldown,
                 c->factor, c->eps);
}

static void run_case(const dialect_case *c)
{
    char text[500];
    lrs_program *p;
    lrs_plan *plan;
    lrs_state *s;
    write_program(c, text, sizeof text);
    assert_int_equal(lrs_compile(&p, text, strlen(text), NULL, NULL), LRS_OK);
    assert_int_equal(lrs_bind(&plan, p, NULL, 0, NULL, 0), LRS_OK);
    assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
    const lrs_k_det *t = &plan->k.dets[0];
    const uint64_t *words = (const uint64_t *)(const void *)s;
    const int64_t *I = lrs_k_state_ci(words);
    const double *D = lrs_k_state_cd(&plan->k, words);
    for (int k = 0; k < c->n; k++) {
        const dialect_row *row = &c->rows[k];
        /* XLA, on which Optax stands, takes subnormal numbers for 0 */
        double metric = c->dialect == LRS_K_OPTAX && fabs(row->metric) < DBL_MIN ? 0.0 : row->metric;
        int acted = lrs_observe(plan, s, 0, k, metric);
        double rate = lrs_value(plan, s, 0, k);
        int same = c->dialect == LRS_K_KERAS ? acted == row->acted : rt_bits(rate) == rt_bits(row->rate);
        if (!same || rt_bits(D[t->d]) != rt_bits(row->best) || I[t->i] != row->bad || I[t->i + 1] != row->cooling)
            fail_msg("%s\ncase %d, observation %d, %a: best %a, bad %d, cooling %d, acted %d, rate %a; the library: %a, %d, %d, %d, %a",
                     text, (int)(c - dialect_cases), k, row->metric, D[t->d], (int)I[t->i], (int)I[t->i + 1], acted, rate, row->best,
                     row->bad, row->cooling, row->acted, row->rate);
    }
    lrs_state_free(s, plan);
    lrs_plan_free(plan);
    lrs_program_free(p);
}

static void same_as_the_libraries(void **unused)
{
    int of[4] = {0}, rows = 0;
    (void)unused;
    for (size_t k = 0; k < sizeof dialect_cases / sizeof dialect_cases[0]; k++) {
        run_case(&dialect_cases[k]);
        of[dialect_cases[k].dialect]++;
        rows += dialect_cases[k].n;
    }
    printf("%d observations: keras %d, optax %d, paddle %d cases\n", rows, of[LRS_K_KERAS], of[LRS_K_OPTAX], of[LRS_K_PADDLE]);
    assert_true(of[LRS_K_KERAS] >= 20 && of[LRS_K_OPTAX] >= 20 && of[LRS_K_PADDLE] >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_as_the_libraries)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
