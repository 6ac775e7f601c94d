"""fvcore.common.param_scheduler at where = t/max_iter, as detectron2's LRMultiplier calls it."""

import math

from .record import add, cos01, load, phase


def scheduler(name, p):
    return getattr(load("fvcore.common.param_scheduler"), name)(**p)


def evaluate(make, max_iter, n):
    out = []
    for t in range(n):
        try:
            out.append(float(make(t/max_iter)))
        except (RuntimeError, IndexError, TypeError):
            out.append(None)
    return out


def live(name):
    return lambda p, n: evaluate(scheduler(name, {k: v for k, v in p.items() if k != "max_iter"}), p["max_iter"], n)


def constant(t, max_iter, value):
    return value if t < max_iter else None


def cosine(t, max_iter, start_value, end_value):
    return end_value + (start_value - end_value)*cos01(t/max_iter)


def linear(t, max_iter, start_value, end_value):
    return end_value*(t/max_iter) + start_value*(1 - t/max_iter)


def exponential(t, max_iter, start_value, decay):
    return start_value*decay**(t/max_iter)


def polynomial(t, max_iter, base_value, power):
    return base_value*(1 - t/max_iter)**power if t <= max_iter else None


def multi_step(t, max_iter, values, milestones, num_updates):
    return values[sum(m <= int((t/max_iter + 1e-6)*num_updates) for m in milestones)] if t <= max_iter else None


def multi_step_even(t, max_iter, values, num_updates):
    width = math.ceil(num_updates/len(values))
    return multi_step(t, max_iter, values, [width*(i + 1) for i in range(len(values) - 1)], num_updates)


def step(t, max_iter, num_updates, values):
    i = int((t/max_iter + 1e-6)*len(values))
    return values[i] if i < len(values) else None


def fixed_gamma(t, max_iter, base_value, num_decays, gamma, num_updates):
    i = int((t/max_iter + 1e-6)*(num_decays + 1))
    return base_value*gamma**i if i <= num_decays else None


PARTS = {
    "ConstantParamScheduler": (constant, lambda r: dict(value=r.rate())),
    "CosineParamScheduler": (cosine, lambda r: dict(start_value=r.rate(), end_value=r.below(1e-2))),
    "LinearParamScheduler": (linear, lambda r: dict(start_value=r.rate(), end_value=r.below(1e-2))),
    "ExponentialParamScheduler": (exponential, lambda r: dict(start_value=r.rate(), decay=r.real(0.01, 1))),
}


def plain(name, formula, draw, **options):
    add("fvcore." + name, lambda r: dict(max_iter=r.whole(1, 200), **draw(r)), lambda p: p["max_iter"], formula, live(name), **options)


def draw_multi(r):
    n = r.whole(6, 200)
    milestones = r.wholes(1, n - 1, 4, distinct=True)
    return dict(max_iter=n, num_updates=n, milestones=milestones, values=[r.rate() for _ in range(len(milestones) + 1)])


def draw_even(r):
    k = r.randint(1, 5)
    n = k*r.randint(1, 40)
    return dict(max_iter=n, num_updates=n, values=[r.rate() for _ in range(k)])


plain("ConstantParamScheduler", constant, PARTS["ConstantParamScheduler"][1], last=lambda p: p["max_iter"] - 1)
for _name in ("CosineParamScheduler", "LinearParamScheduler", "ExponentialParamScheduler"):
    plain(_name, PARTS[_name][0], PARTS[_name][1], note="goes on past the end as its formula does")
plain("PolynomialDecayParamScheduler", polynomial, lambda r: dict(base_value=r.rate(), power=r.choice([0.5, 1.0, 2.0, r.real(0.3, 4)])),
      last=lambda p: p["max_iter"])
add("fvcore.MultiStepParamScheduler", lambda r: draw_multi(r) if r.chance(0.7) else draw_even(r), lambda p: p["max_iter"],
    lambda t, **p: multi_step(t, **p) if "milestones" in p else multi_step_even(t, **p), live("MultiStepParamScheduler"), last=lambda p: p["max_iter"])
add("fvcore.StepParamScheduler", lambda r: (lambda n: dict(max_iter=n, num_updates=n, values=[r.rate() for _ in range(r.randint(1, 6))]))(
    r.whole(1, 200)), lambda p: p["max_iter"], step, live("StepParamScheduler"), last=lambda p: p["max_iter"] - 1)
add("fvcore.StepWithFixedGammaParamScheduler", lambda r: (lambda n: dict(max_iter=n, num_updates=n, base_value=r.rate(), num_decays=r.randint(1, 6),
                                                                       gamma=r.factor()))(r.whole(1, 200)),
    lambda p: p["max_iter"], fixed_gamma, live("StepWithFixedGammaParamScheduler"), last=lambda p: p["max_iter"] - 1)


def draw_composite(r):
    """Lengths in eighths, so that the sums are exact and the text can say where each piece ends."""
    cuts = sorted(r.sample(range(1, 8), r.randint(0, 3)))
    lengths = [(b - a)/8 for a, b in zip([0] + cuts, cuts + [8])]
    names = [r.choice(list(PARTS)) for _ in lengths]
    return dict(max_iter=r.whole(8, 200), lengths=lengths, schedulers=[[n, PARTS[n][1](r)] for n in names],
                interval_scaling=[r.choice(["rescaled", "fixed"]) for _ in lengths])


def composite(t, max_iter, lengths, schedulers, interval_scaling):
    where, end, i = t/max_iter, lengths[0], 0
    while where + 1e-6 > end and i < len(lengths) - 1:
        i += 1
        end += lengths[i]
    if interval_scaling[i] == "rescaled":
        where = (where - (end - lengths[i]))/lengths[i]
    name, p = schedulers[i]
    return PARTS[name][0](where, 1, **p)


def composite_live(p, n):
    made = scheduler("CompositeParamScheduler", dict(schedulers=[scheduler(name, q) for name, q in p["schedulers"]], lengths=list(p["lengths"]),
                                                     interval_scaling=p["interval_scaling"]))
    return evaluate(made, p["max_iter"], n)


def composite_text(p):
    """Pieces as phases. A `fixed` piece runs on the clock of the whole: start_where= says where on it the piece begins."""
    parts, end = [], 0.0
    for (name, q), length, scaling in zip(p["schedulers"], p["lengths"], p["interval_scaling"]):
        span, start, end = length*p["max_iter"], end, end + length
        own = dict(q, max_iter=span if scaling == "rescaled" else p["max_iter"])
        if scaling == "fixed" and start and name != "ConstantParamScheduler":
            own["start_where"] = start
        parts.append(phase("fvcore." + name, own) + ("" if end == 1 else " until %r" % (end*p["max_iter"])))
    return "use fvcore; " + "; ".join(parts)


add("fvcore.CompositeParamScheduler", draw_composite, lambda p: p["max_iter"], composite, composite_live, last=lambda p: p["max_iter"] - 1,
    text=composite_text, ulps=16)
