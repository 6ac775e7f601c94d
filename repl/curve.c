/* curve.c: see curve.h. */
#include "curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "api.h"
#include "cli_call.h"
#include "cli_compile.h"
#include "cli_io.h"
#include "diag.h"
#include "progress.h"
#include "ticks.h"

/* ---- opening ----------------------------------------------------------------------------------- */

int curve_read(curve_text *t, const cli_options *o, const char *file)
{
    *t = (curve_text){.name = cli_display_name(file)};
    return cli_read_schedule(&t->text, &t->n, &t->is_call, file, o->verb);
}

int curve_read_text(curve_text *t, const cli_options *o)
{
    *t = (curve_text){.name = o->text_name ? o->text_name : "<command line>", .text = cli_strdup(o->text), .n = strlen(o->text), .is_session = o->text_name != NULL};
    return CLI_OK;
}

int curve_read_one(curve_text *t, const cli_options *o)
{
    const char *verb = cli_verb_name(o->verb);
    *t = (curve_text){0};
    if (o->text ? o->files.n != 0 : o->files.n != 1) {
        cli_error(o->text           ? "%s takes a file or -e TEXT, not both"
                  : o->files.n == 0 ? "%s needs a file or -e TEXT"
                                    : "%s takes one file",
                  verb);
        cli_note("lrsc %s --help says how it is used", verb);
        return CLI_USAGE;
    }
    return o->text ? curve_read_text(t, o) : curve_read(t, o, o->files.at[0]);
}

void curve_text_free(curve_text *t)
{
    free(t->text);
    *t = (curve_text){0};
}

int curve_compile(lrs_program **out, const cli_options *o, const curve_text *t)
{
    lrs_diagnostics *d = NULL;
    lrs_options options = cli_compile_options(o, t->name);
    int status = lrs_compile_for_command(out, t->text, t->n, &options, &d);
    if (t->is_call) {
        cli_call_places(d);
    }
    int code = cli_show_diagnostics(d, o);
    if (code == CLI_OK) {
        code = cli_status(status, t->name, NULL);
    }
    lrs_diagnostics_free(d);
    return code;
}

static int refuse_output(const curve *c, const char *name)
{
    size_t n = lrs_program_outputs(c->program);
    const char **names = cli_alloc(n * sizeof *names);
    char *list = cli_strdup("");
    for (size_t i = 0; i < n; i++) {
        names[i] = curve_name(c, i);
        char *longer = cli_printf("%s%s%s", list, i ? ", " : "", names[i]);
        free(list);
        list = longer;
    }
    const char *near = diag_did_you_mean(name, names, n);
    cli_error("%s has no output '%s'; %s%s%s", c->name, name, near ? "did you mean '" : "it has ", near ? near : list, near ? "'?" : "");
    free(list);
    free(names);
    return CLI_USAGE;
}

/* The one of this name; NULL: all. */
static int choose_outputs(curve *c, const char *name)
{
    size_t n = lrs_program_outputs(c->program);
    c->outputs = cli_alloc(n * sizeof *c->outputs);
    for (size_t i = 0; i < n; i++) {
        if (!name || strcmp(curve_name(c, i), name) == 0) {
            c->outputs[c->noutputs++] = i;
        }
    }
    if (c->noutputs == 0) {
        return refuse_output(c, name);
    }
    c->output = c->outputs[0];
    return CLI_OK;
}

/* A second number of an input at a step is no observation. */
static void note_repeated(const curve *c, const cli_options *o, size_t ninputs)
{
    const metrics *m = &c->metrics;
    size_t repeated = 0;
    int64_t *step = cli_alloc((ninputs + 1) * sizeof *step), first = 0;
    unsigned char *seen = cli_alloc(ninputs + 1);
    for (size_t i = 0; i < m->n; i++) {
        const observation *v = &m->at[i];
        if (isnan(v->metric)) {
            continue;
        }
        if (seen[v->input] && step[v->input] == v->step) {
            first = repeated++ == 0 ? v->step : first;
        }
        seen[v->input] = 1;
        step[v->input] = v->step;
    }
    if (repeated > 0) {
        cli_note("'%s' has more than one value at a step, as at step %lld: the first counts, and %zu other%s not observed", cli_display_name(o->metrics),
                 (long long)first, repeated, repeated == 1 ? " is" : "s are");
    }
    free(step);
    free(seen);
}

