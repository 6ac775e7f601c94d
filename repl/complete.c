/* complete.c: see complete.h. Calls the scanner, the table of names and that of commands. */
#include "complete.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "cli_io.h"
#include "commands.h"
#include "letters.h"
#include "names.h"
#include "parse.h"
#include "tokens.h"

typedef struct completion {
    const session *session;
    const char *text;
    const char *word; /* what is typed of it, without quotes */
    size_t n;
    names mine;       /* what the session declares */
    text_token *tokens; /* before the word, without comments */
    size_t ntokens;
    editor_candidates *out;
    int ranked; /* the candidates are in the order in which they are likely */
} completion;

/* ---- candidates -------------------------------------------------------------------------------- */

/* The name of a file may hold anything: what a terminal would obey is not offered. */
static int fits(const completion *c, const char *text)
{
    return strncmp(text, c->word, c->n) == 0 && letters_are_clean(text);
}

static void put(completion *c, const char *text, const char *help)
{
    c->out->at = cli_realloc(c->out->at, (c->out->n + 1) * sizeof *c->out->at);
    char *line = cli_printf("%.*s", (int)strcspn(help, "\n"), help);
    c->out->at[c->out->n++] = (editor_candidate){cli_strdup(text), letters_clean(line)};
    free(line);
}

/* A candidate, where the word is its beginning and it is not one yet. */
static void add(completion *c, const char *text, const char *help)
{
    int fresh = fits(c, text);
    for (size_t i = 0; fresh && i < c->out->n; i++) {
        fresh = strcmp(c->out->at[i].text, text) != 0;
    }
    if (fresh) {
        put(c, text, help);
    }
}

void complete_drop(editor_candidates *c)
{
    for (size_t i = 0; i < c->n; i++) {
        free(c->at[i].text);
        free(c->at[i].help);
    }
    free(c->at);
    *c = (editor_candidates){0};
}

static const char *help_of(const name_info *i)
{
    return *i->help ? i->help : i->form;
}

static void add_kind(completion *c, const names *l, enum name_kind kind)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->at[i].kind == kind) {
            add(c, l->at[i].name, help_of(&l->at[i]));
        }
    }
}

static void add_words(completion *c, const char *const *words)
{
    const names *all = names_all();
    for (; *words; words++) {
        const char *help = "";
        for (size_t i = 0; i < all->n; i++) {
            if (strcmp(all->at[i].name, *words) == 0) {
                help = help_of(&all->at[i]);
                break;
            }
        }
        add(c, *words, help);
    }
}

/* ---- files ------------------------------------------------------------------------------------- */

/* One entry of the folder, in which no name is there twice: a folder, or a file with this end of its name; NULL: of any name, and no
 * folder. 1: it is such a file, and begins with the word. */
static int add_entry(completion *c, const char *path, const char *suffix)
{
    struct stat st;
    size_t n = strlen(path), end = suffix ? strlen(suffix) : 0;
    if (!fits(c, path)) {
        return 0;
    }
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        char *with_slash = cli_printf("%s/", path);
        if (suffix) {
            put(c, with_slash, "");
        }
        free(with_slash);
        return 0;
    }
    if (n <= end || (suffix && strcmp(path + n - end, suffix) != 0)) {
        return 0;
    }
    put(c, path, "");
    return 1;
}

/* Paths that begin with the word: folders, and files with this end of their names; where there is no such file, any. */
static void add_files(completion *c, const char *suffix)
{
    size_t slash = c->n, files = 0;
    while (slash > 0 && c->word[slash - 1] != '/') {
        slash--;
    }
    char *folder = slash ? cli_printf("%.*s", (int)slash, c->word) : cli_strdup(".");
    DIR *d = opendir(folder);
    for (int any = 0; d && any <= 1 && !files; any++) {
        rewinddir(d);
        for (struct dirent *e; (e = readdir(d)) != NULL;) {
            if (e->d_name[0] == '.' && (c->n == slash || c->word[slash] != '.')) {
                continue;
            }
            char *path = cli_printf("%.*s%s", (int)slash, c->word, e->d_name);
            files += (size_t)add_entry(c, path, any ? NULL : suffix);
            free(path);
        }
    }
    if (d) {
        closedir(d);
    }
    free(folder);
}

