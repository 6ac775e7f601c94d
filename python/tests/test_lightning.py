"""test_lightning.py: lrs.lightning in short trainings of Lightning."""
import os
import tempfile
import unittest
import warnings

import frameworks

frameworks.need("torch", "lightning")
import lightning.pytorch as pl  # noqa: E402
import torch  # noqa: E402
from lightning.pytorch.callbacks import GradientAccumulationScheduler, LearningRateMonitor, ModelCheckpoint  # noqa: E402

import lrs  # noqa: E402
import lrs.lightning  # noqa: E402

torch.set_num_threads(1)
warnings.filterwarnings("ignore")

BATCHES = 10
RULES = """
input val_loss
input val_acc
warmup 7 -> 0.05
then cosine until 60 -> 0.005
on plateau(val_loss, patience=1) *0.5
on (val_acc > 0.95) *0.8
"""


class Model(pl.LightningModule):
    """A line through points that depend on the number of the update alone. Validation losses are made up: better, then no more."""

    def __init__(self, entry, optimizer=lambda p: torch.optim.Adam(p, lr=0.1)):
        super().__init__()
        torch.manual_seed(1)
        self.net = torch.nn.Linear(3, 1)
        self.entry, self.optimizer = entry, optimizer
        self.rates, self.validations = [], []

    def training_step(self, batch, index):
        g = torch.Generator().manual_seed(1000 * self.current_epoch + index)
        x = torch.randn(8, 3, generator=g)
        loss = ((self.net(x)[:, 0] - x @ torch.tensor([1.0, -2.0, 3.0])) ** 2).mean()
        self.log("train_loss", loss.detach())
        return loss

    def on_before_optimizer_step(self, optimizer):
        self.rates.append(float(optimizer.param_groups[0]["lr"]))

    def validation_step(self, batch, index):
        n = self.global_step
        self.log("val_loss", max(0.2, 1 - n / 30))
        self.log("val_acc", min(1.0, n / 40))

    def on_validation_end(self):
        self.validations.append((self.global_step, self.trainer.sanity_checking))

    def configure_optimizers(self):
        optimizer = self.optimizer(self.parameters())
        return {"optimizer": optimizer, "lr_scheduler": self.entry(optimizer)}

    def train_dataloader(self):
        return torch.utils.data.DataLoader(torch.zeros(BATCHES, 1), batch_size=1)

    def val_dataloader(self):
        return torch.utils.data.DataLoader(torch.zeros(1, 1), batch_size=1)


def fit(model, epochs, callbacks=(), checkpoint=None, **options):
    options.setdefault("num_sanity_val_steps", 1)
    trainer = pl.Trainer(max_epochs=epochs, callbacks=list(callbacks), accelerator="cpu", devices=1, logger=options.pop("logger", False),
                         enable_progress_bar=False, enable_model_summary=False, enable_checkpointing=any(
                             isinstance(c, ModelCheckpoint) for c in callbacks), **options)
    trainer.fit(model, ckpt_path=checkpoint)
    return trainer


def bytes_of(model):
    return b"".join(p.detach().numpy().tobytes() for p in model.parameters())


def entry(text, **options):
    return lambda optimizer: lrs.lightning.lr_scheduler(optimizer, text, **options)


