"""deepspeed.runtime.lr_schedules: the rate after t calls of step()."""

import logging
import math

from .record import add, cos01, definitions, load


def library():
    torch = load("torch")
    names = ("LRRangeTest", "OneCycle", "WarmupLR", "WarmupDecayLR", "WarmupCosineLR", "get_torch_optimizer", "update_lr", "_format_param")
    scope = {"math": math, "Optimizer": torch.optim.Optimizer, "is_tensor": torch.is_tensor, "logger": logging.getLogger("deepspeed"),
             "WARMUP_LOG_RATE": "log", "WARMUP_LINEAR_RATE": "linear", "List": list, "Union": object}
    scope["logger"].disabled = True
    try:
        return definitions("deepspeed", "runtime/lr_schedules.py", names, scope)
    except TypeError:
        import typing
        scope.update(List=typing.List, Union=typing.Union)
        return definitions("deepspeed", "runtime/lr_schedules.py", names, scope)


def live(name, momentum=False):
    def values(p, n):
        torch = load("torch")
        opt = torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))], lr=p.get("lr", 0.1))
        sched = getattr(library(), name)(opt, **{k: v for k, v in p.items() if k != "lr"})
        out = []
        for _ in range(n):
            group = opt.param_groups[0]
            out.append(float(group["betas"][0] if momentum else group["lr"]))
            opt.step()
            sched.step()
        return out
    return values


def range_test(t, lr_range_test_min_lr=1e-3, lr_range_test_step_size=2000, lr_range_test_step_rate=1.0, lr_range_test_staircase=False):
    p = t/lr_range_test_step_size
    return lr_range_test_min_lr*(1 + lr_range_test_step_rate*(math.floor(p) if lr_range_test_staircase else p))


def scale(t, first, second, first_stairs, second_stairs):
    total = first + second
    ratio = first/total
    x = 1 + t/total - math.floor(1 + t/total)
    s, stairs = (x/ratio, first_stairs) if x <= ratio else ((x - 1)/(ratio - 1), second_stairs)
    if stairs > 0:
        c = t % total
        s = math.floor(c*stairs/first if c <= first else (total - c)*stairs/second)/stairs
    return s


def sizes(p):
    first = float(p.get("cycle_first_step_size", 2000))
    second = first if p.get("cycle_second_step_size") is None else float(p["cycle_second_step_size"])
    stairs = p.get("cycle_first_stair_count", 0)
    return first, second, stairs, stairs if p.get("cycle_second_stair_count") is None else p["cycle_second_stair_count"]


def one_cycle(t, cycle_min_lr, cycle_max_lr, decay_lr_rate=0.0, decay_step_size=0, **p):
    shape = sizes(p)
    total = shape[0] + shape[1]
    if t <= total:
        return cycle_min_lr + (cycle_max_lr - cycle_min_lr)*scale(t, *shape)
    return cycle_min_lr/(1 + decay_lr_rate*((t - total)/decay_step_size)) if decay_step_size and decay_lr_rate else cycle_min_lr


def one_cycle_momentum(t, cycle_min_mom=0.8, cycle_max_mom=0.9, decay_mom_rate=0.0, decay_step_size=0, **p):
    shape = sizes(p)
    total = shape[0] + shape[1]
    if t == 0:
        return cycle_min_mom
    if t <= total:
        return cycle_max_mom - (cycle_max_mom - cycle_min_mom)*scale(t, *shape)
    return cycle_max_mom*(1 + decay_mom_rate*((t - total)/decay_step_size)) if decay_step_size and decay_mom_rate else cycle_max_mom


def ramp(i, w, kind):
    return math.log(i + 1)/math.log(w) if kind == "log" else i/w


def warmup(t, warmup_min_lr=0.0, warmup_max_lr=1e-3, warmup_num_steps=1000, warmup_type="log", lr=None, total_num_steps=None):
    w, i = max(2, warmup_num_steps), t - 1
    top = warmup_max_lr
    if t == 0:
        return warmup_min_lr
    if i < w:
        g = ramp(i, w, warmup_type)
    else:
        g = 1.0 if total_num_steps is None else max(0.0, (total_num_steps - i)/max(1.0, total_num_steps - w))
    return warmup_min_lr + (top - warmup_min_lr)*g


