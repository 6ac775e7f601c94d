/* interp_baseline.c: the interpreter for every processor of the target. */
#define LRS_VARIANT lrs_kernels_baseline
#define LRS_VARIANT_NAME "baseline"
#include "interp.inc"
