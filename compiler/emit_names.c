/* emit_names.c: see emit_names.h. It may be linked without the rest of the compiler: it needs arena.c and ir.c. */
#include "emit_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers ---- */

/* printf writes the radix character of the locale; anything that is not part of a C number was that. */
static void copy_plain(char *to, const char *s) {
    int radix = 0;
    for (; *s; s++) {
        if (strchr("0123456789einfa+-", *s)) {
            *to++ = *s;
            radix = 0;
        } else if (!radix) {
            *to++ = '.';
            radix = 1; /* a radix of several bytes becomes one dot */
        }
    }
    *to = '\0';
}

char *emit_decimal(char out[EMIT_NUMBER_SIZE], double v) {
    char text[EMIT_NUMBER_SIZE];
    int digits = 0;
    do
        snprintf(text, sizeof text, "%.*g", ++digits, v);
    while (strtod(text, NULL) != v && digits < 17);
    /* 1000 and not 1e+03: more digits than the number has do not show. */
    double size = v < 0 ? -v : v;
    while (size >= 1.0 && size < 1e15 && strchr(text, 'e'))
        snprintf(text, sizeof text, "%.*g", ++digits, v);
    copy_plain(out, text);
    return out;
}

/* By hand: "%a" may write one number in several ways, and output must not depend on the C library. */
char *emit_hex(char out[EMIT_NUMBER_SIZE], double v) {
    uint64_t u;
    memcpy(&u, &v, sizeof u);
    const char *sign = u >> 63 ? "-" : "";
    int exponent = (int)(u >> 52 & 0x7ff);
    uint64_t fraction = u & ((UINT64_C(1) << 52) - 1);
    if (exponent == 0x7ff) {
        snprintf(out, EMIT_NUMBER_SIZE, "%s", fraction ? "nan" : u >> 63 ? "-inf" : "inf");
        return out;
    }
    char digits[16];
    snprintf(digits, sizeof digits, "%013llx", (unsigned long long)fraction);
    size_t n = 13;
    while (n > 0 && digits[n - 1] == '0')
        n--;
    digits[n] = '\0';
    if (exponent == 0 && fraction == 0)
        snprintf(out, EMIT_NUMBER_SIZE, "%s0x0p+0", sign);
    else
        snprintf(out, EMIT_NUMBER_SIZE, "%s0x%d%s%sp%+d", sign, exponent != 0, n ? "." : "", digits,
                 exponent ? exponent - 1023 : -1022);
    return out;
}

/* ---- text ---- */

static int is_plain(char c) {
    return c >= ' ' && c <= '~';
}

void emit_string(backend_buffer *b, const char *text) {
    buffer_put(b, "\"", 1);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\' || *text == '?') /* ?? begins a trigraph */
            buffer_printf(b, "\\%c", *text);
        else if (is_plain(*text))
            buffer_put(b, text, 1);
        else
            buffer_printf(b, "\\%03o", (unsigned)(unsigned char)*text);
    }
    buffer_put(b, "\"", 1);
}

/* ---- names ---- */

/* Keywords of C and C++, and macros that headers and compilers define under plain names. */
static const char *const keywords[] = {
    "alignas",  "alignof",   "and",      "and_eq",    "asm",       "assert",       "auto",     "bitand",    "bitor",
    "bool",     "break",     "case",     "catch",     "char",      "char16_t",     "char32_t", "char8_t",   "class",
    "co_await", "co_return", "co_yield", "compl",     "complex",   "concept",      "const",    "const_cast", "consteval",
    "constexpr", "constinit", "continue", "decltype", "default",   "delete",       "do",       "double",    "dynamic_cast",
    "else",     "enum",      "errno",    "explicit",  "export",    "extern",       "false",    "far",       "float",
    "for",      "friend",    "goto",     "huge",      "if",        "imaginary",    "inline",   "int",       "linux",
    "long",     "mutable",   "namespace", "near",     "new",       "noexcept",     "noreturn", "not",       "not_eq",
    "nullptr",  "operator",  "or",       "or_eq",     "pascal",    "private",      "protected", "public",   "register",
    "reinterpret_cast", "requires", "restrict", "return", "short", "signed",       "sizeof",   "static",    "static_assert",
    "static_cast", "struct", "switch",   "template",  "this",      "thread_local", "throw",    "true",      "try",
    "typedef",  "typeid",    "typename", "typeof",    "union",     "unix",         "unsigned", "using",     "virtual",
    "void",     "volatile",  "wchar_t",  "while",     "xor",       "xor_eq"};

