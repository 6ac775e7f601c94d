/* lrs.h: the public interface of liblrs, the learning-rate schedule language.
 *
 * The way through:
 *
 *     lrs_compile   text            -> lrs_program   (immutable; share it between threads)
 *     lrs_bind      program, params -> lrs_plan      (immutable; share it between threads)
 *     lrs_state_*   plan            -> lrs_state     (mutable; one per training run, one thread at a time)
 *     lrs_get_lr    plan, state, step, metric -> the rate
 *
 * Time.  A step is what the trainer counts: an optimizer update, unless the file says `unit epoch` or another unit
 * (lrs_program_unit).  Step 0 is the first.  Every int64_t is a step: one below 0 has the value of step 0, and past
 * the last phase the last value holds.  From 2^53 on, steps are rounded to the nearest double.
 *
 * Errors.  Functions that can fail return an int: 0, or one of the negative LRS_E_* codes, which never change their
 * number or meaning; each function names those that it can give.  The result comes out of the first argument and is
 * left untouched on failure, but that handles are set to NULL.  Any call may be made after a failed one.
 * The library prints nothing, never exits or aborts, installs no signal handlers, and has no global state that a
 * caller could notice.  Calls that allocate memory, format text or load the JIT may change errno, and it means
 * nothing then; the calls under "values" never do.
 *
 * NULL.  Functions that return a status give LRS_E_ARG for a NULL where an object or a result is needed.  Functions
 * that return a count, a name or a number give 0, NULL or NaN for a NULL object or an index that is out of range.
 * Freeing NULL does nothing.  lrs_state_init and the calls under "values" check nothing, because they are called at
 * every step: NULL, and, but for lrs_get_lr and lrs_fill, a state of another program are undefined behaviour there.
 *
 * Memory.  What a function makes belongs to the caller, who frees it with the function named beside it.  What a
 * struct or a function points to belongs to the object that it was asked of, and lives as long as that.  What the
 * caller passes in (text, names, options, params, hooks) is copied or not looked at again, and may be freed when
 * the call returns.
 *
 * Threads.  Programs, plans and diagnostics do not change once made: any number of threads may read one at the same
 * time. A state may be read by several threads (const lrs_state *) or changed by one, as any variable.
 * lrs_compile, lrs_bind and lrs_jit may be called from several threads at once.  An object is freed by one thread,
 * when no other uses it; a program may be freed while plans of it are in use.  After fork, both processes have
 * objects of their own.
 *
 * Structs grow.  lrs_options, lrs_diagnostic, lrs_param_info, lrs_explanation, lrs_detector, lrs_functions, lrs_find_options and
 * lrs_finding begin with `size_t size`, which the caller sets to the size of the struct in its own header, before each call:
 *
 *     lrs_explanation why = {.size = sizeof why};             in C
 *     lrs_explanation why{}; why.size = sizeof why;           in C++
 *
 * Later versions add members at the end and change nothing else.  The library fills the first `size` bytes, and
 * zeroes what it does not know behind its own members; it takes members that the caller does not have as zero,
 * which is their default, and refuses an option that it does not know and that is not zero.  A size below two words
 * or above LRS_STRUCT_MAX is LRS_E_ARG, and the struct is untouched: so is one whose size was forgotten.
 * lrs_binding, lrs_source, lrs_allocator and lrs_suggestion have no size and never grow.
 *
 * Bits.  Every engine (interpreter, JIT, object file, emitted C, bulk fill) gives the same 64 bits for the same
 * program, params, state and step, on every machine with IEEE 754 doubles, in the default rounding mode.
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
    LRS_E_PARAM = -4,     /* a parameter: unknown name, not bound, not finite, outside its range, or a phase it gives is
                             impossible */
    LRS_E_STATE = -5,     /* saved state: damaged, truncated, or of another version */
    LRS_E_MISMATCH = -6,  /* saved state: of another program or of other parameters */
    LRS_E_NOENGINE = -7,  /* the engine asked for (the JIT) is not part of this build or could not be loaded */
    LRS_E_LIMIT = -8,     /* a documented limit was passed */
    LRS_E_IO = -9,        /* a file could not be read or written */
    LRS_E_INTERNAL = -70  /* a bug in lrs: please report it */
};

