"""The constructs of the language, and which of them a program uses.

In: the text of a program, and what the generator says about it (its tags, for what a text does not show). Out: names of constructs.
docs/language.md is the list that this one follows: what it describes and the generator never makes is an error of the generator.
"""
import re
import textwrap

ALL_CONSTRUCTS = 300   # so many random programs have every construct

NUMBER = r"(?:\d[\d_]*\.?\d*|\.\d+)(?:e-?\d+)?[kMBT]?"
UNITS = {"steps": "steps?", "epochs": "epochs?|ep", "samples": "samples?|sp", "tokens": "tokens?|tok", "seconds": "seconds?",
         "minutes": "minutes?", "hours": "hours?"}
SHAPES = ["linear", "cosine", "poly", "sqrt", "square", "tanh", "sigmoid", "smoothstep", "rex"]
FUNCTIONS = ["abs", "sqrt", "floor", "ceil", "round", "trunc", "min", "max", "clamp", "mod", "exp", "exp2", "log", "log2", "log10", "pow", "sin",
             "cos", "tan", "sinpi", "cospi", "hcos", "tanh", "sigmoid", "if", "len", "sum", "product", "item", "indices", "before"]
DECAYS = ["exp s", "exp gamma", "exp rate", "exp halflife", "power s", "invsqrt timescale", "invtime rate", "stepdecay every", "noam d_model"]

