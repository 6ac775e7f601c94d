from typing import SupportsFloat

from accelerate import Accelerator
from accelerate.scheduler import AcceleratedScheduler

from . import Schedule
from .torch import Scheduler

class Prepared(AcceleratedScheduler):
    scheduler: Scheduler
    def step(self, metric: SupportsFloat | None = None, **metrics: SupportsFloat | None) -> None: ...
    def observe(self, metric: SupportsFloat | None = None, **metrics: SupportsFloat | None) -> int: ...
    @property
    def schedule(self) -> Schedule: ...
    @property
    def stopped(self) -> bool: ...

def prepare(accelerator: Accelerator, scheduler: Scheduler) -> Prepared: ...
