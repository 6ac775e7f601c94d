"""find: pictures against stored ones, the formats, and what is said about wrong files.

LRS_UPDATE_GOLDEN=1 rewrites the stored pictures; look at them before you commit them. The suggestions themselves are held to
other libraries in tests/find.
"""
import csv
import io
import json
import math
import os
import random
import re
import cli
from cli import DIAGNOSTICS, IO, USAGE

GOLDEN = os.path.join(cli.SOURCE, "tests", "golden", "find")
SIZES = {"small": ("--width=40", "--height=5"), "normal": ("--width=80", "--height=15"), "large": ("--width=132", "--height=30")}
NAMES = ["valley", "steepest", "steep", "minimum", "slide"]


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def table(loss, n=101, low=1e-5, high=10, steps=False, seed=1):
    """A csv file: rates in equal ratios, and loss(log10 of the rate, noise)."""
    r = random.Random(seed)
    rows = ["step,lr,loss" if steps else "lr,loss"]
    for i in range(n):
        lr = low * (high / low) ** (i / max(1, n - 1))
        rows.append((f"{i}," if steps else "") + f"{lr!r},{loss(math.log10(lr), r.gauss(0, 1))!r}")
    return "\n".join(rows) + "\n"


def typical(x, noise):
    return 2.3 - 1.6 * sigmoid(3 * (x + 2.2)) + 0.06 * noise + 20 * max(0, x + 0.5) ** 2


CURVES = {
    "typical": table(typical, steps=True),
    "nan-tail": table(lambda x, noise: math.nan if x > -0.3 else 7 - 3 * sigmoid(3 * (x + 3)) + 0.3 * noise),
    "two-dips": table(lambda x, noise: 3 - sigmoid(6 * (x + 4)) + 1.2 * sigmoid(6 * (x + 3)) - 2 * sigmoid(6 * (x + 1.5)) + 0.05 * noise, 200),
    "early-end": table(lambda x, noise: 2 + 0.1 * noise + 3 * max(0, x + 4), 60),
}


class Golden(cli.Case):
    def check(self, name, text):
        self.check_golden(os.path.join(GOLDEN, name + ".txt"), text)

    def test_pictures(self):
        for name, text in CURVES.items():
            self.write(name + ".csv", text)
            for size, how in SIZES.items():
                for more, kind in (((), "braille"), (("--ascii",), "ascii")):
                    self.check(f"{name}-{size}-{kind}", self.lrsc("find", "--smooth=0.9", *how, *more, name + ".csv").out)
        self.check("typical-color", self.lrsc("find", "typical.csv", "--color=always").out)
        self.check("typical-raw", self.lrsc("find", "typical.csv", "--smooth=0", "--skip-start=0", "--skip-end=0").out)

    def test_nothing_to_suggest(self):
        self.write("flat.csv", table(lambda x, noise: 2.3))
        r = self.lrsc("find", "flat.csv", "--height=5", code=DIAGNOSTICS)
        self.check("flat", r.out)
        self.assertEqual(r.err, "lrsc: error: flat.csv: no suggestion: the loss does not fall at these rates\n")


