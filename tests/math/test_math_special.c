/* test_math_special.c: special values, exactness claims and end points of the math kernels.
 *
 * In:    nothing.
 * Out:   cmocka's report.
 * Calls: runtime/kernel/math.h; as independent references floor, ceil, trunc, round, fmod, pow and frexp of libm, for
 *        values that libm gives exactly.
 */
#include "runtime/kernel/math.h"

#include "points.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define NAN_ (0.0 / zero)

static volatile double zero = 0.0;

static void same_at(double got, double want, const char *text, int line) {
    uint64_t g = lrs_k_bits(got), w = lrs_k_bits(want);
    if (g != w && !(got != got && want != want)) {
        fail_msg("line %d: %s is %a, not %a", line, text, got, want);
    }
}

/* Bit for bit, so that -0 is not 0; any NaN is NaN. */
#define SAME(got, want) same_at((got), (want), #got, __LINE__)
#define IS_NAN(got) same_at((got), LRS_K_NAN, #got, __LINE__)

static const double inf = HUGE_VAL;

static void test_basic(void **state) {
    (void)state;
    SAME(lrs_k_min(1.0, 2.0), 1.0);
    SAME(lrs_k_max(1.0, 2.0), 2.0);
    SAME(lrs_k_min(NAN_, 2.0), 2.0);
    SAME(lrs_k_max(NAN_, 2.0), 2.0);
    IS_NAN(lrs_k_min(2.0, NAN_));
    IS_NAN(lrs_k_max(2.0, NAN_));
    SAME(lrs_k_min(-0.0, 0.0), 0.0);
    SAME(lrs_k_min(0.0, -0.0), -0.0);
    SAME(lrs_k_max(-0.0, 0.0), 0.0);
    SAME(lrs_k_max(0.0, -0.0), -0.0);
    SAME(lrs_k_abs(-0.0), 0.0);
    SAME(lrs_k_abs(-inf), inf);
    SAME(lrs_k_neg(0.0), -0.0);
    SAME(lrs_k_sqrt(-0.0), -0.0);
    SAME(lrs_k_sqrt(inf), inf);
    SAME(lrs_k_sqrt(2.25), 1.5);
    IS_NAN(lrs_k_sqrt(-1.0));
    SAME(lrs_k_fma(0x1.0000000000001p0, 0x1.0000000000001p0, -1.0), 0x1.00000000000008p-51);
    assert_true(lrs_k_bits(lrs_k_canon(-NAN_)) == UINT64_C(0x7ff8000000000000));
    assert_true(lrs_k_bits(lrs_k_canon(NAN_)) == UINT64_C(0x7ff8000000000000));
    SAME(lrs_k_canon(-0.0), -0.0);
    SAME(lrs_k_canon(-inf), -inf);
}

static void rounding_at(double x) {
    SAME(lrs_k_floor(x), floor(x));
    SAME(lrs_k_ceil(x), ceil(x));
    SAME(lrs_k_trunc(x), trunc(x));
    SAME(lrs_k_round(x), round(x));
}

static void test_rounding(void **state) {
    (void)state;
    static const double points[] = {0.0, 0x1p-1074, 0.25, 0x1.fffffffffffffp-2, 0.5, 0x1.0000000000001p-1, 1.0, 1.5, 2.5,
                                    0x1p51 - 0.5, 0x1p51, 0x1p51 + 0.5, 0x1p52 - 1.0, 0x1p52 - 0.5, 0x1p52, 0x1p52 + 1.0,
                                    0x1p53 - 1.0, 0x1p53, 0x1p63, 0x1.fffffffffffffp1023};
    struct rng r = {3};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        rounding_at(points[i]);
        rounding_at(-points[i]);
    }
    rounding_at(inf);
    rounding_at(-inf);
    rounding_at(NAN_);
    for (int i = 0; i < 200000; i++) {
        double half = floor(rng_between(&r, -100.0, 100.0)) * 0.5;
        rounding_at(rng_bits(&r));
        rounding_at(rng_between(&r, -50.0, 50.0));
        rounding_at(half);
        rounding_at(half == 0.0 ? half : ulps_away(half, rng_below(&r, 3) - 1));
        rounding_at(rng_log(&r, 48, 54));
    }
}

