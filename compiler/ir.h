/* ir.h: the intermediate representation: what a checked schedule is lowered to, and all that backends see.
 *
 * A program is a list of SSA values (ins[]), the run-time descriptors of runtime/kernel/types.h whose numbers are
 * indices into the table, and for each entry of the table the value that it holds.
 *
 *   stage CONST  known at compile time; folded with the kernel's own functions, so folding never changes a bit
 *   stage BIND   depends on params or event ends: computed by bind() into the table
 *   stage STEP   depends on the step: only in the expressions of EXPR segments
 *
 * Operands always come before their users. A STEP value may use CONST values (immediates) and BIND values, which
 * step code loads from the table: T[slot].
 *
 * The builder (ir_op and friends) hash-conses, folds constants, and applies only identities that are exact in IEEE
 * arithmetic (x*1, x/1, select of a constant; never x+0 or x*0, but x-0).
 */
#ifndef LRS_IR_H
#define LRS_IR_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "kernel/types.h"
#include "lrs/lrs.h"
#include "arena.h"
#include "source.h"

enum ir_op {
#define OP(NAME, name, arity) IR_##NAME,
#include "ir.def"
    IR_OPS
};

enum ir_stage { IR_STAGE_CONST, IR_STAGE_BIND, IR_STAGE_STEP };

/* Number of a value; 0 is none. */
typedef uint32_t ir_ref;

typedef struct ir_ins {
    uint8_t op;       /* enum ir_op */
    uint8_t stage;    /* enum ir_stage */
    uint8_t by_event; /* EVENT, or computed from one */
    uint32_t index;   /* PARAM, EVENT, OUT, INPUT */
    uint32_t slot;    /* BIND values that step code reads: their place in the table; else LRS_K_NONE */
    ir_ref a, b, c;
    double imm;       /* CONST: the value */
    double imm_low;   /* CONST from a literal: literal - imm; only LOG2HI/LOG2LO folding looks at it */
} ir_ins;

typedef struct ir_param {
    const char *name;
    int has_default, has_range, is_log;
    double def, lo, hi;
    span at;
    const char *unit;  /* of its values, in words: "epochs"; NULL: they are plain numbers */
    int is_given;      /* warnings are about this value and not about the default: no part of the program */
    double given;
} ir_param;

/* bind() fails with check k when cond is 0. message names the param or phase and the fix. */
typedef struct ir_check {
    ir_ref cond;
    const char *message;
    span at;         /* what it is about; end 0: not known */
    int is_required; /* by a `require` */
} ir_check;

/* How a phase was written. */
enum {
    IR_PHASE_FROM = 1,     /* says its start: `from V` */
    IR_PHASE_ZERO = 2,     /* a warm-up from 0 */
    IR_PHASE_VALUE = 4,    /* hold V, a piece of a table */
    IR_PHASE_FORMULA = 8,  /* curve EXPR */
    IR_PHASE_SHIFTED = 16,
    IR_PHASE_LENGTH = 32,  /* ends by its length; neither this nor UNTIL: open-ended */
    IR_PHASE_UNTIL = 64,
    IR_PHASE_OWN_END = 128, /* ends where what is in it ends: points, a number of rounds */
    IR_PHASE_BRACES = 256,  /* has phases of its own */
    IR_PHASE_OF_STEP = 512, /* a formula with `step` */
    IR_PHASE_OF_TIME = 1024, /* one with `t` */
    IR_PHASE_RANGETEST = 2048
};

/* One phase as written, for lrs_explain_at, comments in emitted code and reports. */
typedef struct ir_phase {
    const char *text;   /* its source text */
    span at;
    uint32_t out;
    ir_ref start, end;  /* times (stage <= BIND) */
    unsigned traits;    /* IR_PHASE_* */
    span start_at, end_at; /* what says where it starts from, and when it ends; else the whole phase */
    uint32_t around;    /* the phase whose braces it stands in, and start and end count from the beginning of that, or of
                           its round: 1 + its number; 0: none */
} ir_phase;

/* Where a rule and its parts stand in the source. */
typedef struct ir_rule_at {
    span at, action, patience, cooldown, floor;
    const char *text;
} ir_rule_at;

/* Step code of one EXPR segment. */
typedef struct ir_expr {
    ir_ref root;        /* stage any; STEP usually */
    uint32_t first, n;  /* its STEP values in evaluation order: exprlist[first .. first+n); root included when STEP */
} ir_expr;