/* Notes for whoever records metrics and sees no effect of them. */
static int read_metrics(curve *c, const cli_options *o)
{
    const ir_program *ir = lrs_program_ir(c->program);
    int code = metrics_read(&c->metrics, o->metrics, ir->inputs, ir->layout.ninput);
    if (code == CLI_OK && o->warnings >= 0 && c->metrics.n == 0) {
        cli_note("'%s' has no line after its header: nothing is observed", cli_display_name(o->metrics));
    } else if (code == CLI_OK && o->warnings >= 0 && lrs_program_ir(c->program)->layout.ndet == 0) {
        cli_note("%s has no `on` rule: no rule looks at the metrics of '%s'", c->name, cli_display_name(o->metrics));
    }
    if (code == CLI_OK && o->warnings >= 0) {
        note_repeated(c, o, ir->layout.ninput);
    }
    return code;
}

/* Standard input is read once. */
static int refuse_metrics_from_stdin(const cli_options *o, const curve_text *t)
{
    if (!o->metrics || strcmp(o->metrics, "-") != 0 || strcmp(t->name, cli_display_name("-")) != 0) {
        return CLI_OK;
    }
    cli_error("the schedule and the metrics cannot both come from standard input");
    return CLI_USAGE;
}

/* Shows where the params' defaults give no schedule. 0: that is not what is wrong. */
static int show_failed_default(const cli_options *o, const curve_text *t)
{
    lrs_options options = cli_compile_options(o, t->name);
    lrs_diagnostics *d = diags_new(NULL);
    ir_program *ir = NULL;
    int failed = 0;
    arena mem;
    arena_init(&mem, NULL);
    options.no_warnings = 1;
    if (d && lrs_compile_ir(&ir, &mem, d, t->text, t->n, &options) == LRS_OK && ir->has_defaults) {
        uint64_t *words = cli_alloc((LRS_K_HEADER_WORDS + (size_t)ir->layout.ni + ir->layout.nd) * sizeof *words);
        failed = ir_initial_state(ir, words);
        free(words);
    }
    if (failed > 0) {
        lrs_report_check(d, &ir->checks[failed - 1]);
        if (t->is_call) {
            cli_call_places(d);
        }
        cli_show_diagnostics(d, o);
    }
    arena_free(&mem);
    lrs_diagnostics_free(d);
    return failed > 0;
}

/* What the params that it lacks are given by, which the library does not know. */
static void advise_missing(const curve *c)
{
    lrs_param_info info = {.size = sizeof info};
    for (size_t i = 0; lrs_program_param(&info, c->program, i) == LRS_OK; i++) {
        if (!info.has_default) {
            cli_note("`%s %s=VALUE` gives it one", c->is_session ? ":set" : "-D", info.name);
            return;
        }
    }
}

int curve_open(curve *c, const cli_options *o, const curve_text *t)
{
    char error[1024] = "";
    memset(c, 0, sizeof *c);
    c->name = t->name;
    c->is_session = t->is_session;
    c->text = memcpy(cli_alloc(t->n + 1), t->text, t->n);
    c->ntext = t->n;
    c->defines = cli_alloc((o->ndefines + 1) * sizeof *c->defines);
    c->ndefines = o->ndefines;
    if (o->ndefines) {
        memcpy(c->defines, o->defines, o->ndefines * sizeof *c->defines);
    }
    int code = refuse_metrics_from_stdin(o, t);
    code = code ? code : curve_compile(&c->program, o, t);
    code = code ? code : choose_outputs(c, o->output);
    if (code == CLI_OK) {
        int status = lrs_bind(&c->plan, c->program, NULL, 0, error, sizeof error);
        code = status != LRS_OK && show_failed_default(o, t) ? CLI_DIAGNOSTICS : cli_status(status, c->name, error);
        if (status == LRS_E_PARAM) {
            advise_missing(c);
        }
    }
    if (code == CLI_OK && o->metrics) {
        code = read_metrics(c, o);
    }
    double clock = cli_clock_ms();
    code = code ? code : engine_open(&c->engine, o, c->program, c->plan);
    if (code == CLI_OK && c->engine.state && (o->verb == VERB_PLOT || o->verb == VERB_SIM)) {
        decisions_init(&c->decisions, c->plan);
        c->ends_at_stop = 1;
    }
    if (code == CLI_OK && o->verbose) {
        fprintf(stderr, "lrsc: %s: engine ready, %.2f ms\n", c->name, cli_clock_ms() - clock);
    }
    return code;
}

