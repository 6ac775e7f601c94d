"""A schedule of lrs as a scheduler of PyTorch.

    scheduler = lrs.torch.Scheduler(optimizer, "wsd.lrs", peak=1e-3)
    for batch in batches:
        train(batch)
        optimizer.step()
        scheduler.step()          # or scheduler.step(val_loss), after an evaluation

In: an optimizer; a file, a text or a Schedule. Out: an LRScheduler, which sets what the optimizer's parameter groups have: their
rates, and momentum, betas and weight decay where the schedule has outputs of these names.
The value of a step never depends on what stands in the groups, so that nothing has to be replayed when a run is resumed.
Of torch.distributed it calls all_gather, when a metric is observed with sync="mean" or "rank0", and in check_ranks; nothing else.
"""
import re
import struct
import warnings
from difflib import get_close_matches
from hashlib import blake2b
from numbers import Real
from operator import index
from weakref import WeakKeyDictionary, ref

import torch
from torch.optim.lr_scheduler import LRScheduler

from . import LrsError, LrsWarning, _all_params, _dict, _Pictured, _schedule, _step
from ._metrics import RANGES, idle_outputs, out_of_range, watched

__all__ = ["Scheduler"]

_ONE = object()  # the increment that is not given
_FEEDERS = WeakKeyDictionary()  # of each Schedule: a weak reference to the Scheduler that gives it metrics
_LAST = 1 << 53  # the last step that a double holds with all those before it

# Where an output of this name goes: a key of the group, and the place in its value, if that is a pair.
_TARGETS = {"lr": ("lr", None), "momentum": ("momentum", None), "beta1": ("betas", 0), "beta2": ("betas", 1),
            "weight_decay": ("weight_decay", None)}
_NAMES = {target: name for name, target in _TARGETS.items()}


def _split(output):
    """lr["head"] is the output lr for the group head."""
    base, bracket, group = output.partition('["')
    return (base, group[:-2]) if bracket else (base, None)


def _target_of(text):
    """What `names` may say: a key, and for which groups: weight_decay, lr["head"], lr[0]; or None, for nowhere."""
    if text is None:
        return None
    found = re.fullmatch(r'(\w+)(?:\[(?:(\d+)|"([^"]*)")\])?', text) if isinstance(text, str) else None
    if not found:
        raise LrsError(f"names says `{text}`, which is no place in a parameter group: write it as `weight_decay`, `lr[\"head\"]` or `lr[0]`")
    key, index, name = found.groups()
    return (*_TARGETS.get(key, (key, None)), int(index) if index is not None else name)


def _is_number(value):
    """One that a schedule may set: what turns something on and off is none."""
    if isinstance(value, torch.Tensor):
        return value.numel() == 1 and value.is_floating_point()
    if isinstance(value, Real):  # also those of NumPy
        return not isinstance(value, bool)
    return getattr(value, "shape", None) == () and getattr(getattr(value, "dtype", None), "kind", "") in ("f", "i", "u")  # an array of NumPy


def _is_settable(key, value):
    """A rate or a weight decay may be one that is not there yet, as the rate of an Adafactor."""
    return value is None and key in ("lr", "weight_decay") or _is_number(value)


def _what(value):
    """What is there in place of a number."""
    if isinstance(value, torch.Tensor) and value.numel() == 1 and not (value.is_complex() or value.dtype == torch.bool):
        return f"a tensor of integers, {value.dtype}, which holds no other value: give a float, or torch.tensor({float(value)})"
    return str(value) if value is None or isinstance(value, bool) else f"a {type(value).__name__}"


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


