/* test_number.c: literals against strtod (the nearest double) and against MPFR (what it leaves out). */
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
#ifdef LRS_HAVE_MPFR
#include <mpfr.h>
#endif

static uint64_t seed = 20240229;

static uint64_t next_random(void) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    uint64_t x = seed ^ seed >> 33;
    return x * 0xff51afd7ed558ccdu >> 11;
}

static uint64_t bits(double x) {
    uint64_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static void check(const char *text) {
    double number, low;
    enum number_result r = number_from_text(text, strlen(text), 0, &number, &low);
    double nearest = strtod(text, NULL);
    if (nearest > 1.7976931348623157e308) {
        assert_int_equal(r, NUMBER_OVERFLOW);
        return;
    }
    if (bits(number) != bits(nearest))
        fail_msg("%s: %a, strtod says %a", text, number, nearest);
    assert_int_equal(r == NUMBER_UNDERFLOW, nearest == 0.0 && strpbrk(text, "123456789") && r != NUMBER_FINE);
#ifdef LRS_HAVE_MPFR
    mpfr_t exact, left, error;
    mpfr_inits2(4000, exact, left, error, (mpfr_ptr)0);
    mpfr_set_str(exact, text, 10, MPFR_RNDN);
    mpfr_sub_d(left, exact, number, MPFR_RNDN);
    mpfr_sub_d(error, left, low, MPFR_RNDN);
    mpfr_abs(error, error, MPFR_RNDN);
    /* 2^-104 of the number, or half the smallest double where doubles end. */
    mpfr_abs(exact, exact, MPFR_RNDN);
    mpfr_mul_2si(exact, exact, -104, MPFR_RNDN);
    if (mpfr_cmp_si_2exp(error, 1, -1074) > 0 && mpfr_cmp(error, exact) > 0)
        fail_msg("%s: low %a is wrong", text, low);
    if (number > 1e-280 && mpfr_get_d(left, MPFR_RNDN) != low)
        fail_msg("%s: low %a, mpfr says %a", text, low, mpfr_get_d(left, MPFR_RNDN));
    mpfr_clears(exact, left, error, (mpfr_ptr)0);
#endif
}

static void test_hard_cases(void **state) {
    (void)state;
    static const char *const texts[] = {
        "0",
        "0.0",
        "1",
        "0.1",
        ".5",
        "5.",
        "3.14159",
        "1e23",
        "8.5e22",
        "9007199254740993",
        "9007199254740992.5",
        "9007199254740993.0000000000000000000000000000000000000000001",
        "4.9e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.470328229206232720882843964341106861825299013071623822127928412503377536351043e-324",
        "2.4703282292062327208828439643411e-324",
        "1e-400",
        "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "2.2250738585072014e-308",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "1e309",
        "1e999",
        "1e100000000",
        "1e-100000000",
        "1e99999999999999999999",
        "0e99999999999",
        "6.929495644600919985e15",
        "0.000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001e100",
        "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000e-102",
        "7.2057594037927933e16",
        "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        check(texts[i]);
}

static void test_long_digits(void **state) {
    (void)state;
    /* The digit that decides is the 1000th. */
    char text[1200];
    strcpy(text, "1.00000000000000011102230246251565404236316680908203125");
    size_t n = strlen(text);
    memset(text + n, '0', 1000);
    text[n + 1000] = '\0';
    check(text);
    text[n + 999] = '1';
    check(text);
    memset(text, '9', 1100);
    text[1100] = '\0';
    strcpy(text + 1000, "e-900");
    check(text);
}

static void test_random(void **state) {
    (void)state;
    for (int i = 0; i < 20000; i++) {
        char text[64];
        int digits = (int)(next_random() % 20) + 1;
        char *s = text;
        for (int j = 0; j < digits; j++) {
            *s++ = (char)('0' + next_random() % 10);
            if (j == digits / 2)
                *s++ = '.';
        }
        int exponent = i % 2 ? (int)(next_random() % 40) - 20 : (int)(next_random() % 700) - 350;
        sprintf(s, "e%d", exponent);
        check(text);
    }
}

static void test_halfway(void **state) {
    (void)state;
    /* Exactly between two doubles, and a hair to either side. */
    for (int i = 0; i < 300; i++) {
        uint64_t m = (next_random() & 0xFFFFFFFFFFFFFu) | 0x10000000000000u;
        char text[800];
        sprintf(text, "%llu.5", (unsigned long long)m);
        check(text);
        sprintf(text, "%llu.50000000000000000000000000000001", (unsigned long long)m);
        check(text);
        sprintf(text, "%llu.49999999999999999999999999999999", (unsigned long long)m);
        check(text);
    }
}

static void test_suffix_power(void **state) {
    (void)state;
    double a, b, low;
    number_from_text("2.5", 3, 6, &a, &low);
    assert_true(a == 2500000.0 && low == 0.0);
    number_from_text("0.1", 3, 12, &a, &low);
    assert_true(a == 1e11 && low == 0.0);
    number_from_text("1_0.2_5e1_0", 11, 3, &a, &low);
    number_from_text("10.25e13", 8, 0, &b, &low);
    assert_true(a == b);
}

static void test_locale(void **state) {
    (void)state;
    /* Any locale with a decimal comma; where none is installed, the C locale again. */
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.UTF-8"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (setlocale(LC_NUMERIC, names[i]))
            break;
    double number, low;
    number_from_text("1.5", 3, 0, &number, &low);
    assert_true(number == 1.5);
    setlocale(LC_NUMERIC, "C");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hard_cases), cmocka_unit_test(test_long_digits),  cmocka_unit_test(test_random),
        cmocka_unit_test(test_halfway),    cmocka_unit_test(test_suffix_power), cmocka_unit_test(test_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
