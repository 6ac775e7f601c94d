# kernel_jax.py: the pure half of the kernel for JAX: what math.h and value.h say, in operations that JAX traces.
#
# In: the tables of a program, its bind and step code, a step that may be traced, params that may be traced.
# Out: values of outputs, in double precision whatever the precision of the rest, rounded once at the end.
# Calls: jax, 0.7.2 or newer, and numpy. It is part of every module that `lrsc --emit=jax` writes.
#
# Exact is the arithmetic of the kernel, to the last bit. XLA is free with sums and products: it fuses a product with the sum
# behind it where the processor can, adds the constants of (x + 1) + 2 before it adds x, divides by what is constant with a
# multiplication by its inverse, and makes one root of 1/sqrt(x). So products, quotients and roots go through a select that
# needs their value, constants are selected by a condition that XLA cannot decide, and fma, which XLA lacks, is computed
# from exact products and sums. Smooth is the same in plain operations: derivatives are taken from it.

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

try:
    from jax import enable_x64
except ImportError:  # before JAX 0.8
    from jax.experimental import enable_x64
if jax.__version_info__ < (0, 7, 2):
    raise ImportError(f"schedules of lrs need JAX 0.7.2 or newer, which computes in doubles where it is told to; this is JAX {jax.__version__}")

NONE = -1
CONST, LINEAR, EXP2, STAIR, HCOS, POW, SQRT, COSQRT, RSQRT, RECIP, EXPR, SUB = range(12)
AT, EVERY, STATE = range(3)
INF, NAN = np.float64("inf"), np.float64("nan")
inf, nan = INF, NAN


def hexed(*texts):
    return [np.float64(float.fromhex(t)) for t in texts]


ONE, LN2, LN2_LO, LOG2E, LOG2E_LO, PI, PI_LO, MINUS_HALF_PI2, MINUS_HALF_PI2_LO, C3, C3_LO, C5, C5_LO, C, C_LO = hexed(
    "1", "0x1.62e42fefa39efp-1", "0x1.abc9e3b39803fp-56", "0x1.71547652b82fep0", "0x1.777d0ffda0d24p-56",
    "0x1.921fb54442d18p1", "0x1.1a62633145c07p-53", "-0x1.3bd3cc9be45dep2", "-0x1.692b71366cc04p-52",
    "0x1.ec709dc3a03fdp-1", "0x1.d27f05548af0cp-55", "0x1.2776c50ef9bfep-1", "0x1.e4b29ccc535d4p-55",
    "0x1.71547652b82fep1", "0x1.777d0ffda0d24p-55")
QUARTER_PI2, QUARTER_PI2_LO, MINUS_PI4_48, MINUS_PI4_48_LO = hexed(
    "0x1.3bd3cc9be45dep1", "0x1.692b71366cc04p-53", "-0x1.03c1f081b5ac4p1", "0x1.32b33f87fc145p-53")
LOG10_2, LOG10_2_LO = hexed("0x1.34413509f79ffp-2", "-0x1.9dc1da994fd21p-59")
OVER_PI, OVER_PI_2, OVER_PI_3 = hexed("0x1.45f306dc9c883p-2", "-0x1.6b01ec5417056p-56", "-0x1.6447e493ad4cep-110")
EXP2_Q = hexed("0x1.c6b08d704a045p-5", "0x1.ebfbdff82c5a1p-3", "0x1.5d87fe78c39c2p-10", "0x1.3b2ab6fba07a3p-7",
               "0x1.ffcbfbc701b5cp-17", "0x1.4309130dc287dp-13", "0x1.b52654782181ep-24", "0x1.62bfc9fbd8e3bp-20",
               "0x1.e7c474947330dp-32", "0x1.e617aac6e67f9p-28")
LOG2_R = hexed("0x1.484b13d73457ep-2", "0x1.a61762a7ae37ep-2", "0x1.c68f046d33ec4p-3", "0x1.0c9a850203288p-2",
               "0x1.5940b6eb00a14p-3", "0x1.8a060c659bd47p-3", "0x1.5fe8dc7e25f8fp-3")
SINPI = hexed("0x1.466bc67758c6ap1", "-0x1.4abbce625be46p2", "0x1.5078300841257p-4", "-0x1.32d2cce31fa29p-1",
              "0x1.e3fe157a70944p-12", "-0x1.e3009539b8b38p-8")
COSPI = hexed("-0x1.55d3c7e3ca60ep0", "0x1.03c1f081b5abcp2", "-0x1.a6d1eda13383cp-6", "0x1.e1f506850b5fcp-3",
              "-0x1.b29b20ffb4456p-14", "0x1.f9cd0a8fb6a8dp-10")
HCOS_P = hexed("-0x1.e1f506891a52dp-4", "0x1.55d3c7e3cbffp-1", "-0x1.f9d3894aa8ee7p-11", "0x1.a6d1f2a0e93b4p-7",
               "-0x1.20a8d68462f9ep-19", "0x1.b6e1e0a22acdfp-15", "0x1.21c8d44c1699fp-24")
TANH = hexed("0x1.111111110eb98p-3", "-0x1.5555555555548p-2", "0x1.664f46684272cp-6", "-0x1.ba1ba1b599294p-5",
             "0x1.d6a9b277915ccp-9", "-0x1.226daa1b160cp-7", "0x1.076bd5654214ap-11", "-0x1.79eb5d3039c7cp-10")
INVERSE = list(zip(
    hexed("0x1p0", "0x1.5555555555555p-2", "0x1.999999999999ap-3", "0x1.2492492492492p-3", "0x1.c71c71c71c71cp-4",
          "0x1.745d1745d1746p-4", "0x1.3b13b13b13b14p-4", "0x1.1111111111111p-4", "0x1.e1e1e1e1e1e1ep-5",
          "0x1.af286bca1af28p-5", "0x1.8618618618618p-5"),
    hexed("0", "0x1.5555555555555p-56", "-0x1.999999999999ap-57", "0x1.2492492492492p-57", "0x1.c71c71c71c71cp-58",
          "-0x1.745d1745d1746p-59", "-0x1.3b13b13b13b14p-58", "0x1.1111111111111p-60", "0x1.e1e1e1e1e1e1ep-61",
          "0x1.af286bca1af28p-59", "0x1.8618618618618p-59")))


