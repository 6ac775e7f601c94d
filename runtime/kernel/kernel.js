/* kernel.js: the kernel in JavaScript: base.h, types.h, math.h, value.h, observe.h and state.h once more.
 *
 * In: a program: descriptors, T or bind(), and step code, which `lrsc --emit=js` writes behind this text, into one function.
 * Out: lrs_k_schedule, which makes the interface of the module, with the same 64 bits as every other engine. Calls Math.abs,
 * floor, ceil, trunc, sqrt and fround, which are exact or correctly rounded, and nothing else of Math.
 *
 * A browser does not run C, so this is a second definition of what the headers define, under the same names and in the same
 * order; comments that are there are not repeated. The two are changed together, and ctest holds them to each other: js.names
 * looks for every function and number, js.kernel compares the results of math.h, js.fma those of lrs_k_fma with fma of C, and
 * the engine `js` of the differential test whole programs, all bit for bit.
 *
 * What is other than in C:
 *   - There is no fma: lrs_k_fma computes it.
 *   - A place in memory is an array and an index: the words of a segment are S[s + LRS_K_REF] and so on.
 *   - Times are Numbers; steps in the state are 64-bit integers, as are its counters: a BigInt64Array.
 *   - Filling is a loop over single values: there are no vectors to gain by more.
 *   - Branches in place of selects: what is not selected is not computed.
 */

/* ---- base.h ---- */

const LRS_K_INF = Infinity;
const LRS_K_NAN = NaN;

/* The words of a double, to look at and to make one. */
const lrs_k_cast_d = new Float64Array(1);
const lrs_k_cast_w = new Uint32Array(lrs_k_cast_d.buffer);
const lrs_k_cast_u = new BigUint64Array(lrs_k_cast_d.buffer);
const LRS_K_HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0]; /* index of the upper word: 1 on little-endian machines */
const LRS_K_LOW = 1 - LRS_K_HIGH;

/* A NaN of JavaScript has no bits of its own: it gets those of lrs_k_canon. */
function lrs_k_bits(x) {
    lrs_k_cast_d[0] = x;
    return x === x ? lrs_k_cast_u[0] : 0x7ff8000000000000n;
}

function lrs_k_double(u) {
    lrs_k_cast_u[0] = u;
    return lrs_k_cast_d[0];
}

/* 2^n for -1022 <= n <= 1023 */
function lrs_k_scale2(n) {
    lrs_k_cast_w[LRS_K_LOW] = 0;
    lrs_k_cast_w[LRS_K_HIGH] = (n + 1023) << 20;
    return lrs_k_cast_d[0];
}

/* ---- fma, which C has ---- */

/* A finite x as [m, e]: m 2^e with an integer m. */
function lrs_k_integer(x) {
    const u = lrs_k_bits(x);
    const exponent = Number(u >> 52n & 0x7ffn);
    const fraction = u & 0xfffffffffffffn;
    const m = exponent === 0 ? fraction : fraction | 0x10000000000000n;
    return [u >> 63n ? -m : m, exponent === 0 ? -1074 : exponent - 1075];
}

/* The double nearest to m 2^e, ties to even; m is not 0. */
function lrs_k_nearest(m, e) {
    let u = m < 0n ? -m : m;
    const least = u.toString(2).length + e - 53, last = least > -1074 ? least : -1074; /* the last bit weighs 2^last */
    if (last > e) {
        const n = BigInt(last - e), half = 1n << n - 1n, rest = u & (1n << n) - 1n;
        u >>= n;
        if (rest > half || (rest === half && (u & 1n)))
            u += 1n;
    } else {
        u <<= BigInt(e - last);
    }
    u += BigInt(last + 1074) << 52n; /* the leading bit of a normal number is 1 more in its exponent */
    const v = lrs_k_double(u < 0x7ff0000000000000n ? u : 0x7ff0000000000000n);
    return m < 0n ? -v : v;
}

/* For what doubles alone do not manage: infinities and NaN, products of 0, and exponents near the ends, in integers. */
function lrs_k_fma_rare(a, b, c) {
    if (!(Math.abs(a) < LRS_K_INF && Math.abs(b) < LRS_K_INF) || a === 0.0 || b === 0.0)
        return a * b + c;
    if (!(Math.abs(c) < LRS_K_INF))
        return c;
    const [ma, ea] = lrs_k_integer(a), [mb, eb] = lrs_k_integer(b), [mc, ec] = lrs_k_integer(c);
    const e = ec < ea + eb ? ec : ea + eb;
    const m = (ma * mb << BigInt(ea + eb - e)) + (mc << BigInt(ec - e));
    return m === 0n ? 0.0 : lrs_k_nearest(m, e);
}

/* The sum of an exact z + r that z is the nearest double of, r not 0, rounded to odd: the neighbour of z on the side of r when
 * z is even. */
function lrs_k_odd(z, r) {
    lrs_k_cast_d[0] = z;
    const low = lrs_k_cast_w[LRS_K_LOW];
    if (low & 1)
        return z;
    if (r > 0.0 === z > 0.0) {
        lrs_k_cast_w[LRS_K_LOW] = low + 1;
    } else {
        if (low === 0)
            lrs_k_cast_w[LRS_K_HIGH] -= 1;
        lrs_k_cast_w[LRS_K_LOW] = low - 1;
    }
    return lrs_k_cast_d[0];
}

/* a b + c, rounded once. The product is p + e (Dekker, Veltkamp), and p + e + c is vh + vl + tl, all exactly. vl + tl is rounded
 * to odd; then the last sum rounds as if it had all digits (Boldo and Melquiond 2008). */
function lrs_k_fma(a, b, c) {
    const p = a * b, size = Math.abs(p);
    if (!(size > 1e-270 && size < 1e300 && Math.abs(a) < 1e297 && Math.abs(b) < 1e297 && Math.abs(c) < 1e300))
        return lrs_k_fma_rare(a, b, c);
    const as = a * 134217729.0, ah = as - (as - a), al = a - ah;
    const bs = b * 134217729.0, bh = bs - (bs - b), bl = b - bh;
    const e = ((ah * bh - p) + ah * bl + al * bh) + al * bl;
    const th = c + e, tv = th - c, tl = (c - (th - tv)) + (e - tv);
    const vh = p + th, vv = vh - p, vl = (p - (vh - vv)) + (th - vv);
    const z = tl + vl, zv = z - tl, r = (tl - (z - zv)) + (vl - zv);
    return vh + (r === 0.0 ? z : lrs_k_odd(z, r));
}

/* ---- types.h ---- */

const LRS_K_CONST = 0, LRS_K_LINEAR = 1, LRS_K_EXP2 = 2, LRS_K_STAIR = 3, LRS_K_HCOS = 4, LRS_K_POW = 5, LRS_K_SQRT = 6,
    LRS_K_COSQRT = 7, LRS_K_RSQRT = 8, LRS_K_RECIP = 9, LRS_K_EXPR = 10, LRS_K_SUB = 11;

/* The eight words of a segment, and what those of a SUB are called. */
const LRS_K_END = 0, LRS_K_REF = 1, LRS_K_HI = 2, LRS_K_LO = 3, LRS_K_A = 4, LRS_K_B = 5, LRS_K_OFF = 6, LRS_K_P = 7;
const LRS_K_LENGTH = 2, LRS_K_STRETCH = 3, LRS_K_COUNT = 4, LRS_K_LOG_HI = 5, LRS_K_LOG_LO = 6, LRS_K_LATER = 7;
const LRS_K_SEG_WORDS = 8;
const LRS_K_NEST = 8;
const LRS_K_NONE = 0xffffffff;

const LRS_K_AT = 0, LRS_K_EVERY = 1, LRS_K_STATE = 2;
const LRS_K_PLATEAU = 0, LRS_K_DIVERGE = 1, LRS_K_CONDITION = 2, LRS_K_CLOCK = 3;
const LRS_K_TORCH = 0, LRS_K_KERAS = 1, LRS_K_OPTAX = 2, LRS_K_PADDLE = 3;
const LRS_K_BY_COUNT = 0, LRS_K_BY_TIME = 1, LRS_K_BY_CLOCK = 2;
const LRS_K_SCALE = 0, LRS_K_NEXT = 1, LRS_K_STOP = 2, LRS_K_RESTART = 3;

function lrs_k_det_timed(t) {
    return t.patience_by !== LRS_K_BY_COUNT || t.cooldown_by !== LRS_K_BY_COUNT;
}

function lrs_k_det_d(t) {
    if (t.kind > LRS_K_DIVERGE)
        return t.kind === LRS_K_CLOCK ? 1 : 0;
    return 3 + (t.dialect === LRS_K_OPTAX ? 2 : 0) + (lrs_k_det_timed(t) ? 2 : 0);
}

const LRS_K_STATE_VERSION = 2;
const LRS_K_STOPPED = 1n;
const LRS_K_HEADER_WORDS = 2;

const LRS_K_E_TRUNCATED = -101, LRS_K_E_MAGIC = -102, LRS_K_E_VERSION = -103, LRS_K_E_DAMAGED = -104, LRS_K_E_PROGRAM = -105,
    LRS_K_E_PARAMS = -106;

/* ---- math.h: the basic operations ---- */

function lrs_k_min(a, b) {
    return a < b ? a : b;
}

function lrs_k_max(a, b) {
    return a > b ? a : b;
}

function lrs_k_abs(x) {
    return Math.abs(x);
}

function lrs_k_neg(x) {
    return -x;
}

function lrs_k_sqrt(x) {
    return Math.sqrt(x);
}

function lrs_k_canon(x) {
    return x === x ? x : LRS_K_NAN;
}

