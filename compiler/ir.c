/* ir.c: the intermediate representation: building, completing, checking, printing and plainly evaluating it.
 *
 * In: operations one by one from lower.c. Out: an ir_program that backends and the encoder read. Calls the kernels (for
 * folding, so that a folded value has the bits it would have at run time), the arena and spell.c, for how names are shown;
 * nothing of the trees.
 *
 * All passes are linear in the number of values and table entries.
 */
#include "ir.h"

#include <inttypes.h>
#include <stdarg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "spell.h"
#include "kernel/state.h"

/* ---- the operations ---- */

static const char *const op_names[IR_OPS] = {
#define OP(NAME, name, arity) #name,
#include "ir.def"
};

static const uint8_t op_arities[IR_OPS] = {
#define OP(NAME, name, arity) arity,
#include "ir.def"
};

const char *ir_op_name(enum ir_op op)
{
    return (unsigned)op < IR_OPS ? op_names[op] : "?";
}

int ir_op_arity(enum ir_op op)
{
    return (unsigned)op < IR_OPS ? op_arities[op] : 0;
}

double ir_eval_op(enum ir_op op, double a, double b, double c)
{
    switch (op) {
    case IR_ADD:
        return a + b;
    case IR_SUB:
        return a - b;
    case IR_MUL:
        return a * b;
    case IR_DIV:
        return a / b;
    case IR_NEG:
        return lrs_k_neg(a);
    case IR_FMA:
        return LRS_K_FMA(a, b, c);
    case IR_SQRT:
        return lrs_k_sqrt(a);
    case IR_ABS:
        return lrs_k_abs(a);
    case IR_MIN:
        return a < b ? a : b;
    case IR_MAX:
        return a > b ? a : b;
    case IR_LT:
        return a < b ? 1.0 : 0.0;
    case IR_LE:
        return a <= b ? 1.0 : 0.0;
    case IR_EQ:
        return a == b ? 1.0 : 0.0;
    case IR_NE:
        return a != b ? 1.0 : 0.0;
    case IR_AND:
        return a != 0.0 && b != 0.0 ? 1.0 : 0.0;
    case IR_OR:
        return a != 0.0 || b != 0.0 ? 1.0 : 0.0;
    case IR_NOT:
        return a == 0.0 ? 1.0 : 0.0;
    case IR_SELECT:
        return a != 0.0 ? b : c;
    case IR_FLOOR:
        return lrs_k_floor(a);
    case IR_CEIL:
        return lrs_k_ceil(a);
    case IR_ROUND:
        return lrs_k_round(a);
    case IR_TRUNC:
        return lrs_k_trunc(a);
    case IR_STAIRS:
        return lrs_k_stairs(a, b);
    case IR_MOD:
        return lrs_k_mod(a, b);
    case IR_EXP2:
        return lrs_k_exp2(a);
    case IR_EXP2S:
        return lrs_k_exp2s(a, b, c);
    case IR_EXP2X:
        return lrs_k_exp2x(a, b, c);
    case IR_EXP:
        return lrs_k_exp(a);
    case IR_LOG2:
        return lrs_k_log2(a);
    case IR_LOG2HI:
        return lrs_k_log2hi(a);
    case IR_LOG2LO:
        return lrs_k_log2lo(a);
    case IR_LOG:
        return lrs_k_log(a);
    case IR_LOG10:
        return lrs_k_log10(a);
    case IR_POW:
        return lrs_k_pow(a, b);
    case IR_COSPI:
        return lrs_k_cospi(a);
    case IR_SINPI:
        return lrs_k_sinpi(a);
    case IR_COS:
        return lrs_k_cos(a);
    case IR_SIN:
        return lrs_k_sin(a);
    case IR_HCOS:
        return lrs_k_hcos(a);
    case IR_TANH:
        return lrs_k_tanh(a);
    case IR_POWER_OF:
        return lrs_k_power_of(a, b);
    case IR_ROUND_OF:
        return lrs_k_round_of(a, b, c);
    case IR_ROUND_AT:
        return lrs_k_round_at(a, b, c);
    case IR_ROUND_REST:
        return lrs_k_round_rest(a, b, c);
    default: /* leaves have no value of their own */
        return LRS_K_NAN;
    }
}

/* ---- building ---- */

struct ir_builder {
    arena *mem;
    ir_ins *ins;
    uint32_t n, cap;
    ir_ref *buckets;    /* open addressing over hashes of ins; 0: empty */
    uint32_t nbuckets;  /* a power of two, more than 4/3 n */
    int failed;
};

static uint64_t bits_of(double v)
{
    return LRS_K_BITS(v);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 32;
}

static uint64_t ins_hash(const ir_ins *i)
{
    uint64_t h = mix(i->op, (uint64_t)i->a << 32 | i->b);
    h = mix(h, (uint64_t)i->c << 32 | i->index);
    h = mix(h, bits_of(i->imm));
    return mix(h, bits_of(i->imm_low));
}

static int ins_same(const ir_ins *p, const ir_ins *q)
{
    return p->op == q->op && p->index == q->index && p->a == q->a && p->b == q->b && p->c == q->c &&
           bits_of(p->imm) == bits_of(q->imm) && bits_of(p->imm_low) == bits_of(q->imm_low);
}

/* The bucket of an equal value, or the empty one where it belongs. */
static uint32_t bucket_of(const ir_builder *b, const ir_ins *i)
{
    uint32_t mask = b->nbuckets - 1;
    uint32_t k = (uint32_t)ins_hash(i) & mask;
    while (b->buckets[k] && !ins_same(&b->ins[b->buckets[k]], i))
        k = (k + 1) & mask;
    return k;
}

static int grow(ir_builder *b)
{
    uint32_t cap = b->cap ? b->cap * 2 : 64;
    ir_ins *ins = arena_alloc(b->mem, (size_t)cap * sizeof *ins);
    ir_ref *buckets = arena_alloc(b->mem, (size_t)cap * 2 * sizeof *buckets);
    uint32_t k;
    if (!ins || !buckets)
        return -1;
    if (b->n)
        memcpy(ins, b->ins, b->n * sizeof *ins);
    b->ins = ins;
    b->buckets = buckets;
    b->cap = cap;
    b->nbuckets = cap * 2;
    for (k = 1; k < b->n; k++)
        b->buckets[bucket_of(b, &b->ins[k])] = k;
    return 0;
}

static ir_ref add(ir_builder *b, ir_ins i)
{
    uint32_t k;
    i.slot = LRS_K_NONE;
    k = bucket_of(b, &i);
    if (b->buckets[k])
        return b->buckets[k];
    if (b->n >= LRS_IR_MAX) {
        b->failed = b->failed ? b->failed : LRS_E_LIMIT;
        return 1;
    }
    if (b->n == b->cap) {
        if (grow(b)) {
            b->failed = LRS_E_NOMEM;
            return 1;
        }
        k = bucket_of(b, &i);
    }
    b->ins[b->n] = i;
    b->buckets[k] = b->n;
    return b->n++;
}

ir_builder *ir_begin(arena *mem)
{
    ir_builder *b = arena_alloc(mem, sizeof *b);
    if (!b)
        return NULL;
    b->mem = mem;
    if (grow(b))
        return NULL;
    b->n = 1;
    ir_const(b, 0.0); /* value 1: what failed calls return */
    return b;
}

ir_ref ir_literal(ir_builder *b, double v, double low)
{
    ir_ins i = {.op = IR_CONST, .stage = IR_STAGE_CONST, .imm = lrs_k_canon(v), .imm_low = low};
    return add(b, i);
}

ir_ref ir_const(ir_builder *b, double v)
{
    return ir_literal(b, v, 0.0);
}

ir_ref ir_param_ref(ir_builder *b, uint32_t index)
{
    ir_ins i = {.op = IR_PARAM, .stage = IR_STAGE_BIND, .index = index};
    return add(b, i);
}

