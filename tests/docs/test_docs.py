#!/usr/bin/env python3
"""test_docs.py: what the documentation says is true.

usage: test_docs.py LRSC SOURCE_DIR LIBRARY_DIR CC [FLAG...] [-- unittest arguments]

LIBRARY_DIR holds liblrs; FLAGs are what programs that link it must be compiled with (sanitizers).
Every fenced block of docs/*.md and README.md has a tag that says how it is checked; a tag that is not listed is an error:

  lrs [NAME.lrs]                 compiles without an error or a warning, and runs: each of its outputs has a number at each of
                                 some steps; with a name it is also a file for later blocks
  lrs error|warning|note CODE... [NAME.lrs]
                                 compiles with exactly these errors, or these warnings, or notes; options of lrsc may follow;
                                 without an error it runs
  eval ARGS...                   what `lrsc eval` prints for the lrs block before
  plot ARGS...                   the picture that `lrsc plot --width=78 --height=9` draws of it
  check ARGS...                  what `lrsc check` says about it
  csv|c|cpp|js|html|make|cmake|meson|cuda|sh NAME
                                 a file for later blocks
  console libtorch               left to tests/adapters, with the file that it compiles
  console [llvm] [c++] [cmake] [meson] [pkg-config] [node] [installed]
                                 commands after `$ `, run in a shell, and what they print; skipped without what is named;
                                 with `installed`, lrs is installed, and that is what cmake, pkg-config and the path find
  pycon [torch|optuna]           a session of Python with the package lrs: python/tests runs it
  python plateau                 a class Plateau that acts when the compiled rule does, on random metrics
  text, sh without a name        not run; docs/language.md has none

In docs/language.md every block that compiles has an eval block, so that its values are compared. What was checked of each page
is counted and printed.

A table whose head ends with `in lrs` holds a program in each piece of code of its last column, which compiles without an error.
A table whose head is `phase` and steps holds a phase in each row, and its values to the digits that are written.
README.md is for readers who have nothing yet: its untagged blocks are not run.
With LRS_UPDATE_DOCS=1 in the environment, what the eval, plot, check and console blocks of docs/ hold is written anew.
"""
import collections
import math
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True # the sources may not be writable
import errors_md

ARGUMENTS = sys.argv[1:sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
LRSC, SOURCE, LIBRARY = (os.path.abspath(a) for a in ARGUMENTS[:3])
CC, FLAGS = shutil.which(ARGUMENTS[3]) or ARGUMENTS[3], ARGUMENTS[4:] # a path: a program named cc stands before it
DOCS = os.path.join(SOURCE, "docs")
FILE_TAGS = ("csv", "c", "cpp", "js", "html", "make", "cmake", "meson", "cuda", "sh")
TOOLS = ("c++", "cmake", "meson", "pkg-config", "node")
UPDATE = os.environ.get("LRS_UPDATE_DOCS") == "1"
UNNAMED = "schedule-of-the-page.lrs"
STEPS = (0, 1, 10, 100, 1000)

Block = collections.namedtuple("Block", "line tag words body")


def read(*path):
    with open(os.path.join(SOURCE, *path), encoding="utf-8") as f:
        return f.read()


def pages():
    return sorted(n for n in os.listdir(DOCS) if n.endswith(".md"))


def blocks(text):
    """The fenced blocks of a page, in order."""
    found, start = [], None
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("```"):
            if start is None:
                start, info, body = number, line[3:].split(), []
            else:
                found.append(Block(start, info[0] if info else "", info[1:], "".join(x + "\n" for x in body)))
                start = None
        elif start is not None:
            body.append(line)
    assert start is None, f"a block is not closed: line {start}"
    return found


def without_blocks(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)


def run(*args, **kwargs):
    return subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, encoding="utf-8", **kwargs)


