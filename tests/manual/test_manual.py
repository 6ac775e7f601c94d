"""The manual pages: all that they describe is in them, and the tools that read them have no complaint.

usage: test_manual.py LRSC SOURCE_DIR [Pages]
"""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import cli

VERBS = ("", "check", "eval", "plot", "find", "repl", "diff", "sim", "params")


def read(*path):
    with open(os.path.join(cli.SOURCE, *path), encoding="utf-8") as f:
        return f.read()


def plain(page):
    """The text of a page, without requests and fonts."""
    for escape, letter in (("\\-", "-"), ("\\e", "\\"), ("\\&", ""), ("\\(ha", "^"), ("\\(ti", "~"), ("\\(ga", "`"), ("\\(aq", "'"), ("\\(dq", '"')):
        page = page.replace(escape, letter)
    return re.sub(r"\\f[BIR]", "", page)


class Pages(cli.Case):
    def pages(self):
        self.write("lrsc.1", self.lrsc("--print=man").raw)
        subprocess.run([sys.executable, "-B", os.path.join(cli.SOURCE, "scripts", "manpages"), self.dir], check=True, timeout=60)
        return {name: self.read(name).decode("ascii") for name in ("lrsc.1", "lrs.3", "lrs.5")}

    def test_every_option_of_each_verb(self):
        sections = re.split(r"^\.S[SH] ", self.pages()["lrsc.1"], flags=re.M)
        named = {plain(s.split("\n", 1)[0]): plain(s) for s in sections}
        for verb in VERBS:
            lines = self.lrsc(*[verb] * bool(verb), "--help").out.split("\nOptions:\n")[1].split("\n\n")[0].split("\n")
            options = [line.split("  ")[1] for line in lines if re.match(r"  -[^-]|  --\w", line)]
            self.assertGreater(len(options), 8)
            text = named["lrsc " + verb if verb else "Compiling"] + named["All verbs"]
            for option in options:
                self.assertIn("\n" + option + "\n", text, f"{verb}: {option}")
        usages = [self.lrsc(*[verb] * bool(verb), "--help").out.split("\n")[0].removeprefix("Usage: ") for verb in VERBS]
        for usage in usages:
            self.assertIn("\n" + usage + "\n", named["SYNOPSIS"])

    def test_every_function_type_and_constant(self):
        page, header = plain(self.pages()["lrs.3"]), read("include", "lrs", "lrs.h")
        names = set(re.findall(r"^LRS_API [^(]*?(\w+)\(", header, re.M)) | set(re.findall(r"^typedef struct (\w+)", header, re.M))
        names |= set(re.findall(r"\bLRS_[EF]\w+(?= = )", header))
        self.assertGreater(len(names), 60)
        self.assertEqual([n for n in sorted(names) if not re.search(rf"\b{n}\b", page)], [])
        for name in re.findall(r"^LRS_API [^(]*?(\w+)\(", header, re.M): # as a declaration
            self.assertRegex(page, rf"(?m)^(const )?\w+ \*?{name}\(")
        for member in ("phase_start", "rule_step", "include_dirs", "smoothed"):
            self.assertRegex(page, rf"(?m)^[^.\n]*\b{member}\b[^\n]*;$")

    def test_the_whole_language(self):
        page = plain(self.pages()["lrs.5"])
        words = re.findall(r'^(?:KEYWORD|UNIT_WORD)\(\w+, "(\w+)"', read("grammar", "keywords.def"), re.M)
        laws = re.findall(r"^(?:shape|decay|curve) (\w+)\(", read("stdlib", "prelude.lrs"), re.M)
        self.assertEqual([w for w in words + laws if not re.search(rf"\b{w}\b", page)], [])
        for head in re.findall(r"^##+ (.*)", read("docs", "language.md"), re.M):
            self.assertRegex(page, rf"(?m)^\.S[HS] {re.escape(head)}$")
        for production in re.findall(r"^(\w+) +=", read("grammar", "lrs.ebnf"), re.M):
            self.assertRegex(page, rf"(?m)^{production} +=")
        self.assertEqual(re.findall(r"\]\([\w./]*[#.]|\*\*|```|\B\*[a-z][^*\n]*[a-z]\*\B", page), [])  # Markdown that was not understood

    def test_the_same_bytes_again(self):
        self.assertEqual(self.pages(), self.pages())
        self.assertEqual(self.lrsc("--print=man", env={"LANG": "de_DE.UTF-8", "COLUMNS": "20"}).raw, self.read("lrsc.1"))

    def test_mandoc(self):
        if not shutil.which("mandoc"):
            self.skipTest("mandoc is not installed")
        for name in self.pages():
            done = subprocess.run(["mandoc", "-T", "lint", name], cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=60)
            complaints = [x for x in done.stdout.split("\n") if x and "STYLE: input text line longer" not in x]
            self.assertEqual(complaints, [])

    def test_groff(self):
        if not shutil.which("groff"):
            self.skipTest("groff is not installed")
        for name in self.pages():
            done = subprocess.run(["groff", "-man", "-T", "utf8", "-ww", "-rLL=100n", name], cwd=self.dir, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)
            self.assertGreater(len(done.stdout), 5000)


if __name__ == "__main__":
    cli.main()
