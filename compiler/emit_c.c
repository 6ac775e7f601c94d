/* emit_c.c: the program as one C99 file that stands alone.
 *
 * In: a program and backend options. Out: C text: the interface (or an #include of its header), the kernel functions as they
 * are in runtime/kernel, the program's descriptors and table as constants, bind and step code op for op, and the functions of
 * the interface over them. May call ir.h, emit_text.h, emit_header and the buffer.
 *
 * Every value of the IR is one `double vN`, so the order of operations and of roundings is that of the IR; the kernel
 * text switches contraction off. Everything but the interface is static and named lrsc_NAME_..., so that several such files
 * may also be compiled as one.
 */
#include "emit_text.h"

#include <stdlib.h>
#include <string.h>

#include "embed.h"

/* ---- numbers ---- */

/* C has no literals for these; the macros are defined in put_kernel. */
static void put_number(const writer *w, double v) {
    char text[EMIT_NUMBER_SIZE];
    emit_hex(text, v);
    if (strcmp(text, "inf") == 0)
        PUT(w, "LRS_C_INF");
    else if (strcmp(text, "-inf") == 0)
        PUT(w, "-LRS_C_INF");
    else if (strcmp(text, "nan") == 0)
        PUT(w, "LRS_C_NAN");
    else
        PUT(w, "%s", text);
}

/* ---- operations ---- */

static const char *const forms[IR_OPS] = {
    [IR_ADD] = "$1 + $2",
    [IR_SUB] = "$1 - $2",
    [IR_MUL] = "$1 * $2",
    [IR_DIV] = "$1 / $2",
    [IR_NEG] = "lrs_k_neg($1)", /* as bits: gcc fuses -(a*b + c), and then 0 has the other sign */
    [IR_FMA] = "LRS_K_FMA($1, $2, $3)",
    [IR_MIN] = "$1 < $2 ? $1 : $2",
    [IR_MAX] = "$1 > $2 ? $1 : $2",
    [IR_LT] = "$1 < $2 ? 1.0 : 0.0",
    [IR_LE] = "$1 <= $2 ? 1.0 : 0.0",
    [IR_EQ] = "$1 == $2 ? 1.0 : 0.0",
    [IR_NE] = "$1 != $2 ? 1.0 : 0.0",
    [IR_AND] = "$1 != 0.0 && $2 != 0.0 ? 1.0 : 0.0",
    [IR_OR] = "$1 != 0.0 || $2 != 0.0 ? 1.0 : 0.0",
    [IR_NOT] = "$1 == 0.0 ? 1.0 : 0.0",
    [IR_SELECT] = "$1 != 0.0 ? $2 : $3",
};

static void put_output(const writer *w, uint32_t output) {
    PUT(w, "lrsc_%s_out_%u(D, x)", w->name, output);
}

/* Not const: clang folds const variables through their initialisers, without memory of what it has folded, so that its
 * warnings take a time exponential in the length of a chain of minima. */
static const emit_language language = {"double ", ";", "lrs_k_", forms, put_number, put_output};

/* ---- the file's parts ---- */

static void put_head(const writer *w) {
    PUT(w, "/* The schedule ");
    emit_comment(w->b, emit_source_name(w));
    PUT(w, ", compiled to C99 by lrsc %s. Do not edit.\n *\n", LRS_VERSION_STRING);
    PUT(w, " * The values are the same bits from every compiler, at every level of optimisation, on every machine with IEEE 754\n"
           " * doubles, unless an option permits the compiler to change them. Those that can be noticed are refused or undone here.\n"
           " * clang's -ffp-contract=fast, which is part of its -funsafe-math-optimizations, cannot: do not use it for this file.\n */\n"
           "#if defined(__FAST_MATH__)\n"
           "#error \"-ffast-math (-Ofast) changes the values of the schedule: compile this file without it\"\n"
           "#endif\n"
           "#if defined(__FINITE_MATH_ONLY__)\n"
           "#if __FINITE_MATH_ONLY__\n"
           "#error \"-ffinite-math-only (-ffast-math) changes the values of the schedule: compile this file without it\"\n"
           "#endif\n"
           "#endif\n\n");
}

