/* plot.c: `lrsc plot`. In: the options. Out: the figure that they ask for, in the terminal or in a file, which is written
 * whole or not at all. */
#include "plot.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli_io.h"
#include "draw.h"
#include "memory.h"
#include "page.h"

static const struct {
    int (*draw)(figure *f, const cli_options *o, FILE *out);
    int pixels; /* --width and --height are in pixels */
    int binary;
} kinds[PICTURE_KINDS] = {
    [PICTURE_TEXT] = {draw_terminal, 0, 0}, [PICTURE_SVG] = {draw_svg, 1, 0},  [PICTURE_PNG] = {draw_png, 1, 1},
    [PICTURE_PDF] = {draw_pdf, 1, 1},       [PICTURE_HTML] = {draw_html, 1, 0}, [PICTURE_CSV] = {draw_csv, 1, 0},  [PICTURE_JSON] = {draw_json, 1, 0},
};

static int is_stdout(const cli_options *o)
{
    return !o->out || strcmp(o->out, "-") == 0;
}

/* The name is that of -o, or of :export. */
static int refuse_suffix(const char *name, const char *suffix)
{
    char list[128] = "";
    for (size_t i = 0; i < PICTURE_KINDS; i++) {
        snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? " " : "", picture_kinds[i].suffix);
    }
    if (*suffix) {
        cli_error("the suffix '%s' of '%s' does not say what to draw", suffix, name);
    } else {
        cli_error("'%s' has no suffix that says what to draw", name);
    }
    cli_note("use one of %s, or say it with --format", list);
    return CLI_USAGE;
}

/* What to draw; -1 with the message printed. */
static int choose_kind(const cli_options *o)
{
    if (o->picture >= 0 || is_stdout(o)) {
        return o->picture >= 0 ? o->picture : PICTURE_TEXT;
    }
    const char *base = figure_base_name(o->out), *dot = strrchr(base, '.');
    const char *suffix = dot && dot > base ? dot : "";
    for (int i = 0; i < PICTURE_KINDS; i++) {
        if (strcmp(picture_kinds[i].suffix, suffix) == 0) {
            return i;
        }
    }
    refuse_suffix(o->out, suffix);
    return -1;
}

static int check_side(const char *option, int v, int least, int most, const char *unit)
{
    if (v && (v < least || v > most)) {
        cli_error("%s takes a whole number of %s from %d to %d here, not %d", option, unit, least, most, v);
        return CLI_USAGE;
    }
    return CLI_OK;
}

static int check_size(const cli_options *o, int pixels)
{
    int code = pixels ? check_side("--width", o->width, PAGE_LEAST, PAGE_MOST, "pixels") : check_side("--width", o->width, 20, 1000, "columns");
    return code ? code : pixels ? check_side("--height", o->height, PAGE_LEAST, PAGE_MOST, "pixels") : check_side("--height", o->height, 2, 500, "rows");
}

/* Draws into memory, then writes. */
static int draw_to_file(figure *f, const cli_options *o, int kind)
{
    backend_buffer data = {0};
    FILE *memory = memory_open(&data);
    if (!memory) {
        return CLI_IO;
    }
    int code = memory_close(memory, &data, kinds[kind].draw(f, o, memory));
    if (code == CLI_OK) {
        code = cli_write_all(&(cli_output){.path = is_stdout(o) ? "-" : o->out, .data = data.at, .n = data.n}, 1);
    }
    buffer_free(&data);
    return code;
}

static int is_file(const char *path, const struct stat *file)
{
    struct stat other;
    return path && stat(path, &other) == 0 && other.st_dev == file->st_dev && other.st_ino == file->st_ino;
}

/* A picture in the place of what it is drawn from would lose that. */
static int refuse_input(const cli_options *o)
{
    struct stat out;
    if (is_stdout(o) || stat(o->out, &out) != 0 || !S_ISREG(out.st_mode)) {
        return CLI_OK;
    }
    int same = is_file(o->metrics, &out);
    for (size_t i = 0; i < o->files.n; i++) {
        same |= is_file(o->files.at[i], &out);
    }
    if (same) {
        cli_error("the picture in '%s' would write over what it is drawn from", o->out);
        return CLI_USAGE;
    }
    return CLI_OK;
}

int lrs_plot(const cli_options *o)
{
    figure f;
    int kind = choose_kind(o);
    if (kind < 0 || check_size(o, kinds[kind].pixels) != CLI_OK || refuse_input(o) != CLI_OK) {
        return CLI_USAGE;
    }
    if (kinds[kind].binary && !o->out && isatty(STDOUT_FILENO)) {
        cli_error("a %s is not written to a terminal: give -o FILE", picture_kinds[kind].name);
        return CLI_USAGE;
    }
    int code = figure_open(&f, o);
    if (code == CLI_OK) {
        code = kind == PICTURE_TEXT && is_stdout(o) ? draw_terminal(&f, o, stdout) : draw_to_file(&f, o, kind);
    }
    figure_close(&f);
    return cli_finish_stdout(code);
}
