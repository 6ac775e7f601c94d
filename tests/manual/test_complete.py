"""Completion in real shells: what TAB makes of the beginning of a command line.

usage: test_complete.py LRSC SOURCE_DIR [Bash|Zsh|Fish]
"""
import os
import select
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cli"))
import cli

# What is typed before TAB, and what the words of the command are then. In the folder are a.lrs, a.txt, t.csv, sub/deep.lrs, "my run.lrs".
TYPED = [
    ("lrsc che", ["check"]),
    ("lrsc par", ["params"]),
    ("lrsc plot --hei", ["plot", "--height="]),
    ("lrsc --pref", ["--prefix="]),
    ("lrsc eval --no-p", ["eval", "--no-p"]),  # an option of plot alone
    ("lrsc plot --no-p", ["plot", "--no-phases"]),
    ("lrsc --emit=head", ["--emit=header"]),
    ("lrsc --emit head", ["--emit", "header"]),
    ("lrsc --emit=c,head", ["--emit=c,header"]),
    ("lrsc eval --format=h", ["eval", "--format=hex"]),
    ("lrsc params --format=o", ["params", "--format=optuna"]),
    ("lrsc params --format=he", ["params", "--format=he"]),  # of eval
    ("lrsc plot --format=sv", ["plot", "--format=svg"]),
    ("lrsc sim --color=ne", ["sim", "--color=never"]),
    ("lrsc a.", ["a.lrs"]),
    ("lrsc check a.", ["check", "a.lrs"]),
    ("lrsc check my", ["check", "my run.lrs"]),
    ("lrsc check sub/d", ["check", "sub/deep.lrs"]),
    ("lrsc find t", ["find", "t.csv"]),
    ("lrsc eval a.lrs --metrics=t", ["eval", "a.lrs", "--metrics=t.csv"]),
    ("lrsc eval a.lrs --metrics t", ["eval", "a.lrs", "--metrics", "t.csv"]),
    ("lrsc plot a.lrs -o a.t", ["plot", "a.lrs", "-o", "a.txt"]),
    ("lrsc check -I su", ["check", "-I", "sub/"]),
]


