/* layout.c: between scanner and parser: what newlines, brackets and words mean where they stand.
 * In: raw tokens. Out: tokens of the grammar, with brackets that always match. Calls: the scanner, diag, foreign.
 *
 * Newlines. One ends a statement, unless it is inside ( ) or [ ], follows an operator, `->`, `,` or `then`, or the next
 * line starts with `then`, `->`, `{` or a string. A bracket that is never closed would swallow the rest of the file; but no
 * expression holds two words side by side, so a line inside ( ) that begins with two words is the next statement, and
 * the bracket is reported.
 *
 * Words. Keywords are words of the language where a statement, clause or action can begin, names elsewhere. A unit word
 * is a unit after a value and a name elsewhere. A word before `=` and a word before `(` are tokens of their own: the
 * grammar would need two tokens of look-ahead without. */
#include "parse.h"

#include <string.h>

#include "foreign.h"

/* ---- keywords ---- */

const keyword lrs_keywords[] = {
#define KEYWORD(token, text, help, class) {text, help, T_##token, KEYWORD_##class, AST_STEPS},
#define UNIT_WORD(unit, text, help) {text, help, T_UNIT, KEYWORD_UNIT, unit},
#include "keywords.def"
#undef KEYWORD
};
const size_t lrs_nkeywords = sizeof lrs_keywords / sizeof lrs_keywords[0];

const keyword *keyword_find(const char *s, size_t n) {
    for (size_t i = 0; i < lrs_nkeywords; i++)
        if (lrs_keywords[i].text[0] == s[0] && strlen(lrs_keywords[i].text) == n &&
            memcmp(lrs_keywords[i].text, s, n) == 0)
            return &lrs_keywords[i];
    return NULL;
}

/* The keyword that a raw token is, or NULL. */
static const keyword *word_of(const token *t) {
    return t->kind == T_IDENT && t->value.T_IDENT.text
               ? keyword_find(t->value.T_IDENT.text, strlen(t->value.T_IDENT.text))
               : NULL;
}

/* ---- looking ahead ---- */

static const token *peek(parse *p, unsigned i) {
    while (p->nahead <= i) {
        token t = scan_next(p);
        if (t.kind == RAW_NEWLINE && p->last_raw == RAW_NEWLINE) {
            p->scan_bad |= t.bad;
            continue;
        }
        p->last_raw = t.kind;
        p->ahead[p->nahead++] = t;
    }
    return &p->ahead[i];
}

static token take(parse *p) {
    token t = *peek(p, 0);
    memmove(p->ahead, p->ahead + 1, --p->nahead * sizeof p->ahead[0]);
    return t;
}

/* ---- what may follow what ---- */

/* After these a newline is white space. */
int layout_goes_on_after(int kind) {
    static const int kinds[] = {T_PLUS,   T_MINUS,  T_STAR,  T_SLASH, T_CARET, T_LT,  T_LE,
                                T_GT,     T_GE,     T_EQ,    T_NE,    T_AND,   T_OR,  T_NOT,
                                T_ASSIGN, T_DOTDOT, T_COLON, T_ARROW, T_COMMA, T_THEN};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i] == kind)
            return 1;
    return 0;
}

/* After these comes an operand, so a word there is a name. */
static int operand_follows(int kind) {
    return (layout_goes_on_after(kind) && kind != T_ARROW && kind != T_COMMA && kind != T_THEN) || kind == T_REQUIRE || kind == T_NOTE;
}

static int ends_value(const parse *p) {
    switch (p->last.kind) {
    case T_NUMBER:
    case T_RPAREN:
    case T_RBRACKET: return 1;
    case T_IDENT: return !p->last_named_phase;
    default: return 0;
    }
}

static int in_round_brackets(const parse *p) {
    return p->nopen > 0 && p->open[p->nopen - 1].kind != T_LBRACE;
}

/* A token that cannot follow a name inside an expression. */
static int stands_alone(const token *t) {
    const keyword *k = word_of(t);
    if (k)
        return k->class != KEYWORD_UNIT && k->class != KEYWORD_OPERATOR;
    return t->kind == T_IDENT || t->kind == T_NUMBER || t->kind == T_STRING;
}

