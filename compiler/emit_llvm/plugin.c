/* plugin.c: what the loader (compiler/backend.c) gets from lrs-llvm.so.
 *
 * In: programs and options. Out: objects, assembly, LLVM text and bitcode, or functions. The one symbol that the plugin
 * shows is lrs_llvm_backend.
 */
#include "emit_llvm.h"

typedef struct emit_job {
    const ir_program *p;
    const backend_options *o;
    backend_buffer *out;
    report *r;
} emit_job;

static void put_buffer(backend_buffer *out, LLVMMemoryBufferRef from)
{
    buffer_put(out, LLVMGetBufferStart(from), LLVMGetBufferSize(from));
    LLVMDisposeMemoryBuffer(from);
}

static int write_code(const emit_job *j, LLVMModuleRef m, const target *t, LLVMCodeGenFileType type)
{
    LLVMMemoryBufferRef code = NULL;
    char *message = NULL;
    if (LLVMTargetMachineEmitToMemoryBuffer(t->machine, m, type, &message, &code))
        return report_message(j->r, "make machine code", message);
    put_buffer(j->out, code);
    return 0;
}

static int write_module(const emit_job *j, LLVMModuleRef m, const target *t)
{
    char *text;
    switch (j->o->emit) {
    case BACKEND_OBJECT:
        return write_code(j, m, t, LLVMObjectFile);
    case BACKEND_ASM:
        return write_code(j, m, t, LLVMAssemblyFile);
    case BACKEND_LLVM:
        text = LLVMPrintModuleToString(m);
        buffer_printf(j->out, "%s", text);
        LLVMDisposeMessage(text);
        return 0;
    default:
        put_buffer(j->out, LLVMWriteBitcodeToMemoryBuffer(m));
        return 0;
    }
}

static int emit_part(void *arg)
{
    const emit_job *j = arg;
    module_options o = {.names = j->o};
    LLVMContextRef c = report_context(j->r);
    LLVMModuleRef m = NULL;
    target t;
    int status = target_open(&t, j->o->triple, j->o->cpu, j->o->optimize, j->r);
    if (status == 0)
        status = module_build(&m, c, j->p, &o, &t, j->r);
    if (status == 0)
        status = module_optimize(m, &t, j->r);
    if (status == 0)
        status = write_module(j, m, &t);
    if (m)
        LLVMDisposeModule(m);
    target_close(&t);
    LLVMContextDispose(c);
    return status == 0 && j->out->failed ? report_say(j->r, LRS_E_NOMEM, "out of memory") : status;
}

static int emit(const ir_program *p, const backend_options *o, backend_buffer *out, char *error, size_t error_cap)
{
    report r;
    emit_job job = {p, o, out, &r};
    report_init(&r, error, error_cap);
    return guard_run(emit_part, &job, &r);
}

typedef struct jit_job {
    backend_jit **out;
    const ir_program *p;
    int optimize;
    report *r;
} jit_job;

static int jit_part(void *arg)
{
    const jit_job *j = arg;
    return jit_create(j->out, j->p, j->optimize, j->r);
}

static int jit(backend_jit **out, const ir_program *p, int optimize, char *error, size_t error_cap)
{
    report r;
    jit_job job = {out, p, optimize, &r};
    int status;
    report_init(&r, error, error_cap);
    *out = NULL;
    status = guard_run(jit_part, &job, &r);
    if (status && *out) {
        jit_free(*out);
        *out = NULL;
    }
    return status;
}

static const llvm_backend table = {
    .abi = BACKEND_ABI,
    .llvm_version = LLVM_VERSION_STRING,
    .emit = emit,
    .jit = jit,
    .jit_symbol = jit_symbol,
    .jit_free = jit_free,
    .targets = target_list,
};

__attribute__((visibility("default"))) const llvm_backend *lrs_llvm_backend(void);
const llvm_backend *lrs_llvm_backend(void)
{
    return &table;
}
