"""Which of a framework's metrics go to which inputs of a schedule, whether it counts what the framework counts and goes on for as long,
and which values optimizers take: what the adapters share.

In: a schedule, what the user says about it, and the metrics of an evaluation by name. Out: numbers for Schedule.observe, and errors.
"""
from collections.abc import Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from math import ceil, inf

from . import LrsError, _metric, _number, _unknown


# What a length in another unit needs in a schedule that counts steps.
MEASURES = {"epoch": "steps_per_epoch", "sample": "samples_per_step", "token": "tokens_per_step"}

# What optimizers take, when they are made: from the first number on, and below the second. A rate is not here: it is passed on as it is.
RANGES = {"momentum": (0.0, inf), "beta1": (0.0, 1.0), "beta2": (0.0, 1.0), "weight_decay": (0.0, inf), "eps": (0.0, inf)}


def out_of_range(schedule, output, value, step, optimizer, name, lo, hi):
    """The error for a value that is not in its range. name: what the output sets."""
    hint = "" if value != value else f". Write `bounds {lo:g} .. {0.999 if hi == 1 else hi:g}` in its schedule, if it is to stay there"
    return LrsError(f"the output `{output}` is {_number(value)} at {schedule.unit} {step}: "
                    f"{type(optimizer).__name__} takes {lo:g} <= {name} < {hi:g}{hint}")


def check_unit(schedule, units, counts, filled=()):
    """Refuses a schedule that counts something else. units: what it may count; counts: the sentence's end, as "Keras counts updates";
    filled: the params that the framework gives their values."""
    if schedule.unit not in units:
        unit, param = schedule.unit, MEASURES[schedule.unit]
        write = " or ".join(f"`unit {unit}`" for unit in units)
        given = ", which gets its value there" if param in filled else ""
        raise LrsError(f"the schedule counts {unit}s, and {counts}: write {write} in it, and lengths with their units, as `5 {unit}s`; "
                       f"these need `param {param}`{given}")


@contextmanager
def said_where_from(hint):
    """A param without a value in a training: `hint`, a function of the sentence, says where there is one, or says nothing."""
    try:
        yield
    except LrsError as error:
        if error.diagnostics or "has no default" not in str(error):
            raise
        raise LrsError(f"{error}{hint(str(error))}") from None


def rate_output(schedule, output, choose="output="):
    """The name of the output that is the learning rate: the one that was chosen, or `lr`. An error where there is neither."""
    if output is not None:
        if output not in schedule.outputs:
            raise _unknown("output", output, schedule.outputs)
        return output
    if "lr" not in schedule.outputs:
        raise LrsError(f"no output of the schedule is the learning rate `lr`: there is {', '.join(f'`{o}`' for o in schedule.outputs)}. "
                       f"Name one `lr`, or say which it is, as in {choose}\"{schedule.outputs[0]}\"")
    return "lr"


def idle_outputs(schedule, used):
    """The outputs that are not used, and that the program does not read itself. One that is there for all groups, as the language
    demands beside one for a group, is used with that."""
    bases = {o.partition("[")[0] for o in used}
    return [o for o in schedule.outputs if o not in used and o not in bases and not schedule._reads(o)]


def watched(schedule):
    """The inputs that rules watch."""
    return {name for detector in schedule.detectors for name in detector.inputs}


def better(schedule, name, sign):
    """The detectors of an input that are known to take more of it for better, or less where `sign` is negative."""
    s = schedule.copy()
    s.reset()
    s.observe(0, **{name: 1.0})
    s.observe(1, **{name: sign * 1e9})
    return [d for d in s.detectors if d.kind in ("plateau", "diverge") and d.inputs == (name,) and sign * (d.best - 1) > 0]


