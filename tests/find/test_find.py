#!/usr/bin/env python3
"""test_find.py: `lrsc find` gives what fastai and torch-lr-finder give, on the curves of curves.py.

usage: test_find.py LRSC            against the stored answers of the libraries, and against the definitions, written again here
       test_find.py LRSC --live     against the libraries themselves (exit code 77: they are not installed)
       test_find.py --make          ask the libraries, and store their answers in answers.json

In:  curves.py, answers.json. Out: what differs, and a count of what was compared.

The libraries' own code runs: fastai's AvgSmoothLoss, the end of its LRFinder, valley, slide, minimum and steep, on float64 (as it
comes, it computes in float32); torch-lr-finder's range_test and plot, with a model whose losses are those of the curve, and nothing
in the place of matplotlib. Rates must be equal; averages differ by less than 1e-12.

Some questions have no answer, and the libraries give one all the same; lrs gives none there. The cases are named in no_answer(),
and counted.
"""

import importlib.util
import json
import math
import os
import subprocess
import sys
import types

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "conformance")]
sys.dont_write_bytecode = True
from curves import ALL, SMOOTH  # noqa: E402

NAMES = ("valley", "slide", "minimum", "steep", "steepest")
ANSWERS = os.path.join(HERE, "answers.json")
SKIP = 77
NEGATIVE = ("losses below 0", "losses around 0")  # fastai and torch-lr-finder end such a test at once; lrs does as `on diverge`


# ---- the libraries ------------------------------------------------------------------------------------------------

