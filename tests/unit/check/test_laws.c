/* test_laws.c: every law of the prelude against the formula of its definition, written down here once more in long double,
 * and the normal form that it is lowered to. */
#include "schedule.h"

#include <math.h>
#include <string.h>

static const long double pi = 3.14159265358979323846264338327950288L;

/* From 0.1 to 0.001 in 1000 steps: the weight that goes to the end. */
static long double ease(long double g)
{
    return 0.1L + (0.001L - 0.1L) * g;
}

static long double hcos(long double u)
{
    long double s = sinl(pi * u / 2);
    return s * s; /* (1 - cos(pi u))/2 without cancellation */
}

static long double law_linear(long double t) { return ease(t / 1000); }
static long double law_cosine(long double t) { return 0.001L + 0.099L * hcos(1 - t / 1000); }
static long double law_poly(long double t) { return 0.001L + 0.099L * powl(1 - t / 1000, 2); }
static long double law_poly9(long double t) { return 0.001L + 0.099L * powl(1 - t / 1000, 0.9L); }
static long double law_sqrt(long double t) { return ease(sqrtl(t / 1000)); }
static long double law_square(long double t) { return ease(t / 1000 * (t / 1000)); }
static long double law_exp(long double t) { return 0.1L * powl(0.01L, t / 1000); }
static long double law_tanh(long double t)
{
    return ease((tanhl(-7 + 10 * t / 1000) - tanhl(-7)) / (tanhl(3) - tanhl(-7)));
}
static long double law_tanh_of(long double t)
{
    return ease((tanhl(-4 + 6 * t / 1000) - tanhl(-4)) / (tanhl(2) - tanhl(-4)));
}
/* The logistic function of k(u - 1/2), stretched to reach 0 and 1. */
static long double logistic(long double x) { return 1 / (1 + expl(-x)); }
static long double law_sigmoid(long double t)
{
    long double low = logistic(-5), high = logistic(5);
    return ease((logistic(10 * (t / 1000 - 0.5L)) - low) / (high - low));
}
static long double law_smoothstep(long double t)
{
    long double u = t / 1000;
    return ease(3 * u * u - 2 * u * u * u);
}
/* Chen, Wolfe and Kyrillidis, "REX: Revisiting Budgeted Training with an Improved Schedule" (2021): (1 - z)/(1/2 + (1 - z)/2) */
static long double law_rex(long double t)
{
    long double z = t / 1000;
    return 0.001L + 0.099L * (1 - z) / (0.5L + 0.5L * (1 - z));
}

static long double law_exp_s(long double t) { return 0.1L * powl(10, -t / 700); }
static long double law_exp_gamma(long double t) { return 0.1L * powl(0.995L, t); }
static long double law_exp_rate(long double t) { return 0.1L * expl(-0.004L * t); }
static long double law_exp_halflife(long double t) { return 0.1L * exp2l(-t / 130); }
static long double law_power(long double t) { return 0.1L / (1 + t / 50); }
static long double law_power_c(long double t) { return 0.1L / powl(1 + t / 50, 1.5L); }
static long double law_invsqrt(long double t) { return 0.1L / sqrtl(1 + t / 40); }
static long double law_invtime(long double t) { return 0.1L / (1 + 0.02L * t); }
static long double law_invtime_s(long double t) { return 0.1L / (1 + 0.5L * t / 30); }
static long double law_stepdecay(long double t) { return 0.1L * powl(0.1L, floorl(t / 30)); }
static long double law_stepdecay_g(long double t) { return 0.1L * powl(0.94L, floorl(t / 24)); }
/* Vaswani et al. (2017), equation 3, with the step counted from 1. */
static long double law_noam(long double t)
{
    long double n = t + 1;
    return 1 / sqrtl(512) * fminl(1 / sqrtl(n), n / (400 * sqrtl(400)));
}
static long double law_curve(long double t) { return 0.1L * expl(-t / 200) * (2 + cosl(t / 10)) / 3; }
static long double law_warmup(long double t) { return 0.1L * t / 1000; }

