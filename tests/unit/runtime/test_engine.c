/* test_engine.c: the interpreter, through the public calls, against a plain reading of the IR: values, bulk values,
 * observations and event-ended phases, with every build of the kernels. And the register code against random expressions. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "encode.h"
#include "iprog.h"
#include "kernel/state.h"
#include "rt.h"

enum { STEPS = 2000, BULK = 1500, SETS = 4 };

static uint64_t compared;

static void same(const char *name, const char *what, int64_t step, double got, double want)
{
    compared++;
    if (rt_bits(got) != rt_bits(want))
        fail_msg("%s: %s at step %" PRId64 ": %a, not %a", name, what, step, got, want);
}

static int64_t plus(int64_t step, size_t n)
{
    return step > 0 && (uint64_t)n > (uint64_t)(INT64_MAX - step) ? INT64_MAX : step + (int64_t)n;
}

static void compare(const char *name, const lrs_plan *plan, const lrs_state *s, iprog_ref *r, uint64_t seed)
{
    static int64_t steps[STEPS];
    static double bulk[BULK];
    size_t n = iprog_steps(r, seed, 100, steps, STEPS);
    for (uint32_t out = 0; out < r->p->layout.nout; out++) {
        for (size_t k = 0; k < n; k++)
            same(name, "value", steps[k], lrs_value(plan, s, out, steps[k]), iprog_naive_value(r, out, steps[k]));
        for (int round = 0; round < 6; round++) {
            int64_t first = steps[iprog_random(&seed) % n];
            size_t len = iprog_random(&seed) % BULK;
            if (round == 0)
                first = -(int64_t)(iprog_random(&seed) % BULK);
            if (round == 1)
                first = INT64_MAX - (int64_t)(iprog_random(&seed) % BULK);
            if (round == 2)
                first = ((int64_t)1 << 53) - (int64_t)(iprog_random(&seed) % BULK);
            lrs_fill(plan, s, out, first, len, bulk);
            for (size_t k = 0; k < len; k++)
                same(name, "fill", plus(first, k), bulk[k], iprog_naive_value(r, out, plus(first, k)));
        }
    }
}

static void compare_state(const lrs_plan *plan, const lrs_state *s, const iprog_ref *r)
{
    const uint64_t *words = (const uint64_t *)(const void *)s;
    assert_int_equal(plan->nwords, r->nwords);
    /* all but the space that loading uses */
    size_t n = LRS_K_HEADER_WORDS + (size_t)r->p->layout.ni + r->p->layout.nsave;
    if (r->p->layout.table != LRS_K_NONE)
        n += r->p->layout.ntable;
    assert_memory_equal(words, r->words, n * sizeof *words);
}

static void hand_built_programs(void **unused)
{
    const lrs_kernels *kernels[4];
    size_t nkernels = rt_kernels(kernels);
    uint64_t acted = 0;
    (void)unused;
    for (size_t i = 0; i < iprog_count() * nkernels; i++) {
        const char *name = iprog_get(i / nkernels)->name;
        arena mem;
        arena_init(&mem, NULL);
        ir_program *p = iprog_build(i / nkernels, &mem);
        lrs_program *q = rt_program(p, &mem);
        for (unsigned set = 0; set < SETS; set++) {
            double params[64];
            iprog_ref r;
            lrs_state *s;
            iprog_params(p, set, params);
            if (iprog_ref_init(&r, p, params, &mem) != 0) { /* a check refuses these */
                lrs_binding b[64];
                lrs_plan *none;
                for (uint32_t k = 0; k < p->layout.nparam; k++)
                    b[k] = (lrs_binding){p->params[k].name, params[k]};
                assert_int_equal(lrs_bind_with(&none, q, b, p->layout.nparam, NULL, 0, kernels[i % nkernels]), LRS_E_PARAM);
                assert_null(none);
                continue;
            }
            lrs_plan *plan = rt_plan(q, params, kernels[i % nkernels]);
            assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
            for (uint32_t k = 0; k < p->layout.nparam; k++)
                assert_same_bits(lrs_plan_param(plan, k), params[k]);
            compare_state(plan, s, &r);
            compare(name, plan, s, &r, set);
            uint64_t seed = set;
            int64_t step = -2;
            for (uint64_t k = 0; k < 1200; k++) {
                uint32_t input = (uint32_t)(iprog_random(&seed) % p->layout.ninput);
                double m = iprog_metric(&seed, k);
                int want = iprog_ref_observe(&r, input, step, m);
                acted += (uint64_t)want;
                assert_int_equal(lrs_observe(plan, s, input, step, m), want);
                if (want || k % 400 == 399) {
                    compare_state(plan, s, &r);
                    same(name, "value", step, lrs_value(plan, s, 0, step), iprog_naive_value(&r, 0, step));
                }
                if (k % 400 == 399)
                    compare(name, plan, s, &r, k);
                step += (int64_t)(iprog_random(&seed) % 4);
            }
            lrs_state_free(s, plan);
            lrs_plan_free(plan);
        }
        arena_free(&mem);
    }
    printf("%" PRIu64 " values compared, %" PRIu64 " rules acted\n", compared, acted);
    assert_true(acted > 100);
}

