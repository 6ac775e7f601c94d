/* test_state.c: saving and loading: round trips in the middle of a run, every damaged byte, every length, nonsense with a
 * right checksum, other programs and params. Whatever fails leaves the state as it was. */
#include <math.h>
#include <stdlib.h>

#include "iprog.h"
#include "kernel/state.h"
#include "rt.h"

enum { CAP = 1 << 16 };

typedef struct run {
    arena mem;
    ir_program *p;
    lrs_program *q;
    lrs_plan *plan;
    lrs_state *s;
    uint64_t seed;
    int64_t step;
} run;

static void begin(run *r, const char *name, unsigned set)
{
    double params[64];
    memset(r, 0, sizeof *r);
    arena_init(&r->mem, NULL);
    r->p = iprog_build_name(name, &r->mem);
    r->q = rt_program(r->p, &r->mem);
    iprog_params(r->p, set, params);
    r->plan = rt_plan(r->q, params, lrs_kernels_pick());
    assert_int_equal(lrs_state_new(&r->s, r->plan), LRS_OK);
}

static void end(run *r)
{
    lrs_state_free(r->s, r->plan);
    lrs_plan_free(r->plan);
    arena_free(&r->mem);
}

static int train(run *r, lrs_state *s, int observations)
{
    int acted = 0;
    for (int k = 0; k < observations; k++) {
        r->step += 1 + (int64_t)(iprog_random(&r->seed) % 3);
        acted += lrs_observe(r->plan, s, iprog_random(&r->seed) % r->p->layout.ninput, r->step,
                             iprog_metric(&r->seed, (uint64_t)r->step));
    }
    return acted;
}

/* All of a state that matters: loading has space of its own at the end. */
static size_t meaning(const run *r)
{
    const lrs_k_layout *l = &r->p->layout;
    return 8 * (LRS_K_HEADER_WORDS + (size_t)l->ni + (l->table == LRS_K_NONE ? l->nd : l->table + l->ntable));
}

static void fix_checksum(uint8_t *blob, size_t n)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t k = 0; k < n - 8; k++)
        h = (h ^ blob[k]) * UINT64_C(1099511628211);
    for (size_t k = 0; k < 8; k++)
        blob[n - 8 + k] = (uint8_t)(h >> 8 * k);
}

/* Loading fails with this code (0: any error), and the state does not change. */
static void refuses(run *r, const void *blob, size_t n, int want)
{
    size_t size = lrs_state_size(r->plan);
    void *before = malloc(size), *exact = malloc(n ? n : 1);
    memcpy(before, (void *)r->s, meaning(r));
    memcpy(exact, blob, n); /* so that sanitizers see a read past the end */
    int e = lrs_state_load(r->plan, r->s, exact, n, NULL, 0);
    assert_true(e != LRS_OK);
    if (want)
        assert_int_equal(e, want);
    assert_memory_equal(before, (void *)r->s, meaning(r));
    free(before);
    free(exact);
}

static void round_trips(void **unused)
{
    static uint8_t blob[CAP], again[CAP];
    (void)unused;
    for (size_t i = 0; i < iprog_count(); i++) {
        for (unsigned set = 0; set < 3; set++) {
            run r;
            begin(&r, iprog_get(i)->name, set);
            for (int leg = 0; leg < 6; leg++) {
                train(&r, r.s, 60);
                size_t n = lrs_state_save(r.plan, r.s, NULL, 0);
                assert_true(n <= CAP);
                memset(blob, 0xaa, sizeof blob);
                assert_int_equal(lrs_state_save(r.plan, r.s, blob, n - 1), n);
                assert_int_equal(blob[0], 0xaa);
                assert_int_equal(lrs_state_save(r.plan, r.s, blob, n), n);
                assert_int_equal(blob[n], 0xaa);
                assert_memory_equal(blob, "LRSSTATE", 8);

                lrs_state *s;
                assert_int_equal(lrs_state_new(&s, r.plan), LRS_OK);
                assert_int_equal(lrs_state_load(r.plan, s, blob, n, NULL, 0), LRS_OK);
                assert_memory_equal((void *)s, (void *)r.s, meaning(&r)); /* T too */
                assert_int_equal(lrs_state_save(r.plan, s, again, sizeof again), n);
                assert_memory_equal(blob, again, n);
                /* and it goes on as the first does */
                run other = r;
                assert_int_equal(train(&other, s, 40), train(&r, r.s, 40));
                assert_memory_equal((void *)s, (void *)r.s, meaning(&r));
                lrs_state_free(s, r.plan);
            }
            end(&r);
        }
    }
}

