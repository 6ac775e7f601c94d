"""plot: pictures against stored ones, and properties that every picture has.

LRS_UPDATE_GOLDEN=1 rewrites the stored pictures; look at them before you commit them.
"""
import os
import re
import cli
from cli import CARD, DIAGNOSTICS, IO, USAGE

GOLDEN = os.path.join(cli.SOURCE, "tests", "golden", "plot")
SIZES = {"small": ("--width=40", "--height=5"), "normal": ("--width=80", "--height=15"), "large": ("--width=132", "--height=30")}
CURVES = {
    "card": (CARD, ()),
    "wsd": ("warmup 500 -> 3e-4; then hold until 8k; then sqrt until 10k -> 0\n", ()),
    "steps": ("hold 0.1; at 30, 60, 80 *0.1\n", ("--range=0:89",)),
    "steps-log": ("hold 0.1; at 30, 60, 80 *0.1\n", ("--range=0:89", "--log")),
    "decay-log": ("warmup 10 -> 0.1; then exp s=200\n", ("--range=0:1k", "--log")),
    "range-test": ("exp 100 from 1e-7 -> 10\n", ("--log",)),
    "few": ("piecewise 0.3 until 2, 0.1 until 5, 0.2\n", ("--range=0:8",)),
    "constant": ("hold 0.1\n", ()),
    "negative": ("curve 0.1*cos(t/10)\n", ("--range=0:200",)),
    "many-phases": ("".join(f"hold {0.1 * (i % 3 + 1)} for 10\n" for i in range(60)), ()),
}


