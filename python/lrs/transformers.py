"""A schedule of lrs in the Trainer of Transformers.

    trainer = lrs.transformers.Trainer(model, args, schedule="wsd.lrs", params={"peak": 1e-3}, ...)

is a Trainer whose rate is that of the schedule; or, with an optimizer of one's own and any Trainer:

    scheduler = lrs.torch.Scheduler(optimizer, "wsd.lrs", peak=1e-3)
    trainer = Trainer(..., optimizers=(optimizer, scheduler), callbacks=[lrs.transformers.Metrics()])

In: a schedule; the metrics of evaluations. Out: a scheduler that the Trainer steps and puts into its checkpoints. The Trainer gives
metrics to ReduceLROnPlateau alone, so that those of an lrs schedule come through a callback.
"""
import dataclasses
import sys
import warnings
from collections.abc import Mapping

import transformers

from . import LrsError, LrsWarning, Schedule, _all_params, _number, _schedule
from ._metrics import Wanted, better, check_unit, said_where_from, watched, zero_rest
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
        scheduler = _scheduler_of(lr_scheduler)
        schedule = scheduler.schedule
        check_unit(schedule, ("step",), COUNTS, FILLED if isinstance(scheduler, _OfTheTrainer) else ())
        self._wanted = Wanted(self._given, args.metric_for_best_model or "loss", "eval_")
        waiting = self._wanted.waiting([schedule])  # what is misspelt is said before the first evaluation
        if waiting and args.eval_strategy == "no":
            raise LrsError(f"{waiting}, and there is no evaluation: give TrainingArguments an eval_strategy, or leave the rules without "
                           "metrics, metrics={}")
        self._training, self._fed, self._evaluated = True, set(), {}
        if state.global_step and not scheduler.last_epoch:
            self._go_on(scheduler, state.global_step)
        for sentence in (zero_rest(schedule, "lr", state.max_steps), self._other_mode(schedule, args)):
            if sentence:
                warnings.warn(LrsWarning(sentence), stacklevel=2)

    @staticmethod
    def _go_on(scheduler, step):
        """From a checkpoint without scheduler.pt, of save_only_model=True: the Trainer would begin the schedule again."""
        scheduler.step(increment=step)
        if watched(scheduler.schedule) and all(d.seen_step < 0 for d in scheduler.schedule.detectors):
            warnings.warn(LrsWarning(f"this training goes on at step {step} from a checkpoint without a scheduler.pt, and the rules of the schedule know "
                                     "nothing of what was before: save with save_only_model=False. For rules that begin here, give "
                                     f"optimizers=(optimizer, lrs.torch.Scheduler(optimizer, ..., last_epoch={step - 1})), and call its reset()"), stacklevel=3)

    def _other_mode(self, schedule, args):
        """What to say of rules that take less of args.metric_for_best_model for better, where the Trainer takes more, or the other way."""
        best, greater = args.metric_for_best_model, args.greater_is_better
        for name, metric in self._wanted.names(schedule)[0].items():
            if best and greater is not None and metric.removeprefix("eval_") == best.removeprefix("eval_"):
                for rule in better(schedule, name, -1 if greater else 1):
                    return (f"`{rule.rule_text}` takes {'less' if greater else 'more'} of `{metric}` for better, and the Trainer {'more' if greater else 'less'}, "
                            f"greater_is_better={greater}: write mode={'max' if greater else 'min'} in the rule, or give TrainingArguments("
                            f"greater_is_better={not greater})")
        return ""

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
        waiting = self._wanted.waiting([_scheduler_of(lr_scheduler).schedule], self._fed)
        if waiting:
            warnings.warn(LrsWarning(f"{waiting}, and there was no evaluation with it"), stacklevel=2)


class _OfTheTrainer(Scheduler):
    """One with params that the Trainer gave their values: `filled`, by name. undecayed: the indices of the groups whose weight decay
    stays as it is, unless an output is for the group itself."""

    filled = {}

    def __init__(self, *args, undecayed=(), **options):
        self._undecayed = undecayed
        super().__init__(*args, **options)

    def _place(self, index, group, key, place, of):
        if key == "weight_decay" and of is None and index in self._undecayed:
            return None
        return super()._place(index, group, key, place, of)

    def load_state_dict(self, state_dict):
        try:
            super().load_state_dict(state_dict)
        except LrsError as error:
            state = state_dict.get("schedule") if isinstance(state_dict, Mapping) else None
            was = state["params"] if isinstance(state, dict) and isinstance(state.get("params"), dict) else {}
            other = {name: was[name] for name, value in self.filled.items() if name in was and was[name] != value}
            if not other or "other params" not in str(error):
                raise
            values = ", ".join(f'"{name}": {_number(value)}' for name, value in other.items())
            raise LrsError(f"{error}: the Trainer gives {' and '.join(f'`{name}`' for name in other)} from its arguments, which are not those "
                           f"of that run. params={{{values}}} goes on with the schedule of that run; for a longer one "
                           "see \"A longer run\" in docs/python.md") from None


