/* maker.c: the words that module.c and bind.c write LLVM with: constants, operations of the IR, functions.
 *
 * In: numbers, names, operands. Out: LLVM values in the module that is being made. Running out of memory sets nomem.
 */
#include "maker.h"
#include <stdlib.h>
#include <string.h>

/* ---- constants ---- */

LLVMValueRef maker_u32(maker *k, uint32_t v)
{
    return LLVMConstInt(k->i32, v, 0);
}

LLVMValueRef maker_f64(maker *k, double v)
{
    return LLVMConstReal(k->f64, v);
}

/* The constant or variable `name`, in place of the declaration that the kernels' bitcode may have of it. */
LLVMValueRef maker_define(maker *k, const char *name, LLVMValueRef value, int constant)
{
    LLVMValueRef old = LLVMGetNamedGlobal(k->m, name);
    LLVMValueRef g = LLVMAddGlobal(k->m, LLVMTypeOf(value), "");
    LLVMSetInitializer(g, value);
    LLVMSetGlobalConstant(g, constant);
    LLVMSetLinkage(g, LLVMInternalLinkage);
    LLVMSetAlignment(g, 8);
    if (old) {
        LLVMReplaceAllUsesWith(old, g);
        LLVMDeleteGlobal(old);
    }
    LLVMSetValueName2(g, name, strlen(name));
    return g;
}

LLVMValueRef *maker_values(maker *k, size_t n)
{
    LLVMValueRef *v = calloc(n ? n : 1, sizeof *v);
    if (!v)
        k->nomem = 1;
    return v;
}

LLVMValueRef maker_define_words32(maker *k, const char *name, const uint32_t *words, size_t n)
{
    LLVMValueRef *v = maker_values(k, n);
    LLVMValueRef g = NULL;
    size_t i;
    if (v) {
        for (i = 0; i < n; i++)
            v[i] = maker_u32(k, words[i]);
        g = maker_define(k, name, compat_const_array(k->i32, v, n), 1);
    }
    free(v);
    return g;
}

LLVMValueRef maker_define_doubles(maker *k, const char *name, const double *d, size_t n)
{
    LLVMValueRef *v = maker_values(k, n);
    LLVMValueRef g = NULL;
    size_t i;
    if (v) {
        for (i = 0; i < n; i++)
            v[i] = maker_f64(k, d[i]);
        g = maker_define(k, name, compat_const_array(k->f64, v, n), 1);
    }
    free(v);
    return g;
}

/* The table's constant entries; the others are 0 until bind() writes them. */
LLVMValueRef maker_define_table(maker *k, const char *name)
{
    const ir_program *p = k->p;
    double *d = calloc(p->layout.ntable ? p->layout.ntable : 1, sizeof *d);
    LLVMValueRef g = NULL;
    uint32_t j;
    if (!d) {
        k->nomem = 1;
        return NULL;
    }
    for (j = 0; j < p->layout.ntable; j++)
        if (p->ins[p->table[j]].stage == IR_STAGE_CONST)
            d[j] = p->ins[p->table[j]].imm;
    g = maker_define_doubles(k, name, d, p->layout.ntable);
    free(d);
    return g;
}

/* ---- operations ---- */

static LLVMValueRef intrinsic(maker *k, LLVMValueRef *slot, const char *name, LLVMTypeRef type)
{
    if (!*slot)
        *slot = LLVMGetNamedFunction(k->m, name); /* the kernels may have it */
    if (!*slot)
        *slot = LLVMAddFunction(k->m, name, type);
    return *slot;
}

static LLVMTypeRef doubles_to_double(maker *k, unsigned n)
{
    LLVMTypeRef a[4] = {k->f64, k->f64, k->f64, k->f64};
    return LLVMFunctionType(k->f64, a, n, 0);
}

typedef LLVMValueRef emit_fn(maker *k, LLVMValueRef a, LLVMValueRef b, LLVMValueRef c);

/* 1.0 or 0.0 */
static LLVMValueRef truth(maker *k, LLVMValueRef bit)
{
    return LLVMBuildSelect(k->b, bit, maker_f64(k, 1.0), maker_f64(k, 0.0), "");
}

/* Whether a is true: not 0; NaN is. */
LLVMValueRef maker_holds(maker *k, LLVMValueRef a)
{
    return LLVMBuildFCmp(k->b, LLVMRealUNE, a, maker_f64(k, 0.0), "");
}

#define EMIT(name) static LLVMValueRef emit_##name(maker *k, LLVMValueRef a, LLVMValueRef b, LLVMValueRef c)
#define UNUSED2 (void)b, (void)c
#define UNUSED1 (void)c