def number(text):
    scale = {"k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
    return float(text[:-1]) * scale[text[-1]] if text[-1] in scale else float(text)


class Golden(cli.Case):
    def check(self, name, text):
        self.check_golden(os.path.join(GOLDEN, name + ".txt"), text)

    def test_pictures(self):
        for curve, (text, args) in CURVES.items():
            self.write(curve + ".lrs", text)
            for size, how in SIZES.items():
                for ascii_args, kind in (((), "braille"), (("--ascii",), "ascii")):
                    out = self.lrsc("plot", *args, *how, *ascii_args, curve + ".lrs").out
                    self.check(f"{curve}-{size}-{kind}", out)

    def test_the_one_of_the_readme(self):
        with open(os.path.join(cli.SOURCE, "README.md"), encoding="utf-8") as f:
            source, args, picture = re.search(r"\$ cat wsd\.lrs\n(.*?)\n\$ lrsc plot wsd\.lrs (.*?)\n(.*?)\n\n", f.read(), re.S).groups()
        self.write("wsd.lrs", source)
        self.assertEqual(self.lrsc("plot", "wsd.lrs", *args.split()).out, picture + "\n")

    def test_metrics(self):
        self.write("card.lrs", CARD)
        self.write("m.csv", "step,metric\n" + "".join(f"{s},{max(1 - s / 600, 0.2)}\n" for s in range(0, 2000, 50)))
        for ascii_args, kind in (((), "braille"), (("--ascii",), "ascii")):
            self.check("metrics-" + kind, self.lrsc("plot", "--metrics=m.csv", *ascii_args, "--width=80", "card.lrs").out)

    def test_several_curves(self):
        """Two files, and a sweep over another unit, with and without colours."""
        self.write("wsd.lrs", "param peak = 3e-4\nparam steps_per_epoch = 500\nwarmup 500 -> peak; then hold until 8k; then sqrt until 10k -> 0\n")
        self.write("cosine.lrs", "warmup 500 -> 3e-4; then cosine until 10k -> 1e-5\n")
        for size, how in SIZES.items():
            for more, kind in (((), "braille"), (("--ascii",), "ascii"), (("--color=always",), "color")):
                if kind != "color" or size == "normal":
                    self.check(f"several-{size}-{kind}", self.lrsc("plot", *how, *more, "wsd.lrs", "cosine.lrs").out)
                    self.check(f"sweep-{size}-{kind}", self.lrsc("plot", "-D", "peak=1e-4,3e-4,1e-3", "--x=epochs", "--log", *how, *more, "wsd.lrs").out)


class Properties(cli.Case):
    def plot(self, text, *args, **kwargs):
        return self.lrsc("plot", "-e", text, *args, **kwargs).out

    def field(self, out):
        """The rows of the curve, from the wall on."""
        return [re.split("[┤│|+]", line, maxsplit=1)[1] for line in out.splitlines()[:15]]

    def test_width_is_kept(self):
        for width in (20, 21, 33, 80, 200, 1000):
            for text, args in CURVES.values():
                for how in ((), ("--ascii",)):
                    out = self.plot(text, *args, *how, f"--width={width}")
                    self.assertLessEqual(max(map(len, out.splitlines())), width)

    def test_no_number_is_cut(self):
        text = "exp 100 from 1e-100 -> 1.5e-100"
        for width in (20, 24, 30, 80):
            out = " ".join(self.plot(text, f"--width={width}").split())
            self.assertIn("1.5e-100 \u2524", out)
            self.assertIn("max 1.5e-100 at 100 final 1.5e-100 at 100 mean", out)
        phases = "piecewise 0.0125 until 10, 1 until 500, 0.125"
        for width in (20, 30, 40, 41, 42, 60):
            self.assertEqual(re.findall(r"(?<![\d.])0\.\d*", self.plot(phases, f"--width={width}", "--height=2", "--range=0:600").split("phases")[1].split("\u2501")[0].replace("0.0125", "").replace("0.125", "")), [])

    def test_past_the_end_of_a_template(self):
        """What check says about it is said where the range goes there, and nowhere else."""
        call = "torch.OneCycleLR(0.1, total_steps=1000)"
        self.write("long.lrs", "warmup 500 -> 0.1; cosine until 10k -> 0\n")
        note = r"note: `torch\.OneCycleLR`: it ends with .* \[LRS0330\]"
        for args in (("plot", "long.lrs", call), ("plot", "long.lrs", call, "-o", "a.svg"), ("eval", "-e", "use torch; " + call, "--at=5,1001"),
                     ("plot", call, "--range=0:2k"), ("sim", "-e", f"use torch; {call}; on plateau *0.5", "--range=0:2k")):
            self.assertEqual(len(re.findall(note, self.lrsc(*args).err)), 1, args)
            self.assertEqual(self.lrsc(*args, "-w").err, "")
            self.assertEqual(len(re.findall(note, self.lrsc(*args, "-W").err)), 1, args)
        self.assertRegex(self.lrsc("diff", "long.lrs", call, code=1).err, note)
        self.assertEqual(self.lrsc("diff", "-q", "long.lrs", call, code=1).err, "")
        for args in (("plot", call), ("eval", "-e", "use torch; " + call, "--at=5"), ("plot", call, "--range=0:1k")):
            self.assertEqual(self.lrsc(*args).err, "", args)

    def test_past_the_end_of_one_of_several(self):
        """The notes are those of the schedules whose ends are passed, and which are shown."""
        self.write("two.lrs", "use torch\nschedule a { torch.OneCycleLR(0.1, total_steps=1000) }\n"
                              "schedule b { hold 0.1 for 5; torch.CosineAnnealingLR(T_max=100, lr=0.1) }\n"
                              "schedule c = 2*torch.CosineAnnealingLR(T_max=2000, lr=0.1)\n")
        for args, notes in (((), [2, 3]), (("--at=50",), []), (("--at=500",), [3]), (("--at=1500",), [2, 3]), (("--at=2500",), [2, 3, 4]),
                            (("--at=1500", "--output=a"), [2]), (("--at=1500", "--output=b"), [3])):
            err = self.lrsc("eval", "two.lrs", *args).err
            self.assertEqual(sorted(int(n) for n in re.findall(r"^two\.lrs:(\d):.* note: ", err, re.M)), notes, (args, err))

    def test_too_far_for_the_default_range(self):
        for text, args, end in (("hold 0.1 for 1e18", (), "1e18"), ("param total = 5\ncosine until total from 0.1 -> 0", ("-D", "total=1e20"), "1e20")):
            for verb in ("plot", "eval"):
                err = self.lrsc(verb, "-e", text, *args).err
                self.assertIn(f"lrsc: note: <command line> goes on until step {end}, which is too far for the default range; --range=0:N looks further\n", err)
                self.assertNotIn("too far", self.lrsc(verb, "-e", text, *args, "--range=0:5").err)
                self.assertEqual(self.lrsc(verb, "-w", "-e", text, *args).err, "")
        self.assertEqual(self.lrsc("plot", "-e", "hold 0.1 for 1e15").err, "")

    def test_several_values_at_a_step(self):
        self.write("once.csv", "step,metric\n1,1\n2,9\n3,9\n")
        self.write("twice.csv", "step,metric\n1,1\n2,nan\n2,9\n3,9\n3,0.5\n3,0.2\n")
        args = ("eval", "-e", "hold 0.1; on plateau(patience=0) *0.5", "--range=0:9", "--metrics")
        r = self.lrsc(*args, "twice.csv")
        self.assertEqual(r.err, "lrsc: note: 'twice.csv' has more than one value at a step, as at step 3: the first counts, and 2 others are not observed\n")
        once = self.lrsc(*args, "once.csv")
        self.assertEqual((once.out, once.err), (r.out, ""))
        self.assertEqual(self.lrsc(*args, "twice.csv", "-w").err, "")

    def test_height(self):
        a, b = (self.plot(CARD, f"--height={h}").splitlines() for h in (5, 40))
        self.assertEqual(len(b) - len(a), 35)

    def test_default_width(self):
        def width(**env):
            return max(map(len, self.plot(CARD, env=env).splitlines()))

        self.assertEqual(width(), 80)
        self.assertEqual(width(COLUMNS="100"), 100)
        self.assertEqual(width(COLUMNS="x"), 80)
        self.assertEqual(width(COLUMNS="1"), width(COLUMNS="20"))

    def test_terminal_width_and_colour(self):
        import fcntl
        import struct
        import subprocess
        import termios
        master, slave = cli.open_terminal()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 61, 0, 0))
        env = dict(cli._environment(), COLUMNS="99")
        subprocess.run([cli.LRSC, "plot", "-e", CARD], stdout=slave, env=env, timeout=300)
        os.close(slave)
        text = b""
        try:
            while chunk := os.read(master, 65536):
                text += chunk
        except OSError:
            pass
        os.close(master)
        self.assertIn(b"\x1b[36m", text)
        lines = re.sub(rb"\x1b\[\d*m", b"", text).decode().splitlines()
        self.assertEqual(max(map(len, lines)), 61)

    def test_locale(self):
        self.assertTrue(self.plot(CARD, env={"LC_ALL": "C"}).isascii())
        self.assertTrue(self.plot(CARD, "--ascii").isascii())
        self.assertFalse(self.plot(CARD).isascii())

    def test_colour(self):
        plain = self.plot(CARD)
        coloured = self.plot(CARD, "--color=always")
        self.assertNotIn("\x1b", plain)
        self.assertIn("\x1b[36m", coloured)
        self.assertEqual(re.sub(r"\x1b\[\d*m", "", coloured), plain)
        for line in coloured.splitlines():
            self.assertTrue("\x1b" not in line or line.endswith("\x1b[0m") or line.rfind("\x1b[0m") > line.rfind("\x1b[36m"))

    def test_a_spike_of_one_step_is_seen(self):
        """One step of a million, anywhere: some column of the top row has a dot."""
        for where in (1, 123456, 777777, 999998):
            text = f"hold 0.1 for {where}; then hold 1 for 1; then hold 0.1 until 1M; then hold 0.1"
            for how in ((), ("--ascii",)):
                out = self.plot(text, *how)
                rows = self.field(out)
                self.assertEqual(sum(c not in " ⠀" for c in rows[0]), 1, out)
                self.assertIn("max 1 at", out)

    def test_a_spike_in_a_very_long_run_is_seen(self):
        out = self.plot("hold 0.1 for 123456789012; then hold 1 for 1; then hold 0.1 until 1T")
        self.assertEqual(sum(c not in " ⠀" for c in self.field(out)[0]), 1, out)
        self.assertIn("max 1 at 123456789012", out)

    def test_jumps_are_joined(self):
        out = self.plot("hold 1 for 500; then hold 0 for 500", "--ascii")
        column = max(line.index("*") if "*" in line else -1 for line in self.field(out)[1:13])
        self.assertTrue(all(line[column] == "*" for line in self.field(out)[1:13]), out)

    def test_no_gaps(self):
        """Neighbouring columns of a steep curve touch, below 0 too."""
        for text in ("curve cos(t/10)", "curve -1 - t^2", "curve sin(t/7)^3"):
            for span in ("0:50", "0:139", "0:300", "0:5000"):
                rows = self.field(self.plot(text, "--ascii", "--range=" + span))
                columns = [{y for y, row in enumerate(rows) if len(row) > x and row[x] == "*"} for x in range(70)]
                for a, b in zip(columns, columns[1:]):
                    self.assertTrue(any(abs(y - z) <= 1 for y in a for z in b), (text, span))

    def test_labels_fit_the_axis(self):
        """Labels of an axis differ by equal amounts, in one format."""
        for text, args in CURVES.values():
            if "--log" in args:
                continue
            for width in (40, 80, 160):
                out = self.plot(text, *args, f"--width={width}", "--height=24").splitlines()
                values = [line[:8].strip() for line in out[:24] if line[:8].strip()]
                numbers = [number(v) for v in values]
                steps = {round(a - b, 12) for a, b in zip(numbers, numbers[1:])}
                self.assertLessEqual(max(steps) - min(steps), 1e-9 * abs(max(numbers, key=abs)), values)
                formats = {re.sub(r"\d+", "9", v).lstrip("-") for v in values if v != "0"}
                self.assertEqual(len(formats), 1, values)
                labels = [line for line in out if line.startswith("    step")][0].split()[1:]
                steps = {b - a for a, b in zip(map(number, labels), map(number, labels[1:]))}
                self.assertLessEqual(len(steps), 1, labels)

    def test_log_axis(self):
        out = self.plot("exp 100 from 1e-7 -> 10", "--log")
        self.assertEqual(re.findall(r"(?m)^ +(\S+) ┤", out), ["1e0", "1e-2", "1e-4", "1e-6"])
        out = self.plot("exp 100 from 1e-7 -> 10", "--log", "--height=30")
        self.assertEqual(re.findall(r"(?m)^ +(\S+) ┤", out), [f"1e{e}" for e in range(1, -8, -1)])
        out = self.plot("exp 100 from 3e-4 -> 0.02", "--log")
        self.assertEqual(re.findall(r"(?m)^ +(\S+) ┤", out), ["2e-2", "1e-2", "5e-3", "2e-3", "1e-3", "5e-4"])
        out = self.plot("linear 100 from 1 -> 0", "--log", "--ascii")
        self.assertRegex(out, r"(?m)^ +0 \+ +v$")
        out = self.plot("curve cos(t/10)", "--log", "--range=0:100")
        self.assertIn("<=0 ", out)
        self.assertIn("above 0", self.lrsc("plot", "--log", "-e", "hold 0", code=DIAGNOSTICS).err)

    def test_phases(self):
        out = self.plot("warmup 500 -> 1; then hold until 8k; then linear until 10k -> 0", "--ascii")
        band = [line for line in out.splitlines() if line.startswith("  phases")][0]
        self.assertIn("hold", band)
        self.assertIn("linear", band)
        self.assertLess(band.index("hold"), band.index("linear"))

    def test_summary(self):
        out = self.plot("linear 100 from 0 -> 1", "--range=0:100")
        self.assertIn("max 1 at 100", out)
        self.assertIn("final 1 at 100", out)
        self.assertIn("mean 0.5", out)

    def test_final_is_the_value_of_the_last_step(self):
        self.assertIn("final nan at 10", self.plot("curve sqrt(9 - t)", "-w", "--range=0:10"))
        self.assertIn("final inf at 5", self.plot("curve 1/(5 - t)", "-w", "--range=0:5"))
        self.assertIn("final -inf at 5", self.plot("curve -1/(5 - t)", "-w", "--range=0:5"))
        out = self.plot("curve 0/0*t", "-w", "--range=0:100")
        self.assertIn("final nan at 100", out)
        self.assertNotIn("max", out)
        self.assertNotIn("mean", out)
        # More steps than are all looked at.
        self.assertIn("final nan at 100000000", self.plot("curve sqrt(5e7 - t)", "-w", "--range=0:100M"))

    def test_the_largest_and_the_least_values(self):
        for text in ("curve 1.5e308*cos(t)", "curve 1e-320*(t + 1)", "curve 1e308 - 1e-320*t"):
            for how in ((), ("--log",)):
                self.assertIn("final ", self.plot(text, "-w", "--range=0:10", *how))

    def test_numbers_of_the_summary(self):
        for value, text in (("12345", "12345"), ("999999", "999999"), ("9999.6", "10000"), ("123456.7", "123457"), ("1e6", "1e6"),
                            ("0.5", "0.5"), ("0.0012345", "0.001234"), ("3e-4", "3e-4"), ("2.5e-7", "2.5e-7"), ("1e300", "1e300")):
            out = self.plot(f"hold {value}")
            self.assertIn(f"max {text} at 0 ", out)
            self.assertIn(f"mean {text}\n", out)
        self.assertNotIn("mean", self.plot("hold 1e308"))  # the sum is no double

    def test_unit_of_the_axis(self):
        for head, unit in (("", "step"), ("unit epoch\n", "epoch"), ("unit sample\n", "sample"), ("unit token\n", "token")):
            self.assertRegex(self.plot(head + "linear 100 from 1 -> 0"), f"(?m)^ +{unit} +0 ")

    def test_rules_that_acted(self):
        self.write("m.csv", "step,metric\n" + "".join(f"{s},1\n" for s in range(0, 1000, 100)))
        out = self.plot(CARD, "--metrics=m.csv", "--ascii")
        self.assertIn("rules acted 2 times: at 400, 800", out)
        self.assertEqual([line for line in out.splitlines() if line.startswith("   rules")][0].count("^"), 2)

    def test_values_that_are_not_finite(self):
        out = self.plot("curve 1/(t - 50)", "--range=0:100")
        self.assertIn("1 value is not finite", out)
        out = self.plot("curve 0/0*t", "--range=0:100")
        self.assertIn("101 values are not finite", out)

    def axis(self, text, *args):
        line = next(x for x in self.plot(text, *args).splitlines() if re.match(r" *(steps?|epochs?|samples|tokens|%) ", x))
        return line.split()

    def test_units_of_the_axis(self):
        known = "param total = 2000\nparam steps_per_epoch = 500\nparam samples_per_step = 32\nparam tokens_per_step = 1k\n"
        ends = {"steps": "2000", "epochs": "4", "samples": "60k", "tokens": "2.0M", "%": "100"}
        for unit, end in ends.items():
            axis = self.axis(known + "linear until total from 1 -> 0", "--x=" + unit)
            self.assertEqual((axis[0], axis[1]), (unit, "0"))
            self.assertIn(end, axis)
        axis = self.axis("unit epoch\n" + known + "linear 4 from 1 -> 0", "--x=steps")
        self.assertEqual((axis[0], axis[-1]), ("steps", "2000"))

    def test_units_that_are_not_known(self):
        for unit, param in (("epochs", "steps_per_epoch"), ("tokens", "tokens_per_step"), ("%", "total")):
            r = self.lrsc("plot", "-e", "hold 1", "--x=" + unit, code=DIAGNOSTICS)
            self.assertIn(f"param `{param}`", r.err)
        self.write("a.lrs", "unit epoch; linear 5 from 1 -> 0")
        self.write("b.lrs", "linear 5 from 1 -> 0")
        self.assertIn("no axis in common", self.lrsc("plot", "a.lrs", "b.lrs", code=DIAGNOSTICS).err)

    def test_a_sweep_has_a_line_for_each_combination(self):
        out = self.plot("param a = 1; param b = 1; linear 10 from a -> b", "-D", "b=3,4,5", "-D", "a=1,2", "-D", "b=3,4", "-D", "a=1,7")
        for a in (1, 7):
            for b in (3, 4):
                self.assertRegex(out, f"b={b} a={a}   max {max(a, b)} at {0 if a > b else 10}   final {b} at 10")

    def test_the_greatest_numbers(self):
        out = self.plot("hold 1.7e308 for 10; then hold -1.7e308 for 10", "-w", "--height=7")
        rows = [re.search("[\u2500-\u257f](.*)", line)[1] for line in out.splitlines()[:7]]
        self.assertTrue(rows[0].strip() and rows[-1].strip(), out)
        self.assertEqual([float(x) for x in re.findall(r"^ *(-?\d\S*) \u2524", out, re.M)], [1e308, 0, -1e308])

    def test_a_sweep_that_changes_nothing(self):
        self.write("x.lrs", "param a = 1; linear 10 from a -> 1")
        note = "lrsc: note: x.lrs: nothing depends on `total`, so the curves of its 2 values are one"
        for sweeps, notes in ((("total=5k,10k",), [note]), (("a=1,2", "total=5k,10k"), [note]), (("a=1,2,3",), []), (("a=1,1",), []), (("total=5k",), [])):
            err = self.lrsc("plot", "x.lrs", *(f"-D{s}" for s in sweeps)).err
            self.assertEqual([line for line in err.splitlines() if "depends" in line], notes, sweeps)
        self.assertEqual(self.lrsc("plot", "-w", "x.lrs", "-Dtotal=5k,10k").err, "")
        self.write("y.lrs", "param a = 1; param b = 1; param c = 1; hold a*b for 10") # where a is 0, nothing depends on b
        for sweeps, idle in ((("a=0,1", "b=1,2"), ""), (("b=1,2", "a=0,1"), ""), (("a=0,1", "c=1,2", "b=0,2"), "c"), (("a=0,0", "b=1,2"), "b")):
            err = self.lrsc("plot", "y.lrs", *(f"-D{s}" for s in sweeps)).err
            self.assertEqual("".join(re.findall("depends on `(.)`", err)), idle, sweeps)
        self.assertEqual(self.lrsc("plot", "-e", "linear total from 1 -> 0", "-Dtotal=5k,10k").err, "")

    def test_two_from_standard_input(self):
        self.assertIn("two schedules cannot both come from standard input", self.lrsc("plot", "-", "-", stdin=CARD, code=USAGE).err)

    def test_odd_ranges(self):
        top = 2**63 - 1
        for ends in ("5:5", "-100:-50", f"{-top - 1}:{top}", f"{top - 4}:{top}", "0:1", "0:139", "0:140", "0:141", "0:69", "0:70"):
            for how in ((), ("--ascii",), ("--log",)):
                self.plot("warmup 10 from 0.01 -> 0.1; then exp 1000 -> 0.02", "--range=" + ends, *how)

    def test_progress_on_a_terminal_alone(self):
        """A range of seconds: a bar on a terminal, and nothing of it left in the end; not a byte in a pipe."""
        args = [cli.LRSC, "eval", "-w", "-e", "curve tanh(sin(t/1000)) + sin(t)^3", "--range=0:30M", "--format=hex"]
        self.assertEqual(self.lrsc("plot", "-w", "-e", "curve tanh(sin(t/1000))", "--range=0:10M").err, "")
        master, slave = cli.open_terminal()
        process = cli.subprocess.Popen(args, stdin=cli.subprocess.DEVNULL, stdout=cli.subprocess.DEVNULL, stderr=slave, cwd=self.dir,
                                       env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"})
        os.close(slave)
        seen = b""
        try:
            while b"%" not in seen and len(seen) < 10000:
                seen += os.read(master, 1000)
        except OSError:
            pass
        process.kill()
        process.wait()
        os.close(master)
        self.assertRegex(seen.decode(), r"computing \[#* *\] +\d+ %, \d+ s left")

    def test_a_slow_picture_has_progress_on_a_terminal_alone(self):
        """As many steps as take over a second here: a bar, which is gone when the picture is there; not a byte of it in a pipe."""
        formula = "curve " + " + ".join(f"sin(t/{k})^2" for k in range(1, 61))
        for steps in (2 * 10**5 * 2**k for k in range(12)):
            args = ["plot", "-w", "-e", formula, f"--range=0:{steps}", "-o", "x.svg"]
            master, slave = cli.open_terminal()
            process = cli.subprocess.Popen([cli.LRSC, *args], stdin=cli.subprocess.DEVNULL, stdout=cli.subprocess.DEVNULL, stderr=slave, cwd=self.dir,
                                           env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"})
            os.close(slave)
            seen = b""
            try:
                while (some := os.read(master, 1000)):
                    seen += some
            except OSError: # the other end is closed
                pass
            os.close(master)
            self.assertEqual(process.wait(), 0)
            if seen:
                break
        self.assertRegex(seen.decode(), r"^(\rcomputing \[#* *\] +\d+ %, \d+ s left \x1b\[K)+\r\x1b\[K$")
        drawn = self.read("x.svg")
        self.assertEqual(self.lrsc(*args).err, "")
        self.assertEqual(self.read("x.svg"), drawn)

    def test_a_log_axis_without_a_finite_value(self):
        for text in ("curve 1/0 for 5", "curve 0/0 for 5", "curve -1/0 for 5", "hold 0"):
            self.assertIn("needs a value above 0", self.lrsc("plot", "-w", "-e", text, "--log", "--range=0:9", code=DIAGNOSTICS).err)

    def test_the_mean_of_a_sample(self):
        """Curves that repeat themselves at any distance: the mean is that of a round."""
        for text, end, mean in (("repeat { linear 3 from 1 -> 0 }", "50M", 2 / 3), ("repeat { linear 3 from 1 -> 0 }", "1B", 2 / 3),
                                ("repeat { cosine 2 from 0.1 -> 0.001 }", "60M", 0.07525), ("linear 1B from 1 -> 0", "1B", 0.5)):
            out = self.plot(text, "--range=0:" + end)
            got, stride = re.search(r"mean about ([0-9.e-]+)   of 1 step in (\d+)", out.replace("\n  ", "   ")).groups()
            self.assertAlmostEqual(float(got), mean, delta=0.002 * mean)
            self.assertGreater(int(stride), 1)
        self.assertNotIn("about", self.plot(text, "--range=0:10M"))

    def test_no_picture_over_its_input(self):
        self.write("s.lrs", CARD)
        self.write("m.csv", "step,metric\n1,1\n")
        for args in (("s.lrs", "--metrics=m.csv", "-o", "m.csv"), ("s.lrs", "-o", "./s.lrs", "--format=csv")):
            self.assertIn("would write over", self.lrsc("plot", *args, code=USAGE).err)
        self.assertEqual(open(os.path.join(self.dir, "m.csv")).read(), "step,metric\n1,1\n")

    def test_strange_names(self):
        self.write("a\x1b[31m\n\t\u00e9.lrs", CARD)
        out = self.lrsc("plot", "a\x1b[31m\n\t\u00e9.lrs").out
        self.assertNotIn("\x1b", out)
        self.assertIn("\u00e9.lrs", out)
        self.assertNotIn("\u00e9", self.lrsc("plot", "--ascii", "a\x1b[31m\n\t\u00e9.lrs").out)

    def test_same_picture_every_time(self):
        self.assertEqual(len({self.plot(CARD, env={"TZ": z}) for z in ("UTC", "Asia/Tokyo")}), 1)

    def test_usage(self):
        self.lrsc("plot", code=USAGE)
        self.lrsc("plot", "a", "-e", "hold 1", code=IO)
        self.lrsc("plot", "a", "b", code=IO)
        self.lrsc("plot", "-D", "x=1,", "-e", "param x = 1; hold x", code=USAGE)
        self.lrsc("plot", "-D", "x=1,b", "-e", "param x = 1; hold x", code=USAGE)
        self.lrsc("plot", "-D", "x=" + ",".join("1" * 65), "-e", "param x = 1; hold x", code=USAGE)
        self.lrsc("eval", "-D", "x=1,2", "-e", "param x = 1; hold x", code=USAGE)
        self.lrsc("plot", "--x=miles", "-e", "hold 1", code=USAGE)
        self.lrsc("plot", "--engine=jit", "-e", CARD, code=USAGE)

    def test_messages_of_a_call_show_its_text(self):
        r = self.lrsc("plot", "torch.Foo(1)", code=DIAGNOSTICS)
        self.assertIn("torch.Foo(1):1:1: error: there is no law `torch.Foo`", r.err)
        self.assertIn("    1 | torch.Foo(1)\n      | ^~~~~~~~~\n", r.err)
        r = self.lrsc("plot", "torch.StepLR(30", code=DIAGNOSTICS)
        self.assertIn("torch.StepLR(30:1:13: error: this `(` is never closed", r.err)
        r = self.lrsc("plot", "torch.StepLR(30)", code=DIAGNOSTICS)
        self.assertIn("help: add `from 0.1`", r.err)
        self.assertIn("max 0.1 at 0", self.lrsc("plot", "torch.StepLR(30) from 0.1").out)

    def test_a_text_in_place_of_a_file(self):
        """A text that lacks its -e, and a call that lacks its module."""
        for text in ("hold 3e-4", "linear(0.1)", "warmup 5->1", "hold 1;hold 2"):
            for verb in ("plot", "eval", "sim", "check"):
                r = self.lrsc(verb, text, code=IO)
                self.assertIn(f"note: a text stands after -e: lrsc {verb} -e '{text}'\n", r.err)
        self.assertIn("note: a text stands after -e: lrsc -e 'hold 3e-4'\n", self.lrsc("hold 3e-4", code=IO).err)
        self.assertIn("note: a call has the name of its module: 'torch.StepLR(30)'\n", self.lrsc("plot", "StepLR(30)", code=IO).err)
        for file in ("wsd.lrs", "my wsd.lrs", "wsd"):
            self.assertNotIn("note:", self.lrsc("plot", file, code=IO).err)

    def test_calls_of_training_scripts(self):
        """In place of a file, with the names that they have there."""
        self.assertIn("\u2501 torch.StepLR(30, lr=0.1)   max 0.1 at 0", self.lrsc("plot", "torch.StepLR(30, lr=0.1)").out)
        for call in ("torch.optim.lr_scheduler.StepLR(optimizer, step_size=30)", "Torch.StepLR(30, lr=0.1)", "lr_scheduler.StepLR(optimizer, 30)"):
            for verb, more in (("plot", ()), ("eval", ()), ("diff", ("-e", "hold 1"))):
                r = self.lrsc(verb, call, *more, code=cli.USAGE if verb == "diff" else DIAGNOSTICS)
                self.assertIn("help: write `torch.StepLR(...)`", r.err)
        self.assertIn("help: write `hf.get_cosine_schedule_with_warmup(...)`", self.lrsc("plot", "transformers.get_cosine_schedule_with_warmup(o, 1, 9)", code=DIAGNOSTICS).err)
        for file in ("foo.Bar(1)", "wsd (1)", "wsd (1).lrs", "(1)", ".(1)", "torch.StepLR", "StepLR(30", "torch.x(1).lrs", "(", ""):
            self.assertIn("cannot read '", self.lrsc("plot", file, code=IO).err)
        self.write("torch.StepLR(30)", "hold 0.25 for 10")
        self.assertIn("max 0.25", self.lrsc("plot", "torch.StepLR(30)").out)

    def test_an_axis_without_its_param(self):
        r = self.lrsc("plot", "--x=%", "-e", "hold 0.1 for 10", code=DIAGNOSTICS)
        self.assertIn("pass -D total=1000, or add `param total = 1000` to the file", r.err)


if __name__ == "__main__":
    cli.main()
