/* kernel_bitcode.c: what every generated module starts from.
 *
 * In: the kernel headers. Out: LLVM bitcode, embedded in the plugin, in which the declarations below (lrs_g_program,
 * lrs_g_params_n, ...) are missing; module.c reads it, defines them for one schedule and renames
 * the functions to those of the generated header. With the descriptors constant, the optimiser folds the kernels to the
 * schedule at hand. May call: the kernel headers alone; no C library but fma.
 *
 * Compiled once, for x86-64, and used for every 64-bit little-endian target: the code holds no sizes or layouts that
 * differ between them, and module.c removes what names a processor.
 */
#include "kernel/types.h"

/* Observing and bulk fill share one copy of the laws; NAME_lr, which get_lr jumps to, has the other. */
static double base_seldom(const lrs_k_program *k, const double *T, const double *D, const lrs_k_out *o, uint32_t mask,
                          double x);
static double value_seldom(const lrs_k_program *k, const double *D, uint32_t out, uint32_t mask, double x);
#define LRS_K_BASE_SELDOM base_seldom
#define LRS_K_VALUE_SELDOM value_seldom

#include "kernel/value.h"
#include "kernel/observe.h"
#include "kernel/state.h"
#include "module_names.h"

#define NOINLINE __attribute__((noinline))
/* Called once or rarely, over little data. module.c keeps vectors out of them, too. */
#define RARE __attribute__((noinline))

/* Defined by module.c. */
extern const lrs_k_program lrs_g_program;
extern const uint64_t lrs_g_params_n;
extern const uint64_t lrs_g_outputs_n;   /* those of the program */
extern const double lrs_g_params_def[], lrs_g_params_lo[], lrs_g_params_hi[]; /* no default: NaN; init's limits */
extern const double lrs_g_events[];      /* event ends before any event */
extern const uint32_t lrs_g_mask;        /* the kinds of segment of all outputs together */
extern uint64_t lrs_g_own[];             /* the own state of get_lr */
extern const int32_t lrs_g_codes[];      /* all codes that have a message */
extern const uint64_t lrs_g_codes_n;
extern const uint32_t lrs_g_message_at[]; /* where their messages begin, then that for all other codes */
extern const char lrs_g_messages[];

static NOINLINE double base_seldom(const lrs_k_program *k, const double *T, const double *D, const lrs_k_out *o, uint32_t mask,
                                   double x)
{
    (void)mask;
    return lrs_k_base(k, T, D, o, lrs_g_mask, x);
}

/* lrs_k_value_at with the shared base. */
static double value_seldom(const lrs_k_program *k, const double *D, uint32_t out, uint32_t mask, double x)
{
    const lrs_k_out *o = &k->outs[out];
    (void)mask;
    return lrs_k_canon(lrs_k_bounded(o, lrs_k_table(k, D), lrs_k_scaled(k, D, out, x, LRS_K_NONE, 1.0)));
}

static int64_t *ints(uint64_t *words)
{
    return lrs_k_state_i(words);
}

static double *doubles(uint64_t *words)
{
    return lrs_k_state_d(&lrs_g_program, words);
}

static const double *doubles_of(const uint64_t *words)
{
    return lrs_k_state_cd(&lrs_g_program, words);
}

/* Not inlined: metrics come seldom, and the way without one stays short. */
static NOINLINE int observe_rarely(uint64_t *words, uint32_t input, int64_t step, double metric)
{
    return lrs_k_observe(&lrs_g_program, ints(words), doubles(words), input, step, metric);
}

int lrs_g_observe(uint64_t *words, uint32_t input, int64_t step, double metric)
{
    return observe_rarely(words, input, step, metric);
}

/* With several outputs, module.c makes it inlined into each NAME_OUT, so that each folds. */
NOINLINE double lrs_g_value(const uint64_t *words, uint32_t out, int64_t step)
{
    return lrs_k_value(&lrs_g_program, doubles_of(words), out, step);
}

/* What step code has of another output: module.c makes a function of it for each output that is read. */
__attribute__((always_inline)) double lrs_g_out(const double *D, uint32_t out, double x)
{
    return lrs_k_out_at(&lrs_g_program, D, out, x);
}

/* A state that init has not made would have a rate, such as 0 for ever. */
static int is_state(const uint64_t *words)
{
    return words[1] == lrs_g_program.layout->hash;
}

static RARE void fill_nan(size_t n, double *y)
{
#pragma clang loop vectorize(disable) unroll(disable)
    for (size_t i = 0; i < n; i++)
        y[i] = LRS_K_NAN;
}

void lrs_g_fill(const uint64_t *words, uint32_t out, int64_t first, size_t n, double *y)
{
    if (!is_state(words)) {
        fill_nan(n, y);
        return;
    }
    lrs_k_fill(&lrs_g_program, doubles_of(words), out, first, n, y);
}

/* The outputs and inputs that a program does not have, for functions that take their number. */
double lrs_g_no_value(const uint64_t *words, uint32_t out, int64_t step)
{
    (void)words;
    (void)out;
    (void)step;
    return LRS_K_NAN;
}

int lrs_g_no_observe(uint64_t *words, uint32_t input, int64_t step, double metric)
{
    (void)words;
    (void)input;
    (void)step;
    (void)metric;
    return 0;
}

