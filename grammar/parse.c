/* parse.c: the entry of the parser, the builders that the grammar calls, and the wording of syntax errors.
 * In: tokens and their places. Out: trees in the arena, diagnostics. Calls: arena, diag, the generated parser.
 *
 * Memory: a builder that gets none returns a spare node of its kind, so that actions need no checks; the arena
 * remembers the failure, layout ends the text at the next token, and lrs_parse returns LRS_E_NOMEM. */
#include "parse.h"

#include <stdio.h>
#include <string.h>

/* ---- nodes ---- */

#define NEW(type, spare)                            \
    count_part(p);                                  \
    type *node = arena_alloc(p->mem, sizeof *node); \
    if (!node) {                                    \
        memset(&p->spare, 0, sizeof p->spare);      \
        node = &p->spare;                           \
    }

/* Reported once; layout ends the text at the next token. */
static void count_part(parse *p) {
    if (++p->parts <= LRS_MAX_PARTS || p->fatal)
        return;
    diag *g = diag_add(p->d, DIAG_TOO_LARGE, p->last.at, "the program has more than %u parts up to here: numbers, names, operators, clauses, statements",
                       LRS_MAX_PARTS);
    diag_help(p->d, g, "a formula says in one phase what thousands of pieces list: `curve EXPR`, `every`, `stepdecay`");
    p->fatal = 1;
}

static unsigned height_of(const ast_expr *e) {
    return e ? e->height : 0;
}

static ast_expr *new_expr(parse *p, span at, enum ast_expr_kind kind, ast_expr *left, ast_expr *right) {
    NEW(ast_expr, no_expr)
    node->kind = kind;
    node->at = at;
    node->left = left;
    node->right = right;
    unsigned height = height_of(left) > height_of(right) ? height_of(left) : height_of(right);
    node->height = height + 1;
    return node;
}

/* Trees deeper than the limit are reported once and cut: nobody who walks them recursively runs out of stack. */
static ast_expr *limited(parse *p, ast_expr *e) {
    if (e->height <= MAX_HEIGHT)
        return e;
    if (!p->fatal) {
        diag *g = diag_add(p->d, DIAG_TOO_DEEP, e->at, "this expression has more than %d levels", MAX_HEIGHT);
        diag_help(p->d, g, "give parts of it names with `let`");
        p->fatal = 1;
    }
    e->kind = AST_NUMBER;
    e->left = e->right = NULL;
    e->args = NULL;
    e->height = 1;
    return e;
}

ast_expr *new_number(parse *p, span at, literal l) {
    ast_expr *e = new_expr(p, at, AST_NUMBER, NULL, NULL);
    e->number = l.value;
    e->number_low = l.low;
    return e;
}

static ast_expr *new_named(parse *p, span at, enum ast_expr_kind kind, ast_name name) {
    ast_expr *e = new_expr(p, at, kind, NULL, NULL);
    e->name = name;
    return e;
}

ast_expr *new_string(parse *p, span at, ast_name text) {
    return new_named(p, at, AST_STRING, text);
}

ast_expr *new_name(parse *p, span at, ast_name name) {
    return new_named(p, at, AST_NAME, name);
}

/* The height of a node over its arguments. */
static void rise(ast_expr *e) {
    for (const ast_arg *a = e->args; a; a = a->next)
        if (height_of(a->value) >= e->height)
            e->height = height_of(a->value) + 1;
}

ast_expr *new_list(parse *p, span at, arg_list elements) {
    ast_expr *e = new_expr(p, at, AST_LIST, NULL, NULL);
    e->args = elements.first;
    rise(e);
    return limited(p, e);
}

ast_expr *new_call(parse *p, span at, ast_name name, arg_list args) {
    ast_expr *e = new_named(p, at, AST_CALL, name);
    e->args = args.first;
    rise(e);
    return limited(p, e);
}

ast_expr *new_index(parse *p, span at, ast_name name, ast_expr *key) {
    ast_expr *e = new_expr(p, at, AST_INDEX, key, NULL);
    e->name = name;
    return e;
}

ast_expr *new_unary(parse *p, span at, enum ast_op op, ast_expr *left) {
    ast_expr *e = new_expr(p, at, AST_UNARY, left, NULL);
    e->op = op;
    return limited(p, e);
}

ast_expr *new_binary(parse *p, span at, enum ast_op op, ast_expr *left, ast_expr *right) {
    ast_expr *e = new_expr(p, at, AST_BINARY, left, right);
    e->op = op;
    return limited(p, e);
}

ast_expr *new_unit(parse *p, span at, ast_expr *left, enum ast_unit unit) {
    ast_expr *e = new_expr(p, at, AST_UNIT, left, NULL);
    e->unit = unit;
    return limited(p, e);
}

ast_expr *negated(parse *p, span sign, ast_expr *operand) {
    return new_unary(p, span_join(sign, operand->at), AST_NEG, operand);
}

ast_expr *widened(ast_expr *e, span at) {
    e->at = at;
    return e;
}

ast_phase *extend(ast_phase *phase, span at) {
    phase->at = at;
    return phase;
}

ast_name word(parse *p, span at) {
    return (ast_name){arena_strndup(p->mem, p->text + at.begin, at.end - at.begin), at};
}

ast_arg *new_arg(parse *p, ast_name name, ast_expr *value) {
    NEW(ast_arg, no_arg)
    node->name = name;
    node->value = value;
    return node;
}

ast_formal *new_formal(parse *p, ast_name name, ast_name type, ast_expr *value) {
    NEW(ast_formal, no_formal)
    node->name = name;
    node->type = type;
    node->value = value;
    return node;
}

ast_piece *new_piece(parse *p, span at, ast_expr *value, ast_expr *until) {
    NEW(ast_piece, no_piece)
    node->at = at;
    node->value = value;
    node->until = until;
    return node;
}

ast_event *new_event(parse *p, span at, ast_name name, arg_list args, ast_expr *condition) {
    NEW(ast_event, no_event)
    node->kind = condition ? AST_EVENT_CONDITION : AST_EVENT_DETECTOR;
    node->at = at;
    node->name = name;
    node->args = args.first;
    node->condition = condition;
    return node;
}

