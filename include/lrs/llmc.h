/* llmc.h: schedules of lrs in llm.c, over liblrs. It stands in for llm.c's own llmc/schedulers.h, with the same two
 * functions, in C and C++:
 *
 *     nvcc -include lrs/llmc.h train_gpt2.cu ... -llrs        the sources of llm.c stay as they are
 *
 * The type of lr_scheduler_init, the option -k of train_gpt2, is one of llm.c's ("cosine", "linear", "constant", "wsd":
 * the module llmc of lrs), or a file whose name ends with .lrs. Params of the file that are named learning_rate,
 * warmup_iterations, train_num_batches and final_learning_rate_frac have the values that lr_scheduler_init is given;
 * the others have their defaults.
 *
 * Rates are computed in double precision and rounded once; llm.c computes in single precision, and may differ in the
 * last digits. Past the end of the run the last rate holds, where llm.c stops at an assertion.
 *
 * As llm.c does, it stops the program with a message to stderr when the type is none, or the file has errors, counts
 * something else than steps, or has no output `lr`. To stderr go the file's warnings as well, and which of the four its params lack, since what
 * the trainer was told of these changes nothing.
 */
#ifndef LRS_LLMC_H
#define LRS_LLMC_H

/* llm.c's own header is not needed any more, wherever it is included. */
#define SCHEDULERS_H

#include <lrs/lrs.h>

#include <assert.h> /* as llm.c's header does; its sources may count on it */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* plan and state are there for lrs.h: lrs_observe(s.plan, s.state, 0, step, val_loss) after a validation, where the
 * file has rules about one, lrs_stopped(s.state), and lrs_state_save and lrs_state_load for a checkpoint of such a run.
 * Without rules, the step is all there is to save. */
typedef struct LearningRateScheduler {
    lrs_plan *plan;
    lrs_state *state;
} LearningRateScheduler;

static inline void lrs_llmc_stop(const char *type, const char *why)
{
    fprintf(stderr, "learning rate scheduler `%s`: %s\n", type, why);
    exit(EXIT_FAILURE);
}

/* The text of a file, which the caller frees. */
static inline char *lrs_llmc_read(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    char *text = NULL, *more;
    size_t cap = 0, n = 0;
    if (!f)
        lrs_llmc_stop(path, strerror(errno));
    do {
        cap += 4096;
        more = (char *)realloc(text, cap);
        if (!more)
            lrs_llmc_stop(path, "out of memory");
        text = more;
        n += fread(text + n, 1, cap - n, f);
    } while (n == cap);
    if (ferror(f))
        lrs_llmc_stop(path, "cannot be read");
    fclose(f);
    *len = n;
    return text;
}

/* Prints what is wrong with the text, or the notes of a warning with it; nothing where there are only notes. */
static inline void lrs_llmc_print(const lrs_diagnostics *diagnostics)
{
    size_t n = diagnostics ? lrs_diagnostics_render(diagnostics, 0, NULL, 0) : 0, i;
    char *text = (char *)malloc(n + 1);
    lrs_diagnostic one;
    int is_more = 0;
    for (i = 0; i < lrs_diagnostics_count(diagnostics); i++) {
        one.size = sizeof one;
        is_more |= lrs_diagnostics_get(&one, diagnostics, i) == LRS_OK && one.severity != LRS_NOTE;
    }
    if (text && n && is_more) {
        lrs_diagnostics_render(diagnostics, 0, text, n + 1);
        fputs(text, stderr);
    }
    free(text);
}

