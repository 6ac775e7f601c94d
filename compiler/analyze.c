/* analyze.c: what is valid and probably not meant: jumps, rates that are negative or no numbers, phases and rules that
 * never act, a schedule that does not end with the run.
 *
 * In: a completed ir_program with the places of its phases and rules. Out: warnings and notes. Calls: the kernels, on a
 * table bound with the params as they are given, or else at their defaults, then with each of the others at the ends of its range.
 *
 * Nothing is proved: rates are looked at where phases begin and end and at a bounded number of steps between, so that every
 * warning shows a step where it is true. The work is linear in the number of segments and bounded for each.
 */
#include "analyze.h"

#include <math.h>
#include <string.h>

#include "kernel/value.h"

/* No run is longer than this, where the program does not say how long it is. */
#define LONGEST 1e12
/* Values that all binds with a param at an end of its range may take together. */
#define BIND_BUDGET ((uint64_t)2000000)
/* Operations of step code for each bind. */
#define CODE_BUDGET ((uint64_t)1000000)
/* Scales applied for each bind: every value of an output applies all of that output. */
#define SCALE_BUDGET ((uint64_t)1 << 24)
/* A run of so many steps is looked at step by step, where that decides. */
#define MOST_STEPS 20000
/* How far a chain of outputs that read each other is followed. */
#define DEEPEST 64

typedef struct analysis {
    const ir_program *p;
    lrs_diagnostics *d;
    arena mem;
    double *params;
    double *v;          /* of every ir value; STEP ones while step code runs */
    double *T, *D;
    lrs_k_program k;
    uint32_t out;
    const lrs_k_out *o; /* what is looked at: the output, or a block */
    uint64_t code;      /* operations of step code left */
    uint64_t scales;    /* applications of scales left */
    uint64_t *cost;     /* of every expression: operations, with those of the outputs that it reads */
    int is_rate;        /* is a value of the output below 0 wrong? */
    double peak;        /* the highest rate seen */
    double highest;     /* of all outputs */
    double least, most; /* of the rates of an output before its bounds */
    unsigned said;      /* bit k: problem k is reported */
    const char *with;   /* "", or " with `x` = 3" */
} analysis;

/* ---- binding and evaluating ------------------------------------------------------------------------ */

static double run_expr(const lrs_k_program *k, uint32_t e, const double *T, const double *D, double x, double tau, double u,
                       double cou, double cycle)
{
    const analysis *a = k->ctx;
    const ir_program *p = a->p;
    double *v = a->v;
    (void)T;
    /* First what other outputs are, since their step code leaves its own values in v[]. */
    for (uint32_t j = 0; j < p->expr[e].n; j++) {
        ir_ref r = p->exprlist[p->expr[e].first + j];
        if (p->ins[r].op == IR_OUT)
            v[r] = lrs_k_out_at(k, D, p->ins[r].index, x);
    }
    for (uint32_t j = 0; j < p->expr[e].n; j++) {
        ir_ref r = p->exprlist[p->expr[e].first + j];
        const ir_ins *i = &p->ins[r];
        switch (i->op) {
        case IR_TIME:
            v[r] = x;
            break;
        case IR_TAU:
            v[r] = tau;
            break;
        case IR_U:
            v[r] = u;
            break;
        case IR_COU:
            v[r] = cou;
            break;
        case IR_CYCLE:
            v[r] = cycle;
            break;
        case IR_INPUT:
            v[r] = D[p->layout.input + i->index];
            break;
        case IR_OUT:
            break;
        default:
            v[r] = ir_eval_op((enum ir_op)i->op, v[i->a], v[i->b], v[i->c]);
            break;
        }
    }
    return v[p->expr[e].root];
}

/* The costliest of an output's expressions. */
static uint64_t cost_of(const analysis *a, uint32_t out)
{
    const lrs_k_out *o = &a->p->outs[out];
    uint64_t most = 1;
    for (uint32_t j = 0; j < o->nseg; j++) {
        uint64_t c = a->p->kinds[o->kind + j] == LRS_K_EXPR ? a->cost[a->p->exprs[o->kind + j]] : 1;
        most = c > most ? c : most;
    }
    return most;
}

/* Outputs that are read are not always before those that read them: as many rounds as they read each other in a row. */
static void weigh(analysis *a)
{
    const ir_program *p = a->p;
    int changed = 1;
    for (int round = 0; changed && round <= DEEPEST; round++) {
        changed = 0;
        for (uint32_t e = 0; e < p->nexpr; e++) {
            uint64_t c = p->expr[e].n;
            for (uint32_t j = 0; j < p->expr[e].n; j++) {
                const ir_ins *i = &p->ins[p->exprlist[p->expr[e].first + j]];
                if (i->op == IR_OUT)
                    c += cost_of(a, i->index);
            }
            changed |= c != a->cost[e];
            a->cost[e] = c;
        }
    }
}

