"""A schedule of lrs in Keras 3.

    optimizer = keras.optimizers.AdamW(lrs.keras.Schedule("wsd.lrs", peak=1e-3))       # a schedule whose rules watch no metric

    optimizer = keras.optimizers.AdamW()                                                # any schedule
    model.fit(..., callbacks=[lrs.keras.Scheduler("wsd.lrs", peak=1e-3), ...])

In: a schedule; for a Scheduler the metrics of each epoch. Out: a LearningRateSchedule, which is saved with the model, and a Callback,
which sets the rate before each batch, and whose state is saved with the weights of the model.
The backends JAX and TensorFlow compile what asks a LearningRateSchedule for its value: there compiled code calls back into Python, or
has a table of the rates, when it is told how many steps there are.
A rate is the nearest number of the type that Keras computes in.
"""
import json
import warnings

import keras
import numpy

from . import LrsError, LrsWarning, _all_params, _lrs, _made, _schedule
from ._metrics import Wanted

try:
    from keras.src.saving.serialization_lib import in_safe_mode
except ImportError:
    def in_safe_mode():
        return True

__all__ = ["Schedule", "Scheduler"]

_Saveable = next(c for c in keras.Model.__mro__ if c.__name__ == "KerasSaveable")  # what Keras looks for in a model when it saves one


_READ = set()  # the sources of schedules with files that this process has read already


def _dtype():
    return "float64" if keras.config.floatx() == "float64" else "float32"


@keras.saving.register_keras_serializable(package="lrs")
class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """Schedule(schedule, params=None, /, *, output=None, steps=None, **params): a LearningRateSchedule, for schedules that follow from
    the step.

    schedule: the name of a file that ends with .lrs or a path, the text of a program, or an lrs.Schedule. output: the one that is the
    rate, by default the first. steps: for a table of so many rates, of which the last one stays; XLA of TensorFlow needs it. With gradient_accumulation_steps=n Keras counts batches here, and not updates: write the lengths so.
    """

    def __init__(self, schedule, params=None, /, *, output=None, steps=None, **more):
        self.schedule = _schedule(schedule, _all_params(params, more))
        self.output, self.steps = output, steps
        if self.schedule.detectors:
            raise LrsError("the rules of the schedule watch metrics, which Keras gives to callbacks alone: use lrs.keras.Scheduler")
        self.schedule.value(0, output)
        if steps is not None and steps < 1:
            raise ValueError("steps is below 1")
        self._source = self.schedule._source
        text, file, use_files, include_dirs, name = self._source
        if use_files and _lrs.compile(text, name, False, ())[0] is not None:
            self._source = text, name, False, (), name  # it uses none
        elif use_files:
            _READ.add(self._source)
        self._table = None if steps is None else numpy.asarray(self.schedule.fill(0, steps, output), _dtype())

    def _at(self, step):
        return numpy.asarray(self.schedule.value(int(step), self.output), _dtype())

    def __call__(self, step):
        if self._table is not None:
            return keras.ops.take(self._table, keras.ops.clip(step, 0, len(self._table) - 1))
        backend = keras.backend.backend()
        if backend == "jax":
            import jax
            shape = jax.ShapeDtypeStruct((), jax.dtypes.canonicalize_dtype(_dtype()))
            return jax.pure_callback(self._at, shape, keras.ops.convert_to_tensor(step), vmap_method="sequential")
        if backend == "tensorflow":
            import tensorflow as tf
            value = tf.numpy_function(self._at, [keras.ops.convert_to_tensor(step)], _dtype(), stateful=False)
            value.set_shape(())
            return value
        return keras.ops.convert_to_tensor(self._at(keras.ops.convert_to_numpy(step)))

    def get_config(self):
        text, file, use_files, include_dirs, name = self._source
        return {**{k: v.decode("utf-8", "surrogateescape") for k, v in (("text", text), ("file", file), ("name", name))}, "use_files": use_files,
                "include_dirs": [d.decode("utf-8", "surrogateescape") for d in include_dirs],
                "params": {n: p.value for n, p in self.schedule.params.items()}, "output": self.output, "steps": self.steps}

    @classmethod
    def from_config(cls, config):
        text, file, name, *include_dirs = (t.encode("utf-8", "surrogateescape")
                                           for t in (config["text"], config["file"], config["name"], *config["include_dirs"]))
        source = text, file, bool(config["use_files"]), tuple(include_dirs), name
        if source[2] and source not in _READ and in_safe_mode() is not False:
            raise LrsError(f"the schedule `{config['name']}` of this model uses other files, and a model may name any file of this machine: "
                           "if you trust it, load it with safe_mode=False")
        return cls(_made(source, config["params"], 2), output=config["output"], steps=config["steps"])


