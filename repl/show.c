/* show.c: see show.h. Calls the figure, and the runtime for explanations. */
#include "show.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli_compile.h"
#include "cli_io.h"
#include "curve.h"
#include "draw.h"
#include "figure.h"
#include "names.h"
#include "wrap.h"
#include "kernel/state.h"
#include "kernel/value.h"
#include "program.h"

/* ---- the mini plot ----------------------------------------------------------------------------- */

#define MINI_ROWS 5

static const char *number(char buf[32], double v)
{
    ticks_number(buf, 32, v);
    return buf;
}

static size_t count_phases(const figure_line *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->nphases; i++) {
        n += l->phases[i].text != NULL; /* after the last one its value holds: that is none */
    }
    return n;
}

/* The text, longer by what is printed; takes it. */
static char *longer(char *text, char *more)
{
    char *both = cli_printf("%s%s", text, more);
    free(text);
    free(more);
    return both;
}

static void print_summary(const figure *f, const figure_line *l)
{
    const columns *k = &l->columns;
    const char *unit = curve_unit(l->curve);
    char a[32], b[32], c[32], d[32];
    uint64_t steps = (uint64_t)k->final_at - (uint64_t)k->first;
    double mean = k->summed ? k->sum / (double)k->summed : 0;
    size_t phases = count_phases(l);
    int is_named = f->npanels > 1 || strcmp(curve_name(l->curve, l->output), "lr") != 0;
    char *line = is_named ? cli_printf("%s: ", curve_name(l->curve, l->output)) : cli_strdup("");
    line = longer(line, cli_printf("%llu %s%s   ", (unsigned long long)steps, unit, steps == 1 ? "" : "s"));
    if (k->finite) {
        line = longer(line, cli_printf("peak %s at %lld   ", number(a, k->high), (long long)k->high_at));
    }
    line = longer(line, cli_printf("final %s   ", number(b, k->final)));
    if (k->summed && isfinite(k->sum)) {
        line = longer(line, cli_printf(k->stride ? "mean about %s   area about %s   " : "mean %s   area %s   ", number(c, mean),
                                       number(d, mean * ((double)steps + 1))));
    }
    line = longer(line, cli_printf("%zu phase%s", phases, phases == 1 ? "" : "s"));
    wrap_put(line, 0, 3);
    free(line);
    if (k->bad) {
        printf("%llu value%s not finite\n", (unsigned long long)k->bad, k->bad == 1 ? " is" : "s are");
    }
}

int show_plot(const cli_options *given)
{
    figure f;
    cli_options o = *given;
    o.verb = VERB_PLOT;
    o.height = MINI_ROWS;
    o.brief = 1;
    o.warnings = -1; /* they have been said */
    int code = figure_open(&f, &o);
    code = code ? code : draw_terminal(&f, &o, stdout);
    for (size_t i = 0; i < f.npanels && code == CLI_OK; i++) {
        for (size_t k = 0; k < f.panels[i].nlines; k++) {
            print_summary(&f, &f.panels[i].lines[k]);
        }
    }
    figure_close(&f);
    return code;
}

/* ---- why --------------------------------------------------------------------------------------- */

/* The first line of a text, and dots when there are more. */
static void print_first_line(const char *text)
{
    size_t n = strcspn(text, "\n");
    printf("%.*s%s", (int)n, text, text[n] ? " ..." : "");
}

static void print_when(const char *what, const char *text, double start, double end)
{
    char a[LRS_NUMBER_TEXT], b[LRS_NUMBER_TEXT];
    lrs_number_text(a, start);
    lrs_number_text(b, end);
    printf("  %-8s", what);
    print_first_line(text);
    if (isinf(end)) {
        printf("   (from %s on)\n", a);
    } else {
        printf("   (from %s until %s)\n", a, b);
    }
}

