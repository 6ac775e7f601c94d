"""test_torch.py: lrs.torch.Scheduler against the schedulers of PyTorch, and as one of them. Skipped where there is no PyTorch."""
import contextlib
import copy
import importlib.util
import io
import math
import os
import pickle
import sys
import tempfile
import unittest
import warnings

try:
    import torch

    import lrs
except ModuleNotFoundError as e:  # lrs: where python_package could not build it
    print(f"SKIP: {e}")
    sys.exit(77)
from torch.optim import lr_scheduler

import lrs.torch

torch.set_num_threads(1)


def setUpModule():
    warnings.simplefilter("ignore", lrs.LrsWarning)
    warnings.filterwarnings("ignore", "Detected call of `lr_scheduler.step")
    warnings.filterwarnings("ignore", "To get the last learning rate")


@contextlib.contextmanager
def told_of(test):
    """What is warned of in the block, in sentences; each warning is at a line of this file."""
    sentences = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield sentences
    test.assertEqual([os.path.basename(w.filename) for w in caught], [os.path.basename(__file__)] * len(caught))
    sentences += [str(w.message) for w in caught]


def sgd(lr=0.1, groups=1, kind="SGD", **options):
    options.setdefault("lr", lr)
    return getattr(torch.optim, kind)([{"params": [torch.nn.Parameter(torch.ones(2))]} for _ in range(groups)], **options)


def rates_of(scheduler, n, key="lr"):
    group = scheduler.optimizer.param_groups[0]
    rates = []
    for _ in range(n):
        value = group[key] if key in group else group["betas"][0]
        rates.append(float(value))
        scheduler.optimizer.step()
        scheduler.step()
    return rates


# name: the text here, the scheduler there, and steps to look at. Theirs are recursive, and so differ by roundings.
PAIRS = {
    "StepLR": ("torch.StepLR(30, gamma=0.1, lr=0.1)", lambda o: lr_scheduler.StepLR(o, 30, gamma=0.1), 120),
    "MultiStepLR": ("torch.MultiStepLR([30, 80], gamma=0.1, lr=0.1)", lambda o: lr_scheduler.MultiStepLR(o, [30, 80], gamma=0.1), 120),
    "ConstantLR": ("torch.ConstantLR(factor=0.5, total_iters=4, lr=0.1)", lambda o: lr_scheduler.ConstantLR(o, 0.5, 4), 20),
    "LinearLR": ("torch.LinearLR(start_factor=0.25, total_iters=40, lr=0.1)", lambda o: lr_scheduler.LinearLR(o, 0.25, total_iters=40), 60),
    "ExponentialLR": ("torch.ExponentialLR(gamma=0.95, lr=0.1)", lambda o: lr_scheduler.ExponentialLR(o, 0.95), 100),
    "PolynomialLR": ("torch.PolynomialLR(total_iters=40, power=2, lr=0.1)", lambda o: lr_scheduler.PolynomialLR(o, 40, 2), 60),
    "CosineAnnealingLR": ("torch.CosineAnnealingLR(T_max=50, eta_min=1e-3, lr=0.1)", lambda o: lr_scheduler.CosineAnnealingLR(o, 50, 1e-3), 51),
    "CosineAnnealingWarmRestarts": ("torch.CosineAnnealingWarmRestarts(T_0=10, T_mult=2, lr=0.1)",
                                    lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 10, 2), 100),
    "CyclicLR": ("torch.CyclicLR(base_lr=0.01, max_lr=0.1, step_size_up=20)", lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1, 20), 100),
    "OneCycleLR": ("torch.OneCycleLR(max_lr=0.1, total_steps=100)", lambda o: lr_scheduler.OneCycleLR(o, 0.1, 100), 99),
    "LambdaLR": ("linear 50 from 0.1 -> 0", lambda o: lr_scheduler.LambdaLR(o, lambda t: max(0, 1 - t / 50)), 60),
    "LambdaLR, two phases": ("warmup 10 -> 0.1; then exp s=20",
                     lambda o: lr_scheduler.LambdaLR(o, lambda t: t / 10 if t < 10 else 10 ** ((10 - t) / 20)), 60),
}


class Same(unittest.TestCase):
    """The same schedule in both: the same rates at each step."""

    def compare(self, mine, theirs, n, key="lr"):
        a, b = rates_of(mine, n, key), rates_of(theirs, n, key)
        self.assertEqual(len(a), n)
        for t, (x, y) in enumerate(zip(a, b)):
            self.assertTrue(math.isclose(x, y, rel_tol=1e-11, abs_tol=1e-15), f"step {t}: {x!r}, theirs {y!r}")
        self.assertGreater(len(set(a)), 1)

    def test_schedulers(self):
        for name, (text, theirs, n) in PAIRS.items():
            with self.subTest(name=name):
                text = ("use torch\n" if text.startswith("torch.") else "") + text
                self.compare(lrs.torch.Scheduler(sgd(), text), theirs(sgd()), n)

    def test_cycled_momentum(self):
        text = ("use torch\ntorch.OneCycleLR(max_lr=0.1, total_steps=100)\n"
                "schedule momentum { torch.OneCycleLR_momentum(max_lr=0.1, total_steps=100) }\n")
        for kind, options in (("SGD", {"momentum": 0.9}), ("Adam", {})):
            for key in ("lr", "momentum"):
                with self.subTest(kind=kind, key=key):
                    theirs = lr_scheduler.OneCycleLR(sgd(kind=kind, **options), 0.1, 100)
                    self.compare(lrs.torch.Scheduler(sgd(kind=kind, **options), text), theirs, 99, key)

    def test_plateau(self):
        losses = [1 / (1 + t) for t in range(8)] + [0.2] * 10 + [math.nan] * 3 + [0.1] + [0.1] * 20
        mine = lrs.torch.Scheduler(sgd(), "use torch\nhold 0.1\non plateau(patience=3, cooldown=2) *0.1 floor=1e-5")
        o = sgd()
        theirs = lr_scheduler.ReduceLROnPlateau(o, patience=3, cooldown=2, min_lr=1e-5)
        seen = set()
        for loss in losses:
            if loss == loss:  # NaN is bad there, and no metric here
                mine.step(loss)
                theirs.step(loss)
                self.assertTrue(math.isclose(mine.get_last_lr()[0], o.param_groups[0]["lr"], rel_tol=1e-12))
                seen.add(mine.get_last_lr()[0])
        self.assertGreater(len(seen), 3)

    def test_the_values_are_those_of_the_schedule(self):
        s = lrs.compile("warmup 10 -> 0.1; then cosine 30 -> 0.01")
        self.assertEqual(rates_of(lrs.torch.Scheduler(sgd(), s.copy()), 50), list(s[0:50]))


