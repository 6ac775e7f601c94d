/* test_events.c: events and what they do, as lowered from text, against models that are written here from the reference of the
 * language: diverge, conditions, patience in time, wall-clock time, restart, rules of one phase, phases ended by events. */
#include <math.h>

#include "iprog.h"
#include "rt.h"

typedef struct run {
    lrs_program *p;
    lrs_plan *plan;
    lrs_state *s;
} run;

static run start(const char *text)
{
    run r;
    lrs_diagnostics *d = NULL;
    if (lrs_compile(&r.p, text, strlen(text), NULL, &d) != LRS_OK) {
        char said[2000];
        lrs_diagnostics_render(d, LRS_RENDER_ASCII, said, sizeof said);
        fail_msg("%s\n%s", text, said);
    }
    lrs_diagnostics_free(d);
    assert_int_equal(lrs_bind(&r.plan, r.p, NULL, 0, NULL, 0), LRS_OK);
    assert_int_equal(lrs_state_new(&r.s, r.plan), LRS_OK);
    return r;
}

static void stop(run *r)
{
    lrs_state_free(r->s, r->plan);
    lrs_plan_free(r->plan);
    lrs_program_free(r->p);
}

static double at(const run *r, int64_t step)
{
    return lrs_value(r->plan, r->s, 0, step);
}

static int pick(uint64_t *seed, int n)
{
    return (int)(iprog_random(seed) % (uint64_t)n);
}

/* ---- diverge ---- */

static void diverge(void **unused)
{
    static const double factors[] = {1, 1.01, 1.5, 2, 10};
    uint64_t seed = 3;
    int events = 0;
    (void)unused;
    for (int round = 0; round < 200; round++) {
        double factor = factors[pick(&seed, 5)], best, rate = 1;
        int window = 1 + pick(&seed, 3), cooldown = pick(&seed, 2) * pick(&seed, 4), is_max = pick(&seed, 2), bad = 0, cooling = 0;
        char text[300];
        snprintf(text, sizeof text, "hold 1; on diverge(factor=%.17g, window=%d, cooldown=%d, mode=%s) *0.875", factor, window, cooldown,
                 is_max ? "max" : "min");
        run r = start(text);
        best = is_max ? -(double)INFINITY : (double)INFINITY;
        for (int k = 0; k < 100; k++) {
            double m = iprog_metric(&seed, (uint64_t)k) * (pick(&seed, 2) ? 1 : -1), limit;
            lrs_observe(r.plan, r.s, 0, k, m);
            if (m == m) {
                int infinite = m == (is_max ? -(double)INFINITY : (double)INFINITY);
                limit = is_max ? fma(-(factor - 1), fabs(best), best) : fma(factor - 1, fabs(best), best);
                int above = infinite || (is_max ? m < limit : m > limit);
                if (is_max ? m > best : m < best)
                    best = m;
                if (cooling > 0) {
                    cooling--;
                } else {
                    bad = above ? bad + 1 : 0;
                    if (infinite || bad >= window) {
                        if (above) {
                            rate *= 0.875;
                            cooling = cooldown;
                            bad = 0;
                            events++;
                        }
                    }
                }
            }
            if (rt_bits(at(&r, k)) != rt_bits(rate))
                fail_msg("%s\nobservation %d, %a: %a instead of %a", text, k, m, at(&r, k), rate);
        }
        stop(&r);
    }
    assert_true(events > 500);
}

/* ---- conditions ---- */

/* Edges: the rule acts when the condition becomes true, and an input that was never observed makes comparisons false. */
static void conditions(void **unused)
{
    uint64_t seed = 11;
    int events = 0;
    (void)unused;
    for (int round = 0; round < 100; round++) {
        run r = start("input a\ninput b\ninput c\nparam limit = 1.01\nhold 1\non (a > limit*b and step >= 10 or c < 0.1) *0.875");
        double v[3] = {(double)NAN, (double)NAN, (double)NAN}, rate = 1;
        int64_t last[3] = {-1000, -1000, -1000};
        int was = 0;
        for (int k = 0; k < 120; k++) {
            int input = pick(&seed, 3);
            int64_t step = k / 3 - pick(&seed, 2);
            double m = input == 2 && !pick(&seed, 3) ? 0.05 : 0.95 + 0.1 * iprog_uniform(&seed);
            if (!pick(&seed, 20))
                m = (double)NAN;
            lrs_observe(r.plan, r.s, (size_t)input, step, m);
            if (m == m && step > last[input]) {
                last[input] = step;
                v[input] = m;
                int is = (v[0] > 1.01 * v[1] && (step < 0 ? 0 : step) >= 10) || v[2] < 0.1;
                if (is && !was) {
                    rate *= 0.875;
                    events++;
                }
                was = is;
            }
            assert_same_bits(at(&r, step), rate);
        }
        stop(&r);
    }
    assert_true(events > 500);
}

