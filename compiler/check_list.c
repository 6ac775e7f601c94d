/* check_list.c: lists: `[30, 80]`, names of lists, and arithmetic over them, element by element.
 * In: trees. Out: the trees of the elements, to be checked where they are used. Calls: diagnostics.
 *
 * A list is no value: it is taken apart before anything is computed, so that programs stay as small as what they do. */
#include "check.h"

#include <string.h>

static const ast_expr *named_list(const checker *c, const ast_expr *e)
{
    const chk_symbol *s = e->symbol ? e->symbol : chk_find_at(c, &c->values, e->name.text, e->at);
    return s && s->kind == CHK_SYM_LET && s->decl ? s->decl->value : NULL;
}

static int is_list(const checker *c, const ast_expr *e, int depth);

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
        if (strcmp(e->name.text, "len") == 0 || strcmp(e->name.text, "sum") == 0 || strcmp(e->name.text, "min") == 0 ||
            strcmp(e->name.text, "max") == 0 || strcmp(e->name.text, "item") == 0)
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

/* How many elements; all lists in an expression have the same number. 0: no list. */
static int measure(checker *c, const ast_expr *e, uint32_t *n, const ast_expr **first)
{
    uint32_t k = 0;
    if (!e || !chk_is_list(c, e))
        return 0;
    switch (e->kind) {
    case AST_NAME:
        return measure(c, named_list(c, e), n, first);
    case AST_LIST:
        for (const ast_arg *a = e->args; a; a = a->next)
            k++;
        if (*first && k != *n) {
            diag *g = diag_add(c->d, DIAG_TYPE, e->at, "this list has %u element%s, and another in the same expression has %u", k, k == 1 ? "" : "s", *n);
            diag_note(c->d, g, (*first)->at, "the other is here");
            return -1;
        }
        *n = k;
        *first = e;
        return 0;
    default:
        if (measure(c, e->left, n, first) || measure(c, e->right, n, first))
            return -1;
        for (const ast_arg *a = e->args; a; a = a->next)
            if (measure(c, a->value, n, first))
                return -1;
        return 0;
    }
}

/* Element k: a copy of the expression in which lists are their element k. */
static ast_expr *element(checker *c, const ast_expr *e, uint32_t k)
{
    if (!e || !chk_is_list(c, e))
        return (ast_expr *)e;
    if (e->kind == AST_NAME)
        return element(c, named_list(c, e), k);
    if (e->kind == AST_LIST) {
        const ast_arg *a = e->args;
        while (k--)
            a = a->next;
        return a->value;
    }
    ast_expr *copy = arena_alloc(c->mem, sizeof *copy);
    ast_arg *args = NULL, **tail = &args;
    if (!copy)
        return NULL;
    *copy = *e;
    copy->left = element(c, e->left, k);
    copy->right = element(c, e->right, k);
    for (const ast_arg *a = e->args; a; a = a->next) {
        ast_arg *one = arena_alloc(c->mem, sizeof *one);
        if (!one)
            return NULL;
        *one = *a;
        one->value = element(c, a->value, k);
        one->next = NULL;
        *tail = one;
        tail = &one->next;
    }
    copy->args = args;
    return copy;
}

int chk_list(checker *c, const ast_expr *e, ast_expr ***elements, uint32_t *n)
{
    const ast_expr *first = NULL;
    *n = 0;
    if (measure(c, e, n, &first))
        return -1;
    if (*n > *c->copies) {
        diag_add(c->d, DIAG_LIMIT, e->at, "the lists of this program are too long");
        *c->copies = 0;
        return -1;
    }
    *c->copies -= *n;
    *elements = arena_alloc(c->mem, (*n + 1) * sizeof **elements);
    if (!*elements)
        return -1;
    for (uint32_t k = 0; k < *n; k++)
        if (!((*elements)[k] = element(c, e, k)))
            return -1;
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
        ast_expr **elements, *one[] = {i->until};
        uint32_t n = 1;
        if (!chk_is_list(c, i->until))
            elements = one;
        else if (chk_list(c, i->until, &elements, &n))
            return first;
        for (uint32_t k = 0; k < n; k++) {
            ast_piece *copy = arena_alloc(c->mem, sizeof *copy);
            if (!copy)
                return first;
            *copy = *i;
            copy->until = elements[k];
            copy->next = NULL;
            *tail = copy;
            tail = &copy->next;
        }
    }
    return first;
}