class Protocol(unittest.TestCase):
    TEXT = "warmup 10 -> 0.1; then cosine 30 -> 0.01"

    def setUp(self):
        self.o = sgd(groups=2)
        self.s = lrs.torch.Scheduler(self.o, self.TEXT)
        self.value = lrs.compile(self.TEXT)

    def test_is_a_scheduler(self):
        self.assertIsInstance(self.s, lr_scheduler.LRScheduler)
        self.assertNotIsInstance(self.s, lr_scheduler.ReduceLROnPlateau)
        self.assertIs(self.s.optimizer, self.o)
        for missing in ("total_steps",):  # others multiply by it
            self.assertFalse(hasattr(self.s, missing))

    def test_at_construction(self):
        self.assertEqual([g["lr"] for g in self.o.param_groups], [self.value(0)] * 2)
        self.assertEqual((self.s.last_epoch, self.s._step_count, self.s.get_last_lr()), (0, 1, [self.value(0)] * 2))
        theirs = lr_scheduler.StepLR(sgd(groups=2), 3)
        self.assertEqual((theirs.last_epoch, theirs._step_count, len(theirs.base_lrs)), (0, 1, len(self.s.base_lrs)))
        self.assertEqual([g["initial_lr"] for g in self.o.param_groups], theirs.base_lrs)

    def test_the_optimizer_is_left_as_it_is(self):
        self.assertNotIn("step", vars(self.o))
        self.assertEqual(type(self.o).step, self.o.step.__func__)

    def test_step(self):
        for t in range(1, 50):
            self.assertIsNone(self.s.step())
            self.assertEqual((self.s.last_epoch, self.s._step_count), (t, t + 1))
            self.assertEqual([g["lr"] for g in self.o.param_groups], [self.value(t)] * 2)
            self.assertEqual(self.s.get_last_lr(), [self.value(t)] * 2)
            self.assertEqual(self.s.get_lr(), self.s.get_last_lr())
            self.assertIs(type(self.o.param_groups[0]["lr"]), float)

    def test_no_warning(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            s = lrs.torch.Scheduler(sgd(), self.value)
            s.step()  # without a step of the optimizer, after a gradient that overflowed say
            s.get_lr()

    def test_nothing_depends_on_the_groups(self):
        for t in range(1, 30):
            for g in self.o.param_groups:
                g["lr"] = 123.0
            self.s.step()
            self.assertEqual(self.o.param_groups[1]["lr"], self.value(t))

    def test_last_epoch(self):
        o = sgd()
        s = lrs.torch.Scheduler(o, self.TEXT, last_epoch=19)
        self.assertEqual((s.last_epoch, o.param_groups[0]["lr"]), (20, self.value(20)))

    def test_rules_that_begin_late(self):
        """They know nothing of the run so far, which is told at the first step unless a state came, or it was said."""
        text = "hold 1; on plateau(patience=1) *0.5"
        whole = lrs.torch.Scheduler(sgd(), text)
        for _ in range(3):
            whole.step(0.5)
        state = whole.state_dict()

        def said(text, before, last_epoch=2):
            s = lrs.torch.Scheduler(sgd(), text, last_epoch=last_epoch)
            with told_of(self) as caught:
                before(s)
                for _ in range(3):
                    s.step(0.5)
            return caught
        told = said(text, lambda s: None)
        self.assertEqual(len(told), 1)
        self.assertRegex(told[0], r"goes on at step 3, and the rules of the schedule know nothing .* load_state_dict.* scheduler.reset\(\)")
        for before in (lambda s: s.load_state_dict(state), lambda s: s.reset(), lambda s: s.observe(0.5), lambda s: s.schedule.observe(2, 0.5),
                       lambda s: s.schedule.load_state_dict(state["schedule"])):
            self.assertEqual(said(text, before), [])
        self.assertEqual(said(text, lambda s: None, -1), [])
        with self.assertRaisesRegex(lrs.LrsError, "last_epoch is -2: it is the last step that is done, and -1"):
            lrs.torch.Scheduler(sgd(), text, last_epoch=-2)
        self.assertEqual(said("hold 1; at 30 *0.1", lambda s: None), [])
        fed = lrs.compile(text)
        fed.observe(2, 0.5)
        self.assertEqual(said(fed, lambda s: None), [])
        whole.reset()
        self.assertEqual((whole.last_epoch, whole.get_last_lr(), whole.schedule.detectors[0].fired), (3, [1.0], 0))

    def test_a_schedule_of_another_run(self):
        """One that has seen metrics begins no run unasked, and feeds no two."""
        text = "hold 1; on plateau(patience=3) *0.5"

        def said(*calls):
            with told_of(self) as caught:
                for call in calls:
                    call()
            return caught

        def used():
            schedule = lrs.compile(text)
            a = lrs.torch.Scheduler(sgd(), schedule)
            self.assertEqual(said(*[lambda: a.step(1.0)] * 10, lambda: copy.deepcopy(a).step(1.0), lambda: pickle.loads(pickle.dumps(a)).step(1.0)), [])
            return a
        a = used()
        b = lrs.torch.Scheduler(sgd(), a.schedule)
        told = said(lambda: b.step(1.0), b.step)
        self.assertEqual(len(told), 1)
        self.assertRegex(told[0], r"begins at step 0, and .* of another one, up to step 10: .* schedule\.copy\(\).* scheduler\.reset\(\)")
        saved = lrs.torch.Scheduler(sgd(), text).state_dict()
        for answer in (lambda s: s.reset(), lambda s: s.schedule.reset(), lambda s: s.load_state_dict(saved), lambda s: s.schedule.load_state_dict(saved["schedule"])):
            a = used()  # which is still there
            b = lrs.torch.Scheduler(sgd(), a.schedule)
            self.assertEqual(said(lambda: answer(b), *[lambda: b.step(1.0)] * 5), [])
            self.assertEqual(b.get_last_lr(), [0.5])
        b = lrs.torch.Scheduler(sgd(), used().schedule.copy(), last_epoch=9)
        self.assertEqual(said(lambda: b.step(1.0)), [])

        schedule = lrs.compile(text)
        two = [lrs.torch.Scheduler(sgd(), schedule) for _ in range(2)]
        self.assertEqual(said(*[s.step for s in two], lambda: two[1].step(1.0), two[0].step), [])  # one gives the metrics
        told = said(*[lambda: two[0].step(2.0)] * 3)
        self.assertEqual(len(told), 1)
        self.assertRegex(told[0], r"another lrs\.torch\.Scheduler gives metrics to the same Schedule.* schedule\.copy\(\)")
        two = [lrs.torch.Scheduler(sgd(), schedule.copy()) for _ in range(2)]
        for s in two:
            s.reset()
        self.assertEqual(said(*[lambda: s.step(1.0) for s in two]), [])
        plain = lrs.compile("input loss; warmup 10 -> 1")
        self.assertEqual(said(*[lambda: lrs.torch.Scheduler(sgd(), plain).step(1.0)] * 2), [])

    def test_pictures(self):
        self.assertEqual(self.s._repr_html_(), self.value._repr_html_())
        self.assertEqual(self.s._repr_svg_(), self.value.plot().svg())
        self.assertEqual(self.s.plot(0, 20, log=True).svg(), self.value.plot(0, 20, log=True).svg())

    def test_increment(self):
        self.s.step(increment=16)
        self.assertEqual((self.s.last_epoch, self.s.get_last_lr()[0]), (16, self.value(16)))

    def test_tensor_rates(self):
        o = sgd(kind="Adam", lr=torch.tensor(0.5), capturable=False, foreach=False)
        lr = o.param_groups[0]["lr"]
        s = lrs.torch.Scheduler(o, self.TEXT)
        for t in range(1, 30):
            s.step()
            self.assertIs(o.param_groups[0]["lr"], lr)
            self.assertEqual(float(lr), float(torch.tensor(self.value(t))))
        last = s.get_last_lr()[0]
        self.assertIsInstance(last, torch.Tensor)
        last.fill_(7)  # it is a copy
        self.assertEqual(float(lr), float(torch.tensor(self.value(29))))
        self.assertEqual(float(o.param_groups[0]["initial_lr"]), 0.5)
        saved = s.state_dict()
        self.assertIs(type(saved["_last_lr"][0]), float)

    def test_groups_that_come_later(self):
        for _ in range(5):
            self.s.step()
        self.o.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))], "lr": 9.0})
        self.assertEqual(self.o.param_groups[2]["lr"], 9.0)
        self.s.step()
        self.assertEqual([g["lr"] for g in self.o.param_groups], [self.value(6)] * 3)
        self.assertEqual(len(self.s.get_last_lr()), 3)

    def test_sources(self):
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "s.lrs")
            with open(path, "w") as f:
                f.write("param peak = 1\nhold peak\n")
            import pathlib
            for source in (path, pathlib.Path(path)):
                self.assertEqual(lrs.torch.Scheduler(sgd(), source, peak=3).get_last_lr(), [3.0])
            self.assertEqual(lrs.torch.Scheduler(sgd(), path, {"peak": 2}).get_last_lr(), [2.0])
            self.assertEqual(lrs.torch.Scheduler(sgd(), lrs.load(path)).get_last_lr(), [1.0])
            with self.assertRaises(TypeError):
                lrs.torch.Scheduler(sgd(), lrs.load(path), peak=3)
        with self.assertRaises(FileNotFoundError):
            lrs.torch.Scheduler(sgd(), "none.lrs")
        with self.assertRaises(lrs.LrsError):
            lrs.torch.Scheduler(sgd(), "holt 1")
        self.assertEqual(lrs.torch.Scheduler(optimizer=sgd(), schedule="param peak; hold peak", params={"peak": 2}).get_last_lr(), [2.0])
        self.assertEqual(lrs.torch.Scheduler(sgd(), "param schedule_ = 1; param params; hold params * schedule_", {"params": 2}, schedule_=3).get_last_lr(), [6.0])
        for wrong in (None, 3):
            with self.assertRaises(TypeError):
                lrs.torch.Scheduler(sgd(), wrong)
        for wrong in (None, [torch.nn.Parameter(torch.ones(1))]):
            with self.assertRaisesRegex(TypeError, "is not an Optimizer"):
                lrs.torch.Scheduler(wrong, "hold 1")
        with self.assertWarns(lrs.LrsWarning) as caught, warnings.catch_warnings():
            warnings.simplefilter("always")
            lrs.torch.Scheduler(sgd(), "hold 1; then cosine 10 -> 0")
        self.assertEqual(os.path.basename(caught.filename), os.path.basename(__file__))

    @unittest.skipUnless(importlib.util.find_spec("hydra"), "Hydra is not installed")
    def test_a_config_of_hydra(self):
        from hydra.utils import instantiate
        from omegaconf import OmegaConf
        target = "_target_: lrs.torch.Scheduler\n_partial_: true\nschedule: param peak; warmup 4 -> peak\n"
        for more in ("peak: 2", "params:\n  peak: 2\nnames:\n  lr: lr[0]"):
            s = instantiate(OmegaConf.create(target + more))(sgd())
            s.step()
            self.assertEqual(s.get_last_lr(), [0.5])

    def test_a_file_with_another_name(self):
        import pathlib
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "sched.txt")
            with open(path, "w") as f:
                f.write("hold 3")
            with self.assertRaisesRegex(lrs.LrsError, "sched.txt' is a file.* ends with `.lrs`.*pathlib.Path"):
                lrs.torch.Scheduler(sgd(), path)
            self.assertEqual(lrs.torch.Scheduler(sgd(), pathlib.Path(path)).get_last_lr(), [3.0])
        for text in (path, "hold\0 1"):
            with self.assertRaisesRegex(lrs.LrsError, "^<text>:1:"):
                lrs.torch.Scheduler(sgd(), text)

    def test_samples_and_tokens(self):
        for unit in ("sample", "token"):
            s = lrs.torch.Scheduler(sgd(), f"unit {unit}\nwarmup 100 -> 1")
            with self.assertRaisesRegex(lrs.LrsError, rf"counts {unit}s: .* scheduler.step\(increment={unit}s\)"):
                s.step()
            self.assertEqual(s.last_epoch, 0)
            s.step(increment=25)
            s.step(increment=1)
            s.step(0.5, increment=0)
            self.assertEqual(s.get_last_lr(), [0.26])
        s = lrs.torch.Scheduler(sgd(), "unit epoch\nwarmup 4 -> 1")
        s.step()
        self.assertEqual(s.get_last_lr(), [0.25])

    def test_an_epoch_that_is_given(self):
        def said(text, *steps):
            s = lrs.torch.Scheduler(sgd(), text)
            with told_of(self) as caught:
                for metric in steps:
                    s.step(metric)
            self.assertEqual(s.last_epoch, len(steps))
            return caught
        told = said("warmup 4 -> 1", 5, 6)
        self.assertEqual(len(told), 1)
        self.assertRegex(told[0], r"step\(5\) gives a metric, which no rule .* step\(increment=n\)")
        self.assertEqual(said("hold 1; on plateau *0.5", 5, 6), [])
        self.assertEqual(said("warmup 4 -> 1", 0.5, None, torch.tensor(0.5)), [])

    def test_in_other_schedulers(self):
        lr_scheduler.ChainedScheduler([self.s], optimizer=self.o).step()
        self.assertEqual(self.s.get_last_lr(), [self.value(1)] * 2)
        with self.assertRaisesRegex(TypeError, "`then`"):
            lr_scheduler.SequentialLR(self.o, [self.s, lr_scheduler.StepLR(self.o, 3)], milestones=[5])

    def test_copies(self):
        for _ in range(12):
            self.s.step()
        for c in (copy.deepcopy(self.s), pickle.loads(pickle.dumps(self.s))):
            self.assertIsNot(c.optimizer, self.o)
            c.step()
            self.assertEqual((c.last_epoch, c.get_last_lr()), (13, [self.value(13)] * 2))
        self.assertEqual(self.s.last_epoch, 12)
        self.assertIn("at step 12", repr(self.s))