static int begin(analysis *a, const ir_program *p, lrs_diagnostics *d, const lrs_allocator *allocator)
{
    const lrs_k_layout *l = &p->layout;
    memset(a, 0, sizeof *a);
    a->p = p;
    a->d = d;
    a->with = "";
    arena_init(&a->mem, allocator);
    a->params = arena_alloc(&a->mem, ((size_t)l->nparam + 1) * sizeof(double));
    a->v = arena_alloc(&a->mem, ((size_t)p->nins + 1) * sizeof(double));
    a->T = arena_alloc(&a->mem, ((size_t)l->ntable + 1) * sizeof(double));
    a->D = arena_alloc(&a->mem, ((size_t)l->nsave + 1) * sizeof(double));
    a->cost = arena_alloc(&a->mem, ((size_t)p->nexpr + 1) * sizeof *a->cost);
    if (arena_failed(&a->mem))
        return LRS_E_NOMEM;
    weigh(a);
    a->k = (lrs_k_program){.layout = l, .outs = p->outs, .kinds = p->kinds, .phases = p->phases, .exprs = p->exprs,
                           .scales = p->scales, .dets = p->dets, .rules = p->rules, .blocks = p->blocks, .table = a->T, .expr = run_expr, .ctx = a};
    for (uint32_t j = 0; j < l->nparam; j++)
        a->params[j] = ir_param_usual(&p->params[j]);
    for (uint32_t j = 0; j < l->nsave; j++)
        a->D[j] = 1; /* the factors of rules that have not acted */
    for (uint32_t j = 0; l->input != LRS_K_NONE && j < l->ninput; j++)
        a->D[l->input + j] = (double)NAN;
    for (uint32_t j = 1; j < p->nins; j++)
        if (p->ins[j].op == IR_CONST)
            a->v[j] = p->ins[j].imm;
    return LRS_OK;
}

/* 0, or 1 + the check that fails. No event has ended a phase. */
static uint32_t bind(analysis *a)
{
    const ir_program *p = a->p;
    for (uint32_t j = 0; j < p->nbindlist; j++) {
        ir_ref r = p->bindlist[j];
        const ir_ins *i = &p->ins[r];
        a->v[r] = i->op == IR_PARAM   ? a->params[i->index]
                  : i->op == IR_EVENT ? (double)INFINITY
                                      : ir_eval_op((enum ir_op)i->op, a->v[i->a], a->v[i->b], a->v[i->c]);
    }
    for (uint32_t j = 0; j < p->nchecks; j++)
        if (a->v[p->checks[j].cond] == 0)
            return j + 1;
    for (uint32_t j = 0; j < p->layout.ntable; j++)
        a->T[j] = a->v[p->table[j]];
    a->code = CODE_BUDGET;
    a->scales = SCALE_BUDGET;
    return 0;
}

static double segment_end(const analysis *a, uint32_t j)
{
    return a->T[a->o->seg + j * LRS_K_SEG_WORDS];
}

static double segment_start(const analysis *a, uint32_t j)
{
    return j ? segment_end(a, j - 1) : 0;
}

/* Of a phase with phases in braces: what it is there, and at its end what it was just before. */
static double law_in_braces(const analysis *a, uint32_t j, double x)
{
    double last = nextafter(segment_end(a, j), -(double)INFINITY);
    return lrs_k_bounded(a->o, a->T, lrs_k_base(&a->k, a->T, a->D, a->o, a->o->mask, x < last ? x : last));
}

/* The law of segment j at any time, also where the segment does not hold; within the bounds of the output. */
static double law(const analysis *a, uint32_t j, double x)
{
    const lrs_k_out *o = a->o;
    if (a->p->kinds[o->kind + j] == LRS_K_SUB)
        return law_in_braces(a, j, x);
    lrs_k_seg s = lrs_k_load_seg(a->T + o->seg + (size_t)j * LRS_K_SEG_WORDS);
    uint32_t kind = a->p->kinds[o->kind + j];
    double v = kind == LRS_K_EXPR ? lrs_k_law_expr(&a->k, a->T, a->D, a->p->exprs[o->kind + j], &s, x, x, 1, 0) : lrs_k_law(kind, LRS_K_ANY, &s, x);
    return lrs_k_bounded(o, a->T, v);
}

/* The rate that a trainer gets. */
static double value(const analysis *a, double step)
{
    return lrs_k_value_at(&a->k, a->D, a->out, a->p->outs[a->out].mask, step);
}

static const ir_phase *phase_of(const analysis *a, uint32_t j)
{
    return &a->p->phase[a->p->phase_of[a->o->kind + j]];
}

/* What a phase begins with: of one with phases in braces, the first of these. */
static const ir_phase *entry_of(const analysis *a, const ir_phase *q)
{
    while ((q->traits & IR_PHASE_BRACES) && q + 1 < a->p->phase + a->p->nphase && q[1].around == (uint32_t)(q - a->p->phase) + 1)
        q++;
    return q;
}

/* Is q the phase after p, at the same level? */
static int follows(const analysis *a, const ir_phase *p, const ir_phase *q)
{
    const ir_phase *end = a->p->phase + a->p->nphase, *next = p + 1;
    while (next < end && next->around != p->around)
        next++;
    return next == q;
}

/* The first segment after the last phase: the rate where the schedule ended. 0: the last phase is open-ended. */
static uint32_t trailing(const analysis *a)
{
    uint32_t n = a->o->nseg;
    return n > 1 && (phase_of(a, n - 1)->traits & (IR_PHASE_LENGTH | IR_PHASE_UNTIL | IR_PHASE_OWN_END)) ? n - 1 : 0;
}

static double greater(double x, double y)
{
    return x > y ? x : y;
}

/* Is a diagnostic of this code already inside `at`? check.c sees some of these things without binding anything. */
static int is_reported(const analysis *a, enum diag_code code, span at)
{
    for (const diag *g = a->d->first; g; g = g->next)
        if (g->code == code && g->from.file == at.file && g->from.call == at.call && g->from.begin >= at.begin && g->from.end <= at.end)
            return 1;
    return 0;
}

/* ---- rates that no trainer wants ------------------------------------------------------------------------- */

enum problem { FINE, NEGATIVE, NOT_A_NUMBER, INFINITE };

