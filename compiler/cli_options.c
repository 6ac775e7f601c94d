/* cli_options.c: the reading of argv by the table of options. */
#include "cli_options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "cli_table.h"
#include "diag.h"

static void add_string(cli_strings *s, const char *text)
{
    s->at = cli_realloc(s->at, (s->n + 1) * sizeof *s->at);
    s->at[s->n++] = text;
}

static int usage(const cli_options *o, const char *what)
{
    const char *verb = cli_verb_name(o->verb);
    cli_error("%s", what);
    cli_note("lrsc%s%s --help lists the options", *verb ? " " : "", verb);
    return CLI_USAGE;
}

static int apply(cli_options *o, const option_row *r, const char *arg)
{
    char *base = (char *)o + r->offset;
    switch (r->does) {
    case SET_INT:
        memcpy(base, &r->value, sizeof r->value);
        break;
    case SET_STRING:
        memcpy(base, &arg, sizeof arg);
        break;
    case ADD_STRING:
        add_string((cli_strings *)(void *)base, arg);
        break;
    case CALL:
        return r->fn(o, arg);
    }
    return CLI_OK;
}

/* The options of a verb in the form that getopt_long reads. A letter with several tails takes an optional argument, the
 * tail. */
static void getopt_tables(int verb, char *letters, struct option *longs, const option_row **by_long)
{
    size_t n = 0, nl = 0;
    letters[n++] = '-'; /* files come in their place, whatever POSIXLY_CORRECT says */
    letters[n++] = ':'; /* a missing argument is told apart; nothing is printed */
    for (const option_row *r = option_rows; r->verbs; r++) {
        if (!(r->verbs & verb)) {
            continue;
        }
        letters[n] = 0;
        if (r->letter && !strchr(letters + 2, r->letter)) {
            letters[n++] = r->letter;
            int optional = r->tail || (r->arg && r->arg[0] == '[');
            for (int colons = optional ? 2 : r->arg ? 1 : 0; colons > 0; colons--) {
                letters[n++] = ':';
            }
        }
        if (r->name) {
            by_long[nl] = r;
            longs[nl++] = (struct option){r->name, r->arg ? required_argument : no_argument, NULL, 256};
        }
    }
    letters[n] = 0;
    longs[nl] = (struct option){0};
}

static const option_row *row_of_letter(int verb, int letter)
{
    for (const option_row *r = option_rows; r->verbs; r++) {
        if ((r->verbs & verb) && r->letter == letter && !r->tail) {
            return r;
        }
    }
    return NULL;
}

/* -MD, -Werror: the row of the letter whose tail is the argument, or starts it when the row takes an argument of its
 * own. */
static const option_row *row_of_tail(int verb, int letter, const char *tail, const char **arg)
{
    tail = tail ? tail : "";
    for (const option_row *r = option_rows; r->verbs; r++) {
        if (!(r->verbs & verb) || r->letter != letter || !r->tail) {
            continue;
        }
        size_t n = strlen(r->tail);
        if (r->arg ? strncmp(tail, r->tail, n) == 0 : strcmp(tail, r->tail) == 0) {
            *arg = tail + n;
            return r;
        }
    }
    return NULL;
}

/* The option that a long one was meant to be, by its name: the dashes are no part of what was mistyped. */
static const char *near_option(int verb, const char *name)
{
    const char *names[OPTION_ROWS];
    size_t n = 0;
    for (const option_row *r = option_rows; r->verbs; r++) {
        if ((r->verbs & verb) && r->name) {
            names[n++] = r->name;
        }
    }
    return diag_did_you_mean(name, names, n);
}

/* -Wxtra: a letter with its tail. */
static const char *near_tail(int verb, char letter, const char *tail)
{
    const char *names[OPTION_ROWS];
    size_t n = 0;
    for (const option_row *r = option_rows; r->verbs; r++) {
        if ((r->verbs & verb) && r->letter == letter && r->tail && *r->tail) {
            names[n++] = r->tail;
        }
    }
    return diag_did_you_mean(tail, names, n);
}

static int unknown_option(const cli_options *o, const char *word)
{
    char *bare = cli_printf("%.*s", (int)strcspn(word, "="), word);
    int is_long = strncmp(bare, "--", 2) == 0;
    const char *near = is_long ? near_option(o->verb, bare + 2) : *bare && bare[1] ? near_tail(o->verb, bare[1], bare + 2) : NULL;
    if (!near && !is_long && strlen(bare) > 2) { /* -range */
        near = near_option(o->verb, bare + 1);
        is_long = 1;
    }
    char *text = near ? cli_printf("unknown option '%s'; did you mean '%s%.*s%s'?", bare, is_long ? "--" : "-", !is_long, bare + 1, near)
                      : cli_printf("unknown option '%s'", bare);
    int code = usage(o, text);
    free(text);
    free(bare);
    return code;
}

