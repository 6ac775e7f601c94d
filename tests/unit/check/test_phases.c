/* test_phases.c: when phases begin and end, and what passes from one to the next. Expected values are worked out by hand
 * from the language's rules. */
#include "schedule.h"

#include <stdio.h>

#include <math.h>
#include <string.h>

typedef struct point {
    int64_t step;
    long double value;
} point;

typedef struct example {
    const char *text, *defines, *params;
    point points[12]; /* up to the first with step LAST */
} example;
#define LAST INT64_MIN
#define END {LAST, 0}

static void check_examples(const example *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        schedule s = schedule_open(x[i].text, x[i].defines, x[i].params);
        for (const point *p = x[i].points; p->step != LAST; p++)
            assert_near(schedule_at(&s, p->step), p->value, x[i].text, p->step);
        schedule_close(&s);
    }
}
#define CHECK(examples) check_examples(examples, sizeof examples / sizeof examples[0])

/* A ramp to 1 over a duration: its value at a step says how long the duration is. */
static void test_units(void **unused)
{
    static const example cases[] = {
        {"linear 200 from 0 -> 1", NULL, NULL, {{100, 0.5L}, {199, 0.995L}, {200, 1}, END}},
        {"linear 200 steps from 0 -> 1", NULL, NULL, {{100, 0.5L}, END}},
        {"param steps_per_epoch = 40\nlinear 5 epochs from 0 -> 1", NULL, NULL, {{100, 0.5L}, {200, 1}, END}},
        {"param steps_per_epoch = 40\nlinear 5 ep from 0 -> 1", NULL, "steps_per_epoch=20", {{50, 0.5L}, {100, 1}, END}},
        {"param steps_per_epoch = 40\nlinear 2.5 epochs from 0 -> 1", NULL, NULL, {{50, 0.5L}, END}},
        {"param samples_per_step = 32\nlinear 6400 samples from 0 -> 1", NULL, NULL, {{100, 0.5L}, {200, 1}, END}},
        {"param tokens_per_step = 4M\nlinear 2B tokens from 0 -> 1", NULL, NULL, {{250, 0.5L}, {500, 1}, END}},
        {"param total = 2k\nlinear 10% from 0 -> 1", NULL, NULL, {{100, 0.5L}, {200, 1}, END}},
        {"linear 10% from 0 -> 1", "total=500", NULL, {{25, 0.5L}, {50, 1}, END}},
        {"param total = 7\nlinear 7% from 0 -> 1", NULL, "total=100", {{0, 0}, {7, 1}, {6, 6 / 7.0L}, END}},
        {"param total = 10 epochs\nparam steps_per_epoch = 20\nlinear 50% from 0 -> 1", NULL, NULL, {{50, 0.5L}, {100, 1}, END}},
        {"param total = 10 epochs\nparam steps_per_epoch = 20\nlinear until total from 0 -> 1", NULL, "total=20", {{200, 0.5L}, {400, 1}, END}},
        {"unit epoch\nlinear 5 from 0 -> 1", NULL, NULL, {{1, 0.2L}, {5, 1}, END}},
        {"unit epoch\nparam steps_per_epoch = 100\nlinear 400 steps from 0 -> 1", NULL, NULL, {{1, 0.25L}, {4, 1}, END}},
        {"unit epoch\nlinear 400 steps from 0 -> 1", "steps_per_epoch=100", NULL, {{1, 0.25L}, END}},
        {"unit epoch\nparam steps_per_epoch = 100\nparam samples_per_step = 10\nlinear 4k samples from 0 -> 1", NULL, NULL, {{1, 0.25L}, END}},
        {"unit samples\nparam samples_per_step = 8\nlinear 10 steps from 0 -> 1", NULL, NULL, {{40, 0.5L}, {80, 1}, END}},
        {"unit tokens\nparam tokens_per_step = 1k\nparam steps_per_epoch = 2\nlinear 5 epochs from 0 -> 1", NULL, NULL, {{5000, 0.5L}, END}},
        {"param w = 5 epochs in 1..10\nparam steps_per_epoch = 10\nwarmup w -> 1", NULL, "w=2", {{10, 0.5L}, {20, 1}, END}},
        {"param w = 5 epochs\nparam steps_per_epoch = 10\nwarmup w -> 1", "w=2", NULL, {{10, 0.5L}, {20, 1}, END}},
        {"param w = 5 epochs\nlet half = w/2\nparam steps_per_epoch = 10\nwarmup half -> 1", NULL, NULL, {{5, 0.2L}, {25, 1}, END}},
        {"let w = 2 epochs + 20 steps\nparam steps_per_epoch = 40\nwarmup w -> 1", NULL, NULL, {{50, 0.5L}, END}},
        {"let ratio = 3 epochs/(30 steps)\nparam steps_per_epoch = 40\nhold ratio", NULL, NULL, {{0, 4}, END}},
        {"param steps_per_epoch = 40\nlet n = floor(2.6 epochs/(1 epoch))\nhold n", NULL, NULL, {{0, 2}, END}},
        {"param total = 105\nlinear floor(50%) from 0 -> 1", NULL, NULL, {{26, 0.5L}, {52, 1}, END}},
        {"hold 50%", NULL, NULL, {{0, 0.5L}, END}},
        {"param steps_per_epoch = 10\ncurve 1/(1 + epoch)", NULL, NULL, {{0, 1}, {10, 0.5L}, {5, 1 / 1.5L}, END}},
        {"unit epoch\nparam steps_per_epoch = 10\ncurve 1/(1 + step)", NULL, NULL, {{1, 1 / 11.0L}, END}},
        {"param steps_per_epoch = 10\nat 3 epochs, 5 epochs *0.1\nhold 1", NULL, NULL, {{29, 1}, {30, 0.1L}, {49, 0.1L}, {50, 0.01L}, END}},
        {"param steps_per_epoch = 10\nevery 2 epochs *0.5\nhold 1", NULL, NULL, {{19, 1}, {20, 0.5L}, {40, 0.25L}, END}},
        {"param steps_per_epoch = 10\nparam total = 6 epochs\npiecewise 1 until 2 epochs, 2 until 50%, 3", NULL, NULL, {{19, 1}, {20, 2}, {29, 2}, {30, 3}, END}},
    };
    (void)unused;
    CHECK(cases);
}

