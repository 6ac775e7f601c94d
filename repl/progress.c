/* progress.c: see progress.h. */
#include "progress.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli_io.h"

#define PATIENCE_MS 1000.0 /* before a bar appears */
#define REDRAW_MS 100.0
#define BAR 30

static volatile sig_atomic_t stop;

static struct {
    const char *what;
    uint64_t total;
    double begun, drawn; /* when */
    int shown, possible;
} bar;

void progress_begin(const char *what, uint64_t total)
{
    const char *term = getenv("TERM");
    bar.what = what;
    bar.total = total;
    bar.begun = cli_clock_ms();
    bar.drawn = bar.begun + PATIENCE_MS - REDRAW_MS;
    bar.shown = 0;
    bar.possible = isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

static void draw(uint64_t done, double now)
{
    double part = bar.total ? (double)done / (double)bar.total : 1;
    part = part > 1 ? 1 : part;
    int full = (int)(part * BAR);
    double left = part > 0 ? (now - bar.begun) * (1 - part) / part / 1000 : 0;
    fprintf(stderr, "\r%s [%.*s%*s] %3.0f %%, %.0f s left \033[K", bar.what, full, "##############################", BAR - full, "",
            part * 100, left);
    fflush(stderr);
    bar.shown = 1;
    bar.drawn = now;
}

int progress_at(uint64_t done)
{
    if (bar.possible) {
        double now = cli_clock_ms();
        if (now - bar.drawn >= REDRAW_MS) {
            draw(done, now);
        }
    }
    return stop != 0;
}

void progress_end(void)
{
    if (bar.shown) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        bar.shown = 0;
    }
}

void progress_stop(void)
{
    stop = 1;
}

int progress_stopped(void)
{
    return stop != 0;
}

void progress_resume(void)
{
    stop = 0;
}
