/* check_list.c: lists: `[30, 80]`, names of lists, and arithmetic over them, element by element.
 * In: trees. Out: the trees of the elements, to be checked where they are used. Calls: diagnostics.
 *
 * A list is no value: it is taken apart before anything is computed, so that programs stay as small as what they do. */
#include "check.h"

#define MAX_NESTED 1000

#include <string.h>

static const ast_expr *named_list(const checker *c, const ast_expr *e)
{
    const chk_symbol *s = e->symbol ? e->symbol : chk_find_at(c, &c->values, e->name.text, e->at);
    return s && s->kind == CHK_SYM_LET && s->decl ? s->decl->value : NULL;
}

static int is_list(const checker *c, const ast_expr *e, int depth);

/* A call of a template is one schedule, whatever its arguments are. */
static int calls_template(const checker *c, const ast_expr *e)
{
    const chk_symbol *t = chk_find_at(c, &c->values, e->name.text, e->at) ? NULL : chk_find_at(c, &c->laws, e->name.text, e->at);
    return t && t->kind == CHK_SYM_TEMPLATE;
}

/* Looked at once for each name, since definitions can multiply what they use. A circle, reported where it is checked, is no
 * list. */
static int names_list(const checker *c, const ast_expr *e, int depth)
{
    chk_symbol *s = e->symbol ? e->symbol : chk_find_at(c, &c->values, e->name.text, e->at);
    if (!s || s->kind != CHK_SYM_LET || !s->decl)
        return 0;
    if (s->list == CHK_LIST_UNKNOWN) {
        s->list = CHK_LIST_NO;
        s->list = is_list(c, s->decl->value, depth + 1) ? CHK_LIST_YES : CHK_LIST_NO;
    }
    if (s->list == CHK_LIST_YES)
        s->used = 1;
    return s->list == CHK_LIST_YES;
}

/* Of a list as a whole. */
static int gives_a_number(const char *function)
{
    static const char *const names[] = {"len", "sum", "product", "min", "max", "item"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(function, names[i]) == 0)
            return 1;
    return 0;
}

static int is_list(const checker *c, const ast_expr *e, int depth)
{
    if (!e || depth > CHK_MAX_FORWARD)
        return 0;
    switch (e->kind) {
    case AST_LIST:
        return 1;
    case AST_NAME:
        return names_list(c, e, depth);
    case AST_UNARY: case AST_UNIT:
        return is_list(c, e->left, depth);
    case AST_BINARY:
        return is_list(c, e->left, depth) || is_list(c, e->right, depth);
    case AST_CALL:
        if (gives_a_number(e->name.text) || calls_template(c, e))
            return 0;
        for (const ast_arg *a = e->args; a; a = a->next)
            if (is_list(c, a->value, depth))
                return 1;
        return 0;
    default:
        return 0;
    }
}

int chk_is_list(const checker *c, const ast_expr *e)
{
    return is_list(c, e, 0);
}

/* The elements of one list while an expression is taken apart. */
typedef struct elements {
    ast_expr **at;
    uint32_t n;
    const ast_expr *list; /* where the number of them comes from */
} elements;

/* Definitions can multiply what they use, so what is made is counted. */
static int spend(checker *c, span at, size_t n)
{
    if (n <= *c->copies) {
        *c->copies -= n;
        return 0;
    }
    if (*c->copies)
        diag_add(c->d, DIAG_LIMIT, at, "the lists and templates of this program are too large");
    *c->copies = 0;
    return -1;
}

static int written_list(checker *c, const ast_expr *e, elements *out)
{
    uint32_t n = 0;
    for (const ast_arg *a = e->args; a; a = a->next)
        n++;
    out->at = arena_alloc(c->mem, (n + 1) * sizeof *out->at);
    if (spend(c, e->at, n) || !out->at)
        return -1;
    for (const ast_arg *a = e->args; a; a = a->next)
        out->at[out->n++] = a->value;
    out->list = e;
    return 0;
}

static int take_apart(checker *c, const ast_expr *e, elements *out);
static int take_part(checker *c, const ast_expr *e, elements *out);

/* A part of an expression: a list, of as many elements as the others, or a value that all elements share. */
static int part(checker *c, const ast_expr *e, elements *out, elements *whole)
{
    *out = (elements){0};
    if (!e || !chk_is_list(c, e))
        return 0;
    if (take_apart(c, e, out))
        return -1;
    if (whole->list && whole->n != out->n) {
        diag *g = diag_add(c->d, DIAG_TYPE, out->list->at, "this list has %u element%s, and another in the same expression has %u", out->n,
                           out->n == 1 ? "" : "s", whole->n);
        diag_note(c->d, g, whole->list->at, "the other is here");
        return -1;
    }
    whole->n = out->n;
    whole->list = out->list;
    return 0;
}

