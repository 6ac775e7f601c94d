/* state.c: the calls of a running trainer: states, values, observations, saving. In: a plan and a state. Out: values.
 * Calls the plan's kernels, and text.c for what is wrong with a saved state. Nothing here allocates (but lrs_state_new), locks or fails on the way to a value. */
#include <stdio.h>
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

/* A state that init has not made would have a rate, such as 0 for ever. */
static int is_of(const lrs_state *s, const lrs_k_program *k)
{
    return const_words_of(s)[1] == k->layout->hash;
}

double lrs_get_lr(const lrs_plan *plan, lrs_state *s, int64_t step, double metric)
{
    const lrs_k_program *k = &plan->k;
    double *D = lrs_k_state_d(k, words_of(s));
    if (!is_of(s, k))
        return LRS_K_NAN;
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
    if (output < plan->program->npublic && is_of(s, k))
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

static const struct {
    int code, status;
    const char *sentence;
} load_errors[] = {
    {0, LRS_OK, ""},
    {LRS_K_E_TRUNCATED, LRS_E_STATE, "the saved state is cut short"},
    {LRS_K_E_MAGIC, LRS_E_STATE, "this is not a saved state"},
    {LRS_K_E_VERSION, LRS_E_STATE, "the saved state has another version of the format: use the version of lrs that wrote it"},
    {LRS_K_E_DAMAGED, LRS_E_STATE, "the saved state is damaged: its length, checksum or contents are wrong"},
    {LRS_K_E_PROGRAM, LRS_E_MISMATCH, ""}, /* these two say which */
    {LRS_K_E_PARAMS, LRS_E_MISMATCH, ""},
    {LRS_K_E_UNINIT, LRS_E_ARG, "the state to load into was not initialised, or for another program"},
};

/* The params of a saved state of this program that are not the plan's, with both values, as far as there is room. */
static void say_params(char *error, size_t cap, const lrs_plan *plan, const uint8_t *saved)
{
    const double *mine = lrs_k_state_cd(&plan->k, plan->image);
    char was[LRS_NUMBER_TEXT], is[LRS_NUMBER_TEXT];
    const char *before = ":";
    size_t n = (size_t)snprintf(error, cap, "the state is of a run with other params");
    for (uint32_t j = 0; j < plan->k.layout->nparam && n < cap; j++) {
        uint64_t bits = lrs_k_saved_d(&plan->k, saved, j);
        if (bits == LRS_K_BITS(mine[j]))
            continue;
        lrs_number_text(was, LRS_K_DOUBLE(bits));
        lrs_number_text(is, mine[j]);
        n += (size_t)snprintf(error + n, cap - n, "%s `%s` was %s and is %s", before, plan->program->params[j].name, was, is);
        before = ",";
    }
    if (n < cap)
        snprintf(error + n, cap - n, ". Give the values of that run");
}

int lrs_state_load(const lrs_plan *plan, lrs_state *s, const void *buf, size_t len, char *error, size_t error_cap)
{
    size_t cap = error ? error_cap : 0, i = 0;
    int code;
    if (!plan || !s || (!buf && len)) {
        snprintf(error, cap, "a plan, a state and the bytes of a saved state are needed");
        return LRS_E_ARG;
    }
    code = plan->kernels->load(&plan->k, words_of(s), buf, len);
    while (load_errors[i].code != code)
        i++;
    if (code == LRS_K_E_PROGRAM)
        snprintf(error, cap, "the state is of another program: %016llx, and this one is %016llx. Compile the text that the run began with",
                 (unsigned long long)lrs_k_get((const uint8_t *)buf + 16, 8), (unsigned long long)plan->k.layout->hash);
    else if (code == LRS_K_E_PARAMS)
        say_params(error, cap, plan, buf);
    else
        snprintf(error, cap, "%s", load_errors[i].sentence);
    return load_errors[i].status;
}
