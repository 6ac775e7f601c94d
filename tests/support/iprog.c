/* iprog.c: see iprog.h. First the construction kit, then the programs, then the reference, then steps and metrics. */
#include "iprog.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/math.h"
#include "kernel/observe.h"
#include "kernel/state.h"
#include "kernel/types.h"
#include "kernel/value.h"

static void fail(const char *where, const char *what) {
    fprintf(stderr, "iprog: %s: %s\n", where, what);
    abort();
}

/* ---- the construction kit ----------------------------------------------------------------------- */

enum { MAX_OUT = 4, MAX_SEG = 512, MAX_SCALE = 8, MAX_WORDS = 16, MAX_DET = 8, MAX_RULE = 8, MAX_PARAM = 8, MAX_CHECK = 8,
       MAX_EXPR = 8, MAX_INPUT = 4 };

typedef struct scale_build {
    lrs_k_scale k;
    ir_ref word[MAX_WORDS];
    uint32_t nword;
} scale_build;

typedef struct out_build {
    const char *name;
    ir_ref seg[MAX_SEG][LRS_K_SEG_WORDS];
    uint8_t kind[MAX_SEG];
    uint32_t event[MAX_SEG], expr[MAX_SEG];
    uint32_t nseg;
    scale_build scale[MAX_SCALE];
    uint32_t nscale;
    ir_ref low, high; /* bounds; 0: none */
} out_build;

typedef struct kit {
    const char *name;
    arena *mem;
    ir_builder *b;
    ir_program *p;
    out_build out[MAX_OUT];
    uint32_t nout;
    lrs_k_det det[MAX_DET];
    ir_ref det_word[MAX_DET][LRS_K_DET_T];
    uint32_t ndet;
    lrs_k_rule rule[MAX_RULE];
    ir_ref rule_word[MAX_RULE][4]; /* the fourth: what the factor does not fall below; 0: none */
    uint32_t nrule;
    ir_param param[MAX_PARAM];
    uint32_t nparam;
    ir_check check[MAX_CHECK];
    uint32_t ncheck;
    ir_ref root[MAX_EXPR];
    uint32_t nroot;
    const char *input[MAX_INPUT];
    uint32_t ninput, nevent, clock;
} kit;

/* What stands for the source text of a phase. */
static const char *const kind_texts[LRS_K_KINDS] = {"hold",   "linear", "exp",     "stepdecay", "cosine", "poly",
                                                    "sqrt up", "sqrt",  "invsqrt", "power",     "curve"};

static ir_ref num(kit *k, double v) {
    return ir_const(k->b, v);
}
static ir_ref op1(kit *k, enum ir_op op, ir_ref a) {
    return ir_op(k->b, op, a, 0, 0);
}
static ir_ref op2(kit *k, enum ir_op op, ir_ref a, ir_ref b) {
    return ir_op(k->b, op, a, b, 0);
}
static ir_ref op3(kit *k, enum ir_op op, ir_ref a, ir_ref b, ir_ref c) {
    return ir_op(k->b, op, a, b, c);
}
static ir_ref leaf(kit *k, enum ir_op op) {
    return ir_leaf(k->b, op);
}
static ir_ref inf(kit *k) {
    return num(k, (double)INFINITY);
}

/* hi + lo = a/d to twice the precision */
static void ratio(kit *k, ir_ref a, ir_ref d, ir_ref *hi, ir_ref *lo) {
    *hi = op2(k, IR_DIV, a, d);
    *lo = op2(k, IR_DIV, op3(k, IR_FMA, op1(k, IR_NEG, *hi), d, a), d);
}

/* hi + lo = log2(a)/s */
static void log2_over(kit *k, ir_ref a, ir_ref s, ir_ref *hi, ir_ref *lo) {
    ir_ref h = op1(k, IR_LOG2HI, a), l = op1(k, IR_LOG2LO, a);
    *hi = op2(k, IR_DIV, h, s);
    *lo = op2(k, IR_DIV, op2(k, IR_ADD, op3(k, IR_FMA, op1(k, IR_NEG, *hi), s, h), l), s);
}

/* Begins an output; the segments and scales after it are its own. */
static out_build *output(kit *k, const char *name) {
    if (k->nout == MAX_OUT)
        fail(k->name, "too many outputs");
    out_build *o = &k->out[k->nout++];
    o->name = name;
    return o;
}

/* Appends a segment of zeros; the caller sets the words. */
static ir_ref *seg(kit *k, uint8_t kind, ir_ref end, ir_ref ref) {
    out_build *o = &k->out[k->nout - 1];
    if (o->nseg == MAX_SEG)
        fail(k->name, "too many segments");
    uint32_t n = o->nseg++;
    for (int w = 0; w < LRS_K_SEG_WORDS; w++)
        o->seg[n][w] = num(k, 0.0);
    o->kind[n] = kind;
    o->event[n] = LRS_K_NONE;
    o->expr[n] = LRS_K_NONE;
    o->seg[n][0] = end;
    o->seg[n][1] = ref;
    return o->seg[n];
}
enum { END, REF, HI, LO, A, B, OFF, P };

static void ended_by(kit *k, uint32_t event) {
    out_build *o = &k->out[k->nout - 1];
    o->event[o->nseg - 1] = event;
    if (event >= k->nevent)
        k->nevent = event + 1;
}

static void hold(kit *k, ir_ref end, ir_ref value) {
    seg(k, LRS_K_CONST, end, num(k, 0.0))[A] = value;
}

static void linear(kit *k, ir_ref start, ir_ref end, ir_ref from, ir_ref to) {
    ir_ref *s = seg(k, LRS_K_LINEAR, end, start);
    ir_ref length = op2(k, IR_SUB, end, start), rise = op2(k, IR_SUB, to, from);
    s[HI] = op2(k, IR_DIV, rise, length);
    s[A] = from;
}

/* A descending half-cosine counts from its end, where its value is smaller. */
static void cosine_down(kit *k, ir_ref start, ir_ref end, ir_ref from, ir_ref to) {
    ir_ref *s = seg(k, LRS_K_HCOS, end, end);
    ir_ref length = op2(k, IR_SUB, end, start);
    ratio(k, num(k, -1.0), length, &s[HI], &s[LO]);
    s[A] = to;
    s[B] = op2(k, IR_SUB, from, to);
}

static void cosine_up(kit *k, ir_ref start, ir_ref end, ir_ref from, ir_ref to) {
    ir_ref *s = seg(k, LRS_K_HCOS, end, start);
    ir_ref length = op2(k, IR_SUB, end, start);
    ratio(k, num(k, 1.0), length, &s[HI], &s[LO]);
    s[A] = from;
    s[B] = op2(k, IR_SUB, to, from);
}

/* from * factor^(t/s) */
static void decay(kit *k, ir_ref start, ir_ref end, ir_ref from, ir_ref factor, ir_ref s) {
    ir_ref *g = seg(k, LRS_K_EXP2, end, start);
    log2_over(k, factor, s, &g[HI], &g[LO]);
    g[B] = from;
}

static void stairs(kit *k, ir_ref start, ir_ref end, ir_ref from, ir_ref factor, ir_ref period) {
    ir_ref *g = seg(k, LRS_K_STAIR, end, start);
    g[HI] = op1(k, IR_LOG2HI, factor);
    g[LO] = op1(k, IR_LOG2LO, factor);
    g[B] = from;
    g[OFF] = period;
}

/* The kinds that take w rising from off at `start` by 1 in `d` steps. */
static ir_ref *rising(kit *k, uint8_t kind, ir_ref start, ir_ref end, ir_ref d, ir_ref off, ir_ref a, ir_ref b) {
    ir_ref *g = seg(k, kind, end, start);
    ratio(k, num(k, 1.0), d, &g[HI], &g[LO]);
    g[OFF] = off;
    g[A] = a;
    g[B] = b;
    return g;
}

