/* figure.c: see figure.h. */
#include "figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "api.h"
#include "cli_io.h"

/* ---- opening ----------------------------------------------------------------------------------- */

const char *figure_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* The number of combinations of all sweeps. */
static size_t combinations(const cli_options *o)
{
    size_t n = 1;
    for (size_t i = 0; i < o->nsweeps; i++) {
        n *= o->sweeps[i].n;
    }
    return n;
}

/* -D as this combination of the sweeps has them; the names are those of o. The label says the values of what is swept. */
static lrs_binding *defines_of(const cli_options *o, size_t ndefines, size_t combination, char **label)
{
    lrs_binding *all = cli_alloc((ndefines + o->nsweeps + 1) * sizeof *all);
    if (ndefines) {
        memcpy(all, o->defines, ndefines * sizeof *all);
    }
    for (size_t i = 0; i < o->nsweeps; i++) {
        const cli_sweep *s = &o->sweeps[i];
        double v = s->values[combination % s->n];
        combination /= s->n;
        all[ndefines + i] = (lrs_binding){s->name, v};
        char number[32], *longer;
        ticks_number(number, sizeof number, v);
        longer = cli_printf("%s%s%s=%s", *label, **label ? " " : "", s->name, number);
        free(*label);
        *label = longer;
    }
    return all;
}

/* A note for whoever expects curves that differ and sees one. They are those of all combinations, from the first on. */
static void note_idle_sweeps(const cli_options *o, const curve *first)
{
    const size_t all = combinations(o);
    size_t apart = 1; /* combinations that differ in the next value alone */
    for (size_t i = 0; i < o->nsweeps && o->warnings >= 0; apart *= o->sweeps[i++].n) {
        const cli_sweep *s = &o->sweeps[i];
        size_t same = 0, equal = 0;
        for (size_t k = 0; k < s->n; k++) {
            equal += s->values[k] == s->values[0];
        }
        for (size_t k = 0; k < all; k++) { /* each with the one of the same other values and the first of this */
            const curve *of_first = &first[k - k / apart % s->n * apart];
            same += lrs_program_hash(first[k].program) == lrs_program_hash(of_first->program);
        }
        if (same == all && equal < s->n) {
            cli_note("%s: nothing depends on `%s`, so the curves of its %zu values are one", first->name, s->name, s->n);
        }
    }
}

static int open_curves_of(figure *f, const cli_options *o, const curve_text *t, int name_it, int is_file)
{
    size_t ndefines = o->ndefines - (is_file ? o->text_defines : 0);
    for (size_t i = 0; i < combinations(o); i++) {
        cli_options swept = *o;
        f->labels[f->ncurves] = cli_strdup(!name_it && o->nsweeps ? "" : t->is_call ? t->name : figure_base_name(t->name));
        swept.defines = defines_of(o, ndefines, i, &f->labels[f->ncurves]);
        swept.ndefines = ndefines + o->nsweeps;
        if (i > 0) {
            swept.warnings = -1; /* they have been said */
        }
        int code = curve_open(&f->curves[f->ncurves++], &swept, t);
        free(swept.defines);
        if (code != CLI_OK) {
            return code;
        }
    }
    note_idle_sweeps(o, &f->curves[f->ncurves - combinations(o)]);
    return CLI_OK;
}

/* Standard input is read once. */
static int refuse_schedules_from_stdin(const cli_options *o)
{
    size_t n = 0;
    for (size_t i = 0; i < o->files.n; i++) {
        n += strcmp(o->files.at[i], "-") == 0;
    }
    if (n < 2) {
        return CLI_OK;
    }
    cli_error("two schedules cannot both come from standard input");
    cli_note("give one of them as a file, or with -e TEXT");
    return CLI_USAGE;
}

#define MOST_CURVES 64

static int open_curves(figure *f, const cli_options *o)
{
    size_t texts = o->files.n + (o->text != NULL), most = texts * combinations(o);
    if (most > MOST_CURVES) {
        cli_error("that makes %zu curves; a picture has room for %d", most, MOST_CURVES);
        return CLI_USAGE;
    }
    if (refuse_schedules_from_stdin(o) != CLI_OK) {
        return CLI_USAGE;
    }
    f->curves = cli_alloc((most + 1) * sizeof *f->curves);
    f->labels = cli_alloc((most + 1) * sizeof *f->labels);
    for (size_t i = 0, end = texts ? texts : 1; i < end; i++) {
        curve_text t;
        int code = texts <= 1 ? curve_read_one(&t, o) : i < o->files.n ? curve_read(&t, o, o->files.at[i]) : curve_read_text(&t, o);
        code = code ? code : open_curves_of(f, o, &t, texts > 1, i < o->files.n);
        curve_text_free(&t);
        if (code != CLI_OK) {
            return code;
        }
    }
    return CLI_OK;
}

