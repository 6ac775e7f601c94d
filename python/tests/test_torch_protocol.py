"""test_torch_protocol.py: what PyTorch, and those who build on it, expect of an LRScheduler. Skipped where there is no PyTorch.

Each test is one check of the protocol; how many they are is printed at the end. test_torch.py compares the values.
"""
import copy
import gc
import io
import json
import math
import pickle
import random
import struct
import sys
import tempfile
import unittest
import warnings
import weakref

try:
    import torch

    import lrs
except ModuleNotFoundError as e:  # lrs: where python_package could not build it
    print(f"SKIP: {e}")
    sys.exit(77)
from torch.optim import lr_scheduler, swa_utils

import lrs.torch

torch.set_num_threads(1)

TEXT = "warmup 10 -> 0.1; then cosine 30 -> 0.01"
PLATEAU = "hold 0.1\non plateau(patience=1) *0.5"


def setUpModule():
    warnings.simplefilter("ignore", lrs.LrsWarning)


def parameter(value=1.0, n=2):
    p = torch.nn.Parameter(torch.full((n,), value))
    p.grad = torch.full((n,), 0.5)
    return p


def optimizer(kind="SGD", groups=1, names=None, **options):
    options.setdefault("lr", 1.0)
    made = [{"params": [parameter()]} for _ in range(groups)]
    for group, name in zip(made, names or ()):
        group["name"] = name
    return getattr(torch.optim, kind)(made, **options)


def rates(o, key="lr"):
    return [g[key] for g in o.param_groups]


class Checks(unittest.TestCase):
    def setUp(self):
        self.value = lrs.compile(TEXT)
        self.o = optimizer(groups=2)
        self.s = lrs.torch.Scheduler(self.o, TEXT)

    def steps(self, n, scheduler=None):
        s = scheduler or self.s
        for _ in range(n):
            s.optimizer.step()
            s.step()

    def loaded(self, state):
        """A state as it comes out of a file that may hold plain data only."""
        file = io.BytesIO()
        torch.save(state, file)
        file.seek(0)
        return torch.load(file, weights_only=True)


