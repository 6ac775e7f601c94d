/* diag.c: errors as data, and the one renderer that turns them into text.
 * In: codes, places, messages. Out: a list that owns its memory, and its text in gcc's layout.
 * Calls: arena, source, spell; lrs_struct_give of the runtime. */
#include "diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "program.h"
#include "spell.h"

/* ---- the table ------------------------------------------------------------------------------- */

typedef struct diag_info {
    int code, severity;
    const char *title, *explanation;
} diag_info;

static const diag_info diag_table[] = {
#define DIAG(number, severity, name, title, explanation) {number, severity, title, explanation},
#include "diag.def"
#undef DIAG
};

static const diag_info *diag_find(int code) {
    for (size_t i = 0; i < sizeof diag_table / sizeof diag_table[0]; i++)
        if (diag_table[i].code == code)
            return &diag_table[i];
    return NULL;
}

const char *diag_explain(int code) {
    const diag_info *info = diag_find(code);
    return info ? info->explanation : NULL;
}

const char *diag_title(int code) {
    const diag_info *info = diag_find(code);
    return info ? info->title : NULL;
}

/* ---- the list -------------------------------------------------------------------------------- */

lrs_diagnostics *diags_new(const lrs_allocator *allocator) {
    lrs_diagnostics *d = lrs_mem_realloc(allocator, NULL, sizeof *d);
    if (!d)
        return NULL;
    memset(d, 0, sizeof *d);
    if (allocator)
        d->allocator = *allocator;
    arena_init(&d->mem, &d->allocator);
    d->tail = &d->first;
    d->max_errors = 50;
    return d;
}

void lrs_diagnostics_free(lrs_diagnostics *d) {
    if (!d)
        return;
    lrs_allocator allocator = d->allocator;
    arena_free(&d->mem);
    lrs_mem_free(&allocator, d->sources.at);
    lrs_mem_free(&allocator, d->calls.at);
    lrs_mem_free(&allocator, d);
}

int diags_add_source(lrs_diagnostics *d, const char *name, const char *text, size_t len) {
    source s = {.name = arena_strndup(&d->mem, name, strlen(name)), .len = len};
    s.text = arena_strndup(&d->mem, text, len);
    if (!s.name || !s.text)
        return -1;
    return VEC_PUSH(&d->allocator, &d->sources, s);
}

uint32_t diags_add_call(lrs_diagnostics *d, const char *name, span at) {
    diag_call call = {at, arena_strndup(&d->mem, name, strlen(name))};
    return call.name && VEC_PUSH(&d->allocator, &d->calls, call) == 0 ? (uint32_t)d->calls.n : 0;
}

static diag *diag_new(lrs_diagnostics *d, enum diag_code code, int severity, span at) {
    diag *g = arena_alloc(&d->mem, sizeof *g);
    if (!g)
        return NULL;
    g->code = code;
    g->severity = severity;
    g->at = at;
    return g;
}

/* What is returned when there is nothing to keep: writes to it go nowhere. */
static diag *diag_scratch(lrs_diagnostics *d) {
    memset(&d->scratch, 0, sizeof d->scratch);
    return &d->scratch;
}

/* Calls shown between the outermost and the place itself: no template is written deeper, though a hostile one may be. */
#define MOST_CALLS 4

static diag *add_note(lrs_diagnostics *d, diag *g, span at, const char *message) {
    diag *note = message ? diag_new(d, g->code, LRS_NOTE, at) : NULL;
    if (!note)
        return NULL;
    note->message = message;
    diag **tail = &g->notes;
    while (*tail)
        tail = &(*tail)->next;
    *tail = note;
    return note;
}

/* From a place in a template's copy out to where the template is called, with notes for the way back. */
static void show_calls(lrs_diagnostics *d, diag *g) {
    uint32_t chain[MOST_CALLS];
    size_t n = 0;
    span at = g->from = g->at;
    if (!at.call)
        return;
    const char *name = d->calls.at[at.call - 1].name;
    for (; at.call; at = d->calls.at[at.call - 1].at)
        if (n < MOST_CALLS)
            chain[n++] = at.call;
    g->at = at;
    while (n > 1) { /* the call of each, in the body of the next outer one */
        const diag_call *inner = &d->calls.at[chain[n-- - 2] - 1];
        if (inner->at.call)
            add_note(d, g, inner->at, arena_printf(&d->mem, "`%s` is called here, in the body of `%s`", inner->name, d->calls.at[inner->at.call - 1].name));
    }
    g->place = add_note(d, g, g->from, arena_printf(&d->mem, "in the body of `%s`", name));
}

