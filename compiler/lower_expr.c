/* lower_expr.c: expressions to IR. In: resolved trees. Out: IR values. Functions are put in where they are called.
 * Calls: the IR builder. */
#include "lowering.h"

#include <math.h>

static const double pi = 0x1.921fb54442d18p+1;

int low_stage(const lowering *l, ir_ref r)
{
    return ir_get(l->b, r)->stage;
}

int low_is_const(const lowering *l, ir_ref r, double v)
{
    const ir_ins *i = ir_get(l->b, r);
    return i->op == IR_CONST && i->imm == v;
}

static ir_ref number(lowering *l, double v)
{
    return ir_const(l->b, v);
}

/* c = k*pi for a small whole k? */
static int multiple_of_pi(const lowering *l, ir_ref r, double *k)
{
    const ir_ins *i = ir_get(l->b, r);
    if (i->op != IR_CONST)
        return 0;
    for (int n = 1; n <= 8; n++)
        if (i->imm == n * pi) {
            *k = n;
            return 1;
        }
    return 0;
}

/* x without its factor pi; 0 when it has none. */
static ir_ref without_pi(lowering *l, ir_ref x, int depth)
{
    const ir_ins i = *ir_get(l->b, x);
    double k;
    ir_ref y;
    if (depth > 8 || l->budget == 0)
        return 0;
    l->budget--; /* an operand that is two operands is looked at twice */
    switch (i.op) {
    case IR_CONST:
        return multiple_of_pi(l, x, &k) ? number(l, k) : 0;
    case IR_MUL:
        if ((y = without_pi(l, i.a, depth + 1)))
            return low_is_const(l, y, 1) ? i.b : ir_op(l->b, IR_MUL, y, i.b, 0);
        if ((y = without_pi(l, i.b, depth + 1)))
            return low_is_const(l, y, 1) ? i.a : ir_op(l->b, IR_MUL, i.a, y, 0);
        return 0;
    case IR_DIV:
        y = without_pi(l, i.a, depth + 1);
        return y ? ir_op(l->b, IR_DIV, y, i.b, 0) : 0;
    case IR_NEG:
        y = without_pi(l, i.a, depth + 1);
        return y ? ir_op(l->b, IR_NEG, y, 0, 0) : 0;
    default:
        return 0;
    }
}

/* cos(pi x) and sin(pi x) lose digits when pi x is rounded first. */
static ir_ref circular(lowering *l, enum ir_op op, enum ir_op in_pi, ir_ref x)
{
    ir_ref y = without_pi(l, x, 0);
    return y ? ir_op(l->b, in_pi, y, 0, 0) : ir_op(l->b, op, x, 0, 0);
}

ir_ref low_op(lowering *l, enum ir_op op, ir_ref x, ir_ref y, ir_ref z)
{
    if (op == IR_SUB && low_is_const(l, x, 1)) {
        if (ir_get(l->b, y)->op == IR_U)
            return ir_leaf(l->b, IR_COU);
        if (ir_get(l->b, y)->op == IR_COU)
            return ir_leaf(l->b, IR_U);
    }
    if (op == IR_COS)
        return circular(l, IR_COS, IR_COSPI, x);
    if (op == IR_SIN)
        return circular(l, IR_SIN, IR_SINPI, x);
    return ir_op(l->b, op, x, y, z);
}

/* x^y. Small whole powers are products; a base known before the run goes through its logarithm in two parts, which keeps
 * 0.1^(t/s) within an ulp or two over all steps. */
ir_ref low_pow(lowering *l, ir_ref x, ir_ref y)
{
    const ir_ins *e = ir_get(l->b, y);
    if (e->op == IR_CONST) {
        double n = e->imm;
        if (n == 0.5)
            return low_op(l, IR_SQRT, x, 0, 0);
        if (n == -0.5) {
            ir_ref root = low_op(l, IR_SQRT, x, 0, 0);
            return low_op(l, IR_DIV, number(l, 1), root, 0);
        }
        if (n == floor(n) && fabs(n) <= 4) {
            ir_ref p = n == 0 ? number(l, 1) : x, square;
            if (fabs(n) >= 2) {
                square = low_op(l, IR_MUL, x, x, 0);
                p = fabs(n) == 2 ? square : low_op(l, IR_MUL, square, fabs(n) == 3 ? x : square, 0);
            }
            return n < 0 ? low_op(l, IR_DIV, number(l, 1), p, 0) : p;
        }
    }
    if (low_stage(l, x) < IR_STAGE_STEP && low_stage(l, y) > IR_STAGE_CONST) {
        ir_ref hi = low_op(l, IR_LOG2HI, x, 0, 0);
        ir_ref lo = low_op(l, IR_LOG2LO, x, 0, 0);
        return low_op(l, IR_EXP2X, hi, lo, y);
    }
    return low_op(l, IR_POW, x, y, 0);
}