void lrs_g_no_fill(const uint64_t *words, uint32_t out, int64_t first, size_t n, double *y)
{
    (void)words;
    (void)out;
    (void)first;
    fill_nan(n, y);
}

static NOINLINE double observe_and_get(uint64_t *words, int64_t step, double metric)
{
    observe_rarely(words, 0, step, metric);
    return lrs_g_value(words, 0, step);
}

/* Two jumps: the way without a metric saves no registers. */
static double get_lr(uint64_t *words, int64_t step, double metric)
{
    return metric == metric ? observe_and_get(words, step, metric) : lrs_g_value(words, 0, step);
}

double lrs_g_state_get_lr(uint64_t *words, int64_t step, double metric)
{
    return is_state(words) ? get_lr(words, step, metric) : LRS_K_NAN;
}

double lrs_g_get_lr(int64_t step, double metric)
{
    return get_lr(lrs_g_own, step, metric);
}

/* One copy of the laws for all outputs. */
void lrs_g_eval(const uint64_t *words, int64_t step, double *out)
{
    uint64_t k;
    for (k = 0; k < lrs_g_outputs_n; k++)
        out[k] = value_seldom(&lrs_g_program, doubles_of(words), (uint32_t)k, 0, lrs_k_time(step));
}

NOINLINE int lrs_g_observe_all(uint64_t *words, int64_t step, const double *metrics)
{
    int acted = 0;
    uint32_t k;
    for (k = 0; metrics && k < lrs_g_program.layout->ninput; k++)
        acted += observe_rarely(words, k, step, metrics[k]);
    return acted;
}

static double get_lr_all(uint64_t *words, int64_t step, const double *metrics)
{
    lrs_g_observe_all(words, step, metrics);
    return lrs_g_value(words, 0, step);
}

double lrs_g_state_get_lr_all(uint64_t *words, int64_t step, const double *metrics)
{
    return is_state(words) ? get_lr_all(words, step, metrics) : LRS_K_NAN;
}

double lrs_g_get_lr_all(int64_t step, const double *metrics)
{
    return get_lr_all(lrs_g_own, step, metrics);
}

RARE void lrs_g_params_default(double *params)
{
    uint64_t k;
    for (k = 0; k < lrs_g_params_n; k++)
        params[k] = lrs_g_params_def[k];
}

static int bind_into(double *D, const double *params, const double *events)
{
    return lrs_g_program.bind(lrs_g_program.ctx, params, events, lrs_g_program.table ? NULL : D + lrs_g_program.layout->table);
}

/* A failure leaves a state that was initialised as it was: bind() has overwritten T, so T is made again. */
static NOINLINE int bind_new(uint64_t *words, const double *params)
{
    double *D = doubles(words);
    int failed = bind_into(D, params, lrs_g_events);
    if (failed && words[0] == lrs_k_state_version(&lrs_g_program) && words[1] == lrs_g_program.layout->hash)
        bind_into(D, D, D + lrs_g_program.layout->event);
    return failed;
}

RARE int lrs_g_init(uint64_t *words, const double *params)
{
    double *D;
    int failed;
    uint64_t k;
    if (!words)
        return LRS_G_E_ARG;
    D = doubles(words);
    if (!params || lrs_g_params_n == 0)
        params = lrs_g_params_def;
    for (k = 0; k < lrs_g_params_n; k++)
        if (!(params[k] >= lrs_g_params_lo[k] && params[k] <= lrs_g_params_hi[k]))
            return -1 - (int)k;
    if (lrs_g_program.bind) {
        failed = bind_new(words, params);
        if (failed)
            return -LRS_G_CHECK_BASE - failed;
    }
    for (k = 0; k < lrs_g_params_n; k++)
        D[k] = params[k];
    lrs_k_reset(&lrs_g_program, words);
    return 0;
}

int lrs_g_stopped(const uint64_t *words)
{
    return (int)(words[LRS_K_HEADER_WORDS] & LRS_K_STOPPED);
}

RARE size_t lrs_g_save(const uint64_t *words, void *buf, size_t cap)
{
    return words ? lrs_k_save(&lrs_g_program, words, buf, cap) : 0;
}

RARE int lrs_g_load(uint64_t *words, const void *buf, size_t len)
{
    return words && buf ? lrs_k_load(&lrs_g_program, words, buf, len) : LRS_G_E_ARG;
}

RARE const char *lrs_g_error(int code)
{
    uint64_t k = 0;
    while (k < lrs_g_codes_n && lrs_g_codes[k] != code)
        k++;
    return lrs_g_messages + lrs_g_message_at[k];
}

/* The operations of the IR that are functions, for expr() and bind(). */
#define WRAP_0(name)
#define WRAP_1(name) double lrs_g_op_##name(double a); double lrs_g_op_##name(double a) { return lrs_k_##name(a); }
#define WRAP_2(name) double lrs_g_op_##name(double a, double b); \
    double lrs_g_op_##name(double a, double b) { return lrs_k_##name(a, b); }
#define WRAP_3(name) double lrs_g_op_##name(double a, double b, double c); \
    double lrs_g_op_##name(double a, double b, double c) { return lrs_k_##name(a, b, c); }
#define OP(NAME, name, arity) WRAP_##arity(name)
#define OP_DIRECT(NAME, name, arity)
#include "ir.def"
