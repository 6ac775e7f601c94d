/* test_ir.c: the builder and what ir_finish makes of it: sharing, exact folding, identities that hold for every double,
 * logarithms of decimal literals, what is kept and dropped, the hash, the verifier, the printed form, size. */
#include <math.h>
#include <stdlib.h>

#include "iprog.h"
#include "kernel/math.h"
#include "rt.h"

static const double odd[] = {0.0,  -0.0, 1.0,   -1.0,  0.5,        2.0,        3.0,       -7.25,        1e-300,
                             1e300, 0.1,  1e-10, 0x1p-1074, INFINITY, -(double)INFINITY, (double)NAN, 0x1p53, 123456.75};
#define NODD (sizeof odd / sizeof odd[0])

static void sharing(void **unused)
{
    arena mem;
    (void)unused;
    arena_init(&mem, NULL);
    ir_builder *b = ir_begin(&mem);
    ir_ref x = ir_leaf(b, IR_TIME), p = ir_param_ref(b, 0);
    assert_int_equal(ir_leaf(b, IR_TIME), x);
    assert_int_equal(ir_param_ref(b, 0), p);
    assert_int_not_equal(ir_param_ref(b, 1), p);
    assert_int_not_equal(ir_event_ref(b, 0), p);
    assert_int_equal(ir_const(b, 0.1), ir_const(b, 0.1));
    assert_int_not_equal(ir_const(b, 0.0), ir_const(b, -0.0));
    assert_int_not_equal(ir_literal(b, 0.1, 1e-18), ir_const(b, 0.1));
    assert_int_equal(ir_const(b, NAN), ir_const(b, -(double)NAN)); /* one NaN */
    assert_int_equal(ir_op(b, IR_ADD, x, p, 0), ir_op(b, IR_ADD, p, x, 0));
    assert_int_not_equal(ir_op(b, IR_SUB, x, p, 0), ir_op(b, IR_SUB, p, x, 0));
    assert_int_not_equal(ir_op(b, IR_MIN, x, p, 0), ir_op(b, IR_MIN, p, x, 0)); /* -0 and 0, NaN: order matters */
    assert_int_equal(ir_get(b, ir_op(b, IR_ADD, x, p, 0))->stage, IR_STAGE_STEP);
    assert_int_equal(ir_get(b, ir_op(b, IR_NEG, p, 0, 0))->stage, IR_STAGE_BIND);
    assert_int_equal(ir_failed(b), 0);
    ir_op(b, IR_ADD, x, 0, 0); /* an operand is missing */
    assert_int_equal(ir_failed(b), LRS_E_INTERNAL);
    arena_free(&mem);
}

/* What is made after going back has the numbers that it would have had. */
static void going_back(void **unused)
{
    arena mem;
    (void)unused;
    arena_init(&mem, NULL);
    ir_builder *b = ir_begin(&mem), *plain = ir_begin(&mem);
    for (uint32_t round = 0; round < 40; round++) {
        uint32_t count = ir_count(b);
        for (uint32_t k = 0; k < 3 * round; k++) /* the table grows in some of these */
            ir_op(b, IR_ADD, ir_param_ref(b, k), ir_const(b, round), 0);
        ir_rewind(b, count);
        assert_int_equal(ir_count(b), count);
        for (uint32_t k = 0; k < 7; k++)
            assert_int_equal(ir_op(b, IR_MUL, ir_param_ref(b, k), ir_param_ref(b, round), 0),
                             ir_op(plain, IR_MUL, ir_param_ref(plain, k), ir_param_ref(plain, round), 0));
        assert_int_equal(ir_count(b), ir_count(plain));
    }
    assert_int_equal(ir_failed(b), 0);
    arena_free(&mem);
}

/* C's meaning of the direct operations, to compare with. */
static double meaning(enum ir_op op, double a, double b, double c, int *known)
{
    *known = 1;
    switch (op) {
    case IR_ADD: return a + b;
    case IR_SUB: return a - b;
    case IR_MUL: return a * b;
    case IR_DIV: return a / b;
    case IR_NEG: return -a;
    case IR_FMA: return fma(a, b, c);
    case IR_SQRT: return sqrt(a);
    case IR_ABS: return fabs(a);
    case IR_MIN: return a < b ? a : b;
    case IR_MAX: return a > b ? a : b;
    case IR_LT: return a < b;
    case IR_LE: return a <= b;
    case IR_EQ: return a == b;
    case IR_NE: return a != b;
    case IR_AND: return a != 0 && b != 0;
    case IR_OR: return a != 0 || b != 0;
    case IR_NOT: return a == 0;
    case IR_SELECT: return a != 0 ? b : c;
    case IR_FLOOR: return floor(a);
    case IR_CEIL: return ceil(a);
    case IR_TRUNC: return trunc(a);
    case IR_ROUND: return round(a);
    default: *known = 0; return 0;
    }
}

