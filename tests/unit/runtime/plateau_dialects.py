#!/usr/bin/env python3
"""Writes plateau_dialects.inc: what the plateau rules of Keras, Optax and Paddle do with random metrics.

Run with keras, torch (its backend here), optax and paddlepaddle installed: plateau_dialects.py > plateau_dialects.inc. The tests
read the table and need none of them.
"""
import math
import os
import random

os.environ["KERAS_BACKEND"] = "torch"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import keras
import numpy
import optax
import paddle


def metrics(rng, n, style):
    value, out = 1.0, []
    for _ in range(n):
        if style == "walk":
            value += rng.uniform(-0.05, 0.05)
        elif style == "fall":
            value *= rng.choice([0.99, 1.0, 1.0, 1.0001, 0.99995])
        elif style == "flat":
            value = 1.0
        elif style == "close":   # differences that single precision does not see
            value = 1.0 + rng.choice([0.0, 1e-9, -1e-9, 3e-8, -3e-8, 1e-7, -1e-7, 2e-4, -2e-4, -1e-4])
        elif style == "rough":
            value = rng.choice([rng.gauss(0, 1), rng.gauss(0, 1e-6), 0.0, -0.0, rng.gauss(0, 1e6)])
        out.append(value)
        if style == "wild" or rng.random() < 0.03:
            out[-1] = rng.choice([float("inf"), float("-inf"), 1e38, -1e38, 1e308, 5e-324, 0.0, 1.0, value])
    return out


class FakeModel:
    def __init__(self):
        self.optimizer = keras.optimizers.SGD(learning_rate=1.0)


def run_keras(c, values):
    """Rows of (metric, best, bad, cooling, acted)."""
    callback = keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=c["factor"], patience=c["patience"], mode=c["mode"],
                                                 min_delta=c["threshold"], cooldown=c["cooldown"], min_lr=0.0)
    callback.set_model(FakeModel())
    callback.on_train_begin()
    acted = []
    original = callback._reduce_optimizer_lr

    def reduce(*args, **kwargs):
        acted.append(1)
        original(*args, **kwargs)
        callback.model.optimizer.learning_rate = 1.0   # so that there is always something to reduce
        return True
    callback._reduce_optimizer_lr = reduce
    for k, v in enumerate(values):
        before = len(acted)
        callback.on_epoch_end(k, {"loss": v})
        yield v, callback.best, callback.wait, callback.cooldown_counter, len(acted) - before, 0.0


def run_optax(c, values):
    t = optax.contrib.reduce_on_plateau(factor=c["factor"], patience=c["patience"], rtol=c["threshold"], atol=c["atol"],
                                        cooldown=c["cooldown"], accumulation_size=c["size"], min_scale=c["min_scale"])
    params = jnp.zeros(1, jnp.float64)
    state = t.init(params)
    for v in values:
        _, state = t.update(jnp.ones(1, jnp.float64), state, params, value=v)
        yield v, float(state.best_value), int(state.plateau_count), int(state.cooldown_count), 0, float(state.scale)


def run_paddle(c, values):
    s = paddle.optimizer.lr.ReduceOnPlateau(1.0, mode=c["mode"], factor=c["factor"], patience=c["patience"],
                                            threshold=c["threshold"], threshold_mode=c["threshold_mode"], cooldown=c["cooldown"],
                                            min_lr=0.0, epsilon=c["eps"])
    for v in values:
        s.step(v)
        yield v, s.best, s.num_bad_epochs, s.cooldown_counter, 0, s.last_lr


RUN = {"KERAS": run_keras, "OPTAX": run_optax, "PADDLE": run_paddle}


def hexed(x):
    return "INFINITY" if x == math.inf else "-INFINITY" if x == -math.inf else float(x).hex()


def cases(rng):
    for dialect in RUN:
        for _ in range(30):
            c = dict(mode=rng.choice(["min", "max"]), threshold_mode=rng.choice(["rel", "abs"]),
                     patience=rng.choice([0, 1, 2, 3, 3, 5]), threshold=rng.choice([1e-4, 1e-4, 1e-4, 0.01, 0.5]),
                     cooldown=rng.choice([0, 0, 0, 1, 2, 5]), factor=rng.choice([0.5, 0.9, 0.99, 0.3]), eps=0.0, atol=0.0, size=1,
                     min_scale=0.0, style=rng.choice(["walk", "fall", "flat", "close", "close", "rough", "wild"]))
            if dialect == "KERAS":
                c.update(threshold_mode="abs")
            if dialect == "OPTAX":
                c.update(mode="min", threshold_mode="rel", atol=rng.choice([0.0, 0.0, 1e-4, 0.01]), size=rng.choice([1, 1, 2, 5]),
                         min_scale=rng.choice([0.0, 0.0, 0.1, 0.6]))
            if dialect == "PADDLE":
                c.update(eps=rng.choice([1e-8, 0.0, 0.05]))
            yield dialect, c


def main():
    rng = random.Random(31)
    n = 40
    print("/* Written by plateau_dialects.py with Keras %s, Optax %s and Paddle %s. */" % (keras.__version__, optax.__version__, paddle.__version__))
    table = []
    for number, (dialect, c) in enumerate(cases(rng)):
        print("static const dialect_row dialect_rows_%d[] = {" % number)
        for v, best, bad, cooling, acted, scale in RUN[dialect](c, metrics(rng, n, c["style"])):
            print("    {%s, %s, %d, %d, %d, %s}," % (hexed(v), hexed(best), bad, cooling, acted, hexed(scale)))
        print("};")
        table.append("    {LRS_K_%s, %d, %d, %d, %s, %d, %s, %s, %s, %d, %s, dialect_rows_%d, %d}," % (
            dialect, c["mode"] == "max", c["threshold_mode"] == "abs", c["patience"], hexed(c["threshold"]), c["cooldown"],
            hexed(c["factor"]), hexed(c["eps"]), hexed(c["atol"]), c["size"], hexed(c["min_scale"]), number, n))
    print("static const dialect_case dialect_cases[] = {")
    print("\n".join(table))
    print("};")


main()
