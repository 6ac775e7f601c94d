/* test_find.c: lrs_find on curves whose answers follow from its description, and on data that has no answer. tests/find compares
 * it with the libraries that it is like. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "rt.h"

#define N 100

static lrs_find_options raw(void)
{
    return (lrs_find_options){.size = sizeof(lrs_find_options), .smooth = -1, .diverge = -1, .skip_start = -1, .skip_end = -1};
}

static void rates(double *lr, size_t n)
{
    for (size_t i = 0; i < n; i++)
        lr[i] = pow(10, -5 + 6.0 * (double)i / (double)n);
}

static lrs_finding find(const double *lr, const double *loss, size_t n, const lrs_find_options *o)
{
    lrs_finding r = {.size = sizeof r};
    assert_int_equal(lrs_find(&r, lr, loss, n, o, NULL), LRS_OK);
    assert_int_equal(r.size, sizeof r);
    assert_true(r.first <= r.end && r.end <= n && r.diverged <= n && r.bad_rate <= n);
    return r;
}

static void is_at(const lrs_suggestion *s, const double *lr, size_t i)
{
    assert_int_equal(s->reason, LRS_FIND_FOUND);
    assert_int_equal(s->index, i);
    assert_same_bits(s->lr, lr[i]);
}

static void is_none(const lrs_suggestion *s, size_t n, int reason)
{
    assert_int_equal(s->reason, reason);
    assert_int_equal(s->index, n);
    assert_true(isnan(s->lr));
}

static void all_none(const lrs_finding *r, size_t n, int reason)
{
    is_none(&r->valley, n, reason);
    is_none(&r->steepest, n, reason);
    is_none(&r->steep, n, reason);
    is_none(&r->minimum, n, reason);
    is_none(&r->slide, n, reason);
}

/* Flat, a straight fall from 20 to 60 that is steepest between 40 and 41, a rise. */
static void curve(double *loss)
{
    for (size_t i = 0; i < N; i++) {
        double x = (double)i;
        loss[i] = i <= 20 ? 10 : i <= 60 ? 10 - (x - 20) * 0.1 - (i > 40 ? 0.5 : i > 39 ? 0.1 : 0) : 5.5 + (x - 60) * 0.2;
    }
}

static void a_curve(void **unused)
{
    double lr[N], loss[N];
    lrs_find_options o = raw();
    (void)unused;
    rates(lr, N);
    curve(loss);
    lrs_finding r = find(lr, loss, N, &o);
    assert_int_equal(r.first, 0);
    assert_int_equal(r.end, N);
    assert_int_equal(r.diverged, N);
    assert_int_equal(r.bad_rate, N);
    is_at(&r.valley, lr, 20 - 1 + 13 + 6); /* 41 points end at 60; a third of them is 13, a sixth 6 */
    is_at(&r.steepest, lr, 40);
    is_at(&r.steep, lr, 40);
    assert_int_equal(r.minimum.index, 60);
    assert_same_bits(r.minimum.lr, lr[60] / 10);
    /* The rise has one slope, and so has the fall: from the right, the pair differs until both are in the fall. */
    assert_int_equal(r.slide.reason, LRS_FIND_FOUND);
    assert_int_equal(r.slide.index, N - 16); /* at once: both are in the rise */
    loss[N - 1] = 1000;
    r = find(lr, loss, N, &o);
    /* the slopes at 99 and 98 are others than at 84 and 83, that at 97 is that at 82 */
    assert_int_equal(r.slide.index, 83);
    o.skip_start = 10;
    o.skip_end = 35;
    r = find(lr, loss, N, &o);
    assert_int_equal(r.first, 10);
    assert_int_equal(r.end, 65);
    assert_int_equal(r.minimum.index, 60);
    o.skip_end = 45;
    assert_int_equal(find(lr, loss, N, &o).minimum.index, 54);
}