/* The sign of a NaN is +. */
function lrs_k_withsign(magnitude, sign) {
    const u = Math.abs(magnitude);
    return sign < 0.0 || (sign === 0.0 && 1.0 / sign < 0.0) ? -u : u;
}

/* ---- rounding to integers: Math.floor and its kin are exact, and have the same zeros ---- */

function lrs_k_rint_abs(u) {
    return (u + 4503599627370496 /* 2^52 */) - 4503599627370496 /* 2^52 */;
}

function lrs_k_floor(x) {
    return Math.floor(x);
}

function lrs_k_ceil(x) {
    return Math.ceil(x);
}

function lrs_k_trunc(x) {
    return Math.trunc(x);
}

function lrs_k_round(x) {
    const u = Math.abs(x);
    const k = Math.floor(u);
    return lrs_k_withsign(u - k >= 0.5 ? k + 1.0 : k, x);
}

function lrs_k_stairs(x, d) {
    const n = lrs_k_floor(x / d);
    const rest = lrs_k_fma(-n, d, x);
    if (!(d > 0.0 && d < LRS_K_INF))
        return LRS_K_NAN;
    return rest < 0.0 ? n - 1.0 : n;
}

function lrs_k_mod(x, d) {
    let r = lrs_k_fma(-lrs_k_stairs(x, d), d, x);
    r = lrs_k_fma(-lrs_k_stairs(r, d), d, r);
    return r < 0.0 || r > d ? 0.0 : r;
}

/* ---- powers of two ---- */

function lrs_k_exp2_q(r, r2) {
    const r4 = r2 * r2;
    const r8 = r4 * r4;
    const p0 = lrs_k_fma(r, 0.05550410866482073, 0.24022650695910122);
    const p1 = lrs_k_fma(r, 0.001333355814668744, 0.009618129107597023);
    const p2 = lrs_k_fma(r, 1.5252733545535121e-05, 0.00015403530454022657);
    const p3 = lrs_k_fma(r, 1.0178185217050839e-07, 1.321543662912644e-06);
    const p4 = lrs_k_fma(r, 4.436218695153353e-10, 7.0735761197215085e-09);
    let q0 = lrs_k_fma(r2, p1, p0);
    const q1 = lrs_k_fma(r2, p3, p2);
    q0 = lrs_k_fma(r4, q1, q0);
    return lrs_k_fma(r8, p4, q0);
}

/* n is shifted less what shifts it; n + 2046 is cut into the exponents of two factors. */
function lrs_k_exp2_tail(b, h, shifted, r, e) {
    if (h < -1100.0)
        return 0.0;
    if (h > 1025.0)
        return b * LRS_K_INF;
    const r2 = r * r;
    const q = lrs_k_exp2_q(r, r2);
    const a = lrs_k_fma(r, 0.6931471805599453, 1.0);
    let t = lrs_k_fma(r, 0.6931471805599453, 1.0 - a);
    const n = shifted - 6755399441055744 /* 1.5 * 2^52 */ + 2046;
    const half = Math.floor(n * 0.5);
    const s1 = b * lrs_k_scale2(half - 1023);
    const s2 = lrs_k_scale2(n - half - 1023);
    t = lrs_k_fma(r, 2.3190468138462996e-17, t);
    t = lrs_k_fma(e, 0.6931471805599453, t);
    t = lrs_k_fma(r2, q, t);
    return lrs_k_fma(a, s1, t * s1) * s2;
}

function lrs_k_exp2(x) {
    const shifted = x + 6755399441055744 /* 1.5 * 2^52 */;
    const r = x - (shifted - 6755399441055744 /* 1.5 * 2^52 */);
    return lrs_k_exp2_tail(1.0, x, shifted, r, 0.0);
}

function lrs_k_exp2s(b, h, l) {
    const shifted = h + 6755399441055744 /* 1.5 * 2^52 */;
    const r0 = h - (shifted - 6755399441055744 /* 1.5 * 2^52 */);
    const r = r0 + l;
    return lrs_k_exp2_tail(b, h, shifted, r, l - (r - r0));
}

function lrs_k_exp2x(hi, lo, x) {
    if (x === 0.0)
        return 1.0;
    const h = x * hi;
    const l = lrs_k_fma(x, lo, lrs_k_fma(x, hi, -h));
    return lrs_k_exp2s(1.0, h, l);
}

function lrs_k_exp(x) {
    return lrs_k_exp2x(1.4426950408889634, 2.0355273740931033e-17, x);
}

/* ---- logarithms; a pair is {hi, lo} ---- */

function lrs_k_fast2sum(a, b) {
    const hi = a + b;
    return {hi, lo: b - (hi - a)};
}

function lrs_k_2sum(a, b) {
    const hi = a + b;
    const v = hi - a;
    return {hi, lo: (a - (hi - v)) + (b - v)};
}

function lrs_k_2mul(a, b) {
    const p = a.hi * b.hi;
    let e = lrs_k_fma(a.hi, b.hi, -p);
    e = lrs_k_fma(a.hi, b.lo, e);
    e = lrs_k_fma(a.lo, b.hi, e);
    return lrs_k_fast2sum(p, e);
}

/* {k, hi, lo} */
function lrs_k_log2_split(x) {
    const tiny = x < 2.2250738585072014e-308 /* 2^-1022 */;
    lrs_k_cast_d[0] = tiny ? x * 18014398509481984 /* 2^54 */ : x;
    const high = lrs_k_cast_w[LRS_K_HIGH];
    const e = (high >>> 20) - (tiny ? 1023 + 54 : 1023);
    lrs_k_cast_w[LRS_K_HIGH] = (high & 0xfffff) | 0x3ff00000;
    let m = lrs_k_cast_d[0];
    const big = m > 1.4142135623730951;
    m = big ? m * 0.5 : m;
    const num = m - 1.0;
    const den = m + 1.0;
    const den_lo = m - (den - 1.0);
    const hi = num / den;
    const inverse = 1.0 / den;
    let rest = lrs_k_fma(-hi, den, num);
    rest = lrs_k_fma(-hi, den_lo, rest);
    return {k: big ? e + 1 : e, hi, lo: rest * inverse};
}

function lrs_k_log2_pair(x) {
    const s = lrs_k_log2_split(x);
    const z = s.hi * s.hi;
    const z_lo = lrs_k_fma(s.hi + s.hi, s.lo, lrs_k_fma(s.hi, s.hi, -z));
    const z2 = z * z;
    const z4 = z2 * z2;
    const p0 = lrs_k_fma(z, 0.32059889794353313, 0.4121985831111984);
    const p1 = lrs_k_fma(z, 0.22195247133503504, 0.26230819535047845);
    const p2 = lrs_k_fma(z, 0.1685804644076404, 0.19239434895596672);
    const p3 = lrs_k_fma(z2, 0.17183086643194342, p2);
    const r = lrs_k_fma(z4, p3, lrs_k_fma(z2, p1, p0));
    const w3 = lrs_k_fma(z, 0.5770780163555853, 0.9617966939259756);
    let w3_lo = lrs_k_fma(z, 0.5770780163555853, 0.9617966939259756 - w3);
    const w = lrs_k_fma(z, w3, 2.8853900817779268);
    let w_lo = lrs_k_fma(z, w3, 2.8853900817779268 - w);
    const slope = lrs_k_fma(z, 0.5770780163555853, w3);
    w3_lo = w3_lo + lrs_k_fma(z, 5.2551030481378675e-17, 5.0577616648125907e-17);
    w3_lo = lrs_k_fma(z2, r, w3_lo);
    w_lo = w_lo + 4.0710547481862066e-17;
    w_lo = lrs_k_fma(z_lo, slope, w_lo);
    w_lo = lrs_k_fma(z, w3_lo, w_lo);
    const p = s.hi * w;
    let p_lo = lrs_k_fma(s.hi, w, -p);
    p_lo = lrs_k_fma(s.lo, w, p_lo);
    p_lo = lrs_k_fma(s.hi, w_lo, p_lo);
    const y = lrs_k_fast2sum(s.k, p);
    return lrs_k_fast2sum(y.hi, y.lo + p_lo);
}

function lrs_k_log_special(x) {
    if (x === 0.0)
        return -LRS_K_INF;
    return x === LRS_K_INF ? LRS_K_INF : LRS_K_NAN;
}

function lrs_k_log2(x) {
    return x > 0.0 && x < LRS_K_INF ? lrs_k_log2_pair(x).hi : lrs_k_log_special(x);
}

function lrs_k_log_scaled(x, chi, clo) {
    if (!(x > 0.0 && x < LRS_K_INF))
        return lrs_k_log_special(x);
    const l = lrs_k_log2_pair(x);
    const p = l.hi * chi;
    let e = lrs_k_fma(l.hi, chi, -p);
    e = lrs_k_fma(l.hi, clo, e);
    e = lrs_k_fma(l.lo, chi, e);
    return p + e;
}

function lrs_k_log(x) {
    return lrs_k_log_scaled(x, 0.6931471805599453, 2.3190468138462996e-17);
}

function lrs_k_log10(x) {
    return lrs_k_log_scaled(x, 0.3010299956639812, -2.8037281277851704e-18);
}

