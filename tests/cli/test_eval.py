"""eval: values against formulas worked out here, ranges, formats, metrics, engines."""
import json
import math
import os
import re
import shutil
import struct
from fractions import Fraction
import cli
from cli import CARD, DIAGNOSTICS, IO, USAGE

ENGINES = ["interp", "jit", "object", "c"]


def rows(text):
    lines = text.splitlines()
    return [(int(a), float(b)) for a, b in (line.split(",") for line in lines[1:])]


def ulps(a, b):
    index = lambda v: struct.unpack("<q", struct.pack("<d", v))[0]
    return abs(index(a) - index(b))


class Reference:
    """The card's program, written again from the words of the documentation. No metric, or one at each step."""

    def __init__(self):
        self.scale, self.best, self.bad = 1.0, math.inf, 0

    def observe(self, step, m):
        if math.isnan(m):
            return
        if m < self.best * (1 - 1e-4):
            self.best, self.bad = m, 0
        else:
            self.bad += 1
        if self.bad > 3:
            # PyTorch's eps: a change of 1e-8 or less is none.
            if self.value(step) * 0.5 > 1e-8:
                self.scale *= 0.5
            self.bad = 0

    def value(self, step):
        base = Fraction(1, 10) * step / 5 if step < 5 else 0.1 * 10.0 ** (-(step - 5) / 1000)
        return float(base) * self.scale