/* ---- register code ---- */

static double random_number(uint64_t *seed)
{
    static const double odd[] = {0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, 1e-300, 1e300, INFINITY, -INFINITY, NAN, 0x1p-1074};
    uint64_t k = iprog_random(seed) % 40;
    return k < 13 ? odd[k] : (iprog_uniform(seed) - 0.5) * 8.0;
}

static ir_ref random_op(ir_builder *b, uint64_t *seed, const ir_ref *from, size_t n, size_t near)
{
    enum ir_op op = (enum ir_op)(IR_ADD + (int)(iprog_random(seed) % (IR_OPS - IR_ADD)));
    ir_ref x[3];
    for (int k = 0; k < 3; k++)
        x[k] = from[near && near < n ? n - 1 - iprog_random(seed) % near : iprog_random(seed) % n];
    return ir_op(b, op, x[0], x[1], x[2]);
}

/* A program of one segment of step code over random values, two params and a table that grew from them. */
static ir_program *random_program(uint64_t *seed, size_t nops, size_t near, arena *mem)
{
    ir_builder *b = ir_begin(mem);
    ir_ref *v = arena_alloc(mem, (nops + 16) * sizeof *v);
    ir_ref *bindable = arena_alloc(mem, (nops + 16) * sizeof *bindable);
    size_t n = 0, nbind = 0;
    ir_program *p = arena_alloc(mem, sizeof *p);
    static const char *const names[] = {"p", "q"};
    bindable[nbind++] = ir_param_ref(b, 0);
    bindable[nbind++] = ir_param_ref(b, 1);
    bindable[nbind++] = ir_const(b, random_number(seed));
    while (nbind < nops / 4 + 4)
        bindable[nbind] = random_op(b, seed, bindable, nbind, near), nbind++;
    v[n++] = ir_leaf(b, IR_TIME);
    v[n++] = ir_leaf(b, IR_TAU);
    v[n++] = ir_leaf(b, IR_U);
    v[n++] = ir_leaf(b, IR_COU);
    v[n++] = bindable[nbind - 1];
    v[n++] = bindable[iprog_random(seed) % nbind];
    v[n++] = ir_const(b, random_number(seed));
    while (n < nops)
        v[n] = random_op(b, seed, v, n, near), n++;

    p->layout = (lrs_k_layout){.nout = 1, .nkind = 1, .nparam = 2, .ninput = 1, .ntable = 12};
    p->params = arena_alloc(mem, 2 * sizeof *p->params);
    p->params[0] = (ir_param){.name = names[0], .has_default = 1, .def = 0.25};
    p->params[1] = (ir_param){.name = names[1], .has_default = 1, .def = 3.0};
    p->inputs = arena_alloc(mem, sizeof *p->inputs);
    p->output_names = arena_alloc(mem, sizeof *p->output_names);
    p->inputs[0] = p->output_names[0] = names[0];
    p->outs = arena_alloc(mem, sizeof *p->outs);
    p->outs[0] = (lrs_k_out){.nseg = 1, .bounds = LRS_K_NONE};
    p->kinds = arena_alloc(mem, 1);
    p->kinds[0] = LRS_K_EXPR;
    p->phases = arena_alloc(mem, sizeof *p->phases);
    p->phases[0] = LRS_K_NONE;
    p->exprs = arena_alloc(mem, sizeof *p->exprs);
    p->table = arena_alloc(mem, 12 * sizeof *p->table);
    for (size_t k = 0; k < 12; k++)
        p->table[k] = k == 0 ? ir_const(b, INFINITY) : k < 8 ? ir_const(b, k == 2 ? 0.01 : k == 6 ? 100.0 : 0.0)
                                                               : bindable[iprog_random(seed) % nbind];
    p->expr = arena_alloc(mem, sizeof *p->expr);
    p->nexpr = 1;
    p->expr[0].root = v[n - 1];
    p->checks = arena_alloc(mem, 4 * sizeof *p->checks);
    for (p->nchecks = 0; p->nchecks < 3; p->nchecks++)
        p->checks[p->nchecks] = (ir_check){.cond = bindable[iprog_random(seed) % nbind], .message = "a check"};
    assert_int_equal(ir_finish(p, b, mem), 0);
    return p;
}