class Groups(unittest.TestCase):
    def test_by_name(self):
        o = torch.optim.SGD([{"params": [torch.nn.Parameter(torch.ones(1))], "name": n} for n in ("body", "head")], lr=1.0)
        s = lrs.torch.Scheduler(o, 'warmup 10 -> 0.1\nschedule lr["head"] = 10 * lr')
        for t in range(1, 15):
            s.step()
            self.assertEqual([g["lr"] for g in o.param_groups], list(s.schedule.values(t)))
        self.assertEqual(s.get_last_lr(), [0.1, 1.0])

    def test_names_that_are_not_there(self):
        for o, text, sentence in ((sgd(), 'hold 1\nschedule lr["head"] = 10 * lr', "does not have"),
                                  (sgd(kind="Adagrad"), "hold 1\nschedule momentum = 0.9", "no parameter group"),
                                  (sgd(), "schedule rate { hold 1 }", "Name one `lr`")):
            with self.subTest(text=text), self.assertRaisesRegex(lrs.LrsError, sentence):
                lrs.torch.Scheduler(o, text)
        with self.assertRaisesRegex(lrs.LrsError, "no output `wd`"):
            lrs.torch.Scheduler(sgd(), "hold 1", names={"wd": "weight_decay"})

    def test_other_values(self):
        text = "hold 0.1\nschedule momentum { linear 10 from 0.5 -> 0.9 }\nschedule weight_decay = 0.1 * lr\nschedule other = 3"
        o = sgd(momentum=0.1)
        s = lrs.torch.Scheduler(o, text)
        s.step()
        g = o.param_groups[0]
        self.assertEqual((g["momentum"], g["weight_decay"]), (s.schedule.value(1, "momentum"), s.schedule.value(1, "weight_decay")))
        self.assertNotIn("other", g)
        o = sgd(kind="AdamW")
        s = lrs.torch.Scheduler(o, "hold 0.1\nschedule beta1 { linear 10 from 0.5 -> 0.9 }\nschedule beta2 = 0.95\nschedule wd = 0.2",
                                names={"wd": "weight_decay"})
        s.step()
        g = o.param_groups[0]
        self.assertEqual((g["betas"], g["weight_decay"]), ((s.schedule.value(1, "beta1"), 0.95), 0.2))
        s = lrs.torch.Scheduler(sgd(), "schedule rate { warmup 5 -> 1 }", names={"rate": "lr"})
        s.step()
        self.assertEqual(s.get_last_lr(), [0.2])

    def test_outputs_that_set_nothing(self):
        for kind, text, names, told in (
                ("SGD", "hold 1\nschedule weight_decy = 2*lr", {}, ["`weight_decy` sets nothing .* did you mean `weight_decay`"]),
                ("SGD", "hold 1\nschedule dampning { hold 0 }", {}, ["did you mean `dampening`"]),
                ("AdamW", "hold 1\nschedule qqq { hold 0 }", {}, ["`qqq` sets nothing .* names="]),
                ("AdamW", "hold 1\nschedule qqq { hold 0 }", {"qqq": "eps"}, []),
                ("AdamW", "hold 1\nschedule qqq { hold 0 }", {"qqq": None}, []),
                ("AdamW", "hold 1\nschedule qqq { hold 0 }", {"lr": "lr"}, ["`qqq` .* names={\"qqq\": None}"]),
                ("AdamW", "hold 1\nschedule eps { hold 0 }", {}, []),
                ("AdamW", "hold 1\nschedule epz { hold 0 }", {}, ["`epz` .* did you mean `eps`"]),
                ("LBFGS", "hold 1\nschedule max_iter { hold 0 }", {}, ["`max_iter` sets nothing .* say where it goes"]),
                ("SGD", "hold 1\nschedule x { hold 0 }\nschedule x[\"0\"] = 2*x", {"x[\"0\"]": "weight_decay"}, []),
                ("SGD", "hold 1\nschedule x { hold 0 }\nschedule x[\"0\"] { hold 2 }", {"x[\"0\"]": "weight_decay"}, []),
                ("SGD", "hold 1\nschedule x { hold 0 }\nschedule x[\"0\"] { hold 2 }", {"x": None}, []),
                ("SGD", "require 1 < 2 \"#1\"; schedule base { hold 1 }; schedule lr = base", {}, []),
                ("SGD", "hold 1 # a and a\nschedule a { hold 1 }; require 1 < 2 \"a\"", {}, ["`a`"]),
                ("SGD", "schedule base { warmup 5 -> 1 }\nschedule lr = 2*base", {}, []),
                ("SGD", "hold 1\nschedule a { hold 1 }\nschedule b { hold 1 }", {}, ["`a`", "`b`"])):
            with self.subTest(text=text), warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                lrs.torch.Scheduler(sgd(kind=kind), text, names=names)
                said = [w for w in said if "sets nothing" in str(w.message)]
                self.assertEqual([os.path.basename(w.filename) for w in said], [os.path.basename(__file__)] * len(told))
                for warning, sentence in zip(said, told):
                    self.assertRegex(str(warning.message), sentence)

    def test_outputs_that_set_nothing_by_a_used_file(self):
        with tempfile.TemporaryDirectory() as d:
            with open(os.path.join(d, "u.lrs"), "w") as f:
                f.write("def half() { curve 0.5*base for 100; then hold 0.1 }\n")
            with open(os.path.join(d, "v.lrs"), "w") as f:
                f.write('use "u.lrs"; schedule base { hold 2 }; schedule lr { half() }\n')
            with warnings.catch_warnings():
                warnings.simplefilter("error", lrs.LrsWarning)
                s = lrs.torch.Scheduler(sgd(), os.path.join(d, "v.lrs"))
            self.assertEqual(s.get_last_lr(), [1.0])

    def test_options_of_the_optimizer(self):
        """By their own names; but what another output reads is a part of that."""
        o = sgd(kind="AdamW")
        lrs.torch.Scheduler(o, "hold 1\nschedule eps { hold 1e-6 }")
        self.assertEqual(o.param_groups[0]["eps"], 1e-6)
        o = sgd(dampening=0.5, momentum=0.9)
        lrs.torch.Scheduler(o, "hold 1\nschedule dampening { hold 0.25 }")
        self.assertEqual(o.param_groups[0]["dampening"], 0.25)
        o = sgd(kind="RMSprop")
        lrs.torch.Scheduler(o, "schedule alpha { hold 0.5 }\nschedule lr = 2*alpha")
        self.assertEqual((o.param_groups[0]["alpha"], o.param_groups[0]["lr"]), (0.99, 1.0))
        o = sgd(kind="AdamW", groups=2)
        lrs.torch.Scheduler(o, "hold 1\nschedule eps { hold 1e-6 }\nschedule weight_decay { hold 3 }", names={"eps": None, "weight_decay": None})
        self.assertEqual([(g["lr"], g["eps"], g["weight_decay"]) for g in o.param_groups], [(1.0, 1e-8, 0.01)] * 2)

    def test_groups_that_differ(self):
        """One output for groups that were given different values is told, once, and only if it is not asked for."""
        def said(options, text, **more):
            o = torch.optim.AdamW([{"params": [torch.nn.Parameter(torch.ones(1))], **given} for given in options], lr=0.5)
            with told_of(self) as caught:
                s = lrs.torch.Scheduler(o, text, **more)
                state = s.state_dict()
                s.step()
                s.load_state_dict(state)
                pickle.loads(pickle.dumps(s)).step()
                lrs.torch.Scheduler(s.optimizer, text, **more)  # on what it has set
            return caught, o
        lrs_of = [{"lr": 1e-3}, {"lr": 1e-5, "name": "head"}]
        decays = [{"weight_decay": 0.01, "name": "decay"}, {"weight_decay": 0.0}]
        told, o = said(lrs_of, "hold 1")
        self.assertEqual(len(told), 2)  # of the second scheduler, too: rates are compared as they were at first
        self.assertRegex(told[0], r'`lr` sets `lr` of 2 parameter groups to one value, in place of 0.001, 1e-05: .*`schedule lr\["head"\] = .*names={"lr": "lr"}')
        self.assertEqual([g["lr"] for g in o.param_groups], [1.0, 1.0])
        told, _ = said(decays, "hold 1\nschedule weight_decay { hold 0.1 }")
        self.assertEqual(len(told), 1)
        self.assertRegex(told[0], r'`weight_decay` of 2 .* in place of 0.01, 0: write names={"weight_decay": \'weight_decay\["decay"\]\'} for')
        told, o = said(decays, "hold 1\nschedule weight_decay { hold 0.1 }", names={"weight_decay": 'weight_decay["decay"]'})  # as it says
        self.assertEqual((told, [g["weight_decay"] for g in o.param_groups]), ([], [0.1, 0.0]))
        for options, text, more in ((lrs_of, 'hold 1\nschedule lr["head"] = 0.1 * lr', {}), (lrs_of, "hold 1", {"names": {"lr": "lr"}}),
                                    (lrs_of, "hold 1", {"last_epoch": 3}), (decays, "hold 1", {}), (lrs_of[:1], "hold 1", {}),
                                    ([{}, {}], "hold 1\nschedule weight_decay { hold 0.1 }\nschedule momentum { hold 0.9 }", {}),
                                    ([{"lr": 0.25}, {"lr": 0.25}], "hold 1", {}), ([{"lr_scale": 0.5}, {"lr_scale": 0.5}], "hold 1", {}),
                                    ([{"lr_scale": 0.5}, {}], "hold 1", {"names": {"lr": "lr"}}),
                                    ([{"lr_scale": 0.5}, {"name": "b"}], 'hold 1\nschedule lr["0"] = 0.5 * lr', {})):
            with self.subTest(options=options, text=text, more=more):
                self.assertEqual(said(options, text, **more)[0], [])
        o = torch.optim.SGD([{"params": [torch.nn.Parameter(torch.ones(1))], "name": name} for name in ("body", "head")], lr=0.5)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for text in ('hold 1; schedule lr["head"] = 10*lr', "hold 1"):  # what the first one has set is no wish
                lrs.torch.Scheduler(o, text)
        told, _ = said([{"lr_scale": 0.1}, {"lr_scale": 1.0}], "hold 1")  # timm's decay by layers
        self.assertEqual(len(told), 2)  # of the second scheduler, too
        self.assertRegex(told[0], r"in place of 0\.05, 0\.5 \(`lr` times `lr_scale`, which is not looked at\): write")
        told, _ = said([{"betas": (0.9, 0.99)}, {"betas": (0.8, 0.99)}], "hold 1\nschedule beta1 { hold 0.5 }\nschedule beta2 { hold 0.5 }")
        self.assertEqual((len(told), told[0][:18]), (1, "the output `beta1`"))

    def test_numbers_of_other_types(self):
        """A rate from a sweep is one of NumPy's; that of an Adafactor is none."""
        try:
            import numpy
        except ImportError:
            self.skipTest("no NumPy")
        for number in (numpy.float32(0.5), numpy.float64(0.5), numpy.int64(1), numpy.array(0.5), numpy.array(0.5, "float32"), 1):
            o = sgd(lr=number, weight_decay=number)
            s = lrs.torch.Scheduler(o, "warmup 4 -> 1\nschedule weight_decay = lr/2")
            rates = []
            for _ in range(3):
                rates.append((o.param_groups[0]["lr"], o.param_groups[0]["weight_decay"]))
                o.step()
                s.step()
            self.assertEqual(rates, [(0.0, 0.0), (0.25, 0.125), (0.5, 0.25)])
            s.load_state_dict(s.state_dict())
        o = sgd(lr=0.5, momentum=0.9)
        o.param_groups[0]["lr"] = None
        s = lrs.torch.Scheduler(o, "schedule momentum { hold 0.5 }")
        self.assertEqual(s.state_dict()["_last_lr"], [None])
        s = lrs.torch.Scheduler(o, "warmup 4 -> 1")
        s.step()
        self.assertEqual((o.param_groups[0]["lr"], s.get_last_lr()), (0.25, [0.25]))
        for wrong in ("0.1", True, numpy.bool_(True), numpy.ones(2)):
            o.param_groups[0]["weight_decay"] = wrong
            with self.assertRaisesRegex(lrs.LrsError, "no number of the parameter group 0"):
                lrs.torch.Scheduler(o, "hold 1; schedule weight_decay = lr")

    def test_tensors_of_integers(self):
        """They hold no rate; a tensor of floats, as the error has it, does."""
        for number in (torch.tensor(1), torch.tensor(1, dtype=torch.int32), torch.tensor([1])):
            with self.assertRaisesRegex(lrs.LrsError, r"group 0: it is a tensor of integers, torch.int\d+, .* torch.tensor\(1.0\)$"):
                lrs.torch.Scheduler(sgd(lr=number, foreach=False), "hold 0.5")
        for other in (torch.tensor(True), torch.tensor(1j), torch.ones(2)):
            with self.assertRaisesRegex(lrs.LrsError, "group 0: it is a Tensor$"):
                o = sgd()
                o.param_groups[0]["lr"] = other
                lrs.torch.Scheduler(o, "hold 0.5")
        self.assertEqual(lrs.torch.Scheduler(sgd(lr=torch.tensor(1.0)), "hold 0.5").get_last_lr(), [0.5])

    def test_places_that_are_no_numbers(self):
        for kind, place, sentence in (("SGD", "params", "`params`, which is no number .* a list"), ("SGD", "nesterov", "no number .* False"),
                                      ("SGD", "foreach", "no number .* None"), ("AdamW", "betas", "say `beta1` or `beta2`"), ("AdamW", "amsgrad", "no number")):
            o = sgd(kind=kind)
            before = {k: v for k, v in o.param_groups[0].items()}
            with self.subTest(place=place), self.assertRaisesRegex(lrs.LrsError, sentence):
                lrs.torch.Scheduler(o, "hold 1\nschedule wd = 2*lr", names={"wd": place})
            self.assertEqual({k: o.param_groups[0][k] for k in before}, before)
        o = sgd(kind="AdamW")
        lrs.torch.Scheduler(o, "hold 1\nschedule e { hold 1e-6 }\nschedule b { hold 0.5 }", names={"e": "eps", "b": "beta2"})
        self.assertEqual((o.param_groups[0]["eps"], o.param_groups[0]["betas"]), (1e-6, (0.9, 0.5)))
        with self.assertRaisesRegex(TypeError, "names is a dict .* not list"):
            lrs.torch.Scheduler(sgd(), "hold 1", names=["wd"])

    def test_values_that_the_optimizer_refuses(self):
        """What PyTorch refuses at construction is refused at its step; a rate is passed on as it is."""
        cases = [("AdamW", name, value) for name in ("beta1", "beta2") for value in (1.5, 1.0, -0.1, math.nan, math.inf, 0.0, 0.999)]
        cases += [("AdamW", "eps", value) for value in (-0.1, 0.0, 1e-6, 2.0, math.nan)]
        cases += [("SGD", "momentum", value) for value in (-0.1, 0.0, 0.9, 9.0)]
        cases += [(kind, "weight_decay", value) for kind in ("SGD", "AdamW") for value in (-0.1, 0.0, 2.0)]
        for kind, name, value in cases:
            options = {"betas": (value, 0.9) if name == "beta1" else (0.9, value)} if name in ("beta1", "beta2") else {name: value}
            try:
                sgd(kind=kind, **options)
                taken = True
            except ValueError:
                taken = False
            o = sgd(kind=kind)
            with self.subTest(kind=kind, name=name, value=value):
                s = lrs.torch.Scheduler(o, f"hold 0.1\nschedule {name} {{ curve 0 for 2; curve {'log(-1)' if math.isnan(value) else repr(value)} }}")
                s.step()
                before = dict(o.param_groups[0])
                if taken:
                    s.step()
                    set_ = o.param_groups[0]
                    self.assertEqual(set_["betas"][int(name[-1]) - 1] if "betas" in options else set_[name], value)
                else:
                    s.step()  # a training may end here
                    self.assertEqual(o.param_groups[0], before)
                    before = s.state_dict()
                    for x in (s, lrs.torch.Scheduler(sgd(kind=kind), s.schedule), copy.deepcopy(s), pickle.loads(pickle.dumps(s))):
                        x.load_state_dict(before)
                        with self.assertRaisesRegex(lrs.LrsError, rf"^the output `{name}` is {value!r} at step 2: {kind} takes 0 <= {name} < (1|inf)"
                                                                  rf"{'$' if math.isnan(value) else '. Write `bounds 0 .. (0.999|inf)` in its schedule'}"):
                            x.step(0.5)
                        self.assertEqual(x.state_dict(), before)
        o = sgd(kind="Adam", groups=2)
        for text, names, sentence in (("hold 1\nschedule momentum { hold 1 }", {}, "`momentum` is 1.0 at step 0: Adam takes 0 <= beta1 < 1"),
                                      ("unit epoch; hold 1\nschedule wd { hold -1 }", {"wd": "weight_decay[1]"}, "`wd` is -1.0 at epoch 0: Adam takes 0 <= weight_decay")):
            before = [dict(g) for g in o.param_groups]
            with self.assertRaisesRegex(lrs.LrsError, sentence):
                lrs.torch.Scheduler(o, text, names=names)
            self.assertEqual(o.param_groups, before)
        o = sgd(kind="AdamW")
        s = lrs.torch.Scheduler(o, "hold 1\nschedule weight_decay { curve 0.3 - 0.1*min(t, 3) }\nschedule beta2 { linear 10 from 0.9 -> 1 }")
        for t in range(1, 11):
            s.step()
            self.assertEqual(o.param_groups[0]["weight_decay"], s.schedule.values(t)[1] if t < 3 else 0)  # 0.3 - 0.1*3 is rounded to less than 0
        self.assertEqual(o.param_groups[0]["betas"], (0.9, s.schedule.values(9)[2]))  # no batch is trained with the 1
        s.last_epoch = 5
        s.step()
        self.assertEqual(o.param_groups[0]["betas"], (0.9, s.schedule.values(6)[2]))
        o = sgd(momentum=0.9)
        s = lrs.torch.Scheduler(o, "curve -1 for 1; curve log(t-5) for 5\nschedule momentum { hold 0.5 }")
        self.assertEqual(s.get_last_lr(), [-1.0])
        s.step()
        self.assertTrue(math.isnan(o.param_groups[0]["lr"]))

        class NegSGD(torch.optim.Optimizer):
            """Others may take other values."""
            def __init__(self, params):
                super().__init__(params, {"lr": 0.1, "momentum": -0.5})
        o = NegSGD([torch.nn.Parameter(torch.ones(2))])
        lrs.torch.Scheduler(o, "hold 0.1\nschedule momentum { linear 10 from -0.4 -> 0 }")
        self.assertEqual(o.param_groups[0]["momentum"], -0.4)

    def test_a_schedule_of_momentum_leaves_the_rate(self):
        o = sgd(momentum=0.1)
        s = lrs.torch.Scheduler(o, "schedule momentum { warmup 4 -> 0.8 }")
        s.step()
        self.assertEqual((o.param_groups[0]["lr"], o.param_groups[0]["momentum"], s.get_last_lr()), (0.1, 0.2, [0.1]))