ast_action *new_action(parse *p, span at, enum ast_action_kind kind, ast_expr *factor, int divide, arg_list args) {
    NEW(ast_action, no_action)
    node->kind = kind;
    node->at = at;
    node->factor = factor;
    node->divide = divide;
    node->args = args.first;
    return node;
}

ast_clause *new_clause(parse *p, span at, enum ast_clause_kind kind, ast_expr *value, int divide) {
    NEW(ast_clause, no_clause)
    node->kind = kind;
    node->at = at;
    node->value = value;
    node->divide = divide;
    return node;
}

/* `until` takes a point in time or an event; a detector and a condition are events. */
ast_clause *new_until(parse *p, span at, ast_expr *value) {
    int is_detector = 0;
    if ((value->kind == AST_NAME || value->kind == AST_CALL) && value->name.text) {
        const keyword *k = keyword_find(value->name.text, strlen(value->name.text));
        is_detector = k && k->class == KEYWORD_EVENT;
    }
    int is_condition =
        (value->kind == AST_UNARY && value->op == AST_NOT) || (value->kind == AST_BINARY && value->op >= AST_LT);
    if (!is_detector && !is_condition)
        return new_clause(p, at, AST_UNTIL, value, 0);
    ast_clause *clause = new_clause(p, at, AST_UNTIL_EVENT, NULL, 0);
    arg_list args = {is_detector ? value->args : NULL, NULL};
    clause->event =
        new_event(p, value->at, is_detector ? value->name : (ast_name){0}, args, is_detector ? NULL : value);
    return clause;
}

ast_phase *new_phase(parse *p, span at, enum ast_phase_kind kind, ast_name name) {
    NEW(phase_build, no_phase)
    node->phase.kind = kind;
    node->phase.at = at;
    node->phase.name = name;
    return &node->phase;
}

ast_stmt *new_stmt(parse *p, span at, enum ast_stmt_kind kind, ast_name name) {
    NEW(ast_stmt, no_stmt)
    node->kind = kind;
    node->at = at;
    node->name = name;
    return node;
}

ast_stmt *new_phase_stmt(parse *p, span at, ast_phase *phase) {
    ast_stmt *stmt = new_stmt(p, at, AST_PHASE, (ast_name){0});
    stmt->phase = phase;
    return stmt;
}

ast_stmt *new_param(parse *p, span at, ast_name name, ast_expr *value, param_range range) {
    ast_stmt *stmt = new_stmt(p, at, AST_PARAM, name);
    stmt->value = value;
    stmt->low = range.low;
    stmt->high = range.high;
    stmt->is_log = range.is_log;
    return stmt;
}

ast_stmt *new_law(parse *p, span at, enum ast_stmt_kind kind, ast_name name, formal_list formals, ast_expr *value) {
    ast_stmt *stmt = new_stmt(p, at, kind, name);
    stmt->formals = formals.first;
    stmt->value = value;
    return stmt;
}

ast_stmt *new_schedule(parse *p, span at, ast_name name, ast_name group, ast_expr *value, const stmt_list *body) {
    ast_stmt *s = new_stmt(p, at, AST_SCHEDULE, name);
    s->group = group;
    s->value = value;
    s->body = body ? body->first : NULL;
    s->has_body = body != NULL;
    return s;
}

ast_stmt *new_rule(parse *p, span at, enum ast_stmt_kind kind, ast_action *action) {
    ast_stmt *stmt = new_stmt(p, at, kind, (ast_name){0});
    stmt->action = action;
    return stmt;
}

/* What other programs call the units; NULL: there is no such unit here. */
static const struct foreign_unit {
    const char *name, *unit;
} foreign_units[] = {
    {"batch", "step"},      {"batches", "steps"},     {"minibatch", "step"},   {"minibatches", "steps"},
    {"iteration", "step"},  {"iterations", "steps"},  {"iter", "step"},        {"iters", "steps"},
    {"it", "steps"},        {"its", "steps"},         {"update", "step"},      {"updates", "steps"},
    {"image", "sample"},    {"images", "samples"},    {"example", "sample"},   {"examples", "samples"},
    {"sequence", "sample"}, {"sequences", "samples"}, {"word", "token"},       {"words", "tokens"},
    {"percent", "%"},       {"pct", "%"},             {"s", NULL},             {"sec", NULL},
    {"secs", NULL},         {"ms", NULL},             {"us", NULL},            {"min", NULL},
    {"mins", NULL},         {"h", NULL},              {"hr", NULL},            {"hrs", NULL},
    {"day", NULL},          {"days", NULL},
};

static const struct foreign_unit *foreign_unit_of(const char *name) {
    for (size_t i = 0; i < sizeof foreign_units / sizeof foreign_units[0]; i++)
        if (strcmp(foreign_units[i].name, name) == 0)
            return &foreign_units[i];
    return NULL;
}

static const char *near_unit(const char *name, int counted_only) {
    const char *units[64];
    size_t n = 0;
    for (size_t i = 0; i < lrs_nkeywords && n < sizeof units / sizeof units[0]; i++)
        if (lrs_keywords[i].class == KEYWORD_UNIT && (!counted_only || lrs_keywords[i].unit < AST_SECONDS))
            units[n++] = lrs_keywords[i].text;
    return diag_did_you_mean(name, units, n);
}

int lrs_is_unit_like(const char *name) {
    return foreign_unit_of(name) || (strlen(name) > 2 && near_unit(name, 1));
}

void lrs_unknown_unit(lrs_diagnostics *d, ast_name name) {
    const struct foreign_unit *foreign = foreign_unit_of(name.text);
    const char *near = foreign ? foreign->unit : near_unit(name.text, 1);
    diag *g = diag_add(d, DIAG_UNKNOWN_UNIT, name.at, "`%.40s` is not a unit", name.text);
    if (near)
        diag_fix(d, g, "%s", near);
    if (foreign && !near) {
        diag_help(d, g, "time is in `seconds`, `minutes` or `hours`, as in `for 2 hours`, and needs `input elapsed`");
        return;
    }
    diag_help(d, g, "%s%s%sthe units are steps, epochs, samples, tokens and %%", near ? "did you mean `" : "", near ? near : "",
              near ? "`? " : "");
}

