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

/* The step of an observation before any. */
#define LRS_K_NEVER INT64_MIN

/* In i[det.i] while the rules of an observation run: this detector's event, and the same of a phase that has been restarted
 * since. Below 0, and never left there. */
#define LRS_K_EVENT (-1)
#define LRS_K_EVENT_ANEW (-2)

/* ---- detectors ---- */

/* A number of observations out of T. Comparing and counting down are done on whole numbers; a fraction counts as one more. */
LRS_KFN int64_t lrs_k_whole(double v)
{
    double c = lrs_k_ceil(v);
    if (!(c > 0.0))
        return 0;
    return c < 0x1p62 ? (int64_t)c : (int64_t)1 << 62;
}

LRS_KFN int lrs_k_uses(const lrs_k_program *k, uint32_t what)
{
    return (k->layout->uses & what) != 0;
}

/* The dialect, which is known without looking when a program has only torch's. */
LRS_KFN uint32_t lrs_k_dialect(const lrs_k_program *k, const lrs_k_det *t)
{
    return lrs_k_uses(k, LRS_K_USES_DIALECTS) ? t->dialect : (uint32_t)LRS_K_TORCH;
}

LRS_KFN uint32_t lrs_k_by(const lrs_k_program *k, uint32_t by)
{
    return lrs_k_uses(k, LRS_K_USES_TIME) ? by : (uint32_t)LRS_K_BY_COUNT;
}

/* A detector as it is before the first observation. */
LRS_KFN void lrs_k_det_reset(const lrs_k_program *k, const lrs_k_det *t, int64_t *I, double *D)
{
    double *d = D + t->d;
    uint32_t timed = LRS_K_NONE;
    I[t->i] = 0;
    if (t->kind <= LRS_K_DIVERGE) {
        I[t->i + 1] = 0;
        I[t->i + 2] = LRS_K_NEVER;
        d[0] = t->mode_max ? -LRS_K_INF : LRS_K_INF;
        d[1] = 0.0;
        d[2] = 0.0;
        if (lrs_k_dialect(k, t) == LRS_K_OPTAX) {
            d[3] = 0.0;
            d[4] = 0.0;
        }
        if (lrs_k_uses(k, LRS_K_USES_TIME) && lrs_k_det_timed(t)) {
            timed = lrs_k_det_d(t) - 2u;
            d[timed] = LRS_K_NAN;
            d[timed + 1] = LRS_K_NAN;
        }
    } else if (t->kind == LRS_K_CLOCK) {
        d[0] = LRS_K_NAN;
    }
}

/* What a detector of a metric works on while it looks at one observation. */
typedef struct lrs_k_look {
    const lrs_k_det *t;
    const double *T;    /* its settings */
    int64_t *bad, *cooling;
    double *best;
    double *mean;       /* optax: the mean so far and its count */
    double *since;      /* in time: what patience counts from, and the end of the cooldown; else NULL */
    double now;
    double m;
    uint32_t dialect, patience_by, cooldown_by;
    int first;          /* the first that counts */
} lrs_k_look;

