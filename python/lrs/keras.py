"""A schedule of lrs in Keras 3.

    optimizer = keras.optimizers.AdamW(lrs.keras.Schedule("wsd.lrs", peak=1e-3))       # a schedule whose rules watch no metric

    optimizer = keras.optimizers.AdamW()                                                # any schedule
    model.fit(..., callbacks=[lrs.keras.Scheduler("wsd.lrs", peak=1e-3), ...])

In: a schedule; for a Scheduler the metrics of each epoch. Out: a LearningRateSchedule, which is saved with the model, and a Callback,
which sets the rate, and what else the optimizer has, before each batch, and whose state is saved with the weights of the model.
The backends JAX and TensorFlow compile what asks a LearningRateSchedule for its value: there compiled code calls back into Python, or
has a table of the rates, when it is told how many steps there are.
A rate is the nearest number of the type that Keras computes in.
"""
import json
import warnings
from difflib import get_close_matches
from math import isfinite
from numbers import Integral, Real

import keras
import numpy

from . import LrsError, LrsWarning, _Source, _all_params, _dict, _made, _schedule, _unknown
from ._metrics import RANGES, Wanted, check_unit, idle_outputs, out_of_range, rate_output, said_where_from, watched, zero_rest

__all__ = ["Schedule", "Scheduler"]

COUNTS = "Keras counts updates"
_NO_XLA = "lrs.keras.Schedule_needs_steps_for_XLA"  # what TensorFlow's error shows, where it compiles what calls back into Python

# Outputs that have another name in Keras.
_NAMES = {"lr": "learning_rate", "beta1": "beta_1", "beta2": "beta_2"}

# What optimizers take. Most of them do not look; a momentum is at most 1 where they do.
_RANGES = {**{_NAMES.get(name, name): limits for name, limits in RANGES.items()}, "momentum": (0.0, 1.0)}

_Saveable = next(c for c in keras.Model.__mro__ if c.__name__ == "KerasSaveable")  # what Keras looks for in a model when it saves one


def _of_all_updates(sentence):
    return "; that of all updates is epochs * len(dataset), of a dataset that gives batches" if "`total" in sentence else ""


def _dtype():
    return "float64" if keras.config.floatx() == "float64" else "float32"


@keras.saving.register_keras_serializable(package="lrs")
class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """Schedule(schedule, params=None, *, output=None, steps=None, **params): a LearningRateSchedule, for schedules that follow from
    the step.

    schedule: the name of a file that ends with .lrs or a path, the text of a program, or an lrs.Schedule. output: the one that is the
    rate, by default `lr`. steps: for a table of so many rates, of which the last one stays; XLA of TensorFlow needs it. With gradient_accumulation_steps=n Keras counts batches here, and not updates: write the lengths so.
    """

    def __init__(self, schedule, params=None, *, output=None, steps=None, **more):
        with said_where_from(_of_all_updates):
            self.schedule = _schedule(schedule, _all_params(params, more))
        self.output, self.steps = output, steps
        if self.schedule.detectors:
            raise LrsError("the rules of the schedule watch metrics, which Keras gives to callbacks alone: use lrs.keras.Scheduler")
        check_unit(self.schedule, ("step",), "Keras counts updates, which it gives to a LearningRateSchedule")
        self._rate = rate_output(self.schedule, output)
        idle = [] if output is not None else idle_outputs(self.schedule, [self._rate])
        if idle:
            warnings.warn(LrsWarning(f"a LearningRateSchedule sets the rate, and nothing of {', '.join(f'`{o}`' for o in idle)}: use "
                                     "lrs.keras.Scheduler, or say output=\"lr\""), stacklevel=2)
        if steps is not None and (not isinstance(steps, Integral) or isinstance(steps, bool)):
            raise TypeError(f"steps is a whole number, that of all updates, and not {steps!r}")
        if steps is not None and steps < 1:
            raise ValueError("steps is below 1")
        self._table = None if steps is None else numpy.asarray(self.schedule.fill(0, steps, self._rate), _dtype())

    def _at(self, step):
        return numpy.asarray(self.schedule.value(int(step), self._rate), _dtype())

    def __call__(self, step):
        if self._table is not None:
            return keras.ops.take(self._table, keras.ops.clip(keras.ops.convert_to_tensor(step), 0, len(self._table) - 1))
        backend = keras.backend.backend()
        if backend == "jax":
            import jax
            shape = jax.ShapeDtypeStruct((), jax.dtypes.canonicalize_dtype(_dtype()))
            return jax.pure_callback(self._at, shape, keras.ops.convert_to_tensor(step), vmap_method="sequential")
        if backend == "tensorflow":
            import tensorflow as tf
            value = tf.numpy_function(self._at, [keras.ops.convert_to_tensor(step)], _dtype(), stateful=False, name=_NO_XLA)
            value.set_shape(())
            return value
        return keras.ops.convert_to_tensor(self._at(keras.ops.convert_to_numpy(step)))

    def get_config(self):
        return {**self.schedule._source.plain(),
                "params": {n: p.value for n, p in self.schedule.params.items()}, "output": self._rate, "steps": self.steps}

    @classmethod
    def from_config(cls, config):
        return cls(_made(_Source.of_plain(config), config["params"], 2), output=config["output"], steps=config["steps"])


