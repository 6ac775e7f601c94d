"""The plateau rules of torch, keras, optax, paddle, timm and thinc on random metric sequences.

A NaN in a sequence is "no metric" for lrs. So the library is given the sequence without them, and its values are compared at the steps that
have a metric. What each library does with a NaN that it is given is in nan_behaviour(), which the live test checks.
"""

import math
import warnings

from .record import add, call, f32, load, phase, plateau, plateau_rule
from .ref_keras import library as keras_library
from .ref_thinc import warmup_linear
from .ref_torch import optimizer

NAN, INF = math.nan, math.inf


def sequence(r, n=None, infinite=True):
    """Noisy, flat, rising, negative, with ties; with NaN and infinities here and there."""
    n = n or r.randint(5, 80)
    kind = r.choice(["noisy", "flat", "rising", "falling", "negative", "grid"])
    value, out = r.uniform(0.5, 3), []
    for k in range(n):
        if kind == "flat":
            v = value if r.chance(0.7) else value*(1 + r.choice([-1, 1])*r.choice([1e-3, 1e-4, 1e-5]))
        elif kind == "rising":
            v = value + 0.01*k + r.gauss(0, 0.005)
        elif kind == "falling":
            v = value*0.97**k + r.gauss(0, 0.02)
        elif kind == "negative":
            v = -value + r.gauss(0, 0.1)
        elif kind == "grid":
            v = r.randint(0, 6)/4
        else:
            v = value + r.gauss(0, 0.3) - 0.01*k
        v = float("%.6g" % v)
        if r.chance(0.03):
            v = NAN
        elif infinite and r.chance(0.03):
            v = r.choice([INF, -INF])
        out.append(v)
    return out


def written(values):
    """JSON has no NaN and no infinity."""
    return [v if math.isfinite(v) else repr(v) for v in values]


def read(p):
    return [float(v) for v in p["metric"]]


def spread(p, rates, before):
    """Rates after each observed metric, put at their steps; where a NaN stands, the rate is what it was."""
    out, rates = [], iter(rates)
    for m in read(p):
        before = before if math.isnan(m) else next(rates)
        out.append(before)
    return out


def observed(p):
    return [m for m in read(p) if not math.isnan(m)]


# --- the rules, written again ------------------------------------------------------------------------------------------------

def better(a, best, mode, threshold, threshold_mode):
    if threshold_mode == "rel":
        return a < best*(1 - threshold) if mode == "min" else a > best*(threshold + 1)
    return a < best - threshold if mode == "min" else a > best + threshold


def torch_rule(metrics, lr, mode="min", factor=0.1, patience=10, threshold=1e-4, threshold_mode="rel", cooldown=0, min_lr=0.0, eps=1e-8):
    best, bad, cooling, out = INF if mode == "min" else -INF, 0, 0, []
    for a in metrics:
        if better(a, best, mode, threshold, threshold_mode):
            best, bad = a, 0
        else:
            bad += 1
        if cooling > 0:
            cooling, bad = cooling - 1, 0
        if bad > patience:
            new = max(lr*factor, min_lr)
            lr = new if lr - new > eps else lr
            cooling, bad = cooldown, 0
        out.append(lr)
    return out


def paddle_rule(metrics, lr, mode="min", factor=0.1, patience=10, threshold=1e-4, threshold_mode="rel", cooldown=0, min_lr=0.0, epsilon=1e-8):
    best, bad, cooling, out = None, 0, 0, []
    for a in metrics:
        if cooling > 0:
            cooling -= 1
        else:
            s = -1 if mode == "min" else 1
            if best is None:
                improved = True
            else:
                limit = best + s*(best*threshold if threshold_mode == "rel" else threshold)
                improved = a < limit if mode == "min" else a > limit
            best, bad = (a, 0) if improved else (best, bad + 1)
            if bad > patience:
                cooling, bad = cooldown, 0
                new = max(lr*factor, min_lr)
                lr = new if lr - new > epsilon else lr
        out.append(lr)
    return out