static int put_interface(const writer *w) {
    if (w->o->header_name) {
        PUT(w, "#include ");
        emit_string(w->b, w->o->header_name);
        PUT(w, "\n");
        return 0;
    }
    PUT(w, "/* ---- the interface: declare these functions in the trainer ---- */\n\n");
    return emit_header(w->p, w->o, w->b);
}

static void put_kernel(const writer *w) {
    PUT(w, "\n/* ---- the kernels: the same text in every schedule; see below for this one ---- */\n\n");
    for (size_t i = 0; i < lrs_kernel_count; i++) {
        buffer_put(w->b, lrs_kernel[i].text, lrs_kernel[i].len);
        PUT(w, "\n");
    }
    PUT(w, "#if !defined(LRS_C_INF)\n"
           "#if defined(__GNUC__)\n"
           "#define LRS_C_INF __builtin_inf()\n"
           "#define LRS_C_NAN __builtin_nan(\"\")\n"
           "#else\n"
           "#include <math.h>\n"
           "#define LRS_C_INF ((double)INFINITY)\n"
           "#define LRS_C_NAN ((double)NAN)\n"
           "#endif\n"
           "#endif\n");
}

static void put_layout(const writer *w) {
    const lrs_k_layout *l = &w->p->layout;
    const uint32_t words[] = {l->ni,    l->nd,     l->nsave, l->nparam, l->ninput, l->input, l->event,  l->nevent,
                              l->table, l->ntable, l->nout,  l->ndet,   l->nrule,  l->nscale, l->nkind, l->nblock, l->uses, l->clock};
    static const char *const names[] = {"ni",    "nd",     "nsave", "nparam", "ninput", "input", "event",  "nevent",
                                        "table", "ntable", "nout",  "ndet",   "nrule",  "nscale", "nkind", "nblock", "uses", "clock"};
    PUT(w, "\n/* ---- the program ---- */\n\n");
    PUT(w, "static const lrs_k_layout lrsc_%s_layout = {\n    0x%016llxu, /* hash */\n", w->name,
        (unsigned long long)l->hash);
    size_t n = sizeof words / sizeof words[0];
    for (size_t i = 0; i < n; i++) {
        if (words[i] == LRS_K_NONE)
            PUT(w, "    LRS_K_NONE%s /* %s */\n", i + 1 < n ? "," : "", names[i]);
        else
            PUT(w, "    %u%s /* %s */\n", words[i], i + 1 < n ? "," : "", names[i]);
    }
    PUT(w, "};\n");
}

static void put_words(const writer *w, const uint32_t *v, size_t n) {
    emit_plain(w, "{");
    for (size_t i = 0; i < n; i++) {
        emit_plain(w, i ? ", " : "");
        emit_word(w, v[i]);
    }
    emit_plain(w, "}");
}

static void put_array(const writer *w, const char *type, const char *what, const uint32_t *v, uint32_t n) {
    PUT(w, "static const %s lrsc_%s_%s[%u] = {\n", type, w->name, what, n);
    for (uint32_t i = 0; i < n; i++) {
        emit_separator(w, i, 16);
        emit_word(w, v[i]);
    }
    PUT(w, "};\n");
}

