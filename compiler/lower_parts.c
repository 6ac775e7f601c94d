/* lower_parts.c: what the files that lower share: numbers, entries of the table, checks, segments.
 *
 * In: expressions and IR values. Out: additions to the program that is made. Calls: lower_expr.c, the IR builder.
 */
#include <math.h>
#include <string.h>
#include "lowering.h"

ir_ref low_num(lowering *l, double v)
{
    return ir_const(l->b, v);
}

ir_ref low_op2(lowering *l, enum ir_op op, ir_ref x, ir_ref y)
{
    return low_op(l, op, x, y, 0);
}

ir_ref low_select(lowering *l, ir_ref c, ir_ref x, ir_ref y)
{
    return low_op(l, IR_SELECT, c, x, y);
}

ir_ref low_times(lowering *l, ir_ref x, ir_ref y)
{
    return low_is_const(l, x, 0) || low_is_const(l, y, 1) ? x : low_is_const(l, y, 0) || low_is_const(l, x, 1) ? y : low_op2(l, IR_MUL, x, y);
}

ir_ref low_value(lowering *l, const ast_expr *e)
{
    static const frame nothing = {0};
    return low_expr(l, &nothing, e);
}

ir_ref low_value_or(lowering *l, const ast_expr *e, double otherwise)
{
    return e ? low_value(l, e) : low_num(l, otherwise);
}

/* Room for n more items of an array of the program. */
void *low_grow(lowering *l, void *at, uint32_t n, uint32_t *cap, size_t size)
{
    if (arena_failed(l->mem)) /* also of another array before: `at` may be NULL for n items */
        return NULL;
    if (n < *cap)
        return at;
    uint32_t more = *cap ? *cap * 2 : 16;
    void *bigger = arena_alloc(l->mem, more * size);
    if (!bigger)
        return NULL;
    if (n)
        memcpy(bigger, at, n * size);
    *cap = more;
    return bigger;
}

int low_said(const lowering *l, enum diag_code code, span at)
{
    for (const diag *g = l->d->first; g; g = g->next)
        if (g->code == code && g->from.begin == at.begin && g->from.file == at.file && g->from.call == at.call)
            return 1;
    return 0;
}

ir_ref low_before_rounds(lowering *l, ir_ref r, span at, const char *what)
{
    if (l->dry || low_stage(l, r) < IR_STAGE_STEP)
        return r;
    if (!low_said(l, DIAG_CLAUSE, at)) {
        diag *g = diag_add(l->d, DIAG_CLAUSE, at, "%s must be known before the run, but depends on the round of the repeat", what);
        diag_help(l->d, g, "what depends on `cycle` has a place in rates; `stretch=` is what makes rounds longer");
    }
    return low_num(l, 1);
}

uint32_t low_put_table(lowering *l, ir_ref r)
{
    r = low_before_rounds(l, r, l->at, "a number of this rule");
    ir_ref *table = low_grow(l, l->table, l->ntable, &l->table_cap, sizeof *table);
    if (!table)
        return 0;
    l->table = table;
    l->table[l->ntable] = r;
    return l->ntable++;
}

void low_put_check(lowering *l, growing *cap, ir_ref cond, span at, const char *message)
{
    const ir_ins *i = ir_get(l->b, cond);
    if (l->dry || i->stage == IR_STAGE_STEP) /* that a rate is finite in each round is no check of params */
        return;
    if (i->op == IR_CONST) {
        if (i->imm == 0) {
            diag *g = diag_add(l->d, DIAG_RANGE, at, "%s", message);
            (void)g;
        }
        return;
    }
    ir_check *checks = low_grow(l, l->p->checks, l->p->nchecks, &cap->checks, sizeof *checks);
    if (!checks)
        return;
    l->p->checks = checks;
    checks[l->p->nchecks++] = (ir_check){cond, diag_visible(l->mem, message), at, 0}; /* bind gives it to any program */
}

/* The words of a span on one line, shortened to what a message can hold. */
const char *low_words(lowering *l, span at, size_t most)
{
    const source *s = &l->d->sources.at[at.file];
    size_t n = at.end - at.begin, k = 0;
    char *text = arena_alloc(l->mem, (n < most ? n : most) + 4);
    if (!text)
        return "";
    for (size_t i = at.begin; i < at.end; i++) {
        char ch = s->text[i];
        if (ch == '#')
            while (i < at.end && s->text[i] != '\n')
                i++;
        if ((unsigned char)ch <= ' ' || ch == '#')
            ch = ' ';
        if (ch == ' ' && (k == 0 || text[k - 1] == ' '))
            continue;
        if (k >= most) {
            while (k > 0 && ((unsigned char)text[k - 1] & 0xc0) == 0x80)
                k--;
            memcpy(text + k, "...", 3);
            return diag_visible(l->mem, text);
        }
        text[k++] = ch;
    }
    if (k && text[k - 1] == ' ')
        text[k - 1] = 0;
    return diag_visible(l->mem, text);
}

