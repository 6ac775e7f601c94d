/* lrs.h: the public interface of liblrs, the learning-rate schedule language.
 *
 * The way through:
 *
 *     lrs_compile   text            -> lrs_program   (immutable; share it between threads)
 *     lrs_bind      program, params -> lrs_plan      (immutable; share it between threads)
 *     lrs_state_*   plan            -> lrs_state     (mutable; one per training run, one thread at a time)
 *     lrs_get_lr    plan, state, step, metric -> the rate
 *
 * Time.  A step is what the trainer counts, an optimizer update unless the file says `unit epoch`.
 * Step 0 is the first update.  A step below 0 has the value of step 0; past the last phase the last value holds.
 *
 * Errors.  Functions that can fail return an int: 0, or one of the negative LRS_E_* codes, which never change.
 * The result comes out of the first argument and is left untouched (handles: set to NULL) on failure.
 * The library prints nothing, never calls exit, keeps no global state and does not change errno on the hot path.
 *
 * Threads.  Programs and plans are immutable once made: any number of threads may read one at the same time.
 * A state belongs to one thread at a time.  Nothing else is shared.
 *
 * Bits.  Every engine (interpreter, JIT, object file, emitted C, bulk fill) gives the same 64 bits for the same
 * program, params, state and step, on every machine with IEEE 754 doubles.
 */
#ifndef LRS_LRS_H
#define LRS_LRS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LRS_VERSION_MAJOR 0
#define LRS_VERSION_MINOR 1
#define LRS_VERSION_PATCH 0
#define LRS_VERSION_STRING "0.1.0"

#if defined(__GNUC__) && !defined(LRS_STATIC)
#define LRS_API __attribute__((visibility("default")))
#else
#define LRS_API
#endif

/* Status codes.  Pinned: a code never changes its number or meaning. */
enum {
    LRS_OK = 0,
    LRS_E_SOURCE = -1,    /* the program text has errors: see the diagnostics */
    LRS_E_NOMEM = -2,     /* an allocation failed */
    LRS_E_ARG = -3,       /* an argument is NULL or out of its documented range */
    LRS_E_PARAM = -4,     /* a parameter: unknown name, not bound, not finite, outside its range, or a phase it gives is impossible */
    LRS_E_STATE = -5,     /* saved state: damaged, truncated, or of another version */
    LRS_E_MISMATCH = -6,  /* saved state: of another program or of other parameters */
    LRS_E_NOENGINE = -7,  /* the engine asked for (the JIT) is not part of this build or could not be loaded */
    LRS_E_LIMIT = -8,     /* a documented limit was passed */
    LRS_E_IO = -9,        /* a file could not be read or written */
    LRS_E_INTERNAL = -70  /* a bug in lrs: please report it */
};

/* A sentence in English for a status code; never NULL. Static: do not free. */
LRS_API const char *lrs_strerror(int status);

/* "0.1.0" */
LRS_API const char *lrs_version(void);

/* ---- memory ---------------------------------------------------------------------------------- */

/* Allocator hooks. realloc(ctx, NULL, n) allocates, realloc(ctx, p, 0) frees and returns NULL.
 * NULL for the whole struct means the C library's.  Used for everything an object owns, until it is freed. */
typedef struct lrs_allocator {
    void *ctx;
    void *(*realloc)(void *ctx, void *p, size_t n);
} lrs_allocator;

/* ---- diagnostics ----------------------------------------------------------------------------- */

typedef struct lrs_diagnostics lrs_diagnostics;

enum { LRS_NOTE = 0, LRS_WARNING = 1, LRS_ERROR = 2 };

/* One diagnostic as data. Lives as long as its lrs_diagnostics. */
typedef struct lrs_diagnostic {
    int severity;         /* LRS_NOTE, LRS_WARNING, LRS_ERROR */
    int code;             /* 123 for LRS0123 */
    const char *message;  /* one sentence, UTF-8, without a full stop or newline */
    const char *file;     /* the name of the source it is about */
    size_t begin, end;    /* byte offsets [begin, end) in that source */
    int line, column;     /* 1-based; the column counts bytes */
    const char *fix;      /* what to write instead of [begin, end), or NULL */
    const char *help;     /* a longer hint, or NULL */
} lrs_diagnostic;

