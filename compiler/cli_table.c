/* cli_table.c: the verbs, the one table of options, and the help that is made from them. */
#include "cli_table.h"

#include <string.h>
#include "diag.h"

const emit_kind emit_kinds[EMIT_KINDS] = {
    [EMIT_OBJ] = {"obj", ".o"},          [EMIT_ASM] = {"asm", ".s"}, [EMIT_LLVM] = {"llvm", ".ll"},
    [EMIT_BITCODE] = {"bitcode", ".bc"}, [EMIT_C] = {"c", ".c"},     [EMIT_HEADER] = {"header", ".h"},
    [EMIT_JS] = {"js", ".js"},           [EMIT_JAX] = {"jax", ".py"}, [EMIT_AST] = {"ast", ".ast"},
    [EMIT_IR] = {"ir", ".ir"},
};

const emit_kind picture_kinds[PICTURE_KINDS] = {
    [PICTURE_TEXT] = {"text", ".txt"}, [PICTURE_SVG] = {"svg", ".svg"}, [PICTURE_PNG] = {"png", ".png"},
    [PICTURE_PDF] = {"pdf", ".pdf"},   [PICTURE_HTML] = {"html", ".html"}, [PICTURE_CSV] = {"csv", ".csv"},
    [PICTURE_JSON] = {"json", ".json"},
};

const char *const format_names[FORMATS] = {
    [FORMAT_CSV] = "csv",   [FORMAT_JSON] = "json",     [FORMAT_HEX] = "hex",     [FORMAT_TEXT] = "text",
    [FORMAT_OPTUNA] = "optuna", [FORMAT_HYDRA] = "hydra", [FORMAT_WANDB] = "wandb",
};

const char *const suggestion_names[SUGGEST_END] = {[SUGGEST_ALL] = "", [SUGGEST_VALLEY] = "valley", [SUGGEST_STEEPEST] = "steepest", [SUGGEST_STEEP] = "steep",
                                                   [SUGGEST_MINIMUM] = "minimum", [SUGGEST_SLIDE] = "slide"};

/* ---- verbs ------------------------------------------------------------------------------------- */

const verb_row verb_rows[] = {
    {VERB_COMPILE, "", "lrsc [OPTION...] FILE... | -e TEXT", "compile schedules to objects, C, assembly, ...", ".lrs"},
    {VERB_CHECK, "check", "lrsc check [OPTION...] FILE... | -e TEXT", "say what is wrong with schedules", ".lrs"},
    {VERB_EVAL, "eval", "lrsc eval [OPTION...] FILE | -e TEXT", "print the values of a schedule", ".lrs"},
    {VERB_PLOT, "plot", "lrsc plot [OPTION...] FILE... | -e TEXT", "draw schedules in the terminal or into a file", ".lrs"},
    {VERB_FIND, "find", "lrsc find [OPTION...] LOSSES.csv", "find a rate in the losses of a range test", ".csv"},
    {VERB_REPL, "repl", "lrsc repl [OPTION...] [FILE]", "try schedules out, line by line", ".lrs"},
    {VERB_DIFF, "diff", "lrsc diff [OPTION...] A B | A -e TEXT", "say where two schedules differ", ".lrs"},
    {VERB_SIM, "sim", "lrsc sim [OPTION...] FILE | -e TEXT", "show what rules would do on a recorded or an imagined metric", ".lrs"},
    {VERB_PARAMS, "params", "lrsc params [OPTION...] FILE | -e TEXT", "list the params of a schedule, or write them as a search space", ".lrs"},
    {0},
};
#define VERBS (sizeof verb_rows / sizeof *verb_rows - 1)

const char *cli_verb_name(int verb)
{
    for (size_t i = 0; i < VERBS; i++) {
        if (verb_rows[i].verb == verb) {
            return verb_rows[i].name;
        }
    }
    return "";
}

