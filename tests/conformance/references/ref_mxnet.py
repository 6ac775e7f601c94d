"""mxnet.lr_scheduler: a trainer counts num_update from 1, so that step t is num_update t+1."""

from .record import add, bare, cos01, load


def live(name):
    def values(p, n):
        bare("mxnet")                                       # its __init__ does not load with numpy 2
        sched = getattr(load("mxnet.lr_scheduler"), name)(**p)
        return [float(sched(t + 1)) for t in range(n)]
    return values


def warm(n, base_lr, warmup_steps, warmup_begin_lr, warmup_mode):
    return warmup_begin_lr + (base_lr - warmup_begin_lr)*n/warmup_steps if warmup_mode == "linear" else warmup_begin_lr


def warmed(law):
    def formula(t, base_lr=0.01, warmup_steps=0, warmup_begin_lr=0, warmup_mode="linear", **p):
        if t + 1 < warmup_steps:
            return warm(t + 1, base_lr, warmup_steps, warmup_begin_lr, warmup_mode)
        return law(t + 1, base_lr, warmup_steps, **p)
    return formula


def factor(n, base, _, step, factor=1, stop_factor_lr=1e-8):
    k = (n - 1)//step
    return base if k == 0 else max(base*factor**k, stop_factor_lr)


def decay(n, base, w, max_update, final_lr, law):
    return final_lr + (base - final_lr)*law((min(n, max_update) - w)/(max_update - w))


def draw(r, **more):
    base = r.rate()
    p = dict(base_lr=base, **more)
    if r.chance(0.6):
        p.update(warmup_steps=r.whole(0, 40), **r.opt(warmup_begin_lr=r.below(base), warmup_mode=r.choice(["linear", "constant"])))
    return p


def draw_max(r, **more):
    p = draw(r, **more)
    return dict(p, max_update=p.get("warmup_steps", 0) + r.whole(1, 150), **r.opt(final_lr=r.below(p["base_lr"])))


add("mxnet.FactorScheduler", lambda r: dict(draw(r), step=r.whole(1, 40), factor=r.factor(), **r.opt(stop_factor_lr=r.choice([1e-8, 1e-3]))),
    lambda p: 4*p["step"] + p.get("warmup_steps", 0), warmed(factor), live("FactorScheduler"), arithmetic="float64 recursion")
add("mxnet.MultiFactorScheduler", lambda r: dict(draw(r), step=r.wholes(1, 120, distinct=True), factor=r.factor()), lambda p: p["step"][-1],
    warmed(lambda n, base, _, step, factor=1: base*factor**sum(s < n for s in step)), live("MultiFactorScheduler"), arithmetic="float64 recursion",
    note="one step late")
add("mxnet.PolyScheduler", lambda r: draw_max(r, **r.opt(pwr=r.choice([1, 2, 3]))), lambda p: p["max_update"],
    warmed(lambda n, base, w, max_update, pwr=2, final_lr=0: decay(n, base, w, max_update, final_lr, lambda u: (1 - u)**pwr)), live("PolyScheduler"))
add("mxnet.CosineScheduler", draw_max, lambda p: p["max_update"],
    warmed(lambda n, base, w, max_update, final_lr=0: decay(n, base, w, max_update, final_lr, cos01)), live("CosineScheduler"))