ir_ref ir_event_ref(ir_builder *b, uint32_t index)
{
    ir_ins i = {.op = IR_EVENT, .stage = IR_STAGE_BIND, .by_event = 1, .index = index};
    return add(b, i);
}

ir_ref ir_out_ref(ir_builder *b, uint32_t index)
{
    ir_ins i = {.op = IR_OUT, .stage = IR_STAGE_STEP, .index = index};
    return add(b, i);
}

ir_ref ir_input_ref(ir_builder *b, uint32_t index)
{
    ir_ins i = {.op = IR_INPUT, .stage = IR_STAGE_STEP, .index = index};
    return add(b, i);
}

ir_ref ir_leaf(ir_builder *b, enum ir_op op)
{
    ir_ins i = {.op = (uint8_t)op, .stage = IR_STAGE_STEP};
    return add(b, i);
}

const ir_ins *ir_get(const ir_builder *b, ir_ref r)
{
    return &b->ins[r < b->n ? r : 0];
}

uint32_t ir_count(const ir_builder *b)
{
    return b->n;
}

/* The latest value is always the last of those that its bucket was taken from, so that nothing is behind it. */
void ir_rewind(ir_builder *b, uint32_t count)
{
    while (b->n > count) {
        b->n--;
        b->buckets[bucket_of(b, &b->ins[b->n])] = 0;
    }
}

int ir_failed(const ir_builder *b)
{
    return b->failed;
}

static int is_const(const ir_builder *b, ir_ref r)
{
    return b->ins[r].stage == IR_STAGE_CONST;
}

static int is_value(const ir_builder *b, ir_ref r, double v)
{
    return is_const(b, r) && bits_of(b->ins[r].imm) == bits_of(v);
}

/* log2 of the decimal literal itself, not of the double nearest to it: log2(v + low) = log2(v) + log(1 + q)/ln 2 with
 * q = low/v below 2^-53, so that q - q^2/2 is enough. Twice the precision all through. */
static double fold_log2(const ir_ins *x, int want_low)
{
    double v = x->imm, hi = lrs_k_log2hi(v), lo = lrs_k_log2lo(v);
    if (x->imm_low != 0.0 && v > 0.0 && v < LRS_K_INF) {
        const double e = 0x1.71547652b82fep+0, e_low = 0x1.777d0ffda0d24p-56; /* 1/ln 2 */
        double q = x->imm_low / v;
        double q_low = LRS_K_FMA(-q, v, x->imm_low) / v - 0.5 * (q * q);
        double c = q * e;
        double c_low = LRS_K_FMA(q, e, -c) + LRS_K_FMA(q, e_low, q_low * e);
        double rest = lo + c;
        double sum = hi + rest;
        lo = ((hi - sum) + rest) + c_low;
        hi = sum + lo;
        lo = (sum - hi) + lo;
    }
    return want_low ? lo : hi;
}

static ir_ref fold(ir_builder *b, enum ir_op op, ir_ref x, ir_ref y, ir_ref z)
{
    if (op == IR_LOG2HI || op == IR_LOG2LO)
        return ir_const(b, fold_log2(&b->ins[x], op == IR_LOG2LO));
    return ir_const(b, ir_eval_op(op, b->ins[x].imm, b->ins[y].imm, b->ins[z].imm));
}

/* Identities that hold for every double; 0: none applies. */
static ir_ref identity(ir_builder *b, enum ir_op op, ir_ref x, ir_ref y, ir_ref z)
{
    switch (op) {
    case IR_MUL:
        return is_value(b, x, 1.0) ? y : is_value(b, y, 1.0) ? x : 0;
    case IR_DIV:
        return is_value(b, y, 1.0) ? x : 0;
    case IR_SUB: /* x - (+0) is x, for -0 too; x - (-0) and x + 0 are not */
        return is_const(b, y) && b->ins[y].imm == 0.0 && 1.0 / b->ins[y].imm > 0.0 ? x : 0;
    case IR_NEG:
        return b->ins[x].op == IR_NEG ? b->ins[x].a : 0;
    case IR_FMA:
        return is_value(b, x, 1.0) ? ir_op(b, IR_ADD, y, z, 0) : is_value(b, y, 1.0) ? ir_op(b, IR_ADD, x, z, 0) : 0;
    case IR_MIN:
    case IR_MAX:
        return x == y ? x : 0;
    case IR_AND:
        return is_value(b, x, 0.0) || is_value(b, y, 0.0) ? ir_const(b, 0.0) : 0;
    case IR_OR:
        return is_value(b, x, 1.0) || is_value(b, y, 1.0) ? ir_const(b, 1.0) : 0;
    case IR_SELECT:
        if (is_const(b, x))
            return b->ins[x].imm != 0.0 ? y : z;
        return y == z ? y : 0;
    default:
        return 0;
    }
}

static int commutes(enum ir_op op)
{
    return op == IR_ADD || op == IR_MUL || op == IR_FMA || op == IR_EQ || op == IR_NE;
}

static uint8_t max_stage(uint8_t p, uint8_t q)
{
    return p > q ? p : q;
}

ir_ref ir_op(ir_builder *b, enum ir_op op, ir_ref x, ir_ref y, ir_ref z)
{
    int arity = ir_op_arity(op);
    ir_ins i = {.op = (uint8_t)op};
    ir_ref same;

    if (x >= b->n || y >= b->n || z >= b->n || arity == 0 || x == 0 || (arity > 1 && y == 0) || (arity > 2 && z == 0)) {
        b->failed = b->failed ? b->failed : LRS_E_INTERNAL;
        return 1;
    }
    if (arity < 2)
        y = 0;
    if (arity < 3)
        z = 0;
    i.stage = max_stage(b->ins[x].stage, max_stage(y ? b->ins[y].stage : 0, z ? b->ins[z].stage : 0));
    i.by_event = b->ins[x].by_event || (y && b->ins[y].by_event) || (z && b->ins[z].by_event);
    if (i.stage == IR_STAGE_CONST)
        return fold(b, op, x, y, z);
    same = identity(b, op, x, y, z);
    if (same)
        return same;
    if (commutes(op) && x > y) {
        ir_ref t = x;
        x = y;
        y = t;
    }
    i.a = x;
    i.b = y;
    i.c = z;
    return add(b, i);
}

/* ---- completing ---- */

/* Working arrays of ir_finish, one entry a value. */
typedef struct finish {
    ir_program *p;
    const ir_builder *b;
    arena *mem;
    uint8_t *needed;
    ir_ref *renumbered;
    uint32_t *slot;    /* the first table entry that holds the value, or LRS_K_NONE */
    ir_ref *stack;
    uint32_t *visited; /* 1 + number of the expr that saw it last */
} finish;

static void need(finish *f, ir_ref r)
{
    if (r)
        f->needed[r] = 1;
}

/* Backwards once: users come after operands. */
static void mark_needed(finish *f)
{
    const ir_program *p = f->p;
    uint32_t k;
    for (k = 0; k < p->layout.ntable; k++)
        need(f, p->table[k]);
    for (k = 0; k < p->nexpr; k++)
        need(f, p->expr[k].root);
    for (k = 0; k < p->nchecks; k++)
        need(f, p->checks[k].cond);
    for (k = 0; k < p->nphase; k++) {
        need(f, p->phase[k].start);
        need(f, p->phase[k].end);
    }
    for (k = f->b->n - 1; k > 0; k--) {
        const ir_ins *i = &f->b->ins[k];
        if (f->needed[k]) {
            need(f, i->a);
            need(f, i->b);
            need(f, i->c);
        }
    }
}

