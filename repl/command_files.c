/* command_files.c: the commands that read and write the file of the session. In: names of files. Out: the session from a
 * file, or a file from the session. */
#include "command_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cli_call.h"
#include "cli_io.h"
#include "terminal.h"
#include "watch.h"

int command_take_file(repl *r, const char *path, int as_edited)
{
    session_origin at = {.name = cli_display_name(path)};
    session_result result;
    char *text;
    size_t n;
    int is_call;
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
    char *path = cli_strdup(argc == 2 ? argv[1] : r->session.now.path), *set;
    char *text = session_saved_text(&r->session, &set);
    cli_output out = {.path = path, .data = text, .n = strlen(text)};
    int code = CLI_USAGE;
    if (!*text) {
        cli_error("the session is empty: nothing was saved");
    } else if (!over && is_of_others(r, path)) {
        const char *quote = strpbrk(path, " \"'") ? strchr(path, '"') ? "'" : "\"" : "";
        cli_error("there is a file '%s', which is not this session's; `:save! %s%s%s` writes over it", path, quote, path, quote);
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

int do_save(repl *r, int argc, char **argv)
{
    return save(r, argc, argv, 0);
}

int do_save_over(repl *r, int argc, char **argv)
{
    return save(r, argc, argv, 1);
}