static int same_number(double a, double b)
{
    return (a != a && b != b) || rt_bits(a) == rt_bits(b);
}

/* Folding gives what the operation gives; so does replacing any operand by a param afterwards (identities included). */
static void folding(void **unused)
{
    (void)unused;
    for (int op = IR_ADD; op < IR_OPS; op++) {
        for (size_t k = 0; k < NODD * NODD * 3; k++) {
            double v[3] = {odd[k % NODD], odd[k / NODD % NODD], odd[(k * 7 + k / NODD) % NODD]};
            arena mem;
            int known;
            arena_init(&mem, NULL);
            ir_builder *b = ir_begin(&mem);
            ir_ref x[3] = {ir_const(b, v[0]), ir_const(b, v[1]), ir_const(b, v[2])};
            ir_ref folded = ir_op(b, (enum ir_op)op, x[0], x[1], x[2]);
            double want = meaning((enum ir_op)op, v[0], v[1], v[2], &known);
            assert_int_equal(ir_get(b, folded)->op, IR_CONST);
            assert_true(same_number(ir_get(b, folded)->imm, ir_eval_op((enum ir_op)op, v[0], v[1], v[2])));
            if (known)
                assert_true(same_number(ir_get(b, folded)->imm, want));
            for (int hole = 0; hole < ir_op_arity((enum ir_op)op); hole++) {
                ir_ref y[3] = {x[0], x[1], x[2]};
                y[hole] = ir_param_ref(b, 0);
                const ir_ins *i = ir_get(b, ir_op(b, (enum ir_op)op, y[0], y[1], y[2]));
                double got;
                if (i->op == IR_CONST)
                    got = i->imm;
                else if (i->op == IR_PARAM)
                    got = v[hole];
                else {
                    ir_ref o[3] = {i->a, i->b, i->c};
                    double w[3] = {0, 0, 0};
                    for (int j = 0; j < 3; j++)
                        w[j] = !o[j] ? 0 : ir_get(b, o[j])->op == IR_PARAM ? v[hole] : ir_get(b, o[j])->imm;
                    got = ir_eval_op((enum ir_op)i->op, w[0], w[1], w[2]);
                }
                if (!same_number(got, ir_get(b, folded)->imm))
                    fail_msg("%s(%a, %a, %a), operand %d not constant: %a, not %a", ir_op_name((enum ir_op)op), v[0], v[1], v[2],
                             hole, got, ir_get(b, folded)->imm);
            }
            arena_free(&mem);
        }
    }
}

/* log2 of decimal literals as MPFR-like arithmetic of 400 bits gives it: value, literal - value, hi, lo. */
static void logarithms_of_literals(void **unused)
{
    static const double cases[][4] = {
        {0x1.999999999999ap-4, -0x1.999999999999ap-58, -0x1.a934f0979a371p+1, -0x1.7f2495fb7fa6ep-53}, /* 0.1 */
        {0x1.0000000000000p-1, 0x0.0p+0, -0x1.0000000000000p+0, 0x0.0p+0}, /* 0.5 */
        {0x1.fff2e48e8a71ep-1, -0x1.9652bd3c36113p-57, -0x1.2e91f92373b7ap-13, -0x1.ace528cca8b56p-69}, /* 0.9999 */
        {0x1.3a92a30553261p-12, 0x1.f06f694467382p-66, -0x1.767ced505abc4p+3, -0x1.422795a2ef56ap-51}, /* 3e-4 */
        {0x1.0000000000000p+0, 0x1.70ef54646d497p-57, 0x1.0a2158d8fcbd8p-56, 0x1.bb620d9a9b8afp-110}, /* 1.00000000000000001 */
        {0x1.7e43c8800759cp+996, -0x1.698fdc7ace0cap+942, 0x1.f24a09f1a8b89p+9, -0x1.1e02407a8cd0fp-46}, /* 1e300 */
        {0x1.f0a3d70a3d70ap-1, 0x1.eb851eb851eb8p-56, -0x1.67fbe1187ee43p-5, -0x1.77667c4142e43p-59}, /* 0.97 */
        {0x1.c000000000000p+2, 0x0.0p+0, 0x1.675767f54042dp+1, -0x1.33354dbf16fb0p-54}, /* 7 */
    };
    (void)unused;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        arena mem;
        arena_init(&mem, NULL);
        ir_builder *b = ir_begin(&mem);
        ir_ref x = ir_literal(b, cases[k][0], cases[k][1]);
        double hi = ir_get(b, ir_op(b, IR_LOG2HI, x, 0, 0))->imm, lo = ir_get(b, ir_op(b, IR_LOG2LO, x, 0, 0))->imm;
        double error = (hi - cases[k][2]) + (lo - cases[k][3]);
        if (!(fabs(error) <= 0x1p-85 * fabs(cases[k][2])))
            fail_msg("log2 of case %zu: %a + %a, not %a + %a", k, hi, lo, cases[k][2], cases[k][3]);
        arena_free(&mem);
    }
}

