#!/usr/bin/env python3
"""Golden tests of what the compiler tells its user: run.py LRSC [--update] [--list]

Each NAME.lrs is given to `lrsc check`, with the options of its last line if that is a comment `# options: ...`, and what it
says is compared with NAME.txt: the exit code on the first line, then the diagnostics. Every code from 0201 on must come up,
and a program must not be without a diagnostic unless its name says none. --update writes what the program says: read the
difference first."""
import difflib
import os
import pathlib
import re
import shlex
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent


def said(lrsc, path):
    options = re.search(r"^# options: (.*)\n\Z", path.read_text(), re.M)
    env = dict(os.environ, LC_ALL="C.UTF-8", TERM="dumb", NO_COLOR="1")
    r = subprocess.run([lrsc, "check", *shlex.split(options[1] if options else ""), path.name], cwd=here, env=env,
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=900)
    return f"exit {r.returncode}\n" + r.stdout.decode() + r.stderr.decode()


def codes_of_table():
    table = (here.parents[2] / "compiler" / "diag.def").read_text()
    return {f"LRS{int(n):04d}" for n in re.findall(r"^DIAG\((\d+),", table, re.M) if int(n) > 200}


def main():
    lrsc, update = sys.argv[1], "--update" in sys.argv
    good, seen, programs = True, set(), sorted(here.glob("*.lrs"))
    for path in programs:
        text, expected = said(lrsc, path), path.with_suffix(".txt")
        codes = set(re.findall(r"\[(LRS\d{4})\]", text))
        seen |= codes
        if text.split("\n")[0] not in ("exit 0", "exit 1"):
            print(f"{path.name}: {text}")
            good = False
        if not codes and "-none-" not in path.stem and not text.startswith("exit 0\n"):
            print(f"{path.name}: fails without a code\n{text}")
            good = False
        if update:
            expected.write_text(text)
            continue
        before = expected.read_text() if expected.exists() else ""
        if before != text:
            sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), text.splitlines(True), expected.name, "found"))
            good = False
    for code in sorted(codes_of_table() - seen):
        print(f"no program has {code}")
        good = False
    for stale in {p.stem for p in here.glob("*.txt")} - {p.stem for p in programs}:
        print(f"{stale}.txt has no program")
        good = False
    print(f"{len(programs)} programs:", "as expected" if good else "DIFFERENT")
    sys.exit(0 if good else 1)


main()
