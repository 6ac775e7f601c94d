/* module.c: IR -> LLVM module.
 *
 * In: an ir_program and a target. Out: a module with the functions of the generated header and nothing else visible.
 *
 * The module starts as the kernels' bitcode (kernel_bitcode.c). Here the program's descriptors, table, state image and
 * messages are added as constants, bind() (bind.c) and the step code are written operation for operation, and the functions
 * get their names. The optimiser then folds the kernels over the constants. No instruction gets a fast-math flag, so no
 * pass may contract or reassociate. May call: maker.h, bind.c, ir.h, emit_names.h, lines.c.
 */
#include "emit_llvm.h"
#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "maker.h"


/* ---- constants ---- */

static LLVMValueRef define_layout(maker *k)
{
    const lrs_k_layout *l = &k->p->layout;
    LLVMValueRef f[] = {
        LLVMConstInt(k->i64, l->hash, 0), maker_u32(k, l->ni), maker_u32(k, l->nd), maker_u32(k, l->nsave), maker_u32(k, l->nparam),
        maker_u32(k, l->ninput), maker_u32(k, l->input), maker_u32(k, l->event), maker_u32(k, l->nevent), maker_u32(k, l->table), maker_u32(k, l->ntable), maker_u32(k, l->nout),
        maker_u32(k, l->ndet), maker_u32(k, l->nrule), maker_u32(k, l->nscale), maker_u32(k, l->nkind), maker_u32(k, l->nblock),
        maker_u32(k, l->uses), maker_u32(k, l->clock),
    };
    return maker_define(k, "lrs_g_layout", LLVMConstStructInContext(k->c, f, sizeof f / sizeof f[0], 0), 1);
}

/* These are all made of uint32_t, so they can be written word by word. */
_Static_assert(sizeof(lrs_k_out) == 28 && sizeof(lrs_k_scale) == 16 && sizeof(lrs_k_det) == 56 &&
                   sizeof(lrs_k_rule) == 28 && sizeof(lrs_k_layout) == 80, "descriptors are words without gaps");

static LLVMValueRef define_records(maker *k, const char *name, const void *at, size_t n, size_t size)
{
    return maker_define_words32(k, name, at, n * (size / sizeof(uint32_t)));
}

static void define_params(maker *k)
{
    const ir_program *p = k->p;
    uint32_t n = p->layout.nparam, j;
    double *def = calloc(3 * (size_t)n + 1, sizeof *def), *lo = def ? def + n : NULL, *hi = def ? lo + n : NULL;
    if (!def) {
        k->nomem = 1;
        return;
    }
    for (j = 0; j < n; j++) {
        const ir_param *a = &p->params[j];
        def[j] = a->has_default ? a->def : (double)NAN;
        lo[j] = a->has_range ? a->lo : -DBL_MAX;
        hi[j] = a->has_range ? a->hi : DBL_MAX;
    }
    maker_define(k, "lrs_g_outputs_n", LLVMConstInt(k->i64, p->npublic, 0), 1);
    maker_define(k, "lrs_g_params_n", LLVMConstInt(k->i64, n, 0), 1);
    maker_define_doubles(k, "lrs_g_params_def", def, n);
    maker_define_doubles(k, "lrs_g_params_lo", lo, n);
    maker_define_doubles(k, "lrs_g_params_hi", hi, n);
    free(def);
}

static void define_events(maker *k)
{
    uint32_t n = k->p->layout.nevent, j;
    double *d = calloc((size_t)n + 1, sizeof *d);
    if (!d) {
        k->nomem = 1;
        return;
    }
    for (j = 0; j < n; j++)
        d[j] = (double)INFINITY;
    maker_define_doubles(k, "lrs_g_events", d, n);
    free(d);
}

/* The messages lie one after the other, found by offsets: tables of pointers would need relocations. */
static void define_messages(maker *k)
{
    const emit_names *names = &k->names;
    size_t n = names->nerrors, j;
    uint32_t *codes = calloc(2 * n + 1, sizeof *codes), *at = codes ? codes + n : NULL;
    backend_buffer text;
    memset(&text, 0, sizeof text);
    for (j = 0; at && j <= n; j++) {
        const char *message = j < n ? names->errors[j].text : names->unknown;
        if (j < n)
            codes[j] = (uint32_t)names->errors[j].code;
        at[j] = (uint32_t)text.n;
        buffer_put(&text, message, strlen(message) + 1);
    }
    if (!at || text.failed) {
        k->nomem = 1;
    } else {
        maker_define_words32(k, "lrs_g_codes", codes, n);
        maker_define_words32(k, "lrs_g_message_at", at, n + 1);
        maker_define(k, "lrs_g_codes_n", LLVMConstInt(k->i64, n, 0), 1);
        maker_define(k, "lrs_g_messages", compat_const_bytes(k->c, text.at, text.n), 1);
    }
    buffer_free(&text);
    free(codes);
}

