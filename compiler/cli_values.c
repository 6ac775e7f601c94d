/* cli_values.c: the arguments of options: what each says, or a message that says what it takes. */
#include "cli_table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cli_io.h"
#include "cli_number.h"
#include "diag.h"
#include "source.h"

/* ---- words ------------------------------------------------------------------------------------- */

static const char *const color_words[] = {"auto", "always", "never"}, *const print_words[] = {"man", "bash", "zsh", "fish"},
                        *const engine_words[] = {"interp", "jit", "object", "c"},
                        *const axis_words[] = {"steps", "epochs", "samples", "tokens", "%"}, *const eval_formats[] = {"csv", "json", "hex"},
                        *const find_formats[] = {"text", "csv", "json"}, *const report_formats[] = {"text", "json"},
                        *const params_formats[] = {"text", "json", "optuna", "hydra", "wandb"};

/* The options that take one of some words, in some verbs. */
#define WORDS(list) list, sizeof *(list), sizeof(list) / sizeof *(list)
static const struct word_list {
    option_fn fn;
    int verbs;
    const char *option;
    const char *const *first; /* the words lie `stride` bytes apart */
    size_t stride, n;
} word_lists[] = {
    {cli_do_emit, VERB_ALL, "--emit", &emit_kinds[0].name, sizeof *emit_kinds, EMIT_KINDS},
    {cli_do_picture, VERB_ALL, "--format", &picture_kinds[0].name, sizeof *picture_kinds, PICTURE_KINDS},
    {cli_do_suggest, VERB_ALL, "--suggest", suggestion_names + SUGGEST_VALLEY, sizeof *suggestion_names, SUGGEST_END - SUGGEST_VALLEY},
    {cli_do_color, VERB_ALL, "--color", WORDS(color_words)},
    {cli_do_print, VERB_ALL, "--print", WORDS(print_words)},
    {cli_do_engine, VERB_ALL, "--engine", WORDS(engine_words)},
    {cli_do_x, VERB_ALL, "--x", WORDS(axis_words)},
    {cli_do_format, VERB_EVAL, "--format", WORDS(eval_formats)},
    {cli_do_format, VERB_FIND, "--format", WORDS(find_formats)},
    {cli_do_format, VERB_DIFF | VERB_SIM, "--format", WORDS(report_formats)},
    {cli_do_format, VERB_PARAMS, "--format", WORDS(params_formats)},
};

static const struct word_list *words_of(option_fn fn, int verb)
{
    for (size_t i = 0; i < sizeof word_lists / sizeof *word_lists; i++) {
        if (word_lists[i].fn == fn && (word_lists[i].verbs & verb)) {
            return &word_lists[i];
        }
    }
    return NULL;
}

const char *cli_word_at(option_fn fn, int verb, size_t i)
{
    const struct word_list *w = fn ? words_of(fn, verb) : NULL;
    return w && i < w->n ? *(const char *const *)(const void *)((const char *)w->first + i * w->stride) : NULL;
}

/* The number of `arg` among the words of an option, or -1 with a message that names the choices. */
static int choice(option_fn fn, const cli_options *o, const char *arg, size_t n)
{
    const char *names[WORDS_MOST], *option = words_of(fn, o->verb)->option;
    char list[128] = "";
    size_t count = 0;
    for (const char *name; count < WORDS_MOST && (name = cli_word_at(fn, o->verb, count)) != NULL; count++) {
        if (strlen(name) == n && strncmp(name, arg, n) == 0) {
            return (int)count;
        }
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", count ? ", " : "", name);
        names[count] = name;
    }
    char *word = cli_printf("%.*s", (int)n, arg);
    const char *near = diag_did_you_mean(word, names, count);
    if (near && *near == *word) { /* the list is short: what is not near enough gets it */
        cli_error("%s does not know '%s'; did you mean '%s'?", option, word, near);
    } else {
        cli_error("%s does not know '%s'; it takes %s", option, word, list);
    }
    free(word);
    return -1;
}

/* ---- arguments --------------------------------------------------------------------------------- */

int cli_do_out(cli_options *o, const char *arg)
{
    if (!*arg) {
        cli_error("-o takes the name of a file, not ''");
        return CLI_USAGE;
    }
    o->out = arg;
    return CLI_OK;
}

int cli_do_emit(cli_options *o, const char *arg)
{
    for (;;) {
        size_t n = strcspn(arg, ",");
        int kind = choice(cli_do_emit, o, arg, n);
        if (kind < 0) {
            return CLI_USAGE;
        }
        o->emit |= 1u << kind;
        if (!arg[n]) {
            return CLI_OK;
        }
        arg += n + 1;
    }
}

int cli_do_asm(cli_options *o, const char *arg)
{
    (void)arg;
    o->emit |= 1u << EMIT_ASM;
    return CLI_OK;
}

