/* test_math_mpfr.c: the math kernels against MPFR.
 *
 * In:    optional arguments: the number of points a function (default 1000000), then names of functions (default all).
 * Out:   a table with the largest and the mean error of each function in ulps of the exact result and where the largest
 *        was; exit status 1 when a function is worse than its bound.
 * Calls: runtime/kernel/math.h, MPFR.
 *
 * An ulp is the distance of the doubles around the exact result (2^-1074 for subnormal ones).  MPFR rounds its results
 * correctly to 160 bits, which counts as exact here.
 */
#include "runtime/kernel/math.h"

#include "points.h"

#include <float.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>

#define PREC 160
#define WIDE 320

static mpfr_t ref, wide, wide2, pi, ln2;

/* ulps between y and ref. */
static double ulps(double y) {
    if (mpfr_nan_p(ref)) {
        return y != y ? 0.0 : HUGE_VAL;
    }
    double nearest = mpfr_get_d(ref, MPFR_RNDN);
    if (y == nearest && isinf(y)) {
        return 0.0;
    }
    if (isinf(y) && mpfr_cmp_d(ref, DBL_MAX) > 0) {
        return 0.0; /* within half an ulp of the overflow threshold both are within 1 ulp */
    }
    if (isinf(y) || y != y || isinf(nearest)) {
        return HUGE_VAL;
    }
    if (mpfr_zero_p(ref)) {
        return y == 0.0 ? 0.0 : HUGE_VAL;
    }
    mpfr_exp_t e = mpfr_get_exp(ref) - 53;
    e = e < -1074 ? -1074 : e;
    mpfr_sub_d(wide, ref, y, MPFR_RNDN);
    mpfr_div_2si(wide, wide, e, MPFR_RNDN);
    return fabs(mpfr_get_d(wide, MPFR_RNDN));
}

/* ---- references of one variable: ref = f(x) ---- */

typedef int (*mpfr_unary)(mpfr_t, const mpfr_t, mpfr_rnd_t);

static void by_mpfr(mpfr_unary f, double x) {
    mpfr_set_d(wide, x, MPFR_RNDN);
    f(ref, wide, MPFR_RNDN);
}

static void ref_exp2(double x) { by_mpfr(mpfr_exp2, x); }
static void ref_exp(double x) { by_mpfr(mpfr_exp, x); }
static void ref_log2(double x) { by_mpfr(mpfr_log2, x); }
static void ref_log(double x) { by_mpfr(mpfr_log, x); }
static void ref_log10(double x) { by_mpfr(mpfr_log10, x); }
static void ref_cos(double x) { by_mpfr(mpfr_cos, x); }
static void ref_sin(double x) { by_mpfr(mpfr_sin, x); }
static void ref_tanh(double x) { by_mpfr(mpfr_tanh, x); }
static void ref_sqrt(double x) { by_mpfr(mpfr_sqrt, x); }

/* wide = pi (x mod 2); the remainder is exact. */
static void turn(double x) {
    mpfr_mul_d(wide, pi, fmod(x, 2.0), MPFR_RNDN);
}

static void ref_cospi(double x) {
    turn(x);
    mpfr_cos(ref, wide, MPFR_RNDN);
    if (fmod(fabs(x), 1.0) == 0.5) {
        mpfr_set_zero(ref, 1);
    }
}

static void ref_sinpi(double x) {
    turn(x);
    mpfr_sin(ref, wide, MPFR_RNDN);
    if (fmod(x, 1.0) == 0.0) {
        mpfr_set_zero(ref, 1);
    }
}

static void ref_hcos(double x) {
    turn(x);
    mpfr_div_2ui(wide, wide, 1, MPFR_RNDN);
    mpfr_sin(wide, wide, MPFR_RNDN);
    mpfr_sqr(ref, wide, MPFR_RNDN);
    if (fmod(x, 2.0) == 0.0) {
        mpfr_set_zero(ref, 1);
    }
}

struct unary {
    const char *name;
    double (*f)(double);
    void (*ref)(double);
    double bound;
    struct domain where;
};