/* ---- step code ---- */

static LLVMValueRef step_value(maker *k, ir_ref r)
{
    const ir_ins *x = &k->p->ins[r];
    if (r == 0)
        return NULL;
    if (x->stage == IR_STAGE_CONST)
        return maker_f64(k, x->imm);
    if (x->stage == IR_STAGE_BIND)
        return maker_load(k, k->arg_T, x->slot);
    if (x->op == IR_INPUT)
        return maker_load(k, k->arg_D, k->p->layout.input + x->index);
    return k->arg_leaf[x->op] ? k->arg_leaf[x->op] : k->values[r];
}

/* Number of the phase that the segments of an expression belong to. */
static uint32_t phase_of_expr(const ir_program *p, uint32_t expr)
{
    uint32_t j;
    for (j = 0; j < p->layout.nkind; j++)
        if (p->kinds[j] == LRS_K_EXPR && p->exprs[j] == expr)
            return p->phase_of[j];
    return 0;
}

/* double out_N(D, x): the value of output N for step code, once however often it is read. Its body is a copy of lrs_g_out. */
static LLVMValueRef make_out(maker *k, uint32_t out)
{
    LLVMTypeRef args[] = {k->ptr, k->f64};
    LLVMValueRef body = LLVMGetNamedFunction(k->m, "lrs_g_out"), f, pass[3];
    LLVMBasicBlockRef here = LLVMGetInsertBlock(k->b);
    char name[32];
    snprintf(name, sizeof name, "lrs_g_out_%u", out);
    f = LLVMGetNamedFunction(k->m, name);
    if (f)
        return f;
    f = maker_function(k, name, LLVMFunctionType(k->f64, args, 2, 0));
    maker_attribute(k, f, "noinline");
    pass[0] = LLVMGetParam(f, 0);
    pass[1] = maker_u32(k, out);
    pass[2] = LLVMGetParam(f, 1);
    LLVMBuildRet(k->b, LLVMBuildCall2(k->b, LLVMGlobalGetValueType(body), body, pass, 3, ""));
    LLVMPositionBuilderAtEnd(k->b, here);
    return f;
}

static LLVMValueRef call_out(maker *k, uint32_t out)
{
    LLVMValueRef f = make_out(k, out), pass[] = {k->arg_D, k->arg_leaf[IR_TIME]};
    return LLVMBuildCall2(k->b, LLVMGlobalGetValueType(f), f, pass, 2, "");
}

/* double step_N(T, D, x, tau, u, cou, cycle) */
static LLVMValueRef make_step(maker *k, uint32_t expr)
{
    const ir_program *p = k->p;
    const ir_expr *e = &p->expr[expr];
    LLVMTypeRef args[] = {k->ptr, k->ptr, k->f64, k->f64, k->f64, k->f64, k->f64};
    char name[32];
    LLVMValueRef f;
    uint32_t j;

    snprintf(name, sizeof name, "lrs_g_step_%u", expr);
    f = maker_function(k, name, LLVMFunctionType(k->f64, args, 7, 0));
    k->arg_T = LLVMGetParam(f, 0);
    k->arg_D = LLVMGetParam(f, 1);
    k->arg_leaf[IR_TIME] = LLVMGetParam(f, 2);
    k->arg_leaf[IR_TAU] = LLVMGetParam(f, 3);
    k->arg_leaf[IR_U] = LLVMGetParam(f, 4);
    k->arg_leaf[IR_COU] = LLVMGetParam(f, 5);
    k->arg_leaf[IR_CYCLE] = LLVMGetParam(f, 6);
    for (j = e->first; j < e->first + e->n; j++) {
        const ir_ins *x = &p->ins[p->exprlist[j]];
        if (x->op == IR_OUT)
            k->values[p->exprlist[j]] = call_out(k, x->index);
        if (ir_op_arity((enum ir_op)x->op) > 0)
            k->values[p->exprlist[j]] = maker_apply(k, x, step_value(k, x->a), step_value(k, x->b), step_value(k, x->c));
    }
    LLVMBuildRet(k->b, step_value(k, e->root));
    if (k->lines)
        lines_function(k->lines, f, "phase", phase_of_expr(p, expr));
    return f;
}

