/* emit_js.c: see emit_js.h.
 *
 * In: a program and backend options. Out: the kernel as it is in runtime/kernel/kernel.js, the program's descriptors and table,
 * bind and step code op for op, and what the interface says about the program, all in one function. May call ir.h, emit_text.h
 * and the buffer.
 */
#include "emit_js.h"

#include <stdlib.h>
#include <string.h>

#include "embed.h"
#include "emit_text.h"

/* ---- numbers and strings ---- */

/* The shortest decimal of a double reads back as the same double. */
static void put_number(const writer *w, double v) {
    char text[EMIT_NUMBER_SIZE];
    if (!(v - v == 0.0))
        emit_plain(w, v > 0.0 ? "Infinity" : v < 0.0 ? "-Infinity" : "NaN");
    else if (v == 0.0)
        emit_plain(w, lrs_k_bits(v) >> 63 ? "-0" : "0");
    else
        emit_plain(w, emit_decimal(text, v));
}

/* In a comment, `<` goes where it could be one of HTML. */
static void put_comment(const writer *w, const char *text) {
    size_t start = w->b->n;
    emit_comment(w->b, text);
    for (size_t i = start; i + 1 < w->b->n; i++)
        if (w->b->at[i] == '<' && strchr("/!sS", w->b->at[i + 1]))
            w->b->at[i] = ' ';
}

/* ---- operations ---- */

static const char *const forms[IR_OPS] = {
    [IR_ADD] = "$1 + $2",
    [IR_SUB] = "$1 - $2",
    [IR_MUL] = "$1 * $2",
    [IR_DIV] = "$1 / $2",
    [IR_MIN] = "$1 < $2 ? $1 : $2",
    [IR_MAX] = "$1 > $2 ? $1 : $2",
    [IR_LT] = "$1 < $2 ? 1 : 0",
    [IR_LE] = "$1 <= $2 ? 1 : 0",
    [IR_EQ] = "$1 === $2 ? 1 : 0",
    [IR_NE] = "$1 !== $2 ? 1 : 0",
    [IR_AND] = "$1 !== 0 && $2 !== 0 ? 1 : 0",
    [IR_OR] = "$1 !== 0 || $2 !== 0 ? 1 : 0",
    [IR_NOT] = "$1 === 0 ? 1 : 0",
    [IR_SELECT] = "$1 !== 0 ? $2 : $3",
};

static void put_output(const writer *w, uint32_t output) {
    PUT(w, "lrs_k_out_at(k, D, %u, x)", output);
}

static const emit_language language = {"const ", ";", "lrs_k_", forms, put_number, put_output};

/* ---- the parts of the program ---- */

static void put_kernel(const writer *w) {
    emit_plain(w, "\"use strict\";\n\n");
    for (size_t i = 0; i < lrs_kernel_js_count; i++)
        buffer_put(w->b, lrs_kernel_js[i].text, lrs_kernel_js[i].len);
}

/* T, or what of it is constant: then the other entries are 0. Eight a line: segments are eight numbers, and they come first. */
static void put_table(const writer *w) {
    const ir_program *p = w->p;
    emit_plain(w, "\nconst table = new Float64Array([\n");
    for (uint32_t i = 0; i < p->layout.ntable; i++) {
        const ir_ins *v = &p->ins[p->table[i]];
        emit_separator(w, i, LRS_K_SEG_WORDS);
        put_number(w, v->stage == IR_STAGE_CONST ? v->imm : 0.0);
    }
    emit_plain(w, "\n]);\n");
}

