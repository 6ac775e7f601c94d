/* check_phase.c: phases: clauses sorted out, laws found by their names and arguments, lengths and rates judged.
 * In: ast_phase. Out: chk_phase. Calls: diagnostics, check_expr.c, check_decl.c. */
#include "check.h"

#include <math.h>
#include <string.h>
#include "foreign.h"

typedef struct clauses {
    const ast_clause *from, *to, *length;
    const ast_clause *other;  /* `until` beside `for`, or the other way round */
    const ast_clause *event;  /* the first `until EVENT` */
    int is_warmup;
} clauses;

static void take(checker *c, const ast_clause **slot, const ast_clause *k, const char *what)
{
    if (*slot) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, k->at, "a phase has one %s", what);
        diag_note(c->d, g, (*slot)->at, "the other is here");
        return;
    }
    *slot = k;
}

static clauses sort_clauses(checker *c, const ast_phase *p)
{
    clauses k = {0};
    for (const ast_clause *l = p->clauses; l; l = l->next) {
        switch (l->kind) {
        case AST_FROM:
            take(c, &k.from, l, "`from`");
            break;
        case AST_TO: case AST_TO_FACTOR:
            take(c, &k.to, l, "target");
            break;
        case AST_FOR: case AST_UNTIL:
            if (k.length && k.length->kind != l->kind)
                take(c, &k.other, l, "end (`for` or `until`)");
            else
                take(c, &k.length, l, "end (`for` or `until`)");
            break;
        case AST_UNTIL_EVENT:
            if (!k.event)
                k.event = l;
            break;
        }
    }
    return k;
}

static const char *law_kind_name(enum chk_symbol_kind k)
{
    return k == CHK_SYM_DECAY ? "a free-running decay" : "a shape";
}

/* Are some of them without a name? */
static int args_have_places(const ast_arg *args)
{
    for (const ast_arg *a = args; a; a = a->next)
        if (!a->name.text)
            return 1;
    return 0;
}

/* Names that a phase can start with, for "did you mean". */
static void unknown_law(checker *c, const ast_name *name, const ast_arg *args)
{
    static const char *const words[] = {"warmup", "hold", "curve", "piecewise", "points", "repeat", "rangetest", "param", "let", "input", "schedule",
                                        "unit", "bounds", "every", "at", "on", "use", "shape", "decay", "def"};
    diag *g = diag_add(c->d, DIAG_UNKNOWN_LAW, name->at, "there is no law `%s`", name->text);
    size_t n = sizeof words / sizeof words[0], k = 0;
    if (chk_is_mute(c))
        return;
    const chk_symbol *schedule = chk_find(&c->schedules, name->text);
    if (schedule && schedule->output == c->output) {
        diag_help(c->d, g, "`%s` is what its phases make; one starts with warmup, hold, curve, piecewise, or the name of a shape or decay", name->text);
        return;
    }
    if (schedule) {
        diag_help(c->d, g, "`%s` is a schedule, which others read: `schedule lr = %s`", name->text, name->text);
        return;
    }
    const chk_symbol *value = chk_find(&c->values, name->text);
    if (value && value->kind == CHK_SYM_FUNCTION && !strchr(name->text, '.')) {
        diag_help(c->d, g, "`%s` is a function, which gives a number: a law of the steps since its phase began is `decay %s(t) = ...`", name->text, name->text);
        return;
    }
    const foreign_word *word = foreign_law(name->text);
    if (word && !args_have_places(args)) {
        if (word->is_same)
            diag_fix(c->d, g, "%s", word->law);
        diag_help(c->d, g, "%s", word->help);
        return;
    }
    if (chk_advise_foreign(c, g, name->text, args))
        return;
    for (chk_symbol *s = c->laws.latest; s; s = s->next)
        k++;
    const char **names = arena_alloc(c->mem, (n + k) * sizeof *names);
    if (!names)
        return;
    memcpy(names, words, sizeof words);
    for (chk_symbol *s = c->laws.latest; s; s = s->next)
        names[n++] = s->name;
    const char *near = diag_did_you_mean(name->text, names, n);
    if (near) {
        diag_help(c->d, g, "did you mean `%s`?", near);
        diag_fix(c->d, g, "%s", near);
    } else if (strchr(name->text, '.')) {
        const lrs_embedded *module = foreign_module(name->text);
        const char *prefix = module ? arena_printf(c->mem, "%s.", module->stem) : NULL;
        size_t first = n;
        n = 0;
        for (chk_symbol *s = prefix ? c->laws.latest : NULL; s; s = s->next)
            if (s->kind == CHK_SYM_TEMPLATE && strncmp(s->name, prefix, strlen(prefix)) == 0)
                names[first - ++n] = s->name + strlen(prefix); /* latest first */
        if (n)
            chk_help_names(c, g, arena_printf(c->mem, "`%s` has", module->stem), names + first - n, n);
        else if (module)
            diag_help(c->d, g, "a name with a dot is one of a module, which `use` makes known: `use %s`", module->stem);
        else
            diag_help(c->d, g, "a name with a dot is one of a module, which `use` makes known, as in `use torch`");
    } else {
        diag_help(c->d, g, "a phase starts with warmup, hold, curve, piecewise, or the name of a shape or decay");
    }
}

static int has_formal(const chk_symbol *s, const char *name)
{
    for (uint32_t i = 1; i < s->nformals; i++)
        if (strcmp(s->formals[i].name, name) == 0)
            return 1;
    return 0;
}

/* How many of the named arguments a law has, minus a lot for one it needs and is not given. */
static int fitness(const chk_symbol *s, const ast_arg *args)
{
    int score = 0;
    uint32_t position = 1;
    for (const ast_arg *a = args; a; a = a->next) {
        if (!a->name.text)
            score += position++ < s->nplaces ? 2 : -2;
        else
            score += has_formal(s, a->name.text) ? 2 : -2;
    }
    for (uint32_t i = position; i < s->nformals; i++) {
        int given = s->defaults[i] != NULL;
        for (const ast_arg *a = args; a && !given; a = a->next)
            given = a->name.text && strcmp(a->name.text, s->formals[i].name) == 0;
        score -= !given;
    }
    return score;
}

/* The first arguments of all laws of this name: "s=, gamma=". */
static const char *arguments_of(checker *c, const ast_name *name, int has_target)
{
    const char *list = "";
    for (chk_symbol *s = chk_find(&c->laws, name->text); s; s = chk_older(s)) /* latest first, so each goes to the front */
        if ((s->kind != CHK_SYM_DECAY) == has_target && s->nformals > 1) {
            const char *more = arena_printf(c->mem, "%s=%s%s", s->formals[1].name, list[0] ? ", " : "", list);
            list = more ? more : list;
        }
    return list;
}

static const char *near_argument(checker *c, const ast_name *name, const char *argument, int has_target)
{
    size_t n = 0, k = 0;
    for (chk_symbol *s = chk_find(&c->laws, name->text); s; s = chk_older(s))
        n += s->nformals;
    const char **names = arena_alloc(c->mem, (n + 1) * sizeof *names);
    for (chk_symbol *s = chk_find(&c->laws, name->text); names && s; s = chk_older(s))
        for (uint32_t i = 1; i < s->nformals && (s->kind != CHK_SYM_DECAY) == has_target; i++)
            names[k++] = s->formals[i].name;
    return names ? diag_did_you_mean(argument, names, k) : NULL;
}

