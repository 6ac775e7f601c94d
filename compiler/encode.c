/* encode.c: from IR to what the runtime runs: descriptors, the constants of T, and register code for bind and expressions.
 *
 * In: a finished ir_program. Out: an lrs_program. Calls the arena.
 *
 * Operands address registers, T, constants, params and event ends directly, so there are no loads. A bind value that has a
 * place in T is computed there and needs no register; the others get one from their definition to their last use, the
 * lowest that is free (linear scan: code has no branches). Everything is linear in the size of the program.
 */
#include "encode.h"

#include <string.h>

/* Code number of each operation; leaves are addresses and have none, but for the value of another output. */
static const uint8_t opcodes[IR_OPS] = {
#define LEAF(NAME) LRS_CODE_MOV
#define LRS_CODE_CONST LEAF(CONST)
#define LRS_CODE_PARAM LEAF(PARAM)
#define LRS_CODE_EVENT LEAF(EVENT)
#define LRS_CODE_TIME LEAF(TIME)
#define LRS_CODE_TAU LEAF(TAU)
#define LRS_CODE_U LEAF(U)
#define LRS_CODE_COU LEAF(COU)
#define LRS_CODE_CYCLE LEAF(CYCLE)
#define LRS_CODE_INPUT LEAF(INPUT)
#define OP(NAME, name, arity) [IR_##NAME] = LRS_CODE_##NAME,
#include "ir.def"
};

/* No address: nothing to point to. */
#define NOWHERE UINT32_MAX

typedef struct encoder {
    const ir_program *p;
    arena *mem;
    lrs_code *code;      /* being written */
    uint32_t n;
    uint32_t *address;   /* of each value, NOWHERE where it has none (yet) */
    uint32_t *last;      /* position of a value's last user in the list being encoded */
    double *constants;
    uint32_t nconstants;
    uint32_t free[LRS_REGISTERS]; /* a stack of registers */
    uint32_t nfree;
    uint32_t used;       /* 1 + the highest register in use so far */
    int limit;
} encoder;

static void all_free(encoder *e)
{
    uint32_t r;
    e->nfree = 0;
    e->used = LRS_REGISTER_FREE;
    for (r = LRS_REGISTERS; r > LRS_REGISTER_FREE; r--)
        e->free[e->nfree++] = r - 1;
}

static void emit(encoder *e, uint32_t op, uint32_t dst, uint32_t a, uint32_t b, uint32_t c)
{
    lrs_code i = {op, dst, a, b, c};
    e->code[e->n++] = i;
}

/* Where a value is found; constants and leaves get their address when they are first asked for. */
static uint32_t address_of(encoder *e, ir_ref r)
{
    const ir_ins *i = &e->p->ins[r];
    if (r == 0)
        return 0;
    if (e->address[r] != NOWHERE)
        return e->address[r];
    if (i->op == IR_CONST) {
        e->constants[e->nconstants] = i->imm;
        e->address[r] = LRS_ADDRESS(LRS_SPACE_CONSTANT, e->nconstants++);
    } else if (i->op == IR_PARAM) {
        e->address[r] = LRS_ADDRESS(LRS_SPACE_PARAM, i->index);
    } else if (i->op == IR_EVENT) {
        e->address[r] = LRS_ADDRESS(LRS_SPACE_EVENT, i->index);
    } else if (i->op == IR_INPUT) {
        e->address[r] = LRS_ADDRESS(LRS_SPACE_STATE, e->p->layout.input + i->index);
    } else {
        return 0; /* ir_verify would have said so */
    }
    return e->address[r];
}

/* The register of a value that no later one needs is free again. */
static void release(encoder *e, ir_ref r, uint32_t position)
{
    if (r && e->last[r] == position && e->address[r] != NOWHERE && e->address[r] >> LRS_SPACE_BITS == LRS_SPACE_REGISTER &&
        e->address[r] >= LRS_REGISTER_FREE) {
        e->free[e->nfree++] = e->address[r];
        e->last[r] = NOWHERE; /* once, though it may be several operands */
    }
}

/* One value at its position: operands, then the registers they leave, then its own. */
static void encode_value(encoder *e, ir_ref r, uint32_t position)
{
    const ir_ins *i = &e->p->ins[r];
    uint32_t a = address_of(e, i->a), b = address_of(e, i->b), c = address_of(e, i->c);
    release(e, i->a, position);
    release(e, i->b, position);
    release(e, i->c, position);
    if (e->address[r] == NOWHERE) {
        if (e->nfree == 0) {
            e->limit = 1;
            return;
        }
        e->address[r] = e->free[--e->nfree];
        if (e->address[r] >= e->used)
            e->used = e->address[r] + 1;
    }
    emit(e, opcodes[i->op], e->address[r], a, i->op == IR_OUT ? i->index : b, c);
}

