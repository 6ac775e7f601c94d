/* check_use.c: `use torch`, `use "common.lrs"`: other files' declarations.
 * In: the statements of the program. Out: their declarations in the scopes, before the program's own. Calls: the parser,
 * check_decl.c, the file system for what is named by a path and is not among the sources that were given, and nothing else of it.
 *
 * A standard module is part of the compiler, and its names are qualified: torch.StepLR. A file's names are as if they
 * were written here. Both hold declarations only. Each is read once, however often it is used. */
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "embed.h"
#include "foreign.h"

#define MAX_FILES 256
#define MAX_NESTED 32
#define MAX_NAMES 1024 /* of files: one may go by several */

typedef struct used_file {
    uint32_t file;        /* number of its source */
    const char *prefix;   /* "torch." or "" */
    const char *name;     /* of the module or the path that it was found at */
    int is_module, is_open;
    size_t module;        /* its number among those that come with the compiler */
    const lrs_source *given; /* of the options; NULL: it is none of these */
    const char *text;     /* of a file, once it is read */
    size_t len;
    off_t size;
    dev_t device;
    ino_t number;
} used_file;

struct chk_modules {
    used_file at[MAX_FILES];
    size_t n;
    int depth;
    int has_syntax_error; /* one of them, so that what it declares is not known */
};

const char *chk_prefix(const checker *c, uint32_t file)
{
    for (size_t i = 0; c->modules && i < c->modules->n; i++)
        if (c->modules->at[i].file == file)
            return c->modules->at[i].prefix;
    return "";
}

static void declare_all(checker *c, const ast_stmt *program, int is_module);

/* All of a file, or more than a source has. Its size is a guess: some files say 0 and are not empty. NULL: not readable, or no
 * memory. */
static char *read_all(checker *c, FILE *f, size_t guess, size_t *len)
{
    size_t cap = guess + 1; /* so that what comes short of it is the end */
    char *text = arena_alloc(c->mem, cap);
    for (*len = 0; text;) {
        *len += fread(text + *len, 1, cap - *len, f);
        if (*len < cap || *len > LRS_MAX_SOURCE)
            return ferror(f) ? NULL : text;
        char *more = arena_alloc(c->mem, cap *= 2);
        if (more)
            memcpy(more, text, *len);
        text = more;
    }
    return NULL;
}

static int refuse_size(checker *c, const ast_stmt *s, const char *path)
{
    diag_add(c->d, DIAG_USE, s->name.at, "`%s` is larger than 4 MiB", path);
    return -1;
}

/* The text of a file into the sources. 0, or -1 with a diagnostic. */
static int read_source(checker *c, const ast_stmt *s, used_file *u)
{
    size_t len = 0;
    char *text;
    if (u->given) {
        len = u->given->len;
        text = len > LRS_MAX_SOURCE ? NULL : arena_strndup(c->mem, u->given->text, len);
        if (!text && len <= LRS_MAX_SOURCE)
            return -1; /* no memory: the arena remembers */
    } else {
        FILE *f = fopen(u->name, "rb");
        text = f ? read_all(c, f, (size_t)u->size, &len) : NULL;
        if (f)
            fclose(f);
    }
    if (len > LRS_MAX_SOURCE)
        return refuse_size(c, s, u->name);
    if (!text) {
        diag_add(c->d, DIAG_USE, s->name.at, "`%s` cannot be read", u->name);
        return -1;
    }
    u->text = text;
    u->len = len;
    if (diags_add_source(c->d, u->name, text, len))
        return -1;
    if (u->given)
        c->d->sources.at[c->d->sources.n - 1].given = (size_t)(u->given - c->options->sources) + 1;
    return 0;
}

/* Are they the same but for a `./`, which says nothing? */
static int is_same_path(const char *a, const char *b)
{
    for (size_t n;; a += n, b += n) {
        for (; strncmp(a, "./", 2) == 0; a += strspn(a, "/"))
            a++;
        for (; strncmp(b, "./", 2) == 0; b += strspn(b, "/"))
            b++;
        n = strcspn(a, "/") + 1; /* with the slash, or the end */
        if (strncmp(a, b, n))
            return 0;
        if (!a[n - 1])
            return 1;
    }
}

