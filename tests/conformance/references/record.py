"""What every reference says about a scheduler, and what the references share.

In:  nothing. A library is imported when its scheduler is run, never before, so that this loads where nothing is installed.
Out: Scheduler, the record that conformance.py works on; ALL, the records by name; Draw, the seeded random parameters;
     call() and the other functions that write lrs text, so that a change of notation is made in one place.
"""

import importlib
import importlib.util
import math
import random
import struct
import sys
import types

ALL = {}


class Missing(Exception):
    """The library is not installed, or does not load here."""


class Scheduler:
    """One scheduler of one library.

    name        as lrs calls it: MODULE.NAME
    draw        (Draw) -> parameters, under the library's own names
    length      (parameters) -> how many steps the schedule has of itself; more are compared, past its end
    formula     (t, **parameters) -> the value at step t: the library's formula, written again in float64; None where undefined
    live        (parameters, n) -> values at the steps 0..n-1 from the real library; None in the list where it has none.
                No live: the library cannot be installed, and the formula is the reference
    arithmetic  "float64", "float64 recursion" (the library multiplies its last value: it drifts) or "float32"
    last        (parameters) -> the last step that is defined, where the library raises an error after it
    skip        (parameters, t) -> why this step is not compared, or None
    text        (parameters) -> the lrs text; default `use MODULE; NAME(...)`
    output      which output of the lrs text
    metrics     (parameters) -> observed metrics, one a step, for what reacts to them
    ulps        rounding of the library itself that is allowed, in units of 2^-53 (float32: 2^-24) of the largest value of the run; default 4 (8)
    drift       what a recursion may drift from the formula, relative to the largest value of the run
    note        what a reader of the table should know
    """

    def __init__(self, name, draw, length, formula=None, live=None, arithmetic="float64", last=None, skip=None, text=None,
                 output="lr", metrics=None, ulps=None, drift=1e-9, note=""):
        self.name, self.draw, self.length, self.formula, self.live = name, draw, length, formula, live
        self.arithmetic, self.last, self.skip, self.output, self.metrics = arithmetic, last, skip, output, metrics
        self.text = text or (lambda p: call(name, p))
        self.ulps, self.drift, self.note = ulps or (8 if arithmetic == "float32" else 4), drift, note
        self.library = name.split(".")[0]
        assert name not in ALL, name
        ALL[name] = self

    def steps(self, p):
        """How many steps are compared: the run, and some more past its end."""
        if self.metrics:
            return len(self.metrics(p))
        length = max(1, int(math.ceil(self.length(p))))
        n = length + 3 + min(60, length)
        return min(n, self.last(p) + 1) if self.last else n

    def by_formula(self, p, n):
        return [self.formula(t, **p) for t in range(n)]


def add(*args, **kwargs):
    return Scheduler(*args, **kwargs)


class Draw(random.Random):
    """Random parameters, all short decimals; the ends of a range come up more often than their share."""

    def chance(self, p=0.5):
        return self.random() < p

    def whole(self, low, high):
        if self.chance(0.15):
            return self.choice([low, min(low + 1, high), high])
        return self.randint(low, high)

    def real(self, low, high, digits=3):
        if self.chance(0.1):
            return float(self.choice([low, high]))
        return round(self.uniform(low, high), digits)

    def rate(self, low=1e-5, high=1.0):
        return float("%.3g" % math.exp(self.uniform(math.log(low), math.log(high))))

    def below(self, rate):
        """A rate between 0 and this one: a floor."""
        return 0.0 if self.chance(0.3) else float("%.3g" % (rate*self.uniform(0, 0.9)))

    def factor(self):
        return self.choice([0.1, 0.5, 0.9, 0.99, self.real(0.05, 0.999)])

    def decay(self):
        """A factor of every step."""
        return self.choice([0.9, 0.95, 0.99, 0.999, self.real(0.8, 0.9999, 4)])

    def wholes(self, low, high, most=5, distinct=False):
        values = [self.randint(low, high) for _ in range(self.randint(1, most))]
        if distinct:
            return sorted(set(values))
        if len(values) > 1 and self.chance(0.3):
            values[-1] = values[0]
        return sorted(values)

    def opt(self, **optional):
        """Leave each of these to its default now and then."""
        return {k: v for k, v in optional.items() if self.chance(0.75)}