static void test_exp2(void **state) {
    (void)state;
    for (int n = -1074; n <= 1023; n++) {
        SAME(lrs_k_exp2(n), ldexp(1.0, n));
        SAME(lrs_k_exp2x(1.0, 0.0, n), ldexp(1.0, n));
        SAME(lrs_k_exp2x(n, 0.0, 1.0), ldexp(1.0, n));
    }
    SAME(lrs_k_exp2(-0.0), 1.0);
    SAME(lrs_k_exp2(1024.0), inf);
    /* 2^(1024 - 2^-43) = 2^1023 (2 - 709.8 * 2^-52) */
    SAME(lrs_k_exp2(0x1.fffffffffffffp9), ldexp(2.0 - 710 * 0x1p-52, 1023));
    SAME(lrs_k_exp2(1025.0), inf);
    SAME(lrs_k_exp2(1e300), inf);
    SAME(lrs_k_exp2(inf), inf);
    SAME(lrs_k_exp2(-1075.0), 0.0); /* a tie, to even */
    SAME(lrs_k_exp2(-1074.9), 0x1p-1074);
    SAME(lrs_k_exp2(-1100.0), 0.0);
    SAME(lrs_k_exp2(-1101.0), 0.0);
    SAME(lrs_k_exp2(-1e300), 0.0);
    SAME(lrs_k_exp2(-inf), 0.0);
    IS_NAN(lrs_k_exp2(NAN_));
    SAME(lrs_k_exp2(0x1p-1074), 1.0);

    SAME(lrs_k_exp2x(inf, 0.0, 0.0), 1.0);
    SAME(lrs_k_exp2x(-inf, 0.0, 0.0), 1.0);
    SAME(lrs_k_exp2x(-inf, 0.0, -0.0), 1.0);
    SAME(lrs_k_exp2x(-inf, 0.0, 3.0), 0.0);
    SAME(lrs_k_exp2x(-inf, 0.0, -3.0), inf);
    SAME(lrs_k_exp2x(inf, 0.0, 3.0), inf);
    SAME(lrs_k_exp2x(-1.0, 0.0, inf), 0.0);
    SAME(lrs_k_exp2x(-1.0, 0.0, -inf), inf);
    SAME(lrs_k_exp2x(0x1p1000, 0.0, 0x1p1000), inf);
    SAME(lrs_k_exp2x(0x1p1000, 0.0, -0x1p1000), 0.0);
    IS_NAN(lrs_k_exp2x(NAN_, 0.0, 1.0));
    IS_NAN(lrs_k_exp2x(1.0, 0.0, NAN_));
    /* (log2 10) n: powers of ten that are doubles come out exactly, hi + lo and all. */
    for (int n = 0; n <= 22; n++) {
        SAME(lrs_k_exp2x(0x1.a934f0979a371p1, 0x1.7f2495fb7fa6dp-53, n), pow(10.0, n));
    }

    SAME(lrs_k_exp(0.0), 1.0);
    SAME(lrs_k_exp(-0.0), 1.0);
    SAME(lrs_k_exp(inf), inf);
    SAME(lrs_k_exp(-inf), 0.0);
    SAME(lrs_k_exp(1.0), 0x1.5bf0a8b145769p1);
    SAME(lrs_k_exp(710.0), inf);
    SAME(lrs_k_exp(-746.0), 0.0);
    assert_true(lrs_k_exp(0x1.62e42fefa39efp9) < inf);  /* the largest with a finite result */
    SAME(lrs_k_exp(0x1.62e42fefa39f0p9), inf);
    IS_NAN(lrs_k_exp(NAN_));
}