/* ---- panels ------------------------------------------------------------------------------------ */

static figure_panel *panel_of(figure *f, const char *output)
{
    for (size_t i = 0; i < f->npanels; i++) {
        if (strcmp(f->panels[i].output, output) == 0) {
            return &f->panels[i];
        }
    }
    f->panels = cli_realloc(f->panels, (f->npanels + 1) * sizeof *f->panels);
    f->panels[f->npanels] = (figure_panel){.output = output};
    f->panels[f->npanels].lines = cli_alloc(f->ncurves * sizeof(figure_line));
    return &f->panels[f->npanels++];
}

static void make_panels(figure *f)
{
    for (size_t i = 0; i < f->ncurves; i++) {
        for (size_t k = 0; k < f->curves[i].noutputs; k++) {
            size_t output = f->curves[i].outputs[k];
            figure_panel *p = panel_of(f, curve_name(&f->curves[i], output));
            p->lines[p->nlines++] =
                (figure_line){.curve = &f->curves[i], .label = f->labels[i], .number = (int)i, .output = output};
        }
    }
}

/* ---- the axis of steps ------------------------------------------------------------------------- */

/* Optimizer updates in a step of the trainer; 0: not known. */
static double updates_per_step(const ir_program *p, const char *unit)
{
    return strcmp(unit, "epoch") == 0    ? p->steps_per_epoch
           : strcmp(unit, "sample") == 0 ? (p->samples_per_step > 0 ? 1 / p->samples_per_step : 0)
           : strcmp(unit, "token") == 0  ? (p->tokens_per_step > 0 ? 1 / p->tokens_per_step : 0)
                                         : 1;
}

static int refuse_x(const curve *c, const char *name, const char *param)
{
    cli_error("%s: %s on the axis need the param `%s`, and there is none", c->name, name, param);
    if (c->is_session) {
        cli_note("enter `param %s = 1000`", param);
    } else {
        cli_note("pass -D %s=1000, or add `param %s = 1000` to the file", param, param);
    }
    return CLI_DIAGNOSTICS;
}

/* How much of `x` a step of the trainer is. 0: not known, with the message printed. */
static double scale_of(const curve *c, int x)
{
    const ir_program *p = lrs_program_ir(c->program);
    const char *unit = curve_unit(c);
    double updates = updates_per_step(p, unit);
    static const struct {
        const char *unit, *name, *param;
    } known[] = {[AXIS_STEPS] = {"step", "steps", ""},
                 [AXIS_EPOCHS] = {"epoch", "epochs", "steps_per_epoch"},
                 [AXIS_SAMPLES] = {"sample", "samples", "samples_per_step"},
                 [AXIS_TOKENS] = {"token", "tokens", "tokens_per_step"},
                 [AXIS_PERCENT] = {"", "percents", "total"}};
    if (strcmp(unit, known[x].unit) == 0) {
        return 1;
    }
    if (x != AXIS_PERCENT && !(updates > 0)) {
        refuse_x(c, known[x].name, strcmp(unit, "epoch") == 0    ? "steps_per_epoch"
                                   : strcmp(unit, "sample") == 0 ? "samples_per_step"
                                                                 : "tokens_per_step");
        return 0;
    }
    double scale = x == AXIS_STEPS     ? updates
                   : x == AXIS_EPOCHS  ? (p->steps_per_epoch > 0 ? updates / p->steps_per_epoch : 0)
                   : x == AXIS_SAMPLES ? updates * p->samples_per_step
                   : x == AXIS_TOKENS  ? updates * p->tokens_per_step
                                       : (p->total > 0 ? 100 / p->total : 0);
    if (!(scale > 0) || !isfinite(scale)) {
        refuse_x(c, known[x].name, known[x].param);
        return 0;
    }
    return scale;
}

