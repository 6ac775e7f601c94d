/* buffer.c: the growing text that backends write into.
 *
 * In: pieces of text. Out: one array of bytes with a NUL behind it; running out of memory is remembered in `failed`, and
 * everything after that is ignored. May call arena.h's lrs_mem_*.
 */
#include "backend.h"

#include <stdarg.h>
#include <string.h>

/* Room for n more bytes and a NUL: 0, or -1 with `failed` set. */
static int buffer_room(backend_buffer *b, size_t n) {
    if (b->failed)
        return -1;
    if (n >= SIZE_MAX - b->n) {
        b->failed = 1;
        return -1;
    }
    size_t need = b->n + n + 1;
    if (need <= b->cap)
        return 0;
    size_t cap = b->cap < 512 ? 1024 : b->cap;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    char *at = lrs_mem_realloc(b->allocator, b->at, cap);
    if (!at) {
        b->failed = 1;
        return -1;
    }
    b->at = at;
    b->cap = cap;
    return 0;
}

void buffer_put(backend_buffer *b, const char *text, size_t n) {
    if (buffer_room(b, n) != 0)
        return;
    if (n != 0)
        memcpy(b->at + b->n, text, n);
    b->n += n;
    b->at[b->n] = '\0';
}

void buffer_put_cb(void *b, const char *text, size_t n) {
    buffer_put(b, text, n);
}

void buffer_printf(backend_buffer *b, const char *format, ...) {
    va_list list;
    va_start(list, format);
    int n = vsnprintf(NULL, 0, format, list);
    va_end(list);
    if (n < 0) {
        b->failed = 1;
        return;
    }
    if (buffer_room(b, (size_t)n) != 0)
        return;
    va_start(list, format);
    vsnprintf(b->at + b->n, (size_t)n + 1, format, list);
    va_end(list);
    b->n += (size_t)n;
}

void buffer_free(backend_buffer *b) {
    lrs_mem_free(b->allocator, b->at);
    b->at = NULL;
    b->n = b->cap = 0;
}
