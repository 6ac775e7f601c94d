/* check_rule.c: rules: events and their arguments, times, actions.
 * In: the statements on, at and every. Out: chk_rule. Calls: diagnostics, check_expr.c, check_decl.c. */
#include "check.h"

#include <math.h>
#include <string.h>

static int refuse_negative(checker *c, const ast_expr *e, const char *what)
{
    double v;
    if (e && chk_constant(e, &v, 0) && (!(v >= 0) || !isfinite(v))) {
        diag_add(c->d, DIAG_RANGE, e->at, "%s must be finite and not negative", what);
        return 1;
    }
    return 0;
}

static int is_silent(const checker *c)
{
    return c->options && c->options->no_warnings;
}

static void check_factor(checker *c, const chk_rule *r)
{
    double v;
    if (refuse_negative(c, r->factor, "the factor") || !r->factor || !chk_constant(r->factor, &v, 0))
        return;
    if (r->divide && v == 0) {
        diag_add(c->d, DIAG_RANGE, r->factor->at, "a rate cannot be divided by 0");
        return;
    }
    if (is_silent(c) || r->factor->kind != AST_NUMBER || r->at.call) /* a name may switch a rule off, or be an argument */
        return;
    if (v == 1) {
        diag *g = diag_add(c->d, DIAG_NO_EFFECT, r->action_at, "this rule changes nothing: 1 times the rate is the rate");
        diag_help(c->d, g, "a factor below 1 reduces the rate: `*0.5`");
    }
}

/* Nothing moves a rate of 0: the bounds are not above it, and not below it. */
static int may_be_zero(const chk_output *o)
{
    double v;
    return !o->low || (chk_constant(o->low, &v, 0) && v <= 0 && !(chk_constant(o->high, &v, 0) && v < 0));
}

static void warn_of_zero(checker *c, const chk_output *o, const chk_rule *r)
{
    double v;
    const ast_expr *e = r->factor;
    if (r->kind != CHK_ON || !e || e->kind != AST_NUMBER || r->at.call || r->divide || r->floor || r->low || !chk_constant(e, &v, 0) || v != 0)
        return;
    int is_rate = !o->name || strcmp(o->name, "lr") == 0;
    diag *g = diag_add(c->d, DIAG_RATE_ENDS, r->action_at, "%s%s%s 0 from then on: no rule and no phase brings it back", is_rate ? "" : "`",
                       is_rate ? "the rate" : o->name, is_rate ? " is" : "` is");
    diag_help(c->d, g, "`*0.1` reduces it%s", is_rate ? ", and `stop` tells the trainer to end" : "");
}

static void look_for_zero(checker *c, const chk_output *o, const chk_phase *phases)
{
    for (const chk_phase *q = phases; q; q = q->next) {
        for (const chk_rule *r = q->rules; r; r = r->next)
            warn_of_zero(c, o, r);
        look_for_zero(c, o, q->body);
    }
}

void chk_rules_end(checker *c, const chk_output *o)
{
    if (is_silent(c) || !may_be_zero(o))
        return;
    for (const chk_rule *r = o->rules; r; r = r->next)
        warn_of_zero(c, o, r);
    look_for_zero(c, o, o->phases);
}

void chk_rule_restarts(checker *c, const chk_rule *r, const chk_phase *phases)
{
    double v;
    const chk_phase *q = phases;
    if (r->kind != CHK_ON || r->action != AST_RESTART || !q || q->next || q->kind != CHK_HOLD || !chk_open_ended(q) || is_silent(c))
        return;
    diag *g = diag_add(c->d, DIAG_NO_EFFECT, r->action_at, "this rule changes nothing: `restart` begins the phase again, and `hold` is the same all the time");
    diag_help(c->d, g, "what runs again is a phase that changes, as in `cosine 100 from %.6g -> 0`", chk_constant(q->value, &v, 0) && v > 0 ? v : 0.1);
}

