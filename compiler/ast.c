/* ast.c: the tree as text, and a walk over names.
 * In: statements as the grammar built them. Out: one node a line, two blanks a level, in source order; the same bytes
 * everywhere. Calls: diag.c, for how texts are shown. */
#include "ast.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "spell.h"

typedef struct printer {
    lrs_put put;
    void *ctx;
    int depth;
} printer;

static void text(printer *p, const char *s) {
    p->put(p->ctx, s, strlen(s));
}

/* Begins a line. */
static void line(printer *p) {
    for (int i = 0; i < p->depth; i++)
        p->put(p->ctx, "  ", 2);
}

/* 17 digits. printf writes the decimal point of the process's locale, which is not the language's. */
static void number(printer *p, double value) {
    char digits[48], out[48];
    snprintf(digits, sizeof digits, "%.17g", value);
    size_t n = 0;
    for (const char *s = digits; *s; s++) {
        if (strchr("0123456789+-einfa", *s))
            out[n++] = *s;
        else if (n == 0 || out[n - 1] != '.')
            out[n++] = '.';
    }
    out[n] = '\0';
    text(p, out);
}

/* A string of the program: quotes, backslashes and what may not be shown are escaped. */
static void quoted(printer *p, const char *s) {
    text(p, "\"");
    for (size_t n, left = strlen(s); left > 0; s += n, left -= n) {
        char shown[SPELL_SIZE];
        n = spell_char(shown, s, left, 0);
        text(p, *s == '"' || *s == '\\' ? "\\" : "");
        text(p, shown);
    }
    text(p, "\"");
}

static void name(printer *p, ast_name n) {
    if (n.text) {
        text(p, " ");
        text(p, n.text);
    }
}

static const char *const op_names[] = {
    [AST_NEG] = "negate", [AST_NOT] = "not", [AST_ADD] = "+", [AST_SUB] = "-",   [AST_MUL] = "*",
    [AST_DIV] = "/",      [AST_POW] = "^",   [AST_LT] = "<",  [AST_LE] = "<=",   [AST_GT] = ">",
    [AST_GE] = ">=",      [AST_EQ] = "==",   [AST_NE] = "!=", [AST_AND] = "and", [AST_OR] = "or",
};

static const char *const unit_names[] = {
    [AST_STEPS] = "steps",     [AST_EPOCHS] = "epochs",   [AST_SAMPLES] = "samples", [AST_TOKENS] = "tokens",
    [AST_PERCENT] = "percent", [AST_SECONDS] = "seconds", [AST_MINUTES] = "minutes", [AST_HOURS] = "hours",
};

static const char *const expr_names[] = {
    [AST_NUMBER] = "number", [AST_STRING] = "string", [AST_NAME] = "name",     [AST_CALL] = "call",
    [AST_LIST] = "list",     [AST_INDEX] = "index",   [AST_UNARY] = "unary",   [AST_BINARY] = "binary", [AST_UNIT] = "unit",
};

static const char *const clause_names[] = {
    [AST_FROM] = "from", [AST_TO] = "to",       [AST_TO_FACTOR] = "to-factor",
    [AST_FOR] = "for",   [AST_UNTIL] = "until", [AST_UNTIL_EVENT] = "until-event",
};

static const char *const phase_names[] = {
    [AST_PHASE_LAW] = "law",       [AST_PHASE_CURVE] = "curve",   [AST_PHASE_PIECEWISE] = "piecewise",
    [AST_PHASE_POINTS] = "points", [AST_PHASE_REPEAT] = "repeat",
};

static const char *const action_names[] = {
    [AST_SCALE] = "scale",
    [AST_NEXT] = "next",
    [AST_RESTART] = "restart",
    [AST_STOP] = "stop",
};

static const char *const stmt_names[] = {
    [AST_PARAM] = "param",
    [AST_LET] = "let",
    [AST_INPUT] = "input",
    [AST_DEF] = "def",
    [AST_TEMPLATE] = "template",
    [AST_SHAPE] = "shape",
    [AST_DECAY] = "decay",
    [AST_CURVE] = "curve",
    [AST_REQUIRE] = "require",
    [AST_NOTE] = "note",
    [AST_USE] = "use",
    [AST_SCHEDULE] = "schedule",
    [AST_UNIT_DECL] = "unit",
    [AST_PHASE] = "phase",
    [AST_ON] = "on",
    [AST_AT] = "at",
    [AST_EVERY] = "every",
    [AST_BOUNDS] = "bounds",
};

static void statements(printer *p, const ast_stmt *s);
static void expression(printer *p, const ast_expr *e);

/* A child with a role: "from:" on a line and the value below it. */
static void child(printer *p, const char *role, const ast_expr *e) {
    if (!e)
        return;
    line(p);
    text(p, role);
    text(p, "\n");
    p->depth++;
    expression(p, e);
    p->depth--;
}

static void arguments(printer *p, const ast_arg *a) {
    for (; a; a = a->next) {
        line(p);
        text(p, "arg");
        name(p, a->name);
        text(p, "\n");
        p->depth++;
        expression(p, a->value);
        p->depth--;
    }
}

