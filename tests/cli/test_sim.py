"""sim: the decisions against PyTorch's rule, written again here; models of a loss; what is refused."""
import json
import math
import os
import random
import re
import struct
import cli
from cli import CARD, DIAGNOSTICS, USAGE


class Plateau:
    """ReduceLROnPlateau as the documentation of each library has it; observe gives what became of an observation."""

    def __init__(self, patience, cooldown, threshold=1e-4, mode="min", dialect="torch", accumulation=1):
        self.patience, self.cooldown, self.threshold, self.mode, self.dialect = patience, cooldown, threshold, mode, dialect
        self.best = math.inf if mode == "min" else -math.inf
        self.bad, self.cooling, self.first, self.accumulation, self.kept = 0, 0, True, accumulation, []

    def better(self, m):
        sign = 1 if self.mode == "min" else -1
        if self.dialect == "keras": # min_delta, in single precision
            single = lambda v: struct.unpack("f", struct.pack("f", v))[0] if math.isfinite(v) else v
            return self.first or sign * (single(m + sign * self.threshold) - single(self.best)) < 0
        if self.dialect == "paddle":
            return self.first or sign * (m - (self.best - sign * self.best * self.threshold)) < 0
        return sign * (m - self.best * (1 - sign * self.threshold)) < 0

    def event(self):
        self.cooling, self.bad = self.cooldown, 0
        return "acted"

    def observe(self, m):
        what = getattr(self, self.dialect)(m)
        self.first = False
        return what

    def torch(self, m):
        improved, cooling = self.better(m), self.cooling > 0
        self.best, self.bad = (m, 0) if improved else (self.best, self.bad + 1)
        if cooling:
            self.cooling, self.bad = self.cooling - 1, 0
        if self.bad > self.patience:
            return self.event()
        return "improved" if improved else "cooldown" if cooling else "no improvement"

    def keras(self, m):
        if self.cooling > 0:
            self.cooling, self.bad = self.cooling - 1, 0
        if self.better(m):
            self.best, self.bad = m, 0
            return "improved"
        if self.cooling > 0:
            return "cooldown"
        self.bad += 1
        return self.event() if self.bad >= self.patience else "no improvement"

    def paddle(self, m):
        if self.cooling > 0:
            self.cooling, self.bad = self.cooling - 1, 0
            return "cooldown"
        improved = self.better(m)
        self.best, self.bad = (m, 0) if improved else (self.best, self.bad + 1)
        if self.bad > self.patience:
            return self.event()
        return "improved" if improved else "no improvement"

    def optax(self, m):
        self.kept.append(m)
        if len(self.kept) < self.accumulation:
            return "not counted"
        mean = 0
        for n, each in enumerate(self.kept, 1):
            mean = (mean * (n - 1) + each) / n
        self.kept = []
        improved, cooling = self.better(mean), self.cooling > 0
        self.best, self.bad = (mean, 0) if improved else (self.best, self.bad + 1)
        if cooling:
            self.cooling, self.bad = self.cooling - 1, 0
        elif self.bad == self.patience:
            return self.event()
        return "improved" if improved else "cooldown" if cooling else "no improvement"


def from_json(v):
    return math.nan if v is None else v


