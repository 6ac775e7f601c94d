/* readline.c: the plugin lrs-readline.so: GNU readline as the line editor of the REPL.
 *
 * In: keys. Out: entries. Readline reads keys, moves and changes the line, and searches the history, all as people have it in their
 * .inputrc; drawing is screen.c's, through readline's redisplay hook, since readline's own knows neither colours nor a line
 * below. Its callback interface leaves waiting, and signals, to us. */
#define _GNU_SOURCE
#include <stdio.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <readline/history.h>
#include <readline/readline.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "editor.h"
#include "screen.h"

static const editor_host *host;
static char *accepted; /* the entry that was finished */
static int finished, at_end;
static int left; /* the line has been left: what readline does to it then is not shown */
static char *below; /* what was shown below the line last */

/* ---- the screen -------------------------------------------------------------------------------- */

/* More keys are there to be read: drawing waits for the last of them. */
static int keys_wait(void)
{
    struct pollfd in = {.fd = fileno(rl_instream), .events = POLLIN};
    return poll(&in, 1, 0) > 0;
}

static screen_view view(void)
{
    screen_view v = {rl_display_prompt ? rl_display_prompt : "", rl_line_buffer, (size_t)rl_end, (size_t)rl_point, NULL};
    return v;
}

/* Readline's own idea of the width may leave a column out. */
static void screen_of(int *rows, int *columns)
{
    struct winsize size;
    rl_get_screen_size(rows, columns);
    if (ioctl(fileno(rl_outstream), TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
        *rows = size.ws_row;
        *columns = size.ws_col;
    }
}

static void redisplay(void)
{
    int rows = 24, columns = 80;
    if (left || keys_wait()) {
        return;
    }
    screen_view v = view();
    screen_of(&rows, &columns);
    screen_size(rows, columns);
    const char *now = host->below(host->ctx, v.text, v.n, columns - 1);
    free(below);
    below = now ? strdup(now) : NULL;
    v.below = below;
    screen_draw(rl_outstream, host, &v);
}

static void leave_line(const char *mark)
{
    screen_view v = view();
    v.prompt = rl_prompt ? rl_prompt : "";
    screen_leave(rl_outstream, host, &v, mark);
}

/* ---- the keys that mean something here --------------------------------------------------------- */

/* The line that the cursor is in has nothing in it. */
static int line_is_blank(void)
{
    int i = rl_point;
    while (i > 0 && rl_line_buffer[i - 1] != '\n') {
        i--;
    }
    for (; i < rl_end && rl_line_buffer[i] != '\n'; i++) {
        if (rl_line_buffer[i] != ' ' && rl_line_buffer[i] != '\t') {
            return 0;
        }
    }
    return 1;
}

/* Readline's own end of a line prints a newline where it thinks the cursor is: it gets an empty line, for which it has nothing
 * to print. */
static int finish(int count, int key)
{
    leave_line("");
    left = 1;
    free(accepted);
    accepted = strdup(rl_line_buffer);
    rl_free_undo_list();
    rl_replace_line("", 0);
    rl_point = rl_end = 0;
    rl_erase_empty_line = 1;
    return rl_newline(count, key);
}

/* Enter: the end of the entry, or of a line of it. */
static int enter(int count, int key)
{
    int depth = 0;
    if (host->is_command(rl_line_buffer) || !host->is_open(rl_line_buffer, (size_t)rl_end, &depth) || line_is_blank()) {
        return finish(count, key);
    }
    char blanks[2 * 40 + 2] = "\n";
    for (int i = 0; i < depth && i < 40; i++) {
        strcat(blanks, "  ");
    }
    if (rl_editing_mode == 0 && rl_point == rl_end - 1) { /* vi's command mode stands on the last character */
        rl_point = rl_end;
    }
    rl_insert_text(blanks);
    return 0;
}

/* Up and down: through the lines of an entry, and at its edges through the history. */
static int line_start(int at)
{
    while (at > 0 && rl_line_buffer[at - 1] != '\n') {
        at--;
    }
    return at;
}

static int line_end(int at)
{
    while (at < rl_end && rl_line_buffer[at] != '\n') {
        at++;
    }
    return at;
}

static void go_to(int start, int column)
{
    int end = line_end(start);
    rl_point = start + column < end ? start + column : end;
    while (rl_point > start && ((unsigned char)rl_line_buffer[rl_point] & 0xc0) == 0x80) {
        rl_point--;
    }
}

static int up(int count, int key)
{
    int start = line_start(rl_point);
    if (start == 0) {
        return rl_get_previous_history(count, key);
    }
    go_to(line_start(start - 1), rl_point - start);
    return 0;
}

static int down(int count, int key)
{
    int end = line_end(rl_point);
    if (end == rl_end) {
        return rl_get_next_history(count, key);
    }
    go_to(end + 1, rl_point - line_start(rl_point));
    return 0;
}

/* The ends of a line, not of the entry. */
static int to_line_start(int count, int key)
{
    (void)count;
    (void)key;
    rl_point = line_start(rl_point);
    return 0;
}

static int to_line_end(int count, int key)
{
    (void)count;
    (void)key;
    rl_point = line_end(rl_point);
    return 0;
}

static int kill_to_start(int count, int key)
{
    int start = line_start(rl_point);
    if (start == 0) {
        return rl_unix_line_discard(count, key);
    }
    rl_kill_text(rl_point, start);
    rl_point = start;
    return 0;
}

static int kill_to_end(int count, int key)
{
    int end = line_end(rl_point);
    if (end == rl_end || count < 0) {
        return rl_kill_line(count, key);
    }
    return rl_kill_text(rl_point, end > rl_point ? end : end + 1); /* at its end: the newline */
}

static int clear(int count, int key)
{
    (void)count;
    (void)key;
    fputs("\033[H\033[2J", rl_outstream);
    screen_fresh();
    redisplay();
    return 0;
}

/* ---- completion -------------------------------------------------------------------------------- */

static size_t common_prefix(const editor_candidates *c)
{
    size_t n = strlen(c->at[0].text);
    for (size_t i = 1; i < c->n; i++) {
        size_t k = 0;
        while (k < n && c->at[i].text[k] == c->at[0].text[k]) {
            k++;
        }
        n = k;
    }
    return n;
}

#define MOST_ROWS 24

/* The candidates, one a line with its help, above the entry, which is drawn again. */
static void list_candidates(const editor_candidates *c)
{
    size_t wide = 0;
    int rows = 24, columns = 80;
    screen_of(&rows, &columns);
    for (size_t i = 0; i < c->n; i++) {
        size_t n = strlen(c->at[i].text);
        wide = n > wide ? n : wide;
    }
    wide = wide > 30 ? 30 : wide;
    leave_line("");
    size_t most = rows > 8 ? (size_t)rows - 6 : 2;
    most = most > MOST_ROWS ? MOST_ROWS : most;
    most = c->n <= most + 1 ? c->n : most;
    for (size_t i = 0; i < most; i++) {
        int room = columns - (int)wide - 5;
        const char *help = c->at[i].help;
        fprintf(rl_outstream, "  %-*s", (int)wide, c->at[i].text);
        if (*help && room > 10) {
            fprintf(rl_outstream, "  %s%.*s%s", host->color ? "\033[2m" : "", (int)strcspn(help, "\n") < room ? (int)strcspn(help, "\n") : room, help,
                    host->color ? "\033[0m" : "");
        }
        fputs("\r\n", rl_outstream);
    }
    if (c->n > most) {
        fprintf(rl_outstream, "  ... and %zu more\r\n", c->n - most);
    }
    redisplay();
}

static int complete(int count, int key)
{
    editor_candidates c = {0};
    (void)count;
    (void)key;
    host->complete(host->ctx, rl_line_buffer, (size_t)rl_end, (size_t)rl_point, &c);
    if (c.n == 0) {
        rl_ding();
        host->drop(&c);
        return 0;
    }
    size_t typed = (size_t)rl_point - c.begin, common = common_prefix(&c);
    if (common > typed || c.n == 1) {
        char after[2] = {c.after, 0};
        rl_begin_undo_group();
        rl_delete_text((int)c.begin, rl_point);
        rl_point = (int)c.begin;
        char *word = strndup(c.at[0].text, common);
        if (word) {
            rl_insert_text(word);
        }
        if (c.n == 1 && c.after && rl_line_buffer[rl_point] != c.after) {
            rl_insert_text(after);
        }
        free(word);
        rl_end_undo_group();
    } else {
        list_candidates(&c);
    }
    host->drop(&c);
    return 0;
}

/* The same for readline's other commands about completion: possible-completions, menu-complete. */
static editor_candidates listed;
static size_t next_listed;

static char *next_match(const char *text, int state)
{
    (void)text;
    if (!state) {
        next_listed = 0;
    }
    return next_listed < listed.n ? strdup(listed.at[next_listed++].text) : NULL;
}

static char **matches(const char *text, int start, int end)
{
    host->drop(&listed);
    host->complete(host->ctx, rl_line_buffer, (size_t)rl_end, (size_t)end, &listed);
    rl_attempted_completion_over = 1;
    rl_completion_append_character = listed.after;
    if (listed.n == 0 || (listed.begin != (size_t)start && rl_completion_type != '?')) { /* readline's words end at quotes: good enough for a list */
        return NULL;
    }
    return rl_completion_matches(text, next_match);
}

static void show_matches(char **list, int n, int longest)
{
    (void)list;
    (void)n;
    (void)longest;
    list_candidates(&listed);
}

/* ---- signals ----------------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupted, resized, suspended, continued;
static int waker[2] = {-1, -1};

static void wake(int sig)
{
    int saved = errno;
    *(sig == SIGINT ? &interrupted : sig == SIGWINCH ? &resized : sig == SIGTSTP ? &suspended : &continued) = 1;
    if (write(waker[1], "", 1) < 0) {
        /* full: it wakes us anyway */
    }
    errno = saved;
}

