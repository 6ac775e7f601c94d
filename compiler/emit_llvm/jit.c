/* jit.c: machine code in this process.
 *
 * In: an ir_program. Out: functions. The module is compiled to an object in memory for this very processor, as for a
 * file, and ORC's LLJIT links it: so the JIT and object files cannot differ. May call: module.c, target.c.
 */
#include "emit_llvm.h"
#include <math.h>
#include <stdlib.h>

struct backend_jit {
    LLVMOrcLLJITRef jit;
};

static void on_error(void *ctx, LLVMErrorRef e)
{
    (void)ctx;
    LLVMConsumeError(e); /* it also comes back from the call that failed */
}

/* Compiles for this processor. */
static int compile(LLVMMemoryBufferRef *out, const ir_program *p, int optimize, report *r)
{
    backend_options names = {.prefix = "jit"};
    module_options o = {.names = &names, .jit = 1};
    LLVMContextRef c = report_context(r);
    LLVMModuleRef m = NULL;
    char *message = NULL;
    target t;
    int status = target_open(&t, NULL, "native", optimize, r);
    if (status == 0)
        status = module_build(&m, c, p, &o, &t, r);
    if (status == 0)
        status = module_optimize(m, &t, r);
    if (status == 0 && LLVMTargetMachineEmitToMemoryBuffer(t.machine, m, LLVMObjectFile, &message, out))
        status = report_message(r, "make machine code", message);
    if (m)
        LLVMDisposeModule(m);
    target_close(&t);
    LLVMContextDispose(c);
    return status;
}

/* fma is the one function that code for a processor without it calls. */
static int define_fma(LLVMOrcLLJITRef jit, report *r)
{
    double (*fn)(double, double, double) = fma;
    LLVMOrcCSymbolMapPair pair;
    LLVMOrcMaterializationUnitRef unit;
    LLVMErrorRef e;
    pair.Name = LLVMOrcLLJITMangleAndIntern(jit, "fma");
    pair.Sym.Address = (LLVMOrcExecutorAddress)(uintptr_t)fn;
    pair.Sym.Flags.GenericFlags = LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable;
    pair.Sym.Flags.TargetFlags = 0;
    unit = LLVMOrcAbsoluteSymbols(&pair, 1);
    e = LLVMOrcJITDylibDefine(LLVMOrcLLJITGetMainJITDylib(jit), unit);
    if (!e)
        return 0;
    LLVMOrcDisposeMaterializationUnit(unit);
    return report_error(r, "define fma", e);
}

static int link_object(LLVMOrcLLJITRef jit, LLVMMemoryBufferRef object, report *r)
{
    LLVMOrcExecutorAddress at;
    LLVMErrorRef e;
    LLVMOrcExecutionSessionSetErrorReporter(LLVMOrcLLJITGetExecutionSession(jit), on_error, NULL);
    if (define_fma(jit, r)) {
        LLVMDisposeMemoryBuffer(object);
        return LRS_E_INTERNAL;
    }
    e = LLVMOrcLLJITAddObjectFile(jit, LLVMOrcLLJITGetMainJITDylib(jit), object); /* takes the object */
    if (!e)
        e = LLVMOrcLLJITLookup(jit, &at, "jit_get_lr"); /* this is what links it */
    return e ? report_error(r, "link the machine code", e) : 0;
}

int jit_create(backend_jit **out, const ir_program *p, int optimize, report *r)
{
    LLVMMemoryBufferRef object = NULL;
    LLVMOrcLLJITRef jit = NULL;
    LLVMErrorRef e;
    backend_jit *j;
    int status = compile(&object, p, optimize, r);
    if (status)
        return status;
    e = LLVMOrcCreateLLJIT(&jit, NULL);
    if (e) {
        LLVMDisposeMemoryBuffer(object);
        return report_error(r, "start its JIT", e);
    }
    j = calloc(1, sizeof *j);
    status = link_object(jit, object, r);
    if (status == 0 && !j)
        status = report_say(r, LRS_E_NOMEM, "out of memory");
    if (status) {
        free(j);
        e = LLVMOrcDisposeLLJIT(jit);
        if (e)
            LLVMConsumeError(e);
        return status;
    }
    j->jit = jit;
    *out = j;
    return 0;
}

void *jit_symbol(backend_jit *j, const char *name)
{
    LLVMOrcExecutorAddress at = 0;
    LLVMErrorRef e;
    if (guard_left())
        return NULL;
    e = LLVMOrcLLJITLookup(j->jit, &at, name);
    if (e) {
        LLVMConsumeError(e);
        return NULL;
    }
    return (void *)(uintptr_t)at;
}

void jit_free(backend_jit *j)
{
    LLVMErrorRef e;
    if (!j || guard_left())
        return;
    e = LLVMOrcDisposeLLJIT(j->jit);
    if (e)
        LLVMConsumeError(e);
    free(j);
}