/* Smoothing, and whether the observation counts. */
LRS_KFN int lrs_k_begin(const lrs_k_program *k, const lrs_k_det *t, int64_t *I, double *D, int64_t step, double metric,
                        lrs_k_look *w)
{
    const double *T = lrs_k_table(k, D) + t->t;
    double every = T[3], beta = T[4];
    int64_t *counted = &I[t->i + 2];
    double *ema = &D[t->d + 1], *weight = &D[t->d + 2];

    w->t = t;
    w->T = T;
    w->bad = &I[t->i];
    w->cooling = &I[t->i + 1];
    w->best = &D[t->d];
    w->mean = &D[t->d + 3];
    w->dialect = lrs_k_dialect(k, t);
    w->patience_by = lrs_k_by(k, t->patience_by);
    w->cooldown_by = lrs_k_by(k, t->cooldown_by);
    w->since = 0;
    w->now = 0.0;
    w->m = metric;
    if (lrs_k_uses(k, LRS_K_USES_TIME) && lrs_k_det_timed(t)) {
        int by_clock = (int)(t->patience_by == LRS_K_BY_CLOCK) | (int)(t->cooldown_by == LRS_K_BY_CLOCK);
        w->since = &D[t->d + lrs_k_det_d(t) - 2u];
        w->now = by_clock ? D[k->layout->input + k->layout->clock] : lrs_k_time(step);
    }
    /* an average with an infinity in it would never get better again */
    if (beta > 0.0 && lrs_k_abs(metric) < LRS_K_INF) {
        double rest = 1.0 - beta;
        *ema = LRS_K_FMA(beta, *ema, rest * metric);
        *weight = LRS_K_FMA(beta, *weight, rest);
        w->m = *ema / *weight;
    }
    w->first = *counted == LRS_K_NEVER;
    /* step > *counted, so that the unsigned difference is right even where the signed one would overflow */
    if (!w->first && (double)((uint64_t)step - (uint64_t)*counted) < every)
        return 0;
    *counted = step;
    if (w->since && !(*w->since == *w->since))
        *w->since = w->now;
    return 1;
}

LRS_KFN int lrs_k_better(const lrs_k_look *w)
{
    const lrs_k_det *t = w->t;
    double m = w->m, best = *w->best, threshold = w->T[1], limit;
    if (w->dialect == LRS_K_KERAS) {
        /* keras.ops.less compares in single precision */
        double moved = t->mode_max ? m - threshold : m + threshold;
        float shifted = (float)moved, reference = (float)best;
        return w->first || (t->mode_max ? shifted > reference : shifted < reference);
    }
    if (t->absolute) {
        limit = t->mode_max ? best + threshold : best - threshold;
    } else if (w->dialect == LRS_K_PADDLE) {
        double part = best * threshold;
        limit = t->mode_max ? best + part : best - part;
    } else {
        limit = best * (t->mode_max ? 1.0 + threshold : 1.0 - threshold);
        if (w->dialect == LRS_K_OPTAX)
            limit = limit - w->T[5];
    }
    return t->mode_max ? m > limit : m < limit;
}

LRS_KFN int lrs_k_cooling(const lrs_k_look *w)
{
    if (w->cooldown_by != LRS_K_BY_COUNT)
        return w->now < w->since[1];
    return *w->cooling > 0;
}

/* Patience counts from here, or from the end of the cooldown when that is later. */
LRS_KFN void lrs_k_begin_patience(const lrs_k_look *w)
{
    *w->bad = 0;
    if (w->since)
        *w->since = w->cooldown_by != LRS_K_BY_COUNT && w->now < w->since[1] ? w->since[1] : w->now;
}

LRS_KFN void lrs_k_improved(const lrs_k_look *w)
{
    *w->best = w->m;
    lrs_k_begin_patience(w);
}

/* One observation of the cooldown. */
LRS_KFN void lrs_k_cool(const lrs_k_look *w)
{
    if (w->cooldown_by == LRS_K_BY_COUNT)
        *w->cooling -= 1;
    lrs_k_begin_patience(w);
}

/* An event: the cooldown begins. */
LRS_KFN int lrs_k_begin_cooldown(const lrs_k_look *w)
{
    double cooldown = w->T[2];
    if (w->cooldown_by == LRS_K_BY_COUNT)
        *w->cooling = lrs_k_whole(cooldown);
    else
        w->since[1] = w->now + cooldown;
    lrs_k_begin_patience(w);
    return 1;
}

/* Whether patience has run out: more than it (torch, paddle), or as much (keras, optax). */
LRS_KFN int lrs_k_ran_out(const lrs_k_look *w)
{
    double patience = w->T[0];
    double spent = w->patience_by == LRS_K_BY_COUNT ? (double)*w->bad : w->now - *w->since;
    if (w->dialect == LRS_K_OPTAX && w->patience_by == LRS_K_BY_COUNT)
        return spent == patience;
    return w->dialect == LRS_K_KERAS || w->dialect == LRS_K_OPTAX ? spent >= patience : spent > patience;
}