/* Tokens i and i + 1 can only be the beginning of a statement. strict: only one that begins with a word of the
 * language. */
static int begins_statement(parse *p, unsigned i, int strict) {
    const token *t = peek(p, i);
    if (t->kind != T_IDENT)
        return 0;
    const keyword *k = word_of(t);
    if (k && k->class == KEYWORD_OPERATOR)
        return 0;
    if (strict && !(k && (k->class == KEYWORD_STATEMENT || k->class == KEYWORD_PHASE || k->token == T_THEN)))
        return 0;
    return stands_alone(peek(p, i + 1));
}

/* ---- brackets ---- */

static const struct pair {
    int open, close;
    const char *open_text, *close_text;
} pairs[] = {
    {T_LPAREN, T_RPAREN, "(", ")"},
    {T_LBRACKET, T_RBRACKET, "[", "]"},
    {T_LBRACE, T_RBRACE, "{", "}"},
};

static const struct pair *pair_of(int kind) {
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (pairs[i].open == kind || pairs[i].close == kind)
            return &pairs[i];
    return NULL;
}

static void too_deep(parse *p, span at, const char *what) {
    diag *g = diag_add(p->d, DIAG_TOO_DEEP, at, "%s", what);
    diag_help(p->d, g, "give parts of it names with `let`");
    p->fatal = 1;
}

static void open_bracket(parse *p, const token *t) {
    if (p->nopen == MAX_BRACKETS) {
        too_deep(p, t->at, "brackets are nested more than 256 deep");
        return;
    }
    bracket b = {t->kind, t->at, p->prefixes};
    p->open[p->nopen++] = b;
}

static void close_bracket(parse *p) {
    p->prefixes = p->open[--p->nopen].prefixes;
}

/* The closing partner of the innermost bracket, made up because the text has none. */
static token made_up_close(parse *p, span at, int report) {
    const bracket *b = &p->open[p->nopen - 1];
    const struct pair *pair = pair_of(b->kind);
    if (report) {
        diag *g = diag_add(p->d, DIAG_UNCLOSED, b->at, "this `%s` is never closed", pair->open_text);
        diag_label(p->d, g, "its `%s` is missing", pair->close_text);
    }
    token t = {.kind = pair->close, .at = {p->file, at.begin, at.begin, 0}, .bad = 1};
    close_bracket(p);
    return t;
}

/* 0: the bracket is dropped. */
static int handle_close(parse *p, token *t) {
    const struct pair *pair = pair_of(t->kind);
    if (p->nopen == 0 || (pair->close != T_RBRACE && !in_round_brackets(p))) {
        diag_add(p->d, DIAG_UNOPENED, t->at, "this `%s` closes nothing", pair->close_text);
        take(p);
        p->tainted = 1;
        return 0;
    }
    const bracket *b = &p->open[p->nopen - 1];
    if (b->kind == pair->open) {
        *t = take(p);
        close_bracket(p);
        return 1;
    }
    if (pair->close == T_RBRACE) {
        /* `( ... }`: the inner bracket is not closed; was there a brace around it? */
        int has_brace = 0;
        for (unsigned i = 0; i < p->nopen; i++)
            has_brace |= p->open[i].kind == T_LBRACE;
        if (!has_brace) {
            diag_add(p->d, DIAG_UNOPENED, t->at, "this `}` closes nothing");
            take(p);
            p->tainted = 1;
            return 0;
        }
        *t = made_up_close(p, t->at, 1);
        return 1;
    }
    /* `( ... ]`: the wrong kind; taken for the right one. */
    const struct pair *right = pair_of(b->kind);
    diag *g = diag_add(p->d, DIAG_UNOPENED, t->at, "`%s` does not close `%s`", pair->close_text, right->open_text);
    diag_fix(p->d, g, "%s", right->close_text);
    diag_note(p->d, g, b->at, "the `%s` is here", right->open_text);
    *t = take(p);
    t->kind = right->close;
    t->bad = 1;
    close_bracket(p);
    return 1;
}

