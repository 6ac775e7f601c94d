/* interp_v3.c: the interpreter for x86-64 with AVX2 and FMA; compiled with those switched on. */
#define LRS_VARIANT lrs_kernels_v3
#define LRS_VARIANT_NAME "x86-64-v3"
#include "interp.inc"
