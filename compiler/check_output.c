/* check_output.c: the schedules of a program: which there are, what each is made of, and what they read of each other.
 *
 * In: the statements of a program. Out: chk_outputs, those that are not hidden first. Calls: check_phase.c, check_rule.c,
 * check_expr.c, which calls back for the names of schedules in expressions.
 *
 * All schedules are declared before any is checked, so that one may read another that stands below it. What they read of each
 * other has no circle and an end: each value costs a bounded number of values of others.
 */
#include "check.h"

#include <string.h>

/* ---- what one is made of ------------------------------------------------------------------------ */

/* Nothing of its own ends the phase. */
void chk_body(checker *c, chk_output *o, const ast_stmt *body, int is_first)
{
    chk_phase **phases = &o->phases, *before = NULL;
    chk_rule **rules = &o->rules;
    for (const ast_stmt *s = body; s; s = s->next) {
        switch (s->kind) {
        case AST_PHASE:
            chk_phase_check(c, s->phase, &phases, is_first && o->phases == NULL);
            break;
        case AST_ON: case AST_AT: case AST_EVERY:
            chk_rule_check(c, s, &rules);
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
            if (chk_constant(s->low, &lo, 0) && chk_constant(s->high, &hi, 0) && !(lo <= hi)) {
                diag *g = diag_add(c->d, DIAG_RANGE, s->at, "the lower bound is above the upper one");
                diag_help(c->d, g, "write `bounds %.12g .. %.12g`", hi, lo);
            }
            break;
        default:
            break;
        }
    }
    for (const chk_rule *r = o->rules; r; r = r->next) {
        chk_rule_raises(c, r, o->phases);
        chk_rule_restarts(c, r, o->phases);
    }
    for (const chk_phase *q = o->phases; q; q = q->next)
        for (const chk_rule *r = q->rules; r; r = r->next)
            chk_rule_raises(c, r, q);
    int ended_by_rule = chk_has_action(o->rules, AST_NEXT);
    for (chk_phase *q = o->phases; q; before = q, q = q->next)
        if (before && chk_open_ended(before) && !chk_has_action(before->rules, AST_NEXT) && !ended_by_rule && !c->d->errors) { /* its length may be what is wrong */
            diag *g = diag_add(c->d, DIAG_NEVER_RUNS, q->at, "this phase never runs: the one before it has no end");
            double rate;
            const ast_expr *v = before->kind == CHK_HOLD && before->at.call == 0 ? before->value : NULL;
            if (v && v->kind == AST_NUMBER && chk_constant(v, &rate, 0) && rate >= 10)
                diag_note(c->d, g, before->at, "the number of `hold` is its rate: to keep a rate for so long, write `hold for %.15g`", rate);
            else
                diag_note(c->d, g, before->at, "give this one a length: `for 1000` or `until 5000`");
            break;
        }
}

/* What is written in another file, as in a module, says little to the reader of this one: it goes by the words of its call. */
static void name_by_call(const chk_phase *call, chk_phase *body)
{
    span at = call->called.end ? call->called : call->at;
    int is_alone = (!call->called.end || call->is_alone) && body && !body->next;
    for (chk_phase *q = body; q; q = q->next)
        if (q->at.file != at.file) {
            q->called = at;
            q->is_alone = is_alone;
        }
}

/* A schedule that is one template is that template's phases and rules. */
static void unwrap(checker *c, chk_output *o)
{
    chk_phase *q = o->phases;
    if (!q || q->next || q->kind != CHK_BLOCK || !q->block || q->duration || q->until || q->shift || q->has_own || (q->block->low && o->low))
        return;
    chk_output *b = q->block;
    chk_rule **tail = &b->rules;
    while (*tail)
        tail = &(*tail)->next;
    *tail = o->rules;
    o->rules = b->rules;
    o->phases = b->phases;
    name_by_call(q, b->phases);
    if (o->start) {
        chk_output *outer = arena_alloc(c->mem, sizeof *outer);
        if (!outer)
            return;
        *outer = *o;
        o->outer = outer;
    }
    o->from = q->from ? q->from : o->from;
    o->start = b->start;
    o->deep = b->deep;
    if (!o->total)
        o->total = b->total;
    o->requires = b->requires;
    if (b->low) {
        o->low = b->low;
        o->high = b->high;
        o->bounds_at = b->bounds_at;
    }
    unwrap(c, o);
}

