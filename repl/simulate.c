/* simulate.c: `lrsc sim`. In: a schedule with rules, and a metric: recorded, or made by a model. Out: the curve with what the rules
 * did, and a table of the decisions that led there. */
#include "simulate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "api.h"
#include "cli_io.h"
#include "draw.h"
#include "figure.h"
#include "json.h"
#include "letters.h"
#include "loss.h"
#include "progress.h"

/* ---- an imagined metric ------------------------------------------------------------------------ */

/* Without events. */
static double greatest_rate(curve *c, range r)
{
    columns k;
    columns_make(&k, c, r, 1);
    double peak = fabs(k.high) > fabs(k.low) ? fabs(k.high) : fabs(k.low);
    columns_free(&k);
    return peak > 0 ? peak : 1;
}

/* The input that the first detector looks at. */
static size_t watched_input(const curve *c)
{
    lrs_detector d = {.size = sizeof d};
    size_t input = 0;
    if (lrs_detector_at(&d, c->plan, c->engine.state, 0) == LRS_OK) {
        while (!(d.inputs >> input & 1) && input + 1 < lrs_program_inputs(c->program)) {
            input++;
        }
    }
    return input;
}

#define OBSERVATIONS 100 /* by default */
#define MOST_OBSERVATIONS 10000000

/* Runs the schedule against the model, and records what it observed. */
static int imagine(curve *c, const cli_options *o, range r)
{
    loss_model m;
    uint64_t n = (uint64_t)r.last - (uint64_t)r.first;
    uint64_t every = o->loss_every ? (uint64_t)o->loss_every : n / OBSERVATIONS > 0 ? n / OBSERVATIONS : 1;
    size_t count = 0, input = watched_input(c);
    int stopped = 0, over = 0;
    if (n / every >= MOST_OBSERVATIONS) {
        cli_error("every %llu steps up to %lld makes more than %d observations", (unsigned long long)every, (long long)r.last, MOST_OBSERVATIONS);
        cli_note("give a greater --every, or a shorter --range");
        return CLI_USAGE;
    }
    int code = loss_open(&m, o->loss, o->loss_start, greatest_rate(c, r), o->noise, o->seed);
    if (code == CLI_OK) {
        observation *at = cli_alloc((size_t)(n / every + 1) * sizeof *at);
        progress_begin("simulating", n);
        for (uint64_t i = every - 1; i <= n && !stopped && !over; i += every) { /* after the update number `step` */
            int64_t step = (int64_t)((uint64_t)r.first + i);
            at[count] = (observation){step, input, loss_next(&m, step, engine_value(&c->engine, c->output, step))};
            engine_observe(&c->engine, input, step, at[count].metric);
            count++;
            over = lrs_stopped(c->engine.state);
            stopped = progress_at(i);
        }
        progress_end();
        c->metrics = (metrics){at, count};
        curve_restart(c);
    }
    loss_close(&m);
    return stopped ? CLI_STOPPED : code;
}

/* ---- the table --------------------------------------------------------------------------------- */

static void put_number(double v, int width)
{
    char number[32];
    ticks_number(number, sizeof number, v);
    printf("  %-*s", width, isnan(v) ? "-" : number);
}

/* 2/3: two observations without an improvement, of three that are allowed. */
static void put_counts(const decision *d)
{
    char text[64] = "-";
    if (d->cooling > 0) {
        snprintf(text, sizeof text, "cooldown %lld", (long long)d->cooling);
    } else if (!isnan(d->patience)) {
        snprintf(text, sizeof text, "%lld/%g", (long long)d->bad, d->patience);
    }
    printf("  %-12s", text);
}

/* A rule on the detector does more than raise the stop flag. */
static int moves_the_rate(const curve *c, size_t detector)
{
    const ir_program *ir = lrs_program_ir(c->program);
    for (uint32_t i = 0; i < ir->layout.nrule; i++) {
        if (ir->rules[i].det == detector && ir->rules[i].action != LRS_K_STOP) {
            return 1;
        }
    }
    return 0;
}

