#!/usr/bin/env python3
"""Random valid programs, and what is asked of them.

In: a seed and a number. Out: Program objects, or with --out the case file that the test's C programs read. The same seed gives
the same bytes on every machine and with every Python: own random numbers, and no arithmetic on them but whole numbers.

A case file is text, a case after another:
    case ID                     a number
    text N                      then N bytes of source, then a newline
    define NAME HEX             -D, the bits of a double
    bind NAME HEX               a param's value
    op ...                      the script, in order:
        V STEP                  a value of output 0
        U OUTPUT STEP           the same of output number OUTPUT
        E STEP N                the values of all N outputs, by one call
        Y OUTPUT FIRST N        N values of an output, first by first
        F FIRST N               N values of output 0
        O STEP HEX              an observation of the metric with these bits
        I INPUT STEP HEX        the same of input number INPUT
        G STEP HEX              get_lr on the state
        W STEP HEX              get_lr on the object's own state, with the params' defaults
        T                       the stop flag
        R NAME HEX WORDS        a value of a param that is refused, with these words
        S                       save
        L                       a fresh state; load what was saved last
    end
"""
import argparse
import collections
import re
import sys
from decimal import Decimal

import calls
import constructs
import expression as x
from expression import Binary, Call, Function, List, Name, Number, Same, Scope, Text, Unary, Unit, Unsure
from meaning import meanings_of
from parts import Output, Param, Phase, Random, Scale, double_bits, fraction, plain, rate, whole

INT64_MAX = 2 ** 63 - 1
INT64_MIN = -2 ** 63


# ---- a program -------------------------------------------------------------------------------------------

class Program:
    """One random program: its text, what its params are bound to, and its parts for meaning.py."""

    def __init__(self):
        self.unit = "steps"
        self.params, self.lets, self.functions = {}, {}, []
        self.phases, self.scales, self.rules = [], [], []
        self.bounds = None
        self.text = ""
        self.defines, self.bindings = [], []
        self.ops = []
        self.output = "lr"
        self.schedules, self.outputs = [], []  # all, each after those that it reads; names of outputs by number
        self.cache = {}
        self.refused = None          # a param, a value that is refused, the words
        self.tags = set()            # what constructs.py cannot see in the text
        self.templates, self.modules, self.hints = {}, set(), []   # hints: times where something may happen

    # what expression.py asks

    def value_of(self, name):
        if name in self.cache:
            return self.cache[name]
        if name in self.params:
            p = self.params[name]
            v = x.exact(Decimal(p.number()))
            v = self.ticks(v, p.unit) if p.unit else v
        elif name in self.lets:
            v = self.lets[name].value(Scope(self, {}))
        elif name in CONSTANTS:
            v = CONSTANTS[name]
        else:
            raise Unsure   # a name of a place that meaning.py does not follow
        self.cache[name] = v
        return v

    def to_steps(self, v, unit):
        if unit == "epochs":
            return x.mul(v, self.value_of("steps_per_epoch"))
        if unit == "samples":
            return x.div(v, self.value_of("samples_per_step"))
        if unit == "tokens":
            return x.div(v, self.value_of("tokens_per_step"))
        return v

    def ticks(self, v, unit):
        if unit == self.unit:
            return v
        v = self.to_steps(v, unit)
        if self.unit == "epochs":
            return x.div(v, self.value_of("steps_per_epoch"))
        if self.unit == "samples":
            return x.mul(v, self.value_of("samples_per_step"))
        if self.unit == "tokens":
            return x.mul(v, self.value_of("tokens_per_step"))
        return v

    def steps(self, ticks):
        return self.to_steps(ticks, self.unit)

    def epochs(self, ticks):
        if self.unit == "epochs":
            return ticks
        if "steps_per_epoch" not in self.params:
            return ticks
        return x.div(self.to_steps(ticks, self.unit), self.value_of("steps_per_epoch"))


CONSTANTS = {"pi": (x.PI, x.PI * x.EPS), "e": (x.E, x.E * x.EPS), "inf": (Decimal("Infinity"), x.ZERO), "true": (x.ONE, x.ZERO),
             "True": (x.ONE, x.ZERO), "false": (x.ZERO, x.ZERO), "False": (x.ZERO, x.ZERO)}
UNIT_WORDS = {"steps": [" steps", " step"], "epochs": [" epochs", " epoch", " ep"], "samples": [" samples", " sample", " sp"],
              "tokens": [" tokens", " token", " tok"]}
SHAPE_ARGS = {"linear": [], "cosine": [], "poly": ["power"], "sqrt": [], "square": [], "tanh": ["lb", "ub"], "sigmoid": ["k"],
              "smoothstep": [], "rex": [], "exp": []}
# The arguments of laws in the order of their definitions.
IN_ORDER = dict(SHAPE_ARGS, exp=["s"], power=["s", "c"], invsqrt=["timescale"], invtime=["rate", "s"], stepdecay=["every", "gamma"], noam=["d_model", "warmup"])

# A file that programs use; differential.py puts it beside them.
COMMON = """# what several schedules share
shape common_bend(u, k: number = 2) = u^k
decay common_fade(t, s: duration, k: number = 1) = 1/(1 + k*t/s)
def common_mean(a, b = 2) = (a + b)/2
let common_times = [20, 300]
param common_factor = 0.5 in 0.1..1
def common_falls(milestones = common_times, gamma = common_factor) {
  hold start
  at milestones *gamma
}
"""
COMMON_LAWS = [
    Function("shape", "common_bend", [("u", None, None), ("k", "number", Number("2", 2))], Binary("^", Name("u"), Name("k"))),
    Function("decay", "common_fade", [("t", None, None), ("s", "duration", None), ("k", "number", Number("1", 1))],
             Binary("/", Number("1", 1), Binary("+", Number("1", 1), Binary("/", Binary("*", Name("k"), Name("t")), Name("s"))))),
    Function("def", "common_mean", [("a", None, None), ("b", None, Number("2", 2))],
             Binary("/", Binary("+", Name("a"), Name("b")), Number("2", 2))),
]


