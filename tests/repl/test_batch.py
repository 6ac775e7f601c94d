"""lrsc repl with its input from a pipe: what entries do to the session, commands, exit codes."""
import os
import re
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.abspath(sys.argv[2]), "tests", "cli"))
from cli import *

WSD = "param peak = 3e-4 in 1e-5..1e-2 log\nwarmup 500 linear -> peak\nthen hold until 8k\nthen sqrt until 10k -> 0\n"


class Batch(Case):
    def repl(self, text, *args, code=OK, **kwargs):
        kwargs.setdefault("env", {"LRS_HISTORY": "", "HOME": self.dir, "XDG_CONFIG_HOME": None, "XDG_STATE_HOME": None})
        r = run("repl", *args, stdin=text, cwd=self.dir, **kwargs)
        self.assertEqual(r.code, code, repr(r))
        return r

    def listing(self, text, **kwargs):
        """The program that a session holds at its end."""
        self.repl(text + "\n:save! kept.lrs\n", **kwargs)
        with open(os.path.join(self.dir, "kept.lrs"), encoding="utf-8") as f:
            return f.read()

    def values(self, text, at):
        out = self.repl(text + f"\n:table --at={at}\n").out
        rows = out[out.rindex("step,"):].splitlines()[1:]
        return [float(row.split(",")[1]) for row in rows]