class Metrics(unittest.TestCase):
    def test_a_loss_with_its_graph(self):
        weight = torch.nn.Parameter(torch.ones(1))
        s = lrs.torch.Scheduler(sgd(), "hold 1; on plateau(patience=0) *0.5")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for _ in range(2):
                s.step((weight * 2).sum())
            s.observe(metric=weight.sum() * 0)
            s.schedule.get_lr(9, weight)
        self.assertEqual((s.get_last_lr(), weight.requires_grad), ([0.5], True))
        for wrong in (torch.ones(3), torch.ones(0), [1.0]):
            with self.assertRaisesRegex(TypeError, "the metric `metric` is not a number: "):
                s.step(wrong)

    TEXT = "input loss\ninput acc\nhold 1\non plateau(loss, patience=1) *0.5\non plateau(acc, mode=max, patience=1) *0.1"

    def test_by_name(self):
        s = lrs.torch.Scheduler(sgd(), self.TEXT)
        for _ in range(3):
            s.step(torch.tensor(1.0))
        self.assertEqual(s.get_last_lr(), [0.5])
        for _ in range(3):
            s.step(acc=0.1)
        self.assertEqual(s.get_last_lr(), [0.5 * 0.1])
        with self.assertRaisesRegex(lrs.LrsError, "did you mean `acc`"):
            s.step(ac=0.1)

    def test_without_a_name(self):
        """It is that of the first input, which is told where rules watch another one."""
        def said(text, *calls):
            s = lrs.torch.Scheduler(sgd(), text)
            with told_of(self) as caught:
                for call in calls:
                    call(s)
            return caught
        text = "input train_loss\ninput val_loss\nhold 1\non plateau(val_loss, patience=1) *0.5"
        for call in (lambda s: s.step(1.0), lambda s: s.observe(1.0), lambda s: s.step(1)):
            told = said(text, lambda s: s.step(train_loss=1.0), lambda s: s.step(val_loss=1.0), call, call)
            self.assertEqual(len(told), 1)
            self.assertRegex(told[0], "of the first input, `train_loss`, which no rule of the schedule watches: they watch `val_loss`. Say .* val_loss=")
        self.assertEqual(said(text.replace("plateau(val_", "plateau(train_"), call), [])
        self.assertEqual(said(text.partition("on ")[0], lambda s: s.step(1.0)), [])

    def test_observed_between_steps(self):
        s = lrs.torch.Scheduler(sgd(), self.TEXT)
        acted = 0
        for _ in range(3):
            s.step()
            acted += s.observe(loss=1.0)
            s.observe(loss=1.0)  # again: it does no harm
        self.assertEqual((acted, s.get_last_lr(), s.optimizer.param_groups[0]["lr"]), (1, [0.5], 0.5))

    def test_no_metric(self):
        s = lrs.torch.Scheduler(sgd(), self.TEXT)
        for _ in range(9):
            s.step(math.nan)
            s.step(None)
        self.assertEqual(s.get_last_lr(), [1.0])

    def test_stopped(self):
        s = lrs.torch.Scheduler(sgd(), "hold 0.1\non plateau(patience=0) stop")
        s.step(1.0)
        self.assertFalse(s.stopped)
        s.step(1.0)
        self.assertTrue(s.stopped)


