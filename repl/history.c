/* history.c: see history.h.
 *
 * Two sessions at once: each appends under a lock, and never writes what it has read before. A file that has grown long is
 * written anew, under the same lock, into a file beside it that takes its place; who waited for the lock of the old file looks
 * whether it still is the one of that name, and opens it again when not. Who does not get the lock soon goes on without: nothing
 * is written then, as when the file cannot be written, and that is said once. */
#define _GNU_SOURCE /* flock, O_CLOEXEC */
#include "history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "cli_io.h"
#include "progress.h"

#define MOST_BYTES ((off_t)64 << 20)
#define LOCK_TRIES 20
#define LOCK_PAUSE_NS 10000000L

/* ---- where ------------------------------------------------------------------------------------- */

static char *default_path(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state && *state == '/') {
        return cli_printf("%s/lrs/history", state);
    }
    return home && *home ? cli_printf("%s/.local/state/lrs/history", home) : NULL;
}

/* Makes the folders of a path that are missing, as those of a user's own files: nobody else looks into them. */
static void make_folders(const char *path)
{
    char *copy = cli_strdup(path);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(copy, 0700); /* a folder that is there, or cannot be made: opening the file tells */
        *slash = '/';
    }
    free(copy);
}

/* ---- entries as lines -------------------------------------------------------------------------- */

static char *to_line(const char *entry)
{
    char *line = cli_alloc(2 * strlen(entry) + 2), *p = line;
    for (; *entry; entry++) {
        if (*entry == '\n' || *entry == '\\') {
            *p++ = '\\';
        }
        *p++ = *entry == '\n' ? 'n' : *entry;
    }
    *p++ = '\n';
    return line;
}

static char *from_line(const char *line, size_t n)
{
    char *entry = cli_alloc(n + 1), *p = entry;
    for (size_t i = 0; i < n; i++) {
        int escaped = line[i] == '\\' && i + 1 < n;
        i += (size_t)escaped;
        *p++ = escaped && line[i] == 'n' ? '\n' : line[i];
    }
    return entry;
}

/* ---- the list ---------------------------------------------------------------------------------- */

static void forget(history *h, size_t i)
{
    free(h->at[i]);
    memmove(&h->at[i], &h->at[i + 1], (--h->n - i) * sizeof *h->at);
}

/* Takes the entry. */
static void append(history *h, char *entry)
{
    h->at = cli_realloc(h->at, (h->n + 1) * sizeof *h->at);
    h->at[h->n++] = entry;
}

static size_t hash_of(const char *s)
{
    uint64_t v = 0xcbf29ce484222325u; /* FNV-1a */
    for (; *s; s++) {
        v = (v ^ (unsigned char)*s) * 0x100000001b3u;
    }
    return (size_t)(v ^ v >> 32);
}

/* Of equal entries the last stays, and of all the last HISTORY_MOST. */
static void tidy(history *h)
{
    size_t cap = 64, kept = h->n;
    while (cap < 2 * h->n) {
        cap *= 2;
    }
    char **table = cli_alloc(cap * sizeof *table);
    for (size_t i = h->n; i-- > 0;) {
        size_t k = hash_of(h->at[i]) & (cap - 1);
        while (table[k] && strcmp(table[k], h->at[i]) != 0) {
            k = (k + 1) & (cap - 1);
        }
        if (table[k] || h->n - kept >= HISTORY_MOST) {
            free(h->at[i]);
        } else {
            table[k] = h->at[--kept] = h->at[i];
        }
    }
    memmove(h->at, h->at + kept, (h->n - kept) * sizeof *h->at);
    h->n -= kept;
    free(table);
}

/* ---- the file ---------------------------------------------------------------------------------- */

static void fail(history *h, const char *why)
{
    if (!h->trouble) {
        h->trouble = cli_strdup(why);
    }
}

void history_tell_trouble(history *h)
{
    if (h->trouble && !h->told) {
        cli_warning("the history '%s' cannot be written: %s; LRS_HISTORY names another file, and set to nothing there is none", h->path, h->trouble);
        h->told = 1;
    }
}

/* Waits a moment for the lock, and no longer: another program may keep it for ever. 1: we have it. */
static int lock(int fd)
{
    for (int tries = 0; tries < LOCK_TRIES && !progress_stopped(); tries++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            return 1;
        }
        if (errno != EWOULDBLOCK && errno != EINTR) { /* a file system without locks: better without than not at all */
            return 1;
        }
        nanosleep(&(struct timespec){.tv_nsec = LOCK_PAUSE_NS}, NULL);
    }
    return 0;
}

/* Opens the file and locks it; -1: that is not possible. Without a lock, which *locked says, it may only be read. Not blocking:
 * it may be a pipe that nobody reads. */