class Entries(Batch):
    def test_a_statement_shows_its_form_a_picture_and_a_line_of_numbers(self):
        r = self.repl("warmup  500 linear->3e-4 ; then hold  until 8k; then sqrt until 10k -> 0\n")
        self.assertEqual(r.err, "")
        lines = r.out.splitlines()
        self.assertEqual(lines[:3], ["warmup 500 linear -> 3e-4", "then hold until 8k", "then sqrt -> 0 until 10k"])
        self.assertTrue(4 <= len(lines[3:-1]) <= 8, r.out)
        self.assertIn("⠉⠉⠉", r.out)
        # 0 to 500: (500*501/2)/500; 7500 steps more; then the area under 1 - sqrt, of 2000 steps
        area = 3e-4 * (501 / 2 + 7500 + sum(1 - (k / 2000) ** 0.5 for k in range(1, 2001)))
        self.assertEqual(lines[-1], f"10000 steps   peak 3e-4 at 500   final 0   mean {area / 10001 * 1e4:.3f}e-4   area {area:.4g}   3 phases")

    def test_an_expression_shows_its_value_and_changes_nothing(self):
        r = self.repl("param peak = 0.3\n0.1*2^3\npeak/10\n2 > 1 and peak > 1\nsqrt(16)\nfloor(2.5)\n:list\n")
        self.assertEqual(r.out.splitlines()[1:], ["0.8", "0.03", "false", "4", "2", "param peak = 0.3"])

    def test_an_expression_beside_params_without_a_value(self):
        for before in ("param peak\n", "param peak in 2..3\n", "param a = 1\nparam peak in 0..0.5\nlet half = peak/2\ndef twice(x) = 2*x\n"):
            with self.subTest(before=before):
                self.assertEqual(self.repl(before + "2*3\n2 < 3\n").out.splitlines()[-2:], ["6", "true"])
        self.assertEqual(self.repl("param peak\ndef twice(x) = 2*x\ntwice(3)\n").out.splitlines()[-1], "6")
        self.assertEqual(self.repl("param peak\n:set peak=4\npeak*3\n").out.splitlines()[-1], "12")
        for text in ("peak*3", "peak > 3", "half", "of(1)", "rate"):
            with self.subTest(text=text):
                r = self.repl(f"param peak\nlet half = peak/2\ndef of(x) = x*half\nschedule rate = peak\n{text}\n", "--keep-going", code=DIAGNOSTICS)
                self.assertIn("<stdin>:5:1: error: the param `peak` has no value yet [LRS0212]\n", r.err)
                self.assertIn("`:set peak=VALUE`", r.err)
        self.write("b.lrs", "param low\nlet b_rate = low/2\n")
        before = 'use "b.lrs"\n'
        self.assertEqual(self.repl(before + "2*3\n").out.splitlines()[-1], "6")
        self.assertIn("the param `low` has no value yet", self.repl(before + "b_rate\n", code=DIAGNOSTICS).err)

    def test_an_expression_beside_any_name(self):
        r = self.repl("schedule repl_value = 1\nschedule repl_value_ = 1\n2*3\nrepl_value*2\n")
        self.assertEqual(r.out.splitlines()[-2:], ["6", "2"])
        self.assertIn("there is no `repl_value`", self.repl("hold 1\nrepl_value*2\n", code=DIAGNOSTICS).err)

    def test_commands_without_their_colon(self):
        for text, told in (("quit", "`:quit` or Ctrl-D leaves"), ("exit", "`:quit` or Ctrl-D leaves"), ("exit()", "`:quit` or Ctrl-D leaves"), ("q", "`:quit` or Ctrl-D leaves"),
                           ("help", "`:help` lists the commands"), ("help cosine", "`:help cosine` says what a name means")):
            with self.subTest(text=text):
                err = self.repl(text + "\n", code=DIAGNOSTICS).err
                self.assertTrue(err.startswith(f"<stdin>:1:1: error: `{re.split('[( ]', text)[0]}` is no statement [LRS0207]\n"), err)
                self.assertIn(told, err)
                self.assertNotIn("did you mean", err)
        self.assertEqual(self.repl("shape exit(u) = u\nwarmup 5 exit -> 1\nlet quit = 4\nquit\n").out.splitlines()[-1], "4")

    def test_a_name_that_is_not_declared_is_told(self):
        for text in ("peak/10", "peak * 2", "peak *0.5", "-peak"):
            with self.subTest(text=text):
                err = self.repl(text + "\n", code=DIAGNOSTICS).err
                self.assertRegex(err, r"^<stdin>:1:[12]: error: there is no `peak` ")
                self.assertIn("`param peak = 1`", err)

    def test_the_name_of_a_file_is_no_statement(self):
        for text in ("wsd.lrs", "hold 1\n../wsd.lrs", "  runs/wsd-2.lrs  "):
            err = self.repl(text + "\n", code=DIAGNOSTICS).err
            self.assertIn("error: this is the name of a file, and no statement ", err)
            self.assertIn(f"help: `:load {text.split()[-1]}` reads it", err)

    def test_the_name_of_the_schedule_is_no_phase(self):
        for text in ("lr", "lr(5)", "lr[5]"):
            self.assertIn("error: there is no schedule yet ", self.repl(text + "\n", code=DIAGNOSTICS).err)
        self.assertEqual(self.repl("hold 0.25\nlr\n").out.splitlines()[-1], "0.25")
        err = self.repl("hold 0.25\nlr(7)\n", code=DIAGNOSTICS).err
        self.assertIn("<stdin>:2:1: error: `lr` is a schedule, and no phase ", err)
        self.assertIn("help: `:at 7` says what it is at a step", err)
        self.assertIn("`:at 5`", self.repl("schedule momentum { hold 0.9 }\nmomentum()\n", code=DIAGNOSTICS).err)

    def test_a_call_in_place_of_a_file(self):
        call = "torch.StepLR(30, lr=0.1)"
        self.assertEqual(self.repl(":list\n", call).out, "use torch\n" + call + "\n")
        self.assertIn(call, self.repl(f":load '{call}'\n:list\n").out)
        r = self.repl(":list\n", "torch.StepLR(30)", code=DIAGNOSTICS)
        self.assertTrue(r.err.startswith("torch.StepLR(30):1:1: error: `torch.StepLR` needs a rate"), r.err)
        self.assertIn("no file was loaded", self.repl(":save\n", call, code=DIAGNOSTICS).err)
        self.assertIn("note: a text is typed into the session", self.repl("", "hold 0.1", code=IO).err)

    def test_what_is_wrong_with_an_expression_is_shown_in_it(self):
        for text, place, message, column in (("peak/", "1:6", "expected a value, found end of file", 5), (" (1", "1:2", "this `(` is never closed", 1),
                                             ("5 epochs", "1:1", "`epochs` cannot be converted without `steps_per_epoch`", 0),
                                             ("2 > ", "1:4", "expected a value, found end of file", 3), ("1/q", "1:3", "there is no `q`", 2),
                                             ("if(1 > 2, 3", "1:3", "this `(` is never closed", 2)):
            with self.subTest(text=text):
                r = self.repl(text + "\n", code=DIAGNOSTICS)
                lines = r.err.splitlines()
                self.assertTrue(lines[0].startswith(f"<stdin>:{place}: error: {message}"), r.err)
                self.assertEqual(lines[1], f"    1 | {text}")
                self.assertEqual(lines[2].index("^"), len("    1 | ") + column)

    def test_what_is_wrong_with_a_statement_is_no_matter_of_expressions(self):
        for text, message in (("param = 3", "expected a name after `param`, found `=`"), (" on = 3", "expected a name after `on`, found `=`"),
                              ("hold 1 = 3", "expected a clause")):
            with self.subTest(text=text):
                self.assertIn("error: " + message, self.repl(text + "\n", code=DIAGNOSTICS).err.splitlines()[0])

    def test_a_time_shows_its_unit(self):
        r = self.repl("param steps_per_epoch = 100\n5 epochs\n")
        self.assertEqual(r.out.splitlines()[1:], ["500 steps"])

    def test_a_schedule_without_then_begins_anew(self):
        text = self.listing("param a = 1\nwarmup 5 -> a\nthen hold 10\non plateau *0.5\nbounds 0 .. 1\ncosine 10 from 1 -> 0")
        self.assertEqual(text, "param a = 1\ncosine 10 from 1 -> 0\n")

    def test_then_goes_on(self):
        self.assertEqual(self.listing("warmup 5 -> 1\non plateau *0.5\nthen hold for 3\nthen linear 4 -> 0"),
                         "warmup 5 -> 1\nthen hold for 3\nthen linear 4 -> 0\non plateau *0.5\n")

    def test_then_needs_something_to_go_on_from(self):
        r = self.repl("then hold 5\n", code=DIAGNOSTICS)
        self.assertRegex(r.err, r"^<stdin>:1:6: error: there are no phases that this one could go on after \[LRS0214\]")

    def test_declarations_are_replaced_by_name(self):
        text = self.listing("param a = 1\nlet b = 2*a\ndef f(x) = x\nshape s(u) = u\nhold a\nlet a = 3\ndef f(x) = x^2\nshape s(u) = u^2\n")
        self.assertEqual(text, "let a = 3\nlet b = 2*a\ndef f(x) = x^2\nshape s(u) = u^2\nhold a\n")

    def test_a_rule_is_added_and_bounds_are_replaced(self):
        text = self.listing("hold 1\nbounds 0 .. 1\nat 5 *0.5\nbounds 0.1 .. 1\nevery 9 *0.9")
        self.assertEqual(text, "hold 1\nat 5 *0.5\nbounds 0.1 .. 1\nevery 9 *0.9\n")

    def test_other_outputs_stay(self):
        text = self.listing("hold 0.1\nschedule momentum = 1 - lr\nhold 0.2\nschedule momentum = 0.9")
        self.assertEqual(text, "hold 0.2\nschedule momentum = 0.9\n")

    def test_schedule_lr_and_bare_phases_replace_each_other(self):
        self.assertEqual(self.listing("schedule lr { hold 1 }\nhold 2"), "hold 2\n")
        self.assertEqual(self.listing("hold 2\non plateau *0.5\nschedule lr { hold 1 }"), "schedule lr { hold 1 }\n")

    def test_a_wrong_statement_changes_nothing(self):
        r = self.repl("hold 1\nparam 5\nthen holt 3\n:list\n", "--keep-going", code=DIAGNOSTICS)
        self.assertTrue(r.out.endswith("hold 1\n"))
        self.assertRegex(r.err, r"<stdin>:2:\d+: error: ")
        self.assertRegex(r.err, r"<stdin>:3:6: error: there is no law `holt` \[LRS0207\]\n    3 \| then holt 3\n      \|      \^~~~")

    def test_what_a_replacement_breaks_is_shown_in_the_session(self):
        r = self.repl("param a = 1\nhold a\ndef a(x) = x\n", code=DIAGNOSTICS)
        self.assertRegex(r.err, r"<session>:2:6: error: ")

    def test_entries_go_on_over_lines(self):
        text = self.listing("piecewise 0.1 until 30,\n  0.01 until 60,\n  0.001\nschedule momentum {\n  hold 0.9\n\n  then\n  hold 0.8\n}")
        self.assertEqual(text, "piecewise 0.1 until 30,\n  0.01 until 60,\n  0.001\nschedule momentum {\n  hold 0.9\n\n  then\n  hold 0.8\n}\n")

    def test_an_entry_may_be_cut_off_by_the_end(self):
        self.assertIn("never closed", self.repl("schedule lr {\n hold 1\n", code=DIAGNOSTICS).err)

    def test_phases_of_a_module_go_by_their_call(self):
        r = self.repl("use torch\ntorch.OneCycleLR(0.1, 100)\n:at 40\n")
        self.assertRegex(r.out, r"phase +torch\.OneCycleLR\(0\.1, 100\)  ")
        r = self.repl("use hf\nhf.get_cosine_schedule_with_warmup(10, 100) from 0.1\n:at 5\n:at 50\n")
        self.assertRegex(r.out, r"phase +linear of hf\.get_cosine_schedule_with_warmup\(10, 100\) from 0\.1  ")
        self.assertRegex(r.out, r"phase +curve of hf\.get_cosine_schedule_with_warmup\(10, 100\) from 0\.1  ")
        r = self.repl("use fastai\nfastai.fit_one_cycle(0.1, total=100)\n:at 50\n") # a template that calls another
        self.assertRegex(r.out, r"phase +cosine of fastai\.fit_one_cycle\(0\.1, total=100\)  ")
        r = self.repl("def updown(n) { linear n from 0 -> 1; linear n -> 0 }\nupdown(10)\n:at 5\n") # one's own is known
        self.assertRegex(r.out, r"phase +linear n from 0 -> 1  ")

    def test_parameters_by_name_stay_behind_the_star(self):
        text = self.listing("def f(a,b=2,*,c: number=3,d)=a*b*c*d\ndef g(*,k){hold k}\nhold f(1,d=2)\n:list canonical\n")
        self.assertIn("def f(a,b=2,*,c: number=3,d)=a*b*c*d", text)
        r = self.repl("def f(a,b=2,*,c: number=3,d)=a*b*c*d\ndef g(*,k){hold k}\n:list canonical\n")
        self.assertIn("def f(a, b=2, *, c: number = 3, d) = a*b*c*d\ndef g(*, k) { hold k }\n", r.out)

    def test_canonical_forms_mean_the_same(self):
        """Every example and golden program, written anew, compiles to the same program."""
        seen = 0
        for folder in ("examples", os.path.join("tests", "golden")):
            for top, _, names in os.walk(os.path.join(SOURCE, folder)):
                for name in sorted(names):
                    path = os.path.join(top, name)
                    if not name.endswith(".lrs") or run("check", "-w", path).code != OK:
                        continue
                    want = run("--emit=ir", "-w", "-o", "-", path)
                    if want.code != OK:
                        continue
                    form = self.form_of(path)
                    if form is None:
                        continue
                    got = run("--emit=ir", "-w", "-o", "-", "-", stdin=form, cwd=os.path.dirname(path))
                    with self.subTest(file=path):
                        self.assertEqual(got.code, OK, f"{form}\n{got!r}")
                        # texts of phases and rules are those that were written
                        strip = lambda s: [re.sub(r"^((?:phase|rule)[^:]*|check %\d+).*", r"\1", x) for x in s.splitlines() if not x.startswith("program")]
                        self.assertEqual(strip(got.out), strip(want.out), form)
                        seen += 1
        self.assertGreater(seen, 40)

    def form_of(self, path):
        """Its canonical form; None: the REPL has another program, since a file may have options in its head."""
        r = run("repl", "--norc", "-w", path, stdin=":list canonical\n", cwd=os.path.dirname(path))
        return r.out if r.code == OK else None