const lrs_k_log2_inverse = [
    {hi: 1.0, lo: 0.0},
    {hi: 0.3333333333333333, lo: 1.850371707708594e-17},
    {hi: 0.2, lo: -1.1102230246251566e-17},
    {hi: 0.14285714285714285, lo: 7.93016446160826e-18},
    {hi: 0.1111111111111111, lo: 6.1679056923619804e-18},
    {hi: 0.09090909090909091, lo: -2.523234146875356e-18},
    {hi: 0.07692307692307693, lo: -4.270088556250602e-18},
    {hi: 0.06666666666666667, lo: 9.251858538542971e-19},
    {hi: 0.058823529411764705, lo: 8.163404592832033e-19},
    {hi: 0.05263157894736842, lo: 2.921639538487254e-18},
    {hi: 0.047619047619047616, lo: 2.64338815386942e-18},
];

function lrs_k_log2_exact(x) {
    const c = {hi: 2.8853900817779268, lo: 4.0710547481862066e-17};
    const split = lrs_k_log2_split(x);
    const s = lrs_k_fast2sum(split.hi, split.lo);
    const z = lrs_k_2mul(s, s);
    let tail = 0.0, t;
    for (let j = 21; j >= 11; j--)
        tail = lrs_k_fma(tail, z.hi, 1.0 / (2 * j + 1));
    let y = {hi: tail, lo: 0.0};
    for (let j = 10; j >= 0; j--) {
        const inverse = lrs_k_log2_inverse[j];
        y = lrs_k_2mul(y, z);
        t = lrs_k_fast2sum(inverse.hi, y.hi);
        y = lrs_k_fast2sum(t.hi, t.lo + (y.lo + inverse.lo));
    }
    y = lrs_k_2mul(lrs_k_2mul(y, s), c);
    t = lrs_k_fast2sum(split.k, y.hi);
    return lrs_k_fast2sum(t.hi, t.lo + y.lo);
}

function lrs_k_log2hi(x) {
    return x > 0.0 && x < LRS_K_INF ? lrs_k_log2_exact(x).hi : lrs_k_log_special(x);
}

function lrs_k_log2lo(x) {
    return x > 0.0 && x < LRS_K_INF ? lrs_k_log2_exact(x).lo : 0.0;
}

/* ---- powers ---- */

function lrs_k_parity(y) {
    const half = y * 0.5;
    if (lrs_k_floor(y) !== y)
        return 0;
    return lrs_k_floor(half) !== half ? 1 : 2;
}

function lrs_k_pow(x, y) {
    const u = lrs_k_abs(x);
    let hi, lo;
    if (u > 0.0 && u < LRS_K_INF) {
        const l = lrs_k_log2_pair(u);
        hi = l.hi;
        lo = l.lo;
    } else {
        hi = lrs_k_log_special(u);
        lo = 0.0;
    }
    let p = u === 1.0 ? 1.0 : lrs_k_exp2x(hi, lo, y);
    if (x < 0.0 || (x === 0.0 && 1.0 / x < 0.0)) {
        const parity = lrs_k_parity(y);
        if (parity === 0 && u > 0.0 && u < LRS_K_INF)
            p = LRS_K_NAN;
        p = parity === 1 ? -p : p;
    }
    return p;
}

/* ---- trigonometry ---- */

function lrs_k_mod2(x) {
    const u = lrs_k_abs(x);
    if (!(u < 9007199254740992 /* 2^53 */))
        return x - x;
    return lrs_k_fma(-2.0, lrs_k_withsign(lrs_k_rint_abs(u * 0.5), x), x);
}

function lrs_k_sinpi_core(r, e) {
    const z = r * r;
    const z2 = z * z;
    const p0 = lrs_k_fma(z, 2.5501640398738816, -5.167712780049959);
    const p1 = lrs_k_fma(z, 0.08214586985202153, -0.5992645289659936);
    const p2 = lrs_k_fma(z, 0.00046157123111014256, -0.007370029861450793);
    const p = lrs_k_fma(z2, lrs_k_fma(z2, p2, p1), p0);
    const a = r * 3.141592653589793;
    let t = lrs_k_fma(r, 3.141592653589793, -a);
    t = lrs_k_fma(r, 1.2246467991473532e-16, t);
    t = lrs_k_fma(e, 3.141592653589793, t);
    t = lrs_k_fma(r * z, p, t);
    return a + t;
}

function lrs_k_cospi_core(r, e) {
    const z = r * r;
    let z_lo = lrs_k_fma(r, r, -z);
    const z2 = z * z;
    const p0 = lrs_k_fma(z, -1.335262768853116, 4.058712126416761);
    const p1 = lrs_k_fma(z, -0.025806886730429066, 0.23533063024062517);
    const p2 = lrs_k_fma(z, -0.00010361813837824035, 0.0019294774719386427);
    const p = lrs_k_fma(z2, lrs_k_fma(z2, p2, p1), p0);
    const a = lrs_k_fma(z, -4.934802200544679, 1.0);
    let t = lrs_k_fma(z, -4.934802200544679, 1.0 - a);
    z_lo = lrs_k_fma(r + r, e, z_lo);
    t = lrs_k_fma(z, -3.1326477543698557e-16, t);
    t = lrs_k_fma(z_lo, -4.934802200544679, t);
    t = lrs_k_fma(z2, p, t);
    return a + t;
}

/* The low bits of shifted count half turns as the integer 2 (shifted - 1.5 * 2^51) does. */
function lrs_k_turn(m, e, shift) {
    const shifted = m + 3377699720527872 /* 1.5 * 2^51 */;
    const whole = shifted - 3377699720527872 /* 1.5 * 2^51 */;
    const r0 = m - whole;
    const r = r0 + e;
    const rest = e - (r - r0);
    const n = whole * 2.0 + shift;
    const y = n & 1 ? lrs_k_sinpi_core(r, rest) : lrs_k_cospi_core(r, rest);
    return (n + 1) & 2 ? -y : y;
}

function lrs_k_cospi(x) {
    return lrs_k_turn(lrs_k_mod2(x), 0.0, 0) + 0.0;
}

function lrs_k_sinpi(x) {
    const y = lrs_k_turn(lrs_k_mod2(x), 0.0, 3);
    return y === 0.0 ? lrs_k_withsign(y, x) : y;
}

function lrs_k_over_pi_near(x) {
    const h1 = x * 0.3183098861837907;
    const e1 = lrs_k_fma(x, 0.3183098861837907, -h1);
    const h2 = x * -1.9678676675182486e-17;
    const e2 = lrs_k_fma(x, -1.9678676675182486e-17, -h2);
    const h3 = lrs_k_fma(x, -1.0721436282893004e-33, e2);
    const low = lrs_k_2sum(e1, h2);
    let sum = lrs_k_2sum(lrs_k_mod2(h1), low.hi);
    sum = lrs_k_2sum(sum.hi, sum.lo + (low.lo + h3));
    sum.hi = lrs_k_mod2(sum.hi);
    return sum;
}

/* A word of zeros, then the bits of 1/pi behind the point. */
const lrs_k_inverse_pi = [
    0x00000000n, 0x517cc1b7n, 0x27220a94n, 0xfe13abe8n, 0xfa9a6ee0n, 0x6db14accn, 0x9e21c820n, 0xff28b1d5n,
    0xef5de2b0n, 0xdb92371dn, 0x2126e970n, 0x03249775n, 0x04e8c90en, 0x7f0ef58en, 0x5894d39fn, 0x74411afan,
    0x975da242n, 0x74ce3813n, 0x5a2fbf20n, 0x9cc8eb1cn, 0xc1a99cfan, 0x4e422fc5n, 0xdefc941dn, 0x8ffc4bffn,
    0xef02cc07n, 0xf79788c5n, 0xad05368fn, 0xb69b3f67n, 0x93e584dbn, 0xa7a31fb3n, 0x4f2ff516n, 0xba93dd63n,
    0xf5f2f8bdn, 0x9e839cfbn, 0xc5294975n, 0x35fdafd8n, 0x8fc6ae84n, 0x2b019823n, 0x7e3db5d5n,
];

/* m times 192 bits of 1/pi, modulo 2^192. */
function lrs_k_over_pi_far(x) {
    const [m, e] = lrs_k_integer(x);
    const at = e + 31; /* bit e of 1/pi, weight 2^-e, is bit e + 31 of the table */
    const first = at >> 5, shift = BigInt(at & 31);
    let bits = 0n;
    for (let i = 0; i < 7; i++)
        bits = bits << 32n | lrs_k_inverse_pi[first + i];
    let product = BigInt.asUintN(192, m * (bits >> 32n - shift));
    const negative = product >> 191n === 1n; /* the upper half of [0, 2) stands for [-1, 0) */
    if (negative)
        product = BigInt.asUintN(192, -product);
    const sign = negative ? -1.0 : 1.0;
    let top = product >> 139n, rest = product & (1n << 139n) - 1n, rest_sign = 1.0;
    if (rest >> 138n) { /* hi is rounded to nearest, so that lo is small next to a multiple of 1/2 */
        top += 1n;
        rest = BigInt.asUintN(139, -rest);
        rest_sign = -1.0;
    }
    const mid = rest >> 64n & 0xffffffffffffffffn, low = rest & 0xffffffffffffffffn;
    const hi = Number(top) * (sign * 2.220446049250313e-16 /* 2^-52 */);
    let lo = lrs_k_fma(Number(mid), 5.877471754111438e-39 /* 2^-127 */, Number(low) * 3.1861838222649046e-58 /* 2^-191 */);
    lo = lrs_k_fma(Number(rest >> 128n), 1.0842021724855044e-19 /* 2^-63 */, lo) * (sign * rest_sign);
    return {hi, lo};
}

function lrs_k_over_pi(x) {
    return x >= 1099511627776.0 /* 2^40 */ && x < LRS_K_INF ? lrs_k_over_pi_far(x) : lrs_k_over_pi_near(x);
}

function lrs_k_cos(x) {
    const q = lrs_k_over_pi(lrs_k_abs(x));
    return lrs_k_turn(q.hi, q.lo, 0);
}

