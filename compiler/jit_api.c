/* jit_api.c: lrs_jit: machine code for the program of a plan.
 *
 * In: a plan. Out: functions that work on the plan's states, whose words they know from the program's layout. The params
 * are in the state, so the code is the program's. May call: the loader of the LLVM plugin, lrs_program_ir.
 */
#include "api.h"
#include "backend.h"
#include "program.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct jit_handle {
    const llvm_backend *backend;
    backend_jit *jit;
    lrs_allocator allocator; /* zeroed: the C library's */
} jit_handle;

static int say(char *error, size_t cap, int status, const char *text)
{
    if (error && cap)
        snprintf(error, cap, "%s", text);
    return status;
}

static const lrs_allocator *hooks(const lrs_allocator *a)
{
    return a->realloc ? a : NULL;
}

/* A function of the generated code into one of lrs_functions. ISO C has no direct way from an object pointer. */
static int find(void *function, const jit_handle *h, const char *symbol)
{
    void *at = h->backend->jit_symbol(h->jit, symbol);
    memcpy(function, &at, sizeof at);
    return at != NULL;
}

static int find_all(lrs_functions *f, const jit_handle *h)
{
    return find(&f->get_lr, h, "jit_get_lr") && find(&f->value, h, "jit_value") && find(&f->observe, h, "jit_observe") &&
           find(&f->fill, h, "jit_fill") && find(&f->values, h, "jit_values");
}

static void drop(jit_handle *h)
{
    lrs_allocator a = h->allocator;
    h->backend->jit_free(h->jit);
    lrs_mem_free(hooks(&a), h);
}

int lrs_jit(lrs_functions *out, const lrs_plan *plan, int opt, char *error, size_t error_cap)
{
    lrs_functions f = {.size = sizeof f};
    const llvm_backend *backend;
    const ir_program *p;
    jit_handle *h;
    int status;

    if (!out || lrs_struct_give(out, &f, sizeof f))
        return say(error, error_cap, LRS_E_ARG, "lrs_jit needs a place for the functions, with its size");
    if (!plan || opt < 0 || opt > 3)
        return say(error, error_cap, LRS_E_ARG, "lrs_jit needs a plan and an optimisation level of 0 to 3");
    backend = backend_llvm(error, error_cap);
    if (!backend)
        return LRS_E_NOENGINE;
    p = lrs_program_ir(plan->program);
    if (!p)
        return say(error, error_cap, LRS_E_NOENGINE, "this program was made without its intermediate form, so there is nothing to compile");
    h = lrs_mem_realloc(hooks(&plan->program->allocator), NULL, sizeof *h);
    if (!h)
        return say(error, error_cap, LRS_E_NOMEM, "out of memory");
    memset(h, 0, sizeof *h);
    h->backend = backend;
    h->allocator = plan->program->allocator;
    status = backend->jit(&h->jit, p, opt, error, error_cap);
    if (status) {
        lrs_mem_free(hooks(&plan->program->allocator), h);
        return status;
    }
    f.handle = h;
    if (!find_all(&f, h)) {
        drop(h);
        return say(error, error_cap, LRS_E_INTERNAL, "the generated code lacks a function");
    }
    return lrs_struct_give(out, &f, sizeof f);
}

void lrs_jit_free(lrs_functions *f)
{
    lrs_functions none = {.size = sizeof none};
    void *handle = f && f->size ? f->handle : NULL; /* every size that lrs_jit takes has a handle in it */
    if (!handle)
        return;
    drop(handle);
    lrs_struct_give(f, &none, sizeof none);
}