typedef struct ir_program {
    const char *name;          /* file name, for comments */
    ir_ins *ins;               /* [0] is unused */
    uint32_t nins;

    ir_param *params;          /* layout.nparam */
    const char **inputs;       /* layout.ninput names */
    const char **output_names; /* layout.nout; NULL for parts of expressions */
    uint32_t npublic;          /* the first so many outputs are the program's; the others are only read by them. 0: all */

    lrs_k_layout layout;
    lrs_k_out *outs;           /* layout.nout */
    lrs_k_out *blocks;         /* layout.nblock; each after those that its segments lead to */
    uint8_t *kinds;            /* layout.nkind */
    uint32_t *phases;          /* layout.nkind: event end of the segment or LRS_K_NONE */
    uint32_t *exprs;           /* layout.nkind: index into expr[] for EXPR segments, into blocks[] for SUB, else LRS_K_NONE */
    uint32_t *phase_of;        /* layout.nkind: index into phase[] of the phase it belongs to */
    lrs_k_scale *scales;       /* layout.nscale */
    lrs_k_det *dets;           /* layout.ndet */
    lrs_k_rule *rules;         /* layout.nrule */
    ir_rule_at *scale_at;      /* layout.nscale; NULL in programs that come from no source */
    ir_rule_at *rule_at;       /* layout.nrule */

    ir_ref *table;             /* layout.ntable: the value of each entry, stage <= BIND */
    ir_expr *expr;
    uint32_t nexpr;
    ir_ref *exprlist;
    uint32_t nexprlist;
    ir_check *checks;
    uint32_t nchecks;
    ir_phase *phase;
    uint32_t nphase;

    ir_ref *bindlist;          /* BIND values that the table or a check needs, in evaluation order */
    uint32_t nbindlist;
    int has_defaults;          /* every param has a default */
    double total;              /* the length of the run, with params at their defaults; 0: not known */
    span total_at;
    span *bounds_at;           /* per output; end 0: it has none. NULL in programs that come from no source */
    double *out_total;         /* per output: how long its templates say that it is, likewise; 0: they do not */
    double steps_per_epoch, samples_per_step, tokens_per_step; /* likewise, as the file has them; 0: not known */
    const lrs_source *sources; /* those that `use` has read, by the names that they were looked for by */
    size_t nsources;
    int counts_steps;          /* the trainer's step is an optimizer update */
    const char *step_unit;     /* what the trainer's step counts: "step", "epoch", "sample", "token"; NULL: not said */
} ir_program;

const char *ir_op_name(enum ir_op op);
int ir_op_arity(enum ir_op op);

/* ---- building (lower.c) ---- */

typedef struct ir_builder ir_builder;
ir_builder *ir_begin(arena *mem);                   /* NULL: no memory */
ir_ref ir_const(ir_builder *b, double v);
ir_ref ir_literal(ir_builder *b, double v, double low);
ir_ref ir_param_ref(ir_builder *b, uint32_t index);
ir_ref ir_event_ref(ir_builder *b, uint32_t index);
ir_ref ir_out_ref(ir_builder *b, uint32_t index);   /* the value of an output; outputs must not depend on each other in circles */
ir_ref ir_input_ref(ir_builder *b, uint32_t index);
ir_ref ir_leaf(ir_builder *b, enum ir_op op);       /* TIME, TAU, U, COU, CYCLE */
/* Any operation; unused operands 0. Without memory, or past LRS_IR_MAX values, it returns some valid ref and ir_failed() tells.
 * Values are numbered in the order of calls, and the hash of the program depends on it. So no call has two arguments that make
 * values: which of them C computes first is up to the compiler that builds lrs. */
ir_ref ir_op(ir_builder *b, enum ir_op op, ir_ref x, ir_ref y, ir_ref z);
const ir_ins *ir_get(const ir_builder *b, ir_ref r);
/* How many values there are, and back to so many: what came later is as if it had never been. */
uint32_t ir_count(const ir_builder *b);
void ir_rewind(ir_builder *b, uint32_t count);
int ir_failed(const ir_builder *b);                 /* 0, LRS_E_NOMEM, LRS_E_LIMIT */
#define LRS_IR_MAX (1u << 18)
/* Values that the expressions of a program compute, those that several have in common counted for each. */
#define LRS_IR_MAX_STEP (1u << 20)

/* Hands the values over and completes p: drops what nothing needs, renumbers, assigns slots to BIND values that step code
 * reads (appending to the table), fills bindlist, exprlist, the layout's derived numbers and the hash.
 * The caller has set everything else of p. 0 or LRS_E_NOMEM, LRS_E_LIMIT. */
int ir_finish(ir_program *p, ir_builder *b, arena *mem);

/* ---- looking ---- */

/* Evaluates one operation with the kernel's functions: what folding, and only folding, uses. */
double ir_eval_op(enum ir_op op, double a, double b, double c);
/* Structural rules (order, stages, indices in range, ends). NULL when sound, else what is wrong. For tests and debug builds. */
const char *ir_verify(const ir_program *p);
/* --emit=ir */
void ir_print(const ir_program *p, void (*put)(void *ctx, const char *text, size_t n), void *ctx);

/* True when something reads what an input was last, so that the state keeps it. */
int ir_reads_inputs(const ir_program *p);
/* True when an output, or the condition of a rule, reads this one. */
int ir_reads_output(const ir_program *p, uint32_t output);
/* What a param is going to be, for warnings: the value that is given, or its default; NaN: neither is known. */
double ir_param_usual(const ir_param *q);
/* True when the whole table is CONST. */
int ir_table_is_const(const ir_program *p);

/* The params' defaults, bound: state image of lrs_k_layout (header, i, d with T) as generated code embeds it. words has room for
 * LRS_K_HEADER_WORDS + ni + nd. Returns 0, or 1 + index of the failing check; -1 when a param has no default,
 * LRS_E_NOMEM. (Uses a plain
 * evaluation of the IR, so it is also the reference that tests compare engines with.) */
int ir_initial_state(const ir_program *p, uint64_t *words);

/* Reference bind over the IR: fills T[ntable] (NULL: only the checks) from params and event ends. 0, or 1 + index of the
 * failing check. Both may return LRS_E_NOMEM. */
int ir_bind(const ir_program *p, const double *params, const double *events, double *table);

#endif
