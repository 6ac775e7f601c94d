/* test_parser.c: what the golden files cannot show: places of nodes, keywords, odd texts, and what a failed parse
 * leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "parse.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static lrs_diagnostics *diags;
static arena mem;
static const char *current;
static ast_stmt *program;

static int parse_bytes(const char *text, size_t n) {
    diags = diags_new(NULL);
    assert_non_null(diags);
    /* Not the first source: places carry its number. */
    assert_int_equal(diags_add_source(diags, "other.lrs", "", 0), 0);
    assert_int_equal(diags_add_source(diags, "x.lrs", text, n), 0);
    arena_init(&mem, NULL);
    current = text;
    return lrs_parse(&program, &mem, diags, 1);
}

static void done(void) {
    lrs_diagnostics_free(diags);
    arena_free(&mem);
}

static int parse_string(const char *text) {
    return parse_bytes(text, strlen(text));
}

static void assert_place(span at, const char *expected) {
    assert_int_equal(at.file, 1);
    assert_int_equal(at.end - at.begin, strlen(expected));
    assert_memory_equal(current + at.begin, expected, strlen(expected));
}

static void test_places(void **state) {
    (void)state;
    assert_int_equal(parse_string("let y = 2 * (x + 1) - -z^2 # c\n"
                                  "warmup 5 epochs cosine -> *0.1 { at 3 , 4 /2 }\n"
                                  "  on plateau( patience = 3 ) *0.5 floor = 1e-6\n"
                                  "param p = 3 in 1 .. 2 log\n"
                                  "hold until (metric > 10)\n"
                                  "piecewise 1 until 2, 3\n"),
                     LRS_OK);
    const ast_stmt *s = program;
    assert_place(s->at, "let y = 2 * (x + 1) - -z^2");
    assert_place(s->name.at, "y");
    assert_place(s->value->at, "2 * (x + 1) - -z^2");
    assert_place(s->value->left->at, "2 * (x + 1)");
    assert_place(s->value->left->right->at, "(x + 1)");
    assert_place(s->value->left->right->left->name.at, "x");
    assert_place(s->value->right->at, "-z^2");
    assert_int_equal(s->value->height, 4);
    s = s->next;
    assert_place(s->at, "warmup 5 epochs cosine -> *0.1 { at 3 , 4 /2 }");
    assert_place(s->phase->at, "warmup 5 epochs cosine -> *0.1 { at 3 , 4 /2 }");
    assert_place(s->phase->duration->at, "5 epochs");
    assert_place(s->phase->shape.at, "cosine");
    assert_place(s->phase->clauses->at, "-> *0.1");
    assert_place(s->phase->body->at, "at 3 , 4 /2");
    assert_place(s->phase->body->times->next->at, "4");
    assert_place(s->phase->body->action->at, "/2");
    s = s->next;
    assert_place(s->at, "on plateau( patience = 3 ) *0.5 floor = 1e-6");
    assert_place(s->event->at, "plateau( patience = 3 )");
    assert_place(s->event->args->name.at, "patience");
    assert_place(s->action->at, "*0.5 floor = 1e-6");
    s = s->next;
    assert_place(s->at, "param p = 3 in 1 .. 2 log");
    s = s->next;
    assert_place(s->phase->clauses->at, "until (metric > 10)");
    assert_place(s->phase->clauses->event->at, "(metric > 10)");
    s = s->next;
    assert_place(s->phase->pieces->at, "1 until 2");
    assert_place(s->phase->name.at, "piecewise");
    assert_null(s->next);
    done();
}

static void test_then_keeps_its_place(void **state) {
    (void)state;
    assert_int_equal(parse_string("hold 1 for 2 then hold 3\nthen hold 4"), LRS_OK);
    assert_place(program->at, "hold 1 for 2");
    assert_place(program->next->at, "hold 3");
    assert_place(program->next->next->at, "hold 4");
    done();
}

static void test_nothing(void **state) {
    (void)state;
    static const char *const texts[] = {"",      "\n",           " \t\r\n",          "# only a comment",
                                        ";;\n;", "\xef\xbb\xbf", "\xef\xbb\xbf# c\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(parse_string(texts[i]), LRS_OK);
        assert_null(program);
        assert_int_equal(lrs_diagnostics_count(diags), 0);
        done();
    }
}

