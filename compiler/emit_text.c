/* emit_text.c: see emit_text.h. */
#include "emit_text.h"

int emit_text(const ir_program *p, const backend_options *o, backend_buffer *out, int (*put)(const writer *w))
{
    arena mem;
    emit_names n;
    int status;
    arena_init(&mem, out->allocator);
    status = emit_names_make(&n, p, o, &mem);
    if (status == 0) {
        writer w = {.p = p, .o = o, .n = &n, .name = o->prefix, .b = out};
        status = put(&w);
    }
    arena_free(&mem);
    return out->failed ? LRS_E_NOMEM : status;
}

const char *emit_source_name(const writer *w)
{
    return w->o->source_name ? w->o->source_name : w->p->name ? w->p->name : "a schedule";
}

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
