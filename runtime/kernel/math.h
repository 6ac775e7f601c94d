/* math.h: the elementary functions of lrs, one definition for all engines.
 *
 * In:    doubles, any of them: NaN, infinities, subnormals and huge values have defined results everywhere.
 * Out:   a double.  The same bits on every machine with IEEE 754 doubles in round-to-nearest (a NaN: see lrs_k_canon).
 * Calls: base.h only.
 *
 * How accuracy is reached.  A result is computed as a + t, where a holds the leading terms, t is small against a, and t
 * contains the rounding error of a (found exactly with fma) besides the rest of a polynomial.  The one addition at the
 * end then rounds to about 0.5 to 0.6 ulp.  tests/math measures every function against MPFR.
 *
 * Polynomials.  The coefficients are those of Sollya's fpminimax with double coefficients and relative error; the
 * leading terms are fixed to the true constants (kept as hi + lo) and left out of the fit.  Each is named with the
 * command's arguments, so it can be made again.  Evaluation order is written out: Estrin where speed counts.
 *
 * The functions without branches (exp2, exp2x, hcos, cospi, sinpi, floor and its kin, min, max) are vectorised by gcc
 * and clang inside loops.  Nothing here uses an integer operation that SSE2 or AVX2 lacks for that.
 */
#ifndef LRS_KERNEL_MATH_H
#define LRS_KERNEL_MATH_H

#include "base.h"

/* ---- the basic operations -------------------------------------------------------------------- */

/* b when either is a NaN; b when they are equal, also for min(-0, +0) = +0: what the minsd and maxsd instructions do. */
LRS_KFN double lrs_k_min(double a, double b) {
    return a < b ? a : b;
}

LRS_KFN double lrs_k_max(double a, double b) {
    return a > b ? a : b;
}

LRS_KFN double lrs_k_abs(double x) {
    return LRS_K_DOUBLE(LRS_K_BITS(x) & UINT64_C(0x7fffffffffffffff));
}

/* Of the bits: a compiler that fuses the negation of a fma would give 0 the other sign. */
LRS_KFN double lrs_k_neg(double x) {
    return lrs_k_double(lrs_k_bits(x) ^ 0x8000000000000000u);
}

LRS_KFN double lrs_k_fma(double a, double b, double c) {
    return LRS_K_FMA(a, b, c);
}

/* Correctly rounded; NaN below zero; sqrt(-0) = -0. */
LRS_KFN double lrs_k_sqrt(double x) {
    return LRS_K_SQRT(x);
}

/* Every NaN becomes the one quiet NaN 0x7ff8000000000000; all else stays. */
LRS_KFN double lrs_k_canon(double x) {
    return x == x ? x : LRS_K_NAN;
}

/* |magnitude| with the sign bit of sign. */
LRS_KFN double lrs_k_withsign(double magnitude, double sign) {
    return LRS_K_DOUBLE((LRS_K_BITS(magnitude) & UINT64_C(0x7fffffffffffffff)) |
                        (LRS_K_BITS(sign) & UINT64_C(0x8000000000000000)));
}

/* ---- rounding to integers -------------------------------------------------------------------- */

/* Adding 2^52 to a value in [0, 2^52] rounds it to an integer, ties to even; at 2^52 all doubles are integers.
 * A zero result keeps the sign of x; infinities and NaN come back as they are. */
LRS_KFN double lrs_k_rint_abs(double u) {
    return (u + 0x1p52) - 0x1p52;
}

LRS_KFN double lrs_k_floor(double x) {
    double u = lrs_k_abs(x);
    double k = lrs_k_withsign(lrs_k_rint_abs(u), x);
    double down = k - 1.0;
    k = k > x ? down : k;
    return u < 0x1p52 ? k : x;
}

LRS_KFN double lrs_k_ceil(double x) {
    double u = lrs_k_abs(x);
    double k = lrs_k_withsign(lrs_k_rint_abs(u), x);
    double up = k + 1.0;
    k = lrs_k_withsign(k < x ? up : k, x);
    return u < 0x1p52 ? k : x;
}

LRS_KFN double lrs_k_trunc(double x) {
    double u = lrs_k_abs(x);
    double k = lrs_k_rint_abs(u);
    double down = k - 1.0;
    k = lrs_k_withsign(k > u ? down : k, x);
    return u < 0x1p52 ? k : x;
}

/* Half away from zero. */
LRS_KFN double lrs_k_round(double x) {
    double u = lrs_k_abs(x);
    double k = lrs_k_rint_abs(u);
    double up = k + 1.0;
    double d = u - k;
    k = lrs_k_withsign(d == 0.5 ? up : k, x); /* ties to even went down here; the other ties went up already */
    return u < 0x1p52 ? k : x;
}

/* floor(x / d) for a finite d > 0, exactly: the rounded quotient can only be too large, and then only when it was
 * rounded up to an integer, which the sign of x - n d tells.  Any other d: NaN.  Where |x / d| >= 2^53: the rounded
 * quotient. */
LRS_KFN double lrs_k_stairs(double x, double d) {
    double n = lrs_k_floor(x / d);
    double rest = LRS_K_FMA(-n, d, x);
    double down = n - 1.0;
    n = rest < 0.0 ? down : n;
    return d > 0.0 && d < LRS_K_INF ? n : LRS_K_NAN;
}

