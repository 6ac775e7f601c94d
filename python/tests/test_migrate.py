"""test_migrate.py: the texts of lrs.from_torch, from_optax and from_transformers give what the real schedulers give, at every step.

What needs a library that is not installed is skipped.
"""
import math
import random
import subprocess
import sys
import unittest
import warnings

import lrs

try:
    import torch
except ImportError:
    torch = None
else:
    import lrs.torch
    from torch.optim import lr_scheduler as L, swa_utils
    torch.set_num_threads(1)
try:
    import jax
    import optax
except ImportError:
    optax = None
try:
    from transformers import optimization as hf
except ImportError:
    hf = None

CASES = 12
compared = {"texts": 0, "values": 0}


def setUpModule():
    warnings.simplefilter("ignore", lrs.LrsWarning)
    for name in ("lr_scheduler.step", "To get the last", "The epoch parameter", "num_stable_steps", "Seems like"):
        warnings.filterwarnings("ignore", f".*{name}")


def tearDownModule():
    print(f"compared: {compared['texts']} texts, {compared['values']} values")


class Draw(random.Random):
    def rate(self):
        return float(f"{math.exp(self.uniform(math.log(1e-4), 0)):.3g}")

    def opt(self, **options):
        return {k: v for k, v in options.items() if self.random() < 0.7}


def optimizer(lrs_, kind="SGD", names=(), **options):
    if kind == "SGD":
        options.setdefault("momentum", 0.9)
    groups = [{"params": [torch.nn.Parameter(torch.ones(1))], "lr": lr} for lr in lrs_]
    for group, name in zip(groups, names):
        group["name"] = name
    return getattr(torch.optim, kind)(groups, lr=lrs_[0], **options)


def momentum(group):
    return group["momentum"] if "momentum" in group else group["betas"][0]