def bits(x):
    return lax.bitcast_convert_type(x, np.int64)


def double(n):
    return lax.bitcast_convert_type(n, np.float64)


def whole(x):
    """An integral double as an integer."""
    return lax.convert_element_type(x, np.int64)


def real(n):
    return lax.convert_element_type(n, np.float64)


def truth(c):
    return lax.select(c, ONE, np.float64(0))


def nearest(x):
    return lax.round(x, lax.RoundingMethod.TO_NEAREST_EVEN)


def fast2sum(a, b):
    s = a + b
    return s, b - (s - a)


def two_sum(a, b):
    s = a + b
    v = s - a
    return s, (a - (s - v)) + (b - v)


def with_sign(magnitude, sign):
    return double((bits(magnitude) & np.int64(2**63 - 1)) | (bits(sign) & np.int64(-2**63)))


class Exact:
    """The functions of math.h. `sure`: a condition that holds, of which XLA does not know that."""

    def __init__(self, sure):
        self.sure, self.known, self.halves = sure, {}, {}

    # ---- what XLA may not rearrange

    def v(self, a):
        """An operand: a literal becomes a value that XLA does not know."""
        if not isinstance(a, (float, int, np.float64)):
            return a
        bits_of = np.float64(a).tobytes()
        if bits_of not in self.known:
            self.known[bits_of] = lax.select(self.sure, np.float64(a), np.float64(a == 0))
        return self.known[bits_of]

    def held(self, x):
        """x itself: no operation on it is fused with those before."""
        return lax.select(lax.abs(x) < INF, x, x + x)

    def mul(self, a, b):
        return self.held(a * b)

    def div(self, a, b):
        # a divisor that XLA sees to be the same for many numbers would be inverted once
        return self.held(a / lax.select(lax.abs(a) < INF, b, b + b))

    def sqrt(self, a):
        return self.held(lax.sqrt(a))

    def halved(self, a):
        """a = hi + lo, with 26 bits each."""
        if id(a) not in self.halves:
            hi = double((bits(a) + np.int64(0x4000000)) & np.int64(-0x8000000))
            self.halves[id(a)] = hi, a - hi, a
        return self.halves[id(a)][:2]

    def two_mul(self, a, b):
        """a*b rounded, and what that leaves out. The four partial products are exact."""
        p = self.mul(a, b)
        (a1, a0), (b1, b0) = self.halved(a), self.halved(b)
        return p, ((a1 * b1 - p) + a1 * b0 + a0 * b1) + a0 * b0

    def fma(self, a, b, c):
        """a*b + c rounded once: the small parts of the sum are rounded to odd (Boldo and Melquiond 2008)."""
        p, e = self.two_mul(a, b)
        t, t_lo = two_sum(c, e)
        s, s_lo = two_sum(p, t)
        z, rest = two_sum(t_lo, s_lo)
        n = bits(z)
        step = lax.select((n ^ bits(rest)) < 0, np.int64(-1), np.int64(1))
        n = lax.select((rest != 0) & ((n & 1) == 0), n + step, n)
        r = s + double(n)
        return lax.select(lax.abs(r) < INF, r, p + c)

    def times_log(self, x, hi, lo):
        """x*(hi + lo) as a pair."""
        h, e = self.two_mul(x, hi)
        return h, self.fma(x, lo, e)

    def pair_mul(self, a, b):
        p, e = self.two_mul(a[0], b[0])
        return fast2sum(p, self.fma(a[1], b[0], self.fma(a[0], b[1], e)))

    def poly2(self, z, c, i):
        return self.fma(z, self.v(c[i]), self.v(c[i + 1]))

    # ---- rounding

    def stairs(self, x, d):
        n = lax.floor(self.div(x, d))
        n = lax.select(self.fma(-n, d, x) < 0, n - 1, n)
        return lax.select((d > 0) & (d < INF), n, NAN)

    def mod(self, x, d):
        r = self.fma(-self.stairs(x, d), d, x)
        r = self.fma(-self.stairs(r, d), d, r)
        return lax.select((r < 0) | (r > d), np.float64(0), r)

    # ---- powers of two

    def exp2_core(self, r, e):
        """2^(r + e), |r| <= 1/2, as a sum of two."""
        r2 = self.mul(r, r)
        r4 = self.mul(r2, r2)
        r8 = self.mul(r4, r4)
        p0, p1, p2, p3, p4 = (self.poly2(r, EXP2_Q, i) for i in range(0, 10, 2))
        q = self.fma(r4, self.fma(r2, p3, p2), self.fma(r2, p1, p0))
        q = self.fma(r8, p4, q)
        ln2, one = self.v(LN2), self.v(ONE)
        a = self.fma(r, ln2, one)
        t = self.fma(r, ln2, one - a)
        t = self.fma(r, self.v(LN2_LO), t)
        t = self.fma(e, ln2, t)
        return a, self.fma(r2, q, t)

    def exp2s(self, b, h, l):
        n = nearest(h)
        r0 = h - n
        r = r0 + l
        a, t = self.exp2_core(r, l - (r - r0))
        n = whole(lax.clamp(np.float64(-1100), n, np.float64(1025))) + 2046
        half = lax.shift_right_logical(n, np.int64(1))
        s1 = self.mul(b, double(lax.shift_left(half, np.int64(52))))
        y = self.fma(a, s1, self.mul(t, s1))
        y = self.mul(y, double(lax.shift_left(n - half, np.int64(52))))
        y = lax.select(h < -1100, np.float64(0), y)
        return lax.select(h > 1025, b * INF, y)

    def exp2(self, x):
        return self.exp2s(self.v(ONE), x, self.v(0.0))

    def exp2x(self, hi, lo, x):
        return lax.select(x == 0, ONE, self.exp2s(self.v(ONE), *self.times_log(x, hi, lo)))

    def exp(self, x):
        return self.exp2x(self.v(LOG2E), self.v(LOG2E_LO), x)

    # ---- logarithms

    def log2_split(self, x):
        tiny = x < 2.0**-1022
        n = bits(lax.select(tiny, x * 2.0**54, x))
        e = lax.shift_right_logical(n, np.int64(52)) - lax.select(tiny, np.int64(1023 + 54), np.int64(1023))
        m = double((n & np.int64(2**52 - 1)) | np.int64(0x3ff << 52))
        big = m > np.float64(float.fromhex("0x1.6a09e667f3bcdp0"))
        m = lax.select(big, m * 0.5, m)
        one = self.v(ONE)
        num, den = m - one, m + one
        hi = self.div(num, den)
        rest = self.fma(-hi, den, num)
        rest = self.fma(-hi, m - (den - one), rest)
        return real(lax.select(big, e + 1, e)), hi, self.mul(rest, self.div(one, den))

    def log2_pair(self, x):
        k, s, s_lo = self.log2_split(x)
        z, z_e = self.two_mul(s, s)
        z_lo = self.fma(s + s, s_lo, z_e)
        z2 = self.mul(z, z)
        z4 = self.mul(z2, z2)
        p0, p1, p2 = (self.poly2(z, LOG2_R, i) for i in (0, 2, 4))
        p3 = self.fma(z2, self.v(LOG2_R[6]), p2)
        r = self.fma(z4, p3, self.fma(z2, p1, p0))
        c, c3, c5 = self.v(C), self.v(C3), self.v(C5)
        w3 = self.fma(z, c5, c3)
        w3_lo = self.fma(z, c5, c3 - w3)
        w = self.fma(z, w3, c)
        w_lo = self.fma(z, w3, c - w)
        slope = self.fma(z, c5, w3)
        w3_lo = w3_lo + self.fma(z, self.v(C5_LO), self.v(C3_LO))
        w3_lo = self.fma(z2, r, w3_lo)
        w_lo = w_lo + self.v(C_LO)
        w_lo = self.fma(z_lo, slope, w_lo)
        w_lo = self.fma(z, w3_lo, w_lo)
        p, p_lo = self.two_mul(s, w)
        p_lo = self.fma(s, w_lo, self.fma(s_lo, w, p_lo))
        hi, lo = fast2sum(k, p)
        return fast2sum(hi, lo + p_lo)

    def log_special(self, x):
        return lax.select(x == 0, -INF, lax.select(x == INF, INF, NAN))

    def log_where(self, x, y):
        return lax.select((x > 0) & (x < INF), y, self.log_special(x))

    def log2(self, x):
        return self.log_where(x, self.log2_pair(x)[0])

    def log_scaled(self, x, hi, lo):
        l, l_lo = self.log2_pair(x)
        p, e = self.two_mul(l, self.v(hi))
        e = self.fma(l_lo, self.v(hi), self.fma(l, self.v(lo), e))
        return self.log_where(x, p + e)

    def log(self, x):
        return self.log_scaled(x, LN2, LN2_LO)

    def log10(self, x):
        return self.log_scaled(x, LOG10_2, LOG10_2_LO)

    def log2_exact(self, x):
        k, s, s_lo = self.log2_split(x)
        s = fast2sum(s, s_lo)
        z = self.pair_mul(s, s)
        tail = self.v(0.0)
        for j in range(21, 10, -1):
            tail = self.fma(tail, z[0], self.v(1.0 / (2 * j + 1)))
        y = tail, self.v(0.0)
        for hi, lo in reversed(INVERSE):
            y = self.pair_mul(y, z)
            t = fast2sum(self.v(hi), y[0])
            y = fast2sum(t[0], t[1] + (y[1] + self.v(lo)))
        y = self.pair_mul(self.pair_mul(y, s), (self.v(C), self.v(C_LO)))
        t = fast2sum(k, y[0])
        return fast2sum(t[0], t[1] + y[1])

    def log2hi(self, x):
        return self.log_where(x, self.log2_exact(x)[0])

    def log2lo(self, x):
        return lax.select((x > 0) & (x < INF), self.log2_exact(x)[1], np.float64(0))

    def pow(self, x, y):
        u = lax.abs(x)
        finite = (u > 0) & (u < INF)
        hi, lo = self.log2_pair(u)
        p = self.exp2x(lax.select(finite, hi, self.log_special(u)), lax.select(finite, lo, np.float64(0)), y)
        p = lax.select(u == 1, ONE, p)
        negative = bits(x) < 0
        integral, odd = lax.floor(y) == y, lax.floor(y * 0.5) != y * 0.5
        p = lax.select(negative & ~integral & finite, NAN, p)
        return lax.select(negative & integral & odd, -p, p)

    # ---- trigonometry

    def mod2(self, x):
        m = x - 2 * nearest(x * 0.5)
        return lax.select(lax.abs(x) < 2.0**53, m, x - x)

    def turn(self, m, e, shift):
        """cos(pi (m + e + shift/2)), |m| <= 1."""
        half = nearest(m + m)
        r0 = m - half * 0.5
        r = r0 + e
        rest = e - (r - r0)
        z, z_e = self.two_mul(r, r)
        z2 = self.mul(z, z)
        # sin(pi (r + rest))
        p = self.fma(z2, self.fma(z2, self.poly2(z, SINPI, 4), self.poly2(z, SINPI, 2)), self.poly2(z, SINPI, 0))
        a, t = self.two_mul(r, self.v(PI))
        t = self.fma(r, self.v(PI_LO), t)
        t = self.fma(rest, self.v(PI), t)
        sine = a + self.fma(self.mul(r, z), p, t)
        # and the cosine
        p = self.fma(z2, self.fma(z2, self.poly2(z, COSPI, 4), self.poly2(z, COSPI, 2)), self.poly2(z, COSPI, 0))
        c = self.v(MINUS_HALF_PI2)
        a = self.fma(z, c, self.v(ONE))
        t = self.fma(z, c, self.v(ONE) - a)
        z_lo = self.fma(r + r, rest, z_e)
        t = self.fma(z, self.v(MINUS_HALF_PI2_LO), t)
        t = self.fma(z_lo, c, t)
        cosine = a + self.fma(z2, p, t)
        n = whole(lax.clamp(np.float64(-4), half, np.float64(4))) + shift
        y = lax.select((n & 1) == 1, sine, cosine)
        return lax.select(((n + 1) & 2) == 2, -y, y)

    def cospi(self, x):
        return self.turn(self.mod2(x), self.v(0.0), 0) + self.v(0.0)

    def sinpi(self, x):
        y = self.turn(self.mod2(x), self.v(0.0), 3)
        return lax.select(y == 0, with_sign(y, x), y)

    def over_pi(self, x):
        """x/pi modulo 2 as a pair. From 2^40 on, farther than any run, it is not the one of math.h."""
        h1, e1 = self.two_mul(x, self.v(OVER_PI))
        h2, e2 = self.two_mul(x, self.v(OVER_PI_2))
        h3 = self.fma(x, self.v(OVER_PI_3), e2)
        low = two_sum(e1, h2)
        s = two_sum(self.mod2(h1), low[0])
        s = two_sum(s[0], s[1] + (low[1] + h3))
        return self.mod2(s[0]), s[1]

    def cos(self, x):
        return lax.select(lax.abs(x) < 2.0**40, self.turn(*self.over_pi(lax.abs(x)), 0), lax.cos(x))

    def sin(self, x):
        y = self.turn(*self.over_pi(lax.abs(x)), 3)
        y = lax.select(x < 0, -y, y)
        y = lax.select(lax.abs(x) < 2.0**-27, x, y)
        return lax.select(lax.abs(x) < 2.0**40, y, lax.sin(x))

    def hcos(self, x):
        x = lax.abs(self.mod2(x))
        one = self.v(ONE)
        left = one - x
        y = lax.select(left < x, left, x)
        low = x <= 0.5
        sign = lax.select(low, one, -one)
        base = lax.select(low, self.v(0.0), one)
        z, z_lo = self.two_mul(y, y)
        z2 = self.mul(z, z)
        z4 = self.mul(z2, z2)
        p0, p1, p2 = (self.poly2(z, HCOS_P, i) for i in (0, 2, 4))
        p3 = self.fma(z2, self.v(HCOS_P[6]), p2)
        p = self.fma(z4, p3, self.fma(z2, p1, p0))
        c0, c1 = self.v(QUARTER_PI2), self.v(MINUS_PI4_48)
        w = self.fma(z, c1, c0)
        w_lo = self.fma(z, c1, c0 - w)
        slope = self.fma(z, c1, w)
        a, t = self.two_mul(z, w)
        signed = sign * a
        b = base + signed
        b_lo = (base - b) + signed
        w_lo = w_lo + self.fma(z, self.v(MINUS_PI4_48_LO), self.v(QUARTER_PI2_LO))
        t = self.fma(z_lo, slope, t)
        t = self.fma(z, w_lo, t)
        t = self.fma(self.mul(z, z2), p, t)
        return b + (sign * t + b_lo)

    def tanh(self, x):
        u = lax.abs(x)
        z = self.mul(x, x)
        z2 = self.mul(z, z)
        z4 = self.mul(z2, z2)
        p0, p1, p2, p3 = (self.poly2(z, TANH, i) for i in range(0, 8, 2))
        p = self.fma(z4, self.fma(z2, p3, p2), self.fma(z2, p1, p0))
        small = with_sign(self.fma(self.mul(x, z), p, x), x)
        v = lax.select(u < 22, u, np.float64(1))
        h, l = self.times_log(v, self.v(C), self.v(C_LO))
        n = nearest(h)
        r0 = h - n
        r = r0 + l
        a, t = fast2sum(*self.exp2_core(r, l - (r - r0)))
        scale = double(lax.shift_left(whole(n) + 1023, np.int64(52)))
        one = self.v(ONE)
        a = self.mul(a, scale)
        num, den = a - one, a + one
        num_lo = self.fma(t, scale, (a - num) - one)
        den_lo = self.fma(t, scale, one - (den - a))
        inverse = self.div(one, den)
        q = self.mul(num, inverse)
        rest = self.fma(-q, den_lo, num_lo)
        rest = rest + self.fma(-q, den, num)
        large = lax.select(u < 22, self.fma(rest, inverse, q), ONE)
        return lax.select((u < 0.3) | (u != u), small, with_sign(large, x))

    # ---- rounds of a repeat

    def power_pair(self, s, n):
        def more(c):
            return c[0] != 0

        def square(c):
            k, p, q = c
            m = self.pair_mul(p, q)
            p = tuple(lax.select((k & 1) == 1, a, b) for a, b in zip(m, p))
            return lax.shift_right_logical(k, np.int64(1)), p, self.pair_mul(q, q)
        k = whole(lax.select((n > 0) & (n < 2.0**53), n, np.float64(0)))
        return self.looped(more, square, (k, (self.v(ONE), self.v(0.0)), (s, self.v(0.0))))[1]

    def looped(self, more, step, start):
        """A loop has values of its own."""
        known, halves = self.known, self.halves

        def inside(c):
            self.known, self.halves = {}, {}
            return step(c)

        def condition(c):
            self.known, self.halves = {}, {}
            return more(c)
        end = lax.while_loop(condition, inside, start)
        self.known, self.halves = known, halves
        return end

    def power_of(self, s, n):
        return self.power_pair(s, n)[0]

    def round_pair(self, n, length, s, even=False):
        """even: all rounds are known to have the same length."""
        same = self.two_mul(n, length)
        if even:
            return same
        one = self.v(ONE)
        d = s - one
        m = self.power_pair(s, n)
        far = ~(m[0] < 2.0**600) | (n >= 2.0**53)
        r = two_sum(m[0], -one)
        r = fast2sum(r[0], r[1] + m[1])
        q = self.div(r[0], d)
        rest = self.fma(-q, d, r[0])
        r = fast2sum(q, self.div(rest + r[1], d))
        q, rest = self.two_mul(r[0], length)
        rest = self.fma(r[1], length, rest)
        r = fast2sum(q, rest)
        r = lax.select(far, INF, r[0]), lax.select(far, np.float64(0), r[1])
        return tuple(lax.select(d == 0, a, b) for a, b in zip(same, r))

    def round_at(self, n, length, s):
        return self.round_pair(n, length, s)[0]

    def round_rest(self, n, length, s):
        return self.round_pair(n, length, s)[1]

    def since(self, t, r):
        return (t - r[0]) - r[1]

    def round_of(self, t, length, s, even=False):
        same = self.stairs(t, length)
        if even:
            return same
        one = self.v(ONE)
        d = s - one
        y = self.mul(self.div(t, length), d)
        w = one + y
        g = lax.select(w == 1, self.mul(y, self.v(LOG2E)), self.mul(self.log2(w), self.div(y, w - one)))
        g = self.div(g, self.log2(s))
        n = lax.select(g > 0, lax.floor(g), np.float64(0))

        def back(c):
            k, n = c
            return (k < 4) & (n > 0) & (self.since(t, self.round_pair(n, length, s)) < 0)

        def on(c):
            k, n = c
            return (k < 4) & (self.since(t, self.round_pair(n + 1, length, s)) >= 0)
        n = self.looped(back, lambda c: (c[0] + 1, c[1] - 1), (np.int64(0), n))[1]
        n = self.looped(on, lambda c: (c[0] + 1, c[1] + 1), (np.int64(0), n))[1]
        return lax.select(d == 0, same, n)

    # ---- the laws of value.h

    def affine(self, s, tau):
        return s.off + self.fma(tau, s.hi, self.mul(tau, s.lo))

    def line(self, s, tau):
        p, e = self.two_mul(tau, s.hi)
        rest = self.fma(tau, s.lo, e)
        v = s.a + p
        back = v - s.a
        lost = (s.a - (v - back)) + (p - back)
        return v + (lost + rest)

    def decay(self, s, n):
        h, l = self.times_log(n, s.hi, s.lo)
        y = self.exp2s(s.b, h, l + s.p)
        return s.a + lax.select(n == 0, s.b, y)


