"""Templates and standard modules: their definitions, and random calls of them.

In: a generator. Out: phases that are calls (Phase "block"), with what their templates are made of for meaning.py; parts of
expressions. Calls parts.py and expression.py.
"""
import expression as x
from expression import Binary, Call, List, Name, Number, Part, Text, Unary, Unsure
from meaning import Meaning, View
from parts import Output, Phase, Scale, fraction, rate, whole

# {METRIC} is where a rule names what it watches; {WATCHED} where a parameter does.
TEMPLATES = {
    "falls": '''def falls(milestones, gamma = 0.1, *, lr = start) {
  require len(milestones) > 0 and gamma > 0 "there are milestones, and gamma is above 0"
  hold lr
  at milestones *gamma
}''',
    "triangle": '''def triangle(top: number, length: duration, way: law = linear) {
  require length > 0 "length must be above 0"
  note "it comes back to where it started"
  note length > 50 "it takes its time"
  let half = length/2
  way half -> top
  then way half -> start
}''',
    "blend": '''def blend(low, how = "linear", n: duration = 100) {
  require how == "cosine" or how == "linear" or how == "line" "how must be \\"cosine\\" or \\"linear\\""
  note how == "cosine" "it is slow at both ends"
  curve if(how == "cosine", start + (low - start)*hcos(u), start + (low - start)*u) for n
}''',
    "table": '''def table(boundaries, values) {
  piecewise boundaries=boundaries values=values
}''',
    "after": '''def after(n: duration, low: number, at_half = n/2) {
  falls([at_half], 0.5) for n
  linear n -> low
}''',
    "damped": '''def damped(n: duration, *, a = start) {
  let f = clamp(a, 0.2, 0.9)
  linear n -> a/2
  at (n/2) *f floor=f/1000
  every (n/3) *clamp(start, 0.5, 1.5)
}''',
    "pulled": '''def pulled(n: duration, low, a = start) {
  damped(n, a=a)
  linear n -> low
}''',
    "fading": '''def fading(n: duration, how: law = power) {
  how s=n for 2*n
}''',
    "rounds_of": '''def rounds_of(n, length: duration, top) {
  repeat n {
    cosine length from top/(cycle + 1) -> top/10
  }
}''',
    "weigh": '''def weigh(times, f: number = 0.5, n: duration = 100) {
  curve start*product(if(t >= times, f, 1)) for n
}''',
    "patient": '''def patient({FORMAL}f: number = 0.5, p = 3, lr = start) {
  hold lr
  on plateau({WATCHED}patience=p) *f
}''',
    "flat": '''def flat(p, f: number = 0.5) {
  hold start until plateau({METRIC}patience=p)
  linear 10 -> *f
}''',
}