class Commands(Batch):
    def test_unique_prefixes(self):
        self.assertEqual(self.repl("hold 1\n:li\n:l\n", code=DIAGNOSTICS).err, "lrsc: error: :l may be :load, :list\n")

    def test_unknown_commands(self):
        self.assertEqual(self.repl(":plto\n", code=DIAGNOSTICS).err, "lrsc: error: there is no command :plto; did you mean :plot?\n")
        self.assertEqual(self.repl(":xyzzy\n", code=DIAGNOSTICS).err, "lrsc: error: there is no command :xyzzy; :help lists them\n")

    def test_help_lists_every_command(self):
        out = self.repl(":help\n").out
        commands = re.findall(r"^  :(\w+)", out, re.M)
        for name in ("help", "load", "reload", "watch", "save", "list", "plot", "table", "at", "set", "params", "ir", "asm", "ast",
                     "time", "export", "find", "diff", "sim", "edit", "history", "version", "quit", "undo", "new"):
            self.assertIn(name, commands)
        for name in commands:
            self.assertRegex(self.repl(f"?:{name}\n").out, rf"^:{name}\b")

    def test_help_on_names(self):
        for name, words in {"plateau": "patience", "exp": "halflife", "torch": "StepLR(step_size", "torch.StepLR": "gamma", "until": "where a phase ends",
                            "tokens": "tokens_per_step", "clamp": "clamp(x, low, high)", "warmup": "linear"}.items():
            with self.subTest(name=name):
                self.assertIn(words, self.repl(f"?{name}\n").out)
                self.assertIn(words, self.repl(f":help {name}\n").out)
        self.assertIn("did you mean `plateau`", self.repl("?platau\n", code=DIAGNOSTICS).err)
        self.assertIn("there is no help on `foo`; `:help` lists the commands", self.repl(":help foo\n", code=DIAGNOSTICS).err)
        self.assertIn("param peak = 0.1", self.repl("param peak = 0.1\n?peak\n").out)

    def test_table(self):
        self.assertEqual(self.values(WSD, "0,250,9000"), [0.0, 1.5e-4, 8.7867965644035739e-05])
        r = self.repl(WSD + ":table 0:10k:5k\n")
        self.assertTrue(r.out.endswith("step,lr\n0,0\n5000,0.00029999999999999997\n10000,0\n"), r.out)
        self.assertIn(":table takes FROM:TO", self.repl("hold 1\n:table\n", code=DIAGNOSTICS).err)

    def test_at_says_why(self):
        out = self.repl(WSD + "at 9k *0.5\n:at 250 9500 20k\n").out
        out = out[out.index("lr at 250"):]
        self.assertEqual(out, """lr at 250 = 0.00015
  phase   warmup 500 linear -> peak   (from 0 until 500)
  law     linear: 6e-7*250 = 1.5e-4
lr at 9500 = 2.00961894323342e-05
  phase   sqrt until 10k -> 0   (from 8000 until 10000)
  law     1 - sqrt(1 - x): 3e-4*(1 - sqrt(1 - (-5e-4*(9500 - 10000)))) = 4.019e-5
  rules   4.019e-5*0.5
lr at 20000 = 0
  phase   none: all phases are over, and the last value holds
  law     constant = 0
""")

    def test_a_step_before_the_first_is_explained_as_the_first(self):
        out = self.repl("warmup 500 -> 3e-4; then cosine 10k -> 0\n:at -1 -10k\n").out
        for step in (-1, -10000):
            self.assertIn(f"""
lr at {step} = 0
  phase   warmup 500 -> 3e-4   (from 0 until 500)
  step    before the first: as at step 0
  law     linear: 6e-7*0 = 0
""", out)

    def test_formulas_are_right(self):
        """The numbers of :at, computed by Python, are the value."""
        for phase, step in (("warmup 10 -> 1", 3), ("cosine 100 from 1 -> 0.1", 30), ("exp s=50 from 0.5", 20), ("linear 10 from 1 -> 0.5", 5),
                            ("power s=10 c=0.7 from 1", 40), ("stepdecay every=10 gamma=0.5 from 1", 35)):
            with self.subTest(phase=phase):
                out = self.repl(f"{phase}\n:at {step}\n").out
                value = float(re.search(rf"^lr at {step} = (.*)$", out, re.M)[1])
                formula = re.search(r"^  law     [^:\n]*: (.*) = [^=\n]*$", out, re.M)[1]
                import math
                got = eval(formula.replace("^", "**"), {"cos": math.cos, "pi": math.pi, "sqrt": math.sqrt, "floor": math.floor})
                self.assertAlmostEqual(got / value, 1, delta=2e-3, msg=out)

    def test_what_has_no_formula_shows_its_law(self):
        out = self.repl("poly 100 power=3 from 1 -> 0.2\n:at 60\n").out
        self.assertIn("  form    shape poly(u, power: number = 2) = 1 - (1 - u)^power\n  with    t = 60, u = 0.6\n", out)

    def test_set(self):
        self.assertEqual(self.values(WSD + ":set peak=1e-3", "500"), [1e-3])
        self.assertEqual(self.values(WSD + ":set peak=1e-3\nparam peak = 2e-3", "500"), [2e-3])
        self.assertIn("did you mean `peak`", self.repl(WSD + ":set paek=1\n", code=DIAGNOSTICS).err)
        self.assertIn(":set takes NAME=NUMBER", self.repl(WSD + ":set peak\n", code=DIAGNOSTICS).err)
        r = self.repl(WSD + ":set peak=7\n:params\n", "--keep-going", code=DIAGNOSTICS)
        self.assertIn("peak = 0.0003   in 1e-05..0.01 log", r.out)
        self.assertIn(": error: peak=7 is outside the range", r.err)
        r = self.repl(WSD + ":set peak=1e-3\n:params\n")
        self.assertIn("peak = 0.001   (set; the default is 0.0003)   in 1e-05..0.01 log", r.out)

    def test_params_of_a_session_without_a_schedule(self):
        self.assertEqual(self.repl("param a = 2 in 1..3\n:params\n").out.splitlines()[1:], ["a = 2   in 1..3"])
        self.assertIn("there are no params", self.repl(":params\n").out)

    def test_help_on_the_code_of_a_message(self):
        self.assertEqual(self.repl("?LRS0207\n").out, run("--explain=LRS0207").out)
        self.assertIn("not the code", self.repl("?LRS9999\n", code=DIAGNOSTICS).err)

    def test_defines_of_the_command_line(self):
        self.assertIn("500,0.001", self.repl(WSD + ":table --at=500\n", "-D", "peak=1e-3").out)

    def test_save_and_load(self):
        with open(os.path.join(self.dir, "a.lrs"), "w", encoding="utf-8") as f:
            f.write("# the head\n\nparam peak = 0.1  # the peak\n\n# two phases\nwarmup 5 -> peak; hold 10\n# the end\n")
        r = self.repl("hold 1\n:load a.lrs\n:save b.lrs\nthen linear 5 -> 0\n:save\n:reload\n")
        with open(os.path.join(self.dir, "b.lrs"), encoding="utf-8") as f:
            self.assertEqual(f.read(), "# the head\n\nparam peak = 0.1  # the peak\n\n# two phases\nwarmup 5 -> peak\nthen hold 10\n# the end\nthen linear 5 -> 0\n")
        with open(os.path.join(self.dir, "a.lrs"), "a", encoding="utf-8") as f:
            f.write("then holt\n")
        r = self.repl("hold 1\n:load a.lrs\n:list\n", "--keep-going", code=DIAGNOSTICS)
        self.assertRegex(r.err, r"^a\.lrs:8:6: error: there is no law `holt`")
        self.assertTrue(r.out.endswith("\nhold 1\n"))
        self.assertIn("cannot read 'none.lrs'", self.repl(":load none.lrs\n", code=DIAGNOSTICS).err)
        self.assertIn("needs its name", self.repl(":reload\n", code=DIAGNOSTICS).err)

    def test_a_file_is_saved_as_it_was_written(self):
        text = ("#!/usr/bin/env lrsc\n# the head\n\n\nparam peak = 3e-4 in 1e-5..1e-2 log # the peak\nparam warm = 100 steps#w\n\n# two phases\n"
                "warmup warm -> peak\t# warm\n\n  # then\nthen sqrt until 10k -> 0\n# the end\n\n# really\n")
        self.write("a.lrs", text)
        self.repl(":load a.lrs\n:save b.lrs\n:save\n")
        self.assertEqual(self.read("b.lrs").decode(), text)
        self.assertEqual(self.read("a.lrs").decode(), text)
        self.write("crlf.lrs", text.replace("10k ->", "10k ->\n").replace("\n", "\r\n"))
        self.repl(":load crlf.lrs\n:save d.lrs\n")
        self.assertEqual(self.read("d.lrs").decode(), text.replace("10k ->", "10k ->\n"))
        self.repl(":load a.lrs\n:set peak=1e-3 warm=0\n:set warm=200\n:save c.lrs\n")
        self.assertEqual(self.read("c.lrs").decode(), text.replace("= 3e-4", "= 0.001").replace("100 steps", "200 steps"))

    def test_what_is_set_is_saved(self):
        self.write("a.lrs", "# the head\n\nparam peak = 3e-4 in 1e-5..1e-2\nparam low in 0..1\nlet half = total/2\nhold peak until half; hold low\n")
        r = self.repl(":load a.lrs\n:set peak=1e-3 total=90k low=0.5\n:table --at=0,60k\n:save b.lrs\n", "-D", "total=10k", "-D", "low=0.25")
        self.assertTrue(r.out.endswith("saved b.lrs, with what was set: peak = 0.001, total = 90000, low = 0.5\n"), r.out)
        self.assertIn("\n0,0.001\n60000,0.5\n", r.out)
        self.assertEqual(run("eval", "--at=0,60k", "b.lrs", cwd=self.dir).out, "step,lr\n0,0.001\n60000,0.5\n")
        self.assertTrue(self.read("b.lrs").startswith(b"# the head\n\nparam total = 90000\nparam peak = 0.001 in 1e-5..1e-2\nparam low = 0.5 in 0..1\n"))
        # what -D says is said again by the next -D
        self.repl(":load a.lrs\n:save c.lrs\n", "-D", "total=10k", "-D", "low=0.25")
        self.assertIn(b"param low in 0..1\n", self.read("c.lrs"))
        self.assertNotIn(b"10000", self.read("c.lrs"))

    def test_other_files_are_not_written_over(self):
        self.write("a.lrs", "hold 1\n")
        self.write("b.lrs", "hold 2\n")
        r = self.repl("hold 3\n:save a.lrs\n:load b.lrs\n:save a.lrs\nhold 4\n:save ./b.lrs\n:undo\n:undo\n:save b.lrs\n", "--keep-going", code=DIAGNOSTICS)
        self.assertEqual(r.err, "".join(f"lrsc: error: there is a file '{x}.lrs', which is not this session's; `:save! {x}.lrs` writes over it\n" for x in "aab"))
        self.assertEqual((self.read("a.lrs"), self.read("b.lrs")), (b"hold 1\n", b"hold 4\n"))
        self.write("a b.lrs", "hold 1\n")
        self.write('a "b".lrs', "hold 1\n")
        self.assertIn('; `:save! "a b.lrs"` writes', self.repl("hold 3\n:save 'a b.lrs'\n", code=DIAGNOSTICS).err)
        self.assertIn("; `:save! 'a \"b\".lrs'` writes", self.repl("hold 3\n:save 'a \"b\".lrs'\n", code=DIAGNOSTICS).err)
        self.repl("hold 5\n:save c.lrs\nhold 6\n:save\n:undo\n:undo\n:redo\n:save c.lrs\n:save! a.lrs\n")
        self.assertEqual((self.read("c.lrs"), self.read("a.lrs")), (b"hold 5\n", b"hold 5\n"))

    def test_a_file_that_another_program_has_changed_is_not_written_over(self):
        refused = "lrsc: error: another program has changed 'a.lrs' since it was loaded or saved; `:diff a.lrs` shows what differs, `:save! a.lrs` writes over it\n"
        env = {"EDITOR": self.path("editor"), "VISUAL": None, "LRS_HISTORY": "", "HOME": self.dir}
        self.write("editor", "#!/bin/sh\necho hold 9 > a.lrs\n") # the other program: it leaves the session as it is
        os.chmod(self.path("editor"), 0o755)
        for before in (":load a.lrs\n", "hold 1\n:save! ./a.lrs\n"):
            for save in (":save\n", ":save a.lrs\n"):
                with self.subTest(before=before, save=save):
                    self.write("a.lrs", "hold 2\n")
                    err = self.repl(f"{before}:edit\n{save}", env=env, code=DIAGNOSTICS).err
                    self.assertEqual(err.replace("./a", "a"), refused)
                    self.assertEqual(self.read("a.lrs"), b"hold 9\n")
        self.write("a.lrs", "hold 2\n")
        self.repl(":load a.lrs\n:edit\n:save!\nhold 3\n:save\n", env=env)
        self.assertEqual(self.read("a.lrs"), b"hold 3\n")
        self.repl(":load a.lrs\n:edit\n:reload\nthen hold 4\n:save\n", env=env)
        self.assertEqual(self.read("a.lrs"), b"hold 9\nthen hold 4\n")

    def test_a_session_is_not_saved_to_standard_output(self):
        for command in ("save", "save!"):
            r = self.repl(f"hold 0.1 for 100\n:{command} -\n:reload\n:list\n", "--keep-going", code=DIAGNOSTICS)
            self.assertEqual(r.err, f"lrsc: error: :{command} needs the name of a file, not `-`; :list shows the session\n"
                                    "lrsc: error: no file was loaded or saved yet; :load needs its name\n")
            self.assertTrue(r.out.endswith("\nhold 0.1 for 100\n"), r.out)

    def test_an_empty_session_is_not_saved(self):
        self.write("a.lrs", "# nothing yet\n")
        r = self.repl(":save b.lrs\n:load a.lrs\n:save\n", "--keep-going", code=DIAGNOSTICS)
        self.assertEqual(r.err, "lrsc: error: the session is empty: nothing was saved\n" * 2)
        self.assertEqual(self.read("a.lrs"), b"# nothing yet\n")
        self.assertFalse(os.path.exists(self.path("b.lrs")))

    def test_files_used_by_an_edited_file(self):
        os.mkdir(self.path("sub"))
        self.write("sub/a.lrs", 'use "b.lrs"\nparam p = 1\nhold b_rate*p\n')
        self.write("sub/b.lrs", "let b_rate = 0.25\n")
        self.write("editor", "#!/bin/sh\necho 'then hold 2*p' >> \"$1\"\n")
        os.chmod(self.path("editor"), 0o755)
        env = {"EDITOR": self.path("editor"), "VISUAL": None, "LRS_HISTORY": "", "HOME": self.dir}
        r = self.repl(":load sub/a.lrs\n:set p=2\n:edit\n:table --at=0\n:save\n", env=env)
        self.assertIn("0,0.5\nsaved sub/a.lrs, with what was set: p = 2\n", r.out) # the param is as it was, and so is what was set

    def test_files_used_by_a_loaded_file(self):
        os.mkdir(os.path.join(self.dir, "sub"))
        for name, text in (("sub/a.lrs", 'use "b.lrs"\nhold b_rate\n'), ("sub/b.lrs", "let b_rate = 0.25\n")):
            with open(os.path.join(self.dir, name), "w", encoding="utf-8") as f:
                f.write(text)
        self.assertIn("0,0.25", self.repl(":load sub/a.lrs\n:table --at=0\n").out)

    def test_file_of_the_command_line(self):
        with open(os.path.join(self.dir, "w.lrs"), "w", encoding="utf-8") as f:
            f.write(WSD)
        self.assertEqual(self.repl(":table --at=500\n", "w.lrs").out, "step,lr\n500,0.00029999999999999997\n")
        self.assertIn("cannot read", self.repl("", "none.lrs", code=IO).err)

    def test_export(self):
        for suffix, words in ((".svg", b"<svg"), (".csv", b"step,lr"), (".json", b"{"), (".html", b"<html")):
            r = self.repl(WSD + f":export w{suffix}\n")
            self.assertTrue(r.out.endswith(f"written: w{suffix}\n"))
            with open(os.path.join(self.dir, "w" + suffix), "rb") as f:
                self.assertIn(words, f.read())
        self.assertIn("error: the suffix '.gif' of 'w.gif' does not say what", self.repl("hold 1\n:export w.gif\n", code=DIAGNOSTICS).err)
        self.assertIn("error: 'w' has no suffix that says what", self.repl("hold 1\n:export w\n", code=DIAGNOSTICS).err)
        for option in ("-o other.svg", "-oother.svg"):
            r = self.repl(f"hold 1\n:export w2.svg {option}\n", code=DIAGNOSTICS)
            self.assertEqual(r.err, f"lrsc: error: :export draws into 'w2.svg'; leave out {option.split()[0]}\n")
            self.assertFalse(os.path.exists(self.path("w2.svg")) or os.path.exists(self.path("other.svg")))
        r = self.repl("hold 1\n:export w2.svg -wob.svg\n", code=DIAGNOSTICS)
        self.assertEqual(r.err, "lrsc: error: :export draws into 'w2.svg'; leave out -o b.svg\n")
        r = self.repl("hold 1\n:export w2.svg -h\n")
        self.assertNotIn("written", r.out)
        self.assertIn("Usage: lrsc plot", r.out)
        self.assertFalse(os.path.exists(self.path("w2.svg")) or os.path.exists(self.path("b.svg")))
        self.assertIn(":export takes FILE", self.repl("hold 1\n:export\n", code=DIAGNOSTICS).err)
        self.assertIn(":export takes FILE", self.repl('hold 1\n:export ""\n', code=DIAGNOSTICS).err)

    def test_diff(self):
        for name, text in (("a.lrs", "warmup 5 -> 1\n"), ("b.lrs", "warmup 5 -> 1\nthen hold 0.5\n")):
            with open(os.path.join(self.dir, name), "w", encoding="utf-8") as f:
                f.write(text)
        two = run("diff", "a.lrs", "b.lrs", cwd=self.dir)
        self.assertEqual(two.code, 1)
        self.assertEqual(self.repl(":diff a.lrs b.lrs\n:diff a.lrs b.lrs\n").out, 2 * two.out)
        same = self.repl("warmup 5 linear from 0 -> 1\n:diff a.lrs\n").out
        self.assertNotEqual(same, "")
        self.assertNotEqual(self.repl("warmup 5 linear from 0 -> 1\n:diff b.lrs\n").out, same)
        self.assertIn("cannot read", self.repl("hold 1\n:diff none.lrs\n", code=DIAGNOSTICS).err)
        # what is set is set in the session alone
        self.write("p.lrs", "param peak = 1\nhold peak\n")
        self.assertIn("the same", self.repl(":load p.lrs\n:diff p.lrs\n").out)
        self.assertIn("different at", self.repl(":load p.lrs\n:set peak=2\n:diff p.lrs\n").out)
        self.assertIn("different at", self.repl(":load p.lrs\n:set peak=2\n:diff a.lrs\n").out)
        self.assertIn(":diff takes A", self.repl("hold 1\n:diff\n", code=DIAGNOSTICS).err)

    def test_sim(self):
        with open(os.path.join(self.dir, "m.csv"), "w", encoding="utf-8") as f:
            f.write("step,metric\n" + "".join(f"{k},1\n" for k in range(1, 9)))
        out = self.repl("hold 1\non plateau(patience=2) *0.5\n:sim m.csv\n").out
        self.assertIn("rules acted 2 times: at 4, 7", out)
        self.assertIn("decisions", self.repl("cosine 100 from 1 -> 0\non plateau(patience=2) *0.5\n:sim --noise 0.1\n").out)

    def test_find(self):
        rates = [1e-5 * 10 ** (k / 20) for k in range(101)]
        losses = [2 / (1 + (100 * x) ** 1.5) + 4 * x * x + 0.3 for x in rates]
        for name, head, rows in (("with.csv", "step,lr,loss", [f"{k},{x!r},{y!r}" for k, (x, y) in enumerate(zip(rates, losses))]),
                                 ("without.csv", "step,loss", [f"{k},{y!r}" for k, y in enumerate(losses)])):
            with open(os.path.join(self.dir, name), "w", encoding="utf-8") as f:
                f.write("\n".join([head, *rows]) + "\n")
        want = run("find", "with.csv", "--suggest=valley", cwd=self.dir).out
        self.assertGreater(float(want), 0)
        self.assertEqual(self.repl(":find with.csv --suggest=valley\n").out, want)
        self.assertIn("train with :set peak=", self.repl(":find with.csv\n").out)
        out = self.repl("rangetest 1e-5 -> 1 for 100\n:find without.csv --suggest=valley\n").out.splitlines()[-1]
        self.assertAlmostEqual(float(out) / float(want), 1, places=6)
        self.assertIn("no schedule yet", self.repl(":find without.csv\n", code=DIAGNOSTICS).err)
        with open(self.path("with.csv"), encoding="utf-8") as f:
            text = f.read()
        for head in ("# run 7\n", "\ufeff", "# run 7\n\n"):
            self.write("headed.csv", head + text)
            if run("find", "headed.csv", "--suggest=valley", cwd=self.dir).code == OK:
                for session in ("", "hold 1\n"):
                    self.assertEqual(self.repl(f"{session}:find headed.csv --suggest=valley\n").out.splitlines()[-1] + "\n", want)
        self.write("test.lrs", "rangetest 1e-5 -> 1 for 100\n")
        self.assertEqual(self.repl("hold 1\n:find without.csv --suggest=valley --schedule=test.lrs\n").out.splitlines()[-1], out)
        self.write("twice.csv", "loss,lr,lr,loss\n1,2,3,4\n")
        self.assertRegex(self.repl(":find twice.csv\n", code=DIAGNOSTICS).err, "twice.csv:1: each column is wanted once; there is another")

    def test_find_in_a_pipe(self):
        os.mkfifo(self.path("losses"))
        text = "lr,loss\n" + "".join(f"{10 ** (k / 20 - 5)!r},{3 - k / 100 if k < 60 else 2 + (k - 60) ** 2 / 50!r}\n" for k in range(101))
        self.write("losses.csv", text)
        want = run("find", "losses.csv", "--suggest=steepest", cwd=self.dir)
        self.assertEqual(want.code, OK)
        with subprocess.Popen(["sh", "-c", "cat losses.csv > losses"], cwd=self.dir):
            self.assertEqual(self.repl(":find losses --suggest=steepest\n").out, want.out)

    def test_undo_and_new(self):
        lines = self.repl("hold 1\nhold 2\n:undo\n:list\n:new\n:list\n:undo\n:list\n:undo\n:list\n").out.splitlines()
        self.assertEqual([x for x in lines if x.startswith("hold")], ["hold 1", "hold 2", "hold 1", "hold 1"])
        self.assertIn("nothing to undo", self.repl(":undo\n", code=DIAGNOSTICS).err)

    def test_undo_takes_back_what_was_set(self):
        with open(os.path.join(self.dir, "a.lrs"), "w", encoding="utf-8") as f:
            f.write("param peak = 0.5\nhold peak\n")
        at = ":table --at=0\n"
        out = self.repl(f":load a.lrs\n:set peak=2\nparam peak = 3\n:undo\n{at}:undo\n{at}:redo\n{at}:redo\n{at}:undo\nhold 4\n{at}:undo\n:undo\n{at}").out
        self.assertEqual([float(x) for x in re.findall(r"(?m)^0,(.*)$", out)], [2, 0.5, 2, 3, 4, 0.5])
        self.assertIn("nothing to redo", self.repl("hold 1\n:undo\nhold 2\n:redo\n", code=DIAGNOSTICS).err)
        self.assertIn("nothing to redo", self.repl("hold 1\n:redo\n", code=DIAGNOSTICS).err)

    def test_what_is_set_is_judged_without_a_schedule(self):
        r = self.repl("param a = 2 in 1..3\n:set a=7\n:params\n", "--keep-going", code=DIAGNOSTICS)
        self.assertIn("\na = 2   in 1..3\n", r.out)

    def test_ir_ast_plot(self):
        r = self.repl("hold 1\n:ir\n:ast\n:plot --width=40 --height=3 --ascii\n")
        self.assertIn("output 0 lr", r.out)
        self.assertIn("law hold", r.out)
        self.assertIn("** ", r.out)
        self.assertIn("unknown option '--lgo'; did you mean '--log'", self.repl("hold 1\n:plot --lgo\n", code=DIAGNOSTICS).err)

    @unittest.skipUnless(has_llvm(), "this build has no LLVM")
    def test_asm(self):
        self.assertIn(".text", self.repl("hold 1\n:asm\n").out)

    def test_edit(self):
        editor = os.path.join(self.dir, "editor")
        with open(editor, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\nsed -i s/hold/linear/ \"$1\"\n")
        os.chmod(editor, 0o755)
        env = {"EDITOR": editor, "VISUAL": None, "LRS_HISTORY": "", "HOME": self.dir}
        self.assertTrue(self.repl("hold 10 from 1 -> 0\n".replace("hold", "cosine") + "hold 0.5\n:edit\n:list\n", env=env, code=DIAGNOSTICS).err)
        with open(editor, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\nsed -i s/0.5/0.25/ \"$1\"\n")
        self.assertTrue(self.repl("hold 0.5\n:edit\n:list\n", env=env).out.endswith("\nhold 0.25\n"))

    def test_edit_keeps_what_is_no_program(self):
        editor = os.path.join(self.dir, "editor")
        with open(editor, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\nif test -e seen; then cp \"$1\" again; echo hold 0.25 > \"$1\"; else echo 'hold (' > \"$1\"; touch seen; fi\n")
        os.chmod(editor, 0o755)
        env = {"EDITOR": editor, "VISUAL": None, "LRS_HISTORY": "", "HOME": self.dir, "TMPDIR": self.dir}
        r = self.repl("hold 0.5\n:edit\n:list\n:edit\n:list\n:edit\n", "--keep-going", env=env, code=DIAGNOSTICS)
        self.assertIn(":edit again goes on", r.err)
        self.assertEqual([x for x in r.out.splitlines() if x.startswith("hold")], ["hold 0.5", "hold 0.5", "hold 0.25"])
        self.assertEqual(self.read("again"), b"hold 0.25\n")
        os.remove(self.path("seen"))
        self.repl("hold 0.5\n:edit\n:edit\n", "--keep-going", env=env, code=DIAGNOSTICS)
        self.assertEqual(self.read("again"), b"hold (\n")
        os.remove(self.path("seen"))
        self.repl("hold 0.5\n:edit\n:new\n:edit\n", "--keep-going", env=env, code=DIAGNOSTICS)
        self.assertEqual(self.read("again"), b"")

    def test_edit_says_what_it_replaces(self):
        self.write("editor", "#!/bin/sh\nif test -e seen; then echo hold 0.25 > \"$1\"; else echo 'hold (' > \"$1\"; touch seen; fi\n")
        os.chmod(self.path("editor"), 0o755)
        env = {"EDITOR": self.path("editor"), "VISUAL": None, "LRS_HISTORY": "", "HOME": self.dir, "TMPDIR": self.dir}
        said = "the session was changed after the first of these :edit; what you wrote replaces that too, and :undo brings it back"
        r = self.repl("hold 0.5\n:edit\nhold 7\n:edit\n:undo\n:list\n", "--keep-going", env=env, code=DIAGNOSTICS)
        self.assertIn("lrsc: note: " + said, r.err)
        self.assertTrue(r.out.endswith("\nhold 7\n"), r.out)
        os.remove(self.path("seen"))
        r = self.repl("hold 0.5\n:edit\n:edit\n:list\n", "--keep-going", env=env, code=DIAGNOSTICS)
        self.assertNotIn(said, r.err)
        self.assertTrue(r.out.endswith("\nhold 0.25\n"), r.out)

    def test_edit_loses_nothing(self):
        editor = self.path("editor")
        env = {"EDITOR": editor, "VISUAL": None, "LRS_HISTORY": "", "HOME": self.dir, "TMPDIR": self.dir}
        for does, code, kept in (("echo 'hold (' > \"$1\"", DIAGNOSTICS, b"hold (\n"), ("head -c 5000000 /dev/zero > \"$1\"", DIAGNOSTICS, bytes(5000000)),
                                 ("printf 'hold 1\\0\\n' > \"$1\"", DIAGNOSTICS, b"hold 1\0\n"), ("echo hold 0.25 > \"$1\"; exit 1", DIAGNOSTICS, b"hold 0.25\n"),
                                 ("echo hold 0.25 > \"$1\"; kill -9 $$", DIAGNOSTICS, b"hold 0.25\n"), ("exit 1", DIAGNOSTICS, None), ("rm \"$1\"", DIAGNOSTICS, None),
                                 ("echo hold 0.25 > \"$1\"", OK, None), (":", OK, None)):
            with self.subTest(does=does):
                self.write("editor", f"#!/bin/sh\n{does}\n")
                os.chmod(editor, 0o755)
                r = self.repl("hold 0.5\n:edit\n", env=env, code=code)
                named = re.search(r"what you wrote is in '(.*)'", r.err)
                if kept is None:
                    self.assertIsNone(named, r.err)
                else:
                    with open(named[1], "rb") as f:
                        self.assertEqual(f.read(), kept)
                    shutil.rmtree(os.path.dirname(named[1]))
                self.assertEqual(self.files(), ["editor"])

    def test_standard_input_is_no_file(self):
        for command in ("load -", "watch -", "diff -", "diff a.lrs -", "sim --metrics=-", "find a.csv --schedule=-"):
            with self.subTest(command=command):
                r = self.repl(f"hold 1\n:{command}\nhold 2\n", "--keep-going", code=DIAGNOSTICS)
                self.assertIn("standard input is where entries come from", r.err)
                self.assertIn("\nhold 2\n", r.out)
        os.symlink("/dev/stdin", self.path("in.lrs")) # the pipe by other names
        for name in ("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0", "in.lrs"):
            for command in ("load", "watch", "diff", "find", "save", "save!", "find a.csv --schedule"):
                with self.subTest(command=command, name=name):
                    r = self.repl(f"hold 1\n:{command} {name}\nhold 2\n", "--keep-going", code=DIAGNOSTICS)
                    self.assertIn(f"a command needs the name of a file, not `{name}`", r.err)
                    self.assertIn("\nhold 2\n", r.out)

    def test_what_a_param_without_a_value_needs(self):
        """The session's is given by :set; that of a file beside it by -D."""
        for command in ("plot", "table 0:3", "export x.svg", "sim"):
            with self.subTest(command=command):
                r = self.repl(f"param peak; warmup 5 -> peak; on plateau *0.5\n:{command}\n", code=DIAGNOSTICS)
                self.assertIn("param `peak` has no default: give it a value\nlrsc: note: `:set peak=VALUE` gives it one\n", r.err)
                self.assertNotIn("-D", r.err)
        r = self.repl("warmup 3 epochs -> 0.1\n", code=DIAGNOSTICS)
        self.assertTrue(r.err.endswith("help: add `param steps_per_epoch = 1000`\n"), r.err)
        self.write("b.lrs", "param top\nhold top\n")
        r = self.repl("hold 1\n:diff b.lrs\n", code=DIAGNOSTICS)
        self.assertIn("param `top` has no default: give it a value\nlrsc: note: `-D top=VALUE` gives it one\n", r.err)

    def test_what_a_terminal_would_obey_is_not_shown(self):
        self.write("a.lrs", "param a = 1 # \033]0;title\007\u009b1m\u202e\u061c\u200e\u2067.\n# \033[31m red\n# \xff\nparam b = (1 +\n # \033[2J\n 2)\nhold a\n".encode() + b"# \xff\n")
        r = self.repl(":load a.lrs\n:list\n:list canonical\n?a\n?b\n:params\n:at 5\n:plot\n")
        self.assertIn("param a = 1 # ?]0;title??1m????.\n# ?[31m red\n", r.out)
        for bad in "\033\007\u009b\u061c\u200e\u202e\u2067":
            self.assertNotIn(bad, r.raw.decode())

    def test_many_options(self):
        self.assertIn("unknown option '--lats'", self.repl("hold 1\n:asm " + "-w " * 100 + "--lats\n", code=DIAGNOSTICS).err)

    def test_time(self):
        self.assertRegex(self.repl(":time on\n1+1\n").out, r"^times are shown\n\d+\.\d\d ms\n2\n\d+\.\d\d ms\n$")

    def test_quit(self):
        self.assertEqual(self.repl("1\n:quit\n2\n").out, "1\n")

    def test_watch_needs_a_terminal(self):
        self.assertIn("needs a terminal", self.repl(":watch a.lrs\n", code=DIAGNOSTICS).err)

    def test_commands_that_need_a_schedule(self):
        for command in ("plot", "table 0:5", "at 5", "ir", "ast", "export a.svg", "sim"):
            with self.subTest(command=command):
                self.assertIn("there is no schedule yet", self.repl(f"param a = 1\n:{command}\n", code=DIAGNOSTICS).err)

    def test_quotes(self):
        self.repl("hold 1\n:save \"a b.lrs\"\n:load 'a b.lrs'\n")
        self.assertTrue(os.path.exists(os.path.join(self.dir, "a b.lrs")))
        self.assertIn("quote is not closed", self.repl(":load 'a\n", code=DIAGNOSTICS).err)