/* The exponential average as fastai writes it: m = b*m + (1 - b)*x, divided by 1 - b^k. */
static void averages(void **unused)
{
    double lr[N], loss[N], y[N];
    (void)unused;
    rates(lr, N);
    for (size_t i = 0; i < N; i++)
        loss[i] = 3 + sin((double)(i * i));
    for (double b = 0.1; b < 0.999; b += 0.0889) {
        lrs_find_options o = raw();
        lrs_finding r = {.size = sizeof r};
        double m = 0;
        o.smooth = b;
        assert_int_equal(lrs_find(&r, lr, loss, N, &o, y), LRS_OK);
        for (size_t i = 0; i < N; i++) {
            m = b * m + (1 - b) * loss[i];
            assert_true(fabs(y[i] - m / (1 - pow(b, (double)i + 1))) < 1e-13);
        }
    }
    lrs_find_options o = raw();
    lrs_finding r = {.size = sizeof r};
    assert_int_equal(lrs_find(&r, lr, loss, N, &o, y), LRS_OK);
    assert_memory_equal(y, loss, sizeof y);
    /* equal losses stay equal */
    for (size_t i = 0; i < N; i++)
        loss[i] = 0.1;
    assert_int_equal(lrs_find(&r, lr, loss, N, NULL, y), LRS_OK);
    assert_memory_equal(y, loss, sizeof y);
    all_none(&r, N, LRS_FIND_NO_FALL);
}

static void defaults(void **unused)
{
    double lr[N], loss[N];
    lrs_find_options zero = {.size = sizeof zero}, same = {.size = sizeof same, .smooth = 0.98, .diverge = 4, .skip_start = N / 10, .skip_end = 5};
    (void)unused;
    rates(lr, N);
    curve(loss);
    lrs_finding a = find(lr, loss, N, NULL), b = find(lr, loss, N, &zero), c = find(lr, loss, N, &same);
    assert_memory_equal(&a, &b, sizeof a);
    assert_memory_equal(&a, &c, sizeof a);
    assert_int_equal(a.first, 10);
    assert_int_equal(a.end, 95);
}

static void divergence(void **unused)
{
    double lr[N], loss[N];
    lrs_find_options o = raw();
    (void)unused;
    rates(lr, N);
    curve(loss);
    for (size_t i = 70; i < N; i++)
        loss[i] = 5.5 * pow(2, (double)(i - 69));
    o.diverge = 4;
    lrs_finding r = find(lr, loss, N, &o);
    assert_int_equal(r.diverged, 72); /* 5.5 * 4 is not above 4 * 5.5 */
    assert_int_equal(r.end, 73);
    o.skip_end = 5;
    assert_int_equal(find(lr, loss, N, &o).end, 68);
    o.diverge = 1e300;
    assert_int_equal(find(lr, loss, N, &o).diverged, N);
    /* below 0 */
    for (size_t i = 0; i < N; i++)
        loss[i] = -1 - (double)i / N;
    loss[80] = 1;
    o.diverge = 4;
    assert_int_equal(find(lr, loss, N, &o).diverged, N);
    loss[80] = 5; /* best -1.79, limit -1.79 + 3 * 1.79 */
    assert_int_equal(find(lr, loss, N, &o).diverged, 80);
}

static void losses_that_are_no_numbers(void **unused)
{
    double lr[N], loss[N], y[N];
    static const double bad[] = {NAN, INFINITY, -(double)INFINITY};
    (void)unused;
    rates(lr, N);
    for (size_t k = 0; k < 3; k++) {
        for (size_t at = 0; at < N; at++) {
            for (int smoothing = -1; smoothing < 2; smoothing += 2) {
                lrs_find_options o = raw();
                o.smooth = smoothing * 0.9;
                curve(loss);
                loss[at] = bad[k];
                lrs_finding r = {.size = sizeof r};
                assert_int_equal(lrs_find(&r, lr, loss, N, &o, y), LRS_OK);
                assert_int_equal(r.end, at);
                for (size_t i = 0; i < at; i++)
                    assert_true(isfinite(y[i]));
                if (at < 2)
                    all_none(&r, N, LRS_FIND_FEW);
                else
                    assert_true(r.valley.index == N || r.valley.index < at);
            }
        }
    }
    /* the largest doubles */
    for (size_t i = 0; i < N; i++)
        loss[i] = (i % 2 ? 1 : -1) * 1.7e308;
    lrs_find_options o = raw();
    find(lr, loss, N, &o);
    find(lr, loss, N, NULL);
}

static void rates_that_cannot_be(void **unused)
{
    static const double bad[] = {NAN, INFINITY, -(double)INFINITY, 0, -0.0, -1};
    double lr[N], loss[N];
    (void)unused;
    curve(loss);
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        for (size_t at = 0; at < N; at += 9) {
            rates(lr, N);
            lr[at] = bad[k];
            lrs_finding r = find(lr, loss, N, NULL);
            assert_int_equal(r.bad_rate, at);
            all_none(&r, N, LRS_FIND_RATES);
        }
    }
    rates(lr, N);
    lr[50] = lr[49];
    assert_int_equal(find(lr, loss, N, NULL).bad_rate, 50);
    lr[50] = lr[48];
    assert_int_equal(find(lr, loss, N, NULL).bad_rate, 50);
}

