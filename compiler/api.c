/* api.c: lrs_compile and what it is made of: parse, check, lower, analyze, encode. In: text. Out: a program, diagnostics.
 * Calls every stage of the compiler that comes before a backend. */
#include "api.h"

#include <stdlib.h>
#include <string.h>

#include "analyze.h"
#include "ast.h"
#include "emit_jax.h"
#include "encode.h"
#include "lower.h"
#include "program.h"

const char *lrs_version(void)
{
    return LRS_VERSION_STRING;
}

const char *lrs_strerror(int status)
{
    static const struct {
        int status;
        const char *text;
    } sentences[] = {
        {LRS_OK, "success"},
        {LRS_E_SOURCE, "the program text has errors"},
        {LRS_E_NOMEM, "out of memory"},
        {LRS_E_ARG, "an argument is missing or out of its range"},
        {LRS_E_PARAM, "a param is unknown, missing, or out of its range"},
        {LRS_E_STATE, "the saved state is damaged, truncated, or of another version"},
        {LRS_E_MISMATCH, "the saved state is of another program or of other params"},
        {LRS_E_NOENGINE, "the engine is not part of this build or could not be loaded"},
        {LRS_E_LIMIT, "a documented limit was passed"},
        {LRS_E_IO, "a file could not be read or written"},
        {LRS_E_INTERNAL, "an internal error of lrs: please report it"},
    };
    size_t k;
    for (k = 0; k < sizeof sentences / sizeof sentences[0]; k++) {
        if (sentences[k].status == status)
            return sentences[k].text;
    }
    return "unknown status";
}

/* ---- options ---- */

/* A copy as this version knows them: a caller built against an older header has fewer fields, and zero is the default. */
static int read_options(lrs_options *o, const lrs_options *given)
{
    memset(o, 0, sizeof *o);
    if (given && lrs_struct_take(o, sizeof *o, given))
        return LRS_E_ARG;
    if (!o->name)
        o->name = "<text>";
    if ((o->ndefines && !o->defines) || (o->ninclude_dirs && !o->include_dirs) || (o->allocator && !o->allocator->realloc) ||
        (o->nsources && !o->sources) || (o->nparams && !o->params))
        return LRS_E_ARG;
    for (size_t i = 0; i < o->nsources; i++)
        if (!o->sources[i].name || (o->sources[i].len && !o->sources[i].text))
            return LRS_E_ARG;
    return LRS_OK;
}

/* ---- the front half ---- */

/* Where a text is nothing but the name of a file, says so: no program is a word that ends with .lrs. */
static int is_file_name(lrs_diagnostics *d, uint32_t file)
{
    static const char blanks[] = " \t\r\n";
    const source *s = &d->sources.at[file];
    size_t begin = strspn(s->text, blanks), n = strcspn(s->text + begin, " \t\r\n#\"");
    diag *g;
    if (n < 5 || strncmp(s->text + begin + n - 4, ".lrs", 4) != 0 || begin + n + strspn(s->text + begin + n, blanks) != s->len)
        return 0;
    g = diag_add(d, DIAG_UNKNOWN_LAW, (span){file, (uint32_t)begin, (uint32_t)(begin + n), 0}, "this is the name of a file, where the text of a schedule is read");
    diag_help(d, g, d->for_command ? "a file is given as such, without `-e`" : "compile what is in the file; in Python and C++, `load` does that");
    return 1;
}

static int judge(ir_program **out, arena *mem, lrs_diagnostics *d, const char *text, size_t len, const lrs_options *o)
{
    uint32_t file = (uint32_t)d->sources.n;
    ast_stmt *program;
    span start = {file, 0, 0, 0};
    int status;

    if (len > LRS_MAX_SOURCE) {
        if (diags_add_source(d, o->name, "", 0))
            return LRS_E_NOMEM;
        diag_add(d, DIAG_TOO_LARGE, start, "the source has %zu bytes, and a source has at most 4 MiB", len);
        return LRS_E_SOURCE;
    }
    if (diags_add_source(d, o->name, len ? text : "", len))
        return LRS_E_NOMEM;
    if (is_file_name(d, file))
        return LRS_E_SOURCE;
    status = lrs_parse(&program, mem, d, file);
    /* After syntax errors, nothing is checked: most of what it would find are names whose declaration was not understood. */
    if (status == LRS_OK)
        status = lrs_lower(out, mem, d, program, o);
    if (status == LRS_E_LIMIT)
        status = d->errors ? LRS_E_SOURCE : LRS_E_INTERNAL;
    if (status == LRS_OK && (d->errors || !*out))
        status = d->errors ? LRS_E_SOURCE : LRS_E_INTERNAL;
    if (status)
        return status;
    (*out)->name = arena_strndup(mem, o->name, strlen(o->name));
    if (!(*out)->name)
        return LRS_E_NOMEM;
    return o->no_warnings ? LRS_OK : lrs_analyze(*out, d, mem->allocator);
}

/* Stages find things in an order of their own; people read from top to bottom. */
static int front(ir_program **out, arena *mem, lrs_diagnostics *d, const char *text, size_t len, const lrs_options *o)
{
    diag **first = d->tail;
    int status = judge(out, mem, d, text, len, o);
    diags_sort(d, first);
    /* without memory a stage may find wrong what it could not build */
    if (status == LRS_E_SOURCE && (arena_failed(mem) || arena_failed(&d->mem)))
        status = LRS_E_NOMEM;
    return status;
}

