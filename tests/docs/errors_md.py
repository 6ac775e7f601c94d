#!/usr/bin/env python3
"""errors_md.py: docs/errors.md from compiler/diag.def.

usage: errors_md.py SOURCE_DIR [--write]    prints the page; with --write puts it in place

The examples (```lrs blocks) are the only part that is written by hand: those of the present page are kept, under their code.
"""
import os
import re
import sys

HEAD = """# Errors, warnings and notes

Every message of the compiler has a code. `lrsc --explain LRS0207` prints the text that is here. A code never changes its
meaning, and the code of a message that is gone is not used again.

Errors stop the compilation, warnings do not (`-Werror` makes errors of them, `-w` switches them off), and a note says
something that is often meant. All errors of a file are reported in one run, as far as they do not follow from each other.
When the text does not follow the grammar (codes below LRS0200), nothing else is checked.
What is wrong with a template for the arguments of a call is shown at the call; notes after it show the place in the template.

The page is made from `compiler/diag.def` by `python3 tests/docs/errors_md.py . --write`. The examples are compiled by the tests,
and give their code.
"""

SEVERITIES = {"LRS_ERROR": "error", "LRS_WARNING": "warning", "LRS_NOTE": "note"}

PARTS = [(100, "Reading the text"), (200, "Meaning"), (300, "Warnings and notes")]

ENTRY = re.compile(r'^DIAG\((\d+),\s*(LRS_\w+),\s*\w+,\s*((?:\s*"(?:[^"\\]|\\.)*")+)\s*,\s*((?:\s*"(?:[^"\\]|\\.)*")+)\s*\)', re.M)


def text_of(literals):
    """The characters of adjacent C string literals."""
    escapes = {"n": "\n", '"': '"', "\\": "\\", "t": "\t"}
    joined = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals))
    return re.sub(r"\\(.)", lambda m: escapes[m.group(1)], joined)


def entries(source_dir):
    with open(os.path.join(source_dir, "compiler/diag.def"), encoding="utf-8") as f:
        text = f.read()
    found = [(int(m.group(1)), SEVERITIES[m.group(2)], text_of(m.group(3)), text_of(m.group(4)))
             for m in ENTRY.finditer(text)]
    if len(found) != len(re.findall(r"^DIAG\(", text, re.M)):
        raise SystemExit("errors_md.py: an entry of diag.def was not understood")
    return sorted(found)


def present(source_dir):
    try:
        with open(os.path.join(source_dir, "docs/errors.md"), encoding="utf-8") as f:
            return f.read()
    except FileNotFoundError:
        return ""


def examples(page):
    """code -> its ```lrs blocks, as they are."""
    found = {}
    for section in re.split(r"^### ", page, flags=re.M)[1:]:
        code = re.match(r"LRS(\d{4})", section)
        if code:
            found[int(code.group(1))] = re.findall(r"^```lrs.*?^```$", section, re.M | re.S)
    return found


def make(source_dir):
    kept = examples(present(source_dir))
    out = [HEAD]
    parts = list(PARTS)
    for number, severity, title, explanation in entries(source_dir):
        while parts and number >= parts[0][0]:
            out.append(f"\n## {parts.pop(0)[1]}\n")
        out.append(f"\n### LRS{number:04d}: {title}\n\n*{severity[0].upper()}{severity[1:]}.*\n\n```text\n{explanation.rstrip()}\n```\n")
        for block in kept.get(number, []):
            out.append(f"\n{block}\n")
    return "".join(out)


def main():
    page = make(sys.argv[1])
    if "--write" in sys.argv[2:]:
        with open(os.path.join(sys.argv[1], "docs/errors.md"), "w", encoding="utf-8") as f:
            f.write(page)
    else:
        sys.stdout.write(page)


if __name__ == "__main__":
    main()
