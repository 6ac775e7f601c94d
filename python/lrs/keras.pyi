import os
from typing import Any, Mapping, SupportsFloat

import keras

from . import Schedule as _Schedule

class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    schedule: _Schedule
    output: str | None
    steps: int | None
    def __init__(self, schedule: _Schedule | str | os.PathLike[str], params: Mapping[str, SupportsFloat] | None = None, *,
                 output: str | None = None, steps: int | None = None, **more: SupportsFloat) -> None: ...
    def __call__(self, step: Any) -> Any: ...
    def get_config(self) -> dict[str, Any]: ...
    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Schedule: ...

class Scheduler(keras.callbacks.Callback):
    schedule: _Schedule
    output: str | None
    def __init__(self, schedule: _Schedule | str | os.PathLike[str], params: Mapping[str, SupportsFloat] | None = None, *,
                 metrics: str | Mapping[str, str] | None = None, output: str | None = None,
                 names: Mapping[str, str | None] | None = None, **more: SupportsFloat) -> None: ...
    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None: ...
    def reset(self) -> None: ...