function lrs_k_sin(x) {
    if (lrs_k_abs(x) < 7.450580596923828e-09 /* 2^-27 */)
        return x;
    const q = lrs_k_over_pi(lrs_k_abs(x));
    const y = lrs_k_turn(q.hi, q.lo, 3);
    return x < 0.0 ? -y : y;
}

function lrs_k_hcos_unit(x) {
    const y = lrs_k_min(1.0 - x, x);
    const sign = lrs_k_withsign(1.0, 0.5 - x);
    const half = sign * 0.5;
    const base = 0.5 - half;
    const z = y * y;
    const z_lo = lrs_k_fma(y, y, -z);
    const z2 = z * z;
    const z4 = z2 * z2;
    const p0 = lrs_k_fma(z, -0.11766531517937003, 0.6676313844272936);
    const p1 = lrs_k_fma(z, -0.0009647871277888826, 0.012903445692993155);
    const p2 = lrs_k_fma(z, -2.150681043205538e-06, 5.231885121878012e-05);
    const p3 = lrs_k_fma(z2, 6.747070918755991e-08, p2);
    const p = lrs_k_fma(z4, p3, lrs_k_fma(z2, p1, p0));
    const w = lrs_k_fma(z, -2.0293560632083842, 2.4674011002723395);
    let w_lo = lrs_k_fma(z, -2.0293560632083842, 2.4674011002723395 - w);
    const slope = lrs_k_fma(z, -2.0293560632083842, w);
    const a = z * w;
    let t = lrs_k_fma(z, w, -a);
    const b = lrs_k_fma(sign, a, base);
    const b_lo = lrs_k_fma(sign, a, base - b);
    w_lo = w_lo + lrs_k_fma(z, 1.3301000412149323e-16, 1.5663238771849278e-16);
    t = lrs_k_fma(z_lo, slope, t);
    t = lrs_k_fma(z, w_lo, t);
    t = lrs_k_fma(z * z2, p, t);
    return b + lrs_k_fma(sign, t, b_lo);
}

function lrs_k_hcos(x) {
    return lrs_k_hcos_unit(lrs_k_abs(lrs_k_mod2(x)));
}

/* ---- tanh ---- */

function lrs_k_tanh_small(x) {
    const z = x * x;
    const z2 = z * z;
    const z4 = z2 * z2;
    const p0 = lrs_k_fma(z, 0.13333333333306707, -0.3333333333333326);
    const p1 = lrs_k_fma(z, 0.02186948657712333, -0.05396825393544194);
    const p2 = lrs_k_fma(z, 0.0035908727984714558, -0.008863170680499244);
    const p3 = lrs_k_fma(z, 0.0005024361131811619, -0.0014416480662988998);
    const p = lrs_k_fma(z4, lrs_k_fma(z2, p3, p2), lrs_k_fma(z2, p1, p0));
    return lrs_k_withsign(lrs_k_fma(x * z, p, x), x);
}

function lrs_k_tanh_large(u) {
    const h = u * 2.8853900817779268;
    const l = lrs_k_fma(u, 4.0710547481862066e-17, lrs_k_fma(u, 2.8853900817779268, -h));
    const shifted = h + 6755399441055744 /* 1.5 * 2^52 */;
    const r0 = h - (shifted - 6755399441055744 /* 1.5 * 2^52 */);
    const r = r0 + l;
    const r2 = r * r;
    let a = lrs_k_fma(r, 0.6931471805599453, 1.0);
    let t = lrs_k_fma(r, 0.6931471805599453, 1.0 - a);
    const scale = lrs_k_scale2(shifted - 6755399441055744 /* 1.5 * 2^52 */);
    t = lrs_k_fma(r, 2.3190468138462996e-17, t);
    t = lrs_k_fma(l - (r - r0), 0.6931471805599453, t);
    t = lrs_k_fma(r2, lrs_k_exp2_q(r, r2), t);
    const power = lrs_k_fast2sum(a, t);
    a = power.hi * scale;
    const num = a - 1.0;
    const num_lo = lrs_k_fma(power.lo, scale, (a - num) - 1.0);
    const den = a + 1.0;
    const den_lo = lrs_k_fma(power.lo, scale, 1.0 - (den - a));
    const inv = 1.0 / den;
    const q = num * inv;
    let rest = lrs_k_fma(-q, den_lo, num_lo);
    rest = rest + lrs_k_fma(-q, den, num);
    return lrs_k_fma(rest, inv, q);
}

function lrs_k_tanh(x) {
    const u = lrs_k_abs(x);
    if (u < 0.3 || u !== u)
        return lrs_k_tanh_small(x);
    return lrs_k_withsign(u < 22.0 ? lrs_k_tanh_large(u) : 1.0, x);
}

/* ---- rounds ---- */

function lrs_k_power_pair(s, n) {
    let k = n > 0.0 && n < 9007199254740992 /* 2^53 */ ? Math.trunc(n) : 0;
    let p = {hi: 1.0, lo: 0.0}, q = {hi: s, lo: 0.0};
    while (k !== 0) {
        if (k % 2 === 1)
            p = lrs_k_2mul(p, q);
        k = Math.floor(k / 2);
        if (k !== 0)
            q = lrs_k_2mul(q, q);
    }
    return p;
}

function lrs_k_power_of(s, n) {
    return lrs_k_power_pair(s, n).hi;
}

function lrs_k_round_pair(n, length, s) {
    const d = s - 1.0;
    if (d === 0.0) {
        const hi = n * length;
        return {hi, lo: lrs_k_fma(n, length, -hi)};
    }
    const m = lrs_k_power_pair(s, n);
    if (!(m.hi < 4.149515568880993e+180 /* 2^600 */) || n >= 9007199254740992 /* 2^53 */)
        return {hi: LRS_K_INF, lo: 0.0};
    let r = lrs_k_2sum(m.hi, -1.0);
    r = lrs_k_fast2sum(r.hi, r.lo + m.lo);
    let q = r.hi / d;
    let rest = lrs_k_fma(-q, d, r.hi);
    rest = (rest + r.lo) / d;
    r = lrs_k_fast2sum(q, rest);
    q = r.hi * length;
    rest = lrs_k_fma(r.hi, length, -q);
    rest = lrs_k_fma(r.lo, length, rest);
    return lrs_k_fast2sum(q, rest);
}

function lrs_k_round_at(n, length, s) {
    return lrs_k_round_pair(n, length, s).hi;
}

function lrs_k_round_rest(n, length, s) {
    return lrs_k_round_pair(n, length, s).lo;
}

function lrs_k_since(t, r) {
    return (t - r.hi) - r.lo;
}

function lrs_k_round_of(t, length, s) {
    const d = s - 1.0;
    if (d === 0.0)
        return lrs_k_stairs(t, length);
    const y = t / length * d;
    const w = 1.0 + y;
    const part = y * 1.4426950408889634;
    const whole = lrs_k_log2(w) * (y / (w - 1.0));
    const g = (w === 1.0 ? part : whole) / lrs_k_log2(s);
    let n = g > 0.0 ? lrs_k_floor(g) : 0.0;
    for (let k = 0; k < 4 && n > 0.0 && lrs_k_since(t, lrs_k_round_pair(n, length, s)) < 0.0; k++)
        n -= 1.0;
    for (let k = 0; k < 4 && lrs_k_since(t, lrs_k_round_pair(n + 1.0, length, s)) >= 0.0; k++)
        n += 1.0;
    return n;
}

/* ---- value.h ---- */

/* Of a Number or a BigInt; -0 becomes 0. */
function lrs_k_time(step) {
    return step > 0 ? Number(step) : 0.0;
}

/* The constant one, or that of the state: each run has a k of its own. */
function lrs_k_table(k) {
    return k.table;
}

/* Of T[t], T[t + stride], ... */
function lrs_k_search(T, t, stride, n, x) {
    let base = 0;
    while (n > 1) {
        const half = n >> 1;
        if (T[t + (base + half - 1) * stride] <= x)
            base += half;
        n -= half;
    }
    return base;
}

function lrs_k_count(T, t, n, x) {
    if (n === 0)
        return 0;
    const c = lrs_k_search(T, t, 1, n, x);
    return T[t + c] <= x ? c + 1 : c;
}

function lrs_k_affine(S, s, tau) {
    return S[s + LRS_K_OFF] + lrs_k_fma(tau, S[s + LRS_K_HI], tau * S[s + LRS_K_LO]);
}

function lrs_k_line(S, s, tau) {
    const hi = S[s + LRS_K_HI], a = S[s + LRS_K_A];
    const p = tau * hi;
    const rest = lrs_k_fma(tau, S[s + LRS_K_LO], lrs_k_fma(tau, hi, -p));
    const v = a + p;
    const back = v - a;
    const lost = (a - (v - back)) + (p - back);
    return v + (lost + rest);
}

function lrs_k_decay(S, s, n) {
    const hi = S[s + LRS_K_HI], b = S[s + LRS_K_B];
    if (n === 0.0)
        return S[s + LRS_K_A] + b;
    const h = n * hi;
    const l = lrs_k_fma(n, S[s + LRS_K_LO], lrs_k_fma(n, hi, -h));
    return S[s + LRS_K_A] + lrs_k_exp2s(b, h, l + S[s + LRS_K_P]);
}

function lrs_k_law_expr(k, T, D, expr, S, s, x, local, m, cycle) {
    const tau = local - S[s + LRS_K_REF];
    const left = S[s + LRS_K_OFF] - local;
    const hi = S[s + LRS_K_HI], lo = S[s + LRS_K_LO];
    return k.expr(k, expr, T, D, x, tau / m, lrs_k_fma(tau, hi, tau * lo), lrs_k_fma(left, hi, left * lo), cycle);
}