static void put_descriptors(const writer *w) {
    const ir_program *p = w->p;
    const lrs_k_layout *l = &p->layout;
    PUT(w, "/* nseg, seg, kind, mask, nscale, scale, bounds */\nstatic const lrs_k_out lrsc_%s_outs[%u] = {\n", w->name,
        l->nout);
    for (uint32_t i = 0; i < l->nout; i++) {
        const lrs_k_out *o = &p->outs[i];
        const uint32_t v[] = {o->nseg, o->seg, o->kind, o->mask, o->nscale, o->scale, o->bounds};
        PUT(w, "    ");
        put_words(w, v, sizeof v / sizeof v[0]);
        PUT(w, "%s /* ", i + 1 < l->nout ? "," : "");
        emit_comment(w->b, p->output_names[i] ? p->output_names[i] : "");
        PUT(w, " */\n");
    }
    PUT(w, "};\n");
    PUT(w, "static const uint8_t lrsc_%s_kinds[%u] = {\n", w->name, l->nkind);
    for (uint32_t i = 0; i < l->nkind; i++) {
        emit_separator(w, i, 8);
        PUT(w, "%s", emit_kind_names[p->kinds[i]]);
    }
    PUT(w, "};\n");
    put_array(w, "uint32_t", "phases", p->phases, l->nkind);
    put_array(w, "uint32_t", "exprs", p->exprs, l->nkind);
    if (l->nblock) {
        PUT(w, "/* nseg, seg, kind, mask, nscale, scale, bounds */\nstatic const lrs_k_out lrsc_%s_blocks[%u] = {\n", w->name, l->nblock);
        for (uint32_t i = 0; i < l->nblock; i++) {
            const lrs_k_out *o = &p->blocks[i];
            const uint32_t v[] = {o->nseg, o->seg, o->kind, o->mask, o->nscale, o->scale, o->bounds};
            emit_separator(w, i, 1);
            put_words(w, v, sizeof v / sizeof v[0]);
        }
        PUT(w, "};\n");
    }
    if (l->nscale) {
        PUT(w, "/* what, n, t, d */\nstatic const lrs_k_scale lrsc_%s_scales[%u] = {\n", w->name, l->nscale);
        for (uint32_t i = 0; i < l->nscale; i++) {
            const uint32_t v[] = {p->scales[i].what, p->scales[i].n, p->scales[i].t, p->scales[i].d};
            emit_separator(w, i, 1);
            put_words(w, v, sizeof v / sizeof v[0]);
        }
        PUT(w, "};\n");
    }
    if (l->ndet) {
        PUT(w, "/* kind, dialect, watch, mode_max, absolute, patience_by, cooldown_by, expr, out, seg, nseg, t, i, d */\nstatic const lrs_k_det lrsc_%s_dets[%u] = {\n",
            w->name, l->ndet);
        for (uint32_t i = 0; i < l->ndet; i++) {
            const lrs_k_det *d = &p->dets[i];
            const uint32_t v[] = {d->kind, d->dialect, d->watch, d->mode_max, d->absolute, d->patience_by, d->cooldown_by,
                                  d->expr, d->out,     d->seg,   d->nseg,     d->t,        d->i,           d->d};
            emit_separator(w, i, 1);
            put_words(w, v, sizeof v / sizeof v[0]);
        }
        PUT(w, "};\n");
    }
    if (l->nrule) {
        PUT(w, "/* det, action, out, t, low, i, d */\nstatic const lrs_k_rule lrsc_%s_rules[%u] = {\n", w->name, l->nrule);
        for (uint32_t i = 0; i < l->nrule; i++) {
            const lrs_k_rule *r = &p->rules[i];
            const uint32_t v[] = {r->det, r->action, r->out, r->t, r->low, r->i, r->d};
            emit_separator(w, i, 1);
            put_words(w, v, sizeof v / sizeof v[0]);
        }
        PUT(w, "};\n");
    }
}

static int table_is_const(const writer *w) {
    return w->p->layout.table == LRS_K_NONE;
}

/* Params may have to keep conditions also where no entry of T depends on them. */
static int has_bind(const writer *w) {
    return !table_is_const(w) || w->p->nchecks != 0;
}

static double table_entry(const writer *w, uint32_t i) {
    const ir_ins *v = &w->p->ins[w->p->table[i]];
    return v->stage == IR_STAGE_CONST ? v->imm : 0.0;
}

/* T, or what of it is constant: then the other entries are 0. Eight a line: segments are eight numbers, and they come first. */
static void put_table(const writer *w, const char *type, const char *name) {
    uint32_t n = w->p->layout.ntable;
    PUT(w, "static const %s lrsc_%s_%s[%u] = {\n", type, w->name, name, n);
    for (uint32_t i = 0; i < n; i++) {
        emit_separator(w, i, LRS_K_SEG_WORDS);
        put_number(w, table_entry(w, i));
    }
    PUT(w, "};\n");
}

