"""The page of `lrsc plot -o NAME.html` in a browser: its values are those of `lrsc eval`, bit for bit, wherever one points and
wherever the sliders are; it loads nothing and complains of nothing.

Usage: test_html.py LRSC SOURCE_DIR [unittest arguments]
"""
import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.abspath(sys.argv[2]), "tests", "cli"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import browser
import cli
from cli import USAGE, IO, bits
from pixels import Picture

WSD = """param peak = 3e-4 in 1e-5..1e-2 log
param warm = 500
param shrink = 0.5 in 0.1..1
warmup warm linear -> peak
then hold until 8k
then sqrt until 10k -> 0
on plateau(patience=3) *shrink floor=1e-6
"""
COSINE = "param top = 0.004\nparam part = 10% in 0%..50%\nwarmup part*total linear -> top; then cosine until 10k -> 1e-5\nparam total = 10k\nschedule momentum = 0.95 - lr\n"
METRICS = "step,metric\n" + "".join(f"{s},{m}\n" for s, m in ((1000, 2.5), (2000, 2.1), (3000, 2.1), (4000, 2.1), (5000, 2.1), (6000, 2.1), (7000, 2.1), (8500, 2.2), (9000, 2.2), (9100, "nan"), (9200, 3)))
PROGRAM = browser.path()