/* What follows NAME_ in the interface whatever the program is. */
static const char *const fixed[] = {"params",  "state", "params_default", "init", "get_lr", "get_lr_r",
                                    "observe", "stopped", "save",         "load", "error",  "STATE_VERSION",
                                    "PROGRAM_HASH", "ABI", "SAVE_SIZE",   "none", "values", "metrics", "eval"};

static int is_one_of(const char *name, const char *const *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, list[i]) == 0)
            return 1;
    return 0;
}
#define IS_ONE_OF(name, list) is_one_of(name, list, sizeof(list) / sizeof(list)[0])

static int is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
static int is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* lr["head"] -> lr_head: runs of other characters become one underscore, and none at the end. The copy has room for
 * `extra` more characters. */
static char *identifier(arena *mem, const char *name, size_t extra) {
    size_t n = strlen(name), at = 0;
    char *id = arena_alloc(mem, n + extra + 3);
    if (!id)
        return NULL;
    if (n == 0 || is_digit(name[0]))
        id[at++] = '_';
    for (size_t i = 0; i < n; i++) {
        if (is_letter(name[i]) || is_digit(name[i]))
            id[at++] = name[i];
        else if (at > 0 && id[at - 1] != '_' && i + 1 < n)
            id[at++] = '_';
    }
    while (at > 1 && id[at - 1] == '_' && name[n - 1] != '_')
        at--;
    if (at == 0)
        id[at++] = '_';
    id[at] = '\0';
    return id;
}

/* Whether a name is in use; n names came before it. */
typedef struct naming {
    const backend_options *options;
    const char *const *inputs; /* those of NAME_observe_IN */
    size_t ninputs;
} naming;
typedef int (*taken_fn)(const naming *g, const char *name, const char *const *before, size_t n);

/* Every name with as many underscores behind it as make it free. */
static const char **make_names(const naming *g, const char *const *from, size_t n, taken_fn taken, arena *mem) {
    const char **names = arena_alloc(mem, (n + 1) * sizeof *names);
    if (!names)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        size_t extra = 2 * n + g->ninputs + sizeof fixed / sizeof fixed[0];
        char *id = identifier(mem, from[i], extra);
        if (!id)
            return NULL;
        for (size_t j = 0; j < extra && taken(g, id, names, i); j++)
            strcat(id, "_");
        names[i] = id;
    }
    return names;
}

static int param_taken(const naming *g, const char *name, const char *const *before, size_t n) {
    (void)g;
    return IS_ONE_OF(name, keywords) || is_one_of(name, before, n);
}

static int input_taken(const naming *g, const char *name, const char *const *before, size_t n) {
    (void)g;
    return is_one_of(name, before, n);
}

/* NAME_OUT or NAME_fill_OUT is something already. */
static int output_taken(const naming *g, const char *name, const char *const *before, size_t n) {
    if (IS_ONE_OF(name, fixed) || is_one_of(name, before, n))
        return 1;
    if (strncmp(name, "observe_", 8) == 0 && is_one_of(name + 8, g->inputs, g->ninputs))
        return 1;
    if (!g->options->own_prefix && strcmp(g->options->prefix, "get") == 0 && strcmp(name, "lr") == 0)
        return 1; /* get_lr of the own state */
    for (size_t i = 0; i < n; i++) {
        if (strncmp(name, "fill_", 5) == 0 && strcmp(name + 5, before[i]) == 0)
            return 1;
        if (strncmp(before[i], "fill_", 5) == 0 && strcmp(before[i] + 5, name) == 0)
            return 1;
    }
    return 0;
}

/* ---- errors ---- */

static const struct {
    int code;
    const char *format; /* of the prefix, which it names once or not at all */
    const char *script; /* the text for JavaScript, where it is another one */
} load_errors[] = {
    {LRS_K_E_TRUNCATED, "the saved state is cut short: load a whole one", NULL},
    {LRS_K_E_MAGIC, "this is not a saved state: load what %s_save wrote",
     "this is not a saved state: load what save() gave"},
    {LRS_K_E_VERSION, "the saved state has another version of the format: use the version of lrs that wrote it", NULL},
    {LRS_K_E_DAMAGED, "the saved state is damaged (its length, checksum or contents are wrong): load another checkpoint", NULL},
    {LRS_K_E_PROGRAM, "the saved state is of another schedule: load it with the schedule that saved it", NULL},
    {LRS_K_E_PARAMS, "the saved state has other parameter values: give %s_init those of the saved run, then load",
     "the saved state has other parameter values: give create those of the saved run, then load"},
    {LRS_K_E_UNINIT, "the state was not initialised: call %s_init before load", NULL},
};

