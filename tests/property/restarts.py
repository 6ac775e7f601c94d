#!/usr/bin/env python3
"""Where the rounds of a repeat begin, by rational arithmetic.

In: the program of restarts.c. Out: how many restarts and steps were compared. A schedule whose rate is the number of its round is
walked through for a million steps, and asked for around every later restart that an int64 can hold; `fractions` says which round
each step is in. Round c begins at START + L*(s^c - 1)/(s - 1), with the doubles that the text's numbers stand for.
Exit codes: 0, 1 for any difference.
"""
import subprocess
import sys
from fractions import Fraction

STEPS = 1_000_000
LAST = 2 ** 63 - 1


def starts(length, stretch, until):
    """The beginnings of the rounds, up to the first after `until`."""
    at, size, found = Fraction(0), Fraction(length), []
    while at <= until:
        found.append(at)
        at += size
        size *= Fraction(stretch)
    return found + [at]


def round_of(t, begin):
    low, high = 0, len(begin)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if begin[middle] <= t else (low, middle)
    return low


def steps_around(begin, offset):
    """Steps just before, at and after each restart past the walk, and around 2^53, where they are no longer all doubles."""
    found = {2 ** 53 + k for k in range(-40, 41)} | {2 ** 52 + k for k in range(-9, 10)} | {LAST, LAST - 1}
    for b in begin:
        near = int(b) + offset
        ulp = max(1, near >> 52)
        found |= {near + k * ulp for k in range(-2, 4)}
    return sorted(s for s in found if STEPS <= s <= LAST)


def case(offset, length, stretch):
    head = "hold 0 for %d; " % offset if offset else ""
    text = head + "repeat stretch=%r { curve cycle for %r }" % (stretch, length)
    begin = starts(length, stretch, LAST)if stretch > 1 else None
    return text, begin


def expected(step, offset, length, begin):
    t = Fraction(float(step) - offset)   # exact up to 2^53; beyond, steps are rounded to doubles, and so are differences
    if t < 0:
        return 0
    return t // Fraction(length) if begin is None else round_of(t, begin)


def main():
    cases = [(offset, length, stretch) for stretch in (2.0, 3.0, 10.0, 1.5, 1.1, 7.25, 1.0) for length in (1.0, 10.0, 121.0, 1000.0, 7.5, 0.7)
             for offset in ((0, 13) if length == 121 else (0,))]
    cases += [(0, 1e6, 1.5), (0, 0.1, 2.0), (0, 12345.6789, 3.0), (0, 7.0, 1.03125)]
    lines, asked = [], []
    for offset, length, stretch in cases:
        text, begin = case(offset, length, stretch)
        more = steps_around(begin, offset) if begin else [2 ** 53 + k * 977 for k in range(-40, 1) if length >= 1]  # below 1 there are more rounds than doubles count
        walk = STEPS if length >= 1000 or stretch > 1 else 3000
        lines.append("%s\t%d\t%s\n" % (text, walk, " ".join(map(str, more))))
        asked.append((offset, length, begin, walk, more, text))
    done = subprocess.run([sys.argv[1]], input="".join(lines), capture_output=True, text=True)
    if done.returncode:
        print(done.stdout[-500:], done.stderr, "restarts ended with", done.returncode)
        return 1
    restarts = steps = bad = 0
    for (offset, length, begin, walk, more, text), line in zip(asked, done.stdout.splitlines()):
        walked, far = line.split("|")
        changes = [(int(p.split(":")[0]), float(p.split(":")[1])) for p in walked.split()]
        for i, (step, value) in enumerate(changes):   # between two of them the round does not change
            last = changes[i + 1][0] - 1 if i + 1 < len(changes) else walk - 1
            for s in {step, last}:
                restarts += 1
                if expected(s, offset, length, begin) != value:
                    bad += 1
                    print("%s: step %d is in round %d, not %g" % (text, s, expected(s, offset, length, begin), value))
        for s, value in zip(more, far.split()):
            steps += 1
            if expected(s, offset, length, begin) != float(value):
                bad += 1
                print("%s: step %d is in round %d, not %s" % (text, s, expected(s, offset, length, begin), value))
    print("%d schedules: %d ends of rounds in the first %d steps, %d steps farther on, %d differing" % (len(asked), restarts, STEPS, steps, bad))
    return 1 if bad or restarts < 1000 or steps < 1000 else 0


if __name__ == "__main__":
    sys.exit(main())
