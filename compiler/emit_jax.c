/* emit_jax.c: see emit_jax.h.
 *
 * In: a program, backend options, values of params. Out: the kernel as it is in runtime/kernel/kernel_jax.py, bind and step code op
 * for op, and the tables of the program. May call ir.h, emit_text.h and the buffer.
 */
#include "emit_jax.h"

#include <math.h>
#include <string.h>

#include "embed.h"
#include "emit_text.h"

static void put_number(const writer *w, double v) {
    char text[EMIT_NUMBER_SIZE];
    if (v == 0.0)
        emit_plain(w, lrs_k_bits(v) >> 63 ? "-0.0" : "0.0");
    else
        emit_plain(w, emit_decimal(text, v)); /* inf and nan are names of the kernel */
}

static void put_output(const writer *w, uint32_t output) {
    PUT(w, "k.out_at(%u)", output);
}

/* Every operation is a function of the arithmetic m: k_add, k_exp2. */
static const char *const forms[IR_OPS];
static const emit_language language = {"", "", "m.k_", forms, put_number, put_output};

/* ---- bind and step code ---- */

static void put_bind(const writer *w) {
    const ir_program *p = w->p;
    emit_plain(w, "\n\n# What the params P and the ends of phases by events E must meet, and the entries of the table that depend on them.\n"
                  "def bind(m, P, E):\n");
    for (uint32_t i = 0; i < p->nbindlist; i++)
        emit_value(w, p->bindlist[i], EMIT_IN_BIND, "    ");
    emit_plain(w, "    return [\n");
    for (uint32_t i = 0; i < p->nchecks; i++) {
        emit_plain(w, "        ");
        emit_operand(w, p->checks[i].cond, EMIT_IN_BIND);
        emit_plain(w, ",  # ");
        emit_comment(w->b, p->checks[i].message);
        emit_plain(w, "\n");
    }
    emit_plain(w, "    ], [\n");
    for (uint32_t i = 0; i < p->layout.ntable; i++) {
        if (p->ins[p->table[i]].stage == IR_STAGE_CONST)
            continue;
        emit_plain(w, "        ");
        emit_operand(w, p->table[i], EMIT_IN_BIND);
        emit_plain(w, ",\n");
    }
    emit_plain(w, "    ]\n");
}

/* Conditions of rules have step code, too: nobody looks at them here. */
static int is_of_segment(const ir_program *p, uint32_t expr) {
    for (uint32_t i = 0; i < p->layout.nkind; i++)
        if (p->kinds[i] == LRS_K_EXPR && p->exprs[i] == expr)
            return 1;
    return 0;
}

static void put_code(const writer *w) {
    const ir_program *p = w->p;
    for (uint32_t i = 0; i < p->nexpr; i++) {
        const ir_expr *e = &p->expr[i];
        if (!is_of_segment(p, i))
            continue;
        PUT(w, "\n\ndef expr_%u(m, k, T, x, tau, u, cou, cycle):\n", i);
        for (uint32_t j = 0; j < e->n; j++)
            emit_value(w, p->exprlist[e->first + j], EMIT_IN_STEP, "    ");
        emit_plain(w, "    return ");
        emit_operand(w, e->root, EMIT_IN_STEP);
        emit_plain(w, "\n");
    }
}

/* ---- tables ---- */

static void put_word(const writer *w, uint32_t v) {
    if (v == LRS_K_NONE)
        emit_plain(w, "NONE");
    else
        PUT(w, "%u", v);
}

static void put_outs(const writer *w, const char *what, const lrs_k_out *outs, uint32_t n) {
    PUT(w, "    %s=[\n", what);
    for (uint32_t i = 0; i < n; i++) {
        const lrs_k_out *o = &outs[i];
        PUT(w, "        (%u, %u, %u, %u, %u, ", o->nseg, o->seg, o->kind, o->nscale, o->scale);
        put_word(w, o->bounds);
        emit_plain(w, "),\n");
    }
    emit_plain(w, "    ],\n");
}

static void put_segments(const writer *w) {
    const ir_program *p = w->p;
    emit_plain(w, "    kinds=[\n");
    for (uint32_t i = 0; i < p->layout.nkind; i++) {
        emit_separator(w, i, 8);
        emit_plain(w, emit_kind_names[p->kinds[i]] + strlen("LRS_K_"));
    }
    emit_plain(w, "],\n    exprs=[\n");
    for (uint32_t i = 0; i < p->layout.nkind; i++) {
        emit_separator(w, i, 16);
        put_word(w, p->exprs[i]);
    }
    emit_plain(w, "],\n");
}

static void put_scales(const writer *w) {
    static const char *const names[] = {[LRS_K_AT] = "AT", [LRS_K_EVERY] = "EVERY", [LRS_K_STATE] = "STATE"};
    emit_plain(w, "    scales=[");
    for (uint32_t i = 0; i < w->p->layout.nscale; i++) {
        const lrs_k_scale *s = &w->p->scales[i];
        PUT(w, "%s(%s, %u, %u)", i ? ", " : "", names[s->what], s->what == LRS_K_AT ? s->n : 0, s->t);
    }
    emit_plain(w, "],\n");
}

