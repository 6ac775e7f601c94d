"""test_lrs.py: the package lrs, as it is installed, against lrsc.

In: LRSC in the environment, the command of a build of its own; without it, the one of the package. LRS_EXAMPLES: a folder of schedules.
"""
import copy
import gc
import json
import math
import os
import pickle
import re
import subprocess
import sys
import sysconfig
import tempfile
import threading
import unittest
import warnings
from array import array
from collections.abc import Mapping
from types import MappingProxyType

import lrs

LRSC = [os.environ["LRSC"]] if "LRSC" in os.environ else [sys.executable, "-m", "lrs"]
EXAMPLES = os.environ.get("LRS_EXAMPLES")
WSD = """param peak = 3e-4 in 1e-5..1e-2 log
warmup 500 linear -> peak
then hold until 8k
then sqrt until 10k -> 0
on plateau(patience=3) *0.5 floor=1e-6
"""
EVENTS = """input loss
input acc
warmup 10 -> 0.1
then hold until loss < 1
then cosine 50 -> 0.01
on plateau(acc, mode=max, patience=2) *0.5
schedule momentum { linear 100 from 0.8 -> 0.95 }
schedule lr["head"] = 10 * lr
"""


def lrsc_eval(*arguments, text=None):
    """[(step, value, ...)] as lrsc prints it: the shortest digits that give the same doubles."""
    done = subprocess.run([*LRSC, "eval", "-w", *arguments], input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stderr
    head, *rows = done.stdout.splitlines()
    names = re.findall(r'"(?:[^"]|"")*"|[^,]+', head)
    return names, [(int(step), *map(float, values)) for step, *values in (row.split(",") for row in rows)]


def quiet(make, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", lrs.LrsWarning)
        return make(*args, **kwargs)


def bits(values):
    return array("d", values).tobytes()


def csv_of(s):
    """The rate of step 0 as it is drawn."""
    with tempfile.TemporaryDirectory() as d:
        s.plot(0, 3).save(os.path.join(d, "p.csv"))
        with open(os.path.join(d, "p.csv")) as f:
            return float(f.read().split("\n")[1].split(",")[1])


class Values(unittest.TestCase):
    def compare(self, s, rows):
        steps = [r[0] for r in rows]
        for i, output in enumerate(s.outputs):
            self.assertEqual(bits([s.value(t, output) for t in steps]), bits([r[1 + i] for r in rows]))
        self.assertEqual([bits(s.values(t)) for t in steps], [bits(r[1:]) for r in rows])
        self.assertEqual(bits([s(t) for t in steps]), bits([r[1] for r in rows]))

    @unittest.skipUnless(EXAMPLES, "LRS_EXAMPLES does not say where the schedules are")
    def test_examples_have_the_bits_of_lrsc(self):
        files = sorted(f for f in os.listdir(EXAMPLES) if f.endswith(".lrs"))
        self.assertGreater(len(files), 10)
        for f in files:
            with self.subTest(file=f):
                path = os.path.join(EXAMPLES, f)
                s = quiet(lrs.load, path)
                self.compare(s, lrsc_eval(path, "--range", "0:20000:37")[1])
                for output in s.outputs:
                    self.assertEqual(bits(s.fill(100, 5000, output)), bits([s.value(100 + i, output) for i in range(5000)]))
                self.assertEqual(bits(s[3:20000:37]), bits([s(t) for t in range(3, 20000, 37)]))

    def test_params(self):
        self.compare(lrs.compile(WSD, peak=1e-3), lrsc_eval("-D", "peak=1e-3", "-", "--range", "0:11000:101", text=WSD)[1])

    def test_several_outputs(self):
        s = quiet(lrs.compile, EVENTS)
        names, rows = lrsc_eval("-", "--range", "0:200", text=EVENTS)
        self.assertEqual((len(names), s.inputs), (1 + len(s.outputs), ("loss", "acc")))
        self.assertEqual(s.outputs, ("lr", "momentum", 'lr["head"]'))
        self.compare(s, rows)

    def test_metrics_as_lrsc_has_them(self):
        losses = [1 / (1 + t) + 0.2 for t in range(0, 4000, 400)] + [0.3] * 10
        steps = [400 * (i + 1) for i in range(len(losses))]
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "m.csv")
            with open(path, "w") as f:
                f.write("step,metric\n" + "".join(f"{t},{x!r}\n" for t, x in zip(steps, losses)))
            rows = lrsc_eval("-", "--metrics", path, "--range", "0:10000", text=WSD)[1]
        s, at, mine, acted = lrs.compile(WSD), dict(zip(steps, losses)), [], 0
        other = lrs.compile(WSD)
        for t in range(10001):
            mine.append(s.get_lr(t, at.get(t)))
            if t in at:
                acted += other.observe(t, at[t])
        self.assertEqual(bits(mine), bits([r[1] for r in rows]))
        self.assertGreater(acted, 1)
        self.assertEqual(s.state_dict(), other.state_dict())

    def test_any_step(self):
        s = lrs.compile(WSD)
        self.assertEqual(s(-5), s(0))
        self.assertEqual(s(2**63 - 1), 0)
        self.assertEqual(bits(s.fill(2**63 - 3, 6)), bits([0.0] * 6))
        self.assertEqual(bits(s.fill(2**63 - 3, 3, stride=2**62)), bits([0.0] * 3))
        calls = (s, s.value, s.values, s.explain, s.get_lr, s.observe, lambda t: s.fill(t, 3), lambda t: s[t], lambda t: s[t:9], lambda t: s[3:t],
                 lambda t: s.plot(0, t))
        for wrong, error, sentence in ((2**63, OverflowError, "from -2\\*\\*63 to 2\\*\\*63 - 1"), (-10**30, OverflowError, "out of range"),
                                       (10**5000, OverflowError, "out of range"), (1.5, TypeError, "a step is a whole number, and not 1.5"),
                                       (3.0, TypeError, "and not 3.0"), (math.nan, TypeError, "and not nan"), ("3", TypeError, "and not '3'"),
                                       ([3], TypeError, r"and not \[3\]")):
            for call in calls:
                with self.assertRaisesRegex(error, sentence):
                    call(wrong)
        with self.assertRaisesRegex(TypeError, "and not None"):
            s(None)

        class Three:
            def __index__(self):
                return 3
        for t in (3, Three()):
            self.assertEqual((s(t), s[t], s.value(t), s.values(t), s.explain(t).value, s.get_lr(t), s.fill(t, 1)[0], s[t:4][0]), (s(3), s(3), s(3), (s(3),), *[s(3)] * 4))
        self.assertEqual((s(True), s(2**53 + 1)), (s(1), s(2**53)))
        self.assertEqual((s.value(-5), s.values(-5), s.explain(-5).value, s.get_lr(-5), list(s.fill(-2, 4))), (s(0), (s(0),), s(0), s(0), [s(0), s(0), s(0), s(1)]))

        class Broken:
            def __index__(self):
                raise Traced("of its own")

        class Traced(TypeError):
            pass
        with self.assertRaisesRegex(Traced, "of its own"):
            s(Broken())
        with self.assertRaisesRegex(TypeError, "the stride is a whole number, and not 1.5"):
            s.fill(0, 3, stride=1.5)
        for wrong in ((), (1, 2)):
            with self.assertRaises(TypeError):
                s(*wrong)


class Buffers(unittest.TestCase):
    def setUp(self):
        self.s = lrs.compile(WSD)

    def test_slice(self):
        a = self.s[0:10_000:10]
        view = memoryview(a)
        self.assertEqual((view.format, len(a), view.contiguous), ("d", 1000, True))
        self.assertEqual(list(a), [self.s(t) for t in range(0, 10_000, 10)])
        self.assertEqual((self.s[250], len(self.s[5:5]), len(self.s[9:3]), len(self.s[0:7:3])), (self.s(250), 0, 0, 3))
        self.assertEqual(self.s[:20], self.s[0:20])
        for wrong in (slice(5, None), slice(None, None), slice(-5, 3), slice(0, 9, -1), slice(0, 9, 0), slice(0, -1), -1):
            with self.assertRaises(IndexError):
                self.s[wrong]
        with self.assertRaises(TypeError):
            iter(self.s)

    def test_fill(self):
        out = array("d", [7.0] * 10)
        self.assertIs(self.s.fill(3, 10, out=out), out)
        self.assertEqual(out, self.s[3:13])
        part = memoryview(array("d", [7.0] * 10))
        self.s.fill(3, 4, out=part[2:6])
        self.assertEqual(list(part), [7.0] * 2 + list(self.s[3:7]) + [7.0] * 4)
        self.assertEqual(self.s.fill(0, 0, out=array("d")), array("d"))
        for wrong in (array("f", [0] * 10), array("d", [0] * 9), bytearray(80), array("q", [0] * 10), memoryview(out).toreadonly(),
                      memoryview(array("d", [0] * 20))[::2], [0.0] * 10):
            with self.assertRaises(TypeError):
                self.s.fill(3, 10, out=wrong)
        with self.assertRaises(ValueError):
            self.s.fill(0, -1)
        with self.assertRaises(MemoryError):
            self.s.fill(0, sys.maxsize)
        with self.assertRaisesRegex(lrs.LrsError, "no output `lrr`: did you mean `lr`"):
            self.s.fill(0, 1, "lrr")

    def test_more_than_a_chunk(self):
        n = 100_003
        a = self.s.fill(1, n)
        for i in (0, 32767, 32768, 65535, 65536, 98304, n - 1):
            self.assertEqual(a[i], self.s(1 + i))
        self.assertEqual(self.s[1:1 + n:3], a[::3])

    def test_threads(self):
        """While some fill, one observes: each array is of one state, before the rule acted or after it."""
        s = lrs.compile("hold 1; on plateau(patience=0) *0.5")
        s.observe(0, 1.0)
        seen, failed = set(), []

        def work():
            try:
                for _ in range(30):
                    seen.update([tuple(sorted(set(s.fill(10_000, 100_000))))])
            except BaseException as e:
                failed.append(e)
        threads = [threading.Thread(target=work) for _ in range(3)]
        for t in threads:
            t.start()
        for step in range(1, 30):
            s.observe(step, 1.0)
        for t in threads:
            t.join()
        self.assertEqual(failed, [])
        self.assertTrue(all(len(values) == 1 for values in seen), seen)


class States(unittest.TestCase):
    def run_to(self, s, first, end):
        rates = []
        for t in range(first, end):
            if t % 5 == 0:
                s.observe(t, 3 - t / 20, acc=min(t, 60) / 100)
            rates.append((s(t), s.value(t, "momentum")))
        return rates

    def test_resumed_anywhere(self):
        """Among the steps where it is interrupted are those in a phase that an event ends, and after it."""
        whole = quiet(lrs.compile, EVENTS)
        rates = self.run_to(whole, 0, 120)
        self.assertNotEqual(rates[39], rates[45])
        self.assertLess(rates[-1][0], 0.01)  # the event came, and the rule acted
        for at in range(0, 120, 7):
            s = quiet(lrs.compile, EVENTS)
            begun = self.run_to(s, 0, at)
            saved = json.loads(json.dumps(s.state_dict()))
            t = quiet(lrs.compile, EVENTS)
            t.load_state_dict(saved)
            self.assertEqual(begun + self.run_to(t, at, 120), rates)
            self.assertEqual(t.state_dict(), whole.state_dict())

    def test_copies(self):
        s = quiet(lrs.compile, EVENTS)
        self.run_to(s, 0, 30)
        before = s.state_dict()
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # the warnings are said once, not at each copy
            copies = [copy.copy(s), copy.deepcopy(s), s.copy(), *(pickle.loads(pickle.dumps(s, p)) for p in range(2, 6))]
        expected = self.run_to(s, 30, 120)
        for c in copies:
            self.assertEqual((c.state_dict(), c.name, c.params, c.outputs), (before, s.name, s.params, s.outputs))
            self.assertEqual(self.run_to(c, 30, 120), expected)
        s.reset()
        self.assertEqual(s.state_dict(), quiet(lrs.compile, EVENTS).state_dict())

    def test_plain_types(self):
        def check(x):
            self.assertIn(type(x), (int, float, str, list, dict))
            for y in [*x, *x.values()] if isinstance(x, dict) else x if isinstance(x, list) else ():
                check(y)
        check(lrs.compile(WSD).state_dict())

    def test_refused(self):
        s = lrs.compile(WSD)
        for t in range(10):
            s.observe(t, 1.0)
        mine = s.state_dict()
        good = lrs.compile(WSD).state_dict()
        other = lrs.compile(WSD.replace("8k", "9k")).state_dict()
        params = lrs.compile(WSD, peak=1e-3).state_dict()
        half = good["state"][:len(good["state"]) // 2]
        changed = good["state"][:-1] + ("0" if good["state"][-1] != "0" else "1")
        for wrong, sentence in ((other, "another program"), (params, r"`peak` was 0.001 and is 0.0003"), ({}, "not a state"),
                                (None, "not a state"), ({**good, "lrs": 2}, "not a state"), ({**good, "state": "xy"}, "damaged"),
                                ({**good, "state": None}, "damaged"), ({**good, "state": half}, "damaged|cut short"),
                                ({**good, "state": ""}, "damaged|cut short"), ({**good, "state": changed}, "damaged|truncated"),
                                ({**good, "state": other["state"]}, "another program"),
                                ({**good, "state": params["state"]}, r"`peak` was 0.001 and is 0.0003"),
                                ({**good, "state": [1]}, "damaged"), ({**good, "state": 3}, "damaged")):
            with self.subTest(wrong=wrong):
                with self.assertRaisesRegex(lrs.LrsError, sentence):
                    s.load_state_dict(wrong)
                self.assertEqual(s.state_dict(), mine)
        for of_readers in ({"params": {}}, {"params": {"peak": None}}, {"params": {"peak": [1, 2]}}, {"program": None}):
            s.load_state_dict({**mine, **of_readers})  # the state says what it is of
            self.assertEqual(s.state_dict(), mine)
        with self.assertRaisesRegex(lrs.LrsError, "`a` was 0 and is -0"):
            lrs.compile("param a\nhold a", a=-0.0).load_state_dict(lrs.compile("param a\nhold a", a=0.0).state_dict())

    def test_observe(self):
        s = quiet(lrs.compile, EVENTS)
        for wrong, error in (({"los": 1.0}, lrs.LrsError), ({"metric": 1, "loss": 1}, TypeError), ({"loss": "x"}, TypeError),
                             ({"loss": "0.3"}, TypeError), ({"loss": b"0.3"}, TypeError)):
            with self.assertRaises(error):
                s.observe(1, **wrong) if "metric" not in wrong else s.observe(1, wrong["metric"], loss=1)
        with self.assertRaises(lrs.LrsError):
            s.observe(1, loss=1.0, los=1.0)
        with self.assertRaises((TypeError, ValueError)):
            s.observe(1, loss=0.1, acc=[])
        self.assertEqual(s.state_dict(), quiet(lrs.compile, EVENTS).state_dict())
        self.assertEqual((s.observe(3, None), s.observe(3, math.nan), s.observe(3)), (0, 0, 0))
        a, b = s.copy(), s.copy()
        a.observe(20, loss=0.5, acc=0.9)
        b.observe(20, acc=0.9, loss=0.5)
        self.assertEqual(a.state_dict(), b.state_dict())
        self.assertEqual(a.observe(20, loss=0.1, acc=0.1), 0)
        self.assertEqual(a.state_dict(), b.state_dict())

    def test_an_input_whose_name_is_metric(self):
        text = "input loss; input metric; hold 1; on plateau(metric, patience=0) *0.5; on plateau(loss, patience=0) *0.1"
        s = lrs.compile(text)
        for step in range(2):
            s.observe(step, metric=1.0)
        self.assertEqual(s(9), 0.5)
        for step in range(2):
            s.observe(step, 1.0)  # the first input
        self.assertEqual([f"{v:.6g}" for v in (s(9), s.get_lr(4, 1.0, metric=1.0))], ["0.05", "0.0025"])
        one = lrs.compile("input loss; hold 1; on plateau(patience=0) *0.5")
        self.assertEqual([one.get_lr(step=step, metric=1.0) for step in range(3)], [1.0, 0.5, 0.25])
        for call, sentence in ((lambda: one.observe(5, 1.0, metric=1.0), "`loss` is given twice"), (lambda: one.observe(5, loss=1.0, metric=1.0), "`loss` is given twice"),
                               (lambda: one.observe(5, 1.0, 1.0), "one metric may be without a name, that of `loss`: 2 are given")):
            with self.assertRaisesRegex(TypeError, sentence):
                call()

    def test_get_lr_by_name(self):
        mine, other = quiet(lrs.compile, EVENTS), quiet(lrs.compile, EVENTS)
        for t in range(60):
            other.observe(t, 3 - t / 20, acc=0.5)
            for kwargs in ({"loss": 3 - t / 20, "acc": 0.5}, {"metric": 3 - t / 20}, {}):  # observed once
                self.assertEqual(mine.get_lr(t, **kwargs), other(t))
        self.assertLess(other(59), 0.05)
        self.assertEqual(mine.get_lr(step=60, acc=0.9), mine(60))
        self.assertEqual(mine.get_lr(step=61), mine(61))
        before = mine.state_dict()
        for call, error, sentence in ((lambda: mine.get_lr(70, los=1), lrs.LrsError, "no input `los`: did you mean `loss`"),
                                      (lambda: mine.get_lr(70, 1, loss=1), TypeError, "`loss` is given twice"),
                                      (lambda: mine.get_lr(70, acc="0.3"), TypeError, "the metric `acc` is not a number"),
                                      (lambda: mine.get_lr(acc=1), TypeError, "step"), (lambda: mine.get_lr(), TypeError, "argument"),
                                      (lambda: mine.get_lr(7.5, acc=1), TypeError, "a step is a whole number")):
            with self.assertRaisesRegex(error, sentence):
                call()
        self.assertEqual(mine.state_dict(), before)

    def test_stopped(self):
        s = quiet(lrs.compile, "hold 0.1\non diverge(factor=2) stop")
        self.assertIs(s.stopped, False)
        for t in range(1, 100):
            s.observe(t, 1.0 if t < 50 else 1e6)
        self.assertIs(s.stopped, True)
        self.assertIn("stopped", repr(s))


class About(unittest.TestCase):
    def test_params(self):
        s = lrs.compile(WSD, peak=1e-3)
        self.assertEqual(s.params, {"peak": lrs.Param(1e-3, 3e-4, 1e-5, 1e-2, True, None)})
        self.assertEqual(s.params["peak"].lo, 1e-5)
        self.assertEqual(lrs.compile(WSD, {"peak": 1e-3}).hash, s.hash)
        self.assertEqual(repr(s), "<lrs.Schedule '<text>', peak=0.001>")
        required = "param peak\nhold peak"
        with self.assertRaisesRegex(lrs.LrsError, "peak"):
            lrs.compile(required)
        self.assertEqual(lrs.compile(required, peak=2).params["peak"], lrs.Param(2.0, None, None, None, False, None))

    def test_params_without_values(self):
        text = 'use "u.lrs"\nparam total in 10..90\nparam peak = 3e-4 in 1e-5..1e-2 log\nparam long = 3 epochs\nparam steps_per_epoch = 5\nlinear until total from peak -> last'
        with tempfile.TemporaryDirectory() as d:
            os.mkdir(os.path.join(d, "more"))
            file = os.path.join(d, "a.lrs")
            for name, body in (("a.lrs", text), (os.path.join("more", "u.lrs"), "param last = 0\n")):
                with open(os.path.join(d, name), "w") as f:
                    f.write(body)
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # they are those of a run: lrs.load says them
                found = lrs.params(file, include_dirs=[os.path.join(d, "more")])
            with self.assertRaises(lrs.LrsError):
                lrs.params(file)
            listed = subprocess.run([*LRSC, "params", "-w", "--format=json", "-I", os.path.join(d, "more"), file], stdout=subprocess.PIPE, check=True)
            listed = json.loads(listed.stdout)
            self.assertEqual([(n, p.default, p.lo, p.hi, p.log, p.unit) for n, p in found.items()],
                             [(p["name"], p["default"], p["lo"], p["hi"], p["log"], p["unit"]) for p in listed])
            s = quiet(lrs.load, file, include_dirs=[os.path.join(d, "more")], total=50)
        self.assertTrue(math.isnan(found.pop("total").value))
        self.assertEqual(found, {n: p for n, p in s.params.items() if n != "total"})
        with self.assertRaises(FileNotFoundError):
            lrs.params("none.lrs")

    def test_params_of_any_mapping(self):
        class Config:  # as that of W&B: no Mapping
            def keys(self):
                return ["peak"]

            def __getitem__(self, name):
                return {"peak": 1e-3}[name]

        class Frozen(Mapping):
            def __getitem__(self, name):
                return {"peak": 1e-3}[name]

            def __iter__(self):
                return iter(["peak"])

            def __len__(self):
                return 1
        for given in (Config(), Frozen(), {"peak": 1e-3}, MappingProxyType({"peak": 1e-3})):
            self.assertEqual(lrs.compile(WSD, given).params["peak"].value, 1e-3)
            self.assertEqual(quiet(lrs.compile, WSD + "param other = 1", given, other=2)(500), 1e-3)
            with self.assertRaisesRegex(TypeError, "`peak` is given twice"):
                lrs.compile(WSD, given, peak=1)
        self.assertEqual(lrs.compile(WSD).plot(0, 9, metrics=MappingProxyType({3: 0.5}))._metrics, {"metric": {3: 0.5}})

    def test_phases_and_reasons(self):
        s = lrs.compile(WSD)
        self.assertEqual([(p.text, p.start, p.end) for p in s.phases], [("warmup 500 linear -> peak", 0, 500), ("hold until 8k", 500, 8000),
                                                                      ("sqrt until 10k -> 0", 8000, 10000)])
        e = s.explain(9000)
        self.assertEqual((e.value, e.phase, e.phase_text, e.phase_start, e.fired, e.rule_text), (s(9000), 2, "sqrt until 10k -> 0", 8000, 0, ""))
        for t in range(100, 106):
            s.observe(t, 1.0)
        e = s.explain(9000)
        self.assertEqual((e.value, e.base / 2, e.scale, e.fired, e.rule_step), (s(9000), e.value, 0.5, 1, 104))
        self.assertTrue(e.rule_text.startswith("on plateau"))
        (d,) = s.detectors
        self.assertEqual((d.kind, d.inputs, d.best, d.fired, d.fired_step, d.patience), ("plateau", ("metric",), 1.0, 1, 104, 3))
        events = quiet(lrs.compile, EVENTS)
        self.assertEqual([p.end for p in events.phases], [10, math.inf])
        events.observe(30, 0.5)
        self.assertEqual([p.end for p in events.phases], [10, 30, 80])
        self.assertEqual([p.text for p in events.phases_of("momentum")], ["linear 100 from 0.8 -> 0.95"])
        self.assertEqual(events.explain(3, "momentum").value, events.value(3, "momentum"))

    def test_unit(self):
        self.assertEqual((lrs.compile("hold 1").unit, lrs.compile("unit epoch\nhold 1").unit), ("step", "epoch"))

    def test_find(self):
        rates = [1e-7 * (1e8 ** (i / 99)) for i in range(100)]
        losses = [2 - 1.5 / (1 + math.exp(-(math.log10(r) + 3) * 2)) + (50 * r if r > 0.1 else 0) for r in rates]
        f = lrs.find(rates, losses)
        self.assertTrue(1e-5 < f.valley.lr < 1)
        self.assertEqual(rates[f.valley.point], f.valley.lr)
        self.assertEqual((f.valley.reason, len(f.smoothed), f.bad_rate), ("", 100, None))
        self.assertEqual(lrs.find(rates, losses, smooth=0).smoothed, array("d", losses))
        self.assertEqual(lrs.find(rates, losses, smooth=0, skip_start=0).first, 0)
        self.assertIsNone(lrs.find(rates, losses, smooth=0, diverge=math.inf).diverged)
        self.assertEqual(lrs.find(rates, [1.0] * 100).valley, lrs.Suggestion(None, None, lrs.find(rates, [1.0] * 100).valley.reason))
        self.assertEqual(lrs.find([1, 1], [1, 2]).bad_rate, 1)
        s = quiet(lrs.compile, "linear 100 from 1e-5 -> 1")
        self.assertEqual(s.find(losses), lrs.find(s[0:100], losses))
        for wrong in (dict(smooth=2), dict(smooth=-1), dict(diverge=0.5), dict(skip_end=-1)):
            with self.assertRaises(ValueError):
                lrs.find(rates, losses, **wrong)
        with self.assertRaises(ValueError):
            lrs.find(rates, losses[1:])
        with self.assertRaises(TypeError):
            lrs.find(rates, None)


class Wrong(unittest.TestCase):
    def test_programs(self):
        with self.assertRaises(lrs.LrsError) as caught:
            lrs.compile("warmup 5 -> 0.1\nthen holt 3", name="a.lrs")
        e = caught.exception
        self.assertIsInstance(e, ValueError)
        self.assertTrue(str(e).startswith("a.lrs:2:6: error: "))
        self.assertIn("^", str(e))
        d = e.diagnostics[0]
        self.assertEqual((d.severity, d.file, d.line, d.column, d.begin, d.end), ("error", "a.lrs", 2, 6, 21, 25))
        self.assertEqual(str(pickle.loads(pickle.dumps(e))), str(e))
        self.assertEqual(pickle.loads(pickle.dumps(e)).diagnostics, e.diagnostics)
        for text in ("", "\0", "\ud800", "then", b"\xff\xfe", "hold 1\n" * 3 + "\N{SNOWMAN}", "((((" * 1000):
            with self.subTest(text=text), self.assertRaises(lrs.LrsError):
                quiet(lrs.compile, text)
        for wrong in (5, None, ["hold 1"]):
            with self.assertRaises(TypeError):
                lrs.compile(wrong)

    def test_a_file_in_the_place_of_a_text(self):
        with tempfile.TemporaryDirectory() as folder:
            there = os.path.join(folder, "a schedule")
            with open(there, "w") as f:
                f.write("hold 1")
            for name in ("wsd.lrs", "runs/wsd.lrs", there):
                with self.assertRaisesRegex(lrs.LrsError, f"^'{name}' is the name of a file, .*: lrs.load\\('{name}'\\)$"):
                    lrs.compile(name)
            self.assertEqual(lrs.load(file=there, params={})(0), 1)
        for text in ("use wsd.lrs", "hold\n.lrs", "holt 1", "holt 1 # of wsd.lrs"):
            with self.assertRaisesRegex(lrs.LrsError, "^<text>"):
                lrs.compile(text)
        self.assertEqual(lrs.compile("hold 1 # of wsd.lrs")(0), 1)

    def test_params_in_a_dict(self):
        """By the name of the argument, too; and those whose names are those of arguments."""
        self.assertEqual(lrs.compile(text="param peak; hold peak", params={"peak": 2})(0), 2)
        self.assertEqual(lrs.compile("param text; param params = 1; hold text * params", {"text": 2, "params": 3})(0), 6)
        self.assertEqual(lrs.compile("param file; hold file", file=2)(0), 2)

    def test_params(self):
        for params, sentence in (({"peek": 1e-3}, "no param `peek`: did you mean `peak`"), ({"peak": 3}, "must be within"),
                                 ({"peak": "x"}, "not a number"), ({"peak": math.nan}, "peak"), ({"peak\0": 1}, "no param"),
                                 ({"\ud800": 1}, "no param")):
            with self.subTest(params=params), self.assertRaisesRegex(lrs.LrsError, sentence):
                lrs.compile(WSD, params)
        with self.assertRaises(TypeError):
            lrs.compile(WSD, {"peak": 1e-3}, peak=1e-3)

    def test_warnings(self):
        with self.assertWarns(lrs.LrsWarning) as caught:
            s = lrs.compile("hold 1; then cosine 10 -> 0")
        self.assertEqual(os.path.basename(caught.filename), os.path.basename(__file__))
        self.assertIn("never runs", str(caught.warning))
        self.assertIn("warning", [d.severity for d in caught.warning.diagnostics])
        self.assertEqual(s.diagnostics, caught.warning.diagnostics)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            lrs.compile(WSD)

    def test_files(self):
        with tempfile.TemporaryDirectory() as d:
            os.mkdir(os.path.join(d, "parts"))
            with open(os.path.join(d, "parts", "common.lrs"), "w") as f:
                f.write("def twice(x) = 2*x\n")
            main = os.path.join(d, "main.lrs")
            with open(main, "w") as f:
                f.write('use "common.lrs"\nparam peak = 1\nhold twice(peak)\n')
            with self.assertRaises(lrs.LrsError):
                lrs.load(main)
            s = lrs.load(main, include_dirs=[os.path.join(d, "parts")], peak=3)
            self.assertEqual((s(0), s.name), (6.0, main))
            self.assertEqual(pickle.loads(pickle.dumps(s))(0), 6.0)
            back = os.getcwd()
            try:  # names from the folder that it was compiled in, for a process in another one
                os.chdir(d)
                s = lrs.load("main.lrs", include_dirs=["parts"], peak=3)
                with self.assertRaisesRegex(lrs.LrsError, "^main.lrs:1:5: error"):
                    lrs.load("main.lrs")
            finally:
                os.chdir(back)
            for c in (pickle.loads(pickle.dumps(s)), pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(s)))), copy.copy(s)):
                self.assertEqual((c(0), c.name, c.hash), (6.0, "main.lrs", s.hash))
                self.assertIn("<svg", c.plot().svg())
            done = subprocess.run([sys.executable, "-c", "import pickle, sys; print(pickle.load(sys.stdin.buffer)(0))"], input=pickle.dumps(s), cwd=os.sep,
                                  stdout=subprocess.PIPE, check=True)
            self.assertEqual(done.stdout.strip(), b"6.0")
            with open(main) as f, self.assertRaises(lrs.LrsError):  # a text reaches no files, unless it is said
                lrs.compile(f.read(), include_dirs=[os.path.join(d, "parts")])
            for name, text in (("main.lrs", "hold 7\n"), (os.path.join("parts", "common.lrs"), "def twice(x) = 3*x\n")):
                with open(os.path.join(d, name), "w") as f:  # what the files have become is nothing to it
                    f.write(text)
            for c in (pickle.loads(pickle.dumps(s)), copy.deepcopy(s)):
                self.assertEqual((c(0), c.hash), (6.0, s.hash))
            with self.assertRaises(FileNotFoundError):
                lrs.load(os.path.join(d, "none.lrs"))
            with self.assertRaises(IsADirectoryError):
                lrs.load(d)
        self.assertEqual((pickle.loads(pickle.dumps(s))(0), csv_of(s)), (6.0, 6.0))  # nothing of it is there any more

    def test_files_by_several_names(self):
        """Beside the file, above it, by a whole path, of a folder of others, and through a link: all of it goes along."""
        texts = {"conf/a.lrs": 'use "b.lrs"\nuse "../up.lrs"\nuse "%s/whole.lrs"\nuse "far.lrs"\nuse "link.lrs"\nuse "deep/c.lrs"\nhold b + up + whole + far + c\n',
                 "conf/b.lrs": "let b = 1\n", "up.lrs": 'use "conf/b.lrs"\nlet up = 10*b\n', "whole.lrs": "let whole = 100\n",
                 "more/far.lrs": 'use "near.lrs"\nlet far = 1000 + near\n', "more/near.lrs": "let near = 1\n", "conf/deep/c.lrs": "let c = 10000\n"}
        back = os.getcwd()
        for given, dirs in (("conf/a.lrs", ["more"]), ("./conf//a.lrs", ["more/"]), ("%s/conf/a.lrs", ["%s/more"]), ("conf/a.lrs", ["conf", "%s/more"])):
            with self.subTest(given=given), tempfile.TemporaryDirectory() as d:
                for name, text in texts.items():
                    os.makedirs(os.path.dirname(os.path.join(d, name)), exist_ok=True)
                    with open(os.path.join(d, name), "w") as f:
                        f.write(text.replace("%s", d))
                os.symlink("../up.lrs", os.path.join(d, "conf", "link.lrs"))
                try:
                    os.chdir(d)
                    s = lrs.load(given.replace("%s", d), include_dirs=[i.replace("%s", d) for i in dirs])
                    for name in texts:
                        with open(name, "w") as f:
                            f.write("let b = 5\n")
                    held = [s, copy.deepcopy(s), pickle.loads(pickle.dumps(s))]
                finally:
                    os.chdir(back)
            plain = json.loads(json.dumps(s._source.plain()))
            held += [pickle.loads(pickle.dumps(held[2])), lrs._made(lrs._Source.of_plain(plain), {}, 1)]
            for c in held:
                self.assertEqual((c(0), c.hash, csv_of(c)), (11112.0, s.hash, 11112.0))

    def test_pictures_of_files_with_odd_names(self):
        """The same name in several folders: a picture is of the file that was compiled, whatever the names are and the files become."""
        back = os.getcwd()
        for given, dirs in (("a=b/m=n.lrs", ["x=y", "-d/"]), ("./a=b/m=n.lrs", ["./-d", "x=y"]), ("%s/a=b/m=n.lrs", ["%s/-d", "a b"]), ("-m.lrs", ["a b/../x=y", "-d"])):
            with self.subTest(given=given), tempfile.TemporaryDirectory() as d:
                d = os.path.realpath(d)
                for i, folder in enumerate(("x=y", "-d", "a b")):
                    for k, name in enumerate(("f=g.lrs", "ü h", "-c.lrs")):
                        if (i, k) not in ((0, 1), (1, 2)):
                            os.makedirs(os.path.join(d, folder), exist_ok=True)
                            with open(os.path.join(d, folder, name), "w") as f:
                                f.write(f"let v{k} = {1 + 10 * i + k}\n")
                os.mkdir(os.path.join(d, "a=b"))
                for name in ("-m.lrs", "a=b/m=n.lrs"):
                    with open(os.path.join(d, name), "w") as f:
                        f.write('use "f=g.lrs"\nuse "./ü h"\nuse "-c.lrs"\nhold v0 + 100*v1 + 10000*v2\n')
                try:
                    os.chdir(d)
                    s = lrs.load(given.replace("%s", d), include_dirs=[i.replace("%s", d) for i in dirs])
                    for folder in ("x=y", "-d", "a b", "a=b", "."):  # now there are others, in earlier folders, too
                        for name in ("f=g.lrs", "ü h", "-c.lrs"):
                            with open(os.path.join(folder, name), "w") as f:
                                f.write("let v0 = 5 secret")
                    self.assertEqual((csv_of(s), csv_of(pickle.loads(pickle.dumps(s)))), (s(0), s(0)))
                finally:
                    os.chdir(back)
                self.assertEqual(csv_of(s), s(0))

    def test_texts_of_strangers(self):
        """What is unpickled or read from JSON is compiled from the texts that came with it."""
        with tempfile.TemporaryDirectory() as d:
            secret = os.path.join(d, "secret.lrs")
            with open(secret, "w") as f:
                f.write("a secret\n")
            plain = lrs.compile("hold 1")._source.plain()
            for more in ({}, {"include_dirs": [d]}, {"name": os.path.join(d, "x.lrs")}, {"sources": [["other.lrs", "let x = 1"]], "include_dirs": [d]}):
                for text in (f'use "{secret}"\nhold 1', 'use "secret.lrs"\nhold 1'):
                    with self.assertRaises(lrs.LrsError) as caught:
                        lrs._made(lrs._Source.of_plain({**plain, "text": text, **more}), {}, 1)
                    self.assertNotIn("a secret", str(caught.exception))
        for wrong in ({}, {k: v for k, v in plain.items() if k != "lrs"}, {**plain, "sources": [["a", 0]]}, {**plain, "sources": 3}, {**plain, "sources": [["a"]]}):
            with self.assertRaisesRegex(lrs.LrsError, "not a schedule that was saved"):
                lrs._Source.of_plain(wrong)

    def test_pictures_read_no_files(self):
        """A file that lies in a folder which is looked at before the one that had the text: it was not there, or is none of the schedule's."""
        with tempfile.TemporaryDirectory() as d:
            early, late = os.path.join(d, "early"), os.path.join(d, "late")
            for folder in (early, late):
                os.mkdir(folder)
            with open(os.path.join(late, "common.lrs"), "w") as f:
                f.write("let a = 1\n")
            with open(os.path.join(d, "s.lrs"), "w") as f:
                f.write('use "common.lrs"\nhold a\n')
            s = lrs.load(os.path.join(d, "s.lrs"), include_dirs=[early, late])
            before = csv_of(s)
            for name in (os.path.join(early, "common.lrs"), os.path.join(d, "common.lrs")):
                with open(name, "w") as f:
                    f.write("let a = 5 secret\n")
                self.assertEqual((csv_of(s), csv_of(s.copy()), csv_of(pickle.loads(pickle.dumps(s)))), (before, before, before))
                plain = {"lrs": 1, "text": 'use "common.lrs"\nhold a\n', "name": "<text>", "include_dirs": [early, "x"],
                         "sources": [["x/common.lrs", "let a = 1\n"]]}
                stranger = lrs._made(lrs._Source.of_plain(plain), {}, 1)
                self.assertEqual((stranger(0), csv_of(stranger)), (1.0, before))
                self.assertIn("<svg", stranger._repr_svg_())

    def test_what_another_version_saved(self):
        s = lrs.compile("hold 1")
        made, held = s.__reduce__()
        self.assertEqual(made(*held)(0), 1.0)
        plain = s._source.plain()
        self.assertEqual((held[0], plain["lrs"]), (1, 1))
        for other in (2, 0, "1", None):
            with self.assertRaisesRegex(lrs.LrsError, "another version of lrs"):
                made(other, *held[1:])
            with self.assertRaisesRegex(lrs.LrsError, "another version of lrs"):
                lrs._Source.of_plain({**plain, "lrs": other})
        with self.assertRaisesRegex(lrs.LrsError, "another version of lrs"):
            made(2)  # whatever it holds
        with self.assertRaisesRegex(lrs.LrsError, "another version of lrs"):
            made(*held[1:])  # from before there was a number

    def test_given_texts(self):
        common = "let a = 3\n"
        text = 'use "common.lrs"\nhold a\n'
        s = lrs.compile(text, sources={"common.lrs": common})
        with tempfile.TemporaryDirectory() as d:
            with open(os.path.join(d, "common.lrs"), "w") as f:
                f.write("let a = 5\n")
            self.assertEqual(lrs.compile(text, name=os.path.join(d, "s.lrs"), use_files=True)(0), 5.0)
            given = lrs.compile(text, name=os.path.join(d, "s.lrs"), use_files=True, sources={os.path.join(d, "common.lrs"): common})
            self.assertEqual(given(0), 3.0)
        self.assertEqual((s(0), s.copy()(0), pickle.loads(pickle.dumps(s))(0), csv_of(s)), (3.0, 3.0, 3.0, 3.0))
        self.assertEqual(lrs.compile(text, include_dirs=["x"], sources={"x/common.lrs": b"let a = 7"})(0), 7.0)
        one = lrs.compile('use "a.lrs"\nuse "b.lrs"\nhold a', sources={"a.lrs": common, "b.lrs": common})  # a text by two names is one
        self.assertEqual(one(0), 3.0)
        with self.assertRaisesRegex(lrs.LrsError, "common.lrs"):
            lrs.compile(text, sources={"other.lrs": common})
        with self.assertRaisesRegex(TypeError, "sources is a dict {name: text}, and not list"):
            lrs.compile(text, sources=["common.lrs"])
        with self.assertRaisesRegex(TypeError, "the source `common.lrs` is a str or bytes, not int"):
            lrs.compile(text, sources={"common.lrs": 3})

    def test_outputs_that_are_read(self):
        text = 'use "u.lrs"\nrequire 1 < 2 "#1"; schedule base { hold 1 }; schedule lr { half() }; schedule alone = 2 # alone'
        s = lrs.compile(text, sources={"u.lrs": "def half() { curve 0.5*base }"})
        self.assertEqual({o: s._reads(o) for o in s.outputs}, {"lr": False, "base": True, "alone": False})

    def test_params_are_given_to_the_checks(self):
        """Warnings are those of `lrsc -D`, and the program is the same."""
        text = "param total = 7; warmup 10 -> 1; then cosine until total -> 0"
        for value, codes in ((1000, {305}), (5, {302, 305, 308}), (-5, {302, 305}), (7, {302, 305, 308})):
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                s = lrs.compile(text, total=value)
            self.assertEqual({d.code for d in s.diagnostics}, codes)
            self.assertEqual([str(value) in str(w.message) for w in said], [True] * (len(codes) > 1))
            self.assertEqual(s.hash, quiet(lrs.compile, text).hash)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            lrs.compile(text, total=1000)
            with self.assertRaisesRegex(lrs.LrsWarning, "never runs"):
                lrs.compile("param total; warmup 10 -> 1; then cosine until total -> 0", {"total": 5})

    def test_advice_is_for_python(self):
        with tempfile.TemporaryDirectory() as d:
            with open(os.path.join(d, "a.lrs"), "w") as f:
                f.write('use "none.lrs"\nhold 1')
            for call in (lambda: lrs.compile("param total; cosine until total from 1 -> 0"), lambda: lrs.compile("linear 5 epochs from 1 -> 0"),
                         lambda: lrs.compile("linear 10% from 1 -> 0"), lambda: lrs.compile("curve epoch"), lambda: lrs.load(os.path.join(d, "a.lrs")),
                         lambda: lrs.compile("warmup 10 -> 1").plot(x="epochs").svg(), lambda: lrs.compile("warmup 10 -> 1").plot().save(os.path.join(d, "x.none")),
                         lambda: lrs.compile("warmup 10 -> 1").plot(width=3).svg()):
                with self.assertRaises(lrs.LrsError) as caught:
                    call()
                self.assertNotRegex(str(caught.exception).replace(d, ""), r"-D|-I|lrsc|--|tmp")

    def test_other_containers(self):
        s = lrs.compile(WSD)
        for call, sentence in ((lambda: lrs.compile(WSD, [1e-3]), "the params are named, or a dict .* not list"),
                               (lambda: lrs.load("none.lrs", [1e-3]), "the params are named, or a dict .* not list"),
                               (lambda: s.plot(0, 9, metrics=[(3, 0.1)]), "metrics is a dict .* not list"),
                               (lambda: s.plot(0, 9, metrics={3.5: 0.1}), "a step is a whole number, and not 3.5"),
                               (lambda: s.plot(0, 9, metrics={"metric": {"3": 0.1}}), "a step is a whole number, and not '3'"),
                               (lambda: s.plot(0, 9.5), "a step is a whole number, and not 9.5"),
                               (lambda: s.plot(0, 9, metrics={3: "0.1"}), "the metric `metric` is not a number: '0.1'"),
                               (lambda: s.get_lr(3, "0.1"), "number"), (lambda: s.load_state_dict("ck.pt"), "name of a file")):
            with self.assertRaisesRegex((TypeError, lrs.LrsError), sentence):
                call()
        with self.assertRaisesRegex(lrs.LrsError, "not a number"):
            lrs.compile(WSD, peak=10**400)

    def test_classes(self):
        for wrong in ((), ("hold 1",), (None, 1, 1)):
            with self.assertRaises(TypeError):
                lrs.Schedule(*wrong)
            with self.assertRaises(TypeError):
                lrs._lrs.State(*wrong)
        for call in (lambda: lrs._lrs.describe(None), lambda: lrs._lrs.bind(None, (), ()), lambda: lrs._lrs.plan_params(1, 1)):
            with self.assertRaises((TypeError, ValueError)):
                call()
        s = lrs.compile(WSD)
        for call in (lambda: s._value(0, 1), lambda: s._value(0, -1), lambda: s._observe(0, 5, 1.0), lambda: s._explain(0, 9)):
            with self.assertRaises(IndexError):
                call()