class Values(cli.Case):
    def setUp(self):
        super().setUp()
        self.write("card.lrs", CARD)

    def test_the_card(self):
        got = rows(self.lrsc("eval", "--range=0:1005", "card.lrs").out)
        self.assertEqual([s for s, _ in got], list(range(1006)))
        self.assertEqual(got[0][1], 0.0)
        self.assertEqual(got[1][1], 0.02)
        self.assertEqual(got[5][1], 0.1)
        self.assertLessEqual(ulps(got[1005][1], 0.01), 1)
        for step, value in got:
            self.assertAlmostEqual(value, Reference().value(step), delta=1e-15)

    def test_text_and_stdin(self):
        a = self.lrsc("eval", "--range=0:20", "card.lrs").out
        self.assertEqual(self.lrsc("eval", "--range=0:20", "-e", CARD).out, a)
        self.assertEqual(self.lrsc("eval", "--range=0:20", "-", stdin=CARD).out, a)
        r = self.lrsc("eval", "-e", cli.BAD, code=DIAGNOSTICS)
        self.assertIn("<command line>:1:", r.err)

    def test_wrong_inputs(self):
        self.assertIn("needs a file or -e", self.lrsc("eval", code=USAGE).err)
        self.assertIn("not both", self.lrsc("eval", "-e", CARD, "card.lrs", code=USAGE).err)
        self.assertIn("one file", self.lrsc("eval", "card.lrs", "card.lrs", code=USAGE).err)
        self.assertIn("together", self.lrsc("eval", "--at=1", "--range=0:1", "card.lrs", code=USAGE).err)

    def test_ranges(self):
        def steps(text):
            return [s for s, _ in rows(self.lrsc("eval", "--range", text, "card.lrs").out)]

        self.assertEqual(steps("3:6"), [3, 4, 5, 6])
        self.assertEqual(steps("0:10:5"), [0, 5, 10])
        self.assertEqual(steps("0:11:5"), [0, 5, 10])
        self.assertEqual(steps("7:7"), [7])
        self.assertEqual(steps("-3:1"), [-3, -2, -1, 0, 1])
        self.assertEqual(steps("0:1k:0.5k"), [0, 500, 1000])
        self.assertEqual(steps("1e3:1_001"), [1000, 1001])
        big = 2**63 - 1
        self.assertEqual(steps(f"{big - 2}:{big}"), [big - 2, big - 1, big])
        self.assertEqual(steps(f"{-2**63}:{big}:{big}"), [-2**63, -1, big - 1])
        for text in ("5", "a:b", "1:", ":1", "1:2:", "1:2:3:4", "1.5:2", "2:1", "0:1:0", "0:1:-1", "0:9223372036854775808", "0:10%", ""):
            self.assertIn("--range", self.lrsc("eval", "--range=" + text, "card.lrs", code=USAGE).err)

    def test_points(self):
        got = rows(self.lrsc("eval", "--at=5,0", "--at=1k", "card.lrs").out)
        self.assertEqual([s for s, _ in got], [5, 0, 1000])
        self.assertEqual([v for _, v in got[:2]], [0.1, 0.0])
        for text in ("", "1,", ",1", "x", "1.5", "1 2"):
            self.assertIn("--at", self.lrsc("eval", "--at=" + text, "card.lrs", code=USAGE).err)

    def test_blocks_equal_points(self):
        """A long range comes in blocks from the bulk function: the same bits as asking for each step."""
        text = "warmup 1000 cosine -> 0.1; then cosine 9k -> 1e-3; then exp s=1000; every 3k *0.5"
        all_steps = self.lrsc("eval", "--range=0:12k", "--format=hex", "-e", text).out.splitlines()
        some = list(range(0, 12001, 487)) + [999, 1000, 1001, 4095, 4096, 4097, 8191, 8192]
        points = self.lrsc("eval", "--at=" + ",".join(map(str, some)), "--format=hex", "-e", text).out.splitlines()
        strided = self.lrsc("eval", "--range=0:12k:487", "--format=hex", "-e", text).out.splitlines()
        self.assertEqual(points[1:], [all_steps[1 + s] for s in some])
        self.assertEqual(strided[1:], [all_steps[1 + s] for s in range(0, 12001, 487)])

    def test_default_range(self):
        def last(text, *args):
            got = [int(line.split(",")[0]) for line in self.lrsc("eval", "-e", text, *args).out.splitlines()[1:]]
            self.assertEqual(got[0], 0)
            return got[-1]

        self.assertEqual(last("cosine 100 from 0.1 -> 0"), 100)
        self.assertEqual(last("warmup 10 -> 0.1; then linear 90 -> 0; then hold"), 120)
        self.assertEqual(last("hold 0.1"), 100)
        self.assertEqual(last("hold 0.1 for 7; then hold 0.2 for 5.5"), 13)
        self.assertTrue(1500 <= last(CARD) <= 4000)
        self.assertTrue(100 <= last("hold 0.1; every 100 *0.1") <= 1000)
        self.assertTrue(334 <= last("hold 0.1; at 50, 120, 333 *0.2") <= 2000)
        # A run ends at `total`, where the phases reach it or go on; a schedule that is over before ends where its phases do.
        for text, end in (("warmup 10% -> 0.1; then cosine until total -> 0", 300), ("hold 0.1", 300), ("exp s=1000 from 1", 300),
                          ("hold 0.1 for 10; then hold", 300), ("linear 500 from 1 -> 0", 300), ("hold 0.1 for 10; every 100 *0.5", 300),
                          ("linear 200 from 1 -> 0", 200)):
            for name in ("param total = 300\n", "let total = 300\n", "param total = 150 epochs\nparam steps_per_epoch = 2\n"):
                self.assertEqual(last(name + text, "-w"), end, (name, text))
            self.assertEqual(last("param total = 9k\n" + text, "-w", "-Dtotal=300"), end, text)
        self.assertEqual(last("param total = 10.5\nhold 1"), 11)
        # A template says how long it is; the lengths are those that the libraries' own parameters say.
        for text, end in (("use torch; torch.OneCycleLR(0.1, total_steps=1000)", 1000),
                          ("use torch; torch.OneCycleLR(0.1, epochs=3, steps_per_epoch=50)", 150),
                          ("use torch; torch.CosineAnnealingLR(200) from 0.1", 200),
                          ("use torch; param steps = 70\ntorch.CosineAnnealingLR(steps) from 0.1", 70),
                          ("use torch; torch.LinearLR(total_iters=5, lr=0.1) until 5; torch.CosineAnnealingLR(T_max=95, lr=0.1)", 100),
                          ("use torch; torch.CosineAnnealingLR(200) for 50 from 0.1", 50),
                          ("use torch; param total = 300\ntorch.CosineAnnealingLR(200) from 0.1", 300),
                          ("use torch; schedule lr = 0.1*torch.LinearLR(total_iters=20)*torch.CosineAnnealingLR(80)", 80),
                          ("use fvcore; schedule lr = fvcore.StepParamScheduler(90, [1, 0.5])*fvcore.ConstantParamScheduler(0.1)", 90),
                          ("use torch; torch.OneCycleLR(0.1, total_steps=100)\nschedule momentum { torch.OneCycleLR_momentum(0.1, total_steps=120) }", 120),
                          ("use hf; hf.get_cosine_schedule_with_warmup(100, 1000) from 0.1", 1000),
                          ("use timm; timm.CosineLRScheduler(300, warmup_t=5, warmup_prefix=True) from 0.1", 305),
                          ("def f(total) { curve 0.1*(1 - t/total) }\nf(40)", 40),
                          ("def f(n) { let total = n; curve 0.1*(1 - t/n) }\ndef g(n) { let total = 2*n; f(n) }\ng(40)", 80),
                          ("def f(n) { let total = n; curve 0.1*(1 - t/n) }\ndef g(n) { hold 0.1 for 10; f(n) }\nhold 0.2 for 5; g(40)", 55)):
            self.assertEqual(last(text, "-w"), end, text)
        for text in ("use torch; schedule lr = 0.1*torch.LinearLR(total_iters=5)*torch.ExponentialLR(0.99)", # the other one goes on
                     "use torch; repeat { torch.CosineAnnealingLR(20) from 0.1 until 20 }",
                     "def f(n) { let total = 1 - n; curve 0.1*0.99^t }\nf(1)"):
            self.assertTrue(100 <= last(text, "-w") <= 2000, text)
        # One that rises first is shown until it has come down again.
        self.assertTrue(8000 <= last("curve min(t/4000, (4000/max(t, 1))^0.5)") <= 1000000)
        got = self.lrsc("eval", "-e", "cosine 5M from 0.1 -> 0")
        self.assertEqual(rows(got.out)[1][0], 10)
        self.assertIn("every 10th step", got.err)

    def test_formats(self):
        at = "--at=0,1,2,3,1005,-7"
        csv = rows(self.lrsc("eval", at, "card.lrs").out)
        for step, value in csv:
            self.assertEqual(float(repr(value)), value)
        hexes = self.lrsc("eval", at, "--format=hex", "card.lrs").out
        self.assertEqual(hexes, "step,lr\n" + "".join(f"{s},{cli.bits(v)}\n" for s, v in csv))
        values = json.loads(self.lrsc("eval", at, "--format=json", "card.lrs").out)
        self.assertEqual([(v["step"], v["lr"]) for v in values], csv)

    def test_values_that_are_not_finite(self):
        text = "curve 1/(step - 1)"
        self.assertEqual(self.lrsc("eval", "--range=0:2", "-e", text).out, "step,lr\n0,-1\n1,inf\n2,1\n")
        values = json.loads(self.lrsc("eval", "--range=0:2", "--format=json", "-e", text).out)
        self.assertEqual(values[1], {"step": 1, "lr": None})
        self.assertEqual(self.lrsc("eval", "--at=0", "--format=hex", "-e", "curve 0/step").out, "step,lr\n0,7ff8000000000000\n")

    def test_output(self):
        self.assertEqual(self.lrsc("eval", "--output=lr", "--at=5", "card.lrs").out, "step,lr\n5,0.10000000000000001\n")
        self.assertIn("did you mean 'lr'", self.lrsc("eval", "--output=lrs", "--at=5", "card.lrs", code=USAGE).err)
        self.assertIn("no output 'momentum'; it has lr\n", self.lrsc("eval", "--output=momentum", "--at=5", "card.lrs", code=USAGE).err)

    SEVERAL = ('input train\ninput val\nschedule wd = 0.1 * lr { on plateau(train, patience=0) *0.5 }\n'
               'schedule lr { hold 0.5; on plateau(val, patience=0) *0.5 }\nschedule lr["head"] = min(10 * lr, 4)\n')

    def test_several_outputs(self):
        self.write("s.lrs", self.SEVERAL)
        self.assertEqual(self.lrsc("eval", "--at=1,0", "s.lrs").out, 'step,lr,wd,lr["head"]\n1,0.5,0.050000000000000003,4\n0,0.5,0.050000000000000003,4\n')
        self.assertEqual(self.lrsc("eval", "--range=0:1", '--output=lr["head"]', "s.lrs").out, 'step,lr["head"]\n0,4\n1,4\n')
        self.assertIn("did you mean 'wd'", self.lrsc("eval", "--at=5", "--output=wdd", "s.lrs", code=USAGE).err)
        values = json.loads(self.lrsc("eval", "--range=0:9:3", "--format=json", "s.lrs").out)
        self.assertEqual(values[3], {"step": 9, "lr": 0.5, "wd": 0.05, 'lr["head"]': 4})
        blocks = {e: self.lrsc("eval", "--range=0:99:7", "--format=hex", "--engine=" + e, "s.lrs").out for e in ("interp", "c")}
        self.assertEqual(blocks["interp"], blocks["c"])
        plot = self.lrsc("plot", "--ascii", "--width=60", "--height=4", "--range=0:9", "s.lrs").out
        self.assertEqual(plot.count("max "), 3)
        self.assertEqual(self.lrsc("plot", "--ascii", "--width=60", "--height=4", "--range=0:9", "--output=wd", "s.lrs").out.count("max "), 1)

    def test_products_of_templates(self):
        self.write("t.lrs", "def ramp(n, low=0.1) { linear n from low -> 1 }\ndef halves(g) { exp gamma=g from 1; every 100 *0.5 }\n"
                   "schedule lr = 0.3 * ramp(50) * halves(0.99)\nschedule b = max(ramp(100), 0.5) * lr\nschedule c = ramp(50) + ramp(100) { bounds 0 .. 1.5 }\n")
        for line in self.lrsc("eval", "--range=0:300:7", "t.lrs").out.splitlines()[1:]:
            step, lr, b, c = (float(v) for v in line.split(","))
            ramp = [0.1 + 0.9 * min(1, step / n) for n in (50, 100)]
            want = 0.3 * ramp[0] * 0.99 ** step * 0.5 ** (step // 100)
            for got, is_ in ((lr, want), (b, max(ramp[1], 0.5) * want), (c, min(1.5, ramp[0] + ramp[1]))):
                self.assertTrue(math.isclose(got, is_, rel_tol=1e-14), (line, is_))

    def test_several_inputs(self):
        self.write("s.lrs", self.SEVERAL)
        self.write("m.csv", "step,val,train\n0,1,1\n1,1,\n2,nan,1\n3,1,1\n")
        out = self.lrsc("eval", "--range=0:4", "--metrics=m.csv", "s.lrs").out.splitlines()
        self.assertEqual([line.split(",")[1] for line in out[1:]], ["0.5", "0.25", "0.25", "0.125", "0.125"])
        self.assertEqual([float(line.split(",")[2]) for line in out[1:]], [0.05, 0.025, 0.0125, 0.003125, 0.003125])
        self.write("t.csv", "step,train\n0,1\n1,1\n")
        self.assertEqual(self.lrsc("eval", "--at=1", "--metrics=t.csv", "s.lrs").out.splitlines()[1], "1,0.5,0.025000000000000001,4")
        for text, says in (("step,loss\n0,1\n", "`step,train,val`, with one column or more of these inputs"), ("step,val,val\n0,1,1\n", "it is 'step,val,val'"),
                           ("step,val,train\n0,1\n", "m.csv:2: there are not as many columns as in the header: '0,1'")):
            self.write("m.csv", text)
            self.assertIn(says, self.lrsc("eval", "--at=1", "--metrics=m.csv", "s.lrs", code=DIAGNOSTICS).err)

    def test_memory_does_not_grow(self):
        import resource
        # 3 million rows under a limit that they would not fit into.
        limit = None if self.sanitized() else lambda: resource.setrlimit(resource.RLIMIT_DATA, (40 << 20, 40 << 20))
        with open(os.devnull, "wb") as null:
            r = self.lrsc("eval", "--range=0:3M", "--format=hex", "card.lrs", stdout=null, preexec_fn=limit)
        self.assertEqual(r.err, "")

    @staticmethod
    def sanitized():
        with open(cli.LRSC, "rb") as f:
            return b"__asan_init" in f.read()


class Metrics(cli.Case):
    def setUp(self):
        super().setUp()
        self.write("card.lrs", CARD)

    def test_constant_metric(self):
        """patience=3 as PyTorch has it: with a constant metric the fifth observation halves."""
        self.write("m.csv", "step,metric\n" + "".join(f"{s},1.5\n" for s in range(12)))
        got = rows(self.lrsc("eval", "--range=0:12", "--metrics=m.csv", "card.lrs").out)
        ref = Reference()
        for step, value in got:
            if step < 12:
                ref.observe(step, 1.5)
            self.assertAlmostEqual(value, ref.value(step), delta=1e-15)
        self.assertEqual(got[3][1], 0.06)
        self.assertAlmostEqual(got[4][1], 0.04, delta=1e-16)

    def test_a_fraction_of_a_count_is_what_its_warning_says(self):
        self.write("m.csv", "step,metric\n" + "".join(f"{s},1.5\n" for s in range(40)))

        def values(arguments):
            r = self.lrsc("eval", "--range=0:40", "--metrics=m.csv", "-e", f"hold 0.1; on plateau({arguments}) *0.5 eps=0")
            return r.out, r.err
        for dialect in ("torch", "keras", "optax", "paddle"):
            for written in ("patience=2.5, cooldown=1.5", "patience=0.5, cooldown=0.5", "patience=3, cooldown=3.5"):
                with self.subTest(dialect=dialect, written=written):
                    out, err = values(f"{written}, dialect={dialect}")
                    taken = written
                    for name, count, whole in re.findall(r"warning: a (\w+) counts observations: ([0-9.]+) is taken as (\d+) \[LRS0324\]", err):
                        taken = taken.replace(f"{name}={count}", f"{name}={whole}")
                    if dialect == "optax" and "patience=3" not in written:
                        self.assertIn("this rule cannot act", err)
                        self.assertEqual({line.split(",")[1] for line in out.split()[1:]}, {"0.10000000000000001"})
                    else:
                        self.assertNotIn(".", taken)
                        self.assertEqual(values(f"{taken}, dialect={dialect}"), (out, ""))

    def test_random_metric_at_some_steps(self):
        import random
        rng = random.Random(7)
        seen = sorted(rng.sample(range(3000), 400))
        metric = {s: rng.choice([1.0, 0.9, 0.8, 1.1, math.nan, math.inf, 1.0 - s / 9000]) for s in seen}
        self.write("m.csv", "step,metric\n" + "".join(f"{s},{metric[s]}\n" for s in seen))
        blocks = self.lrsc("eval", "--range=0:3000", "--format=hex", "--metrics=m.csv", "card.lrs").out.splitlines()
        ref = Reference()
        for step in range(3001):
            if step in metric:
                ref.observe(step, metric[step])
            value = struct.unpack(">d", bytes.fromhex(blocks[1 + step].split(",")[1]))[0]
            self.assertAlmostEqual(value, ref.value(step), delta=1e-15 * max(ref.value(step), 1e-3) * 10)
        self.assertLess(ref.scale, 1e-3)
        # Strides and points see the state that belongs to their step.
        strided = self.lrsc("eval", "--range=0:3000:7", "--format=hex", "--metrics=m.csv", "card.lrs").out.splitlines()
        self.assertEqual(strided[1:], blocks[1::7])
        points = [2999, 0, 17, 1500, 18, 1501]
        out = self.lrsc("eval", "--at=" + ",".join(map(str, points)), "--format=hex", "--metrics=m.csv", "card.lrs").out
        self.assertEqual(out.splitlines()[1:], [blocks[1 + s] for s in points])

    def test_forms(self):
        want = self.lrsc("eval", "--range=0:9", "--metrics=-", "card.lrs",
                         stdin="step,metric\n0,1\n1,1\n2,1\n3,1\n4,1\n").out
        for text in ("step,metric\r\n0,1\r\n1,1\r\n2,1\r\n3,1\r\n4,1\r\n", "\ufeffstep,metric\n0,1\n1,1\n2,1\n3,1\n4,1",
                     "# a comment\n\n step , metric \n 0 , 1 \n1,1e0\n\n2,100%\n3,0.001k\n3,1\n4,1\n",
                     '"step","metric"\n0,1\n1,1\n2,1\n2,nan\n3,1\n3,\n4,1\n'):
            self.write("m.csv", text)
            self.assertEqual(self.lrsc("eval", "--range=0:9", "--metrics=m.csv", "card.lrs").out, want, repr(text))

    def test_nothing_after_the_header(self):
        self.write("m.csv", "step,metric\n\n# none yet\n")
        self.assertEqual(self.lrsc("eval", "--metrics=m.csv", "--at=5", "card.lrs").err, "lrsc: note: 'm.csv' has no line after its header: nothing is observed\n")
        self.assertEqual(self.lrsc("eval", "-w", "--metrics=m.csv", "--at=5", "card.lrs").err, "")

    def test_range_reaches_the_last_metric(self):
        self.write("m.csv", "step,metric\n0,1\n9000,1\n")
        self.assertEqual(rows(self.lrsc("eval", "--metrics=m.csv", "card.lrs").out)[-1][0], 9000)

    def test_metrics_that_no_rule_looks_at(self):
        self.write("m.csv", "step,metric\n5,1\n")
        for verb in ("eval", "plot"):
            for text in ("hold 0.1", "hold 0.1; every 10 *0.5; at 20 *0.5"):
                r = self.lrsc(verb, "--metrics=m.csv", "--range=0:30", "-e", text)
                self.assertRegex(r.err, "^lrsc: note: .* no rule looks at the metrics of 'm.csv'\n$")
                self.assertEqual(self.lrsc(verb, "-w", "--metrics=m.csv", "--range=0:30", "-e", text).err, "")
            self.assertEqual(self.lrsc(verb, "--metrics=m.csv", "--range=0:30", "card.lrs").err, "")

    def test_name_of_the_metric(self):
        text = "input val_loss\nhold 0.1; on plateau(val_loss, patience=1) *0.5\n"
        for name in ("metric", "val_loss"):
            self.write("m.csv", f"step,{name}\n0,1\n1,1\n2,1\n")
            self.assertEqual(self.lrsc("eval", "--at=2", "--metrics=m.csv", "-e", text).out, "step,lr\n2,0.050000000000000003\n")
        self.write("m.csv", "step,loss\n")
        self.assertIn("`step,metric` or `step,val_loss`", self.lrsc("eval", "--at=2", "--metrics=m.csv", "-e", text, code=DIAGNOSTICS).err)

    def test_wrong_files(self):
        for text, line, words in (("", 1, "header"), ("0,1\n", 1, "header"), ("step,loss\n", 1, "header"), ("metric,step\n", 1, "header"),
                                  ("step,metric\n1;2\n", 2, "step,metric"), ("step,metric\nx,1\n", 2, "not a step"),
                                  ("step,metric\n1.5,1\n", 2, "not a step"), ("step,metric\n1,abc\n", 2, "not a number"),
                                  ("step,metric\n\n5,1\n4,1\n", 4, "go back"), ("step,metric\n1,2,3\n", 2, "two columns"),
                                  ("step,val_loss\n1,2\n", 1, "`step,metric`, with two columns; it is 'step,val_loss'"),
                                  ("step,metric,time\n1,2,3\n", 1, "it is 'step,metric,time'"), ("step\n", 1, "it is 'step'"),
                                  ("", 1, "is empty"), ("step,metric\n1,1e999\n", 2, "out of the range of a double"),
                                  ("step,metric\n1,-1e999\n", 2, "write inf"), ("step,metric\n1,\x1b[31m\x07\u00e9\n", 2, "'\\x1b[31m\\x07\u00e9'"),
                                  (b"step,metric\n1,\xff\xc2\x9b\n", 2, "'\\xff\\u{9b}'"),
                                  ("step,metric\n1,\u202ex\n", 2, "'\\u{202e}x'"),
                                  ("step,loss,acc\n1,2,3\n", 1, "leave out the columns that are not observed, e.g. with cut, and call the other one `metric`"),
                                  ("\0\0\0,\n", 1, "header")):
            self.write("m.csv", text)
            r = self.lrsc("eval", "--metrics=m.csv", "card.lrs", code=DIAGNOSTICS)
            self.assertIn(f"m.csv:{line}:", r.err, repr(text))
            self.assertIn(words, r.err)
            self.assertNotRegex(r.err, r"[\0-\x09\x0b-\x1f\x7f-\x9f]")
            self.assertEqual(r.out, "")
        self.assertIn("standard input", self.lrsc("eval", "--metrics=-", "-", code=USAGE).err)


class Engines(cli.Case):
    PROGRAMS = [
        CARD,
        "warmup 100 cosine -> 3e-4; then cosine until 1000 -> 3e-5",
        "param peak = 0.1 in 0.01..1 log\nparam total = 1000\nwarmup 5% -> peak\nthen linear until total -> 0; on plateau(patience=2) *0.5 floor=1e-3",
        "poly power=3 500 from 0.1 -> 0.001; then invsqrt timescale=100; bounds 1e-3 .. 0.09",
        "curve 0.1*exp(-t/300)*cos(t/50)^2 + 1e-4*step",
        "hold 0.1; every 100 *0.5; at 50, 333 *0.9",
    ]

    def setUp(self):
        super().setUp()
        self.write("m.csv", "step,metric\n" + "".join(f"{s},{1 + (s * 7919 % 13) / 10}\n" for s in range(0, 1200, 3)))

    def engines(self):
        return [e for e in ENGINES if e in ("interp", "c") or cli.has_llvm()]

    def test_they_agree(self):
        compared = 0
        ranges = (("--range=-5:1300",), ("--range=0:1300:7", "--metrics=m.csv"), ("--range=0:1300", "--metrics=m.csv"),
                  (f"--at=-1,0,1,99,100,101,{2**53},{2**63 - 1},{-2**63}",))
        for text in self.PROGRAMS:
            for args in ranges:
                outs = {}
                for engine in self.engines():
                    for level in ("-O0", "-O3") if engine in ("jit", "object") else ("-O2",):
                        outs[engine + level] = self.lrsc("eval", *args, "--format=hex", "--engine=" + engine, level, "-e", text).out
                self.assertEqual(len(set(outs.values())), 1, (text, args))
                compared += len(outs) * outs["interp-O2"].count("\n")
        print(f"({compared} values, {', '.join(self.engines())})", end=" ")

    def test_params_of_compiled_engines(self):
        for engine in self.engines():
            out = self.lrsc("eval", "--engine=" + engine, "-Dpeak=0.5", "--at=50", "-e", self.PROGRAMS[2]).out
            self.assertEqual(out, "step,lr\n50,0.5\n", engine)

    def test_compilers(self):
        text = self.PROGRAMS[4]
        want = self.lrsc("eval", "--format=hex", "--range=0:500", "-e", text).out
        for cc in ("gcc", "clang", "gcc -O3 -march=native", "clang -O3 -march=native", "  gcc   -O0 "):
            if shutil.which(cc.split()[0]):
                out = self.lrsc("eval", "--engine=c", "--format=hex", "--range=0:500", "-e", text, env={"CC": cc}).out
                self.assertEqual(out, want, cc)

    def test_nothing_stays_behind(self):
        tmp = self.path("tmp")
        os.mkdir(tmp)
        for engine in self.engines():
            self.lrsc("eval", "--engine=" + engine, "--at=0", "-e", CARD, env={"TMPDIR": tmp})
            self.assertEqual(os.listdir(tmp), [])

    def test_c_compiler_missing_or_failing(self):
        tmp = self.path("tmp")
        os.mkdir(tmp)
        env = {"TMPDIR": tmp}
        r = self.lrsc("eval", "--engine=c", "--at=0", "-e", CARD, env={**env, "CC": "/no/such/cc"}, code=IO)
        self.assertIn("CC=", r.err)
        r = self.lrsc("eval", "--engine=c", "--at=0", "-e", CARD, env={**env, "CC": "false"}, code=IO)
        self.assertIn("'false' failed with status 1, and said nothing\n", r.err)
        killed = self.write("killed", "#!/bin/sh\necho a word\nkill -9 $$\n")
        os.chmod(killed, 0o755)
        r = self.lrsc("eval", "--engine=c", "--at=0", "-e", CARD, env={**env, "CC": killed}, code=IO)
        self.assertIn("was ended by signal 9:\na word\n", r.err)
        r = self.lrsc("eval", "--engine=c", "--at=0", "-e", CARD, env={**env, "CC": "cc -fno-such-flag"}, code=IO)
        self.assertIn("no-such-flag", r.err)
        self.assertEqual(os.listdir(tmp), [])
        self.lrsc("eval", "--engine=c", "--at=0", "-e", CARD, env={"TMPDIR": "/no/such/folder"}, code=IO)
        self.lrsc("eval", "--engine=c", "--at=0", "-e", CARD, env={"CC": "  "})

    def test_without_llvm(self):
        for engine in ("jit", "object"):
            r = self.lrsc("eval", "--engine=" + engine, "--at=0", "-e", CARD, env={"LRS_LLVM_PLUGIN": "/no/plugin.so"}, code=IO)
            self.assertIn("LLVM", r.err)


class Templates(cli.Case):
    """What a template starts from, where it stands among other phases, in repeats and in expressions."""
    IN_ROUNDS = """
def tm(lr = start) { %s }
hold %s for 1
repeat %s { tm()
  hold %s for 2 }
"""

    def check(self, text, *want):
        for engine in ("interp", "c"):
            got = [v for _, v in rows(self.lrsc("eval", "-w", "--engine=" + engine, "--range=0:%d" % (len(want) - 1), "-", stdin=text).out)]
            self.assertEqual(got, list(want), engine + text)

    def test_each_call_has_its_own_start(self):
        self.check(self.IN_ROUNDS % ("hold 7 for 1; repeat 2 { hold lr for 2 }", 1, 2, 3), 1, 7, 1, 1, 1, 1, 3, 3, 7, 3, 3, 3, 3, 3, 3)
        self.check(self.IN_ROUNDS % ("hold lr for 4; at 2 *lr", 0.5, "for 5", 0.25) + "hold", 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25)
        self.check("def tm(lr = start) { hold lr for 2; hold lr/2 for 1 }\nhold 8 for 1; tm(); tm() for 1; tm() { at 1 *0.5 }\nhold",
                   8, 8, 8, 4, 4, 4, 2, 1, 1, 1)

    def test_what_depends_on_the_start_in_other_ways_needs_from(self):
        for body in ("cosine 10 -> *lr", "linear lr*20 -> *0.5", "hold for 10; at 5 *lr", "poly 10 power=4*lr -> *0.5"):
            r = self.lrsc("eval", "--at=0", "-", stdin="def tm(lr = start) { %s }\nhold 0.5 for 1\nrepeat { tm() }\n" % body, code=DIAGNOSTICS)
            self.assertIn("LRS0208", r.err)

    def test_in_expressions_a_template_starts_from_1(self):
        self.check("def half(lr = start) { hold lr/2 for 2; hold lr }\nschedule lr = 0.25*half()*half()", 0.0625, 0.0625, 0.25)

    def test_an_empty_list(self):
        self.check("let none = []\nhold product(none) + sum(none) + len(none)\nat none *0.5", 1, 1)

    def test_defaults_that_give_no_schedule_have_a_place(self):
        for verb in ("eval", "plot"):
            r = self.lrsc(verb, "-e", "param w = -5; warmup w -> 0.1", code=DIAGNOSTICS)
            self.assertIn("<command line>:1:22: error: with the default params: the duration of `warmup w -> 0.1` must be finite", r.err)
        r = self.lrsc("eval", "-e", "param w = 5; require w > 10 \"too short\"; warmup w -> 0.1", code=DIAGNOSTICS)
        self.assertIn("<command line>:1:22: error: with the default params: too short [LRS0216]", r.err)

    def test_a_value_of_D_is_one_number(self):
        r = self.lrsc("eval", "-D", "peak=1e-2,1e-3", "-e", "param peak; hold peak", code=USAGE)
        self.assertIn("several values are a sweep, which `lrsc plot` draws; eval takes one", r.err)
        r = self.lrsc("eval", "-D", "peak=1/100", "-e", "param peak; hold peak", code=USAGE)
        self.assertIn("a value is a number, not an expression", r.err)

    def test_steps_with_blanks_between_them(self):
        self.assertEqual(self.lrsc("eval", "--at", "0, 5 ,1k", "-e", "curve t").out, self.lrsc("eval", "--at=0,5,1k", "-e", "curve t").out)
        for wrong in ("0,", "0, ,1", " ", "1 2"):
            self.lrsc("eval", "--at", wrong, "-e", "curve t", code=USAGE)

    def test_a_law_of_the_call(self):
        self.check("decay linear(t, s = 4) = 1 - t/s\ndef f(way: law, lr = start) { way for 2 from lr }\nf(linear) from 1", 1, 0.75, 0.5)

    def test_a_length_in_seconds(self):
        self.write("m.csv", "step,elapsed\n0,0\n1,60\n2,120\n3,180\n")
        got = self.lrsc("eval", "-w", "--range=0:4", "--metrics=m.csv", "-", stdin="input elapsed\ndef up() { curve 1 + t }\nup() for 2 minutes").out
        self.assertEqual([v for _, v in rows(got)], [1, 2, 3, 3, 3])


if __name__ == "__main__":
    cli.main()