def warmup_lr(t, lr, warmup_max_lr=None, **p):
    return warmup(t, warmup_max_lr=lr if warmup_max_lr is None else warmup_max_lr, **p)


def warmup_cosine(t, lr, total_num_steps, warmup_min_ratio=0.0, warmup_num_steps=1000, cos_min_ratio=1e-4, warmup_type="log"):
    w, i = max(2, warmup_num_steps), t - 1
    if t == 0:
        return 0.0
    if i < w:
        return lr*(warmup_min_ratio + (1 - warmup_min_ratio)*ramp(i, w, warmup_type))
    return lr*(cos_min_ratio + (1 - cos_min_ratio)*cos01(min(1.0, (i - w + 1)/max(1, total_num_steps - w))))


def draw_cycle(r):
    peak = r.rate()
    p = dict(cycle_min_lr=r.below(peak), cycle_max_lr=peak, cycle_first_step_size=r.whole(1, 60), **r.opt(cycle_second_step_size=r.whole(1, 60)))
    if r.chance(0.3):
        p.update(cycle_first_stair_count=r.whole(0, 6), **r.opt(cycle_second_stair_count=r.whole(0, 6)))
    if r.chance():
        p.update(decay_step_size=r.whole(1, 20), decay_lr_rate=r.real(0, 2))
    return p


def stair_unsure(p, t):
    """Where the position is a whole number of stairs up to rounding, rounding decides on the stair."""
    first, second, a, b = sizes(p)
    c = t % (first + second)
    position = c*a/first if c <= first else (first + second - c)*b/second
    if (a or b) and position != round(position) and abs(position - round(position)) < 1e-9:
        return "rounding decides on the stair"
    return None


def cycle_length(p):
    first, second, _, _ = sizes(p)
    return first + second


def draw_warm(r, **more):
    w = r.whole(1, 60)
    return dict(warmup_num_steps=w, **r.opt(warmup_min_lr=r.below(1e-3), warmup_type=r.choice(["log", "linear"])), **more)


add("deepspeed.LRRangeTest", lambda r: r.opt(lr_range_test_min_lr=r.rate(), lr_range_test_step_size=r.whole(1, 40),
                                             lr_range_test_step_rate=r.real(0, 5), lr_range_test_staircase=r.chance()),
    lambda p: 120, range_test, live("LRRangeTest"))
add("deepspeed.OneCycle", draw_cycle, cycle_length, one_cycle, live("OneCycle"), skip=stair_unsure, ulps=200)
add("deepspeed.OneCycle_momentum", lambda r: dict(draw_cycle(r), **r.opt(cycle_min_mom=r.real(0.5, 0.85), cycle_max_mom=r.real(0.86, 0.99),
                                                                          decay_mom_rate=r.real(0, 0.1))),
    cycle_length, one_cycle_momentum, live("OneCycle", True), skip=stair_unsure, ulps=200, note="before the first step() the library has the minimum")
add("deepspeed.WarmupLR", lambda r: dict(lr=r.rate(), **draw_warm(r), **r.opt(warmup_max_lr=r.rate())), lambda p: p["warmup_num_steps"], warmup_lr,
    live("WarmupLR"), note="two updates at the minimum")
add("deepspeed.WarmupDecayLR", lambda r: (lambda p: dict(p, total_num_steps=p["warmup_num_steps"] + r.whole(0, 150), **r.opt(
    warmup_max_lr=r.rate())))(draw_warm(r)), lambda p: p["total_num_steps"], warmup, live("WarmupDecayLR"))
add("deepspeed.WarmupCosineLR", lambda r: (lambda w: dict(lr=r.rate(), total_num_steps=w + r.whole(0, 150), warmup_num_steps=w, **r.opt(
    warmup_min_ratio=r.real(0, 0.5), cos_min_ratio=r.real(0, 0.5), warmup_type=r.choice(["log", "linear"]))))(r.whole(1, 60)),
    lambda p: p["total_num_steps"], warmup_cosine, live("WarmupCosineLR"), note="the first update at 0; a linear warm-up never reaches the peak")
