/* explain.c: why an output has its value at a step. In: a plan, a state, a step. Out: the phase, the law, the factors.
 * Calls the kernels' parts; the sum of the parts is lrs_value, bit for bit. */
#include "kernel/state.h"
#include "program.h"

static const char *const laws[LRS_K_KINDS] = {
    [LRS_K_CONST] = "constant",
    [LRS_K_LINEAR] = "linear",
    [LRS_K_EXP2] = "2^x",
    [LRS_K_STAIR] = "2^floor(x)",
    [LRS_K_HCOS] = "half-cosine",
    [LRS_K_POW] = "x^p",
    [LRS_K_SQRT] = "sqrt(x)",
    [LRS_K_COSQRT] = "1 - sqrt(1 - x)",
    [LRS_K_RSQRT] = "1/sqrt(x)",
    [LRS_K_RECIP] = "1/x",
    [LRS_K_EXPR] = "expression",
};

static double when(lrs_moment m, const double *T)
{
    return m.slot == LRS_K_NONE ? m.value : T[m.slot];
}

int lrs_explain_at(lrs_explanation *out, const lrs_plan *plan, const lrs_state *s, size_t output, int64_t step)
{
    const lrs_program *p;
    const lrs_k_out *o;
    const uint64_t *words = (const uint64_t *)(const void *)s;
    const double *D, *T;
    double x = lrs_k_time(step);
    uint32_t j;

    if (!out || !plan || !s || output >= plan->k.layout->nout)
        return LRS_E_ARG;
    p = plan->program;
    o = &p->outs[output];
    D = lrs_k_state_cd(&plan->k, words);
    T = lrs_k_table(&plan->k, D);

    out->value = lrs_value(plan, s, output, step);
    out->base = lrs_k_canon(lrs_k_base(&plan->k, T, o, LRS_K_ANY, x));
    out->scale = 1.0;
    for (j = 0; j < o->nscale; j++)
        out->scale *= lrs_k_factor(&p->scales[o->scale + j], T, D, x);

    j = o->kind + lrs_k_segment_at(o, T, x);
    out->law = laws[p->kinds[j]];
    out->phase = 0;
    out->phase_text = "";
    out->phase_start = 0.0;
    out->phase_end = LRS_K_INF;
    if (p->phase_of && p->phase_of[j] < p->nphase) {
        const lrs_phase_info *f = &p->phase[p->phase_of[j]];
        out->phase = p->phase_of[j];
        out->phase_text = f->text;
        out->phase_start = when(f->start, T);
        out->phase_end = when(f->end, T);
    }
    out->fired = (int)(lrs_k_state_ci(words)[1] < INT32_MAX ? lrs_k_state_ci(words)[1] : INT32_MAX);
    return LRS_OK;
}
