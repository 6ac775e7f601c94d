/* number.c: decimal literals to doubles.
 * In: the digits of a literal and a power of ten. Out: the nearest double and what it leaves out. Calls fma.
 *
 * Why not strtod: its decimal point is that of the process's locale (a trainer may have called setlocale), it knows no
 * `_`, and it does not say how far its result is from the literal. The arithmetic here is on whole numbers and exact:
 * the literal is the fraction N/M, its quotient is taken to at least 192 bits and a sticky bit, and that is rounded. */
#include "parse.h"

#include <math.h>
#include <string.h>

/* A double is decided by at most 767 significant digits and whether any digit after them is not zero. */
#define MAX_DIGITS 800
/* N < 10^801, M <= 10^(345 + 801), the quotient has up to 1100 bits: 160 limbs hold each of them, shifted. */
#define LIMBS 160
#define QUOTIENT_BITS 192

/* A whole number; limb[0] is the lowest, limb[n - 1] is not zero. */
typedef struct big {
    uint32_t limb[LIMBS];
    size_t n;
} big;

static void big_mul_add(big *b, uint32_t factor, uint32_t term) {
    uint64_t carry = term;
    for (size_t i = 0; i < b->n; i++) {
        carry += (uint64_t)b->limb[i] * factor;
        b->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry)
        b->limb[b->n++] = (uint32_t)carry;
}

static void big_mul_pow10(big *b, long power) {
    for (; power >= 9; power -= 9)
        big_mul_add(b, 1000000000u, 0);
    for (; power > 0; power--)
        big_mul_add(b, 10, 0);
}

static size_t big_bits(const big *b) {
    if (b->n == 0)
        return 0;
    size_t bits = (b->n - 1) * 32;
    for (uint32_t top = b->limb[b->n - 1]; top; top >>= 1)
        bits++;
    return bits;
}

static unsigned big_bit(const big *b, size_t i) {
    return i / 32 < b->n ? b->limb[i / 32] >> (i % 32) & 1u : 0u;
}

/* b = 2*b + bit */
static void big_shift_in(big *b, unsigned bit) {
    uint32_t carry = bit;
    for (size_t i = 0; i < b->n; i++) {
        uint32_t out = b->limb[i] >> 31;
        b->limb[i] = b->limb[i] << 1 | carry;
        carry = out;
    }
    if (carry)
        b->limb[b->n++] = carry;
}