/* ---- commands ---------------------------------------------------------------------------------- */

static void add_topics(completion *c)
{
    const names *all = names_all();
    for (size_t i = 0; i < ncommands; i++) {
        add(c, commands[i].name, commands[i].help);
    }
    for (size_t i = 0; i < all->n; i++) {
        int inner = strchr(all->at[i].name, '.') && !memchr(c->word, '.', c->n);
        if (!inner) {
            add(c, all->at[i].name, help_of(&all->at[i]));
        }
    }
    for (size_t i = 0; i < c->mine.n; i++) {
        add(c, c->mine.at[i].name, c->mine.at[i].form);
    }
}

static void add_params(completion *c)
{
    for (size_t i = 0; i < c->session->now.program.n; i++) {
        const session_item *item = &c->session->now.program.items[i];
        if (item->kind == AST_PARAM) {
            char *text = cli_printf("%s=", item->key + strlen("name "));
            add(c, text, item->text);
            free(text);
        }
    }
    c->out->after = 0;
}

static void add_options(completion *c, int verb)
{
    char buf[64];
    const char *help;
    for (size_t i = 0; (help = cli_option_at(verb, i, buf, sizeof buf)) != NULL; i++) {
        if (strncmp(buf, "--", 2) == 0) {
            add(c, buf, help);
        }
    }
    c->out->after = 0;
}

/* The value of an option, in the word of the option: `--metrics=FILE.csv`. */
static void add_value(completion *c, int verb, size_t option)
{
    const char *suffix = cli_option_suffix(verb, c->word, option), *word;
    completion value = *c;
    value.word += option + 1;
    value.n -= option + 1;
    for (size_t i = 0; (word = cli_option_word(verb, c->word, option, i)) != NULL; i++) {
        add(&value, word, "");
    }
    if (suffix) {
        add_files(&value, suffix);
        c->out->after = 0;
    }
    for (size_t i = 0; i < c->out->n; i++) {
        char *whole = cli_printf("%.*s=%s", (int)option, c->word, c->out->at[i].text);
        free(c->out->at[i].text);
        c->out->at[i].text = whole;
    }
}

/* Of a command that is a verb of lrsc: its options; and where it reads files, those, until a `-` is typed. */
static void add_of_verb(completion *c, const char *name)
{
    static const struct {
        const char *name;
        int verb;
        const char *suffix; /* of the files that it reads; NULL: it reads none */
    } verbs[] = {{"plot", VERB_PLOT, NULL},   {"export", VERB_PLOT, NULL},  {"table", VERB_EVAL, NULL}, {"asm", VERB_COMPILE, NULL},
                 {"diff", VERB_DIFF, ".lrs"}, {"find", VERB_FIND, ".csv"}, {"sim", VERB_SIM, ".csv"}};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(verbs[i].name, name) != 0) {
            continue;
        }
        const char *equals = strncmp(c->word, "--", 2) == 0 ? strchr(c->word, '=') : NULL;
        if (equals) {
            add_value(c, verbs[i].verb, (size_t)(equals - c->word));
        } else if (verbs[i].suffix && (c->n == 0 || c->word[0] != '-')) {
            add_files(c, verbs[i].suffix);
            c->out->after = 0;
        } else {
            add_options(c, verbs[i].verb);
        }
    }
}

static void complete_command(completion *c, size_t begin)
{
    const char *line = c->text + begin;
    size_t end = begin + strcspn(line, " \t\n");
    if (c->out->begin <= end && line[0] == ':') {
        for (size_t i = 0; i < ncommands; i++) {
            char *name = cli_printf(":%s", commands[i].name);
            add(c, name, commands[i].help);
            free(name);
        }
        return;
    }
    if (line[0] == '?') {
        add_topics(c);
        return;
    }
    const command *k = command_find(line + 1, end - begin - 1);
    if (!k) {
        return;
    }
    if (k->takes == TAKES_FILE) {
        add_files(c, ".lrs");
        c->out->after = 0;
    } else if (k->takes == TAKES_TOPIC) {
        add_topics(c);
    } else if (k->takes == TAKES_PARAM) {
        add_params(c);
    } else {
        add_of_verb(c, k->name);
    }
}

