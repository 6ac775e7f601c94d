/* canvas_cairo.c: the module lrs-cairo.so, the only part that is linked with cairo: a canvas for PNG and PDF, on light ground.
 * In: shapes. Out: the bytes of a file. May call cairo, and the table of pens. */
#include <cairo-pdf.h>
#include <cairo.h>
#include <fontconfig/fontconfig.h>
#include <stdlib.h>
#include <string.h>
#include "canvas.h"

typedef struct surface {
    cairo_surface_t *surface;
    cairo_t *cr;
    int pdf;
    pen pen;
    /* where the bytes of a PDF go when it is closed */
    unsigned char *data;
    size_t n, cap;
    int failed;
} surface;

/* ---- shapes ------------------------------------------------------------------------------------ */

static void set_color(cairo_t *cr, uint32_t c, double alpha)
{
    cairo_set_source_rgba(cr, (c >> 16 & 255) / 255.0, (c >> 8 & 255) / 255.0, (c & 255) / 255.0, alpha);
}

static void surface_group(void *to, pen p, const char *title)
{
    surface *s = to;
    const pen_style *style = &pen_styles[p.kind];
    (void)title; /* nobody points at paper */
    s->pen = p;
    set_color(s->cr, style->of_curve ? pen_colors[pen_color_of(p)].light : style->light, style->alpha);
    if (style->stroke > 0) {
        const double *dashes = pen_dashes[style->of_curve ? pen_dash_of(p) : 0];
        int n = 0;
        while (dashes[n] > 0) {
            n++;
        }
        cairo_set_line_width(s->cr, style->stroke);
        cairo_set_dash(s->cr, dashes, n, 0);
        cairo_set_line_join(s->cr, CAIRO_LINE_JOIN_ROUND);
        cairo_set_line_cap(s->cr, style->of_curve && n == 0 ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT);
    }
    if (style->size > 0) {
        cairo_select_font_face(s->cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, style->bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
        cairo_set_font_size(s->cr, style->size);
    }
}

static void surface_end(void *to)
{
    (void)to;
}

static void surface_line(void *to, size_t n, const double *xy)
{
    surface *s = to;
    cairo_move_to(s->cr, xy[0], xy[1]);
    for (size_t i = 1; i < n; i++) {
        cairo_line_to(s->cr, xy[2 * i], xy[2 * i + 1]);
    }
    cairo_stroke(s->cr);
}

#define PI 3.14159265358979323846

static void surface_rect(void *to, double x, double y, double w, double h, double r)
{
    cairo_t *cr = ((surface *)to)->cr;
    r = r > w / 2 ? w / 2 : r;
    r = r > h / 2 ? h / 2 : r;
    if (r > 0) {
        cairo_new_sub_path(cr);
        cairo_arc(cr, x + w - r, y + r, r, -PI / 2, 0);
        cairo_arc(cr, x + w - r, y + h - r, r, 0, PI / 2);
        cairo_arc(cr, x + r, y + h - r, r, PI / 2, PI);
        cairo_arc(cr, x + r, y + r, r, PI, 3 * PI / 2);
        cairo_close_path(cr);
    } else {
        cairo_rectangle(cr, x, y, w, h);
    }
    cairo_fill(cr);
}

static void surface_circle(void *to, double x, double y, double r)
{
    cairo_t *cr = ((surface *)to)->cr;
    cairo_arc(cr, x, y, r, 0, 2 * PI);
    cairo_fill(cr);
}

static void surface_text(void *to, double x, double y, int anchor, const char *text)
{
    surface *s = to;
    cairo_text_extents_t e;
    cairo_text_extents(s->cr, text, &e);
    cairo_move_to(s->cr, anchor == ANCHOR_END ? x - e.x_advance : anchor == ANCHOR_MIDDLE ? x - e.x_advance / 2 : x, y);
    cairo_show_text(s->cr, text);
}

static const canvas_ops surface_ops = {surface_group, surface_end, surface_line, surface_rect, surface_circle, surface_text};

/* ---- files ------------------------------------------------------------------------------------- */

static cairo_status_t keep(void *ctx, const unsigned char *data, unsigned n)
{
    surface *s = ctx;
    if (s->cap - s->n < n) {
        size_t cap = 2 * s->cap + n + 65536;
        unsigned char *p = realloc(s->data, cap);
        if (!p) {
            s->failed = 1;
            return CAIRO_STATUS_NO_MEMORY;
        }
        s->data = p;
        s->cap = cap;
    }
    memcpy(s->data + s->n, data, n);
    s->n += n;
    return CAIRO_STATUS_SUCCESS;
}

static void drop(surface *s)
{
    cairo_destroy(s->cr);
    cairo_surface_destroy(s->surface);
    free(s->data);
    free(s);
}

static void *surface_open(canvas *c, int pdf, double width, double height, double scale, const char *title, const char **error)
{
    surface *s = calloc(1, sizeof *s);
    if (!s) {
        *error = cairo_status_to_string(CAIRO_STATUS_NO_MEMORY);
        return NULL;
    }
    s->pdf = pdf;
    if (pdf) {
        s->surface = cairo_pdf_surface_create_for_stream(keep, s, width, height);
        /* The same picture is the same file: the time of day is not written. */
        cairo_pdf_surface_set_metadata(s->surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
        cairo_pdf_surface_set_metadata(s->surface, CAIRO_PDF_METADATA_TITLE, title);
        cairo_pdf_surface_set_metadata(s->surface, CAIRO_PDF_METADATA_CREATOR, "lrsc");
    } else {
        s->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)(width * scale + 0.5), (int)(height * scale + 0.5));
        cairo_surface_set_device_scale(s->surface, scale, scale);
    }
    s->cr = cairo_create(s->surface);
    if (cairo_status(s->cr) != CAIRO_STATUS_SUCCESS) {
        *error = cairo_status_to_string(cairo_status(s->cr));
        drop(s);
        return NULL;
    }
    cairo_font_options_t *fonts = cairo_font_options_create();
    cairo_font_options_set_antialias(fonts, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(fonts, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(fonts, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(s->cr, fonts);
    cairo_font_options_destroy(fonts);
    *c = (canvas){&surface_ops, s};
    return s;
}

static const char *surface_close(void *to, cairo_write write, void *ctx)
{
    surface *s = to;
    cairo_status_t status = cairo_status(s->cr);
    if (status == CAIRO_STATUS_SUCCESS && s->pdf) {
        cairo_surface_finish(s->surface);
        status = cairo_surface_status(s->surface);
    } else if (status == CAIRO_STATUS_SUCCESS) {
        status = cairo_surface_write_to_png_stream(s->surface, keep, s);
    }
    const char *error = s->failed ? cairo_status_to_string(CAIRO_STATUS_NO_MEMORY) : status != CAIRO_STATUS_SUCCESS ? cairo_status_to_string(status) : NULL;
    if (!error && s->n > 0 && write(ctx, s->data, (unsigned)s->n) != 0) {
        error = cairo_status_to_string(CAIRO_STATUS_WRITE_ERROR);
    }
    drop(s);
    cairo_debug_reset_static_data(); /* what the two keep for a next picture is leaks to those who look for them */
    FcFini();
    return error;
}

__attribute__((visibility("default"))) const cairo_table *lrs_cairo(void);

const cairo_table *lrs_cairo(void)
{
    static cairo_table table = {CAIRO_ABI, NULL, surface_open, surface_close};
    table.version = cairo_version_string();
    return &table;
}
