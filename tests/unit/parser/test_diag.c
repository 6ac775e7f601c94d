/* test_diag.c: diagnostics as data, and their renderer; sources and places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "diag.h"
#include "spell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static span at(uint32_t begin, uint32_t end) {
    return (span){0, begin, end, 0};
}

static lrs_diagnostics *list(const char *text, size_t len) {
    lrs_diagnostics *d = diags_new(NULL);
    assert_non_null(d);
    assert_int_equal(diags_add_source(d, "f.lrs", text, len), 0);
    return d;
}

static char rendered[1 << 16];

static const char *render(const lrs_diagnostics *d, unsigned flags) {
    size_t n = lrs_diagnostics_render(d, flags, rendered, sizeof rendered);
    assert_int_equal(n, strlen(rendered));
    return rendered;
}

static void test_places(void **state) {
    (void)state;
    source s = {"x", "ab\ncd\r\n\nlast", 12, 0, 0};
    int line, column;
    size_t begin, end;
    source_position(&s, 0, &line, &column);
    assert_true(line == 1 && column == 1);
    source_position(&s, 2, &line, &column);
    assert_true(line == 1 && column == 3);
    source_position(&s, 3, &line, &column);
    assert_true(line == 2 && column == 1);
    source_position(&s, 12, &line, &column);
    assert_true(line == 4 && column == 5);
    source_position(&s, 99, &line, &column);
    assert_true(line == 4 && column == 5);
    source_line(&s, 4, &begin, &end);
    assert_true(begin == 3 && end == 5); /* without \r */
    source_line(&s, 7, &begin, &end);
    assert_true(begin == 7 && end == 7);
    source_line(&s, 12, &begin, &end);
    assert_true(begin == 8 && end == 12);
    span joined = span_join(at(5, 7), at(2, 6));
    assert_true(joined.begin == 2 && joined.end == 7);
}

static void test_layout(void **state) {
    (void)state;
    lrs_diagnostics *d = list("hold x\nexp y\n", 13);
    diag *g = diag_add(d, DIAG_SYNTAX, at(5, 6), "no %s", "x");
    diag_label(d, g, "here");
    diag_fix(d, g, "z");
    diag_help(d, g, "try");
    diag_note(d, g, at(7, 10), "see");
    diag_add(d, DIAG_NUMBER_TOO_SMALL, at(13, 13), "end");
    assert_string_equal(render(d, 0), "f.lrs:1:6: error: no x [LRS0101]\n"
                                      "    1 | hold x\n"
                                      "      |      ^ here\n"
                                      "      |      z\n"
                                      "      = help: try\n"
                                      "f.lrs:2:1: note: see\n"
                                      "    2 | exp y\n"
                                      "      | ^~~\n"
                                      "f.lrs:3:1: warning: end [LRS0106]\n"
                                      "    3 | \n"
                                      "      | ^\n");
    assert_int_equal(lrs_diagnostics_count(d), 2);
    assert_int_equal(lrs_diagnostics_errors(d), 1);
    lrs_diagnostic got = {.size = sizeof got};
    assert_int_equal(lrs_diagnostics_get(&got, d, 0), LRS_OK);
    assert_int_equal(got.severity, LRS_ERROR);
    assert_int_equal(got.code, 101);
    assert_string_equal(got.message, "no x");
    assert_string_equal(got.file, "f.lrs");
    assert_true(got.begin == 5 && got.end == 6 && got.line == 1 && got.column == 6);
    assert_string_equal(got.fix, "z");
    assert_string_equal(got.help, "try");
    assert_int_equal(lrs_diagnostics_get(&got, d, 2), LRS_E_ARG);
    lrs_diagnostics_free(d);
}

static void test_capacity(void **state) {
    (void)state;
    lrs_diagnostics *d = list("hold x\n", 7);
    diag_add(d, DIAG_SYNTAX, at(5, 6), "no");
    size_t n = strlen(render(d, 0));
    char full[512];
    strcpy(full, rendered);
    for (size_t cap = 0; cap <= n + 1; cap++) {
        char *small = malloc(cap + 1);
        small[cap] = 'Z';
        assert_int_equal(lrs_diagnostics_render(d, 0, small, cap), n);
        assert_int_equal(small[cap], 'Z');
        if (cap > 0) {
            size_t kept = cap - 1 < n ? cap - 1 : n;
            assert_int_equal(small[kept], '\0');
            assert_memory_equal(small, full, kept);
        }
        free(small);
    }
    assert_int_equal(lrs_diagnostics_render(d, 0, NULL, 0), n);
    lrs_diagnostics_free(d);
    assert_int_equal(lrs_diagnostics_render(NULL, 0, full, sizeof full), 0);
    assert_string_equal(full, "");
    lrs_diagnostics_free(NULL);
}