static void expression(kit *k, ir_ref start, ir_ref end, ir_ref root) {
    if (k->nroot == MAX_EXPR)
        fail(k->name, "too many expressions");
    ir_ref *g = seg(k, LRS_K_EXPR, end, start);
    ir_ref length = op2(k, IR_SUB, end, start);
    ratio(k, num(k, 1.0), length, &g[HI], &g[LO]);
    g[OFF] = end;
    out_build *o = &k->out[k->nout - 1];
    o->expr[o->nseg - 1] = k->nroot;
    k->root[k->nroot++] = root;
}

/* An expression that runs for ever: u counts in units of d steps. */
static void expression_open(kit *k, ir_ref start, ir_ref d, ir_ref root) {
    expression(k, start, op2(k, IR_ADD, start, d), root);
    out_build *o = &k->out[k->nout - 1];
    o->seg[o->nseg - 1][END] = inf(k);
}

static ir_ref param(kit *k, const char *name, double def, double lo, double hi) {
    if (k->nparam == MAX_PARAM)
        fail(k->name, "too many params");
    ir_param *q = &k->param[k->nparam];
    q->name = name;
    q->has_default = !isnan(def);
    q->def = q->has_default ? def : 0.0;
    q->has_range = !isnan(lo);
    q->lo = q->has_range ? lo : 0.0;
    q->hi = q->has_range ? hi : 0.0;
    return ir_param_ref(k->b, k->nparam++);
}

static void check(kit *k, ir_ref cond, const char *message) {
    if (k->ncheck == MAX_CHECK)
        fail(k->name, "too many checks");
    k->check[k->ncheck].cond = cond;
    k->check[k->ncheck++].message = message;
}

static scale_build *scale(kit *k, uint32_t what, uint32_t n) {
    out_build *o = &k->out[k->nout - 1];
    if (o->nscale == MAX_SCALE)
        fail(k->name, "too many scales");
    scale_build *s = &o->scale[o->nscale++];
    s->k.what = what;
    s->k.n = n;
    s->k.d = LRS_K_NONE;
    return s;
}

static void word(kit *k, scale_build *s, ir_ref v) {
    if (s->nword == MAX_WORDS)
        fail(k->name, "too many words in a scale");
    s->word[s->nword++] = v;
}

static void at_times(kit *k, ir_ref factor, ir_ref floor_, uint32_t n, const ir_ref *times) {
    scale_build *s = scale(k, LRS_K_AT, n);
    word(k, s, op1(k, IR_LOG2HI, factor));
    word(k, s, op1(k, IR_LOG2LO, factor));
    word(k, s, floor_);
    for (uint32_t t = 0; t < n; t++)
        word(k, s, times[t]);
}

static void every(kit *k, ir_ref factor, ir_ref floor_, ir_ref period) {
    scale_build *s = scale(k, LRS_K_EVERY, 0);
    word(k, s, op1(k, IR_LOG2HI, factor));
    word(k, s, op1(k, IR_LOG2LO, factor));
    word(k, s, floor_);
    word(k, s, period);
}

typedef struct plateau_settings {
    uint32_t input, mode_max, absolute;
    double patience, threshold, cooldown, every, smooth;
} plateau_settings;

static uint32_t plateau(kit *k, plateau_settings q) {
    if (k->ndet == MAX_DET)
        fail(k->name, "too many detectors");
    lrs_k_det *d = &k->det[k->ndet];
    d->kind = LRS_K_PLATEAU;
    d->dialect = LRS_K_TORCH;
    d->watch = 1u << q.input;
    d->mode_max = q.mode_max;
    d->absolute = q.absolute;
    ir_ref *w = k->det_word[k->ndet];
    w[0] = num(k, q.patience);
    w[1] = num(k, q.threshold);
    w[2] = num(k, q.cooldown);
    w[3] = num(k, q.every);
    w[4] = num(k, q.smooth);
    return k->ndet++;
}

static lrs_k_rule *rule(kit *k, uint32_t det, uint32_t action, uint32_t out) {
    if (k->nrule == MAX_RULE)
        fail(k->name, "too many rules");
    for (int w = 0; w < 4; w++)
        k->rule_word[k->nrule][w] = 0;
    lrs_k_rule *r = &k->rule[k->nrule++];
    r->det = det;
    r->action = action;
    r->out = out;
    r->low = LRS_K_NONE;
    return r;
}

/* The rule and the scale of the output that is being built, which share one word of the state. */
static void scale_on(kit *k, uint32_t det, ir_ref factor, ir_ref floor_, double eps) {
    uint32_t n = k->nrule;
    rule(k, det, LRS_K_SCALE, k->nout - 1);
    k->rule_word[n][0] = factor;
    k->rule_word[n][1] = floor_;
    k->rule_word[n][2] = num(k, eps);
    scale_build *s = scale(k, LRS_K_STATE, 0);
    s->k.d = n;
    word(k, s, floor_);
}

static void *need(kit *k, size_t n) {
    void *at = arena_alloc(k->mem, n ? n : 1);
    if (!at)
        fail(k->name, "no memory");
    return at;
}