class Fastai:
    """What lr_find does with the losses of its batches."""

    def __init__(self):
        from references.record import definitions, load
        torch, np = load("torch"), load("numpy")
        self.tensor = lambda x: torch.tensor(x, dtype=torch.float64)
        scope = {"np": np, "to_np": lambda t: t.numpy(), "docs": lambda c: c, "CancelFitException": StopIteration, "tensor": self.tensor,
                 "torch": torch, "to_detach": lambda t: t, "Metric": object, 
                 "ParamScheduler": type("ParamScheduler", (), {"after_batch": lambda self: None})}
        self.learner = definitions("fastai", "learner.py", ("AvgSmoothLoss",), scope)
        self.schedule = definitions("fastai", "callback/schedule.py", ("LRFinder", "valley", "slide", "minimum", "steep"), scope)

    def record(self, losses, beta):
        """The averages that its recorder holds when the test is over."""
        smooth = self.learner.AvgSmoothLoss(beta or 0)
        smooth.reset()
        finder = object.__new__(self.schedule.LRFinder)
        finder.best_loss, finder.stop_div, finder.num_it = float("inf"), True, len(losses)
        averages = []
        for i, loss in enumerate(losses):
            smooth.accumulate(types.SimpleNamespace(loss=self.tensor(loss)))
            finder.smooth_loss, finder.train_iter = smooth.value if beta else self.tensor(loss), i + 1
            averages.append(float(finder.smooth_loss))
            try:
                finder.after_batch()
            except StopIteration:
                break
        return averages

    def ask(self, lrs, losses, beta):
        averages = self.record(losses, beta)
        a, b = lrs[len(lrs)//10:len(averages)][:-5], averages[len(lrs)//10:][:-5]
        nan = next((i for i, y in enumerate(b) if math.isnan(y)), len(b))
        answer = {"averages": averages}
        for name in ("valley", "slide", "minimum", "steep"):
            try:
                answer[name] = float(getattr(self.schedule, name)(self.tensor(a[:nan]), self.tensor(b[:nan]), len(lrs))[0])
            except (IndexError, ValueError, RuntimeError):
                answer[name] = None
        return answer


class TorchLrFinder:
    """Its range test without smoothing, and the rate that its plot suggests, for these losses and for others in their place."""

    def __init__(self):
        from references.record import load
        if importlib.util.find_spec("matplotlib") is None:
            sys.modules.update({name: types.ModuleType(name) for name in ("matplotlib", "matplotlib.pyplot")})
        self.library, self.torch = load("torch_lr_finder"), load("torch")

    def finder(self, losses):
        torch = self.torch
        model = torch.nn.Linear(1, 1)
        left = iter(losses)

        class Recorded(self.library.LRFinder):
            def _train_batch(self, *args, **kwargs):
                return next(left)

        return Recorded(model, torch.optim.SGD(model.parameters(), lr=1e-3), None)

    def ask(self, lrs, losses, diverge=4):
        data = self.torch.utils.data.DataLoader(self.torch.utils.data.TensorDataset(self.torch.zeros(1), self.torch.zeros(1)))
        finder = self.finder(losses)
        with open(os.devnull, "w") as nothing:
            out, err, sys.stdout, sys.stderr = sys.stdout, sys.stderr, nothing, nothing
            try:
                finder.range_test(data, start_lr=lrs[0], end_lr=lrs[-1], num_iter=len(lrs), smooth_f=0, diverge_th=diverge)
                finder.history["lr"] = lrs[:len(finder.history["loss"])]  # the six digits of the file
                steepest = finder.plot(skip_start=len(lrs)//10, skip_end=5, log_lr=False, ax=Axes())[1]
            except RuntimeError:
                steepest = None  # too few points
            finally:
                sys.stdout, sys.stderr = out, err
        return {"end": len(finder.history["loss"]), "steepest": steepest}


class Axes:
    """Draws nothing."""

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


def ask_libraries():
    """{curve: {smooth: answer}}"""
    fastai, finder = Fastai(), TorchLrFinder()
    answers = {}
    for name, (lrs, losses) in ALL.items():
        answers[name] = {}
        for beta in SMOOTH:
            answer = fastai.ask(lrs, losses, beta)
            averages = answer["averages"]
            # torch-lr-finder has another average, from the first loss on and without correction: it is given fastai's
            answer.update({"steepest": None, "end": None})
            if all(map(math.isfinite, averages)):  # a NaN would be its suggestion; what comes after the end is never asked for
                answer.update(finder.ask(lrs, averages + [math.nan]*(len(lrs) - len(averages))))
            answers[name][str(beta)] = answer
    return answers


# ---- the definitions, written again ---------------------------------------------------------------------------------

def averages_of(losses, beta):
    if not beta:
        return list(losses)
    total, weight, result = 0.0, 0.0, []
    for x in losses:  # sum of beta^k x over the sum of beta^k
        total, weight = beta*total + x, beta*weight + 1
        result.append(total/weight)
    return result


def used_points(averages):
    """[first, end) and the point that ended the test."""
    n, end, best = len(averages), len(averages), math.inf
    for i, y in enumerate(averages):
        best = min(best, y) if y == y else best
        if y > best + 3*abs(best):
            end = i + 1
            break
    first, last = n//10, max(end - 5, 0)
    first = min(first, last)
    last = next((i for i in range(first, last) if not math.isfinite(averages[i])), last)
    return first, last, end - 1 if end < n or (averages and averages[end - 1] > best + 3*abs(best)) else None


def slopes(y):
    return [y[1] - y[0]] + [(y[i + 1] - y[i - 1])/2 for i in range(1, len(y) - 1)] + [y[-1] - y[-2]]


def define(lrs, y):
    """The suggestions for the points that are used; None where there is none."""
    answer = dict.fromkeys(NAMES)
    if len(y) < 2:
        return answer
    g = slopes(y)
    if min(g) < 0:
        answer["steepest"] = lrs[g.index(min(g))]
    steps = [(y[i + 1] - y[i])/math.log(lrs[i + 1]/lrs[i]) for i in range(len(y) - 1)]
    if min(steps) < 0:
        answer["steep"] = lrs[steps.index(min(steps))]
    if y.index(min(y)) > 0:
        answer["minimum"] = lrs[y.index(min(y))]/10
    if len(y) >= 16 and min(g) < 0:
        k = len(y) - 1
        while k - 15 > 0 and abs(g[k] - g[k - 15]) > 0.005 and abs(g[k - 1] - g[k - 16]) > 0.005:
            k -= 1
        answer["slide"] = lrs[k - 15]
    length = []
    for i, b in enumerate(y):
        length.append(1 + max([length[j] for j in range(i) if y[j] > b], default=0))
    most = max(length)
    if most >= 3:
        answer["valley"] = lrs[length.index(most) - most + most//3 + most//6]
    return answer


def no_answer(name, lrs, y):
    """Why lrs has none where the library may have one; None: it must have one."""
    if len(y) < 2:
        return "fewer than two points"
    if name == "slide" and len(y) < 16:
        return "fewer than 16 points"
    if name == "valley" and define(lrs, y)["valley"] is None:
        return "no three falling losses"
    if name == "minimum" and y.index(min(y)) == 0:
        return "the first loss is the lowest"
    if name in ("steepest", "slide", "steep") and min(slopes(y)) >= 0:
        return "the loss never falls"
    return None


# ---- the comparison -------------------------------------------------------------------------------------------------

def ask_lrs(lrsc, lrs, losses, beta):
    text = "lr,loss\n" + "".join("%r,%r\n" % p for p in zip(lrs, losses))
    done = subprocess.run([lrsc, "find", "-", "--format=json", "--smooth=%r" % (beta or 0)], input=text, capture_output=True, encoding="utf-8", timeout=300)
    if done.returncode not in (0, 1) or not done.stdout:
        sys.exit("lrsc find: exit code %d\n%s" % (done.returncode, done.stderr))
    return json.loads(done.stdout)


class Report:
    def __init__(self):
        self.failures, self.counts = [], {}

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def check(self, what, where, got, want, tolerance=0.0):
        same = got == want or (got is not None and want is not None and abs(got - want) <= tolerance*abs(want))
        self.count(what)
        if not same:
            self.failures.append("%s: %s: lrs has %r, and %r is right" % (where, what, got, want))

    def end(self):
        for what, n in sorted(self.counts.items()):
            print("%5d  %s" % (n, what))
        for failure in self.failures[:40]:
            print(failure)
        print("%d failures" % len(self.failures))
        return 1 if self.failures else 0


def compare_averages(report, where, got, want):
    for i, (a, b) in enumerate(zip(got, want)):
        if not math.isfinite(b):
            break
        scale = max(abs(x) for x in want[:i + 1])
        if a is None or abs(a - b) > 1e-12*scale:
            report.failures.append("%s: average %d is %r, and %r is right" % (where, i, a, b))
            break
    report.count("averages of a curve")


def compare_definition(report, where, found, lrs, losses, beta):
    y = averages_of(losses, beta)
    first, end, diverged = used_points(y)
    compare_averages(report, where, [p["average"] for p in found["points"]], y)
    report.check("first point, by definition", where, found["first"], first)
    report.check("end, by definition", where, found["end"], end)
    report.check("divergence, by definition", where, found["diverged"], diverged)
    own = [p["average"] for p in found["points"]][first:end]  # a rounding would decide between equal slopes
    for name, want in define(lrs[first:end], own).items():
        report.check(name + ", by definition", where, found["suggestions"][name]["lr"], want)


def compare_library(report, where, found, lrs, answer, negative):
    averages = answer["averages"]
    compare_averages(report, where, [p["average"] for p in found["points"]], averages)
    if negative:
        report.count("not compared: losses below 0")
        return
    first, end = found["first"], found["end"]
    own = [p["average"] for p in found["points"]][first:end]
    if answer["end"] is not None:
        report.check("end of the test, torch-lr-finder", where, len(lrs) if found["diverged"] is None else found["diverged"] + 1, answer["end"])
    report.check("end of the test, fastai", where, len(lrs) if found["diverged"] is None else found["diverged"] + 1, len(averages))
    for name in NAMES:
        got, want = found["suggestions"][name]["lr"], answer[name]
        why = no_answer(name, lrs[first:end], own)
        if why:
            report.check("no answer: " + why, where + ", " + name, got, None)
        elif got != want and got == define(lrs[first:end], own)[name] and want == define(lrs[first:end], averages[first:end])[name]:
            report.count("not compared: losses are equal, averages differ by roundings")
        elif want is not None or name != "steepest" or answer["end"] is not None:
            report.check(name + ", by the library", where, got, want)


def run(lrsc, answers):
    report = Report()
    for name, (lrs, losses) in ALL.items():
        for beta in SMOOTH:
            where = "%s, smooth %s" % (name, beta)
            found = ask_lrs(lrsc, lrs, losses, beta)
            compare_definition(report, where, found, lrs, losses, beta)
            compare_library(report, where, found, lrs, answers[name][str(beta)], name in NEGATIVE)
    rounded = report.counts.get("not compared: losses are equal, averages differ by roundings", 0)
    if rounded > 2:
        report.failures.append("%d suggestions differ by roundings: only the curve with ties should have such" % rounded)
    return report.end()


def main():
    arguments = sys.argv[1:]
    live = "--live" in arguments or "--make" in arguments
    if live:
        from references.record import Missing
        try:
            answers = ask_libraries()
        except Missing as missing:
            print("SKIP: %s" % missing)
            return SKIP
    if "--make" in arguments:
        with open(ANSWERS, "w", encoding="utf-8") as f:
            json.dump(answers, f, indent=0)
            f.write("\n")
        return 0
    if not live:
        with open(ANSWERS, encoding="utf-8") as f:
            answers = json.load(f)
    return run(arguments[0], answers)


if __name__ == "__main__":
    sys.exit(main())