/* ---- units ------------------------------------------------------------------------------------- */

/* How many `unit`s a step is worth is in a param: v units -> steps, or the other way. */
static ir_ref scale_unit(lowering *l, ir_ref v, enum ast_unit unit, int to_steps)
{
    const chk_program *p = l->checked;
    switch (unit) {
    case AST_EPOCHS:
        return low_op(l, to_steps ? IR_MUL : IR_DIV, v, low_symbol(l, p->steps_per_epoch), 0);
    case AST_SAMPLES:
        return low_op(l, to_steps ? IR_DIV : IR_MUL, v, low_symbol(l, p->samples_per_step), 0);
    case AST_TOKENS:
        return low_op(l, to_steps ? IR_DIV : IR_MUL, v, low_symbol(l, p->tokens_per_step), 0);
    default:
        return v;
    }
}

/* A duration in some unit, in ticks; wall-clock time in seconds. */
static ir_ref ticks(lowering *l, ir_ref v, enum ast_unit unit)
{
    static const double seconds[] = {[AST_SECONDS] = 1, [AST_MINUTES] = 60, [AST_HOURS] = 3600};
    if (unit >= AST_SECONDS)
        return low_op(l, IR_MUL, v, number(l, seconds[unit]), 0);
    if (unit == l->checked->unit)
        return v;
    return scale_unit(l, scale_unit(l, v, unit, 1), l->checked->unit, 0);
}

/* ---- names -------------------------------------------------------------------------------------- */

/* In a repeat `cycle` is its own round, and what depends on that of a repeat around it has no value: that is said, and it is 1. */
static ir_ref refuse_outer_round(lowering *l, ir_ref r, uint32_t rates)
{
    int is_outer = 0;
    for (uint32_t i = 0; i < LOW_RATES; i++)
        is_outer |= rates >> i & 1 && l->inside[i] < l->repeats;
    if (!is_outer || l->dry || !low_knows_round(l, r))
        return r;
    if (!low_said(l, DIAG_CLAUSE, l->at)) {
        diag *g = diag_add(l->d, DIAG_CLAUSE, l->at, "the rate that this template starts from depends on the round of a repeat around the one here, and is not known in it");
        diag_help(l->d, g, "use it in phases of the template that are not in a repeat of their own");
    }
    return number(l, 1);
}

/* What a let was before, for low_end_trial. */
typedef struct low_undo low_undo;
struct low_undo {
    chk_symbol *let;
    uint32_t ref, rates, as_of;
    low_undo *next;
};

static void keep_for_undo(lowering *l, chk_symbol *s)
{
    low_undo *u = l->is_trial ? arena_alloc(l->mem, sizeof *u) : NULL;
    if (!u)
        return;
    *u = (low_undo){s, s->ref, s->rates, s->as_of, l->undo};
    l->undo = u;
}

uint32_t low_begin_trial(lowering *l)
{
    l->is_trial = 1;
    l->undo = NULL;
    return ir_count(l->b);
}

void low_end_trial(lowering *l, uint32_t count, int keep)
{
    l->is_trial = 0;
    if (keep)
        return;
    for (const low_undo *u = l->undo; u; u = u->next) {
        u->let->ref = u->ref;
        u->let->rates = u->rates;
        u->let->as_of = u->as_of;
    }
    low_forget_marks(l, count);
    ir_rewind(l->b, count);
}

/* The value of a let that depends on rates that templates start from, computed once for each of them. */
static ir_ref let_of_rates(lowering *l, chk_symbol *s)
{
    static const frame nothing = {0};
    int is_old = !s->ref;
    for (uint32_t i = 0; i < LOW_RATES; i++)
        is_old |= s->rates >> i & 1 && l->changed[i] > s->as_of;
    if (is_old) {
        uint32_t others = l->seen_rates;
        l->seen_rates = 0;
        ir_ref r = low_expr(l, &nothing, s->body);
        keep_for_undo(l, s);
        s->ref = r;
        s->rates = l->seen_rates;
        s->as_of = l->rates;
        l->seen_rates = others;
    }
    l->seen_rates |= s->rates;
    return refuse_outer_round(l, s->ref, s->rates);
}

void low_set_rate(lowering *l, const chk_output *block, ir_ref rate)
{
    if (!block->start)
        return;
    if (block->start->ref != rate) {
        block->start->ref = rate;
        l->changed[block->start->index % LOW_RATES] = ++l->rates;
    }
    l->inside[block->start->index % LOW_RATES] = l->repeats;
    for (chk_symbol *s = block->deep; s; s = s->deep_next) /* one after the other, so that none nests in another */
        low_symbol(l, s);
}

