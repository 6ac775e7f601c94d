#!/usr/bin/env python3
"""Golden tests of values: run.py LRSC [--update]

Each NAME.lrs is given to `lrsc eval -w`, with the options of its last line, a comment `# options: ...`, and what it prints is
compared with NAME.csv. --update writes what the program says: compare it with an independent source first, the formulas of
docs/language.md or the library whose rule it is."""
import difflib
import pathlib
import re
import shlex
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent


def programs():
    return sorted(here.glob("*.lrs"))


def said(lrsc, path):
    options = re.search(r"^# options: (.*)\n\Z", path.read_text(), re.M)
    if not options:
        sys.exit(f"{path.name}: the last line has no options")
    done = subprocess.run([lrsc, "eval", "-w", *shlex.split(options[1]), path.name], cwd=here, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=900)
    return done.stdout.decode() + done.stderr.decode()


def main():
    lrsc, update, good, values = sys.argv[1], "--update" in sys.argv, True, 0
    for path in programs():
        text, expected = said(lrsc, path), path.with_suffix(".csv")
        if update:
            expected.write_text(text)
        before = expected.read_text() if expected.exists() else ""
        values += sum(line.count(",") for line in before.splitlines()[1:])
        if before != text:
            sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), text.splitlines(True), expected.name, "found"))
            good = False
    print(f"{len(programs())} programs, {values} values:", "as expected" if good else "DIFFERENT")
    sys.exit(0 if good and values > 100 else 1)


if __name__ == "__main__":
    main()
