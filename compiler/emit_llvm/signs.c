/* signs.c: -(a*b + c) stays what it says.
 *
 * In: an optimised module. Out: the same, with a barrier between each fma and its negation. LLVM selects the instruction
 * fnmadd of AArch64 for the two together; it computes -(a*b) - c, which is +0 where a*b + c is +0 and its negation -0. The
 * other targets' selection is right. The barrier is an empty piece of assembly: no instruction, but nothing is seen
 * through it. Vectors have no such instruction. May call: nothing but LLVM.
 */
#include "emit_llvm.h"
#include <string.h>

static int is_fma(LLVMValueRef v)
{
    static const char name[] = "llvm.fma.f64";
    LLVMValueRef f = LLVMIsACallInst(v) ? LLVMGetCalledValue(v) : NULL;
    size_t n;
    const char *is = f && LLVMIsAFunction(f) ? LLVMGetValueName2(f, &n) : NULL;
    return is && strcmp(is, name) == 0;
}

static int is_constant(LLVMValueRef v, double c)
{
    LLVMBool loses;
    double d;
    if (!LLVMIsAConstantFP(v))
        return 0;
    d = LLVMConstRealGetDouble(v, &loses);
    return memcmp(&d, &c, sizeof d) == 0;
}

/* The operand of i that is an fma, when i negates it in any of the ways that are the same to LLVM; else -1. */
static int negated(LLVMValueRef i)
{
    switch (LLVMGetInstructionOpcode(i)) {
    case LLVMFNeg:
        return is_fma(LLVMGetOperand(i, 0)) ? 0 : -1;
    case LLVMFSub:
        return is_constant(LLVMGetOperand(i, 0), -0.0) && is_fma(LLVMGetOperand(i, 1)) ? 1 : -1;
    case LLVMFMul:
        if (is_constant(LLVMGetOperand(i, 1), -1.0) && is_fma(LLVMGetOperand(i, 0)))
            return 0;
        return is_constant(LLVMGetOperand(i, 0), -1.0) && is_fma(LLVMGetOperand(i, 1)) ? 1 : -1;
    default:
        return -1;
    }
}

void signs_keep(LLVMModuleRef m)
{
    LLVMContextRef c = LLVMGetModuleContext(m);
    LLVMTypeRef f64 = LLVMDoubleTypeInContext(c);
    LLVMTypeRef type = LLVMFunctionType(f64, &f64, 1, 0);
    LLVMValueRef barrier = LLVMGetInlineAsm(type, "", 0, "=w,0", 4, 0, 0, LLVMInlineAsmDialectATT, 0);
    LLVMBuilderRef b = LLVMCreateBuilderInContext(c);
    LLVMValueRef f, i;
    LLVMBasicBlockRef block;
    for (f = LLVMGetFirstFunction(m); f; f = LLVMGetNextFunction(f))
        for (block = LLVMGetFirstBasicBlock(f); block; block = LLVMGetNextBasicBlock(block))
            for (i = LLVMGetFirstInstruction(block); i; i = LLVMGetNextInstruction(i)) {
                int at = negated(i);
                if (at >= 0) {
                    LLVMValueRef v = LLVMGetOperand(i, (unsigned)at);
                    LLVMPositionBuilderBefore(b, i);
                    LLVMSetOperand(i, (unsigned)at, LLVMBuildCall2(b, type, barrier, &v, 1, ""));
                }
            }
    LLVMDisposeBuilder(b);
}