static void test_clauses(void **unused)
{
    static const example cases[] = {
        /* a phase goes on where the one before ended; the boundary step belongs to the later */
        {"warmup 5 linear -> 0.1; then exp s=1000", NULL, NULL, {{0, 0}, {1, 0.02L}, {5, 0.1L}, {1005, 0.01L}, {2005, 0.001L}, {-7, 0}, END}},
        {"linear 10 from 1 -> 3; linear 10 -> 1; linear 10 -> 5", NULL, NULL, {{5, 2}, {10, 3}, {15, 2}, {20, 1}, {25, 3}, {30, 5}, {99, 5}, END}},
        {"linear 10 from 1 -> 3; linear 10 from 7 -> 1", NULL, NULL, {{9, 2.8L}, {10, 7}, {15, 4}, {20, 1}, END}},
        {"linear 10 from 4 -> *0.5; linear 10 -> *0.5", NULL, NULL, {{5, 3}, {10, 2}, {15, 1.5L}, {20, 1}, END}},
        {"linear 10 from 4 -> /4", NULL, NULL, {{5, 2.5L}, {10, 1}, END}},
        {"linear for 10 from 1 -> 3; linear until 30 -> 1", NULL, NULL, {{5, 2}, {20, 2}, {30, 1}, END}},
        {"linear -> 3 from 1 for 10", NULL, NULL, {{5, 2}, END}},
        {"warmup 10 from 1 -> 3", NULL, NULL, {{0, 1}, {5, 2}, END}},
        {"warmup 10 cosine -> 2", NULL, NULL, {{0, 0}, {5, 1}, {10, 2}, END}},
        {"warmup 10 poly(power=3) -> 8", NULL, NULL, {{5, 7}, END}},
        {"warmup until 10 -> 1; hold until 20; linear until 40 -> 0", NULL, NULL, {{5, 0.5L}, {15, 1}, {30, 0.5L}, {40, 0}, END}},
        {"hold 3 for 10; hold 5", NULL, NULL, {{9, 3}, {10, 5}, {1000000, 5}, END}},
        {"hold 3 for 10; hold for 10; linear 10 -> 0", NULL, NULL, {{15, 3}, {25, 1.5L}, END}},
        {"hold from 3 for 10; linear 10 -> 0", NULL, NULL, {{0, 3}, {15, 1.5L}, END}},
        {"exp s=10 from 1 for 20; hold", NULL, NULL, {{10, 0.1L}, {20, 0.01L}, {1000, 0.01L}, END}},
        {"exp s=10 from 1 until 20; linear 10 -> 0", NULL, NULL, {{25, 0.005L}, {30, 0}, END}},
        {"stepdecay every=10 from 1 for 25; linear 10 -> 0", NULL, NULL, {{24, 0.01L}, {25, 0.01L}, {30, 0.005L}, END}},
        {"curve 1 + t/10 for 10; linear 10 -> 0", NULL, NULL, {{5, 1.5L}, {10, 2}, {15, 1}, END}},
        {"hold 2 for 5; curve start*(1 + t) for 5; hold", NULL, NULL, {{5, 2}, {7, 6}, {10, 12}, END}},
        {"hold 2 for 5; curve step", NULL, NULL, {{5, 5}, {100, 100}, END}},
        {"curve if(t < 10, 1, 2)", NULL, NULL, {{9, 1}, {10, 2}, END}},
        {"linear 10.5 from 0 -> 21; linear 10.5 -> 0", NULL, NULL, {{10, 20}, {11, 20}, {20, 2}, {21, 0}, END}},
        {"schedule lr { warmup 5 -> 1; then hold }", NULL, NULL, {{1, 0.2L}, {9, 1}, END}},
    };
    (void)unused;
    CHECK(cases);
}