/* hcos: for |x| < 2^-480 the error terms of its square underflow; its claim is for results above 2^-960. */
static const struct unary unaries[] = {
    {"exp2", lrs_k_exp2, ref_exp2, 1.0, {-1080, 1026, -1.5, 1.5, -60, 9, 0.5}},
    {"exp2 subnormal", lrs_k_exp2, ref_exp2, 1.0, {-1076, -1021, -1024, -1020, 9, 9, 0.5}},
    {"exp", lrs_k_exp, ref_exp, 1.0, {-746, 711, -1, 1, -60, 9, 0x1.62e42fefa39efp-2}},
    {"log2", lrs_k_log2, ref_log2, 1.0, {0.0, 1024.0, 0.7, 1.42, -1074, 1023, 0.125}},
    {"log", lrs_k_log, ref_log, 1.0, {0.0, 1024.0, 0.7, 1.42, -1074, 1023, 0.125}},
    {"log10", lrs_k_log10, ref_log10, 1.0, {0.0, 1024.0, 0.7, 1.42, -1074, 1023, 0.125}},
    {"cospi", lrs_k_cospi, ref_cospi, 1.0, {-16, 16, -1, 1, -60, 54, 0.125}},
    {"sinpi", lrs_k_sinpi, ref_sinpi, 1.0, {-16, 16, -1, 1, -1074, 54, 0.125}},
    {"hcos", lrs_k_hcos, ref_hcos, 1.0, {0, 1, 0, 0.01, -480, 0, 0.0625}},
    {"hcos any x", lrs_k_hcos, ref_hcos, 1.0, {-100, 100, -2, 2, -60, 54, 0.125}},
    {"cos", lrs_k_cos, ref_cos, 1.0, {-1e6, 1e6, -7, 7, -60, 39, 0x1.921fb54442d18p-1}},
    {"sin", lrs_k_sin, ref_sin, 1.0, {-1e6, 1e6, -7, 7, -1074, 39, 0x1.921fb54442d18p-1}},
    {"cos far", lrs_k_cos, ref_cos, 1.0, {-0x1p41, 0x1p41, 0x1p39, 0x1p40, 40, 1023, 0x1.921fb54442d18p-1}},
    {"sin far", lrs_k_sin, ref_sin, 1.0, {-0x1p41, 0x1p41, 0x1p39, 0x1p40, 40, 1023, 0x1.921fb54442d18p-1}},
    {"tanh", lrs_k_tanh, ref_tanh, 1.0, {-23, 23, -0.4, 0.4, -1074, 5, 0.1}},
    {"sqrt", lrs_k_sqrt, ref_sqrt, 0.5, {0, 1e6, 0.5, 4, -1074, 1023, 1.0}},
};

/* ---- the running result of one row ---- */

struct row {
    const char *name;
    double bound, max, sum;
    double at[2];
    long n;
};

static void row_add(struct row *row, double error, double x, double y) {
    row->n++;
    row->sum += error;
    if (error > row->max) {
        row->max = error;
        row->at[0] = x;
        row->at[1] = y;
    }
}

static int row_end(const struct row *row, int binary) {
    int bad = !(row->max <= row->bound) || row->n == 0;
    printf("| %-15s | %8ld | %6.4f | %6.4f | %.4g | %a", row->name, row->n, row->max, row->sum / (double)row->n, row->bound,
           row->at[0]);
    if (binary) {
        printf(", %a", row->at[1]);
    }
    printf(" |%s\n", bad ? " FAIL" : "");
    fflush(stdout);
    return bad;
}

static int run_unary(const struct unary *u, long points) {
    struct row row = {.name = u->name, .bound = u->bound};
    struct rng r = {20250101};
    for (long i = 0; i < points; i++) {
        double x = domain_point(&r, &u->where);
        u->ref(x);
        row_add(&row, ulps(u->f(x)), x, 0.0);
    }
    return row_end(&row, 0);
}

/* ---- functions of two variables ---- */

/* A base, and an exponent that does not lead far outside the range of results. */
static double pow_base(struct rng *r) {
    switch (rng_below(r, 5)) {
    case 0:
        return rng_log(r, -1074, 1023);
    case 1:
        return rng_between(r, 0.9, 1.1);
    case 2:
        return 1.0 + (double)(rng_below(r, 2001) - 1000) * ldexp(1.0, -10 - rng_below(r, 43));
    case 3:
        return (double)(1 + rng_below(r, 1000)) / (double)(1 + rng_below(r, 1000));
    default:
        return rng_log(r, -20, 20);
    }
}

static double pow_exponent(struct rng *r, double base) {
    double log = log2(base);
    double most = log == 0.0 ? 1e6 : 1080.0 / fabs(log);
    double y = rng_between(r, -most, most);
    switch (rng_below(r, 4)) {
    case 0:
        return floor(y);
    case 1:
        return rng_log(r, -60, 4);
    default:
        return y;
    }
}

static int run_pow(const char *name, long points, int mode) {
    struct row row = {.name = name, .bound = 1.0};
    struct rng r = {7};
    for (long i = 0; i < points; i++) {
        double x = pow_base(&r), y = pow_exponent(&r, x);
        if (mode == 1) { /* negative bases */
            x = -x;
            y = floor(y);
        }
        mpfr_set_d(wide, x, MPFR_RNDN);
        mpfr_set_d(wide2, y, MPFR_RNDN);
        mpfr_pow(ref, wide, wide2, MPFR_RNDN);
        row_add(&row, ulps(lrs_k_pow(x, y)), x, y);
    }
    return row_end(&row, 1);
}

