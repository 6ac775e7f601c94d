/* check_expr.c: resolves and types expressions.
 * In: trees, and the scopes that check.c filled. Out: symbol, type, bound and as_duration of every node.
 * Calls: diagnostics only. */
#include "check.h"

#include <math.h>
#include <string.h>
#include "foreign.h"
#include "ir.h"

/* Elements that `sum` adds: it becomes a tree of that height. */
#define MAX_SUM 1000

const char *const chk_unit_names[] = {"steps", "epochs", "samples", "tokens", "%", "seconds", "minutes", "hours"};
const char *const chk_local_names[CHK_LOCALS] = {"t", "u", "start", "end", "step", "epoch", "cycle"};

const chk_builtin chk_builtin_table[] = {
    {"abs", 1, 1, 1, IR_ABS, "absolute value"},
    {"before", 2, 2, 1, CHK_FN_BEFORE, "before(list, x): the list of what stands before each element; x before the first"},
    {"ceil", 1, 1, 1, IR_CEIL, "the next whole number at or above"},
    {"clamp", 3, 3, 1, CHK_FN_CLAMP, "clamp(x, low, high)"},
    {"cos", 1, 1, 0, IR_COS, "cosine of radians"},
    {"cospi", 1, 1, 0, IR_COSPI, "cosine of pi times x"},
    {"exp", 1, 1, 0, IR_EXP, "e to the power x"},
    {"exp2", 1, 1, 0, IR_EXP2, "2 to the power x"},
    {"floor", 1, 1, 1, IR_FLOOR, "the next whole number at or below"},
    {"hcos", 1, 1, 0, IR_HCOS, "half-cosine: (1 - cos(pi x))/2, 0 at 0 and 1 at 1"},
    {"if", 3, 3, 1, CHK_FN_IF, "if(condition, a, b)"},
    {"indices", 1, 1, 0, CHK_FN_INDICES, "indices(list): the list 0, 1, 2, ... of as many elements"},
    {"item", 2, 2, 1, CHK_FN_ITEM, "item(list, i): element i of a list, counted from 0"},
    {"len", 1, 1, 0, CHK_FN_LEN, "len(list): the number of elements"},
    {"log", 1, 1, 0, IR_LOG, "natural logarithm"},
    {"log10", 1, 1, 0, IR_LOG10, "logarithm to base 10"},
    {"log2", 1, 1, 0, IR_LOG2, "logarithm to base 2"},
    {"max", 1, -1, 1, CHK_FN_MAX, "the largest argument"},
    {"min", 1, -1, 1, CHK_FN_MIN, "the smallest argument"},
    {"mod", 2, 2, 1, IR_MOD, "a - b*floor(a/b), for b above 0"},
    {"pow", 2, 2, 0, IR_POW, "a to the power b"},
    {"product", 1, 1, 0, CHK_FN_PRODUCT, "product(list): the product of the elements"},
    {"round", 1, 1, 1, IR_ROUND, "the nearest whole number, halves away from zero"},
    {"sigmoid", 1, 1, 0, CHK_FN_SIGMOID, "1/(1 + e^-x)"},
    {"sin", 1, 1, 0, IR_SIN, "sine of radians"},
    {"sinpi", 1, 1, 0, IR_SINPI, "sine of pi times x"},
    {"sqrt", 1, 1, 0, IR_SQRT, "square root"},
    {"sum", 1, 1, 1, CHK_FN_SUM, "sum(list): the sum of the elements"},
    {"tan", 1, 1, 0, CHK_FN_TAN, "tangent of radians"},
    {"tanh", 1, 1, 0, IR_TANH, "hyperbolic tangent"},
    {"trunc", 1, 1, 1, IR_TRUNC, "the whole part"},
};
const uint32_t chk_builtin_count = sizeof chk_builtin_table / sizeof chk_builtin_table[0];

static const struct {
    const char *name;
    double value, low; /* value + low is the constant to 106 bits */
} constants[] = {
    {"pi", 0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53},
    {"e", 0x1.5bf0a8b145769p+1, 0x1.4d57ee2b1013ap-53},
    {"inf", (double)INFINITY, 0},
    {"true", 1, 0},
    {"false", 0, 0},
    {"True", 1, 0}, /* as Python writes them */
    {"False", 0, 0},
};

static uint32_t bucket_of(const chk_scope *scope, const char *name)
{
    uint32_t h = 2166136261u;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return (h ^ h >> 15) & (scope->nbuckets - 1);
}

static void put_bucket(chk_scope *scope, chk_symbol *s)
{
    chk_symbol **bucket = &scope->buckets[bucket_of(scope, s->name)];
    s->bucket_next = *bucket;
    *bucket = s;
}

static void grow_scope(checker *c, chk_scope *scope)
{
    uint32_t n = scope->nbuckets ? scope->nbuckets * 2 : 16, k = 0;
    chk_symbol **buckets = arena_alloc(c->mem, n * sizeof *buckets), **oldest_first;
    oldest_first = arena_alloc(c->mem, (scope->n + 1) * sizeof *oldest_first);
    if (!buckets || !oldest_first)
        return;
    scope->buckets = buckets;
    scope->nbuckets = n;
    for (chk_symbol *s = scope->latest; s; s = s->next)
        oldest_first[k++] = s;
    while (k)
        put_bucket(scope, oldest_first[--k]);
}

void chk_declare(checker *c, chk_scope *scope, chk_symbol *s)
{
    if (scope->n >= scope->nbuckets)
        grow_scope(c, scope);
    s->next = scope->latest;
    scope->latest = s;
    scope->n++;
    if (scope->nbuckets)
        put_bucket(scope, s);
}

chk_symbol *chk_find_at(const checker *c, const chk_scope *scope, const char *name, span at)
{
    const char *prefix = chk_prefix(c, at.file);
    chk_symbol *s = NULL;
    if (*prefix) {
        const char *whole = arena_printf(c->mem, "%s%s", prefix, name);
        s = whole ? chk_find(scope, whole) : NULL;
    }
    return s ? s : chk_find(scope, name);
}

static chk_symbol *of_name(chk_symbol *s, const char *name)
{
    while (s && strcmp(s->name, name) != 0)
        s = s->bucket_next;
    return s;
}

chk_symbol *chk_find(const chk_scope *scope, const char *name)
{
    return scope->nbuckets ? of_name(scope->buckets[bucket_of(scope, name)], name) : NULL;
}

chk_symbol *chk_older(const chk_symbol *s)
{
    return of_name(s->bucket_next, s->name);
}