function lrs_k_law(kind, S, s, x) {
    const tau = x - S[s + LRS_K_REF], a = S[s + LRS_K_A], b = S[s + LRS_K_B];
    switch (kind) {
    case LRS_K_LINEAR:
        return lrs_k_line(S, s, tau);
    case LRS_K_EXP2:
        return lrs_k_decay(S, s, tau);
    case LRS_K_STAIR:
        return lrs_k_decay(S, s, lrs_k_stairs(tau, S[s + LRS_K_OFF]));
    case LRS_K_HCOS:
        return lrs_k_fma(b, lrs_k_hcos(lrs_k_affine(S, s, tau)), a);
    case LRS_K_POW:
        return lrs_k_fma(b, lrs_k_pow(lrs_k_affine(S, s, tau), S[s + LRS_K_P]), a);
    case LRS_K_SQRT:
        return lrs_k_fma(b, lrs_k_sqrt(lrs_k_affine(S, s, tau)), a);
    case LRS_K_COSQRT: {
        const left = S[s + LRS_K_P] - x;
        const w = lrs_k_affine(S, s, tau);
        const v = lrs_k_fma(left, S[s + LRS_K_HI], left * S[s + LRS_K_LO]);
        return lrs_k_fma(b, w / (1.0 + lrs_k_sqrt(v)), a);
    }
    case LRS_K_RSQRT:
        return lrs_k_fma(b, 1.0 / lrs_k_sqrt(lrs_k_affine(S, s, tau)), a);
    case LRS_K_RECIP:
        return lrs_k_fma(b, 1.0 / lrs_k_affine(S, s, tau), a);
    default:
        return a;
    }
}

function lrs_k_segment_at(o, T, x) {
    return lrs_k_search(T, o.seg, LRS_K_SEG_WORDS, o.nseg, x);
}

/* ---- scales ---- */

function lrs_k_factor(c, T, D, x) {
    if (c.what === LRS_K_STATE)
        return D[c.d];
    const n = c.what === LRS_K_AT ? lrs_k_count(T, c.t + 3, c.n, x) : lrs_k_stairs(x, T[c.t + 3]);
    return n === 0.0 ? 1.0 : lrs_k_exp2x(T[c.t], T[c.t + 1], n);
}

function lrs_k_floor_of(c, T) {
    return T[c.t + (c.what === LRS_K_STATE ? 0 : 2)];
}

function lrs_k_apply(v, s, floor) {
    const w = v * s;
    if (s < 1.0 && w < floor)
        return v < floor ? v : floor;
    return w;
}

function lrs_k_scales(k, T, D, o, x, v, d, factor) {
    for (let i = 0; i < o.nscale; i++) {
        const c = k.scales[o.scale + i];
        let s = lrs_k_factor(c, T, D, x);
        if (c.what === LRS_K_STATE && c.d === d)
            s = factor;
        v = lrs_k_apply(v, s, lrs_k_floor_of(c, T));
    }
    return v;
}

/* ---- blocks ---- */

function lrs_k_search_stretched(T, t, n, m, x) {
    let base = 0;
    while (n > 1) {
        const half = n >> 1;
        if (T[t + (base + half - 1) * LRS_K_SEG_WORDS] * m <= x)
            base += half;
        n -= half;
    }
    return base;
}

function lrs_k_time_in(v, above) {
    return lrs_k_since(above - v.ref, v.start);
}

/* t: where the words of the segment are in T. A level: see lrs_k_level. */
function lrs_k_enter(k, T, segment, t, up) {
    const v = {
        o: null, ref: T[t + LRS_K_REF] * up.m, start: {hi: 0.0, lo: 0.0}, length: T[t + LRS_K_LENGTH] * up.m,
        stretch: T[t + LRS_K_STRETCH], count: T[t + LRS_K_COUNT], cycle: 0.0, m: up.m, log_hi: T[t + LRS_K_LOG_HI],
        log_lo: T[t + LRS_K_LOG_LO], x: 0.0, end: 0.0,
    };
    const last = v.count - 1.0;
    if (v.stretch > 0.0) {
        let c = lrs_k_round_of(up.x - v.ref, v.length, v.stretch);
        c = c < last ? c : last;
        c = c > 0.0 ? c : 0.0;
        v.start = lrs_k_round_pair(c, v.length, v.stretch);
        v.m = v.stretch === 1.0 ? up.m : up.m * lrs_k_power_of(v.stretch, c);
        v.cycle = c;
    }
    const later = T[t + LRS_K_LATER];
    v.o = k.blocks[v.cycle > 0.0 && later > 0.0 ? later - 1 : k.exprs[segment]];
    v.x = lrs_k_time_in(v, up.x);
    return v;
}

/* A spot: see lrs_k_spot. Its segment is in S, from s on, stretched. */
function lrs_k_descend(k, T, o, x) {
    let v = {
        o, ref: 0.0, start: {hi: 0.0, lo: 0.0}, length: 0.0, stretch: 0.0, count: 0.0, cycle: 0.0, m: 1.0, log_hi: 0.0,
        log_lo: 0.0, x, end: 0.0,
    };
    const p = {segment: 0, S: T, s: 0, cycle: 0.0, level: [v]};
    for (;;) {
        const j = lrs_k_search_stretched(T, v.o.seg, v.o.nseg, v.m, v.x);
        p.s = v.o.seg + j * LRS_K_SEG_WORDS;
        p.segment = v.o.kind + j;
        v.end = T[p.s] * v.m;
        if (k.kinds[p.segment] !== LRS_K_SUB || p.level.length > LRS_K_NEST)
            return p;
        v = lrs_k_enter(k, T, p.segment, p.s, v);
        p.level.push(v);
        p.cycle = v.stretch > 0.0 ? v.cycle : p.cycle;
    }
}

function lrs_k_stretch(S, kind, m) {
    const hi = S[LRS_K_HI] / m;
    const rest = lrs_k_fma(-hi, m, S[LRS_K_HI]);
    const lo = (rest + S[LRS_K_LO]) / m;
    S[LRS_K_REF] *= m;
    if (kind === LRS_K_STAIR) {
        S[LRS_K_OFF] *= m;
        return;
    }
    S[LRS_K_HI] = hi;
    S[LRS_K_LO] = lo === lo ? lo : 0.0;
    if (kind === LRS_K_COSQRT)
        S[LRS_K_P] *= m;
    if (kind === LRS_K_EXPR)
        S[LRS_K_OFF] *= m;
}

function lrs_k_round_factor(v) {
    const none = v.cycle === 0.0 || (v.log_hi === 0.0 && v.log_lo === 0.0);
    return none ? 1.0 : lrs_k_exp2x(v.log_hi, v.log_lo, v.cycle);
}

function lrs_k_spot_segment(k, p) {
    const kind = k.kinds[p.segment];
    const m = p.level[p.level.length - 1].m;
    if (m !== 1.0) {
        p.S = p.S.slice(p.s, p.s + LRS_K_SEG_WORDS);
        p.s = 0;
        lrs_k_stretch(p.S, kind, m);
    }
    return kind;
}

function lrs_k_spot_law(k, T, D, p, x) {
    const v = p.level[p.level.length - 1];
    const kind = lrs_k_spot_segment(k, p);
    if (kind === LRS_K_EXPR)
        return lrs_k_law_expr(k, T, D, k.exprs[p.segment], p.S, p.s, x, v.x, v.m, p.cycle);
    return lrs_k_law(kind, p.S, p.s, v.x);
}

function lrs_k_spot_scales(k, T, p, v) {
    for (let i = p.level.length - 1; i > 0; i--) {
        const l = p.level[i];
        v = lrs_k_scales(k, T, T, l.o, l.x / l.m, v, LRS_K_NONE, 1.0) * lrs_k_round_factor(l);
    }
    return v;
}

function lrs_k_base_in_blocks(k, T, D, o, x) {
    const p = lrs_k_descend(k, T, o, x);
    return lrs_k_spot_scales(k, T, p, lrs_k_spot_law(k, T, D, p, x));
}

function lrs_k_base(k, T, D, o, x) {
    if (o.mask & 1 << LRS_K_SUB)
        return lrs_k_base_in_blocks(k, T, D, o, x);
    const j = lrs_k_segment_at(o, T, x);
    const kind = k.kinds[o.kind + j];
    const s = o.seg + j * LRS_K_SEG_WORDS;
    if (kind === LRS_K_EXPR)
        return lrs_k_law_expr(k, T, D, k.exprs[o.kind + j], T, s, x, x, 1.0, 0.0);
    return lrs_k_law(kind, T, s, x);
}

/* ---- bounds ---- */

function lrs_k_bounded(o, T, v) {
    if (o.bounds !== LRS_K_NONE) {
        const lo = T[o.bounds], hi = T[o.bounds + 1];
        v = v < lo ? lo : v > hi ? hi : v;
    }
    return v;
}

function lrs_k_scaled(k, D, out, x, d, factor) {
    const o = k.outs[out];
    const T = lrs_k_table(k);
    return lrs_k_scales(k, T, D, o, x, lrs_k_base(k, T, D, o, x), d, factor);
}

/* ---- one value, and many ---- */

function lrs_k_value_at(k, D, out, x) {
    const o = k.outs[out];
    const T = lrs_k_table(k);
    const v = lrs_k_scales(k, T, D, o, x, lrs_k_base(k, T, D, o, x), LRS_K_NONE, 1.0);
    return lrs_k_canon(lrs_k_bounded(o, T, v));
}