static enum problem judge(const analysis *a, double v)
{
    if (v != v)
        return NOT_A_NUMBER;
    if (fabs(v) > 1.7976931348623157e308)
        return INFINITE;
    return a->is_rate && v < -1e-12 * a->peak ? NEGATIVE : FINE; /* below 0 by more than rounding */
}

/* Begins with the output a->out. What no optimizer takes below 0 is told by its name: a bias or a logit may be negative. */
static void begin_output(analysis *a)
{
    static const char *const words[] = {"lr", "rate", "wd", "decay", "momentum", "beta", "betas", "eps", NULL}, *const log[] = {"log", NULL};
    const char *name = a->p->output_names[a->out];
    a->o = &a->p->outs[a->out];
    a->is_rate = name && diag_has_word(name, words) && !diag_has_word(name, log);
    a->peak = 0;
}

/* "the rate", or what it is called. */
static const char *subject(analysis *a)
{
    const char *name = a->p->output_names[a->out], *quoted = strcmp(name, "lr") == 0 ? NULL : arena_printf(&a->mem, "`%s`", name);
    return quoted ? quoted : "the rate";
}

/* The first step after `good` that has the problem of `bad`, if it has it from there on. */
static double first_with(const analysis *a, double good, double bad, enum problem what)
{
    while (bad - good > 1) {
        double middle = floor(good + (bad - good) / 2);
        if (judge(a, value(a, middle)) == what)
            bad = middle;
        else
            good = middle;
    }
    return bad;
}

static void report_problem(analysis *a, enum problem what, double good, double bad, uint32_t j)
{
    static const char *const helps[] = {[NEGATIVE] = "end the phase where it reaches 0, or add `bounds 0 .. 1`",
                                        [NOT_A_NUMBER] = "look for 0/0, for numbers past 1.8e308, and for a logarithm or a root of a negative number",
                                        [INFINITE] = "look for a division by 0, or a growth without an end"};
    if (a->said & 1u << what)
        return;
    a->said |= 1u << what;
    double step = first_with(a, good, bad, what);
    span at = phase_of(a, j)->at;
    diag *g;
    if (what == NEGATIVE)
        g = diag_add(a->d, DIAG_NEGATIVE, at, "%s is negative at step %.15g%s: %.6g", subject(a), step, a->with, value(a, step));
    else
        g = diag_add(a->d, DIAG_NOT_FINITE, at, "%s is %s at step %.15g%s", subject(a), what == INFINITE ? "infinite" : "not a number", step, a->with);
    diag_help(a->d, g, "%s", helps[what]);
}

typedef struct walk {
    double good; /* the last step whose rate is fine; -1: none yet */
} walk;

static void look_at(analysis *a, walk *w, uint32_t j, double step)
{
    uint32_t nscale = a->p->outs[a->out].nscale;
    if (nscale > a->scales)
        return;
    a->scales -= nscale;
    double v = value(a, step), base = lrs_k_base(&a->k, a->T, a->D, a->o, a->o->mask, step);
    enum problem what = judge(a, v);
    if (!(base >= a->least))
        a->least = base == base ? base : -(double)INFINITY;
    if (!(base <= a->most))
        a->most = base == base ? base : (double)INFINITY;
    if (what == FINE) {
        w->good = step;
        a->peak = greater(a->peak, v);
    } else {
        report_problem(a, what, w->good, step, j);
    }
}

/* How many steps of a segment are looked at. Laws in normal form are monotone but for a half-cosine's, which a phase shows
 * half a period of; formulas may do anything. */
static uint32_t samples_of(analysis *a, uint32_t j)
{
    const lrs_k_out *o = &a->p->outs[a->out];
    uint32_t kind = a->p->kinds[o->kind + j], n = 65;
    if (kind == LRS_K_CONST)
        return 1;
    if (kind != LRS_K_EXPR && kind != LRS_K_SUB)
        return 9;
    uint64_t cost = kind == LRS_K_EXPR ? a->cost[a->p->exprs[o->kind + j]] : 0;
    for (uint32_t e = 0; kind == LRS_K_SUB && (o->mask & 1u << LRS_K_EXPR) && e < a->p->nexpr && e < 64; e++)
        cost = a->cost[e] > cost ? a->cost[e] : cost;
    while (n > 3 && cost * n > a->code / 4)
        n /= 2;
    a->code -= cost * n < a->code ? cost * n : a->code;
    return n;
}

static void look_at_rates(analysis *a)
{
    const lrs_k_out *o = &a->p->outs[a->out];
    double run = a->p->total > 0 ? ceil(a->p->total) : LONGEST;
    walk w = {-1};
    for (uint32_t j = 0; j < o->nseg; j++) { /* what is below 0 by rounding is judged by how high the others are */
        double v = law(a, j, segment_start(a, j));
        if (segment_start(a, j) < segment_end(a, j) && isfinite(v))
            a->peak = greater(a->peak, v);
    }
    for (uint32_t j = 0; j < o->nseg; j++) {
        double first = ceil(segment_start(a, j)), end = segment_end(a, j), last = (end < run ? ceil(end) : run) - 1;
        if (!(first <= last))
            continue;
        uint32_t n = samples_of(a, j);
        int open = end == (double)INFINITY;
        look_at(a, &w, j, first);
        if (a->p->kinds[o->kind + j] == LRS_K_SUB) { /* two rounds more closely */
            double two = fmin(last - first, 2 * a->T[o->seg + j * LRS_K_SEG_WORDS + 2]);
            for (uint32_t i = 1; i < n; i++)
                look_at(a, &w, j, floor(first + two * i / n));
        }
        if (n > 1 && open && a->p->total <= 0) { /* farther and farther */
            for (double d = 1; first + d < last; d = n > 9 ? floor(d * 1.5 + 1) : d * 4)
                look_at(a, &w, j, first + d);
        } else {
            for (uint32_t i = 1; i + 1 < n; i++)
                look_at(a, &w, j, floor(first + (last - first) * i / (n - 1)));
        }
        if (n > 1)
            look_at(a, &w, j, last);
    }
}