/* Places everything: segments, scales, detectors, rules, bounds; then ir_finish. */
static void finish(kit *k) {
    ir_program *p = k->p;
    uint32_t nkind = 0, nscale = 0;
    for (uint32_t i = 0; i < k->nout; i++) {
        nkind += k->out[i].nseg;
        nscale += k->out[i].nscale;
    }
    size_t room = (size_t)nkind * LRS_K_SEG_WORDS + (size_t)nscale * MAX_WORDS + MAX_DET * LRS_K_DET_T + MAX_RULE * 4 +
                  MAX_OUT * 2;
    p->name = need(k, strlen(k->name) + 5);
    snprintf((char *)(uintptr_t)p->name, strlen(k->name) + 5, "%s.lrs", k->name);
    p->table = need(k, room * sizeof *p->table);
    p->outs = need(k, k->nout * sizeof *p->outs);
    p->output_names = need(k, k->nout * sizeof *p->output_names);
    p->kinds = need(k, nkind);
    p->phases = need(k, nkind * sizeof *p->phases);
    p->exprs = need(k, nkind * sizeof *p->exprs);
    p->phase_of = need(k, nkind * sizeof *p->phase_of);
    p->phase = need(k, nkind * sizeof *p->phase);
    p->scales = need(k, nscale * sizeof *p->scales);
    p->dets = need(k, k->ndet * sizeof *p->dets);
    p->rules = need(k, k->nrule * sizeof *p->rules);
    p->params = need(k, k->nparam * sizeof *p->params);
    p->checks = need(k, k->ncheck * sizeof *p->checks);
    p->expr = need(k, k->nroot * sizeof *p->expr);
    p->inputs = need(k, k->ninput * sizeof *p->inputs);

    uint32_t t = 0, q = 0, sc = 0;
    for (uint32_t i = 0; i < k->nout; i++) {
        out_build *o = &k->out[i];
        lrs_k_out *out = &p->outs[i];
        p->output_names[i] = o->name;
        out->nseg = o->nseg;
        out->seg = t;
        out->kind = q;
        for (uint32_t s = 0; s < o->nseg; s++, q++) {
            for (int w = 0; w < LRS_K_SEG_WORDS; w++)
                p->table[t++] = o->seg[s][w];
            p->kinds[q] = o->kind[s];
            p->phases[q] = o->event[s];
            p->exprs[q] = o->expr[s];
            p->phase_of[q] = q;
            p->phase[q].text = kind_texts[o->kind[s]];
            p->phase[q].out = i;
            p->phase[q].start = s ? o->seg[s - 1][END] : num(k, 0.0);
            p->phase[q].end = o->seg[s][END];
            out->mask |= 1u << o->kind[s];
        }
        out->nscale = o->nscale;
        out->scale = sc;
        for (uint32_t s = 0; s < o->nscale; s++, sc++) {
            p->scales[sc] = o->scale[s].k;
            p->scales[sc].t = t;
            for (uint32_t w = 0; w < o->scale[s].nword; w++)
                p->table[t++] = o->scale[s].word[w];
        }
        out->bounds = LRS_K_NONE;
        if (o->low) {
            out->bounds = t;
            p->table[t++] = o->low;
            p->table[t++] = o->high;
        }
    }
    for (uint32_t i = 0; i < k->ndet; i++) {
        p->dets[i] = k->det[i];
        p->dets[i].t = t;
        for (uint32_t w = 0; w < lrs_k_det_t(&k->det[i]); w++)
            p->table[t++] = k->det_word[i][w];
    }
    for (uint32_t i = 0; i < k->nrule; i++) {
        p->rules[i] = k->rule[i];
        p->rules[i].t = t;
        for (int w = 0; w < 3 && k->rule[i].action == LRS_K_SCALE; w++)
            p->table[t++] = k->rule_word[i][w];
        p->rules[i].low = k->rule_word[i][3] ? t : LRS_K_NONE;
        if (k->rule_word[i][3])
            p->table[t++] = k->rule_word[i][3];
    }
    for (uint32_t i = 0; i < k->nparam; i++)
        p->params[i] = k->param[i];
    for (uint32_t i = 0; i < k->ncheck; i++)
        p->checks[i] = k->check[i];
    for (uint32_t i = 0; i < k->nroot; i++)
        p->expr[i].root = k->root[i];
    for (uint32_t i = 0; i < k->ninput; i++)
        p->inputs[i] = k->input[i];
    p->nchecks = k->ncheck;
    p->nexpr = k->nroot;
    p->nphase = nkind;
    p->layout.ntable = t;
    p->layout.nparam = k->nparam;
    p->layout.ninput = k->ninput;
    p->layout.clock = k->clock;
    p->layout.nevent = k->nevent;
    p->layout.nout = k->nout;
    p->layout.ndet = k->ndet;
    p->layout.nrule = k->nrule;
    p->layout.nscale = nscale;
    p->layout.nkind = nkind;
    if (ir_failed(k->b) || ir_finish(p, k->b, k->mem) != 0)
        fail(k->name, "ir_finish failed");
    const char *wrong = ir_verify(p);
    if (wrong)
        fail(k->name, wrong);
}

/* ---- the programs ------------------------------------------------------------------------------- */

static const double no = (double)NAN; /* no default, no range */

static void build_constant(kit *k) {
    output(k, "lr");
    hold(k, inf(k), num(k, 0.1));
}

/* warmup 5 linear -> 0.1; then exp s=1000; on plateau(patience=3) *0.5 */
static void build_card(kit *k) {
    output(k, "lr");
    linear(k, num(k, 0.0), num(k, 5.0), num(k, 0.0), num(k, 0.1));
    decay(k, num(k, 5.0), inf(k), num(k, 0.1), ir_literal(k->b, 0.1, -0x1.999999999999ap-58), num(k, 1000.0));
    uint32_t d = plateau(k, (plateau_settings){.patience = 3, .threshold = 1e-4});
    scale_on(k, d, num(k, 0.5), num(k, -(double)INFINITY), 1e-8);
}

static void build_kinds(kit *k) {
    output(k, "lr");
    linear(k, num(k, 0.0), num(k, 10.0), num(k, 1e-3), num(k, 0.3));
    cosine_down(k, num(k, 10.0), num(k, 110.0), num(k, 0.3), num(k, 1e-5));
    cosine_up(k, num(k, 110.0), num(k, 210.5), num(k, 1e-5), num(k, 0.2));
    rising(k, LRS_K_POW, num(k, 210.5), num(k, 300.0), num(k, 89.5), num(k, 0.0), num(k, 0.2), num(k, -0.1))[P] =
        num(k, 2.5);
    rising(k, LRS_K_SQRT, num(k, 300.0), num(k, 400.0), num(k, 100.0), num(k, 0.0), num(k, 0.1), num(k, 0.05));
    rising(k, LRS_K_COSQRT, num(k, 400.0), num(k, 500.0), num(k, 100.0), num(k, 0.0), num(k, 0.15), num(k, -0.1))[P] =
        num(k, 500.0);
    rising(k, LRS_K_RSQRT, num(k, 500.0), num(k, 1000.0), num(k, 77.0), num(k, 1.0), num(k, 0.0), num(k, 0.05));
    rising(k, LRS_K_RECIP, num(k, 1000.0), num(k, 2000.0), num(k, 13.0), num(k, 1.0), num(k, 1e-4), num(k, 0.02));
    stairs(k, num(k, 2000.0), num(k, 3000.0), num(k, 0.02), num(k, 0.7), num(k, 33.3));
    decay(k, num(k, 3000.0), num(k, 4000.0), num(k, 0.01), num(k, 0.9), num(k, 17.0));
    decay(k, num(k, 4000.0), num(k, 5000.0), num(k, 1.0), num(k, 0.0), num(k, 1.0)); /* factor 0: 1, then 0 */
    hold(k, num(k, 5000.0), num(k, 9.0));                                             /* empty */
    decay(k, num(k, 5000.0), inf(k), num(k, 0.25), num(k, 0.5), num(k, 1e17));
}

static void build_params(kit *k) {
    ir_ref peak = param(k, "peak", 0.1, 1e-4, 10.0);
    ir_ref total = param(k, "total", 1000.0, no, no);
    ir_ref gamma = param(k, "gamma", 0.97, 0.01, 1.0);
    ir_ref warm = op2(k, IR_MUL, total, num(k, 0.1));
    ir_ref mid = op2(k, IR_ADD, warm, op3(k, IR_FMA, total, num(k, 0.25), num(k, 1.0)));
    check(k, op2(k, IR_LT, num(k, 0.0), total), "the length of `warmup` must be above 0: raise `total`");
    check(k, op2(k, IR_LE, mid, total), "`cosine` would end before it begins: raise `total`");
    output(k, "lr");
    linear(k, num(k, 0.0), warm, num(k, 0.0), peak);
    cosine_down(k, warm, mid, peak, op2(k, IR_MUL, peak, num(k, 0.3)));
    rising(k, LRS_K_POW, mid, total, op2(k, IR_SUB, total, mid), num(k, 0.0), op2(k, IR_MUL, peak, num(k, 0.3)),
           op1(k, IR_NEG, op2(k, IR_MUL, peak, num(k, 0.2))))[P] = num(k, 3.0);
    decay(k, total, inf(k), op2(k, IR_MUL, peak, num(k, 0.1)), gamma, num(k, 10.0));
}

static void build_scales(kit *k) {
    output(k, "lr");
    hold(k, num(k, 200.0), num(k, 0.1));
    linear(k, num(k, 200.0), num(k, 900.0), num(k, 0.1), num(k, -0.02));
    hold(k, inf(k), num(k, 0.03));
    ir_ref times[] = {num(k, 50.0), num(k, 120.0), num(k, 120.0), num(k, 333.5)};
    at_times(k, num(k, 0.2), num(k, -(double)INFINITY), 4, times);
    every(k, num(k, 0.9), num(k, 1e-4), num(k, 30.0));
    every(k, num(k, 1.01), num(k, -(double)INFINITY), num(k, 70.7));
}

