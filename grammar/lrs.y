/* lrs.y: the grammar: tokens in, trees out, by calls to the builders of parse.c. It judges nothing that a tree can say:
 * names, units, counts of clauses and what may stand in which body are check.c's.
 *
 * The token stream comes from layout.c: SEP ends a statement, brackets always match, IDENT_EQ is a name right before
 * `=` and IDENT_LPAREN one right before `(`. */
%define api.pure full
%define api.prefix {lrs_y}
%define api.token.prefix {T_}
%define api.value.type union
%define api.location.type {span}
%define parse.error custom
%define parse.lac full
%define lr.type ielr
%locations
%expect 0
%param {parse *p}

%code top {
#include "parse.h"
}

%code {
/* The place of an empty rule is the point behind what precedes it. */
#define YYLLOC_DEFAULT(current, rhs, n)                                      \
    do {                                                                     \
        if (n) {                                                             \
            (current) = span_join(YYRHSLOC(rhs, 1), YYRHSLOC(rhs, n));       \
        } else {                                                             \
            (current) = YYRHSLOC(rhs, 0);                                    \
            (current).begin = (current).end;                                 \
        }                                                                    \
    } while (0)

static int lrs_ylex(LRS_YSTYPE *value, span *at, parse *p) {
    return layout_next(value, at, p);
}
/* Called only when the parser's stack could not grow; the caller sees that from the result. */
static void lrs_yerror(span *at, parse *p, const char *message) {
    (void)at;
    (void)p;
    (void)message;
}
static const ast_name no_name = {0};
static const arg_list no_args = {0};
static const formal_list no_formals = {0};
static const piece_list no_pieces = {0};
}

%token YYEOF 0 "end of file"
%token SEP "end of line"
%token <literal> NUMBER "a number"
%token <ast_name> STRING "a string"
%token <ast_name> IDENT "a name"
%token <ast_name> IDENT_EQ "an argument"
%token <ast_name> IDENT_LPAREN "a call"
%token <enum ast_unit> UNIT "a unit"

%token PARAM "param" LET "let" INPUT "input" DEF "def" SHAPE "shape" DECAY "decay" CURVE_DECL "curve (law)"
%token SCHEDULE "schedule" USE "use" REQUIRE "require" NOTE "note" UNIT_DECL "unit" ON "on" AT "at" EVERY "every" BOUNDS "bounds"
%token CURVE "curve" PIECEWISE "piecewise" POINTS "points" REPEAT "repeat"
%token THEN "then" FROM "from" FOR "for" UNTIL "until" IN "in" LOG "log"
%token NEXT "next" RESTART "restart" STOP "stop"
%token AND "and" OR "or" NOT "not"
%token ARROW "->" DOTDOT ".." EQ "==" NE "!=" LE "<=" GE ">=" LT "<" GT ">" ASSIGN "="
%token PLUS "+" MINUS "-" STAR "*" SLASH "/" CARET "^" PERCENT "%"
%token LPAREN "(" RPAREN ")" LBRACKET "[" RBRACKET "]" LBRACE "{" RBRACE "}" COMMA "," COLON ":"

%type <stmt_list> ready complete body
%type <ast_stmt *> statement declaration rule
%type <ast_phase *> phase law curve piecewise points repeat
%type <ast_event *> event
%type <ast_action *> action
%type <arg_list> arguments argument_list options values
%type <ast_arg *> argument option
%type <formal_list> formals formal_list by_name
%type <ast_formal *> formal
%type <piece_list> pieces times
%type <ast_piece *> piece
%type <phase_part> part plain_part
%type <ast_clause *> clause
%type <param_range> range
%type <ast_expr *> value list time expr or_expr and_expr not_expr comparison sum product unary power term primary
%type <ast_expr *> plain_sum plain_product
%type <enum ast_op> relation

%%

/* ---- statements ---- */

program
    : ready                         { p->program = $1; }
    | complete                      { p->program = $1; }
    ;

/* Statements so far; the next one may begin. */
ready
    : %empty                        { $$ = (stmt_list){0}; }
    | ready SEP                     { $$ = $1; }
    | complete SEP                  { $$ = $1; yyerrok; }
    ;

/* Statements so far; a separator or `then` must come before another. */
complete
    : ready statement               { $$ = add_stmt($1, $2); }
    | ready "then" phase            { $$ = add_stmt($1, new_phase_stmt(p, @3, $3)); }
    | complete "then" phase         { $$ = add_stmt($1, new_phase_stmt(p, @3, $3)); }
    | ready error                   { $$ = $1; }
    | complete error                { $$ = $1; }
    ;

statement
    : declaration
    | rule
    | phase                         { $$ = new_phase_stmt(p, @$, $1); }
    ;

body
    : "{" ready "}"                 { $$ = $2; }
    | "{" complete "}"              { $$ = $2; }
    ;

