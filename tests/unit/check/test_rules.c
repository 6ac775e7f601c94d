/* test_rules.c: at, every, plateau, next, stop, bounds, as lowered from text. The plateau rule itself is tested against
 * PyTorch elsewhere; here it is counted by hand. */
#include "schedule.h"

#include <math.h>
#include <string.h>

static void observe_same(schedule *s, int64_t first, int64_t n, double metric)
{
    for (int64_t i = 0; i < n; i++)
        lrs_observe(s->plan, s->state, 0, first + i, metric);
}

static void test_at_every(void **unused)
{
    static const struct {
        const char *text;
        int64_t step;
        long double value;
    } cases[] = {
        {"hold 1\nat 10, 20 *0.1", 9, 1}, {"hold 1\nat 10, 20 *0.1", 10, 0.1L}, {"hold 1\nat 10, 20 *0.1", 20, 0.01L},
        {"hold 1\nat 10 /4", 10, 0.25L}, {"hold 1\nat 10 *3", 10, 3}, {"hold 1\nat 10, 10 *0.5", 10, 0.25L},
        {"hold 1\nevery 10 *0.5", 9, 1}, {"hold 1\nevery 10 *0.5", 10, 0.5L}, {"hold 1\nevery 10 *0.5", 59, 0.03125L},
        {"hold 1\nevery 10 /2", 20, 0.25L}, {"hold 1\nevery 2.5 *0.5", 7, 0.25L}, {"hold 1\nevery 2.5 *0.5", 8, 0.125L},
        {"hold 1\nevery 10 *0.1 floor=0.05", 10, 0.1L}, {"hold 1\nevery 10 *0.1 floor=0.05", 20, 0.05L}, {"hold 1\nevery 10 *0.1 floor=0.05", 9000, 0.05L},
        {"hold 1\nat 5 *0\n", 5, 0}, {"hold 1\nat 5 *0\n", 4, 1}, {"hold 1\nat 0 *0.5", 0, 0.5L},
        /* a floor stops a reduction, and raises nothing: the warm-up is lower by itself */
        {"warmup 10 -> 1\nat 5 *0.1 floor=0.5", 2, 0.2L}, {"warmup 10 -> 1\nat 3 *0.1 floor=0.5", 4, 0.4L}, {"warmup 10 -> 1\nat 3 *0.1 floor=0.5", 9, 0.5L},
        {"hold 1\nat 5 *0.5\nevery 10 *0.1", 10, 0.05L}, {"linear 10 from 1 -> 2\nat 5 *0.5", 5, 0.75L},
        {"hold 1\nbounds 0.25 .. 0.5", 0, 0.5L}, {"hold 0.1\nbounds 0.25 .. 0.5", 0, 0.25L}, {"warmup 10 -> 1\nbounds 0.25 .. 0.5", 3, 0.3L},
        {"hold 1\nevery 1 *0.5\nbounds 0.1 .. 1", 100, 0.1L}, /* bounds come after scales */
    };
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_near(value_of(cases[i].text, cases[i].step), cases[i].value, cases[i].text, cases[i].step);
}

