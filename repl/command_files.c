/* command_files.c: the commands that read and write the file of the session. In: names of files. Out: the session from a
 * file, or a file from the session. Remembers what the files were, so that what others write is not written over. */
#include "command_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli_call.h"
#include "cli_io.h"
#include "terminal.h"
#include "watch.h"

/* ---- files as they were seen ------------------------------------------------------------------- */

int command_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static file_seen *seen_of(const repl *r, const char *real)
{
    for (size_t i = 0; i < r->nseen; i++) {
        if (strcmp(r->seen[i].path, real) == 0) {
            return &r->seen[i];
        }
    }
    return NULL;
}

static void remember(repl *r, const char *path, const struct stat *st)
{
    char *real = realpath(path, NULL);
    file_seen *seen = real ? seen_of(r, real) : NULL;
    if (real && !seen) {
        r->seen = cli_realloc(r->seen, (r->nseen + 1) * sizeof *r->seen);
        seen = &r->seen[r->nseen++];
        seen->path = cli_strdup(real);
    }
    if (seen) {
        seen->st = *st;
    }
    free(real);
}

void command_forget_files(repl *r)
{
    while (r->nseen) {
        free(r->seen[--r->nseen].path);
    }
    free(r->seen);
    r->seen = NULL;
    free(r->draft);
    free(r->draft_of);
    r->draft = r->draft_of = NULL;
}

/* Another program has written to it since it was loaded or saved. */
static int was_written(const repl *r, const char *path)
{
    struct stat st;
    char *real = realpath(path, NULL);
    const file_seen *seen = real ? seen_of(r, real) : NULL;
    int was = seen && stat(real, &st) == 0 && S_ISREG(st.st_mode) && !command_same_file(&seen->st, &st);
    free(real);
    return was;
}

/* ---- loading ----------------------------------------------------------------------------------- */

int command_take_file(repl *r, const char *path, int as_edited)
{
    session_origin at = {.name = cli_display_name(path)};
    session_result result;
    char *text;
    size_t n;
    struct stat st;
    int is_call, is_there = stat(path, &st) == 0; /* before it is read: what is written meanwhile is another's */
    int code = cli_read_schedule(&text, &n, &is_call, path, VERB_REPL);
    if (code != CLI_OK) {
        return code;
    }
    at.text = text;
    at.n = n;
    at.lines_before = is_call ? -1 : 0;
    session_load(&r->session, &at, as_edited ? NULL : is_call ? "-" : path, &result);
    repl_show_diagnostics(r, result.diagnostics, &at, SIZE_MAX);
    code = result.kind == SESSION_ERROR ? CLI_DIAGNOSTICS : CLI_OK;
    session_result_free(&result);
    free(text);
    if (code == CLI_OK) {
        command_drop_draft(r);
    }
    if (code == CLI_OK && is_there && !is_call && !as_edited) {
        remember(r, path, &st);
    }
    return code;
}

int command_load(repl *r, const char *path)
{
    return command_take_file(r, path, 0);
}

int do_load(repl *r, int argc, char **argv)
{
    if (argc != 2) {
        return command_usage("load");
    }
    if (command_is_stdin(argv[1])) {
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

int do_reload(repl *r, int argc, char **argv)
{
    (void)argv;
    if (argc != 1) {
        return command_usage("reload");
    }
    if (!needs_path(r, "load")) {
        return CLI_USAGE;
    }
    char *path = cli_strdup(r->session.now.path); /* that of the version before, soon */
    int code = command_load(r, path);
    free(path);
    return code ? code : repl_show(r);
}

int do_watch(repl *r, int argc, char **argv)
{
    if (argc > 2 || (argc == 1 && !needs_path(r, "watch"))) {
        return argc > 2 ? command_usage("watch") : CLI_USAGE;
    }
    if (argc == 2 && command_is_stdin(argv[1])) {
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
        return argc > 2 ? command_usage(name) : CLI_USAGE;
    }
    if (argc == 2 && strcmp(argv[1], "-") == 0) {
        cli_error(":%s needs the name of a file, not `-`; :list shows the session", name);
        return CLI_USAGE;
    }
    if (argc == 2 && !isatty(STDIN_FILENO) && command_is_stdin(argv[1])) { /* what is written to a pipe comes back as an entry */
        return CLI_USAGE;
    }
    struct stat st;
    char *path = cli_strdup(argc == 2 ? argv[1] : r->session.now.path), *set;
    char *text = session_saved_text(&r->session, &set);
    cli_output out = {.path = path, .data = text, .n = strlen(text)};
    const char *quote = strpbrk(path, " \"'") ? strchr(path, '"') ? "'" : "\"" : "";
    int code = CLI_USAGE;
    if (!*text) {
        cli_error("the session is empty: nothing was saved");
    } else if (!over && is_of_others(r, path)) {
        cli_error("there is a file '%s', which is not this session's; `:save! %s%s%s` writes over it", path, quote, path, quote);
    } else if (!over && was_written(r, path)) {
        cli_error("another program has changed '%s' since it was loaded or saved; `:diff %s%s%s` shows what differs, `:save! %s%s%s` writes over it",
                  path, quote, path, quote, quote, path, quote);
    } else {
        code = cli_write_all(&out, 1);
    }
    if (code == CLI_OK) {
        session_rename(&r->session, path);
        if (stat(path, &st) == 0) {
            remember(r, path, &st);
        }
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

int do_save(repl *r, int argc, char **argv)
{
    return save(r, argc, argv, 0);
}

int do_save_over(repl *r, int argc, char **argv)
{
    return save(r, argc, argv, 1);
}