int chk_is_mute(const checker *c)
{
    return c->d->errors - c->d->repeated > c->d->max_errors;
}

static void add_builtin(checker *c, enum chk_symbol_kind kind, const char *name, uint32_t index)
{
    chk_symbol *s = arena_alloc(c->mem, sizeof *s);
    if (!s)
        return;
    s->kind = kind;
    s->name = name;
    s->index = index;
    s->done = 1;
    s->in_prelude = 1;
    s->type = CHK_NUMBER;
    if (kind == CHK_SYM_CONSTANT) {
        s->is_constant = 1;
        s->value = constants[index].value;
        s->value_low = constants[index].low;
    }
    chk_declare(c, &c->values, s);
}

void chk_builtins(checker *c)
{
    for (uint32_t i = 0; i < chk_builtin_count; i++)
        add_builtin(c, CHK_SYM_BUILTIN, chk_builtin_table[i].name, i);
    for (uint32_t i = 0; i < sizeof constants / sizeof constants[0]; i++)
        add_builtin(c, CHK_SYM_CONSTANT, constants[i].name, i);
}

/* ---- names ------------------------------------------------------------------------------------ */

#define NO_NAN "NaN is no observation: a trainer that wants a rule for it passes INFINITY, and the rule is `on (metric == inf) stop`"

/* A call of something that is no function here, but is known. 0: nothing is known of it. */
static int advise_call(checker *c, diag *g, const ast_name *name, const ast_arg *args)
{
    static const char *const tests[] = {"isnan", "isfinite", "isinf"};
    const char *help = NULL, *function = foreign_function(name->text, &help);
    const chk_symbol *f = function ? chk_find(&c->values, function) : NULL, *law = chk_find(&c->laws, name->text);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        if (strcmp(foreign_last(name->text), tests[i]) == 0) {
            diag_help(c->d, g, NO_NAN);
            return 1;
        }
    if (help) {
        diag_help(c->d, g, "%s", help);
    } else if (f && f->kind == CHK_SYM_BUILTIN) {
        diag_fix(c->d, g, "%s", function);
        diag_help(c->d, g, "here it is `%s(...)`", function);
    } else if (strcmp(name->text, "plateau") == 0 || strcmp(name->text, "diverge") == 0) {
        diag_help(c->d, g, "an event that ends a phase has no action; a rule with one is a statement: `on %s(...) *0.5`", name->text);
    } else if (law && law->kind == CHK_SYM_DECAY && law->nformals > 1) {
        diag_help(c->d, g, "`%s` is a law, which begins a phase: `schedule lr { %s %s=100 from 0.1 }`", name->text, name->text, law->formals[1].name);
    } else if (law && law->in_prelude) {
        diag_help(c->d, g, "`%s` is a law, which begins a phase: `schedule lr { %s 100 from 0.1 -> 0 }`", name->text, name->text);
    } else {
        return chk_advise_foreign(c, g, name->text, args);
    }
    return 1;
}

/* math.pi, np.inf */
static int advise_number(checker *c, diag *g, const ast_name *name)
{
    const char *help, *last = strchr(name->text, '.') ? foreign_function(name->text, &help) : NULL;
    const chk_symbol *s = last ? chk_find(&c->values, last) : NULL;
    if (!s || s->kind != CHK_SYM_CONSTANT)
        return 0;
    diag_fix(c->d, g, "%s", last);
    diag_help(c->d, g, "here it is `%s`", last);
    return 1;
}

static void unknown_name(checker *c, const ast_name *name, int is_call, const ast_arg *args)
{
    diag *g = diag_add(c->d, DIAG_UNKNOWN_NAME, name->at, is_call ? "there is no function `%s`" : "there is no `%s`", name->text);
    size_t n = 0;
    if (chk_is_mute(c) || (is_call ? advise_call(c, g, name, args) : advise_number(c, g, name)))
        return;
    for (chk_symbol *s = c->values.latest; s; s = s->next)
        n++;
    n += c->schedules.n;
    const char **names = arena_alloc(c->mem, (n + c->nformals + CHK_LOCALS + 1) * sizeof *names);
    if (!names)
        return;
    n = 0;
    for (uint32_t i = 0; i < c->nformals; i++)
        names[n++] = c->formals[i].name;
    for (int i = 0; i < CHK_LOCALS; i++)
        if (c->locals & 1u << i)
            names[n++] = chk_local_names[i];
    for (chk_symbol *s = c->values.latest; s; s = s->next)
        if (is_call == (s->kind == CHK_SYM_FUNCTION || s->kind == CHK_SYM_BUILTIN))
            names[n++] = s->name;
    for (chk_symbol *s = c->output && !is_call ? c->schedules.latest : NULL; s; s = s->next)
        if (c->locals & 1u << CHK_STEP && s->output != c->output)
            names[n++] = s->name;
    static const char *const rates[] = {"lr", "rate", "learning_rate", "base_lr", "initial_lr"};
    int is_rate = 0;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
        is_rate |= !is_call && c->locals && strcmp(rates[i], name->text) == 0;
    const char *near = diag_did_you_mean(name->text, names, n);
    if (is_rate) {
        diag_help(c->d, g, "the rate where the phase begins is `start`");
    } else if (!is_call && (strcmp(name->text, "nan") == 0 || strcmp(name->text, "NaN") == 0)) {
        diag_help(c->d, g, c->watch ? NO_NAN : "every rate of a schedule is a number: there is `inf`, and no `nan`");
    } else if (!is_call && strcmp(name->text, "None") == 0) {
        diag_help(c->d, g, "what is not given is left out");
    } else if (near) {
        diag_help(c->d, g, "did you mean `%s`?", near);
        diag_fix(c->d, g, "%s", near);
    } else if (c->watch && !is_call && !strchr(name->text, '.')) {
        diag_help(c->d, g, "a metric is declared: add `input %s` on a line before", name->text);
    } else if (!is_call && strchr(name->text, '.')) {
        diag_help(c->d, g, "a program knows no objects: write the value, or declare a name without a dot, as in `param %s = 1`", foreign_last(name->text));
    } else if (chk_find(&c->laws, name->text)) {
        diag_help(c->d, g, "`%s` is a law: it starts a phase, as in `%s 10 -> 0.1`", name->text, name->text);
    } else if (!is_call) {
        diag_help(c->d, g, "declare it on a line before: `param %s = 1`, or `let %s = 1`", name->text, name->text);
    }
}