class Resumed(unittest.TestCase):
    TEXT = "warmup 5 -> 0.05; then hold until plateau(patience=2); then cosine 20 -> 0.001\nschedule momentum { linear 40 from 0.5 -> 0.9 }"

    def made(self):
        torch.manual_seed(1)
        model = torch.nn.Linear(3, 1)
        optimizer = torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.5)
        return model, optimizer, lrs.torch.Scheduler(optimizer, self.TEXT)

    def train(self, model, optimizer, scheduler, first, end):
        losses = []
        for t in range(first, end):
            x = torch.randn(8, 3, generator=torch.Generator().manual_seed(t))
            loss = ((model(x) - x.sum(1, keepdim=True)) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step(max(loss.item(), 0.5))
            losses.append((loss.item(), scheduler.get_last_lr()[0]))
        return losses

    def test_as_if_it_had_not_stopped(self):
        whole = self.made()
        losses = self.train(*whole, 0, 60)
        self.assertLess(losses[-1][1], 0.01)  # the event came
        for at in (1, 6, 11, 25, 59):
            run = self.made()
            begun = self.train(*run, 0, at)
            file = io.BytesIO()
            torch.save([x.state_dict() for x in run], file)
            file.seek(0)
            again = self.made()
            for x, saved in zip(again, torch.load(file, weights_only=True)):
                x.load_state_dict(saved)
            self.assertEqual(begun + self.train(*again, at, 60), losses)
            for p, q in zip(again[0].parameters(), whole[0].parameters()):
                self.assertTrue(torch.equal(p, q))
            self.assertEqual(again[2].state_dict(), whole[2].state_dict())

    def test_loading_writes_the_rates(self):
        _, _, a = self.made()
        for _ in range(3):
            a.step()
        _, o, b = self.made()
        b.load_state_dict(a.state_dict())
        self.assertEqual((o.param_groups[0]["lr"], o.param_groups[0]["momentum"]), a.schedule.values(3))
        self.assertEqual((b.last_epoch, b._step_count, b.get_last_lr()), (3, 4, a.get_last_lr()))

    def test_refused(self):
        _, o, a = self.made()
        saved = a.state_dict()
        other = lrs.torch.Scheduler(sgd(), "hold 1").state_dict()
        a.step()
        mine = a.state_dict()
        for wrong, sentence in ((other, "another program"), ({}, "not a state"), (lr_scheduler.StepLR(sgd(), 3).state_dict(), r"not a state.* one of another scheduler, .*last_epoch=-1\)"),
                                ({**saved, "schedule": {}}, "not a state"), ("ck.pt", "torch.load reads"), ({**saved, "last_epoch": 7.5}, "no whole number"),
                                ({**saved, "last_epoch": "7"}, "no whole number"), ({**saved, "last_epoch": -4}, "no step -4"),
                                ({**saved, "_step_count": "x"}, "no whole number")):
            with self.assertRaisesRegex(lrs.LrsError, sentence):
                a.load_state_dict(wrong)
            self.assertEqual(a.state_dict(), mine)

    def test_plain_types(self):
        def check(x):
            self.assertIn(type(x), (int, float, str, list, dict))
            for y in [*x, *x.values()] if isinstance(x, dict) else x if isinstance(x, list) else ():
                check(y)
        check(self.made()[2].state_dict())


if __name__ == "__main__":
    unittest.main()
