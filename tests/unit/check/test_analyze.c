/* test_analyze.c: the warnings as data: which codes a program gets, that the step a warning names is right, and that the
 * analyses change nothing. Their texts are in the golden tests. */
#include "schedule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void test_codes(void **unused)
{
    static const struct {
        const char *text, *codes;
    } cases[] = {
        {"warmup 5 linear -> 0.1; then exp s=1000; on plateau(patience=3) *0.5", "305"},
        {"warmup 5 linear shift=1 -> 0.1; then hold", ""},
        {"hold 1; on plateau(patience=3) *2", "301"},
        {"hold 1; linear 10 -> 0", "302"},
        {"linear 0.1 from 1 -> 500", "303"},
        {"hold 1 for 10; linear 10 from 2 -> 0", "304"},
        {"hold -1", "306"},
        {"curve 1/t", "307"},
        {"param total = 100\nhold 1 for 50", "308"},
        {"param total = 100\nhold 1\non plateau(patience=99) stop", "309"},
        {"param total = 100\nhold 1\non plateau(patience=98) stop", ""},
        {"hold 1\non plateau() *0.5 floor=1", "310"},
        {"hold 1\non plateau() *0.5 floor=0.99", ""},
        {"let a = 1\nhold 1", "311"},
        {"param n = 5 in 1..20\nlinear (10 - n) from 1 -> 0", "312"},
        {"param n = 5 in 1..10\nlinear (10 - n) from 1 -> 0", ""},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (strcmp(codes_of(cases[i].text, NULL), cases[i].codes) != 0)
            print_error("in: %s\n", cases[i].text);
        assert_string_equal(codes_of(cases[i].text, NULL), cases[i].codes);
    }
}

/* Warnings are about the values that are given, where these are, and the program is the same. */
static void test_given_params(void **unused)
{
    static const char text[] = "param total = 7; param peak = 1 in 1..100; warmup 10 -> peak; then cosine until total -> 0";
    static const char bare[] = "param total; warmup 10 -> 1; then cosine until total -> 0";
    static const struct {
        const char *text;
        lrs_binding params[2];
        const char *codes;
    } cases[] = {
        {text, {{"total", 7}}, "305 302 308"}, {text, {{"total", 1000}}, "305"}, {text, {{"total", 5}}, "305 302 308"},
        {text, {{"total", 5}, {"total", 1000}}, "305"}, {text, {{"totl", 1000}}, "305 302 308"}, {text, {{"total", NAN}}, "305 302 308"},
        {text, {{"total", 1000}, {"peak", 500}}, "305"}, {bare, {{"total", 5}}, "305 302 308"}, {bare, {{"total", 1000}}, "305"}, {bare, {{NULL, 5}}, ""},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lrs_options o = {.size = sizeof o, .params = cases[i].params, .nparams = 2};
        lrs_program *p, *plain;
        const char *codes = codes_with(cases[i].text, &o);
        if (strcmp(codes, cases[i].codes) != 0)
            print_error("case %zu\n", i);
        assert_string_equal(codes, cases[i].codes);
        assert_int_equal(lrs_compile(&p, cases[i].text, strlen(cases[i].text), &o, NULL), LRS_OK);
        assert_int_equal(lrs_compile(&plain, cases[i].text, strlen(cases[i].text), NULL, NULL), LRS_OK);
        assert_true(lrs_program_hash(p) == lrs_program_hash(plain));
        assert_int_equal(lrs_program_params(p), lrs_program_params(plain));
        lrs_program_free(p);
        lrs_program_free(plain);
    }
}

