/* emit_text.c: see emit_text.h. */
#include "emit_text.h"

#include <string.h>

#include "spell.h"

int emit_text(const ir_program *p, const backend_options *o, const emit_language *language, backend_buffer *out,
              int (*put)(const writer *w))
{
    arena mem;
    emit_names n;
    int status;
    arena_init(&mem, out->allocator);
    status = emit_names_make(&n, p, o, &mem);
    if (status == 0) {
        writer w = {.p = p, .o = o, .n = &n, .name = o->prefix, .b = out, .language = language};
        status = put(&w);
    }
    arena_free(&mem);
    return out->failed ? LRS_E_NOMEM : status;
}

const char *emit_source_name(const writer *w)
{
    return w->o->source_name ? w->o->source_name : w->p->name ? w->p->name : "a schedule";
}

void emit_plain(const writer *w, const char *text)
{
    buffer_put(w->b, text, strlen(text));
}

void emit_separator(const writer *w, size_t i, size_t per_line)
{
    if (i % per_line == 0)
        emit_plain(w, i ? ",\n    " : "    ");
    else
        emit_plain(w, ", ");
}

void emit_word(const writer *w, uint32_t v)
{
    if (v == LRS_K_NONE)
        emit_plain(w, "LRS_K_NONE");
    else
        PUT(w, "%u", v);
}

const char *const emit_kind_names[LRS_K_KINDS] = {
    "LRS_K_CONST",  "LRS_K_LINEAR", "LRS_K_EXP2",  "LRS_K_STAIR", "LRS_K_HCOS", "LRS_K_POW",
    "LRS_K_SQRT",   "LRS_K_COSQRT", "LRS_K_RSQRT", "LRS_K_RECIP", "LRS_K_EXPR", "LRS_K_SUB"};

/* ---- strings ---- */

/* Breaks up what ends or begins a comment, and a trigraph, which compilers warn of. */
void emit_comment(backend_buffer *b, const char *text)
{
    char last = 0;
    for (size_t n, left = strlen(text); left > 0; last = text[n - 1], text += n, left -= n) {
        char shown[SPELL_SIZE];
        n = spell_char(shown, text, left, 0);
        if ((last == '*' && *text == '/') || (last == '/' && *text == '*') || (last == '?' && *text == '?'))
            buffer_put(b, " ", 1);
        if (strchr("\t\n\v\f\r", *text))
            buffer_put(b, " ", 1);
        else
            buffer_put(b, shown, strlen(shown));
    }
}

void emit_script_string(const writer *w, const char *text, enum emit_script language)
{
    emit_plain(w, "\"");
    for (size_t n, left = strlen(text); left > 0; text += n, left -= n) {
        uint32_t c = 0xfffd;
        n = spell_utf8(text, left, &c);
        n = n ? n : 1;
        if (c == '"' || c == '\\')
            PUT(w, "\\%c", (int)c);
        else if (c >= ' ' && c <= '~' && c != '<')
            PUT(w, "%c", (int)c);
        else if (c < 0x10000)
            PUT(w, "\\u%04x", c);
        else
            PUT(w, language == EMIT_IN_PYTHON ? "\\U%08x" : "\\u{%x}", c);
    }
    emit_plain(w, "\"");
}

/* ---- values ---- */

static const char *const call_forms[4] = {"", "($1)", "($1, $2)", "($1, $2, $3)"};

/* The names that leaves have in bind (P, E) and in step code (the arguments of lrs_k_expr_fn). */
static const char *const leaf_names[IR_OPS] = {
    [IR_PARAM] = "P", [IR_EVENT] = "E", [IR_TIME] = "x",       [IR_TAU] = "tau", [IR_U] = "u",
    [IR_COU] = "cou", [IR_CYCLE] = "cycle",
};

