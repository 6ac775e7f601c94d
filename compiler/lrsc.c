/* lrsc.c: the command. Sorts out the verb, reads the options, calls what does the work.
 * `lrsc FILE...` compiles as cc does; `lrsc VERB ...` does the rest. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli_compile.h"
#include "cli_io.h"
#include "cli_manual.h"
#include "cli_options.h"
#include "draw.h"
#include "diff.h"
#include "eval.h"
#include "find.h"
#include "params.h"
#include "plot.h"
#include "repl.h"
#include "simulate.h"

/* A word that is neither a file nor a verb, but near to one: `lrsc plto x.lrs`. */
static int check_mistyped_verb(const cli_options *o)
{
    const char *word = o->files.n ? o->files.at[0] : NULL;
    if (!word || strpbrk(word, "./-") || access(word, F_OK) == 0) {
        return CLI_OK;
    }
    const char *near = cli_verb_nearest(word);
    if (near) {
        cli_error("'%s' is neither a file nor a verb; did you mean '%s'?", word, near);
        return CLI_USAGE;
    }
    if (o->files.n > 1) {
        cli_error("'%s' is neither a file nor a verb; the verbs are listed by lrsc --help", word);
        return CLI_USAGE;
    }
    return CLI_OK;
}

static int print_version(void)
{
    int code = cli_print_version();
    draw_print_cairo();
    return cli_finish_stdout(code);
}

static int run(cli_options *o)
{
    if (o->help) {
        cli_help(stdout, o->verb);
        return cli_finish_stdout(CLI_OK);
    }
    if (o->version) {
        return print_version();
    }
    if (o->explain) {
        return cli_explain(o->explain);
    }
    if (o->print_targets) {
        return cli_print_targets();
    }
    if (o->print) {
        o->print == PRINT_MAN ? cli_manual(stdout) : cli_completion(stdout, o->print);
        return cli_finish_stdout(CLI_OK);
    }
    switch (o->verb) {
    case VERB_EVAL:
        return lrs_eval(o);
    case VERB_PLOT:
        return lrs_plot(o);
    case VERB_FIND:
        return lrs_find_rate(o);
    case VERB_REPL:
        return lrs_repl(o);
    case VERB_DIFF:
        return lrs_diff(o);
    case VERB_SIM:
        return lrs_simulate(o);
    case VERB_PARAMS:
        return lrs_params_list(o);
    case VERB_CHECK:
        o->check_only = 1;
        return cli_compile(o);
    default: {
        int code = check_mistyped_verb(o);
        return code ? code : cli_compile(o);
    }
    }
}

int main(int argc, char **argv)
{
    cli_io_begin();
    if (argc < 1) {
        return CLI_USAGE;
    }
    int verb = argc > 1 ? cli_verb(argv[1]) : 0;
    cli_options o;
    int code = verb ? cli_parse(&o, verb, argc - 1, argv + 1) : cli_parse(&o, VERB_COMPILE, argc, argv);
    if (code == CLI_OK) {
        code = run(&o);
    }
    cli_options_free(&o);
    return code;
}