/* x is finite and >= 0 */
ir_ref low_not_negative(lowering *l, ir_ref x)
{
    ir_ref above = low_op2(l, IR_LE, low_num(l, 0), x);
    ir_ref below = low_op2(l, IR_LT, x, low_num(l, INFINITY));
    return low_op2(l, IR_AND, above, below);
}

ir_ref low_is_finite(lowering *l, ir_ref x)
{
    ir_ref size = low_op(l, IR_ABS, x, 0, 0);
    return low_op2(l, IR_LT, size, low_num(l, INFINITY));
}

int low_holds(const lowering *l, ir_ref cond)
{
    const ir_ins *i = ir_get(l->b, cond);
    return i->op == IR_CONST && i->imm != 0;
}

/* Where a number is written: for a parameter of a template that is in the call, when it is given there. *parameter: its name, which
 * those know who call the template; NULL: it is none. */
static span written_at(const ast_expr *e, const char **parameter)
{
    const char *last = NULL;
    for (int i = 0; i < 64 && e->at.call && e->kind == AST_NAME && e->symbol && e->symbol->kind == CHK_SYM_LET && e->symbol->decl; i++) {
        last = e->name.text;
        e = e->symbol->decl->value;
    }
    *parameter = e->at.call ? NULL : last;
    return e->at;
}

ir_ref low_checked(lowering *l, growing *cap, const ast_expr *e, double otherwise, int may_be_negative, const char *what)
{
    ir_ref r = low_value_or(l, e, otherwise);
    if (e && may_be_negative && ir_get(l->b, r)->by_event) /* the rate where a phase ends: no params make it what it is */
        return r;
    ir_ref cond = !e ? 0 : may_be_negative ? low_is_finite(l, r) : low_not_negative(l, r);
    if (e && !low_holds(l, cond)) {
        const char *parameter;
        span at = written_at(e, &parameter);
        const char *own = parameter ? arena_printf(l->mem, "`%s`", parameter) : NULL;
        what = own ? own : what;
        const char *words = arena_printf(l->mem, "`%s`", low_words(l, at, 60)), *and = may_be_negative ? "" : " and not negative";
        const char *text = words && strcmp(words, what) == 0 ? arena_printf(l->mem, "%s must be finite%s", what, and)
                                                             : arena_printf(l->mem, "%s (%s) must be finite%s", what, words ? words : "", and);
        low_put_check(l, cap, cond, at, text);
    }
    return r;
}

/* ---- segments ------------------------------------------------------------------------------------------ */

void low_put_segment(output *o, const segment *s, uint32_t event)
{
    segment *at = low_grow(o->l, o->segments, o->nsegment, &o->segment_cap, sizeof *at);
    if (!at)
        return;
    o->segments = at;
    at += o->nsegment++;
    *at = *s;
    at->phase = o->phase;
    at->event = event;
    if (at->kind == LRS_K_CONST && at->a && low_stage(o->l, at->a) == IR_STAGE_STEP) { /* it depends on the round */
        at->kind = LRS_K_EXPR;
        at->root = at->a;
        at->a = 0;
    }
}

static void place_segment(output *o, const segment *s)
{
    lowering *l = o->l;
    ir_program *p = l->p;
    uint32_t n = p->layout.nkind;
    const ir_ref zero = low_num(l, 0);
    const ir_ref fields[LRS_K_SEG_WORDS] = {s->end, s->ref, s->hi, s->lo, s->a, s->b, s->off, s->p};
    for (int i = 0; i < LRS_K_SEG_WORDS; i++)
        low_put_table(l, fields[i] ? fields[i] : zero);
    p->kinds = low_grow(l, p->kinds, n, &o->cap->kinds, sizeof *p->kinds);
    p->phases = low_grow(l, p->phases, n, &o->cap->phase_ends, sizeof *p->phases);
    p->exprs = low_grow(l, p->exprs, n, &o->cap->exprs, sizeof *p->exprs);
    p->phase_of = low_grow(l, p->phase_of, n, &o->cap->phase_of, sizeof *p->phase_of);
    if (arena_failed(l->mem))
        return;
    p->kinds[n] = (uint8_t)s->kind;
    p->phases[n] = s->event;
    p->phase_of[n] = s->phase;
    p->exprs[n] = s->kind == LRS_K_SUB ? low_block_number(s->first) : LRS_K_NONE;
    if (s->kind == LRS_K_EXPR) {
        p->expr = low_grow(l, p->expr, p->nexpr, &o->cap->expr, sizeof *p->expr);
        if (!p->expr)
            return;
        p->exprs[n] = p->nexpr;
        p->expr[p->nexpr++] = (ir_expr){.root = s->root};
    }
    p->layout.nkind++;
    o->out->nseg++;
}

void low_place_segments(output *o)
{
    o->out->seg = o->l->ntable;
    o->out->kind = o->l->p->layout.nkind;
    for (uint32_t i = 0; i < o->nsegment; i++)
        place_segment(o, &o->segments[i]);
}

int low_is_over(const lowering *l)
{
    return l->budget == 0 || ir_failed(l->b) || arena_failed(l->mem);
}
