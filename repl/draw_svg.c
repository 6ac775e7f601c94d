/* draw_svg.c: a figure as SVG. In: a figure, the size. Out: one XML document that needs nothing else: text stays text, what is
 * pointed at says what it is, and the colours are those that the reader prefers, light or dark. The same input gives the same
 * bytes. */
#include "draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "letters.h"
#include "memory.h"
#include "page.h"

/* ---- XML --------------------------------------------------------------------------------------- */

static void put_escaped(FILE *f, const char *text)
{
    for (uint32_t c; (c = letters_next(&text)) != 0;) {
        char bytes[5];
        letters_put(bytes, c);
        fputs(c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : bytes, f);
    }
}

/* Hundredths of a pixel, without zeros that say nothing. */
static void put_number(FILE *f, double v)
{
    char buf[32];
    snprintf(buf, sizeof buf, "%.2f", v);
    size_t n = strlen(buf);
    while (buf[n - 1] == '0') {
        buf[--n] = 0;
    }
    n -= buf[n - 1] == '.';
    buf[n] = 0;
    fputs(strcmp(buf, "-0") == 0 ? "0" : buf, f);
}

static void put_attribute(FILE *f, const char *name, double v)
{
    fprintf(f, " %s=\"", name);
    put_number(f, v);
    fputc('"', f);
}

/* ---- the canvas -------------------------------------------------------------------------------- */

static void svg_group(void *to, pen p, const char *title)
{
    const pen_style *s = &pen_styles[p.kind];
    fprintf(to, "<g class=\"%s", s->name);
    if (s->of_curve) {
        fprintf(to, " c%d", pen_color_of(p));
    }
    if (s->of_curve && s->stroke > 0) {
        fprintf(to, " d%d", pen_dash_of(p));
    }
    fputs("\">", to);
    if (title) {
        fputs("<title>", to);
        put_escaped(to, title);
        fputs("</title>", to);
    }
}

static void svg_end(void *to)
{
    fputs("</g>\n", to);
}

static void put_points(FILE *f, size_t n, const double *xy)
{
    fputs(" points=\"", f);
    for (size_t i = 0; i < n; i++) {
        if (i) {
            fputc(' ', f);
        }
        put_number(f, xy[2 * i]);
        fputc(',', f);
        put_number(f, xy[2 * i + 1]);
    }
    fputs("\"/>", f);
}

static void svg_line(void *to, size_t n, const double *xy)
{
    if (n > 2) {
        fputs("<polyline", to);
        put_points(to, n, xy);
        return;
    }
    fputs("<line", to);
    put_attribute(to, "x1", xy[0]);
    put_attribute(to, "y1", xy[1]);
    put_attribute(to, "x2", xy[2]);
    put_attribute(to, "y2", xy[3]);
    fputs("/>", to);
}

static void svg_rect(void *to, double x, double y, double w, double h, double round)
{
    fputs("<rect", to);
    put_attribute(to, "x", x);
    put_attribute(to, "y", y);
    put_attribute(to, "width", w);
    put_attribute(to, "height", h);
    if (round > 0) {
        put_attribute(to, "rx", round);
    }
    fputs("/>", to);
}

static void svg_circle(void *to, double x, double y, double r)
{
    fputs("<circle", to);
    put_attribute(to, "cx", x);
    put_attribute(to, "cy", y);
    put_attribute(to, "r", r);
    fputs("/>", to);
}

static void svg_text(void *to, double x, double y, int anchor, const char *text)
{
    fputs("<text", to);
    put_attribute(to, "x", x);
    put_attribute(to, "y", y);
    fputs(anchor == ANCHOR_END ? " text-anchor=\"end\">" : anchor == ANCHOR_MIDDLE ? " text-anchor=\"middle\">" : ">", to);
    put_escaped(to, text);
    fputs("</text>", to);
}

static const canvas_ops svg_ops = {svg_group, svg_end, svg_line, svg_rect, svg_circle, svg_text};

/* ---- the style --------------------------------------------------------------------------------- */

/* What does not depend on the ground. */
static void put_shapes(FILE *f, const figure *fig)
{
    fputs("svg{font-family:system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,\"DejaVu Sans\",sans-serif;"
          "font-variant-numeric:tabular-nums}\n", f);
    for (int i = 0; i < PENS; i++) {
        const pen_style *s = &pen_styles[i];
        fprintf(f, ".%s{", s->name);
        if (s->size > 0) {
            fprintf(f, "font-size:%gpx%s", s->size, s->bold ? ";font-weight:600" : "");
        } else if (s->stroke > 0) {
            fprintf(f, "fill:none;stroke-width:%g%s", s->stroke, s->of_curve ? ";stroke:currentColor;stroke-linejoin:round;stroke-linecap:round" : "");
        } else {
            fputs(s->of_curve ? "fill:currentColor" : "stroke:none", f);
        }
        if (s->alpha < 1) {
            fprintf(f, ";fill-opacity:%g", s->alpha);
        }
        fputs("}\n", f);
    }
    for (size_t i = 1; i < fig->ncurves && i < PEN_COLORS; i++) {
        fprintf(f, ".curve.d%zu{stroke-linecap:butt;stroke-dasharray:", i);
        for (size_t k = 0; pen_dashes[i][k] > 0; k++) {
            fprintf(f, "%s%g", k ? " " : "", pen_dashes[i][k]);
        }
        fputs("}\n", f);
    }
}

static void put_colors(FILE *f, const figure *fig, int dark)
{
    for (int i = 0; i < PENS; i++) {
        const pen_style *s = &pen_styles[i];
        if (!s->of_curve) {
            fprintf(f, ".%s{%s:#%06x}", s->name, s->stroke > 0 ? "stroke" : "fill", (unsigned)(dark ? s->dark : s->light));
        }
    }
    for (size_t i = 0; i < fig->ncurves && i < PEN_COLORS; i++) {
        fprintf(f, ".c%zu{color:#%06x}", i, (unsigned)(dark ? pen_colors[i].dark : pen_colors[i].light));
    }
    fputc('\n', f);
}

static void put_head(FILE *f, const figure *fig, int width, int height)
{
    char *description = page_description(fig);
    fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"", width, height, width,
            height);
    put_escaped(f, description);
    fputs("\">\n<style>\n", f);
    put_shapes(f, fig);
    put_colors(f, fig, 0);
    fputs("@media(prefers-color-scheme:dark){\n", f);
    put_colors(f, fig, 1);
    fputs("}\n</style>\n", f);
    free(description);
}

/* The head has numbers that are known only after the figure is measured, so that the shapes are kept until then. */
int draw_svg(figure *f, const cli_options *o, FILE *out)
{
    backend_buffer shapes = {0};
    int width, height;
    FILE *body = memory_open(&shapes);
    if (!body) {
        return CLI_IO;
    }
    canvas c = {&svg_ops, body};
    page_size(f, o, &width, &height);
    int code = memory_close(body, &shapes, page_draw(f, width, height, &c));
    if (code == CLI_OK) {
        put_head(out, f, width, height);
        fwrite(shapes.at, 1, shapes.n, out);
        fputs("</svg>\n", out);
    }
    buffer_free(&shapes);
    return code;
}
