"""Expressions of lrs: their text, and what they are worth by exact decimal arithmetic.

In: trees that generate.py builds. Out: source text, and values with an error bound. Calls the decimal module alone: nothing
here knows how lrs computes, only what the language says an expression means.

A value is a pair (v, e): the exact result, and how far a computation in doubles may be from it when each operation is off by a
few units in the last place. e is 0 where doubles are exact, so that the edges of phases can be told apart to the bit.
"""
import decimal
from decimal import Decimal

decimal.getcontext().prec = 45
decimal.getcontext().Emax = decimal.MAX_EMAX
decimal.getcontext().Emin = decimal.MIN_EMIN

ZERO, ONE = Decimal(0), Decimal(1)
EPS = Decimal(2) ** -49           # of one operation: a few ulp
TINY = Decimal("1e-300")          # below it doubles lose digits
HUGE = Decimal("1e290")
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")
E = Decimal("2.71828182845904523536028747135266249775724709369995957496696763")


class Unsure(Exception):
    """The value cannot be told apart from another branch, or is not a plain finite number."""


def is_double(v):
    return v == 0 or (abs(v) < HUGE and abs(v) > TINY and Decimal(float(v)) == v)


def exact(v):
    v = Decimal(v)
    return (v, ZERO if is_double(v) else abs(v) * EPS)


def made(v, e, inputs_exact):
    """The result of one operation."""
    if v.is_nan() or v.is_infinite() or abs(v) > HUGE:
        raise Unsure
    if inputs_exact and is_double(v):
        return (v, ZERO)
    return (v, e + abs(v) * EPS + TINY)


def add(a, b):
    return made(a[0] + b[0], a[1] + b[1], a[1] == 0 and b[1] == 0)


def neg(a):
    return (-a[0], a[1])


def sub(a, b):
    return add(a, neg(b))


def mul(a, b):
    return made(a[0] * b[0], abs(a[0]) * b[1] + abs(b[0]) * a[1] + a[1] * b[1], a[1] == 0 and b[1] == 0)


def div(a, b):
    if abs(b[0]) <= 2 * b[1]:
        raise Unsure
    v = a[0] / b[0]
    return made(v, (a[1] + abs(v) * b[1]) / (abs(b[0]) - b[1]), a[1] == 0 and b[1] == 0)


def compare(a, b):
    """-1, 0, 1; unsure when rounding could decide."""
    d = a[0] - b[0]
    if abs(d) <= a[1] + b[1] and not (a[1] == 0 and b[1] == 0):
        raise Unsure
    return (d > 0) - (d < 0)


def smooth(a, f, slope):
    """f of a, from a series of so many digits; slope bounds its derivative near a."""
    return made(f, slope * a[1] + Decimal("1e-38"), False)


def exp(a):
    if abs(a[0]) > 650:
        raise Unsure
    v = a[0].exp()
    return made(v, v * a[1] * 2 + v * abs(a[0]) * EPS, a[0] == 0 and a[1] == 0)


def ln(a):
    if a[0] <= 2 * a[1] or a[0] < TINY:
        raise Unsure
    return made(a[0].ln(), a[1] / (a[0] - a[1]), a[0] == 1 and a[1] == 0)


def sqrt(a):
    if a[0] == 0 and a[1] == 0:
        return a
    if a[0] <= 2 * a[1]:
        raise Unsure
    v = a[0].sqrt()
    return made(v, a[1] / v, a[1] == 0)


def power(a, b):
    if b[1] == 0 and b[0] == b[0].to_integral_value() and abs(b[0]) <= 64:
        n = int(abs(b[0]))
        if a[0] <= 2 * a[1] and n > 4:   # of a negative base lrs has few powers
            raise Unsure
        r = (ONE, ZERO)
        for _ in range(n):
            r = mul(r, a)
        return r if b[0] >= 0 else div((ONE, ZERO), r)
    if a[0] == 0 and a[1] == 0 and b[0] > b[1]:
        return a
    if a[0] <= 2 * a[1]:
        raise Unsure
    return exp(mul(b, ln(a)))


