/* cli_options.c: the one table of options, the reading of argv by it, and the help that is made from it. */
#include "cli_options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "cli_number.h"
#include "diag.h"

const emit_kind emit_kinds[EMIT_KINDS] = {
    [EMIT_OBJ] = {"obj", ".o"},          [EMIT_ASM] = {"asm", ".s"}, [EMIT_LLVM] = {"llvm", ".ll"},
    [EMIT_BITCODE] = {"bitcode", ".bc"}, [EMIT_C] = {"c", ".c"},     [EMIT_HEADER] = {"header", ".h"},
    [EMIT_JS] = {"js", ".js"},           [EMIT_AST] = {"ast", ".ast"}, [EMIT_IR] = {"ir", ".ir"},
};

const emit_kind picture_kinds[PICTURE_KINDS] = {
    [PICTURE_TEXT] = {"text", ".txt"}, [PICTURE_SVG] = {"svg", ".svg"}, [PICTURE_PNG] = {"png", ".png"},
    [PICTURE_PDF] = {"pdf", ".pdf"},   [PICTURE_HTML] = {"html", ".html"}, [PICTURE_CSV] = {"csv", ".csv"},
    [PICTURE_JSON] = {"json", ".json"},
};

const char *const suggestion_names[SUGGEST_END] = {[SUGGEST_ALL] = "", [SUGGEST_VALLEY] = "valley", [SUGGEST_STEEPEST] = "steepest", [SUGGEST_STEEP] = "steep",
                                                   [SUGGEST_MINIMUM] = "minimum", [SUGGEST_SLIDE] = "slide"};

/* ---- verbs ------------------------------------------------------------------------------------- */

static const struct {
    int verb;
    const char *name, *usage, *what;
} verbs[] = {
    {VERB_COMPILE, "", "lrsc [OPTION...] FILE...", "compile schedules to objects, C, assembly, ..."},
    {VERB_CHECK, "check", "lrsc check [OPTION...] FILE... | -e TEXT", "say what is wrong with schedules"},
    {VERB_EVAL, "eval", "lrsc eval [OPTION...] FILE | -e TEXT", "print the values of a schedule"},
    {VERB_PLOT, "plot", "lrsc plot [OPTION...] FILE... | -e TEXT", "draw schedules in the terminal or into a file"},
    {VERB_FIND, "find", "lrsc find [OPTION...] LOSSES.csv", "find a rate in the losses of a range test"},
    {VERB_REPL, "repl", "lrsc repl [OPTION...] [FILE]", "try schedules out, line by line"},
    {VERB_DIFF, "diff", "lrsc diff [OPTION...] A B | A -e TEXT", "say where two schedules differ"},
    {VERB_SIM, "sim", "lrsc sim [OPTION...] FILE | -e TEXT", "show what rules would do on a recorded or an imagined metric"},
};
#define VERBS (sizeof verbs / sizeof *verbs)

const char *cli_verb_name(int verb)
{
    for (size_t i = 0; i < VERBS; i++) {
        if (verbs[i].verb == verb) {
            return verbs[i].name;
        }
    }
    return "";
}

int cli_verb(const char *word)
{
    for (size_t i = 1; i < VERBS; i++) {
        if (strcmp(verbs[i].name, word) == 0) {
            return verbs[i].verb;
        }
    }
    return 0;
}

const char *cli_verb_nearest(const char *word)
{
    const char *names[VERBS];
    for (size_t i = 1; i < VERBS; i++) {
        names[i - 1] = verbs[i].name;
    }
    return diag_did_you_mean(word, names, VERBS - 1);
}

/* ---- the table --------------------------------------------------------------------------------- */

typedef int (*option_fn)(cli_options *o, const char *arg);

enum option_does {
    SET_INT,    /* *(int *)(o + offset) = value */
    SET_STRING, /* *(const char **)(o + offset) = the argument */
    ADD_STRING, /* appended to the cli_strings at offset */
    CALL        /* fn(o, the argument) */
};