/* ---- declarations ---- */

declaration
    : "param" IDENT range                       { $$ = new_param(p, @$, $2, NULL, $3); }
    | "param" IDENT_EQ "=" expr range           { $$ = new_param(p, @$, $2, $4, $5); }
    | "let" IDENT body
        { $$ = new_schedule(p, @$, $2, no_name, NULL, &$3); $$->is_hidden = 1; }
    | "let" IDENT_EQ "=" value                  { $$ = new_stmt(p, @$, AST_LET, $2); $$->value = $4; }
    | "input" IDENT                             { $$ = new_stmt(p, @$, AST_INPUT, $2); }
    | "def" IDENT_LPAREN "(" formals ")" "=" expr
        { $$ = new_law(p, @$, AST_DEF, $2, $4, $7); }
    | "def" IDENT_LPAREN "(" formals ")" body
        { $$ = new_law(p, @$, AST_TEMPLATE, $2, $4, NULL); $$->body = $6.first; $$->has_body = 1; }
    | "shape" IDENT_LPAREN "(" formals ")" "=" expr
        { $$ = new_law(p, @$, AST_SHAPE, $2, $4, $7); }
    | "decay" IDENT_LPAREN "(" formals ")" "=" expr
        { $$ = new_law(p, @$, AST_DECAY, $2, $4, $7); }
    | CURVE_DECL IDENT_LPAREN "(" formals ")" "=" expr
        { $$ = new_law(p, @$, AST_CURVE, $2, $4, $7); }
    | "schedule" IDENT body                     { $$ = new_schedule(p, @$, $2, no_name, NULL, &$3); }
    | "schedule" IDENT_EQ "=" expr              { $$ = new_schedule(p, @$, $2, no_name, $4, NULL); }
    | "schedule" IDENT_EQ "=" expr body         { $$ = new_schedule(p, @$, $2, no_name, $4, &$5); }
    | "schedule" IDENT "[" STRING "]" body      { $$ = new_schedule(p, @$, $2, $4, NULL, &$6); }
    | "schedule" IDENT "[" STRING "]" "=" expr  { $$ = new_schedule(p, @$, $2, $4, $7, NULL); }
    | "schedule" IDENT "[" STRING "]" "=" expr body
        { $$ = new_schedule(p, @$, $2, $4, $7, &$8); }
    | "use" IDENT                               { $$ = new_stmt(p, @$, AST_USE, $2); }
    | "use" STRING                              { $$ = new_stmt(p, @$, AST_USE, $2); $$->is_file = 1; }
    | "require" expr STRING                     { $$ = new_stmt(p, @$, AST_REQUIRE, $3); $$->value = $2; }
    | "note" STRING                             { $$ = new_stmt(p, @$, AST_NOTE, $2); }
    | "note" expr STRING                        { $$ = new_stmt(p, @$, AST_NOTE, $3); $$->value = $2; }
    | "unit" IDENT                              { $$ = new_stmt(p, @$, AST_UNIT_DECL, $2); stmt_set_unit(p, $$, $2); }
    ;

range
    : %empty                        { $$ = (param_range){0}; }
    | "in" expr ".." expr           { $$ = (param_range){$2, $4, 0}; }
    | "in" expr ".." expr "log"     { $$ = (param_range){$2, $4, 1}; }
    ;

formals
    : %empty                        { $$ = no_formals; }
    | formal_list
    | formal_list ","
    | by_name
    | by_name ","
    ;

/* Those after `*` are given by their names. */
by_name
    : "*" "," formal                { $$ = add_formal_by_name(no_formals, $3); }
    | formal_list "," "*" "," formal
        { $$ = add_formal_by_name($1, $5); }
    | by_name "," formal            { $$ = add_formal_by_name($1, $3); }
    ;

formal_list
    : formal                        { $$ = add_formal(no_formals, $1); }
    | formal_list "," formal        { $$ = add_formal($1, $3); }
    ;

formal
    : IDENT                         { $$ = new_formal(p, $1, no_name, NULL); }
    | IDENT_EQ "=" value            { $$ = new_formal(p, $1, no_name, $3); }
    | IDENT ":" IDENT               { $$ = new_formal(p, $1, $3, NULL); }
    | IDENT ":" IDENT_EQ "=" value  { $$ = new_formal(p, $1, $3, $5); }
    ;

/* ---- rules ---- */

rule
    : "on" event action             { $$ = new_rule(p, @$, AST_ON, $3); $$->event = $2; }
    | "at" times action             { $$ = new_rule(p, @$, AST_AT, $3); $$->times = $2.first; }
    | "every" term action           { $$ = new_rule(p, @$, AST_EVERY, $3); $$->value = $2; }
    | "bounds" expr ".." expr       { $$ = new_stmt(p, @$, AST_BOUNDS, no_name); $$->low = $2; $$->high = $4; }
    ;