EMIT(add) { UNUSED1; return LLVMBuildFAdd(k->b, a, b, ""); }
EMIT(sub) { UNUSED1; return LLVMBuildFSub(k->b, a, b, ""); }
EMIT(mul) { UNUSED1; return LLVMBuildFMul(k->b, a, b, ""); }
EMIT(div) { UNUSED1; return LLVMBuildFDiv(k->b, a, b, ""); }
EMIT(neg) { UNUSED2; return LLVMBuildFNeg(k->b, a, ""); }
EMIT(min) { UNUSED1; return LLVMBuildSelect(k->b, LLVMBuildFCmp(k->b, LLVMRealOLT, a, b, ""), a, b, ""); }
EMIT(max) { UNUSED1; return LLVMBuildSelect(k->b, LLVMBuildFCmp(k->b, LLVMRealOGT, a, b, ""), a, b, ""); }
EMIT(lt) { UNUSED1; return truth(k, LLVMBuildFCmp(k->b, LLVMRealOLT, a, b, "")); }
EMIT(le) { UNUSED1; return truth(k, LLVMBuildFCmp(k->b, LLVMRealOLE, a, b, "")); }
EMIT(eq) { UNUSED1; return truth(k, LLVMBuildFCmp(k->b, LLVMRealOEQ, a, b, "")); }
EMIT(ne) { UNUSED1; return truth(k, LLVMBuildFCmp(k->b, LLVMRealUNE, a, b, "")); }
EMIT(and) { UNUSED1; return truth(k, LLVMBuildAnd(k->b, maker_holds(k, a), maker_holds(k, b), "")); }
EMIT(or) { UNUSED1; return truth(k, LLVMBuildOr(k->b, maker_holds(k, a), maker_holds(k, b), "")); }
EMIT(not) { UNUSED2; return LLVMBuildSelect(k->b, maker_holds(k, a), maker_f64(k, 0.0), maker_f64(k, 1.0), ""); }
EMIT(select) { return LLVMBuildSelect(k->b, maker_holds(k, a), b, c, ""); }

EMIT(fma)
{
    LLVMTypeRef type = doubles_to_double(k, 3);
    LLVMValueRef args[] = {a, b, c};
    return LLVMBuildCall2(k->b, type, intrinsic(k, &k->fma, "llvm.fma.f64", type), args, 3, "");
}

EMIT(sqrt)
{
    LLVMTypeRef type = doubles_to_double(k, 1);
    UNUSED2;
    return LLVMBuildCall2(k->b, type, intrinsic(k, &k->sqrt, "llvm.sqrt.f64", type), &a, 1, "");
}

EMIT(abs)
{
    LLVMTypeRef type = doubles_to_double(k, 1);
    UNUSED2;
    return LLVMBuildCall2(k->b, type, intrinsic(k, &k->fabs, "llvm.fabs.f64", type), &a, 1, "");
}

/* The direct operations; all others are kernel functions or leaves. */
static emit_fn *const direct[IR_OPS] = {
#define OP(NAME, name, arity)
#define OP_DIRECT(NAME, name, arity) [IR_##NAME] = emit_##name,
#include "ir.def"
};

static LLVMValueRef call_kernel(maker *k, enum ir_op op, LLVMValueRef a, LLVMValueRef b, LLVMValueRef c)
{
    LLVMValueRef args[] = {a, b, c};
    unsigned n = (unsigned)ir_op_arity(op);
    if (!k->ops[op]) {
        char name[64];
        snprintf(name, sizeof name, "lrs_g_op_%s", ir_op_name(op));
        k->ops[op] = LLVMGetNamedFunction(k->m, name);
    }
    return LLVMBuildCall2(k->b, doubles_to_double(k, n), k->ops[op], args, n, "");
}

LLVMValueRef maker_load(maker *k, LLVMValueRef base, uint32_t index)
{
    LLVMValueRef i = maker_u32(k, index);
    LLVMValueRef at = LLVMBuildInBoundsGEP2(k->b, k->f64, base, &i, 1, "");
    return LLVMBuildLoad2(k->b, k->f64, at, "");
}

void maker_store(maker *k, LLVMValueRef v, LLVMValueRef base, uint32_t index)
{
    LLVMValueRef i = maker_u32(k, index);
    LLVMBuildStore(k->b, v, LLVMBuildInBoundsGEP2(k->b, k->f64, base, &i, 1, ""));
}

/* The value of an operation whose operands have been read. */
LLVMValueRef maker_apply(maker *k, const ir_ins *x, LLVMValueRef a, LLVMValueRef b, LLVMValueRef c)
{
    if (direct[x->op])
        return direct[x->op](k, a, b, c);
    return call_kernel(k, (enum ir_op)x->op, a, b, c);
}

/* ---- functions ---- */

LLVMBasicBlockRef maker_block(maker *k, LLVMValueRef f)
{
    return LLVMAppendBasicBlockInContext(k->c, f, "");
}

void maker_attribute(maker *k, LLVMValueRef f, const char *name)
{
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMAddAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, LLVMCreateEnumAttribute(k->c, kind, 0));
}

void maker_remove_attribute(LLVMValueRef f, const char *name)
{
    unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
    LLVMRemoveEnumAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, kind);
}

void maker_text_attribute(maker *k, LLVMValueRef f, const char *name, const char *value)
{
    LLVMAddAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                            LLVMCreateStringAttribute(k->c, name, (unsigned)strlen(name), value, (unsigned)strlen(value)));
}

LLVMValueRef maker_function(maker *k, const char *name, LLVMTypeRef type)
{
    LLVMValueRef f = LLVMAddFunction(k->m, name, type);
    LLVMSetLinkage(f, LLVMInternalLinkage);
    maker_attribute(k, f, "nounwind");
    maker_text_attribute(k, f, "no-builtins", ""); /* loops stay loops: no call to memcpy may appear */
    LLVMPositionBuilderAtEnd(k->b, maker_block(k, f));
    return f;
}
