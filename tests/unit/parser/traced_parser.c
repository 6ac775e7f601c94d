/* traced_parser.c: the parser of lrs.y with bison's trace, for the test that measures what the golden programs use of the
 * grammar. A token or a nonterminal in the trace has its place, as BEGIN-END in bytes. */
#define YYLOCATION_PRINT(file, at) ((void)fprintf(file, "%u-%u", (unsigned)(at)->begin, (unsigned)(at)->end))
#include "lrs.tab.c"