/* Does one of these entries of the table depend on a param? */
static int reads_param(const analysis *a, uint32_t first, uint32_t n)
{
    for (uint32_t j = first; j < first + n; j++)
        if (a->p->ins[a->p->table[j]].op != IR_CONST)
            return 1;
    return 0;
}

static const char *with_params(const analysis *a)
{
    for (uint32_t i = 0; i < a->p->layout.nparam; i++)
        if (a->p->params[i].is_given)
            return "with these params, ";
    return "with the default params, ";
}

/* The steps of a run that ends so soon that all of them can be looked at; 0: it does not. */
static uint64_t all_steps(const analysis *a)
{
    uint32_t after = trailing(a);
    double run = a->p->total > 0 ? ceil(a->p->total) : after ? segment_start(a, after) + 1 : (double)INFINITY;
    return run <= MOST_STEPS ? (uint64_t)run : 0;
}

/* A formula, or a round, may be anything between the steps that were looked at. Of a short run all are; 0: it is not short, or
 * what it reads is moved by rules. */
static int look_at_all(analysis *a)
{
    const lrs_k_out *o = &a->p->outs[a->out];
    uint64_t n = all_steps(a), cost = 1;
    for (uint32_t e = 0; e < a->p->nexpr; e++)
        cost = a->cost[e] > cost ? a->cost[e] : cost;
    if (!n || a->p->layout.nrule || a->p->layout.nevent || cost > a->code / n)
        return 0;
    a->code -= cost * n;
    for (uint64_t i = 0; i < n; i++) {
        double base = lrs_k_base(&a->k, a->T, a->D, o, o->mask, (double)i);
        if (base != base)
            return 0;
        a->least = fmin(a->least, base);
        a->most = fmax(a->most, base);
    }
    return 1;
}

/* Bounds that all rates are outside of, where no rule and no event moves these. */
static void look_at_bounds(analysis *a)
{
    const lrs_k_out *o = &a->p->outs[a->out];
    int is_sampled = 0;
    if (o->bounds == LRS_K_NONE || o->nscale || !a->p->bounds_at || a->p->bounds_at[a->out].end == 0 || a->least > a->most)
        return;
    for (uint32_t j = 0; j < o->nseg; j++) {
        if (a->p->phases[o->kind + j] != LRS_K_NONE)
            return;
        is_sampled |= a->p->kinds[o->kind + j] == LRS_K_EXPR || a->p->kinds[o->kind + j] == LRS_K_SUB;
    }
    double low = a->T[o->bounds], high = a->T[o->bounds + 1];
    if ((!(a->most < low) && !(a->least > high)) || (is_sampled && !look_at_all(a)) || (!(a->most < low) && !(a->least > high)))
        return;
    double rate = a->most < low ? a->most : a->least;
    int of_params = is_sampled ? a->p->layout.nparam > 0 : reads_param(a, o->bounds, 2) || reads_param(a, o->seg, o->nseg * LRS_K_SEG_WORDS);
    diag *g = diag_add(a->d, DIAG_BOUNDS, a->p->bounds_at[a->out], "%sall rates are %s these bounds: the schedule is %.6g all the time",
                       of_params ? with_params(a) : "", a->most < low ? "below" : "above", a->most < low ? low : high);
    diag_help(a->d, g, "its %s rate would be %.6g", a->most < low ? "highest" : "lowest", rate);
}

/* ---- jumps ----------------------------------------------------------------------------------------------------- */

/* Rates that a phase may begin at on purpose: a restart. */
typedef struct history {
    double first, start, peak; /* of the schedule; of the phase before; so far */
} history;

static int near(double x, double y, double slack)
{
    return fabs(x - y) <= 1e-3 * greater(fabs(x), fabs(y)) + slack;
}

/* A shifted law is a step ahead of itself: what it changes in a step is no jump. */
static double slack_of(const analysis *a, uint32_t i, uint32_t j, double at)
{
    double slack = 0;
    if (a->p->kinds[a->o->kind + i] == LRS_K_SUB) /* looked at just before its end */
        slack = 1e-6 * a->highest;
    if (phase_of(a, i)->traits & IR_PHASE_SHIFTED)
        slack += fabs(law(a, i, at) - law(a, i, at - 1));
    if (phase_of(a, j)->traits & IR_PHASE_SHIFTED)
        slack += fabs(law(a, j, at + 1) - law(a, j, at));
    return slack;
}

