"""The searches of examples/sweep, in short: they end, propose what the schedule allows, find what trains, and do so again alike.

usage: test_digits.py LRSC SOURCE_DIR [Optuna|Dask|Ray]
"""
import importlib.util
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import cli

RANGES = {"peak": (0.003, 3), "decay": (0.1, 0.9)}


class Search(cli.Case):
    def search(self, script, *args, needs):
        """The report of a script."""
        for name in ("lrs", "numpy", *needs):
            if importlib.util.find_spec(name) is None:
                self.skipTest(f"{name} is not installed")
        env = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", PYTHONDONTWRITEBYTECODE="1", DASK_CONFIG=self.dir,
                   RAY_TMPDIR=self.dir, RAY_AUTH_MODE="disabled", RAY_USAGE_STATS_ENABLED="0")  # nothing is left in the home, and nothing is sent
        done = subprocess.run([sys.executable, os.path.join(cli.SOURCE, "examples", "sweep", script), *map(str, args)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", env=env, cwd=self.dir, timeout=500)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def check(self, out, trials):
        found = dict(re.findall(r"^(peak|decay|validation loss|test accuracy) (\S+)", out, re.M))
        self.assertEqual(len(found), 4, out)
        self.assertTrue(out.startswith(f"{trials} trials\n"), out)
        for name, (lo, hi) in RANGES.items():
            self.assertTrue(lo <= float(found[name]) <= hi, out)
        self.assertGreater(float(found["test accuracy"]), 85)
        return float(found["validation loss"])


class Optuna(Search):
    def test_search(self):
        needs = ("optuna",)
        first = self.search("optuna_digits.py", 1, 100, needs=needs)  # the defaults of the file
        self.assertIn("peak 0.1\ndecay 0.2\n", first)
        out = self.search("optuna_digits.py", 6, 100, needs=needs)
        self.assertLessEqual(self.check(out, 6), self.check(first, 1))
        self.assertEqual(self.search("optuna_digits.py", 6, 100, needs=needs), out)


class Dask(Search):
    SCRIPT, NEEDS = "dask_digits.py", ("optuna", "distributed")

    def test_search(self):
        out = self.search(self.SCRIPT, 6, 100, 2, needs=self.NEEDS)
        self.check(out, 6)
        self.assertEqual(self.search(self.SCRIPT, 6, 100, 1, needs=self.NEEDS), out)


class Ray(Dask):
    SCRIPT, NEEDS = "ray_digits.py", ("optuna", "ray")


if __name__ == "__main__":
    cli.main()