static void test_shift(void **unused)
{
    static const example cases[] = {
        /* (t + 1)/W: 1/5 at step 0, the target one step early, and never beyond it */
        {"warmup 5 linear shift=1 -> 1", NULL, NULL, {{0, 0.2L}, {1, 0.4L}, {3, 0.8L}, {4, 1}, {5, 1}, {9, 1}, END}},
        {"warmup 5 linear(shift=1) -> 1", NULL, NULL, {{0, 0.2L}, END}},
        {"warmup 5 linear shift=2 -> 1", NULL, NULL, {{0, 0.4L}, {2, 0.8L}, {3, 1}, {4, 1}, END}},
        /* back by 2: the start value holds for 2 steps */
        {"linear 5 shift=-2 from 1 -> 6; hold", NULL, NULL, {{0, 1}, {1, 1}, {2, 1}, {3, 2}, {4, 3}, {5, 6}, END}},
        {"exp s=10 shift=10 from 1", NULL, NULL, {{0, 0.1L}, {10, 0.01L}, END}},
        {"hold 1 for 5; exp s=10 shift=10 from 1", NULL, NULL, {{5, 0.1L}, {15, 0.01L}, END}},
        {"invsqrt(timescale=4) from 1 shift=12", NULL, NULL, {{0, 0.5L}, {20, 1 / 3.0L}, END}},
        {"curve t shift=3", NULL, NULL, {{0, 3}, {7, 10}, END}},
        {"param steps_per_epoch = 10\nwarmup 5 epochs linear shift=1 epoch -> 1", NULL, NULL, {{0, 0.2L}, {30, 0.8L}, {40, 1}, END}},
    };
    (void)unused;
    CHECK(cases);
}

static void test_tables(void **unused)
{
    static const example cases[] = {
        {"piecewise 1 until 30, 2 until 60, 3", NULL, NULL, {{0, 1}, {29, 1}, {30, 2}, {59, 2}, {60, 3}, {1000000, 3}, END}},
        {"piecewise 1 until 30, 2 until 60", NULL, NULL, {{59, 2}, {60, 2}, END}},
        {"piecewise 1 until 30, 2 until 30, 3", NULL, NULL, {{29, 1}, {30, 3}, END}},
        {"piecewise 1 until 10.5, 2", NULL, NULL, {{10, 1}, {11, 2}, END}},
        {"piecewise 1 until 30, 2 until 60; linear 10 -> 0", NULL, NULL, {{59, 2}, {65, 1}, {70, 0}, END}},
        {"param a = 0.5\npiecewise a until 30, a/10", NULL, "a=5", {{0, 5}, {30, 0.5L}, END}},
        {"hold 7 for 40; piecewise 1 until 30, 2 until 60, 3", NULL, NULL, {{39, 7}, {40, 2}, {60, 3}, END}},
    };
    (void)unused;
    CHECK(cases);
}