class Smooth(Exact):
    """The same in plain operations: where these have derivatives, they are those of the schedule."""

    def v(self, a):
        return np.float64(a) if isinstance(a, (float, int)) else a

    def held(self, x):
        return x

    def div(self, a, b):
        return a / b

    def two_mul(self, a, b):
        return a * b, np.float64(0)

    def fma(self, a, b, c):
        return a * b + c

    def exp2s(self, b, h, l):
        return b * lax.exp2(h + l)

    def exp2x(self, hi, lo, x):
        return lax.exp2(x * (hi + lo))

    def log2_pair(self, x):
        return lax.log(x) * LOG2E, np.float64(0)

    def log2_exact(self, x):
        return self.log2_pair(x)

    def pow(self, x, y):
        return jnp.power(x, y)

    def cospi(self, x):
        return lax.cos(x * PI)

    def sinpi(self, x):
        return lax.sin(x * PI)

    def cos(self, x):
        return lax.cos(x)

    def sin(self, x):
        return lax.sin(x)

    def hcos(self, x):
        return (1 - lax.cos(x * PI)) * 0.5

    def tanh(self, x):
        return lax.tanh(x)

    def decay(self, s, n):
        return s.a + self.exp2s(s.b, n * (s.hi + s.lo), s.p)


def operations(*of):
    """Step code calls m.k_add: operands may be literals."""
    for name, f in of:
        def k(m, *args, f=f):
            return f(m, *map(m.v, args))
        setattr(Exact, "k_" + name, k)


