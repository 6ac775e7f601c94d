/* maker.h: what is shared while a module is being made: see maker.c. */
#ifndef LRS_MAKER_H
#define LRS_MAKER_H

#include "emit_llvm.h"
#include "emit_names.h"

typedef struct maker {
    const ir_program *p;
    const module_options *o;
    const target *t;
    report *r;
    LLVMContextRef c;
    LLVMModuleRef m;
    LLVMBuilderRef b;
    LLVMTypeRef i32, i64, f64, ptr;
    LLVMValueRef fma, sqrt, fabs;   /* intrinsics, declared on first need */
    LLVMValueRef ops[IR_OPS];       /* kernel functions by operation */
    LLVMValueRef *values;           /* of the function being written, by ir_ref */
    LLVMValueRef arg_T, arg_D, arg_leaf[IR_OPS]; /* step code: its table, the state's doubles, and its leaves by operation */
    emit_names names;
    lines *lines;                   /* NULL without -g */
    int nomem;
} maker;

LLVMValueRef maker_u32(maker *k, uint32_t v);
LLVMValueRef maker_f64(maker *k, double v);
/* Room for n values, zeroed; free(). NULL: no memory. */
LLVMValueRef *maker_values(maker *k, size_t n);
/* The constant or variable `name`, in place of the declaration that the kernels' bitcode may have of it. */
LLVMValueRef maker_define(maker *k, const char *name, LLVMValueRef value, int constant);
LLVMValueRef maker_define_words32(maker *k, const char *name, const uint32_t *words, size_t n);
LLVMValueRef maker_define_doubles(maker *k, const char *name, const double *d, size_t n);
/* The table's constant entries; the others are 0 until bind() writes them. */
LLVMValueRef maker_define_table(maker *k, const char *name);

/* Whether a is true: not 0; NaN is. */
LLVMValueRef maker_holds(maker *k, LLVMValueRef a);
/* base[index], doubles */
LLVMValueRef maker_load(maker *k, LLVMValueRef base, uint32_t index);
void maker_store(maker *k, LLVMValueRef v, LLVMValueRef base, uint32_t index);
/* The value of an operation whose operands have been read. */
LLVMValueRef maker_apply(maker *k, const ir_ins *x, LLVMValueRef a, LLVMValueRef b, LLVMValueRef c);

LLVMBasicBlockRef maker_block(maker *k, LLVMValueRef f);
void maker_attribute(maker *k, LLVMValueRef f, const char *name);
void maker_remove_attribute(LLVMValueRef f, const char *name);
void maker_text_attribute(maker *k, LLVMValueRef f, const char *name, const char *value);
/* A new internal function; the builder stands at its beginning. */
LLVMValueRef maker_function(maker *k, const char *name, LLVMTypeRef type);

/* bind.c: int bind(ctx, params, events, T), or NULL without memory. */
LLVMValueRef bind_make(maker *k);

#endif