static void report_jump(analysis *a, uint32_t i, uint32_t j, double at, double before, double after)
{
    const ir_phase *q = entry_of(a, phase_of(a, j)), *p = phase_of(a, i);
    const char *where = a->o == &a->p->outs[a->out] ? "at step" : "in each round, at its step";
    diag *g;
    if (is_reported(a, DIAG_JUMP, p == q ? q->at : q->start_at))
        return;
    if (p == q) {
        g = diag_add(a->d, DIAG_JUMP, q->at, "at its end, %s %.15g, the rate jumps from %.6g to %.6g", where, ceil(at), before, after);
        diag_help(a->d, g, "its law does not arrive at the target: a shape is 1 at u = 1");
        return;
    }
    g = diag_add(a->d, DIAG_JUMP, q->start_at, "the rate jumps here from %.6g to %.6g, %s %.15g", before, after, where, ceil(at));
    diag_note(a->d, g, p->at, "the phase before ends at %.6g", before);
    if (q->traits & IR_PHASE_FROM)
        diag_help(a->d, g, "without `from` it goes on from there");
    else if (q->traits & IR_PHASE_ZERO)
        diag_help(a->d, g, "`warmup` begins at 0: add `from %.6g` to go on from there", before);
    else if (q->traits & IR_PHASE_FORMULA)
        diag_help(a->d, g, "in a formula `start` is the rate where the phase before ended");
    else
        diag_help(a->d, g, "one of their laws does not keep to its start or target: a shape is 0 at u = 0 and 1 at u = 1, a decay is 1 at t = 0%s",
                  p->traits & IR_PHASE_SHIFTED ? ", and with a `shift` below 0 the target is reached late" : "");
}

/* `hold 5000` where `hold for 5000` is meant. before: the rate until here; below 0: there is none. */
static void look_at_held(analysis *a, const ir_phase *q, double before, double rate)
{
    const source *s = &a->d->sources.at[q->start_at.file];
    const char *text = s->text + q->start_at.begin;
    int n = (int)(q->start_at.end - q->start_at.begin);
    int is_written = strncmp(q->text, "hold ", 5) == 0 && q->start_at.call == 0 && n > 0 && n < 20 && *text >= '0' && *text <= '9';
    if (!is_written || rate != floor(rate) || !(rate >= (before < 0 ? 1000 : greater(2, 100 * before))))
        return;
    diag *g = before > 0 ? diag_add(a->d, DIAG_RATE_OR_LENGTH, q->start_at, "in `hold %.*s` the number is the rate, and the rate before it is %.6g", n, text, before)
                         : diag_add(a->d, DIAG_RATE_OR_LENGTH, q->start_at, "in `hold %.*s` the number is the rate", n, text);
    if (before > 0 && !(q->traits & (IR_PHASE_LENGTH | IR_PHASE_UNTIL))) {
        diag_fix(a->d, g, "for %.*s", n, text);
        diag_help(a->d, g, "to stay at %.6g for so long, write `hold for %.*s`", before, n, text);
    } else {
        diag_help(a->d, g, "a length comes after `for`, as in `hold 0.1 for %.*s`", n, text);
    }
}

/* `rangetest 1 -> 1e-6`: the two ends mixed up. */
static void look_at_range_test(analysis *a, const ir_phase *q, double first, double last)
{
    if (!(q->traits & IR_PHASE_RANGETEST) || !(last < first) || !isfinite(first) || is_reported(a, DIAG_FALLING, q->at))
        return;
    diag *g = diag_add(a->d, DIAG_FALLING, q->at, "this range test falls, from %.6g to %.6g", first, last);
    diag_help(a->d, g, "it begins at a rate that is too low, and ends where the loss grows: `rangetest %.6g -> %.6g`", last, first);
}

/* `cosine until 100 -> 10%` where a tenth of the rate so far is meant. */
static void look_at_percent_target(analysis *a, const ir_phase *q, double first, double last)
{
    const char *text = a->d->sources.at[q->at.file].text;
    span at = q->at;
    int may_rise = last >= 1 || strncmp(q->text, "warmup", 6) == 0;
    if (q->at.call || may_rise || !(first > 0) || !(last > first) || is_reported(a, DIAG_PERCENT, q->at))
        return;
    while (at.end > at.begin + 2 && (text[at.end - 2] != '-' || text[at.end - 1] != '>'))
        at.end--;
    at.begin = at.end + (uint32_t)strspn(text + at.end, " ");
    at.end = at.begin + (uint32_t)strspn(text + at.begin, "0123456789.");
    if (at.end == at.begin || at.end >= q->at.end || text[at.end] != '%')
        return;
    at.end++;
    if (at.end < q->at.end && strchr("*/^+-", text[at.end + strspn(text + at.end, " ")])) /* a part of an expression */
        return;
    diag *g = diag_add(a->d, DIAG_PERCENT, at, "`%.*s` is a rate of %.6g here, and this phase rises to it from %.6g", (int)(at.end - at.begin), text + at.begin, last, first);
    diag_help(a->d, g, "that part of %.6g is `-> %.6g`; of a param or a `let` named peak, it is `-> %.6g*peak`", first, first * last, last);
}

static int is_restart(const history *h, const ir_phase *q, double after)
{
    return (q->traits & IR_PHASE_FROM) && (near(after, h->first, 0) || near(after, h->start, 0) || near(after, h->peak, 0));
}

