/* embed.h: text files that are part of the binary (embed.cmake makes them). */
#ifndef LRS_EMBED_H
#define LRS_EMBED_H

#include <stddef.h>

typedef struct lrs_embedded {
    const char *name; /* file name without its folder */
    const char *stem; /* what of it is before the dot: the name of a module */
    const char *text; /* len bytes and a NUL */
    size_t len;
} lrs_embedded;

extern const lrs_embedded lrs_stdlib[]; /* stdlib: *.lrs, then a row of zeros */
extern const size_t lrs_stdlib_count;
extern const lrs_embedded lrs_kernel[]; /* runtime/kernel: *.h in the order in which they go into one file */
extern const size_t lrs_kernel_count;
extern const lrs_embedded lrs_kernel_js[]; /* runtime/kernel/kernel.js */
extern const size_t lrs_kernel_js_count;
extern const lrs_embedded lrs_kernel_jax[]; /* runtime/kernel/kernel_jax.py */
extern const size_t lrs_kernel_jax_count;

#endif
