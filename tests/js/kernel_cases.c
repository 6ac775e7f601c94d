/* kernel_cases.c: what the math kernel in C says, for the one in JavaScript to say as well.
 *
 * In: a number of points a function, and names of functions; none: all of them. Out: for each function its name in 16 bytes,
 * the number of its points, and for each point three arguments and the result; numbers and doubles in 8 bytes each,
 * little-endian.
 * Calls runtime/kernel/math.h, functions.h and points.h.
 */
#include "runtime/kernel/math.h"

#include "tests/math/functions.h"
#include "tests/math/points.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- fma: points where it is hard ---- */

/* What two doubles leave out of their product, which is where sums of three decide. */
static double product_error(double a, double b) {
    return LRS_K_FMA(a, b, -(a * b));
}

/* Half a unit in the last place of x, about. */
static double half_ulp(double x) {
    int e;
    frexp(x, &e);
    return ldexp(1.0, e - 54);
}

static double any_sign(struct rng *r, double x) {
    return rng_below(r, 2) ? -x : x;
}

/* A double of few bits, whose products are exact or end in ties. */
static double short_number(struct rng *r, int elo, int ehi) {
    double m = (double)(1 + rng_below(r, 1 << 12)) * (rng_below(r, 2) ? 1.0 : 0x1p20);
    return any_sign(r, ldexp(m + (rng_below(r, 4) ? 0.0 : 0x1p-20), elo + rng_below(r, ehi - elo + 1)));
}

static void fma_point(struct rng *r, double *a, double *b, double *c) {
    static const double special[] = {0.0, 1.0, 0x1p-1074, 0x1p-1022, 0x1.fffffffffffffp1023, 0x1p1023, 0x1.fffffffffffffp-1,
                                     0x1.0000000000001p0, 0x1p-53, 0x1p52, 0x1p53, 0x1.8p52};
    enum { SPECIALS = sizeof special / sizeof *special };
    int way = rng_below(r, 16);
    *a = any_sign(r, rng_log(r, -30, 30));
    *b = any_sign(r, rng_log(r, -30, 30));
    *c = any_sign(r, rng_log(r, -60, 60));
    if (way == 0) { /* any bits at all */
        *a = rng_bits(r);
        *b = rng_bits(r);
        *c = rng_bits(r);
    } else if (way == 1) { /* the sum cancels down to the error of the product, or nearly */
        *c = ulps_away(-(*a * *b), rng_below(r, 5) - 2);
    } else if (way == 2) { /* all but the error, and a little more or less */
        *c = -product_error(*a, *b);
        *c = *c != 0.0 ? ulps_away(*c, rng_below(r, 5) - 2) : 0.0;
    } else if (way == 3) { /* the product is half a unit of the sum less what no double can tell: it decides the tie */
        int k = rng_below(r, 1000);
        *c = any_sign(r, rng_log(r, -10, 10));
        *a = ulps_away(1.0, k);
        *b = any_sign(r, half_ulp(*c) * (rng_below(r, 2) ? 1.0 : 0.5)) * ulps_away(1.0, -2 * k + (rng_below(r, 4) ? 0 : 1));
    } else if (way == 4) { /* the sum is about half a unit of the product */
        *c = any_sign(r, half_ulp(*a * *b)) * (rng_below(r, 2) ? 1.0 : 0.5);
        *c = rng_below(r, 2) ? ulps_away(*c, rng_below(r, 5) - 2) : *c;
    } else if (way == 5) { /* short products and sums: exact ties */
        *a = short_number(r, -60, 10);
        *b = short_number(r, -60, 10);
        *c = short_number(r, -80, 20);
    } else if (way == 6) { /* subnormal results */
        *a = any_sign(r, rng_log(r, -560, -480));
        *b = any_sign(r, rng_log(r, -560, -480));
        *c = rng_below(r, 3) ? any_sign(r, rng_log(r, -1080, -1000)) : any_sign(r, 0.0);
    } else if (way == 7) { /* ends of the range */
        *a = any_sign(r, rng_log(r, 480, 540));
        *b = any_sign(r, rng_log(r, 480, 540));
        *c = any_sign(r, rng_log(r, 960, 1023));
    } else if (way == 8) { /* around where the fast way stops */
        *a = any_sign(r, rng_log(r, -505, -430));
        *b = any_sign(r, rng_log(r, -505, -430));
        *c = rng_below(r, 2) ? -(*a * *b) : any_sign(r, rng_log(r, -1000, -800));
    } else if (way == 9) {
        *a = any_sign(r, rng_log(r, 960, 1023));
        *b = any_sign(r, rng_log(r, -1074, -940));
        *c = rng_below(r, 2) ? ulps_away(-(*a * *b), rng_below(r, 3) - 1) : any_sign(r, rng_log(r, -1074, 1023));
    } else if (way == 10) {
        *a = any_sign(r, special[rng_below(r, SPECIALS)]);
        *b = any_sign(r, special[rng_below(r, SPECIALS)]);
        *c = any_sign(r, special[rng_below(r, SPECIALS)]);
    } else if (way == 11) { /* any exponents */
        *a = any_sign(r, rng_log(r, -1074, 1023));
        *b = any_sign(r, rng_log(r, -1074, 1023));
        *c = any_sign(r, rng_log(r, -1074, 1023));
    } else if (way == 12) { /* about as large as the product */
        *c = any_sign(r, *a * *b * rng_log(r, -110, 110));
    } else if (way == 13) { /* the sum and the error of the product are half a unit of it together, or nearly */
        *c = any_sign(r, half_ulp(*a * *b)) - product_error(*a, *b);
    }
}