void stmt_set_unit(parse *p, ast_stmt *stmt, ast_name unit) {
    if (!unit.text)
        return;
    const keyword *k = keyword_find(unit.text, strlen(unit.text));
    if (k && k->class == KEYWORD_UNIT) {
        stmt->unit = k->unit;
        return;
    }
    diag *g = diag_add(p->d, DIAG_UNKNOWN_UNIT, unit.at, "`%.40s` is not a unit", unit.text);
    const char *near = near_unit(unit.text, 0);
    if (near) {
        diag_fix(p->d, g, "%s", near);
        diag_help(p->d, g, "did you mean `%s`?", near);
    } else {
        diag_help(p->d, g, "a trainer's step counts steps, epochs, samples or tokens");
    }
}

/* ---- lists ---- */

/* The lists come by value and go by value; `last` makes adding cheap. */
#define ADD(list, node)                 \
    do {                                \
        if ((list).last)                \
            (list).last->next = (node); \
        else                            \
            (list).first = (node);      \
        (list).last = (node);           \
        return (list);                  \
    } while (0)

stmt_list add_stmt(stmt_list l, ast_stmt *s) {
    ADD(l, s);
}

arg_list add_arg(arg_list l, ast_arg *a) {
    ADD(l, a);
}

formal_list add_formal(formal_list l, ast_formal *f) {
    ADD(l, f);
}

formal_list add_formal_by_name(formal_list l, ast_formal *f) {
    f->by_name = 1;
    return add_formal(l, f);
}

piece_list add_piece(piece_list l, ast_piece *piece) {
    ADD(l, piece);
}

/* ---- parts of phases ---- */

static int is_plain_name(const ast_expr *e) {
    return e->kind == AST_NAME || e->kind == AST_CALL;
}

static void set_shape(ast_phase *phase, const ast_expr *e) {
    phase->shape = e->name;
    phase->shape_args = e->args;
}

static int is_one_of(const char *name, const char *const *words, size_t n) {
    for (size_t i = 0; name && i < n; i++)
        if (strcmp(name, words[i]) == 0)
            return 1;
    return 0;
}

/* The text at a place, for a proposal; NULL when it is too long to be one. */
static const char *short_text(parse *p, span at) {
    size_t n = at.end - at.begin;
    return n > 40 || memchr(p->text + at.begin, '\n', n) ? NULL : arena_strndup(p->mem, p->text + at.begin, n);
}

/* Words of other languages in a phase, and how it is written here. */
static const struct foreign_clause {
    const char *word, *clause;
} foreign_clauses[] = {
    {"to", "->"},    {"upto", "->"},   {"up_to", "->"},   {"towards", "->"}, {"toward", "->"}, {"reach", "->"},
    {"till", "->"},  {"over", "for"},  {"in", "for"},     {"during", "for"}, {"within", "for"},
};

static const char *clause_of(const char *word, size_t n) {
    for (size_t i = 0; word && i < sizeof foreign_clauses / sizeof foreign_clauses[0]; i++)
        if (strlen(foreign_clauses[i].word) == n && memcmp(foreign_clauses[i].word, word, n) == 0)
            return foreign_clauses[i].clause;
    return NULL;
}