static chk_symbol *find_formal(const checker *c, const char *name)
{
    for (uint32_t i = 0; i < c->nformals; i++)
        if (strcmp(c->formals[i].name, name) == 0)
            return &c->formals[i];
    return NULL;
}

static int find_local(const char *name)
{
    for (int i = 0; i < CHK_LOCALS; i++)
        if (strcmp(chk_local_names[i], name) == 0)
            return i;
    return -1;
}

/* What an input was last is known when something is observed, and then only. */
static enum chk_type check_input(checker *c, ast_expr *e, chk_symbol *s)
{
    if (c->before_run) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, e->at, "`%s` is an input, and `%s` is decided before the run", s->name, c->before_run);
        diag_help(c->d, g, "a rule watches it: `on (%s > 10) stop`", s->name);
        return CHK_ANY;
    }
    if (!c->watch) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, e->at, "`%s` is an input: its value is not known before the run, and the rate at a step must be", s->name);
        diag_help(c->d, g, "use it in a condition: `on (%s > 10) stop`, `hold until (%s < 0.1)`", s->name, s->name);
        return CHK_ANY;
    }
    e->symbol = s;
    *c->watch |= 1u << s->index;
    return s == c->program->elapsed ? CHK_SECONDS : CHK_ANY;
}

/* A param may have the name of a schedule, and be what its own phases mean by it; another schedule may mean either. */
static void refuse_two_meanings(checker *c, const chk_symbol *s, span at)
{
    const chk_symbol *o = c->output && c->locals & 1u << CHK_STEP ? chk_find(&c->schedules, s->name) : NULL;
    if (!o || o->output == c->output || o->output->is_hidden || !s->decl)
        return;
    diag *g = diag_add(c->d, DIAG_DUPLICATE, at, "`%s` is a %s and a schedule: which of them is meant?", s->name, chk_kind_names[s->kind]);
    diag_note(c->d, g, s->at, "give the %s another name", chk_kind_names[s->kind]);
}

/* Where a well-known param is missing. */
static void help_param(const checker *c, diag *g, const char *name, const char *value, const char *plain)
{
    if (c->d->for_command)
        diag_help(c->d, g, "add `param %s = %s`, or pass -D %s=%s", name, value, name, plain);
    else
        diag_help(c->d, g, "add `param %s = %s`", name, value);
}

static enum chk_type check_name(checker *c, ast_expr *e)
{
    const char *name = e->name.text;
    chk_symbol *s = e->symbol;
    if (s && (s->kind == CHK_SYM_LET || s->kind == CHK_SYM_RATE)) { /* a parameter of a template */
        chk_use(c, s);
        c->needs |= s->kind == CHK_SYM_RATE ? CHK_NEEDS_RATE : s->needs & CHK_NEEDS_RATE;
        return s->type;
    }
    s = find_formal(c, name);
    if (s) {
        e->symbol = s;
        return s->type;
    }
    int local = find_local(name);
    s = chk_find_at(c, &c->values, name, e->at);
    if (local >= 0 && (c->locals & 1u << local || !s)) {
        if (!(c->locals & 1u << local) && local == CHK_START && c->start) {
            e->symbol = chk_template_start(c, e->at);
            c->needs |= CHK_NEEDS_RATE;
            return CHK_NUMBER;
        }
        if (!(c->locals & 1u << local)) {
            diag *g = diag_add(c->d, DIAG_UNKNOWN_NAME, e->at, "`%s` has no meaning here", name);
            if (c->before_run)
                diag_help(c->d, g, "`%s` is decided before the run: by params, names and the arguments of a template", c->before_run);
            else if (!c->watch && c->locals && (local == CHK_U || local == CHK_END))
                diag_help(c->d, g, local == CHK_END ? "it is the rate where the phase ends: give the phase a duration and a target, as in `... 10 -> 0.1`"
                                                   : "it is the part of the phase that is over: give the phase a duration, as in `for 100`");
            else if (local == CHK_CYCLE && c->rate_locals & 1u << CHK_CYCLE && c->forward)
                diag_help(c->d, g, "an argument of a call is the same in each round; a template that has the rate from `start` takes it after `from`");
            else if (local == CHK_CYCLE && c->rate_locals & 1u << CHK_CYCLE)
                diag_help(c->d, g, "it stands in rates: after `from` and `->`, in `hold` and in `curve`; `stretch=` is what makes rounds longer");
            else if (local == CHK_CYCLE)
                diag_help(c->d, g, "it is the round of a `repeat`, inside of its braces");
            else if (c->watch)
                diag_help(c->d, g, "a condition knows the inputs, `step` and `epoch`");
            else if (c->locals && local == CHK_START)
                diag_help(c->d, g, "it is the rate where the phase begins: say which that is by `from 0.1`");
            else
                diag_help(c->d, g, "it changes with the step: use it in `curve EXPR` or in a `shape`, `decay` or `curve` of your own");
            return CHK_ANY;
        }
        c->needs |= 1u << local;
        if (local == CHK_EPOCH && c->program->unit != AST_EPOCHS && !c->program->steps_per_epoch) {
            diag *g = diag_add(c->d, DIAG_UNIT, e->at, "`epoch` needs to know how many steps an epoch has");
            help_param(c, g, "steps_per_epoch", "1000", "1000");
        } else if (local == CHK_EPOCH || local == CHK_STEP) {
            chk_conversion(c, local == CHK_EPOCH ? AST_EPOCHS : AST_STEPS, e->at);
        }
        chk_symbol *l = arena_alloc(c->mem, sizeof *l);
        if (l) {
            l->kind = CHK_SYM_LOCAL;
            l->name = name;
            l->index = (uint32_t)local;
            l->type = local == CHK_T ? CHK_DURATION : CHK_NUMBER;
            if (local == CHK_STEP || local == CHK_EPOCH)
                l->type = CHK_ANY;
            e->symbol = l;
        }
        return l ? l->type : CHK_ANY;
    }
    if (!s && strcmp(name, "metric") == 0 && c->program->ninputs == 0) {
        s = arena_alloc(c->mem, sizeof *s); /* the input of a file that declares none */
        if (s)
            *s = (chk_symbol){.kind = CHK_SYM_INPUT, .name = name, .done = 1};
        return s ? check_input(c, e, s) : CHK_ANY;
    }
    if (!s || s->kind == CHK_SYM_FUNCTION || s->kind == CHK_SYM_BUILTIN) {
        int refused;
        chk_symbol *o = chk_read_output(c, name, NULL, e->at, &refused);
        if (o)
            e->symbol = o;
        if (o || refused)
            return CHK_ANY;
    }
    if (!s) {
        unknown_name(c, &e->name, 0, NULL);
        return CHK_ANY;
    }
    refuse_two_meanings(c, s, e->at);
    if (s->kind == CHK_SYM_FUNCTION || s->kind == CHK_SYM_BUILTIN) {
        diag *g = diag_add(c->d, DIAG_TYPE, e->at, "`%s` is a function: it needs arguments", name);
        diag_help(c->d, g, "write `%s(...)`", name);
        return CHK_ANY;
    }
    if (s->kind == CHK_SYM_INPUT)
        return check_input(c, e, s);
    s->used = 1;
    if (s->kind == CHK_SYM_LET && s->decl && (s->decl->value->kind == AST_STRING || s->decl->value->kind == AST_LIST)) {
        diag_add(c->d, DIAG_TYPE, e->at, "a number is expected here, and `%s` is a %s", name, s->decl->value->kind == AST_LIST ? "list" : "text");
        return CHK_ANY;
    }
    chk_use(c, s);
    e->symbol = s;
    return s->type;
}