class Generator(calls.Calls):
    def __init__(self, seed):
        self.r = Random(seed)
        self.p = Program()
        self.length = self.r.pick([10, 100, 100, 1000, 1000, 100000])
        self.uses_units = False
        self.nest = 0        # repeats around what is made now
        self.short = []      # names of durations: params and lets
        self.endless = False     # a phase that reads other schedules cannot be ended by an event: what it passes on is not known
        self.in_other = False    # makes a schedule that is not the first
        self.blind = False       # the rate where the last phase ends is not known before the run
        self.uses_file = self.by_outer_round = False
        self.outermost = set()   # lines whose events allow nothing around them
        self.no_percent = False  # where no duration is asked for % is a hundredth: in a let, in a product

    def tag(self, construct):
        self.p.tags.add(construct)

    # ---- declarations

    def declare(self):
        r, p = self.r, self.p
        self.uses_file = r.chance(12)
        if self.uses_file:
            p.functions += COMMON_LAWS
            p.lets["common_times"] = List([Number("20", 20), Number("300", 300)])
            self.settle(Param("common_factor", "0.5", low="0.1", high="1"), ["0.25", "0.75", "0.9"])
            p.params["common_factor"].declared = False
        if r.chance(25):
            at, n = 0, r.range(1, 5)
            marks = []
            for _ in range(n):
                at += r.range(1, self.length)
                marks.append(Number(str(at), at))
            p.lets["marks"] = List(marks)
            if r.chance(60):
                p.lets["cuts"] = List([fraction(r) for _ in range(n)])
        if r.chance(10):
            p.lets["how"] = Text(r.pick(["cosine", "linear"]))
        if r.chance(15):
            q = Param("rounds", r.pick(["1", "2", "3"]))
            self.settle(q, ["1", "2", "4", "0"])
        self.uses_units = r.chance(35)
        if self.uses_units:
            p.unit = r.weighted([(6, "steps"), (2, "epochs"), (1, "samples"), (1, "tokens")])
            self.well_known("steps_per_epoch", str(r.range(1, 500)))
            self.well_known("samples_per_step", str(r.pick([1, 8, 32, 100, 256])))
            self.well_known("tokens_per_step", r.pick(["4096", "500000", "1.5e6"]))
        if self.uses_units or r.chance(50):
            unit, word = None, ""
            if self.uses_units and r.chance(40):
                unit = r.pick(["steps", "epochs"])
                word = r.pick(UNIT_WORDS[unit])
            self.well_known("total", str(r.range(1, 20) * self.length), unit, word)
        if r.chance(70):
            self.rate_param("peak")
        if r.chance(25):
            self.rate_param("low_lr")
        if r.chance(40):
            self.length_param("w")
        if r.chance(20):
            self.length_param("cool", with_unit=self.uses_units)
        if r.chance(30):
            self.factor_param("gamma")
        if r.chance(20):
            self.factor_param("k")
        for name in ("base", "tail"):
            if r.chance(20):
                p.lets[name] = self.positive(2)
        if r.chance(20):
            self.no_percent = True
            p.lets["span"] = self.duration_expression(2)
            self.no_percent = False
            self.short.append("span")
        for name in ("f", "g2"):
            if r.chance(20):
                self.function(name)

    def well_known(self, name, value, unit=None, word=""):
        q = Param(name, value, unit, word)
        r = self.r
        if r.chance(15):
            q.default = None if not unit else q.default
        if q.default is None or r.chance(20):
            text = str(r.range(1, 40) * (self.length if name == "total" else 5))
            if r.chance(40):
                q.defined = text
                if not unit and r.chance(40):
                    q.declared = False
                    self.tag("param by -D alone")
            else:
                q.bound = text
        self.p.params[name] = q

    def rate_param(self, name):
        r = self.r
        low, high = r.pick([("1e-5", "1"), ("1e-6", "10"), ("0.001", "0.5")])
        inside = ["0.001", "0.1", "3e-3", "0.25", "0.0625", "0.01"]
        q = Param(name, None if r.chance(20) else r.pick(inside))
        if r.chance(50):
            q.low, q.high, q.log = low, high, r.chance(60)
        self.settle(q, inside + ["0.0123456789", "0.3333333333333333"])

    def length_param(self, name, with_unit=False):
        r = self.r
        q = Param(name, None if r.chance(15) and not with_unit else str(r.range(1, self.length)))
        if with_unit:
            q.unit = r.pick(["epochs", "steps", "samples", "tokens"])
            q.word = r.pick(UNIT_WORDS[q.unit])
        if r.chance(40):
            q.low, q.high = "0", "1e9"
        self.settle(q, [str(r.range(0, 3 * self.length)), "7", "0.5", "33.25", str(self.length)])
        self.short.append(name)

    def factor_param(self, name):
        r = self.r
        inside = ["0.5", "0.9", "0.1", "0.99", "0.7071067811865476"]
        q = Param(name, None if r.chance(20) else r.pick(inside))
        if q.default == "0.5" and r.chance(60):
            q.spelled = "1/2"
        if r.chance(30):
            q.low, q.high = "0.01", "1"
        self.settle(q, inside)

    def settle(self, q, values):
        r = self.r
        if q.default is None or r.chance(50):
            text = r.pick(values)
            if r.chance(20):
                q.defined = text
            else:
                q.bound = text
        self.p.params[q.name] = q

    def function(self, name):
        """A function of positive numbers that is positive."""
        r = self.r
        formals = [("a", r.pick([None, None, "number"]), None)]
        names = [Name("a")]
        if r.chance(60):
            formals.append(("b", r.pick([None, None, "number"]), Number("2", 2)))
            names.append(Name("b"))
        body = self.positive(2, names)
        self.p.functions.append(Function("def", name, formals, body, places=1 if r.chance(30) else 64))

    # ---- expressions that are always positive and finite: rates and factors

    def positive(self, depth, names=None):
        r = self.r
        if depth <= 0 or r.chance(35):
            choices = list(names or [])
            choices += [Name(n) for n in ("peak", "low_lr", "gamma", "k") if n in self.p.params]
            choices += [Name(n) for n in ("base", "tail") if n in self.p.lets]
            if choices and r.chance(55):
                return r.pick(choices)
            if r.chance(10):
                self.tag("% as a hundredth")
                return Unit(whole(r, 1, 150), "%", "%")
            return rate(r)
        if r.chance(8):
            return self.of_a_list(depth, names)
        a, b = self.positive(depth - 1, names), self.positive(depth - 1, names)
        kind = r.below(12)
        if r.chance(4):
            return r.pick([lambda: Call("min", [Name("inf"), a]), lambda: Call("if", [Binary("==", Name(r.pick(["true", "True"])), Number("1", 1)), a, b]),
                           lambda: Call("if", [Binary("!=", Name(r.pick(["false", "False"])), Number("1", 1)), a, b])])()
        if "how" in self.p.lets and r.chance(20):
            told, op, text = self.p.lets["how"].written, r.pick(["==", "!="]), r.pick(["cosine", "linear", ""])
            return Call("if", [Same(Name("how"), op, Text(text), (told == text) == (op == "==")), a, b])
        if kind < 3:
            return Binary("*", a, b)
        if kind < 5:
            return Binary("/", a, b)
        if kind < 6:
            return Binary("+", a, b)
        if kind == 6:
            return Call("sqrt", [a])
        if kind == 7:
            return Call(r.pick(["min", "max"]), [a, b] + ([self.positive(0, names)] if r.chance(30) else []))
        if kind == 8:
            return Call("if", [self.condition(a, b), a, b])
        if kind == 9:
            return Call("clamp", [a, Number("1e-6", "1e-6"), Number("5", 5)])
        if kind == 10 and names is None and [f for f in self.p.functions if f.keyword == "def"]:
            f = r.pick([f for f in self.p.functions if f.keyword == "def"])
            if len(f.formals) > 1 and r.chance(50):
                return Call(f.name, [a], f, {"b": b}) if r.chance(50) or f.places == 1 else Call(f.name, [a, b], f)
            return Call(f.name, [a], f)
        return Binary("^", a, Number(*r.pick([("2", 2), ("0.5", "0.5"), ("3", 3), ("1.5", "1.5")])))

    def of_a_list(self, depth, names):
        """A positive number that a function of a list gives."""
        r = self.r
        n = r.range(1, 4)
        xs = List([self.positive(0, names) for _ in range(n)])
        if "cuts" in self.p.lets and r.chance(40):
            xs, n = Name("cuts"), len(self.p.lets["cuts"].elements)
        for _ in range(r.below(3)):
            ways = [lambda: Binary("+", Call("indices", [xs]), Number("1", 1)), lambda: Call("before", [xs, self.positive(0, names)]),
                    lambda: Call("sqrt", [xs])]
            if not isinstance(xs, List):   # one that is written out is an argument, and nothing else
                ways += [lambda: Binary(r.pick(["*", "+", "/"]), xs, self.positive(0, names)), lambda: Binary("*", xs, xs),
                         lambda: Call("if", [Binary("<", xs, self.positive(0, names)), xs, self.positive(0, names)])]
            xs = r.pick(ways)()
        self.tag("list of lists' elements")
        name = r.pick(["sum", "sum", "product", "product", "min", "max", "item", "len"])
        return Call(name, [xs, Number(str(k := r.below(n)), k)] if name == "item" else [xs])

    def condition(self, a, b):
        r = self.r
        c = Binary(r.pick(["<", "<=", ">", ">=", "==", "!="]), a, b)
        if r.chance(20):
            c = Unary("not", c)
        if r.chance(25):
            c = Binary(r.pick(["and", "or"]), c, Binary("<", b, rate(r)))
        return c

    def rate_value(self):
        r = self.r
        if r.chance(50):
            return rate(r)
        if r.chance(10):
            return Number("0", 0)
        if r.chance(4):
            return Unary("-", rate(r))
        return self.positive(2)

    # ---- durations: never negative

    def duration(self, depth=2):
        r, p = self.r, self.p
        if r.chance(5):
            return Number("0", 0)
        if self.uses_units and r.chance(40):
            return self.with_unit()
        if "total" in p.params and not self.no_percent and r.chance(20):
            self.tag("% of total")
            return Unit(whole(r, 1, 60), "%", "%", of_total=True)
        if self.short and r.chance(25):
            return Name(r.pick(self.short))
        if r.chance(12):
            return self.duration_expression(depth)
        if r.chance(10):
            v = r.range(1, self.length * 8)
            return Number(plain(Decimal(v) / 8), Decimal(v) / 8)
        return whole(r, 1, self.length)

    def with_unit(self):
        r = self.r
        unit = r.weighted([(3, "epochs"), (2, "steps"), (1, "samples"), (1, "tokens")])
        word = r.pick(UNIT_WORDS[unit])
        if unit == "epochs":
            n = whole(r, 1, 30)
        elif unit == "steps":
            n = whole(r, 1, self.length)
        elif unit == "samples":
            n = Number("%dk" % (v := r.range(1, 900)), v * 1000)
        else:
            letter, power, most = r.weighted([(7, ("M", 10 ** 6, 900)), (2, ("B", 10 ** 9, 9)), (1, ("T", 10 ** 12, 9))])
            n = Number("%d%s" % (v := r.range(1, most), letter), v * power)
        return Unit(n, unit, word)

    def duration_expression(self, depth):
        r = self.r
        kind, outside = r.below(8), self.no_percent
        self.no_percent = outside or kind in (1, 2, 4, 5, 7)
        a = self.duration(0) if depth <= 1 else self.duration(depth - 1)
        b = self.duration(0)
        self.no_percent = outside
        if kind == 0:
            return Binary("+", a, b)
        if kind == 1:
            return Binary("*", whole(r, 1, 3), a)
        if kind == 2:
            return Binary("/", a, whole(r, 2, 4))
        if kind == 3:
            return Call(r.pick(["min", "max"]), [a, b])
        if kind == 4:
            return Call(r.pick(["round", "ceil", "floor", "trunc"]), [Binary("*", a, fraction(r))])
        if kind == 5:
            return Call("if", [Binary(r.pick([">", "<="]), a, b), a, b])
        if kind == 6:
            return Call("abs", [Binary("-", a, b)])
        return Binary("*", a, fraction(r))

    # ---- expressions of the step

    def curve_expression(self, depth, leaves):
        """Anything: leaves are makers of nodes."""
        r = self.r
        if depth <= 0 or r.chance(20):
            return r.pick(leaves)() if r.chance(70) else self.number()
        sub = lambda: self.curve_expression(depth - 1, leaves)
        kind = r.below(20)
        if kind < 4:
            return Binary("*", sub(), sub())
        if kind < 6:
            return Binary("+", sub(), sub())
        if kind < 8:
            return Binary("-", sub(), sub())
        if kind < 10:
            return Binary("/", sub(), sub())
        if kind == 10:
            return Binary("^", Call("abs", [sub()]) if r.chance(70) else sub(), self.number() if r.chance(70) else sub())
        if kind == 11:
            return Unary("-", sub())
        if kind == 12:
            return Call("if", [self.step_condition(sub), sub(), sub()])
        if kind == 13:
            return Call(r.pick(["min", "max"]), [sub() for _ in range(r.range(1, 3))])
        if kind == 14:
            return Call(r.pick(["mod", "pow"]), [sub(), self.number()])
        if kind == 15:
            return Call("clamp", [sub(), self.number(), Number("10", 10)])
        name = r.pick(["abs", "ceil", "cos", "cospi", "exp", "exp2", "floor", "hcos", "log", "log10", "log2", "round", "sigmoid", "sin",
                       "sinpi", "sqrt", "tan", "tanh", "trunc"])
        inner = sub()
        if name.startswith("log"):
            inner = Binary("+", Number("1", 1), Call("abs", [inner])) if r.chance(80) else inner
        elif name == "sqrt" and r.chance(80):
            inner = Call("abs", [inner])
        return Call(name, [inner])

    def step_condition(self, sub):
        r = self.r
        c = Binary(r.pick(["<", "<=", ">", ">=", "==", "!="]), sub(), sub())
        if r.chance(25):
            c = Unary("not", c)
        if r.chance(30):
            c = Binary(r.pick(["and", "or"]), c, Binary("<=", sub(), sub()))
        return c

    def number(self):
        r = self.r
        if r.chance(15) and ("peak" in self.p.params):
            return Name("peak")
        if r.chance(10):
            return Name(r.pick(["pi", "e"]))
        return r.pick([rate, lambda q: whole(q, 0, 9), fraction])(r)

    # ---- laws

    def shape_body(self, u):
        """The progress through some function; not always from 0 to 1."""
        r = self.r
        k = r.pick([Number("2", 2), Number("3", 3), Number("0.5", "0.5"), Number("1.7", "1.7"), Number("5", 5), Name("k")])
        one = Number("1", 1)
        kinds = [
            lambda: Binary("^", u, k),
            lambda: Binary("-", one, Binary("^", Binary("-", one, u), k)),
            lambda: Binary("/", Binary("-", Call("exp", [Binary("*", k, u)]), one), Binary("-", Call("exp", [k]), one)),
            lambda: Call("sinpi", [Binary("/", u, Number("2", 2))]),
            lambda: Binary("-", one, Call("cos", [Binary("/", Binary("*", Name("pi"), u), Number("2", 2))])),
            lambda: Call("hcos", [Binary("^", u, k)]),
            lambda: Binary("/", u, Binary("+", u, Binary("*", k, Binary("-", one, u)))),
            lambda: Binary("/", Call("tanh", [Binary("*", k, u)]), Call("tanh", [k])),
            lambda: Call("sqrt", [Binary("+", Binary("*", Number("0.75", "0.75"), u), Number("0.25", "0.25"))]),
            lambda: Binary("/", one, Binary("+", one, Binary("*", k, u))),
            lambda: Binary("/", Number("2", 2), Call("sqrt", [Binary("+", one, Binary("*", k, u))])),
            lambda: Binary("^", Number("0.1", "0.1"), Binary("*", k, u)),
            lambda: Call("if", [Binary("<", u, Number("0.5", "0.5")), Binary("/", u, k), u]),
            lambda: Call("cospi", [Binary("*", Number("2", 2), u)]),
            lambda: Binary("*", Binary("-", one, u), Binary("-", one, u)),
            lambda: self.curve_expression(3, [lambda: u]),
        ]
        return r.pick(kinds)()

    def law_of_the_file(self, keyword):
        r = self.r
        have = [f for f in self.p.functions if f.keyword == keyword]
        self.tag("%s of the file as a law" % keyword)
        if have and r.chance(50):
            return r.pick(have)
        name = {"shape": "bend", "decay": "fade", "curve": "path"}[keyword] + str(len(have))
        k = ("k", r.pick([None, "number"]), Number(*r.pick([("2", 2), ("0.5", "0.5"), ("3", 3)])))
        if keyword == "shape":
            f = Function(keyword, name, [("u", None, None), k], self.shape_body(Name("u")))
        elif keyword == "decay":
            over = Binary("/", Name("t"), Name("s"))
            one = Number("1", 1)
            body = r.pick([
                lambda: Binary("/", one, Binary("^", Binary("+", one, over), Name("k"))),
                lambda: Call("exp", [Unary("-", Binary("*", Name("k"), over))]),
                lambda: Binary("^", Number("0.5", "0.5"), Call("floor", [over])),
                lambda: Binary("/", one, Call("sqrt", [Binary("+", one, Binary("*", Name("k"), over))])),
                lambda: Call("exp2", [Unary("-", over)]),
                lambda: Binary("^", Number("0.5", "0.5"), over),
                lambda: Binary("+", Number("0.1", "0.1"), Binary("*", Number("0.9", "0.9"), Call("exp", [Unary("-", over)]))),
                lambda: self.curve_expression(3, [lambda: Binary("/", Name("t"), Name("s"))]),
            ])()
            f = Function(keyword, name, [("t", None, None), ("s", "duration", None), k], body)
            if r.chance(15):   # a law of a name that there is, with an argument of its own
                over = Binary("/", Name("t"), Name("span"))
                f = Function(keyword, "exp", [("t", None, None), ("span", "duration", None)], Binary("/", one, Binary("+", one, Binary("*", over, over))))
        else:
            body = r.pick([
                lambda: Binary("*", Name("start"), Binary("^", Binary("/", Name("end"), Name("start")), Binary("^", Name("u"), Name("k")))),
                lambda: Binary("/", Binary("*", Name("start"), Name("end")),
                               Binary("+", Name("end"), Binary("*", Binary("-", Name("start"), Name("end")), Name("u")))),
                lambda: Binary("+", Name("start"), Binary("*", Binary("-", Name("end"), Name("start")), Call("hcos", [Name("u")]))),
                lambda: self.curve_expression(3, [lambda: Name("u"), lambda: Name("start"), lambda: Name("end")]),
            ])()
            f = Function(keyword, name, [("u", None, None), k], body, sees_rates=True)
        self.p.functions.append(f)
        return f

    def small_args(self, q, formals):
        for name in formals:
            if self.r.chance(60):
                q.args[name] = {
                    "power": lambda: Number(*self.r.pick([("2", 2), ("1", 1), ("0.9", "0.9"), ("3", 3), ("0.5", "0.5")])),
                    "k": lambda: Number(*self.r.pick([("3", 3), ("6", 6), ("1.5", "1.5")])),
                    "lb": lambda: Unary("-", Number("5", 5)),
                    "ub": lambda: Number("2", 2),
                }[name]()

    def choose_shape(self, q, start_may_be_zero):
        r = self.r
        if r.chance(20):
            keyword = r.pick(["shape", "shape", "curve"]) if not start_may_be_zero else "shape"
            q.function = self.law_of_the_file(keyword)
            q.shape = q.function.name
            self.small_args(q, [n for n, _, _ in q.function.formals[1:]])
            return
        names = ["linear", "linear", "cosine", "cosine", "poly", "sqrt", "square", "tanh", "sigmoid", "smoothstep", "rex"]
        if not start_may_be_zero:
            names += ["exp", "exp"]
        q.shape = r.pick(names)
        if q.shape == "exp":
            self.tag("shape exp")
        self.small_args(q, SHAPE_ARGS[q.shape])

    def choose_decay(self, q):
        r = self.r
        if r.chance(20):
            q.function = self.law_of_the_file("decay")
            q.shape = q.function.name
            q.args[q.function.formals[1][0]] = self.nonzero_duration()
            self.small_args(q, [n for n, _, _ in q.function.formals[2:]])
            return
        q.shape = r.pick(["exp", "exp", "exp", "exp", "power", "invsqrt", "invtime", "stepdecay", "noam"])
        if q.shape == "exp":
            kind = r.pick(["s", "gamma", "rate", "halflife"])
            q.args[kind] = self.nonzero_duration() if kind in ("s", "halflife") else self.factor() if kind == "gamma" else \
                Number(*r.pick([("1e-3", "0.001"), ("0.05", "0.05"), ("0", 0)]))
        elif q.shape == "power":
            q.args["s"] = self.nonzero_duration()
            if r.chance(60):
                q.args["c"] = Number(*r.pick([("0.5", "0.5"), ("2", 2), ("0.75", "0.75"), ("1", 1)]))
        elif q.shape == "invsqrt":
            q.args["timescale"] = self.nonzero_duration()
        elif q.shape == "invtime":
            q.args["rate"] = Number(*r.pick([("0.5", "0.5"), ("1e-2", "0.01")]))
            if r.chance(50):
                q.args["s"] = self.nonzero_duration()
        elif q.shape == "stepdecay":
            q.args["every"] = self.nonzero_duration()
            if r.chance(60):
                q.args["gamma"] = self.factor()
        else:
            q.args["d_model"] = Number(*r.pick([("512", 512), ("768", 768)]))
            q.args["warmup"] = self.nonzero_duration()
        self.tag("decay %s %s" % (q.shape, next(iter(q.args))))

    def nonzero_duration(self):
        d = self.duration(1)
        if isinstance(d, Number) and d.number == 0:
            return whole(self.r, 1, self.length)
        return d if isinstance(d, (Number, Unit)) else Call("max", [d, Number("1", 1)])

    def factor(self):
        if "gamma" in self.p.params and self.r.chance(40):
            return Name("gamma")
        return fraction(self.r)

    # ---- phases

    def lengths(self, q, is_last):
        """A duration, `for`, `until`, or nothing."""
        r = self.r
        form = r.below(10)
        if form < 6:
            q.duration = self.duration()
            q.for_word = q.law == "curve" or r.chance(25)
        else:
            self.tag("until a point")
            q.until = self.duration() if r.chance(40) else Binary("+", Number(str(len(self.p.phases) * self.length), len(self.p.phases) * self.length), self.duration())
            if "total" in self.p.params and r.chance(30):
                q.until = Name("total")

    def target(self, q):
        r = self.r
        if r.chance(20):
            q.relative = r.pick(["*", "/"])
            q.target = self.positive(1) if r.chance(30) else fraction(r) if q.relative == "*" else whole(r, 2, 10)
        else:
            q.target = self.rate_value()

    def shift(self, q):
        r = self.r
        if r.chance(8):
            q.shift = r.pick([Number("1", 1), Number("0.5", "0.5"), Number("5", 5), Unary("-", Number("1", 1))])
            self.tag("shift of a phase")

    def phase(self, first, last):
        r = self.r
        first, self.blind = first or self.blind, False
        kind = r.weighted([(20, "warmup" if first or r.chance(10) else "shape"), (30, "shape"), (18, "decay"), (12, "hold"), (12, "curve"), (8, "piecewise")])
        if kind == "piecewise" and not self.nest:
            return self.piecewise(first, last)
        if self.nest < 2 and r.chance(10):
            return self.repeat(first, last)
        if self.nest == 0 and not self.endless and r.chance(5):
            return self.unrolled(first)
        if r.chance(5):
            return self.points(last)
        if r.chance(10):
            q = self.call_phase(first, last)
            self.p.phases.append(q)
            return q
        if r.chance(4):
            return self.rangetest()
        q = Phase("law" if kind in ("shape", "decay") else kind)
        if kind == "warmup":
            zero = r.chance(75)
            if not zero:
                q.start = self.rate_value()
            self.choose_shape(q, zero)
            self.lengths(q, last)
            self.target(q)
            if q.relative and zero:
                q.relative = ""
            self.shift(q)
        elif kind == "shape":
            if first or r.chance(20):
                q.start = self.rate_value()
            self.choose_shape(q, False)
            self.lengths(q, last)
            self.target(q)
            self.shift(q)
        elif kind == "decay":
            if first or r.chance(20):
                q.start = self.rate_value()
            self.choose_decay(q)
            if self.waits(last):
                q.end_text = " until " + self.event()
            elif not last or r.chance(40):
                self.lengths(q, last)
            self.shift(q)
        elif kind == "hold":
            if first or r.chance(40):
                q.value = self.rate_value()
                q.value_from = r.chance(15)
            if self.waits(last):
                q.end_text = " until " + self.event()
            elif not last or r.chance(40):
                self.lengths(q, last)
                q.for_word = True
        else:
            if r.chance(30):
                q.start = self.rate_value()
            if not last or r.chance(50):
                self.lengths(q, last)
                q.for_word = True
            if (q.duration is not None or q.until is not None) and r.chance(25):
                q.target = self.rate_value()
                self.tag("curve with a target")
            self.shift(q)
            q.value = self.curve_expression(4, self.curve_leaves(q, first))
        if q.law != "curve" and (q.duration is not None or q.until is not None) and self.nest < 3 and r.chance(10):
            q.inside = self.scales_inside(r.range(1, 2))
        self.p.phases.append(q)
        return q

    def waits(self, last):
        """Does an event alone end this phase?"""
        return not last and self.nest == 0 and not self.endless and self.r.chance(25)

    def rangetest(self):
        r, q = self.r, Phase("law", "exp")
        q.low_end = True
        q.start, q.target = self.positive(1), rate(r)
        if r.chance(70):
            q.duration, q.for_word = self.nonzero_duration(), True
        else:
            at = len(self.p.phases) * self.length
            q.until = Binary("+", Number(str(at), at), self.nonzero_duration())
        self.p.phases.append(q)
        return q

    def scales_inside(self, n):
        found = []
        self.tag("rules in the braces of a phase" if self.nest == 0 else "rules in braces in a repeat")
        for _ in range(n):
            s = Scale()
            s.factor = self.factor()
            if self.r.chance(60):
                s.period = self.nonzero_duration()
            else:
                at = self.r.range(1, self.length)
                s.times = [Number(str(at), at), Number(str(2 * at), 2 * at)]
            found.append(s)
        return found

    def points(self, last):
        r, q = self.r, Phase("points", self.r.pick(["linear", "linear", "cosine", "square", "smoothstep", "poly", "poly", "sigmoid"]))
        if r.chance(15):
            q.function = self.law_of_the_file("shape")
            q.shape = q.function.name
            self.small_args(q, [n for n, _, _ in q.function.formals[1:]])
            self.tag("points shape= of the file")
        if q.shape in ("poly", "sigmoid"):
            self.small_args(q, SHAPE_ARGS[q.shape])
        at = 0 if self.nest else len(self.p.phases) * self.length
        for k in range(r.range(1, 5)):
            if k and r.chance(12):
                self.tag("jump of points")
            else:
                at += r.range(1, self.length)
            q.points.append((Number(str(at), at), self.rate_value()))
        if not last and r.chance(30):
            q.duration, q.for_word = self.nonzero_duration(), True
        self.p.phases.append(q)
        return q

    def repeat(self, first, last):
        """Its rounds say their start, or end at a target, or are in proportion to it."""
        r, p, q = self.r, self.p, Phase("repeat")
        form = "start" if first else r.pick(["start", "start", "target", "proportion"])
        outer, p.phases = p.phases, []
        self.nest += 1
        by_outer_round, self.by_outer_round = self.by_outer_round, False   # a repeat in a repeat cannot start at a rate that depends on the outer round
        blind = False
        n = r.range(1, 3)
        for i in range(n):
            if form == "proportion":
                w = self.proportional()
            elif i and self.nest < 2 and not self.by_outer_round and r.chance(15):
                self.tag("repeat in a repeat")
                self.repeat(False, False)
                continue
            else:
                w = self.pulled_round() if form == "target" and r.chance(25) else self.of_round(i, form)
                if form == "start" and self.nest == 1 and i == n - 1 and w.law == "curve" and r.chance(10):
                    w.value = Binary("*", w.value, Call("cos", [Binary("/", Name("step"), Number("100", 100))]))
                    blind = True
            if w.duration is not None and w.law not in ("block", "points", "curve") and self.nest < 3 and r.chance(15):
                w.inside = self.scales_inside(1)
            p.phases += getattr(w, "pieces", [w])
        q.body, p.phases = p.phases, outer
        self.nest -= 1
        self.by_outer_round = by_outer_round
        if r.chance(20):
            q.round_rules = self.scales_inside(1)
            self.tag("repeat with rules")
        if r.chance(40):
            q.stretch = Number(*r.pick([("2", 2), ("3", 3), ("1.5", "1.5"), ("1.1", "1.1"), ("1", 1)]))
        if r.chance(70) or (not last and r.chance(50)):
            q.count = Number(*r.pick([("1", 1), ("2", 2), ("3", 3), ("7", 7)]))
            if "rounds" in p.params and r.chance(50):
                q.count = Name("rounds") if r.chance(60) else Binary("+", Name("rounds"), Number("1", 1))
                self.tag("repeat by a param")
        if (q.count is None and not last) or r.chance(20):
            if r.chance(70):
                q.duration, q.for_word = self.nonzero_duration(), True
            else:
                at = 0 if self.nest else len(p.phases) * self.length
                q.until = Binary("+", Number(str(at), at), self.nonzero_duration())
        if blind:
            self.blind = self.endless = True
        elif r.chance(25):
            self.shift_of_braces(q, "a repeat")
        p.phases.append(q)
        return q

    def pulled_round(self):
        """A call as a phase of a round that starts where the round before ended."""
        r, w = self.r, Phase("block")
        name = r.pick(["pulled", "pulled", "after"])
        w.call = self.of_template(name, w)
        self.use_template(name)
        self.tag("template in a repeat")
        self.tag("template in a repeat without from")
        return w

    def proportional(self):
        """A phase whose rates are its start, times something."""
        r, w = self.r, Phase("law")
        kind = r.below(10)
        if kind < 5:
            w.shape, w.relative, w.target = r.pick(["linear", "cosine", "exp", "poly"]), "*", fraction(r)
        elif kind < 7:
            w.law = "hold"
            self.tag("hold in a repeat")
        else:
            self.choose_decay(w)
            w.function, w.shape = None, w.shape if w.function is None else "invsqrt"
            if w.shape == "invsqrt":
                w.args = {"timescale": self.nonzero_duration()}
        w.duration = self.nonzero_duration()
        w.for_word = w.target is None
        return w

    def of_round(self, i, form):
        """A phase of a round that says its start, or that a phase with a known end is before."""
        r = self.r
        kind = r.weighted([(60, "shape"), (10, "hold"), (10 if form == "start" else 0, "curve"), (6, "points"), (5, "piecewise"),
                           (7 if form == "start" else 0, "call")])
        varies = lambda v: self.by_round(v) if form == "start" and r.chance(40) else v
        if kind == "call":
            return self.call_phase(True, False, True)
        if kind == "piecewise":
            w, at = Phase("hold"), 0
            w.pieces = []
            for k in range(r.range(1, 3)):
                one = Phase("hold")
                at += r.range(1, self.length)
                one.value, one.until, one.piece = varies(self.positive(1)), Number(str(at), at), k
                w.pieces.append(one)
            self.tag("piecewise in a repeat")
            return w
        if kind == "points":
            w = Phase("points", r.pick(["linear", "cosine"]))
            at = 0
            for _ in range(r.range(1, 3)):
                at += r.range(1, self.length)
                w.points.append((Number(str(at), at), varies(self.positive(0))))
            self.tag("points in a repeat")
            if r.chance(40):
                w.duration, w.for_word = self.nonzero_duration(), True
            return w
        if kind == "hold":
            w = Phase("hold")
            w.value = varies(self.positive(1)) if i == 0 or r.chance(50) else None
            w.duration, w.for_word = self.nonzero_duration(), True
            self.tag("hold in a repeat")
            return w
        if kind == "curve":
            w = Phase("curve")
            w.duration, w.for_word = self.nonzero_duration(), True
            if r.chance(50) or (i == 0 and not isinstance(w.duration, Number)):   # an empty one passes on what it was given
                w.start = varies(self.positive(1))
            leaves = [lambda: Name("u"), lambda: Binary("/", Name("t"), whole(r, 1, self.length)), lambda: Binary("+", Name("cycle"), Number("1", 1))]
            if w.start is not None or i:
                leaves.append(lambda: Name("start"))
            w.value = self.curve_expression(3, leaves)
            self.tag("curve in a repeat")
            if "cycle" in w.value.text():
                self.by_outer_round = True
                self.tag("cycle in a curve")
            return w
        w = Phase("law")
        w.shape = r.pick(["linear", "cosine", "sqrt", "square", "poly"])
        w.duration, w.target = self.nonzero_duration(), self.rate_value()
        if i == 0 and form == "start":
            w.start = self.by_round(self.positive(1))
        if i and r.chance(15):
            at = r.range(1, 3 * self.length)
            w.duration, w.until = None, Number(str(at), at)
            self.tag("until in a repeat")
        if form == "start" and r.chance(30):
            w.target = self.by_round(self.positive(1))
        return w

    def unrolled(self, first):
        """Events end the phases of its rounds, so that each round is phases of its own."""
        r, q = self.r, Phase("repeat")
        q.unrolled = True
        q.count = Number(str(k := r.pick([1, 2, 2, 3, 5])), k)
        n = r.range(1, 3)
        events = r.below(n)
        self.tag("unrolled repeat")
        for i in range(n):
            kind = r.weighted([(4, "hold"), (4, "shape"), (1, "points"), (2, "decay")])
            w = Phase("law" if kind in ("shape", "decay") else kind)
            says = (first and i == 0) or r.chance(30)
            if kind == "points":
                at = r.range(1, self.length)
                w.shape = "linear"
                w.points = [(Number("0", 0), self.by_round(self.positive(0))), (Number(str(at), at), self.positive(0))]
            elif kind == "hold":
                w.value = self.by_round(self.positive(1)) if says else None
            elif kind == "shape":
                w.shape, w.target = r.pick(["linear", "cosine", "exp", "sqrt"]), self.by_round(self.positive(1))
                if r.chance(30):
                    w.relative, w.target = "*", fraction(r)
            else:
                self.choose_decay(w)
            if says and kind in ("shape", "decay"):
                w.start = self.by_round(self.positive(1))
            waits = kind in ("hold", "decay") and r.chance(40)
            if not waits and kind != "points":
                w.duration, w.for_word = self.nonzero_duration(), kind != "shape"
                if r.chance(15) and kind == "shape":
                    at = r.range(1, 2 * self.length)
                    w.duration, w.until = None, Number(str(at), at)
            if waits or i == events:
                w.end_text = " until " + self.event()
            if r.chance(15):
                w.on_rules = ["on " + self.event() + self.action()]
            q.body.append(w)
        self.p.phases.append(q)
        return q

    def by_round(self, v):
        k = self.r.below(3)
        self.by_outer_round |= k > 0
        return v if k == 0 else Binary("/", v, Binary("+", Name("cycle"), Number("1", 1))) if k == 1 else Binary("+", v, Binary("/", Name("cycle"), Number("10", 10)))

    def curve_leaves(self, q, first):
        r = self.r
        over = lambda: whole(r, 1, self.length)
        leaves = [lambda: Binary("/", Name("t"), over()), lambda: Binary("/", Name("step"), over())]
        if q.duration is not None or q.until is not None:
            leaves += [lambda: Name("u")] * 3
        if q.start is not None or not first:
            leaves += [lambda: Name("start")] * 2
        if q.target is not None:
            leaves += [lambda: Name("end")] * 3
        if "steps_per_epoch" in self.p.params:
            leaves.append(lambda: Binary("/", Name("epoch"), whole(r, 1, 50)))
        if "marks" in self.p.lets:
            leaves.append(lambda: Call("sum", [Call("if", [Binary("<=", Name("marks"), Name("t")), Number("1", 1), Number("0.5", "0.5")])]))
        if "total" in self.p.params:
            leaves.append(lambda: Binary("/", Name("t"), Name("total")))
        return leaves

    def piecewise(self, first, last):
        r = self.r
        n = r.range(1, 5)
        at = len(self.p.phases) * self.length
        pieces = []
        lists = last and n > 1 and r.chance(50)
        for i in range(n):
            q = Phase("hold")
            q.value = self.rate_value()
            q.lists = lists
            if i + 1 < n or not last or (r.chance(30) and not lists):
                at += r.range(0, self.length)
                q.until = Number(str(at), at)
            q.piece = i
            pieces.append(q)
        self.p.phases += pieces
        return pieces

    # ---- rules

    def rules(self):
        r, p = self.r, self.p
        if r.chance(30):
            for _ in range(r.range(1, 2)):
                self.pure_rule()
        if r.chance(55):
            for _ in range(r.range(1, 3)):
                self.on_rule()
        if r.chance(20):
            low = self.r.pick([Number("1e-6", "1e-6"), Number("0", 0), Number("1e-4", "1e-4")])
            high = self.r.pick([Number("0.05", "0.05"), Number("1", 1), Number("2", 2)])
            if "peak" in p.params and r.chance(30):
                high = Binary("+", Number("0.1", "0.1"), Name("peak"))
            p.bounds = (low, high)
            p.rules.append("bounds %s %s %s" % (low.text(), r.pick(["..", " .. "]), high.text()))

    def pure_rule(self):
        r, p = self.r, self.p
        s = Scale()
        s.divide = r.chance(25)
        s.factor = Number(*r.pick([("2", 2), ("10", 10), ("3", 3)])) if s.divide else self.factor()
        if not s.divide and r.chance(8):
            s.factor = Number(*r.pick([("0", 0), ("1", 1), ("1.5", "1.5")]))
        if r.chance(35):
            s.floor = Number(*r.pick([("1e-6", "0.000001"), ("1e-3", "0.001")]))
        written = r.chance(12)
        if written or ("marks" in p.lets and r.chance(60)):
            times = self.times(r.range(1, 5)) if written else Name("marks")
            if isinstance(times, Name) and r.chance(40):
                times = Binary(r.pick(["+", "*"]), times, whole(r, 1, 5))
                self.tag("at arithmetic of a list")
            s.times = [times]
            self.tag("at a list")
            if "cuts" in p.lets and not isinstance(times, List) and r.chance(60):
                s.factor, s.divide, s.floor = Name("cuts") if r.chance(60) else Binary("*", Number("0.9", "0.9"), Name("cuts")), False, None
                self.tag("factors of a list")
            elif r.chance(30):
                s.times.append(Number("50T", 50 * 10 ** 12))
            head = "at " + ", ".join(t.text(x.TERM) for t in s.times)
        elif r.chance(50):
            at = 0
            for _ in range(r.range(1, 9)):
                at += r.range(0, self.length)
                s.times.append(Number(str(at), at))
            head = "at " + ", ".join(t.text(x.TERM) for t in s.times)
        else:
            s.period = self.nonzero_duration()
            head = "every " + s.period.text(x.TERM)
        if s.divide:
            action = " /" + s.factor.text(x.UNARY)
        else:
            action = " *" + s.factor.text(x.PRODUCT)
        p.scales.append(s)
        p.rules.append(head + action + (" floor=" + s.floor.text() if s.floor else ""))

    def on_rule(self):
        self.p.rules.append("on " + self.event() + self.action())

    def event(self):
        """An event as `on` and `until` take it."""
        kind = self.r.weighted([(6, "plateau"), (2, "diverge"), (3, "condition")])
        return self.metric_condition() if kind == "condition" else self.detector(kind)

    def spell(self, counts, unit_chance):
        """A number of observations, or a time."""
        r = self.r
        if "elapsed" in self.inputs and r.chance(unit_chance):
            return r.pick(["5 seconds", "0.5 minutes", "20 seconds", "0.01 hours"])
        if r.chance(unit_chance):
            d = self.duration(1)
            if isinstance(d, Unit):
                return d.text()
        return r.pick(counts)

    def detector(self, kind):
        r = self.r
        args = []
        dialect = r.weighted([(5, "torch"), (2, "keras"), (2, "optax"), (2, "paddle")])
        if kind == "diverge":
            if r.chance(60):
                args.append("factor=" + r.pick(["1", "1.05", "1.5", "3"]))
            if r.chance(40):
                args.append("window=" + r.pick(["1", "2", "3"]))
        else:
            unit = r.below(30)
            if r.chance(80):
                args.append("patience=" + self.spell(["0", "1", "2", "3", "1.5"], unit))
            if dialect != "torch" or r.chance(10):
                args.append("dialect=" + dialect)
        if kind == "diverge" or dialect != "optax":
            if r.chance(30):
                args.append("mode=" + r.pick(["min", "max"]))
        if kind != "diverge":
            names = {"keras": ["min_delta"], "optax": ["rtol", "atol"]}.get(dialect, ["threshold"])
            for name in names:
                if r.chance(30):
                    args.append(name + "=" + r.pick(["0", "1e-4", "0.01", "0.1"]))
            if dialect in ("torch", "paddle") and r.chance(30):
                args.append("threshold_mode=" + r.pick(["rel", "abs"]))
            if dialect == "optax" and r.chance(40):
                args.append("accumulation_size=" + r.pick(["1", "2", "3"]))
        if r.chance(30):
            timed = any(a.startswith("patience=") and " " in a for a in args)
            args.append("cooldown=" + (self.spell(["0", "1", "2", "4"], 20) if not timed else r.pick(["0", "2"])))
        if r.chance(15):
            args.append("every=" + self.duration(1).text())
        if r.chance(20):
            args.append("smooth=" + r.pick(["0", "0.5", "0.9"]))
        args = r.shuffled(args)
        metrics = [i for i in self.inputs if i != "elapsed"]
        if r.chance(20) or len(metrics) > 1:
            args.insert(0, r.pick(metrics))
        return kind + ("(" + ", ".join(args) + ")" if args or r.chance(50) else "")

    def metric_condition(self):
        r = self.r
        metrics = [i for i in self.inputs if i != "elapsed"]
        a, b = r.pick(metrics), r.pick(metrics)
        parts = [r.pick(["%s > 0.99" % a, "%s < 0.97" % a, "%s >= 1.1*%s" % (a, b), "abs(%s - 1) > 0.05" % a, "not %s <= 1" % a])]
        if r.chance(40):
            parts.append(r.pick(["step > %d" % r.below(2 * self.length), "%s == %s" % (b, a), "%s != inf" % b]))
        if "steps_per_epoch" in self.p.params and r.chance(20):
            parts.append("epoch %s %d" % (r.pick([">", "<="]), r.range(0, 20)))
        if "peak" in self.p.params and r.chance(20):
            parts.append(r.pick(["%s > 2*peak", "max(%s, peak) < 1.2", "peak < %s"]) % a)
            self.tag("condition of a param")
        if "elapsed" in self.inputs and r.chance(40):
            parts.append(r.pick(["elapsed > 30 seconds", "elapsed < 2 minutes", "elapsed >= 0.01 hours"]))
        return "(" + r.pick([" and ", " or "]).join(parts) + ")"

    def action(self):
        r = self.r
        kind = r.weighted([(6, "scale"), (3, "next"), (2, "restart"), (1, "stop")])
        if kind == "next" and self.endless:
            kind = "stop"
        if kind != "scale":
            return " " + kind
        action = " *" + self.factor().text(x.PRODUCT) if r.chance(70) else " /" + r.pick(["2", "10", "1.5"])
        if r.chance(30):
            action += " floor=" + r.pick(["1e-6", "1e-3"])
        if r.chance(30):
            action += " eps=" + r.pick(["0", "1e-8", "1e-3"])
        if r.chance(15):
            action += " min_scale=" + r.pick(["0.01", "0.3"])
        return action

    def of_phase(self, q):
        """What ends a phase early, and rules in its braces: before the first observation they change nothing."""
        r = self.r
        if q.unrolled or (q.law == "block" and "flat(" in q.call):
            return
        if r.chance(14) and not self.endless and not q.end_text:
            q.end_text = " until " + self.event() + (" until " + self.event() if r.chance(25) else "")
        if "elapsed" in self.inputs and not self.endless and r.chance(15):
            text = r.pick(["5 seconds", "0.5 minutes", "30 seconds", "0.01 hours", "1 minute"])
            if q.until is None and r.chance(50):
                q.end_text += " until " + text
                self.tag("two ends")
            elif not q.for_word or q.duration is None:
                q.end_text += " for " + text
        if r.chance(12):
            q.on_rules = ["on " + self.event() + self.action() for _ in range(r.range(1, 2))]
            self.tag("repeat with rules that observe" if q.law == "repeat" else "rules that observe in the braces of a phase")

    # ---- text

    def write_phase(self, q, name):
        r = self.r
        parts, head = [], name
        args = [(k, v) for k, v in q.args.items()]
        if q.shift is not None:
            args.append(("shift", q.shift))
        in_parens = bool(args) and r.chance(40) and q.law != "curve"
        in_order = IN_ORDER.get(q.shape, []) if not q.function else [n for n, _, _ in q.function.formals[1:]]
        by_place = 0
        if r.chance(50) and not [f for f in self.p.functions if f.name == "exp"]:
            while by_place < min(len(args), len(in_order)) and args[by_place][0] == in_order[by_place]:
                by_place += 1
            if in_parens and by_place:
                self.tag("arguments by position")
        call = "(" + ", ".join(v.text() if i < by_place else "%s=%s" % (k, v.text()) for i, (k, v) in enumerate(args)) + ")" if in_parens else ""
        if not in_parens:
            parts += ["%s=%s" % (k, v.text()) for k, v in args]
        if q.start is not None and not hasattr(q, "low_end"):
            parts.append("from " + q.start.text())
        if q.target is not None:
            if q.relative:
                parts.append("-> " + q.relative + q.target.text(x.PRODUCT if q.relative == "*" else x.UNARY))
            else:
                parts.append("-> " + q.target.text())
        if q.until is not None:
            parts.append("until " + q.until.text())
        elif q.duration is not None and q.for_word:
            parts.append("for " + q.duration.text())
        bare = q.value if q.law == "hold" else q.duration if not q.for_word else None
        if hasattr(q, "low_end"):
            return " ".join(["rangetest"] + ([q.start.text(x.SUM)] + parts if r.chance(70) else r.shuffled(parts + ["from " + q.start.text()])))
        if q.law == "hold" and getattr(q, "value_from", False):
            return " ".join([head] + r.shuffled(parts + ["from " + q.value.text()]))
        if q.law == "warmup":
            shape = q.shape if q.shape != "linear" or args or r.chance(60) else ""
            words = [name]
            if bare is not None and not call and " for " not in q.end_text and r.chance(15):
                self.tag("warmup for")
                return " ".join([w for w in [name, shape] if w] + r.shuffled(parts + ["for " + bare.text()]))
            if bare is not None:
                words.append(bare.text(x.SUM))
                words.append(shape + call if shape else "")
                return " ".join([w for w in words if w] + r.shuffled(parts))
            # without a bare duration the shape would be taken for one
            q.duration, q.for_word = q.duration, True
            return self.write_warmup_with_for(q, name, shape, call, parts)
        if q.law == "curve":
            return " ".join(["curve " + q.value.text()] + parts)
        head += call
        if bare is None:
            return " ".join([head] + r.shuffled(parts))
        text = bare.text(x.SUM)
        if text.startswith("-"):
            text = "(" + text + ")"
        if isinstance(bare, (Number, Name)) and q.law == "law" and r.chance(15):
            parts = r.shuffled(parts)
            k = r.below(len(parts) + 1)
            return " ".join([head] + parts[:k] + [text] + parts[k:])
        return " ".join([head, text] + r.shuffled(parts))

    def write_warmup_with_for(self, q, name, shape, call, parts):
        if q.until is not None:
            # `warmup SHAPE until P`: only a duration may stand before a shape, so say it with the plain law
            if q.start is None:
                parts.append("from 0")
                q.start = Number("0", 0)
            return " ".join([shape + call if shape else "linear" + call] + self.r.shuffled(parts))
        parts = [p for p in parts if not p.startswith("for ")]
        return " ".join([name, q.duration.text(x.SUM), shape + call if shape else ""] + self.r.shuffled(parts)).replace("  ", " ")

    def write(self):
        r, p = self.r, self.p
        head = []
        if p.unit != "steps":
            head.append("unit " + {"epochs": "epoch", "samples": "sample", "tokens": "token"}[p.unit])
        decls = [q.write() for q in p.params.values() if q.declared]
        lets = ["let %s = %s" % (k, v.text()) for k, v in p.lets.items() if k != "common_times"]
        functions = [f.write() for f in p.functions if f not in COMMON_LAWS]
        if self.inputs != ["metric"]:
            head += ["input " + i for i in self.inputs]
        head += r.shuffled(decls + lets + functions + self.requirements())
        self.endless = self.first_endless
        body = self.phase_lines()
        self.endless = False
        rules = p.rules
        lines = []
        for k, line in enumerate(body):
            lines.append(("then " if k and r.chance(70) else "") + line)
        if r.chance(25):
            text, lines, rules = self.templates(lines, rules, "templated")
            head += [text] if text else []
        head += list(p.templates.values()) + self.other_templates
        if r.chance(50):
            head = r.shuffled(head)
        head += ["use " + m for m in sorted(p.modules)] + (['use "common.lrs"'] if self.uses_file else [])
        lines = [self.broken(line) for line in lines] + rules
        if len(lines) == 1 and p.phases and p.phases[0].law == "block":
            self.tag("template is the schedule")
        if r.chance(15) and rules:
            self.tag("rules before phases")   # rules may stand before phases
            lines = rules + lines[:len(lines) - len(rules)]
        if self.in_block:
            out = ["schedule %s {" % p.output] + ["  " + line for line in lines] + ["}"]
        elif r.chance(30):
            out = ["; ".join(lines)]
        else:
            out = [line + (r.pick(["", "", "", ";", "   # a comment"])) for line in lines]
        others = self.other_texts
        if p.output == "lr" and r.chance(50):   # else output 0 would be another one
            out = others + out
        else:
            out = out + others
        p.text = "\n".join(head + out) + "\n"

    def requirements(self):
        """What holds of params and constants, and notes: neither changes the schedule."""
        r, p = self.r, self.p
        found = []
        for _ in range(r.range(1, 2) if r.chance(20) else 0):
            a, b = self.positive(1), self.positive(1)
            c = r.pick([lambda: Binary(">", a, Number("0", 0)), lambda: Binary("<=", Call("min", [a, b]), b), lambda: Binary(">=", Call("max", [a, b]), a),
                        lambda: Unary("not", Binary("<", a, Number("0", 0))), lambda: Binary("and", Binary(">", a, Number("0", 0)), Binary(">", b, Number("0", 0))),
                        lambda: Binary("or", Binary("<", a, b), Binary(">=", a, b)), lambda: Binary("!=", a, Unary("-", b))])()
            found.append("require %s %s\"it %s hold\"" % (c.text(), r.pick(["", "\n  "]), r.pick(["must", "has to"])))
            self.tag("require of params" if any(re.search(r"\b%s\b" % n, c.text()) for n in p.params) else "require of constants")
        for _ in range(1 if r.chance(15) else 0):
            found.append("note %s \"as it is said\"" % self.condition(self.positive(1), self.positive(1)).text())
            self.tag("note with a condition")
        free = [q for q in p.params.values() if q.declared and q.defined is None and q.unit is None and q.low is None and "/" not in (q.spelled or "")]
        if free and r.chance(12):
            q = r.pick(free)
            limit = 2 * max(Decimal(v) for v in (q.bound, q.default, "1") if v is not None)
            found.append('require %s <= %s "%s must not be above the limit"' % (q.name, plain(limit), q.name))
            p.refused = (q.name, float(limit * 2), "%s must not be above the limit" % q.name)
            self.tag("require that a param breaks")
        if "how" in p.lets and r.chance(40):
            found.append('require how == "cosine" or how == "linear" "a text of two"')
            self.tag("require of a text")
        return found

    def broken(self, line):
        """A line that goes on in the next."""
        r = self.r
        if r.chance(5) and " -> " in line:
            line = line.replace(" -> ", "\n    -> ", 1)
        if r.chance(5) and " { " in line:
            line = line.replace(" { ", "\n    { ", 1)
        return line

    def templates(self, lines, rules, of_name):
        """The same schedule by a template: all of it, or its first phases. Some of its numbers become parameters."""
        r = self.r
        most = next((i for i, line in enumerate(lines) if re.sub("^then ", "", line) in self.outermost), len(lines))
        if most == 0:
            return "", lines, rules
        whole = most == len(lines) and r.chance(50)
        n = len(lines) if whole else r.range(1, most)
        inside = lines[:n] + (rules if whole else [])
        formals, arguments = [], []

        def parameter(match):
            if not r.chance(60):
                return match.group(0)
            name = "p%d" % len(formals)
            default = r.chance(30)
            kind = "" if r.chance(50) else ": duration" if match.group(1) in ("for ", "until ") else ": number"
            formals.append(name + kind + (" = " + match.group(2) if default else ""))
            arguments.append((name, match.group(2) if not default or r.chance(50) else None))
            return match.group(1) + name

        inside = [re.sub(r"((?:from|->|for|until) )(\d+(?:\.\d+)?(?:e-?\d+)?)(?=$|[\n;])", parameter, line) for line in inside]
        call = self.call_of(of_name, arguments)
        if not lines[n:]:
            self.tag("template is the schedule")
        text = "def " + of_name + "(" + ", ".join(formals) + ") {\n" + "\n".join("  " + line for line in inside) + "\n}"
        return text, [call] + [line if line.startswith("then ") else "then " + line for line in lines[n:]], [] if whole else rules

    def phase_lines(self):
        r, p = self.r, self.p
        body, i = [], 0
        while i < len(p.phases):
            q = p.phases[i]
            if hasattr(q, "piece"):
                pieces, lists = [], [[], []]
                k = 0
                while i < len(p.phases) and getattr(p.phases[i], "piece", -1) == k:
                    w = p.phases[i]
                    pieces.append(w.value.text() + (" until " + w.until.text() if w.until is not None else ""))
                    lists[0] += [w.until] if w.until is not None else []
                    lists[1].append(w.value)
                    i, k = i + 1, k + 1
                if getattr(q, "lists", False):
                    body.append("piecewise boundaries=%s values=%s" % (List(lists[0]).text(), List(lists[1]).text()))
                    continue
                body.append("piecewise " + r.pick([", ", ",\n    "]).join(pieces))
                continue
            self.of_phase(q)
            body.append(self.write_any(q))
            if q.unrolled or "flat(" in q.call:
                self.outermost.add(body[-1])
            i += 1
        return body

    def write_scale(self, s):
        head = "every " + s.period.text(x.TERM) if s.period else "at " + ", ".join(t.text(x.TERM) for t in s.times)
        return head + " *" + s.factor.text(x.PRODUCT)

    def write_any(self, q):
        r = self.r
        braces = [self.write_scale(s) for s in q.inside] + q.on_rules
        if q.law == "points":
            args = "(" + ", ".join("%s=%s" % (k, v.text()) for k, v in q.args.items()) + ")" if q.args else ""
            text = "points " + " ".join("(%s, %s)" % (t.text(), v.text()) for t, v in q.points)
            text += "" if q.shape == "linear" and r.chance(70) else " shape=" + q.shape + args
            text += " for " + q.duration.text() if q.duration is not None else ""
        elif q.law == "repeat":
            parts = ["repeat" + (" " + q.count.text(x.SUM) if q.count is not None else "")]
            parts += ["stretch=" + q.stretch.text()] if q.stretch is not None else []
            parts += ["shift=" + q.shift.text()] if q.shift is not None else []
            parts += ["for " + q.duration.text()] if q.duration is not None else []
            parts += ["until " + q.until.text()] if q.until is not None else []
            return " ".join(parts) + q.end_text + " { " + "; ".join(self.write_round(q) + [self.write_scale(s) for s in q.round_rules] + braces) + " }"
        elif q.law == "block":
            parts = ["from " + q.start.text()] if q.start is not None else []
            parts += ["for " + q.duration.text()] if q.duration is not None else []
            parts += ["until " + q.until.text()] if q.until is not None else []
            call = q.call
            if q.shift is not None and r.chance(30):
                call = call[:-1] + ("" if call.endswith("()") else ", ") + "shift=" + q.shift.text() + ")"
                self.tag("shift in the parentheses of a call")
            elif q.shift is not None:
                parts.append("shift=" + q.shift.text())
            text = " ".join([call] + r.shuffled(parts))
        else:
            text = self.write_phase(q, {"warmup": "warmup", "hold": "hold", "curve": "curve"}.get(q.law, q.shape))
        return text + q.end_text + (" { " + "; ".join(braces) + " }" if braces else "")

    def write_round(self, q):
        lines, pieces = [], []
        for w in q.body:
            if hasattr(w, "piece"):
                if w.piece == 0:
                    pieces = []
                    lines.append(pieces)
                pieces.append(w.value.text() + " until " + w.until.text())
            else:
                lines.append(self.write_any(w))
        return [line if isinstance(line, str) else "piecewise " + ", ".join(line) for line in lines]

    # ---- other schedules

    def swap(self, new):
        p = self.p
        old = (p.phases, p.scales, p.rules, p.bounds)
        p.phases, p.scales, p.rules, p.bounds = new
        return old

    def others(self):
        """A few more schedules: their texts. Each reads some of those before it, wherever it stands in the file."""
        r, p = self.r, self.p
        p.schedules.append(Output(p.output, p.phases, p.scales, p.bounds))
        p.outputs.append(p.output)
        texts = []
        self.in_other, first_endless = True, self.endless
        names = r.shuffled(["wd", "momentum", p.output + '["head"]', p.output + '["a b"]', "beta"])[:r.range(1, 3)] if r.chance(45) else []
        for name in names:
            hidden = "[" not in name and r.chance(20)
            read = [n for n in [s.name for s in p.schedules] if r.chance(60)]
            if read:
                self.tag("schedule read by another")
            head = "let " + name if hidden else "schedule " + name
            if hidden or r.chance(35):
                texts.append((head + self.block(name, read), name, hidden))
            else:
                texts.append((head + self.formula(name, read), name, hidden))
        self.in_other, self.endless = False, first_endless
        texts = r.shuffled(texts)
        if texts:
            self.tag("several outputs")
        p.outputs += [name for _, name, hidden in texts if not hidden]
        return [text for text, _, _ in texts]

    def formula(self, name, read):
        r, p = self.r, self.p
        old = self.swap(([], [], [], None))
        calls_of = [self.call_part()] if r.chance(45) else []
        e = self.positive(3, [Name(n) for n in read] + calls_of + ([Call("sqrt", [Binary("+", Name("step"), Number("1", 1))])] if r.chance(30) else []))
        if calls_of and calls_of[0].text() not in e.text():
            e = Binary("*", e, calls_of[0])
        self.endless = True
        if r.chance(40):
            self.rules()
        text = " = " + e.text() + (" { " + "; ".join(p.rules) + " }" if p.rules else "")
        p.schedules.append(Output(name, [], p.scales, p.bounds, e, read))
        self.swap(old)
        return text

    def closing_curve(self, read):
        """A formula behind all phases that reads other schedules, or calls templates."""
        r, p = self.r, self.p
        before = p.phases[-1]
        if self.blind or before.law in ("curve", "block") or (before.duration is None and before.until is None) or hasattr(before, "piece"):
            return
        calls_of = [self.call_part()] if r.chance(25) else []
        if not calls_of and not (read and r.chance(60)):
            return
        q = Phase("curve")
        q.value = self.positive(2, [Name(n) for n in read] + calls_of)
        if calls_of:
            q.value = q.value if calls_of[0].text() in q.value.text() else Binary("*", q.value, calls_of[0])
            self.tag("template in a curve")
        if any(n in q.value.text() for n in read):
            self.tag("schedule read by a curve")
        p.phases.append(q)
        self.endless = True

    def block(self, name, read):
        r, p = self.r, self.p
        old = self.swap(([], [], [], None))
        n = r.range(1, 3)
        self.endless = self.blind = False
        for i in range(n):
            self.phase(i == 0, i == n - 1)
        self.closing_curve(read)
        self.rules()
        lines, rules = self.phase_lines(), p.rules
        if r.chance(25):
            text, lines, rules = self.templates(lines, rules, "templated%d" % len(p.schedules))
            self.other_templates += [text] if text else []
        text = " {\n" + "\n".join("  " + line for line in lines + rules) + "\n}"
        p.schedules.append(Output(name, p.phases, p.scales, p.bounds, None, read))
        self.swap(old)
        return text

    # ---- the script

    def program(self):
        r, p = self.r, self.p
        self.inputs = r.weighted([(12, ["metric"]), (3, ["val_loss"]), (3, ["val_loss", "train_loss"]), (2, ["val_loss", "elapsed"]),
                                  (3, ["train_loss", "elapsed", "val_loss"])])
        self.declare()
        n = r.weighted([(3, 1), (5, 2), (4, 3), (2, 4), (1, 8), (1, 20)])
        self.other_templates = []
        for i in range(n):
            self.phase(i == 0, i == n - 1)
        if r.chance(20):
            self.closing_curve([])
        self.rules()
        self.first_endless = self.endless
        self.in_block = r.chance(12)
        if self.in_block:
            p.output = r.pick(["lr", "lr", "rate"])
            if p.output != "lr":
                self.tag("output without lr")
        self.other_texts = self.others()
        self.write()
        for q in p.params.values():
            if q.defined is not None:
                p.defines.append((q.name, float(q.defined)))
                self.tag("-D")
            elif q.bound is not None:
                p.bindings.append((q.name, float(q.bound)))
                self.tag("bound param")
        p.inputs = self.inputs
        p.constructs = constructs.constructs_of(p.text, p.tags)
        p.ops = script(r, p)
        if p.refused:
            p.ops.append("R %s %s %s" % (p.refused[0], double_bits(p.refused[1]), p.refused[2]))
        return p