/* The function of the segment's kind, around what it is of. */
static const struct {
    const char *before, *after;
} forms[LRS_K_KINDS] = {
    [LRS_K_LINEAR] = {"", ""},
    [LRS_K_EXP2] = {"2^(", ")"},
    [LRS_K_STAIR] = {"2^(", ")"},
    [LRS_K_HCOS] = {"(1 - cos(pi*(", ")))/2"},
    [LRS_K_POW] = {"(", ")^"},
    [LRS_K_SQRT] = {"sqrt(", ")"},
    [LRS_K_COSQRT] = {"(1 - sqrt(1 - (", ")))"},
    [LRS_K_RSQRT] = {"1/sqrt(", ")"},
    [LRS_K_RECIP] = {"1/(", ")"},
};

/* What the function is of: the time since the reference, times a rate. */
static char *argument_of(const lrs_k_seg *s, uint32_t kind, int64_t step)
{
    char ref[LRS_NUMBER_TEXT], rate[32], off[32];
    lrs_number_text(ref, s->ref);
    char *time = s->ref == 0 ? cli_printf("%lld", (long long)step) : cli_printf("(%lld - %s)", (long long)step, ref), *all;
    number(rate, s->hi);
    number(off, s->off);
    if (kind == LRS_K_STAIR) {
        all = cli_printf("%s*floor(%s/%s)", rate, time, off);
    } else if (kind == LRS_K_LINEAR || kind == LRS_K_EXP2 || s->off == 0) {
        all = cli_printf("%s*%s", rate, time);
    } else {
        all = cli_printf("%s + %s*%s", off, rate, time);
    }
    free(time);
    return all;
}