int cli_do_nothing(cli_options *o, const char *arg)
{
    (void)o;
    (void)arg;
    return CLI_OK;
}

static int is_name(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int letter = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') || s[i] == '_';
        if (!letter && !(i > 0 && s[i] >= '0' && s[i] <= '9')) {
            return 0;
        }
    }
    return n > 0;
}

int cli_do_prefix(cli_options *o, const char *arg)
{
    if (!is_name(arg, strlen(arg))) {
        cli_error("--prefix takes a C name (letters, digits, `_`), not '%s'", arg);
        return CLI_USAGE;
    }
    o->prefix = arg;
    return CLI_OK;
}

/* One value of -D. */
static int define_value(const cli_options *o, double *out, const char *arg, size_t name, const char *text, size_t n)
{
    if (cli_parse_number(out, text, n)) {
        return CLI_OK;
    }
    if (cli_number_is_too_large(text, n)) {
        cli_error("-D %.*s: '%.*s' is out of the range of a double", (int)name, arg, (int)n, text);
        return CLI_USAGE;
    }
    cli_error("-D %.*s: '%.*s' is not a number such as 0.1, 3e-4, 90k or 10%%", (int)name, arg, (int)n, text);
    if (memchr(text, ',', n)) {
        cli_note("several values are a sweep, which `lrsc plot` draws; %s takes one", o->verb == VERB_COMPILE ? "the compiler" : cli_verb_name(o->verb));
    } else if (memchr(text, '/', n)) {
        cli_note("a value is a number, not an expression: what is computed from params is a `let` of the file");
    } else if (*text >= '0' && *text <= '9') {
        cli_note("a unit cannot be given here; the number is in the unit that the param has in the file");
    }
    return CLI_USAGE;
}

/* The last -D of a name wins, as in cc. */
static void undefine(cli_options *o, const char *name)
{
    for (size_t i = 0; i < o->ndefines; i++) {
        if (strcmp(o->defines[i].name, name) == 0) {
            free((void *)(uintptr_t)o->defines[i].name);
            memmove(&o->defines[i], &o->defines[i + 1], (--o->ndefines - i) * sizeof *o->defines);
            return;
        }
    }
    for (size_t i = 0; i < o->nsweeps; i++) {
        if (strcmp(o->sweeps[i].name, name) == 0) {
            free(o->sweeps[i].name);
            free(o->sweeps[i].values);
            memmove(&o->sweeps[i], &o->sweeps[i + 1], (--o->nsweeps - i) * sizeof *o->sweeps);
            return;
        }
    }
}

/* `values` is owned by this call. */
static void define(cli_options *o, char *name, double *values, size_t n)
{
    undefine(o, name);
    if (n == 1) {
        o->defines = cli_realloc(o->defines, (o->ndefines + 1) * sizeof *o->defines);
        o->defines[o->ndefines++] = (lrs_binding){name, values[0]};
        free(values);
    } else {
        o->sweeps = cli_realloc(o->sweeps, (o->nsweeps + 1) * sizeof *o->sweeps);
        o->sweeps[o->nsweeps++] = (cli_sweep){name, values, n};
    }
}

int cli_do_define(cli_options *o, const char *arg)
{
    size_t name = strcspn(arg, "="), n = 0;
    if (!is_name(arg, name) || !arg[name]) {
        cli_error("-D takes NAME=VALUE, e.g. -D peak=3e-4, not '%s'", arg);
        return CLI_USAGE;
    }
    double *values = NULL;
    const char *text = arg + name + 1;
    for (;;) {
        size_t len = o->verb == VERB_PLOT ? strcspn(text, ",") : strlen(text);
        values = cli_realloc(values, (n + 1) * sizeof *values);
        int code = define_value(o, &values[n++], arg, name, text, len);
        if (code != CLI_OK) {
            free(values);
            return code;
        }
        if (!text[len]) {
            break;
        }
        text += len + 1;
    }
    define(o, cli_printf("%.*s", (int)name, arg), values, n);
    return CLI_OK;
}

/* The text of a file, which is one source, by however many names. */
static int read_used(const cli_options *o, const char *file, lrs_source *s)
{
    char *text = NULL;
    struct stat here, there;
    int found = stat(file, &here) == 0;
    for (size_t i = 0; i < o->nsources; i++) {
        if (found && stat(o->used.at[i], &there) == 0 && here.st_dev == there.st_dev && here.st_ino == there.st_ino) {
            s->text = o->sources[i].text;
            s->len = o->sources[i].len;
            return CLI_OK;
        }
    }
    int code = cli_read(&text, &s->len, file, LRS_MAX_SOURCE);
    s->text = text;
    return code;
}