class UsedFiles(Batch):
    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w", encoding="utf-8") as f:
            f.write(text)

    def test_commands_know_use(self):
        self.write("a.lrs", 'use "lib.lrs"\nhold rate\n')
        self.write("built.lrs", "let rate = 3\n")
        self.write("other.lrs", "let rate = 5\n")
        at = ":table --at=0\n"
        r = self.repl(f"2*rate\n{at}:table --at=0 --use=lib.lrs=other.lrs\n{at}:plot\n:export x.csv\n", "--use=lib.lrs=built.lrs", "a.lrs")
        self.assertEqual([line for line in r.out.splitlines() if line.startswith("0,")], ["0,3", "0,5", "0,3"], repr(r))

    def test_commands_know_that_no_files_are_used(self):
        self.write("lib.lrs", "let rate = 3\n")
        self.repl('use "lib.lrs"\n')
        self.assertIn("LRS0220", self.repl('use "lib.lrs"\n', "--no-use-files", code=1).err)


class Streams(Batch):
    def test_nothing_but_results(self):
        r = self.repl("1 + 1\n")
        self.assertEqual((r.out, r.err), ("2\n", ""))
        self.assertEqual((self.repl("").out, self.repl("\n \n# a comment\n").out), ("", ""))

    def test_the_first_error_ends_it(self):
        r = self.repl("1\n2 +* 3\n4\n", code=DIAGNOSTICS)
        self.assertEqual(r.out, "1\n")
        self.assertRegex(r.err, r"^<stdin>:2:4: error")

    def test_an_entry_of_many_lines(self):
        """Each line is looked at once."""
        r = self.repl("schedule lr {\n" + "# nothing\n" * 40000 + "hold 0.5\n}\n1 +* 2\n", code=DIAGNOSTICS)
        self.assertIn("peak 0.5 at 0", r.out)
        self.assertRegex(r.err, r"^<stdin>:40004:4: error")

    def test_many_entries(self):
        """What is done is forgotten."""
        r = self.repl(("#" + "x" * 1000 + "\n1\n") * 60000 + "1 +* 2\n", code=DIAGNOSTICS)
        self.assertEqual(r.out, "1\n" * 60000)
        self.assertRegex(r.err, r"^<stdin>:120001:4: error.*\n120001 \| 1 \+\* 2\n")

    def test_a_file_of_many_statements_and_comments(self):
        with open(self.path("many.lrs"), "w", encoding="utf-8") as f:
            for i in range(30000):
                f.write(f"let x{i}=1\n" + "#\n" * 55)
            f.write("hold 1\n")
        self.assertIn("peak 1 at 0", self.repl(":load many.lrs\n").out)

    def test_keep_going(self):
        r = self.repl("1\n2 +* 3\n:nonsense\n4\n", "--keep-going", code=DIAGNOSTICS)
        self.assertEqual(r.out, "1\n4\n")

    def test_a_first_line_for_the_shell(self):
        self.assertEqual(self.repl("#!/usr/bin/env -S lrsc repl\n3\n").out, "3\n")

    def test_colours_only_when_asked_for(self):
        self.assertNotIn("\033", self.repl("hold 1\n").out)
        self.assertIn("\033[33m1\033[0m", self.repl("hold 1\n", "--color=always").out)
        env = {"CLICOLOR_FORCE": "1", "LRS_HISTORY": "", "HOME": self.dir}
        self.assertIn("\033", self.repl("hold 1\n", env=env).out)
        self.assertNotIn("\033", self.repl("hold 1\n", env={**env, "NO_COLOR": "1"}).out)

    def test_ascii(self):
        self.assertTrue(self.repl("hold 1\n", "--ascii").raw.isascii())
        self.assertTrue(self.repl("hold 1\n", env={"LC_ALL": "C", "LANG": "C", "HOME": self.dir}).raw.isascii())

    def test_settings(self):
        config = os.path.join(self.dir, ".config", "lrs")
        os.makedirs(config)
        with open(os.path.join(config, "lrsrc"), "w", encoding="utf-8") as f:
            f.write("let half = 0.5\n:time on\nhold 0.1\n")
        self.assertRegex(self.repl("half\n").out, r"^0\.5\n\d")
        self.assertIn("error", self.repl("half\n", "--norc", code=DIAGNOSTICS).err)
        with open(os.path.join(config, "lrsrc"), "w", encoding="utf-8") as f:
            f.write("let x = \n")
        self.assertRegex(self.repl("1\n").err, r"lrsrc:\d:\d+: error")

    def test_no_history_in_a_pipe(self):
        home = {"HOME": self.dir, "XDG_STATE_HOME": None, "LRS_HISTORY": None}
        self.repl("1\n", env=home)
        self.assertFalse(os.path.exists(os.path.join(self.dir, ".local")))

    def test_strange_bytes(self):
        for text in (b"\0\n", b"\xff\xfe\n", b"hold \x1b[31m\n", b"'\n", b"(" * 3000 + b"\n", b":" + b"x" * 5000 + b"\n", b"?\n", b":\n", b":help " + b"y" * 300 + b"\n"):
            with self.subTest(text=text[:20]):
                r = run("repl", "--norc", "--keep-going", stdin=text, cwd=self.dir)
                self.assertIn(r.code, (OK, DIAGNOSTICS), repr(r))
                self.assertNotIn(b"\x1b", r.raw + r.err.encode())

    def test_one_file(self):
        self.assertIn("repl takes one file", self.repl("", "a", "b", code=USAGE).err)


if __name__ == "__main__":
    main()
