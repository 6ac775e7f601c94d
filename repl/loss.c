/* loss.c: see loss.h. */
#include "loss.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli_compile.h"
#include "cli_io.h"
#include "cli_options.h"
#include "expression.h"
#include "items.h"
#include "moved.h"

/* The program of a model, and where in it the model stands: what is said is said about that. */
static program_text text_of(const char *model, placed *at)
{
    program_text t = {.at = at, .n = 1};
    program_put(&t.text, "param loss = 1\nparam lr = 1\nparam peak = 1\ncurve ");
    at->begin = t.text.n;
    program_put(&t.text, model);
    at->end = t.text.n;
    t.around = t.text.n + 1;
    program_put(&t.text, "\n");
    return t;
}

#define FORM "a model is an expression over `loss` (the last value), `lr`, `peak` and `step`, e.g. --loss='%s'"

/* A model has no lines before it to declare anything on. */
static void amend_helps(lrs_diagnostics *d)
{
    for (diag *g = d ? d->first : NULL; g; g = g->next) {
        if (g->help && (strncmp(g->help, "declare it", 10) == 0 || strncmp(g->help, "the rate where", 14) == 0)) {
            g->help = NULL;
        }
    }
}

static int compile_model(loss_model *m, const char *model)
{
    session_origin at = {"--loss", model, strlen(model), 0, 0};
    placed place = {0};
    program_text t = text_of(model, &place);
    lrs_options options = {.size = sizeof options, .name = "<loss>", .no_warnings = 1};
    cli_options shown = {.warnings = -1};
    lrs_diagnostics *d = NULL;
    int code = CLI_OK;
    if (expression_is_grammatical(&at, at.n, &d)) {
        int status = lrs_compile(&m->program, t.text.at, t.text.n, &options, &d);
        move_diagnostics(d, &t, &at);
        amend_helps(d);
        code = cli_show_diagnostics(d, &shown);
        code = code ? code : cli_status(status, "the model of the loss", NULL);
    } else {
        code = cli_show_diagnostics(d, &shown);
    }
    lrs_diagnostics_free(d);
    buffer_free(&t.text);
    return code;
}

int loss_open(loss_model *m, const char *model, double start, double peak, double noise, int64_t seed)
{
    *m = (loss_model){.loss = start, .peak = peak, .noise = noise, .random = (uint64_t)seed};
    if (model && strpbrk(model, ";\n\r{}#")) { /* more than an expression */
        cli_error("--loss takes one expression, not '%s'", model);
        cli_note(FORM, LOSS_MODEL);
        return CLI_USAGE;
    }
    int code = compile_model(m, model ? model : LOSS_MODEL);
    if (code == CLI_DIAGNOSTICS) {
        cli_note(FORM, LOSS_MODEL);
    }
    return code;
}

void loss_close(loss_model *m)
{
    lrs_program_free(m->program);
    m->program = NULL;
}

/* splitmix64, to a double of [0, 1). */
static double uniform(loss_model *m)
{
    m->random += 0x9e3779b97f4a7c15u;
    uint64_t z = m->random;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/* Near enough to normal: the sum of twelve, whose variance is 1. */
static double normal(loss_model *m)
{
    double sum = -6;
    for (int i = 0; i < 12; i++) {
        sum += uniform(m);
    }
    return sum;
}

double loss_next(loss_model *m, int64_t step, double lr)
{
    if (!isfinite(m->loss)) { /* it has diverged */
        return m->loss;
    }
    const lrs_binding bound[] = {{"loss", m->loss}, {"lr", lr}, {"peak", m->peak}};
    lrs_plan *plan = NULL;
    lrs_state *s = NULL;
    double v = (double)NAN;
    if (lrs_bind(&plan, m->program, bound, 3, NULL, 0) == LRS_OK && lrs_state_new(&s, plan) == LRS_OK) {
        v = lrs_value(plan, s, 0, step);
        lrs_state_free(s, plan);
    }
    lrs_plan_free(plan);
    m->loss = v;
    return m->noise > 0 ? v + m->noise * normal(m) : v;
}