ir_ref low_symbol(lowering *l, chk_symbol *s)
{
    static const frame nothing = {0};
    ir_ref r;
    switch (s->kind) {
    case CHK_SYM_CONSTANT:
        return ir_literal(l->b, s->value, s->value_low);
    case CHK_SYM_PARAM:
        r = s->is_constant ? number(l, s->value) : ir_param_ref(l->b, s->index);
        return s->has_unit ? ticks(l, r, s->unit) : r;
    case CHK_SYM_RATE:
        l->seen_rates |= 1u << s->index % LOW_RATES;
        return s->ref ? refuse_outer_round(l, s->ref, 1u << s->index % LOW_RATES) : number(l, 0);
    case CHK_SYM_LET:
        if (s->needs & CHK_NEEDS_RATE)
            return let_of_rates(l, s);
        if (!s->ref) {
            r = low_expr(l, &nothing, s->body);
            keep_for_undo(l, s);
            s->ref = r;
        }
        return s->ref;
    case CHK_SYM_INPUT:
        return ir_input_ref(l->b, s->index);
    default:
        return number(l, 0);
    }
}

static ir_ref local_value(lowering *l, const frame *f, uint32_t local)
{
    const chk_program *p = l->checked;
    switch (local) {
    case CHK_T:
        return f->t;
    case CHK_U:
        return f->u;
    case CHK_START:
        return f->start;
    case CHK_END:
        return f->end;
    case CHK_CYCLE:
        return l->cycle ? l->cycle : number(l, 0);
    case CHK_STEP:
        return scale_unit(l, f->x, p->unit, 1);
    default:
        return p->unit == AST_EPOCHS ? f->x : scale_unit(l, scale_unit(l, f->x, p->unit, 1), AST_EPOCHS, 0);
    }
}

/* ---- calls --------------------------------------------------------------------------------------- */

ir_ref low_body(lowering *l, const frame *f, const chk_symbol *s, uint32_t first, ir_ref zeroth, const ast_expr *const *args)
{
    static const frame nothing = {0};
    ir_ref *values = arena_alloc(l->mem, (s->nformals + 1) * sizeof *values);
    if (!values)
        return number(l, 0);
    if (first == 1)
        values[0] = zeroth;
    for (uint32_t i = first; i < s->nformals; i++) {
        const ast_expr *given = args ? args[i - first] : NULL;
        values[i] = given ? low_expr(l, f, given) : low_expr(l, &nothing, s->defaults[i]);
    }
    frame inner = *f;
    inner.args = values;
    return low_expr(l, &inner, s->body);
}

static ir_ref fold_many(lowering *l, const frame *f, const ast_arg *a, enum ir_op op)
{
    ir_ref r = low_expr(l, f, a->value);
    for (a = a->next; a; a = a->next)
        r = low_op(l, op, r, low_expr(l, f, a->value), 0);
    return r;
}

static ir_ref builtin_call(lowering *l, const frame *f, const ast_expr *e)
{
    int op = chk_builtin_table[e->symbol->index].op;
    const ast_arg *a = e->args;
    if (op == CHK_FN_MIN || op == CHK_FN_MAX)
        return fold_many(l, f, a, op == CHK_FN_MIN ? IR_MIN : IR_MAX);
    /* floor of a quotient of durations counts whole stairs: exactly, however the quotient would round */
    if (op == IR_FLOOR && a->value->kind == AST_BINARY && a->value->op == AST_DIV &&
        a->value->left->type == CHK_DURATION && a->value->right->type == CHK_DURATION) {
        ir_ref time = low_expr(l, f, a->value->left);
        ir_ref stair = low_expr(l, f, a->value->right);
        if (low_stage(l, stair) < IR_STAGE_STEP) /* what changes with the step may be negative, and is no length of a stair */
            return low_op(l, IR_STAIRS, time, stair, 0);
        return low_op(l, IR_FLOOR, low_op(l, IR_DIV, time, stair, 0), 0, 0);
    }
    ir_ref v[3] = {0, 0, 0};
    for (int i = 0; a && i < 3; a = a->next, i++)
        v[i] = low_expr(l, f, a->value);
    switch (op) {
    case CHK_FN_CLAMP:
        return low_op(l, IR_MIN, low_op(l, IR_MAX, v[0], v[1], 0), v[2], 0);
    case CHK_FN_IF:
        return low_op(l, IR_SELECT, v[0], v[1], v[2]);
    case CHK_FN_TAN: {
        ir_ref sine = low_op(l, IR_SIN, v[0], 0, 0);
        ir_ref cosine = low_op(l, IR_COS, v[0], 0, 0);
        return low_op(l, IR_DIV, sine, cosine, 0);
    }
    case CHK_FN_SIGMOID: {
        ir_ref down = low_op(l, IR_EXP, low_op(l, IR_NEG, v[0], 0, 0), 0, 0);
        ir_ref sum = low_op(l, IR_ADD, number(l, 1), down, 0);
        return low_op(l, IR_DIV, number(l, 1), sum, 0);
    }
    case IR_POW:
        return low_pow(l, v[0], v[1]);
    default:
        return low_op(l, (enum ir_op)op, v[0], v[1], v[2]);
    }
}