/* The word of a command that the cursor is in, malloc'ed, as running the command would split it: without quotes, which stay open
 * at the cursor. *typed: the quote that it has; 0: none. */
static char *command_word(completion *c, size_t first, size_t point, char *typed)
{
    char *word = cli_alloc(point - first + 1), open = 0;
    size_t n = 0;
    *typed = 0;
    c->out->begin = first + (c->text[first] == '?');
    for (size_t i = c->out->begin; i < point; i++) {
        char b = c->text[i];
        if (open ? b == open : b == '"' || b == '\'') {
            *typed = b;
            open = open ? 0 : b;
        } else if (!open && strchr(" \t\r\n", b)) {
            c->out->begin = i + 1;
            *typed = 0;
            n = 0;
        } else {
            word[n++] = b;
        }
    }
    word[n] = 0;
    c->word = word;
    c->n = n;
    return word;
}

/* Where one of the candidates cannot do without quotes, or a quote is typed, all have them: what they have in common is typed.
 * A name with both kinds of quotes cannot be typed. */
static void quote_candidates(completion *c, char typed, char next)
{
    editor_candidates *out = c->out;
    size_t kept = 0;
    int needed = typed != 0;
    for (size_t i = 0; i < out->n; i++) {
        needed |= strpbrk(out->at[i].text, " \"'") != NULL;
    }
    for (size_t i = 0; i < out->n && needed; i++) {
        char *text = out->at[i].text, quote = typed ? typed : '"';
        quote = strchr(text, quote) ? (quote == '"' ? '\'' : '"') : quote;
        if (strchr(text, quote)) {
            free(text);
            free(out->at[i].help);
            continue;
        }
        char end = *text ? text[strlen(text) - 1] : 0;
        int goes_on = end == '/' || end == '=' || next == quote; /* or the quote after the cursor is its own */
        out->at[kept] = out->at[i];
        out->at[kept++].text = cli_printf("%c%s%.*s", quote, text, !goes_on, &quote);
        free(text);
    }
    out->n = needed ? kept : out->n;
}

/* ---- the language ------------------------------------------------------------------------------ */

static int is_token(const completion *c, size_t i, const char *word)
{
    const text_token *t = &c->tokens[i];
    size_t n = strlen(word);
    return t->end - t->begin == n && memcmp(c->text + t->begin, word, n) == 0;
}

static int is_one_of(const completion *c, size_t i, const char *const *words)
{
    for (; *words; words++) {
        if (is_token(c, i, *words)) {
            return 1;
        }
    }
    return 0;
}

/* The index of the bracket that is open at the word, or ntokens. */
static size_t open_bracket(const completion *c)
{
    int depth = 0;
    for (size_t i = c->ntokens; i-- > 0;) {
        depth += c->tokens[i].class == TOKEN_CLOSE;
        if (c->tokens[i].class == TOKEN_OPEN && depth-- == 0) {
            return i;
        }
    }
    return c->ntokens;
}

/* The index of the first word of the statement that the word is in; ntokens: it begins one. */
static size_t statement_start(const completion *c)
{
    size_t i = c->ntokens;
    int depth = 0;
    for (; i > 0; i--) {
        const text_token *t = &c->tokens[i - 1];
        depth += t->class == TOKEN_CLOSE;
        depth -= t->class == TOKEN_OPEN;
        if (depth < 0 || (depth == 0 && (t->class == TOKEN_NEWLINE || is_token(c, i - 1, ";") || is_token(c, i - 1, "then")))) {
            break;
        }
    }
    return i;
}

static void add_values(completion *c)
{
    static const char *const constants[] = {"pi", "e", "inf", "true", "false", NULL};
    for (size_t i = 0; i < c->mine.n; i++) {
        if (c->mine.at[i].kind == NAME_VALUE || c->mine.at[i].kind == NAME_FUNCTION) {
            add(c, c->mine.at[i].name, c->mine.at[i].form);
        }
    }
    add_kind(c, names_all(), NAME_FUNCTION);
    add_words(c, constants);
}

