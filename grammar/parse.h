/* parse.h: what scanner, layout, parser and tree builders share. Nothing outside grammar/ includes it, but tests.
 *
 *   bytes -> scanner (lrs.l) -> raw tokens -> layout.c -> tokens -> grammar (lrs.y) -> builders (parse.c) -> trees */
#ifndef LRS_PARSE_H
#define LRS_PARSE_H

#include <setjmp.h>

#include "arena.h"
#include "ast.h"
#include "diag.h"
#include "source.h"

/* ---- numbers (number.c) ---- */

typedef struct literal {
    double value, low;
} literal;

enum number_result { NUMBER_FINE, NUMBER_OVERFLOW, NUMBER_UNDERFLOW };
/* s[0..n) is a well-formed decimal literal (underscores are skipped), times 10^power. */
enum number_result number_from_text(const char *s, size_t n, int power, double *number, double *number_low);

/* ---- keywords (layout.c, from keywords.def) ---- */

enum keyword_class {
    KEYWORD_NONE, KEYWORD_STATEMENT, KEYWORD_PHASE, KEYWORD_CLAUSE, KEYWORD_ACTION, KEYWORD_OPERATOR, KEYWORD_EVENT,
    KEYWORD_WORD, KEYWORD_UNIT
};
typedef struct keyword {
    const char *text, *help;
    int token;
    enum keyword_class class;
    enum ast_unit unit;
} keyword;
extern const keyword lrs_keywords[];
extern const size_t lrs_nkeywords;
/* NULL when s[0..n) is no keyword. */
const keyword *keyword_find(const char *s, size_t n);

/* ---- lists under construction ---- */

typedef struct stmt_list { ast_stmt *first, *last; } stmt_list;
typedef struct arg_list { ast_arg *first, *last; } arg_list;
typedef struct formal_list { ast_formal *first, *last; } formal_list;
typedef struct piece_list { ast_piece *first, *last; } piece_list;
typedef struct param_range { ast_expr *low, *high; int is_log; } param_range;
/* One part of a phase after its first word: a clause, an argument or a body. */
typedef struct phase_part {
    ast_clause *clause;
    ast_arg *arg;
    stmt_list body;
    int has_body;
    span at;
} phase_part;
/* A phase and the ends of its lists, so that adding is cheap. All phases are made as one of these. */
typedef struct phase_build {
    ast_phase phase;
    ast_arg *last_arg;
    ast_clause *last_clause;
    ast_piece *last_piece;
    int is_wrong; /* it was reported, with how the whole phase is written: its other parts are not judged */
} phase_build;
typedef struct parse parse;

#include "lrs.tab.h"

/* ---- the state of one parse ---- */

typedef struct token {
    int kind;
    span at;
    LRS_YSTYPE value;
    int bad; /* a mistake was reported here or just before: the statement gets no second message */
} token;

/* A newline, before layout has decided whether it ends a statement. Not a token of the grammar. */
enum { RAW_NEWLINE = -1 };

#define MAX_BRACKETS 256  /* levels of brackets */
#define MAX_PREFIXES 256  /* pending unary and `^` operators */
#define MAX_HEIGHT 1000   /* levels of an expression's tree */
#define LOOK_AHEAD 8

typedef struct bracket {
    int kind;     /* the token that opened it */
    span at;
    int prefixes; /* pending prefix operators outside it */
} bracket;

struct parse {
    arena *mem;
    lrs_diagnostics *d;
    uint32_t file;
    const char *text;
    size_t len;
    stmt_list program;

    /* scanner */
    void *scanner;
    uint32_t offset;   /* end of the last raw token */
    int scan_bad;      /* the next raw token carries `bad` */
    diag *junk;        /* the run of meaningless bytes reported last, where it ends, and of which kind it is */
    uint32_t junk_end;
    int junk_utf8;
    jmp_buf escape;    /* where the generated scanner goes when it gives up */
    int scan_failed;   /* it did: an error of lrs */
    unsigned bad_runs; /* of bytes that are not UTF-8 */
    enum diag_code binary; /* the file is not text, seen at: the one code to report; 0: it is */
    span binary_at;
    _Alignas(16) char pool[2048]; /* all that flex allocates for itself; see scan_alloc */
    size_t pool_used;

    /* layout */
    token ahead[LOOK_AHEAD];
    unsigned nahead;
    int last_raw;
    bracket open[MAX_BRACKETS];
    unsigned nopen;
    int prefixes;
    token last, before; /* the two tokens handed out last */
    int at_start;       /* the next token begins a statement */
    int last_named_phase; /* `last` is the word that a statement begins with */
    int skip_block;     /* an error was found at the last `{`: its block is passed over */
    int recovering;
    unsigned parts;     /* nodes made, up to LRS_MAX_PARTS */
    int fatal;          /* a limit was passed: nothing but the end comes now */
    int unclosed;       /* a bracket open at the end of the text was reported */
    int tainted;        /* this statement already has an error */

