/* cli_manual.c: the manual page of the command, from the tables of verbs and options. The pages lrs(5) and lrs(3) are made from
 * the documentation and from lrs.h, by scripts/manpages. */
#include "cli_manual.h"

#include <string.h>
#include "cli_table.h"

/* Of the last change to what this file says in its own words. */
#define PAGE_DATE "2026-11-27"

/* Text of troff: `-` is that of options, and nothing at the beginning of a line is a request. */
static void put_text(FILE *f, const char *text)
{
    if (*text == '.' || *text == '\'') {
        fputs("\\&", f);
    }
    for (; *text; text++) {
        if (*text == '\\') {
            fputs("\\e", f);
        } else if (*text == '-') {
            fputs("\\-", f);
        } else if (*text == '^' || *text == '~') { /* the letters, not accents */
            fputs(*text == '^' ? "\\(ha" : "\\(ti", f);
        } else if (*text == '`' || *text == '\'') {
            fputs(*text == '`' ? "\\(ga" : "\\(aq", f);
        } else {
            fputc(*text, f);
        }
    }
}

/* The same, of any length, as lines of less than 80 bytes. */
static void put_lines(FILE *f, const char *text)
{
    char line[80];
    while (*text) {
        size_t n = strlen(text), end = n;
        if (n > 72) { /* at the last blank before; a word is shorter than that */
            for (end = 72; end > 1 && text[end] != ' '; end--) {
            }
        }
        snprintf(line, sizeof line, "%.*s", (int)end, text);
        put_text(f, line);
        text += end;
        text += *text == ' ';
        fputs(*text ? "\n" : ".\n", f);
    }
}

static void put_bold(FILE *f, const char *text)
{
    fputs("\\fB", f);
    put_text(f, text);
    fputs("\\fR", f);
}

static void put_argument(FILE *f, const char *text)
{
    fputs("\\fI", f);
    put_text(f, text);
    fputs("\\fR", f);
}

/* The name in bold, the argument in italics. */
static void put_tag(FILE *f, const option_row *r)
{
    char text[64];
    if (r->letter) {
        snprintf(text, sizeof text, "-%c%s", r->letter, r->tail ? r->tail : "");
        put_bold(f, text);
    }
    if (r->name) {
        fputs(r->letter ? ", " : "", f);
        snprintf(text, sizeof text, "--%s%s", r->name, r->arg ? "=" : "");
        put_bold(f, text);
    }
    if (r->arg) {
        fputs(r->letter && !r->name && *r->arg != '[' ? " " : "", f);
        put_argument(f, r->arg);
    }
    fputc('\n', f);
}

/* The options of a verb, those of all verbs left out; verb VERB_ALL: these. A row without help is another spelling of the
 * one before it. */
static void put_options(FILE *f, int verb)
{
    for (const option_row *r = option_rows; r->verbs; r++) {
        if (!r->help || (verb == VERB_ALL ? r->verbs != VERB_ALL : !(r->verbs & verb) || r->verbs == VERB_ALL)) {
            continue;
        }
        fputs(".TP\n", f);
        put_tag(f, r);
        for (const option_row *also = r + 1; also->verbs && !also->help; also++) {
            fputs(".TQ\n", f);
            put_tag(f, also);
        }
        put_lines(f, r->help);
    }
}

static void put_synopsis(FILE *f)
{
    fputs(".SH SYNOPSIS\n.nf\n", f);
    for (const verb_row *v = verb_rows; v->name; v++) {
        const char *rest = v->usage + strlen("lrsc") + (*v->name ? 1 + strlen(v->name) : 0);
        char name[32];
        snprintf(name, sizeof name, "lrsc%s%s", *v->name ? " " : "", v->name);
        put_bold(f, name);
        put_text(f, rest);
        fputc('\n', f);
    }
    fputs(".fi\n", f);
}

static const struct {
    const char *tag, *text;
} codes[] = {{"0", "done"},
             {"1", "errors in the schedule or its data; of diff: the schedules differ"},
             {"2", "wrong usage; of diff: errors in a schedule too"},
             {"3", "a file or a tool failed"},
             {"70", "a bug in lrsc"}},
  variables[] = {{"LRS_LLVM_PLUGIN, LRS_CAIRO_PLUGIN, LRS_READLINE_PLUGIN", "the paths of the plugins, which are searched for without them"},
                 {"CC", "the C compiler for `eval --engine=c` and `--engine=object`"},
                 {"LRS_HISTORY, XDG_STATE_HOME, XDG_CONFIG_HOME", "where the REPL has its history and its settings"},
                 {"VISUAL, EDITOR", "the editor of its `:edit`"},
                 {"COLUMNS, NO_COLOR, CLICOLOR_FORCE, FORCE_COLOR", "the width and the colours of what is drawn"}},
  examples[] = {{"lrsc wsd.lrs -o wsd.o", "the schedule as an object and its header, wsd.h"},
                {"lrsc eval wsd.lrs --at=0,250,9000", "its values at three steps"},
                {"lrsc plot wsd.lrs -D peak=1e-4,3e-4 -o wsd.svg", "two curves in a picture"},
                {"lrsc params wsd.lrs --format=optuna", "what Optuna has to know to search for its params"}};

#define PUT_LIST(f, list)                                        \
    for (size_t i = 0; i < sizeof(list) / sizeof *(list); i++) { \
        fputs(".TP\n", f);                                       \
        put_bold(f, (list)[i].tag);                              \
        fputc('\n', f);                                          \
        put_lines(f, (list)[i].text);                            \
    }

void cli_manual(FILE *f)
{
    fputs(".TH LRSC 1 " PAGE_DATE " \"lrs " LRS_VERSION_STRING "\" \"User Commands\"\n"
          ".SH NAME\nlrsc \\- compiler of lrs, the language for learning\\-rate schedules\n", f);
    put_synopsis(f);
    fputs(".SH DESCRIPTION\n"
          "lrs is a language for learning\\-rate schedules: warm\\-ups, decays, cycles,\n"
          "and rules that act on the metrics of a training run.\n"
          "It is described in\n.BR lrs (5).\n.B lrsc\ncompiles schedules as\n.BR cc (1)\n"
          "compiles C, and with a verb does the following.\nA file that is\n.B \\-\nis standard input; after\n.B \\-\\-\neverything is a file.\n", f);
    for (const verb_row *v = verb_rows + 1; v->name; v++) {
        fputs(".TP\n", f);
        put_bold(f, v->name);
        fputc('\n', f);
        put_lines(f, v->what);
    }
    fputs(".SH OPTIONS\n", f);
    for (const verb_row *v = verb_rows; v->name; v++) {
        fputs(".SS ", f);
        put_text(f, *v->name ? "lrsc " : "Compiling");
        put_text(f, v->name);
        fputc('\n', f);
        put_options(f, v->verb);
    }
    fputs(".SS All verbs\n", f);
    put_options(f, VERB_ALL);
    fputs(".SH EXIT STATUS\n", f);
    PUT_LIST(f, codes)
    fputs(".SH ENVIRONMENT\n", f);
    PUT_LIST(f, variables)
    fputs(".SH EXAMPLES\n", f);
    PUT_LIST(f, examples)
    fputs(".SH SEE ALSO\n.BR lrs (3),\n.BR lrs (5),\n.BR cc (1)\n", f);
}
