/* plan.c: a program with its params bound: the descriptors as kernels want them, and a state at its start.
 *
 * In: a program and param values. Out: a plan, or a sentence that says which param is wrong and how. Calls the program's
 * bind code through the kernels that are picked here, once.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/state.h"
#include "program.h"

const lrs_kernels *lrs_kernels_pick(void)
{
#if defined(__x86_64__) && defined(LRS_HAVE_V3)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &lrs_kernels_v3;
#endif
    return &lrs_kernels_baseline;
}

/* Where messages go; the C library cuts them to fit. */
typedef struct message {
    char *text;
    size_t cap;
} message;

static int fail(message m, const char *format, ...) __attribute__((format(printf, 2, 3)));
static int fail(message m, const char *format, ...)
{
    va_list args;
    if (m.text && m.cap) {
        va_start(args, format);
        vsnprintf(m.text, m.cap, format, args);
        va_end(args);
    }
    return LRS_E_PARAM;
}

static int unknown(message m, const lrs_program *p, const char *name)
{
    const char *nearest = lrs_nearest(name, p->params, p->layout.nparam);
    if (nearest)
        return fail(m, "there is no param `%s`: did you mean `%s`?", name, nearest);
    if (p->layout.nparam == 0)
        return fail(m, "there is no param `%s`: the program has no params", name);
    return fail(m, "there is no param `%s`: see the program's `param` lines for their names", name);
}

static int check_value(message m, const lrs_param_info *q, double v)
{
    char is[LRS_NUMBER_TEXT], lo[LRS_NUMBER_TEXT], hi[LRS_NUMBER_TEXT];
    lrs_number_text(is, v);
    if (!(v - v == 0.0))
        return fail(m, "param `%s` must be a finite number, got %s", q->name, is);
    if (q->has_range && !(v >= q->lo && v <= q->hi)) {
        lrs_number_text(lo, q->lo);
        lrs_number_text(hi, q->hi);
        return fail(m, "param `%s` must be within %s..%s, got %s", q->name, lo, hi, is);
    }
    return LRS_OK;
}

/* The params' values into v[]. Names are compared one by one: programs have few params. */
static int gather(message m, const lrs_program *p, const lrs_binding *b, size_t n, double *v)
{
    uint32_t np = p->layout.nparam, j;
    size_t k;
    int e;
    for (k = 0; k < n; k++) {
        if (!b[k].name)
            return LRS_E_ARG;
        for (j = 0; j < np && strcmp(p->params[j].name, b[k].name) != 0; j++) {
        }
        if (j == np)
            return unknown(m, p, b[k].name);
    }
    for (j = 0; j < np; j++) {
        const lrs_param_info *q = &p->params[j];
        for (k = n; k > 0 && strcmp(q->name, b[k - 1].name) != 0; k--) { /* the last binding of a name wins */
        }
        if (k == 0 && !q->has_default)
            return fail(m, "param `%s` has no default: give it a value", q->name);
        v[j] = k ? b[k - 1].value : q->def;
        e = check_value(m, q, v[j]);
        if (e)
            return e;
    }
    return LRS_OK;
}

static void describe(lrs_plan *plan, const lrs_program *p, const lrs_kernels *kernels)
{
    lrs_k_program *k = &plan->k;
    int constant = p->layout.table == LRS_K_NONE;
    plan->program = p;
    plan->kernels = kernels;
    plan->nwords = (size_t)LRS_K_HEADER_WORDS + p->layout.ni + p->layout.nd;
    k->layout = &p->layout;
    k->outs = p->outs;
    k->kinds = p->kinds;
    k->phases = p->phases;
    k->exprs = p->exprs;
    k->scales = p->scales;
    k->dets = p->dets;
    k->rules = p->rules;
    k->blocks = p->blocks;
    k->table = constant ? p->image : NULL;
    k->expr = kernels->expr;
    k->bind = constant ? NULL : kernels->bind;
    k->ctx = p;
}

/* What does not hold, and the values it does not hold with: a condition may be about a param that its text does not name. */
static int fail_check(message m, const lrs_program *p, const char *check, const double *v)
{
    enum { MOST = 4, ROOM = 400 };
    char with[ROOM] = "", value[LRS_NUMBER_TEXT];
    uint32_t np = p->layout.nparam, j;
    size_t n = 0;
    for (j = 0; j < np && j < MOST && n < sizeof with - 1; j++) {
        lrs_number_text(value, v[j]);
        n += (size_t)snprintf(with + n, sizeof with - n, "%s%s = %s", j ? ", " : "", p->params[j].name, value);
    }
    return fail(m, "%s (%s%s)", check, with, np > MOST ? ", ..." : "");
}

static int bind_image(message m, lrs_plan *plan, const lrs_binding *b, size_t n)
{
    const lrs_program *p = plan->program;
    double *D = lrs_k_state_d(&plan->k, plan->image);
    double *T = plan->k.table ? NULL : D + p->layout.table;
    int e;
    memset(plan->image, 0, plan->nwords * sizeof *plan->image);
    lrs_k_reset(&plan->k, plan->image);
    e = gather(m, p, b, n, D);
    if (e)
        return e;
    if (T && p->layout.ntable)
        memcpy(T, p->image, p->layout.ntable * sizeof *T);
    e = p->bind ? plan->kernels->bind(p, D, D + p->layout.event, T) : 0;
    return e ? fail_check(m, p, p->checks[e - 1], D) : LRS_OK;
}

int lrs_bind_with(lrs_plan **out, const lrs_program *p, const lrs_binding *params, size_t nparams, char *error,
                  size_t error_cap, const lrs_kernels *kernels)
{
    message m = {error, error_cap};
    lrs_plan *plan;
    size_t nwords;
    int e;

    if (error && error_cap)
        error[0] = 0;
    if (!out)
        return LRS_E_ARG;
    *out = NULL;
    if (!p || (nparams && !params))
        return LRS_E_ARG;
    nwords = (size_t)LRS_K_HEADER_WORDS + p->layout.ni + p->layout.nd;
    plan = lrs_rt_alloc(&p->allocator, sizeof *plan + nwords * sizeof plan->image[0]);
    if (!plan)
        return LRS_E_NOMEM;
    describe(plan, p, kernels);
    e = bind_image(m, plan, params, nparams);
    if (e) {
        lrs_rt_free(&p->allocator, plan);
        return e;
    }
    /* The count is the one thing in a program that changes: programs are shared as const. */
    atomic_fetch_add_explicit(&((lrs_program *)(uintptr_t)p)->references, 1, memory_order_relaxed);
    *out = plan;
    return LRS_OK;
}

int lrs_bind(lrs_plan **out, const lrs_program *p, const lrs_binding *params, size_t nparams, char *error, size_t error_cap)
{
    return lrs_bind_with(out, p, params, nparams, error, error_cap, lrs_kernels_pick());
}

void lrs_plan_free(lrs_plan *plan)
{
    lrs_program *p;
    if (!plan)
        return;
    p = (lrs_program *)(uintptr_t)plan->program;
    lrs_rt_free(&p->allocator, plan);
    lrs_program_free(p);
}

double lrs_plan_param(const lrs_plan *plan, size_t i)
{
    return plan && i < plan->program->layout.nparam ? lrs_k_state_cd(&plan->k, plan->image)[i] : LRS_K_NAN;
}