static void few_points(void **unused)
{
    double lr[N], loss[N];
    lrs_find_options o = raw();
    (void)unused;
    rates(lr, N);
    for (size_t i = 0; i < N; i++)
        loss[i] = 10 - (double)i;
    lrs_finding r = find(NULL, NULL, 0, NULL);
    all_none(&r, 0, LRS_FIND_FEW);
    for (size_t n = 0; n < 2; n++) {
        r = find(lr, loss, n, &o);
        all_none(&r, n, LRS_FIND_FEW);
    }
    r = find(lr, loss, 2, &o);
    is_none(&r.valley, 2, LRS_FIND_FEW);
    is_at(&r.steepest, lr, 0);
    assert_int_equal(r.minimum.index, 1);
    is_none(&r.slide, 2, LRS_FIND_FEW);
    r = find(lr, loss, 15, &o);
    is_none(&r.slide, 15, LRS_FIND_FEW);
    is_at(&r.valley, lr, 5 + 2 - 1);
    r = find(lr, loss, 16, &o);
    is_at(&r.slide, lr, 0);
    o.skip_start = INT64_MAX;
    r = find(lr, loss, 16, &o);
    all_none(&r, 16, LRS_FIND_FEW);
    o.skip_start = -1;
    o.skip_end = INT64_MAX;
    r = find(lr, loss, 16, &o);
    all_none(&r, 16, LRS_FIND_FEW);
    o.skip_end = INT64_MIN;
    assert_int_equal(find(lr, loss, 16, &o).end, 16);
    for (size_t i = 0; i < N; i++)
        loss[i] = (double)i;
    r = find(lr, loss, N, &o);
    all_none(&r, N, LRS_FIND_NO_FALL);
}

/* Against the plain way, of two loops, on random sequences with many equal losses. */
static void longest_falls(void **unused)
{
    uint64_t state = 1;
    (void)unused;
    for (int round = 0; round < 2000; round++) {
        double lr[60], loss[60];
        size_t length[60], n = 2 + (size_t)round % 59, last = 0, k;
        lrs_find_options o = raw();
        rates(lr, n);
        for (size_t i = 0; i < n; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            loss[i] = (double)(state >> 33) / 0x1p31 * (round % 7 ? 8 : 100) - (double)i * (round % 3) / 9.0;
            loss[i] = round % 2 ? floor(loss[i]) : loss[i];
        }
        for (size_t i = 0; i < n; i++) {
            length[i] = 1;
            for (k = 0; k < i; k++)
                length[i] = loss[i] < loss[k] && length[k] >= length[i] ? length[k] + 1 : length[i];
            last = length[i] > length[last] ? i : last;
        }
        lrs_finding r = find(lr, loss, n, &o);
        if (length[last] < 3)
            is_none(&r.valley, n, n < 3 ? LRS_FIND_FEW : LRS_FIND_NO_FALL);
        else
            is_at(&r.valley, lr, last - length[last] + length[last] / 3 + length[last] / 6);
    }
}

static void many_points(void **unused)
{
    size_t n = 1000000;
    double *lr = malloc(n * sizeof *lr), *loss = malloc(n * sizeof *loss);
    (void)unused;
    assert_non_null(lr);
    assert_non_null(loss);
    for (size_t i = 0; i < n; i++) {
        lr[i] = 1e-7 + 1e-9 * (double)i;
        loss[i] = 5 - (double)i * 1e-6;
    }
    assert_int_equal(find(lr, loss, n, NULL).minimum.index, n - 6);
    free(lr);
    free(loss);
}