static void renumber(finish *f)
{
    ir_program *p = f->p;
    uint32_t k, n = 1;
    memset(&p->ins[0], 0, sizeof p->ins[0]);
    for (k = 1; k < f->b->n; k++) {
        ir_ins *i;
        if (!f->needed[k])
            continue;
        f->renumbered[k] = n;
        i = &p->ins[n++];
        *i = f->b->ins[k];
        i->a = f->renumbered[i->a];
        i->b = f->renumbered[i->b];
        i->c = f->renumbered[i->c];
        i->slot = LRS_K_NONE;
    }
    p->nins = n;
    for (k = 0; k < p->layout.ntable; k++)
        p->table[k] = f->renumbered[p->table[k]];
    for (k = 0; k < p->nexpr; k++)
        p->expr[k].root = f->renumbered[p->expr[k].root];
    for (k = 0; k < p->nchecks; k++)
        p->checks[k].cond = f->renumbered[p->checks[k].cond];
    for (k = 0; k < p->nphase; k++) {
        p->phase[k].start = f->renumbered[p->phase[k].start];
        p->phase[k].end = f->renumbered[p->phase[k].end];
    }
}

static int compare_refs(const void *a, const void *b)
{
    ir_ref x = *(const ir_ref *)a, y = *(const ir_ref *)b;
    return x < y ? -1 : x > y;
}

/* Pushes an operand of step code: STEP values are walked, BIND values wanted in the table. */
static void walk_operand(finish *f, ir_ref r, uint32_t mark, uint32_t *top, uint8_t *wanted)
{
    if (r == 0 || f->visited[r] == mark)
        return;
    f->visited[r] = mark;
    if (f->p->ins[r].stage == IR_STAGE_STEP)
        f->stack[(*top)++] = r;
    else if (f->p->ins[r].stage == IR_STAGE_BIND)
        wanted[r] = 1;
}

/* The STEP values of one expression in order of their numbers, which is an order of evaluation. 0, LRS_E_NOMEM, LRS_E_LIMIT. */
static int list_expr(finish *f, uint32_t e, uint32_t *cap, uint8_t *wanted)
{
    ir_program *p = f->p;
    uint32_t top = 0, mark = e + 1;
    p->expr[e].first = p->nexprlist;
    walk_operand(f, p->expr[e].root, mark, &top, wanted);
    while (top) {
        const ir_ins *i;
        ir_ref r = f->stack[--top];
        if (p->nexprlist == LRS_IR_MAX_STEP)
            return LRS_E_LIMIT;
        if (p->nexprlist == *cap) {
            uint32_t bigger = *cap ? *cap * 2 : 64;
            ir_ref *list = arena_alloc(f->mem, (size_t)bigger * sizeof *list);
            if (!list)
                return LRS_E_NOMEM;
            if (*cap)
                memcpy(list, p->exprlist, *cap * sizeof *list);
            p->exprlist = list;
            *cap = bigger;
        }
        p->exprlist[p->nexprlist++] = r;
        i = &p->ins[r];
        walk_operand(f, i->a, mark, &top, wanted);
        walk_operand(f, i->b, mark, &top, wanted);
        walk_operand(f, i->c, mark, &top, wanted);
    }
    p->expr[e].n = p->nexprlist - p->expr[e].first;
    if (p->expr[e].n)
        qsort(p->exprlist + p->expr[e].first, p->expr[e].n, sizeof *p->exprlist, compare_refs);
    return 0;
}

/* What bind code computes and has no place in the table lives in a register, of which the interpreter has so many ... */
#define BIND_REGISTERS 252u
/* ... and of which values that live no longer than this take no more than this. */
#define BIND_NEAR 128u

static int in_register(const finish *f, const uint8_t *wanted, ir_ref r)
{
    const ir_ins *i = &f->p->ins[r];
    return i->stage == IR_STAGE_BIND && op_arities[i->op] && f->slot[r] == LRS_K_NONE && !wanted[r];
}

/* last[r]: the last bind value that uses r. The most registers that are taken at one time. */
static uint32_t most_registers(const finish *f, const uint8_t *wanted, ir_ref *last, uint32_t *dies)
{
    const ir_program *p = f->p;
    uint32_t k, taken = 0, most = 0;
    memset(last, 0, p->nins * sizeof *last);
    memset(dies, 0, p->nins * sizeof *dies);
    for (k = 1; k < p->nins; k++) {
        if (p->ins[k].stage == IR_STAGE_BIND)
            last[p->ins[k].a] = last[p->ins[k].b] = last[p->ins[k].c] = k;
    }
    for (k = 1; k < p->nins; k++)
        dies[last[k]] += in_register(f, wanted, k) ? 1u : 0u;
    for (k = 1; k < p->nins; k++) {
        taken -= dies[k];
        if (!in_register(f, wanted, k))
            continue;
        most = taken + 1 > most ? taken + 1 : most;
        taken += last[k] != 0;
    }
    return most;
}

/* A program of many phases computes here what it uses there, a thousand phases on: that gets a place in the table. */
static void want_far(finish *f, uint8_t *wanted)
{
    const ir_program *p = f->p;
    ir_ref *last = f->stack;
    uint32_t k;
    if (most_registers(f, wanted, last, f->visited) <= BIND_REGISTERS)
        return;
    for (k = 1; k < p->nins; k++) {
        if (in_register(f, wanted, k) && last[k] > k + BIND_NEAR)
            wanted[k] = 1;
    }
}

/* Step code, and whoever asks where a phase begins and ends, reads BIND values from the table. */
static int assign_slots(finish *f, uint8_t *wanted)
{
    ir_program *p = f->p;
    uint32_t k, extra = 0;
    ir_ref *table;
    for (k = 0; k < p->layout.ntable; k++) {
        ir_ref r = p->table[k];
        if (f->slot[r] == LRS_K_NONE)
            f->slot[r] = k;
    }
    want_far(f, wanted);
    for (k = 1; k < p->nins; k++)
        extra += wanted[k] && f->slot[k] == LRS_K_NONE;
    if (extra) {
        table = arena_alloc(f->mem, ((size_t)p->layout.ntable + extra) * sizeof *table);
        if (!table)
            return -1;
        if (p->layout.ntable)
            memcpy(table, p->table, p->layout.ntable * sizeof *table);
        p->table = table;
    }
    for (k = 1; k < p->nins; k++) {
        if (!wanted[k])
            continue;
        if (f->slot[k] == LRS_K_NONE) {
            f->slot[k] = p->layout.ntable;
            p->table[p->layout.ntable++] = k;
        }
        p->ins[k].slot = f->slot[k];
    }
    return 0;
}

static void want_phases(const ir_program *p, uint8_t *wanted)
{
    uint32_t k;
    for (k = 0; k < p->nphase; k++) {
        ir_ref s = p->phase[k].start, e = p->phase[k].end;
        wanted[s] = (uint8_t)(wanted[s] | (s && p->ins[s].stage == IR_STAGE_BIND));
        wanted[e] = (uint8_t)(wanted[e] | (e && p->ins[e].stage == IR_STAGE_BIND));
    }
}

/* Everything that is BIND now is in the table, feeds it, or feeds a check. */
static int list_bind(finish *f)
{
    ir_program *p = f->p;
    uint32_t k, n = 0;
    for (k = 1; k < p->nins; k++)
        n += p->ins[k].stage == IR_STAGE_BIND;
    p->bindlist = arena_alloc(f->mem, ((size_t)n + 1) * sizeof *p->bindlist);
    if (!p->bindlist)
        return -1;
    p->nbindlist = 0;
    for (k = 1; k < p->nins; k++) {
        if (p->ins[k].stage == IR_STAGE_BIND)
            p->bindlist[p->nbindlist++] = k;
    }
    return 0;
}

static uint32_t what_it_uses(const ir_program *p)
{
    static const uint32_t kinds[] = {[LRS_K_PLATEAU] = LRS_K_USES_PLATEAU, [LRS_K_DIVERGE] = LRS_K_USES_DIVERGE,
                                     [LRS_K_CONDITION] = LRS_K_USES_CONDITION, [LRS_K_CLOCK] = LRS_K_USES_CLOCK};
    static const uint32_t actions[] = {[LRS_K_SCALE] = LRS_K_USES_SCALE, [LRS_K_NEXT] = LRS_K_USES_NEXT,
                                       [LRS_K_STOP] = LRS_K_USES_STOP, [LRS_K_RESTART] = LRS_K_USES_RESTART};
    uint32_t k, uses = 0;
    for (k = 0; k < p->layout.ndet; k++) {
        const lrs_k_det *t = &p->dets[k];
        uses |= kinds[t->kind];
        uses |= t->dialect != LRS_K_TORCH ? (uint32_t)LRS_K_USES_DIALECTS : 0u;
        uses |= lrs_k_det_timed(t) ? (uint32_t)LRS_K_USES_TIME : 0u;
        uses |= t->nseg ? (uint32_t)LRS_K_USES_PHASES : 0u;
    }
    for (k = 0; k < p->layout.nrule; k++)
        uses |= actions[p->rules[k].action];
    return uses;
}

