"""digits.py: a network of two layers on handwritten digits, which trains by any schedule. NumPy, and nothing else.

In: ../data/digits.csv, an lrs.Schedule with a param `total`. Out: the loss on the samples for validation, the accuracy on those for the test.
The same seed gives the same numbers on the same machine, in every process.
"""
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEDULE = os.path.join(HERE, "digits.lrs")
HIDDEN, BATCH, MOMENTUM, VALIDATION, TEST = 32, 32, 0.9, 300, 300


def read():
    """(pixels, labels) of each part: training, validation, test."""
    table = np.loadtxt(os.path.join(HERE, "..", "data", "digits.csv"), delimiter=",", skiprows=1)
    order = np.random.default_rng(0).permutation(len(table))
    parts = np.split(table[order], [-VALIDATION - TEST, -TEST])
    return [(part[:, :64] / 16, part[:, 64].astype(int)) for part in parts]


def forward(weights, x):
    w1, b1, w2, b2 = weights
    hidden = np.maximum(x @ w1 + b1, 0)
    scores = hidden @ w2 + b2
    scores -= scores.max(axis=1, keepdims=True)
    return hidden, scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def gradients(weights, x, labels):
    hidden, logs = forward(weights, x)
    delta = np.exp(logs)
    delta[np.arange(len(x)), labels] -= 1
    delta /= len(x)
    back = (delta @ weights[2].T) * (hidden > 0)
    return x.T @ back, back.sum(axis=0), hidden.T @ delta, delta.sum(axis=0)


def train(schedule, seed=1):
    """(validation loss, test accuracy in percent) after `total` updates."""
    training, validation, test = read()
    random = np.random.default_rng(seed)
    weights = [random.normal(0, 64 ** -0.5, (64, HIDDEN)), np.zeros(HIDDEN), random.normal(0, HIDDEN ** -0.5, (HIDDEN, 10)), np.zeros(10)]
    speeds = [np.zeros_like(w) for w in weights]
    rates = schedule[0 : int(schedule.params["total"].value)]
    with np.errstate(all="ignore"):  # a rate may be too high: the loss says so
        for lr in rates:
            batch = random.integers(0, len(training[0]), BATCH)
            for w, speed, g in zip(weights, speeds, gradients(weights, training[0][batch], training[1][batch])):
                speed *= MOMENTUM
                speed -= lr * g
                w += speed
        loss = -forward(weights, validation[0])[1][np.arange(VALIDATION), validation[1]].mean()
        right = forward(weights, test[0])[1].argmax(axis=1) == test[1]
    return float(loss) if np.isfinite(loss) else float("inf"), 100 * float(right.mean())