void chk_rule_raises(checker *c, const chk_rule *r, const chk_phase *phases)
{
    double v, rate = 0;
    if (r->kind != CHK_ON || r->event > CHK_DIVERGE || !r->factor || !chk_constant(r->factor, &v, 0) || !isfinite(v) || !(r->divide ? v > 0 && v < 1 : v > 1))
        return;
    for (const chk_phase *q = phases; q && !(rate > 0); q = q->next) {
        const ast_expr *e = q->kind == CHK_FREE ? NULL : q->to && !q->to_factor ? q->to : q->value ? q->value : q->from;
        if (!chk_constant(e, &rate, 0) || !isfinite(rate))
            rate = 0;
    }
    int known = rate > 0;
    double by = r->divide ? 1 / v : v, example = known ? rate : 0.001;
    int plateau = r->event == CHK_PLATEAU;
    diag *g = diag_add(c->d, DIAG_RAISES, r->action_at, "this raises the rate %s: %s%.6g would become %.6g",
                       plateau ? "on a plateau" : "when the metric diverges", known ? "" : "for example, ", example, example * by);
    diag_help(c->d, g, "%s usually reduces the rate: `*%.6g` takes %.6g down to %.6g", plateau ? "a plateau" : "a rule for this", 1 / by,
              example, example / by);
}

/* Arguments that other libraries have: where they are here. */
static void advise_argument(checker *c, diag *g, const ast_arg *a, const char *otherwise)
{
    static const char *const floors[] = {"min_lr", "minlr", "lr_min", "min", "minimum", "floor"};
    const char *name = a->name.text ? a->name.text : "";
    const span at = a->value->at;
    size_t n = at.end - at.begin;
    const char *text = c->d->sources.at[at.file].text + at.begin;
    for (size_t i = 0; i < sizeof floors / sizeof floors[0]; i++)
        if (strcmp(name, floors[i]) == 0) {
            int shown = n <= 20 && !memchr(text, '\n', n);
            diag_help(c->d, g, "the lowest rate is an argument of the action: `*0.5 floor=%.*s`", shown ? (int)n : 4, shown ? text : "1e-6");
            return;
        }
    if (strcmp(name, "eps") == 0)
        diag_help(c->d, g, "it is an argument of the action: `*0.5 eps=1e-8`");
    else if (strcmp(name, "factor") == 0)
        diag_help(c->d, g, "the factor is the action: `on plateau(...) *0.5`");
    else if (strcmp(name, "verbose") == 0)
        diag_help(c->d, g, "leave it out: a schedule prints nothing, and the trainer sees from the rate that a rule acted");
    else
        diag_help(c->d, g, "%s", otherwise);
}

static void check_action(checker *c, chk_rule *r, const ast_action *a)
{
    r->action = a->kind;
    r->action_at = a->at;
    r->divide = a->divide;
    if (a->kind == AST_SCALE) {
        r->factor = a->factor;
        chk_expr(c, a->factor, CHK_NUMBER);
    } else if (r->kind != CHK_ON) {
        static const char *const words[] = {[AST_NEXT] = "next", [AST_RESTART] = "restart", [AST_STOP] = "stop"};
        static const char *const helps[] = {[AST_NEXT] = "end a phase at a time with `until`", [AST_RESTART] = "`repeat` runs phases again",
                                            [AST_STOP] = "let the trainer stop at its last step"};
        diag *g = diag_add(c->d, DIAG_CLAUSE, a->at, "`%s` is an action of `on`: `at` and `every` scale the rate, as in `*0.5`", words[a->kind]);
        diag_help(c->d, g, "%s", helps[a->kind]);
    }
    for (const ast_arg *g = a->args; g; g = g->next) {
        const char *n = g->name.text;
        const ast_expr **slot = n && strcmp(n, "floor") == 0 ? &r->floor : n && strcmp(n, "eps") == 0 ? &r->eps
                                : n && strcmp(n, "min_scale") == 0 ? &r->low : NULL;
        if (!slot || a->kind != AST_SCALE) {
            diag *x = diag_add(c->d, DIAG_ARGUMENT, n ? g->name.at : g->value->at, "an action has no argument `%s`", n ? n : "without a name");
            advise_argument(c, x, g, "`*0.5` and `/2` take `floor=` and, after `on`, `eps=` and `min_scale=`");
            continue;
        }
        if (*slot)
            diag_add(c->d, DIAG_ARGUMENT, g->name.at, "the argument `%s` is given twice", n);
        *slot = g->value;
        chk_expr(c, g->value, CHK_NUMBER);
        if (slot == &r->eps && r->kind != CHK_ON)
            diag_add(c->d, DIAG_ARGUMENT, g->name.at, "`eps` belongs to `on`: `at` and `every` always act");
        if (slot == &r->low && r->kind != CHK_ON)
            diag_add(c->d, DIAG_ARGUMENT, g->name.at, "`min_scale` belongs to `on`: the factor of `at` and `every` is known before the run");
    }
    refuse_negative(c, r->eps, "`eps`");
    refuse_negative(c, r->low, "`min_scale`");
    check_factor(c, r);
}

