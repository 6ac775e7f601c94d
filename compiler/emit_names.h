/* emit_names.h: what every backend of generated code must agree on: the names of the interface, the texts of its errors,
 * and the state that the object starts with.
 *
 * In: a program and backend options. Out: strings and numbers in an arena. May call arena.h and ir.h.
 *
 * The interface is the one that emit_header writes. With prefix NAME, and for each output OUT and each input IN:
 *
 *   own_get_lr (get_lr, or NAME_get_lr after --prefix), get_lr (NAME_get_lr, or NAME_get_lr_r after --prefix),
 *   NAME_params_default, NAME_init, NAME_OUT, NAME_fill_OUT, NAME_observe, NAME_observe_IN (several inputs only),
 *   NAME_eval (several outputs only), NAME_stopped, NAME_save, NAME_load, NAME_error
 *
 * With several inputs get_lr and observe take a struct of metrics instead of one.
 */
#ifndef LRS_EMIT_NAMES_H
#define LRS_EMIT_NAMES_H

#include "arena.h"
#include "backend.h"

/* Version of the generated interface: functions, codes and the layout of the state. */
#define EMIT_ABI 1

/* What NAME_init gives for param k, check k, and any function for a NULL argument. */
#define EMIT_E_PARAM(k) (-(1 + (int)(k)))
#define EMIT_E_CHECK(k) (-(1001 + (int)(k)))
#define EMIT_E_ARG (-1000)
/* Codes of params end before EMIT_E_ARG. */
#define EMIT_MAX_PARAMS 999u

typedef struct emit_error {
    int code;
    const char *text;
} emit_error;

typedef struct emit_names {
    const char *prefix;
    const char *own_get_lr;      /* double (int64_t step, double metric), on the object's own state */
    const char *get_lr;          /* double (NAME_state *s, int64_t step, double metric) */
    const char **params;         /* members of NAME_params */
    const char **outputs;        /* OUT of NAME_OUT and NAME_fill_OUT */
    const char **values;         /* members of NAME_values; NULL when there is one output */
    const char **metrics;        /* members of NAME_metrics; NULL when there is one input */
    const char **inputs;         /* IN of NAME_observe_IN; NULL when there is one input */
    const uint64_t *initial;     /* the own state, words of lrs_k_layout; NULL: there is none, see why_no_own */
    const char *why_no_own;      /* a clause: "`total` has no default"; NULL when there is one */
    emit_error *errors;          /* NAME_error: every code once; any other code: `unknown` */
    size_t nerrors;
    const char *unknown;
    size_t state_words;          /* LRS_K_HEADER_WORDS + ni + nd */
    size_t save_size;            /* bytes of the saved form */
} emit_names;

/* 0, LRS_E_NOMEM, or LRS_E_LIMIT (more than EMIT_MAX_PARAMS params). */
int emit_names_make(emit_names *n, const ir_program *p, const backend_options *o, arena *mem);

/* The shortest decimal that reads back as v, whatever the locale: "0.1", "1e-08", "inf". Returns out. */
#define EMIT_NUMBER_SIZE 48
char *emit_decimal(char out[EMIT_NUMBER_SIZE], double v);
/* The same bits as a hex float literal: "0x1.8p+1", "-0x0p+0"; "inf", "-inf" and "nan" for what C has no literal for. Returns out. */
char *emit_hex(char out[EMIT_NUMBER_SIZE], double v);

/* Appends a C string literal with its quotes. */
void emit_string(backend_buffer *b, const char *text);

#endif