static void look_at_jumps(analysis *a)
{
    const lrs_k_out *o = a->o;
    uint32_t before = o->nseg; /* the segment that ends where this one begins */
    history h = {0, 0, 0};
    for (uint32_t j = 0; j < o->nseg; j++) {
        double start = segment_start(a, j), end = segment_end(a, j);
        if (!(start < end))
            continue;
        const ir_phase *q = phase_of(a, j);
        double b = law(a, j, start);
        if (a->out == 0 && o == a->p->outs && (q->traits & IR_PHASE_VALUE))
            look_at_held(a, q, before < o->nseg ? law(a, before, start) : -1, b);
        look_at_range_test(a, q, b, law(a, j, end));
        look_at_percent_target(a, q, b, law(a, j, end));
        if (before < o->nseg) {
            const ir_phase *p = phase_of(a, before);
            double e = law(a, before, start);
            int same = p == q && j != trailing(a); /* a shifted phase has three segments */
            int own_start = (entry_of(a, q)->traits & (IR_PHASE_FROM | IR_PHASE_ZERO | IR_PHASE_FORMULA)) != 0;
            /* an empty phase, between them or at the end, passes its target on */
            int adjoin = q == p || (j != trailing(a) && (follows(a, p, q) || own_start));
            h.peak = greater(h.peak, e);
            if (!same && adjoin && (!(entry_of(a, q)->traits & IR_PHASE_VALUE) || p == q) && isfinite(b) && isfinite(e) &&
                (a->p->total <= 0 || start < a->p->total) && !near(e, b, slack_of(a, before, j, start)) && !is_restart(&h, entry_of(a, q), b))
                report_jump(a, before, j, start, e, b);
            if (p != q)
                h.start = b;
        } else {
            h.first = h.start = b;
        }
        h.peak = greater(h.peak, b);
        before = j;
    }
}

/* ---- phases --------------------------------------------------------------------------------------------------------- */

/* Does it begin without an event? */
static int is_reached(const analysis *a, const ir_phase *q)
{
    while (isfinite(a->v[q->start]) && q->around)
        q = &a->p->phase[q->around - 1];
    return isfinite(a->v[q->start]);
}

/* Is it written with a unit, or as a percentage? */
static int has_unit(const analysis *a, span at)
{
    const char *text = a->d->sources.at[at.file].text + at.begin;
    size_t n = at.end - at.begin;
    return memchr(text, '%', n) || memchr(text, ' ', n);
}

/* The param whose name these words are, and nothing else; NULL: they are more, or less. */
static const ir_param *param_at(const analysis *a, span at)
{
    const char *text = a->d->sources.at[at.file].text + at.begin;
    size_t n = at.end - at.begin;
    for (uint32_t i = 0; i < a->p->layout.nparam; i++)
        if (strlen(a->p->params[i].name) == n && memcmp(a->p->params[i].name, text, n) == 0)
            return &a->p->params[i];
    return NULL;
}

/* A round number that is clearly above: 1000 for 10, and for 0. */
static double longer_than(double start)
{
    double v = 1000;
    while (v < 2 * start && v < LONGEST)
        v *= 10;
    return v;
}

/* What lets a phase run that ends where a param says. */
static void advise_longer(const analysis *a, diag *g, const ir_param *by, double enough)
{
    if (by->is_given)
        diag_help(a->d, g, "`%s` is given as %.12g: it would run with `%s` = %.12g", by->name, by->given, by->name, enough);
    else
        diag_help(a->d, g, "`%s` is %.12g by default: it would run with `%s` = %.12g", by->name, by->def, by->name, enough);
}

static void look_at_phase(analysis *a, const ir_phase *q)
{
    double start = a->v[q->start], end = a->v[q->end];
    if (!is_reached(a, q) || is_reported(a, DIAG_NEVER_RUNS, q->at) || is_reported(a, DIAG_PERCENT, q->at))
        return;
    if (!(start < end)) {
        if (q->traits & IR_PHASE_UNTIL) { /* a length of 0 switches a phase off, on purpose */
            diag *g = diag_add(a->d, DIAG_NEVER_RUNS, q->end_at, "this phase never runs: it would begin at step %.15g%s, and it ends before", ceil(start),
                               q->around ? " of a round" : "");
            const ir_param *by = param_at(a, q->end_at);
            if (by && !q->at.call)
                advise_longer(a, g, by, longer_than(start));
            else if (q->at.call)
                diag_help(a->d, g, "the arguments of the call make it so: are two of them swapped?");
            else
                diag_help(a->d, g, "`until` is a point in time; a length is given by `for`");
        }
        return;
    }
    int is_short = a->p->counts_steps && end - start < 1 && (q->traits & IR_PHASE_LENGTH);
    if (is_short && !is_reported(a, DIAG_SHORT_DURATION, q->at)) {
        diag *g = diag_add(a->d, DIAG_SHORT_DURATION, q->end_at, "this duration is less than one step: %.6g", end - start);
        int is_plain = !has_unit(a, q->end_at);
        if (is_plain && a->p->total > 0)
            diag_help(a->d, g, "a length counts steps; a part of the run is written `%.6g%%`", 100 * (end - start));
        else if (is_plain)
            diag_help(a->d, g, "a length counts steps: a part of 1000 is `%.6g*1000`", end - start);
    } else if (!is_short && !q->around && ceil(start) >= end) {
        diag_add(a->d, DIAG_NEVER_RUNS, q->end_at, "this phase never runs: no step lies between its start at %.15g and its end at %.15g", start, end);
    }
}

