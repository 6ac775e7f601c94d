/* check.c: judges a program. In: trees. Out: the checked schedule of check.h, or diagnostics.
 * All judgement about names, units, types, clauses and arguments is here and in check_expr.c. Calls: diagnostics, and the
 * parser for the prelude. */
#include "check.h"

#include <math.h>
#include <string.h>
#include "embed.h"
#include "ir.h"

#define MAX_FORMALS 64

/* ---- constants -------------------------------------------------------------------------------- */

/* The value of an expression of literals; params bound by -D and lets are not looked at. A part of `total` is no constant. */
static int constant(const ast_expr *e, double *value, int depth)
{
    double a, b;
    if (!e || depth > 200)
        return 0;
    switch (e->kind) {
    case AST_NUMBER:
        *value = e->number;
        return 1;
    case AST_UNARY:
        if (e->op != AST_NEG || !constant(e->left, &a, depth + 1))
            return 0;
        *value = -a;
        return 1;
    case AST_UNIT:
        if (e->unit != AST_PERCENT || e->as_duration || !constant(e->left, &a, depth + 1))
            return 0;
        *value = ir_eval_op(IR_DIV, a, 100, 0);
        return 1;
    case AST_BINARY: {
        static const struct {
            enum ast_op op;
            enum ir_op ir;
        } ops[] = {{AST_ADD, IR_ADD}, {AST_SUB, IR_SUB}, {AST_MUL, IR_MUL}, {AST_DIV, IR_DIV}, {AST_POW, IR_POW}};
        if (!constant(e->left, &a, depth + 1) || !constant(e->right, &b, depth + 1))
            return 0;
        for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
            if (ops[i].op == e->op) {
                *value = ir_eval_op(ops[i].ir, a, b, 0);
                return 1;
            }
        return 0;
    }
    default:
        return 0;
    }
}

int chk_literal(const ast_expr *e, double *value, double *low)
{
    if (e && e->kind == AST_NUMBER) {
        *value = e->number;
        *low = e->number_low;
        return 1;
    }
    *low = 0;
    return constant(e, value, 0);
}

/* ---- declarations ------------------------------------------------------------------------------ */

static const char *const kind_names[] = {"param", "let", "input", "def", "shape", "decay", "curve"};

static chk_symbol *new_symbol(checker *c, enum chk_symbol_kind kind, const ast_stmt *s, int in_prelude, chk_scope *scope)
{
    chk_symbol *y = arena_alloc(c->mem, sizeof *y);
    if (!y)
        return NULL;
    y->kind = kind;
    y->name = s->name.text;
    y->at = s->name.at;
    y->decl = s;
    y->in_prelude = in_prelude;
    chk_declare(c, scope, y);
    return y;
}

static int is_law(enum chk_symbol_kind k)
{
    return k == CHK_SYM_SHAPE || k == CHK_SYM_DECAY || k == CHK_SYM_CURVE;
}

/* Two laws of one name are overloads: told apart by their kind and by the names of their parameters. */
static int same_signature(const chk_symbol *a, const chk_symbol *b)
{
    if (a->kind != b->kind || a->nformals != b->nformals)
        return 0;
    for (uint32_t i = 1; i < a->nformals; i++)
        if (strcmp(a->formals[i].name, b->formals[i].name) != 0)
            return 0;
    return 1;
}

/* A built-in name stays what it is: the prelude uses it too. */
static void forget(chk_scope *scope, const chk_symbol *y)
{
    if (scope->latest != y)
        return;
    for (uint32_t i = 0; i < scope->nbuckets; i++)
        if (scope->buckets[i] == y)
            scope->buckets[i] = y->bucket_next;
    scope->latest = y->next;
    scope->n--;
}

static void refuse_duplicate(checker *c, const chk_symbol *y)
{
    for (const chk_symbol *o = chk_older(y); o; o = chk_older(o)) {
        if (o->in_prelude != y->in_prelude)
            continue;
        if (is_law(y->kind) && !same_signature(o, y))
            continue;
        diag *g = diag_add(c->d, DIAG_DUPLICATE, y->at, "`%s` is already declared", y->name);
        diag_note(c->d, g, o->at, "it is a %s here", kind_names[o->kind]);
        return;
    }
    if (!is_law(y->kind)) {
        const chk_symbol *o = chk_older(y);
        if (o && (o->kind == CHK_SYM_BUILTIN || o->kind == CHK_SYM_CONSTANT)) {
            diag *g = diag_add(c->d, DIAG_DUPLICATE, y->at, "`%s` is a built-in %s", y->name,
                               o->kind == CHK_SYM_BUILTIN ? "function" : "constant");
            diag_help(c->d, g, "choose another name");
            forget(&c->values, y);
        }
    }
    for (int i = 0; i < CHK_LOCALS; i++)
        if (strcmp(chk_local_names[i], y->name) == 0 && !is_law(y->kind)) {
            diag *g = diag_add(c->d, DIAG_DUPLICATE, y->at, "`%s` always means the schedule's own `%s`", y->name, y->name);
            diag_help(c->d, g, "choose another name");
        }
}

