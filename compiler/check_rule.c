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

static void check_factor(checker *c, const chk_rule *r)
{
    double v;
    if (refuse_negative(c, r->factor, "the factor") || !r->factor || !chk_constant(r->factor, &v, 0))
        return;
    if (r->divide && v == 0) {
        diag_add(c->d, DIAG_RANGE, r->factor->at, "a rate cannot be divided by 0");
        return;
    }
}

void chk_rule_raises(checker *c, const chk_rule *r, const chk_phase *phases)
{
    double v, rate = 0;
    if (r->kind != CHK_ON || !r->factor || !chk_constant(r->factor, &v, 0) || !isfinite(v) || !(r->divide ? v > 0 && v < 1 : v > 1))
        return;
    for (const chk_phase *q = phases; q && !(rate > 0); q = q->next) {
        const ast_expr *e = q->kind == CHK_FREE ? NULL : q->to && !q->to_factor ? q->to : q->value ? q->value : q->from;
        if (!chk_constant(e, &rate, 0) || !isfinite(rate))
            rate = 0;
    }
    int known = rate > 0;
    double by = r->divide ? 1 / v : v, example = known ? rate : 0.001;
    diag *g = diag_add(c->d, DIAG_RAISES, r->action_at, "this raises the rate on a plateau: %s%.6g would become %.6g",
                       known ? "" : "for example, ", example, example * by);
    diag_help(c->d, g, "a plateau usually reduces the rate: `*%.6g` takes %.6g down to %.6g", 1 / by, example, example / by);
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
    if (a->kind == AST_RESTART)
        chk_not_yet(c, a->at, "`restart`");
    if (a->kind == AST_SCALE) {
        r->factor = a->factor;
        chk_expr(c, a->factor, CHK_NUMBER);
    } else if (r->kind != CHK_ON && a->kind != AST_RESTART) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, a->at, "`%s` belongs to `on`: `at` and `every` scale the rate", a->kind == AST_NEXT ? "next" : "stop");
        diag_help(c->d, g, a->kind == AST_NEXT ? "end a phase at a time with `until`" : "let the trainer stop at its last step");
    }
    for (const ast_arg *g = a->args; g; g = g->next) {
        const char *n = g->name.text;
        const ast_expr **slot = n && strcmp(n, "floor") == 0 ? &r->floor : n && strcmp(n, "eps") == 0 ? &r->eps : NULL;
        if (!slot || a->kind != AST_SCALE) {
            diag *x = diag_add(c->d, DIAG_ARGUMENT, n ? g->name.at : g->value->at, "an action has no argument `%s`", n ? n : "without a name");
            advise_argument(c, x, g, "`*0.5` and `/2` take `floor=` and, after `on`, `eps=`");
            continue;
        }
        if (*slot)
            diag_add(c->d, DIAG_ARGUMENT, g->name.at, "the argument `%s` is given twice", n);
        *slot = g->value;
        chk_expr(c, g->value, CHK_NUMBER);
        if (slot == &r->eps && r->kind != CHK_ON)
            diag_add(c->d, DIAG_ARGUMENT, g->name.at, "`eps` belongs to `on`: `at` and `every` always act");
    }
    refuse_negative(c, r->eps, "`eps`");
    check_factor(c, r);
}

/* An argument that is one of a few words. Returns its index; -1 with a diagnostic. */
static int check_word(checker *c, const ast_arg *a, const char *const *words, const char *later)
{
    const char *text = a->value->kind == AST_NAME ? a->value->name.text : NULL;
    size_t n = 0;
    const char *list = "";
    for (; words[n]; n++) {
        if (text && strcmp(text, words[n]) == 0)
            return (int)n;
        const char *more = arena_printf(c->mem, "%s%s%s", list, n ? " or " : "", words[n]);
        list = more ? more : list;
    }
    if (text && later && strstr(later, text)) {
        diag_add(c->d, DIAG_NOT_YET, a->value->at, "this version of lrs does not have %s=%s yet", a->name.text, text);
        return -1;
    }
    diag *g = diag_add(c->d, DIAG_ARGUMENT, a->value->at, "`%s` is %s", a->name.text, list);
    const char *near = text ? diag_did_you_mean(text, words, n) : NULL;
    for (size_t i = 0; text && !near && i < n; i++) /* maximum, minimize, absolute */
        near = strncmp(text, words[i], strlen(words[i])) == 0 ? words[i] : NULL;
    if (near)
        diag_help(c->d, g, "did you mean `%s`?", near);
    return -1;
}