/* `exp s=100 gamma=0.9`: each argument belongs to a law of that name, and both to none. */
static int refuse_arguments_of_another(checker *c, const ast_name *name, const chk_symbol *best, const ast_arg *args, int has_target)
{
    for (const ast_arg *a = args; a; a = a->next) {
        if (!a->name.text || has_formal(best, a->name.text))
            continue;
        int is_known = 0;
        for (chk_symbol *s = chk_find(&c->laws, name->text); s; s = chk_older(s))
            is_known |= (s->kind != CHK_SYM_DECAY) == has_target && has_formal(s, a->name.text);
        const char *list = arguments_of(c, name, has_target);
        if (is_known) {
            diag_add(c->d, DIAG_ARGUMENT, a->name.at, "`%s` takes only one of these arguments: %s", name->text, list);
        } else {
            diag *g = diag_add(c->d, DIAG_ARGUMENT, a->name.at, "`%s` has no argument `%s`", name->text, a->name.text);
            const char *near = near_argument(c, name, a->name.text, has_target);
            if (near)
                diag_help(c->d, g, "did you mean `%s`?", near);
            else
                diag_help(c->d, g, "it takes one of these: %s", list);
        }
        return 1;
    }
    return 0;
}

/* `exp gamma=0.9 -> 0.01`: the argument belongs to the law of that name without a target, or the other way round. */
static int refuse_arguments_of_other_kind(checker *c, const ast_name *name, const chk_symbol *best, const ast_arg *args, int has_target)
{
    for (const ast_arg *a = args; a; a = a->next) {
        if (!a->name.text || has_formal(best, a->name.text))
            continue;
        int is_mine = 0, is_other = 0;
        for (chk_symbol *s = chk_find(&c->laws, name->text); s; s = chk_older(s))
            if (has_formal(s, a->name.text))
                *((s->kind != CHK_SYM_DECAY) == has_target ? &is_mine : &is_other) = 1;
        if (is_mine || !is_other)
            continue;
        diag *g = diag_add(c->d, DIAG_ARGUMENT, a->name.at, "`%s` has an argument `%s` only %s a target", name->text, a->name.text,
                           has_target ? "without" : "with");
        if (has_target)
            diag_help(c->d, g, "leave `-> ...` out, or give a length instead of `%s`: `%s 100 -> 0.01`", a->name.text, name->text);
        else
            diag_help(c->d, g, "give it a length and a target: `%s 100 %s=... -> 0.01`", name->text, a->name.text);
        return 1;
    }
    return 0;
}

/* `cosine 100 -> 0 restarts=3`: rounds are no argument of a shape. */
static int refuse_rounds(checker *c, const ast_name *name, const chk_symbol *best, const ast_arg *args)
{
    static const char *const words[] = {"restarts", "num_restarts", "cycles", "num_cycles", "n_cycles", "rounds", "repeat", "times"};
    for (const ast_arg *a = args; a; a = a->next)
        for (size_t i = 0; a->name.text && best->in_prelude && !has_formal(best, a->name.text) && i < sizeof words / sizeof words[0]; i++)
            if (strcmp(a->name.text, words[i]) == 0) {
                diag *g = diag_add(c->d, DIAG_ARGUMENT, a->name.at, "`%s` has no argument `%s`", name->text, a->name.text);
                diag_help(c->d, g, "what runs again stands in a repeat: `repeat 3 { %s 100 from 0.1 -> 0 }`", name->text);
                return 1;
            }
    return 0;
}

/* The law of this name for a phase with (or without) a target, by the names of the arguments. NULL with a diagnostic. */
static chk_symbol *find_law(checker *c, const ast_name *name, const ast_arg *args, int has_target)
{
    chk_symbol *best = NULL, *other = NULL;
    int best_score = 0, candidates = 0;
    for (chk_symbol *s = chk_find(&c->laws, name->text); s; s = chk_older(s)) {
        if ((s->kind != CHK_SYM_DECAY) != has_target) {
            other = s;
            continue;
        }
        int score = fitness(s, args);
        candidates++;
        if (!best || score >= best_score) { /* >=: of equal ones the first declared, since the scope is latest first */
            if (best && best->in_prelude != s->in_prelude && score == best_score)
                continue; /* but the file's own before the prelude's */
            best = s;
            best_score = score;
        }
    }
    if (!best && !other) {
        unknown_law(c, name, args);
        return NULL;
    }
    if (!best) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, name->at, "`%s` is %s: it %s", name->text, law_kind_name(other->kind),
                           has_target ? "has no target" : "needs a duration and a target");
        if (has_target)
            diag_help(c->d, g, "leave `-> ...` out, or choose a shape: linear, cosine, exp, poly");
        else
            diag_help(c->d, g, "write `%s 100 -> 0`", name->text);
        return NULL;
    }
    if (refuse_arguments_of_other_kind(c, name, best, args, has_target) || (has_target && refuse_rounds(c, name, best, args)))
        return NULL;
    if (candidates > 1 && refuse_arguments_of_another(c, name, best, args, has_target))
        return NULL;
    /* exp without any argument: say what there is */
    if (candidates > 1 && !args) {
        int fits = 0;
        for (chk_symbol *s = chk_find(&c->laws, name->text); s; s = chk_older(s))
            if ((s->kind != CHK_SYM_DECAY) == has_target)
                fits |= fitness(s, args) == 0;
        if (!fits) {
            diag *g = diag_add(c->d, DIAG_ARGUMENT, name->at, "`%s` needs one of these arguments: %s", name->text,
                               arguments_of(c, name, has_target));
            diag_help(c->d, g, "or a duration and a target: `%s 100 -> 0.001`", name->text);
            return NULL;
        }
    }
    return best;
}

/* Takes shift= out of the arguments. */
static const ast_arg *take_shift(checker *c, const ast_arg *args, const ast_expr **shift)
{
    ast_arg *head = NULL, **tail = &head;
    for (const ast_arg *a = args; a; a = a->next) {
        if (a->name.text && strcmp(a->name.text, "shift") == 0) {
            if (*shift)
                diag_add(c->d, DIAG_ARGUMENT, a->name.at, "the argument `shift` is given twice");
            *shift = a->value;
            chk_expr(c, a->value, CHK_DURATION);
            continue;
        }
        ast_arg *copy = arena_alloc(c->mem, sizeof *copy);
        if (!copy)
            return args;
        *copy = *a;
        copy->next = NULL;
        *tail = copy;
        tail = &copy->next;
    }
    return head;
}

/* spoken: what the arguments are said to be of. */
static void match_law(checker *c, chk_phase *q, const ast_name *name, const char *spoken, const ast_arg *args, int has_target)
{
    chk_symbol *s = find_law(c, name, args, has_target);
    if (!s)
        return;
    chk_symbol_check(c, s);
    s->used = 1;
    const char *what = arena_printf(c->mem, "`%s`", spoken);
    q->law.symbol = s;
    chk_match(c, name->at, what ? what : "it", s, 1, args, &q->law.args);
    q->kind = s->kind == CHK_SYM_SHAPE ? CHK_SHAPED : s->kind == CHK_SYM_CURVE ? CHK_CURVED : CHK_DECAYING;
}

static void refuse_args(checker *c, const ast_arg *args, const char *what, const char *instead)
{
    for (const ast_arg *a = args; a; a = a->next) {
        diag *g = diag_add(c->d, DIAG_ARGUMENT, a->name.text ? a->name.at : a->value->at, "%s has no arguments in parentheses or by name", what);
        diag_help(c->d, g, "%s", instead);
    }
}