static void declare_formals(checker *c, chk_symbol *y, const ast_stmt *s)
{
    uint32_t n = 0;
    for (const ast_formal *f = s->formals; f; f = f->next)
        n++;
    if (n > MAX_FORMALS) {
        diag_add(c->d, DIAG_LIMIT, y->at, "a definition has at most %d parameters", MAX_FORMALS);
        n = MAX_FORMALS;
    }
    y->formals = arena_alloc(c->mem, (n + 1) * sizeof *y->formals);
    y->defaults = arena_alloc(c->mem, (n + 1) * sizeof *y->defaults);
    if (!y->formals || !y->defaults)
        return;
    for (const ast_formal *f = s->formals; f && y->nformals < n; f = f->next) {
        chk_symbol *p = &y->formals[y->nformals];
        for (uint32_t i = 0; i < y->nformals; i++)
            if (strcmp(y->formals[i].name, f->name.text) == 0)
                diag_add(c->d, DIAG_DUPLICATE, f->name.at, "the parameter `%s` is there twice", f->name.text);
        p->kind = CHK_SYM_FORMAL;
        p->name = f->name.text;
        p->at = f->name.at;
        p->index = y->nformals;
        p->done = 1;
        p->type = CHK_ANY;
        if (f->type.text && strcmp(f->type.text, "duration") == 0) {
            p->type = CHK_DURATION;
        } else if (f->type.text && strcmp(f->type.text, "number") == 0) {
            p->type = CHK_NUMBER;
        } else if (f->type.text) {
            diag *g = diag_add(c->d, DIAG_TYPE, f->type.at, "`%s` is not a type", f->type.text);
            diag_help(c->d, g, "a parameter is a `number` or a `duration`");
        }
        y->defaults[y->nformals++] = f->value;
    }
    if (is_law(y->kind)) {
        if (n == 0) {
            diag *g = diag_add(c->d, DIAG_ARGUMENT, y->at, "a %s needs a first parameter: %s", kind_names[y->kind],
                               y->kind == CHK_SYM_DECAY ? "the time `t` since its phase began" : "the progress `u`, from 0 to 1");
            diag_help(c->d, g, "write `%s %s(%s) = ...`", kind_names[y->kind], y->name, y->kind == CHK_SYM_DECAY ? "t" : "u");
        } else {
            y->formals[0].type = y->kind == CHK_SYM_DECAY ? CHK_DURATION : CHK_NUMBER;
        }
    }
}

static int well_known(const char *name)
{
    return strcmp(name, "total") == 0 || strcmp(name, "steps_per_epoch") == 0 || strcmp(name, "samples_per_step") == 0 ||
           strcmp(name, "tokens_per_step") == 0;
}

static const lrs_binding *find_define(const checker *c, const char *name)
{
    const lrs_binding *found = NULL;
    for (size_t i = 0; c->options && i < c->options->ndefines; i++)
        if (c->options->defines[i].name && strcmp(c->options->defines[i].name, name) == 0)
            found = &c->options->defines[i];
    return found;
}

/* `90 epochs` -> 90, and the unit. */
static const ast_expr *strip_unit(const ast_expr *e, enum ast_unit *unit)
{
    if (e && e->kind == AST_UNIT && e->unit != AST_PERCENT) {
        *unit = e->unit;
        return e->left;
    }
    return e;
}

static void param_constant(checker *c, chk_symbol *y, const ast_expr *e, const char *what, double *value)
{
    enum ast_unit unit = AST_PERCENT;
    const ast_expr *inner = strip_unit(e, &unit);
    if (!constant(inner, value, 0)) {
        diag *g = diag_add(c->d, DIAG_NOT_CONSTANT, e->at, "the %s of a param must be a constant", what);
        diag_help(c->d, g, "use a number here, or `let` for what is computed from params");
    } else if (!isfinite(*value)) {
        diag_add(c->d, DIAG_RANGE, e->at, "the %s of a param must be finite", what);
    }
    if (unit != AST_PERCENT && !y->has_unit && strcmp(what, "default") != 0) {
        diag *g = diag_add(c->d, DIAG_TYPE, e->at, "the range of `%s` has a unit, and its default has none", y->name);
        diag_help(c->d, g, "write the unit after the default: it holds for the range and for values bound later");
    } else if (unit != AST_PERCENT && y->has_unit && unit != y->unit) {
        diag_add(c->d, DIAG_TYPE, e->at, "`%s` is in %s, and its range in %s", y->name, chk_unit_names[y->unit], chk_unit_names[unit]);
    }
}