class Package(unittest.TestCase):
    def test_version(self):
        from importlib.metadata import version
        self.assertEqual(version("lrs-lang"), lrs.__version__)

    def test_import_is_light(self):
        code = "import sys, lrs; lrs.compile('hold 1')(0); print([m for m in ('torch', 'numpy', 'ctypes', 'typing') if m in sys.modules])"
        env = {k: v for k, v in os.environ.items() if k != "PYTHONSTARTUP"}
        done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, encoding="utf-8", env=env, timeout=300, check=True)
        bare = "import sys; print([m for m in ('torch', 'numpy', 'ctypes', 'typing') if m in sys.modules])"
        expected = subprocess.run([sys.executable, "-c", bare], stdout=subprocess.PIPE, encoding="utf-8", env=env, timeout=300, check=True)
        self.assertEqual(done.stdout, expected.stdout)

    def test_one_module_for_all_versions(self):
        name = os.path.basename(lrs._lrs.__file__)
        if sysconfig.get_config_var("Py_GIL_DISABLED"):
            self.assertNotIn("abi3", name)
        else:
            self.assertEqual(name, "_lrs.abi3.so")

    def test_it_needs_no_library_of_ours(self):
        try:
            done = subprocess.run(["ldd", lrs._lrs.__file__], stdout=subprocess.PIPE, encoding="utf-8", timeout=60)
        except OSError:
            self.skipTest("no ldd here")
        self.assertNotRegex(done.stdout, "liblrs|LLVM|libpython|libstdc")

    def test_types(self):
        folder = os.path.dirname(lrs.__file__)
        for name in ("py.typed", "__init__.pyi", "_lrs.pyi", "torch.pyi"):
            self.assertTrue(os.path.exists(os.path.join(folder, name)), name)
        with open(os.path.join(folder, "__init__.pyi")) as f:
            stubs = f.read()
        for name in (*lrs.__all__, *(n for n in vars(lrs.Schedule) if not n.startswith("_"))):
            self.assertRegex(stubs, rf"\b(class|def) {name}\b|\n    {name}: ")
        for kind in (lrs.Diagnostic, lrs.Param, lrs.Phase, lrs.Explanation, lrs.Detector, lrs.Suggestion, lrs.Finding):
            body = re.search(rf"class {kind.__name__}\(NamedTuple\):\n((?:    .*\n)+)", stubs).group(1)
            self.assertEqual(tuple(re.findall(r"^    (\w+):", body, re.M)), kind._fields)

    def test_command(self):
        done = subprocess.run([sys.executable, "-m", "lrs", "eval", "-e", "hold 0.5", "--at", "3"], stdout=subprocess.PIPE, encoding="utf-8",
                              timeout=300)
        self.assertEqual((done.returncode, done.stdout), (0, "step,lr\n3,0.5\n"))
        done = subprocess.run([sys.executable, "-m", "lrs", "check", "-"], input="holt", stderr=subprocess.PIPE, encoding="utf-8", timeout=300)
        self.assertEqual(done.returncode, 1)

    def test_nothing_leaks(self):
        """10^5 schedules, and everything that makes an object: the memory of the process stays where it is."""
        def some(n):
            s = quiet(lrs.compile, EVENTS)
            state = s.state_dict()
            for _ in range(n):
                t = s.copy()
                t.load_state_dict(state)
                t.observe(3, loss=1.0, acc=0.5)
                t.get_lr(4, acc=0.5), t.explain(3), t.values(3), t.fill(0, 10), t.detectors
            for _ in range(n // 10):
                lrs.compile(WSD, peak=1e-3)
                for wrong in (lambda: lrs.compile("holt"), lambda: lrs.compile(WSD, peak=3), lambda: s.fill(0, 1, "x"),
                              lambda: s("x"), lambda: s[10**30], lambda: s.get_lr(1, los=2), lambda: s._explain(0, 99), lambda: s.load_state_dict({**state, "state": "00"}),
                              lambda: lrs.Schedule()):
                    try:
                        wrong()
                    except (ValueError, TypeError, IndexError, OverflowError):
                        pass
            gc.collect()

        def memory():
            with open("/proc/self/statm") as f:
                return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        if not os.path.exists("/proc/self/statm"):
            self.skipTest("no /proc here")
        some(5_000)
        before = memory()
        some(100_000)
        self.assertLess(memory() - before, 2 << 20)


class Pictures(unittest.TestCase):
    """s.plot(), and `python -m lrs`: the lrsc of the package."""

    def test_command(self):
        done = subprocess.run([sys.executable, "-m", "lrs", "eval", "-e", "warmup 4 -> 1", "--at", "1,2"], stdout=subprocess.PIPE,
                              encoding="utf-8", timeout=300)
        self.assertEqual((done.returncode, done.stdout), (0, "step,lr\n1,0.25\n2,0.5\n"))
        done = subprocess.run([sys.executable, "-m", "lrs", "check", "/no/such/file"], stderr=subprocess.DEVNULL, timeout=300)
        self.assertEqual(done.returncode, 3)

    def test_svg(self):
        import xml.etree.ElementTree as ET
        s = lrs.compile(WSD, peak=1e-3)
        svg = s._repr_svg_()
        self.assertEqual(ET.fromstring(svg).tag, "{http://www.w3.org/2000/svg}svg")
        self.assertIn("max 0.001 at 500", svg)  # with the params of this schedule
        self.assertNotIn("plateau x0.5", svg)
        fed = s.plot(metrics={1000 * i: 1.0 for i in range(1, 8)})._repr_svg_()
        self.assertIn("plateau x0.5", fed)
        self.assertIn("step 0 to 200", s.plot(last=200).svg())
        self.assertIn("step 100 to 200", s.plot(100, 200).svg())
        two = lrs.compile("input a\ninput b\nhold 1 for 50\non plateau(a, patience=0) *0.5\non (b > 2) *0.1")
        svg = two.plot(metrics={"a": {10: 1, 20: 1}, "b": {30: 3}}).svg()
        self.assertIn("step 20", svg)
        self.assertIn("step 30", svg)

    def test_html(self):
        s = lrs.compile(WSD)
        html = s._repr_html_()
        self.assertTrue(html.startswith("<iframe srcdoc="))
        self.assertIn("peak", html)
        self.assertEqual(html.count("<"), 2)  # of the frame alone: the page in it is escaped
        self.assertTrue(s.plot().html().startswith("<!doctype html>"))

    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "common.lrs"), "w", encoding="utf-8") as f:
                f.write("param peak = 0.5\n")
            with open(os.path.join(folder, "mine.lrs"), "w", encoding="utf-8") as f:
                f.write("use \"common.lrs\"\nwarmup 4 -> peak\n")
            s = lrs.load(os.path.join(folder, "mine.lrs"))
            os.remove(os.path.join(folder, "mine.lrs"))  # the text that was compiled is what is shown
            self.assertIn("mine.lrs: max 0.5 at 4", s.plot().svg())
            out = os.path.join(folder, "out.csv")
            s.plot(0, 4).save(out)
            with open(out, encoding="utf-8") as f:
                self.assertGreater(len(f.read().splitlines()), 4)

    def test_wrong(self):
        s = lrs.compile(WSD)
        with self.assertRaisesRegex(lrs.LrsError, "no input `loss`"):
            s.plot(metrics={"loss": {1: 1}})
        with self.assertRaisesRegex(TypeError, "`last`"):
            s.plot(5)
        with self.assertRaisesRegex(lrs.LrsError, "epochs"):
            s.plot(x="epochs").svg()
        with self.assertRaisesRegex(lrs.LrsError, "xyz"):
            s.plot().save("a.xyz")


if __name__ == "__main__":
    unittest.main()
