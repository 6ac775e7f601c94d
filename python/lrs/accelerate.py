"""A schedule of lrs in Accelerate.

    model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
    scheduler = lrs.accelerate.prepare(accelerator, lrs.torch.Scheduler(optimizer, "wsd.lrs", peak=1e-3))

In: an Accelerator and an lrs.torch.Scheduler. Out: a scheduler for the loop of Accelerate: it counts updates of the optimizer, once
each, whatever the number of processes, and is part of what accelerator.save_state and load_state keep.
accelerator.prepare would step it once for each process, so that a metric would be counted as often, and lengths would be of batches.
"""
from accelerate.scheduler import AcceleratedScheduler

from .torch import Scheduler

__all__ = ["Prepared", "prepare"]


class Prepared(AcceleratedScheduler):
    """An lrs.torch.Scheduler that makes a step when the optimizer has made one. lrs.accelerate.prepare makes it."""

    def step(self, metric=None, **metrics):
        """To be called after each optimizer.step(). While gradients are accumulated, and after an update that was skipped, it is no
        step; a metric is observed then too."""
        if self.gradient_state.sync_gradients and not any(o.step_was_skipped for o in self.optimizers):
            self.scheduler.step(metric, **metrics)
        elif metrics or metric is not None:
            self.observe(metric, **metrics)

    def observe(self, metric=None, **metrics):
        """Observes a metric between two steps: the same on all processes, as accelerator.gather_for_metrics gives it."""
        return self.scheduler.observe(metric, **metrics)

    @property
    def schedule(self):
        return self.scheduler.schedule

    @property
    def stopped(self):
        """True once a rule said `stop`."""
        return self.scheduler.stopped


def prepare(accelerator, scheduler):
    """The scheduler for the loop; its optimizer has been prepared before, by accelerator.prepare."""
    if not isinstance(scheduler, Scheduler):
        raise TypeError(f"{type(scheduler).__name__} is not an lrs.torch.Scheduler")
    mine = [o for o in accelerator._optimizers if scheduler.optimizer in (o, o.optimizer)]
    if not mine:
        raise ValueError("the optimizer of the scheduler has not been prepared: call accelerator.prepare(model, optimizer, ...) before")
    prepared = Prepared(scheduler, mine)
    accelerator.register_for_checkpointing(prepared)
    return prepared