static void test_line_ends(void **state) {
    (void)state;
    assert_int_equal(parse_string("\xef\xbb\xbfhold 1\r\nhold 2 ->\r\n3\r\n\r\nthen hold 4\r\n"), LRS_OK);
    size_t n = 0;
    for (const ast_stmt *s = program; s; s = s->next)
        n++;
    assert_int_equal(n, 3);
    done();
}

static void test_bytes_after_a_nul_count(void **state) {
    (void)state;
    static const char text[] = "hold 1\n# \0 \xff in a comment\nhold )\nhold 2\n";
    assert_int_equal(parse_bytes(text, sizeof text - 1), LRS_E_SOURCE);
    assert_int_equal(lrs_diagnostics_errors(diags), 1);
    size_t n = 0;
    for (const ast_stmt *s = program; s; s = s->next)
        n++;
    assert_true(n >= 2); /* what could be understood is there */
    done();
}

/* What is no text gets one message, whatever else is wrong before and after. */
static void test_not_text(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t n;
        int code;
    } cases[] = {
        {"hold )\n\0\nhold )\nhold 1\n", 24, DIAG_BAD_CHARACTER},
        {"\xff\xfeh\0o\0l\0d\0 \0001\0\n\0", 16, DIAG_BAD_CHARACTER},
        {"\0", 1, DIAG_BAD_CHARACTER},
        {"hold )\n\xe9.\xe9.\xe9.\xe9.\xe9.\xe9.\xe9.\xe9.\xe9.\xe9.", 27, DIAG_BAD_UTF8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(parse_bytes(cases[i].text, cases[i].n), LRS_E_SOURCE);
        assert_int_equal(lrs_diagnostics_errors(diags), 1);
        assert_int_equal(lrs_diagnostics_count(diags), 1);
        lrs_diagnostic g = {.size = sizeof g};
        assert_int_equal(lrs_diagnostics_get(&g, diags, 0), LRS_OK);
        assert_int_equal(g.code, cases[i].code);
        done();
    }
}

static void test_errors_are_in_order(void **state) {
    (void)state;
    assert_int_equal(parse_string("hold ->;\nlet a = 0x1\nhold for;\nlet b = 1e999\non 5\n"), LRS_E_SOURCE);
    size_t n = lrs_diagnostics_count(diags);
    assert_int_equal(n, 5);
    size_t last = 0;
    for (size_t i = 0; i < n; i++) {
        lrs_diagnostic g = {.size = sizeof g};
        assert_int_equal(lrs_diagnostics_get(&g, diags, i), LRS_OK);
        assert_string_equal(g.file, "x.lrs");
        assert_int_equal(g.line, i + 1);
        assert_true(g.begin >= last);
        last = g.begin;
    }
    done();
}

static void test_many_errors(void **state) {
    (void)state;
    static char text[100000 * 8 + 1];
    for (size_t i = 0; i < 100000; i++)
        memcpy(text + i * 8, "hold ->;", 8);
    assert_int_equal(parse_string(text), LRS_E_SOURCE);
    assert_int_equal(lrs_diagnostics_errors(diags), 100000);
    assert_int_equal(lrs_diagnostics_count(diags), 50);
    done();
}

/* Whatever the generated scanner lacks, the library comes back and says so. */
static void test_scanner_gives_up(void **state) {
    (void)state;
    int before = LRS_E_INTERNAL;
    arena_init(&mem, NULL);
    for (size_t left = 0; left <= sizeof((parse *)NULL)->pool; left += 16) {
        parse *p = arena_alloc(&mem, sizeof *p);
        assert_non_null(p);
        p->mem = &mem;
        p->text = "hold 1";
        p->len = 6;
        p->pool_used = sizeof p->pool - left;
        int status = scan_open(p);
        assert_true(status == LRS_E_INTERNAL || status == LRS_OK);
        assert_false(before == LRS_OK && status == LRS_E_INTERNAL); /* more room does no harm */
        if (status == LRS_OK)
            assert_true(scan_next(p).kind != T_YYEOF);
        scan_close(p);
        before = status;
    }
    assert_int_equal(before, LRS_OK);
    arena_free(&mem);
}