/* All values first, then the checks, then T: when a check fails T is as it was. A constant T stands elsewhere. */
static void put_bind(const writer *w, int constant) {
    const ir_program *p = w->p;
    emit_plain(w, "\n/* Fills the table T from the params P and the event ends E: 0, or 1 + the number of the condition that does not hold. */\n"
                "function bind(P, E, T) {\n");
    for (uint32_t i = 0; i < p->nbindlist; i++)
        emit_value(w, p->bindlist[i], EMIT_IN_BIND, "    ");
    for (uint32_t i = 0; i < p->nchecks; i++) {
        emit_plain(w, "    if (");
        emit_operand(w, p->checks[i].cond, EMIT_IN_BIND);
        PUT(w, " === 0)\n        return %u; /* ", i + 1);
        put_comment(w, p->checks[i].message);
        emit_plain(w, " */\n");
    }
    if (!constant)
        emit_plain(w, "    T.set(table);\n");
    for (uint32_t i = 0; i < p->layout.ntable && !constant; i++) {
        if (p->ins[p->table[i]].stage == IR_STAGE_CONST)
            continue;
        PUT(w, "    T[%u] = ", i);
        emit_operand(w, p->table[i], EMIT_IN_BIND);
        emit_plain(w, ";\n");
    }
    emit_plain(w, "    return 0;\n}\n");
}

static void put_exprs(const writer *w) {
    const ir_program *p = w->p;
    emit_plain(w, "\n/* Step code: at time x, tau steps into a segment, u of it done and cou of it left, in round `cycle` of a repeat. */\n"
                "const exprs = [\n");
    for (uint32_t i = 0; i < p->nexpr; i++) {
        const ir_expr *e = &p->expr[i];
        emit_plain(w, "    (k, T, D, x, tau, u, cou, cycle) => {\n");
        for (uint32_t j = 0; j < e->n; j++)
            emit_value(w, p->exprlist[e->first + j], EMIT_IN_STEP, "        ");
        emit_plain(w, "        return ");
        emit_operand(w, e->root, EMIT_IN_STEP);
        emit_plain(w, ";\n    },\n");
    }
    emit_plain(w, "];\n");
}

/* ---- descriptors ---- */

/* {name: value, ...} */
static void put_object(const writer *w, const char *const *names, const uint32_t *v, size_t n) {
    emit_plain(w, "{");
    for (size_t i = 0; i < n; i++) {
        PUT(w, "%s%s: ", i ? ", " : "", names[i]);
        emit_word(w, v[i]);
    }
    emit_plain(w, "}");
}

#define PUT_OBJECT(w, names, v) put_object(w, names, v, sizeof(v) / sizeof(v)[0])

static const char *const out_names[] = {"nseg", "seg", "kind", "mask", "nscale", "scale", "bounds"};
static const char *const scale_names[] = {"what", "n", "t", "d"};
static const char *const rule_names[] = {"det", "action", "out", "t", "low", "i", "d"};
static const char *const det_names[] = {"kind", "dialect", "watch", "mode_max", "absolute", "patience_by", "cooldown_by",
                                        "expr", "out",     "seg",   "nseg",     "t",        "i",           "d"};
static const char *const layout_names[] = {"ni",    "nd",     "nsave", "nparam", "ninput", "input",
                                           "event", "nevent", "table", "ntable", "clock"};

static void put_layout(const writer *w) {
    const lrs_k_layout *l = &w->p->layout;
    const uint32_t v[] = {l->ni,    l->nd,     l->nsave, l->nparam, l->ninput, l->input,
                          l->event, l->nevent, l->table, l->ntable, l->clock};
    PUT(w, "const layout = Object.assign({hash: 0x%016llxn}, ", (unsigned long long)l->hash);
    PUT_OBJECT(w, layout_names, v);
    emit_plain(w, ");\n");
}

static void put_outs(const writer *w, const char *what, const lrs_k_out *outs, uint32_t n) {
    PUT(w, "const %s = [\n", what);
    for (uint32_t i = 0; i < n; i++) {
        const lrs_k_out *o = &outs[i];
        const uint32_t v[] = {o->nseg, o->seg, o->kind, o->mask, o->nscale, o->scale, o->bounds};
        emit_plain(w, "    ");
        PUT_OBJECT(w, out_names, v);
        emit_plain(w, ",\n");
    }
    emit_plain(w, "];\n");
}

static void put_scales(const writer *w) {
    emit_plain(w, "const scales = [\n");
    for (uint32_t i = 0; i < w->p->layout.nscale; i++) {
        const lrs_k_scale *s = &w->p->scales[i];
        const uint32_t v[] = {s->what, s->n, s->t, s->d};
        emit_plain(w, "    ");
        PUT_OBJECT(w, scale_names, v);
        emit_plain(w, ",\n");
    }
    emit_plain(w, "];\n");
}