/* Places of detectors, rules, inputs, event ends and T in the state. */
static int lay_out(ir_program *p)
{
    lrs_k_layout *l = &p->layout;
    uint64_t ni = 2 + (uint64_t)l->ninput, nd = l->nparam;
    uint32_t k;
    for (k = 0; k < l->ndet; k++) {
        p->dets[k].i = (uint32_t)ni;
        p->dets[k].d = (uint32_t)nd;
        ni += lrs_k_det_i(&p->dets[k]);
        nd += lrs_k_det_d(&p->dets[k]);
    }
    for (k = 0; k < l->nrule; k++) {
        p->rules[k].i = (uint32_t)ni;
        ni += LRS_K_RULE_I;
        p->rules[k].d = LRS_K_NONE;
        if (p->rules[k].action == LRS_K_SCALE)
            p->rules[k].d = (uint32_t)nd++;
    }
    for (k = 0; k < l->nscale; k++) /* on entry a scale of STATE names its rule */
        p->scales[k].d = p->scales[k].what == LRS_K_STATE ? p->rules[p->scales[k].d].d : LRS_K_NONE;
    l->input = LRS_K_NONE;
    if (ir_reads_inputs(p)) {
        l->input = (uint32_t)nd;
        nd += l->ninput;
    }
    l->event = (uint32_t)nd;
    nd += l->nevent;
    l->ni = (uint32_t)ni;
    l->nsave = (uint32_t)nd;
    l->table = LRS_K_NONE;
    if (!ir_table_is_const(p)) {
        l->table = (uint32_t)nd;
        nd += (uint64_t)l->ntable + l->nevent;
    }
    l->nd = (uint32_t)nd;
    return ni + nd > UINT32_MAX / 8 ? LRS_E_LIMIT : 0;
}

/* The kinds of its segments, and of those in the blocks that they lead to. */
static uint32_t mask_of(const ir_program *p, const lrs_k_out *o)
{
    uint32_t mask = 0, j;
    for (j = o->kind; j < o->kind + o->nseg; j++) {
        mask |= 1u << p->kinds[j];
        if (p->kinds[j] == LRS_K_SUB) {
            double later = p->ins[p->table[o->seg + (j - o->kind) * LRS_K_SEG_WORDS + 7]].imm;
            mask |= p->blocks[p->exprs[j]].mask | (later > 0.0 ? p->blocks[(uint32_t)later - 1].mask : 0u);
        }
    }
    return mask;
}

static void set_masks(ir_program *p)
{
    uint32_t k;
    for (k = 0; k < p->layout.nblock; k++) /* each after those that it leads to */
        p->blocks[k].mask = mask_of(p, &p->blocks[k]);
    for (k = 0; k < p->layout.nout; k++)
        p->outs[k].mask = mask_of(p, &p->outs[k]);
}

/* ---- the hash: FNV-1a over what a program means, not over how its source was named or spelt ---- */

typedef struct hasher {
    uint64_t h;
} hasher;

static void hash_word(hasher *h, uint64_t v)
{
    int k;
    for (k = 0; k < 8; k++)
        h->h = (h->h ^ (v >> 8 * k & 0xff)) * UINT64_C(0x100000001b3);
}

static void hash_double(hasher *h, double v)
{
    hash_word(h, bits_of(v));
}

static void hash_text(hasher *h, const char *s)
{
    size_t n = s ? strlen(s) : 0, k;
    hash_word(h, n);
    for (k = 0; k < n; k++)
        h->h = (h->h ^ (unsigned char)s[k]) * UINT64_C(0x100000001b3);
}

static void hash_words(hasher *h, const uint32_t *v, size_t n)
{
    size_t k;
    for (k = 0; k < n; k++)
        hash_word(h, v[k]);
}

static void hash_interface(hasher *h, const ir_program *p)
{
    const lrs_k_layout *l = &p->layout;
    uint32_t k;
    for (k = 0; k < l->nparam; k++) {
        const ir_param *q = &p->params[k];
        hash_text(h, q->name);
        hash_word(h, (uint64_t)(q->has_default != 0) | (uint64_t)(q->has_range != 0) << 1);
        hash_double(h, q->has_default ? q->def : 0.0);
        hash_double(h, q->has_range ? q->lo : 0.0);
        hash_double(h, q->has_range ? q->hi : 0.0);
    }
    for (k = 0; k < l->ninput; k++)
        hash_text(h, p->inputs[k]);
    for (k = 0; k < l->nout; k++)
        hash_text(h, p->output_names[k]);
    hash_word(h, p->npublic);
}

static void hash_descriptors(hasher *h, const ir_program *p)
{
    const lrs_k_layout *l = &p->layout;
    uint32_t k;
    for (k = 0; k < l->nout; k++) {
        const lrs_k_out *o = &p->outs[k];
        const uint32_t v[] = {o->nseg, o->seg, o->kind, o->nscale, o->scale, o->bounds};
        hash_words(h, v, sizeof v / sizeof v[0]);
    }
    for (k = 0; k < l->nblock; k++) {
        const lrs_k_out *o = &p->blocks[k];
        const uint32_t v[] = {o->nseg, o->seg, o->kind, o->nscale, o->scale};
        hash_words(h, v, sizeof v / sizeof v[0]);
    }
    for (k = 0; k < l->nkind; k++) {
        const uint32_t v[] = {p->kinds[k], p->phases[k], p->kinds[k] == LRS_K_EXPR || p->kinds[k] == LRS_K_SUB ? p->exprs[k] : LRS_K_NONE};
        hash_words(h, v, sizeof v / sizeof v[0]);
    }
    for (k = 0; k < l->nscale; k++) {
        const uint32_t v[] = {p->scales[k].what, p->scales[k].n, p->scales[k].t, p->scales[k].d};
        hash_words(h, v, sizeof v / sizeof v[0]);
    }
    for (k = 0; k < l->ndet; k++) {
        const lrs_k_det *t = &p->dets[k];
        const uint32_t v[] = {t->kind, t->dialect, t->watch, t->mode_max, t->absolute, t->patience_by, t->cooldown_by,
                              t->expr, t->out,     t->seg,   t->nseg,     t->t,        t->i,           t->d};
        hash_words(h, v, sizeof v / sizeof v[0]);
    }
    for (k = 0; k < l->nrule; k++) {
        const lrs_k_rule *r = &p->rules[k];
        const uint32_t v[] = {r->det, r->action, r->out, r->t, r->low, r->i, r->d};
        hash_words(h, v, sizeof v / sizeof v[0]);
    }
}

static void hash_code(hasher *h, const ir_program *p)
{
    uint32_t k;
    for (k = 1; k < p->nins; k++) {
        const ir_ins *i = &p->ins[k];
        hash_word(h, (uint64_t)i->op | (uint64_t)i->index << 8);
        hash_word(h, (uint64_t)i->a << 32 | i->b);
        hash_word(h, (uint64_t)i->c << 32 | i->slot);
        if (i->op == IR_CONST)
            hash_double(h, i->imm);
    }
    hash_words(h, p->table, p->layout.ntable);
    for (k = 0; k < p->nexpr; k++)
        hash_word(h, p->expr[k].root);
    for (k = 0; k < p->nchecks; k++)
        hash_word(h, p->checks[k].cond);
}