/* x - d floor(x / d), in [0, d] for a finite d > 0 (d itself only when a tiny negative x makes it round to d), NaN
 * for any other d and for an infinite x.  One pass is exact while |x / d| < 2^53; the second reaches 2^105.
 * Beyond that it is some value in [0, d], and NaN where x / d overflows. */
LRS_KFN double lrs_k_mod(double x, double d) {
    double r = LRS_K_FMA(-lrs_k_stairs(x, d), d, x);
    r = LRS_K_FMA(-lrs_k_stairs(r, d), d, r);
    return r < 0.0 || r > d ? 0.0 : r;
}

/* ---- powers of two --------------------------------------------------------------------------- */

/* The polynomial Q of 2^r = 1 + r ln 2 + r^2 Q(r), |r| <= 1/2.
 * fpminimax(2^x, [|2,...,11|], [|D...|], [-1/2;1/2], relative, 1 + x*log(2)); relative error 2^-57.9. */
LRS_KFN double lrs_k_exp2_q(double r, double r2) {
    double r4 = r2 * r2;
    double r8 = r4 * r4;
    double p0 = LRS_K_FMA(r, 0x1.c6b08d704a045p-5, 0x1.ebfbdff82c5a1p-3);
    double p1 = LRS_K_FMA(r, 0x1.5d87fe78c39c2p-10, 0x1.3b2ab6fba07a3p-7);
    double p2 = LRS_K_FMA(r, 0x1.ffcbfbc701b5cp-17, 0x1.4309130dc287dp-13);
    double p3 = LRS_K_FMA(r, 0x1.b52654782181ep-24, 0x1.62bfc9fbd8e3bp-20);
    double p4 = LRS_K_FMA(r, 0x1.e7c474947330dp-32, 0x1.e617aac6e67f9p-28);
    double q0 = LRS_K_FMA(r2, p1, p0);
    double q1 = LRS_K_FMA(r2, p3, p2);
    q0 = LRS_K_FMA(r4, q1, q0);
    return LRS_K_FMA(r8, p4, q0);
}

/* 2^h from h = n + r and a correction, times b: b 2^n (1 + (r + e) ln 2 + r^2 Q(r)), where shifted = h + 1.5 * 2^52 holds
 * n in its low bits.  n + 2046 is split into two biased exponents, so that the product of the two scales is 2^n for every
 * n in [-1100, 1025], the last multiplication rounds subnormal results and overflows to infinity, and no signed shift
 * (which AVX2 lacks) is needed.  Outside that range the value is junk and h decides. */
LRS_KFN double lrs_k_exp2_tail(double b, double h, double shifted, double r, double e) {
    double r2 = r * r;
    double q = lrs_k_exp2_q(r, r2);
    double a = LRS_K_FMA(r, 0x1.62e42fefa39efp-1, 1.0);
    double t = LRS_K_FMA(r, 0x1.62e42fefa39efp-1, 1.0 - a);
    uint64_t n = LRS_K_BITS(shifted) - (UINT64_C(0x4338000000000000) - 2046u);
    uint64_t half = n >> 1;
    double s1 = LRS_K_DOUBLE(half << 52);
    double s2 = LRS_K_DOUBLE((n - half) << 52);
    double y;
    t = LRS_K_FMA(r, 0x1.abc9e3b39803fp-56, t);
    t = LRS_K_FMA(e, 0x1.62e42fefa39efp-1, t);
    t = LRS_K_FMA(r2, q, t);
    s1 = b * s1;
    y = LRS_K_FMA(a, s1, t * s1);
    y = y * s2;
    y = h < -1100.0 ? 0.0 : y;
    return h > 1025.0 ? b * LRS_K_INF : y;
}

/* 2^x; exact at integers. */
LRS_KFN double lrs_k_exp2(double x) {
    double shifted = x + 0x1.8p52;
    double r = x - (shifted - 0x1.8p52);
    return lrs_k_exp2_tail(1.0, x, shifted, r, 0.0);
}

/* b 2^(h + l), |l| <= 1, rounded nearly once; 0 and infinity where 2^h alone would be. */
LRS_KFN double lrs_k_exp2s(double b, double h, double l) {
    double shifted = h + 0x1.8p52;
    double r0 = h - (shifted - 0x1.8p52);
    double r = r0 + l;
    return lrs_k_exp2_tail(b, h, shifted, r, l - (r - r0));
}

/* 2^(x (hi + lo)), the rounding error of the product compensated.  x = 0 gives 1 whatever hi is; hi = -inf, the log2
 * of 0, gives 0 for x > 0 and infinity for x < 0. */
LRS_KFN double lrs_k_exp2x(double hi, double lo, double x) {
    double h = x * hi;
    double l = LRS_K_FMA(x, lo, LRS_K_FMA(x, hi, -h));
    double y = lrs_k_exp2s(1.0, h, l);
    return x == 0.0 ? 1.0 : y;
}

/* e^x */
LRS_KFN double lrs_k_exp(double x) {
    return lrs_k_exp2x(0x1.71547652b82fep0, 0x1.777d0ffda0d24p-56, x);
}

/* ---- logarithms ------------------------------------------------------------------------------ */

/* A pair hi + lo with |lo| <= ulp(hi) / 2. */
struct lrs_k_pair {
    double hi, lo;
};