static void sound(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < iprog_count(); i++) {
        arena mem;
        arena_init(&mem, NULL);
        const char *wrong = ir_verify(iprog_build(i, &mem));
        if (wrong)
            fail_msg("%s: %s", iprog_get(i)->name, wrong);
        arena_free(&mem);
    }
}

/* Every number of a program changed in turn: the verifier sees what would lead out of bounds. */
static void unsound(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < iprog_count(); i++) {
        arena mem;
        arena_init(&mem, NULL);
        ir_program *p = iprog_build(i, &mem);
#define BREAK(field, value)                                                                \
    do {                                                                                   \
        __typeof__(field) old = (field);                                                   \
        (field) = (value);                                                                 \
        if (!ir_verify(p))                                                                 \
            fail_msg("%s: %s = %s passes", iprog_get(i)->name, #field, #value);            \
        (field) = old;                                                                     \
    } while (0)
        BREAK(p->table[0], 0);
        BREAK(p->table[0], p->nins);
        BREAK(p->outs[0].seg, p->layout.ntable);
        BREAK(p->outs[0].nseg, 0);
        BREAK(p->outs[0].mask, 0);
        BREAK(p->kinds[0], LRS_K_KINDS);
        BREAK(p->outs[0].bounds, p->layout.ntable - 1);
        BREAK(p->layout.nout, 0);
        BREAK(p->layout.nsave, p->layout.nsave + 1);
        BREAK(p->layout.nd, p->layout.nd + 1);
        BREAK(p->phases[0], p->layout.nevent);
        if (p->layout.nscale) {
            BREAK(p->scales[0].t, p->layout.ntable);
            BREAK(p->scales[0].what, 3);
        }
        if (p->layout.ndet) {
            BREAK(p->dets[0].t, p->layout.ntable);
            BREAK(p->dets[0].i, p->layout.ni);
            BREAK(p->dets[0].d, p->layout.nsave);
            BREAK(p->dets[0].watch, 0);
            BREAK(p->dets[0].watch, 1u << p->layout.ninput);
            BREAK(p->dets[0].kind, LRS_K_CLOCK + 1);
            BREAK(p->dets[0].dialect, LRS_K_PADDLE + 1);
            BREAK(p->dets[0].cooldown_by, LRS_K_BY_CLOCK + 1);
            BREAK(p->dets[0].nseg, p->outs[0].nseg + 1);
        }
        if (p->layout.nrule) {
            BREAK(p->rules[0].det, p->layout.ndet);
            BREAK(p->rules[0].out, p->layout.nout);
            BREAK(p->rules[0].action, LRS_K_RESTART + 1);
            BREAK(p->rules[0].i, p->layout.ni);
        }
        for (uint32_t k = 1; k < p->nins; k++) {
            BREAK(p->ins[k].op, IR_OPS);
            BREAK(p->ins[k].a, k);
            BREAK(p->ins[k].stage, 3);
            if (p->ins[k].op == IR_PARAM)
                BREAK(p->ins[k].index, p->layout.nparam);
            if (p->ins[k].op == IR_OUT)
                BREAK(p->ins[k].index, p->layout.nout);
            if (p->ins[k].op == IR_INPUT) {
                BREAK(p->ins[k].index, p->layout.ninput);
                BREAK(p->layout.input, LRS_K_NONE);
                BREAK(p->layout.input, p->layout.input + 1);
            }
            if (p->ins[k].slot != LRS_K_NONE)
                BREAK(p->ins[k].slot, p->layout.ntable);
        }
        assert_null(ir_verify(p));
        arena_free(&mem);
    }
}