static int in_output(enum ast_stmt_kind k)
{
    return k == AST_PHASE || k == AST_ON || k == AST_AT || k == AST_EVERY || k == AST_BOUNDS;
}

/* The body of a schedule, or of a part of an expression. */
static void check_block(checker *c, chk_output *o, const ast_stmt *body)
{
    checker inner = *c;
    inner.output = o;
    inner.formals = NULL;
    inner.nformals = 0;
    inner.locals = 0;
    inner.start = NULL;
    chk_body(&inner, o, body, 1);
    unwrap(c, o);
    chk_rules_end(c, o);
    for (const chk_phase *q = o->phases; q; q = q->next)
        chk_refuse_events(c, q);
    for (const chk_phase *q = o->phases; q; q = q->next) {
        const chk_phase *call = q->kind == CHK_BLOCK && !q->block ? q->body : q; /* it has rules of its own */
        if (call && call->block && call->block->low) {
            diag *g = diag_add(c->d, DIAG_CLAUSE, call->block->bounds_at, "a template with `bounds` is a schedule by itself: it cannot stand among other phases");
            diag_help(c->d, g, "give the bounds to the schedule, or use `min` and `max` in a `curve`");
        }
    }
}

/* schedule NAME = EXPR { rules }: one phase without an end, whose formula is EXPR */
static void check_formula(checker *c, chk_output *o, const ast_stmt *s)
{
    chk_phase *q = arena_alloc(c->mem, sizeof *q);
    checker inner = *c;
    if (!q)
        return;
    q->kind = CHK_FREE;
    q->at = s->value->at;
    q->value = s->value;
    o->phases = q;
    inner.output = o;
    inner.locals = 1u << CHK_STEP | 1u << CHK_EPOCH;
    chk_formula(&inner, s->value);
    for (const ast_stmt *i = s->body; i; i = i->next)
        if (i->kind == AST_PHASE) {
            diag *g = diag_add(c->d, DIAG_CLAUSE, i->at, "a schedule that is an expression has no phases: rules and `bounds` may stand here");
            diag_help(c->d, g, "a schedule of phases is written `schedule %s { ... }`", o->name);
            return;
        }
    inner.locals = 0;
    chk_body(&inner, o, s->body, 1);
    o->phases = q;
    chk_rules_end(c, o);
}

/* ---- which there are ------------------------------------------------------------------------------ */

static chk_output *new_output(checker *c, const char *name, span at, int is_hidden)
{
    chk_output *o;
    if (c->program->noutputs >= CHK_MAX_OUTPUTS) {
        if (c->program->noutputs++ == CHK_MAX_OUTPUTS)
            diag_add(c->d, DIAG_LIMIT, at, "the program has more than %d schedules, with the parts of expressions", CHK_MAX_OUTPUTS);
        return NULL;
    }
    o = arena_alloc(c->mem, sizeof *o);
    if (!o)
        return NULL;
    o->name = name;
    o->at = at;
    o->is_hidden = is_hidden;
    o->symbol = (chk_symbol){.kind = CHK_SYM_OUTPUT, .name = name, .at = at, .done = 1, .type = CHK_ANY, .output = o};
    *c->program->outputs_tail = o;
    c->program->outputs_tail = &o->next;
    c->program->noutputs++;
    return o;
}

/* Its name is what expressions call it. */
static chk_output *declare_output(checker *c, const char *name, span at, int is_hidden)
{
    const chk_symbol *same = chk_find(&c->schedules, name);
    chk_output *o;
    if (same) {
        diag *g = diag_add(c->d, DIAG_DUPLICATE, at, "there already is a schedule `%s`", name);
        diag_note(c->d, g, same->at, "here");
    }
    for (int i = 0; i < CHK_LOCALS && !same; i++)
        if (strcmp(chk_local_names[i], name) == 0)
            diag_add(c->d, DIAG_DUPLICATE, at, "`%s` means something else in formulas: a schedule needs another name", name);
    o = new_output(c, name, at, is_hidden);
    if (o)
        chk_declare(c, &c->schedules, &o->symbol);
    return o;
}