/* From here on, constants of the table are copied from an array instead of being stored one by one. The array is volatile:
 * gcc 12 for AVX-512 makes vectors of what it copies, and stores { 0.125, 0.125, 0, 0 } as four times 0.125. */
enum { COPY_FROM = 32 };

static uint32_t count_constants(const writer *w) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->p->layout.ntable; i++)
        n += w->p->ins[w->p->table[i]].stage == IR_STAGE_CONST;
    return n;
}

static void put_checks(const writer *w) {
    for (uint32_t i = 0; i < w->p->nchecks; i++) {
        PUT(w, "    if (");
        emit_operand(w, w->p->checks[i].cond, EMIT_IN_BIND);
        PUT(w, " == 0.0)\n        return %u; /* ", i + 1);
        emit_comment(w->b, w->p->checks[i].message);
        PUT(w, " */\n");
    }
}

/* All values first, then the checks, then T: when a check fails T is as it was. A constant T stands elsewhere. */
static void put_bind(const writer *w) {
    const ir_program *p = w->p;
    int constant = table_is_const(w), copy = !constant && count_constants(w) >= COPY_FROM;
    if (copy)
        put_table(w, "volatile double", "constants");
    PUT(w,
        "\n/* Fills the table T from the params P and the event ends E: 0, or 1 + the number of the condition that does not hold. */\n"
        "static int lrsc_%s_bind(const void *ctx, const double *P, const double *E, double *T)\n{\n",
        w->name);
    if (copy)
        PUT(w, "    size_t k;\n");
    for (uint32_t i = 0; i < p->nbindlist; i++)
        emit_value(w, p->bindlist[i], EMIT_IN_BIND, "    ");
    PUT(w, "    (void)ctx;\n    (void)P;\n    (void)E;\n");
    if (constant)
        PUT(w, "    (void)T;\n");
    put_checks(w);
    if (copy)
        PUT(w, "    for (k = 0; k < %u; k++)\n        T[k] = lrsc_%s_constants[k];\n", p->layout.ntable, w->name);
    for (uint32_t i = 0; i < p->layout.ntable && !constant; i++) {
        if (copy && p->ins[p->table[i]].stage == IR_STAGE_CONST)
            continue;
        PUT(w, "    T[%u] = ", i);
        emit_operand(w, p->table[i], EMIT_IN_BIND);
        PUT(w, ";\n");
    }
    PUT(w, "    return 0;\n}\n");
}

static void put_expr(const writer *w, const ir_expr *e, const char *indent) {
    for (uint32_t i = 0; i < e->n; i++)
        emit_value(w, w->p->exprlist[e->first + i], EMIT_IN_STEP, indent);
    PUT(w, "%sreturn ", indent);
    emit_operand(w, e->root, EMIT_IN_STEP);
    PUT(w, ";\n");
}

/* Which outputs step code reads: f for each. */
static void for_outs_read(const writer *w, void (*f)(const writer *w, uint32_t out)) {
    unsigned char *read = calloc(w->p->layout.nout, 1);
    for (uint32_t i = 1; read && i < w->p->nins; i++)
        if (w->p->ins[i].op == IR_OUT)
            read[w->p->ins[i].index] = 1;
    for (uint32_t out = 0; read && out < w->p->layout.nout; out++)
        if (read[out])
            f(w, out);
    if (!read)
        w->b->failed = 1;
    free(read);
}

static void declare_out(const writer *w, uint32_t out) {
    PUT(w, "static double lrsc_%s_out_%u(const double *D, double x);\n", w->name, out);
}

/* Not inlined: each is there once, however often it is read. */
static void put_out(const writer *w, uint32_t out) {
    PUT(w,
        "\n#if defined(__GNUC__)\n__attribute__((noinline))\n#endif\n"
        "static double lrsc_%s_out_%u(const double *D, double x)\n{\n    return lrs_k_out_at(&lrsc_%s_program, D, %u, x);\n}\n",
        w->name, out, w->name, out);
}