/* ---- events ---- */

/* An argument that is one of a few words. Returns its index; -1 with a diagnostic. */
static int check_word(checker *c, const ast_arg *a, const char *const *words)
{
    const char *text = a->value->kind == AST_NAME || a->value->kind == AST_STRING ? a->value->name.text : NULL;
    size_t n = 0;
    const char *list = "";
    for (; words[n]; n++) {
        if (text && strcmp(text, words[n]) == 0)
            return (int)n;
        const char *more = arena_printf(c->mem, "%s%s%s", list, !n ? "" : words[n + 1] ? ", " : " or ", words[n]);
        list = more ? more : list;
    }
    diag *g = diag_add(c->d, DIAG_ARGUMENT, a->value->at, "`%s` must be %s", a->name.text, list);
    const char *near = text ? diag_did_you_mean(text, words, n) : NULL;
    for (size_t i = 0; text && !near && i < n; i++) /* maximum, minimize, absolute */
        near = strncmp(text, words[i], strlen(words[i])) == 0 ? words[i] : NULL;
    const char *quote = a->value->kind == AST_STRING ? "\"" : "";
    if (near) {
        diag_fix(c->d, g, "%s%s%s", quote, near, quote);
        diag_help(c->d, g, *quote ? "did you mean \"%s\"?" : "did you mean `%s`?", near);
    }
    return -1;
}

/* The arguments of events, and which events have them: bit d is the dialect d of `plateau`. */
enum { TORCH = 1u << CHK_TORCH, KERAS = 1u << CHK_KERAS, OPTAX = 1u << CHK_OPTAX, PADDLE = 1u << CHK_PADDLE, DIVERGE = 16,
       ALL = TORCH | KERAS | OPTAX | PADDLE | DIVERGE };
enum argument { PATIENCE, MODE, THRESHOLD, THRESHOLD_MODE, COOLDOWN, EVERY, SMOOTH, DIALECT, MIN_DELTA, RTOL, ATOL, SIZE, FACTOR,
                WINDOW, ARGUMENTS };
static const struct {
    const char *name;
    unsigned events;
} arguments[ARGUMENTS] = {
    [PATIENCE] = {"patience", ALL - DIVERGE}, [MODE] = {"mode", ALL - OPTAX}, [THRESHOLD] = {"threshold", TORCH | PADDLE},
    [THRESHOLD_MODE] = {"threshold_mode", TORCH | PADDLE}, [COOLDOWN] = {"cooldown", ALL}, [EVERY] = {"every", ALL},
    [SMOOTH] = {"smooth", ALL}, [DIALECT] = {"dialect", ALL - DIVERGE}, [MIN_DELTA] = {"min_delta", KERAS},
    [RTOL] = {"rtol", OPTAX}, [ATOL] = {"atol", OPTAX}, [SIZE] = {"accumulation_size", OPTAX}, [FACTOR] = {"factor", DIVERGE},
    [WINDOW] = {"window", DIVERGE},
};
static const char *const dialects[] = {"torch", "keras", "optax", "paddle", NULL};

const char *chk_event_argument(int diverge, size_t i)
{
    for (size_t k = 0; k < ARGUMENTS; k++)
        if (arguments[k].events & (diverge ? (unsigned)DIVERGE : ALL - DIVERGE) && i-- == 0)
            return arguments[k].name;
    return NULL;
}