operations(
    ("add", lambda m, a, b: a + b), ("sub", lambda m, a, b: a - b), ("neg", lambda m, a: -a), ("abs", lambda m, a: lax.abs(a)),
    ("min", lambda m, a, b: lax.select(a < b, a, b)), ("max", lambda m, a, b: lax.select(a > b, a, b)),
    ("lt", lambda m, a, b: truth(a < b)), ("le", lambda m, a, b: truth(a <= b)),
    ("eq", lambda m, a, b: truth(a == b)), ("ne", lambda m, a, b: truth(a != b)),
    ("and", lambda m, a, b: truth((a != 0) & (b != 0))), ("or", lambda m, a, b: truth((a != 0) | (b != 0))),
    ("not", lambda m, a: truth(a == 0)), ("select", lambda m, a, b, c: lax.select(a != 0, b, c)),
    ("floor", lambda m, a: lax.floor(a)), ("ceil", lambda m, a: lax.ceil(a)),
    ("round", lambda m, a: lax.round(a, lax.RoundingMethod.AWAY_FROM_ZERO)),
    ("trunc", lambda m, a: lax.select(a < 0, lax.ceil(a), lax.floor(a))),
    *((name, lambda m, *args, name=name: getattr(m, name)(*args)) for name in (
        "mul", "div", "fma", "sqrt", "stairs", "mod", "exp2", "exp2s", "exp2x", "exp", "log2", "log2hi", "log2lo", "log", "log10",
        "pow", "cospi", "sinpi", "cos", "sin", "hcos", "tanh", "power_of", "round_of", "round_at", "round_rest")))


