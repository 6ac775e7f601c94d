/* spell.c: see spell.h. */
#include "spell.h"

#include <stdio.h>

size_t spell_utf8(const char *s, size_t n, uint32_t *code_point) {
    const unsigned char *p = (const unsigned char *)s;
    size_t length = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 0;
    if (length == 0 || length > n)
        return 0;
    uint32_t c = length == 1 ? p[0] : p[0] & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3F);
    }
    int overlong = (length == 3 && c < 0x800) || (length == 4 && c < 0x10000);
    if (overlong || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
        return 0;
    *code_point = c;
    return length;
}

int spell_is_shown(uint32_t c) {
    static const struct {
        uint32_t first, last;
    } hidden[] = {{0, 0x1F}, {0x7F, 0x9F}, {0xAD, 0xAD}, {0x34F, 0x34F}, {0x61C, 0x61C}, {0x115F, 0x1160}, {0x17B4, 0x17B5},
                  {0x180B, 0x180F}, {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164}, {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0},
                  {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (c >= hidden[i].first && c <= hidden[i].last)
            return 0;
    return (c & 0xFFFEu) != 0xFFFEu; /* no character */
}

size_t spell_char(char out[SPELL_SIZE], const char *s, size_t n, int ascii) {
    uint32_t point = 0;
    size_t length = spell_utf8(s, n, &point);
    if (*s == '\t' || *s == '\n')
        snprintf(out, SPELL_SIZE, "\\%c", *s == '\t' ? 't' : 'n');
    else if (length == 0 || point < 0x20 || point == 0x7F)
        snprintf(out, SPELL_SIZE, "\\x%02x", (unsigned)(unsigned char)*s);
    else if (point >= 0x80 && (ascii || !spell_is_shown(point)))
        snprintf(out, SPELL_SIZE, "\\u{%x}", (unsigned)point);
    else
        snprintf(out, SPELL_SIZE, "%.*s", (int)length, s);
    return length ? length : 1;
}
