/* main.c: trains a small network on handwritten digits, by whatever schedule it is linked with, and writes down every update.
 *
 * In: examples/data/digits.csv; schedule.h with its object or C file, which lrsc makes. Out: a csv file with step, rate and loss
 * of each update, and the accuracy on the test set on standard output.
 * May call: the schedule, ../trainer/mlp.h, digits.h and rng.h, the C library.
 *
 * run.sh links it twice: with a range test, whose losses say what the rate should be, and with the schedule that trains at it.
 * Exit codes: 0, 1 for a file that cannot be used, 2 for wrong usage.
 */
#include "digits.h"
#include "mlp.h"
#include "rng.h"
#include "schedule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 32, TEST = 300, EXIT_FILE = 1, EXIT_USAGE = 2 };

static const double MOMENTUM = 0.9;

static int complain(const char *sentence)
{
    fprintf(stderr, "finder: %s\n", sentence);
    return EXIT_FILE;
}

/* Trains for so many updates, or until the schedule says stop. The last TEST samples of the order are for the test. */
static int train(mlp *model, const digits *data, uint32_t *order, long updates, rng *random, FILE *log)
{
    size_t n = data->n - TEST, at = n;
    double loss = NAN;
    schedule_state schedule;
    if (schedule_init(&schedule, NULL) < 0)
        return complain("the schedule cannot begin");
    fprintf(log, "step,lr,loss\n");
    for (long step = 0; step < updates; step++) {
        double lr = schedule_get_lr(&schedule, step, loss); /* the loss is that of the update before */
        if (schedule_stopped(&schedule))
            break;
        if (at + BATCH > n) {
            rng_shuffle(random, order, n);
            at = 0;
        }
        loss = mlp_update(model, data, order + at, BATCH, lr, MOMENTUM);
        at += BATCH;
        fprintf(log, "%ld,%.17g,%.17g\n", step, lr, loss);
    }
    return 0;
}

int main(int argc, char **argv)
{
    static mlp model;
    rng random = {1};
    digits data;
    char error[512], *end;
    long updates = argc == 4 ? strtol(argv[2], &end, 10) : 0;
    if (argc != 4 || *end || updates < 1) {
        fprintf(stderr, "usage: finder DIGITS.csv UPDATES LOG.csv\n");
        return EXIT_USAGE;
    }
    if (digits_read(&data, argv[1], error, sizeof error) < 0)
        return complain(error);
    if (data.n < TEST + BATCH)
        return complain("there are too few samples");
    uint32_t *order = malloc(data.n * sizeof *order);
    FILE *log = fopen(argv[3], "w");
    if (!order || !log)
        return complain("the log cannot be written, or memory ran out");
    for (size_t i = 0; i < data.n; i++)
        order[i] = (uint32_t)i;
    rng_shuffle(&random, order, data.n);
    mlp_init(&model, &random);
    int status = train(&model, &data, order, updates, &random, log);
    if (status == 0)
        printf("test accuracy %.2f %%\n", 100.0 * mlp_score(&model, &data, order + data.n - TEST, TEST).accuracy);
    if ((ferror(log) | fclose(log) | fflush(stdout)) != 0)
        status = complain("the log cannot be written");
    free(order);
    digits_free(&data);
    return status;
}
