/* commands.c: see commands.h. In: a line. Out: what it prints, and a changed session. Calls the verbs of lrsc. */
#include "commands.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "backend.h"
#include "cli_compile.h"
#include "cli_io.h"
#include "cli_number.h"
#include "diag.h"
#include "diff.h"
#include "draw.h"
#include "eval.h"
#include "find.h"
#include "help.h"
#include "letters.h"
#include "plot.h"
#include "progress.h"
#include "show.h"
#include "simulate.h"
#include "terminal.h"
#include "watch.h"

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

static int usage(const char *name)
{
    const command *c = command_find(name, strlen(name));
    cli_error(":%s takes %s", c->name, *c->args ? c->args : "no argument");
    return CLI_USAGE;
}

static int needs_schedule(const repl *r)
{
    if (session_has_schedule(&r->session)) {
        return 1;
    }
    cli_error("there is no schedule yet; type one, as in `warmup 500 -> 3e-4; then cosine 10k -> 0`, or :load FILE");
    return 0;
}

/* Entries come from standard input: what a command read from it would be the next entries. Says so. */
static int is_stdin(const char *path)
{
    if (strcmp(path, "-") == 0) {
        cli_error("standard input is where entries come from: a command needs the name of a file, not `-`");
    }
    return strcmp(path, "-") == 0;
}

/* ---- verbs ------------------------------------------------------------------------------------- */

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
        code = is_stdin(o.files.at[i]) ? CLI_USAGE : CLI_OK;
    }
    if (code == CLI_OK && o.metrics && is_stdin(o.metrics)) {
        code = CLI_USAGE;
    }
    if (code == CLI_OK && o.help) {
        cli_help(stdout, verb);
    } else if (code == CLI_OK && with_session && (o.text || (o.files.n && !own_files))) {
        cli_error(":%s is about the session: it takes no files and no -e", argv[0]);
        code = CLI_USAGE;
    } else if (code == CLI_OK && with_session && !needs_schedule(r)) {
        code = CLI_USAGE;
    } else if (code == CLI_OK) {
        if (with_session) {
            add_session(r, &o, text);
        }
        code = fn(&o);
    }
    cli_options_free(&o);
    free(text);
    return code;
}

static int do_plot(repl *r, int argc, char **argv)
{
    return run_verb(r, VERB_PLOT, argc, argv, 1, lrs_plot);
}

/* :export FILE, and the options of lrsc plot. */
static int do_export(repl *r, int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        return usage("export");
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
    int code = run_verb(r, VERB_PLOT, argc, argv, 1, lrs_plot);
    free(out);
    if (code == CLI_OK && !r->quiet) {
        char *said = cli_printf("written: %s\n", path);
        terminal_put(stdout, said);
        free(said);
    }
    return code;
}

/* :diff A: the session and a file; :diff A B: two files. That they differ is an answer, and no error. */
static int do_diff(repl *r, int argc, char **argv)
{
    int code = argc < 2 ? usage("diff") : run_verb(r, VERB_DIFF, argc, argv, 1, lrs_diff);
    return code == 1 ? CLI_OK : code;
}

/* :sim METRICS.csv, and the options of lrsc sim. */
static int do_sim(repl *r, int argc, char **argv)
{
    char *recorded = argc > 1 && argv[1][0] != '-' ? cli_printf("--metrics=%s", argv[1]) : NULL;
    if (recorded) {
        argv[1] = recorded;
    }
    int code = run_verb(r, VERB_SIM, argc, argv, 1, lrs_simulate);
    free(recorded);
    return code;
}

static int do_find(repl *r, int argc, char **argv)
{
    if (argc < 2 || argv[1][0] == '-') {
        return usage("find");
    }
    return run_verb(r, VERB_FIND, argc, argv, 0, lrs_find_rate);
}

