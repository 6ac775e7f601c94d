"""fairseq.optim.lr_scheduler: step_update(t), as its trainer calls it."""

import dataclasses
import math
import types
import typing

from .record import add, cos01, definitions, exact_cycle

FILES = {"cosine": "cosine_lr_scheduler", "inverse_sqrt": "inverse_square_root_schedule", "polynomial_decay": "polynomial_decay_schedule",
         "step": "step_lr_scheduler", "tri_stage": "tri_stage_lr_scheduler", "triangular": "triangular_lr_scheduler", "fixed": "fixed_schedule"}
CLASSES = {"cosine": "CosineLRSchedule", "inverse_sqrt": "InverseSquareRootSchedule", "polynomial_decay": "PolynomialDecayLRSchedule",
           "step": "StepLRSchedule", "tri_stage": "TriStageLRSchedule", "triangular": "TriangularLRSchedule", "fixed": "FixedLRSchedule"}
CONFIGS = dict({k: v + "Config" for k, v in CLASSES.items()}, inverse_sqrt="InverseSquareRootLRScheduleConfig")


def live(name):
    def values(p, n):
        import collections.abc
        scope = {"math": math, "dataclass": dataclasses.dataclass, "field": dataclasses.field, "II": lambda s: None, "FairseqDataclass": object,
                 "register_lr_scheduler": lambda *a, **k: lambda c: c, "Collection": collections.abc.Collection, "FairseqOptimizer": object,
                 "FairseqLRScheduler": type("FairseqLRScheduler", (), {"__init__": lambda s, cfg, opt: s.__dict__.update(cfg=cfg, optimizer=opt)})}
        scope.update({n: getattr(typing, n) for n in ("List", "Optional", "Tuple")})
        lib = definitions("fairseq", "optim/lr_scheduler/%s.py" % FILES[name], (CONFIGS[name], CLASSES[name]), scope)
        rate = [p["lr"]]
        opt = types.SimpleNamespace(set_lr=lambda v: rate.__setitem__(0, v), get_lr=lambda: rate[0])
        config = getattr(lib, CONFIGS[name])(**dict(p, lr=[p["lr"]]))
        sched = getattr(lib, CLASSES[name])(config, opt)
        out = []
        for t in range(n):
            sched.step_update(t)
            out.append(float(rate[0]))
        return out
    return values


def warm(t, lr, init, w):
    return init + t*((lr - init)/w)