/* a + b exactly, where |a| >= |b| or a = 0. */
LRS_KFN struct lrs_k_pair lrs_k_fast2sum(double a, double b) {
    struct lrs_k_pair s;
    s.hi = a + b;
    s.lo = b - (s.hi - a);
    return s;
}

/* a + b exactly. */
LRS_KFN struct lrs_k_pair lrs_k_2sum(double a, double b) {
    struct lrs_k_pair s;
    double v;
    s.hi = a + b;
    v = s.hi - a;
    s.lo = (a - (s.hi - v)) + (b - v);
    return s;
}

/* (a + b) (c + d) to about 2^-104. */
LRS_KFN struct lrs_k_pair lrs_k_2mul(struct lrs_k_pair a, struct lrs_k_pair b) {
    double p = a.hi * b.hi;
    double e = LRS_K_FMA(a.hi, b.hi, -p);
    e = LRS_K_FMA(a.hi, b.lo, e);
    e = LRS_K_FMA(a.lo, b.hi, e);
    return lrs_k_fast2sum(p, e);
}

/* For a positive finite x = 2^k m, sqrt(1/2) < m <= sqrt(2): k, and s = (m - 1) / (m + 1) as a pair. */
LRS_KFN struct lrs_k_pair lrs_k_log2_split(double x, double *k) {
    struct lrs_k_pair s;
    double scaled = x * 0x1p54;
    int tiny = x < 0x1p-1022;
    uint64_t bits = LRS_K_BITS(tiny ? scaled : x);
    int e = (int)(bits >> 52) - (tiny ? 1023 + 54 : 1023);
    double m = LRS_K_DOUBLE((bits & UINT64_C(0x000fffffffffffff)) | UINT64_C(0x3ff0000000000000));
    double m2 = m * 0.5;
    int big = m > 0x1.6a09e667f3bcdp0;
    double num, den, den_lo, inverse, rest;
    m = big ? m2 : m;
    *k = (double)(big ? e + 1 : e);
    num = m - 1.0;
    den = m + 1.0;
    den_lo = m - (den - 1.0);
    s.hi = num / den;
    inverse = 1.0 / den; /* not after the first division, but beside it */
    rest = LRS_K_FMA(-s.hi, den, num);
    rest = LRS_K_FMA(-s.hi, den_lo, rest);
    s.lo = rest * inverse;
    return s;
}

/* log2 of a positive finite x as a pair, to about 2^-68: what pow and the logarithms need. log2 m = s (C + C/3 z +
 * C/5 z^2 + z^3 R(z)), z = s^2, C = 2 / ln 2, from the series of atanh.  The first three terms are nested, w3 = C/3 +
 * C/5 z and w = C + z w3, and the rounding errors of both steps are kept.
 * fpminimax(2/log(2)*atanh(sqrt(x))/sqrt(x), [|3,...,9|], [|D...|], [2^-40;0.0294373], relative,
 * 2/log(2)*(1+x/3+x^2/5)); relative error 2^-72.9. */
LRS_KFN struct lrs_k_pair lrs_k_log2_pair(double x) {
    double k;
    struct lrs_k_pair s = lrs_k_log2_split(x, &k), y;
    double z = s.hi * s.hi;
    double z_lo = LRS_K_FMA(s.hi + s.hi, s.lo, LRS_K_FMA(s.hi, s.hi, -z));
    double z2 = z * z;
    double z4 = z2 * z2;
    double p0 = LRS_K_FMA(z, 0x1.484b13d73457ep-2, 0x1.a61762a7ae37ep-2);
    double p1 = LRS_K_FMA(z, 0x1.c68f046d33ec4p-3, 0x1.0c9a850203288p-2);
    double p2 = LRS_K_FMA(z, 0x1.5940b6eb00a14p-3, 0x1.8a060c659bd47p-3);
    double p3 = LRS_K_FMA(z2, 0x1.5fe8dc7e25f8fp-3, p2);
    double r = LRS_K_FMA(z4, p3, LRS_K_FMA(z2, p1, p0));
    double w3 = LRS_K_FMA(z, 0x1.2776c50ef9bfep-1, 0x1.ec709dc3a03fdp-1);
    double w3_lo = LRS_K_FMA(z, 0x1.2776c50ef9bfep-1, 0x1.ec709dc3a03fdp-1 - w3);
    double w = LRS_K_FMA(z, w3, 0x1.71547652b82fep1);
    double w_lo = LRS_K_FMA(z, w3, 0x1.71547652b82fep1 - w);
    double slope = LRS_K_FMA(z, 0x1.2776c50ef9bfep-1, w3); /* dw/dz */
    double p, p_lo;
    w3_lo = w3_lo + LRS_K_FMA(z, 0x1.e4b29ccc535d4p-55, 0x1.d27f05548af0cp-55);
    w3_lo = LRS_K_FMA(z2, r, w3_lo);
    w_lo = w_lo + 0x1.777d0ffda0d24p-55;
    w_lo = LRS_K_FMA(z_lo, slope, w_lo);
    w_lo = LRS_K_FMA(z, w3_lo, w_lo);
    p = s.hi * w;
    p_lo = LRS_K_FMA(s.hi, w, -p);
    p_lo = LRS_K_FMA(s.lo, w, p_lo);
    p_lo = LRS_K_FMA(s.hi, w_lo, p_lo);
    y = lrs_k_fast2sum(k, p);
    return lrs_k_fast2sum(y.hi, y.lo + p_lo);
}