/* Is there a name at this place, which may be that of a parameter? The `k` of `5k` is none. */
static int has_name(const lrs_diagnostics *d, span at) {
    const source *s = at.file < d->sources.n ? &d->sources.at[at.file] : NULL;
    int in_word = 0;
    for (size_t i = at.begin; s && i < at.end && i < s->len; i++) {
        char ch = s->text[i];
        int is_letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_';
        if (is_letter && !in_word)
            return 1;
        in_word = is_letter || (ch >= '0' && ch <= '9') || ch == '.';
    }
    return !s || at.end <= at.begin;
}

/* Is this what is said already of another call of the template, and a matter of its text, whatever the arguments are? */
static int is_said_of_another_call(const lrs_diagnostics *d, enum diag_code code, span at, const char *message) {
    static const enum diag_code of_texts[] = {DIAG_UNKNOWN_NAME, DIAG_UNKNOWN_LAW, DIAG_ARGUMENT, DIAG_UNIT};
    int is_of_text = 0;
    for (size_t i = 0; i < sizeof of_texts / sizeof of_texts[0]; i++)
        is_of_text |= code == of_texts[i];
    if (!at.call || !(is_of_text || !has_name(d, at)))
        return 0;
    for (const diag *g = d->first; g; g = g->next)
        if (g->code == code && g->from.call != at.call && g->from.call && g->from.file == at.file && g->from.begin == at.begin &&
            strcmp(g->message, message) == 0)
            return 1;
    return 0;
}

diag *diag_add(lrs_diagnostics *d, enum diag_code code, span at, const char *format, ...) {
    const diag_info *info = diag_find((int)code);
    int severity = info ? info->severity : LRS_ERROR;
    size_t *counter = severity == LRS_ERROR ? &d->errors : &d->others;
    /* A hostile file may hold millions of mistakes: past the limit they are counted, not kept. */
    if (++*counter - (severity == LRS_ERROR ? d->repeated : 0) > d->max_errors)
        return diag_scratch(d);
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(&d->mem, format, args);
    va_end(args);
    if (message && severity == LRS_ERROR && is_said_of_another_call(d, code, at, message)) {
        d->repeated++;
        return diag_scratch(d);
    }
    diag *g = message ? diag_new(d, code, severity, at) : NULL;
    if (!g)
        return diag_scratch(d);
    g->message = message;
    *d->tail = g;
    d->tail = &g->next;
    d->count++;
    show_calls(d, g);
    return g;
}

#define DIAG_SET(field)                                  \
    do {                                                 \
        if (g == &d->scratch)                            \
            return;                                      \
        va_list args;                                    \
        va_start(args, format);                          \
        g->field = arena_vprintf(&d->mem, format, args); \
        va_end(args);                                    \
    } while (0)

void diag_label(lrs_diagnostics *d, diag *g, const char *format, ...) {
    if (g->place)
        g = g->place;
    DIAG_SET(label);
}

void diag_fix(lrs_diagnostics *d, diag *g, const char *format, ...) {
    if (g->place)
        g = g->place;
    DIAG_SET(fix);
}

void diag_help(lrs_diagnostics *d, diag *g, const char *format, ...) {
    DIAG_SET(help);
}

void diag_span(lrs_diagnostics *d, diag *g, span at) {
    if (g == &d->scratch)
        return;
    g->from = at;
    if (g->place)
        g->place->at = at;
    else
        g->at = at;
}

void diag_note(lrs_diagnostics *d, diag *g, span at, const char *format, ...) {
    if (g == &d->scratch)
        return;
    va_list args;
    va_start(args, format);
    const char *message = arena_vprintf(&d->mem, format, args);
    va_end(args);
    add_note(d, g, at, message);
}

static int comes_before(span a, span b) {
    return a.file != b.file ? a.file < b.file : a.begin < b.begin;
}

/* Insertion: the list is short, max_errors of each kind at most, and nearly in order. */
void diags_sort(lrs_diagnostics *d, diag **from) {
    diag *rest = *from;
    *from = NULL;
    while (rest) {
        diag *g = rest;
        rest = rest->next;
        diag **at = from;
        while (*at && !comes_before(g->at, (*at)->at))
            at = &(*at)->next;
        g->next = *at;
        *at = g;
    }
    d->tail = from;
    while (*d->tail)
        d->tail = &(*d->tail)->next;
}

size_t lrs_diagnostics_count(const lrs_diagnostics *d) {
    return d ? d->count : 0;
}