/* ---- time ---- */

typedef struct timed {
    double best, since, until, patience, cooldown;
    int begun;
} timed;

static int timed_observe(timed *t, double now, double m)
{
    if (!t->begun)
        t->since = now;
    t->begun = 1;
    if (m < t->best * (1 - 1e-4)) {
        t->best = m;
        t->since = now;
    }
    if (now < t->until) /* the cooldown goes on: patience counts from its end */
        t->since = t->until;
    if (!(now - t->since > t->patience))
        return 0;
    t->until = now + t->cooldown;
    t->since = t->until;
    return 1;
}

static void patience_in_time(void **unused)
{
    uint64_t seed = 17;
    int events = 0;
    (void)unused;
    for (int round = 0; round < 200; round++) {
        int patience = pick(&seed, 12), cooldown = pick(&seed, 2) * pick(&seed, 15), by_clock = pick(&seed, 2);
        timed t = {.best = (double)INFINITY, .until = -(double)INFINITY, .patience = patience, .cooldown = cooldown};
        char text[300];
        double rate = 1, seconds = 0;
        int known = 0;
        snprintf(text, sizeof text, "input loss; input elapsed; hold 1; on plateau(loss, patience=%d %s, cooldown=%d %s) *0.875", patience,
                 by_clock ? "seconds" : "steps", cooldown, by_clock ? "seconds" : "steps");
        run r = start(text);
        for (int64_t step = 0; step < 150; step += 1 + pick(&seed, 4)) {
            double m = iprog_metric(&seed, (uint64_t)step);
            seconds += iprog_uniform(&seed) * 4;
            if (pick(&seed, 4)) {
                lrs_observe(r.plan, r.s, 1, step, seconds);
                known = 1;
            } else if (!known || by_clock) {
                continue; /* what the clock says is what it said last: the model would have to remember */
            }
            lrs_observe(r.plan, r.s, 0, step, m);
            if (m == m && timed_observe(&t, by_clock ? seconds : (double)step, m)) {
                rate *= 0.875;
                events++;
            }
            if (rt_bits(at(&r, step)) != rt_bits(rate))
                fail_msg("%s\nstep %d: %a instead of %a", text, (int)step, at(&r, step), rate);
        }
        stop(&r);
    }
    assert_true(events > 500);
}

/* Before the clock was ever seen there is no time, and no patience runs out. */
static void clock_not_seen(void **unused)
{
    run r = start("input loss; input elapsed; hold 1; on plateau(loss, patience=0 seconds) *0.5; on (elapsed > 1 second) stop");
    (void)unused;
    for (int64_t k = 0; k < 20; k++)
        assert_int_equal(lrs_observe(r.plan, r.s, 0, k, 1.0), 0);
    assert_int_equal(lrs_observe(r.plan, r.s, 1, 20, 1.0), 0);
    assert_int_equal(lrs_observe(r.plan, r.s, 0, 21, 1.0), 0); /* from here patience counts */
    assert_int_equal(lrs_observe(r.plan, r.s, 1, 22, 1.5), 1);
    assert_int_equal(lrs_stopped(r.s), 1);
    assert_int_equal(lrs_observe(r.plan, r.s, 0, 23, 1.0), 1);
    assert_same_bits(at(&r, 23), 0.5);
    stop(&r);
}

static void wall_clock_ends(void **unused)
{
    run r = start("input elapsed\nparam budget = 2 minutes\nhold 1 until 1 minute\nhold 2 for 30 seconds\nhold 3 for 10 until budget\nhold 4 until budget + 1 hour\nhold 5");
    static const struct {
        int64_t step;
        double seconds, rate;
    } rows[] = {{1, 30, 1}, {2, 59.9, 1}, {3, 60, 2}, {4, 75, 2}, {5, 104, 2}, {6, 105, 3}, {7, 110, 3}, {8, 119, 3}, {9, 121, 4},
                {16, 130, 4}, {20, 3719, 4}, {21, 3720, 5}, {22, 9999, 5}};
    (void)unused;
    /* the second phase counts from its first observation, at 75 seconds: the one that began it was seen in the first */
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        lrs_observe(r.plan, r.s, 0, rows[k].step, rows[k].seconds);
        if (at(&r, rows[k].step) != rows[k].rate)
            fail_msg("at %g seconds: %g instead of %g", rows[k].seconds, at(&r, rows[k].step), rows[k].rate);
    }
    stop(&r);
}