/* double expr(k, expr, T, D, x, tau, u, cou, cycle): a switch over the step code functions. */
static LLVMValueRef make_expr(maker *k)
{
    uint32_t n = k->p->nexpr, j;
    LLVMTypeRef args[] = {k->ptr, k->i32, k->ptr, k->ptr, k->f64, k->f64, k->f64, k->f64, k->f64};
    LLVMTypeRef step_type = LLVMFunctionType(k->f64, args + 2, 7, 0);
    LLVMValueRef f, sw = NULL;
    LLVMValueRef *steps = maker_values(k, n);
    if (!steps)
        return NULL;
    for (j = 0; j < n; j++)
        steps[j] = make_step(k, j);
    f = maker_function(k, "lrs_g_expr", LLVMFunctionType(k->f64, args, 9, 0));
    /* The last one is the default: expr is always one of them. */
    for (j = n; j-- > 0;) {
        LLVMValueRef pass[] = {LLVMGetParam(f, 2), LLVMGetParam(f, 3), LLVMGetParam(f, 4), LLVMGetParam(f, 5),
                               LLVMGetParam(f, 6), LLVMGetParam(f, 7), LLVMGetParam(f, 8)};
        LLVMBasicBlockRef at = n == 1 ? LLVMGetEntryBasicBlock(f) : maker_block(k, f);
        if (!sw && n > 1)
            sw = LLVMBuildSwitch(k->b, LLVMGetParam(f, 1), at, n - 1);
        else if (n > 1)
            LLVMAddCase(sw, maker_u32(k, j), at);
        LLVMPositionBuilderAtEnd(k->b, at);
        LLVMBuildRet(k->b, LLVMBuildCall2(k->b, step_type, steps[j], pass, 7, ""));
    }
    free(steps);
    return f;
}

/* ---- the program ---- */

static void define_program(maker *k)
{
    const ir_program *p = k->p;
    const lrs_k_layout *l = &p->layout;
    LLVMValueRef null = LLVMConstPointerNull(k->ptr);
    LLVMValueRef *kinds = maker_values(k, l->nkind);
    LLVMTypeRef i8 = LLVMInt8TypeInContext(k->c);
    LLVMValueRef f[13];
    uint32_t j, mask = 0;

    if (!kinds)
        return;
    for (j = 0; j < l->nout; j++)
        mask |= p->outs[j].mask;
    maker_define(k, "lrs_g_mask", maker_u32(k, mask), 1);
    for (j = 0; j < l->nkind; j++)
        kinds[j] = LLVMConstInt(i8, p->kinds[j], 0);
    f[0] = define_layout(k);
    f[1] = define_records(k, "lrs_g_outs", p->outs, l->nout, sizeof *p->outs);
    f[2] = maker_define(k, "lrs_g_kinds", compat_const_array(i8, kinds, l->nkind), 1);
    f[3] = maker_define_words32(k, "lrs_g_phases", p->phases, l->nkind);
    f[4] = maker_define_words32(k, "lrs_g_exprs", p->exprs, l->nkind);
    f[5] = define_records(k, "lrs_g_scales", p->scales, l->nscale, sizeof *p->scales);
    f[6] = define_records(k, "lrs_g_dets", p->dets, l->ndet, sizeof *p->dets);
    f[7] = define_records(k, "lrs_g_rules", p->rules, l->nrule, sizeof *p->rules);
    f[8] = define_records(k, "lrs_g_blocks", p->blocks, l->nblock, sizeof *p->blocks);
    f[9] = ir_table_is_const(p) ? maker_define_table(k, "lrs_g_table") : null;
    f[10] = p->nexpr ? make_expr(k) : null;
    f[11] = ir_table_is_const(p) && p->nchecks == 0 ? null : bind_make(k);
    f[12] = null;
    free(kinds);
    if (!k->nomem)
        maker_define(k, "lrs_g_program", LLVMConstStructInContext(k->c, f, 13, 0), 1);
}

/* The own state of get_lr: the params' defaults, bound. */
static void define_own(maker *k)
{
    size_t n = k->names.state_words, j;
    LLVMValueRef *v = maker_values(k, n);
    if (v) {
        for (j = 0; j < n; j++)
            v[j] = LLVMConstInt(k->i64, k->names.initial[j], 0);
        maker_define(k, "lrs_g_own", compat_const_array(k->i64, v, n), 0);
    }
    free(v);
}

