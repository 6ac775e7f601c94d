/* curve.h: a schedule opened for looking: compiled, bound, with an engine and, if given, a recorded metric.
 * In: a text and the options. Out: values over ranges of steps, the observations made on the way. */
#ifndef LRS_REPL_CURVE_H
#define LRS_REPL_CURVE_H

#include "decision.h"
#include "engine.h"
#include "metrics.h"

typedef struct range {
    int64_t first, last, stride; /* last is included when the stride meets it */
} range;

/* Step number i of a range that starts at first. Unsigned inside: a stride may be as long as all of int64_t. */
static inline int64_t range_step(int64_t first, int64_t stride, size_t i)
{
    return (int64_t)((uint64_t)first + (uint64_t)i * (uint64_t)stride);
}

/* What a curve is made from. */
typedef struct curve_text {
    const char *name; /* for people: a path, "<stdin>", "<command line>", a call; not owned */
    char *text;
    size_t n;
    int is_call;    /* the name is all there is: torch.StepLR(30, lr=0.1) */
    int is_session; /* of the REPL */
} curve_text;

/* A rule acted. */
typedef struct curve_event {
    int64_t step;
    double before, after; /* the value of the output at this step without and with it */
    const char *rule;     /* its source text; lives as long as the curve. NULL: none that acted on this output */
    int is_stop;          /* it raised the stop flag */
} curve_event;

typedef struct curve {
    const char *name; /* of the source, for people */
    char *text;       /* the source */
    int is_session;   /* of the REPL */
    size_t ntext;
    lrs_binding *defines; /* -D, those of a sweep included; the names are those of the options */
    size_t ndefines;
    lrs_program *program;
    lrs_plan *plan;
    engine engine;
    size_t *outputs; /* those to look at */
    size_t noutputs;
    size_t output;   /* of them: what ranges and phases are of */
    metrics metrics;
    size_t observed; /* metrics.at[0 .. observed) have been fed */
    curve_event *events; /* what rules did to c->output */
    size_t nevents, events_cap;
    int ends_at_stop; /* what comes after a rule said `stop` is not observed: pictures, not tables of get_lr */
    int stopped;      /* one did, at stop_step */
    int64_t stop_step;
    decisions decisions; /* of the detectors, where the interpreter is the engine and metrics were given */
} curve;

/* Reads the text of a file ("-": standard input). The call of a schedule in a module, `torch.StepLR(30, lr=0.1)`, is a text of its
 * own where there is no file of that name. 0, or an exit code with the message printed. */
int curve_read(curve_text *t, const cli_options *o, const char *file);
/* The text of -e. */
int curve_read_text(curve_text *t, const cli_options *o);
/* The one text that a verb works on: that of its file or of -e. */
int curve_read_one(curve_text *t, const cli_options *o);
void curve_text_free(curve_text *t);

/* Compiles the text. 0, or an exit code with everything said; *out is NULL then. */
int curve_compile(lrs_program **out, const cli_options *o, const curve_text *t);

/* Compiles and binds the text, which is not needed afterwards, and reads the metrics. 0, or an exit code with everything
 * said. */
int curve_open(curve *c, const cli_options *o, const curve_text *t);
void curve_close(curve *c);

/* What the steps count: "step", "epoch", "sample" or "token". */
const char *curve_unit(const curve *c);
/* The name of an output. */
const char *curve_name(const curve *c, size_t output);
/* Ranges, phases and events are of this output alone from now on, which must be one of those to look at. */
void curve_choose(curve *c, size_t output);
/* Back to before the first step. */
void curve_restart(curve *c);

/* The steps worth looking at, of all outputs together: to the end of the run, `total`, when the program knows it and is not over before;
 * otherwise to the end of the last phase that has an end, and further when the rate still moves there. In any case to
 * the last metric. */
range curve_default_range(const curve *c);

/* Notes about a range that is looked at, unless -w: that it goes past the end of a template, whose notes tell what comes then, or that
 * it is the default one of a schedule that is too long for it. */
void curve_note_range(const curve *c, const cli_options *o, int64_t last);

/* Feeds the observations up to and including this step. */
void curve_observe_to(curve *c, int64_t step);
/* The value of the output c->output at a step, after the observations up to it. Steps must not go back. */
double curve_value(curve *c, int64_t step);

/* Calls sink with blocks of values at first, first + stride, ...; stops when it returns other than 0, and returns that.
 * y[k]: those of output c->outputs[k]. CURVE_STOPPED: progress_stop ended it. */
#define CURVE_STOPPED (-1)
typedef int (*curve_sink)(void *ctx, int64_t first, int64_t stride, size_t n, const double *const *y);
int curve_walk(curve *c, range r, curve_sink sink, void *ctx);
/* The values of c->output at n steps from first on, with the observations on the way. Steps must not go back. */
void curve_fill(curve *c, int64_t first, int64_t stride, size_t n, double *y);

/* The phases that run between two steps, in order. */
typedef struct curve_phase {
    int64_t first, last; /* steps, both included, cut to the range asked for */
    const char *text;    /* NULL: all phases are over */
} curve_phase;
/* A malloc'ed list of at most max phases. */
size_t curve_phases(const curve *c, const lrs_state *s, int64_t first, int64_t last, curve_phase **out, size_t max);

#endif
