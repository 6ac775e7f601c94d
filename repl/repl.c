/* repl.c: `lrsc repl`: reads entries, runs them, says what is wrong.
 * In: the options, a terminal or a stream. Out: text on standard output, messages on standard error, the exit code. */
#include "repl.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "cli_compile.h"
#include "cli_io.h"
#include "commands.h"
#include "names.h"
#include "progress.h"
#include "reader.h"
#include "show.h"
#include "slips.h"
#include "terminal.h"
#include "program.h"

/* ---- diagnostics ------------------------------------------------------------------------------- */

static int columns_of_terminal(void)
{
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* The entry stands on one line of the screen, just above. */
static int is_above(const session_origin *at, size_t n)
{
    const char *entry = at->text + at->base;
    while (n > 0 && entry[n - 1] == '\n') {
        n--;
    }
    return n + strlen(REPL_PROMPT) < (size_t)columns_of_terminal() && !memchr(entry, '\n', n) && !memchr(entry, '\t', n);
}

static size_t code_points(const char *s, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        count += ((unsigned char)s[i] & 0xc0) != 0x80;
    }
    return count;
}

/* One message with its caret below the line that was typed. */
static void print_below(const diag *g, const session_origin *at)
{
    static const struct {
        const char *word, *color;
    } looks[] = {[LRS_NOTE] = {"note", "\033[1;36m"}, [LRS_WARNING] = {"warning", "\033[1;35m"}, [LRS_ERROR] = {"error", "\033[1;31m"}};
    int color = cli_color(stderr);
    const char *on = color ? looks[g->severity].color : "", *off = color ? "\033[0m" : "";
    size_t indent = strlen(REPL_PROMPT) + code_points(at->text + at->base, g->at.begin - at->base);
    size_t wide = code_points(at->text + g->at.begin, g->at.end - g->at.begin);
    fprintf(stderr, "%*s%s^", (int)indent, "", on);
    for (size_t i = 1; i < wide; i++) {
        fputc('~', stderr);
    }
    fprintf(stderr, " %s:%s %s%s%s [LRS%04d]\n", looks[g->severity].word, off, g->message, g->label ? ": " : "", g->label ? g->label : "", (int)g->code);
    if (g->fix && *g->fix) {
        fprintf(stderr, "%*s%s%s%s\n", (int)indent, "", color ? "\033[32m" : "", g->fix, off);
    }
    if (g->help) {
        fprintf(stderr, "     = %shelp:%s %s\n", color ? "\033[1;36m" : "", off, g->help);
    }
}

void repl_show_diagnostics(const repl *r, lrs_diagnostics *d, const session_origin *at, size_t n)
{
    if (!d || !d->first) {
        return;
    }
    int below = r->interactive && !r->quiet && n != SIZE_MAX && is_above(at, n);
    for (const diag *g = d->first; g && below; g = g->next) {
        const source *s = &d->sources.at[g->at.file];
        below = strcmp(s->name, at->name) == 0 && g->at.begin >= at->base && !g->notes;
    }
    fflush(stdout);
    if (!below) {
        cli_show_diagnostics(d, r->options);
        return;
    }
    for (const diag *g = d->first; g; g = g->next) {
        if (g->severity >= (r->options->warnings > 0 ? LRS_NOTE : r->options->warnings < 0 ? LRS_ERROR : LRS_WARNING)) {
            print_below(g, at);
        }
    }
}

/* ---- entries ----------------------------------------------------------------------------------- */

int repl_show(repl *r)
{
    if (r->quiet || !session_has_schedule(&r->session)) {
        return CLI_OK;
    }
    cli_options o = *r->options;
    char *text = session_text(&r->session);
    session_options(&r->session, &o);
    o.files.n = 0;
    o.text = text;
    o.text_name = "session";
    int code = show_plot(&o);
    session_options_free(&o);
    free(text);
    return code;
}

static void print_value(const session_result *result)
{
    char text[LRS_NUMBER_TEXT];
    lrs_number_text(text, result->value);
    switch (result->type) {
    case SESSION_NUMBER:
        puts(text);
        break;
    case SESSION_TIME:
        printf("%s %s\n", text, result->unit);
        break;
    case SESSION_TRUTH:
        puts(result->value != 0 ? "true" : "false");
        break;
    }
}

static int enter_text(repl *r, const session_origin *at, size_t n)
{
    session_result result;
    int code = CLI_OK;
    session_enter(&r->session, at, n, &result);
    if (result.kind == SESSION_ERROR) {
        slips_amend(&r->session, result.diagnostics, at->text + at->base, n);
    }
    repl_show_diagnostics(r, result.diagnostics, at, n);
    if (result.kind == SESSION_ERROR) {
        code = CLI_DIAGNOSTICS;
    } else if (result.kind == SESSION_VALUE && !r->quiet) {
        print_value(&result);
    } else if (result.kind == SESSION_CHANGED && !r->quiet) {
        terminal_put_colored(stdout, result.canonical);
        putchar('\n');
        code = repl_show(r);
    }
    session_result_free(&result);
    return code;
}