class _State(_Saveable):
    """What a Scheduler knows, as a part of a model."""

    def __init__(self, scheduler):
        self.scheduler = scheduler

    def _obj_type(self):
        return "Loss"  # which has nothing to save of its own

    def save_own_variables(self, store):
        self.scheduler._is_saved()
        store["state"] = numpy.frombuffer(json.dumps(self.scheduler.state_dict()).encode(), "uint8")

    def load_own_variables(self, store):
        self.scheduler._written = {}  # the optimizer has what was saved
        if "state" in store.keys():  # else these are the weights of another training
            self.scheduler.load_state_dict(json.loads(bytes(numpy.asarray(store["state"], "uint8"))))


_COUNTS = ("iterations", "gradient_accumulation_steps", "ema_overwrite_frequency")  # are no numbers that change with the step


def _number_of(optimizer, key):
    """The number that the optimizer has by this name, also one of NumPy, or a variable; None where it has none. Weight decay may be off."""
    value = getattr(optimizer, key, None) if not key.startswith("_") else None
    if key == "weight_decay" and value is None and hasattr(optimizer, key):
        return 0.0
    is_number = isinstance(value, Real) and not isinstance(value, bool) or isinstance(value, keras.Variable) and value.shape == ()
    return value if is_number and key not in _COUNTS else None