class Resume(unittest.TestCase):
    def check(self, what, text, epochs, stop, metrics, options=None, **trainer):
        """A run of `epochs`, and one that ends after the checkpoint `stop` and goes on from it with another model and another trainer."""
        with tempfile.TemporaryDirectory() as folder:
            feed = [lrs.lightning.Metrics(metrics)] if metrics != () else []
            whole = Model(entry(text, **(options or {})))
            fit(whole, epochs, feed, **trainer)
            keep = ModelCheckpoint(folder, filename="{step}", save_top_k=-1, **stop)
            first = Model(entry(text, **(options or {})))
            fit(first, epochs, [keep, *feed], **trainer)
            files = sorted(os.listdir(folder), key=lambda n: int(n.split("=")[1].split(".")[0]))
            at = files[len(files) // 2]
            done = int(at.split("=")[1].split(".")[0])
            second = Model(entry(text, **(options or {})))
            fit(second, epochs, feed, os.path.join(folder, at), **trainer)
            self.assertLess(0, done)
            frameworks.resumed(self, f"{what}, from {at}", whole.rates, first.rates[:done], second.rates, bytes_of(whole), bytes_of(second))
            return whole

    def test_steps_and_two_metrics(self):
        whole = self.check("step", RULES, 6, {"every_n_epochs": 1, "save_on_train_epoch_end": True}, None)
        # what the same observations make of the schedule alone
        s = lrs.compile(RULES)
        expected = []
        for step in range(60):
            expected.append(s(step))
            if step % BATCHES == BATCHES - 1:
                n = step + 1
                s.observe(n, val_loss=float(torch.tensor(max(0.2, 1 - n / 30))), val_acc=float(torch.tensor(min(1.0, n / 40))))
        self.assertEqual(whole.rates, expected)
        self.assertGreater(sum(d.fired for d in s.detectors), 1)
        self.assertIn((0, True), whole.validations)  # sanity checking fed nothing

    def test_in_the_middle_of_an_epoch(self):
        self.check("step, validated twice an epoch", RULES, 6, {"every_n_epochs": 1, "save_on_train_epoch_end": False},
                   {"val_loss": "val_loss", "val_acc": "val_acc"}, val_check_interval=5)

    def test_epochs(self):
        text = "unit epoch\nwarmup 2 -> 0.1; then cosine until 12 -> 0.01\non plateau(patience=1) *0.5"
        whole = self.check("epoch", text, 12, {"every_n_epochs": 1, "save_on_train_epoch_end": True}, None)
        self.assertEqual(whole.rates[:30], [r for r in (0.0, 0.05, 0.1) for _ in range(BATCHES)])
        self.assertEqual(lrs.lightning.lr_scheduler(torch.optim.SGD(whole.parameters(), 1), "hold 1", interval="epoch")["interval"], "epoch")

    def test_accumulated_gradients(self):
        whole = self.check("accumulated", "warmup 4 -> 0.1; then cosine until 20 -> 0", 8, {"every_n_epochs": 1,
                           "save_on_train_epoch_end": True}, (), accumulate_grad_batches=4)
        self.assertEqual(whole.rates, list(lrs.compile("warmup 4 -> 0.1; then cosine until 20 -> 0")[0:24]))


class Own(unittest.TestCase):
    """The schedulers that Lightning runs by itself."""

    def test_cosine(self):
        theirs = Model(lambda o: {"scheduler": torch.optim.lr_scheduler.CosineAnnealingLR(o, 40, 1e-3), "interval": "step"})
        mine = Model(entry("use torch\ntorch.CosineAnnealingLR(T_max=40, eta_min=1e-3, lr=0.1)"))
        for model in (theirs, mine):
            fit(model, 4)
        frameworks.compared(self, "CosineAnnealingLR, step", mine.rates, theirs.rates, 1e-11)

    def test_plateau(self):
        theirs = Model(lambda o: {"scheduler": torch.optim.lr_scheduler.ReduceLROnPlateau(o, factor=0.5, patience=1), "monitor": "val_loss"})
        mine = Model(entry("hold 0.1; on plateau(patience=1) *0.5"))
        fit(theirs, 9)
        fit(mine, 9, [lrs.lightning.Metrics()])
        self.assertEqual([len(theirs.rates), len(mine.rates)], [90, 90])
        # Lightning steps an epoch's ReduceLROnPlateau at the end of the epoch, after its validation, as the callback does
        frameworks.compared(self, "ReduceLROnPlateau, monitor", mine.rates, theirs.rates)


class Parts(unittest.TestCase):
    def test_learning_rate_monitor(self):
        from lightning.pytorch.loggers import CSVLogger
        groups = lambda p: torch.optim.SGD([{"params": [q], "name": n} for n, q in zip(("body", "head"), p)], lr=1.0)  # noqa: E731
        with tempfile.TemporaryDirectory() as folder:
            logger = CSVLogger(folder)
            model = Model(entry("warmup 5 -> 0.1\nschedule lr[\"head\"] = 10*lr"), groups)
            fit(model, 1, [LearningRateMonitor()], logger=logger, log_every_n_steps=1)
            logger.save()
            with open(os.path.join(logger.log_dir, "metrics.csv"), encoding="utf-8") as f:
                names = f.readline()
            self.assertIn("lr-SGD/body", names)
            self.assertIn("lr-SGD/head", names)
            monitor = LearningRateMonitor()
            fit(Model(entry("warmup 5 -> 0.1", name="rate")), 1, [monitor], logger=CSVLogger(folder), log_every_n_steps=1)
            self.assertEqual(list(monitor.lrs), ["rate"])
            print("LearningRateMonitor: lr-SGD/body, lr-SGD/head, and rate by name=")

    def test_a_value_after_the_last_update(self):
        """It is refused only where a batch is trained with it."""
        text = "hold 0.1\nschedule beta2 { linear 8 from 0.9 -> 1 }"
        with tempfile.TemporaryDirectory() as folder:
            trainer = fit(Model(entry(text)), 1, max_steps=8)
            self.assertEqual((trainer.global_step, trainer.optimizers[0].param_groups[0]["betas"][1]), (8, lrs.compile(text).values(7)[1]))
            trainer.save_checkpoint(os.path.join(folder, "8.ckpt"))
            with self.assertRaisesRegex(lrs.LrsError, "`beta2` is 1.0 at step 8: Adam takes"):
                fit(Model(entry(text)), 2, checkpoint=os.path.join(folder, "8.ckpt"))

    def test_stop(self):
        model = Model(entry("hold 0.1; on plateau(patience=1) stop"))
        trainer = fit(model, 50, [lrs.lightning.Metrics()])
        self.assertLess(trainer.current_epoch, 10)
        print(f"stop: training ended after epoch {trainer.current_epoch} of 50")

    def test_metrics_of_the_training(self):
        for when in ("epoch", "batch"):
            model = Model(entry("hold 0.01; on (metric > 0) *0.5"))
            fit(model, 2, [lrs.lightning.Metrics("train_loss", when=when)])
            self.assertEqual(sorted(set(model.rates)), [0.005, 0.01])
            self.assertEqual(model.rates.count(0.01), BATCHES if when == "epoch" else 1)

    def test_validation_alone_feeds_nothing(self):
        model = Model(entry("hold 0.1; on plateau(patience=0) *0.5"))
        trainer = fit(model, 1, [lrs.lightning.Metrics()])
        before = trainer.lr_scheduler_configs[0].scheduler.state_dict()
        trainer.validate(model, verbose=False)
        self.assertEqual(trainer.lr_scheduler_configs[0].scheduler.state_dict(), before)

    def test_two_schedules(self):
        """Each with inputs of its own, as for the two nets of a GAN."""
        class Two(Model):
            def __init__(self):
                super().__init__(None)
                self.automatic_optimization = False

            def training_step(self, batch, index):
                for optimizer, scheduler in zip(self.optimizers(), self.lr_schedulers()):
                    optimizer.zero_grad()
                    self.manual_backward(super().training_step(batch, index))
                    optimizer.step()
                    scheduler.step()

            def configure_optimizers(self):
                both = [torch.optim.SGD([p], 1) for p in self.parameters()]
                texts = ("input g\nhold 0.1\non (g > 0) *0.5", "input d\nhold 0.1\non (d > 0.1) *0.5")
                return [{"optimizer": o, "lr_scheduler": lrs.lightning.lr_scheduler(o, text)} for o, text in zip(both, texts)]

        for callbacks, fired in (([{"g": "val_loss"}, {"d": "val_acc"}], [1, 1]), ([{"g": "val_loss", "d": "val_acc"}], [1, 1]),
                                 ([{"g": "val_loss"}], [1, 0])):
            trainer = fit(Two(), 2, map(lrs.lightning.Metrics, callbacks))
            schedulers = [c.scheduler for c in trainer.lr_scheduler_configs]
            self.assertEqual([s.schedule.detectors[0].fired for s in schedulers], fired)
        with self.assertRaisesRegex(lrs.LrsError, "no input `xyz`; there is `g`, `d`"):
            fit(Two(), 1, [lrs.lightning.Metrics({"xyz": "val_loss"})])

    def test_no_validation(self):
        class NoValidation(Model):
            validation_step = pl.LightningModule.validation_step

        for options in ({"limit_val_batches": 0}, {}):
            model = (Model if options else NoValidation)(entry("hold 0.1; on plateau *0.5"))
            with self.assertRaisesRegex(lrs.LrsError, "watch `val_loss`, and there is no validation"):
                fit(model, 1, [lrs.lightning.Metrics()], **options)
        fit(Model(entry("hold 0.1")), 1, [lrs.lightning.Metrics()], limit_val_batches=0)
        fit(Model(entry("hold 0.1; on plateau *0.5")), 1, [lrs.lightning.Metrics("train_loss", when="epoch")], limit_val_batches=0)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            fit(Model(entry("hold 0.1; on plateau *0.5")), 1, [lrs.lightning.Metrics()], check_val_every_n_epoch=5)
            fit(Model(entry("hold 0.1; on plateau *0.5")), 1, [lrs.lightning.Metrics()])
        self.assertEqual([str(w.message) for w in caught if w.category is lrs.LrsWarning],
                         ["the rules of the schedule watch `val_loss`, and there was no validation"])

    def test_no_callback(self):
        """Rules that nobody feeds are told at the first step, also after a resume."""
        text = "hold 0.1; on plateau(patience=1) *0.5"
        wanted = ["the rules of the schedule watch `val_loss`, and no callback feeds them: give the Trainer callbacks=[lrs.lightning.Metrics()], or "
                  "lrs.lightning.Metrics({}) if you call scheduler.observe yourself, later than this"]

        class Feeds(Model):
            def on_train_epoch_start(self):
                self.lr_schedulers().observe(0.5)

        def said(model, *callbacks, **options):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                fit(model, 2, callbacks, **options)
            return [str(w.message) for w in caught if w.category is lrs.LrsWarning]
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(said(Model(entry(text)), ModelCheckpoint(folder, filename="{step}", save_top_k=-1)), wanted)
            self.assertEqual(said(Model(entry(text)), checkpoint=os.path.join(folder, "step=10.ckpt")), wanted)
            self.assertEqual(said(Model(entry(text)), lrs.lightning.Metrics(), checkpoint=os.path.join(folder, "step=10.ckpt")), [])
        self.assertEqual(said(Model(entry("hold 0.1"))), [])
        self.assertEqual(said(Feeds(entry(text))), [])
        self.assertEqual(said(Model(entry(text)), lrs.lightning.Metrics({})), [])

    def test_a_scheduler_without_an_entry(self):
        """Lightning steps it once an epoch, which the callback says."""
        def said(text, interval=None, manual=False):
            def entry(optimizer):
                scheduler = lrs.torch.Scheduler(optimizer, text)
                return scheduler if interval is None else {"scheduler": scheduler, "interval": interval}
            model = Model(entry)
            if manual:
                model.automatic_optimization = False
                model.training_step = lambda *batch: None
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                fit(model, 1, [lrs.lightning.Metrics()])
            return [str(w.message) for w in caught if w.category is lrs.LrsWarning]
        wanted = ["the schedule counts steps, and Lightning steps it once an epoch: return lrs.lightning.lr_scheduler(optimizer, ...) in its place, "
                  "or {\"scheduler\": scheduler, \"interval\": \"step\"}"]
        self.assertEqual(said("warmup 20 -> 1"), wanted)
        self.assertEqual(said("warmup 20 -> 1", "epoch"), wanted)
        self.assertEqual(said("warmup 20 -> 1", "step"), [])
        self.assertEqual(said("unit epoch; linear 20 from 1 -> 0"), [])
        self.assertEqual(said("warmup 20 -> 1", manual=True), [])
        with self.assertRaisesRegex(lrs.LrsError, "counts epochs, and Lightning would count steps"):
            said("unit epoch; linear 20 from 1 -> 0", "step")
        for entry, steps in (({}, 2), ({"interval": "step"}, 2 * BATCHES)):  # what the page says where there is no callback
            trainer = fit(Model(lambda o: {"scheduler": lrs.torch.Scheduler(o, "hold 1; on plateau *0.5"), "monitor": "val_loss", **entry}), 2)
            scheduler = trainer.lr_scheduler_configs[0].scheduler
            self.assertEqual(scheduler.last_epoch, steps)
            self.assertLess(scheduler.schedule.detectors[0].seen_step, 0)

    def test_the_updates_of_a_training(self):
        """What docs/python.md and the error say of `total`."""
        text = "param total; linear until total from 1 -> 0"
        for accumulate in (1, 4):
            model = Model(lambda o: lrs.lightning.lr_scheduler(o, text, total=model.trainer.estimated_stepping_batches))
            fit(model, 3, accumulate_grad_batches=accumulate)
            updates = 3 * (BATCHES if accumulate == 1 else 3)  # the last of an epoch is of two batches
            self.assertEqual([round(rate, 12) for rate in model.rates], [round(1 - t / updates, 12) for t in range(updates)])
        o = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1.0)
        with self.assertRaisesRegex(lrs.LrsError, "^param `total` has no default: give it a value; that of all updates is self.trainer.estimated_stepping_batches$"):
            lrs.lightning.lr_scheduler(o, text)
        with self.assertRaisesRegex(lrs.LrsError, "^param `peak` has no default: give it a value$"):
            lrs.lightning.lr_scheduler(o, "param peak; hold peak")
        with self.assertRaisesRegex(lrs.LrsError, r"no param `monitor`.* a callback, Trainer\(callbacks=\[lrs.lightning.Metrics\('val_acc'\)\]\)$"):
            lrs.lightning.lr_scheduler(o, "param peak; hold peak", monitor="val_acc")
        entry = lrs.lightning.lr_scheduler(optimizer=o, schedule="param peak; hold peak", params={"peak": 2})
        self.assertEqual(entry["scheduler"].get_last_lr(), [2.0])

    def test_the_metric_that_is_proposed(self):
        """It is the one whose name is nearest, and not one of the training."""
        class Other(Model):
            def validation_step(self, batch, index):
                self.log("loss_val", 1.0)
        with self.assertRaisesRegex(lrs.LrsError, "there is `train_loss`, `loss_val`. Say which it is, as in metrics={\"metric\": \"loss_val\"}"):
            fit(Other(entry("hold 1; on plateau *0.5")), 1, [lrs.lightning.Metrics()])

    def test_a_schedule_that_ends_at_0_too_early(self):
        def said(text, interval=None, callbacks=(), **options):
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                fit(Model(entry(text, interval=interval)), 3, [lrs.lightning.Metrics(), *callbacks], **options)
            return [str(w.message)[:68] for w in caught if w.category is lrs.LrsWarning]
        self.assertEqual(said("warmup 2 -> 0.1; cosine until 5 -> 0"), ["the rate is 0 in the last 25 of the 30 steps of this training: the la"[:68]])
        self.assertEqual(said("cosine 5 from 1 -> 0", accumulate_grad_batches=2), ["the rate is 0 in the last 10 of the 15 steps of this training: the la"[:68]])
        self.assertEqual(said("cosine 5 from 1 -> 0", max_steps=20), ["the rate is 0 in the last 15 of the 20 steps of this training: the la"[:68]])
        self.assertEqual(said("unit epoch; linear 1 from 1 -> 0"), ["the rate is 0 in the last 2 of the 3 epochs of this training: the last"[:68]])
        self.assertEqual(said("linear 1 from 1 -> 0", "epoch"), ["the rate is 0 in the last 2 of the 3 steps of this training: the last "[:68]])
        for text, options in (("cosine 30 from 1 -> 0", {}), ("cosine 15 from 1 -> 0", {"accumulate_grad_batches": 2}), ("cosine 5 from 1 -> 0; then hold 0", {}),
                              ("cosine 20 from 1 -> 0", {"max_steps": 20}), ("cosine 3 from 1 -> 0", {"max_time": "00:00:00:01", "max_steps": 4}),
                              ("unit epoch; linear 3 from 1 -> 0", {}), ("linear 3 from 1 -> 0", {"interval": "epoch"}),
                              ("linear 18 from 1 -> 0", {"callbacks": [GradientAccumulationScheduler({1: 2})]})):
            self.assertEqual(said(text, **options), [], text)

    def test_a_loss_that_is_nan(self):
        """It has diverged, which an `on diverge` is told."""
        class Diverges(Model):
            def validation_step(self, batch, index):
                self.log("val_loss", 1.0 if self.global_step < 15 else float("nan"))
        for text, epochs in (("hold 0.01; on diverge stop", 2), ("hold 0.01; on plateau(patience=50) stop", 4)):
            trainer = fit(Diverges(entry(text)), 4, [lrs.lightning.Metrics()])
            self.assertEqual(trainer.current_epoch, epochs)

    def test_skipped_updates_are_steps(self):
        """What docs/python.md says of Lightning and mixed precision."""
        from lightning.pytorch.plugins import MixedPrecision

        class Overflow(Model):
            def training_step(self, batch, index):
                return super().training_step(batch, index) * (float("inf") if index in (1, 2) else 1)

            def on_train_batch_end(self, *args):
                self.weights = [*getattr(self, "weights", []), bytes_of(self)]

        model = Overflow(entry("linear 100 from 0.01 -> 0"))
        scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
        trainer = fit(model, 1, plugins=[MixedPrecision("16-mixed", "cpu", scaler=scaler)])
        self.assertEqual(model.weights[0], model.weights[2])
        self.assertNotEqual(model.weights[2], model.weights[3])
        self.assertEqual(trainer.lr_scheduler_configs[0].scheduler.last_epoch, BATCHES)

    def test_wrong(self):
        with self.assertRaisesRegex(lrs.LrsError, "watch `val_los`, and there is no metric `val_los` for it; there is .*`val_loss`"):
            fit(Model(entry("input val_los\nhold 1; on plateau(val_los) *0.5")), 1, [lrs.lightning.Metrics()])
        with self.assertRaisesRegex(lrs.LrsError, "no metric `val_accuracy` for it; .*Say which it is, as in metrics={\"val_accuracy\": \"val_acc\"}$"):
            fit(Model(entry("input val_accuracy\nhold 1; on plateau(val_accuracy, mode=max) *0.5")), 1, [lrs.lightning.Metrics()])
        with self.assertRaisesRegex(lrs.LrsError, "^`metrics` is for the input `metric`, and there is no metric `val_los` for it"):
            fit(Model(entry("hold 1")), 1, [lrs.lightning.Metrics("val_los")])
        with self.assertRaisesRegex(lrs.LrsError, "no input `acc`"):
            fit(Model(entry("hold 1; on plateau *0.5")), 1, [lrs.lightning.Metrics({"acc": "val_acc"})])
        with self.assertRaisesRegex(lrs.LrsError, "2 inputs: say which"):
            fit(Model(entry(RULES)), 1, [lrs.lightning.Metrics("val_loss")])
        with self.assertRaisesRegex(lrs.LrsError, "no scheduler of lrs"):
            fit(Model(lambda o: torch.optim.lr_scheduler.ConstantLR(o)), 1, [lrs.lightning.Metrics()])
        o = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1.0)
        with self.assertRaisesRegex(lrs.LrsError, "counts epochs, and Lightning would count its steps"):
            lrs.lightning.lr_scheduler(o, "unit epoch\nwarmup 5 -> 1", interval="step")
        with self.assertRaisesRegex(lrs.LrsError, "counts tokens"):
            lrs.lightning.lr_scheduler(o, "unit token\nwarmup 5 -> 1")
        with self.assertRaisesRegex(ValueError, "interval"):
            lrs.lightning.lr_scheduler(o, "hold 1", interval="batch")
        with self.assertRaisesRegex(ValueError, "when"):
            lrs.lightning.Metrics(when="test")


if __name__ == "__main__":
    unittest.main(warnings="ignore")
