"""plot -o: SVG, PNG, PDF, CSV and JSON, against the values of `lrsc eval`.

LRS_UPDATE_GOLDEN=1 rewrites the stored SVG; look at it before you commit it.
"""
import csv
import io
import json
import os
import re
import resource
import shutil
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree
import cli
from cli import CARD, DIAGNOSTICS, IO, USAGE
from pixels import Picture

GOLDEN = os.path.join(cli.SOURCE, "tests", "golden", "plot")
WSD = """param peak = 3e-4 in 1e-5..1e-2 log
warmup 500 linear -> peak
then hold until 8k
then sqrt until 10k -> 0
on plateau(patience=3) *0.5 floor=1e-6
"""
METRICS = "step,metric\n" + "".join(f"{s},{m}\n" for s, m in ((1000, 2.5), (2000, 2.1), (3000, 2.1), (4000, 2.1), (5000, 2.1), (6000, 2.1)))
BLUE = (0x00, 0x72, 0xb2)
SUFFIXES = {"k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


def amount(text):
    return float(text[:-1]) * SUFFIXES[text[-1]] if text[-1] in SUFFIXES else float(text)


class Svg:
    """A picture taken apart: groups by class, and the axes of the first panel."""

    def __init__(self, text):
        self.root = ElementTree.fromstring(text)
        self.width, self.height = (float(self.root.get(k)) for k in ("width", "height"))
        self.groups = [(g.get("class").split(), g) for g in self.root if g.tag.endswith("}g")]
        self.texts = [(t, g) for _, g in self.groups for t in g if t.tag.endswith("}text")]

    def of(self, name):
        return [g for classes, g in self.groups if name in classes]

    @staticmethod
    def title(group):
        return next((e.text for e in group if e.tag.endswith("}title")), None)

    @staticmethod
    def points(group):
        """The runs of points of a curve."""
        runs = []
        for e in group:
            if e.tag.endswith("}polyline"):
                runs.append([tuple(map(float, p.split(","))) for p in e.get("points").split()])
            elif e.tag.endswith("}line"):
                runs.append([(float(e.get("x1")), float(e.get("y1"))), (float(e.get("x2")), float(e.get("y2")))])
            elif e.tag.endswith("}circle"):
                runs.append([(float(e.get("cx")), float(e.get("cy")))])
        return runs

    def labels(self, anchor, panel=0):
        """(place, text) of the numbers on an axis: those of values end, those of steps are in the middle."""
        axis = [g for g in self.of("dim") if len([t for t in g if t.get("text-anchor") == anchor]) > 1][panel]
        along = "y" if anchor == "end" else "x"
        return [(float(t.get(along)) - (4 if anchor == "end" else 0), t.text) for t in axis if t.get("text-anchor") == anchor]

    def frame(self):
        """The ends of the first axis of steps."""
        line = self.of("axis")[0][0] if len(self.of("axis")[0]) > 1 else self.of("axis")[1][0]
        return float(line.get("x1")), float(line.get("x2"))


class Files(cli.Case):
    def lrsc(self, *args, **kwargs):
        return super().lrsc(*(os.fsdecode(a) for a in args), **kwargs)

    def setUp(self):
        super().setUp()
        self.write("card.lrs", CARD)
        self.write("wsd.lrs", WSD)
        self.write("losses.csv", METRICS)

    def values(self, name, steps, *args):
        out = self.lrsc("eval", "-w", name, "--at", ",".join(map(str, steps)), *args).out.splitlines()[1:]
        return [float(line.split(",")[1]) for line in out]

    def svg(self, *args, **kwargs):
        return Svg(self.lrsc("plot", "-w", "-o", "-", "--format=svg", *args, **kwargs).out)

    def need(self, tool):
        if not shutil.which(tool):
            self.skipTest(f"{tool} is not installed")

    def need_cairo(self):
        if "cairo: none" in self.lrsc("--version").out:
            self.skipTest("this lrsc has no cairo")


class Drawing(Files):
    def check_points(self, picture, name, first, last, *args, curve=0, log=False):
        """Every point of a curve is a step, and the value that lrsc eval gives there."""
        import math
        left, right = picture.frame()
        places = [(y, float(t)) for y, t in picture.labels("end") if not log or t not in ("0", "\u2264 0")]
        scale = math.log10 if log else float
        (y0, v0), (y1, v1) = places[0], places[-1]
        points = [p for run in picture.points(picture.of("curve")[curve]) for p in run]
        self.assertGreater(len(points), 1)
        steps = [first + (x - left) / (right - left) * (last - first) for x, _ in points]
        for step in steps:
            self.assertAlmostEqual(step, round(step), delta=0.01 * (last - first) / (right - left) + 1e-6)
        for (_, y), v, step in zip(points, self.values(name, [round(s) for s in steps], *args), steps):
            expected = y0 + (scale(v) - scale(v0)) / (scale(v1) - scale(v0)) * (y1 - y0)
            self.assertAlmostEqual(y, expected, delta=0.05, msg=f"step {step}")
        return points

    def test_points_are_values(self):
        self.write("cosine.lrs", "warmup 100 -> 0.1; then cosine until 1k -> 0.001\n")
        self.write("steps.lrs", "hold 0.1; at 30, 60, 80 *0.1\n")
        self.write("wave.lrs", "curve 0.1*cos(t/3)*exp(-t/3000)\n")
        self.check_points(self.svg("wsd.lrs"), "wsd.lrs", 0, 10000)
        self.check_points(self.svg("wsd.lrs", "--metrics=losses.csv"), "wsd.lrs", 0, 10000, "--metrics=losses.csv")
        self.check_points(self.svg("cosine.lrs", "--range=17:995", "--width=500"), "cosine.lrs", 17, 995)
        self.check_points(self.svg("steps.lrs", "--range=0:89", "--log"), "steps.lrs", 0, 89, log=True)
        self.check_points(self.svg("wsd.lrs", "--log"), "wsd.lrs", 0, 10000, log=True)
        dense = self.check_points(self.svg("wave.lrs", "--range=0:20k", "--width=1000"), "wave.lrs", 0, 20000)
        self.assertGreater(len(dense), 1000)
        two = self.svg("wsd.lrs", "cosine.lrs", "--range=0:1k")
        self.check_points(two, "wsd.lrs", 0, 1000, curve=2)
        self.check_points(two, "cosine.lrs", 0, 1000, curve=3)

    def test_left_out_points_lie_on_the_line(self):
        """At every step the polyline is within a tenth of a pixel, and what rounding does, of the value."""
        self.write("cosine.lrs", "warmup 100 -> 0.1; then cosine until 1k -> 0.001\n")
        picture = self.svg("cosine.lrs")
        left, right = picture.frame()
        places = [(y, float(t)) for y, t in picture.labels("end")]
        (y0, v0), (y1, v1) = places[0], places[-1]
        run, = picture.points(picture.of("curve")[0])
        for step, v in zip(range(1001), self.values("cosine.lrs", range(1001))):
            x, y = left + step / 1000 * (right - left), y0 + (v - v0) / (v1 - v0) * (y1 - y0)
            a, b = next((a, b) for a, b in zip(run, run[1:]) if a[0] - 0.01 <= x <= b[0] + 0.01)
            on_line = a[1] + (b[1] - a[1]) * ((x - a[0]) / (b[0] - a[0]) if b[0] > a[0] else 0)
            slope = abs(b[1] - a[1]) / max(b[0] - a[0], 0.01)
            self.assertLessEqual(abs(y - on_line), 0.12 * (1 + slope), step)

    def test_a_spike_of_one_step_is_drawn(self):
        for where in (1, 123456, 777777, 999998):
            picture = self.svg("-e", f"hold 0.1 for {where}; then hold 1 for 1; then hold 0.1 until 1M; then hold 0.1", "--range=0:1M")
            points = [p for run in picture.points(picture.of("curve")[0]) for p in run]
            top = min(y for _, y in points)
            peaks = [x for x, y in points if y == top]
            self.assertEqual(len(peaks), 1)
            left, right = picture.frame()
            self.assertAlmostEqual(peaks[0], left + where / 1e6 * (right - left), delta=0.01)

    def test_gaps_where_values_are_not_finite(self):
        self.assertEqual(len(self.svg("-e", "curve 1/(5 - t)", "--range=0:9").points(self.svg("-e", "curve 1/(5 - t)", "--range=0:9").of("curve")[0])), 2)
        picture = self.svg("-e", "curve sqrt(abs(t - 500) - 100)", "--range=0:1000")
        self.assertEqual(len(picture.points(picture.of("curve")[0])), 2)
        self.assertIn("not finite", "".join(t.text for t, _ in picture.texts))

    def test_zeros_on_a_logarithmic_axis(self):
        picture = self.svg("-e", "linear 100 from 1 -> 0; then hold 0 for 100; then hold 1 for 100", "--range=0:300", "--log")
        self.assertIn("0", [t for _, t in picture.labels("end")])
        zeros, = [g for g in picture.of("dot") if Svg.title(g) == "not above 0"]
        strokes = [e for e in zeros if e.tag.endswith("}rect")]
        left, right = picture.frame()
        self.assertEqual(len(strokes), 1)
        x, w = (float(strokes[0].get(k)) for k in ("x", "width"))
        self.assertAlmostEqual(x + 2.5, left + (right - left) / 3, delta=0.02)
        self.assertAlmostEqual(x + w - 2.5, left + (right - left) * 199 / 300, delta=0.02)
        self.assertIn("\u2264 0", [t for _, t in self.svg("-e", "curve cos(t/10)", "--log", "--range=0:100").labels("end")])
        self.assertIn("above 0", self.lrsc("plot", "-o", "x.svg", "--log", "-e", "hold 0", code=DIAGNOSTICS).err)

    def test_axes(self):
        picture = self.svg("-e", "exp 100 from 1e-7 -> 10", "--log")
        self.assertEqual([t for _, t in picture.labels("end")], ["1e-6", "1e-4", "1e-2", "1e0"])
        picture = self.svg("-e", "exp 100 from 1e-7 -> 10", "--log", "--height=600")
        self.assertEqual([t for _, t in picture.labels("end")], [f"1e{e}" for e in range(-7, 2)])
        self.assertEqual(len(self.svg("-e", "exp 100 from 1e-3 -> 10", "--log").of("minor")[0]), 4 * 8)
        self.assertEqual(len(self.svg("-e", "exp 100 from 1e-7 -> 10", "--log").of("minor")), 0)
        left, right = picture.frame()
        for args, last in ((("wsd.lrs",), 10000), (("wsd.lrs", "--x=%", "-D", "total=10k"), 100), (("wsd.lrs", "--range=0:777"), 777)):
            for x, text in self.svg(*args).labels("middle"):
                left, right = self.svg(*args).frame()
                self.assertAlmostEqual(x, left + amount(text) / last * (right - left), delta=0.02)
        for args in (("wsd.lrs",), ("card.lrs",), ("-e", "hold 0.1"), ("-e", "curve 0.1*cos(t/10)", "--range=0:200")):
            texts = [t for _, t in self.svg(*args).labels("end")]
            self.assertEqual(len({re.sub(r"\d+", "9", t).lstrip("-") for t in texts if t != "0"}), 1, texts)

    def test_the_greatest_and_least_numbers(self):
        """The span of an axis may be more than a double holds; every point is where its value is."""
        for text in ("hold 1.7e308 for 10; then hold -1.7e308 for 10", "hold 1.7e308 for 9; then hold 1e308", "hold -1.79e308", "hold 5e-324", "hold 1e-290 for 5; then hold 1e-291"):
            self.write("far.lrs", text + "\n")
            self.assertNotRegex(self.lrsc("plot", "-w", "-o", "-", "--format=svg", "far.lrs").out, r'"[^"]*\b(inf|nan)\b[^"]*" ')
        self.write("far.lrs", "hold 1.7e308 for 10; then hold -1.7e308 for 10\n")
        picture = self.svg("far.lrs")
        (y0, v0), *_, (y1, v1) = [(y, float(t)) for y, t in picture.labels("end")]
        for y, v in ((min(y for _, y in picture.points(picture.of("curve")[0])[0]), 1.7e308), (max(y for _, y in picture.points(picture.of("curve")[0])[0]), -1.7e308)):
            self.assertAlmostEqual(y, y0 + (v / 2 - v0 / 2) / (v1 / 2 - v0 / 2) * (y1 - y0), delta=0.05)
        for text, args in (("hold 1e-290 for 5; then hold 1e-291", ()), ("linear 200000T from 0 -> 1", ("--range=0:200000T",))):
            for anchor in ("end", "middle"):
                for _, label in self.svg("-e", text, *args).labels(anchor):
                    self.assertRegex(label, r"^-?\d{1,3}(\.\d+)?([kMBT]|e-?\d+)?$|^0$")
                    self.assertNotRegex(label, r"^-?\d\d+(\.\d+)?e")

    def test_phases_and_rules(self):
        picture = self.svg("wsd.lrs", "--metrics=losses.csv")
        left, right = picture.frame()
        bands = [(Svg.title(g), [e for e in g if e.tag.endswith("}rect")][0]) for g in picture.of("band")]
        self.assertEqual([t for t, _ in bands], ["warmup 500 linear -> peak: step 0 to 499", "hold until 8k: step 500 to 7999", "sqrt until 10k -> 0: step 8000 to 10000"])
        for (_, r), step in zip(bands, (0, 500, 8000)):
            self.assertAlmostEqual(float(r.get("x")), left + step / 10000 * (right - left), delta=0.6)
        self.assertIn("hold until 8k", [t.text for t, _ in picture.texts])
        mark, = [g for g in picture.of("dot") if Svg.title(g)]
        self.assertEqual(Svg.title(mark), "step 6000: plateau x0.5, from 3e-4 to 1.5e-4")
        self.assertIn("plateau x0.5", [t.text for t, _ in picture.texts])
        self.assertRegex(Svg.title(picture.of("curve")[0]), r"^wsd\.lrs: max 3e-4 at 500, final 0 at 10000, mean 2\.125e-4$")
        self.assertEqual(len(self.svg("-e", "".join(f"hold {0.1 * (i % 3 + 1)} for 1\n" for i in range(5000))).of("band")) < 1000, True)

    def test_without_phases(self):
        picture = self.svg("wsd.lrs", "--no-phases")
        self.assertEqual((picture.of("band"), picture.of("split")), ([], []))
        self.assertNotIn("phases", [t.text for t, _ in picture.texts])
        self.assertNotIn("phases", self.lrsc("plot", "wsd.lrs", "--no-phases").out)
        self.check_points(picture, "wsd.lrs", 0, 10000)

    def test_panels(self):
        picture = self.svg("-e", "warmup 10 -> 0.1; then cosine 90 -> 0\nschedule momentum = 0.95 - lr\nschedule wd = 0.1*lr\n")
        self.assertEqual([g[0].text for g in picture.of("name")], ["lr", "momentum", "wd"])
        self.assertEqual(len(picture.of("curve")), 3)
        self.assertIn("--output", self.lrsc("plot", "-o", "x.svg", "--height=200", "-e", "hold 1\n" + "".join(f"schedule s{i} = lr*{i + 2}\n" for i in range(9)), code=USAGE).err)

    def test_nothing_crosses_the_border(self):
        """Of texts as wide as Arial's letters are on average; and shapes."""
        for i in range(70):
            self.write(f"a rather long name of a schedule {i}.lrs", f"warmup {i + 1}00 -> 0.1; then hold until 20k; then hold\n")
        names = [f"a rather long name of a schedule {i}.lrs" for i in range(64)]
        for files in (["wsd.lrs"], names[:1], names[:3], names[:20], names):
            for size in ((), ("--width=300", "--height=300"), ("--width=200", "--height=200"), ("--width=2000", "--height=300")):
                for args in ((), ("--log", "--metrics=losses.csv")):
                    picture = self.svg(*files, *size, *args)
                    for t, _ in picture.texts:
                        x, w = float(t.get("x")), 6.2 * len(t.text)
                        start = x - {"end": w, "middle": w / 2}.get(t.get("text-anchor"), 0)
                        self.assertGreaterEqual(start, -1, t.text)
                        self.assertLessEqual(start + w, picture.width + 1, t.text)
                        self.assertLessEqual(float(t.get("y")), picture.height - 3, t.text)
                    for run in (r for g in picture.of("curve") for r in picture.points(g)):
                        for x, y in run:
                            self.assertTrue(0 <= x <= picture.width and 0 <= y <= picture.height)

    def test_any_name_and_label(self):
        for name in ("a<b>&\"'.lrs", "\x01\x1b[31m.lrs", "\u00e9\u4e2d\U0001f600.lrs", "]]>.lrs", "x" * 250 + ".lrs", "tab\there.lrs"):
            self.write(name, "warmup 5 -> 0.1 # <&>\nthen hold\n")
            picture = self.svg(name)
            self.assertTrue(picture.of("title")[0][0].text or picture.of("title")[0][1].text)
        for raw in (b"\xff\xfe.lrs", b"\xed\xa0\x80.lrs", b"\xef\xbf\xbf.lrs"):
            with open(os.path.join(os.fsencode(self.dir), raw), "wb") as f:
                f.write(b"hold 0.1\n")
            self.svg(raw)

    def test_the_same_bytes_each_time(self):
        a, b = (self.lrsc("plot", "-o", name, "wsd.lrs", "card.lrs", "--metrics=losses.csv") and self.read(name) for name in ("a.svg", "b.svg"))
        self.assertEqual(a, b)
        self.assertEqual(self.lrsc("plot", "--format=svg", "wsd.lrs", "card.lrs", "--metrics=losses.csv", env={"LC_ALL": "C", "COLUMNS": "33"}).raw, a)

    def test_curves_differ_without_colours(self):
        picture = self.svg("-e", "param p = 0.1\nwarmup 5 -> p; then hold\n", "-D", "p=" + ",".join(str(i) for i in range(1, 17)))
        looks = [g.get("class") for g in picture.of("curve")[16:]]
        self.assertEqual(len(set(looks)), 16)
        style = "".join(e.text for e in picture.root if e.tag.endswith("}style"))
        dashes = re.findall(r"stroke-dasharray:([\d. ]+)", style)
        self.assertEqual(len(set(dashes)), 7)
        self.assertIn("prefers-color-scheme:dark", style)

    def test_golden(self):
        self.write("few.lrs", "piecewise 0.3 until 2, 0.1 until 5, 0.2\n")
        self.write("two.lrs", "cosine 3k from 0.004 -> 0.1; then cosine 7k -> 0\nschedule momentum = 0.95 - lr\n")
        for name, args in (("wsd", ("wsd.lrs",)), ("rules", ("wsd.lrs", "--metrics=losses.csv", "--x=%", "-D", "total=10k")), ("few", ("few.lrs", "--range=0:8")),
                           ("log", ("card.lrs", "--log", "--range=0:1k")), ("panels", ("two.lrs",)),
                           ("sweep", ("wsd.lrs", "-D", "peak=1e-4,3e-4,1e-3", "--width=640", "--height=360"))):
            text = self.lrsc("plot", "-o", "-", "--format=svg", *args).out
            self.check_golden(os.path.join(GOLDEN, name + ".svg"), text)


class Pixels(Files):
    """The three ways to pixels show the curve where the SVG says that it is."""

    def check(self, picture, data):
        pixels = Picture(data)
        self.assertEqual((pixels.width, pixels.height), (picture.width, picture.height))
        run, = picture.points(picture.of("curve")[0])
        left, right = picture.frame()
        seen = 0
        for x in range(int(left) + 3, int(right) - 3, 7):
            a, b = next((a, b) for a, b in zip(run, run[1:]) if a[0] <= x + 0.5 <= b[0])
            if abs(b[1] - a[1]) < b[0] - a[0]:
                y = a[1] + (b[1] - a[1]) * (x + 0.5 - a[0]) / (b[0] - a[0])
                rows = pixels.rows_like(x, BLUE)
                self.assertTrue(any(abs(r + 0.5 - y) <= 1.5 for r in rows), f"column {x}: {y} is not among {rows}")
                self.assertLess(len([r for r in rows if r < picture.height - 90]), 12, x)
                seen += 1
        self.assertGreater(seen, 20)

    def test_svg_by_rsvg(self):
        self.need("rsvg-convert")
        self.write("x.svg", self.lrsc("plot", "--format=svg", "wsd.lrs").raw)
        self.check(Svg(self.read("x.svg")), subprocess.run(["rsvg-convert", "x.svg"], cwd=self.dir, stdout=subprocess.PIPE, check=True).stdout)

    def test_png(self):
        self.need_cairo()
        self.lrsc("plot", "-o", "x.png", "wsd.lrs")
        self.check(self.svg("wsd.lrs"), self.read("x.png"))
        self.lrsc("plot", "-o", "x.png", "wsd.lrs", "--width=333", "--height=222")
        self.check(self.svg("wsd.lrs", "--width=333", "--height=222"), self.read("x.png"))
        self.assertEqual(self.lrsc("plot", "--format=png", "-o", "-", "wsd.lrs", "--width=333", "--height=222").raw, self.read("x.png"))

    def test_pdf(self):
        self.need_cairo()
        self.lrsc("plot", "-o", "x.pdf", "wsd.lrs")
        self.lrsc("plot", "-o", "y.pdf", "wsd.lrs")
        self.assertEqual(self.read("x.pdf")[:5], b"%PDF-")
        self.assertEqual(self.read("x.pdf"), self.read("y.pdf"))
        self.need("pdftoppm")
        done = subprocess.run(["pdftoppm", "-r", "72", "x.pdf"], cwd=self.dir, stdout=subprocess.PIPE, check=True)
        self.check(self.svg("wsd.lrs"), done.stdout)
        text = subprocess.run(["pdftotext", "x.pdf", "-"], cwd=self.dir, stdout=subprocess.PIPE, check=True).stdout.decode()
        for word in ("wsd.lrs", "max 3e-4 at 500", "hold until 8k", "phases"):
            self.assertIn(word, text)

    def test_any_name(self):
        self.need_cairo()
        with open(os.path.join(os.fsencode(self.dir), b"\xff<\x01\xe4.lrs"), "wb") as f:
            f.write(b"hold 0.1\n")
        for kind in ("png", "pdf"):
            self.lrsc("plot", "-o", "x." + kind, b"\xff<\x01\xe4.lrs")

    def test_without_the_module(self):
        r = self.lrsc("plot", "-o", "x.png", "card.lrs", env={"LRS_CAIRO_PLUGIN": "/no/module.so"}, code=IO)
        self.assertIn("SVG", r.err)
        self.assertFalse(os.path.exists(self.path("x.png")))
        self.assertIn("cairo: none", self.lrsc("--version", env={"LRS_CAIRO_PLUGIN": "/no/module.so"}).out)
        self.lrsc("plot", "-o", "x.svg", "card.lrs", env={"LRS_CAIRO_PLUGIN": "/no/module.so"})

    def test_cairo_is_loaded_only_when_needed(self):
        self.need("ldd")
        libraries = subprocess.run(["ldd", cli.LRSC], stdout=subprocess.PIPE, check=True).stdout.decode()
        self.assertNotIn("cairo", libraries)


class Data(Files):
    def csv(self, *args):
        return list(csv.reader(io.StringIO(self.lrsc("plot", "-w", "--format=csv", *args).out)))

    def test_csv(self):
        rows = self.csv("wsd.lrs", "--metrics=losses.csv")
        self.assertEqual(rows[0], ["step", "lr", "phase", "rule"])
        expected = self.lrsc("eval", "wsd.lrs", "--metrics=losses.csv").out.splitlines()[1:]
        self.assertEqual([",".join(r[:2]) for r in rows[1:]], expected)
        self.assertEqual([(r[0], r[3]) for r in rows[1:] if r[3]], [("6000", "plateau x0.5")])
        self.assertEqual([r[2] for r in (rows[1], rows[500], rows[501], rows[-1])],
                         ["warmup 500 linear -> peak", "warmup 500 linear -> peak", "hold until 8k", "sqrt until 10k -> 0"])

    def test_long_ranges(self):
        rows = self.csv("-e", "hold 0.1 for 123456; then hold 1 for 1; then hold 0.1 until 1M; then hold 0.1")
        steps = [int(r[0]) for r in rows[1:]]
        self.assertLess(len(steps), 10010)
        self.assertEqual(steps, sorted(set(steps)))
        for step in (0, 200, 123455, 123456, 123457, 999999):
            self.assertTrue(step in steps, step)
        self.assertEqual([r[1] for r in rows if r[0] == "123456"], ["1"])
        self.assertEqual([int(r[0]) for r in self.csv("card.lrs", "--range=0:10:4")[1:]], [0, 4, 5, 8, 10])
        self.csv("-e", "hold 1", "--range=-9223372036854775808:9223372036854775807")
        self.assertIn("lrsc eval", self.lrsc("plot", "--format=csv", "-e", "hold 1", "--range=0:1T:2", code=USAGE).err)

    def test_names(self):
        self.write("a,b.lrs", "hold 0.1\nschedule wd = lr\n")
        self.assertEqual(self.csv("wsd.lrs", "card.lrs")[0], ["step", "wsd.lrs", "card.lrs", "wsd.lrs phase", "wsd.lrs rule", "card.lrs phase", "card.lrs rule"])
        self.assertEqual(self.csv("a,b.lrs")[0][:3], ["step", "lr", "wd"])
        self.assertEqual(self.csv("a,b.lrs", "wsd.lrs", "--range=0:1")[0][:4], ["step", "a,b.lrs lr", "wsd.lrs lr", "a,b.lrs wd"])
        self.assertEqual(self.csv("wsd.lrs", "-D", "peak=1e-4,2e-4")[0][:3], ["step", "peak=1e-4", "peak=2e-4"])
        rows = self.csv("wsd.lrs", "--x=%", "-D", "total=10k", "--range=0:10k:2500")
        self.assertEqual([(r[0], r[1]) for r in rows if r[0] in ("step", "2500", "10000")], [("step", "%"), ("2500", "25"), ("10000", "100")])

    def test_json(self):
        got = json.loads(self.lrsc("plot", "--format=json", "wsd.lrs", "--metrics=losses.csv", "--range=0:10k:7").out)
        line, = got["lines"]
        self.assertEqual((got["unit"], got["first"], got["last"], got["stride"], line["name"], line["output"]), ("step", 0, 10000, 7, "wsd.lrs", "lr"))
        for step in (499, 500, 6000, 7999, 8000, 10000):
            self.assertIn(step, got["steps"])
        self.assertEqual([cli.bits(v) for v in line["values"]], [cli.bits(v) for v in self.values("wsd.lrs", got["steps"], "--metrics=losses.csv")])
        self.assertEqual([(p["first"], p["last"]) for p in line["phases"]], [(0, 499), (500, 7999), (8000, 10000)])
        self.assertEqual([(r["step"], r["text"], r["before"], r["after"]) for r in line["rules"]], [(6000, "plateau x0.5", 0.00029999999999999997, 0.00014999999999999999)])
        self.assertEqual((line["summary"]["max_at"], line["summary"]["final"], line["summary"]["not_finite"]), (500, 0, 0))
        got = json.loads(self.lrsc("plot", "-w", "--format=json", "-e", "curve 1/(5 - t)", "--range=0:9").out)
        self.assertEqual(got["lines"][0]["values"][5], None)
        self.assertEqual(got["lines"][0]["summary"]["not_finite"], 1)
        self.write("q\"\\\u00e9.lrs", "hold 0.1\n")
        self.assertEqual(json.loads(self.lrsc("plot", "--format=json", "q\"\\\u00e9.lrs").out)["lines"][0]["name"], "q\"\\\u00e9.lrs")

    def test_any_name_in_json(self):
        """The file is UTF-8, and what a terminal would obey is escaped."""
        for name, wanted in ((b"\x1b]0;a\x07.lrs", "\x1b]0;a\x07.lrs"), (b"\xe2\x80\xae\xc2\x9b.lrs", "\u202e\x9b.lrs"), (b"a\xff\xe9.lrs", "a\ufffd\ufffd.lrs"),
                             ("\U0001f600\U0001ffff.lrs".encode(), "\U0001f600\U0001ffff.lrs")):
            with open(os.path.join(os.fsencode(self.dir), name), "w") as f:
                f.write("hold 0.1\n")
            raw = self.lrsc("plot", "--format=json", os.fsdecode(name)).raw
            self.assertEqual(json.loads(raw.decode("utf-8", "strict"))["lines"][0]["name"], wanted)
            self.assertNotRegex(raw.decode(), r"[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]")


class Errors(Files):
    def test_suffix(self):
        for name in ("x", "x.", "x.gif", "x.sgv", ".svg", "d.svg/x", "x.SVG"):
            r = self.lrsc("plot", "-o", name, "card.lrs", code=USAGE)
            self.assertRegex(r.err, r"\.svg .*\.png .*\.pdf .*\.csv .*\.json")
        self.lrsc("plot", "-o", "x.gif", "--format=svg", "card.lrs")
        self.assertEqual(self.read("x.gif")[:4], b"<svg")
        self.assertIn("--format", self.lrsc("plot", "--format=gif", "card.lrs", code=USAGE).err)
        self.assertEqual(self.files(), ["card.lrs", "losses.csv", "wsd.lrs", "x.gif"])

    def test_characters(self):
        self.lrsc("plot", "-o", "x.txt", "card.lrs")
        self.assertEqual(self.read("x.txt"), self.lrsc("plot", "card.lrs").raw)
        self.assertEqual(self.lrsc("plot", "-o", "-", "card.lrs").raw, self.read("x.txt"))
        for name in ("text", "txt"):
            self.assertEqual(self.lrsc("plot", "--format=" + name, "card.lrs").raw, self.read("x.txt"))

    def test_sizes(self):
        for args in (("--width=199",), ("--height=199",), ("--width=10001",), ("--width=0",)):
            self.assertIn("--", self.lrsc("plot", "-o", "x.svg", *args, "card.lrs", code=USAGE).err)
        self.assertIn("20 to 1000", self.lrsc("plot", "--width=1001", "card.lrs", code=USAGE).err)
        self.assertIn("2 to 500", self.lrsc("plot", "--height=501", "card.lrs", code=USAGE).err)
        for width in ("5", "0", "10001", "wide"):
            self.assertIn("columns from 20 to 1000, in files of pixels from 200 to 10000", self.lrsc("plot", "--width=" + width, "card.lrs", code=USAGE).err)
        self.assertIn("rows from 2 to 500, in", self.lrsc("plot", "--height=1", "card.lrs", code=USAGE).err)
        self.assertIn("columns from 20 to 1000, not '1001'", self.lrsc("sim", "--width=1001", "card.lrs", code=USAGE).err)
        for size in (("--width=200", "--height=200"), ("--width=10000", "--height=200")):
            picture = self.svg("card.lrs", *size)
            self.assertEqual([f"--width={picture.width:.0f}", f"--height={picture.height:.0f}"], list(size))

    def test_unwritable(self):
        kinds = ["svg", "csv", "json"] + ([] if "cairo: none" in self.lrsc("--version").out else ["png", "pdf"])
        for kind in kinds:
            self.assertIn("cannot write 'no/x." + kind, self.lrsc("plot", "-o", "no/x." + kind, "card.lrs", code=IO).err)
            os.makedirs(self.path("d." + kind))
            self.assertIn("directory", self.lrsc("plot", "-o", "d." + kind, "card.lrs", code=IO).err)
            self.assertIn("No space left", self.lrsc("plot", "-o", "/dev/full", "--format=" + kind, "card.lrs", code=IO).err)
            with open("/dev/full", "wb") as full:
                self.assertIn("No space left", self.lrsc("plot", "-o", "-", "--format=" + kind, "card.lrs", code=IO, stdout=full).err)

    def test_the_old_file_stays(self):
        self.write("x.svg", "old")
        self.write("bad.lrs", "hold")
        self.lrsc("plot", "-o", "x.svg", "bad.lrs", code=DIAGNOSTICS)
        self.assertEqual(self.read("x.svg"), b"old")
        os.chmod(self.path("x.svg"), 0o444)
        self.assertIn("Permission denied", self.lrsc("plot", "-o", "x.svg", "card.lrs", code=IO, **self.as_somebody()).err)
        self.assertEqual(self.read("x.svg"), b"old")
        self.assertEqual([n for n in self.files() if n.startswith(".")], [])

    def test_not_to_a_terminal(self):
        master, slave = cli.open_terminal()
        try:
            self.assertIn("terminal", self.lrsc("plot", "--format=png", "card.lrs", code=USAGE, stdout=slave).err)
        finally:
            os.close(slave)
            os.close(master)


class Strides(cli.Case):
    def test_every_step_when_it_is_asked_for(self):
        for end in (20000, 100000):
            out = self.lrsc("plot", "-e", "linear 200k from 1 -> 0", f"--range=0:{end}:1", "--format=csv").out
            self.assertEqual(len(out.splitlines()), end + 2)


class Memory(cli.Case):
    """Under any limit there is the whole picture, or a message and what was there before."""

    def setUp(self):
        super().setUp()
        with open(cli.LRSC, "rb") as f:
            if b"__asan_init" in f.read():
                self.skipTest("sanitizers need more memory than there is")
        self.write("m.csv", "step,metric\n" + "".join(f"{s},{1 / (s + 1)}\n" for s in range(0, 200000, 2)))

    def under(self, limit, *args):
        return cli.run(*args, cwd=self.dir, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))

    def test_memory_runs_out(self):
        start = 1 << 20
        while self.under(start, "--version").code != 0: # it is not loaded
            start += start // 4
        for suffix in ("svg", "html", "csv", "json"):
            args = ("plot", "-w", "-e", "hold 1 for 200k; on plateau(patience=5) *0.999", "--metrics=m.csv", "-o", "x." + suffix)
            self.lrsc(*args)
            whole, limit, failures = self.read("x." + suffix), start, 0
            while True:
                self.write("x." + suffix, "as it was")
                r = self.under(limit, *args)
                with self.subTest(suffix=suffix, limit=limit):
                    self.assertIn(r.code, (0, IO), r)
                    self.assertEqual(self.files(), ["m.csv", "x." + suffix])
                    self.assertEqual(self.read("x." + suffix), whole if r.code == 0 else b"as it was")
                    self.assertRegex(r.err, "^$" if r.code == 0 else r"^lrsc: error: (.*: )?out of memory\n$")
                failures += r.code != 0
                if r.code == 0 or limit > 1 << 32:
                    break
                limit += limit // 4
            self.assertEqual((r.code, failures > 2), (0, True))
            os.remove(self.path("x." + suffix))


if __name__ == "__main__":
    cli.main()
