/* draw_html.c: a figure as a page that draws by itself. In: a figure. Out: one HTML file, which loads nothing: the schedules in
 * JavaScript (emit_js.h), the recorded metrics, and page.js, which draws the curves and moves the params.
 *
 * A schedule is compiled once more here, without -D: what was a constant in the figure is a param in the page, with the value of -D
 * at first. */
#include "draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "api.h"
#include "backend.h"
#include "canvas.h"
#include "cli_compile.h"
#include "cli_io.h"
#include "embed.h"
#include "emit_js.h"
#include "letters.h"
#include "page.h"

extern const lrs_embedded lrs_page[]; /* page.css, page.js */

#define WIDEST_STEP ((int64_t)1 << 53) /* a number of JavaScript is a double */

/* ---- literals ---------------------------------------------------------------------------------- */

/* In ASCII, without what could begin a tag. */
static void put_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (uint32_t c; (c = letters_next(&text)) != 0;) {
        if (c == '"' || c == '\\') {
            fprintf(out, "\\%c", (int)c);
        } else if (c < 0x7f && c != '<') {
            fputc((int)c, out);
        } else {
            fprintf(out, "\\u{%x}", (unsigned)c);
        }
    }
    fputc('"', out);
}

static void put_text(FILE *out, const char *text)
{
    for (uint32_t c; (c = letters_next(&text)) != 0;) {
        char bytes[5];
        letters_put(bytes, c);
        fputs(c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : bytes, out);
    }
}

static void put_number(FILE *out, double v)
{
    if (isfinite(v)) {
        fprintf(out, "%.17g", v);
    } else {
        fputs(isnan(v) ? "NaN" : v > 0 ? "Infinity" : "-Infinity", out);
    }
}

/* ---- engines ----------------------------------------------------------------------------------- */

/* Curves of one file share an engine. */
static int same_source(const curve *a, const curve *b)
{
    return strcmp(a->name, b->name) == 0 && a->ntext == b->ntext && memcmp(a->text, b->text, a->ntext) == 0;
}

typedef struct engines {
    lrs_program **programs; /* compiled here; NULL: the curve's own, with its -D */
    const curve **curves;   /* one that has it */
    size_t n;
    size_t *of; /* of each curve */
} engines;

static const ir_program *ir_of(const engines *e, size_t i)
{
    return lrs_program_ir(e->programs[i] ? e->programs[i] : e->curves[i]->program);
}

/* Without -D. NULL: it is no program then. */
static lrs_program *compile_again(const cli_options *o, const curve *c)
{
    cli_options plain = *o;
    plain.ndefines = plain.nsweeps = 0;
    plain.warnings = -1;
    lrs_program *program = NULL;
    lrs_diagnostics *d = NULL;
    lrs_options options = cli_compile_options(&plain, c->name);
    if (lrs_compile(&program, c->text, c->ntext, &options, &d) != LRS_OK) {
        lrs_program_free(program);
        program = NULL;
    }
    lrs_diagnostics_free(d);
    return program;
}

static void gather(engines *e, const figure *f, const cli_options *o)
{
    *e = (engines){0};
    e->programs = cli_alloc(f->ncurves * sizeof *e->programs);
    e->curves = cli_alloc(f->ncurves * sizeof *e->curves);
    e->of = cli_alloc(f->ncurves * sizeof *e->of);
    for (size_t i = 0; i < f->ncurves; i++) {
        size_t k = 0;
        while (k < e->n && !(e->programs[k] && same_source(e->curves[k], &f->curves[i]))) {
            k++;
        }
        if (k == e->n) {
            e->curves[e->n] = &f->curves[i];
            e->programs[e->n++] = compile_again(o, &f->curves[i]);
        }
        e->of[i] = k;
    }
}

static void engines_free(engines *e)
{
    for (size_t i = 0; i < e->n; i++) {
        lrs_program_free(e->programs[i]);
    }
    free(e->programs);
    free(e->curves);
    free(e->of);
}

static int put_engine(FILE *out, const engines *e, size_t i)
{
    const metrics *m = &e->curves[i]->metrics;
    backend_buffer b = {0};
    backend_options options = {.prefix = "lrs", .source_name = figure_base_name(e->curves[i]->name)};
    int status = emit_js(ir_of(e, i), &options, EMIT_JS_EXPRESSION, &b);
    if (status == LRS_OK) {
        fputs("{schedule: ", out);
        fwrite(b.at, 1, b.n, out);
        fputs(",\nmetrics: [", out);
        for (size_t k = 0; k < m->n; k++) {
            fprintf(out, "%s[%lld, %zu, ", k ? (k % 8 ? ", " : ",\n ") : "", (long long)m->at[k].step, m->at[k].input);
            put_number(out, m->at[k].metric);
            fputc(']', out);
        }
        fputs("]},\n", out);
    }
    buffer_free(&b);
    return cli_status(status, e->curves[i]->name, NULL);
}

/* ---- the figure -------------------------------------------------------------------------------- */