class _State(_Saveable):
    """What a Scheduler knows, as a part of a model."""

    def __init__(self, scheduler):
        self.scheduler = scheduler

    def _obj_type(self):
        return "Loss"  # which has nothing to save of its own

    def save_own_variables(self, store):
        store["state"] = numpy.frombuffer(json.dumps(self.scheduler.state_dict()).encode(), "uint8")

    def load_own_variables(self, store):
        if "state" in store.keys():  # else these are the weights of another training
            self.scheduler.load_state_dict(json.loads(bytes(numpy.asarray(store["state"], "uint8"))))


class Scheduler(keras.callbacks.Callback):
    """Scheduler(schedule, params=None, /, *, metrics=None, output=None, **params): a Callback. It stands before those that save.

    The step is the number of updates that the optimizer has made, or the epoch, for a schedule that counts epochs. After each epoch
    the metrics of its logs are fed, and training ends when a rule says `stop`.
    metrics: the name of a metric, a dict from inputs of the schedule to such names, or None: each input has the metric of its own
    name, and the input `metric`, of a file that declares none, has `val_loss`.
    """

    def __init__(self, schedule, params=None, /, *, metrics=None, output=None, **more):
        super().__init__()
        self.schedule = _schedule(schedule, _all_params(params, more))
        self.output = output
        self.schedule.value(0, output)
        self._wanted = Wanted(metrics, "val_loss")
        self._wanted.names(self.schedule)
        if self.schedule.unit not in ("step", "epoch"):
            raise LrsError(f"the schedule counts {self.schedule.unit}s, and Keras updates or epochs: write `unit step` or `unit epoch` in it, "
                           "and lengths with their units, as `5 epochs`")
        self._written = None
        self._fed = self._begins = False
        self._seen = -1  # the last step whose metrics were fed here

    def set_model(self, model):
        super().set_model(model)
        self._written = None
        if model is not None:
            self.model.lrs_scheduler = _State(self)

    def _write(self, step):
        """Sets the rate, when it is not there yet; a variable of JAX is costly to set."""
        value = self.schedule.value(step, self.output)
        if value != self._written:
            self.model.optimizer.learning_rate = value
            self._written = value

    def _step(self, epoch):
        if self.schedule.unit == "epoch":
            return epoch
        return int(keras.ops.convert_to_numpy(self.model.optimizer.iterations))

    def _begin(self, step):
        """The rules take no metric twice. A training that begins before the last one that was fed here is a new run; with rules that were
        restored it is a mistake."""
        self._begins = False
        if step < self._seen:
            self.schedule.reset()
            self._seen = -1
        seen = max((d.seen_step for d in self.schedule.detectors), default=step)
        if step < seen:
            unit = self.schedule.unit
            how = f"initial_epoch={seen}" if unit == "epoch" else "the model with the optimizer that was saved beside it"
            raise LrsError(f"the rules of the schedule were restored as they were at {unit} {seen}, and this training begins at {unit} {step}: "
                           f"give fit {how}, or call scheduler.schedule.reset() for a new run")

    def on_train_begin(self, logs=None):
        self._written, self._fed, self._begins = None, False, True

    def on_train_end(self, logs=None):
        names, needed = self._wanted.names(self.schedule)
        if needed and not self._fed:
            warnings.warn(LrsWarning(f"the rules of the schedule watch {', '.join(f'`{names[n]}`' for n in sorted(needed))}, and there was no "
                                     "validation: give fit validation_data"), stacklevel=2)

    def on_epoch_begin(self, epoch, logs=None):
        self._written = None
        step = self._step(epoch)
        if self._begins:
            self._begin(step)
        self._write(step)

    def on_train_batch_begin(self, batch, logs=None):
        if self.schedule.unit != "epoch":
            self._write(self._step(None))

    def on_epoch_end(self, epoch, logs=None):
        logs = {} if logs is None else logs
        step = self._step(epoch + 1)
        names, needed = self._wanted.names(self.schedule)
        if any(names[n].startswith("val_") for n in needed) and not any(n.startswith("val_") for n in logs):
            values = {n: logs[names[n]] for n in names if names[n] in logs}  # an epoch without a validation
        else:
            values = self._wanted.of(self.schedule, logs)
            self._fed = True
        if values:
            self.schedule.observe(step, **values)
            self._seen = step
        logs["learning_rate"] = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))
        self._write(step)
        if self.schedule.stopped:
            self.model.stop_training = True

    def state_dict(self):
        """What a checkpoint needs, where Keras's own do not hold it: numbers, texts and dicts only."""
        return self.schedule.state_dict()

    def load_state_dict(self, state_dict):
        """Goes on from a checkpoint of the same schedule."""
        self.schedule.load_state_dict(state_dict)
        self._seen = -1