/* ---- phases ---- */

static void restart(void **unused)
{
    uint64_t seed = 23;
    int restarts = 0;
    (void)unused;
    for (int round = 0; round < 60; round++) {
        run r = start("warmup 10 -> 1; cosine 40 -> 0.5 until (metric < 0) { on (metric > 1) restart }; linear 20 -> 0");
        double began = 10, end = 50, value_there = 0.5;
        int was = 0, over = 0;
        for (int64_t step = 5; step < 100; step += 1 + pick(&seed, 5)) {
            double m = pick(&seed, 12) == 0 ? -1 : pick(&seed, 6) == 0 ? 2 : 0.5, x = (double)step, want;
            int inside = !over && x >= 10 && x < end, is = m > 1;
            lrs_observe(r.plan, r.s, 0, step, m);
            if (inside && is && !was) {
                began = x;
                end = x + 40;
                restarts++;
            }
            if (inside && m < 0) {
                value_there = 1 - 0.5 * (1 - cos(3.14159265358979323846 * (x - began) / 40)) / 2;
                end = x;
                over = 1;
            }
            if (inside)
                was = is;
            if (!over)
                value_there = 1 - 0.5 * (1 - cos(3.14159265358979323846 * (end - began) / 40)) / 2;
            want = x < 10 ? x / 10 : x < end ? 1 - 0.5 * (1 - cos(3.14159265358979323846 * (x - began) / 40)) / 2
                 : x < end + 20 ? value_there * (1 - (x - end) / 20) : 0;
            if (fabs(at(&r, step) - want) > 1e-12)
                fail_msg("step %d: %.17g instead of %.17g", (int)step, at(&r, step), want);
        }
        if (began > 10) /* the past of a restarted phase is its start */
            assert_same_bits(at(&r, (int64_t)began - 1), began - 1 >= 10 ? 1.0 : (began - 1) / 10);
        stop(&r);
    }
    assert_true(restarts > 60);
}

/* A rule of a phase sees that phase alone, with a detector of its own; what it scaled stays. */
static void rules_of_a_phase(void **unused)
{
    run r = start("hold 1 for 10 { on plateau(patience=2) *0.5 }; hold 1 for 10 { on plateau(patience=2) *0.25 }; hold 1");
    static const double want[] = {1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125, 0.125, 0.03125, 0.03125, 0.03125,
                                  0.0078125, 0.0078125, 0.0078125, 0.001953125, 0.001953125, 0.001953125, 0.001953125, 0.001953125};
    (void)unused;
    for (int64_t step = 0; step < 24; step++) {
        lrs_observe(r.plan, r.s, 0, step, 1.0);
        assert_same_bits(at(&r, step), want[step]);
        lrs_explanation x = {.size = sizeof x};
        assert_int_equal(lrs_explain_at(&x, r.plan, r.s, 0, step), LRS_OK);
        assert_string_equal(x.rule_text, step < 3 ? "" : step < 13 ? "on plateau(patience=2) *0.5" : "on plateau(patience=2) *0.25");
        assert_true(x.scale == want[step]);
    }
    stop(&r);
}

static void phases_until_events(void **unused)
{
    run r = start("input loss; input score; hold 4 until (loss < 1); hold 3 until plateau(score, patience=1, mode=max); hold 2 for 5 until (loss > 9); hold 1");
    (void)unused;
    assert_int_equal(lrs_observe(r.plan, r.s, 1, 1, 5.0), 0); /* not this phase's */
    assert_int_equal(lrs_observe(r.plan, r.s, 0, 3, 2.0), 0);
    assert_int_equal(lrs_observe(r.plan, r.s, 0, 4, 0.5), 1);
    assert_same_bits(at(&r, 3), 4.0);
    assert_same_bits(at(&r, 4), 3.0);
    assert_int_equal(lrs_observe(r.plan, r.s, 0, 5, 0.1), 0);
    assert_int_equal(lrs_observe(r.plan, r.s, 1, 6, 1.0), 0); /* the first is the best, whatever was before */
    assert_int_equal(lrs_observe(r.plan, r.s, 1, 7, 1.0), 0);
    assert_int_equal(lrs_observe(r.plan, r.s, 1, 8, 1.0), 1);
    assert_same_bits(at(&r, 8), 2.0);
    assert_same_bits(at(&r, 12), 2.0);
    assert_same_bits(at(&r, 13), 1.0); /* the length came first */
    assert_int_equal(lrs_observe(r.plan, r.s, 0, 14, 10.0), 0);
    lrs_explanation x = {.size = sizeof x};
    assert_int_equal(lrs_explain_at(&x, r.plan, r.s, 0, 9), LRS_OK);
    assert_int_equal(x.phase, 2);
    assert_true(x.phase_start == 8 && x.phase_end == 13);
    assert_int_equal(x.fired, 2);
    assert_string_equal(x.rule_text, "until plateau(score, patience=1, mode=max)");
    assert_int_equal(x.rule_step, 8);
    stop(&r);
}

