/* bind.c: the code that fills T from params and event ends, and checks what it finds.
 *
 * In: the BIND values of an IR program in evaluation order. Out: lrs_g_bind, whose result is 0 or 1 + number of the first
 * check that fails; T holds what came out even then, so who calls it with a good T binds again what was there.
 *
 * The values are written in groups, a function each, so that the optimiser's time grows with their number and not with
 * its square. A value that a later group needs is read back from T, where most are anyway, or from an array on the stack.
 * May call: maker.h.
 */
#include "maker.h"
#include <stdlib.h>
#include <string.h>

/* Values in a group. */
#define GROUP 128
/* Constant entries of T above this many are copied by a loop. */
#define COPY_FROM 24
#define NONE UINT32_MAX

typedef struct binder {
    maker *k;
    uint32_t ngroups;
    uint32_t *group;           /* by ref: the group that computes it */
    uint32_t *first, *next;    /* by ref, by entry: the entries of T that hold it */
    uint32_t *check, *more;    /* by ref, by check: the checks that look at it */
    uint32_t *spill, nspill;   /* by ref: its place on the stack */
    uint32_t *known;           /* by ref: 1 + the group in which k->values has it */
    uint32_t now;              /* the group being written */
    LLVMValueRef params, events, T, stack, failed;
} binder;

static int is_leaf(const ir_ins *x)
{
    return x->op == IR_PARAM || x->op == IR_EVENT;
}

/* A later group needs x, and it is nowhere else. */
static void need(binder *d, ir_ref r, uint32_t group)
{
    const ir_ins *x = &d->k->p->ins[r];
    if (r == 0 || x->stage != IR_STAGE_BIND || is_leaf(x) || d->group[r] == group || d->first[r] != NONE || d->spill[r] != NONE)
        return;
    d->spill[r] = d->nspill++;
}

/* Decides where everything is. */
static void arrange(binder *d)
{
    const ir_program *p = d->k->p;
    uint32_t j;
    for (j = 0; j < p->nbindlist; j++)
        d->group[p->bindlist[j]] = j / GROUP;
    for (j = p->layout.ntable; j-- > 0 && !ir_table_is_const(p);) {
        d->next[j] = d->first[p->table[j]];
        d->first[p->table[j]] = j;
    }
    for (j = p->nchecks; j-- > 0;) {
        d->more[j] = d->check[p->checks[j].cond];
        d->check[p->checks[j].cond] = j;
    }
    for (j = 0; j < p->nbindlist; j++) {
        const ir_ins *x = &p->ins[p->bindlist[j]];
        need(d, x->a, j / GROUP);
        need(d, x->b, j / GROUP);
        need(d, x->c, j / GROUP);
    }
}

static LLVMValueRef compute(binder *d, const ir_ins *x);

/* A value, in the group being written. */
static LLVMValueRef value(binder *d, ir_ref r)
{
    const ir_ins *x = &d->k->p->ins[r];
    if (r == 0)
        return NULL;
    if (x->stage == IR_STAGE_CONST)
        return maker_f64(d->k, x->imm);
    if (d->known[r] != d->now + 1) {
        if (is_leaf(x) || d->group[r] == d->now)
            d->k->values[r] = compute(d, x);
        else if (d->first[r] != NONE)
            d->k->values[r] = maker_load(d->k, d->T, d->first[r]);
        else
            d->k->values[r] = maker_load(d->k, d->stack, d->spill[r]);
        d->known[r] = d->now + 1;
    }
    return d->k->values[r];
}

static LLVMValueRef compute(binder *d, const ir_ins *x)
{
    if (x->op == IR_PARAM)
        return maker_load(d->k, d->params, x->index);
    if (x->op == IR_EVENT)
        return maker_load(d->k, d->events, x->index);
    return maker_apply(d->k, x, value(d, x->a), value(d, x->b), value(d, x->c));
}

/* failed = the lesser of failed and 1 + number of each check that does not hold, where 0 counts as none: 0 - 1 is the
 * greatest unsigned number. */