static int missing_argument(const cli_options *o, const option_row *r)
{
    char buf[64];
    option_spell(buf, sizeof buf, r);
    char *text = cli_printf("an argument is missing: %s", buf);
    int code = usage(o, text);
    free(text);
    return code;
}

static int apply_letter(cli_options *o, int letter, int argc, char **argv)
{
    const char *arg = optarg;
    const option_row *r = row_of_letter(o->verb, letter);
    if (r) {
        return apply(o, r, arg);
    }
    r = row_of_tail(o->verb, letter, optarg, &arg);
    if (!r) {
        char *word = cli_printf("-%c%s", letter, optarg ? optarg : "");
        int code = unknown_option(o, word);
        free(word);
        return code;
    }
    if (r->arg && !*arg) { /* -MF FILE: its argument is the next word */
        if (optind >= argc) {
            return missing_argument(o, r);
        }
        arg = argv[optind++];
    }
    return apply(o, r, r->arg ? arg : NULL);
}

/* The row that getopt_long complains about: an option without its argument, or with one that it does not take. */
static const option_row *row_of_complaint(int verb, const char *word)
{
    size_t n = strcspn(word, "=");
    for (const option_row *r = option_rows; r->verbs; r++) {
        if ((r->verbs & verb) && r->name && strncmp(word, "--", 2) == 0 && n > 2 && strncmp(r->name, word + 2, n - 2) == 0) {
            return r;
        }
    }
    return NULL;
}

static int complain(const cli_options *o, int c, char **argv)
{
    const char *word = argv[optind - 1];
    const option_row *r = optopt > 0 && optopt < 256 ? row_of_letter(o->verb, optopt) : row_of_complaint(o->verb, word);
    if (c == ':' && r) {
        return missing_argument(o, r);
    }
    if (r && optopt == 256) {
        char *text = cli_printf("--%s takes no argument", r->name);
        int code = usage(o, text);
        free(text);
        return code;
    }
    if (optopt > 0 && optopt < 256) {
        char letter[3] = {'-', (char)optopt, 0};
        return unknown_option(o, letter);
    }
    return unknown_option(o, word);
}

int cli_parse(cli_options *o, int verb, int argc, char **argv)
{
    char letters[3 * OPTION_ROWS + 4];
    struct option longs[OPTION_ROWS + 1];
    const option_row *by_long[OPTION_ROWS];
    memset(o, 0, sizeof *o);
    o->verb = verb;
    o->optimize = 2;
    o->picture = -1;
    o->format = verb & (VERB_FIND | VERB_DIFF | VERB_SIM | VERB_PARAMS) ? FORMAT_TEXT : FORMAT_CSV;
    o->find.size = sizeof o->find;
    o->loss_start = 2.5;
    o->seed = 1;
    getopt_tables(verb, letters, longs, by_long);
    opterr = 0;
    optind = 0; /* GNU and musl: start afresh */
    for (;;) {
        int index = -1;
        int c = getopt_long(argc, argv, letters, longs, &index);
        int code = CLI_OK;
        if (c == -1) {
            break;
        }
        if (c == 1) {
            add_string(&o->files, optarg);
        } else if (c == '?' || c == ':') {
            code = complain(o, c, argv);
        } else if (c == 256) {
            code = apply(o, by_long[index], optarg);
        } else {
            code = apply_letter(o, c, argc, argv);
        }
        if (code != CLI_OK) {
            return code;
        }
    }
    for (; optind < argc; optind++) {
        add_string(&o->files, argv[optind]);
    }
    return CLI_OK;
}

void cli_options_free(cli_options *o)
{
    for (size_t i = 0; i < o->ndefines; i++) {
        free((void *)(uintptr_t)o->defines[i].name);
    }
    for (size_t i = 0; i < o->nsweeps; i++) {
        free(o->sweeps[i].name);
        free(o->sweeps[i].values);
    }
    for (size_t i = o->nsources; i-- > 0;) {
        size_t first = 0;
        while (o->sources[first].text != o->sources[i].text) {
            first++;
        }
        free((void *)(uintptr_t)o->sources[i].name);
        if (first == i) {
            free((void *)(uintptr_t)o->sources[i].text);
        }
    }
    free(o->defines);
    free(o->sweeps);
    free(o->sources);
    free(o->used.at);
    free(o->files.at);
    free(o->include_dirs.at);
    free(o->depend_targets.at);
    free(o->at);
    memset(o, 0, sizeof *o);
}

lrs_options cli_compile_options(const cli_options *o, const char *name)
{
    lrs_options c = {.size = sizeof c, .name = name};
    c.defines = o->defines;
    c.ndefines = o->ndefines;
    c.include_dirs = o->include_dirs.at;
    c.ninclude_dirs = o->include_dirs.n;
    c.sources = o->sources;
    c.nsources = o->nsources;
    c.use_files = !o->no_use_files;
    c.no_warnings = o->warnings < 0;
    return c;
}
