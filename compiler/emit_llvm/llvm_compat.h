/* llvm_compat.h: the one place that knows about differences between LLVM versions (16 to 22).
 *
 * Everything else in this folder is written against the C API as it was in 16 and uses the names below where it changed.
 */
#ifndef LRS_LLVM_COMPAT_H
#define LRS_LLVM_COMPAT_H

/* LLVM's headers are not written for our warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wundef"
#include <llvm-c/Analysis.h>
#include <llvm-c/BitReader.h>
#include <llvm-c/BitWriter.h>
#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <llvm-c/Error.h>
#include <llvm-c/ErrorHandling.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Orc.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <llvm/Config/llvm-config.h>
#pragma GCC diagnostic pop

#if LLVM_VERSION_MAJOR < 16 || LLVM_VERSION_MAJOR > 22
#error "lrs: LLVM 16 to 22 is supported"
#endif

/* 21 counts array lengths in 64 bits where 16 did in unsigned; LLVMConstArray2 exists from 17 on. */
static inline LLVMValueRef compat_const_array(LLVMTypeRef element, LLVMValueRef *values, uint64_t n)
{
#if LLVM_VERSION_MAJOR >= 17
    return LLVMConstArray2(element, values, n);
#else
    return LLVMConstArray(element, values, (unsigned)n);
#endif
}

static inline LLVMTypeRef compat_array_type(LLVMTypeRef element, uint64_t n)
{
#if LLVM_VERSION_MAJOR >= 17
    return LLVMArrayType2(element, n);
#else
    return LLVMArrayType(element, (unsigned)n);
#endif
}

/* A private string without LLVM's terminating NUL. From 19 on the length is a size_t and has a function of its own. */
static inline LLVMValueRef compat_const_bytes(LLVMContextRef c, const char *bytes, size_t n)
{
#if LLVM_VERSION_MAJOR >= 19
    return LLVMConstStringInContext2(c, bytes, n, 1);
#else
    return LLVMConstStringInContext(c, bytes, (unsigned)n, 1);
#endif
}

/* RISC-V needs its ABI by name; before 18 the C API could not say it, and the module flag alone has to do. */
static inline LLVMTargetMachineRef compat_target_machine(LLVMTargetRef t, const char *triple, const char *cpu,
                                                         const char *features, const char *abi, LLVMCodeGenOptLevel level)
{
#if LLVM_VERSION_MAJOR >= 18
    LLVMTargetMachineOptionsRef o = LLVMCreateTargetMachineOptions();
    LLVMTargetMachineRef m;
    LLVMTargetMachineOptionsSetCPU(o, cpu);
    LLVMTargetMachineOptionsSetFeatures(o, features);
    if (abi)
        LLVMTargetMachineOptionsSetABI(o, abi);
    LLVMTargetMachineOptionsSetCodeGenOptLevel(o, level);
    LLVMTargetMachineOptionsSetRelocMode(o, LLVMRelocPIC);
    m = LLVMCreateTargetMachineWithOptions(t, triple, o);
    LLVMDisposeTargetMachineOptions(o);
    return m;
#else
    (void)abi;
    return LLVMCreateTargetMachine(t, triple, cpu, features, level, LLVMRelocPIC, LLVMCodeModelDefault);
#endif
}

#endif