static void declare_param(checker *c, const ast_stmt *s)
{
    chk_symbol *y = new_symbol(c, CHK_SYM_PARAM, s, 0, &c->values);
    if (!y)
        return;
    refuse_duplicate(c, y);
    y->done = 1;
    chk_param_value *v = arena_alloc(c->mem, sizeof *v);
    if (!v)
        return;
    y->param = v;
    if (s->value) {
        enum ast_unit unit = AST_PERCENT;
        strip_unit(s->value, &unit);
        y->has_unit = unit != AST_PERCENT;
        y->unit = unit;
        y->type = y->has_unit ? CHK_DURATION : CHK_ANY;
        v->has_default = 1;
        param_constant(c, y, s->value, "default", &v->def);
    }
    if (s->low) {
        size_t errors = c->d->errors;
        v->has_range = 1;
        v->is_log = s->is_log;
        v->lo = -INFINITY;
        v->hi = INFINITY;
        param_constant(c, y, s->low, "range", &v->lo);
        param_constant(c, y, s->high, "range", &v->hi);
        if (!(v->lo <= v->hi)) {
            diag *g = diag_add(c->d, DIAG_RANGE, span_join(s->low->at, s->high->at), "this range is empty: its low end is above its high end");
            diag_help(c->d, g, "write `%.12g..%.12g`", v->hi, v->lo);
        } else if (s->is_log && v->lo <= 0) {
            diag_add(c->d, DIAG_RANGE, s->low->at, "a range on a log scale must begin above 0");
        } else if (v->has_default && !(v->def >= v->lo && v->def <= v->hi) && c->d->errors == errors) {
            diag_add(c->d, DIAG_RANGE, s->value->at, "the default of `%s` is outside its range %.12g..%.12g", y->name, v->lo, v->hi);
        }
    }
    const lrs_binding *b = find_define(c, y->name);
    if (b) {
        y->is_constant = 1;
        y->value = b->value;
        if (!isfinite(b->value)) {
            diag_add(c->d, DIAG_DEFINE, y->at, "-D %s: the value must be finite", y->name);
        } else if (v->has_range && !(b->value >= v->lo && b->value <= v->hi)) {
            diag *g = diag_add(c->d, DIAG_DEFINE, y->at, "-D %s=%.12g is outside the range %.12g..%.12g of the param", y->name, b->value, v->lo, v->hi);
            diag_help(c->d, g, "pass a value inside, or widen the range");
        }
    }
    if (well_known(y->name) && y->has_unit && strcmp(y->name, "total") != 0)
        diag_add(c->d, DIAG_TYPE, s->value->at, "`%s` is a plain number, without a unit", y->name);
}

/* -D of a well-known param that the file does not declare. */
static chk_symbol *define_well_known(checker *c, const char *name)
{
    chk_symbol *y = chk_find(&c->values, name);
    if (y && (y->kind == CHK_SYM_PARAM || y->kind == CHK_SYM_LET))
        return y;
    const lrs_binding *b = find_define(c, name);
    if (!b)
        return NULL;
    y = arena_alloc(c->mem, sizeof *y);
    if (!y)
        return NULL;
    y->kind = CHK_SYM_PARAM;
    y->name = name;
    y->done = y->is_constant = 1;
    y->value = b->value;
    chk_declare(c, &c->values, y);
    return y;
}

static void check_units_of_params(checker *c)
{
    for (chk_symbol *s = c->values.latest; s; s = s->next)
        if (s->kind == CHK_SYM_PARAM && s->has_unit && s->decl && s->decl->value)
            chk_conversion(c, s->unit, s->decl->value->at);
}

static void refuse_unknown_defines(checker *c)
{
    span nowhere = {0, 0, 0};
    for (size_t i = 0; c->options && i < c->options->ndefines; i++) {
        const char *name = c->options->defines[i].name;
        chk_symbol *y = name ? chk_find(&c->values, name) : NULL;
        if (y && y->kind == CHK_SYM_PARAM)
            continue;
        diag *g = diag_add(c->d, DIAG_DEFINE, y && y->decl ? y->at : nowhere, "-D %s: the program has no param `%s`", name ? name : "", name ? name : "");
        size_t n = 0;
        for (chk_symbol *s = c->values.latest; s; s = s->next)
            n += s->kind == CHK_SYM_PARAM;
        const char **names = arena_alloc(c->mem, (n + 1) * sizeof *names);
        n = 0;
        for (chk_symbol *s = c->values.latest; names && s; s = s->next)
            if (s->kind == CHK_SYM_PARAM)
                names[n++] = s->name;
        const char *near = names && name ? diag_did_you_mean(name, names, n) : NULL;
        if (near)
            diag_help(c->d, g, "did you mean `%s`?", near);
        else if (y && y->kind == CHK_SYM_LET)
            diag_help(c->d, g, "`%s` is a `let`; make it a `param`", name);
    }
}

static void not_yet(checker *c, span at, const char *what)
{
    diag_add(c->d, DIAG_NOT_YET, at, "this version of lrs does not have %s yet", what);
}