static void test_empty_phases(void **unused)
{
    static const example cases[] = {
        {"warmup 0 -> 1; linear 10 -> 0", NULL, NULL, {{0, 1}, {5, 0.5L}, END}},
        {"param w = 5\nwarmup w -> 1; linear 10 -> 0", NULL, "w=0", {{0, 1}, {5, 0.5L}, END}},
        {"warmup 0 -> 1", NULL, NULL, {{0, 1}, {5, 1}, END}},
        {"linear 0 from 2 -> 1; linear 0 -> 3; cosine 0 -> 4; hold", NULL, NULL, {{0, 4}, END}},
        {"hold 1 for 10; linear until 5 -> 9; hold", NULL, NULL, {{9, 1}, {10, 9}, {11, 9}, END}},
        {"hold 1 for 10; exp s=10 for 0; hold", NULL, NULL, {{10, 1}, END}},
        {"hold 1 for 10; exp s=10 from 3 for 0; hold", NULL, NULL, {{10, 3}, END}},
        {"hold 1 for 0; linear 10 -> 0", NULL, NULL, {{5, 0.5L}, END}},
        {"hold 1 for 10; exp 0 -> 5; hold", NULL, NULL, {{10, 5}, END}},
    };
    (void)unused;
    CHECK(cases);
}

static void test_defines(void **unused)
{
    static const example cases[] = {
        {"param a = 1\nparam b = 2\nhold a + b", "a=10", NULL, {{0, 12}, END}},
        {"param a = 1\nparam b = 2\nhold a + b", "a=10", "b=5", {{0, 15}, END}},
        {"param a = 1\nhold a", "a=10 a=20", NULL, {{0, 20}, END}},
        {"param a = 1 in 0..5\nhold a", "a=5", NULL, {{0, 5}, END}},
        {"param a\nhold a", "a=7", NULL, {{0, 7}, END}},
        {"hold total/steps_per_epoch + samples_per_step*tokens_per_step", "total=10 steps_per_epoch=5 samples_per_step=2 tokens_per_step=3", NULL, {{0, 8}, END}},
    };
    (void)unused;
    CHECK(cases);
    char message[256];
    assert_int_equal(first_error("param a = 1\nhold a", "b=1", message, sizeof message), 212);
    assert_int_equal(first_error("param a = 1\nhold a", "a=inf", message, sizeof message), 212);
    assert_non_null(strstr(message, "finite"));
    assert_int_equal(first_error("param a = 1\nhold a", "a=nan", NULL, 0), 212);
    assert_int_equal(first_error("param a = 1 in 0..5\nhold a", "a=5.1", NULL, 0), 212);
    assert_int_equal(first_error("let a = 1\nhold a", "a=5", NULL, 0), 212);
    assert_int_equal(first_error("warmup 5 epochs -> 1", "samples_per_step=5", NULL, 0), 203);

    /* what is left of a program after -D takes no param, and gives the bits that binding gives */
    static const char text[] = "param peak = 0.1\nparam w = 100\nparam n = 1000\nwarmup w -> peak\ncosine until n -> peak/7\nexp s=w";
    schedule defined = schedule_open(text, "peak=0.37 w=93 n=517", NULL), bound = schedule_open(text, NULL, "peak=0.37 w=93 n=517");
    assert_int_equal(lrs_program_params(defined.program), 0);
    assert_int_equal(lrs_program_params(bound.program), 3);
    for (int t = -1; t < 2000; t++) {
        double a = schedule_at(&defined, t), b = schedule_at(&bound, t);
        assert_memory_equal(&a, &b, sizeof a);
    }
    schedule_close(&defined);
    schedule_close(&bound);
}