static void test_logarithms(void **state) {
    (void)state;
    static double (*const logs[])(double) = {lrs_k_log2, lrs_k_log2hi, lrs_k_log, lrs_k_log10};
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
        SAME(logs[i](1.0), 0.0);
        SAME(logs[i](0.0), -inf);
        SAME(logs[i](-0.0), -inf);
        SAME(logs[i](inf), inf);
        IS_NAN(logs[i](-1.0));
        IS_NAN(logs[i](-0x1p-1074));
        IS_NAN(logs[i](-inf));
        IS_NAN(logs[i](NAN_));
    }
    for (int n = -1074; n <= 1023; n++) {
        double x = ldexp(1.0, n);
        SAME(lrs_k_log2(x), n);
        SAME(lrs_k_log2hi(x), n);
        assert_true(lrs_k_log2lo(x) == 0.0);
    }
    SAME(lrs_k_log2lo(0.0), 0.0);
    SAME(lrs_k_log2lo(inf), 0.0);
    SAME(lrs_k_log2lo(-1.0), 0.0);
    SAME(lrs_k_log2lo(NAN_), 0.0);
    /* log2 10 = 3.32192809488736234787031942948939017586483139302458... as a pair */
    SAME(lrs_k_log2hi(10.0), 0x1.a934f0979a371p1);
    SAME(lrs_k_log2lo(10.0), 0x1.7f2495fb7fa6dp-53);
    for (int n = 0; n <= 22; n++) {
        SAME(lrs_k_log10(pow(10.0, n)), n);
    }
}

static void test_pow(void **state) {
    (void)state;
    static const double odd[] = {1, 3, 5, 0x1p53 - 1}, even[] = {2, 4, 0x1p53, 0x1p60}, broken[] = {0.5, 1.5, 0x1p51 + 0.5};
    for (size_t i = 0; i < 4; i++) {
        SAME(lrs_k_pow(0.0, odd[i]), 0.0);
        SAME(lrs_k_pow(-0.0, odd[i]), -0.0);
        SAME(lrs_k_pow(0.0, -odd[i]), inf);
        SAME(lrs_k_pow(-0.0, -odd[i]), -inf);
        SAME(lrs_k_pow(-inf, odd[i]), -inf);
        SAME(lrs_k_pow(-inf, -odd[i]), -0.0);
        SAME(lrs_k_pow(-1.0, odd[i]), -1.0);
        SAME(lrs_k_pow(-1.0, -odd[i]), -1.0);
        SAME(lrs_k_pow(-0.0, even[i]), 0.0);
        SAME(lrs_k_pow(-0.0, -even[i]), inf);
        SAME(lrs_k_pow(-inf, even[i]), inf);
        SAME(lrs_k_pow(-inf, -even[i]), 0.0);
        SAME(lrs_k_pow(-1.0, even[i]), 1.0);
        SAME(lrs_k_pow(inf, even[i]), inf);
        SAME(lrs_k_pow(inf, -even[i]), 0.0);
    }
    for (size_t i = 0; i < 3; i++) {
        SAME(lrs_k_pow(-0.0, broken[i]), 0.0);
        SAME(lrs_k_pow(-0.0, -broken[i]), inf);
        SAME(lrs_k_pow(-inf, broken[i]), inf);
        SAME(lrs_k_pow(-inf, -broken[i]), 0.0);
        IS_NAN(lrs_k_pow(-2.0, broken[i]));
        IS_NAN(lrs_k_pow(-0x1p-1074, broken[i]));
    }
    SAME(lrs_k_pow(NAN_, 0.0), 1.0);
    SAME(lrs_k_pow(NAN_, -0.0), 1.0);
    SAME(lrs_k_pow(inf, 0.0), 1.0);
    SAME(lrs_k_pow(-0.0, 0.0), 1.0);
    SAME(lrs_k_pow(-3.0, -0.0), 1.0);
    SAME(lrs_k_pow(1.0, NAN_), 1.0);
    SAME(lrs_k_pow(1.0, inf), 1.0);
    SAME(lrs_k_pow(-1.0, inf), 1.0);
    SAME(lrs_k_pow(-1.0, -inf), 1.0);
    IS_NAN(lrs_k_pow(-1.0, NAN_));
    IS_NAN(lrs_k_pow(NAN_, 1.0));
    IS_NAN(lrs_k_pow(2.0, NAN_));
    IS_NAN(lrs_k_pow(-0.0, NAN_));
    SAME(lrs_k_pow(0.5, inf), 0.0);
    SAME(lrs_k_pow(-0.5, inf), 0.0);
    SAME(lrs_k_pow(0.5, -inf), inf);
    SAME(lrs_k_pow(2.0, inf), inf);
    SAME(lrs_k_pow(2.0, -inf), 0.0);
    SAME(lrs_k_pow(0.0, inf), 0.0);
    SAME(lrs_k_pow(0.0, -inf), inf);
    SAME(lrs_k_pow(inf, inf), inf);
    SAME(lrs_k_pow(inf, -inf), 0.0);
    SAME(lrs_k_pow(2.0, 1e308), inf);
    SAME(lrs_k_pow(2.0, -1e308), 0.0);
    SAME(lrs_k_pow(-2.0, 1025.0), -inf);
    SAME(lrs_k_pow(0.1, 1.0), 0.1);
    /* Integer powers that are doubles. */
    for (int base = 2; base <= 20; base++) {
        double p = 1.0;
        for (int n = 0; p < 0x1p53; n++, p *= base) {
            SAME(lrs_k_pow(base, n), p);
            SAME(lrs_k_pow(-base, n), n % 2 ? -p : p);
            SAME(lrs_k_pow(1.0 / 1024.0, -n), ldexp(1.0, 10 * n));
        }
    }
}

