"""paddle.optimizer.lr: the value after t calls of step()."""

import math
import warnings

from .record import add, load, phase
from .ref_keras import polynomial as keras_polynomial
from .ref_torch import (constant_lr, cosine_annealing_lr, cyclic_scale, draw_cyclic, exponential_lr, linear_lr, multi_step_lr, one_cycle, step_lr,
                        warm_restarts)

REC = "float64 recursion"


def make(name, p):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(load("paddle.optimizer.lr"), name)(**p)


def stepped(sched, n):
    out = []
    for _ in range(n):
        out.append(float(sched()))
        try:
            sched.step()
        except (ValueError, ZeroDivisionError):
            break
    return out + [None]*(n - len(out))


def live(name):
    return lambda p, n: stepped(make(name, p), n)


def with_rate(formula):
    """learning_rate here is lr there."""
    return lambda t, learning_rate, **p: formula(t, lr=learning_rate, **p)


def noam(t, d_model, warmup_steps, learning_rate=1.0):
    return learning_rate*d_model**-0.5*min(t**-0.5 if t else 1, t*warmup_steps**-1.5)


def cyclic(t, base_learning_rate, max_learning_rate, step_size_up, step_size_down=None, mode="triangular", exp_gamma=1.0):
    return base_learning_rate + (max_learning_rate - base_learning_rate)*cyclic_scale(t, step_size_up, step_size_down, mode, exp_gamma)


def draw_cyc(r):
    p = draw_cyclic(r)
    q = dict(base_learning_rate=p.pop("base_lr"), max_learning_rate=p.pop("max_lr"))
    if "gamma" in p:
        q["exp_gamma"] = p.pop("gamma")
    return dict(q, **p)


def one_cycle_lr(t, max_learning_rate, total_steps, divide_factor=25.0, end_learning_rate=1e-4, phase_pct=0.3, anneal_strategy="cos", three_phase=False):
    first = max_learning_rate/divide_factor
    course = [first, max_learning_rate, first, end_learning_rate] if three_phase else [first, max_learning_rate, end_learning_rate]
    return one_cycle(t, course, total_steps, phase_pct, anneal_strategy)


def draw_one(r):
    p = dict(max_learning_rate=r.rate(), total_steps=r.whole(2, 300), **r.opt(
        divide_factor=r.real(1, 50), end_learning_rate=r.below(1e-2), phase_pct=r.choice([0.1, 0.25, 0.3, 0.4, r.real(0, 0.49)]),
        anneal_strategy=r.choice(["cos", "linear"]), three_phase=r.chance(0.4)))
    if abs(p.get("phase_pct", 0.3)*p["total_steps"] - 1) < 1e-9:
        p["phase_pct"] = 0.0
    return p


def pair(r, **more):
    return dict(learning_rate=r.rate(), **more)


add("paddle.NoamDecay", lambda r: dict(d_model=r.choice([64, 512, 1024]), warmup_steps=r.whole(1, 100), **r.opt(learning_rate=r.rate())),
    lambda p: 3*p["warmup_steps"], noam, live("NoamDecay"), note="0 at step 0")
add("paddle.PiecewiseDecay", lambda r: (lambda b: dict(boundaries=b, values=[r.rate() for _ in range(len(b) + 1)]))(r.wholes(1, 100, distinct=True)),
    lambda p: p["boundaries"][-1], lambda t, boundaries, values: values[sum(b <= t for b in boundaries)], live("PiecewiseDecay"))
add("paddle.NaturalExpDecay", lambda r: pair(r, gamma=r.real(0.001, 0.5)), lambda p: 120,
    lambda t, learning_rate, gamma: learning_rate*math.exp(-gamma*t), live("NaturalExpDecay"))
add("paddle.InverseTimeDecay", lambda r: pair(r, gamma=r.real(0, 2)), lambda p: 120, lambda t, learning_rate, gamma: learning_rate/(1 + gamma*t),
    live("InverseTimeDecay"))
add("paddle.ExponentialDecay", lambda r: pair(r, gamma=r.decay()), lambda p: 150, with_rate(exponential_lr), live("ExponentialDecay"))
add("paddle.StepDecay", lambda r: pair(r, step_size=r.whole(1, 50), **r.opt(gamma=r.factor())), lambda p: 4*p["step_size"], with_rate(step_lr),
    live("StepDecay"))
add("paddle.MultiStepDecay", lambda r: pair(r, milestones=r.wholes(1, 120, distinct=True), **r.opt(gamma=r.factor())), lambda p: p["milestones"][-1],
    with_rate(multi_step_lr), live("MultiStepDecay"))
add("paddle.PolynomialDecay", lambda r: pair(r, decay_steps=r.whole(1, 100), **r.opt(end_lr=r.below(1e-2), power=r.choice([0.5, 1.0, 2.0, r.real(0.3, 4)]),
                                                                                  cycle=r.chance())), lambda p: 3*p["decay_steps"],
    lambda t, learning_rate, decay_steps, end_lr=1e-4, power=1.0, cycle=False: keras_polynomial(t, learning_rate, decay_steps, end_lr, power, cycle),
    live("PolynomialDecay"))