static void build_scales_params(kit *k) {
    ir_ref period = param(k, "period", 30.0, 0.5, 1e6);
    ir_ref factor = param(k, "factor", 0.5, 0.0, 4.0);
    ir_ref low = param(k, "low", 1e-3, 0.0, 1.0);
    output(k, "lr");
    hold(k, op2(k, IR_MUL, period, num(k, 3.0)), num(k, 0.1));
    decay(k, op2(k, IR_MUL, period, num(k, 3.0)), inf(k), num(k, 0.1), num(k, 0.999), period);
    ir_ref times[] = {period, op2(k, IR_MUL, period, num(k, 2.5)), op2(k, IR_MUL, period, num(k, 7.0))};
    at_times(k, factor, low, 3, times);
    every(k, factor, num(k, 1e-9), op2(k, IR_MUL, period, num(k, 10.0)));
    k->out[0].low = op2(k, IR_MUL, low, num(k, 0.5));
    k->out[0].high = num(k, 0.09);
}

static void build_plateau_min(kit *k) {
    output(k, "lr");
    linear(k, num(k, 0.0), num(k, 20.0), num(k, 0.01), num(k, 0.5));
    cosine_down(k, num(k, 20.0), num(k, 5000.0), num(k, 0.5), num(k, 0.0));
    hold(k, inf(k), num(k, 1e-3));
    uint32_t d = plateau(k, (plateau_settings){.patience = 2, .threshold = 1e-3, .cooldown = 4});
    scale_on(k, d, num(k, 0.5), num(k, 1e-3), 1e-8);
    every(k, num(k, 0.99), num(k, -(double)INFINITY), num(k, 100.0));
    uint32_t e = plateau(k, (plateau_settings){.patience = 5, .threshold = 0.01, .absolute = 1, .smooth = 0.9});
    scale_on(k, e, num(k, 0.8), num(k, -(double)INFINITY), 0.0);
    k->out[0].low = num(k, 1e-6);
    k->out[0].high = num(k, 0.45);
}

static void build_plateau_max(kit *k) {
    output(k, "lr");
    hold(k, num(k, 30.0), num(k, 0.01));
    rising(k, LRS_K_RSQRT, num(k, 30.0), inf(k), num(k, 30.0), num(k, 1.0), num(k, 0.0), num(k, 0.01));
    uint32_t d = plateau(k, (plateau_settings){.patience = 3, .threshold = 1e-4, .mode_max = 1, .every = 7});
    scale_on(k, d, num(k, 0.1), num(k, 1e-5), 1e-3);
    uint32_t e = plateau(k, (plateau_settings){.patience = 8, .threshold = 0.05, .mode_max = 1, .absolute = 1});
    rule(k, e, LRS_K_STOP, 0);
}

/* hold 0.1 until plateau(patience=2); then linear 100 -> 0.01 (which a second rule may end too); then hold */
static void build_next(kit *k) {
    output(k, "lr");
    ir_ref e0 = ir_event_ref(k->b, 0), e1 = ir_event_ref(k->b, 1);
    hold(k, e0, num(k, 0.1));
    ended_by(k, 0);
    ir_ref planned = op2(k, IR_ADD, e0, num(k, 100.0));
    ir_ref end = op2(k, IR_MIN, planned, e1);
    ir_ref *s = seg(k, LRS_K_LINEAR, end, e0);
    s[HI] = num(k, (0.01 - 0.1) / 100.0);
    s[A] = num(k, 0.1);
    ended_by(k, 1);
    /* the tail starts at the value where the phase before it ended */
    ir_ref there = op3(k, IR_FMA, op2(k, IR_SUB, end, e0), num(k, (0.01 - 0.1) / 100.0), num(k, 0.1));
    hold(k, inf(k), there);
    uint32_t d = plateau(k, (plateau_settings){.patience = 2, .threshold = 1e-4});
    rule(k, d, LRS_K_NEXT, 0);
    uint32_t e = plateau(k, (plateau_settings){.patience = 9, .threshold = 1e-4});
    scale_on(k, e, num(k, 0.5), num(k, -(double)INFINITY), 1e-8);
}

/* As build_next, with params and a check that an early event makes fail. */
static void build_next_params(kit *k) {
    ir_ref peak = param(k, "peak", 0.2, 0.0, 1.0);
    ir_ref length = param(k, "length", 60.0, 1.0, 1e6);
    ir_ref e0 = ir_event_ref(k->b, 0);
    ir_ref start = op2(k, IR_MIN, op2(k, IR_MUL, length, num(k, 4.0)), e0);
    check(k, op2(k, IR_LE, num(k, 10.0), start), "the first phase must last 10 steps");
    output(k, "lr");
    hold(k, start, peak);
    ended_by(k, 0);
    ir_ref zero = num(k, 0.0);
    cosine_down(k, start, op2(k, IR_ADD, start, length), peak, zero);
    hold(k, inf(k), num(k, 0.0));
    uint32_t d = plateau(k, (plateau_settings){.patience = 1, .threshold = 1e-2});
    rule(k, d, LRS_K_NEXT, 0);
}

static void build_bounds(kit *k) {
    output(k, "lr");
    linear(k, num(k, 0.0), num(k, 100.0), num(k, -1.0), num(k, 1.0));
    linear(k, num(k, 100.0), num(k, 200.0), num(k, 1.0), num(k, -1.0));
    hold(k, inf(k), num(k, -0.0));
    k->out[0].low = num(k, -0.5);
    k->out[0].high = num(k, 0.75);
}

/* Every operation on step values, each weighed differently so that none gets lost. */
static void build_expr(kit *k) {
    output(k, "lr");
    ir_ref x = leaf(k, IR_TIME), tau = leaf(k, IR_TAU), u = leaf(k, IR_U), c = leaf(k, IR_COU);
    static const enum ir_op unary[] = {IR_NEG,    IR_SQRT,   IR_ABS, IR_NOT,   IR_FLOOR, IR_CEIL,  IR_ROUND, IR_TRUNC,
                                       IR_EXP2,   IR_EXP,    IR_LOG2, IR_LOG2HI, IR_LOG2LO, IR_LOG, IR_LOG10, IR_COSPI,
                                       IR_SINPI,  IR_COS,    IR_SIN, IR_HCOS,  IR_TANH};
    static const enum ir_op binary[] = {IR_ADD, IR_SUB, IR_MUL, IR_DIV, IR_MIN, IR_MAX,    IR_LT,  IR_LE,
                                        IR_EQ,  IR_NE,  IR_AND, IR_OR,  IR_POW, IR_STAIRS, IR_MOD};
    ir_ref arg = op3(k, IR_FMA, u, num(k, 1.75), num(k, 0.125));
    ir_ref sum = op2(k, IR_MUL, x, num(k, 1e-6));
    double weight = 0.5;
    for (size_t i = 0; i < sizeof unary / sizeof unary[0]; i++) {
        ir_ref v = op1(k, unary[i], i % 3 == 2 ? op2(k, IR_SUB, arg, num(k, 0.6)) : arg);
        /* a product and a sum, which must not be fused */
        sum = op2(k, IR_ADD, sum, op2(k, IR_MUL, v, num(k, weight)));
        weight = weight * 0.83 + 0.003;
    }
    expression(k, num(k, 0.0), num(k, 200.0), sum);

    sum = op2(k, IR_MUL, c, c);
    for (size_t i = 0; i < sizeof binary / sizeof binary[0]; i++) {
        ir_ref l = op3(k, IR_FMA, tau, num(k, 0.031), num(k, 0.25)), r = op2(k, IR_ADD, u, num(k, 0.375));
        ir_ref v = op2(k, binary[i], l, r);
        sum = op2(k, IR_SUB, sum, op2(k, IR_MUL, v, num(k, weight)));
        weight = weight * 0.9 + 0.01;
    }
    sum = op2(k, IR_ADD, sum, op3(k, IR_EXP2X, num(k, -0.1), num(k, 1e-18), tau));
    sum = op3(k, IR_SELECT, op2(k, IR_LT, u, num(k, 0.5)), sum, op1(k, IR_ABS, sum));
    expression(k, num(k, 200.0), num(k, 517.0), sum);

    /* What is not finite, and what is not a number. */
    ir_ref w = op2(k, IR_SUB, tau, num(k, 20.0));
    ir_ref bad = op1(k, IR_SQRT, w);
    bad = op3(k, IR_SELECT, op2(k, IR_EQ, w, num(k, 0.0)), op2(k, IR_DIV, num(k, 1.0), w), bad);
    bad = op3(k, IR_SELECT, op2(k, IR_LT, num(k, 40.0), w), op2(k, IR_SUB, inf(k), inf(k)), bad);
    expression(k, num(k, 517.0), num(k, 600.0), bad);
    expression(k, num(k, 600.0), num(k, 700.0), num(k, 0.125)); /* no step value at all */
    expression_open(k, num(k, 700.0), num(k, 1e4),
                    op2(k, IR_DIV, num(k, 1.0), op2(k, IR_ADD, num(k, 1.0), op2(k, IR_MUL, u, u))));
    every(k, num(k, 0.5), num(k, -(double)INFINITY), num(k, 1e6));
}

