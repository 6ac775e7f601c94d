/* draw_cairo.c: a figure as PNG or PDF. In: a figure, the size. Out: the bytes of the file. May call the module lrs-cairo.so,
 * which is loaded when the first picture needs it, so that nothing else waits for cairo and its libraries. */
#include <stdlib.h>
#include "cli_io.h"
#include "draw.h"
#include "letters.h"
#include "loader.h"
#include "page.h"

#ifndef LRS_HAVE_CAIRO
#define LRS_HAVE_CAIRO 0
#endif

const cairo_table *draw_cairo_table(char *error, size_t error_cap)
{
    static const cairo_table *table;
    static const loader cairo = {"module for PNG and PDF", "lrs-cairo.so", "LRS_CAIRO_PLUGIN", "cairo", "use SVG"};
    char path[PATH_MAX];
    void *handle;
    if (table) {
        return table;
    }
    if (!LRS_HAVE_CAIRO) {
        snprintf(error, error_cap, "lrs was built without cairo (libcairo2-dev), so there is no PNG and no PDF: use SVG");
        return NULL;
    }
    if ((handle = loader_open(&cairo, path, error, error_cap)) == NULL) {
        return NULL;
    }
    const cairo_table *(*entry)(void) = (const cairo_table *(*)(void))loader_function(handle, "lrs_cairo");
    if (!entry || entry()->abi != CAIRO_ABI) {
        loader_refuse(&cairo, path, error, error_cap);
        loader_close(handle);
        return NULL;
    }
    return table = entry(); /* stays loaded until the process ends */
}

void draw_print_cairo(void)
{
    char error[512] = "";
    const cairo_table *cairo = draw_cairo_table(error, sizeof error);
    if (cairo) {
        printf("cairo: %s\n", cairo->version);
    } else {
        printf("cairo: none (%s)\n", error);
    }
}

static int put(void *ctx, const unsigned char *data, unsigned n)
{
    return fwrite(data, 1, n, ctx) != n;
}

static int draw(figure *f, const cli_options *o, FILE *out, int pdf)
{
    char error[2 * PATH_MAX];
    const char *why = NULL;
    int width, height;
    canvas c;
    const cairo_table *cairo = draw_cairo_table(error, sizeof error);
    if (!cairo) {
        cli_error("%s", error);
        return CLI_IO;
    }
    page_size(f, o, &width, &height);
    char *title = letters_clean(f->labels[0]);
    void *to = cairo->open(&c, pdf, width, height, 1, title, &why);
    int code = CLI_OK;
    free(title);
    if (to) {
        code = page_draw(f, width, height, &c);
        why = cairo->close(to, put, out);
    }
    if (why && code == CLI_OK) {
        cli_error("cannot draw a %s: %s", pdf ? "PDF" : "PNG", why);
        return CLI_IO;
    }
    return code;
}

int draw_png(figure *f, const cli_options *o, FILE *out)
{
    return draw(f, o, out, 0);
}

int draw_pdf(figure *f, const cli_options *o, FILE *out)
{
    return draw(f, o, out, 1);
}
