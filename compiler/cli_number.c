/* cli_number.c: see cli_number.h. */
#include "cli_number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A decimal taken apart: sign, digits without leading zeros, and the power of ten of the last digit. */
typedef struct decimal {
    int negative;
    char digits[400];
    size_t n;
    long exponent;
} decimal;

static int suffix_exponent(char c)
{
    static const struct {
        char c;
        int e;
    } table[] = {{'k', 3}, {'K', 3}, {'M', 6}, {'B', 9}, {'T', 12}, {'%', -2}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].c == c) {
            return table[i].e;
        }
    }
    return 0;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes one digit; 0 when there are too many to keep. */
static int take_digit(decimal *d, char c)
{
    if (d->n == 0 && c == '0') {
        return 1;
    }
    if (d->n == sizeof d->digits) {
        return 0;
    }
    d->digits[d->n++] = c;
    return 1;
}

/* Digits with single underscores between them. Returns how many digits, -1: malformed. */
static int take_digits(decimal *d, const char **p, const char *end, int fraction)
{
    int count = 0;
    while (*p < end && (is_digit(**p) || **p == '_')) {
        if (**p == '_') {
            if (count == 0 || *p + 1 == end || !is_digit((*p)[1])) {
                return -1;
            }
        } else {
            if (!take_digit(d, **p)) {
                return -1;
            }
            d->exponent -= fraction;
            count++;
        }
        ++*p;
    }
    return count;
}

static int take_exponent(decimal *d, const char **p, const char *end)
{
    if (*p == end || (**p != 'e' && **p != 'E')) {
        return 1;
    }
    const char *q = *p + 1;
    int negative = q < end && *q == '-';
    q += q < end && (*q == '-' || *q == '+');
    if (q == end || !is_digit(*q)) {
        return 0;
    }
    long e = 0;
    for (; q < end && is_digit(*q); q++) {
        e = e > 100000 ? e : e * 10 + (*q - '0');
    }
    d->exponent += negative ? -e : e;
    *p = q;
    return 1;
}

static int parse_decimal(decimal *d, const char *s, size_t n)
{
    const char *p = s, *end = s + n;
    memset(d, 0, sizeof *d);
    if (p < end && (*p == '-' || *p == '+')) {
        d->negative = *p++ == '-';
    }
    int whole = take_digits(d, &p, end, 0), part = 0;
    if (p < end && *p == '.') {
        p++;
        part = take_digits(d, &p, end, 1);
    }
    if (whole < 0 || part < 0 || whole + part == 0 || !take_exponent(d, &p, end)) {
        return 0;
    }
    if (p < end && suffix_exponent(*p)) {
        d->exponent += suffix_exponent(*p++);
    }
    return p == end;
}

/* 1, or 0: not a number. An infinity is one that is too large. */
static int convert(double *out, const char *s, size_t n)
{
    decimal d;
    char text[sizeof d.digits + 32];
    if (!parse_decimal(&d, s, n)) {
        return 0;
    }
    /* One conversion of the whole decimal rounds once, as the scanner of the language does: 0.3M is exactly 300000.
     * lrsc never sets LC_NUMERIC, so strtod reads a point. */
    size_t k = 0;
    if (d.negative) {
        text[k++] = '-';
    }
    memcpy(text + k, d.digits, d.n);
    k += d.n;
    if (d.n == 0) {
        text[k++] = '0';
        d.exponent = 0;
    }
    text[k++] = 'e';
    char reversed[24];
    size_t m = 0;
    unsigned long e = d.exponent < 0 ? (unsigned long)-d.exponent : (unsigned long)d.exponent;
    if (d.exponent < 0) {
        text[k++] = '-';
    }
    do {
        reversed[m++] = (char)('0' + e % 10);
        e /= 10;
    } while (e);
    while (m) {
        text[k++] = reversed[--m];
    }
    text[k] = 0;
    *out = strtod(text, NULL);
    return 1;
}

int cli_parse_number(double *out, const char *s, size_t n)
{
    double v;
    if (!convert(&v, s, n) || !isfinite(v)) {
        return 0;
    }
    *out = v;
    return 1;
}

int cli_number_is_too_large(const char *s, size_t n)
{
    double v;
    return convert(&v, s, n) && !isfinite(v);
}

int cli_parse_step(int64_t *out, const char *s, size_t n)
{
    decimal d;
    if (n == 0 || s[n - 1] == '%' || !parse_decimal(&d, s, n)) {
        return 0;
    }
    while (d.exponent < 0 && d.n > 0 && d.digits[d.n - 1] == '0') {
        d.n--;
        d.exponent++;
    }
    if (d.n == 0) {
        *out = 0;
        return 1;
    }
    if (d.exponent < 0 || d.exponent > 20) {
        return 0;
    }
    const uint64_t limit = d.negative ? (uint64_t)1 << 63 : INT64_MAX;
    uint64_t v = 0;
    for (size_t i = 0; i < d.n + (size_t)d.exponent; i++) {
        uint64_t digit = i < d.n ? (uint64_t)(d.digits[i] - '0') : 0;
        if (v > (limit - digit) / 10) {
            return 0;
        }
        v = v * 10 + digit;
    }
    *out = d.negative ? (int64_t)(0 - v) : (int64_t)v;
    return 1;
}