static int is_word_byte(char b) {
    return b == '_' || b == '.' || (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
}

#define MOST_WRITTEN 80

/* The whole phase that begins here, as far as it goes on its line, with those words as they are here. NULL: it is too long to be
 * shown, or has a target already. *lacks_end: it says nowhere how long it is, but maybe by a bare duration. */
static const char *rewritten(parse *p, uint32_t begin, int *lacks_end) {
    char text[MOST_WRITTEN + 8];
    size_t n = 0, i = begin;
    *lacks_end = 1;
    while (i < p->len && !strchr("\r\n;#{}", p->text[i])) {
        size_t word = 0;
        while (i + word < p->len && is_word_byte(p->text[i + word]))
            word++;
        const char *at = p->text + i, *clause = word ? clause_of(at, word) : NULL;
        if ((word == 4 && memcmp(at, "then", 4) == 0))
            break;
        if (!word && p->len - i > 1 && memcmp(at, "->", 2) == 0)
            return NULL;
        *lacks_end &= !(clause && strcmp(clause, "for") == 0) && !(word == 3 && memcmp(at, "for", 3) == 0) && !(word == 5 && memcmp(at, "until", 5) == 0);
        size_t length = clause ? strlen(clause) : word ? word : 1;
        if (n + length > MOST_WRITTEN)
            return NULL;
        memcpy(text + n, clause ? clause : at, length);
        n += length;
        i += word ? word : 1;
    }
    while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\t'))
        n--;
    return arena_strndup(p->mem, text, n);
}

/* `cosine 1000 from 0.1 to 0`, `cosine from 0.1 to 0 over 1000 steps`. length: the duration, where one stands before the word.
 * 0: the word may be the name of a shape. */
static int refuse_arrow_word(parse *p, ast_phase *phase, ast_name word, const ast_expr *length) {
    const char *clause = word.text ? clause_of(word.text, strlen(word.text)) : NULL;
    if (phase->has_parens || p->last.kind == T_ARROW || !clause || strcmp(clause, "->") != 0)
        return 0;
    int lacks_end;
    const char *name = phase->name.text ? phase->name.text : "", *text = rewritten(p, phase->at.begin, &lacks_end);
    if (!text)
        return 0;
    diag *g = diag_add(p->d, DIAG_SYNTAX, word.at, "`%s` is not a word of the language: the target comes after `->`", word.text);
    if (length || !lacks_end)
        diag_help(p->d, g, "write `%s`", text);
    else
        diag_help(p->d, g, "write `%s 1000%s`, with its length", name, strlen(text) >= strlen(name) ? text + strlen(name) : "");
    if (length && lacks_end)
        diag_fix(p->d, g, "->");
    ((phase_build *)phase)->is_wrong = 1;
    p->tainted = 1; /* what follows was rewritten too */
    return 1;
}

/* `warmup 500 0.1`, `hold 0.1 500`: what stands without a word in front is nearly always the target, or the length of `hold`. */
static void second_value(parse *p, ast_phase *phase, const ast_expr *value) {
    const char *name = phase->name.text ? phase->name.text : "", *shape = phase->shape.text;
    int is_target = !phase->has_parens && p->last.kind != T_ARROW && strcmp(name, "hold") != 0;
    for (const ast_clause *l = phase->clauses; l; l = l->next)
        is_target &= l->kind != AST_TO && l->kind != AST_TO_FACTOR;
    const char *first = short_text(p, phase->duration->at), *second = short_text(p, value->at);
    if (strcmp(name, "warm") == 0 && first && strcmp(first, "-up") == 0) {
        diag *g = diag_add(p->d, DIAG_SYNTAX, span_join(phase->name.at, phase->duration->at), "a name has no `-` in it");
        diag_fix(p->d, g, "warmup");
        diag_help(p->d, g, "write `warmup`");
        return;
    }
    if (shape && strcmp(shape, "of") == 0 && !is_target && second && p->before.kind != T_ARROW) {
        diag *g = diag_add(p->d, DIAG_SYNTAX, phase->shape.at, "`of` is not a word of the language");
        diag_help(p->d, g, "a part of a rate is a product, as in `-> 0.1*%s`", second);
        return;
    }
    diag *g = diag_add(p->d, DIAG_SECOND_DURATION, value->at, "a second %s", phase->kind == AST_PHASE_REPEAT ? "count" : "duration");
    diag_note(p->d, g, phase->duration->at, "the first is here");
    if (strcmp(name, "warmup") == 0 && is_target && first && second) {
        diag_fix(p->d, g, "-> %s", second);
        diag_help(p->d, g, "the target comes after `->`: write `warmup %s%s%s -> %s`", first, shape ? " " : "", shape ? shape : "", second);
    } else if (strcmp(name, "hold") == 0 && !phase->clauses && first && second && value->at.begin > phase->duration->at.end) {
        diag_fix(p->d, g, "for %s", second);
        diag_help(p->d, g, "a length comes after `for`: write `hold %s for %s`", first, second);
    } else if (shape && phase->clauses && value->at.begin > phase->shape.at.end) {
        diag_help(p->d, g, "a new phase begins after `;` or `then`, or on a new line: `; %s %s`", shape, second ? second : "...");
    } else {
        diag_help(p->d, g, "a target comes after `->`, a start value after `from`, and arguments have names (`exp s=1000`)");
    }
}

/* A value without a name in front is the duration; beside a duration, a bare name is the shape: `warmup 5 cosine`,
 * `warmup cosine 5`. */
void phase_add_value(parse *p, ast_phase *phase, ast_expr *value) {
    if (((phase_build *)phase)->is_wrong)
        return;
    int is_law = phase->kind == AST_PHASE_LAW;
    if (is_law && phase->duration && phase->shape.text && refuse_arrow_word(p, phase, phase->shape, phase->duration))
        return;
    if (is_law && phase->duration && phase->duration->kind == AST_NAME && refuse_arrow_word(p, phase, phase->duration->name, NULL))
        return;
    if (is_law && !phase->duration && value->kind == AST_NAME && value->name.text && strcmp(value->name.text, "up") == 0 && phase->name.text &&
        strcmp(phase->name.text, "warm") == 0) {
        diag *g = diag_add(p->d, DIAG_SYNTAX, span_join(phase->name.at, value->at), "a name has no blank in it");
        diag_fix(p->d, g, "warmup");
        diag_help(p->d, g, "write `warmup`");
        return;
    }
    if (!phase->duration) {
        phase->duration = value;
    } else if (!phase->shape.text && phase->kind == AST_PHASE_LAW && is_plain_name(value)) {
        set_shape(phase, value);
    } else if (!phase->shape.text && phase->kind == AST_PHASE_LAW && is_plain_name(phase->duration)) {
        set_shape(phase, phase->duration);
        phase->duration = value;
    } else {
        second_value(p, phase, value);
    }
}

static void append_args(phase_build *b, arg_list args) {
    if (!args.first)
        return;
    if (b->last_arg)
        b->last_arg->next = args.first;
    else
        b->phase.args = args.first;
    b->last_arg = args.last;
}

void phase_set_arguments(ast_phase *phase, arg_list args) {
    phase->has_parens = 1;
    append_args((phase_build *)phase, args);
}

void phase_add_part(parse *p, ast_phase *phase, phase_part part) {
    phase_build *b = (phase_build *)phase;
    if (part.arg) {
        append_args(b, (arg_list){part.arg, part.arg});
    } else if (part.clause) {
        if (b->last_clause)
            b->last_clause->next = part.clause;
        else
            phase->clauses = part.clause;
        b->last_clause = part.clause;
    } else if (part.has_body) {
        if (phase->has_body)
            diag_add(p->d, DIAG_SECOND_BODY, part.at, "a second body");
        else
            phase->body = part.body.first;
        phase->has_body = 1;
    }
}

void phase_add_point(ast_phase *phase, ast_piece *point) {
    phase_build *b = (phase_build *)phase;
    if (b->last_piece)
        b->last_piece->next = point;
    else
        phase->pieces = point;
    b->last_piece = point;
}

/* ---- the wording of syntax errors ---- */

static int has(const int *expected, int n, int kind) {
    for (int i = 0; i < n; i++)
        if (expected[i] == kind)
            return 1;
    return 0;
}

/* Which value is missing is told by the word before it. */
static const struct value_name {
    int before;
    const char *name;
} value_names[] = {
    {T_FOR, "a duration"}, {T_EVERY, "a duration"},   {T_UNTIL, "a time or an event"},
    {T_AT, "a time"},      {T_FROM, "a start value"}, {T_ARROW, "a target value"},
};

static const char *value_name(int before) {
    for (size_t i = 0; i < sizeof value_names / sizeof value_names[0]; i++)
        if (value_names[i].before == before)
            return value_names[i].name;
    return "a value";
}

/* Signs and words that are named as they are written, the most telling first. */
static const struct token_name {
    int token;
    const char *name;
} token_names[] = {
    {T_ARROW, "`->`"},      {T_ASSIGN, "`=`"},    {T_RPAREN, "`)`"},  {T_RBRACKET, "`]`"}, {T_COMMA, "`,`"},
    {T_LPAREN, "`(`"},      {T_LBRACE, "`{`"},    {T_DOTDOT, "`..`"}, {T_LBRACKET, "`[`"}, {T_FROM, "`from`"},
    {T_FOR, "`for`"},       {T_UNTIL, "`until`"}, {T_IN, "`in`"},     {T_LOG, "`log`"},    {T_COLON, "`:`"},
    {T_STRING, "a string"}, {T_RBRACE, "`}`"},    {T_STAR, "`*`"},    {T_SLASH, "`/`"},
};

#define MOST_NAMED 4

typedef struct wording {
    const char *name[16];
    int n;
    int more;
} wording;

static void say(wording *w, const char *name) {
    for (int i = 0; i < w->n; i++)
        if (strcmp(w->name[i], name) == 0)
            return;
    if (w->n < (int)(sizeof w->name / sizeof w->name[0]))
        w->name[w->n++] = name;
}

static void collect(parse *p, wording *w, const int *expected, int n) {
    int value = has(expected, n, T_NUMBER);
    int action = has(expected, n, T_NEXT);
    int operators = has(expected, n, T_PLUS) || (has(expected, n, T_STAR) && has(expected, n, T_SLASH) && !action && p->before.kind != T_ARROW);
    int end = has(expected, n, T_SEP);
    int rest = 1; /* the signs of the table are to be named too */
    if (has(expected, n, T_PARAM)) {
        say(w, "a statement");
        if (has(expected, n, T_RBRACE))
            say(w, "`}`");
        return;
    }
    if (has(expected, n, T_PIECEWISE)) {
        say(w, "a phase");
        return;
    }
    if (value && !operators)
        say(w, p->before.kind == T_IDENT && has(expected, n, T_ARROW) ? "a duration" : value_name(p->before.kind));
    else if (p->before.kind == T_ON)
        say(w, "an event");
    else if (has(expected, n, T_IDENT) && !value)
        say(w, "a name");
    if (p->before.kind == T_ARROW)
        rest = 0;
    int clauses = rest && has(expected, n, T_FROM) && has(expected, n, T_ARROW);
    if (clauses)
        say(w,
            has(expected, n, T_UNTIL) ? "a clause (`->`, `from`, `for`, `until`)" : "a clause (`->`, `from`, `for`)");
    if (action)
        say(w, "an action like `*0.5`");
    if (rest && !clauses && !value && has(expected, n, T_IDENT_EQ) && has(expected, n, T_SEP))
        say(w, "an argument `name=value`");
    if (p->before.kind == T_IDENT && has(expected, n, T_LBRACE) && !end && !clauses)
        say(w, "`=`"); /* `schedule lr`, `let a`: before `=` the name would have been another token */
    for (size_t i = 0; rest && i < sizeof token_names / sizeof token_names[0]; i++) {
        int kind = token_names[i].token;
        int implied =
            ((kind == T_LPAREN || kind == T_STRING || kind == T_LBRACKET) && value) || (kind == T_LBRACKET && operators) ||
            ((kind == T_STAR || kind == T_SLASH) && (operators || action)) || (kind == T_RBRACE && end) ||
            (kind == T_LPAREN && p->before.kind == T_ON) ||
            (clauses && (kind == T_ARROW || kind == T_FROM || kind == T_FOR || kind == T_UNTIL || kind == T_LBRACE));
        if (!implied && has(expected, n, kind))
            say(w, token_names[i].name);
    }
    if (end)
        say(w, "end of line");
    else if (w->n == 0 && has(expected, n, T_YYEOF))
        say(w, "end of file");
    if (operators && w->n < MOST_NAMED)
        say(w, "an operator");
    if (w->n == 0 && has(expected, n, T_IDENT_EQ))
        say(w, "a name and `=`");
    if (w->n == 0 && has(expected, n, T_IDENT_LPAREN))
        say(w, "a name and `(`");
}

/* "a, b or c"; the end of the line, which is nearly always possible, goes last. */
static const char *join(parse *p, const wording *w) {
    const char *text = "";
    int shown = w->n > MOST_NAMED ? MOST_NAMED : w->n;
    for (int i = 0; i < shown && text; i++) {
        const char *between = i == 0 ? "" : i + 1 == w->n ? " or " : ", ";
        text = arena_printf(p->mem, "%s%s%s", text, between, w->name[i]);
    }
    if (text && shown < w->n)
        text = arena_printf(p->mem, "%s, ...", text);
    return text ? text : "";
}

/* What was found, in words or as it is written. */
static const char *found(parse *p, const token *t) {
    const char *text = p->text + t->at.begin;
    size_t n = t->at.end - t->at.begin;
    if (t->kind == T_YYEOF)
        return "end of file";
    if (t->kind == T_SEP && !(n == 1 && *text == ';'))
        return "end of line";
    size_t shown = n;
    if (n > 40) {
        /* Whole characters only. */
        for (shown = 37; shown > 0 && ((unsigned char)text[shown] & 0xC0) == 0x80; shown--)
            continue;
    }
    const char *quoted = arena_printf(p->mem, "`%.*s%s`", (int)shown, text, shown < n ? "..." : "");
    return quoted ? quoted : "";
}

static int is_if(const token *t) {
    return t->kind == T_IDENT && t->value.T_IDENT.text && strcmp(t->value.T_IDENT.text, "if") == 0;
}

/* `0,1` and `1,000`: a comma in a number. 0: none. */
static int advise_comma(parse *p, diag *g) {
    const token *t = &p->last;
    if (t->kind != T_COMMA || p->before.kind != T_NUMBER || p->before.at.end != t->at.begin)
        return 0;
    const char *part = p->text + t->at.end, *whole = short_text(p, p->before.at);
    int n = 0;
    while (t->at.end + (size_t)n < p->len && n < 20 && part[n] >= '0' && part[n] <= '9')
        n++;
    if (!whole || n == 0)
        return 0;
    if (n == 3 && strcmp(whole, "0") != 0) {
        diag_fix(p->d, g, "_");
        diag_help(p->d, g, "thousands are set apart by `_`: `%s_%.*s`", whole, n, part);
    } else {
        diag_fix(p->d, g, ".");
        diag_help(p->d, g, "decimals follow a point: `%s.%.*s`", whole, n, part);
    }
    return 1;
}

/* `lr: 0.1`, `def f(x):`, `for epoch in range(10):`: lines of other languages. 0: none of them. */
static int advise_line(parse *p, diag *g, const int *expected, int n) {
    const token *t = &p->last, *before = &p->before;
    uint32_t first = before->at.begin, end = t->at.end;
    while (first > 0 && (p->text[first - 1] == ' ' || p->text[first - 1] == '\t'))
        first--;
    int starts = first == 0 || strchr("\n;{", p->text[first - 1]);
    static const char *const laws[] = {"warmup", "hold", "linear", "cosine", "poly", "exp", "sqrt"};
    const char *name = t->kind == T_COLON && before->kind == T_IDENT && starts ? before->value.T_IDENT.text : NULL;
    if (is_one_of(name, laws, sizeof laws / sizeof laws[0])) {
        diag_label(p->d, g, "leave this out");
        diag_fix(p->d, g, "%s", "");
        return 1;
    }
    if (name) {
        g->at = span_join(before->at, t->at);
        diag_fix(p->d, g, "let %s =", name);
        diag_help(p->d, g, "a name for a value is made with `let`, a run-time parameter with `param`");
        return 1;
    }
    if (t->kind == T_COLON && before->kind == T_RPAREN && has(expected, n, T_LBRACE)) {
        diag_fix(p->d, g, " =");
        diag_help(p->d, g, "a function is a formula: `def f(x) = x^2`");
        return 1;
    }
    if (t->kind == T_FOR && has(expected, n, T_PARAM)) {
        while (end < p->len && p->text[end] != '\n' && p->text[end] != ':')
            end++;
        if (end < p->len && p->text[end] == ':') {
            diag_help(p->d, g, "a program has no loops: the trainer asks for the rate of each step");
            return 1;
        }
    }
    return 0;
}

static int stands_before(const parse *p, const char *word, size_t at);

/* `param peak 0.1`, `param peak: 0.1`, `decay f = 0.95^t`: declarations without their sign or their parameters. 0: none. */
static int advise_declaration(parse *p, diag *g) {
    static const char *const words[] = {"param", "let", "schedule"};
    const token *t = &p->last, *before = &p->before;
    const char *name = before->kind == T_IDENT ? before->value.T_IDENT.text : NULL;
    for (size_t i = 0; name && i < sizeof words / sizeof words[0]; i++) {
        if ((t->kind != T_COLON && t->kind != T_NUMBER) || !stands_before(p, words[i], before->at.begin))
            continue;
        size_t end = t->at.end;
        while (t->kind == T_COLON && end < p->len && p->text[end] == ' ')
            end++;
        const char *value = t->kind == T_NUMBER ? short_text(p, t->at) : end < p->len && strchr("0123456789.", p->text[end]) ? "" : NULL;
        size_t n = value && t->kind == T_COLON ? strcspn(p->text + end, " \t\r\n;#") : 0;
        if (value)
            diag_help(p->d, g, "a value comes after `=`: `%s %s = %.*s`", words[i], name, t->kind == T_COLON ? (int)(n < 20 ? n : 20) : 40,
                      t->kind == T_COLON ? p->text + end : value);
        else
            diag_help(p->d, g, "a value comes after `=`: `%s %s = ...`", words[i], name);
        if (t->kind == T_COLON)
            diag_fix(p->d, g, " =");
        else if (value)
            diag_fix(p->d, g, "= %s", value);
        return 1;
    }
    name = t->kind == T_IDENT_EQ ? t->value.T_IDENT_EQ.text : NULL;
    if (name && (before->kind == T_SHAPE || before->kind == T_DECAY)) {
        const char *word = before->kind == T_SHAPE ? "shape" : "decay", *time = before->kind == T_SHAPE ? "u" : "t";
        diag_help(p->d, g, "a law has its parameters after its name: `%s %s(%s) = ...`", word, name, time);
        return 1;
    }
    if (name && before->kind == T_DEF) {
        diag_help(p->d, g, "a function has its parameters after its name, `def %s(x) = ...`; a value is `let %s = ...`", name, name);
        return 1;
    }
    return 0;
}

/* A rule whose action is missing, after the parentheses of its event; the factor may be among the arguments. */
static const char *missing_action(const parse *p) {
    size_t begin = p->before.at.end;
    int depth = 0;
    while (begin > 0 && !strchr("\n;{", p->text[begin - 1])) {
        begin--;
        depth += p->text[begin] == ')' ? 1 : p->text[begin] == '(' ? -1 : 0;
        if (!depth)
            break;
    }
    for (size_t i = begin; i + 7 <= p->before.at.end; i++)
        if (memcmp(p->text + i, "factor=", 7) == 0 || memcmp(p->text + i, "factor ", 7) == 0)
            return stands_before(p, "diverge", begin) ? NULL : "the factor is the action, after the parentheses: `on plateau(patience=3) *0.5`";
    return NULL;
}

/* The statement of the last token begins with `on`. */
static int is_rule_of_event(const parse *p) {
    size_t begin = p->before.at.end;
    while (begin > 0 && !strchr("\n;{", p->text[begin - 1]))
        begin--;
    while (begin < p->before.at.end && (p->text[begin] == ' ' || p->text[begin] == '\t'))
        begin++;
    return p->before.at.end - begin >= 2 && memcmp(p->text + begin, "on", 2) == 0;
}

/* Statements that are nearly right: how they are written. 0: none of them. */
static int advise_form(parse *p, diag *g, const int *expected, int n) {
    const token *t = &p->last, *before = &p->before;
    int action = has(expected, n, T_NEXT), is_word = t->kind == T_IDENT && t->value.T_IDENT.text;
    const char *help = NULL;
    if ((t->kind == T_AT || t->kind == T_ON || t->kind == T_EVERY) && has(expected, n, T_SEP))
        help = "a rule is a statement: it begins after `;` or on a new line";
    else if ((t->kind == T_ARROW || t->kind == T_ASSIGN || (t->kind == T_IDENT_EQ && before->kind != T_IDENT && before->kind != T_RPAREN)) && action)
        help = "a rule multiplies the rate, as in `at 30 *0.1`; rates themselves are `piecewise 0.1 until 30, 0.01`";
    else if (t->kind == T_IDENT_EQ && action && before->kind == T_IDENT)
        help = "arguments of an event stand in parentheses: `on plateau(patience=3) *0.5`";
    else if ((t->kind == T_SEP || t->kind == T_YYEOF) && action && before->kind == T_RPAREN && (help = missing_action(p)) != NULL)
        ;
    else if ((t->kind == T_SEP || t->kind == T_YYEOF) && action)
        help = is_rule_of_event(p) ? "a rule ends in what it does: `on plateau(patience=3) *0.5`, or `next`, `restart`, `stop`"
                                   : "a rule ends in its factor: `at 30 *0.5`, `every 30 *0.5`";
    else if (t->kind == T_IN && has(expected, n, T_ARROW))
        help = "a length stands alone or after `for`, a target after `->`: `cosine 1000 -> 0`";
    else if (t->kind == T_DECAY && (has(expected, n, T_PIECEWISE) || has(expected, n, T_IDENT_LPAREN)))
        help = "`decay` declares a law; a phase in which the rate falls is `linear 1000 -> 0` or `cosine 1000 -> 0`";
    else if (t->kind == T_RESTART && (has(expected, n, T_PIECEWISE) || has(expected, n, T_PARAM)))
        help = "phases that run again stand in a repeat: `repeat 3 { cosine 100 from 0.1 -> 0 }`; `restart` is an action of `on`";
    else if ((t->kind == T_NEXT || t->kind == T_STOP) && (has(expected, n, T_PIECEWISE) || has(expected, n, T_PARAM)))
        help = "this is an action of `on`: `on plateau(patience=3) next`, `on diverge stop`";
    else if (before->kind == T_BOUNDS || (t->kind != T_LBRACKET && has(expected, n, T_DOTDOT)))
        help = "the two ends have `..` between them, as in `0 .. 0.1`";
    else if (before->kind == T_IN && t->kind == T_LBRACKET)
        help = "the two ends have `..` between them, as in `1e-4 .. 1e-2`";
    else if (t->kind == T_NUMBER && before->kind == T_IDENT && has(expected, n, T_LBRACE) && has(expected, n, T_PLUS))
        help = "phases stand in braces: `schedule lr { warmup 10 -> 0.1 }`";
    else if (t->kind == T_MINUS && before->kind == T_REPEAT)
        help = "without a number it goes on for ever: `repeat { cosine 100 from 0.1 -> 0 }`";
    else if (is_word && strcmp(t->value.T_IDENT.text, "for") == 0 && has(expected, n, T_RBRACKET))
        help = "a list has its elements written: `[30, 60, 90]`";
    else if (t->kind == T_LBRACE && has(expected, n, T_LBRACKET))
        help = "there are no dicts: what happens at times is `at [30, 60] *0.1`, and a schedule that takes times and values takes two lists";
    else if (t->kind == T_FROM && has(expected, n, T_PARAM))
        help = "`from` is a part of a phase, and stands on its line: `torch.StepLR(30) from 0.1`";
    else if (is_word && strcmp(t->value.T_IDENT.text, "as") == 0)
        help = "a module keeps its name: `use torch`, and `torch.StepLR(30)`";
    if (help)
        diag_help(p->d, g, "%s", help);
    return help != NULL;
}

static void add_advice(parse *p, diag *g, const int *expected, int n) {
    const token *t = &p->last;
    int statement = has(expected, n, T_PARAM);
    if (advise_comma(p, g) || advise_declaration(p, g) || advise_line(p, g, expected, n) || advise_form(p, g, expected, n))
        return;
    if (is_if(t) || is_if(&p->before)) {
        diag_help(p->d, g, "a choice is written `if(condition, a, b)`");
    } else if (t->kind == T_ASSIGN && has(expected, n, T_EQ)) {
        diag_fix(p->d, g, "==");
        diag_help(p->d, g, "two values are compared with `==`");
    } else if (statement &&
               (t->kind == T_STAR || t->kind == T_SLASH || t->kind == T_PLUS || t->kind == T_MINUS ||
                t->kind == T_CARET || t->kind == T_FROM || t->kind == T_FOR || t->kind == T_UNTIL || t->kind == T_IN)) {
        diag_help(p->d, g,
                  "a line that ends in an operator, `->` or `,` goes on; so does one before `then`, `->` or `{`");
    } else if ((t->kind == T_NUMBER || t->kind == T_LPAREN) && statement) {
        diag_help(p->d, g, "a phase begins with its name: `hold 0.1`, `curve 0.1 / (1 + t)`");
    } else if (t->kind == T_COMMA && has(expected, n, T_RPAREN) && has(expected, n, T_PLUS)) {
        diag_help(p->d, g, "parentheses hold one value; a pair is a point, a time and its rate: `points (0, 0) (500, 0.1)`");
    } else if (t->kind == T_COMMA && has(expected, n, T_IDENT_EQ)) {
        diag_help(p->d, g, "blanks separate the parts of a statement, commas the arguments in parentheses");
    } else if (t->kind == T_LBRACKET && (p->before.kind == T_STAR || p->before.kind == T_SLASH) && has(expected, n, T_NUMBER)) {
        diag_help(p->d, g, "a list goes into arithmetic by its name: `let factors = [0.5, 0.1]` on a line before, and `*factors`");
    } else if (t->kind == T_COLON) {
        diag_help(p->d, g, "a `:` stands only between a parameter of a definition and its type");
    } else if (has(expected, n, T_PLUS) && !has(expected, n, T_LE) && !has(expected, n, T_ARROW) &&
               (t->kind == T_LT || t->kind == T_LE || t->kind == T_GT || t->kind == T_GE || t->kind == T_EQ ||
                t->kind == T_NE)) {
        diag_help(p->d, g, "comparisons do not chain; write `a < b and b < c`");
    } else if (t->kind != T_SEP && t->kind != T_YYEOF && p->before.kind == T_IDENT && t->kind == T_IDENT &&
               has(expected, n, T_SEP)) {
        diag_help(p->d, g, "a new statement begins after `;` or on a new line");
    }
}

/* A name right before `=` where none can stand: the mistake is one of a few habits. 0: none of them. */
static int report_assignment(parse *p, const int *expected, int n) {
    const token *t = &p->last;
    if (t->kind != T_IDENT_EQ || !t->value.T_IDENT_EQ.text)
        return 0;
    const char *name = t->value.T_IDENT_EQ.text;
    const keyword *k = keyword_find(name, strlen(name));
    if (has(expected, n, T_PARAM)) {
        if (k && k->class == KEYWORD_STATEMENT) {
            diag_add(p->d, DIAG_SYNTAX, t->at, "expected a name after `%s`, found `=`", name);
            return 1;
        }
        diag *g = diag_add(p->d, DIAG_SYNTAX, t->at, "expected a statement, found `%.40s =`", name);
        diag_fix(p->d, g, "let %s", name);
        diag_help(p->d, g, "a name for a value is made with `let`, a run-time parameter with `param`");
        return 1;
    }
    if (has(expected, n, T_NUMBER) && p->nahead > 0 && p->ahead[0].kind == T_ASSIGN) {
        diag *g = diag_add(p->d, DIAG_SYNTAX, p->ahead[0].at, "expected an operator, found `=`");
        diag_fix(p->d, g, "==");
        diag_help(p->d, g, "two values are compared with `==`; `name=value` is an argument of a call");
        return 1;
    }
    return 0;
}

/* Is this word the last before a bracket? */
static int stands_before(const parse *p, const char *word, size_t at) {
    size_t n = strlen(word);
    while (at > 0 && (p->text[at - 1] == ' ' || p->text[at - 1] == '\t'))
        at--;
    return at >= n && memcmp(p->text + at - n, word, n) == 0 && (at == n || strchr(" \t\n;{", p->text[at - n - 1]));
}

/* `(0.9, 0.99)` among arguments and after `at`: a list; after `bounds`: its two ends. 0: it is neither. */
static int report_tuple(parse *p) {
    const bracket *b = p->nopen > 0 ? &p->open[p->nopen - 1] : NULL;
    if (p->last.kind != T_COMMA || !b || b->kind != T_LPAREN)
        return 0;
    int is_bounds = stands_before(p, "bounds", b->at.begin), is_argument = p->nopen > 1 && p->open[p->nopen - 2].kind != T_LBRACE;
    if (!is_bounds && !is_argument && !stands_before(p, "at", b->at.begin))
        return 0;
    int depth = 0, commas = 0;
    size_t i = b->at.begin;
    for (; i < p->len && p->text[i] != '\n'; i++) {
        depth += p->text[i] == '(' ? 1 : p->text[i] == ')' ? -1 : 0;
        commas += depth == 1 && p->text[i] == ',';
        if (!depth)
            break;
    }
    int is_whole = i < p->len && p->text[i] == ')';
    span at = is_whole ? parse_span(p, b->at.begin, i + 1) : b->at;
    const char *tuple = is_whole ? short_text(p, at) : NULL;
    if (is_bounds) {
        int low = (int)(p->last.at.begin - b->at.begin) - 1, high = 0;
        const char *upper = tuple ? tuple + low + 2 : "";
        while (*upper == ' ')
            upper++;
        if (tuple)
            high = (int)strlen(upper) - 1;
        diag *g = diag_add(p->d, DIAG_SYNTAX, at, "the two ends have `..` between them");
        if (low > 0 && high > 0 && commas == 1)
            diag_fix(p->d, g, " %.*s .. %.*s", low, tuple + 1, high, upper);
        else
            diag_help(p->d, g, "write `bounds 0 .. 0.1`");
        return 1;
    }
    diag *g = diag_add(p->d, DIAG_SYNTAX, at, "a list stands in square brackets");
    if (tuple)
        diag_fix(p->d, g, "[%.*s]", (int)strlen(tuple) - 2, tuple + 1);
    else
        diag_help(p->d, g, "write `[30, 80]`");
    return 1;
}

void parse_report(parse *p, const int *expected, int n) {
    if (report_assignment(p, expected, n) || report_tuple(p))
        return;
    const token *t = &p->last;
    if (t->kind == T_IDENT && p->before.kind == T_NUMBER && has(expected, n, T_UNIT) && t->value.T_IDENT.text &&
        lrs_is_unit_like(t->value.T_IDENT.text)) {
        lrs_unknown_unit(p->d, t->value.T_IDENT);
        return;
    }
    wording w = {.n = 0};
    collect(p, &w, expected, n);
    span at = t->at;
    if (t->kind == T_YYEOF)
        at.begin = at.end = p->before.at.end; /* behind the last word, not on an empty line after it */
    diag *g = w.n > 0 ? diag_add(p->d, DIAG_SYNTAX, at, "expected %s, found %s", join(p, &w), found(p, t))
                      : diag_add(p->d, DIAG_SYNTAX, at, "unexpected %s", found(p, t));
    add_advice(p, g, expected, n);
}

/* ---- the entry ---- */

int lrs_parse(ast_stmt **out, arena *mem, lrs_diagnostics *d, uint32_t file) {
    *out = NULL;
    const source *s = &d->sources.at[file];
    if (s->len > LRS_MAX_SOURCE) {
        diag_add(d, DIAG_TOO_LARGE, (span){file, 0, 0, 0}, "the source is larger than 4 MiB");
        return LRS_E_SOURCE;
    }
    /* Too large for a stack frame of a library; and what flex allocates lies in it. */
    parse *p = arena_alloc(mem, sizeof *p);
    if (!p)
        return LRS_E_NOMEM;
    p->mem = mem;
    p->d = d;
    p->file = file;
    p->text = s->text;
    p->len = s->len;
    p->at_start = 1;
    size_t errors = d->errors, others = d->others, count = d->count;
    diag **first = d->tail;
    int opened = scan_open(p);
    if (opened)
        return opened;
    int result = lrs_yparse(p);
    scan_close(p);
    if (p->scan_failed)
        return LRS_E_INTERNAL;
    if (p->binary) { /* one message instead of all: none of the others helps */
        *first = NULL;
        d->tail = first;
        d->errors = errors;
        d->others = others;
        d->count = count;
        p->program = (stmt_list){NULL, NULL};
        diag_add(d, p->binary, p->binary_at, p->binary == DIAG_BAD_CHARACTER
                     ? "this looks like a binary (or UTF-16) file: a program is UTF-8 text"
                     : "this looks like a binary file, or text in another encoding: a program is UTF-8 text");
    }
    diags_sort(d, first); /* the scanner runs ahead of the parser */
    if (arena_failed(mem) || arena_failed(&d->mem) || result == 2)
        return LRS_E_NOMEM;
    *out = p->program.first;
    return d->errors > errors ? LRS_E_SOURCE : LRS_OK;
}
