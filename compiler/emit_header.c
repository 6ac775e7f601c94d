/* emit_header.c: the header of a generated object or C file.
 *
 * In: a program and backend options. Out: C99 and C++ text: the types, functions and constants of the interface, each with
 * the comment that its user needs. May call ir.h, emit_text.h and the buffer.
 */
#include "emit_text.h"

#include <string.h>

/* A declaration. */
static void declare(const writer *w, enum emit_function f, uint32_t i) {
    emit_prototype(w, f, i);
    PUT(w, ";\n");
}

/* The phases of one output on one line, cut where it gets long. */
enum { CURVE_MAX = 200 };
static void put_curve(const writer *w, uint32_t out) {
    size_t start = w->b->n;
    const char *between = "";
    PUT(w, " *     ");
    emit_comment(w->b, w->p->output_names[out]);
    PUT(w, ": ");
    for (uint32_t i = 0; i < w->p->nphase; i++) {
        const ir_phase *ph = &w->p->phase[i];
        if (ph->out != out || !ph->text)
            continue;
        PUT(w, "%s", between);
        between = "; then ";
        if (w->b->n - start > CURVE_MAX) {
            PUT(w, "...");
            break;
        }
        emit_comment(w->b, ph->text);
    }
    PUT(w, "\n");
}

static void put_head(const writer *w) {
    PUT(w, "/* The schedule ");
    emit_comment(w->b, emit_source_name(w));
    PUT(w, ", compiled by lrsc %s. Do not edit.\n *\n", LRS_VERSION_STRING);
    for (uint32_t i = 0; i < w->p->npublic; i++)
        put_curve(w, i);
    PUT(w, " *\n"
           " * A step is what the trainer counts; step 0 is the first update. A step below 0 has the value of step 0, and past the\n"
           " * last phase the last value holds. A metric that is NaN is none at all.\n"
           " *\n"
           " * Nothing here allocates memory, waits, prints or sets errno. A state belongs to whoever declares it: it is plain data\n"
           " * without pointers, a copy of it is a snapshot, and nothing has to be freed. Different threads may use different states\n"
           " * at the same time; one state may be read by several threads (const %s_state *) or changed by one.\n"
           " */\n",
        w->name);
}

static void put_range(const writer *w, const ir_param *q) {
    char lo[EMIT_NUMBER_SIZE], hi[EMIT_NUMBER_SIZE], def[EMIT_NUMBER_SIZE];
    if (q->unit)
        PUT(w, "in %s, ", q->unit);
    if (q->has_default)
        PUT(w, "default %s", emit_decimal(def, q->def));
    else
        PUT(w, "no default: must be set");
    if (q->has_range)
        PUT(w, ", from %s to %s%s", emit_decimal(lo, q->lo), emit_decimal(hi, q->hi), q->is_log ? ", on a log scale" : "");
    else
        PUT(w, ", no range declared");
}

static void put_params(const writer *w) {
    if (w->p->layout.nparam == 0) {
        PUT(w,
            "/* The schedule has no parameters. C has no empty struct, so there is a member that means nothing. */\n"
            "typedef struct %s_params {\n    char none;\n} %s_params;\n\n",
            w->name, w->name);
        return;
    }
    PUT(w, "/* The parameters, in the units of the schedule. */\ntypedef struct %s_params {\n", w->name);
    for (uint32_t i = 0; i < w->p->layout.nparam; i++) {
        const ir_param *q = &w->p->params[i];
        PUT(w, "    double %s; /* ", w->n->params[i]);
        if (strcmp(w->n->params[i], q->name) != 0) {
            PUT(w, "the parameter `");
            emit_comment(w->b, q->name);
            PUT(w, "`: ");
        }
        put_range(w, q);
        PUT(w, " */\n");
    }
    PUT(w, "} %s_params;\n\n", w->name);
}