static int choose_x(figure *f, const cli_options *o)
{
    static const char *const names[] = {[AXIS_STEPS] = "steps", [AXIS_EPOCHS] = "epochs", [AXIS_SAMPLES] = "samples",
                                        [AXIS_TOKENS] = "tokens", [AXIS_PERCENT] = "%"};
    const char *unit = curve_unit(&f->curves[0]);
    f->x_name = o->x == AXIS_UNIT ? unit : names[o->x];
    f->x_scale = 1;
    for (size_t i = 0; i < f->ncurves; i++) {
        const curve *c = &f->curves[i];
        if (strcmp(curve_unit(c), unit) != 0) {
            cli_error("%s counts in %ss and %s in %ss: they have no axis in common", f->curves[0].name, unit, c->name, curve_unit(c));
            return CLI_DIAGNOSTICS;
        }
        double scale = o->x == AXIS_UNIT ? 1 : scale_of(c, o->x);
        if (!(scale > 0)) {
            return CLI_DIAGNOSTICS;
        }
        if (i > 0 && scale != f->x_scale) {
            cli_error("%s and %s have steps of different length in %s: they have no axis in common", f->curves[0].name, c->name, f->x_name);
            return CLI_DIAGNOSTICS;
        }
        f->x_scale = scale;
    }
    return CLI_OK;
}

double figure_x(const figure *f, int64_t step)
{
    return (double)step * f->x_scale;
}

int64_t figure_step(const figure *f, double x)
{
    double step = floor(x / f->x_scale + 0.5); /* near the greatest int64_t a double may be the power of two above it */
    return step >= 0x1p63 ? INT64_MAX : step <= -0x1p63 ? INT64_MIN : (int64_t)step;
}

static void choose_range(figure *f, const cli_options *o)
{
    f->range = (range){o->first, o->last, 1};
    if (o->has_range) {
        return;
    }
    f->range = (range){0, 0, 1};
    for (size_t i = 0; i < f->ncurves; i++) {
        range r = curve_default_range(&f->curves[i]);
        f->range.last = r.last > f->range.last ? r.last : f->range.last;
    }
}

int figure_open(figure *f, const cli_options *o)
{
    memset(f, 0, sizeof *f);
    f->log = o->log;
    f->no_phases = o->no_phases;
    int code = open_curves(f, o);
    code = code ? code : choose_x(f, o);
    if (code == CLI_OK) {
        make_panels(f);
        choose_range(f, o);
        for (size_t i = 0; i < f->ncurves; i++) {
            if (i == 0 || strcmp(f->curves[i].name, f->curves[i - 1].name) != 0) { /* once for a sweep */
                curve_note_range(&f->curves[i], o, f->range.last);
            }
        }
    }
    return code;
}

/* ---- measuring --------------------------------------------------------------------------------- */

static void forget(figure_line *l)
{
    columns_free(&l->columns);
    free(l->phases);
    free(l->events);
    l->phases = NULL;
    l->events = NULL;
    l->nphases = l->nevents = 0;
}

#define MOST_PHASES 100000

static int measure_line(figure_line *l, range r, int n)
{
    curve *c = l->curve;
    forget(l);
    curve_choose(c, l->output);
    curve_restart(c);
    if (columns_make(&l->columns, c, r, n) == CURVE_STOPPED) {
        return CLI_STOPPED;
    }
    l->nphases = curve_phases(c, c->engine.state, r.first, r.last, &l->phases, MOST_PHASES);
    l->stopped = c->stopped;
    l->stop_step = c->stop_step;
    l->events = cli_alloc((c->nevents + 1) * sizeof *l->events);
    for (size_t i = 0; i < c->nevents; i++) {
        if (c->events[i].step >= r.first && c->events[i].step <= r.last) {
            l->events[l->nevents++] = c->events[i];
        }
    }
    return CLI_OK;
}

static int choose_values(figure_panel *p, int log, size_t most)
{
    double low = INFINITY, high = -INFINITY, least_positive = INFINITY;
    for (size_t i = 0; i < p->nlines; i++) {
        const columns *k = &p->lines[i].columns;
        if (k->finite) {
            low = k->low < low ? k->low : low;
            high = k->high > high ? k->high : high;
            least_positive = k->least_positive < least_positive ? k->least_positive : least_positive;
        }
        for (int x = 0; x < k->n; x++) {
            p->has_zeros |= log && k->at[x].seen && k->at[x].zeros;
        }
    }
    int is_finite = low <= high;
    if (!is_finite) {
        low = 0;
        high = 1;
    }
    if (log && !(is_finite && high > 0)) {
        cli_error("a logarithmic axis needs a value above 0, and the curve has none");
        return CLI_DIAGNOSTICS;
    }
    if (log) {
        ticks_log(&p->values, least_positive, high, most > 3 ? most : 3);
        return CLI_OK;
    }
    if (low > 0 && low < 0.5 * high) {
        low = 0; /* how high a rate is can only be seen from 0 */
    }
    ticks_linear(&p->values, low, high, most);
    return CLI_OK;
}

