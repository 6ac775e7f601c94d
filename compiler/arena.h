/* arena.h: memory of one compilation. Nothing is freed one by one; running out is reported once, by the NULL
 * of the call that failed and by arena_failed() ever after. */
#ifndef LRS_ARENA_H
#define LRS_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include "lrs/lrs.h"

typedef struct arena_block arena_block;

typedef struct arena {
    const lrs_allocator *allocator; /* NULL: the C library's */
    arena_block *blocks;
    char *next, *end;
    int failed;
} arena;

void arena_init(arena *a, const lrs_allocator *allocator);
void arena_free(arena *a);
/* n zeroed bytes, 16-byte aligned; NULL when memory ran out. */
void *arena_alloc(arena *a, size_t n);
/* A NUL-terminated copy of s[0..n). */
char *arena_strndup(arena *a, const char *s, size_t n);
/* printf into the arena. */
char *arena_printf(arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(arena *a, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
int arena_failed(const arena *a);

/* realloc/free through the hooks, for what outlives the compilation. */
void *lrs_mem_realloc(const lrs_allocator *allocator, void *p, size_t n);
void lrs_mem_free(const lrs_allocator *allocator, void *p);

/* Growable array of T in plain memory: VEC(T) v = {0}; VEC_PUSH(allocator, &v, item) is 0 or -1. */
#define VEC(T)        \
    struct {          \
        T *at;        \
        size_t n, cap; \
    }
#define VEC_PUSH(allocator, v, item)                                                                 \
    (((v)->n < (v)->cap || lrs_vec_grow((allocator), &(v)->at, &(v)->cap, sizeof *(v)->at) == 0) \
         ? ((v)->at[(v)->n++] = (item), 0)                                                           \
         : -1)
/* Doubles the room of a VEC; vec_at is the address of its `at`. 0, or -1 without memory (the VEC is as before). */
int lrs_vec_grow(const lrs_allocator *allocator, void *vec_at, size_t *cap, size_t item_size);

#endif
