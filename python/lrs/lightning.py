"""A schedule of lrs in Lightning.

    def configure_optimizers(self):
        optimizer = torch.optim.AdamW(self.parameters())
        return {"optimizer": optimizer, "lr_scheduler": lrs.lightning.lr_scheduler(optimizer, "wsd.lrs", peak=1e-3)}

    trainer = Trainer(callbacks=[lrs.lightning.Metrics()])     # where rules of the schedule watch metrics

In: an optimizer and a schedule, as for lrs.torch.Scheduler. Out: what Lightning takes; it steps the scheduler and puts it into its
checkpoints. An entry of Lightning is either stepped or given a metric, never both, so that metrics come through a callback.
"""
import warnings

try:
    from lightning.pytorch import Callback
    from lightning.pytorch.callbacks import GradientAccumulationScheduler
except ImportError:  # the package by its older name
    from pytorch_lightning import Callback
    from pytorch_lightning.callbacks import GradientAccumulationScheduler

from . import LrsError, LrsWarning, _all_params, _schedule
from ._metrics import Wanted, check_unit, said_where_from, zero_rest
from .torch import Scheduler

__all__ = ["Metrics", "lr_scheduler"]


def lr_scheduler(optimizer, schedule, params=None, *, interval=None, name=None, names=None, sync=None, **more):
    """The entry "lr_scheduler" of what configure_optimizers returns.

    interval: "step", what Lightning takes for an update of the optimizer, though mixed precision may have skipped it, or "epoch"; by
    itself what the schedule counts. name: for LearningRateMonitor;
    names, sync and the params are those of lrs.torch.Scheduler.
    """
    try:
        with said_where_from(lambda sentence: "; that of all updates is self.trainer.estimated_stepping_batches" if "`total" in sentence else ""):
            schedule = _schedule(schedule, _all_params(params, more))
    except LrsError as e:
        if "no param `monitor`" not in str(e):
            raise
        raise LrsError(f"{e}. A metric comes through a callback, Trainer(callbacks=[lrs.lightning.Metrics({more['monitor']!r})])") from None
    unit = schedule.unit
    if interval not in (None, "step", "epoch"):
        raise ValueError(f"interval is \"step\" or \"epoch\", not {interval!r}")
    if interval == "step":
        check_unit(schedule, ("step",), "Lightning would count its steps")
    check_unit(schedule, ("step", "epoch"), "Lightning would count steps or epochs")
    config = {"scheduler": _Stepped(optimizer, schedule, names=names, sync=sync), "interval": interval or unit, "frequency": 1}
    return config if name is None else {**config, "name": name}


class _Stepped(Scheduler):
    """One that Lightning steps. At the first step it says so when its rules wait for metrics, and no Metrics is there."""

    fed = False  # whether a Metrics is there

    def step(self, metric=None, /, *, increment=1, **metrics):
        if not self.fed:
            self.fed = True
            waiting = Wanted(None, "val_loss").waiting([self.schedule])
            if waiting and metric is None and not metrics:
                warnings.warn(LrsWarning(f"{waiting}, and no callback feeds them: give the Trainer callbacks=[lrs.lightning.Metrics()], or "
                                         "lrs.lightning.Metrics({}) if you call scheduler.observe yourself, later than this"), stacklevel=2)
        super().step(metric, increment=increment, **metrics)

    def observe(self, metric=None, /, **metrics):
        self.fed = True
        return super().observe(metric, **metrics)