void chk_help_names(checker *c, diag *g, const char *says, const char *const *names, size_t n)
{
    const char *list = "";
    for (size_t i = 0; i < n && list; i++)
        list = arena_printf(c->mem, "%s%s%s", list, i ? ", " : "", names[i]);
    if (list && n)
        diag_help(c->d, g, "%s %s", says, list);
}

/* ---- calls ------------------------------------------------------------------------------------ */

span chk_with_comma(const checker *c, const ast_arg *a)
{
    span at = a->name.text ? span_join(a->name.at, a->value->at) : a->value->at;
    const source *s = &c->d->sources.at[at.file];
    uint32_t end = at.end, begin = at.begin;
    while (end < s->len && strchr(" \t\r\n", s->text[end]))
        end++;
    if (end < s->len && s->text[end] == ',') {
        for (end++; end < s->len && s->text[end] == ' '; end++)
            ;
        at.end = end;
        return at;
    }
    while (begin > 0 && strchr(" \t\r\n", s->text[begin - 1]))
        begin--;
    if (begin > 0 && s->text[begin - 1] == ',')
        at.begin = begin - 1;
    return at;
}

/* What Python's schedulers have as their last parameters, and pasted lines give without a name. */
static const char *trailing_of_python(const ast_expr *v)
{
    if (v->kind == AST_UNARY && v->op == AST_NEG && v->left->kind == AST_NUMBER && v->left->number == 1)
        return "last_epoch";
    return v->kind == AST_NAME && !v->symbol && (strcmp(v->name.text, "True") == 0 || strcmp(v->name.text, "False") == 0) ? "verbose" : NULL;
}

/* An argument without a name for which no place is left, as there was in Python. */
static const char *left_over(const ast_arg *a, int has_place)
{
    return a->name.text || has_place ? NULL : trailing_of_python(a->value);
}

/* Arguments of training scripts that have no meaning here: said, and passed over. formal: what it would be; NULL: nothing. */
static int is_left_out(checker *c, const chk_symbol *f, const char *what, const ast_arg *a, const chk_symbol *formal, int has_place)
{
    const ast_expr *v = a->value;
    const char *last = left_over(a, has_place);
    const char *name = last ? last : v->kind == AST_NAME && !v->symbol && !chk_find_at(c, &c->values, v->name.text, v->at) ? v->name.text : "";
    const char *why = a->name.text && !formal ? foreign_argument(a->name.text) : last ? foreign_argument(last) :
                      !a->name.text && foreign_is_optimizer(name) ? foreign_argument("optimizer") : NULL;
    int is_none = !why && formal && strcmp(name, "None") == 0;
    diag *g;
    if (f->kind != CHK_SYM_TEMPLATE || (!why && !is_none))
        return 0;
    if (is_none)
        g = diag_add(c->d, DIAG_ARGUMENT, chk_with_comma(c, a), "there is no `None`: an argument that is not given has its default");
    else
        g = diag_add(c->d, DIAG_ARGUMENT, chk_with_comma(c, a), "%s takes no `%s`: %s", what, a->name.text ? a->name.text : name, why);
    diag_label(c->d, g, "leave this out");
    diag_fix(c->d, g, "%s", "");
    return 1;
}

/* The words of an argument, when they are on one line; NULL: too long to be repeated. */
static const char *words_of(checker *c, span at)
{
    const source *s = &c->d->sources.at[at.file];
    uint32_t n = at.end - at.begin;
    return n == 0 || n > 40 || memchr(s->text + at.begin, '\n', n) ? NULL : arena_printf(c->mem, "%.*s", (int)n, s->text + at.begin);
}

/* It has no name, and no parameter takes it by its place. */
static void say_no_place(checker *c, const char *what, const chk_symbol *f, uint32_t first, const ast_arg *a, uint32_t position)
{
    uint32_t n = f->nplaces > first ? f->nplaces - first : 0;
    const char *words = words_of(c, a->value->at);
    if (position < f->nformals) {
        const char *name = f->formals[position].name;
        diag *g = diag_add(c->d, DIAG_ARGUMENT, a->value->at, "`%s` of %s is given by name: write `%s=%s`", name, what, name, words ? words : "...");
        diag_label(c->d, g, "this has no name");
    } else if (n) {
        diag_add(c->d, DIAG_ARGUMENT, a->value->at, "%s takes %u argument%s%s", what, n, n == 1 ? "" : "s", f->nplaces < f->nformals ? " without a name" : "");
    } else {
        diag_add(c->d, DIAG_ARGUMENT, a->value->at, "%s takes no arguments%s", what, f->nplaces < f->nformals ? " without a name" : "");
    }
}

