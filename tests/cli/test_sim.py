"""sim: the decisions against PyTorch's rule, written again here; models of a loss; what is refused."""
import json
import math
import os
import random
import cli
from cli import CARD, DIAGNOSTICS, USAGE


class Plateau:
    """torch.optim.lr_scheduler.ReduceLROnPlateau, mode min, threshold_mode rel, as its documentation says."""

    def __init__(self, patience, cooldown, threshold=1e-4):
        self.patience, self.cooldown, self.threshold = patience, cooldown, threshold
        self.best, self.bad, self.cooling = math.inf, 0, 0

    def observe(self, m):
        improved = m < self.best * (1 - self.threshold)
        cooling = self.cooling > 0
        if improved:
            self.best, self.bad = m, 0
        else:
            self.bad += 1
        if cooling:
            self.cooling -= 1
            self.bad = 0
        if self.bad > self.patience:
            self.cooling, self.bad = self.cooldown, 0
            return "acted"
        return "improved" if improved else "cooldown" if cooling else "no improvement"


class Sim(cli.Case):
    def test_decisions_against_the_rule_of_torch(self):
        draw = random.Random(5)
        for case in range(20):
            patience, cooldown = draw.randint(0, 5), draw.randint(0, 4)
            metrics = [round(draw.uniform(0.5, 1) + 2 / (1 + i / 10), 3) for i in range(120)]
            self.write("m.csv", "step,metric\n" + "".join(f"{10 * i},{m}\n" for i, m in enumerate(metrics)))
            rule = f"on plateau(patience={patience}, cooldown={cooldown}) *0.5"
            out = self.lrsc("sim", "-w", "-e", f"hold 0.1; {rule}", "--metrics=m.csv", "--format=json").out
            plateau, rate = Plateau(patience, cooldown), 0.1
            decisions = json.loads(out)
            self.assertEqual(len(decisions), len(metrics))
            for i, (m, d) in enumerate(zip(metrics, decisions)):
                what = plateau.observe(m)
                before = rate
                if what == "acted":
                    rate /= 2
                    if before - rate <= 1e-8: # eps
                        rate, what = before, "no change"
                self.assertEqual((d["step"], d["metric"], d["decision"], d["bad"], d["cooldown"], d["best"], d["before"], d["after"], d["rule"]),
                                 (10 * i, m, what, plateau.bad, plateau.cooling, plateau.best, before, rate, rule), (case, i))

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
        self.assertEqual([r["decision"] for r in rows], ["improved", "no improvement", "improved", "no improvement", "acted", "improved"])
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
        for args in ((), ("a", "b"), ("-e", CARD, "--metrics=m.csv", "--loss=1"), ("-e", CARD, "--every=0"), ("-e", CARD, "--noise=-1"),
                     ("-e", CARD, "--seed=x"), ("-e", CARD, "--loss-start=x"), ("-e", CARD, "--format=csv"),
                     ("-e", CARD, "--range=0:1T", "--every=1"), ("-e", CARD, "-D", "x=1,2")):
            self.lrsc("sim", *args, code=USAGE)
        r = self.lrsc("sim", "-e", CARD, "--loss=2*los", code=DIAGNOSTICS)
        self.assertIn("<loss>:", r.err)
        self.assertIn("`loss`", r.err)

    def test_bad_losses_end_well(self):
        for model in ("0/0", "loss*1e300", "-loss", "lr/0"):
            self.lrsc("sim", "-w", "-e", CARD, "--loss=" + model)
            self.lrsc("sim", "-w", "-e", CARD, "--loss=" + model, "--format=json")
        self.lrsc("sim", "-w", "-e", CARD, "--range=5:5")


if __name__ == "__main__":
    cli.main()
