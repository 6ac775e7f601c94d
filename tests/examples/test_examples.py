#!/usr/bin/env python3
"""test_examples.py LRSC EXAMPLES: every example against the formula of the paper or library that it names.

In: lrsc and the folder of examples.  Out: status 0, or the steps where an example differs.
The formulas are written here a second time, step by step, in plain Python; they know nothing of lrs.
"""
import csv
import math
import os
import random
import subprocess
import sys
import tempfile

LRSC, EXAMPLES = sys.argv[1:3]
TOLERANCE = 1e-12  # relative: the formulas here lose some digits, those of lrs do not


def half_cosine(u):
    return (1 - math.cos(math.pi * u)) / 2


def warmup(n, length, peak, after):
    return peak * n / length if n < length else after(n)


def card(n):
    return warmup(n, 5, 0.1, lambda n: 0.1 * 0.1 ** ((n - 5) / 1000))


def resnet_steps(n):
    epoch = n / 157
    rate = 0.1 + (3.2 - 0.1) * epoch / 5 if epoch < 5 else 3.2
    return rate * 0.1 ** sum(epoch >= e for e in (30, 60, 80))


def resnet_cifar(n):
    return 0.1 if n < 32000 else 0.01 if n < 48000 else 0.001


def bert_linear(n):
    return warmup(n, 10000, 1e-4, lambda n: 1e-4 * max(0, (1000000 - n) / 990000))


def gpt_cosine(n):
    tokens = n * 3.2e6
    if tokens < 375e6:
        return 0.6e-4 * tokens / 375e6
    return 0.6e-4 * (1 - 0.9 * half_cosine(min(1, (tokens - 375e6) / (260e9 - 375e6))))


def llama_cosine(n):
    return warmup(n, 2000, 3e-4, lambda n: 3e-5 + 2.7e-4 * half_cosine(1 - min(1, (n - 2000) / 498000)))


def wsd(n):
    if n < 300:
        return 1e-3 * n / 300
    return 1e-3 if n < 40000 else 1e-3 * (1 - math.sqrt(min(1, (n - 40000) / 10000)))


def onecycle(n):
    """PyTorch's OneCycleLR for max_lr=0.1 and total_steps=10000: the last of the first 3000 steps has the peak, the last of all
    the end."""
    if n < 2999:
        return 0.004 + 0.096 * half_cosine(n / 2999)
    return 4e-7 + (0.1 - 4e-7) * half_cosine(1 - min(1, (n - 2999) / 7000))


def onecycle_momentum(n):
    if n < 2999:
        return 0.95 - 0.1 * half_cosine(n / 2999)
    return 0.85 + 0.1 * half_cosine(min(1, (n - 2999) / 7000))


def noam(n):
    s = n + 1
    return 512 ** -0.5 * min(s ** -0.5, s * 4000 ** -1.5)


def t5_rsqrt(n):
    return 1 / math.sqrt(max(n, 10000))


def sgdr(n):
    cycle, epoch = 10, n / 391
    while epoch >= cycle:
        epoch -= cycle
        cycle *= 2
        if cycle > 80:
            return 0.0
    return 0.05 * (1 + math.cos(math.pi * epoch / cycle)) / 2


def polynomial(n):
    return 0.007 * max(0, 1 - n / 30000) ** 0.9


def exponential(n):
    return 5e-4 * 0.1 ** (n / 250000)


def finetune_plateau(n):
    return warmup(n, 100, 5e-5, lambda n: 5e-5)


def rangetest(n):
    return 1e-7 * (10 / 1e-7) ** min(1, n / 100)


# Name: formula, the steps where something changes. Each is probed there, one step before and after, and in between.
CASES = {
    'card': (card, [0, 5, 1005, 5005]),
    'resnet_steps': (resnet_steps, [0, 5 * 157, 30 * 157, 60 * 157, 80 * 157, 90 * 157, 100 * 157]),
    'resnet_cifar': (resnet_cifar, [0, 32000, 48000, 64000]),
    'bert_linear': (bert_linear, [0, 10000, 1000000, 1100000]),
    'gpt_cosine': (gpt_cosine, [0, 117, 81250, 93750]),
    'llama_cosine': (llama_cosine, [0, 2000, 500000, 510000]),
    'wsd': (wsd, [0, 300, 40000, 50000, 60000]),
    'onecycle': (onecycle, [0, 2999, 9999, 11000]),
    'noam': (noam, [0, 3999, 4000, 100000]),
    't5_rsqrt': (t5_rsqrt, [0, 10000, 1000000]),
    'sgdr': (sgdr, [0, 3910, 11730, 27370, 58650, 60000]),
    'polynomial': (polynomial, [0, 30000, 40000]),
    'exponential': (exponential, [0, 250000, 500000]),
    'finetune_plateau': (finetune_plateau, [0, 100, 10000]),
    'rangetest': (rangetest, [0, 100, 200]),
}


