"""torch.optim.lr_scheduler, run as a training loop runs it: optimizer.step(), then scheduler.step()."""

import math

from .record import add, call, cos01, exact_cycle, load, phase, value

REC = "float64 recursion"


def optimizer(lr):
    torch = load("torch")
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr, momentum=0.9)


def run(make, lr, n, key="lr"):
    """The rate that each update is made with; after an error of the library nothing is defined any more."""
    import warnings
    opt = optimizer(lr)
    values = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sched = make(opt)
        for _ in range(n):
            values.append(float(opt.param_groups[0][key]))
            opt.step()
            try:
                sched.step()
            except (ValueError, ZeroDivisionError):
                break
    return values + [None]*(n - len(values))


def make(name, opt, p):
    cls = getattr(load("torch.optim.lr_scheduler"), name)
    return cls(opt, **{k: v for k, v in p.items() if k != "lr"})


def stepping(name, key="lr"):
    return lambda p, n: run(lambda opt: make(name, opt, p), p.get("lr", p.get("max_lr", 1.0)), n, key)


# The multiplicative ones, whose formulas the chained and sequential schedulers use too.

def step_lr(t, step_size, gamma=0.1, lr=1):
    return lr*gamma**(t//step_size)


def multi_step_lr(t, milestones, gamma=0.1, lr=1):
    return lr*gamma**sum(m <= t for m in milestones)


def constant_lr(t, factor=1/3, total_iters=5, lr=1):
    return lr*factor if t < total_iters or total_iters == 0 else lr


def linear_lr(t, start_factor=1/3, end_factor=1.0, total_iters=5, lr=1):
    u = min(t, total_iters)/total_iters if total_iters else 0
    return lr*(start_factor + (end_factor - start_factor)*u)


def exponential_lr(t, gamma, lr=1):
    return lr*gamma**t


def polynomial_lr(t, total_iters=5, power=1.0, lr=1):
    u = min(t, total_iters)/total_iters if total_iters else 0
    return lr*(1 - u)**power


def cosine_annealing_lr(t, T_max, eta_min=0.0, lr=1):
    return eta_min + (lr - eta_min)*cos01(t/T_max)


def warm_restarts(t, T_0, T_mult=1, eta_min=0.0, lr=1):
    _, start, length = exact_cycle(t, T_0, T_mult) if T_mult > 1 else (0, t - t % T_0, T_0)
    return eta_min + (lr - eta_min)*cos01((t - start)/length)


add("torch.LambdaLR", lambda r: dict(lr=r.rate(), law=r.whole(0, 2), a=r.real(0.9, 0.999), b=r.real(0, 1)),
    length=lambda p: 100,
    formula=lambda t, lr, law, a, b: lr*LAMBDAS[law][0](t, a, b),
    live=lambda p, n: run(lambda opt: load("torch.optim.lr_scheduler").LambdaLR(
        opt, lambda t: LAMBDAS[p["law"]][0](t, p["a"], p["b"])), p["lr"], n),
    text=lambda p: "use torch; decay law(t) = %s; torch.LambdaLR(law, lr=%s)" % (LAMBDAS[p["law"]][1] % p, value(p["lr"])),
    note="a Python function there, a decay here")

LAMBDAS = [
    (lambda t, a, b: max(b, a**t), "max(%(b)r, %(a)r^t)"),
    (lambda t, a, b: 1/(1 + (1 - a)*t), "(1/(1 + (1 - %(a)r)*t))"),
    (lambda t, a, b: min(1.0, (t + 1)/50)*(b + 0.1), "(min(1, (t + 1)/50)*(%(b)r + 0.1))"),
]

add("torch.MultiplicativeLR", lambda r: dict(lr=r.rate(), gamma=r.decay()), length=lambda p: 100,
    formula=lambda t, lr, gamma: lr*gamma**t,
    live=lambda p, n: run(lambda opt: load("torch.optim.lr_scheduler").MultiplicativeLR(opt, lambda t: p["gamma"]), p["lr"], n),
    arithmetic=REC, text=lambda p: call("torch.MultiplicativeLR", dict(lr_lambda=p["gamma"], lr=p["lr"])),
    note="with a constant factor: a product of f(1)...f(t) is no closed form")

add("torch.StepLR", lambda r: dict(lr=r.rate(), step_size=r.whole(1, 60), **r.opt(gamma=r.factor())),
    length=lambda p: 4*p["step_size"], formula=step_lr, live=stepping("StepLR"), arithmetic=REC)

add("torch.MultiStepLR", lambda r: dict(lr=r.rate(), milestones=r.wholes(0, 150), **r.opt(gamma=r.factor())),
    length=lambda p: p["milestones"][-1], formula=multi_step_lr, live=stepping("MultiStepLR"), arithmetic=REC,
    note="a milestone that stands twice counts twice")

add("torch.ConstantLR", lambda r: dict(lr=r.rate(), **r.opt(factor=r.real(0.001, 1), total_iters=r.whole(0, 60))),
    length=lambda p: p.get("total_iters", 5), formula=constant_lr, live=stepping("ConstantLR"), arithmetic=REC,
    note="total_iters=0 keeps the factor for ever")

add("torch.LinearLR", lambda r: dict(lr=r.rate(), **r.opt(start_factor=r.real(0.001, 1), end_factor=r.real(0, 1),
                                                           total_iters=r.whole(0, 100))),
    length=lambda p: p.get("total_iters", 5), formula=linear_lr, live=stepping("LinearLR"), arithmetic=REC,
    note="total_iters=0 stays at start_factor")

add("torch.ExponentialLR", lambda r: dict(lr=r.rate(), gamma=r.decay()), length=lambda p: 150,
    formula=exponential_lr, live=stepping("ExponentialLR"), arithmetic=REC)

add("torch.PolynomialLR", lambda r: dict(lr=r.rate(), **r.opt(total_iters=r.whole(0, 150),
                                                               power=r.choice([0.0, 0.5, 0.9, 1.0, 2.0, 3.0, r.real(0.3, 4)]))),
    length=lambda p: p.get("total_iters", 5), formula=polynomial_lr, live=stepping("PolynomialLR"), arithmetic=REC)

add("torch.CosineAnnealingLR", lambda r: dict(lr=r.rate(), T_max=r.whole(1, 200), **r.opt(eta_min=r.below(1e-3))),
    length=lambda p: 3*p["T_max"], formula=cosine_annealing_lr, live=stepping("CosineAnnealingLR"), arithmetic=REC,
    note="rises again after T_max")

add("torch.CosineAnnealingWarmRestarts",
    lambda r: dict(lr=r.rate(), T_0=r.whole(1, 40), **r.opt(T_mult=r.choice([1, 1, 2, 3, 10]), eta_min=r.below(1e-3))),
    length=lambda p: min(400, 12*p["T_0"]), formula=warm_restarts, live=stepping("CosineAnnealingWarmRestarts"),
    note="step() counts exactly; step(epoch) takes floor(log) and is wrong at T_mult=3, epoch=121*T_0")


def cyclic_scale(t, up=2000, down=None, mode="triangular", gamma=1.0):
    total = up + (up if down is None else down)
    cycle = math.floor(1 + t/total)
    x = 1 + t/total - cycle
    ratio = up/total
    scale = x/ratio if x <= ratio else (x - 1)/(ratio - 1)
    return scale*{"triangular": 1.0, "triangular2": 1/2.0**(cycle - 1), "exp_range": gamma**t}[mode]


def cyclic_lr(t, base_lr, max_lr, step_size_up=2000, step_size_down=None, mode="triangular", gamma=1.0, **_):
    return base_lr + (max_lr - base_lr)*cyclic_scale(t, step_size_up, step_size_down, mode, gamma)


def cyclic_momentum(t, base_momentum=0.8, max_momentum=0.9, step_size_up=2000, step_size_down=None, mode="triangular",
                    gamma=1.0, **_):
    return max_momentum - (max_momentum - base_momentum)*cyclic_scale(t, step_size_up, step_size_down, mode, gamma)


def draw_cyclic(r):
    peak = r.rate()
    p = dict(base_lr=r.below(peak), max_lr=peak, step_size_up=r.whole(1, 40),
             **r.opt(step_size_down=r.whole(1, 40), mode=r.choice(["triangular", "triangular2", "exp_range"])))
    if p.get("mode") == "exp_range":
        p["gamma"] = r.decay()
    return p


def draw_cyclic_momentum(r):
    return dict(draw_cyclic(r), **r.opt(base_momentum=r.real(0.5, 0.85), max_momentum=r.real(0.86, 0.99)))


CYCLIC = dict(length=lambda p: 3*(p["step_size_up"] + p.get("step_size_down", p["step_size_up"])), ulps=200,
              note="1 + t/total - cycle has lost the digits of the cycles that are over")
add("torch.CyclicLR", draw_cyclic, formula=cyclic_lr, live=stepping("CyclicLR"), **CYCLIC)
add("torch.CyclicLR_momentum", draw_cyclic_momentum, formula=cyclic_momentum, live=stepping("CyclicLR", "momentum"), **CYCLIC)


def one_cycle(t, course, total, pct=0.3, anneal="cos"):
    """The course [v0, v1, v2] or [v0, v1, v2, v3] of a one-cycle policy at step t."""
    ends = [pct*total - 1, 2*pct*total - 2, total - 1] if len(course) == 4 else [pct*total - 1, total - 1]
    start = 0.0
    for i, end in enumerate(ends):
        if t <= end or i == len(ends) - 1:
            if end == start:
                return None
            u = (t - start)/(end - start)
            a, b = course[i], course[i + 1]
            return b + (a - b)/2.0*(1 + math.cos(math.pi*u)) if anneal == "cos" else (b - a)*u + a
        start = end
    return None


def one_cycle_total(p):
    return p["total_steps"] if "total_steps" in p else p["epochs"]*p["steps_per_epoch"]


def one_cycle_lr(t, max_lr, pct_start=0.3, anneal_strategy="cos", div_factor=25.0, final_div_factor=1e4, three_phase=False, **p):
    first = max_lr/div_factor
    course = [first, max_lr, first, first/final_div_factor] if three_phase else [first, max_lr, first/final_div_factor]
    return one_cycle(t, course, one_cycle_total(p), pct_start, anneal_strategy)


def one_cycle_momentum(t, pct_start=0.3, anneal_strategy="cos", base_momentum=0.85, max_momentum=0.95, three_phase=False, **p):
    course = [max_momentum, base_momentum, max_momentum] + [max_momentum]*three_phase
    return one_cycle(t, course, one_cycle_total(p), pct_start, anneal_strategy)


def draw_one_cycle(r):
    p = dict(max_lr=r.rate())
    if r.chance(0.8):
        p["total_steps"] = r.whole(2, 300)
    else:
        p.update(epochs=r.whole(1, 10), steps_per_epoch=r.whole(2, 30))
    p.update(r.opt(pct_start=r.choice([0.0, 0.1, 0.25, 0.3, 0.5, r.real(0, 0.95)]), anneal_strategy=r.choice(["cos", "linear"]),
                   div_factor=r.choice([1.0, 10.0, 25.0, r.real(1, 100)]), final_div_factor=r.choice([1.0, 100.0, 1e4, 1e5]),
                   three_phase=r.chance(0.4)))
    # Where a phase has no length the library divides by zero, sooner or later.
    if p.get("three_phase") and p.get("pct_start", 0.3) > 0.49:
        p["pct_start"] = 0.4
    if abs(p.get("pct_start", 0.3)*one_cycle_total(p) - 1) < 1e-9:
        p["pct_start"] = 0.0
    return p


ONE = dict(length=one_cycle_total, last=one_cycle_total, ulps=64)
add("torch.OneCycleLR", draw_one_cycle, formula=one_cycle_lr, live=stepping("OneCycleLR"), **ONE,
    note="the update after the last one bounces; later ones raise an error")
add("torch.OneCycleLR_momentum", lambda r: dict(draw_one_cycle(r), **r.opt(base_momentum=r.real(0.5, 0.85),
                                                                            max_momentum=r.real(0.86, 0.99))),
    formula=one_cycle_momentum, live=stepping("OneCycleLR", "momentum"), **ONE)

# --- compositions ---------------------------------------------------------------------------------------------------------

MEMBERS = {
    "StepLR": (step_lr, lambda r: dict(step_size=r.whole(1, 20), gamma=r.factor())),
    "MultiStepLR": (multi_step_lr, lambda r: dict(milestones=r.wholes(1, 40, 3), gamma=r.factor())),
    "ConstantLR": (constant_lr, lambda r: dict(factor=r.real(0.01, 1), total_iters=r.whole(1, 30))),
    "LinearLR": (linear_lr, lambda r: dict(start_factor=r.real(0.01, 1), end_factor=r.real(0.1, 1), total_iters=r.whole(1, 30))),
    "ExponentialLR": (exponential_lr, lambda r: dict(gamma=r.decay())),
    "PolynomialLR": (polynomial_lr, lambda r: dict(total_iters=r.whole(1, 40), power=r.choice([0.5, 1.0, 2.0]))),
    "CosineAnnealingLR": (cosine_annealing_lr, lambda r: dict(T_max=r.whole(1, 40), eta_min=r.below(1e-3))),
    "CosineAnnealingWarmRestarts": (warm_restarts, lambda r: dict(T_0=r.whole(1, 15), T_mult=r.choice([1, 2, 3]))),
}
MULTIPLICATIVE = ["StepLR", "MultiStepLR", "ConstantLR", "LinearLR", "ExponentialLR", "PolynomialLR"]


def draw_members(r, names, count):
    return [[name, MEMBERS[name][1](r)] for name in (r.choice(names) for _ in range(count))]


def draw_sequential(r):
    members = draw_members(r, list(MEMBERS), r.randint(1, 4))
    at, milestones = 0, []
    for _ in members[1:]:
        at += r.whole(1, 30)
        milestones.append(at)
    return dict(lr=r.rate(), members=members, milestones=milestones)


def sequential(t, lr, members, milestones):
    k = sum(m <= t for m in milestones)
    name, p = members[k]
    return MEMBERS[name][0](t - ([0] + milestones)[k], lr=lr, **p)


def sequential_text(p):
    phases = []
    for (name, q), until in zip(p["members"], p["milestones"] + [None]):
        phases.append(phase("torch." + name, dict(lr=p["lr"], **q)) + (" until %d" % until if until is not None else ""))
    return "use torch; " + "; ".join(phases)


add("torch.SequentialLR", draw_sequential, length=lambda p: ([0] + p["milestones"])[-1] + 40, formula=sequential,
    live=lambda p, n: run(lambda opt: load("torch.optim.lr_scheduler").SequentialLR(
        opt, [make(name, opt, q) for name, q in p["members"]], list(p["milestones"])), p["lr"], n),
    arithmetic=REC, text=sequential_text, note="each member starts from the optimizer's rate, with its own clock")


def chained(t, lr, members):
    for name, p in members:
        lr *= MEMBERS[name][0](t, **p)
    return lr


def chained_text(p):
    factors = [phase("torch." + name, dict(q, lr=p["lr"]) if i == 0 else q) for i, (name, q) in enumerate(p["members"])]
    return "use torch; schedule lr = " + " * ".join(factors)


add("torch.ChainedScheduler", lambda r: dict(lr=r.rate(), members=draw_members(r, MULTIPLICATIVE, r.randint(1, 3))),
    length=lambda p: 60, formula=chained,
    live=lambda p, n: run(lambda opt: load("torch.optim.lr_scheduler").ChainedScheduler(
        [make(name, opt, q) for name, q in p["members"]]), p["lr"], n),
    arithmetic=REC, text=chained_text, note="of members that multiply; with a cosine in it the chain is no product")