@unittest.skipIf(torch is None, "torch is not installed")
class Torch(unittest.TestCase):
    def check(self, make, lrs_=(0.1,), n=80, kind="SGD", drift=1e-14, names=(), cut=None, over=None):
        """The scheduler that make(optimizer) gives, against the text in the scheduler of lrs on an optimizer of the same groups.

        drift: of their recursion, as a part of the largest value; cut: the step at which the text is read;
        over: the steps of a run that ends, after which the text stays where it was.
        """
        o = optimizer(lrs_, kind, names)
        theirs = make(o)
        text = lrs.from_torch(theirs) if cut is None else None
        expected = []
        for t in range(n):
            expected.append([(g["lr"], momentum(g)) for g in o.param_groups])
            if t == cut:
                text = lrs.from_torch(theirs)
            o.step()
            try:
                theirs.step()
            except (ValueError, ZeroDivisionError):  # OneCycleLR is over
                break
        if over is not None:
            expected = expected[:over] + [expected[over - 1]] * 30
        mine_o = optimizer(lrs_, kind, names)
        mine = lrs.torch.Scheduler(mine_o, text)
        most = [max(abs(row[g][0]) for row in expected) for g in range(len(lrs_))]
        for t, row in enumerate(expected):
            for g, (lr, m) in enumerate(row):
                group = mine_o.param_groups[g]
                same = math.isclose(group["lr"], lr, rel_tol=1e-12, abs_tol=drift * most[g])
                self.assertTrue(same, f"step {t}, group {g}: {group['lr']!r}, theirs {lr!r}\n{text}")
                self.assertTrue(math.isclose(momentum(group), m, rel_tol=1e-12), f"step {t}, group {g}: momentum {momentum(group)!r}, theirs {m!r}\n{text}")
                compared["values"] += 2
            mine.step()
        compared["texts"] += 1
        return text

    def closed(self, make, lr, n):
        """Their own closed form, which does not drift."""
        o = optimizer([lr])
        theirs = make(o)
        s = lrs.compile(lrs.from_torch(theirs))
        for t in range(n):
            theirs.last_epoch = t
            (expected,) = theirs._get_closed_form_lr()
            self.assertTrue(math.isclose(s(t), expected, rel_tol=1e-12, abs_tol=2e-16 * lr), (t, s(t), expected))
            compared["values"] += 1

    def cases(self, seed):
        r = Draw(seed)
        for case in range(CASES):
            rates = [r.rate() for _ in range(r.choice([1, 1, 2, 3]))]
            if len(rates) == 3 and r.random() < 0.5:
                rates[2] = rates[0]
            with self.subTest(case=case):
                yield r, rates

    def test_step(self):
        for r, rates in self.cases(1):
            p = dict(step_size=r.randint(1, 20), **r.opt(gamma=r.choice([0.1, 0.5, round(r.random(), 3)])))
            self.check(lambda o: L.StepLR(o, **p), rates)
            self.closed(lambda o: L.StepLR(o, **p), rates[0], 60)

    def test_multi_step(self):
        for r, rates in self.cases(2):
            p = dict(milestones=[r.randint(0, 60) for _ in range(r.randint(0, 5))], **r.opt(gamma=round(r.random(), 3)))
            self.check(lambda o: L.MultiStepLR(o, **p), rates)

    def test_constant(self):
        for r, rates in self.cases(3):
            p = r.opt(factor=round(r.uniform(0.01, 1), 3), total_iters=r.choice([0, 1, r.randint(0, 40)]))
            self.check(lambda o: L.ConstantLR(o, **p), rates)

    def test_linear(self):
        for r, rates in self.cases(4):
            p = r.opt(start_factor=round(r.uniform(0.01, 1), 3), end_factor=round(r.random(), 3), total_iters=r.choice([0, 1, r.randint(0, 40)]))
            self.check(lambda o: L.LinearLR(o, **p), rates)

    def test_exponential(self):
        for r, rates in self.cases(5):
            gamma = round(r.uniform(0.5, 1.01), 4)
            self.check(lambda o: L.ExponentialLR(o, gamma), rates)
            self.closed(lambda o: L.ExponentialLR(o, gamma), rates[0], 60)

    def test_polynomial(self):
        for r, rates in self.cases(6):
            p = r.opt(total_iters=r.choice([0, 1, r.randint(0, 60)]), power=r.choice([0.0, 0.5, 1.0, 2.0, round(r.uniform(0.3, 4), 2)]))
            self.check(lambda o: L.PolynomialLR(o, **p), rates)

    def test_cosine(self):
        for r, rates in self.cases(7):
            p = dict(T_max=r.randint(1, 60), **r.opt(eta_min=r.choice([0, 1e-5, r.rate() / 10])))
            self.check(lambda o: L.CosineAnnealingLR(o, **p), rates, drift=1e-9)
            self.closed(lambda o: L.CosineAnnealingLR(o, **p), rates[0], 100)

    def test_warm_restarts(self):
        for r, rates in self.cases(8):
            p = dict(T_0=r.randint(1, 20), **r.opt(T_mult=r.choice([1, 2, 3]), eta_min=r.choice([0, r.rate() / 10])))
            self.check(lambda o: L.CosineAnnealingWarmRestarts(o, **p), rates)

    def test_cyclic(self):
        for r, rates in self.cases(9):
            n = len(rates)
            p = dict(base_lr=[r.rate() / 100 for _ in rates] if n > 1 else r.rate() / 100, max_lr=[r.rate() for _ in rates] if n > 1 else r.rate(),
                     step_size_up=r.randint(1, 20), **r.opt(step_size_down=r.randint(1, 20), mode=r.choice(["triangular", "triangular2", "exp_range"]),
                                                            gamma=round(r.uniform(0.9, 1), 3), base_momentum=0.7, max_momentum=0.95))
            p["cycle_momentum"] = r.random() < 0.7
            self.check(lambda o: L.CyclicLR(o, **p), rates, drift=1e-13, kind=r.choice(["SGD", "AdamW"]))

    def test_one_cycle(self):
        for r, rates in self.cases(10):
            p = dict(max_lr=[r.rate() for _ in rates] if len(rates) > 1 else r.rate(), total_steps=r.randint(10, 70),
                     **r.opt(pct_start=r.choice([0.0, 0.25, 0.3, round(r.uniform(0.15, 0.45), 3)]), anneal_strategy=r.choice(["cos", "linear"]),
                             div_factor=r.choice([10.0, round(r.uniform(1, 50), 2)]), final_div_factor=r.choice([1e4, 100.0]), three_phase=r.random() < 0.5,
                             cycle_momentum=r.random() < 0.7, base_momentum=0.8, max_momentum=0.99))
            self.check(lambda o: L.OneCycleLR(o, **p), rates, kind=r.choice(["SGD", "Adam"]), over=p["total_steps"])

    def test_one_cycle_reads_what_was_written(self):
        text = self.check(lambda o: L.OneCycleLR(o, max_lr=0.1, total_steps=970, pct_start=0.27, div_factor=13.5, final_div_factor=70), n=960)
        for words in ("max_lr=0.1,", "pct_start=0.27,", "div_factor=13.5,", "final_div_factor=70)"):
            self.assertIn(words, text)

    def test_texts(self):
        for make, text in (
                (lambda o: L.OneCycleLR(o, 0.1, 1000, cycle_momentum=False), "use torch\ntorch.OneCycleLR(max_lr=0.1, total_steps=1000) for 999\nthen hold\n"),
                (lambda o: L.CyclicLR(o, 0.001, 0.1), "repeat { linear 2000 from 0.001 -> 0.1; linear 2000 -> 0.001 }\nschedule momentum {\n"
                                                      "  repeat { linear 2000 from 0.9 -> 0.8; linear 2000 -> 0.9 }\n}\n"),
                (lambda o: L.CosineAnnealingLR(o, 100, 1e-3), "use torch\ntorch.CosineAnnealingLR(T_max=100, eta_min=0.001, lr=0.1)\n"),
                (lambda o: L.CosineAnnealingWarmRestarts(o, 10, 2), "repeat stretch=2 { cosine 10 from 0.1 -> 0 }\n"),
                (lambda o: L.MultiStepLR(o, [80, 30]), "hold 0.1\nat 30, 80 *0.1\n"),
                (lambda o: L.ConstantLR(o), "hold 0.03333333333333333 for 5\nthen hold 0.1\n"),
                (lambda o: L.LinearLR(o, 0.3), "linear 5 from 0.03 -> 0.1\nthen hold\n"),
                (lambda o: L.PolynomialLR(o, 100, 0.9), "poly 100 power=0.9 from 0.1 -> 0\nthen hold 0\n"),
                (lambda o: L.ExponentialLR(o, 0.99), "exp gamma=0.99 from 0.1\n"),
                (lambda o: L.ChainedScheduler([L.ConstantLR(o, 0.1, 20), L.ExponentialLR(o, 0.9)]),
                 "use torch\nschedule lr = 0.1 * torch.ConstantLR(factor=0.1, total_iters=20) * torch.ExponentialLR(gamma=0.9)\n"),
                (lambda o: L.ReduceLROnPlateau(o, patience=3, min_lr=1e-5),
                 "# a metric that is NaN is a bad one for PyTorch, and none for lrs\nhold 0.1\non plateau(patience=3) *0.1 floor=1e-5\n")):
            self.assertEqual(lrs.from_torch(make(optimizer([0.1]))), text)

    def test_sequences(self):
        for r, rates in self.cases(11):
            cos = []

            def member(o, last):
                kind = r.randint(0, 8)
                n = r.randint(1, 25)
                cos.append(kind == 6)
                return [lambda: L.StepLR(o, n, 0.5), lambda: L.MultiStepLR(o, [n, n, 3], 0.3), lambda: L.ConstantLR(o, 0.25, n), lambda: L.LinearLR(o, 0.2, 0.9, n),
                        lambda: L.ExponentialLR(o, 0.9), lambda: L.PolynomialLR(o, n, 2.0), lambda: L.CosineAnnealingLR(o, n, r.choice([0, 1e-4])),
                        lambda: L.CosineAnnealingWarmRestarts(o, n, r.choice([1, 2])), lambda: L.ConstantLR(o, 0.25, 0)][kind]()

            def make(o):
                count = r.randint(1, 4)
                milestones = sorted(r.choice([0, 5, 5, 25, r.randint(1, 60)]) for _ in range(count - 1))
                return L.SequentialLR(o, [member(o, i == count - 1) for i in range(count)], milestones)
            for _ in range(4):
                state = r.getstate()
                text = self.check(make, rates, drift=1e-9)
                if not any(cos):
                    r.setstate(state)
                    self.assertEqual(self.check(make, rates), text)
                cos.clear()

    def test_the_usual_sequence(self):
        def make(o):
            return L.SequentialLR(o, [L.LinearLR(o, 0.01, total_iters=10), L.CosineAnnealingLR(o, 70, 1e-5), L.ConstantLR(o, 0.1, 1000)], [10, 80])
        text = self.check(make, [0.2], n=120, drift=1e-9)
        self.assertEqual(text, "linear 10 from 0.002 -> 0.2\nthen cosine 70 from 0.2 -> 1e-5\nthen hold 0.02 for 1000\nthen hold 0.2\n")

    def test_a_sequence_with_momentum(self):
        for kind in ("SGD", "AdamW"):
            self.check(lambda o: L.SequentialLR(o, [L.LinearLR(o, 0.1, total_iters=10), L.CyclicLR(o, 0.01, 0.2, 7), L.StepLR(o, 5)], [10, 35]), [0.1], kind=kind)
            self.check(lambda o: L.SequentialLR(o, [L.LinearLR(o, 0.1, total_iters=10), L.OneCycleLR(o, 0.2, 40)], [10]), [0.1], n=50, kind=kind, over=50)
            self.check(lambda o: L.SequentialLR(o, [L.OneCycleLR(o, 0.2, 40), L.StepLR(o, 5)], [25]), [0.1], n=50, kind=kind)
            self.check(lambda o: L.SequentialLR(o, [L.OneCycleLR(o, 0.2, 40), L.StepLR(o, 5)], [0]), [0.1], n=50, kind=kind)
        with self.assertRaisesRegex(lrs.LrsError, "two members of SequentialLR move the momentum"):
            o = optimizer([0.1])
            lrs.from_torch(L.SequentialLR(o, [L.OneCycleLR(o, 0.2, 40), L.OneCycleLR(o, 0.2, 40)], [10]))
        with self.assertRaisesRegex(lrs.LrsError, "make it last"):
            o = optimizer([0.1])
            lrs.from_torch(L.SequentialLR(o, [L.CosineAnnealingLR(o, 40), L.OneCycleLR(o, 0.2, 40)], [10]))

    def test_chains(self):
        for r, rates in self.cases(12):
            def make(o):
                n = r.randint(1, 30)
                kinds = [lambda: L.StepLR(o, n, 0.5), lambda: L.MultiStepLR(o, [n, 7], 0.3), lambda: L.ConstantLR(o, 0.25, n),
                         lambda: L.LinearLR(o, 0.2, total_iters=n), lambda: L.ExponentialLR(o, 0.9), lambda: L.PolynomialLR(o, n + 60, 2.0)]
                return L.ChainedScheduler([k() for k in r.sample(kinds, r.randint(1, 3))])
            self.check(make, rates)

    def test_chains_of_one(self):
        self.check(lambda o: L.ChainedScheduler([L.CosineAnnealingLR(o, 30)]), [0.1, 0.2], drift=1e-9)
        self.check(lambda o: L.ChainedScheduler([L.CyclicLR(o, 0.01, 0.2, 9)]), [0.1, 0.2], drift=1e-13)

    def test_plateau(self):
        for r, rates in self.cases(13):
            p = r.opt(mode=r.choice(["min", "max"]), factor=r.choice([0.1, 0.5, 0.9]), patience=r.randint(0, 4), threshold=r.choice([0.0, 0.01]),
                      threshold_mode=r.choice(["rel", "abs"]), cooldown=r.randint(0, 3), min_lr=[x * 1e-3 for x in rates], eps=r.choice([1e-8, 1e-4, 0.0]))
            both = [optimizer(rates), optimizer(rates)]
            theirs = L.ReduceLROnPlateau(both[0], **p)
            mine = lrs.torch.Scheduler(both[1], lrs.from_torch(theirs))
            seen = set()
            for _ in range(80):
                loss = r.choice([0.5, round(r.random(), 1), r.random()])
                theirs.step(loss)
                mine.step(loss)
                for a, b in zip(*(o.param_groups for o in both)):
                    self.assertTrue(math.isclose(a["lr"], b["lr"], rel_tol=1e-12), (p, a["lr"], b["lr"]))
                    seen.add(a["lr"])
                    compared["values"] += 1
            compared["texts"] += 1
            self.assertGreater(len(seen), 1)

    def test_read_in_the_middle_of_a_run(self):
        for make in (lambda o: L.StepLR(o, 10), lambda o: L.OneCycleLR(o, 0.3, 60),
                     lambda o: L.SequentialLR(o, [L.LinearLR(o, total_iters=10), L.ExponentialLR(o, 0.9)], [10])):
            self.check(make, [0.1, 0.3], n=58, cut=33)
            o = optimizer([0.1, 0.3])
            theirs = make(o)
            for _ in range(33):
                o.step()
                theirs.step()
            mine = lrs.torch.Scheduler(optimizer([0.1, 0.3]), lrs.from_torch(theirs), last_epoch=theirs.last_epoch - 1)
            for _ in range(20):
                for a, b in zip(theirs.get_last_lr(), mine.get_last_lr()):
                    self.assertTrue(math.isclose(a, b, rel_tol=1e-12), (a, b))
                theirs.step()
                mine.step()

    def test_read_from_a_state(self):
        o = optimizer([0.5])
        saved = L.StepLR(o, 7, 0.3)
        other = L.StepLR(optimizer([0.1]), 100)
        other.load_state_dict(saved.state_dict())
        self.assertEqual(lrs.from_torch(other), "hold 0.5\nevery 7 *0.3\n")

    def test_nothing_is_changed(self):
        o = optimizer([0.1, 0.2])
        s = L.SequentialLR(o, [L.LinearLR(o, total_iters=10), L.CosineAnnealingLR(o, 30)], [10])
        before = str(s.state_dict()), str(o.state_dict())
        lrs.from_torch(s)
        self.assertEqual((str(s.state_dict()), str(o.state_dict())), before)

    def test_rates_that_are_tensors(self):
        o = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=torch.tensor(0.25))
        self.assertEqual(lrs.from_torch(L.StepLR(o, 30)), "hold 0.25\nevery 30 *0.1\n")

    def test_groups(self):
        step = lambda o: L.StepLR(o, 10, 0.5)  # noqa: E731
        self.assertEqual(self.check(step, [0.1, 0.1]), "hold 0.1\nevery 10 *0.5\n")
        self.assertEqual(self.check(step, [0.1, 0.01, 0.1]), 'hold 0.1\nevery 10 *0.5\nschedule lr["1"] = 0.1 * lr\n')
        self.assertEqual(self.check(step, [0.1, 0.3], names=["body", 'the "head"\\']), 'hold 0.1\nevery 10 *0.5\nschedule lr["the \\"head\\"\\\\"] = 3 * lr\n')
        text = self.check(lambda o: L.CyclicLR(o, [0.01, 0.02], [0.1, 0.3], 5, cycle_momentum=False), [1.0, 1.0], drift=1e-13)
        self.assertIn('schedule lr["1"] {\n  repeat', text)
        self.check(step, [0.0, 0.1])
        self.check(lambda o: L.ChainedScheduler([L.StepLR(o, 5), L.ExponentialLR(o, 0.9)]), [0.0, 0.1])
        with self.assertRaisesRegex(lrs.LrsError, "two parameter groups have the name 'a'"):
            lrs.from_torch(step(optimizer([0.1, 0.2], names=["a", "a"])))
        o = optimizer([0.1])
        s = step(o)
        o.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))]})
        with self.assertRaisesRegex(lrs.LrsError, "has 2 parameter groups, and had 1"):
            lrs.from_torch(s)
        o = optimizer([0.1])
        few, one = L.ReduceLROnPlateau(o, min_lr=[0.01]), L.ReduceLROnPlateau(o, min_lr=0.01)
        o.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))]})
        with self.assertRaisesRegex(lrs.LrsError, "has 1 min_lrs"):
            lrs.from_torch(few)
        self.assertEqual(lrs.from_torch(one).count("floor=0.01"), 1)  # both groups have the same
        with self.assertRaisesRegex(lrs.LrsError, "characters"):
            lrs.from_torch(step(optimizer([0.1, 0.2], names=["a", "b\n"])))

    def test_refused(self):
        o = optimizer([0.1])

        class Mine(L.StepLR):
            pass
        plateau = L.ReduceLROnPlateau(o)
        plateau.step(1.0)
        for s, sentence in (
                (L.LambdaLR(o, lambda t: 1.0), "`torch.LambdaLR\\(f, lr=0.1\\)`"),
                (L.MultiplicativeLR(o, lambda t: 0.9), "exp gamma=0.95 from 0.1"),
                (L.CyclicLR(optimizer([0.1]), 0.1, 0.2, scale_fn=lambda x: 1.0), "scale_fn"),
                (Mine(o, 3), "none of the schedulers of torch.optim.lr_scheduler"),
                (swa_utils.SWALR(o, 0.1), "none of the schedulers"),
                (L.SequentialLR(o, [L.LambdaLR(o, lambda t: 1.0), L.StepLR(o, 3)], [4]), "Python function"),
                (L.SequentialLR(o, [L.StepLR(o, 3), L.ChainedScheduler([L.StepLR(o, 3)])], [4]), "a ChainedScheduler in a SequentialLR"),
                (L.ChainedScheduler([L.CosineAnnealingLR(o, 3), L.StepLR(o, 3)]), "CosineAnnealingLR is no product"),
                (L.ChainedScheduler([L.LinearLR(o), L.CosineAnnealingWarmRestarts(o, 3)]), "CosineAnnealingWarmRestarts is no product"),
                (plateau, "has seen 1 metrics")):
            with self.assertRaisesRegex(lrs.LrsError, sentence):
                lrs.from_torch(s)
        for s, sentence in ((None, "NoneType is no scheduler"), ("StepLR", "no scheduler"), (o, "no scheduler"), (lrs.torch.Scheduler(o, "hold 1"), "already")):
            with self.assertRaisesRegex(TypeError, sentence):
                lrs.from_torch(s)

    @unittest.skipIf(hf is None, "transformers is not installed")
    def test_of_transformers(self):
        r = Draw(20)
        for name, more in HF.items():
            if name == "reduce_lr_on_plateau":
                continue
            for case in range(4):
                rates = [r.rate() + 1e-6 for _ in range(r.choice([1, 2]))]
                w, config = r.randint(0, 20), more(r)
                with self.subTest(name=name, config=config):
                    def make(o):
                        return hf.get_scheduler(name, o, num_warmup_steps=w, num_training_steps=w + 40, scheduler_specific_kwargs=config)
                    text = self.check(make, rates, drift=1e-14)
                    self.assertTrue("use hf" in text or name == "constant")


