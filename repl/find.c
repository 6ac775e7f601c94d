/* find.c: `lrsc find`. In: the options, a file of losses. Out: a picture and a table of suggestions, or csv, json, or one number,
 * on standard output. */
#include "find.h"

#include <stdlib.h>
#include "cli_io.h"
#include "draw_find.h"
#include "json.h"
#include "losses.h"

#define MARKS (SUGGEST_END - SUGGEST_VALLEY)

typedef struct search {
    losses l;
    double *smoothed;
    lrs_finding found;
    find_mark marks[MARKS];
} search;

static void name_marks(search *s)
{
    const find_mark marks[MARKS] = {
        {suggestion_names[SUGGEST_VALLEY], 'V', "half way along the longest fall", s->found.valley},
        {suggestion_names[SUGGEST_STEEPEST], 'S', "where the loss falls fastest, over two steps", s->found.steepest},
        {suggestion_names[SUGGEST_STEEP], 'T', "where it falls fastest, over one step", s->found.steep},
        {suggestion_names[SUGGEST_MINIMUM], 'M', "a tenth of the rate of the lowest loss", s->found.minimum},
        {suggestion_names[SUGGEST_SLIDE], 'L', "before the last change of the slope", s->found.slide},
    };
    for (size_t i = 0; i < MARKS; i++) {
        s->marks[i] = marks[i];
    }
}

static int analyse(search *s, const cli_options *o)
{
    s->smoothed = cli_alloc((s->l.n + 1) * sizeof *s->smoothed);
    s->found.size = sizeof s->found;
    if (lrs_find(&s->found, s->l.lr, s->l.loss, s->l.n, &o->find, s->smoothed) != LRS_OK) {
        return cli_no_memory(); /* all else has been checked */
    }
    name_marks(s);
    return s->found.bad_rate < s->l.n ? losses_refuse_rate(&s->l, s->found.bad_rate) : CLI_OK;
}

/* ---- formats ----------------------------------------------------------------------------------- */

static void put_text(const search *s, const cli_options *o)
{
    find_view v = {.l = &s->l, .smoothed = s->smoothed, .is_smoothed = o->find.smooth >= 0, .found = &s->found, .marks = s->marks,
                   .nmarks = MARKS};
    if (s->l.n > 0) {
        draw_find(&v, o, stdout);
    }
}

static void put_csv(const search *s, const cli_options *o)
{
    (void)o;
    printf("suggestion,lr,point,loss\n");
    for (size_t i = 0; i < MARKS; i++) {
        const lrs_suggestion *g = &s->marks[i].s;
        if (g->reason == LRS_FIND_FOUND) {
            printf("%s,%.17g,%zu,%.17g\n", s->marks[i].name, g->lr, g->index, s->smoothed[g->index]);
        } else {
            printf("%s,,,\n", s->marks[i].name);
        }
    }
}

static void put_json(const search *s, const cli_options *o)
{
    const losses *l = &s->l;
    (void)o;
    printf("{\"first\": %zu, \"end\": %zu, ", s->found.first, s->found.end);
    printf(s->found.diverged < l->n ? "\"diverged\": %zu,\n" : "\"diverged\": null,\n", s->found.diverged);
    printf(" \"suggestions\": {");
    for (size_t i = 0; i < MARKS; i++) {
        const lrs_suggestion *g = &s->marks[i].s;
        printf("%s\"%s\": {\"lr\": ", i ? ",\n  " : "", s->marks[i].name);
        json_number(stdout, g->lr);
        if (g->reason == LRS_FIND_FOUND) {
            printf(", \"point\": %zu}", g->index);
        } else {
            printf(", \"point\": null, \"reason\": \"%s\"}", lrs_find_reason(g->reason));
        }
    }
    printf("},\n \"points\": [");
    for (size_t i = 0; i < l->n; i++) {
        printf("%s{", i ? ",\n  " : "");
        if (l->step) {
            printf("\"step\": %lld, ", (long long)l->step[i]);
        }
        fputs("\"lr\": ", stdout);
        json_number(stdout, l->lr[i]);
        json_member(stdout, "loss", l->loss[i]);
        json_member(stdout, "average", s->smoothed[i]);
        putchar('}');
    }
    printf("]}\n");
}

static void (*const put[])(const search *, const cli_options *) = {[FORMAT_CSV] = put_csv, [FORMAT_JSON] = put_json, [FORMAT_TEXT] = put_text};

static int put_one(const search *s, const cli_options *o)
{
    const find_mark *m = &s->marks[o->suggest - SUGGEST_VALLEY];
    if (m->s.reason != LRS_FIND_FOUND) {
        cli_error("%s: no %s: %s", s->l.name, m->name, lrs_find_reason(m->s.reason));
        return CLI_DIAGNOSTICS;
    }
    printf("%.17g\n", m->s.lr);
    return CLI_OK;
}

static int put_all(const search *s, const cli_options *o)
{
    put[o->format](s, o);
    for (size_t i = 0; i < MARKS; i++) {
        if (s->marks[i].s.reason == LRS_FIND_FOUND) {
            return CLI_OK;
        }
    }
    fflush(stdout); /* the message comes after the picture */
    cli_error("%s: no suggestion: %s", s->l.name, lrs_find_reason(s->marks[0].s.reason));
    return CLI_DIAGNOSTICS;
}

int lrs_find_rate(const cli_options *o)
{
    search s = {{0}, NULL, {0}, {{0}}};
    if (o->suggest && o->format != FORMAT_TEXT) {
        cli_error("--suggest prints a number alone: leave out --format");
        return CLI_USAGE;
    }
    int code = losses_read(&s.l, o);
    code = code ? code : analyse(&s, o);
    if (code == CLI_OK) {
        code = o->suggest ? put_one(&s, o) : put_all(&s, o);
    }
    free(s.smoothed);
    losses_free(&s.l);
    return cli_finish_stdout(code);
}