/* :table 0:10k:500, or the options of lrsc eval. */
static int do_table(repl *r, int argc, char **argv)
{
    char *steps_range = argc == 2 && argv[1][0] != '-' ? cli_printf("--range=%s", argv[1]) : NULL;
    if (argc < 2) {
        return usage("table");
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

static int do_ir(repl *r, int argc, char **argv)
{
    return emit(r, argc, argv, "ir");
}

static int do_asm(repl *r, int argc, char **argv)
{
    return emit(r, argc, argv, "asm");
}

static int do_ast(repl *r, int argc, char **argv)
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

static int do_at(repl *r, int argc, char **argv)
{
    int code = argc > 1 ? CLI_OK : usage("at");
    if (code == CLI_OK && !needs_schedule(r)) {
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

/* ---- params ------------------------------------------------------------------------------------ */

static int params(const cli_options *o, int64_t step)
{
    (void)step;
    return show_params(o);
}

static int do_params(repl *r, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return look(r, params, 0);
}

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
    int code = argc > 1 ? CLI_OK : usage("set");
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

/* ---- files ------------------------------------------------------------------------------------- */

/* The file itself stays. */
static void drop_draft(repl *r)
{
    free(r->draft);
    r->draft = NULL;
}

/* Takes a file in place of the session; as_edited: what :edit has made of the session. */
static int load(repl *r, const char *path, int as_edited)
{
    session_origin at = {.name = cli_display_name(path)};
    session_result result;
    char *text;
    size_t n;
    int code = cli_read(&text, &n, path, LRS_MAX_SOURCE);
    if (code != CLI_OK) {
        return code;
    }
    at.text = text;
    at.n = n;
    session_load(&r->session, &at, as_edited ? NULL : path, &result);
    repl_show_diagnostics(r, result.diagnostics, &at, SIZE_MAX);
    code = result.kind == SESSION_ERROR ? CLI_DIAGNOSTICS : CLI_OK;
    session_result_free(&result);
    free(text);
    if (code == CLI_OK) {
        drop_draft(r);
    }
    return code;
}

int command_load(repl *r, const char *path)
{
    return load(r, path, 0);
}

static int do_load(repl *r, int argc, char **argv)
{
    if (argc != 2) {
        return usage("load");
    }
    if (is_stdin(argv[1])) {
        return CLI_USAGE;
    }
    int code = command_load(r, argv[1]);
    return code ? code : repl_show(r);
}

static int needs_path(const repl *r, const char *name)
{
    if (!r->session.now.path) {
        cli_error("no file was loaded or saved yet; :%s needs its name", name);
    }
    return r->session.now.path != NULL;
}

static int do_reload(repl *r, int argc, char **argv)
{
    (void)argv;
    if (argc != 1) {
        return usage("reload");
    }
    if (!needs_path(r, "load")) {
        return CLI_USAGE;
    }
    char *path = cli_strdup(r->session.now.path); /* that of the version before, soon */
    int code = command_load(r, path);
    free(path);
    return code ? code : repl_show(r);
}

static int do_watch(repl *r, int argc, char **argv)
{
    if (argc > 2 || (argc == 1 && !needs_path(r, "watch"))) {
        return argc > 2 ? usage("watch") : CLI_USAGE;
    }
    if (argc == 2 && is_stdin(argv[1])) {
        return CLI_USAGE;
    }
    char *path = cli_strdup(argc == 2 ? argv[1] : r->session.now.path);
    int code = watch_file(r, path);
    free(path);
    return code;
}

/* There is another file of this name: not the one that the session was loaded from or saved to. */
static int is_of_others(const repl *r, const char *path)
{
    struct stat there, mine;
    if (stat(path, &there) != 0 || !S_ISREG(there.st_mode)) {
        return 0;
    }
    const char *own = r->session.now.path;
    return !own || stat(own, &mine) != 0 || mine.st_ino != there.st_ino || mine.st_dev != there.st_dev;
}

static int save(repl *r, int argc, char **argv, int over)
{
    const char *name = over ? "save!" : "save";
    if (argc > 2 || (argc == 1 && !needs_path(r, name))) {
        return argc > 2 ? usage(name) : CLI_USAGE;
    }
    char *path = cli_strdup(argc == 2 ? argv[1] : r->session.now.path), *set;
    char *text = session_saved_text(&r->session, &set);
    cli_output out = {.path = path, .data = text, .n = strlen(text)};
    int code = CLI_USAGE;
    if (!*text) {
        cli_error("the session is empty: nothing was saved");
    } else if (!over && is_of_others(r, path)) {
        cli_error("there is a file '%s', which is not this session's; `:save! %s` writes over it", path, path);
    } else {
        code = cli_write_all(&out, 1);
    }
    if (code == CLI_OK) {
        session_rename(&r->session, path);
    }
    if (code == CLI_OK && !r->quiet) {
        char *said = cli_printf("saved %s%s%s\n", path, *set ? ", with what was set: " : "", set);
        terminal_put(stdout, said);
        free(said);
    }
    free(text);
    free(set);
    free(path);
    return code;
}

static int do_save(repl *r, int argc, char **argv)
{
    return save(r, argc, argv, 0);
}

static int do_save_over(repl *r, int argc, char **argv)
{
    return save(r, argc, argv, 1);
}

static int do_list(repl *r, int argc, char **argv)
{
    int canonical = argc == 2 && strncmp(argv[1], "canonical", strlen(argv[1])) == 0;
    if (argc > 2 || (argc == 2 && !canonical)) {
        return usage("list");
    }
    char *text = canonical ? session_canonical(&r->session) : session_text(&r->session);
    terminal_put_colored(stdout, text);
    fputs(canonical && *text ? "\n" : "", stdout);
    free(text);
    return CLI_OK;
}

/* Runs the editor on a file, as the user's shell would. */
static int run_editor(const char *path)
{
    const char *editor = getenv("VISUAL");
    editor = editor && *editor ? editor : getenv("EDITOR");
    editor = editor && *editor ? editor : "vi";
    fflush(stdout);
    struct sigaction ignore = {0}, interrupt, quit;
    ignore.sa_handler = SIG_IGN; /* Ctrl-C is for the editor alone */
    sigaction(SIGINT, &ignore, &interrupt);
    sigaction(SIGQUIT, &ignore, &quit);
    pid_t child = fork();
    if (child == 0) {
        sigaction(SIGINT, &interrupt, NULL);
        sigaction(SIGQUIT, &quit, NULL);
        char *line = cli_printf("%s \"$1\"", editor);
        execl("/bin/sh", "sh", "-c", line, "sh", path, (char *)NULL);
        _exit(127);
    }
    int status = -1;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    sigaction(SIGINT, &interrupt, NULL);
    sigaction(SIGQUIT, &quit, NULL);
    if (child < 0 || status != 0) {
        cli_error("the editor '%s' failed", editor);
        return CLI_IO;
    }
    return CLI_OK;
}

/* A file with this text, in a folder of its own; NULL: none could be made, which was said. */
static char *new_draft(char *text)
{
    const char *folder = getenv("TMPDIR");
    char *place = cli_printf("%s/lrs-XXXXXX", folder && *folder ? folder : "/tmp"), *path = NULL;
    if (!mkdtemp(place)) {
        cli_error("cannot make a folder in '%s': %s", folder && *folder ? folder : "/tmp", strerror(errno));
        free(place);
        return NULL;
    }
    path = cli_printf("%s/session.lrs", place);
    cli_output out = {.path = path, .data = text, .n = strlen(text)};
    if (cli_write_all(&out, 1) != CLI_OK) {
        rmdir(place);
        free(path);
        path = NULL;
    }
    free(place);
    return path;
}

static void remove_draft(const char *path)
{
    char *place = cli_printf("%.*s", (int)(strrchr(path, '/') - path), path);
    unlink(path);
    rmdir(place);
    free(place);
}

/* There is nothing in the file that the session does not have. */
static int has_nothing_new(const char *path, const char *text)
{
    char *now;
    size_t n;
    if (access(path, F_OK) != 0) {
        return 1;
    }
    int same = cli_read(&now, &n, path, LRS_MAX_SOURCE) == CLI_OK && n == strlen(text) && memcmp(now, text, n) == 0;
    free(now);
    return same;
}

/* What was written and is no program is never removed: it stays for the next :edit, and its file is named. */
static int do_edit(repl *r, int argc, char **argv)
{
    (void)argv;
    if (argc != 1) {
        return usage("edit");
    }
    char *text = session_text(&r->session);
    char *path = r->draft && access(r->draft, F_OK) == 0 ? cli_strdup(r->draft) : new_draft(text);
    int code = path ? run_editor(path) : CLI_IO;
    code = code ? code : load(r, path, 1);
    drop_draft(r);
    if (path && (code == CLI_OK || has_nothing_new(path, text))) {
        remove_draft(path);
    } else if (path) {
        cli_note("the session stays as it was; what you wrote is in '%s', and :edit again goes on with it", path);
        r->draft = path;
        path = NULL;
    }
    free(path);
    free(text);
    return code ? code : repl_show(r);
}

/* ---- the session itself ------------------------------------------------------------------------ */

static int do_new(repl *r, int argc, char **argv)
{
    (void)argv;
    if (argc != 1) {
        return usage("new");
    }
    session_new(&r->session);
    drop_draft(r);
    return CLI_OK;
}

static int do_undo(repl *r, int argc, char **argv)
{
    (void)argv;
    if (argc != 1) {
        return usage("undo");
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
        return usage("redo");
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
        return usage("history");
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
        return usage("time");
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
        return usage("version");
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

static int do_help(repl *r, int argc, char **argv)
{
    if (argc == 1) {
        return help_commands();
    }
    int code = CLI_OK;
    for (int i = 1; i < argc && code == CLI_OK; i++) {
        code = help_topic(r, argv[i]);
    }
    return code;
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
        code = argc == 0 ? help_commands() : CLI_OK;
        for (int i = 0; i < argc && code == CLI_OK; i++) {
            code = help_topic(r, argv[i]);
        }
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