    /* what builders return when memory ran out, so that actions need no checks */
    ast_expr no_expr;
    ast_stmt no_stmt;
    phase_build no_phase;
    ast_arg no_arg;
    ast_formal no_formal;
    ast_piece no_piece;
    ast_clause no_clause;
    ast_event no_event;
    ast_action no_action;
};

static inline span parse_span(const parse *p, size_t begin, size_t end) {
    span at = {p->file, (uint32_t)begin, (uint32_t)end, 0};
    return at;
}

/* scanner (lrs.l) */
int scan_open(parse *p); /* 0, LRS_E_NOMEM, LRS_E_INTERNAL */
void scan_close(parse *p);
token scan_next(parse *p);

/* layout (layout.c) */
/* After a token of this kind a newline is white space. */
int layout_goes_on_after(int kind);
int layout_next(LRS_YSTYPE *value, span *at, parse *p);
/* The parser found an error at the token handed out last. 1 when it is to be reported. */
int layout_error(parse *p);

/* reporting (parse.c): expected[0..n) are token symbols of the parser */
void parse_report(parse *p, const int *expected, int n);

/* builders (parse.c) */
ast_expr *new_number(parse *p, span at, literal l);
ast_expr *new_string(parse *p, span at, ast_name text);
ast_expr *new_name(parse *p, span at, ast_name name);
ast_expr *new_list(parse *p, span at, arg_list elements);
ast_expr *new_call(parse *p, span at, ast_name name, arg_list args);
ast_expr *new_index(parse *p, span at, ast_name name, ast_expr *key);
ast_expr *new_unary(parse *p, span at, enum ast_op op, ast_expr *left);
ast_expr *new_binary(parse *p, span at, enum ast_op op, ast_expr *left, ast_expr *right);
ast_expr *new_unit(parse *p, span at, ast_expr *left, enum ast_unit unit);
ast_arg *new_arg(parse *p, ast_name name, ast_expr *value);
ast_formal *new_formal(parse *p, ast_name name, ast_name type, ast_expr *value);
ast_piece *new_piece(parse *p, span at, ast_expr *value, ast_expr *until);
ast_event *new_event(parse *p, span at, ast_name name, arg_list args, ast_expr *condition);
ast_action *new_action(parse *p, span at, enum ast_action_kind kind, ast_expr *factor, int divide, arg_list args);
ast_phase *new_phase(parse *p, span at, enum ast_phase_kind kind, ast_name name);
ast_stmt *new_stmt(parse *p, span at, enum ast_stmt_kind kind, ast_name name);

stmt_list add_stmt(stmt_list l, ast_stmt *s);
arg_list add_arg(arg_list l, ast_arg *a);
formal_list add_formal(formal_list l, ast_formal *f);
formal_list add_formal_by_name(formal_list l, ast_formal *f);
piece_list add_piece(piece_list l, ast_piece *piece);

/* Take a node and give it a larger place. */
ast_expr *widened(ast_expr *e, span at);
ast_phase *extend(ast_phase *phase, span at);
/* The text at a place as a name. */
ast_name word(parse *p, span at);
/* - operand, where the minus sign is at `sign` */
ast_expr *negated(parse *p, span sign, ast_expr *operand);

ast_clause *new_clause(parse *p, span at, enum ast_clause_kind kind, ast_expr *value, int divide);
ast_clause *new_until(parse *p, span at, ast_expr *value); /* a point, or an event when the value is one */
void phase_add_value(parse *p, ast_phase *phase, ast_expr *value); /* a duration, or the shape after it */
void phase_set_arguments(ast_phase *phase, arg_list args); /* those in parentheses */
void phase_add_part(parse *p, ast_phase *phase, phase_part part);
void phase_add_point(ast_phase *phase, ast_piece *point);

ast_stmt *new_phase_stmt(parse *p, span at, ast_phase *phase);
ast_stmt *new_param(parse *p, span at, ast_name name, ast_expr *value, param_range range);
ast_stmt *new_law(parse *p, span at, enum ast_stmt_kind kind, ast_name name, formal_list formals, ast_expr *value);
ast_stmt *new_schedule(parse *p, span at, ast_name name, ast_name group, ast_expr *value, const stmt_list *body);
ast_stmt *new_rule(parse *p, span at, enum ast_stmt_kind kind, ast_action *action);
void stmt_set_unit(parse *p, ast_stmt *stmt, ast_name unit);

#endif
