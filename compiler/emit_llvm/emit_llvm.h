/* emit_llvm.h: the parts of the LLVM plugin.
 *
 *   plugin.c  the table that the loader gets; emit()
 *   guard.c   LLVM's fatal errors and diagnostics as text, never as output or the end of the process
 *   target.c  triples, processors, target machines
 *   module.c  IR -> LLVM module: kernels' bitcode + descriptors + step code + the header's functions
 *   bind.c    bind code
 *   maker.c   what module.c and bind.c write LLVM with
 *   signs.c   the sign of zero on targets that fuse negations
 *   lines.c   -g: lines of the schedule's source
 *   jit.c     machine code in this process
 *
 * Every function that can fail returns 0 or a negative LRS_E_* and leaves a sentence in its report.
 */
#ifndef LRS_EMIT_LLVM_H
#define LRS_EMIT_LLVM_H

#include <setjmp.h>
#include "backend.h"
#include "llvm_compat.h"

/* ---- guard.c ---- */

/* Where a failed part says why. The first sentence stays. */
typedef struct report {
    char *text;
    size_t cap;
    int said;
} report;
void report_init(report *r, char *text, size_t cap);
/* Returns status, for `return report_say(r, LRS_E_..., "...")`. */
int report_say(report *r, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Takes LLVM's message: frees it. */
int report_message(report *r, const char *what, char *message);
/* Takes LLVM's error. */
int report_error(report *r, const char *what, LLVMErrorRef e);
/* A context whose diagnostics go to r. */
LLVMContextRef report_context(report *r);
/* Runs part(arg) such that a fatal error of LLVM inside it comes back as LRS_E_INTERNAL with LLVM's text in r.
 * What LLVM held at that moment is lost, and LLVM is not entered again in this process: later calls are refused. Code that
 * the JIT has made stays good. */
int guard_run(int (*part)(void *arg), void *arg, report *r);

int guard_left(void); /* LLVM gave up before */

/* ---- target.c ---- */

typedef struct target {
    LLVMTargetMachineRef machine;
    char *triple;      /* LLVM's normal form; LLVMDisposeMessage */
    const char *abi;   /* module flag "target-abi", or NULL */
    int extend_int;    /* the calling convention wants 32-bit integers extended to registers */
    int fuses_negation; /* a negated fma needs a barrier, see signs.c */
    int optimize;      /* 0..3 */
} target;
/* triple NULL: this machine. cpu as in backend_options. */
int target_open(target *t, const char *triple, const char *cpu, int optimize, report *r);
void target_close(target *t);
void target_list(backend_buffer *out);

/* ---- module.c ---- */

typedef struct module_options {
    const backend_options *names; /* prefix, own_prefix, debug and what -g shows */
    int jit;                      /* only what lrs_functions has, with outputs and inputs as arguments */
} module_options;
/* The module, verified but not optimised; the caller disposes of it. */
int module_build(LLVMModuleRef *out, LLVMContextRef context, const ir_program *p, const module_options *o, const target *t,
                 report *r);
int module_optimize(LLVMModuleRef m, const target *t, report *r);

/* ---- signs.c ---- */

/* The last thing done to a module before code is made of it, for targets that fuse negations. */
void signs_keep(LLVMModuleRef m);

/* ---- lines.c ---- */

typedef struct lines lines;
lines *lines_open(LLVMModuleRef m, const ir_program *p, const backend_options *o, const target *t);
/* Marks a function, whose body is complete, as coming from phase number `phase` of the program. */
void lines_function(lines *l, LLVMValueRef f, const char *name, uint32_t phase);
void lines_close(lines *l);

/* ---- jit.c ---- */

int jit_create(backend_jit **out, const ir_program *p, int optimize, report *r);
void *jit_symbol(backend_jit *j, const char *name);
void jit_free(backend_jit *j);

/* ---- the embedded bitcode (generated) ---- */

extern const unsigned char lrs_kernel_bitcode[];
extern const size_t lrs_kernel_bitcode_size;

/* ---- what this LLVM's processors are called (generated from its clang) ---- */

extern const char *const lrs_cpus_x86_64[];
extern const char *const lrs_cpus_aarch64[];
extern const char *const lrs_cpus_riscv64[];

#endif