static void refuse_argument(checker *c, const ast_arg *a, const char *event, unsigned of)
{
    const char *names[ARGUMENTS];
    size_t n = 0, known = ARGUMENTS;
    for (size_t i = 0; i < ARGUMENTS; i++) {
        if (arguments[i].events & of)
            names[n++] = arguments[i].name;
        if (strcmp(arguments[i].name, a->name.text) == 0)
            known = i;
    }
    diag *g;
    if (known < ARGUMENTS && !(of & DIVERGE) && arguments[known].events & (ALL - DIVERGE)) {
        size_t d = 0, whose = 0;
        while (d < CHK_PADDLE && !(of >> d & 1u))
            d++;
        while (!(arguments[known].events >> whose & 1u))
            whose++;
        g = diag_add(c->d, DIAG_ARGUMENT, a->name.at, "`plateau` has no argument `%s` in the dialect %s", a->name.text, dialects[d]);
        if (known == MODE)
            diag_help(c->d, g, "optax reduces on a plateau of what is to be small: feed the negative of what is to be large");
        else if (whose == CHK_TORCH)
            diag_help(c->d, g, "%s", of & KERAS ? "keras has `min_delta`, an absolute threshold" : "optax has `rtol` and `atol`");
        else
            diag_help(c->d, g, "it belongs to the dialect %s: add `dialect=%s`", dialects[whose], dialects[whose]);
        return;
    }
    g = diag_add(c->d, DIAG_ARGUMENT, a->name.at, "`%s` has no argument `%s`", event, a->name.text);
    const char *near = diag_did_you_mean(a->name.text, names, n);
    const char *list = "";
    for (size_t i = 0; i < n && list; i++)
        list = arena_printf(c->mem, "%s%s%s", list, i ? ", " : "", names[i]);
    if (near)
        diag_help(c->d, g, "did you mean `%s`?", near);
    else
        advise_argument(c, g, a, list && n ? arena_printf(c->mem, "it has %s", list) : "it has no arguments");
}

/* The inputs of the file, but the clock, as a list for people, and how many. */
static size_t metrics_of(checker *c, const chk_symbol **only, const char **list)
{
    size_t n = 0;
    *list = "";
    for (const chk_symbol *s = c->values.latest; s; s = s->next)
        if (s->kind == CHK_SYM_INPUT && s != c->program->elapsed) {
            const char *more = arena_printf(c->mem, "`%s`%s%s", s->name, n ? ", " : "", *list); /* latest first */
            *list = more ? more : *list;
            *only = s;
            n++;
        }
    return n;
}

static const char *near_metric(const checker *c, const char *name)
{
    const char **names = arena_alloc(c->mem, (c->values.n + 1) * sizeof *names);
    size_t n = 0;
    for (const chk_symbol *s = names ? c->values.latest : NULL; s; s = s->next)
        if (s->kind == CHK_SYM_INPUT)
            names[n++] = s->name;
    return names ? diag_did_you_mean(name, names, n) : NULL;
}

static void check_metric(checker *c, chk_rule *r, const ast_arg *a, const char *event)
{
    const char *name = a->value->kind == AST_NAME ? a->value->name.text : NULL;
    const chk_symbol *s = name ? chk_find(&c->values, name) : NULL;
    if (s && s->kind == CHK_SYM_INPUT) {
        r->watch = 1u << s->index;
    } else if (!name || strcmp(name, "metric") != 0 || c->program->ninputs != 0) {
        diag *g = diag_add(c->d, DIAG_UNKNOWN_NAME, a->value->at, "the first argument of `%s` is a metric%s", event,
                           name ? ", and there is no input of that name" : "");
        const char *near = name ? near_metric(c, name) : NULL;
        if (near) {
            diag_fix(c->d, g, "%s", near);
            diag_help(c->d, g, "did you mean `%s`?", near);
        } else if (name)
            diag_help(c->d, g, "a metric is declared: add `input %s` on a line before", name);
        else if (strcmp(event, "plateau") == 0)
            diag_help(c->d, g, "write `patience=...` if this is the patience");
        else
            diag_help(c->d, g, "write `factor=...` if this is the factor");
    }
}