LRS_API size_t lrs_diagnostics_count(const lrs_diagnostics *d);
LRS_API size_t lrs_diagnostics_errors(const lrs_diagnostics *d);
/* 0, or LRS_E_ARG when i is out of range. */
LRS_API int lrs_diagnostics_get(lrs_diagnostic *out, const lrs_diagnostics *d, size_t i);
/* The text of all diagnostics as the compiler prints it: gcc's first line, the source line, a caret range, notes.
 * flags: LRS_RENDER_COLOR, LRS_RENDER_ASCII. Returns the length without the final NUL; writes at most cap bytes, always NUL-terminated when cap > 0. */
enum { LRS_RENDER_COLOR = 1, LRS_RENDER_ASCII = 2 };
LRS_API size_t lrs_diagnostics_render(const lrs_diagnostics *d, unsigned flags, char *buf, size_t cap);
LRS_API void lrs_diagnostics_free(lrs_diagnostics *d); /* NULL is fine */

/* ---- program --------------------------------------------------------------------------------- */

typedef struct lrs_program lrs_program;

/* name = value, in the unit of the param. */
typedef struct lrs_binding {
    const char *name;
    double value;
} lrs_binding;

/* Options of lrs_compile. Set size = sizeof(lrs_options) and zero the rest: zero means the default everywhere. */
typedef struct lrs_options {
    size_t size;
    const char *name;               /* name of the source in diagnostics, default "<text>" */
    const lrs_binding *defines;     /* -D name=value: turns a param into a constant, before units are resolved */
    size_t ndefines;
    const char *const *include_dirs; /* -I: where `use "file.lrs"` looks after the file's own folder */
    size_t ninclude_dirs;
    const lrs_allocator *allocator;
    int no_warnings;                /* do not run the analyses that only warn */
} lrs_options;

/* Compiles text[0..len) to a program.  Any bytes are valid input.
 * out: the program, freed with lrs_program_free; NULL on failure.
 * diags: may be NULL; else receives the diagnostics (errors, warnings, notes; NULL only when there are none or memory ran out),
 * freed with lrs_diagnostics_free.  LRS_OK, LRS_E_SOURCE, LRS_E_NOMEM, LRS_E_ARG. */
LRS_API int lrs_compile(lrs_program **out, const char *text, size_t len, const lrs_options *options, lrs_diagnostics **diags);
LRS_API void lrs_program_free(lrs_program *p); /* NULL is fine; plans keep what they need alive */

LRS_API uint64_t lrs_program_hash(const lrs_program *p);

LRS_API size_t lrs_program_outputs(const lrs_program *p);                    /* at least 1 */
LRS_API const char *lrs_program_output_name(const lrs_program *p, size_t i); /* "lr"; NULL out of range */
LRS_API size_t lrs_program_inputs(const lrs_program *p);
LRS_API const char *lrs_program_input_name(const lrs_program *p, size_t i);

typedef struct lrs_param_info {
    const char *name;
    int has_default, has_range, is_log;
    double def, lo, hi;
} lrs_param_info;
LRS_API size_t lrs_program_params(const lrs_program *p);
LRS_API int lrs_program_param(lrs_param_info *out, const lrs_program *p, size_t i);

/* ---- plan ------------------------------------------------------------------------------------ */

typedef struct lrs_plan lrs_plan;

/* Binds params: defaults where not named. Later bindings of the same name win.
 * error/error_cap: may be NULL/0; on LRS_E_PARAM receives a sentence that names the param and the fix, NUL-terminated.
 * The plan holds a reference to the program: freeing the program first is fine. */
LRS_API int lrs_bind(lrs_plan **out, const lrs_program *p, const lrs_binding *params, size_t nparams, char *error, size_t error_cap);
LRS_API void lrs_plan_free(lrs_plan *plan); /* NULL is fine; states of it must not be used any more */

/* The value a param has in this plan; NaN when i is out of range. */
LRS_API double lrs_plan_param(const lrs_plan *plan, size_t i);

/* ---- state ----------------------------------------------------------------------------------- */

