/* cli_io.c: see cli_io.h. */
#include "cli_io.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "cli_options.h"
#include "spell.h"
#include "letters.h"
#include "source.h"

/* ---- temporary files --------------------------------------------------------------------------- */

#define MAX_TEMPS 64
/* Written by the program, read by the signal handler: a slot is filled after its path is complete. */
static char *volatile temps[MAX_TEMPS];

int cli_temp_remember(const char *path)
{
    for (int i = 0; i < MAX_TEMPS; i++) {
        if (!temps[i]) {
            temps[i] = cli_strdup(path);
            return i;
        }
    }
    return -1;
}

void cli_temp_forget(int slot)
{
    if (slot >= 0) {
        char *path = temps[slot];
        temps[slot] = NULL;
        free(path);
    }
}

static void remove_temps_and_die(int sig)
{
    /* From the last to the first: files before the folder that holds them. */
    for (int i = MAX_TEMPS; i-- > 0;) {
        char *path = temps[i];
        if (path && unlink(path) != 0) {
            rmdir(path);
        }
    }
    signal(sig, SIG_DFL);
    raise(sig);
}

static void handle_deaths(void)
{
    /* A reader that goes away, as in `lrsc eval ... | head`, ends lrsc without a word, as it ends cat. Where the caller
     * ignores SIGPIPE, writing fails instead, and that is said. */
    static const int deaths[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++) {
        struct sigaction old, new = {0};
        new.sa_handler = remove_temps_and_die;
        sigemptyset(&new.sa_mask);
        if (sigaction(deaths[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
            sigaction(deaths[i], &new, NULL);
        }
    }
}

/* ---- streams ----------------------------------------------------------------------------------- */

static int color_when = COLOR_AUTO;
static int utf8;

static void keep_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF) {
            /* The wrong way round on purpose: using the stream then fails instead of doing nothing. */
            int got = open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
            if (got >= 0 && got != fd) {
                close(got);
            }
        }
    }
}

void cli_io_begin(void)
{
    keep_standard_streams();
    handle_deaths();
    setlocale(LC_CTYPE, "");
    const char *codeset = nl_langinfo(CODESET);
    utf8 = strcmp(codeset, "UTF-8") == 0 || strcmp(codeset, "utf8") == 0;
}

void cli_io_color(int when)
{
    color_when = when;
}

static int is_set(const char *name)
{
    const char *v = getenv(name);
    return v && *v;
}

static int is_forced(const char *name)
{
    return is_set(name) && strcmp(getenv(name), "0") != 0;
}

int cli_color(FILE *f)
{
    if (color_when != COLOR_AUTO) {
        return color_when == COLOR_ALWAYS;
    }
    if (is_set("NO_COLOR")) {
        return 0;
    }
    if (is_forced("CLICOLOR_FORCE") || is_forced("FORCE_COLOR")) {
        return 1;
    }
    const char *term = getenv("TERM");
    return isatty(fileno(f)) && term && *term && strcmp(term, "dumb") != 0;
}

int cli_utf8(void)
{
    return utf8;
}

/* Files and names may hold anything: what a terminal would obey is shown as \x1b. Lines stay lines. */
static void put_visible(FILE *f, const char *text)
{
    char shown[SPELL_SIZE];
    for (size_t n, left = strlen(text); left > 0; text += n, left -= n) {
        n = spell_char(shown, text, left, 0);
        fputs(*text == '\n' ? "\n" : shown, f);
    }
}

static void message(const char *kind, const char *color, const char *format, va_list args)
{
    const char *on = cli_color(stderr) ? color : "", *off = *on ? "\033[0m" : "";
    char *text;
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    fflush(stdout);
    fprintf(stderr, "lrsc: %s%s:%s ", on, kind, off);
    if (n >= 0 && (text = malloc((size_t)n + 1)) != NULL) {
        vsnprintf(text, (size_t)n + 1, format, args);
        put_visible(stderr, text);
        free(text);
    } else {
        fputs(format, stderr); /* out of memory: better than nothing */
    }
    fputc('\n', stderr);
}

void cli_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    message("error", "\033[1;31m", format, args);
    va_end(args);
}

void cli_warning(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    message("warning", "\033[1;35m", format, args);
    va_end(args);
}

void cli_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    message("note", "\033[1;36m", format, args);
    va_end(args);
}

int cli_no_memory(void)
{
    cli_error("out of memory");
    return CLI_IO;
}

int cli_finish_stdout(int code)
{
    errno = 0;
    int lost = ferror(stdout);
    if (fflush(stdout) != 0 || lost) {
        /* A write that failed earlier has left its reason behind only in the stream's error mark. */
        cli_error("cannot write to standard output%s%s", errno ? ": " : "", errno ? strerror(errno) : "");
        return code == CLI_OK ? CLI_IO : code;
    }
    return code;
}