/* 2^(x (hi + lo)), hi + lo the log2 of a ratio, x a number of steps or a fraction. */
static int run_exp2x(long points) {
    struct row row = {.name = "exp2x", .bound = 1.0};
    struct rng r = {11};
    for (long i = 0; i < points; i++) {
        double base = pow_base(&r), x = pow_exponent(&r, base);
        mpfr_set_d(wide, base, MPFR_RNDN);
        mpfr_log2(wide, wide, MPFR_RNDN);
        double hi = mpfr_get_d(wide, MPFR_RNDN);
        mpfr_sub_d(wide, wide, hi, MPFR_RNDN);
        double lo = mpfr_get_d(wide, MPFR_RNDN);
        mpfr_set_d(wide, hi, MPFR_RNDN);
        mpfr_add_d(wide, wide, lo, MPFR_RNDN);
        mpfr_mul_d(wide, wide, x, MPFR_RNDN);
        mpfr_exp2(ref, wide, MPFR_RNDN);
        row_add(&row, ulps(lrs_k_exp2x(hi, lo, x)), base, x);
    }
    return row_end(&row, 1);
}

/* b 2^(h + l) with h + l = x log2(ratio) + a little, as a decay has it that starts at a decimal fraction. */
static int run_exp2s(long points) {
    struct row row = {.name = "exp2s", .bound = 1.0};
    struct rng r = {17};
    for (long i = 0; i < points; i++) {
        double base = pow_base(&r), x = pow_exponent(&r, base), b = ldexp(1.0 + rng_unit(&r), -(int)rng_below(&r, 30));
        mpfr_set_d(wide, base, MPFR_RNDN);
        mpfr_log2(wide, wide, MPFR_RNDN);
        mpfr_mul_d(wide, wide, x, MPFR_RNDN);
        mpfr_add_d(wide, wide, 0x1p-54 * (rng_unit(&r) - 0.5), MPFR_RNDN);
        double h = mpfr_get_d(wide, MPFR_RNDN);
        mpfr_sub_d(wide, wide, h, MPFR_RNDN);
        double l = mpfr_get_d(wide, MPFR_RNDN);
        mpfr_set_d(wide, h, MPFR_RNDN);
        mpfr_add_d(wide, wide, l, MPFR_RNDN);
        mpfr_exp2(wide, wide, MPFR_RNDN);
        mpfr_mul_d(ref, wide, b, MPFR_RNDN);
        if (fabs(h) < 990.0) /* digits are lost outside, and finally all of them */
            row_add(&row, ulps(lrs_k_exp2s(b, h, l)), base, x);
    }
    return row_end(&row, 1);
}

/* hi + lo against log2(x): the column is in units of 2^-100 of the result, the bound 2^-98. */
static int run_log2_pair(long points) {
    struct row row = {.name = "log2hi+lo 2^-100", .bound = 4.0};
    struct rng r = {13};
    const struct domain where = {0.0, 1024.0, 0.7, 1.42, -1074, 1023, 0.125};
    for (long i = 0; i < points; i++) {
        double x = domain_point(&r, &where);
        double hi = lrs_k_log2hi(x), lo = lrs_k_log2lo(x), error;
        by_mpfr(mpfr_log2, x);
        if (mpfr_regular_p(ref)) {
            mpfr_sub_d(wide, ref, hi, MPFR_RNDN);
            mpfr_sub_d(wide, wide, lo, MPFR_RNDN);
            mpfr_div(wide, wide, ref, MPFR_RNDN);
            mpfr_mul_2ui(wide, wide, 100, MPFR_RNDN);
            error = fabs(mpfr_get_d(wide, MPFR_RNDN));
            if (hi != mpfr_get_d(ref, MPFR_RNDN)) {
                error = HUGE_VAL; /* hi must be the nearest double */
            }
        } else {
            error = hi == mpfr_get_d(ref, MPFR_RNDN) && lo == 0.0 ? 0.0 : HUGE_VAL;
        }
        row_add(&row, error, x, lo);
    }
    return row_end(&row, 0);
}

static int wanted(const char *name, int argc, char **argv) {
    for (int i = 2; i < argc; i++) {
        if (strcmp(name, argv[i]) == 0) {
            return 1;
        }
    }
    return argc <= 2;
}

int main(int argc, char **argv) {
    long points = argc > 1 ? strtol(argv[1], NULL, 10) : 1000000;
    int bad = 0;
    mpfr_set_default_prec(PREC);
    mpfr_init(ref);
    mpfr_inits2(WIDE, wide, wide2, pi, ln2, (mpfr_ptr)0);
    mpfr_const_pi(pi, MPFR_RNDN);
    mpfr_const_log2(ln2, MPFR_RNDN);
    printf("| function | points | max ulp | mean ulp | bound | at |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof unaries / sizeof *unaries; i++) {
        if (wanted(unaries[i].name, argc, argv)) {
            bad |= run_unary(&unaries[i], points);
        }
    }
    if (wanted("exp2x", argc, argv)) {
        bad |= run_exp2x(points);
    }
    if (wanted("exp2s", argc, argv)) {
        bad |= run_exp2s(points);
    }
    if (wanted("pow", argc, argv)) {
        bad |= run_pow("pow", points, 0);
        bad |= run_pow("pow, x < 0", points, 1);
    }
    if (wanted("log2hi+lo", argc, argv)) {
        bad |= run_log2_pair(points);
    }
    mpfr_clears(ref, wide, wide2, pi, ln2, (mpfr_ptr)0);
    mpfr_free_cache();
    return bad;
}
