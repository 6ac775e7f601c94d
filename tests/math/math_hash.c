/* math_hash.c: the bits of the math kernels, in one number a function.
 *
 * In:    an optional number of points a function (default 1000000).
 * Out:   a line a function: its name and a hash of the bits of its results.  Every compiler, option, machine and every
 *        vector width must print the same lines.
 * Calls: runtime/kernel/math.h, functions.h, points.h.
 *
 * Results are computed in blocks by plain loops, so that an optimising compiler vectorises them and the comparison with
 * unoptimised code covers that as well.  A NaN counts as one value.
 */
#include "runtime/kernel/math.h"

#include "functions.h"
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

#define LOOP(f, arguments, ...) arguments(f)
MATH_FUNCTIONS(LOOP)

static const struct {
    const char *name;
    void (*loop)(void);
    struct domain where;
} functions[] = {
#define ROW(f, arguments, ...) {#f, loop_##f, {__VA_ARGS__}},
    MATH_FUNCTIONS(ROW)
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