/* Params that give no schedule are refused when they are bound, and the message names the place. */
static void test_checks(void **unused)
{
    static const struct {
        const char *text, *name;
        double value;
        const char *says;
    } cases[] = {
        {"param w = 5\nwarmup (10 - w) -> 1", "w", 11, "the duration of `warmup (10 - w) -> 1` must be finite and not negative"},
        {"param n = 5\nhold 1\nevery n *0.5", "n", 0, "a period must be above 0"},
        {"param n = 5\nhold 1\nat 10, (n + 20) *0.5", "n", -15, "the times of `at` must ascend"},
        {"param f = 0.5\nhold 1\non plateau() *f", "f", -1, "a factor (`f`) must be finite and not negative"},
        {"param f = 0.5\nhold 1\non plateau() /f", "f", 0, "a rate cannot be divided by 0"},
        {"param f = 0.5\nhold 1\nat 5 /f", "f", 0, "a rate cannot be divided by 0"},
        {"param p = 5\nhold 1\non plateau(patience=p) *0.5", "p", -1, "`patience` (`p`) must be finite and not negative"},
        {"param s = 0.5\nhold 1\non plateau(smooth=s) *0.5", "s", 1, "`smooth` must be below 1"},
        {"param a = 1\nhold 1\nbounds a .. 2", "a", 3, "the lower bound must not be above the upper one"},
        {"param a = 1\nhold 1/a", "a", 0, "a rate (`1/a`) must be finite"},
        {"param a = 1\nlinear until 10/a from 0 -> 1", "a", 0, "the end of `linear until 10/a from 0 -> 1` must be finite"},
        {"param a = 1 in 0..2\nhold a", "a", 3, "within 0..2"},
        {"param a = 2\nrequire a > 1 \"a must be above 1\"\nhold a", "a", 1, "a must be above 1 (a = 1)"},
        {"param a = 2\nrequire not (a == 3) and (a < 9 or a > 11) \"no 3\"\nhold a", "a", 10, "no 3"},
        {"param a = 2\ndef f(n, lr = start) { require n > 1 and lr > 0 \"n must be above 1\"; hold lr for n }\nf(2*a) from 1", "a", 0.5,
         "`f`: n must be above 1 (a = 0.5)"},
        {"param a = 2\ndef f(n, lr = start) { require lr < 3 \"a lesser rate\"; hold lr for n }\nhold 1 for 5\nhold a for 5\nf(2)", "a", 3,
         "`f`: a lesser rate"},
        {"param a = 2\ndef f(lr = start) { require lr < 3 \"a lesser rate\"; hold lr for 2 }\nhold 1 for 5\nrepeat 2 { f() from a; hold 1 for 2 }", "a", 4,
         "`f`: a lesser rate"},
        {"param a = 2\nuse torch\ntorch.StepLR(a) from 1", "a", 0, "`torch.StepLR`: step_size must be above 0: PyTorch divides by it"},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lrs_program *p = NULL;
        lrs_plan *plan = NULL;
        char error[256] = "";
        lrs_binding b = {cases[i].name, cases[i].value};
        assert_int_equal(lrs_compile(&p, cases[i].text, strlen(cases[i].text), NULL, NULL), LRS_OK);
        assert_int_equal(lrs_bind(&plan, p, NULL, 0, NULL, 0), LRS_OK);
        lrs_plan_free(plan);
        plan = NULL;
        assert_int_equal(lrs_bind(&plan, p, &b, 1, error, sizeof error), LRS_E_PARAM);
        assert_null(plan);
        if (!strstr(error, cases[i].says))
            print_error("%s: \"%s\"\n", cases[i].text, error);
        assert_non_null(strstr(error, cases[i].says));
        lrs_program_free(p);
    }
}

/* Names of the file: the order of declarations does not matter, formals hide lets, lets share one value. */
static void test_names(void **unused)
{
    static const example cases[] = {
        {"hold b\nlet b = 2*a\nparam a = 3", NULL, NULL, {{0, 6}, END}},
        {"let x = 5\ndef f(x) = x + 1\nhold f(10) + x", NULL, NULL, {{0, 16}, END}},
        {"def f(x, y = 2) = x*10 + y\nhold f(1) + f(y=3, x=1)", NULL, NULL, {{0, 25}, END}},
        {"def f(x) = g(x) + 1\ndef g(x) = 2*x\nhold f(5)", NULL, NULL, {{0, 11}, END}},
        {"let k = 7\ndef f(x, y = k) = x + y\nhold f(1)", NULL, NULL, {{0, 8}, END}},
        {"shape linear(u) = u^2\nlinear 10 from 0 -> 1", NULL, NULL, {{5, 0.25L}, END}}, /* the file's own before the prelude's */
    };
    (void)unused;
    CHECK(cases);
}