/* What is quoted in the first diagnostic of a code: the number after `word`. */
static double number_after(const char *text, int code, const char *word)
{
    lrs_program *p = NULL;
    lrs_diagnostics *d = NULL;
    lrs_diagnostic g = {.size = sizeof g};
    double v = NAN;
    assert_int_equal(lrs_compile(&p, text, strlen(text), NULL, &d), LRS_OK);
    for (size_t i = 0; lrs_diagnostics_get(&g, d, i) == LRS_OK && isnan(v); i++) {
        const char *at = g.code == code ? strstr(g.message, word) : NULL;
        v = at ? strtod(at + strlen(word), NULL) : (double)NAN;
    }
    lrs_diagnostics_free(d);
    lrs_program_free(p);
    return v;
}

/* The named step is the first one where it is true: looked up one by one with the public functions. */
static void test_first_steps(void **unused)
{
    static const struct {
        const char *text;
        int code;
        const char *word;
    } cases[] = {
        {"curve 0.1 - 0.001*t", 306, "at step "},
        {"curve 0.7 - t/1234", 306, "at step "},
        {"curve 1 - (t/777)^2", 306, "at step "},
        {"curve cos(t/300) + 0.5 for 1000", 306, "at step "},
        {"linear 1000 from 3 -> -0.01", 306, "at step "},
        {"hold 1 for 333; cosine 100 -> -1", 306, "at step "},
        {"hold 1 for 333; cosine 100 -> -1; hold 2", 306, "at step "},
        {"curve sqrt(1 - t/517)", 307, "at step "},
        {"exp rate=-0.05 from 1", 307, "at step "},
        {"hold 1 for 100; curve 1/(t - 57)^2", 307, "at step "},
        {"curve log(1 + t)", 307, "none"}, /* goes to infinity too slowly to arrive */
    };
    (void)unused;
    for (size_t i = 0; i + 2 < sizeof cases / sizeof cases[0]; i++) {
        double named = number_after(cases[i].text, cases[i].code, cases[i].word);
        schedule s = schedule_open(cases[i].text, NULL, NULL);
        int64_t step = 0;
        while (step < 1000000) {
            double v = schedule_at(&s, step);
            if (cases[i].code == 306 ? v < 0 : !isfinite(v))
                break;
            step++;
        }
        if (named != (double)step)
            print_error("%s: says %g, is %lld\n", cases[i].text, named, (long long)step);
        assert_true(named == (double)step);
        schedule_close(&s);
    }
    assert_true(isnan(number_after(cases[10].text, cases[10].code, "at step ")));
}

/* The jump that is named is there: what is before the boundary and what is on it. */
static void test_jumps(void **unused)
{
    static const char text[] = "linear 100 from 0.5 -> 0.1; linear 50 from 0.7 -> 0; hold 0.3";
    (void)unused;
    assert_true(number_after(text, 304, "at step ") == 100);
    assert_true(number_after(text, 304, "from ") == 0.1);
    assert_true(number_after(text, 304, "to ") == value_of(text, 100));
}

/* With or without the analyses: the same program, and warnings only where they are wanted. */
static void test_no_warnings(void **unused)
{
    static const char *const texts[] = {
        "warmup 5 linear -> 0.1; then exp s=1000; on plateau(patience=3) *0.5",
        "param total = 90 epochs\nparam steps_per_epoch = 10 in 1..100\nparam n = 5\nwarmup 5 epochs -> 0.1\nlinear 100 from 0.5 -> -1\ncurve sin(t)/t",
    };
    (void)unused;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        lrs_program *with = NULL, *without = NULL;
        lrs_diagnostics *d = NULL;
        lrs_options o = {.size = sizeof o, .no_warnings = 1};
        assert_int_equal(lrs_compile(&with, texts[i], strlen(texts[i]), NULL, NULL), LRS_OK);
        assert_int_equal(lrs_compile(&without, texts[i], strlen(texts[i]), &o, &d), LRS_OK);
        assert_null(d);
        assert_true(lrs_program_hash(with) == lrs_program_hash(without));
        lrs_program_free(with);
        lrs_program_free(without);
    }
}