static void put_exprs(const writer *w) {
    const ir_program *p = w->p;
    PUT(w, "\n");
    for_outs_read(w, declare_out);
    PUT(w,
        "\n/* Step code: at time x, tau steps into a segment, u of it done and cou of it left, in round `cycle` of a repeat. */\n"
        "static double lrsc_%s_expr(const lrs_k_program *k, uint32_t expr, const double *T, const double *D, double x,\n"
        "    double tau, double u, double cou, double cycle)\n{\n"
        "    (void)k;\n    (void)expr;\n    (void)T;\n    (void)D;\n    (void)x;\n    (void)tau;\n    (void)u;\n    (void)cou;\n"
        "    (void)cycle;\n",
        w->name);
    if (p->nexpr > 1)
        PUT(w, "    switch (expr) {\n");
    for (uint32_t i = 0; p->nexpr > 1 && i + 1 < p->nexpr; i++) {
        PUT(w, "    case %u: {\n", i);
        put_expr(w, &p->expr[i], "        ");
        PUT(w, "    }\n");
    }
    if (p->nexpr > 1)
        PUT(w, "    default:\n        break;\n    }\n");
    PUT(w, "    {\n");
    put_expr(w, &p->expr[p->nexpr - 1], "        ");
    PUT(w, "    }\n}\n");
}

static void put_pointer(const writer *w, int exists, const char *what) {
    if (exists)
        PUT(w, "    lrsc_%s_%s,\n", w->name, what);
    else
        PUT(w, "    0, /* no %s */\n", what);
}

static void put_program(const writer *w) {
    const lrs_k_layout *l = &w->p->layout;
    int constant = table_is_const(w);
    if (constant)
        put_table(w, "double", "table");
    if (has_bind(w))
        put_bind(w);
    if (w->p->nexpr)
        put_exprs(w);
    PUT(w, "\nstatic const lrs_k_program lrsc_%s_program = {\n    &lrsc_%s_layout,\n", w->name, w->name);
    put_pointer(w, 1, "outs");
    put_pointer(w, 1, "kinds");
    put_pointer(w, 1, "phases");
    put_pointer(w, 1, "exprs");
    put_pointer(w, l->nscale != 0, "scales");
    put_pointer(w, l->ndet != 0, "dets");
    put_pointer(w, l->nrule != 0, "rules");
    put_pointer(w, l->nblock != 0, "blocks");
    put_pointer(w, constant, "table");
    put_pointer(w, w->p->nexpr != 0, "expr");
    put_pointer(w, !constant, "bind");
    PUT(w, "    0 /* ctx */\n};\n");
    for_outs_read(w, put_out);
}

/* ---- the functions of the interface ---- */

/* The beginning of a definition. */
static void define(const writer *w, enum emit_function f, uint32_t i) {
    PUT(w, "\n");
    emit_prototype(w, f, i);
    PUT(w, "\n{\n");
}

static void put_begin(const writer *w) {
    const lrs_k_layout *l = &w->p->layout;
    PUT(w, "\n/* ---- the interface ---- */\n");
    define(w, EMIT_PARAMS_DEFAULT, 0);
    for (uint32_t i = 0; i < l->nparam; i++) {
        PUT(w, "    p->%s = ", w->n->params[i]);
        if (w->p->params[i].has_default)
            put_number(w, w->p->params[i].def);
        else
            PUT(w, "LRS_C_NAN");
        PUT(w, ";\n");
    }
    if (l->nparam == 0)
        PUT(w, "    p->none = 0;\n");
    PUT(w, "}\n");
}

static void put_param_check(const writer *w, uint32_t i) {
    const ir_param *q = &w->p->params[i];
    if (q->has_range) {
        PUT(w, "    if (!(P[%u] >= ", i);
        put_number(w, q->lo);
        PUT(w, " && P[%u] <= ", i);
        put_number(w, q->hi);
        PUT(w, "))\n        return %d;\n", EMIT_E_PARAM(i));
    }
    if (!q->has_range || !(q->lo - q->lo == 0.0) || !(q->hi - q->hi == 0.0))
        PUT(w, "    if (!(lrs_k_abs(P[%u]) < LRS_C_INF))\n        return %d;\n", i, EMIT_E_PARAM(i));
}

