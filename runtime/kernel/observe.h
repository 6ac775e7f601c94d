/* observe.h: the reactive half: what a metric does to the state.
 *
 * In: a program's descriptors, a state's i[] and d[], an input, a step and a metric. Out: the number of rules that acted;
 * i[], d[] and, after an event ended a phase, T are changed. Calls value.h and the program's bind code.
 */
#ifndef LRS_KERNEL_OBSERVE_H
#define LRS_KERNEL_OBSERVE_H

#include <stddef.h>
#include <stdint.h>
#include "types.h"
#include "math.h"
#include "value.h"

/* i[] and d[] at their start, as every engine begins. */
#define LRS_K_NEVER INT64_MIN

/* In i[det.i] while the rules of an observation run: this detector's event. Never left there. */
#define LRS_K_EVENT (-1)

/* A number of observations out of T. Comparing and counting down are done on whole numbers; a fraction counts as one more. */
LRS_KFN int64_t lrs_k_whole(double v)
{
    double c = lrs_k_ceil(v);
    if (!(c > 0.0))
        return 0;
    return c < 0x1p62 ? (int64_t)c : (int64_t)1 << 62;
}

LRS_KFN int lrs_k_better(const lrs_k_det *t, double m, double best, double threshold)
{
    double limit;
    if (t->absolute)
        limit = t->mode_max ? best + threshold : best - threshold;
    else
        limit = best * (t->mode_max ? 1.0 + threshold : 1.0 - threshold);
    return t->mode_max ? m > limit : m < limit;
}

/* torch.optim.lr_scheduler.ReduceLROnPlateau.step. True: the patience ran out. */
LRS_KFN int lrs_k_plateau(const lrs_k_det *t, const double *T, int64_t *I, double *D, int64_t step, double metric)
{
    double patience = T[t->t], threshold = T[t->t + 1], cooldown = T[t->t + 2], every = T[t->t + 3], beta = T[t->t + 4];
    int64_t *bad = &I[t->i], *cooling = &I[t->i + 1], *counted = &I[t->i + 2];
    double *best = &D[t->d], *ema = &D[t->d + 1], *weight = &D[t->d + 2];
    double m = metric;

    /* an average with an infinity in it would never get better again */
    if (beta > 0.0 && lrs_k_abs(metric) < LRS_K_INF) {
        double rest = 1.0 - beta;
        *ema = LRS_K_FMA(beta, *ema, rest * metric);
        *weight = LRS_K_FMA(beta, *weight, rest);
        m = *ema / *weight;
    }
    /* step > *counted, so that the unsigned difference is right even where the signed one would overflow */
    if (*counted != LRS_K_NEVER && (double)((uint64_t)step - (uint64_t)*counted) < every)
        return 0;
    *counted = step;

    if (lrs_k_better(t, m, *best, threshold)) {
        *best = m;
        *bad = 0;
    } else {
        *bad += 1;
    }
    if (*cooling > 0) {
        *cooling -= 1;
        *bad = 0;
    }
    if (!((double)*bad > patience))
        return 0;
    *cooling = lrs_k_whole(cooldown);
    *bad = 0;
    return 1;
}

/* bind() over the state as it is: 0 or the check that failed. */
LRS_KFN int lrs_k_rebind(const lrs_k_program *k, double *D)
{
    const lrs_k_layout *l = k->layout;
    return k->bind(k->ctx, D, D + l->event, D + l->table);
}

/* The three actions: 1 when the rule changed something. */

LRS_KFN int lrs_k_act_scale(const lrs_k_program *k, const lrs_k_rule *r, double *D, double x)
{
    const double *t = lrs_k_table(k, D) + r->t;
    double factor = t[0], eps = t[2];
    double before = lrs_k_scaled(k, D, r->out, x, LRS_K_NONE, 1.0);
    double after = lrs_k_scaled(k, D, r->out, x, r->d, factor);
    if (!(lrs_k_abs(before - after) > eps))
        return 0;
    D[r->d] *= factor;
    return 1;
}

LRS_KFN int lrs_k_act_next(const lrs_k_program *k, const lrs_k_rule *r, double *D, double x)
{
    const lrs_k_out *o = &k->outs[r->out];
    uint32_t phase = k->phases[o->kind + lrs_k_segment_at(o, lrs_k_table(k, D), x)];
    double *end, old;
    if (phase == LRS_K_NONE)
        return 0;
    end = &D[k->layout->event + phase];
    old = *end;
    if (!(x < old))
        return 0;
    *end = x;
    if (k->bind && lrs_k_rebind(k, D) != 0) {
        /* No schedule comes out of ending here: as if the event had not been. The old ends did bind. */
        *end = old;
        lrs_k_rebind(k, D);
        return 0;
    }
    return 1;
}

LRS_KFN int lrs_k_act(const lrs_k_program *k, const lrs_k_rule *r, int64_t *I, double *D, double x)
{
    switch (r->action) {
    case LRS_K_SCALE:
        return lrs_k_act_scale(k, r, D, x);
    case LRS_K_NEXT:
        return lrs_k_act_next(k, r, D, x);
    default:
        I[0] |= LRS_K_STOPPED;
        return 1;
    }
}

LRS_KFN int lrs_k_observe(const lrs_k_program *k, int64_t *I, double *D, uint32_t input, int64_t step, double metric)
{
    const lrs_k_layout *l = k->layout;
    double x = lrs_k_time(step);
    int events = 0, acted = 0;
    uint32_t j;

    if (!(metric == metric) || step <= I[2 + input])
        return 0;
    I[2 + input] = step;
    if (l->input != LRS_K_NONE)
        D[l->input + input] = metric;

    for (j = 0; j < l->ndet; j++) {
        const lrs_k_det *t = &k->dets[j];
        if (t->input == input && lrs_k_plateau(t, lrs_k_table(k, D), I, D, step, metric)) {
            I[t->i] = LRS_K_EVENT;
            events++;
        }
    }
    if (events == 0)
        return 0;

    for (j = 0; j < l->nrule; j++) {
        const lrs_k_rule *r = &k->rules[j];
        if (I[k->dets[r->det].i] == LRS_K_EVENT && lrs_k_act(k, r, I, D, x)) {
            I[r->i] += 1;
            I[r->i + 1] = step;
            acted++;
        }
    }
    for (j = 0; j < l->ndet; j++) {
        if (I[k->dets[j].i] == LRS_K_EVENT)
            I[k->dets[j].i] = 0;
    }
    I[1] += acted;
    return acted;
}

#endif