function lrs_k_value(k, D, out, step) {
    return lrs_k_value_at(k, D, out, lrs_k_time(step));
}

/* What step code has of another output. */
function lrs_k_out_at(k, D, out, x) {
    return lrs_k_value_at(k, D, out, x);
}

const LRS_K_LAST_STEP = 0x7fffffffffffffffn;

/* Steps first, first + stride, ...: Numbers, or BigInts; those past the last step count as it. */
function lrs_k_fill(k, D, out, first, stride, y) {
    let step = first;
    for (let i = 0; i < y.length; i++, step += stride)
        y[i] = lrs_k_value_at(k, D, out, lrs_k_time(step > LRS_K_LAST_STEP ? LRS_K_LAST_STEP : step));
}

/* ---- observe.h ---- */

const LRS_K_NEVER = -0x8000000000000000n;
const LRS_K_EVENT = -1n, LRS_K_EVENT_ANEW = -2n;

/* ---- detectors ---- */

function lrs_k_whole(v) {
    const c = lrs_k_ceil(v);
    if (!(c > 0.0))
        return 0n;
    return c < 4611686018427387904 /* 2^62 */ ? BigInt(c) : 1n << 62n;
}

function lrs_k_det_reset(k, t, I, D) {
    const d = t.d;
    I[t.i] = 0n;
    if (t.kind <= LRS_K_DIVERGE) {
        I[t.i + 1] = 0n;
        I[t.i + 2] = LRS_K_NEVER;
        D[d] = t.mode_max ? -LRS_K_INF : LRS_K_INF;
        D[d + 1] = 0.0;
        D[d + 2] = 0.0;
        if (t.dialect === LRS_K_OPTAX) {
            D[d + 3] = 0.0;
            D[d + 4] = 0.0;
        }
        if (lrs_k_det_timed(t)) {
            const timed = d + lrs_k_det_d(t) - 2;
            D[timed] = LRS_K_NAN;
            D[timed + 1] = LRS_K_NAN;
        }
    } else if (t.kind === LRS_K_CLOCK) {
        D[d] = LRS_K_NAN;
    }
}

/* What a detector of a metric works on: see lrs_k_look. bad and cooling are indices of I, best, mean and since of D. NULL: the
 * observation does not count. */
function lrs_k_begin(k, t, I, D, step, metric) {
    const T = lrs_k_table(k), every = T[t.t + 3], beta = T[t.t + 4];
    const counted = t.i + 2, ema = t.d + 1, weight = t.d + 2;
    const w = {
        t, I, D, patience: T[t.t], threshold: T[t.t + 1], cooldown: T[t.t + 2], atol: T[t.t + 5], size: T[t.t + 6],
        bad: t.i, cooling: t.i + 1, best: t.d, mean: t.d + 3, since: -1, now: 0.0, m: metric, dialect: t.dialect,
        patience_by: t.patience_by, cooldown_by: t.cooldown_by, first: false,
    };
    if (lrs_k_det_timed(t)) {
        const by_clock = t.patience_by === LRS_K_BY_CLOCK || t.cooldown_by === LRS_K_BY_CLOCK;
        w.since = t.d + lrs_k_det_d(t) - 2;
        w.now = by_clock ? D[k.layout.input + k.layout.clock] : lrs_k_time(step);
    }
    if (beta > 0.0 && lrs_k_abs(metric) < LRS_K_INF) {
        const rest = 1.0 - beta;
        D[ema] = lrs_k_fma(beta, D[ema], rest * metric);
        D[weight] = lrs_k_fma(beta, D[weight], rest);
        w.m = D[ema] / D[weight];
    }
    w.first = I[counted] === LRS_K_NEVER;
    if (!w.first && Number(step - I[counted]) < every)
        return null;
    I[counted] = step;
    if (w.since >= 0 && !(D[w.since] === D[w.since]))
        D[w.since] = w.now;
    return w;
}

function lrs_k_better(w) {
    const t = w.t, m = w.m, best = w.D[w.best], threshold = w.threshold;
    let limit;
    if (w.dialect === LRS_K_KERAS) {
        const shifted = Math.fround(t.mode_max ? m - threshold : m + threshold), reference = Math.fround(best);
        return w.first || (t.mode_max ? shifted > reference : shifted < reference);
    }
    if (t.absolute) {
        limit = t.mode_max ? best + threshold : best - threshold;
    } else if (w.dialect === LRS_K_PADDLE) {
        const part = best * threshold;
        limit = t.mode_max ? best + part : best - part;
    } else {
        limit = best * (t.mode_max ? 1.0 + threshold : 1.0 - threshold);
        if (w.dialect === LRS_K_OPTAX)
            limit = limit - w.atol;
    }
    return t.mode_max ? m > limit : m < limit;
}

function lrs_k_cooling(w) {
    if (w.cooldown_by !== LRS_K_BY_COUNT)
        return w.now < w.D[w.since + 1];
    return w.I[w.cooling] > 0n;
}

function lrs_k_begin_patience(w) {
    w.I[w.bad] = 0n;
    if (w.since >= 0)
        w.D[w.since] = w.cooldown_by !== LRS_K_BY_COUNT && w.now < w.D[w.since + 1] ? w.D[w.since + 1] : w.now;
}

function lrs_k_improved(w) {
    w.D[w.best] = w.m;
    lrs_k_begin_patience(w);
}

function lrs_k_cool(w) {
    if (w.cooldown_by === LRS_K_BY_COUNT)
        w.I[w.cooling] -= 1n;
    lrs_k_begin_patience(w);
}

function lrs_k_begin_cooldown(w) {
    if (w.cooldown_by === LRS_K_BY_COUNT)
        w.I[w.cooling] = lrs_k_whole(w.cooldown);
    else
        w.D[w.since + 1] = w.now + w.cooldown;
    lrs_k_begin_patience(w);
    return true;
}

function lrs_k_ran_out(w) {
    const patience = w.patience;
    const spent = w.patience_by === LRS_K_BY_COUNT ? Number(w.I[w.bad]) : w.now - w.D[w.since];
    if (w.dialect === LRS_K_OPTAX && w.patience_by === LRS_K_BY_COUNT)
        return spent === patience;
    return w.dialect === LRS_K_KERAS || w.dialect === LRS_K_OPTAX ? spent >= patience : spent > patience;
}

function lrs_k_plateau_torch(w) {
    if (lrs_k_better(w))
        lrs_k_improved(w);
    else
        w.I[w.bad] += 1n;
    if (lrs_k_cooling(w))
        lrs_k_cool(w);
    return lrs_k_ran_out(w) && lrs_k_begin_cooldown(w);
}

function lrs_k_plateau_keras(w) {
    if (lrs_k_cooling(w))
        lrs_k_cool(w);
    if (lrs_k_better(w)) {
        lrs_k_improved(w);
        return false;
    }
    if (lrs_k_cooling(w))
        return false;
    w.I[w.bad] += 1n;
    return lrs_k_ran_out(w) && lrs_k_begin_cooldown(w);
}

function lrs_k_plateau_optax(w) {
    const D = w.D, mean = w.mean;
    const sum = D[mean + 1] * D[mean];
    D[mean + 1] += 1.0;
    D[mean] = lrs_k_canon((sum + w.m) / D[mean + 1]);
    if (D[mean + 1] < w.size)
        return false;
    w.m = D[mean];
    D[mean] = 0.0;
    D[mean + 1] = 0.0;
    if (lrs_k_better(w))
        lrs_k_improved(w);
    else
        w.I[w.bad] += 1n;
    if (lrs_k_cooling(w)) {
        lrs_k_cool(w);
        return false;
    }
    return lrs_k_ran_out(w) && lrs_k_begin_cooldown(w);
}

function lrs_k_plateau_paddle(w) {
    if (lrs_k_cooling(w)) {
        lrs_k_cool(w);
        return false;
    }
    if (w.first || lrs_k_better(w))
        lrs_k_improved(w);
    else
        w.I[w.bad] += 1n;
    return lrs_k_ran_out(w) && lrs_k_begin_cooldown(w);
}

function lrs_k_plateau(w) {
    switch (w.dialect) {
    case LRS_K_KERAS:
        return lrs_k_plateau_keras(w);
    case LRS_K_OPTAX:
        return lrs_k_plateau_optax(w);
    case LRS_K_PADDLE:
        return lrs_k_plateau_paddle(w);
    default:
        return lrs_k_plateau_torch(w);
    }
}

function lrs_k_diverge(w) {
    const up = !w.t.mode_max, m = w.m, best = w.D[w.best], gain = w.threshold, window = w.patience;
    const limit = lrs_k_fma(up ? gain : -gain, lrs_k_abs(best), best);
    const infinite = m === (up ? LRS_K_INF : -LRS_K_INF);
    const above = (up ? m > limit : m < limit) || infinite;
    if (up ? m < best : m > best)
        w.D[w.best] = m;
    if (lrs_k_cooling(w)) {
        lrs_k_cool(w);
        return false;
    }
    w.I[w.bad] = above ? w.I[w.bad] + 1n : 0n;
    return (infinite || (above && Number(w.I[w.bad]) >= window)) && lrs_k_begin_cooldown(w);
}

function lrs_k_condition(k, t, I, D, x) {
    const was = I[t.i] !== 0n;
    const is = k.expr(k, t.expr, lrs_k_table(k), D, x, 0.0, 0.0, 0.0, 0.0) !== 0.0;
    I[t.i] = is ? 1n : 0n;
    return is && !was;
}