/* A detector that names no metric watches the only one. */
static void find_metric(checker *c, chk_rule *r, span at, const char *event)
{
    const chk_symbol *only = NULL;
    const char *list;
    size_t n = metrics_of(c, &only, &list);
    if (n == 1) {
        r->watch = 1u << only->index;
    } else if (n > 1) {
        diag *g = diag_add(c->d, DIAG_ARGUMENT, at, "`%s` needs to know which metric it watches: there are %s", event, list);
        if (at.call)
            diag_help(c->d, g, "a call has no argument for it: write the phases and the rule, as in `hold 0.1; on %s(%s, ...) *0.1`", event, only->name);
        else
            diag_help(c->d, g, "write `%s(%s, ...)`", event, only->name);
    } else if (c->program->ninputs) {
        diag *g = diag_add(c->d, DIAG_ARGUMENT, at, "`%s` has no metric to watch: `elapsed` is the time", event);
        diag_help(c->d, g, "declare one: `input metric`");
    }
}

/* A number of observations, or a time with its unit. */
static void check_spell(checker *c, ast_expr *e, const ast_expr **slot, enum chk_by *by, const char *what)
{
    enum chk_type t = chk_time(c, e, CHK_ANY);
    *slot = e;
    *by = t == CHK_DURATION ? CHK_BY_TIME : t == CHK_SECONDS ? CHK_BY_CLOCK : CHK_BY_COUNT;
    refuse_negative(c, e, what);
}

static void check_number(checker *c, const ast_arg *a, const ast_expr **slot, enum chk_type type)
{
    *slot = a->value;
    chk_expr(c, a->value, type);
    refuse_negative(c, a->value, arena_printf(c->mem, "`%s`", a->name.text));
}

static void check_argument(checker *c, chk_rule *r, const ast_arg *a, enum argument i)
{
    static const char *const modes[] = {"min", "max", NULL}, *const threshold_modes[] = {"rel", "abs", NULL};
    double v;
    switch (i) {
    case PATIENCE:
        check_spell(c, a->value, &r->patience, &r->patience_by, "`patience`");
        return;
    case COOLDOWN:
        check_spell(c, a->value, &r->cooldown, &r->cooldown_by, "`cooldown`");
        return;
    case MODE:
        r->mode_max = check_word(c, a, modes) == 1;
        return;
    case THRESHOLD_MODE:
        r->absolute = check_word(c, a, threshold_modes) == 1;
        return;
    case THRESHOLD: case MIN_DELTA: case RTOL:
        check_number(c, a, &r->threshold, CHK_NUMBER);
        return;
    case ATOL:
        check_number(c, a, &r->atol, CHK_NUMBER);
        return;
    case EVERY:
        check_number(c, a, &r->every, CHK_DURATION);
        return;
    case SMOOTH:
        r->smooth = a->value;
        chk_expr(c, a->value, CHK_NUMBER);
        if (chk_constant(a->value, &v, 0) && !(v >= 0 && v < 1))
            diag_add(c->d, DIAG_RANGE, a->value->at, "`smooth` is at least 0 and below 1: the share of the average that is kept");
        return;
    case SIZE: case WINDOW:
        check_number(c, a, i == SIZE ? &r->size : &r->patience, CHK_NUMBER);
        if (chk_constant(a->value, &v, 0) && v >= 0 && (v < 1 || v != floor(v)))
            diag_add(c->d, DIAG_RANGE, a->value->at, "`%s` is a number of observations: 1, 2, 3, ...", a->name.text);
        return;
    case FACTOR:
        check_number(c, a, &r->threshold, CHK_NUMBER);
        if (chk_constant(a->value, &v, 0) && v >= 0 && v < 1) {
            diag *g = diag_add(c->d, DIAG_RANGE, a->value->at, "`factor` is at least 1: a metric diverges at so many times its best");
            diag_help(c->d, g, "the action says what happens to the rate: `on diverge(factor=2) *0.5`");
        }
        return;
    default: /* DIALECT: known before the others */
        return;
    }
}

/* Does nobody say `mode`? The default of a template's parameter does not: of the same copy, and not written in the rule. */
static int is_mode_default(const ast_event *e, const ast_arg *mode)
{
    const span *at = mode ? &mode->value->at : NULL;
    return !at || (at->call == e->at.call && (at->begin < e->at.begin || at->end > e->at.end));
}