class Formats(cli.Case):
    def setUp(self):
        super().setUp()
        self.write("a.csv", CURVES["typical"])

    def suggest(self, *args, **kwargs):
        return {name: float(self.lrsc("find", *args, "--suggest=" + name, **kwargs).out) for name in NAMES}

    def test_all_say_the_same(self):
        one = self.suggest("a.csv")
        rows = list(csv.DictReader(io.StringIO(self.lrsc("find", "a.csv", "--format=csv").out)))
        self.assertEqual([r["suggestion"] for r in rows], NAMES)
        self.assertEqual({r["suggestion"]: float(r["lr"]) for r in rows}, one)
        whole = json.loads(self.lrsc("find", "a.csv", "--format=json").out)
        self.assertEqual({k: v["lr"] for k, v in whole["suggestions"].items()}, one)
        text = self.lrsc("find", "a.csv").out
        for name in NAMES:
            self.assertAlmostEqual(float(re.search(rf"(?m)^  [A-Z] {name} +(\S+)", text)[1]) / one[name], 1, delta=1e-3)
        self.assertIn("-D peak=" + re.search(r"V valley +(\S+)", text)[1], text)
        self.assertEqual(self.lrsc("find", "a.csv", "--format=text").out, text)
        for row in rows:
            point = whole["points"][int(row["point"])]
            self.assertEqual(point["average"], float(row["loss"]))
            if row["suggestion"] != "minimum":
                self.assertEqual(point["lr"], float(row["lr"]))

    def test_json(self):
        whole = json.loads(self.lrsc("find", "a.csv", "--format=json").out)
        self.assertEqual((whole["first"], len(whole["points"]), whole["points"][7]["step"]), (10, 101, 7))
        given = list(csv.DictReader(io.StringIO(CURVES["typical"])))
        self.assertEqual([p["lr"] for p in whole["points"]], [float(r["lr"]) for r in given])
        self.assertEqual([p["loss"] for p in whole["points"]], [float(r["loss"]) for r in given])
        self.write("nan.csv", CURVES["nan-tail"])
        whole = json.loads(self.lrsc("find", "nan.csv", "--format=json").out)
        self.assertIsNone(whole["points"][-1]["loss"])
        self.assertIsNone(whole["diverged"])
        self.write("flat.csv", table(lambda x, noise: 1))
        whole = json.loads(self.lrsc("find", "flat.csv", "--format=json", code=DIAGNOSTICS).out)
        self.assertEqual(whole["suggestions"]["valley"], {"lr": None, "point": None, "reason": "the loss does not fall at these rates"})
        self.assertEqual(self.lrsc("find", "flat.csv", "--format=csv", code=DIAGNOSTICS).out.splitlines()[1], "valley,,,")

    def test_columns(self):
        """In any order, with others between them, with blanks, quotes, comments and a byte order mark."""
        want = self.suggest("a.csv")
        rows = [line.split(",") for line in CURVES["typical"].split()]
        for name, text in {
            "two": "\n".join(f"{lr},{loss}" for _, lr, loss in rows),
            "order": "\n".join(f"{loss},x,{lr}" for _, lr, loss in rows),
            "odd": "\ufeff# a comment\r\n\r\n" + "\r\n".join(f' "{lr}" , {loss}\t,{step}' for step, lr, loss in rows) + "\r\n# end",
            "quotes": 'lr,"of a, b, ""c""",loss\n' + "\n".join(f'{lr},"x, ""y"", z" ,{loss}' for _, lr, loss in rows[1:]),
            "a lone quote": 'lr,size,loss\n' + "\n".join(f'{lr},"19,{loss}' for _, lr, loss in rows[1:]),
            "holes": "\n".join(f"{lr},{loss}\n{lr}," for _, lr, loss in rows).replace("loss\nlr,", "loss"),
        }.items():
            self.write(name + ".csv", text)
            self.assertEqual(self.suggest(name + ".csv"), want, name)
            self.assertEqual(self.suggest("-", stdin=text), want, name)

    def test_very_many_columns(self):
        rows = [line.split(",") for line in CURVES["typical"].split()]
        head = ",".join(f"layer{i}" for i in range(120000))
        blank = "," * 119999
        self.write("wide.csv", "\n".join(f"{blank if i else head},{lr},{loss}" for i, (_, lr, loss) in enumerate(rows)))
        self.assertEqual(self.suggest("wide.csv"), self.suggest("a.csv"))

    def test_rates_of_a_schedule(self):
        want = self.suggest("a.csv")
        self.write("s.csv", re.sub(r"(?m)^([^,]*),[^,]*,", r"\1,", CURVES["typical"]))
        self.write("test.lrs", "param top = 1\nrangetest 1e-5 -> top for 100\non diverge(factor=4) stop\n")
        for args in (("--schedule=test.lrs", "-D", "top=10"), ("-e", "rangetest 1e-5 -> 10 for 100"),
                     ("-e", "schedule momentum = 1 - lr; rangetest 1e-5 -> 10 for 100")):
            got = self.suggest("s.csv", *args)
            for name in NAMES:
                self.assertAlmostEqual(got[name] / want[name], 1, delta=1e-14)
        self.assertIn("steps 10 to", self.lrsc("find", "s.csv", "-e", "rangetest 1e-5 -> 10 for 100").out)
        self.assertIn("steps 10 to", self.lrsc("find", "a.csv").out)

    def test_options(self):
        def whole(*args):
            return json.loads(self.lrsc("find", "a.csv", "--format=json", *args).out)

        plain = whole("--smooth=0", "--skip-start=0", "--skip-end=0", "--diverge=inf")
        self.assertEqual((plain["first"], plain["end"], plain["diverged"]), (0, 101, None))
        for p in plain["points"]:
            self.assertEqual(p["loss"], p["average"])
        self.assertEqual(whole(), whole("--smooth=0.98", "--diverge=4", "--skip-start=10", "--skip-end=5"))
        mean = 0.0
        for i, p in enumerate(whole("--smooth=0.9")["points"]):
            mean = 0.9 * mean + 0.1 * p["loss"]
            self.assertAlmostEqual(p["average"], mean / (1 - 0.9 ** (i + 1)), delta=1e-12)
        at = whole("--smooth=0", "--diverge=2.5")["diverged"]
        losses = [p["loss"] for p in plain["points"]]
        self.assertEqual(at, next(i for i, x in enumerate(losses) if x > 2.5 * min(losses[:i + 1])))
        cut = whole("--smooth=0", "--diverge=2.5", "--skip-start=3", "--skip-end=7")
        self.assertEqual((cut["first"], cut["end"]), (3, at + 1 - 7))

    def test_too_few(self):
        for n in range(12):
            self.write("few.csv", table(typical, n))
            for args in ((), ("--smooth=0", "--skip-start=0", "--skip-end=0"), ("--skip-start=100",), ("--skip-end=1M",)):
                code = cli.run("find", "few.csv", *args, cwd=self.dir).code
                self.assertIn(code, (0, DIAGNOSTICS))
        self.lrsc("find", "few.csv", "--skip-end=1M", code=DIAGNOSTICS)
        r = self.lrsc("find", "few.csv", "--suggest=slide", code=DIAGNOSTICS)
        self.assertEqual((r.out, r.err.split(": ")[2:4]), ("", ["few.csv", "no slide"]))