HF = {
    "constant": lambda r: {},
    "constant_with_warmup": lambda r: {},
    "linear": lambda r: {},
    "cosine": lambda r: r.opt(num_cycles=r.choice([0.5, 1.0, 0.3])),
    "cosine_with_restarts": lambda r: r.opt(num_cycles=r.choice([1, 2, 4])),
    "polynomial": lambda r: r.opt(lr_end=1e-8, power=r.choice([0.5, 1.0, 2.0])),
    "inverse_sqrt": lambda r: r.opt(timescale=r.randint(1, 5000)),
    "cosine_with_min_lr": lambda r: dict(r.opt(num_cycles=0.4), **r.choice([{"min_lr": 1e-6}, {"min_lr_rate": 0.1}])),
    "cosine_warmup_with_min_lr": lambda r: dict(r.opt(warmup_lr_rate=0.2), **r.choice([{"min_lr": 1e-6}, {"min_lr_rate": 0.1}])),
    "warmup_stable_decay": lambda r: dict(num_decay_steps=r.randint(0, 20), **r.opt(
        warmup_type=r.choice(["linear", "cosine", "1-sqrt"]), decay_type=r.choice(["linear", "cosine", "1-sqrt"]), min_lr_ratio=0.1)),
    "reduce_lr_on_plateau": lambda r: r.opt(patience=2, factor=0.5, cooldown=1, mode="max"),
}