function lrs_k_clock(k, t, D, seconds) {
    if (!(D[t.d] === D[t.d]))
        D[t.d] = t.absolute ? 0.0 : seconds;
    return seconds - D[t.d] >= lrs_k_table(k)[t.t];
}

function lrs_k_runs(k, t, D, x) {
    if (t.nseg === 0)
        return true;
    const j = lrs_k_segment_at(k.outs[t.out], lrs_k_table(k), x);
    return j >= t.seg && j - t.seg < t.nseg;
}

function lrs_k_detect(k, t, I, D, step, metric) {
    const x = lrs_k_time(step);
    if (!lrs_k_runs(k, t, D, x))
        return false;
    if (t.kind === LRS_K_CONDITION)
        return lrs_k_condition(k, t, I, D, x);
    if (t.kind === LRS_K_CLOCK)
        return lrs_k_clock(k, t, D, metric);
    const w = lrs_k_begin(k, t, I, D, step, metric);
    if (!w)
        return false;
    return t.kind === LRS_K_DIVERGE ? lrs_k_diverge(w) : lrs_k_plateau(w);
}

/* ---- actions ---- */

function lrs_k_rebind(k, D) {
    const l = k.layout;
    return k.bind(D, D.subarray(l.event), k.table);
}

function lrs_k_act_scale(k, r, D, x) {
    const T = lrs_k_table(k), eps = T[r.t + 2];
    let factor = D[r.d] * T[r.t];
    if (r.low !== LRS_K_NONE)
        factor = factor < T[r.low] ? T[r.low] : factor;
    const before = lrs_k_scaled(k, D, r.out, x, LRS_K_NONE, 1.0);
    const after = lrs_k_scaled(k, D, r.out, x, r.d, factor);
    if (!(lrs_k_abs(before - after) > eps))
        return false;
    D[r.d] = factor;
    return true;
}

function lrs_k_phase_at(k, r, D, x) {
    const o = k.outs[r.out];
    const phase = k.phases[o.kind + lrs_k_segment_at(o, lrs_k_table(k), x)];
    return phase === LRS_K_NONE ? LRS_K_NONE : k.layout.event + phase;
}

function lrs_k_happen(k, D, event, x) {
    const old = D[event];
    D[event] = x;
    if (k.bind && lrs_k_rebind(k, D) !== 0) {
        D[event] = old;
        lrs_k_rebind(k, D);
        return false;
    }
    return true;
}

function lrs_k_act_next(k, r, D, x) {
    const event = lrs_k_phase_at(k, r, D, x);
    return event !== LRS_K_NONE && x < D[event] && lrs_k_happen(k, D, event, x);
}

function lrs_k_det_again(k, t, I, D) {
    if (t.kind === LRS_K_CONDITION)
        return;
    const counts = t.kind <= LRS_K_DIVERGE, timed = counts && lrs_k_det_timed(t);
    const until = t.d + (timed ? lrs_k_det_d(t) - 1 : 0);
    const was_until = D[until], was_cooling = I[t.i + 1];
    lrs_k_det_reset(k, t, I, D);
    if (counts)
        I[t.i + 1] = was_cooling;
    if (timed)
        D[until] = was_until;
}

function lrs_k_act_restart(k, r, I, D, x) {
    const event = lrs_k_phase_at(k, r, D, x);
    if (event === LRS_K_NONE || (D[event + 1] < LRS_K_INF && x <= D[event + 1]) || !lrs_k_happen(k, D, event + 1, x))
        return false;
    for (const t of k.dets) {
        if (t.nseg === 0 || t.out !== r.out || !lrs_k_runs(k, t, D, x))
            continue;
        if (I[t.i] < 0n)
            I[t.i] = LRS_K_EVENT_ANEW;
        else
            lrs_k_det_again(k, t, I, D);
    }
    return true;
}

function lrs_k_act(k, r, I, D, x) {
    if (!lrs_k_runs(k, k.dets[r.det], D, x))
        return false;
    switch (r.action) {
    case LRS_K_SCALE:
        return lrs_k_act_scale(k, r, D, x);
    case LRS_K_NEXT:
        return lrs_k_act_next(k, r, D, x);
    case LRS_K_RESTART:
        return lrs_k_act_restart(k, r, I, D, x);
    default:
        I[0] |= LRS_K_STOPPED;
        return true;
    }
}

function lrs_k_settle(k, t, I, D) {
    const mark = I[t.i];
    if (mark >= 0n)
        return;
    I[t.i] = t.kind === LRS_K_CONDITION ? 1n : 0n;
    if (mark === LRS_K_EVENT_ANEW)
        lrs_k_det_again(k, t, I, D);
}

/* step is a BigInt. */
function lrs_k_observe(k, I, D, input, step, metric) {
    const l = k.layout, x = lrs_k_time(step);
    let events = 0, acted = 0;

    if (!(metric === metric) || step <= I[2 + input])
        return 0;
    I[2 + input] = step;
    if (l.input !== LRS_K_NONE)
        D[l.input + input] = metric;

    for (const t of k.dets) {
        if ((t.watch >>> input & 1) && lrs_k_detect(k, t, I, D, step, metric)) {
            I[t.i] = LRS_K_EVENT;
            events++;
        }
    }
    if (events === 0)
        return 0;

    for (const r of k.rules) {
        if (I[k.dets[r.det].i] < 0n && lrs_k_act(k, r, I, D, x)) {
            I[r.i] += 1n;
            I[r.i + 1] = step;
            acted++;
        }
    }
    for (const t of k.dets)
        lrs_k_settle(k, t, I, D);
    I[1] += BigInt(acted);
    return acted;
}

/* ---- state.h ---- */

const LRS_K_BLOB_HEAD = 32;
const LRS_K_BLOB_TAIL = 8;

/* The words of a state, and i[] and d[] in them. */
function lrs_k_state(k) {
    const l = k.layout, buffer = new ArrayBuffer(8 * (LRS_K_HEADER_WORDS + l.ni + l.nd));
    return {
        words: new BigUint64Array(buffer),
        I: new BigInt64Array(buffer, 8 * LRS_K_HEADER_WORDS, l.ni),
        D: new Float64Array(buffer, 8 * (LRS_K_HEADER_WORDS + l.ni), l.nd),
    };
}

function lrs_k_reset(k, state) {
    const l = k.layout, I = state.I, D = state.D;
    state.words[0] = BigInt(LRS_K_STATE_VERSION) | BigInt(LRS_K_HEADER_WORDS + l.ni + l.nd) << 32n;
    state.words[1] = l.hash;
    I[0] = 0n;
    I[1] = 0n;
    for (let j = 0; j < l.ninput; j++)
        I[2 + j] = LRS_K_NEVER;
    for (const t of k.dets)
        lrs_k_det_reset(k, t, I, D);
    for (const r of k.rules) {
        I[r.i] = 0n;
        I[r.i + 1] = LRS_K_NEVER;
        if (r.action === LRS_K_SCALE)
            D[r.d] = 1.0;
    }
    for (let j = 0; l.input !== LRS_K_NONE && j < l.ninput; j++)
        D[l.input + j] = LRS_K_NAN;
    for (let j = 0; j < l.nevent; j++)
        D[l.event + j] = LRS_K_INF;
}

/* ---- bytes ---- */

function lrs_k_fnv(p, n) {
    let h = 0xcbf29ce484222325n;
    for (let j = 0; j < n; j++)
        h = BigInt.asUintN(64, (h ^ BigInt(p[j])) * 0x100000001b3n);
    return h;
}

function lrs_k_saved_size(k) {
    return LRS_K_BLOB_HEAD + (k.layout.ni + k.layout.nsave) * 8 + LRS_K_BLOB_TAIL;
}

const LRS_K_MAGIC = 0x455441545353524cn;

function lrs_k_save(k, state) {
    const l = k.layout, size = lrs_k_saved_size(k), p = new Uint8Array(size), b = new DataView(p.buffer);
    const d = LRS_K_HEADER_WORDS + l.ni;
    b.setBigUint64(0, LRS_K_MAGIC, true);
    b.setUint32(8, LRS_K_STATE_VERSION, true);
    b.setUint32(12, size, true);
    b.setBigUint64(16, l.hash, true);
    b.setUint32(24, l.ni, true);
    b.setUint32(28, l.nsave, true);
    for (let j = 0; j < l.ni; j++)
        b.setBigInt64(LRS_K_BLOB_HEAD + j * 8, state.I[j], true);
    for (let j = 0; j < l.nsave; j++) /* words, because Numbers do not keep the bits of a NaN */
        b.setBigUint64(LRS_K_BLOB_HEAD + (l.ni + j) * 8, state.words[d + j], true);
    b.setBigUint64(size - LRS_K_BLOB_TAIL, lrs_k_fnv(p, size - LRS_K_BLOB_TAIL), true);
    return p;
}

function lrs_k_saved_i(b, j) {
    return b.getBigInt64(LRS_K_BLOB_HEAD + j * 8, true);
}

function lrs_k_saved_d(k, b, j) {
    return b.getBigUint64(LRS_K_BLOB_HEAD + (k.layout.ni + j) * 8, true);
}