/* Is there a source of this name among those that were given? file: or one whose name is another one of that file. */
static int look_among_given(const checker *c, const char *path, const struct stat *file, used_file *u)
{
    struct stat there;
    for (size_t i = c->options->nsources; i > 0; i--) {
        const lrs_source *s = &c->options->sources[i - 1];
        if (file ? stat(s->name, &there) == 0 && there.st_dev == file->st_dev && there.st_ino == file->st_ino : is_same_path(s->name, path)) {
            u->name = path;
            u->given = s;
            return 1;
        }
    }
    return 0;
}

/* Is there a file at this path? 0: no; -1: none that can be used, with a diagnostic. */
static int look_at(checker *c, const char *path, const ast_stmt *s, used_file *u)
{
    struct stat info;
    if (stat(path, &info))
        return 0;
    if (look_among_given(c, path, &info, u))
        return 1;
    if (!S_ISREG(info.st_mode)) {
        diag_add(c->d, DIAG_USE, s->name.at, "`%s` is not a file", path);
        return -1;
    }
    if ((uintmax_t)info.st_size > LRS_MAX_SOURCE)
        return refuse_size(c, s, path);
    u->name = path;
    u->size = info.st_size;
    u->device = info.st_dev;
    u->number = info.st_ino;
    return 1;
}

/* The folder that a file name begins with, with its last slash. */
static size_t folder_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? (size_t)(slash - name) + 1 : 0;
}

static int find_file(checker *c, const ast_stmt *s, used_file *u)
{
    const char *asked = s->name.text, *from = c->d->sources.at[s->at.file].name;
    if (!c->options || (!c->options->use_files && !c->options->nsources)) {
        diag *g = diag_add(c->d, DIAG_USE, s->name.at, "`use \"%s\"` reads a file, and the program that loads this text does not allow it", asked);
        diag_help(c->d, g, "allow it with %s, or put the declarations into this text",
                  c->d->for_command ? "--use, or without --no-use-files" : "`use_files`");
        return -1;
    }
    size_t ndirs = c->options->ninclude_dirs;
    for (size_t i = 0; i <= ndirs; i++) {
        const char *path = asked;
        if (i == 0 && asked[0] != '/')
            path = arena_printf(c->mem, "%.*s%s", (int)folder_of(from), from, asked);
        else if (i > 0 && asked[0] == '/')
            break;
        else if (i > 0)
            path = arena_printf(c->mem, "%s/%s", c->options->include_dirs[i - 1], asked);
        int found = !path ? -1 : look_among_given(c, path, NULL, u) ? 1 : c->options->use_files ? look_at(c, path, s, u) : 0;
        if (found)
            return found < 0 ? -1 : 0;
    }
    diag *g = diag_add(c->d, DIAG_USE, s->name.at, c->options->use_files ? "there is no file `%s`" : "`%s` is none of the files that the program came with", asked);
    if (!c->options->use_files) {
        if (c->d->for_command)
            diag_help(c->d, g, "name it with --use, or do without --no-use-files");
        return -1;
    }
    const char *others = c->d->for_command ? "of -I" : "of include_dirs", *how = c->d->for_command ? "-I DIR" : "include_dirs";
    if (ndirs)
        diag_help(c->d, g, "it is looked for beside this file and in the folders %s", others);
    else
        diag_help(c->d, g, "it is looked for beside this file; %s adds a folder", how);
    return -1;
}

static int is_prelude(size_t module)
{
    return strcmp(lrs_stdlib[module].stem, "prelude") == 0;
}