int repl_enter(repl *r, const session_origin *at, size_t n)
{
    const char *entry = at->text + at->base;
    double begun = cli_clock_ms();
    size_t skip = 0;
    while (skip < n && strchr(" \t\r\n", entry[skip])) {
        skip++;
    }
    if (skip == n) {
        return CLI_OK;
    }
    int code = is_command(entry) ? command_run(r, entry + skip, n - skip) : enter_text(r, at, n);
    if (r->timing && !r->quiet) {
        printf("%.2f ms\n", cli_clock_ms() - begun);
    }
    fflush(stdout);
    return code;
}

/* ---- streams ----------------------------------------------------------------------------------- */

/* Entry after entry to the end of a stream. The exit code; the first error ends it, unless it is to go on. */
static int run_stream(repl *r, FILE *f, const char *name, int keep_going)
{
    reader in = {.file = f, .name = name};
    session_origin at;
    size_t n;
    int worst = CLI_OK;
    while (!r->leaving && reader_next(&in, &at, &n) == READ_ENTRY) {
        int code = repl_enter(r, &at, n);
        worst = code && !worst ? CLI_DIAGNOSTICS : worst;
        if (code && !keep_going) {
            break;
        }
    }
    if (ferror(f)) {
        cli_error("cannot read '%s': %s", name, strerror(errno));
        worst = CLI_IO;
    }
    reader_close(&in);
    return worst;
}

/* The file of settings: ${XDG_CONFIG_HOME:-~/.config}/lrs/lrsrc. Mistakes in it are said, and it is not finished. */
static void run_settings(repl *r)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char *path = config && *config == '/' ? cli_printf("%s/lrs/lrsrc", config)
                 : home && *home          ? cli_printf("%s/.config/lrs/lrsrc", home)
                                          : NULL;
    FILE *f = path ? fopen(path, "re") : NULL;
    if (f) {
        r->quiet = 1;
        run_stream(r, f, path, 0);
        r->quiet = 0;
        fclose(f);
    }
    free(path);
}

/* ---- a person ---------------------------------------------------------------------------------- */

/* What cli_io does when a signal ends the process is kept for the others: Ctrl-C ends a computation, not the session. */
static void stop_computation(int sig)
{
    (void)sig;
    progress_stop();
}

static void catch_interrupts(void)
{
    struct sigaction action = {0};
    action.sa_handler = stop_computation; /* without SA_RESTART: reading a line ends too */
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    cli_io_stops(progress_stopped);
}

static void greet(void)
{
    printf("lrs %s: type a schedule, such as warmup 500 -> 3e-4; then cosine 10k -> 0\n"
           ":help lists the commands, Ctrl-D leaves\n",
           lrs_version());
}

static int run_plain(repl *r)
{
    reader in = {.file = stdin, .name = "<input>", .prompts = 1};
    session_origin at;
    size_t n;
    for (int what; !r->leaving && (what = reader_next(&in, &at, &n)) != READ_END;) {
        if (what == READ_INTERRUPTED) {
            puts("\nCtrl-D to quit");
        } else {
            terminal_remember(r, at.text + at.base, n);
            repl_enter(r, &at, n);
            history_tell_trouble(&r->history);
        }
        if (progress_stopped() && what == READ_ENTRY) {
            terminal_say_stopped();
        }
        progress_resume();
    }
    if (!r->leaving) {
        putchar('\n');
    }
    reader_close(&in);
    return CLI_OK;
}

static int converse(repl *r)
{
    greet();
    catch_interrupts();
    history_open(&r->history);
    history_tell_trouble(&r->history);
    int code = terminal_has_editor() ? terminal_run(r) : run_plain(r);
    history_close(&r->history);
    return code;
}

/* ---- all of it --------------------------------------------------------------------------------- */

int lrs_repl(const cli_options *o)
{
    repl r = {.options = o};
    if (o->files.n > 1) {
        cli_error("repl takes one file");
        return CLI_USAGE;
    }
    r.interactive = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    session_init(&r.session, o);
    int code = CLI_OK;
    if (!o->norc) {
        run_settings(&r);
    }
    if (o->files.n == 1 && !r.leaving) {
        code = command_load(&r, o->files.at[0]);
    }
    if (r.interactive && !r.leaving) {
        if (code == CLI_OK && o->files.n == 1) {
            code = repl_show(&r);
        }
        code = converse(&r);
    } else if (!r.leaving && (code == CLI_OK || o->keep_going)) {
        int rest = run_stream(&r, stdin, cli_display_name("-"), o->keep_going);
        code = code ? code : rest;
    }
    names_free();
    session_free(&r.session);
    command_forget_files(&r);
    return cli_finish_stdout(code);
}