/* The logarithm of what is not a positive finite number: log 0 = -inf, log inf = inf, below zero and NaN: NaN. */
LRS_KFN double lrs_k_log_special(double x) {
    double y = x == LRS_K_INF ? LRS_K_INF : LRS_K_NAN;
    return x == 0.0 ? -LRS_K_INF : y;
}

LRS_KFN double lrs_k_log2(double x) {
    double y = lrs_k_log2_pair(x).hi;
    double special = lrs_k_log_special(x);
    return x > 0.0 && x < LRS_K_INF ? y : special;
}

/* log2(x) times a constant pair. */
LRS_KFN double lrs_k_log_scaled(double x, double chi, double clo) {
    struct lrs_k_pair l = lrs_k_log2_pair(x);
    double p = l.hi * chi;
    double e = LRS_K_FMA(l.hi, chi, -p);
    double special = lrs_k_log_special(x);
    e = LRS_K_FMA(l.hi, clo, e);
    e = LRS_K_FMA(l.lo, chi, e);
    p = p + e;
    return x > 0.0 && x < LRS_K_INF ? p : special;
}

LRS_KFN double lrs_k_log(double x) {
    return lrs_k_log_scaled(x, 0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56);
}

LRS_KFN double lrs_k_log10(double x) {
    return lrs_k_log_scaled(x, 0x1.34413509f79ffp-2, -0x1.9dc1da994fd21p-59);
}

/* log2 of a positive finite x as a pair, to about 2^-100: for the constants of a program, which are folded once. The
 * series s (2 / ln 2) sum s^(2j) / (2j + 1): terms 0 to 10 in pairs, 11 to 21 in double; s^2 <= 0.0295, so that the
 * first missing term is below 2^-112. */
LRS_KFN struct lrs_k_pair lrs_k_log2_exact(double x) {
    static const struct lrs_k_pair inverse[11] = {
        {0x1p0, 0.0},
        {0x1.5555555555555p-2, 0x1.5555555555555p-56},
        {0x1.999999999999ap-3, -0x1.999999999999ap-57},
        {0x1.2492492492492p-3, 0x1.2492492492492p-57},
        {0x1.c71c71c71c71cp-4, 0x1.c71c71c71c71cp-58},
        {0x1.745d1745d1746p-4, -0x1.745d1745d1746p-59},
        {0x1.3b13b13b13b14p-4, -0x1.3b13b13b13b14p-58},
        {0x1.1111111111111p-4, 0x1.1111111111111p-60},
        {0x1.e1e1e1e1e1e1ep-5, 0x1.e1e1e1e1e1e1ep-61},
        {0x1.af286bca1af28p-5, 0x1.af286bca1af28p-59},
        {0x1.8618618618618p-5, 0x1.8618618618618p-59},
    };
    struct lrs_k_pair c = {0x1.71547652b82fep1, 0x1.777d0ffda0d24p-55};
    double k, tail = 0.0;
    struct lrs_k_pair s = lrs_k_log2_split(x, &k), z, y, t;
    int j;
    s = lrs_k_fast2sum(s.hi, s.lo);
    z = lrs_k_2mul(s, s);
    for (j = 21; j >= 11; j--) {
        tail = LRS_K_FMA(tail, z.hi, 1.0 / (double)(2 * j + 1));
    }
    y.hi = tail;
    y.lo = 0.0;
    for (j = 10; j >= 0; j--) {
        y = lrs_k_2mul(y, z);
        t = lrs_k_fast2sum(inverse[j].hi, y.hi);
        y = lrs_k_fast2sum(t.hi, t.lo + (y.lo + inverse[j].lo));
    }
    y = lrs_k_2mul(lrs_k_2mul(y, s), c);
    t = lrs_k_fast2sum(k, y.hi);
    return lrs_k_fast2sum(t.hi, t.lo + y.lo);
}

/* hi + lo = log2(x) to 2^-90 relative or better, hi the nearest double.  Powers of two, 0, infinity and NaN: lo = 0. */
LRS_KFN double lrs_k_log2hi(double x) {
    return x > 0.0 && x < LRS_K_INF ? lrs_k_log2_exact(x).hi : lrs_k_log_special(x);
}

LRS_KFN double lrs_k_log2lo(double x) {
    return x > 0.0 && x < LRS_K_INF ? lrs_k_log2_exact(x).lo : 0.0;
}

/* ---- powers ---------------------------------------------------------------------------------- */

/* 1 when y is an odd integer, 2 when even (infinities are), 0 when not an integer or NaN. */
LRS_KFN int lrs_k_parity(double y) {
    double half = y * 0.5;
    int odd = lrs_k_floor(half) != half;
    return lrs_k_floor(y) == y ? (odd ? 1 : 2) : 0;
}

/* x^y with the special cases of C99: x^0 = 1^y = 1; 0^y = 0, 1, inf for y above, at, below 0; a finite x < 0 gives
 * NaN unless y is an integer, whose parity then gives the sign. */