/* torch.optim.lr_scheduler.ReduceLROnPlateau.step */
LRS_KFN int lrs_k_plateau_torch(const lrs_k_look *w)
{
    if (lrs_k_better(w))
        lrs_k_improved(w);
    else
        *w->bad += 1;
    if (lrs_k_cooling(w))
        lrs_k_cool(w);
    return lrs_k_ran_out(w) && lrs_k_begin_cooldown(w);
}

/* keras.callbacks.ReduceLROnPlateau.on_epoch_end */
LRS_KFN int lrs_k_plateau_keras(const lrs_k_look *w)
{
    if (lrs_k_cooling(w))
        lrs_k_cool(w);
    if (lrs_k_better(w)) {
        lrs_k_improved(w);
        return 0;
    }
    if (lrs_k_cooling(w))
        return 0;
    *w->bad += 1;
    return lrs_k_ran_out(w) && lrs_k_begin_cooldown(w);
}

/* optax.contrib.reduce_on_plateau: update_fn, then _update_scale */
LRS_KFN int lrs_k_plateau_optax(lrs_k_look *w)
{
    double sum = w->mean[1] * w->mean[0];
    w->mean[1] += 1.0;
    w->mean[0] = lrs_k_canon((sum + w->m) / w->mean[1]); /* it is saved, and inf - inf has another sign on other machines */
    if (w->mean[1] < w->T[6])
        return 0;
    w->m = w->mean[0];
    w->mean[0] = 0.0;
    w->mean[1] = 0.0;
    if (lrs_k_better(w))
        lrs_k_improved(w);
    else
        *w->bad += 1;
    if (lrs_k_cooling(w)) {
        lrs_k_cool(w);
        return 0;
    }
    return lrs_k_ran_out(w) && lrs_k_begin_cooldown(w);
}

/* paddle.optimizer.lr.ReduceOnPlateau.step */
LRS_KFN int lrs_k_plateau_paddle(const lrs_k_look *w)
{
    if (lrs_k_cooling(w)) {
        lrs_k_cool(w);
        return 0;
    }
    if (w->first || lrs_k_better(w))
        lrs_k_improved(w);
    else
        *w->bad += 1;
    return lrs_k_ran_out(w) && lrs_k_begin_cooldown(w);
}

LRS_KFN int lrs_k_plateau(lrs_k_look *w)
{
    switch (w->dialect) {
    case LRS_K_KERAS:
        return lrs_k_plateau_keras(w);
    case LRS_K_OPTAX:
        return lrs_k_plateau_optax(w);
    case LRS_K_PADDLE:
        return lrs_k_plateau_paddle(w);
    default:
        return lrs_k_plateau_torch(w);
    }
}

LRS_KFN int lrs_k_diverge(const lrs_k_look *w)
{
    int up = !w->t->mode_max;
    double m = w->m, best = *w->best, gain = w->T[1], window = w->T[0];
    double most = lrs_k_abs(best);
    double limit = LRS_K_FMA(up ? gain : -gain, most, best);
    int infinite = m == (up ? LRS_K_INF : -LRS_K_INF);
    int above = (up ? m > limit : m < limit) | infinite;
    if (up ? m < best : m > best)
        *w->best = m;
    if (lrs_k_cooling(w)) {
        lrs_k_cool(w);
        return 0;
    }
    *w->bad = above ? *w->bad + 1 : 0;
    return (infinite | ((int)above & (int)((double)*w->bad >= window))) && lrs_k_begin_cooldown(w);
}

LRS_KFN int lrs_k_condition(const lrs_k_program *k, const lrs_k_det *t, int64_t *I, double *D, double x)
{
    int was = I[t->i] != 0;
    int is = k->expr(k, t->expr, lrs_k_table(k, D), D, x, 0.0, 0.0, 0.0, 0.0) != 0.0;
    I[t->i] = is;
    return is && !was;
}

