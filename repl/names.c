/* names.c: see names.h. Calls the parser, for the texts of the standard modules. */
#include "names.h"

#include <stdlib.h>
#include <string.h>
#include "check.h"
#include "cli_io.h"
#include "embed.h"
#include "parse.h"

/* ---- lists ------------------------------------------------------------------------------------- */

static name_info *find(names *l, enum name_kind kind, const char *name)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->at[i].kind == kind && strcmp(l->at[i].name, name) == 0) {
            return &l->at[i];
        }
    }
    return NULL;
}

/* Takes what it is given. */
static name_info *add(names *l, enum name_kind kind, char *name, char *form, char *help)
{
    l->at = cli_realloc(l->at, (l->n + 1) * sizeof *l->at);
    l->at[l->n] = (name_info){.kind = kind, .name = name, .form = form, .help = help};
    return &l->at[l->n++];
}

static void add_param(name_info *i, const char *param)
{
    for (size_t k = 0; k < i->nparams; k++) {
        if (strcmp(i->params[k], param) == 0) {
            return;
        }
    }
    i->params = cli_realloc(i->params, (i->nparams + 1) * sizeof *i->params);
    i->params[i->nparams++] = cli_strdup(param);
}

void names_drop(names *l)
{
    for (size_t i = 0; i < l->n; i++) {
        free(l->at[i].name);
        free(l->at[i].form);
        free(l->at[i].help);
        for (size_t k = 0; k < l->at[i].nparams; k++) {
            free(l->at[i].params[k]);
        }
        free(l->at[i].params);
    }
    free(l->at);
    *l = (names){0};
}

/* ---- declarations ------------------------------------------------------------------------------ */

/* A text that is parsed. */
typedef struct parsed {
    arena mem;
    lrs_diagnostics *d;
    ast_stmt *statements;
} parsed;

static void parse_text(parsed *p, const char *text, size_t n)
{
    arena_init(&p->mem, NULL);
    p->statements = NULL;
    p->d = diags_new(NULL);
    if (!p->d || diags_add_source(p->d, "", text, n)) {
        exit(cli_no_memory());
    }
    lrs_parse(&p->statements, &p->mem, p->d, 0);
}

static void parsed_free(parsed *p)
{
    arena_free(&p->mem);
    lrs_diagnostics_free(p->d);
}

static char *copy(const char *s, size_t n)
{
    return cli_printf("%.*s", (int)n, s);
}

/* A declaration in one line: a template without what it holds, blanks and newlines as one blank. */
static char *form_of(const ast_stmt *s, const char *text)
{
    size_t end = s->at.end;
    const char *brace = s->kind == AST_TEMPLATE ? memchr(text + s->at.begin, '{', s->at.end - s->at.begin) : NULL;
    end = brace ? (size_t)(brace - text) : end;
    char *form = cli_alloc(end - s->at.begin + 1);
    size_t n = 0;
    for (size_t i = s->at.begin; i < end; i++) {
        int blank = text[i] == ' ' || text[i] == '\n';
        if (!blank) {
            form[n++] = text[i];
        } else if (n && form[n - 1] != ' ') {
            form[n++] = ' ';
        }
    }
    while (n && form[n - 1] == ' ') {
        n--;
    }
    form[n] = 0;
    return form;
}

/* The comment on the line of a declaration; or the note in a template. */
static char *help_of(const ast_stmt *s, const char *text, size_t len)
{
    for (const ast_stmt *b = s->body; b; b = b->next) {
        if (b->kind == AST_NOTE) {
            return cli_strdup(b->name.text);
        }
    }
    size_t i = s->at.end;
    while (i < len && (text[i] == ' ' || text[i] == '\t')) {
        i++;
    }
    if (i == len || text[i] != '#') {
        return cli_strdup("");
    }
    const char *newline = memchr(text + i, '\n', len - i);
    i += strspn(text + i, "# ");
    return copy(text + i, (newline ? (size_t)(newline - text) : len) - i);
}

/* The first parameter of a law is its time or progress: nobody writes it. */
static const ast_formal *written_formals(const ast_stmt *s)
{
    int is_law = s->kind == AST_SHAPE || s->kind == AST_DECAY || s->kind == AST_CURVE;
    return is_law && s->formals ? s->formals->next : s->formals;
}

