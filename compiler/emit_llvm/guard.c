/* guard.c: LLVM's ways of complaining, as text.
 *
 * In: calls into LLVM. Out: a sentence and a status. LLVM reports in four ways: messages, LLVMErrorRef, diagnostics on a
 * context, and fatal errors that end the process. All four end up in a report here; nothing is printed.
 */
#include "emit_llvm.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

void report_init(report *r, char *text, size_t cap)
{
    r->text = text;
    r->cap = text ? cap : 0;
    r->said = 0;
    if (r->cap)
        text[0] = 0;
}

int report_say(report *r, int status, const char *format, ...)
{
    if (!r->said && r->cap) {
        va_list ap;
        va_start(ap, format);
        vsnprintf(r->text, r->cap, format, ap);
        va_end(ap);
    }
    r->said = 1;
    return status;
}

int report_message(report *r, const char *what, char *message)
{
    report_say(r, LRS_E_INTERNAL, "LLVM could not %s: %s", what, message && *message ? message : "it did not say why");
    LLVMDisposeMessage(message);
    return LRS_E_INTERNAL;
}

int report_error(report *r, const char *what, LLVMErrorRef e)
{
    char *message = LLVMGetErrorMessage(e);
    report_say(r, LRS_E_INTERNAL, "LLVM could not %s: %s", what, message);
    LLVMDisposeErrorMessage(message);
    return LRS_E_INTERNAL;
}

static void on_diagnostic(LLVMDiagnosticInfoRef info, void *ctx)
{
    char *text;
    if (LLVMGetDiagInfoSeverity(info) != LLVMDSError)
        return; /* remarks and warnings are about the optimiser, not about the schedule */
    text = LLVMGetDiagInfoDescription(info);
    report_say(ctx, LRS_E_INTERNAL, "LLVM reports: %s", text);
    LLVMDisposeMessage(text);
}

LLVMContextRef report_context(report *r)
{
    LLVMContextRef c = LLVMContextCreate();
    LLVMContextSetDiagnosticHandler(c, on_diagnostic, r);
    return c;
}

/* Set once LLVM has been left by a jump: what it holds then is not to be used again in this process. */
static atomic_int left;

int guard_left(void)
{
    return atomic_load(&left);
}

/* The guarded call that this thread is in. */
typedef struct guard {
    jmp_buf back;
    report *r;
} guard;
static _Thread_local guard *current;

/* LLVM would end the process when this returns. In a thread that is not in a guarded call, it shall. */
static void on_fatal(const char *reason)
{
    guard *g = current;
    if (!g)
        return;
    current = NULL;
    atomic_store(&left, 1);
    report_say(g->r, LRS_E_INTERNAL, "LLVM gave up: %s", reason);
    longjmp(g->back, 1);
}

static void install(void)
{
    LLVMInstallFatalErrorHandler(on_fatal);
}

int guard_run(int (*part)(void *arg), void *arg, report *r)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    guard g;
    int status;
    if (guard_left())
        return report_say(r, LRS_E_INTERNAL, "LLVM gave up earlier in this process and cannot be used again before it is restarted");
    pthread_once(&once, install);
    g.r = r;
    if (setjmp(g.back))
        return LRS_E_INTERNAL;
    current = &g;
    status = part(arg);
    current = NULL;
    /* A diagnostic may have come without any function failing. */
    return status == 0 && r->said ? LRS_E_INTERNAL : status;
}