static void declare(checker *c, const ast_stmt *s, int in_prelude)
{
    chk_symbol *y = NULL;
    switch (s->kind) {
    case AST_PARAM:
        declare_param(c, s);
        return;
    case AST_LET:
        y = new_symbol(c, CHK_SYM_LET, s, in_prelude, &c->values);
        break;
    case AST_INPUT:
        y = new_symbol(c, CHK_SYM_INPUT, s, in_prelude, &c->values);
        if (y) {
            y->done = 1;
            y->index = c->program->ninputs;
            if (c->program->ninputs++ == 1)
                not_yet(c, s->at, "more than one input");
        }
        break;
    case AST_DEF:
        y = new_symbol(c, CHK_SYM_FUNCTION, s, in_prelude, &c->values);
        break;
    case AST_SHAPE:
        y = new_symbol(c, CHK_SYM_SHAPE, s, in_prelude, &c->laws);
        break;
    case AST_DECAY:
        y = new_symbol(c, CHK_SYM_DECAY, s, in_prelude, &c->laws);
        break;
    case AST_CURVE:
        y = new_symbol(c, CHK_SYM_CURVE, s, in_prelude, &c->laws);
        break;
    case AST_TEMPLATE:
        not_yet(c, s->at, "schedule templates (`def name() { ... }`)");
        return;
    case AST_USE:
        not_yet(c, s->at, "`use`");
        return;
    case AST_UNIT_DECL:
        if (s->unit > AST_TOKENS)
            diag_add(c->d, DIAG_UNIT, s->at, "the trainer's step can count steps, epochs, samples or tokens, not %s", chk_unit_names[s->unit]);
        else
            c->program->unit = s->unit;
        return;
    default:
        return;
    }
    if (!y)
        return;
    if (s->kind == AST_DEF || is_law(y->kind))
        declare_formals(c, y, s);
    refuse_duplicate(c, y);
}

static void refuse_second_unit(checker *c, const ast_stmt *program)
{
    const ast_stmt *first = NULL;
    for (const ast_stmt *s = program; s; s = s->next) {
        if (s->kind != AST_UNIT_DECL)
            continue;
        if (first) {
            diag *g = diag_add(c->d, DIAG_DUPLICATE, s->at, "`unit` is already given");
            diag_note(c->d, g, first->at, "here");
        }
        first = s;
    }
}

/* The formula of a law: a number. Times may be in it any way (0.001*t is a rate), so durations are not refused. */
static void check_formula(checker *c, ast_expr *e)
{
    if (chk_expr(c, e, CHK_ANY) == CHK_BOOL) {
        diag *g = diag_add(c->d, DIAG_TYPE, e->at, "a number is expected here, not a condition");
        diag_help(c->d, g, "choose with `if(condition, a, b)`");
    }
}

void chk_symbol_check(checker *c, chk_symbol *y)
{
    if (y->done)
        return;
    if (y->busy) {
        diag *g = diag_add(c->d, DIAG_CIRCULAR, y->at, "`%s` is defined by itself", y->name);
        diag_help(c->d, g, "programs have no recursion: define it by other names");
        y->done = 1;
        return;
    }
    y->busy = 1;
    checker inner = *c;
    inner.formals = y->formals;
    inner.nformals = y->nformals;
    inner.locals = y->kind == CHK_SYM_CURVE ? 1u << CHK_START | 1u << CHK_END : 0;
    inner.needs = 0;
    for (uint32_t i = 0; i < y->nformals; i++)
        if (y->defaults[i]) {
            uint32_t n = inner.nformals, locals = inner.locals;
            inner.nformals = 0; /* defaults see the file, not each other */
            inner.locals = 0;
            chk_expr(&inner, (ast_expr *)y->defaults[i], y->formals[i].type);
            inner.nformals = n;
            inner.locals = locals;
        }
    y->body = y->decl->value;
    if (is_law(y->kind))
        check_formula(&inner, (ast_expr *)y->body);
    else
        y->type = chk_expr(&inner, (ast_expr *)y->body, CHK_ANY);
    y->needs = inner.needs;
    y->busy = 0;
    y->done = 1;
}

/* ---- phases ------------------------------------------------------------------------------------ */

typedef struct clauses {
    const ast_clause *from, *to, *length;
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
            take(c, &k.length, l, "end (`for` or `until`)");
            break;
        case AST_UNTIL_EVENT:
            take(c, &k.length, l, "end (`for` or `until`)");
            diag *g = diag_add(c->d, DIAG_NOT_YET, l->at, "this version of lrs does not have phases that end by an event (`until plateau(...)`) yet");
            diag_help(c->d, g, "write the rule by itself: `on plateau(...) next`");
            break;
        }
    }
    return k;
}

static const char *law_kind_name(enum chk_symbol_kind k)
{
    return k == CHK_SYM_DECAY ? "a free-running decay" : "a shape";
}