@unittest.skipUnless(PROGRAM, "no chromium was found")
class Page(cli.Case):
    @classmethod
    def setUpClass(cls):
        cls.browser = browser.Browser(PROGRAM)

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()

    def setUp(self):
        super().setUp()
        self.random = random.Random(20)
        self.write("wsd.lrs", WSD)
        self.write("cosine.lrs", COSINE)
        self.write("losses.csv", METRICS)

    def tearDown(self):
        self.assertEqual(self.browser.problems(), [])

    def page(self, *args):
        self.lrsc("plot", "-w", "-o", "x.html", *args)
        self.browser.open(self.path("x.html"))
        self.place()

    def place(self):
        """Where the field of the first panel is on the page."""
        axis = self.js("(() => { const r = document.querySelector('#chart line.axis').getBoundingClientRect(); return [r.left, r.right, r.top]; })()")
        self.left, self.right, self.y = axis[0], axis[1], axis[2] - 60

    def js(self, text):
        return self.browser.js(text)

    def read(self, curve=0, output="lr"):
        """(step, value) as the page shows them."""
        step, value = self.js(f"[document.querySelector('#step').textContent, "
                              f"document.querySelector(`[data-curve=\"{curve}\"][data-output=\"{output}\"]`).textContent]")
        return int(step), float(value)

    def point(self, x):
        self.browser.mouse("mouseMoved", x, self.y)

    def look(self, n, **which):
        """n random places, pointed at by the mouse."""
        seen = {}
        for _ in range(n):
            self.point(self.random.uniform(self.left, self.right))
            step, value = self.read(**which)
            seen[step] = value
        return seen

    def same(self, seen, *args):
        """Those are the values of lrsc eval."""
        steps = sorted(seen)
        out = self.lrsc("eval", "-w", *args, "--at", ",".join(map(str, steps))).out.splitlines()[1:]
        self.assertEqual([(s, bits(seen[s])) for s in steps], [(s, bits(float(line.split(",")[1]))) for s, line in zip(steps, out)])

    def slide(self, name, position):
        """Moves a slider as a hand does; returns the value that the page shows."""
        return self.js(f"(() => {{ const s = document.querySelector('[data-param={name}]'); s.value = {position}; "
                       f"s.dispatchEvent(new Event('input', {{bubbles: true}})); return document.querySelector('[data-number={name}]').value; }})()")

    def enter(self, name, text):
        return self.js(f"(() => {{ const e = document.querySelector('[data-number={name}]'); e.value = '{text}'; "
                       f"e.dispatchEvent(new Event('change', {{bubbles: true}})); return e.closest('.param').querySelector('.error').textContent; }})()")

    # ---- values ----

    def test_values_where_one_points(self):
        self.page("wsd.lrs")
        seen = self.look(120)
        self.assertGreater(len(seen), 100)
        self.same(seen, "wsd.lrs")
        for file, args in (("cosine.lrs", ()), ("wsd.lrs", ("--metrics=losses.csv",)), ("cosine.lrs", ("--log", "--x=%"))):
            self.page(file, *args)
            self.same(self.look(60), file, *[a for a in args if a.startswith("--m")])

    def test_every_example_and_module(self):
        programs = [os.path.join(cli.SOURCE, "examples", n) for n in sorted(os.listdir(os.path.join(cli.SOURCE, "examples"))) if n.endswith(".lrs")]
        self.write("onecycle.lrs", "use torch; torch.OneCycleLR(max_lr=0.1, total_steps=1000)\non plateau *0.5\n")
        self.write("repeat.lrs", "repeat 5 stretch=2 { warmup 5 -> 0.1; cosine 45 -> 0 }\n")
        for file in programs + ["onecycle.lrs", "repeat.lrs"]:
            with self.subTest(file=file):
                self.page(file)
                self.same(self.look(12), file, "--output=lr")
                self.assertEqual(self.browser.problems(), [])

    def test_sliders(self):
        self.page("wsd.lrs", "--metrics=losses.csv")
        for _ in range(10):
            given = []
            for name in ("peak", "warm", "shrink"):
                value = self.slide(name, self.random.randrange(1001))
                given += ["-D", f"{name}={value}"]
            self.place()
            self.same(self.look(25), "wsd.lrs", "--metrics=losses.csv", *given)
        self.page("cosine.lrs")
        for _ in range(5):
            top, part = self.slide("top", self.random.randrange(1001)), self.slide("part", self.random.randrange(1001))
            self.place()
            self.same(self.look(20), "cosine.lrs", "-D", f"top={top}", "-D", f"part={part}", "--output=lr")

    def test_sliders_go_over_the_range(self):
        self.page("wsd.lrs")
        self.assertEqual([float(self.slide("peak", p)) for p in (0, 500, 1000)], [1e-5, 3.16e-4, 1e-2])
        self.assertEqual([float(self.slide("warm", p)) for p in (0, 500, 1000)], [50, 500, 5000])
        self.assertEqual([float(self.slide("shrink", p)) for p in (0, 500, 1000)], [0.1, 0.55, 1])
        self.assertEqual(self.enter("peak", "0.00123"), "")
        self.same(self.look(10), "wsd.lrs", "-D", "peak=0.00123", "-D", "warm=5000", "-D", "shrink=1")
        self.js("document.querySelector('#defaults').click()")
        self.same(self.look(10), "wsd.lrs")

    def test_what_cannot_be_is_said(self):
        self.page("wsd.lrs")
        self.assertIn("must be within", self.enter("peak", "1"))
        self.assertIn("not a number", self.enter("peak", "x"))
        self.assertIn("not a number", self.enter("peak", ""))
        self.same(self.look(10), "wsd.lrs")
        self.assertEqual(self.enter("peak", "2e-4"), "")
        self.same(self.look(10), "wsd.lrs", "-D", "peak=2e-4")

    def test_defines_are_where_sliders_begin(self):
        self.page("wsd.lrs", "-D", "peak=1e-3", "-D", "warm=1k")
        self.assertEqual(float(self.js("document.querySelector('[data-number=peak]').value")), 1e-3)
        self.same(self.look(20), "wsd.lrs", "-D", "peak=1e-3", "-D", "warm=1000")
        self.slide("peak", 300)
        value = self.js("document.querySelector('[data-number=peak]').value")
        self.same(self.look(20), "wsd.lrs", "-D", f"peak={value}", "-D", "warm=1000")

    def test_several_curves(self):
        self.page("wsd.lrs", "cosine.lrs")
        self.same(self.look(15, curve=1), "cosine.lrs", "--output=lr")
        self.same(self.look(15, curve=1, output="momentum"), "cosine.lrs", "--output=momentum")
        self.js("(() => { const c = document.querySelector('#choice'); c.value = 1; c.dispatchEvent(new Event('change')); })()")
        top = self.slide("top", 700)
        self.place()
        self.same(self.look(15, curve=1), "cosine.lrs", "--output=lr", "-D", f"top={top}")
        self.same(self.look(15), "wsd.lrs")
        self.assertEqual(self.js("document.querySelectorAll('path.curve').length"), 3)
        self.js("document.querySelector('[data-toggle=\"1\"]').click()")
        self.assertEqual(self.js("document.querySelectorAll('path.curve').length"), 1)
        self.page("wsd.lrs", "-D", "peak=1e-4,3e-4,1e-3")
        for curve, peak in enumerate(("1e-4", "3e-4", "1e-3")):
            self.same(self.look(10, curve=curve), "wsd.lrs", "-D", "peak=" + peak)

    # ---- looking ----

    def test_zoom(self):
        self.page("wsd.lrs")
        a, b = self.left + 0.2 * (self.right - self.left), self.left + 0.3 * (self.right - self.left)
        self.browser.mouse("mousePressed", a, self.y, button="left", clickCount=1)
        self.browser.mouse("mouseMoved", b, self.y, button="left")
        self.browser.mouse("mouseReleased", b, self.y, button="left", clickCount=1)
        labels = self.js("[...document.querySelectorAll('text.dim[text-anchor=middle]')].map((t) => t.textContent)")
        self.assertEqual((labels[0], labels[-1]), ("2000", "3000"))
        seen = self.look(60)
        self.assertTrue(1998 <= min(seen) and max(seen) <= 3002, seen)
        self.same(seen, "wsd.lrs")
        self.browser.mouse("mouseWheel", (self.left + self.right) / 2, self.y, deltaX=0, deltaY=-300)
        self.js("new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(f)))")
        seen = self.look(40)
        self.assertTrue(2200 <= min(seen) and max(seen) <= 2800, seen)
        for n in (1, 2):
            self.browser.mouse("mousePressed", a, self.y, button="left", clickCount=n)
            self.browser.mouse("mouseReleased", a, self.y, button="left", clickCount=n)
        seen = self.look(60)
        self.assertTrue(min(seen) < 1000 and max(seen) > 9000, seen)

    def test_keys(self):
        self.page("wsd.lrs")
        self.js("document.querySelector('#chart').focus()")
        self.browser.key("End")
        self.assertEqual(self.read()[0], 10000)
        self.browser.key("ArrowLeft")
        self.assertEqual(self.read()[0], 9999)
        self.browser.key("PageDown")
        self.browser.key("Home")
        self.browser.key("ArrowRight")
        self.assertEqual(self.read()[0], 1)
        self.browser.key("+", "Equal", "+")
        self.assertEqual(self.js("document.querySelectorAll('text.dim[text-anchor=middle]')[1].textContent")[-1] in "0k5", True)
        self.browser.key("0", "Digit0", "0")
        self.browser.key("l", "KeyL", "l")
        self.assertEqual(self.js("document.querySelector('#log').checked"), True)

    def test_logarithmic(self):
        self.page("wsd.lrs")
        self.js("document.querySelector('#log').click()")
        labels = self.js("[...document.querySelectorAll('text.dim[text-anchor=end]')].map((t) => t.textContent)")
        self.assertTrue({"1e-4", "1e-5", "0"} <= set(labels), labels)
        self.assertNotIn("NaN", self.js("document.querySelector('path.curve').getAttribute('d')"))
        self.assertNotIn("Infinity", self.js("document.querySelector('path.curve').getAttribute('d')"))
        self.same(self.look(20), "wsd.lrs")
        self.js("document.querySelector('#log').click()")
        self.assertEqual(self.js("document.querySelector('path.zeros')"), None)

    def test_phases_and_rules(self):
        self.page("wsd.lrs", "--metrics=losses.csv")
        self.assertEqual(self.js("[...document.querySelectorAll('rect.band title')].map((t) => t.textContent)"),
                         ["warmup warm linear -> peak: step 0 to 499", "hold until 8k: step 500 to 7999", "sqrt until 10k -> 0: step 8000 to 10000"])
        self.slide("warm", 1000)
        self.assertEqual(self.js("document.querySelector('rect.band title').textContent"), "warmup warm linear -> peak: step 0 to 4999")
        marks = self.js("[...document.querySelectorAll('circle.mark title')].map((t) => t.textContent)")
        self.assertEqual(marks, ["step 6000: plateau x0.5, from 3e-4 to 1.5e-4", "step 9200: plateau x0.5, from 3.381e-5 to 1.691e-5"])
        self.point((self.left + self.right) / 2)
        self.assertEqual(self.js("document.querySelector('#readout .phase').textContent"), "hold until 8k")

    def test_nothing_acts_after_a_stop(self):
        """The rules of the picture that `lrsc plot` draws otherwise, wherever the sliders are."""
        self.write("m.csv", "step,metric\n" + "".join(f"{s},{m}\n" for s, m in ((0, 1), (10, 1), (20, 5), (30, 9), (40, 9), (50, 9), (60, 9))))
        text = "param most = 4 in 2..100\nhold 0.1 for 100\non plateau(patience=1) *0.5\non diverge(factor=most) stop\n"
        self.write("stop.lrs", text)
        self.page("stop.lrs", "--metrics=m.csv")
        marks = lambda: self.js("[...document.querySelectorAll('circle.mark title')].map((t) => t.textContent)")
        self.assertEqual(marks(), ["step 20: plateau x0.5; stop, from 0.1 to 0.05"])
        self.assertEqual(self.enter("most", "8"), "")
        self.assertEqual(marks(), ["step 20: plateau x0.5, from 0.1 to 0.05", "step 30: stop, from 0.05 to 0.05"])
        self.assertEqual(self.enter("most", "100"), "")
        self.assertEqual(len(marks()), 3)

    def test_without_phases(self):
        self.page("wsd.lrs", "--no-phases")
        self.assertEqual(self.js("document.querySelectorAll('.band').length"), 0)
        self.same(self.look(5), "wsd.lrs")

    def test_a_spike_of_one_step_is_drawn(self):
        self.write("spike.lrs", "hold 0.1 for 12345; then hold 1 for 1; then hold 0.1 until 50k; then hold 0.1\n")
        self.page("spike.lrs")
        highest = "Math.min(...document.querySelector('path.curve').getAttribute('d').slice(1).split(/[LM]/).map((p) => Number(p.split(' ')[1])))"
        self.assertLess(self.js(highest), 20)
        self.write("spike.lrs", "hold 0.1 for 123456789; then hold 1 for 1; then hold 0.1 until 1B; then hold 0.1\n")
        self.page("spike.lrs")
        self.assertLess(self.js(highest), 20)

    def test_it_is_seen(self):
        self.page("wsd.lrs", "--metrics=losses.csv")
        for scheme, paper, blue in (("light", (255, 255, 255), (0x00, 0x72, 0xb2)), ("dark", (0x15, 0x18, 0x1d), (0x56, 0xb4, 0xe9))):
            self.browser.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            picture = Picture(self.browser.screenshot())
            self.assertEqual(picture.at(3, 3), paper)
            seen = [x for x in range(int(self.left) + 5, int(self.right) - 5, 9) if picture.rows_like(x, blue, 40)]
            self.assertGreater(len(seen), 90, scheme)
        self.browser.send("Emulation.setEmulatedMedia", features=[])

    def test_narrow(self):
        self.browser.send("Emulation.setDeviceMetricsOverride", width=380, height=800, deviceScaleFactor=1, mobile=True)
        try:
            self.page("wsd.lrs", "cosine.lrs")
            self.assertLessEqual(self.js("document.documentElement.scrollWidth"), 380)
            self.same(self.look(10), "wsd.lrs")
        finally:
            self.browser.send("Emulation.setDeviceMetricsOverride", width=1100, height=900, deviceScaleFactor=1, mobile=False)

    def test_controls_have_names(self):
        self.page("wsd.lrs", "cosine.lrs")
        unnamed = self.js("[...document.querySelectorAll('input, select, button, [tabindex]')].filter((e) => "
                          "!(e.labels && e.labels.length && e.labels[0].textContent.trim()) && !e.getAttribute('aria-label') && !e.textContent.trim()).map((e) => e.outerHTML)")
        self.assertEqual(unnamed, [])

    def test_any_param(self):
        names = ("__proto__", "constructor", "toString", "hasOwnProperty")
        self.write("odd.lrs", "".join(f"param {n} = {i + 1} in 0..10\n" for i, n in enumerate(names)) + "warmup 100 -> " + " + ".join(names) + "\nthen hold for 100\n")
        self.page("odd.lrs", "-D", "__proto__=5")
        self.same(self.look(5), "odd.lrs", "-D", "__proto__=5")
        self.assertEqual([self.enter(n, str(i + 2.5)) for i, n in enumerate(names)], [""] * 4)
        self.same(self.look(5), "odd.lrs", *(x for i, n in enumerate(names) for x in ("-D", f"{n}={i + 2.5}")))
        self.js("document.querySelector('#defaults').click()")
        self.same(self.look(5), "odd.lrs", "-D", "__proto__=5")

    def test_any_name(self):
        for name in ("</script><script>alert(1)</script>.lrs".replace("/", "\u2215"), "<!--<b>&\"'\\.lrs", "\u00e9\u4e2d\U0001f600.lrs", "\x01.lrs"):
            self.write(name, "param p = 0.1 # </script>\nwarmup 5 -> p # <!-- ${x} `\nthen hold\n")
            self.page(name)
            self.same(self.look(3), name)
            self.assertEqual(self.js("document.title"), name.replace("\x01", "?"))


