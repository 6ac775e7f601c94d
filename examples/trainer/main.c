/* main.c: trains a small network on handwritten digits with the learning rates of a compiled lrs schedule.
 *
 * In: examples/data/digits.csv, and card.h with its object, which lrsc makes from card.lrs.
 * Out: a log on standard output: the first updates, one line an epoch, the accuracy on the test set.
 * May call: the schedule, mlp.h, digits.h, checkpoint.h, rng.h, the C library.
 *
 * The schedule appears in five places, each marked with "schedule:". Exit codes: 0, 1 for a file that cannot be used,
 * 2 for wrong usage.
 */
#include "card.h"
#include "checkpoint.h"
#include "digits.h"
#include "mlp.h"
#include "rng.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef DEFAULT_DATA
#define DEFAULT_DATA "examples/data/digits.csv"
#endif

enum { BATCH = 32, VALIDATION = 300, TEST = 300, FIRST_UPDATES = 6, EXIT_FILE = 1, EXIT_USAGE = 2 };

static const double MOMENTUM = 0.9;

typedef struct options {
    const char *data, *checkpoint, *resume;
    uint64_t epochs, checkpoint_at, seed;
    int has_seed;
} options;

typedef struct training {
    digits data;
    uint32_t *split; /* all samples in the order of the split: training, validation, test */
    uint32_t *order; /* the training samples in the order of this epoch */
    size_t ntrain;
    mlp model;
    rng random;
    uint64_t seed, epoch, step;
    card_state schedule;
} training;

/* ---- options --------------------------------------------------------------------------------- */

static const char usage[] =
    "usage: trainer [--epochs N] [--seed N] [--data FILE] [--checkpoint FILE [--checkpoint-at EPOCH]] [--resume FILE]\n"
    "\n"
    "  --epochs N             train until N epochs are done (default 30)\n"
    "  --seed N               of the split, the first weights and the order of the samples (default 1)\n"
    "  --data FILE            the digits (default " DEFAULT_DATA ")\n"
    "  --checkpoint FILE      write a checkpoint after every epoch\n"
    "  --checkpoint-at EPOCH  write it after this epoch only\n"
    "  --resume FILE          go on from a checkpoint: the log is the rest of the log of the run that wrote it\n";

static int parse_number(const char *text, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 ? 0 : -1;
}

/* 0, or the exit code after a message. */
static int parse_options(options *o, int argc, char **argv)
{
    *o = (options){.data = DEFAULT_DATA, .epochs = 30, .seed = 1};
    const struct {
        const char *name;
        const char **text;
        uint64_t *number;
    } table[] = {
        {"--epochs", NULL, &o->epochs},           {"--seed", NULL, &o->seed},     {"--data", &o->data, NULL},
        {"--checkpoint", &o->checkpoint, NULL},   {"--resume", &o->resume, NULL},
        {"--checkpoint-at", NULL, &o->checkpoint_at},
    };
    for (int i = 1; i < argc; i += 2) {
        size_t k = 0;
        while (k < sizeof table / sizeof *table && strcmp(argv[i], table[k].name) != 0)
            k++;
        if (k == sizeof table / sizeof *table) {
            fprintf(stderr, "trainer: unknown option %s\n%s", argv[i], usage);
            return EXIT_USAGE;
        }
        if (i + 1 == argc) {
            fprintf(stderr, "trainer: %s needs a value\n", argv[i]);
            return EXIT_USAGE;
        }
        if (table[k].text) {
            *table[k].text = argv[i + 1];
        } else if (parse_number(argv[i + 1], table[k].number) < 0) {
            fprintf(stderr, "trainer: %s needs a whole number, not %s\n", argv[i], argv[i + 1]);
            return EXIT_USAGE;
        }
        o->has_seed |= table[k].number == &o->seed;
    }
    if (o->resume && o->has_seed) {
        fprintf(stderr, "trainer: --seed and --resume exclude each other: the checkpoint holds the seed\n");
        return EXIT_USAGE;
    }
    if (o->checkpoint_at && !o->checkpoint) {
        fprintf(stderr, "trainer: --checkpoint-at needs --checkpoint FILE\n");
        return EXIT_USAGE;
    }
    return 0;
}

/* ---- the run --------------------------------------------------------------------------------- */

static int complain(const char *sentence)
{
    fprintf(stderr, "trainer: %s\n", sentence);
    return EXIT_FILE;
}

/* The same split for the same seed, whatever happened since. */
static int split(training *t)
{
    rng r = {t->seed};
    size_t n = t->data.n;
    if (n <= VALIDATION + TEST)
        return complain("there are too few samples to split");
    t->ntrain = n - VALIDATION - TEST;
    t->split = malloc(n * sizeof *t->split);
    t->order = malloc(n * sizeof *t->order);
    if (!t->split || !t->order)
        return complain("out of memory");
    for (size_t i = 0; i < n; i++)
        t->split[i] = (uint32_t)i;
    rng_shuffle(&r, t->split, n);
    return 0;
}

