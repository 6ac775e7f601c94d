/* program.h: what a program and a plan are inside, for the runtime and for those who make them (compiler/encode.c).
 * The runtime includes nothing of compiler/: what a program was compiled from is an opaque owner with a destructor. */
#ifndef LRS_RUNTIME_PROGRAM_H
#define LRS_RUNTIME_PROGRAM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/types.h"
#include "lrs/lrs.h"

/* ---- register code, for what no segment describes: expressions of a step, and bind ---- */

enum lrs_opcode {
#define CODE(NAME, arity, value) LRS_CODE_##NAME,
#include "code.def"
    LRS_CODE_CHECK,  /* bind: when a is 0, check number b has failed */
    LRS_CODE_OUT,    /* step code: dst is the value of output number b at this time */
    LRS_CODE_RETURN, /* a is the result */
    LRS_CODES
};

/* An operand is an address: a space in the upper three bits, an index in the rest (STATE: in d[]). No operation loads or stores. */
enum lrs_space { LRS_SPACE_REGISTER, LRS_SPACE_TABLE, LRS_SPACE_CONSTANT, LRS_SPACE_PARAM, LRS_SPACE_EVENT, LRS_SPACE_STATE,
                 LRS_SPACES };
#define LRS_SPACE_BITS 29
#define LRS_ADDRESS(space, index) ((uint32_t)(space) << LRS_SPACE_BITS | (uint32_t)(index))
#define LRS_ADDRESS_LIMIT ((uint32_t)1 << LRS_SPACE_BITS)

/* The registers, on the C stack. The first hold what a step brings: time, tau, u, cou, cycle. */
#define LRS_REGISTERS 257
enum { LRS_REGISTER_TIME, LRS_REGISTER_TAU, LRS_REGISTER_U, LRS_REGISTER_COU, LRS_REGISTER_CYCLE, LRS_REGISTER_FREE };

typedef struct lrs_code {
    uint32_t op;
    uint32_t dst, a, b, c; /* addresses; dst in registers or the table */
} lrs_code;

/* ---- program ---- */

/* A time of a phase: T[slot], or the value when slot is LRS_K_NONE. */
typedef struct lrs_moment {
    uint32_t slot;
    double value;
} lrs_moment;

typedef struct lrs_phase_info {
    const char *text;
    lrs_moment start, end;
} lrs_phase_info;

/* All arrays belong to the owner. */
struct lrs_program {
    atomic_size_t references;
    lrs_allocator allocator; /* a zeroed one: the C library's */
    void *owner;
    void (*free_owner)(void *owner); /* frees the program too: it lies in the owner */

    lrs_k_layout layout;
    const lrs_k_out *outs;
    const uint8_t *kinds;
    const uint32_t *phases;
    const uint32_t *exprs;
    const lrs_k_scale *scales;
    const lrs_k_det *dets;
    const lrs_k_rule *rules;
    const lrs_k_out *blocks;

    const double *image;         /* layout.ntable: the constants of T, 0 where bind computes; all of T when it is constant */
    const double *constants;     /* of all code */
    const lrs_code *bind;        /* computes the rest of T and runs the checks; NULL when there is neither */
    const lrs_code *const *expr; /* one piece of code for each expression */
    const uint32_t *expr_registers; /* how many registers it uses */

    const lrs_param_info *params;
    const char *unit;            /* what a step counts */
    const char *const *inputs;
    const char *const *outputs;  /* npublic */
    uint32_t npublic;            /* layout.nout counts parts of expressions too */
    const char *const *checks;   /* messages */
    const char *const *rule_texts; /* layout.nrule, or NULL */
    const lrs_phase_info *phase;
    const uint32_t *phase_of;    /* layout.nkind, or NULL when there are no phases */
    uint32_t nphase;
};

/* ---- engines ---- */

/* The kernels, compiled for one kind of processor. All give the same bits. */
typedef struct lrs_kernels {
    const char *name;
    double (*value)(const lrs_k_program *k, const double *D, uint32_t out, int64_t step);
    void (*fill)(const lrs_k_program *k, const double *D, uint32_t out, int64_t first, size_t n, double *y);
    int (*observe)(const lrs_k_program *k, int64_t *I, double *D, uint32_t input, int64_t step, double metric);
    int (*load)(const lrs_k_program *k, uint64_t *words, const void *buf, size_t len);
    lrs_k_expr_fn expr; /* ctx of the lrs_k_program and of bind: the lrs_program */
    lrs_k_bind_fn bind;
} lrs_kernels;

extern const lrs_kernels lrs_kernels_baseline;
#if defined(__x86_64__) && defined(LRS_HAVE_V3)
extern const lrs_kernels lrs_kernels_v3;
#endif
/* The fastest that this processor runs. */
const lrs_kernels *lrs_kernels_pick(void);

/* ---- plan ---- */

struct lrs_plan {
    const lrs_program *program;
    const lrs_kernels *kernels;
    lrs_k_program k;
    size_t nwords;
    uint64_t image[]; /* a state at its start, T bound */
};

/* As lrs_bind, with given kernels: for tests that compare them. */
int lrs_bind_with(lrs_plan **out, const lrs_program *p, const lrs_binding *params, size_t nparams, char *error,
                  size_t error_cap, const lrs_kernels *kernels);

/* ---- helpers ---- */

void *lrs_rt_alloc(const lrs_allocator *allocator, size_t n);
void lrs_rt_free(const lrs_allocator *allocator, void *p);

/* Whether s is a state of the plan's program at all. */
int lrs_state_fits(const lrs_plan *plan, const lrs_state *s);

/* Public structs begin with their size. Fills the caller's from ours, of `known` bytes: what it is shorter by is left out,
 * what it is longer by is zeroed. LRS_E_ARG: not a size; then *out is as it was. */
int lrs_struct_give(void *out, const void *ours, size_t known);
/* Whether it would. */
int lrs_struct_sized(const void *any);
/* The other way. What the caller's is shorter by is zeroed; what it is longer by must be zero, else LRS_E_ARG. */
int lrs_struct_take(void *ours, size_t known, const void *given);

/* The shortest decimal that reads back as v (at most 24 characters), with a point in every locale. */
#define LRS_NUMBER_TEXT 48
void lrs_number_text(char text[LRS_NUMBER_TEXT], double v);
/* The candidate that name was probably meant to be, or NULL. */
const char *lrs_nearest(const char *name, const lrs_param_info *candidates, size_t n);

#endif