# ---- what an output is at a step: value.h


class Segment:
    def __init__(self, words):
        self.end, self.ref, self.hi, self.lo, self.a, self.b, self.off, self.p = words


class Level:
    """An output or a block that runs, and the time in it."""

    def __init__(self, rows, row, x, m=ONE):
        self.rows = rows  # those that may be meant: which, is known when the step is
        self.row, self.x, self.m = row, x, m


def at(numbers, i):
    """numbers[i] for a traced i."""
    return lax.dynamic_index_in_dim(np.asarray(numbers, np.int32), i, keepdims=False)


def chosen(index, of, values, otherwise):
    """values[k] where index is of[k]."""
    y = otherwise
    for k, v in zip(of, values):
        y = lax.select(index == k, v, y)
    return y


class Evaluation:
    """The outputs of a program at one time. known: the table, as far as it does not depend on traced params, else NaN."""

    def __init__(self, program, m, T, known, x):
        self.p, self.m, self.T, self.known, self.x = program, m, T, known, x
        self.done = {}

    def out_at(self, i):
        if i not in self.done:
            self.done[i] = self.value(self.p.outs[i])
        return self.done[i]

    def words(self, start, n):
        return lax.dynamic_slice(self.T, (start,), (n,))

    def value(self, o):
        v = self.base(o)
        for what, n, t in self.p.scales[o.scale:o.scale + o.nscale]:
            if what != STATE:  # its factor is 1 before anything is observed
                v = self.scaled(v, np.int32(what), n, t, n, {what}, self.x)
        if o.bounds != NONE:
            lo, hi = self.T[o.bounds], self.T[o.bounds + 1]
            v = lax.select(v < lo, lo, lax.select(v > hi, hi, v))
        return v

    def scaled(self, v, what, n, t, most, kinds, x):
        """v after a scale, which has at most so many times, and is of one of these kinds."""
        m = self.m
        head = self.words(t, 4)
        hi, lo, floor, period = (head[i] for i in range(4))
        count = m.v(0.0)
        if AT in kinds:
            i = np.arange(most, dtype=np.int32)
            times = self.words(t + 3, most) if most else np.zeros(0)
            count = real(jnp.sum((times <= x) & (i < n), dtype=np.int64))
        if EVERY in kinds:
            stairs = m.stairs(x, period)
            count = lax.select(what == EVERY, stairs, count) if AT in kinds else stairs
        s = lax.select(count == 0, m.v(ONE), m.exp2x(hi, lo, count))
        w = m.mul(v, s)
        return lax.select((s < 1) & (w < floor), lax.select(v < floor, v, floor), w)

    def segment_at(self, v):
        """The number of the segment of a level that holds at its time, and its words."""
        most = max(r.nseg for r in v.rows)
        if len(v.rows) == 1:
            nseg, seg, kind = v.rows[0].nseg, np.int32(v.rows[0].seg), np.int32(v.rows[0].kind)
        else:
            nseg, seg, kind = (at([getattr(r, f) for r in v.rows], v.row) for f in ("nseg", "seg", "kind"))
        j = np.int32(0)
        if most > 1:
            i = np.arange(most - 1, dtype=np.int32)
            if len(v.rows) == 1:
                ends = lax.slice(self.T, (v.rows[0].seg,), (v.rows[0].seg + 8 * (most - 1),)).reshape(-1, 8)[:, 0]
            else:
                ends = self.words(seg, 8 * (most - 1)).reshape(-1, 8)[:, 0]
            j = jnp.sum((ends * v.m <= v.x) & (i < nseg - 1), dtype=np.int32)
        return kind + j, self.words(seg + 8 * j, 8)

    def of(self, rows):
        """The segments that these levels have: (number, words as far as they are known)."""
        return [(r.kind + j, self.known[r.seg + 8 * j:r.seg + 8 * j + 8]) for r in rows for j in range(r.nseg)]

    def base(self, o):
        m, p = self.m, self.p
        level = Level([o], np.int32(0), self.x)
        number, words = self.segment_at(level)
        kinds = {p.kinds[k] for k, _ in self.of([o])}
        rows, cycle, stretched = [o], m.v(0.0), False
        entered = []  # (whether, the level, the logs of what its round multiplies by)
        candidates = self.of(rows)
        leaves = list(candidates)
        while True:
            subs = [(k, w) for k, w in candidates if p.kinds[k] == SUB]
            if not subs:
                break
            inside = at(p.kinds, number) == SUB
            into, c, repeats, stretches = self.enter(level, number, words, subs)
            stretched = stretched or stretches
            if repeats:
                cycle = lax.select(inside & (words[3] > 0), c, cycle)
            factors = (words[5], words[6], c) if any(not (w[5] == 0 and w[6] == 0) for _, w in subs) and repeats else None
            entered.append((inside, into, factors))
            deeper, deeper_words = self.segment_at(into)
            number = lax.select(inside, deeper, number)
            words = lax.select(inside, deeper_words, words)
            level = Level(into.rows, into.row, lax.select(inside, into.x, level.x),
                          lax.select(inside, into.m, level.m) if stretched else ONE)
            candidates = self.of(into.rows)
            kinds |= {p.kinds[k] for k, _ in candidates}
            leaves += candidates
        v = self.law(number, Segment([words[i] for i in range(8)]), kinds, leaves, level, cycle, stretched)
        for inside, into, factors in reversed(entered):
            w = self.block_scales(v, into, stretched)
            if factors:
                hi, lo, c = factors
                w = m.mul(w, lax.select((c == 0) | ((hi == 0) & (lo == 0)), m.v(ONE), m.exp2x(hi, lo, c)))
            if w is not v:
                v = lax.select(inside, w, v)
        return v

    def enter(self, up, number, t, subs):
        """Into the block of a segment: a level, the round, whether there are rounds, and whether they may differ in length."""
        m, p = self.m, self.p
        repeats = any(not w[3] == 0 for _, w in subs)
        even = all(w[3] in (0, 1) for _, w in subs)
        plain = up.m is ONE
        ref, length = (t[1], t[2]) if plain else (m.mul(t[1], up.m), m.mul(t[2], up.m))
        stretch, count = t[3], t[4]
        x, c, mm = up.x - ref, m.v(0.0), up.m
        block = at(p.exprs, number)
        if repeats:
            last = count - 1
            c = m.round_of(x, length, stretch, even)
            c = lax.select(c < last, c, last)
            c = lax.select((c > 0) & (stretch > 0), c, np.float64(0))
            start = m.round_pair(c, length, stretch, even)
            x = lax.select(stretch > 0, m.since(x, start), x)
            if not even:
                mm = mm * m.v(ONE)
                mm = lax.select((stretch == 1) | ~(stretch > 0), mm, m.mul(mm, m.power_of(stretch, c)))
            later = lax.convert_element_type(t[7], np.int32)
            block = lax.select((c > 0) & (later > 0), later - 1, block)
        blocks = sorted({p.exprs[k] for k, _ in subs} | {int(w[7]) - 1 for _, w in subs if w[7] > 0})
        row = jnp.sum(np.asarray(blocks, np.int32) < block, dtype=np.int32)
        return Level([p.blocks[b] for b in blocks], row, x, mm), c, repeats, not even

    def block_scales(self, v, into, stretched):
        rows = into.rows
        x = self.m.div(into.x, into.m) if stretched else into.x
        for i in range(max(r.nscale for r in rows)):
            of = [self.p.scales[r.scale + i] if i < r.nscale else (NONE, 0, 0) for r in rows]
            what, n, t = (at([s[f] for s in of], into.row) for f in range(3))
            w = self.scaled(v, what, n, t, max(s[1] for s in of), {s[0] for s in of}, x)
            v = lax.select(what == NONE, v, w)
        return v

    def stretch(self, s, kind, v):
        """The segment with times m as long."""
        m, by = self.m, v.m
        plain = by == 1
        hi = m.div(s.hi, by)
        lo = m.div(m.fma(-hi, by, s.hi) + s.lo, by)
        lo = lax.select(lo == lo, lo, np.float64(0))
        stair = kind == STAIR
        s.ref = lax.select(plain, s.ref, m.mul(s.ref, by))
        s.hi = lax.select(plain | stair, s.hi, hi)
        s.lo = lax.select(plain | stair, s.lo, lo)
        s.off = lax.select(~plain & (stair | (kind == EXPR)), m.mul(s.off, by), s.off)
        s.p = lax.select(~plain & (kind == COSQRT), m.mul(s.p, by), s.p)

    def law(self, number, s, kinds, leaves, level, cycle, stretched):
        """The value of the segment: all laws that may be meant are computed, and one is chosen."""
        m, p, x = self.m, self.p, level.x
        kind = at(p.kinds, number)
        if stretched:
            self.stretch(s, kind, level)
        tau = x - s.ref
        values = {}
        if kinds & {EXP2, STAIR}:
            n = tau
            if STAIR in kinds:
                n = m.stairs(tau, s.off)
                if EXP2 in kinds:
                    n = lax.select(kind == STAIR, n, tau)
            values[EXP2] = values[STAIR] = m.decay(s, n)
        if LINEAR in kinds:
            values[LINEAR] = m.line(s, tau)
        w = m.affine(s, tau) if kinds & {HCOS, POW, SQRT, COSQRT, RSQRT, RECIP} else None
        one = m.v(ONE)
        shapes = {
            HCOS: lambda: m.hcos(w), POW: lambda: m.pow(w, s.p), SQRT: lambda: m.sqrt(w),
            COSQRT: lambda: m.div(w, one + m.sqrt(m.fma(s.p - x, s.hi, m.mul(s.p - x, s.lo)))),
            RSQRT: lambda: m.div(one, m.sqrt(w)), RECIP: lambda: m.div(one, w)}
        for k, g in shapes.items():
            if k in kinds:
                values[k] = m.fma(s.b, g(), s.a)
        if EXPR in kinds:
            left = s.off - x
            args = (self.T, self.x, m.div(tau, level.m) if stretched else tau, m.fma(tau, s.hi, m.mul(tau, s.lo)),
                    m.fma(left, s.hi, m.mul(left, s.lo)), cycle)
            which = sorted({p.exprs[k] for k, _ in leaves if p.kinds[k] == EXPR})
            results = [m.v(p.code[e](m, self, *args)) for e in which]
            values[EXPR] = chosen(at(p.exprs, number), which[1:], results[1:], results[0])
        present = sorted(kinds & values.keys())
        return chosen(kind, present, [values[k] for k in present], s.a)