static void put_table(const writer *w) {
    const ir_program *p = w->p;
    emit_plain(w, "    table=[\n");
    for (uint32_t i = 0; i < p->layout.ntable; i++) {
        const ir_ins *v = &p->ins[p->table[i]];
        emit_separator(w, i, LRS_K_SEG_WORDS);
        if (v->stage == IR_STAGE_CONST)
            put_number(w, v->imm);
        else
            emit_plain(w, "None");
    }
    emit_plain(w, "],\n");
}

/* The entries of the table that depend on params, for these params. */
static int put_bound(const writer *w, const double *params, arena *mem) {
    const ir_program *p = w->p;
    double *table = arena_alloc(mem, (p->layout.ntable + 1) * sizeof *table);
    double *events = arena_alloc(mem, (p->layout.nevent + 1) * sizeof *events);
    if (!table || !events)
        return LRS_E_NOMEM;
    for (uint32_t i = 0; i < p->layout.nevent; i++)
        events[i] = INFINITY;
    int status = params ? ir_bind(p, params, events, table) : 1;
    if (status < 0)
        return status;
    if (status > 0) {
        emit_plain(w, "    bound=None,\n");
        return 0;
    }
    emit_plain(w, "    bound=[\n");
    for (uint32_t i = 0, n = 0; i < p->layout.ntable; i++) {
        if (p->ins[p->table[i]].stage == IR_STAGE_CONST)
            continue;
        emit_separator(w, n++, LRS_K_SEG_WORDS);
        put_number(w, table[i]);
    }
    emit_plain(w, "],\n");
    return 0;
}

/* ---- the module ---- */

static void put_params(const writer *w, const double *params) {
    emit_plain(w, "    params=[\n");
    for (uint32_t i = 0; i < w->p->layout.nparam; i++) {
        const ir_param *q = &w->p->params[i];
        emit_plain(w, "        (");
        emit_script_string(w, q->name, EMIT_IN_PYTHON);
        emit_plain(w, ", ");
        if (params)
            put_number(w, params[i]);
        else
            emit_plain(w, "None");
        emit_plain(w, ", ");
        if (q->has_range) {
            put_number(w, q->lo);
            emit_plain(w, ", ");
            put_number(w, q->hi);
        } else {
            emit_plain(w, "None, None");
        }
        emit_plain(w, "),\n");
    }
    emit_plain(w, "    ],\n");
}

static void put_strings(const writer *w, const char *what, const char *const *names, uint32_t n) {
    PUT(w, "    %s=[", what);
    for (uint32_t i = 0; i < n; i++) {
        emit_plain(w, i ? ", " : "");
        emit_script_string(w, names[i], EMIT_IN_PYTHON);
    }
    emit_plain(w, "],\n");
}

static int put_module(const writer *w, const double *params, arena *mem) {
    const ir_program *p = w->p;
    emit_plain(w, "# The schedule ");
    emit_comment(w->b, emit_source_name(w));
    PUT(w, ", compiled for JAX by lrsc %s. Do not edit.\n#\n", LRS_VERSION_STRING);
    for (size_t i = 0; i < lrs_kernel_jax_count; i++)
        buffer_put(w->b, lrs_kernel_jax[i].text, lrs_kernel_jax[i].len);
    emit_plain(w, "\n\n# ---- the program ----");
    put_bind(w);
    put_code(w);
    emit_plain(w, "\n\nschedule = Schedule(Program(\n    name=");
    emit_script_string(w, emit_source_name(w), EMIT_IN_PYTHON);
    emit_plain(w, ",\n");
    put_params(w, params);
    put_strings(w, "outputs", p->output_names, p->npublic);
    put_strings(w, "inputs", p->inputs, p->layout.ninput);
    put_outs(w, "outs", p->outs, p->layout.nout);
    put_outs(w, "blocks", p->blocks, p->layout.nblock);
    put_segments(w);
    put_scales(w);
    PUT(w, "    events=%u,\n", p->layout.nevent);
    put_table(w);
    int status = put_bound(w, params, mem);
    emit_plain(w, "    bind=bind,\n    code={");
    for (uint32_t i = 0, n = 0; i < p->nexpr; i++)
        if (is_of_segment(p, i))
            PUT(w, "%s%u: expr_%u", n++ ? ", " : "", i, i);
    emit_plain(w, "}))\n");
    return status;
}

int emit_jax(const ir_program *p, const backend_options *o, const double *params, backend_buffer *out) {
    arena mem;
    arena_init(&mem, out->allocator);
    const writer w = {.p = p, .o = o, .b = out, .language = &language};
    double *defaults = !params && p->has_defaults ? arena_alloc(&mem, (p->layout.nparam + 1) * sizeof *defaults) : NULL;
    int status = !params && p->has_defaults && !defaults ? LRS_E_NOMEM : 0;
    for (uint32_t i = 0; defaults && i < p->layout.nparam; i++)
        defaults[i] = p->params[i].def;
    if (status == 0)
        status = put_module(&w, params ? params : defaults, &mem);
    arena_free(&mem);
    return out->failed ? LRS_E_NOMEM : status;
}