static int big_compare(const big *a, const big *b) {
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (size_t i = a->n; i-- > 0;)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

/* a -= b, a >= b */
static void big_subtract(big *a, const big *b) {
    int64_t borrow = 0;
    for (size_t i = 0; i < a->n; i++) {
        int64_t difference = (int64_t)a->limb[i] - (i < b->n ? (int64_t)b->limb[i] : 0) + borrow;
        a->limb[i] = (uint32_t)difference;
        borrow = difference < 0 ? -1 : 0;
    }
    while (a->n > 0 && a->limb[a->n - 1] == 0)
        a->n--;
}

/* The double nearest to b * 2^exponent, ties to even; sticky: b is a little more than it says.
 * *dropped receives how many low bits of b the double does not hold, *up whether it was rounded up. */
static double big_round(const big *b, long exponent, int sticky, size_t *dropped, int *up) {
    size_t bits = big_bits(b);
    *dropped = 0;
    *up = 0;
    if (bits == 0)
        return 0.0;
    /* Keep 53 bits, or fewer where doubles thin out: the lowest bit of a double is at least 2^-1074. */
    long keep_exponent = exponent + (long)bits - 53;
    if (keep_exponent < -1074)
        keep_exponent = -1074;
    long drop = keep_exponent - exponent;
    uint64_t mantissa = 0;
    if (drop <= 0) {
        /* Fewer than 53 bits: all are kept, moved up to where the mantissa of a double begins. */
        for (size_t i = bits; i-- > 0;)
            mantissa = mantissa << 1 | big_bit(b, i);
        mantissa <<= -drop;
    } else {
        for (size_t i = bits; i > (size_t)drop; i--)
            mantissa = mantissa << 1 | big_bit(b, i - 1);
        *dropped = (size_t)drop;
        unsigned half = big_bit(b, (size_t)drop - 1);
        int more = sticky;
        for (size_t i = 0; !more && i + 1 < (size_t)drop; i++)
            more = big_bit(b, i) != 0;
        *up = half && (more || (mantissa & 1));
        mantissa += (uint64_t)*up;
    }
    if (mantissa >> 53) {
        mantissa >>= 1;
        keep_exponent++;
    }
    /* Assemble: a mantissa without its top bit is a subnormal, whose exponent field is zero. */
    uint64_t field = mantissa >> 52 ? (uint64_t)(keep_exponent + 1075) : 0;
    if (field >= 2047) {
        field = 2047;
        mantissa = 0;
    }
    uint64_t image = field << 52 | (mantissa & 0xFFFFFFFFFFFFFu);
    double value;
    memcpy(&value, &image, sizeof value);
    return value;
}

static int is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* A mantissa and a power of ten that doubles hold exactly: one rounded operation, and what it left out. That is nearly every
 * number that people write. 0: it is none of them. */
static int number_at_once(uint64_t mantissa, long power, double *number, double *number_low) {
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const long most = (long)(sizeof tens / sizeof tens[0]) - 1;
    if (mantissa >> 53 || power < -most || power > most)
        return 0;
    double m = (double)mantissa, ten = tens[power < 0 ? -power : power];
    *number = power < 0 ? m / ten : m * ten;
    *number_low = power < 0 ? fma(-*number, ten, m) / ten : fma(m, ten, -*number);
    return 1;
}

enum number_result number_from_text(const char *s, size_t n, int power, double *number, double *number_low) {
    *number = *number_low = 0.0;
    /* Digits, without leading zeros; those past MAX_DIGITS leave a 1 behind when they are not zero. */
    big numerator = {.n = 0};
    size_t digits = 0;
    int fraction = 0, rest = 0;
    long exponent = power;
    size_t i = 0;
    for (; i < n && s[i] != 'e' && s[i] != 'E'; i++) {
        if (s[i] == '.')
            fraction = 1;
        if (!is_digit(s[i]))
            continue;
        if (digits == MAX_DIGITS) {
            rest |= s[i] != '0';
            exponent += !fraction;
            continue;
        }
        big_mul_add(&numerator, 10, (uint32_t)(s[i] - '0'));
        digits += numerator.n > 0;
        exponent -= fraction;
    }
    if (rest) {
        big_mul_add(&numerator, 10, 1);
        digits++;
        exponent--;
    }
    if (i < n) {
        int negative = ++i < n && s[i] == '-';
        long written = 0;
        for (; i < n; i++)
            if (is_digit(s[i]) && written < 1000000000)
                written = written * 10 + (s[i] - '0');
        exponent += negative ? -written : written;
    }
    if (numerator.n == 0)
        return NUMBER_FINE;
    if ((long)digits + exponent > 310)
        return NUMBER_OVERFLOW;
    if ((long)digits + exponent < -345)
        return NUMBER_UNDERFLOW;

    if (numerator.n <= 2 && number_at_once((uint64_t)(numerator.n > 1 ? numerator.limb[1] : 0) << 32 | numerator.limb[0], exponent,
                                           number, number_low))
        return NUMBER_FINE;
    big denominator = {.limb = {1}, .n = 1};
    if (exponent >= 0)
        big_mul_pow10(&numerator, exponent);
    else
        big_mul_pow10(&denominator, -exponent);

    /* quotient = floor(N * 2^shift / M), one bit at a time; the bits that are fewer than M's give none */
    size_t numerator_bits = big_bits(&numerator);
    size_t wanted = QUOTIENT_BITS + big_bits(&denominator);
    size_t shift = wanted > numerator_bits ? wanted - numerator_bits : 0;
    size_t below = numerator_bits + shift - (big_bits(&denominator) - 1);
    big quotient = {.n = 0}, remainder = {.n = 0};
    if (exponent >= 0) { /* M is 1 */
        quotient = numerator;
        below = shift;
    }
    for (size_t bit = numerator_bits + shift; bit-- > below && exponent < 0;) {
        size_t k = bit - below;
        if (k / 32 >= remainder.n)
            remainder.n = k / 32 + 1;
        remainder.limb[k / 32] |= (bit >= shift ? (uint32_t)big_bit(&numerator, bit - shift) : 0u) << k % 32;
    }
    while (remainder.n > 0 && remainder.limb[remainder.n - 1] == 0)
        remainder.n--;
    for (size_t bit = below; bit-- > 0;) {
        big_shift_in(&remainder, bit >= shift ? big_bit(&numerator, bit - shift) : 0u);
        int one = big_compare(&remainder, &denominator) >= 0;
        if (one)
            big_subtract(&remainder, &denominator);
        big_shift_in(&quotient, (unsigned)one);
    }
    int sticky = remainder.n > 0;

    size_t dropped;
    int up;
    *number = big_round(&quotient, -(long)shift, sticky, &dropped, &up);
    if (*number > 1.7976931348623157e308) {
        *number = 0.0;
        return NUMBER_OVERFLOW;
    }
    /* What is left out: the dropped bits, or what is missing to the next number above them. */
    big left = quotient;
    if (left.n > (dropped + 31) / 32)
        left.n = (dropped + 31) / 32;
    if (dropped % 32 && left.n == dropped / 32 + 1)
        left.limb[left.n - 1] &= ((uint32_t)1 << dropped % 32) - 1;
    while (left.n > 0 && left.limb[left.n - 1] == 0)
        left.n--;
    if (up) {
        big whole = {.n = dropped / 32 + 1};
        whole.limb[dropped / 32] = (uint32_t)1 << dropped % 32;
        big_subtract(&whole, &left);
        left = whole;
    }
    size_t ignored;
    int ignored_up;
    double low = big_round(&left, -(long)shift, 0, &ignored, &ignored_up);
    *number_low = up ? -low : low;
    return *number > 0.0 ? NUMBER_FINE : NUMBER_UNDERFLOW;
}