static const int events[] = {SIGINT, SIGWINCH, SIGTSTP, SIGCONT};
#define LEN(a) (sizeof(a) / sizeof *(a))
static struct sigaction old_events[LEN(events)];

static void catch_signals(void)
{
    struct sigaction action = {0};
    sigfillset(&action.sa_mask);
    action.sa_handler = wake;
    action.sa_flags = SA_RESTART; /* what is being drawn is drawn to its end */
    for (size_t i = 0; i < LEN(events); i++) {
        sigaction(events[i], &action, &old_events[i]);
    }
}

static void release_signals(void)
{
    for (size_t i = 0; i < LEN(events); i++) {
        sigaction(events[i], &old_events[i], NULL);
    }
}

/* Ctrl-Z: the shell gets its terminal as it gave it; when we go on, the line is drawn anew. */
static void suspend(void)
{
    leave_line("");
    rl_deprep_terminal();
    struct sigaction mine, normal = {0};
    normal.sa_handler = SIG_DFL;
    sigaction(SIGTSTP, &normal, &mine);
    kill(getpid(), SIGTSTP);
    sigaction(SIGTSTP, &mine, NULL);
    continued = 1;
}

static void resume(void)
{
    rl_prep_terminal(1);
    screen_fresh();
    redisplay();
}