typedef struct option_row {
    int verbs;
    char letter;      /* -x, or 0 */
    const char *tail; /* of options like -MD, whose letter has several: what follows the letter; NULL otherwise */
    const char *name; /* --name, or NULL */
    const char *arg;  /* name of its argument in the help, NULL: it takes none; "[...]" optional, attached */
    const char *help;
    enum option_does does;
    size_t offset;
    int value;
    option_fn fn;
} option_row;

static int do_out(cli_options *o, const char *arg);
static int do_emit(cli_options *o, const char *arg);
static int do_define(cli_options *o, const char *arg);
static int do_optimize(cli_options *o, const char *arg);
static int do_depend_file(cli_options *o, const char *arg);
static int do_color(cli_options *o, const char *arg);
static int do_range(cli_options *o, const char *arg);
static int do_at(cli_options *o, const char *arg);
static int do_engine(cli_options *o, const char *arg);
static int do_format(cli_options *o, const char *arg);
static int do_picture(cli_options *o, const char *arg);
static int do_width(cli_options *o, const char *arg);
static int do_height(cli_options *o, const char *arg);
static int do_x(cli_options *o, const char *arg);
static int do_suggest(cli_options *o, const char *arg);
static int do_smooth(cli_options *o, const char *arg);
static int do_diverge(cli_options *o, const char *arg);
static int do_skip_start(cli_options *o, const char *arg);
static int do_skip_end(cli_options *o, const char *arg);
static int do_tolerance(cli_options *o, const char *arg);
static int do_loss_start(cli_options *o, const char *arg);
static int do_loss_every(cli_options *o, const char *arg);
static int do_noise(cli_options *o, const char *arg);
static int do_seed(cli_options *o, const char *arg);
static int do_prefix(cli_options *o, const char *arg);
static int do_asm(cli_options *o, const char *arg);
static int do_nothing(cli_options *o, const char *arg);

#define AT(field) offsetof(cli_options, field)
#define C VERB_COMPILE
#define K VERB_CHECK
#define E VERB_EVAL
#define P VERB_PLOT
#define F VERB_FIND
#define R VERB_REPL
#define D VERB_DIFF
#define M VERB_SIM
#define INT(field, v) SET_INT, AT(field), v, NULL
#define STRING(field) SET_STRING, AT(field), 0, NULL
#define STRINGS(field) ADD_STRING, AT(field), 0, NULL
#define FN(f) CALL, 0, 0, f