def cosine(t, lr, max_update=0, warmup_updates=0, warmup_init_lr=-1.0, min_lr=0.0, t_mult=1.0, lr_period_updates=-1.0, lr_shrink=0.1):
    w = warmup_updates
    if t < w:
        return warm(t, lr, min_lr if warmup_init_lr < 0 else warmup_init_lr, w)
    period = lr_period_updates if lr_period_updates > 0 else max_update - w
    t -= w
    i, start, length = exact_cycle(t, period, t_mult) if t_mult != 1 else (t//period, t - t % period, period)
    return lr_shrink**i*(min_lr + (lr - min_lr)*cos01((t - start)/length))


def cycle_lost(p, t):
    mul, w = p.get("t_mult", 1.0), p.get("warmup_updates", 0)
    period = p["lr_period_updates"] if p.get("lr_period_updates", -1) > 0 else p["max_update"] - w
    t -= w
    if mul == 1 or t < 0:
        return None
    if exact_cycle(t, period, mul)[0] != math.floor(math.log(1 - t/period*(1 - mul), mul)):
        return "floor(log) of the library puts this step into another cycle"
    return None


def inverse_sqrt(t, lr, warmup_updates=4000, warmup_init_lr=-1.0):
    return warm(t, lr, max(warmup_init_lr, 0.0), warmup_updates) if t < warmup_updates else lr*warmup_updates**0.5*t**-0.5


def polynomial(t, lr, total_num_update, warmup_updates=0, end_learning_rate=0.0, power=1.0):
    w = warmup_updates
    if w > 0 and t <= w:
        return lr*t/w
    if t >= total_num_update:
        return end_learning_rate
    return (lr - end_learning_rate)*(1 - (t - w)/(total_num_update - w))**power + end_learning_rate


def step(t, lr, warmup_updates=0, warmup_init_lr=-1.0, min_lr=0.0, lr_deacy_period=25000, lr_decay=0.5):
    if t < warmup_updates:
        return warm(t, lr, warmup_init_lr if warmup_init_lr >= 0 else min_lr, warmup_updates)
    return max(lr*lr_decay**((t - warmup_updates)//lr_deacy_period), min_lr)


def stages(p):
    if p.get("phase_ratio"):
        return [int(p["max_update"]*x) for x in p["phase_ratio"]]
    return [p["warmup_steps"], p["hold_steps"], p["decay_steps"]]


def tri_stage(t, lr, init_lr_scale=0.01, final_lr_scale=0.01, **p):
    w, h, d = stages(p)
    if t < w:
        return lr*init_lr_scale + (lr - lr*init_lr_scale)/w*t
    if t < w + h:
        return lr
    return lr*math.exp(math.log(final_lr_scale)/d*(t - w - h)) if t <= w + h + d else lr*final_lr_scale


def triangular(t, lr, max_lr, lr_period_updates=5000, lr_shrink=0.1, shrink_min=False):
    half = lr_period_updates//2
    c = math.floor(t/(2*half))
    top = max_lr*lr_shrink**c
    low = lr*lr_shrink**c if shrink_min else lr
    return low + (top - low)*max(0, 1 - abs(t/half - 2*(c + 1) + 1))


def draw(r, low=0, **more):
    lr = r.rate()
    return dict(lr=lr, warmup_updates=r.whole(low, 50), **r.opt(warmup_init_lr=r.below(lr)), **more)


def draw_cosine(r):
    p = draw(r)
    p.update(max_update=p["warmup_updates"] + r.whole(1, 120), **r.opt(min_lr=r.below(p["lr"]), lr_shrink=r.factor()))
    if r.chance():
        p.update(lr_period_updates=r.whole(1, 40), t_mult=r.choice([1.0, 2.0, 3.0, 1.5]))
    return p


def draw_tri(r):
    p = dict(lr=r.rate(), **r.opt(init_lr_scale=r.real(0, 1), final_lr_scale=r.real(0.001, 1)))
    if r.chance(0.3):
        return dict(p, max_update=r.whole(8, 200), phase_ratio=r.choice([[0.25, 0.25, 0.5], [0.125, 0.375, 0.5], [0.5, 0.0, 0.5]]))
    return dict(p, warmup_steps=r.whole(0, 40), hold_steps=r.whole(0, 40), decay_steps=r.whole(1, 100))


add("fairseq.cosine", draw_cosine, lambda p: max(p["max_update"], 4*p.get("lr_period_updates", 0)), cosine, live("cosine"), skip=cycle_lost, ulps=64)
add("fairseq.inverse_sqrt", lambda r: draw(r, 1), lambda p: 3*p["warmup_updates"], inverse_sqrt, live("inverse_sqrt"))
add("fairseq.polynomial_decay", lambda r: (lambda w: dict(lr=r.rate(), warmup_updates=w, total_num_update=w + r.whole(1, 150), **r.opt(
    end_learning_rate=r.below(1e-3), power=r.choice([0.5, 1.0, 2.0, r.real(0.3, 4)]))))(r.whole(0, 50)), lambda p: p["total_num_update"],
    polynomial, live("polynomial_decay"))
add("fairseq.step", lambda r: (lambda p: dict(p, lr_deacy_period=r.whole(1, 40), lr_decay=r.factor(), **r.opt(min_lr=r.below(p["lr"]))))(draw(r)),
    lambda p: p["warmup_updates"] + 4*p["lr_deacy_period"], step, live("step"))
add("fairseq.tri_stage", draw_tri, lambda p: sum(stages(p)), tri_stage, live("tri_stage"))
add("fairseq.triangular", lambda r: (lambda low: dict(lr=low, max_lr=low + r.rate(), lr_period_updates=r.whole(2, 80), lr_shrink=r.factor(),
                                                      **r.opt(shrink_min=r.chance())))(r.rate(1e-5, 0.1)),
    lambda p: 3*p["lr_period_updates"], triangular, live("triangular"), ulps=64)
add("fairseq.fixed", lambda r: dict(lr=r.rate(), warmup_updates=r.whole(0, 60)), lambda p: p["warmup_updates"],
    lambda t, lr, warmup_updates: lr*((t + 1)/warmup_updates) if t < warmup_updates else lr, live("fixed"))