/* A template in a template, and `start` of each of them. */
static void test_templates(void **unused)
{
    static const example cases[] = {
        {"def f(x) { hold x }\ndef g(a = start) { f(a) }\ng() from 0.5", NULL, NULL, {{0, 0.5L}, END}},
        {"def f() { linear 10 -> 0 }\ndef g() { f() }\ng() from 0.5", NULL, NULL, {{0, 0.5L}, {5, 0.25L}, END}},
        {"def f(x = 2*start) { let m = start/2; linear 10 -> x; linear 10 -> m }\ndef g(a = start) { f(3*a) from 7*a }\ng() from 0.5", NULL, NULL,
         {{0, 3.5L}, {5, 2.5L}, {10, 1.5L}, {20, 1.75L}, END}},
        {"def f() { let m = start/2; let n = m + start; linear 10 -> n; linear 10 -> m }\nhold 2 for 5\nf()\nf()", NULL, NULL,
         {{5, 2}, {15, 3}, {25, 1}, {35, 1.5L}, {45, 0.5L}, END}},
        {"def f(k) { linear 4 -> start*k; hold for 1 }\nrepeat 3 { f(0.5) from 8*0.5^cycle }\nhold", NULL, NULL,
         {{0, 8}, {2, 6}, {4, 4}, {5, 4}, {7, 3}, {10, 2}, {14, 1}, {15, 1}, {99, 1}, END}},
        {"def f(k) { linear 4 -> start*k; hold for 1 }\nrepeat 2 stretch=2 { hold 16 for 1; f(0.5) from 8*0.5^cycle for 2 }\nhold", NULL, NULL,
         {{0, 16}, {1, 8}, {2, 7}, {3, 16}, {5, 4}, {7, 3.5L}, {9, 3}, {50, 3}, END}},
        {"def f() { let m = start/2; hold m for 2; repeat 2 { linear 4 -> m } }\ndef g() { let m = start*3; f(); hold m for 1; f() from m; hold m for 1 }\nhold 2 for 1\ng()\n", NULL, NULL,
         {{1, 1}, {7, 1}, {11, 6}, {12, 3}, {22, 6}, {23, 6}, END}},
    };
    (void)unused;
    CHECK(cases);
}

/* What a repeat passes on where it is cut, with rules whose factors depend on the rate that a template started from; phases whose
 * clock is ahead of all that they do, or behind. */
static void test_rules_in_braces(void **unused)
{
#define NESTED "def f(x) { linear 4k -> 0.1; at 2k *x }\ndef g(a = start) { f(a); linear 3k -> 0.5 }\nhold 0.9 for 3k\n"
    static const example cases[] = {
        {NESTED "repeat for 3k { g() }\nhold", NULL, NULL, {{3000, 0.9L}, {4000, 0.7L}, {5500, 0.36L}, {6000, 0.27L}, {9999, 0.27L}, END}},
        {NESTED "repeat for 10k { g() }\nhold", NULL, NULL, {{10000, 0.5L}, {12500, 0.125L}, {13000, 0.1L}, {20000, 0.1L}, END}},
        {NESTED "param n = 2k\nrepeat for n { g() }\nlinear 2k -> 1", NULL, NULL, {{4999, 0.5002L}, {5000, 0.5L}, {6000, 0.75L}, {7000, 1}, END}},
        {"hold 0.1 for 10\nrepeat 2 shift=100 for 50 { linear 10 from 1 -> 0.2 }", NULL, NULL, {{0, 0.1L}, {9, 0.1L}, {10, 0.2L}, {59, 0.2L}, {60, 0.2L}, END}},
        {"param k = 100\nhold 0.1 for 10\nrepeat 2 shift=k for 50 { linear 10 from 1 -> 0.2 }", NULL, "k=5",
         {{9, 0.1L}, {10, 0.6L}, {14, 0.28L}, {15, 1}, {24, 0.28L}, {25, 0.2L}, {60, 0.2L}, END}},
        {"param k = 5\nhold 0.1 for 10\nrepeat 2 shift=k { linear 10 from 1 -> 0.2 }", NULL, "k=100", {{0, 0.1L}, {9, 0.1L}, {10, 0.2L}, {60, 0.2L}, END}},
        {"def f() { hold 0.8 for 4; at 0 *0.5 }\nhold 0.1 for 2\nf() shift=-2", NULL, NULL, {{1, 0.1L}, {2, 0.4L}, {3, 0.4L}, {4, 0.4L}, {9, 0.4L}, END}},
        {"repeat 2 shift=-3 { hold 0.8 for 4; linear 4 -> 0.4; at 0, 6 *0.5 }", NULL, NULL,
         {{0, 0.4L}, {2, 0.4L}, {3, 0.4L}, {7, 0.4L}, {8, 0.35L}, {9, 0.15L}, {11, 0.4L}, END}},
    };
#undef NESTED
    (void)unused;
    CHECK(cases);
}