static void put_dets(const writer *w) {
    emit_plain(w, "const dets = [\n");
    for (uint32_t i = 0; i < w->p->layout.ndet; i++) {
        const lrs_k_det *d = &w->p->dets[i];
        const uint32_t v[] = {d->kind, d->dialect, d->watch, d->mode_max, d->absolute, d->patience_by, d->cooldown_by,
                              d->expr, d->out,     d->seg,   d->nseg,     d->t,        d->i,           d->d};
        emit_plain(w, "    ");
        PUT_OBJECT(w, det_names, v);
        emit_plain(w, ",\n");
    }
    emit_plain(w, "];\n");
}

static void put_rules(const writer *w) {
    emit_plain(w, "const rules = [\n");
    for (uint32_t i = 0; i < w->p->layout.nrule; i++) {
        const lrs_k_rule *r = &w->p->rules[i];
        const uint32_t v[] = {r->det, r->action, r->out, r->t, r->low, r->i, r->d};
        emit_plain(w, "    ");
        PUT_OBJECT(w, rule_names, v);
        emit_plain(w, ",\n");
    }
    emit_plain(w, "];\n");
}

static void put_kinds(const writer *w) {
    emit_plain(w, "const kinds = [\n");
    for (uint32_t i = 0; i < w->p->layout.nkind; i++) {
        emit_separator(w, i, 8);
        emit_plain(w, emit_kind_names[w->p->kinds[i]]);
    }
    emit_plain(w, "\n];\n");
}

static void put_array(const writer *w, const char *what, const uint32_t *v) {
    PUT(w, "const %s = [\n", what);
    for (uint32_t i = 0; i < w->p->layout.nkind; i++) {
        emit_separator(w, i, 16);
        emit_word(w, v[i]);
    }
    emit_plain(w, "\n];\n");
}

static void put_program(const writer *w) {
    const ir_program *p = w->p;
    int constant = p->layout.table == LRS_K_NONE;
    emit_plain(w, "\n/* ---- the program ---- */\n\n");
    put_layout(w);
    put_outs(w, "outs", p->outs, p->layout.nout);
    put_outs(w, "blocks", p->blocks, p->layout.nblock);
    put_kinds(w);
    put_array(w, "phases", p->phases);
    put_array(w, "exprs_of", p->exprs);
    put_scales(w);
    put_dets(w);
    put_rules(w);
    put_table(w);
    int bind = !constant || p->nchecks != 0; /* params may have to keep conditions also where no entry of T depends on them */
    if (bind)
        put_bind(w, constant);
    if (p->nexpr)
        put_exprs(w);
    PUT(w,
        "\nconst program = {\n    layout, outs, kinds, phases, exprs: exprs_of, scales, dets, rules, blocks,\n"
        "    table: %s,\n    expr: %s,\n    bind: %s,\n};\n",
        constant ? "table" : "null /* in the state */",
        p->nexpr ? "(k, expr, T, D, x, tau, u, cou, cycle) => exprs[expr](k, T, D, x, tau, u, cou, cycle)" : "null",
        bind ? "bind" : "null");
}

/* ---- about the program ---- */

static void put_strings(const writer *w, const char *what, const char *const *names, uint32_t n) {
    PUT(w, "    %s: [", what);
    for (uint32_t i = 0; i < n; i++) {
        emit_plain(w, i ? ", " : "");
        emit_script_string(w, names[i], EMIT_IN_JAVASCRIPT);
    }
    emit_plain(w, "],\n");
}

static void put_number_or_null(const writer *w, int exists, double v) {
    if (exists)
        put_number(w, v);
    else
        emit_plain(w, "null");
}

static void put_string_or_null(const writer *w, const char *text) {
    if (text)
        emit_script_string(w, text, EMIT_IN_JAVASCRIPT);
    else
        emit_plain(w, "null");
}