/* Step code that reads params and values of bind. */
static void build_expr_params(kit *k) {
    ir_ref peak = param(k, "peak", 0.3, 1e-6, 10.0);
    ir_ref total = param(k, "total", 700.0, 10.0, 1e9);
    ir_ref shape = param(k, "shape", 1.7, 0.5, 4.0);
    ir_ref u = leaf(k, IR_U), c = leaf(k, IR_COU), tau = leaf(k, IR_TAU);
    output(k, "lr");
    ir_ref low = op2(k, IR_MUL, peak, num(k, 0.01));
    ir_ref fall = op2(k, IR_POW, c, shape);
    ir_ref v = op2(k, IR_ADD, low, op2(k, IR_MUL, op2(k, IR_SUB, peak, low), fall));
    ir_ref wave = op2(k, IR_MUL, op1(k, IR_SINPI, op2(k, IR_MUL, u, shape)), low);
    v = op2(k, IR_MUL, v, op2(k, IR_ADD, num(k, 1.0), wave));
    expression(k, num(k, 0.0), total, v);
    ir_ref grown = op2(k, IR_DIV, tau, op1(k, IR_SQRT, total));
    ir_ref after = op2(k, IR_DIV, low, op2(k, IR_ADD, num(k, 1.0), grown));
    expression_open(k, total, total, after);
    k->out[0].low = op2(k, IR_MUL, low, num(k, 1e-3));
    k->out[0].high = peak;
    uint32_t d = plateau(k, (plateau_settings){.patience = 4, .threshold = 1e-4});
    scale_on(k, d, op2(k, IR_DIV, num(k, 1.0), shape), low, 0.0);
}

static void build_outputs(kit *k) {
    k->input[0] = "train_loss";
    k->input[1] = "val_loss";
    k->ninput = 2;
    ir_ref e0 = ir_event_ref(k->b, 0);
    output(k, "lr");
    cosine_up(k, num(k, 0.0), num(k, 300.0), num(k, 0.004), num(k, 0.1));
    cosine_down(k, num(k, 300.0), num(k, 1000.0), num(k, 0.1), num(k, 4e-7));
    hold(k, inf(k), num(k, 4e-7));
    uint32_t d = plateau(k, (plateau_settings){.patience = 3, .threshold = 1e-4, .input = 1});
    scale_on(k, d, num(k, 0.5), num(k, -(double)INFINITY), 1e-8);
    output(k, "momentum");
    cosine_down(k, num(k, 0.0), num(k, 300.0), num(k, 0.95), num(k, 0.85));
    cosine_up(k, num(k, 300.0), num(k, 1000.0), num(k, 0.85), num(k, 0.95));
    hold(k, inf(k), num(k, 0.95));
    output(k, "init"); /* the name of a function of the interface */
    hold(k, e0, num(k, 1.0));
    ended_by(k, 0);
    hold(k, inf(k), num(k, 2.0));
    uint32_t e = plateau(k, (plateau_settings){.patience = 6, .threshold = 1e-4, .input = 0});
    rule(k, e, LRS_K_NEXT, 2);
    uint32_t f = plateau(k, (plateau_settings){.patience = 12, .threshold = 1e-4, .input = 1});
    rule(k, f, LRS_K_STOP, 0);
}

/* Outputs out of other outputs, and the latest values of inputs. */
static void build_relations(kit *k) {
    k->input[0] = "train_loss";
    k->input[1] = "val_loss";
    k->ninput = 2;
    ir_ref peak = param(k, "peak", 0.3, 1e-6, 10.0);
    ir_ref t = leaf(k, IR_TIME), tau = leaf(k, IR_TAU), cou = leaf(k, IR_COU), cycle = leaf(k, IR_CYCLE);
    ir_ref lr = ir_out_ref(k->b, 0), part = ir_out_ref(k->b, 3), wd = ir_out_ref(k->b, 1);
    ir_ref train = ir_input_ref(k->b, 0), val = ir_input_ref(k->b, 1);
    output(k, "lr"); /* part * sqrt of a falling line, halved on a plateau */
    expression(k, num(k, 0.0), num(k, 400.0), op2(k, IR_MUL, part, op1(k, IR_SQRT, cou)));
    expression_open(k, num(k, 400.0), num(k, 100.0), op2(k, IR_DIV, part, op2(k, IR_ADD, op2(k, IR_MUL, tau, num(k, 0.25)), num(k, 2.0))));
    uint32_t d = plateau(k, (plateau_settings){.patience = 3, .threshold = 1e-4, .input = 1});
    scale_on(k, d, num(k, 0.5), num(k, 1e-9), 0.0);
    k->out[0].low = num(k, 1e-7);
    k->out[0].high = peak;
    output(k, "wd"); /* 0.1 * lr / peak */
    expression_open(k, num(k, 0.0), num(k, 1.0), op2(k, IR_DIV, op2(k, IR_MUL, num(k, 0.1), lr), peak));
    output(k, "head"); /* of both, and of what was observed */
    ir_ref gap = op2(k, IR_SUB, val, train);
    ir_ref sum = op2(k, IR_ADD, op2(k, IR_MUL, lr, num(k, 10.0)), op2(k, IR_MUL, wd, wd));
    ir_ref seen = op2(k, IR_EQ, gap, gap);
    ir_ref more = op2(k, IR_ADD, sum, op3(k, IR_SELECT, seen, op1(k, IR_TANH, gap), num(k, 0.25)));
    expression(k, num(k, 0.0), num(k, 300.0), op2(k, IR_ADD, more, op2(k, IR_MUL, cycle, t)));
    hold(k, inf(k), num(k, 0.5));
    every(k, num(k, 0.9), num(k, 1e-6), num(k, 50.0));
    output(k, "part");
    linear(k, num(k, 0.0), num(k, 50.0), num(k, 0.0), peak);
    decay(k, num(k, 50.0), inf(k), peak, num(k, 0.5), num(k, 333.0));
    uint32_t e = plateau(k, (plateau_settings){.patience = 6, .threshold = 1e-4, .input = 0});
    scale_on(k, e, num(k, 0.9), num(k, -(double)INFINITY), 0.0);
}

