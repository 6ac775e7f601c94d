/* emit_text.h: what the writers of text share, emit_header, emit_c, emit_js and emit_jax: the writer, lists, values of the IR, and the
 * prototypes of the interface.
 *
 * In: a program and backend options. Out: text in a buffer. May call emit_names.h and the buffer.
 */
#ifndef LRS_EMIT_TEXT_H
#define LRS_EMIT_TEXT_H

#include "emit_names.h"

typedef struct writer writer;

/* How a language writes the values of the IR. */
typedef struct emit_language {
    const char *declares;     /* what stands before the name of a value: "double ", "const " */
    const char *ends;         /* what stands behind the line: ";" */
    const char *calls;        /* what stands before the name of a function of the kernel: "lrs_k_" */
    const char *const *forms; /* by operation; $1 $2 $3 are the operands. What is not here is calls<name>($1, ...) */
    void (*number)(const writer *w, double v);
    void (*output)(const writer *w, uint32_t output); /* its value at x */
} emit_language;

struct writer {
    const ir_program *p;
    const backend_options *o;
    const emit_names *n;
    const char *name; /* the prefix */
    backend_buffer *b;
    const emit_language *language; /* NULL: no values are written */
};

#define PUT(w, ...) buffer_printf((w)->b, __VA_ARGS__)

/* Makes the names and calls put, which writes all of the text. 0, what put says, or LRS_E_NOMEM, LRS_E_LIMIT. */
int emit_text(const ir_program *p, const backend_options *o, const emit_language *language, backend_buffer *out,
              int (*put)(const writer *w));

void emit_plain(const writer *w, const char *text);
/* What stands before item i of a list with `per_line` items a line. */
void emit_separator(const writer *w, size_t i, size_t per_line);
/* An index, or LRS_K_NONE. */
void emit_word(const writer *w, uint32_t v);
extern const char *const emit_kind_names[LRS_K_KINDS];

/* A value where it is used, in bind or in step code, and the line that computes it. Leaves stand where they are used. */
enum emit_where { EMIT_IN_BIND, EMIT_IN_STEP };
void emit_operand(const writer *w, ir_ref r, enum emit_where where);
void emit_value(const writer *w, ir_ref r, enum emit_where where, const char *indent);

/* Appends text so that it cannot end a comment, and is what it looks like: white space becomes a space, and what may not be shown is
 * spelt out, as in messages. */
void emit_comment(backend_buffer *b, const char *text);
/* A literal in ASCII, without `<`, which could begin a tag or a comment of HTML. A byte that is no UTF-8 is U+FFFD. */
enum emit_script { EMIT_IN_JAVASCRIPT, EMIT_IN_PYTHON };
void emit_script_string(const writer *w, const char *text, enum emit_script language);

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