static void test_turns(void **state) {
    (void)state;
    static const double c[] = {1, 0, -1, 0}, s[] = {0, 1, 0, -1};
    for (int i = 0; i < 4000; i++) {
        double x = 0.5 * i;
        SAME(lrs_k_cospi(x), c[i % 4]);
        SAME(lrs_k_cospi(-x), c[i % 4]);
        if (i % 2) {
            SAME(lrs_k_sinpi(x), s[i % 4]);
            SAME(lrs_k_sinpi(-x), -s[i % 4]);
        } else { /* a zero has the sign of x */
            SAME(lrs_k_sinpi(x), 0.0);
            SAME(lrs_k_sinpi(-x), -0.0);
        }
        SAME(lrs_k_hcos(x), (1.0 - c[i % 4]) / 2.0);
        SAME(lrs_k_hcos(-x), (1.0 - c[i % 4]) / 2.0);
    }
    SAME(lrs_k_cospi(0x1p53 - 1.0), -1.0);
    SAME(lrs_k_cospi(0x1p52 + 1.0), -1.0);
    SAME(lrs_k_cospi(0x1p51 + 0.5), 0.0);
    SAME(lrs_k_cospi(0x1p53), 1.0);
    SAME(lrs_k_cospi(0x1.fffffffffffffp1023), 1.0);
    SAME(lrs_k_sinpi(0x1p51 + 0.5), 1.0);
    SAME(lrs_k_sinpi(0x1p53 - 1.0), 0.0);
    SAME(lrs_k_sinpi(-0x1p60), -0.0);
    SAME(lrs_k_hcos(0x1p53 - 1.0), 1.0);
    SAME(lrs_k_hcos(0x1p53), 0.0);
    IS_NAN(lrs_k_cospi(inf));
    IS_NAN(lrs_k_sinpi(-inf));
    IS_NAN(lrs_k_hcos(inf));
    IS_NAN(lrs_k_cospi(NAN_));
    IS_NAN(lrs_k_sinpi(NAN_));
    IS_NAN(lrs_k_hcos(NAN_));
    SAME(lrs_k_hcos_unit(0.0), 0.0);
    SAME(lrs_k_hcos_unit(0.5), 0.5);
    SAME(lrs_k_hcos_unit(1.0), 1.0);
    SAME(lrs_k_hcos(0x1p-1074), 0.0);
}

