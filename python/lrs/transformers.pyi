import os
from typing import Any, Mapping, SupportsFloat

import transformers
from torch.optim import Optimizer

from . import Schedule
from .torch import Scheduler

class Metrics(transformers.TrainerCallback):
    def __init__(self, metrics: str | Mapping[str, str] | None = None) -> None: ...

class ScheduleMixin:
    def __init__(self, *args: Any, schedule: Schedule | str | os.PathLike[str], params: Mapping[str, SupportsFloat] | None = None,
                 names: Mapping[str, str | None] | None = None, metrics: str | Mapping[str, str] | None = None, **kwargs: Any) -> None: ...
    def create_scheduler(self, num_training_steps: int, optimizer: Optimizer | None = None) -> Scheduler: ...

class Trainer(ScheduleMixin, transformers.Trainer): ...  # type: ignore[misc]