static void test_too_large(void **state) {
    (void)state;
    char *text = malloc(LRS_MAX_SOURCE + 1);
    assert_non_null(text);
    memset(text, ' ', LRS_MAX_SOURCE + 1);
    assert_int_equal(parse_bytes(text, LRS_MAX_SOURCE + 1), LRS_E_SOURCE);
    assert_null(program);
    assert_int_equal(lrs_diagnostics_errors(diags), 1);
    done();
    free(text);
}

static void test_heights(void **state) {
    (void)state;
    char text[8 + 2 * 1001 + 1] = "let a = 1";
    for (size_t n = 9; n < 9 + 2 * 999; n += 2)
        memcpy(text + n, "+1", 3);
    assert_int_equal(parse_string(text), LRS_OK);
    assert_int_equal(program->value->height, 1000);
    done();
    strcat(text, "+1");
    assert_int_equal(parse_string(text), LRS_E_SOURCE);
    done();
    /* 256 brackets are fine, 257 are not. */
    char deep[600];
    for (int n = 256; n <= 257; n++) {
        strcpy(deep, "hold ");
        memset(deep + 5, '(', (size_t)n);
        deep[5 + n] = '1';
        memset(deep + 6 + n, ')', (size_t)n);
        deep[6 + 2 * n] = '\0';
        assert_int_equal(parse_string(deep), n == 256 ? LRS_OK : LRS_E_SOURCE);
        assert_int_equal(lrs_diagnostics_errors(diags), n - 256);
        done();
    }
}

static void test_keywords(void **state) {
    (void)state;
    for (size_t i = 0; i < lrs_nkeywords; i++) {
        const keyword *k = &lrs_keywords[i];
        assert_ptr_equal(keyword_find(k->text, strlen(k->text)), k); /* none is there twice */
        assert_true(strlen(k->help) > 5);
        assert_null(strchr(k->help, '\n'));
    }
    assert_null(keyword_find("para", 4));
    assert_null(keyword_find("params", 6));
    assert_null(keyword_find("", 0));
    /* Every word, reserved or not, names an argument, and a value inside parentheses but for the operators. */
    for (size_t i = 0; i < lrs_nkeywords; i++) {
        char text[100];
        snprintf(text, sizeof text, "f(1, %s = 2)\nexp %s=3\n", lrs_keywords[i].text, lrs_keywords[i].text);
        assert_int_equal(parse_string(text), LRS_OK);
        done();
        snprintf(text, sizeof text, "let a = f(1, %s) + %s", lrs_keywords[i].text, lrs_keywords[i].text);
        assert_int_equal(parse_string(text), lrs_keywords[i].class == KEYWORD_OPERATOR ? LRS_E_SOURCE : LRS_OK);
        done();
    }
}

static void collect(void *ctx, const char *text, size_t n) {
    strncat(ctx, text, n);
}

static void test_print_ignores_the_locale(void **state) {
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (setlocale(LC_NUMERIC, names[i]))
            break;
    assert_int_equal(parse_string("hold 1.5"), LRS_OK);
    char text[1000] = "";
    ast_print(program, collect, text);
    assert_non_null(strstr(text, "number 1.5\n"));
    setlocale(LC_NUMERIC, "C");
    done();
}

static void test_low_parts(void **state) {
    (void)state;
    assert_int_equal(parse_string("hold 0.1"), LRS_OK);
    assert_true(program->phase->duration->number == 0.1);
    assert_true(program->phase->duration->number_low == -0x1.999999999999ap-58);
    done();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_then_keeps_its_place),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_line_ends),
        cmocka_unit_test(test_bytes_after_a_nul_count),
        cmocka_unit_test(test_not_text),
        cmocka_unit_test(test_errors_are_in_order),
        cmocka_unit_test(test_many_errors),
        cmocka_unit_test(test_scanner_gives_up), cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_heights),
        cmocka_unit_test(test_keywords),
        cmocka_unit_test(test_print_ignores_the_locale),
        cmocka_unit_test(test_low_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