static void declare(names *l, enum name_kind kind, const char *prefix, const ast_stmt *s, const char *text, size_t len)
{
    char *name = cli_printf("%s%s", prefix, s->name.text), *form = form_of(s, text), *help = help_of(s, text, len);
    name_info *i = find(l, kind, name);
    if (i) { /* another form of the law */
        char *forms = cli_printf("%s\n%s", i->form, form);
        free(i->form);
        i->form = forms;
        free(name);
        free(form);
        free(help);
    } else {
        i = add(l, kind, name, form, help);
    }
    for (const ast_formal *f = written_formals(s); f; f = f->next) {
        add_param(i, f->name.text);
    }
}

static enum name_kind kind_of(const ast_stmt *s)
{
    switch (s->kind) {
    case AST_SHAPE:
    case AST_DECAY:
    case AST_CURVE:
        return NAME_LAW;
    case AST_TEMPLATE:
        return NAME_MEMBER;
    case AST_DEF:
        return NAME_FUNCTION;
    default:
        return NAME_VALUE;
    }
}

static int declares_name(const ast_stmt *s)
{
    return s->name.text && (s->kind <= AST_SCHEDULE);
}

void names_of_text(names *out, const char *text, size_t n)
{
    parsed p;
    *out = (names){0};
    parse_text(&p, text, n);
    for (const ast_stmt *s = p.statements; s; s = s->next) {
        if (declares_name(s)) {
            declare(out, kind_of(s), "", s, text, n);
        }
    }
    parsed_free(&p);
}

/* ---- all of them ------------------------------------------------------------------------------- */

static names all;

static void add_words(void)
{
    for (size_t i = 0; i < lrs_nkeywords; i++) {
        const keyword *k = &lrs_keywords[i];
        enum name_kind kind = k->class == KEYWORD_UNIT ? NAME_UNIT : k->class == KEYWORD_EVENT ? NAME_EVENT : NAME_WORD;
        name_info *added = add(&all, kind, cli_strdup(k->text), cli_strdup(""), cli_strdup(k->help));
        const char *argument;
        for (size_t a = 0; kind == NAME_EVENT && (argument = chk_event_argument(strcmp(k->text, "diverge") == 0, a)) != NULL; a++) {
            add_param(added, argument);
        }
    }
}

static void add_functions(void)
{
    for (uint32_t i = 0; i < chk_builtin_count; i++) {
        const chk_builtin *b = &chk_builtin_table[i];
        const char *args = b->max_args < 0 ? "x, y, ..." : b->max_args == 1 ? "x" : b->max_args == 2 ? "x, y" : "x, y, z";
        add(&all, NAME_FUNCTION, cli_strdup(b->name), cli_printf("%s(%s)", b->name, args), cli_strdup(b->help));
    }
}

/* The first comment of a module says what it is. */
static char *module_help(const lrs_embedded *m)
{
    const char *s = m->text + strspn(m->text, "# ");
    size_t n = strcspn(s, "\n");
    const char *colon = memchr(s, ':', n);
    size_t skip = colon ? (size_t)(colon - s) + 1 : 0;
    skip += skip < n && s[skip] == ' ';
    return copy(s + skip, n - skip);
}

static void add_module(const lrs_embedded *m)
{
    int is_prelude = strcmp(m->stem, "prelude") == 0;
    char *prefix = is_prelude ? cli_strdup("") : cli_printf("%s.", m->stem);
    parsed p;
    parse_text(&p, m->text, m->len);
    if (!is_prelude) {
        add(&all, NAME_MODULE, cli_strdup(m->stem), cli_printf("use %s", m->stem), module_help(m));
    }
    for (const ast_stmt *s = p.statements; s; s = s->next) {
        if (declares_name(s) && (is_prelude || s->kind == AST_TEMPLATE)) { /* the rest of a module is its own affair */
            declare(&all, kind_of(s), prefix, s, m->text, m->len);
        }
    }
    parsed_free(&p);
    free(prefix);
}

const names *names_all(void)
{
    if (all.n == 0) {
        add_words();
        add_functions();
        for (size_t i = 0; i < lrs_stdlib_count; i++) {
            add_module(&lrs_stdlib[i]);
        }
    }
    return &all;
}

void names_free(void)
{
    names_drop(&all);
}

int names_is_law(const char *name, size_t n)
{
    const names *l = names_all();
    for (size_t i = 0; i < l->n; i++) {
        const name_info *info = &l->at[i];
        if ((info->kind == NAME_LAW || info->kind == NAME_MEMBER) && strlen(info->name) == n && memcmp(info->name, name, n) == 0) {
            return 1;
        }
    }
    /* words that the compiler knows how to begin a phase with */
    return (n == 6 && memcmp(name, "warmup", 6) == 0) || (n == 4 && memcmp(name, "hold", 4) == 0) || (n == 9 && memcmp(name, "rangetest", 9) == 0);
}