/* Names that a phase can start with, for "did you mean". */
static void unknown_law(checker *c, const ast_name *name)
{
    static const char *const words[] = {"warmup", "hold", "curve", "piecewise", "points", "repeat", "param", "let", "input", "schedule",
                                        "unit", "bounds", "every", "at", "on", "use", "shape", "decay", "def"};
    diag *g = diag_add(c->d, DIAG_UNKNOWN_LAW, name->at, "there is no law `%s`", name->text);
    size_t n = sizeof words / sizeof words[0], k = 0;
    if (chk_is_mute(c))
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
        diag_help(c->d, g, "this version of lrs does not have modules yet");
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
            score += position++ < s->nformals ? 2 : -2;
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
        unknown_law(c, name);
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
    /* exp without any argument: say what there is */
    if (candidates > 1 && !args) {
        int fits = 0;
        for (chk_symbol *s = chk_find(&c->laws, name->text); s; s = chk_older(s))
            if ((s->kind != CHK_SYM_DECAY) == has_target)
                fits |= fitness(s, args) == 0;
        if (!fits) {
            const char *list = "";
            for (chk_symbol *s = chk_find(&c->laws, name->text); s; s = chk_older(s)) /* latest first, so each goes to the front */
                if ((s->kind != CHK_SYM_DECAY) == has_target && s->nformals > 1) {
                    const char *more = arena_printf(c->mem, "%s=%s%s", s->formals[1].name, list[0] ? ", " : "", list);
                    list = more ? more : list;
                }
            diag *g = diag_add(c->d, DIAG_ARGUMENT, name->at, "`%s` needs one of these arguments: %s", name->text, list);
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

static void match_law(checker *c, chk_phase *q, const ast_name *name, const ast_arg *args, int has_target)
{
    chk_symbol *s = find_law(c, name, args, has_target);
    if (!s) {
        for (const ast_arg *a = args; a; a = a->next)
            chk_expr(c, a->value, CHK_ANY);
        return;
    }
    chk_symbol_check(c, s);
    s->used = 1;
    const char *what = arena_printf(c->mem, "`%s`", s->name);
    q->law.symbol = s;
    chk_match(c, name->at, what ? what : "it", s, 1, args, &q->law.args);
    q->kind = s->kind == CHK_SYM_SHAPE ? CHK_SHAPED : s->kind == CHK_SYM_CURVE ? CHK_CURVED : CHK_DECAYING;
}

static void refuse_args(checker *c, const ast_arg *args, const char *what)
{
    for (const ast_arg *a = args; a; a = a->next)
        diag_add(c->d, DIAG_ARGUMENT, a->name.text ? a->name.at : a->value->at, "%s has no arguments in parentheses or by name", what);
}

static void check_lengths(checker *c, chk_phase *q, const clauses *k)
{
    if (k->length && k->length->kind == AST_FOR) {
        if (q->duration) {
            diag *g = diag_add(c->d, DIAG_CLAUSE, k->length->at, "this phase already has a duration");
            diag_note(c->d, g, q->duration->at, "here");
        } else {
            q->duration = k->length->value;
        }
    } else if (k->length && k->length->kind == AST_UNTIL) {
        if (q->duration) {
            diag *g = diag_add(c->d, DIAG_CLAUSE, k->length->at, "this phase already has a duration");
            diag_note(c->d, g, q->duration->at, "here");
            diag_help(c->d, g, "`for` and a bare duration are lengths; `until` is a point in time: give one of them");
        } else {
            q->until = k->length->value;
        }
    }
    if (q->duration)
        chk_expr(c, (ast_expr *)q->duration, CHK_DURATION);
    if (q->until)
        chk_expr(c, (ast_expr *)q->until, CHK_DURATION);
    double v;
    if (q->duration && constant(q->duration, &v, 0)) {
        if (!(v >= 0) || !isfinite(v))
            diag_add(c->d, DIAG_RANGE, q->duration->at, "a duration must be finite and not negative");
        else if (v > 0 && v < 1 && c->program->unit == AST_STEPS) {
            diag *g = diag_add(c->d, DIAG_SHORT_DURATION, q->duration->at, "this duration is less than one step");
            diag_help(c->d, g, "the duration comes first, the rate after `->`: are they swapped?");
        }
    }
}

static void check_phase_values(checker *c, chk_phase *q, const clauses *k, int is_first)
{
    if (k->from) {
        q->from = k->from->value;
        chk_expr(c, k->from->value, CHK_NUMBER);
    }
    if (k->to) {
        q->to = k->to->value;
        q->to_factor = k->to->kind == AST_TO_FACTOR;
        q->to_divide = k->to->divide;
        chk_expr(c, k->to->value, CHK_NUMBER);
    }
    if (!k->from && is_first && !q->from_zero) {
        diag *g = diag_add(c->d, DIAG_NO_START, q->at, "the first phase needs a rate to start from");
        diag_help(c->d, g, "add `from 0.1`, or begin with `warmup` or `hold 0.1`");
    }
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

static void check_piecewise(checker *c, const ast_phase *p, chk_phase ***tail, const clauses *k)
{
    if (k->from || k->to || k->length)
        diag_add(c->d, DIAG_CLAUSE, p->at, "a table of pieces has no `from`, target or end of its own");
    refuse_args(c, p->args, "`piecewise`");
    for (const ast_piece *i = p->pieces; i; i = i->next)
        if (i->until)
            chk_expr(c, i->until, CHK_DURATION);
    for (const ast_piece *i = p->pieces; i; i = i->next) {
        chk_phase *q = new_phase(c, CHK_HOLD, i->at);
        if (!q)
            return;
        q->value = i->value;
        q->until = i->until;
        chk_expr(c, i->value, CHK_NUMBER);
        double now, before;
        if (i->until && i->next && i->next->until && constant(i->until, &before, 0) && constant(i->next->until, &now, 0) && now < before) {
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

static void check_phase(checker *c, const ast_phase *p, chk_phase ***tail, int is_first)
{
    clauses k = sort_clauses(c, p);
    if (p->kind == AST_PHASE_REPEAT || p->kind == AST_PHASE_POINTS) {
        not_yet(c, p->name.at, p->kind == AST_PHASE_POINTS ? "`points`" : "`repeat`");
        return;
    }
    if (p->has_body)
        not_yet(c, p->body ? p->body->at : p->at, "rules inside a phase");
    if (p->kind == AST_PHASE_PIECEWISE) {
        check_piecewise(c, p, tail, &k);
        return;
    }
    chk_phase *q = new_phase(c, CHK_HOLD, p->at);
    if (!q)
        return;
    append(tail, q);
    const ast_arg *args = take_shift(c, p->args, &q->shift);
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
        refuse_args(c, args, "`curve`");
        checker inner = *c;
        inner.locals = 1u << CHK_T | 1u << CHK_STEP | 1u << CHK_EPOCH;
        if (q->duration || q->until)
            inner.locals |= 1u << CHK_U;
        if (q->from || !is_first)
            inner.locals |= 1u << CHK_START;
        if (q->to)
            inner.locals |= 1u << CHK_END;
        check_formula(&inner, (ast_expr *)q->value);
        return;
    }
    if (strcmp(p->name.text, "hold") == 0) {
        q->value = p->duration;
        if (q->value)
            chk_expr(c, (ast_expr *)q->value, CHK_NUMBER);
        else if (k.from)
            q->value = k.from->value;
        refuse_args(c, args, "`hold`");
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
            chk_expr(c, k.from->value, CHK_NUMBER);
        if (q->shift)
            diag_add(c->d, DIAG_ARGUMENT, q->shift->at, "`hold` has no `shift`: nothing changes in it");
        if (!q->value && is_first) {
            diag *g = diag_add(c->d, DIAG_NO_START, q->at, "the first phase needs a rate to hold");
            diag_help(c->d, g, "write `hold 0.1`");
        }
        return;
    }
    int is_warmup = strcmp(p->name.text, "warmup") == 0;
    /* `warmup cosine -> 0.1 for 5`: the name is the shape, since the length is said elsewhere */
    int names_shape = is_warmup && !p->shape.text && k.length && p->duration && p->duration->kind == AST_NAME &&
                      !chk_find(&c->values, p->duration->name.text) && chk_find(&c->laws, p->duration->name.text);
    static const ast_name linear = {"linear", {0, 0, 0}};
    ast_name name = p->name;
    if (is_warmup) {
        name = p->shape.text ? p->shape : linear;
        name.at = p->shape.text ? p->shape.at : p->name.at;
        if (p->shape_args && args)
            refuse_args(c, args, "`warmup` beside a shape with arguments");
        else if (p->shape_args)
            args = take_shift(c, p->shape_args, &q->shift);
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
    match_law(c, q, &name, args, is_warmup || k.to != NULL);
    check_lengths(c, q, &k);
    check_phase_values(c, q, &k, is_first && q->law.symbol); /* a wrong name is one error, not two */
    int needs_length = is_warmup || k.to != NULL;
    if (is_warmup && !k.to) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, p->at, "`warmup` needs a target");
        diag_help(c->d, g, "write `warmup 500 -> 0.1`");
    }
    if (needs_length && !q->duration && !q->until && !(k.length && k.length->kind == AST_UNTIL_EVENT)) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, p->name.at, "`%s` needs a duration", p->name.text);
        diag_help(c->d, g, "write `%s 500 -> 0.1`, or `%s until total -> 0`", p->name.text, p->name.text);
    }
    if (q->law.symbol && q->kind == CHK_CURVED && q->from_zero) {
        diag *g = diag_add(c->d, DIAG_NO_START, name.at, "`%s` cannot start at 0", name.text);
        diag_help(c->d, g, "add `from 1e-6`");
    }
}

/* ---- rules ------------------------------------------------------------------------------------- */

static int refuse_negative(checker *c, const ast_expr *e, const char *what)
{
    double v;
    if (e && constant(e, &v, 0) && (!(v >= 0) || !isfinite(v))) {
        diag_add(c->d, DIAG_RANGE, e->at, "%s must be finite and not negative", what);
        return 1;
    }
    return 0;
}

static void check_factor(checker *c, const chk_rule *r)
{
    double v;
    if (refuse_negative(c, r->factor, "the factor") || !r->factor || !constant(r->factor, &v, 0))
        return;
    if (r->divide && v == 0) {
        diag_add(c->d, DIAG_RANGE, r->factor->at, "a rate cannot be divided by 0");
        return;
    }
    double by = r->divide ? 1 / v : v;
    if (r->kind == CHK_ON && by > 1) {
        diag *g = diag_add(c->d, DIAG_RAISES, r->action_at, "this raises the rate on a plateau: 0.001 would become %.6g", 0.001 * by);
        diag_help(c->d, g, "a plateau usually reduces the rate: `*%.6g` takes 0.001 down to %.6g", 1 / by, 0.001 / by);
    }
}

static void check_action(checker *c, chk_rule *r, const ast_action *a)
{
    r->action = a->kind;
    r->action_at = a->at;
    r->divide = a->divide;
    if (a->kind == AST_RESTART)
        not_yet(c, a->at, "`restart`");
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
            diag_help(c->d, x, "`*0.5` and `/2` take `floor=` and, after `on`, `eps=`");
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
            else if (strcmp(a->name.text, "factor") == 0)
                diag_help(c->d, g, "the factor is the action: `on plateau(...) *0.5`");
            else
                diag_help(c->d, g, "it has patience, mode, threshold, threshold_mode, cooldown, every, smooth, dialect");
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
            if (constant(a->value, &v, 0) && !(v >= 0 && v < 1))
                diag_add(c->d, DIAG_RANGE, a->value->at, "`smooth` is at least 0 and below 1: the share of the average that is kept");
            break;
        }
        default:
            check_word(c, a, dialects, "keras optax paddle");
            break;
        }
    }
}