static void put_init(const writer *w) {
    const lrs_k_layout *l = &w->p->layout;
    const char *s = w->name;
    if (!table_is_const(w) && l->nevent) {
        PUT(w, "\nstatic const double lrsc_%s_no_events[%u] = {\n", s, l->nevent);
        for (uint32_t i = 0; i < l->nevent; i++) {
            emit_separator(w, i, 8);
            PUT(w, "LRS_C_INF");
        }
        PUT(w, "};\n");
    }
    define(w, EMIT_INIT, 0);
    if (l->nparam)
        PUT(w, "    %s_params defaults;\n    double P[%u];\n    size_t k;\n", s, l->nparam);
    if (has_bind(w))
        PUT(w, "    int failed;\n");
    PUT(w, "    if (!s)\n        return %d;\n", EMIT_E_ARG);
    if (l->nparam)
        PUT(w, "    if (!p) {\n        %s_params_default(&defaults);\n        p = &defaults;\n    }\n", s);
    else
        PUT(w, "    (void)p;\n");
    for (uint32_t i = 0; i < l->nparam; i++)
        PUT(w, "    P[%u] = p->%s;\n", i, w->n->params[i]);
    for (uint32_t i = 0; i < l->nparam; i++)
        put_param_check(w, i);
    if (has_bind(w)) {
        PUT(w, "    failed = lrsc_%s_bind(0, %s, ", s, l->nparam ? "P" : "0");
        if (!table_is_const(w) && l->nevent)
            PUT(w, "lrsc_%s_no_events", s);
        else
            PUT(w, "0");
        if (table_is_const(w))
            PUT(w, ", 0);\n");
        else
            PUT(w, ", s->d + %u);\n", l->table);
        PUT(w, "    if (failed)\n        return %d - failed;\n", EMIT_E_ARG);
    }
    if (l->nparam)
        PUT(w, "    for (k = 0; k < %u; k++)\n        s->d[k] = P[k];\n", l->nparam);
    PUT(w, "    lrs_k_reset(&lrsc_%s_program, (uint64_t *)(void *)s);\n    return 0;\n}\n", s);
}

static void put_error(const writer *w) {
    define(w, EMIT_ERROR, 0);
    PUT(w, "    switch (code) {\n");
    for (size_t i = 0; i < w->n->nerrors; i++) {
        PUT(w, "    case %d:\n        return ", w->n->errors[i].code);
        emit_string(w->b, w->n->errors[i].text);
        PUT(w, ";\n");
    }
    PUT(w, "    default:\n        return ");
    emit_string(w->b, w->n->unknown);
    PUT(w, ";\n    }\n}\n");
}

static void put_observe(const writer *w, enum emit_function f, uint32_t input) {
    define(w, f, input);
    if (w->p->layout.ninput)
        PUT(w, "    return lrs_k_observe(&lrsc_%s_program, s->i, s->d, %u, step, metric);\n}\n", w->name, input);
    else
        PUT(w, "    (void)s;\n    (void)step;\n    (void)metric;\n    return 0;\n}\n");
}

/* In the order of the inputs: what is not a number is none. */
static void put_observe_all(const writer *w) {
    define(w, EMIT_OBSERVE, 0);
    PUT(w, "    int acted = 0;\n    if (!metrics)\n        return 0;\n");
    for (uint32_t i = 0; i < w->p->layout.ninput; i++)
        PUT(w, "    acted += %s_observe_%s(s, step, metrics->%s);\n", w->name, w->n->inputs[i], w->n->metrics[i]);
    PUT(w, "    return acted;\n}\n");
}

static void put_eval(const writer *w) {
    define(w, EMIT_EVAL, 0);
    for (uint32_t i = 0; i < w->p->npublic; i++)
        PUT(w, "    out->%s = %s_%s(s, step);\n", w->n->values[i], w->name, w->n->outputs[i]);
    PUT(w, "}\n");
}

static const char *metric_name(const writer *w) {
    return w->n->metrics ? "metrics" : "metric";
}

