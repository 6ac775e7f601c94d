/* functions.h: the functions of the math kernel, and where tests try them.
 * A row is X(name, ONE, TWO or THREE arguments, its domain as points.h has it). The order is that of the seeds, and so of what
 * math_hash.txt stores. */
#ifndef LRS_TEST_FUNCTIONS_H
#define LRS_TEST_FUNCTIONS_H

#define MATH_FUNCTIONS(X)                                           \
    X(exp2, ONE, -1080, 1026, -1.5, 1.5, -60, 9, 0.5)               \
    X(exp, ONE, -746, 711, -1, 1, -60, 9, 0.5)                      \
    X(log2, ONE, 0, 1024, 0.7, 1.42, -1074, 1023, 0.125)            \
    X(log2hi, ONE, 0, 1024, 0.7, 1.42, -1074, 1023, 0.125)          \
    X(log2lo, ONE, 0, 1024, 0.7, 1.42, -1074, 1023, 0.125)          \
    X(log, ONE, 0, 1024, 0.7, 1.42, -1074, 1023, 0.125)             \
    X(log10, ONE, 0, 1024, 0.7, 1.42, -1074, 1023, 0.125)           \
    X(cospi, ONE, -16, 16, -1, 1, -1074, 54, 0.125)                 \
    X(sinpi, ONE, -16, 16, -1, 1, -1074, 54, 0.125)                 \
    X(cos, ONE, -1e6, 1e6, -7, 7, -1074, 1023, 0.78539816339744828) \
    X(sin, ONE, -1e6, 1e6, -7, 7, -1074, 1023, 0.78539816339744828) \
    X(hcos_unit, ONE, 0, 1, 0, 0.01, -1074, 0, 0.0625)              \
    X(hcos, ONE, -8, 8, -1, 1, -1074, 54, 0.0625)                   \
    X(tanh, ONE, -23, 23, -0.4, 0.4, -1074, 5, 0.1)                 \
    X(sqrt, ONE, 0, 1e6, 0.5, 4, -1074, 1023, 1)                    \
    X(abs, ONE, -8, 8, -1, 1, -1074, 1023, 1)                       \
    X(neg, ONE, -8, 8, -1, 1, -1074, 1023, 1)                       \
    X(floor, ONE, -1e3, 1e3, -2, 2, -1074, 60, 0.5)                 \
    X(ceil, ONE, -1e3, 1e3, -2, 2, -1074, 60, 0.5)                  \
    X(trunc, ONE, -1e3, 1e3, -2, 2, -1074, 60, 0.5)                 \
    X(round, ONE, -1e3, 1e3, -2, 2, -1074, 60, 0.5)                 \
    X(min, TWO, -8, 8, -1, 1, -4, 4, 1)                             \
    X(max, TWO, -8, 8, -1, 1, -4, 4, 1)                             \
    X(pow, TWO, -4, 4, 0.9, 1.1, -40, 40, 1)                        \
    X(stairs, TWO, -1e4, 1e4, 0, 16, -30, 53, 1)                    \
    X(mod, TWO, -1e4, 1e4, 0, 16, -30, 53, 1)                       \
    X(fma, THREE, -8, 8, -1, 1, -500, 500, 1)                       \
    X(exp2x, THREE, -8, 8, -1, 1, -60, 8, 1)                        \
    X(exp2s, THREE, -8, 8, -1, 1, -60, 8, 1)

#endif