static void note_uses(encoder *e, ir_ref r, uint32_t position)
{
    const ir_ins *i = &e->p->ins[r];
    e->last[i->a] = position;
    e->last[i->b] = position;
    e->last[i->c] = position;
}

/* ---- expressions ---- */

static uint32_t leaf_register(uint8_t op)
{
    switch (op) {
    case IR_TIME:
        return LRS_REGISTER_TIME;
    case IR_TAU:
        return LRS_REGISTER_TAU;
    case IR_U:
        return LRS_REGISTER_U;
    case IR_COU:
        return LRS_REGISTER_COU;
    case IR_CYCLE:
        return LRS_REGISTER_CYCLE;
    default:
        return NOWHERE;
    }
}

static int encode_expr(encoder *e, const ir_expr *x, const lrs_code **out)
{
    const ir_ref *list = x->n ? e->p->exprlist + x->first : NULL;
    uint32_t k;
    e->code = arena_alloc(e->mem, ((size_t)x->n + 1) * sizeof *e->code);
    if (!e->code)
        return LRS_E_NOMEM;
    e->n = 0;
    *out = e->code;
    all_free(e);
    for (k = 0; k < x->n; k++) {
        e->address[list[k]] = leaf_register(e->p->ins[list[k]].op);
        note_uses(e, list[k], k);
    }
    e->last[x->root] = x->n;
    for (k = 0; k < x->n && !e->limit; k++) {
        uint8_t op = e->p->ins[list[k]].op;
        if (leaf_register(op) == NOWHERE && op != IR_INPUT)
            encode_value(e, list[k], k);
    }
    emit(e, LRS_CODE_RETURN, 0, address_of(e, x->root), 0, 0);
    return e->limit ? LRS_E_LIMIT : 0;
}

static int encode_exprs(encoder *e, lrs_program *q)
{
    const ir_program *p = e->p;
    const lrs_code **list = arena_alloc(e->mem, ((size_t)p->nexpr + 1) * sizeof *list);
    uint32_t *registers = arena_alloc(e->mem, ((size_t)p->nexpr + 1) * sizeof *registers);
    uint32_t k;
    int status = 0;
    if (!list || !registers)
        return LRS_E_NOMEM;
    /* Step code reads BIND values from T. */
    for (k = 1; k < p->nins; k++) {
        if (p->ins[k].stage == IR_STAGE_BIND)
            e->address[k] = p->ins[k].slot == LRS_K_NONE ? NOWHERE : LRS_ADDRESS(LRS_SPACE_TABLE, p->ins[k].slot);
    }
    for (k = 0; k < p->nexpr && !status; k++) {
        status = encode_expr(e, &p->expr[k], &list[k]);
        registers[k] = e->used;
    }
    q->expr = list;
    q->expr_registers = registers;
    return status;
}

/* ---- bind ---- */

static int is_leaf(const ir_program *p, ir_ref r)
{
    return ir_op_arity((enum ir_op)p->ins[r].op) == 0;
}

/* first[r]: 1 + number of the first check of value r. */
static void encode_check(encoder *e, ir_ref r, const uint32_t *first)
{
    if (first[r])
        emit(e, LRS_CODE_CHECK, 0, address_of(e, r), first[r] - 1, 0);
}

static void encode_bind_values(encoder *e, const uint32_t *first)
{
    const ir_program *p = e->p;
    uint32_t k;
    for (k = 0; k < p->nbindlist; k++)
        note_uses(e, p->bindlist[k], k);
    all_free(e);
    for (k = 0; k < p->nbindlist && !e->limit; k++) {
        ir_ref r = p->bindlist[k];
        if (!is_leaf(p, r)) {
            encode_value(e, r, k);
            encode_check(e, r, first);
            if (e->last[r] == NOWHERE) { /* only a check wanted it */
                e->last[r] = k;
                release(e, r, k);
            }
        }
    }
}

static int encode_bind(encoder *e, lrs_program *q)
{
    const ir_program *p = e->p;
    uint32_t *first = arena_alloc(e->mem, p->nins * sizeof *first);
    uint32_t k;
    if (!first)
        return LRS_E_NOMEM;
    for (k = p->nchecks; k > 0; k--)
        first[p->checks[k - 1].cond] = k;
    e->code = arena_alloc(e->mem, ((size_t)p->nbindlist + p->nchecks + p->layout.ntable + 1) * sizeof *e->code);
    if (!e->code)
        return LRS_E_NOMEM;
    e->n = 0;
    memset(e->last, 0xff, p->nins * sizeof *e->last);
    /* A computed value lives in its first place in T; leaves are read where they are. */
    for (k = p->layout.ntable; k > 0; k--) {
        ir_ref r = p->table[k - 1];
        if (p->ins[r].stage == IR_STAGE_BIND && !is_leaf(p, r))
            e->address[r] = LRS_ADDRESS(LRS_SPACE_TABLE, k - 1);
    }
    encode_bind_values(e, first);
    for (k = 1; k < p->nins; k++) {
        if (is_leaf(p, k))
            encode_check(e, k, first);
    }
    for (k = 0; k < p->layout.ntable; k++) {
        ir_ref r = p->table[k];
        uint32_t here = LRS_ADDRESS(LRS_SPACE_TABLE, k);
        if (p->ins[r].stage == IR_STAGE_BIND && address_of(e, r) != here)
            emit(e, LRS_CODE_MOV, here, address_of(e, r), 0, 0);
    }
    q->bind = e->n ? e->code : NULL;
    emit(e, LRS_CODE_RETURN, 0, 0, 0, 0);
    return e->limit ? LRS_E_LIMIT : 0;
}