double cli_clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

/* ---- memory ------------------------------------------------------------------------------------ */

void *cli_realloc(void *p, size_t n)
{
    void *q = realloc(p, n ? n : 1);
    if (!q) {
        exit(cli_no_memory());
    }
    return q;
}

void *cli_alloc(size_t n)
{
    void *p = cli_realloc(NULL, n);
    memset(p, 0, n ? n : 1);
    return p;
}

char *cli_strdup(const char *s)
{
    size_t n = strlen(s) + 1;
    return memcpy(cli_realloc(NULL, n), s, n);
}

char *cli_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *s = cli_realloc(NULL, (size_t)(n < 0 ? 0 : n) + 1);
    va_start(args, format);
    vsnprintf(s, (size_t)(n < 0 ? 0 : n) + 1, format, args);
    va_end(args);
    return s;
}

/* ---- reading ----------------------------------------------------------------------------------- */

const char *cli_display_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "<stdin>" : path;
}

char *cli_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? cli_printf("%.*s", slash == path ? 1 : (int)(slash - path), path) : cli_strdup(".");
}

static int (*stop_asked)(void);

void cli_io_stops(int (*asked)(void))
{
    stop_asked = asked;
}

static int is_stopped(void)
{
    return stop_asked && stop_asked();
}

/* What was stopped needs no reason: who set cli_io_stops says it. */
static int cannot_read(const char *path, const char *why)
{
    if (!is_stopped()) {
        cli_error("cannot read '%s': %s", cli_display_name(path), why);
    }
    return CLI_IO;
}

/* Until there is something to read, or it is stopped. A signal that comes between the question and the wait does not end the
 * wait, so that this is a short one. */
static void await_text(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int got = 0;
    while (stop_asked && !is_stopped() && (got == 0 || (got < 0 && errno == EINTR))) {
        got = poll(&p, 1, 100);
    }
}

/* Reads to the end. 0, or -1 with errno; EFBIG: too long. */
static int read_to_end(char **text, size_t *n, int fd, size_t most)
{
    size_t cap = 0, len = 0;
    char *p = NULL;
    for (;;) {
        if (cap - len < 2) {
            cap = cap ? cap * 2 : 65536;
            p = cli_realloc(p, cap);
        }
        await_text(fd);
        errno = EINTR;
        ssize_t got = is_stopped() ? -1 : read(fd, p + len, cap - len - 1);
        if (got < 0 && errno == EINTR && !is_stopped()) {
            continue;
        }
        if (got > 0) {
            len += (size_t)got;
        }
        if (got < 0 || len > most) {
            int e = got < 0 ? errno : EFBIG;
            free(p);
            errno = e;
            return -1;
        }
        if (got == 0) {
            p[len] = 0;
            *text = p;
            *n = len;
            return 0;
        }
    }
}

int cli_read(char **text, size_t *n, const char *path, size_t most)
{
    int is_stdin = strcmp(path, "-") == 0;
    *text = NULL;
    *n = 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return cannot_read(path, strerror(errno));
    }
    struct stat st;
    int failed = 0;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        failed = 1;
    } else {
        failed = read_to_end(text, n, fd, most) != 0;
    }
    int e = errno;
    if (!is_stdin) {
        close(fd);
    }
    if (failed) {
        return cannot_read(path, e == EISDIR                             ? "it is a directory"
                                 : e == EFBIG && most == LRS_MAX_SOURCE ? "it is larger than 4 MiB, the limit of a source"
                                 : e == EFBIG                           ? "it is larger than 64 MiB, the limit of a file of data"
                                                                        : strerror(e));
    }
    return CLI_OK;
}

/* ---- writing ----------------------------------------------------------------------------------- */

static int cannot_write(const char *path, const char *why)
{
    if (!is_stopped()) {
        cli_error("cannot write '%s': %s", strcmp(path, "-") == 0 ? "<stdout>" : path, why);
    }
    return CLI_IO;
}

/* 0, or -1 with errno. */
static int write_fd(int fd, const char *data, size_t n)
{
    while (n > 0) {
        errno = EINTR;
        ssize_t put = is_stopped() ? -1 : write(fd, data, n);
        if (put < 0 && errno == EINTR && !is_stopped()) {
            continue;
        }
        if (put < 0) {
            return -1;
        }
        data += put;
        n -= (size_t)put;
    }
    return 0;
}

static mode_t default_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return (mode_t)(0666 & ~mask);
}