def check(text, arguments=()):
    """The exit code of `lrsc check`, and {severity: codes}."""
    done = run(LRSC, "check", *arguments, "-", input=text)
    codes = {"error": [], "warning": [], "note": []}
    for severity, code in re.findall(r"^<stdin>:\d+:\d+: (error|warning|note): .* \[LRS(\d{4})\]$", done.stderr, re.M):
        codes[severity].append(code)
    return done, codes


def has_llvm():
    return "LLVM: none" not in run(LRSC, "--version").stdout


class Folder:
    """Where the console blocks of a page run: lrsc, cc and liblrs are found as if they were installed."""

    def __init__(self):
        self.prefix = None
        self.path = tempfile.mkdtemp(prefix="lrs-docs-")
        self.bin = tempfile.mkdtemp(prefix="lrs-docs-bin-")
        os.symlink(LRSC, os.path.join(self.bin, "lrsc"))
        cc = os.path.join(self.bin, "cc")
        with open(cc, "w", encoding="utf-8") as f:
            f.write('#!/bin/sh\nexec "%s" %s "$@"\n' % (CC, " ".join(FLAGS)))
        os.chmod(cc, 0o755)
        if shutil.which("c++"):
            cxx = os.path.join(self.bin, "c++")
            with open(cxx, "w", encoding="utf-8") as f:
                f.write('#!/bin/sh\nexec "%s" %s "$@"\n' % (shutil.which("c++"), " ".join(FLAGS)))
            os.chmod(cxx, 0o755)
        self.env = {k: v for k, v in os.environ.items() if k not in ("CC", "CFLAGS", "LDFLAGS", "NO_COLOR", "COLUMNS",
                                                                   "CLICOLOR_FORCE", "FORCE_COLOR", "MAKEFLAGS", "MFLAGS")}
        include = os.path.join(SOURCE, "include")
        # LRS, GGML and DARKNET are what the pages call the sources of each: of the last two we have the shape
        shapes = os.path.join(SOURCE, "tests", "adapters", "shapes")
        self.env.update(PATH=self.bin + ":" + os.environ["PATH"], C_INCLUDE_PATH=include, CPLUS_INCLUDE_PATH=include,
                        LIBRARY_PATH=LIBRARY, LD_LIBRARY_PATH=LIBRARY, LRS=SOURCE, GGML=os.path.join(shapes, "ggml"),
                        DARKNET=os.path.join(shapes, "darknet"), LC_ALL="C.UTF-8", LANG="C.UTF-8")

    def install(self):
        """Installs lrs where nothing but what an installed lrs offers tells that it is there."""
        if not self.prefix:
            self.prefix = os.path.join(self.bin, "prefix")
            build = os.path.dirname(LIBRARY)
            subprocess.run(["cmake", "--install", build, "--prefix", self.prefix], check=True, stdout=subprocess.DEVNULL)
            pc = next(root for root, _, files in os.walk(self.prefix) if "lrs.pc" in files)
            self.installed = {k: v for k, v in self.env.items() if k not in ("LRS", "C_INCLUDE_PATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH",
                                                                             "LD_LIBRARY_PATH")}
            self.installed.update(CMAKE_PREFIX_PATH=self.prefix, PKG_CONFIG_PATH=pc,
                                  PATH=os.path.join(self.prefix, "bin") + ":" + self.env["PATH"],
                                  CFLAGS=" ".join(FLAGS), LDFLAGS=" ".join(FLAGS), CC=CC)

    def write(self, name, text):
        path = os.path.join(self.path, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)

    def shell(self, command, env):
        done = subprocess.run(["/bin/sh", "-c", command], cwd=self.path, env=env, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=300, encoding="utf-8", stdin=subprocess.DEVNULL)
        return done.stdout

    def remove(self):
        shutil.rmtree(self.path)
        shutil.rmtree(self.bin)


