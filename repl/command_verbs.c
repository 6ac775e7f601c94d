/* command_verbs.c: the commands that show what the session is, most of them verbs of lrsc. In: the words of a command, the
 * session. Out: what the verb prints. */
#include "command_parts.h"

#include <stdlib.h>
#include <string.h>
#include "cli_compile.h"
#include "cli_io.h"
#include "cli_number.h"
#include "diff.h"
#include "eval.h"
#include "find.h"
#include "plot.h"
#include "show.h"
#include "simulate.h"
#include "terminal.h"

/* What the verb is told: the text of the session, and what is set, where its own options say nothing else. */
static void add_session(const repl *r, cli_options *o, char *text)
{
    cli_options mine = *r->options;
    session_options(&r->session, &mine);
    o->text = text;
    o->text_name = "session";
    o->warnings = o->warnings ? o->warnings : -1; /* they were said when it was typed */
    for (size_t i = 0; i < mine.ndefines; i++) {
        int told = 0;
        for (size_t k = 0; k < o->ndefines; k++) {
            told |= strcmp(o->defines[k].name, mine.defines[i].name) == 0;
        }
        for (size_t k = 0; k < o->nsweeps; k++) {
            told |= strcmp(o->sweeps[k].name, mine.defines[i].name) == 0;
        }
        if (!told) {
            o->defines = cli_realloc(o->defines, (o->ndefines + 1) * sizeof *o->defines);
            o->defines[o->ndefines++] = (lrs_binding){cli_strdup(mine.defines[i].name), mine.defines[i].value};
            o->text_defines++; /* a file beside the session has its own params */
        }
    }
    for (size_t i = 0; i < mine.include_dirs.n; i++) {
        o->include_dirs.at = cli_realloc(o->include_dirs.at, (o->include_dirs.n + 1) * sizeof *o->include_dirs.at);
        o->include_dirs.at[o->include_dirs.n++] = mine.include_dirs.at[i];
    }
    session_options_free(&mine);
}

/* Those of --use that lrsc was called with stand before the command's own, which win; taken away again before these are freed. */
static void lend_sources(const cli_options *from, cli_options *o)
{
    size_t n = from->nsources;
    o->no_use_files |= from->no_use_files;
    if (n == 0) {
        return;
    }
    o->sources = cli_realloc(o->sources, (n + o->nsources) * sizeof *o->sources);
    o->used.at = cli_realloc(o->used.at, (n + o->nsources) * sizeof *o->used.at);
    memmove(o->sources + n, o->sources, o->nsources * sizeof *o->sources);
    memmove(o->used.at + n, o->used.at, o->nsources * sizeof *o->used.at);
    memcpy(o->sources, from->sources, n * sizeof *o->sources);
    memcpy(o->used.at, from->used.at, n * sizeof *o->used.at);
    o->nsources += n;
    o->used.n += n;
}

static void return_sources(const cli_options *from, cli_options *o)
{
    size_t n = from->nsources;
    if (n == 0) {
        return;
    }
    o->nsources -= n;
    o->used.n -= n;
    memmove(o->sources, o->sources + n, o->nsources * sizeof *o->sources);
    memmove(o->used.at, o->used.at + n, o->nsources * sizeof *o->used.at);
}

/* Runs a verb of lrsc with the words of a command, which are its options and files; with_session: on the session, and on no file. */
static int run_verb(repl *r, int verb, int argc, char **argv, int with_session, int (*fn)(const cli_options *))
{
    cli_options o;
    char *text = session_text(&r->session);
    int code = cli_parse(&o, verb, argc, argv), own_files = verb == VERB_FIND || verb == VERB_DIFF;
    o.ascii |= r->options->ascii;
    with_session = verb == VERB_DIFF ? o.files.n < 2 : with_session;
    if (verb == VERB_FIND && !o.text && !o.schedule) { /* the file says whether it needs a schedule */
        o.text_yields = 1;
        with_session = session_has_schedule(&r->session);
    }
    for (size_t i = 0; code == CLI_OK && i < o.files.n; i++) {
        code = command_is_stdin(o.files.at[i]) ? CLI_USAGE : CLI_OK;
    }
    if (code == CLI_OK && ((o.metrics && command_is_stdin(o.metrics)) || (o.schedule && command_is_stdin(o.schedule)))) {
        code = CLI_USAGE;
    }
    if (code == CLI_OK && o.help) {
        cli_help(stdout, verb);
    } else if (code == CLI_OK && with_session && (o.text || (o.files.n && !own_files))) {
        cli_error(":%s is about the session: it takes no files and no -e", argv[0]);
        code = CLI_USAGE;
    } else if (code == CLI_OK && with_session && !command_needs_schedule(r)) {
        code = CLI_USAGE;
    } else if (code == CLI_OK) {
        if (with_session) {
            add_session(r, &o, text);
        }
        lend_sources(r->options, &o);
        code = fn(&o);
        return_sources(r->options, &o);
    }
    cli_options_free(&o);
    free(text);
    return code;
}

int do_plot(repl *r, int argc, char **argv)
{
    return run_verb(r, VERB_PLOT, argc, argv, 1, lrs_plot);
}