class Doubt(cli.Case):
    """Suggestions that are noise are not called a rate to train with."""

    def last(self, text, *args, **kwargs):
        self.write("a.csv", text)
        return self.lrsc("find", "a.csv", "--width=300", *args, **kwargs).out.splitlines()[-1]

    def test_noise(self):
        for n in (101, 300):
            for seed in range(20):
                text = table(lambda x, noise: 2 + 0.3 * noise, n, 1e-6, seed=seed)
                self.assertIn("no clear fall: the suggestions may be noise; record more steps", self.last(text))

    def test_a_clear_fall(self):
        for n in (30, 101, 300):
            for seed in range(10):
                self.assertRegex(self.last(table(typical, n, seed=seed)), r"^  train with -D peak=\S+   by eye: below \S+, where the losses turn up$")

    def test_where_the_losses_turn(self):
        """The average of the default lags by a factor of 6 here."""
        def loss(x, noise):
            return 2.3 / (1 + (10 ** x / 3e-3) ** 1.2) + 0.3 + (10 ** x / 0.5) ** 2

        rates = [1e-6 * 1e7 ** (i / 99) for i in range(100)]
        turn = min(rates, key=lambda lr: loss(math.log10(lr), 0))
        text = table(loss, 100, 1e-6)
        got = float(re.search(r"by eye: below (\S+), where the losses turn up", self.last(text))[1])
        self.assertAlmostEqual(got / turn, 1, delta=1e-3)
        whole = json.loads(self.lrsc("find", "a.csv", "--format=json").out)
        self.assertEqual(whole["points"][whole["turn"]]["loss"], min(p["loss"] for p in whole["points"]))
        for n in (100, 300, 3000):
            for seed in range(5):
                last = self.last(table(lambda x, noise: loss(x, 0) + 0.1 * noise, n, 1e-6, seed=seed), "--smooth=0.9")
                place = re.search(r"below ([^ ,]+), where the losses turn up", last)
                self.assertLess(abs(math.log10(float(place[1]) / turn)), 0.5, last)
        self.assertNotIn("turn up", self.last(table(lambda x, noise: 3 - sigmoid(3 * (x + 1)), 100, 1e-6)))
        self.assertIsNone(json.loads(self.lrsc("find", "a.csv", "--format=json").out)["turn"])

    def test_no_peak_above_the_turn(self):
        """The average goes on falling long after the losses have turned."""
        text = table(lambda x, noise: 3 - 2 * sigmoid(6 * (x + 4.6)) + 0.1 * (x + 5))
        self.assertRegex(self.last(text, "--skip-start=0"), r"^  the losses turn up at \S+, before the valley of their average, which lags: choose by eye, below that, or "
                         "give a lower --smooth$")

    def test_many_noisy_points(self):
        """More of them would make it worse: an average is of as many points as before."""
        text = table(lambda x, noise: typical(x, 8 * noise), 20000, 1e-6)
        self.assertRegex(self.last(text), r"give a greater --smooth, such as 0\.999\b")
        self.assertRegex(self.last(text, "--smooth=0.999"), "train with")

    def test_skipped(self):
        clean = table(typical, 100)
        for option, all_of in (("--skip-start=200", r"\d+"), ("--skip-end=99", r"\d+")):
            self.write("a.csv", clean)
            r = self.lrsc("find", "a.csv", option, code=DIAGNOSTICS)
            self.assertRegex(r.err, f"no suggestion: {option} leaves no points of {all_of}: skip fewer\n$")

    def test_a_reason_without_room(self):
        self.write("a.csv", table(lambda x, noise: 2 + x / 10))
        out = self.lrsc("find", "a.csv", "--width=50", code=DIAGNOSTICS).out
        self.assertTrue(out.endswith("  L slide    -\n  the loss rises at all these rates: begin at a\n  lower one\n"), out)

    def test_few(self):
        self.assertEqual(self.last(table(lambda x, noise: 2 - x / 10, 8)), "  3 points are too few to trust a suggestion: record more, or skip fewer")

    def test_a_rise(self):
        for seed in range(10):
            text = table(lambda x, noise: 2 + 0.05 * noise + (x + 5) ** 2 / 3, seed=seed)
            self.write("a.csv", text)
            r = cli.run("find", "a.csv", "--width=300", cwd=self.dir)
            self.assertIn("begin at a lower", (r.err if r.code else r.out).splitlines()[-1])
        flat_then_up = table(lambda x, noise: 2 + 0.1 * noise + 3 * max(0, x + 4), 60)
        self.assertEqual(self.last(flat_then_up), "  the loss rises without a clear fall before: begin at a lower rate, or let it grow more slowly")

    def test_nothing_is_left(self):
        for loss, args, reason in ((lambda x, noise: math.nan, (), "no loss is a number"),
                                   (lambda x, noise: 1000 ** (x + 5), (), r"diverged at \S+: begin at a lower rate"),
                                   (lambda x, noise: 10 ** (x + 5), (), "the loss rises at all these rates: begin at a lower one"),
                                   (lambda x, noise: 10 ** (x + 5), ("--smooth=0",), r"diverged at \S+: smooth, or begin at a lower rate"),
                                   (lambda x, noise: math.nan if x > -4.8 else 1, (), r"no number at 1\.738e-5: begin at a lower rate"),
                                   (lambda x, noise: 2 + x / 10, (), "the loss rises at all these rates: begin at a lower one")):
            self.write("a.csv", table(loss))
            r = self.lrsc("find", "a.csv", *args, code=DIAGNOSTICS)
            self.assertRegex(r.err, f"^lrsc: error: a.csv: no suggestion: {reason}\n$")
            self.assertRegex(r.out, rf"(?m)^  V valley   -          {reason}$")
            self.assertRegex(self.lrsc("find", "a.csv", *args, "--suggest=steep", code=DIAGNOSTICS).err, f"^lrsc: error: a.csv: no steep: {reason}\n$")
            self.assertRegex(json.loads(self.lrsc("find", "a.csv", *args, "--format=json", code=DIAGNOSTICS).out)["suggestions"]["slide"]["reason"], f"^{reason}$")

    def test_suggestions_far_apart(self):
        """A fall at low rates, and a steeper one at the end."""
        two = table(lambda x, noise: 3 - 1.0 * sigmoid(8 * (x + 3.8)) - 0.4 * (x > 0.3), 101)
        want = r"the suggestions disagree, by a factor of \d+: choose by eye, below \S+, where the losses turn up, or "
        self.assertRegex(self.last(two, "--smooth=0"), f"^  {want}smooth the losses$")
        marks = {k: v["lr"] for k, v in json.loads(self.lrsc("find", "a.csv", "--smooth=0", "--format=json").out)["suggestions"].items() if k != "slide"}
        self.assertGreater(max(marks.values()) / min(marks.values()), 100)

    def test_said_where_there_is_no_picture(self):
        self.write("a.csv", table(lambda x, noise: 2 + 0.3 * noise, 101, 1e-6))
        doubt = json.loads(self.lrsc("find", "a.csv", "--format=json").out)["doubt"]
        self.assertIn("no clear fall", doubt)
        for args in (("--suggest=steep",), ("--format=csv",), ("--format=json",)):
            self.assertEqual(self.lrsc("find", "a.csv", *args).err, f"lrsc: note: a.csv: {doubt}\n")
            self.assertEqual(self.lrsc("find", "-w", "a.csv", *args).err, "")
        self.assertEqual(self.lrsc("find", "a.csv").err, "")
        self.assertIn(doubt, " ".join(" ".join(self.lrsc("find", "a.csv", "--width=30").out.splitlines()[-8:]).split()))
        self.write("a.csv", CURVES["typical"])
        self.assertIsNone(json.loads(self.lrsc("find", "a.csv", "--format=json").out)["doubt"])


