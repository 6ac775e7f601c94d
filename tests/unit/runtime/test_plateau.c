/* test_plateau.c: the plateau rule against PyTorch: a recorded table of what ReduceLROnPlateau does (plateau_torch.py), and
 * a transcription of its documented algorithm over many random settings and metrics. */
#include <math.h>
#include <stdlib.h>

#include "iprog.h"
#include "kernel/state.h"
#include "rt.h"

typedef struct torch_row {
    double metric, best, lr;
    int bad, cooling, reduced;
} torch_row;

typedef struct torch_case {
    int mode_max, absolute;
    double patience, threshold, cooldown, factor, min_lr, eps;
    const torch_row *rows;
    int n;
} torch_case;

#include "plateau_torch.inc"

static const uint64_t *words(const lrs_state *s)
{
    return (const uint64_t *)(const void *)s;
}

static const int64_t *ints(const lrs_state *s)
{
    return (const int64_t *)(const void *)(words(s) + LRS_K_HEADER_WORDS);
}

static const double *doubles(const lrs_plan *plan, const lrs_state *s)
{
    return (const double *)(const void *)(words(s) + LRS_K_HEADER_WORDS + plan->k.layout->ni);
}

static void run_torch_case(const torch_case *c, const lrs_kernels *kernels)
{
    rt_plateau settings = {c->mode_max, c->absolute, c->patience, c->threshold, c->cooldown, 0, 0, LRS_K_SCALE, 1.0,
                           c->factor,   c->min_lr,   c->eps};
    arena mem;
    arena_init(&mem, NULL);
    lrs_plan *plan = rt_plan(rt_program(rt_plateau_ir(&settings, &mem), &mem), NULL, kernels);
    lrs_state *s;
    assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
    const lrs_k_det *t = &plan->k.dets[0];
    for (int k = 0; k < c->n; k++) {
        const torch_row *row = &c->rows[k];
        double before = lrs_value(plan, s, 0, k);
        double lr = lrs_get_lr(plan, s, k, row->metric);
        if (rt_bits(lr) != rt_bits(row->lr) || ints(s)[t->i] != row->bad || ints(s)[t->i + 1] != row->cooling ||
            rt_bits(doubles(plan, s)[t->d]) != rt_bits(row->best))
            fail_msg("case %d, step %d: lr %a, bad %d, cooling %d, best %a; torch: %a, %d, %d, %a", (int)(c - torch_cases), k,
                     lr, (int)ints(s)[t->i], (int)ints(s)[t->i + 1], doubles(plan, s)[t->d], row->lr, row->bad, row->cooling,
                     row->best);
        if (!row->reduced)
            assert_same_bits(lr, before);
    }
    lrs_state_free(s, plan);
    lrs_plan_free(plan);
    arena_free(&mem);
}

static void same_as_torch(void **unused)
{
    const lrs_kernels *kernels[4];
    size_t n = rt_kernels(kernels);
    (void)unused;
    for (size_t v = 0; v < n; v++) {
        for (size_t k = 0; k < sizeof torch_cases / sizeof torch_cases[0]; k++)
            run_torch_case(&torch_cases[k], kernels[v]);
    }
}

/* ReduceLROnPlateau.step, line by line, with the additions: `every` and `smooth`. */
typedef struct torch {
    rt_plateau s;
    double best, lr, ema, weight;
    int64_t num_bad_epochs, cooldown_counter, last;
    int any, reductions;
} torch;

static int torch_is_better(const torch *t, double a)
{
    double best = t->best;
    if (!t->s.mode_max && !t->s.absolute) {
        double rel_epsilon = 1.0 - t->s.threshold;
        return a < best * rel_epsilon;
    }
    if (!t->s.mode_max)
        return a < best - t->s.threshold;
    if (!t->s.absolute) {
        double rel_epsilon = t->s.threshold + 1.0;
        return a > best * rel_epsilon;
    }
    return a > best + t->s.threshold;
}