static void test_bytes(void **state) {
    (void)state;
    /* A tab, a control byte, a broken byte, a letter of two bytes, an invisible mark that would turn the line around.
     */
    const char *text = "a\tb\x07 \xff \xc3\xa9 \xe2\x80\xae!";
    lrs_diagnostics *d = list(text, strlen(text));
    diag_add(d, DIAG_SYNTAX, at((uint32_t)strlen(text) - 1, (uint32_t)strlen(text)), "bad \x1b[31m");
    assert_string_equal(render(d, 0), "f.lrs:1:14: error: bad \\x1b[31m [LRS0101]\n"
                                      "    1 | a       b\\x07 \\xff \xc3\xa9 \\u{202e}!\n"
                                      "      |                              ^\n");
    const char *ascii = render(d, LRS_RENDER_ASCII);
    assert_non_null(strstr(ascii, "\\u{e9}"));
    for (const char *s = ascii; *s; s++)
        assert_true((unsigned char)*s < 0x80);
    assert_null(strstr(ascii, "\x1b"));
    assert_non_null(strstr(render(d, LRS_RENDER_COLOR), "\x1b[1;31merror"));
    lrs_diagnostics_free(d);
}

/* What turns the direction of writing, in the text, in its name and in a message (CVE-2021-42574), and what is invisible. */
static void test_directions(void **state) {
    (void)state;
    static const uint32_t hidden[] = {0xAD, 0x34F, 0x115F, 0x1160, 0x3164, 0xFFA0, 0xE0100, 0xE01EF, 0x61C,  0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D,
                                      0x202E, 0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0xFEFF, 0xE0041};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        uint32_t c = hidden[i];
        char letter[5] = {0}, wanted[64], text[16];
        if (c < 0x800)
            snprintf(letter, sizeof letter, "%c%c", (char)(0xC0 | c >> 6), (char)(0x80 | (c & 63)));
        else if (c < 0x10000)
            snprintf(letter, sizeof letter, "%c%c%c", (char)(0xE0 | c >> 12), (char)(0x80 | (c >> 6 & 63)), (char)(0x80 | (c & 63)));
        else
            snprintf(letter, sizeof letter, "%c%c%c%c", (char)(0xF0 | c >> 18), (char)(0x80 | (c >> 12 & 63)), (char)(0x80 | (c >> 6 & 63)), (char)(0x80 | (c & 63)));
        int n = snprintf(text, sizeof text, "a%sb", letter);
        lrs_diagnostics *d = list(text, (size_t)n);
        diag_add(d, DIAG_SYNTAX, at(0, 1), "bad %s", letter);
        const char *all = render(d, 0);
        assert_null(strstr(all, letter));
        snprintf(wanted, sizeof wanted, "| a\\u{%x}b\n", (unsigned)c);
        assert_non_null(strstr(all, wanted));
        snprintf(wanted, sizeof wanted, "bad \\u{%x} [", (unsigned)c);
        assert_non_null(strstr(all, wanted));
        assert_false(spell_is_shown(c));
        lrs_diagnostics_free(d);
    }
    for (const uint32_t *c = (const uint32_t[]){' ', 'a', 0xE9, 0x5D0, 0x627, 0x4E2D, 0x1F600, 0xFE0F, 0}; *c; c++) /* among them letters of Hebrew and Arabic */
        assert_true(spell_is_shown(*c));
}

static void test_window(void **state) {
    (void)state;
    size_t n = 1000000;
    char *text = malloc(n + 1);
    memset(text, 'x', n);
    text[n] = '\0';
    lrs_diagnostics *d = list(text, n);
    for (uint32_t i = 0; i < 5; i++)
        diag_add(d, DIAG_SYNTAX, at((uint32_t)(n / 4 * i), (uint32_t)(n / 4 * i + 5)), "here");
    diag_add(d, DIAG_SYNTAX, at(10, (uint32_t)n), "wide");
    char *line = strtok((char *)(uintptr_t)render(d, 0), "\n");
    for (int i = 0; line; line = strtok(NULL, "\n"), i++) {
        assert_true(strlen(line) < 120);
        if (i % 3 == 2)
            assert_non_null(strchr(line, '^'));
    }
    free(text);
    lrs_diagnostics_free(d);
}