FILLED = {"total": "steps", "steps_per_epoch": None, "samples_per_step": None}  # params that the Trainer knows, and their units


class ScheduleMixin:
    """Before a Trainer in the list of bases: its scheduler is made of `schedule`, with the optimizer that the Trainer makes.

    schedule, params, names: as for lrs.torch.Scheduler. metrics: as for Metrics. Params of these names that are not given get their
    values from the Trainer: `total`, the number of updates that it is going to do; `steps_per_epoch`, the updates of an epoch; and
    `samples_per_step`. A weight decay of the schedule is not for the groups that the Trainer leaves without one: biases and norms.
    """

    def __init__(self, *args, schedule, params=None, names=None, metrics=None, **kwargs):
        super().__init__(*args, **kwargs)
        if self.lr_scheduler is not None:
            raise LrsError("there are two schedules, schedule= and the scheduler in optimizers=: give optimizers=(optimizer, None), or leave out "
                           "schedule= with a transformers.Trainer and its callbacks=[lrs.transformers.Metrics()]")
        self._lrs = schedule, _all_params(params, {}), names
        self._lrs_data, self._lrs_undecayed = None, set()
        self.add_callback(Metrics(metrics))
        unused = [field.name for field in dataclasses.fields(transformers.TrainingArguments)
                  if field.name in ("learning_rate", "lr_scheduler_type", "lr_scheduler_kwargs", "warmup_ratio", "warmup_steps")
                  and (getattr(self.args, field.name) or field.default) != field.default]
        if unused:
            warnings.warn(LrsWarning(f"the rate of this Trainer is that of its schedule, and TrainingArguments("
                                     f"{', '.join(f'{name}=' for name in unused)}) have no effect"), stacklevel=2)

    def set_initial_training_values(self, *args, **kwargs):
        self._lrs_data = super().set_initial_training_values(*args, **kwargs)
        return self._lrs_data

    def _lrs_known(self, name, updates):
        """The value of a param of FILLED."""
        if name == "total":
            return updates
        if name == "samples_per_step":
            return self.get_total_train_batch_size(self.args)
        if self._lrs_data is None:  # create_scheduler was called by itself
            self.set_initial_training_values(self.args, self.get_train_dataloader())
        epochs, steps_per_epoch = self._lrs_data[:2]
        if epochs == sys.maxsize:
            raise LrsError("the data of the training have no length, so that the Trainer does not know `steps_per_epoch`: give it, as in "
                           "params={\"steps_per_epoch\": 1000}")
        return steps_per_epoch

    def _lrs_schedule(self, updates):
        """The schedule of a training, and the params that this gave it."""
        schedule, params, _ = self._lrs
        if isinstance(schedule, Schedule):
            return _schedule(schedule, params).copy(), {}  # each train() begins in the state that was given
        filled = {}

        def with_known(declared):
            for name, unit in FILLED.items():
                if name in declared and name not in params and declared[name] in (None, unit):
                    filled[name] = float(self._lrs_known(name, updates))
            return {**params, **filled}
        with said_where_from(lambda _: ", in params={...}; the Trainer has those of `total`, `steps_per_epoch` and `samples_per_step`"):
            return _schedule(schedule, with_known), filled

    def create_optimizer(self, *args, **kwargs):
        optimizer = super().create_optimizer(*args, **kwargs)
        model = args[0] if args else kwargs.get("model")
        model = self.model if model is None else model
        names, decayed = {id(p): name for name, p in model.named_parameters()}, {*self.get_decay_parameter_names(model)}
        groups = [[names.get(id(p)) for p in group["params"]] for group in optimizer.param_groups]
        without = {i for i, group in enumerate(groups) if group and not any(name is None or name in decayed for name in group)
                   and optimizer.param_groups[i].get("weight_decay") == 0}
        self._lrs_undecayed = without if len(without) < len(groups) else set()
        return optimizer

    def create_scheduler(self, num_training_steps, optimizer=None):
        if self.lr_scheduler is None:
            schedule, filled = self._lrs_schedule(num_training_steps)
            check_unit(schedule, ("step",), COUNTS, FILLED)
            self.lr_scheduler = _OfTheTrainer(optimizer or self.optimizer, schedule, names=self._lrs[2], undecayed=self._lrs_undecayed)
            self.lr_scheduler.filled = filled
            self._created_lr_scheduler = True
        return self.lr_scheduler


class Trainer(ScheduleMixin, transformers.Trainer):
    """The Trainer of Transformers with the arguments of ScheduleMixin, of which `schedule` is needed."""
