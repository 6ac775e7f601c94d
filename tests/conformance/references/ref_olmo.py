"""olmo.optim (PyPI: ai2-olmo): get_lr(initial_lr, step, max_steps) at step t."""

import math
import typing
from abc import ABCMeta, abstractmethod
from dataclasses import dataclass

from .record import add, cos01, definitions

NAMES = ("Scheduler", "CosWithWarmup", "LinearWithWarmup", "InvSqrtWithWarmup", "MaxScheduler", "BoltOnWarmupScheduler", "ConstantScheduler",
         "CosLinearEnvelope", "ConstantWithWarmupScheduler")


def library():
    scope = {"dataclass": dataclass, "ABCMeta": ABCMeta, "abstractmethod": abstractmethod, "Optional": typing.Optional, "cos": math.cos,
             "sqrt": math.sqrt, "pi": math.pi}
    return definitions("olmo", "optim.py", NAMES, scope)


def make(lib, name, p):
    q = {k: v for k, v in p.items() if k not in ("lr", "max_steps")}
    return getattr(lib, name)(grad_clip_warmup_steps=None, grad_clip_warmup_factor=None, **dict(dict(warmup_min_lr=None), **q))


def live(name):
    def values(p, n):
        sched = make(library(), name, p)
        return [float(sched.get_lr(p["lr"], t, p.get("max_steps", 1))) for t in range(n)]
    return values


def warm(t, lr, w, low):
    low = 0.1*lr if low is None else low
    return low + (lr - low)*t/w


def decaying(law):
    def formula(t, lr, warmup_steps, max_steps, alpha_f=0.1, t_max=None, warmup_min_lr=None):
        w, end = warmup_steps, max_steps if t_max is None else t_max
        if t < w:
            return warm(t, lr, w, warmup_min_lr)
        return lr*alpha_f if t >= end else law(lr, lr*alpha_f, (t - w)/(end - w))
    return formula


cosine = decaying(lambda lr, low, u: low + (lr - low)*cos01(u))


def inv_sqrt(t, lr, warmup_steps, warmup_min_lr=None, **_):
    return warm(t, lr, warmup_steps, warmup_min_lr) if t < warmup_steps else lr*math.sqrt(warmup_steps/max(warmup_steps, t))


def draw(r, decay=True):
    lr, w = r.rate(), r.whole(1, 50)
    p = dict(lr=lr, warmup_steps=w, **r.opt(warmup_min_lr=r.below(lr)))
    if decay:
        p.update(max_steps=w + r.whole(0, 150), **r.opt(alpha_f=r.real(0, 1)))
        if r.chance(0.3):
            p["t_max"] = w + r.whole(0, 100)
    return p


END = dict(length=lambda p: max(p["max_steps"], p.get("t_max") or 0))
add("olmo.CosWithWarmup", draw, formula=cosine, live=live("CosWithWarmup"), **END)
add("olmo.LinearWithWarmup", draw, formula=decaying(lambda lr, low, u: lr - (lr - low)*u), live=live("LinearWithWarmup"), **END)
add("olmo.CosLinearEnvelope", draw, formula=decaying(lambda lr, low, u: low + (1 - u)*(lr - low)*cos01(u)), live=live("CosLinearEnvelope"), **END)
add("olmo.InvSqrtWithWarmup", lambda r: draw(r, False), lambda p: 3*p["warmup_steps"], inv_sqrt, live("InvSqrtWithWarmup"))
add("olmo.ConstantScheduler", lambda r: dict(lr=r.rate()), lambda p: 20, lambda t, lr: lr, live("ConstantScheduler"))
add("olmo.ConstantWithWarmupScheduler", lambda r: draw(r, False), lambda p: p["warmup_steps"],
    lambda t, lr, warmup_steps, warmup_min_lr=None: warm(t, lr, warmup_steps, warmup_min_lr) if t < warmup_steps else lr,
    live("ConstantWithWarmupScheduler"))


def max_live(p, n):
    lib = library()
    q = {k: v for k, v in p.items() if k in ("warmup_steps", "warmup_min_lr")}
    both = make(lib, "MaxScheduler", dict(sched1=make(lib, "CosWithWarmup", p), sched2=make(lib, "InvSqrtWithWarmup", q)))
    return [float(both.get_lr(p["lr"], t, p["max_steps"])) for t in range(n)]


add("olmo.MaxScheduler", draw, formula=lambda t, **p: max(cosine(t, **p), inv_sqrt(t, **p)), live=max_live,
    text=lambda p: "use olmo; schedule lr = max(%s, %s)" % tuple(_members(p)), note="of the cosine and the inverse root, as build_scheduler makes it",
    **END)


def _members(p):
    from .record import phase
    yield phase("olmo.CosWithWarmup", p)
    yield phase("olmo.InvSqrtWithWarmup", {k: v for k, v in p.items() if k in ("lr", "warmup_steps", "warmup_min_lr")})


def draw_bolt(r):
    inner = draw(r)
    start = r.whole(0, 60)
    return dict(lr=inner.pop("lr"), inner=inner, warmup_start=start, warmup_end=start + r.whole(1, 40))


def bolt(t, lr, inner, warmup_start, warmup_end):
    if t < warmup_start:
        return 0.0
    if t < warmup_end:
        return cosine(warmup_end, lr, **inner)*(t - warmup_start)/(warmup_end - warmup_start)
    return cosine(t, lr, **inner)


def bolt_live(p, n):
    lib = library()
    sched = lib.BoltOnWarmupScheduler.wrap(make(lib, "CosWithWarmup", p["inner"]), p["warmup_start"], p["warmup_end"])
    return [float(sched.get_lr(p["lr"], t, p["inner"]["max_steps"])) for t in range(n)]


def bolt_text(p):
    from .record import phase
    a, b = p["warmup_start"], p["warmup_end"]
    inner = phase("olmo.CosWithWarmup", dict(lr=p["lr"], **p["inner"]))
    top = cosine(b, p["lr"], **p["inner"])
    return "use olmo; let inner { %s }; schedule lr = if(step < %d, 0, if(step < %d, %r*(step - %d)/%d, inner))" % (inner, a, b, top, a, b - a)


add("olmo.BoltOnWarmupScheduler", draw_bolt, lambda p: max(p["warmup_end"], p["inner"]["max_steps"]), bolt, bolt_live, text=bolt_text)
