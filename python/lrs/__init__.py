"""Learning-rate schedules: a text is compiled once, and gives the rate of any step, to the same 64 bits everywhere.

    import lrs
    s = lrs.compile("warmup 500 -> peak; then cosine until 10k -> 0; param peak = 3e-4", peak=1e-3)
    s(250)               # the rate of a step
    s[0:10_000:10]       # an array of rates
    s.observe(500, 0.3)  # a metric, on which rules such as `on plateau` act

lrs.torch.Scheduler is a scheduler of PyTorch made of one. Nothing but the standard library is imported here.
"""
import os
import re
import warnings
from array import array
from collections import namedtuple
from collections.abc import Mapping
from math import nan

from . import _lrs

__all__ = ["Detector", "Diagnostic", "Explanation", "Finding", "LrsError", "LrsWarning", "Param", "Phase", "Plot", "Schedule", "Suggestion",
           "compile", "find", "from_optax", "from_torch", "from_transformers", "load", "params"]
__version__ = _lrs.version

Diagnostic = namedtuple("Diagnostic", "severity code message file begin end line column fix help")
Diagnostic.__doc__ = "What the compiler says about a place in a text: severity is 'note', 'warning' or 'error', code 207 is LRS0207."
Param = namedtuple("Param", "value default lo hi log unit")
Param.__doc__ = "A param: its value; its default, range and unit, or None; whether the range is to be searched on a log scale."
Phase = namedtuple("Phase", "text start end law")
Phase.__doc__ = "A phase: its source, the steps from start until before end, which may be inf, and the form that is evaluated."
Explanation = namedtuple("Explanation", "value base scale phase phase_text phase_start phase_end law fired rule_text rule_step "
                                        "inner_text inner_start inner_end round")
Explanation.__doc__ = "Why an output has its value at a step: the members of lrs_explanation in lrs.h."
Detector = namedtuple("Detector", "kind rule_text inputs seen_step best smoothed bad patience cooling fired fired_step")
Detector.__doc__ = "What a rule's eye on a metric knows: the members of lrs_detector in lrs.h."
Suggestion = namedtuple("Suggestion", "lr point reason")
Suggestion.__doc__ = "A rate to train with, the point that it is taken from, and ''; or None, None, and why there is none."
Finding = namedtuple("Finding", "valley steepest steep minimum slide first end diverged bad_rate smoothed")
Finding.__doc__ = "What a range test says: five suggestions, the points that were looked at, and the averages of the losses."

_SEVERITIES = ("note", "warning", "error")


class LrsError(ValueError):
    """What is wrong with a program, a param, a name or a saved state. `diagnostics` are those of the compiler, if it is a program."""

    def __init__(self, message, diagnostics=()):
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


class LrsWarning(UserWarning):
    """What the compiler warns about. `diagnostics` holds it as data."""

    def __init__(self, message, diagnostics=()):
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


def _unknown(kind, name, known):
    from difflib import get_close_matches
    near = get_close_matches(str(name), known, 1)
    hint = f": did you mean `{near[0]}`?" if near else f"; there is {', '.join(f'`{k}`' for k in known)}" if known else ""
    return LrsError(f"there is no {kind} `{name}`{hint}")


def _number(value):
    """A double as exact text that a person can read."""
    return repr(float(value))


def _metric(name, value):
    """A metric as a double; NaN is none. What is text is no number: it was read from somewhere, and not computed."""
    try:
        return _lrs.metric(value)
    except (TypeError, ValueError, RuntimeError):  # these two of arrays of several numbers
        raise TypeError(f"the metric `{name}` is not a number: {value!r}") from None


_step = _lrs.step  # a step as an int, or what is wrong with it


def _dict(given, what):
    """A dict of what can be asked as one, as W&B's config can, which is no Mapping."""
    if not isinstance(given, Mapping) and not (hasattr(given, "keys") and hasattr(given, "__getitem__")):
        raise TypeError(f"{what}, and not {type(given).__name__}")
    return dict(given)


