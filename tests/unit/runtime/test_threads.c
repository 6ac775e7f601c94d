/* test_threads.c: programs and plans are shared, states are not: threads that bind, run and free at the same time get the
 * values that one alone gets. Meant to run under ThreadSanitizer too (LRS_SANITIZE=thread). */
#include <pthread.h>
#include <stdlib.h>

#include "iprog.h"
#include "rt.h"

enum { THREADS = 4, STEPS = 3000, PLANS = 50 };

static const char text[] = "param peak = 0.1 in 0.01..1\n"
                           "warmup 100 linear -> peak\n"
                           "hold for 200\n"
                           "curve start*(1 - u^2) for 1000\n"
                           "on plateau(patience=3, cooldown=2) *0.5\n";

typedef struct job {
    const lrs_program *program;
    const lrs_plan *plan;
    double sum;
    int failed;
} job;

static double train(const lrs_plan *plan, uint64_t seed, int *failed)
{
    lrs_state *s;
    double sum = 0.0;
    if (lrs_state_new(&s, plan)) {
        *failed = 1;
        return 0.0;
    }
    for (int64_t step = 0; step < STEPS; step++)
        sum += lrs_get_lr(plan, s, step, iprog_metric(&seed, (uint64_t)step));
    lrs_state_free(s, plan);
    return sum;
}

static void *work(void *arg)
{
    job *j = arg;
    j->sum = train(j->plan, 1, &j->failed);
    for (int k = 0; k < PLANS; k++) { /* references come and go */
        lrs_plan *own;
        if (lrs_bind(&own, j->program, NULL, 0, NULL, 0)) {
            j->failed = 1;
            break;
        }
        lrs_plan_free(own);
    }
    return NULL;
}

static void shared_plan(void **unused)
{
    lrs_program *p;
    lrs_plan *plan;
    pthread_t threads[THREADS];
    job jobs[THREADS];
    int failed = 0;
    (void)unused;
    assert_int_equal(lrs_compile(&p, text, sizeof text - 1, NULL, NULL), LRS_OK);
    assert_int_equal(lrs_bind(&plan, p, NULL, 0, NULL, 0), LRS_OK);
    double alone = train(plan, 1, &failed);
    for (int k = 0; k < THREADS; k++) {
        jobs[k] = (job){p, plan, 0.0, 0};
        assert_int_equal(pthread_create(&threads[k], NULL, work, &jobs[k]), 0);
    }
    for (int k = 0; k < THREADS; k++) {
        pthread_join(threads[k], NULL);
        assert_int_equal(jobs[k].failed, 0);
        assert_same_bits(jobs[k].sum, alone);
    }
    lrs_program_free(p);
    lrs_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shared_plan)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
