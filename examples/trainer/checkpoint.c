/* checkpoint.c: writes and reads the trainer's checkpoint.
 *
 * In: a checkpoint or a path.  Out: a file or a checkpoint, or a sentence about what went wrong.
 * May call: mlp.h, rng.h, the C library and POSIX fsync.
 *
 * The file, integers and doubles in little-endian order, eight bytes each:
 *     "LRSTRAIN"  version  seed  data_hash  epoch  step  random  weights velocity
 *     bytes of the schedule's state  that state  FNV-1a of all that came before
 */
#define _POSIX_C_SOURCE 200809L
#include "checkpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "LRSTRAIN"
enum {
    WORD = 8,
    VERSION = 1,
    HEAD_WORDS = 7, /* magic, version, seed, data_hash, epoch, step, random */
    FIXED_BYTES = (HEAD_WORDS + 2 * MLP_WEIGHTS + 1) * WORD,
    MAX_BYTES = FIXED_BYTES + CHECKPOINT_SCHEDULE_MAX + WORD
};

static void put_u64(unsigned char **p, uint64_t v)
{
    for (int i = 0; i < WORD; i++)
        *(*p)++ = (unsigned char)(v >> (8 * i));
}

static uint64_t get_u64(const unsigned char **p)
{
    uint64_t v = 0;
    for (int i = 0; i < WORD; i++)
        v |= (uint64_t) * (*p)++ << (8 * i);
    return v;
}

static void put_doubles(unsigned char **p, const double *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &v[i], sizeof bits);
        put_u64(p, bits);
    }
}

static void get_doubles(const unsigned char **p, double *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = get_u64(p);
        memcpy(&v[i], &bits, sizeof bits);
    }
}

static uint64_t fnv1a(const unsigned char *p, size_t n)
{
    uint64_t h = 0xCBF29CE484222325u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001B3u;
    return h;
}

static size_t encode(const checkpoint *c, unsigned char *buf)
{
    unsigned char *p = buf;
    memcpy(p, MAGIC, WORD);
    p += WORD;
    put_u64(&p, VERSION);
    put_u64(&p, c->seed);
    put_u64(&p, c->data_hash);
    put_u64(&p, c->epoch);
    put_u64(&p, c->step);
    put_u64(&p, c->random.state);
    put_doubles(&p, c->model->weights, MLP_WEIGHTS);
    put_doubles(&p, c->model->velocity, MLP_WEIGHTS);
    put_u64(&p, c->schedule_len);
    memcpy(p, c->schedule, c->schedule_len);
    p += c->schedule_len;
    put_u64(&p, fnv1a(buf, (size_t)(p - buf)));
    return (size_t)(p - buf);
}

/* What is wrong with the n bytes, or NULL when they were decoded into *c. */
static const char *decode(checkpoint *c, const unsigned char *buf, size_t n)
{
    const unsigned char *p = buf;
    if (n < 2 * WORD || memcmp(buf, MAGIC, WORD) != 0)
        return "is not a checkpoint of this trainer";
    p += WORD;
    if (get_u64(&p) != VERSION)
        return "is a checkpoint of another version of this trainer";
    if (n < FIXED_BYTES + WORD)
        return "is truncated";
    const unsigned char *end = buf + n - WORD;
    if (get_u64(&end) != fnv1a(buf, n - WORD))
        return "is damaged: its checksum does not match";
    c->seed = get_u64(&p);
    c->data_hash = get_u64(&p);
    c->epoch = get_u64(&p);
    c->step = get_u64(&p);
    c->random.state = get_u64(&p);
    get_doubles(&p, c->model->weights, MLP_WEIGHTS);
    get_doubles(&p, c->model->velocity, MLP_WEIGHTS);
    c->schedule_len = get_u64(&p);
    if (c->schedule_len != n - FIXED_BYTES - WORD)
        return "is damaged: its length does not match";
    memcpy(c->schedule, p, c->schedule_len);
    return NULL;
}

static int put_file(const char *path, const unsigned char *buf, size_t n)
{
    FILE *f = fopen(path, "wb");
    if (!f)
        return -1;
    int ok = fwrite(buf, 1, n, f) == n && fflush(f) == 0 && fsync(fileno(f)) == 0;
    int why = errno;
    if (fclose(f) != 0 && ok) {
        ok = 0;
        why = errno;
    }
    errno = why;
    return ok ? 0 : -1;
}

int checkpoint_write(const checkpoint *c, const char *path, char *error, size_t cap)
{
    size_t length = strlen(path) + sizeof ".tmp";
    unsigned char *buf = malloc(MAX_BYTES);
    char *temporary = malloc(length);
    int status = -1;
    if (!buf || !temporary) {
        snprintf(error, cap, "%s: out of memory", path);
    } else {
        snprintf(temporary, length, "%s.tmp", path);
        if (put_file(temporary, buf, encode(c, buf)) == 0 && rename(temporary, path) == 0) {
            status = 0;
        } else {
            snprintf(error, cap, "%s: cannot write: %s", path, strerror(errno));
            remove(temporary);
        }
    }
    free(temporary);
    free(buf);
    return status;
}

int checkpoint_read(checkpoint *c, const char *path, char *error, size_t cap)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        snprintf(error, cap, "%s: cannot open: %s", path, strerror(errno));
        return -1;
    }
    unsigned char *buf = malloc(MAX_BYTES + 1); /* one more, to notice a file that is too long */
    const char *why = "out of memory";
    if (buf) {
        size_t n = fread(buf, 1, MAX_BYTES + 1, f);
        if (ferror(f))
            why = strerror(errno);
        else
            why = n > MAX_BYTES ? "is not a checkpoint of this trainer" : decode(c, buf, n);
    }
    if (why)
        snprintf(error, cap, "%s: %s", path, why);
    free(buf);
    fclose(f);
    return why ? -1 : 0;
}