/* The saved form is pinned byte by byte: it is read on other machines and by other engines. */
static void pinned_form(void **unused)
{
    uint8_t blob[512];
    run r;
    (void)unused;
    begin(&r, "card", 0);
    size_t n = lrs_state_save(r.plan, r.s, blob, sizeof blob);
    const lrs_k_layout *l = &r.p->layout;
    assert_int_equal(n, 40 + 8 * ((size_t)l->ni + l->nsave));
    assert_memory_equal(blob, "LRSSTATE\2\0\0\0", 12);
    assert_int_equal(blob[12] | blob[13] << 8, n);
    for (int k = 0; k < 8; k++)
        assert_int_equal(blob[16 + k], (uint8_t)(l->hash >> 8 * k));
    assert_int_equal(blob[24], l->ni);
    assert_int_equal(blob[28], l->nsave);
    uint8_t sum[8];
    memcpy(sum, blob + n - 8, 8);
    fix_checksum(blob, n);
    assert_memory_equal(sum, blob + n - 8, 8);
    end(&r);
}

static void damaged(void **unused)
{
    static const char *const names[] = {"card", "next", "next_params", "plateau_min", "outputs", "dialects", "events"};
    static uint8_t blob[CAP];
    (void)unused;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        run r;
        begin(&r, names[i], 0);
        train(&r, r.s, 50);
        size_t n = lrs_state_save(r.plan, r.s, blob, sizeof blob);
        train(&r, r.s, 50);
        for (size_t k = 0; k < n; k++)
            refuses(&r, blob, k, LRS_E_STATE);
        refuses(&r, blob, n + 1, LRS_E_STATE);
        for (size_t k = 0; k < n * 8; k++) {
            blob[k / 8] = (uint8_t)(blob[k / 8] ^ 1u << k % 8);
            refuses(&r, blob, n, LRS_E_STATE);
            blob[k / 8] = (uint8_t)(blob[k / 8] ^ 1u << k % 8);
        }
        assert_int_equal(lrs_state_load(r.plan, r.s, blob, n, NULL, 0), LRS_OK);
        assert_int_equal(lrs_state_load(NULL, r.s, blob, n, NULL, 0), LRS_E_ARG);
        assert_int_equal(lrs_state_load(r.plan, NULL, blob, n, NULL, 0), LRS_E_ARG);
        assert_int_equal(lrs_state_load(r.plan, r.s, NULL, n, NULL, 0), LRS_E_ARG);
        assert_int_equal(lrs_state_load(r.plan, r.s, NULL, 0, NULL, 0), LRS_E_STATE);
        end(&r);
    }
}

/* Words that no run leaves, though the checksum is right. */
static void nonsense(void **unused)
{
    static uint8_t blob[CAP], bad[CAP];
    static const uint64_t words[] = {0, 1, 2, UINT64_MAX, UINT64_C(1) << 63, INT64_MAX, UINT64_C(0x7ff8000000000000),
                                     UINT64_C(0xfff0000000000000), UINT64_C(0x7ff0000000000000), UINT64_C(0x4000000000000000)};
    int refused = 0, loaded = 0;
    (void)unused;
    for (size_t i = 0; i < iprog_count(); i++) {
        run r;
        begin(&r, iprog_get(i)->name, 1);
        train(&r, r.s, 50);
        size_t n = lrs_state_save(r.plan, r.s, blob, sizeof blob);
        for (size_t at = 32; at < n - 8; at += 8) {
            for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
                size_t size = lrs_state_size(r.plan);
                uint64_t *before = malloc(size);
                memcpy(before, (void *)r.s, size);
                memcpy(bad, blob, n);
                for (size_t k = 0; k < 8; k++)
                    bad[at + k] = (uint8_t)(words[w] >> 8 * k);
                fix_checksum(bad, n);
                if (lrs_state_load(r.plan, r.s, bad, n, NULL, 0) == LRS_OK) {
                    loaded++;
                    train(&r, r.s, 5); /* does no harm */
                    lrs_value(r.plan, r.s, 0, r.step);
                } else {
                    refused++;
                    assert_memory_equal(before, (void *)r.s, meaning(&r));
                }
                memcpy((void *)r.s, before, size);
                free(before);
            }
        }
        end(&r);
    }
    assert_true(refused > 100 && loaded > 100);
}

