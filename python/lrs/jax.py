"""Schedules for JAX and optax.

    rate = lrs.jax.schedule("warmup 500 -> 3e-4; then cosine until 10k -> 0")     # a function of the step that JAX may trace
    optimizer = optax.adamw(rate)

    optimizer = optax.chain(optax.scale_by_adam(), lrs.jax.scale_by_learning_rate("wsd.lrs"))
    updates, state = optimizer.update(grads, state, params, value=loss)           # rules act on the metrics

In: a file, a text or a Schedule. Out: a pure function in jnp, or a transformation of optax whose state is arrays. The function
computes in doubles, whatever jax_enable_x64 says, and gives the bits of the schedule, rounded to the precision that JAX has.
"""
from difflib import get_close_matches
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from . import LrsError, _all_params, _lrs, _schedule
from ._metrics import check_unit, rate_output, watched

if jax.__version_info__ < (0, 7, 2):
    raise ImportError(f"lrs.jax needs JAX 0.7.2 or newer, which computes in doubles where it is told to; this is JAX {jax.__version__}")

__all__ = ["ScheduleState", "StatefulSchedule", "scale_by_learning_rate", "scale_by_schedule", "schedule"]


def _traceable(s, output):
    names = {}
    exec(compile(_lrs.jax_module(s._plan), f"<{s.name} for JAX>", "exec"), names)
    made = names["schedule"]
    type(made).__reduce__ = lambda self: (_unpickled, (s, self._output, self._given))
    return made.output(output)


def _unpickled(s, output, given):
    """A function of _traceable: its class is made anew in each process."""
    made = _traceable(s, s.outputs[0])
    return type(made)(made._program, output, given)


def schedule(schedule, params=None, *, output=None, ignore_metrics=False, **more):
    """A schedule as a pure function, step -> value: for jit, vmap, scan and grad, and as a schedule of optax.

    The function has with_params(peak=...), of which the values may be traced: for derivatives by params, and for many runs
    in one vmap; and output(name), for the other schedules of the file. What rules do with metrics is not in a pure function:
    where there are some, use scale_by_learning_rate, or ignore_metrics=True for the values without any metric.
    output: the schedule of the file, by default `lr`.
    """
    s = _schedule(schedule, _all_params(params, more))
    output = rate_output(s, output)
    rules = s.detectors
    if rules and not ignore_metrics:
        raise LrsError(f"`{rules[0].rule_text}` acts on metrics, and a function of the step alone has none: use "
                       "lrs.jax.scale_by_learning_rate, or schedule(..., ignore_metrics=True) for the values without any")
    return _traceable(s, output)


class ScheduleState(NamedTuple):
    """The state of a schedule in a run: arrays, which any saver of pytrees saves."""
    count: Any  # the step that comes next
    value: Any  # the value that was used last
    saved: Any  # what the rules know, as 32-bit words: what lrs saves, so that it is checked when it is used