def cos_exact(x):
    """cos of a Decimal of at most moderate size."""
    if abs(x) > 1000000:
        raise Unsure
    x = abs(x) % (2 * PI)
    term, total, k = ONE, ONE, 0
    while abs(term) > Decimal("1e-44") or k < 10:
        k += 2
        term = -term * x * x / (k * (k - 1))
        total += term
    return total


def cos(a):
    return smooth(a, cos_exact(a[0]), ONE)


def sin(a):
    return smooth(a, cos_exact(a[0] - PI / 2), ONE)


def cospi(a):
    return smooth(a, cos_exact(a[0] % 2 * PI), Decimal(4))


def sinpi(a):
    return smooth(a, cos_exact((a[0] % 2 - Decimal("0.5")) * PI), Decimal(4))


def hcos(a):
    """(1 - cos(pi a))/2 = sin(pi a/2)^2, with the small error that the second form has near 0."""
    x = a[0] % 2
    s = cos_exact((x - 1) * PI / 2)
    v = s * s
    return (v, a[1] * (4 * abs(s) + 4 * a[1]) + v * EPS + Decimal("1e-80"))


def tanh(a):
    if abs(a[0]) > 300:
        raise Unsure
    p = (2 * a[0]).exp()
    v = (p - 1) / (p + 1)
    return made(v, a[1], a[0] == 0 and a[1] == 0)


def whole(a, how):
    v = a[0]
    below = v.to_integral_value(decimal.ROUND_FLOOR)
    if how == "floor":
        near, r = v.to_integral_value(decimal.ROUND_HALF_EVEN), below
    elif how == "ceil":
        near, r = v.to_integral_value(decimal.ROUND_HALF_EVEN), v.to_integral_value(decimal.ROUND_CEILING)
    elif how == "trunc":
        near, r = v.to_integral_value(decimal.ROUND_HALF_EVEN), v.to_integral_value(decimal.ROUND_DOWN)
    else:
        near, r = below + Decimal("0.5"), v.to_integral_value(decimal.ROUND_HALF_UP)
    if a[1] != 0 and abs(v - near) <= a[1]:
        raise Unsure
    return (r, ZERO if is_double(r) else abs(r) * EPS)


def stairs(a, b):
    """floor(a/b), which lrs computes exactly for the doubles a and b."""
    if b[0] <= b[1]:
        raise Unsure
    q = a[0] / b[0]
    if a[1] or b[1]:
        e = (a[1] + abs(q) * b[1]) / (b[0] - b[1]) + abs(q) * EPS
        if abs(q - q.to_integral_value(decimal.ROUND_HALF_EVEN)) <= e:
            raise Unsure
    return (q.to_integral_value(decimal.ROUND_FLOOR), ZERO)


def mod(a, b):
    if b[0] <= b[1]:
        raise Unsure
    n = stairs(a, b)
    return sub(a, mul(b, n))


def least(a, b):
    return a if a[0] < b[0] else b


def most(a, b):
    return a if a[0] > b[0] else b


def choose(c, a, b):
    return a if c else b


def tan(a):
    return div(sin(a), cos(a))


def sigmoid(a):
    return div((ONE, ZERO), add((ONE, ZERO), exp(neg(a))))


def magnitude(a):
    return (abs(a[0]), a[1])


def clamp(a, low, high):
    return least(most(a, low), high)


LN2, LN10 = Decimal(2).ln(), Decimal(10).ln()
BUILTINS = {
    "abs": magnitude, "ceil": lambda a: whole(a, "ceil"), "clamp": clamp, "cos": cos, "cospi": cospi, "exp": exp,
    "exp2": lambda a: exp(mul(a, (LN2, LN2 * EPS))), "floor": lambda a: whole(a, "floor"), "hcos": hcos, "log": ln,
    "log10": lambda a: div(ln(a), (LN10, LN10 * EPS)), "log2": lambda a: div(ln(a), (LN2, LN2 * EPS)), "mod": mod, "pow": power,
    "round": lambda a: whole(a, "round"), "sigmoid": sigmoid, "sin": sin, "sinpi": sinpi, "sqrt": sqrt, "tan": tan, "tanh": tanh,
    "trunc": lambda a: whole(a, "trunc"),
}



