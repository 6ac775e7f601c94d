/* A training loop as llm.c has it, with lrs/llmc.h in the place of llmc/schedulers.h. It prints the rate of every step.
 *
 *     cc train.c -llrs -o train && ./train wsd.lrs
 */
#include <lrs/llmc.h>

/* A loss that improves until step 40. */
static double validate(int step)
{
    return step < 40 ? 4 - 0.05 * step : 2;
}

int main(int argc, char **argv)
{
    const char *lr_scheduler_type = argc > 1 ? argv[1] : "cosine";
    int step, train_num_batches = 200;
    LearningRateScheduler lr_scheduler;

    lr_scheduler_init(&lr_scheduler, lr_scheduler_type, 6e-4f, 20, train_num_batches, 0.1f);
    for (step = 0; step <= train_num_batches; step++) {
        /* The one line more, for files with rules about the loss. */
        if (step % 10 == 0)
            lrs_observe(lr_scheduler.plan, lr_scheduler.state, 0, step, validate(step));

        float step_learning_rate = get_learning_rate(&lr_scheduler, step);
        printf("%d,%.9g\n", step, (double)step_learning_rate);
    }
    lr_scheduler_free(&lr_scheduler);
    return 0;
}