def keras_rule(metrics, lr, factor=0.1, patience=10, mode="min", min_delta=1e-4, cooldown=0, min_lr=0.0):
    """Metrics are compared in float32. The rate is a float32 variable there, which the tolerance covers."""
    best, wait, cooling, out = None, 0, 0, []
    for a in metrics:
        if cooling > 0:
            cooling, wait = cooling - 1, 0
        if best is None or (f32(a + min_delta) < f32(best) if mode == "min" else f32(a - min_delta) > f32(best)):
            best, wait = a, 0
        elif cooling == 0:
            wait += 1
            if wait >= patience and lr > min_lr:
                lr, cooling, wait = max(lr*factor, min_lr), cooldown, 0
        out.append(lr)
    return out


def optax_rule(metrics, lr, factor=0.1, patience=10, rtol=1e-4, atol=0.0, cooldown=0, accumulation_size=1, min_scale=0.0):
    best, count, cooling, scale, out, seen, a = INF, 0, 0, 1.0, [], 0, 0.0
    for metric in metrics:
        a, seen = (seen*a + metric)/(seen + 1), seen + 1
        if seen < accumulation_size:
            out.append(lr*scale)
            continue
        improved = a < (1 - rtol)*best - atol
        best, count = (a, 0) if improved else (best, count + 1)
        if cooling > 0:
            count, cooling = 0, cooling - 1
        elif count == patience:
            scale, count, cooling = max(scale*factor, min_scale), 0, cooldown
        a, seen = 0.0, 0
        out.append(lr*scale)
    return out


# --- the libraries -----------------------------------------------------------------------------------------------------------

def torch_live(metrics, lr, make=lambda opt, p: load("torch.optim.lr_scheduler").ReduceLROnPlateau(opt, **p), **p):
    opt = optimizer(lr)
    sched = make(opt, p)
    out = []
    for a in metrics:
        opt.step()
        sched.step(a)
        out.append(float(opt.param_groups[0]["lr"]))
    return out


def paddle_live(metrics, lr, **p):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sched = load("paddle.optimizer.lr").ReduceOnPlateau(lr, **p)
    out = []
    for a in metrics:
        sched.step(a)
        out.append(float(sched()))
    return out


def keras_live(metrics, lr, **p):
    keras = keras_library()
    rule = keras.callbacks.ReduceLROnPlateau(monitor="loss", **p)
    model = keras.Sequential([keras.layers.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=lr), loss="mse")
    rule.set_model(model)
    rule.on_train_begin()
    out = []
    for k, a in enumerate(metrics):
        rule.on_epoch_end(k, {"loss": a})
        out.append(float(model.optimizer.learning_rate))
    return out


def optax_live(metrics, lr, **p):
    jax, contrib = load("jax"), load("optax.contrib")
    with jax.enable_x64(True):
        one = jax.numpy.ones((), dtype="float64")
        rule = contrib.reduce_on_plateau(**p)
        update = jax.jit(lambda g, s, v: rule.update(g, s, value=v))
        state, out = rule.init(one), []
        for a in metrics:
            scaled, state = update(one, state, jax.numpy.asarray(a, dtype="float64"))
            out.append(lr*float(scaled))
        return out


def rule_record(name, draw, formula, live, text, **options):
    def rates(rule):
        def values(p, n):
            q = {k: v for k, v in p.items() if k != "metric"}
            return spread(p, rule(observed(p), **q), p["lr"])[:n]
        return values
    record = add(name, draw, lambda p: 1, formula, rates(live), metrics=read, text=text, **options)
    record.by_formula = rates(formula)
    return record


def draw_torch(eps):
    def draw(r):
        p = dict(lr=r.rate(1e-6), factor=r.choice([0.1, 0.5, 0.9, 0.3]), **r.opt(
            mode=r.choice(["min", "max"]), patience=r.whole(0, 6), threshold=r.choice([1e-4, 0.0, 1e-2, 0.1]), threshold_mode=r.choice(["rel", "abs"]),
            cooldown=r.whole(0, 5), min_lr=r.rate(1e-9, 1e-3)))
        if r.chance(0.4):
            p[eps] = r.choice([0.0, 1e-8, 1e-4])
        return dict(p, metric=written(sequence(r)))
    return draw


