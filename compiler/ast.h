/* ast.h: the trees that the grammar builds. Everything lives in the arena of the compilation.
 * The tree says what was written, in source order, and nothing about what it means: names are not resolved,
 * units not converted, clauses not judged. check.c does all of that. */
#ifndef LRS_AST_H
#define LRS_AST_H

#include "arena.h"
#include "diag.h"
#include "source.h"

typedef struct ast_expr ast_expr;
typedef struct ast_stmt ast_stmt;
typedef struct ast_phase ast_phase;

/* A name as written: "peak", or qualified "torch.OneCycleLR" (text holds the dot). text NULL: absent. */
typedef struct ast_name {
    const char *text;
    span at;
} ast_name;

/* ---- expressions ----------------------------------------------------------------------------- */

enum ast_expr_kind {
    AST_NUMBER,  /* number */
    AST_STRING,  /* name.text without the quotes */
    AST_LIST,    /* [args] */
    AST_NAME,    /* name */
    AST_CALL,    /* name(args) */
    AST_INDEX,   /* name["string"]: left = the AST_STRING */
    AST_UNARY,   /* op left: AST_NEG, AST_NOT */
    AST_BINARY,  /* left op right */
    AST_UNIT     /* left unit: 5 epochs, (a+b) steps, 10% */
};

enum ast_op {
    AST_NEG, AST_NOT,
    AST_ADD, AST_SUB, AST_MUL, AST_DIV, AST_POW, /* ^, right associative, binds tighter than unary minus on its left */
    AST_LT, AST_LE, AST_GT, AST_GE, AST_EQ, AST_NE,
    AST_AND, AST_OR
};

enum ast_unit {
    AST_STEPS, AST_EPOCHS, AST_SAMPLES, AST_TOKENS, AST_PERCENT, AST_SECONDS, AST_MINUTES, AST_HOURS
};

/* An argument: positional (name.text NULL) or name=value. `mode=min` has value AST_NAME "min". */
typedef struct ast_arg ast_arg;
struct ast_arg {
    ast_name name;
    ast_expr *value;
    ast_arg *next;
};

struct ast_expr {
    enum ast_expr_kind kind;
    span at;
    enum ast_op op;
    enum ast_unit unit;
    double number;     /* the nearest double of the literal, suffix applied */
    double number_low; /* literal - number, to double precision: the decimal 0.1 is number + number_low */
    ast_name name;
    ast_arg *args;
    ast_expr *left, *right;
    unsigned height;   /* levels of the tree from this node down: at most 1000, so that recursion over it is safe */
    /* what check.c found out; the grammar leaves these zero */
    struct chk_symbol *symbol;    /* NAME, CALL */
    const ast_expr **bound;       /* CALL of a def: an argument per formal, NULL: its default */
    int type;                     /* enum chk_type */
    int as_duration;              /* UNIT %: of total, not one hundredth */
};

/* ---- phases ---------------------------------------------------------------------------------- */

/* until EVENT / on EVENT */
enum ast_event_kind { AST_EVENT_DETECTOR, AST_EVENT_CONDITION };
typedef struct ast_event {
    enum ast_event_kind kind;
    span at;
    ast_name name;       /* plateau, diverge */
    ast_arg *args;
    ast_expr *condition; /* (metric > 10) */
} ast_event;

enum ast_clause_kind {
    AST_FROM,          /* from V */
    AST_TO,            /* -> V */
    AST_TO_FACTOR,     /* -> *F (or -> /F: divide is set) */
    AST_FOR,           /* for DURATION */
    AST_UNTIL,         /* until POINT */
    AST_UNTIL_EVENT    /* until EVENT */
};
typedef struct ast_clause ast_clause;
struct ast_clause {
    enum ast_clause_kind kind;
    span at;
    ast_expr *value;
    int divide;
    ast_event *event;
    ast_clause *next;
};

/* One entry of `piecewise 0.1 until 30, 0.01 until 60, 0.001` (until NULL in the last) or of `points (0, 0) (500, 0.1)`
 * (until is the time, value the value). */
typedef struct ast_piece ast_piece;
struct ast_piece {
    span at;
    ast_expr *value, *until;
    ast_piece *next;
};

enum ast_phase_kind {
    AST_PHASE_LAW,       /* NAME ...: warmup, hold, linear, exp, a user's law, a template call */
    AST_PHASE_CURVE,     /* curve EXPR: value */
    AST_PHASE_PIECEWISE,
    AST_PHASE_POINTS,
    AST_PHASE_REPEAT     /* repeat [N] [stretch=..] { body } */
};
struct ast_phase {
    enum ast_phase_kind kind;
    span at;
    ast_name name;       /* the word it starts with */
    ast_name shape;      /* warmup D SHAPE -> V; SHAPE may have args: */
    ast_arg *shape_args;
    ast_expr *duration;  /* [DURATION]; hold's [V]; repeat's N; NULL when absent */
    ast_expr *value;     /* curve EXPR */
    ast_arg *args;       /* arg=VALUE, in parentheses or not; positional ones only in parentheses */
    int has_parens;
    ast_clause *clauses; /* in source order; duplicates are check's to refuse */
    ast_piece *pieces;
    ast_stmt *body;      /* { ... }: repeat's phases, or rules inside a phase; NULL when absent */
    int has_body;        /* { } was written, if only an empty one */
};

