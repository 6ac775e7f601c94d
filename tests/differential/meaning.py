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


def ahead(t, shift):
    """The clock of braces with `shift=`: it stands at 0 until it begins."""
    return t if shift is None else x.most(x.add(t, shift), exact(0))


class Rounds:
    """The rounds of a repeat. Each is walked for the rate at which the one before ended."""

    MOST = 300   # of them, where each depends on the one before

    def __init__(self, meaning, phase, start):
        self.meaning, self.phase, self.start = meaning, phase, start
        first = phase.body[0]
        self.alike = first.start is not None or first.value is not None or first.law in ("warmup", "points")
        self.known = {}
        self.stretch = meaning.val(phase.stretch) if phase.stretch is not None else one()
        self.shift = meaning.val(phase.shift) if phase.shift is not None else None
        self.length = self.round(0)[1]
        if self.length[0] <= 0:
            raise Unsure

    def round(self, c):
        """Entries, length, rate at the end before the rules of the braces, of round c."""
        c = int(c)
        if c in self.known:
            return self.known[c]
        m, outer = self.meaning, self.meaning.scope
        if c > self.MOST and not self.alike:
            raise Unsure
        start = self.start if self.alike or c == 0 else self.passed(c)
        m.scope = Scope(m.program, {"cycle": exact(c)})
        m.inside += 1
        try:
            self.known[c] = m.walk_list(self.phase.body, start)
        finally:
            m.scope = outer
            m.inside -= 1
        return self.known[c]

    def passed(self, count):
        """What `count` rounds pass on."""
        if count == 0:
            if self.start is None:
                raise Unsure
            return self.start
        _, length, rate = self.round(count - 1)
        return self.ruled(rate, length, True)

    def ruled(self, v, t, left):
        for rule in self.phase.round_rules:
            v = self.meaning.scaled(rule, v, t, left)
        return v

    def begin(self, c):
        """Where round c begins."""
        s = self.stretch
        if s[0] == 1:
            return x.mul((Decimal(c), ZERO), self.length)
        total, size = exact(0), self.length
        for _ in range(int(c)):
            total, size = x.add(total, size), x.mul(size, s)
        return total

    def find(self, t):
        s = self.stretch
        if s[0] == 1:
            c = x.stairs(t, self.length)[0]
            return c, x.mul((c, ZERO), self.length), one()
        c, at, m = Decimal(0), exact(0), one()
        while True:
            after = x.add(at, x.mul(self.length, m))
            if x.compare(after, t) > 0:
                return c, at, m
            c, at, m = c + 1, after, x.mul(m, s)
            if c > 4000:
                raise Unsure

    def at(self, t, left=False):
        """The rate at time t, and the greatest number in it. left: at the end of a round it is still that one."""
        t = ahead(t, self.shift)
        c, begin, m = self.find(t)
        if self.phase.count is not None:
            last = self.meaning.val(self.phase.count)[0] - 1
            if c > last:
                return (self.passed(last + 1),) * 1 + (abs(self.passed(last + 1)[0]),)
        if left and c > 0 and x.compare(t, begin) == 0:
            v = self.passed(c)
            return v, abs(v[0])
        local = x.div(x.sub(t, begin), m)
        if begin[1] or m[0] != 1:
            local = (local[0], local[1] + (local[0] + self.length[0]) * x.EPS * 2)
        entries, length, rate = self.round(c)
        found = self.meaning.inner_value(entries, local, left)
        v, size = found if found is not None else (rate, abs(rate[0]))
        return self.ruled(v, local, left), size


class Block:
    """A template as a phase: phases and rules that count from where it begins."""

    def __init__(self, meaning, phase, start):
        if phase.body is None:
            raise Unsure
        self.meaning, self.phase = meaning, phase
        self.shift = meaning.val(phase.shift) if phase.shift is not None else None
        outer = meaning.scope
        meaning.scope = self.scope = Scope(meaning.program, dict(outer.names, **({"start": start} if start is not None else {})))
        meaning.inside += 1
        try:
            self.entries, self.length, self.rate = meaning.walk_list(phase.body, start)
        finally:
            meaning.scope = outer
            meaning.inside -= 1

    def at(self, t, left=False):
        t = ahead(t, self.shift)
        found = self.meaning.inner_value(self.entries, t, left)
        v, size = found if found is not None else (self.rate, abs(self.rate[0]))
        return self.ruled(v, t, left), size

    def ruled(self, v, t, left):
        """The rules of the body: what they say is of the body, whose `start` is that of the call."""
        m, outer = self.meaning, self.meaning.scope
        m.scope = self.scope
        try:
            for rule in self.phase.round_rules:
                v = m.scaled(rule, v, t, left)
        finally:
            m.scope = outer
        return v

    def passed(self):
        return self.ruled(self.rate, self.length, True)