/* The greatest `size` of a struct. */
#define LRS_STRUCT_MAX 4096

/* A sentence in English for a status code, and for any other int; never NULL. Static: do not free. */
LRS_API const char *lrs_strerror(int status);

/* "0.1.0": the version of the library, which may be newer than that of this header. Static: do not free. */
LRS_API const char *lrs_version(void);

/* ---- memory ---------------------------------------------------------------------------------- */

/* Allocator hooks. realloc(ctx, NULL, n) allocates, realloc(ctx, p, 0) frees and returns NULL; memory is aligned as
 * malloc's, and NULL says that there is none. NULL for the whole struct means the C library's.
 * The two pointers are copied, and used for everything that an object owns until it is freed: for a program also its
 * plans, their states (lrs_state_new) and functions. They are called by whichever thread compiles, binds or frees;
 * ctx must outlive all of these objects. LLVM, inside lrs_jit, has memory of its own. */
typedef struct lrs_allocator {
    void *ctx;
    void *(*realloc)(void *ctx, void *p, size_t n);
} lrs_allocator;

/* ---- diagnostics ----------------------------------------------------------------------------- */

/* What there is to say about a text, in the order of the text. */
typedef struct lrs_diagnostics lrs_diagnostics;

enum { LRS_NOTE = 0, LRS_WARNING = 1, LRS_ERROR = 2 };

/* One diagnostic as data. Its texts live as long as its lrs_diagnostics. */
typedef struct lrs_diagnostic {
    size_t size;          /* set it: sizeof(lrs_diagnostic) */
    int severity;         /* LRS_NOTE, LRS_WARNING, LRS_ERROR */
    int code;             /* 123 for LRS0123 */
    const char *message;  /* one sentence, UTF-8, without a full stop or newline */
    const char *file;     /* the name of the source it is about; "" when it is about none */
    size_t begin, end;    /* byte offsets [begin, end) in that source */
    int line, column;     /* 1-based; the column counts bytes */
    const char *fix;      /* what to write instead of [begin, end), or NULL */
    const char *help;     /* a longer hint, or NULL */
} lrs_diagnostic;

/* How many there are, and how many of them are errors; 0 for NULL. */
LRS_API size_t lrs_diagnostics_count(const lrs_diagnostics *d);
LRS_API size_t lrs_diagnostics_errors(const lrs_diagnostics *d);
/* Diagnostic i, counted from 0. 0, or LRS_E_ARG: i is out of range, or out->size is none. */
LRS_API int lrs_diagnostics_get(lrs_diagnostic *out, const lrs_diagnostics *d, size_t i);
/* The text of all diagnostics as the compiler prints it: gcc's first line, the source line, a caret range, notes.
 * flags: LRS_RENDER_COLOR, LRS_RENDER_ASCII. Returns the length without the final NUL, as snprintf does; writes at
 * most cap bytes, always NUL-terminated when cap > 0. buf may be NULL when cap is 0. */
enum { LRS_RENDER_COLOR = 1, LRS_RENDER_ASCII = 2 };
LRS_API size_t lrs_diagnostics_render(const lrs_diagnostics *d, unsigned flags, char *buf, size_t cap);
LRS_API void lrs_diagnostics_free(lrs_diagnostics *d); /* NULL is fine */

/* ---- program --------------------------------------------------------------------------------- */

/* A compiled text. Its params have no values yet. */
typedef struct lrs_program lrs_program;

/* name = value, in the unit of the param. Never grows. */
typedef struct lrs_binding {
    const char *name;
    double value;
} lrs_binding;