def _known(declared, values):
    """A Param for each that is declared, by name."""
    return {name: Param(value, default if has_default else None, lo if has_range else None, hi if has_range else None, bool(log), unit)
            for (name, unit, has_default, has_range, log, default, lo, hi), value in zip(declared, values)}


class Schedule(_lrs.State):
    """A compiled schedule with its params and the state of one run. lrs.compile and lrs.load make it.

    Any number of threads may ask for values; one at a time may observe.
    """
    __slots__ = ("_plan", "_source", "_params", "_about", "_index", "diagnostics", "__weakref__")

    def __new__(cls, *args, **kwargs):
        raise TypeError("a Schedule is made by lrs.compile(text) or lrs.load(file)")

    @classmethod
    def _made(cls, plan, source, about, params, diagnostics):
        s = _lrs.State.__new__(cls, plan, len(about[2]), len(about[3]))
        s._plan, s._source, s._about, s._params, s.diagnostics = plan, source, about, params, diagnostics
        s._index = {name: i for i, name in enumerate(about[2])}
        return s

    # ---- what it is

    @property
    def name(self):
        """The name of the source: that of the file."""
        return os.fsdecode(self._source.name)

    @property
    def unit(self):
        """What a step counts: 'step', 'epoch', 'sample' or 'token'."""
        return self._about[1]

    @property
    def outputs(self):
        """The names of the schedules of the file; the first is that of s(step)."""
        return self._about[2]

    def _reads(self, output):
        """Whether another output is computed from this one, or a condition of a rule looks at it."""
        return self._about[5][self._index[output]]

    @property
    def inputs(self):
        """The names of the metrics that it takes."""
        return self._about[3]

    @property
    def params(self):
        """A dict: the name of each param, and what is known about it."""
        return _known(self._about[4], self._params.values())

    @property
    def hash(self):
        """A number for what the program computes: saved states belong to it."""
        return self._about[0]

    def __repr__(self):
        params = "".join(f", {name}={value:g}" for name, value in self._params.items())
        outputs = "" if self.outputs == ("lr",) else f", outputs={list(self.outputs)}"
        return f"<lrs.Schedule {self.name!r}{params}{outputs}{', stopped' if self.stopped else ''}>"

    # ---- values

    def _output(self, name):
        if name is None:
            return 0
        try:
            return self._index[name]
        except KeyError:
            raise _unknown("output", name, self.outputs) from None

    def value(self, step, output=None):
        """The value of an output, by default the first, at any step."""
        return self._value(step, self._output(output))

    def __getitem__(self, key):
        """s[first:end:stride]: an array of values; s[step]: a value."""
        if not isinstance(key, slice):
            if _step(key) < 0:
                raise IndexError("a schedule has no end to count from; s(step) of a step below 0 is the value of step 0")
            return self(key)
        if key.stop is None:
            raise IndexError("a schedule has no end: say where the slice ends, as in s[0:1000]")
        first, end, stride = (_step(default if i is None else i) for i, default in ((key.start, 0), (key.stop, 0), (key.step, 1)))
        if first < 0 or end < 0 or stride < 1:
            raise IndexError("a slice of a schedule has a start and an end from 0 on, and a stride from 1 on")
        return array("d", self._fill(first, stride, len(range(first, end, stride)), 0))

    __iter__ = None  # it would not end

    def fill(self, first, n, output=None, *, stride=1, out=None):
        """The values at n steps from first on, as an array of doubles; into `out`, a buffer of n doubles, when it is given."""
        values = self._fill(first, stride, n, self._output(output))
        if out is None:
            return array("d", values)
        view = memoryview(out)
        if view.format not in ("d", "<d", "=d", "@d") or view.nbytes != len(values) or view.readonly or not view.c_contiguous:
            raise TypeError(f"out is not a writable, contiguous buffer of {n} doubles")
        if n:
            view.cast("B")[:] = values
        return out

    # ---- metrics

    def _given(self, metric, metrics):
        """The metrics that are given as numbers, by name, in the order of the inputs; all of them, or an error. `metric=` names the
        input `metric`, and the first one where there is none of this name."""
        if "metric" in metrics and "metric" not in self.inputs:
            if metric is not None:
                raise TypeError(f"the metric `{self.inputs[0]}` is given twice")
            metric = metrics.pop("metric")
        if metric is not None:
            if self.inputs[0] in metrics:
                raise TypeError(f"the metric `{self.inputs[0]}` is given twice")
            metrics = {**metrics, self.inputs[0]: metric}
        for name in metrics:
            if name not in self.inputs:
                raise _unknown("input", name, self.inputs)
        return {name: _metric(name, metrics[name]) for name in self.inputs if name in metrics}

    def observe(self, step, *metric, **metrics):
        """observe(step, metric=None, **metrics): feeds metrics, the first input or those that are named; None and NaN are none. Returns
        how many rules acted.

        A step not after the last one of the same input changes nothing, so that a repeated call does no harm.
        """
        step = _step(step)
        if len(metric) > 1:
            raise TypeError(f"one metric may be without a name, that of `{self.inputs[0]}`: {len(metric)} are given")
        given = self._given(metric[0] if metric else None, metrics)
        values = [(self.inputs.index(name), value) for name, value in given.items()]
        return sum(self._observe(step, i, v) for i, v in values)

    def _get_lr_named(self, step, *metric, **metrics):
        """get_lr where something is named."""
        self.observe(step, *metric, **metrics)
        return self(step)

    # ---- why

    def explain(self, step, output=None):
        """Why an output has its value at a step."""
        return Explanation._make(self._explain(step, self._output(output)))

    @property
    def phases(self):
        """The phases of the first output, in the state as it is: one that an event ends has no end before that."""
        return self.phases_of(None)

    def phases_of(self, output):
        """The phases of an output."""
        found, step, i = [], 0, self._output(output)
        while True:
            e = Explanation._make(self._explain(step, i))
            if not e.phase_text or (found and e.phase_start <= found[-1].start):
                return found
            found.append(Phase(e.phase_text, e.phase_start, e.phase_end, e.law))
            if not e.phase_end < 2.0**53:
                return found
            after = -int(-e.phase_end // 1)
            if after <= step:
                return found
            step = after

    @property
    def detectors(self):
        """What the rules' eyes on metrics know."""
        return [Detector._make((*d[:2], tuple(n for i, n in enumerate(self.inputs) if d[2] >> i & 1), *d[3:])) for d in self._detectors()]

    def find(self, losses, first=0, **options):
        """lrs.find for a range test that ran with this schedule: losses[i] is that of step first + i."""
        losses = _doubles(losses, "losses")
        return find(self.fill(first, len(losses)), losses, **options)

    # ---- looking

    def plot(self, first=None, last=None, *, metrics=None, log=False, x=None, width=None, height=None):
        """A picture, which a notebook shows: of the steps first to last, by default as far as the phases go.

        metrics: {step: value} of the first input, or {name of an input: {step: value}}; the rules are shown as they act on them.
        log: a logarithmic axis. x: what the axis of steps counts: 'steps', 'epochs', 'samples', 'tokens' or '%'.
        """
        options = [f"--{name}={value}" for name, value in (("x", x), ("width", width), ("height", height)) if value is not None]
        if first is not None or last is not None:
            if last is None:
                raise TypeError("a picture from `first` on needs `last` as well")
            options.append(f"--range={_step(first or 0)}:{_step(last)}")
        if log:
            options.append("--log")
        if metrics is not None:
            metrics = _dict(metrics, "metrics is a dict {step: value}, or {name of an input: {step: value}}")
            if not metrics or not all(isinstance(m, Mapping) for m in metrics.values()):
                metrics = {self.inputs[0]: metrics}
            for name in metrics:
                if name not in self.inputs:
                    raise _unknown("input", name, self.inputs)
            metrics = {name: {_step(step): _metric(name, v) for step, v in m.items()} for name, m in metrics.items()}
        return Plot(self._source, dict(self._params), options, metrics)

    def _repr_svg_(self):
        return self._shown(Plot._repr_svg_)

    def _repr_html_(self):
        return self._shown(Plot._repr_html_)

    def _shown(self, form):
        """For a notebook, which prints the schedule as text where there is no picture."""
        try:
            return form(self.plot())
        except LrsError:
            return None

    # ---- saving

    def state_dict(self):
        """What a checkpoint needs: numbers, texts and dicts only."""
        return {"lrs": 1, "program": f"{self.hash:016x}", "params": dict(self._params), "state": self._save().hex()}

    def load_state_dict(self, state_dict):
        """Goes on from a checkpoint of the same program with the same params; when it cannot, it changes nothing."""
        d = state_dict
        if isinstance(d, (str, os.PathLike)):
            raise LrsError(f"a state is what state_dict() gave, and {os.fspath(d)!r} is the name of a file: load that first")
        if not isinstance(d, dict) or d.get("lrs") != 1 or not {"program", "params", "state"} <= d.keys():
            raise LrsError("this is not a state of an lrs schedule: a dict with `lrs`: 1, `program`, `params` and `state`")
        # The state holds the hash of the program and the params; what the dict says of them is for readers.
        try:
            saved = bytes.fromhex(d["state"])
        except (TypeError, ValueError):
            raise LrsError("the saved state is damaged: `state` is not a text of hexadecimal digits") from None
        sentence = self._load(saved)
        if sentence:
            raise LrsError(sentence)

    def __copy__(self):
        """A schedule of its own, in the same state; the program is shared."""
        s = type(self)._made(self._plan, self._source, self._about, self._params, self.diagnostics)
        s._load(self._save())
        return s

    def __deepcopy__(self, memo):
        return self.__copy__()

    def copy(self):
        """A schedule of its own, in the same state."""
        return self.__copy__()

    def __reduce__(self):
        return _unpickled, (_FORM, tuple(self._source), self._params, self.state_dict())


class _Pictured:
    """What has a schedule is a picture, too."""

    def plot(self, first=None, last=None, **options):
        """A picture of the schedule, which a notebook shows: Schedule.plot."""
        return self.schedule.plot(first, last, **options)

    def _repr_svg_(self):
        return self.schedule._repr_svg_()

    def _repr_html_(self):
        return self.schedule._repr_html_()


class Plot:
    """A picture of a schedule: p.svg() and p.html() are its texts, p.save("wsd.svg") writes a file. Schedule.plot makes it."""

    def __init__(self, source, params, options, metrics):
        self._source, self._params, self._options, self._metrics = source, params, options, metrics

    def _drawn(self, out, form=()):
        """What lrsc says to `plot`. The text is in a file of its own, in a folder of its own, under the name of the source."""
        import subprocess
        import tempfile
        from .__main__ import command
        lrsc = command()
        if not lrsc:
            raise LrsError("lrsc, which draws, is not installed: install the package lrsc")
        with tempfile.TemporaryDirectory() as folder:
            file, options = self._source.put_into(folder)
            options += [*self._options, *(f"-D{n}={_number(v)}" for n, v in self._params.items())]
            if self._metrics is not None:
                with open(os.path.join(folder, "metrics.csv"), "w", encoding="utf-8") as f:
                    f.write(",".join(["step", *self._metrics]) + "\n")
                    for step in sorted({step for m in self._metrics.values() for step in m}):
                        values = [m.get(step, nan) for m in self._metrics.values()]
                        f.write(",".join([str(step), *("" if v != v else _number(v) for v in values)]) + "\n")
                options.append("--metrics=metrics.csv")
            done = subprocess.run([lrsc, "plot", "-w", "--color=never", *options, *form, "-o", out, "--", file], cwd=folder,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        if done.returncode:
            raise LrsError(self._said(done.stderr, os.path.dirname(file)) or f"lrsc plot ended with {done.returncode}")
        return done.stdout

    @staticmethod
    def _said(message, folder):
        """What lrsc says, without what one types to it."""
        message = re.sub(r"^lrsc: (error: |(note: ))", lambda found: found[2] or "", message.strip(), flags=re.M)
        return re.sub(r"pass -D \S+, or |, or say it with --format|(?<!\S)--(?=[a-z])", "", message.replace(folder + "/", ""))

    def svg(self):
        """The picture as SVG."""
        return self._drawn("-", ["--format=svg"])

    def html(self):
        """A page with the picture and a slider for each param."""
        return self._drawn("-", ["--format=html"])

    def save(self, file):
        """Writes a file: .svg, .html, .csv, .json or .txt; .png or .pdf where lrsc was built with cairo."""
        self._drawn(os.path.abspath(os.fsdecode(file)))

    def _repr_svg_(self):
        return self.svg()

    def _repr_html_(self):
        from html import escape
        return (f'<iframe srcdoc="{escape(self.html())}" sandbox="allow-scripts" width="100%" height="640" style="border:0" '
                'title="a schedule of lrs"></iframe>')


_FORM = 1  # of what pickles and models hold


def _unpickled(form, *held):
    if form != _FORM:
        raise LrsError("this pickle of a schedule was made by another version of lrs: compile the schedule anew, and give it the state_dict()")
    source, params, state = held
    source = _Source._make(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LrsWarning)  # they were said when it was compiled
        s = _made(source, params, 1)
    s.load_state_dict(state)
    return s


def _doubles(numbers, what):
    """Numbers as an array of doubles."""
    try:
        return numbers if isinstance(numbers, array) and numbers.typecode == "d" else array("d", map(float, numbers))
    except (TypeError, ValueError):
        raise TypeError(f"{what} are not a sequence of numbers") from None


class _Source(namedtuple("_Source", "text name include_dirs sources")):
    """What a schedule is compiled from, all texts as bytes. sources: (name, text) of the files that the text uses, each by the names that
    it is looked for by: with them the schedule is compiled again without a look at any file. A file with several names is one text."""
    __slots__ = ()

    def plain(self):
        """As texts, numbers, lists and dicts only, for JSON: a text that is there already is its number."""
        texts = [text for _, text in self.sources]
        first = [next(i for i, other in enumerate(texts) if other is text) for text in texts]
        d = {"lrs": _FORM, "text": self.text, "name": self.name, "include_dirs": list(self.include_dirs),
             "sources": [[name, text if first[i] == i else first[i]] for i, (name, text) in enumerate(self.sources)]}
        return _each(d, bytes, lambda b: b.decode("utf-8", "surrogateescape"))

    @classmethod
    def of_plain(cls, d):
        """The same back. It may come from a stranger: it names no file that is read."""
        if isinstance(d, dict) and "lrs" in d and d["lrs"] != _FORM:
            raise LrsError("this schedule was saved by another version of lrs: compile it anew")
        try:
            d["lrs"]
            d = _each({k: d[k] for k in cls._fields}, str, lambda s: s.encode("utf-8", "surrogateescape"))
            sources = []
            for name, text in d["sources"]:
                sources.append((name, text if isinstance(text, bytes) else sources[text][1]))
            return cls(d["text"], d["name"], tuple(d["include_dirs"]), tuple(sources))
        except (LookupError, TypeError, ValueError):
            raise LrsError("this is not a schedule that was saved: a dict with `lrs`, `text`, `name`, `include_dirs` and `sources`") from None

    def put_into(self, folder):
        """Writes the texts into files of a folder: the name of the first, and options of lrsc that is run there."""
        name, main = os.fsdecode(self.name), os.path.join(folder, "main")
        begin = name[:name.rfind("/") + 1]  # of the names that are beside the text

        def moved(path):
            return f"{main}/{path[len(begin):]}" if path.startswith(begin) and (begin or path[:1] != "/") else path
        os.mkdir(main)
        file = os.path.join(main, "schedule" if name == "<text>" else name[len(begin):] or "schedule")
        with open(file, "wb") as f:
            f.write(self.text)
        options, files = ["--no-use-files"], {}
        for path, text in self.sources:
            if id(text) not in files:
                files[id(text)] = f"used{len(files)}"
                with open(os.path.join(folder, files[id(text)]), "wb") as f:
                    f.write(text)
            path = os.fsdecode(path)
            for looked_for in sorted({path, moved(path)}):  # a `use` with a whole path looks for that
                options.append(f"--use={looked_for}={files[id(text)]}")
        for folder in map(os.fsdecode, self.include_dirs):
            options += ["-I", moved(folder + "/")[:-1]]
        return file, options


def _each(value, kind, convert):
    """Nested lists and dicts with what is of one kind converted."""
    if isinstance(value, kind):
        return convert(value)
    if isinstance(value, dict):
        return {k: _each(v, kind, convert) for k, v in value.items()}
    return [_each(v, kind, convert) for v in value] if isinstance(value, (list, tuple)) else value


def _given_numbers(params):
    """Those of the params that are numbers: what else is wrong with them is said when the program is known."""
    numbers = {}
    for name, value in params.items():
        try:
            numbers[name] = float(value)
        except (TypeError, ValueError, OverflowError):
            pass
    return numbers


def _program(source, numbers, use_files):
    """What is compiled, what it is about, what was said of it, as data and as text, and the texts that it uses. numbers: for the checks."""
    names = tuple(n.encode("utf-8", "replace") for n in numbers if isinstance(n, str) and "\0" not in n)
    values = tuple(v for n, v in numbers.items() if isinstance(n, str) and "\0" not in n)
    program, sentence, diagnostics, rendered, sources = _lrs.compile(*source, use_files, names, values)
    diagnostics = tuple(Diagnostic(_SEVERITIES[d[0]], *d[1:]) for d in diagnostics)
    if program is None:
        raise LrsError(rendered.rstrip() or sentence, diagnostics)
    return program, _lrs.describe(program), diagnostics, rendered, sources


def _made(source, params, level, use_files=False):
    """level: of the caller whom warnings are about. use_files: files may be read; then the schedule has what was read in its source.
    params: a dict, or a function that makes it of the params that the program declares, {name: unit or None}."""
    if callable(params):
        program = _lrs.compile(*source, use_files, (), ())[0]  # what is wrong with it is said below
        params = params({name: unit for name, unit, *_ in _lrs.describe(program)[4]} if program else {})
    numbers = _given_numbers(params)
    program, about, diagnostics, rendered, sources = _program(source, numbers, use_files)
    names = [p[0] for p in about[4]]
    for name, value in params.items():
        if name not in names:
            raise _unknown("param", name, names)
        if name not in numbers:
            raise LrsError(f"the param `{name}` is not a number: {value!r}")
    plan, sentence = _lrs.bind(program, tuple(n.encode() for n in numbers), tuple(numbers.values()))
    if plan is None:
        raise LrsError(sentence)
    if any(d.severity == "warning" for d in diagnostics):
        warnings.warn(LrsWarning(rendered.rstrip(), diagnostics), stacklevel=level + 1)
    return Schedule._made(plan, source._replace(sources=sources), about, dict(zip(names, _lrs.plan_params(plan, len(names)))), diagnostics)


def _all_params(params, more):
    if params is None:
        return more
    params = _dict(params, "the params are named, or a dict from names to numbers")
    both = params.keys() & more.keys()
    if both:
        raise TypeError(f"the param `{min(both)}` is given twice")
    return {**params, **more}


def compile(text, params=None, *, name="<text>", use_files=False, include_dirs=(), sources=None, **more):
    """Compiles a text. Params are named, or in a dict where a name is none in Python: compile(text, peak=3e-4).

    use_files: whether `use "file.lrs"` may read files; include_dirs: where it looks beside the folder of `name`.
    sources: {name: text} of files that are not read: each is the text of the file that `use` looks for by this name.
    """
    try:
        return _compiled(text, name, use_files, include_dirs, _all_params(params, more), 2, _sources(sources))
    except LrsError as e:
        if isinstance(text, str) and (re.fullmatch(r"\S+\.lrs", text) or _is_file(text)):
            raise LrsError(f"{text!r} is the name of a file, and lrs.compile takes the text of a program: lrs.load({text!r})") from e
        raise


def params(file, *, include_dirs=()):
    """What a file declares, without values for it: {name: Param}. A value is the default, or NaN where there is none, and lrs.load needs one."""
    about = _program(_read(file, include_dirs), {}, True)[1]
    return _known(about[4], [default if has_default else nan for _, _, has_default, _, _, default, *_ in about[4]])


def load(file, params=None, *, include_dirs=(), **more):
    """Compiles a file, which may use other files."""
    return _loaded(file, include_dirs, _all_params(params, more), 2)


def _bytes(text, what="a program"):
    if isinstance(text, str):
        return text.encode("utf-8", "surrogatepass")
    if not isinstance(text, (bytes, bytearray)):
        raise TypeError(f"{what} is a str or bytes, not {type(text).__name__}")
    return bytes(text)


def _sources(given):
    """A dict of texts by name, as a _Source has them: a text that is there twice is one."""
    given = {} if given is None else _dict(given, "sources is a dict {name: text}")
    texts = {id(text): _bytes(text, f"the source `{name}`") for name, text in given.items()}
    return tuple((os.fsencode(name), texts[id(text)]) for name, text in given.items())


def _compiled(text, name, use_files, include_dirs, params, level, sources=()):
    return _made(_source(text, name, include_dirs, sources), params, level + 1, bool(use_files))


def _loaded(file, include_dirs, params, level):
    return _made(_read(file, include_dirs), params, level + 1, True)


def _source(text, name, include_dirs, sources=()):
    return _Source(_bytes(text), os.fsencode(name), tuple(map(os.fsencode, include_dirs)), sources)


def _read(file, include_dirs):
    with open(file, "rb") as f:
        return _source(f.read(), file, include_dirs)


def _schedule(schedule, params, level=3):
    """What adapters take for a schedule: one that is compiled, the name of a file, or a text. level: of the caller of the caller."""
    if isinstance(schedule, Schedule):
        if params:
            raise TypeError("a compiled Schedule has its params already: give them to lrs.compile or lrs.load")
        return schedule
    if isinstance(schedule, os.PathLike) or isinstance(schedule, str) and schedule.endswith(".lrs") and "\n" not in schedule:
        return _loaded(schedule, (), params, level)
    try:
        return _compiled(schedule, "<text>", False, (), params, level)
    except LrsError as e:
        if isinstance(schedule, str) and _is_file(schedule):
            raise LrsError(f"{schedule!r} is a file, and was taken for the text of a program: the name of a file ends with `.lrs`; a file with "
                           "another name is given as a path, pathlib.Path(...)") from e
        raise


def _is_file(name):
    try:
        return os.path.isfile(name)
    except ValueError:  # a NUL is in no name
        return False


def __getattr__(name):
    if name in ("from_optax", "from_torch", "from_transformers"):
        from . import migrate
        return getattr(migrate, name)
    raise AttributeError(f"module 'lrs' has no attribute {name!r}")


def find(rates, losses, *, smooth=None, diverge=None, skip_start=None, skip_end=None):
    """What a range test says: the loss of each update while the rate grew. See lrs_find in lrs.h.

    smooth: of the average of the losses, 0 for none; diverge: the test is over above so many times the best one, inf for never;
    skip_start, skip_end: points to leave out. None is the default of each.
    """
    rates, losses = _doubles(rates, "rates"), _doubles(losses, "losses")
    if len(rates) != len(losses):
        raise ValueError(f"there are {len(rates)} rates and {len(losses)} losses")
    off = (0, float("inf"), 0, 0)  # each option's own way to say "not at all", which is a negative number in lrs.h
    options = [0 if v is None else -1 if v == none else v for v, none in zip((smooth, diverge, skip_start, skip_end), off)]
    for name, given in zip(("smooth", "diverge", "skip_start", "skip_end"), (smooth, diverge, skip_start, skip_end)):
        if given is not None and (given < 0 or given != given):
            raise ValueError(f"{name} is below 0")
    found = _lrs.find(rates.tobytes(), losses.tobytes(), *options)
    if isinstance(found, str):
        raise ValueError(found)
    first, end, diverged, bad_rate, *suggestions, smoothed = found
    suggestions = [Suggestion(*(s[:2] if not s[2] else (None, None)), s[2]) for s in suggestions]
    none = len(rates)
    return Finding(*suggestions, first, end, None if diverged == none else diverged, None if bad_rate == none else bad_rate,
                   array("d", smoothed))