/* With a constant metric the first observation is the best, and `patience` more are forgiven. */
static void test_plateau(void **unused)
{
    static const struct {
        const char *text;
        int64_t n; /* observations of a metric that stays */
        long double value;
    } cases[] = {
        {"hold 1\non plateau(patience=3) *0.5", 4, 1}, {"hold 1\non plateau(patience=3) *0.5", 5, 0.5L}, {"hold 1\non plateau(patience=3) *0.5", 8, 0.5L},
        {"hold 1\non plateau(patience=3) *0.5", 9, 0.25L}, {"hold 1\non plateau() *0.5", 11, 1}, {"hold 1\non plateau() *0.5", 12, 0.5L},
        {"hold 1\non plateau(patience=0) *0.5", 2, 0.5L}, {"hold 1\non plateau(patience=0) /4", 3, 0.0625L},
        {"hold 1\non plateau(patience=0) *0.1 floor=0.05", 3, 0.05L}, {"hold 1\non plateau(patience=0) *0.1 floor=0.05", 30, 0.05L},
        {"hold 1\non plateau(patience=0) *0.1 eps=0.95", 3, 1}, {"hold 1\non plateau(patience=0) *0.1 eps=0.8", 3, 0.1L},
        {"hold 1\non plateau(patience=0, cooldown=2) *0.5", 2, 0.5L}, {"hold 1\non plateau(patience=0, cooldown=2) *0.5", 4, 0.5L},
        {"hold 1\non plateau(patience=0, cooldown=2) *0.5", 5, 0.25L}, {"hold 1\non plateau(patience=1, every=10) *0.5", 30, 0.5L},
        {"hold 1\non plateau(patience=1, every=10) *0.5", 20, 1}, {"hold 1\non plateau(patience=0, mode=max) *0.5", 2, 0.5L},
        {"hold 1\non plateau(patience=1.5) *0.5", 3, 0.5L}, {"param f = 0.25\nhold 1\non plateau(patience=0) *f", 2, 0.25L},
        {"hold 1\non plateau(patience=0) *0.5\non plateau(patience=1) *0.1", 3, 0.025L},
        {"hold 1\non plateau(patience=0) *0.5\nat 1 *0.1\nbounds 0 .. 1", 2, 0.05L},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        schedule s = schedule_open(cases[i].text, NULL, NULL);
        observe_same(&s, 0, cases[i].n, 0.7);
        assert_near(schedule_at(&s, cases[i].n - 1), cases[i].value, cases[i].text, cases[i].n - 1);
        schedule_close(&s);
    }
}