/* On [0, 1] both names mean the same bits; hcos stays inside [0, 1], and rises, up to a step of one ulp. */
static void test_hcos_curve(void **state) {
    (void)state;
    struct rng r = {17};
    double before = 0.0;
    for (int i = 0; i <= 100000; i++) {
        double x = i / 100000.0, y = lrs_k_hcos(x), z;
        SAME(lrs_k_hcos_unit(x), y);
        SAME(lrs_k_hcos(-x), y);
        assert_true(y >= before && y <= 1.0);
        before = y;
        x = rng_unit(&r);
        z = lrs_k_hcos(x);
        assert_true(z >= 0.0 && z <= 1.0 && lrs_k_hcos(x + 0x1p-30) >= z);
        SAME(lrs_k_hcos(x + 2.0), lrs_k_hcos((x + 2.0) - 2.0));
    }
}

static void test_radians(void **state) {
    (void)state;
    struct rng r = {19};
    SAME(lrs_k_cos(0.0), 1.0);
    SAME(lrs_k_sin(0.0), 0.0);
    SAME(lrs_k_sin(-0.0), -0.0);
    SAME(lrs_k_sin(0x1p-1074), 0x1p-1074);
    SAME(lrs_k_sin(-0x1p-600), -0x1p-600);
    SAME(lrs_k_cos(0x1p-600), 1.0);
    /* The double nearest to pi / 2: its cosine is the rest of pi / 2. */
    SAME(lrs_k_cos(0x1.921fb54442d18p0), 0x1.1a62633145c07p-54);
    SAME(lrs_k_sin(0x1.921fb54442d18p1), 0x1.1a62633145c07p-53);
    /* The double that comes nearest to a multiple of pi / 2, as known from the literature on argument reduction. */
    SAME(lrs_k_cos(0x1.6ac5b262ca1ffp849), -4.68716592425462761112e-19);
    SAME(lrs_k_sin(0x1.6ac5b262ca1ffp849), 1.0);
    IS_NAN(lrs_k_cos(inf));
    IS_NAN(lrs_k_sin(-inf));
    IS_NAN(lrs_k_cos(NAN_));
    IS_NAN(lrs_k_sin(NAN_));
    for (int i = 0; i < 300000; i++) {
        double x = rng_bits(&r);
        if (x - x == 0.0) {
            assert_true(lrs_k_abs(lrs_k_cos(x)) <= 1.0);
            assert_true(lrs_k_abs(lrs_k_sin(x)) <= 1.0);
            SAME(lrs_k_cos(-x), lrs_k_cos(x));
            SAME(lrs_k_sin(-x), -lrs_k_sin(x));
        }
    }
}

static void test_tanh(void **state) {
    (void)state;
    double before = -1.0;
    SAME(lrs_k_tanh(0.0), 0.0);
    SAME(lrs_k_tanh(-0.0), -0.0);
    SAME(lrs_k_tanh(inf), 1.0);
    SAME(lrs_k_tanh(-inf), -1.0);
    SAME(lrs_k_tanh(22.0), 1.0);
    SAME(lrs_k_tanh(ulps_away(22.0, -1)), 1.0);
    SAME(lrs_k_tanh(0x1p-1074), 0x1p-1074);
    SAME(lrs_k_tanh(-0x1p-300), -0x1p-300);
    IS_NAN(lrs_k_tanh(NAN_));
    for (int i = -50000; i <= 50000; i++) { /* crosses the joints at 0.3 and 22 */
        double x = i * 0.0005, y = lrs_k_tanh(x);
        assert_true(y >= before && y <= 1.0);
        SAME(lrs_k_tanh(-x), -y);
        before = y;
    }
}

