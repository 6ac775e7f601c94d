#!/usr/bin/env python3
"""check_grammar.py GRAMMAR_DIR [BISON FLEX]: the grammar is clean and described.

bison: no warning, no conflict. flex: no backing up. lrs.ebnf: every word of keywords.def is in it, every rule that it
uses it defines, every rule that it defines is used, and its rules are those of lrs.y but for the helpers below."""
import pathlib
import re
import subprocess
import sys
import tempfile

# Nonterminals of lrs.y that exist for the parser's sake and say nothing to people.
HELPERS = {"ready", "complete", "part", "plain_part", "argument_list", "formal_list", "or_expr", "and_expr", "not_expr",
           "plain_sum", "plain_product", "relation", "options", "statement", "pieces", "values"}
# Rules of lrs.ebnf that are tokens in lrs.y, or names of several rules there.
FOR_PEOPLE = {"statement", "number", "digits", "string", "name", "word", "unit", "separator", "comment", "statements"}


def run(args, cwd):
    r = subprocess.run(args, cwd=cwd, capture_output=True, text=True)
    if r.returncode != 0 or r.stderr.strip():
        sys.exit(f"{' '.join(args)}: exit code {r.returncode}\n{r.stdout}{r.stderr}")


def main():
    grammar = pathlib.Path(sys.argv[1]).resolve()
    bison = sys.argv[2] if len(sys.argv) > 2 and sys.argv[2] else "bison"
    flex = sys.argv[3] if len(sys.argv) > 3 and sys.argv[3] else "flex"
    with tempfile.TemporaryDirectory() as d:
        run([bison, "-Wall", "-Wcounterexamples", "-Werror", "-o", "lrs.tab.c", str(grammar / "lrs.y")], d)
        run([flex, "-Cfe", "-b", "-s", "-o", "lrs.lex.c", str(grammar / "lrs.l")], d)
        backup = (pathlib.Path(d) / "lex.backup").read_text().strip()
        if backup != "No backing up.":
            sys.exit(f"flex -b: {backup}")

    ebnf = (grammar / "lrs.ebnf").read_text()
    ebnf = re.sub(r"\(\*.*?\*\)", " ", ebnf, flags=re.S)
    quoted = set(re.findall(r'"([^"\n]*)"', ebnf)) | set(re.findall(r"'([^'\n]*)'", ebnf))
    bare = re.sub(r'"[^"\n]*"|\'[^\'\n]*\'|\?[^?\n]*\?', " ", ebnf)
    defined = set(re.findall(r"^(\w+)\s*=", bare, flags=re.M))
    used = set(re.findall(r"\b[a-z_]\w*", re.sub(r"^\w+\s*=", "", bare, flags=re.M)))
    wrong = []
    keywords = re.findall(r'^(?:KEYWORD|UNIT_WORD)\(\w+, "(\w+)"', (grammar / "keywords.def").read_text(), flags=re.M)
    wrong += [f"the keyword {k} is not in lrs.ebnf" for k in keywords if k not in quoted]
    wrong += [f"lrs.ebnf uses {r} but does not define it" for r in sorted(used - defined)]
    wrong += [f"lrs.ebnf defines {r} but does not use it" for r in sorted(defined - used - {"program"})]
    rules = (grammar / "lrs.y").read_text().split("%%")[1]
    rules = re.sub(r"/\*.*?\*/", " ", rules, flags=re.S)
    nonterminals = set(re.findall(r"^([a-z_]+)\n\s*:", rules, flags=re.M))
    wrong += [f"{r} of lrs.y is not in lrs.ebnf" for r in sorted(nonterminals - defined - HELPERS)]
    wrong += [f"{r} of lrs.ebnf is not in lrs.y" for r in sorted(defined - nonterminals - FOR_PEOPLE)]
    for line in wrong:
        print(line)
    print(f"{len(keywords)} keywords, {len(nonterminals)} nonterminals, {len(defined)} rules for people")
    sys.exit(1 if wrong or len(keywords) < 20 or len(nonterminals) < 20 else 0)


main()