static int has_several_inputs(const curve *c)
{
    return lrs_program_inputs(c->program) > 1;
}

/* No other rule acted on the same observation. */
static int acts_alone(const curve *c, const decision *d)
{
    const decision *all = c->decisions.at, *end = all + c->decisions.n;
    for (const decision *x = d; x-- > all && x->step == d->step && x->input == d->input;) {
        if (x->what == DECISION_ACTED) {
            return 0;
        }
    }
    for (const decision *x = d + 1; x < end && x->step == d->step && x->input == d->input; x++) {
        if (x->what == DECISION_ACTED) {
            return 0;
        }
    }
    return 1;
}

static void put_decision(const curve *c, const decision *d)
{
    lrs_detector detector = {.size = sizeof detector};
    char before[32], after[32];
    lrs_detector_at(&detector, c->plan, c->engine.state, d->detector);
    ticks_number(before, sizeof before, d->before);
    ticks_number(after, sizeof after, d->after);
    printf("  %-10lld", (long long)d->step);
    if (has_several_inputs(c)) {
        printf("  %-12s", lrs_program_input_name(c->program, d->input));
    }
    put_number(d->metric, 10);
    put_number(d->best, 10);
    put_counts(d);
    char *rule = letters_clean(*detector.rule_text ? detector.rule_text : detector.kind);
    if (d->what == DECISION_ACTED && d->before != d->after && moves_the_rate(c, d->detector)) {
        printf("  %s: %s to %s%s", rule, before, after, acts_alone(c, d) ? "" : ", with the other rules that acted");
    } else if (d->what == DECISION_ACTED) {
        printf("  %s", rule);
    } else if (d->what == DECISION_HELD) {
        printf(d->before == d->after ? "  %s: the rate stays at %s" : "  %s: no change by this rule", rule, after);
    } else {
        printf("  %s", decision_word(d->what));
    }
    putchar('\n');
    free(rule);
}

static void put_heads(const curve *c)
{
    printf("\n  %-10s", curve_unit(c));
    if (has_several_inputs(c)) {
        printf("  %-12s  %-10s", "input", "value");
    } else {
        printf("  %-10s", lrs_program_input_name(c->program, 0));
    }
    printf("  %-10s  %-12s  %s\n", "best", "bad", "decision");
}

/* Decisions of a detector one after another at which the rate stays: the first has a row, the others are counted. */
typedef struct stays {
    size_t n;
    int64_t last;
} stays;

static void put_held(const curve *c, stays *h)
{
    for (size_t i = 0; i < lrs_plan_detectors(c->plan); i++) {
        if (h[i].n > 1) {
            lrs_detector detector = {.size = sizeof detector};
            lrs_detector_at(&detector, c->plan, c->engine.state, i);
            char *rule = letters_clean(*detector.rule_text ? detector.rule_text : detector.kind);
            printf("  ...         %s: no change %zu more time%s, the last at %lld\n", rule, h[i].n - 1, h[i].n == 2 ? "" : "s", (long long)h[i].last);
            free(rule);
        }
        h[i].n = 0;
    }
}

static void put_rows(const curve *c)
{
    const decisions *d = &c->decisions;
    stays *h = cli_alloc((lrs_plan_detectors(c->plan) + 1) * sizeof *h);
    for (size_t i = 0; i < d->n; i++) {
        const decision *x = &d->at[i];
        if (x->what == DECISION_ACTED) {
            put_held(c, h);
        }
        if (x->what == DECISION_ACTED || (x->what == DECISION_HELD && h[x->detector].n == 0)) {
            put_decision(c, x);
        }
        if (x->what == DECISION_HELD) {
            h[x->detector].n++;
            h[x->detector].last = x->step;
        }
    }
    put_held(c, h);
    free(h);
}