static void look(binder *d, ir_ref r, LLVMValueRef v)
{
    maker *k = d->k;
    uint32_t j;
    for (j = d->check[r]; j != NONE; j = d->more[j]) {
        LLVMValueRef number = maker_u32(k, j);
        LLVMValueRef less = LLVMBuildICmp(k->b, LLVMIntULT, number, d->failed, "");
        LLVMValueRef broken = LLVMBuildNot(k->b, maker_holds(k, v), "");
        d->failed = LLVMBuildSelect(k->b, LLVMBuildAnd(k->b, less, broken, ""), number, d->failed, "");
    }
}

static void keep(binder *d, ir_ref r, LLVMValueRef v)
{
    uint32_t j;
    for (j = d->first[r]; j != NONE; j = d->next[j])
        maker_store(d->k, v, d->T, j);
    if (d->spill[r] != NONE)
        maker_store(d->k, v, d->stack, d->spill[r]);
}

static void set_group(binder *d, uint32_t group, LLVMValueRef params, LLVMValueRef events, LLVMValueRef T, LLVMValueRef stack)
{
    d->now = group;
    d->params = params;
    d->events = events;
    d->T = T;
    d->stack = stack;
}

/* Writes a group's code where the builder stands. */
static void write_group(binder *d)
{
    const ir_program *p = d->k->p;
    uint32_t j, end = (d->now + 1) * GROUP;
    for (j = d->now * GROUP; j < p->nbindlist && j < end; j++) {
        ir_ref r = p->bindlist[j];
        LLVMValueRef v = value(d, r);
        keep(d, r, v);
        look(d, r, v);
    }
}

static void finish(maker *k, LLVMValueRef f)
{
    maker_attribute(k, f, "noinline"); /* several functions call it */
    maker_attribute(k, f, "optsize");
    if (k->lines)
        lines_function(k->lines, f, "bind", 0);
}

/* unsigned group(params, events, T, stack, failed) -> failed */
static LLVMValueRef make_group(binder *d, uint32_t group)
{
    maker *k = d->k;
    LLVMTypeRef args[] = {k->ptr, k->ptr, k->ptr, k->ptr, k->i32};
    char name[40];
    LLVMValueRef f;
    snprintf(name, sizeof name, "lrs_g_bind_%u", group);
    f = maker_function(k, name, LLVMFunctionType(k->i32, args, 5, 0));
    set_group(d, group, LLVMGetParam(f, 0), LLVMGetParam(f, 1), LLVMGetParam(f, 2), LLVMGetParam(f, 3));
    d->failed = LLVMGetParam(f, 4);
    write_group(d);
    LLVMBuildRet(k->b, d->failed);
    finish(k, f);
    return f;
}

/* for (j = 0; j < n; j++) T[j] = from[j]; a loop, so that a table of any size is little code. */
static void copy(maker *k, LLVMValueRef f, LLVMValueRef from, LLVMValueRef T, uint32_t n)
{
    LLVMBasicBlockRef before = LLVMGetInsertBlock(k->b), body = maker_block(k, f), after = maker_block(k, f);
    LLVMValueRef j, next, at, v, edge[2];
    LLVMBasicBlockRef edges[2] = {before, body};
    LLVMBuildBr(k->b, body);
    LLVMPositionBuilderAtEnd(k->b, body);
    j = LLVMBuildPhi(k->b, k->i64, "");
    at = LLVMBuildInBoundsGEP2(k->b, k->f64, from, &j, 1, "");
    v = LLVMBuildLoad2(k->b, k->f64, at, "");
    at = LLVMBuildInBoundsGEP2(k->b, k->f64, T, &j, 1, "");
    LLVMBuildStore(k->b, v, at);
    next = LLVMBuildAdd(k->b, j, LLVMConstInt(k->i64, 1, 0), "");
    edge[0] = LLVMConstInt(k->i64, 0, 0);
    edge[1] = next;
    LLVMAddIncoming(j, edge, edges, 2);
    LLVMBuildCondBr(k->b, LLVMBuildICmp(k->b, LLVMIntULT, next, LLVMConstInt(k->i64, n, 0), ""), body, after);
    LLVMPositionBuilderAtEnd(k->b, after);
}

