"""What a schedule is worth at a step, from the language's definition alone: the independent evaluator of the differential test.

In: a Program that generate.py built. Out: the exact value before any observation, with an error bound, or Unsure.
Calls expression.py. It walks the phases one after another, by the decimal formulas of the text books.
"""
from decimal import Decimal, DecimalException

import expression as x
from expression import Scope, Unsure, ZERO, ONE, exact

INFINITE = None  # the end of a phase without one


# ---- the named laws, written once more ---------------------------------------------------------------

def one():
    return (ONE, ZERO)


def shape_poly(u, a):
    return x.sub(one(), x.power(x.sub(one(), u), a.get("power", exact(2))))


def shape_tanh(u, a):
    low, high = a.get("lb", exact(-7)), a.get("ub", exact(3))
    at = x.tanh(x.add(low, x.mul(x.sub(high, low), u)))
    return x.div(x.sub(at, x.tanh(low)), x.sub(x.tanh(high), x.tanh(low)))


def shape_sigmoid(u, a):
    k = a.get("k", exact(10))
    half = x.tanh(x.div(k, exact(4)))
    at = x.tanh(x.mul(x.div(k, exact(2)), x.sub(u, exact("0.5"))))
    return x.div(x.add(at, half), x.mul(exact(2), half))


SHAPES = {
    "linear": lambda u, a: u,
    "cosine": lambda u, a: x.hcos(u),
    "poly": shape_poly,
    "sqrt": lambda u, a: x.sqrt(u),
    "square": lambda u, a: x.mul(u, u),
    "tanh": shape_tanh,
    "sigmoid": shape_sigmoid,
    "smoothstep": lambda u, a: x.mul(x.mul(u, u), x.sub(exact(3), x.mul(exact(2), u))),
    "rex": lambda u, a: x.div(u, x.sub(exact(2), u)),
}


def decay_exp(t, a):
    if "s" in a:
        return x.power((Decimal("0.1"), ZERO), x.div(t, a["s"]))
    if "gamma" in a:
        return x.exp(x.mul(t, log_of(a["gamma"])))
    if "rate" in a:
        return x.exp(x.neg(x.mul(a["rate"], t)))
    return x.power((Decimal("0.5"), ZERO), x.div(t, a["halflife"]))


def log_of(v):
    """ln, for powers of a base that lrs knows to twice the digits."""
    if v[0] <= 0:
        raise Unsure
    return (v[0].ln(), v[1] / v[0] * 2)


def decay_noam(t, a):
    n = x.add(t, one())
    w = a["warmup"]
    rise = x.div(n, x.mul(w, x.sqrt(w)))
    return x.mul(x.div(one(), x.sqrt(a["d_model"])), x.least(x.div(one(), x.sqrt(n)), rise))


DECAYS = {
    "exp": decay_exp,
    "power": lambda t, a: x.power(x.add(one(), x.div(t, a["s"])), x.neg(a.get("c", exact(1)))),
    "invsqrt": lambda t, a: x.div(one(), x.sqrt(x.add(one(), x.div(t, a["timescale"])))),
    "invtime": lambda t, a: x.div(one(), x.add(one(), x.mul(a["rate"], x.div(t, a.get("s", exact(1)))))),
    "stepdecay": lambda t, a: x.exp(x.mul(x.stairs(t, a["every"]), log_of(a.get("gamma", exact("0.1"))))),
    "noam": decay_noam,
}


# ---- a program bound to its params --------------------------------------------------------------------

class View:
    """A schedule of a program: its own phases and rules, and all else of the program."""

    def __init__(self, program, output):
        self.of_program, self.of_output = program, output

    def __getattr__(self, name):
        return getattr(self.of_output if hasattr(self.of_output, name) else self.of_program, name)


def meanings_of(program):
    """Those of the program's outputs, in the order of their numbers."""
    found = {}
    for output in program.schedules:   # each after those that it reads
        found[output.name] = Meaning(View(program, output), [found[n] for n in output.reads], output)
    return [found[n] for n in program.outputs]