static void test_modes(void **unused)
{
    (void)unused;
    /* smaller by one in ten thousand is an improvement by less than the threshold; by two it is one */
    static const struct {
        const char *text;
        double factor;
        int acts;
    } cases[] = {
        {"hold 1\non plateau(patience=2) *0.5", 1 - 0.5e-4, 1}, {"hold 1\non plateau(patience=2) *0.5", 1 - 2e-4, 0},
        {"hold 1\non plateau(patience=2, threshold=1e-3) *0.5", 1 - 2e-4, 1}, {"hold 1\non plateau(patience=2, threshold=1e-3) *0.5", 1 - 2e-3, 0},
        {"hold 1\non plateau(patience=2, mode=max) *0.5", 1 + 0.5e-4, 1}, {"hold 1\non plateau(patience=2, mode=max) *0.5", 1 + 2e-4, 0},
        {"hold 1\non plateau(patience=2, mode=max) *0.5", 1 - 2e-4, 1},
        {"hold 1\non plateau(patience=2, threshold=0.5, threshold_mode=abs) *0.5", 0.999, 1},
        {"hold 1\non plateau(patience=2, threshold=0.01, threshold_mode=abs) *0.5", 0.9, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        schedule s = schedule_open(cases[i].text, NULL, NULL);
        for (int t = 0; t < 4; t++) /* better once, if that is better */
            lrs_observe(s.plan, s.state, 0, t, t ? 10 * cases[i].factor : 10);
        if ((schedule_at(&s, 3) < 1) != cases[i].acts)
            print_error("%s, metric by %g\n", cases[i].text, cases[i].factor);
        assert_int_equal(schedule_at(&s, 3) < 1, cases[i].acts);
        schedule_close(&s);
    }
}

/* The rate that an ended phase passes on is the one it had, and what follows begins at the step of the event. */
static void test_next(void **unused)
{
    (void)unused;
    schedule s = schedule_open("exp s=100 from 0.1\nthen linear 10 -> 0\non plateau(patience=2) next", NULL, NULL);
    observe_same(&s, 20, 4, 1.0); /* 20 is the best; 21, 22 are forgiven; 23 is the event */
    long double passed = 0.1L * powl(10, -23 / 100.0L);
    assert_near(schedule_at(&s, 22), 0.1L * powl(10, -22 / 100.0L), "before the event", 22);
    assert_near(schedule_at(&s, 23), passed, "at the event", 23);
    assert_near(schedule_at(&s, 28), passed / 2, "after it", 28);
    assert_true(schedule_at(&s, 33) == 0);
    schedule_close(&s);

    /* an event that comes after the end of its phase ends the next one; in the middle of a shape its rate there goes on */
    s = schedule_open("linear 100 from 1 -> 0; hold; linear 20 -> 1; on plateau(patience=0) next", NULL, NULL);
    observe_same(&s, 29, 2, 1.0); /* ends the ramp at step 30, at 0.7 */
    assert_near(schedule_at(&s, 30), 0.7L, "the ramp's rate", 30);
    assert_near(schedule_at(&s, 1000), 0.7L, "holds", 1000);
    observe_same(&s, 50, 1, 1.0); /* ends the hold */
    assert_near(schedule_at(&s, 60), 0.85L, "then up", 60);
    assert_near(schedule_at(&s, 70), 1, "to the target", 70);
    schedule_close(&s);

    /* the natural end stands when nothing happens */
    s = schedule_open("linear 100 from 1 -> 0.5; hold 2 for 10; linear 10 -> 0; on plateau(patience=5) next", NULL, NULL);
    assert_near(schedule_at(&s, 99), 0.505L, "ramp", 99);
    assert_near(schedule_at(&s, 100), 2, "hold", 100);
    assert_near(schedule_at(&s, 115), 1, "down", 115);
    schedule_close(&s);

    /* three events in three steps: what is left is the trailing rate */
    s = schedule_open("hold 3; hold 2; hold 1; on plateau(patience=0) next", NULL, NULL);
    observe_same(&s, 0, 4, 1.0);
    assert_near(schedule_at(&s, 0), 3, "first", 0);
    assert_near(schedule_at(&s, 1), 2, "second", 1);
    assert_near(schedule_at(&s, 2), 1, "third", 2);
    assert_near(schedule_at(&s, 3), 1, "trailing", 3);
    schedule_close(&s);
}

static void test_stop(void **unused)
{
    (void)unused;
    schedule s = schedule_open("hold 1\non plateau(patience=1) stop", NULL, NULL);
    observe_same(&s, 0, 2, 1.0);
    assert_int_equal(lrs_stopped(s.state), 0);
    observe_same(&s, 2, 1, 1.0);
    assert_int_equal(lrs_stopped(s.state), 1);
    assert_near(schedule_at(&s, 3), 1, "the rate stays", 3);
    schedule_close(&s);
}

/* Names of inputs, and the program's interface. */
static void test_interface(void **unused)
{
    static const char text[] = "input val_loss\nparam peak = 0.1 in 0.01..1 log\nparam n\nwarmup n -> peak\nhold\non plateau(val_loss) *0.5";
    lrs_program *p = NULL;
    lrs_plan *plan = NULL;
    lrs_param_info info = {.size = sizeof info};
    char error[256];
    (void)unused;
    assert_int_equal(lrs_compile(&p, text, strlen(text), NULL, NULL), LRS_OK);
    assert_int_equal(lrs_program_outputs(p), 1);
    assert_string_equal(lrs_program_output_name(p, 0), "lr");
    assert_int_equal(lrs_program_inputs(p), 1);
    assert_string_equal(lrs_program_input_name(p, 0), "val_loss");
    assert_int_equal(lrs_program_params(p), 2);
    assert_int_equal(lrs_program_param(&info, p, 0), LRS_OK);
    assert_string_equal(info.name, "peak");
    assert_true(info.has_default && info.has_range && info.is_log && info.def == 0.1 && info.lo == 0.01 && info.hi == 1);
    assert_int_equal(lrs_program_param(&info, p, 1), LRS_OK);
    assert_true(!info.has_default && !info.has_range);
    assert_int_equal(lrs_bind(&plan, p, NULL, 0, error, sizeof error), LRS_E_PARAM);
    assert_non_null(strstr(error, "n"));
    lrs_program_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_at_every), cmocka_unit_test(test_plateau), cmocka_unit_test(test_modes),
        cmocka_unit_test(test_next),     cmocka_unit_test(test_stop),    cmocka_unit_test(test_interface),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
