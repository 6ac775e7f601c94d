/* run_script.c: plays a script of calls on the schedules that are linked in and compares every result, bit for bit.
 * It is C99 and needs nothing of lrs, so that it can be built by any compiler for any machine.
 *
 * usage: run_script SCRIPT.bin */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"

static FILE *script;
static uint64_t ncompared, ndiffer;
static const schedule *current;
static uint64_t command_number;

static uint64_t word(void) {
    uint64_t w;
    if (fread(&w, sizeof w, 1, script) != 1) {
        fprintf(stderr, "run_script: the script ends in the middle of a command\n");
        exit(2);
    }
    return w;
}

static double number(uint64_t bits) {
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static uint64_t bits_of(double v) {
    uint64_t u;
    memcpy(&u, &v, sizeof u);
    return u;
}

static void compare(uint64_t got, uint64_t want, const char *what, int64_t at) {
    ncompared++;
    if (got == want)
        return;
    if (ndiffer++ < 20)
        printf("%s, command %" PRIu64 ": %s (%" PRId64 "): %016" PRIx64 " (%.17g), not %016" PRIx64 " (%.17g)\n",
               current->name, command_number, what, at, got, number(got), want, number(want));
}

/* The only result of a command. */
static void compare_one(uint64_t got, const char *what, int64_t at) {
    if (word() != 1) {
        fprintf(stderr, "run_script: the script is damaged\n");
        exit(2);
    }
    compare(got, word(), what, at);
}

static void *memory(size_t n) {
    void *at = malloc(n ? n : 1);
    if (!at) {
        fprintf(stderr, "run_script: no memory\n");
        exit(2);
    }
    return at;
}

static void run_init(void *s) {
    uint64_t n = word();
    double params[64];
    uint64_t i;
    for (i = 0; n != UINT64_MAX && i < n; i++)
        params[i] = number(word());
    compare_one((uint64_t)(int64_t)current->init(s, n == UINT64_MAX ? NULL : params), "init", (int64_t)n);
}

static void run_fill(const void *s) {
    size_t out = (size_t)word();
    int64_t first = (int64_t)word();
    size_t n = (size_t)word(), i;
    double *y = (double *)memory((n + 1) * sizeof *y);
    y[n] = 12345.0;
    current->fill(s, out, first, n, y);
    if (word() != n)
        exit(2);
    for (i = 0; i < n; i++)
        compare(bits_of(y[i]), word(), "fill, by index", (int64_t)i);
    if (y[n] != 12345.0) {
        ndiffer++;
        printf("%s: fill wrote past the end\n", current->name);
    }
    free(y);
}

static void run_save(const void *s) {
    size_t n = (size_t)word() - 1, i;
    size_t size = (size_t)word();
    uint64_t *buf = (uint64_t *)memory(n * 8);
    memset(buf, 0, n * 8);
    compare(current->save(s, NULL, 0), size, "save without a buffer", 0);
    compare(current->save(s, buf, size - 1), size, "save into too little", 0);
    compare(buf[0], 0, "save into too little wrote", 0);
    compare(current->save(s, buf, size), size, "save", 0);
    for (i = 0; i < n; i++)
        compare(buf[i], word(), "saved word", (int64_t)i);
    free(buf);
}

static void run_load(void *s) {
    size_t size = (size_t)word(), n = (size + 7) / 8, i;
    uint64_t *buf = (uint64_t *)memory(n * 8);
    for (i = 0; i < n; i++)
        buf[i] = word();
    compare_one((uint64_t)(int64_t)current->load(s, buf, size), "load", (int64_t)size);
    free(buf);
}

static void run_words(const void *s) {
    size_t n = (size_t)word(), i;
    for (i = 0; i < n; i++) {
        uint64_t got;
        memcpy(&got, (const char *)s + i * 8, 8);
        compare(got, word(), "state word", (int64_t)i);
    }
}

/* Zeroed memory still is. */
static void run_unchanged(const void *s, size_t size) {
    size_t i;
    for (i = 0; i < size; i++)
        compare(((const unsigned char *)s)[i], 0, "a byte of the state", (int64_t)i);
}

static void run_step(void *s, enum script_command c) {
    size_t which = c == SCRIPT_VALUE || c == SCRIPT_OBSERVE ? (size_t)word() : 0;
    int64_t step = (int64_t)word();
    double metric = c != SCRIPT_VALUE ? number(word()) : 0.0;
    if (c == SCRIPT_VALUE)
        compare_one(bits_of(current->value(s, which, step)), "value", step);
    else if (c == SCRIPT_OBSERVE)
        compare_one((uint64_t)(int64_t)current->observe(s, which, step, metric), "observe", step);
    else if (c == SCRIPT_GET_LR)
        compare_one(bits_of(current->get_lr(s, step, metric)), "get_lr", step);
    else
        compare_one(bits_of(current->own(step, metric)), "own get_lr", step);
}

int main(int argc, char **argv) {
    void **state = (void **)memory(nschedules * sizeof *state);
    uint64_t c;
    size_t i;
    if (argc != 2 || !(script = fopen(argv[1], "rb"))) {
        fprintf(stderr, "usage: run_script SCRIPT.bin\n");
        return 2;
    }
    for (i = 0; i < nschedules; i++) {
        state[i] = memory(schedules[i].state_size);
        memset(state[i], 0, schedules[i].state_size);
        /* a state that init has not made yet, and no arguments at all */
        current = &schedules[i];
        double rate = current->get_lr(state[i], 5, 1.0);
        compare(rate != rate, 1, "get_lr before init is NaN", 5);
        double filled[3] = {0, 0, 0};
        current->fill(state[i], 0, 5, 2, filled);
        compare(filled[0] != filled[0] && filled[1] != filled[1] && filled[2] == 0, 1, "fill before init is NaN", 5);
        run_unchanged(state[i], current->state_size);
        compare((uint64_t)(int64_t)current->load(state[i], "", 0), (uint64_t)INT64_C(-107), "load before init", 0);
        compare((uint64_t)(int64_t)current->load(NULL, "", 0), (uint64_t)INT64_C(-1000), "load of NULL", 0);
        compare((uint64_t)(int64_t)current->load(state[i], NULL, 0), (uint64_t)INT64_C(-1000), "load from NULL", 0);
        compare((uint64_t)(int64_t)current->init(NULL, NULL), (uint64_t)INT64_C(-1000), "init of NULL", 0);
        compare(current->save(NULL, NULL, 0), 0, "save of NULL", 0);
    }
    while (fread(&c, sizeof c, 1, script) == 1) {
        uint64_t number_of = word();
        current = &schedules[number_of];
        command_number++;
        switch ((enum script_command)c) {
        case SCRIPT_INIT:
            run_init(state[number_of]);
            break;
        case SCRIPT_FILL:
            run_fill(state[number_of]);
            break;
        case SCRIPT_SAVE:
            run_save(state[number_of]);
            break;
        case SCRIPT_LOAD:
            run_load(state[number_of]);
            break;
        case SCRIPT_WORDS:
            run_words(state[number_of]);
            break;
        case SCRIPT_STOPPED:
            compare_one((uint64_t)current->stopped(state[number_of]), "stopped", 0);
            break;
        case SCRIPT_VALUE:
        case SCRIPT_OBSERVE:
        case SCRIPT_GET_LR:
        case SCRIPT_OWN:
            run_step(state[number_of], (enum script_command)c);
            break;
        }
    }
    fclose(script);
    for (i = 0; i < nschedules; i++)
        free(state[i]);
    free(state);
    printf("%" PRIu64 " results compared, %" PRIu64 " differ\n", ncompared, ndiffer);
    return ndiffer != 0;
}