@unittest.skipIf(hf is None or torch is None, "transformers is not installed")
class Transformers(unittest.TestCase):
    def test_by_name(self):
        r = Draw(30)
        for name, more in HF.items():
            if name == "reduce_lr_on_plateau":
                continue
            for case in range(6):
                lr, w, config = r.rate() + 1e-6, r.randint(0, 20), more(r)
                with self.subTest(name=name, config=config):
                    o = optimizer([lr])
                    theirs = hf.get_scheduler(name, o, num_warmup_steps=w, num_training_steps=w + 40, scheduler_specific_kwargs=config)
                    config = {"scheduler_specific_kwargs": config} if case % 2 else config
                    s = lrs.compile(lrs.from_transformers(name, lr=lr, num_warmup_steps=w, num_training_steps=w + 40, **config))
                    for t in range(w + 45):
                        expected = o.param_groups[0]["lr"]
                        self.assertTrue(math.isclose(s(t), expected, rel_tol=1e-12, abs_tol=1e-14 * lr), (t, s(t), expected))
                        compared["values"] += 1
                        o.step()
                        theirs.step()
                    compared["texts"] += 1

    def test_plateau(self):
        r = Draw(31)
        for case in range(6):
            config = HF["reduce_lr_on_plateau"](r)
            o = optimizer([0.1])
            theirs = hf.get_scheduler("reduce_lr_on_plateau", o, scheduler_specific_kwargs=config)
            s = lrs.compile(lrs.from_transformers("reduce_lr_on_plateau", lr=0.1, num_warmup_steps=5, **config))
            for t in range(60):
                loss = round(r.random(), 1)
                theirs.step(loss)
                self.assertTrue(math.isclose(s.get_lr(t, loss), o.param_groups[0]["lr"], rel_tol=1e-12))

    def test_by_the_name_of_the_function_and_of_the_enum(self):
        from transformers import SchedulerType
        expected = lrs.from_transformers("linear", lr=0.1, num_warmup_steps=5, num_training_steps=50)
        self.assertEqual(expected, "use hf\nhf.get_linear_schedule_with_warmup(num_warmup_steps=5, num_training_steps=50, lr=0.1)\n")
        self.assertEqual(lrs.from_transformers("get_linear_schedule_with_warmup", lr=0.1, num_warmup_steps=5, num_training_steps=50), expected)
        self.assertEqual(lrs.from_transformers(SchedulerType.LINEAR, lr=0.1, num_warmup_steps=5, num_training_steps=50), expected)

    def test_all_of_the_library(self):
        from transformers import SchedulerType
        self.assertEqual({t.value for t in SchedulerType}, {*HF, "greedy"})