static void test_too_many(void **state) {
    (void)state;
    lrs_diagnostics *d = list("hold x\n", 7);
    for (int i = 0; i < 70; i++) {
        diag *g = diag_add(d, DIAG_SYNTAX, at(5, 6), "no %d", i);
        diag_note(d, g, at(0, 4), "see");
        diag_help(d, g, "help %d", i);
    }
    for (int i = 0; i < 51; i++)
        diag_add(d, DIAG_NUMBER_TOO_SMALL, at(5, 6), "small %d", i);
    assert_int_equal(lrs_diagnostics_errors(d), 70);
    assert_int_equal(lrs_diagnostics_count(d), 100);
    render(d, 0);
    assert_non_null(strstr(rendered, "no 49 "));
    assert_null(strstr(rendered, "no 50 "));
    assert_non_null(strstr(rendered, "too many errors: 20 more are not shown\n"));
    assert_non_null(strstr(rendered, "too many warnings: 1 more is not shown\n"));
    lrs_diagnostics_free(d);
}

static void test_sort(void **state) {
    (void)state;
    lrs_diagnostics *d = list("hold x\n", 7);
    diag_add(d, DIAG_SYNTAX, at(6, 6), "kept first");
    diag **from = d->tail;
    diag_add(d, DIAG_SYNTAX, at(5, 6), "c");
    diag_add(d, DIAG_SYNTAX, at(1, 2), "a");
    diag_add(d, DIAG_SYNTAX, at(5, 6), "d");
    diag_add(d, DIAG_SYNTAX, at(3, 4), "b");
    diags_sort(d, from);
    diag_add(d, DIAG_SYNTAX, at(0, 1), "last");
    static const char *const order[] = {"kept first", "a", "b", "c", "d", "last"};
    for (size_t i = 0; i < 6; i++) {
        lrs_diagnostic got = {.size = sizeof got};
        assert_int_equal(lrs_diagnostics_get(&got, d, i), LRS_OK);
        assert_string_equal(got.message, order[i]);
    }
    lrs_diagnostics_free(d);
}

static void test_did_you_mean(void **state) {
    (void)state;
    static const char *const names[] = {"linear", "cosine", "exp", "poly", "sqrt", "invsqrt", "u", "torch.OneCycleLR"};
    size_t n = sizeof names / sizeof names[0];
    assert_string_equal(diag_did_you_mean("cosin", names, n), "cosine");
    assert_string_equal(diag_did_you_mean("cosien", names, n), "cosine");
    assert_string_equal(diag_did_you_mean("Linear", names, n), "linear");
    assert_string_equal(diag_did_you_mean("epx", names, n), "exp");
    assert_string_equal(diag_did_you_mean("torch.OneCycleLr", names, n), "torch.OneCycleLR");
    assert_string_equal(diag_did_you_mean("sqr", names, n), "sqrt");
    assert_null(diag_did_you_mean("banana", names, n));
    assert_null(diag_did_you_mean("x", names, n));
    assert_null(diag_did_you_mean("", names, n));
    char long_name[4000];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    assert_null(diag_did_you_mean(long_name, names, n));
}

static void test_table(void **state) {
    (void)state;
    static const int codes[] = {
#define DIAG(number, severity, name, title, explanation) number,
#include "diag.def"
#undef DIAG
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        assert_true(codes[i] > 0 && codes[i] < 10000);
        assert_true(strlen(diag_title(codes[i])) > 5);
        size_t n = strlen(diag_explain(codes[i]));
        assert_true(n > 20);
        assert_int_equal(diag_explain(codes[i])[n - 1], '\n');
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(codes[i], codes[j]);
    }
    assert_null(diag_explain(9999));
    assert_null(diag_title(0));
}

static void test_utf8(void **state) {
    (void)state;
    uint32_t point;
    assert_int_equal(spell_utf8("a", 1, &point), 1);
    assert_int_equal(spell_utf8("\xf0\x9f\x98\x80", 4, &point), 4);
    assert_int_equal(point, 0x1F600);
    static const char *const wrong[] = {"\x80",
                                        "\xc0\x80",
                                        "\xc1\xbf",
                                        "\xe0\x9f\xbf",
                                        "\xed\xa0\x80",
                                        "\xf0\x8f\xbf\xbf",
                                        "\xf4\x90\x80\x80",
                                        "\xf5\x80\x80\x80",
                                        "\xff",
                                        "\xe2\x86",
                                        "\xc3("};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(spell_utf8(wrong[i], strlen(wrong[i]), &point), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places), cmocka_unit_test(test_layout),       cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_bytes),  cmocka_unit_test(test_directions), cmocka_unit_test(test_window),       cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_sort),   cmocka_unit_test(test_did_you_mean), cmocka_unit_test(test_table),
        cmocka_unit_test(test_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
