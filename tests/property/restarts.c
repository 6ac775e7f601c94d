/* restarts.c: the rounds of a repeat, however they are asked for.
 *
 * In: lines "TEXT<tab>N<tab>STEP STEP ...": a schedule, how many steps to walk, more steps. Out: for each line the steps below N at
 * which the value changes, with the value from there on, then " | ", then the values at the other steps. Every one of the N
 * steps is asked for by walking, in another order, and in bulk: a difference ends the program with exit code 1.
 * Calls the library. restarts.py asks, and knows what must come out.
 */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lrs/lrs.h"

static int trouble(const char *what) {
    fprintf(stderr, "restarts: %s\n", what);
    return 70;
}

static int same(double a, double b) {
    return memcmp(&a, &b, sizeof a) == 0;
}

/* A step with no pattern: n is no multiple of the prime. */
static int64_t elsewhere(int64_t i, int64_t n) {
    return (int64_t)((uint64_t)i * UINT64_C(2654435761) % (uint64_t)n);
}

static int compare(const lrs_plan *plan, lrs_state *s, int64_t n, double *walked, double *block) {
    int64_t i;
    for (i = 0; i < n; i++)
        walked[i] = lrs_get_lr(plan, s, i, NAN);
    for (i = 0; i < n; i++) {
        int64_t at = elsewhere(i, n);
        if (!same(lrs_value(plan, s, 0, at), walked[at])) {
            printf("step %" PRId64 ": walking and jumping differ\n", at);
            return 1;
        }
    }
    for (i = 0; i < n;) { /* in pieces of all sizes */
        int64_t m = 1 + elsewhere(i + 7, 5000);
        m = m < n - i ? m : n - i;
        lrs_fill(plan, s, 0, i, (size_t)m, block + i);
        i += m;
    }
    for (i = 0; i < n; i++)
        if (!same(block[i], walked[i])) {
            printf("step %" PRId64 ": walking and bulk differ\n", i);
            return 1;
        }
    return 0;
}

static int answer(char *line) {
    char *text = strtok(line, "\t"), *count = strtok(NULL, "\t"), *more = strtok(NULL, "\n");
    int64_t n = count ? strtoll(count, NULL, 10) : 0, i;
    double *walked = calloc((size_t)n + 1, sizeof *walked), *block = calloc((size_t)n + 1, sizeof *block);
    lrs_program *program;
    lrs_diagnostics *said;
    lrs_plan *plan;
    lrs_state *s;
    int status;
    if (!text || !walked || !block)
        return trouble("a line without a schedule, or no memory");
    if (lrs_compile(&program, text, strlen(text), NULL, &said) != 0)
        return trouble(text);
    lrs_diagnostics_free(said);
    if (lrs_bind(&plan, program, NULL, 0, NULL, 0) != 0 || lrs_state_new(&s, plan) != 0)
        return trouble(text);
    status = compare(plan, s, n, walked, block);
    for (i = 0; status == 0 && i < n; i++)
        if (i == 0 || !same(walked[i], walked[i - 1]))
            printf("%" PRId64 ":%.17g ", i, walked[i]);
    printf("|");
    while (more && *more) {
        int64_t step = strtoll(more, &more, 10);
        printf(" %.17g", lrs_value(plan, s, 0, step));
        while (*more == ' ')
            more++;
    }
    printf("\n");
    lrs_state_free(s, plan);
    lrs_plan_free(plan);
    lrs_program_free(program);
    free(walked);
    free(block);
    return status;
}

int main(void) {
    static char line[1 << 20];
    int status = 0;
    while (status == 0 && fgets(line, sizeof line, stdin))
        status = answer(line);
    return status;
}