static const struct law {
    const char *text;
    long double (*law)(long double t);
    const char *kinds; /* of all segments */
    int last;
} laws[] = {
    {"linear 1000 from 0.1 -> 0.001", law_linear, "linear const", 1000},
    {"warmup 1000 -> 0.1", law_warmup, "linear const", 1000},
    {"warmup 1000 linear -> 0.1", law_warmup, "linear const", 1000},
    {"cosine 1000 from 0.1 -> 0.001", law_cosine, "hcos const", 1000},
    {"poly 1000 from 0.1 -> 0.001", law_poly, "pow const", 1000},
    {"poly(power=0.9) 1000 from 0.1 -> 0.001", law_poly9, "pow const", 1000},
    {"poly(0.9) 1000 from 0.1 -> 0.001", law_poly9, "pow const", 1000},
    {"sqrt 1000 from 0.1 -> 0.001", law_sqrt, "cosqrt const", 1000},
    {"square 1000 from 0.1 -> 0.001", law_square, "pow const", 1000},
    {"exp 1000 from 0.1 -> 0.001", law_exp, "exp2 const", 1000},
    {"tanh 1000 from 0.1 -> 0.001", law_tanh, "expr const", 1000},
    {"tanh(lb=-4, ub=2) 1000 from 0.1 -> 0.001", law_tanh_of, "expr const", 1000},
    {"sigmoid 1000 from 0.1 -> 0.001", law_sigmoid, "expr const", 1000},
    {"smoothstep 1000 from 0.1 -> 0.001", law_smoothstep, "expr const", 1000},
    {"rex 1000 from 0.1 -> 0.001", law_rex, "expr const", 1000},
    {"exp s=700 from 0.1", law_exp_s, "exp2", 5000},
    {"exp(700) from 0.1", law_exp_s, "exp2", 5000},
    {"exp(gamma=0.995) from 0.1", law_exp_gamma, "exp2", 5000},
    {"exp rate=0.004 from 0.1", law_exp_rate, "exp2", 5000},
    {"exp halflife=130 from 0.1", law_exp_halflife, "exp2", 5000},
    {"power s=50 from 0.1", law_power, "recip", 5000},
    {"power(s=50, c=1.5) from 0.1", law_power_c, "pow", 5000},
    {"invsqrt timescale=40 from 0.1", law_invsqrt, "rsqrt", 5000},
    {"invtime rate=0.02 from 0.1", law_invtime, "recip", 5000},
    {"invtime(rate=0.5, s=30) from 0.1", law_invtime_s, "recip", 5000},
    {"stepdecay every=30 from 0.1", law_stepdecay, "stair", 3000},
    {"stepdecay(every=24, gamma=0.94) from 0.1", law_stepdecay_g, "stair", 3000},
    {"noam(d_model=512, warmup=400) from 1", law_noam, "expr", 5000},
    {"curve 0.1*exp(-t/200)*(2 + cos(t/10))/3", law_curve, "expr", 1000},
    {"curve 0.1*10^(-t/700)", law_exp_s, "exp2", 5000},
    {"curve 0.1*0.5^(t/130)", law_exp_halflife, "exp2", 5000},
    {"curve 0.1/(1 + t/50)", law_power, "recip", 5000},
    {"curve 0.1*(1 + t/50)^-1.5", law_power_c, "pow", 5000},
    {"curve 0.1/sqrt(1 + t/40)", law_invsqrt, "rsqrt", 5000},
    {"curve 0.001 + 0.099*(1 + cos(pi*u))/2 for 1000", law_cosine, "hcos const", 999},
    {"curve 0.001 + 0.099*(1 - u)^2 for 1000", law_poly, "pow const", 999},
    {"curve start + (end - start)*u from 0.1 -> 0.001 for 1000", law_linear, "expr const", 999},
};

static void test_values(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof laws / sizeof laws[0]; i++) {
        schedule s = schedule_open(laws[i].text, NULL, NULL);
        for (int t = 0; t <= laws[i].last; t++)
            assert_near(schedule_at(&s, t), laws[i].law(t), laws[i].text, t);
        schedule_close(&s);
    }
}