/* A table: constant pieces and lines, more of them than a power of two. */
static void build_many(kit *k) {
    output(k, "lr");
    uint64_t seed = 7;
    double t = 0;
    for (int i = 0; i < 299; i++) {
        double next = t + floor(iprog_uniform(&seed) * 20.0);
        double v = iprog_uniform(&seed);
        if (i % 2 && next > t)
            linear(k, num(k, t), num(k, next), num(k, v), num(k, iprog_uniform(&seed)));
        else
            hold(k, num(k, next), num(k, v));
        t = next;
    }
    hold(k, inf(k), num(k, 1e-3));
}

/* No defaults, and names that C and C++ have uses for. */
static void build_names(kit *k) {
    ir_ref a = param(k, "default", no, 0.0, 1.0);
    ir_ref b = param(k, "class", 2.0, no, no);
    ir_ref c = param(k, "default_", no, no, no);
    ir_ref d = param(k, "peak", 3.0, 3.0, 3.0);
    output(k, "int");
    ir_ref *s = seg(k, LRS_K_LINEAR, inf(k), num(k, 0.0));
    s[HI] = op2(k, IR_MUL, b, c);
    s[A] = op2(k, IR_ADD, a, d);
}

/* Ends that are not whole steps or past what a step can hold, and a table that depends on a param in every place. */
static void build_edges(kit *k) {
    ir_ref s = param(k, "s", 1.0, 1e-300, 1e300);
    output(k, "lr");
    hold(k, op2(k, IR_MUL, s, num(k, 0.5)), s);
    decay(k, op2(k, IR_MUL, s, num(k, 0.5)), op2(k, IR_MUL, s, num(k, 0x1p52)), s, num(k, 1.0 - 0x1p-50), s);
    stairs(k, op2(k, IR_MUL, s, num(k, 0x1p52)), op2(k, IR_MUL, s, num(k, 0x1p61)), s, num(k, 0.999), num(k, 0x1p40));
    rising(k, LRS_K_SQRT, op2(k, IR_MUL, s, num(k, 0x1p61)), inf(k), s, num(k, 0.0), num(k, 0.0), s);
}

/* The detector made last is of another dialect. */
static lrs_k_det *dialect(kit *k, uint32_t d) {
    lrs_k_det *t = &k->det[k->ndet - 1];
    t->dialect = d;
    return t;
}

static void build_dialects(kit *k) {
    output(k, "lr");
    cosine_down(k, num(k, 0.0), num(k, 4000.0), num(k, 0.5), num(k, 0.01));
    hold(k, inf(k), num(k, 0.01));
    ir_ref none = num(k, -(double)INFINITY);
    uint32_t d = plateau(k, (plateau_settings){.patience = 2, .threshold = 1e-3, .absolute = 1, .cooldown = 2});
    dialect(k, LRS_K_KERAS);
    scale_on(k, d, num(k, 0.75), none, 0.0);
    d = plateau(k, (plateau_settings){.patience = 3, .threshold = 1e-2, .smooth = 0.5});
    dialect(k, LRS_K_OPTAX);
    k->det_word[d][5] = num(k, 1e-3);
    k->det_word[d][6] = num(k, 2.0);
    scale_on(k, d, num(k, 0.9), none, -1.0);
    k->rule_word[k->nrule - 1][3] = num(k, 0.2);
    d = plateau(k, (plateau_settings){.patience = 20, .threshold = 1e-4, .mode_max = 1, .cooldown = 15});
    lrs_k_det *t = dialect(k, LRS_K_PADDLE);
    t->patience_by = t->cooldown_by = LRS_K_BY_TIME;
    scale_on(k, d, num(k, 0.8), num(k, 1e-4), 1e-8);
    d = plateau(k, (plateau_settings){.patience = 12, .threshold = 1e-4, .cooldown = 3, .every = 2});
    dialect(k, LRS_K_KERAS)->patience_by = LRS_K_BY_TIME;
    rule(k, d, LRS_K_STOP, 0);
}

static lrs_k_det *detector(kit *k, uint32_t kind, uint32_t watch) {
    if (k->ndet == MAX_DET)
        fail(k->name, "too many detectors");
    lrs_k_det *d = &k->det[k->ndet++];
    *d = (lrs_k_det){.kind = kind, .watch = watch};
    return d;
}

static void condition(kit *k, uint32_t watch, ir_ref root, uint32_t seg_, uint32_t nseg) {
    if (k->nroot == MAX_EXPR)
        fail(k->name, "too many expressions");
    lrs_k_det *d = detector(k, LRS_K_CONDITION, watch);
    d->seg = seg_;
    d->nseg = nseg;
    d->expr = k->nroot;
    k->root[k->nroot++] = root;
}

/* hold 0.1 for 0.3 seconds; linear 200 -> 0.01 until (a > 1.5*b) { on diverge(a) restart }; hold */
static void build_events(kit *k) {
    k->input[0] = "a";
    k->input[1] = "b";
    k->input[2] = "elapsed";
    k->ninput = 3;
    k->clock = 2;
    ir_ref e0 = ir_event_ref(k->b, 0), e1 = ir_event_ref(k->b, 1), e2 = ir_event_ref(k->b, 2);
    ir_ref a = ir_input_ref(k->b, 0), b = ir_input_ref(k->b, 1), seconds = ir_input_ref(k->b, 2);
    ir_ref again = op2(k, IR_LT, e2, inf(k)), later = op2(k, IR_MAX, e0, e2);
    ir_ref begin = op3(k, IR_SELECT, again, later, e0);
    ir_ref planned = op2(k, IR_ADD, begin, num(k, 200.0)), cut = op2(k, IR_MIN, planned, e1), end = op2(k, IR_MAX, begin, cut);
    output(k, "lr");
    hold(k, e0, num(k, 0.1));
    ended_by(k, 0);
    hold(k, begin, num(k, 0.1));
    ended_by(k, 1);
    ir_ref *s = seg(k, LRS_K_LINEAR, end, begin);
    s[HI] = num(k, (0.01 - 0.1) / 200.0);
    s[A] = num(k, 0.1);
    ended_by(k, 1);
    hold(k, inf(k), num(k, 0.05));
    k->nevent = 3;

    lrs_k_det *d = detector(k, LRS_K_CLOCK, 1u << 2);
    d->nseg = 1;
    k->det_word[0][0] = num(k, 0.3);
    rule(k, 0, LRS_K_NEXT, 0);
    d = detector(k, LRS_K_DIVERGE, 1u);
    d->seg = 1;
    d->nseg = 2;
    ir_ref *w = k->det_word[1];
    w[0] = num(k, 2.0);
    w[1] = num(k, 0.5);
    w[2] = num(k, 3.0);
    w[3] = w[4] = num(k, 0.0);
    rule(k, 1, LRS_K_RESTART, 0);
    ir_ref much = op2(k, IR_MUL, b, num(k, 1.5)), above = op2(k, IR_LT, much, a);
    ir_ref late = op2(k, IR_LT, num(k, 50.0), leaf(k, IR_TIME)), both = op2(k, IR_AND, above, late);
    condition(k, 3u, both, 1, 2);
    rule(k, 2, LRS_K_NEXT, 0);
    uint32_t p = plateau(k, (plateau_settings){.patience = 0.1, .threshold = 1e-4, .input = 1, .cooldown = 0.05});
    k->det[p].patience_by = k->det[p].cooldown_by = LRS_K_BY_CLOCK;
    scale_on(k, p, num(k, 0.5), num(k, -(double)INFINITY), 0.0);
    condition(k, 4u, op2(k, IR_LT, num(k, 0.9), seconds), 0, 0);
    rule(k, k->ndet - 1, LRS_K_STOP, 0);
}