static int is_known_law(const checker *c, const ast_name *name)
{
    static const char *const words[] = {"warmup", "hold", "rangetest"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i], name->text) == 0)
            return 1;
    return chk_find_at(c, &c->laws, name->text, name->at) != NULL;
}

/* The rules of the phase's braces, then the events that end it, so that what happens at its end still happens in it. */
static void check_rules(checker *c, const ast_phase *p, chk_phase *q, const clauses *k)
{
    chk_rule **tail = &q->rules;
    while (*tail)
        tail = &(*tail)->next;
    for (const ast_stmt *s = p->body; s; s = s->next) {
        if (s->kind == AST_ON) {
            chk_rule_check(c, s, &tail);
        } else if (s->kind != AST_AT && s->kind != AST_EVERY && p->kind != AST_PHASE_REPEAT) { /* those: see check_with_rules */
            if (p->kind == AST_PHASE_LAW && !is_known_law(c, &p->name))
                continue; /* what its braces may hold is not known */
            diag *g = diag_add(c->d, DIAG_CLAUSE, s->at, "the braces of a phase hold rules: `on`, `at` and `every`");
            if (s->kind == AST_PHASE)
                diag_help(c->d, g, "`repeat { ... }` holds phases");
        }
    }
    for (const ast_clause *l = k->event; l; l = l->next)
        if (l->kind == AST_UNTIL_EVENT)
            chk_until_check(c, l, &tail);
}

/* A length or a point in time; one in seconds becomes an event that ends the phase. */
static void check_end(checker *c, chk_phase *q, const ast_expr **slot, int of_run)
{
    chk_rule **tail = &q->rules;
    const ast_expr *e = *slot;
    size_t errors = c->d->errors;
    if (!e || chk_time(c, (ast_expr *)e, CHK_DURATION) != CHK_SECONDS || c->d->errors > errors)
        return;
    while (*tail)
        tail = &(*tail)->next;
    chk_clock_check(c, e, of_run, &tail);
    *slot = NULL;
}

/* `for` and `until` beside what already ends the phase. */
static void refuse_second_end(checker *c, const chk_phase *q, const clauses *k, const ast_clause *second)
{
    diag *g;
    if (k->length != second && k->length) {
        g = diag_add(c->d, DIAG_CLAUSE, second->at, "a phase has one end (`for` or `until`)");
        diag_note(c->d, g, k->length->at, "the other is here");
        return;
    }
    g = diag_add(c->d, DIAG_CLAUSE, second->at, "this phase already has a duration");
    diag_note(c->d, g, q->duration->at, "here");
    if (second->kind == AST_UNTIL)
        diag_help(c->d, g, "`for` and a bare duration are lengths; `until` is a point in time: give one of them");
}

/* A 0 that is written as such, where no name says that it is chosen. */
static int is_written_zero(const checker *c, const chk_phase *q, const ast_expr *e)
{
    double v;
    return e && e->kind == AST_NUMBER && chk_constant(e, &v, 0) && v == 0 && !q->at.call && !e->at.call && !(c->options && c->options->no_warnings);
}

/* `warmup 0` is how a warm-up is switched off; of others it is worth a word. */
static void warn_of_no_length(checker *c, const chk_phase *q, const clauses *k)
{
    double to;
    diag *g = diag_add(c->d, DIAG_NEVER_RUNS, q->duration->at, "this phase never runs: its length is 0");
    if (k->to && k->to->kind != AST_TO_FACTOR && chk_constant(k->to->value, &to, 0))
        diag_help(c->d, g, "the rate is %.6g at once: give the phase a length, or write `hold %.6g`", to, to);
    else
        diag_help(c->d, g, k->to ? "the rate jumps: give the phase a length" : "leave it out, or give it a length; a param as the length may be 0");
}

/* One end is counted in steps; those in seconds are events, and may stand beside it. */
static void check_lengths(checker *c, chk_phase *q, const clauses *k)
{
    const ast_clause *const ends[] = {k->length, k->other};
    size_t others = c->d->others;
    check_end(c, q, &q->duration, 0);
    int is_doubted = c->d->others > others; /* why it is so short is known */
    for (int i = 0; i < 2 && ends[i]; i++) {
        const ast_expr *e = ends[i]->value;
        int of_run = ends[i]->kind == AST_UNTIL;
        others = c->d->others;
        check_end(c, q, &e, of_run);
        if (!e)
            continue;
        if (q->duration || q->until) {
            refuse_second_end(c, q, k, ends[i]);
        } else if (of_run) {
            q->until = e;
        } else {
            q->duration = e;
            is_doubted = c->d->others > others;
        }
    }
    double v;
    if (q->duration && chk_constant(q->duration, &v, 0)) {
        if (!(v >= 0) || !isfinite(v))
            diag_add(c->d, DIAG_RANGE, q->duration->at, "a duration must be finite and not negative");
        else if (is_written_zero(c, q, q->duration) && !k->is_warmup)
            warn_of_no_length(c, q, k);
        else if (v > 0 && v < 1 && c->program->unit == AST_STEPS && !is_doubted) {
            diag *g = diag_add(c->d, DIAG_SHORT_DURATION, q->duration->at, "this duration is less than one step");
            double to;
            if (k->to && !k->length && chk_constant(k->to->value, &to, 0) && to > 1)
                diag_help(c->d, g, "the duration comes first, the rate after `->`: are they swapped?");
            else if (q->duration->kind == AST_UNIT)
                return; /* 5% of a run that is too short */
            else if (c->program->total)
                diag_help(c->d, g, "a length counts steps; a part of the run is written `%.6g%%`", 100 * v);
            else
                diag_help(c->d, g, "a length counts steps: a part of 1000 is `%.6g*1000`", v);
        }
    }
}

/* A rate or its factor: in a repeat it may depend on `cycle`. */
static void check_rate(checker *c, const ast_expr *e)
{
    checker inner = *c;
    inner.locals = c->rate_locals;
    chk_expr(&inner, (ast_expr *)e, CHK_NUMBER);
}

static void check_phase_values(checker *c, chk_phase *q, const clauses *k, int is_first)
{
    if (k->from) {
        q->from = k->from->value;
        check_rate(c, k->from->value);
    }
    if (k->to) {
        q->to = k->to->value;
        q->to_factor = k->to->kind == AST_TO_FACTOR;
        q->to_divide = k->to->divide;
        check_rate(c, k->to->value);
    }
    if (!k->from && is_first && !q->from_zero) {
        diag *g = diag_add(c->d, DIAG_NO_START, q->at, "the first phase needs a rate to start from");
        diag_help(c->d, g, "add `from 0.1`, or begin with `warmup` or `hold 0.1`");
    }
}

/* Arguments of the named laws that must be above 0, or must not be 0, for the law to be one. */
static const struct law_argument {
    const char *law, *name;
    int may_be_negative;
} law_arguments[] = {
    {"exp", "s", 1},     {"exp", "halflife", 1},      {"power", "s", 0},      {"invsqrt", "timescale", 0}, {"invtime", "s", 0},
    {"poly", "power", 0}, {"stepdecay", "every", 0}, {"noam", "d_model", 0}, {"noam", "warmup", 0},
};