def torch_text(dialect, eps):
    def text(p):
        rule = {k: p[k] for k in ("patience", "mode", "threshold", "threshold_mode", "cooldown") if k in p}
        rule["dialect"] = dialect
        action = ("floor=%r " % p["min_lr"] if p.get("min_lr") else "") + ("eps=%r" % p[eps] if eps in p else "")
        return plateau(p["lr"], p["factor"], rule, action.strip())
    return text


def draw_keras(r):
    return dict(lr=r.rate(1e-6), factor=r.choice([0.1, 0.5, 0.9]), mode=r.choice(["min", "max"]), **r.opt(
        patience=r.whole(0, 6), min_delta=r.choice([1e-4, 0.0, 1e-2]), cooldown=r.whole(0, 5), min_lr=r.rate(1e-9, 1e-3)), metric=written(sequence(r)))


def keras_text(p):
    rule = {k: p[k] for k in ("patience", "mode", "cooldown") if k in p}
    rule.update(dict(min_delta=p["min_delta"]) if "min_delta" in p else {}, dialect="keras")
    return plateau(p["lr"], p["factor"], rule, ("floor=%r " % p["min_lr"] if p.get("min_lr") else "") + "eps=0")


def draw_optax(r):
    p = dict(lr=r.rate(1e-4), factor=r.choice([0.1, 0.5, 0.9]), **r.opt(patience=r.whole(1, 6), cooldown=r.whole(0, 5), min_scale=r.choice([0.01, 0.3])))
    p.update(r.choice([{}, dict(rtol=1e-2), dict(rtol=0.0, atol=1e-2), dict(atol=1e-4), dict(rtol=0.05, atol=0.01)]))
    if r.chance(0.4):
        p["accumulation_size"] = r.randint(1, 5)
    return dict(p, metric=written(sequence(r)))


def optax_text(p):
    rule = dict({k: p[k] for k in ("patience", "cooldown", "rtol", "atol", "accumulation_size") if k in p}, dialect="optax")
    floor = "min_scale=%r " % p["min_scale"] if p.get("min_scale") else ""
    return plateau(p["lr"], p["factor"], rule, floor.strip())


rule_record("torch.ReduceLROnPlateau", draw_torch("eps"), torch_rule, torch_live,
            lambda p: call("torch.ReduceLROnPlateau", {k: v for k, v in p.items() if k != "metric"}))
rule_record("hf.get_reduce_on_plateau_schedule", draw_torch("eps"), torch_rule,
            lambda metrics, lr, **p: torch_live(metrics, lr, lambda opt, q: load("transformers.optimization").get_reduce_on_plateau_schedule(opt, **q), **p),
            lambda p: call("hf.get_reduce_on_plateau_schedule", {k: v for k, v in p.items() if k != "metric"}))
rule_record("paddle.ReduceOnPlateau", draw_torch("epsilon"), paddle_rule, paddle_live, torch_text("paddle", "epsilon"))
rule_record("keras.ReduceLROnPlateau", draw_keras, keras_rule, keras_live, keras_text, arithmetic="float32", ulps=64,
            note="the rate is a float32 variable there")
rule_record("optax.reduce_on_plateau", draw_optax, optax_rule, optax_live, optax_text)


# --- rules on top of a schedule ------------------------------------------------------------------------------------------------

def draw_timm(r):
    lr, w = r.rate(1e-3), r.whole(0, 8)
    p = dict(lr=lr, decay_rate=r.choice([0.1, 0.5]), **r.opt(patience_t=r.whole(0, 5), threshold=r.choice([1e-4, 1e-2]), cooldown_t=r.whole(0, 3),
                                                            lr_min=r.rate(1e-6, 1e-3), mode=r.choice(["min", "max"])), warmup_t=w, warmup_lr_init=r.below(lr))
    return dict(p, metric=written([NAN]*(w + 1) + [v for v in sequence(r) if not math.isnan(v)]))


def timm_rule(p):
    names = dict(decay_rate="factor", patience_t="patience", threshold="threshold", cooldown_t="cooldown", lr_min="min_lr", mode="mode")
    return dict(dict(mode="max"), **{names[k]: v for k, v in p.items() if k in names})