static void put_state(const writer *w) {
    const lrs_k_layout *l = &w->p->layout;
    PUT(w,
        "/* What the schedule remembers. Call %s_init for it first: of one that was not initialised, or is of\n"
        " * another schedule, %s and %s_fill_... give NaN, and %s_load refuses it; the others look at\n"
        " * no state. Only %s, %s_observe and %s_load change it. It is the same memory as a\n"
        " * state of the lrs library for this program. */\n"
        "typedef struct %s_state {\n    uint64_t version, program;\n    int64_t i[%u];\n    double d[%u];%s\n} %s_state;\n\n",
        w->name, w->n->get_lr, w->name, w->name, w->n->get_lr, w->name, w->name, w->name, l->ni ? l->ni : 1, l->nd ? l->nd : 1,
        l->nd ? "" : " /* not used: C has no empty array */", w->name);
    PUT(w, "/* A saved state is accepted by programs with the same two numbers. */\n");
    PUT(w, "#define %s_STATE_VERSION %uu\n", w->name, LRS_K_STATE_VERSION);
    PUT(w, "#define %s_PROGRAM_HASH 0x%016llxu\n", w->name, (unsigned long long)l->hash);
    PUT(w, "/* Bytes that %s_save writes. */\n#define %s_SAVE_SIZE %zuu\n", w->name, w->name, w->n->save_size);
    PUT(w, "/* Version of this interface: it changes when functions, codes or types do. */\n#define %s_ABI %d\n\n", w->name,
        EMIT_ABI);
}

/* Doubles without gaps, in the order of inputs or outputs. */
static void put_struct(const writer *w, const char *type, const char *const *members, const char *const *names, uint32_t n) {
    PUT(w, "typedef struct %s_%s {\n", w->name, type);
    for (uint32_t i = 0; i < n; i++) {
        PUT(w, "    double %s;", members[i]);
        if (strcmp(members[i], names[i]) != 0) {
            PUT(w, " /* `");
            emit_comment(w->b, names[i]);
            PUT(w, "` */");
        }
        PUT(w, "\n");
    }
    PUT(w, "} %s_%s;\n\n", w->name, type);
}

static void put_metrics_and_values(const writer *w) {
    if (w->n->metrics) {
        PUT(w, "/* The metrics of a step; NaN: it was not measured. */\n");
        put_struct(w, "metrics", w->n->metrics, w->p->inputs, w->p->layout.ninput);
    }
    if (w->n->values) {
        PUT(w, "/* The values of all outputs at a step. */\n");
        put_struct(w, "values", w->n->values, w->p->output_names, w->p->npublic);
    }
}

static void put_own(const writer *w) {
    const char *metric = w->p->layout.ninput ? w->p->inputs[0] : NULL;
    if (!w->n->initial) {
        PUT(w, "/* There is no %s(step, metric) with a state of its own, because ", w->n->own_get_lr);
        emit_comment(w->b, w->n->why_no_own);
        PUT(w, ":\n * declare a %s_state, give %s_init the parameters and call %s. */\n\n", w->name, w->name, w->n->get_lr);
        return;
    }
    PUT(w, "/* The value of `");
    emit_comment(w->b, w->p->output_names[0]);
    PUT(w, "` for this step, after observing the metric");
    if (w->n->metrics) {
        PUT(w, "s (NULL: there are none).\n");
    } else {
        if (metric) {
            PUT(w, " `");
            emit_comment(w->b, metric);
            PUT(w, "`");
        }
        PUT(w, " (NaN: there is none).\n");
    }
    PUT(w,
        " * It uses the one state of this object, with the default parameters: for the plain trainer of one thread.\n"
        " * To save and resume, or to set parameters, declare a %s_state and call %s. */\n",
        w->name, w->n->get_lr);
    declare(w, EMIT_OWN_GET_LR, 0);
    PUT(w, "\n");
}

