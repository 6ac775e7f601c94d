#!/usr/bin/env python3
"""python_step.py: what a step costs in Python, beside what it costs in PyTorch.

usage: python_step.py [--seconds S]      with lrs and torch on the path; prints the tables of bench/README.md

All that stands in one table is measured side by side in this process: in each round every candidate makes some steps, and what counts
is its best round, so that what else the machine does meets all of them. S is the time for each row, 1 by default.
"""
import argparse
import math
import subprocess
import sys
import time
import warnings

import lrs

clock = time.perf_counter


def best(candidates, seconds):
    """The seconds per call of each, in its best round. A round of each takes about a millisecond, or one call."""
    calls = []
    for run in candidates:
        n = 1
        while True:
            start = clock()
            run(n)
            took = clock() - start
            if took > 5e-4 or n > 10**6:
                break
            n *= 2
        calls.append(n)
    rounds, times = 0, [math.inf] * len(candidates)
    end = clock() + seconds
    while rounds < 5 or clock() < end:
        for i, run in enumerate(candidates):
            start = clock()
            run(calls[i])
            times[i] = min(times[i], (clock() - start) / calls[i])
        rounds += 1
    return times


def stepper(scheduler):
    def run(n):
        step = scheduler.step
        for _ in range(n):
            step()
    return run


def caller(f, *args):
    def run(n):
        for _ in range(n):
            f(*args)
    return run


def shown(seconds):
    return f"{seconds * 1e9:.0f} ns" if seconds < 9.995e-7 else f"{seconds * 1e6:.2f} µs" if seconds < 9.995e-4 else f"{seconds * 1e3:.1f} ms"


def schedulers(seconds):
    import torch
    from torch.optim import lr_scheduler as L

    import lrs.torch
    torch.set_num_threads(1)
    steps = 10**8

    def optimizer(groups, tensor):
        return torch.optim.SGD([{"params": [torch.nn.Parameter(torch.ones(1))], "lr": torch.tensor(0.1) if tensor else 0.1} for _ in range(groups)],
                               lr=0.1, momentum=0.9)
    kinds = {
        "LambdaLR": lambda o: L.LambdaLR(o, lambda t: 1 / (1 + t / 100)),
        "CosineAnnealingLR": lambda o: L.CosineAnnealingLR(o, 10**6),
        "OneCycleLR": lambda o: L.OneCycleLR(o, 0.1, steps),
        "SequentialLR": lambda o: L.SequentialLR(o, [L.LinearLR(o, total_iters=1000), L.CosineAnnealingLR(o, 10**6)], [1000]),
    }
    print(f"scheduler.step(), PyTorch {torch.__version__.partition('+')[0]}, lrs {lrs.__version__}, Python {sys.version.split()[0]}\n")
    print("| scheduler | groups | PyTorch | lrs.torch.Scheduler | ratio |\n|---|---|---|---|---|")
    for tensor in (False, True):
        for name, make in kinds.items():
            if tensor and name != "CosineAnnealingLR":
                continue
            for groups in (1, 8, 64):
                theirs = make(optimizer(groups, tensor))
                text = "curve 0.1/(1 + t/100)" if name == "LambdaLR" else lrs.from_torch(theirs)
                mine = lrs.torch.Scheduler(optimizer(groups, tensor), text)
                theirs.optimizer.step()
                a, b = best([stepper(theirs), stepper(mine)], seconds)
                print(f"| {name}{', rates as tensors' if tensor else ''} | {groups} | {shown(a)} | {shown(b)} | {a / b:.1f} |", flush=True)
    o = optimizer(1, False)
    o.param_groups[0]["params"][0].grad = torch.ones(1)
    mine = lrs.torch.Scheduler(o, "curve 0.1/(1 + t/100)")
    a, b = best([lambda n: [o.step() for _ in range(n)], stepper(mine)], seconds)
    print(f"\nBeside them: SGD.step() of one parameter of one number takes {shown(a)}, {a / b:.0f} times a step of the scheduler.\n")


def values(seconds):
    s = lrs.compile("warmup 500 -> 1e-3; then cosine until 10k -> 0")
    empty = lrs.compile("hold 0.1")

    def python(t):
        return 1e-3 * t / 500 if t < 500 else 0.0 if t >= 10000 else 5e-4 * (1 + math.cos(math.pi * (t - 500) / 9500))

    print("Values of `warmup 500 -> 1e-3; then cosine until 10k -> 0`\n\n| | time | one value |\n|---|---|---|")
    n = 10000
    one, hold, own, many, listed = best([caller(s, 5000), caller(empty, 5000), caller(python, 5000), lambda k: [s[0:n] for _ in range(k)],
                                         lambda k: [[python(t) for t in range(n)] for _ in range(k)]], seconds * 3)
    for what, t, count in (("`s(5000)`", one, 1), ("`s(5000)` of `hold 0.1`: the call itself", hold, 1), ("the same formula as a function in Python", own, 1),
                           (f"`s[0:{n}]`", many, n), (f"a list of {n} values of the function in Python", listed, n)):
        print(f"| {what} | {shown(t)} | {shown(t / count)} |")
    print(f"\n`s(5000)` takes {one / own:.2f} times the function in Python, and a slice {many / listed:.2f} times its list.\n")


def imports(seconds):
    """Each in a process of its own, which measures it: the best of several."""
    def run(code):
        return subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout
    took = {name: [] for name in ("lrs", "numpy", "torch")}
    end, rounds = clock() + 3 * seconds, 0
    while rounds < 10 or clock() < end:
        for name, times in took.items():
            if name == "lrs" or rounds < 3:
                times.append(float(run(f"import time; t = time.perf_counter(); import {name}; print(time.perf_counter() - t)")))
        rounds += 1
    print("Imports, each in a new process\n\n| | time | times that of lrs |\n|---|---|---|")
    for name, times in took.items():
        print(f"| `import {name}` | {shown(min(times))} | {min(times) / min(took['lrs']):.0f} |")
    loaded = set(run("import sys, lrs; print(*sys.modules)").split())
    for name in ("torch", "numpy"):
        print(f"\nAfter `import lrs`, {name} is {'' if name in loaded else 'not '}in sys.modules.")


def main():
    parser = argparse.ArgumentParser(description="What a step costs in Python, beside what it costs in PyTorch.")
    parser.add_argument("--seconds", type=float, default=1, help="time for each row; 1 by default")
    seconds = parser.parse_args().seconds
    warnings.simplefilter("ignore")
    schedulers(seconds)
    values(seconds)
    imports(seconds)


if __name__ == "__main__":
    main()
