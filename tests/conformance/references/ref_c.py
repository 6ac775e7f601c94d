"""caffe, darknet and llm.c: C and C++, float32, not to be installed. Their formulas, rounded to float32 where the source does it.

Sources: BVLC/caffe src/caffe/solvers/sgd_solver.cpp (GetLearningRate, Dtype float); AlexeyAB/darknet src/network.c (get_current_rate), whose step is
get_current_batch(), 1 at the first update; karpathy/llm.c llmc/schedulers.h.
"""

import math

from .record import add, call, f32, power


def caffe(policy):
    """pow of floats is float in caffe's C++; its argument is rounded to float first."""
    def formula(t, base_lr, gamma=None, stepsize=None, power_=None, max_iter=None, stepvalue=()):
        base, g = f32(base_lr), f32(gamma or 0)
        if policy == "fixed":
            return base
        if policy == "step":
            return f32(base*f32(power(g, t//stepsize)))
        if policy == "exp":
            return f32(base*f32(power(g, t)))
        if policy == "inv":
            return f32(base*f32(power(f32(1 + f32(g*t)), -f32(power_))))
        if policy == "poly":
            return f32(base*f32(power(f32(1 - f32(t/max_iter)), f32(power_))))
        if policy == "sigmoid":
            return f32(base*f32(1/f32(1 + f32(math.exp(min(700.0, -g*(t - stepsize)))))))
        return f32(base*f32(power(g, caught_up(t, stepvalue))))
    return lambda t, power=None, **p: formula(t, power_=power, **p)


def caught_up(t, values):
    """An `if`, not a `while`: one milestone an iteration."""
    k = 0
    for i in range(t + 1):
        if k < len(values) and i >= values[k]:
            k += 1
    return k


def as_float(name):
    """gamma^t enlarges the rounding of gamma: lrs is given the gamma that the library has, after it has read it as a float."""
    return lambda p: call(name, dict(p, gamma=f32(p["gamma"])))


def powers(r):
    return r.choice([0.5, 0.75, 1.0, 2.0, r.real(0.3, 4)])


F32 = dict(arithmetic="float32")
add("caffe.fixed", lambda r: dict(base_lr=r.rate()), lambda p: 20, caffe("fixed"), **F32)
add("caffe.step", lambda r: dict(base_lr=r.rate(), gamma=r.factor(), stepsize=r.whole(1, 50)), lambda p: 4*p["stepsize"], caffe("step"), **F32)
add("caffe.exp", lambda r: dict(base_lr=r.rate(), gamma=r.decay()), lambda p: 100, caffe("exp"),
    text=as_float("caffe.exp"), **F32)
add("caffe.inv", lambda r: dict(base_lr=r.rate(), gamma=r.real(1e-4, 0.5, 4), power=powers(r)), lambda p: 150, caffe("inv"), **F32)
add("caffe.multistep", lambda r: dict(base_lr=r.rate(), gamma=r.factor(), stepvalue=r.wholes(0, 120)), lambda p: p["stepvalue"][-1] + 5,
    caffe("multistep"), note="catches up one milestone an iteration", **F32)
add("caffe.poly", lambda r: dict(base_lr=r.rate(), max_iter=r.whole(1, 200), power=powers(r)), lambda p: p["max_iter"], caffe("poly"),
    last=lambda p: p["max_iter"], note="NaN past max_iter, or rising again", **F32)
add("caffe.sigmoid", lambda r: dict(base_lr=r.rate(), gamma=r.real(0.01, 1), stepsize=r.whole(1, 100)), lambda p: 2*p["stepsize"], caffe("sigmoid"),
    note="rises", **F32)


def darknet(policy):
    def formula(t, learning_rate, burn_in=0, pw=4.0, gamma=None, scale=None, step=None, steps=(), scales=(), max_batches=None,
                learning_rate_min=0.0, batches_per_cycle=None, batches_cycle_mult=1):
        lr, g = f32(learning_rate), f32(gamma or 0)
        if t < burn_in:
            return f32(lr*power(f32(t/burn_in), f32(pw)))
        if policy == "step":
            return f32(lr*power(f32(scale), t//step))
        if policy == "steps":
            for s, factor in zip(steps, scales):
                if s > t:
                    break
                lr = f32(lr*f32(factor))
            return lr
        if policy == "exp":
            return f32(lr*power(g, t))
        if policy == "poly":
            return f32(lr*power(f32(1 - f32(t/max_batches)), f32(pw)))
        if policy == "sig":
            return f32(lr*(1/(1 + math.exp(min(700.0, f32(g*(t - step)))))))
        if policy == "sgdr":
            start, size = 0, batches_per_cycle
            while start + size < t:
                start, size = start + size, size*batches_cycle_mult
            low = f32(learning_rate_min)
            return f32(low + 0.5*f32(lr - low)*(1 + math.cos((t - start)*3.14159265/size)))
        return lr
    return lambda t, power=4.0, **p: formula(t, pw=power, **p)


def draw_darknet(r, **more):
    return dict(dict(learning_rate=r.rate()), **dict(r.opt(burn_in=r.whole(0, 30), power=r.choice([1.0, 2.0, 4.0])), **more))


def draw_steps(r):
    steps = r.wholes(1, 120)
    return draw_darknet(r, steps=steps, scales=[r.choice([0.1, 0.5, 10.0]) for _ in steps])


add("darknet.constant", draw_darknet, lambda p: p.get("burn_in", 0), darknet("constant"), **F32)
add("darknet.step", lambda r: draw_darknet(r, step=r.whole(1, 40), scale=r.factor()), lambda p: 4*p["step"], darknet("step"), **F32)
add("darknet.steps", draw_steps, lambda p: p["steps"][-1], darknet("steps"), **F32)
add("darknet.exp", lambda r: draw_darknet(r, gamma=r.decay()), lambda p: 100, darknet("exp"),
    text=as_float("darknet.exp"), **F32)
add("darknet.poly", lambda r: draw_darknet(r, max_batches=r.whole(31, 200)), lambda p: p["max_batches"], darknet("poly"),
    last=lambda p: p["max_batches"], note="burn-in and decay share one power", **F32)
add("darknet.sig", lambda r: draw_darknet(r, gamma=r.real(0.01, 1), step=r.whole(1, 100)), lambda p: 2*p["step"], darknet("sig"), note="falls", **F32)
add("darknet.sgdr", lambda r: draw_darknet(r, batches_per_cycle=r.whole(1, 40), batches_cycle_mult=r.choice([1, 2, 3]), learning_rate_min=r.below(1e-3)),
    lambda p: min(300, 8*p["batches_per_cycle"]), darknet("sgdr"), note="the restart itself has the minimum", **F32)


def llmc(kind):
    def formula(t, learning_rate, warmup_iterations, train_num_batches, final_learning_rate_frac):
        lr, w, total = f32(learning_rate), warmup_iterations, train_num_batches
        low = f32(lr*f32(final_learning_rate_frac))
        point = int(f32(f32(0.8)*total)) if kind == "wsd" else w
        if kind == "constant":
            return lr
        if t < w:
            return f32(f32(lr*(t + 1))/w) if kind != "wsd" else f32(lr*f32((t + 1)/w))
        if t < point:
            return lr
        u = f32((t - point)/(total - point)) if total > point else 0.0
        if kind == "cosine":
            return f32(low + f32(f32(0.5*f32(1 + f32(math.cos(f32(math.pi*u)))))*f32(lr - low)))
        if kind == "linear":
            return f32(lr - f32(u*f32(lr - low)))
        return f32(low + f32(f32(1 - f32(math.sqrt(u)))*f32(lr - low)))
    return formula


def draw_llmc(r):
    w = r.whole(0, 40)
    return dict(learning_rate=r.rate(), warmup_iterations=w, train_num_batches=2*w + r.whole(1, 150), final_learning_rate_frac=r.real(0, 1))


for _kind in ("cosine", "linear", "constant", "wsd"):
    add("llmc." + _kind, draw_llmc, lambda p: p["train_num_batches"], llmc(_kind), last=lambda p: p["train_num_batches"], **F32)