static int uses(const session *s, const char *module)
{
    char *key = cli_printf("use %s", module);
    int found = 0;
    for (size_t i = 0; i < s->now.program.n && !found; i++) {
        found = strcmp(s->now.program.items[i].key, key) == 0;
    }
    free(key);
    return found;
}

/* The schedules of modules: those in use by their first part, and in full once that is typed. */
static void add_members(completion *c)
{
    const names *all = names_all();
    int dotted = memchr(c->word, '.', c->n) != NULL;
    for (size_t i = 0; i < all->n; i++) {
        if (dotted && all->at[i].kind == NAME_MEMBER) {
            add(c, all->at[i].name, all->at[i].form);
        } else if (!dotted && all->at[i].kind == NAME_MODULE && uses(c->session, all->at[i].name)) {
            char *name = cli_printf("%s.", all->at[i].name);
            add(c, name, all->at[i].help);
            free(name);
        }
    }
}

static void add_laws(completion *c)
{
    static const char *const special[] = {"warmup", "hold", "rangetest", NULL};
    add_kind(c, names_all(), NAME_LAW);
    add_kind(c, &c->mine, NAME_LAW);
    add_words(c, special);
}

/* The words of the language of one class, as the scanner has them. */
static void add_class(completion *c, enum keyword_class class)
{
    for (size_t i = 0; i < lrs_nkeywords; i++) {
        if (lrs_keywords[i].class == class) {
            add(c, lrs_keywords[i].text, lrs_keywords[i].help);
        }
    }
}

static const char *const clause_words[] = {"from", "for", "until", "then", "->", NULL};

static void begin_statement(completion *c, int after_then)
{
    add_laws(c);
    add_class(c, KEYWORD_PHASE);
    add_kind(c, &c->mine, NAME_MEMBER);
    add_members(c);
    if (!after_then) {
        add_class(c, KEYWORD_STATEMENT);
        add_words(c, (const char *const[]){"then", NULL});
        if (c->n > 0) {
            add_values(c);
        }
    }
}

/* The arguments of the law, function, event or template of this name. */
static void add_arguments(completion *c, size_t called)
{
    const names *lists[] = {names_all(), &c->mine};
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < lists[k]->n; i++) {
            const name_info *info = &lists[k]->at[i];
            if (!is_token(c, called, info->name)) {
                continue;
            }
            for (size_t p = 0; p < info->nparams; p++) {
                char *text = cli_printf("%s=", info->params[p]);
                add(c, text, info->form);
                free(text);
            }
        }
    }
}

static void in_phase(completion *c, size_t start)
{
    size_t last = c->ntokens - 1;
    c->ranked = 1;
    add_arguments(c, start);
    add_words(c, clause_words);
    if (c->tokens[last].class == TOKEN_NUMBER) {
        add_kind(c, names_all(), NAME_UNIT);
    }
    if (is_token(c, start, "warmup")) {
        add_laws(c);
    }
    if (last == start) { /* the duration, or what is held */
        add_values(c);
    }
}

static int is_statement_word(const completion *c, size_t i)
{
    const text_token *t = &c->tokens[i];
    const keyword *k = keyword_find(c->text + t->begin, t->end - t->begin);
    return k && k->class == KEYWORD_STATEMENT;
}

static void in_statement(completion *c, size_t start)
{
    static const char *const before_values[] = {"from", "for", "until", "->", "=", "+", "-", "*", "/", "^", "<", ">", "<=", ">=", "==", "!=",
                                                "..", "and", "or", "not", "bounds", "require", "note", "in", "curve", "piecewise", ",", NULL};
    static const char *const units[] = {"step", "epoch", "sample", "token", NULL};
    static const char *const range_words[] = {"in", "log", NULL};
    size_t last = c->ntokens - 1;
    if (is_one_of(c, last, before_values)) {
        add_values(c);
        add_kind(c, is_token(c, last, "until") ? names_all() : &(names){0}, NAME_EVENT);
    } else if (is_token(c, last, "on")) {
        add_kind(c, names_all(), NAME_EVENT);
    } else if (is_token(c, last, "unit")) {
        add_words(c, units);
    } else if (is_token(c, start, "on") || is_token(c, start, "at") || is_token(c, start, "every")) {
        add_kind(c, c->tokens[last].class == TOKEN_NUMBER ? names_all() : &(names){0}, NAME_UNIT);
        add_class(c, KEYWORD_ACTION);
    } else if (is_token(c, start, "param")) {
        add_kind(c, c->tokens[last].class == TOKEN_NUMBER ? names_all() : &(names){0}, NAME_UNIT);
        add_words(c, range_words);
    } else if (!is_statement_word(c, start)) {
        in_phase(c, start);
    }
}