static void test_kinds(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof laws / sizeof laws[0]; i++) {
        if (strcmp(kinds_of(laws[i].text), laws[i].kinds) != 0)
            print_error("in: %s\n", laws[i].text);
        assert_string_equal(kinds_of(laws[i].text), laws[i].kinds);
    }
}

/* The same with every number a param, which changes when things are computed, not what they are. */
static void test_params(void **unused)
{
    static const struct {
        const char *text;
        long double (*law)(long double t);
        int last;
    } cases[] = {
        {"linear d from a -> b", law_linear, 1000},
        {"cosine d from a -> b", law_cosine, 1000},
        {"poly(power=p) d from a -> b", law_poly9, 1000},
        {"sqrt d from a -> b", law_sqrt, 1000},
        {"square d from a -> b", law_square, 1000},
        {"exp d from a -> b", law_exp, 1000},
        {"tanh d from a -> b", law_tanh, 1000},
        {"sigmoid d from a -> b", law_sigmoid, 1000},
        {"rex d from a -> b", law_rex, 1000},
        {"exp s=(s) from a", law_exp_s, 5000},
        {"exp gamma=g from a", law_exp_gamma, 5000},
        {"exp rate=r from a", law_exp_rate, 5000},
        {"exp halflife=h from a", law_exp_halflife, 5000},
        {"stepdecay every=n from a", law_stepdecay, 3000},
    };
    (void)unused;
    static const char declarations[] =
        "param a = 1\nparam b = 1\nparam d = 1\nparam p = 1\nparam s = 1\nparam g = 1\nparam r = 1\nparam h = 1\nparam n = 1\n";
    char text[512];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        strcpy(text, declarations);
        strcat(text, cases[i].text);
        schedule s = schedule_open(text, NULL, "a=0.1 b=0.001 d=1000 p=0.9 s=700 g=0.995 r=0.004 h=130 n=30");
        for (int t = 0; t <= cases[i].last; t++) {
            /* powers of the double nearest to 0.995, not of 0.995: a thousand times the error of the argument */
            if (cases[i].law == law_exp_gamma)
                assert_near(schedule_at(&s, t), 0.1L * powl((long double)0.995, t), cases[i].text, t);
            else
                assert_near(schedule_at(&s, t), cases[i].law(t), cases[i].text, t);
        }
        schedule_close(&s);
    }
}

/* Every shape is 0 at the start and 1 at the end, upwards and downwards, and monotone between. */
static void test_shapes(void **unused)
{
    static const char *const shapes[] = {"linear", "cosine", "poly", "poly(power=3)", "sqrt", "square", "exp", "tanh", "sigmoid", "smoothstep", "rex"};
    (void)unused;
    char text[128];
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        for (int down = 0; down < 2; down++) {
            strcpy(text, shapes[i]);
            strcat(text, down ? " 200 from 0.5 -> 0.0625" : " 200 from 0.0625 -> 0.5");
            schedule s = schedule_open(text, NULL, NULL);
            assert_near(schedule_at(&s, 0), down ? 0.5L : 0.0625L, text, 0);
            assert_true(schedule_at(&s, 200) == (down ? 0.0625 : 0.5)); /* the target itself */
            assert_true(schedule_at(&s, INT64_MAX) == (down ? 0.0625 : 0.5));
            assert_true(schedule_at(&s, -1) == schedule_at(&s, 0));
            for (int t = 1; t <= 200; t++) {
                double a = schedule_at(&s, t - 1), b = schedule_at(&s, t);
                if (down ? b > a : b < a)
                    print_error("%s turns at %d\n", text, t);
                assert_true(down ? b <= a : b >= a);
            }
            schedule_close(&s);
        }
}

/* Laws of a file: a shape, a decay, a curve, with defaults and arguments by place and by name. */
static long double own_shape(long double t) { return ease(powl(t / 1000, 3)); }
static long double own_decay(long double t) { return 0.1L / (1 + 2 * t / 50); }
static long double own_curve(long double t) { return 1 / (10 + t / 1000 * (1000 - 10)); }