class Words(unittest.TestCase):
    """What is refused, without any library."""

    def test_transformers(self):
        for call, sentence in (
                (lambda: lrs.from_transformers("cosin", lr=1), "did you mean `cosine`"),
                (lambda: lrs.from_transformers("greedy", lr=1), "raises the rate"),
                (lambda: lrs.from_transformers("linear", lr=1, num_warmup_steps=3), "needs num_training_steps"),
                (lambda: lrs.from_transformers("linear", lr=1, num_training_steps=3), "needs num_warmup_steps"),
                (lambda: lrs.from_transformers("cosine", lr=1, num_warmup_steps=1, num_training_steps=3, num_cycle=1), "num_cycle"),
                (lambda: lrs.from_transformers("cosine_with_min_lr", lr=1, num_warmup_steps=1, num_training_steps=3), "needs min_lr or min_lr_rate"),
                (lambda: lrs.from_transformers("linear", lr=math.nan, num_warmup_steps=1, num_training_steps=3), "nan is no number")):
            with self.assertRaisesRegex(lrs.LrsError, sentence):
                call()
        with self.assertRaises(TypeError):
            lrs.from_transformers("linear", num_warmup_steps=1, num_training_steps=3)

    def test_optax(self):
        for call, sentence in (
                (lambda: lrs.from_optax("cosine_decay"), "did you mean `cosine_decay_schedule`"),
                (lambda: lrs.from_optax("cosine_decay_schedule", init_value=0.1, decay_step=3), "decay_step"),
                (lambda: lrs.from_optax("cosine_decay_schedule", init_value=0.1, decay_steps=0), "must be positive"),
                (lambda: lrs.from_optax("join_schedules", schedules=[("constant_schedule", {"value": 1})], boundaries=[3]), "one boundary less"),
                (lambda: lrs.from_optax("join_schedules", schedule=[]), "did you mean `schedules`"),
                (lambda: lrs.from_optax("sgdr_schedule"), "needs cosine_kwargs")):
            with self.assertRaisesRegex(lrs.LrsError, sentence):
                call()

    def test_is_imported_when_it_is_used(self):
        code = ("import sys, lrs\nassert 'lrs.migrate' not in sys.modules\nlrs.from_optax('constant_schedule', value=1)\n"
                "assert 'lrs.migrate' in sys.modules and not {'torch', 'numpy', 'jax', 'optax', 'transformers'} & set(sys.modules)\n"
                "try:\n    lrs.none\nexcept AttributeError as e:\n    assert \"'none'\" in str(e)\nelse:\n    assert False")
        self.assertEqual(subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, encoding="utf-8").stderr, "")


