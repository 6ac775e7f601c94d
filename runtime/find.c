/* find.c: what a range test says about the rate. In: rates and losses. Out: the smoothed losses, where the test is over, and
 * rates to train with. Calls the kernel's logarithm and the allocator.
 *
 * Sources. The average and where the test is over: AvgSmoothLoss and LRFinder of fastai, LRFinder of torch-lr-finder. valley,
 * slide, steep, minimum: the functions of these names in fastai's callback/schedule.py. steepest: torch-lr-finder's plot.
 */
#include <stdlib.h>

#include "program.h"
#include "kernel/math.h"

#define DEFAULT_SMOOTH 0.98
#define DEFAULT_DIVERGE 4.0
#define DEFAULT_SKIP_END 5
#define SLIDE_APART 15
#define SLIDE_SAME 0.005

typedef struct finder {
    const double *lr;
    const double *y; /* the smoothed losses */
    size_t first, end;
    size_t none; /* the index of no point */
} finder;

static int is_finite(double v)
{
    return v - v == 0;
}

/* ---- smoothing, and the points to look at ---- */

/* The average of all losses so far, weighted with 1, b, b^2, ... backwards: what an exponential average is after the
 * correction of its bias, 1/(1 - b^k). In this form equal losses have themselves as their average, exactly. */
static void smooth(double *y, const double *loss, size_t n, double b)
{
    double left = 1;
    for (size_t i = 0; i < n; i++) {
        left *= b;
        y[i] = i == 0 || b == 0 ? loss[i] : y[i - 1] + (1 - b) / (1 - left) * (loss[i] - y[i - 1]);
    }
}

/* The first point whose loss is above `times` times the best one up to it; n: none. Of losses below 0, as `on diverge` has it. */
static size_t find_divergence(const double *y, size_t n, double times)
{
    double best = LRS_K_INF;
    for (size_t i = 0; i < n; i++) {
        if (y[i] < best)
            best = y[i];
        if (y[i] > LRS_K_FMA(times - 1, lrs_k_abs(best), best))
            return i;
    }
    return n;
}

static size_t find_bad_rate(const double *lr, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!(lr[i] > (i ? lr[i - 1] : 0)) || !is_finite(lr[i]))
            return i;
    }
    return n;
}

/* ---- suggestions: each gets at least two points ---- */

static lrs_suggestion none(const finder *f, int reason)
{
    return (lrs_suggestion){LRS_K_NAN, f->none, reason};
}

static lrs_suggestion at_point(const finder *f, size_t i)
{
    return (lrs_suggestion){f->lr[i], i, LRS_FIND_FOUND};
}

/* The change of the loss from point to point: half of that from the one before to the one after, at the ends that to the
 * neighbour. */
static double slope(const finder *f, size_t i)
{
    if (i == f->first)
        return f->y[i + 1] - f->y[i];
    if (i + 1 == f->end)
        return f->y[i] - f->y[i - 1];
    return (f->y[i + 1] - f->y[i - 1]) / 2;
}

static lrs_suggestion find_steepest(const finder *f)
{
    size_t best = f->first;
    for (size_t i = f->first; i < f->end; i++) {
        if (slope(f, i) < slope(f, best))
            best = i;
    }
    return slope(f, best) < 0 ? at_point(f, best) : none(f, LRS_FIND_NO_FALL);
}

static lrs_suggestion find_steep(const finder *f)
{
    size_t best = f->first;
    double least = 0;
    for (size_t i = f->first; i + 1 < f->end; i++) {
        double fall = (f->y[i + 1] - f->y[i]) / (lrs_k_log(f->lr[i + 1]) - lrs_k_log(f->lr[i]));
        if (fall < least) {
            least = fall;
            best = i;
        }
    }
    return least < 0 ? at_point(f, best) : none(f, LRS_FIND_NO_FALL);
}

static lrs_suggestion find_minimum(const finder *f)
{
    size_t best = f->first;
    for (size_t i = f->first; i < f->end; i++) {
        if (f->y[i] < f->y[best])
            best = i;
    }
    if (best == f->first)
        return none(f, LRS_FIND_NO_FALL);
    return (lrs_suggestion){f->lr[best] / 10, best, LRS_FIND_FOUND};
}

/* From the right, two points 15 apart move left while the slopes at them differ: where the rise is over, the loss is still
 * falling. */
static lrs_suggestion find_slide(const finder *f)
{
    size_t right = f->end - 1, left, at;
    int falls = 0;
    if (f->end - f->first <= SLIDE_APART)
        return none(f, LRS_FIND_FEW);
    for (size_t i = f->first; i < f->end; i++)
        falls |= slope(f, i) < 0;
    if (!falls)
        return none(f, LRS_FIND_NO_FALL);
    at = left = right - SLIDE_APART;
    while (lrs_k_abs(slope(f, right) - slope(f, left)) > SLIDE_SAME) {
        at = left;
        if (left == f->first)
            break;
        left--;
        right--;
    }
    return at_point(f, at);
}