/* A text that `use "file.lrs"` reads. name is where it is looked for: the folder of the text that uses it, as far as the last
 * slash of that text's own name, and then what the `use` says; or, for one of include_dirs, DIR/ and what it says; nothing is
 * simplified. Never grows. */
typedef struct lrs_source {
    const char *name;
    const char *text; /* any bytes, without a NUL behind them; may be NULL when len is 0 */
    size_t len;
} lrs_source;

/* Options of lrs_compile. Set size = sizeof(lrs_options) and zero the rest: zero means the default everywhere. */
typedef struct lrs_options {
    size_t size;                    /* set it: sizeof(lrs_options) */
    const char *name;               /* name of the source in diagnostics, default "<text>" */
    const lrs_binding *defines;     /* -D name=value: turns a param into a constant, before units are resolved */
    size_t ndefines;
    const char *const *include_dirs; /* -I: where `use "file.lrs"` looks after the file's own folder */
    size_t ninclude_dirs;
    const lrs_allocator *allocator; /* default: the C library's */
    int no_warnings;                /* do not run the analyses that only warn */
    int use_files;                  /* `use "file.lrs"` may read files: any that the process may read. Default: it is refused, so
                                     * that a text from a stranger reaches nothing. Standard modules need no files. */
    const lrs_source *sources;      /* what `use "file.lrs"` finds by these names, before any file: texts in memory, which need no
                                     * use_files. The last of a name is it. Those with the same pointer as text are one file under several names,
                                     * and with use_files so is a name that a file there has beside it, as ./common.lrs */
    size_t nsources;
    const lrs_binding *params;      /* what lrs_bind is going to be given: the warnings are about these values, where they would be about
                                     * the defaults. The program and its hash are the same with and without them; lrs_bind takes any
                                     * values afterwards, and says what is wrong with a name or a value here: this looks over it */
    size_t nparams;
} lrs_options;

/* Compiles text[0..len) to a program.  Any bytes are valid input, and need no NUL behind them; text may be NULL
 * when len is 0.  options may be NULL.
 * out: the program, freed with lrs_program_free; NULL on failure.
 * diags: may be NULL; else receives the diagnostics (errors, warnings, notes), freed with lrs_diagnostics_free. It
 * is NULL when there are none or memory ran out, and may hold warnings when the program was made.
 * LRS_OK, LRS_E_SOURCE, LRS_E_NOMEM, LRS_E_ARG (also for a NULL array whose count is not 0, a source without a name or text, or
 * a size that is none), LRS_E_INTERNAL. */
LRS_API int lrs_compile(lrs_program **out, const char *text, size_t len, const lrs_options *options,
                        lrs_diagnostics **diags);
LRS_API void lrs_program_free(lrs_program *p); /* NULL is fine; plans keep what they need alive */

/* The texts that `use "file.lrs"` has read for this program, from files or from options.sources, each under the names that it was
 * looked for by: given as options.sources, with the same text, name and include_dirs, they make the same program without any file.
 * Standard modules and the text itself are not among them. A text that goes by several names is there as often, with one pointer.
 * Names and texts live as long as the program. 0 for NULL. */
LRS_API size_t lrs_program_sources(const lrs_program *p);
/* Source i, in the order in which they were read. 0, or LRS_E_ARG: NULL, or i is out of range. */
LRS_API int lrs_program_source(lrs_source *out, const lrs_program *p, size_t i);

/* A number for what the program computes: params, states and saved states belong to it. 0 for NULL. */
LRS_API uint64_t lrs_program_hash(const lrs_program *p);
/* What a step counts: "step", "epoch", "sample" or "token". Static: do not free. NULL for NULL. */
LRS_API const char *lrs_program_unit(const lrs_program *p);

/* Outputs are the schedules of the file ("lr", "momentum", "lr[\"head\"]" for a parameter group), inputs the metrics that
 * it asks for ("metric", "val_loss"). Both are numbered from 0 in the order of the file, but that "lr", where there is
 * one, is output 0. Names live as long as the program, or a plan of it; NULL out of range. */