# Calls of standard modules. {d} a length, {r} a rate, {f} a factor, {n} a small number, {L} times, {V} as many factors, {W} one more.
# Those of the first list take the rate that they start from, those of the second say their own. WATCH: it has a rule that observes.
MODULES = [
    "torch.MultiplicativeLR({f})", "torch.StepLR({d}, gamma={f})", "torch.StepLR(step_size={d})", "torch.MultiStepLR({L}, gamma={f})",
    "torch.ConstantLR(factor={f}, total_iters={d})", "torch.LinearLR({f}, 1, {d})", "torch.LinearLR(total_iters={d})", "torch.ExponentialLR({f})",
    "torch.PolynomialLR({d}, power={n})", "torch.CosineAnnealingLR({d}, eta_min={r})", "torch.CosineAnnealingWarmRestarts({d}, T_mult={n}, eta_min={r})",
    "WATCH torch.ReduceLROnPlateau(patience={n}, factor={f}, cooldown={n})", "WATCH torch.ReduceLROnPlateau(mode=\"max\", threshold_mode=\"abs\")",
    "hf.get_constant_schedule()", "hf.get_constant_schedule_with_warmup({d})", "hf.get_linear_schedule_with_warmup({d}, {d})",
    "hf.get_cosine_schedule_with_warmup({d}, {d})", "hf.get_cosine_with_hard_restarts_schedule_with_warmup({d}, {d}, num_cycles={n})",
    "hf.get_polynomial_decay_schedule_with_warmup({d}, {d}, lr_end={r}, power={n})", "hf.get_inverse_sqrt_schedule({d})",
    "hf.get_cosine_with_min_lr_schedule_with_warmup({d}, {d}, min_lr_rate={f})", "hf.get_wsd_schedule({d}, {d}, num_stable_steps={d})",
    "hf.get_wsd_schedule({d}, {d}, {d}, warmup_type=\"cosine\", decay_type=\"1-sqrt\", min_lr_ratio={f})",
    "WATCH hf.get_reduce_on_plateau_schedule(patience={n})", "WATCH optax.reduce_on_plateau(factor={f}, patience={n}, accumulation_size={n})",
    "timm.StepLRScheduler({d}, {f}, warmup_t={d}, warmup_lr_init={r})", "timm.MultiStepLRScheduler({L}, {f}, warmup_t={d}, warmup_prefix=False)",
    "timm.CosineLRScheduler({d}, lr_min={r}, cycle_mul={n}, cycle_limit={n}, warmup_t={d})", "timm.TanhLRScheduler({d}, cycle_decay={f})",
    "WATCH keras.ReduceLROnPlateau(patience={n}, min_delta=0.01)", "nanogpt.get_lr({d}, {d})", "llmc.wsd({d}, {d}, {f})",
]
MODULES_WITH_RATES = [
    "torch.CyclicLR({r}, {r}, {d}, mode=\"triangular2\")", "torch.CyclicLR(base_lr={r}, max_lr={r}, step_size_up={d}, mode=\"exp_range\", gamma={f})",
    "torch.OneCycleLR({r}, {d})", "torch.OneCycleLR(max_lr={r}, total_steps={d}, anneal_strategy=\"linear\", three_phase=True)",
    "torch.OneCycleLR_momentum(total_steps={d}, pct_start={f})", "torch.CyclicLR_momentum(step_size_up={d}, step_size_down={d})",
    "optax.constant_schedule({r})", "optax.polynomial_schedule({r}, {r}, {n}, {d}, {d})", "optax.linear_schedule({r}, {r}, {d}, transition_begin={d})",
    "optax.piecewise_constant_schedule({r}, {L}, {V})", "optax.piecewise_interpolate_schedule(\"cosine\", {r}, {L}, {V})",
    "optax.piecewise_interpolate_schedule(\"linear\", {r}, boundaries={L}, scales={V})", "optax.exponential_decay({r}, {d}, {f}, staircase=true)",
    "optax.exponential_decay({r}, {d}, {f}, {d}, false, {r})", "optax.cosine_decay_schedule({r}, {d}, alpha={f})",
    "optax.linear_onecycle_schedule({d}, {r})", "optax.cosine_onecycle_schedule({d}, {r}, div_factor={n})",
    "optax.warmup_cosine_decay_schedule({r}, {r}, 10, {d} + 10, {r})", "optax.warmup_exponential_decay_schedule({r}, {r}, {d}, {d}, {f})",
    "keras.PiecewiseConstantDecay({L}, {W})", "keras.PolynomialDecay({r}, {d}, cycle=True)", "keras.CosineDecayRestarts({r}, {d}, m_mul={f})",
    "keras.CosineDecay({r}, {d}, {f}, warmup_target={r}, warmup_steps={d})", "fastai.fit_one_cycle({r}, total={d})", "fastai.fit_one_cycle_momentum(total={d})",
    "fastai.fit_sgdr({n}, {d}, {r})", "fvcore.MultiStepParamScheduler({V}, milestones={L})", "fvcore.StepParamScheduler(10, {W}, max_iter={d})",
]


ONLY_BY_NAME = {("falls", "lr"), ("damped", "a")}

# What may be a phase of a round that says its start and its end; "after" and "pulled" end at a rate of their own, wherever they start.
IN_ROUNDS = ("falls", "triangle", "table", "damped", "fading", "pulled")