/* floor(x / d) from the exact remainder: x - fmod(x, d) is n d exactly, and n is found by exact division. */
static void test_stairs(void **state) {
    (void)state;
    struct rng r = {23};
    SAME(lrs_k_stairs(0.0, 3.0), 0.0);
    SAME(lrs_k_stairs(2.9, 3.0), 0.0);
    SAME(lrs_k_stairs(3.0, 3.0), 1.0);
    SAME(lrs_k_stairs(-1.0, 3.0), -1.0);
    SAME(lrs_k_stairs(-3.0, 3.0), -1.0);
    SAME(lrs_k_stairs(0.3, 0.1), 2.0); /* the doubles: 0.3 < 3 * 0.1 */
    SAME(lrs_k_stairs(0.6, 0.2), 2.0);
    SAME(lrs_k_stairs(1.0, 0.1), 9.0); /* the double 0.1 is above 1/10 */
    SAME(lrs_k_stairs(1e300, 1e-300), inf);
    SAME(lrs_k_stairs(inf, 1.0), inf);
    IS_NAN(lrs_k_stairs(1.0, 0.0));
    IS_NAN(lrs_k_stairs(1.0, -1.0));
    IS_NAN(lrs_k_stairs(1.0, inf));
    IS_NAN(lrs_k_stairs(1.0, NAN_));
    IS_NAN(lrs_k_stairs(NAN_, 1.0));
    IS_NAN(lrs_k_mod(1.0, 0.0));
    IS_NAN(lrs_k_mod(inf, 1.0));
    IS_NAN(lrs_k_mod(NAN_, 1.0));
    SAME(lrs_k_mod(7.0, 3.0), 1.0);
    SAME(lrs_k_mod(-7.0, 3.0), 2.0);
    SAME(lrs_k_mod(1.0, 0.1), fmod(1.0, 0.1));
    SAME(lrs_k_mod(0x1p63, 3.0), 2.0);
    SAME(lrs_k_mod(0x1.fffffffffffffp62, 1000.0), 784.0); /* 9223372036854774784 */
    for (int i = 0; i < 300000; i++) {
        double d = rng_log(&r, -10, 20), q = floor(rng_between(&r, 0.0, 1e6)), x = q * d, rest, n;
        x = x == 0.0 ? x : ulps_away(x, rng_below(&r, 5) - 2);
        rest = fmod(x, d); /* exact */
        n = lrs_k_stairs(x, d);
        /* n d <= x < (n + 1) d, each by the sign of an exactly signed fma */
        assert_true(n == floor(n) && fma(-n, d, x) >= 0.0 && fma(-(n + 1.0), d, x) < 0.0);
        SAME(lrs_k_mod(x, d), rest);
        x = rng_log(&r, 40, 62);
        d = (double)(1 + rng_below(&r, 1000000));
        SAME(lrs_k_mod(x, d), fmod(x, d));
    }
}

/* Any bits in: no crash, no undefined behaviour (this runs under the sanitizers), and inside the range of the function. */
static void test_any_bits(void **state) {
    (void)state;
    struct rng r = {29};
    for (int i = 0; i < 300000; i++) {
        double x = rng_bits(&r), z = rng_bits(&r), y;
        y = lrs_k_exp2(x);
        assert_true(x != x || y >= 0.0);
        y = lrs_k_exp(x);
        assert_true(x != x || y >= 0.0);
        y = lrs_k_hcos(x);
        assert_true(x - x != 0.0 || (y >= 0.0 && y <= 1.0));
        y = lrs_k_cospi(x);
        assert_true(x - x != 0.0 || lrs_k_abs(y) <= 1.0);
        y = lrs_k_sinpi(x);
        assert_true(x - x != 0.0 || lrs_k_abs(y) <= 1.0);
        y = lrs_k_tanh(x);
        assert_true(x != x || lrs_k_abs(y) <= 1.0);
        y = lrs_k_log2(x);
        assert_true((y != y) == (x != x || x < 0.0));
        y = lrs_k_pow(x, z);
        assert_true(x != x || z != z || x < 0.0 || y >= 0.0);
        y = lrs_k_mod(x, z);
        assert_true(y != y || (y >= 0.0 && y <= z));
        y = lrs_k_exp2x(x, x * 0x1p-54, z);
        assert_true(y != y || y >= 0.0);
        (void)lrs_k_hcos_unit(x);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_basic),      cmocka_unit_test(test_rounding), cmocka_unit_test(test_exp2),
        cmocka_unit_test(test_logarithms), cmocka_unit_test(test_pow),      cmocka_unit_test(test_turns),
        cmocka_unit_test(test_hcos_curve), cmocka_unit_test(test_radians),  cmocka_unit_test(test_tanh),
        cmocka_unit_test(test_stairs),     cmocka_unit_test(test_any_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
