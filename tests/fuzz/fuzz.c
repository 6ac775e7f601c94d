/* fuzz.c: any bytes are a valid input of the compiler: it compiles them or says why not, and what it compiles runs.
 *
 * In: bytes. Out: nothing, or the end of the process by a sanitizer or by one of the checks below. Calls: lrs.h.
 * Built for libFuzzer with LRS_LIBFUZZER; else main() takes files and folders: the corpus that is kept. */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lrs/lrs.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void must(int holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

/* Params that have no default get one that most schedules can be bound with. */
static size_t bindings(const lrs_program *p, lrs_binding *b, size_t most)
{
    size_t n = 0, i;
    lrs_param_info info = {.size = sizeof info};
    for (i = 0; i < most && lrs_program_param(&info, p, i) == LRS_OK; i++)
        if (!info.has_default)
            b[n++] = (lrs_binding){info.name, info.has_range ? info.lo : 100};
    return n;
}

static void run(const lrs_program *p)
{
    static const int64_t steps[] = {-1, 0, 1, 99, 12345, INT64_C(1) << 53, INT64_MAX};
    enum { MOST = 64 };
    lrs_binding b[MOST];
    char error[256];
    lrs_plan *plan;
    lrs_state *state;
    lrs_explanation why = {.size = sizeof why};
    int status = lrs_bind(&plan, p, b, bindings(p, b, MOST), error, sizeof error);
    must(status == LRS_OK || status == LRS_E_PARAM, "binding gives another status");
    if (status) {
        must(error[0] != 0, "binding fails without a sentence");
        return;
    }
    must(lrs_state_new(&state, plan) == LRS_OK, "no memory");
    for (size_t k = 0; k < lrs_program_outputs(p); k++)
        for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
            double one = lrs_value(plan, state, k, steps[i]), many;
            lrs_fill(plan, state, k, steps[i], 1, &many);
            must(memcmp(&one, &many, sizeof one) == 0, "one value and many differ");
            must(lrs_explain_at(&why, plan, state, k, steps[i]) == LRS_OK, "a step without a why");
        }
    for (int i = 0; i < 40; i++)
        lrs_get_lr(plan, state, i * 7, i % 9 == 8 ? (double)NAN : 1.0 + i % 3);
    for (size_t i = 0; i < lrs_plan_detectors(plan); i++) {
        lrs_detector d = {.size = sizeof d};
        must(lrs_detector_at(&d, plan, state, i) == LRS_OK && d.bad >= 0 && d.fired >= 0, "a detector without an account");
    }
    lrs_state_free(state, plan);
    lrs_plan_free(plan);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    lrs_options options = {.size = sizeof options};
    lrs_diagnostics *d = NULL;
    lrs_program *p = NULL;
    int status = lrs_compile(&p, (const char *)data, size, &options, &d);
    must(status == LRS_OK || status == LRS_E_SOURCE, "compiling gives another status");
    must((status == LRS_OK) == (p != NULL), "a program without success, or success without one");
    must(status == LRS_OK || lrs_diagnostics_errors(d) > 0, "a failure without an error");
    if (d) {
        size_t n = lrs_diagnostics_render(d, 0, NULL, 0);
        char *text = malloc(n + 1);
        must(text != NULL, "no memory");
        must(lrs_diagnostics_render(d, LRS_RENDER_COLOR, text, n + 1) >= n, "colours shorten the text");
        free(text);
    }
    if (p)
        run(p);
    lrs_program_free(p);
    lrs_diagnostics_free(d);
    return 0;
}

#ifndef LRS_LIBFUZZER
static size_t count;

static int one_file(const char *path, size_t size)
{
    FILE *f = fopen(path, "rb");
    unsigned char *data = malloc(size + 1);
    size_t n = f && data ? fread(data, 1, size, f) : 0;
    if (f)
        fclose(f);
    if (!f || !data || n != size) {
        fprintf(stderr, "fuzz: cannot read %s\n", path);
        free(data);
        return 1;
    }
    printf("%s\n", path);
    fflush(stdout);
    LLVMFuzzerTestOneInput(data, n);
    if (n > 2) /* what a cut leaves is an input as well */
        LLVMFuzzerTestOneInput(data, n / 2);
    free(data);
    count++;
    return 0;
}

static int each(const char *path)
{
    struct stat s;
    int bad = 0;
    if (stat(path, &s)) {
        fprintf(stderr, "fuzz: there is no %s\n", path);
        return 1;
    }
    if (!S_ISDIR(s.st_mode))
        return one_file(path, (size_t)s.st_size);
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d));) {
        char name[4096];
        if (e->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        bad |= each(name);
    }
    if (d)
        closedir(d);
    return bad || !d;
}

int main(int argc, char **argv)
{
    int bad = argc < 2;
    for (int i = 1; i < argc; i++)
        bad |= each(argv[i]);
    printf("%zu files\n", count);
    return bad;
}
#endif