static void check_plateau(checker *c, chk_rule *r, const ast_event *e)
{
    static const char *const names[] = {"patience", "mode", "threshold", "threshold_mode", "cooldown", "every", "smooth", "dialect"};
    static const char *const modes[] = {"min", "max", NULL}, *const threshold_modes[] = {"rel", "abs", NULL}, *const dialects[] = {"torch", NULL};
    int position = 0, word;
    unsigned seen = 0;
    for (const ast_arg *a = e->args; a; a = a->next) {
        if (!a->name.text) {
            const chk_symbol *s = a->value->kind == AST_NAME ? chk_find(&c->values, a->value->name.text) : NULL;
            int is_metric = a->value->kind == AST_NAME && strcmp(a->value->name.text, "metric") == 0 && c->program->ninputs == 0;
            if (position++ > 0) {
                diag_add(c->d, DIAG_ARGUMENT, a->value->at, "`plateau` takes one metric; its other arguments have names, as in `patience=3`");
            } else if (s && s->kind == CHK_SYM_INPUT) {
                r->input = s->index;
            } else if (!is_metric) {
                diag *g = diag_add(c->d, DIAG_UNKNOWN_NAME, a->value->at, "the first argument of `plateau` is a metric%s",
                                   a->value->kind == AST_NAME ? ", and there is no input of that name" : "");
                if (a->value->kind == AST_NAME)
                    diag_help(c->d, g, "declare it: `input %s`", a->value->name.text);
                else
                    diag_help(c->d, g, "write `patience=...` if this is the patience");
            }
            continue;
        }
        size_t i = 0;
        while (i < sizeof names / sizeof names[0] && strcmp(names[i], a->name.text) != 0)
            i++;
        if (i == sizeof names / sizeof names[0]) {
            diag *g = diag_add(c->d, DIAG_ARGUMENT, a->name.at, "`plateau` has no argument `%s`", a->name.text);
            const char *near = diag_did_you_mean(a->name.text, names, i);
            if (near)
                diag_help(c->d, g, "did you mean `%s`?", near);
            else
                advise_argument(c, g, a, "it has patience, mode, threshold, threshold_mode, cooldown, every, smooth, dialect");
            continue;
        }
        if (seen & 1u << i)
            diag_add(c->d, DIAG_ARGUMENT, a->name.at, "the argument `%s` is given twice", a->name.text);
        seen |= 1u << i;
        switch (i) {
        case 0:
            if (a->value->kind == AST_UNIT && a->value->unit != AST_PERCENT) {
                diag *g = diag_add(c->d, DIAG_NOT_YET, a->value->at, "this version of lrs does not have a patience with a unit yet");
                diag_help(c->d, g, "give the number of observations: `patience=3`");
            } else {
                chk_expr(c, a->value, CHK_NUMBER);
            }
            r->patience = a->value;
            refuse_negative(c, a->value, "`patience`");
            break;
        case 1:
            word = check_word(c, a, modes, NULL);
            r->mode_max = word == 1;
            break;
        case 2:
            r->threshold = a->value;
            chk_expr(c, a->value, CHK_NUMBER);
            refuse_negative(c, a->value, "`threshold`");
            break;
        case 3:
            word = check_word(c, a, threshold_modes, NULL);
            r->absolute = word == 1;
            break;
        case 4:
            r->cooldown = a->value;
            chk_expr(c, a->value, CHK_NUMBER);
            refuse_negative(c, a->value, "`cooldown`");
            break;
        case 5:
            r->every = a->value;
            chk_expr(c, a->value, CHK_DURATION);
            refuse_negative(c, a->value, "`every`");
            break;
        case 6: {
            double v;
            r->smooth = a->value;
            chk_expr(c, a->value, CHK_NUMBER);
            if (chk_constant(a->value, &v, 0) && !(v >= 0 && v < 1))
                diag_add(c->d, DIAG_RANGE, a->value->at, "`smooth` is at least 0 and below 1: the share of the average that is kept");
            break;
        }
        default:
            check_word(c, a, dialects, "keras optax paddle");
            break;
        }
    }
}

void chk_rule_check(checker *c, const ast_stmt *s, chk_rule ***tail)
{
    chk_rule *r = arena_alloc(c->mem, sizeof *r);
    if (!r)
        return;
    **tail = r;
    *tail = &r->next;
    r->at = s->at;
    r->kind = s->kind == AST_ON ? CHK_ON : s->kind == AST_AT ? CHK_AT : CHK_EVERY;
    if (s->kind == AST_ON && s->event) {
        if (s->event->kind == AST_EVENT_CONDITION) {
            chk_not_yet(c, s->event->at, "conditions after `on`");
        } else if (strcmp(s->event->name.text, "plateau") == 0) {
            check_plateau(c, r, s->event);
        } else if (strcmp(s->event->name.text, "diverge") == 0) {
            chk_not_yet(c, s->event->at, "`diverge`");
        } else {
            static const char *const events[] = {"plateau", "diverge"};
            diag *g = diag_add(c->d, DIAG_UNKNOWN_NAME, s->event->name.at, "there is no event `%s`", s->event->name.text);
            const char *near = diag_did_you_mean(s->event->name.text, events, 2);
            diag_help(c->d, g, near ? "did you mean `%s`?" : "write `on %s(...)`", near ? near : "plateau");
            if (near)
                diag_fix(c->d, g, "%s", near);
        }
    }
    if (s->kind == AST_AT) {
        r->times = s->times;
        double before = -INFINITY, now;
        for (const ast_piece *i = s->times; i; i = i->next) {
            chk_expr(c, i->until, CHK_DURATION);
            if (refuse_negative(c, i->until, "a time") || !chk_constant(i->until, &now, 0))
                continue;
            if (now < before) {
                diag *g = diag_add(c->d, DIAG_RANGE, i->until->at, "the times of `at` must ascend");
                diag_help(c->d, g, "sort them");
            }
            before = now;
        }
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
