/* params.c: `lrsc params`. In: a schedule. Out: its params on standard output, as a table or as json, or those that have a range as
 * the search space of a tuner. Nothing is bound: a param without a default is one to be searched like the others. */
#include "params.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "cli_io.h"
#include "curve.h"
#include "json.h"
#include "letters.h"
#include "program.h"

typedef struct params {
    const char *of;        /* the name of the schedule, in letters that may be shown */
    lrs_param_info *at;
    size_t n, nranges;     /* so many have a range */
} params;

/* ---- for people, for programs ------------------------------------------------------------------ */

enum { COLUMNS = 5 };

static void put_table(const params *p)
{
    static const char *const head[COLUMNS] = {"name", "default", "unit", "range", "scale"};
    size_t width[COLUMNS];
    char **cells = cli_alloc(COLUMNS * (p->n + 1) * sizeof *cells);
    if (p->n == 0) {
        puts("there are no params; `param peak = 3e-4 in 1e-5..1e-2 log` declares one");
    }
    for (size_t i = 0; i < p->n; i++) {
        const lrs_param_info *v = &p->at[i];
        char **cell = cells + COLUMNS * i, def[LRS_NUMBER_TEXT], lo[LRS_NUMBER_TEXT], hi[LRS_NUMBER_TEXT];
        lrs_number_text(def, v->def);
        lrs_number_text(lo, v->lo);
        lrs_number_text(hi, v->hi);
        cell[0] = cli_strdup(v->name);
        cell[1] = cli_strdup(v->has_default ? def : "none");
        cell[2] = cli_strdup(v->unit ? v->unit : "-");
        cell[3] = v->has_range ? cli_printf("%s..%s", lo, hi) : cli_strdup("-");
        cell[4] = cli_strdup(!v->has_range ? "-" : v->is_log ? "log" : "linear");
    }
    for (size_t k = 0; k < COLUMNS; k++) {
        width[k] = strlen(head[k]);
        for (size_t i = 0; i < p->n; i++) {
            size_t n = strlen(cells[COLUMNS * i + k]);
            width[k] = n > width[k] ? n : width[k];
        }
    }
    for (size_t i = 0; i < (p->n ? p->n + 1 : 0); i++) {
        for (size_t k = 0; k < COLUMNS; k++) {
            printf("%-*s%s", k + 1 < COLUMNS ? (int)width[k] : 0, i ? cells[COLUMNS * (i - 1) + k] : head[k], k + 1 < COLUMNS ? "   " : "\n");
        }
    }
    for (size_t i = 0; i < COLUMNS * p->n; i++) {
        free(cells[i]);
    }
    free(cells);
}

static void put_json_member(const char *name, int is_known, double v)
{
    char text[LRS_NUMBER_TEXT];
    lrs_number_text(text, v);
    printf(", \"%s\": %s", name, is_known ? text : "null");
}

static void put_json(const params *p)
{
    putchar('[');
    for (size_t i = 0; i < p->n; i++) {
        const lrs_param_info *v = &p->at[i];
        fputs(i ? ",\n {\"name\": " : "{\"name\": ", stdout);
        json_string(stdout, v->name);
        put_json_member("default", v->has_default, v->def);
        put_json_member("lo", v->has_range, v->lo);
        put_json_member("hi", v->has_range, v->hi);
        printf(", \"log\": %s, \"unit\": ", v->is_log ? "true" : "false");
        if (v->unit) {
            json_string(stdout, v->unit);
        } else {
            fputs("null", stdout);
        }
        putchar('}');
    }
    puts("]");
}

/* ---- for tuners -------------------------------------------------------------------------------- */

/* The next param with a range, from i on; p->n: there is none. */
static size_t next_range(const params *p, size_t i)
{
    while (i < p->n && !p->at[i].has_range) {
        i++;
    }
    return i;
}

static void put_optuna(const params *p)
{
    char lo[LRS_NUMBER_TEXT], hi[LRS_NUMBER_TEXT];
    const char *comma = "";
    printf("# The search space of %s, for Optuna; the first trial may be that of the defaults:\n", p->of);
    puts("#     study.enqueue_trial(DEFAULTS)\n#     study.optimize(lambda trial: train(suggest(trial)), n_trials=50)");
    fputs("DEFAULTS = {", stdout);
    for (size_t i = next_range(p, 0); i < p->n; i = next_range(p, i + 1)) {
        if (p->at[i].has_default) {
            lrs_number_text(lo, p->at[i].def);
            printf("%s\"%s\": %s", comma, p->at[i].name, lo);
            comma = ", ";
        }
    }
    puts("}\n\n\ndef suggest(trial):\n    return {");
    for (size_t i = next_range(p, 0); i < p->n; i = next_range(p, i + 1)) {
        const lrs_param_info *v = &p->at[i];
        lrs_number_text(lo, v->lo);
        lrs_number_text(hi, v->hi);
        printf("        \"%s\": trial.suggest_float(\"%s\", %s, %s%s),\n", v->name, v->name, lo, hi, v->is_log ? ", log=True" : "");
    }
    puts("    }");
}

