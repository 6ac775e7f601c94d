/* terminal.c: see terminal.h. */
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "highlight.h"

int terminal_has_editor(void)
{
    return 0;
}

int terminal_run(repl *r)
{
    (void)r;
    return CLI_OK;
}

const char *repl_editing(void)
{
    return "none";
}

void terminal_remember(repl *r, const char *entry, size_t n)
{
    while (n > 0 && strchr(" \t\r\n", entry[n - 1])) {
        n--;
    }
    char *text = cli_printf("%.*s", (int)n, entry);
    history_add(&r->history, text);
    free(text);
}

void terminal_put_colored(FILE *f, const char *text)
{
    size_t n = strlen(text);
    if (!cli_color(f)) {
        fputs(text, f);
        return;
    }
    unsigned char *inks = cli_alloc(n + 1);
    highlight(inks, text, n);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || inks[i] != inks[i - 1]) {
            fprintf(f, "%s%s", i ? "\033[0m" : "", highlight_codes[inks[i]]);
        }
        fputc(text[i], f);
    }
    fputs(n && inks[n - 1] ? "\033[0m" : "", f);
    free(inks);
}