class Calls:
    """A part of the generator: it has self.r and self.p of it."""

    def call_of(self, name, arguments):
        """(parameter, node, text, or None to leave it out), in the order of the definition; those of ONLY_BY_NAME have no place."""
        r = self.r
        by_place, by_name, in_order = [], [], r.chance(60)
        for formal, value in arguments:
            if value is None:
                in_order = False
                self.tag("template: argument left out")
                continue
            text = value if isinstance(value, str) else value.text()
            if in_order and r.chance(80) and (name, formal) not in ONLY_BY_NAME:
                by_place.append(text)
                self.tag("template: argument by position")
            else:
                in_order = False
                by_name.append("%s=%s" % (formal, text))
                self.tag("template: argument by name")
        return name + "(" + ", ".join(by_place + r.shuffled(by_name)) + ")"

    def use_template(self, name):
        metrics = [i for i in self.inputs if i != "elapsed"]
        many = len(metrics) > 1
        text = TEMPLATES.get(name, "").replace("{FORMAL}", "watched, " if many else "").replace("{WATCHED}", "watched, " if many else "")
        if text:
            self.p.templates[name] = text.replace("{METRIC}", metrics[-1] + ", " if many else "")

    def maybe(self, make, percent=60):
        return make() if self.r.chance(percent) else None

    def times(self, n):
        """A list of ascending times, as a node, and as many factors."""
        r, at, found = self.r, 0, []
        if "marks" in self.p.lets and n == len(self.p.lets["marks"].elements) and r.chance(60):
            return Name("marks")
        for _ in range(n):
            at += r.range(1, self.length)
            found.append(Number(str(at), at))
        return List(found)

    def of_template(self, name, q):
        """The call, the body and the rules for meaning; what it starts from is `start` there."""
        r = self.r
        hold = Phase("hold")
        q.needs_start, q.open_body = True, name in ("falls", "patient", "common_falls")
        if name == "common_falls":
            marks, gamma = self.maybe(lambda: self.times(r.range(1, 4))), self.maybe(self.factor)
            s = Scale()
            s.times, s.factor = [marks or Name("common_times")], gamma or Name("common_factor")
            q.body, q.round_rules = [hold], [s]
            self.tag("template of a file")
            return self.call_of(name, [("milestones", marks), ("gamma", gamma)])
        if name in ("falls", "patient"):
            lr = self.maybe(lambda: rate(r), 25)
            hold.value = lr
            q.needs_start = lr is None
        if name == "falls":
            marks, gamma = self.times(r.range(1, 4)), self.maybe(self.factor)
            self.tag("template: list argument")
            self.tag("template with rules")
            s = Scale()
            s.times, s.factor = [marks], gamma if gamma is not None else Number("0.1", "0.1")
            q.body, q.round_rules = [hold], [s]
            return self.call_of(name, [("milestones", marks), ("gamma", gamma), ("lr", lr)])
        if name == "triangle":
            top, length, way = self.positive(1), self.nonzero_duration(), self.maybe(lambda: r.pick(["cosine", "sqrt", "smoothstep", "linear"]))
            q.body = []
            for target in (top, Name("start")):
                w = Phase("law", way or "linear")
                w.duration, w.target = Binary("/", length, Number("2", 2)), target
                q.body.append(w)
            if way:
                self.tag("template: law argument")
            return self.call_of(name, [("top", top), ("length", length), ("way", way)])
        if name == "blend":
            low, how, n = rate(r), self.maybe(lambda: r.pick(["cosine", "linear", "line"])), self.maybe(self.nonzero_duration)
            u = Call("hcos", [Name("u")]) if how == "cosine" else Name("u")
            w = Phase("curve")
            w.duration = n if n is not None else Number("100", 100)
            w.value = Binary("+", Name("start"), Binary("*", Binary("-", low, Name("start")), u))
            q.body = [w]
            if how:
                self.tag("template: text argument")
            text = "how" if "how" in self.p.lets and self.p.lets["how"].written == how else how and '"%s"' % how
            return self.call_of(name, [("low", low), ("how", text), ("n", n)])
        if name == "table":
            n = r.range(1, 4)
            marks, values = self.times(n), [self.positive(0) for _ in range(n + 1)]
            elements = marks.elements if isinstance(marks, List) else self.p.lets["marks"].elements
            q.body = []
            for k, value in enumerate(values):
                w = Phase("hold")
                w.value, w.until = value, elements[k] if k < n else None
                q.body.append(w)
            self.tag("piecewise in a template")
            self.tag("template: list argument")
            q.needs_start, q.open_body = False, True
            return self.call_of(name, [("boundaries", marks), ("values", List(values))])
        if name == "after":
            self.use_template("falls")
            n, low, half = self.nonzero_duration(), self.positive(1), self.maybe(lambda: whole(r, 0, self.length), 40)
            inner = Phase("block")
            inner.body, inner.duration, inner.open_body = [hold], n, True
            s = Scale()
            s.times, s.factor = [half if half is not None else Binary("/", n, Number("2", 2))], Number("0.5", "0.5")
            inner.round_rules = [s]
            w = Phase("law", "linear")
            w.duration, w.target = n, low
            q.body = [inner, w]
            self.tag("template in a template")
            if half is None:
                self.tag("template: default of a parameter before")
            return self.call_of(name, [("n", n), ("low", low), ("at_half", half)])
        if name in ("damped", "pulled"):
            n, low, a = self.nonzero_duration(), self.positive(1), self.maybe(lambda: self.positive(0), 30)
            q.body = self.damped_body(n, a)
            arguments = [("n", n), ("low", low), ("a", a)] if name == "pulled" else [("n", n), ("a", a)]
            self.tag("rule of a template that depends on start")
            if name == "damped":
                q.round_rules = self.damped_rules(n, a)
                return self.call_of(name, arguments)
            self.use_template("damped")
            inner, w = Phase("block"), Phase("law", "linear")
            inner.body, inner.round_rules = q.body, self.damped_rules(n, a)
            w.duration, w.target = n, low
            q.body = [inner, w]
            self.tag("template in a template")
            return self.call_of(name, arguments)
        if name == "fading":
            n, w = self.nonzero_duration(), Phase("law", "power")
            how = self.maybe(lambda: r.pick(["exp", "power"] + [f.name for f in self.p.functions if f.keyword == "decay" and f.formals[1][0] == "s"]), 80)
            w.shape, w.args, w.duration = how or "power", {"s": n}, Binary("*", Number("2", 2), n)
            w.function = next((f for f in self.p.functions if f.name == how and f.formals[1][0] == "s"), None)
            q.body = [w]
            if how:
                self.tag("template: decay as an argument")
            return self.call_of(name, [("n", n), ("how", how)])
        if name == "rounds_of":
            count = Name("rounds") if "rounds" in self.p.params and r.chance(40) else Number(str(k := r.range(1, 4)), k)
            length, top = self.nonzero_duration(), self.positive(1)
            w, again = Phase("law", "cosine"), Phase("repeat")
            w.duration, w.start = length, Binary("/", top, Binary("+", Name("cycle"), Number("1", 1)))
            w.target = Binary("/", top, Number("10", 10))
            again.body, again.count = [w], count
            q.body = [again]
            self.tag("repeat in a template")
            q.needs_start = False
            return self.call_of(name, [("n", count), ("length", length), ("top", top)])
        if name == "weigh":
            marks, f, n = self.times(r.range(1, 4)), self.maybe(lambda: fraction(r)), self.maybe(self.nonzero_duration)
            w = Phase("curve")
            w.duration = n if n is not None else Number("100", 100)
            part = Call("if", [Binary(">=", Name("t"), marks), f if f is not None else Number("0.5", "0.5"), Number("1", 1)])
            w.value = Binary("*", Name("start"), Call("product", [part]))
            q.body = [w]
            self.tag("template: list argument")
            self.tag("if of a list")
            return self.call_of(name, [("times", marks), ("f", f), ("n", n)])
        if name == "patient":
            q.body = [hold]
            arguments = [("f", self.maybe(lambda: fraction(r))), ("p", self.maybe(lambda: r.pick(["0", "1", "2"]))), ("lr", lr)]
            metrics = [i for i in self.inputs if i != "elapsed"]
            if len(metrics) > 1:
                arguments.insert(0, ("watched", r.pick(metrics)))
                self.tag("template: input as an argument")
            self.tag("template with rules")
            return self.call_of(name, arguments)
        f = self.maybe(lambda: fraction(r))
        q.body = [hold]   # which only an event ends
        self.tag("template with events in its phases")
        return self.call_of(name, [("p", r.pick(["0", "1", "2", "3"])), ("f", f)])

    def damped_body(self, n, a):
        w = Phase("law", "linear")
        w.duration, w.target = n, Binary("/", a if a is not None else Name("start"), Number("2", 2))
        return [w]

    def damped_rules(self, n, a):
        by_half, by_third = Scale(), Scale()
        f = Call("clamp", [a if a is not None else Name("start"), Number("0.2", "0.2"), Number("0.9", "0.9")])
        by_half.times, by_half.factor, by_half.floor = [Binary("/", n, Number("2", 2))], f, Binary("/", f, Number("1000", 1000))
        by_third.period, by_third.factor = Binary("/", n, Number("3", 3)), Call("clamp", [Name("start"), Number("0.5", "0.5"), Number("1.5", "1.5")])
        return [by_half, by_third]

    def shift_of_braces(self, q, construct):
        """`shift=` of a call or a repeat: a part of it, more than all of it, back."""
        r = self.r
        kind = r.below(10)
        if kind < 3:
            q.shift = r.pick([Number("1", 1), Number("0.5", "0.5"), Number("5", 5), Number("0", 0)])
        elif kind < 6:
            q.shift = whole(r, 1, 3 * self.length)
        elif kind < 7:
            q.shift = self.duration(1)
        else:
            q.shift = Unary("-", r.pick([Number("1", 1), Number("2", 2), whole(r, 1, self.length)]))
        if self.short and r.chance(30):
            name = Name(r.pick(self.short))
            q.shift = r.pick([name, Unary("-", name), Binary("-", name, whole(r, 1, self.length)), Binary("*", Number("3", 3), name)])
            if construct != "a module":
                self.tag("shift of %s by a param" % construct)
        if isinstance(q.shift, Unary) and construct != "a module":
            self.tag("negative shift of " + construct)
        self.tag("shift of " + construct)

    def template_names(self):
        """Those that may stand where the generator is."""
        names = ["falls", "triangle", "blend", "table", "after", "rounds_of", "weigh", "damped", "damped", "pulled", "fading"] + (["common_falls"] * 5 if self.uses_file else [])
        metrics = [i for i in self.inputs if i != "elapsed"]
        return names + (["patient"] * (5 if len(metrics) > 1 else 1) if self.nest == 0 else []) + (["flat"] if self.nest == 0 and not self.endless else [])

    def of_module(self, q, may_watch=True):
        r = self.r
        metrics = [i for i in self.inputs if i != "elapsed"]
        choices = MODULES + MODULES_WITH_RATES
        text = r.pick(choices)
        while text.startswith("WATCH") and (not may_watch or len(metrics) > 1):
            text = r.pick(choices)
        q.needs_start, q.open_body, q.body = text in MODULES, True, None
        text = text.replace("WATCH ", "")
        self.p.modules.add(text.split(".")[0])
        n = r.range(1, 4)
        marks = self.times(n)
        self.p.hints += [e.number for e in marks.elements] if isinstance(marks, List) else []
        makers = {"d": lambda: whole(r, 1, self.length), "r": lambda: Name("peak") if "peak" in self.p.params and r.chance(30) else rate(r),
                  "f": lambda: Name("gamma") if "gamma" in self.p.params and r.chance(30) else fraction(r), "n": lambda: whole(r, 1, 3), "L": lambda: marks,
                  "V": lambda: List([fraction(r) for _ in range(n if isinstance(marks, List) else len(self.p.lets["marks"].elements))]),
                  "W": lambda: List([rate(r) for _ in range(1 + (n if isinstance(marks, List) else len(self.p.lets["marks"].elements)))])}
        out, rest = "", text
        while "{" in rest:
            before, rest = rest.split("{", 1)
            node = makers[rest[0]]()
            if isinstance(node, Number) and rest[0] == "d":
                self.p.hints.append(node.number)
            out, rest = out + before + node.text(), rest[2:]
        return out + rest

    def call_phase(self, first, last, is_round=False):
        """A phase that is a call."""
        r, q = self.r, Phase("block")
        if r.chance(40) and not is_round:
            q.call = self.of_module(q, self.nest == 0)
            self.tag("module as a phase")
            if self.in_other:
                self.tag("module in another output")
            name = ""
        else:
            name = r.pick([n for n in self.template_names() if not is_round or n in IN_ROUNDS])
            q.call = self.of_template(name, q)
            self.use_template(name)
            if self.in_other:
                self.tag("template in another output")
            if self.nest:
                self.tag("template in a repeat")
            if not (first and last):
                self.tag("template among phases")
        if (q.needs_start and first) or r.chance(20) or is_round:
            q.start = self.positive(1)
            if is_round and name in ("triangle", "table", "fading") and r.chance(50):
                q.start = self.by_round(q.start)
                self.tag("template from a rate of the round")
        if name == "flat":
            return q
        if (q.open_body and not last) or is_round or r.chance(15):
            self.tag("template with an end")
            if is_round or r.chance(70):
                q.duration, q.for_word = self.nonzero_duration(), True
            else:
                at = len(self.p.phases) * self.length
                q.until = Binary("+", Number(str(at), at), self.nonzero_duration())
        if r.chance(15) and self.nest < 2 and name:
            q.inside = self.scales_inside(1)
            self.tag("template with rules at its call")
        if r.chance(30 if name else 8) and name != "flat":
            self.shift_of_braces(q, "a template" if name else "a module")
        return q

    def call_part(self):
        """A call as a part of an expression: it starts from 1."""
        r, q = self.r, Phase("block")
        nest, self.nest = self.nest, 1     # no events in it
        if r.chance(40):
            q.call = self.of_module(q, False)
            self.tag("module in a formula")
        else:
            name = r.pick(self.template_names())
            q.call = self.of_template(name, q)
            self.use_template(name)
            self.tag("template in a formula")
        self.nest = nest
        known = {}

        def of(program, now):
            if q.body is None:
                raise Unsure
            if "part" not in known:
                known["part"] = Meaning(View(program, Output("", [q])), start=(x.ONE, x.ZERO))
            return known["part"].of_phases(now)
        return Part(q.call, of)