LRS_KFN double lrs_k_pow(double x, double y) {
    double u = lrs_k_abs(x);
    double hi = lrs_k_log_special(u), lo = 0.0, p;
    if (u > 0.0 && u < LRS_K_INF) {
        struct lrs_k_pair l = lrs_k_log2_pair(u);
        hi = l.hi;
        lo = l.lo;
    }
    p = u == 1.0 ? 1.0 : lrs_k_exp2x(hi, lo, y);
    if (LRS_K_BITS(x) >> 63) {
        int parity = lrs_k_parity(y);
        if (parity == 0 && u > 0.0 && u < LRS_K_INF) {
            p = LRS_K_NAN;
        }
        p = parity == 1 ? -p : p;
    }
    return p;
}

/* ---- trigonometry ---------------------------------------------------------------------------- */

/* The even integer nearest to x subtracted, exactly: a value in [-1, 1].  From 2^53 on every double is even.
 * Infinities and NaN give NaN. */
LRS_KFN double lrs_k_mod2(double x) {
    double u = lrs_k_abs(x);
    double k = lrs_k_withsign(lrs_k_rint_abs(u * 0.5), x);
    double m = LRS_K_FMA(-2.0, k, x);
    double zero = x - x;
    return u < 0x1p53 ? m : zero;
}

/* sin(pi (r + e)), |r| <= 1/4, e below an ulp of r.
 * fpminimax(sin(pi*sqrt(x))/sqrt(x), [|1,...,6|], [|D...|], [2^-40;1/16], relative, pi); relative error 2^-57.9. */
LRS_KFN double lrs_k_sinpi_core(double r, double e) {
    double z = r * r;
    double z2 = z * z;
    double p0 = LRS_K_FMA(z, 0x1.466bc67758c6ap1, -0x1.4abbce625be46p2);
    double p1 = LRS_K_FMA(z, 0x1.5078300841257p-4, -0x1.32d2cce31fa29p-1);
    double p2 = LRS_K_FMA(z, 0x1.e3fe157a70944p-12, -0x1.e3009539b8b38p-8);
    double p = LRS_K_FMA(z2, LRS_K_FMA(z2, p2, p1), p0);
    double a = r * 0x1.921fb54442d18p1;
    double t = LRS_K_FMA(r, 0x1.921fb54442d18p1, -a);
    t = LRS_K_FMA(r, 0x1.1a62633145c07p-53, t);
    t = LRS_K_FMA(e, 0x1.921fb54442d18p1, t);
    t = LRS_K_FMA(r * z, p, t);
    return a + t;
}

/* cos(pi (r + e)), as above.
 * fpminimax(cos(pi*sqrt(x)), [|2,...,7|], [|D...|], [2^-40;1/16], relative, 1-pi^2/2*x); relative error 2^-63.9. */
LRS_KFN double lrs_k_cospi_core(double r, double e) {
    double z = r * r;
    double z_lo = LRS_K_FMA(r, r, -z);
    double z2 = z * z;
    double p0 = LRS_K_FMA(z, -0x1.55d3c7e3ca60ep0, 0x1.03c1f081b5abcp2);
    double p1 = LRS_K_FMA(z, -0x1.a6d1eda13383cp-6, 0x1.e1f506850b5fcp-3);
    double p2 = LRS_K_FMA(z, -0x1.b29b20ffb4456p-14, 0x1.f9cd0a8fb6a8dp-10);
    double p = LRS_K_FMA(z2, LRS_K_FMA(z2, p2, p1), p0);
    double a = LRS_K_FMA(z, -0x1.3bd3cc9be45dep2, 1.0);
    double t = LRS_K_FMA(z, -0x1.3bd3cc9be45dep2, 1.0 - a);
    z_lo = LRS_K_FMA(r + r, e, z_lo);
    t = LRS_K_FMA(z, -0x1.692b71366cc04p-52, t);
    t = LRS_K_FMA(z_lo, -0x1.3bd3cc9be45dep2, t);
    t = LRS_K_FMA(z2, p, t);
    return a + t;
}

/* cos(pi (m + e + shift / 2)), |m| <= 1, by quarter turns: 2 m = n + 2 r, and n + shift modulo 4 selects. */
LRS_KFN double lrs_k_turn(double m, double e, uint64_t shift) {
    double shifted = m + 0x1.8p51; /* the last bit weighs 1/2 */
    double r0 = m - (shifted - 0x1.8p51);
    double r = r0 + e;
    double rest = e - (r - r0);
    uint64_t n = LRS_K_BITS(shifted) + shift;
    double c = lrs_k_cospi_core(r, rest);
    double s = lrs_k_sinpi_core(r, rest);
    uint64_t odd = 0u - (n & 1u); /* a mask, not a select: compilers make a jump of that, which random steps mispredict */
    uint64_t y = (LRS_K_BITS(s) & odd) | (LRS_K_BITS(c) & ~odd);
    return LRS_K_DOUBLE(y ^ (((n + 1u) & 2u) << 62));
}

/* cos(pi x), sin(pi x) for any x, exact at multiples of 1/2; a zero of cospi is +0, a zero of sinpi has the sign of
 * x. */
LRS_KFN double lrs_k_cospi(double x) {
    return lrs_k_turn(lrs_k_mod2(x), 0.0, 0) + 0.0;
}

LRS_KFN double lrs_k_sinpi(double x) {
    double y = lrs_k_turn(lrs_k_mod2(x), 0.0, 3);
    double zero = lrs_k_withsign(y, x);
    return y == 0.0 ? zero : y;
}

