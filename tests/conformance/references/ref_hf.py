"""transformers.optimization: multipliers of the optimizer's rate, by LambdaLR."""

import math

from .record import add, cos01, load
from .ref_torch import run


def live(name):
    def values(p, n):
        q = {k: v for k, v in p.items() if k != "lr"}
        return run(lambda opt: getattr(load("transformers.optimization"), name)(opt, **q), p["lr"], n)
    return values


def warm(t, w):
    return t/max(1.0, w)


def linear(t, lr, num_warmup_steps, num_training_steps):
    w, total = num_warmup_steps, num_training_steps
    return lr*(warm(t, w) if t < w else max(0.0, (total - t)/max(1, total - w)))


def progress(t, w, total):
    return (t - w)/max(1, total - w)


def cosine(t, lr, num_warmup_steps, num_training_steps, num_cycles=0.5):
    w = num_warmup_steps
    if t < w:
        return lr*warm(t, w)
    return lr*max(0.0, 0.5*(1 + math.cos(math.pi*num_cycles*2*progress(t, w, num_training_steps))))


def hard_restarts(t, lr, num_warmup_steps, num_training_steps, num_cycles=1):
    w = num_warmup_steps
    if t < w:
        return lr*warm(t, w)
    q = progress(t, w, num_training_steps)
    return 0.0 if q >= 1 else lr*max(0.0, cos01(num_cycles*q % 1.0))


def restart_lost(p, t):
    """n*q should be whole at a restart; where rounding puts it just below, the library has the minimum there."""
    w, n = p["num_warmup_steps"], p.get("num_cycles", 1)
    d = max(1, p["num_training_steps"] - w)
    if t > w and (n*(t - w)) % d == 0 and (t - w) < d and n*((t - w)/d) % 1.0 != 0:
        return "rounding of num_cycles*progress puts this restart at the end of the cycle before"
    return None


def polynomial(t, lr, num_warmup_steps, num_training_steps, lr_end=1e-7, power=1.0):
    w, total = num_warmup_steps, num_training_steps
    if t < w:
        return lr*warm(t, w)
    return lr_end if t > total else (lr - lr_end)*(1 - (t - w)/(total - w))**power + lr_end


def inverse_sqrt(t, lr, num_warmup_steps, timescale=None):
    w = num_warmup_steps
    scale = timescale if timescale is not None else w or 10000
    return lr*warm(t, w) if t < w else lr/math.sqrt((t + scale - w)/scale)


def floor_rate(lr, min_lr, min_lr_rate):
    return min_lr/lr if min_lr is not None else min_lr_rate


def cosine_min(t, lr, num_warmup_steps, num_training_steps, num_cycles=0.5, min_lr=None, min_lr_rate=None):
    w, m = num_warmup_steps, floor_rate(lr, min_lr, min_lr_rate)
    if t < w:
        return lr*warm(t, w)
    f = 0.5*(1 + math.cos(math.pi*num_cycles*2*progress(t, w, num_training_steps)))
    return lr*max(0, f*(1 - m) + m)


def cosine_min_rate(t, lr, num_warmup_steps, num_training_steps, num_cycles=0.5, min_lr=None, min_lr_rate=None, warmup_lr_rate=None):
    w, m = num_warmup_steps, floor_rate(lr, min_lr, min_lr_rate)
    if t < w:
        return lr*((t + 1)/max(1.0, w) if warmup_lr_rate is None else warmup_lr_rate + (1 - warmup_lr_rate)*t/max(1, w - 1))
    f = 0.5*(1 + math.cos(math.pi*num_cycles*2*progress(t + 1, w, num_training_steps)))
    return lr*max(0, f*(1 - m) + m)


WARM = {"linear": lambda p: p, "cosine": lambda p: 0.5*(1 - math.cos(math.pi*p)), "1-sqrt": lambda p: 1 - math.sqrt(1 - p)}


def wsd(t, lr, num_warmup_steps, num_decay_steps, num_training_steps=None, num_stable_steps=None, warmup_type="linear",
        decay_type="cosine", min_lr_ratio=0.0, num_cycles=0.5):
    w, d, m = num_warmup_steps, num_decay_steps, min_lr_ratio
    s = num_stable_steps if num_stable_steps is not None else num_training_steps - w - d
    if t < w:
        f = WARM[warmup_type](t/max(1, w))
    elif t < w + s:
        return lr
    elif t < w + s + d:
        q = (t - w - s)/max(1, d)
        f = {"linear": lambda: 1 - q, "cosine": lambda: 0.5*(1 + math.cos(math.pi*num_cycles*2*q)), "1-sqrt": lambda: 1 - math.sqrt(q)}[decay_type]()
    else:
        return lr*m
    return lr*max(0.0, f*(1 - m) + m)