static void torch_step(torch *t, int64_t step, double metric)
{
    double current = metric;
    if (t->s.smooth > 0 && isfinite(metric)) {
        t->ema = fma(t->s.smooth, t->ema, (1 - t->s.smooth) * metric);
        t->weight = fma(t->s.smooth, t->weight, 1 - t->s.smooth);
        current = t->ema / t->weight;
    }
    if (t->any && (double)(step - t->last) < t->s.every)
        return;
    t->any = 1;
    t->last = step;
    if (torch_is_better(t, current)) {
        t->best = current;
        t->num_bad_epochs = 0;
    } else {
        t->num_bad_epochs += 1;
    }
    if (t->cooldown_counter > 0) {
        t->cooldown_counter -= 1;
        t->num_bad_epochs = 0;
    }
    if ((double)t->num_bad_epochs > t->s.patience) {
        double old_lr = t->lr, new_lr = fmax(old_lr * t->s.factor, t->s.floor);
        if (old_lr - new_lr > t->s.eps)
            t->lr = new_lr;
        t->reductions++;
        t->cooldown_counter = (int64_t)t->s.cooldown;
        t->num_bad_epochs = 0;
    }
}

static void same_as_transcription(void **unused)
{
    static const double patiences[] = {0, 1, 2, 3, 10}, thresholds[] = {0, 1e-4, 0.01, 0.5}, cooldowns[] = {0, 0, 1, 4};
    static const double everys[] = {0, 0, 5, 2.5}, smooths[] = {0, 0, 0.5, 0.98}, factors[] = {0.5, 0.1, 0.9};
    static const double floors[] = {0, 1e-6, 0.3}, epses[] = {1e-8, 0, 0.05};
    uint64_t seed = 7;
    int reductions = 0;
    (void)unused;
    for (int round = 0; round < 400; round++) {
#define PICK(list) list[iprog_random(&seed) % (sizeof list / sizeof list[0])]
        torch t = {.s = {(int)(iprog_random(&seed) & 1), (int)(iprog_random(&seed) & 1), PICK(patiences), PICK(thresholds),
                         PICK(cooldowns), PICK(everys), PICK(smooths), LRS_K_SCALE, 1.0, PICK(factors), PICK(floors), PICK(epses)},
                   .lr = 1.0};
        arena mem;
        arena_init(&mem, NULL);
        lrs_plan *plan = rt_plan(rt_program(rt_plateau_ir(&t.s, &mem), &mem), NULL, lrs_kernels_pick());
        lrs_state *s;
        assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
        t.best = t.s.mode_max ? -(double)INFINITY : (double)INFINITY;
        int64_t step = -3;
        for (int k = 0; k < 200; k++) {
            double m = iprog_metric(&seed, (uint64_t)k);
            step += 1 + (int64_t)(iprog_random(&seed) % 3);
            double lr = lrs_get_lr(plan, s, step, m);
            if (m == m)
                torch_step(&t, step, m);
            const lrs_k_det *d = &plan->k.dets[0];
            assert_same_bits(lr, t.lr);
            assert_same_bits(doubles(plan, s)[d->d], t.best);
            assert_int_equal(ints(s)[d->i], t.num_bad_epochs);
            assert_int_equal(ints(s)[d->i + 1], t.cooldown_counter);
            /* observing again changes nothing */
            uint64_t before[64];
            memcpy(before, words(s), lrs_state_size(plan));
            assert_int_equal(lrs_observe(plan, s, 0, step, m + 1), 0);
            assert_int_equal(lrs_observe(plan, s, 0, step - 1, m + 1), 0);
            assert_int_equal(lrs_observe(plan, s, 0, step + 1, NAN), 0);
            assert_memory_equal(before, words(s), lrs_state_size(plan));
        }
        reductions += t.reductions;
        lrs_state_free(s, plan);
        lrs_plan_free(plan);
        arena_free(&mem);
    }
    assert_true(reductions > 1000);
}

/* With a constant metric from step 0 on and patience 3, the first halving comes at the fifth observation. */
static void fifth_observation(void **unused)
{
    rt_plateau settings = {.patience = 3, .threshold = 1e-4, .base = 0.1, .factor = 0.5, .floor = -INFINITY, .eps = 1e-8};
    arena mem;
    (void)unused;
    arena_init(&mem, NULL);
    lrs_plan *plan = rt_plan(rt_program(rt_plateau_ir(&settings, &mem), &mem), NULL, lrs_kernels_pick());
    lrs_state *s;
    assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
    for (int k = 0; k < 4; k++)
        assert_same_bits(lrs_get_lr(plan, s, k, 1.0), 0.1);
    assert_same_bits(lrs_get_lr(plan, s, 4, 1.0), 0.05);
    assert_same_bits(lrs_get_lr(plan, s, 4, 1.0), 0.05);
    assert_same_bits(lrs_get_lr(plan, s, 5, NAN), 0.05);
    assert_int_equal(ints(s)[1], 1);
    assert_int_equal(ints(s)[plan->k.rules[0].i], 1);
    assert_int_equal(ints(s)[plan->k.rules[0].i + 1], 4);
    lrs_state_free(s, plan);
    lrs_plan_free(plan);
    arena_free(&mem);
}

