/* emit_text.h: what the two writers of C text share, emit_header and emit_c: the writer, and the prototypes of the interface.
 *
 * In: a program and backend options. Out: text in a buffer. May call emit_names.h and the buffer.
 */
#ifndef LRS_EMIT_TEXT_H
#define LRS_EMIT_TEXT_H

#include "emit_names.h"

typedef struct writer {
    const ir_program *p;
    const backend_options *o;
    const emit_names *n;
    const char *name; /* the prefix */
    backend_buffer *b;
} writer;

#define PUT(w, ...) buffer_printf((w)->b, __VA_ARGS__)

/* Makes the names and calls put, which writes all of the text. 0, what put says, or LRS_E_NOMEM, LRS_E_LIMIT. */
int emit_text(const ir_program *p, const backend_options *o, backend_buffer *out, int (*put)(const writer *w));

/* The name of the source, for comments. */
const char *emit_source_name(const writer *w);

/* The functions of the interface. */
enum emit_function {
    EMIT_OWN_GET_LR,
    EMIT_PARAMS_DEFAULT,
    EMIT_INIT,
    EMIT_ERROR,
    EMIT_OBSERVE,
    EMIT_OBSERVE_INPUT, /* of input i */
    EMIT_STOPPED,
    EMIT_GET_LR,
    EMIT_VALUE,         /* of output i */
    EMIT_FILL,          /* of output i */
    EMIT_EVAL,          /* several outputs */
    EMIT_SAVE,
    EMIT_LOAD,
    EMIT_FUNCTIONS
};
/* The function as it is declared, without what follows: "double card_lr(const card_state *s, int64_t step)". */
void emit_prototype(const writer *w, enum emit_function f, uint32_t i);

#endif