/* ---- the others ---- */

#define ONE(f)                                                                                                         \
    static double call_##f(double a, double b, double c) {                                                             \
        (void)b;                                                                                                       \
        (void)c;                                                                                                       \
        return lrs_k_##f(a);                                                                                           \
    }
#define TWO(f)                                                                                                         \
    static double call_##f(double a, double b, double c) {                                                             \
        (void)c;                                                                                                       \
        return lrs_k_##f(a, b);                                                                                        \
    }
#define THREE(f)                                                                                                       \
    static double call_##f(double a, double b, double c) {                                                             \
        return lrs_k_##f(a, b, c);                                                                                     \
    }

/* Those that are not hashed: no other function is made of them. */
#define MORE_FUNCTIONS(X)                           \
    X(canon, ONE, -8, 8, -1, 1, -1074, 1023, 1)     \
    X(power_of, TWO, 0, 100, 0.5, 2, -3, 20, 1)     \
    X(round_of, THREE, 0, 1e5, 0.5, 2, -3, 30, 1)   \
    X(round_at, THREE, 0, 100, 0.5, 2, -3, 20, 1)   \
    X(round_rest, THREE, 0, 100, 0.5, 2, -3, 20, 1)

#define DEFINE(f, arguments, ...) arguments(f)
MATH_FUNCTIONS(DEFINE)
MORE_FUNCTIONS(DEFINE)

static const struct {
    const char *name;
    double (*call)(double a, double b, double c);
    struct domain where;
} functions[] = {
#define ROW(f, arguments, ...) {#f, call_##f, {__VA_ARGS__}},
    MATH_FUNCTIONS(ROW)
    MORE_FUNCTIONS(ROW)
};

static void make_point(struct rng *r, size_t f, double *a, double *b, double *c) {
    const struct domain *d = &functions[f].where;
    const char *name = functions[f].name;
    if (strcmp(name, "fma") == 0) {
        fma_point(r, a, b, c);
        return;
    }
    *a = rng_below(r, 16) == 0 ? rng_bits(r) : domain_point(r, d);
    *b = rng_below(r, 16) == 0 ? rng_bits(r) : domain_point(r, d);
    *c = rng_below(r, 8) == 0 ? 0.0 : rng_below(r, 16) == 0 ? rng_bits(r) : domain_point(r, d);
    if (strcmp(name, "exp2x") == 0)
        *b = *a * ldexp(rng_unit(r), -53);
    if (strncmp(name, "round_", 6) == 0 && rng_below(r, 16)) { /* whole rounds, lengths, stretches */
        *a = strcmp(name, "round_of") ? lrs_k_floor(*a) : *a;
        *b = 1.0 + rng_below(r, 5000);
        *c = rng_below(r, 4) == 0 ? 1.0 : rng_below(r, 2) ? 1.0 + rng_below(r, 3) * 0.5 : rng_between(r, 0.5, 3.0);
    }
    if (strcmp(name, "power_of") == 0 && rng_below(r, 16))
        *b = rng_below(r, 2) ? rng_below(r, 200) : lrs_k_floor(rng_log(r, 0, 52));
}

static int is_wanted(const char *name, char **names, int n) {
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return 1;
    return n == 0;
}

static void put_word(uint64_t u) {
    for (int k = 0; k < 8; k++)
        putchar((int)(u >> 8 * k & 0xff));
}

int main(int argc, char **argv) {
    long points = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
        struct rng r = {f + 1};
        char name[16] = "";
        if (!is_wanted(functions[f].name, argv + 2, argc - 2))
            continue;
        strncpy(name, functions[f].name, sizeof name - 1);
        fwrite(name, 1, sizeof name, stdout);
        put_word((uint64_t)points);
        for (long i = 0; i < points; i++) {
            double a, b, c;
            make_point(&r, f, &a, &b, &c);
            put_word(lrs_k_bits(a));
            put_word(lrs_k_bits(b));
            put_word(lrs_k_bits(c));
            put_word(lrs_k_bits(lrs_k_canon(functions[f].call(a, b, c))));
        }
    }
    return ferror(stdout) || fflush(stdout) != 0;
}
