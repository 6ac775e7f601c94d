#!/usr/bin/env python3
"""What of the grammar the golden programs use: grammar.py TRACE XML

TRACE is the program syntax_trace, which tells on stderr what its parser shifts and reduces; XML is bison's report of the same
grammar. Only programs whose result is stored and compared count:

  a production    is reduced in a program of syntax/ok, whose whole tree is stored;
                  one with an `error` in it, in a section of syntax/errors.src, whose messages are stored
  a word          of keywords.def is shifted in a program of syntax/ok as the word that it is there, not as a name

What nothing uses is named, and the test fails."""
import collections
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here / "syntax"))
sys.dont_write_bytecode = True
import run as syntax

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
    table = (here.parents[1] / "grammar" / "keywords.def").read_text()
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


def main():
    program, all_of = sys.argv[1], productions(sys.argv[2])
    known, used, in_trees, in_errors = words(), set(), set(), set()
    for data in syntax.trees().values():
        reduced, shifted = trace(program, data)
        in_trees |= reduced
        used |= used_words(shifted, known)
    for data in syntax.errors().values():
        in_errors |= trace(program, data)[0]
    unused = [p for p in all_of if p.number not in (in_errors if p.is_error else in_trees)]
    missing = [w for w in known if w not in used]
    for p in unused:
        print(f"no golden program uses production {p.number}, {p.text}")
    for w in missing:
        print(f"no golden program uses the word `{w}`")
    print(f"grammar: {len(all_of) - len(unused)} of {len(all_of)} productions, "
          f"{len(known) - len(missing)} of {len(known)} words in goldens")
    enough = len(all_of) > 100 and len(known) > 40 # the tables were read
    sys.exit(1 if unused or missing or not enough else 0)


main()
