/* runner.c: runs the scripts on generated code: objects or emitted C, on this machine or under qemu.
 *
 * In: the script file that `engines reference` wrote, a table of schedules (schedules.h, also written by it). Out: the answers.
 * Usage: runner SCRIPTS ANSWERS
 */
#include "script.h"

typedef struct schedule {
    unsigned number;                /* of the case */
    size_t state_size, nparams;
    int (*init)(void *s, const double *params);
    double (*value)(const void *s, unsigned output, int64_t step);
    void (*fill)(const void *s, unsigned output, int64_t first, size_t n, double *out);
    void (*eval)(const void *s, int64_t step, double *out);
    int (*observe)(void *s, unsigned input, int64_t step, double metric);
    double (*get_lr)(void *s, int64_t step, double metric);
    double (*own_get_lr)(int64_t step, double metric);
    int (*stopped)(const void *s);
    size_t (*save)(const void *s, void *buf, size_t cap);
    int (*load)(void *s, const void *buf, size_t len);
    const char *(*error)(int code);
} schedule;

/* Wrappers that see the generated header and take plain pointers. Those of outputs and inputs are written beside them, by `engines reference`. */
#define SCHEDULE_SHIMS(P)                                                                                                   \
    static int P##_shim_init(void *s, const double *params) {                                                               \
        P##_params p;                                                                                                       \
        P##_params_default(&p);                                                                                             \
        if (sizeof p >= sizeof(double))                                                                                     \
            memcpy(&p, params, sizeof p);                                                                                   \
        return P##_init(s, &p);                                                                                             \
    }                                                                                                                       \
    static int P##_shim_stopped(const void *s) { return P##_stopped(s); }                                                   \
    static size_t P##_shim_save(const void *s, void *buf, size_t cap) { return P##_save(s, buf, cap); }                     \
    static int P##_shim_load(void *s, const void *buf, size_t len) { return P##_load(s, buf, len); }
#define SCHEDULE_ROW(P, NUMBER, NPARAMS, OWN)                                                                               \
    {NUMBER, sizeof(P##_state), NPARAMS, P##_shim_init, P##_shim_value, P##_shim_fill, P##_shim_eval, P##_shim_observe,      \
     P##_shim_get_lr,                                                                                                        \
     OWN, P##_shim_stopped, P##_shim_save, P##_shim_load, P##_error},

#include "schedules.h"

typedef struct running {
    const schedule *s;
    void *state;
    double *params;
} running;

static int run_fresh(void *self) {
    running *r = self;
    memset(r->state, 0xa5, r->s->state_size);
    return r->s->init(r->state, r->params);
}
static double run_value(void *self, unsigned output, int64_t step) {
    running *r = self;
    return r->s->value(r->state, output, step);
}
static void run_fill(void *self, unsigned output, int64_t first, size_t n, double *out) {
    running *r = self;
    r->s->fill(r->state, output, first, n, out);
}
static void run_eval(void *self, int64_t step, double *out) {
    running *r = self;
    r->s->eval(r->state, step, out);
}
static int run_observe(void *self, unsigned input, int64_t step, double metric) {
    running *r = self;
    return r->s->observe(r->state, input, step, metric);
}
static double run_get_lr(void *self, int64_t step, double metric) {
    running *r = self;
    return r->s->get_lr(r->state, step, metric);
}
static double run_own(void *self, int64_t step, double metric) {
    running *r = self;
    return r->s->own_get_lr(step, metric);
}
static int run_stopped(void *self) {
    running *r = self;
    return r->s->stopped(r->state);
}
static size_t run_save(void *self, void *buf, size_t cap) {
    running *r = self;
    return r->s->save(r->state, buf, cap);
}
static int run_load(void *self, const void *buf, size_t len) {
    running *r = self;
    return r->s->load(r->state, buf, len);
}

static int run_refuses(void *self, const char *param, double value, const char *words) {
    running *r = self;
    void *other = script_alloc(NULL, r->s->state_size);
    size_t k = strtoul(param, NULL, 10);
    double before = r->params[k];
    r->params[k] = value;
    int code = r->s->init(other, r->params);
    r->params[k] = before;
    free(other);
    return code == 0 ? 0 : strstr(r->s->error(code), words) ? 2 : 1;
}

static const schedule *find(unsigned number) {
    for (size_t i = 0; i < sizeof schedules / sizeof schedules[0]; i++)
        if (schedules[i].number == number)
            return &schedules[i];
    return NULL;
}

int main(int argc, char **argv) {
    FILE *f = argc == 3 ? fopen(argv[1], "rb") : NULL;
    char *line = NULL;
    size_t cap = 0;
    answers a = {0};
    if (!f)
        script_fail("usage: runner SCRIPTS ANSWERS");
    while (script_line(f, &line, &cap)) {
        unsigned number;
        size_t nparams, nops;
        if (sscanf(line, "case %u %zu %zu", &number, &nparams, &nops) != 3)
            script_fail("a case is expected");
        running r = {.s = find(number)};
        if (!r.s || r.s->nparams != nparams)
            script_fail("a schedule is missing, or has other params");
        r.state = script_alloc(NULL, r.s->state_size);
        r.params = script_alloc(NULL, nparams * sizeof(double));
        for (size_t i = 0; i < nparams; i++) {
            uint64_t bits;
            if (!script_line(f, &line, &cap) || sscanf(line, "%" SCNx64, &bits) != 1)
                script_fail("a param is expected");
            r.params[i] = script_double(bits);
        }
        operation *ops = script_alloc(NULL, nops * sizeof *ops);
        for (size_t i = 0; i < nops; i++)
            if (!script_line(f, &line, &cap) || !script_parse(&ops[i], line))
                script_fail("an operation is expected");
        engine e = {&r, run_fresh, run_value, run_fill, run_eval, run_observe, run_get_lr, r.s->own_get_lr ? run_own : NULL,
                    run_stopped, run_save, run_load, run_refuses};
        script_run(&e, ops, nops, 0, 0, &a);
        for (size_t i = 0; i < nops; i++)
            free(ops[i].blob);
        free(ops);
        free(r.state);
        free(r.params);
    }
    fclose(f);
    free(line);
    script_write(argv[2], &a);
    free(a.words);
    return 0;
}
