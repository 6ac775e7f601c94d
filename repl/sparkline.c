/* sparkline.c: see sparkline.h. */
#include "sparkline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "api.h"
#include "cli_io.h"
#include "commands.h"
#include "curve.h"
#include "program.h"
#include "ticks.h"

#define MOST_TEXT 20000  /* bytes of a text that is still compiled at each key */
#define CURVE 48         /* cells of a curve at most */
#define SAMPLES 16       /* steps that a cell looks at */
#define SLOW_MS 40.0     /* what takes longer is not done again ... */
#define REST 20          /* ... before so many times as long have passed */

static struct {
    char *shown;   /* what the last call returned */
    char *curve;   /* the last curve, without codes: cells, and what they are */
    size_t cells;  /* bytes of these */
    char *text;    /* what the last call was for */
    int width;
    double free_at; /* before this time nothing is computed */
} memory;

static void set(char **slot, char *value)
{
    free(*slot);
    *slot = value;
}

void sparkline_forget(void)
{
    set(&memory.text, NULL);
    set(&memory.curve, NULL);
    memory.free_at = 0;
}

void sparkline_free(void)
{
    sparkline_forget();
    set(&memory.shown, NULL);
}

/* ---- the curve --------------------------------------------------------------------------------- */

typedef struct samples {
    int n;
    double high[CURVE];
    double low, peak; /* of the finite ones */
    int others;       /* there are values that are not finite */
    int64_t last;
} samples;

/* The greatest of an even choice of steps in each cell: a spike of a few steps in millions may be missed here. */
static void sample(samples *out, const curve *c, const lrs_state *state, int cells)
{
    range r = curve_default_range(c);
    uint64_t steps = (uint64_t)r.last + 1;
    out->n = steps < (uint64_t)cells ? (int)steps : cells;
    out->others = 0;
    out->last = r.last;
    out->peak = -INFINITY;
    out->low = INFINITY;
    for (int i = 0; i < out->n; i++) {
        uint64_t first = (uint64_t)((double)steps * i / out->n), end = (uint64_t)((double)steps * (i + 1) / out->n);
        uint64_t wide = end > first ? end - first : 1, stride = wide / SAMPLES + 1;
        out->high[i] = NAN;
        for (uint64_t at = first; at < first + wide; at += stride) {
            double v = lrs_value(c->plan, state, c->output, (int64_t)at);
            out->others |= !isfinite(v);
            if (isfinite(v)) {
                out->high[i] = isnan(out->high[i]) || v > out->high[i] ? v : out->high[i];
                out->peak = v > out->peak ? v : out->peak;
                out->low = v < out->low ? v : out->low;
            }
        }
    }
}

static void put_cells(char *buf, size_t cap, const samples *s, int ascii)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const letters[] = {"_", ".", ":", "-", "=", "+", "*", "#"};
    double low = s->low > 0 ? 0 : s->low, reach = s->peak / 2 - low / 2; /* halves: their difference is a double */
    size_t n = 0;
    for (int i = 0; i < s->n; i++) {
        double part = reach > 0 ? (s->high[i] / 2 - low / 2) / reach : 0; /* a level curve is at the bottom */
        int level = isnan(s->high[i]) ? -1 : (int)(part * 7 + 0.5);
        const char *cell = level < 0 ? " " : (ascii ? letters : blocks)[level];
        n += (size_t)snprintf(buf + n, cap - n, "%s", cell);
    }
}

/* The curve of a compiled program; none: its params have no values. */
static void draw_curve(const lrs_program *q, int width, int ascii)
{
    set(&memory.curve, NULL);
    curve c = {.program = (lrs_program *)(uintptr_t)q};
    size_t output = 0;
    lrs_state *state = NULL;
    char cells[4 * CURVE + 1] = "", peak[32];
    c.outputs = &output;
    c.noutputs = 1;
    if (lrs_bind(&c.plan, q, NULL, 0, NULL, 0) == LRS_OK && lrs_state_new(&state, c.plan) == LRS_OK) {
        samples s;
        int room = width - 40;
        sample(&s, &c, state, room > CURVE ? CURVE : room < 4 ? 4 : room);
        put_cells(cells, sizeof cells, &s, ascii);
        ticks_number(peak, sizeof peak, s.peak);
        memory.cells = isfinite(s.peak) ? strlen(cells) : 0;
        char *most = memory.cells ? cli_printf("%s  max %s%s", cells, peak, s.others ? ", not all finite" : "") : cli_strdup("no value is finite");
        set(&memory.curve, cli_printf("%s, %lld %s%s", most, (long long)s.last, curve_unit(&c), s.last == 1 ? "" : "s"));
        free(most);
    }
    lrs_state_free(state, c.plan);
    lrs_plan_free(c.plan);
}