/* x / pi modulo 2 as a pair, 0 <= x < 2^40, from 1 / pi in three parts: good to 2^-60 relative to the distance from
 * the nearest multiple of 1/2, which is above 2^-65 for every double. */
LRS_KFN struct lrs_k_pair lrs_k_over_pi_near(double x) {
    double h1 = x * 0x1.45f306dc9c883p-2;
    double e1 = LRS_K_FMA(x, 0x1.45f306dc9c883p-2, -h1);
    double h2 = x * -0x1.6b01ec5417056p-56;
    double e2 = LRS_K_FMA(x, -0x1.6b01ec5417056p-56, -h2);
    double h3 = LRS_K_FMA(x, -0x1.6447e493ad4cep-110, e2);
    struct lrs_k_pair low = lrs_k_2sum(e1, h2);
    struct lrs_k_pair sum = lrs_k_2sum(lrs_k_mod2(h1), low.hi);
    sum = lrs_k_2sum(sum.hi, sum.lo + (low.lo + h3));
    sum.hi = lrs_k_mod2(sum.hi);
    return sum;
}

/* The same for 2^40 <= x < infinity, in integers (Payne and Hanek).  x = m 2^e with a 53-bit integer m.  Bits of 1/pi
 * that times x give multiples of 2 are left out; m times the next 192 bits, modulo 2^192, is x / pi modulo 2 in units
 * of 2^-191, with an error below 2^-138. */
LRS_KFN struct lrs_k_pair lrs_k_over_pi_far(double x) {
    /* A word of zeros, then the bits of 1/pi behind the point. */
    static const uint32_t inverse_pi[39] = {
        0x00000000u, 0x517cc1b7u, 0x27220a94u, 0xfe13abe8u, 0xfa9a6ee0u, 0x6db14accu, 0x9e21c820u, 0xff28b1d5u,
        0xef5de2b0u, 0xdb92371du, 0x2126e970u, 0x03249775u, 0x04e8c90eu, 0x7f0ef58eu, 0x5894d39fu, 0x74411afau,
        0x975da242u, 0x74ce3813u, 0x5a2fbf20u, 0x9cc8eb1cu, 0xc1a99cfau, 0x4e422fc5u, 0xdefc941du, 0x8ffc4bffu,
        0xef02cc07u, 0xf79788c5u, 0xad05368fu, 0xb69b3f67u, 0x93e584dbu, 0xa7a31fb3u, 0x4f2ff516u, 0xba93dd63u,
        0xf5f2f8bdu, 0x9e839cfbu, 0xc5294975u, 0x35fdafd8u, 0x8fc6ae84u, 0x2b019823u, 0x7e3db5d5u,
    };
    uint64_t bits = LRS_K_BITS(x);
    uint64_t m = (bits & UINT64_C(0x000fffffffffffff)) | UINT64_C(0x0010000000000000);
    unsigned at = (unsigned)(bits >> 52) - 1075u + 31u; /* bit e of 1/pi, weight 2^-e, is bit e + 31 of the table */
    unsigned shift = at % 32u, i, part;
    uint32_t p[6];
    uint64_t top, mid, low, rest;
    double sign = 1.0, rest_sign = 1.0;
    struct lrs_k_pair y;
    for (i = 0; i < 6; i++) /* an initializer could become a call of memset */
        p[i] = 0;
    for (part = 0; part < 2; part++) {
        uint64_t factor = part == 0 ? m & 0xffffffffu : m >> 32, carry = 0;
        for (i = 0; i + part < 6; i++) {
            const uint32_t *w = inverse_pi + at / 32u + (5u - i);
            uint64_t word = ((((uint64_t)w[0] << 32) | w[1]) >> (32u - shift)) & 0xffffffffu;
            carry += word * factor + p[i + part];
            p[i + part] = (uint32_t)carry;
            carry >>= 32;
        }
    }
    top = ((uint64_t)p[5] << 32) | p[4];
    mid = ((uint64_t)p[3] << 32) | p[2];
    low = ((uint64_t)p[1] << 32) | p[0];
    if (top >> 63) { /* the upper half of [0, 2) stands for [-1, 0) */
        low = 0u - low;
        mid = ~mid + (low == 0);
        top = ~top + (low == 0 && mid == 0);
        sign = -1.0;
    }
    rest = top & 0x7ffu;
    top = top >> 11;
    if (rest & 0x400u) { /* hi is rounded to nearest, so that lo is small next to a multiple of 1/2 */
        top = top + 1u;
        low = 0u - low;
        mid = ~mid + (low == 0);
        rest = ((~rest) & 0x7ffu) + (low == 0 && mid == 0);
        rest_sign = -1.0;
    }
    y.hi = (double)top * (sign * 0x1p-52);
    y.lo = LRS_K_FMA((double)mid, 0x1p-127, (double)low * 0x1p-191);
    y.lo = LRS_K_FMA((double)rest, 0x1p-63, y.lo) * (sign * rest_sign);
    return y;
}

/* For x >= 0; infinity and NaN give NaN. */
LRS_KFN struct lrs_k_pair lrs_k_over_pi(double x) {
    return x >= 0x1p40 && x < LRS_K_INF ? lrs_k_over_pi_far(x) : lrs_k_over_pi_near(x);
}