static void check_law_arguments(checker *c, const chk_phase *q, const ast_name *name)
{
    const chk_symbol *s = q->law.symbol;
    double v;
    for (size_t i = 0; s && s->in_prelude && q->law.args && name->at.call == 0 && i < sizeof law_arguments / sizeof law_arguments[0]; i++) {
        const struct law_argument *a = &law_arguments[i];
        for (uint32_t k = 1; strcmp(a->law, s->name) == 0 && k < s->nformals; k++) {
            const ast_expr *e = q->law.args[k - 1];
            if (!e || strcmp(s->formals[k].name, a->name) != 0 || !chk_constant(e, &v, 0))
                continue;
            if (v == 0 || (v < 0 && !a->may_be_negative))
                diag_add(c->d, DIAG_RANGE, e->at, a->may_be_negative ? "`%s` of `%s` must not be 0" : "`%s` of `%s` must be above 0", a->name, a->law);
        }
    }
}

/* Equal ratios never arrive at 0: the rate would be 0 after the first step. */
static void warn_of_zero_target(checker *c, const chk_phase *q)
{
    double v;
    if (q->kind != CHK_CURVED || !q->law.symbol->in_prelude || !q->to || q->to->at.call || !chk_constant(q->to, &v, 0) || v != 0 || q->to_divide)
        return;
    if (c->options && c->options->no_warnings)
        return;
    diag *g = diag_add(c->d, DIAG_AT_ONCE, q->to->at, "the rate is 0 after one step: in equal ratios `exp` never arrives at 0");
    diag_help(c->d, g, "give it a target above 0, as in `-> 1e-6`, or take `linear` or `cosine`");
}

static void append(chk_phase ***tail, chk_phase *q)
{
    **tail = q;
    *tail = &q->next;
}

static chk_phase *new_phase(checker *c, enum chk_phase_kind kind, span at)
{
    chk_phase *q = arena_alloc(c->mem, sizeof *q);
    if (q) {
        q->kind = kind;
        q->at = at;
    }
    return q;
}

/* `piecewise boundaries=[30, 60] values=[0.1, 0.01, 0.001]` */
static const ast_piece *pieces_of_lists(checker *c, const ast_phase *p)
{
    const ast_expr *boundaries = NULL, *values = NULL;
    for (const ast_arg *a = p->args; a; a = a->next) {
        const ast_expr **slot = !a->name.text ? NULL : strcmp(a->name.text, "boundaries") == 0 ? &boundaries
                                                   : strcmp(a->name.text, "values") == 0       ? &values
                                                                                               : NULL;
        if (!slot || *slot || !chk_is_list(c, a->value)) {
            diag *g = diag_add(c->d, DIAG_ARGUMENT, a->value->at, "`piecewise` is followed by its pieces, or by two lists");
            diag_help(c->d, g, "write `piecewise 0.1 until 30, 0.01`, or `piecewise boundaries=[30] values=[0.1, 0.01]`");
            return NULL;
        }
        *slot = a->value;
    }
    ast_expr **times, **rates;
    uint32_t ntimes, nrates;
    if (!boundaries || !values) {
        diag *g = diag_add(c->d, DIAG_ARGUMENT, p->at, "`piecewise` needs its pieces, or boundaries and values");
        diag_help(c->d, g, "write `piecewise 0.1 until 30, 0.01`, or `piecewise boundaries=[30] values=[0.1, 0.01]`");
        return NULL;
    }
    if (chk_list(c, boundaries, &times, &ntimes) || chk_list(c, values, &rates, &nrates))
        return NULL;
    if (nrates != ntimes + 1) {
        diag_add(c->d, DIAG_ARGUMENT, values->at, "between %u boundar%s there are %u values, not %u", ntimes, ntimes == 1 ? "y" : "ies", ntimes + 1, nrates);
        return NULL;
    }
    ast_piece *first = NULL, **tail = &first;
    for (uint32_t i = 0; i < nrates; i++) {
        ast_piece *one = arena_alloc(c->mem, sizeof *one);
        if (!one)
            return NULL;
        *one = (ast_piece){.at = p->at, .value = rates[i], .until = i < ntimes ? times[i] : NULL};
        *tail = one;
        tail = &one->next;
    }
    return first;
}

static void check_piecewise(checker *c, const ast_phase *p, chk_phase ***tail, const clauses *k)
{
    if (k->from || k->to || k->length || k->event)
        diag_add(c->d, DIAG_CLAUSE, p->at, "`piecewise` has no `from`, target or end of its own: its pieces say all rates and times");
    const ast_piece *pieces = p->pieces;
    if (pieces)
        refuse_args(c, p->args, "`piecewise`", "write `piecewise 0.1 until 30, 0.01`");
    else if (!(pieces = pieces_of_lists(c, p)))
        return;
    for (const ast_piece *i = pieces; i; i = i->next)
        if (i->until)
            chk_expr(c, i->until, CHK_DURATION);
    for (const ast_piece *i = pieces; i; i = i->next) {
        chk_phase *q = new_phase(c, CHK_HOLD, i->at);
        if (!q)
            return;
        q->value = i->value;
        q->until = i->until;
        check_rate(c, i->value);
        double now, before;
        if (i->until && i->next && i->next->until && chk_constant(i->until, &before, 0) && chk_constant(i->next->until, &now, 0) && now < before) {
            diag *g = diag_add(c->d, DIAG_RANGE, i->next->until->at, "the times of `piecewise` must ascend: they are points, not lengths");
            diag_note(c->d, g, i->until->at, "the piece before ends here");
        }
        if (!i->until && i->next) {
            diag *g = diag_add(c->d, DIAG_CLAUSE, i->at, "only the last piece can do without `until`");
            diag_help(c->d, g, "write `0.1 until 30, 0.01 until 60, 0.001`");
        }
        append(tail, q);
    }
}

/* Only blanks between two places. */
static int is_right_before(const checker *c, span a, span b)
{
    const source *s = &c->d->sources.at[a.file];
    size_t i = a.end;
    while (i < b.begin && (s->text[i] == ' ' || s->text[i] == '\t'))
        i++;
    return a.file == b.file && i == b.begin;
}

/* `hold 0.1 for 5 batches`, `warmup 500 ms -> 0.1`: a word after a number that is neither a unit nor a law. */
static int refuse_unknown_unit(checker *c, const ast_phase *p, const clauses *k)
{
    const ast_expr *length = k->length ? k->length->value : NULL;
    const ast_name *word = NULL;
    if (p->shape.text && !p->shape_args && ((p->duration && is_right_before(c, p->duration->at, p->shape.at)) ||
                                            (length && is_right_before(c, length->at, p->shape.at))))
        word = &p->shape;
    else if (p->duration && p->duration->kind == AST_NAME && length && is_right_before(c, length->at, p->duration->at))
        word = &p->duration->name;
    if (!word || chk_find(&c->laws, word->text) || (word != &p->shape && (p->duration->symbol || chk_find(&c->values, word->text))) || !lrs_is_unit_like(word->text))
        return 0;
    lrs_unknown_unit(c->d, *word);
    return 1;
}

/* ---- points ---- */

/* shape=cosine, shape=poly(power=3) */
static void check_points_shape(checker *c, chk_phase *q, const ast_phase *p)
{
    static const ast_name linear = {"linear", {0, 0, 0, 0}};
    ast_name name = linear;
    const ast_arg *args = NULL;
    name.at = p->name.at;
    for (const ast_arg *a = p->args; a; a = a->next) {
        if (!a->name.text || strcmp(a->name.text, "shape") != 0) {
            diag *g = diag_add(c->d, DIAG_ARGUMENT, a->name.text ? a->name.at : a->value->at, "`points` has no argument `%s`", a->name.text ? a->name.text : "without a name");
            diag_help(c->d, g, "it takes `shape=`, as in `points (0, 0) (500, 0.1) shape=cosine`");
        } else if (a->value->kind != AST_NAME && a->value->kind != AST_CALL) {
            diag *g = diag_add(c->d, DIAG_ARGUMENT, a->value->at, "`shape` is the name of a shape");
            diag_help(c->d, g, "write `shape=cosine`, or `shape=poly(power=3)`");
            return;
        } else {
            name = a->value->name;
            args = a->value->kind == AST_CALL ? a->value->args : NULL;
        }
    }
    match_law(c, q, &name, name.text, args, 1);
    q->kind = CHK_POINTS;
}