/* ---- the line ---------------------------------------------------------------------------------- */

/* Cut to so many columns. */
static char *cut(const char *text, int width)
{
    size_t n = 0;
    for (int columns = 0; text[n] && (columns < width || ((unsigned char)text[n] & 0xc0) == 0x80); n++) {
        columns += ((unsigned char)text[n + 1] & 0xc0) != 0x80;
    }
    return cli_printf("%.*s", (int)n, text);
}

static const char *show(char *plain, int width, const char *code, int color)
{
    char *fits = cut(plain, width);
    free(plain);
    set(&memory.shown, color && *code ? cli_printf("%s%s\033[0m", code, fits) : cli_strdup(fits));
    free(fits);
    return memory.shown;
}

/* The curve that still holds, and what keeps the text from being one. */
static const char *show_trouble(const lrs_diagnostics *d, int width, int color, int ascii)
{
    const char *message = "";
    for (const diag *g = d ? d->first : NULL; g && !*message; g = g->next) {
        message = g->severity == LRS_ERROR ? g->message : "";
    }
    char *cells = cli_printf("%.*s", memory.curve ? (int)memory.cells : 0, memory.curve ? memory.curve : "");
    char *plain = cli_printf("%s%s%s", cells, *cells ? "  " : "", message);
    free(cells);
    for (char *p = plain; ascii && *p; p++) {
        *p = (unsigned char)*p < 0x80 ? *p : '?';
    }
    return show(plain, width, "\033[2m", color);
}

static const char *show_value(const session_result *r, int width, int color)
{
    char number[LRS_NUMBER_TEXT];
    lrs_number_text(number, r->value);
    if (r->type == SESSION_TRUTH) {
        return show(cli_printf("= %s", r->value != 0 ? "true" : "false"), width, "\033[32m", color);
    }
    return show(cli_printf("= %s%s%s", number, r->type == SESSION_TIME ? " " : "", r->type == SESSION_TIME ? r->unit : ""), width, "\033[32m", color);
}

static int is_blank(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!strchr(" \t\n", text[i])) {
            return 0;
        }
    }
    return 1;
}

static const char *show_curve(int width, int color)
{
    return memory.curve ? show(cli_strdup(memory.curve), width, "\033[36m", color) : NULL;
}

/* An empty line shows the session as it is. */
static void draw_session(const session *s, int width, int ascii)
{
    session_origin at = {"<session>", "", 0, 0, 0};
    session_result r;
    char *text = session_text(s);
    at.text = text;
    at.n = strlen(text);
    session_check(s, &at, &r);
    if (r.compiled) {
        draw_curve(r.compiled, width, ascii);
    } else {
        set(&memory.curve, NULL);
    }
    session_result_free(&r);
    free(text);
}

static const char *draw(const session *s, const char *text, size_t n, int width, int ascii, int color)
{
    session_origin at = {"<input>", text, n, 0, 0};
    session_result r;
    const char *line = NULL;
    session_try(s, &at, n, &r);
    if (r.kind == SESSION_CHANGED && r.compiled) {
        draw_curve(r.compiled, width, ascii);
        line = show_curve(width, color);
    } else if (r.kind == SESSION_VALUE) {
        line = show_value(&r, width, color);
    } else if (r.kind == SESSION_ERROR) {
        line = show_trouble(r.diagnostics, width, color, ascii);
    }
    session_result_free(&r);
    return line;
}

const char *sparkline(const session *s, const char *text, size_t n, int width, int ascii, int color)
{
    double now = cli_clock_ms();
    if (is_command(text)) {
        return NULL;
    }
    if (memory.text && memory.width == width && strlen(memory.text) == n && strncmp(memory.text, text, n) == 0) {
        return memory.shown && *memory.shown ? memory.shown : NULL;
    }
    if (n > MOST_TEXT || now < memory.free_at) {
        set(&memory.text, NULL); /* what is shown from now on is not of that text */
        return show_curve(width, color);
    }
    set(&memory.text, cli_printf("%.*s", (int)n, text));
    memory.width = width;
    const char *line;
    if (is_blank(text, n)) {
        if (session_has_schedule(s)) {
            draw_session(s, width, ascii);
        }
        line = show_curve(width, color);
    } else {
        line = draw(s, text, n, width, ascii, color);
    }
    if (!line) {
        set(&memory.shown, cli_strdup(""));
    }
    double took = cli_clock_ms() - now;
    memory.free_at = took > SLOW_MS ? now + took * REST : 0;
    return line;
}
