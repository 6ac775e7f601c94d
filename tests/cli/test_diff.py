"""diff: the exit codes, the places and sizes of differences against an independent comparison of what eval prints."""
import json
import math
import re
import cli
from cli import CARD, IO, USAGE

SAME, DIFFERENT, TROUBLE = 0, 1, 2
A = "warmup 500 -> 3e-4; then cosine until 10k -> 1e-5\n"
B = "warmup 500 -> 3e-4; then hold until 8k; then sqrt until 10k -> 0\n"


class Diff(cli.Case):
    def setUp(self):
        super().setUp()
        self.write("a.lrs", A)
        self.write("b.lrs", B)

    def values(self, text, *args):
        rows = self.lrsc("eval", "-w", "-e", text, *args).out.split()[1:]
        return {int(s): float(v) for s, v in (row.split(",") for row in rows)}

    def compare(self, a, b, *args):
        """What diff should say, from the printed values."""
        a, b = self.values(a, *args), self.values(b, *args)
        differing = [s for s in a if a[s] != b[s]]
        first = min(differing)
        largest = max(abs(a[s] - b[s]) for s in differing)
        relative = max(abs(a[s] - b[s]) / max(abs(a[s]), abs(b[s])) for s in differing)
        return len(a), len(differing), first, largest, relative

    def test_json_against_eval(self):
        for a, b, args in ((A, B, ("--range=0:10k",)), (A, B, ("--range=100:9000:7",)), ("hold 1", "hold 1; at 50 *0.5", ("--range=0:60",)),
                           ("linear 10 from 1 -> -1", "linear 10 from -1 -> 1", ("--range=0:20",))):
            steps, differing, first, largest, relative = self.compare(a, b, *args)
            self.write("x.lrs", a)
            self.write("y.lrs", b)
            [r] = json.loads(self.lrsc("diff", "-w", "x.lrs", "y.lrs", "--format=json", *args, code=DIFFERENT).out)
            self.assertEqual((r["output"], r["steps"], r["differing"], r["first"]["step"]), ("lr", steps, differing, first))
            self.assertEqual(abs(r["largest_absolute"]["a"] - r["largest_absolute"]["b"]), largest)
            p = r["largest_relative"]
            self.assertEqual(abs(p["a"] - p["b"]) / max(abs(p["a"]), abs(p["b"])), relative)

    def test_the_same(self):
        r = self.lrsc("diff", "a.lrs", "a.lrs", code=SAME)
        self.assertEqual(r.out, "lr: the same at all 10001 steps\n")
        self.lrsc("diff", "a.lrs", "-e", A, code=SAME)
        self.assertEqual(self.lrsc("diff", "-q", "a.lrs", "b.lrs", code=DIFFERENT).out, "")
        self.assertEqual(self.lrsc("diff", "-q", "a.lrs", "a.lrs", code=SAME).out, "")
        # nan is the same as nan, and no number
        self.lrsc("diff", "-w", "-e", "curve 0/0*t", "torch.ExponentialLR(gamma=1, lr=1)", "--range=0:5", code=DIFFERENT)
        self.write("n.lrs", "curve 0/0*t\n")
        out = self.lrsc("diff", "-w", "-e", "hold -1.7e308", "torch.ExponentialLR(gamma=1, lr=1.7e308)", "--range=0:5", code=DIFFERENT).out
        self.assertIn("by more than 1.797e308 (200 %)", out)
        self.assertNotIn("inf", out)
        self.lrsc("diff", "-w", "n.lrs", "n.lrs", "--range=0:5", code=SAME)

    def test_tolerance(self):
        self.write("x.lrs", "hold 1\n")
        self.write("y.lrs", "hold 1.001\n")
        self.lrsc("diff", "x.lrs", "y.lrs", code=DIFFERENT)
        self.lrsc("diff", "x.lrs", "y.lrs", "--tolerance=1e-4", code=DIFFERENT)
        self.lrsc("diff", "x.lrs", "y.lrs", "--tolerance=1e-2", code=SAME)

    def test_the_schedule_of_a_library(self):
        text = "cosine 100 from 0.1 -> 0"
        r = self.lrsc("diff", "torch.CosineAnnealingLR(T_max=100, lr=0.1)", "-e", text, "--range=0:100", "--tolerance=1e-12", code=SAME)
        self.assertIn("the same at all 101 steps", r.out)
        r = self.lrsc("diff", "-w", "torch.CosineAnnealingLR(T_max=100, lr=0.1)", "-e", text, "--range=0:200", code=DIFFERENT)
        # the minimum of PyTorch's is at 100, and it rises again
        self.assertRegex(r.out, r"first past rounding +step 101: ")
        self.assertRegex(r.out, r"largest difference +step 200: 0\.1\d* and 0, by 0\.1 \(100 %\)")
        self.assertIn("note: there is no module 'nosuch'", self.lrsc("diff", "nosuch.Thing(1)", "a.lrs", code=IO).err)
        self.lrsc("diff", "nosuch.lrs", "a.lrs", code=IO)

    def test_no_number_is_cut(self):
        self.write("long.lrs", "warmup 500 linear -> 0.00034567 then hold until 8k then sqrt until 10k -> 0.000012345\n")
        self.write("other.lrs", "warmup 500 linear -> 0.00034567 then hold until 8k then linear until 10k -> 0.000012345\n")
        for width in (20, 26, 40, 76):
            out = self.lrsc("diff", "long.lrs", "other.lrs", f"--width={width}", code=DIFFERENT).out
            for text in ("0.00034567", "0.000012345", "8000..10000"):
                self.assertGreaterEqual(len(re.findall(rf"\s{re.escape(text)}\s", out)), 2, (width, out))
            self.assertRegex(out, r"final 1\.234e-5\s+at\s+10000\s")

    def test_phases_side_by_side(self):
        out = self.lrsc("diff", "a.lrs", "b.lrs", "--width=90", code=DIFFERENT).out
        self.assertRegex(out, r"  0\.\.499 +warmup 500 -> 3e-4 +0\.\.499 +warmup 500 -> 3e-4")
        self.assertRegex(out, r"  500\.\.10000 +cosine until 10k -> 1e-5 +\| 500\.\.7999 +hold until 8k")
        self.assertRegex(out, r"\n +> 8000\.\.10000 +sqrt until 10k -> 0")

    def test_outputs(self):
        self.write("two.lrs", "schedule lr { hold 0.1 }\nschedule momentum { hold 0.9 }\n")
        self.write("one.lrs", "hold 0.1\n")
        r = self.lrsc("diff", "two.lrs", "one.lrs", code=DIFFERENT)
        self.assertIn("momentum: only in two.lrs\n", r.out)
        self.assertIn("lr: the same at all", r.out)
        self.lrsc("diff", "two.lrs", "one.lrs", "--output=lr", code=SAME)
        both = json.loads(self.lrsc("diff", "two.lrs", "one.lrs", "--format=json", code=DIFFERENT).out)
        self.assertEqual(both[1], {"output": "momentum", "only_in": "a"})

    def test_with_a_metric(self):
        self.write("card.lrs", CARD)
        self.write("card2.lrs", CARD.replace("patience=3", "patience=4"))
        self.write("m.csv", "step,metric\n" + "".join(f"{s},1\n" for s in range(0, 100, 10)))
        self.lrsc("diff", "card.lrs", "card2.lrs", code=SAME)
        [r] = json.loads(self.lrsc("diff", "card.lrs", "card2.lrs", "--metrics=m.csv", "--format=json", code=DIFFERENT).out)
        self.assertEqual(r["first"]["step"], 40)

    def test_wrong_usage(self):
        for args in ((), ("a.lrs",), ("a.lrs", "b.lrs", "a.lrs"), ("a.lrs", "b.lrs", "-e", A), ("a.lrs", "b.lrs", "--tolerance=2"),
                     ("a.lrs", "b.lrs", "--format=csv"), ("a.lrs", "b.lrs", "-D", "x=1,2")):
            self.lrsc("diff", *args, code=USAGE)
        self.assertIn("two schedules cannot both come from standard input", self.lrsc("diff", "-", "-", stdin=A, code=USAGE).err)
        self.write("bad.lrs", "warmup -> ;")
        self.assertEqual(self.lrsc("diff", "bad.lrs", "a.lrs", code=TROUBLE).out, "")
        self.write("epochs.lrs", "unit epoch; hold 1")
        self.lrsc("diff", "epochs.lrs", "a.lrs", code=TROUBLE)

    def test_a_lost_report(self):
        with open("/dev/full", "wb") as full:
            self.lrsc("diff", "a.lrs", "b.lrs", stdout=full, code=IO)

    def test_strange_names(self):
        """Nothing that a terminal would obey, wherever names and rules are shown."""
        name = "a\x1b]0;hi\x07\u202e\x9b.lrs"
        self.write(name, "hold 1 for 10\nschedule wd = 1\n")
        r = self.lrsc("diff", name, "b.lrs", code=DIFFERENT)
        self.assertIn("wd: only in a?]0;hi???.lrs\n", r.out)
        self.assertNotRegex(r.out + r.err, r"[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]")

    def test_names_are_cut_between_characters(self):
        name = "\u00e9" * 70 + ".lrs"
        self.write(name, B)
        for width in (40, 41, 80):
            self.lrsc("diff", "a.lrs", name, f"--width={width}", code=DIFFERENT).raw.decode("utf-8")

    def test_a_text_is_the_second_wherever_it_stands(self):
        for args in (("a.lrs", "-e", B), ("-e", B, "a.lrs")):
            [r] = json.loads(self.lrsc("diff", "--format=json", *args, code=DIFFERENT).out)
            step = r["first"]["step"]
            self.assertEqual(float(self.lrsc("eval", "a.lrs", f"--at={step}").out.splitlines()[1].split(",")[1]), r["first"]["a"])

    def test_far_ranges(self):
        r = self.lrsc("diff", "a.lrs", "a.lrs", "--range=0:9000000000000000000", code=SAME)
        self.assertRegex(r.err, r"one step in \d+ is compared")
        self.assertRegex(r.out, r"^lr: no difference at the \d+ steps that were compared\n$")
        # a phase of one step is seen however far apart the others are compared
        self.write("h.lrs", "hold 1")
        self.write("spike.lrs", "hold 1 for 150000001; then hold 2 for 1; then hold 1")
        for a, b in (("h.lrs", "spike.lrs"), ("spike.lrs", "h.lrs")):
            r = self.lrsc("diff", "-q", a, b, "--range=0:300000000", code=DIFFERENT)
            self.assertEqual(r.out + r.err, "")
        [r] = json.loads(self.lrsc("diff", "h.lrs", "spike.lrs", "--range=0:300000000", "--format=json", code=DIFFERENT).out)
        self.assertEqual((r["differing"], r["first"]["step"], r["first"]["b"]), (1, 150000001, 2))

    def test_the_greatest_doubles(self):
        self.write("x.lrs", "hold 1.7e308")
        self.write("y.lrs", "hold -1.7e308")
        r = self.lrsc("diff", "-w", "x.lrs", "y.lrs", code=DIFFERENT)
        self.assertIn("(200 %)", r.out)
        self.lrsc("diff", "-w", "x.lrs", "y.lrs", "--tolerance=0.5", code=DIFFERENT)

    def test_names_are_shown_as_letters(self):
        self.write("one.lrs", "schedule lr { hold 1 }\nschedule wd { hold 1 }\n")
        self.write("a\x1b]0;hi\x07.lrs", "schedule lr { hold 2 }\n")
        for pair in (("one.lrs", "a\x1b]0;hi\x07.lrs"), ("a\x1b]0;hi\x07.lrs", "one.lrs")):
            self.assertNotIn("\x1b", self.lrsc("diff", *pair, code=DIFFERENT).out)


if __name__ == "__main__":
    cli.main()