static void check_points(checker *c, const ast_phase *p, chk_phase ***tail, const clauses *k)
{
    chk_phase *q = new_phase(c, CHK_POINTS, p->at);
    if (!q)
        return;
    append(tail, q);
    check_rules(c, p, q, k);
    q->points = p->pieces;
    check_points_shape(c, q, p);
    if (!p->pieces) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, p->at, "`points` needs points");
        diag_help(c->d, g, "write `points (0, 0) (500, 0.1) (10k, 0)`: times and rates");
    }
    if (k->from || k->to) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, k->from ? k->from->at : k->to->at, "a table of points has no `from` and no target of its own");
        diag_help(c->d, g, "its rates are those of the points");
    }
    double before = -INFINITY, now;
    const ast_piece *last = NULL;
    for (const ast_piece *i = p->pieces; i; last = i, i = i->next) {
        chk_expr(c, i->until, CHK_DURATION);
        check_rate(c, i->value);
        if (!chk_constant(i->until, &now, 0))
            continue;
        if (!isfinite(now)) {
            diag_add(c->d, DIAG_RANGE, i->until->at, "the time of a point must be finite");
        } else if (now < before) {
            diag *g = diag_add(c->d, DIAG_RANGE, i->until->at, "the times of `points` must ascend");
            if (last)
                diag_note(c->d, g, last->until->at, "the point before is here");
            diag_help(c->d, g, "a point is (time, rate): are they swapped?");
        }
        before = now;
    }
    check_lengths(c, q, k);
}

/* ---- phases with phases or rules in braces ---- */

/* Rounds of a repeat that is lowered round by round. */
#define MOST_UNROLLED 64

int chk_open_ended(const chk_phase *q)
{
    if (q->duration || q->until || q->kind == CHK_POINTS)
        return 0;
    if (q->kind == CHK_REPEAT)
        return !q->count;
    while (q->kind == CHK_BLOCK && q->body) {
        for (q = q->body; q->next; q = q->next)
            ;
        if (q->duration || q->until || q->kind != CHK_BLOCK)
            return chk_open_ended(q);
    }
    return 1;
}

static int too_deep(checker *c, span at)
{
    if (c->nest < LRS_K_NEST)
        return 0;
    diag_add(c->d, DIAG_LIMIT, at, "repeats, templates, and phases with rules, nest at most %d deep", LRS_K_NEST);
    return 1;
}

/* What stands in the braces of a repeat. */
static void check_round(checker *c, chk_phase *q, const ast_phase *p, int is_first)
{
    checker inner = *c;
    chk_phase **phases = &q->body;
    chk_rule **rules = &q->inside;
    inner.nest++;
    inner.around = "a repeat";
    inner.rate_locals |= 1u << CHK_CYCLE;
    for (const ast_stmt *s = p->body; s; s = s->next) {
        if (s->kind == AST_PHASE) {
            chk_phase_check(&inner, s->phase, &phases, is_first && !q->body);
        } else if (s->kind == AST_AT || s->kind == AST_EVERY) {
            chk_rule_check(&inner, s, &rules);
        } else if (s->kind != AST_ON) { /* `on` holds while the repeat runs: see check_rules */
            diag_add(c->d, DIAG_CLAUSE, s->at, "the braces of `repeat` hold phases and rules");
        }
    }
    for (const chk_phase *i = q->body; i && !c->d->errors; i = i->next)
        if (chk_open_ended(i) && !chk_has_action(i->rules, AST_NEXT)) {
            diag *g = diag_add(c->d, DIAG_CLAUSE, i->at, "a round needs an end, and this phase has none");
            diag_help(c->d, g, "give it a length, as in `for 1000`");
        }
}

static void check_count(checker *c, const chk_phase *q)
{
    double v;
    if (q->count) {
        chk_expr(c, (ast_expr *)q->count, CHK_NUMBER);
        if (chk_constant(q->count, &v, 0) && (!(v >= 0) || !isfinite(v) || v != floor(v))) {
            diag *g = diag_add(c->d, DIAG_RANGE, q->count->at, "the number of rounds is a whole number, and not negative");
            diag_help(c->d, g, "to end in the middle of a round, leave it out and say how long: `repeat for 1000 { ... }`");
        } else if (is_written_zero(c, q, q->count)) {
            diag *g = diag_add(c->d, DIAG_NEVER_RUNS, q->count->at, "this never runs: it has no rounds");
            diag_help(c->d, g, "without a number it goes on for ever; a param as the number may be 0");
        }
    }
    if (q->stretch) {
        chk_expr(c, (ast_expr *)q->stretch, CHK_NUMBER);
        if (chk_constant(q->stretch, &v, 0) && (!(v >= 1) || !isfinite(v)))
            diag_add(c->d, DIAG_RANGE, q->stretch->at, "`stretch` is how many times as long each next round is: at least 1");
    }
}

/* Rules that act while a phase inside of the braces runs. */
static const chk_rule *rules_within(const chk_phase *body)
{
    for (const chk_phase *q = body; q; q = q->next) {
        if (q->rules)
            return q->rules;
        const chk_rule *r = rules_within(q->body);
        if (r)
            return r;
    }
    return NULL;
}

/* A round that an event may end has no length that is known before the run: each is phases of its own then. */
static void check_unrolled(checker *c, chk_phase *q, const clauses *k)
{
    const chk_rule *r = rules_within(q->body);
    double n;
    if (!r)
        return;
    q->unrolled = 1;
    if (!q->count || !chk_constant(q->count, &n, 0) || !(n <= MOST_UNROLLED)) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, r->at, "in a repeat, a phase with events needs a number of rounds, of at most %d, that is written as such", MOST_UNROLLED);
        diag_note(c->d, g, q->count ? q->count->at : q->at, q->count ? "it is this" : "this repeat has none");
        diag_help(c->d, g, "write `repeat 3 { ... }`, or let the rule stand outside of the repeat");
    } else if (c->nest > 0) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, r->at, "events in a repeat inside of another, or of a phase with rules, are not possible");
        diag_help(c->d, g, "let the rule stand outside of the braces");
    } else if (q->stretch || q->shift || k->length || q->inside || q->rules) {
        span at = q->stretch ? q->stretch->at : q->shift ? q->shift->at : k->length ? k->length->at : q->inside ? q->inside->at : q->rules->at;
        diag *g = diag_add(c->d, DIAG_CLAUSE, at, "a repeat with events in its phases has a number of rounds, and nothing else");
        diag_note(c->d, g, r->at, "the event is here");
    }
}

