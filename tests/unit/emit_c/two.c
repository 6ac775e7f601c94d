/* two.c: a trainer with two schedules. The expected numbers come from the schedule
 *     warmup 5 linear -> 0.1; then exp s=1000; on plateau(patience=3) *0.5
 * by hand, and for the plateau from the documentation of PyTorch's ReduceLROnPlateau. */
#include <math.h>
#include <stdio.h>

#include "enc.h"
#include "sched.h"

static int failures;

static void check(int ok, const char *what) {
    if (!ok) {
        printf("wrong: %s\n", what);
        failures++;
    }
}

int main(void) {
    const enc_params low = {1.0, -5.0, 0.5}, wrong = {-1.0, 1000.0, 0.5};
    unsigned char saved[sched_SAVE_SIZE];
    sched_state a, b;
    enc_state e;
    int k;

    check(get_lr(0, NAN) == 0.0, "step 0");
    check(get_lr(1, NAN) == 0.02, "step 1");
    check(get_lr(5, NAN) == 0.1, "step 5");
    check(fabs(get_lr(1005, NAN) - 0.01) <= 1.8e-18, "step 1005, to one unit in the last place");

    check(sched_init(&a, NULL) == 0, "init");
    for (k = 0; k < 10; k++) {
        double before = sched_lr(&a, 5);
        sched_observe(&a, k, 1.0);
        /* the first value is the best, then four in a row that are not better: patience 3 is passed */
        check((sched_lr(&a, 5) == before * 0.5) == (k == 4 || k == 8), "a constant metric halves at the fifth value");
    }
    sched_init(&b, NULL);
    check(sched_lr(&b, 5) == 0.1 && sched_lr(&a, 5) == 0.025, "states are apart");
    check(get_lr(5, NAN) == 0.1, "and apart from the own one");

    check(a.program == sched_PROGRAM_HASH && (uint32_t)a.version == sched_STATE_VERSION, "stamps of a state");
    check(sched_save(&a, saved, sizeof saved) == sched_SAVE_SIZE, "size of a saved state");
    check(sched_load(&b, saved, sizeof saved) == 0 && sched_lr(&b, 5) == 0.025, "load");
    check(enc_init(&e, NULL) == 0 && enc_load(&e, saved, sizeof saved) == -105, "load into another schedule");

    check(enc_init(&e, NULL) == 0 && enc_get_lr_r(&e, 100, NAN) == 0.1, "the other schedule");
    check(enc_get_lr(100, NAN) == 0.1, "its own state");
    check(enc_init(&e, &wrong) == -1 && enc_init(&e, &low) == -1001, "codes of init");
    check(enc_lr(&e, 100) == 0.1, "a refused init leaves the state");
    printf("%s\n%s\n", enc_error(-1), enc_error(-1001));
    return failures != 0;
}