void curve_close(curve *c)
{
    engine_close(&c->engine);
    metrics_free(&c->metrics);
    lrs_plan_free(c->plan);
    lrs_program_free(c->program);
    decisions_free(&c->decisions);
    free(c->events);
    free(c->outputs);
    free(c->text);
    free(c->defines);
    memset(c, 0, sizeof *c);
}

/* ---- values ------------------------------------------------------------------------------------ */

/* The text of the rule that acted on the output at this step; only the interpreter's state can be asked. */
static const char *rule_at(const curve *c, int64_t step)
{
    lrs_explanation e = {.size = sizeof e};
    if (!c->engine.state || lrs_explain_at(&e, c->plan, c->engine.state, c->output, step) != LRS_OK) {
        return NULL;
    }
    return *e.rule_text && e.rule_step == step ? e.rule_text : NULL;
}

void curve_observe_to(curve *c, int64_t step)
{
    for (; c->observed < c->metrics.n && c->metrics.at[c->observed].step <= step; c->observed++) {
        const observation *v = &c->metrics.at[c->observed];
        if (c->stopped && v->step > c->stop_step) { /* the other inputs of the step of the stop are observed too */
            c->observed = c->metrics.n;
            break;
        }
        double before = engine_value(&c->engine, c->output, v->step);
        decisions_begin(&c->decisions, c->plan, c->engine.state, v->input, v->step, v->metric);
        int acted = engine_observe(&c->engine, v->input, v->step, v->metric);
        double after = acted ? engine_value(&c->engine, c->output, v->step) : before;
        decisions_end(&c->decisions, c->plan, c->engine.state, v->input, v->step, v->metric, before, after);
        if (!acted) {
            continue;
        }
        if (c->nevents == c->events_cap) {
            c->events_cap = c->events_cap ? 2 * c->events_cap : 64;
            c->events = cli_realloc(c->events, c->events_cap * sizeof *c->events);
        }
        c->events[c->nevents++] =
            (curve_event){v->step, before, after, rule_at(c, v->step), 0};
        if (c->ends_at_stop && !c->stopped && lrs_stopped(c->engine.state)) {
            c->events[c->nevents - 1].is_stop = c->stopped = 1;
            c->stop_step = v->step;
        }
    }
}

double curve_value(curve *c, int64_t step)
{
    curve_observe_to(c, step);
    return engine_value(&c->engine, c->output, step);
}

void curve_choose(curve *c, size_t output)
{
    c->outputs[0] = output;
    c->noutputs = 1;
    c->output = output;
}

void curve_restart(curve *c)
{
    engine_restart(&c->engine);
    c->observed = 0;
    c->nevents = 0;
    c->stopped = 0;
    decisions_clear(&c->decisions);
}

#define BLOCK 4096
/* Values in a block, of all outputs together. */
#define MOST_VALUES ((size_t)1 << 18)

/* How many of the next n steps come before the next observation. */
static size_t before_observation(const curve *c, int64_t step, int64_t stride, size_t n)
{
    if (c->observed == c->metrics.n) {
        return n;
    }
    /* Positive: the observations up to step have been made. */
    uint64_t gap = (uint64_t)c->metrics.at[c->observed].step - (uint64_t)step;
    uint64_t steps = (gap + (uint64_t)stride - 1) / (uint64_t)stride;
    return steps < n ? (size_t)steps : n;
}

static void fill_block(curve *c, int64_t step, int64_t stride, size_t n, double **y)
{
    for (size_t k = 0; k < c->noutputs; k++) {
        if (stride == 1) {
            engine_fill(&c->engine, c->outputs[k], step, n, y[k]);
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            y[k][i] = engine_value(&c->engine, c->outputs[k], range_step(step, stride, i));
        }
    }
}

