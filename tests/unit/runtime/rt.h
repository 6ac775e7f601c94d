/* rt.h: helpers of the runtime's tests: programs out of hand-built IR, states, random numbers. */
#ifndef LRS_TESTS_RT_H
#define LRS_TESTS_RT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"
#include "ir.h"
#include "program.h"

/* The program of p; lies in mem and is not freed. */
lrs_program *rt_program(const ir_program *p, arena *mem);
/* Every build of the kernels that this machine can run. */
size_t rt_kernels(const lrs_kernels *out[4]);
/* Binds params[0..nparam) in order. Aborts the test on failure. */
lrs_plan *rt_plan(const lrs_program *q, const double *params, const lrs_kernels *kernels);

/* A program with one output that is `base` everywhere, one plateau rule with these settings, and this action. */
typedef struct rt_plateau {
    int mode_max, absolute;
    double patience, threshold, cooldown, every, smooth;
    uint32_t action;
    double base, factor, floor, eps;
} rt_plateau;
ir_program *rt_plateau_ir(const rt_plateau *s, arena *mem);

uint64_t rt_bits(double v);

#define assert_same_bits(got, want) assert_int_equal(rt_bits(got), rt_bits(want))

#endif
