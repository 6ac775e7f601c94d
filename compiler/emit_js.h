/* emit_js.h: the program in JavaScript.
 *
 * In: a program and backend options. Out: text that stands alone: no imports, no names but its own. It contains neither `</`
 * nor `<!--`, so that it may stand in a <script> of an HTML page. docs/embedding.md describes what the value offers.
 */
#ifndef LRS_EMIT_JS_H
#define LRS_EMIT_JS_H

#include "backend.h"

enum emit_js_form {
    EMIT_JS_EXPRESSION, /* an expression, `(() => {...})()`, whose value is the schedule: { params, outputs, ..., create } */
    EMIT_JS_MODULE      /* a module that exports the members of that value, and the value itself by default */
};

/* 0, LRS_E_NOMEM, or LRS_E_LIMIT. */
int emit_js(const ir_program *p, const backend_options *o, enum emit_js_form form, backend_buffer *out);

#endif