# --- lrs text ---------------------------------------------------------------------------------------------------------------

def value(v):
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, str):
        return '"%s"' % v
    if isinstance(v, (list, tuple)):
        return "[" + ", ".join(value(x) for x in v) + "]"
    if isinstance(v, float) and v < 0:
        return "-" + repr(-v)
    return repr(v)


def arguments(p):
    return ", ".join("%s=%s" % (k, value(v)) for k, v in p.items() if v is not None)


def phase(name, p):
    return "%s(%s)" % (name, arguments(p))


def call(name, p):
    return "use %s; %s" % (name.split(".")[0], phase(name, p))


def plateau(rate, factor, rule, action=""):
    """`hold RATE; on plateau(...) *FACTOR ...`: enumerations of the language itself are bare words."""
    return "hold %s; %s" % (value(rate), plateau_rule(factor, rule, action))


def plateau_rule(factor, rule, action=""):
    words = ", ".join("%s=%s" % (k, v if isinstance(v, str) else value(v)) for k, v in rule.items())
    return "on plateau(%s) *%s%s" % (words, value(factor), action and " " + action)


# --- arithmetic -------------------------------------------------------------------------------------------------------------

def f32(x):
    """x rounded to float32. One of + - * / or sqrt in doubles and then this is that operation in float32, exactly."""
    if math.isnan(x) or math.isinf(x):
        return x
    try:
        return struct.unpack("f", struct.pack("f", x))[0]
    except OverflowError:
        return math.copysign(math.inf, x)


def cos01(x):
    return (1 + math.cos(math.pi*x))/2


def power(x, y):
    """x^y as C and numpy have it: NaN for a negative base and a fractional exponent."""
    try:
        return math.pow(x, y)
    except (ValueError, OverflowError):
        if x == 0:
            return math.inf
        return math.nan if x < 0 and y != math.floor(y) else math.inf


def exact_cycle(t, length, mult):
    """The cycle that the whole step t lies in, when cycle i has length*mult^i steps: by addition, which is exact for whole mult."""
    i, start = 0, 0
    while t >= start + length:
        start += length
        length *= mult
        i += 1
    return i, start, length


# --- loading a library --------------------------------------------------------------------------------------------------------

def load(module):
    """Import a module of a library, or say that it is missing."""
    try:
        return importlib.import_module(module)
    except Exception as error:                              # what a broken installation raises is not only ImportError
        raise Missing("%s: %s" % (module, str(error).splitlines()[0] if str(error) else type(error).__name__)) from error


def bare(*packages):
    """Make these packages importable without running their __init__, which often pulls in half the world.

    The modules inside are then the library's own, unchanged."""
    for name in packages:
        if name in sys.modules:
            continue
        parent, _, leaf = name.rpartition(".")
        try:
            if parent:
                paths = [p + "/" + leaf for p in sys.modules[parent].__path__]
            else:
                spec = importlib.util.find_spec(name)
                paths = list(spec.submodule_search_locations)
        except (AttributeError, ValueError, ImportError) as error:
            raise Missing("%s is not installed" % name) from error
        module = types.ModuleType(name)
        module.__path__ = paths
        sys.modules[name] = module


def definitions(package, path, names, scope):
    """Run only these classes and functions of an installed source file, in this scope: its own text, without what it imports."""
    import ast
    try:
        spec = importlib.util.find_spec(package)
        source = spec.submodule_search_locations[0] + "/" + path
        with open(source, encoding="utf-8") as f:
            tree = ast.parse(f.read())
    except (AttributeError, ImportError, OSError) as error:
        raise Missing("%s is not installed" % package) from error
    tree.body = [n for n in tree.body if getattr(n, "name", None) in names]
    exec(compile(tree, source, "exec"), scope)               # pylint: disable=exec-used
    return types.SimpleNamespace(**{n: scope[n] for n in names})