int cli_verb(const char *word)
{
    for (size_t i = 1; i < VERBS; i++) {
        if (strcmp(verb_rows[i].name, word) == 0) {
            return verb_rows[i].verb;
        }
    }
    return 0;
}

const char *cli_verb_nearest(const char *word)
{
    const char *names[VERBS];
    for (size_t i = 1; i < VERBS; i++) {
        names[i - 1] = verb_rows[i].name;
    }
    return diag_did_you_mean(word, names, VERBS - 1);
}

/* ---- options ----------------------------------------------------------------------------------- */

#define AT(field) offsetof(cli_options, field)
#define C VERB_COMPILE
#define K VERB_CHECK
#define E VERB_EVAL
#define P VERB_PLOT
#define F VERB_FIND
#define R VERB_REPL
#define D VERB_DIFF
#define M VERB_SIM
#define S VERB_PARAMS
#define INT(field, v) SET_INT, AT(field), v, NULL
#define STRING(field) SET_STRING, AT(field), 0, NULL
#define STRINGS(field) ADD_STRING, AT(field), 0, NULL
#define FN(f) CALL, 0, 0, f

const option_row option_rows[] = {
    /* what is compiled */
    {C | K | E | P | M | S, 'e', NULL, NULL, "TEXT", "the schedule itself, instead of a file", STRING(text)},
    {D, 'e', NULL, NULL, "TEXT", "the schedule B itself, wherever this stands; the file is A", STRING(text)},
    {F, 0, NULL, "schedule", "FILE.lrs", "the range test that gave the losses, where the file has a column step and none of rates",
     STRING(schedule)},
    {F, 'e', NULL, NULL, "TEXT", "that range test itself, instead of its file", STRING(text)},
    {VERB_ALL & ~P, 'D', NULL, NULL, "NAME=VALUE", "give a param a value at compile time: 0.1, 90k, 1e-3, 10%",
     FN(cli_do_define)},
    {P, 'D', NULL, NULL, "NAME=VALUE[,...]", "give a param a value at compile time: 0.1, 90k, 1e-3, 10%; of several values, "
     "e.g. peak=1e-4,3e-4, each makes a curve", FN(cli_do_define)},
    {VERB_ALL, 'I', NULL, NULL, "DIR", "look there for what `use \"file.lrs\"` names", STRINGS(include_dirs)},
    {VERB_ALL, 0, NULL, "use", "NAME=FILE", "read FILE where `use` looks for NAME: the folder of what uses it, and the name in its quotes", FN(cli_do_use)},
    {VERB_ALL, 0, NULL, "no-use-files", NULL, "`use` reads no files, but those that --use gives it", INT(no_use_files, 1)},
    /* what is written */
    {C, 'o', NULL, NULL, "OUT", "write to OUT, `-` is standard output; its suffix says what: .o .s .ll .bc .c .h .js .mjs .py",
     FN(cli_do_out)},
    {P, 'o', NULL, NULL, "OUT", "draw into OUT, `-` is standard output; its suffix says what: .svg .png .pdf .html .csv .json .txt",
     FN(cli_do_out)},
    {C, 0, NULL, "emit", "KIND,...", "what to write: obj asm llvm bitcode c header js jax ast ir; obj writes the header too",
     FN(cli_do_emit)},
    {C, 'c', NULL, NULL, NULL, "write an object, as is the default", FN(cli_do_nothing)},
    {C, 'S', NULL, NULL, NULL, "write assembly, as --emit=asm", FN(cli_do_asm)},
    {C, 0, NULL, "prefix", "NAME",
     "start of all C names; get_lr becomes NAME_get_lr too (default: the name of OUT, else of FILE, without its suffix)", FN(cli_do_prefix)},
    {C, 0, NULL, "check", NULL, "write nothing, only say what is wrong", INT(check_only, 1)},
    /* machine code */
    {C | E, 'O', NULL, NULL, "[0..3]", "optimize (default: -O2)", FN(cli_do_optimize)},
    {C, 'g', NULL, NULL, NULL, "write debug information", INT(debug, 1)},
    {C, 'f', "PIC", NULL, NULL, "position independent code; objects always are", FN(cli_do_nothing)},
    {C, 'f', "pic", NULL, NULL, NULL, FN(cli_do_nothing)},
    {C, 'f', "PIE", NULL, NULL, NULL, FN(cli_do_nothing)},
    {C, 'f', "pie", NULL, NULL, NULL, FN(cli_do_nothing)},
    {C, 0, NULL, "target", "TRIPLE", "machine to compile for, e.g. aarch64-linux-gnu (default: this one)",
     STRING(target)},
    {C | E, 0, NULL, "cpu", "NAME", "processor, e.g. native (default: x86-64-v3 on x86-64, else generic)", STRING(cpu)},
    {C, 0, NULL, "print-targets", NULL, "print the machines that can be compiled for", INT(print_targets, 1)},
    /* dependencies */
    {C, 'M', "D", NULL, NULL, "write a make rule with the files that were read, beside the output: OUT.d",
     INT(depend, 1)},
    {C, 'M', "F", NULL, "FILE", "write that rule to FILE", FN(cli_do_depend_file)},
    {C, 'M', "T", NULL, "TARGET", "the target of that rule (default: the output)", STRINGS(depend_targets)},
    /* looking at curves */
    {E | P | D | M, 0, NULL, "range", "A:B[:STEP]",
     "steps A to B, both included (default: up to `total` if the file has it and its phases go on so far, else to the end "
     "of the last phase that has one)",
     FN(cli_do_range)},
    {E, 0, NULL, "at", "N,N...", "these steps", FN(cli_do_at)},
    {E | P | D | M, 0, NULL, "metrics", "FILE.csv", "observe these metrics at their steps; with the header `step,metric`, or `step,` and names of inputs",
     STRING(metrics)},
    {E | P | D | M, 0, NULL, "output", "NAME", "the output to look at (default: all)", STRING(output)},
    {E, 0, NULL, "engine", "NAME", "what computes: interp, jit, object, c ($CC or cc compiles it)", FN(cli_do_engine)},
    {E, 0, NULL, "format", "NAME",
     "csv (17 digits), json (null: not a finite number), hex (csv with the 16 hex digits of the bits)", FN(cli_do_format)},
    {P, 0, NULL, "format", "NAME", "what to draw: text, svg, png, pdf, html, csv, json (default: what the suffix of OUT says, else text)",
     FN(cli_do_picture)},
    {P, 0, NULL, "width", "N", "columns (default: those of the terminal, $COLUMNS, 80); in files pixels (default: 960)", FN(cli_do_width)},
    {P, 0, NULL, "height", "N", "rows of the curve (default: 15); in files pixels (default: as it needs)", FN(cli_do_height)},
    /* finding a rate */
    {F, 0, NULL, "suggest", "NAME", "print the rate alone, with 17 digits: valley, steepest, steep, minimum, slide", FN(cli_do_suggest)},
    {F, 0, NULL, "smooth", "B", "average the losses with weights 1, B, B^2, ... backwards; 0: not at all (default: 0.98)", FN(cli_do_smooth)},
    {F, 0, NULL, "diverge", "X", "the test is over after an average above X times the best one; inf: never (default: 4)", FN(cli_do_diverge)},
    {F, 0, NULL, "skip-start", "N", "leave out the first N points (default: a tenth)", FN(cli_do_skip_start)},
    {F, 0, NULL, "skip-end", "N", "leave out N points before the test is over (default: 5)", FN(cli_do_skip_end)},
    {F, 0, NULL, "format", "NAME", "text (a picture and a table), csv (the suggestions), json (the averages too)", FN(cli_do_format)},
    {F | D | M, 0, NULL, "width", "N", "columns (default: those of the terminal, $COLUMNS, 80)", FN(cli_do_width)},
    {F | D | M, 0, NULL, "height", "N", "rows of the curve (default: 15)", FN(cli_do_height)},
    /* pictures */
    {P | D | M, 0, NULL, "log", NULL, "logarithmic axis of values", INT(log, 1)},
    {P | D | M, 0, NULL, "x", "UNIT", "what the axis of steps counts: steps, epochs, samples, tokens, % (default: what the file does)",
     FN(cli_do_x)},
    {P, 0, NULL, "no-phases", NULL, "without the phases below the curves", INT(no_phases, 1)},
    {P | F | R | D | M, 0, NULL, "ascii", NULL, "draw with ASCII characters alone", INT(ascii, 1)},
    /* the REPL */
    {R, 0, NULL, "norc", NULL, "do not run the file of settings, lrsrc", INT(norc, 1)},
    {R, 0, NULL, "keep-going", NULL, "go on after an error when the input is no terminal; the exit code is still 1", INT(keep_going, 1)},
    /* differences, simulation */
    {D | M, 0, NULL, "format", "NAME", "text, json", FN(cli_do_format)},
    {M, 0, NULL, "loss", "EXPR", "an imagined metric instead of --metrics: what comes after `loss`, the last value, at a rate `lr` "
     "(at most `peak`) and a `step`", STRING(loss)},
    {M, 0, NULL, "loss-start", "NUMBER", "the value before the first (default: 2.5)", FN(cli_do_loss_start)},
    {M, 0, NULL, "every", "N", "observe it every N steps (default: 100 times in the range)", FN(cli_do_loss_every)},
    {M, 0, NULL, "noise", "NUMBER", "add noise of this standard deviation to what is observed (default: 0)", FN(cli_do_noise)},
    {M, 0, NULL, "seed", "N", "another noise (default: 1)", FN(cli_do_seed)},
    {M, 0, NULL, "all", NULL, "list the decisions of every observation, not only those at which something happens", INT(all, 1)},
    {D, 'q', NULL, "quiet", NULL, "print nothing; the exit code says whether they differ", INT(quiet, 1)},
    {D, 0, NULL, "tolerance", "REL", "values that differ by at most this part of them are the same (default: 0, every bit counts)",
     FN(cli_do_tolerance)},
    /* params */
    {S, 0, NULL, "format", "NAME", "text (a table), json, or a search space for a tool: optuna (Python), hydra (YAML of its sweeper), "
     "wandb (YAML of a sweep)", FN(cli_do_format)},
    /* messages */
    {VERB_ALL, 'W', "", NULL, NULL, "print notes too, as check does", INT(warnings, 1)},
    {VERB_ALL, 'W', "all", NULL, NULL, NULL, INT(warnings, 1)},
    {VERB_ALL, 'W', "extra", NULL, NULL, NULL, INT(warnings, 1)},
    {VERB_ALL, 'w', NULL, NULL, NULL, "no warnings and no notes", INT(warnings, -1)},
    {VERB_ALL, 'W', "error", NULL, NULL, "warnings are errors", INT(werror, 1)},
    {VERB_ALL, 'W', "no-error", NULL, NULL, NULL, INT(werror, 0)},
    {C | K, 0, NULL, "explain", "CODE", "explain a diagnostic, e.g. LRS0101", STRING(explain)},
    {VERB_ALL, 0, NULL, "color", "WHEN", "auto, always, never (NO_COLOR, CLICOLOR_FORCE and FORCE_COLOR are heeded)",
     FN(cli_do_color)},
    {VERB_ALL, 'v', NULL, NULL, NULL, "say what is done and how long it takes", INT(verbose, 1)},
    {C, 0, NULL, "print", "WHAT", "print the manual page of lrsc, man, or its completion for a shell: bash, zsh, fish", FN(cli_do_print)},
    {C, 0, NULL, "version", NULL, "print the version", INT(version, 1)},
    {VERB_ALL, 'h', NULL, "help", NULL, "print this", INT(help, 1)},
    {0},
};
_Static_assert(sizeof option_rows / sizeof *option_rows <= OPTION_ROWS, "OPTION_ROWS");