/* A metric that by its name is no loss, watched as one. */
static void warn_of_direction(checker *c, const chk_rule *r, const ast_event *e)
{
    static const char *const grows[] = {"acc", "accuracy", "auc", "auroc", "auprc", "f1", "r2", "bleu", "rouge", "iou", "miou", "map", "precision",
                                        "recall", "psnr", "ssim", "reward", "top1", "top5", NULL};
    static const char *const falls[] = {"loss", "losses", "err", "error", "errors", "nll", "ppl", "perplexity", "mse", "mae", "rmse", "wer", "cer",
                                        "fid", "time", "brier", "cost", "gap", "drop", "neg", "negative", "minus", NULL};
    const chk_symbol *s = c->values.latest;
    while (s && (s->kind != CHK_SYM_INPUT || s->index >= CHK_MAX_INPUTS || r->watch != 1u << s->index))
        s = s->next;
    if (!s || r->mode_max || is_silent(c) || !diag_has_word(s->name, grows) || diag_has_word(s->name, falls))
        return;
    const char *quote = e->at.call ? "\"" : "";
    diag *g = diag_add(c->d, DIAG_DIRECTION, e->at, "`%s` is watched with mode=min: the more it grows, the worse it is to this rule", s->name);
    diag_help(c->d, g, "write `mode=%smax%s` where greater is better, and `mode=%smin%s` if this is meant", quote, quote, quote, quote);
}

static void check_detector(checker *c, chk_rule *r, const ast_event *e)
{
    const char *event = e->name.text;
    int position = 0;
    unsigned seen = 0;
    const ast_arg *mode = NULL;
    r->watch = 1;
    for (const ast_arg *a = e->args; a && r->event == CHK_PLATEAU; a = a->next)
        if (a->name.text && strcmp(a->name.text, "dialect") == 0) {
            int word = check_word(c, a, dialects);
            r->dialect = word < 0 ? CHK_TORCH : (enum chk_dialect)word;
        }
    unsigned of = r->event == CHK_DIVERGE ? (unsigned)DIVERGE : 1u << r->dialect;
    r->absolute = r->dialect == CHK_KERAS;
    for (const ast_arg *a = e->args; a; a = a->next) {
        if (!a->name.text) {
            if (position++ > 0)
                diag_add(c->d, DIAG_ARGUMENT, a->value->at, "`%s` takes one metric; its other arguments have names, as in `%s=3`", event,
                         r->event == CHK_DIVERGE ? "window" : "patience");
            else
                check_metric(c, r, a, event);
            continue;
        }
        enum argument i = 0;
        while (i < ARGUMENTS && strcmp(arguments[i].name, a->name.text) != 0)
            i++;
        if (i == ARGUMENTS || !(arguments[i].events & of)) {
            refuse_argument(c, a, event, of);
            continue;
        }
        if (seen & 1u << i)
            diag_add(c->d, DIAG_ARGUMENT, a->name.at, "the argument `%s` is given twice", a->name.text);
        seen |= 1u << i;
        mode = i == MODE ? a : mode;
        check_argument(c, r, a, i);
    }
    if (position == 0)
        find_metric(c, r, e->name.at, event);
    if (arguments[MODE].events & of && is_mode_default(e, mode))
        warn_of_direction(c, r, e);
    if (r->patience_by != CHK_BY_COUNT && r->cooldown_by != CHK_BY_COUNT && r->patience_by != r->cooldown_by) {
        diag *g = diag_add(c->d, DIAG_UNIT, r->cooldown->at, "`patience` and `cooldown` count different times, one of them in seconds");
        diag_note(c->d, g, r->patience->at, "the patience is here");
    }
}

/* `x != x`, which asks elsewhere whether x is NaN. */
static void warn_of_nan_test(checker *c, const ast_expr *e)
{
    const ast_expr *a = e->left, *b = e->right;
    if (e->kind != AST_BINARY || e->op != AST_NE || a->kind != AST_NAME || b->kind != AST_NAME || strcmp(a->name.text, b->name.text) != 0)
        return;
    if (is_silent(c))
        return;
    diag *g = diag_add(c->d, DIAG_NEVER_TRUE, e->at, "this is never true: a metric that is NaN counts as no observation");
    diag_help(c->d, g, "a trainer that wants a rule for it passes INFINITY, and the rule is `on (%s == inf) stop`", a->name.text);
}

