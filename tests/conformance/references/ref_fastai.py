"""fastai.callback.schedule at pos = t/total. Its pieces' limits are a float32 tensor, so that positions are float32."""

import functools
import math

from .record import add, definitions, load


def library():
    torch = load("torch")
    names = ("_Annealer", "annealer", "sched_lin", "sched_cos", "sched_no", "sched_exp", "SchedLin", "SchedCos", "SchedNo", "SchedExp", "SchedPoly",
             "combine_scheds", "combined_cos")
    def store_attr(names, self=None):
        import sys
        scope = sys._getframe(1).f_locals
        for n in names.split(","):
            setattr(scope["self"], n, scope[n])
    scope = {"math": math, "functools": functools, "torch": torch, "L": list, "tensor": lambda x: torch.tensor(x), "store_attr": store_attr}
    return definitions("fastai", "callback/schedule.py", names, scope)


def evaluate(make, total, n):
    curve = make(library())
    return [float(curve(t/total)) for t in range(n)]


def live(name):
    return lambda p, n: evaluate(lambda lib: getattr(lib, name)(**{k: v for k, v in p.items() if k != "total"}), p["total"], n)


def cos(a, b, u):
    return a + (1 + math.cos(math.pi*(1 - u)))*(b - a)/2


def combined(t, total, pct, start, middle, end):
    u = t/total
    return cos(start, middle, u/pct) if u < pct else cos(middle, end, (u - pct)/(1 - pct))


def one_cycle(t, lr_max, total, div=25.0, div_final=1e5, pct_start=0.25):
    return combined(t, total, pct_start, lr_max/div, lr_max, lr_max/div_final)


def flat_cos(t, lr, total, div_final=1e5, pct_start=0.75):
    return combined(t, total, pct_start, lr, lr, lr/div_final)


def sgdr(t, n_cycles, cycle_len, lr_max, cycle_mult=2):
    length = cycle_len
    for i in range(n_cycles):
        if t < length or i == n_cycles - 1:
            return cos(lr_max, 0, t/length)
        t -= length
        length *= cycle_mult
    return None


def sgdr_total(p):
    m = p.get("cycle_mult", 2)
    return p["cycle_len"]*(m**p["n_cycles"] - 1)//(m - 1)


def sgdr_live(p, n):
    total, m = sgdr_total(p), p.get("cycle_mult", 2)
    pcts = [p["cycle_len"]*m**i/total for i in range(p["n_cycles"])]
    if sum(pcts) != 1.0:                                     # the library asserts this of sums that rounding may miss
        return [None]*n
    return evaluate(lambda lib: lib.combine_scheds(pcts, [lib.SchedCos(p["lr_max"], 0) for _ in pcts]), total, n)


def restart_unsure(p, t):
    start, length = 0, p["cycle_len"]
    for _ in range(p["n_cycles"] - 1):
        start, length = start + length, length*p.get("cycle_mult", 2)
        if t == start:
            return "float32 rounding of the limits decides whether the new cycle has begun"
    return None


def pair(r):
    return dict(total=r.whole(1, 200), start=r.rate(), end=r.rate())


TOTAL = dict(length=lambda p: p["total"], last=lambda p: p["total"])
add("fastai.SchedLin", pair, formula=lambda t, total, start, end: start + t/total*(end - start), live=live("SchedLin"), **TOTAL)
add("fastai.SchedCos", pair, formula=lambda t, total, start, end: cos(start, end, t/total), live=live("SchedCos"), **TOTAL)
add("fastai.SchedNo", pair, formula=lambda t, total, start, end: start, live=live("SchedNo"), **TOTAL)
add("fastai.SchedExp", pair, formula=lambda t, total, start, end: start*(end/start)**(t/total), live=live("SchedExp"), **TOTAL)
add("fastai.SchedPoly", lambda r: dict(pair(r), power=r.choice([0.5, 1.0, 2.0, r.real(0.3, 4)])),
    formula=lambda t, total, start, end, power: start + (end - start)*(t/total)**power, live=live("SchedPoly"), **TOTAL)
add("fastai.combined_cos", lambda r: dict(total=r.whole(1, 200), pct=r.choice([0.25, 0.3, 0.5, r.real(0.05, 0.9)]), start=r.rate(), middle=r.rate(),
                                          end=r.rate()), formula=combined, live=live("combined_cos"), arithmetic="float32", ulps=64, **TOTAL)
add("fastai.fit_one_cycle", lambda r: dict(lr_max=r.rate(), total=r.whole(1, 200), **r.opt(div=r.real(1, 50), div_final=r.choice([1e3, 1e5]),
                                                                                        pct_start=r.real(0.05, 0.9))), formula=one_cycle,
    live=lambda p, n: evaluate(lambda lib: lib.combined_cos(p.get("pct_start", 0.25), p["lr_max"]/p.get("div", 25.0), p["lr_max"],
                                                            p["lr_max"]/p.get("div_final", 1e5)), p["total"], n), arithmetic="float32", ulps=64, **TOTAL)
add("fastai.fit_one_cycle_momentum", lambda r: dict(total=r.whole(1, 200), moms=[0.95, r.real(0.8, 0.9), r.real(0.9, 0.99)],
                                                    **r.opt(pct_start=r.real(0.05, 0.9))),
    formula=lambda t, total, moms, pct_start=0.25: combined(t, total, pct_start, *moms),
    live=lambda p, n: evaluate(lambda lib: lib.combined_cos(p.get("pct_start", 0.25), *p["moms"]), p["total"], n), arithmetic="float32", ulps=64, **TOTAL)
add("fastai.fit_flat_cos", lambda r: dict(lr=r.rate(), total=r.whole(1, 200), **r.opt(div_final=r.choice([1e3, 1e5]), pct_start=r.real(0.05, 0.9))),
    formula=flat_cos, live=lambda p, n: evaluate(lambda lib: lib.combined_cos(p.get("pct_start", 0.75), p["lr"], p["lr"],
                                                                              p["lr"]/p.get("div_final", 1e5)), p["total"], n),
    arithmetic="float32", ulps=64, **TOTAL)
add("fastai.fit_sgdr", lambda r: dict(n_cycles=r.randint(1, 4), cycle_len=r.whole(1, 20), lr_max=r.rate(), **r.opt(cycle_mult=r.choice([2, 3]))),
    length=sgdr_total, last=lambda p: sgdr_total(p) - 1, formula=sgdr, live=sgdr_live, arithmetic="float32", ulps=64, skip=restart_unsure)