static void put_functions(const writer *w) {
    const lrs_k_layout *l = &w->p->layout;
    const char *s = w->name;
    if (!w->n->metrics)
        put_observe(w, EMIT_OBSERVE, 0);
    for (uint32_t i = 0; w->n->metrics && i < l->ninput; i++)
        put_observe(w, EMIT_OBSERVE_INPUT, i);
    if (w->n->metrics)
        put_observe_all(w);
    define(w, EMIT_STOPPED, 0);
    PUT(w, "    return (s->i[0] & LRS_K_STOPPED) != 0;\n}\n");
    define(w, EMIT_GET_LR, 0);
    PUT(w, "    if (s->program != %s_PROGRAM_HASH)\n        return LRS_C_NAN; /* init has not made it */\n", s);
    PUT(w, "    %s_observe(s, step, %s);\n    return lrs_k_value(&lrsc_%s_program, s->d, 0, step);\n}\n", s, metric_name(w), s);
    for (uint32_t i = 0; i < w->p->npublic; i++) {
        define(w, EMIT_VALUE, i);
        PUT(w, "    return lrs_k_value(&lrsc_%s_program, s->d, %u, step);\n}\n", s, i);
        define(w, EMIT_FILL, i);
        PUT(w,
            "    if (s->program == %s_PROGRAM_HASH)\n        lrs_k_fill(&lrsc_%s_program, s->d, %u, first, n, out);\n"
            "    else\n        lrs_k_fill_same(LRS_C_NAN, n, out);\n}\n",
            s, s, i);
    }
    if (w->n->values)
        put_eval(w);
    define(w, EMIT_SAVE, 0);
    PUT(w,
        "    if (!s)\n        return 0;\n"
        "    return lrs_k_save(&lrsc_%s_program, (const uint64_t *)(const void *)s, buf, cap);\n}\n",
        s);
    define(w, EMIT_LOAD, 0);
    PUT(w,
        "    if (!s || !buf)\n        return %d;\n"
        "    return lrs_k_load(&lrsc_%s_program, (uint64_t *)(void *)s, buf, len);\n}\n",
        EMIT_E_ARG, s);
}

static void put_integer(const writer *w, uint64_t word) {
    if (word == UINT64_C(1) << 63)
        PUT(w, "INT64_MIN");
    else if (word >> 63)
        PUT(w, "-%llu", (unsigned long long)(0 - word));
    else
        PUT(w, "%llu", (unsigned long long)word);
}

static void put_own(const writer *w) {
    const lrs_k_layout *l = &w->p->layout;
    const uint64_t *words = w->n->initial;
    if (!words)
        return;
    PUT(w, "\n/* The state of %s. */\nstatic %s_state lrsc_%s_own = {\n    0x%016llxu, 0x%016llxu,\n    {", w->n->own_get_lr,
        w->name, w->name, (unsigned long long)words[0], (unsigned long long)words[1]);
    words += LRS_K_HEADER_WORDS;
    for (uint32_t i = 0; i < l->ni; i++) {
        emit_plain(w, i == 0 ? "" : i % 8 ? ", " : ",\n     ");
        put_integer(w, words[i]);
    }
    PUT(w, "%s},\n    {", l->ni ? "" : "0");
    words += l->ni;
    for (uint32_t i = 0; i < l->nd; i++) {
        emit_plain(w, i == 0 ? "" : i % 8 ? ", " : ",\n     ");
        put_number(w, lrs_k_double(words[i]));
    }
    PUT(w, "%s}};\n", l->nd ? "" : "0");
    define(w, EMIT_OWN_GET_LR, 0);
    PUT(w, "    return %s(&lrsc_%s_own, step, %s);\n}\n", w->n->get_lr, w->name, metric_name(w));
}

static int put_file(const writer *w) {
    put_head(w);
    int status = put_interface(w);
    if (status)
        return status;
    put_kernel(w);
    put_layout(w);
    put_descriptors(w);
    put_program(w);
    put_begin(w);
    put_init(w);
    put_error(w);
    put_functions(w);
    put_own(w);
    return 0;
}

int emit_c(const ir_program *p, const backend_options *o, backend_buffer *out) {
    return emit_text(p, o, &language, out, put_file);
}
