/* math_hash.c: the bits of the math kernels, in one number a function.
 *
 * In:    an optional number of points a function (default 1000000).
 * Out:   a line a function: its name and a hash of the bits of its results.  Every compiler, option, machine and every
 *        vector width must print the same lines.
 * Calls: runtime/kernel/math.h.
 *
 * Results are computed in blocks by plain loops, so that an optimising compiler vectorises them and the comparison with
 * unoptimised code covers that as well.  A NaN counts as one value.
 */
#include "runtime/kernel/math.h"

#include "points.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 500 };

/* Three inputs a point; functions use the first one, two or three. */
static double a[BLOCK], b[BLOCK], c[BLOCK], y[BLOCK];

#define ONE(f)                                                                                                         \
    static void loop_##f(void) {                                                                                       \
        for (int i = 0; i < BLOCK; i++) {                                                                              \
            y[i] = lrs_k_##f(a[i]);                                                                                    \
        }                                                                                                              \
    }
#define TWO(f)                                                                                                         \
    static void loop_##f(void) {                                                                                       \
        for (int i = 0; i < BLOCK; i++) {                                                                              \
            y[i] = lrs_k_##f(a[i], b[i]);                                                                              \
        }                                                                                                              \
    }
#define THREE(f)                                                                                                       \
    static void loop_##f(void) {                                                                                       \
        for (int i = 0; i < BLOCK; i++) {                                                                              \
            y[i] = lrs_k_##f(a[i], b[i], c[i]);                                                                        \
        }                                                                                                              \
    }

ONE(exp2) ONE(exp) ONE(log2) ONE(log2hi) ONE(log2lo) ONE(log) ONE(log10) ONE(cospi) ONE(sinpi) ONE(cos) ONE(sin)
ONE(hcos_unit) ONE(hcos) ONE(tanh) ONE(sqrt) ONE(abs) ONE(neg) ONE(floor) ONE(ceil) ONE(trunc) ONE(round)
TWO(min) TWO(max) TWO(pow) TWO(stairs) TWO(mod)
THREE(fma) THREE(exp2x) THREE(exp2s)

static const struct {
    const char *name;
    void (*loop)(void);
    struct domain where;
} functions[] = {
#define F(f, ...) {#f, loop_##f, {__VA_ARGS__}}
    F(exp2, -1080, 1026, -1.5, 1.5, -60, 9, 0.5),
    F(exp, -746, 711, -1, 1, -60, 9, 0.5),
    F(log2, 0, 1024, 0.7, 1.42, -1074, 1023, 0.125),
    F(log2hi, 0, 1024, 0.7, 1.42, -1074, 1023, 0.125),
    F(log2lo, 0, 1024, 0.7, 1.42, -1074, 1023, 0.125),
    F(log, 0, 1024, 0.7, 1.42, -1074, 1023, 0.125),
    F(log10, 0, 1024, 0.7, 1.42, -1074, 1023, 0.125),
    F(cospi, -16, 16, -1, 1, -1074, 54, 0.125),
    F(sinpi, -16, 16, -1, 1, -1074, 54, 0.125),
    F(cos, -1e6, 1e6, -7, 7, -1074, 1023, 0.78539816339744828),
    F(sin, -1e6, 1e6, -7, 7, -1074, 1023, 0.78539816339744828),
    F(hcos_unit, 0, 1, 0, 0.01, -1074, 0, 0.0625),
    F(hcos, -8, 8, -1, 1, -1074, 54, 0.0625),
    F(tanh, -23, 23, -0.4, 0.4, -1074, 5, 0.1),
    F(sqrt, 0, 1e6, 0.5, 4, -1074, 1023, 1),
    F(abs, -8, 8, -1, 1, -1074, 1023, 1),
    F(neg, -8, 8, -1, 1, -1074, 1023, 1),
    F(floor, -1e3, 1e3, -2, 2, -1074, 60, 0.5),
    F(ceil, -1e3, 1e3, -2, 2, -1074, 60, 0.5),
    F(trunc, -1e3, 1e3, -2, 2, -1074, 60, 0.5),
    F(round, -1e3, 1e3, -2, 2, -1074, 60, 0.5),
    F(min, -8, 8, -1, 1, -4, 4, 1),
    F(max, -8, 8, -1, 1, -4, 4, 1),
    F(pow, -4, 4, 0.9, 1.1, -40, 40, 1),
    F(stairs, -1e4, 1e4, 0, 16, -30, 53, 1),
    F(mod, -1e4, 1e4, 0, 16, -30, 53, 1),
    F(fma, -8, 8, -1, 1, -500, 500, 1),
    F(exp2x, -8, 8, -1, 1, -60, 8, 1),
    F(exp2s, -8, 8, -1, 1, -60, 8, 1),
};

static double point(struct rng *r, const struct domain *d) {
    return rng_below(r, 16) == 0 ? rng_bits(r) : domain_point(r, d);
}

static void fill(struct rng *r, const struct domain *d, int is_exp2x) {
    for (int i = 0; i < BLOCK; i++) {
        a[i] = point(r, d);
        b[i] = is_exp2x ? a[i] * ldexp(rng_unit(r), -53) : point(r, d);
        c[i] = rng_below(r, 8) == 0 ? 0.0 : point(r, d);
    }
}

/* -0.0 and 0.0 differ here, two NaNs do not. */
static uint64_t mix(uint64_t hash) {
    for (int i = 0; i < BLOCK; i++) {
        double canonical = lrs_k_canon(y[i]);
        uint64_t u;
        memcpy(&u, &canonical, sizeof u);
        hash = (hash ^ u) * UINT64_C(0x100000001b3);
        hash ^= hash >> 29;
    }
    return hash;
}

int main(int argc, char **argv) {
    long points = argc > 1 ? strtol(argv[1], NULL, 10) : 1000000;
    for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
        struct rng r = {f + 1};
        uint64_t hash = UINT64_C(0xcbf29ce484222325);
        for (long i = 0; i < points; i += BLOCK) {
            fill(&r, &functions[f].where, strcmp(functions[f].name, "exp2x") == 0);
            functions[f].loop();
            hash = mix(hash);
        }
        printf("%-10s %016" PRIx64 "\n", functions[f].name, hash);
    }
    return 0;
}
