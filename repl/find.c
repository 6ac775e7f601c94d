/* find.c: `lrsc find`. In: the options, a file of losses. Out: a picture and a table of suggestions, or csv, json, or one number,
 * on standard output. */
#include "find.h"

#include <math.h>
#include <stdlib.h>
#include "cli_io.h"
#include "draw_find.h"
#include "json.h"
#include "losses.h"
#include "ticks.h"

#define MARKS (SUGGEST_END - SUGGEST_VALLEY)

typedef struct search {
    losses l;
    double *smoothed;
    lrs_finding found;
    find_mark marks[MARKS];
    char reason[160]; /* why there is no suggestion at all; empty: each says it */
    char doubt[256];  /* why none is one to train with; empty: the first is */
    size_t lowest;
    size_t turn; /* where the losses themselves are lowest; none: the first point */
    int turns;   /* they turn up there: it is not where they end */
} search;

/* ---- what it is worth --------------------------------------------------------------------------- */

#define FEW 10         /* points looked at: fewer say nothing */
#define CLEAR 4        /* a fall of so many times the error of the difference of two means */
#define FAR_APART 100  /* suggestions that differ by more than this factor disagree */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The standard deviation of the noise in n losses, at least 3. The second differences of a gentle curve are noise alone, of
 * sqrt(6) times the deviation; 0.6745 of that is the median of their amounts, which a few great ones do not move. */
static double noise_of(const double *y, size_t n)
{
    double *d = cli_alloc(n * sizeof *d);
    for (size_t i = 1; i + 1 < n; i++) {
        d[i - 1] = fabs(y[i - 1] - 2 * y[i] + y[i + 1]);
    }
    qsort(d, n - 2, sizeof *d, compare);
    double median = d[(n - 2) / 2];
    free(d);
    return median / (0.6745 * sqrt(6));
}

static double mean_of(const double *y, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += y[i];
    }
    return sum / (double)n;
}

enum { FALLS, RISES, UNCLEAR };

/* What the n losses looked at do, at least FEW: means of a tenth of them, since one is mostly noise. */
static int course_of(const double *y, size_t n)
{
    size_t k = n / 10;
    double first = mean_of(y, k), low = first, last = mean_of(y + n - k, k);
    double enough = CLEAR * noise_of(y, n) * sqrt(2 / (double)k);
    for (size_t i = 0; i + k <= n; i += (k + 1) / 2) {
        low = fmin(low, mean_of(y + i, k));
    }
    return first - low > enough ? FALLS : last - low > enough ? RISES : UNCLEAR;
}

/* How far the suggestions are apart, but for slide, which depends on the scale of the losses. */
static double factor_of(const search *s)
{
    double low = HUGE_VAL, high = 0;
    for (size_t i = 0; i < MARKS; i++) {
        if (s->marks[i].s.reason == LRS_FIND_FOUND && i + SUGGEST_VALLEY != SUGGEST_SLIDE) {
            low = fmin(low, s->marks[i].s.lr);
            high = fmax(high, s->marks[i].s.lr);
        }
    }
    return high > 0 ? high / low : 1;
}

static size_t lowest_of(const search *s)
{
    size_t best = s->found.first < s->l.n ? s->found.first : 0;
    for (size_t i = best; i < s->found.end; i++) {
        best = s->smoothed[i] < s->smoothed[best] ? i : best;
    }
    return best;
}

#define FINE 100 /* the error of a mean is to be at most one in so many of the whole fall */

/* How many losses a mean is of, so that its noise does not matter: an odd number, at most a tenth of the n. */
static size_t width_of(const double *y, size_t n, double fall)
{
    size_t most = n / 10 | 1;
    double enough = FINE * noise_of(y, n) / fall;
    enough *= enough;
    return !(enough < (double)most) ? most : enough < 3 ? 3 : (size_t)enough | 1;
}

/* The point with the lowest mean of the losses around it, which do not lag as an average of those before it does. Far above the
 * first ones all losses are the same, so that the rise at the end does not reach into the means before it. */
static size_t turn_of(const search *s, size_t end)
{
    size_t first = s->found.first, n = end - first, half = 0, best = first;
    const double *y = s->l.loss + first;
    double base = y[0], most = HUGE_VAL, least = HUGE_VAL;
    if (n >= FEW) {
        size_t k = n / 10;
        double low = base = mean_of(y, k);
        for (size_t i = 0; i + k <= n; i += (k + 1) / 2) {
            low = fmin(low, mean_of(y + i, k));
        }
        most = base - low;
        half = width_of(y, n, base - low) / 2;
    }
    double *sums = cli_alloc((n + 1) * sizeof *sums);
    for (size_t i = 0; i < n; i++) {
        sums[i + 1] = sums[i] + fmin(y[i] - base, most);
    }
    for (size_t i = 0; i < n; i++) {
        size_t from = i > half ? i - half : 0, to = i + half < n ? i + half + 1 : n;
        double mean = (sums[to] - sums[from]) / (double)(to - from);
        if (mean < least) {
            least = mean;
            best = first + i;
        }
    }
    free(sums);
    return best;
}