add("paddle.LambdaDecay", lambda r: pair(r, a=r.decay(), b=r.real(0, 1)), lambda p: 100, lambda t, learning_rate, a, b: learning_rate*max(b, a**t),
    lambda p, n: stepped(make("LambdaDecay", dict(learning_rate=p["learning_rate"], lr_lambda=lambda t: max(p["b"], p["a"]**t))), n),
    text=lambda p: "curve %r*max(%r, %r^t)" % (p["learning_rate"], p["b"], p["a"]), note="a Python function there, a curve here")
add("paddle.MultiplicativeDecay", lambda r: pair(r, gamma=r.decay()), lambda p: 100, lambda t, learning_rate, gamma: learning_rate*gamma**t,
    lambda p, n: stepped(make("MultiplicativeDecay", dict(learning_rate=p["learning_rate"], lr_lambda=lambda t: p["gamma"])), n), arithmetic=REC,
    text=lambda p: "curve %r*%r^t" % (p["learning_rate"], p["gamma"]), note="with a constant factor")
add("paddle.CosineAnnealingDecay", lambda r: pair(r, T_max=r.whole(1, 200), **r.opt(eta_min=r.below(1e-3))), lambda p: 3*p["T_max"],
    with_rate(cosine_annealing_lr), live("CosineAnnealingDecay"), arithmetic=REC, note="rises again after T_max")
add("paddle.CosineAnnealingWarmRestarts", lambda r: pair(r, T_0=r.whole(1, 40), **r.opt(T_mult=r.choice([1, 2, 3]), eta_min=r.below(1e-3))),
    lambda p: min(400, 12*p["T_0"]), with_rate(warm_restarts), live("CosineAnnealingWarmRestarts"))
add("paddle.LinearLR", lambda r: pair(r, total_steps=r.whole(1, 100), **r.opt(start_factor=r.real(0.001, 1), end_factor=r.real(0, 1))),
    lambda p: p["total_steps"], lambda t, learning_rate, total_steps, start_factor=1/3, end_factor=1.0: linear_lr(
        t, start_factor, end_factor, total_steps, learning_rate), live("LinearLR"), arithmetic=REC)
add("paddle.OneCycleLR", draw_one, lambda p: p["total_steps"], one_cycle_lr, live("OneCycleLR"), last=lambda p: p["total_steps"], ulps=64)
add("paddle.CyclicLR", draw_cyc, lambda p: 3*(p["step_size_up"] + p.get("step_size_down", p["step_size_up"])), cyclic, live("CyclicLR"), ulps=200)

INNER = {
    "CosineAnnealingDecay": (cosine_annealing_lr, lambda r: dict(T_max=r.whole(1, 60))),
    "ExponentialDecay": (exponential_lr, lambda r: dict(gamma=r.decay())),
    "StepDecay": (step_lr, lambda r: dict(step_size=r.whole(1, 20), gamma=r.factor())),
    None: (constant_lr, lambda r: dict(factor=1.0)),
}


def draw_warmup(r):
    name, top = r.choice(list(INNER)), r.rate()
    return dict(warmup_steps=r.whole(1, 50), start_lr=r.below(top), end_lr=top, learning_rate=r.rate(), inner=name, inner_p=INNER[name][1](r))


def warmup(t, warmup_steps, start_lr, end_lr, learning_rate, inner, inner_p):
    if t < warmup_steps:
        return (end_lr - start_lr)*t/warmup_steps + start_lr
    return INNER[inner][0](t - warmup_steps, lr=learning_rate, **inner_p)


def warmup_live(p, n):
    inner = make(p["inner"], dict(learning_rate=p["learning_rate"], **p["inner_p"])) if p["inner"] else p["learning_rate"]
    return stepped(make("LinearWarmup", dict(learning_rate=inner, **{k: p[k] for k in ("warmup_steps", "start_lr", "end_lr")})), n)


def warmup_text(p):
    """The scheduler inside is the phase that follows."""
    own = {k: p[k] for k in ("warmup_steps", "start_lr", "end_lr")}
    if not p["inner"]:
        return "use paddle; " + phase("paddle.LinearWarmup", dict(learning_rate=p["learning_rate"], **own))
    after = phase("paddle." + p["inner"], dict(learning_rate=p["learning_rate"], **p["inner_p"]))
    return "use paddle; %s until %d; %s" % (phase("paddle.LinearWarmup", dict(learning_rate=p["end_lr"], **own)), p["warmup_steps"], after)


add("paddle.LinearWarmup", draw_warmup, lambda p: p["warmup_steps"] + 80, warmup, warmup_live, text=warmup_text,
    note="the scheduler inside it has its own clock")