def _gathered(numbers, what):
    """Integers of every rank, in the order of the ranks."""
    dist = torch.distributed
    if not dist.is_available() or not dist.is_initialized():
        raise RuntimeError(f"{what} needs torch.distributed, which is not initialized: call torch.distributed.init_process_group() before, "
                           "and leave it out in a run of one process")
    if hasattr(dist, "get_backend_config"):
        devices = [part.partition(":")[0] for part in dist.get_backend_config().split(",")]
    else:  # PyTorch 2.0
        devices = ["cuda" if dist.get_backend() == "nccl" else "cpu"]
    mine = torch.tensor(numbers, dtype=torch.int64, device="cpu" if "cpu" in devices else devices[0])
    everyone = [torch.empty_like(mine) for _ in range(dist.get_world_size())]
    dist.all_gather(everyone, mine)
    return [numbers.tolist() for numbers in everyone]


def _bits(value):
    return struct.unpack("<q", struct.pack("<d", value))[0]


def _of_bits(bits):
    return struct.unpack("<d", struct.pack("<q", bits))[0]


def _mean(values):
    """The sum in the order of the ranks, so that all of them have the same bits."""
    total = 0.0
    for value in values:
        total += value
    return total / len(values)


def _hash(data):
    """64 bits, as a signed number."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little", signed=True)


class Scheduler(LRScheduler, _Pictured):
    """Scheduler(optimizer, schedule, params=None, *, last_epoch=-1, names={}, sync=None, **params)

    schedule: the name of a file that ends with .lrs or a path, the text of a program, or a Schedule, which is used itself.
    The output `lr` is the rate of all groups, `lr["head"]` that of those whose group["name"] is "head", and `lr["1"]` that of the second,
    if it has no name; so with `momentum` (the first of the betas, where a group has no momentum), `beta1`, `beta2`, and outputs that are
    named as another number of the optimizer's options, `weight_decay` or `eps`.
    names: where other outputs go, as {"wd": "weight_decay", "first": "lr[0]"}: a key of the groups, and for which of them, by name or
    by index; or None for an output that is to set nothing: {"temperature": None}. An output for all groups that were given different
    values is told, unless it is named here.
    last_epoch: the last step that is done; -1 at the start of a run. What rules have done by then is in a state_dict alone, and the first
    step says so when it was not loaded.
    sync: what is observed when the ranks of torch.distributed have different metrics: their "mean", that of "rank0", or what a
    function makes of the rank's own. All ranks then give a metric at the same steps.

    In the loops of others it is not handed over as it is. Lightning would step it once an epoch: lrs.lightning.lr_scheduler. Accelerate
    would step it once for each process, and lose metrics: lrs.accelerate.prepare, not accelerator.prepare. The Trainer of Transformers
    gives it no metrics: lrs.transformers.Trainer, or the callback lrs.transformers.Metrics.
    """

    _feeds = _said_place = False  # whether it has given a metric to the schedule; and one without a name

    def __init__(self, optimizer, schedule, params=None, *, last_epoch=-1, names=None, sync=None, **more):
        # The constructor of the class above wraps optimizer.step, for a warning. This one leaves the optimizer as it is.
        if not isinstance(optimizer, torch.optim.Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        if not (sync is None or sync in ("mean", "rank0") or callable(sync)):
            raise ValueError(f"sync is \"mean\", \"rank0\", a function of a number, or None, and not {sync!r}")
        self.optimizer = optimizer
        self.schedule = _schedule(schedule, _all_params(params, more))
        self.sync = sync
        self._counts_more = self.schedule.unit in ("sample", "token")  # than one for a call of step
        self._said_epoch = False
        # Nothing was said of what the rules know in the middle of a run, or of what they know at its start.
        self._begins_late = bool(watched(self.schedule)) and (last_epoch != -1 or self._seen() > 0)
        names = {} if names is None else _dict(names, "names is a dict from outputs to places in the groups")
        self._names = {output: _target_of(text) for output, text in names.items()}
        self._layout = self._refused = None  # the error of a value of this step that was not set
        if _step(last_epoch) < -1:
            raise LrsError(f"last_epoch is {last_epoch}: it is the last step that is done, and -1 at the start of a run")
        self._at, self._step_count = self._checked(_step(last_epoch) + 1), 1
        self._check_names()
        if last_epoch == -1:
            self._warn_of_differences()
        initial = [group.get("initial_lr", group["lr"]) for group in optimizer.param_groups]
        initial = [lr.clone() if isinstance(lr, torch.Tensor) else lr for lr in initial]
        self._write(begins=last_epoch == -1)
        for group, lr in zip(optimizer.param_groups, initial):  # other tools look for it
            group.setdefault("initial_lr", lr)
        self.base_lrs = [lr.clone() if isinstance(lr, torch.Tensor) else lr for lr in initial]
        self._warn_of_idle()

    # ---- where the outputs go

    def _target(self, output):
        """A key, a place in its value, and for which groups: a name, an index, or None for all; None when it is not used."""
        base, group = _split(output)
        if output in self._names or base in self._names:
            named = self._names.get(output, self._names.get(base))
            if named is None:
                return None
            key, place, of = named if output in self._names else (*named[:2], None)
        elif base in _TARGETS:
            key, place, of = *_TARGETS[base], None
        elif base in self._options() and not self.schedule._reads(output):
            key, place, of = base, None, None
        else:
            return None
        return key, place, group if of is None else of

    def _options(self):
        """What else the optimizer has that may change with the step: counts, which are whole numbers, do not."""
        options = getattr(self.optimizer, "defaults", {})
        return [key for key, v in options.items() if key not in _TARGETS and _is_number(v) and (v == 0 or not isinstance(v, int))]

    def _check_names(self):
        outputs, groups = self.schedule.outputs, self.optimizer.param_groups
        for given in self._names:
            if given not in outputs and given not in [_split(o)[0] for o in outputs]:
                raise LrsError(f"there is no output `{given}`; there is {', '.join(f'`{o}`' for o in outputs)}")
        names = [g.get("name", str(i)) for i, g in enumerate(groups)]
        for output in outputs:
            target = self._target(output)
            if not target:
                continue
            if isinstance(target[2], int) and target[2] >= len(groups):
                raise LrsError(f"`{output}` is for the parameter group {target[2]}; the optimizer has {len(groups)}, counted from 0")
            if isinstance(target[2], str) and target[2] not in names:
                raise LrsError(f"`{output}` is for a parameter group that the optimizer does not have; give the group a \"name\": "
                               f"the groups are {', '.join(map(repr, names))}")
            places = [(i, self._place(i, g, *target)) for i, g in enumerate(groups)]
            if not any(place for _, place in places):
                raise LrsError(f"`{output}` sets `{target[0]}`, which no parameter group of the optimizer has")
            for i, (key, place) in ((i, place) for i, place in places if place):
                value = groups[i][key]
                if place is None and isinstance(value, (tuple, list)) and key == "betas":
                    raise LrsError(f"`{output}` sets `betas`, which are two numbers: say `beta1` or `beta2`")
                value = value if place is None else value[place]
                if not _is_settable(key, value):
                    raise LrsError(f"`{output}` sets `{key}`, which is no number of the parameter group {i}: it is {_what(value)}")
        if not any(self._target(output) for output in outputs):
            raise LrsError(f"no output of the schedule sets anything of the optimizer: {', '.join(f'`{o}`' for o in outputs)}. "
                           "Name one `lr`, or say where it goes: names={\"...\": \"lr\"}")

    def _warn_of_idle(self):
        """An output that nobody asks for is misspelt, or meant for somewhere that is not said."""
        used = [output for output in self.schedule.outputs if self._target(output)]
        nowhere = {output for output, target in self._names.items() if target is None}
        keys = [*_TARGETS, *self._options()]
        for output in idle_outputs(self.schedule, used):
            base = _split(output)[0]
            if output in nowhere or base in nowhere:
                continue
            near = get_close_matches(base, [key for key in keys if key != base], 1)
            hint = f"did you mean `{near[0]}`? If not, say" if near else "say"
            warnings.warn(LrsWarning(f"the output `{output}` sets nothing of the optimizer, and no other output uses it: {hint} where it goes, as in "
                                     f"names={{\"{base}\": \"weight_decay\"}}, or that it goes nowhere, names={{\"{base}\": None}}"), stacklevel=3)

    def _warn_of_differences(self):
        """Groups that are given different values are meant to differ, and one output for all of them makes them equal; who names the
        output in `names` asked for that."""
        groups, outputs = self.optimizer.param_groups, self.schedule.outputs
        replaced = {}
        for group, (rate, others) in zip(groups, self._rows()):
            for key, place, i in [("lr", None, rate), *others]:
                value = None if i is None else group.get("initial_lr", group[key]) if key == "lr" else group[key] if place is None else group[key][place]
                if value is not None:
                    scale = group.get("lr_scale") if key == "lr" else None  # what timm multiplies by
                    replaced.setdefault((i, key, place), []).append(float(value) * (float(scale) if _is_number(scale) else 1.0))
        for (i, key, place), values in replaced.items():
            output = outputs[i]
            if len(set(values)) < 2 or output in self._names:
                continue
            base = _split(output)[0]
            shown = ", ".join(dict.fromkeys(f"{v:g}" for v in values))
            if key == "lr" and any("lr_scale" in group for group in groups):
                shown += " (`lr` times `lr_scale`, which is not looked at)"
            for_one = "`schedule lr[\"head\"] = 10 * lr` for a group that has the \"name\" \"head\"" if key == "lr" else \
                f"names={{\"{base}\": '{key if place is None else base}[\"decay\"]'}} for the groups that have the \"name\" \"decay\""
            warnings.warn(LrsWarning(f"the output `{output}` sets `{key}` of {len(values)} parameter groups to one value, in place of {shown}: write "
                                     f"{for_one}, or say that all of them are meant, names={{\"{base}\": \"{base}\"}}"), stacklevel=3)

    @staticmethod
    def _place(index, group, key, place, of):
        """Where in this group the target is: a key and a place; None when it is not for this group."""
        if of is not None and of != (index if isinstance(of, int) else group.get("name", str(index))):
            return None
        if key == "momentum" and key not in group and "betas" in group:
            key, place = "betas", 0
        return (key, place) if key in group else None

    def _lay_out(self):
        """For each group, the output that is its rate, or None, and what else is set: (key, place, output). An output for one group
        goes before one for all."""
        targets = [(i, target) for i, target in enumerate(map(self._target, self.schedule.outputs)) if target]
        targets.sort(key=lambda t: t[1][2] is not None)
        rows = []
        for index, group in enumerate(self.optimizer.param_groups):
            found = {}
            for i, target in targets:
                place = self._place(index, group, *target)
                if place:
                    found[place] = i
            rate = found.pop(("lr", None), None)
            rows.append((rate, tuple((*place, i) for place, i in found.items())))
        return rows

    def _rows(self):
        groups = self.optimizer.param_groups
        kinds = list(map(len, groups))
        layout = self._layout
        if layout is None or layout[0] is not groups or layout[1] != kinds:
            rows = self._lay_out()
            alike = rows[0][0] if rows and all(row == (rows[0][0], ()) for row in rows) else None
            set_ = {(i, _NAMES.get((key, place), key)) for _, others in rows for key, place, i in others}
            known = type(self._plain_optimizer).__module__.startswith("torch.optim.")  # others may take other values
            limits = [(i, name, *RANGES[name]) for i, name in set_ if known and name in RANGES]
            layout = self._layout = groups, kinds, rows, alike, limits
        return layout[2]

    # ---- what LRScheduler does

    @property
    def last_epoch(self):
        """The step whose rates are set."""
        return self._at

    @last_epoch.setter
    def last_epoch(self, step):
        # SequentialLR counts each scheduler down that it is given, having set the rates back. Later it would step the clock of the
        # schedule by itself, and in older versions of PyTorch with a number that is a metric here.
        if step == self._at - 1:
            self._write()
            raise TypeError("SequentialLR cannot hold an lrs.torch.Scheduler: put the phases together with `then` in the schedule")
        self._at, self._refused = self._checked(index(step)), None

    @property
    def _plain_optimizer(self):
        """Accelerate may have put another around it."""
        return getattr(self.optimizer, "optimizer", self.optimizer)

    @staticmethod
    def _checked(step):
        if not 0 <= step <= _LAST:
            raise LrsError(f"there is no step {step}: steps are counted from 0 to 2^53")
        return step

    def _write(self, begins=False):
        groups, rows = self.optimizer.param_groups, self._rows()
        values = self.schedule.values(self._at)
        alike = self._layout[3]
        if alike is not None:  # one rate for all groups, and nothing else: the usual case
            value = values[alike]
            for group in groups:
                if group["lr"].__class__ is not float:
                    break
                group["lr"] = value
            else:
                self._last_lr = [value] * len(groups)
                return
        self._refused, refused = None, ()
        for i, name, lo, hi in self._layout[4]:  # what an optimizer refuses when it is made, it does not get later
            if not lo <= values[i] < hi:
                if lo - 1e-12 < values[i] < lo:  # a rounding
                    values = (*values[:i], lo, *values[i + 1:])
                    continue
                # It is an error when a batch was trained: after the last one there is a step, too.
                self._refused = str(out_of_range(self.schedule, self.schedule.outputs[i], values[i], self._at, self._plain_optimizer, name, lo, hi))
                if begins:
                    raise LrsError(self._refused)
                refused = (*refused, i)
        last = []
        for group, (rate, others) in zip(groups, rows):
            lr = group["lr"]
            if lr.__class__ is not float and isinstance(lr, torch.Tensor):
                if rate is not None:
                    lr.fill_(values[rate])
                lr = lr.clone()
            elif rate is not None:
                lr = group["lr"] = values[rate]
            last.append(lr)
            for key, place, i in others:
                if i in refused:
                    continue
                if place is None and group[key].__class__ is float:
                    group[key] = values[i]
                else:
                    _set(group, key, place, values[i])
        self._last_lr = last

    def get_lr(self):
        """The rates of the groups at this step."""
        values = self.schedule.values(self._at)
        rates = []
        for group, (rate, _) in zip(self.optimizer.param_groups, self._rows()):
            lr = group["lr"]
            if isinstance(lr, torch.Tensor):
                lr = lr.clone()
                rates.append(lr if rate is None else lr.fill_(values[rate]))
            else:
                rates.append(lr if rate is None else values[rate])
        return rates

    def get_last_lr(self):
        """The rates of the groups as they were set last."""
        return self._last_lr

    def step(self, metric=None, /, *, increment=_ONE, **metrics):
        """One step more, or `increment`. A metric is observed at the new step, before its rate is taken."""
        if increment is _ONE:
            increment = 1
            if self._counts_more:
                unit = self.schedule.unit
                raise LrsError(f"the schedule counts {unit}s: say how many this step had, as in scheduler.step(increment={unit}s)")
        if metric.__class__ is int and not self._said_epoch:
            self._warn_of_epoch(metric)
        if self._begins_late:
            self._warn_of_late()
        if self._refused is not None:
            raise LrsError(self._refused)
        try:
            step = self._at + index(increment)
        except TypeError:
            raise TypeError(f"increment is a whole number, and not {increment!r}") from None
        if not self._at <= step <= _LAST:
            self._checked(step)
            raise LrsError(f"increment is {increment}: a schedule goes forward; load_state_dict goes back")
        if metrics or metric is not None:
            self._observe(step, metric, metrics)
        self._at = step
        self._step_count += 1
        self._write()

    def _warn_of_epoch(self, metric):
        """Schedulers of PyTorch once took an epoch there."""
        self._said_epoch = True
        if not self.schedule.detectors:
            warnings.warn(LrsWarning(f"step({metric}) gives a metric, which no rule of the schedule watches, and counts one step more: a step or an "
                                     "epoch is not given. step() counts by itself, and step(increment=n) counts n"), stacklevel=3)

    def _seen(self):
        """The last step whose metric a rule has seen; below 0 for none."""
        return max((d.seen_step for d in self.schedule.detectors if d.inputs), default=-1)

    def _warn_of_late(self):
        """Who gives last_epoch to a scheduler of PyTorch goes on with a run, and who gives none begins one."""
        self._begins_late = False
        seen = self._seen()
        if self._at == 0 and seen > 0:
            self._feeds = True  # and nothing more is to be said of it
            warnings.warn(LrsWarning(f"this run begins at {self.schedule.unit} 0, and the rules of its Schedule have seen metrics of another one, up to "
                                     f"{self.schedule.unit} {seen}: what they did holds here, and metrics are ignored until then. Give each run a "
                                     "schedule of its own, schedule.copy() of one that has seen none, or call scheduler.reset() before the first "
                                     "step; load_state_dict goes on with a run"), stacklevel=3)
        elif self._at > 0 and seen < 0:
            warnings.warn(LrsWarning(f"this run goes on at {self.schedule.unit} {self._at}, and the rules of the schedule know nothing of what was before: "
                                     "that is in the state_dict() of the scheduler, for load_state_dict. For rules that begin here, call "
                                     "scheduler.reset() before the first step"), stacklevel=3)

    def observe(self, metric=None, /, **metrics):
        """Observes a metric at the present step, and sets the rates anew: for those who evaluate between two steps."""
        acted = self._observe(self._at, metric, metrics) if metrics or metric is not None else 0
        self._write()
        return acted

    def reset(self):
        """The rules forget all that they have seen, and begin at the present step."""
        self._begins_late = False
        self.schedule.reset()
        self._write()

    @property
    def stopped(self):
        """True once a rule said `stop`."""
        return self.schedule.stopped

    # ---- several ranks

    def _warn_of_place(self, level):
        """A metric without a name goes to the first input, though rules may watch another one."""
        self._said_place = True
        first, *others = self.schedule.inputs
        rules = watched(self.schedule)
        if rules and first not in rules:
            shown = ", ".join(f"`{name}`" for name in others if name in rules)
            warnings.warn(LrsWarning(f"a metric without a name is that of the first input, `{first}`, which no rule of the schedule watches: they watch "
                                     f"{shown}. Say which it is, {next(name for name in others if name in rules)}=... or {first}=..."), stacklevel=level)

    def _warn_of_sharing(self):
        """The rules would take the metrics of two runs for those of one."""
        self._feeds = True
        other = _FEEDERS.get(self.schedule, lambda: None)()
        if other is not None and self._seen() >= 0:
            warnings.warn(LrsWarning("another lrs.torch.Scheduler gives metrics to the same Schedule, whose rules take them for those of one run and act "
                                     "for both: give each a schedule of its own, lrs.torch.Scheduler(optimizer, schedule.copy())"), stacklevel=4)
        _FEEDERS[self.schedule] = ref(self)

    def _observe(self, step, metric, metrics):
        if metric is not None and not self._said_place:
            self._warn_of_place(4)
        if not self._feeds:
            self._warn_of_sharing()
        if self.sync is None:
            return self.schedule.observe(step, metric, **metrics)
        given = self.schedule._given(metric, metrics)
        if callable(self.sync):
            return self.schedule.observe(step, **{name: float(self.sync(value)) for name, value in given.items()})
        # Always as many numbers, so that a rank that gives other metrics is told so, and does not hang the rest.
        numbers = [step]
        for name in self.schedule.inputs:
            numbers += [int(name in given), _bits(given.get(name, 0.0))]
        ranks = _gathered(numbers, f"sync=\"{self.sync}\"")
        for rank, theirs in enumerate(ranks):
            if theirs[0] != ranks[0][0]:
                raise RuntimeError(f"the ranks are not at the same step: rank 0 observes at step {ranks[0][0]}, rank {rank} at step {theirs[0]}")
            if self.sync == "mean" and theirs[1::2] != ranks[0][1::2]:
                raise RuntimeError(f"the ranks give different metrics at step {step}: rank {rank} does not give those of rank 0")
        reduced = {}
        for i, name in enumerate(self.schedule.inputs):
            values = [_of_bits(theirs[2 + 2 * i]) for theirs in ranks]
            if ranks[0][1 + 2 * i]:
                reduced[name] = values[0] if self.sync == "rank0" else _mean(values)
        return self.schedule.observe(step, **reduced)

    def _marks(self):
        """What the ranks must have in common: 64 bits of each."""
        s = self.schedule
        params = b"".join(name.encode() + b"\0" + struct.pack("<d", p.value) for name, p in s.params.items())
        values = s.values(self._at)
        return {"program": s.hash - (1 << 64 if s.hash >> 63 else 0), "params": _hash(params), "state": _hash(s._save()), "step": self._at,
                "values": _hash(struct.pack(f"<{len(values)}d", *values))}

    def fingerprint(self):
        """16 hexadecimal digits of the program, its params, the state, the step and the values of the step: equal on all ranks of a run."""
        marks = self._marks()
        return blake2b(struct.pack(f"<{len(marks)}q", *marks.values()), digest_size=8).hexdigest()

    def check_ranks(self):
        """Compares the ranks of torch.distributed, all of which call it, and says on each of them what differs."""
        marks = self._marks()
        ranks = _gathered(list(marks.values()), "check_ranks()")
        wrong = []
        for i, what in enumerate(marks):
            others = [rank for rank, theirs in enumerate(ranks) if theirs[i] != ranks[0][i]]
            if others:
                shown = [str(ranks[r][i]) if what == "step" else f"{ranks[r][i] & (1 << 64) - 1:016x}" for r in (0, others[0])]
                more = f" (and {len(others) - 1} more)" if len(others) > 1 else ""
                wrong.append(f"{what}: rank 0 has {shown[0]}, rank {others[0]}{more} has {shown[1]}")
        if wrong:
            raise RuntimeError("the schedules of the ranks differ in " + "; ".join(wrong))

    # ---- checkpoints

    def state_dict(self):
        """What a checkpoint needs: numbers, texts, lists and dicts only, which torch.load takes with weights_only=True."""
        return {"last_epoch": self._at, "_step_count": self._step_count, "_last_lr": [x if x is None else float(x) for x in self._last_lr],
                "schedule": self.schedule.state_dict()}

    def load_state_dict(self, state_dict):
        """Goes on from a checkpoint of the same schedule, and sets what it sets in the groups."""
        if not hasattr(state_dict, "keys"):
            raise LrsError(f"this is not a state of an lrs scheduler, which is a dict: {state_dict!r:.100}. What is in a file torch.load reads")
        missing = {"last_epoch", "schedule"} - state_dict.keys()
        if missing:
            theirs = state_dict.get("last_epoch")
            other = f"; it is one of another scheduler, whose run goes on with lrs.torch.Scheduler(optimizer, schedule, last_epoch={theirs - 1})" \
                if isinstance(theirs, int) and theirs >= 0 else ""
            raise LrsError(f"this is not a state of an lrs scheduler: it has no `{min(missing)}`{other}")
        try:
            last_epoch = self._checked(index(state_dict["last_epoch"]))
            step_count = index(state_dict.get("_step_count", last_epoch + 1))
        except TypeError:
            raise LrsError("this is not a state of an lrs scheduler: its `last_epoch` or `_step_count` is no whole number") from None
        self.schedule.load_state_dict(state_dict["schedule"])
        self._at, self._step_count, self._begins_late, self._feeds = last_epoch, step_count, False, True
        self._write()

    # ---- others

    def __getstate__(self):
        return {**self.__dict__, "_layout": None}

    def __repr__(self):
        return f"<lrs.torch.Scheduler of {self.schedule!r} at step {self._at}>"
