/* lowering.h: shared by the files that turn the checked schedule into IR: lower*.c and normal.c. */
#ifndef LRS_LOWERING_H
#define LRS_LOWERING_H

#include "check.h"
#include "ir.h"

/* Rates that templates start from are told apart by how deep a template stands in others. */
#define LOW_RATES 16

typedef struct lowering {
    arena *mem;
    lrs_diagnostics *d;
    const chk_program *checked;
    ir_builder *b;
    ir_program *p;
    uint64_t budget;    /* expressions still to be visited: definitions can multiply what they use */
    uint32_t rates;     /* counts what templates start from: blocks that were lowered for other rates are other blocks */
    uint32_t changed[LOW_RATES]; /* when (of `rates`) that of a template so deep in others was another one last */
    uint32_t inside[LOW_RATES]; /* in how many repeats that was */
    uint32_t repeats;   /* around what is lowered; those whose rounds are phases of their own are none */
    int is_trial;       /* values are made that may be dropped again; lets that were computed meanwhile: */
    struct low_undo *undo;
    uint32_t seen_rates; /* those that the let being lowered depends on: a set of these */
    int depth;          /* expressions being visited now */
    span at;            /* the phase or rule that is lowered */
    ir_ref *table;
    uint32_t ntable, table_cap;
    ir_ref cycle;       /* CHK_CYCLE: the round of the repeat that is lowered */
    int has_given;      /* a param has a value that warnings are about
                         * in place of its default */
    int dry;            /* what is lowered is only looked at: nothing goes into the program */
    struct low_block **blocks; /* a hash table: nblocks in so many lists */
    uint32_t nblocks, block_lists;
    struct low_marks *marks;
    struct low_total *totals; /* see low_says_total */
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
    uint32_t phase_ends, exprs, phase_of, scale_at, rule_at, blocks;
} growing;

/* A rule that waits until all segments are there, and the segments that it holds for: seg .. seg + nseg, counted from the first
 * of the output; nseg 0: all. */
typedef struct low_waiting {
    const chk_rule *rule;
    uint32_t seg, nseg;
} low_waiting;

/* A segment of the table, as values. 0: the number 0. Of SUB, hi ... p are the words of lrs_k_sub in their order. */
typedef struct segment {
    int kind;
    ir_ref end, ref, hi, lo, a, b, off, p;
    ir_ref root;       /* EXPR */
    struct low_block *first, *later; /* SUB: the blocks of the first round and of the others; NULL: all have the first */
    uint32_t phase, event;
} segment;

/* The output or block that is being lowered. Its segments stand together in the table, and so wait until all are there. */
typedef struct output {
    lowering *l;
    growing *cap;
    uint32_t index;       /* of the output */
    int next, restart;    /* a rule of the whole schedule ends phases, or starts them again */
    low_waiting *waiting;
    uint32_t nwaiting, waiting_cap;
    lrs_k_out *out;
    segment *segments;
    uint32_t nsegment, segment_cap;
    uint32_t phase;       /* the phase that is being lowered */
    uint32_t around;      /* the phase whose block this is; LRS_K_NONE: this is the output itself */
    int in_repeat;        /* when it runs is not known here */
    ir_ref round;         /* points in time count from here on its clock; 0: from its beginning */
    ir_ref origin;        /* the point in time at which its clock begins; 0: 0 */
    ir_ref points;        /* in a template, the point in time from which points in time count; 0: 0 */
} output;


ir_ref low_num(lowering *l, double v);
ir_ref low_op2(lowering *l, enum ir_op op, ir_ref x, ir_ref y);
ir_ref low_select(lowering *l, ir_ref c, ir_ref x, ir_ref y);
ir_ref low_times(lowering *l, ir_ref x, ir_ref y);
/* The value of an expression outside of phases. */
ir_ref low_value(lowering *l, const ast_expr *e);
ir_ref low_value_or(lowering *l, const ast_expr *e, double otherwise);
/* A value that is known before the run, with params at their defaults; NaN where one has none. */
double low_by_default(const lowering *l, ir_ref r);
/* Room for n more items of an array of the program. */
void *low_grow(lowering *l, void *at, uint32_t n, uint32_t *cap, size_t size);
/* A new entry of the table: its index. */
uint32_t low_put_table(lowering *l, ir_ref r);
/* Was there an error of this kind at this place? A block may be lowered twice. */
int low_said(const lowering *l, enum diag_code code, span at);
/* r, which must be known before the run. Where it depends on the round, that is said, and it is 1: what depends on it is not
 * wrong as well. */