function lrs_k_check_frame(k, p, b) {
    const l = k.layout, len = p.length;
    if (len < 16)
        return LRS_K_E_TRUNCATED;
    if (b.getBigUint64(0, true) !== LRS_K_MAGIC)
        return LRS_K_E_MAGIC;
    if (b.getUint32(8, true) !== LRS_K_STATE_VERSION)
        return LRS_K_E_VERSION;
    const size = b.getUint32(12, true);
    if (size > len)
        return LRS_K_E_TRUNCATED;
    if (size !== len || size < LRS_K_BLOB_HEAD + LRS_K_BLOB_TAIL)
        return LRS_K_E_DAMAGED;
    if (b.getBigUint64(len - LRS_K_BLOB_TAIL, true) !== lrs_k_fnv(p, len - LRS_K_BLOB_TAIL))
        return LRS_K_E_DAMAGED;
    if (b.getBigUint64(16, true) !== l.hash)
        return LRS_K_E_PROGRAM;
    if (b.getUint32(24, true) !== l.ni || b.getUint32(28, true) !== l.nsave || size !== lrs_k_saved_size(k))
        return LRS_K_E_DAMAGED;
    return 0;
}

function lrs_k_is_count(v) {
    return v >= 0n && v <= 1n << 62n;
}

function lrs_k_check_det(k, t, b) {
    const i = lrs_k_saved_i(b, t.i);
    if (t.kind > LRS_K_DIVERGE)
        return i >= 0n && i <= (t.kind === LRS_K_CONDITION ? 1n : 0n);
    const best = lrs_k_double(lrs_k_saved_d(k, b, t.d));
    if (!lrs_k_is_count(i) || !lrs_k_is_count(lrs_k_saved_i(b, t.i + 1)) || !(best === best))
        return false;
    if (t.dialect !== LRS_K_OPTAX)
        return true;
    const n = lrs_k_double(lrs_k_saved_d(k, b, t.d + 4));
    return n >= 0.0 && n < 9007199254740992 /* 2^53 */;
}

function lrs_k_check_content(k, b) {
    const l = k.layout;
    if ((lrs_k_saved_i(b, 0) & ~LRS_K_STOPPED) !== 0n || !lrs_k_is_count(lrs_k_saved_i(b, 1)))
        return LRS_K_E_DAMAGED;
    for (const t of k.dets) {
        if (!lrs_k_check_det(k, t, b))
            return LRS_K_E_DAMAGED;
    }
    for (const r of k.rules) {
        if (!lrs_k_is_count(lrs_k_saved_i(b, r.i)))
            return LRS_K_E_DAMAGED;
        if (r.action === LRS_K_SCALE) {
            const s = lrs_k_double(lrs_k_saved_d(k, b, r.d));
            if (!(s === s))
                return LRS_K_E_DAMAGED;
        }
    }
    for (let j = 0; j < l.nevent; j++) {
        if (!(lrs_k_double(lrs_k_saved_d(k, b, l.event + j)) >= 0.0))
            return LRS_K_E_DAMAGED;
    }
    return 0;
}

function lrs_k_load_events(k, D, b) {
    const l = k.layout, old = D.slice(l.event, l.event + l.nevent);
    for (let j = 0; j < l.nevent; j++)
        D[l.event + j] = lrs_k_double(lrs_k_saved_d(k, b, l.event + j));
    if (lrs_k_rebind(k, D) === 0)
        return 0;
    D.set(old, l.event);
    lrs_k_rebind(k, D);
    return LRS_K_E_DAMAGED;
}

/* p is a Uint8Array. */
function lrs_k_load(k, state, p) {
    const l = k.layout, b = new DataView(p.buffer, p.byteOffset, p.byteLength), d = LRS_K_HEADER_WORDS + l.ni;
    let e = lrs_k_check_frame(k, p, b);
    if (e)
        return e;
    for (let j = 0; j < l.nparam; j++) {
        if (lrs_k_saved_d(k, b, j) !== state.words[d + j])
            return LRS_K_E_PARAMS;
    }
    e = lrs_k_check_content(k, b);
    if (e)
        return e;
    if (l.nevent !== 0 && k.bind) {
        e = lrs_k_load_events(k, state.D, b);
        if (e)
            return e;
    }
    for (let j = 0; j < l.ni; j++)
        state.I[j] = lrs_k_saved_i(b, j);
    for (let j = l.nparam; j < l.nsave; j++)
        state.words[d + j] = lrs_k_saved_d(k, b, j);
    return 0;
}

/* ---- the interface of a module ---- */

/* What a function of the interface throws; code is that of the generated C functions. */
function lrs_k_error(about, code) {
    const error = new RangeError(about.errors[code]);
    error.code = code;
    return error;
}

/* An output or input by its number or its name. */
function lrs_k_index(names, which, what) {
    const i = typeof which === "string" ? names.indexOf(which) : which;
    if (!(Number.isInteger(i) && i >= 0 && i < names.length)) {
        const there = names.length ? "there are: " + names.join(", ") : "there are none";
        throw new RangeError(`there is no ${what} ${typeof which === "string" ? "`" + which + "`" : String(which)}; ${there}`);
    }
    return i;
}

function lrs_k_check_whole(step) {
    if (typeof step !== "bigint" && !Number.isInteger(step))
        throw new RangeError(`a step is a whole number, not ${String(step)}`);
    return step;
}

/* 64 bits, as the state has it. */
function lrs_k_step(step) {
    const whole = BigInt(lrs_k_check_whole(step));
    if (BigInt.asIntN(64, whole) !== whole)
        throw new RangeError(`the step ${String(step)} has no 64-bit integer`);
    return whole;
}

function lrs_k_check_step(step) {
    if (!Number.isSafeInteger(step))
        lrs_k_step(step);
    return step;
}

/* Params by name, in order; those that are not given have their defaults. */
function lrs_k_params(about, values) {
    for (const name of Object.keys(values))
        lrs_k_index(about.params.map((q) => q.name), name, "parameter");
    return about.params.map((q, i) => {
        const given = Object.hasOwn(values, q.name) ? values[q.name] : undefined, v = given === undefined ? q.def : given;
        const fits = typeof v === "number" && Math.abs(v) < LRS_K_INF && (q.lo === null || (v >= q.lo && v <= q.hi));
        if (!fits)
            throw lrs_k_error(about, -(1 + i));
        return v;
    });
}

/* The object that create gives: one run, with a state and, where the table is in the state, a program of its own. */
function lrs_k_new_run(program, about, values) {
    const l = program.layout, params = lrs_k_params(about, values), state = lrs_k_state(program), I = state.I, D = state.D;
    const k = Object.assign({}, program, {table: program.table || D.subarray(l.table)});
    if (k.bind) {
        const failed = k.bind(params, new Float64Array(l.nevent).fill(LRS_K_INF), k.table);
        if (failed)
            throw lrs_k_error(about, -1000 - failed);
    }
    D.set(params);
    lrs_k_reset(k, state);
    const run = {
        value(step, output = 0) {
            return lrs_k_value(k, D, lrs_k_index(about.outputs, output, "output"), lrs_k_check_step(step));
        },
        values(step) {
            return Float64Array.from(about.outputs, (_, i) => lrs_k_value(k, D, i, lrs_k_check_step(step)));
        },
        fill(output, first, n, stride = 1) {
            const out = lrs_k_index(about.outputs, output, "output"), y = new Float64Array(n);
            lrs_k_check_step(first);
            lrs_k_check_whole(stride);
            if (Number.isSafeInteger(first) && Number.isSafeInteger(stride) && Number.isSafeInteger(first + n * stride))
                lrs_k_fill(k, D, out, first, stride, y);
            else
                lrs_k_fill(k, D, out, BigInt(first), BigInt(stride), y);
            return y;
        },
        observe(step, metric, input = 0) {
            const whole = lrs_k_step(step);
            if (about.inputs.length === 0)
                return 0;
            return lrs_k_observe(k, I, D, lrs_k_index(about.inputs, input, "input"), whole, Number(metric ?? LRS_K_NAN));
        },
        getLr(step, metric) {
            if (typeof metric === "object" && metric !== null) {
                for (const name of Object.keys(metric))
                    lrs_k_index(about.inputs, name, "input");
                for (const name of about.inputs)
                    run.observe(step, Object.hasOwn(metric, name) ? metric[name] : LRS_K_NAN, name);
            } else {
                run.observe(step, metric);
            }
            return run.value(step);
        },
        explain(step, output = 0) {
            const out = lrs_k_index(about.outputs, output, "output"), o = k.outs[out], T = lrs_k_table(k);
            const j = o.kind + lrs_k_segment_at(o, T, lrs_k_time(lrs_k_check_step(step))), n = about.phase_of[j];
            const why = {phase: null, start: 0, end: LRS_K_INF, rule: null, ruleStep: null};
            if (n !== LRS_K_NONE)
                Object.assign(why, {phase: about.phases[n].text, start: about.phases[n].start(T), end: about.phases[n].end(T)});
            program.rules.forEach((r, i) => {
                const own = r.out === out || r.out >= about.outputs.length; /* parts without a name belong to what is made of them */
                const at = I[r.i + 1], later = why.ruleStep === null || at > why.ruleStep || (at === why.ruleStep && r.action !== LRS_K_STOP); /* which changes no rate */
                if (I[r.i] !== 0n && own && later)
                    Object.assign(why, {rule: about.rules[i], ruleStep: at});
            });
            return why;
        },
        get stopped() {
            return (I[0] & LRS_K_STOPPED) !== 0n;
        },
        save() {
            return lrs_k_save(k, state);
        },
        load(bytes) {
            if (!(ArrayBuffer.isView(bytes) && bytes.BYTES_PER_ELEMENT === 1))
                throw new TypeError("load takes the Uint8Array that save gave");
            const e = lrs_k_load(k, state, bytes);
            if (e)
                throw lrs_k_error(about, e);
        },
    };
    return run;
}

function lrs_k_schedule(program, about) {
    const {params, outputs, inputs, hash, unit, total} = about;
    return {params, outputs, inputs, hash, unit, total, create: (values = {}) => lrs_k_new_run(program, about, values)};
}