static void complete_text(completion *c)
{
    size_t opened = open_bracket(c), start = statement_start(c);
    size_t last = c->ntokens ? c->ntokens - 1 : 0;
    if (c->ntokens && is_token(c, last, "use")) {
        add_kind(c, names_all(), NAME_MODULE);
        return;
    }
    if (opened < c->ntokens && !is_token(c, opened, "{")) {
        c->ranked = 1;
        if (opened > 0 && (is_token(c, last, "(") || is_token(c, last, ","))) {
            add_arguments(c, opened - 1);
            if (c->out->n > 0 && c->n == 0) { /* what a value may be comes when one begins */
                return;
            }
        }
        add_kind(c, c->tokens[last].class == TOKEN_NUMBER ? names_all() : &(names){0}, NAME_UNIT);
        if (c->tokens[last].class != TOKEN_NUMBER) {
            add_values(c);
        }
        return;
    }
    if (start == c->ntokens) {
        begin_statement(c, start > 0 && is_token(c, start - 1, "then"));
    } else {
        in_statement(c, start);
    }
}

/* A string that is open at the word: the name of a file, after `use`. */
static int complete_string(completion *c, size_t point)
{
    size_t quote = point;
    while (quote > 0 && c->text[quote - 1] != '"' && c->text[quote - 1] != '\n') {
        quote--;
    }
    if (quote == 0 || c->text[quote - 1] != '"') {
        return 0;
    }
    size_t before = quote - 1;
    while (before > 0 && c->text[before - 1] == ' ') {
        before--;
    }
    if (before < 3 || strncmp(c->text + before - 3, "use", 3) != 0) {
        return 0;
    }
    c->word = c->text + quote;
    c->n = point - quote;
    c->out->begin = quote;
    add_files(c, ".lrs");
    c->out->after = '"';
    return 1;
}

static int is_word_byte(char b)
{
    return b == '_' || b == '.' || (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const editor_candidate *)a)->text, ((const editor_candidate *)b)->text);
}

static void scan(completion *c, size_t n)
{
    size_t kept = 0;
    c->ntokens = lrs_tokens(&c->tokens, c->text, n);
    for (size_t i = 0; i < c->ntokens; i++) {
        if (c->tokens[i].class != TOKEN_COMMENT) {
            c->tokens[kept++] = c->tokens[i];
        }
    }
    c->ntokens = kept;
}

void complete(const session *s, const char *text, size_t point, editor_candidates *out)
{
    completion c = {.session = s, .text = text, .out = out};
    char *program = session_text(s);
    size_t first = strspn(text, " \t\r\n"), begin = point;
    *out = (editor_candidates){.after = ' '};
    names_of_text(&c.mine, program, strlen(program));
    if (first < point && is_command(text)) {
        char typed, *word = command_word(&c, first, point, &typed);
        complete_command(&c, first);
        quote_candidates(&c, typed, text[point]);
        free(word);
    } else if (!complete_string(&c, point)) {
        while (begin > 0 && is_word_byte(text[begin - 1])) {
            begin--;
        }
        out->begin = begin;
        c.word = text + begin;
        c.n = point - begin;
        scan(&c, begin);
        complete_text(&c);
    }
    if (out->n > 0 && !c.ranked) {
        qsort(out->at, out->n, sizeof *out->at, by_text);
    }
    for (size_t i = 0; i < out->n && out->n == 1; i++) {
        size_t n = strlen(out->at[i].text);
        char end = n ? out->at[i].text[n - 1] : 0;
        out->after = end == '=' || end == '.' || end == '/' ? 0 : out->after; /* more follows at once */
    }
    free(c.tokens);
    names_drop(&c.mine);
    free(program);
}