LRS_API size_t lrs_program_outputs(const lrs_program *p);                    /* at least 1 */
LRS_API const char *lrs_program_output_name(const lrs_program *p, size_t i);
/* 1 when the program itself reads output i: another output is computed from it, or a condition of a rule looks at it.
 * One that is not read is for the trainer alone, who may tell a misspelt name by it. 0 out of range. */
LRS_API int lrs_program_output_is_read(const lrs_program *p, size_t i);
LRS_API size_t lrs_program_inputs(const lrs_program *p);                     /* at least 1: "metric" if undeclared */
LRS_API const char *lrs_program_input_name(const lrs_program *p, size_t i);

/* A param as declared. Its texts live as long as the program, or a plan of it. */
typedef struct lrs_param_info {
    size_t size;          /* set it: sizeof(lrs_param_info) */
    const char *name;
    const char *unit;     /* of its values, in words ("epochs"); NULL: they are plain numbers */
    int has_default;      /* else def is 0, and lrs_bind needs a value */
    int has_range;        /* else lo and hi are 0, and any finite value is taken */
    int is_log;           /* the range is to be searched on a log scale */
    double def, lo, hi;   /* lo and hi belong to the range */
} lrs_param_info;
/* Params are numbered from 0 in the order of the file; those given in options.defines are constants and not among
 * them. */
LRS_API size_t lrs_program_params(const lrs_program *p);
/* 0, or LRS_E_ARG: i is out of range, or out->size is none. */
LRS_API int lrs_program_param(lrs_param_info *out, const lrs_program *p, size_t i);

/* ---- plan ------------------------------------------------------------------------------------ */

/* A program whose params have values. */
typedef struct lrs_plan lrs_plan;

/* Binds params: defaults where not named. Later bindings of the same name win. params may be NULL when nparams is 0.
 * out: the plan, freed with lrs_plan_free; NULL on failure.
 * error/error_cap: may be NULL/0; else error is "" on success, and on LRS_E_PARAM a sentence that names the param
 * and the fix, cut to fit, NUL-terminated.
 * The plan holds a reference to the program: freeing the program first is fine.
 * LRS_OK, LRS_E_PARAM, LRS_E_NOMEM, LRS_E_ARG (also for a name that is NULL). */
LRS_API int lrs_bind(lrs_plan **out, const lrs_program *p, const lrs_binding *params, size_t nparams, char *error,
                     size_t error_cap);
LRS_API void lrs_plan_free(lrs_plan *plan); /* NULL is fine; states and functions of it must not be used any more */

/* The value that param i has in this plan; NaN when i is out of range. */
LRS_API double lrs_plan_param(const lrs_plan *plan, size_t i);
/* The text of a module of Python for JAX that has the program, with the params of the plan: what `lrsc --emit=jax` writes. Returns
 * the length without the final NUL, as snprintf does; writes at most cap bytes, always NUL-terminated when cap > 0. buf may be
 * NULL when cap is 0. 0: plan is NULL, or there is no memory. */
LRS_API size_t lrs_plan_jax(const lrs_plan *plan, char *buf, size_t cap);

/* ---- state ----------------------------------------------------------------------------------- */

/* The reactive half: plain data without pointers, lrs_state_size(plan) bytes, 8-byte aligned; copying it with
 * memcpy is a snapshot. Its layout is that of the state struct in a generated header of the same program.
 * It holds the values of the params too: used with another plan of the same program it goes on with its own. */
typedef struct lrs_state lrs_state;

/* Bytes of a state of this plan: the same for all plans of a program. 0 for NULL. */
LRS_API size_t lrs_state_size(const lrs_plan *plan);
/* Makes caller-provided memory of lrs_state_size(plan) bytes, 8-byte aligned, a state before the first step. It
 * needs no freeing, and may be called again to start anew. Cannot fail; checks nothing. */