static void check_condition(checker *c, chk_rule *r, const ast_event *e)
{
    checker inner = *c;
    size_t errors = c->d->errors;
    inner.locals = 1u << CHK_STEP | 1u << CHK_EPOCH;
    inner.watch = &r->watch;
    inner.takes_seconds = 1;
    r->event = CHK_CONDITION;
    r->condition = e->condition;
    chk_expr(&inner, e->condition, CHK_BOOL);
    warn_of_nan_test(c, e->condition);
    if (r->watch == 0 && c->d->errors == errors) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, e->condition->at, "this condition has no metric in it: it is known before the run");
        diag_help(c->d, g, "end a phase at a time with `until 100`, scale at one with `at 100 *0.5`");
    }
}

static void check_event(checker *c, chk_rule *r, const ast_event *e)
{
    static const char *const events[] = {"plateau", "diverge"};
    if (e->kind == AST_EVENT_CONDITION) {
        check_condition(c, r, e);
        return;
    }
    for (int i = 0; i < 2; i++)
        if (strcmp(e->name.text, events[i]) == 0) {
            r->event = i ? CHK_DIVERGE : CHK_PLATEAU;
            check_detector(c, r, e);
            return;
        }
    diag *g = diag_add(c->d, DIAG_UNKNOWN_NAME, e->name.at, "there is no event `%s`", e->name.text);
    const char *near = diag_did_you_mean(e->name.text, events, 2);
    if (strcmp(e->name.text, "nan") == 0 || strcmp(e->name.text, "NaN") == 0 || strcmp(e->name.text, "isnan") == 0)
        diag_help(c->d, g, "NaN is no observation: a trainer that wants a rule for it passes INFINITY, and the rule is `on (metric == inf) stop`");
    else
        diag_help(c->d, g, near ? "did you mean `%s`?" : "write `on %s(...)`", near ? near : "plateau");
    if (near)
        diag_fix(c->d, g, "%s", near);
}

static chk_rule *new_rule(checker *c, enum chk_rule_kind kind, span at, chk_rule ***tail)
{
    chk_rule *r = arena_alloc(c->mem, sizeof *r);
    if (!r)
        return NULL;
    r->kind = kind;
    r->at = r->action_at = at;
    r->order = c->program->nrules++;
    **tail = r;
    *tail = &r->next;
    return r;
}

void chk_until_check(checker *c, const ast_clause *k, chk_rule ***tail)
{
    chk_rule *r = new_rule(c, CHK_ON, k->at, tail);
    if (!r)
        return;
    r->action = AST_NEXT;
    if (k->event)
        check_event(c, r, k->event);
}

void chk_clock_check(checker *c, const ast_expr *seconds, int of_run, chk_rule ***tail)
{
    chk_rule *r = new_rule(c, CHK_ON, seconds->at, tail);
    if (!r)
        return;
    r->action = AST_NEXT;
    r->event = CHK_CLOCK;
    r->seconds = seconds;
    r->absolute = of_run;
    r->watch = c->program->elapsed ? 1u << c->program->elapsed->index : 1u;
    refuse_negative(c, seconds, "a time");
}

int chk_has_action(const chk_rule *r, enum ast_action_kind action)
{
    for (; r; r = r->next)
        if (r->kind == CHK_ON && r->action == action)
            return 1;
    return 0;
}

/* `at milestones *factors`: a rule for each pair. */
static void check_pairs(checker *c, const ast_stmt *s, chk_rule ***tail)
{
    const ast_piece *t = chk_times(c, s->times);
    ast_expr **factors;
    uint32_t n, ntimes = 0;
    for (const ast_piece *i = t; i; i = i->next)
        ntimes++;
    if (chk_list(c, s->action->factor, &factors, &n))
        return;
    if (n != ntimes) {
        diag_add(c->d, DIAG_ARGUMENT, s->action->at, "there are %u times and %u factors", ntimes, n);
        return;
    }
    for (uint32_t i = 0; i < n; i++, t = t->next) {
        ast_stmt *one = arena_alloc(c->mem, sizeof *one);
        ast_action *action = arena_alloc(c->mem, sizeof *action);
        ast_piece *time = arena_alloc(c->mem, sizeof *time);
        if (!one || !action || !time)
            return;
        *one = *s;
        *action = *s->action;
        *time = *t;
        action->factor = factors[i];
        time->next = NULL;
        one->action = action;
        one->times = time;
        chk_rule_check(c, one, tail);
    }
}

