"""Which of a framework's metrics go to which inputs of a schedule, and whether it counts what the framework counts: what the adapters
share.

In: a schedule, what the user says about it, and the metrics of an evaluation by name. Out: numbers for Schedule.observe, and errors.
"""
from collections.abc import Mapping

from . import LrsError, _unknown


def check_unit(schedule, units, counts):
    """Refuses a schedule that counts something else. units: what it may count; counts: the sentence's end, as "Keras counts updates"."""
    if schedule.unit not in units:
        write = " or ".join(f"`unit {unit}`" for unit in units)
        raise LrsError(f"the schedule counts {schedule.unit}s, and {counts}: write {write} in it, and lengths with their units, as `5 epochs`")


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
        needed = {name for detector in schedule.detectors for name in detector.inputs}
        return {name: self.default if inputs == ("metric",) and name == "metric" else name for name in inputs}, needed

    def there(self, schedule, found, known=()):
        """What is to be observed, by input, of metrics by name: of those that are there."""
        values = {}
        for name, metric in self.names(schedule, known)[0].items():
            for key in (metric, self.prefix + metric):
                if key in found:
                    values[name] = found[key]
                    break
        return values

    def require(self, schedule, fed, found, known=()):
        """An error when a rule would wait for ever. fed: the inputs that had a metric; found: the metrics that there were."""
        names, needed = self.names(schedule, known)
        for name in names:
            if name in needed and name not in fed:
                have = ", ".join(f"`{k}`" for k in found) or "none"
                raise LrsError(f"the rules of the schedule watch `{name}`, and there is no metric `{names[name]}` for it; there is {have}. "
                               f"Say which it is, as in metrics={{\"{name}\": \"{next(iter(found), 'val_loss')}\"}}")

    def of(self, schedule, found, known=()):
        """What is to be observed, by input, of metrics by name; an error when a rule would wait for ever."""
        values = self.there(schedule, found, known)
        self.require(schedule, values, found, known)
        return values