static uint64_t hash_program(const ir_program *p)
{
    const lrs_k_layout *l = &p->layout;
    const uint32_t counts[] = {LRS_K_STATE_VERSION, l->ni,   l->nd,    l->nsave, l->nparam, l->ninput, l->input, l->event, l->nevent,
                               l->table,            l->ntable, l->nout, l->ndet,  l->nrule,  l->nscale, l->nkind, l->nblock, p->nins,
                               p->nexpr,            p->nchecks, l->clock};
    hasher h = {UINT64_C(0xcbf29ce484222325)};
    hash_words(&h, counts, sizeof counts / sizeof counts[0]);
    hash_interface(&h, p);
    hash_descriptors(&h, p);
    hash_code(&h, p);
    return h.h;
}

static int begin_finish(finish *f, ir_program *p, ir_builder *b, arena *mem, uint8_t **wanted)
{
    size_t n = b->n;
    f->p = p;
    f->b = b;
    f->mem = mem;
    f->needed = arena_alloc(mem, n);
    *wanted = arena_alloc(mem, n);
    f->renumbered = arena_alloc(mem, n * sizeof *f->renumbered);
    f->slot = arena_alloc(mem, n * sizeof *f->slot);
    f->stack = arena_alloc(mem, n * sizeof *f->stack);
    f->visited = arena_alloc(mem, n * sizeof *f->visited);
    p->ins = arena_alloc(mem, n * sizeof *p->ins);
    if (!f->needed || !*wanted || !f->renumbered || !f->slot || !f->stack || !f->visited || !p->ins)
        return -1;
    memset(f->slot, 0xff, n * sizeof *f->slot);
    return 0;
}

int ir_finish(ir_program *p, ir_builder *b, arena *mem)
{
    finish f;
    uint8_t *wanted;
    uint32_t k, cap = 0;
    int e;

    if (b->failed)
        return b->failed;
    if (begin_finish(&f, p, b, mem, &wanted))
        return LRS_E_NOMEM;
    mark_needed(&f);
    renumber(&f);
    p->exprlist = NULL;
    p->nexprlist = 0;
    for (k = 0; k < p->nexpr; k++) {
        e = list_expr(&f, k, &cap, wanted);
        if (e)
            return e;
    }
    want_phases(p, wanted);
    if (assign_slots(&f, wanted) || list_bind(&f))
        return LRS_E_NOMEM;
    e = lay_out(p);
    if (e)
        return e;
    set_masks(p);
    p->layout.uses = what_it_uses(p);
    if (p->npublic == 0)
        p->npublic = p->layout.nout;
    p->has_defaults = 1;
    for (k = 0; k < p->layout.nparam; k++)
        p->has_defaults &= p->params[k].has_default != 0;
    p->layout.hash = hash_program(p);
    return 0;
}

/* ---- evaluating plainly ---- */

int ir_reads_inputs(const ir_program *p)
{
    uint32_t k;
    for (k = 1; k < p->nins; k++) {
        if (p->ins[k].op == IR_INPUT)
            return 1;
    }
    for (k = 0; k < p->layout.ndet; k++) {
        if (p->dets[k].patience_by == LRS_K_BY_CLOCK || p->dets[k].cooldown_by == LRS_K_BY_CLOCK)
            return 1;
    }
    return 0;
}

int ir_reads_output(const ir_program *p, uint32_t output)
{
    for (uint32_t k = 1; k < p->nins; k++) {
        if (p->ins[k].op == IR_OUT && p->ins[k].index == output)
            return 1;
    }
    return 0;
}

double ir_param_usual(const ir_param *q)
{
    return q->is_given ? q->given : q->has_default ? q->def : (double)NAN;
}

int ir_table_is_const(const ir_program *p)
{
    uint32_t k;
    for (k = 0; k < p->layout.ntable; k++) {
        if (p->ins[p->table[k]].stage != IR_STAGE_CONST)
            return 0;
    }
    return 1;
}

static void eval_values(const ir_program *p, const double *params, const double *events, double *v)
{
    uint32_t k;
    for (k = 1; k < p->nins; k++) {
        if (p->ins[k].op == IR_CONST)
            v[k] = p->ins[k].imm;
    }
    for (k = 0; k < p->nbindlist; k++) {
        ir_ref r = p->bindlist[k];
        const ir_ins *i = &p->ins[r];
        v[r] = i->op == IR_PARAM   ? params[i->index]
               : i->op == IR_EVENT ? events[i->index]
                                   : ir_eval_op((enum ir_op)i->op, v[i->a], v[i->b], v[i->c]);
    }
}

int ir_bind(const ir_program *p, const double *params, const double *events, double *table)
{
    double *v = calloc(p->nins, sizeof *v);
    uint32_t k;
    int failed = 0;
    if (!v)
        return LRS_E_NOMEM;
    eval_values(p, params, events, v);
    for (k = p->nchecks; k > 0; k--) {
        if (v[p->checks[k - 1].cond] == 0.0)
            failed = (int)k;
    }
    for (k = 0; !failed && table && k < p->layout.ntable; k++)
        table[k] = v[p->table[k]];
    free(v);
    return failed;
}

int ir_initial_state(const ir_program *p, uint64_t *words)
{
    const lrs_k_layout *l = &p->layout;
    lrs_k_program k = {.layout = l, .outs = p->outs, .dets = p->dets, .rules = p->rules};
    double *D = lrs_k_state_d(&k, words);
    uint32_t j;
    if (!p->has_defaults)
        return -1;
    memset(words, 0, ((size_t)LRS_K_HEADER_WORDS + l->ni + l->nd) * sizeof *words);
    lrs_k_reset(&k, words);
    for (j = 0; j < l->nparam; j++)
        D[j] = p->params[j].def;
    return ir_bind(p, D, D + l->event, l->table == LRS_K_NONE ? NULL : D + l->table);
}

/* ---- checking ---- */

static const char *verify_ins(const ir_program *p)
{
    uint32_t k;
    for (k = 1; k < p->nins; k++) {
        const ir_ins *i = &p->ins[k];
        const ir_ref arg[3] = {i->a, i->b, i->c};
        int arity, j, stage;
        if (i->op >= IR_OPS)
            return "a value has no such operation";
        arity = op_arities[i->op];
        stage = i->op == IR_CONST ? IR_STAGE_CONST : i->op == IR_PARAM || i->op == IR_EVENT ? IR_STAGE_BIND : IR_STAGE_STEP;
        if (arity)
            stage = IR_STAGE_CONST;
        for (j = 0; j < 3; j++) {
            if ((j < arity) != (arg[j] != 0))
                return "a value has too many or too few operands";
            if (arg[j] >= k)
                return "an operand comes after its user";
            if (j < arity && p->ins[arg[j]].stage > stage)
                stage = p->ins[arg[j]].stage;
        }
        if (stage != i->stage)
            return "a value has the wrong stage";
        if (i->op == IR_PARAM && i->index >= p->layout.nparam)
            return "a value reads a param that does not exist";
        if (i->op == IR_EVENT && i->index >= p->layout.nevent)
            return "a value reads an event end that does not exist";
        if (i->op == IR_OUT && i->index >= p->layout.nout)
            return "a value reads an output that does not exist";
        if (i->op == IR_INPUT && (i->index >= p->layout.ninput || p->layout.input == LRS_K_NONE))
            return "a value reads an input that is not kept";
        if (i->slot != LRS_K_NONE && (i->slot >= p->layout.ntable || p->table[i->slot] != k))
            return "a value's slot does not hold it";
    }
    return NULL;
}

/* T[t .. t + n) exists. */
static int in_table(const ir_program *p, uint32_t t, uint64_t n)
{
    return (uint64_t)t + n <= p->layout.ntable;
}

/* Constant table entries ascend strictly or not: [t], [t + stride], ... n of them. Unknown ones pass. */
static int ascends(const ir_program *p, uint32_t t, uint32_t stride, uint32_t n)
{
    double last = -LRS_K_INF;
    uint32_t k;
    for (k = 0; k < n; k++) {
        const ir_ins *i = &p->ins[p->table[t + k * stride]];
        if (i->stage != IR_STAGE_CONST)
            continue;
        if (!(i->imm >= last))
            return 0;
        last = i->imm;
    }
    return 1;
}