class Meaning:
    """A schedule of a program with the values its params are bound to."""

    def __init__(self, program, reads=(), output=None, start=None):
        self.reads, self.formula = reads, output.formula if output else None
        self.name = output.name if output else "lr"
        self.program = program
        self.scope = Scope(program, {})
        # (start, end, phase, rate at the start, target, length, scope, origin): what its names mean, and what its times count from
        self.phases = []
        self.inside = 0       # braces around what is looked at: there the clock is not that of the run
        self.last = None
        self.problem = None   # set where a phase is unsure: nothing behind it can be told
        try:
            _, _, self.last = self.walk_list(self.program.phases, start, entries=self.phases)
        except (Unsure, DecimalException):
            self.problem = True

    def is_schedule(self, p):
        """A schedule that is one template is its body: nothing ends that, and its rules go on as those of a schedule do."""
        return len(self.program.phases) == 1 and not (p.duration or p.until or p.inside or p.shift is not None)

    def val(self, node):
        return node.value(self.scope)

    def walk_rounds(self, p, rate, begin, entries):
        """Rounds that events may end, one after the other."""
        outer, origin = self.scope, begin
        try:
            for c in range(int(self.val(p.count)[0])):
                self.scope = Scope(self.program, {"cycle": exact(c)})
                _, begin, rate = self.walk_list(p.body, rate, begin, begin, entries)
                if begin is INFINITE:
                    return begin, None
        finally:
            self.scope = outer
        return begin, rate

    def walk_list(self, phases, rate, begin=exact(0), origin=exact(0), entries=None):
        """Phases one after the other: entries, where they end, the rate there."""
        entries = entries if entries is not None else []
        for p in phases:
            if p.unrolled:
                begin, rate = self.walk_rounds(p, rate, begin, entries)
                if begin is INFINITE:
                    return entries, begin, None
                continue
            end, length = INFINITE, None
            if p.duration is not None:
                length = self.val(p.duration)
                end = x.add(begin, length)
            elif p.until is not None:
                end = x.most(begin, x.add(origin, self.val(p.until)))
                length = x.sub(end, begin)
            start = self.val(p.start) if p.start is not None else exact(0) if p.law == "warmup" else rate
            target = None
            if p.target is not None:
                target = self.val(p.target)
                if p.relative:
                    target = x.mul(start, target) if p.relative == "*" else x.div(start, target)
            if p.law == "hold" and p.value is not None:
                start = self.val(p.value)
            if p.law == "repeat":
                start = Rounds(self, p, rate)
                if end is INFINITE and p.count is not None:
                    end = x.add(begin, start.begin(self.val(p.count)[0]))
            if p.law == "block":
                start = Block(self, p, start)
                if end is INFINITE and start.length is not INFINITE and not (entries is self.phases and self.is_schedule(p)):
                    end = x.add(begin, start.length)
            if p.law == "points" and end is INFINITE:
                end = x.most(begin, x.add(origin, self.val(p.points[-1][0])))
            entries.append((begin, end, p, start, target, length, self.scope, origin))
            if end is INFINITE:
                return entries, end, None
            rate = self.passed(p, begin, end, start, target, length, rate, origin)
            if p.inside:
                since = x.sub(end, begin)
                for rule in p.inside:
                    rate = self.scaled(rule, rate, since, left=True)
            begin = end
        return entries, begin, rate

    def points_at(self, p, now):
        """Between two points the shape; the first rate before, the last after."""
        table = [(self.val(t), self.val(v)) for t, v in p.points]
        if x.compare(now, table[0][0]) < 0:
            return table[0][1]
        for (t0, v0), (t1, v1) in zip(table, table[1:]):
            if x.compare(now, t1) < 0:
                u, args = x.div(x.sub(now, t0), x.sub(t1, t0)), {k: self.val(v) for k, v in p.args.items()}
                way = p.function.call(Scope(self.program, {}), [u], args) if p.function else SHAPES[p.shape](u, args)
                return x.add(v0, x.mul(x.sub(v1, v0), way))
        return table[-1][1]

    def passed(self, p, begin, end, start, target, length, before, origin):
        empty = x.compare(end, begin) <= 0
        if p.law == "points":
            table = [(self.val(t), self.val(v)) for t, v in p.points]
            local = x.sub(end, origin)
            if any(x.compare(local, t) == 0 for t, _ in table[:-1]):   # at a jump it matters which side
                raise Unsure
            return self.points_at(p, local)
        if p.law == "repeat":
            if empty:
                if before is None:
                    raise Unsure
                return before
            if p.duration is None and p.until is None and p.shift is None:
                return start.passed(self.val(p.count)[0])
            return start.at(x.sub(end, begin), left=True)[0]
        if p.law == "block":
            if empty and (p.duration is not None or p.until is not None):
                before = self.val(p.start) if p.start is not None else before
                if before is None:
                    raise Unsure
                return before
            if p.duration is None and p.until is None and p.shift is None:
                return start.passed()
            return start.at(x.sub(end, begin), left=True)[0]
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
        names = dict(self.scope.names)
        names.update((k, v) for k, v in (("t", t), ("u", u), ("start", start), ("end", target)) if v is not None)
        if not self.inside:
            names.update({"step": self.program.steps(now), "epoch": self.program.epochs(now), "now": now})
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
            names = {"step": self.program.steps(now), "epoch": self.program.epochs(now), "now": now}
            names.update(others)
            base = self.formula.value(Scope(self.program, names))
            return self.ruled((base[0], base[1] + abs(base[0]) * x.EPS), now)
        return self.ruled(self.of_phases(now, others), now)

    def of_phases(self, now, others=None):
        found = self.value_in(self.phases, now, others)
        if found is None:
            if self.problem:
                raise Unsure
            found = (self.last, abs(self.last[0]))
        base, size = found
        return base[0], base[1] + size * x.EPS

    def inner_value(self, entries, now, left):
        """value_in, in braces."""
        self.inside += 1
        try:
            return self.value_in(entries, now, None, left)
        finally:
            self.inside -= 1

    def value_in(self, entries, now, others, left=False):
        """The rate of the entry that holds, and the greatest number in it; None: behind all. left: at an end it still holds."""
        outer = self.scope
        for begin, end, p, start, target, length, scope, origin in entries:
            if end is not INFINITE and x.compare(now, end) >= (1 if left else 0):
                continue
            self.scope = scope
            try:
                return self.value_of(p, now, begin, start, target, length, others, left, origin)
            finally:
                self.scope = outer
        return None

    def value_of(self, p, now, begin, start, target, length, others, left, origin):
        if p.law in ("repeat", "block"):
            base, size = start.at(x.sub(now, begin))
        elif p.law == "points":
            base = self.points_at(p, x.sub(now, origin))
            size = max(abs(self.val(v)[0]) for _, v in p.points)
        else:
            base = self.law(p, now, begin, start, target, length, others=others)
            size = max(abs(v[0]) for v in (start, target, base) if v is not None)
        for rule in p.inside:
            base = self.scaled(rule, base, x.sub(now, begin), left)
        return base, size

    def ruled(self, base, now):
        for rule in self.program.scales:
            base = self.scaled(rule, base, now)
        if self.program.bounds:
            low, high = self.program.bounds
            base = (x.clamp(base, self.val(low), self.val(high))[0], base[1])   # a bound does not make sure what was not
        return base

    def times_of(self, rule):
        found = []
        for node in rule.times:
            v = self.val(node)
            found += v if isinstance(v, list) else [v]
        return found

    def scaled(self, rule, v, now, left=False):
        if rule.period is not None:
            period = self.val(rule.period)
            n = x.stairs(now, period)[0]
            if left and n > 0 and x.compare(x.mul((n, ZERO), period), now) == 0:
                n -= 1
        else:
            n = Decimal(sum(x.compare(t, now) <= (-1 if left else 0) for t in self.times_of(rule)))
        if n == 0:
            return v
        factor = self.val(rule.factor)
        if isinstance(factor, list):   # each time has a factor of its own
            for f in factor[:int(n)]:
                v = x.mul(v, f)
            return v[0], v[1] + abs(v[0]) * n * x.EPS
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

    def edges_of_braces(self, p, begin, made):
        """begin: where their clock does."""
        if p.law == "repeat":
            return [float(begin[0])] + self.edges_of_rounds(p, begin)
        found = [float(begin[0])] + [float(x.add(begin, e[1])[0]) for e in made.entries if e[1] is not INFINITE]
        return found + self.edges_of_rules(p.round_rules, begin, made.scope)

    def edges_of_rounds(self, p, begin):
        try:
            rounds = Rounds(self, p, exact(1))
            found = [float(x.add(begin, rounds.begin(c))[0]) for c in (1, 2, 3, 7)]
            return found + [float(x.add(begin, e[1])[0]) for e in rounds.round(0)[0] if e[1] is not INFINITE]
        except (Unsure, DecimalException):
            return []

    def edges(self):
        """Times where something changes, as floats: what steps to look at."""
        found = []
        for begin, end, p, start, *_ in self.phases:
            if end is not INFINITE:
                found.append(float(end[0]))
            if p.law in ("repeat", "block"):
                found += self.edges_of_braces(p, begin if start.shift is None else x.sub(begin, start.shift), start)
            elif p.shift is not None and end is not INFINITE:
                try:
                    found.append(float(end[0] - self.val(p.shift)[0]))
                except Unsure:
                    pass
        return found + self.edges_of_rules(self.program.scales, exact(0))

    def edges_of_rules(self, rules, begin, scope=None):
        found, outer = [], self.scope
        self.scope = scope or outer
        for rule in rules:
            try:
                if rule.period is not None:
                    period = self.val(rule.period)[0]
                    found += [float(begin[0] + k * period) for k in (1, 2, 3, 17)]
                else:
                    found += [float(begin[0] + t[0]) for t in self.times_of(rule)]
            except Unsure:
                pass
        self.scope = outer
        return found