static void random_expressions(void **unused)
{
    const lrs_kernels *kernels[4];
    size_t nkernels = rt_kernels(kernels);
    uint64_t seed = 3;
    int bound = 0, refused = 0;
    (void)unused;
    for (int round = 0; round < 300; round++) {
        arena mem;
        double params[2];
        iprog_ref r;
        lrs_plan *plan;
        arena_init(&mem, NULL);
        ir_program *p = random_program(&seed, 8 + iprog_random(&seed) % 300, 1 + iprog_random(&seed) % 12, &mem);
        lrs_program *q = rt_program(p, &mem);
        params[0] = (iprog_uniform(&seed) - 0.3) * 4;
        params[1] = (iprog_uniform(&seed) - 0.3) * 4;
        lrs_binding b[] = {{"p", params[0]}, {"q", params[1]}};
        int check = iprog_ref_init(&r, p, params, &mem);
        for (size_t v = 0; v < nkernels; v++) {
            char error[64];
            int e = lrs_bind_with(&plan, q, b, 2, error, sizeof error, kernels[v]);
            assert_int_equal(e, check ? LRS_E_PARAM : LRS_OK);
            if (check) {
                double T[64];
                assert_int_equal(kernels[v]->bind(q, params, NULL, T), check); /* the first check that fails */
                refused++;
                continue;
            }
            lrs_state *s;
            assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
            for (int64_t step = -1; step < 120; step += 3)
                same("random", "value", step, lrs_value(plan, s, 0, step), iprog_naive_value(&r, 0, step));
            double bulk[150];
            int64_t first = (int64_t)(iprog_random(&seed) % 100) - 5;
            size_t len = iprog_random(&seed) % 150;
            lrs_fill(plan, s, 0, first, len, bulk);
            for (size_t k = 0; k < len; k++)
                same("random", "fill", plus(first, k), bulk[k], iprog_naive_value(&r, 0, plus(first, k)));
            lrs_state_free(s, plan);
            lrs_plan_free(plan);
            bound++;
        }
        arena_free(&mem);
    }
    assert_true(bound > 50 && refused > 20);
}

/* Sums whose every term is needed to the end: n values at the same time. */
static int wide(uint32_t n)
{
    arena mem;
    arena_init(&mem, NULL);
    ir_builder *b = ir_begin(&mem);
    uint64_t seed = 1;
    ir_program *p = random_program(&seed, 10, 3, &mem);
    ir_ref t[600], sum;
    uint32_t k;
    for (k = 0; k < n; k++)
        t[k] = ir_op(b, IR_MUL, ir_leaf(b, IR_TIME), ir_const(b, 2.0 + k), 0);
    sum = ir_leaf(b, IR_U);
    for (k = 0; k < n; k++)
        sum = ir_op(b, IR_SUB, sum, t[k], 0);
    for (k = 0; k < 12; k++)
        p->table[k] = ir_const(b, k == 0 ? INFINITY : 0.0);
    p->layout.ntable = 12;
    p->nchecks = 0;
    p->expr[0].root = sum;
    assert_int_equal(ir_finish(p, b, &mem), 0);
    lrs_program *q = arena_alloc(&mem, sizeof *q);
    int e = lrs_encode(q, p, &mem);
    if (!e) {
        lrs_plan *plan = rt_plan(rt_program(p, &mem), (const double[]){1, 2}, lrs_kernels_pick());
        double want = 0.0;
        for (k = 0; k < n; k++)
            want -= 3.0 * (2.0 + k);
        lrs_state *s;
        assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
        assert_same_bits(lrs_value(plan, s, 0, 3), want);
        double bulk[40];
        lrs_fill(plan, s, 0, 1, 40, bulk);
        assert_same_bits(bulk[2], want);
        for (k = 0; k < 40; k++)
            assert_same_bits(bulk[k], lrs_value(plan, s, 0, 1 + (int64_t)k));
        lrs_state_free(s, plan);
        lrs_plan_free(plan);
    }
    arena_free(&mem);
    return e;
}

