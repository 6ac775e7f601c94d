import os
from array import array
from typing import Any, Iterable, Literal, Mapping, NamedTuple, SupportsFloat, SupportsIndex, TypeVar, overload

from . import _lrs

__all__ = ["Detector", "Diagnostic", "Explanation", "Finding", "LrsError", "LrsWarning", "Param", "Phase", "Plot", "Schedule", "Suggestion",
           "compile", "find", "from_optax", "from_torch", "from_transformers", "load", "params"]
__version__: str
_Out = TypeVar("_Out")
_Path = str | bytes | os.PathLike[str] | os.PathLike[bytes]

class Diagnostic(NamedTuple):
    severity: Literal["note", "warning", "error"]
    code: int
    message: str
    file: str
    begin: int
    end: int
    line: int
    column: int
    fix: str | None
    help: str | None

class Param(NamedTuple):
    value: float
    default: float | None
    lo: float | None
    hi: float | None
    log: bool
    unit: str | None

class Phase(NamedTuple):
    text: str
    start: float
    end: float
    law: str

class Explanation(NamedTuple):
    value: float
    base: float
    scale: float
    phase: int
    phase_text: str
    phase_start: float
    phase_end: float
    law: str
    fired: int
    rule_text: str
    rule_step: int
    inner_text: str
    inner_start: float
    inner_end: float
    round: int

class Detector(NamedTuple):
    kind: Literal["plateau", "diverge", "condition", "clock"]
    rule_text: str
    inputs: tuple[str, ...]
    seen_step: int
    best: float
    smoothed: float
    bad: int
    patience: float
    cooling: int
    fired: int
    fired_step: int

class Suggestion(NamedTuple):
    lr: float | None
    point: int | None
    reason: str

class Finding(NamedTuple):
    valley: Suggestion
    steepest: Suggestion
    steep: Suggestion
    minimum: Suggestion
    slide: Suggestion
    first: int
    end: int
    diverged: int | None
    bad_rate: int | None
    smoothed: array[float]

class LrsError(ValueError):
    diagnostics: tuple[Diagnostic, ...]
    def __init__(self, message: str, diagnostics: Iterable[Diagnostic] = ...) -> None: ...

class LrsWarning(UserWarning):
    diagnostics: tuple[Diagnostic, ...]
    def __init__(self, message: str, diagnostics: Iterable[Diagnostic] = ...) -> None: ...

class Schedule(_lrs.State):
    diagnostics: tuple[Diagnostic, ...]
    @property
    def name(self) -> str: ...
    @property
    def unit(self) -> Literal["step", "epoch", "sample", "token"]: ...
    @property
    def outputs(self) -> tuple[str, ...]: ...
    @property
    def inputs(self) -> tuple[str, ...]: ...
    @property
    def params(self) -> dict[str, Param]: ...
    @property
    def hash(self) -> int: ...
    @property
    def phases(self) -> list[Phase]: ...
    @property
    def detectors(self) -> list[Detector]: ...
    def value(self, step: SupportsIndex, output: str | None = None) -> float: ...
    @overload
    def __getitem__(self, key: slice) -> array[float]: ...
    @overload
    def __getitem__(self, key: SupportsIndex) -> float: ...
    @overload
    def fill(self, first: SupportsIndex, n: int, output: str | None = None, *, stride: int = 1, out: None = None) -> array[float]: ...
    @overload
    def fill(self, first: SupportsIndex, n: int, output: str | None = None, *, stride: int = 1, out: _Out) -> _Out: ...
    def observe(self, step: SupportsIndex, metric: SupportsFloat | None = None, **metrics: SupportsFloat | None) -> int: ...
    def explain(self, step: SupportsIndex, output: str | None = None) -> Explanation: ...
    def plot(self, first: int | None = None, last: int | None = None, *,
             metrics: Mapping[int, SupportsFloat] | Mapping[str, Mapping[int, SupportsFloat]] | None = None, log: bool = False,
             x: Literal["steps", "epochs", "samples", "tokens", "%"] | None = None, width: int | None = None,
             height: int | None = None) -> Plot: ...
    def phases_of(self, output: str | None) -> list[Phase]: ...
    def find(self, losses: Iterable[SupportsFloat], first: int = 0, *, smooth: float | None = None, diverge: float | None = None,
             skip_start: int | None = None, skip_end: int | None = None) -> Finding: ...
    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None: ...
    def copy(self) -> Schedule: ...
    __iter__: None  # type: ignore[assignment]
    def __copy__(self) -> Schedule: ...
    def __deepcopy__(self, memo: Any) -> Schedule: ...

class Plot:
    def svg(self) -> str: ...
    def html(self) -> str: ...
    def save(self, file: _Path) -> None: ...

def compile(text: str | bytes, params: Mapping[str, SupportsFloat] | None = None, *, name: _Path = "<text>", use_files: bool = False,
            include_dirs: Iterable[_Path] = (), sources: Mapping[str, str | bytes] | None = None, **more: SupportsFloat) -> Schedule: ...
def load(file: _Path, params: Mapping[str, SupportsFloat] | None = None, *, include_dirs: Iterable[_Path] = (),
         **more: SupportsFloat) -> Schedule: ...
def params(file: _Path, *, include_dirs: Iterable[_Path] = ()) -> dict[str, Param]: ...
def find(rates: Iterable[SupportsFloat], losses: Iterable[SupportsFloat], *, smooth: float | None = None, diverge: float | None = None,
         skip_start: int | None = None, skip_end: int | None = None) -> Finding: ...
def from_torch(scheduler: Any) -> str: ...
def from_optax(name: str, /, **config: Any) -> str: ...
def from_transformers(name: str, /, *, lr: SupportsFloat, **config: Any) -> str: ...
