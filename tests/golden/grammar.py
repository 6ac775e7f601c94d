#!/usr/bin/env python3
"""What of the grammar the golden programs use: grammar.py TRACE XML

TRACE is the program syntax_trace, which tells on stderr what its parser shifts and reduces; XML is bison's report of the same
grammar. Only programs whose result is stored and compared count:

  a production    is reduced in a program of syntax/ok, whose whole tree is stored;
                  one with an `error` in it, in a section of syntax/errors.src, whose messages are stored
  a word          of keywords.def is shifted in a program of syntax/ok as the word that it is there, not as a name
  what has a name in the compiler's tables and in the prelude, in a program of values/, whose values are stored: functions,
                  constants, laws, events, the arguments of all of these, dialects and units

What nothing uses is named, and the test fails."""
import collections
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

here = pathlib.Path(__file__).resolve().parent
source = here.parents[1]
sys.path.insert(0, str(here / "syntax"))
sys.dont_write_bytecode = True
import run as syntax

DECLARING = ("param", "let", "input", "def", "shape", "decay", "curve (law)", "schedule", "use", "unit") # a new name follows

Production = collections.namedtuple("Production", "number text is_error")


def productions(report):
    """All of them but number 0, `$accept: program "end of file"`, which is accepted and never reduced."""
    found = []
    for rule in xml.etree.ElementTree.parse(report).iter("rule"):
        symbols = [s.text for s in rule.find("rhs").iter("symbol")]
        if rule.get("number") != "0":
            found.append(Production(int(rule.get("number")), f"{rule.find('lhs').text}: {' '.join(symbols) or '%empty'}",
                                    "error" in symbols))
    return found


def words():
    """{word: token, as bison names it}; those that the scanner takes for names are known by where they stand."""
    table = (source / "grammar" / "keywords.def").read_text()
    return {text: "a unit" if macro == "UNIT_WORD" else "a name" if token == "IDENT" else text
            for macro, token, text in re.findall(r'^(KEYWORD|UNIT_WORD)\((\w+), "(\w+)"', table, re.M)}


def trace(program, data):
    """The numbers of the productions that are reduced, and the tokens that are shifted: (token, text)."""
    done = subprocess.run([program, "ast", "x.lrs"], input=data, capture_output=True, timeout=900)
    if done.returncode not in (0, 1):
        sys.exit(f"{program}: exit code {done.returncode}\n{done.stderr.decode(errors='replace')[-2000:]}")
    said = done.stderr.decode(errors="replace")
    reduced = {int(n) for n in re.findall(r"^Reducing stack by rule (\d+) \(line \d+\):$", said, re.M)}
    shifted = [(token.strip('"'), data[int(begin):int(end)].decode(errors="replace"))
               for token, begin, end in re.findall(r"^Shifting token (.+) \((\d+)-(\d+): \)$", said, re.M)]
    return reduced, shifted


def used_words(shifted, known):
    """A word with a token of its own, a unit, and an event right after `on` or `until`."""
    used = set()
    for (before, _), (token, text) in zip([("", "")] + shifted, shifted):
        kind = "a name" if token == "a call" else "curve" if token == "curve (law)" else token
        if known.get(text) == kind and (kind != "a name" or before in ("on", "until")):
            used.add(text)
    return used


def named_things():
    """{kind: things}, as `used_things` finds them."""
    expr, rule, prelude, keywords = ((source / path).read_text() for path in (
        "compiler/check_expr.c", "compiler/check_rule.c", "stdlib/prelude.lrs", "grammar/keywords.def"))

    def words_of(text, begin):
        return re.findall(r'"(\w+)"', re.search(re.escape(begin) + r"(.*?);", text, re.S)[1])

    laws = re.findall(r"^(?:shape|decay|curve) (\w+)\(\w+((?:, [^()]+)*)\)", prelude, re.M)
    return {
        "functions": {("function", f) for f in words_of(re.sub(r', "[^"]*"\}', "}", expr), "chk_builtin_table[] = ")},
        "names": {("name", n) for n in words_of(expr, "} constants[] = ") + words_of(expr, "chk_local_names[CHK_LOCALS] = ")},
        "laws": {("law", name) for name, _ in laws},
        "arguments of laws": {("law", name, argument) for name, formals in laws for argument in re.findall(r"(\w+):", formals)},
        "events": {("event", e) for e in re.findall(r'^KEYWORD\(IDENT, "(\w+)", .*, EVENT\)', keywords, re.M)},
        "arguments of events": {("event argument", a) for a in words_of(rule, "} arguments[ARGUMENTS] = ")},
        "dialects": {("dialect", d) for d in words_of(rule, "dialects[] = ")},
        "arguments of actions": {("action argument", a) for a in re.findall(r'strcmp\(n, "(\w+)"\) == 0 \? &r->', rule)},
        "units": {("unit", u) for u in re.findall(r'^UNIT_WORD\(\w+, "(\w+)"', keywords, re.M)},
    }


def used_things(shifted):
    """What the names stand for, by where they stand: the first word of a phase is a law, the one after `on` or `until` an event."""
    used, owners, head, before, argument = set(), [], None, "end of line", None
    for token, text in shifted:
        first = before in ("end of line", "{", "}", "then")
        if first:
            head = "action" if token in ("on", "at", "every") else text
        if token in ("a name", "a call"):
            declared = before in DECLARING or (owners and owners[-1][0] == "declared")
            kind = ("declared" if declared else "law" if first else "event" if before in ("on", "until")
                    else "function" if token == "a call" else "name")
            used.add((kind, text))
        if token == "an argument":
            kind, owner = owners[-1] if owners else ("law", head)
            used.add(("event argument", text) if kind == "event" else ("action argument", text) if owner == "action"
                     else (kind, owner, text))
            argument = text
        elif before == "=" and argument == "dialect":
            used.add(("dialect", text.strip('"')))
        elif token == "a unit":
            used.add(("unit", text))
        elif token in ("(", "["):
            owners.append((kind, name) if before == "a call" else ("", ""))
        elif token in (")", "]"):
            owners.pop()
        name, before = text, token
    return used


def report(what, missing):
    for thing in missing:
        print(f"no golden program uses {what} {thing}")
    return bool(missing)


def main():
    program, all_of = sys.argv[1], productions(sys.argv[2])
    known, used, in_trees, in_errors = words(), set(), set(), set()
    for data in syntax.trees().values():
        reduced, shifted = trace(program, data)
        in_trees |= reduced
        used |= used_words(shifted, known)
    for data in syntax.errors().values():
        in_errors |= trace(program, data)[0]
    things, things_used = named_things(), set()
    for path in sorted((here / "values").glob("*.lrs")):
        things_used |= used_things(trace(program, path.read_bytes())[1])

    unused = [f"{p.number}, {p.text}" for p in all_of if p.number not in (in_errors if p.is_error else in_trees)]
    missing = [w for w in known if w not in used]
    bad = report("production", unused) | report("the word", missing)
    print(f"grammar: {len(all_of) - len(unused)} of {len(all_of)} productions, "
          f"{len(known) - len(missing)} of {len(known)} words in goldens")
    counts = []
    for kind, wanted in things.items():
        bad |= report(f"in values/, of the {kind},", [" ".join(t[1:]) for t in sorted(wanted - things_used)])
        counts.append(f"{len(wanted & things_used)} of {len(wanted)} {kind}")
    print(f"values: {', '.join(counts)} in goldens")
    enough = len(all_of) > 100 and len(known) > 40 and all(len(wanted) > 1 for wanted in things.values()) # the tables were read
    sys.exit(1 if bad or not enough else 0)


main()
