/* arena.c: memory of one compilation.
 * In: sizes. Out: zeroed memory that lives until arena_free. Calls: the allocator hooks, or the C library's. */
#include "arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_ALIGN 16u
#define ARENA_FIRST ((size_t)8 << 10)
#define ARENA_LARGEST ((size_t)1 << 20)

/* The header is padded to the alignment, so that the bytes behind it are aligned as malloc's are. */
struct arena_block {
    arena_block *previous;
    size_t size;
};
#define ARENA_HEADER ((sizeof(arena_block) + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN)

void *lrs_mem_realloc(const lrs_allocator *allocator, void *p, size_t n) {
    if (n == 0) {
        lrs_mem_free(allocator, p);
        return NULL;
    }
    if (allocator && allocator->realloc)
        return allocator->realloc(allocator->ctx, p, n);
    return realloc(p, n);
}

void lrs_mem_free(const lrs_allocator *allocator, void *p) {
    if (!p)
        return;
    if (allocator && allocator->realloc)
        allocator->realloc(allocator->ctx, p, 0);
    else
        free(p);
}

int lrs_vec_grow(const lrs_allocator *allocator, void *vec_at, size_t *cap, size_t item_size) {
    /* vec_at is the address of a T *; it is read and written as bytes because T is not known here. */
    void *at;
    memcpy(&at, vec_at, sizeof at);
    size_t more = *cap ? *cap * 2 : 8;
    if (more < *cap || more > SIZE_MAX / item_size)
        return -1;
    void *grown = lrs_mem_realloc(allocator, at, more * item_size);
    if (!grown)
        return -1;
    memcpy(vec_at, &grown, sizeof grown);
    *cap = more;
    return 0;
}

void arena_init(arena *a, const lrs_allocator *allocator) {
    memset(a, 0, sizeof *a);
    a->allocator = allocator;
}

void arena_free(arena *a) {
    arena_block *b = a->blocks;
    while (b) {
        arena_block *previous = b->previous;
        lrs_mem_free(a->allocator, b);
        b = previous;
    }
    arena_init(a, a->allocator);
}

static int arena_grow(arena *a, size_t n) {
    size_t size = a->blocks ? a->blocks->size * 2 : ARENA_FIRST;
    if (size > ARENA_LARGEST)
        size = ARENA_LARGEST;
    if (size < n)
        size = n;
    if (size > SIZE_MAX - ARENA_HEADER)
        return -1;
    arena_block *b = lrs_mem_realloc(a->allocator, NULL, ARENA_HEADER + size);
    if (!b)
        return -1;
    b->previous = a->blocks;
    b->size = size;
    a->blocks = b;
    a->next = (char *)b + ARENA_HEADER;
    a->end = a->next + size;
    return 0;
}

void *arena_alloc(arena *a, size_t n) {
    if (n > SIZE_MAX - ARENA_ALIGN) {
        a->failed = 1;
        return NULL;
    }
    n = n ? (n + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN : ARENA_ALIGN;
    if ((size_t)(a->end - a->next) < n && arena_grow(a, n) < 0) {
        a->failed = 1;
        return NULL;
    }
    char *p = a->next;
    a->next += n;
    memset(p, 0, n);
    return p;
}

char *arena_strndup(arena *a, const char *s, size_t n) {
    char *copy = arena_alloc(a, n + 1);
    if (copy && n)
        memcpy(copy, s, n);
    return copy;
}

/* Numbers in messages have a point whatever the locale of the process is: they are lrs text that people copy. */
char *arena_vprintf(arena *a, const char *format, va_list args) {
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    locale_t before = plain ? uselocale(plain) : (locale_t)0;
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = arena_alloc(a, n < 0 ? 1 : (size_t)n + 1);
    if (text && n >= 0)
        vsnprintf(text, (size_t)n + 1, format, args);
    if (plain) {
        uselocale(before);
        freelocale(plain);
    }
    return text;
}

char *arena_printf(arena *a, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(a, format, args);
    va_end(args);
    return text;
}

int arena_failed(const arena *a) {
    return a->failed;
}
