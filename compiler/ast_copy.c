/* ast_copy.c: copies trees, with other expressions in place of names: what a template's body is for one call of it.
 * In: trees as the grammar built them, a substitution. Out: trees of the same arena. Calls: the arena, the substitution.
 *
 * Places in the text are kept, and marked with the call, so that errors in a body show the call and the body. */
#include "ast.h"

#include <string.h>

static void *copy_of(arena *mem, const void *node, size_t size, const ast_substitution *s) {
    if (*s->budget == 0)
        return NULL;
    --*s->budget;
    void *copy = arena_alloc(mem, size);
    if (copy)
        memcpy(copy, node, size);
    return copy;
}

#define COPY(type, node) type *copy = copy_of(mem, node, sizeof *copy, s)

static void mark(span *at, const ast_substitution *s) {
    if (s->call)
        at->call = s->call;
}

ast_expr *ast_copy_expr(arena *mem, const ast_expr *e, const ast_substitution *s) {
    if (!e)
        return NULL;
    if (e->kind == AST_NAME) {
        ast_expr *other = s->replace(s->ctx, e);
        if (other != e)
            return other;
    }
    COPY(ast_expr, e);
    if (!copy)
        return NULL;
    mark(&copy->at, s);
    mark(&copy->name.at, s);
    copy->left = ast_copy_expr(mem, e->left, s);
    copy->right = ast_copy_expr(mem, e->right, s);
    copy->args = ast_copy_args(mem, e->args, s);
    return copy;
}

ast_arg *ast_copy_args(arena *mem, const ast_arg *a, const ast_substitution *s) {
    ast_arg *first = NULL, **tail = &first;
    for (; a; a = a->next) {
        COPY(ast_arg, a);
        if (!copy)
            return NULL;
        mark(&copy->name.at, s);
        copy->value = ast_copy_expr(mem, a->value, s);
        copy->next = NULL;
        *tail = copy;
        tail = &copy->next;
    }
    return first;
}

static ast_piece *copy_pieces(arena *mem, const ast_piece *p, const ast_substitution *s) {
    ast_piece *first = NULL, **tail = &first;
    for (; p; p = p->next) {
        COPY(ast_piece, p);
        if (!copy)
            return NULL;
        mark(&copy->at, s);
        copy->value = ast_copy_expr(mem, p->value, s);
        copy->until = ast_copy_expr(mem, p->until, s);
        copy->next = NULL;
        *tail = copy;
        tail = &copy->next;
    }
    return first;
}

static ast_event *copy_event(arena *mem, const ast_event *e, const ast_substitution *s) {
    if (!e)
        return NULL;
    COPY(ast_event, e);
    if (!copy)
        return NULL;
    mark(&copy->at, s);
    mark(&copy->name.at, s);
    copy->args = ast_copy_args(mem, e->args, s);
    copy->condition = ast_copy_expr(mem, e->condition, s);
    return copy;
}

static ast_clause *copy_clauses(arena *mem, const ast_clause *c, const ast_substitution *s) {
    ast_clause *first = NULL, **tail = &first;
    for (; c; c = c->next) {
        COPY(ast_clause, c);
        if (!copy)
            return NULL;
        mark(&copy->at, s);
        copy->value = ast_copy_expr(mem, c->value, s);
        copy->event = copy_event(mem, c->event, s);
        copy->next = NULL;
        *tail = copy;
        tail = &copy->next;
    }
    return first;
}

/* A name that is put in keeps its own place. */
static ast_name law_of(ast_name name, const ast_substitution *s) {
    ast_name other = s->law(s->ctx, name);
    if (other.at.begin == name.at.begin && other.at.file == name.at.file)
        mark(&other.at, s);
    return other;
}

static ast_phase *copy_phase(arena *mem, const ast_phase *p, const ast_substitution *s) {
    if (!p)
        return NULL;
    COPY(ast_phase, p);
    if (!copy)
        return NULL;
    mark(&copy->at, s);
    copy->name = law_of(p->name, s);
    if (p->shape.text)
        copy->shape = law_of(p->shape, s);
    copy->shape_args = ast_copy_args(mem, p->shape_args, s);
    copy->duration = ast_copy_expr(mem, p->duration, s);
    copy->value = ast_copy_expr(mem, p->value, s);
    copy->args = ast_copy_args(mem, p->args, s);
    copy->clauses = copy_clauses(mem, p->clauses, s);
    copy->pieces = copy_pieces(mem, p->pieces, s);
    copy->body = ast_copy_stmts(mem, p->body, s);
    return copy;
}

static ast_action *copy_action(arena *mem, const ast_action *a, const ast_substitution *s) {
    if (!a)
        return NULL;
    COPY(ast_action, a);
    if (!copy)
        return NULL;
    mark(&copy->at, s);
    copy->factor = ast_copy_expr(mem, a->factor, s);
    copy->args = ast_copy_args(mem, a->args, s);
    return copy;
}

ast_stmt *ast_copy_stmts(arena *mem, const ast_stmt *stmt, const ast_substitution *s) {
    ast_stmt *first = NULL, **tail = &first;
    for (; stmt; stmt = stmt->next) {
        COPY(ast_stmt, stmt);
        if (!copy)
            return NULL;
        mark(&copy->at, s);
        mark(&copy->name.at, s);
        mark(&copy->group.at, s);
        copy->value = ast_copy_expr(mem, stmt->value, s);
        copy->low = ast_copy_expr(mem, stmt->low, s);
        copy->high = ast_copy_expr(mem, stmt->high, s);
        copy->body = ast_copy_stmts(mem, stmt->body, s);
        copy->phase = copy_phase(mem, stmt->phase, s);
        copy->event = copy_event(mem, stmt->event, s);
        copy->times = copy_pieces(mem, stmt->times, s);
        copy->action = copy_action(mem, stmt->action, s);
        copy->next = NULL;
        *tail = copy;
        tail = &copy->next;
    }
    return first;
}