static int open_locked(history *h, int *locked)
{
    for (int tries = 0; tries < 100; tries++) {
        int fd = open(h->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600);
        struct stat mine, named;
        if (fd < 0) {
            fail(h, strerror(errno));
            *locked = 0;
            return open(h->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        }
        *locked = lock(fd);
        if (!*locked || (fstat(fd, &mine) == 0 && stat(h->path, &named) == 0 && mine.st_ino == named.st_ino && mine.st_dev == named.st_dev)) {
            return fd;
        }
        close(fd);
    }
    *locked = 0;
    return -1;
}

static int write_whole(int fd, const char *text, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, text, n);
        if (done < 0 && errno != EINTR) {
            return -1;
        }
        text += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
    return 0;
}

/* Bytes [begin, end) of a file; returns how many could be read. */
static size_t read_part(char *text, int fd, off_t begin, off_t end)
{
    size_t got = 0, want = (size_t)(end - begin);
    while (got < want) {
        ssize_t n = pread(fd, text + got, want - got, begin + (off_t)got);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            break;
        }
        got += n > 0 ? (size_t)n : 0;
    }
    return got;
}

/* The lines of an open file into the list, of a huge one those at its end. 1: it has grown long, and is to be written anew. */
static int read_lines(history *h, int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        return 0;
    }
    off_t begin = st.st_size > MOST_BYTES ? st.st_size - MOST_BYTES : 0;
    char *text = cli_alloc((size_t)(st.st_size - begin) + 1);
    size_t lines = 0, got = read_part(text, fd, begin, st.st_size), i = 0;
    while (begin > 0 && i < got && text[i++] != '\n') {
        /* the rest of a line that began before */
    }
    for (; i < got; lines++) {
        const char *newline = memchr(text + i, '\n', got - i);
        size_t end = newline ? (size_t)(newline - text) : got;
        if (end > i && !memchr(text + i, 0, end - i)) {
            append(h, from_line(text + i, end - i));
        }
        i = end + 1;
    }
    free(text);
    if (h->n) {
        tidy(h);
    }
    return got == (size_t)(st.st_size - begin) && (begin > 0 || lines > HISTORY_MOST + HISTORY_MOST / 10);
}

/* The list in place of a file of many lines, whose lock we have. */
static void write_anew(const history *h)
{
    char *real = realpath(h->path, NULL); /* a symbolic link stays one */
    if (!real) {
        return;
    }
    char *temp = cli_printf("%s.%ld", real, (long)getpid());
    int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), failed = fd < 0;
    for (size_t i = 0; i < h->n && !failed; i++) {
        char *line = to_line(h->at[i]);
        failed = write_whole(fd, line, strlen(line)) != 0;
        free(line);
    }
    if (fd >= 0) {
        failed |= fsync(fd) != 0;
        failed |= close(fd) != 0;
        if (failed || rename(temp, real) != 0) {
            unlink(temp);
        }
    }
    free(temp);
    free(real);
}

/* A session that was cut off has left a line without its end. */
static int is_torn(int fd)
{
    struct stat st;
    char last;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n';
}

void history_open(history *h)
{
    const char *told = getenv("LRS_HISTORY");
    *h = (history){0};
    h->path = told && *told ? cli_strdup(told) : told ? NULL : default_path();
    if (!h->path) {
        return;
    }
    make_folders(h->path);
    int locked = 0, fd = open_locked(h, &locked);
    if (fd < 0) {
        return;
    }
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        fchmod(fd, st.st_mode & 0600);
    }
    if (read_lines(h, fd) && locked) {
        write_anew(h);
    }
    close(fd);
}

void history_close(history *h)
{
    for (size_t i = 0; i < h->n; i++) {
        free(h->at[i]);
    }
    free(h->at);
    free(h->path);
    free(h->trouble);
    *h = (history){0};
}

void history_add(history *h, const char *entry)
{
    if (!*entry || (h->n && strcmp(h->at[h->n - 1], entry) == 0)) {
        return;
    }
    for (size_t i = h->n; i-- > 0;) {
        if (strcmp(h->at[i], entry) == 0) {
            forget(h, i);
            break;
        }
    }
    if (h->n == HISTORY_MOST) {
        forget(h, 0);
    }
    append(h, cli_strdup(entry));
    int locked = 0, fd = h->path ? open_locked(h, &locked) : -1;
    if (fd >= 0 && locked) {
        char *line = to_line(entry), *text = cli_printf("%s%s", is_torn(fd) ? "\n" : "", line);
        if (write_whole(fd, text, strlen(text)) != 0) { /* a full disk is no reason to end the session */
            fail(h, strerror(errno));
        }
        free(text);
        free(line);
    } else if (fd >= 0 && !progress_stopped()) {
        fail(h, "another program keeps its lock");
    }
    if (fd >= 0) {
        close(fd);
    }
}
