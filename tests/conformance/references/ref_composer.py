"""composer.optim.scheduler (PyPI: mosaicml): multipliers of the optimizer's rate. Times are whole batches here."""

import sys
import types

from .record import add, bare, call, cos01, load, phase
from .ref_torch import run

TIMES = ("step_size", "t_max", "t_0", "t_warmup", "decay_period")


def library():
    bare("composer", "composer.core", "composer.optim", "composer.utils")
    sys.modules["composer.utils"].StringEnum = load("composer.utils.string_enum").StringEnum
    time = load("composer.core.time")
    core = sys.modules["composer.core"]
    core.Time, core.TimeUnit, core.State = time.Time, time.TimeUnit, object
    return time, load("composer.optim.scheduler")


def live(name):
    def values(p, n):
        time, module = library()
        q = {k: "%dba" % v if k in TIMES else v for k, v in p.items() if k != "lr"}
        if "milestones" in q:
            q["milestones"] = ["%dba" % m for m in q["milestones"]]
        scheduler = getattr(module, name)(**q)
        state = types.SimpleNamespace(max_duration=time.Time(p.get("t_max", 1), time.TimeUnit.BATCH), dataloader_len=None,
                                      timestamp=time.Timestamp(batch=0))

        def multiplier(t):
            state.timestamp = time.Timestamp(batch=t)
            return scheduler(state)
        return run(lambda opt: load("torch.optim.lr_scheduler").LambdaLR(opt, multiplier), p["lr"], n)
    return values


def multi(t, lr, milestones, gamma=0.1, t_warmup=0):
    return lr*t/t_warmup if t < t_warmup else lr*gamma**sum(m <= t for m in milestones)


def restarts(t, lr, t_0, t_mult=1.0, alpha_f=0.0):
    start, length = 0, t_0
    while t >= start + length:
        start += length
        length = int(t_mult*length)
    return lr*(alpha_f + (1 - alpha_f)*cos01((t - start)/length))


def part(t, t_max, t_warmup=0):
    return min(1.0, (t - t_warmup)/(t_max - t_warmup)) if t_max > t_warmup else 0.0


def linear(t, lr, t_max, alpha_i=1.0, alpha_f=0.0, t_warmup=0):
    if t < t_warmup:
        return lr*alpha_i*t/t_warmup
    return lr*(alpha_i + part(t, t_max, t_warmup)*(alpha_f - alpha_i))


def cosine(t, lr, t_max, alpha_f=0.0, t_warmup=0):
    return lr*t/t_warmup if t < t_warmup else lr*(alpha_f + (1 - alpha_f)*cos01(part(t, t_max, t_warmup)))


def polynomial(t, lr, t_max, power=2.0, alpha_f=0.0, t_warmup=0):
    return lr*t/t_warmup if t < t_warmup else lr*(alpha_f + (1 - part(t, t_max, t_warmup))**power*(1 - alpha_f))


def draw(r, warm=False, **more):
    w = r.whole(0, 50)
    p = dict(lr=r.rate(), t_warmup=w, t_max=w + r.whole(0, 120)) if warm else dict(lr=r.rate(), t_max=r.whole(1, 150))
    p["t_max"] = max(1, p["t_max"])
    return dict(p, **r.opt(**more))


def restarts_text(p):
    """A length that is not whole is truncated there, and the next one made from that: these cycles are phases of their own."""
    if p.get("t_mult", 1.0) == int(p.get("t_mult", 1.0)):
        return call("composer.CosineAnnealingWarmRestartsScheduler", p)
    at, length, parts = 0, p["t_0"], []
    while at < 21*p["t_0"] + 3:
        parts.append(phase("composer.CosineAnnealingScheduler", dict(lr=p["lr"], t_max=length, alpha_f=p.get("alpha_f", 0.0))))
        at, length = at + length, int(p["t_mult"]*length)
    return "use composer; " + "; ".join(parts)


def powers(r):
    return r.choice([0.5, 1.0, 2.0, r.real(0.3, 4)])


MAX = dict(length=lambda p: p["t_max"])
add("composer.StepScheduler", lambda r: dict(lr=r.rate(), step_size=r.whole(1, 50), **r.opt(gamma=r.factor())), lambda p: 4*p["step_size"],
    lambda t, lr, step_size, gamma=0.1: lr*gamma**(t//step_size), live("StepScheduler"))
add("composer.MultiStepScheduler", lambda r: dict(lr=r.rate(), milestones=r.wholes(0, 120), **r.opt(gamma=r.factor())),
    lambda p: p["milestones"][-1], multi, live("MultiStepScheduler"))
add("composer.MultiStepWithWarmupScheduler", lambda r: dict(lr=r.rate(), t_warmup=r.whole(0, 40), milestones=r.wholes(0, 120), **r.opt(
    gamma=r.factor())), lambda p: max(p["milestones"][-1], p["t_warmup"]), multi, live("MultiStepWithWarmupScheduler"))
add("composer.ConstantScheduler", lambda r: draw(r, alpha=r.real(0, 2)), formula=lambda t, lr, t_max, alpha=1.0: lr*alpha if t < t_max else lr,
    live=live("ConstantScheduler"), note="the plain rate after t_max", **MAX)
add("composer.ConstantWithWarmupScheduler", lambda r: draw(r, True, alpha=r.real(0, 2)),
    formula=lambda t, lr, t_warmup, t_max, alpha=1.0: linear(t, lr, t_max, alpha, alpha, t_warmup), live=live("ConstantWithWarmupScheduler"), **MAX)
add("composer.LinearScheduler", lambda r: draw(r, alpha_i=r.real(0, 2), alpha_f=r.real(0, 1)), formula=linear, live=live("LinearScheduler"), **MAX)
add("composer.LinearWithWarmupScheduler", lambda r: draw(r, True, alpha_i=r.real(0, 2), alpha_f=r.real(0, 1)), formula=linear,
    live=live("LinearWithWarmupScheduler"), **MAX)
add("composer.ExponentialScheduler", lambda r: dict(lr=r.rate(), gamma=r.factor(), decay_period=r.whole(1, 30)), lambda p: 5*p["decay_period"],
    lambda t, lr, gamma, decay_period: lr*gamma**(t/decay_period), live("ExponentialScheduler"))
add("composer.CosineAnnealingScheduler", lambda r: draw(r, alpha_f=r.real(0, 1)), formula=cosine, live=live("CosineAnnealingScheduler"), **MAX)
add("composer.CosineAnnealingWithWarmupScheduler", lambda r: draw(r, True, alpha_f=r.real(0, 1)), formula=cosine,
    live=live("CosineAnnealingWithWarmupScheduler"), **MAX)
add("composer.PolynomialScheduler", lambda r: dict(draw(r, alpha_f=r.real(0, 1)), power=powers(r)), formula=polynomial,
    live=live("PolynomialScheduler"), **MAX)
add("composer.PolynomialWithWarmupScheduler", lambda r: draw(r, True, power=powers(r), alpha_f=r.real(0, 1)), formula=polynomial,
    live=live("PolynomialWithWarmupScheduler"), **MAX)
add("composer.CosineAnnealingWarmRestartsScheduler", lambda r: dict(lr=r.rate(), t_0=r.whole(2, 40), **r.opt(
    t_mult=r.choice([1.0, 2.0, 3.0, 1.5, 1.25]), alpha_f=r.real(0, 1))), lambda p: 10*p["t_0"], restarts,
    live("CosineAnnealingWarmRestartsScheduler"), text=restarts_text, note="each length is truncated to whole batches before the next is made from it")