static void put_params(const writer *w) {
    emit_plain(w, "    params: [\n");
    for (uint32_t i = 0; i < w->p->layout.nparam; i++) {
        const ir_param *q = &w->p->params[i];
        emit_plain(w, "        {name: ");
        emit_script_string(w, q->name, EMIT_IN_JAVASCRIPT);
        emit_plain(w, ", unit: ");
        put_string_or_null(w, q->unit);
        emit_plain(w, ", def: ");
        put_number_or_null(w, q->has_default, q->def);
        emit_plain(w, ", lo: ");
        put_number_or_null(w, q->has_range, q->lo);
        emit_plain(w, ", hi: ");
        put_number_or_null(w, q->has_range, q->hi);
        PUT(w, ", log: %s},\n", q->is_log ? "true" : "false");
    }
    emit_plain(w, "    ],\n");
}

static void put_moment(const writer *w, ir_ref r) {
    const ir_ins *i = &w->p->ins[r];
    if (i->stage == IR_STAGE_CONST || i->slot == LRS_K_NONE)
        put_number(w, i->imm);
    else
        PUT(w, "T[%u]", i->slot);
}

/* What explain says of phases and rules. */
static void put_texts(const writer *w) {
    const ir_program *p = w->p;
    emit_plain(w, "    phase_of: [");
    for (uint32_t i = 0; i < p->layout.nkind; i++) {
        emit_plain(w, i ? ", " : "");
        emit_word(w, p->nphase && p->phase_of ? p->phase_of[i] : LRS_K_NONE);
    }
    emit_plain(w, "],\n    phases: [\n");
    for (uint32_t i = 0; i < p->nphase; i++) {
        emit_plain(w, "        {text: ");
        emit_script_string(w, p->phase[i].text, EMIT_IN_JAVASCRIPT);
        emit_plain(w, ", start: (T) => ");
        put_moment(w, p->phase[i].start);
        emit_plain(w, ", end: (T) => ");
        put_moment(w, p->phase[i].end);
        emit_plain(w, "},\n");
    }
    emit_plain(w, "    ],\n    rules: [");
    for (uint32_t i = 0; i < p->layout.nrule; i++) {
        emit_plain(w, i ? ", " : "");
        put_string_or_null(w, p->rule_at ? p->rule_at[i].text : NULL);
    }
    emit_plain(w, "],\n");
}

static void put_about(const writer *w) {
    const ir_program *p = w->p;
    emit_plain(w, "\nreturn lrs_k_schedule(program, {\n");
    put_params(w);
    put_strings(w, "outputs", p->output_names, p->npublic);
    put_strings(w, "inputs", p->inputs, p->layout.ninput);
    PUT(w, "    hash: \"%016llx\",\n    unit: ", (unsigned long long)p->layout.hash);
    put_string_or_null(w, p->step_unit);
    emit_plain(w, ",\n    total: ");
    put_number_or_null(w, p->total > 0.0, p->total);
    emit_plain(w, ",\n");
    put_texts(w);
    emit_plain(w, "    errors: {\n");
    for (size_t i = 0; i < w->n->nerrors; i++) {
        PUT(w, "        \"%d\": ", w->n->errors[i].code);
        emit_script_string(w, w->n->errors[i].text, EMIT_IN_JAVASCRIPT);
        emit_plain(w, ",\n");
    }
    emit_plain(w, "    },\n});\n");
}

static int put_expression(const writer *w) {
    emit_plain(w, "(() => {\n");
    put_kernel(w);
    put_program(w);
    put_about(w);
    emit_plain(w, "})()");
    return 0;
}

static int put_module(const writer *w) {
    emit_plain(w, "/* The schedule ");
    put_comment(w, emit_source_name(w));
    PUT(w, ", compiled to JavaScript by lrsc %s. Do not edit. */\nconst schedule = ", LRS_VERSION_STRING);
    put_expression(w);
    emit_plain(w, ";\n\nexport default schedule;\n"
                "export const {params, outputs, inputs, hash, unit, total, create} = schedule;\n");
    return 0;
}

int emit_js(const ir_program *p, const backend_options *o, enum emit_js_form form, backend_buffer *out) {
    backend_options options = *o;
    options.script = 1;
    return emit_text(p, &options, &language, out, form == EMIT_JS_MODULE ? put_module : put_expression);
}
