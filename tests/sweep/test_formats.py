"""The search spaces of `lrsc params` in the tools themselves, offline: what they make of the text is what the schedule says.

usage: test_formats.py LRSC SOURCE_DIR [Optuna|Hydra|Wandb]
"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import cli

TEXT = """param peak = 3e-4 in 1e-5..1e-2 log
param total = 90 epochs in 10..200
param steps_per_epoch = 100
param low in 0..1e-4
param wide = 1 in 1e-300..1e300 log
param off = 0 in -2..2
warmup 5% -> peak
then cosine until total -> low*wide + off
"""


class Space(cli.Case):
    def space(self, name):
        """The text for a tool, and its params as {name: (lo, hi, log)}, those that have a range."""
        self.write("a.lrs", TEXT)
        listed = json.loads(self.lrsc("params", "a.lrs", "--format=json").out)
        wanted = {p["name"]: (p["lo"], p["hi"], p["log"]) for p in listed if p["lo"] is not None}
        self.assertEqual(set(wanted), {"peak", "total", "low", "wide", "off"})
        return self.lrsc("params", "a.lrs", "-w", "--format", name).out, wanted


class Optuna(Space):
    def test_study(self):
        try:
            import optuna
        except ImportError:
            self.skipTest("optuna is not installed")
        text, wanted = self.space("optuna")
        names = {}
        exec(compile(text, "suggest.py", "exec"), names)
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
        study.enqueue_trial(names["DEFAULTS"])
        study.optimize(lambda trial: abs(names["suggest"](trial)["peak"] - 1e-3), n_trials=20)
        for trial in study.trials:
            self.assertEqual(trial.distributions, {n: optuna.distributions.FloatDistribution(lo, hi, log=log) for n, (lo, hi, log) in wanted.items()})
        first = study.trials[0].params
        self.assertEqual({n: first[n] for n in names["DEFAULTS"]}, {"peak": 3e-4, "total": 90, "wide": 1, "off": 0})
        self.lrsc("check", "a.lrs", *(f"-D{n}={v!r}" for n, v in study.best_params.items()))


class Hydra(Space):
    def test_sweeper(self):
        try:
            from hydra._internal.core_plugins.basic_sweeper import BasicSweeperConf
            from hydra.core.override_parser.overrides_parser import OverridesParser
            from omegaconf import OmegaConf
        except ImportError:
            self.skipTest("hydra-core is not installed")
        text, wanted = self.space("hydra")
        params = OmegaConf.merge(OmegaConf.structured(BasicSweeperConf), OmegaConf.load(self.write("a.yaml", text)).hydra.sweeper).params
        found = {}
        for key, value in params.items():
            override = OverridesParser.create().parse_override(f"{key}={value}")
            self.assertTrue(override.is_interval_sweep())
            sweep = override.value()
            found[override.key_or_group] = (sweep.start, sweep.end, "log" in sweep.tags)
        self.assertEqual(found, wanted)


class Wandb(Space):
    def test_sweep(self):
        try:
            import optuna
            from wandb.sdk.launch.sweeps.utils import load_sweep_config
            from wandb.sdk.sweeps.scheduler.optuna import search_space_from_sweep_config
        except ImportError:
            self.skipTest("wandb 0.31 or optuna is not installed")
        text, wanted = self.space("wandb")
        config = load_sweep_config(self.write("a.yaml", text))
        self.assertEqual(set(config), {"method", "parameters"})
        self.assertIn(config["method"], ("random", "grid", "bayes"))
        for spec in config["parameters"].values():
            self.assertEqual({k: type(v) for k, v in spec.items()}, {"distribution": str, "min": float, "max": float})
        self.assertEqual(search_space_from_sweep_config(config["parameters"]),
                         {n: optuna.distributions.FloatDistribution(lo, hi, log=log) for n, (lo, hi, log) in wanted.items()})


if __name__ == "__main__":
    cli.main()
