"""What random programs are made of: random numbers, literals, params, phases, rules.

In: nothing. Out: the classes that generate.py and calls.py fill, and meaning.py reads. Calls expression.py for its nodes alone.
"""
import struct
from decimal import Decimal

from expression import Number


class Random:
    """splitmix64."""

    def __init__(self, seed):
        self.state = seed & (2 ** 64 - 1)

    def bits(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & (2 ** 64 - 1)
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2 ** 64 - 1)
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2 ** 64 - 1)
        return z ^ (z >> 31)

    def below(self, n):
        return self.bits() % n

    def range(self, low, high):
        return low + self.below(high - low + 1)

    def chance(self, percent):
        return self.below(100) < percent

    def pick(self, items):
        return items[self.below(len(items))]

    def weighted(self, pairs):
        k = self.below(sum(w for w, _ in pairs))
        for w, item in pairs:
            if k < w:
                return item
            k -= w
        raise AssertionError

    def shuffled(self, items):
        items = list(items)
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
        return items


def double_bits(v):
    return "%016x" % struct.unpack("<Q", struct.pack("<d", v))[0]


# ---- literals -------------------------------------------------------------------------------------------

def plain(v):
    """A Decimal without an exponent."""
    return format(v, "f")


def rate(r):
    """A rate as people write them, from 1e-6 to 10."""
    v = Decimal(r.pick([1, 1, 1, 2, 25, 3, 5, 6, 15, r.range(1, 9999)])).scaleb(-r.range(0, 6))
    form = r.below(4)
    if form == 0 and v >= Decimal("1e-7"):
        return Number(plain(v), v)
    if form == 1:
        digits = v.as_tuple()
        return Number("".join(map(str, digits.digits)) + "e%d" % digits.exponent, v)
    if form == 2 and v < 1 and plain(v).startswith("0.") and r.chance(30):
        return Number(plain(v)[1:], v)
    return Number(plain(v), v)


def fraction(r):
    """A factor between 0 and 1."""
    return Number(*r.pick([("0.5", "0.5"), ("0.1", "0.1"), ("0.9", "0.9"), (".25", "0.25"), ("0.97", "0.97"), ("3e-1", "0.3"), ("0.999", "0.999")]))


def whole(r, low, high):
    v = r.range(low, high)
    if v % 1000 == 0 and v and r.chance(60):
        return Number("%dk" % (v // 1000), v)
    if v % 100 == 0 and v >= 1000 and r.chance(60):
        return Number("%d.%dk" % (v // 1000, v % 1000 // 100), v)
    if v >= 1000 and r.chance(30):
        return Number("%d_%03d" % (v // 1000, v % 1000), v)
    return Number(str(v), v)


# ---- the parts of a program ---------------------------------------------------------------------------

class Param:
    """name, default (a Decimal or None), unit, bounds of its range, what it is bound to (a decimal text or None)."""

    def __init__(self, name, default, unit=None, word="", low=None, high=None, log=False):
        self.name, self.default, self.unit, self.word, self.low, self.high, self.log = name, default, unit, word, low, high, log
        self.spelled = default    # the default as it is written
        self.declared = True      # a well-known param may be given by -D alone
        self.bound = None
        self.defined = None

    def write(self):
        s = "param " + self.name
        if self.default is not None:
            s += " = " + (self.spelled or self.default) + self.word
        if self.low is not None:
            s += " in %s..%s" % (self.low, self.high) + (" log" if self.log else "")
        return s

    def number(self):
        text = self.defined or self.bound or self.default
        return float(text)


class Phase:
    def __init__(self, law, shape=None):
        self.law = law            # "warmup", "hold", "curve", "points", "repeat", "block", or "law": shape names it
        self.shape = shape
        self.function = None      # a law of the file
        self.args = {}            # name -> node
        self.duration = self.until = self.start = self.target = self.value = self.shift = None
        self.relative = ""        # "*" or "/": -> *F
        self.for_word = False
        self.inside = []          # scales in the braces of the phase
        self.count = self.stretch = None
        self.unrolled = False     # "repeat": events end what is in it
        self.open_body = False    # "block": its body has no end
        self.call = ""            # "block": the call of its template; its phases are the body, if they are known, and its rules round_rules
        self.end_text = ""        # an end that changes nothing before the first observation: `until EVENT`, `for 5 seconds`
        self.on_rules = []        # texts of rules that observe, in its braces
        self.body, self.round_rules = [], []   # "repeat": phases, and scales of each round
        self.points = []          # "points": (time, rate)


class Scale:
    def __init__(self):
        self.period = self.floor = self.factor = None
        self.times = []           # nodes, of which one may be a list
        self.divide = False


class Output:
    """A schedule: phases and rules, or a formula. Those without a name in `outputs` of the program are only read by others."""

    def __init__(self, name, phases=(), scales=(), bounds=None, formula=None, reads=()):
        self.name, self.phases, self.scales, self.bounds, self.formula, self.reads = name, phases, scales, bounds, formula, reads