static int walk(curve *c, range r, size_t block, double **y, curve_sink sink, void *ctx)
{
    uint64_t left =
        ((uint64_t)r.last - (uint64_t)r.first) / (uint64_t)r.stride; /* after the first one: 2^64 steps fit */
    const uint64_t all = left;
    int64_t step = r.first;
    for (;;) {
        size_t n = left < block - 1 ? (size_t)left + 1 : block;
        curve_observe_to(c, step);
        n = before_observation(c, step, r.stride, n);
        fill_block(c, step, r.stride, n, y);
        int stop = sink(ctx, step, r.stride, n, (const double *const *)y);
        if (stop || left < n) {
            return stop;
        }
        if (progress_at(all - left)) {
            return CURVE_STOPPED;
        }
        left -= n;
        step = range_step(step, r.stride, n);
    }
}

void curve_fill(curve *c, int64_t first, int64_t stride, size_t n, double *y)
{
    for (size_t done = 0; done < n;) {
        int64_t step = range_step(first, stride, done);
        curve_observe_to(c, step);
        size_t some = before_observation(c, step, stride, n - done);
        if (stride == 1) {
            engine_fill(&c->engine, c->output, step, some, y + done);
        }
        for (size_t i = 0; i < some && stride != 1; i++) {
            y[done + i] = engine_value(&c->engine, c->output, range_step(step, stride, i));
        }
        done += some;
    }
}

int curve_walk(curve *c, range r, curve_sink sink, void *ctx)
{
    size_t block = MOST_VALUES / c->noutputs < BLOCK ? MOST_VALUES / c->noutputs : BLOCK;
    double *values = cli_alloc(c->noutputs * block * sizeof *values), **y = cli_alloc(c->noutputs * sizeof *y);
    for (size_t k = 0; k < c->noutputs; k++) {
        y[k] = values + k * block;
    }
    progress_begin("computing", ((uint64_t)r.last - (uint64_t)r.first) / (uint64_t)r.stride);
    int stop = walk(c, r, block, y, sink, ctx);
    progress_end();
    free(y);
    free(values);
    return stop;
}

/* ---- phases ------------------------------------------------------------------------------------ */

/* The first step at or after a time; INT64_MAX when there is none. */
static int64_t step_at(double time)
{
    double up = ceil(time);
    return up >= 0x1p63 ? INT64_MAX : up < 0 ? 0 : (int64_t)up;
}

size_t curve_phases(const curve *c, const lrs_state *s, int64_t first, int64_t last, curve_phase **out, size_t max)
{
    size_t n = 0, cap = 0;
    *out = NULL;
    for (int64_t step = first; n < max;) {
        lrs_explanation e = {.size = sizeof e};
        if (lrs_explain_at(&e, c->plan, s, c->output, step) != LRS_OK) {
            break;
        }
        int64_t next = step_at(e.phase_end);
        int over = next <= step; /* the last value holds */
        int64_t end = over || next > last || next == INT64_MAX ? last : next - 1;
        if (over && n > 0 && step == last) { /* the one step that shows where the last phase arrives */
            (*out)[n - 1].last = last;
            break;
        }
        if (n == cap) {
            cap = cap ? 2 * cap : 16;
            *out = cli_realloc(*out, cap * sizeof **out);
        }
        (*out)[n++] = (curve_phase){step, end, over ? NULL : e.phase_text};
        if (end >= last) {
            break;
        }
        step = end + 1;
    }
    return n;
}

const char *curve_name(const curve *c, size_t output)
{
    return lrs_program_output_name(c->program, output);
}

const char *curve_unit(const curve *c)
{
    const char *unit = lrs_program_ir(c->program)->step_unit;
    return unit ? unit : "step";
}

/* ---- the default range ------------------------------------------------------------------------- */

/* Far enough for any schedule, near enough that sums of a few of them stay exact. */
#define FAR_AWAY ((int64_t)1 << 52)

/* The step after which no phase ends. open: a phase without an end runs there. */
static int64_t end_of_phases(const curve *c, const lrs_state *s, int *open)
{
    int64_t step = 0;
    *open = 0;
    for (int i = 0; i < 1000000; i++) {
        lrs_explanation e = {.size = sizeof e};
        if (lrs_explain_at(&e, c->plan, s, c->output, step) != LRS_OK) {
            break;
        }
        if (!(e.phase_end < (double)FAR_AWAY)) {
            *open = 1;
            break;
        }
        int64_t next = step_at(e.phase_end);
        if (next <= step) {
            break;
        }
        step = next;
    }
    return step;
}