int chk_assign(checker *c, span at, const char *what, const chk_symbol *f, uint32_t first, const ast_arg *args,
               const ast_expr ***bound)
{
    uint32_t n = f->nformals - first, position = first;
    const ast_expr **b = arena_alloc(c->mem, (n + 1) * sizeof *b);
    int bad = 0;
    if (!b)
        return -1;
    *bound = b;
    for (const ast_arg *a = args; a; a = a->next) {
        uint32_t i = position;
        if (a->name.text) {
            for (i = first; i < f->nformals && strcmp(f->formals[i].name, a->name.text) != 0; i++)
                ;
        }
        if (is_left_out(c, f, what, a, i < f->nformals ? &f->formals[i] : NULL, i < f->nplaces)) {
            position += !a->name.text && i < f->nplaces && a->value->kind == AST_NAME && strcmp(a->value->name.text, "None") == 0;
            continue;
        }
        if (a->name.text) {
            if (i == f->nformals) {
                const char **names = arena_alloc(c->mem, (n + 1) * sizeof *names);
                diag *g = diag_add(c->d, DIAG_ARGUMENT, a->name.at, "%s has no argument `%s`", what, a->name.text);
                for (uint32_t k = 0; names && k < n; k++)
                    names[k] = f->formals[first + k].name;
                const char *near = names ? diag_did_you_mean(a->name.text, names, n) : NULL;
                if (near)
                    diag_help(c->d, g, "did you mean `%s`?", near);
                else if (names)
                    chk_help_names(c, g, "it takes", names, n);
                bad = 1;
                continue;
            }
        } else {
            position++;
            if (i >= f->nplaces) {
                if (!bad) /* however many are too many */
                    say_no_place(c, what, f, first, a, i);
                bad = 1;
                continue;
            }
        }
        if (b[i - first]) {
            diag_add(c->d, DIAG_ARGUMENT, a->value->at, "the argument `%s` is given twice", f->formals[i].name);
            bad = 1;
            continue;
        }
        b[i - first] = a->value;
    }
    for (uint32_t i = first; i < f->nformals && !bad; i++) /* what is missing may be what is misspelt */
        if (!b[i - first] && !f->defaults[i]) {
            diag *g = diag_add(c->d, DIAG_ARGUMENT, at, "%s needs the argument `%s`", what, f->formals[i].name);
            diag_help(c->d, g, "add `%s=...`", f->formals[i].name);
            return -1;
        }
    return bad ? -1 : 0;
}

int chk_match(checker *c, span at, const char *what, const chk_symbol *f, uint32_t first, const ast_arg *args,
              const ast_expr ***bound)
{
    *bound = NULL;
    int status = chk_assign(c, at, what, f, first, args, bound);
    for (uint32_t i = first; i < f->nformals && *bound; i++)
        if ((*bound)[i - first])
            chk_number(c, (ast_expr *)(*bound)[i - first], f->formals[i].type);
    return status;
}

/* Both branches are numbers, or both are conditions. */
static enum chk_type check_if(checker *c, const ast_expr *e, enum chk_type expected)
{
    const ast_arg *condition = e->args, *a = condition ? condition->next : NULL, *b = a ? a->next : NULL;
    size_t errors = c->d->errors;
    if (condition)
        chk_expr(c, condition->value, CHK_BOOL);
    enum chk_type yes = a ? chk_expr(c, a->value, expected) : CHK_ANY, no = b ? chk_expr(c, b->value, expected) : CHK_ANY;
    for (const ast_arg *more = b ? b->next : NULL; more; more = more->next) /* too many: they are reported */
        chk_expr(c, more->value, CHK_ANY);
    if (b && (yes == CHK_BOOL) != (no == CHK_BOOL) && c->d->errors == errors) {
        const ast_arg *odd = no == CHK_BOOL ? b : a, *other = no == CHK_BOOL ? a : b;
        diag *g = diag_add(c->d, DIAG_TYPE, odd->value->at, "this branch of `if` is a condition, and the other is a number");
        diag_note(c->d, g, other->value->at, "the number is here");
        return CHK_ANY;
    }
    return yes == CHK_BOOL ? CHK_BOOL : yes == CHK_SECONDS || no == CHK_SECONDS ? CHK_SECONDS : yes == CHK_DURATION || no == CHK_DURATION ? CHK_DURATION : CHK_ANY;
}

/* Lists among arguments taken apart. */
static ast_arg *flat(checker *c, ast_arg *args)
{
    ast_arg *first = NULL, **tail = &first;
    for (ast_arg *a = args; a; a = a->next) {
        ast_expr **elements, *one[] = {a->value};
        uint32_t n = 1;
        if (!chk_is_list(c, a->value))
            elements = one;
        else if (chk_list(c, a->value, &elements, &n))
            return args;
        for (uint32_t k = 0; k < n; k++) {
            ast_arg *copy = arena_alloc(c->mem, sizeof *copy);
            if (!copy)
                return args;
            *copy = *a;
            copy->value = elements[k];
            copy->next = NULL;
            *tail = copy;
            tail = &copy->next;
        }
    }
    return first;
}

/* len(list), sum(list), product(list), item(list, i): the call becomes what it is worth. indices(list) is a list itself, no number. */
static enum chk_type check_list_call(checker *c, ast_expr *e, const chk_builtin *f, enum chk_type expected)
{
    const ast_arg *list = e->args, *index = list ? list->next : NULL;
    ast_expr **elements;
    uint32_t n;
    double i;
    if (!list || list->name.text || (f->op == CHK_FN_ITEM) != (index != NULL) || (index && index->next) || !chk_is_list(c, list->value)) {
        diag *g = diag_add(c->d, DIAG_ARGUMENT, e->at, "`%s` takes a list%s", f->name, f->op == CHK_FN_ITEM ? " and a position in it" : "");
        if (f->op == CHK_FN_LEN && list && list->value->kind == AST_NAME && strstr(list->value->name.text, "loader"))
            diag_help(c->d, g, "how long an epoch is, is a param: `param steps_per_epoch = 5004`, and a length is then `5 epochs`");
        else
            diag_help(c->d, g, "%s", f->help);
        return CHK_ANY;
    }
    if (f->op == CHK_FN_INDICES) {
        diag_add(c->d, DIAG_TYPE, e->at, "this is a list, not a number");
        return CHK_ANY;
    }
    if (chk_list(c, list->value, &elements, &n))
        return CHK_ANY;
    if (f->op == CHK_FN_ITEM) {
        if (!chk_constant(index->value, &i, 0) || !(i >= 0 && i < n) || i != floor(i)) {
            diag_add(c->d, DIAG_RANGE, index->value->at, "the position in this list is a whole number from 0 to %d", (int)n - 1);
            return CHK_ANY;
        }
        *e = *elements[(uint32_t)i];
        return chk_expr(c, e, expected);
    }
    if (f->op != CHK_FN_LEN && n > MAX_SUM) {
        diag_add(c->d, DIAG_LIMIT, list->value->at, "a %s has at most %d elements", f->name, MAX_SUM);
        return CHK_ANY;
    }
    span at = e->at;
    ast_expr total = {.kind = AST_NUMBER, .at = at, .number = f->op == CHK_FN_LEN ? n : f->op == CHK_FN_PRODUCT ? 1 : 0, .height = 1};
    for (uint32_t k = 0; k < n && f->op != CHK_FN_LEN; k++) {
        ast_expr *before = arena_alloc(c->mem, sizeof *before);
        if (!before)
            return CHK_ANY;
        *before = total;
        total = k ? (ast_expr){.kind = AST_BINARY, .op = f->op == CHK_FN_SUM ? AST_ADD : AST_MUL, .at = at, .left = before, .right = elements[k], .height = before->height + 1} : *elements[0];
    }
    *e = total;
    return chk_expr(c, e, expected);
}