static const option_row rows[] = {
    /* what is compiled */
    {K | E | P | M, 'e', NULL, NULL, "TEXT", "the schedule itself, instead of a file", STRING(text)},
    {D, 'e', NULL, NULL, "TEXT", "the schedule B itself, wherever this stands; the file is A", STRING(text)},
    {F, 0, NULL, "schedule", "FILE.lrs", "the range test that gave the losses, where the file has a column step and none of rates",
     STRING(schedule)},
    {F, 'e', NULL, NULL, "TEXT", "that range test itself, instead of its file", STRING(text)},
    {VERB_ALL & ~P, 'D', NULL, NULL, "NAME=VALUE", "give a param a value at compile time: 0.1, 90k, 1e-3, 10%",
     FN(do_define)},
    {P, 'D', NULL, NULL, "NAME=VALUE[,...]", "give a param a value at compile time: 0.1, 90k, 1e-3, 10%; of several values, "
     "e.g. peak=1e-4,3e-4, each makes a curve", FN(do_define)},
    {VERB_ALL, 'I', NULL, NULL, "DIR", "look there for what `use \"file.lrs\"` names", STRINGS(include_dirs)},
    /* what is written */
    {C, 'o', NULL, NULL, "OUT", "write to OUT, `-` is standard output; its suffix says what: .o .s .ll .bc .c .h .js .mjs",
     FN(do_out)},
    {P, 'o', NULL, NULL, "OUT", "draw into OUT, `-` is standard output; its suffix says what: .svg .png .pdf .html .csv .json .txt",
     FN(do_out)},
    {C, 0, NULL, "emit", "KIND,...", "what to write: obj asm llvm bitcode c header js ast ir; obj writes the header too",
     FN(do_emit)},
    {C, 'c', NULL, NULL, NULL, "write an object, as is the default", FN(do_nothing)},
    {C, 'S', NULL, NULL, NULL, "write assembly, as --emit=asm", FN(do_asm)},
    {C, 0, NULL, "prefix", "NAME",
     "start of all C names; get_lr becomes NAME_get_lr too (default: the name of OUT, else of FILE, without its suffix)", FN(do_prefix)},
    {C, 0, NULL, "check", NULL, "write nothing, only say what is wrong", INT(check_only, 1)},
    /* machine code */
    {C | E, 'O', NULL, NULL, "[0..3]", "optimize (default: -O2)", FN(do_optimize)},
    {C, 'g', NULL, NULL, NULL, "write debug information", INT(debug, 1)},
    {C, 'f', "PIC", NULL, NULL, "position independent code; objects always are", FN(do_nothing)},
    {C, 'f', "pic", NULL, NULL, NULL, FN(do_nothing)},
    {C, 'f', "PIE", NULL, NULL, NULL, FN(do_nothing)},
    {C, 'f', "pie", NULL, NULL, NULL, FN(do_nothing)},
    {C, 0, NULL, "target", "TRIPLE", "machine to compile for, e.g. aarch64-linux-gnu (default: this one)",
     STRING(target)},
    {C | E, 0, NULL, "cpu", "NAME", "processor, e.g. native (default: x86-64-v3 on x86-64, else generic)", STRING(cpu)},
    {C, 0, NULL, "print-targets", NULL, "print the machines that can be compiled for", INT(print_targets, 1)},
    /* dependencies */
    {C, 'M', "D", NULL, NULL, "write a make rule with the files that were read, beside the output: OUT.d",
     INT(depend, 1)},
    {C, 'M', "F", NULL, "FILE", "write that rule to FILE", FN(do_depend_file)},
    {C, 'M', "T", NULL, "TARGET", "the target of that rule (default: the output)", STRINGS(depend_targets)},
    /* looking at curves */
    {E | P | D | M, 0, NULL, "range", "A:B[:STEP]",
     "steps A to B, both included (default: up to `total` if the file has it and its phases go on so far, else to the end "
     "of the last phase that has one)",
     FN(do_range)},
    {E, 0, NULL, "at", "N,N...", "these steps", FN(do_at)},
    {E | P | D | M, 0, NULL, "metrics", "FILE.csv", "observe these metrics at their steps; with the header `step,metric`, or `step,` and names of inputs",
     STRING(metrics)},
    {E | P | D | M, 0, NULL, "output", "NAME", "the output to look at (default: all)", STRING(output)},
    {E, 0, NULL, "engine", "NAME", "what computes: interp, jit, object, c ($CC or cc compiles it)", FN(do_engine)},
    {E, 0, NULL, "format", "NAME",
     "csv (17 digits), json (null: not a finite number), hex (csv with the 16 hex digits of the bits)", FN(do_format)},
    {P, 0, NULL, "format", "NAME", "what to draw: text, svg, png, pdf, html, csv, json (default: what the suffix of OUT says, else text)",
     FN(do_picture)},
    {P, 0, NULL, "width", "N", "columns (default: those of the terminal, $COLUMNS, 80); in files pixels (default: 960)", FN(do_width)},
    {P, 0, NULL, "height", "N", "rows of the curve (default: 15); in files pixels (default: as it needs)", FN(do_height)},
    {F, 0, NULL, "suggest", "NAME", "print the rate alone, with 17 digits: valley, steepest, steep, minimum, slide", FN(do_suggest)},
    {F, 0, NULL, "smooth", "B", "average the losses with weights 1, B, B^2, ... backwards; 0: not at all (default: 0.98)", FN(do_smooth)},
    {F, 0, NULL, "diverge", "X", "the test is over after an average above X times the best one; inf: never (default: 4)", FN(do_diverge)},
    {F, 0, NULL, "skip-start", "N", "leave out the first N points (default: a tenth)", FN(do_skip_start)},
    {F, 0, NULL, "skip-end", "N", "leave out N points before the test is over (default: 5)", FN(do_skip_end)},
    {F, 0, NULL, "format", "NAME", "text (a picture and a table), csv (the suggestions), json (the averages too)", FN(do_format)},
    {F | D | M, 0, NULL, "width", "N", "columns (default: those of the terminal, $COLUMNS, 80)", FN(do_width)},
    {F | D | M, 0, NULL, "height", "N", "rows of the curve (default: 15)", FN(do_height)},
    {P | D | M, 0, NULL, "log", NULL, "logarithmic axis of values", INT(log, 1)},
    {P | D | M, 0, NULL, "x", "UNIT", "what the axis of steps counts: steps, epochs, samples, tokens, % (default: what the file does)",
     FN(do_x)},
    {P, 0, NULL, "no-phases", NULL, "without the phases below the curves", INT(no_phases, 1)},
    {P | F | R | D | M, 0, NULL, "ascii", NULL, "draw with ASCII characters alone", INT(ascii, 1)},
    /* the REPL */
    {R, 0, NULL, "norc", NULL, "do not run the file of settings, lrsrc", INT(norc, 1)},
    {R, 0, NULL, "keep-going", NULL, "go on after an error when the input is no terminal; the exit code is still 1", INT(keep_going, 1)},
    {D | M, 0, NULL, "format", "NAME", "text, json", FN(do_format)},
    {M, 0, NULL, "loss", "EXPR", "an imagined metric instead of --metrics: what comes after `loss`, the last value, at a rate `lr` "
     "(at most `peak`) and a `step`", STRING(loss)},
    {M, 0, NULL, "loss-start", "NUMBER", "the value before the first (default: 2.5)", FN(do_loss_start)},
    {M, 0, NULL, "every", "N", "observe it every N steps (default: 100 times in the range)", FN(do_loss_every)},
    {M, 0, NULL, "noise", "NUMBER", "add noise of this standard deviation to what is observed (default: 0)", FN(do_noise)},
    {M, 0, NULL, "seed", "N", "another noise (default: 1)", FN(do_seed)},
    {M, 0, NULL, "all", NULL, "list the decisions of every observation, not only those at which something happens", INT(all, 1)},
    {D, 'q', NULL, "quiet", NULL, "print nothing; the exit code says whether they differ", INT(quiet, 1)},
    {D, 0, NULL, "tolerance", "REL", "values that differ by at most this part of them are the same (default: 0, every bit counts)",
     FN(do_tolerance)},
    /* messages */
    {VERB_ALL, 'W', "", NULL, NULL, "print notes too, as check does", INT(warnings, 1)},
    {VERB_ALL, 'W', "all", NULL, NULL, NULL, INT(warnings, 1)},
    {VERB_ALL, 'W', "extra", NULL, NULL, NULL, INT(warnings, 1)},
    {VERB_ALL, 'w', NULL, NULL, NULL, "no warnings and no notes", INT(warnings, -1)},
    {VERB_ALL, 'W', "error", NULL, NULL, "warnings are errors", INT(werror, 1)},
    {VERB_ALL, 'W', "no-error", NULL, NULL, NULL, INT(werror, 0)},
    {C, 0, NULL, "explain", "CODE", "explain a diagnostic, e.g. LRS0101", STRING(explain)},
    {VERB_ALL, 0, NULL, "color", "WHEN", "auto, always, never (NO_COLOR, CLICOLOR_FORCE and FORCE_COLOR are heeded)",
     FN(do_color)},
    {VERB_ALL, 'v', NULL, NULL, NULL, "say what is done and how long it takes", INT(verbose, 1)},
    {C, 0, NULL, "version", NULL, "print the version", INT(version, 1)},
    {VERB_ALL, 'h', NULL, "help", NULL, "print this", INT(help, 1)},
};
#define ROWS (sizeof rows / sizeof *rows)