/* The longest falling sequence of losses, not necessarily of neighbours: how long it is and where the first one of that length
 * ends. low[k] is minus the greatest loss that a sequence of k + 1 ends with: these rise with k. */
static size_t longest_fall(const finder *f, double *low, size_t *last)
{
    size_t length = 0;
    for (size_t i = f->first; i < f->end; i++) {
        size_t from = 0, to = length;
        while (from < to) {
            size_t middle = from + (to - from) / 2;
            if (low[middle] < -f->y[i])
                from = middle + 1;
            else
                to = middle;
        }
        low[from] = -f->y[i];
        if (from == length) {
            length++;
            *last = i;
        }
    }
    return length;
}

/* A third and a sixth of its length behind its beginning, as if it were one of neighbours. */
static lrs_suggestion find_valley(const finder *f, double *work)
{
    size_t last = f->first, length = longest_fall(f, work, &last);
    if (f->end - f->first < 3)
        return none(f, LRS_FIND_FEW);
    if (length < 3)
        return none(f, LRS_FIND_NO_FALL);
    return at_point(f, last + length / 3 + length / 6 - length);
}

/* ---- the whole ---- */

static size_t skipped(int64_t wanted, size_t standard)
{
    return wanted == 0 ? standard : wanted < 0 ? 0 : (uint64_t)wanted > SIZE_MAX ? SIZE_MAX : (size_t)wanted;
}

static void choose_points(finder *f, size_t n, size_t diverged, const lrs_find_options *o)
{
    size_t all = diverged < n ? diverged + 1 : n, end = skipped(o->skip_end, DEFAULT_SKIP_END);
    f->first = skipped(o->skip_start, n / 10);
    f->end = end < all ? all - end : 0;
    if (f->first > f->end)
        f->first = f->end;
    for (size_t i = f->first; i < f->end; i++) {
        if (!is_finite(f->y[i]))
            f->end = i;
    }
}

static void suggest(lrs_finding *r, const finder *f, double *work)
{
    r->valley = find_valley(f, work);
    r->steepest = find_steepest(f);
    r->steep = find_steep(f);
    r->minimum = find_minimum(f);
    r->slide = find_slide(f);
}

static void suggest_nothing(lrs_finding *r, const finder *f, int reason)
{
    r->valley = r->steepest = r->steep = r->minimum = r->slide = none(f, reason);
}

static int take_options(lrs_find_options *o, const lrs_find_options *given)
{
    *o = (lrs_find_options){.size = sizeof *o};
    if (given && lrs_struct_take(o, sizeof *o, given))
        return LRS_E_ARG;
    o->smooth = o->smooth == 0 ? DEFAULT_SMOOTH : o->smooth < 0 ? 0 : o->smooth;
    o->diverge = o->diverge == 0 ? DEFAULT_DIVERGE : o->diverge < 0 ? LRS_K_INF : o->diverge;
    return o->smooth < 1 && o->diverge > 1 ? LRS_OK : LRS_E_ARG; /* NaN is neither */
}

int lrs_find(lrs_finding *out, const double *lr, const double *loss, size_t n, const lrs_find_options *options, double *smoothed)
{
    lrs_find_options o;
    lrs_finding r = {.size = sizeof r};
    finder f = {lr, NULL, 0, 0, n};
    double *work, *y;
    if (!out || !lrs_struct_sized(out) || (n && (!lr || !loss)) || take_options(&o, options))
        return LRS_E_ARG;
    const lrs_allocator allocator = o.allocator ? *o.allocator : (lrs_allocator){NULL, NULL};
    work = n < SIZE_MAX / (2 * sizeof *work) ? lrs_rt_alloc(&allocator, (2 * n + 1) * sizeof *work) : NULL;
    if (!work)
        return LRS_E_NOMEM;
    f.y = y = smoothed ? smoothed : work + n;
    smooth(y, loss, n, o.smooth);
    r.diverged = o.diverge < LRS_K_INF ? find_divergence(y, n, o.diverge) : n;
    r.bad_rate = find_bad_rate(lr, n);
    choose_points(&f, n, r.diverged, &o);
    r.first = f.first;
    r.end = f.end;
    if (r.bad_rate < n)
        suggest_nothing(&r, &f, LRS_FIND_RATES);
    else if (f.end - f.first < 2)
        suggest_nothing(&r, &f, LRS_FIND_FEW);
    else
        suggest(&r, &f, work);
    lrs_rt_free(&allocator, work);
    return lrs_struct_give(out, &r, sizeof r);
}

const char *lrs_find_reason(int reason)
{
    static const char *const reasons[] = {
        [LRS_FIND_FOUND] = "there is a suggestion",
        [LRS_FIND_RATES] = "the rates must be finite, above 0, and each above the one before",
        [LRS_FIND_FEW] = "too few points are left: record more, or skip fewer",
        [LRS_FIND_NO_FALL] = "the loss does not fall at these rates",
    };
    if (reason < 0 || (size_t)reason >= sizeof reasons / sizeof *reasons)
        return "unknown reason";
    return reasons[reason];
}