static void check_repeat(checker *c, const ast_phase *p, chk_phase ***tail, const clauses *k, int is_first)
{
    chk_phase *q = new_phase(c, CHK_REPEAT, p->at);
    if (!q || too_deep(c, p->name.at))
        return;
    append(tail, q);
    if (!p->has_body) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, p->at, "`repeat` needs phases to repeat");
        diag_help(c->d, g, "write `repeat 3 { cosine 100 from 0.1 -> 0 }`");
        return;
    }
    if (k->from || k->to) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, k->from ? k->from->at : k->to->at, "`repeat` has no `from` and no target of its own");
        diag_help(c->d, g, "its phases have them, inside of the braces");
    }
    for (const ast_arg *a = p->args; a; a = a->next) {
        const char *n = a->name.text;
        if (n && strcmp(n, "shift") == 0)
            continue; /* see take_shift */
        if (!n || strcmp(n, "stretch") != 0) {
            diag *g = diag_add(c->d, DIAG_ARGUMENT, n ? a->name.at : a->value->at, "`repeat` has no argument `%s`", n ? n : "without a name");
            static const char *const names[] = {"stretch", "shift"};
            const char *near = n ? diag_did_you_mean(n, names, 2) : NULL;
            if (near)
                diag_help(c->d, g, "did you mean `%s`?", near);
            else
                diag_help(c->d, g, "it has `stretch=`: how many times as long each next round is");
        } else if (q->stretch) {
            diag_add(c->d, DIAG_ARGUMENT, a->name.at, "the argument `stretch` is given twice");
        } else {
            q->stretch = a->value;
        }
    }
    take_shift(c, p->args, &q->shift);
    q->count = p->duration;
    check_count(c, q);
    check_lengths(c, q, k);
    size_t errors = c->d->errors;
    check_rules(c, p, q, k);
    check_round(c, q, p, is_first);
    check_unrolled(c, q, k);
    if (!q->body && c->d->errors == errors) {
        diag *g = diag_add(c->d, DIAG_NO_PHASE, p->at, "there is no phase to repeat");
        diag_help(c->d, g, "write `repeat 3 { cosine 100 from 0.1 -> 0 }`");
    }
}

static void check_one(checker *c, const ast_phase *p, chk_phase ***tail, int is_first);

/* PHASE { RULES }: a block of its own, so that what they scale ends with it, and what comes next begins at the scaled rate. */
static void check_with_rules(checker *c, const ast_phase *p, chk_phase ***tail, int is_first)
{
    chk_phase *q = new_phase(c, CHK_BLOCK, p->at), **inner;
    checker inside = *c;
    chk_rule **rules;
    if (!q || too_deep(c, p->at))
        return;
    inner = &q->body;
    rules = &q->inside;
    inside.nest++;
    check_one(&inside, p, &inner, is_first);
    for (const ast_stmt *s = p->body; s; s = s->next)
        if (s->kind == AST_AT || s->kind == AST_EVERY)
            chk_rule_check(&inside, s, &rules);
    if (!q->body)
        return;
    q->rules = q->body->rules; /* events see the phase, not what is in it */
    q->body->rules = NULL;
    append(tail, q);
}

static int scales_inside(const ast_phase *p)
{
    for (const ast_stmt *s = p->body; s; s = s->next)
        if (s->kind == AST_AT || s->kind == AST_EVERY)
            return 1;
    return 0;
}

void chk_refuse_events(checker *c, const chk_phase *q)
{
    if (!q->event_inside)
        return;
    if (c->around) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, q->event_inside->at, "a template that has events in its phases cannot be called in %s", c->around);
        diag_help(c->d, g, "write its phases there instead of the call");
    } else {
        diag_add(c->d, DIAG_CLAUSE, q->event_inside->at, "a phase with events, in a template among other phases, needs a call without an end or `shift`, and a template without rules");
    }
}

static void add_rule(checker *c, chk_rule **list, const chk_rule *r)
{
    chk_rule *copy = arena_alloc(c->mem, sizeof *copy);
    if (!copy)
        return;
    while (*list)
        list = &(*list)->next;
    *copy = *r;
    copy->next = NULL;
    *list = copy;
}

/* Has the template a parameter of this name? Then it is that. */
static int takes_shift(const checker *c, const ast_name *name)
{
    const chk_symbol *t = chk_find_at(c, &c->laws, name->text, name->at);
    for (uint32_t i = 0; t && i < t->nformals; i++)
        if (strcmp(t->formals[i].name, "shift") == 0)
            return 1;
    return 0;
}

/* Does the first of these phases go on from the rate that it is given, or may it? */
static int goes_on(const chk_phase *q)
{
    if (!q || q->from || q->from_zero)
        return 0;
    switch (q->kind) {
    case CHK_HOLD:
        return !q->value;
    case CHK_FREE:
        return (q->needs & 1u << CHK_START) != 0;
    case CHK_POINTS:
        return 0;
    case CHK_REPEAT: case CHK_BLOCK:
        return (q->block && q->block->start) || goes_on(q->body);
    default:
        return 1;
    }
}

/* The argument of a call in the place of which `from` could have stood; NULL: none. */
static const char *argument_of_start(checker *c, const ast_phase *p)
{
    const chk_symbol *t = chk_find_at(c, &c->laws, p->name.text, p->name.at);
    for (uint32_t i = 0; t && i < t->nformals; i++) {
        const ast_expr *e = t->defaults[i];
        if (e && e->kind == AST_NAME && strcmp(e->name.text, "start") == 0)
            return t->formals[i].name;
    }
    return NULL;
}

static void warn_of_ignored_from(checker *c, const ast_phase *p, const chk_phase *q, const ast_clause *from)
{
    if (q->block->start || goes_on(q->body) || (c->options && c->options->no_warnings))
        return;
    diag *g = diag_add(c->d, DIAG_FROM_IGNORED, from->at, "`%s` does not use the rate that it starts from here", p->name.text);
    const char *name = argument_of_start(c, p);
    if (name)
        diag_help(c->d, g, "leave `from` out, or the argument `%s`", name);
    else
        diag_help(c->d, g, "leave `from` out: the template or its arguments say the rates");
}

/* With `shift=` the clock of the template is not that of the rules in the braces of its call: these are of a block around it. */
static void wrap_call(checker *c, chk_phase *q, chk_rule *own)
{
    chk_phase *call = arena_alloc(c->mem, sizeof *call);
    if (!call)
        return;
    *call = *q;
    *q = (chk_phase){.kind = CHK_BLOCK, .at = call->at, .body = call, .rules = call->rules, .inside = own, .event_inside = call->event_inside};
    call->rules = NULL; /* events see the phase, not what is in it */
}

