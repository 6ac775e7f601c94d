/* explain.c: why an output has its value at a step, and what detectors know. In: a plan, a state, a step. Out: the phase, the law,
 * the factors; the counts that rules decide by.
 * Calls the kernels' parts; the sum of the parts is lrs_value, bit for bit. */
#include <string.h>

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
    [LRS_K_SUB] = "phases",
};

static double when(lrs_moment m, const double *T)
{
    return m.slot == LRS_K_NONE ? m.value : T[m.slot];
}

/* The phase of segment k, and from when until when it runs. */
static void explain_phase(lrs_explanation *e, const lrs_program *p, uint32_t k, const double *T)
{
    const lrs_phase_info *f;
    e->phase_text = "";
    e->phase_end = LRS_K_INF;
    if (!p->phase_of || p->phase_of[k] >= p->nphase)
        return;
    f = &p->phase[p->phase_of[k]];
    e->phase = p->phase_of[k];
    e->phase_text = f->text;
    e->phase_start = when(f->start, T);
    e->phase_end = when(f->end, T);
}

/* Of two rules that acted at the same step the later one says why the rate is what it is, but `stop` does not change it. */
static int is_later(const lrs_k_rule *r, int64_t at, const lrs_explanation *e)
{
    return !e->rule_text[0] || at > e->rule_step || (at == e->rule_step && r->action != LRS_K_STOP);
}

/* The rule that acted last on this output. Rules of parts without a name belong to the outputs that are made of them. */
static void explain_rule(lrs_explanation *e, const lrs_plan *plan, const int64_t *I, size_t output)
{
    const lrs_program *p = plan->program;
    uint32_t j;
    e->rule_text = "";
    for (j = 0; j < plan->k.layout->nrule; j++) {
        const lrs_k_rule *r = &p->rules[j];
        if (I[r->i] == 0 || (r->out != output && r->out < p->npublic) || !is_later(r, I[r->i + 1], e))
            continue;
        e->rule_text = p->rule_texts && p->rule_texts[j] ? p->rule_texts[j] : "";
        e->rule_step = I[r->i + 1];
    }
}

/* The phase inside of braces that runs, on the clock of the run, and the round of the repeat. */
static void explain_inner(lrs_explanation *e, const lrs_program *p, const lrs_plan *plan, const lrs_k_out *o, const double *T, double x)
{
    const lrs_k_level *in;
    const lrs_phase_info *f;
    lrs_k_spot s;
    double begin = 0.0;
    uint32_t i, in_repeat = 0;
    e->inner_text = "";
    e->round = -1;
    lrs_k_descend(&plan->k, T, o, x, &s);
    if (s.n == 1)
        return;
    in = &s.level[s.n - 1];
    for (i = 1; i < s.n; i++) {
        begin += s.level[i].ref + s.level[i].start.hi;
        in_repeat |= s.level[i].stretch > 0.0;
    }
    e->law = laws[p->kinds[s.segment]];
    if (in_repeat)
        e->round = s.cycle < 0x1p62 ? (int64_t)s.cycle : (int64_t)1 << 62;
    if (!p->phase_of || p->phase_of[s.segment] >= p->nphase)
        return;
    f = &p->phase[p->phase_of[s.segment]];
    e->inner_text = f->text;
    e->inner_start = begin + when(f->start, T) * in->m;
    e->inner_end = begin + when(f->end, T) * in->m;
    if (e->inner_end > e->phase_end)
        e->inner_end = e->phase_end;
}