/* Outputs that read each other, and one that reads itself. */
static void circles(void **unused)
{
    arena mem;
    (void)unused;
    arena_init(&mem, NULL);
    ir_program *p = iprog_build_name("relations", &mem);
    for (uint32_t k = 1; k < p->nins; k++) {
        uint32_t old = p->ins[k].index;
        if (p->ins[k].op != IR_OUT || old != 3) /* what `lr` reads; `wd` and `head` read that */
            continue;
        for (uint32_t out = 0; out < 3; out++) {
            p->ins[k].index = out;
            const char *wrong = ir_verify(p);
            assert_non_null(wrong);
            assert_string_equal(wrong, "outputs depend on each other in a circle");
        }
        p->ins[k].index = old;
    }
    assert_null(ir_verify(p));
    arena_free(&mem);
}

static void hashes(void **unused)
{
    uint64_t seen[64];
    (void)unused;
    for (size_t i = 0; i < iprog_count(); i++) {
        arena mem;
        arena_init(&mem, NULL);
        ir_program *p = iprog_build(i, &mem), *q = iprog_build(i, &mem);
        assert_true(p->layout.hash == q->layout.hash);
        seen[i] = p->layout.hash;
        for (size_t k = 0; k < i; k++)
            assert_true(seen[k] != seen[i]);
        arena_free(&mem);
    }
    /* one setting less or more is another program */
    for (int k = 0; k < 8; k++) {
        rt_plateau s = {.patience = 3, .factor = 0.5, .base = 0.1};
        arena mem;
        arena_init(&mem, NULL);
        uint64_t plain = rt_plateau_ir(&s, &mem)->layout.hash;
        double *const fields[] = {&s.patience, &s.threshold, &s.cooldown, &s.every, &s.smooth, &s.base, &s.factor, &s.floor};
        *fields[k] += 0.125;
        assert_true(rt_plateau_ir(&s, &mem)->layout.hash != plain);
        arena_free(&mem);
    }
}

typedef struct printed {
    char text[4096];
    size_t n;
} printed;

static void put(void *ctx, const char *text, size_t n)
{
    printed *p = ctx;
    assert_true(p->n + n < sizeof p->text);
    memcpy(p->text + p->n, text, n);
    p->n += n;
}

static void printing(void **unused)
{
    rt_plateau s = {.patience = 3, .threshold = 1e-4, .factor = 0.5, .base = 0.1, .floor = 1e-6, .eps = 1e-8};
    static const char want[] =
        "input 0 metric\n"
        "output 0 lr\n"
        "  T[0] const: end inf, ref 0, hi 0, lo 0, a 0.1, b 0, off 0, p 0\n"
        "  T[8] scale d[3]: floor 1e-06\n"
        "detector 0 plateau on input 0 min rel, i[3] d[0], T[9]: patience 3, threshold 0.0001, cooldown 0, every 0, smooth 0\n"
        "rule 0 on detector 0: scale output 0, i[6] d[3], T[14]: factor 0.5, floor 1e-06, eps 1e-08\n"
        "state 8 integers, 4 doubles, 4 saved\n";
    printed out = {.n = 0};
    arena mem;
    (void)unused;
    arena_init(&mem, NULL);
    ir_print(rt_plateau_ir(&s, &mem), put, &out);
    assert_memory_equal(out.text, "program ", 8);
    out.text[out.n] = 0;
    assert_string_equal(strchr(out.text, '\n') + 1, want);
    arena_free(&mem);
}