class StatefulSchedule:
    """A schedule with its rules, as an optax.StatefulSchedule: for optax.inject_hyperparams.

    Metrics are extra arguments of the optimizer's update, by their names; `value` is the first one. None and NaN are none.
    They are observed at the step of the update, before its value is taken, as lrs.Schedule.get_lr does. An update that is given none
    of those that rules watch is an error, so that a misspelt one is: an update without a metric is update(..., value=None).
    output: the schedule of the file, by default `lr`.
    """

    def __init__(self, schedule, params=None, *, output=None, **more):
        s = _schedule(schedule, _all_params(params, more)).copy()
        check_unit(s, ("step",), "optax counts updates")
        output = rate_output(s, output)
        s.reset()
        self._schedule, self._output = s, s.outputs.index(output)
        self._pure = None if s.detectors else _traceable(s, output)
        self._start = _words(s)

    def init(self):
        """The state at the start of a run."""
        value = self._schedule._value(0, self._output)
        return ScheduleState(jnp.zeros([], jnp.int32), jnp.asarray(value, _precision()), jnp.asarray(self._start))

    def update(self, state, **extra):
        """The state after a step with these metrics."""
        self._check_given(extra)
        return self._step(state, extra)[1]

    def __call__(self, state, **extra):
        """The value of the state's step, after these metrics, or without any."""
        if extra:
            self._check_given(extra)
        return self._step(state, extra)[0]

    def at(self, state):
        """The lrs.Schedule in a state that is not traced: what it explains, its detectors, whether a rule said `stop`."""
        s = self._schedule.copy()
        self._check_size(np.shape(state.saved))
        sentence = s._load(np.asarray(state.saved).tobytes()[:len(s._save())])
        if sentence:
            raise LrsError(sentence)
        return s

    def _check_size(self, shape):
        if shape != self._start.shape:
            raise LrsError(f"the state is of another program: {shape[0] if len(shape) == 1 else shape} words, and one of "
                           f"{self._schedule.name} has {len(self._start)}. Compile the text that the run began with")

    def _check_given(self, extra):
        """Rules that wait for metrics must not wait for ever. Other arguments may be for others in the chain."""
        inputs = self._schedule.inputs
        needed = watched(self._schedule)
        given = {inputs[0] if name == "value" else name for name in extra}
        if not needed or given & needed:
            return
        names = [name for name in inputs if name in needed]
        have = f"update has {', '.join(f'`{name}`' for name in extra)}" if extra else "update has no metric"
        near = [(name, near) for name in extra for near in get_close_matches(name, (*names, "value"), 1)]
        hint = f": did you mean `{near[0][1]}`?" if near else ""
        raise LrsError(f"the rules of the schedule watch {', '.join(f'`{name}`' for name in names)}, and {have}{hint or '.'} Write "
                       f"update(..., {names[0]}=loss){', or value=loss' if names[0] == inputs[0] else ''}; where a step has no metric, "
                       f"{names[0]}=None")

    def _step(self, state, extra):
        """The value at the state's step, and the state after it."""
        if not hasattr(state, "saved"):
            raise TypeError("a StatefulSchedule is called with its state, and not with a step, as optimizers of optax call their learning_rate: write "
                            "optax.inject_hyperparams(optax.adam)(learning_rate=...), put lrs.jax.scale_by_learning_rate(...) into a chain, "
                            "or, for a schedule without rules, take lrs.jax.schedule(...)")
        dtype = _precision()
        self._check_size(np.shape(state.saved))
        if not isinstance(state.saved, jax.core.Tracer) and getattr(state.saved, "is_fully_addressable", True):
            self.at(state)  # an error of its own, where JAX does not stand between
        if self._pure:
            value, saved = self._pure(state.count), state.saved
            value = jnp.where((saved == self._start).all(), value, np.nan)  # it says nothing but whose it is
        else:
            inputs = self._schedule.inputs
            given = {i: _metric(name, extra[name], dtype) for i, name in enumerate(inputs) if extra.get(name) is not None}
            if extra.get("value") is not None and 0 not in given:
                given[0] = _metric("value", extra["value"], dtype)
            results = jax.ShapeDtypeStruct((), dtype), jax.ShapeDtypeStruct(self._start.shape, np.uint32)
            value, saved = jax.pure_callback(self._host(tuple(given), dtype), results,
                                             *jax.lax.stop_gradient((state.count, state.saved, *given.values())), vmap_method="sequential")
        count = jnp.where(state.count < jnp.iinfo(state.count.dtype).max, state.count + 1, state.count)
        return value, ScheduleState(count, value, saved)

    def _host(self, inputs, dtype):
        """What is called where the numbers are known: it changes nothing, so that JAX may call it as often as it likes."""
        def run(count, saved, *metrics):
            s, step = self.at(ScheduleState(None, None, saved)), int(count)
            for i, metric in zip(inputs, metrics):
                s._observe(step, i, float(metric))
            return np.asarray(s._value(step, self._output), dtype), _words(s)
        return run

    def __repr__(self):
        return f"<lrs.jax.StatefulSchedule of {self._schedule!r}>"


def _is_real(dtype):
    return any(jax.dtypes.issubdtype(dtype, kind) for kind in (np.floating, np.integer, np.bool_))


def _metric(name, value, dtype):
    """One number as an array without axes. Text is none, though NumPy reads it, nor is a complex number."""
    try:
        if _is_real(value.dtype if isinstance(value, jax.Array) else np.asarray(value).dtype):
            return jnp.asarray(value, dtype).reshape(())
    except (TypeError, ValueError):
        pass
    raise TypeError(f"the metric `{name}` is not a number: {value!r:.200}")


def _precision():
    return jax.dtypes.canonicalize_dtype(np.float64)


def _words(s):
    saved = s._save()
    return np.frombuffer(saved + bytes(-len(saved) % 4), np.uint32)


def scale_by_schedule(schedule, params=None, *, output=None, **more):
    """A transformation of optax that multiplies updates by the value of a schedule, with its rules.

    Its state is a ScheduleState; metrics are extra arguments of update, as for StatefulSchedule. `schedule` may be one.
    """
    return _scaled(_stateful(schedule, _all_params(params, more), output), 1)


def scale_by_learning_rate(schedule, params=None, *, output=None, **more):
    """The same by the negative value: the last link of a chain, as optax.scale_by_learning_rate is."""
    return _scaled(_stateful(schedule, _all_params(params, more), output), -1)


def _stateful(source, params, output):
    if isinstance(source, StatefulSchedule):
        if params or output is not None:
            raise TypeError("a StatefulSchedule has its params and its output already")
        return source
    return StatefulSchedule(_schedule(source, params), output=output)


def _scaled(stateful, sign):
    import optax

    def init(params):
        del params
        return stateful.init()

    def update(updates, state, params=None, **extra):
        del params
        stateful._check_given(extra)
        value, state = stateful._step(state, extra)
        return jax.tree.map(lambda u: jnp.asarray(sign * value, u.dtype) * u, updates), state
    return optax.GradientTransformationExtraArgs(init, update)
