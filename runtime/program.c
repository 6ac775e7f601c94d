/* program.c: a program's lifetime and what it tells about itself. In: a program. Out: names and numbers; calls nothing. */
#include "program.h"

#include <stdlib.h>

void *lrs_rt_alloc(const lrs_allocator *allocator, size_t n)
{
    return allocator->realloc ? allocator->realloc(allocator->ctx, NULL, n) : malloc(n);
}

void lrs_rt_free(const lrs_allocator *allocator, void *p)
{
    if (!p)
        return;
    if (allocator->realloc)
        allocator->realloc(allocator->ctx, p, 0);
    else
        free(p);
}

void lrs_program_free(lrs_program *p)
{
    /* Whoever takes the last reference must see what the others did before they gave theirs up. */
    if (p && atomic_fetch_sub_explicit(&p->references, 1, memory_order_acq_rel) == 1)
        p->free_owner(p->owner);
}

uint64_t lrs_program_hash(const lrs_program *p)
{
    return p ? p->layout.hash : 0;
}

const char *lrs_program_unit(const lrs_program *p)
{
    return p ? p->unit : NULL;
}

size_t lrs_program_outputs(const lrs_program *p)
{
    return p ? p->npublic : 0;
}

const char *lrs_program_output_name(const lrs_program *p, size_t i)
{
    return p && i < p->npublic ? p->outputs[i] : NULL;
}

size_t lrs_program_inputs(const lrs_program *p)
{
    return p ? p->layout.ninput : 0;
}

const char *lrs_program_input_name(const lrs_program *p, size_t i)
{
    return p && i < p->layout.ninput ? p->inputs[i] : NULL;
}

size_t lrs_program_params(const lrs_program *p)
{
    return p ? p->layout.nparam : 0;
}

int lrs_program_param(lrs_param_info *out, const lrs_program *p, size_t i)
{
    if (!out || !p || i >= p->layout.nparam)
        return LRS_E_ARG;
    return lrs_struct_give(out, &p->params[i], sizeof p->params[i]);
}