def split_console(body):
    """[(command, what it prints)]; a command goes on after a backslash at the end of a line."""
    steps, continued = [], False
    for line in body.splitlines(keepends=True):
        if continued:
            steps[-1][0] += line
        elif line.startswith("$ "):
            steps.append([line[2:], ""])
        else:
            assert steps, "a console block begins with a command"
            steps[-1][1] += line
            continue
        continued = steps[-1][0].endswith("\\\n")
    return steps


class Pages(unittest.TestCase):
    maxDiff = None

    def split_words(self, b):
        """Severity and codes, the file's name, options of lrsc."""
        first = next((i for i, w in enumerate(b.words) if w.startswith("-")), len(b.words))
        words = b.words[:first]
        names = [w for w in words if w.endswith(".lrs")]
        return [w for w in words if w not in names], names[0] if names else UNNAMED, b.words[first:]

    def compare(self, b, actual, message=None):
        """What a block holds is what was printed; or it will."""
        if UPDATE:
            self.updates.append((b, actual))
        else:
            self.assertEqual(actual, b.body, message)

    def write_updates(self, name):
        lines = read("docs", name).split("\n")
        for b, actual in sorted(self.updates, reverse=True):
            lines[b.line:b.line + b.body.count("\n")] = actual.split("\n")[:-1]
        with open(os.path.join(DOCS, name), "w", encoding="utf-8") as f:
            f.write("\n".join(lines))

    def check_lrs(self, b):
        words, _, arguments = self.split_words(b)
        done, codes = check(b.body, arguments)
        want = words[0] if words and words[0] in codes else None
        if want:
            expected = [w[3:] for w in words[1:]]
            self.assertTrue(expected, "no code is named")
            self.assertEqual(sorted(set(codes[want])), sorted(expected), done.stderr)
        if want != "error":
            self.assertEqual((done.returncode, codes["error"]), (0, []), done.stderr)
        if want is None:
            self.assertEqual(codes["warning"], [], done.stderr)
        return want

    def run_lrs(self, b, folder, schedule, want):
        """A block that compiles has values; only one that warns may have some that are not numbers."""
        done = subprocess.run([LRSC, "eval", "-w", *self.split_words(b)[2], "--at", ",".join(map(str, STEPS)), schedule],
                              cwd=folder.path, env=folder.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                              timeout=300)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        rows = [line.split(",") for line in done.stdout.splitlines()]
        self.assertEqual([row[0] for row in rows], ["step", *map(str, STEPS)])
        self.assertEqual({len(row) for row in rows}, {len(rows[0])})
        self.assertGreater(len(rows[0]), 1, "it has no output")
        if want != "warning":
            self.assertTrue(all(math.isfinite(float(x)) for row in rows[1:] for x in row), done.stdout)

    def check_verb(self, b, folder, schedule):
        """A block that shows what eval, plot or check prints for the schedule."""
        size = ["--width=78", "--height=9"] if b.tag == "plot" else []
        done = subprocess.run([LRSC, b.tag, schedule, *size, *b.words], cwd=folder.path, env=folder.env, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, encoding="utf-8", timeout=300)
        self.compare(b, done.stderr if b.tag == "check" else done.stdout, done.stderr)

    def check_console(self, b, folder):
        missing = [w for w in b.words if (w == "llvm" and not has_llvm()) or (w in TOOLS and not shutil.which(w))]
        if "installed" in b.words and not shutil.which("cmake"):
            missing.append("cmake")
        if missing:
            print(f"not run: line {b.line} needs {', '.join(missing)}")
            return False
        env = folder.env
        if "installed" in b.words:
            folder.install()
            env = folder.installed
        steps = [(command, output, folder.shell(command, env)) for command, output in split_console(b.body)]
        self.compare(b, "".join(f"$ {command}{actual}" for command, _, actual in steps))
        return True

    def check_plateau(self, b):
        names = {"inf": math.inf, "isnan": math.isnan}
        exec(b.body, names)
        random_ = random.Random(1)
        acted = 0
        for trial in range(200):
            options = {"patience": random_.choice([0, 1, 2, 3, 2.5]), "mode": random_.choice(["min", "max"]),
                       "threshold": random_.choice([0, 1e-4, 0.1]), "threshold_mode": random_.choice(["rel", "abs"]),
                       "cooldown": random_.choice([0, 0, 2, 5]), "every": random_.choice([0, 0, 1, 3, 2.5]),
                       "smooth": random_.choice([0, 0, 0.5, 0.9])}
            steps = sorted(random_.sample(range(120), 60))
            metrics = [random_.choice([random_.uniform(0.5, 3), round(random_.uniform(0.5, 3), 1), math.nan, math.inf, -1.5])
                       if random_.random() < 0.3 else random_.uniform(1, 2) for _ in steps]
            plateau, rate, expected, at = names["Plateau"](**options), 1.0, [], dict(zip(steps, metrics))
            for step in range(120):
                if step in at and plateau.observe(step, at[step]):
                    rate *= 0.5
                    acted += 1
                expected.append(rate)
            arguments = ", ".join(f"{k}={v}" for k, v in options.items())
            folder = tempfile.mkdtemp(prefix="lrs-docs-")
            try:
                path = os.path.join(folder, "metrics.csv")
                with open(path, "w", encoding="utf-8") as f:
                    f.write("step,metric\n" + "".join(f"{s},{m!r}\n" for s, m in at.items()))
                done = run(LRSC, "eval", "-w", "-e", f"hold 1; on plateau({arguments}) *0.5 eps=0", "--metrics", path, "--range=0:119")
            finally:
                shutil.rmtree(folder)
            values = [float(x.split(",")[1]) for x in done.stdout.split("\n")[1:] if x]
            self.assertEqual(values, expected, f"trial {trial}: {arguments}\n{done.stderr}")
        self.assertGreater(acted, 500)

    def check_block(self, b, folder, schedule):
        """What was done with it, in words."""
        if b.tag == "lrs":
            folder.write(schedule, b.body)
            want = self.check_lrs(b)
            if want == "error":
                return "refused as they say"
            self.run_lrs(b, folder, schedule, want)
            return "compiled and run"
        if b.tag in ("eval", "plot", "check"):
            self.check_verb(b, folder, schedule)
            return "outputs compared"
        if b.tag in FILE_TAGS and b.words:
            folder.write(b.words[0], b.body)
            return "files"
        if b.tag == "python":
            self.check_plateau(b)
            return "run in Python"
        if b.tag == "console" and "libtorch" in b.words:
            return "left to tests/adapters"
        if b.tag == "console":
            return "consoles compared" if self.check_console(b, folder) else "consoles not run"
        if b.tag == "pycon":
            return "left to python/tests"
        self.assertIn(b.tag, ("text", "sh"), "this tag says not how the block is checked")
        return "texts"

    def check_page(self, name):
        folder, schedule, counts = Folder(), None, collections.Counter()
        self.updates = []
        found = blocks(read("docs", name))
        try:
            for b in found:
                with self.subTest(page=name, line=b.line, block=" ".join([b.tag, *b.words])):
                    if b.tag == "lrs":
                        schedule = self.split_words(b)[1]
                    counts[self.check_block(b, folder, schedule)] += 1
            if self.updates:
                self.write_updates(name)
        finally:
            folder.remove()
        if found:
            print(f"docs/{name}: {sum(counts.values())} of {len(found)} blocks as expected: " +
                  ", ".join(f"{n} {what}" for what, n in counts.most_common()))

    def test_language_shows_values(self):
        """Every program of the page that compiles is followed by its values, and no block is left unchecked."""
        found = blocks(read("docs", "language.md"))
        programs = [i for i, b in enumerate(found) if b.tag == "lrs"]
        self.assertGreater(len(programs), 40)
        for i, following in zip(programs, [*programs[1:], len(found)]):
            with self.subTest(line=found[i].line):
                if "error" not in found[i].words:
                    self.assertIn("eval", [b.tag for b in found[i + 1:following]], "its values are not shown")
        self.assertEqual([b.line for b in found if b.tag in ("", "text", "sh")], [])

    def test_readme(self):
        for b in blocks(read("README.md")):
            with self.subTest(line=b.line):
                if b.tag == "lrs":
                    self.check_lrs(b)

    def test_tables_of_values(self):
        rows = 0
        for name in pages():
            head = None
            for line in without_blocks(read("docs", name)).split("\n"):
                cells = [c.strip() for c in line.strip().strip("|").split("|")] if line.startswith("|") else None
                if cells is None:
                    head = None
                elif head is None:
                    head = cells if cells[0] == "phase" and all(c.isdigit() for c in cells[1:]) else []
                elif head and not line.startswith("|-"):
                    rows += 1
                    with self.subTest(page=name, phase=cells[0]):
                        self.check_row(cells[0].strip("`"), head[1:], cells[1:])
        self.assertGreater(rows, 10)

    def check_row(self, phase, steps, cells):
        done = run(LRSC, "eval", "-w", "-e", phase, "--at", ",".join(steps))
        values = [float(x.split(",")[1]) for x in done.stdout.split("\n")[1:] if x]
        self.assertEqual(len(values), len(cells), done.stderr)
        for value, cell in zip(values, cells):
            digits = max(1, len(re.sub(r"e.*|[.]", "", cell).lstrip("0")))
            self.assertEqual(float(f"{value:.{digits}g}") if value else 0.0, float(cell))

    def test_tables_of_programs(self):
        programs = [code for name in pages() for row in re.findall(r"^\|.*\| in lrs \|\n\|[-|]*\n((?:\|.*\n)+)", read("docs", name), re.M)
                    for line in row.splitlines() for code in re.findall(r"`([^`]+)`", line.rstrip("|").rsplit("|", 1)[-1])]
        self.assertGreater(len(programs), 10)
        for program in programs:
            with self.subTest(program=program):
                done, codes = check(program + "\n")
                self.assertEqual((done.returncode, codes["error"], codes["warning"]), (0, [], []), done.stderr)

    def test_links(self):
        for name in [os.path.join("docs", n) for n in pages()] + ["README.md"]:
            for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", without_blocks(read(name))):
                if not re.match(r"https?:", target):
                    with self.subTest(page=name, target=target):
                        self.assertTrue(os.path.exists(os.path.join(SOURCE, os.path.dirname(name), target)))

    def test_anchors(self):
        for name in pages():
            text = without_blocks(read("docs", name))
            for page, anchor in re.findall(r"\]\(([^)#\s]*)#([^)]*)\)", text):
                with self.subTest(page=name, anchor=anchor):
                    heads = re.findall(r"^#+ (.*)$", read("docs", page) if page else text, re.M)
                    self.assertIn(anchor, [re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads])


