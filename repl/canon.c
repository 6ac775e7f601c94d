/* canon.c: see canon.h. Calls the buffer alone. */
#include "canon.h"

#include <stdio.h>
#include <string.h>

typedef struct writer {
    backend_buffer *b;
    const char *from;
    int depth; /* of braces */
} writer;

static void put(writer *w, const char *text)
{
    buffer_put(w->b, text, strlen(text));
}

static void put_name(writer *w, ast_name name)
{
    put(w, name.text ? name.text : "");
}

static void put_string(writer *w, const char *s)
{
    put(w, "\"");
    for (; *s; s++) {
        if (*s == '"' || *s == '\\') {
            put(w, "\\");
        }
        buffer_put(w->b, s, 1);
    }
    put(w, "\"");
}

/* ---- expressions ------------------------------------------------------------------------------- */

/* How tightly an expression holds together. */
enum { LOOSE_OR = 1, LOOSE_AND, LOOSE_NOT, LOOSE_COMPARISON, LOOSE_SUM, LOOSE_PRODUCT, LOOSE_UNARY, LOOSE_POWER, LOOSE_TERM, LOOSE_PRIMARY };

static const struct {
    const char *text;
    int level;
} ops[] = {
    [AST_NEG] = {"-", LOOSE_UNARY},       [AST_NOT] = {"not ", LOOSE_NOT},      [AST_ADD] = {" + ", LOOSE_SUM},
    [AST_SUB] = {" - ", LOOSE_SUM},       [AST_MUL] = {"*", LOOSE_PRODUCT},     [AST_DIV] = {"/", LOOSE_PRODUCT},
    [AST_POW] = {"^", LOOSE_POWER},       [AST_LT] = {" < ", LOOSE_COMPARISON}, [AST_LE] = {" <= ", LOOSE_COMPARISON},
    [AST_GT] = {" > ", LOOSE_COMPARISON}, [AST_GE] = {" >= ", LOOSE_COMPARISON}, [AST_EQ] = {" == ", LOOSE_COMPARISON},
    [AST_NE] = {" != ", LOOSE_COMPARISON}, [AST_AND] = {" and ", LOOSE_AND},    [AST_OR] = {" or ", LOOSE_OR},
};

static const char *const units[] = {
    [AST_STEPS] = " steps", [AST_EPOCHS] = " epochs",   [AST_SAMPLES] = " samples", [AST_TOKENS] = " tokens",
    [AST_PERCENT] = "%",    [AST_SECONDS] = " seconds", [AST_MINUTES] = " minutes", [AST_HOURS] = " hours",
};

static int level_of(const ast_expr *e)
{
    return e->kind == AST_UNARY || e->kind == AST_BINARY ? ops[e->op].level : e->kind == AST_UNIT ? LOOSE_TERM : LOOSE_PRIMARY;
}

static void put_expr(writer *w, const ast_expr *e, int least);

static void put_args(writer *w, const ast_arg *a, const char *between)
{
    for (const char *gap = ""; a; a = a->next, gap = between) {
        put(w, gap);
        if (a->name.text) {
            put_name(w, a->name);
            put(w, "=");
        }
        /* outside of brackets a value goes on with what comes after it only where that is an operator */
        put_expr(w, a->value, LOOSE_OR);
    }
}

/* The digits as they were written, so that none is lost. */
static void put_number(writer *w, const ast_expr *e)
{
    for (size_t i = e->at.begin; i < e->at.end; i++) {
        char c = w->from[i] == 'E' ? 'e' : w->from[i];
        if (c != '_' && c != '+') {
            buffer_put(w->b, &c, 1);
        }
    }
}

/* What stands on each side of an operator must hold as tightly as these. */
static void put_binary(writer *w, const ast_expr *e)
{
    int level = ops[e->op].level, both = level == LOOSE_COMPARISON;
    put_expr(w, e->left, e->op == AST_POW ? LOOSE_TERM : level + both);
    put(w, ops[e->op].text);
    put_expr(w, e->right, e->op == AST_POW ? LOOSE_UNARY : level + 1);
}

