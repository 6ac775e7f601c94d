/* json.c: see json.h. */
#include "json.h"

#include <math.h>
#include "spell.h"
#include "letters.h"

static void put_unit(FILE *f, uint32_t unit)
{
    fprintf(f, "\\u%04x", (unsigned)unit);
}

void json_string(FILE *f, const char *text)
{
    fputc('"', f);
    while (*text) {
        uint32_t c;
        size_t n = spell_utf8(text, LETTERS_MOST, &c);
        c = n ? c : 0xfffd;
        if (c == '"' || c == '\\') {
            fprintf(f, "\\%c", (int)c);
        } else if (n && spell_is_shown(c)) {
            fwrite(text, 1, n, f);
        } else if (c < 0x10000) {
            put_unit(f, c);
        } else { /* as UTF-16 has it */
            put_unit(f, 0xd800 + ((c - 0x10000) >> 10));
            put_unit(f, 0xdc00 + (c & 0x3ff));
        }
        text += n ? n : 1;
    }
    fputc('"', f);
}

void json_number(FILE *f, double v)
{
    if (isfinite(v)) {
        fprintf(f, "%.17g", v);
    } else {
        fputs("null", f);
    }
}

void json_member(FILE *f, const char *name, double v)
{
    fprintf(f, ", \"%s\": ", name);
    json_number(f, v);
}
