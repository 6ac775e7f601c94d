"""A schedule of lrs in Accelerate.

    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    scheduler = lrs.accelerate.prepare(accelerator, lrs.torch.Scheduler(optimizer, "wsd.lrs", peak=1e-3))

In: an Accelerator and an lrs.torch.Scheduler. Out: a scheduler for the loop of Accelerate: it counts updates of the optimizer, once
each, whatever the number of processes, and is part of what accelerator.save_state and load_state keep.
accelerator.prepare would step it once for each process, so that a metric would be counted as often, and lengths would be of batches;
metrics that are given while gradients are accumulated would be lost.
"""
from math import nan
from operator import index

from accelerate.scheduler import AcceleratedScheduler

from . import LrsError, _Pictured
from .torch import Scheduler

__all__ = ["Prepared", "prepare"]


def _mean(values):
    """Of those that are metrics; NaN, which is none, where none is."""
    values = [value for value in values if value == value]
    return sum(values) / len(values) if values else nan


class Prepared(AcceleratedScheduler, _Pictured):
    """An lrs.torch.Scheduler that makes a step when the optimizer has made one. lrs.accelerate.prepare makes it."""

    def __init__(self, scheduler, optimizers):
        super().__init__(scheduler, optimizers)
        self._waiting, self._counted = {}, 0  # of the calls since the last step: metrics by input, and the sum of the increments

    def step(self, metric=None, /, *, increment=None, **metrics):
        """To be called after each optimizer.step(). While gradients are accumulated, and after an update that was skipped, it is no
        step: the next one observes the means of the metrics that were given since the one before, and counts all increments."""
        schedule = self.scheduler.schedule
        if self.scheduler._begins_late:
            self.scheduler._warn_of_late()  # at a line of the caller
        if increment is None:
            if schedule.unit != "step":
                raise LrsError(f"the schedule counts {schedule.unit}s, and Accelerate updates: say how many, scheduler.step(increment=...), "
                               "or write `unit step` in the schedule, and lengths with their units, as `5 epochs`")
            counted = self._counted
        else:
            counted = self._counted + index(increment)
        if metric is not None and not self.scheduler._said_place:
            self.scheduler._warn_of_place(3)
        given = schedule._given(metric, metrics) if metrics or metric is not None else {}
        waiting = {name: self._waiting.get(name, []) + ([given[name]] if name in given else []) for name in (*self._waiting, *given)}
        if self.gradient_state.sync_gradients and not any(o.step_was_skipped for o in self.optimizers):
            self.scheduler.step(increment=1 if increment is None and not counted else counted,
                                **{name: _mean(values) for name, values in waiting.items()})
            waiting, counted = {}, 0
        self._waiting, self._counted = waiting, counted

    def observe(self, metric=None, /, **metrics):
        """Observes a metric between two steps: the same on all processes, as accelerator.gather_for_metrics gives it."""
        return self.scheduler.observe(metric, **metrics)

    def reset(self):
        """The rules forget all that they have seen, and what waits for the next step, and begin at the present step."""
        self._waiting = {}
        self.scheduler.reset()

    def state_dict(self):
        """That of the scheduler, and what waits for the next step."""
        return {**self.scheduler.state_dict(), "waiting": {n: list(v) for n, v in self._waiting.items()}, "counted": self._counted}

    def load_state_dict(self, state_dict):
        """Goes on from a checkpoint, also from one of the scheduler alone."""
        self.scheduler.load_state_dict(state_dict)
        self._waiting = {name: list(values) for name, values in state_dict.get("waiting", {}).items()}
        self._counted = state_dict.get("counted", 0)

    @property
    def last_epoch(self):
        """The step whose rates are set."""
        return self.scheduler.last_epoch

    @property
    def schedule(self):
        return self.scheduler.schedule

    @property
    def stopped(self):
        """True once a rule said `stop`."""
        return self.scheduler.stopped


def prepare(accelerator, scheduler):
    """The scheduler for the loop; its optimizer has been prepared before, by accelerator.prepare."""
    if isinstance(accelerator, (Scheduler, Prepared)):
        raise TypeError("the accelerator comes first: lrs.accelerate.prepare(accelerator, scheduler)")
    if isinstance(scheduler, Prepared) or any(isinstance(o, Prepared) and o.scheduler is scheduler for o in accelerator._custom_objects):
        raise ValueError("the scheduler has been prepared already: what lrs.accelerate.prepare returned is what the loop steps")
    if not isinstance(scheduler, Scheduler):
        raise TypeError(f"{type(scheduler).__name__} is not an lrs.torch.Scheduler")
    mine = [o for o in accelerator._optimizers if scheduler.optimizer in (o, o.optimizer)]
    if not mine:
        raise ValueError("the optimizer of the scheduler has not been prepared: call accelerator.prepare(model, optimizer, ...) before")
    accelerator._custom_objects[:] = [o for o in accelerator._custom_objects  # those of before accelerator.free_memory() are not saved
                                      if not isinstance(o, Prepared) or any(own is kept for own in o.optimizers for kept in accelerator._optimizers)]
    prepared = Prepared(scheduler, mine)
    accelerator.register_for_checkpointing(prepared)
    return prepared
