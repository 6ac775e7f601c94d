"""Schedules of other libraries as text: from_torch, from_optax, from_transformers.

    print(lrs.from_torch(scheduler))                        # a live scheduler of torch.optim.lr_scheduler
    lrs.from_optax("cosine_decay_schedule", init_value=0.1, decay_steps=1000)
    lrs.from_transformers("cosine", lr=5e-5, num_warmup_steps=100, num_training_steps=1000)

In: a scheduler, whose parameters are read and which is not changed; or a name and what is configured. Out: the text of a program with the
same value at each step, 0 being before the first step of the scheduler. What cannot be told as a text is an LrsError that says what to do.
May import torch, in from_torch alone. What equals what is in docs/libraries.md, and held by tests/conformance.
"""
import math
import warnings
from collections import namedtuple

from . import LrsError, LrsWarning, _unknown, compile

__all__ = ["from_optax", "from_torch", "from_transformers"]

# phases: statements one after the other; rules: of the last of them; whole: they end by themselves where the member of a sequence ends;
# uses: modules; scales: twice the base rate is twice each rate; expr: in place of phases, for `schedule lr = ...`
Part = namedtuple("Part", "phases rules whole uses scales expr", defaults=((), (), False, (), False, None))


# ---- numbers and calls -----------------------------------------------------------------------------------------------

def _number(x):
    if isinstance(x, bool):
        return "true" if x else "false"
    x = x if isinstance(x, int) else float(x)
    if not math.isfinite(x):
        raise LrsError(f"{x} is no number that a schedule can hold")
    text = str(int(x)) if x == int(x) and abs(x) < 1e15 else repr(x)
    return text.replace("e-0", "e-").replace("e+", "e")


def _value(x):
    if isinstance(x, str):
        return _quoted(x)
    if isinstance(x, (list, tuple)):
        return "[" + ", ".join(map(_value, x)) + "]"
    return _number(x)


def _quoted(text):
    if any(ord(c) < 32 for c in text):
        raise LrsError(f"{text!r} has characters that no text of lrs can have")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _call(name, arguments):
    return f"{name}({', '.join(f'{k}={_value(v)}' for k, v in arguments.items() if v is not None)})"


def _short(value, fits):
    """The shortest decimal that fits, near the value; the value where none does."""
    for digits in range(1, 17):
        short = float(f"{value:.{digits}g}")
        if fits(short):
            return short
    return value


def _near(value):
    """A product or a quotient as a person would write it: without its last rounding."""
    return _short(value, lambda x: abs(x - value) <= 4e-16 * abs(value))