/* The declaration of the law that a phase names, with the time since its beginning, and u, the part of the phase that is over. */
static void print_law(const lrs_explanation *e, int64_t step)
{
    size_t n = strspn(e->phase_text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");
    const names *all = names_all();
    double t = lrs_k_time(step) - e->phase_start;
    char a[32], b[32];
    for (size_t i = 0; i < all->n; i++) {
        const name_info *law = &all->at[i];
        if ((law->kind == NAME_LAW || law->kind == NAME_MEMBER) && strlen(law->name) == n && strncmp(law->name, e->phase_text, n) == 0) {
            for (const char *s = law->form; *s; s += strcspn(s, "\n"), s += *s == '\n') {
                printf("  form    %.*s\n", (int)strcspn(s, "\n"), s);
            }
        }
    }
    printf("  with    t = %s", number(a, t));
    if (isfinite(e->phase_end)) {
        printf(", u = %s", number(b, t / (e->phase_end - e->phase_start)));
    }
    putchar('\n');
}

/* The base value as the engine computes it: a + b*g. What is step code, or a block, has no such form. */
static void print_formula(const curve *c, const lrs_explanation *e, int64_t step)
{
    const lrs_plan *plan = c->plan;
    const lrs_program *p = plan->program;
    const lrs_k_out *o = &p->outs[c->output];
    const double *T = lrs_k_table(&plan->k, lrs_k_state_cd(&plan->k, (const uint64_t *)(const void *)c->engine.state));
    uint32_t k = lrs_k_segment_at(o, T, lrs_k_time(step)), kind = p->kinds[o->kind + k];
    lrs_k_seg s = lrs_k_load_seg(T + o->seg + (size_t)LRS_K_SEG_WORDS * k);
    char base[32], a[32], b[32];
    printf("  law     %s", e->law);
    if (kind < LRS_K_KINDS && forms[kind].before) {
        char *inner = argument_of(&s, kind, step);
        printf(": %s%s", s.a != 0 ? number(a, s.a) : "", s.a != 0 ? " + " : "");
        printf("%s%s", kind != LRS_K_LINEAR ? number(b, s.b) : "", kind != LRS_K_LINEAR ? "*" : "");
        printf("%s%s%s%s", forms[kind].before, inner, forms[kind].after, kind == LRS_K_POW ? number(b, s.p) : "");
        free(inner);
    }
    printf(" = %s\n", number(base, e->base));
    if (kind == LRS_K_EXPR && *e->phase_text) {
        print_law(e, step);
    }
}

static void print_rules(const lrs_explanation *e)
{
    char a[32], b[32];
    if (e->value != e->base) {
        printf("  rules   %s*%s", number(a, e->base), number(b, e->scale));
        printf("%s\n", e->base * e->scale == e->value ? "" : ", then floors and bounds");
    }
    if (*e->rule_text) {
        printf("  acted   ");
        print_first_line(e->rule_text);
        printf("   (last at %lld; rules have acted %d time%s)\n", (long long)e->rule_step, e->fired, e->fired == 1 ? "" : "s");
    }
}

static int print_explanation(curve *c, int64_t step)
{
    lrs_explanation e = {.size = sizeof e};
    char value[LRS_NUMBER_TEXT];
    int status = lrs_explain_at(&e, c->plan, c->engine.state, c->output, step);
    if (status != LRS_OK) {
        return cli_status(status, c->name, NULL);
    }
    lrs_number_text(value, e.value);
    printf("%s at %lld = %s\n", curve_name(c, c->output), (long long)step, value);
    if (*e.phase_text && !((double)step >= e.phase_end)) {
        print_when("phase", e.phase_text, e.phase_start, e.phase_end);
    } else {
        printf("  phase   none: all phases are over, and the last value holds\n");
    }
    if (step < 0) {
        printf("  step    before the first: as at step 0\n");
    }
    if (*e.inner_text) {
        print_when("inside", e.inner_text, e.inner_start, e.inner_end);
        if (e.round >= 0) {
            printf("  round   %lld, counted from 0\n", (long long)e.round);
        }
        printf("  law     %s\n", e.law);
    } else {
        print_formula(c, &e, step < 0 ? 0 : step);
    }
    print_rules(&e);
    return CLI_OK;
}

/* The session's text, opened. */
static int open_text(curve *c, const cli_options *o)
{
    curve_text t;
    int code = curve_read_one(&t, o);
    memset(c, 0, sizeof *c);
    code = code ? code : curve_open(c, o, &t);
    curve_text_free(&t);
    return code;
}

int show_at(const cli_options *given, int64_t step)
{
    curve c;
    cli_options o = *given;
    o.verb = VERB_EVAL;
    o.warnings = -1;
    int code = open_text(&c, &o);
    for (size_t i = 0; i < c.noutputs && code == CLI_OK; i++) {
        c.output = c.outputs[i];
        curve_restart(&c);
        curve_observe_to(&c, step);
        code = print_explanation(&c, step);
    }
    curve_close(&c);
    return code;
}

/* ---- params ------------------------------------------------------------------------------------ */

static void print_param(const lrs_param_info *i, const cli_options *o)
{
    char a[LRS_NUMBER_TEXT], b[LRS_NUMBER_TEXT];
    int is_set = 0;
    double v = i->def;
    for (size_t k = 0; k < o->ndefines; k++) {
        if (strcmp(o->defines[k].name, i->name) == 0) {
            v = o->defines[k].value;
            is_set = 1;
        }
    }
    lrs_number_text(a, v);
    printf("%s = %s%s%s", i->name, is_set || i->has_default ? a : "(no value)", i->unit ? " " : "", i->unit ? i->unit : "");
    if (is_set) {
        lrs_number_text(b, i->def);
        printf("   (set; the default is %s)", i->has_default ? b : "none");
    }
    if (i->has_range) {
        lrs_number_text(a, i->lo);
        lrs_number_text(b, i->hi);
        printf("   in %s..%s%s", a, b, i->is_log ? " log" : "");
    }
    putchar('\n');
}

/* Compiled without what is set: what is a constant is no param. */
int show_params(const cli_options *given)
{
    cli_options o = *given;
    lrs_program *p = NULL;
    o.ndefines = 0;
    o.warnings = -1;
    lrs_options options = cli_compile_options(&o, "session");
    int status = lrs_compile(&p, o.text, strlen(o.text), &options, NULL);
    if (status != LRS_OK) { /* params without which it is no program: total=..., say */
        cli_error("without what is set, the program does not compile; :list shows it");
        return CLI_DIAGNOSTICS;
    }
    if (lrs_program_params(p) == 0) {
        printf("there are no params; `param peak = 3e-4 in 1e-5..1e-2` declares one\n");
    }
    for (size_t i = 0; i < lrs_program_params(p); i++) {
        lrs_param_info info = {.size = sizeof info};
        if (lrs_program_param(&info, p, i) == LRS_OK) {
            print_param(&info, given);
        }
    }
    lrs_program_free(p);
    return CLI_OK;
}