static void put_expr(writer *w, const ast_expr *e, int least)
{
    int wrap = level_of(e) < least;
    put(w, wrap ? "(" : "");
    switch (e->kind) {
    case AST_NUMBER:
        put_number(w, e);
        break;
    case AST_STRING:
        put_string(w, e->name.text);
        break;
    case AST_LIST:
        put(w, "[");
        put_args(w, e->args, ", ");
        put(w, "]");
        break;
    case AST_NAME:
        put_name(w, e->name);
        break;
    case AST_CALL:
        put_name(w, e->name);
        put(w, "(");
        put_args(w, e->args, ", ");
        put(w, ")");
        break;
    case AST_INDEX:
        put_name(w, e->name);
        put(w, "[");
        put_expr(w, e->left, LOOSE_OR);
        put(w, "]");
        break;
    case AST_UNARY:
        put(w, ops[e->op].text);
        put_expr(w, e->left, ops[e->op].level + (e->op == AST_NOT));
        break;
    case AST_BINARY:
        put_binary(w, e);
        break;
    case AST_UNIT:
        put_expr(w, e->left, LOOSE_PRIMARY);
        put(w, units[e->unit]);
        break;
    }
    put(w, wrap ? ")" : "");
}

/* ---- phases and rules -------------------------------------------------------------------------- */

static void put_body(writer *w, const ast_stmt *body);

static void put_event(writer *w, const ast_event *e)
{
    put_name(w, e->name);
    if (e->kind == AST_EVENT_CONDITION || e->args) {
        put(w, "(");
        if (e->condition) {
            put_expr(w, e->condition, LOOSE_OR);
        }
        put_args(w, e->args, ", ");
        put(w, ")");
    }
}

static void put_clause(writer *w, const ast_clause *c)
{
    static const char *const heads[] = {[AST_FROM] = " from ", [AST_TO] = " -> ",       [AST_TO_FACTOR] = " -> *",
                                        [AST_FOR] = " for ",   [AST_UNTIL] = " until ", [AST_UNTIL_EVENT] = " until "};
    put(w, c->divide ? " -> /" : heads[c->kind]);
    if (c->event) {
        put_event(w, c->event);
    } else if (c->value) {
        put_expr(w, c->value, c->divide ? LOOSE_UNARY : c->kind == AST_TO_FACTOR ? LOOSE_PRODUCT : LOOSE_OR);
    }
}

static void put_clauses(writer *w, const ast_clause *first)
{
    static const enum ast_clause_kind order[] = {AST_FROM, AST_TO, AST_TO_FACTOR, AST_FOR, AST_UNTIL, AST_UNTIL_EVENT};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        for (const ast_clause *c = first; c; c = c->next) {
            if (c->kind == order[i]) {
                put_clause(w, c);
            }
        }
    }
}

static void put_pieces(writer *w, const ast_phase *p)
{
    for (const ast_piece *piece = p->pieces; piece; piece = piece->next) {
        if (p->kind == AST_PHASE_POINTS) {
            put(w, " (");
            put_expr(w, piece->until, LOOSE_OR);
            put(w, ", ");
            put_expr(w, piece->value, LOOSE_OR);
            put(w, ")");
            continue;
        }
        put(w, piece == p->pieces ? " " : ", ");
        put_expr(w, piece->value, LOOSE_OR);
        if (piece->until) {
            put(w, " until ");
            put_expr(w, piece->until, LOOSE_OR);
        }
    }
}

static void put_phase(writer *w, const ast_phase *p)
{
    put_name(w, p->name);
    if (p->has_parens) {
        put(w, "(");
        put_args(w, p->args, ", ");
        put(w, ")");
    }
    if (p->duration) {
        put(w, " ");
        put_expr(w, p->duration, LOOSE_SUM);
    }
    if (p->shape.text) {
        put(w, " ");
        put_name(w, p->shape);
        if (p->shape_args) {
            put(w, "(");
            put_args(w, p->shape_args, ", ");
            put(w, ")");
        }
    }
    if (p->value) {
        put(w, " ");
        put_expr(w, p->value, LOOSE_OR);
    }
    put_pieces(w, p);
    if (p->args && !p->has_parens) {
        put(w, " ");
        put_args(w, p->args, " ");
    }
    put_clauses(w, p->clauses);
    if (p->has_body) {
        put_body(w, p->body);
    }
}

static void put_action(writer *w, const ast_action *a)
{
    static const char *const words[] = {[AST_SCALE] = " *", [AST_NEXT] = " next", [AST_RESTART] = " restart", [AST_STOP] = " stop"};
    put(w, a->divide ? " /" : words[a->kind]);
    if (a->factor) {
        put_expr(w, a->factor, a->divide ? LOOSE_UNARY : LOOSE_PRODUCT);
    }
    if (a->args) {
        put(w, " ");
        put_args(w, a->args, " ");
    }
}