static void check_rule(checker *c, const ast_stmt *s, chk_rule ***tail)
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
            not_yet(c, s->event->at, "conditions after `on`");
        } else if (strcmp(s->event->name.text, "plateau") == 0) {
            check_plateau(c, r, s->event);
        } else if (strcmp(s->event->name.text, "diverge") == 0) {
            not_yet(c, s->event->at, "`diverge`");
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
            if (refuse_negative(c, i->until, "a time") || !constant(i->until, &now, 0))
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
        if (!refuse_negative(c, s->value, "a period") && constant(s->value, &v, 0) && v == 0)
            diag_add(c->d, DIAG_RANGE, s->value->at, "a period must be above 0");
    }
    if (s->action)
        check_action(c, r, s->action);
}

/* ---- outputs ------------------------------------------------------------------------------------ */

static int open_ended(const chk_phase *q)
{
    return !q->duration && !q->until;
}

static void check_output(checker *c, chk_output *o, const ast_stmt *body)
{
    chk_phase **phases = &o->phases, *before = NULL;
    chk_rule **rules = &o->rules;
    for (const ast_stmt *s = body; s; s = s->next) {
        switch (s->kind) {
        case AST_PHASE:
            check_phase(c, s->phase, &phases, o->phases == NULL);
            break;
        case AST_ON: case AST_AT: case AST_EVERY:
            check_rule(c, s, &rules);
            break;
        case AST_BOUNDS:
            if (o->low) {
                diag *g = diag_add(c->d, DIAG_DUPLICATE, s->at, "`bounds` are already given");
                diag_note(c->d, g, o->bounds_at, "here");
                break;
            }
            o->low = s->low;
            o->high = s->high;
            o->bounds_at = s->at;
            chk_expr(c, s->low, CHK_NUMBER);
            chk_expr(c, s->high, CHK_NUMBER);
            double lo, hi;
            if (constant(s->low, &lo, 0) && constant(s->high, &hi, 0) && !(lo <= hi)) {
                diag *g = diag_add(c->d, DIAG_RANGE, s->at, "the lower bound is above the upper one");
                diag_help(c->d, g, "write `bounds %.12g .. %.12g`", hi, lo);
            }
            break;
        default:
            break;
        }
    }
    int ended_by_rule = 0;
    for (const chk_rule *r = o->rules; r; r = r->next)
        ended_by_rule |= r->action == AST_NEXT;
    for (chk_phase *q = o->phases; q; before = q, q = q->next)
        if (before && open_ended(before) && !ended_by_rule && !c->d->errors) { /* its length may be what is wrong */
            diag *g = diag_add(c->d, DIAG_NEVER_RUNS, q->at, "this phase never runs: the one before it has no end");
            diag_note(c->d, g, before->at, "give this one a length: `for 1000` or `until 5000`");
            break;
        }
}