def zero_rest(schedule, output, steps, before=0):
    """What is wrong with a schedule that ends at 0 long before the last of so many steps; "" where nothing is. What has no end is meant
    so, and what rules have done does not count. before: those of them that other trainings have made."""
    rates = [o for o in schedule.outputs if o == output or o.startswith(f"{output}[")]
    if output not in rates or not 1 < steps < 2**53:
        return ""
    s, steps = schedule.copy(), int(steps)
    s.reset()
    last = s.phases_of(output)[-1:]
    end = ceil(last[0].end) if last and last[0].end < steps else steps
    zeros = steps - end
    if zeros < 2 or zeros < 0.05 * steps or any(s.value(step, o) for o in rates for step in range(end, steps, -(-zeros // 1000))):
        return ""
    others = f", of which {before} were made before it" if before else ""
    return (f"the rate is 0 in the last {zeros} of the {steps} {s.unit}s of this training{others}: the last phase, `{last[0].text}`, ends at {s.unit} {end}. Let it end "
            "with the training, as with `param total` and `until total`; if this is meant, write `then hold 0` after it")


def _bare(metric):
    """A metric without what says of which data it is."""
    return metric.removeprefix("eval_").removeprefix("val_").removeprefix("train_")


class Wanted:
    """metrics: the name of the metric of the only input; a dict from inputs to names, which are all that is fed; or None: each input is
    fed by the metric of its own name, and an input that no line of the file declares, `metric`, by `default`."""

    def __init__(self, metrics, default, prefix=""):
        if not (metrics is None or isinstance(metrics, str) or isinstance(metrics, Mapping)):
            raise TypeError(f"metrics is a name, a dict from inputs to names, or None, not {type(metrics).__name__}")
        self.metrics, self.default, self.prefix = metrics, default, prefix

    def names(self, schedule, known=()):
        """{input: name of a metric}, and the inputs that must have one. known: the inputs of other schedules that are fed, too."""
        inputs = schedule.inputs
        if isinstance(self.metrics, str):
            if len(inputs) != 1:
                raise LrsError(f"the schedule has {len(inputs)} inputs: say which metric is for which, as in "
                               f"metrics={{\"{inputs[0]}\": \"{self.metrics}\"}}")
            return {inputs[0]: self.metrics}, set(inputs)
        if self.metrics is not None:
            for name in self.metrics:
                if name not in inputs and name not in known:
                    raise _unknown("input", name, tuple(dict.fromkeys((*inputs, *known))))
            mine = {name: metric for name, metric in self.metrics.items() if name in inputs}
            return mine, set(mine)
        return {name: self.default if inputs == ("metric",) and name == "metric" else name for name in inputs}, watched(schedule)

    def waiting(self, schedules, fed=()):
        """The start of a message: which metrics rules wait for, or else which ones `metrics` asks for; "" when there are none.
        schedules: all that are fed; fed: the inputs that had a metric."""
        known = [name for schedule in schedules for name in schedule.inputs]
        rules, others = {}, {}
        for schedule in schedules:
            names, needed = self.names(schedule, known)
            for name in names:
                if name in needed and name not in fed:
                    (rules if name in watched(schedule) else others)[f"`{names[name]}`"] = None
        if rules:
            return f"the rules of the schedule watch {', '.join(rules)}"
        return f"`metrics` asks for {', '.join(others)}" if others else ""

    def there(self, schedule, found, known=()):
        """What is to be observed, by input, of metrics by name: of those that are there."""
        values = {}
        for name, metric in self.names(schedule, known)[0].items():
            for key in (metric, self.prefix + metric):
                if key in found:
                    values[name] = self._bad(schedule, name, found[key])
                    break
        return values

    @staticmethod
    def _bad(schedule, name, value):
        """A loss that is NaN has diverged; for other rules NaN is no metric."""
        if value is None or _metric(name, value) == _metric(name, value) or not any(d.kind == "diverge" and name in d.inputs for d in schedule.detectors):
            return value
        return -inf if any(d.kind == "diverge" for d in better(schedule, name, 1)) else inf

    def require(self, schedule, fed, found, known=()):
        """An error when a rule would wait for ever. fed: the inputs that had a metric; found: the metrics that there were."""
        names, needed = self.names(schedule, known)
        for name in names:
            if name in needed and name not in fed:
                have = ", ".join(f"`{k}`" for k in found) or "none"
                why = f"the rules of the schedule watch `{name}`" if name in watched(schedule) else f"`metrics` is for the input `{name}`"
                rest = [k for k in found if ("train" in k) == ("train" in names[name])]  # for one of the validation, one of the training is never meant
                bare = {_bare(k): k for k in rest}
                near = get_close_matches(_bare(names[name]), bare, 1, 0.5)
                say = f"Say which it is, as in metrics={{\"{name}\": \"{bare[near[0]]}\"}}" if near else \
                    f"Log it, or say which of these it is, metrics={{\"{name}\": ...}}" if found else "Log it"
                raise LrsError(f"{why}, and there is no metric `{names[name]}` for it; there is {have}. {say}")

    def of(self, schedule, found, known=()):
        """What is to be observed, by input, of metrics by name; an error when a rule would wait for ever."""
        values = self.there(schedule, found, known)
        self.require(schedule, values, found, known)
        return values
