"""A schedule of lrs as a scheduler of PyTorch.

    scheduler = lrs.torch.Scheduler(optimizer, "wsd.lrs", peak=1e-3)
    for batch in batches:
        train(batch)
        optimizer.step()
        scheduler.step()          # or scheduler.step(val_loss), after an evaluation

In: an optimizer; a file, a text or a Schedule. Out: an LRScheduler, which sets what the optimizer's parameter groups have: their
rates, and momentum, betas and weight decay where the schedule has outputs of these names.
The value of a step never depends on what stands in the groups, so that nothing has to be replayed when a run is resumed.
"""
import os

import torch
from torch.optim.lr_scheduler import LRScheduler

from . import LrsError, Schedule, _all_params, _compiled, _loaded

__all__ = ["Scheduler"]

# Where an output of this name goes: a key of the group, and the place in its value, if that is a pair.
_TARGETS = {"lr": ("lr", None), "momentum": ("momentum", None), "beta1": ("betas", 0), "beta2": ("betas", 1),
            "weight_decay": ("weight_decay", None)}


def _split(output):
    """lr["head"] is the output lr for the group head."""
    base, bracket, group = output.partition('["')
    return (base, group[:-2]) if bracket else (base, None)


def _schedule(schedule, params):
    if isinstance(schedule, Schedule):
        if params:
            raise TypeError("a compiled Schedule has its params already: give them to lrs.compile or lrs.load")
        return schedule
    if isinstance(schedule, os.PathLike) or isinstance(schedule, str) and schedule.endswith(".lrs") and "\n" not in schedule:
        return _loaded(schedule, (), params, 3)
    return _compiled(schedule, "<text>", False, (), params, 3)


def _set(group, key, place, value):
    """Tensors keep their identity: a compiled or captured step reads them."""
    old = group[key]
    if place is not None:
        if isinstance(old[place], torch.Tensor):
            old[place].fill_(value)
        else:
            group[key] = (*old[:place], value, *old[place + 1:])
    elif isinstance(old, torch.Tensor):
        old.fill_(value)
    else:
        group[key] = value