/* ---- the header's functions ---- */

/* On RISC-V the caller extends 32-bit integers to registers, and so does who returns one. */
static void extend_ints(maker *k, LLVMValueRef f)
{
    unsigned kind = LLVMGetEnumAttributeKindForName("signext", 7);
    LLVMTypeRef type = LLVMGlobalGetValueType(f);
    unsigned i;
    if (!k->t->extend_int)
        return;
    if (LLVMGetReturnType(type) == k->i32)
        LLVMAddAttributeAtIndex(f, LLVMAttributeReturnIndex, LLVMCreateEnumAttribute(k->c, kind, 0));
    for (i = 0; i < LLVMCountParams(f); i++)
        if (LLVMTypeOf(LLVMGetParam(f, i)) == k->i32)
            LLVMAddAttributeAtIndex(f, i + 1, LLVMCreateEnumAttribute(k->c, kind, 0));
}

static void export(maker *k, LLVMValueRef f, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void export(maker *k, LLVMValueRef f, const char *format, ...)
{
    char name[512];
    va_list ap;
    va_start(ap, format);
    vsnprintf(name, sizeof name, format, ap);
    va_end(ap);
    LLVMSetValueName2(f, name, strlen(name));
    LLVMSetLinkage(f, LLVMExternalLinkage);
    extend_ints(k, f);
    if (k->lines)
        lines_function(k->lines, f, name, 0);
}

enum { MOST_ARGUMENTS = 8 };

/* return to(pass...) */
static void forward(maker *k, LLVMValueRef to, LLVMValueRef *pass)
{
    LLVMTypeRef type = LLVMGlobalGetValueType(to);
    LLVMValueRef call = LLVMBuildCall2(k->b, type, to, pass, LLVMCountParamTypes(type), "");
    LLVMSetTailCall(call, 1);
    if (LLVMGetTypeKind(LLVMGetReturnType(type)) == LLVMVoidTypeKind)
        LLVMBuildRetVoid(k->b);
    else
        LLVMBuildRet(k->b, call);
}

/* A function of the header that is a kernel function with one argument, the second, fixed. */
static LLVMValueRef fix_second(maker *k, const char *kernel, uint32_t fixed)
{
    LLVMValueRef to = LLVMGetNamedFunction(k->m, kernel), f, pass[MOST_ARGUMENTS];
    LLVMTypeRef type = LLVMGlobalGetValueType(to), args[MOST_ARGUMENTS];
    unsigned n = LLVMCountParamTypes(type), i;
    LLVMGetParamTypes(type, args);
    for (i = 1; i + 1 < n; i++)
        args[i] = args[i + 1];
    f = maker_function(k, "", LLVMFunctionType(LLVMGetReturnType(type), args, n - 1, 0));
    for (i = 0; i < n; i++)
        pass[i] = i == 1 ? maker_u32(k, fixed) : LLVMGetParam(f, i < 1 ? i : i - 1);
    forward(k, to, pass);
    return f;
}

/* A kernel function whose second argument is a size_t below n, of which the code for each is made by itself; from n on it
 * is the function `none`. */
static LLVMValueRef choose_second(maker *k, const char *kernel, const char *none, uint32_t n)
{
    LLVMValueRef to = LLVMGetNamedFunction(k->m, kernel), f, choice, pass[MOST_ARGUMENTS];
    LLVMTypeRef type = LLVMGlobalGetValueType(to), args[MOST_ARGUMENTS];
    unsigned count = LLVMCountParamTypes(type), i;
    LLVMBasicBlockRef at;
    uint32_t j;
    LLVMGetParamTypes(type, args);
    args[1] = k->i64;
    f = maker_function(k, "", LLVMFunctionType(LLVMGetReturnType(type), args, count, 0));
    for (i = 0; i < count; i++)
        pass[i] = LLVMGetParam(f, i);
    at = LLVMAppendBasicBlockInContext(k->c, f, "");
    choice = LLVMBuildSwitch(k->b, pass[1], at, n);
    LLVMPositionBuilderAtEnd(k->b, at);
    pass[1] = maker_u32(k, 0);
    forward(k, LLVMGetNamedFunction(k->m, none), pass);
    for (j = 0; j < n; j++) {
        at = LLVMAppendBasicBlockInContext(k->c, f, "");
        LLVMAddCase(choice, LLVMConstInt(k->i64, j, 0), at);
        LLVMPositionBuilderAtEnd(k->b, at);
        pass[1] = maker_u32(k, j);
        forward(k, to, pass);
    }
    return f;
}

/* What the kernels' bitcode brings along under its own name: hidden, and without the processor it was compiled for. */
static void adopt(maker *k)
{
    static const char *const processor[] = {"target-cpu", "target-features", "tune-cpu"};
    LLVMValueRef f;
    size_t i;
    for (f = LLVMGetFirstFunction(k->m); f; f = LLVMGetNextFunction(f)) {
        for (i = 0; i < sizeof processor / sizeof processor[0]; i++)
            LLVMRemoveStringAttributeAtIndex(f, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, processor[i],
                                             (unsigned)strlen(processor[i]));
        if (!LLVMIsDeclaration(f))
            LLVMSetLinkage(f, LLVMInternalLinkage);
    }
}

typedef struct api {
    const char *kernel, *name;
} api;

static const api functions[] = {
    {"lrs_g_stopped", "stopped"}, {"lrs_g_params_default", "params_default"}, {"lrs_g_init", "init"}, {"lrs_g_save", "save"},
    {"lrs_g_load", "load"},       {"lrs_g_error", "error"},
};

static LLVMValueRef kernel(maker *k, const char *name)
{
    return LLVMGetNamedFunction(k->m, name);
}

static void delete_own(maker *k)
{
    LLVMValueRef own = LLVMGetNamedGlobal(k->m, "lrs_g_own");
    LLVMDeleteFunction(kernel(k, "lrs_g_get_lr"));
    LLVMDeleteFunction(kernel(k, "lrs_g_get_lr_all"));
    if (own)
        LLVMDeleteGlobal(own);
}

/* With several outputs each has its own copy, so that each folds. */
static void inline_value(maker *k)
{
    if (k->p->npublic == 1)
        return;
    maker_remove_attribute(kernel(k, "lrs_g_value"), "noinline");
    maker_attribute(k, kernel(k, "lrs_g_value"), "alwaysinline");
}

/* What a trainer calls at every step. */
static void export_hot(maker *k)
{
    const char *prefix = k->names.prefix;
    uint32_t j;
    inline_value(k);
    export(k, kernel(k, k->names.metrics ? "lrs_g_state_get_lr_all" : "lrs_g_state_get_lr"), "%s", k->names.get_lr);
    export(k, k->names.metrics ? kernel(k, "lrs_g_observe_all") : fix_second(k, "lrs_g_observe", 0), "%s_observe", prefix);
    if (k->names.values)
        export(k, kernel(k, "lrs_g_eval"), "%s_eval", prefix);
    for (j = 0; k->names.inputs && j < k->p->layout.ninput; j++)
        export(k, fix_second(k, "lrs_g_observe", j), "%s_observe_%s", prefix, k->names.inputs[j]);
    for (j = 0; j < k->p->npublic; j++) {
        export(k, fix_second(k, "lrs_g_value", j), "%s_%s", prefix, k->names.outputs[j]);
        export(k, fix_second(k, "lrs_g_fill", j), "%s_fill_%s", prefix, k->names.outputs[j]);
    }
}

static void export_rest(maker *k)
{
    size_t i;
    for (i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        LLVMValueRef f = kernel(k, functions[i].kernel);
        maker_attribute(k, f, "noimplicitfloat"); /* no vectors: they would be most of the object */
        export(k, f, "%s_%s", k->names.prefix, functions[i].name);
    }
    if (!k->names.initial) {
        delete_own(k);
        return;
    }
    define_own(k);
    export(k, kernel(k, k->names.metrics ? "lrs_g_get_lr_all" : "lrs_g_get_lr"), "%s", k->names.own_get_lr);
}

/* The functions of lrs_functions. */
static void export_jit(maker *k)
{
    inline_value(k);
    export(k, kernel(k, "lrs_g_state_get_lr"), "jit_get_lr");
    export(k, choose_second(k, "lrs_g_value", "lrs_g_no_value", k->p->npublic), "jit_value");
    export(k, choose_second(k, "lrs_g_fill", "lrs_g_no_fill", k->p->npublic), "jit_fill");
    export(k, choose_second(k, "lrs_g_observe", "lrs_g_no_observe", k->p->layout.ninput), "jit_observe");
    export(k, kernel(k, "lrs_g_eval"), "jit_values");
    delete_own(k);
}

static void export_all(maker *k)
{
    if (k->o->jit) {
        export_jit(k);
        return;
    }
    export_hot(k);
    export_rest(k);
}

/* ---- all of it ---- */

static int read_kernels(maker *k)
{
    LLVMMemoryBufferRef code = LLVMCreateMemoryBufferWithMemoryRange((const char *)lrs_kernel_bitcode, lrs_kernel_bitcode_size,
                                                                     "kernels", 0);
    LLVMBool failed = LLVMParseBitcodeInContext2(k->c, code, &k->m);
    LLVMDisposeMemoryBuffer(code);
    return failed ? report_say(k->r, LRS_E_INTERNAL, "LLVM could not read the kernels' bitcode") : 0;
}

static void set_target(maker *k)
{
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(k->t->machine);
    LLVMSetTarget(k->m, k->t->triple);
    LLVMSetModuleDataLayout(k->m, layout);
    LLVMDisposeTargetData(layout);
    if (k->t->abi)
        LLVMAddModuleFlag(k->m, LLVMModuleFlagBehaviorError, "target-abi", strlen("target-abi"),
                          LLVMMDStringInContext2(k->c, k->t->abi, strlen(k->t->abi)));
}

static int verify(maker *k)
{
    char *message = NULL;
    if (LLVMVerifyModule(k->m, LLVMReturnStatusAction, &message))
        return report_message(k->r, "accept the generated module", message);
    LLVMDisposeMessage(message);
    return 0;
}

static int make(maker *k)
{
    const char *name = k->p->name ? k->p->name : k->names.prefix;
    int status = read_kernels(k);
    if (status)
        return status;
    k->b = LLVMCreateBuilderInContext(k->c);
    LLVMSetModuleIdentifier(k->m, k->names.prefix, strlen(k->names.prefix));
    LLVMSetSourceFileName(k->m, name, strlen(name));
    set_target(k);
    adopt(k);
    if (k->o->names->debug)
        k->lines = lines_open(k->m, k->p, k->o->names, k->t);
    define_program(k);
    define_params(k);
    define_events(k);
    define_messages(k);
    if (!k->nomem)
        export_all(k);
    if (k->lines)
        lines_close(k->lines);
    return k->nomem ? report_say(k->r, LRS_E_NOMEM, "out of memory") : verify(k);
}

int module_build(LLVMModuleRef *out, LLVMContextRef context, const ir_program *p, const module_options *o, const target *t,
                 report *r)
{
    maker k;
    arena mem;
    int status;
    memset(&k, 0, sizeof k);
    *out = NULL;
    k.p = p;
    k.o = o;
    k.t = t;
    k.r = r;
    k.c = context;
    k.i32 = LLVMInt32TypeInContext(context);
    k.i64 = LLVMInt64TypeInContext(context);
    k.f64 = LLVMDoubleTypeInContext(context);
    k.ptr = LLVMPointerTypeInContext(context, 0);
    arena_init(&mem, NULL);
    status = emit_names_make(&k.names, p, o->names, &mem);
    k.values = calloc(p->nins ? p->nins : 1, sizeof *k.values);
    if (status == LRS_E_LIMIT)
        report_say(r, status, "a schedule has at most %u params in generated code", EMIT_MAX_PARAMS);
    else if (status || !k.values)
        status = report_say(r, LRS_E_NOMEM, "out of memory");
    else
        status = make(&k);
    free(k.values);
    arena_free(&mem);
    if (k.b)
        LLVMDisposeBuilder(k.b);
    if (status == 0)
        *out = k.m;
    else if (k.m)
        LLVMDisposeModule(k.m);
    return status;
}

int module_optimize(LLVMModuleRef m, const target *t, report *r)
{
    static const char *const passes[] = {"globaldce,default<O0>,globaldce", "globaldce,default<O1>", "globaldce,default<O2>",
                                         "globaldce,default<O3>"};
    LLVMPassBuilderOptionsRef o = LLVMCreatePassBuilderOptions();
    LLVMErrorRef e;
    LLVMPassBuilderOptionsSetLoopInterleaving(o, 0);
    e = LLVMRunPasses(m, passes[t->optimize], t->machine, o);
    LLVMDisposePassBuilderOptions(o);
    if (e)
        return report_error(r, "optimise the module", e);
    if (t->fuses_negation)
        signs_keep(m);
    return 0;
}