static void wrong_arguments(void **unused)
{
    double lr[3] = {1, 2, 3}, loss[3] = {3, 2, 1};
    lrs_finding r = {.size = sizeof r}, before = r;
    lrs_find_options o;
    (void)unused;
    assert_int_equal(lrs_find(NULL, lr, loss, 3, NULL, NULL), LRS_E_ARG);
    assert_int_equal(lrs_find(&r, NULL, loss, 3, NULL, NULL), LRS_E_ARG);
    assert_int_equal(lrs_find(&r, lr, NULL, 3, NULL, NULL), LRS_E_ARG);
    static const double smooth[] = {1, 1.5, INFINITY, NAN}, diverge[] = {1, 0.5, NAN};
    for (size_t k = 0; k < 4; k++) {
        o = raw();
        o.smooth = smooth[k];
        assert_int_equal(lrs_find(&r, lr, loss, 3, &o, NULL), LRS_E_ARG);
    }
    for (size_t k = 0; k < 3; k++) {
        o = raw();
        o.diverge = diverge[k];
        assert_int_equal(lrs_find(&r, lr, loss, 3, &o, NULL), LRS_E_ARG);
    }
    o = raw();
    o.size = 3;
    assert_int_equal(lrs_find(&r, lr, loss, 3, &o, NULL), LRS_E_ARG);
    assert_memory_equal(&r, &before, sizeof r);
    static const size_t sizes[] = {0, 1, 15, LRS_STRUCT_MAX + 1, SIZE_MAX};
    for (size_t k = 0; k < 5; k++) {
        r.size = sizes[k];
        double y[3] = {7, 7, 7};
        assert_int_equal(lrs_find(&r, lr, loss, 3, NULL, y), LRS_E_ARG);
        assert_true(y[0] == 7 && r.size == sizes[k]);
    }
    /* an older caller, and a newer one */
    r = (lrs_finding){.size = offsetof(lrs_finding, valley)};
    o = raw();
    r.slide.reason = 77;
    assert_int_equal(lrs_find(&r, lr, loss, 3, &o, NULL), LRS_OK);
    assert_int_equal(r.end, 3);
    assert_int_equal(r.slide.reason, 77);
    struct {
        lrs_finding now;
        double later;
    } newer = {.now = {.size = sizeof newer}, .later = 5};
    assert_int_equal(lrs_find(&newer.now, lr, loss, 3, &o, NULL), LRS_OK);
    assert_true(newer.later == 0);
    is_at(&newer.now.valley, lr, 0 + 1 - 1);
    struct {
        lrs_find_options now;
        double later;
    } wish = {.now = {.size = sizeof wish}, .later = 0};
    r.size = sizeof r;
    assert_int_equal(lrs_find(&r, lr, loss, 3, &wish.now, NULL), LRS_OK);
    wish.later = 1;
    assert_int_equal(lrs_find(&r, lr, loss, 3, &wish.now, NULL), LRS_E_ARG);
    for (int reason = LRS_FIND_FOUND; reason <= LRS_FIND_NO_FALL; reason++)
        assert_string_not_equal(lrs_find_reason(reason), lrs_find_reason(-1));
    assert_string_equal(lrs_find_reason(99), lrs_find_reason(-1));
}

typedef struct meter {
    long live, calls, fail;
} meter;

static void *metered(void *ctx, void *p, size_t n)
{
    meter *m = ctx;
    if (n == 0) {
        m->live -= p != NULL;
        free(p);
        return NULL;
    }
    m->calls++;
    if (m->fail)
        return NULL;
    m->live += p == NULL;
    return realloc(p, n);
}

static void memory(void **unused)
{
    double lr[N], loss[N], y[N] = {7};
    meter m = {0, 0, 0};
    lrs_allocator allocator = {&m, metered};
    lrs_find_options o = {.size = sizeof o, .allocator = &allocator};
    lrs_finding r = {.size = sizeof r}, before;
    (void)unused;
    rates(lr, N);
    curve(loss);
    m.fail = 1;
    before = r;
    assert_int_equal(lrs_find(&r, lr, loss, N, &o, y), LRS_E_NOMEM);
    assert_memory_equal(&r, &before, sizeof r);
    assert_true(y[0] == 7);
    assert_int_equal(lrs_find(&r, lr, loss, SIZE_MAX / 8, NULL, NULL), LRS_E_NOMEM);
    m.fail = 0;
    errno = 77;
    assert_int_equal(lrs_find(&r, lr, loss, N, &o, y), LRS_OK);
    assert_int_equal(errno, 77);
    assert_int_equal(m.live, 0);
    assert_true(m.calls > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_curve),
        cmocka_unit_test(averages),
        cmocka_unit_test(defaults),
        cmocka_unit_test(divergence),
        cmocka_unit_test(losses_that_are_no_numbers),
        cmocka_unit_test(rates_that_cannot_be),
        cmocka_unit_test(few_points),
        cmocka_unit_test(longest_falls),
        cmocka_unit_test(many_points),
        cmocka_unit_test(wrong_arguments),
        cmocka_unit_test(memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