/* Passes over a block whose `{` was an error, to its `}`. */
static void pass_block(parse *p) {
    unsigned depth = 1;
    while (depth > 0) {
        const token *t = peek(p, 0);
        if (t->kind == T_YYEOF)
            return;
        depth += t->kind == T_LBRACE;
        depth -= t->kind == T_RBRACE;
        take(p);
    }
}

/* ---- words ---- */

/* `curve NAME(...) =` declares a law, `curve NAME(...)` is a phase. The scan stops at the next word `curve`, so that
 * all scans together are linear in the text. */
static int is_curve_declaration(const parse *p, const token *curve) {
    const char *s = p->text;
    size_t i = curve->at.end;
    while (i < p->len && (s[i] == ' ' || s[i] == '\t'))
        i++;
    size_t name = i;
    while (i < p->len && (s[i] == '_' || s[i] == '.' || (s[i] >= '0' && s[i] <= '9') || (s[i] >= 'A' && s[i] <= 'Z') ||
                          (s[i] >= 'a' && s[i] <= 'z')))
        i++;
    if (i == name)
        return 0;
    while (i < p->len && (s[i] == ' ' || s[i] == '\t'))
        i++;
    if (i == p->len || s[i] != '(')
        return 0;
    unsigned depth = 0;
    for (; i < p->len; i++) {
        if (s[i] == '#') {
            const char *newline = memchr(s + i, '\n', p->len - i);
            if (!newline)
                return 0;
            i = (size_t)(newline - s);
        } else if (s[i] == '(') {
            depth++;
        } else if (s[i] == ')' && --depth == 0) {
            break;
        } else if (s[i] == ';' || s[i] == '{' || s[i] == '}' ||
                   (s[i] == 'c' && p->len - i > 5 && memcmp(s + i, "curve", 5) == 0)) {
            return 0;
        }
    }
    i++;
    while (i < p->len && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r'))
        i++;
    return i < p->len && s[i] == '=' && !(i + 1 < p->len && s[i + 1] == '=');
}

static int declares(int kind) {
    return kind == T_DEF || kind == T_SHAPE || kind == T_DECAY || kind == T_CURVE_DECL;
}

static int is_named_argument(parse *p, unsigned i) {
    return peek(p, i)->kind == T_LPAREN && peek(p, i + 1)->kind == T_IDENT && peek(p, i + 2)->kind == T_ASSIGN;
}

/* What the word at peek(0) is here. */
static token handle_word(parse *p) {
    const keyword *k = word_of(peek(p, 0));
    int next = peek(p, 1)->kind;
    int operand = operand_follows(p->last.kind);
    /* After an operator at the end of a line, a line that can only be a statement keeps its keyword: the error is
     * better. */
    if (operand && k && begins_statement(p, 0, 1))
        operand = 0;
    int adjacent = next == T_LPAREN && peek(p, 1)->at.begin == peek(p, 0)->at.end;
    int call = adjacent || (next == T_LPAREN && declares(p->last.kind)) || is_named_argument(p, 1);
    token t = take(p);
    if (next == T_ASSIGN) {
        t.kind = T_IDENT_EQ;
        t.bad |= peek(p, 0)->bad;
    } else if (k && k->class == KEYWORD_UNIT && ends_value(p)) {
        t.kind = T_UNIT;
        t.value.T_UNIT = k->unit;
        return t;
    } else if (k && k->class == KEYWORD_OPERATOR) {
        t.kind = k->token;
        return t;
    } else if (k && k->class != KEYWORD_UNIT && k->class != KEYWORD_EVENT && !in_round_brackets(p) && !operand &&
               !(k->token == T_LOG && adjacent)) {
        t.kind = k->token == T_CURVE && is_curve_declaration(p, &t) ? T_CURVE_DECL : k->token;
        return t;
    } else if (call) {
        t.kind = T_IDENT_LPAREN;
    }
    ast_name name = t.value.T_IDENT;
    if (t.kind == T_IDENT_EQ)
        t.value.T_IDENT_EQ = name;
    else if (t.kind == T_IDENT_LPAREN)
        t.value.T_IDENT_LPAREN = name;
    return t;
}

/* ---- lines of training scripts ---- */

static int is_name(const token *t, const char *name) {
    return t->kind == T_IDENT && t->value.T_IDENT.text && strcmp(t->value.T_IDENT.text, name) == 0;
}

/* Passes over the rest of a line, and of a bracket that is open at its end; the place of the last token. */
static span pass_line(parse *p) {
    span last = peek(p, 0)->at;
    for (unsigned depth = 0;;) {
        int kind = peek(p, 0)->kind;
        if (kind == T_YYEOF || (depth == 0 && (kind == RAW_NEWLINE || kind == T_SEP || kind == T_RBRACE)))
            return last;
        depth += kind == T_LPAREN;
        depth -= kind == T_RPAREN && depth > 0;
        last = peek(p, 0)->at;
        take(p);
    }
}

/* `import torch`, `from torch.optim.lr_scheduler import StepLR`: 1 when there was one. */
static int pass_import(parse *p) {
    int from = is_name(peek(p, 0), "from");
    if (!(from ? is_name(peek(p, 2), "import") : is_name(peek(p, 0), "import")) || peek(p, 1)->kind != T_IDENT)
        return 0;
    span at = peek(p, 0)->at;
    ast_name what = peek(p, 1)->value.T_IDENT;
    at = span_join(at, pass_line(p));
    diag *g = diag_add(p->d, DIAG_SYNTAX, at, "`import` is not a word of the language: `use` makes a module known");
    const lrs_embedded *module = what.text ? foreign_module(what.text) : NULL;
    if (module) {
        diag_fix(p->d, g, "use %s", module->stem);
        diag_help(p->d, g, "its schedules go by the name of the module: `%s.` stands before each", module->stem);
    } else {
        diag_label(p->d, g, "leave this out");
        diag_fix(p->d, g, "%s", "");
        diag_help(p->d, g, "functions like `cos`, `sqrt` and `exp` are there without it");
    }
    return 1;
}

/* `scheduler = StepLR(...)`, `optimizer = SGD(...)`: 1 when there was one. What comes after the sign is a statement then. */
static int pass_assignment(parse *p) {
    if (peek(p, 0)->kind != T_IDENT || peek(p, 1)->kind != T_ASSIGN || peek(p, 2)->kind != T_IDENT || peek(p, 3)->kind != T_LPAREN)
        return 0;
    const char *name = peek(p, 0)->value.T_IDENT.text, *what = peek(p, 2)->value.T_IDENT.text;
    span at = peek(p, 0)->at;
    if (!name || !what)
        return 0;
    if (foreign_is_optimizer(name)) {
        at = span_join(at, pass_line(p));
        diag *g = diag_add(p->d, DIAG_SYNTAX, at, "a program knows no optimizer: the trainer sets the rate of its own");
        diag_label(p->d, g, "leave this out");
        diag_fix(p->d, g, "%s", "");
        return 1;
    }
    if (!foreign_find(what) && !foreign_form(what))
        return 0;
    at = span_join(at, peek(p, 1)->at);
    at.end = peek(p, 2)->at.begin;
    take(p);
    take(p);
    diag *g = diag_add(p->d, DIAG_SYNTAX, at, "a schedule is no value: it stands by itself");
    diag_label(p->d, g, "leave this out");
    diag_fix(p->d, g, "%s", "");
    return 1;
}

/* `lr_lambda=lambda epoch: 0.95**epoch`. */
static void refuse_lambda(parse *p) {
    diag *g = diag_add(p->d, DIAG_SYNTAX, peek(p, 0)->at, "`lambda` is not a word of the language: a function of the step is a law with a name");
    diag_help(p->d, g, "declare it on a line before, as in `decay law(t) = 0.95^t`, and write its name here: `lr_lambda=law`");
    p->ahead[0].bad = 1;
}

/* ---- the stream ---- */

static token end_of_text(const parse *p) {
    token t = {.kind = T_YYEOF, .at = {p->file, (uint32_t)p->len, (uint32_t)p->len, 0}};
    return t;
}

/* Prefix operators pend on the parser's stack until their operand is complete. */
static void count_prefixes(parse *p, const token *t, int operand) {
    int is_prefix = t->kind == T_NOT || t->kind == T_CARET || (t->kind == T_MINUS && operand);
    if (is_prefix && ++p->prefixes > MAX_PREFIXES)
        too_deep(p, t->at, "more than 256 unary operators and powers are nested");
    if (t->kind == T_COMMA || t->kind == T_SEP)
        p->prefixes = p->nopen > 0 ? p->open[p->nopen - 1].prefixes : 0;
}

static token next_token(parse *p) {
    for (;;) {
        if (p->fatal || arena_failed(p->mem))
            return end_of_text(p);
        if (p->skip_block) {
            /* handed out and found wrong: the brace on top of the stack */
            pass_block(p);
            close_bracket(p);
            p->skip_block = 0;
        }
        token t = *peek(p, 0);
        switch (t.kind) {
        case RAW_NEWLINE: {
            if (in_round_brackets(p)) {
                if (begins_statement(p, 1, 0))
                    return made_up_close(p, t.at, !p->recovering);
                take(p);
                break;
            }
            const keyword *k = word_of(peek(p, 1));
            int fresh =
                begins_statement(p, 1, !p->tainted) || (peek(p, 1)->kind == T_IDENT && peek(p, 2)->kind == T_ASSIGN);
            int goes_on = (layout_goes_on_after(p->last.kind) && !fresh) || peek(p, 1)->kind == T_ARROW ||
                          peek(p, 1)->kind == T_LBRACE || peek(p, 1)->kind == T_STRING || (k && k->token == T_THEN && peek(p, 2)->kind != T_ASSIGN);
            t = take(p);
            if (goes_on || p->at_start) {
                p->tainted |= t.bad;
                break;
            }
            t.kind = T_SEP;
            return t;
        }
        case T_YYEOF:
            if (p->nopen > 0) {
                int report = !p->unclosed && !p->recovering;
                p->unclosed = 1;
                return made_up_close(p, t.at, report);
            }
            return end_of_text(p);
        case T_SEP:
            if (in_round_brackets(p))
                return made_up_close(p, t.at, !p->recovering);
            return take(p);
        case T_RPAREN:
        case T_RBRACKET:
        case T_RBRACE:
            if (handle_close(p, &t))
                return t;
            break;
        case T_LBRACE:
            if (p->recovering) {
                open_bracket(p, &t);
                take(p);
                p->skip_block = p->fatal == 0;
                break;
            }
            open_bracket(p, &t);
            return take(p);
        case T_LPAREN:
        case T_LBRACKET: open_bracket(p, &t); return take(p);
        case T_IDENT:
            if (p->at_start && !p->recovering && (pass_import(p) || pass_assignment(p)))
                break;
            if (is_name(&t, "lambda") && in_round_brackets(p) && peek(p, 1)->kind == T_IDENT && !p->tainted)
                refuse_lambda(p);
            return handle_word(p);
        default: return take(p);
        }
    }
}

int layout_next(LRS_YSTYPE *value, span *at, parse *p) {
    int operand = !ends_value(p);
    token t = next_token(p);
    /* The parser begins afresh at these. */
    if (p->last.kind == T_SEP || t.kind == T_THEN)
        p->tainted = 0;
    p->tainted |= t.bad;
    if (t.kind == T_SEP || t.kind == T_RBRACE || t.kind == T_THEN)
        p->recovering = 0;
    count_prefixes(p, &t, operand);
    p->last_named_phase = (p->at_start || p->last.kind == T_THEN) && (t.kind == T_IDENT || t.kind == T_IDENT_LPAREN);
    p->at_start = t.kind == T_SEP || t.kind == T_LBRACE;
    p->before = p->last;
    p->last = t;
    *value = t.value;
    *at = t.at;
    return p->fatal ? T_YYEOF : t.kind;
}

int layout_error(parse *p) {
    int report = !p->tainted && !p->fatal;
    int afresh = p->last.kind == T_SEP || p->last.kind == T_RBRACE || p->last.kind == T_THEN;
    p->tainted = p->last.kind != T_THEN;
    p->recovering = !afresh;
    p->skip_block = p->last.kind == T_LBRACE;
    return report;
}