void emit_operand(const writer *w, ir_ref r, enum emit_where where)
{
    const ir_ins *i = &w->p->ins[r];
    if (i->op == IR_CONST) {
        int negative = lrs_k_bits(i->imm) >> 63 != 0; /* without parentheses, - and -1 would be a decrement */
        emit_plain(w, negative ? "(" : "");
        w->language->number(w, i->imm);
        emit_plain(w, negative ? ")" : "");
    } else if (where == EMIT_IN_STEP && i->stage != IR_STAGE_STEP) {
        PUT(w, "T[%u]", i->slot);
    } else if (i->op == IR_PARAM || i->op == IR_EVENT) {
        PUT(w, "%s[%u]", leaf_names[i->op], i->index);
    } else if (i->op == IR_INPUT) {
        PUT(w, "D[%u]", w->p->layout.input + i->index);
    } else if (leaf_names[i->op]) {
        emit_plain(w, leaf_names[i->op]);
    } else {
        PUT(w, "v%u", r);
    }
}

static void put_form(const writer *w, const char *form, const ir_ins *i, enum emit_where where)
{
    const ir_ref operand[3] = {i->a, i->b, i->c};
    for (; *form; form++) {
        if (form[0] == '$')
            emit_operand(w, operand[*++form - '1'], where);
        else
            buffer_put(w->b, form, 1);
    }
}

void emit_value(const writer *w, ir_ref r, enum emit_where where, const char *indent)
{
    const ir_ins *i = &w->p->ins[r];
    const char *form = w->language->forms[i->op];
    int arity = ir_op_arity((enum ir_op)i->op);
    if (arity == 0 && i->op != IR_OUT)
        return;
    PUT(w, "%s%sv%u = ", indent, w->language->declares, r);
    if (i->op == IR_OUT) {
        w->language->output(w, i->index);
    } else {
        if (!form)
            PUT(w, "%s%s", w->language->calls, ir_op_name((enum ir_op)i->op));
        put_form(w, form ? form : call_forms[arity], i, where);
    }
    PUT(w, "%s\n", w->language->ends);
}

/* ---- prototypes ---- */

/* $m the metric, or with several inputs the metrics, $N the prefix, $G and $O the names of get_lr and of the one with the object's own state, $o output i, $i input i. */
static const char *const prototypes[EMIT_FUNCTIONS] = {
    [EMIT_OWN_GET_LR] = "double $O(int64_t step, $m)",
    [EMIT_PARAMS_DEFAULT] = "void $N_params_default($N_params *p)",
    [EMIT_INIT] = "int $N_init($N_state *s, const $N_params *p)",
    [EMIT_ERROR] = "const char *$N_error(int code)",
    [EMIT_OBSERVE] = "int $N_observe($N_state *s, int64_t step, $m)",
    [EMIT_OBSERVE_INPUT] = "int $N_observe_$i($N_state *s, int64_t step, double metric)",
    [EMIT_STOPPED] = "int $N_stopped(const $N_state *s)",
    [EMIT_GET_LR] = "double $G($N_state *s, int64_t step, $m)",
    [EMIT_VALUE] = "double $N_$o(const $N_state *s, int64_t step)",
    [EMIT_FILL] = "void $N_fill_$o(const $N_state *s, int64_t first, size_t n, double *out)",
    [EMIT_EVAL] = "void $N_eval(const $N_state *s, int64_t step, $N_values *out)",
    [EMIT_SAVE] = "size_t $N_save(const $N_state *s, void *buf, size_t cap)",
    [EMIT_LOAD] = "int $N_load($N_state *s, const void *buf, size_t len)",
};

static const char *name_for(const writer *w, char letter, uint32_t i)
{
    switch (letter) {
    case 'G':
        return w->n->get_lr;
    case 'O':
        return w->n->own_get_lr;
    case 'o':
        return w->n->outputs[i];
    case 'i':
        return w->n->inputs[i];
    default:
        return w->name;
    }
}

static void put_metric(const writer *w)
{
    if (w->n->metrics)
        PUT(w, "const %s_metrics *metrics", w->name);
    else
        PUT(w, "double metric");
}

void emit_prototype(const writer *w, enum emit_function f, uint32_t i)
{
    const char *at;
    for (at = prototypes[f]; *at; at++) {
        if (at[0] == '$' && at[1] == 'm') {
            put_metric(w);
            at++;
        } else if (*at == '$')
            PUT(w, "%s", name_for(w, *++at, i));
        else
            buffer_put(w->b, at, 1);
    }
}
