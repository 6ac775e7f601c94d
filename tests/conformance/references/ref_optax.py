"""optax.schedules, in float64 (jax with x64), where its formulas are held to 1e-12, and as it comes, in float32."""

import math

from .record import add, cos01, load, phase, power as pw


POWERS = 256      # a power multiplies the rounding error of its base


def values(make, n, x64):
    """make() builds the schedule while the precision is set. It is called step by step: XLA divides an array of steps by way of a reciprocal."""
    jax = load("jax")
    optax = load("optax")
    with jax.enable_x64(x64):
        schedule = make(optax)
        return [float(schedule(jax.numpy.asarray(t))) for t in range(n)]


def both(name, draw, length, formula, make=None, **options):
    """Two records: the formula in float64, and the library as it comes, in float32."""
    make = make or (lambda optax, p: getattr(optax, name)(**p))
    note = options.pop("note", "")
    rough = options.pop("rough", None)
    text = options.pop("text", None) or (lambda p: "use optax; " + phase("optax." + name, p))
    add("optax." + name, draw, length, formula, live=lambda p, n: values(lambda o: make(o, p), n, True), note=note, text=text, **options)
    add("optax." + name + " (float32)", draw, length, formula, live=lambda p, n: values(lambda o: make(o, p), n, False),
        arithmetic="float32", text=text, note="as the library comes",
        **dict(options, ulps=rough or options.get("ulps")))


def polynomial(t, init_value, end_value, power, transition_steps, transition_begin=0):
    if transition_steps <= 0:
        return init_value
    c = min(max(t - max(transition_begin, 0), 0), transition_steps)
    return (init_value - end_value)*pw(1 - c/transition_steps, power) + end_value


def linear(t, init_value, end_value, transition_steps, transition_begin=0):
    return polynomial(t, init_value, end_value, 1, transition_steps, transition_begin)


def exponential(t, init_value, transition_steps, decay_rate, transition_begin=0, staircase=False, end_value=None):
    if transition_steps <= 0 or decay_rate == 0:
        return init_value
    d = t - max(transition_begin, 0)
    p = d/transition_steps
    v = init_value if d <= 0 else init_value*decay_rate**(math.floor(p) if staircase else p)
    if end_value is not None:
        v = max(v, end_value) if decay_rate < 1 else min(v, end_value)
    return v


def cosine(t, init_value, decay_steps, alpha=0.0, exponent=1.0):
    return init_value*((1 - alpha)*cos01(min(t, decay_steps)/decay_steps)**exponent + alpha)


def piecewise_constant(t, init_value, boundaries, scales):
    for b, s in zip(boundaries, scales):
        if t >= b:
            init_value *= s
    return init_value


def interpolate(t, kind, init_value, knots):
    """knots: (boundary, scale), ascending, each boundary once."""
    at, value = 0, init_value
    for b, s in knots:
        after = value*s
        if at <= t < b:
            u = (t - at)/max(b - at, 1)
            return (after - value)*u + value if kind == "linear" else after + (value - after)/2.0*(math.cos(math.pi*u) + 1)
        at, value = b, after
    return value


def warmup_cosine(t, init_value, peak_value, warmup_steps, decay_steps, end_value=0.0, exponent=1.0):
    if t < warmup_steps:
        return linear(t, init_value, peak_value, warmup_steps)
    return cosine(t - warmup_steps, peak_value, decay_steps - warmup_steps, end_value/peak_value if peak_value else 0.0, exponent)


def warmup_exponential(t, init_value, peak_value, warmup_steps, transition_steps, decay_rate, transition_begin=0, staircase=False,
                       end_value=None):
    if t < warmup_steps:
        return linear(t, init_value, peak_value, warmup_steps)
    return exponential(t - warmup_steps, peak_value, transition_steps, decay_rate, transition_begin, staircase, end_value)


def scaled(p):
    return {b: s for b, s in zip(p["boundaries"], p["scales"])}


def draw_scales(r):
    boundaries = r.wholes(0, 150, distinct=True)
    return dict(boundaries=boundaries, scales=[r.choice([0.1, 0.5, 2.0, 0.0, r.real(0.01, 3)]) for _ in boundaries])


