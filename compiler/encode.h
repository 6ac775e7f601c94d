/* encode.h: from IR to what the runtime runs. */
#ifndef LRS_ENCODE_H
#define LRS_ENCODE_H

#include "ir.h"
#include "program.h"

/* Fills q (zeroed; references, allocator and owner are the caller's) from p. All that q points to is p's or lies in mem.
 * 0, LRS_E_NOMEM, or LRS_E_LIMIT: an expression needs more registers than there are. */
int lrs_encode(lrs_program *q, const ir_program *p, arena *mem);

#endif
