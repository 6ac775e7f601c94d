/* points.h: seeded pseudo-random doubles for the tests of the math kernels.
 *
 * In:    a seed.
 * Out:   integers and doubles that are the same on every machine: only integer operations and exact scaling.
 * Calls: fma, floor, ldexp.
 */
#ifndef LRS_TESTS_POINTS_H
#define LRS_TESTS_POINTS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

struct rng {
    uint64_t s;
};

/* splitmix64 */
static inline uint64_t rng_u64(struct rng *r) {
    uint64_t z = (r->s += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static inline int rng_below(struct rng *r, int n) {
    return (int)(rng_u64(r) % (uint64_t)n);
}

/* Uniform in [0, 1), a multiple of 2^-53. */
static inline double rng_unit(struct rng *r) {
    return (double)(rng_u64(r) >> 11) * 0x1p-53;
}

static inline double rng_between(struct rng *r, double lo, double hi) {
    return fma(hi - lo, rng_unit(r), lo); /* fused, so that no compiler option can change the point */
}

/* A random significand with an exponent uniform in [elo, ehi]; positive. */
static inline double rng_log(struct rng *r, int elo, int ehi) {
    double m = 1.0 + (double)(rng_u64(r) >> 12) * 0x1p-52;
    return ldexp(m, elo + rng_below(r, ehi - elo + 1));
}

/* Any bit pattern. */
static inline double rng_bits(struct rng *r) {
    uint64_t u = rng_u64(r);
    double d;
    memcpy(&d, &u, sizeof d);
    return d;
}

/* The double `steps` places away from a nonzero finite x in the order of magnitudes. */
static inline double ulps_away(double x, int steps) {
    uint64_t u;
    memcpy(&u, &x, sizeof u);
    u += (uint64_t)(int64_t)steps;
    memcpy(&x, &u, sizeof u);
    return x;
}

/* Where the interesting arguments of a function of one variable lie. */
struct domain {
    double lo, hi;   /* uniform here */
    double lo2, hi2; /* and here */
    int elo, ehi;    /* magnitudes 2^elo to 2^ehi, of both signs where lo < 0 */
    double grid;     /* and within a few ulps of the multiples of this in [lo, hi] */
};

static inline double domain_point(struct rng *r, const struct domain *d) {
    double x;
    switch (rng_below(r, 4)) {
    case 0:
        return rng_between(r, d->lo, d->hi);
    case 1:
        return rng_between(r, d->lo2, d->hi2);
    case 2:
        x = rng_log(r, d->elo, d->ehi);
        return d->lo < 0.0 && (rng_u64(r) & 1) ? -x : x;
    default:
        x = floor(rng_between(r, d->lo / d->grid, d->hi / d->grid)) * d->grid;
        return x == 0.0 ? x : ulps_away(x, rng_below(r, 9) - 4);
    }
}

#endif