def draw(r, least=0, **more):
    w = r.whole(0, 50)
    return dict(lr=r.rate(), num_warmup_steps=w, num_training_steps=w + r.whole(least, 150), **more)


def draw_min(r, **more):
    p = dict(draw(r), **more)
    p.update(r.opt(num_cycles=r.choice([0.5, 0.5, 1.0, 1.5, 0.4])))
    if r.chance():
        p["min_lr"] = r.below(p["lr"])
    else:
        p["min_lr_rate"] = r.real(0, 0.9)
    return p


def draw_wsd(r):
    w, s, d = r.whole(0, 40), r.whole(0, 60), r.whole(0, 60)
    p = dict(lr=r.rate(), num_warmup_steps=w, num_decay_steps=d)
    if r.chance():
        p["num_stable_steps"] = s
    else:
        p["num_training_steps"] = w + s + d
    p.update(r.opt(warmup_type=r.choice(list(WARM)), decay_type=r.choice(["linear", "cosine", "1-sqrt"]), min_lr_ratio=r.real(0, 0.5)))
    if p.get("decay_type", "cosine") == "cosine":
        p.update(r.opt(num_cycles=r.choice([0.5, 0.5, 1.0])))
    return p


TOTAL = dict(length=lambda p: p["num_training_steps"])
NAME = "get_%s_schedule_with_warmup"
add("hf.get_constant_schedule", lambda r: dict(lr=r.rate()), lambda p: 20, lambda t, lr: lr, live("get_constant_schedule"))
add("hf.get_constant_schedule_with_warmup", lambda r: dict(lr=r.rate(), num_warmup_steps=r.whole(0, 80)), lambda p: p["num_warmup_steps"],
    lambda t, lr, num_warmup_steps: lr*warm(t, num_warmup_steps) if t < num_warmup_steps else lr, live("get_constant_schedule_with_warmup"))
add("hf." + NAME % "linear", draw, formula=linear, live=live(NAME % "linear"), **TOTAL)
add("hf." + NAME % "cosine", lambda r: dict(draw(r), **r.opt(num_cycles=r.choice([0.5, 0.5, 1.0, 2.5, 0.3]))), formula=cosine,
    live=live(NAME % "cosine"), ulps=16, note="rises again after num_training_steps", **TOTAL)
add("hf." + NAME % "cosine_with_hard_restarts", lambda r: dict(draw(r), **r.opt(num_cycles=r.whole(1, 6))), formula=hard_restarts,
    live=live(NAME % "cosine_with_hard_restarts"), skip=restart_lost, ulps=16, **TOTAL)
add("hf." + NAME % "polynomial_decay", lambda r: dict(draw(r, 1), **r.opt(lr_end=1e-8, power=r.choice([0.5, 1.0, 2.0, 3.0, r.real(0.3, 4)]))),
    formula=polynomial, live=live(NAME % "polynomial_decay"), **TOTAL)
add("hf.get_inverse_sqrt_schedule", lambda r: dict(lr=r.rate(), num_warmup_steps=r.whole(0, 80), **r.opt(timescale=r.whole(1, 20000))),
    lambda p: 2*p["num_warmup_steps"] + 50, inverse_sqrt, live("get_inverse_sqrt_schedule"))
add("hf.get_cosine_with_min_lr_schedule_with_warmup", draw_min, formula=cosine_min, ulps=16,
    live=live("get_cosine_with_min_lr_schedule_with_warmup"), **TOTAL)
add("hf.get_cosine_with_min_lr_schedule_with_warmup_lr_rate", lambda r: dict(draw_min(r), **r.opt(warmup_lr_rate=r.real(0, 1))),
    formula=cosine_min_rate, ulps=16, live=live("get_cosine_with_min_lr_schedule_with_warmup_lr_rate"), **TOTAL)
add("hf.get_wsd_schedule", draw_wsd,
    lambda p: p.get("num_training_steps") or p["num_warmup_steps"] + p["num_stable_steps"] + p["num_decay_steps"], wsd, live("get_wsd_schedule"), ulps=16)