def _checked(text):
    """The text, which must compile."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LrsWarning)
        compile(text)
    return text


def _program(uses, lines):
    return _checked("".join(f"use {module}\n" for module in sorted(set(uses))) + "\n".join(lines) + "\n")


# ---- PyTorch: one scheduler, for one group -----------------------------------------------------------------------------

# The parameters of those that multiply a rate by a closed formula, and their defaults, which are those of the module torch.
_FORMULAS = {
    "StepLR": {"step_size": None, "gamma": 0.1},
    "MultiStepLR": {"milestones": None, "gamma": 0.1},
    "ConstantLR": {"factor": 1 / 3, "total_iters": 5},
    "LinearLR": {"start_factor": 1 / 3, "end_factor": 1.0, "total_iters": 5},
    "ExponentialLR": {"gamma": None},
    "PolynomialLR": {"total_iters": 5, "power": 1.0},
    "CosineAnnealingLR": {"T_max": None, "eta_min": 0.0},
}


def _name(s):
    return type(s).__name__


def _arguments(s):
    values = {}
    for name, default in _FORMULAS[_name(s)].items():
        value = sorted(s.milestones.elements()) if name == "milestones" else getattr(s, name)
        if value != default:
            values[name] = value
    return values


def _as_called(s, base):
    """Under the name that it has in PyTorch."""
    return Part([_call(f"torch.{_name(s)}", {**_arguments(s), "lr": base})], uses=["torch"],
                scales=_name(s) != "CosineAnnealingLR" or s.eta_min == 0)


# Each: the scheduler, the group, its base rate, how many steps it has in a sequence or None, whether it is there from the first step.

def _step(s, g, base, length, first):
    return Part([f"hold {_number(base)}"], [f"every {_number(s.step_size)} *{_number(s.gamma)}"], scales=True)


def _multi_step(s, g, base, length, first):
    times = [m for m in sorted(s.milestones.elements()) if m >= 0 and (length is None or m < length)]
    return Part([f"hold {_number(base)}"], [f"at {', '.join(map(_number, times))} *{_number(s.gamma)}"] if times else [], scales=True)


def _constant(s, g, base, length, first):
    low = _near(base * s.factor)
    if s.total_iters == 0:  # PyTorch never takes the factor back that it begins with, and a member that begins later has none
        return Part([f"hold {_number(low if first else base)}"], scales=True)
    if length is not None and length <= s.total_iters:
        return Part([f"hold {_number(low)}"], scales=True)
    if length is None:
        return Part([f"hold {_number(low)} for {_number(s.total_iters)}", f"hold {_number(base)}"], scales=True)
    return _as_called(s, base)


def _linear(s, g, base, length, first):
    low, high = _near(base * s.start_factor), _near(base * s.end_factor)
    if s.total_iters == 0:
        return Part([f"hold {_number(low)}"], scales=True)
    if length in (None, s.total_iters):
        line = f"linear {_number(s.total_iters)} from {_number(low)} -> {_number(high)}"
        return Part([line] if length else [line, "hold"], whole=True, scales=True)
    return _as_called(s, base)


def _exponential(s, g, base, length, first):
    return Part([f"exp gamma={_number(s.gamma)} from {_number(base)}"], scales=True)


def _polynomial(s, g, base, length, first):
    if s.total_iters == 0:
        return Part([f"hold {_number(base)}"], scales=True)
    if s.power > 0 and length in (None, s.total_iters):
        line = f"poly {_number(s.total_iters)} power={_number(s.power)} from {_number(base)} -> 0"
        return Part([line] if length else [line, "hold 0"], whole=True, scales=True)
    return _as_called(s, base)


def _cosine(s, g, base, length, first):
    if length == s.T_max:
        return Part([f"cosine {_number(s.T_max)} from {_number(base)} -> {_number(s.eta_min)}"], whole=True, scales=s.eta_min == 0)
    return _as_called(s, base)


def _warm_restarts(s, g, base, length, first):
    stretch = f" stretch={_number(s.T_mult)}" if s.T_mult != 1 else ""
    return Part([f"repeat{stretch} {{ cosine {_number(s.T_0)} from {_number(base)} -> {_number(s.eta_min)} }}"], scales=s.eta_min == 0)


def _cycle(s, suffix, base, top, **more):
    """A cycle from base to top, of a rate, or of a momentum, which begins at the top."""
    up = _short(s.step_ratio * s.total_size, lambda x: x / s.total_size == s.step_ratio)
    down = s.total_size - up
    if s.mode == "triangular" and down > 0:
        low, high = (top, base) if suffix else (base, top)
        return Part([f"repeat {{ linear {_number(up)} from {_number(low)} -> {_number(high)}; linear {_number(down)} -> {_number(low)} }}"])
    arguments = {"step_size_up": up, "step_size_down": down, "mode": s.mode, "gamma": s.gamma if s.mode == "exp_range" else None, **more}
    return Part([_call(f"torch.CyclicLR{suffix}", arguments)], uses=["torch"])


def _cyclic(s, g, base, length, first):
    if s._scale_fn_custom is not None:
        raise LrsError("CyclicLR has a scale_fn, a Python function, which cannot be read: write the curve with it as a formula, "
                       "`curve 0.001 + 0.099*...`")
    low, high = float(s.base_lrs[g]), float(s.max_lrs[g])
    return _cycle(s, "", low, high, base_lr=low, max_lr=high)


def _one_cycle_arguments(s, g):
    group = s.optimizer.param_groups[g]
    n, phases = s.total_steps, s._schedule_phases
    top, first, last = (float(group[key]) for key in ("max_lr", "initial_lr", "min_lr"))
    end = phases[0]["end_step"]
    strategy = getattr(s, "_anneal_func_type", None) or s.anneal_func.__name__.rpartition("_")[2]  # of PyTorch before 2.3
    arguments = {
        "max_lr": top, "total_steps": n, "pct_start": _short((end + 1) / n, lambda p: float(p * n) - 1 == end),
        "anneal_strategy": None if strategy == "cos" else strategy,
        "div_factor": _short(top / first, lambda d: top / d == first), "final_div_factor": _short(first / last, lambda d: first / d == last),
        "three_phase": True if len(phases) == 3 else None}
    default = {"pct_start": 0.3, "div_factor": 25, "final_div_factor": 1e4}
    return {k: v for k, v in arguments.items() if k not in default or v != default[k]}


def _held_at_its_end(s, line, length):
    """PyTorch has no rate past total_steps: its own curve would rise again there, or fall below 0."""
    n = int(s.total_steps)
    return [line] if n < 2 or length is not None and length <= n else [f"{line} for {n - 1}", "hold"]


def _one_cycle(s, g, base, length, first):
    return Part(_held_at_its_end(s, _call("torch.OneCycleLR", _one_cycle_arguments(s, g)), length), uses=["torch"])


def _plateau(s, g, base, length, first):
    if s.last_epoch > 0:
        raise LrsError(f"ReduceLROnPlateau has seen {s.last_epoch} metrics, and a text holds no counts: give it as it is before the training; "
                       "or write `hold` with the present rate, and count anew")
    given = {"patience": s.patience, "mode": s.mode, "threshold": s.threshold, "threshold_mode": s.threshold_mode, "cooldown": s.cooldown}
    default = {"patience": 10, "mode": "min", "threshold": 1e-4, "threshold_mode": "rel", "cooldown": 0}
    words = ", ".join(f"{k}={v if isinstance(v, str) else _number(v)}" for k, v in given.items() if v != default[k])
    rule = f"on plateau({words}) *{_number(s.factor)}"
    floor = s.min_lrs[g] if g < len(s.min_lrs) else getattr(s, "default_min_lr", None)
    if floor is None:
        raise LrsError(f"ReduceLROnPlateau has {len(s.min_lrs)} min_lrs, and the optimizer has more parameter groups: make it anew")
    rule += f" floor={_number(floor)}" if floor else ""
    rule += f" eps={_number(s.eps)}" if s.eps != 1e-8 else ""
    return Part([f"hold {_number(base)}"], [rule])


# The functions that transformers gives to LambdaLR, and its own functions that they belong to.
_HF_LAMBDAS = {
    "_get_constant_schedule_with_warmup_lr_lambda": "get_constant_schedule_with_warmup",
    "_get_linear_schedule_with_warmup_lr_lambda": "get_linear_schedule_with_warmup",
    "_get_cosine_schedule_with_warmup_lr_lambda": "get_cosine_schedule_with_warmup",
    "_get_cosine_with_hard_restarts_schedule_with_warmup_lr_lambda": "get_cosine_with_hard_restarts_schedule_with_warmup",
    "_get_polynomial_decay_schedule_with_warmup_lr_lambda": "get_polynomial_decay_schedule_with_warmup",
    "_get_inverse_sqrt_schedule_lr_lambda": "get_inverse_sqrt_schedule",
    "_get_cosine_with_min_lr_schedule_with_warmup_lr_rate_lambda": "get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
    "_get_wsd_scheduler_lambda": "get_wsd_schedule",
}


def _lambda(s, g, base, length, first):
    function = s.lr_lambdas[g]
    inner = getattr(function, "func", function)
    if getattr(inner, "__module__", None) == "transformers.optimization":
        if inner.__name__ == "_get_constant_lambda":
            return Part([f"hold {_number(base)}"], scales=all(f is function for f in s.lr_lambdas))
        name = _HF_LAMBDAS.get(inner.__name__)
        if name:
            arguments = dict(function.keywords)
            if name == "get_cosine_schedule_with_warmup" and "min_lr_rate" in arguments:
                name = "get_cosine_with_min_lr_schedule_with_warmup"
            own = arguments.pop("lr_init", base)  # a rate of the function itself, which the group's is multiplied by
            call = _call(f"hf.{name}", {**arguments, "lr": own})
            if own == base:
                alike = all(f is function for f in s.lr_lambdas)
                return Part([call], uses=["hf"], scales=alike and name != "get_polynomial_decay_schedule_with_warmup")
            return Part([], uses=["hf"], expr=f"{_number(_near(base / own))} * {call}")
    raise LrsError("LambdaLR holds a Python function, which cannot be read. Write it as a formula of the step t, `decay f(t) = 1/(1 + t/100)`, and then "
                   f"`use torch` and `torch.LambdaLR(f, lr={_number(base)})`. For a schedule of transformers: lrs.from_transformers(name, ...)")


def _multiplicative(s, g, base, length, first):
    raise LrsError("MultiplicativeLR holds a Python function, which cannot be read, and the rate is a product of its values. A factor that is always the same "
                   f"is `exp gamma=0.95 from {_number(base)}`; else write the product as a formula, `curve {_number(base)}*...`")


_KINDS = {"StepLR": _step, "MultiStepLR": _multi_step, "ConstantLR": _constant, "LinearLR": _linear, "ExponentialLR": _exponential,
          "PolynomialLR": _polynomial, "CosineAnnealingLR": _cosine, "CosineAnnealingWarmRestarts": _warm_restarts, "CyclicLR": _cyclic,
          "OneCycleLR": _one_cycle, "ReduceLROnPlateau": _plateau, "LambdaLR": _lambda, "MultiplicativeLR": _multiplicative}
_CHAINED = [name for name in _FORMULAS if name != "CosineAnnealingLR"]
_OWN_RATES = ("CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR", "LambdaLR")  # which nothing in the group changes


def _kind(s):
    """The name of a scheduler of PyTorch itself: what is derived from one may do anything."""
    from torch.optim import lr_scheduler
    name = _name(s)
    if type(s) is not getattr(lr_scheduler, name, None) or name not in (*_KINDS, "SequentialLR", "ChainedScheduler"):
        raise LrsError(f"{type(s).__module__}.{name} is none of the schedulers of torch.optim.lr_scheduler, which from_torch reads: write what it does as phases, "
                       "or as a curve")
    return name


def _base(s, g):
    if _name(s) == "ReduceLROnPlateau":
        return float(s.optimizer.param_groups[g]["lr"])
    return float(s.base_lrs[g])


# ---- PyTorch: compositions ---------------------------------------------------------------------------------------------

def _members(s):
    """Of a SequentialLR: (member, first step, step where it ends or None), those that have any."""
    starts = list(s._milestones)
    if starts != sorted(starts):
        raise LrsError("the milestones of SequentialLR are not in order")
    found = []
    for member, start, end in zip(s._schedulers, [0, *starts], [*starts, None]):
        start = max(start, 0)
        if end is None or end > start:
            found.append((member, start, end))
    return found


def _ended(part, end):
    """The phases of a part, of which the last ends at a step, with their rules in braces."""
    *before, last = part.phases
    last += f" until {end}" if end is not None and not part.whole else ""
    return [*before, last + (f" {{ {'; '.join(part.rules)} }}" if part.rules else "")]


def _sequence(s, g):
    phases, uses, scales, begun = [], [], True, None
    for i, (member, start, end) in enumerate(_members(s)):
        name = _kind(member)
        if name not in _KINDS:
            raise LrsError(f"a {name} in a SequentialLR is not read: put its members into the SequentialLR itself, or write the phases in lrs, where one "
                           "may hold others: `def part() { warmup 10 -> 1; hold }`")
        base = _base(member, g)
        if i == 0 and name not in _OWN_RATES:
            # The first begins from what the groups say, and later ones from what they found when they were made.
            group = s.optimizer.param_groups[g]
            now = float(group["initial_lr"])
            if now != base and name == "CosineAnnealingLR":
                raise LrsError("the rate that CosineAnnealingLR begins with was changed by a scheduler that was made after it: make it last")
            base = now
        part = _KINDS[name](member, g, base, None if end is None else end - start, i == 0)
        if part.expr:
            raise LrsError("a schedule of transformers in a SequentialLR, for groups with rates of their own, is not read: write it as phases")
        phases += _ended(part, end)
        uses += part.uses
        begun = base if begun is None else begun
        scales = scales and part.scales and base == begun
    return Part(phases, uses=uses, scales=scales)


def _chain(s, g):
    members = list(s._schedulers)
    if len(members) == 1:
        return _part(members[0], g)
    for member in members:
        name = _kind(member)
        if name not in _CHAINED:
            raise LrsError(f"a ChainedScheduler with {name} is no product of its members: {_WHY.get(name, 'it sets a rate of its own')}. Read the members one by one, "
                           "and write what they should be together: `schedule lr = 0.1 * A * B`, or phases")
    factors = [_call(f"torch.{_name(m)}", _arguments(m)) for m in members]
    base = _base(members[0], g)
    return Part([], uses=["torch"], scales=True, expr=" * ".join(([_number(base)] if base != 1 else []) + factors))


_WHY = {"CosineAnnealingLR": "it computes its next rate from what the others have made of the last one, and begins again from the optimizer's rate where it has come "
                             "down to eta_min",
        "MultiplicativeLR": "it holds a Python function, which cannot be read", "LambdaLR": "it holds a Python function, and sets a rate of its own",
        "SequentialLR": "it sets a rate of its own at each of its milestones", "ChainedScheduler": "put its members into the other one"}


def _part(s, g):
    name = _kind(s)
    if name == "SequentialLR":
        return _sequence(s, g)
    if name == "ChainedScheduler":
        return _chain(s, g)
    part = _KINDS[name](s, g, _base(s, g), None, True)
    return part if part.expr else Part(part.phases, part.rules, uses=part.uses, scales=part.scales)


# ---- PyTorch: momentum -------------------------------------------------------------------------------------------------

def _moves(s):
    return _name(s) in ("CyclicLR", "OneCycleLR") and s.cycle_momentum


def _momentum(s, g, length=None):
    """The momentum that a scheduler sets, or None. length: as of the functions above."""
    if _name(s) == "SequentialLR":
        movers = [m for m in s._schedulers if _moves(m)]
        if not movers:
            return None
        if len(movers) > 1:
            raise LrsError("two members of SequentialLR move the momentum: write its schedule by hand, `schedule momentum { ... }`")
        turns = [(start, end) for member, start, end in _members(s) if member is movers[0]]
        part = _momentum(movers[0], g, next((end - start for start, end in turns if end is not None), None))
        own = compile(_program(part.uses, part.phases))
        if not turns:  # it has set its first momentum when it was made
            return Part([f"hold {_number(own(0))}"])
        (start, end), = turns
        before = [f"hold {_number(own(0))} until {start}"] if start > 0 else []
        after = [f"hold {_number(own(end - start - 1))}"] if end is not None else []
        return Part(before + _ended(part, end) + after, uses=part.uses)
    if _name(s) == "ChainedScheduler":
        return _momentum(s._schedulers[0], g) if len(s._schedulers) == 1 else None
    if not _moves(s):
        return None
    if _name(s) == "CyclicLR":
        low, high = float(s.base_momentums[g]), float(s.max_momentums[g])
        return _cycle(s, "_momentum", low, high, base_momentum=low, max_momentum=high)
    group = s.optimizer.param_groups[g]
    arguments = {k: v for k, v in _one_cycle_arguments(s, g).items() if k not in ("max_lr", "div_factor", "final_div_factor")}
    low, high = float(group["base_momentum"]), float(group["max_momentum"])
    line = _call("torch.OneCycleLR_momentum", {**arguments, "base_momentum": low, "max_momentum": high})
    return Part(_held_at_its_end(s, line, length), uses=["torch"])


def _uses_beta1(s):
    return any(_uses_beta1(m) for m in getattr(s, "_schedulers", ())) or _moves(s) and getattr(s, "use_beta1", False)


# ---- PyTorch: the program ----------------------------------------------------------------------------------------------

def _statements(part):
    lines = [line if i == 0 else f"then {line}" for i, line in enumerate(part.phases)]
    return lines + list(part.rules)


def _output(name, part, plain):
    """An output of a program. plain: phases outside of braces are its own."""
    if part.expr:
        return [f"schedule {name} = {part.expr}"]
    lines = _statements(part)
    return lines if plain else [f"schedule {name} {{", *(f"  {line}" for line in lines), "}"]


def _group_names(groups):
    return [g.get("name", str(i)) for i, g in enumerate(groups)]


def _grouped(output, parts, bases, groups, plain):
    """The output of the first group, and those of the groups that have another."""
    names, lines, uses, first = _group_names(groups), _output(output, parts[0], plain), list(parts[0].uses), parts[0]
    of = {}
    for name, part, base in zip(names, parts, bases):
        if of.setdefault(name, part) != part:
            raise LrsError(f"two parameter groups have the name {name!r} and different schedules: give each a name of its own")
    for name, part in of.items():
        if part == first:
            continue
        base = bases[names.index(name)]
        target = f"{output}[{_quoted(name)}]"
        if first.scales and part.scales and bases[0]:
            lines.append(f"schedule {target} = {_number(_near(base / bases[0]))} * {output}")
        else:
            lines += _output(target, part, False)
            uses += part.uses
    return lines, uses


def from_torch(scheduler):
    """The text of a program that equals a live scheduler of torch.optim.lr_scheduler: its whole run, whatever its step is now.

    A parameter group with a schedule of its own is an output: lr["head"] by its name, or lr["1"], by its index, where it has none.
    """
    groups = getattr(getattr(scheduler, "optimizer", None), "param_groups", None)
    if not groups:
        raise TypeError(f"{_name(scheduler)} is no scheduler of PyTorch: give the live scheduler, with its optimizer")
    if type(scheduler).__module__ == "lrs.torch":
        raise TypeError("this is a scheduler of lrs already")
    bases = [float(b) for b in _first(scheduler).base_lrs] if hasattr(_first(scheduler), "base_lrs") else [float(g["lr"]) for g in groups]
    if len(bases) != len(groups):
        raise LrsError(f"the optimizer has {len(groups)} parameter groups, and had {len(bases)} when the scheduler was made: make it anew")
    lines, uses = _grouped("lr", [_part(scheduler, g) for g in range(len(groups))], bases, groups, True)
    if _name(scheduler) == "ReduceLROnPlateau":
        lines.insert(0, "# a metric that is NaN is a bad one for PyTorch, and none for lrs")
    momenta = [_momentum(scheduler, g) for g in range(len(groups))]
    if momenta[0]:
        more, others = _grouped("beta1" if _uses_beta1(scheduler) else "momentum", momenta, bases, groups, False)
        lines, uses = lines + more, uses + others
    return _program(uses, lines)


def _first(s):
    """The scheduler that says what the base rates are."""
    if _name(s) == "SequentialLR":
        return _first(_members(s)[0][0])
    return _first(s._schedulers[0]) if _name(s) == "ChainedScheduler" else s


# ---- Optax -------------------------------------------------------------------------------------------------------------

_OPTAX = ["constant_schedule", "polynomial_schedule", "linear_schedule", "piecewise_constant_schedule", "piecewise_interpolate_schedule",
          "exponential_decay", "cosine_decay_schedule", "linear_onecycle_schedule", "cosine_onecycle_schedule", "warmup_constant_schedule",
          "warmup_cosine_decay_schedule", "warmup_exponential_decay_schedule", "reduce_on_plateau"]


def _optax_call(name, config):
    if name not in _OPTAX:
        raise _unknown("schedule of optax", name, [*_OPTAX, "sgdr_schedule", "join_schedules"])
    config = dict(config)
    if name.startswith("piecewise_") and "boundaries_and_scales" in config:
        pairs = sorted((config.pop("boundaries_and_scales") or {}).items())
        if not pairs:
            return f"optax.constant_schedule({_number(config['init_value'])})"
        config["boundaries"], config["scales"] = [b for b, _ in pairs], [s for _, s in pairs]
    return _call(f"optax.{name}", config)


def from_optax(name, /, **config):
    """The text of a program that equals a schedule of optax: from_optax("cosine_decay_schedule", init_value=0.1, decay_steps=1000).

    config: the arguments of the function, by name. sgdr_schedule takes its list of dicts, join_schedules as `schedules` a list of (name, dict).
    """
    if not isinstance(name, str):
        raise TypeError("from_optax takes the name of what makes a schedule in optax, and its arguments by name, as in "
                        f"from_optax({getattr(name, '__name__', 'constant_schedule')!r}, ...)")
    name = name.rpartition(".")[2]
    if name == "sgdr_schedule":
        _only(name, config, "cosine_kwargs")
        rounds = list(config["cosine_kwargs"])
        lines = [_optax_call("warmup_cosine_decay_schedule", r) for r in rounds]
        lines[:-1] = [f"{line} for {_number(r['decay_steps'])}" for line, r in zip(lines, rounds)][:-1]
    elif name == "join_schedules":
        _only(name, config, "schedules", "boundaries")
        members, ends = list(config["schedules"]), list(config["boundaries"])
        if len(members) != len(ends) + 1 or ends != sorted(ends):
            raise LrsError("join_schedules takes one boundary less than schedules, in order")
        lines = [_optax_call(n.rpartition(".")[2], c) + (f" until {_number(end)}" if end is not None else "")
                 for (n, c), end in zip(members, [*ends, None])]
    else:
        lines = [_optax_call(name, config)]
    return _program(["optax"], _statements(Part(lines)))


def _only(name, config, *known):
    for given in config:
        if given not in known:
            raise _unknown(f"argument of {name}", given, known)
    for needed in known:
        if not config.get(needed):
            raise LrsError(f"{name} needs {needed}")


# ---- Transformers ------------------------------------------------------------------------------------------------------

# What get_scheduler calls: its name, the function, and which of the two numbers of steps it passes on.
_HF = {
    "constant": ("get_constant_schedule", ()),
    "constant_with_warmup": ("get_constant_schedule_with_warmup", ("num_warmup_steps",)),
    "linear": ("get_linear_schedule_with_warmup", ("num_warmup_steps", "num_training_steps")),
    "cosine": ("get_cosine_schedule_with_warmup", ("num_warmup_steps", "num_training_steps")),
    "cosine_with_restarts": ("get_cosine_with_hard_restarts_schedule_with_warmup", ("num_warmup_steps", "num_training_steps")),
    "polynomial": ("get_polynomial_decay_schedule_with_warmup", ("num_warmup_steps", "num_training_steps")),
    "inverse_sqrt": ("get_inverse_sqrt_schedule", ("num_warmup_steps",)),
    "reduce_lr_on_plateau": ("get_reduce_on_plateau_schedule", ()),
    "cosine_with_min_lr": ("get_cosine_with_min_lr_schedule_with_warmup", ("num_warmup_steps", "num_training_steps")),
    "cosine_warmup_with_min_lr": ("get_cosine_with_min_lr_schedule_with_warmup_lr_rate", ("num_warmup_steps", "num_training_steps")),
    "warmup_stable_decay": ("get_wsd_schedule", ("num_warmup_steps", "num_training_steps")),
}


def from_transformers(name, /, *, lr, **config):
    """The text of a program that equals what get_scheduler(name, ...) of transformers makes of an optimizer with the rate lr.

    name: an lr_scheduler_type, "cosine", or a function, "get_cosine_schedule_with_warmup". config: num_warmup_steps, num_training_steps, and what else the
    function takes; lr_scheduler_kwargs and scheduler_specific_kwargs are dicts of such.
    """
    name = str(getattr(name, "value", name)).rpartition(".")[2]
    if name == "greedy":
        raise LrsError("`greedy` also raises the rate after several improvements in a row, which no rule of lrs watches for")
    functions = {function: passed for function, passed in _HF.values()}
    for nested in ("lr_scheduler_kwargs", "scheduler_specific_kwargs"):
        config.update(config.pop(nested, None) or {})
    if name in _HF:
        name, passed = _HF[name]
        for count in ("num_warmup_steps", "num_training_steps"):
            if count not in passed:
                config.pop(count, None)  # get_scheduler takes it, and has no use for it
    elif name not in functions:
        raise _unknown("schedule of transformers", name, [*_HF, *functions])
    for needed in functions[name]:
        if config.get(needed) is None and (name, needed) != ("get_wsd_schedule", "num_training_steps"):
            raise LrsError(f"{name} needs {needed}")
    if "min_lr" in name and config.get("min_lr") is None and config.get("min_lr_rate") is None:
        raise LrsError(f"{name} needs min_lr or min_lr_rate")
    config.pop("last_epoch", None)
    return _program(["hf"], [_call(f"hf.{name}", {**config, "lr": lr})])