static const struct {
    iprog_case about;
    void (*build)(kit *k);
} cases[] = {
    {{"constant", "one constant, no state"}, build_constant},
    {{"card", "warm-up, exponential decay, plateau rule"}, build_card},
    {{"kinds", "every kind of segment, an empty one, all constant"}, build_kinds},
    {{"params", "params with and without ranges, checks, bind code"}, build_params},
    {{"scales", "at and every, constant"}, build_scales},
    {{"scales_params", "at, every and bounds that depend on params"}, build_scales_params},
    {{"plateau_min", "two plateau rules on one output, floor, cooldown, smoothing, bounds"}, build_plateau_min},
    {{"plateau_max", "mode=max, every, eps, stop"}, build_plateau_max},
    {{"next", "two phases ended by an event"}, build_next},
    {{"next_params", "an event that a check refuses"}, build_next_params},
    {{"bounds", "bounds, negative values, negative zero"}, build_bounds},
    {{"expr", "step code with every operation, inf and NaN"}, build_expr},
    {{"expr_params", "step code over params and bind values, plateau rule"}, build_expr_params},
    {{"outputs", "three outputs, two inputs"}, build_outputs},
    {{"relations", "outputs that read other outputs, and inputs"}, build_relations},
    {{"many", "300 segments"}, build_many},
    {{"names", "params without defaults, names that are keywords"}, build_names},
    {{"edges", "times that are not whole or very large"}, build_edges},
    {{"dialects", "plateau rules of keras, optax and paddle, patience and cooldown in time"}, build_dialects},
    {{"events", "three inputs, one of them a clock; conditions, diverge, restart; detectors of one phase"}, build_events},
};

size_t iprog_count(void) {
    return sizeof cases / sizeof cases[0];
}

const iprog_case *iprog_get(size_t i) {
    return &cases[i].about;
}

ir_program *iprog_build(size_t i, arena *mem) {
    kit *k = calloc(1, sizeof *k);
    if (!k)
        fail(cases[i].about.name, "no memory");
    k->name = cases[i].about.name;
    k->mem = mem;
    k->b = ir_begin(mem);
    k->p = arena_alloc(mem, sizeof *k->p);
    if (!k->b || !k->p)
        fail(k->name, "no memory");
    k->input[0] = "metric";
    k->ninput = 1;
    k->clock = LRS_K_NONE;
    cases[i].build(k);
    finish(k);
    ir_program *p = k->p;
    free(k);
    return p;
}

ir_program *iprog_build_name(const char *name, arena *mem) {
    for (size_t i = 0; i < iprog_count(); i++)
        if (strcmp(cases[i].about.name, name) == 0)
            return iprog_build(i, mem);
    fail(name, "no such case");
    return NULL;
}

/* ---- parameter sets ----------------------------------------------------------------------------- */

static double param_value(const ir_param *q, unsigned set, double r) {
    if (set == 0 && q->has_default)
        return q->def;
    if (!q->has_range)
        return q->has_default ? q->def * (0.5 + 4.0 * r) : 0.5 + r;
    if (set == 0)
        return q->lo + (q->hi - q->lo) * 0.5;
    if (q->lo > 0.0 && q->hi / q->lo > 1e3 && q->hi < 1e100) /* log scale */
        return fmin(q->hi, fmax(q->lo, q->lo * pow(q->hi / q->lo, r)));
    if (q->hi >= 1e100)
        return 0.25 + 8.0 * r;
    return q->lo + (q->hi - q->lo) * r;
}

void iprog_params(const ir_program *p, unsigned set, double *params) {
    uint64_t seed = set * 1000003u + 17u;
    for (uint32_t i = 0; i < p->layout.nparam; i++)
        params[i] = param_value(&p->params[i], set, iprog_uniform(&seed));
}

/* ---- the reference ------------------------------------------------------------------------------ */

/* What step code has of its caller: x, tau, u, cou, cycle. */
enum { LEAVES = 5 };

static double naive_at(const iprog_ref *r, uint32_t out, double x);

static double ref_ins(const iprog_ref *r, ir_ref n, const double *T, const double leaves[LEAVES]) {
    const ir_ins *ins = &r->p->ins[n];
    switch (ins->op) {
    case IR_CONST:
        return ins->imm;
    case IR_TIME:
        return leaves[0];
    case IR_TAU:
        return leaves[1];
    case IR_U:
        return leaves[2];
    case IR_COU:
        return leaves[3];
    case IR_CYCLE:
        return leaves[4];
    case IR_INPUT:
        return r->d[r->p->layout.input + ins->index];
    default:
        break;
    }
    if (ins->stage != IR_STAGE_STEP)
        return T[ins->slot];
    return r->value[n];
}

static double ref_expr(const lrs_k_program *k, uint32_t expr, const double *T, const double *D, double x, double tau, double u,
                       double cou, double cycle) {
    const iprog_ref *r = k->ctx;
    const ir_program *p = r->p;
    const double leaves[LEAVES] = {x, tau, u, cou, cycle};
    const ir_expr *e = &p->expr[expr];
    for (uint32_t i = 0; i < e->n; i++) { /* first: their step code leaves its own values in value[] */
        ir_ref n = p->exprlist[e->first + i];
        if (p->ins[n].op == IR_OUT)
            r->value[n] = r->naive ? naive_at(r, p->ins[n].index, x) : lrs_k_out_at(k, D, p->ins[n].index, x);
    }
    for (uint32_t i = 0; i < e->n; i++) {
        ir_ref n = p->exprlist[e->first + i];
        const ir_ins *ins = &p->ins[n];
        int arity = ir_op_arity((enum ir_op)ins->op);
        if (arity == 0)
            continue;
        double a = ref_ins(r, ins->a, T, leaves);
        double b = arity > 1 ? ref_ins(r, ins->b, T, leaves) : 0.0;
        double c = arity > 2 ? ref_ins(r, ins->c, T, leaves) : 0.0;
        r->value[n] = ir_eval_op((enum ir_op)ins->op, a, b, c);
    }
    return ref_ins(r, e->root, T, leaves);
}

static int ref_bind(const void *ctx, const double *params, const double *events, double *T) {
    const iprog_ref *r = ctx;
    return ir_bind(r->p, params, events, T);
}

int iprog_ref_init(iprog_ref *r, const ir_program *p, const double *params, arena *mem) {
    const lrs_k_layout *l = &p->layout;
    memset(r, 0, sizeof *r);
    r->p = p;
    r->nwords = (size_t)LRS_K_HEADER_WORDS + l->ni + l->nd;
    r->words = arena_alloc(mem, r->nwords * sizeof *r->words);
    r->value = arena_alloc(mem, p->nins * sizeof *r->value);
    r->table = arena_alloc(mem, (l->ntable + 1u) * sizeof *r->table);
    double *events = arena_alloc(mem, (l->nevent + 1u) * sizeof *events);
    if (!r->words || !r->value || !r->table || !events)
        fail(p->name, "no memory");
    r->i = (int64_t *)(void *)(r->words + LRS_K_HEADER_WORDS);
    r->d = (double *)(void *)(r->i + l->ni);
    r->k = (lrs_k_program){.layout = l,
                           .outs = p->outs,
                           .kinds = p->kinds,
                           .phases = p->phases,
                           .exprs = p->exprs,
                           .scales = p->scales,
                           .dets = p->dets,
                           .rules = p->rules,
                           .expr = p->nexpr ? ref_expr : NULL,
                           .ctx = r};
    for (uint32_t e = 0; e < l->nevent; e++)
        events[e] = (double)INFINITY;
    int constant = l->table == LRS_K_NONE;
    int failed = ir_bind(p, params, events, constant ? r->table : r->d + l->table);
    if (failed)
        return failed;
    r->k.table = constant ? r->table : NULL;
    r->k.bind = constant ? NULL : ref_bind;
    for (uint32_t i = 0; i < l->nparam; i++)
        r->d[i] = params[i];
    lrs_k_reset(&r->k, r->words);
    return 0;
}