class Scheduler(LRScheduler):
    """Scheduler(optimizer, schedule, params=None, /, *, last_epoch=-1, names={}, **params)

    schedule: the name of a file that ends with .lrs or a path, the text of a program, or a Schedule, which is used itself.
    The output `lr` is the rate of all groups, `lr["head"]` that of those whose group["name"] is "head"; so with `momentum` (the first
    of the betas, where a group has no momentum), `beta1`, `beta2` and `weight_decay`.
    names: where other outputs go, as {"wd": "weight_decay"}; those that are not named here are not used.
    last_epoch: the last step that is done; -1 at the start of a run.
    """

    def __init__(self, optimizer, schedule, params=None, /, *, last_epoch=-1, names=None, **more):
        # The constructor of the class above wraps optimizer.step, for a warning. This one leaves the optimizer as it is.
        if not isinstance(optimizer, torch.optim.Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        self.optimizer = optimizer
        self.schedule = _schedule(schedule, _all_params(params, more))
        self._names = dict(names or {})
        self._layout = None
        for group in optimizer.param_groups:  # other tools look for it
            lr = group["lr"]
            group.setdefault("initial_lr", lr.clone() if isinstance(lr, torch.Tensor) else lr)
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self._check_names()
        self.last_epoch = last_epoch + 1
        self._step_count = 1
        self._write()

    def _target(self, output):
        base, name = _split(output)
        if output in self._names or base in self._names:
            key = self._names.get(output, self._names.get(base))
            return (*_TARGETS.get(key, (key, None)), name)
        return (*_TARGETS[base], name) if base in _TARGETS else None

    def _check_names(self):
        outputs = self.schedule.outputs
        for given in self._names:
            if given not in outputs and given not in [_split(o)[0] for o in outputs]:
                raise LrsError(f"there is no output `{given}`; there is {', '.join(f'`{o}`' for o in outputs)}")
        groups = [g.get("name") for g in self.optimizer.param_groups]
        for output in outputs:
            target = self._target(output)
            if target and target[2] is not None and target[2] not in groups:
                raise LrsError(f"`{output}` is for a parameter group that the optimizer does not have; give the group a \"name\": "
                               f"the groups are {groups}")
            if target and not any(self._place(g, *target) for g in self.optimizer.param_groups):
                raise LrsError(f"`{output}` sets `{target[0]}`, which no parameter group of the optimizer has")
        if not any(self._target(output) for output in outputs):
            raise LrsError(f"no output of the schedule sets anything of the optimizer: {', '.join(f'`{o}`' for o in outputs)}. "
                           "Name one `lr`, or say where it goes: names={\"...\": \"lr\"}")

    @staticmethod
    def _place(group, key, place, name):
        """Where in this group the target is: a key and a place; None when it is not for this group."""
        if name is not None and group.get("name") != name:
            return None
        if key == "momentum" and key not in group and "betas" in group:
            key, place = "betas", 0
        return (key, place) if key in group else None

    def _placed(self):
        """For each group, what is set: {(key, place): output}. An output for the group by its name goes before one for all."""
        groups = self.optimizer.param_groups
        kinds = tuple((g.get("name"), len(g)) for g in groups)
        if self._layout is None or self._layout[0] != kinds:
            placed = []
            for group in groups:
                found = {}
                for general in (True, False):
                    for i, output in enumerate(self.schedule.outputs):
                        target = self._target(output)
                        if target and (target[2] is None) == general:
                            place = self._place(group, *target)
                            if place:
                                found[place] = i
                placed.append(tuple((*place, i) for place, i in found.items()))
            self._layout = kinds, placed
        return self._layout[1]

    def _write(self):
        values = self.schedule.values(self.last_epoch)
        for group, places in zip(self.optimizer.param_groups, self._placed()):
            for key, place, i in places:
                _set(group, key, place, values[i])
        self._last_lr = self.get_lr()

    def get_lr(self):
        """The rates of the groups at this step."""
        values = self.schedule.values(self.last_epoch)
        rates = []
        for group, places in zip(self.optimizer.param_groups, self._placed()):
            mine = [values[i] for key, place, i in places if key == "lr"]
            lr = group["lr"]
            if isinstance(lr, torch.Tensor):
                lr = lr.detach().clone()
                rates.append(lr.fill_(mine[-1]) if mine else lr)
            else:
                rates.append(mine[-1] if mine else lr)
        return rates

    def get_last_lr(self):
        """The rates of the groups as they were set last."""
        return self._last_lr

    def step(self, metric=None, *, increment=1, **metrics):
        """One step more, or `increment`. A metric is observed at the new step, before its rate is taken."""
        self.last_epoch += increment
        self._step_count += 1
        self._observe(metric, metrics)
        self._write()

    def observe(self, metric=None, **metrics):
        """Observes a metric at the present step, and sets the rates anew: for those who evaluate between two steps."""
        acted = self._observe(metric, metrics)
        self._write()
        return acted

    def _observe(self, metric, metrics):
        return self.schedule.observe(self.last_epoch, metric, **metrics) if metrics or metric is not None else 0

    @property
    def stopped(self):
        """True once a rule said `stop`."""
        return self.schedule.stopped

    def state_dict(self):
        """What a checkpoint needs: numbers, texts, lists and dicts only, which torch.load takes with weights_only=True."""
        return {"last_epoch": self.last_epoch, "_step_count": self._step_count, "_last_lr": [float(x) for x in self._last_lr],
                "schedule": self.schedule.state_dict()}

    def load_state_dict(self, state_dict):
        """Goes on from a checkpoint of the same schedule, and sets what it sets in the groups."""
        missing = {"last_epoch", "schedule"} - state_dict.keys()
        if missing:
            raise LrsError(f"this is not a state of an lrs scheduler: it has no `{min(missing)}`")
        last_epoch = int(state_dict["last_epoch"])
        step_count = int(state_dict.get("_step_count", last_epoch + 1))
        self.schedule.load_state_dict(state_dict["schedule"])
        self.last_epoch, self._step_count = last_epoch, step_count
        self._write()

    def _initial_step(self):
        # SequentialLR begins with this, and would step the clock of the schedule by itself.
        raise TypeError("SequentialLR cannot hold an lrs.torch.Scheduler: put the phases together with `then` in the schedule")

    def __repr__(self):
        return f"<lrs.torch.Scheduler of {self.schedule!r} at step {self.last_epoch}>"
