/* commands.c: see commands.h. In: a line. Out: what it prints, and a changed session. Some of what commands do is in
 * the files of command_parts.h. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli_compile.h"
#include "cli_io.h"
#include "cli_number.h"
#include "command_parts.h"
#include "diag.h"
#include "draw.h"
#include "help.h"
#include "letters.h"
#include "terminal.h"

/* ---- words ------------------------------------------------------------------------------------- */

/* The words of a line, malloc'ed together with their list; in quotes they may hold blanks. NULL: a quote is not closed. */
static char **split(const char *line, size_t n, int *argc)
{
    char **argv = cli_alloc((n / 2 + 3) * sizeof *argv + n + 2);
    char *p = (char *)(argv + n / 2 + 3);
    *argc = 0;
    for (size_t i = 0; i < n;) {
        if (strchr(" \t\r\n", line[i])) {
            i++;
            continue;
        }
        argv[(*argc)++] = p;
        char quote = 0;
        for (; i < n && (quote || !strchr(" \t\r\n", line[i])); i++) {
            if (quote ? line[i] == quote : line[i] == '"' || line[i] == '\'') {
                quote = quote ? 0 : line[i];
            } else {
                *p++ = line[i];
            }
        }
        *p++ = 0;
        if (quote) {
            free(argv);
            return NULL;
        }
    }
    return argv;
}

int command_usage(const char *name)
{
    const command *c = command_find(name, strlen(name));
    cli_error(":%s takes %s", c->name, *c->args ? c->args : "no argument");
    return CLI_USAGE;
}

int command_needs_schedule(const repl *r)
{
    if (session_has_schedule(&r->session)) {
        return 1;
    }
    cli_error("there is no schedule yet; type one, as in `warmup 500 -> 3e-4; then cosine 10k -> 0`, or :load FILE");
    return 0;
}

/* Another name of what entries come from, or of the terminal: /dev/stdin, /dev/tty. A file that entries come from can be read twice. */
static int names_stdin(const char *path)
{
    static const char *const names[] = {"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "/dev/tty"};
    struct stat there, in;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(path, names[i]) == 0) {
            return 1;
        }
    }
    return stat(path, &there) == 0 && fstat(STDIN_FILENO, &in) == 0 && !S_ISREG(there.st_mode) && there.st_ino == in.st_ino && there.st_dev == in.st_dev;
}

int command_is_stdin(const char *path)
{
    int is = names_stdin(path);
    if (is) {
        cli_error("standard input is where entries come from: a command needs the name of a file, not `%s`", path);
    }
    return is;
}

/* ---- params ------------------------------------------------------------------------------------ */

static int unknown_param(const repl *r, const char *name)
{
    const session_program *p = &r->session.now.program;
    const char **names = cli_alloc((p->n + 1) * sizeof *names);
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (p->items[i].kind == AST_PARAM) {
            names[n++] = p->items[i].key + strlen("name ");
        }
    }
    const char *near = diag_did_you_mean(name, names, n);
    if (near) {
        cli_error("there is no param `%s`; did you mean `%s`?", name, near);
    } else {
        cli_error("there is no param `%s`; `param %s = ...` declares one", name, name);
    }
    free(names);
    return CLI_DIAGNOSTICS;
}

/* NAME=VALUE; the name is malloc'ed. */
static int read_set(const repl *r, lrs_binding *out, const char *word)
{
    size_t n = strcspn(word, "=");
    char *name = cli_printf("%.*s", (int)n, word);
    int code = CLI_OK;
    *out = (lrs_binding){name, 0};
    if (!word[n] || !n || !cli_parse_number(&out->value, word + n + 1, strlen(word + n + 1))) {
        cli_error(":set takes NAME=NUMBER, e.g. peak=3e-4 or total=90k, not '%s'", word);
        code = CLI_USAGE;
    } else if (!session_is_param(&r->session, name)) {
        code = unknown_param(r, name);
    }
    return code;
}

static int do_set(repl *r, int argc, char **argv)
{
    lrs_binding *sets = cli_alloc((size_t)argc * sizeof *sets);
    size_t n = 0;
    int code = argc > 1 ? CLI_OK : command_usage("set");
    for (int i = 1; i < argc && code == CLI_OK; i++) {
        code = read_set(r, &sets[n++], argv[i]);
    }
    if (code == CLI_OK) {
        session_result result;
        session_set(&r->session, sets, n, &result);
        if (result.kind == SESSION_ERROR) {
            cli_show_diagnostics(result.diagnostics, r->options);
            code = CLI_DIAGNOSTICS;
        }
        session_result_free(&result);
    }
    while (n) {
        free((void *)(uintptr_t)sets[--n].name);
    }
    free(sets);
    return code ? code : repl_show(r);
}

