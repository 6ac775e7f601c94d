"""params: the table, json, search spaces, what they leave out, what is refused. What the tools make of them is in tests/sweep."""
import json
import cli
from cli import DIAGNOSTICS, IO, USAGE

TEXT = """param peak = 3e-4 in 1e-5..1e-2 log
param total = 90 epochs in 10..200
param steps_per_epoch = 100
param low in 0..1e-4
warmup 5% -> peak
then cosine until total -> low
"""


class Params(cli.Case):
    def setUp(self):
        super().setUp()
        self.write("a.lrs", TEXT)

    def test_table(self):
        r = self.lrsc("params", "a.lrs")
        self.assertEqual([line.split() for line in r.out.splitlines()],
                         [["name", "default", "unit", "range", "scale"], ["peak", "0.0003", "-", "1e-05..0.01", "log"],
                          ["total", "90", "epochs", "10..200", "linear"], ["steps_per_epoch", "100", "-", "-", "-"],
                          ["low", "none", "-", "0..0.0001", "linear"]])
        self.assertEqual(r.err, "")
        self.assertEqual(self.lrsc("params", "a.lrs", "--format=text").out, r.out)
        self.assertEqual(self.lrsc("params", "-", stdin=TEXT).out, r.out)
        self.assertEqual(self.lrsc("params", "-e", TEXT).out, r.out)

    def test_json(self):
        r = self.lrsc("params", "--format=json", "a.lrs")
        self.assertEqual(json.loads(r.out), [
            {"name": "peak", "default": 3e-4, "lo": 1e-5, "hi": 1e-2, "log": True, "unit": None},
            {"name": "total", "default": 90, "lo": 10, "hi": 200, "log": False, "unit": "epochs"},
            {"name": "steps_per_epoch", "default": 100, "lo": None, "hi": None, "log": False, "unit": None},
            {"name": "low", "default": None, "lo": 0, "hi": 1e-4, "log": False, "unit": None}])
        self.assertEqual(r.err, "")

    def test_numbers_read_back(self):
        for lo, hi in ((1e-308, 1.7e308), (0.1 + 0.2, 1 / 3 + 1), (1e15, 1e22), (123456.5, 1234567.25)):
            r = self.lrsc("params", "--format=json", "-e", f"param x = {lo!r} in {lo!r}..{hi!r} log\nhold x")
            self.assertEqual([(v["lo"], v["hi"]) for v in json.loads(r.out)], [(lo, hi)])

    def test_no_params(self):
        self.assertIn("there are no params", self.lrsc("params", "-e", "hold 1").out)
        self.assertEqual(self.lrsc("params", "-e", "hold 1", "--format=json").out, "[]\n")
        self.assertEqual(self.lrsc("params", "torch.StepLR(30, lr=0.1)", "--format=json").out, "[]\n")

    def test_search_spaces_leave_out_what_has_no_range(self):
        for name in ("optuna", "hydra", "wandb"):
            r = self.lrsc("params", "a.lrs", "--format", name)
            self.assertIn("a.lrs", r.out.splitlines()[0])
            self.assertNotIn("steps_per_epoch", r.out)
            self.assertEqual(r.err.count("note:"), 1)
            self.assertIn("`steps_per_epoch` has no range and is left out", r.err)
            quiet = self.lrsc("params", "a.lrs", "-w", "--format", name)
            self.assertEqual((quiet.out, quiet.err), (r.out, ""))

    def test_defined_params_are_left_out(self):
        for name in ("text", "json", "optuna", "hydra", "wandb"):
            r = self.lrsc("params", "a.lrs", "--format", name, "-D", "peak=1e-3", "-Dsteps_per_epoch=10")
            self.assertNotIn("peak", r.out)
            self.assertNotIn("steps_per_epoch", r.out + r.err)
            self.assertIn("total", r.out)

    def test_nothing_to_search(self):
        for name in ("optuna", "hydra", "wandb"):
            r = self.lrsc("params", "-e", "param x = 1; hold x", "--format", name, code=DIAGNOSTICS)
            self.assertEqual(r.out, "")
            self.assertIn("no param has a range", r.err)
            self.assertIn("log` declares one", r.err)
            self.assertIn("no params", self.lrsc("params", "-e", "hold 1", "--format", name, code=DIAGNOSTICS).err)

    def test_names_that_yaml_would_read_as_something_else(self):
        text = "".join(f"param {name} = 1 in 1..2\n" for name in ("yes", "No", "off", "null", "TRUE", "y")) + "hold yes + No + off + null + TRUE + y"
        for name in ("hydra", "wandb"):
            out = self.lrsc("params", "-e", text, "--format", name).out
            for word in ("yes", "No", "off", "null", "TRUE", "y"):
                self.assertIn(f'"{word}":', out)

    def test_a_name_of_a_file_cannot_end_the_comment(self):
        self.write("a\nimport os\n.lrs", TEXT)
        for name in ("optuna", "hydra", "wandb"):
            out = self.lrsc("params", "-w", "a\nimport os\n.lrs", "--format", name).out
            self.assertIn("of a import os .lrs,", out.splitlines()[0])

    def test_imported_params(self):
        self.write("common.lrs", "param peak = 0.1 in 0.01..1 log\n")
        self.write("b.lrs", 'use "common.lrs"\nhold peak\n')
        self.assertIn('trial.suggest_float("peak", 0.01, 1, log=True)', self.lrsc("params", "b.lrs", "--format=optuna").out)

    def test_wrong_usage(self):
        self.assertIn("needs a file", self.lrsc("params", code=USAGE).err)
        self.assertIn("one file", self.lrsc("params", "a.lrs", "a.lrs", code=USAGE).err)
        self.assertIn("not both", self.lrsc("params", "a.lrs", "-e", "hold 1", code=USAGE).err)
        self.assertIn("did you mean 'optuna'", self.lrsc("params", "a.lrs", "--format=optun", code=USAGE).err)
        self.assertIn("text, json, optuna, hydra, wandb", self.lrsc("params", "a.lrs", "--format=", code=USAGE).err)
        self.assertIn("several values", self.lrsc("params", "a.lrs", "-Dpeak=1e-3,1e-4", code=USAGE).err)
        self.lrsc("params", "none.lrs", code=IO)
        self.assertIn("LRS0207", self.lrsc("params", "-e", "holt 1", code=DIAGNOSTICS).err)
        self.assertIn("LRS0212", self.lrsc("params", "a.lrs", "-Dpeak=1", code=DIAGNOSTICS).err)


if __name__ == "__main__":
    cli.main()