static const char *name_of(checker *c, const ast_stmt *s)
{
    return s->group.text ? arena_printf(c->mem, "%s[\"%s\"]", s->name.text, s->group.text) : s->name.text;
}

/* The names of all schedules that are declared, for help. */
static const char *nearest_output(checker *c, const char *name)
{
    const char **names = arena_alloc(c->mem, (c->schedules.n + 1u) * sizeof *names);
    size_t n = 0;
    if (!names || chk_is_mute(c))
        return NULL;
    for (const chk_symbol *s = c->schedules.latest; s; s = s->next)
        names[n++] = s->name;
    return diag_did_you_mean(name, names, n);
}

static void refuse_groups_of_nothing(checker *c, const ast_stmt *program)
{
    for (const ast_stmt *s = program; s; s = s->next) {
        if (s->kind != AST_SCHEDULE || !s->group.text || chk_find(&c->schedules, s->name.text))
            continue;
        diag *g = diag_add(c->d, DIAG_UNKNOWN_NAME, s->name.at, "there is no schedule `%s` that this could be a group of", s->name.text);
        const char *near = nearest_output(c, s->name.text);
        if (near)
            diag_help(c->d, g, "did you mean `%s`?", near);
        else
            diag_help(c->d, g, "the other groups need a rate too: add `schedule %s { ... }`", s->name.text);
    }
}

/* Hidden schedules are lets: their names are of the same kind. */
static void refuse_second_meaning(checker *c, const ast_stmt *s)
{
    const chk_symbol *y = s->is_hidden ? chk_find(&c->values, s->name.text) : NULL;
    if (!y || y->in_prelude)
        return;
    diag *g = diag_add(c->d, DIAG_DUPLICATE, s->name.at, "`%s` is already declared", s->name.text);
    diag_note(c->d, g, y->at, "it is a %s here", chk_kind_names[y->kind]);
}

/* ---- what they read of each other ------------------------------------------------------------------ */

static void add_reading(checker *c, chk_output *of, span at)
{
    chk_output *o = c->output;
    for (const chk_reading *r = o->readings; r; r = r->next)
        if (r->of == of)
            return;
    if (o->nreadings > CHK_MAX_READINGS)
        return;
    chk_reading *r = arena_alloc(c->mem, sizeof *r);
    if (!r)
        return;
    *r = (chk_reading){of, at, o->readings};
    o->readings = r;
    o->nreadings++;
}

chk_symbol *chk_read_output(checker *c, const char *name, const char *group, span at, int *refused)
{
    const char *full = group ? arena_printf(c->mem, "%s[\"%s\"]", name, group) : name;
    chk_symbol *s = full ? chk_find(&c->schedules, full) : NULL;
    *refused = 0;
    if (!s && group) {
        diag *g = diag_add(c->d, DIAG_UNKNOWN_NAME, at, "there is no schedule `%s`", full ? full : name);
        const char *near = full ? nearest_output(c, full) : NULL;
        if (near)
            diag_help(c->d, g, "did you mean `%s`?", near);
        *refused = 1;
    }
    if (!s)
        return NULL;
    s->used = 1;
    if (!c->output || !(c->locals & 1u << CHK_STEP)) {
        diag *g = diag_add(c->d, DIAG_UNKNOWN_NAME, at, "`%s` is a schedule, which changes with the step", full);
        if (c->before_run)
            diag_help(c->d, g, "`%s` is decided before the run: by params, names and the arguments of a template", c->before_run);
        else
            diag_help(c->d, g, "use it in `curve EXPR`, or in `schedule NAME = EXPR`");
        *refused = 1;
    } else if (c->watch) {
        /* conditions are looked at when all values are known */
    } else if (s->output == c->output) {
        diag *g = diag_add(c->d, DIAG_CIRCULAR, at, "the schedule `%s` cannot be computed from itself", full);
        if (c->locals & 1u << CHK_START)
            diag_help(c->d, g, "the rate where the phase begins is `start`");
        *refused = 1;
    } else {
        add_reading(c, s->output, at);
    }
    return *refused ? NULL : s;
}