int cli_do_use(cli_options *o, const char *arg)
{
    const char *equals = strrchr(arg, '=');
    lrs_source s = {0};
    if (!equals || equals == arg || !equals[1]) {
        cli_error("--use takes NAME=FILE, e.g. --use=common.lrs=build/common.lrs, not '%s'", arg);
        return CLI_USAGE;
    }
    if (strcmp(equals, "=-") == 0) {
        cli_error("--use takes the name of a file, not standard input");
        return CLI_USAGE;
    }
    int code = read_used(o, equals + 1, &s);
    if (code == CLI_OK) {
        s.name = cli_printf("%.*s", (int)(equals - arg), arg);
        o->sources = cli_realloc(o->sources, (o->nsources + 1) * sizeof *o->sources);
        o->sources[o->nsources++] = s;
        o->used.at = cli_realloc(o->used.at, (o->used.n + 1) * sizeof *o->used.at);
        o->used.at[o->used.n++] = equals + 1;
    }
    return code;
}

int cli_do_optimize(cli_options *o, const char *arg)
{
    if (arg && (strlen(arg) != 1 || *arg < '0' || *arg > '3')) {
        cli_error("-O takes 0, 1, 2 or 3, not '%s'", arg);
        return CLI_USAGE;
    }
    o->optimize = arg ? *arg - '0' : 1;
    return CLI_OK;
}

int cli_do_depend_file(cli_options *o, const char *arg)
{
    o->depend = 1;
    o->depend_file = arg;
    return CLI_OK;
}

int cli_do_color(cli_options *o, const char *arg)
{
    int i = choice(cli_do_color, o, arg, strlen(arg));
    o->color = i;
    if (i >= 0) {
        cli_io_color(i); /* at once: messages about later options follow it */
    }
    return i < 0 ? CLI_USAGE : CLI_OK;
}

int cli_do_print(cli_options *o, const char *arg)
{
    o->print = PRINT_MAN + choice(cli_do_print, o, arg, strlen(arg));
    return o->print < PRINT_MAN ? CLI_USAGE : CLI_OK;
}

int cli_do_engine(cli_options *o, const char *arg)
{
    o->engine = choice(cli_do_engine, o, arg, strlen(arg));
    return o->engine < 0 ? CLI_USAGE : CLI_OK;
}

int cli_do_format(cli_options *o, const char *arg)
{
    o->format = choice(cli_do_format, o, arg, strlen(arg));
    for (int i = 0; i < FORMATS; i++) {
        if (o->format >= 0 && strcmp(format_names[i], arg) == 0) {
            o->format = i;
            return CLI_OK;
        }
    }
    return CLI_USAGE;
}

int cli_do_picture(cli_options *o, const char *arg)
{
    for (size_t i = 0; i < PICTURE_KINDS; i++) {
        if (strcmp(arg, picture_kinds[i].suffix + 1) == 0) { /* txt, as the suffix has it */
            arg = picture_kinds[i].name;
        }
    }
    o->picture = choice(cli_do_picture, o, arg, strlen(arg));
    return o->picture < 0 ? CLI_USAGE : CLI_OK;
}

int cli_do_tolerance(cli_options *o, const char *arg)
{
    if (!cli_parse_number(&o->tolerance, arg, strlen(arg)) || !(o->tolerance >= 0 && o->tolerance < 1)) {
        cli_error("--tolerance takes a number from 0 to below 1, e.g. 1e-12, not '%s'", arg);
        return CLI_USAGE;
    }
    return CLI_OK;
}

int cli_do_x(cli_options *o, const char *arg)
{
    int i = choice(cli_do_x, o, arg, strlen(arg));
    o->x = AXIS_STEPS + i;
    return i < 0 ? CLI_USAGE : CLI_OK;
}

int cli_do_loss_start(cli_options *o, const char *arg)
{
    o->model_option = "--loss-start";
    if (!cli_parse_number(&o->loss_start, arg, strlen(arg))) {
        cli_error("--loss-start takes a number, e.g. 2.5, not '%s'", arg);
        return CLI_USAGE;
    }
    return CLI_OK;
}

int cli_do_loss_every(cli_options *o, const char *arg)
{
    o->model_option = "--every";
    if (!cli_parse_step(&o->loss_every, arg, strlen(arg)) || o->loss_every < 1) {
        cli_error("--every takes a whole number of steps, at least 1, not '%s'", arg);
        return CLI_USAGE;
    }
    return CLI_OK;
}

int cli_do_noise(cli_options *o, const char *arg)
{
    o->model_option = "--noise";
    if (!cli_parse_number(&o->noise, arg, strlen(arg)) || !(o->noise >= 0)) {
        cli_error("--noise takes a number of at least 0, e.g. 0.02, not '%s'", arg);
        return CLI_USAGE;
    }
    return CLI_OK;
}

