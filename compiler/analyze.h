/* analyze.h: warnings about programs that are valid and probably not meant: see the 03xx codes of diag.def. */
#ifndef LRS_ANALYZE_H
#define LRS_ANALYZE_H

#include "diag.h"
#include "ir.h"

/* Adds warnings and notes about p to d; p is not changed. Its memory is given back before it returns.
 * 0, or LRS_E_NOMEM. */
int lrs_analyze(const ir_program *p, lrs_diagnostics *d, const lrs_allocator *allocator);

#endif
