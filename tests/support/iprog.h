/* iprog.h: IR programs built by hand, for tests of backends: every kind of segment, scale, detector, rule and operation.
 *
 * In: nothing. Out: finished ir_programs in the caller's arena, a reference that evaluates them, and steps worth trying.
 * May call: ir.h, arena.h and the kernel headers.
 */
#ifndef LRS_TESTS_IPROG_H
#define LRS_TESTS_IPROG_H

#include <stddef.h>
#include <stdint.h>
#include "arena.h"
#include "ir.h"

typedef struct iprog_case {
    const char *name;  /* a C identifier */
    const char *about; /* what it covers */
} iprog_case;

size_t iprog_count(void);
const iprog_case *iprog_get(size_t i);
/* The program of case i, in mem. A mistake in the case, or no memory, prints a message and aborts. */
ir_program *iprog_build(size_t i, arena *mem);
/* The same by name; aborts when there is no such case. */
ir_program *iprog_build_name(const char *name, arena *mem);

/* ---- parameter sets ---- */

/* Set number `set` of parameter values for p: 0 is the defaults (the middle of the range where there is none), the others are random
 * values inside the ranges, the same ones every time. */
void iprog_params(const ir_program *p, unsigned set, double *params);

/* ---- the reference ---- */

/* A state that is evaluated by the kernel functions over a table made by ir_bind, with step code run by ir_eval_op:
 * no code generator is involved. */
typedef struct iprog_ref {
    const ir_program *p;
    lrs_k_program k;
    double *value;    /* one for each IR value: scratch of step code */
    int naive;        /* step code reads other outputs by iprog_naive_value's way */
    double *table;    /* T when it is constant */
    uint64_t *words;  /* the state */
    size_t nwords;
    int64_t *i;       /* into words */
    double *d;
} iprog_ref;

/* 0, or 1 + index of the check that failed for these params (then the state must not be used). */
int iprog_ref_init(iprog_ref *r, const ir_program *p, const double *params, arena *mem);
double iprog_ref_value(const iprog_ref *r, uint32_t out, int64_t step);
int iprog_ref_observe(iprog_ref *r, uint32_t input, int64_t step, double metric);
/* The value by another way: a linear search and one formula after the other as types.h writes them, no kernel/value.h. */
double iprog_naive_value(const iprog_ref *r, uint32_t out, int64_t step);

/* ---- steps and metrics ---- */

uint64_t iprog_random(uint64_t *seed);         /* splitmix64 */
double iprog_uniform(uint64_t *seed);          /* [0, 1) */
/* Steps for trying r's program: negative, 0, segment and event boundaries +-1, 2^53 +-1, INT64_MAX, and random ones of all
 * magnitudes. Writes at most cap, returns how many. */
size_t iprog_steps(const iprog_ref *r, uint64_t seed, size_t nrandom, int64_t *steps, size_t cap);
/* A metric as trainers have them: it falls, stalls, rises, and now and then is NaN or infinite. */
double iprog_metric(uint64_t *seed, uint64_t n);

uint64_t iprog_bits(double v);

#endif