LRS_KFN int lrs_k_clock(const lrs_k_program *k, const lrs_k_det *t, double *D, double seconds)
{
    double *first = &D[t->d];
    if (!(*first == *first))
        *first = t->absolute ? 0.0 : seconds;
    return seconds - *first >= lrs_k_table(k, D)[t->t];
}

/* Whether the phase of the detector runs at x. */
LRS_KFN int lrs_k_runs(const lrs_k_program *k, const lrs_k_det *t, const double *D, double x)
{
    if (!lrs_k_uses(k, LRS_K_USES_PHASES) || t->nseg == 0)
        return 1;
    return lrs_k_segment_at(&k->outs[t->out], lrs_k_table(k, D), x) - t->seg < t->nseg;
}

/* One observation of an input that the detector watches. True: its event. */
LRS_KFN int lrs_k_detect(const lrs_k_program *k, const lrs_k_det *t, int64_t *I, double *D, int64_t step, double metric)
{
    lrs_k_look w;
    double x = lrs_k_time(step);
    if (!lrs_k_runs(k, t, D, x))
        return 0;
    if (lrs_k_uses(k, LRS_K_USES_CONDITION) && t->kind == LRS_K_CONDITION)
        return lrs_k_condition(k, t, I, D, x);
    if (lrs_k_uses(k, LRS_K_USES_CLOCK) && t->kind == LRS_K_CLOCK)
        return lrs_k_clock(k, t, D, metric);
    if (!lrs_k_begin(k, t, I, D, step, metric, &w))
        return 0;
    if (lrs_k_uses(k, LRS_K_USES_DIVERGE) && t->kind == LRS_K_DIVERGE)
        return lrs_k_diverge(&w);
    return lrs_k_uses(k, LRS_K_USES_PLATEAU) && lrs_k_plateau(&w);
}

/* ---- actions: 1 when the rule changed something ---- */

/* bind() over the state as it is: 0 or the check that failed. */
LRS_KFN int lrs_k_rebind(const lrs_k_program *k, double *D)
{
    const lrs_k_layout *l = k->layout;
    return k->bind(k->ctx, D, D + l->event, D + l->table);
}

LRS_KFN int lrs_k_act_scale(const lrs_k_program *k, const lrs_k_rule *r, double *D, double x)
{
    const double *T = lrs_k_table(k, D), *t = T + r->t;
    double eps = t[2], factor = D[r->d] * t[0];
    double before, after;
    if (r->low != LRS_K_NONE)
        factor = factor < T[r->low] ? T[r->low] : factor;
    before = lrs_k_scaled(k, D, r->out, x, LRS_K_NONE, 1.0);
    after = lrs_k_scaled(k, D, r->out, x, r->d, factor);
    if (!(lrs_k_abs(before - after) > eps))
        return 0;
    D[r->d] = factor;
    return 1;
}

/* The events of the phase that runs at x: where in d[]; LRS_K_NONE when the trailing hold runs. */
LRS_KFN uint32_t lrs_k_phase_at(const lrs_k_program *k, const lrs_k_rule *r, const double *D, double x)
{
    const lrs_k_out *o = &k->outs[r->out];
    uint32_t phase = k->phases[o->kind + lrs_k_segment_at(o, lrs_k_table(k, D), x)];
    return phase == LRS_K_NONE ? LRS_K_NONE : k->layout->event + phase;
}

/* An event happens at x. When no schedule comes out of it, it is as if it had not been: the old events did bind. */
LRS_KFN int lrs_k_happen(const lrs_k_program *k, double *D, uint32_t event, double x)
{
    double old = D[event];
    D[event] = x;
    if (k->bind && lrs_k_rebind(k, D) != 0) {
        D[event] = old;
        lrs_k_rebind(k, D);
        return 0;
    }
    return 1;
}

LRS_KFN int lrs_k_act_next(const lrs_k_program *k, const lrs_k_rule *r, double *D, double x)
{
    uint32_t event = lrs_k_phase_at(k, r, D, x);
    return event != LRS_K_NONE && x < D[event] && lrs_k_happen(k, D, event, x);
}