static enum chk_type check_builtin_call(checker *c, ast_expr *e, const chk_builtin *f, enum chk_type expected)
{
    int n = 0, any_duration = 0, any_seconds = 0;
    if (f->op == CHK_FN_LEN || f->op == CHK_FN_SUM || f->op == CHK_FN_PRODUCT || f->op == CHK_FN_ITEM || f->op == CHK_FN_INDICES)
        return check_list_call(c, e, f, expected);
    if (f->op == CHK_FN_BEFORE) {
        diag *g = diag_add(c->d, DIAG_TYPE, e->at, "this is a list, not a number");
        diag_help(c->d, g, "%s", f->help);
        return CHK_ANY;
    }
    if (f->op == CHK_FN_MIN || f->op == CHK_FN_MAX)
        e->args = flat(c, e->args);
    for (const ast_arg *a = e->args; a; a = a->next) {
        n++;
        if (a->name.text)
            diag_add(c->d, DIAG_ARGUMENT, a->name.at, "`%s` has no named arguments", f->name);
    }
    if (n < f->min_args || (f->max_args >= 0 && n > f->max_args)) {
        diag *g = diag_add(c->d, DIAG_ARGUMENT, e->at, "`%s` takes %d%s argument%s, not %d", f->name, f->min_args,
                           f->max_args < 0 ? " or more" : "", f->min_args == 1 && f->max_args == 1 ? "" : "s", n);
        diag_help(c->d, g, "%s", f->help);
    }
    if (f->op == CHK_FN_IF)
        return check_if(c, e, expected);
    for (const ast_arg *a = e->args; a; a = a->next) {
        enum chk_type t = chk_number(c, a->value, f->keeps_duration ? expected : CHK_ANY);
        any_duration |= t == CHK_DURATION;
        any_seconds |= t == CHK_SECONDS;
    }
    return f->keeps_duration && any_seconds ? CHK_SECONDS : f->keeps_duration ? any_duration ? CHK_DURATION : CHK_ANY : CHK_NUMBER;
}

static enum chk_type check_call(checker *c, ast_expr *e, enum chk_type expected)
{
    chk_symbol *s = chk_find_at(c, &c->values, e->name.text, e->at), *t = s ? NULL : chk_find_at(c, &c->laws, e->name.text, e->at);
    if (t && t->kind == CHK_SYM_TEMPLATE) {
        if (c->output && c->locals & 1u << CHK_STEP) {
            e->symbol = chk_template_part(c, &e->name, e->args, e->at);
        } else {
            diag *g = diag_add(c->d, DIAG_UNKNOWN_NAME, e->at, "`%s` is a template, and its value changes with the step", t->name);
            diag_help(c->d, g, "use it as a phase, or in `schedule NAME = EXPR`");
        }
        return CHK_ANY;
    }
    if (!s || (s->kind != CHK_SYM_FUNCTION && s->kind != CHK_SYM_BUILTIN)) {
        if (s) {
            diag_add(c->d, DIAG_TYPE, e->name.at, "`%s` is not a function", e->name.text);
        } else {
            unknown_name(c, &e->name, 1, e->args);
        }
        for (ast_arg *a = e->args; a; a = a->next)
            chk_expr(c, a->value, CHK_ANY);
        return CHK_ANY;
    }
    e->symbol = s;
    s->used = 1;
    if (s->kind == CHK_SYM_BUILTIN)
        return check_builtin_call(c, e, &chk_builtin_table[s->index], expected);
    chk_use(c, s);
    const char *what = arena_printf(c->mem, "`%s`", s->name);
    chk_match(c, e->at, what ? what : "it", s, 0, e->args, &e->bound);
    return s->type;
}

/* ---- operators --------------------------------------------------------------------------------- */

void chk_conversion(checker *c, enum ast_unit from, span at)
{
    if (from >= AST_SECONDS) {
        if (c->program->elapsed)
            return;
        diag *g = diag_add(c->d, DIAG_UNIT, at, "%s can only be counted where the trainer says how many have passed", chk_unit_names[from]);
        diag_help(c->d, g, "add `input elapsed`, and observe the seconds since the run began as it");
        return;
    }
    static const struct {
        enum ast_unit unit;
        const char *param;
    } units[] = {{AST_EPOCHS, "steps_per_epoch"}, {AST_SAMPLES, "samples_per_step"}, {AST_TOKENS, "tokens_per_step"}};
    chk_symbol *const known[] = {c->program->steps_per_epoch, c->program->samples_per_step, c->program->tokens_per_step};
    enum ast_unit to = c->program->unit;
    for (int i = 0; i < 3; i++) {
        if (from == to || (from != units[i].unit && to != units[i].unit))
            continue;
        if (known[i]) {
            known[i]->used = 1;
            chk_use(c, known[i]);
            continue;
        }
        diag *g = diag_add(c->d, DIAG_UNIT, at, "`%s` cannot be converted without `%s`", chk_unit_names[from], units[i].param);
        help_param(c, g, units[i].param, "1000", "1000");
        return;
    }
}

static enum chk_type check_unit(checker *c, ast_expr *e, enum chk_type expected)
{
    size_t errors = c->d->errors;
    enum chk_type inner = chk_number(c, e->left, CHK_ANY);
    const chk_program *p = c->program;
    if (c->d->errors > errors)
        return CHK_ANY;
    if (inner == CHK_DURATION || inner == CHK_SECONDS) {
        diag_add(c->d, DIAG_TYPE, e->at, "this already is a duration; `%s` cannot be added to it", chk_unit_names[e->unit]);
        return inner;
    }
    switch (e->unit) {
    case AST_PERCENT:
        if (expected != CHK_DURATION)
            return CHK_NUMBER;
        e->as_duration = 1;
        if (!p->total) {
            diag *g = diag_add(c->d, DIAG_UNIT, e->at, "a duration in %% is a part of `total`, and there is no `total`");
            help_param(c, g, "total", "10k", "10000");
        } else {
            p->total->used = 1;
            chk_use(c, p->total);
        }
        return CHK_DURATION;
    default:
        if (expected != CHK_NUMBER) /* else it has no place here, whatever it is worth */
            chk_conversion(c, e->unit, e->at);
        return e->unit >= AST_SECONDS ? CHK_SECONDS : CHK_DURATION;
    }
}