/* ---- reading ----------------------------------------------------------------------------------- */

static void take_line(char *line)
{
    finished = 1;
    at_end = line == NULL;
    if (at_end) {
        leave_line("");
    }
    free(line);
    rl_callback_handler_remove();
}

/* Keys are bound only where the user has not bound them otherwise: what they do by default means the same, and more, here. */
static void bind(const char *keys, Keymap map, rl_command_func_t *usual, rl_command_func_t *ours)
{
    int type = 0;
    rl_command_func_t *now = rl_function_of_keyseq(keys, map, &type);
    if (now == usual && type == ISFUNC) {
        rl_bind_keyseq_in_map(keys, ours, map);
    }
}

static const struct {
    const char *keys;
    rl_command_func_t *usual, *ours;
} bindings[] = {
    {"\r", rl_newline, enter},
    {"\n", rl_newline, enter},
    {"\t", rl_complete, complete},
    {"\f", rl_clear_screen, clear},
    {"\020", rl_get_previous_history, up},
    {"\016", rl_get_next_history, down},
    {"\033[A", rl_get_previous_history, up},
    {"\033[B", rl_get_next_history, down},
    {"\033OA", rl_get_previous_history, up},
    {"\033OB", rl_get_next_history, down},
    {"k", rl_get_previous_history, up},
    {"j", rl_get_next_history, down},
    {"\001", rl_beg_of_line, to_line_start},
    {"\005", rl_end_of_line, to_line_end},
    {"\025", rl_unix_line_discard, kill_to_start},
    {"\013", rl_kill_line, kill_to_end},
    {"\033[H", rl_beg_of_line, to_line_start},
    {"\033[F", rl_end_of_line, to_line_end},
    {"\033OH", rl_beg_of_line, to_line_start},
    {"\033OF", rl_end_of_line, to_line_end},
    {"\033[1~", rl_beg_of_line, to_line_start},
    {"\033[4~", rl_end_of_line, to_line_end},
};