/* Up to where the test is over: the points before that which are not looked at may be where the losses rise. */
static void find_turn(search *s)
{
    size_t end = s->found.end, all = s->found.diverged < s->l.n ? s->found.diverged + 1 : s->l.n;
    s->turn = s->found.first < s->l.n ? s->found.first : 0;
    if (end > s->found.first) {
        while (end < all && isfinite(s->l.loss[end])) {
            end++;
        }
        s->turn = turn_of(s, end);
        s->turns = s->turn + 1 < end;
    }
}

/* An option leaves out what would be points to look at without it. */
static int blame_option(search *s, const lrs_find_options *o)
{
    const losses *l = &s->l;
    size_t all = s->found.diverged < l->n ? s->found.diverged + 1 : l->n;
    uint64_t start = o->skip_start > 0 ? (uint64_t)o->skip_start : 0, end = o->skip_end > 0 ? (uint64_t)o->skip_end : 0;
    if (start <= l->n / 10 && end <= 5) {
        return 0;
    }
    if (all < l->n / 10 + 5 + 2) { /* the defaults leave nothing either */
        return 0;
    }
    snprintf(s->reason, sizeof s->reason, "--skip-%s=%llu leaves no points of %zu: skip fewer", start > l->n / 10 ? "start" : "end",
             (unsigned long long)(start > l->n / 10 ? start : end), all);
    return 1;
}

/* Why no points are left, where more of them would not help. */
static void explain_nothing(search *s, const lrs_find_options *o)
{
    const losses *l = &s->l;
    int is_smoothed = o->smooth >= 0;
    char rate[32];
    size_t bad = 0, numbers = 0;
    for (size_t i = l->n; i-- > 0;) {
        numbers += isfinite(l->loss[i]) != 0;
        bad = isfinite(l->loss[i]) ? bad : i;
    }
    if (l->n > 0 && numbers == 0) {
        snprintf(s->reason, sizeof s->reason, "no loss is a number");
    } else if (numbers < l->n && bad <= s->found.first) {
        ticks_number(rate, sizeof rate, l->lr[bad]);
        snprintf(s->reason, sizeof s->reason, "no number at %s: begin at a lower rate", rate);
    } else if (blame_option(s, o)) {
        return;
    } else if (s->found.diverged < l->n) {
        ticks_number(rate, sizeof rate, l->lr[s->found.diverged]);
        snprintf(s->reason, sizeof s->reason, "diverged at %s: %s", rate,
                 is_smoothed ? "begin at a lower rate" : "smooth, or begin at a lower rate");
    }
}

#define DEFAULT_SMOOTH 0.98 /* of lrs_find */
#define SMOOTH_OVER 20      /* an average over one in so many of the points is smooth, and lags by no more */

/* Smooth enough for so many points. */
static double good_smooth(const search *s)
{
    return 1 - (double)SMOOTH_OVER / (double)s->l.n;
}

/* More points make an average of as many points as before noisier, from one rate to the next. */
static int asks_for_more(const search *s, const lrs_find_options *o)
{
    double now = o->smooth < 0 ? 0 : o->smooth == 0 ? DEFAULT_SMOOTH : o->smooth;
    return s->l.n >= 1000 && good_smooth(s) > now;
}

/* What to do about noise. */
static void say_remedy(char *buf, size_t cap, const search *s, const lrs_find_options *o)
{
    if (asks_for_more(s, o)) {
        int digits = 2;
        for (double n = SMOOTH_OVER * 100; n < (double)s->l.n; n *= 10) {
            digits++;
        }
        snprintf(buf, cap, "give a greater --smooth, such as %.*f", digits, good_smooth(s));
    } else {
        snprintf(buf, cap, o->smooth >= 0 ? "record more steps" : "smooth the losses");
    }
}