/* Steps and seconds are different times. */
static void refuse_mixed(checker *c, const ast_expr *e, enum chk_type l, enum chk_type r)
{
    if (!(l == CHK_SECONDS && r == CHK_DURATION) && !(l == CHK_DURATION && r == CHK_SECONDS))
        return;
    diag *g = diag_add(c->d, DIAG_UNIT, e->at, "one of these is a time in seconds, and the other is counted in steps");
    diag_note(c->d, g, (l == CHK_SECONDS ? e->left : e->right)->at, "the seconds are here");
}

static const ast_expr *is_text(const checker *c, const ast_expr *e)
{
    const chk_symbol *s = e->kind == AST_NAME && !e->symbol ? chk_find_at(c, &c->values, e->name.text, e->at) : NULL;
    if (s && s->kind == CHK_SYM_LET && s->decl && s->decl->value->kind == AST_STRING)
        return s->decl->value;
    return e->kind == AST_STRING ? e : NULL;
}

/* Texts are known here and now: the comparison becomes 1 or 0. */
static enum chk_type compare_texts(checker *c, ast_expr *e)
{
    const ast_expr *a = is_text(c, e->left), *b = is_text(c, e->right);
    if (!a || !b || (e->op != AST_EQ && e->op != AST_NE)) {
        diag *g = diag_add(c->d, DIAG_TYPE, e->at, a && b ? "texts are the same or not: there is no order" : "a text and a number are not compared");
        diag_help(c->d, g, "write `==` or `!=` between two texts");
        return CHK_BOOL;
    }
    int same = strcmp(a->name.text, b->name.text) == 0;
    e->kind = AST_NUMBER;
    e->number = e->op == AST_EQ ? same : !same;
    e->number_low = 0;
    e->left = e->right = NULL;
    return CHK_BOOL;
}

/* Numbers with numbers; that two conditions are the same, or not, may be asked as well. */
static enum chk_type check_comparison(checker *c, ast_expr *e)
{
    if (is_text(c, e->left) || is_text(c, e->right))
        return compare_texts(c, e);
    size_t errors = c->d->errors;
    enum chk_type l = chk_expr(c, e->left, CHK_ANY), r = chk_expr(c, e->right, l == CHK_DURATION ? CHK_DURATION : CHK_ANY);
    int both = l == CHK_BOOL && r == CHK_BOOL && (e->op == AST_EQ || e->op == AST_NE);
    if (c->d->errors == errors && !both && (l == CHK_BOOL || r == CHK_BOOL)) {
        const ast_expr *odd = l == CHK_BOOL ? e->left : e->right;
        diag *g = diag_add(c->d, DIAG_TYPE, odd->at, "a number is expected here, not a condition");
        diag_help(c->d, g, "a condition is true or false by itself: leave the comparison out, or join conditions with `and`, `or`");
    }
    if (c->d->errors == errors)
        refuse_mixed(c, e, l, r);
    return CHK_BOOL;
}

static enum chk_type check_binary(checker *c, ast_expr *e, enum chk_type expected)
{
    enum chk_type l, r;
    switch (e->op) {
    case AST_AND: case AST_OR:
        chk_expr(c, e->left, CHK_BOOL);
        chk_expr(c, e->right, CHK_BOOL);
        return CHK_BOOL;
    case AST_LT: case AST_LE: case AST_GT: case AST_GE: case AST_EQ: case AST_NE:
        return check_comparison(c, e);
    case AST_ADD: case AST_SUB:
        expected = expected == CHK_DURATION ? CHK_DURATION : CHK_ANY;
        l = chk_number(c, e->left, expected);
        r = chk_number(c, e->right, l == CHK_DURATION ? CHK_DURATION : l == CHK_SECONDS ? CHK_ANY : expected);
        refuse_mixed(c, e, l, r);
        if (l == CHK_SECONDS || r == CHK_SECONDS)
            return CHK_SECONDS;
        return l == CHK_DURATION || r == CHK_DURATION ? CHK_DURATION : l == CHK_NUMBER && r == CHK_NUMBER ? CHK_NUMBER : CHK_ANY;
    case AST_MUL:
        l = chk_number(c, e->left, CHK_ANY);
        r = chk_number(c, e->right, CHK_ANY);
        if (l == CHK_SECONDS || r == CHK_SECONDS)
            return l == r ? CHK_ANY : CHK_SECONDS;
        if (l == CHK_DURATION && r == CHK_DURATION) {
            if (!c->locals && !c->nformals) /* in formulas of the time, t/100*(1 - t/100) is what people write */
                diag_add(c->d, DIAG_TYPE, e->at, "two durations cannot be multiplied");
            return CHK_ANY;
        }
        return l == CHK_DURATION || r == CHK_DURATION ? CHK_DURATION : l == CHK_NUMBER && r == CHK_NUMBER ? CHK_NUMBER : CHK_ANY;
    case AST_DIV:
        l = chk_number(c, e->left, CHK_ANY);
        r = chk_number(c, e->right, CHK_ANY);
        if (l == CHK_SECONDS || r == CHK_SECONDS)
            return l != CHK_SECONDS ? CHK_ANY : r == CHK_SECONDS ? CHK_NUMBER : CHK_SECONDS;
        if (l == CHK_DURATION)
            return r == CHK_DURATION ? CHK_NUMBER : CHK_DURATION;
        return l == CHK_NUMBER && r == CHK_NUMBER ? CHK_NUMBER : CHK_ANY;
    default: /* AST_POW */
        chk_number(c, e->left, CHK_ANY);
        chk_number(c, e->right, CHK_ANY);
        return CHK_ANY;
    }
}

/* lr["head"] */
static enum chk_type check_index(checker *c, ast_expr *e)
{
    int refused;
    e->symbol = chk_read_output(c, e->name.text, e->left->name.text, e->at, &refused);
    return CHK_ANY;
}

