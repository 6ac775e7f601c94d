"""Which of a framework's metrics go to which inputs of a schedule: what the adapters share.

In: a schedule, what the user says about it, and the metrics of an evaluation by name. Out: numbers for Schedule.observe.
"""
from collections.abc import Mapping

from . import LrsError, _unknown


class Wanted:
    """metrics: the name of the metric of the only input; a dict from inputs to names, which are all that is fed; or None: each input is
    fed by the metric of its own name, and an input that no line of the file declares, `metric`, by `default`."""

    def __init__(self, metrics, default, prefix=""):
        if not (metrics is None or isinstance(metrics, str) or isinstance(metrics, Mapping)):
            raise TypeError(f"metrics is a name, a dict from inputs to names, or None, not {type(metrics).__name__}")
        self.metrics, self.default, self.prefix = metrics, default, prefix

    def names(self, schedule):
        """{input: name of a metric}, and the inputs that must have one."""
        inputs = schedule.inputs
        if isinstance(self.metrics, str):
            if len(inputs) != 1:
                raise LrsError(f"the schedule has {len(inputs)} inputs: say which metric is for which, as in "
                               f"metrics={{\"{inputs[0]}\": \"{self.metrics}\"}}")
            return {inputs[0]: self.metrics}, set(inputs)
        if self.metrics is not None:
            for name in self.metrics:
                if name not in inputs:
                    raise _unknown("input", name, inputs)
            return dict(self.metrics), set(self.metrics)
        needed = {name for detector in schedule.detectors for name in detector.inputs}
        return {name: self.default if inputs == ("metric",) and name == "metric" else name for name in inputs}, needed

    def of(self, schedule, found):
        """What is to be observed, by input, of metrics by name; an error when a rule would wait for ever."""
        names, needed = self.names(schedule)
        values = {}
        for name, metric in names.items():
            for key in (metric, self.prefix + metric):
                if key in found:
                    values[name] = found[key]
                    break
            else:
                if name in needed:
                    have = ", ".join(f"`{k}`" for k in found) or "none"
                    raise LrsError(f"the rules of the schedule watch `{name}`, and there is no metric `{metric}` for it; there is {have}. "
                                   f"Say which it is, as in metrics={{\"{name}\": \"{next(iter(found), 'val_loss')}\"}}")
        return values
