/* jit_api.c: lrs_jit: machine code for the program of a plan.
 *
 * In: a plan. Out: functions that work on the plan's states, whose words they know from the program's layout. The params
 * are in the state, so the code is the program's. May call: the loader of the LLVM plugin, lrs_program_ir.
 */
#include "api.h"
#include "backend.h"
#include "emit_names.h"
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
    void *at;
    if (!symbol)
        return LRS_E_NOMEM;
    at = h->backend->jit_symbol(h->jit, symbol);
    memcpy(function, &at, sizeof at);
    return at ? 0 : LRS_E_INTERNAL;
}

static int find_all(lrs_functions *f, const jit_handle *h, const ir_program *p)
{
    backend_options o = {.prefix = "jit"};
    emit_names names;
    arena mem;
    int status;
    arena_init(&mem, hooks(&h->allocator));
    status = emit_names_make(&names, p, &o, &mem);
    if (status == 0)
        status = find(&f->get_lr, h, names.get_lr);
    if (status == 0)
        status = find(&f->observe, h, "jit_observe");
    if (status == 0)
        status = find(&f->value, h, arena_printf(&mem, "jit_%s", names.outputs[0]));
    if (status == 0)
        status = find(&f->fill, h, arena_printf(&mem, "jit_fill_%s", names.outputs[0]));
    arena_free(&mem);
    return status;
}

static void drop(jit_handle *h)
{
    lrs_allocator a = h->allocator;
    h->backend->jit_free(h->jit);
    lrs_mem_free(hooks(&a), h);
}

int lrs_jit(lrs_functions *out, const lrs_plan *plan, int opt, char *error, size_t error_cap)
{
    lrs_functions f;
    const llvm_backend *backend;
    const ir_program *p;
    jit_handle *h;
    int status;

    if (!out || !plan || opt < 0 || opt > 3)
        return say(error, error_cap, LRS_E_ARG, "lrs_jit needs a place for the functions, a plan, and an optimisation level of 0 to 3");
    memset(&f, 0, sizeof f);
    *out = f;
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
    status = find_all(&f, h, p);
    if (status) {
        drop(h);
        return say(error, error_cap, status, status == LRS_E_NOMEM ? "out of memory" : "the generated code lacks a function");
    }
    *out = f;
    return 0;
}

void lrs_jit_free(lrs_functions *f)
{
    if (!f)
        return;
    if (f->handle)
        drop(f->handle);
    memset(f, 0, sizeof *f);
}