static void look_at_start(analysis *a)
{
    const lrs_k_out *o = &a->p->outs[a->out];
    if (value(a, 0) != 0 || !(a->peak > 0))
        return;
    const ir_phase *q = entry_of(a, phase_of(a, lrs_k_segment_at(o, a->T, 0)));
    int is_epoch = a->p->step_unit && strcmp(a->p->step_unit, "epoch") == 0;
    const char *counted = is_epoch ? "epochs" : "updates";
    diag *g = is_epoch ? diag_add(a->d, DIAG_FIRST_EPOCH, q->at, "the first epoch has a rate of 0: it changes nothing")
                       : diag_add(a->d, DIAG_FIRST_UPDATE, q->at, "the first update, at step 0, has a rate of 0: it changes nothing");
    if (q->at.call) /* what it begins with is the template's */
        diag_help(a->d, g, "`shift=1` after the call counts %s from 1", counted);
    else if ((q->traits & IR_PHASE_ZERO) && (a->p->counts_steps || is_epoch) && a->v[q->end] > 1)
        diag_help(a->d, g, "`shift=1` counts %s from 1: the first then has a rate of %.6g", counted, law(a, lrs_k_segment_at(o, a->T, 0), 1));
    else if (q->traits & IR_PHASE_OF_STEP)
        diag_help(a->d, g, "`step + 1` counts %s from 1", counted);
    else if (q->traits & IR_PHASE_OF_TIME)
        diag_help(a->d, g, "`t + 1` counts %s from 1", counted);
    else if (!(q->traits & IR_PHASE_FORMULA))
        diag_help(a->d, g, "begin above 0, as in `from 1e-6`");
}

static void note_total(const analysis *a, diag *g)
{
    if (a->p->total_at.end > 0) /* else it came from -D */
        diag_note(a->d, g, a->p->total_at, "the length of the run is given here");
}

static void look_at_end(analysis *a)
{
    double total = a->p->total, end;
    uint32_t j = trailing(a);
    if (!j || !(total > 0))
        return;
    end = segment_start(a, j);
    const ir_phase *q = phase_of(a, j);
    diag *g;
    if (total - end >= 1) {
        g = diag_add(a->d, DIAG_TOTAL, q->end_at, "the schedule ends at step %.15g, and the run at %.15g: %.6g holds for the rest", end, total, law(a, j, end));
        diag_help(a->d, g, "end with `until total`, or add `then hold` to say that it is meant");
    } else if (end - total >= 1 && isfinite(end) && a->p->layout.nevent == 0) {
        g = diag_add(a->d, DIAG_TOTAL, q->end_at, "the schedule ends at step %.15g, after the run, which ends at %.15g", end, total);
        diag_help(a->d, g, "end with `until total`");
    } else {
        return;
    }
    note_total(a, g);
}

/* ---- rules ------------------------------------------------------------------------------------------------------------- */

static void look_at_floor(analysis *a, double floor_value, span at)
{
    if (!(floor_value >= a->peak) || !(a->peak > 0) || a->said)
        return;
    diag *g = diag_add(a->d, DIAG_FLOOR, at, "this rule never changes anything: the rate is at most %.6g, and its floor is %.6g", a->peak, floor_value);
    diag_help(a->d, g, "a floor is below the rates that the rule reduces");
}

static void look_at_factor(analysis *a, const lrs_k_det *t, double factor, span at)
{
    int plateau = t->kind == LRS_K_PLATEAU;
    if (!(factor > 1) || is_reported(a, DIAG_RAISES, at))
        return;
    diag *g = diag_add(a->d, DIAG_RAISES, at, "this raises the rate %s: 0.001 would become %.6g", plateau ? "on a plateau" : "when the metric diverges",
                       0.001 * factor);
    diag_help(a->d, g, "%s usually reduces the rate: `*%.6g` takes 0.001 down to %.6g", plateau ? "a plateau" : "a rule for this", 1 / factor, 0.001 / factor);
}

/* The first observation is the best so far. torch and paddle act at the (patience + 1)th one after it without an improvement, keras
 * and optax at the (patience)th. */
static void look_at_patience(analysis *a, const lrs_k_det *t, span at)
{
    double run = ceil(a->p->total), patience, every, most;
    diag *g;
    if (!(a->p->total > 0) || t->kind != LRS_K_PLATEAU || t->patience_by == LRS_K_BY_CLOCK)
        return;
    patience = a->T[t->t];
    if (t->patience_by == LRS_K_BY_TIME) {
        if (run - 1 > patience)
            return;
        g = diag_add(a->d, DIAG_PATIENCE, at, "this rule cannot act: its patience is %.15g, and the run ends at %.15g", patience, a->p->total);
        note_total(a, g);
        return;
    }
    every = a->T[t->t + 3];
    most = every > 1 ? floor((run - 1) / every) + 1 : run;
    if (t->dialect == LRS_K_OPTAX && a->T[t->t + 6] > 1)
        most = floor(most / a->T[t->t + 6]);
    if (most >= (t->dialect == LRS_K_KERAS || t->dialect == LRS_K_OPTAX ? fmax(ceil(patience), 1) + 1 : floor(patience) + 2))
        return;
    g = diag_add(a->d, DIAG_PATIENCE, at, "this rule cannot act: its patience is %.15g, and the run has %.15g observations at most", patience, most);
    note_total(a, g);
}

/* A fraction where observations are counted. A patience is compared as it is, and a cooldown is the next whole number. */
static void look_at_fraction(analysis *a, const lrs_k_det *t, int is_patience, uint32_t entry, span at)
{
    double v = a->T[entry];
    if (!(v > 0) || v == floor(v) || !isfinite(v) || is_reported(a, DIAG_FRACTION, at))
        return;
    const char *what = is_patience ? "patience" : "cooldown", *with = reads_param(a, entry, 1) ? with_params(a) : "";
    int more_than = is_patience && (t->dialect == LRS_K_TORCH || t->dialect == LRS_K_PADDLE), exactly = is_patience && t->dialect == LRS_K_OPTAX;
    int almost = fabs(v - round(v)) <= 1e-6 * v, digits = almost ? 17 : 6; /* what was meant is whole, and has been computed with rounding */
    diag *g = exactly ? diag_add(a->d, DIAG_FRACTION, at, "%sthis rule cannot act: a %s counts observations, of which there never are %.*g", with, what, digits, v)
                      : diag_add(a->d, DIAG_FRACTION, at, "%sa %s counts observations: %.*g is taken as %.6g", with, what, digits, v, more_than ? floor(v) : ceil(v));
    if (at.call)
        return;
    if (almost)
        diag_help(a->d, g, "`round(...)` makes it %.6g", round(v));
    else if (v < 1)
        diag_help(a->d, g, "write a whole number; a part of the run is written `%s=%.6g%%`", what, 100 * v);
    else
        diag_help(a->d, g, "write a whole number, or a time with its unit, as in `%s=%.6g epochs`", what, v);
}