def add_page(name):
    setattr(Pages, "test_" + name[:-3], lambda self: self.check_page(name))


for page in pages():
    add_page(page)


class Complete(unittest.TestCase):
    """Nothing that exists is missing from the pages."""

    def missing(self, page, words):
        text = read("docs", page)
        return [w for w in words if not re.search(r"(?<![\w-])" + re.escape(w) + r"(?![\w-])", text)]

    def test_errors_are_current(self):
        self.assertEqual(read("docs", "errors.md"), errors_md.make(SOURCE),
                         "run: python3 tests/docs/errors_md.py . --write")

    def test_every_code_has_an_example(self):
        kept = errors_md.examples(read("docs", "errors.md"))
        # What is not UTF-8 cannot stand on the page; and megabytes of text, or of values, are no example.
        without = {103, 110, 114, 215}
        self.assertEqual([n for n, *_ in errors_md.entries(SOURCE) if not kept.get(n) and n not in without], [])

    def test_options(self):
        options = set()
        for verb in ([], ["check"], ["eval"], ["plot"], ["repl"], ["params"]):
            options |= set(re.findall(r"^  (?:-\w, )?(--?[A-Za-z][\w-]*)", run(LRSC, *verb, "--help").stdout, re.M))
        self.assertGreater(len(options), 25)
        self.assertEqual(self.missing("cli.md", sorted(options)), [])

    def test_words_of_the_language(self):
        words = re.findall(r'^(?:KEYWORD|UNIT_WORD)\(\w+, "(\w+)"', read("grammar", "keywords.def"), re.M)
        laws = re.findall(r"^(?:shape|decay|curve) (\w+)\(", read("stdlib", "prelude.lrs"), re.M)
        functions = re.findall(r'^    \{"(\w+)", \d, -?\d', read("compiler", "check_expr.c"), re.M)
        self.assertGreater(min(len(words), len(laws), len(functions)), 15)
        self.assertEqual(self.missing("language.md", words + laws + functions), [])

    def test_standard_modules(self):
        text = read("docs", "libraries.md")
        for name in sorted(os.listdir(os.path.join(SOURCE, "stdlib"))):
            module = name[:-4]
            if module != "prelude":
                section = re.search(r"^## %s\n(.*?)(?=^## |\Z)" % re.escape(module), text, re.M | re.S)
                self.assertTrue(section, f"docs/libraries.md has no section {module}")
                templates = re.findall(r"^def (\w+)\((?:[^()]|\([^()]*\))*\)\s*\{", read("stdlib", name), re.M)
                self.assertGreater(len(templates), 0, name)
                missing = [t for t in templates if not re.search(r"\b%s\b" % t, section[1])]
                self.assertEqual(missing, [], f"docs/libraries.md, section {module}")

    def test_functions_of_the_library(self):
        names = re.findall(r"^LRS_API [^(]*?(lrs_\w+)\(", read("include", "lrs", "lrs.h"), re.M)
        self.assertGreater(len(names), 25)
        self.assertEqual(self.missing("embedding.md", names), [])
        codes = re.findall(r"^    (LRS_E_\w+) = ", read("include", "lrs", "lrs.h"), re.M)
        self.assertEqual(self.missing("embedding.md", codes), [])

    def test_functions_of_generated_headers(self):
        header = run(LRSC, "--emit=header", "-o", "-", "--prefix=NAME", "-",
                     input="param peak = 0.1\nwarmup 5 -> peak\non plateau *0.5\nschedule momentum = 1 - lr\n").stdout
        names = set(re.findall(r"\b(NAME_\w+)\(", header)) | set(re.findall(r"#define (NAME_\w+)", header))
        self.assertGreater(len(names), 12)
        self.assertEqual(self.missing("embedding.md", sorted(names)), [])

    FOLDERS = ("grammar", "compiler", "compiler/emit_llvm", "runtime", "runtime/kernel", "repl", "repl/readline", "repl/cairo", "stdlib", "cmake", "python", "python/lrs")

    def test_architecture_lists_every_file(self):
        text = read("docs", "architecture.md")
        for folder in self.FOLDERS:
            for name in sorted(os.listdir(os.path.join(SOURCE, folder))):
                if name != "CMakeLists.txt" and os.path.isfile(os.path.join(SOURCE, folder, name)):
                    with self.subTest(file=f"{folder}/{name}"):
                        self.assertTrue(f"`{name}`" in text, "docs/architecture.md does not list it")

    def test_architecture_lists_no_other_file(self):
        for name in re.findall(r"`([\w./-]+\.(?:c|h|def|y|l|ebnf|inc|cmake|lrs|py))`", read("docs", "architecture.md")):
            with self.subTest(file=name):
                self.assertTrue(any(os.path.exists(os.path.join(SOURCE, f, name)) for f in ("", "python/tests", *self.FOLDERS)))


if __name__ == "__main__":
    extra = sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else []
    unittest.main(argv=[sys.argv[0], *extra], verbosity=1)