static void test_own_laws(void **unused)
{
    static const struct {
        const char *text;
        long double (*law)(long double t);
    } cases[] = {
        {"shape cubic(u) = u^3\ncubic 1000 from 0.1 -> 0.001", own_shape},
        {"shape power(u, n) = u^n\npower(3) 1000 from 0.1 -> 0.001", own_shape},
        {"shape power(u, n = 3) = u^n\npower 1000 from 0.1 -> 0.001", own_shape},
        {"def cube(x) = x*x*x\nshape cubic(u) = cube(u)\ncubic 1000 from 0.1 -> 0.001", own_shape},
        {"decay inv(t, s, k = 2) = 1/(1 + k*t/s)\ninv(s=50) from 0.1", own_decay},
        {"decay inv(t, s: duration, k) = 1/(1 + k*(t/s))\ninv(50, k=2) from 0.1", own_decay},
        {"let s = 25\ndecay inv(t) = 1/(1 + t/s)\ninv from 0.1", own_decay},
        {"curve harmonic(u) = 1/(1/start + u*(1/end - 1/start))\nharmonic 1000 from 0.1 -> 0.001", own_curve},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        schedule s = schedule_open(cases[i].text, NULL, NULL);
        for (int t = 0; t <= 1000; t++)
            assert_near(schedule_at(&s, t), cases[i].law(t), cases[i].text, t);
        schedule_close(&s);
    }
}

/* The built-in functions, at one point each; expected values from the C library's long double functions. */
static void test_functions(void **unused)
{
    const struct {
        const char *text;
        long double value;
    } cases[] = {
        {"abs(-3)", 3}, {"ceil(2.1)", 3}, {"floor(-2.1)", -3}, {"round(2.5)", 3}, {"round(-2.5)", -3}, {"trunc(-2.9)", -2},
        {"clamp(5, 1, 3)", 3}, {"clamp(0, 1, 3)", 1}, {"min(3, 1, 2)", 1}, {"max(3, 1, 2)", 3}, {"max(7)", 7},
        {"mod(-7, 3)", 2}, {"mod(7.5, 2)", 1.5L}, {"if(1 < 2, 10, 20)", 10}, {"if(1 > 2, 10, 20)", 20},
        {"if(2 <= 2 and not 3 != 3, 1, 0)", 1}, {"if(1 == 2 or 2 >= 3, 1, 0)", 0},
        {"sqrt(2)", sqrtl(2)}, {"exp(1.5)", expl(1.5L)}, {"exp2(0.5)", sqrtl(2)}, {"log(10)", logl(10)}, {"log2(10)", log2l(10)},
        {"log10(2)", log10l(2)}, {"pow(2.5, 1.5)", powl(2.5L, 1.5L)}, {"2.5^-1.5", powl(2.5L, -1.5L)}, {"2^3^2", 512}, {"-2^2", -4},
        {"cos(1)", cosl(1)}, {"sin(1)", sinl(1)}, {"tan(1)", tanl(1)}, {"tanh(0.5)", tanhl(0.5L)}, {"sigmoid(0.5)", logistic(0.5L)},
        {"cospi(0.25)", sqrtl(0.5L)}, {"sinpi(0.25)", sqrtl(0.5L)}, {"hcos(0.25)", hcos(0.25L)}, {"cos(pi)", -1}, {"pi", pi},
        {"e", expl(1)}, {"e^2", expl(2)}, {"10k", 10000}, {"2.5M", 2500000}, {"1B", 1e9L}, {"1T", 1e12L}, {"1_000", 1000}, {"10%", 0.1L},
        {"2 - 3 - 4", -5}, {"8/4/2", 1}, {"2*(3 + 4)", 14},
    };
    (void)unused;
    char text[128];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        strcpy(text, "hold ");
        strcat(text, cases[i].text);
        assert_near(value_of(text, 0), cases[i].value, cases[i].text, 0);
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) { /* the same at run time */
        strcpy(text, "param zero = 0\nhold zero + (");
        strcat(text, cases[i].text);
        strcat(text, ")");
        assert_near(value_of(text, 0), cases[i].value, cases[i].text, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values), cmocka_unit_test(test_kinds),    cmocka_unit_test(test_params),
        cmocka_unit_test(test_shapes), cmocka_unit_test(test_own_laws), cmocka_unit_test(test_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