/* Before each entry: readline binds the terminal's own special characters, such as Ctrl-U, each time. */
static int bind_keys(void)
{
    Keymap maps[] = {emacs_standard_keymap, vi_insertion_keymap, vi_movement_keymap};
    for (size_t i = 0; i < LEN(maps); i++) {
        for (size_t k = 0; k < LEN(bindings); k++) {
            bind(bindings[k].keys, maps[i], bindings[k].usual, bindings[k].ours);
        }
    }
    return 0;
}

static void begin(const editor_host *h)
{
    host = h;
    rl_readline_name = "lrs";
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0; /* $COLUMNS means something else to lrsc */
    rl_redisplay_function = redisplay;
    rl_attempted_completion_function = matches;
    rl_completion_display_matches_hook = show_matches;
    rl_basic_word_break_characters = " \t\n\"'`@$><=;|&{(,[]})+-*/^%#";
    rl_initialize();
    rl_add_defun("lrs-enter", enter, -1);
    rl_add_defun("lrs-complete", complete, -1);
    rl_add_defun("lrs-up", up, -1);
    rl_add_defun("lrs-down", down, -1);
    rl_startup_hook = bind_keys;
    using_history();
    if (pipe2(waker, O_CLOEXEC | O_NONBLOCK) != 0) {
        waker[0] = waker[1] = -1;
    }
}

/* A key, or a signal. */
static void wait_for_something(void)
{
    struct pollfd in[2] = {{.fd = fileno(rl_instream), .events = POLLIN}, {.fd = waker[0], .events = POLLIN}};
    char bytes[64];
    int n = poll(in, 2, -1);
    if (n > 0 && in[1].revents) {
        while (read(waker[0], bytes, sizeof bytes) > 0) {
        }
    }
    if (n > 0 && in[0].revents && !interrupted && !suspended) {
        rl_callback_read_char();
    }
}

static int interrupt(char **entry)
{
    leave_line("^C");
    left = 1;
    *entry = strdup(rl_line_buffer);
    rl_callback_sigcleanup();
    rl_free_line_state();
    rl_replace_line("", 0);
    rl_callback_handler_remove();
    return EDITOR_INTERRUPTED;
}

static int read_entry(char **entry)
{
    *entry = NULL;
    finished = at_end = left = 0;
    interrupted = resized = suspended = continued = 0;
    host->hold("\033[?2004l\033[0m\r\n");
    catch_signals();
    screen_fresh();
    rl_callback_handler_install(host->prompt, take_line);
    int what = EDITOR_ENTRY;
    while (!finished) {
        wait_for_something();
        if (interrupted) {
            what = interrupt(entry);
            break;
        }
        if (suspended) {
            suspended = 0;
            suspend();
        }
        if (continued) {
            continued = 0;
            resume();
        }
        if (resized) {
            resized = 0;
            rl_resize_terminal();
        }
    }
    release_signals();
    host->release();
    if (what == EDITOR_INTERRUPTED) {
        return *entry ? what : EDITOR_END;
    }
    *entry = accepted;
    accepted = NULL;
    return at_end || !*entry ? EDITOR_END : EDITOR_ENTRY;
}

static void remember(const char *entry)
{
    HIST_ENTRY *before = history_length ? history_get(history_base + history_length - 1) : NULL;
    if (!before || strcmp(before->line, entry) != 0) {
        add_history(entry);
    }
}

static void end(void)
{
    host->drop(&listed);
    free(accepted);
    free(below);
    accepted = below = NULL;
    screen_fresh();
    clear_history();
    rl_clear_history();
    close(waker[0]);
    close(waker[1]);
}

extern const editor *lrs_line_editor(void);
__attribute__((visibility("default"))) const editor *lrs_line_editor(void)
{
    static char name[64];
    static editor e = {EDITOR_ABI, name, begin, read_entry, remember, end};
    snprintf(name, sizeof name, "readline %s", rl_library_version);
    return &e;
}
