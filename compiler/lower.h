/* lower.h: from trees to IR. check.c judges the program (names, units, types, clauses); lower.c builds the IR of what
 * check.c found sound. Nothing after this sees the trees. */
#ifndef LRS_LOWER_H
#define LRS_LOWER_H

#include "ast.h"
#include "ir.h"

/* 0 with *out in mem; LRS_E_SOURCE with at least one error in d; LRS_E_NOMEM; LRS_E_LIMIT with a diagnostic. */
int lrs_lower(ir_program **out, arena *mem, lrs_diagnostics *d, const ast_stmt *program, const lrs_options *options);

#endif