def folded(f, first):
    def fold(values):
        r = first
        for v in values:
            r = f(r, v)
        return r
    return fold


OF_LISTS = {
    "before": lambda values, first: [first] + values[:-1], "indices": lambda values: [exact(i) for i in range(len(values))],
    "item": lambda values, i: values[int(i[0])], "len": lambda values: exact(len(values)), "product": folded(mul, (ONE, ZERO)),
    "sum": folded(add, (ZERO, ZERO)),
}

# How tightly an operator binds, as in the grammar.
OR, AND, NOT, COMPARE, SUM, PRODUCT, UNARY, POWER, TERM, PRIMARY = range(1, 11)
BINDS = {"or": OR, "and": AND, "<": COMPARE, "<=": COMPARE, ">": COMPARE, ">=": COMPARE, "==": COMPARE, "!=": COMPARE,
         "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "^": POWER}
ARITHMETIC = {"+": add, "-": sub, "*": mul, "/": div, "^": power}


class Scope:
    """What names mean: params and lets of the file, and the locals and formals of the place.
    unit is what the trainer's step counts; ticks() converts durations to it."""

    def __init__(self, program, names):
        self.program, self.names = program, names

    def name(self, name):
        if name in self.names:
            return self.names[name]
        return self.program.value_of(name)


class Node:
    binds = PRIMARY

    def text(self, least=OR):
        s = self.write()
        return s if self.binds >= least else "(" + s + ")"


def spread(f, *values):
    """f of numbers; where some are lists, element by element."""
    lists = [v for v in values if isinstance(v, list)]
    if not lists:
        return f(*values)
    return [f(*(v[i] if isinstance(v, list) else v for v in values)) for i in range(len(lists[0]))]


class Number(Node):
    """A literal; its value is the decimal that is written."""

    def __init__(self, written, value):
        self.written, self.number = written, Decimal(value)

    def write(self):
        return self.written

    def value(self, scope):
        return exact(self.number)


class Name(Node):
    def __init__(self, name):
        self.name = name

    def write(self):
        return self.name

    def value(self, scope):
        return scope.name(self.name)


class Unit(Node):
    """left in a unit; `%` of total where a duration is expected, else one hundredth."""
    binds = TERM

    def __init__(self, left, unit, word, of_total=False):
        self.left, self.unit, self.word, self.of_total = left, unit, word, of_total

    def write(self):
        return self.left.text(PRIMARY) + self.word

    def value(self, scope):
        return spread(lambda v: self.of(v, scope), self.left.value(scope))

    def of(self, v, scope):
        if self.unit == "%":
            return div(mul(v, scope.name("total")) if self.of_total else v, exact(100))
        return scope.program.ticks(v, self.unit)


class Unary(Node):
    def __init__(self, op, left):
        self.op, self.left = op, left
        self.binds = NOT if op == "not" else UNARY

    def write(self):
        return "not " + self.left.text(NOT) if self.op == "not" else "-" + self.left.text(UNARY)

    def value(self, scope):
        return spread(lambda v: not v if self.op == "not" else neg(v), self.left.value(scope))


class Binary(Node):
    def __init__(self, op, left, right):
        self.op, self.left, self.right = op, left, right
        self.binds = BINDS[op]

    def write(self):
        left, right = self.binds, self.binds + 1
        if self.op == "^":
            left, right = TERM, UNARY
        elif self.binds == COMPARE:
            left = right
        tight = "" if self.op == "^" else " "
        return self.left.text(left) + tight + self.op + tight + self.right.text(right)

    def value(self, scope):
        return spread(self.of, self.left.value(scope), self.right.value(scope))

    def of(self, a, b):
        if self.op == "and":
            return a and b
        if self.op == "or":
            return a or b
        if self.op == "^" and a[0] <= 2 * a[1] and not isinstance(self.right, Number):
            raise Unsure   # of a negative base: NaN, or a power, depending on what is known before the run
        if self.op in ARITHMETIC:
            return ARITHMETIC[self.op](a, b)
        c = compare(a, b)
        return {"<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0, "==": c == 0, "!=": c != 0}[self.op]


class Call(Node):
    """A built-in function, or one of the file's (function is its Function)."""

    def __init__(self, name, args, function=None, named=None):
        self.name, self.args, self.function, self.named = name, args, function, named or {}

    def write(self):
        parts = [a.text() for a in self.args] + [k + "=" + v.text() for k, v in self.named.items()]
        return self.name + "(" + ", ".join(parts) + ")"

    def value(self, scope):
        if self.name == "if":
            condition = self.args[0].value(scope)
            if isinstance(condition, list):
                return spread(choose, condition, self.args[1].value(scope), self.args[2].value(scope))
            return self.args[1].value(scope) if condition else self.args[2].value(scope)
        args = [a.value(scope) for a in self.args]
        if self.name in OF_LISTS:
            return OF_LISTS[self.name](*args)
        if self.name in ("min", "max") and isinstance(args[0], list):
            args = args[0]
        if self.function:
            return self.function.call(scope, args, {k: v.value(scope) for k, v in self.named.items()})
        if self.name in ("min", "max"):
            r = args[0]
            for a in args[1:]:
                r = (least if self.name == "min" else most)(r, a)
            return r
        return spread(BUILTINS[self.name], *args)


class List(Node):
    def __init__(self, elements):
        self.elements = elements

    def write(self):
        return "[" + ", ".join(e.text() for e in self.elements) + "]"

    def value(self, scope):
        return [e.value(scope) for e in self.elements]


class Text(Node):
    """A text: it stands in arguments and comparisons alone, and has no value."""

    def __init__(self, written):
        self.written = written

    def write(self):
        return '"' + self.written + '"'


class Same(Node):
    """Two texts compared; truth is what comes out."""
    binds = COMPARE

    def __init__(self, left, op, right, truth):
        self.left, self.op, self.right, self.truth = left, op, right, truth

    def write(self):
        return self.left.text(SUM) + " " + self.op + " " + self.right.text(SUM)

    def value(self, scope):
        return self.truth


class Part(Node):
    """A call of a template as a part of an expression; of(now) is what it is worth."""

    def __init__(self, call, of):
        self.call, self.of = call, of

    def write(self):
        return self.call

    def value(self, scope):
        if "now" not in scope.names:
            raise Unsure
        return self.of(scope.program, scope.names["now"])


class Function:
    """A def, shape, decay or curve of the file: formals are (name, type or None, default node or None)."""

    def __init__(self, keyword, name, formals, body, sees_rates=False, places=64):
        self.keyword, self.name, self.formals, self.body, self.sees_rates = keyword, name, formals, body, sees_rates
        self.places = places   # so many of the parameters have one; the others are given by name

    def write(self):
        parts = []
        for i, (name, kind, default) in enumerate(self.formals):
            parts += ["*"] if i == self.places else []
            parts.append(name + (": " + kind if kind else "") + (" = " + default.text() if default else ""))
        return "%s %s(%s) = %s" % (self.keyword, self.name, ", ".join(parts), self.body.text())

    def call(self, scope, args, named):
        names = {}
        file_scope = Scope(scope.program, {})
        for i, (name, _, default) in enumerate(self.formals):
            if i < len(args):
                names[name] = args[i]
            elif name in named:
                names[name] = named[name]
            else:
                names[name] = default.value(file_scope)
        if self.sees_rates:
            for name in ("start", "end"):
                if name in scope.names:
                    names[name] = scope.names[name]
        return self.body.value(Scope(scope.program, names))