LRS_API void lrs_state_init(lrs_state *s, const lrs_plan *plan);
/* The same in memory of the program's allocator; free with lrs_state_free. LRS_OK, LRS_E_NOMEM, LRS_E_ARG. */
LRS_API int lrs_state_new(lrs_state **out, const lrs_plan *plan);
/* Frees a state of lrs_state_new, with the plan that made it or another one of the same program. NULL is fine. */
LRS_API void lrs_state_free(lrs_state *s, const lrs_plan *plan);

/* ---- values: never allocate, lock, fail, or touch errno; check no pointers ---------------------- */

/* Observes the metric (NaN: there is none) as input 0 at this step, then the value of output 0 at this step. NaN, and nothing is
 * observed, when s was not initialised or is a state of another program. */
LRS_API double lrs_get_lr(const lrs_plan *plan, lrs_state *s, int64_t step, double metric);
/* The value of an output at any step, in the state as it is. NaN when there is no such output. */
LRS_API double lrs_value(const lrs_plan *plan, const lrs_state *s, size_t output, int64_t step);
/* The values of all outputs at a step: out[i] = lrs_value(plan, s, i, step) for i < lrs_program_outputs. */
LRS_API void lrs_values(const lrs_plan *plan, const lrs_state *s, int64_t step, double *out);
/* Feeds a metric: rules of the program may act on it. A NaN metric, an input that there is not, and a step not
 * after the last observed one of this input change nothing, so that a repeated call does no harm.
 * Returns the number of rules that acted. */
LRS_API int lrs_observe(const lrs_plan *plan, lrs_state *s, size_t input, int64_t step, double metric);
/* out[i] = lrs_value(plan, s, output, first + i) for i < n, bit for bit; steps past INT64_MAX count as INT64_MAX.
 * out may be NULL when n is 0. NaN, as from lrs_get_lr, when s was not initialised or is a state of another program. */
LRS_API void lrs_fill(const lrs_plan *plan, const lrs_state *s, size_t output, int64_t first, size_t n, double *out);
/* 1 once a rule said `stop`, else 0. */
LRS_API int lrs_stopped(const lrs_state *s);

/* ---- saving ---------------------------------------------------------------------------------- */

/* Saved form: little-endian bytes with version, program hash, params and checksum; the same from every engine and
 * machine. Returns the number of bytes it takes, which is the same for all states of a program; writes them when
 * cap is enough and buf is not NULL, else nothing. 0 when plan or s is NULL, or s is not a state of the plan's
 * program. */
LRS_API size_t lrs_state_save(const lrs_plan *plan, const lrs_state *s, void *buf, size_t cap);
/* Loads into s, which was initialised from a plan of the same program with the same params. Any bytes are safe to
 * try. When it fails, s is unchanged.
 * error/error_cap: may be NULL/0; else error is "" on success, and a sentence on every failure, which names the two programs
 * or the params that differ, with their values; cut to fit, NUL-terminated.
 * LRS_OK; LRS_E_STATE; LRS_E_MISMATCH; LRS_E_ARG: NULL, or s was not initialised, or for another program. */
LRS_API int lrs_state_load(const lrs_plan *plan, lrs_state *s, const void *buf, size_t len, char *error, size_t error_cap);

/* ---- why ------------------------------------------------------------------------------------- */

