/* engine.h: one way to reach every engine that computes a schedule.
 * In: a bound plan and the name of an engine. Out: functions over a state of its own. May call the public interface,
 * the backends, and for objects and emitted C the C compiler of the machine ($CC, else cc). */
#ifndef LRS_REPL_ENGINE_H
#define LRS_REPL_ENGINE_H

#include <stddef.h>
#include <stdint.h>
#include "cli_options.h"
#include "lrs/lrs.h"

typedef struct engine {
    const struct engine_ops *ops;
    const lrs_plan *plan;
    lrs_state *state; /* interp, jit */
    lrs_functions jit;
    void *library; /* object, c: the loaded shared object */
    void *words;   /* and its state, the params that it was made with, and the functions of its outputs and inputs */
    double *params;
    int (*init)(void *s, const void *params);
    struct engine_output *outputs;
    struct engine_input *inputs;
} engine;

/* 0, or an exit code with the message printed. */
int engine_open(engine *e, const cli_options *o, const lrs_program *program, const lrs_plan *plan);
void engine_close(engine *e);
/* Back to before the first step. */
void engine_restart(engine *e);

double engine_value(const engine *e, size_t output, int64_t step);
void engine_fill(const engine *e, size_t output, int64_t first, size_t n, double *out);
/* The number of rules that acted. */
int engine_observe(engine *e, size_t input, int64_t step, double metric);

#endif