#undef C
#undef K
#undef E
#undef P
#undef F
#undef R
#undef D
#undef M
#undef S

size_t option_spell(char *buf, size_t cap, const option_row *r)
{
    int n;
    if (r->letter && r->name) {
        n = snprintf(buf, cap, "-%c, --%s", r->letter, r->name);
    } else if (r->letter) {
        const char *gap = r->arg && r->arg[0] != '[' ? " " : "";
        n = snprintf(buf, cap, "-%c%s%s%s", r->letter, r->tail ? r->tail : "", gap, r->arg ? r->arg : "");
    } else {
        n = snprintf(buf, cap, "--%s%s%s", r->name, r->arg ? "=" : "", r->arg ? r->arg : "");
    }
    return n < 0 ? 0 : (size_t)n;
}

const char *cli_option_at(int verb, size_t i, char *buf, size_t cap)
{
    for (const option_row *r = option_rows; r->verbs; r++) {
        if (!(r->verbs & verb) || !r->help || i-- > 0) {
            continue;
        }
        if (r->name) {
            snprintf(buf, cap, "--%s%s", r->name, r->arg ? "=" : "");
        } else {
            snprintf(buf, cap, "-%c%s", r->letter, r->tail ? r->tail : "");
        }
        return r->help;
    }
    return NULL;
}