static int find_module(checker *c, const ast_stmt *s, used_file *u)
{
    size_t n = 0;
    for (size_t i = 0; i < lrs_stdlib_count; i++)
        if (strcmp(lrs_stdlib[i].stem, s->name.text) == 0 && !is_prelude(i)) {
            u->name = s->name.text;
            u->module = i;
            return 0;
        }
    const char **names = chk_is_mute(c) ? NULL : arena_alloc(c->mem, (lrs_stdlib_count + 1) * sizeof *names);
    for (size_t i = 0; names && i < lrs_stdlib_count; i++)
        if (!is_prelude(i))
            names[n++] = lrs_stdlib[i].stem;
    diag *g = diag_add(c->d, DIAG_USE, s->name.at, "there is no standard module `%s`", s->name.text);
    const lrs_embedded *known = foreign_module(s->name.text);
    const char *near = known ? known->stem : diag_did_you_mean(s->name.text, names, n);
    if (near) {
        diag_fix(c->d, g, "%s", near);
        diag_help(c->d, g, known ? "its schedules are in `%s`" : "did you mean `%s`?", near);
    } else
        chk_help_names(c, g, "a file is named in quotes, as in `use \"common.lrs\"`; the modules are", names, n);
    return -1;
}

/* get_scheduler("cosine", ...) or get_scheduler(name="cosine"): the name in hf. */
static const char *name_by_text(const ast_arg *args)
{
    const char *name = NULL;
    for (const ast_arg *a = args; a && !name; a = a->next)
        name = a->value->kind == AST_STRING ? foreign_by_text(a->value->name.text) : NULL;
    return name;
}

/* In the same text: the argument of an outer template may stand elsewhere. */
static int is_beside(span a, span b)
{
    return a.file == b.file && a.call == b.call;
}

int chk_advise_foreign(checker *c, diag *g, const char *name, const ast_arg *args)
{
    const char *last = foreign_last(name), *by_text = strcmp(last, "get_scheduler") == 0 ? name_by_text(args) : NULL;
    const char *form = by_text ? NULL : foreign_form(name);
    const lrs_embedded *module = form ? NULL : foreign_find(by_text ? by_text : name);
    const char *here = module ? arena_printf(c->mem, "%s.%s", module->stem, by_text ? by_text : last) : NULL;
    if (form) {
        diag_help(c->d, g, "%s", form);
    } else if (here && strcmp(here, name) == 0) {
        diag_help(c->d, g, "`%s` is a module, which `use` makes known: add `use %s` on a line before", module->stem, module->stem);
    } else if (here) {
        int takes_text = by_text && args->value->kind == AST_STRING && !args->name.text && args->next && is_beside(g->from, args->value->at);
        if (takes_text)
            diag_span(c->d, g, span_join(g->from, chk_with_comma(c, args)));
        diag_fix(c->d, g, "%s%s", here, takes_text ? "(" : "");
        if (chk_find(&c->laws, here))
            diag_help(c->d, g, "write `%s(...)`%s", here, by_text ? ", without the text" : "");
        else
            diag_help(c->d, g, "add `use %s` on a line before, and write `%s(...)`%s", module->stem, here, by_text ? ", without the text" : "");
    }
    return form || here;
}

static int read_module(checker *c, used_file *u)
{
    u->prefix = arena_printf(c->mem, "%s.", u->name);
    const char *shown = arena_printf(c->mem, "<%s>", lrs_stdlib[u->module].name);
    return u->prefix && shown && diags_add_source(c->d, shown, lrs_stdlib[u->module].text, lrs_stdlib[u->module].len) == 0 ? 0 : -1;
}

static int same(const used_file *a, const used_file *b)
{
    if (a->is_module || b->is_module)
        return a->is_module && b->is_module && strcmp(a->name, b->name) == 0;
    if (a->given || b->given) /* or the program itself, which goes by its name */
        return (a->given && b->given && a->given->text == b->given->text) || strcmp(a->name, b->name) == 0;
    return a->device == b->device && a->number == b->number;
}