static void look_at_counts(analysis *a, const lrs_k_det *t, const ir_rule_at *at)
{
    if (t->kind == LRS_K_PLATEAU && t->patience_by == LRS_K_BY_COUNT)
        look_at_fraction(a, t, 1, t->t, at->patience);
    if (t->kind <= LRS_K_DIVERGE && t->cooldown_by == LRS_K_BY_COUNT)
        look_at_fraction(a, t, 0, t->t + 2, at->cooldown);
}

static void look_at_rules(analysis *a)
{
    const ir_program *p = a->p;
    const lrs_k_out *o = &p->outs[a->out];
    for (uint32_t i = o->scale; p->scale_at && i < o->scale + o->nscale; i++)
        look_at_floor(a, lrs_k_floor_of(&p->scales[i], a->T), p->scale_at[i].floor);
    for (uint32_t i = 0; p->rule_at && i < p->layout.nrule; i++) {
        const lrs_k_rule *r = &p->rules[i];
        if (r->out != a->out)
            continue;
        if (r->action == LRS_K_SCALE && p->dets[r->det].kind <= LRS_K_DIVERGE)
            look_at_factor(a, &p->dets[r->det], a->T[r->t], p->rule_at[i].action);
        look_at_patience(a, &p->dets[r->det], p->rule_at[i].patience);
        look_at_counts(a, &p->dets[r->det], &p->rule_at[i]);
    }
}

/* ---- the ends of the ranges of params ------------------------------------------------------------------------------------ */

static void look_at_binding(analysis *a, const ir_param *q, double bound, const char *which)
{
    const char *with = arena_printf(&a->mem, " with `%s` = %.12g", q->name, bound);
    uint32_t failed = bind(a);
    if (failed) {
        diag *g = diag_add(a->d, DIAG_PARAM_RANGE, q->at, "with `%s` = %.12g, the %s end of its range, binding fails: %s", q->name, bound, which,
                           a->p->checks[failed - 1].message);
        diag_help(a->d, g, "make the range narrower");
        return;
    }
    a->with = with ? with : "";
    for (a->out = 0; a->out < a->p->npublic; a->out++) {
        begin_output(a);
        look_at_rates(a);
    }
    a->with = "";
}

static void look_at_ranges(analysis *a)
{
    const ir_program *p = a->p;
    uint64_t cost = (uint64_t)p->nins + p->layout.ntable + p->layout.nkind * (uint64_t)16, left = BIND_BUDGET;
    for (uint32_t i = 0; i < p->layout.nparam; i++) {
        const ir_param *q = &p->params[i];
        const double ends[2] = {q->lo, q->hi};
        for (int k = 0; k < 2 && q->has_range && cost <= left; k++) {
            if (ends[k] == q->def || q->is_given) /* what it is going to be is known */
                continue;
            left -= cost;
            a->params[i] = ends[k];
            look_at_binding(a, q, ends[k], k ? "high" : "low");
            uint64_t used = CODE_BUDGET - a->code + (SCALE_BUDGET - a->scales);
            left -= left < used ? left : used;
        }
        a->params[i] = ir_param_usual(q);
    }
}

/* ---- the whole --------------------------------------------------------------------------------------------------------------- */

/* Jumps from phase to phase in a round; what is at the joint of two rounds is written as a restart. */
static void look_at_blocks(analysis *a)
{
    a->out = 0;
    for (uint32_t i = 0; i < a->p->layout.nblock; i++) {
        a->o = &a->p->blocks[i];
        look_at_jumps(a);
    }
    a->o = a->p->outs;
}

static void look_at_output(analysis *a)
{
    begin_output(a);
    a->least = (double)INFINITY;
    a->most = -(double)INFINITY;
    if (a->out < a->p->npublic) { /* a part that is negative may be meant */
        look_at_rates(a);
        look_at_bounds(a);
    }
    a->highest = greater(a->highest, a->peak);
    if (a->out == 0) /* what get_lr gives: others may well begin at 0 */
        look_at_start(a);
    look_at_jumps(a);
    look_at_end(a);
    look_at_rules(a);
}

static int is_known(const analysis *a)
{
    for (uint32_t j = 0; j < a->p->layout.nparam; j++)
        if (a->params[j] != a->params[j])
            return 0;
    return 1;
}

int lrs_analyze(const ir_program *p, lrs_diagnostics *d, const lrs_allocator *allocator)
{
    analysis a;
    int status = begin(&a, p, d, allocator);
    if (status == LRS_OK && is_known(&a) && bind(&a) == 0) {
        for (uint32_t i = 0; i < p->nphase; i++)
            look_at_phase(&a, &p->phase[i]);
        for (a.out = 0; a.out < p->layout.nout; a.out++)
            look_at_output(&a);
        look_at_blocks(&a);
        look_at_ranges(&a);
    }
    arena_free(&a.mem);
    return status;
}