static int in_output(enum ast_stmt_kind k)
{
    return k == AST_PHASE || k == AST_ON || k == AST_AT || k == AST_EVERY || k == AST_BOUNDS;
}

static chk_output *new_output(checker *c, chk_output ***tail, const char *name, span at)
{
    chk_output *o = arena_alloc(c->mem, sizeof *o);
    if (!o)
        return NULL;
    for (const chk_output *x = c->program->outputs; x; x = x->next)
        if (strcmp(x->name, name) == 0) {
            diag *g = diag_add(c->d, DIAG_DUPLICATE, at, "there already is a schedule `%s`", name);
            diag_note(c->d, g, x->at, "here");
        }
    o->name = name;
    o->at = at;
    **tail = o;
    *tail = &o->next;
    c->program->noutputs++;
    return o;
}

static void check_outputs(checker *c, const ast_stmt *program)
{
    chk_output **tail = &c->program->outputs;
    const ast_stmt *bare = NULL, *block = NULL, *last = NULL;
    for (const ast_stmt *s = program; s; last = s, s = s->next) {
        if (in_output(s->kind) && (!bare || (s->kind == AST_PHASE && bare->kind != AST_PHASE)))
            bare = s;
        if (s->kind == AST_SCHEDULE && !block)
            block = s;
    }
    if (bare && block) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, bare->at, "phases and rules beside a `schedule` block belong to none");
        diag_note(c->d, g, block->at, "put them inside this block, or leave the block's braces out");
        return;
    }
    if (bare) {
        chk_output *o = new_output(c, &tail, "lr", bare->at);
        if (o)
            check_output(c, o, program);
    }
    for (const ast_stmt *s = program; s; s = s->next) {
        if (s->kind != AST_SCHEDULE)
            continue;
        if (s->group.text || !s->has_body) {
            not_yet(c, s->at, s->group.text ? "parameter groups" : "schedules that are expressions");
            continue;
        }
        for (const ast_stmt *i = s->body; i; i = i->next)
            if (!in_output(i->kind))
                diag_add(c->d, DIAG_CLAUSE, i->at, "declarations stand outside of `schedule`");
        if (c->program->noutputs == 1)
            not_yet(c, s->at, "more than one schedule");
        chk_output *o = new_output(c, &tail, s->name.text, s->name.at);
        if (o)
            check_output(c, o, s->body);
    }
    if (c->d->errors)
        return;
    for (chk_output *o = c->program->outputs; o; o = o->next)
        if (!o->phases) {
            diag *g = diag_add(c->d, DIAG_NO_PHASE, o->at, "the schedule `%s` has no phase", o->name);
            diag_help(c->d, g, "begin with `hold 0.1` or `warmup 500 -> 0.1`");
        }
    if (!c->program->outputs) {
        span end = {0, 0, 0};
        if (last)
            end = last->at;
        diag *g = diag_add(c->d, DIAG_NO_PHASE, end, "there is no schedule here");
        diag_help(c->d, g, "write a phase, as in `warmup 5 linear -> 0.1; then exp s=1000`");
    }
}