def clip(n):
    return max(INT64_MIN, min(INT64_MAX, n))


def script(r, p):
    edges = []
    try:
        edges = [e for m in meanings_of(p) for e in m.edges() if e == e and abs(e) < 1e17]
    except Unsure:
        pass
    edges += [float(h) for h in p.hints]
    return script_for(r, edges, p.inputs, len(p.outputs))


def script_for(r, edges, inputs=("metric",), outputs=1):
    """Boundary and random steps on a fresh state, then a run with a metric, saved and loaded half-way."""
    ops = []
    last = max([100.0] + [e for e in edges])
    steps = {0, 1, 2, -1, -1000, INT64_MIN, INT64_MIN + 1, 2 ** 31, 2 ** 53 - 1, 2 ** 53, 2 ** 53 + 1, 2 ** 62, INT64_MAX - 1, INT64_MAX}
    for e in edges[:24]:
        base = int(e)
        steps.update(clip(base + k) for k in (-1, 0, 1, 2))
    for _ in range(16):
        steps.add(r.below(int(2 * last) + 10))
    steps.add(r.bits() >> r.range(1, 60))
    for s in sorted(steps):
        ops.append("V %d" % s)
    fills = [(-3, 24), (2 ** 53 - 3, 7), (INT64_MAX - 3, 6), (INT64_MIN, 3), (int(last) - 5, 16), (0, 1), (5, 0)]
    for e in r.shuffled(edges)[:6]:
        fills.append((int(e) - r.below(20), r.range(8, 40)))
    fills.append((r.below(int(last) + 1), r.range(50, 700)))
    for first, n in fills:
        ops.append("F %d %d" % (clip(first), n))
    for k in range(1, outputs):
        ops += ["U %d %d" % (k, s) for s in sorted(r.shuffled(sorted(steps))[:16])]
        ops.append("Y %d %d %d" % (k, r.below(int(last) + 1), r.range(5, 120)))
    for s in r.shuffled(sorted(steps))[:6] if outputs > 1 or r.chance(10) else []:
        ops.append("E %d %d" % (s, outputs))
    # a run
    count = r.range(8, 30)
    gap = max(1, int(last * 2) // (count + 1))
    step = r.pick([0, 0, 1, -5, gap])
    level, noise = 1000, r.pick([0, 5, 50, 300])
    drop = r.pick([0, 3, 20])
    saved = False
    save_at = r.below(count)
    load_at = save_at + r.below(4)   # soon, so that what was going on still is
    for i in range(count):
        level = max(1, level - r.below(drop + 1))
        metric = (level + r.below(noise + 1)) / 1024.0
        if r.chance(4):
            metric = r.pick([float("inf"), float("-inf"), float("nan"), 0.0, -metric])
        form = r.pick(["O", "O", "G"])
        ops.append("%s %d %s" % (form, clip(step), double_bits(metric)))
        for k in range(1, len(inputs)):
            if r.chance(70):
                second = 5 * i + r.below(5) if inputs[k] == "elapsed" else (level + r.below(noise + 1) - 10) / 1024.0
                ops.append("I %d %d %s" % (k, clip(step - (r.below(3) if r.chance(10) else 0)), double_bits(float(second))))
        if i % 3 == 0:
            ops.append("W %d %s" % (clip(step), double_bits(metric)))
        ops.append("V %d" % clip(step))
        ops.append("V %d" % clip(step + 1))
        if outputs > 1 and i % 2 == 0:
            ops.append("E %d %d" % (clip(step), outputs))
        if outputs > 1 and i % 7 == 5:
            k = 1 + r.below(outputs - 1)
            ops.append("Y %d %d %d" % (k, clip(step - 5), r.range(10, 60)))
            ops.append("U %d %d" % (k, clip(step)))
        if i % 4 == 1:
            ops.append("T")
            ops.append("V %d" % r.below(int(2 * last) + 10))
        if i % 7 == 3:
            ops.append("F %d %d" % (clip(step - 5), r.range(10, 60)))
        if i == save_at:
            ops.append("S")
            saved = True
        if saved and i == load_at:
            ops.append("L")
            ops.append("V %d" % clip(step))
        step += r.pick([0, 1, 1, gap, gap, gap, 2 * gap, r.below(gap + 1), -gap if r.chance(20) else gap])
    ops += ["T", "S", "L", "V 0", "V %d" % clip(step), "F %d 40" % clip(step - 20), "V %d" % INT64_MAX]
    return ops


def program_of(seed, i):
    return Generator((seed * 1000003 + i) * 2654435761 + 12345).program()


def programs(seed, count):
    """The programs of a seed: number i does not depend on the count."""
    for i in range(count):
        yield program_of(seed, i)


def write_case(out, number, text, defines, bindings, ops):
    data = text.encode()
    out.write(b"case %d\ntext %d\n" % (number, len(data)) + data + b"\n")
    for name, v in defines:
        out.write(("define %s %s\n" % (name, double_bits(v))).encode())
    for name, v in bindings:
        out.write(("bind %s %s\n" % (name, double_bits(v))).encode())
    for op in ops:
        out.write(("op " + op + "\n").encode())
    out.write(b"end\n")


def main():
    a = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--count", type=int, default=300)
    a.add_argument("--out", help="write the case file here; else print the programs")
    a.add_argument("--constructs", action="store_true", help="count the constructs of the language in the programs; 1 when one is missing")
    a = a.parse_args()
    if a.constructs:
        return constructs.show(collections.Counter(name for p in programs(a.seed, a.count) for name in p.constructs), a.count)
    if a.out:
        with open(a.out, "wb") as out:
            for i, p in enumerate(programs(a.seed, a.count)):
                write_case(out, i, p.text, p.defines, p.bindings, p.ops)
        return 0
    for i, p in enumerate(programs(a.seed, a.count)):
        sys.stdout.write("# ---- program %d; -D %s; params %s\n%s\n" % (i, p.defines, p.bindings, p.text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
