/* check_decl.c: declarations: params, lets, inputs, functions and laws; what -D says of them; constants.
 * In: statements. Out: the scopes that check_expr.c looks names up in. Calls: diagnostics, check_expr.c. */
#include "check.h"

#include <math.h>
#include <string.h>
#include "ir.h"

#define MAX_FORMALS 64
/* Laws of one name, with those of the prelude. */
#define MAX_LAWS 64

/* ---- constants -------------------------------------------------------------------------------- */

enum { DEEPEST_CONSTANT = 200 };

/* The value of an expression of literals and built-in constants; params bound by -D and lets are not looked at. A part of
 * `total` is no constant. */
int chk_constant(const ast_expr *e, double *value, int depth)
{
    double a, b;
    if (!e || depth > DEEPEST_CONSTANT)
        return 0;
    switch (e->kind) {
    case AST_NUMBER:
        *value = e->number;
        return 1;
    case AST_NAME:
        if (!e->symbol || e->symbol->kind != CHK_SYM_CONSTANT)
            return 0;
        *value = e->symbol->value;
        return 1;
    case AST_UNARY:
        if (e->op != AST_NEG || !chk_constant(e->left, &a, depth + 1))
            return 0;
        *value = -a;
        return 1;
    case AST_UNIT:
        if (e->unit != AST_PERCENT || e->as_duration || !chk_constant(e->left, &a, depth + 1))
            return 0;
        *value = ir_eval_op(IR_DIV, a, 100, 0);
        return 1;
    case AST_BINARY: {
        static const struct {
            enum ast_op op;
            enum ir_op ir;
        } ops[] = {{AST_ADD, IR_ADD}, {AST_SUB, IR_SUB}, {AST_MUL, IR_MUL}, {AST_DIV, IR_DIV}, {AST_POW, IR_POW}};
        if (!chk_constant(e->left, &a, depth + 1) || !chk_constant(e->right, &b, depth + 1))
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

/* ---- declarations ------------------------------------------------------------------------------ */

const char *const chk_kind_names[] = {"param", "let", "input", "def", "shape", "decay", "curve", "template"};

static chk_symbol *new_symbol(checker *c, enum chk_symbol_kind kind, const ast_stmt *s, int in_prelude, chk_scope *scope)
{
    chk_symbol *y = arena_alloc(c->mem, sizeof *y);
    if (!y)
        return NULL;
    y->kind = kind;
    const char *prefix = chk_prefix(c, s->at.file), *whole = *prefix ? arena_printf(c->mem, "%s%s", prefix, s->name.text) : s->name.text;
    y->name = whole ? whole : s->name.text;
    y->at = s->name.at;
    y->decl = s;
    y->in_prelude = in_prelude;
    chk_declare(c, scope, y);
    return y;
}

static int is_law(enum chk_symbol_kind k)
{
    return k == CHK_SYM_SHAPE || k == CHK_SYM_DECAY || k == CHK_SYM_CURVE || k == CHK_SYM_TEMPLATE;
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

/* Each use of a law looks through all laws of its name. 1: there are too many. */
static int refuse_many_laws(checker *c, const chk_symbol *y)
{
    uint32_t n = 1;
    if (!is_law(y->kind))
        return 0;
    for (const chk_symbol *o = chk_older(y); o; o = chk_older(o))
        n++;
    if (n <= MAX_LAWS)
        return 0;
    diag_add(c->d, DIAG_LIMIT, y->at, "there are more than %d laws of the name `%s`", MAX_LAWS, y->name);
    forget(&c->laws, y);
    return 1;
}

static void refuse_duplicate(checker *c, const chk_symbol *y)
{
    if (refuse_many_laws(c, y))
        return;
    for (const chk_symbol *o = chk_older(y); o; o = chk_older(o)) {
        if (o->in_prelude != y->in_prelude)
            continue;
        if (is_law(y->kind) && !same_signature(o, y))
            continue;
        diag *g = diag_add(c->d, DIAG_DUPLICATE, y->at, "`%s` is already declared", y->name);
        diag_note(c->d, g, o->at, "it is a %s here", chk_kind_names[o->kind]);
        return;
    }
    if (!is_law(y->kind)) {
        const chk_symbol *o = chk_older(y);
        if (o && (o->kind == CHK_SYM_BUILTIN || o->kind == CHK_SYM_CONSTANT)) {
            diag *g = diag_add(c->d, DIAG_DUPLICATE, y->at, "`%s` cannot be declared: it is a built-in %s", y->name,
                               o->kind == CHK_SYM_BUILTIN ? "function" : "constant");
            diag_help(c->d, g, "choose another name");
            forget(&c->values, y);
        }
    }
    static const char *const meanings[CHK_LOCALS] = {
        [CHK_T] = "the time since the phase began", [CHK_U] = "the part of the phase that is over", [CHK_START] = "the rate where the phase begins",
        [CHK_END] = "the rate where the phase ends", [CHK_STEP] = "the step of the run", [CHK_EPOCH] = "the epoch of the run", [CHK_CYCLE] = "the round of a `repeat`"};
    for (int i = 0; i < CHK_LOCALS; i++)
        if (strcmp(chk_local_names[i], y->name) == 0 && !is_law(y->kind)) {
            diag *g = diag_add(c->d, DIAG_DUPLICATE, y->at, "`%s` cannot be declared: it always means %s", y->name, meanings[i]);
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
                diag_help(c->d, diag_add(c->d, DIAG_DUPLICATE, f->name.at, "two parameters have the name `%s`", f->name.text), "give one of them another name");
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
        } else if (f->type.text && y->kind == CHK_SYM_TEMPLATE && strcmp(f->type.text, "law") == 0) {
            p->type = CHK_LAW;
        } else if (f->type.text) {
            diag *g = diag_add(c->d, DIAG_TYPE, f->type.at, "`%s` is not a type", f->type.text);
            diag_help(c->d, g, "a parameter is a `number` or a `duration`%s", y->kind == CHK_SYM_TEMPLATE ? ", or a `law`" : "");
        }
        y->defaults[y->nformals++] = f->value;
        y->nplaces += !f->by_name;
    }
    if (is_law(y->kind) && y->kind != CHK_SYM_TEMPLATE) {
        if (n == 0) {
            diag *g = diag_add(c->d, DIAG_ARGUMENT, y->at, "a %s needs a first parameter: %s", chk_kind_names[y->kind],
                               y->kind == CHK_SYM_DECAY ? "the time `t` since its phase began" : "the progress `u`, from 0 to 1");
            diag_help(c->d, g, "write `%s %s(%s) = ...`", chk_kind_names[y->kind], y->name, y->kind == CHK_SYM_DECAY ? "t" : "u");
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

/* How many steps, samples or tokens: never 0 of them. */
static int counts(const char *name)
{
    return well_known(name) && strcmp(name, "total") != 0;
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

/* Params are declared before names are looked up: only what is built in is known yet. */
static void find_constants(const checker *c, ast_expr *e, int depth)
{
    for (; e && depth <= DEEPEST_CONSTANT; e = e->right, depth++) {
        chk_symbol *y = e->kind == AST_NAME ? chk_find(&c->values, e->name.text) : NULL;
        if (y && y->kind == CHK_SYM_CONSTANT)
            e->symbol = y;
        find_constants(c, e->left, depth + 1);
    }
}

static void param_constant(checker *c, chk_symbol *y, ast_expr *e, const char *what, double *value)
{
    int is_default = strcmp(what, "default") == 0;
    enum ast_unit unit = AST_PERCENT;
    const ast_expr *inner = strip_unit(e, &unit);
    find_constants(c, e, 0);
    if (!chk_constant(inner, value, 0)) {
        diag *g = diag_add(c->d, DIAG_NOT_CONSTANT, e->at, "the %s of `%s` must be a constant: numbers, `pi` and `e`, with + - * / ^",
                           what, y->name);
        diag_help(c->d, g, "use a number here, or `let` for what is computed from params");
    } else if (!isfinite(*value)) {
        diag *g = diag_add(c->d, DIAG_RANGE, e->at, "the %s of `%s` must be finite, and this is %s", what, y->name,
                           isnan(*value) ? "not a number" : *value > 0 ? "inf" : "-inf");
        diag_help(c->d, g, is_default ? "write a number, or no default: then `%s` must be bound" : "without `in ...` any finite value of `%s` is taken",
                  y->name);
    }
    if (unit != AST_PERCENT && !y->has_unit && !is_default) {
        diag *g = diag_add(c->d, DIAG_TYPE, e->at, "the range of `%s` has a unit, and its default has none", y->name);
        diag_help(c->d, g, "write the unit after the default: it holds for the range and for values bound later");
    } else if (unit != AST_PERCENT && y->has_unit && unit != y->unit) {
        diag_add(c->d, DIAG_TYPE, e->at, "`%s` is in %s, and its range in %s", y->name, chk_unit_names[y->unit], chk_unit_names[unit]);
    }
}

static void refuse_bound_count(checker *c, const lrs_binding *b, span at)
{
    if (b && isfinite(b->value) && !(b->value > 0))
        diag_add(c->d, DIAG_RANGE, at, "-D %s=%.12g: it must be above 0", b->name, b->value);
}

/* A step has samples, an epoch has steps. A range may begin at 0: then it is looked at when the param is bound. */
static void refuse_not_positive(checker *c, const chk_symbol *y, const chk_param_value *v, const ast_stmt *s)
{
    double written;
    if (v->has_default && isfinite(v->def) && !(v->def > 0) && chk_constant(s->value, &written, 0))
        diag_add(c->d, DIAG_RANGE, s->value->at, "`%s` must be above 0", y->name);
    else if (v->has_range && !v->has_default && isfinite(v->hi) && !(v->hi > 0))
        diag_add(c->d, DIAG_RANGE, s->high->at, "`%s` must be above 0, and its range ends at %.12g", y->name, v->hi);
    refuse_bound_count(c, find_define(c, y->name), y->at);
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
        y->type = !y->has_unit ? CHK_ANY : y->unit >= AST_SECONDS ? CHK_SECONDS : CHK_DURATION;
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
        if (isnan(v->lo) || isnan(v->hi)) {
            v->lo = -INFINITY; /* said above; any default is inside */
            v->hi = INFINITY;
        } else if (!(v->lo <= v->hi)) {
            diag *g = diag_add(c->d, DIAG_RANGE, span_join(s->low->at, s->high->at), "this range is empty: its low end is above its high end");
            diag_help(c->d, g, "write `%.12g..%.12g`", v->hi, v->lo);
        } else if (s->is_log && v->lo <= 0) {
            diag *g = diag_add(c->d, DIAG_RANGE, s->low->at, "the range of `%s` is on a log scale, and must begin above 0", y->name);
            if (v->hi > 0)
                diag_help(c->d, g, "write a low end above 0, such as %.12g, or leave out `log`",
                          (v->has_default && v->def > 0 && v->def < v->hi ? v->def : v->hi) / 1000);
            else
                diag_help(c->d, g, "leave out `log`");
        } else if (v->has_default && !(v->def >= v->lo && v->def <= v->hi) && c->d->errors == errors) {
            diag *g = diag_add(c->d, DIAG_RANGE, s->value->at, "the default of `%s` is outside its range %.12g..%.12g", y->name, v->lo, v->hi);
            diag_help(c->d, g, "choose a default inside, or widen the range");
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
    if (counts(y->name))
        refuse_not_positive(c, y, v, s);
    if (counts(y->name) && y->has_unit)
        diag_add(c->d, DIAG_TYPE, s->value->at, "`%s` is a plain number, without a unit", y->name);
}

/* -D of a well-known param that the file does not declare. */
chk_symbol *chk_define_well_known(checker *c, const char *name)
{
    chk_symbol *y = chk_find(&c->values, name);
    double v;
    if (y && y->kind == CHK_SYM_LET && counts(name) && chk_constant(y->decl->value, &v, 0) && !(v > 0))
        diag_add(c->d, DIAG_RANGE, y->decl->value->at, "`%s` must be above 0", name);
    if (y && (y->kind == CHK_SYM_PARAM || y->kind == CHK_SYM_LET))
        return y;
    const lrs_binding *b = find_define(c, name);
    if (!b)
        return NULL;
    if (counts(name))
        refuse_bound_count(c, b, (span){0, 0, 0, 0});
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

void chk_units_of_params(checker *c)
{
    for (chk_symbol *s = c->values.latest; s; s = s->next)
        if (s->kind == CHK_SYM_PARAM && s->has_unit && s->decl && s->decl->value)
            chk_conversion(c, s->unit, s->decl->value->at);
}

void chk_refuse_unknown_defines(checker *c)
{
    span nowhere = {0, 0, 0, 0};
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

void chk_declaration(checker *c, const ast_stmt *s, int in_prelude)
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
            if (c->program->ninputs++ == CHK_MAX_INPUTS)
                diag_add(c->d, DIAG_LIMIT, s->at, "a program has at most %d inputs", CHK_MAX_INPUTS);
            y->index %= CHK_MAX_INPUTS;
            if (strcmp(y->name, "elapsed") == 0)
                c->program->elapsed = y;
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
        y = new_symbol(c, CHK_SYM_TEMPLATE, s, in_prelude, &c->laws);
        break;
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

void chk_refuse_second_unit(checker *c, const ast_stmt *program)
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
void chk_formula(checker *c, ast_expr *e)
{
    chk_number(c, e, CHK_ANY);
}

/* A let is lowered once. One of many levels is lowered before what uses it, which then has no more levels for it. */
#define MANY_LEVELS 400

static void note_levels(checker *c, chk_symbol *y, int levels)
{
    y->levels = levels;
    if (y->kind == CHK_SYM_LET && levels > MANY_LEVELS) {
        y->levels = 1;
        chk_symbol ***tail = y->needs & CHK_NEEDS_RATE && c->deep ? c->deep : &c->program->deep_tail;
        **tail = y;
        *tail = &y->deep_next;
    }
}

void chk_use(checker *c, chk_symbol *s)
{
    chk_symbol_check(c, s);
    if (c->depth + s->levels > c->deepest)
        c->deepest = c->depth + s->levels;
}

static void refuse_forward(checker *c, const chk_symbol *y)
{
    if ((*c->is_too_deep)++)
        return;
    diag *g = diag_add(c->d, DIAG_LIMIT, y->at, "more than %d declarations wait for each other: each uses one that is declared after it, down to `%s`",
                       CHK_MAX_FORWARD, y->name);
    diag_help(c->d, g, "declare names before their use");
}

void chk_symbol_check(checker *c, chk_symbol *y)
{
    if (y->done || y->kind == CHK_SYM_TEMPLATE) /* a template is checked where it is called */
        return;
    if (y->kind == CHK_SYM_LET && y->decl->value && (y->decl->value->kind == AST_STRING || chk_is_list(c, y->decl->value))) {
        y->body = y->decl->value;
        y->done = 1;
        return;
    }
    if (y->busy) {
        diag *g = diag_add(c->d, DIAG_CIRCULAR, y->at, "the definition of `%s` uses `%s` itself", y->name, y->name);
        diag_help(c->d, g, "there is no recursion: a definition uses only what can be computed before it");
        y->done = 1;
        return;
    }
    if (c->forward >= CHK_MAX_FORWARD) {
        refuse_forward(c, y);
        y->done = 1;
        return;
    }
    y->busy = 1;
    checker inner = *c;
    inner.forward = c->forward + 1;
    inner.deepest = c->depth;
    inner.formals = y->formals;
    inner.nformals = y->nformals;
    inner.locals = y->kind == CHK_SYM_CURVE ? 1u << CHK_START | 1u << CHK_END : 0;
    inner.needs = 0;
    inner.watch = NULL;
    inner.takes_seconds = 0;
    for (uint32_t i = 0; i < y->nformals; i++)
        if (y->defaults[i] && (y->defaults[i]->kind == AST_STRING || y->defaults[i]->kind == AST_LIST)) {
            diag_add(c->d, DIAG_TYPE, y->defaults[i]->at, "a text or a list is a value for a parameter of a template, not of a %s", chk_kind_names[y->kind]);
        } else if (y->defaults[i]) {
            uint32_t n = inner.nformals, locals = inner.locals;
            inner.nformals = 0; /* defaults see the file, not each other */
            inner.locals = 0;
            chk_number(&inner, (ast_expr *)y->defaults[i], y->formals[i].type);
            inner.nformals = n;
            inner.locals = locals;
        }
    y->body = y->decl->value;
    if (is_law(y->kind))
        chk_formula(&inner, (ast_expr *)y->body);
    else
        y->type = chk_expr(&inner, (ast_expr *)y->body, y->expected);
    if (y->expected == CHK_DURATION && y->type == CHK_ANY) /* a param without a unit, where a time is asked for */
        y->type = CHK_DURATION;
    y->needs = inner.needs;
    note_levels(c, y, inner.deepest - c->depth);
    y->busy = 0;
    y->done = 1;
}
