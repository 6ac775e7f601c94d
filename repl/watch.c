/* watch.c: see watch.h. The file is looked at five times a second: that works on every file system, and sees editors that put a
 * new file in the place of the old one. */
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli_io.h"
#include "commands.h"
#include "progress.h"
#include "terminal.h"
#include "tty.h"

#define EVERY_MS 200

/* A key was pressed, or Ctrl-C, within the time. */
static int is_over(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    char key[64];
    int n = poll(&in, 1, EVERY_MS);
    if (n > 0) {
        ssize_t got = read(STDIN_FILENO, key, sizeof key); /* not the beginning of the next entry */
        (void)got;
    }
    return n > 0 || progress_stopped();
}

/* The text is malloc'ed, and goes. */
static void say(char *text)
{
    terminal_put(stdout, text);
    fflush(stdout);
    free(text);
}

/* Some editors take the old file away before they write the new one: what is away at two looks in a row is gone. */
#define LOOKS 2

static void watch(repl *r, const char *path)
{
    struct stat last = {0}, now;
    int away = 0;
    while (!progress_stopped()) {
        if (stat(path, &now) != 0) {
            away += away < LOOKS + 1;
            if (away == LOOKS) {
                say(cli_printf("%s: %s; it is drawn again when it is back\n", path, strerror(errno)));
            }
        } else {
            if (away >= LOOKS) {
                say(cli_printf("%s is back\n", path));
            }
            if (!command_same_file(&last, &now)) {
                last = now;
                if (command_load(r, path) == CLI_OK) {
                    repl_show(r);
                }
                say(cli_printf("watching %s; any key ends it\n", path));
            }
            away = 0;
        }
        if (is_over()) {
            return;
        }
    }
}

int watch_file(repl *r, const char *path)
{
    struct stat st;
    if (!r->interactive || !isatty(STDIN_FILENO)) {
        cli_error(":watch needs a terminal, where a key can end it");
        return CLI_USAGE;
    }
    if (stat(path, &st) != 0) {
        return command_load(r, path); /* says why not */
    }
    tty_hold("");
    tty_take_keys();
    watch(r, path);
    tty_release();
    return CLI_OK;
}