/* The least t at which the value from start on has fallen to a part of what it was there; 0: it does not fall so far.
 */
static int64_t time_to_fall(const curve *c, const lrs_state *s, int64_t start, double part)
{
    double goal = fabs(lrs_value(c->plan, s, c->output, start)) * part;
    int64_t high = 1;
    while (!(fabs(lrs_value(c->plan, s, c->output, start + high)) <= goal)) {
        high *= 2;
        if (high > FAR_AWAY) {
            return 0;
        }
    }
    int64_t low = high / 2;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (fabs(lrs_value(c->plan, s, c->output, start + middle)) <= goal) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return high;
}

static int moves_after(const curve *c, const lrs_state *s, int64_t start)
{
    double v = lrs_value(c->plan, s, c->output, start);
    for (int64_t t = 1; t <= FAR_AWAY; t *= 2) {
        double w = lrs_value(c->plan, s, c->output, start + t);
        if (w != v && !(isnan(w) && isnan(v))) {
            return 1;
        }
    }
    return 0;
}

static int64_t round_up_nicely(int64_t v)
{
    static const int64_t nice[] = {10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100};
    if (v <= 10) {
        return 10;
    }
    int64_t scale = 1;
    while (v > 100 * scale) {
        scale *= 10;
    }
    for (size_t i = 0; i < sizeof nice / sizeof *nice; i++) {
        if (nice[i] * scale >= v) {
            return nice[i] * scale;
        }
    }
    return v;
}

/* About how long a curve rises from start on; 0: it does not, or never ends to. */
static int64_t time_to_rise(const curve *c, const lrs_state *s, int64_t start)
{
    int64_t peak = 0;
    double v = fabs(lrs_value(c->plan, s, c->output, start));
    for (int64_t t = 1; t <= FAR_AWAY; t *= 2) {
        double w = fabs(lrs_value(c->plan, s, c->output, start + t));
        if (!(w > v)) {
            return peak;
        }
        v = w;
        peak = t;
    }
    return 0;
}

/* How far past start an open-ended curve is worth seeing: what it rises, then a little past a hundredth of its value, and
 * where that takes too long (1/sqrt) ten times as long as it takes to halve. */
static int64_t open_span(const curve *c, const lrs_state *s, int64_t start)
{
    int64_t peak = time_to_rise(c, s, start);
    int64_t half = time_to_fall(c, s, start + peak, 0.5), most = time_to_fall(c, s, start + peak, 0.01);
    if (!half) {
        return peak ? peak + peak / 4 : start < 250 ? 1000 : 4 * start;
    }
    int64_t reach = 10 * half;
    if (most && most + most / 4 < reach) {
        reach = most + most / 4;
    }
    return peak + reach;
}

static range default_range(const curve *c, const lrs_state *s)
{
    int open;
    double total = lrs_program_ir(c->program)->total; /* eval and plot set params by -D alone: no other total is bound */
    int64_t end = end_of_phases(c, s, &open);
    double natural = lrs_program_ir(c->program)->out_total[c->output]; /* what its templates say */
    int moves = moves_after(c, s, end);
    if (total > 0 && total < (double)FAR_AWAY && (moves || open || (double)end >= total)) {
        end = step_at(total); /* where the run ends */
    } else if (natural >= (double)end && natural > 0 && natural < (double)FAR_AWAY) {
        end = step_at(natural);
    } else if (moves) {
        /* A tenth less may be shown when that makes a rounder number. */
        int64_t far = end + open_span(c, s, end);
        end = round_up_nicely(far - far / 10);
    } else if (end == 0) {
        end = 100; /* one value for ever */
    } else if (open) {
        end = round_up_nicely(end + end / 5); /* a part of the hold that was written */
    }
    if (c->metrics.n > 0 && c->metrics.at[c->metrics.n - 1].step > end) {
        end = c->metrics.at[c->metrics.n - 1].step;
    }
    return (range){0, end, 1};
}