def draw_polynomial(r):
    return dict(init_value=r.rate(), end_value=r.below(1e-2), power=r.choice([0.5, 1.0, 2.0, 0.9, r.real(0.3, 4)]),
                transition_steps=r.whole(0, 150), **r.opt(transition_begin=r.whole(-3, 40)))


def draw_linear(r):
    p = draw_polynomial(r)
    p.pop("power")
    return p


def draw_exponential(r):
    init = r.rate()
    p = dict(init_value=init, transition_steps=r.whole(0, 60), decay_rate=r.choice([0.0, 0.5, 0.9, 0.1, 1.2, r.real(0.01, 1.5)]),
             **r.opt(transition_begin=r.whole(-3, 30), staircase=r.chance()))
    if r.chance(0.4):
        p["end_value"] = init*0.25 if p["decay_rate"] < 1 else init*4
    return p


def draw_warmup_cosine(r):
    peak = r.rate()
    w = r.whole(0, 50)
    return dict(init_value=r.below(peak), peak_value=peak, warmup_steps=w, decay_steps=w + r.whole(1, 150),
                **r.opt(end_value=r.below(peak), exponent=r.choice([1.0, 2.0, 0.5])))


def draw_warmup_exponential(r):
    peak = r.rate()
    p = draw_exponential(r)
    p.pop("init_value")
    end = p.pop("end_value", None)
    p = dict(init_value=r.below(peak), peak_value=peak, warmup_steps=r.whole(0, 40), **p)
    if end is not None:
        p["end_value"] = peak*0.25 if p["decay_rate"] < 1 else peak*4
    return p


def draw_onecycle(r, final=False):
    p = dict(transition_steps=r.whole(1, 200), peak_value=r.rate(),
             **r.opt(pct_start=r.real(0, 0.6), div_factor=r.real(1, 50), final_div_factor=r.choice([1.0, 100.0, 1e4])))
    if final and r.chance():
        p["pct_final"] = r.real(max(0.3, p.get("pct_start", 0.3)), 1)
    return p


def onecycle_knots(t, peak, pct_start, pct_final, div, final):
    """As a Python dict holds them: of equal boundaries the last scale counts, so that a peak may be lost."""
    knots = {int(pct_start*t): div}
    if pct_final is None:
        knots[int(t)] = 1/(div*final)
    else:
        knots[int(pct_final*t)] = 1/div
        knots[t] = 1/final
    return peak/div, sorted(knots.items())


def cosine_onecycle(t, transition_steps, peak_value, pct_start=0.3, div_factor=25.0, final_div_factor=1e4):
    return interpolate(t, "cosine", *onecycle_knots(transition_steps, peak_value, pct_start, None, div_factor, final_div_factor))


def linear_onecycle(t, transition_steps, peak_value, pct_start=0.3, pct_final=0.85, div_factor=25.0, final_div_factor=1e4):
    return interpolate(t, "linear", *onecycle_knots(transition_steps, peak_value, pct_start, pct_final, div_factor, final_div_factor))


both("constant_schedule", lambda r: dict(value=r.rate()), lambda p: 20, lambda t, value: value)
both("linear_schedule", draw_linear, lambda p: p["transition_steps"] + max(0, p.get("transition_begin", 0)), linear)
both("polynomial_schedule", draw_polynomial, lambda p: p["transition_steps"] + max(0, p.get("transition_begin", 0)), polynomial,
     note="no steps: the start value, not the end, for ever")
both("piecewise_constant_schedule", lambda r: dict(init_value=r.rate(), **draw_scales(r)), lambda p: p["boundaries"][-1],
     piecewise_constant, lambda o, p: o.piecewise_constant_schedule(p["init_value"], scaled(p)),
     note="a dict there, two lists here; the scales multiply")
both("piecewise_interpolate_schedule", lambda r: dict(interpolate_type=r.choice(["linear", "cosine"]), init_value=r.rate(), **draw_scales(r)),
     lambda p: p["boundaries"][-1],
     lambda t, interpolate_type, init_value, boundaries, scales: interpolate(t, interpolate_type, init_value, list(zip(boundaries, scales))),
     lambda o, p: o.piecewise_interpolate_schedule(p["interpolate_type"], p["init_value"], scaled(p)))