/* Diagnostics come in the order of the text. */
static void test_order(void **unused)
{
    static const char text[] = "param a = 1\nwarmup 5 -> 0.1\nlet b = 2\nlinear 10 from 0.5 -> 0\nlet c = 3\nhold until 3\non plateau() *2";
    lrs_program *p = NULL;
    lrs_diagnostics *d = NULL;
    lrs_diagnostic g = {.size = sizeof g};
    size_t before = 0, i = 0;
    (void)unused;
    assert_int_equal(lrs_compile(&p, text, strlen(text), NULL, &d), LRS_OK);
    for (; lrs_diagnostics_get(&g, d, i) == LRS_OK; i++) {
        assert_true(g.begin >= before);
        before = g.begin;
    }
    assert_true(i >= 6);
    lrs_diagnostics_free(d);
    lrs_program_free(p);
}

static uint64_t seed = 1;

static unsigned pick(unsigned n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % n;
}

/* Thousands of odd programs, valid and not: the analyses end, and never fail where the program compiles. */
static void test_random(void **unused)
{
    static const char *const numbers[] = {"0", "1", "-1", "0.5", "10", "1e-300", "1e300", "1e15", "9007199254740993", "p", "q", "total", "(p - q)", "inf", "(1/p)", "10%", "3.7"};
    static const char *const laws[] = {"linear", "cosine", "exp", "sqrt", "poly(power=p)", "rex", "tanh", "warmup"};
    static const char *const free[] = {"exp s=", "exp rate=", "power s=", "stepdecay every=", "invsqrt timescale=", "exp gamma="};
    static const char *const rules[] = {"on plateau(patience=%s) *0.5", "on plateau() *%s", "at %s *0.5", "every %s *0.5", "on plateau(patience=2) next", "bounds 0 .. %s", "on plateau() *0.1 floor=%s"};
    (void)unused;
    int compiled = 0;
    for (int k = 0; k < 1500; k++) {
        char text[2048];
        size_t n = 0;
#define NUMBER numbers[pick(sizeof numbers / sizeof numbers[0])]
#define PUT(...) n += (size_t)snprintf(text + n, sizeof text - n, __VA_ARGS__)
        PUT("param p = %d in 0..%d\nparam q = 2 in -5..5\nparam total = %d in 1..1T log\n", pick(3), 3 + pick(100), 1 + pick(1000));
        for (unsigned i = 0, m = 1 + pick(4); i < m; i++)
            switch (pick(5)) {
            case 0:
                PUT("hold %s for %s\n", NUMBER, NUMBER);
                break;
            case 1:
                PUT("%s%s from %s for %s\n", free[pick(6)], NUMBER, NUMBER, NUMBER);
                break;
            case 2:
                PUT("curve %s*sin(t/%s) + %s/step until %s\n", NUMBER, NUMBER, NUMBER, NUMBER);
                break;
            default:
                PUT("%s %s shift=%s from %s -> %s\n", laws[pick(8)], NUMBER, pick(3) ? "0" : NUMBER, NUMBER, NUMBER);
                break;
            }
        for (unsigned i = pick(3); i > 0; i--) {
            PUT(rules[pick(7)], NUMBER);
            PUT("\n");
        }
        lrs_program *p = NULL;
        lrs_diagnostics *d = NULL;
        int status = lrs_compile(&p, text, n, NULL, &d);
        if (status != LRS_OK && status != LRS_E_SOURCE)
            print_error("status %d\nin: %s\n", status, text);
        assert_true(status == LRS_OK || (status == LRS_E_SOURCE && lrs_diagnostics_errors(d) > 0));
        compiled += status == LRS_OK;
        lrs_diagnostics_free(d);
        lrs_program_free(p);
    }
    assert_true(compiled > 200); /* else it is no test of the analyses */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes), cmocka_unit_test(test_given_params),       cmocka_unit_test(test_first_steps), cmocka_unit_test(test_jumps),
        cmocka_unit_test(test_no_warnings), cmocka_unit_test(test_order),       cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
