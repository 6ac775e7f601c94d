/* lowering.h: shared by the files that turn the checked schedule into IR: lower*.c and normal.c. */
#ifndef LRS_LOWERING_H
#define LRS_LOWERING_H

#include "check.h"
#include "ir.h"

typedef struct lowering {
    arena *mem;
    lrs_diagnostics *d;
    const chk_program *checked;
    ir_builder *b;
    ir_program *p;
    uint64_t budget;    /* expressions still to be visited: definitions can multiply what they use */
    int depth;          /* expressions being visited now */
    span at;            /* the phase or rule that is lowered */
    ir_ref *table;
    uint32_t ntable, table_cap;
} lowering;

/* What names mean while an expression is lowered. Times are in ticks: what the trainer's step counts. */
typedef struct frame {
    const ir_ref *args;  /* values of formals */
    ir_ref t;            /* CHK_T: time since the phase began, shifted */
    ir_ref u;            /* CHK_U */
    ir_ref start, end;
    ir_ref x;            /* the time itself: CHK_STEP, CHK_EPOCH */
} frame;

/* ---- lower_parts.c: what all of them put into the program ---- */

/* How many items the arrays of the program have room for. */
typedef struct growing {
    uint32_t kinds, phases, checks, scales, dets, rules, expr;
    uint32_t phase_ends, exprs, phase_of, scale_at, rule_at;
} growing;

/* A rule that waits until all segments are there, and the segments that it holds for: seg .. seg + nseg, counted from the first
 * of the output; nseg 0: all. */
typedef struct low_waiting {
    const chk_rule *rule;
    uint32_t seg, nseg;
} low_waiting;

/* The output that is being lowered. */
typedef struct output {
    lowering *l;
    growing *cap;
    uint32_t index;
    int next, restart;    /* a rule of the whole schedule ends phases, or starts them again */
    low_waiting *waiting;
    uint32_t nwaiting, waiting_cap;
} output;

/* A segment of the table, as values. 0: the number 0. */
typedef struct segment {
    int kind;
    ir_ref end, ref, hi, lo, a, b, off, p;
    ir_ref root;       /* EXPR */
} segment;

ir_ref low_num(lowering *l, double v);
ir_ref low_op2(lowering *l, enum ir_op op, ir_ref x, ir_ref y);
ir_ref low_select(lowering *l, ir_ref c, ir_ref x, ir_ref y);
ir_ref low_times(lowering *l, ir_ref x, ir_ref y);
/* The value of an expression outside of phases. */
ir_ref low_value(lowering *l, const ast_expr *e);
ir_ref low_value_or(lowering *l, const ast_expr *e, double otherwise);
/* Room for n more items of an array of the program. */
void *low_grow(lowering *l, void *at, uint32_t n, uint32_t *cap, size_t size);
/* A new entry of the table: its index. */
uint32_t low_put_table(lowering *l, ir_ref r);
/* Says message where cond does not hold: now when that is known, else when params are bound. */
void low_put_check(lowering *l, growing *cap, ir_ref cond, span at, const char *message);
/* The words of a span on one line, shortened to what a message can hold. */
const char *low_words(lowering *l, span at, size_t most);
ir_ref low_not_negative(lowering *l, ir_ref x); /* and finite */
ir_ref low_is_finite(lowering *l, ir_ref x);
/* It does hold, whatever the params: there is nothing to say, and no message to make. */
int low_holds(const lowering *l, ir_ref cond);
ir_ref low_checked(lowering *l, growing *cap, const ast_expr *e, double otherwise, int may_be_negative, const char *what);
/* A segment of phase number `phase`, which the event end number `event` can end. */
void low_put_segment(output *o, const segment *s, uint32_t phase, uint32_t event);

/* A limit is passed: the place of it is kept. */
int low_is_over(const lowering *l);

/* Where the phase before ended, and its rate there, which is a STEP value where that is not known before the run. */
typedef struct running {
    ir_ref time, value;
    span at;
} running;

/* ---- lower.c ---- */
/* A phase: *r says where the one before ended, and then where this one does. */
void low_phase(output *o, const chk_phase *q, running *r);

/* ---- lower_output.c ---- */
void low_output(lowering *l, growing *cap, const chk_output *c);

/* ---- lower_rule.c ---- */

/* Does a rule, of the schedule or of the phase, end this phase or start it again? */
int low_has_next(const output *o, const chk_phase *q);
int low_has_restart(const output *o, const chk_phase *q);
/* These rules hold while one of the segments seg .. seg + nseg of the output runs, or always when nseg is 0. */
void low_add_rules(output *o, const chk_rule *rules, uint32_t seg, uint32_t nseg);
/* All that were added, in the order in which they are written. */
void low_put_rules(output *o);

/* ---- lower_expr.c ---- */
ir_ref low_expr(lowering *l, const frame *f, const ast_expr *e);
/* The value of a param, let or constant; durations in ticks. */
ir_ref low_symbol(lowering *l, chk_symbol *s);
/* The body of a law or function: args for formals[first..n), NULL for defaults; value of formals[0] is `zeroth` when first is 1. */
ir_ref low_body(lowering *l, const frame *f, const chk_symbol *s, uint32_t first, ir_ref zeroth, const ast_expr *const *args);
/* ir_op with what is known of the leaves: 1 - u is cou, cos(pi x) is cospi(x). */
ir_ref low_op(lowering *l, enum ir_op op, ir_ref x, ir_ref y, ir_ref z);
ir_ref low_pow(lowering *l, ir_ref base, ir_ref exponent);
int low_is_const(const lowering *l, ir_ref r, double v);
int low_stage(const lowering *l, ir_ref r);

/* ---- normal.c: the normal form of a law ---- */

/* beta + leaf*(hi + lo) */
typedef struct affine {
    enum ir_op leaf; /* IR_TAU, IR_U, IR_COU */
    ir_ref hi, lo, beta;
} affine;

/* a + b*g(w); kind says which g */
typedef struct normal {
    int kind;        /* LRS_K_*; LRS_K_EXPR: none of the others, root is the whole value */
    ir_ref a, b;
    affine w;        /* EXP2: the exponent, beta folded into b */
    ir_ref k_hi, k_lo; /* STAIR: log2 of the factor */
    ir_ref p;        /* POW: exponent; STAIR: length of a stair; COSQRT: the time where w is 1 */
    ir_ref rest;     /* EXP2, STAIR: log2 of what b as a double leaves out; 0: nothing */
    ir_ref root;
} normal;

normal low_normal(lowering *l, ir_ref root);
/* Is w exactly this leaf? */
int low_is_leaf(const lowering *l, const affine *w, enum ir_op leaf);
/* (hi + lo)*k and (hi + lo)/k in double-double */
void low_dd_mul(lowering *l, ir_ref *hi, ir_ref *lo, ir_ref k);
void low_dd_div(lowering *l, ir_ref *hi, ir_ref *lo, ir_ref k);

#endif