# None: a tag of the generator
CONSTRUCTS = {
    # the text
    "comment": r"#", "phases on one line": r"^[^#\n{]*; (?:then )?\w", "then": r"\bthen\b", "line goes on before ->": r"\n *->",
    "line goes on before {": r"\n *\{", "line goes on after a comma": r",\n",
    # numbers
    "1_000": r"\b\d+_\d", "k": r"\d[kK]\b", "M": r"\d+M\b", "B": r"\d+B\b", "T": r"\d+T\b", ".5": r"[^\d]\.\d", "1e-3": r"\de-\d",
    "% of total": None, "% as a hundredth": None,
    # declarations
    "param with a range": r"^param .* in .*\.\.", "param with a log range": r"^param .* log$", "param without a default": r"^param \w+(?: in .*)?$",
    "param with a unit": r"^param \w+ = [\d.k]+ [a-z]+", "param with a formula as default": r"^param \w+ = .*[/*]", "param by -D alone": None,
    "-D": None, "bound param": None, "let": r"^let \w+ = [^\[\"]", "let of a list": r"^let \w+ = \[", "let of a text": r"^let \w+ = \"",
    "let of a schedule": r"^let \w+ \{", "input": r"^input ", "several inputs": r"(?s)^input .*^input ", "input elapsed": r"^input elapsed",
    "def": r"^def \w+\(.*\) =", "shape of the file": r"^shape ", "decay of the file": r"^decay ", "curve of the file": r"^curve \w+\(.*\) =",
    "law of a name that there is": r"^decay exp\(", "typed parameter of a law": r"^(?:shape|decay|curve|def) .*: (?:number|duration)",
    "use of a file": r"^use \"", "use of a module": r"^use \w", "unit": r"^unit ",
    # templates
    "template": r"^def \w+\(.*\) \{", "template: number": r"^def .*: number.*\{", "template: duration": r"^def .*: duration.*\{",
    "template: law": r"^def .*: law.*\{", "template: default start": r"^def .*= start", "template: default of a parameter before": None,
    "template: note": r"^  note \"", "template: let": r"^  let ", "template: text argument": None, "template: list argument": None,
    "template: input as an argument": None, "template: law argument": None, "template: argument by position": None, "template: argument by name": None,
    "template: argument left out": None, "template with rules": None, "template with events in its phases": None, "template in a template": None,
    "template with an end": None, "template with rules at its call": None, "template among phases": None, "template is the schedule": None,
    "template in a repeat": None, "template of a file": None, "template in a formula": None, "template in a curve": None, "template in another output": None,
    "repeat in a template": None, "module as a phase": None, "module in a formula": None, "module in another output": None,
    "rule of a template that depends on start": None, "template: decay as an argument": None, "template from a rate of the round": None,
    "template in a repeat without from": None, "template: note with a condition": r"^  note [^\"]", "template: require": r"^  require ",
    "parameter of a template that is given by name": r"^def \w+\(.*\*, .*\{", "parameter of a function that is given by name": r"^def \w+\(.*\*, .*\) =",
    "require of params": None, "require that a param breaks": None, "require of constants": None, "require of a text": None, "note with a condition": None,
    "piecewise in a template": None, "texts compared": r"\"\w*\" [=!]=|[=!]= \"",
    # lists
    "at a list": None, "at a list as it is written": r"\bat \[", "at arithmetic of a list": None, "factors of a list": None, "boundaries and values": r"piecewise boundaries=",
    # phases
    "warmup": r"\bwarmup\b", "warmup with a shape": r"\bwarmup [^\n;]*?\b(?:cosine|poly|sqrt|square)\b", "warmup for": None, "for": r"\bfor\b", "until a point": None,
    "from": r"\bfrom\b", "target": r"->", "-> *": r"-> \*", "-> /": r"-> /", "shift of a phase": None, "arguments in parentheses": r"\b\w+\(\w+=[^)]*\)",
    "arguments by position": None, "hold a rate": r"\bhold [\d.]", "hold the rate so far": r"\bhold(?: for| until|$|;)", "hold from": r"\bhold from",
    "piecewise": r"\bpiecewise [^b]", "points": r"\bpoints\b", "points shape=": r"\bpoints [^\n]*shape=\w", "points shape= with arguments": r"shape=\w+\(",
    "points shape= of the file": None, "jump of points": None, "rangetest": r"\brangetest\b", "curve": r"\bcurve [^\n=]*(?:for|until|$)", "shape of the file as a law": None,
    "decay of the file as a law": None, "curve of the file as a law": None, "curve with a target": None,
    # repeats
    "repeat": r"\brepeat \d", "repeat for ever": r"\brepeat (?:stretch=\S+ )?\{", "repeat by a param": None, "stretch": r"stretch=", "repeat for": r"\brepeat [^{]*for",
    "repeat until": r"\brepeat [^{]*until", "repeat in a repeat": None, "cycle": r"\bcycle\b", "cycle in a curve": None, "repeat with rules": None,
    "repeat with rules that observe": None, "rules in braces in a repeat": None, "hold in a repeat": None, "curve in a repeat": None,
    "points in a repeat": None, "piecewise in a repeat": None, "unrolled repeat": None, "until in a repeat": None,
    # the clock of braces
    "shift of a template": None, "shift of a repeat": None, "shift of a module": None, "negative shift of a template": None, "negative shift of a repeat": None,
    "shift of a template by a param": None, "shift of a repeat by a param": None,
    "shift in the parentheses of a call": None,
    # rules
    "at": r"\bat\b", "at several times": r"\bat [\d.k_]+, ", "every": r"\bevery \S", "/F": r"(?:at|every|on) .* /", "floor": r"floor=", "eps": r"eps=",
    "min_scale": r"min_scale=", "plateau": r"on plateau", "diverge": r"on diverge", "condition": r"on \(", "next": r"\bnext\b", "restart": r"\brestart\b",
    "stop": r"\bstop\b", "until plateau": r"until plateau", "until diverge": r"until diverge", "until a condition": r"until \([a-z]",
    "until seconds": r"until [\d.]+ (?:seconds?|minutes?|hours?)", "for seconds": r"for [\d.]+ (?:seconds?|minutes?|hours?)",
    "two ends": None, "several events end a phase": r"until (?:plateau|diverge|\([a-z])[^{}\n]* until (?:plateau|diverge|\([a-z])", "rules that observe in the braces of a phase": None, "rules in the braces of a phase": None, "bounds": r"\bbounds\b",
    "rules before phases": None, "condition of step": r"on \(.*\bstep\b", "condition of epoch": r"(?:on|until) \(.*\bepoch\b", "condition of elapsed": r"\(.*elapsed [<>]",
    "condition of a param": None, "patience in time": r"patience=[\d.k]+ ?(?:[a-z]|%)", "cooldown in time": r"cooldown=[\d.k]+ ?(?:[a-z]|%)",
    # outputs
    "several outputs": None, "schedule NAME = EXPR": r"^schedule .* = ", "schedule NAME = EXPR { RULES }": r"^schedule .* = .*\{", "schedule NAME { PHASES }": r"^schedule .* \{$",
    "group": r"^schedule \w+\[", "schedule read by another": None, "schedule read by a curve": None, "output without lr": None,
    # expressions
    "^": r"\^", "minus": r"(?:^|[ (=])-[\w(.]", "not": r"\bnot\b", "and": r"\band\b", "or": r"\bor\b", "list": r"\[(?!\")", "list of lists' elements": None,
    "pi": r"\bpi\b", "e": r"\be\b", "inf": r"\binf\b", "true": r"\b[tT]rue\b", "false": r"\b[fF]alse\b", "t": r"\bt\b", "u": r"\bu\b", "start": r"\bstart\b",
    "end": r"\bend\b", "step": r"\bstep\b", "epoch": r"\bepoch\b", "min of a list": r"\b(?:min|max)\(\[", "if of a list": None,
}
CONSTRUCTS.update({"unit " + k: r"[\dkMBT] ?(?:%s)\b" % v for k, v in UNITS.items()})
CONSTRUCTS.update({"shape " + k: r"\b%s\b(?!\()|\b%s\((?:\w+=)" % (k, k) for k in SHAPES})
CONSTRUCTS.update({"function " + k: r"\b%s\(" % k for k in FUNCTIONS})
CONSTRUCTS.update({"decay " + k: None for k in DECAYS})
CONSTRUCTS["shape exp"] = None
CONSTRUCTS.update({"%s %s" % (op, "compared"): r" %s " % op for op in ["<", "<=", ">", ">=", "==", "!="]})
CONSTRUCTS.update({"dialect " + k: "dialect=" + k for k in ["torch", "keras", "optax", "paddle"]})
CONSTRUCTS.update({"argument " + k: r"\b%s=" % k for k in
                   ["patience", "mode", "threshold", "threshold_mode", "cooldown", "every", "smooth", "factor", "window", "min_delta", "rtol", "atol",
                    "accumulation_size"]})
COMPILED = {name: re.compile(pattern, re.M) for name, pattern in CONSTRUCTS.items() if pattern}


def show(used, count):
    """How many programs have each construct; 1 when so many programs are without one."""
    print("constructs of the language, and how many random programs have them:")
    rows = ["%s %d" % (name, used[name]) for name in sorted(CONSTRUCTS)]
    print(textwrap.fill("; ".join(rows), 160, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))
    missing = [name for name in sorted(CONSTRUCTS) if not used[name]]
    if missing and count >= ALL_CONSTRUCTS:
        print("never generated: " + "; ".join(missing))
        return 1
    return 0


def constructs_of(text, tags):
    unknown = set(tags) - {name for name, pattern in CONSTRUCTS.items() if pattern is None}
    assert not unknown, unknown
    return {name for name, pattern in COMPILED.items() if pattern.search(text)} | set(tags)
