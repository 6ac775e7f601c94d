/* test_iprog.c: the hand-built programs are sound, and the two ways to evaluate them agree bit for bit: the kernel functions
 * that every engine uses, and a plain reading of types.h. Prints the number of comparisons. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "iprog.h"
#include "kernel/value.h"

enum { STEPS = 2000, SETS = 3, BULK = 700 };

static uint64_t compared, differing;

static void compare(const iprog_case *c, const char *what, unsigned set, int64_t step, double got, double want) {
    compared++;
    if (iprog_bits(got) == iprog_bits(want))
        return;
    if (differing++ < 20)
        printf("%s, params %u: %s at step %" PRId64 ": %a, not %a\n", c->name, set, what, step, got, want);
}

static void compare_all(const iprog_case *c, iprog_ref *r, unsigned set, uint64_t seed) {
    static int64_t steps[STEPS];
    static double bulk[BULK];
    size_t n = iprog_steps(r, seed, 300, steps, STEPS);
    for (uint32_t out = 0; out < r->p->layout.nout; out++) {
        for (size_t i = 0; i < n; i++)
            compare(c, "value", set, steps[i], iprog_ref_value(r, out, steps[i]), iprog_naive_value(r, out, steps[i]));
        for (int round = 0; round < 4; round++) {
            int64_t first = steps[iprog_random(&seed) % n];
            lrs_k_fill(&r->k, r->d, out, first, BULK, bulk);
            for (int i = 0; i < BULK; i++) {
                int64_t step = first > INT64_MAX - i ? INT64_MAX : first + i;
                compare(c, "fill", set, step, bulk[i], iprog_naive_value(r, out, step));
            }
        }
    }
}

int main(void) {
    uint64_t acted = 0;
    for (size_t i = 0; i < iprog_count(); i++) {
        arena mem;
        arena_init(&mem, NULL);
        ir_program *p = iprog_build(i, &mem);
        for (unsigned set = 0; set < SETS; set++) {
            double params[16];
            iprog_ref r;
            iprog_params(p, set, params);
            if (iprog_ref_init(&r, p, params, &mem) != 0) {
                printf("%s: params %u do not bind\n", iprog_get(i)->name, set);
                return 1;
            }
            compare_all(iprog_get(i), &r, set, 11);
            uint64_t seed = set;
            int64_t step = 0;
            for (uint64_t m = 0; m < 2000; m++, step += 1 + (int64_t)(m % 3)) {
                uint32_t input = (uint32_t)(m % p->layout.ninput);
                acted += (uint64_t)iprog_ref_observe(&r, input, step, iprog_metric(&seed, m));
                if (m % 500 == 499)
                    compare_all(iprog_get(i), &r, set, m);
            }
        }
        arena_free(&mem);
    }
    printf("%zu programs, %" PRIu64 " values compared, %" PRIu64 " rules acted, %" PRIu64 " values differ\n", iprog_count(),
           compared, acted, differing);
    if (acted == 0)
        printf("no rule ever acted: the metrics test nothing\n");
    return differing != 0 || acted == 0;
}