class Meaning:
    """A schedule of a program with the values its params are bound to."""

    def __init__(self, program, reads=(), output=None):
        self.reads, self.formula = reads, output.formula if output else None
        self.name = output.name if output else "lr"
        self.program = program
        self.scope = Scope(program, {})
        self.phases = []      # (start, end, phase, rate at the start, target, length)
        self.last = None
        self.problem = None   # set where a phase is unsure: nothing behind it can be told
        try:
            self.walk()
        except (Unsure, DecimalException):
            self.problem = True

    def val(self, node):
        return node.value(self.scope)

    def walk(self):
        begin, rate = exact(0), None
        for p in self.program.phases:
            end, length = INFINITE, None
            if p.duration is not None:
                length = self.val(p.duration)
                end = x.add(begin, length)
            elif p.until is not None:
                end = x.most(begin, self.val(p.until))
                length = x.sub(end, begin)
            start = self.val(p.start) if p.start is not None else exact(0) if p.law == "warmup" else rate
            target = None
            if p.target is not None:
                target = self.val(p.target)
                if p.relative:
                    target = x.mul(start, target) if p.relative == "*" else x.div(start, target)
            if p.law == "hold" and p.value is not None:
                start = self.val(p.value)
            self.phases.append((begin, end, p, start, target, length))
            if end is INFINITE:
                return
            rate = self.passed(p, begin, end, start, target, length, rate)
            begin = end
        self.last = rate

    def passed(self, p, begin, end, start, target, length, before):
        empty = x.compare(end, begin) <= 0
        if p.law == "hold":
            return start
        if empty:
            given = target if target is not None else start if start is not None else before
            if given is None:   # an empty curve at the very beginning: there is nothing to pass on
                raise Unsure
            return given
        if target is not None and p.law != "curve":
            return target
        return self.law(p, end, begin, start, target, length, at_end=True)

    def law(self, p, now, begin, start, target, length, at_end=False, others=None):
        if p.law == "hold":
            return start
        t = x.sub(now, begin)
        if p.shift is not None:
            t = x.add(t, self.val(p.shift))
        if target is not None and p.law != "curve" and p.shift is not None:
            # a shifted shape leaves its start late, or is at its target early
            if x.compare(t, exact(0)) < 0:
                return start
            if x.compare(t, length) >= 0:
                return target
        u = None
        if length is not None and length[0] > length[1]:
            u = x.div(t, length)
            if length[1] or begin[1]:   # the end is rounded to a double, and times may be counted from it
                u = (u[0], u[1] + (now[0] + length[0]) * x.EPS / length[0])
        names = {"t": t, "u": u, "start": start, "end": target, "step": self.program.steps(now), "epoch": self.program.epochs(now)}
        names.update(others or {})
        scope = Scope(self.program, {k: v for k, v in names.items() if v is not None})
        if p.law == "curve":
            return p.value.value(scope)
        args = {k: self.val(v) for k, v in p.args.items()}
        if p.function:
            keep = {k: v for k, v in scope.names.items() if k in ("start", "end")}
            first = t if p.function.keyword == "decay" else u
            g = p.function.call(Scope(self.program, keep), [first], args)
            if p.function.keyword == "curve":
                return g
            if p.function.keyword == "decay":
                return x.mul(start, g)
        elif target is None:
            return x.mul(start, DECAYS[p.shape](t, args))
        elif p.shape == "exp":
            return x.mul(start, x.exp(x.mul(u, x.ln(x.div(target, start)))))
        else:
            g = SHAPES[p.shape](u, args)
        return x.add(start, x.mul(x.sub(target, start), g))

    def at(self, step):
        """The value at a step, before any observation."""
        try:
            others = {m.name: m.at(step) for m in self.reads}
            return self.told(step, others)
        except DecimalException:   # more digits than there are
            raise Unsure from None

    def told(self, step, others):
        now = exact(max(0, int(float(step))))
        if self.formula is not None:
            names = {"step": self.program.steps(now), "epoch": self.program.epochs(now)}
            names.update(others)
            base = self.formula.value(Scope(self.program, names))
            return self.ruled((base[0], base[1] + abs(base[0]) * x.EPS), now)
        base = None
        for begin, end, p, start, target, length in self.phases:
            if end is INFINITE or x.compare(now, end) < 0:
                base = self.law(p, now, begin, start, target, length, others=others)
                size = max(abs(v[0]) for v in (start, target, base) if v is not None)
                break
        else:
            if self.problem:
                raise Unsure
            base = self.last
            size = abs(base[0])
        return self.ruled((base[0], base[1] + size * x.EPS), now)

    def ruled(self, base, now):
        for rule in self.program.scales:
            base = self.scaled(rule, base, now)
        if self.program.bounds:
            low, high = self.program.bounds
            base = x.clamp(base, self.val(low), self.val(high))
        return base

    def scaled(self, rule, v, now):
        if rule.period is not None:
            n = x.stairs(now, self.val(rule.period))[0]
        else:
            n = Decimal(sum(x.compare(self.val(t), now) <= 0 for t in rule.times))
        if n == 0:
            return v
        factor = self.val(rule.factor)
        if factor[0] == 0:
            s = (ZERO, ZERO)
        else:
            s = x.exp(x.mul((-n if rule.divide else n, ZERO), log_of(factor)))
        w = x.mul(v, s)
        if rule.floor is not None:
            floor = self.val(rule.floor)
            reduces = x.compare(factor, one()) * (-1 if rule.divide else 1) < 0
            if reduces and w[0] < floor[0]:
                w = x.least(v, floor)
        return w

    def edges(self):
        """Times where something changes, as floats: what steps to look at."""
        found = []
        for begin, end, p, _, _, _ in self.phases:
            if end is not INFINITE:
                found.append(float(end[0]))
            if p.shift is not None and end is not INFINITE:
                try:
                    found.append(float(end[0] - self.val(p.shift)[0]))
                except Unsure:
                    pass
        for rule in self.program.scales:
            try:
                if rule.period is not None:
                    period = float(self.val(rule.period)[0])
                    found += [period, 2 * period, 3 * period, 17 * period]
                else:
                    found += [float(self.val(t)[0]) for t in rule.times]
            except Unsure:
                pass
        return found
