/* The schedule card.lrs, compiled by lrsc 0.1.0. Do not edit.
 *
 *     lr: linear; then exp
 *
 * A step is what the trainer counts; step 0 is the first update. A step below 0 has the value of step 0, and past the
 * last phase the last value holds. A metric that is NaN is none at all.
 *
 * Nothing here allocates memory, waits, prints or sets errno. A state belongs to whoever declares it: it is plain data
 * without pointers, a copy of it is a snapshot, and nothing has to be freed. Different threads may use different states
 * at the same time; one state may be read by several threads (const sched_state *) or changed by one.
 */
#ifndef LRS_SCHEDULE_sched_H
#define LRS_SCHEDULE_sched_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The value of `lr` for this step, after observing the metric `metric` (NaN: there is none).
 * It uses the one state of this object, with the default parameters: for the plain trainer of one thread.
 * To save and resume, or to set parameters, declare a sched_state and call sched_get_lr. */
double get_lr(int64_t step, double metric);

/* The schedule has no parameters. C has no empty struct, so there is a member that means nothing. */
typedef struct sched_params {
    char none;
} sched_params;

/* What the schedule remembers. Call sched_init for it first: of one that was not initialised, or is of
 * another schedule, sched_get_lr and sched_fill_... give NaN, and sched_load refuses it; the others look at
 * no state. Only sched_get_lr, sched_observe and sched_load change it. It is the same memory as a
 * state of the lrs library for this program. */
typedef struct sched_state {
    uint64_t version, program;
    int64_t i[8];
    double d[4];
} sched_state;

/* A saved state is accepted by programs with the same two numbers. */
#define sched_STATE_VERSION 2u
#define sched_PROGRAM_HASH 0x<program's hash>u
/* Bytes that sched_save writes. */
#define sched_SAVE_SIZE 136u
/* Version of this interface: it changes when functions, codes or types do. */
#define sched_ABI 1

/* Sets every parameter to its default. */
void sched_params_default(sched_params *p);

/* Makes s the state before the first step; p is not looked at and may be NULL.
 * 0, or a negative code for sched_error, and then s is as it was:
 *     -1000        s is NULL */
int sched_init(sched_state *s, const sched_params *p);

/* The text for a code of init or load: what is wrong and what to do. Never NULL; do not free it. */
const char *sched_error(int code);

/* Feeds a metric: rules of the schedule may act on it. A metric that is NaN, and a step that is not after the last
 * one observed, change nothing, so a repeated call does no harm. Returns how many rules acted. */
int sched_observe(sched_state *s, int64_t step, double metric);

/* 1 once a rule of the schedule said stop, else 0. */
int sched_stopped(const sched_state *s);

/* Observes the metric as sched_observe does, then gives the value of `lr` at this step. */
double sched_get_lr(sched_state *s, int64_t step, double metric);

/* The value of `lr` at any step, in the state as it is. */
double sched_lr(const sched_state *s, int64_t step);
/* out[k] = sched_lr(s, first + k) for k < n, bit for bit. Steps past INT64_MAX count as INT64_MAX. */
void sched_fill_lr(const sched_state *s, int64_t first, size_t n, double *out);

/* Writes the state into buf and returns its size, sched_SAVE_SIZE; writes nothing when cap is smaller or buf is NULL.
 * (0 when s is NULL.) The bytes are the same from every machine and engine, and carry a checksum. */
size_t sched_save(const sched_state *s, void *buf, size_t cap);

/* Reads what save wrote into a state that sched_init has made with the same parameters. 0, or a negative code for
 * sched_error, and then s is as it was. Any bytes are safe to try. */
int sched_load(sched_state *s, const void *buf, size_t len);

#ifdef __cplusplus
}
#endif
#endif