/* What nothing needs goes; what step code reads of bind gets a slot; what a check needs stays. */
static void finishing(void **unused)
{
    arena mem;
    (void)unused;
    arena_init(&mem, NULL);
    ir_program *p = rt_plateau_ir(&(rt_plateau){.base = 1, .factor = 0.5}, &mem);
    uint32_t before = p->layout.ntable;
    ir_builder *b = ir_begin(&mem);
    ir_param param[2] = {{.name = "a", .has_default = 1, .def = 2}, {.name = "b"}};
    p->layout.nparam = 2;
    p->params = param;
    ir_ref a = ir_param_ref(b, 0), c = ir_param_ref(b, 1), time = ir_leaf(b, IR_TIME);
    ir_ref twice = ir_op(b, IR_ADD, a, a, 0);
    ir_op(b, IR_EXP, time, 0, 0); /* for nobody */
    ir_ref root = ir_op(b, IR_MUL, ir_op(b, IR_SUB, time, twice, 0), ir_op(b, IR_EXP, c, 0, 0), 0);
    for (uint32_t k = 0; k < before; k++)
        p->table[k] = ir_const(b, k == 0 ? INFINITY : k == 10 ? 3 : 0);
    p->table[12] = twice;
    p->kinds[0] = LRS_K_EXPR;
    p->exprs[0] = 0;
    p->expr = &(ir_expr){.root = root};
    p->nexpr = 1;
    p->checks = &(ir_check){.cond = ir_op(b, IR_LT, a, c, 0), .message = "no"};
    p->nchecks = 1;
    p->scales[0].d = 0; /* the rule's index again */
    p->layout.ntable = before;
    assert_int_equal(ir_finish(p, b, &mem), 0);
    assert_null(ir_verify(p));
    assert_int_equal(p->layout.ntable, before + 1); /* exp(b); a + a is there already */
    assert_int_equal(p->expr[0].n, 3);              /* time, sub, mul */
    int exps = 0;
    for (uint32_t k = 1; k < p->nins; k++)
        exps += p->ins[k].op == IR_EXP;
    assert_int_equal(exps, 1);
    assert_int_equal(p->has_defaults, 0);
    assert_int_equal(p->nbindlist, 5); /* a, b, a + a, exp(b), a < b */
    double T[64];
    assert_int_equal(ir_bind(p, (const double[]){1, 2}, NULL, T), 0);
    assert_same_bits(T[12], 2.0);
    assert_same_bits(T[before], lrs_k_exp(2.0));
    assert_int_equal(ir_bind(p, (const double[]){2, 1}, NULL, T), 1);
    uint64_t words[128];
    assert_int_equal(ir_initial_state(p, words), -1);
    arena_free(&mem);
}

/* A hundred thousand table entries and two values for each: minutes if anything were quadratic. */
static void large(void **unused)
{
    enum { N = 100000 };
    arena mem;
    (void)unused;
    arena_init(&mem, NULL);
    ir_program *p = rt_plateau_ir(&(rt_plateau){.base = 1, .factor = 0.5}, &mem);
    ir_builder *b = ir_begin(&mem);
    ir_param param[1] = {{.name = "a", .has_default = 1, .def = 2}};
    p->layout.nparam = 1;
    p->params = param;
    uint32_t fixed = p->layout.ntable, n = fixed + N;
    ir_ref *table = arena_alloc(&mem, n * sizeof *table), v = ir_param_ref(b, 0);
    for (uint32_t k = 0; k < n; k++) {
        if (k >= fixed)
            v = ir_op(b, IR_ADD, v, ir_const(b, k), 0);
        table[k] = k == 0 ? ir_const(b, INFINITY) : k < fixed ? ir_const(b, 0) : v;
    }
    p->table = table;
    p->layout.ntable = n;
    p->scales[0].d = 0;
    assert_int_equal(ir_finish(p, b, &mem), 0);
    assert_null(ir_verify(p));
    lrs_program *q = rt_program(p, &mem);
    lrs_plan *plan = rt_plan(q, (const double[]){0.5}, lrs_kernels_pick());
    assert_same_bits(((const double *)(const void *)plan->image)[LRS_K_HEADER_WORDS + p->layout.ni + p->layout.nd - 1],
                     0.5 + (double)N * fixed + (double)N * (N - 1) / 2);
    lrs_plan_free(plan);
    arena_free(&mem);
}

/* At the limit of values, and one past it. */
static void most_values(void **unused)
{
    (void)unused;
    for (uint32_t past = 0; past <= 1; past++) {
        arena mem;
        arena_init(&mem, NULL);
        ir_builder *b = ir_begin(&mem);
        for (uint32_t k = 2; k < LRS_IR_MAX + past; k++) /* 0 is none, 1 is the constant 0 */
            assert_int_equal(ir_const(b, k), k < LRS_IR_MAX ? k : 1);
        assert_int_equal(ir_failed(b), past ? LRS_E_LIMIT : 0);
        arena_free(&mem);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sharing), cmocka_unit_test(going_back), cmocka_unit_test(folding),  cmocka_unit_test(logarithms_of_literals),
        cmocka_unit_test(sound),   cmocka_unit_test(unsound),  cmocka_unit_test(circles),  cmocka_unit_test(hashes),
        cmocka_unit_test(printing), cmocka_unit_test(finishing), cmocka_unit_test(large), cmocka_unit_test(most_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
