/* cli_options.h: the options of lrsc; cli_table.c has the one table of them for all verbs.
 * In: argv. Out: a cli_options, or a message on stderr and an exit code. The same table makes the help. */
#ifndef LRS_CLI_OPTIONS_H
#define LRS_CLI_OPTIONS_H

#include <stdint.h>
#include <stdio.h>
#include "lrs/lrs.h"

/* Exit codes of every verb. */
enum {
    CLI_OK = 0,
    CLI_DIAGNOSTICS = 1, /* the program text, its params or the data given to it are wrong */
    CLI_USAGE = 2,       /* the command line is wrong */
    CLI_IO = 3,          /* a file, a pipe, the LLVM plugin, the C compiler or memory was not to be had */
    CLI_INTERNAL = 70,   /* a bug in lrs */
    CLI_STOPPED = 130    /* Ctrl-C; in the REPL it ends a computation, elsewhere the process */
};

enum { VERB_COMPILE = 1, VERB_CHECK = 2, VERB_EVAL = 4, VERB_PLOT = 8, VERB_FIND = 16, VERB_REPL = 32, VERB_DIFF = 64, VERB_SIM = 128, VERB_PARAMS = 256, VERB_ALL = 511 };

/* What --emit names; the order is that of emit_kinds[]. */
enum { EMIT_OBJ, EMIT_ASM, EMIT_LLVM, EMIT_BITCODE, EMIT_C, EMIT_HEADER, EMIT_JS, EMIT_JAX, EMIT_AST, EMIT_IR, EMIT_KINDS };
typedef struct emit_kind {
    const char *name, *suffix;
} emit_kind;
extern const emit_kind emit_kinds[EMIT_KINDS];

enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
enum { ENGINE_INTERP, ENGINE_JIT, ENGINE_OBJECT, ENGINE_C };
enum { FORMAT_CSV, FORMAT_JSON, FORMAT_HEX, FORMAT_TEXT, FORMAT_OPTUNA, FORMAT_HYDRA, FORMAT_WANDB, FORMATS };
extern const char *const format_names[FORMATS];
/* What `plot` draws, in the order of picture_kinds[]. */
enum { PICTURE_TEXT, PICTURE_SVG, PICTURE_PNG, PICTURE_PDF, PICTURE_HTML, PICTURE_CSV, PICTURE_JSON, PICTURE_KINDS };
extern const emit_kind picture_kinds[PICTURE_KINDS];
/* --print: what there is to print about the command. */
enum { PRINT_NOTHING, PRINT_MAN, PRINT_BASH, PRINT_ZSH, PRINT_FISH };
/* --x: what the axis of steps counts; AXIS_UNIT: what the trainer's step does. */
enum { AXIS_UNIT, AXIS_STEPS, AXIS_EPOCHS, AXIS_SAMPLES, AXIS_TOKENS, AXIS_PERCENT };

/* --suggest; the order is that of the members of lrs_finding. */
enum { SUGGEST_ALL, SUGGEST_VALLEY, SUGGEST_STEEPEST, SUGGEST_STEEP, SUGGEST_MINIMUM, SUGGEST_SLIDE, SUGGEST_END };
extern const char *const suggestion_names[SUGGEST_END];

typedef struct cli_strings {
    const char **at;
    size_t n;
} cli_strings;

/* -D NAME=VALUE,VALUE...: a curve for each. */
typedef struct cli_sweep {
    char *name; /* owned */
    double *values;
    size_t n;
} cli_sweep;

typedef struct cli_options {
    int verb;
    const char *program; /* "lrsc", for messages */
    cli_strings files;
    const char *text;      /* -e */
    const char *text_name; /* what messages call it; NULL: <command line> */
    int text_yields;       /* find, in the REPL: the text is the session, if there is one, and what a file has goes before it */

    /* the program */
    lrs_binding *defines; /* the names are owned */
    size_t ndefines;
    size_t text_defines; /* the last so many of them are for the text of -e alone: the REPL's :set */
    cli_sweep *sweeps; /* those of several values; a name is either here or in defines */
    size_t nsweeps;
    cli_strings include_dirs;
    lrs_source *sources; /* --use; names and texts are owned, a text by the first that has it */
    size_t nsources;
    cli_strings used;    /* their files */
    int no_use_files;
    int warnings; /* -1: none (-w); 0: warnings; 1: notes too (-W, check) */
    int werror, color, verbose, check_only;

    /* compiling */
    const char *out, *prefix, *target, *cpu;
    unsigned emit; /* bit EMIT_*; 0: from the suffix of out */
    int optimize, debug;
    int depend; /* -MD */
    const char *depend_file;
    cli_strings depend_targets;
    int print_targets, version, help;
    int print;
    const char *explain;

    /* looking at curves */
    int has_range, has_stride;
    int64_t first, last, stride;
    int64_t *at; /* --at */
    size_t nat;
    const char *metrics, *output;
    int engine, format;
    int picture; /* PICTURE_*; -1: from the suffix of out */
    int width, height; /* 0: not said */
    int ascii, log, x, no_phases;

    /* finding a rate */
    const char *schedule;
    int suggest;
    lrs_find_options find;
    int brief; /* no summary: the caller writes one */

    /* the REPL */
    int norc, keep_going;
    int quiet;        /* diff: the exit code alone */
    double tolerance; /* diff: relative differences up to here are none */

    /* sim */
    const char *loss; /* what the metric becomes; NULL: --metrics, or a model of its own */
    double loss_start, noise;
    int64_t loss_every, seed; /* loss_every 0: from the range */
    const char *model_option; /* one that is about the model, and was given; NULL: none */
    int all;
} cli_options;

/* 0, or an exit code with the message printed. argv[0] is the command's name, the rest belongs to the verb. */
int cli_parse(cli_options *o, int verb, int argc, char **argv);
void cli_options_free(cli_options *o);

/* The help of one verb. */
void cli_help(FILE *f, int verb);
/* Option i of a verb, as it is typed up to its argument ("--width=", "-e"), into buf; its help, or NULL: it has no more. For
 * completion. */
const char *cli_option_at(int verb, size_t i, char *buf, size_t cap);
/* What the value of an option may be, `--name` being its n bytes: word i, or NULL; the end of the names of the files that it reads,
 * or NULL. */
const char *cli_option_word(int verb, const char *option, size_t n, size_t i);
const char *cli_option_suffix(int verb, const char *option, size_t n);
const char *cli_verb_name(int verb);
/* The verb of a word; 0: it is none. */
int cli_verb(const char *word);
/* The verb that a word was meant to be, or NULL. */
const char *cli_verb_nearest(const char *word);

/* What the compiler is told of o, for a source of this name. */
lrs_options cli_compile_options(const cli_options *o, const char *name);

#endif