/* One name more that a file was found by: with all of them the program can be compiled without files. */
static int name_source(checker *c, const ast_stmt *s, const char *name, const used_file *u)
{
    chk_program *p = c->program;
    for (size_t i = 0; i < p->nsources; i++)
        if (strcmp(p->sources[i].name, name) == 0)
            return 0;
    if (!p->sources)
        p->sources = arena_alloc(c->mem, MAX_NAMES * sizeof *p->sources);
    if (p->nsources == MAX_NAMES) {
        diag_add(c->d, DIAG_LIMIT, s->at, "a program names the files that it uses in at most %d ways", MAX_NAMES);
        return -1;
    }
    if (!p->sources)
        return -1;
    p->sources[p->nsources++] = (lrs_source){name, u->text, u->len};
    return 0;
}

static void use(checker *c, const ast_stmt *s)
{
    chk_modules *m = c->modules;
    used_file u = {.prefix = "", .is_module = !s->is_file, .is_open = 1};
    if (s->is_file ? find_file(c, s, &u) : find_module(c, s, &u))
        return;
    for (size_t i = 0; i < m->n; i++)
        if (same(&u, &m->at[i])) {
            if (m->at[i].is_open)
                diag_add(c->d, DIAG_CIRCULAR, s->at, "`%s` uses itself", m->at[i].name);
            else if (!u.is_module)
                name_source(c, s, u.name, &m->at[i]);
            return;
        }
    if (m->n == MAX_FILES || m->depth == MAX_NESTED) {
        diag_add(c->d, DIAG_LIMIT, s->at, m->n == MAX_FILES ? "a program uses at most %d files" : "files use each other more than %d deep",
                 m->n == MAX_FILES ? MAX_FILES : MAX_NESTED);
        return;
    }
    u.file = (uint32_t)c->d->sources.n;
    if (s->is_file ? read_source(c, s, &u) || name_source(c, s, u.name, &u) : read_module(c, &u))
        return;
    used_file *kept = &m->at[m->n++];
    *kept = u;
    ast_stmt *program;
    m->depth++;
    if (lrs_parse(&program, c->mem, c->d, u.file) == 0)
        declare_all(c, program, u.is_module);
    else
        m->has_syntax_error = 1;
    m->depth--;
    kept->is_open = 0;
}

static void declare_all(checker *c, const ast_stmt *program, int is_module)
{
    for (const ast_stmt *s = program; s; s = s->next)
        if (s->kind == AST_USE)
            use(c, s);
    for (const ast_stmt *s = program; s; s = s->next) {
        switch (s->kind) {
        case AST_USE:
            break;
        case AST_PARAM: case AST_LET: case AST_INPUT: case AST_DEF: case AST_TEMPLATE: case AST_SHAPE: case AST_DECAY: case AST_CURVE:
            chk_declaration(c, s, is_module);
            break;
        case AST_REQUIRE: case AST_NOTE:
            chk_defer_require(c, s);
            break;
        default: {
            diag *g = diag_add(c->d, DIAG_USE, s->at, "a file that is used holds declarations only");
            diag_help(c->d, g, "put phases and rules into a template: `def name() { ... }`");
            return;
        }
        }
    }
}

int chk_uses(checker *c, const ast_stmt *program)
{
    c->modules = arena_alloc(c->mem, sizeof *c->modules);
    if (!c->modules)
        return LRS_E_NOMEM;
    /* the program itself, if it is a file: so that what it uses does not use it */
    struct stat info = {0};
    const char *name = c->d->sources.n ? c->d->sources.at[0].name : "";
    if (c->options && ((c->options->use_files && stat(name, &info) == 0) || c->options->nsources))
        c->modules->at[c->modules->n++] = (used_file){.prefix = "", .name = name, .is_open = 1, .device = info.st_dev, .number = info.st_ino};
    for (const ast_stmt *s = program; s; s = s->next)
        if (s->kind == AST_USE)
            use(c, s);
    if (arena_failed(c->mem))
        return LRS_E_NOMEM;
    return c->modules->has_syntax_error ? LRS_E_SOURCE : LRS_OK; /* as after syntax errors of the program itself: see api.c */
}