int lrs_explain_at(lrs_explanation *out, const lrs_plan *plan, const lrs_state *s, size_t output, int64_t step)
{
    lrs_explanation e;
    const lrs_program *p;
    const lrs_k_out *o;
    const uint64_t *words = (const uint64_t *)(const void *)s;
    const double *D, *T;
    double x = lrs_k_time(step);
    int64_t fired;
    uint32_t j;

    if (!out || !plan || !s || output >= plan->program->npublic || !lrs_state_fits(plan, s))
        return LRS_E_ARG;
    memset(&e, 0, sizeof e); /* the gaps between members, too: they are copied */
    e.size = sizeof e;
    e.scale = 1.0;
    p = plan->program;
    o = &p->outs[output];
    D = lrs_k_state_cd(&plan->k, words);
    T = lrs_k_table(&plan->k, D);
    fired = lrs_k_state_ci(words)[1];

    e.value = lrs_value(plan, s, output, step);
    e.base = lrs_k_canon(lrs_k_base(&plan->k, T, D, o, LRS_K_ANY, x));
    for (j = 0; j < o->nscale; j++)
        e.scale *= lrs_k_factor(&p->scales[o->scale + j], T, D, x);
    j = o->kind + lrs_k_segment_at(o, T, x);
    e.law = laws[p->kinds[j]];
    explain_phase(&e, p, j, T);
    explain_rule(&e, plan, lrs_k_state_ci(words), output);
    explain_inner(&e, p, plan, o, T, x);
    e.fired = (int)(fired < INT32_MAX ? fired : INT32_MAX);
    return lrs_struct_give(out, &e, sizeof e);
}

/* ---- detectors ---- */

static const char *const detectors[] = {
    [LRS_K_PLATEAU] = "plateau", [LRS_K_DIVERGE] = "diverge", [LRS_K_CONDITION] = "condition", [LRS_K_CLOCK] = "clock"};

size_t lrs_plan_detectors(const lrs_plan *plan)
{
    return plan ? plan->k.layout->ndet : 0;
}

/* What plateau and diverge have. */
static void detector_counts(lrs_detector *e, const lrs_plan *plan, const lrs_k_det *t, const int64_t *I, const double *D)
{
    const double *T = lrs_k_table(&plan->k, D) + t->t;
    e->cooling = I[t->i + 1];
    e->seen_step = I[t->i + 2];
    e->best = D[t->d];
    if (D[t->d + 2] > 0.0)
        e->smoothed = D[t->d + 1] / D[t->d + 2];
    if (t->kind == LRS_K_DIVERGE || t->patience_by == LRS_K_BY_COUNT)
        e->patience = T[0];
}

static void detector_rules(lrs_detector *e, const lrs_program *p, uint32_t nrule, size_t i, const int64_t *I)
{
    uint32_t j;
    for (j = 0; j < nrule; j++) {
        const lrs_k_rule *r = &p->rules[j];
        if (r->det != i)
            continue;
        if (!e->rule_text[0] && p->rule_texts && p->rule_texts[j])
            e->rule_text = p->rule_texts[j];
        if (I[r->i] > 0 && (e->fired == 0 || I[r->i + 1] > e->fired_step))
            e->fired_step = I[r->i + 1];
        e->fired += I[r->i];
    }
}

int lrs_detector_at(lrs_detector *out, const lrs_plan *plan, const lrs_state *s, size_t i)
{
    lrs_detector e;
    const uint64_t *words = (const uint64_t *)(const void *)s;
    const lrs_k_det *t;
    const int64_t *I;

    if (!out || !plan || !s || i >= lrs_plan_detectors(plan) || !lrs_state_fits(plan, s))
        return LRS_E_ARG;
    memset(&e, 0, sizeof e);
    e.size = sizeof e;
    t = &plan->program->dets[i];
    I = lrs_k_state_ci(words);
    e.kind = detectors[t->kind];
    e.rule_text = "";
    e.inputs = t->watch;
    e.seen_step = INT64_MIN;
    e.best = e.smoothed = e.patience = LRS_K_NAN;
    e.bad = I[t->i];
    if (t->kind <= LRS_K_DIVERGE)
        detector_counts(&e, plan, t, I, lrs_k_state_cd(&plan->k, words));
    detector_rules(&e, plan->program, plan->k.layout->nrule, i, I);
    return lrs_struct_give(out, &e, sizeof e);
}