static void refuse_chain(checker *c, span at)
{
    diag_add(c->d, DIAG_LIMIT, at, "more than %d schedules are computed from each other in a row", CHK_MAX_CHAIN);
}

/* A factor, and so what it is a part of says how large: `0.1 * torch.StepLR(30)`. */
chk_symbol *chk_template_part(checker *c, const ast_name *name, const ast_arg *args, span at)
{
    chk_output *o = new_output(c, NULL, at, 1);
    ast_expr *one = arena_alloc(c->mem, sizeof *one);
    checker inner = *c;
    if (!o || !one)
        return NULL;
    inner.output = o;
    inner.formals = NULL;
    inner.nformals = 0;
    inner.locals = inner.rate_locals = 0;
    inner.nest = 0;
    inner.watch = NULL;
    inner.takes_seconds = 0;
    inner.start = NULL;
    if (++inner.parts > CHK_MAX_CHAIN) {
        refuse_chain(c, at);
        return NULL;
    }
    chk_phase *q = arena_alloc(c->mem, sizeof *q);
    if (!q)
        return NULL;
    *one = (ast_expr){.kind = AST_NUMBER, .at = at, .number = 1, .height = 1};
    *q = (chk_phase){.kind = CHK_BLOCK, .at = at, .from = one, .block = chk_template(&inner, name, args, at, 1)};
    o->phases = q;
    unwrap(c, o);
    if (c->output)
        add_reading(c, o, at);
    return &o->symbol;
}

static const char *label(const chk_output *o)
{
    return o->name ? o->name : "a part of an expression";
}

/* Depth first; recursion ends at the longest chain that is allowed. */
static void order(checker *c, chk_output *o, int above)
{
    o->order = CHK_BUSY;
    o->cost = 1;
    o->chain = 1;
    for (const chk_reading *r = o->readings; r && !c->d->errors; r = r->next) {
        if (r->of->order == CHK_BUSY) {
            diag *g = diag_add(c->d, DIAG_CIRCULAR, r->at, "`%s` reads `%s` here, which is itself computed from `%s`", label(o), label(r->of), label(o));
            diag_note(c->d, g, r->of->at, "`%s` is here", label(r->of));
            diag_help(c->d, g, "one of them must be written without the other");
            return;
        }
        if (r->of->order == CHK_NEW && above + 1 < CHK_MAX_CHAIN)
            order(c, r->of, above + 1);
        if (c->d->errors)
            return;
        o->chain = r->of->chain >= o->chain ? r->of->chain + 1 : o->chain;
        if (r->of->order == CHK_NEW || o->chain > CHK_MAX_CHAIN) {
            refuse_chain(c, r->at);
            return;
        }
        o->cost += r->of->cost;
        if (o->cost > CHK_MAX_READINGS) {
            diag_add(c->d, DIAG_LIMIT, r->at, "one value of `%s` takes more than %d values of other schedules", label(o), CHK_MAX_READINGS);
            return;
        }
    }
    o->order = CHK_ORDERED;
}

/* Those that are not hidden first, `lr` before all, else in the order of the file. */
static void number_outputs(chk_program *p)
{
    chk_output *lists[3] = {NULL, NULL, NULL}, **tails[3] = {&lists[0], &lists[1], &lists[2]}, **tail = &p->outputs;
    uint32_t n = 0;
    for (chk_output *o = p->outputs; o; o = o->next) {
        int k = o->is_hidden ? 2 : strcmp(o->name, "lr") == 0 ? 0 : 1;
        *tails[k] = o;
        tails[k] = &o->next;
        p->npublic += k != 2;
    }
    p->outputs = NULL;
    for (int k = 0; k < 3; k++) {
        *tails[k] = NULL;
        if (lists[k]) {
            *tail = lists[k];
            tail = tails[k];
        }
    }
    for (chk_output *o = p->outputs; o; o = o->next)
        o->index = n++;
}