/* A template as a phase. */
static void check_template_phase(checker *c, const ast_phase *p, chk_phase ***tail, const clauses *k, int is_first)
{
    chk_phase *q = new_phase(c, CHK_BLOCK, p->at);
    if (!q)
        return;
    if (p->duration || p->shape.text) {
        diag *g = diag_add(c->d, DIAG_ARGUMENT, p->duration ? p->duration->at : p->shape.at, "`%s` is a template: its arguments have parentheses", p->name.text);
        diag_help(c->d, g, "write `%s(...)`, and `for 100` after it to end it early", p->name.text);
        return;
    }
    if (k->to) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, k->to->at, "`%s` is a template: it goes where its phases go", p->name.text);
        diag_help(c->d, g, "leave the target out");
        return;
    }
    append(tail, q);
    check_lengths(c, q, k);
    if (k->from) {
        q->from = k->from->value;
        check_rate(c, k->from->value);
    }
    if (too_deep(c, p->at))
        return;
    int timed = q->rules != NULL; /* a length in seconds is an event */
    const ast_arg *args = takes_shift(c, &p->name) ? p->args : take_shift(c, p->args, &q->shift);
    unsigned wraps = q->shift && scales_inside(p);
    checker inside = *c;
    inside.nest += wraps;
    if (wraps && too_deep(&inside, p->at))
        return;
    inside.nest++;
    inside.around = "another template";
    size_t errors = c->d->errors;
    q->block = chk_template(&inside, &p->name, args, p->at, !is_first || k->from);
    if (!q->block)
        return;
    q->body = q->block->phases;
    if (k->from && c->d->errors == errors)
        warn_of_ignored_from(c, p, q, k->from);
    for (const chk_rule *r = q->block->rules; r; r = r->next)
        add_rule(c, r->kind == CHK_ON ? &q->rules : &q->inside, r);
    chk_rule *own = NULL, **rules = &own;
    for (const ast_stmt *s = p->body; s; s = s->next)
        if (s->kind == AST_AT || s->kind == AST_EVERY)
            chk_rule_check(&inside, s, &rules);
    for (const chk_rule *r = wraps ? NULL : own; r; r = r->next)
        add_rule(c, &q->inside, r);
    ast_phase braces = *p;
    chk_phase outer = {0};
    check_rules(c, &braces, &outer, k);
    for (const chk_rule *r = outer.rules; r; r = r->next)
        add_rule(c, &q->rules, r);
    q->has_own = own || outer.rules || timed;
    /* where nothing acts on it as a whole, its phases stand in its place */
    const chk_rule *event = rules_within(q->body);
    q->unrolled = c->nest == 0 && !q->inside && !q->rules && !q->duration && !q->until && !q->shift;
    if (event && !q->unrolled)
        q->event_inside = event;
    if (c->nest > 0)
        chk_refuse_events(c, q);
    if (c->nest > 0 && q->block->low)
        diag_add(c->d, DIAG_CLAUSE, q->block->bounds_at, "a template with `bounds` is a schedule by itself: it cannot stand inside of another");
    if (wraps)
        wrap_call(c, q, own);
}

void chk_phase_check(checker *c, const ast_phase *p, chk_phase ***tail, int is_first)
{
    const chk_symbol *law = p->kind == AST_PHASE_LAW ? chk_find_at(c, &c->laws, p->name.text, p->name.at) : NULL;
    if (p->kind != AST_PHASE_REPEAT && p->kind != AST_PHASE_PIECEWISE && scales_inside(p) && !(law && law->kind == CHK_SYM_TEMPLATE))
        check_with_rules(c, p, tail, is_first);
    else
        check_one(c, p, tail, is_first);
}

/* rangetest LOW -> HIGH for D: equal ratios in equal times, as `exp D from LOW -> HIGH`. */
static void check_rangetest(checker *c, const ast_phase *p, chk_phase *q, clauses *k, const ast_arg *args)
{
    static const char *const example = "write `rangetest 1e-7 -> 10 for 100`";
    static const ast_name law = {"exp", {0, 0, 0, 0}};
    ast_name name = law;
    double v;
    name.at = p->name.at;
    match_law(c, q, &name, "rangetest", args, 1);
    q->is_ramp = 1;
    if (p->shape.text)
        diag_help(c->d, diag_add(c->d, DIAG_CLAUSE, p->shape.at, "`rangetest` has no shape: its rates are in equal ratios"), "%s", example);
    if (p->duration && k->from) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, k->from->at, "this range already has a low end");
        diag_note(c->d, g, p->duration->at, "here");
    }
    check_lengths(c, q, k);
    check_phase_values(c, q, k, 0);
    if (p->duration) {
        q->from = p->duration;
        check_rate(c, q->from);
    }
    if (!q->from)
        diag_help(c->d, diag_add(c->d, DIAG_NO_START, p->at, "`rangetest` needs a rate to begin at"), "%s", example);
    if (!q->to)
        diag_help(c->d, diag_add(c->d, DIAG_CLAUSE, p->at, "`rangetest` needs a rate to end at"), "%s", example);
    if (!k->length)
        diag_help(c->d, diag_add(c->d, DIAG_CLAUSE, p->at, "`rangetest` needs a length"), "%s", example);
    const ast_expr *const ends[] = {q->from, q->to};
    for (int i = 0; i < 2; i++)
        if (ends[i] && chk_constant(ends[i], &v, 0) && (!(v > 0) || !isfinite(v)))
            diag_help(c->d, diag_add(c->d, DIAG_RANGE, ends[i]->at, "a rate of `rangetest` must be finite and above 0"), "%s", example);
}

/* A function, as `sqrt` is one beside the shape, is no value by itself. */
static int names_value(const checker *c, const char *name)
{
    const chk_symbol *s = chk_find(&c->values, name);
    return s && s->kind != CHK_SYM_BUILTIN && s->kind != CHK_SYM_FUNCTION;
}

/* What is written at a place, for a proposal: short, and on one line; else what is given. */
static const char *written(checker *c, const ast_expr *e, const char *otherwise)
{
    size_t n = e ? e->at.end - e->at.begin : 0;
    const char *text = e ? c->d->sources.at[e->at.file].text + e->at.begin : NULL;
    const char *copy = text && n <= 40 && !memchr(text, '\n', n) ? arena_printf(c->mem, "%.*s", (int)n, text) : NULL;
    return copy ? copy : otherwise;
}

/* `linear warmup 500 -> 1e-3` */
static void refuse_shape_first(checker *c, const ast_phase *p, const clauses *k)
{
    diag *g = diag_add(c->d, DIAG_CLAUSE, p->shape.at, "`warmup` comes first, and its shape after it");
    const char *from = k->from ? arena_printf(c->mem, " from %s", written(c, k->from->value, "1e-6")) : "";
    const char *sign = !k->to || k->to->kind != AST_TO_FACTOR ? "" : k->to->divide ? "/" : "*";
    diag_help(c->d, g, "write `warmup %s %s%s -> %s%s`", written(c, p->duration, "500"), p->name.text, from ? from : "", sign,
              written(c, k->to ? k->to->value : NULL, "0.1"));
}

/* `warmup steps=500 -> 0.1`: a length has no name. */
static int refuse_named_length(checker *c, const ast_phase *p, const ast_name *law, const ast_arg *args)
{
    static const char *const words[] = {"steps", "step", "duration", "length", "len", "epochs", "iters", "iterations", "num_steps", "n_steps", "total_steps",
                                        "warmup_steps", "decay_steps", "T_max", "t_max"};
    int is_law = strcmp(p->name.text, "warmup") == 0 || chk_find(&c->laws, law->text);
    for (const ast_arg *a = p->duration || !is_law ? NULL : args; a; a = a->next) {
        int is_known = 0;
        for (chk_symbol *s = chk_find(&c->laws, law->text); a->name.text && s; s = chk_older(s))
            is_known |= has_formal(s, a->name.text);
        for (size_t i = 0; a->name.text && !is_known && i < sizeof words / sizeof words[0]; i++)
            if (strcmp(words[i], a->name.text) == 0) {
                diag *g = diag_add(c->d, DIAG_ARGUMENT, a->name.at, "`%s` has no argument `%s`", p->name.text, a->name.text);
                diag_help(c->d, g, "a length stands without a name: `%s %s%s`", p->name.text, written(c, a->value, "500"),
                          strcmp(a->name.text, "epochs") == 0 && a->value->kind == AST_NUMBER ? " epochs" : "");
                return 1;
            }
    }
    return 0;
}

