/* draw_data.c: what a figure shows, in numbers: CSV and JSON. In: a figure. Out: for each line its value at each step, or, where
 * there are too many, at every nth and wherever a phase begins or ends or a rule acted; its phases and rules. Numbers have 17
 * digits, which read back as the same doubles. */
#include "draw.h"

#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "json.h"
#include "letters.h"

#define MOST_STEPS 10000            /* without a stride */
#define MOST_VALUES ((size_t)1 << 24) /* with one, of all lines together */

typedef struct data {
    figure *f;
    figure_line **lines; /* of all panels */
    char **names;
    size_t nlines;
    int64_t *steps; /* ascending */
    size_t n, cap;
    int64_t stride;
    double *values; /* n of each line */
} data;

/* ---- the steps --------------------------------------------------------------------------------- */

static void add_step(data *d, int64_t step)
{
    if (d->n == d->cap) {
        d->cap = d->cap ? 2 * d->cap : 1024;
        d->steps = cli_realloc(d->steps, d->cap * sizeof *d->steps);
    }
    d->steps[d->n++] = step;
}

static int compare_steps(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* 1, 2 or 5 times a power of ten. */
static int64_t round_stride(uint64_t all)
{
    static const int64_t next[] = {2, 5, 10};
    int64_t tens = 1, m = 1;
    for (size_t i = 0; all / (uint64_t)(m * tens) > MOST_STEPS; i++) {
        if (i == 3) {
            i = 0;
            tens *= 10;
        }
        m = next[i];
    }
    return m * tens;
}

/* Where something happens, which a stride would miss. */
static void add_places(data *d, const figure_line *l)
{
    for (size_t i = 0; i < l->nphases; i++) {
        add_step(d, l->phases[i].first);
        add_step(d, l->phases[i].last);
    }
    for (size_t i = 0; i < l->nevents; i++) {
        add_step(d, l->events[i].step);
    }
}

static int choose_steps(data *d, const cli_options *o)
{
    range r = d->f->range;
    uint64_t all = (uint64_t)r.last - (uint64_t)r.first;
    d->stride = o->has_range && o->has_stride ? o->stride : round_stride(all);
    if (all / (uint64_t)d->stride >= MOST_VALUES / d->nlines) {
        cli_error("these are more than %zu values; lrsc eval prints as many as there are", MOST_VALUES);
        return CLI_USAGE;
    }
    for (uint64_t i = 0;; i += (uint64_t)d->stride) {
        add_step(d, (int64_t)((uint64_t)r.first + i));
        if (all - i < (uint64_t)d->stride) {
            break;
        }
    }
    if (d->stride > 1) {
        size_t unique = 1;
        for (size_t i = 0; i < d->nlines; i++) {
            add_places(d, d->lines[i]);
        }
        add_step(d, r.last);
        qsort(d->steps, d->n, sizeof *d->steps, compare_steps);
        for (size_t i = 1; i < d->n; i++) {
            if (d->steps[i] != d->steps[unique - 1]) {
                d->steps[unique++] = d->steps[i];
            }
        }
        d->n = unique;
    }
    return CLI_OK;
}

static void evaluate(data *d)
{
    d->values = cli_alloc(d->nlines * d->n * sizeof *d->values);
    for (size_t k = 0; k < d->nlines; k++) {
        curve *c = d->lines[k]->curve;
        curve_choose(c, d->lines[k]->output);
        curve_restart(c);
        for (size_t i = 0; i < d->n; i++) {
            d->values[k * d->n + i] = curve_value(c, d->steps[i]);
        }
    }
}

/* ---- names ------------------------------------------------------------------------------------- */

/* The output, the curve, or both, whichever tells the lines apart. */
static char *name_of(const figure *f, const figure_panel *p, const figure_line *l)
{
    return f->ncurves == 1  ? cli_strdup(p->output)
           : f->npanels == 1 ? cli_strdup(l->label)
                             : cli_printf("%s %s", l->label, p->output);
}

static void gather_lines(data *d)
{
    figure *f = d->f;
    size_t n = 0;
    for (size_t i = 0; i < f->npanels; i++) {
        n += f->panels[i].nlines;
    }
    d->lines = cli_alloc(n * sizeof *d->lines);
    d->names = cli_alloc(n * sizeof *d->names);
    for (size_t i = 0; i < f->npanels; i++) {
        for (size_t k = 0; k < f->panels[i].nlines; k++) {
            d->lines[d->nlines] = &f->panels[i].lines[k];
            d->names[d->nlines++] = name_of(f, &f->panels[i], &f->panels[i].lines[k]);
        }
    }
}

/* 0, or an exit code with the message printed; free it in any case. */
static int gather(data *d, figure *f, const cli_options *o)
{
    *d = (data){.f = f};
    f->log = 0; /* nothing is drawn: values at and below 0 are as good as others */
    int code = figure_measure(f, 1, 2, 2);
    if (code == CLI_OK) {
        gather_lines(d);
        code = choose_steps(d, o);
    }
    if (code == CLI_OK) {
        evaluate(d);
    }
    return code;
}

static void data_free(data *d)
{
    for (size_t i = 0; i < d->nlines; i++) {
        free(d->names[i]);
    }
    free(d->names);
    free(d->lines);
    free(d->steps);
    free(d->values);
}

/* ---- CSV --------------------------------------------------------------------------------------- */

/* A field; in quotes where it needs them. */
static void put_field(FILE *out, const char *text)
{
    int quoted = strpbrk(text, ",\"\r\n") != NULL;
    if (quoted) {
        fputc('"', out);
    }
    for (uint32_t c; (c = letters_next(&text)) != 0;) {
        char bytes[5];
        letters_put(bytes, c);
        fputs(c == '"' ? "\"\"" : bytes, out);
    }
    if (quoted) {
        fputc('"', out);
    }
}

static void put_csv_head(const data *d, FILE *out)
{
    fputs("step", out);
    if (d->f->x_scale != 1) {
        fprintf(out, ",%s", d->f->x_name);
    }
    for (size_t k = 0; k < d->nlines; k++) {
        fputc(',', out);
        put_field(out, d->names[k]);
    }
    for (size_t k = 0; k < d->nlines; k++) {
        char *phase = d->nlines > 1 ? cli_printf("%s phase", d->names[k]) : cli_strdup("phase");
        char *rule = d->nlines > 1 ? cli_printf("%s rule", d->names[k]) : cli_strdup("rule");
        fputc(',', out);
        put_field(out, phase);
        fputc(',', out);
        put_field(out, rule);
        free(phase);
        free(rule);
    }
    fputc('\n', out);
}

static const char *phase_text(const curve_phase *p)
{
    return p->text && *p->text ? p->text : "end"; /* the last value holds */
}

/* The phase and the rules of a step. Steps come in order: what is over is passed. */
static void put_happenings(const figure_line *l, int64_t step, size_t *phase, size_t *event, FILE *out)
{
    while (*phase < l->nphases && l->phases[*phase].last < step) {
        ++*phase;
    }
    fputc(',', out);
    if (*phase < l->nphases && l->phases[*phase].first <= step) {
        put_field(out, phase_text(&l->phases[*phase]));
    }
    char *all = cli_strdup("");
    for (; *event < l->nevents && l->events[*event].step <= step; ++*event) {
        char text[128], *longer;
        figure_event_text(text, sizeof text, &l->events[*event]);
        longer = cli_printf("%s%s%s", all, *all ? "; " : "", text);
        free(all);
        all = longer;
    }
    fputc(',', out);
    put_field(out, all);
    free(all);
}

int draw_csv(figure *f, const cli_options *o, FILE *out)
{
    data d;
    int code = gather(&d, f, o);
    if (code == CLI_OK) {
        size_t *at = cli_alloc(2 * d.nlines * sizeof *at);
        put_csv_head(&d, out);
        for (size_t i = 0; i < d.n; i++) {
            fprintf(out, "%lld", (long long)d.steps[i]);
            if (f->x_scale != 1) {
                fprintf(out, ",%.17g", figure_x(f, d.steps[i]));
            }
            for (size_t k = 0; k < d.nlines; k++) {
                fprintf(out, ",%.17g", d.values[k * d.n + i]);
            }
            for (size_t k = 0; k < d.nlines; k++) {
                put_happenings(d.lines[k], d.steps[i], &at[2 * k], &at[2 * k + 1], out);
            }
            fputc('\n', out);
        }
        free(at);
    }
    data_free(&d);
    return code;
}

/* ---- JSON -------------------------------------------------------------------------------------- */

static void put_phases(FILE *out, const figure_line *l)
{
    fputs("     \"phases\": [", out);
    for (size_t i = 0; i < l->nphases; i++) {
        const curve_phase *p = &l->phases[i];
        fprintf(out, "%s{\"first\": %lld, \"last\": %lld, \"text\": ", i ? ",\n                " : "", (long long)p->first, (long long)p->last);
        json_string(out, phase_text(p));
        fputc('}', out);
    }
    fputs("],\n", out);
}

static void put_rules(FILE *out, const figure_line *l)
{
    fputs("     \"rules\": [", out);
    for (size_t i = 0; i < l->nevents; i++) {
        const curve_event *e = &l->events[i];
        char text[128];
        figure_event_text(text, sizeof text, e);
        fprintf(out, "%s{\"step\": %lld, \"text\": ", i ? ",\n               " : "", (long long)e->step);
        json_string(out, text);
        json_member(out, "before", e->before);
        json_member(out, "after", e->after);
        fputc('}', out);
    }
    fputs("],\n", out);
}

static void put_line(FILE *out, const data *d, size_t k)
{
    const figure_line *l = d->lines[k];
    const columns *c = &l->columns;
    fprintf(out, "%s\n    {\"name\": ", k ? "," : "");
    json_string(out, l->label);
    fputs(", \"output\": ", out);
    json_string(out, curve_name(l->curve, l->output));
    fputs(",\n     \"summary\": {\"final\": ", out);
    json_number(out, c->final);
    if (c->finite > 0) {
        json_member(out, "max", c->high);
        fprintf(out, ", \"max_at\": %lld", (long long)c->high_at);
        json_member(out, "min", c->low);
        json_member(out, "mean", c->sum / (double)c->summed);
    }
    fprintf(out, ", \"not_finite\": %llu},\n", (unsigned long long)c->bad);
    put_phases(out, l);
    put_rules(out, l);
    fputs("     \"values\": [", out);
    for (size_t i = 0; i < d->n; i++) {
        fputs(i ? ", " : "", out);
        json_number(out, d->values[k * d->n + i]);
    }
    fputs("]}", out);
}

int draw_json(figure *f, const cli_options *o, FILE *out)
{
    data d;
    int code = gather(&d, f, o);
    if (code == CLI_OK) {
        fprintf(out, "{\"unit\": \"%s\", \"first\": %lld, \"last\": %lld, \"stride\": %lld", curve_unit(&f->curves[0]), (long long)f->range.first,
                (long long)f->range.last, (long long)d.stride);
        if (f->x_scale != 1) {
            fprintf(out, ", \"x\": {\"name\": \"%s\", \"of_a_%s\": %.17g}", f->x_name, curve_unit(&f->curves[0]), f->x_scale);
        }
        fputs(",\n \"steps\": [", out);
        for (size_t i = 0; i < d.n; i++) {
            fprintf(out, "%s%lld", i ? ", " : "", (long long)d.steps[i]);
        }
        fputs("],\n \"lines\": [", out);
        for (size_t k = 0; k < d.nlines; k++) {
            put_line(out, &d, k);
        }
        fputs("\n ]}\n", out);
    }
    data_free(&d);
    return code;
}
