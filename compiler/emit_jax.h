/* emit_jax.h: the program as a module of Python for JAX.
 *
 * In: a program, backend options, and values of the params. Out: text that stands alone but for jax and numpy; its `schedule` is
 * a function of the step that JAX may trace. docs/python.md describes it.
 */
#ifndef LRS_EMIT_JAX_H
#define LRS_EMIT_JAX_H

#include "backend.h"

/* params: the values that the schedule has unless others are given, sound ones; NULL: the defaults. 0, LRS_E_NOMEM, or LRS_E_LIMIT. */
int emit_jax(const ir_program *p, const backend_options *o, const double *params, backend_buffer *out);

#endif
