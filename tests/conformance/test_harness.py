#!/usr/bin/env python3
"""The harness itself: a table with one wrong value fails, whichever way it is wrong, and what the comment of conformance.py allows does not."""

import math
import sys
import unittest

from conformance import Tally, compare, draws, read_tables, stored
from references.record import ALL


def first(name, **like):
    """A stored case of the scheduler."""
    return next((p, values) for p, _, values in stored(ALL[name], read_tables()) if all(p.get(k) == v for k, v in like.items()))


class Compare(unittest.TestCase):
    def wrong(self, name, change, drift=None):
        p, values = first(name)
        ours = list(values)
        k = max(range(len(values)), key=lambda i: abs(values[i]))
        ours[k] = change(ours[k])
        return compare(Tally(ALL[name]), p, ours, values, "table", drift)

    def test_equal(self):
        self.assertIsNone(self.wrong("torch.CosineAnnealingLR", lambda v: v))

    def test_rounding_passes(self):
        self.assertIsNone(self.wrong("torch.CosineAnnealingLR", lambda v: v*(1 + 5e-13)))
        self.assertIsNone(self.wrong("caffe.exp", lambda v: v*(1 + 1e-7)))

    def test_a_wrong_value_fails(self):
        for name in ("torch.CosineAnnealingLR", "hf.get_wsd_schedule", "optax.join_schedules"):
            self.assertIn("step ", self.wrong(name, lambda v: v*(1 + 2e-12)))
        self.assertIn("step ", self.wrong("caffe.exp", lambda v: v*(1 + 1e-6)))

    def test_nan_and_infinity_fail(self):
        for bad in (math.nan, math.inf, -math.inf):
            self.assertIn("step ", self.wrong("torch.StepLR", lambda v, bad=bad: bad))
            self.assertIn("step ", self.wrong("torch.StepLR", lambda v, bad=bad: bad, 1e-9))

    def test_drift(self):
        self.assertIsNone(self.wrong("torch.StepLR", lambda v: v*(1 + 1e-10), 1e-9))
        self.assertIn("step ", self.wrong("torch.StepLR", lambda v: v*(1 + 1e-8), 1e-9))

    def test_one_step_late_fails(self):
        """Each schedule that is not constant, moved by one step."""
        for name, record in ALL.items():
            moved = 0
            for p, n in draws(record, 20, 3):
                values = record.by_formula(p, n)         # 20 draws: some of them are constant in parts only
                if record.metrics or None in values or len({round(v, 12) for v in values}) < 3:
                    continue
                self.assertIsNotNone(compare(Tally(record), p, values[1:], values[:-1], "formula"), name)
                moved += 1
            if "onstant" not in name and not record.metrics and name not in ("fastai.SchedNo", "caffe.fixed"):
                self.assertGreater(moved, 0, name)


class Records(unittest.TestCase):
    def test_stored_for_all(self):
        tables = read_tables()
        self.assertEqual(sorted(tables), sorted(ALL))
        for name, cases in tables.items():
            self.assertGreaterEqual(len(cases), 5, name)

    def test_draws_repeat(self):
        for record in ALL.values():
            self.assertEqual([str(p) for p, _ in draws(record, 3, 1)], [str(p) for p, _ in draws(record, 3, 1)])
            self.assertNotEqual([str(p) for p, _ in draws(record, 3, 1)], [str(p) for p, _ in draws(record, 3, 2)])

    def test_texts(self):
        for record in ALL.values():
            for p, _ in draws(record, 20, 1):
                self.assertNotIn("None", record.text(p))

    def test_tables_are_what_the_formulas_say(self):
        """Without any library: the formulas, which the standard modules are held to, against what the libraries once gave."""
        tables = read_tables()
        for record in ALL.values():
            for p, n, values in stored(record, tables):
                recursive = record.arithmetic == "float64 recursion"
                formula = [math.nan if v is None else v for v in record.by_formula(p, n)]
                self.assertIsNone(compare(Tally(record), p, formula, values, "table", record.drift if recursive else None), record.name)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
