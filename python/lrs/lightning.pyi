import os
from typing import Any, Callable, Literal, Mapping, SupportsFloat

from lightning.pytorch import Callback
from torch.optim import Optimizer

from . import Schedule

def lr_scheduler(optimizer: Optimizer, schedule: Schedule | str | os.PathLike[str], params: Mapping[str, SupportsFloat] | None = None, *,
                 interval: Literal["step", "epoch"] | None = None, name: str | None = None, names: Mapping[str, str | None] | None = None,
                 sync: Literal["mean", "rank0"] | Callable[[float], float] | None = None, **more: SupportsFloat) -> dict[str, Any]: ...

class Metrics(Callback):
    def __init__(self, metrics: str | Mapping[str, str] | None = None, *, when: Literal["validation", "epoch", "batch"] = "validation") -> None: ...
