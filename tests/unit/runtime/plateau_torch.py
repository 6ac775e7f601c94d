#!/usr/bin/env python3
"""Writes plateau_torch.inc: what torch.optim.lr_scheduler.ReduceLROnPlateau does with random metrics.

Run with PyTorch installed: plateau_torch.py > plateau_torch.inc. The tests read the table and need no PyTorch.
"""
import random

import torch
from torch.optim.lr_scheduler import ReduceLROnPlateau


def metrics(rng, n, style):
    value, out = 1.0, []
    for k in range(n):
        if style == "walk":
            value += rng.uniform(-0.05, 0.05)
        elif style == "fall":
            value *= rng.choice([0.99, 1.0, 1.0, 1.0001, 0.99995])
        elif style == "flat":
            value = 1.0
        elif style == "rough":
            value = rng.choice([rng.gauss(0, 1), rng.gauss(0, 1e-6), 0.0, -0.0, rng.gauss(0, 1e6)])
        out.append(value)
        if style == "wild" or rng.random() < 0.03:
            out[-1] = rng.choice([float("inf"), float("-inf"), 1e308, -1e308, 5e-324, 0.0, 1.0, value])
    return out


def main():
    rng = random.Random(20)
    print("/* Written by plateau_torch.py with PyTorch %s. */" % torch.__version__)
    cases = []
    n = 32
    for k in range(40):
        cases.append(dict(
            mode=rng.choice(["min", "max"]),
            threshold_mode=rng.choice(["rel", "abs"]),
            patience=rng.choice([0, 1, 2, 3, 3, 5, 10]),
            threshold=rng.choice([0.0, 1e-4, 1e-4, 0.01, 0.5, 1.0]),
            cooldown=rng.choice([0, 0, 0, 1, 2, 5]),
            factor=rng.choice([0.1, 0.5, 0.5, 0.9, 0.99, 0.3]),
            min_lr=rng.choice([0.0, 0.0, 1e-3, 0.2, 0.9]),
            eps=rng.choice([1e-8, 0.0, 0.01, 0.1]),
            style=rng.choice(["walk", "fall", "flat", "rough", "wild"]),
        ))
    for number, c in enumerate(cases):
        p = torch.nn.Parameter(torch.zeros(1))
        lr = 1.0  # so that the rate is the product of the factors, without a rounding of its own
        optimizer = torch.optim.SGD([p], lr=lr)
        s = ReduceLROnPlateau(optimizer, mode=c["mode"], factor=c["factor"], patience=c["patience"],
                              threshold=c["threshold"], threshold_mode=c["threshold_mode"], cooldown=c["cooldown"],
                              min_lr=c["min_lr"], eps=c["eps"])
        events = []
        original = s._reduce_lr
        s._reduce_lr = lambda epoch, f=original, e=events: (e.append(1), f(epoch))
        print("static const torch_row torch_rows_%d[] = {" % number)
        m = metrics(rng, n, c["style"])
        for v in m:
            before = len(events)
            s.step(v)
            hexes = ["INFINITY" if x == float("inf") else "-INFINITY" if x == float("-inf") else float(x).hex()
                     for x in (v, s.best, optimizer.param_groups[0]["lr"])]
            print("    {%s, %s, %s, %d, %d, %d}," % (*hexes, s.num_bad_epochs, s.cooldown_counter, len(events) - before))
        print("};")
    print("static const torch_case torch_cases[] = {")
    for number, c in enumerate(cases):
        print("    {%d, %d, %s, %s, %s, %s, %s, %s, torch_rows_%d, %d}," % (
            c["mode"] == "max", c["threshold_mode"] == "abs", float(c["patience"]).hex(), float(c["threshold"]).hex(),
            float(c["cooldown"]).hex(), float(c["factor"]).hex(), float(c["min_lr"]).hex(), float(c["eps"]).hex(), number, n))
    print("};")


main()