class Metrics(Callback):
    """Metrics(metrics=None): feeds the metrics of each validation to the schedules, and ends the training when a rule says `stop`.

    metrics: the name of a metric that is logged, a dict from inputs of the schedule to such names, or None: each input has the metric
    of its own name, and the input `metric`, of a file that declares none, has `val_loss`. An input in a dict is one of any of the schedules.
    when: "validation"; "epoch", after each epoch of training, for metrics of the training; or "batch", after each batch.
    """

    def __init__(self, metrics=None, *, when="validation"):
        if when not in ("validation", "epoch", "batch"):
            raise ValueError(f"when is \"validation\", \"epoch\" or \"batch\", not {when!r}")
        self._wanted = Wanted(metrics, "val_loss")
        self._when, self._fed = when, False

    @staticmethod
    def _schedulers(trainer):
        return [c.scheduler for c in trainer.lr_scheduler_configs if isinstance(c.scheduler, Scheduler)]

    @staticmethod
    def _inputs(schedulers):
        return [name for scheduler in schedulers for name in scheduler.schedule.inputs]

    def _waiting(self, schedulers):
        return self._wanted.waiting([scheduler.schedule for scheduler in schedulers])

    def _feed(self, trainer, when):
        if when != self._when or trainer.sanity_checking or trainer.state.fn != "fit":
            return
        schedulers = self._schedulers(trainer)
        for scheduler in schedulers:
            values = self._wanted.of(scheduler.schedule, trainer.callback_metrics, self._inputs(schedulers))
            self._fed = True
            if values:
                scheduler.observe(**values)
            if scheduler.stopped:
                trainer.should_stop = True

    def on_train_start(self, trainer, pl_module):
        schedulers = self._schedulers(trainer)
        if not schedulers:
            raise LrsError("configure_optimizers returned no scheduler of lrs: see lrs.lightning.lr_scheduler")
        waiting = self._waiting(schedulers)  # what is misspelt is said before the first epoch
        if waiting and self._when == "validation" and not trainer.enable_validation:
            raise LrsError(f"{waiting}, and there is no validation: give the Trainer batches for it, or feed metrics of the training, "
                           "lrs.lightning.Metrics(..., when=\"epoch\")")
        if pl_module.automatic_optimization:
            self._check_intervals(trainer)
            self._check_length(trainer)
        for scheduler in schedulers:
            scheduler.fed = True
        self._fed = False

    @staticmethod
    def _check_intervals(trainer):
        """Of schedulers that lr_scheduler did not make, which Lightning steps once an epoch unless it is told otherwise."""
        for config in trainer.lr_scheduler_configs:
            scheduler = config.scheduler
            if not isinstance(scheduler, Scheduler) or isinstance(scheduler, _Stepped):
                continue
            check_unit(scheduler.schedule, ("step",) if config.interval == "step" else ("step", "epoch"), f"Lightning would count {config.interval}s")
            if config.interval == "epoch" and scheduler.schedule.unit == "step":
                warnings.warn(LrsWarning("the schedule counts steps, and Lightning steps it once an epoch: return lrs.lightning.lr_scheduler("
                                         "optimizer, ...) in its place, or {\"scheduler\": scheduler, \"interval\": \"step\"}"), stacklevel=2)

    @staticmethod
    def _check_length(trainer):
        """Of schedules that are stepped once for each update or epoch."""
        for config in trainer.lr_scheduler_configs:
            steps = trainer.estimated_stepping_batches if config.interval == "step" else trainer.max_epochs
            sentence = zero_rest(config.scheduler.schedule, "lr", steps) if isinstance(config.scheduler, Scheduler) and config.frequency == 1 else ""
            if sentence and not any(isinstance(c, GradientAccumulationScheduler) for c in trainer.callbacks):  # the estimate is of its first epoch
                warnings.warn(LrsWarning(sentence), stacklevel=2)

    def on_train_end(self, trainer, pl_module):
        waiting = self._waiting(self._schedulers(trainer))
        if waiting and not self._fed:
            warnings.warn(LrsWarning(f"{waiting}, and there was no validation"), stacklevel=2)

    def on_validation_end(self, trainer, pl_module):
        self._feed(trainer, "validation")

    def on_train_epoch_end(self, trainer, pl_module):
        self._feed(trainer, "epoch")

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        self._feed(trainer, "batch")