/* Writes the data beside the place where it will be. */
static int write_temp(cli_output *o, mode_t mode)
{
    char *folder = cli_folder_of(o->target);
    o->temp = cli_printf("%s/.lrsc-XXXXXX", folder);
    free(folder);
    int fd = mkstemp(o->temp);
    if (fd < 0) {
        int e = errno;
        free(o->temp);
        o->temp = NULL;
        return cannot_write(o->path, strerror(e));
    }
    o->slot = cli_temp_remember(o->temp);
    int failed = write_fd(fd, o->data, o->n) != 0 || fchmod(fd, mode) != 0;
    if (!failed && fsync(fd) != 0) { /* or a crash of the machine may leave the new name with no data, and the old file gone */
        failed = errno != EINVAL && errno != ENOTSUP; /* a file system that cannot */
    }
    int e = errno;
    if (close(fd) != 0 && !failed) {
        failed = 1;
        e = errno;
    }
    return failed ? cannot_write(o->path, strerror(e)) : CLI_OK;
}

/* Devices, pipes and standard output have no place to be renamed to. */
static int write_direct(const cli_output *o)
{
    int is_stdout = strcmp(o->path, "-") == 0;
    if (is_stdout && fflush(stdout) != 0) {
        return cannot_write(o->path, strerror(errno));
    }
    int fd = is_stdout ? STDOUT_FILENO : open(o->path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return cannot_write(o->path, strerror(errno));
    }
    int failed = write_fd(fd, o->data, o->n) != 0;
    int e = errno;
    if (!is_stdout && close(fd) != 0 && !failed) {
        failed = 1;
        e = errno;
    }
    return failed ? cannot_write(o->path, strerror(e)) : CLI_OK;
}

/* Decides how one output is written, and writes it if that is into a temporary file. */
static int prepare(cli_output *o)
{
    struct stat st;
    o->slot = o->backup_slot = -1;
    if (strcmp(o->path, "-") == 0) {
        return CLI_OK;
    }
    if (stat(o->path, &st) != 0) {
        if (errno != ENOENT) {
            return cannot_write(o->path, strerror(errno));
        }
        o->target = cli_strdup(o->path);
        return write_temp(o, default_mode());
    }
    if (S_ISDIR(st.st_mode)) {
        return cannot_write(o->path, "it is a directory");
    }
    if (!S_ISREG(st.st_mode)) {
        return CLI_OK;
    }
    if (access(o->path, W_OK) != 0) {
        return cannot_write(o->path, strerror(errno));
    }
    char *real = realpath(o->path, NULL); /* through symbolic links, as a compiler writes */
    if (!real) {
        return cannot_write(o->path, strerror(errno));
    }
    o->target = real;
    return write_temp(o, st.st_mode & 0777);
}

/* Keeps the old file under a second name until all renames have worked. A file system without hard links has no such
 * name: then a failing second rename, which the checks before make unlikely, leaves the first file new. */
static void keep_backup(cli_output *o)
{
    o->backup = cli_printf("%s~", o->temp);
    if (link(o->target, o->backup) != 0) {
        o->fresh = errno == ENOENT;
        free(o->backup);
        o->backup = NULL;
        return;
    }
    o->backup_slot = cli_temp_remember(o->backup);
}

static int place(cli_output *o)
{
    if (!o->temp) {
        return CLI_OK;
    }
    keep_backup(o);
    if (rename(o->temp, o->target) != 0) {
        return cannot_write(o->path, strerror(errno));
    }
    o->placed = 1;
    return CLI_OK;
}

static void undo(cli_output *o)
{
    if (o->placed && o->backup && rename(o->backup, o->target) == 0) {
        free(o->backup);
        o->backup = NULL;
    } else if (o->placed && o->fresh) {
        unlink(o->target);
    }
    if (!o->placed && o->temp) {
        unlink(o->temp);
    }
}

int cli_write_all(cli_output *outs, size_t n)
{
    int code = CLI_OK;
    for (size_t i = 0; i < n; i++) {
        outs[i].target = outs[i].temp = outs[i].backup = NULL;
        outs[i].slot = outs[i].backup_slot = -1;
        outs[i].placed = outs[i].fresh = 0;
    }
    for (size_t i = n; i-- > 0 && code == CLI_OK;) { /* the last one, which -o named, is the one to complain about */
        code = prepare(&outs[i]);
    }
    for (size_t i = 0; i < n && code == CLI_OK; i++) {
        code = outs[i].temp ? CLI_OK : write_direct(&outs[i]);
    }
    for (size_t i = 0; i < n && code == CLI_OK; i++) {
        code = place(&outs[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (code != CLI_OK) {
            undo(&outs[i]);
        }
        if (outs[i].backup) {
            unlink(outs[i].backup);
        }
        cli_temp_forget(outs[i].slot);
        cli_temp_forget(outs[i].backup_slot);
        free(outs[i].target);
        free(outs[i].temp);
        free(outs[i].backup);
        outs[i].target = outs[i].temp = outs[i].backup = NULL;
    }
    return code;
}
