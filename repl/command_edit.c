/* command_edit.c: `:edit`. In: the session, and what an editor makes of its text. Out: the session from that. Runs the editor. */
#include "command_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cli_io.h"

void command_drop_draft(repl *r)
{
    free(r->draft);
    free(r->draft_of);
    r->draft = r->draft_of = NULL;
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
int do_edit(repl *r, int argc, char **argv)
{
    (void)argv;
    if (argc != 1) {
        return command_usage("edit");
    }
    char *text = session_text(&r->session);
    int goes_on = r->draft && access(r->draft, F_OK) == 0;
    char *path = goes_on ? cli_strdup(r->draft) : new_draft(text), *began = cli_strdup(goes_on ? r->draft_of : text);
    int code = path ? run_editor(path) : CLI_IO;
    code = code ? code : command_take_file(r, path, 1);
    command_drop_draft(r);
    if (code == CLI_OK && strcmp(began, text) != 0) {
        cli_note("the session was changed after the first of these :edit; what you wrote replaces that too, and :undo brings it back");
    }
    if (path && (code == CLI_OK || has_nothing_new(path, text))) {
        remove_draft(path);
    } else if (path) {
        cli_note("the session stays as it was; what you wrote is in '%s', and :edit again goes on with it", path);
        r->draft = path;
        r->draft_of = began;
        path = began = NULL;
    }
    free(began);
    free(path);
    free(text);
    return code ? code : repl_show(r);
}