static void write_constants(maker *k, LLVMValueRef f, LLVMValueRef T)
{
    const ir_program *p = k->p;
    uint32_t j, n = 0;
    if (ir_table_is_const(p))
        return; /* T is not in the state */
    for (j = 0; j < p->layout.ntable; j++)
        n += p->ins[p->table[j]].stage == IR_STAGE_CONST;
    if (n > COPY_FROM) {
        LLVMValueRef image = maker_define_table(k, "lrs_g_image");
        if (image)
            copy(k, f, image, T, p->layout.ntable);
        return;
    }
    for (j = 0; j < p->layout.ntable; j++)
        if (p->ins[p->table[j]].stage == IR_STAGE_CONST)
            maker_store(k, maker_f64(k, p->ins[p->table[j]].imm), T, j);
}

/* Checks that were decided when the program was compiled. */
static void look_at_constants(binder *d)
{
    const ir_program *p = d->k->p;
    uint32_t j;
    for (j = 0; j < p->nchecks; j++) {
        ir_ref r = p->checks[j].cond;
        if (p->ins[r].stage == IR_STAGE_CONST && d->check[r] == j)
            look(d, r, maker_f64(d->k, p->ins[r].imm));
    }
}

static void write_bind(binder *d, LLVMValueRef f, LLVMValueRef *groups)
{
    maker *k = d->k;
    LLVMValueRef params = LLVMGetParam(f, 1), events = LLVMGetParam(f, 2), T = LLVMGetParam(f, 3);
    LLVMValueRef stack = LLVMGetUndef(k->ptr);
    uint32_t j;
    if (d->nspill)
        stack = LLVMBuildAlloca(k->b, compat_array_type(k->f64, d->nspill), "");
    d->failed = maker_u32(k, UINT32_MAX);
    write_constants(k, f, T);
    look_at_constants(d);
    if (d->ngroups == 1) {
        set_group(d, 0, params, events, T, stack);
        write_group(d);
    }
    for (j = 0; d->ngroups > 1 && j < d->ngroups; j++) {
        LLVMValueRef args[] = {params, events, T, stack, d->failed};
        d->failed = LLVMBuildCall2(k->b, LLVMGlobalGetValueType(groups[j]), groups[j], args, 5, "");
    }
    LLVMBuildRet(k->b, LLVMBuildAdd(k->b, d->failed, maker_u32(k, 1), ""));
}

static LLVMValueRef make(binder *d)
{
    maker *k = d->k;
    LLVMTypeRef args[] = {k->ptr, k->ptr, k->ptr, k->ptr};
    LLVMValueRef *groups = maker_values(k, d->ngroups), f = NULL;
    uint32_t j;
    if (!groups)
        return NULL;
    for (j = 0; d->ngroups > 1 && j < d->ngroups; j++)
        groups[j] = make_group(d, j);
    f = maker_function(k, "lrs_g_bind", LLVMFunctionType(k->i32, args, 4, 0));
    write_bind(d, f, groups);
    finish(k, f);
    free(groups);
    return f;
}

LLVMValueRef bind_make(maker *k)
{
    const ir_program *p = k->p;
    size_t nins = p->nins, total = 5 * nins + (size_t)p->layout.ntable + p->nchecks, j;
    uint32_t *words = malloc((total + 1) * sizeof *words);
    binder d;
    LLVMValueRef f;
    if (!words) {
        k->nomem = 1;
        return NULL;
    }
    for (j = 0; j < total; j++)
        words[j] = NONE;
    memset(&d, 0, sizeof d);
    d.k = k;
    d.ngroups = p->nbindlist ? (p->nbindlist - 1) / GROUP + 1 : 0;
    d.group = words;
    d.first = d.group + nins;
    d.check = d.first + nins;
    d.spill = d.check + nins;
    d.known = d.spill + nins;
    d.next = d.known + nins;
    d.more = d.next + p->layout.ntable;
    arrange(&d);
    f = make(&d);
    free(words);
    return f;
}