/* A SUB segment: its words are known where they say which block, and blocks only lead to those before them. */
static const char *verify_sub(const ir_program *p, uint32_t t, uint32_t e, uint32_t below)
{
    const ir_ins *later = &p->ins[p->table[t + 7]];
    if (p->exprs[e] >= below || later->op != IR_CONST || !(later->imm >= 0.0) || !(later->imm <= (double)below))
        return "a segment's block is out of range";
    return NULL;
}

static const char *verify_out(const ir_program *p, const lrs_k_out *o, uint32_t below)
{
    const lrs_k_layout *l = &p->layout;
    uint32_t j;
    const ir_ins *last;
    const char *wrong;
    if (o->nseg == 0 || (uint64_t)o->kind + o->nseg > l->nkind || !in_table(p, o->seg, (uint64_t)o->nseg * LRS_K_SEG_WORDS))
        return "an output's segments are out of range";
    for (j = 0; j < o->nseg; j++) {
        uint32_t e = o->kind + j;
        if (p->kinds[e] >= LRS_K_KINDS)
            return "a segment has no such kind";
        wrong = p->kinds[e] == LRS_K_SUB ? verify_sub(p, o->seg + j * LRS_K_SEG_WORDS, e, below) : NULL;
        if (wrong)
            return wrong;
        if (p->kinds[e] == LRS_K_EXPR && p->exprs[e] >= p->nexpr)
            return "a segment's expression is out of range";
        if (p->phases[e] != LRS_K_NONE && p->phases[e] >= l->nevent)
            return "a segment's event end is out of range";
        if (p->phase_of && p->nphase && p->phase_of[e] >= p->nphase)
            return "a segment's phase is out of range";
    }
    if (mask_of(p, o) != o->mask)
        return "an output's mask is not that of its segments";
    last = &p->ins[p->table[o->seg + (o->nseg - 1) * LRS_K_SEG_WORDS]];
    if (last->op != IR_CONST || last->imm != LRS_K_INF)
        return "the last segment has an end";
    if (!ascends(p, o->seg, LRS_K_SEG_WORDS, o->nseg))
        return "the ends of segments descend";
    if ((uint64_t)o->scale + o->nscale > l->nscale && o->nscale)
        return "an output's scales are out of range";
    if (o->bounds != LRS_K_NONE && !in_table(p, o->bounds, 2))
        return "an output's bounds are out of range";
    return NULL;
}

/* Levels of blocks in blocks: each leads only to those before it. */
static const char *verify_nest(const ir_program *p)
{
    const char *wrong = NULL;
    uint8_t *levels = calloc((size_t)p->layout.nblock + 1, 1);
    uint32_t k, j;
    if (!levels)
        return "there is no memory to check blocks";
    for (k = 0; k < p->layout.nblock + p->layout.nout && !wrong; k++) {
        const lrs_k_out *o = k < p->layout.nblock ? &p->blocks[k] : &p->outs[k - p->layout.nblock];
        uint8_t most = 0;
        for (j = 0; j < o->nseg; j++) {
            uint32_t b = p->exprs[o->kind + j], later;
            if (p->kinds[o->kind + j] != LRS_K_SUB)
                continue;
            later = (uint32_t)p->ins[p->table[o->seg + j * LRS_K_SEG_WORDS + 7]].imm;
            most = levels[b] > most ? levels[b] : most;
            most = later && levels[later - 1] > most ? levels[later - 1] : most;
        }
        if (k < p->layout.nblock)
            levels[k] = (uint8_t)(most + 1);
        if (most > LRS_K_NEST || (k < p->layout.nblock && most >= LRS_K_NEST))
            wrong = "blocks nest too deep";
    }
    free(levels);
    return wrong;
}

static const char *verify_outs(const ir_program *p)
{
    const lrs_k_layout *l = &p->layout;
    const char *wrong = NULL;
    uint32_t k, j;
    if (l->nout == 0)
        return "there is no output";
    if (p->npublic == 0 || p->npublic > l->nout)
        return "there is no output of the program";
    for (k = 0; k < l->nblock && !wrong; k++) {
        wrong = verify_out(p, &p->blocks[k], k);
        for (j = 0; !wrong && j < p->blocks[k].nscale; j++)
            if (p->scales[p->blocks[k].scale + j].what == LRS_K_STATE)
                wrong = "a block has a scale of the state";
        if (!wrong && p->blocks[k].bounds != LRS_K_NONE)
            wrong = "a block has bounds";
    }
    for (k = 0; k < l->nout && !wrong; k++)
        wrong = verify_out(p, &p->outs[k], l->nblock);
    return wrong ? wrong : verify_nest(p);
}

/* The greatest number of outputs that an output is reached over; they are numbered anyhow. */
static uint32_t depth_of(const ir_program *p, uint32_t out, const uint32_t *depth)
{
    const lrs_k_out *o = &p->outs[out];
    uint32_t deepest = 0, k, j;
    for (k = 0; k < o->nseg; k++) {
        uint32_t e = p->exprs[o->kind + k];
        if (p->kinds[o->kind + k] != LRS_K_EXPR)
            continue;
        for (j = 0; j < p->expr[e].n; j++) {
            const ir_ins *i = &p->ins[p->exprlist[p->expr[e].first + j]];
            if (i->op == IR_OUT && depth[i->index] + 1 > deepest)
                deepest = depth[i->index] + 1;
        }
    }
    return deepest;
}

/* Each round settles at least one more output, unless there is a circle. */
static const char *verify_order(const ir_program *p)
{
    uint32_t n = p->layout.nout, *depth = calloc(n, sizeof *depth), round, k;
    int changed = 1;
    for (round = 0; depth && changed && round <= n; round++) {
        changed = 0;
        for (k = 0; k < n; k++) {
            uint32_t d = depth_of(p, k, depth);
            changed |= d != depth[k];
            depth[k] = d;
        }
    }
    free(depth);
    return changed ? "outputs depend on each other in a circle" : NULL;
}

static const char *verify_rules(const ir_program *p)
{
    const lrs_k_layout *l = &p->layout;
    uint32_t k;
    for (k = 0; k < l->nscale; k++) {
        const lrs_k_scale *c = &p->scales[k];
        uint64_t words = c->what == LRS_K_AT ? 3 + (uint64_t)c->n : c->what == LRS_K_EVERY ? 4 : 1;
        if (c->what > LRS_K_STATE || !in_table(p, c->t, words))
            return "a scale is out of range";
        if (c->what == LRS_K_STATE && (c->d < l->nparam || c->d >= l->event))
            return "a scale's factor is out of range";
        if (c->what == LRS_K_AT && !ascends(p, c->t + 3, 1, c->n))
            return "the times of a scale descend";
    }
    for (k = 0; k < l->ndet; k++) {
        const lrs_k_det *t = &p->dets[k];
        if (t->kind > LRS_K_CLOCK || t->dialect > LRS_K_PADDLE || t->patience_by > LRS_K_BY_CLOCK ||
            t->cooldown_by > LRS_K_BY_CLOCK || !in_table(p, t->t, lrs_k_det_t(t)))
            return "a detector is out of range";
        if (t->watch == 0 || (l->ninput < LRS_K_MAX_INPUTS && t->watch >> l->ninput != 0))
            return "a detector watches no input that there is";
        if (t->kind == LRS_K_CONDITION && t->expr >= p->nexpr)
            return "a condition's code is out of range";
        if (t->out >= l->nout || (uint64_t)t->seg + t->nseg > p->outs[t->out].nseg)
            return "a detector's phase is out of range";
        if ((t->patience_by == LRS_K_BY_CLOCK || t->cooldown_by == LRS_K_BY_CLOCK) &&
            (l->clock >= l->ninput || l->input == LRS_K_NONE))
            return "a detector needs a clock";
        if (t->i + lrs_k_det_i(t) > l->ni || t->d + lrs_k_det_d(t) > l->nsave)
            return "a detector's state is out of range";
    }
    for (k = 0; k < l->nrule; k++) {
        const lrs_k_rule *r = &p->rules[k];
        if (r->action > LRS_K_RESTART || r->det >= l->ndet || r->out >= l->nout || r->i + LRS_K_RULE_I > l->ni)
            return "a rule is out of range";
        if (r->action == LRS_K_SCALE && (!in_table(p, r->t, 3) || (r->low != LRS_K_NONE && !in_table(p, r->low, 1)) || r->d >= l->nsave))
            return "a rule's factor is out of range";
    }
    return NULL;
}