static enum chk_type check_node(checker *c, ast_expr *e, enum chk_type expected)
{
    switch (e->kind) {
    case AST_NUMBER:
        return expected == CHK_DURATION ? CHK_DURATION : CHK_ANY;
    case AST_STRING: case AST_LIST:
        diag_add(c->d, DIAG_TYPE, e->at, "a number is expected here, not a %s", e->kind == AST_LIST ? "list" : "text");
        return CHK_ANY;
    case AST_NAME:
        return check_name(c, e);
    case AST_CALL:
        return check_call(c, e, expected);
    case AST_INDEX:
        return check_index(c, e);
    case AST_UNARY:
        if (e->op == AST_NOT) {
            chk_expr(c, e->left, CHK_BOOL);
            return CHK_BOOL;
        }
        return chk_number(c, e->left, expected);
    case AST_BINARY:
        return check_binary(c, e, expected);
    case AST_UNIT:
        return check_unit(c, e, expected);
    }
    return CHK_ANY;
}

/* `let w = 10%`: one hundredth of ten, since a name has no place that says of what. */
static int is_percentage(const chk_symbol *s)
{
    const ast_expr *e = s->decl && (s->kind == CHK_SYM_LET || s->kind == CHK_SYM_PARAM) ? s->decl->value : NULL;
    return e && e->kind == AST_UNIT && e->unit == AST_PERCENT && !e->as_duration;
}

/* Only numbers are in it, and one of them in hundredths. */
static int has_percent(const ast_expr *e)
{
    return e && ((e->kind == AST_UNIT && e->unit == AST_PERCENT) || has_percent(e->left) || has_percent(e->right));
}

/* `until 2*30%`: 0.6 of what? */
static void warn_of_percent(checker *c, const ast_expr *e)
{
    const ast_expr *value = e->kind == AST_NAME && e->symbol && e->symbol->kind == CHK_SYM_LET && e->symbol->decl ? e->symbol->decl->value : e;
    double v;
    if (!value || value->kind != AST_BINARY || (value->op != AST_MUL && value->op != AST_DIV && value->op != AST_POW))
        return;
    if (!chk_constant(value, &v, 0) || !has_percent(value))
        return;
    diag *g = diag_add(c->d, DIAG_PERCENT, e->at, "inside an expression `%%` is one hundredth, not a part of `total`: this is %.12g %s", v,
                       chk_unit_names[c->program->unit]);
    if (v <= 1)
        diag_help(c->d, g, "a part of `total` is written `%.12g%%`, or `%.12g*total`", v * 100, v);
    else
        diag_help(c->d, g, "write `%.12g` if that is meant; a part of `total` is written `30%%`, or `0.3*total`", v);
}

static void refuse_condition(checker *c, const ast_expr *e)
{
    diag *g = diag_add(c->d, DIAG_TYPE, e->at, "a number is expected here, not a condition");
    diag_help(c->d, g, "choose with `if(condition, a, b)`");
}

enum chk_type chk_number(checker *c, ast_expr *e, enum chk_type expected)
{
    size_t errors = c->d->errors;
    enum chk_type type = chk_expr(c, e, expected);
    if (type != CHK_BOOL)
        return type;
    if (c->d->errors == errors)
        refuse_condition(c, e);
    e->type = CHK_ANY;
    return CHK_ANY;
}

/* Said once, where the levels are: what is around it has them as well. */
static void refuse_levels(checker *c, const ast_expr *e)
{
    c->deepest = c->depth;
    if ((*c->is_too_deep)++)
        return;
    diag *g = diag_add(c->d, DIAG_LIMIT, e->at, "this has more than %d levels, with the definitions that it uses put in", CHK_MAX_LEVELS);
    diag_help(c->d, g, "a `let` of constants and params is computed once, and adds no levels to what uses it");
}

/* A percentage by itself is one of `total`. */
enum chk_type chk_time(checker *c, ast_expr *e, enum chk_type bare)
{
    int outside = c->takes_seconds;
    c->takes_seconds = 1;
    enum chk_type type = chk_number(c, e, e && e->kind == AST_UNIT && e->unit == AST_PERCENT ? CHK_DURATION : bare);
    c->takes_seconds = outside;
    return type;
}

enum chk_type chk_expr(checker *c, ast_expr *e, enum chk_type expected)
{
    if (!e)
        return CHK_ANY;
    size_t errors = c->d->errors;
    c->depth++;
    if (c->depth > c->deepest)
        c->deepest = c->depth;
    enum chk_type type = c->depth > CHK_MAX_LEVELS ? CHK_ANY : check_node(c, e, expected);
    if (c->deepest > CHK_MAX_LEVELS)
        refuse_levels(c, e);
    c->depth--;
    if (expected == CHK_DURATION && e->kind == AST_NAME && e->symbol && is_percentage(e->symbol)) {
        diag *g = diag_add(c->d, DIAG_UNIT, e->at, "`%s` is a percentage by itself, which is no duration", e->symbol->name);
        diag_help(c->d, g, "write `%s*total`", e->symbol->name);
    }
    if (expected == CHK_DURATION && type != CHK_DURATION && c->d->errors == errors)
        warn_of_percent(c, e);
    if (c->d->errors > errors) {
        /* what is wrong inside may be why the kind is wrong */
    } else if (expected == CHK_BOOL && type != CHK_BOOL) {
        diag *g = diag_add(c->d, DIAG_TYPE, e->at, "a condition is expected here");
        diag_help(c->d, g, "compare two numbers, as in `%s > 100`", c->before_run ? "total" : c->watch ? "step" : "t");
    } else if (expected != CHK_BOOL && type == CHK_BOOL && expected != CHK_ANY) {
        refuse_condition(c, e);
        type = CHK_ANY;
    } else if (type == CHK_SECONDS && (expected == CHK_NUMBER || (expected == CHK_DURATION && !c->takes_seconds))) {
        diag *g = diag_add(c->d, DIAG_UNIT, e->at, "%s, not a time in seconds", expected == CHK_NUMBER ? "a plain number is expected here" : "this is counted in steps");
        diag_help(c->d, g, "seconds end a phase (`hold 0.1 for 2 hours`), and are a patience or part of a condition");
        type = CHK_ANY;
    } else if (expected == CHK_NUMBER && type == CHK_DURATION) {
        diag *g = diag_add(c->d, DIAG_TYPE, e->at, "a plain number is expected here, not a duration");
        const char *text = c->d->sources.at[e->at.file].text + e->at.begin;
        if (e->at.begin >= 5 && strncmp(text - 5, "hold ", 5) == 0)
            diag_help(c->d, g, "a length comes after `for`: `hold for %.*s`", (int)(e->at.end - e->at.begin), text);
        else
            diag_help(c->d, g, "leave the unit out, or divide by another duration");
    }
    e->type = (int)type;
    return type;
}
