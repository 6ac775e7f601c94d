/* The schedule next_params.lrs, compiled by lrsc 0.1.0. Do not edit.
 *
 *     lr: hold; then cosine; then hold
 *
 * A step is what the trainer counts; step 0 is the first update. A step below 0 has the value of step 0, and past the
 * last phase the last value holds. A metric that is NaN is none at all.
 *
 * Nothing here allocates memory, waits, prints or sets errno. A state belongs to whoever declares it: it is plain data
 * without pointers, a copy of it is a snapshot, and nothing has to be freed. Different threads may use different states
 * at the same time; one state may be read by several threads (const enc_state *) or changed by one.
 */
#ifndef LRS_SCHEDULE_enc_H
#define LRS_SCHEDULE_enc_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The value of `lr` for this step, after observing the metric `metric` (NaN: there is none).
 * It uses the one state of this object, with the default parameters: for the plain trainer of one thread.
 * To save and resume, or to set parameters, declare a enc_state and call enc_get_lr_r. */
double enc_get_lr(int64_t step, double metric);

/* The parameters, in the units of the schedule. */
typedef struct enc_params {
    double peak; /* default 0.2, from 0 to 1 */
    double length; /* default 60, from 1 to 1000000 */
} enc_params;

/* What the schedule remembers. Call enc_init for it first: of one that was not initialised, or is of
 * another schedule, enc_get_lr_r and enc_fill_... give NaN, and enc_load refuses it; the others look at
 * no state. Only enc_get_lr_r, enc_observe and enc_load change it. It is the same memory as a
 * state of the lrs library for this program. */
typedef struct enc_state {
    uint64_t version, program;
    int64_t i[8];
    double d[36];
} enc_state;

/* A saved state is accepted by programs with the same two numbers. */
#define enc_STATE_VERSION 2u
#define enc_PROGRAM_HASH 0x<program's hash>u
/* Bytes that enc_save writes. */
#define enc_SAVE_SIZE 152u
/* Version of this interface: it changes when functions, codes or types do. */
#define enc_ABI 1

/* Sets every parameter to its default. */
void enc_params_default(enc_params *p);

/* Makes s the state before the first step, with these parameters (NULL: the defaults).
 * 0, or a negative code for enc_error, and then s is as it was:
 *     -(1 + k)     parameter k, counted from 0, is out of its range or not finite
 *     -(1001 + k)  these parameters do not give a schedule: condition k of it does not hold
 *     -1000        s is NULL */
int enc_init(enc_state *s, const enc_params *p);

/* The text for a code of init or load: what is wrong and what to do. Never NULL; do not free it. */
const char *enc_error(int code);

/* Feeds a metric: rules of the schedule may act on it. A metric that is NaN, and a step that is not after the last
 * one observed, change nothing, so a repeated call does no harm. Returns how many rules acted. */
int enc_observe(enc_state *s, int64_t step, double metric);

/* 1 once a rule of the schedule said stop, else 0. */
int enc_stopped(const enc_state *s);

/* Observes the metric as enc_observe does, then gives the value of `lr` at this step. */
double enc_get_lr_r(enc_state *s, int64_t step, double metric);

/* The value of `lr` at any step, in the state as it is. */
double enc_lr(const enc_state *s, int64_t step);
/* out[k] = enc_lr(s, first + k) for k < n, bit for bit. Steps past INT64_MAX count as INT64_MAX. */
void enc_fill_lr(const enc_state *s, int64_t first, size_t n, double *out);

/* Writes the state into buf and returns its size, enc_SAVE_SIZE; writes nothing when cap is smaller or buf is NULL.
 * (0 when s is NULL.) The bytes are the same from every machine and engine, and carry a checksum. */
size_t enc_save(const enc_state *s, void *buf, size_t cap);

/* Reads what save wrote into a state that enc_init has made with the same parameters. 0, or a negative code for
 * enc_error, and then s is as it was. Any bytes are safe to try. */
int enc_load(enc_state *s, const void *buf, size_t len);

#ifdef __cplusplus
}
#endif
#endif