class Shell(cli.Case):
    shell = None

    def setUp(self):
        super().setUp()
        if not shutil.which(self.shell):
            self.skipTest(f"{self.shell} is not installed")
        for name in ("a.lrs", "my run.lrs", "sub/deep.lrs"):
            self.write(name, cli.CARD)
        self.write("a.txt", "")
        self.write("t.csv", "step,metric\n")

    def script(self, name):
        return self.write("completions/" + name, self.lrsc("--print=" + self.shell).raw)

    def run_shell(self, *args):
        env = {k: v for k, v in os.environ.items() if k in ("PATH", "LD_LIBRARY_PATH")}
        env.update(HOME=self.dir, LC_ALL="C.UTF-8", TERM="dumb", XDG_CONFIG_HOME=self.dir, XDG_DATA_HOME=self.dir)
        done = subprocess.run([self.shell, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                              cwd=self.dir, env=env, timeout=120)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def type(self, setup, args):
        """Types the lines of TYPED into an interactive shell; `lrsc` writes its words into a file."""
        ours, theirs = cli.open_terminal()
        env = dict(PATH=os.environ["PATH"], HOME=self.dir, LC_ALL="C.UTF-8", TERM="xterm", PS1="READY> ")
        process = subprocess.Popen([self.shell, *args], stdin=theirs, stdout=theirs, stderr=theirs, cwd=self.dir, env=env, start_new_session=True)
        os.close(theirs)
        self.addCleanup(os.close, ours)
        self.addCleanup(self.end, process)
        seen = ""

        def wait(done):
            nonlocal seen
            until = time.monotonic() + 60
            while not done():
                self.assertLess(time.monotonic(), until, seen)
                if select.select([ours], [], [], 0.02)[0]:
                    seen += os.read(ours, 65536).decode("utf-8", "replace")

        def enter(text):
            os.write(ours, text.encode())

        out = self.path("words")
        enter(setup + "\n: > words\n")
        wait(lambda: os.path.exists(out))
        found = []
        for typed, _ in TYPED:
            os.remove(out)
            enter(typed + "\t\n")
            wait(lambda: os.path.exists(out) and self.read("words").endswith(b"<END>\n"))
            found.append((typed, self.read("words").decode().split("\n")[:-2]))
        self.assertEqual([(typed, self.bare(words)) for typed, words in found], [(typed, self.bare(words)) for typed, words in TYPED])

    def bare(self, words):
        """Without the = or / behind which a word goes on, which zsh takes away where it does not, and fish does not show."""
        return words if self.shell == "bash" else words[:-1] + [words[-1].rstrip("=/")]

    WORDS = "lrsc() { printf '%s\\n' \"$@\" '<END>' > words; }"


class Bash(Shell):
    shell = "bash"

    def test_typed(self):
        self.script("lrsc")
        self.type(f"{self.WORDS}; . completions/lrsc", ["--norc", "--noprofile", "-i"])

    def candidates(self, *words):
        """Of the last word; the words are parted at = as bash parts them."""
        script = self.script("lrsc")
        code = '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lrsc lrsc "${@: -1}" "${@: -2:1}"; printf "%s\\n" "${COMPREPLY[@]}"'
        return self.run_shell("-c", code, "bash", script, "lrsc", *words).split()

    def test_candidates(self):
        self.assertEqual(self.candidates("p"), ["plot", "params"])
        self.assertEqual(self.candidates("params", "--format", "=", ""), ["text", "json", "optuna", "hydra", "wandb"])
        self.assertEqual(self.candidates("params", "--format", "="), ["text", "json", "optuna", "hydra", "wandb"])
        self.assertEqual(self.candidates("params", "--format=o"), ["--format=optuna"])  # where = parts no words
        self.assertEqual(self.candidates("--emit", "=", "a"), ["asm", "ast"])
        self.assertEqual(self.candidates("eval", "-e", ""), [])
        self.assertEqual(self.candidates("eval", "--", "--"), [])
        self.assertIn("--explain=", self.candidates("--"))
        self.assertNotIn("--explain=", self.candidates("plot", "--"))

    def test_all_options(self):
        for verb in ("", "check", "eval", "plot", "find", "repl", "diff", "sim", "params"):
            words = [verb] * bool(verb)
            listed = self.lrsc(*words, "--help").out.split("\nOptions:\n")[1]
            options = {line.split()[0].split("=")[0].rstrip(",") for line in listed.split("\n") if line.startswith("  -") and line.split()[0] != "--"}
            found = {option.rstrip("=") for option in self.candidates(*words, "-")}
            self.assertEqual({o.replace("[0..3]", "") for o in options} - found, set())


class Zsh(Shell):
    shell = "zsh"

    def test_typed(self):
        self.script("_lrsc")
        self.type(f"unsetopt zle_bracketed_paste; fpath=($PWD/completions $fpath); autoload -U compinit; compinit -u -D; {self.WORDS}", ["-f", "-i"])


class Fish(Shell):
    shell = "fish"

    def candidates(self, line):
        script = self.script("lrsc.fish")
        out = self.run_shell("--no-config", "-c", 'source $argv[1]; complete -C $argv[2]', script, line)
        return [x.split("\t")[0] for x in out.split("\n") if x]

    def test_candidates(self):
        for typed, words in TYPED:
            found = self.candidates(typed)
            if words[-1] == typed.split(" ")[-1]:
                self.assertEqual(found, [], typed)
            else:
                self.assertIn(self.bare(words)[-1], [self.bare([c])[-1] for c in found], typed)
        self.assertEqual(self.candidates("lrsc p"), ["params", "plot"])
        self.assertEqual(self.candidates("lrsc params --format="), ["--format=hydra", "--format=json", "--format=optuna", "--format=text", "--format=wandb"])
        self.assertEqual(self.candidates("lrsc plot --expl"), [])


if __name__ == "__main__":
    cli.main()