class Properties(cli.Case):
    def test_width_is_kept(self):
        for name, text in CURVES.items():
            self.write(name + ".csv", text)
            for width in (20, 21, 33, 80, 200, 1000):
                for how in ((), ("--ascii",)):
                    out = self.lrsc("find", name + ".csv", "--smooth=0.9", f"--width={width}", *how).out
                    self.assertLessEqual(max(map(len, out.splitlines())), width)

    def test_no_number_is_cut(self):
        for name, text in CURVES.items():
            self.write(name + ".csv", text)
            want = self.lrsc("find", name + ".csv", "--width=300").out
            numbers = re.findall(r"(?:below|at|peak=|[A-Z] \w+) *(-?\d[^ ,\n]*)", want[want.index("\u2501"):])
            for width in (20, 22, 26, 40):
                got = self.lrsc("find", name + ".csv", f"--width={width}").out
                for number in numbers:
                    self.assertRegex(got, rf"[\s=]{re.escape(number)}[\s,:]", (name, width))

    def test_character_sets_and_colour(self):
        self.write("\u00e9.csv", CURVES["typical"])
        plain = self.lrsc("find", "\u00e9.csv").out
        self.assertFalse(plain.isascii())
        self.assertTrue(self.lrsc("find", "--ascii", "\u00e9.csv").out.isascii())
        self.assertTrue(self.lrsc("find", "\u00e9.csv", env={"LC_ALL": "C"}).out.isascii())
        colour = self.lrsc("find", "--color=always", "\u00e9.csv").out
        self.assertNotEqual(colour, plain)
        self.assertEqual(re.sub(r"\x1b\[[\d;]*m", "", colour), plain)

    def test_letters_stand_at_their_rates(self):
        """On the axis, between the ticks of the powers of ten around the rate."""
        self.write("a.csv", CURVES["typical"])
        for width in (60, 100, 200):
            out = self.lrsc("find", "a.csv", "--smooth=0.9", f"--width={width}").out
            axis, labels = [line for line in out.splitlines() if line.startswith("         \u2514") or line.startswith("      lr ")]
            left, right = 10, width - 1 # of 1e-5 and 10
            for letter, rate in re.findall(r"(?m)^  ([A-Z]) \w+ +(\S+)", out):
                at = left + (math.log10(float(rate)) + 5) / 6 * (right - left)
                self.assertTrue(any(abs(x.start() - at) <= 1.01 for x in re.finditer("[A-Z]", axis)), (letter, out))
            self.assertIn("1e-2", labels)

    def test_extreme_numbers(self):
        for text in ("1e-300,1\n1e-200,0.5\n1e300,0.1\n", "1e-320,1e308\n2e-320,-1e308\n3e-320,1e308\n", "1,1\n1.0000000000000002,0.5\n1.0000000000000004,0.2\n",
                     "1,inf\n2,-inf\n3,nan\n", "1,nan\n", "1,1e-320\n2,0\n3,-1e-320\n", "0.1,5\n"):
            self.write("x.csv", "lr,loss\n" + text)
            for args in ((), ("--smooth=0", "--skip-start=0", "--skip-end=0", "--diverge=inf")):
                for more in ((), ("--ascii",), ("--format=json",), ("--format=csv",)):
                    self.assertIn(cli.run("find", "x.csv", *args, *more, cwd=self.dir).code, (0, DIAGNOSTICS))