# Outputs beside `lr`.
OTHERS = {('onecycle', 'momentum'): onecycle_momentum}


def run_eval(name, *arguments, output='lr'):
    run = subprocess.run([LRSC, 'eval', os.path.join(EXAMPLES, name + '.lrs'), *arguments], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f'{name}: status {run.returncode}\n{run.stderr}')
    return [(int(row['step']), float(row[output])) for row in csv.DictReader(run.stdout.splitlines())]


def compare(name, got, want):
    """Prints the first difference and returns 1; 0 when there is none. got: (step, rate), want: the rate at a step."""
    for step, rate in got:
        # A cosine or a root near its end: an absolute error of one part in 1e15 of the start is all that 1 - x allows.
        if not math.isclose(rate, want(step), rel_tol=TOLERANCE, abs_tol=1e-15 * abs(want(0) or 1)):
            print(f'{name}: step {step}: {rate!r}, but the formula gives {want(step)!r}')
            return 1
    return 0


def check_curve(name, output='lr'):
    formula, marks = CASES[name]
    formula = OTHERS.get((name, output), formula)
    randomly = random.Random(name)
    steps = {max(0, m + d) for m in marks for d in (-1, 0, 1)}
    steps |= {randomly.randrange(marks[-1]) for _ in range(200)}
    steps = sorted(steps)
    got = run_eval(name, '--at', ','.join(map(str, steps)), output=output)
    if [step for step, _ in got] != steps:
        sys.exit(f'{name}: eval gave other steps than were asked for')
    return compare(name, got, formula)


def reduce_on_plateau(losses, rate, factor, patience, minimum):
    """PyTorch's ReduceLROnPlateau, mode min, threshold 1e-4 relative, cooldown 0: the rate after each loss."""
    best, bad, rates = math.inf, 0, []
    for loss in losses:
        if loss < best * (1 - 1e-4):
            best, bad = loss, 0
        else:
            bad += 1
        if bad > patience:
            bad = 0
            if rate - max(rate * factor, minimum) > 1e-8:
                rate = max(rate * factor, minimum)
        rates.append(rate)
    return rates


def check_plateau(name, start, every, base, factor, patience, minimum):
    """The same losses to the example and to PyTorch's rule; base(step) scaled by what the rule did."""
    randomly = random.Random(name)
    losses = [2 * 0.9 ** k + 0.4 + 0.05 * randomly.random() for k in range(60)] + [math.inf, 5.0] * 3
    rates = reduce_on_plateau(losses, 1.0, factor, patience, minimum)
    steps = [start + every * k for k in range(len(losses))]
    with tempfile.NamedTemporaryFile('w', suffix='.csv') as f:
        f.write('step,metric\n' + ''.join(f'{s},{v!r}\n' for s, v in zip(steps, losses)))
        f.flush()
        got = run_eval(name, '--at', ','.join(map(str, steps)), '--metrics', f.name)
    if rates[-1] == 1.0:
        sys.exit(f'{name}: these losses fire nothing')
    scale = dict(zip(steps, rates))
    return compare(name, got, lambda step: base(step) * scale.get(step, 1.0))


def main():
    found = {f[:-4] for f in os.listdir(EXAMPLES) if f.endswith('.lrs')}
    if found != set(CASES):
        sys.exit(f'examples without a formula here, or the other way round: {sorted(found ^ set(CASES))}')
    failures = sum(check_curve(name) for name in sorted(CASES))
    failures += sum(check_curve(*which) for which in sorted(OTHERS))
    failures += check_plateau('card', 0, 38, card, 0.5, 3, 0.0)
    # floor=1e-7 is about the rate itself: 1e-7 / 5e-5 of the base.
    failures += check_plateau('finetune_plateau', 100, 50, finetune_plateau, 0.1, 2, 1e-7 / 5e-5)
    print(f'{len(CASES)} examples, {failures} failures')
    return failures != 0


sys.exit(main())