static const char *load_error(const emit_names *n, int code, int script, arena *mem) {
    for (size_t i = 0; i < sizeof load_errors / sizeof load_errors[0]; i++) {
        if (load_errors[i].code != code)
            continue;
        const char *format = load_errors[i].format, *gap = strstr(format, "%s");
        if (script && load_errors[i].script)
            return load_errors[i].script;
        if (!gap)
            return format;
        return arena_printf(mem, "%.*s%s%s", (int)(gap - format), format, n->prefix, gap + 2);
    }
    return NULL;
}

static const char *param_error(const emit_names *n, const ir_param *q, const char *member, int script, arena *mem) {
    char lo[EMIT_NUMBER_SIZE], hi[EMIT_NUMBER_SIZE], def[EMIT_NUMBER_SIZE];
    const char *text = q->has_range ? arena_printf(mem, "parameter `%s` must be within %s..%s", q->name,
                                                   emit_decimal(lo, q->lo), emit_decimal(hi, q->hi))
                                    : arena_printf(mem, "parameter `%s` must be a finite number", q->name);
    if (!text)
        return NULL;
    if (script && q->has_default)
        return arena_printf(mem, "%s: give create another value (its default is %s)", text, emit_decimal(def, q->def));
    if (script)
        return arena_printf(mem, "%s and has no default: give create its value", text);
    if (q->has_default)
        return arena_printf(mem, "%s: set the member %s of %s_params (its default is %s)", text, member, n->prefix,
                            emit_decimal(def, q->def));
    return arena_printf(mem, "%s and has no default: set the member %s of %s_params", text, member, n->prefix);
}

/* The params that a value is computed from, by their numbers; n of them, and 1 more for others. Values that are looked at
 * share parts, so that the work has an end of its own. */
enum { MOST_PARAMS = 4, MOST_LOOKS = 300 };

typedef struct param_search {
    const ir_program *p;
    uint32_t found[MOST_PARAMS];
    int n, more, looks;
} param_search;

static void search_params(param_search *s, ir_ref r) {
    const ir_ins *i = &s->p->ins[r];
    if (r == 0 || i->stage != IR_STAGE_BIND || s->more)
        return;
    if (++s->looks > MOST_LOOKS) {
        s->more = 1;
        return;
    }
    if (i->op != IR_PARAM) {
        search_params(s, i->a);
        search_params(s, i->b);
        search_params(s, i->c);
        return;
    }
    int at = s->n;
    for (int k = 0; k < s->n; k++)
        if (s->found[k] == i->index)
            return;
    if (s->n == MOST_PARAMS) {
        s->more = 1;
        return;
    }
    for (s->n++; at > 0 && s->found[at - 1] > i->index; at--)
        s->found[at] = s->found[at - 1];
    s->found[at] = i->index;
}

/* Generated code has no room for formatting: what a check depends on is said with the ranges and the defaults that the
 * params have, as `w` (1..100, by default 5). */
static const char *check_error(const ir_program *p, const ir_check *check, arena *mem) {
    param_search s = {.p = p};
    const char *text = check->message;
    search_params(&s, check->cond);
    for (int k = 0; k < s.n && text; k++) {
        const ir_param *q = &p->params[s.found[k]];
        char lo[EMIT_NUMBER_SIZE], hi[EMIT_NUMBER_SIZE], def[EMIT_NUMBER_SIZE];
        const char *range = q->has_range ? arena_printf(mem, "%s..%s", emit_decimal(lo, q->lo), emit_decimal(hi, q->hi)) : "any number";
        if (range && q->has_default)
            range = arena_printf(mem, "%s, by default %s", range, emit_decimal(def, q->def));
        text = range ? arena_printf(mem, "%s%s `%s` (%s)", text, k ? "," : "; it depends on", q->name, range) : NULL;
    }
    return text && s.n && s.more ? arena_printf(mem, "%s, ...", text) : text;
}