/* ---- the rest ---- */

static lrs_moment moment_of(const ir_program *p, ir_ref r)
{
    lrs_moment m = {LRS_K_NONE, p->ins[r].imm};
    if (p->ins[r].stage != IR_STAGE_CONST)
        m.slot = p->ins[r].slot;
    return m;
}

static int encode_names(lrs_program *q, const ir_program *p, arena *mem)
{
    lrs_param_info *params = arena_alloc(mem, ((size_t)p->layout.nparam + 1) * sizeof *params);
    const char **rule_texts = arena_alloc(mem, ((size_t)p->layout.nrule + 1) * sizeof *rule_texts);
    lrs_phase_info *phase = arena_alloc(mem, ((size_t)p->nphase + 1) * sizeof *phase);
    const char **checks = arena_alloc(mem, ((size_t)p->nchecks + 1) * sizeof *checks);
    uint32_t k;
    if (!params || !phase || !checks || !rule_texts)
        return LRS_E_NOMEM;
    for (k = 0; k < p->layout.nparam; k++) {
        const ir_param *s = &p->params[k];
        lrs_param_info *info = &params[k]; /* member by member: the gaps between them stay 0, and are copied */
        info->size = sizeof *info;
        info->name = s->name;
        info->unit = s->unit;
        info->has_default = s->has_default;
        info->has_range = s->has_range;
        info->is_log = s->is_log;
        info->def = s->def;
        info->lo = s->lo;
        info->hi = s->hi;
    }
    for (k = 0; p->rule_at && k < p->layout.nrule; k++)
        rule_texts[k] = p->rule_at[k].text;
    for (k = 0; k < p->nphase; k++) {
        phase[k].text = p->phase[k].text;
        phase[k].start = moment_of(p, p->phase[k].start);
        phase[k].end = moment_of(p, p->phase[k].end);
    }
    for (k = 0; k < p->nchecks; k++)
        checks[k] = p->checks[k].message;
    q->params = params;
    q->rule_texts = p->rule_at ? rule_texts : NULL;
    q->phase = phase;
    q->nphase = p->nphase;
    q->phase_of = p->nphase ? p->phase_of : NULL;
    q->checks = checks;
    q->unit = p->step_unit ? p->step_unit : "step";
    q->inputs = p->inputs;
    q->outputs = p->output_names;
    q->npublic = p->npublic;
    return 0;
}

static int encode_image(lrs_program *q, const ir_program *p, arena *mem)
{
    double *image = arena_alloc(mem, ((size_t)p->layout.ntable + 1) * sizeof *image);
    uint32_t k;
    if (!image)
        return LRS_E_NOMEM;
    for (k = 0; k < p->layout.ntable; k++) {
        const ir_ins *i = &p->ins[p->table[k]];
        image[k] = i->stage == IR_STAGE_CONST ? i->imm : 0.0;
    }
    q->image = image;
    return 0;
}

int lrs_encode(lrs_program *q, const ir_program *p, arena *mem)
{
    encoder e = {.p = p, .mem = mem};
    int status;

    if (p->nins >= LRS_ADDRESS_LIMIT || p->layout.ntable >= LRS_ADDRESS_LIMIT)
        return LRS_E_LIMIT;
    e.address = arena_alloc(mem, p->nins * sizeof *e.address);
    e.last = arena_alloc(mem, p->nins * sizeof *e.last);
    e.constants = arena_alloc(mem, p->nins * sizeof *e.constants);
    if (!e.address || !e.last || !e.constants)
        return LRS_E_NOMEM;
    memset(e.address, 0xff, p->nins * sizeof *e.address);
    q->layout = p->layout;
    q->outs = p->outs;
    q->kinds = p->kinds;
    q->phases = p->phases;
    q->exprs = p->exprs;
    q->scales = p->scales;
    q->dets = p->dets;
    q->rules = p->rules;
    q->blocks = p->blocks;
    q->constants = e.constants;
    status = encode_bind(&e, q);
    if (!status)
        status = encode_exprs(&e, q);
    if (!status)
        status = encode_image(q, p, mem);
    if (!status)
        status = encode_names(q, p, mem);
    return status;
}