static const char *verify_lists(const ir_program *p)
{
    uint32_t k, j;
    for (k = 0; k < p->layout.ntable; k++) {
        if (p->table[k] == 0 || p->table[k] >= p->nins || p->ins[p->table[k]].stage > IR_STAGE_BIND)
            return "a table entry is no value that bind can compute";
    }
    for (k = 0; k < p->nchecks; k++) {
        if (p->checks[k].cond == 0 || p->checks[k].cond >= p->nins || p->ins[p->checks[k].cond].stage > IR_STAGE_BIND)
            return "a check is no value that bind can compute";
    }
    for (k = 0; k < p->nbindlist; k++) {
        if (p->bindlist[k] >= p->nins || p->ins[p->bindlist[k]].stage != IR_STAGE_BIND ||
            (k && p->bindlist[k - 1] >= p->bindlist[k]))
            return "the list of bind values is out of order";
    }
    for (k = 0; k < p->nexpr; k++) {
        const ir_expr *e = &p->expr[k];
        if (e->root == 0 || e->root >= p->nins || (uint64_t)e->first + e->n > p->nexprlist)
            return "an expression is out of range";
        for (j = 0; j < e->n; j++) {
            ir_ref r = p->exprlist[e->first + j];
            if (r >= p->nins || p->ins[r].stage != IR_STAGE_STEP || (j && p->exprlist[e->first + j - 1] >= r))
                return "the list of an expression's values is out of order";
        }
        if (p->ins[e->root].stage == IR_STAGE_STEP && (e->n == 0 || p->exprlist[e->first + e->n - 1] != e->root))
            return "an expression does not end with its root";
        if (p->ins[e->root].stage == IR_STAGE_BIND && p->ins[e->root].slot == LRS_K_NONE)
            return "an expression's value has no slot";
    }
    for (k = 1; k < p->nins; k++) {
        const ir_ins *i = &p->ins[k];
        const ir_ref arg[3] = {i->a, i->b, i->c};
        for (j = 0; i->stage == IR_STAGE_STEP && j < 3; j++) {
            if (arg[j] && p->ins[arg[j]].stage == IR_STAGE_BIND && p->ins[arg[j]].slot == LRS_K_NONE)
                return "step code reads a value that has no slot";
        }
    }
    return NULL;
}

static const char *verify_layout(const ir_program *p)
{
    const lrs_k_layout *l = &p->layout;
    uint64_t t = ir_table_is_const(p) ? 0 : (uint64_t)l->ntable + l->nevent;
    if (l->input != LRS_K_NONE && l->event != l->input + l->ninput)
        return "the latest values of the inputs are out of place";
    if (l->nsave != l->event + l->nevent || l->nd != l->nsave + t || l->table != (t ? l->nsave : LRS_K_NONE))
        return "the layout of the state does not add up";
    if (l->uses != what_it_uses(p))
        return "what the program uses is not what its rules use";
    return NULL;
}

const char *ir_verify(const ir_program *p)
{
    static const char *(*const parts[])(const ir_program *) = {verify_lists, verify_ins, verify_outs, verify_order, verify_rules,
                                                               verify_layout};
    size_t k;
    for (k = 0; k < sizeof parts / sizeof parts[0]; k++) {
        const char *wrong = parts[k](p);
        if (wrong)
            return wrong;
    }
    return NULL;
}

/* ---- printing ---- */

typedef struct printer {
    const ir_program *p;
    void (*put)(void *ctx, const char *text, size_t n);
    void *ctx;
} printer;

static void text(const printer *o, const char *s)
{
    o->put(o->ctx, s, strlen(s));
}