static void add_error(emit_names *n, int code, const char *text, arena *mem) {
    /* With a hundred params and more, a code of init may be one of load as well. */
    for (size_t i = 0; i < n->nerrors; i++) {
        if (n->errors[i].code == code && text && n->errors[i].text) {
            n->errors[i].text = arena_printf(mem, "%s; or, from load: %s", n->errors[i].text, text);
            return;
        }
    }
    n->errors[n->nerrors].code = code;
    n->errors[n->nerrors++].text = text;
}

static int make_errors(emit_names *n, const ir_program *p, int script, arena *mem) {
    size_t nload = sizeof load_errors / sizeof load_errors[0];
    n->errors = arena_alloc(mem, (p->layout.nparam + nload + p->nchecks + 2) * sizeof *n->errors);
    if (!n->errors)
        return LRS_E_NOMEM;
    n->unknown = "unknown error code";
    if (!script)
        add_error(n, 0, "no error", mem);
    for (uint32_t i = 0; i < p->layout.nparam; i++)
        add_error(n, EMIT_E_PARAM(i), param_error(n, &p->params[i], n->params[i], script, mem), mem);
    for (size_t i = 0; i < nload; i++)
        if (!script || load_errors[i].code != LRS_K_E_UNINIT)
            add_error(n, load_errors[i].code, load_error(n, load_errors[i].code, script, mem), mem);
    if (!script)
        add_error(n, EMIT_E_ARG, "an argument is NULL", mem);
    for (uint32_t i = 0; i < p->nchecks; i++)
        add_error(n, EMIT_E_CHECK(i), check_error(p, &p->checks[i], mem), mem);
    return arena_failed(mem) ? LRS_E_NOMEM : 0;
}

/* ---- the own state ---- */

static int make_initial(emit_names *n, const ir_program *p, arena *mem) {
    uint64_t *words = arena_alloc(mem, n->state_words * sizeof *words);
    if (!words)
        return LRS_E_NOMEM;
    int failed = ir_initial_state(p, words);
    if (failed == 0) {
        n->initial = words;
        return 0;
    }
    if (failed > 0) {
        n->why_no_own = arena_printf(mem, "the defaults do not give a schedule (%s)", p->checks[failed - 1].message);
    } else {
        for (uint32_t i = p->layout.nparam; i-- > 0;)
            if (!p->params[i].has_default)
                n->why_no_own = arena_printf(mem, "the parameter `%s` has no default", p->params[i].name);
    }
    return n->why_no_own ? 0 : LRS_E_NOMEM;
}

int emit_names_make(emit_names *n, const ir_program *p, const backend_options *o, arena *mem) {
    const lrs_k_layout *l = &p->layout;
    memset(n, 0, sizeof *n);
    if (l->nparam > EMIT_MAX_PARAMS)
        return LRS_E_LIMIT;
    n->prefix = o->prefix;
    n->own_get_lr = o->own_prefix ? arena_printf(mem, "%s_get_lr", o->prefix) : "get_lr";
    n->get_lr = arena_printf(mem, o->own_prefix ? "%s_get_lr_r" : "%s_get_lr", o->prefix);
    const char **params = arena_alloc(mem, (l->nparam + 1u) * sizeof *params);
    if (!params || !n->own_get_lr || !n->get_lr)
        return LRS_E_NOMEM;
    for (uint32_t i = 0; i < l->nparam; i++)
        params[i] = p->params[i].name;
    naming g = {.options = o};
    n->params = make_names(&g, params, l->nparam, param_taken, mem);
    if (l->ninput > 1) {
        n->inputs = make_names(&g, p->inputs, l->ninput, input_taken, mem);
        n->metrics = make_names(&g, p->inputs, l->ninput, param_taken, mem);
        if (!n->inputs || !n->metrics)
            return LRS_E_NOMEM;
        g.inputs = n->inputs;
        g.ninputs = l->ninput;
    }
    n->outputs = make_names(&g, p->output_names, p->npublic, output_taken, mem);
    if (p->npublic > 1)
        n->values = make_names(&g, p->output_names, p->npublic, param_taken, mem);
    if (!n->params || !n->outputs || (p->npublic > 1 && !n->values))
        return LRS_E_NOMEM;
    n->state_words = (size_t)LRS_K_HEADER_WORDS + l->ni + l->nd;
    n->save_size = 40 + 8 * ((size_t)l->ni + l->nsave);
    int status = make_errors(n, p, o->script, mem);
    return status ? status : make_initial(n, p, mem);
}