static void stops(void **unused)
{
    rt_plateau settings = {.patience = 0, .action = LRS_K_STOP, .base = 0.1};
    arena mem;
    (void)unused;
    arena_init(&mem, NULL);
    lrs_plan *plan = rt_plan(rt_program(rt_plateau_ir(&settings, &mem), &mem), NULL, lrs_kernels_pick());
    lrs_state *s;
    assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
    assert_int_equal(lrs_observe(plan, s, 0, 0, 1.0), 0);
    assert_int_equal(lrs_stopped(s), 0);
    assert_int_equal(lrs_observe(plan, s, 0, 1, 1.0), 1);
    assert_int_equal(lrs_stopped(s), 1);
    assert_same_bits(lrs_value(plan, s, 0, 1), 0.1);
    lrs_state_free(s, plan);
    lrs_plan_free(plan);
    arena_free(&mem);
}

/* Settings no one should write do no harm: all the way to numbers that no integer holds. */
static void odd_settings(void **unused)
{
    static const double odd[] = {0, -1, 0.5, 2.5, 1e300, INFINITY, -INFINITY, NAN, 9.3e18};
    uint64_t seed = 5;
    (void)unused;
    for (size_t k = 0; k < 9 * 9; k++) {
        rt_plateau settings = {.patience = odd[k % 9], .cooldown = odd[k / 9], .threshold = odd[(k / 3) % 9], .every = odd[(k + 4) % 9],
                               .smooth = odd[(k / 2) % 9], .base = 1, .factor = odd[(k + k / 9) % 9], .floor = 0, .eps = 0};
        arena mem;
        arena_init(&mem, NULL);
        lrs_plan *plan = rt_plan(rt_program(rt_plateau_ir(&settings, &mem), &mem), NULL, lrs_kernels_pick());
        lrs_state *s;
        assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
        lrs_observe(plan, s, 0, INT64_MIN, 1.0); /* not after "none" */
        assert_int_equal(ints(s)[2], INT64_MIN);
        lrs_observe(plan, s, 0, INT64_MIN + 1, 1.0);
        for (int j = 0; j < 50; j++)
            lrs_get_lr(plan, s, j, iprog_metric(&seed, (uint64_t)j));
        lrs_observe(plan, s, 0, INT64_MAX, 1.0);
        assert_int_equal(ints(s)[2], INT64_MAX);
        assert_true(ints(s)[plan->k.dets[0].i] >= 0 && ints(s)[plan->k.dets[0].i + 1] >= 0);
        lrs_state_free(s, plan);
        lrs_plan_free(plan);
        arena_free(&mem);
    }
}

/* One loss that overflows is one bad observation, also for an average: it does not stay in it for ever. */
static void infinity_is_forgotten(void **unused)
{
    rt_plateau s = {.patience = 1, .threshold = 1e-4, .smooth = 0.5, .action = LRS_K_SCALE, .base = 1, .factor = 0.5};
    arena mem;
    lrs_state *state;
    (void)unused;
    arena_init(&mem, NULL);
    lrs_plan *plan = rt_plan(rt_program(rt_plateau_ir(&s, &mem), &mem), NULL, lrs_kernels_pick());
    assert_int_equal(lrs_state_new(&state, plan), LRS_OK);
    for (int64_t step = 0; step < 60; step++) {
        double metric = step == 10 ? (double)INFINITY : 1.0 / (double)(step + 1);
        assert_int_equal(lrs_observe(plan, state, 0, step, metric), 0);
    }
    lrs_state_free(state, plan);
    lrs_plan_free(plan);
    arena_free(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_torch),   cmocka_unit_test(same_as_transcription), cmocka_unit_test(fifth_observation),
        cmocka_unit_test(stops), cmocka_unit_test(odd_settings), cmocka_unit_test(infinity_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
