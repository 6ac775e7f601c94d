/* slips.c: see slips.h. */
#include "slips.h"

#include <string.h>
#include "diag.h"

#define NAME_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"

static const struct {
    const char *word, *help;
    int takes_more; /* what comes after it */
} words[] = {
    {"quit", "`:quit` or Ctrl-D leaves", 0}, {"exit", "`:quit` or Ctrl-D leaves", 0}, {"q", "`:quit` or Ctrl-D leaves", 0},
    {"bye", "`:quit` or Ctrl-D leaves", 0},  {"help", "`:help` lists the commands, and `:help cosine` says what a name means", 1},
};

static int is_blank(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strchr(" \t\r\n", s[i])) {
            return 0;
        }
    }
    return 1;
}

/* The entry is the word alone, or with the empty brackets of Python. */
static int is_word(const char *entry, size_t n, size_t i)
{
    size_t length = strlen(words[i].word);
    if (n < length || memcmp(entry, words[i].word, length) != 0) {
        return 0;
    }
    entry += length;
    n -= length;
    if (n >= 2 && memcmp(entry, "()", 2) == 0) {
        entry += 2;
        n -= 2;
    }
    return is_blank(entry, n) || (words[i].takes_more && *entry == ' ' && !memchr(entry, '\n', n - 1) && !memchr(entry, ';', n));
}

/* The entry is one word that ends with .lrs: the length of it; else 0. */
static size_t is_file(const char *entry, size_t n)
{
    size_t length = 0;
    while (length < n && !strchr(" \t\r\n#\"", entry[length])) {
        length++;
    }
    return length > 4 && memcmp(entry + length - 4, ".lrs", 4) == 0 && is_blank(entry + length, n - length) ? length : 0;
}

static int is_schedule(const session *s, const char *name, size_t n)
{
    int is_lr = n == 2 && memcmp(name, "lr", 2) == 0;
    for (size_t i = 0; !is_lr && i < s->now.program.n; i++) {
        const char *key = s->now.program.items[i].key;
        is_lr = strncmp(key, "schedule ", 9) == 0 && strlen(key + 9) == n && memcmp(key + 9, name, n) == 0;
    }
    return is_lr;
}

/* `lr`, `lr(5)`: the length of the name of a schedule that is all there is, but brackets; 0: something else. */
static size_t asks_for_value(const session *s, const char *entry, size_t n, const char **step, size_t *digits)
{
    size_t name = 0;
    while (name < n && strchr(NAME_BYTES, entry[name]) && entry[name]) {
        name++;
    }
    if (!name || !is_schedule(s, entry, name)) {
        return 0;
    }
    size_t i = name, close = n;
    *digits = 0;
    if (i < n && (entry[i] == '(' || entry[i] == '[')) {
        char end = entry[i] == '(' ? ')' : ']';
        *step = entry + ++i;
        while (i + *digits < n && entry[i + *digits] >= '0' && entry[i + *digits] <= '9') {
            ++*digits;
        }
        close = i + *digits;
        if (close >= n || entry[close] != end) {
            return 0;
        }
        i = close + 1;
    }
    return is_blank(entry + i, n - i) ? name : 0;
}

static void say(lrs_diagnostics *d, diag *g, const char *message, const char *help)
{
    g->message = message ? message : g->message;
    g->label = NULL;
    g->fix = NULL;
    g->help = help;
    g->notes = NULL;
    g->next = NULL; /* nothing else helps */
    d->first = g;
    d->tail = &g->next;
    d->count = 1;
}

void slips_amend(const session *s, lrs_diagnostics *d, const char *entry, size_t n)
{
    diag *g = d ? d->first : NULL;
    while (g && g->severity != LRS_ERROR) {
        g = g->next;
    }
    if (g && g->code == DIAG_DEFINE) { /* an expression, which only lacks a value */
        return;
    }
    size_t blank = 0;
    while (blank < n && strchr(" \t\r\n", entry[blank])) {
        blank++;
    }
    entry += blank;
    n -= blank;
    for (size_t i = 0; g && i < sizeof words / sizeof *words; i++) {
        if (is_word(entry, n, i)) {
            say(d, g, arena_printf(&d->mem, "`%s` is no statement", words[i].word), words[i].help);
            return;
        }
    }
    size_t file = g ? is_file(entry, n) : 0;
    if (file) {
        say(d, g, "this is the name of a file, and no statement", arena_printf(&d->mem, "`:load %.*s` reads it", (int)file, entry));
        return;
    }
    const char *step = "";
    size_t digits = 0, name = g ? asks_for_value(s, entry, n, &step, &digits) : 0;
    if (name && !session_has_schedule(s)) {
        say(d, g, "there is no schedule yet", "type one, as in `warmup 500 -> 3e-4; then cosine 10k -> 0`");
    } else if (name) {
        say(d, g, arena_printf(&d->mem, "`%.*s` is a schedule, and no phase", (int)name, entry),
            arena_printf(&d->mem, "`:at %.*s` says what it is at a step", (int)(digits ? digits : 1), digits ? step : "5"));
    }
}
