/* letters.c: see letters.h. */
#include "letters.h"

#include <stdlib.h>
#include <string.h>
#include "cli_io.h"
#include "spell.h"

uint32_t letters_next(const char **p)
{
    uint32_t c;
    size_t n = spell_utf8(*p, LETTERS_MOST, &c);
    if (n && c == 0) {
        return 0;
    }
    *p += n ? n : 1;
    return n && (c == '\t' || c == '\n' || c == '\r') ? ' ' : n && spell_is_shown(c) ? c : '?';
}

size_t letters_put(char buf[5], uint32_t c)
{
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint32_t heads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    buf[n] = 0;
    for (size_t i = n - 1; i > 0; i--) {
        buf[i] = (char)(0x80 | (c & 63));
        c >>= 6;
    }
    buf[0] = (char)(heads[n] | c);
    return n;
}

static char *clean(const char *text, int keeps_lines)
{
    char *out = cli_alloc(4 * strlen(text) + 5);
    size_t n = 0;
    for (;;) {
        char first = *text;
        uint32_t c = letters_next(&text);
        if (c == 0) {
            return out;
        }
        n += letters_put(out + n, keeps_lines && (first == '\n' || first == '\t') ? (uint32_t)first : c);
    }
}

char *letters_clean(const char *text)
{
    return clean(text, 0);
}

char *letters_clean_lines(const char *text)
{
    return clean(text, 1);
}

int letters_are_clean(const char *text)
{
    char *shown = letters_clean(text);
    int same = strcmp(shown, text) == 0;
    free(shown);
    return same;
}