static void check_one(checker *c, const ast_phase *p, chk_phase ***tail, int is_first)
{
    clauses k = sort_clauses(c, p);
    ast_phase here = *p; /* its name as it is declared: with that of its module */
    const chk_symbol *law = p->kind == AST_PHASE_LAW ? chk_find_at(c, &c->laws, p->name.text, p->name.at) : NULL;
    const chk_symbol *shape = p->shape.text ? chk_find_at(c, &c->laws, p->shape.text, p->shape.at) : NULL;
    if (law)
        here.name.text = law->name;
    if (shape)
        here.shape.text = shape->name;
    p = &here;
    if (law && law->kind == CHK_SYM_TEMPLATE) {
        check_template_phase(c, p, tail, &k, is_first);
        return;
    }
    if (p->kind == AST_PHASE_REPEAT) {
        check_repeat(c, p, tail, &k, is_first);
        return;
    }
    if (p->kind == AST_PHASE_POINTS) {
        check_points(c, p, tail, &k);
        return;
    }
    if (p->kind == AST_PHASE_PIECEWISE) {
        if (p->has_body)
            diag_add(c->d, DIAG_CLAUSE, p->body ? p->body->at : p->at, "a table of pieces is many phases: rules stand beside it, not in it");
        check_piecewise(c, p, tail, &k);
        return;
    }
    chk_phase *q = new_phase(c, CHK_HOLD, p->at);
    if (!q)
        return;
    append(tail, q);
    check_rules(c, p, q, &k);
    const ast_arg *args = take_shift(c, p->args, &q->shift);
    if (strcmp(p->name.text, "rangetest") == 0 && !chk_find(&c->laws, "rangetest")) {
        check_rangetest(c, p, q, &k, args);
        return;
    }
    if (p->kind == AST_PHASE_CURVE) {
        q->kind = CHK_FREE;
        q->value = p->value;
        q->duration = p->duration;
        check_lengths(c, q, &k);
        check_phase_values(c, q, &k, 0);
        if (is_first && q->to_factor && !q->from) {
            diag *g = diag_add(c->d, DIAG_NO_START, k.to->at, "a target that is a part of the start needs a rate to start from");
            diag_help(c->d, g, "add `from 0.1`, or give the target itself, as in `-> 0.01`");
        }
        refuse_args(c, args, "`curve`", "its formula stands without a name: `curve 0.1 / (1 + t)`");
        checker inner = *c;
        inner.locals = c->rate_locals | 1u << CHK_T | 1u << CHK_STEP | 1u << CHK_EPOCH;
        if (q->duration || q->until)
            inner.locals |= 1u << CHK_U;
        if (q->from || !is_first)
            inner.locals |= 1u << CHK_START;
        if (q->to)
            inner.locals |= 1u << CHK_END;
        inner.needs = 0;
        chk_formula(&inner, (ast_expr *)q->value);
        q->needs = inner.needs;
        return;
    }
    if (refuse_unknown_unit(c, p, &k))
        return;
    if (strcmp(p->name.text, "hold") == 0) {
        q->value = p->duration;
        if (q->value)
            check_rate(c, q->value);
        else if (k.from)
            q->value = k.from->value;
        refuse_args(c, args, "`hold`", "write `hold 0.1 for 500`");
        check_lengths(c, q, &k);
        if (p->shape.text) {
            diag *g = diag_add(c->d, DIAG_CLAUSE, p->shape.at, "`hold` keeps one rate: `%s` has no place here", p->shape.text);
            diag_help(c->d, g, "write `hold 0.1 for 500`");
        }
        if (k.to)
            diag_add(c->d, DIAG_CLAUSE, k.to->at, "`hold` keeps one rate: it has no target");
        if (k.from && p->duration)
            diag_add(c->d, DIAG_CLAUSE, k.from->at, "`hold` keeps one rate: give it once");
        else if (k.from)
            check_rate(c, k.from->value);
        if (q->shift)
            diag_add(c->d, DIAG_ARGUMENT, q->shift->at, "`hold` has no `shift`: nothing changes in it");
        if (!q->value && is_first) {
            diag *g = diag_add(c->d, DIAG_NO_START, q->at, "the first phase needs a rate to hold");
            diag_help(c->d, g, "write `hold 0.1`");
        }
        return;
    }
    int is_warmup = k.is_warmup = strcmp(p->name.text, "warmup") == 0;
    /* `warmup cosine -> 0.1 for 5`: the name is the shape, since the length is said elsewhere */
    int names_shape = is_warmup && !p->shape.text && k.length && p->duration && p->duration->kind == AST_NAME &&
                      !p->duration->symbol && !names_value(c, p->duration->name.text) && chk_find(&c->laws, p->duration->name.text);
    static const ast_name linear = {"linear", {0, 0, 0, 0}};
    ast_name name = p->name;
    if (is_warmup) {
        name = p->shape.text ? p->shape : linear;
        name.at = p->shape.text ? p->shape.at : p->name.at;
        if (p->shape_args && args)
            refuse_args(c, args, "`warmup`", "the shape after it has them already");
        else if (p->shape_args)
            args = take_shift(c, p->shape_args, &q->shift);
    } else if (p->shape.text && strcmp(p->shape.text, "warmup") == 0) {
        refuse_shape_first(c, p, &k);
        return;
    } else if (p->shape.text) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, p->shape.at, "only `warmup` is followed by the name of a shape");
        diag_help(c->d, g, "write `%s` first: `%s 100 -> 0`", p->shape.text, p->shape.text);
    }
    q->duration = p->duration;
    if (names_shape) {
        name = p->duration->name;
        q->duration = NULL;
    }
    q->from_zero = is_warmup && !k.from;
    const chk_symbol *named = chk_find(&c->laws, name.text);
    if (!p->duration && !p->shape.text && args && !args->name.text && named && named->nformals == 1 && !chk_older(named)) {
        diag *g = diag_add(c->d, DIAG_ARGUMENT, args->value->at, "the duration of `%s` stands without parentheses", p->name.text);
        diag_help(c->d, g, "write `%s 500 -> 0.1`", p->name.text);
        return;
    }
    if (refuse_named_length(c, p, &name, args))
        return;
    size_t errors = c->d->errors;
    match_law(c, q, &name, is_warmup && !p->shape.text && !names_shape ? "warmup" : name.text, args, is_warmup || k.to != NULL);
    if (!q->law.symbol && c->d->errors > errors)
        return; /* what a law of another name takes is not known */
    int is_matched = c->d->errors == errors;
    check_lengths(c, q, &k);
    check_phase_values(c, q, &k, is_first && q->law.symbol); /* a wrong name is one error, not two */
    check_law_arguments(c, q, &name);
    if (q->law.symbol)
        warn_of_zero_target(c, q);
    int needs_length = is_warmup || k.to != NULL;
    if (is_warmup && !k.to) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, p->at, "`warmup` needs a target");
        diag_help(c->d, g, "write `warmup 500 -> 0.1`");
    }
    if (needs_length && is_matched && !q->duration && !q->until) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, p->name.at, q->rules ? "`%s` needs a duration that is known before the run" : "`%s` needs a duration",
                           p->name.text);
        if (chk_has_action(q->rules, AST_NEXT))
            diag_help(c->d, g, "give it one as well: `%s 500 -> 0.1 until plateau(...)` ends at whichever comes first", p->name.text);
        else
            diag_help(c->d, g, "write `%s 500 -> 0.1`, or `%s until total -> 0`", p->name.text, p->name.text);
    }
    if (q->law.symbol && q->kind == CHK_CURVED && q->from_zero) {
        diag *g = diag_add(c->d, DIAG_NO_START, name.at, "`%s` cannot start at 0", name.text);
        diag_help(c->d, g, "add `from 1e-6`");
    }
}
