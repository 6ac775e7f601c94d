"""torchtitan.components.optimizer.lr_scheduler: its one lambda for warm-up, stable part and decay."""

import functools
import logging
import math

from .record import add, cos01, definitions, load
from .ref_torch import run


def live(p, n):
    import dataclasses
    import typing
    scope = {"functools": functools, "math": math, "dataclass": dataclasses.dataclass, "logger": logging.getLogger("titan"), "Stateful": type("Stateful", (), {}),
             "Configurable": type("Configurable", (), {"Config": object}), "Any": typing.Any,
             "Literal": typing.Literal, "Callable": typing.Callable, "Iterator": typing.Iterator, "OptimizersContainer": list,
             "LambdaLR": load("torch.optim.lr_scheduler").LambdaLR, "LRScheduler": object}
    scope["logger"].disabled = True
    lib = definitions("torchtitan", "components/optimizer/lr_scheduler.py", ("LRSchedulersContainer",), scope)
    q = {k: v for k, v in p.items() if k not in ("lr", "training_steps")}
    return run(lambda opt: Stepper(lib.LRSchedulersContainer.Config(**q).build(optimizers=[opt], training_steps=p["training_steps"])), p["lr"], n)


class Stepper:
    """The lambda asserts that there is a decay when it is asked for one: the values end there."""

    def __init__(self, container):
        self.container = container

    def step(self):
        try:
            self.container.step()
        except AssertionError as error:
            raise ValueError("undefined") from error


def formula(t, lr, training_steps, total_steps=None, warmup_steps=200, decay_ratio=None, decay_type="linear", min_lr_factor=0.0):
    total = training_steps if total_steps is None else total_steps
    w = min(warmup_steps, total)
    d = min(round(total*decay_ratio), total - w) if decay_ratio is not None else total - w
    s = total + 1 - w - d
    if t < w:
        return lr*((t + 1)/w)
    if t < w + s:
        return lr
    if d == 0:
        return None
    q = (t + 1 - w - s)/d
    if decay_type == "sqrt" and q < 0:
        return None
    f = {"linear": lambda: 1 - q, "sqrt": lambda: 1 - math.sqrt(q), "cosine": lambda: cos01(q)}[decay_type]()
    return lr*(min_lr_factor + (1 - min_lr_factor)*f)


def draw(r):
    p = dict(lr=r.rate(), training_steps=r.whole(1, 200), warmup_steps=r.whole(0, 60), **r.opt(
        decay_ratio=r.choice([0.1, 0.5, 1.0, r.real(0, 1)]), decay_type=r.choice(["linear", "sqrt", "cosine"]), min_lr_factor=r.real(0, 0.5)))
    return p


def last(p):
    """Without a decay the library asserts at the end of the run."""
    n = 0
    while n < p["training_steps"] + 20 and formula(n + 1, **p) is not None:
        n += 1
    return n


add("torchtitan.linear_warmup_stable_decay", draw, lambda p: p["training_steps"], formula, live, last=last, ulps=16,
    note="its last update is one step before the end of the decay; later it goes below the minimum")