class Wrong(cli.Case):
    def refused(self, text, message, *args, code=DIAGNOSTICS):
        self.write("x.csv", text)
        self.assertEqual(self.lrsc("find", "x.csv", *args, code=code).err, f"lrsc: error: {message}\n")

    def test_header(self):
        header = "the first line must be a header with a column `loss`, and `lr` or `step`, such as `lr,loss`; it is"
        self.refused("", "x.csv:1: the file is empty; the first line must be a header such as `lr,loss`")
        self.refused("# nothing\n", "x.csv:1: the file is empty; the first line must be a header such as `lr,loss`")
        self.refused("1e-5,2.3\n", f"x.csv:1: {header} '1e-5,2.3'")
        self.refused("\n#\nlr,train_loss\n", f"x.csv:3: {header} 'lr,train_loss'")
        self.refused("loss\n", f"x.csv:1: {header} 'loss'")
        self.refused("step,loss\n", "x.csv:1: there is no column `lr`: give the range test with --schedule=FILE.lrs, or -e TEXT")
        self.refused("lr,loss\n", "x.csv has a column `lr`: leave out --schedule and -e", "-e", "hold 1", code=USAGE)

    def test_rows(self):
        self.refused('lr,loss\n1,"2,3"\n', "x.csv:2: not a number: '2,3'")
        self.refused("lr,loss\n1,2\n2\n", "x.csv:3: there are not as many columns as in the header: '2'")
        self.refused("lr,loss\n1,2,3\n", "x.csv:2: there are not as many columns as in the header: '1,2,3'")
        self.refused("lr,loss\n1,two\n", "x.csv:2: not a number: 'two'")
        self.refused("lr,loss\none,2\n", "x.csv:2: not a number: 'one'")
        self.refused("lr,loss\n1,1e999\n", "x.csv:2: out of the range of a double (write inf for infinity): '1e999'")
        self.refused("step,lr,loss\n1.5,1,2\n", "x.csv:2: not a step: '1.5'")

    def test_rates(self):
        grow = "; the rates of a range test grow from row to row"
        self.refused("lr,loss\n1,2\n\n2,1\n2,1\n", "x.csv:5: the rate 2 is not above the one before it, 2" + grow)
        self.refused("lr,loss\n1,2\n0.5,1\n", "x.csv:3: the rate 0.5 is not above the one before it, 1" + grow)
        self.refused("lr,loss\n0,2\n", "x.csv:2: the rate 0 is not above 0" + grow)
        self.refused("lr,loss\n-1,2\n", "x.csv:2: the rate -1 is not above 0" + grow)
        self.refused("lr,loss\nnan,2\n", "x.csv:2: the rate nan is not finite" + grow)
        self.refused("lr,loss\n,2\n", "x.csv:2: the rate nan is not finite" + grow)
        self.refused("lr,loss\n1,2\ninf,2\n", "x.csv:3: the rate inf is not finite" + grow)
        self.refused("step,loss\n0,2\n5,1\n10,1\n", "x.csv:4: the rate at step 10, 0.1, is not above the one before it, 0.1; is <command line> the range test "
                     "that gave these losses?", "-e", "linear 5 from 0.05 -> 0.1")
        self.refused("step,loss\n0,2\n", "x.csv:2: the rate at step 0, 0, is not above 0; is <command line> the range test that gave these losses?",
                     "-e", "linear 5 from 0 -> 0.1")

    def test_schedules(self):
        self.write("bad.lrs", "holt 5\n")
        self.write("x.csv", "step,loss\n0,2\n")
        self.assertIn("LRS0207", self.lrsc("find", "x.csv", "--schedule=bad.lrs", code=DIAGNOSTICS).err)
        self.lrsc("find", "x.csv", "--schedule=none.lrs", code=IO)

    def test_usage(self):
        self.write("x.csv", "lr,loss\n1,2\n")
        self.assertIn("needs a file", self.lrsc("find", code=USAGE).err)
        self.assertIn("takes one file", self.lrsc("find", "x.csv", "x.csv", code=USAGE).err)
        self.assertIn("not both", self.lrsc("find", "x.csv", "--schedule=a", "-e", "hold 1", code=USAGE).err)
        self.assertIn("standard input", self.lrsc("find", "-", "--schedule=-", code=USAGE).err)
        self.assertIn("leave out --format", self.lrsc("find", "x.csv", "--suggest=valley", "--format=csv", code=USAGE).err)
        self.assertIn("did you mean 'valley'?", self.lrsc("find", "x.csv", "--suggest=vally", code=USAGE).err)
        for option in ("--smooth=1", "--smooth=-0.1", "--smooth=x", "--smooth=nan", "--diverge=1", "--diverge=0", "--diverge=x", "--skip-start=-1",
                       "--skip-end=x", "--skip-end=1.5", "--format=hex", "--suggest=", "--width=5", "--log", "--range=0:1"):
            self.lrsc("find", "x.csv", option, code=USAGE)
        self.lrsc("find", "none.csv", code=IO)
        self.assertIn("Usage: lrsc find", self.lrsc("find", "--help").out)

    def test_any_bytes(self):
        r = random.Random(1)
        pieces = ["lr", "loss", "step", ",", "\n", "1", "2e-3", "nan", "inf", "\"", " ", "#", "\r\n", "\x00", "-", "\ufeff", "1e999"]
        for _ in range(300):
            text = r.choice(["", "lr,loss\n", "step,loss\n"]) + "".join(r.choices(pieces, k=r.randrange(40)))
            got = cli.run("find", "-", *r.choice([(), ("-e", "rangetest 1e-3 -> 1 for 9"), ("--smooth=0", "--skip-end=0")]), stdin=text)
            self.assertIn(got.code, (0, DIAGNOSTICS, USAGE), got)


if __name__ == "__main__":
    cli.main()