# ---- the schedule


class Row:
    def __init__(self, nseg, seg, kind, nscale, scale, bounds):
        self.nseg, self.seg, self.kind, self.nscale, self.scale, self.bounds = nseg, seg, kind, nscale, scale, bounds


class Param:
    """value: the number that the table is for; None: it has none."""

    def __init__(self, name, value, lo, hi):
        self.name, self.value, self.lo, self.hi = name, value, lo, hi


class Program:
    """The tables of a program. table: None where an entry depends on params; bound: those entries for the values of params."""

    def __init__(self, *, name, params, outputs, inputs, outs, blocks, kinds, exprs, scales, events, table, bound, bind, code):
        self.name, self.outputs, self.inputs, self.kinds, self.exprs, self.scales = name, outputs, inputs, kinds, exprs, scales
        self.params = [Param(*q) for q in params]
        self.outs, self.blocks = [Row(*o) for o in outs], [Row(*o) for o in blocks]
        self.events, self.bind, self.code = [inf] * events, bind, code
        self.slots = np.array([i for i, v in enumerate(table) if v is None], np.int32)
        # what is read at once may reach over the end
        more = max([8 * o.nseg for o in self.outs + self.blocks] + [n for _, n, _ in scales]) + 8
        self.known = np.array([nan if v is None else v for v in table] + [0.0] * more, np.float64)
        self.bound = None
        if bound is not None:
            self.bound = self.known.copy()
            self.bound[self.slots] = bound

    def value(self, arithmetic, out, x, given):
        """An output at the time x. given: params that have not the value that the table is for; doubles, which may be traced."""
        x = lax.select(x < 0, np.float64(0), x)
        sure = x < 2.0**1000
        m = arithmetic(sure)
        known, sound = self.known if given else self.bound, None
        T = lax.select(jnp.broadcast_to(sure, known.shape), known, np.zeros(known.shape))
        if given:
            P = [m.v(given.get(q.name, q.value)) for q in self.params]
            checks, values = self.bind(m, P, self.events)
            sound = [m.v(c) != 0 for c in checks]
            sound += [(v >= q.lo) & (v <= q.hi) for v, q in zip(P, self.params) if q.lo is not None and q.name in given]
            if values:
                T = T.at[self.slots].set(jnp.stack([m.v(v) for v in values]))
        v = Evaluation(self, m, T, known, x).out_at(out)
        for c in sound or ():
            v = lax.select(c, v, NAN)
        return v


