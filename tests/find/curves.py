"""Loss curves of range tests, made by formulas with seeded noise. In: nothing. Out: ALL, name -> (rates, losses), all written with
six digits, as a training script would log them.

They are meant to be what a finder meets: clean and noisy curves, curves that never fall, fall twice, diverge early or at once, end
in NaN or infinity, have ties, few points, rates in equal steps, or losses of another scale or sign.
"""

import math
import random


def sigmoid(x):
    return 1/(1 + math.exp(-x)) if x > -500 else 0.0


def typical(x):
    """A fall around 10^-2.2, and a rise from 10^-0.5 on. x: the decimal logarithm of the rate."""
    return 2.3 - 1.6*sigmoid(3*(x + 2.2)) + 20*max(0, x + 0.5)**2


def curve(loss, n=101, low=1e-5, high=10.0, seed=0, noise=0.0, linear=False):
    r = random.Random(seed)
    lrs, losses = [], []
    for i in range(n):
        u = i/(n - 1)
        lr = float("%.6g" % (low + u*(high - low) if linear else low*(high/low)**u))
        lrs.append(lr)
        losses.append(float("%.6g" % (loss(math.log10(lr)) + noise*r.gauss(0, 1))))
    return lrs, losses


ALL = {
    "clean": curve(typical),
    "noisy": curve(typical, noise=0.06, seed=1),
    "very noisy": curve(typical, noise=0.4, seed=2),
    "noise of a heavy hand": curve(typical, noise=1.5, seed=3),
    "flat": curve(lambda x: 2.3),
    "flat and noisy": curve(lambda x: 2.3, noise=0.05, seed=4),
    "only rises": curve(lambda x: 1 + 0.02*(x + 5)),
    "rises and is noisy": curve(lambda x: 1 + 0.1*(x + 5), noise=0.02, seed=5),
    "only falls": curve(lambda x: 5 - 0.6*(x + 5)),
    "falls and is noisy": curve(lambda x: 5 - 0.6*(x + 5), noise=0.1, seed=6),
    "diverges early": curve(lambda x: 2.3 - 0.5*sigmoid(4*(x + 4)) + 30*max(0, x + 3.2)**2, noise=0.02, seed=7),
    "diverges at once": curve(lambda x: 10**(0.5*(x + 5)), seed=8),
    "two dips": curve(lambda x: 3 - sigmoid(6*(x + 4)) + 1.2*sigmoid(6*(x + 3)) - 2*sigmoid(6*(x + 1.5)), n=200, noise=0.05, seed=9),
    "two dips, the first is deeper": curve(lambda x: 3 - 2*sigmoid(6*(x + 4)) + 1.8*sigmoid(6*(x + 3)) - sigmoid(6*(x + 1.5)), n=150, noise=0.05, seed=10),
    "a tail of NaN": curve(lambda x: math.nan if x > -0.4 else typical(x), noise=0.05, seed=11),
    "NaN from the start": curve(lambda x: math.nan),
    "a NaN in the middle": curve(lambda x: math.nan if -3.02 < x < -2.98 else typical(x), noise=0.05, seed=12),
    "a tail of infinity": curve(lambda x: math.inf if x > -0.4 else typical(x), noise=0.05, seed=13),
    "20 points": curve(typical, n=20, noise=0.05, seed=14),
    "16 points": curve(typical, n=16, noise=0.05, seed=15),
    "9 points": curve(typical, n=9, noise=0.05, seed=16),
    "2 points": curve(typical, n=2, seed=17),
    "500 points": curve(typical, n=500, noise=0.1, seed=18),
    "rates in equal steps": curve(typical, low=1e-4, high=0.8, noise=0.05, seed=19, linear=True),
    "ties": curve(lambda x: round(4*typical(x))/4),
    "losses below 0": curve(lambda x: typical(x) - 4, noise=0.05, seed=20),
    "losses around 0": curve(lambda x: typical(x) - 1.5, noise=0.05, seed=21),
    "small losses": curve(lambda x: 1e-6*typical(x), noise=5e-8, seed=22),
    "large losses": curve(lambda x: 1e6*typical(x), noise=5e4, seed=23),
    "a spike": curve(lambda x: typical(x) + (6 if -3.55 < x < -3.5 else 0), noise=0.05, seed=24),
    "a fall at the very end": curve(lambda x: 2.3 - 1.6*sigmoid(8*(x - 0.8)), noise=0.02, seed=25),
    "another range": curve(typical, low=3e-8, high=0.3, n=120, noise=0.05, seed=26),
}

# What each is smoothed with; the curve itself, fastai's average, and something between. None: not at all.
SMOOTH = (None, 0.9, 0.98)