static void choose_steps(figure *f, size_t most)
{
    if (f->x_scale == 1) {
        ticks_steps(&f->steps, f->range.first, f->range.last, most);
        return;
    }
    double first = figure_x(f, f->range.first), last = figure_x(f, f->range.last);
    ticks_amounts(&f->steps, first, last > first ? last : first + 1, most);
}

int figure_measure(figure *f, int n, size_t most_values, size_t most_steps)
{
    for (size_t i = 0; i < f->npanels; i++) {
        figure_panel *p = &f->panels[i];
        int code = CLI_OK;
        for (size_t k = 0; k < p->nlines && code == CLI_OK; k++) {
            code = measure_line(&p->lines[k], f->range, n);
        }
        code = code ? code : choose_values(p, f->log, most_values);
        if (code != CLI_OK) {
            return code;
        }
    }
    choose_steps(f, most_steps);
    return CLI_OK;
}

/* ---- closing, and texts ------------------------------------------------------------------------ */

void figure_event_text(char *buf, size_t cap, const curve_event *e)
{
    const char *rule = e->rule ? e->rule : "rule";
    rule += strncmp(rule, "on ", 3) == 0 ? 3 : 0;
    rule = *rule == '(' ? "condition" : rule;
    if (e->is_stop && e->after == e->before) {
        snprintf(buf, cap, "stop");
        return;
    }
    const char *stop = e->is_stop ? "; stop" : ""; /* another rule acted on the same observation */
    if (e->before == 0 || !isfinite(e->after / e->before)) {
        snprintf(buf, cap, "%.*s%s", (int)strcspn(rule, "(\n"), rule, stop);
        return;
    }
    if (e->after == e->before) { /* a cooldown */
        snprintf(buf, cap, "%.*s", (int)strcspn(rule, "( \n"), rule);
        return;
    }
    char number[32];
    ticks_number(number, sizeof number, e->after / e->before);
    snprintf(buf, cap, "%.*s x%s%s", (int)strcspn(rule, "( \n"), rule, number, stop);
}

int figure_same_phases(const figure_line *a, const figure_line *b)
{
    for (size_t i = 0; i < a->nphases && a->nphases == b->nphases; i++) {
        const char *x = a->phases[i].text, *y = b->phases[i].text;
        if (a->phases[i].last != b->phases[i].last || strcmp(x ? x : "", y ? y : "") != 0) {
            return 0;
        }
    }
    return a->nphases == b->nphases;
}

size_t figure_summary(const figure_line *l, figure_piece pieces[FIGURE_PIECES])
{
    const columns *k = &l->columns;
    char number[32];
    size_t n = 0;
    if (k->finite > 0) {
        ticks_number(number, sizeof number, k->high);
        snprintf(pieces[n++], sizeof *pieces, "max %s at %lld", number, (long long)k->high_at);
    }
    ticks_number(number, sizeof number, k->final);
    snprintf(pieces[n++], sizeof *pieces, "final %s at %lld", number, (long long)k->final_at);
    if (k->summed > 0 && isfinite(k->sum)) {
        ticks_number(number, sizeof number, k->sum / (double)k->summed);
        snprintf(pieces[n++], sizeof *pieces, k->stride ? "mean about %s" : "mean %s", number);
    }
    if (k->stride > 0) {
        snprintf(pieces[n++], sizeof *pieces, "of 1 step in %llu", (unsigned long long)k->stride);
    }
    if (l->stopped) {
        snprintf(pieces[n++], sizeof *pieces, "stop at %lld", (long long)l->stop_step);
    }
    if (k->bad > 0) {
        snprintf(pieces[n++], sizeof *pieces, "%llu value%s not finite", (unsigned long long)k->bad, k->bad == 1 ? " is" : "s are");
    }
    return n;
}

int figure_names_output(const figure *f, const figure_panel *p, const figure_line *l)
{
    return f->npanels > 1 || lrs_program_outputs(l->curve->program) > 1 || strcmp(p->output, "lr") != 0;
}

void figure_close(figure *f)
{
    for (size_t i = 0; i < f->npanels; i++) {
        for (size_t k = 0; k < f->panels[i].nlines; k++) {
            forget(&f->panels[i].lines[k]);
        }
        free(f->panels[i].lines);
    }
    for (size_t i = 0; i < f->ncurves; i++) {
        curve_close(&f->curves[i]);
        free(f->labels[i]);
    }
    free(f->panels);
    free(f->curves);
    free(f->labels);
    memset(f, 0, sizeof *f);
}