/* every D and stairs: periods that are fractions, tiny, huge, or no numbers at all; runs of equal factors in bulk. */
static void periods(void **unused)
{
    static const double list[] = {1, 2, 3, 7, 300, 512, 0.1, 0.3, 1.0 / 3, 2.5, 1e-3, 1e-300, 1e15, 1e300, 511.99999999999994,
                                  0x1.fffffffffffffp-1, 0, -1, INFINITY, NAN, 5e-324, 99.99999999999999, 1.0000000000000002};
    static const int64_t firsts[] = {0, 1, 299, 1000, -20, 123456789, ((int64_t)1 << 53) - 1600, ((int64_t)1 << 53) - 40,
                                     INT64_MAX - 10};
    enum { N = 1300 };
    static double bulk[N];
    const lrs_kernels *kernels[4];
    size_t nkernels = rt_kernels(kernels);
    (void)unused;
    for (size_t c = 0; c < 2 * sizeof list / sizeof list[0]; c++) {
        arena mem;
        arena_init(&mem, NULL);
        ir_program *p = rt_plateau_ir(&(rt_plateau){.base = 1, .factor = 0.5, .patience = 3}, &mem);
        ir_builder *b = ir_begin(&mem);
        double period = list[c / 2];
        /* the segment, then hi, lo, floor, period of `every` over the detector's words, which stay at the end */
        const double words[] = {INFINITY, 0, -0.01, 1e-19, 0, 1, period, 0, 0, 3, 0, 0, 0, 0, -0.015625, 0, 0, 0, 0, 0.001, 0};
        uint32_t n = 21;
        p->table = arena_alloc(&mem, n * sizeof *p->table);
        for (uint32_t k = 0; k < n; k++)
            p->table[k] = ir_const(b, words[k]);
        p->table[17] = ir_const(b, period);
        p->table[16] = ir_const(b, 1e-3);
        p->kinds[0] = c % 2 ? LRS_K_STAIR : LRS_K_LINEAR;
        p->table[4] = ir_const(b, c % 2 ? 0 : 1);
        if (c % 2 == 0)
            p->table[2] = ir_const(b, 1e-5);
        p->scales[0] = (lrs_k_scale){.what = LRS_K_EVERY, .t = 14};
        p->layout.ntable = n;
        p->layout.nrule = 0;
        assert_int_equal(ir_finish(p, b, &mem), 0);
        lrs_program *q = rt_program(p, &mem);
        iprog_ref r;
        assert_int_equal(iprog_ref_init(&r, p, NULL, &mem), 0);
        for (size_t v = 0; v < nkernels; v++) {
            lrs_plan *plan = rt_plan(q, NULL, kernels[v]);
            lrs_state *s;
            assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
            for (size_t f = 0; f < sizeof firsts / sizeof firsts[0]; f++) {
                lrs_fill(plan, s, 0, firsts[f], N, bulk);
                for (size_t k = 0; k < N; k++) {
                    int64_t step = plus(firsts[f], k);
                    same("periods", "fill", step, bulk[k], lrs_value(plan, s, 0, step));
                    if (k % 7 == 0)
                        same("periods", "value", step, bulk[k], iprog_naive_value(&r, 0, step));
                }
            }
            lrs_state_free(s, plan);
            lrs_plan_free(plan);
        }
        arena_free(&mem);
    }
}

static void register_limit(void **unused)
{
    (void)unused;
    assert_int_equal(wide(100), 0);
    assert_int_equal(wide(LRS_REGISTERS - LRS_REGISTER_FREE), 0);
    assert_int_equal(wide(LRS_REGISTERS - LRS_REGISTER_FREE + 1), LRS_E_LIMIT);
}

static void out_of_range(void **unused)
{
    arena mem;
    (void)unused;
    arena_init(&mem, NULL);
    lrs_plan *plan = rt_plan(rt_program(iprog_build_name("constant", &mem), &mem), NULL, lrs_kernels_pick());
    lrs_state *s;
    double y[3] = {1, 2, 3};
    assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
    assert_int_equal(rt_bits(lrs_value(plan, s, 1, 0)), UINT64_C(0x7ff8000000000000));
    assert_true(isnan(lrs_plan_param(plan, 0)));
    assert_int_equal(lrs_observe(plan, s, 99, 0, 1.0), 0);
    lrs_fill(plan, s, 7, 0, 2, y);
    assert_true(isnan(y[0]) && isnan(y[1]) && y[2] == 3);
    lrs_fill(plan, s, 0, 0, 0, NULL);
    lrs_fill(plan, s, 0, -5, 0, NULL);
    lrs_state_free(s, plan);
    lrs_state_free(NULL, plan);
    lrs_plan_free(plan);
    lrs_plan_free(NULL);
    arena_free(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hand_built_programs),
        cmocka_unit_test(random_expressions),
        cmocka_unit_test(periods),
        cmocka_unit_test(register_limit),
        cmocka_unit_test(out_of_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
