#!/usr/bin/env python3
"""Golden tests of the syntax: run.py SHOW [--update]

SHOW is the program syntax_show. ok/*.lrs are parsed without a diagnostic, and their trees are compared with ok/*.ast.
The diagnostics of each section of errors.src are compared with errors.txt; each must hold an error. In a section whose
title ends in "(escapes)", \\xNN is a byte. --update writes what the program says: read the difference first."""
import difflib
import pathlib
import re
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent


def show(program, mode, data, name):
    r = subprocess.run([program, mode, name], input=data, capture_output=True, timeout=900)
    if r.returncode not in (0, 1):
        sys.exit(f"{name}: exit code {r.returncode}\n{r.stderr.decode(errors='replace')}")
    return r.returncode, r.stdout.decode("utf-8", errors="replace")


def compare(path, text, update):
    if update:
        path.write_text(text)
        return True
    expected = path.read_text() if path.exists() else ""
    if expected == text:
        return True
    sys.stdout.writelines(difflib.unified_diff(expected.splitlines(True), text.splitlines(True), str(path), "found"))
    return False


def trees():
    """{path: program} of those without an error."""
    return {path: path.read_bytes() for path in sorted((here / "ok").glob("*.lrs"))}


def errors():
    """{title: program} of those with one."""
    sections = re.split(r"^=== (.*)\n", (here / "errors.src").read_text(), flags=re.M)[1:]
    found = {}
    for title, text in zip(sections[::2], sections[1::2]):
        if title in found:
            sys.exit(f"errors.src has two sections {title}")
        found[title] = text.encode()
        if title.endswith("(escapes)"):
            found[title] = re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]), found[title])
    return found


def main():
    program, update = sys.argv[1], "--update" in sys.argv
    good = True
    for path, data in trees().items():
        code, text = show(program, "ast", data, path.name)
        if code != 0:
            print(f"{path.name}: has diagnostics\n{text}")
            good = False
        good &= compare(path.with_suffix(".ast"), text, update)
    rendered = ""
    for title, data in errors().items():
        code, said = show(program, "errors", data, "x.lrs")
        if code != 1:
            print(f"{title}: has no error")
            good = False
        rendered += f"=== {title}\n{said}"
    good &= compare(here / "errors.txt", rendered, update)
    print(f"{len(trees())} trees, {len(errors())} groups of errors:",
          "as expected" if good else "DIFFERENT")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