/* `total` says how long the run is, to tools and to the trainer, without being used. */
static void warn_of_unused(checker *c)
{
    chk_symbol *scopes[] = {c->values.latest, c->laws.latest};
    for (int i = 0; i < 2; i++)
        for (const chk_symbol *s = scopes[i]; s; s = s->next) {
            if (s->used || s->in_prelude || !s->decl || s->kind == CHK_SYM_INPUT || s == c->program->total)
                continue;
            diag *g = diag_add(c->d, DIAG_UNUSED, s->at, "the %s `%s` is not used", kind_names[s->kind], s->name);
            diag_help(c->d, g, s->kind == CHK_SYM_PARAM ? "a value bound to it changes nothing: use it, or remove it" : "use it, or remove it");
        }
}

/* ---- the whole ----------------------------------------------------------------------------------- */

static int parse_prelude(ast_stmt **out, checker *c)
{
    const lrs_embedded *text = NULL;
    for (size_t i = 0; i < lrs_stdlib_count; i++)
        if (strcmp(lrs_stdlib[i].name, "prelude.lrs") == 0)
            text = &lrs_stdlib[i];
    uint32_t file = (uint32_t)c->d->sources.n;
    *out = NULL;
    if (!text)
        return LRS_E_INTERNAL;
    if (diags_add_source(c->d, "<prelude.lrs>", text->text, text->len))
        return LRS_E_NOMEM;
    return lrs_parse(out, c->mem, c->d, file);
}

int lrs_check(chk_program **out, arena *mem, lrs_diagnostics *d, ast_stmt *program, const lrs_options *options)
{
    *out = NULL;
    checker c = {.mem = mem, .d = d, .options = options};
    c.program = arena_alloc(mem, sizeof *c.program);
    if (!c.program)
        return LRS_E_NOMEM;
    chk_builtins(&c);
    ast_stmt *prelude;
    int status = parse_prelude(&prelude, &c);
    if (status)
        return status;
    for (const ast_stmt *s = prelude; s; s = s->next)
        declare(&c, s, 1);
    c.program->ninputs = 0;
    for (const ast_stmt *s = program; s; s = s->next)
        declare(&c, s, 0);
    refuse_second_unit(&c, program);
    c.program->total = define_well_known(&c, "total");
    c.program->steps_per_epoch = define_well_known(&c, "steps_per_epoch");
    c.program->samples_per_step = define_well_known(&c, "samples_per_step");
    c.program->tokens_per_step = define_well_known(&c, "tokens_per_step");
    check_units_of_params(&c);
    refuse_unknown_defines(&c);
    for (chk_symbol *s = c.values.latest; s; s = s->next)
        chk_symbol_check(&c, s);
    for (chk_symbol *s = c.laws.latest; s; s = s->next)
        chk_symbol_check(&c, s);
    check_outputs(&c, program);

    chk_program *p = c.program;
    p->params = arena_alloc(mem, 1);
    for (chk_symbol *s = c.values.latest; s; s = s->next)
        p->nparams += s->kind == CHK_SYM_PARAM && !s->is_constant;
    p->params = arena_alloc(mem, (p->nparams + 1) * sizeof *p->params);
    p->inputs = arena_alloc(mem, (p->ninputs + 1) * sizeof *p->inputs);
    if (!p->params || !p->inputs || arena_failed(mem))
        return LRS_E_NOMEM;
    uint32_t n = p->nparams;
    for (chk_symbol *s = c.values.latest; s; s = s->next) { /* the scope is latest first */
        if (s->kind == CHK_SYM_PARAM && !s->is_constant) {
            s->index = --n;
            p->params[n] = s;
        }
        if (s->kind == CHK_SYM_INPUT)
            p->inputs[s->index] = s->name;
    }
    if (p->ninputs == 0)
        p->inputs[p->ninputs++] = "metric";
    if (d->errors)
        return LRS_E_SOURCE;
    if (!options || !options->no_warnings)
        warn_of_unused(&c);
    *out = p;
    return LRS_OK;
}