/* cos x, sin x, x in radians. */
LRS_KFN double lrs_k_cos(double x) {
    struct lrs_k_pair q = lrs_k_over_pi(lrs_k_abs(x));
    return lrs_k_turn(q.hi, q.lo, 0);
}

LRS_KFN double lrs_k_sin(double x) {
    struct lrs_k_pair q = lrs_k_over_pi(lrs_k_abs(x));
    double y = lrs_k_turn(q.hi, q.lo, 3);
    double negated = -y;
    y = x < 0.0 ? negated : y;
    return lrs_k_abs(x) < 0x1p-27 ? x : y;
}

/* (1 - cos(pi x)) / 2 = sin(pi x / 2)^2 for x in [0, 1], and a little beyond: [-1/2, 3/2].
 * Up to 1/2: z (c0 + c1 z + z^2 P(z)) with z = y^2, y = x;
 * above: 1 minus that with y = 1 - x, which is exact.  w = c0 + c1 z and a = z w keep their rounding errors.
 * The halves are told apart by arithmetic: a compiler would make selects into a jump, which random steps mispredict.
 * fpminimax(sin(pi*sqrt(x)/2)^2/x, [|2,...,8|], [|D...|], [2^-40;1/4], relative, pi^2/4-pi^4/48*x);
 * relative error 2^-64.7. */
LRS_KFN double lrs_k_hcos_unit(double x) {
    double y = lrs_k_min(1.0 - x, x);
    double sign = lrs_k_withsign(1.0, 0.5 - x);
    double half = sign * 0.5;
    double base = 0.5 - half;
    double z = y * y;
    double z_lo = LRS_K_FMA(y, y, -z);
    double z2 = z * z;
    double z4 = z2 * z2;
    double p0 = LRS_K_FMA(z, -0x1.e1f506891a52dp-4, 0x1.55d3c7e3cbffp-1);
    double p1 = LRS_K_FMA(z, -0x1.f9d3894aa8ee7p-11, 0x1.a6d1f2a0e93b4p-7);
    double p2 = LRS_K_FMA(z, -0x1.20a8d68462f9ep-19, 0x1.b6e1e0a22acdfp-15);
    double p3 = LRS_K_FMA(z2, 0x1.21c8d44c1699fp-24, p2);
    double p = LRS_K_FMA(z4, p3, LRS_K_FMA(z2, p1, p0));
    double w = LRS_K_FMA(z, -0x1.03c1f081b5ac4p1, 0x1.3bd3cc9be45dep1);
    double w_lo = LRS_K_FMA(z, -0x1.03c1f081b5ac4p1, 0x1.3bd3cc9be45dep1 - w);
    double slope = LRS_K_FMA(z, -0x1.03c1f081b5ac4p1, w);
    double a = z * w;
    double t = LRS_K_FMA(z, w, -a);
    double b = LRS_K_FMA(sign, a, base);
    double b_lo = LRS_K_FMA(sign, a, base - b);
    w_lo = w_lo + LRS_K_FMA(z, 0x1.32b33f87fc145p-53, 0x1.692b71366cc04p-53);
    t = LRS_K_FMA(z_lo, slope, t);
    t = LRS_K_FMA(z, w_lo, t);
    t = LRS_K_FMA(z * z2, p, t);
    return b + LRS_K_FMA(sign, t, b_lo);
}

/* The same for any x: even, and periodic with period 2.  Results are exact at multiples of 1/2.  Those below 2^-960
 * lose relative accuracy, since the error of their square underflows. */
LRS_KFN double lrs_k_hcos(double x) {
    return lrs_k_hcos_unit(lrs_k_abs(lrs_k_mod2(x)));
}

/* ---- tanh ------------------------------------------------------------------------------------ */

/* Below 0.3: x + x^3 T(x^2).
 * fpminimax(tanh(sqrt(x))/sqrt(x), [|1,...,8|], [|D...|], [2^-40;0.09], relative, 1); relative error 2^-60.4. */
LRS_KFN double lrs_k_tanh_small(double x) {
    double z = x * x;
    double z2 = z * z;
    double z4 = z2 * z2;
    double p0 = LRS_K_FMA(z, 0x1.111111110eb98p-3, -0x1.5555555555548p-2);
    double p1 = LRS_K_FMA(z, 0x1.664f46684272cp-6, -0x1.ba1ba1b599294p-5);
    double p2 = LRS_K_FMA(z, 0x1.d6a9b277915ccp-9, -0x1.226daa1b160cp-7);
    double p3 = LRS_K_FMA(z, 0x1.076bd5654214ap-11, -0x1.79eb5d3039c7cp-10);
    double p = LRS_K_FMA(z4, LRS_K_FMA(z2, p3, p2), LRS_K_FMA(z2, p1, p0));
    return lrs_k_withsign(LRS_K_FMA(x * z, p, x), x); /* -0 too */
}

