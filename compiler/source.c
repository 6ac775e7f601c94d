/* source.c: places in a text.
 * In: a source and byte offsets. Out: lines and columns. Calls nothing of the compiler. */
#include "source.h"

#include <string.h>

void source_position(const source *s, size_t offset, int *line, int *column) {
    if (offset > s->len)
        offset = s->len;
    int lines = s->lines_before + 1;
    size_t begin = 0;
    while (begin < offset) {
        const char *newline = memchr(s->text + begin, '\n', offset - begin);
        if (!newline)
            break;
        begin = (size_t)(newline - s->text) + 1;
        lines++;
    }
    *line = lines;
    *column = (int)(offset - begin) + 1;
}

void source_line(const source *s, size_t offset, size_t *begin, size_t *end) {
    if (offset > s->len)
        offset = s->len;
    size_t from = offset;
    while (from > 0 && s->text[from - 1] != '\n')
        from--;
    const char *newline = offset < s->len ? memchr(s->text + offset, '\n', s->len - offset) : NULL;
    *begin = from;
    *end = newline ? (size_t)(newline - s->text) : s->len;
    if (*end > *begin && s->text[*end - 1] == '\r' && *end - 1 >= offset)
        --*end;
}

span span_join(span a, span b) {
    span joined = a;
    if (b.begin < joined.begin)
        joined.begin = b.begin;
    if (b.end > joined.end)
        joined.end = b.end;
    return joined;
}