int cli_do_seed(cli_options *o, const char *arg)
{
    o->model_option = "--seed";
    if (!cli_parse_step(&o->seed, arg, strlen(arg))) {
        cli_error("--seed takes a whole number, not '%s'", arg);
        return CLI_USAGE;
    }
    return CLI_OK;
}

int cli_do_range(cli_options *o, const char *arg)
{
    int64_t v[3] = {0, 0, 1};
    const char *p = arg;
    int n = 0;
    for (; n < 3; n++) {
        size_t len = strcspn(p, ":");
        if (!cli_parse_step(&v[n], p, len)) {
            break;
        }
        p += len;
        if (*p != ':') {
            n++;
            break;
        }
        p++;
    }
    if (n < 2 || *p || (p > arg && p[-1] == ':')) {
        cli_error("--range takes A:B or A:B:STEP with whole numbers, e.g. 0:10k:100, not '%s'", arg);
        return CLI_USAGE;
    }
    if (v[2] < 1 || v[0] > v[1]) {
        cli_error(v[2] < 1 ? "--range: the STEP of '%s' must be at least 1"
                           : "--range: '%s' is empty: A must not be above B",
                  arg);
        return CLI_USAGE;
    }
    o->has_range = 1;
    o->has_stride = n == 3;
    o->first = v[0];
    o->last = v[1];
    o->stride = v[2];
    return CLI_OK;
}

int cli_do_at(cli_options *o, const char *arg)
{
    for (;;) {
        arg += strspn(arg, " ");
        size_t n = strcspn(arg, ","), end = n;
        int64_t step;
        while (n > 0 && arg[n - 1] == ' ') {
            n--;
        }
        if (!cli_parse_step(&step, arg, n)) {
            cli_error("--at takes steps with commas between them, e.g. 0,5,1k; '%.*s' is none", (int)n, arg);
            return CLI_USAGE;
        }
        o->at = cli_realloc(o->at, (o->nat + 1) * sizeof *o->at);
        o->at[o->nat++] = step;
        if (!arg[end]) {
            return CLI_OK;
        }
        arg += end + 1;
    }
}

static int take_size(const cli_options *o, int *out, const char *option, const char *arg, int low, int high, const char *unit)
{
    int64_t v;
    if (!cli_parse_step(&v, arg, strlen(arg)) || v < low || v > (o->verb == VERB_PLOT ? 10000 : high)) {
        cli_error("%s takes a whole number of %s from %d to %d%s, not '%s'", option, unit, low, high,
                  o->verb == VERB_PLOT ? ", in files of pixels from 200 to 10000" : "", arg);
        return CLI_USAGE;
    }
    *out = (int)v;
    return CLI_OK;
}

int cli_do_width(cli_options *o, const char *arg)
{
    return take_size(o, &o->width, "--width", arg, 20, 1000, "columns");
}

int cli_do_height(cli_options *o, const char *arg)
{
    return take_size(o, &o->height, "--height", arg, 2, 500, "rows");
}

int cli_do_suggest(cli_options *o, const char *arg)
{
    int i = choice(cli_do_suggest, o, arg, strlen(arg));
    o->suggest = SUGGEST_VALLEY + i;
    return i < 0 ? CLI_USAGE : CLI_OK;
}

int cli_do_smooth(cli_options *o, const char *arg)
{
    double v;
    if (!cli_parse_number(&v, arg, strlen(arg)) || !(v >= 0 && v < 1)) {
        cli_error("--smooth takes a number from 0 to below 1, e.g. 0.98, not '%s'", arg);
        return CLI_USAGE;
    }
    o->find.smooth = v == 0 ? -1 : v; /* in lrs_find_options 0 is the default */
    return CLI_OK;
}

int cli_do_diverge(cli_options *o, const char *arg)
{
    double v = -1;
    if (strcmp(arg, "inf") != 0 && (!cli_parse_number(&v, arg, strlen(arg)) || !(v > 1))) {
        cli_error("--diverge takes a number above 1, e.g. 4, or inf, not '%s'", arg);
        return CLI_USAGE;
    }
    o->find.diverge = v;
    return CLI_OK;
}

static int take_skip(int64_t *out, const char *option, const char *arg)
{
    int64_t v;
    if (!cli_parse_step(&v, arg, strlen(arg)) || v < 0) {
        cli_error("%s takes a whole number that is not below 0, not '%s'", option, arg);
        return CLI_USAGE;
    }
    *out = v == 0 ? -1 : v;
    return CLI_OK;
}

int cli_do_skip_start(cli_options *o, const char *arg)
{
    return take_skip(&o->find.skip_start, "--skip-start", arg);
}

int cli_do_skip_end(cli_options *o, const char *arg)
{
    return take_skip(&o->find.skip_end, "--skip-end", arg);
}