range curve_default_range(const curve *c)
{
    lrs_state *s = NULL;
    range r = {0, 0, 1};
    if (lrs_state_new(&s, c->plan) != LRS_OK) {
        return (range){0, 100, 1};
    }
    curve each = *c;
    for (size_t k = 0; k < c->noutputs; k++) {
        each.output = c->outputs[k];
        range one = default_range(&each, s);
        r = one.last > r.last ? one : r;
    }
    lrs_state_free(s, c->plan);
    return r;
}

/* ---- notes about the range ----------------------------------------------------------------------- */

/* A total, or the end of a phase, that is too far away for the default range; 0: there is none. */
static double far_end(const curve *c, const lrs_state *s)
{
    double total = lrs_program_ir(c->program)->total;
    lrs_explanation e = {.size = sizeof e};
    int open;
    int64_t step = end_of_phases(c, s, &open);
    if (total >= (double)FAR_AWAY) {
        return total;
    }
    if (total > 0 || !open || lrs_explain_at(&e, c->plan, s, c->output, step) != LRS_OK || !isfinite(e.phase_end)) {
        return 0;
    }
    return e.phase_end;
}

static void note_far_end(const curve *c, int64_t last)
{
    lrs_state *s = NULL;
    double far = 0;
    if (lrs_state_new(&s, c->plan) == LRS_OK) {
        far = far_end(c, s);
        lrs_state_free(s, c->plan);
    }
    if (far > (double)last) {
        char number[32];
        ticks_number(number, sizeof number, far);
        cli_note("%s goes on until %s %s, which is too far for the default range; --range=0:N looks further", c->name, curve_unit(c), number);
    }
}

static int is_past_end(const curve *c, uint32_t output, int64_t last)
{
    double end = lrs_program_ir(c->program)->out_total[output];
    for (size_t k = 0; k < c->noutputs; k++) {
        if (c->outputs[k] == output) {
            return end > 0 && (double)last > end;
        }
    }
    return 0; /* it is not shown */
}

/* Does a note stand in a phase of an output that is not past its end? */
static int is_of_others(const curve *c, const ir_program *ir, const lrs_diagnostics *d, const diag *g, int64_t last)
{
    uint32_t npublic = ir->npublic ? ir->npublic : ir->layout.nout;
    for (uint32_t i = 0; i < ir->nphase; i++) {
        span at = ir->phase[i].at;
        while (at.call) {
            at = d->calls.at[at.call - 1].at;
        }
        if (ir->phase[i].out < npublic && g->at.file == at.file && g->at.begin >= at.begin && g->at.end <= at.end) {
            return !is_past_end(c, ir->phase[i].out, last);
        }
    }
    return 0;
}

static void drop_notes_of_others(const curve *c, const ir_program *ir, lrs_diagnostics *d, int64_t last)
{
    diag **link = &d->first;
    while (*link) {
        if (is_of_others(c, ir, d, *link, last)) {
            *link = (*link)->next;
            d->count--;
        } else {
            link = &(*link)->next;
        }
    }
    d->tail = link;
}

/* The notes are those that `lrsc check` prints, of the outputs that are past their ends. */
static void note_past_end(const curve *c, const cli_options *o, int64_t last)
{
    int past = 0;
    for (size_t k = 0; k < c->noutputs; k++) {
        past |= is_past_end(c, (uint32_t)c->outputs[k], last);
    }
    if (past) {
        cli_options own = *o;
        own.defines = c->defines;
        own.ndefines = c->ndefines;
        lrs_options options = cli_compile_options(&own, c->name);
        lrs_diagnostics *d = NULL;
        lrs_program *p = NULL;
        lrs_compile_for_command(&p, c->text, c->ntext, &options, &d);
        if (p && d) {
            drop_notes_of_others(c, lrs_program_ir(p), d, last);
        }
        cli_show_code(d, DIAG_TEMPLATE_NOTE);
        lrs_diagnostics_free(d);
        lrs_program_free(p);
    }
}

void curve_note_range(const curve *c, const cli_options *o, int64_t last)
{
    if (o->quiet) {
        return;
    }
    if (o->warnings == 0) { /* with -W they have been printed */
        note_past_end(c, o, last);
    }
    if (o->warnings >= 0 && !o->has_range && !o->nat) {
        note_far_end(c, last);
    }
}