/* Copies of e in which lists are their element k; `indices(list)` is k itself. */
static int copies_of(checker *c, const ast_expr *e, elements *out)
{
    enum { MOST = 3 }; /* arguments that are lists or not: no function of one value per element has more */
    elements left, right, args[MOST];
    uint32_t nargs = 0;
    int counts = e->kind == AST_CALL && strcmp(e->name.text, "indices") == 0;
    if (part(c, e->left, &left, out) || part(c, e->right, &right, out))
        return -1;
    for (const ast_arg *a = e->args; a; a = a->next, nargs++)
        if (nargs == MOST) {
            diag_add(c->d, DIAG_ARGUMENT, a->value->at, "with lists, a function takes at most %d arguments", MOST);
            return -1;
        } else if (part(c, a->value, &args[nargs], out)) {
            return -1;
        }
    out->at = arena_alloc(c->mem, (out->n + 1) * sizeof *out->at);
    if (spend(c, e->at, (size_t)out->n * (1 + nargs)) || !out->at)
        return -1;
    for (uint32_t k = 0; k < out->n; k++) {
        ast_expr *copy = arena_alloc(c->mem, sizeof *copy);
        ast_arg **tail;
        uint32_t i = 0;
        if (!copy)
            return -1;
        out->at[k] = copy;
        if (counts) {
            *copy = (ast_expr){.kind = AST_NUMBER, .at = e->at, .number = k, .height = 1};
            continue;
        }
        *copy = *e;
        copy->left = left.at ? left.at[k] : e->left;
        copy->right = right.at ? right.at[k] : e->right;
        tail = &copy->args;
        for (const ast_arg *a = e->args; a; a = a->next, i++) {
            ast_arg *one = arena_alloc(c->mem, sizeof *one);
            if (!one)
                return -1;
            *one = *a;
            one->value = args[i].at ? args[i].at[k] : a->value;
            one->next = NULL;
            *tail = one;
            tail = &one->next;
        }
    }
    return 0;
}

/* before(list, x): x, and all of the list but its last element. */
static int moved_list(checker *c, const ast_expr *e, elements *out)
{
    const ast_arg *list = e->args, *first = list->next;
    elements of = {0};
    if (!first || first->next || list->name.text || first->name.text || !chk_is_list(c, list->value) || chk_is_list(c, first->value)) {
        diag_add(c->d, DIAG_ARGUMENT, e->at, "`before` takes a list and a value");
        return -1;
    }
    if (take_apart(c, list->value, &of))
        return -1;
    out->at = arena_alloc(c->mem, (of.n + 1) * sizeof *out->at);
    if (spend(c, e->at, of.n) || !out->at)
        return -1;
    for (uint32_t k = 0; k < of.n; k++)
        out->at[k] = k ? of.at[k - 1] : first->value;
    out->n = of.n;
    out->list = of.list;
    return 0;
}

static int take_apart(checker *c, const ast_expr *e, elements *out)
{
    if (c->depth >= MAX_NESTED) {
        diag_add(c->d, DIAG_LIMIT, e->at, "a list is made of more than %d others in a row", MAX_NESTED);
        return -1;
    }
    c->depth++;
    int status = take_part(c, e, out);
    c->depth--;
    return status;
}

static int take_part(checker *c, const ast_expr *e, elements *out)
{
    if (spend(c, e->at, 1))
        return -1;
    if (e->kind == AST_NAME)
        return take_apart(c, named_list(c, e), out);
    if (e->kind == AST_CALL && strcmp(e->name.text, "before") == 0)
        return moved_list(c, e, out);
    return e->kind == AST_LIST ? written_list(c, e, out) : copies_of(c, e, out);
}

int chk_list(checker *c, const ast_expr *e, ast_expr ***out, uint32_t *n)
{
    elements all = {0};
    *n = 0;
    if (take_apart(c, e, &all))
        return -1;
    *out = all.at;
    *n = all.n;
    return 0;
}

const ast_piece *chk_times(checker *c, const ast_piece *times)
{
    ast_piece *first = NULL, **tail = &first;
    int has_list = 0;
    for (const ast_piece *i = times; i; i = i->next)
        has_list |= chk_is_list(c, i->until);
    if (!has_list)
        return times;
    for (const ast_piece *i = times; i; i = i->next) {
        ast_expr **each, *one[] = {i->until};
        uint32_t n = 1;
        if (!chk_is_list(c, i->until))
            each = one;
        else if (chk_list(c, i->until, &each, &n))
            return first;
        for (uint32_t k = 0; k < n; k++) {
            ast_piece *copy = arena_alloc(c->mem, sizeof *copy);
            if (!copy)
                return first;
            *copy = *i;
            copy->until = each[k];
            copy->next = NULL;
            *tail = copy;
            tail = &copy->next;
        }
    }
    return first;
}
