/* terminal.c: see terminal.h. In: keys, through the editor. Out: entries, run. Calls the loader for the plugin. */
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "cli_io.h"
#include "commands.h"
#include "complete.h"
#include "editor.h"
#include "highlight.h"
#include "letters.h"
#include "loader.h"
#include "progress.h"
#include "sparkline.h"
#include "spell.h"
#include "tokens.h"
#include "tty.h"

/* ---- the plugin -------------------------------------------------------------------------------- */

static const editor *line_editor;
static char editing[PATH_MAX + 300] = "plain lines";

static void open_editor(char *error, size_t cap)
{
    static const loader readline = {"line editor", "lrs-readline.so", "LRS_READLINE_PLUGIN", "readline", "plain lines are read"};
    char path[PATH_MAX];
    void *handle = loader_open(&readline, path, error, cap);
    if (!handle) {
        return;
    }
    editor_fn entry = (editor_fn)loader_function(handle, EDITOR_SYMBOL);
    if (!entry || entry()->abi != EDITOR_ABI) {
        loader_refuse(&readline, path, error, cap);
        loader_close(handle);
        return;
    }
    line_editor = entry(); /* stays loaded until the process ends */
}

int terminal_has_editor(void)
{
    const char *term = getenv("TERM");
    char error[PATH_MAX + 200] = "";
    if (!term || !*term || strcmp(term, "dumb") == 0) {
        return 0;
    }
    open_editor(error, sizeof error);
    snprintf(editing, sizeof editing, line_editor ? "%s" : "plain lines (%s)", line_editor ? line_editor->name : error);
    return line_editor != NULL;
}

const char *repl_editing(void)
{
    return editing;
}

/* ---- what the editor asks ---------------------------------------------------------------------- */

static void ink(void *ctx, const char *text, size_t n, unsigned char *inks)
{
    (void)ctx;
    highlight(inks, text, n);
}

static const char *below(void *ctx, const char *text, size_t n, int width)
{
    const repl *r = ctx;
    return sparkline(&r->session, text, n, width, r->options->ascii || !cli_utf8(), cli_color(stdout));
}

static void candidates(void *ctx, const char *text, size_t n, size_t point, editor_candidates *out)
{
    const repl *r = ctx;
    (void)n;
    complete(&r->session, text, point, out);
}

/* ---- the conversation -------------------------------------------------------------------------- */

static void run_entry(repl *r, const char *entry)
{
    session_origin at = {"<input>", entry, strlen(entry), 0, 0};
    terminal_remember(r, entry, at.n);
    line_editor->remember(entry);
    repl_enter(r, &at, at.n);
    history_tell_trouble(&r->history);
    sparkline_forget();
    if (progress_stopped()) {
        terminal_say_stopped();
        progress_resume();
    }
    fflush(stdout);
}

int terminal_run(repl *r)
{
    editor_host host = {.ctx = r, .color = cli_color(stdout), .prompt = REPL_PROMPT, .more = REPL_MORE, .codes = highlight_codes,
                        .ink = ink, .below = below, .complete = candidates, .drop = complete_drop, .is_command = is_command, .is_shown = spell_is_shown,
                        .is_open = lrs_text_is_open, .hold = tty_hold, .release = tty_release};
    line_editor->begin(&host);
    for (size_t i = 0; i < r->history.n; i++) {
        line_editor->remember(r->history.at[i]);
    }
    char *entry = NULL;
    for (int what; !r->leaving && (what = line_editor->read(&entry)) != EDITOR_END;) {
        clearerr(stdout); /* a signal came while something was written */
        if (what == EDITOR_INTERRUPTED && !*entry) {
            puts("Ctrl-D to quit");
        } else if (what == EDITOR_ENTRY) {
            run_entry(r, entry);
        }
        fflush(stdout);
        progress_resume();
        free(entry);
        entry = NULL;
    }
    free(entry);
    line_editor->end();
    clearerr(stdout);
    sparkline_free();
    return CLI_OK;
}

void terminal_say_stopped(void)
{
    fflush(stdout);
    clearerr(stdout); /* writing was interrupted */
    tcflush(STDOUT_FILENO, TCOFLUSH);
    puts("\nstopped");
}

/* ---- for others -------------------------------------------------------------------------------- */

void terminal_remember(repl *r, const char *entry, size_t n)
{
    while (n > 0 && strchr(" \t\r\n", entry[n - 1])) {
        n--;
    }
    char *text = cli_printf("%.*s", (int)n, entry);
    history_add(&r->history, text);
    free(text);
}

void terminal_put(FILE *f, const char *text)
{
    char *shown = letters_clean_lines(text);
    fputs(shown, f);
    free(shown);
}

void terminal_put_colored(FILE *f, const char *text)
{
    if (!cli_color(f)) {
        terminal_put(f, text);
        return;
    }
    char *shown = letters_clean_lines(text);
    size_t n = strlen(shown);
    unsigned char *inks = cli_alloc(n + 1);
    highlight(inks, shown, n);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || inks[i] != inks[i - 1]) {
            fprintf(f, "%s%s", i ? "\033[0m" : "", highlight_codes[inks[i]]);
        }
        fputc(shown[i], f);
    }
    fputs(n && inks[n - 1] ? "\033[0m" : "", f);
    free(inks);
    free(shown);
}