static int encode(lrs_program *q, const ir_program *p, arena *mem, lrs_diagnostics *d)
{
    span whole = {0, 0, 0, 0};
    int status = lrs_encode(q, p, mem);
    if (status != LRS_E_LIMIT)
        return status;
    diag_add(d, DIAG_LIMIT, whole, "an expression needs more than %d intermediate values at the same time",
             LRS_REGISTERS - LRS_REGISTER_FREE);
    return LRS_E_SOURCE;
}

int lrs_compile_ir(ir_program **out, arena *mem, lrs_diagnostics *d, const char *text, size_t len, const lrs_options *options)
{
    lrs_options o;
    int status;
    if (!out)
        return LRS_E_ARG;
    *out = NULL;
    if (!mem || !d || (!text && len) || read_options(&o, options))
        return LRS_E_ARG;
    d->for_command = 1;
    status = front(out, mem, d, text, len, &o);
    if (status == LRS_OK) { /* what cannot run anywhere is refused everywhere, before any backend sees it */
        lrs_program unused;
        memset(&unused, 0, sizeof unused);
        status = encode(&unused, *out, mem, d);
    }
    if (status)
        *out = NULL;
    return status;
}

void lrs_report_check(lrs_diagnostics *d, const ir_check *check)
{
    d->first = NULL;
    d->tail = &d->first;
    d->count = d->errors = d->others = 0;
    diag_add(d, check->is_required ? DIAG_REQUIRE : DIAG_RANGE, check->at, "with the default params: %s", check->message);
}

/* ---- programs ---- */

/* What a program lies in: the memory of its compilation, kept for the JIT, which starts from the IR. */
typedef struct compilation {
    lrs_allocator allocator;
    arena mem;
    ir_program *ir;
    lrs_program program;
} compilation;

static void free_compilation(void *owner)
{
    compilation *c = owner;
    lrs_allocator allocator = c->allocator;
    arena_free(&c->mem);
    lrs_mem_free(allocator.realloc ? &allocator : NULL, c);
}

static compilation *new_compilation(const lrs_allocator *allocator)
{
    compilation *c = lrs_mem_realloc(allocator, NULL, sizeof *c);
    if (!c)
        return NULL;
    memset(c, 0, sizeof *c);
    if (allocator)
        c->allocator = *allocator;
    arena_init(&c->mem, allocator ? &c->allocator : NULL);
    c->program.allocator = c->allocator;
    c->program.owner = c;
    c->program.free_owner = free_compilation;
    atomic_init(&c->program.references, 1);
    return c;
}

static int compile(compilation *c, lrs_diagnostics *d, const char *text, size_t len, const lrs_options *o)
{
    int status = front(&c->ir, &c->mem, d, text, len, o);
    return status ? status : encode(&c->program, c->ir, &c->mem, d);
}

static int compile_for(int command, lrs_program **out, const char *text, size_t len, const lrs_options *options, lrs_diagnostics **diags)
{
    lrs_options o;
    lrs_diagnostics *d;
    compilation *c;
    int status;

    if (diags)
        *diags = NULL;
    if (!out)
        return LRS_E_ARG;
    *out = NULL;
    if ((!text && len) || read_options(&o, options))
        return LRS_E_ARG;
    d = diags_new(o.allocator);
    c = d ? new_compilation(o.allocator) : NULL;
    if (!c) {
        lrs_diagnostics_free(d);
        return LRS_E_NOMEM;
    }
    d->for_command = command;
    status = compile(c, d, text, len, &o);
    if (status)
        free_compilation(c);
    else
        *out = &c->program;
    if (diags && lrs_diagnostics_count(d) && status != LRS_E_NOMEM)
        *diags = d;
    else
        lrs_diagnostics_free(d);
    return status;
}

int lrs_compile(lrs_program **out, const char *text, size_t len, const lrs_options *options, lrs_diagnostics **diags)
{
    return compile_for(0, out, text, len, options, diags);
}

int lrs_compile_for_command(lrs_program **out, const char *text, size_t len, const lrs_options *options, lrs_diagnostics **diags)
{
    return compile_for(1, out, text, len, options, diags);
}

size_t lrs_program_sources(const lrs_program *p)
{
    return p ? lrs_program_ir(p)->nsources : 0;
}

int lrs_program_source(lrs_source *out, const lrs_program *p, size_t i)
{
    if (!out || i >= lrs_program_sources(p))
        return LRS_E_ARG;
    *out = lrs_program_ir(p)->sources[i];
    return LRS_OK;
}

int lrs_program_output_is_read(const lrs_program *p, size_t i)
{
    return i < lrs_program_outputs(p) && ir_reads_output(lrs_program_ir(p), (uint32_t)i);
}

const ir_program *lrs_program_ir(const lrs_program *p)
{
    return ((const compilation *)p->owner)->ir;
}

const ir_program *lrs_plan_ir(const lrs_plan *plan)
{
    return lrs_program_ir(plan->program);
}

/* ---- for other languages ---- */

size_t lrs_plan_jax(const lrs_plan *plan, char *buf, size_t cap)
{
    const ir_program *p = plan ? lrs_plan_ir(plan) : NULL;
    backend_options options = {.prefix = "schedule"};
    backend_buffer out = {.at = NULL};
    double *params = p ? malloc((p->layout.nparam + 1) * sizeof *params) : NULL;
    size_t n = 0, fits;
    for (uint32_t i = 0; params && i < p->layout.nparam; i++)
        params[i] = lrs_plan_param(plan, i);
    if (params && emit_jax(p, &options, params, &out) == 0)
        n = out.n;
    fits = n < cap ? n : cap ? cap - 1 : 0;
    if (fits)
        memcpy(buf, out.at, fits);
    if (cap)
        buf[fits] = '\0';
    free(params);
    buffer_free(&out);
    return n;
}
