"""timm.scheduler: the value after step(epoch=t), for every t from 0 on."""

import math
import warnings

from .record import add, bare, cos01, exact_cycle, load, plateau_rule, value
from .ref_torch import optimizer


def scheduler(name, lr, p):
    bare("timm", "timm.scheduler")                          # timm itself pulls in torchvision
    modules = {"StepLRScheduler": "step_lr", "MultiStepLRScheduler": "multistep_lr", "CosineLRScheduler": "cosine_lr",
               "PolyLRScheduler": "poly_lr", "TanhLRScheduler": "tanh_lr", "WSDLRScheduler": "wsd_lr", "PlateauLRScheduler": "plateau_lr"}
    opt = optimizer(lr)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return opt, getattr(load("timm.scheduler." + modules[name]), name)(opt, **p)


def live(name):
    def values(p, n):
        opt, sched = scheduler(name, p["lr"], {k: v for k, v in p.items() if k != "lr"})
        out = []
        for t in range(n):
            sched.step(t)
            out.append(float(opt.param_groups[0]["lr"]))
        return out
    return values


def warm(t, lr, warmup_t, warmup_lr_init):
    return warmup_lr_init + t*((lr - warmup_lr_init)/warmup_t)


def step(t, lr, decay_t, decay_rate=1.0, warmup_t=0, warmup_lr_init=0.0, warmup_prefix=True):
    if t < warmup_t:
        return warm(t, lr, warmup_t, warmup_lr_init)
    return lr*decay_rate**((t - warmup_t*warmup_prefix)//decay_t)


def multi_step(t, lr, decay_t, decay_rate=1.0, warmup_t=0, warmup_lr_init=0.0, warmup_prefix=True):
    if t < warmup_t:
        return warm(t, lr, warmup_t, warmup_lr_init)
    t -= warmup_t*warmup_prefix
    return lr*decay_rate**sum(d <= t + 1 for d in decay_t)


def cycled(law, t, lr, t_initial, lr_min=0.0, cycle_mul=1.0, cycle_decay=1.0, cycle_limit=1, warmup_t=0, warmup_lr_init=0.0,
           warmup_prefix=False, aim=None, **more):
    if t < warmup_t:
        return warm(t, lr if aim is None else aim, warmup_t, warmup_lr_init)
    t -= warmup_t*warmup_prefix
    i, start, length = (t//t_initial, t - t % t_initial, t_initial) if cycle_mul == 1 else exact_cycle(t, t_initial, cycle_mul)
    return law(t - start, length, lr*cycle_decay**i, lr_min, **more) if i < cycle_limit else lr_min


def cosine_law(t, length, top, low, k_decay=1.0):
    return low + (top - low)*cos01(t**k_decay/length**k_decay)


def poly_law(t, length, top, low, power=0.5, k_decay=1.0):
    return low + (top - low)*(1 - t**k_decay/length**k_decay)**power


def tanh_law(t, length, top, low, lb=-7.0, ub=3.0):
    u = t/length
    return low + 0.5*(top - low)*(1 - math.tanh(lb*(1 - u) + ub*u))


def tanh(t, **p):
    aim = None
    if p.get("warmup_t") and not p.get("warmup_prefix"):
        aim = cycled(tanh_law, **dict(p, t=p["warmup_t"]))
    return cycled(tanh_law, t, aim=aim, **p)


def cycle_lost(p, t):
    """floor(log(...)) of doubles: at the first step of a cycle the library may still be in the cycle before."""
    mul = p.get("cycle_mul", 1.0)
    t -= p.get("warmup_t", 0)*bool(p.get("warmup_prefix"))
    if mul == 1 or t < 0:
        return None
    i, _, _ = exact_cycle(t, p["t_initial"], mul)
    if i != math.floor(math.log(1 - t/p["t_initial"]*(1 - mul), mul)):
        return "floor(log) of the library puts this step into another cycle"
    return None


STABLE = {"constant": 0.0, "rsqrt": 0.5}


def wsd(t, lr, t_initial, decay_t, lr_min=0.0, stable_fn="constant", stable_timescale=None, stable_power=0.5, decay_fn="1-sqrt",
        decay_power=0.5, decay_ratio=0.1, warmup_t=0, warmup_lr_init=0.0):
    if t < warmup_t:
        return warm(t, lr, warmup_t, warmup_lr_init)
    s = t - warmup_t
    scale = warmup_t if stable_timescale is None else stable_timescale
    top = max(lr if stable_fn == "constant" else lr*(1 + s/scale)**-STABLE.get(stable_fn, stable_power), lr_min)
    d = s - (t_initial - decay_t)
    if d <= 0:
        return top
    f = min(d/decay_t, 1.0)
    law = {"linear": lambda: 1 - f, "1-sqrt": lambda: 1 - math.sqrt(f), "cosine": lambda: cos01(f), "power": lambda: 1 - f**decay_power,
           "exp": lambda: (decay_ratio**f - decay_ratio)/(1 - decay_ratio)}[decay_fn]()
    return lr_min + (top - lr_min)*law


def draw_warm(r, lr):
    p = {}
    if r.chance(0.6):
        p.update(warmup_t=r.whole(0, 30), warmup_lr_init=r.below(lr))
        if r.chance(0.6):
            p["warmup_prefix"] = r.chance()
    return p


def draw_cycles(r, **more):
    lr = r.rate()
    p = dict(lr=lr, t_initial=r.whole(1, 100), **r.opt(lr_min=r.below(lr), **more))
    if r.chance(0.5):
        p.update(cycle_mul=r.choice([1.0, 1.5, 2.0, 3.0]), cycle_decay=r.factor(), cycle_limit=r.whole(1, 5))
    p.update(draw_warm(r, lr))
    return p


def cycles_length(p):
    mul, n = p.get("cycle_mul", 1.0), p.get("cycle_limit", 1)
    length = p["t_initial"]*(n if mul == 1 else (mul**n - 1)/(mul - 1))
    return min(500, length + p.get("warmup_t", 0))


def draw_steps(r, decay_t):
    lr = r.rate()
    return dict(lr=lr, decay_t=decay_t, **r.opt(decay_rate=r.factor()), **draw_warm(r, lr))


def draw_wsd(r):
    lr, total = r.rate(), r.whole(1, 150)
    p = dict(lr=lr, t_initial=total, decay_t=r.randint(1, total), **r.opt(lr_min=r.below(lr),
             decay_fn=r.choice(["linear", "1-sqrt", "cosine", "power", "exp"]), decay_power=r.real(0.2, 3), decay_ratio=r.real(0.01, 0.9)))
    p.update({k: v for k, v in draw_warm(r, lr).items() if k != "warmup_prefix"})
    if r.chance():
        p["stable_fn"] = r.choice(["rsqrt", "power"])
        p.update(r.opt(stable_power=r.real(0.1, 1)))
        if not p.get("warmup_t") or r.chance():
            p["stable_timescale"] = float(r.whole(1, 100))
    return p


add("timm.StepLRScheduler", lambda r: draw_steps(r, r.choice([r.whole(1, 50), r.real(0.5, 30, 1)])), lambda p: 4*p["decay_t"] + p.get("warmup_t", 0),
    step, live("StepLRScheduler"))
add("timm.MultiStepLRScheduler", lambda r: draw_steps(r, r.wholes(0, 120)), lambda p: p["decay_t"][-1] + p.get("warmup_t", 0), multi_step,
    live("MultiStepLRScheduler"), note="one step early")
add("timm.CosineLRScheduler", lambda r: draw_cycles(r, k_decay=r.choice([1.0, 2.0, 0.5, 1.5])), cycles_length,
    lambda t, **p: cycled(cosine_law, t, **p), live("CosineLRScheduler"), skip=cycle_lost, ulps=64)
add("timm.PolyLRScheduler", lambda r: draw_cycles(r, k_decay=r.choice([1.0, 2.0, 0.5]), power=r.choice([0.5, 1.0, 2.0, r.real(0.3, 4)])),
    cycles_length, lambda t, **p: cycled(poly_law, t, **p), live("PolyLRScheduler"), skip=cycle_lost, ulps=64)
add("timm.TanhLRScheduler", lambda r: draw_cycles(r, lb=r.real(-8, -1), ub=r.real(0, 5)), cycles_length, tanh, live("TanhLRScheduler"),
    skip=cycle_lost, ulps=64, note="starts a little below the peak; a warm-up aims at the curve unless prefixed")
add("timm.WSDLRScheduler", draw_wsd, lambda p: p["t_initial"] + p.get("warmup_t", 0), wsd, live("WSDLRScheduler"), ulps=16)
