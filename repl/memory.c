/* memory.c: see memory.h. */
#define _GNU_SOURCE /* fopencookie */
#include "memory.h"

#include "cli_io.h"
#include "cli_options.h"

static ssize_t take(void *cookie, const char *text, size_t n)
{
    backend_buffer *b = cookie;
    buffer_put(b, text, n);
    return b->failed ? 0 : (ssize_t)n;
}

FILE *memory_open(backend_buffer *b)
{
    FILE *f = fopencookie(b, "w", (cookie_io_functions_t){.write = take});
    if (!f) {
        cli_no_memory();
    }
    return f;
}

int memory_close(FILE *f, const backend_buffer *b, int code)
{
    int lost = ferror(f); /* a stream whose buffer could not be had drops what it is given */
    lost |= fclose(f) != 0 || b->failed;
    return code ? code : lost ? cli_no_memory() : CLI_OK;
}
