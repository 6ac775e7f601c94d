"""lrsc repl in a terminal that is played: pexpect types, pyte works out what the screen shows. Tests wait for what is to be
seen, never for a time; what takes longer than PATIENCE has failed."""
import fcntl
import os
import re
import select
import signal
import stat
import sys
import termios
import time

import pexpect
import pyte

sys.path.insert(0, os.path.join(os.path.abspath(sys.argv[2]), "tests", "cli"))
from cli import *

PATIENCE = int(os.environ.get("LRS_PATIENCE", "60"))
WSD = "warmup 500 -> 3e-4; then hold until 8k; then sqrt until 10k -> 0"
BLOCKS = "▁▂▃▄▅▆▇█"
PLUGIN = os.path.join(os.path.dirname(LRSC), "readline", "lrs-readline.so")
HAS_EDITOR = os.path.exists(PLUGIN)


class Terminal:
    def __init__(self, test, *args, rows=40, columns=100, env=None, cwd=None):
        full = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "COLUMNS", "LINES") and not k.startswith("LC_")}
        full.update(TERM="xterm", LANG="C.UTF-8", LC_ALL="C.UTF-8", HOME=test.dir, INPUTRC="/dev/null", XDG_STATE_HOME="", XDG_CONFIG_HOME="")
        full.update(env or {})
        self.raw = b""
        self.test = test
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        try:
            self.process = pexpect.spawn(LRSC, ["repl", *args], env={k: v for k, v in full.items() if v is not None}, cwd=cwd or test.dir,
                                         dimensions=(rows, columns), timeout=PATIENCE)
        except OSError as e:
            raise unittest.SkipTest(f"no terminal can be opened here: {e}")
        self.process.delaybeforesend = None

    def pump(self, seconds):
        """What comes within the time; False at the end of it all."""
        try:
            data = self.process.read_nonblocking(1 << 16, seconds)
            self.raw += data
            self.stream.feed(data)
        except pexpect.TIMEOUT:
            pass
        except pexpect.EOF:
            return False
        return True

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def text(self):
        return "\n".join(self.lines()).rstrip()

    def wait(self, condition, what):
        end = time.monotonic() + PATIENCE
        while not condition():
            alive = self.pump(0.05)
            if not condition() and (not alive or time.monotonic() > end):
                self.test.fail(f"not seen: {what}\n--- the screen\n{self.text()}\n--- the end of what came\n{self.raw[-600:]!r}")

    def see(self, pattern):
        self.wait(lambda: re.search(pattern, self.text(), re.M), pattern)

    def type(self, text):
        self.process.send(text)

    def prompt(self):
        """The line is empty, and the cursor behind the prompt."""
        self.wait(lambda: self.cursor_line() == "lrs>" and self.screen.cursor.x == 5, "an empty prompt")

    def cursor_line(self):
        return self.lines()[self.screen.cursor.y]

    def enter(self, text):
        self.prompt()
        before = len(self.raw)
        self.type(text + "\r")
        self.wait(lambda: len(self.raw) > before, "an answer") # until then the empty prompt of before is on the screen

    def below(self):
        """The line under that of the cursor."""
        y = self.screen.cursor.y
        return self.lines()[y + 1] if y + 1 < len(self.screen.display) else ""

    def end(self):
        """The exit code, or minus the signal."""
        end = time.monotonic() + PATIENCE
        while self.pump(0.1) and time.monotonic() < end:
            pass
        self.process.close()
        return self.process.exitstatus if self.process.signalstatus is None else -self.process.signalstatus


# What a shell with job control does, except that it leaves the settings of the terminal as it finds them: what they are whenever
# the job stops or ends is printed, and Enter lets a stopped one go on.
SHELL = """
import os, signal, sys, termios
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
job = os.fork()
if job == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
stopped = True
while stopped:
    _, status = os.waitpid(job, os.WUNTRACED)
    os.tcsetpgrp(0, os.getpgrp())
    flags = termios.tcgetattr(0)[3]
    stopped = os.WIFSTOPPED(status)
    print("job", "stopped," if stopped else "over,", *(f"{name}={bool(flags & getattr(termios, name))}" for name in ("ICANON", "ECHO")), flush=True)
    if stopped:
        sys.stdin.readline()
        os.tcsetpgrp(0, job)
        os.kill(job, signal.SIGCONT)
"""


class Played(Case):
    def start(self, *args, **kwargs):
        t = Terminal(self, *args, **kwargs)
        self.addCleanup(t.process.close, True)
        return t