/* A detector of a phase that begins again. What it remembers of the metric is forgotten, a cooldown goes on, and whether a
 * condition is true does not depend on it. */
LRS_KFN void lrs_k_det_again(const lrs_k_program *k, const lrs_k_det *t, int64_t *I, double *D)
{
    int timed = lrs_k_uses(k, LRS_K_USES_TIME) && t->kind <= LRS_K_DIVERGE && lrs_k_det_timed(t);
    double *until = &D[t->d + (timed ? lrs_k_det_d(t) - 1u : 0u)];
    double was_until = timed ? *until : 0.0;
    int64_t was_cooling = t->kind <= LRS_K_DIVERGE ? I[t->i + 1] : 0;
    if (t->kind == LRS_K_CONDITION)
        return;
    lrs_k_det_reset(k, t, I, D);
    if (t->kind <= LRS_K_DIVERGE)
        I[t->i + 1] = was_cooling;
    if (timed)
        *until = was_until;
}

LRS_KFN int lrs_k_act_restart(const lrs_k_program *k, const lrs_k_rule *r, int64_t *I, double *D, double x)
{
    uint32_t event = lrs_k_phase_at(k, r, D, x), j;
    if (event == LRS_K_NONE || (D[event + 1] < LRS_K_INF && x <= D[event + 1]) || !lrs_k_happen(k, D, event + 1, x))
        return 0;
    for (j = 0; lrs_k_uses(k, LRS_K_USES_PHASES) && j < k->layout->ndet; j++) {
        const lrs_k_det *t = &k->dets[j];
        if (t->nseg == 0 || t->out != r->out || !lrs_k_runs(k, t, D, x))
            continue;
        if (I[t->i] < 0)
            I[t->i] = LRS_K_EVENT_ANEW;
        else
            lrs_k_det_again(k, t, I, D);
    }
    return 1;
}

LRS_KFN int lrs_k_act(const lrs_k_program *k, const lrs_k_rule *r, int64_t *I, double *D, double x)
{
    if (!lrs_k_runs(k, &k->dets[r->det], D, x))
        return 0;
    if (lrs_k_uses(k, LRS_K_USES_SCALE) && r->action == LRS_K_SCALE)
        return lrs_k_act_scale(k, r, D, x);
    if (lrs_k_uses(k, LRS_K_USES_NEXT) && r->action == LRS_K_NEXT)
        return lrs_k_act_next(k, r, D, x);
    if (lrs_k_uses(k, LRS_K_USES_RESTART) && r->action == LRS_K_RESTART)
        return lrs_k_act_restart(k, r, I, D, x);
    if (lrs_k_uses(k, LRS_K_USES_STOP))
        I[0] |= LRS_K_STOPPED;
    return 1;
}

/* After the rules: no event is left. */
LRS_KFN void lrs_k_settle(const lrs_k_program *k, const lrs_k_det *t, int64_t *I, double *D)
{
    int64_t mark = I[t->i];
    if (mark >= 0)
        return;
    I[t->i] = t->kind == LRS_K_CONDITION; /* it is true; other detectors count from 0 */
    if (lrs_k_uses(k, LRS_K_USES_RESTART) && mark == LRS_K_EVENT_ANEW)
        lrs_k_det_again(k, t, I, D);
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
        if ((t->watch >> input & 1u) && lrs_k_detect(k, t, I, D, step, metric)) {
            I[t->i] = LRS_K_EVENT;
            events++;
        }
    }
    if (events == 0)
        return 0;

    for (j = 0; j < l->nrule; j++) {
        const lrs_k_rule *r = &k->rules[j];
        if (I[k->dets[r->det].i] < 0 && lrs_k_act(k, r, I, D, x)) {
            I[r->i] += 1;
            I[r->i + 1] = step;
            acted++;
        }
    }
    for (j = 0; j < l->ndet; j++)
        lrs_k_settle(k, &k->dets[j], I, D);
    I[1] += acted;
    return acted;
}

#endif