/* ---- statements ------------------------------------------------------------------------------ */

enum ast_action_kind { AST_SCALE, AST_NEXT, AST_RESTART, AST_STOP };
typedef struct ast_action {
    enum ast_action_kind kind;
    span at;
    ast_expr *factor;    /* *F, /F */
    int divide;
    ast_arg *args;       /* floor=, eps= */
} ast_action;

/* A parameter of def, shape, decay, curve: `s`, `c=1`, `s: duration`, `*, c=1` */
typedef struct ast_formal ast_formal;
struct ast_formal {
    ast_name name;
    ast_name type;       /* "duration", "number"; absent: any number */
    ast_expr *value;     /* default or NULL */
    int by_name;         /* it stands after `*` */
    ast_formal *next;
};

enum ast_stmt_kind {
    AST_PARAM,      /* param name [= value] [in low..high] [log] */
    AST_LET,        /* let name = value */
    AST_INPUT,      /* input name */
    AST_DEF,        /* def name(formals) = value */
    AST_TEMPLATE,   /* def name(formals) { body } */
    AST_SHAPE,      /* shape name(formals) = value */
    AST_DECAY,      /* decay name(formals) = value */
    AST_CURVE,      /* curve name(formals) = value: a law given by its value from start and end, not by its progress */
    AST_SCHEDULE,   /* schedule name { body }  |  schedule name = value [{ rules }]  |  either with name["group"]
                     * |  let name { body }: is_hidden */
    AST_REQUIRE,    /* require value "text": in name */
    AST_NOTE,       /* note [value] "text": in name */
    AST_USE,        /* use name | use "file" (is_file) */
    AST_UNIT_DECL,  /* unit epoch */
    AST_PHASE,      /* phase */
    AST_ON,         /* on event action */
    AST_AT,         /* at times action */
    AST_EVERY,      /* every duration action */
    AST_BOUNDS      /* bounds low .. high */
};
struct ast_stmt {
    enum ast_stmt_kind kind;
    span at;
    ast_name name;
    ast_name group;      /* lr["head"] */
    ast_expr *value;     /* also the duration of `every` */
    ast_expr *low, *high;
    int is_log, is_file, is_hidden;
    enum ast_unit unit;
    ast_formal *formals;
    ast_stmt *body;
    int has_body;        /* schedule lr { } is not schedule lr = ... */
    ast_phase *phase;
    ast_event *event;
    ast_piece *times;    /* at: each until = the time */
    ast_action *action;
    ast_stmt *next;
};

/* A copy of the trees of a template's body, with what its parameters stand for put in: ast_copy.c. replace gives the
 * expression in place of a name, which may be e itself; it is asked for every name in an expression. law gives the
 * name that a phase begins with. NULL without memory, or when more than *budget nodes would be made. */
typedef struct ast_substitution {
    ast_expr *(*replace)(void *ctx, const ast_expr *e);
    ast_name (*law)(void *ctx, ast_name name);
    void *ctx;
    size_t *budget;
    uint32_t call;       /* what the places of the copies get, see diags_add_call; 0: they keep what they have */
} ast_substitution;
ast_expr *ast_copy_expr(arena *mem, const ast_expr *e, const ast_substitution *s);
ast_arg *ast_copy_args(arena *mem, const ast_arg *a, const ast_substitution *s);
ast_stmt *ast_copy_stmts(arena *mem, const ast_stmt *stmt, const ast_substitution *s);

/* Calls visit for every name in an expression, from left to right. */
void ast_each_name(const ast_expr *e, void (*visit)(void *ctx, const ast_expr *e), void *ctx);

/* Parses source number `file` of d. *out receives the statements (possibly NULL for an empty file).
 * On errors at least one diagnostic has been added, and *out holds what could be understood.
 * 0, LRS_E_SOURCE, LRS_E_NOMEM. */
int lrs_parse(ast_stmt **out, arena *mem, lrs_diagnostics *d, uint32_t file);

/* Says that a word after a number is no unit, and which one may be meant. is_unit_like: it is near to a unit, or is one
 * elsewhere (batches, iterations, ms). */
void lrs_unknown_unit(lrs_diagnostics *d, ast_name name);
int lrs_is_unit_like(const char *name);

/* The tree as indented text, for --emit=ast and tests: printed through put(ctx, text, n). */
typedef void (*lrs_put)(void *ctx, const char *text, size_t n);
void ast_print(const ast_stmt *program, lrs_put put, void *ctx);

#endif