@unittest.skipUnless(HAS_EDITOR, "this build has no line editor (libreadline-dev)")
class Editing(Played):
    def test_a_schedule_is_drawn_while_it_is_typed(self):
        t = self.start()
        t.prompt()
        t.type("warmup 500 -> 3e-4")
        t.wait(lambda: re.fullmatch(f"[{BLOCKS}]+  max 3e-4, 500 steps", t.below()), "the sparkline")
        rising = [BLOCKS.index(c) for c in t.below().split()[0]]
        self.assertEqual((rising[0], rising[-1], rising), (0, 7, sorted(rising)))
        t.type("\x15hold -1e300 for 5")
        t.wait(lambda: re.fullmatch(f"[{BLOCKS}]+  max -1e300, 5 steps", t.below()), "the sparkline of a great number")
        t.type("\x15curve 1e308*(t + 10) for 7")
        t.wait(lambda: t.below() == "no value is finite, 7 steps", "that there is nothing to draw")
        t.type("; then +")
        t.wait(lambda: t.below() and "finite" not in t.below(), "what is wrong")
        self.assertFalse(set(t.below()) & set(BLOCKS))
        t.type("\x15curve 1e307*t for 1k")
        t.wait(lambda: re.fullmatch(f"[{BLOCKS}]+ +max 1[0-9.]*e308, not all finite, 1000 steps", t.below()), "that there is more")
        t.type("\x15warmup 500 -> 3e-4; then cosine 1500 -> 0")
        t.wait(lambda: re.fullmatch(f"[{BLOCKS}]+  max 3e-4, 2000 steps", t.below()), "the longer sparkline")
        curve = t.below().split()[0]
        t.type("; then ho")
        t.wait(lambda: t.below().startswith(curve + "  ") and "law `ho`" in t.below(), "the curve before it, and what is wrong")
        dimmed = t.screen.buffer[t.screen.cursor.y + 1][0]
        self.assertEqual(t.lines()[t.screen.cursor.y], "lrs> warmup 500 -> 3e-4; then cosine 1500 -> 0; then ho")
        t.type("\x15")
        t.type("2^10")
        t.wait(lambda: t.below() == "= 1024", "the value")
        t.type("\x15:plot")
        t.wait(lambda: t.below() == "" and t.cursor_line() == "lrs> :plot", "nothing below a command")

    def test_ascii(self):
        for arguments, env in ((("--ascii",), {}), ((), {"LC_ALL": "C", "LANG": "C"})):
            t = self.start(*arguments, env=env)
            t.prompt()
            t.type("warmup 500 -> 3e-4")
            t.wait(lambda: re.fullmatch(r"[_.:\-=+*#]+  max 3e-4, 500 steps", t.below()), "an ASCII sparkline")
            t.type("\r")
            t.see("1 phase$")
            self.assertTrue(t.raw.isascii())

    def test_an_entry_shows_what_it_came_to(self):
        t = self.start()
        t.enter(WSD)
        t.see(r"^10000 steps   peak 3e-4 at 500 .* 3 phases$")
        t.prompt()
        t.wait(lambda: "max 3e-4, 10000 steps" in t.below(), "the session's sparkline below an empty line")

    def test_the_caret_is_under_the_line(self):
        t = self.start()
        t.enter("warmup 500 -> 3e-4; then holt 5")
        t.see(r"did you mean `hold`")
        lines = t.lines()
        at = next(i for i, line in enumerate(lines) if line.endswith("then holt 5"))
        column = lines[at].index("holt")
        self.assertEqual(lines[at + 1][:column + 4], " " * column + "^~~~")
        self.assertIn("error: there is no law `holt` [LRS0207]", lines[at + 1])
        self.assertEqual(lines[at + 2], " " * column + "hold")

    def test_messages_about_entries_of_several_lines(self):
        t = self.start()
        t.enter("piecewise 0.1 until 30,")
        t.type("foo until 60\r")
        t.see(r"^<input>:2:\d+: error: .*foo")

    def test_colours(self):
        t = self.start()
        t.prompt()
        t.type("then cosine 10 epochs -> 0.5 # x")
        t.wait(lambda: t.cursor_line().endswith("# x"), "the line")
        row = t.screen.buffer[t.screen.cursor.y]
        self.assertEqual([row[x].fg for x in (5, 10, 17, 20)], ["blue", "cyan", "brown", "green"])
        self.assertTrue(row[5].bold)

    def test_no_color(self):
        t = self.start(env={"NO_COLOR": "1"})
        t.enter("hold 0.5")
        t.see("1 phase$")
        t.enter("holt")
        t.see("error")
        self.assertIsNone(re.search(rb"\033\[[0-9;]*m", t.raw), t.raw)
        t = self.start("--color=never")
        t.enter("hold 0.5")
        t.see("1 phase$")
        self.assertIsNone(re.search(rb"\033\[[0-9;]*m", t.raw), t.raw)

    def test_long_lines_wrap(self):
        t = self.start(columns=40)
        t.prompt()
        long = "piecewise " + ", ".join(f"0.{i} until {10 * i}" for i in range(1, 9)) + ", 0.01"
        t.type(long)
        t.wait(lambda: t.text().replace("\n", "").endswith("steps"), "the sparkline")
        shown = [line for line in t.screen.display]
        at = next(i for i, line in enumerate(shown) if line.startswith("lrs> "))
        rows = (5 + len(long) + 39) // 40
        self.assertEqual("".join(shown[at:at + rows])[5:5 + len(long)], long)
        t.type("\x01")
        t.wait(lambda: (t.screen.cursor.y, t.screen.cursor.x) == (at, 5), "the cursor at the beginning")
        t.type("x")
        t.wait(lambda: t.lines()[at].startswith("lrs> xpiecewise"), "a letter before it")
        for exact in (34, 35, 36):
            t.type("\x05\x15" + "1+" * (exact // 2) + "1" * (exact % 2))
            t.wait(lambda: (t.screen.cursor.y - at) * 40 + t.screen.cursor.x == 5 + exact, f"the cursor after {exact}")
            t.type("\x15")

    def test_resize(self):
        t = self.start(columns=100, rows=30)
        t.prompt()
        t.type("warmup 500 -> 3e-4; then cosine 1500 -> 0")
        t.see("max 3e-4, 2000 steps")
        t.process.setwinsize(30, 30)
        t.screen.resize(30, 30)
        t.type(" ")
        t.wait(lambda: t.screen.display[t.screen.cursor.y - 1].startswith("lrs> warmup 500 -> 3e-4; then") and
               t.lines()[t.screen.cursor.y] == "cosine 1500 -> 0" and t.below().startswith(tuple(BLOCKS)), "the line in its new width")
        self.assertLessEqual(len(t.below()), 29)

    def test_several_lines(self):
        t = self.start()
        t.enter("schedule momentum {")
        t.wait(lambda: t.cursor_line() == "...>" and t.screen.cursor.x == 7, "an indented second line")
        t.type("hold 0.9\rthen linear\r")
        t.wait(lambda: t.screen.cursor.y > 0 and t.lines()[t.screen.cursor.y - 1] == "...>   then linear", "the next line")
        t.type("\x1b[A\x1b[A\x05 for 3")
        t.wait(lambda: t.cursor_line() == "...>   hold 0.9 for 3", "the line before")
        t.type("\x1b[B 5 -> 0\x1b[B\x15}\r")
        t.see(r"^schedule momentum \{\n  hold 0\.9 for 3\n  then linear 5 -> 0\n\}$")
        t.prompt()
        t.type("\x1b[A")
        t.wait(lambda: t.text().count("...>   then linear 5 -> 0") == 2, "the whole entry again")

    def test_a_blank_line_ends_an_entry(self):
        t = self.start()
        t.enter("piecewise 0.1 until 3,")
        t.wait(lambda: t.cursor_line() == "...>", "a second line")
        t.type("\r")
        t.see("error: ")
        t.prompt()

    def test_pasted_lines_are_one_entry(self):
        t = self.start()
        t.prompt()
        t.type("\x1b[200~param peak = 0.5\nwarmup 5 -> peak\nthen hold 3\n\x1b[201~")
        t.see(r"^\.\.\.> then hold 3$")
        t.type("\r")
        t.see("2 phases$")
        t.enter(":list")
        t.see(r"^param peak = 0\.5\nwarmup 5 -> peak\nthen hold 3$")

    def test_many_lines_that_are_typed_at_once(self):
        """By a terminal without bracketed paste."""
        t = self.start()
        t.prompt()
        t.type("schedule lr {\r" + "# nothing\r" * 4000 + "hold 0.5\r}\r")
        t.see("1 phase$")
        t.enter("1 + 2")
        t.see("^3$")

    def test_an_inputrc_is_heeded(self):
        with open(os.path.join(self.dir, "inputrc"), "w", encoding="utf-8") as f:
            f.write('"\\C-o": "hold 0.25"\n$if lrs\n"\\C-k": "!"\n$endif\n')
        t = self.start(env={"INPUTRC": os.path.join(self.dir, "inputrc")})
        t.prompt()
        t.type("\x0f\x0b")
        t.wait(lambda: t.cursor_line() == "lrs> hold 0.25!", "the macros")

    def test_vi_mode(self):
        with open(os.path.join(self.dir, "inputrc"), "w", encoding="utf-8") as f:
            f.write("set editing-mode vi\nset keyseq-timeout 50\n")
        t = self.start(env={"INPUTRC": os.path.join(self.dir, "inputrc")})
        t.enter("1 + 1")
        t.prompt()
        t.type("xold 0.5")
        t.wait(lambda: "xold 0.5" in t.cursor_line(), "the line")
        t.type("\x1b")
        t.wait(lambda: t.screen.cursor.x == 12, "the command mode")
        t.type("0rh")
        t.wait(lambda: t.cursor_line() == "lrs> hold 0.5" and "max 0.5" in t.below(), "the line changed")
        t.type("\r")
        t.see("1 phase$")
        t.prompt()
        t.type("\x1b")
        t.pump(0.3)
        t.type("kk")
        t.wait(lambda: t.cursor_line() == "lrs> 1 + 1", "the history")

    def test_reverse_search(self):
        t = self.start()
        t.enter("1 + 1")
        t.enter("2 * 3")
        t.prompt()
        t.type("\x12+ ")
        t.see(r"i-search\)`\+ ': 1 \+ 1")
        t.type("\r")
        t.see(r"^2$")

    def test_random_keys(self):
        """Any keys at all: it goes on, and leaves when it is told to."""
        import random
        random_ = random.Random(7)
        pieces = ["warmup 5 -> 1", "then ", "cosine 10", "{", "}", "(", "[", "\"", "\t", "\t\t", "\r", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x01", "\x05",
                  "\x0b", "\x15", "\x17", "\x19", "\x12", "\x13", "\x0c", "\x7f", "\x1bb", "\x1bd", "\x1b.", "\x1f", "\x18\x18", "é", "漢", "\u0301", "\xa0", ":pl",
                  ":help ", "?", "#", "->", "\x16\x1b", "\x1b5", "\x14", "\x1b[200~a\nb\x1b[201~", "plateau(", "torch.", "use ", "0x", "1e999", "\x1b\x0f", "\x03"]
        for trial in range(6):
            t = self.start(columns=random_.choice([9, 20, 80]), rows=random_.choice([3, 10, 30]))
            t.prompt()
            for _ in range(150):
                t.type(random_.choice(pieces))
                if random_.random() < 0.1:
                    t.process.setwinsize(random_.choice([2, 5, 24]), random_.choice([5, 30, 100]))
                t.pump(0)
            t.process.setwinsize(24, 80)
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end: # whatever state it is in
                t.pump(0.2)
                t.type("\x03")
                t.pump(0.2)
                try:
                    t.type("\x15:quit\r")
                except OSError:
                    break
                if not t.pump(0.2):
                    break
            t.process.close()
            self.assertEqual((t.process.exitstatus, t.process.signalstatus), (0, None), f"trial {trial}: {t.raw[-300:]!r}")

    def test_what_turns_the_direction_of_writing_is_not_obeyed(self):
        t = self.start()
        t.prompt()
        t.type("hold 1 # a\u202eb\u061cc\u2066d\u200ee")
        t.see("hold 1 # a[?]b[?]c[?]d[?]e$")
        self.assertNotRegex(t.raw.decode(), "[\u061c\u200e\u202e\u2066]")

    def test_clear_screen(self):
        t = self.start()
        t.enter("1 + 1")
        t.prompt()
        t.type("2*2\x0c")
        t.wait(lambda: t.lines()[0] == "lrs> 2*2" and t.lines()[1] == "= 4", "a clear screen")


@unittest.skipUnless(HAS_EDITOR, "this build has no line editor (libreadline-dev)")
class Completion(Played):
    def completed(self, text, t=None):
        """The line after a TAB."""
        t = t or self.start()
        t.prompt()
        t.type(text)
        t.wait(lambda: t.cursor_line() == "lrs> " + text.rstrip() and t.screen.cursor.x == 5 + len(text), text)
        t.type("\t")
        t.wait(lambda: t.screen.cursor.x > 5 + len(text), "a completion of " + text)
        line, x = t.screen.display[t.screen.cursor.y], t.screen.cursor.x
        t.type("\x15")
        return line[5:x]

    def listed(self, text):
        t = self.start()
        t.prompt()
        t.type(text + "\t")
        t.wait(lambda: t.text().count("lrs> " + text.rstrip()) == 2, "a list for " + text)
        lines = t.lines()
        first = next(i for i, line in enumerate(lines) if line == "lrs> " + text.rstrip())
        again = max(i for i, line in enumerate(lines) if line.startswith("lrs> " + text.rstrip()))  # the cursor may be under it, where the curve is drawn
        return [re.split(r"  +", line.strip(), maxsplit=1) for line in lines[first + 1:again]]

    def test_unique_words(self):
        t = self.start()
        for text, want in (("warm", "warmup "), ("sche", "schedule "), ("warmup 5 -> 1; then cos", "warmup 5 -> 1; then cosine "),
                           ("use timm", "use timm "), ("use tim", "use timm "), ("torch.Step", "torch.StepLR "),
                           ("exp half", "exp halflife="), ("hold 1; on plat", "hold 1; on plateau "), ("on plateau(pat", "on plateau(patience="),
                           ("on diverge(win", "on diverge(window="), ("torch.StepLR(gam", "torch.StepLR(gamma="), ("warmup 5 epochs fr", "warmup 5 epochs from "), ("unit ep", "unit epoch "),
                           ("on plateau res", "on plateau restart "), (":rel", ":reload "), (":help plat", ":help plateau "), ("?smooths", "?smoothstep "),
                           (":plot --wid", ":plot --width="), ("hold sig", "hold sigmoid ")):
            with self.subTest(text=text):
                self.assertEqual(self.completed(text, t), want)

    def test_lists_have_help(self):
        rows = self.listed(":l")
        self.assertEqual([r[0] for r in rows], [":list", ":load"])
        self.assertIn("take a file in place of the session", rows[1][1])
        rows = self.listed("warmup 5 e")
        self.assertEqual(dict((r[0], r[-1]) for r in rows)["epochs"], "passes over the data; needs param steps_per_epoch")
        names = [r[0] for r in self.listed("exp 5 ")]
        for name in ("s=", "gamma=", "halflife=", "from", "until", "epochs", "->"):
            self.assertIn(name, names)
        self.assertNotIn("warmup", names)

    def test_arguments_of_a_call_come_alone(self):
        self.assertEqual([r[0] for r in self.listed("torch.StepLR(")], ["step_size=", "gamma=", "lr="])
        self.assertIn("sqrt", [r[0] for r in self.listed("torch.StepLR(s")])
        self.assertIn("abs", [r[0] for r in self.listed("torch.StepLR(step_size=")])

    def test_names_of_the_session(self):
        t = self.start()
        t.enter("param highest = 0.5")
        self.assertEqual(self.completed("warmup 5 -> hig", t), "warmup 5 -> highest ")
        self.assertEqual(self.completed(":set hig", t), ":set highest=")

    def test_files(self):
        os.mkdir(os.path.join(self.dir, "folder"))
        for name in ("folder/inner.lrs", "outer.lrs", "other.txt"):
            with open(os.path.join(self.dir, name), "w", encoding="utf-8") as f:
                f.write("hold 1\n")
        t = self.start()
        self.assertEqual(self.completed(":load ou", t), ":load outer.lrs")
        self.assertEqual(self.completed(":load fo", t), ":load folder/")
        self.assertEqual(self.completed(":load folder/i", t), ":load folder/inner.lrs")
        self.assertEqual(self.completed(":load o", t), ":load outer.lrs")
        self.assertEqual(self.completed(":load ot", t), ":load other.txt")
        self.assertEqual(self.completed(":find oth", t), ":find other.txt")
        self.assertEqual(self.completed('use "ou', t), 'use "outer.lrs"')

    def test_files_with_blanks_and_quotes_in_their_names(self):
        os.mkdir(self.path("a folder"))
        for name in ("my sched; é.lrs", "a folder/in it.lrs", "both\"'.lrs", "it's.lrs", "pair a.lrs", "pair.lrs", 'say "x".lrs'):
            self.write(name, "hold 1\n")
        t = self.start()
        for text, want in ((":load my", ':load "my sched; é.lrs"'), (':load "my s', ':load "my sched; é.lrs"'), (":load 'my", ":load 'my sched; é.lrs'"),
                           (":load a", ':load "a folder/'), (':load "a folder/i', ':load "a folder/in it.lrs"'), (":load it", ':load "it\'s.lrs"'),
                           (":load say", ":load 'say \"x\".lrs'"), (":load pa", ':load "pair')):
            with self.subTest(text=text):
                self.assertEqual(self.completed(text, t), want)
        t.prompt()
        t.type(':load "my"\x1b[D\t')
        t.wait(lambda: t.cursor_line() == 'lrs> :load "my sched; é.lrs"', "one quote at the end")
        t.type("\r")
        t.see("10?[0-9]* steps? +peak 1 at 0")

    def test_files_and_options_of_verbs(self):
        for name in ("outer.lrs", "losses.csv", "metrics.csv"):
            self.write(name, "")
        t = self.start()
        for text, want in ((":diff ou", ":diff outer.lrs"), (":diff outer.lrs --form", ":diff outer.lrs --format="), (":find lo", ":find losses.csv"),
                           (":find losses.csv --sugg", ":find losses.csv --suggest="), (":sim me", ":sim metrics.csv"), (":sim --noi", ":sim --noise=")):
            with self.subTest(text=text):
                self.assertEqual(self.completed(text, t), want)

    def test_values_of_options(self):
        os.mkdir(self.path("runs"))
        for name in ("metrics.csv", "my run.csv", "wsd.lrs", "runs/a.csv"):
            self.write(name, "step,metric\n0,1\n")
        t = self.start()
        t.enter("hold 1")
        for text, want in ((":plot --metrics=me", ":plot --metrics=metrics.csv"), (":export a.svg --metrics=ru", ":export a.svg --metrics=runs/"),
                           (":sim --metrics=runs/", ":sim --metrics=runs/a.csv"), (":sim --metrics=my", ':sim "--metrics=my run.csv"'),
                           (':table --metrics="my', ':table "--metrics=my run.csv"'), (":find --schedule=w", ":find --schedule=wsd.lrs"),
                           (":table --format=he", ":table --format=hex "), (":plot --x=ep", ":plot --x=epochs ")):
            with self.subTest(text=text):
                self.assertEqual(self.completed(text, t), want)
        self.assertEqual(self.listed(':plot --metrics="m'), [['"--metrics=metrics.csv"'], ['"--metrics=my run.csv"']])

    def test_the_list_of_readline_s_own_key(self):
        """M-?, possible-completions: also where readline's words end elsewhere."""
        for name in ("pair a.lrs", "pair b.lrs"):
            self.write(name, "hold 1\n")
        for text in (":load pa", ':load "pair ', ":load 'pair "):
            with self.subTest(text=text):
                t = self.start()
                t.prompt()
                t.type(text + "\x1b?")
                t.see("pair a.lrs")
                t.see("pair b.lrs")

    def test_words_of_every_statement(self):
        t = self.start()
        t.enter("param highest = 0.5")
        for text, want in (("require hig", "require highest "), ("note hig", "note highest "), ("requ", "require "), ("hold 1; on plateau rest", "hold 1; on plateau restart "),
                           ("piecew", "piecewise ")):
            with self.subTest(text=text):
                self.assertEqual(self.completed(text, t), want)
        names = [row[0] for row in self.listed("no")]
        self.assertIn("note", names)

    def test_names_of_files_that_a_terminal_would_obey(self):
        os.mkdir(os.path.join(self.dir, "folder"))
        for name in ("a\033]0;title\007x.lrs", "a\u202ex.lrs", "ab.lrs", "ac.lrs"):
            with open(os.path.join(self.dir, "folder", name), "w", encoding="utf-8") as f:
                f.write("hold 1\n")
        self.assertEqual(self.listed(":load folder/a"), [["folder/ab.lrs"], ["folder/ac.lrs"]])


@unittest.skipUnless(HAS_EDITOR, "this build has no line editor (libreadline-dev)")
class History(Played):
    def entries(self, path=None):
        with open(path or os.path.join(self.dir, ".local", "state", "lrs", "history"), encoding="utf-8") as f:
            return f.read().splitlines()

    def leave(self, t):
        t.prompt()
        t.type("\x04")
        self.assertEqual(t.end(), 0)

    def test_it_outlives_the_session(self):
        t = self.start()
        t.enter("1 + 2")
        t.enter("piecewise 0.1 until 3,")
        t.type("0.2\r")
        t.see("phases$")
        self.leave(t)
        path = os.path.join(self.dir, ".local", "state", "lrs", "history")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(self.entries(), ["1 + 2", "piecewise 0.1 until 3,\\n0.2"])
        t = self.start()
        t.prompt()
        t.type("\x1b[A")
        t.see(r"^lrs> piecewise 0\.1 until 3,\n\.\.\.> 0\.2$")
        t.type("\x1b[A\x1b[A")
        t.wait(lambda: t.cursor_line() == "lrs> 1 + 2", "the entry before")

    def test_two_at_once(self):
        a, b = self.start(), self.start()
        for i in range(5):
            a.enter(f"{i} + 100")
            a.see(rf"^{i + 100}$")
            b.enter(f"{i} + 200")
            b.see(rf"^{i + 200}$")
        self.leave(b)
        self.leave(a)
        self.assertEqual(self.entries(), [f"{i} + {100 * k}" for i in range(5) for k in (1, 2)])

    def test_equal_entries_are_one(self):
        t = self.start()
        for entry in ("1 + 1", "2 + 2", "1 + 1", "1 + 1"):
            t.enter(entry)
        t.enter(":history")
        t.see(r"^    1  2 \+ 2\n    2  1 \+ 1\n    3  :history$")

    def test_a_long_file_is_cut(self):
        path = os.path.join(self.dir, "h")
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(f"{i} + 1\n" for i in range(12000))
        os.chmod(path, 0o644)
        t = self.start(env={"LRS_HISTORY": path})
        self.leave(t)
        self.assertEqual(self.entries(path), [f"{i} + 1" for i in range(2000, 12000)])
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)

    def test_none(self):
        t = self.start(env={"LRS_HISTORY": ""})
        t.enter("1 + 1")
        self.leave(t)
        self.assertFalse(os.path.exists(os.path.join(self.dir, ".local")))

    def test_folder_of_the_environment(self):
        t = self.start(env={"XDG_STATE_HOME": os.path.join(self.dir, "state")})
        t.enter("1 + 1")
        self.leave(t)
        self.assertEqual(self.entries(os.path.join(self.dir, "state", "lrs", "history")), ["1 + 1"])


    def test_a_lock_that_is_never_given_back(self):
        path = os.path.join(self.dir, "h")
        with open(path, "w", encoding="utf-8") as f:
            f.write("1 + 1\n")
            f.flush()
            fcntl.flock(f, fcntl.LOCK_EX)
            t = self.start(env={"LRS_HISTORY": path})
            t.enter("2 + 2")
            t.see("^4$")
            t.prompt()
            t.type("\x1b[A\x1b[A")
            t.wait(lambda: t.cursor_line() == "lrs> 1 + 1", "the entry of the file")
            t.type("\x15")
            self.leave(t)
        self.assertEqual(self.entries(path), ["1 + 1"])
        self.assertIn(b"cannot be written: another program keeps its lock", t.raw)

    def told(self, path, why):
        """The session goes on with a history that cannot be written; that is said once."""
        t = self.start(env={"LRS_HISTORY": path})
        for i in range(3):
            t.enter(f"{i} + 100")
            t.see(f"^{i + 100}$")
        self.leave(t)
        seen = re.sub(r"\s+", "", t.raw.decode("utf-8", "replace")) # the terminal is narrower than the message
        self.assertEqual(len(re.findall(re.escape("".join(f"warning:\033[0m the history '{path}' cannot be written: {why}".split())), seen)), 1, seen)
        return t

    def test_a_file_that_cannot_be_written_is_told(self):
        self.told(self.write("file", "") + "/history", "Not a directory")
        os.mkdir(self.path("folder"))
        self.told(self.path("folder"), "Is a directory")

    def test_a_full_disk_is_told(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("there is no /dev/full")
        self.told("/dev/full", "No space left on device")

    def test_a_pipe_that_nobody_reads_is_told(self):
        path = self.path("pipe")
        os.mkfifo(path)
        fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self.addCleanup(os.close, fd)
        with self.assertRaises(BlockingIOError):
            while True:
                os.write(fd, b"x" * 512)
        self.told(path, "Resource temporarily unavailable")

    @unittest.skipIf(os.geteuid() == 0, "root may write every file")
    def test_a_file_that_may_only_be_read(self):
        path = self.write("h", "1 + 1\n")
        os.chmod(path, 0o444)
        os.chmod(self.dir, 0o555)
        self.addCleanup(os.chmod, self.dir, 0o755)
        t = self.start(env={"LRS_HISTORY": path})
        t.prompt()
        t.type("\x1b[A")
        t.wait(lambda: t.cursor_line() == "lrs> 1 + 1", "the entry of the file")
        self.assertIn(b"cannot be written: Permission denied", t.raw)

    def test_no_history_is_no_trouble(self):
        for path in ("", "/dev/null"):
            t = self.start(env={"LRS_HISTORY": path})
            t.enter("1 + 1")
            self.leave(t)
            self.assertNotIn(b"cannot be written", t.raw)

    def test_a_last_line_without_its_end(self):
        path = os.path.join(self.dir, "h")
        with open(path, "w", encoding="utf-8") as f:
            f.write("1 + 1\n2 +")
        t = self.start(env={"LRS_HISTORY": path})
        t.enter("3 + 3")
        self.leave(t)
        self.assertEqual(self.entries(path), ["1 + 1", "2 +", "3 + 3"])

    def test_what_a_terminal_would_obey_is_not_shown(self):
        path = self.write("h", b"1 + 1 # \033]0;title\007\\n2\n")
        t = self.start(env={"LRS_HISTORY": path})
        t.enter(":history")
        t.see(r"^    1  1 \+ 1 # \?\]0;title\?\n       2\n    2  :history$")
        self.assertNotIn(b"\033]0;title", t.raw)

    def test_a_symbolic_link_stays_one(self):
        real, link = os.path.join(self.dir, "real"), os.path.join(self.dir, "link")
        with open(real, "w", encoding="utf-8") as f:
            f.writelines(f"{i} + 1\n" for i in range(12000))
        os.symlink("real", link)
        t = self.start(env={"LRS_HISTORY": link})
        self.leave(t)
        self.assertTrue(os.path.islink(link))
        self.assertEqual(len(self.entries(real)), 10000)

    def test_the_end_of_a_huge_file_is_kept(self):
        path = os.path.join(self.dir, "h")
        with open(path, "wb") as f:
            f.truncate(65 << 20)
            f.seek(0, os.SEEK_END)
            f.write(b"\n1 + 1\n2 + 2\n")
        t = self.start(env={"LRS_HISTORY": path})
        t.enter("3 + 3")
        self.leave(t)
        self.assertEqual(self.entries(path), ["1 + 1", "2 + 2", "3 + 3"])


class Signals(Played):
    def test_ctrl_c_clears_the_line(self):
        t = self.start()
        t.prompt()
        t.type("hold 0.25")
        t.see("hold 0.25")
        t.type("\x03")
        t.see(r"\^C$")
        t.prompt()
        t.type("\x03")
        t.see("^Ctrl-D to quit$")
        t.enter("1 + 2")
        t.see("^3$")

    def test_ctrl_c_ends_a_computation(self):
        t = self.start()
        t.enter("cosine 2M from 1 -> 0")
        t.see("1 phase$")
        t.enter(":table 0:1000000M:1")
        t.see(r"^\d{5},")
        asked = time.monotonic()
        t.type("\x03")
        t.wait(lambda: "stopped" in t.text(), "the end of it")
        t.enter("1 + 2")
        t.see("^3$")
        t.enter(":at 1M")
        t.see("^lr at 1000000 = 0.5$")

    def test_ctrl_c_ends_the_reading_of_a_file(self):
        """With and without an editor of lines; "stopped" is all that it says."""
        os.mkfifo(self.path("pipe"))
        for term in ("xterm", "dumb"):
            with self.subTest(term=term):
                t = self.start(env={"TERM": term, "LRS_HISTORY": self.path(term)})
                t.enter(":load pipe")
                writer = []

                def is_read():
                    try:
                        writer.append(os.open(self.path("pipe"), os.O_WRONLY | os.O_NONBLOCK))
                    except OSError:
                        pass
                    return writer
                t.wait(is_read, "a reader of the pipe")
                self.addCleanup(os.close, writer[0])
                t.type("\x03")
                t.see("^stopped$")
                t.enter("1 + 2")
                t.see("^3$")
                self.assertNotIn(b"error", t.raw)
                self.assertNotIn(b"warning", t.raw)
                self.assertEqual(self.read(term), b":load pipe\n1 + 2\n")
                t.process.close(True)

    def test_ctrl_c_ends_the_writing_of_a_file(self):
        os.mkfifo(self.path("pipe"))
        reader = os.open(self.path("pipe"), os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        t = self.start()
        t.enter("cosine 1000000 from 1 -> 0")
        t.see("1 phase$")
        t.enter(":export pipe --format=csv")
        t.wait(lambda: select.select([reader], [], [], 0)[0], "something in the pipe")
        t.type("\x03")
        t.see("^stopped$")
        t.enter("1 + 2")
        t.see("^3$")
        self.assertNotIn(b"error", t.raw)

    def test_ctrl_c_in_the_editor_is_its_own(self):
        editor = self.write("editor", "#!/bin/sh\nkill -INT $(cat pid)\necho hold 0.25 > \"$1\"\n")
        os.chmod(editor, 0o755)
        t = self.start(env={"EDITOR": editor, "VISUAL": None})
        self.write("pid", str(t.process.pid))
        t.enter("hold 0.5")
        t.enter(":edit")
        t.see("peak 0.25 at 0")
        t.prompt()
        self.assertNotIn("stopped", t.text())

    @staticmethod
    def child_of(parent):
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
                    if int(f.read().rsplit(")", 1)[1].split()[1]) == parent:
                        return int(pid)
            except OSError:
                pass
        raise unittest.SkipTest("there is no /proc here")

    def test_ctrl_d_leaves(self):
        t = self.start()
        t.prompt()
        t.type("\x04")
        self.assertEqual(t.end(), 0)

    def test_quit(self):
        t = self.start()
        t.enter(":q")
        self.assertEqual(t.end(), 0)

    @unittest.skipUnless(HAS_EDITOR, "this build has no line editor (libreadline-dev)")
    def test_the_terminal_is_given_back(self):
        """Through a shell, whose terminal it is: after SIGTERM, and while it is suspended."""
        t = self.start()
        t.process.close(True)
        script = f"'{LRSC}' repl\necho \"code $?\"; stty -a | grep -o -w -- '-*icanon\\|-*echo' | tr '\\n' ' '; echo done\n"
        t = Terminal(self, env={"PS1": "shell> "})
        t.process.close(True)
        t.process = pexpect.spawn("/bin/sh", ["-c", script], env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", "HOME": self.dir, "INPUTRC": "/dev/null"},
                                  dimensions=(40, 100), timeout=PATIENCE)
        t.prompt()
        t.type("hold")
        t.see("^lrs> hold")
        os.kill(self.child_of(t.process.pid), signal.SIGTERM)
        t.see("^code 143$")
        t.see("^icanon echo done$")

    def test_watch_gives_the_terminal_back(self):
        """Whatever ends or stops it."""
        self.write("w.lrs", "hold 0.5\n")
        for sent, over in ((signal.SIGTERM, True), (signal.SIGHUP, True), (signal.SIGTSTP, False)):
            with self.subTest(signal=sent):
                t = Terminal(self)
                t.process.close(True)
                t.screen.reset()
                t.process = pexpect.spawn(sys.executable, ["-c", SHELL, LRSC, "repl"], env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", "HOME": self.dir,
                                          "INPUTRC": "/dev/null"}, cwd=self.dir, dimensions=(40, 100), timeout=PATIENCE)
                t.enter(":watch w.lrs")
                t.see("any key ends it")
                os.kill(self.child_of(t.process.pid), sent)
                t.see(f"^job {'over' if over else 'stopped'}, ICANON=True ECHO=True$")
                if not over:
                    t.type("\r")
                    t.wait(lambda: not termios.tcgetattr(t.process.child_fd)[3] & termios.ICANON, "keys one by one again")
                    t.type("x")
                    t.enter("1 + 2")
                    t.see("^3$")
                t.process.close(True)

    @unittest.skipUnless(HAS_EDITOR, "this build has no line editor (libreadline-dev)")
    def test_ctrl_z(self):
        t = self.start()
        t.process.close(True)
        t = Terminal(self)
        t.process.close(True)
        t.process = pexpect.spawn("/bin/bash", ["--norc", "--noprofile", "-i"], env={**os.environ, "PS1": "shell$ ", "TERM": "xterm", "LC_ALL": "C.UTF-8",
                                  "HOME": self.dir, "INPUTRC": "/dev/null"}, dimensions=(40, 100), timeout=PATIENCE)
        t.see(r"^shell\$")
        t.type(f"'{LRSC}' repl\r")
        t.prompt()
        t.type("hold 0.5")
        t.see("max 0.5")
        t.type("\x1a")
        t.see("Stopped")
        t.type("stty -a | grep -o -w -- '-*icanon'\r")
        t.see("^icanon$")
        t.type("fg\r")
        t.wait(lambda: t.cursor_line() == "lrs> hold 0.5" and "max 0.5" in t.below(), "the line again")
        t.type("\r")
        t.see("1 phase$")


class Files(Played):
    def test_watch(self):
        path = os.path.join(self.dir, "w.lrs")
        with open(path, "w", encoding="utf-8") as f:
            f.write("hold 0.5\n")
        t = self.start()
        t.enter(":watch w.lrs")
        t.see("peak 0.5 at 0")
        t.see("any key ends it")
        with open(path + ".new", "w", encoding="utf-8") as f:
            f.write("hold 0.25\n")
        os.rename(path + ".new", path)
        t.see("peak 0.25 at 0")
        with open(path, "w", encoding="utf-8") as f:
            f.write("holt 0.25\n")
        t.see("w.lrs:1:1: error: there is no law `holt`")
        t.type("x")
        t.enter("1 + 2")
        t.see("^3$")

    def test_a_watched_file_that_goes_and_comes_back(self):
        path = self.write("w.lrs", "hold 0.5\n")
        gone = "w.lrs: No such file or directory; it is drawn again when it is back"
        t = self.start()
        t.enter(":watch w.lrs")
        t.see("any key ends it")
        os.rename(path, path + ".old")
        t.see("^" + gone + "$")
        end = time.monotonic() + 1 # five looks
        while time.monotonic() < end:
            t.pump(0.1)
        self.assertEqual((t.text().count(gone), "w.lrs is back" in t.text()), (1, False))
        os.rename(path + ".old", path) # as it was: nothing new to be drawn
        t.see("^w.lrs is back$")
        self.assertEqual(t.text().count("peak 0.5 at 0"), 1)
        os.remove(path)
        t.wait(lambda: t.text().count(gone) == 2, "that it is gone again")
        self.write("w.lrs", "hold 0.25\n")
        t.see("peak 0.25 at 0")
        self.assertEqual(t.text().count("w.lrs is back"), 2)
        t.type("x")
        t.enter("1 + 2")
        t.see("^3$")

    def test_file_of_the_command_line(self):
        with open(os.path.join(self.dir, "w.lrs"), "w", encoding="utf-8") as f:
            f.write("hold 0.5\n")
        t = self.start("w.lrs")
        t.see("peak 0.5 at 0")
        t.prompt()


class Plain(Played):
    """Without an editor."""

    def check(self, t):
        t.prompt()
        t.type("warmup 5 ->\r")
        t.wait(lambda: t.cursor_line() == "...>", "the second prompt")
        t.type("0.5\r")
        t.see("1 phase$")
        t.enter("1 + 2")
        t.see("^3$")
        self.assertIsNone(re.search(r"max 0\.5,", t.text()), "no sparkline")
        t.type("\x04")
        self.assertEqual(t.end(), 0)

    def test_dumb_terminal(self):
        t = self.start(env={"TERM": "dumb"})
        self.check(t)
        self.assertNotIn(b"\x1b", t.raw)

    def test_without_the_plugin(self):
        t = self.start(env={"LRS_READLINE_PLUGIN": os.path.join(self.dir, "none.so")})
        self.check(t)

    @unittest.skipUnless(HAS_EDITOR, "this build has no line editor (libreadline-dev)")
    def test_a_plugin_in_the_folder(self):
        shutil.copy(PLUGIN, self.path("here.so"))
        t = self.start(env={"LRS_READLINE_PLUGIN": "here.so"})
        t.enter(":version")
        t.see("^line editing: readline ")

    def test_narrow_lines_break_at_blanks(self):
        t = self.start(env={"TERM": "dumb"}, columns=32, rows=120)
        t.enter("warmup 500 -> 3e-4")
        t.see("^1 phase$|  1 phase$")
        after = t.text()[t.text().index("500 steps"):]
        parts = re.split(r" {3,}|\n", after[:after.index("1 phase") + 7])
        self.assertEqual(parts[0], "500 steps")
        self.assertIn("peak 3e-4 at 500", parts)
        self.assertIn("final 3e-4", parts)
        t.enter(":help")
        t.see(r"expression is computed\.")
        words = set(re.findall(r"[a-z]{4,}", run("repl", "--norc", stdin=":help\n").out))
        shown = t.text()[t.text().rindex("lrs> :help"):]
        self.assertEqual(set(re.findall(r"[a-z]{4,}", shown)) - words, set())

    def test_ctrl_c(self):
        t = self.start(env={"TERM": "dumb"})
        t.prompt()
        t.type("hold\x03")
        t.see("Ctrl-D to quit")
        t.enter("1 + 2")
        t.see("^3$")

    def test_version_says_what_edits(self):
        t = self.start(env={"TERM": "dumb"})
        t.enter(":version")
        t.see("^line editing: plain lines$")


class Start(Played):
    @unittest.skipUnless(shutil.which("strace"), "strace is missing")
    def test_nothing_of_llvm_is_opened(self):
        log = os.path.join(self.dir, "log")
        t = Terminal(self)
        t.process.close(True)
        t.process = pexpect.spawn("strace", ["-f", "-o", log, "-e", "trace=openat,open", LRSC, "repl"],
                                  env={**os.environ, "TERM": "xterm", "HOME": self.dir, "LC_ALL": "C.UTF-8"}, dimensions=(40, 100), timeout=PATIENCE)
        try:
            t.prompt()
        except AssertionError:
            with open(log, encoding="utf-8", errors="replace") as f:
                if "ptrace" in t.text() or not f.read():
                    self.skipTest("nothing can be traced here")
            raise
        t.type(WSD + "\r")
        t.see("3 phases$")
        t.type("\x04")
        t.end()
        with open(log, encoding="utf-8", errors="replace") as f:
            opened = f.read()
        self.assertIn("libc.so", opened)
        self.assertNotIn("LLVM", opened)
        self.assertNotIn("lrs-llvm", opened)
        self.assertEqual("lrs-readline.so" in opened, HAS_EDITOR)


if __name__ == "__main__":
    main()