def timm_values(p, n):
    w, init, lr = p["warmup_t"], p["warmup_lr_init"], p["lr"]
    ramp = [init + t*((lr - init)/w) for t in range(w + 1)] if w else [lr]
    return (ramp + torch_rule(read(p)[w + 1:], lr, **timm_rule(p)))[:n]


def timm_live(p, n):
    from .ref_timm import scheduler
    opt, sched = scheduler("PlateauLRScheduler", p["lr"], {k: v for k, v in p.items() if k not in ("lr", "metric")})
    out = []
    for t, m in enumerate(read(p)):
        if t or p["warmup_t"]:                              # without a warm-up step(0) would write warmup_lr_init for ever; timm's loop begins at 1
            sched.step(t, None if math.isnan(m) else m)
        out.append(float(opt.param_groups[0]["lr"]))
    return out[:n]


add("timm.PlateauLRScheduler", draw_timm, lambda p: 1, None, timm_live, metrics=read,
    text=lambda p: call("timm.PlateauLRScheduler", {k: v for k, v in p.items() if k != "metric"}),
    note="the metric counts after the warm-up").by_formula = timm_values


def draw_thinc(r):
    w = r.whole(0, 20)
    return dict(max_patience=r.whole(1, 5), scale=r.choice([0.5, 0.1, 0.9]), inner=dict(initial_rate=r.rate(1e-3), warmup_steps=w, total_steps=w + r.whole(20, 90)),
                metric=written(sequence(r, infinite=False)))


def thinc_values(p, n):
    best, patience, count, out = None, 0, 0, []
    for t, m in enumerate(read(p)):
        if not math.isnan(m):
            if best is None or m > best:
                best, patience = m, 0
            else:
                patience += 1
                if patience == p["max_patience"]:
                    count, patience = count + 1, 0
        out.append(p["scale"]**count*warmup_linear(t, **p["inner"]))
    return out[:n]


def thinc_live(p, n):
    lib = load("thinc.schedules")
    sched = lib.plateau(p["max_patience"], p["scale"], lib.warmup_linear(**p["inner"]))
    return [float(sched(t, last_score=None if math.isnan(m) else (t, m))) for t, m in enumerate(read(p))][:n]


def thinc_text(p):
    rule = dict(mode="max", threshold=0, threshold_mode="abs", patience=p["max_patience"] - 1)
    return "use thinc; %s; %s" % (phase("thinc.warmup_linear", p["inner"]), plateau_rule(p["scale"], rule, "eps=0"))


add("thinc.plateau", draw_thinc, lambda p: 1, None, thinc_live, metrics=read, text=thinc_text,
    note="max_patience bad scores: patience is one less").by_formula = thinc_values


# --- what NaN means to each of them --------------------------------------------------------------------------------------------

def nan_behaviour():
    """(library, what it does, the rates that show it) for the live test: a rate of 1, factor 0.5."""
    yield ("torch", "a NaN is a bad observation, also as the first one",
           lambda: torch_live([NAN, NAN, 1.0, 0.5], 1.0, factor=0.5, patience=0), [0.5, 0.25, 0.25, 0.25])
    yield ("keras", "a first NaN becomes the best value, and nothing is better than it; a later one is a bad observation",
           lambda: keras_live([NAN, 1.0, 0.5], 1.0, factor=0.5, patience=1, mode="min"), [1.0, 0.5, 0.25])
    yield ("optax", "a NaN is a bad observation, also as the first one",
           lambda: optax_live([NAN, NAN, 1.0, NAN], 1.0, factor=0.5, patience=1), [0.5, 0.25, 0.25, 0.125])
    yield ("paddle", "a first NaN becomes the best value, and nothing is better than it; a later one is a bad observation",
           lambda: paddle_live([NAN, 1.0, 0.5], 1.0, factor=0.5, patience=0), [1.0, 0.5, 0.25])
    yield ("thinc", "a first NaN becomes the best score, and nothing is better than it",
           lambda: [v for v in nan_thinc()], [1.0, 0.5, 0.25])


def nan_thinc():
    lib = load("thinc.schedules")
    sched = lib.plateau(1, 0.5, lib.constant(1.0))
    return [float(sched(t, last_score=(t, m))) for t, m in enumerate([NAN, 1.0, 2.0])]
