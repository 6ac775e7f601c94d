"""nanoGPT, marian and big_vision: training programs, not packages. Their formulas.

Sources: karpathy/nanoGPT train.py (get_lr); marian-nmt/marian-dev src/training/scheduler.h (updateLearningRate, float32);
google-research/big_vision big_vision/utils.py (create_learning_rate_schedule; its result is float32).
"""

import math

from .record import add, cos01, f32


def nanogpt(t, learning_rate, warmup_iters, lr_decay_iters, min_lr):
    if t < warmup_iters:
        return learning_rate*(t + 1)/(warmup_iters + 1)
    if t > lr_decay_iters:
        return min_lr
    return min_lr + cos01((t - warmup_iters)/(lr_decay_iters - warmup_iters))*(learning_rate - min_lr)


def draw_nano(r):
    lr, w = r.rate(), r.whole(0, 50)
    return dict(learning_rate=lr, warmup_iters=w, lr_decay_iters=w + r.whole(1, 150), min_lr=r.below(lr))


add("nanogpt.get_lr", draw_nano, lambda p: p["lr_decay_iters"], nanogpt)


def marian(t, learn_rate, lr_warmup=0, lr_warmup_start_rate=0.0, lr_decay_inv_sqrt=0, lr_decay_inv_sqrt_start=None):
    start, rate = f32(lr_warmup_start_rate), f32(learn_rate)
    f = min(1.0, f32(t/lr_warmup)) if lr_warmup else 1.0
    rate = f32(start + f32(f32(rate - start)*f))
    n = lr_decay_inv_sqrt
    s = n if lr_decay_inv_sqrt_start is None else lr_decay_inv_sqrt_start
    return f32(rate*f32(math.sqrt(n/(t - s + n)))) if n and t > s else rate


def draw_marian(r):
    lr = r.rate()
    p = dict(learn_rate=lr, **r.opt(lr_warmup=r.whole(0, 60), lr_warmup_start_rate=r.below(lr)))
    if r.chance(0.8):
        p["lr_decay_inv_sqrt"] = r.whole(1, 80)
        p.update(r.opt(lr_decay_inv_sqrt_start=r.whole(0, 80)))
    return p


add("marian.learning_rate", draw_marian, lambda p: 200, marian, arithmetic="float32")


def big_vision(t, total_steps, base=1.0, decay_type="stair", warmup_steps=0, cooldown_steps=0, power=1.0, end=0.0, timescale=10000, shift=0, steps=(),
               mults=()):
    w, lr = warmup_steps, base
    p = min(max((t - w)/(total_steps - w), 0.0), 1.0)
    if decay_type in ("linear", "polynomial"):
        lr = end + (lr - end)*(1 - p)**power
    elif decay_type == "cosine":
        lr *= cos01(p)
    elif decay_type == "rsqrt":
        lr /= math.sqrt(1 + (shift + max(0, t - w))/timescale)
    else:
        lr *= ([1.0] + list(mults))[sum(s <= t for s in steps)]
    if w:
        lr *= min(1.0, t/w)
    if cooldown_steps:
        lr *= min(1.0, (total_steps - t)/cooldown_steps)
    return lr


def draw_big(kind):
    def draw(r):
        w = r.whole(0, 40)
        p = dict(total_steps=w + r.whole(1, 150), decay_type=kind, **r.opt(base=r.rate()))
        p.update(r.opt(warmup_steps=w, cooldown_steps=r.whole(0, 40)))
        if kind in ("linear", "polynomial"):
            p.update(r.opt(end=r.below(1e-3), power=r.choice([1.0, 2.0, 0.5])))
        if kind == "rsqrt":
            p.update(r.opt(timescale=r.whole(1, 20000), shift=r.whole(0, 1000)))
        if kind == "stair":
            p["steps"] = r.wholes(1, 100, distinct=True)
            p["mults"] = [r.real(0, 1) for _ in p["steps"]]
        return p
    return draw


def text(p):
    from .record import call
    return call("big_vision.create_learning_rate_schedule", p)


for _kind in ("linear", "polynomial", "cosine", "rsqrt", "stair"):
    add("big_vision.create_learning_rate_schedule " + _kind, draw_big(_kind), lambda p: p["total_steps"], big_vision, text=text,
        note="goes below 0 past its end with a cool-down")
