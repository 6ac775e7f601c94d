"""megatron.core.optimizer_param_scheduler (PyPI: megatron-core), stepped by 1."""

import math
import types

from .record import add, cos01, definitions, load

WSD = {"linear": lambda q: 1 - q, "cosine": cos01, "exponential": lambda q: 2.0*0.5**q - 1, "minus_sqrt": lambda q: 1 - math.sqrt(q)}


def library():
    import logging
    import typing
    scope = {"math": math, "logging": logging, "logger": logging.getLogger("megatron"), "log_single_rank": lambda *a, **k: None}
    scope.update({n: getattr(typing, n) for n in ("Any", "Optional", "TypedDict", "TYPE_CHECKING")}, MegatronOptimizer=object)
    return definitions("megatron.core", "optimizer_param_scheduler.py", ("ParamGroupOverride", "OptimizerParamScheduler"), scope)


def live(key):
    def values(p, n):
        group = {}
        q = dict(dict(init_lr=0.0, max_lr=1.0, min_lr=0.0, lr_warmup_steps=0, lr_decay_steps=1, lr_decay_style="constant", start_wd=0.0,
                      end_wd=0.0, wd_incr_steps=1, wd_incr_style="constant"), **p)
        sched = library().OptimizerParamScheduler(types.SimpleNamespace(param_groups=[group]), **q)
        out = []
        for _ in range(n):
            out.append(float(group[key]))
            sched.step(1)
        return out
    return values


def rate(t, init_lr, max_lr, min_lr, lr_warmup_steps, lr_decay_steps, lr_decay_style, wsd_decay_steps=None, lr_wsd_decay_style=None):
    w, end = lr_warmup_steps, lr_decay_steps
    if w > 0 and t <= w:
        return init_lr + (max_lr - init_lr)*t/w
    if lr_decay_style == "constant":
        return max_lr
    if t > end:
        return min_lr
    if lr_decay_style == "inverse-square-root":
        return max(min_lr, max_lr*math.sqrt(max(w, 1))/math.sqrt(max(t, 1)))
    r = (t - w)/(end - w)
    if lr_decay_style == "WSD":
        start = end - wsd_decay_steps
        c = 1.0 if t <= start else WSD[lr_wsd_decay_style]((t - start)/wsd_decay_steps)
    else:
        c = 1 - r if lr_decay_style == "linear" else cos01(r)
    return min_lr + c*(max_lr - min_lr)


def weight_decay(t, start_wd, end_wd, wd_incr_steps, wd_incr_style):
    if t > wd_incr_steps or wd_incr_style == "constant":
        return end_wd
    r = t/wd_incr_steps
    return start_wd + (r if wd_incr_style == "linear" else cos01(1 - r))*(end_wd - start_wd)


def draw(style, wsd=None):
    def drawn(r):
        top = r.rate()
        w = r.whole(0, 50)
        p = dict(init_lr=r.below(top), max_lr=top, min_lr=r.below(top), lr_warmup_steps=w, lr_decay_steps=w + r.whole(1, 150), lr_decay_style=style)
        if wsd:
            p.update(wsd_decay_steps=r.whole(1, p["lr_decay_steps"]), lr_wsd_decay_style=wsd)
        return p
    return drawn


def draw_wd(r):
    start = r.real(0, 0.1)
    style = r.choice(["linear", "cosine", "constant"])
    return dict(start_wd=start, end_wd=start if style == "constant" else start + r.real(0, 1), wd_incr_steps=r.whole(1, 150), wd_incr_style=style)


def text(p):
    from .record import call
    return call("megatron.OptimizerParamScheduler", p)


for _style in ("constant", "linear", "cosine", "inverse-square-root"):
    add("megatron.OptimizerParamScheduler " + _style, draw(_style), lambda p: p["lr_decay_steps"], rate, live("lr"), text=text)
for _wsd in WSD:
    add("megatron.OptimizerParamScheduler WSD " + _wsd, draw("WSD", _wsd), lambda p: p["lr_decay_steps"], rate, live("lr"), text=text, ulps=16)
add("megatron.OptimizerParamScheduler_wd", draw_wd, lambda p: p["wd_incr_steps"], weight_decay, live("weight_decay"))