def to_double(a):
    return lax.convert_element_type(a, np.float64)


def within(q, v):
    """The double of a value for the param q. The ends of its range, rounded to the precision that the value has, are in the range."""
    d = to_double(v)
    if q.lo is None or v.dtype == np.float64 or not jnp.issubdtype(v.dtype, jnp.floating):
        return d
    lo, hi = (np.float64(np.asarray(end, v.dtype)) for end in (q.lo, q.hi))
    d = lax.select((d >= lo) & (d < q.lo), np.float64(q.lo), d)
    return lax.select((d <= hi) & (d > q.hi), np.float64(q.hi), d)


class Schedule:
    """A schedule as a function: count -> value, in jax's default precision. It may be traced, and is an optax.Schedule.

    Rules that act on metrics have not acted.
    """

    def __init__(self, program, output=0, given=None):
        self._program, self._output, self._given = program, output, given or {}
        known = {q.name: q.value for q in program.params}
        changed = {k: v for k, v in self._given.items() if not (isinstance(v, np.float64) and v == known[k])}
        missing = [q.name for q in program.params if q.value is None and q.name not in changed]
        self._missing = f"the param `{missing[0]}` of {program.name} has no value: give it one with with_params" if missing else None
        fixed = {k: v for k, v in changed.items() if isinstance(v, np.float64)}
        self._traced = {k: v for k, v in changed.items() if k not in fixed}
        self._curve = self._made(fixed, list(self._traced))

    def _made(self, fixed, names):
        program, output = self._program, self._output
        as_doubles = [to_double] + [functools.partial(within, q) for name in names for q in program.params if q.name == name]

        def value(arithmetic, *args):
            count, *traced = (f(v) for f, v in zip(as_doubles, args))
            return program.value(arithmetic, output, count, {**fixed, **dict(zip(names, traced))})

        def exact(count, *traced):
            dtype = jax.dtypes.canonicalize_dtype(np.float64)
            with enable_x64(True):
                return lax.convert_element_type(value(Exact, count, *traced), dtype)

        def slopes(which, *args):
            """The derivatives by the arguments that these are."""
            dtype = jax.dtypes.canonicalize_dtype(np.float64)

            def of(*those):
                full = list(args)
                for i, v in zip(which, those):
                    full[i] = v
                return value(Smooth, *full)
            with enable_x64(True):
                those = [as_doubles[i](args[i]) for i in which]
                d = jax.vmap(lambda *t: jax.jvp(of, those, list(t))[1])(*np.eye(len(which)))
                return lax.convert_element_type(d, dtype)

        curve = jax.custom_jvp(jax.jit(exact))
        slopes = jax.jit(slopes, static_argnums=0)

        def rule(primals, tangents):
            y = curve(*primals)
            which = [i for i, t in enumerate(tangents)
                     if type(t) is not jax.custom_derivatives.SymbolicZero and t.dtype != jax.dtypes.float0]
            dy = jnp.zeros_like(y)
            if which:
                d = slopes(tuple(which), *primals)
                for k, i in enumerate(which):
                    dy = dy + d[k] * tangents[i].astype(dy.dtype)
            return y, dy
        curve.defjvp(rule, symbolic_zeros=True)
        return curve

    def __call__(self, count):
        if self._missing:
            raise ValueError(self._missing)
        count = jnp.asarray(count)
        curve = self._curve
        for _ in range(count.ndim):
            curve = jax.vmap(curve, (0,) + (None,) * len(self._traced))
        return curve(count, *self._traced.values())

    @property
    def name(self):
        return self._program.name

    @property
    def outputs(self):
        """The names of the schedules of the file; the first is the one that a Schedule is of, unless output() says otherwise."""
        return tuple(self._program.outputs)

    @property
    def inputs(self):
        """The names of the metrics that rules would act on."""
        return tuple(self._program.inputs)

    @property
    def params(self):
        """The names of the params and their values, which may be traced."""
        return {q.name: self._given.get(q.name, q.value) for q in self._program.params}

    def output(self, name):
        """The schedule of another output."""
        if name not in self._program.outputs:
            raise ValueError(f"there is no output `{name}`; there is {', '.join(f'`{n}`' for n in self._program.outputs)}")
        return Schedule(self._program, self._program.outputs.index(name), self._given)

    def with_params(self, params=None, /, **more):
        """The schedule with other params: numbers, or values of jax, by which it may be derived and over which it may be mapped.

        Where values of jax are not those of a schedule, for one outside of its range, the rate is NaN.
        """
        given = dict(self._given)
        for name, value in {**(params or {}), **more}.items():
            known = [q for q in self._program.params if q.name == name]
            if not known:
                raise ValueError(f"there is no param `{name}`; there is {', '.join(f'`{q.name}`' for q in self._program.params)}")
            if isinstance(value, jax.Array):
                given[name] = value
                continue
            value = given[name] = np.float64(value)
            if known[0].lo is not None and not known[0].lo <= value <= known[0].hi:
                raise ValueError(f"the param `{name}` is {value}, which is not in its range, {known[0].lo} to {known[0].hi}")
        return Schedule(self._program, self._output, given)

    def __repr__(self):
        return f"<lrs schedule {self.name!r} for JAX, output {self._program.outputs[self._output]!r}>"