event
    : IDENT                         { $$ = new_event(p, @$, $1, no_args, NULL); }
    | IDENT_LPAREN "(" arguments ")" { $$ = new_event(p, @$, $1, $3, NULL); }
    | "(" expr ")"                  { $$ = new_event(p, @$, no_name, no_args, $2); }
    ;

times
    : time                          { $$ = add_piece(no_pieces, new_piece(p, @1, NULL, $1)); }
    | times "," time                { $$ = add_piece($1, new_piece(p, @3, NULL, $3)); }
    ;

time
    : term
    | list
    ;

action
    : "*" product options           { $$ = new_action(p, @$, AST_SCALE, $2, 0, $3); }
    | "/" unary options             { $$ = new_action(p, @$, AST_SCALE, $2, 1, $3); }
    | "next"                        { $$ = new_action(p, @$, AST_NEXT, NULL, 0, no_args); }
    | "restart"                     { $$ = new_action(p, @$, AST_RESTART, NULL, 0, no_args); }
    | "stop"                        { $$ = new_action(p, @$, AST_STOP, NULL, 0, no_args); }
    ;

options
    : %empty                        { $$ = no_args; }
    | options option                { $$ = add_arg($1, $2); }
    ;

option
    : IDENT_EQ "=" value            { $$ = new_arg(p, $1, $3); }
    ;

/* ---- phases ---- */

phase
    : law
    | curve
    | piecewise
    | points
    | repeat
    ;

/* NAME [DURATION] [arg=VALUE ...] [from V] [-> V] [for D | until POINT | until EVENT], in any order */
law
    : IDENT                         { $$ = new_phase(p, @$, AST_PHASE_LAW, $1); }
    | IDENT "-" unary
        { $$ = new_phase(p, @$, AST_PHASE_LAW, $1); phase_add_value(p, $$, negated(p, @2, $3)); }
    | IDENT_LPAREN "(" arguments ")"
        { $$ = new_phase(p, @$, AST_PHASE_LAW, $1); phase_set_arguments($$, $3); }
    | law plain_sum                 { $$ = extend($1, @$); phase_add_value(p, $$, $2); }
    | law part                      { $$ = extend($1, @$); phase_add_part(p, $$, $2); }
    ;

curve
    : "curve" expr                  { $$ = new_phase(p, @$, AST_PHASE_CURVE, word(p, @1)); $$->value = $2; }
    | curve part                    { $$ = extend($1, @$); phase_add_part(p, $$, $2); }
    ;

/* `until` belongs to the pieces here. */
piecewise
    : "piecewise" pieces            { $$ = new_phase(p, @$, AST_PHASE_PIECEWISE, word(p, @1)); $$->pieces = $2.first; }
    | "piecewise" plain_part        { $$ = new_phase(p, @$, AST_PHASE_PIECEWISE, word(p, @1)); phase_add_part(p, $$, $2); }
    | piecewise plain_part          { $$ = extend($1, @$); phase_add_part(p, $$, $2); }
    ;

pieces
    : piece                         { $$ = add_piece(no_pieces, $1); }
    | pieces "," piece              { $$ = add_piece($1, $3); }
    ;

piece
    : expr                          { $$ = new_piece(p, @$, $1, NULL); }
    | expr "until" expr             { $$ = new_piece(p, @$, $1, $3); }
    ;

points
    : "points"                      { $$ = new_phase(p, @$, AST_PHASE_POINTS, word(p, @1)); }
    | points "(" expr "," expr ")"
        { $$ = extend($1, @$); phase_add_point($$, new_piece(p, span_join(@2, @6), $5, $3)); }
    | points part                   { $$ = extend($1, @$); phase_add_part(p, $$, $2); }
    ;

repeat
    : "repeat"                      { $$ = new_phase(p, @$, AST_PHASE_REPEAT, word(p, @1)); }
    | repeat plain_sum              { $$ = extend($1, @$); phase_add_value(p, $$, $2); }
    | repeat part                   { $$ = extend($1, @$); phase_add_part(p, $$, $2); }
    ;

part
    : plain_part
    | "until" expr                  { $$ = (phase_part){.clause = new_until(p, @$, $2)}; }
    ;

plain_part
    : option                        { $$ = (phase_part){.arg = $1}; }
    | clause                        { $$ = (phase_part){.clause = $1}; }
    | body                          { $$ = (phase_part){.has_body = 1, .body = $1, .at = @$}; }
    ;

clause
    : "from" expr                   { $$ = new_clause(p, @$, AST_FROM, $2, 0); }
    | "->" expr                     { $$ = new_clause(p, @$, AST_TO, $2, 0); }
    | "->" "*" product              { $$ = new_clause(p, @$, AST_TO_FACTOR, $3, 0); }
    | "->" "/" unary                { $$ = new_clause(p, @$, AST_TO_FACTOR, $3, 1); }
    | "for" expr                    { $$ = new_clause(p, @$, AST_FOR, $2, 0); }
    ;

