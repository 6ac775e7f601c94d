/* module_names.h: what kernel_bitcode.c and module.c agree on. */
#ifndef LRS_MODULE_NAMES_H
#define LRS_MODULE_NAMES_H

#include <stddef.h>
#include <stdint.h>

/* Codes of the generated functions, see emit_names.h: -(1+k) for param k, -(1001+k) for check k. */
#define LRS_G_E_ARG (-1000)
#define LRS_G_CHECK_BASE 1000

/* What module.c makes of these: the functions of the generated header, and those of lrs_functions. */
double lrs_g_value(const uint64_t *words, uint32_t out, int64_t step);
void lrs_g_eval(const uint64_t *words, int64_t step, double *out);
/* What observe and get_lr are where there are several inputs. */
int lrs_g_observe_all(uint64_t *words, int64_t step, const double *metrics);
double lrs_g_state_get_lr_all(uint64_t *words, int64_t step, const double *metrics);
double lrs_g_get_lr_all(int64_t step, const double *metrics);
double lrs_g_out(const double *D, uint32_t out, double x);
void lrs_g_fill(const uint64_t *words, uint32_t out, int64_t first, size_t n, double *y);
double lrs_g_state_get_lr(uint64_t *words, int64_t step, double metric);
double lrs_g_get_lr(int64_t step, double metric);
int lrs_g_observe(uint64_t *words, uint32_t input, int64_t step, double metric);
double lrs_g_no_value(const uint64_t *words, uint32_t out, int64_t step);
void lrs_g_no_fill(const uint64_t *words, uint32_t out, int64_t first, size_t n, double *y);
int lrs_g_no_observe(uint64_t *words, uint32_t input, int64_t step, double metric);
int lrs_g_stopped(const uint64_t *words);
void lrs_g_params_default(double *params);
int lrs_g_init(uint64_t *words, const double *params);
size_t lrs_g_save(const uint64_t *words, void *buf, size_t cap);
int lrs_g_load(uint64_t *words, const void *buf, size_t len);
const char *lrs_g_error(int code);

#endif