static void nonsense_words(void **unused)
{
    static uint8_t blob[CAP];
    run r;
    (void)unused;
    begin(&r, "card", 0);
    size_t n = lrs_state_save(r.plan, r.s, blob, sizeof blob);
    const lrs_k_layout *l = &r.p->layout;
    const struct {
        size_t at;
        uint64_t word;
    } bad[] = {
        {0, 2},                                                                            /* an unknown flag */
        {1, UINT64_MAX},                                                                   /* acted -1 times */
        {r.p->dets[0].i, UINT64_MAX},                                                      /* bad -1 */
        {r.p->dets[0].i + 1, UINT64_MAX},                                                  /* cooling -1 */
        {r.p->rules[0].i, UINT64_MAX},                                                     /* rule acted -1 times */
        {(size_t)l->ni + r.p->dets[0].d, UINT64_C(0x7ff8000000000000)},                    /* best NaN */
        {(size_t)l->ni + r.p->rules[0].d, UINT64_C(0xfff8000000000001)},                   /* factor NaN */
    };
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        uint8_t copy[512];
        memcpy(copy, blob, n);
        for (size_t j = 0; j < 8; j++)
            copy[32 + 8 * bad[k].at + j] = (uint8_t)(bad[k].word >> 8 * j);
        fix_checksum(copy, n);
        refuses(&r, copy, n, LRS_E_STATE);
    }
    end(&r);
}

static void mismatched(void **unused)
{
    static uint8_t blob[CAP];
    run r, other;
    (void)unused;
    begin(&r, "plateau_min", 0);
    begin(&other, "plateau_max", 0);
    size_t n = lrs_state_save(r.plan, r.s, blob, sizeof blob);
    refuses(&other, blob, n, LRS_E_MISMATCH);
    end(&r);
    end(&other);

    begin(&r, "params", 0);
    begin(&other, "params", 1);
    assert_true(r.p->layout.hash == other.p->layout.hash);
    n = lrs_state_save(r.plan, r.s, blob, sizeof blob);
    refuses(&other, blob, n, LRS_E_MISMATCH);
    /* memory that is no state */
    memset((void *)other.s, 0, lrs_state_size(other.plan));
    assert_true(isnan(lrs_get_lr(other.plan, other.s, 5, 1.0)));
    double y[2] = {0, 0};
    lrs_fill(other.plan, other.s, 0, 5, 2, y);
    assert_true(isnan(y[0]) && isnan(y[1]));
    refuses(&other, blob, n, LRS_E_ARG);
    end(&r);
    end(&other);
}

/* Event ends that the program cannot have: the old ones stay, with their table. */
static void events_that_do_not_bind(void **unused)
{
    static uint8_t blob[CAP];
    run r;
    int refused = 0;
    (void)unused;
    begin(&r, "next_params", 0);
    const lrs_k_layout *l = &r.p->layout;
    assert_true(l->nevent != 0);
    for (int k = 0; k < 40; k++) {
        train(&r, r.s, 10);
        size_t n = lrs_state_save(r.plan, r.s, blob, sizeof blob);
        for (uint32_t e = 0; e < l->nevent; e++) {
            double end_at = k * 7.0;
            uint64_t u = rt_bits(end_at);
            for (size_t j = 0; j < 8; j++)
                blob[32 + 8 * ((size_t)l->ni + l->event + e) + j] = (uint8_t)(u >> 8 * j);
        }
        fix_checksum(blob, n);
        size_t size = lrs_state_size(r.plan);
        uint64_t *before = malloc(size);
        memcpy(before, (void *)r.s, size);
        if (lrs_state_load(r.plan, r.s, blob, n, NULL, 0) != LRS_OK) {
            refused++;
            assert_memory_equal(before, (void *)r.s, meaning(&r));
        }
        memcpy((void *)r.s, before, size);
        free(before);
    }
    printf("%d of 40 refused\n", refused);
    assert_true(refused > 0);
    end(&r);
}

/* A state is plain data: a copy of its bytes is a snapshot. */
static void snapshot(void **unused)
{
    run r;
    (void)unused;
    begin(&r, "next", 0);
    train(&r, r.s, 30);
    size_t size = lrs_state_size(r.plan);
    uint64_t *copy = malloc(size);
    memcpy(copy, (void *)r.s, size);
    run other = r;
    train(&r, r.s, 30);
    train(&other, (lrs_state *)(void *)copy, 30);
    assert_memory_equal(copy, (void *)r.s, meaning(&r));
    free(copy);
    end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),    cmocka_unit_test(pinned_form), cmocka_unit_test(damaged), cmocka_unit_test(nonsense),
        cmocka_unit_test(nonsense_words), cmocka_unit_test(mismatched),  cmocka_unit_test(events_that_do_not_bind),
        cmocka_unit_test(snapshot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