class Sim(cli.Case):
    def test_decisions_against_the_rules_of_the_libraries(self):
        draw = random.Random(5)
        for case in range(60):
            dialect = ("torch", "keras", "optax", "paddle")[case % 4]
            patience, cooldown, mode = draw.randint(dialect == "optax", 5), draw.randint(0, 4), "min" if dialect == "optax" else draw.choice(("min", "max"))
            accumulation = draw.choice((1, 1, 3)) if dialect == "optax" else 1
            shift = draw.choice((0, -3))
            metrics = [round(draw.uniform(0.5, 1) + 2 / (1 + i / 10), 3) + shift for i in range(120)]
            if case % 3 == 0:
                metrics[draw.randrange(100)] = math.inf
                metrics[draw.randrange(100)] = -math.inf
            self.write("m.csv", "step,metric\n" + "".join(f"{10 * i},{m}\n" for i, m in enumerate(metrics)))
            more = {"torch": "", "keras": ", dialect=keras, min_delta=1e-4", "optax": ", dialect=optax, rtol=1e-4, atol=0",
                    "paddle": ", dialect=paddle, threshold=1e-4"}[dialect]
            more += ", mode=max" if mode == "max" else ""
            more += f", accumulation_size={accumulation}" if accumulation > 1 else ""
            rule = f"on plateau(patience={patience}, cooldown={cooldown}{more}) *0.9"
            out = self.lrsc("sim", "-w", "-e", f"hold 0.1; {rule}", "--metrics=m.csv", "--format=json").out
            plateau, rate = Plateau(patience, cooldown, 1e-4, mode, dialect, accumulation), 0.1
            decisions = json.loads(out)
            self.assertEqual(len(decisions), len(metrics))
            for i, (m, d) in enumerate(zip(metrics, decisions)):
                what = plateau.observe(m)
                before = rate
                rate = rate * 0.9 if what == "acted" else rate
                self.assertEqual((d["step"], d["decision"], d["bad"], d["cooldown"]), (10 * i, what, plateau.bad, plateau.cooling), (case, rule))
                self.assertTrue(rule.startswith(d["rule"].removesuffix("...")), d["rule"]) # a long one is cut
                self.assertEqual(d["metric"], m if math.isfinite(m) else None)
                self.assertEqual(d["best"], plateau.best if math.isfinite(plateau.best) else None)
                self.assertAlmostEqual(d["before"], before, delta=1e-15)
                self.assertAlmostEqual(d["after"], rate, delta=1e-15)

    def test_events_that_change_nothing(self):
        """The rate at its floor, by every kind of detector; cooldown and patience in time."""
        def what(metrics, text):
            self.write("m.csv", "step,metric\n" + "".join(f"{i},{m}\n" for i, m in enumerate(metrics)))
            rows = json.loads(self.lrsc("sim", "-w", "-e", text, "--metrics=m.csv", "--format=json").out)
            return [r["decision"] for r in rows]
        held = "no change"
        self.assertEqual(what([1, 100, 100], "hold 0.1; on diverge(window=1) *0.5 floor=0.1"), ["improved", held, held])
        self.assertEqual(what([1, 1, 1], "hold 0.1; on plateau(patience=0) *0.5 floor=0.1"), ["improved", held, held])
        self.assertEqual(what([1, 1, 1], "hold 0.1; on plateau(patience=0 steps) *0.5 floor=0.1"), ["improved", held, held])
        self.assertEqual(what([1, 9, 9], "hold 0.1; on (metric > 4) *0.5 floor=0.1"), ["false", held, "still true"])
        self.assertEqual(what([1] * 8, "hold 0.1; on plateau(patience=1, cooldown=3 steps) *0.5"),
                         ["improved", "no improvement", "acted", "cooldown", "cooldown", "no improvement", "acted", "cooldown"])
        self.assertEqual(what([-1, -0.5, -0.5, -1], "hold 0.1; on plateau(patience=9, threshold=0.1) *0.5"),
                         ["improved", "no improvement", "no improvement", "improved"])

    def test_table(self):
        self.write("card.lrs", CARD)
        self.write("m.csv", "step,metric\n" + "".join(f"{s},1\n" for s in range(0, 120, 10)))
        out = self.lrsc("sim", "card.lrs", "--metrics=m.csv", "--range=0:120").out
        self.assertRegex(out, r"\n  40 +1 +1 +0/3 +on plateau\(patience=3\) \*0\.5: 0\.09226 to 0\.04613\n")
        self.assertIn("  12 decisions: 1 improved, 9 no improvement, 2 acted\n", out)
        self.assertNotRegex(out, "  no improvement\n")
        every = self.lrsc("sim", "card.lrs", "--metrics=m.csv", "--range=0:120", "--all").out
        self.assertRegex(every, r"\n  30 +1 +1 +3/3 +no improvement\n")

    def test_a_floor_is_told(self):
        self.write("m.csv", "step,metric\n" + "".join(f"{s},1\n" for s in range(12)))
        out = self.lrsc("sim", "-w", "-e", "hold 0.1; on plateau(patience=1) *0.1 floor=0.01", "--metrics=m.csv").out
        self.assertRegex(out, r"2 +1 +1 +0/1 +on plateau\(patience=1\) \*0\.1 floor=0\.01: 0\.1 to 0\.01\n")
        self.assertRegex(out, r"4 +1 +1 +0/1 +on plateau\(patience=1\) \*0\.1 floor=0\.01: the rate stays at 0\.01\n")

    def test_several_inputs(self):
        """Each value stands beside the name of its input, and a rule that only stops changes no rate."""
        self.write("m.csv", "step,train_loss,val_loss\n0,9,3\n1,8,3\n2,7,3\n")
        text = "input train_loss; input val_loss; hold 0.1; on plateau(val_loss, patience=1) *0.5; on (train_loss < 7.5) stop"
        out = self.lrsc("sim", "-w", "-e", text, "--metrics=m.csv", "--all").out
        self.assertRegex(out, r"\n  step +input +value +best +bad +decision\n  0 +train_loss +9 +- +- +false\n  0 +val_loss +3 +3 +0/1 +improved\n")
        self.assertRegex(out, r"\n  2 +train_loss +7 +- +- +on \(train_loss < 7\.5\) stop\n")
        self.assertRegex(out, r"\n  2 +val_loss +3 +3 +0/1 +on plateau\(val_loss, patience=1\) \*0\.5: 0\.1 to 0\.05\n")
        self.write("m.csv", "step,metric\n0,9\n")
        r = self.lrsc("sim", "-w", "-e", text, "--metrics=m.csv", code=DIAGNOSTICS)
        self.assertIn("must be the header `step,train_loss,val_loss`, with one column or more of these inputs; it is 'step,metric'", r.err)

    def test_other_detectors(self):
        self.write("m.csv", "step,metric\n0,1\n1,5\n2,0.5\n3,9\n4,9\n5,0.4\n")
        rows = json.loads(self.lrsc("sim", "-w", "-e", "hold 0.1; on (metric > 4) *0.5", "--metrics=m.csv", "--format=json").out)
        self.assertEqual([r["decision"] for r in rows], ["false", "acted", "false", "acted", "still true", "false"])
        rows = json.loads(self.lrsc("sim", "-w", "-e", "hold 0.1; on diverge(factor=3, window=2) stop", "--metrics=m.csv", "--format=json").out)
        self.assertEqual([r["decision"] for r in rows], ["improved", "past the limit", "improved", "past the limit", "acted"])
        rows = json.loads(self.lrsc("sim", "-w", "-e", "hold 0.1; on plateau(patience=1, every=2) *0.5", "--metrics=m.csv", "--format=json").out)
        self.assertEqual([r["decision"] for r in rows], ["improved", "not counted", "improved", "not counted", "no improvement", "not counted"])

    def test_a_model_of_the_loss(self):
        """The model is iterated here as it is there: observations after every 10th update, the rate being that of the update."""
        text = "hold 1; on plateau(patience=2, threshold=0.01) *0.5"
        rows = json.loads(self.lrsc("sim", "-w", "-e", text, "--range=0:399", "--every=10", "--loss=loss + 0.5*(lr - loss)", "--loss-start=2",
                                    "--format=json").out)
        loss, rate, plateau = 2.0, 1.0, Plateau(2, 0, 0.01)
        self.assertEqual([r["step"] for r in rows], list(range(9, 400, 10)))
        for r in rows:
            loss = loss + 0.5 * (rate - loss)
            self.assertEqual(r["metric"], loss)
            what = plateau.observe(loss)
            self.assertEqual(r["decision"], what)
            rate = rate / 2 if what == "acted" else rate
            self.assertEqual(r["after"], rate)
        self.assertLess(rate, 0.2)

    def test_the_peak_is_the_greatest_rate(self):
        """Also where it is that of a single step."""
        text = "hold 0.1 for 5000; then hold 10 for 1; then hold 0.1; on diverge *0.5"
        rows = json.loads(self.lrsc("sim", "-w", "-e", text, "--range=0:10000", "--every=1", "--loss=lr/peak", "--format=json").out)
        self.assertEqual(max(r["metric"] for r in rows), 1)

    def test_a_stop_ends_the_run(self):
        out = self.lrsc("sim", "-e", "hold 0.1; on diverge(factor=4) stop", "--loss=loss*1.1").out
        # 2.5*1.1 is the best one, and 1.1^15 is the first power above 4
        self.assertIn("final 0.1 at 15   mean 0.1   stop at 15\n", out)
        self.assertEqual(re.findall(r"(?m)^  (\d+) .* on diverge\(factor=4\) stop$", out), ["15"])
        self.assertTrue(out.endswith("  16 decisions: 1 improved, 14 within the limit, 1 acted\n  stop at 15: the run ends there\n"), out)
        self.assertNotIn("rules acted", out)
        self.write("m.csv", "step,metric\n1,1\n2,9\n3,9\n50,1\n")
        text = "hold 0.1; on plateau(patience=0) *0.5; on diverge(factor=4) stop"
        for verb in ("plot", "sim"):
            out = self.lrsc(verb, "-e", text, "--metrics=m.csv").out
            self.assertRegex(out, r"final 0\.05 at 2   mean 0\.08333   stop at 2\n +rules acted 1 time: at 2\n")
        self.assertRegex(self.lrsc("plot", "-e", text, "--metrics=m.csv", "--range=10:20").out, r"final 0\.05 at 10   mean 0\.05   stop at 2\n")
        self.lrsc("plot", "-e", "hold 0.1; on diverge(factor=4) stop", "--metrics=m.csv", "-o", "a.svg")
        self.assertIn(b"stop at 2", self.read("a.svg"))
        rows = self.lrsc("plot", "-e", "hold 0.1; on diverge(factor=4) stop", "--metrics=m.csv", "--format=csv").out.splitlines()
        self.assertEqual([r for r in rows if "stop" in r], ["2,0.10000000000000001,hold 0.1,stop"])

    def test_a_stop_that_comes_with_a_reduction(self):
        """Both are told, whichever stands first."""
        self.write("m.csv", "step,metric\n0,1\n1,1\n2,5\n3,9\n4,9\n5,9\n")
        rules = ["on plateau(patience=1) *0.5", "on diverge(factor=4) stop"]
        for order in (rules, rules[::-1]):
            text = "hold 0.1 for 10; " + "; ".join(order)
            with self.subTest(text=text):
                rows = self.lrsc("plot", "-w", "-e", text, "--metrics=m.csv", "--format=csv").out.splitlines()
                self.assertEqual([r.split(",", 3)[3] for r in rows if r[0] == "2"], ["plateau x0.5; stop"])
                line = json.loads(self.lrsc("plot", "-w", "-e", text, "--metrics=m.csv", "--format=json").out)["lines"][0]
                self.assertEqual([(r["step"], r["text"]) for r in line["rules"]], [(2, "plateau x0.5; stop")])

    def test_a_rate_that_stays_is_counted(self):
        out = self.lrsc("sim", "-e", "warmup 10 -> 0.1; hold for 100; on plateau(patience=0) *0.5 floor=0.05", "--range=0:1000", "--every=1", "--loss=loss").out
        table = out[out.index("decision\n"):].splitlines()[1:-2]
        self.assertEqual([row.split()[0] for row in table], ["1", "...", "6", "7", "..."])
        self.assertRegex(table[1], r"floor=0\.05: no change 4 more times, the last at 5$")
        self.assertRegex(table[4], r"floor=0\.05: no change 993 more times, the last at 1000$")
        self.assertIn("1001 decisions: 1 improved, 1 acted, 999 no change\n", out)
        self.assertGreater(len(self.lrsc("sim", "-e", "hold 0.1; on plateau(patience=0) *0.5 floor=0.1", "--range=0:1000", "--every=1", "--all").out.splitlines()), 1000)

    def test_nothing_is_observed(self):
        out = self.lrsc("sim", "-e", "hold 0.1 for 100; on plateau *0.5", "--every=100000").out
        self.assertTrue(out.endswith("\n  no decisions: nothing was observed; give a lower --every, or a longer --range\n"), out)

    def test_a_loss_that_has_diverged_stays_so(self):
        text = "hold 1; on plateau(patience=2) *0.5"
        for model in ("1/0", "loss*1e200"):
            rows = json.loads(self.lrsc("sim", "-w", "-e", text, "--range=0:99", "--every=10", "--loss=" + model, "--format=json").out)
            self.assertEqual(rows[-1]["metric"], None)
            self.assertIn("acted", [r["decision"] for r in rows])

    def test_rules_that_act_together(self):
        self.write("m.csv", "step,metric\n1,0.5\n2,2\n")
        out = self.lrsc("sim", "-w", "-e", "hold 0.1; on plateau(patience=0) *0.5; on (metric > 1) *0.1", "--metrics=m.csv").out
        self.assertEqual(out.count("0.1 to 0.005, with the other rules that acted"), 2)
        csv = self.lrsc("plot", "-w", "-e", "hold 0.1; on (metric > 1) *0.1", "--metrics=m.csv", "--format=csv").out
        self.assertIn(",condition x0.1", csv)

    def test_noise(self):
        def metrics(*args):
            out = self.lrsc("sim", "-w", "-e", CARD, "--loss=1", "--range=0:9999", "--every=10", "--format=json", *args).out
            return [r["metric"] for r in json.loads(out)]
        self.assertEqual(set(metrics()), {1})
        a, b = metrics("--noise=0.5"), metrics("--noise=0.5", "--seed=2")
        self.assertEqual(a, metrics("--noise=0.5"))
        self.assertNotEqual(a, b)
        mean = sum(a) / len(a)
        deviation = math.sqrt(sum((x - mean) ** 2 for x in a) / len(a))
        self.assertAlmostEqual(mean, 1, delta=0.06) # four standard errors of 1000 draws
        self.assertAlmostEqual(deviation, 0.5, delta=0.05)

    def test_the_picture_has_the_decisions(self):
        self.write("m.csv", "step,metric\n" + "".join(f"{s},{max(1 - s / 600, 0.2)}\n" for s in range(0, 2000, 50)))
        for verb in ("plot", "sim"):
            out = self.lrsc(verb, "-e", CARD, "--metrics=m.csv", "--width=80").out
            self.assertRegex(out, r"(?m)^  metric  \+[+ ]+[-! ]+$")
            self.assertRegex(out, r"(?m)^   rules  +▲[▲ ]+$")

    def test_what_is_refused(self):
        self.assertIn("no rule", self.lrsc("sim", "-e", "hold 1", code=DIAGNOSTICS).err)
        for args in ((), ("a", "b"), ("-e", CARD, "--loss=1; hold 2"), ("-e", CARD, "--metrics=m.csv", "--noise=1"), ("-e", CARD, "--metrics=m.csv", "--loss=1"), ("-e", CARD, "--every=0"), ("-e", CARD, "--noise=-1"),
                     ("-e", CARD, "--seed=x"), ("-e", CARD, "--loss-start=x"), ("-e", CARD, "--format=csv"),
                     ("-e", CARD, "--range=0:1T", "--every=1"), ("-e", CARD, "-D", "x=1,2")):
            self.lrsc("sim", *args, code=USAGE)
        r = self.lrsc("sim", "-e", CARD, "--loss=2*los", code=DIAGNOSTICS)
        self.assertTrue(r.err.startswith("--loss:1:3: error: there is no `los` [LRS0201]\n    1 | 2*los\n      |   ^~~\n"), r.err)
        self.assertIn("did you mean `loss`", r.err)

    def test_what_is_wrong_with_a_model_is_shown_in_it(self):
        for model, place, message in (("foo", "1:1", "there is no `foo`"), ("exp(", "1:4", "this `(` is never closed"), ("lr >", "1:5", "expected a value"),
                                      ("lr > 2", "1:1", "a number is expected here"), ("", "1:1", "expected a value"), ("(loss) + x", "1:10", "there is no `x`"),
                                      ("loss)", "1:5", "this `)` closes nothing")):
            with self.subTest(model=model):
                err = self.lrsc("sim", "-e", CARD, "--loss=" + model, code=DIAGNOSTICS).err
                self.assertTrue(err.startswith(f"--loss:{place}: error: {message}"), err)
                self.assertEqual(err.splitlines()[1], f"    1 | {model}")
                self.assertNotIn("on a line before", err)
                self.assertIn("note: a model is an expression over `loss`", err)

    def test_a_rule_of_a_module_goes_by_its_call(self):
        call = "torch.ReduceLROnPlateau(lr=0.1, patience=3)"
        self.assertIn(f"  {call}: 0.1 to 0.01\n", self.lrsc("sim", call).out)
        self.assertEqual({d["rule"] for d in json.loads(self.lrsc("sim", call, "--format=json").out)}, {call})
        self.write("lib.lrs", "def two(p) { hold 1; on plateau(patience=p) *0.5; on diverge(factor=p) *0.1 }\ndef one(p) { two(p=p) }\n")
        self.write("a.lrs", 'use "lib.lrs"\none(3)\n')
        self.assertEqual({d["rule"] for d in json.loads(self.lrsc("sim", "a.lrs", "--format=json").out)},
                         {"on plateau of one(3)", "on diverge of one(3)"})
        own = "def f(p) { hold 1; on plateau(patience=p) *0.5 }\nf(3)"
        self.assertEqual({d["rule"] for d in json.loads(self.lrsc("sim", "-e", own, "--format=json").out)}, {"on plateau(patience=p) *0.5"})

    def test_bad_losses_end_well(self):
        for model in ("0/0", "loss*1e300", "-loss", "lr/0"):
            self.lrsc("sim", "-w", "-e", CARD, "--loss=" + model)
            self.lrsc("sim", "-w", "-e", CARD, "--loss=" + model, "--format=json")
        self.lrsc("sim", "-w", "-e", CARD, "--range=5:5")


if __name__ == "__main__":
    cli.main()
