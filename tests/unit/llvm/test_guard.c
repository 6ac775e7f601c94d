/* test_guard.c: a fatal error of LLVM, which would end the process, comes back as a sentence; afterwards LLVM is closed.
 * The plugin has no way to provoke one, so this is linked with guard.c and LLVM itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include "emit_llvm.h"

/* Of LeakSanitizer, and NULL in a build without it: what is allocated between the two is not looked at. */
extern void __lsan_disable(void) __attribute__((weak));
extern void __lsan_enable(void) __attribute__((weak));

static int calls;

static int fine(void *arg)
{
    calls++;
    return *(int *)arg;
}

static int complains(void *arg)
{
    return report_say(arg, LRS_E_ARG, "the %s", "first");
}

/* A 64-bit target on a processor without 64 bits: LLVM calls this a fatal error. */
static int fatal(void *arg)
{
    LLVMContextRef c = LLVMContextCreate();
    LLVMModuleRef m = LLVMModuleCreateWithNameInContext("m", c);
    LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(c), NULL, 0, 0);
    LLVMValueRef f = LLVMAddFunction(m, "f", type);
    LLVMBuilderRef b = LLVMCreateBuilderInContext(c);
    LLVMMemoryBufferRef out = NULL;
    LLVMTargetMachineRef t;
    LLVMTargetRef of;
    char *message = NULL;
    (void)arg;
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    assert_int_equal(LLVMGetTargetFromTriple("x86_64-linux-gnu", &of, &message), 0);
    t = LLVMCreateTargetMachine(of, "x86_64-linux-gnu", "i386", "", LLVMCodeGenLevelDefault, LLVMRelocPIC, LLVMCodeModelDefault);
    LLVMSetTarget(m, "x86_64-linux-gnu");
    LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(c, f, ""));
    LLVMBuildRetVoid(b);
    LLVMTargetMachineEmitToMemoryBuffer(t, m, LLVMObjectFile, &message, &out);
    return 0;
}

static void test_results_pass_through(void **state)
{
    char text[100];
    report r;
    int zero = 0, code = LRS_E_NOMEM;
    (void)state;
    report_init(&r, text, sizeof text);
    assert_int_equal(guard_run(fine, &zero, &r), 0);
    assert_int_equal(guard_run(fine, &code, &r), LRS_E_NOMEM);
    assert_string_equal(text, "");
    assert_int_equal(calls, 2);
}

static void test_first_sentence_stays(void **state)
{
    char text[100];
    report r;
    (void)state;
    report_init(&r, text, sizeof text);
    assert_int_equal(guard_run(complains, &r, &r), LRS_E_ARG);
    report_say(&r, LRS_E_ARG, "the second");
    assert_string_equal(text, "the first");
    report_init(&r, NULL, 0); /* nobody wants to know */
    assert_int_equal(guard_run(complains, &r, &r), LRS_E_ARG);
}

static void test_fatal_error(void **state)
{
    char text[200];
    report r;
    int zero = 0, before = calls, status;
    (void)state;
    assert_int_equal(guard_left(), 0);
    report_init(&r, text, sizeof text);
    /* The jump leaves destructors of LLVM out, so what LLVM and the function above hold then is lost. That is known, and
     * the reason why LLVM is closed afterwards; all that is allocated before and after is looked at. */
    if (__lsan_disable)
        __lsan_disable();
    status = guard_run(fatal, NULL, &r);
    if (__lsan_enable)
        __lsan_enable();
    assert_int_equal(status, LRS_E_INTERNAL);
    assert_non_null(strstr(text, "LLVM gave up: 64-bit code"));
    assert_int_equal(guard_left(), 1);
    report_init(&r, text, sizeof text);
    assert_int_equal(guard_run(fine, &zero, &r), LRS_E_INTERNAL);
    assert_non_null(strstr(text, "restarted"));
    assert_int_equal(calls, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_results_pass_through),
        cmocka_unit_test(test_first_sentence_stays),
        cmocka_unit_test(test_fatal_error),
    };
    return cmocka_run_group_tests_name("guarded calls into LLVM", tests, NULL, NULL);
}