/* The reactive half: plain data without pointers, lrs_state_size(plan) bytes, 8-byte aligned; copying it with memcpy is a snapshot.
 * Its layout is that of the state struct in a generated header of the same program. */
typedef struct lrs_state lrs_state;

LRS_API size_t lrs_state_size(const lrs_plan *plan);
/* Initialises caller-provided memory of lrs_state_size(plan) bytes. Cannot fail. */
LRS_API void lrs_state_init(lrs_state *s, const lrs_plan *plan);
/* The same in memory of the plan's allocator; free with lrs_state_free. */
LRS_API int lrs_state_new(lrs_state **out, const lrs_plan *plan);
LRS_API void lrs_state_free(lrs_state *s, const lrs_plan *plan);

/* ---- values: never allocate, lock, fail, or touch errno --------------------------------------- */

/* Observes the metric (NaN: there is none) as input 0 at this step, then the value of output 0 at this step. */
LRS_API double lrs_get_lr(const lrs_plan *plan, lrs_state *s, int64_t step, double metric);
/* The value of an output at any step; out of range: NaN. */
LRS_API double lrs_value(const lrs_plan *plan, const lrs_state *s, size_t output, int64_t step);
/* Feeds a metric. A NaN metric, and a step not after the last observed one of this input, change nothing.
 * Returns the number of rules that acted. */
LRS_API int lrs_observe(const lrs_plan *plan, lrs_state *s, size_t input, int64_t step, double metric);
/* out[i] = lrs_value(plan, s, output, first + i), bit for bit; steps past INT64_MAX count as INT64_MAX. */
LRS_API void lrs_fill(const lrs_plan *plan, const lrs_state *s, size_t output, int64_t first, size_t n, double *out);
/* 1 once a rule said `stop`. */
LRS_API int lrs_stopped(const lrs_state *s);

/* Saved form: little-endian bytes with version, program hash, params and checksum; the same from every engine and machine.
 * Returns the number of bytes it takes; writes nothing when cap is smaller. */
LRS_API size_t lrs_state_save(const lrs_plan *plan, const lrs_state *s, void *buf, size_t cap);
/* Loads into a state initialised from a plan of the same program and params. LRS_E_STATE, LRS_E_MISMATCH: s is unchanged. */
LRS_API int lrs_state_load(const lrs_plan *plan, lrs_state *s, const void *buf, size_t len);

/* ---- why ------------------------------------------------------------------------------------- */

typedef struct lrs_explanation {
    double value;          /* lrs_value at this step */
    double base;           /* before scales and bounds */
    double scale;          /* product of all scales */
    size_t phase;          /* index of the phase, in source order */
    const char *phase_text; /* its source text, lives as long as the plan */
    double phase_start, phase_end; /* in steps; the end may be +inf */
    const char *law;       /* "linear", "2^x", "half-cosine", ... the form that is evaluated */
    int fired;             /* how often rules have acted so far */
} lrs_explanation;
LRS_API int lrs_explain_at(lrs_explanation *out, const lrs_plan *plan, const lrs_state *s, size_t output, int64_t step);

/* ---- JIT ------------------------------------------------------------------------------------- */

/* Machine code for one plan. The functions do what lrs_get_lr, lrs_value, lrs_observe and lrs_fill do, on the same lrs_state. */
typedef struct lrs_functions {
    double (*get_lr)(lrs_state *s, int64_t step, double metric);
    double (*value)(const lrs_state *s, int64_t step);                             /* output 0 */
    int (*observe)(lrs_state *s, int64_t step, double metric);                     /* input 0 */
    void (*fill)(const lrs_state *s, int64_t first, size_t n, double *out);        /* output 0 */
    void *handle;                                                                  /* owned; lrs_jit_free */
} lrs_functions;
/* Loads the LLVM plugin on first need. opt: 0..3. LRS_E_NOENGINE when there is none; error/error_cap as in lrs_bind.
 * May be called from several threads. The plan must outlive the functions. */
LRS_API int lrs_jit(lrs_functions *out, const lrs_plan *plan, int opt, char *error, size_t error_cap);
LRS_API void lrs_jit_free(lrs_functions *f); /* NULL and zeroed are fine */

#ifdef __cplusplus
}
#endif
#endif