static void say(const printer *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(const printer *o, const char *format, ...)
{
    char line[256];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    text(o, line);
}

/* The fewest of 15, 16 or 17 digits that read back as the same double, with a point whatever the locale writes. */
static void number(const printer *o, double v)
{
    char s[48], clean[48];
    int digits, n = 0;
    size_t k;
    for (digits = 15; digits <= 17; digits++) {
        snprintf(s, sizeof s, "%.*g", digits, v);
        if (v != v || strtod(s, NULL) == v)
            break;
    }
    for (k = 0; s[k]; k++) {
        if (strchr("0123456789+-einfa", s[k]))
            clean[n++] = s[k];
        else if (n == 0 || clean[n - 1] != '.')
            clean[n++] = '.';
    }
    clean[n] = 0;
    text(o, v != v ? "nan" : clean);
}

static void operand(const printer *o, ir_ref r)
{
    const ir_ins *i = &o->p->ins[r];
    if (i->op == IR_CONST)
        number(o, i->imm);
    else
        say(o, "%%%" PRIu32, r);
}

static void print_interface(const printer *o)
{
    const ir_program *p = o->p;
    uint32_t k;
    say(o, "program %016" PRIx64 "\n", p->layout.hash);
    for (k = 0; k < p->layout.nparam; k++) {
        const ir_param *q = &p->params[k];
        say(o, "param %" PRIu32 " ", k);
        text(o, q->name);
        if (q->has_default) {
            text(o, " = ");
            number(o, q->def);
        }
        if (q->has_range) {
            text(o, " in ");
            number(o, q->lo);
            text(o, " .. ");
            number(o, q->hi);
        }
        text(o, q->is_log ? " log\n" : "\n");
    }
    for (k = 0; k < p->layout.ninput; k++) {
        say(o, "input %" PRIu32 " ", k);
        text(o, p->inputs[k]);
        text(o, "\n");
    }
}

/* A name that the program's text may have in quotes, and which may hold anything. */
static void put_name(const printer *o, const char *s)
{
    char shown[SPELL_SIZE];
    for (size_t left = strlen(s), n; left > 0; s += n, left -= n) {
        n = spell_char(shown, s, left, 0);
        text(o, shown);
    }
}

/* " lr", " #2" for one without a name */
static void print_output_name(const printer *o, uint32_t out)
{
    const char *name = o->p->output_names[out];
    if (name) {
        text(o, " ");
        put_name(o, name);
    } else {
        say(o, " #%" PRIu32, out);
    }
}

static void print_value(const printer *o, ir_ref r)
{
    static const char *const stages[] = {"const", "bind", "step"};
    const ir_ins *i = &o->p->ins[r];
    const ir_ref arg[3] = {i->a, i->b, i->c};
    int j;
    say(o, "  %%%" PRIu32 " = %s %s", r, stages[i->stage], ir_op_name((enum ir_op)i->op));
    if (i->op == IR_PARAM) {
        text(o, " ");
        text(o, o->p->params[i->index].name);
    }
    if (i->op == IR_EVENT)
        say(o, " %" PRIu32, i->index);
    if (i->op == IR_INPUT) {
        text(o, " ");
        text(o, o->p->inputs[i->index]);
    }
    if (i->op == IR_OUT)
        print_output_name(o, i->index);
    for (j = 0; j < op_arities[i->op]; j++) {
        text(o, j ? ", " : " ");
        operand(o, arg[j]);
    }
    if (i->slot != LRS_K_NONE)
        say(o, "    ; T[%" PRIu32 "]", i->slot);
    text(o, "\n");
}

static const char *const kind_names[LRS_K_KINDS] = {"const", "linear", "exp2",  "stair", "hcos", "pow",
                                                    "sqrt",  "cosqrt", "rsqrt", "recip", "expr", "sub"};

/* "  T[12]  name value, name value" */
static void print_entries(const printer *o, uint32_t t, uint32_t n, const char *const *names)
{
    uint32_t k;
    for (k = 0; k < n; k++) {
        text(o, k ? ", " : " ");
        if (names) {
            text(o, names[k]);
            text(o, " ");
        }
        operand(o, o->p->table[t + k]);
    }
    text(o, "\n");
}

static void print_segments(const printer *o, const lrs_k_out *u)
{
    static const char *const fields[] = {"end", "ref", "hi", "lo", "a", "b", "off", "p"};
    static const char *const sub[] = {"end", "ref", "length", "stretch", "count", "hi", "lo", "later"};
    static const char *const limits[] = {"low", "high"};
    static const char *const at[] = {"hi", "lo", "floor"};
    static const char *const every[] = {"hi", "lo", "floor", "period"};
    static const char *const state[] = {"floor"};
    const ir_program *p = o->p;
    uint32_t k;
    for (k = 0; k < u->nseg; k++) {
        uint32_t e = u->kind + k;
        say(o, "  T[%" PRIu32 "] %s", u->seg + k * LRS_K_SEG_WORDS, kind_names[p->kinds[e]]);
        if (p->kinds[e] == LRS_K_EXPR)
            say(o, " #%" PRIu32, p->exprs[e]);
        if (p->kinds[e] == LRS_K_SUB)
            say(o, " block %" PRIu32, p->exprs[e]);
        if (p->phases[e] != LRS_K_NONE)
            say(o, " event %" PRIu32, p->phases[e]);
        text(o, ":");
        print_entries(o, u->seg + k * LRS_K_SEG_WORDS, LRS_K_SEG_WORDS, p->kinds[e] == LRS_K_SUB ? sub : fields);
    }
    for (k = 0; k < u->nscale; k++) {
        const lrs_k_scale *c = &p->scales[u->scale + k];
        say(o, "  T[%" PRIu32 "] scale ", c->t);
        if (c->what == LRS_K_AT) {
            text(o, "at:");
            print_entries(o, c->t, 3, at);
            text(o, "    times:");
            print_entries(o, c->t + 3, c->n, NULL);
        } else if (c->what == LRS_K_EVERY) {
            text(o, "every:");
            print_entries(o, c->t, 4, every);
        } else {
            say(o, "d[%" PRIu32 "]:", c->d);
            print_entries(o, c->t, 1, state);
        }
    }
    if (u->bounds != LRS_K_NONE) {
        say(o, "  T[%" PRIu32 "] bounds:", u->bounds);
        print_entries(o, u->bounds, 2, limits);
    }
}

static void print_output(const printer *o, uint32_t out)
{
    say(o, out < o->p->npublic ? "output %" PRIu32 : "part %" PRIu32, out);
    if (o->p->output_names[out])
        print_output_name(o, out);
    text(o, "\n");
    print_segments(o, &o->p->outs[out]);
}

static void print_watched(const printer *o, uint32_t watch)
{
    uint32_t k, n = 0;
    for (k = 0; k < LRS_K_MAX_INPUTS; k++) {
        if (watch >> k & 1u)
            say(o, n++ ? ", %" PRIu32 : " on input %" PRIu32, k);
    }
}

static void print_detector(const printer *o, const lrs_k_det *t)
{
    static const char *const kinds[] = {"plateau", "diverge", "condition", "clock"};
    static const char *const dialects[] = {"", " keras", " optax", " paddle"};
    static const char *const by[] = {"", " in time", " in seconds"};
    static const char *const plateau[] = {"patience", "threshold", "cooldown", "every", "smooth", "atol", "size"};
    static const char *const diverge[] = {"window", "gain", "cooldown", "every", "smooth"};
    static const char *const clock[] = {"seconds"};
    text(o, kinds[t->kind]);
    text(o, dialects[t->dialect]);
    print_watched(o, t->watch);
    if (t->kind == LRS_K_CONDITION)
        say(o, " #%" PRIu32, t->expr);
    else if (t->kind == LRS_K_CLOCK)
        text(o, t->absolute ? " of the run" : " of the phase");
    else
        say(o, " %s %s", t->mode_max ? "max" : "min", t->absolute ? "abs" : "rel");
    if (t->nseg)
        say(o, " in T[%" PRIu32 "]", o->p->outs[t->out].seg + t->seg * LRS_K_SEG_WORDS);
    if (t->patience_by)
        say(o, ", patience%s", by[t->patience_by]);
    if (t->cooldown_by)
        say(o, ", cooldown%s", by[t->cooldown_by]);
    say(o, ", i[%" PRIu32 "]", t->i);
    if (lrs_k_det_d(t))
        say(o, " d[%" PRIu32 "]", t->d);
    if (!lrs_k_det_t(t)) {
        text(o, "\n");
        return;
    }
    say(o, ", T[%" PRIu32 "]:", t->t);
    print_entries(o, t->t, lrs_k_det_t(t), t->kind == LRS_K_PLATEAU ? plateau : t->kind == LRS_K_DIVERGE ? diverge : clock);
}

static void print_rules(const printer *o)
{
    static const char *const scale[] = {"factor", "floor", "eps"}, *const low[] = {"not below"};
    static const char *const actions[] = {"scale", "next", "stop", "restart"};
    const ir_program *p = o->p;
    uint32_t k;
    for (k = 0; k < p->layout.ndet; k++) {
        say(o, "detector %" PRIu32 " ", k);
        print_detector(o, &p->dets[k]);
    }
    for (k = 0; k < p->layout.nrule; k++) {
        const lrs_k_rule *r = &p->rules[k];
        say(o, "rule %" PRIu32 " on detector %" PRIu32 ": %s output %" PRIu32 ", i[%" PRIu32 "]", k, r->det,
            actions[r->action], r->out, r->i);
        if (r->action == LRS_K_SCALE) {
            say(o, " d[%" PRIu32 "], T[%" PRIu32 "]:", r->d, r->t);
            print_entries(o, r->t, 3, scale);
            if (r->low != LRS_K_NONE) {
                say(o, "  T[%" PRIu32 "]", r->low);
                print_entries(o, r->low, 1, low);
            }
        } else {
            text(o, "\n");
        }
    }
}

void ir_print(const ir_program *p, void (*put)(void *ctx, const char *text, size_t n), void *ctx)
{
    printer o = {p, put, ctx};
    uint32_t k;
    int any = 0;
    print_interface(&o);
    for (k = 1; k < p->nins; k++) {
        if (p->ins[k].op == IR_CONST) /* written where it is used */
            continue;
        if (!any++)
            text(&o, "values\n");
        print_value(&o, k);
    }
    for (k = 0; k < p->nexpr; k++) {
        say(&o, "expr #%" PRIu32 " = ", k);
        operand(&o, p->expr[k].root);
        text(&o, "\n");
    }
    for (k = 0; k < p->nchecks; k++) {
        text(&o, "check ");
        operand(&o, p->checks[k].cond);
        text(&o, " else \"");
        text(&o, p->checks[k].message);
        text(&o, "\"\n");
    }
    for (k = 0; k < p->layout.nblock; k++) {
        say(&o, "block %" PRIu32 "\n", k);
        print_segments(&o, &p->blocks[k]);
    }
    for (k = 0; k < p->layout.nout; k++)
        print_output(&o, k);
    print_rules(&o);
    for (k = 0; k < p->nphase; k++) {
        say(&o, "phase %" PRIu32 " of output %" PRIu32, k, p->phase[k].out);
        if (p->phase[k].around)
            say(&o, " in phase %" PRIu32, p->phase[k].around - 1);
        text(&o, " from ");
        operand(&o, p->phase[k].start);
        text(&o, " to ");
        operand(&o, p->phase[k].end);
        text(&o, ": ");
        text(&o, p->phase[k].text);
        text(&o, "\n");
    }
    say(&o, "state %" PRIu32 " integers, %" PRIu32 " doubles, %" PRIu32 " saved\n", p->layout.ni, p->layout.nd, p->layout.nsave);
}