/* Each param with its value: that of -D, or its default. */
static void put_values(FILE *out, const ir_program *p, const curve *c)
{
    fputs("{", out);
    for (uint32_t i = 0; i < p->layout.nparam; i++) {
        double v = p->params[i].def;
        for (size_t k = 0; k < c->ndefines; k++) {
            v = strcmp(c->defines[k].name, p->params[i].name) == 0 ? c->defines[k].value : v;
        }
        fputs(i ? ", [" : "[", out); /* `__proto__` without brackets is no property */
        put_string(out, p->params[i].name);
        fputs("]: ", out);
        put_number(out, v);
    }
    fputs("}", out);
}

static void put_dashes(FILE *out)
{
    fputs("dashes: [", out);
    for (size_t i = 0; i < PEN_COLORS; i++) {
        fputs(i ? ", \"" : "\"", out);
        for (size_t k = 0; pen_dashes[i][k] > 0; k++) {
            fprintf(out, "%s%g", k ? " " : "", pen_dashes[i][k]);
        }
        fputs(i ? "\"" : "none\"", out);
    }
    fputs("],\n", out);
}

/* Those that say how much a step is of what the axis counts. */
static void put_fixed(FILE *out, const figure *f)
{
    fputs(f->x_scale == 1 ? "fixed: [],\n" : "fixed: [\"steps_per_epoch\", \"samples_per_step\", \"tokens_per_step\", \"total\"],\n", out);
}

static int put_figure(FILE *out, const figure *f, const engines *e, const char *title)
{
    char *description = page_description(f);
    int code = CLI_OK;
    fputs("const figure = {\ntitle: ", out);
    put_string(out, title);
    fputs(", description: ", out);
    put_string(out, description);
    free(description);
    fprintf(out, ",\nunit: \"%s\", xName: \"%s\", xScale: %.17g, first: %lld, last: %lld, log: %s, phases: %s,\n", curve_unit(&f->curves[0]), f->x_name, f->x_scale,
            (long long)f->range.first, (long long)f->range.last, f->log ? "true" : "false", f->no_phases ? "false" : "true");
    put_fixed(out, f);
    put_dashes(out);
    fputs("panels: [", out);
    for (size_t i = 0; i < f->npanels; i++) {
        fputs(i ? ", " : "", out);
        put_string(out, f->panels[i].output);
    }
    fputs("],\ncurves: [\n", out);
    for (size_t i = 0; i < f->ncurves; i++) {
        fputs("    {label: ", out);
        put_string(out, f->labels[i]);
        fprintf(out, ", engine: %zu, values: ", e->of[i]);
        put_values(out, ir_of(e, e->of[i]), &f->curves[i]);
        fputs("},\n", out);
    }
    fputs("],\nengines: [\n", out);
    for (size_t i = 0; i < e->n && code == CLI_OK; i++) {
        code = put_engine(out, e, i);
    }
    fputs("]};\n", out);
    return code;
}

static void put_colors(FILE *out, int dark)
{
    fputs(dark ? "@media (prefers-color-scheme: dark) { :root {" : ":root {", out);
    for (int i = 0; i < PEN_COLORS; i++) {
        fprintf(out, " --c%d: #%06x;", i, (unsigned)(dark ? pen_colors[i].dark : pen_colors[i].light));
    }
    fputs(dark ? " } }\n" : " }\n", out);
}

/* "wsd.lrs, cosine.lrs" */
static char *title_of(const figure *f)
{
    char *title = cli_strdup(figure_base_name(f->curves[0].name));
    for (size_t i = 1; i < f->ncurves && i < 4; i++) {
        if (strcmp(f->curves[i].name, f->curves[i - 1].name) != 0) {
            char *longer = cli_printf("%s, %s", title, i == 3 && f->ncurves > 4 ? "..." : figure_base_name(f->curves[i].name));
            free(title);
            title = longer;
        }
    }
    return title;
}

static int is_too_wide(int64_t step)
{
    return step < -WIDEST_STEP || step > WIDEST_STEP;
}

static int refuse_wide_steps(const figure *f)
{
    if (is_too_wide(f->range.first) || is_too_wide(f->range.last)) {
        cli_error("a page shows steps up to 2^53; give it less with --range");
        return CLI_USAGE;
    }
    for (size_t i = 0; i < f->ncurves; i++) {
        const metrics *m = &f->curves[i].metrics;
        for (size_t k = 0; k < m->n; k++) {
            if (is_too_wide(m->at[k].step)) {
                cli_error("a page shows steps up to 2^53, and the metrics have one of step %lld", (long long)m->at[k].step);
                return CLI_USAGE;
            }
        }
    }
    return CLI_OK;
}

int draw_html(figure *f, const cli_options *o, FILE *out)
{
    engines e;
    int code = refuse_wide_steps(f);
    code = code ? code : figure_measure(f, 1, 2, 3); /* for the description, and for what is wrong with a logarithmic axis */
    if (code != CLI_OK) {
        return code;
    }
    char *title = title_of(f);
    gather(&e, f, o);
    fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>", out);
    put_text(out, title);
    fputs("</title>\n<style>\n", out);
    put_colors(out, 0);
    put_colors(out, 1);
    fputs(lrs_page[0].text, out);
    fputs("</style>\n</head>\n<body>\n<noscript>This page draws its curves with JavaScript, which is switched off.</noscript>\n<script>\n", out);
    code = put_figure(out, f, &e, title);
    fputs(lrs_page[1].text, out);
    fputs("</script>\n</body>\n</html>\n", out);
    engines_free(&e);
    free(title);
    return code;
}