size_t lrs_diagnostics_errors(const lrs_diagnostics *d) {
    return d ? d->errors - d->repeated : 0;
}

static const source *diag_source(const lrs_diagnostics *d, span at) {
    return at.file < d->sources.n ? &d->sources.at[at.file] : NULL;
}

int lrs_diagnostics_get(lrs_diagnostic *out, const lrs_diagnostics *d, size_t i) {
    if (!out || !d || i >= d->count)
        return LRS_E_ARG;
    const diag *g = d->first;
    while (i--)
        g = g->next;
    const source *s = diag_source(d, g->at);
    lrs_diagnostic all = {
        .size = sizeof all,
        .severity = g->severity,
        .code = (int)g->code,
        .message = g->message,
        .file = s ? s->name : "",
        .begin = g->at.begin,
        .end = g->at.end,
        .line = 1,
        .column = 1,
        .fix = g->fix,
        .help = g->help,
    };
    if (s)
        source_position(s, g->at.begin, &all.line, &all.column);
    return lrs_struct_give(out, &all, sizeof all);
}

/* ---- did you mean ---------------------------------------------------------------------------- */

#define LONGEST_NAME 48
/* Of more candidates than people look through, the first. */
#define MOST_CANDIDATES 1000

static int lower(char c) {
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static int least(int a, int b) {
    return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), letter case ignored; past `most`
 * any number above it. */
static int edit_distance(const char *a, size_t na, const char *b, size_t nb, int most) {
    int rows[3][LONGEST_NAME + 1];
    int *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= nb; j++)
        last[j] = (int)j;
    for (size_t j = 0; j <= nb; j++)
        before[j] = 0;
    for (size_t i = 1; i <= na; i++) {
        row[0] = (int)i;
        int nearest = row[0];
        for (size_t j = 1; j <= nb; j++) {
            int differ = lower(a[i - 1]) != lower(b[j - 1]);
            row[j] = least(least(last[j] + 1, row[j - 1] + 1), last[j - 1] + differ);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
                row[j] = least(row[j], before[j - 2] + 1);
            nearest = least(nearest, row[j]);
        }
        if (nearest > most + 1) /* a swap takes one step from the row before the last: no row gets below that again */
            return nearest;
        int *spare = before;
        before = last;
        last = row;
        row = spare;
    }
    return last[nb];
}

const char *diag_did_you_mean(const char *name, const char *const *candidates, size_t n) {
    size_t length = strlen(name);
    if (length == 0 || length > LONGEST_NAME)
        return NULL;
    /* One slip in a short word, one in three letters of a longer one, and never the whole word. */
    int limit = length < 3 ? 1 : (int)(length + 2) / 3;
    if ((size_t)limit >= length)
        limit = (int)length - 1;
    const char *best = NULL;
    if (n > MOST_CANDIDATES)
        n = MOST_CANDIDATES;
    for (size_t i = 0; i < n; i++) {
        size_t candidate_length = strlen(candidates[i]);
        if (candidate_length > LONGEST_NAME || strcmp(candidates[i], name) == 0)
            continue;
        int distance = edit_distance(name, length, candidates[i], candidate_length, limit);
        if (distance <= limit) {
            best = candidates[i];
            limit = distance - 1;
        }
    }
    return best;
}

enum letter { OTHER, SMALL, CAPITAL, DIGIT };

static enum letter letter_of(char c) {
    return c >= 'a' && c <= 'z' ? SMALL : c >= 'A' && c <= 'Z' ? CAPITAL : c >= '0' && c <= '9' ? DIGIT : OTHER;
}

/* May a word begin or end before name[i]? */
static int is_joint(const char *name, size_t i) {
    enum letter a = i ? letter_of(name[i - 1]) : OTHER, b = letter_of(name[i]);
    return a == OTHER || b == OTHER || (a == DIGIT) != (b == DIGIT) || (a == SMALL && b == CAPITAL);
}

int diag_has_word(const char *name, const char *const *words) {
    for (; *words; words++)
        for (size_t i = 0; name[i]; i++) {
            size_t n = 0;
            while ((*words)[n] && (name[i + n] | (letter_of(name[i + n]) == CAPITAL ? 32 : 0)) == (*words)[n])
                n++;
            if (!(*words)[n] && is_joint(name, i) && is_joint(name, i + n))
                return 1;
        }
    return 0;
}

/* ---- the renderer ---------------------------------------------------------------------------- */

/* Where the text goes: counts everything, keeps what fits. */
typedef struct writer {
    char *buf;
    size_t cap, n;
    unsigned flags;
} writer;