static uint64_t hash_of(const char *text, int no_warnings)
{
    lrs_program *p = NULL;
    lrs_options o = {.size = sizeof o, .no_warnings = no_warnings};
    assert_int_equal(lrs_compile(&p, text, strlen(text), &o, NULL), LRS_OK);
    uint64_t hash = lrs_program_hash(p);
    lrs_program_free(p);
    return hash;
}

/* Notes, and requirements of what is known, are no part of a schedule: its saved states fit with them and without. */
static void test_notes_and_hash(void **unused)
{
    static const struct {
        const char *with, *without;
    } cases[] = {
        {"param k = 3\nnote k > 2 \"x\"\nhold 0.1 for 2*k\nwarmup 5*k -> 2*k", "param k = 3\nhold 0.1 for 2*k\nwarmup 5*k -> 2*k"},
        {"param k = 3\nlet a = 5*k\nlet b = a + 1\nnote b > 2 \"x\"\nhold 0.1 for 2*k\nwarmup a -> b",
         "param k = 3\nlet a = 5*k\nlet b = a + 1\nhold 0.1 for 2*k\nwarmup a -> b"},
        {"require 2 > 1 \"z\"\nlet a = 0.5*8\nrequire a == 4 \"z\"\nhold a for 7\nlinear 5 -> 1", "let a = 0.5*8\nhold a for 7\nlinear 5 -> 1"},
        {"param k = 3\ndef f(n) { let m = start*k; note m > n \"x\"; note n > 1 \"y\"; require n < 9 \"z\"; hold start for n; linear 4 -> m }\nhold k for 4\nf(2)\nrepeat 2 { f(3) from k }",
         "param k = 3\ndef f(n) { let m = start*k; hold start for n; linear 4 -> m }\nhold k for 4\nf(2)\nrepeat 2 { f(3) from k }"},
        {"use darknet\nparam p = 0.1\ndarknet.poly(1000, 10, 4, learning_rate=p)", NULL},
        {"use composer\nparam p = 0.1\ncomposer.ConstantScheduler(0.1, 100, lr=p)", NULL},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t hash = hash_of(cases[i].with, 0);
        assert_true(hash == hash_of(cases[i].with, 1));
        if (cases[i].without)
            assert_true(hash == hash_of(cases[i].without, 0));
    }
}