class Scheduler(keras.callbacks.Callback):
    """Scheduler(schedule, params=None, *, metrics=None, output=None, names={}, **params): a Callback. It stands before those that save.

    The step is the number of updates that the optimizer has made, or the epoch, for a schedule that counts epochs. After each epoch
    the metrics of its logs are fed, and training ends when a rule says `stop`.
    The output `lr` is the rate. Outputs that are named as another number of the optimizer set that: `weight_decay`, `momentum` (the
    first beta, where there is no momentum), `beta1`, `beta2`, `epsilon`. output: the one that is the rate, and nothing else is set then.
    names: where outputs of other names go, as {"wd": "weight_decay"}, or None for one that is to set nothing: {"temperature": None}.
    metrics: the name of a metric, a dict from inputs of the schedule to such names, or None: each input has the metric of its own
    name, and the input `metric`, of a file that declares none, has `val_loss`.
    """

    def __init__(self, schedule, params=None, *, metrics=None, output=None, names=None, **more):
        super().__init__()
        with said_where_from(_of_all_updates):
            self.schedule = _schedule(schedule, _all_params(params, more))
        self.output = output
        self.schedule.value(0, output)
        self._names = {} if names is None else dict(_dict(names, "names is a dict from outputs to numbers of the optimizer"))
        for name, key in self._names.items():
            if name not in self.schedule.outputs:
                raise _unknown("output", name, self.schedule.outputs)
            if not (key is None or isinstance(key, str)):
                raise TypeError(f"names says {key!r} for `{name}`, and not the name of a number of the optimizer")
        self._wanted = Wanted(metrics, "val_loss")
        self._wanted.names(self.schedule)
        check_unit(self.schedule, ("step", "epoch"), "Keras updates or epochs")
        self._sets, self._written = None, {}
        self._fed, self._begins = set(), False
        self._seen = -1  # the last step whose metrics were fed here
        self._is_new = True  # until it is restored, or used
        self._epoch = None  # while one runs: "begun", or "tested", when its validation is done
        self._said = set()

    def set_model(self, model):
        super().set_model(model)
        self._sets, self._written = None, {}
        if model is not None:
            self.model.lrs_scheduler = _State(self)

    def _targets(self):
        """What is set: (the number of an output, an optimizer, its attribute)."""
        s, optimizer = self.schedule, self.model.optimizer
        if self.output is not None:
            return [(s.outputs.index(self.output), optimizer, "learning_rate")]
        inner = getattr(optimizer, "inner_optimizer", optimizer)  # of one that scales the loss
        found = {}
        for i, output in enumerate(s.outputs):
            name = self._names.get(output, output)
            if name is None:
                continue
            key = _NAMES.get(name, name)
            if key == "momentum" and _number_of(inner, key) is None:
                key = "beta_1"
            if key == "learning_rate" or _number_of(inner, key) is not None:
                if key in found:
                    raise LrsError(f"the outputs `{s.outputs[found[key]]}` and `{output}` are both for `{key}` of the optimizer")
                found[key] = i
            elif output in self._names:
                raise LrsError(f"names says that `{output}` sets `{name}`, which is no number of the optimizer {type(inner).__name__}")
        kind = type(inner).__name__
        if not found:
            raise LrsError(f"no output of the schedule sets anything of the optimizer {kind}: {', '.join(f'`{o}`' for o in s.outputs)}. "
                           f"Name one `lr`, or say which is the rate, as in output=\"{s.outputs[0]}\"")
        for key, i in found.items():
            value = getattr(inner, key, None)
            if key == "momentum" and value == 0 and not (getattr(inner, "momentums", None) or getattr(inner, "_momentums", None)):
                raise LrsError(f"`{s.outputs[i]}` needs a {kind} that was made with a momentum, which is replaced: momentum=0.9")
            compiled = keras.backend.backend() != "torch" and not self.model.run_eagerly
            if key != "learning_rate" and compiled and not isinstance(value, keras.Variable):
                raise LrsError(f"`{s.outputs[i]}` sets `{key}` of {kind}, which Keras compiles into the training step as a constant with "
                               f"the backend {keras.backend.backend()}: compile the model with run_eagerly=True, take the backend torch, or "
                               "set the rate alone, output=\"lr\"")
        self._warn_of_idle([s.outputs[i] for i in found.values()], inner)
        return [(i, optimizer if key == "learning_rate" else inner, key) for key, i in found.items()]

    def _warn_of_idle(self, used, optimizer):
        numbers = ["lr", *(key for key in _NAMES if _number_of(optimizer, _NAMES[key]) is not None), "momentum",
                   *(key for key in optimizer.get_config() if _number_of(optimizer, key) is not None)]
        for output in idle_outputs(self.schedule, used):
            if output in self._names:
                continue
            near = get_close_matches(output, [name for name in numbers if name != output], 1)
            hint = f"did you mean `{near[0]}`? If not, say" if near else "say"
            warnings.warn(LrsWarning(f"the output `{output}` sets nothing of the optimizer {type(optimizer).__name__}: {hint} that it sets nothing, "
                                     f"names={{\"{output.replace(chr(34), chr(92) + chr(34))}\": None}}"), stacklevel=2)

    def _warn(self, what, sentence):
        """Once for each `what`."""
        if what not in self._said:
            self._said.add(what)
            warnings.warn(LrsWarning(sentence), stacklevel=3)

    def _is_saved(self):
        if self._epoch == "tested" and watched(self.schedule):
            self._warn("saved", "these weights are saved before the rules of the schedule have the metrics of this epoch, so that a resumed training "
                                "goes on without them: put lrs.keras.Scheduler before the callback that saves, in the list of callbacks")

    def _rate(self):
        """The rate that is there, which should be the one that was set, but for the rounding of its type."""
        there, mine = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)), self._written.get("learning_rate")
        if mine is not None and isfinite(there) and abs(there - mine) > 0.01 * abs(mine) + 1e-7:
            output = self.output if self.output is not None else next(self.schedule.outputs[i] for i, _, key in self._sets if key == "learning_rate")
            self._warn("rate", f"the learning rate is {there:g}, and lrs.keras.Scheduler has set {mine:g}: something else sets it, too, as "
                               "ReduceLROnPlateau and LearningRateScheduler do. Leave one of them out; a Scheduler that is there for other numbers "
                               f"leaves the rate alone with names={{\"{output}\": None}}")
        return there

    def _write(self, step, trains=True):
        """Sets what is not there yet; a variable of JAX is costly to set. trains: whether a batch is trained with it."""
        if self._sets is None:  # a loop of one's own, that does not say that it begins
            self._sets = self._targets()
        values = self.schedule.values(step)
        for i, optimizer, key in self._sets:
            if values[i] != self._written.get(key):
                if key in _RANGES and not _RANGES[key][0] <= values[i] < _RANGES[key][1]:
                    if trains:
                        raise out_of_range(self.schedule, self.schedule.outputs[i], values[i], step, optimizer, key, *_RANGES[key])
                    continue
                old = None if key == "learning_rate" else getattr(optimizer, key)
                if isinstance(old, keras.Variable):
                    old.assign(values[i])
                else:
                    setattr(optimizer, key, values[i])
                self._written[key] = values[i]

    def _step(self, epoch):
        if self.schedule.unit == "epoch":
            return epoch
        return int(keras.ops.convert_to_numpy(self.model.optimizer.iterations))

    def _warn_of_rest(self, epoch, step):
        """Where fit says how many batches there are."""
        epochs, steps = (self.params or {}).get("epochs"), (self.params or {}).get("steps")
        if self.schedule.unit != "epoch" and epochs and steps:
            optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
            epochs = step + (epochs - epoch) * steps // (getattr(optimizer, "gradient_accumulation_steps", None) or 1)
        rates = [self.schedule.outputs[i] for i, _, key in self._sets if key == "learning_rate"]
        sentence = zero_rest(self.schedule, rates[0], epochs, step) if rates and epochs and (steps or self.schedule.unit == "epoch") else ""
        if sentence:
            self._warn("rest", sentence)

    def _begin(self, step):
        """The rules take no metric twice. A training that begins before the last one that was fed here is a new run; with rules that were
        restored it is a mistake, and so may be rules that know nothing of what was before."""
        self._begins = False
        if step < self._seen:
            self.schedule.reset()
            self._seen = -1
        seen = max((d.seen_step for d in self.schedule.detectors), default=step)
        if step < seen:
            unit = self.schedule.unit
            how = f"initial_epoch={seen}" if unit == "epoch" else "the model with the optimizer that was saved beside it"
            raise LrsError(f"the rules of the schedule were restored as they were at {unit} {seen}, and this training begins at {unit} {step}: "
                           f"give fit {how}, or call scheduler.reset() for a new run")
        if self._is_new and step > 0 and watched(self.schedule) and all(d.seen_step < 0 for d in self.schedule.detectors):
            self._warn("new", f"this training begins at {self.schedule.unit} {step}, and the rules of the schedule know nothing of what was before. For a "
                              "resumed one, call scheduler.set_model(model), and then model.load_weights(...) of what was saved with a Scheduler in the "
                              "callbacks; for rules that begin here, scheduler.reset()")
        self._is_new = False

    def on_train_begin(self, logs=None):
        mine = getattr(self.model, "lrs_scheduler", None)  # none where a callback of one's own hands on all calls but set_model
        if mine is not None and mine.scheduler is not self:
            raise LrsError("there are two lrs.keras.Scheduler in the callbacks, and the weights that are saved hold the state of one: put the outputs "
                           "of both into one schedule")
        self._sets = self._targets()
        self._written, self._fed, self._begins = {}, set(), True

    def on_train_end(self, logs=None):
        self._epoch = None
        waiting = self._wanted.waiting([self.schedule], self._fed)
        if waiting:
            warnings.warn(LrsWarning(f"{waiting}, and there was no validation: give fit validation_data"), stacklevel=2)

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = "begun"
        if self._written:
            self._rate()
        self._written = {}
        step = self._step(epoch)
        if self._begins:
            self._begin(step)
            self._warn_of_rest(epoch, step)
        self._write(step)

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 0 and self._written:
            self._rate()
        if self.schedule.unit != "epoch":
            self._write(self._step(None))

    def on_test_end(self, logs=None):
        if self._epoch is not None:
            self._epoch = "tested"

    def on_epoch_end(self, epoch, logs=None):
        self._epoch = None
        logs = {} if logs is None else logs
        step = self._step(epoch + 1)
        names, needed = self._wanted.names(self.schedule)
        if any(names[n].startswith("val_") for n in needed) and not any(n.startswith("val_") for n in logs):
            values = self._wanted.there(self.schedule, logs)  # an epoch without a validation
        else:
            values = self._wanted.of(self.schedule, logs)
        self._fed.update(values)
        if values:
            self.schedule.observe(step, **values)
            self._seen = step
        logs["learning_rate"] = self._rate()
        self._write(step, trains=False)
        if self.schedule.stopped:
            self.model.stop_training = True

    def state_dict(self):
        """What a checkpoint needs, where Keras's own do not hold it: numbers, texts and dicts only."""
        return self.schedule.state_dict()

    def load_state_dict(self, state_dict):
        """Goes on from a checkpoint of the same schedule."""
        self.schedule.load_state_dict(state_dict)
        self._seen, self._is_new = -1, False

    def reset(self):
        """The rules know nothing, and begin with the next training, wherever that begins."""
        self.schedule.reset()
        self._seen, self._is_new = -1, False