static void judge(search *s, const lrs_find_options *o)
{
    size_t n = s->found.end - s->found.first;
    int any = 0;
    char rate[32], remedy[80];
    say_remedy(remedy, sizeof remedy, s, o);
    ticks_number(rate, sizeof rate, s->l.n ? s->l.lr[s->turn] : 0);
    for (size_t i = 0; i < MARKS; i++) {
        any |= s->marks[i].s.reason == LRS_FIND_FOUND;
    }
    int course = UNCLEAR;
    if (n >= FEW) {
        course = course_of(s->l.loss + s->found.first, n);
    } else if (n > 0 && s->smoothed[s->found.end - 1] > s->smoothed[s->found.first]) {
        course = RISES;
    }
    if (n < 2) {
        explain_nothing(s, o);
    } else if (!any && course == RISES) {
        snprintf(s->reason, sizeof s->reason, "the loss rises at all these rates: begin at a lower one");
    } else if (any && n < FEW) {
        snprintf(s->doubt, sizeof s->doubt, "%zu points are too few to trust a suggestion: record more, or skip fewer", n);
    } else if (any && course == RISES) {
        snprintf(s->doubt, sizeof s->doubt, "the loss rises without a clear fall before: begin at a lower rate, or let it grow more slowly");
    } else if (any && (course == UNCLEAR || s->marks[0].s.reason != LRS_FIND_FOUND)) {
        snprintf(s->doubt, sizeof s->doubt, "no clear fall: the suggestions may be noise; %s, or record the mean of more batches for each", remedy);
    } else if (any && factor_of(s) > FAR_APART) {
        snprintf(s->doubt, sizeof s->doubt, "the suggestions disagree, by a factor of %.0f: choose by eye, below %s,%s or %s",
                 factor_of(s), rate, s->turns ? " where the losses turn up," : "", remedy);
    } else if (any && s->marks[0].s.lr > s->l.lr[s->turn]) {
        int lags = o->smooth >= 0 && !asks_for_more(s, o);
        snprintf(s->doubt, sizeof s->doubt, "the losses turn up at %s, before the valley%s: choose by eye, below that, or %s", rate,
                 lags ? " of their average, which lags" : "", lags ? "give a lower --smooth" : remedy);
    }
}

/* ---- the search --------------------------------------------------------------------------------- */

static void name_marks(search *s)
{
    const find_mark marks[MARKS] = {
        {suggestion_names[SUGGEST_VALLEY], 'V', "half way along the longest fall", s->found.valley, NULL},
        {suggestion_names[SUGGEST_STEEPEST], 'S', "where the loss falls fastest, over two steps", s->found.steepest, NULL},
        {suggestion_names[SUGGEST_STEEP], 'T', "where it falls fastest, over one step", s->found.steep, NULL},
        {suggestion_names[SUGGEST_MINIMUM], 'M', "a tenth of the rate of the lowest loss", s->found.minimum, NULL},
        {suggestion_names[SUGGEST_SLIDE], 'L', "before the last change of the slope", s->found.slide, NULL},
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
    if (s->found.bad_rate < s->l.n) {
        return losses_refuse_rate(&s->l, s->found.bad_rate);
    }
    s->lowest = lowest_of(s);
    find_turn(s);
    judge(s, &o->find);
    for (size_t i = 0; i < MARKS; i++) {
        s->marks[i].reason = *s->reason ? s->reason : lrs_find_reason(s->marks[i].s.reason);
    }
    return CLI_OK;
}

/* ---- formats ----------------------------------------------------------------------------------- */

static void put_text(const search *s, const cli_options *o)
{
    find_view v = {.l = &s->l, .smoothed = s->smoothed, .is_smoothed = o->find.smooth >= 0, .found = &s->found,
                   .lowest = s->lowest, .turn = s->turn, .turns = s->turns, .marks = s->marks, .nmarks = MARKS, .doubt = *s->doubt ? s->doubt : NULL};
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
    printf(s->turns ? " \"turn\": %zu,\n" : " \"turn\": null,\n", s->turn);
    printf(" \"doubt\": ");
    if (*s->doubt) {
        json_string(stdout, s->doubt);
    } else {
        printf("null");
    }
    printf(",\n");
    printf(" \"suggestions\": {");
    for (size_t i = 0; i < MARKS; i++) {
        const lrs_suggestion *g = &s->marks[i].s;
        printf("%s\"%s\": {\"lr\": ", i ? ",\n  " : "", s->marks[i].name);
        json_number(stdout, g->lr);
        if (g->reason == LRS_FIND_FOUND) {
            printf(", \"point\": %zu}", g->index);
        } else {
            printf(", \"point\": null, \"reason\": \"%s\"}", s->marks[i].reason);
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

/* Where there is no picture to say it. */
static void note_doubt(const search *s, const cli_options *o)
{
    if (*s->doubt && o->warnings >= 0) {
        fflush(stdout);
        cli_note("%s: %s", s->l.name, s->doubt);
    }
}

static int put_one(const search *s, const cli_options *o)
{
    const find_mark *m = &s->marks[o->suggest - SUGGEST_VALLEY];
    if (m->s.reason != LRS_FIND_FOUND) {
        cli_error("%s: no %s: %s", s->l.name, m->name, m->reason);
        return CLI_DIAGNOSTICS;
    }
    printf("%.17g\n", m->s.lr);
    note_doubt(s, o);
    return CLI_OK;
}

static int put_all(const search *s, const cli_options *o)
{
    put[o->format](s, o);
    if (o->format != FORMAT_TEXT) {
        note_doubt(s, o);
    }
    for (size_t i = 0; i < MARKS; i++) {
        if (s->marks[i].s.reason == LRS_FIND_FOUND) {
            return CLI_OK;
        }
    }
    fflush(stdout); /* the message comes after the picture */
    cli_error("%s: no suggestion: %s", s->l.name, s->marks[0].reason);
    return CLI_DIAGNOSTICS;
}

int lrs_find_rate(const cli_options *o)
{
    search s = {.smoothed = NULL};
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