static char char_at(const checker *c, span at, uint32_t i)
{
    const source *s = &c->d->sources.at[at.file];
    return i < s->len ? s->text[i] : 0;
}

/* Has one of the operators of a product a blank before it? The product is the factor, and stands without parentheses. */
static int has_spaced_operator(const checker *c, const ast_expr *e)
{
    for (; e->kind == AST_BINARY && (e->op == AST_MUL || e->op == AST_DIV); e = e->left)
        if (char_at(c, e->at, e->left->at.end) == ' ')
            return 1;
    return 0;
}

/* `at 3*k *0.5`: by its blanks the time is 3*k, and it is 3. */
static void warn_of_times(checker *c, const ast_stmt *s)
{
    const ast_expr *time = s->value;
    for (const ast_piece *i = s->times; i; i = i->next)
        time = i->until;
    if (!time || !s->action || s->action->kind != AST_SCALE || s->action->divide || is_silent(c))
        return;
    const ast_expr *factor = s->action->factor;
    uint32_t star = s->action->at.begin;
    if (!factor || time->at.end != star || char_at(c, s->at, star + 1) == ' ' || char_at(c, s->at, star + 1) == '(' || !has_spaced_operator(c, factor))
        return;
    diag *g = diag_add(c->d, DIAG_TIMES_OR_FACTOR, s->action->at, "all of this scales the rate, and none of it belongs to the time before");
    diag_help(c->d, g, time->kind == AST_LIST ? "other times need a name, as in `let times = [3, 5]` and `at (times*k) *0.5`; a factor like this one needs parentheses"
                                              : "put the time into parentheses if it is a product, and else the factor");
}

/* `at 0.3, 0.6`: parts of the run, where steps are counted. Said of the first. */
static void warn_of_parts(checker *c, const chk_rule *r)
{
    double v;
    for (const ast_piece *i = r->times; i && c->program->unit == AST_STEPS && !is_silent(c); i = i->next) {
        if (i->until->kind != AST_NUMBER || !chk_constant(i->until, &v, 0) || !(v > 0 && v < 1))
            continue;
        diag *g = diag_add(c->d, DIAG_SHORT_DURATION, i->until->at, "this time is before step 1: times of `at` count steps");
        diag_help(c->d, g, "a part of the run is written `%.6g%%`%s", 100 * v, c->program->total ? "" : ", and needs `param total`, the length of the run");
        return;
    }
}

void chk_rule_check(checker *c, const ast_stmt *s, chk_rule ***tail)
{
    if (!s->at.call)
        warn_of_times(c, s);
    if (s->kind == AST_AT && s->action && s->action->factor && chk_is_list(c, s->action->factor)) {
        check_pairs(c, s, tail);
        return;
    }
    enum chk_rule_kind kind = s->kind == AST_ON ? CHK_ON : s->kind == AST_AT ? CHK_AT : CHK_EVERY;
    chk_rule *r = new_rule(c, kind, s->at, tail);
    if (!r)
        return;
    if (s->kind == AST_ON && s->event)
        check_event(c, r, s->event);
    if (s->kind == AST_AT) {
        r->times = chk_times(c, s->times);
        double before = -INFINITY, now;
        for (const ast_piece *i = r->times; i; i = i->next) {
            chk_expr(c, i->until, CHK_DURATION);
            if (refuse_negative(c, i->until, "a time") || !chk_constant(i->until, &now, 0))
                continue;
            if (now < before) {
                diag *g = diag_add(c->d, DIAG_RANGE, i->until->at, s->at.call || i->until->at.call ? "these times must ascend" : "the times of `at` must ascend");
                diag_help(c->d, g, "sort them");
            }
            before = now;
        }
        warn_of_parts(c, r);
    }
    if (s->kind == AST_EVERY) {
        double v;
        r->period = s->value;
        chk_expr(c, s->value, CHK_DURATION);
        if (!refuse_negative(c, s->value, "a period") && chk_constant(s->value, &v, 0) && v == 0)
            diag_add(c->d, DIAG_RANGE, s->value->at, "a period must be above 0");
    }
    if (s->action)
        check_action(c, r, s->action);
}