ir_ref low_before_rounds(lowering *l, ir_ref r, span at, const char *what);
/* Says message where cond does not hold: now when that is known, else when params are bound. */
void low_put_check(lowering *l, growing *cap, ir_ref cond, span at, const char *message);
/* The words of a span on one line, shortened to what a message can hold. */
const char *low_words(lowering *l, span at, size_t most);
ir_ref low_not_negative(lowering *l, ir_ref x); /* and finite */
ir_ref low_is_finite(lowering *l, ir_ref x);
/* It does hold, whatever the params: there is nothing to say, and no message to make. */
int low_holds(const lowering *l, ir_ref cond);
ir_ref low_checked(lowering *l, growing *cap, const ast_expr *e, double otherwise, int may_be_negative, const char *what);
/* One more segment of o, of the phase that is being lowered, which the event end number `event` can end. */
void low_put_segment(output *o, const segment *s, uint32_t event);
/* All of them go to the table. */
void low_place_segments(output *o);


/* A limit is passed: the place of it is kept. */
int low_is_over(const lowering *l);

/* Where the phase before ended, and its rate there, which is a STEP value where that is not known before the run. unknown: it
 * is not known to the round that it ends in either. */
typedef struct running {
    ir_ref time, value;
    span at;
    int unknown;
} running;

/* ---- lower.c ---- */
/* A phase: *r says where the one before ended, and then where this one does. */
void low_phase(output *o, const chk_phase *q, running *r);
/* When a phase runs. */
typedef struct low_span {
    ir_ref S;          /* its start; after a restart, the latest */
    ir_ref before;     /* the start without restarts, where a rule can start it again; else 0 */
    ir_ref D;          /* what `for` and `until` say of its length; 0: nothing */
    ir_ref N, E;       /* its end by itself (+inf: none), and with the event that may end it */
    uint32_t event;    /* LRS_K_NONE: no rule ends it or starts it again */
    int can_end;
} low_span;
low_span low_begin(output *o, const chk_phase *q, const running *r, const char *text);
/* It ends at N by itself. */
void low_end_at(output *o, low_span *t, ir_ref N);
/* A new phase of the program, which is then the one being lowered. */
void low_put_phase(output *o, const chk_phase *q, const char *text, ir_ref start, ir_ref end);
/* A template that begins at `from` on the clock of o says how long it is. That is computed last, when all that the program
 * needs is there, so that the program is the same without it. */
void low_says_total(output *o, chk_symbol *total, ir_ref from);
/* What the phase before ended with, for one that goes on from there. */
ir_ref low_going_on(output *o, const chk_phase *q, const running *r);
/* What a segment is worth at a time known before the run: lrs_k_law, step by step; not of EXPR and SUB. */
ir_ref low_segment_value(lowering *l, const segment *s, ir_ref x);

/* ---- lower_block.c: REPEAT and BLOCK ---- */
void low_in_braces(output *o, const chk_phase *q, running *r);
uint32_t low_block_number(const struct low_block *b);
/* Does the value depend on where an event ends a phase? */
int low_knows_event(lowering *l, ir_ref root);
/* What is known about values, of which there are so many again. */
void low_forget_marks(lowering *l, uint32_t count);
/* Does the value depend on the round of a repeat? */
int low_knows_round(lowering *l, ir_ref root);
/* Does the value depend on when it runs, or on another output? */
int low_knows_step(lowering *l, ir_ref root);

/* ---- lower_output.c ---- */
void low_output(lowering *l, growing *cap, const chk_output *c);
/* A phase of the output itself, with its rules. */
void low_phase_of_output(output *o, const chk_phase *q, running *r);

/* ---- lower_rule.c ---- */

/* Does a rule, of the schedule or of the phase, end this phase or start it again? */
int low_has_next(const output *o, const chk_phase *q);
int low_has_restart(const output *o, const chk_phase *q);
/* These rules hold while one of the segments seg .. seg + nseg of the output runs, or always when nseg is 0. */
void low_add_rules(output *o, const chk_rule *rules, uint32_t seg, uint32_t nseg);
/* All that were added, in the order in which they are written. */
void low_put_rules(output *o);
/* `at` and `every` of a block. */
void low_put_pure(output *o, const chk_rule *r);

/* ---- lower_require.c ---- */
/* `require`s and notes: decided now, or when params are bound. */
void low_requires(lowering *l, growing *cap, chk_require *r);

/* ---- lower_expr.c ---- */
ir_ref low_expr(lowering *l, const frame *f, const ast_expr *e);
/* The value of a param, let or constant; durations in ticks. */
ir_ref low_symbol(lowering *l, chk_symbol *s);
/* What is lowered between them leaves no trace unless keep: values are numbered in the order in which they are made, and the hash
 * depends on that. */
uint32_t low_begin_trial(lowering *l);
void low_end_trial(lowering *l, uint32_t count, int keep);
/* From here on this template starts from this rate, and what depends on that is another value. */
void low_set_rate(lowering *l, const chk_output *block, ir_ref rate);
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