static void expression(printer *p, const ast_expr *e) {
    line(p);
    text(p, expr_names[e->kind]);
    if (e->kind == AST_NUMBER) {
        text(p, " ");
        number(p, e->number);
        if (e->number_low != 0.0) {
            text(p, " low ");
            number(p, e->number_low);
        }
    } else if (e->kind == AST_STRING) {
        text(p, " ");
        quoted(p, e->name.text);
    } else if (e->kind == AST_UNARY || e->kind == AST_BINARY) {
        text(p, " ");
        text(p, op_names[e->op]);
    } else if (e->kind == AST_UNIT) {
        text(p, " ");
        text(p, unit_names[e->unit]);
    } else {
        name(p, e->name);
    }
    text(p, "\n");
    p->depth++;
    if (e->left)
        expression(p, e->left);
    if (e->right)
        expression(p, e->right);
    arguments(p, e->args);
    p->depth--;
}

static void event(printer *p, const ast_event *e) {
    line(p);
    text(p, e->kind == AST_EVENT_DETECTOR ? "detector" : "condition");
    name(p, e->name);
    text(p, "\n");
    p->depth++;
    arguments(p, e->args);
    if (e->condition)
        expression(p, e->condition);
    p->depth--;
}

static void body(printer *p, const ast_stmt *s) {
    line(p);
    text(p, "body\n");
    p->depth++;
    statements(p, s);
    p->depth--;
}

static void clauses(printer *p, const ast_clause *c) {
    for (; c; c = c->next) {
        line(p);
        text(p, clause_names[c->kind]);
        text(p, c->divide ? " divide\n" : "\n");
        p->depth++;
        if (c->value)
            expression(p, c->value);
        if (c->event)
            event(p, c->event);
        p->depth--;
    }
}

static void pieces(printer *p, const char *role, const ast_piece *piece) {
    for (; piece; piece = piece->next) {
        line(p);
        text(p, role);
        text(p, "\n");
        p->depth++;
        child(p, "value", piece->value);
        child(p, "time", piece->until);
        p->depth--;
    }
}

static void phase(printer *p, const ast_phase *ph) {
    line(p);
    text(p, phase_names[ph->kind]);
    name(p, ph->name);
    text(p, ph->has_parens ? " ()\n" : "\n");
    p->depth++;
    child(p, ph->kind == AST_PHASE_REPEAT ? "count" : "duration", ph->duration);
    if (ph->shape.text) {
        line(p);
        text(p, "shape");
        name(p, ph->shape);
        text(p, "\n");
        p->depth++;
        arguments(p, ph->shape_args);
        p->depth--;
    }
    child(p, "value", ph->value);
    pieces(p, ph->kind == AST_PHASE_POINTS ? "point" : "piece", ph->pieces);
    arguments(p, ph->args);
    clauses(p, ph->clauses);
    if (ph->has_body)
        body(p, ph->body);
    p->depth--;
}

static void formals(printer *p, const ast_formal *f) {
    for (; f; f = f->next) {
        line(p);
        text(p, f->by_name ? "formal by name" : "formal");
        name(p, f->name);
        if (f->type.text) {
            text(p, ":");
            name(p, f->type);
        }
        text(p, "\n");
        p->depth++;
        if (f->value)
            expression(p, f->value);
        p->depth--;
    }
}

static void action(printer *p, const ast_action *a) {
    line(p);
    text(p, action_names[a->kind]);
    text(p, a->divide ? " divide\n" : "\n");
    p->depth++;
    if (a->factor)
        expression(p, a->factor);
    arguments(p, a->args);
    p->depth--;
}

static void statement(printer *p, const ast_stmt *s) {
    line(p);
    text(p, stmt_names[s->kind]);
    if ((s->kind == AST_USE && s->is_file) || s->kind == AST_NOTE || s->kind == AST_REQUIRE) {
        text(p, " ");
        quoted(p, s->name.text);
    } else {
        name(p, s->name);
    }
    if (s->group.text) {
        text(p, " group ");
        quoted(p, s->group.text);
    }
    text(p, s->is_log ? " log\n" : s->is_hidden ? " hidden\n" : "\n");
    p->depth++;
    formals(p, s->formals);
    child(p, s->kind == AST_EVERY ? "duration" : "value", s->value);
    child(p, "low", s->low);
    child(p, "high", s->high);
    if (s->phase)
        phase(p, s->phase);
    if (s->event)
        event(p, s->event);
    for (const ast_piece *t = s->times; t; t = t->next)
        child(p, "time", t->until);
    if (s->action)
        action(p, s->action);
    if (s->has_body)
        body(p, s->body);
    p->depth--;
}

static void statements(printer *p, const ast_stmt *s) {
    for (; s; s = s->next)
        statement(p, s);
}

void ast_print(const ast_stmt *program, lrs_put put, void *ctx) {
    printer p = {put, ctx, 0};
    statements(&p, program);
}

void ast_each_name(const ast_expr *e, void (*visit)(void *ctx, const ast_expr *e), void *ctx) {
    if (!e)
        return;
    if (e->kind == AST_NAME)
        visit(ctx, e);
    ast_each_name(e->left, visit, ctx);
    ast_each_name(e->right, visit, ctx);
    for (const ast_arg *a = e->args; a; a = a->next)
        ast_each_name(a->value, visit, ctx);
}