/* ---- expressions ---- */

arguments
    : %empty                        { $$ = no_args; }
    | argument_list
    | argument_list ","
    ;

argument_list
    : argument                      { $$ = add_arg(no_args, $1); }
    | argument_list "," argument    { $$ = add_arg($1, $3); }
    ;

argument
    : value                         { $$ = new_arg(p, no_name, $1); }
    | option
    ;

value
    : expr
    | STRING                        { $$ = new_string(p, @$, $1); }
    | list
    ;

list
    : "[" "]"                       { $$ = new_list(p, @$, no_args); }
    | "[" values "]"                { $$ = new_list(p, @$, $2); }
    | "[" values "," "]"            { $$ = new_list(p, @$, $2); }
    ;

values
    : value                         { $$ = add_arg(no_args, new_arg(p, no_name, $1)); }
    | values "," value              { $$ = add_arg($1, new_arg(p, no_name, $3)); }
    ;

expr
    : or_expr
    ;

or_expr
    : and_expr
    | or_expr "or" and_expr         { $$ = new_binary(p, @$, AST_OR, $1, $3); }
    ;

and_expr
    : not_expr
    | and_expr "and" not_expr       { $$ = new_binary(p, @$, AST_AND, $1, $3); }
    ;

not_expr
    : comparison
    | "not" not_expr                { $$ = new_unary(p, @$, AST_NOT, $2); }
    ;

/* Comparisons do not chain: `a < b < c` is an error. */
comparison
    : sum
    | sum relation sum              { $$ = new_binary(p, @$, $2, $1, $3); }
    | sum relation STRING           { $$ = new_binary(p, @$, $2, $1, new_string(p, @3, $3)); }
    ;

relation
    : "<"                           { $$ = AST_LT; }
    | "<="                          { $$ = AST_LE; }
    | ">"                           { $$ = AST_GT; }
    | ">="                          { $$ = AST_GE; }
    | "=="                          { $$ = AST_EQ; }
    | "!="                          { $$ = AST_NE; }
    ;

sum
    : product
    | sum "+" product               { $$ = new_binary(p, @$, AST_ADD, $1, $3); }
    | sum "-" product               { $$ = new_binary(p, @$, AST_SUB, $1, $3); }
    ;

product
    : unary
    | product "*" unary             { $$ = new_binary(p, @$, AST_MUL, $1, $3); }
    | product "/" unary             { $$ = new_binary(p, @$, AST_DIV, $1, $3); }
    ;

unary
    : power
    | "-" unary                     { $$ = new_unary(p, @$, AST_NEG, $2); }
    ;

power
    : term
    | term "^" unary                { $$ = new_binary(p, @$, AST_POW, $1, $3); }
    ;

/* A value between other parts of a phase: it does not begin with `-`, which would continue the value before it. */
plain_sum
    : plain_product
    | plain_sum "+" product         { $$ = new_binary(p, @$, AST_ADD, $1, $3); }
    | plain_sum "-" product         { $$ = new_binary(p, @$, AST_SUB, $1, $3); }
    ;

plain_product
    : power
    | plain_product "*" unary       { $$ = new_binary(p, @$, AST_MUL, $1, $3); }
    | plain_product "/" unary       { $$ = new_binary(p, @$, AST_DIV, $1, $3); }
    ;

term
    : primary
    | primary UNIT                  { $$ = new_unit(p, @$, $1, $2); }
    | primary "%"                   { $$ = new_unit(p, @$, $1, AST_PERCENT); }
    ;

primary
    : NUMBER                        { $$ = new_number(p, @$, $1); }
    | IDENT                         { $$ = new_name(p, @$, $1); }
    | IDENT_LPAREN "(" arguments ")" { $$ = new_call(p, @$, $1, $3); }
    | IDENT "[" STRING "]"          { $$ = new_index(p, @$, $1, new_string(p, @3, $3)); }
    | "(" expr ")"                  { $$ = widened($2, @$); }
    ;

%%

/* What could stand where the error is. LAC makes the list exact: it tries each token against the whole stack. */
static int yyreport_syntax_error(const yypcontext_t *context, parse *p) {
    yysymbol_kind_t symbols[YYNTOKENS];
    int expected[YYNTOKENS];
    if (!layout_error(p))
        return 0;
    int n = yypcontext_expected_tokens(context, symbols, YYNTOKENS);
    if (n < 0)
        return n;
    for (int i = 0; i < n; i++) {
        expected[i] = -1;
        for (int code = 0; code <= YYMAXUTOK; code++)
            if (yytranslate[code] == symbols[i])
                expected[i] = code;
    }
    parse_report(p, expected, n);
    return 0;
}