static void put_rule(writer *w, const ast_stmt *s)
{
    put(w, s->kind == AST_ON ? "on " : s->kind == AST_AT ? "at " : "every ");
    if (s->event) {
        put_event(w, s->event);
    }
    for (const ast_piece *t = s->times; t; t = t->next) {
        put_expr(w, t->until, LOOSE_TERM);
        put(w, t->next ? ", " : "");
    }
    if (s->value) {
        put_expr(w, s->value, LOOSE_TERM);
    }
    put_action(w, s->action);
}

/* ---- statements -------------------------------------------------------------------------------- */

static void put_formals(writer *w, const ast_formal *f)
{
    int by_place = 1;
    put(w, "(");
    for (; f; f = f->next) {
        put(w, f->by_name && by_place ? "*, " : "");
        by_place = !f->by_name;
        put_name(w, f->name);
        if (f->type.text) {
            put(w, ": ");
            put_name(w, f->type);
        }
        if (f->value) {
            put(w, f->type.text ? " = " : "=");
            put_expr(w, f->value, LOOSE_OR);
        }
        put(w, f->next ? ", " : "");
    }
    put(w, ")");
}

static void put_declaration(writer *w, const ast_stmt *s)
{
    static const char *const words[] = {[AST_PARAM] = "param ", [AST_LET] = "let ",     [AST_INPUT] = "input ",   [AST_DEF] = "def ",
                                        [AST_TEMPLATE] = "def ", [AST_SHAPE] = "shape ", [AST_DECAY] = "decay ",  [AST_CURVE] = "curve ",
                                        [AST_SCHEDULE] = "schedule ", [AST_NOTE] = "note ",  [AST_REQUIRE] = "require ", [AST_USE] = "use ",   [AST_UNIT_DECL] = "unit "};
    put(w, s->is_hidden ? "let " : words[s->kind]);
    if (s->kind == AST_NOTE || s->kind == AST_REQUIRE) { /* [CONDITION] "text" */
        if (s->value) {
            put_expr(w, s->value, LOOSE_OR);
            put(w, " ");
        }
        put_string(w, s->name.text);
        return;
    }
    if (s->is_file) {
        put_string(w, s->name.text);
    } else {
        put_name(w, s->name);
    }
    if (s->group.text) {
        put(w, "[");
        put_string(w, s->group.text);
        put(w, "]");
    }
    if (s->formals || s->kind == AST_DEF || s->kind == AST_TEMPLATE || (s->kind >= AST_SHAPE && s->kind <= AST_CURVE)) {
        put_formals(w, s->formals);
    }
    if (s->value) {
        put(w, " = ");
        put_expr(w, s->value, LOOSE_OR);
    }
    if (s->low && s->high) {
        put(w, " in ");
        put_expr(w, s->low, LOOSE_OR);
        put(w, "..");
        put_expr(w, s->high, LOOSE_OR);
        put(w, s->is_log ? " log" : "");
    }
    if (s->has_body) {
        put_body(w, s->body);
    }
}

static void put_statement(writer *w, const ast_stmt *s)
{
    if (s->kind == AST_PHASE) {
        put_phase(w, s->phase);
    } else if (s->kind == AST_BOUNDS) {
        put(w, "bounds ");
        put_expr(w, s->low, LOOSE_OR);
        put(w, " .. ");
        put_expr(w, s->high, LOOSE_OR);
    } else if (s->action) {
        put_rule(w, s);
    } else {
        put_declaration(w, s);
    }
}

static int is_short(const ast_stmt *body)
{
    return body && !body->next && !body->has_body && !(body->phase && body->phase->has_body);
}

static void put_body(writer *w, const ast_stmt *body)
{
    int phases = 0, line = !is_short(body);
    if (!body) {
        put(w, " { }");
        return;
    }
    put(w, " {");
    w->depth++;
    for (; body; body = body->next) {
        put(w, line ? "\n" : " ");
        for (int i = 0; i < w->depth && line; i++) {
            put(w, "  ");
        }
        put(w, body->kind == AST_PHASE && phases++ ? "then " : "");
        put_statement(w, body);
    }
    w->depth--;
    put(w, line ? "\n" : " ");
    for (int i = 0; i < w->depth && line; i++) {
        put(w, "  ");
    }
    put(w, "}");
}

void canon_statement(backend_buffer *b, const ast_stmt *s, const char *text)
{
    writer w = {b, text, 0};
    put_statement(&w, s);
}
