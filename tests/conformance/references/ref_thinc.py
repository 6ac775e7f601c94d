"""thinc.schedules at each step. Where a scheduler has a parameter t, an offset, the step has another name in its formula."""

import math

from .record import add, load, phase


def live(name):
    return lambda p, n: [float(v) for v in map(getattr(load("thinc.schedules"), name)(**p), range(n))]


def compounding(step, start, stop, compound, t=0.0):
    v = start*compound**(step + t)
    return max(v, stop) if start > stop else min(v, stop)


def warmup_linear(t, initial_rate, warmup_steps, total_steps):
    w = warmup_steps
    return initial_rate*(t/max(1, w) if t < w else max(0.0, (total_steps - t)/max(1.0, total_steps - w)))


def slanted(step, max_rate, num_steps, cut_frac=0.1, ratio=32, t=0.0):
    cut, s = int(num_steps*cut_frac), step + t + 1
    p = s/cut if s < cut else 1 - (s - cut)/(cut*(1/cut_frac - 1))
    return max_rate*(1 + p*(ratio - 1))*(1/ratio)


def triangular(t, min_lr, max_lr, period):
    i = t + 1
    x = abs(i/period - 2*math.floor(1 + i/(2*period)) + 1)
    return min_lr + (max_lr - min_lr)*max(0, 1 - x)


def draw_slanted(r):
    p = dict(max_rate=r.rate(), num_steps=r.whole(20, 200), **r.opt(ratio=r.whole(1, 50), t=float(r.whole(0, 10))))
    if r.chance():
        p["cut_frac"] = r.real(0.05, 0.9)
    return p


add("thinc.constant", lambda r: dict(rate=r.rate()), lambda p: 20, lambda t, rate: rate, live("constant"))
add("thinc.decaying", lambda r: dict(base_rate=r.rate(), decay=r.real(0, 1), **r.opt(t=float(r.whole(0, 20)))), lambda p: 120,
           lambda step, base_rate, decay, t=0.0: base_rate*(1/(1 + decay*(step + t))), live=live("decaying"))
add("thinc.compounding", lambda r: (lambda up: dict(start=0.1, stop=r.real(0.5, 2) if up else r.real(0.001, 0.05),
                                                           compound=r.real(1, 1.2) if up else r.real(0.8, 1), **r.opt(t=float(r.whole(0, 20)))))(
    r.chance()), lambda p: 80, compounding, live=live("compounding"))
add("thinc.warmup_linear", lambda r: (lambda w: dict(initial_rate=r.rate(), warmup_steps=w, total_steps=w + r.whole(0, 150)))(r.whole(0, 50)),
    lambda p: p["total_steps"], warmup_linear, live("warmup_linear"))
add("thinc.slanted_triangular", draw_slanted, lambda p: p["num_steps"], slanted, live=live("slanted_triangular"), ulps=64,
           note="evaluates t+1, and falls below zero past its end")
add("thinc.cyclic_triangular", lambda r: dict(min_lr=r.below(1e-2), max_lr=r.rate(1e-2), period=r.whole(1, 50)), lambda p: 5*p["period"], triangular,
    live("cyclic_triangular"), ulps=64, note="evaluates t+1")


def constant_then_live(p, n):
    lib = load("thinc.schedules")
    made = lib.constant_then(p["rate"], p["steps"], lib.warmup_linear(**p["then"]))
    return [float(made(t)) for t in range(n)]


def constant_then_text(p):
    """The schedule inside goes on by the clock of the whole."""
    return "use thinc; let inner { %s }; schedule lr = if(step < %d, %r, inner)" % (phase("thinc.warmup_linear", p["then"]), p["steps"], p["rate"])


add("thinc.constant_then", lambda r: dict(rate=r.rate(), steps=r.whole(0, 60), then=dict(initial_rate=r.rate(), warmup_steps=r.whole(0, 40),
                                                                                      total_steps=r.whole(50, 150))),
    lambda p: 150, lambda t, rate, steps, then: rate if t < steps else warmup_linear(t, **then), constant_then_live, text=constant_then_text)