/* ---- the session itself ------------------------------------------------------------------------ */
static int do_list(repl *r, int argc, char **argv)
{
    int canonical = argc == 2 && strncmp(argv[1], "canonical", strlen(argv[1])) == 0;
    if (argc > 2 || (argc == 2 && !canonical)) {
        return command_usage("list");
    }
    char *text = canonical ? session_canonical(&r->session) : session_text(&r->session);
    terminal_put_colored(stdout, text);
    fputs(canonical && *text ? "\n" : "", stdout);
    free(text);
    return CLI_OK;
}

static int do_new(repl *r, int argc, char **argv)
{
    (void)argv;
    if (argc != 1) {
        return command_usage("new");
    }
    session_new(&r->session);
    command_drop_draft(r);
    return CLI_OK;
}

static int do_undo(repl *r, int argc, char **argv)
{
    (void)argv;
    if (argc != 1) {
        return command_usage("undo");
    }
    if (!session_undo(&r->session)) {
        cli_error("there is nothing to undo");
        return CLI_USAGE;
    }
    return repl_show(r);
}

static int do_redo(repl *r, int argc, char **argv)
{
    (void)argv;
    if (argc != 1) {
        return command_usage("redo");
    }
    if (!session_redo(&r->session)) {
        cli_error("there is nothing to redo");
        return CLI_USAGE;
    }
    return repl_show(r);
}

static int do_history(repl *r, int argc, char **argv)
{
    int64_t most = 20;
    if (argc > 2 || (argc == 2 && (!cli_parse_step(&most, argv[1], strlen(argv[1])) || most < 0))) {
        return command_usage("history");
    }
    size_t n = r->history.n, first = (uint64_t)most < n ? n - (size_t)most : 0;
    for (size_t i = first; i < n; i++) {
        printf("%5zu  ", i + 1);
        char *shown = letters_clean_lines(r->history.at[i]);
        for (const char *s = shown; *s; s++) {
            putchar(*s);
            fputs(*s == '\n' ? "       " : "", stdout);
        }
        putchar('\n');
        free(shown);
    }
    return CLI_OK;
}

static int do_time(repl *r, int argc, char **argv)
{
    int on = argc == 2 && strcmp(argv[1], "on") == 0, off = argc == 2 && strcmp(argv[1], "off") == 0;
    if (argc > 2 || (argc == 2 && !on && !off)) {
        return command_usage("time");
    }
    r->timing = argc == 1 ? !r->timing : on;
    if (!r->quiet) {
        printf("times are %s\n", r->timing ? "shown" : "not shown");
    }
    return CLI_OK;
}

static int do_version(repl *r, int argc, char **argv)
{
    (void)r;
    (void)argv;
    if (argc != 1) {
        return command_usage("version");
    }
    int code = cli_print_version();
    draw_print_cairo();
    printf("line editing: %s\n", repl_editing());
    return code;
}

static int do_quit(repl *r, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    r->leaving = 1;
    return CLI_OK;
}

static int help_on(repl *r, int n, char **topics)
{
    int code = n == 0 ? help_commands() : CLI_OK;
    for (int i = 0; i < n && code == CLI_OK; i++) {
        code = help_topic(r, topics[i]);
    }
    return code;
}

static int do_help(repl *r, int argc, char **argv)
{
    return help_on(r, argc - 1, argv + 1);
}

/* ---- the table --------------------------------------------------------------------------------- */