class Writing(cli.Case):
    def test_it_stands_alone(self):
        self.write("wsd.lrs", WSD)
        text = self.lrsc("plot", "-o", "-", "--format=html", "wsd.lrs").out
        self.assertEqual(text, self.lrsc("plot", "-o", "-", "--format=html", "wsd.lrs").out)
        for word in (" src=", "<link", "@import", "url(", "fetch(", "XMLHttpRequest", "WebSocket", "import("):
            self.assertNotIn(word, text)
        self.assertIn("default-src 'none'", text)
        self.assertEqual(text.count("<script"), 1)

    def test_errors(self):
        self.assertIn("2^53", self.lrsc("plot", "-o", "x.html", "-e", "hold 1", "--range=0:9223372036854775807", code=USAGE).err)
        self.write("far.csv", "step,metric\n5,1\n9007199254740993,2\n")
        self.assertIn("one of step 9007199254740993", self.lrsc("plot", "-w", "-o", "x.html", "-e", "hold 1; on plateau *0.5", "--metrics=far.csv", "--range=0:10", code=USAGE).err)
        os.remove(self.path("far.csv"))
        self.assertIn("No space left", self.lrsc("plot", "-o", "/dev/full", "--format=html", "-e", "hold 1", code=IO).err)
        self.assertEqual(self.files(), [])


if __name__ == "__main__":
    cli.main()
