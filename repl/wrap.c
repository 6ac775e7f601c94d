/* wrap.c: see wrap.h. */
#include "wrap.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Of the terminal; SIZE_MAX: a stream has no width. */
static size_t width(void)
{
    struct winsize size;
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : SIZE_MAX;
}

/* The length of the part up to the next run of so many blanks, or to the end. */
static size_t part_of(const char *s, size_t least)
{
    size_t n = 0;
    while (s[n]) {
        size_t blanks = strspn(s + n, " ");
        if (n > 0 && blanks >= least) {
            break;
        }
        n += blanks ? blanks : strcspn(s + n, " ");
    }
    return n;
}

static size_t code_points(const char *s, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        count += ((unsigned char)s[i] & 0xc0) != 0x80;
    }
    return count;
}

void wrap_put(const char *line, size_t indent, size_t least)
{
    size_t most = width(), column = 0;
    indent = indent + 16 < most ? indent : 2; /* a few words beside it */
    while (*line) {
        size_t blanks = column ? strspn(line, " ") : 0, n = part_of(line + blanks, least);
        size_t wide = code_points(line + blanks, n);
        if (column && column + blanks + wide > most) {
            printf("\n%*s", (int)indent, "");
            column = indent + wide;
            line += blanks;
        } else {
            column += blanks + wide;
            n += blanks;
        }
        fwrite(line, 1, n, stdout);
        line += n;
    }
    putchar('\n');
}