/* ---- operators ------------------------------------------------------------------------------------ */

static ir_ref binary(lowering *l, const frame *f, const ast_expr *e)
{
    static const struct {
        enum ir_op op;
        int swap;
    } ops[] = {
        [AST_ADD] = {IR_ADD, 0}, [AST_SUB] = {IR_SUB, 0}, [AST_MUL] = {IR_MUL, 0}, [AST_DIV] = {IR_DIV, 0},
        [AST_LT] = {IR_LT, 0},   [AST_LE] = {IR_LE, 0},   [AST_GT] = {IR_LT, 1},   [AST_GE] = {IR_LE, 1},
        [AST_EQ] = {IR_EQ, 0},   [AST_NE] = {IR_NE, 0},   [AST_AND] = {IR_AND, 0}, [AST_OR] = {IR_OR, 0},
    };
    ir_ref x = low_expr(l, f, e->left), y = low_expr(l, f, e->right);
    if (e->op == AST_POW) {
        const chk_symbol *s = e->left->symbol;
        if (e->left->kind == AST_NAME && s && s->kind == CHK_SYM_CONSTANT && s->name[0] == 'e')
            return low_op(l, IR_EXP, y, 0, 0);
        return low_pow(l, x, y);
    }
    return ops[e->op].swap ? low_op(l, ops[e->op].op, y, x, 0) : low_op(l, ops[e->op].op, x, y, 0);
}

static ir_ref unit(lowering *l, const frame *f, const ast_expr *e)
{
    ir_ref v = low_expr(l, f, e->left);
    if (e->unit != AST_PERCENT)
        return ticks(l, v, e->unit);
    if (e->as_duration) /* 7% of 100 is 7: multiply first, so that whole numbers stay whole */
        v = low_op(l, IR_MUL, v, low_symbol(l, l->checked->total), 0);
    return low_op(l, IR_DIV, v, number(l, 100), 0);
}

static ir_ref node(lowering *l, const frame *f, const ast_expr *e)
{
    ir_ref x;
    switch (e->kind) {
    case AST_NUMBER:
        return ir_literal(l->b, e->number, e->number_low);
    case AST_NAME:
        if (!e->symbol)
            return number(l, 0);
        if (e->symbol->kind == CHK_SYM_FORMAL)
            return f->args[e->symbol->index];
        if (e->symbol->kind == CHK_SYM_LOCAL)
            return local_value(l, f, e->symbol->index);
        if (e->symbol->kind == CHK_SYM_OUTPUT)
            return ir_out_ref(l->b, e->symbol->output->index);
        return low_symbol(l, e->symbol);
    case AST_INDEX:
        return e->symbol ? ir_out_ref(l->b, e->symbol->output->index) : number(l, 0);
    case AST_CALL:
        if (e->symbol->kind == CHK_SYM_OUTPUT)
            return ir_out_ref(l->b, e->symbol->output->index);
        if (e->symbol->kind == CHK_SYM_BUILTIN)
            return builtin_call(l, f, e);
        return low_body(l, f, e->symbol, 0, 0, e->bound);
    case AST_UNARY:
        if (e->op == AST_NOT)
            return low_op(l, IR_NOT, low_expr(l, f, e->left), 0, 0);
        /* Not a change of sign: LLVM for aarch64 takes -(a*b + c) for -a*b - c, which gives zero another sign. And no rate is -0. */
        x = low_expr(l, f, e->left);
        return low_op(l, IR_SUB, number(l, 0), x, 0);
    case AST_BINARY:
        return binary(l, f, e);
    case AST_UNIT:
        return unit(l, f, e);
    default:
        return number(l, 0);
    }
}

/* Definitions multiply what they use: there is an end to what is visited. The checker saw to the levels. */
ir_ref low_expr(lowering *l, const frame *f, const ast_expr *e)
{
    if (l->budget == 0)
        return number(l, 0);
    if (l->depth > CHK_MAX_LEVELS) {
        l->budget = 0;
        return number(l, 0);
    }
    l->budget--;
    l->depth++;
    ir_ref r = node(l, f, e);
    l->depth--;
    return r;
}