#undef C
#undef K
#undef E
#undef P
#undef F
#undef R
#undef D
#undef M

/* As it is written: "-o OUT", "-MF FILE", "--emit=KIND,...". */
static size_t spell(char *buf, size_t cap, const option_row *r)
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
    for (size_t k = 0; k < ROWS; k++) {
        const option_row *r = &rows[k];
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
        if (verbs[i].verb == verb) {
            fprintf(f, "Usage: %s\n\n", verbs[i].usage);
        }
    }
    if (verb == VERB_COMPILE) {
        fputs("The compiler of lrs, the language for learning-rate schedules. FILE `-` is standard input.\n\n", f);
        fputs("       lrsc VERB --help\n\nVerbs:\n", f);
        for (size_t i = 1; i < VERBS; i++) {
            fprintf(f, "  %s", verbs[i].name);
            put_wrapped(f, verbs[i].what, 2 + strlen(verbs[i].name));
        }
        fputc('\n', f);
    }
    fputs("Options:\n", f);
    for (size_t i = 0; i < ROWS; i++) {
        if ((rows[i].verbs & verb) && rows[i].help) {
            size_t n = spell(buf, sizeof buf, &rows[i]);
            fprintf(f, "  %s", buf);
            put_wrapped(f, rows[i].help, n + 2);
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

/* ---- arguments --------------------------------------------------------------------------------- */

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

/* The number of `arg` in names, or -1 with a message that names the choices. */
static int choice(const char *option, const char *arg, size_t n, const char *const *names, size_t count)
{
    char list[128] = "";
    for (size_t i = 0; i < count; i++) {
        if (strlen(names[i]) == n && strncmp(names[i], arg, n) == 0) {
            return (int)i;
        }
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "", names[i]);
    }
    char *word = cli_printf("%.*s", (int)n, arg);
    const char *near = diag_did_you_mean(word, names, count);
    if (near) {
        cli_error("%s does not know '%s'; did you mean '%s'?", option, word, near);
    } else {
        cli_error("%s does not know '%s'; it takes %s", option, word, list);
    }
    free(word);
    return -1;
}

static int do_out(cli_options *o, const char *arg)
{
    if (!*arg) {
        cli_error("-o takes the name of a file, not ''");
        return CLI_USAGE;
    }
    o->out = arg;
    return CLI_OK;
}

static int do_emit(cli_options *o, const char *arg)
{
    const char *names[EMIT_KINDS];
    for (size_t i = 0; i < EMIT_KINDS; i++) {
        names[i] = emit_kinds[i].name;
    }
    for (;;) {
        size_t n = strcspn(arg, ",");
        int kind = choice("--emit", arg, n, names, EMIT_KINDS);
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

static int do_asm(cli_options *o, const char *arg)
{
    (void)arg;
    o->emit |= 1u << EMIT_ASM;
    return CLI_OK;
}

static int do_nothing(cli_options *o, const char *arg)
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

static int do_prefix(cli_options *o, const char *arg)
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
        cli_note("several values are a sweep, which `lrsc plot` draws; %s takes one", cli_verb_name(o->verb));
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

static int do_define(cli_options *o, const char *arg)
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

static int do_optimize(cli_options *o, const char *arg)
{
    if (arg && (strlen(arg) != 1 || *arg < '0' || *arg > '3')) {
        cli_error("-O takes 0, 1, 2 or 3, not '%s'", arg);
        return CLI_USAGE;
    }
    o->optimize = arg ? *arg - '0' : 1;
    return CLI_OK;
}

static int do_depend_file(cli_options *o, const char *arg)
{
    o->depend = 1;
    o->depend_file = arg;
    return CLI_OK;
}

static int do_color(cli_options *o, const char *arg)
{
    static const char *const names[] = {"auto", "always", "never"};
    int i = choice("--color", arg, strlen(arg), names, 3);
    o->color = i;
    if (i >= 0) {
        cli_io_color(i); /* at once: messages about later options follow it */
    }
    return i < 0 ? CLI_USAGE : CLI_OK;
}

static int do_engine(cli_options *o, const char *arg)
{
    static const char *const names[] = {"interp", "jit", "object", "c"};
    o->engine = choice("--engine", arg, strlen(arg), names, 4);
    return o->engine < 0 ? CLI_USAGE : CLI_OK;
}

static int do_format(cli_options *o, const char *arg)
{
    static const char *const eval[] = {"csv", "json", "hex"}, *const find[] = {"csv", "json", "text"}, *const report[] = {"text", "json"};
    if (o->verb == VERB_DIFF || o->verb == VERB_SIM) {
        o->format = choice("--format", arg, strlen(arg), report, 2);
        o->format = o->format == 0 ? FORMAT_TEXT : o->format;
        return o->format < 0 ? CLI_USAGE : CLI_OK;
    }
    o->format = choice("--format", arg, strlen(arg), o->verb == VERB_FIND ? find : eval, 3);
    if (o->verb == VERB_FIND && o->format == 2) {
        o->format = FORMAT_TEXT;
    }
    return o->format < 0 ? CLI_USAGE : CLI_OK;
}

static int do_picture(cli_options *o, const char *arg)
{
    const char *names[PICTURE_KINDS];
    for (size_t i = 0; i < PICTURE_KINDS; i++) {
        names[i] = picture_kinds[i].name;
        if (strcmp(arg, picture_kinds[i].suffix + 1) == 0) { /* txt, as the suffix has it */
            arg = names[i];
        }
    }
    o->picture = choice("--format", arg, strlen(arg), names, PICTURE_KINDS);
    return o->picture < 0 ? CLI_USAGE : CLI_OK;
}

static int do_tolerance(cli_options *o, const char *arg)
{
    if (!cli_parse_number(&o->tolerance, arg, strlen(arg)) || !(o->tolerance >= 0 && o->tolerance < 1)) {
        cli_error("--tolerance takes a number from 0 to below 1, e.g. 1e-12, not '%s'", arg);
        return CLI_USAGE;
    }
    return CLI_OK;
}

static int do_x(cli_options *o, const char *arg)
{
    static const char *const names[] = {"steps", "epochs", "samples", "tokens", "%"};
    int i = choice("--x", arg, strlen(arg), names, 5);
    o->x = AXIS_STEPS + i;
    return i < 0 ? CLI_USAGE : CLI_OK;
}

static int do_loss_start(cli_options *o, const char *arg)
{
    o->model_option = "--loss-start";
    if (!cli_parse_number(&o->loss_start, arg, strlen(arg))) {
        cli_error("--loss-start takes a number, e.g. 2.5, not '%s'", arg);
        return CLI_USAGE;
    }
    return CLI_OK;
}

static int do_loss_every(cli_options *o, const char *arg)
{
    o->model_option = "--every";
    if (!cli_parse_step(&o->loss_every, arg, strlen(arg)) || o->loss_every < 1) {
        cli_error("--every takes a whole number of steps, at least 1, not '%s'", arg);
        return CLI_USAGE;
    }
    return CLI_OK;
}

static int do_noise(cli_options *o, const char *arg)
{
    o->model_option = "--noise";
    if (!cli_parse_number(&o->noise, arg, strlen(arg)) || !(o->noise >= 0)) {
        cli_error("--noise takes a number of at least 0, e.g. 0.02, not '%s'", arg);
        return CLI_USAGE;
    }
    return CLI_OK;
}

static int do_seed(cli_options *o, const char *arg)
{
    o->model_option = "--seed";
    if (!cli_parse_step(&o->seed, arg, strlen(arg))) {
        cli_error("--seed takes a whole number, not '%s'", arg);
        return CLI_USAGE;
    }
    return CLI_OK;
}

static int do_range(cli_options *o, const char *arg)
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

static int do_at(cli_options *o, const char *arg)
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

static int do_size(const cli_options *o, int *out, const char *option, const char *arg, int low, int high, const char *unit)
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

static int do_width(cli_options *o, const char *arg)
{
    return do_size(o, &o->width, "--width", arg, 20, 1000, "columns");
}

static int do_height(cli_options *o, const char *arg)
{
    return do_size(o, &o->height, "--height", arg, 2, 500, "rows");
}

static int do_suggest(cli_options *o, const char *arg)
{
    int i = choice("--suggest", arg, strlen(arg), suggestion_names + SUGGEST_VALLEY, SUGGEST_END - SUGGEST_VALLEY);
    o->suggest = SUGGEST_VALLEY + i;
    return i < 0 ? CLI_USAGE : CLI_OK;
}

static int do_smooth(cli_options *o, const char *arg)
{
    double v;
    if (!cli_parse_number(&v, arg, strlen(arg)) || !(v >= 0 && v < 1)) {
        cli_error("--smooth takes a number from 0 to below 1, e.g. 0.98, not '%s'", arg);
        return CLI_USAGE;
    }
    o->find.smooth = v == 0 ? -1 : v; /* in lrs_find_options 0 is the default */
    return CLI_OK;
}

static int do_diverge(cli_options *o, const char *arg)
{
    double v = -1;
    if (strcmp(arg, "inf") != 0 && (!cli_parse_number(&v, arg, strlen(arg)) || !(v > 1))) {
        cli_error("--diverge takes a number above 1, e.g. 4, or inf, not '%s'", arg);
        return CLI_USAGE;
    }
    o->find.diverge = v;
    return CLI_OK;
}

static int do_skip(int64_t *out, const char *option, const char *arg)
{
    int64_t v;
    if (!cli_parse_step(&v, arg, strlen(arg)) || v < 0) {
        cli_error("%s takes a whole number that is not below 0, not '%s'", option, arg);
        return CLI_USAGE;
    }
    *out = v == 0 ? -1 : v;
    return CLI_OK;
}

static int do_skip_start(cli_options *o, const char *arg)
{
    return do_skip(&o->find.skip_start, "--skip-start", arg);
}

static int do_skip_end(cli_options *o, const char *arg)
{
    return do_skip(&o->find.skip_end, "--skip-end", arg);
}

/* ---- argv -------------------------------------------------------------------------------------- */

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
    for (size_t i = 0; i < ROWS; i++) {
        const option_row *r = &rows[i];
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
    for (size_t i = 0; i < ROWS; i++) {
        if ((rows[i].verbs & verb) && rows[i].letter == letter && !rows[i].tail) {
            return &rows[i];
        }
    }
    return NULL;
}

/* -MD, -Werror: the row of the letter whose tail is the argument, or starts it when the row takes an argument of its
 * own. */
static const option_row *row_of_tail(int verb, int letter, const char *tail, const char **arg)
{
    tail = tail ? tail : "";
    for (size_t i = 0; i < ROWS; i++) {
        const option_row *r = &rows[i];
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

static int unknown_option(const cli_options *o, const char *word)
{
    const char *names[2 * ROWS];
    char store[ROWS][32];
    size_t n = 0;
    for (size_t i = 0; i < ROWS; i++) {
        if (!(rows[i].verbs & o->verb)) {
            continue;
        }
        if (rows[i].name) {
            snprintf(store[i], sizeof store[i], "--%s", rows[i].name);
            names[n++] = store[i];
        } else if (rows[i].tail && *rows[i].tail) {
            snprintf(store[i], sizeof store[i], "-%c%s", rows[i].letter, rows[i].tail);
            names[n++] = store[i];
        }
    }
    char *bare = cli_printf("%.*s", (int)strcspn(word, "="), word);
    const char *near = strlen(bare) > 2 ? diag_did_you_mean(bare, names, n) : NULL;
    char *text = near ? cli_printf("unknown option '%s'; did you mean '%s'?", bare, near)
                      : cli_printf("unknown option '%s'", bare);
    int code = usage(o, text);
    free(text);
    free(bare);
    return code;
}

static int missing_argument(const cli_options *o, const option_row *r)
{
    char buf[64];
    spell(buf, sizeof buf, r);
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
    for (size_t i = 0; i < ROWS; i++) {
        if ((rows[i].verbs & verb) && rows[i].name && strncmp(word, "--", 2) == 0 && n > 2 &&
            strncmp(rows[i].name, word + 2, n - 2) == 0) {
            return &rows[i];
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
    char letters[3 * ROWS + 4];
    struct option longs[ROWS + 1];
    const option_row *by_long[ROWS];
    memset(o, 0, sizeof *o);
    o->verb = verb;
    o->optimize = 2;
    o->picture = -1;
    o->format = verb == VERB_FIND || verb == VERB_DIFF || verb == VERB_SIM ? FORMAT_TEXT : FORMAT_CSV;
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
    free(o->defines);
    free(o->sweeps);
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
    c.use_files = 1;
    c.no_warnings = o->warnings < 0;
    return c;
}