/* Until the event happens, the phases behind it begin at no time: that is no fault of a param. After it they run as any others do. */
static void phases_behind_an_event(void **unused)
{
    static const struct {
        const char *text;
        struct {
            int64_t step;
            double value;
        } after[7];
    } cases[] = {
        {"hold 0.5 until (metric < 0.5)\nhold 0.25 until 2000 { every 1000 *0.5 }\nhold 1",
         {{19, 0.5}, {20, 0.25}, {1019, 0.25}, {1020, 0.125}, {1999, 0.125}, {2000, 1}, {9999, 1}}},
        {"def all() { hold 0.5 until (metric < 0.5)\nhold 0.25 until 2000 { every 1000 *0.5 }\nhold 1 }\nall()",
         {{19, 0.5}, {20, 0.25}, {1019, 0.25}, {1020, 0.125}, {1999, 0.125}, {2000, 1}, {9999, 1}}},
        {"hold 0.5 until (metric < 0.5)\nrepeat 2 { points (0, 2) (64, 1) until (metric < 0.125) }\nhold 8",
         {{19, 0.5}, {20, 2}, {52, 1.5}, {84, 2}, {116, 1.5}, {147, 1.015625}, {148, 8}}},
        {"def cool(n, lr = start) { hold lr for n\nlinear 64 -> 0 }\nhold 0.5 until (metric < 0.5)\ncurve start*(1 - t/64) for 32\ncool(10)",
         {{20, 0.5}, {36, 0.375}, {52, 0.25}, {61, 0.25}, {62, 0.25}, {94, 0.125}, {126, 0}}},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        run r = start(cases[i].text);
        assert_true(at(&r, 0) == 0.5 && at(&r, 100000) == 0.5);
        lrs_observe(r.plan, r.s, 0, 10, 0.75);
        assert_true(at(&r, 100000) == 0.5);
        lrs_observe(r.plan, r.s, 0, 20, 0.25);
        for (size_t k = 0; k < 7; k++)
            if (at(&r, cases[i].after[k].step) != cases[i].after[k].value)
                fail_msg("%s\nat %d: %a instead of %a", cases[i].text, (int)cases[i].after[k].step, at(&r, cases[i].after[k].step), cases[i].after[k].value);
        stop(&r);
    }
}

/* What no number comes out of has one form in the saved bytes. */
static void mean_of_infinities(void **unused)
{
    run r = start("hold 1; on plateau(dialect=optax, accumulation_size=3, patience=1) *0.5");
    unsigned char bytes[400];
    uint64_t word;
    int found = 0;
    (void)unused;
    lrs_observe(r.plan, r.s, 0, 0, (double)INFINITY);
    lrs_observe(r.plan, r.s, 0, 1, -(double)INFINITY);
    size_t n = lrs_state_save(r.plan, r.s, bytes, sizeof bytes);
    assert_true(n <= sizeof bytes);
    for (size_t i = 32; i + 16 <= n; i += 8) {
        memcpy(&word, bytes + i, 8);
        found += word == UINT64_C(0x7ff8000000000000);
        assert_true(word != UINT64_C(0xfff8000000000000));
    }
    assert_int_equal(found, 1);
    stop(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mean_of_infinities), cmocka_unit_test(diverge), cmocka_unit_test(conditions), cmocka_unit_test(patience_in_time), cmocka_unit_test(clock_not_seen),
        cmocka_unit_test(wall_clock_ends), cmocka_unit_test(restart), cmocka_unit_test(rules_of_a_phase), cmocka_unit_test(phases_until_events),
        cmocka_unit_test(phases_behind_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
