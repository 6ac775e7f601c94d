"""keras.optimizers.schedules on the torch backend: in float64 (floatx float64), and as it comes, in float32.

(Its jax backend takes a cosine in float32 even then.)"""

import math
import os

from .record import add, cos01, exact_cycle, load, phase, power as pw


def library():
    os.environ.setdefault("KERAS_BACKEND", "torch")
    load("torch")
    return load("keras")


def values(name, p, n, floatx):
    keras = library()
    before = keras.config.floatx()
    keras.config.set_floatx(floatx)
    try:
        schedule = getattr(keras.optimizers.schedules, name)(**p)
        return [float(schedule(t)) for t in range(n)]
    finally:
        keras.config.set_floatx(before)


def both(name, draw, length, formula, **options):
    note, rough = options.pop("note", ""), options.pop("rough", None)

    def text(p):
        return "use keras; " + phase("keras." + name, p)
    add("keras." + name, draw, length, formula, lambda p, n: values(name, p, n, "float64"), text=text, note=note, **options)
    add("keras." + name + " (float32)", draw, length, formula, lambda p, n: values(name, p, n, "float32"), arithmetic="float32",
        text=text, note="as the library comes", **dict(options, ulps=rough or options.get("ulps")))


def exponential(t, initial_learning_rate, decay_steps, decay_rate, staircase=False):
    p = t/decay_steps
    return initial_learning_rate*decay_rate**(math.floor(p) if staircase else p)


def inverse_time(t, initial_learning_rate, decay_steps, decay_rate, staircase=False):
    p = t/decay_steps
    return initial_learning_rate/(1 + decay_rate*(math.floor(p) if staircase else p))


def polynomial(t, initial_learning_rate, decay_steps, end_learning_rate=1e-4, power=1.0, cycle=False):
    span = decay_steps*(1 if t == 0 else math.ceil(t/decay_steps)) if cycle else decay_steps
    return (initial_learning_rate - end_learning_rate)*pw(1 - (t if cycle else min(t, span))/span, power) + end_learning_rate


def cosine(t, initial_learning_rate, decay_steps, alpha=0.0, warmup_target=None, warmup_steps=0):
    top = initial_learning_rate
    if warmup_target is not None:
        if t < warmup_steps:
            return top + (warmup_target - top)*(t/warmup_steps)
        t, top = t - warmup_steps, warmup_target
    return top*((1 - alpha)*cos01(min(t, decay_steps)/decay_steps) + alpha)


def restarts(t, initial_learning_rate, first_decay_steps, t_mul=2.0, m_mul=1.0, alpha=0.0):
    d = first_decay_steps
    i, start, length = (t//d, t - t % d, d) if t_mul == 1 else exact_cycle(t, d, t_mul)
    return initial_learning_rate*((1 - alpha)*m_mul**i*cos01((t - start)/length) + alpha)


def restart_unsure(p, t):
    """The library takes the floor of a quotient of logarithms: near a restart its rounding decides on the side."""
    mul, d = p.get("t_mul", 2.0), p["first_decay_steps"]
    _, start, length = exact_cycle(t, d, mul) if mul != 1 else (0, t - t % d, d)
    if mul != 1 and t > 0 and min(t - start, start + length - t) < 1e-3*length:
        return "floor(log) of the library decides whether the new cycle has begun"
    return None


def draw_time(r):
    return dict(initial_learning_rate=r.rate(), decay_steps=r.whole(1, 80), decay_rate=r.real(0.01, 2), **r.opt(staircase=r.chance()))


def draw_cosine(r):
    p = dict(initial_learning_rate=r.below(0.1), decay_steps=r.whole(1, 150), **r.opt(alpha=r.real(0, 1)))
    if r.chance(0.6):
        p.update(warmup_target=r.rate(0.1), warmup_steps=r.whole(0, 50))
    return p


def draw_piecewise(r):
    boundaries = r.wholes(0, 100, distinct=True)
    return dict(boundaries=boundaries, values=[r.rate() for _ in range(len(boundaries) + 1)])


both("ExponentialDecay", draw_time, lambda p: 3*p["decay_steps"], exponential, rough=256)
both("InverseTimeDecay", draw_time, lambda p: 3*p["decay_steps"], inverse_time)
both("PiecewiseConstantDecay", draw_piecewise, lambda p: p["boundaries"][-1],
     lambda t, boundaries, values: values[sum(b < t for b in boundaries)], note="the boundary belongs to the piece before")
both("PolynomialDecay", lambda r: dict(initial_learning_rate=r.rate(), decay_steps=r.whole(1, 100), **r.opt(
    end_learning_rate=r.below(1e-2), power=r.choice([0.5, 1.0, 2.0, r.real(0.3, 4)]), cycle=r.chance())), lambda p: 3*p["decay_steps"], polynomial)
both("CosineDecay", draw_cosine, lambda p: p["decay_steps"] + p.get("warmup_steps", 0), cosine)
both("CosineDecayRestarts", lambda r: dict(initial_learning_rate=r.rate(), first_decay_steps=r.whole(1, 40), **r.opt(
    t_mul=r.choice([1.0, 2.0, 3.0, 1.5]), m_mul=r.factor(), alpha=r.real(0, 0.5))), lambda p: 10*p["first_decay_steps"], restarts,
     skip=restart_unsure, ulps=64, note="floor(log) at restarts")