double iprog_ref_value(const iprog_ref *r, uint32_t out, int64_t step) {
    return lrs_k_value(&r->k, r->d, out, step);
}

int iprog_ref_observe(iprog_ref *r, uint32_t input, int64_t step, double metric) {
    return lrs_k_observe(&r->k, r->i, r->d, input, step, metric);
}

static const double *ref_table(const iprog_ref *r) {
    return r->k.table ? r->k.table : r->d + r->p->layout.table;
}

static double naive_base(const iprog_ref *r, const lrs_k_out *o, double x) {
    const double *T = ref_table(r), *g = T + o->seg;
    uint32_t s = 0;
    while (g[0] <= x && s + 1 < o->nseg) {
        g += LRS_K_SEG_WORDS;
        s++;
    }
    double hi = g[2], lo = g[3], a = g[4], b = g[5], off = g[6], p = g[7];
    double tau = x - g[1], product = fma(tau, hi, tau * lo), w = off + product;
    switch (r->p->kinds[o->kind + s]) {
    case LRS_K_CONST:
        return a;
    case LRS_K_LINEAR:
    {
        double part = tau * hi, rest = fma(tau, lo, fma(tau, hi, -part)), v = a + part, back = v - a;
        return v + (((a - (v - back)) + (part - back)) + rest);
    }
    case LRS_K_EXP2:
    case LRS_K_STAIR: {
        double n = r->p->kinds[o->kind + s] == LRS_K_STAIR ? ir_eval_op(IR_STAIRS, tau, off, 0) : tau, h = n * hi;
        return a + (n == 0 ? b : ir_eval_op(IR_EXP2S, b, h, fma(n, lo, fma(n, hi, -h)) + p));
    }
    case LRS_K_HCOS:
        return fma(b, ir_eval_op(IR_HCOS, w, 0, 0), a);
    case LRS_K_POW:
        return fma(b, ir_eval_op(IR_POW, w, p, 0), a);
    case LRS_K_SQRT:
        return fma(b, sqrt(w), a);
    case LRS_K_COSQRT:
        return fma(b, w / (1.0 + sqrt(fma(p - x, hi, (p - x) * lo))), a);
    case LRS_K_RSQRT:
        return fma(b, 1.0 / sqrt(w), a);
    case LRS_K_RECIP:
        return fma(b, 1.0 / w, a);
    default:
        break;
    }
    double to_end = off - x;
    return ref_expr(&r->k, r->p->exprs[o->kind + s], T, r->d, x, tau, fma(tau, hi, tau * lo), fma(to_end, hi, to_end * lo), 0.0);
}

static double naive_at(const iprog_ref *r, uint32_t out, double x) {
    const ir_program *p = r->p;
    const lrs_k_out *o = &p->outs[out];
    const double *T = ref_table(r);
    double v = naive_base(r, o, x);
    for (uint32_t i = 0; i < o->nscale; i++) {
        const lrs_k_scale *s = &p->scales[o->scale + i];
        const double *t = T + s->t;
        double n = 0.0, factor, low;
        if (s->what == LRS_K_STATE) {
            factor = r->d[s->d];
            low = t[0];
        } else {
            for (uint32_t j = 0; s->what == LRS_K_AT && j < s->n; j++)
                n += t[3 + j] <= x ? 1.0 : 0.0;
            if (s->what == LRS_K_EVERY)
                n = ir_eval_op(IR_STAIRS, x, t[3], 0);
            factor = n == 0.0 ? 1.0 : ir_eval_op(IR_EXP2X, t[0], t[1], n);
            low = t[2];
        }
        double w = v * factor;
        v = factor < 1.0 && w < low ? (v < low ? v : low) : w;
    }
    if (o->bounds != LRS_K_NONE)
        v = v < T[o->bounds] ? T[o->bounds] : v > T[o->bounds + 1] ? T[o->bounds + 1] : v;
    return v != v ? LRS_K_NAN : v;
}

double iprog_naive_value(const iprog_ref *r, uint32_t out, int64_t step) {
    iprog_ref naive = *r;
    naive.naive = 1;
    naive.k.ctx = &naive;
    return naive_at(&naive, out, step < 0 ? 0.0 : (double)step);
}

/* ---- steps and metrics -------------------------------------------------------------------------- */

uint64_t iprog_random(uint64_t *seed) {
    uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

double iprog_uniform(uint64_t *seed) {
    return (double)(iprog_random(seed) >> 11) * 0x1p-53;
}

uint64_t iprog_bits(double v) {
    uint64_t u;
    memcpy(&u, &v, sizeof u);
    return u;
}

static void around(double t, int64_t *steps, size_t cap, size_t *n) {
    if (!(t >= -0x1p62 && t <= 0x1p62))
        return;
    for (int64_t j = -1; j <= 2 && *n < cap; j++)
        steps[(*n)++] = (int64_t)floor(t) + j;
}

size_t iprog_steps(const iprog_ref *r, uint64_t seed, size_t nrandom, int64_t *steps, size_t cap) {
    static const int64_t always[] = {0, 1, 2, -1, -5, INT64_MIN, INT64_MAX, INT64_MAX - 1, ((int64_t)1 << 53) - 1,
                                     (int64_t)1 << 53, ((int64_t)1 << 53) + 1, 1000000000};
    const double *T = ref_table(r);
    size_t n = 0;
    for (size_t i = 0; i < sizeof always / sizeof always[0] && n < cap; i++)
        steps[n++] = always[i];
    double last = 1000.0;
    for (uint32_t o = 0; o < r->p->layout.nout; o++) {
        const lrs_k_out *out = &r->p->outs[o];
        for (uint32_t s = 0; s < out->nseg; s++) {
            double end = T[out->seg + s * LRS_K_SEG_WORDS];
            around(end, steps, cap, &n);
            if (end < 1e9 && end > last)
                last = end;
        }
        for (uint32_t s = 0; s < out->nscale; s++) {
            const lrs_k_scale *sc = &r->p->scales[out->scale + s];
            for (uint32_t j = 0; sc->what == LRS_K_AT && j < sc->n; j++)
                around(T[sc->t + 3 + j], steps, cap, &n);
            for (int j = 1; sc->what == LRS_K_EVERY && j < 20; j++)
                around(T[sc->t + 3] * j, steps, cap, &n);
        }
    }
    for (size_t i = 0; i < nrandom && n < cap; i++) {
        if (i % 4 == 3)
            steps[n++] = (int64_t)(iprog_random(&seed) >> (1 + iprog_random(&seed) % 62));
        else
            steps[n++] = (int64_t)(iprog_uniform(&seed) * last * 1.5);
    }
    return n;
}

double iprog_metric(uint64_t *seed, uint64_t n) {
    double noise = iprog_uniform(seed);
    if (noise < 0.02)
        return (double)NAN;
    if (noise < 0.025)
        return (double)INFINITY;
    double trend = n % 100 < 40 ? 1.0 / (1.0 + (double)(n % 100)) : n % 100 < 70 ? 0.025 : 0.01 * (double)(n % 100);
    return trend * (1.0 + 0.05 * noise);
}