/* A name as a key of YAML, where some words would be truth values or nothing. */
static void put_key(const char *name)
{
    static const char *const words[] = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(words[i], name) == 0) {
            printf("\"%s\":", name);
            return;
        }
    }
    printf("%s:", name);
}

/* A number that every reader of YAML takes for a float: with a point, also before an exponent. */
static void put_yaml_number(double v)
{
    char text[LRS_NUMBER_TEXT];
    lrs_number_text(text, v);
    size_t n = strcspn(text, ".e");
    printf("%.*s%s%s", (int)n, text, text[n] == '.' ? "" : ".0", text + n);
}

static void put_hydra(const params *p)
{
    char lo[LRS_NUMBER_TEXT], hi[LRS_NUMBER_TEXT];
    printf("# The search space of %s, for a sweeper of Hydra. A key is the place of the param in your configuration.\n", p->of);
    puts("hydra:\n  sweeper:\n    params:");
    for (size_t i = next_range(p, 0); i < p->n; i = next_range(p, i + 1)) {
        const lrs_param_info *v = &p->at[i];
        lrs_number_text(lo, v->lo);
        lrs_number_text(hi, v->hi);
        fputs("      ", stdout);
        put_key(v->name);
        printf(v->is_log ? " tag(log, interval(%s, %s))\n" : " interval(%s, %s)\n", lo, hi);
    }
}

static void put_wandb(const params *p)
{
    printf("# The search space of %s, for `wandb sweep`. `program:` is to be added; and `metric:`, for `method: bayes`.\n", p->of);
    puts("method: random\nparameters:");
    for (size_t i = next_range(p, 0); i < p->n; i = next_range(p, i + 1)) {
        const lrs_param_info *v = &p->at[i];
        fputs("  ", stdout);
        put_key(v->name);
        printf("\n    distribution: %s\n    min: ", v->is_log ? "log_uniform_values" : "uniform");
        put_yaml_number(v->lo);
        fputs("\n    max: ", stdout);
        put_yaml_number(v->hi);
        putchar('\n');
    }
}

static void (*const put[FORMATS])(const params *) = {[FORMAT_TEXT] = put_table,    [FORMAT_JSON] = put_json,   [FORMAT_OPTUNA] = put_optuna,
                                                     [FORMAT_HYDRA] = put_hydra, [FORMAT_WANDB] = put_wandb};

/* ---- the whole --------------------------------------------------------------------------------- */

/* A search space leaves out what has no range, and says so. */
static int check_space(const params *p, const cli_options *o)
{
    if (o->format == FORMAT_TEXT || o->format == FORMAT_JSON) {
        return CLI_OK;
    }
    if (p->nranges == 0) {
        cli_error("%s: %s", p->of, p->n ? "no param has a range, so that there is nothing to search" : "there are no params to search");
        cli_note("`param peak = 3e-4 in 1e-5..1e-2 log` declares one with a range on a log scale");
        return CLI_DIAGNOSTICS;
    }
    for (size_t i = 0; i < p->n && o->warnings >= 0; i++) {
        const lrs_param_info *v = &p->at[i];
        if (!v->has_range) {
            cli_note("%s: the param `%s` has no range and is left out; `param %s%s in LOW..HIGH` gives it one", p->of, v->name, v->name,
                     v->has_default ? " = ..." : "");
        }
    }
    return CLI_OK;
}

static void read_params(params *p, const lrs_program *program)
{
    p->n = lrs_program_params(program);
    p->at = cli_alloc((p->n + 1) * sizeof *p->at);
    for (size_t i = 0; i < p->n; i++) {
        p->at[i].size = sizeof p->at[i];
        lrs_program_param(&p->at[i], program, i);
        p->nranges += p->at[i].has_range != 0;
    }
}

int lrs_params_list(const cli_options *o)
{
    curve_text text;
    lrs_program *program = NULL;
    int code = curve_read_one(&text, o);
    code = code ? code : curve_compile(&program, o, &text);
    if (code == CLI_OK) {
        char *name = letters_clean(text.name);
        params p = {.of = name};
        read_params(&p, program);
        code = check_space(&p, o);
        if (code == CLI_OK) {
            put[o->format](&p);
        }
        free(p.at);
        free(name);
    }
    curve_text_free(&text);
    lrs_program_free(program);
    return cli_finish_stdout(code);
}