/* ---- help -------------------------------------------------------------------------------------- */

#define HELP_INDENT 24
#define HELP_WIDTH 100

/* Words of text from column HELP_INDENT on, starting at column `at`. */
static void put_wrapped(FILE *f, const char *text, size_t at)
{
    size_t column = at;
    if (column + 2 > HELP_INDENT) {
        fputc('\n', f);
        column = 0;
    }
    fprintf(f, "%*s", (int)(HELP_INDENT - column), "");
    column = HELP_INDENT;
    while (*text) {
        size_t n = strcspn(text, " ");
        if (column > HELP_INDENT && column + 1 + n > HELP_WIDTH) {
            fprintf(f, "\n%*s", HELP_INDENT, "");
            column = HELP_INDENT;
        } else if (column > HELP_INDENT) {
            fputc(' ', f);
            column++;
        }
        fwrite(text, 1, n, f);
        column += n;
        text += n;
        text += *text == ' ';
    }
    fputc('\n', f);
}

void cli_help(FILE *f, int verb)
{
    char buf[64];
    for (size_t i = 0; i < VERBS; i++) {
        if (verb_rows[i].verb == verb) {
            fprintf(f, "Usage: %s\n\n", verb_rows[i].usage);
        }
    }
    if (verb == VERB_COMPILE) {
        fputs("The compiler of lrs, the language for learning-rate schedules. FILE `-` is standard input.\n\n", f);
        fputs("       lrsc VERB --help\n\nVerbs:\n", f);
        for (size_t i = 1; i < VERBS; i++) {
            fprintf(f, "  %s", verb_rows[i].name);
            put_wrapped(f, verb_rows[i].what, 2 + strlen(verb_rows[i].name));
        }
        fputc('\n', f);
    }
    fputs("Options:\n", f);
    for (const option_row *r = option_rows; r->verbs; r++) {
        if ((r->verbs & verb) && r->help) {
            size_t n = option_spell(buf, sizeof buf, r);
            fprintf(f, "  %s", buf);
            put_wrapped(f, r->help, n + 2);
        }
    }
    fputs("  --", f);
    put_wrapped(f, "what follows is a file, even when it starts with `-`", 4);
    if (verb == VERB_DIFF) {
        fputs("\nExit codes: 0 the same, 1 different, 2 errors in a schedule or wrong usage, 3 a file failed, 70 a bug in lrsc\n", f);
        return;
    }
    fputs("\nExit codes: 0 done, 1 errors in the schedule or its data, 2 wrong usage, 3 a file or tool failed, 70 a "
          "bug in lrsc\n",
          f);
}