static void put_bytes(writer *w, const char *s, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (w->n + 1 < w->cap)
            w->buf[w->n] = s[i];
        w->n++;
    }
}

static void put_text(writer *w, const char *s) {
    put_bytes(w, s, strlen(s));
}

static void put_repeat(writer *w, char c, size_t n) {
    while (n--)
        put_bytes(w, &c, 1);
}

static void put_int(writer *w, int value, const char *format) {
    char text[32];
    snprintf(text, sizeof text, format, value);
    put_text(w, text);
}

enum color { COLOR_NONE, COLOR_BOLD, COLOR_ERROR, COLOR_WARNING, COLOR_NOTE, COLOR_FIX };
static const char *const color_code[] = {"\x1b[0m", "\x1b[1m", "\x1b[1;31m", "\x1b[1;35m", "\x1b[1;36m", "\x1b[32m"};

static void put_color(writer *w, enum color c) {
    if (w->flags & LRS_RENDER_COLOR)
        put_text(w, color_code[c]);
}

static const struct severity_look {
    const char *word;
    enum color color;
} severity_look[] = {
    [LRS_NOTE] = {"note", COLOR_NOTE},
    [LRS_WARNING] = {"warning", COLOR_WARNING},
    [LRS_ERROR] = {"error", COLOR_ERROR},
};

#define TAB_STOP 8u
#define WINDOW 100u       /* columns of source shown */
#define WINDOW_BEFORE 60u /* of these at most before the caret when the line is longer */

/* One character of source text as it is shown. width: its columns; bytes: its length in the source. */
typedef struct cell {
    char text[SPELL_SIZE];
    size_t n, width, bytes;
} cell;

static cell cell_at(const char *s, size_t n, size_t column, unsigned flags) {
    cell c = {.bytes = 1};
    if (*s == '\t') {
        c.n = c.width = TAB_STOP - column % TAB_STOP;
        memset(c.text, ' ', c.n);
    } else {
        c.bytes = spell_char(c.text, s, n, (flags & LRS_RENDER_ASCII) != 0);
        c.n = strlen(c.text);
        c.width = *c.text == '\\' ? c.n : 1;
    }
    return c;
}

/* Message text: may quote the source, so it is made safe in the same way. */
static void put_safe(writer *w, const char *s) {
    size_t n = strlen(s);
    for (size_t i = 0; i < n;) {
        char shown[SPELL_SIZE];
        i += spell_char(shown, s + i, n - i, (w->flags & LRS_RENDER_ASCII) != 0);
        put_text(w, shown);
    }
}

const char *diag_visible(arena *mem, const char *text) {
    size_t n = strlen(text), k = 0, plain = 0;
    while (text[plain] >= ' ' && text[plain] <= '~')
        plain++;
    char *out = plain < n ? arena_alloc(mem, 4 * n + 1) : NULL; /* a byte becomes four at most */
    if (!out)
        return plain < n ? "" : text;
    for (size_t i = 0; i < n;) {
        char shown[SPELL_SIZE];
        i += spell_char(shown, text + i, n - i, 0);
        memcpy(out + k, shown, strlen(shown));
        k += strlen(shown);
    }
    out[k] = '\0';
    return out;
}

static void put_place(writer *w, const source *s, size_t offset) {
    int line, column;
    source_position(s, offset, &line, &column);
    put_color(w, COLOR_BOLD);
    put_safe(w, s->name);
    put_int(w, line, ":%d");
    put_int(w, column, ":%d: ");
    put_color(w, COLOR_NONE);
}

