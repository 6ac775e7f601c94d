/* state.c: the calls of a running trainer: states, values, observations, saving. In: a plan and a state. Out: values.
 * Calls the plan's kernels. Nothing here allocates (but lrs_state_new), locks or fails on the way to a value. */
#include <string.h>

#include "kernel/state.h"
#include "program.h"

/* A state is its words. */
static uint64_t *words_of(lrs_state *s)
{
    return (uint64_t *)(void *)s;
}

static const uint64_t *const_words_of(const lrs_state *s)
{
    return (const uint64_t *)(const void *)s;
}

int lrs_state_fits(const lrs_plan *plan, const lrs_state *s)
{
    const uint64_t *words = const_words_of(s);
    return words[0] == lrs_k_state_version(&plan->k) && words[1] == plan->k.layout->hash;
}

size_t lrs_state_size(const lrs_plan *plan)
{
    return plan ? plan->nwords * sizeof(uint64_t) : 0;
}

void lrs_state_init(lrs_state *s, const lrs_plan *plan)
{
    memcpy((void *)s, plan->image, plan->nwords * sizeof(uint64_t));
}

int lrs_state_new(lrs_state **out, const lrs_plan *plan)
{
    lrs_state *s;
    if (!out)
        return LRS_E_ARG;
    *out = NULL;
    if (!plan)
        return LRS_E_ARG;
    s = lrs_rt_alloc(&plan->program->allocator, lrs_state_size(plan));
    if (!s)
        return LRS_E_NOMEM;
    lrs_state_init(s, plan);
    *out = s;
    return LRS_OK;
}

void lrs_state_free(lrs_state *s, const lrs_plan *plan)
{
    if (s && plan)
        lrs_rt_free(&plan->program->allocator, (void *)s);
}

double lrs_get_lr(const lrs_plan *plan, lrs_state *s, int64_t step, double metric)
{
    const lrs_k_program *k = &plan->k;
    double *D = lrs_k_state_d(k, words_of(s));
    if (metric == metric && k->layout->ninput != 0)
        plan->kernels->observe(k, lrs_k_state_i(words_of(s)), D, 0, step, metric);
    return plan->kernels->value(k, D, 0, step);
}

double lrs_value(const lrs_plan *plan, const lrs_state *s, size_t output, int64_t step)
{
    const lrs_k_program *k = &plan->k;
    if (output >= plan->program->npublic)
        return LRS_K_NAN;
    return plan->kernels->value(k, lrs_k_state_cd(k, const_words_of(s)), (uint32_t)output, step);
}

void lrs_values(const lrs_plan *plan, const lrs_state *s, int64_t step, double *out)
{
    const lrs_k_program *k = &plan->k;
    const double *D = lrs_k_state_cd(k, const_words_of(s));
    uint32_t i;
    for (i = 0; i < plan->program->npublic; i++)
        out[i] = plan->kernels->value(k, D, i, step);
}

int lrs_observe(const lrs_plan *plan, lrs_state *s, size_t input, int64_t step, double metric)
{
    const lrs_k_program *k = &plan->k;
    if (input >= k->layout->ninput)
        return 0;
    return plan->kernels->observe(k, lrs_k_state_i(words_of(s)), lrs_k_state_d(k, words_of(s)), (uint32_t)input, step,
                                  metric);
}

void lrs_fill(const lrs_plan *plan, const lrs_state *s, size_t output, int64_t first, size_t n, double *out)
{
    const lrs_k_program *k = &plan->k;
    if (output < plan->program->npublic)
        plan->kernels->fill(k, lrs_k_state_cd(k, const_words_of(s)), (uint32_t)output, first, n, out);
    else
        lrs_k_fill_same(LRS_K_NAN, n, out);
}

int lrs_stopped(const lrs_state *s)
{
    return (lrs_k_state_ci(const_words_of(s))[0] & LRS_K_STOPPED) != 0;
}

size_t lrs_state_save(const lrs_plan *plan, const lrs_state *s, void *buf, size_t cap)
{
    if (!plan || !s || !lrs_state_fits(plan, s))
        return 0;
    return lrs_k_save(&plan->k, const_words_of(s), buf, cap);
}

int lrs_state_load(const lrs_plan *plan, lrs_state *s, const void *buf, size_t len)
{
    if (!plan || !s || (!buf && len))
        return LRS_E_ARG;
    switch (plan->kernels->load(&plan->k, words_of(s), buf, len)) {
    case 0:
        return LRS_OK;
    case LRS_K_E_PROGRAM:
    case LRS_K_E_PARAMS:
        return LRS_E_MISMATCH;
    case LRS_K_E_UNINIT:
        return LRS_E_ARG;
    default:
        return LRS_E_STATE;
    }
}