@unittest.skipIf(optax is None, "optax is not installed")
class Optax(unittest.TestCase):
    def check(self, name, config, make=None, n=90):
        text = lrs.from_optax(name, **config)
        s = lrs.compile(text)
        with jax.enable_x64(True):
            theirs = make(optax) if make else getattr(optax, name)(**config)
            expected = [float(theirs(jax.numpy.asarray(t))) for t in range(n)]
        most = max(map(abs, expected))
        for t, x in enumerate(expected):
            self.assertTrue(math.isclose(s(t), x, rel_tol=1e-12, abs_tol=1e-15 * most), f"step {t}: {s(t)!r}, theirs {x!r}\n{text}")
            compared["values"] += 1
        compared["texts"] += 1
        return text

    def test_all(self):
        r = Draw(40)
        for case in range(4):
            top, n, w = r.rate(), r.randint(2, 60), r.randint(1, 20)
            configs = {
                "constant_schedule": dict(value=top),
                "linear_schedule": dict(init_value=top, end_value=top / 10, transition_steps=n, **r.opt(transition_begin=w)),
                "polynomial_schedule": dict(init_value=top, end_value=0.0, power=r.choice([0.5, 2, 1.0]), transition_steps=n, **r.opt(transition_begin=w)),
                "piecewise_constant_schedule": dict(init_value=top, boundaries_and_scales={n: 0.5, w: 0.1}),
                "piecewise_interpolate_schedule": dict(interpolate_type=r.choice(["linear", "cosine"]), init_value=top, boundaries_and_scales={n + 20: 0.5, w: 0.1}),
                "exponential_decay": dict(init_value=top, transition_steps=w, decay_rate=0.9, **r.opt(staircase=True, transition_begin=3, end_value=top / 4)),
                "cosine_decay_schedule": dict(init_value=top, decay_steps=n, **r.opt(alpha=0.1, exponent=2.0)),
                "linear_onecycle_schedule": dict(transition_steps=n, peak_value=top, **r.opt(pct_start=0.2, pct_final=0.7, div_factor=10.0)),
                "cosine_onecycle_schedule": dict(transition_steps=n, peak_value=top, **r.opt(pct_start=0.2, final_div_factor=100.0)),
                "warmup_constant_schedule": dict(init_value=0.0, peak_value=top, warmup_steps=w),
                "warmup_cosine_decay_schedule": dict(init_value=0.0, peak_value=top, warmup_steps=w, decay_steps=w + n, **r.opt(end_value=top / 100)),
                "warmup_exponential_decay_schedule": dict(init_value=0.0, peak_value=top, warmup_steps=w, transition_steps=5, decay_rate=0.8,
                                                          **r.opt(staircase=True)),
                "sgdr_schedule": dict(cosine_kwargs=[dict(init_value=0.0, peak_value=top, warmup_steps=3, decay_steps=10 + i * n) for i in range(3)]),
            }
            for name, config in configs.items():
                with self.subTest(name=name, config=config):
                    self.check(name, config)

    def test_joined(self):
        config = dict(schedules=[("linear_schedule", dict(init_value=0.0, end_value=0.1, transition_steps=10)), ("optax.constant_schedule", dict(value=0.1)),
                                 ("cosine_decay_schedule", dict(init_value=0.1, decay_steps=20))], boundaries=[10, 30])
        self.check("join_schedules", config, lambda o: o.join_schedules([getattr(o, n.rpartition(".")[2])(**c) for n, c in config["schedules"]], config["boundaries"]))

    def test_no_boundaries(self):
        for given in ({}, None):
            self.check("piecewise_constant_schedule", dict(init_value=0.1, boundaries_and_scales=given))

    def test_plateau(self):
        text = lrs.from_optax("contrib.reduce_on_plateau", factor=0.5, patience=3, lr=0.1)
        self.assertEqual(text, "use optax\noptax.reduce_on_plateau(factor=0.5, patience=3, lr=0.1)\n")
        s = lrs.compile(text)
        self.assertEqual([s.get_lr(t, 1.0) for t in range(5)], [0.1, 0.1, 0.1, 0.05, 0.05])

    def test_a_function(self):
        def cosine_decay_schedule():
            pass
        for wrong in (cosine_decay_schedule, None):
            with self.assertRaisesRegex(TypeError, "takes the name of what makes .*from_optax\\('co[a-z_]+_schedule', ...\\)"):
                lrs.from_optax(wrong, init_value=1)


if __name__ == "__main__":
    unittest.main()