/* Why an output has its value. The texts live as long as the plan. */
typedef struct lrs_explanation {
    size_t size;           /* set it: sizeof(lrs_explanation) */
    double value;          /* lrs_value at this step */
    double base;           /* before scales and bounds */
    double scale;          /* product of all scales */
    size_t phase;          /* index of the phase, in the order of the file */
    const char *phase_text; /* its source text, that of the call where it is a module's; "" where no phase runs */
    double phase_start, phase_end; /* in steps: from start until before end, which may be +inf */
    const char *law;       /* "linear", "2^x", "half-cosine", ... the form that is evaluated; static */
    int fired;             /* how often rules have acted so far, all outputs together; INT_MAX when more often */
    const char *rule_text; /* source text of the rule that acted last on this output, or on a part without a name; "" when none has.
                               Of those of one step, one that changes the rate */
    int64_t rule_step;     /* the step at which it acted last */
    const char *inner_text; /* in a phase with braces, `repeat` say: the source text of the phase in it that runs; else "" */
    double inner_start, inner_end; /* when that runs, in steps of the run: in this round */
    int64_t round;         /* of the innermost repeat, from 0; -1: no repeat runs */
} lrs_explanation;
/* LRS_OK; LRS_E_ARG: NULL, no such output, s is not a state of the plan's program, or out->size is none. Allocates
 * nothing. */
LRS_API int lrs_explain_at(lrs_explanation *out, const lrs_plan *plan, const lrs_state *s, size_t output, int64_t step);

/* What a rule's eye on a metric knows: the numbers that decide. A detector is what stands after `on` or `until`: plateau, diverge,
 * a condition; or the clock of a phase that lasts seconds. The texts live as long as the plan. */
typedef struct lrs_detector {
    size_t size;           /* set it: sizeof(lrs_detector) */
    const char *kind;      /* "plateau", "diverge", "condition", "clock"; static */
    const char *rule_text; /* source text of the first rule that acts on it; "" when there is none */
    uint64_t inputs;       /* bit i is set: it looks at input i */
    int64_t seen_step;     /* of the last observation that counted (every=); INT64_MIN: there was none. plateau, diverge */
    double best;           /* the best metric so far; infinite: there was none. plateau, diverge; else NaN */
    double smoothed;       /* the metric after smooth=; NaN: it is not smoothed, or there was none */
    int64_t bad;           /* observations without an improvement, which patience is compared with; diverge: above the limit in a
                              row; condition: 1 when it is true */
    double patience;       /* plateau, when it is a number of observations: bad may be so large; diverge: the window; else NaN */
    int64_t cooling;       /* observations left of the cooldown */
    int64_t fired;         /* how often its rules have acted */
    int64_t fired_step;    /* the step at which one acted last */
} lrs_detector;
/* How many detectors the plan's program has; 0 for NULL. */
LRS_API size_t lrs_plan_detectors(const lrs_plan *plan);
/* Detector i, in the order of the file. LRS_OK; LRS_E_ARG: NULL, no such detector, s is not a state of the plan's program, or
 * out->size is none. Allocates nothing. */
LRS_API int lrs_detector_at(lrs_detector *out, const lrs_plan *plan, const lrs_state *s, size_t i);

/* ---- finding a rate -------------------------------------------------------------------------- */

/* What a range test says: the loss of each update, recorded while the rate grew from far too low to far too high. The
 * averages, the end of the test and the suggestions are those of fastai and torch-lr-finder. */
typedef struct lrs_find_options {
    size_t size;                    /* set it: sizeof(lrs_find_options) */
    double smooth;                  /* the losses are averaged with weights 1, b, b^2, ... backwards: b, below 1. 0: 0.98; negative: they
                                     * are taken as they are */
    double diverge;                 /* the test is over after the first average above so many times the best one, more than 1 (of
                                     * averages below 0, as `on diverge(factor=)` has it). 0: 4; negative: it never is */
    int64_t skip_start;             /* so many points are left out at the beginning. 0: a tenth of all; negative: none */
    int64_t skip_end;               /* so many before the test is over. 0: 5; negative: none */
    const lrs_allocator *allocator; /* default: the C library's */
} lrs_find_options;

/* Why there is a suggestion, or none. */
enum {
    LRS_FIND_FOUND = 0,
    LRS_FIND_RATES = 1,  /* a rate is not finite, not above 0, or not above the one before */
    LRS_FIND_FEW = 2,    /* too few points are left: fewer than 2, than 3 for valley, or than 16 for slide */
    LRS_FIND_NO_FALL = 3 /* the loss does not fall: nothing was learnt at these rates */
};