static void put_counts_of_all(const curve *c, const cli_options *o)
{
    const decisions *d = &c->decisions;
    if (c->metrics.n == 0) {
        printf("\n  no decisions: nothing was observed%s\n", o->loss_every > 1 ? "; give a lower --every, or a longer --range" : "");
        return;
    }
    printf("\n  %zu decision%s:", d->n, d->n == 1 ? "" : "s");
    const char *comma = "";
    for (int what = 0; what < DECISIONS; what++) {
        if (d->count[what] > 0) {
            printf("%s %zu %s", comma, d->count[what], decision_word(what));
            comma = ",";
        }
    }
    putchar('\n');
    if (c->stopped) {
        printf("  stop at %lld: the run ends there\n", (long long)c->stop_step);
    }
}

static void put_table(const curve *c, const cli_options *o)
{
    const decisions *d = &c->decisions;
    size_t acted = d->count[DECISION_ACTED], held = d->count[DECISION_HELD];
    if (acted + held > 0 || o->all) {
        put_heads(c);
    }
    for (size_t i = 0; i < d->n && o->all; i++) {
        put_decision(c, &d->at[i]);
    }
    if (!o->all) {
        put_rows(c);
    }
    put_counts_of_all(c, o);
}

/* ---- json -------------------------------------------------------------------------------------- */

static void put_json(const curve *c)
{
    const decisions *d = &c->decisions;
    putchar('[');
    for (size_t i = 0; i < d->n; i++) {
        const decision *x = &d->at[i];
        lrs_detector detector = {.size = sizeof detector};
        lrs_detector_at(&detector, c->plan, c->engine.state, x->detector);
        printf("%s{\"step\": %lld, \"input\": ", i ? ",\n " : "", (long long)x->step);
        json_string(stdout, lrs_program_input_name(c->program, x->input));
        json_member(stdout, "metric", x->metric);
        json_member(stdout, "best", x->best);
        printf(", \"bad\": %lld, \"cooldown\": %lld", (long long)x->bad, (long long)x->cooling);
        json_member(stdout, "patience", x->patience);
        json_member(stdout, "before", x->before);
        json_member(stdout, "after", x->after);
        printf(", \"decision\": \"%s\", \"rule\": ", decision_word(x->what));
        json_string(stdout, detector.rule_text);
        putchar('}');
    }
    puts("]");
}

/* ---- the whole --------------------------------------------------------------------------------- */

static int simulate(figure *f, const cli_options *o)
{
    curve *c = &f->curves[0];
    if (lrs_plan_detectors(c->plan) == 0) {
        cli_error("%s has no rule that looks at a metric, so there is nothing to simulate", c->name);
        cli_note("a rule is e.g. `on plateau(patience=3) *0.5`; lrsc plot draws the curve");
        return CLI_DIAGNOSTICS;
    }
    int code = o->metrics ? CLI_OK : imagine(c, o, f->range);
    if (code == CLI_OK && o->format == FORMAT_JSON) {
        curve_observe_to(c, f->range.last);
        put_json(c);
        return CLI_OK;
    }
    code = code ? code : draw_terminal(f, o, stdout);
    if (code == CLI_OK) {
        put_table(c, o);
    }
    return code;
}

int lrs_simulate(const cli_options *o)
{
    figure f = {0};
    const char *model = o->loss ? "--loss" : o->model_option;
    if (o->metrics && model) {
        cli_error("--metrics and %s cannot be used together: one is about a recorded metric, the other about an imagined one", model);
        return CLI_USAGE;
    }
    if (o->files.n + (o->text != NULL) != 1) {
        cli_error("sim takes one schedule: a file, or -e TEXT");
        cli_note("lrsc sim --help says how it is used");
        return CLI_USAGE;
    }
    int code = figure_open(&f, o);
    code = code ? code : simulate(&f, o);
    figure_close(&f);
    return cli_finish_stdout(code);
}