class Construction(Checks):
    def test_takes_an_optimizer_only(self):
        for wrong in (None, [parameter()], torch.nn.Linear(1, 1), torch.optim.SGD, self.s):
            with self.assertRaisesRegex(TypeError, "is not an Optimizer"):
                lrs.torch.Scheduler(wrong, TEXT)

    def test_is_an_lr_scheduler_and_no_plateau(self):
        self.assertIsInstance(self.s, lr_scheduler.LRScheduler)
        self.assertNotIsInstance(self.s, lr_scheduler.ReduceLROnPlateau)

    def test_sets_the_first_rate(self):
        self.assertEqual(rates(self.o), [self.value(0)] * 2)

    def test_counts_as_the_first_step(self):
        self.assertEqual((self.s.last_epoch, self.s._step_count), (0, 1))

    def test_initial_lr_in_the_groups(self):
        self.assertEqual(rates(self.o, "initial_lr"), [1.0, 1.0])

    def test_initial_lr_of_another_scheduler_stays(self):
        o = optimizer()
        lr_scheduler.ConstantLR(o, 0.5)
        lrs.torch.Scheduler(o, TEXT)
        self.assertEqual(rates(o, "initial_lr"), [1.0])

    def test_base_lrs(self):
        o = torch.optim.SGD([{"params": [parameter()], "lr": 0.5}, {"params": [parameter()], "lr": 0.25}])
        self.assertEqual(lrs.torch.Scheduler(o, TEXT).base_lrs, [0.5, 0.25])

    def test_initial_lr_of_a_tensor_is_a_copy(self):
        lr = torch.tensor(1.0)
        s = lrs.torch.Scheduler(optimizer(lr=lr), TEXT)
        self.steps(5, s)
        self.assertEqual((float(s.optimizer.param_groups[0]["initial_lr"]), float(s.base_lrs[0])), (1.0, 1.0))
        self.assertIsNot(s.base_lrs[0], s.optimizer.param_groups[0]["initial_lr"])

    def test_leaves_the_optimizer_as_it_is(self):
        o = optimizer()
        before = o.step.__func__
        lrs.torch.Scheduler(o, TEXT)
        self.assertIs(o.step.__func__, before)
        self.assertNotIn("step", vars(o))

    def test_holds_the_optimizer(self):
        self.assertIs(self.s.optimizer, self.o)

    def test_has_no_cycle_of_references(self):
        gc.collect()
        gc.disable()
        try:
            o = optimizer()
            s = lrs.torch.Scheduler(o, TEXT, names={"lr": "lr[0]"}, sync=float)
            s.step()
            dead = weakref.ref(s), weakref.ref(o)
            del s
            self.assertIsNone(dead[0]())
            del o
            self.assertIsNone(dead[1]())
        finally:
            gc.enable()

    def test_from_a_step_of_a_run(self):
        for last in (0, 9, 25, 100):
            o = optimizer()
            s = lrs.torch.Scheduler(o, TEXT, last_epoch=last)  # without initial_lr, which nothing is computed from
            self.assertEqual((s.last_epoch, rates(o)), (last + 1, [self.value(last + 1)]))

    def test_refused_without_a_trace(self):
        o = optimizer()
        for text, names in (("holt 1", {}), ("hold 1\nschedule lr[\"x\"] = 2 * lr", {}), ("hold 1", {"lr": "lr[7]"})):
            with self.assertRaises(lrs.LrsError):
                lrs.torch.Scheduler(o, text, names=names)
        self.assertEqual((rates(o), "initial_lr" in o.param_groups[0]), ([1.0], False))

    def test_has_no_total_steps(self):
        self.assertFalse(hasattr(self.s, "total_steps"))  # others multiply by it

    def test_nothing_is_said(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            lrs.torch.Scheduler(optimizer(), TEXT)


class Steps(Checks):
    def test_each_sets_the_rate_of_the_next_update(self):
        for t in range(1, 50):
            self.steps(1)
            self.assertEqual(rates(self.o), [self.value(t)] * 2)

    def test_are_counted(self):
        self.steps(7)
        self.assertEqual((self.s.last_epoch, self.s._step_count), (7, 8))

    def test_give_nothing(self):
        self.assertIsNone(self.s.step())

    def test_an_update_is_made_with_the_rate(self):
        o = torch.optim.SGD([parameter(1.0)], lr=9.0)
        s = lrs.torch.Scheduler(o, "hold 0.5 for 1; hold 0.25")
        self.steps(2, s)
        self.assertEqual(o.param_groups[0]["params"][0].tolist(), [1.0 - 0.5 * 0.5 - 0.25 * 0.5] * 2)

    def test_stepping_and_the_closed_form_are_the_same_bits(self):
        for t in range(60):
            there = optimizer()
            lrs.torch.Scheduler(there, TEXT, last_epoch=t - 1)
            self.assertEqual(struct.pack("<d", there.param_groups[0]["lr"]), struct.pack("<d", self.o.param_groups[0]["lr"]))
            self.s.step()

    def test_no_recursion_on_the_groups(self):
        for t in range(1, 45):
            for group in self.o.param_groups:
                group["lr"] = 123.0
            self.s.step()
            self.assertEqual(rates(self.o), [self.value(t)] * 2)

    def test_no_recursion_on_initial_lr(self):
        for group in self.o.param_groups:
            group["initial_lr"] = 77.0
        self.s.base_lrs = [55.0, 55.0]
        self.steps(12)
        self.assertEqual(rates(self.o), [self.value(12)] * 2)

    def test_increment(self):
        self.s.step(increment=16)
        self.assertEqual((self.s.last_epoch, rates(self.o)), (16, [self.value(16)] * 2))

    def test_increment_of_none(self):
        self.steps(3)
        self.s.step(increment=0)
        self.assertEqual((self.s.last_epoch, rates(self.o)), (3, [self.value(3)] * 2))

    def test_past_the_end(self):
        self.s.step(increment=10**9)
        self.assertEqual(rates(self.o), [0.01] * 2)

    def test_rates_are_floats(self):
        self.steps(3)
        self.assertEqual([type(x) for x in rates(self.o) + self.s.get_last_lr() + self.s.get_lr()], [float] * 6)

    def test_a_number_is_a_metric_and_no_epoch(self):
        self.s.step(5)
        self.assertEqual((self.s.last_epoch, rates(self.o)), (1, [self.value(1)] * 2))

    def test_one_that_fails_changes_nothing(self):
        s = lrs.torch.Scheduler(optimizer(), "input loss\nhold 1\non plateau(loss, patience=0) *0.5")
        s.step(loss=1.0)
        before = s.state_dict()
        for wrong, error in (({"los": 1.0}, lrs.LrsError), ({"loss": "0.3"}, TypeError), ({"loss": [1]}, TypeError),
                             ({"loss": 1.0, "increment": 1.5}, TypeError), ({"loss": 1.0, "increment": None}, TypeError),
                             ({"loss": 1.0, "increment": -2}, lrs.LrsError), ({"loss": 1.0, "increment": -1}, lrs.LrsError), ({"loss": 1.0, "increment": 1 << 60}, lrs.LrsError),
                             ({"loss": 1.0, "increment": torch.tensor(1.5)}, TypeError)):
            with self.assertRaises(error):
                s.step(**wrong)
            self.assertEqual(s.state_dict(), before)
        s.step()
        self.assertEqual(s.last_epoch, 2)

    def test_increments_of_other_types(self):
        increments = [torch.tensor(3), torch.ones(4, dtype=torch.bool).sum(), True]
        try:
            import numpy
            increments.append(numpy.int64(5))
        except ImportError:
            pass
        at = 0
        for increment in increments:
            self.s.step(increment=increment)
            at += int(increment)
            self.assertIs(type(self.s.last_epoch), int)
            self.assertEqual(self.loaded(self.s.state_dict())["last_epoch"], at)
            self.assertEqual(rates(self.o), [self.value(at)] * 2)

    def test_steps_that_are_none(self):
        self.s.step()
        before = self.s.state_dict()
        for wrong in (-1, -5, 1 << 60, 1 << 63, 1 << 100):
            with self.assertRaisesRegex(lrs.LrsError, "there is no step"):
                self.s.load_state_dict({**lrs.torch.Scheduler(optimizer(groups=2), TEXT).state_dict(), "last_epoch": wrong})
            self.assertEqual(self.s.state_dict(), before)
        with self.assertRaisesRegex(lrs.LrsError, "last_epoch is -2: it is the last step"):
            lrs.torch.Scheduler(optimizer(), TEXT, last_epoch=-2)
        self.s.last_epoch = 20
        self.s.step()
        self.assertEqual(rates(self.o), [self.value(21)] * 2)


class LastRates(Checks):
    def test_a_list_of_all_groups(self):
        self.assertIs(type(self.s.get_last_lr()), list)
        self.assertEqual(len(self.s.get_last_lr()), 2)

    def test_before_the_first_step(self):
        self.assertEqual(self.s.get_last_lr(), [self.value(0)] * 2)

    def test_those_of_the_groups(self):
        for _ in range(40):
            self.s.step()
            self.assertEqual(self.s.get_last_lr(), rates(self.o))

    def test_as_they_were_set(self):
        self.steps(4)
        self.o.param_groups[0]["lr"] = 5.0
        self.assertEqual(self.s.get_last_lr(), [self.value(4)] * 2)

    def test_an_old_list_stays(self):
        old = self.s.get_last_lr()
        self.steps(4)
        self.assertEqual(old, [self.value(0)] * 2)

    def test_get_lr_at_any_time(self):
        self.steps(6)
        before = self.s.state_dict(), rates(self.o)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.assertEqual(self.s.get_lr(), [self.value(6)] * 2)
        self.assertEqual((self.s.state_dict(), rates(self.o)), before)


class Order(Checks):
    def test_the_scheduler_may_step_before_the_optimizer(self):
        with warnings.catch_warnings():  # the first update of mixed precision is often left out
            warnings.simplefilter("error")
            self.s.step()
            self.o.step()
            self.s.step()
        self.assertEqual(self.s.last_epoch, 2)

    def test_a_step_of_the_optimizer_may_be_replaced(self):
        inner = self.o.step
        self.o.step = lambda *a, **k: inner(*a, **k)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.steps(3)
        self.assertEqual(rates(self.o), [self.value(3)] * 2)

    def test_warnings_for_another_scheduler_stay_right(self):
        for mine_first in (True, False):
            for right in (True, False):
                o = optimizer()
                mine = lrs.torch.Scheduler(o, TEXT) if mine_first else None
                other = lr_scheduler.StepLR(o, 100)
                mine = mine or lrs.torch.Scheduler(o, TEXT)
                with warnings.catch_warnings(record=True) as said:
                    warnings.simplefilter("always")
                    if right:
                        o.step()
                    other.step()
                    mine.step()
                self.assertEqual(["before `optimizer.step()`" in str(w.message) for w in said], [] if right else [True])

    def test_after_updates_that_were_left_out(self):
        scaler = torch.amp.GradScaler("cpu", init_scale=2.0)
        o = optimizer()
        s = lrs.torch.Scheduler(o, TEXT)
        before = o.param_groups[0]["params"][0].tolist()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            o.param_groups[0]["params"][0].grad = torch.full((2,), math.inf)
            scaler.scale(torch.tensor(1.0))
            scaler.step(o)
            scaler.update()
            s.step()
        self.assertEqual((o.param_groups[0]["params"][0].tolist(), s.last_epoch), (before, 1))


class Groups(Checks):
    def test_added_later_get_the_rate_at_the_next_step(self):
        self.steps(5)
        self.o.add_param_group({"params": [parameter()], "lr": 9.0})
        self.assertEqual(self.o.param_groups[2]["lr"], 9.0)
        self.steps(1)
        self.assertEqual(rates(self.o), [self.value(6)] * 3)

    def test_added_later_count_in_the_lists(self):
        self.o.add_param_group({"params": [parameter()]})
        self.assertEqual((len(self.s.get_lr()), len(self.s.get_last_lr())), (3, 2))
        self.s.step()
        self.assertEqual((len(self.s.get_last_lr()), len(self.s.state_dict()["_last_lr"])), (3, 3))

    def test_added_later_by_name(self):
        o = optimizer(names=["head"])
        s = lrs.torch.Scheduler(o, 'hold 1\nschedule lr["head"] = 10 * lr')
        o.add_param_group({"params": [parameter()], "name": "body"})
        o.add_param_group({"params": [parameter()], "name": "head"})
        s.step()
        self.assertEqual(rates(o), [10.0, 1.0, 10.0])

    def test_added_later_when_it_observes(self):
        o = optimizer()
        s = lrs.torch.Scheduler(o, PLATEAU)
        for _ in range(2):
            s.step(1.0)
        o.add_param_group({"params": [parameter()]})
        s.step(1.0)
        self.assertEqual(rates(o), [0.05, 0.05])

    def test_a_name_that_is_given_later(self):
        o = optimizer(groups=2, names=["head"])
        s = lrs.torch.Scheduler(o, 'hold 1\nschedule lr["head"] = 10 * lr')
        o.param_groups[1]["name"] = "head"
        s.step()
        self.assertEqual(rates(o), [10.0, 10.0])

    def test_a_group_that_is_another_dict(self):
        self.steps(2)
        self.o.param_groups[1] = dict(self.o.param_groups[1], lr=3.0)
        self.s.step()
        self.assertEqual(rates(self.o), [self.value(3)] * 2)

    def test_a_list_of_groups_that_is_another(self):
        self.o.param_groups = [dict(g, lr=3.0) for g in self.o.param_groups[::-1]]
        self.s.step()
        self.assertEqual(rates(self.o), [self.value(1)] * 2)

    def test_many(self):
        o = optimizer(groups=64)
        s = lrs.torch.Scheduler(o, TEXT)
        s.step()
        self.assertEqual(rates(o), [self.value(1)] * 64)

    def test_by_name(self):
        o = optimizer(groups=3, names=["body", "head", "head"])
        lrs.torch.Scheduler(o, 'hold 1\nschedule lr["head"] = 10 * lr')
        self.assertEqual(rates(o), [1.0, 10.0, 10.0])

    def test_by_index(self):
        o = optimizer(groups=3)
        lrs.torch.Scheduler(o, "hold 1\nschedule second { hold 2 }\nschedule third { hold 3 }", names={"second": "lr[1]", "third": "lr[2]"})
        self.assertEqual(rates(o), [1.0, 2.0, 3.0])

    def test_without_a_name_by_index(self):
        o = optimizer(groups=3, names=["body"])
        lrs.torch.Scheduler(o, 'hold 1\nschedule lr["2"] = 3 * lr')
        self.assertEqual(rates(o), [1.0, 1.0, 3.0])
        with self.assertRaisesRegex(lrs.LrsError, "the groups are 'body', '1', '2'"):
            lrs.torch.Scheduler(o, 'hold 1\nschedule lr["0"] = 3 * lr')

    def test_by_a_name_that_the_file_does_not_say(self):
        o = optimizer(groups=2, names=["body", "head"])
        lrs.torch.Scheduler(o, "hold 1\nschedule top { hold 5 }", names={"top": 'lr["head"]'})
        self.assertEqual(rates(o), [1.0, 5.0])

    def test_one_group_before_all(self):
        o = optimizer(groups=2, names=["body", "head"])
        lrs.torch.Scheduler(o, "schedule first { hold 7 }\nschedule lr { hold 1 }", names={"first": "lr[0]"})
        self.assertEqual(rates(o), [7.0, 1.0])

    def test_only_some(self):
        o = optimizer(groups=2)
        s = lrs.torch.Scheduler(o, "schedule first { warmup 4 -> 1 }", names={"first": "lr[0]"})
        s.step()
        self.assertEqual((rates(o), s.get_last_lr(), s.get_lr()), ([0.25, 1.0], [0.25, 1.0], [0.25, 1.0]))

    def test_an_index_that_is_not_there(self):
        with self.assertRaisesRegex(lrs.LrsError, "parameter group 2; the optimizer has 2, counted from 0"):
            lrs.torch.Scheduler(self.o, "hold 1", names={"lr": "lr[2]"})

    def test_what_is_no_place(self):
        for wrong in ("lr[x]", "lr[-1]", "lr[]", "", "lr[0]x", ("lr", 0)):
            with self.assertRaisesRegex(lrs.LrsError, "no place in a parameter group"):
                lrs.torch.Scheduler(self.o, "hold 1", names={"lr": wrong})

    def test_nowhere(self):
        with self.assertRaisesRegex(lrs.LrsError, "no output of the schedule sets anything"):
            lrs.torch.Scheduler(self.o, "hold 1", names={"lr": None})
        o = optimizer(groups=2, names=["body", "head"])
        lrs.torch.Scheduler(o, 'hold 5\nschedule lr["head"] = 2*lr', names={"lr": None, 'lr["head"]': "lr[1]"})
        self.assertEqual(rates(o), [1.0, 10.0])

    def test_of_an_output_with_a_group_of_its_own(self):
        o = optimizer("AdamW", groups=2, names=["body", "head"], weight_decay=0.5)
        text = 'hold 1\nschedule wd = 0.1\nschedule wd["head"] = 0.2'
        lrs.torch.Scheduler(o, text, names={"wd": "weight_decay"})
        self.assertEqual(rates(o, "weight_decay"), [0.1, 0.2])


class OtherValues(Checks):
    def test_momentum(self):
        o = optimizer(momentum=0.5)
        s = lrs.torch.Scheduler(o, "hold 1\nschedule momentum { linear 10 from 0.5 -> 0.9 }")
        self.steps(10, s)
        self.assertEqual(rates(o, "momentum"), [0.9])

    def test_momentum_is_beta1_in_adam(self):
        o = optimizer("Adam")
        lrs.torch.Scheduler(o, "hold 1\nschedule momentum = 0.75")
        self.assertEqual(rates(o, "betas"), [(0.75, 0.999)])

    def test_beta2_alone(self):
        o = optimizer("Adam")
        lrs.torch.Scheduler(o, "hold 1\nschedule beta2 = 0.95")
        self.assertEqual(rates(o, "betas"), [(0.9, 0.95)])

    def test_betas_stay_a_tuple(self):
        o = optimizer("AdamW")
        s = lrs.torch.Scheduler(o, "hold 1\nschedule beta1 = 0.5\nschedule beta2 = 0.6")
        s.step()
        self.assertEqual(o.param_groups[0]["betas"], (0.5, 0.6))
        self.assertIs(type(o.param_groups[0]["betas"]), tuple)

    def test_betas_of_tensors(self):
        betas = torch.tensor(0.9), torch.tensor(0.99)
        o = optimizer("Adam", lr=torch.tensor(1.0), betas=betas, capturable=True, foreach=False)
        s = lrs.torch.Scheduler(o, "hold 1\nschedule beta1 = 0.5\nschedule beta2 = 0.75")
        s.step()
        self.assertEqual([float(b) for b in betas], [0.5, 0.75])
        self.assertIs(o.param_groups[0]["betas"][0], betas[0])

    def test_weight_decay(self):
        o = optimizer("AdamW", groups=2)
        s = lrs.torch.Scheduler(o, "warmup 4 -> 1\nschedule weight_decay = 0.1 * lr")
        s.step()
        self.assertEqual(rates(o, "weight_decay"), [0.025] * 2)

    def test_any_key(self):
        o = optimizer("Adam")
        lrs.torch.Scheduler(o, "hold 1\nschedule small = 1e-6", names={"small": "eps"})
        self.assertEqual(rates(o, "eps"), [1e-6])

    def test_without_a_rate(self):
        o = optimizer(momentum=0.1)
        s = lrs.torch.Scheduler(o, "schedule momentum { warmup 4 -> 0.8 }")
        s.step()
        self.assertEqual((rates(o), rates(o, "momentum"), s.get_last_lr()), ([1.0], [0.2], [1.0]))

    def test_what_no_group_has(self):
        with self.assertRaisesRegex(lrs.LrsError, "sets `momentum`, which no parameter group"):
            lrs.torch.Scheduler(optimizer("Adagrad"), "hold 1\nschedule momentum = 0.9")

    def test_unused_outputs(self):
        lrs.torch.Scheduler(self.o, "hold 1\nschedule temperature = 3")
        self.assertNotIn("temperature", self.o.param_groups[0])


class Tensors(Checks):
    def made(self, kind="SGD", dtype=None, **options):
        return optimizer(kind, lr=torch.tensor(1.0, dtype=dtype), **options)

    def test_filled_in_place(self):
        for kind, options in (("SGD", {"foreach": False}), ("Adam", {"foreach": False, "capturable": True}), ("AdamW", {"foreach": False})):
            o = self.made(kind, **options)
            lr = o.param_groups[0]["lr"]
            s = lrs.torch.Scheduler(o, TEXT)
            for t in range(1, 20):
                s.step()
                self.assertIs(o.param_groups[0]["lr"], lr)
                self.assertEqual(lr, torch.tensor(self.value(t)))

    def test_filled_in_place_by_observe_and_by_load(self):
        o = self.made()
        lr = o.param_groups[0]["lr"]
        s = lrs.torch.Scheduler(o, PLATEAU)
        for _ in range(3):
            s.observe(1.0)
            s.step()
        state = s.state_dict()
        s.observe(1.0)
        s.load_state_dict(state)
        self.assertIs(o.param_groups[0]["lr"], lr)

    def test_all_bits_of_float64(self):
        o = self.made(dtype=torch.float64)
        s = lrs.torch.Scheduler(o, TEXT)
        for t in range(1, 40):
            s.step()
            self.assertEqual(o.param_groups[0]["lr"].item(), self.value(t))

    def test_last_rates_are_copies(self):
        s = lrs.torch.Scheduler(self.made(), TEXT)
        s.step()
        s.get_last_lr()[0].fill_(7)
        s.get_lr()[0].fill_(7)
        self.assertEqual(s.optimizer.param_groups[0]["lr"], torch.tensor(self.value(1)))

    def test_last_rates_have_the_type_of_the_group(self):
        o = torch.optim.SGD([{"params": [parameter()], "lr": torch.tensor(1.0, dtype=torch.float64)}, {"params": [parameter()], "lr": 1.0}])
        s = lrs.torch.Scheduler(o, TEXT)
        s.step()
        for rates_ in (s.get_last_lr(), s.get_lr()):
            self.assertEqual((rates_[0].dtype, type(rates_[1])), (torch.float64, float))

    def test_of_one_element(self):
        o = optimizer(lr=torch.tensor([1.0]), foreach=False)
        s = lrs.torch.Scheduler(o, TEXT)
        self.steps(3, s)
        self.assertEqual(s.state_dict()["_last_lr"], [float(torch.tensor(self.value(3)))])

    def test_a_state_has_numbers_only(self):
        s = lrs.torch.Scheduler(self.made(), TEXT)
        self.assertEqual([type(x) for x in s.state_dict()["_last_lr"]], [float])

    def test_a_compiled_step_sees_the_rate_and_is_compiled_once(self):
        compiled = []

        def backend(graph, inputs):
            compiled.append(graph)
            return graph.forward

        torch._dynamo.reset()
        for foreach in (False, True):
            o = self.made(foreach=foreach)
            s = lrs.torch.Scheduler(o, "warmup 8 -> 1")
            step = torch.compile(o.step, backend=backend)
            expected, counts = 1.0, []
            for t in range(8):
                step()
                s.step()
                expected -= t / 8 * 0.5  # exact
                counts.append(len(compiled))
                self.assertEqual(o.param_groups[0]["params"][0].tolist(), [expected] * 2)
            self.assertGreater(counts[0], 0)
            self.assertEqual(len(set(counts[1:])), 1, counts)
            torch._dynamo.reset()

    def test_a_step_that_was_compiled_before(self):
        o = self.made()
        o.step = torch.compile(o.step, backend="eager")
        s = lrs.torch.Scheduler(o, "hold 1 for 1; hold 0.5")
        self.steps(2, s)
        self.assertEqual(o.param_groups[0]["params"][0].tolist(), [1 - 0.5 - 0.25] * 2)
        torch._dynamo.reset()


class Optimizers(Checks):
    def as_by_hand(self, kind, **options):
        """The same parameters as with rates that are written by hand."""
        runs = []
        for hand in (False, True):
            made = dict(options)
            if made.pop("tensor", False):
                made["lr"] = torch.tensor(0.5)
            o = optimizer(kind, groups=2, **made)
            s = None if hand else lrs.torch.Scheduler(o, TEXT)
            for t in range(15):
                if hand:
                    for g in o.param_groups:
                        if isinstance(g["lr"], torch.Tensor):
                            g["lr"].fill_(self.value(t))
                        else:
                            g["lr"] = self.value(t)
                o.step()
                if s:
                    s.step()
            runs.append([p.tolist() for g in o.param_groups for p in g["params"]])
        self.assertEqual(*runs)
        self.assertNotEqual(runs[0][0], [1.0, 1.0])

    def test_foreach(self):
        for kind in ("SGD", "Adam", "AdamW"):
            self.as_by_hand(kind, foreach=True)

    def test_fused(self):
        for kind in ("SGD", "Adam", "AdamW"):
            self.as_by_hand(kind, fused=True)

    def test_fused_with_a_tensor(self):
        for kind in ("SGD", "Adam", "AdamW"):
            self.as_by_hand(kind, fused=True, tensor=True)

    def test_captured_in_a_graph(self):
        if not torch.cuda.is_available():
            self.skipTest("no CUDA")
        ends = []
        for captured in (True, False):
            p = torch.nn.Parameter(torch.ones(4, device="cuda"))
            p.grad = torch.full((4,), 0.5, device="cuda")
            o = torch.optim.Adam([p], lr=torch.tensor(0.5, device="cuda"), capturable=True)
            s = lrs.torch.Scheduler(o, TEXT)
            stream = torch.cuda.Stream()
            with torch.cuda.stream(stream):
                for _ in range(3):
                    o.step()
                    s.step()
            torch.cuda.current_stream().wait_stream(stream)
            step = o.step
            if captured:
                graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(graph):
                    o.step()  # recorded, not made
                step = graph.replay
            for _ in range(10):
                step()
                s.step()
            ends.append(p.tolist())
        self.assertEqual(*ends)

    def test_maximize_and_nesterov(self):
        self.as_by_hand("SGD", maximize=True)
        self.as_by_hand("SGD", momentum=0.9, nesterov=True)

    def test_all_of_torch(self):
        for kind in ("Adadelta", "Adafactor", "Adagrad", "Adam", "AdamW", "Adamax", "ASGD", "Muon", "NAdam", "RAdam", "RMSprop", "Rprop", "SGD"):
            if not hasattr(torch.optim, kind):
                continue
            with self.subTest(kind=kind):
                p = torch.nn.Parameter(torch.ones(2, 2))
                p.grad = torch.ones(2, 2)
                o = getattr(torch.optim, kind)([p], lr=1.0)
                s = lrs.torch.Scheduler(o, TEXT)
                self.steps(12, s)
                self.assertEqual(rates(o), [self.value(12)])

    def test_with_a_closure(self):
        p = parameter()
        o = torch.optim.LBFGS([p], lr=1.0)
        s = lrs.torch.Scheduler(o, "hold 1 for 1; hold 0.5")

        def closure():
            o.zero_grad()
            loss = (p * p).sum()
            loss.backward()
            return loss
        o.step(closure)
        s.step()
        self.assertEqual(rates(o), [0.5])

    def test_that_load_a_state(self):
        self.steps(3)
        self.o.load_state_dict(copy.deepcopy(self.o.state_dict()))  # its groups are other dicts now
        self.steps(1)
        self.assertEqual(rates(self.o), [self.value(4)] * 2)


class States(Checks):
    def test_plain_types(self):
        def check(x):
            self.assertIn(type(x), (int, float, str, list, dict))
            for y in [*x, *x.values()] if isinstance(x, dict) else x if isinstance(x, list) else ():
                check(y)
        self.steps(3)
        check(self.s.state_dict())

    def test_through_json(self):
        self.steps(13)
        other = lrs.torch.Scheduler(optimizer(), TEXT)
        other.load_state_dict(json.loads(json.dumps(self.s.state_dict())))
        self.assertEqual((other.last_epoch, rates(other.optimizer)), (13, [self.value(13)]))

    def test_through_a_file_with_weights_only(self):
        self.steps(13)
        self.assertEqual(self.loaded(self.s.state_dict()), self.s.state_dict())

    def test_through_a_distributed_checkpoint(self):
        import torch.distributed.checkpoint as checkpoint
        self.steps(13)
        other = lrs.torch.Scheduler(optimizer(groups=2), TEXT)
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            checkpoint.save({"scheduler": self.s}, checkpoint_id=folder, no_dist=True)
            checkpoint.load({"scheduler": other}, checkpoint_id=folder, no_dist=True)
        self.assertEqual((other.state_dict(), rates(other.optimizer)), (self.s.state_dict(), rates(self.o)))

    def test_without_the_optimizer(self):
        self.assertNotIn("optimizer", self.s.state_dict())

    def test_do_not_change_afterwards(self):
        self.steps(2)
        state = self.s.state_dict()
        before = copy.deepcopy(state)
        self.steps(5)
        self.assertEqual(state, before)

    def test_are_not_changed_by_loading(self):
        state = self.s.state_dict()
        before = copy.deepcopy(state)
        self.s.load_state_dict(state)
        self.steps(3)
        self.assertEqual(state, before)

    def test_round_trip(self):
        self.steps(7)
        other = lrs.torch.Scheduler(optimizer(groups=2), TEXT)
        other.load_state_dict(self.s.state_dict())
        self.assertEqual(other.state_dict(), self.s.state_dict())

    def test_round_trip_at_every_step(self):
        losses = [1 / (1 + t // 4) for t in range(30)]
        text = "warmup 5 -> 0.1; then hold until plateau(patience=2); then cosine 10 -> 0\non plateau(patience=1) *0.5"
        whole = lrs.torch.Scheduler(optimizer(), text)
        at = [whole.state_dict()]
        for loss in losses:
            whole.step(loss)
            at.append(whole.state_dict())
        for t, state in enumerate(at):
            s = lrs.torch.Scheduler(optimizer(), text)
            s.load_state_dict(self.loaded(state))
            for loss in losses[t:]:
                s.step(loss)
            self.assertEqual(s.state_dict(), at[-1])

    def test_loading_sets_the_rates(self):
        self.steps(9)
        o = optimizer(momentum=0.5)
        s = lrs.torch.Scheduler(o, TEXT)
        s.load_state_dict(self.s.state_dict())
        self.assertEqual((rates(o), s.get_last_lr()), ([self.value(9)], [self.value(9)]))

    def test_loaded_in_any_order(self):
        self.steps(9)
        saved = self.loaded([self.o.state_dict(), self.s.state_dict()])
        for order in ((0, 1), (1, 0)):
            both = [optimizer(groups=2)]
            both.append(lrs.torch.Scheduler(both[0], TEXT))
            for i in order:
                both[i].load_state_dict(copy.deepcopy(saved[i]))
            self.assertEqual(rates(both[0]), [self.value(9)] * 2)
            self.steps(1, both[1])
            self.assertEqual(rates(both[0]), [self.value(10)] * 2)

    def test_constructed_on_a_loaded_optimizer(self):
        self.steps(9)
        o = optimizer(groups=2)
        o.load_state_dict(self.o.state_dict())
        s = lrs.torch.Scheduler(o, TEXT, last_epoch=self.s.last_epoch - 1)
        self.assertEqual((rates(o), s.base_lrs), ([self.value(9)] * 2, [1.0, 1.0]))

    def test_for_more_groups(self):
        self.steps(9)
        o = optimizer(groups=5)
        lrs.torch.Scheduler(o, TEXT).load_state_dict(self.s.state_dict())
        self.assertEqual(rates(o), [self.value(9)] * 5)

    def test_refused_without_a_trace(self):
        self.steps(3)
        before, set_ = self.s.state_dict(), rates(self.o)
        for wrong in ({}, lr_scheduler.StepLR(optimizer(), 3).state_dict(), lrs.torch.Scheduler(optimizer(), "hold 1").state_dict(),
                      {**before, "last_epoch": "x"}, {**before, "schedule": None}):
            with self.assertRaises(ValueError):
                self.s.load_state_dict(wrong)
            self.assertEqual((self.s.state_dict(), rates(self.o)), (before, set_))

    def test_of_a_scheduler_that_counts_no_steps(self):
        state = self.s.state_dict()
        del state["_step_count"], state["_last_lr"]
        self.s.load_state_dict({**state, "last_epoch": 4})
        self.assertEqual((self.s._step_count, rates(self.o)), (5, [self.value(4)] * 2))

    def test_of_a_stopped_run(self):
        text = "hold 1\non plateau(patience=0) stop"
        s = lrs.torch.Scheduler(optimizer(), text)
        for _ in range(2):
            s.step(1.0)
        other = lrs.torch.Scheduler(optimizer(), text)
        other.load_state_dict(s.state_dict())
        self.assertTrue(other.stopped)


class Copies(Checks):
    def same_and_apart(self, c):
        self.assertIsNot(c.optimizer, self.o)
        self.assertEqual(c.state_dict(), self.s.state_dict())
        self.steps(1, c)
        self.assertEqual((rates(c.optimizer), rates(self.o)), ([self.value(13)] * 2, [self.value(12)] * 2))

    def test_pickle(self):
        self.steps(12)
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            self.same_and_apart(pickle.loads(pickle.dumps(self.s, protocol)))

    def test_deepcopy(self):
        self.steps(12)
        self.same_and_apart(copy.deepcopy(self.s))

    def test_a_whole_run(self):
        self.steps(12)
        o, s = copy.deepcopy((self.o, self.s))
        self.assertIs(s.optimizer, o)
        o, s = pickle.loads(pickle.dumps((self.o, self.s)))
        self.assertIs(s.optimizer, o)

    def test_keep_names_and_sync(self):
        o = optimizer(groups=2)
        s = lrs.torch.Scheduler(o, "schedule first { warmup 4 -> 1 }", names={"first": "lr[0]"}, sync="mean")
        c = pickle.loads(pickle.dumps(s))
        c.step()
        self.assertEqual((rates(c.optimizer), c.sync), ([0.25, 1.0], "mean"))

    def test_through_torch_save(self):
        self.steps(12)
        file = io.BytesIO()
        torch.save(self.s, file)
        file.seek(0)
        self.same_and_apart(torch.load(file, weights_only=False))

    def test_keep_the_state_of_rules(self):
        s = lrs.torch.Scheduler(optimizer(), PLATEAU)
        s.step(1.0)
        s.step(1.0)
        for c in (copy.deepcopy(s), pickle.loads(pickle.dumps(s))):
            c.step(1.0)
            self.assertEqual((rates(c.optimizer), rates(s.optimizer)), ([0.05], [0.1]))


class Others(Checks):
    def test_in_a_chain(self):
        lr_scheduler.ChainedScheduler([self.s], optimizer=self.o).step()
        self.assertEqual(self.s.get_last_lr(), [self.value(1)] * 2)

    def test_not_in_a_sequence(self):
        self.steps(2)
        for place in (0, 1, 2):
            others = [lr_scheduler.StepLR(self.o, 3), lr_scheduler.ConstantLR(self.o)]
            self.s._write()
            before = self.s.state_dict()
            with self.assertRaisesRegex(TypeError, "`then`"):
                lr_scheduler.SequentialLR(self.o, [*others[:place], self.s, *others[place:]], milestones=[5, 9])
            self.assertEqual(self.s.state_dict(), before)
            self.assertEqual(rates(self.o), [self.value(2)] * 2)
        with self.assertRaisesRegex(TypeError, "`then`"):
            self.s.last_epoch -= 1  # what the SequentialLR of each version does to all that it holds
        self.steps(1)
        self.assertEqual(rates(self.o), [self.value(3)] * 2)

    def test_swa(self):
        model = torch.nn.Linear(2, 1)
        o = torch.optim.SGD(model.parameters(), lr=1.0)
        s = lrs.torch.Scheduler(o, TEXT)
        swa = swa_utils.SWALR(o, swa_lr=0.05, anneal_epochs=0)
        average = swa_utils.AveragedModel(model)
        s.load_state_dict(s.state_dict())  # SWALR's constructor has written the rate
        for t in range(20):
            o.step()
            if t >= 12:
                average.update_parameters(model)
                swa.step()
            else:
                s.step()
        self.assertEqual((rates(o), s.last_epoch), ([0.05], 12))
        s.step()
        self.assertEqual(rates(o), [self.value(13)])

    def test_two_on_one_optimizer(self):
        o = optimizer(momentum=0.5)
        lr, momentum = lrs.torch.Scheduler(o, TEXT), lrs.torch.Scheduler(o, "schedule momentum { warmup 4 -> 0.8 }")
        for _ in range(4):
            lr.step()
            momentum.step()
        self.assertEqual((rates(o), rates(o, "momentum")), ([self.value(4)], [0.8]))

    def test_two_of_one_schedule(self):
        both = [lrs.torch.Scheduler(optimizer(), self.value) for _ in range(2)]
        for s in both:
            self.assertIs(s.schedule, self.value)
            s.step()
            self.assertEqual(s.get_last_lr(), [self.value(1)])

    def test_repr(self):
        self.steps(12)
        self.assertIn("at step 12", repr(self.s))

    def test_attributes_that_others_write(self):
        self.s._step_count += 1  # Accelerate does, where it leaves out a step
        self.s.verbose = False
        self.steps(1)
        self.assertEqual(rates(self.o), [self.value(1)] * 2)


class Metrics(Checks):
    def test_as_reduce_lr_on_plateau(self):
        r = random.Random(7)
        for case in range(40):
            mode, threshold_mode = r.choice(["min", "max"]), r.choice(["rel", "abs"])
            p = dict(patience=r.randint(0, 5), threshold=r.choice([0.0, 1e-4, 0.05]), cooldown=r.randint(0, 3))
            factor, floor = r.choice([0.1, 0.5, 0.9]), r.choice([0, 1e-3])
            o = optimizer(lr=0.5)
            theirs = lr_scheduler.ReduceLROnPlateau(o, mode=mode, factor=factor, threshold_mode=threshold_mode, min_lr=floor, **p)
            rule = ", ".join(f"{k}={v!r}" for k, v in p.items())
            mine = lrs.torch.Scheduler(optimizer(), f"hold 0.5\non plateau(mode={mode}, threshold_mode={threshold_mode}, {rule}) "
                                       f"*{factor} floor={floor} eps=1e-8")
            for _ in range(60):
                loss = r.choice([1.0, r.random(), round(r.random(), 1)])
                theirs.step(loss)
                mine.step(loss)
                self.assertTrue(math.isclose(rates(o)[0], mine.get_last_lr()[0], rel_tol=1e-12), (case, p))

    def test_of_many_types(self):
        import fractions
        for metric in (1.0, 1, True, torch.tensor(1.0), torch.tensor([1.0]), torch.tensor(1, dtype=torch.int32), fractions.Fraction(1)):
            s = lrs.torch.Scheduler(optimizer(), PLATEAU)
            for _ in range(3):
                s.step(metric)
            self.assertEqual(s.get_last_lr(), [0.05])

    def test_of_wrong_types(self):
        s = lrs.torch.Scheduler(optimizer(), PLATEAU)
        for wrong in ("x", [1.0], torch.ones(2)):
            with self.assertRaises((TypeError, ValueError, RuntimeError)):
                s.step(wrong)
        self.assertEqual(s.last_epoch, 0)

    def test_none_and_nan(self):
        s = lrs.torch.Scheduler(optimizer(), PLATEAU)
        for _ in range(9):
            s.step(math.nan)
            s.step(None)
            s.step()
        self.assertEqual(s.get_last_lr(), [0.1])

    def test_infinite(self):
        s = lrs.torch.Scheduler(optimizer(), PLATEAU)
        for _ in range(2):
            s.step(math.inf)
        self.assertEqual(s.get_last_lr(), [0.05])

    def test_count_at_the_new_step(self):
        s = lrs.torch.Scheduler(optimizer(), "hold 1\non plateau(patience=0) *0.5")
        s.step(1.0)
        s.step(1.0)
        self.assertEqual(s.schedule.detectors[0].fired_step, 2)

    def test_between_two_steps(self):
        s = lrs.torch.Scheduler(optimizer(), PLATEAU)
        acted = []
        for _ in range(3):
            s.step()
            acted.append(s.observe(1.0))
            acted.append(s.observe(1.0))  # again: it does no harm
        self.assertEqual((acted, s.get_last_lr(), rates(s.optimizer)), ([0, 0, 0, 0, 1, 0], [0.05], [0.05]))

    def test_given_twice(self):
        s = lrs.torch.Scheduler(optimizer(), "input loss\nhold 1\non plateau(loss) *0.5")
        with self.assertRaisesRegex(TypeError, "given twice"):
            s.step(1.0, loss=1.0)
        self.assertEqual(s.last_epoch, 0)

    def test_through_a_function(self):
        seen = []

        def reduced(value):
            seen.append(value)
            return torch.tensor(0.5)
        s = lrs.torch.Scheduler(optimizer(), PLATEAU, sync=reduced)
        s.step(torch.tensor(3.0))
        self.assertEqual((seen, s.schedule.detectors[0].best), ([3.0], 0.5))

    def test_a_function_that_fails(self):
        s = lrs.torch.Scheduler(optimizer(), PLATEAU, sync=lambda v: 1 / 0)
        with self.assertRaises(ZeroDivisionError):
            s.step(1.0)
        self.assertEqual(s.last_epoch, 0)
        s.step()
        self.assertEqual(s.last_epoch, 1)

    def test_no_ranks_to_reduce_over(self):
        for sync in ("mean", "rank0"):
            s = lrs.torch.Scheduler(optimizer(), PLATEAU, sync=sync)
            s.step()  # without a metric nothing is asked of anybody
            with self.assertRaisesRegex(RuntimeError, 'sync="' + sync + '" needs torch.distributed, which is not initialized'):
                s.step(1.0)
            self.assertEqual(s.last_epoch, 1)
        with self.assertRaisesRegex(RuntimeError, r"check_ranks\(\) needs torch.distributed"):
            s.check_ranks()

    def test_no_such_reduction(self):
        for wrong in ("sum", "", 3, True):
            with self.assertRaisesRegex(ValueError, "sync is"):
                lrs.torch.Scheduler(optimizer(), PLATEAU, sync=wrong)


class Fingerprints(Checks):
    def test_of_equal_runs(self):
        other = lrs.torch.Scheduler(optimizer("Adam"), TEXT)
        self.steps(5)
        for _ in range(5):
            other.step()
        self.assertEqual(self.s.fingerprint(), other.fingerprint())
        self.assertRegex(self.s.fingerprint(), "^[0-9a-f]{16}$")

    def test_of_different_runs(self):
        text = "param p = 1\nparam q = 1\nhold 1 + 0*p*q\non plateau(patience=3) *0.5"
        prints = set()
        for params, steps, metric in (({}, 2, None), ({"p": 2}, 2, None), ({"q": 2}, 2, None), ({}, 3, None), ({}, 2, 1.0), ({}, 2, 2.0)):
            s = lrs.torch.Scheduler(optimizer(), text, params)
            for _ in range(steps):
                s.step(metric)
            prints.add(s.fingerprint())
        prints.add(lrs.torch.Scheduler(optimizer(), text.replace("0.5", "0.25")).fingerprint())
        self.assertEqual(len(prints), 7)


class Counted(unittest.TextTestRunner):
    def run(self, test):
        result = super().run(test)
        if result.testsRun:
            print(f"{result.testsRun} checks of the protocol of LRScheduler, {len(result.failures) + len(result.errors)} of them failed")
        return result


if __name__ == "__main__":
    unittest.main(testRunner=Counted)