const command commands[] = {
    {"help", "[TOPIC...]", "this list; or help on a law, a function, a word or a command, as ?TOPIC", do_help, TAKES_TOPIC},
    {"load", "FILE", "take a file in place of the session", do_load, TAKES_FILE},
    {"reload", "", "load the file again", do_reload, TAKES_NOTHING},
    {"watch", "[FILE]", "load and draw it whenever it is saved, until a key is pressed", do_watch, TAKES_FILE},
    {"save", "[FILE]", "write the session to a file, what was set as defaults of its params", do_save, TAKES_FILE},
    {"save!", "[FILE]", "the same, over any file of that name", do_save_over, TAKES_FILE},
    {"list", "[canonical]", "the text of the session, as typed or in canonical form", do_list, TAKES_OTHER},
    {"edit", "", "change the session in $VISUAL or $EDITOR", do_edit, TAKES_NOTHING},
    {"new", "", "an empty session", do_new, TAKES_NOTHING},
    {"undo", "", "the session before the last change, what is set included", do_undo, TAKES_NOTHING},
    {"redo", "", "the session before the last :undo", do_redo, TAKES_NOTHING},
    {"plot", "[OPTION...]", "the whole picture, with the options of lrsc plot", do_plot, TAKES_OTHER},
    {"export", "FILE [OPTION...]", "draw it into a file: .svg .png .pdf .html .csv .json, with the options of lrsc plot", do_export, TAKES_OTHER},
    {"table", "FROM:TO[:BY]", "steps and values; or the options of lrsc eval", do_table, TAKES_OTHER},
    {"at", "STEP...", "the value at a step, and why: phase, formula, rules", do_at, TAKES_OTHER},
    {"set", "NAME=VALUE...", "give params values", do_set, TAKES_PARAM},
    {"params", "", "the params, with their values and ranges", do_params, TAKES_NOTHING},
    {"diff", "A [B] [OPTION...]", "where the session and a file, or two files, differ, as lrsc diff", do_diff, TAKES_OTHER},
    {"sim", "[METRICS.csv] [OPTION...]", "what rules make of a recorded metric, or of an imagined one, as lrsc sim", do_sim, TAKES_OTHER},
    {"find", "LOSSES.csv [OPTION...]", "a rate in the losses of a range test, as lrsc find; the session is the test, if they have no rates", do_find, TAKES_OTHER},
    {"ir", "", "what the session is compiled to: the intermediate representation", do_ir, TAKES_NOTHING},
    {"asm", "[OPTION...]", "the assembly of it, with the options of lrsc, e.g. --cpu=native", do_asm, TAKES_OTHER},
    {"ast", "", "the tree of its text", do_ast, TAKES_NOTHING},
    {"time", "[on|off]", "show how long each entry takes, or not", do_time, TAKES_NOTHING},
    {"history", "[N]", "the last entries, 20 if N is not given", do_history, TAKES_NOTHING},
    {"version", "", "the versions of lrsc, LLVM and cairo, and what edits lines", do_version, TAKES_NOTHING},
    {"quit", "", "leave; as Ctrl-D on an empty line", do_quit, TAKES_NOTHING},
};
const size_t ncommands = sizeof commands / sizeof *commands;

/* ---- running ----------------------------------------------------------------------------------- */

const command *command_find(const char *word, size_t n)
{
    const command *only = NULL;
    int many = 0;
    for (size_t i = 0; i < ncommands; i++) {
        int is_forced = strchr(commands[i].name, '!') && !memchr(word, '!', n); /* the `!` is always typed */
        if (is_forced || strncmp(commands[i].name, word, n) != 0) {
            continue;
        }
        if (strlen(commands[i].name) == n) {
            return &commands[i];
        }
        many |= only != NULL;
        only = &commands[i];
    }
    return many || n == 0 ? NULL : only;
}

static int unknown_command(const char *word)
{
    const char **names = cli_alloc(ncommands * sizeof *names);
    char *list = cli_strdup("");
    size_t n = 0;
    for (size_t i = 0; i < ncommands; i++) {
        names[i] = commands[i].name;
        if (*word && !strchr(commands[i].name, '!') && strncmp(commands[i].name, word, strlen(word)) == 0) {
            char *longer = cli_printf("%s%s:%s", list, n++ ? ", " : "", commands[i].name);
            free(list);
            list = longer;
        }
    }
    const char *near = diag_did_you_mean(word, names, ncommands);
    if (n > 1) {
        cli_error(":%s may be %s", word, list);
    } else if (near) {
        cli_error("there is no command :%s; did you mean :%s?", word, near);
    } else {
        cli_error("there is no command :%s; :help lists them", word);
    }
    free(list);
    free(names);
    return CLI_USAGE;
}

int is_command(const char *entry)
{
    entry += strspn(entry, " \t\r\n");
    return *entry == ':' || *entry == '?';
}

int command_run(repl *r, const char *line, size_t n)
{
    while (n > 0 && strchr(" \t", *line)) {
        line++;
        n--;
    }
    int argc, is_query = *line == '?';
    char **argv = split(line + 1, n - 1, &argc);
    if (!argv) {
        cli_error("a quote is not closed on this line");
        return CLI_USAGE;
    }
    int code = CLI_OK;
    if (is_query) {
        code = help_on(r, argc, argv);
    } else {
        const command *c = argc ? command_find(argv[0], strlen(argv[0])) : NULL;
        if (c) {
            char name[16];
            snprintf(name, sizeof name, "%s", c->name);
            argv[0] = name; /* messages and options see it in full */
            code = c->run(r, argc, argv);
        } else {
            code = unknown_command(argc ? argv[0] : "");
        }
    }
    free(argv);
    return code;
}