/* ---- the whole --------------------------------------------------------------------------------------- */

/* Phases and rules outside of all blocks are those of `lr`. Rules alone, beside blocks, belong to none. */
static const ast_stmt *find_bare(checker *c, const ast_stmt *program)
{
    const ast_stmt *bare = NULL, *block = NULL;
    for (const ast_stmt *s = program; s; s = s->next) {
        if (in_output(s->kind) && (!bare || (s->kind == AST_PHASE && bare->kind != AST_PHASE)))
            bare = s;
        if (s->kind == AST_SCHEDULE && !block)
            block = s;
    }
    if (bare && block && bare->kind != AST_PHASE) {
        diag *g = diag_add(c->d, DIAG_CLAUSE, bare->at, "this rule belongs to no schedule: it stands outside of the blocks");
        diag_note(c->d, g, block->at, block->has_body ? "put it inside this block, or write the phases without `schedule`"
                                                      : "put it behind this one in braces: `schedule lr = ... { RULES }`");
    }
    return bare;
}

static void refuse_empty(checker *c, const ast_stmt *program)
{
    const ast_stmt *last = program;
    for (chk_output *o = c->program->outputs; o; o = o->next)
        if (!o->phases) {
            diag *g = diag_add(c->d, DIAG_NO_PHASE, o->at, "the schedule `%s` has no phase", label(o));
            diag_help(c->d, g, "begin with `hold 0.1` or `warmup 500 -> 0.1`");
        }
    while (last && last->next)
        last = last->next;
    if (c->program->npublic == 0) {
        diag *g = diag_add(c->d, DIAG_NO_PHASE, last ? last->at : (span){0, 0, 0, 0}, "there is no schedule here");
        diag_help(c->d, g, "write a phase, as in `warmup 5 linear -> 0.1; then exp s=1000`");
    }
}

void chk_declare_outputs(checker *c, const ast_stmt *program)
{
    size_t errors = c->d->errors;
    c->program->outputs_tail = &c->program->outputs;
    c->bare = find_bare(c, program);
    if (c->d->errors > errors)
        c->bare = NULL;
    if (c->bare)
        declare_output(c, "lr", c->bare->at, 0);
    for (const ast_stmt *s = program; s; s = s->next)
        if (s->kind == AST_SCHEDULE) {
            const char *name = name_of(c, s);
            refuse_second_meaning(c, s);
            if (name)
                declare_output(c, name, s->group.text ? span_join(s->name.at, s->group.at) : s->name.at, s->is_hidden);
        }
    refuse_groups_of_nothing(c, program);
}

static void check_schedule(checker *c, chk_output *o, const ast_stmt *s)
{
    for (const ast_stmt *i = s->body; i; i = i->next)
        if (!in_output(i->kind))
            diag_add(c->d, DIAG_CLAUSE, i->at, "declarations stand outside of `schedule`");
    if (s->value)
        check_formula(c, o, s);
    else
        check_block(c, o, s->body);
}

void chk_outputs(checker *c, const ast_stmt *program)
{
    chk_output *o = c->program->outputs;
    if (arena_failed(c->mem) || c->program->noutputs > CHK_MAX_OUTPUTS)
        return;
    if (c->bare) {
        check_block(c, o, program);
        o = o->next;
    }
    for (const ast_stmt *s = program; s && o; s = s->next)
        if (s->kind == AST_SCHEDULE) {
            check_schedule(c, o, s);
            o = o->next; /* parts of its expression come behind all schedules */
        }
    if (c->d->errors)
        return;
    for (o = c->program->outputs; o && !c->d->errors; o = o->next)
        if (o->order == CHK_NEW)
            order(c, o, 0);
    number_outputs(c->program);
    refuse_empty(c, program);
}
