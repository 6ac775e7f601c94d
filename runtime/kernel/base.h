/* base.h: what every kernel header stands on.
 *
 * In:    nothing but a C99 (or later) compiler with IEEE 754 binary64 as double.
 * Out:   LRS_KFN, LRS_K_FMA, LRS_K_SQRT, bit casts, and the compiler settings that keep the bits of the kernels the
 *        same in every engine.
 * Calls: nothing.  On a target without a fused multiply-add instruction the compiler calls `fma` of the C library.
 *
 * The kernel headers are compiled into the runtime, compiled to LLVM bitcode, and pasted as text into emitted C files.
 * So they hold only code that is valid in all three places: freestanding C99, no data with relocations, no C library.
 *
 * Rules for code in a kernel header:
 *   - A product that is to be fused with a sum is written LRS_K_FMA(a, b, c).  A product that is not to be fused never
 *     stands directly inside + or -.  Contraction is switched off below as well; the rule makes the bits independent of
 *     whether a compiler heeds that.
 *   - Conversions from double to an integer type happen only after the range is known.
 *   - A select is written  c ? a : b  with a and b already computed, so that loops over a kernel can be vectorised.
 *   - The sign and payload of a NaN differ between processors.  Where a NaN may leave the program, lrs_k_canon (math.h)
 *     gives it the one form 0x7ff8000000000000.
 */
#ifndef LRS_KERNEL_BASE_H
#define LRS_KERNEL_BASE_H

#include <stddef.h>
#include <stdint.h>

#if defined(__FAST_MATH__)
#error "lrs: -ffast-math changes the values of schedules; compile this file without it"
#endif
#if defined(__FINITE_MATH_ONLY__)
#if __FINITE_MATH_ONLY__
#error "lrs: -ffinite-math-only changes the values of schedules; compile this file without it"
#endif
#endif
#if defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) || defined(__NO_SIGNED_ZEROS__)
#error "lrs: -funsafe-math-optimizations changes the values of schedules; compile this file without it"
#endif
/* 0, and also 1 and the values for processors with half precision (16, ...), evaluate double as double. */
#if defined(__FLT_EVAL_METHOD__)
#if __FLT_EVAL_METHOD__ == 2 || __FLT_EVAL_METHOD__ < 0
#error "lrs: doubles must be evaluated in double precision (on 32-bit x86: -msse2 -mfpmath=sse)"
#endif
#endif

/* No contraction of a * b + c into one rounding, but where LRS_K_FMA says so: gcc fuses by default in its GNU modes.
 * And no care for floating-point exception flags, which nobody reads here: gcc otherwise refuses to vectorise selects
 * between computed values.  Neither changes a bit of a result. */
#if defined(__clang__)
#if defined(__x86_64__) || __clang_major__ >= 19
#pragma float_control(precise, on) /* against -fassociative-math and -freciprocal-math, which define no macro */
#endif
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off", "no-associative-math", "no-trapping-math")
#endif

/* -fsingle-precision-constant */
typedef char lrs_k_literals_are_double[sizeof(0.5) == sizeof(double) ? 1 : -1];

#if defined(__GNUC__)
#define LRS_KFN static inline __attribute__((unused))
#define LRS_K_FMA(a, b, c) __builtin_fma((a), (b), (c))
#else
#define LRS_KFN static inline
double fma(double, double, double);
double sqrt(double);
#define LRS_K_FMA(a, b, c) fma((a), (b), (c))
#endif

/* clang calls sqrt of the C library for __builtin_sqrt unless -fno-math-errno is given; the elementwise one never does.
 * gcc calls it only below zero, to set errno, and not at all with -fno-math-errno. */
#if defined(__clang__)
#if __has_builtin(__builtin_elementwise_sqrt)
#define LRS_K_SQRT(x) __builtin_elementwise_sqrt((double)(x))
#endif
#endif
#if !defined(LRS_K_SQRT)
#if defined(__GNUC__)
#define LRS_K_SQRT(x) __builtin_sqrt(x)
#else
#define LRS_K_SQRT(x) sqrt(x)
#endif
#endif

union lrs_k_cast {
    double d;
    uint64_t u;
};

/* The 64 bits of a double, and back. */
LRS_KFN uint64_t lrs_k_bits(double x) {
    union lrs_k_cast c;
    c.d = x;
    return c.u;
}

LRS_KFN double lrs_k_double(uint64_t u) {
    union lrs_k_cast c;
    c.u = u;
    return c.d;
}

#define LRS_K_BITS(x) lrs_k_bits(x)
#define LRS_K_DOUBLE(u) lrs_k_double(u)
#define LRS_K_INF LRS_K_DOUBLE(UINT64_C(0x7ff0000000000000))
#define LRS_K_NAN LRS_K_DOUBLE(UINT64_C(0x7ff8000000000000))

#endif