/* A rate to train with. Never grows. */
typedef struct lrs_suggestion {
    double lr;    /* NaN: there is none */
    size_t index; /* the point that it is taken from; n: none */
    int reason;   /* LRS_FIND_FOUND, or why there is none */
} lrs_suggestion;

/* The suggestions look at the points [first, end), which end before the first average that is not finite. */
typedef struct lrs_finding {
    size_t size;             /* set it: sizeof(lrs_finding) */
    size_t first, end;
    size_t diverged;         /* the first point whose average is above `diverge` times the best one; n: none */
    size_t bad_rate;         /* the first point whose rate cannot be; n: none. Then there are no suggestions */
    lrs_suggestion valley;   /* fastai's valley, its default: half way along the longest falling sequence of losses, which need not be
                              * neighbours; it must have 3 */
    lrs_suggestion steepest; /* torch-lr-finder's: where the loss falls most from the point before to the point after */
    lrs_suggestion steep;    /* fastai's steep: where it falls most to the next point, over the logarithm of the rate */
    lrs_suggestion minimum;  /* fastai's minimum: a tenth of the rate at the lowest loss; index is of that loss, not the first one */
    lrs_suggestion slide;    /* fastai's slide: two points 15 apart move from the right to the left while the slopes there differ by more than
                              * 0.005; the left one of the last such pair */
} lrs_finding;

/* Looks at the rates lr[0..n) and the losses loss[0..n) of a range test, in the order of its updates; both may be NULL when
 * n is 0. options may be NULL. smoothed: NULL, or n doubles that receive the averages. Any numbers are fine: what cannot be
 * used is a reason for no suggestion, not an error.
 * LRS_OK, LRS_E_NOMEM, LRS_E_ARG: NULL, a size that is none, or an option out of its range. */
LRS_API int lrs_find(lrs_finding *out, const double *lr, const double *loss, size_t n, const lrs_find_options *options,
                     double *smoothed);
/* A sentence for a reason, and for any other int; never NULL. Static: do not free. */
LRS_API const char *lrs_find_reason(int reason);

/* ---- JIT ------------------------------------------------------------------------------------- */

/* Machine code for one plan. The functions are lrs_get_lr, lrs_value, lrs_observe, lrs_fill and lrs_values
 * without their first argument: they work on the same states, give the same bits, and promise the same. Any number of threads may call
 * them, each with a state of its own. */
typedef struct lrs_functions {
    size_t size;           /* set it: sizeof(lrs_functions) */
    void *handle;          /* owned: lrs_jit_free */
    double (*get_lr)(lrs_state *s, int64_t step, double metric);
    double (*value)(const lrs_state *s, size_t output, int64_t step);
    int (*observe)(lrs_state *s, size_t input, int64_t step, double metric);
    void (*fill)(const lrs_state *s, size_t output, int64_t first, size_t n, double *out);
    void (*values)(const lrs_state *s, int64_t step, double *out);
} lrs_functions;
/* Compiles the plan's program. Loads the LLVM plugin on first need. opt: 0..3, as a C compiler's -O; every level
 * gives the same bits. error/error_cap: may be NULL/0; else a sentence on every failure, cut to fit, NUL-terminated.
 * The plan must outlive the functions. On failure all members but size are zero.
 * LRS_OK, LRS_E_NOENGINE, LRS_E_NOMEM, LRS_E_LIMIT (more than 999 params), LRS_E_ARG, LRS_E_INTERNAL. */
LRS_API int lrs_jit(lrs_functions *out, const lrs_plan *plan, int opt, char *error, size_t error_cap);
/* Frees the code and zeroes all members but size. NULL, and functions that are zero already, are fine. */
LRS_API void lrs_jit_free(lrs_functions *f);

#ifdef __cplusplus
}
#endif
#endif
