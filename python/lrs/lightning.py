"""A schedule of lrs in Lightning.

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(self.parameters())
        return {"optimizer": optimizer, "lr_scheduler": lrs.lightning.lr_scheduler(optimizer, "wsd.lrs", peak=1e-3)}

    trainer = Trainer(callbacks=[lrs.lightning.Metrics()])     # where rules of the schedule watch metrics

In: an optimizer and a schedule, as for lrs.torch.Scheduler. Out: what Lightning takes; it steps the scheduler and puts it into its
checkpoints. An entry of Lightning is either stepped or given a metric, never both, so that metrics come through a callback.
"""
try:
    from lightning.pytorch import Callback
except ImportError:  # the package by its older name
    from pytorch_lightning import Callback

from . import LrsError, _all_params, _schedule
from ._metrics import Wanted
from .torch import Scheduler

__all__ = ["Metrics", "lr_scheduler"]


def lr_scheduler(optimizer, schedule, params=None, /, *, interval=None, name=None, names=None, sync=None, **more):
    """The entry "lr_scheduler" of what configure_optimizers returns.

    interval: "step", an update of the optimizer, or "epoch"; by itself what the schedule counts. name: for LearningRateMonitor;
    names, sync and the params are those of lrs.torch.Scheduler.
    """
    schedule = _schedule(schedule, _all_params(params, more))
    unit = schedule.unit
    if interval not in (None, "step", "epoch"):
        raise ValueError(f"interval is \"step\" or \"epoch\", not {interval!r}")
    if unit not in ("step", "epoch") or unit == "epoch" and interval == "step":
        raise LrsError(f"the schedule counts {unit}s, and Lightning would count " +
                       ("its steps" if interval == "step" else "steps or epochs") +
                       ": write `unit step` or `unit epoch` in the schedule, and lengths with their units, as `5 epochs`")
    config = {"scheduler": Scheduler(optimizer, schedule, names=names, sync=sync), "interval": interval or unit, "frequency": 1}
    return config if name is None else {**config, "name": name}


class Metrics(Callback):
    """Metrics(metrics=None): feeds the metrics of each validation to the schedules, and ends the training when a rule says `stop`.

    metrics: the name of a metric that is logged, a dict from inputs of the schedule to such names, or None: each input has the metric
    of its own name, and the input `metric`, of a file that declares none, has `val_loss`.
    when: "validation"; "epoch", after each epoch of training, for metrics of the training; or "batch", after each batch.
    """

    def __init__(self, metrics=None, *, when="validation"):
        if when not in ("validation", "epoch", "batch"):
            raise ValueError(f"when is \"validation\", \"epoch\" or \"batch\", not {when!r}")
        self._wanted = Wanted(metrics, "val_loss")
        self._when = when

    @staticmethod
    def _schedulers(trainer):
        return [c.scheduler for c in trainer.lr_scheduler_configs if isinstance(c.scheduler, Scheduler)]

    def _feed(self, trainer, when):
        if when != self._when or trainer.sanity_checking or trainer.state.fn != "fit":
            return
        for scheduler in self._schedulers(trainer):
            values = self._wanted.of(scheduler.schedule, trainer.callback_metrics)
            if values:
                scheduler.observe(**values)
            if scheduler.stopped:
                trainer.should_stop = True

    def on_train_start(self, trainer, pl_module):
        schedulers = self._schedulers(trainer)
        if not schedulers:
            raise LrsError("configure_optimizers returned no scheduler of lrs: see lrs.lightning.lr_scheduler")
        for scheduler in schedulers:
            self._wanted.names(scheduler.schedule)  # what is misspelt is said before the first epoch

    def on_validation_end(self, trainer, pl_module):
        self._feed(trainer, "validation")

    def on_train_epoch_end(self, trainer, pl_module):
        self._feed(trainer, "epoch")

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        self._feed(trainer, "batch")