static void put_begin(const writer *w) {
    const char *s = w->name;
    uint32_t nparam = w->p->layout.nparam;
    PUT(w, "/* Sets every parameter to its default%s. */\n",
        w->p->has_defaults ? "" : ", and those that have none to NaN, which init refuses");
    declare(w, EMIT_PARAMS_DEFAULT, 0);
    PUT(w, "\n/* Makes s the state before the first step%s.\n",
        nparam ? ", with these parameters (NULL: the defaults)" : "; p is not looked at and may be NULL");
    PUT(w, " * 0, or a negative code for %s_error, and then s is as it was:\n", s);
    if (nparam)
        PUT(w, " *     -(1 + k)     parameter k, counted from 0, is out of its range or not finite\n");
    if (w->p->nchecks)
        PUT(w, " *     -(1001 + k)  these parameters do not give a schedule: condition k of it does not hold\n");
    PUT(w, " *     %d        s is NULL */\n", EMIT_E_ARG);
    declare(w, EMIT_INIT, 0);
    PUT(w, "\n/* The text for a code of init or load: what is wrong and what to do. Never NULL; do not free it. */\n");
    declare(w, EMIT_ERROR, 0);
    PUT(w, "\n");
}

static void put_observers(const writer *w) {
    uint32_t n = w->p->layout.ninput;
    PUT(w,
        "/* Feeds a metric: rules of the schedule may act on it. A metric that is NaN, and a step that is not after the last\n"
        " * one observed%s, change nothing, so a repeated call does no harm. Returns how many rules acted. */\n",
        n > 1 ? " of this input" : "");
    for (uint32_t i = 0; n > 1 && i < n; i++)
        declare(w, EMIT_OBSERVE_INPUT, i);
    if (n > 1)
        PUT(w, "/* Feeds the metrics that are there, in the order of the struct. NULL: none. */\n");
    declare(w, EMIT_OBSERVE, 0);
    PUT(w, "\n/* 1 once a rule of the schedule said stop, else 0. */\n");
    declare(w, EMIT_STOPPED, 0);
    PUT(w, "\n/* Observes the metric%s as %s_observe does, then gives the value of `", w->n->metrics ? "s" : "", w->name);
    emit_comment(w->b, w->p->output_names[0]);
    PUT(w, "` at this step. */\n");
    declare(w, EMIT_GET_LR, 0);
    PUT(w, "\n");
}

static void put_values(const writer *w) {
    for (uint32_t i = 0; i < w->p->npublic; i++) {
        PUT(w, "/* The value of `");
        emit_comment(w->b, w->p->output_names[i]);
        PUT(w, "` at any step, in the state as it is. */\n");
        declare(w, EMIT_VALUE, i);
        PUT(w, "/* out[k] = %s_%s(s, first + k) for k < n, bit for bit. Steps past INT64_MAX count as INT64_MAX. */\n", w->name,
            w->n->outputs[i]);
        declare(w, EMIT_FILL, i);
        PUT(w, "\n");
    }
    if (w->n->values) {
        PUT(w, "/* All of them: out has what the functions above give. */\n");
        declare(w, EMIT_EVAL, 0);
        PUT(w, "\n");
    }
}

static void put_saving(const writer *w) {
    const char *s = w->name;
    PUT(w,
        "/* Writes the state into buf and returns its size, %s_SAVE_SIZE; writes nothing when cap is smaller or buf is NULL.\n"
        " * (0 when s is NULL.) The bytes are the same from every machine and engine, and carry a checksum. */\n",
        s);
    declare(w, EMIT_SAVE, 0);
    PUT(w,
        "\n/* Reads what save wrote into a state that %s_init has made with the same parameters. 0, or a negative code for\n"
        " * %s_error, and then s is as it was. Any bytes are safe to try. */\n",
        s, s);
    declare(w, EMIT_LOAD, 0);
    PUT(w, "\n");
}

static int put_header(const writer *w) {
    put_head(w);
    PUT(w, "#ifndef LRS_SCHEDULE_%s_H\n#define LRS_SCHEDULE_%s_H\n\n", w->name, w->name);
    PUT(w, "#include <stddef.h>\n#include <stdint.h>\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    put_metrics_and_values(w);
    put_own(w);
    put_params(w);
    put_state(w);
    put_begin(w);
    put_observers(w);
    put_values(w);
    put_saving(w);
    PUT(w, "#ifdef __cplusplus\n}\n#endif\n#endif\n");
    return 0;
}

int emit_header(const ir_program *p, const backend_options *o, backend_buffer *out) {
    return emit_text(p, o, NULL, out, put_header);
}