/* The value of a text with shift= is that of the text without at another time. %s is where it stands. */
static void test_shift_of_braces(void **unused)
{
    static const struct {
        const char *format;
        int length;
    } cases[] = {
        {"def f() { linear 7 from 1 -> 8; exp halflife=3 for 6; cosine 5 -> 0.5 }\nf()%s\nhold", 18},
        {"def f() { linear 7 from 1 -> 8; cosine 5 -> 0.5; every 4 *0.5 }\nf()%s\nhold", 12},
        {"def f(a) { warmup 3 -> a; repeat 2 { linear 4 from a -> 0 }; at 5, 9 *0.5 }\nf(2)%s\nhold", 11},
        {"repeat 3%s { linear 7 from 1 -> 8; exp halflife=3 for 6 }", 39},
        {"repeat 3%s { linear 7 from 8*0.5^cycle -> 2; hold for 1; every 5 *0.5 }", 24},
        {"repeat 3 stretch=2%s { linear 4 from 1 -> 8 }", 28},
        {"param d = 7\nparam n = 3\nrepeat n%s { linear d from 1 -> 8; hold for d }", 42},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int shift = -50; shift <= 50; shift += 5) {
            char plain[256], shifted[256], clause[32];
            int is_call = cases[i].format[0] == 'd'; /* its rules go on past the end of its body; after the rounds of a repeat there is none */
            snprintf(clause, sizeof clause, " shift=%d", shift);
            snprintf(plain, sizeof plain, cases[i].format, is_call ? " for 1000" : "");
            snprintf(shifted, sizeof shifted, cases[i].format, clause);
            schedule p = schedule_open(plain, NULL, NULL), s = schedule_open(shifted, NULL, NULL);
            for (int step = 0; step < cases[i].length + 5; step++) {
                int end = cases[i].length, then = (step < end ? step : end) + shift;
                then = then < 0 ? 0 : then;
                double expected = schedule_at(&p, then < end || is_call ? then : end);
                if (step >= end && (then < end || is_call)) /* what it passes on: the rate before a joint of two rounds, and before a rule that acts there */
                    expected = schedule_at(&s, end);
                assert_near(schedule_at(&s, step), expected, shifted, step);
            }
            schedule_close(&p);
            schedule_close(&s);
        }
}

/* What ends where all that is in its braces is done passes on what the last phase says, to the last bit, however the end is said. */
static void test_end_of_braces(void **unused)
{
#define BODY "{ square 100 -> 0.0005 }\n"
    static const char *const texts[] = {
        "hold 25 for 10\nrepeat 1 " BODY "hold", "hold 25 for 10\nrepeat 1 shift=0 " BODY "hold", "hold 25 for 10\nrepeat 1 for 100 " BODY "hold",
        "hold 25 for 10\nrepeat 1 until 110 " BODY "hold", "hold 25 for 10\nrepeat 3 for 300 " BODY "hold", "param n = 100\nhold 25 for 10\nrepeat 1 for n " BODY "hold",
        "def f() " BODY "hold 25 for 10\nf()\nhold", "def f() " BODY "hold 25 for 10\nf() shift=0\nhold", "def f() " BODY "hold 25 for 10\nf() for 100\nhold",
        "def f() " BODY "hold 25 for 10\nf() until 110\nhold", "def f() " BODY "param s = 5\nhold 25 for 10\nf() shift=s for 95\nhold",
    };
#undef BODY
    (void)unused;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        schedule s = schedule_open(texts[i], NULL, NULL);
        for (int step = 400; step < 500; step += 33)
            assert_true(schedule_at(&s, step) == 0.0005);
        schedule_close(&s);
    }
}

/* Far steps: no law goes wrong at the largest ones. */
static void test_far(void **unused)
{
    (void)unused;
    static const char *const texts[] = {"warmup 5 linear -> 0.1; then exp s=1000", "invsqrt timescale=10 from 1", "power s=10 from 1",
                                        "stepdecay every=7 from 1", "linear 1e15 from 1 -> 0", "noam(d_model=512, warmup=4000) from 1"};
    static const int64_t steps[] = {INT64_MIN, -1, 0, INT64_C(1) << 53, INT64_MAX};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
            double v = value_of(texts[i], steps[k]);
            assert_true(v >= 0 && v <= 1);
        }
    assert_near(value_of("invsqrt timescale=1 from 1", INT64_MAX), 1 / sqrtl(9223372036854775808.0L), "invsqrt", INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units),        cmocka_unit_test(test_clauses), cmocka_unit_test(test_shift),
        cmocka_unit_test(test_tables),       cmocka_unit_test(test_empty_phases), cmocka_unit_test(test_defines),
        cmocka_unit_test(test_checks),       cmocka_unit_test(test_names),   cmocka_unit_test(test_far),
        cmocka_unit_test(test_templates),    cmocka_unit_test(test_shift_of_braces), cmocka_unit_test(test_end_of_braces),
        cmocka_unit_test(test_rules_in_braces), cmocka_unit_test(test_notes_and_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
