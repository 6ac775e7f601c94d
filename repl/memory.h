/* memory.h: a stream that is written to memory. In: what a drawing writes. Out: all of it, or that memory ran out: that is known at
 * the end, whatever was written after it. (A stream of open_memstream goes on without what it has lost.) */
#ifndef LRS_REPL_MEMORY_H
#define LRS_REPL_MEMORY_H

#include <stdio.h>
#include "backend.h"

/* The buffer is empty at first, and outlives the stream; buffer_free. NULL: no memory, with the message printed. */
FILE *memory_open(backend_buffer *b);
/* 0: the buffer has it all. Else an exit code; that there is no memory is said unless `code`, that of the drawing, says what is wrong. */
int memory_close(FILE *f, const backend_buffer *b, int code);

#endif