both("exponential_decay", draw_exponential, lambda p: 3*p["transition_steps"] + 30, exponential, rough=POWERS)
both("cosine_decay_schedule", lambda r: dict(init_value=r.rate(), decay_steps=r.whole(1, 200),
                                             **r.opt(alpha=r.real(0, 1), exponent=r.choice([1.0, 2.0, 0.5, 3.0]))),
     lambda p: p["decay_steps"], cosine, rough=POWERS)
both("linear_onecycle_schedule", lambda r: draw_onecycle(r, True), lambda p: p["transition_steps"], linear_onecycle,
     note="knots at whole steps; of knots at one step only the last counts")
both("cosine_onecycle_schedule", draw_onecycle, lambda p: p["transition_steps"], cosine_onecycle)
both("warmup_constant_schedule", lambda r: dict(init_value=r.below(1e-2), peak_value=r.rate(), warmup_steps=r.whole(0, 80)),
     lambda p: p["warmup_steps"], lambda t, init_value, peak_value, warmup_steps: linear(t, init_value, peak_value, warmup_steps),
     note="warmup_steps=0 never reaches the peak")
both("warmup_cosine_decay_schedule", draw_warmup_cosine, lambda p: p["decay_steps"], warmup_cosine, rough=POWERS)
both("warmup_exponential_decay_schedule", draw_warmup_exponential, lambda p: p["warmup_steps"] + 3*p["transition_steps"],
     warmup_exponential, rough=POWERS)


def sgdr(t, cosine_kwargs):
    for i, k in enumerate(cosine_kwargs):
        if t < k["decay_steps"] or i == len(cosine_kwargs) - 1:
            return warmup_cosine(t, **k)
        t -= k["decay_steps"]
    return None


def sgdr_text(p):
    parts = [phase("optax.warmup_cosine_decay_schedule", k) + " for %d" % k["decay_steps"] for k in p["cosine_kwargs"][:-1]]
    return "use optax; " + "; ".join(parts + [phase("optax.warmup_cosine_decay_schedule", p["cosine_kwargs"][-1])])


both("sgdr_schedule", lambda r: dict(cosine_kwargs=[draw_warmup_cosine(r) for _ in range(r.randint(1, 3))]),
     lambda p: sum(k["decay_steps"] for k in p["cosine_kwargs"]), sgdr, text=sgdr_text,
     rough=POWERS)

JOINED = {
    "linear_schedule": (linear, draw_linear),
    "cosine_decay_schedule": (cosine, lambda r: dict(init_value=r.rate(), decay_steps=r.whole(1, 60), alpha=r.real(0, 1))),
    "exponential_decay": (exponential, lambda r: dict(init_value=r.rate(), transition_steps=r.whole(1, 30), decay_rate=r.real(0.1, 0.99))),
    "constant_schedule": (lambda t, value: value, lambda r: dict(value=r.rate())),
}


def draw_join(r):
    names = [r.choice(list(JOINED)) for _ in range(r.randint(1, 4))]
    at, boundaries = 0, []
    for _ in names[1:]:
        at += r.whole(1, 40)
        boundaries.append(at)
    return dict(schedules=[[n, JOINED[n][1](r)] for n in names], boundaries=boundaries)


def join(t, schedules, boundaries):
    k = sum(b <= t for b in boundaries)
    name, p = schedules[k]
    return JOINED[name][0](t - ([0] + boundaries)[k], **p)


def join_text(p):
    parts = []
    for (name, q), until in zip(p["schedules"], p["boundaries"] + [None]):
        parts.append(phase("optax." + name, q) + (" until %d" % until if until is not None else ""))
    return "use optax; " + "; ".join(parts)


both("join_schedules", draw_join, lambda p: ([0] + p["boundaries"])[-1] + 40, join,
     lambda o, p: o.join_schedules([getattr(o, n)(**q) for n, q in p["schedules"]], p["boundaries"]), text=join_text,
     rough=POWERS)