static inline void lr_scheduler_init(LearningRateScheduler *scheduler, const char *scheduler_type, float learning_rate,
                                     int warmup_iterations, int train_num_batches, float final_learning_rate_frac)
{
    static const char *const names[] = {"cosine", "linear", "constant", "wsd"};
    static const char *const template_text =
        "use llmc\nparam learning_rate = 1\nparam warmup_iterations = 0\nparam train_num_batches = 1\n"
        "param final_learning_rate_frac = 1\n"
        "llmc.%s(warmup_iterations, train_num_batches, final_learning_rate_frac) from learning_rate\n";
    lrs_binding all[4], known[4];
    lrs_options options;
    lrs_diagnostics *diagnostics = NULL;
    lrs_program *program;
    lrs_param_info info;
    char error[1000], called[400];
    const char *output;
    char *text = NULL;
    size_t len = strlen(scheduler_type), nknown = 0, nlacking = 0, i, j;
    int status;

    all[0].name = "learning_rate";
    all[0].value = (double)learning_rate;
    all[1].name = "warmup_iterations";
    all[1].value = (double)warmup_iterations;
    all[2].name = "train_num_batches";
    all[2].value = (double)train_num_batches;
    all[3].name = "final_learning_rate_frac";
    all[3].value = (double)final_learning_rate_frac;

    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.name = scheduler_type;
    for (i = 0; i < sizeof names / sizeof *names && !text; i++)
        if (strcmp(scheduler_type, names[i]) == 0) {
            len = (size_t)snprintf(called, sizeof called, template_text, names[i]);
            text = called;
            options.no_warnings = 1;
        }
    if (!text) {
        if (len < 4 || strcmp(scheduler_type + len - 4, ".lrs") != 0)
            lrs_llmc_stop(scheduler_type, "give cosine, linear, constant, wsd, or a file whose name ends with .lrs");
        text = lrs_llmc_read(scheduler_type, &len);
        options.use_files = 1;
        options.params = all; /* what warnings are about */
        options.nparams = sizeof all / sizeof *all;
    }
    status = lrs_compile(&program, text, len, &options, &diagnostics);
    lrs_llmc_print(diagnostics);
    if (status)
        lrs_llmc_stop(scheduler_type, lrs_strerror(status));
    lrs_diagnostics_free(diagnostics);
    if (text != called)
        free(text);
    if (strcmp(lrs_program_unit(program), "step") != 0)
        lrs_llmc_stop(scheduler_type, "llm.c counts steps, and the file has another `unit`: write `unit step`");
    output = lrs_program_output_name(program, 0); /* `lr`, where there is one */
    if (strcmp(output, "lr") != 0) {
        snprintf(error, sizeof error, "no output of the file is the learning rate `lr`: the first is `%.400s`", output);
        lrs_llmc_stop(scheduler_type, error);
    }

    for (j = 0; j < 4; j++) {
        size_t before = nknown;
        for (i = 0; i < lrs_program_params(program); i++) {
            info.size = sizeof info;
            lrs_program_param(&info, program, i);
            if (strcmp(info.name, all[j].name) == 0)
                known[nknown++] = all[j];
        }
        if (nknown == before)
            fprintf(stderr, "%s `%s`", nlacking++ ? "," : "learning rate scheduler: what the trainer says changes nothing for want of these params:", all[j].name);
    }
    if (nlacking)
        fputs("\n", stderr);
    status = lrs_bind(&scheduler->plan, program, known, nknown, error, sizeof error);
    lrs_program_free(program);
    if (status)
        lrs_llmc_stop(scheduler_type, *error ? error : lrs_strerror(status));
    status = lrs_state_new(&scheduler->state, scheduler->plan);
    if (status)
        lrs_llmc_stop(scheduler_type, lrs_strerror(status));
}

static inline float get_learning_rate(LearningRateScheduler *scheduler, int step)
{
    return (float)lrs_value(scheduler->plan, scheduler->state, 0, step);
}

/* For those who want nothing left; llm.c itself needs no call of it. */
static inline void lr_scheduler_free(LearningRateScheduler *scheduler)
{
    lrs_state_free(scheduler->state, scheduler->plan);
    lrs_plan_free(scheduler->plan);
    scheduler->state = NULL;
    scheduler->plan = NULL;
}

#ifdef __cplusplus
}
#endif
#endif