static int start(training *t, const options *o)
{
    t->seed = o->seed;
    t->random.state = ~o->seed;
    mlp_init(&t->model, &t->random);
    int status = split(t);
    if (status == 0)
        printf("%zu training, %d validation and %d test samples; %d-%d-%d; batches of %d; seed %" PRIu64 "\n", t->ntrain,
               VALIDATION, TEST, DIGITS_PIXELS, MLP_HIDDEN, DIGITS_CLASSES, BATCH, t->seed);
    return status;
}

static int save(training *t, const char *path)
{
    static checkpoint c;
    char error[512];
    c = (checkpoint){.seed = t->seed, .data_hash = t->data.hash, .epoch = t->epoch, .step = t->step, .random = t->random};
    c.model = &t->model;
    c.schedule_len = card_save(&t->schedule, c.schedule, sizeof c.schedule); /* schedule: save */
    if (c.schedule_len > sizeof c.schedule)
        return complain("the schedule's state is too long for the checkpoint");
    return checkpoint_write(&c, path, error, sizeof error) < 0 ? complain(error) : 0;
}

static int resume(training *t, const options *o)
{
    static checkpoint c;
    char error[512];
    c.model = &t->model;
    if (checkpoint_read(&c, o->resume, error, sizeof error) < 0)
        return complain(error);
    t->seed = c.seed;
    t->random = c.random;
    t->epoch = c.epoch;
    t->step = c.step;
    int loaded = card_load(&t->schedule, c.schedule, c.schedule_len); /* schedule: load */
    const char *why = NULL;
    if (c.data_hash != t->data.hash)
        why = "was trained on other data";
    else if (c.epoch > o->epochs)
        why = "is past the last epoch asked for: raise --epochs";
    else if (loaded < 0)
        why = card_error(loaded);
    if (why) {
        snprintf(error, sizeof error, "%s: %s", o->resume, why);
        return complain(error);
    }
    fprintf(stderr, "resumed after epoch %" PRIu64 " (%" PRIu64 " updates)\n", t->epoch, t->step);
    return split(t);
}

/* Trains for an epoch and prints its line. */
static void epoch(training *t)
{
    double loss = 0.0, lr = 0.0;
    memcpy(t->order, t->split, t->ntrain * sizeof *t->order);
    rng_shuffle(&t->random, t->order, t->ntrain);
    for (size_t at = 0; at < t->ntrain; at += BATCH) {
        size_t n = t->ntrain - at < BATCH ? t->ntrain - at : BATCH;
        lr = card_get_lr(&t->schedule, (int64_t)t->step, NAN); /* schedule: the rate of this update; no metric is new */
        if (t->step < FIRST_UPDATES)
            printf("update %" PRIu64 "  lr %.6g\n", t->step, lr);
        loss += (double)n * mlp_update(&t->model, &t->data, t->order + at, n, lr, MOMENTUM);
        t->step++;
    }
    t->epoch++;

    /* schedule: the validation loss is the metric, given with the step of the next update. */
    score validation = mlp_score(&t->model, &t->data, t->split + t->ntrain, VALIDATION);
    double before = card_lr(&t->schedule, (int64_t)t->step);
    double after = card_get_lr(&t->schedule, (int64_t)t->step, validation.loss);

    printf("epoch %2" PRIu64 "  step %4" PRIu64 "  train loss %.5f  validation loss %.5f  accuracy %5.2f %%  lr %.6f", t->epoch,
           t->step, loss / (double)t->ntrain, validation.loss, 100.0 * validation.accuracy, lr);
    if (after != before)
        printf("  plateau: rate x%.4g", after / before);
    printf("\n");
    fflush(stdout);
}

static int run(training *t, const options *o)
{
    int status = o->resume ? resume(t, o) : start(t, o);
    while (status == 0 && t->epoch < o->epochs) {
        epoch(t);
        if (o->checkpoint && (o->checkpoint_at == 0 || o->checkpoint_at == t->epoch))
            status = save(t, o->checkpoint);
    }
    if (status != 0)
        return status;
    score test = mlp_score(&t->model, &t->data, t->split + t->ntrain + VALIDATION, TEST);
    printf("test accuracy %.2f %%\n", 100.0 * test.accuracy);
    return 0;
}

int main(int argc, char **argv)
{
    static training t;
    options o;
    char error[512];
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(usage, stdout);
        return 0;
    }
    int status = parse_options(&o, argc, argv);
    if (status != 0)
        return status;
    status = card_init(&t.schedule, NULL); /* schedule: its parameters' defaults */
    if (status < 0)
        return complain(card_error(status));
    if (digits_read(&t.data, o.data, error, sizeof error) < 0)
        return complain(error);
    status = run(&t, &o);
    if (fflush(stdout) != 0)
        status = complain("cannot write the log");
    free(t.split);
    free(t.order);
    digits_free(&t.data);
    return status;
}
