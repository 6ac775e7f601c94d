/* plot.c: `lrsc plot`. In: the options. Out: the figure that they ask for, on standard output. */
#include "plot.h"

#include "cli_io.h"
#include "draw.h"

int lrs_plot(const cli_options *o)
{
    figure f;
    int code = figure_open(&f, o);
    code = code ? code : draw_terminal(&f, o, stdout);
    figure_close(&f);
    return cli_finish_stdout(code);
}