static int is_continuation(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Columns of [begin, end), never more than one past limit: lines may be millions of bytes long. */
static size_t columns(const char *text, size_t begin, size_t end, size_t limit, unsigned flags) {
    size_t column = 0;
    while (begin < end && column <= limit) {
        cell c = cell_at(text + begin, end - begin, column, flags);
        begin += c.bytes;
        column += c.width;
    }
    return column;
}

/* The part of the line to show: all of it when it fits, else a window around the caret. */
static void window(const source *s, size_t caret, size_t begin, size_t end, size_t *from, size_t *to, unsigned flags) {
    *from = begin;
    if (columns(s->text, begin, end, WINDOW, flags) > WINDOW &&
        columns(s->text, begin, caret, WINDOW, flags) > WINDOW_BEFORE) {
        size_t at = caret;
        size_t back = 0;
        while (at > begin && back < WINDOW_BEFORE) {
            size_t before = at - 1;
            while (before > begin && is_continuation(s->text[before]) && at - before < 4)
                before--;
            cell c = cell_at(s->text + before, at - before, 0, flags);
            if (c.bytes != at - before)
                before = at - 1;
            back += c.width;
            at = before;
        }
        *from = at;
    }
    size_t column = 0;
    *to = *from;
    while (*to < end) {
        cell c = cell_at(s->text + *to, end - *to, column, flags);
        if (column + c.width > WINDOW)
            break;
        column += c.width;
        *to += c.bytes;
    }
}

#define GUTTER "      | "

/* The source line, the range under it, the label, and the line of the fix. */
static void put_excerpt(writer *w, const source *s, const diag *g) {
    size_t begin, end, from, to;
    size_t caret = g->at.begin < s->len ? g->at.begin : s->len;
    source_line(s, caret, &begin, &end);
    if (caret > end)
        caret = end;
    window(s, caret, begin, end, &from, &to, w->flags);
    int line, column_unused;
    source_position(s, caret, &line, &column_unused);
    const char *dots_before = from > begin ? "..." : "";
    put_int(w, line, "%5d | ");
    put_text(w, dots_before);
    size_t column = 0, caret_column = 0, end_column = 0;
    for (size_t i = from; i < to;) {
        cell c = cell_at(s->text + i, to - i, column, w->flags);
        if (i <= caret)
            caret_column = column;
        column += c.width;
        if (i < g->at.end)
            end_column = column;
        put_bytes(w, c.text, c.n);
        i += c.bytes;
    }
    if (caret >= to)
        caret_column = column;
    put_text(w, to < end ? "...\n" : "\n");

    size_t indent = strlen(dots_before) + caret_column;
    enum color color = severity_look[g->severity].color;
    put_text(w, GUTTER);
    put_repeat(w, ' ', indent);
    put_color(w, color);
    put_text(w, "^");
    if (end_column > caret_column + 1)
        put_repeat(w, '~', end_column - caret_column - 1);
    if (g->label) {
        put_text(w, " ");
        put_safe(w, g->label);
    }
    put_color(w, COLOR_NONE);
    put_text(w, "\n");
    if (g->fix && *g->fix) {
        put_text(w, GUTTER);
        put_repeat(w, ' ', indent);
        put_color(w, COLOR_FIX);
        put_safe(w, g->fix);
        put_color(w, COLOR_NONE);
        put_text(w, "\n");
    }
}

static void put_help(writer *w, const diag *g) {
    if (!g->help)
        return;
    put_text(w, "      = ");
    put_color(w, COLOR_NOTE);
    put_text(w, "help: ");
    put_color(w, COLOR_NONE);
    put_safe(w, g->help);
    put_text(w, "\n");
}

/* A note inside another diagnostic shows a further place of it, and has its code. */
static void put_diag(writer *w, const lrs_diagnostics *d, const diag *g, int is_inner) {
    const source *s = diag_source(d, g->at);
    if (s)
        put_place(w, s, g->at.begin);
    else
        put_text(w, "lrs: ");
    put_color(w, severity_look[g->severity].color);
    put_text(w, severity_look[g->severity].word);
    put_text(w, ": ");
    put_color(w, COLOR_NONE);
    put_color(w, COLOR_BOLD);
    put_safe(w, g->message);
    put_color(w, COLOR_NONE);
    if (!is_inner)
        put_int(w, (int)g->code, " [LRS%04d]");
    put_text(w, "\n");
    if (s)
        put_excerpt(w, s, g);
    if (!g->place)
        put_help(w, g);
}

static void put_more(writer *w, size_t total, size_t limit, const char *what) {
    if (total <= limit)
        return;
    char text[80];
    snprintf(text, sizeof text, "too many %ss: %zu more %s not shown\n", what, total - limit,
             total - limit == 1 ? "is" : "are");
    put_text(w, text);
}

size_t lrs_diagnostics_render(const lrs_diagnostics *d, unsigned flags, char *buf, size_t cap) {
    writer w = {.buf = buf, .cap = buf ? cap : 0, .flags = flags};
    if (d) {
        for (const diag *g = d->first; g; g = g->next) {
            put_diag(&w, d, g, 0);
            for (const diag *note = g->notes; note; note = note->next) {
                put_diag(&w, d, note, 1);
                if (note == g->place)
                    put_help(&w, g); /* it speaks of what is there */
            }
        }
        put_more(&w, d->errors - d->repeated, d->max_errors, "error");
        put_more(&w, d->others, d->max_errors, "warning");
    }
    if (w.cap > 0)
        w.buf[w.n < w.cap ? w.n : w.cap - 1] = '\0';
    return w.n;
}
