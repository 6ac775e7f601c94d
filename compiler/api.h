/* api.h: entries that the command line and the JIT use beside lrs.h. */
#ifndef LRS_API_H
#define LRS_API_H

#include "diag.h"
#include "ir.h"

/* lrs_compile, with diagnostics that advise what is typed to lrsc, as -D and -I. */
int lrs_compile_for_command(lrs_program **out, const char *text, size_t len, const lrs_options *options, lrs_diagnostics **diags);

/* The front half of it: text to IR in mem, diagnostics in d, to which the text is added as a source named
 * options->name. options may be NULL. p->name and all texts of the IR lie in mem.
 * 0, LRS_E_SOURCE with at least one error in d, LRS_E_NOMEM, LRS_E_ARG. */
int lrs_compile_ir(ir_program **out, arena *mem, lrs_diagnostics *d, const char *text, size_t len,
                   const lrs_options *options);

/* What a program was compiled from: lives as long as the program, or a plan of it. */
const ir_program *lrs_program_ir(const lrs_program *p);
const ir_program *lrs_plan_ir(const lrs_plan *plan);

/* In place of what is in d: that this check of bind fails with the defaults of the params. */
void lrs_report_check(lrs_diagnostics *d, const ir_check *check);

#endif
