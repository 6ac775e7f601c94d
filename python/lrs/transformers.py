"""A schedule of lrs in the Trainer of Transformers.

    trainer = lrs.transformers.Trainer(model, args, schedule="wsd.lrs", params={"peak": 1e-3}, ...)

is a Trainer whose rate is that of the schedule; or, with an optimizer of one's own and any Trainer:

    scheduler = lrs.torch.Scheduler(optimizer, "wsd.lrs", peak=1e-3)
    trainer = Trainer(..., optimizers=(optimizer, scheduler), callbacks=[lrs.transformers.Metrics()])

In: a schedule; the metrics of evaluations. Out: a scheduler that the Trainer steps and puts into its checkpoints. The Trainer gives
metrics to ReduceLROnPlateau alone, so that those of an lrs schedule come through a callback.
"""
import warnings

import transformers

from . import LrsError, LrsWarning, Schedule, _schedule
from ._metrics import Wanted, check_unit
from .torch import Scheduler

__all__ = ["Metrics", "ScheduleMixin", "Trainer"]

COUNTS = "the Trainer counts updates"


def _scheduler_of(scheduler):
    """Accelerate may have put another around it."""
    scheduler = scheduler if isinstance(scheduler, Scheduler) else getattr(scheduler, "scheduler", scheduler)
    if not isinstance(scheduler, Scheduler):
        raise LrsError(f"the scheduler of the Trainer is a {type(scheduler).__name__}, and not one of lrs: give it as "
                       "optimizers=(optimizer, lrs.torch.Scheduler(optimizer, ...))")
    return scheduler


class Metrics(transformers.TrainerCallback):
    """Metrics(metrics=None): feeds the metrics of each evaluation to the schedule, and ends the training when a rule says `stop`.

    metrics: the name of a metric, a dict from inputs of the schedule to such names, or None: each input has the metric of its own
    name, and the input `metric`, of a file that declares none, has args.metric_for_best_model, or else the loss. `eval_` before a
    name may be left out.

    The Trainer evaluates a dict of data sets one after the other, each with metrics of its own, as `eval_first_loss`: what a rule
    watches may be in any of them.
    """

    def __init__(self, metrics=None):
        self._given = metrics
        self._wanted = Wanted(metrics, "loss", "eval_")
        self._training = False

    def on_train_begin(self, args, state, control, lr_scheduler=None, **kwargs):
        schedule = _scheduler_of(lr_scheduler).schedule
        check_unit(schedule, ("step",), COUNTS)
        self._wanted = Wanted(self._given, args.metric_for_best_model or "loss", "eval_")
        names, needed = self._wanted.names(schedule)  # what is misspelt is said before the first evaluation
        if needed and args.eval_strategy == "no":
            raise LrsError(f"the rules of the schedule watch {', '.join(f'`{names[n]}`' for n in sorted(needed))}, and there is no evaluation: "
                           "give TrainingArguments an eval_strategy, or leave the rules without metrics, metrics={}")
        self._training, self._fed, self._evaluated = True, set(), {}

    def on_evaluate(self, args, state, control, metrics=None, lr_scheduler=None, **kwargs):
        if not self._training or not state.global_step:  # trainer.evaluate() after a training, or before the first step
            return
        scheduler = _scheduler_of(lr_scheduler)
        values = self._wanted.there(scheduler.schedule, metrics or {})
        self._fed.update(values)
        self._evaluated.update((k, v) for k, v in (metrics or {}).items() if k.startswith("eval_"))
        if values:
            scheduler.observe(**values)
        if scheduler.stopped:
            control.should_training_stop = True

    def on_step_begin(self, args, state, control, lr_scheduler=None, **kwargs):
        if self._evaluated:  # all data sets
            self._wanted.require(_scheduler_of(lr_scheduler).schedule, self._fed, self._evaluated)
            self._evaluated = {}

    def on_train_end(self, args, state, control, lr_scheduler=None, **kwargs):
        self._training = False
        names, needed = self._wanted.names(_scheduler_of(lr_scheduler).schedule)
        missing = sorted(needed - self._fed)
        if missing:
            warnings.warn(LrsWarning(f"the rules of the schedule watch {', '.join(f'`{names[n]}`' for n in missing)}, and there was no "
                                     "evaluation with it"), stacklevel=2)


def _totalled(schedule, params, updates):
    """The schedule with the number of updates as its param `total`, if it has one that counts them."""
    if isinstance(schedule, Schedule):
        return _schedule(schedule, params).copy()  # each train() begins in the state that was given
    missing = None
    if "total" not in params:
        try:
            made = _schedule(schedule, params)
            if "total" not in made.params or made.params["total"].unit not in (None, "step"):
                return made
        except LrsError as error:
            if error.diagnostics:
                raise
            missing = error  # of a param without a default, which may be this one
        params = {**params, "total": updates}
    try:
        return _schedule(schedule, params)
    except LrsError as error:
        raise missing if missing and str(error).startswith("there is no param `total`") else error


class ScheduleMixin:
    """Before a Trainer in the list of bases: its scheduler is made of `schedule`, with the optimizer that the Trainer makes.

    schedule, params, names: as for lrs.torch.Scheduler. metrics: as for Metrics. A param `total` of the schedule that is not given
    is the number of updates that the Trainer is going to do.
    """

    def __init__(self, *args, schedule, params=None, names=None, metrics=None, **kwargs):
        super().__init__(*args, **kwargs)
        self._lrs = schedule, dict(params or {}), names
        self.add_callback(Metrics(metrics))

    def create_scheduler(self, num_training_steps, optimizer=None):
        if self.lr_scheduler is None:
            schedule, params, names = self._lrs
            schedule = _totalled(schedule, params, num_training_steps)
            check_unit(schedule, ("step",), COUNTS)
            self.lr_scheduler = Scheduler(optimizer or self.optimizer, schedule, names=names)
            self._created_lr_scheduler = True
        return self.lr_scheduler


class Trainer(ScheduleMixin, transformers.Trainer):
    """The Trainer of Transformers with the arguments of ScheduleMixin, of which `schedule` is needed."""