/* From 0.3 to 22: (E - 1) / (E + 1) with E = e^(2 u) as the pair 2^n (a + t). */
LRS_KFN double lrs_k_tanh_large(double u) {
    double h = u * 0x1.71547652b82fep1;
    double l = LRS_K_FMA(u, 0x1.777d0ffda0d24p-55, LRS_K_FMA(u, 0x1.71547652b82fep1, -h));
    double shifted = h + 0x1.8p52;
    double r0 = h - (shifted - 0x1.8p52);
    double r = r0 + l;
    double r2 = r * r;
    double a = LRS_K_FMA(r, 0x1.62e42fefa39efp-1, 1.0);
    double t = LRS_K_FMA(r, 0x1.62e42fefa39efp-1, 1.0 - a);
    double scale = LRS_K_DOUBLE((LRS_K_BITS(shifted) + 1023u) << 52);
    double num, num_lo, den, den_lo, q, rest, inv;
    struct lrs_k_pair power;
    t = LRS_K_FMA(r, 0x1.abc9e3b39803fp-56, t);
    t = LRS_K_FMA(l - (r - r0), 0x1.62e42fefa39efp-1, t);
    t = LRS_K_FMA(r2, lrs_k_exp2_q(r, r2), t);
    power = lrs_k_fast2sum(a, t);
    a = power.hi * scale;
    num = a - 1.0;
    num_lo = LRS_K_FMA(power.lo, scale, (a - num) - 1.0);
    den = a + 1.0;
    den_lo = LRS_K_FMA(power.lo, scale, 1.0 - (den - a));
    inv = 1.0 / den;
    q = num * inv;
    rest = LRS_K_FMA(-q, den_lo, num_lo);
    rest = rest + LRS_K_FMA(-q, den, num);
    return LRS_K_FMA(rest, inv, q);
}

LRS_KFN double lrs_k_tanh(double x) {
    double u = lrs_k_abs(x);
    if (u < 0.3 || u != u) {
        return lrs_k_tanh_small(x);
    }
    return lrs_k_withsign(u < 22.0 ? lrs_k_tanh_large(u) : 1.0, x);
}

/* ---- rounds: where those of a repeat begin ------------------------------------------------------ */

/* s^n for a whole n in [0, 2^53): exact while it fits into 106 bits on the way, else to about n 2^-104. */
LRS_KFN struct lrs_k_pair lrs_k_power_pair(double s, double n) {
    struct lrs_k_pair p, q;
    uint64_t k = n > 0.0 && n < 0x1p53 ? (uint64_t)n : 0;
    p.hi = 1.0;
    p.lo = 0.0;
    q.hi = s;
    q.lo = 0.0;
    while (k != 0) {
        if (k & 1)
            p = lrs_k_2mul(p, q);
        k >>= 1;
        if (k != 0)
            q = lrs_k_2mul(q, q);
    }
    return p;
}

/* The nearest double to it, or a neighbour. */
LRS_KFN double lrs_k_power_of(double s, double n) {
    return lrs_k_power_pair(s, n).hi;
}

/* The lengths of n rounds together, where the first has `length` and each next one s times that of the one before:
 * length (s^n - 1)/(s - 1). */
LRS_KFN struct lrs_k_pair lrs_k_round_pair(double n, double length, double s) {
    struct lrs_k_pair r, m;
    double d = s - 1.0, q, rest;
    if (d == 0.0) {
        r.hi = n * length;
        r.lo = LRS_K_FMA(n, length, -r.hi);
        return r;
    }
    m = lrs_k_power_pair(s, n);
    /* farther than any step, and than what doubles tell apart */
    if (!(m.hi < 0x1p600) || n >= 0x1p53) {
        r.hi = LRS_K_INF;
        r.lo = 0.0;
        return r;
    }
    r = lrs_k_2sum(m.hi, -1.0);
    r = lrs_k_fast2sum(r.hi, r.lo + m.lo);
    q = r.hi / d;
    rest = LRS_K_FMA(-q, d, r.hi);
    rest = (rest + r.lo) / d;
    r = lrs_k_fast2sum(q, rest);
    q = r.hi * length;
    rest = LRS_K_FMA(r.hi, length, -q);
    rest = LRS_K_FMA(r.lo, length, rest);
    return lrs_k_fast2sum(q, rest);
}

LRS_KFN double lrs_k_round_at(double n, double length, double s) {
    return lrs_k_round_pair(n, length, s).hi;
}

LRS_KFN double lrs_k_round_rest(double n, double length, double s) {
    return lrs_k_round_pair(n, length, s).lo;
}

/* t - r, below 0 just when t is before r: the first difference is rounded, which keeps the order. NaN: r is infinite. */
LRS_KFN double lrs_k_since(double t, struct lrs_k_pair r) {
    return (t - r.hi) - r.lo;
}

/* The round that t >= 0 is in. s > 1: a logarithm says it to a few ulps, and the exact beginnings of the rounds decide. */
LRS_KFN double lrs_k_round_of(double t, double length, double s) {
    double d = s - 1.0, y, w, whole, part, g, n;
    int k;
    if (d == 0.0)
        return lrs_k_stairs(t, length);
    y = t / length * d;
    w = 1.0 + y; /* log2(1 + y), also for a small y: what w leaves out is made good */
    part = y * 0x1.71547652b82fep0;
    whole = lrs_k_log2(w) * (y / (w - 1.0));
    g = (w == 1.0 ? part : whole) / lrs_k_log2(s);
    n = g > 0.0 ? lrs_k_floor(g) : 0.0;
    for (k = 0; k < 4 && n > 0.0 && lrs_k_since(t, lrs_k_round_pair(n, length, s)) < 0.0; k++)
        n -= 1.0;
    for (k = 0; k < 4 && lrs_k_since(t, lrs_k_round_pair(n + 1.0, length, s)) >= 0.0; k++)
        n += 1.0;
    return n;
}

#endif
