/* backend.h: what a backend is given and what it gives back. Backends see ir.h and nothing else of the compiler. */
#ifndef LRS_BACKEND_H
#define LRS_BACKEND_H

#include "ir.h"

typedef struct backend_buffer {
    char *at;
    size_t n, cap;
    int failed;                /* memory ran out */
    const lrs_allocator *allocator;
} backend_buffer;
void buffer_put(backend_buffer *b, const char *text, size_t n); /* fits the lrs_put type with a cast-free wrapper below */
void buffer_put_cb(void *b, const char *text, size_t n);
void buffer_printf(backend_buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_free(backend_buffer *b);

enum backend_emit { BACKEND_OBJECT, BACKEND_ASM, BACKEND_LLVM, BACKEND_BITCODE };

typedef struct backend_options {
    const char *prefix;        /* C prefix of all names: "sched"; never NULL */
    int own_prefix;            /* --prefix was given: the plain function is PREFIX_get_lr; else it is get_lr */
    const char *header_name;   /* "sched.h", for emitted C's #include; NULL: emitted C declares everything itself */
    const char *source_name;   /* for comments and debug info */
    const char *source_text;   /* for -g, may be NULL */
    size_t source_len;
    int optimize;              /* 0..3 */
    int debug;                 /* -g */
    const char *triple;        /* NULL: host */
    const char *cpu;           /* NULL: x86-64-v3 on x86-64, generic elsewhere; "native" */
    enum backend_emit emit;
    int script;                /* for JavaScript: error texts name the functions of its interface */
} backend_options;

/* Both write text; 0 or LRS_E_NOMEM. */
int emit_header(const ir_program *p, const backend_options *o, backend_buffer *out);
int emit_c(const ir_program *p, const backend_options *o, backend_buffer *out);

/* The LLVM plugin (lrs-llvm.so): the one symbol it exports is lrs_llvm_backend(), which returns a static table. */
#define BACKEND_ABI 2
typedef struct backend_jit backend_jit;
typedef struct llvm_backend {
    int abi;                   /* BACKEND_ABI, checked by the loader */
    const char *llvm_version;  /* "19.1.7" */
    /* 0, or a negative LRS_E_*; then error holds a sentence. */
    int (*emit)(const ir_program *p, const backend_options *o, backend_buffer *out, char *error, size_t error_cap);
    /* Machine code in this process, with the symbols jit_get_lr, jit_value, jit_observe and jit_fill: those of lrs_functions. */
    int (*jit)(backend_jit **out, const ir_program *p, int optimize, char *error, size_t error_cap);
    void *(*jit_symbol)(backend_jit *j, const char *name);
    void (*jit_free)(backend_jit *j);
    /* Prints the targets that this LLVM was built with, one a line. */
    void (*targets)(backend_buffer *out);
} llvm_backend;
typedef const llvm_backend *(*llvm_backend_fn)(void);

/* Finds and opens the plugin once for the process: $LRS_LLVM_PLUGIN, beside liblrs or the executable, the install directory.
 * NULL with a sentence in error. */
const llvm_backend *backend_llvm(char *error, size_t error_cap);

#endif