/* An option of plot may name another file in any of its spellings, as in -wob.svg, or ask for help, which draws nothing. */
static int judge_export(int argc, char **argv, const char *path, int *is_help)
{
    cli_options o;
    int code = cli_parse(&o, VERB_PLOT, argc, argv);
    *is_help = code == CLI_OK && o.help;
    if (code == CLI_OK && !o.help && (!o.out || strcmp(o.out, path) != 0)) {
        cli_error(":export draws into '%s'; leave out -o %s", path, o.out ? o.out : "");
        code = CLI_USAGE;
    }
    cli_options_free(&o);
    return code;
}

/* :export FILE, and the options of lrsc plot. */
int do_export(repl *r, int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-' || !*argv[1]) {
        return command_usage("export");
    }
    for (int i = 2; i < argc; i++) {
        if (strncmp(argv[i], "-o", 2) == 0) {
            cli_error(":export draws into '%s'; leave out %s", argv[1], argv[i]);
            return CLI_USAGE;
        }
    }
    char *out = cli_printf("-o%s", argv[1]);
    char *path = argv[1];
    argv[1] = out;
    int is_help, code = judge_export(argc, argv, path, &is_help);
    code = code ? code : run_verb(r, VERB_PLOT, argc, argv, 1, lrs_plot);
    free(out);
    if (code == CLI_OK && !is_help && !r->quiet) {
        char *said = cli_printf("written: %s\n", path);
        terminal_put(stdout, said);
        free(said);
    }
    return code;
}

/* :diff A: the session and a file; :diff A B: two files. That they differ is an answer, and no error. */
int do_diff(repl *r, int argc, char **argv)
{
    int code = argc < 2 ? command_usage("diff") : run_verb(r, VERB_DIFF, argc, argv, 1, lrs_diff);
    return code == 1 ? CLI_OK : code;
}

/* :sim METRICS.csv, and the options of lrsc sim. */
int do_sim(repl *r, int argc, char **argv)
{
    char *recorded = argc > 1 && argv[1][0] != '-' ? cli_printf("--metrics=%s", argv[1]) : NULL;
    if (recorded) {
        argv[1] = recorded;
    }
    int code = run_verb(r, VERB_SIM, argc, argv, 1, lrs_simulate);
    free(recorded);
    return code;
}

int do_find(repl *r, int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        return command_usage("find");
    }
    return run_verb(r, VERB_FIND, argc, argv, 0, lrs_find_rate);
}

/* :table 0:10k:500, or the options of lrsc eval. */
int do_table(repl *r, int argc, char **argv)
{
    char *steps_range = argc == 2 && argv[1][0] != '-' ? cli_printf("--range=%s", argv[1]) : NULL;
    if (argc < 2) {
        return command_usage("table");
    }
    if (steps_range) {
        argv[1] = steps_range;
    }
    int code = run_verb(r, VERB_EVAL, argc, argv, 1, lrs_eval);
    free(steps_range);
    return code;
}

/* The session compiled to a kind of output, on the screen. */
static int emit(repl *r, int argc, char **argv, const char *kind)
{
    char **all = cli_alloc(((size_t)argc + 4) * sizeof *all), *wanted = cli_printf("--emit=%s", kind);
    int n = 0;
    all[n++] = argv[0];
    all[n++] = wanted;
    all[n++] = "-o-";
    for (int i = 1; i < argc; i++) {
        all[n++] = argv[i];
    }
    int code = run_verb(r, VERB_COMPILE, n, all, 1, cli_compile);
    free(wanted);
    free(all);
    return code;
}

int do_ir(repl *r, int argc, char **argv)
{
    return emit(r, argc, argv, "ir");
}

int do_asm(repl *r, int argc, char **argv)
{
    return emit(r, argc, argv, "asm");
}

int do_ast(repl *r, int argc, char **argv)
{
    return emit(r, argc, argv, "ast");
}

/* The options of what looks at the session without options of its own. */
static int look(repl *r, int (*fn)(const cli_options *o, int64_t step), int64_t step)
{
    cli_options o = *r->options;
    char *text = session_judged_text(&r->session);
    session_options(&r->session, &o);
    o.files.n = 0;
    o.text = text;
    o.text_name = "session";
    int code = fn(&o, step);
    session_options_free(&o);
    free(text);
    return code;
}

int do_at(repl *r, int argc, char **argv)
{
    int code = argc > 1 ? CLI_OK : command_usage("at");
    if (code == CLI_OK && !command_needs_schedule(r)) {
        code = CLI_USAGE;
    }
    for (int i = 1; i < argc && code == CLI_OK; i++) {
        int64_t step;
        if (!cli_parse_step(&step, argv[i], strlen(argv[i]))) {
            cli_error(":at takes steps, e.g. 500 or 10k; '%s' is none", argv[i]);
            return CLI_USAGE;
        }
        code = look(r, show_at, step);
    }
    return code;
}

static int params(const cli_options *o, int64_t step)
{
    (void)step;
    return show_params(o);
}

int do_params(repl *r, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return look(r, params, 0);
}
