"""Options, help, exit codes, messages."""
import re
import cli
from cli import CARD, DIAGNOSTICS, IO, USAGE


class Options(cli.Case):
    def test_nothing_given(self):
        r = self.lrsc(code=USAGE)
        self.assertIn("no input file", r.err)
        self.assertIn("--help", r.err)
        self.assertEqual(r.out, "")

    def test_version(self):
        r = self.lrsc("--version")
        self.assertRegex(r.out, r"^lrsc \d+\.\d+\.\d+\nLLVM: .+\ncairo: .+\n$")

    def test_help_lists_every_option_of_each_verb(self):
        wanted = {
            (): ["-o OUT", "--emit=", "--prefix=", "--target=", "--cpu=", "--print-targets", "-O[0..3]", "-g", "-fPIC",
                 "-D NAME=VALUE", "-I DIR", "-MD", "-MF FILE", "-MT TARGET", "--check", "-W", "-w", "-Werror", "--color=",
                 "-v", "--version", "-h, --help", "--explain=", "eval", "plot", "check"],
            ("eval",): ["-e TEXT", "-D NAME=VALUE", "--range=A:B[:STEP]", "--at=", "--metrics=", "--engine=", "--format=",
                        "--output="],
            ("plot",): ["-e TEXT", "--range=", "--width=", "--height=", "--ascii", "--log", "--metrics="],
            ("check",): ["-e TEXT", "-D NAME=VALUE", "-Werror"],
        }
        for verb, words in wanted.items():
            r = self.lrsc(*verb, "--help")
            self.assertEqual(r.err, "")
            for word in words:
                self.assertIn(word, r.out)
            self.assertLessEqual(max(map(len, r.out.splitlines())), 120)
            self.assertEqual(self.lrsc(*verb, "-h").out, r.out)
        self.assertNotIn("--emit", self.lrsc("eval", "--help").out)

    def test_options_that_help_lists_are_accepted(self):
        self.write("a.lrs", CARD)
        flags = re.findall(r"^  (-[a-zA-Z]+|--[a-z-]+)(?=\s|,|$)", self.lrsc("--help").out, re.M)
        self.assertIn("-MD", flags)
        for flag in flags:
            if flag in ("-e", "-o", "--emit", "--prefix", "--target", "--cpu", "-D", "-I", "--use", "-MF", "-MT", "--explain", "--color"):
                continue
            r = cli.run(flag, "--check", "a.lrs", cwd=self.dir)
            self.assertNotEqual(r.code, USAGE, f"{flag}\n{r}")

    def test_unknown_options(self):
        for args, near in ((("--emot=obj", "a.lrs"), "--emit"), (("--prefx", "x"), "--prefix"), (("-Merror", "a.lrs"), None),
                           (("-Weror", "a.lrs"), "-Werror"), (("-q", "a.lrs"), None), (("-fast", "a.lrs"), None),
                           (("eval", "--formt=csv"), "--format"), (("plot", "--hieght=3"), "--height"),
                           (("--zzzzzzzz",), None), (("plot", "--foo"), None), (("plot", "--ascci"), "--ascii"), (("-Wextr", "a.lrs"), "-Wextra"),
                           (("--bar", "a.lrs"), None), (("eval", "--emit=c"), None)):
            r = self.lrsc(*args, code=USAGE)
            self.assertIn("unknown option", r.err)
            if near:
                self.assertIn(f"did you mean '{near}'", r.err)
            else:
                self.assertNotIn("did you mean", r.err)

    def test_values_that_are_not_near_are_listed(self):
        for args, told in ((("eval", "--format", "text"), "it takes csv, json, hex"), (("eval", "--format=jso"), "did you mean 'json'?"),
                           (("eval", "--engine=gpu"), "it takes interp, jit, object, c"), (("eval", "--engine=objekt"), "did you mean 'object'?")):
            self.assertIn(told, self.lrsc(*args, "-e", "hold 1", code=USAGE).err)

    def test_a_sweep_is_refused_in_a_sentence(self):
        for verb, told in (((), "the compiler takes one"), (("check",), "check takes one"), (("eval",), "eval takes one")):
            self.assertIn("a sweep, which `lrsc plot` draws; " + told + "\n", self.lrsc(*verb, "-D", "x=1,2", "-e", "hold 1", code=USAGE).err)

    def test_arguments_missing_or_too_many(self):
        for args in (("-o",), ("--emit",), ("-MF",), ("-D",), ("eval", "--at"), ("plot", "--width")):
            self.assertIn("argument is missing", self.lrsc(*args, code=USAGE).err)
        self.assertIn("takes no argument", self.lrsc("--check=yes", "a.lrs", code=USAGE).err)

    def test_empty_output(self):
        self.write("a.lrs", CARD)
        for args in (("-o", ""), ("--emit=c", "-o", "")):
            self.assertIn("-o takes", self.lrsc("a.lrs", *args, code=USAGE).err)
        self.assertEqual(self.files(), ["a.lrs"])

    def test_unknown_verb(self):
        r = self.lrsc("plto", "a.lrs", code=USAGE)
        self.assertIn("did you mean 'plot'", r.err)
        self.assertIn("neither a file nor a verb", self.lrsc("frobnicate", "a.lrs", code=USAGE).err)
        self.assertIn("cannot read", self.lrsc("frobnicate", code=IO).err)

    def test_options_after_files_and_double_dash(self):
        self.write("a.lrs", CARD)
        self.write("-b.lrs", CARD)
        self.lrsc("a.lrs", "--check")
        self.lrsc("a.lrs", "--check", env={"POSIXLY_CORRECT": "1"})
        self.lrsc("--check", "--", "-b.lrs")
        self.lrsc("--check", "-b.lrs", code=USAGE)

    def test_bad_choices(self):
        for args, words in ((("--emit=obj,bitcod", "a"), "bitcode"), (("--emit=", "a"), "it takes"), (("--color=red", "a"), "auto"),
                            (("eval", "--engine=jti", "a"), "jit"), (("eval", "--format=yaml", "a"), "csv, json, hex"),
                            (("-O4", "a"), "-O takes"), (("-Os", "a"), "-O takes"), (("--prefix=1x", "a"), "C name"),
                            (("--prefix=", "a"), "C name"), (("plot", "--width=5", "a"), "from 20"),
                            (("plot", "--height=x", "a"), "whole number")):
            self.assertIn(words, self.lrsc(*args, code=USAGE).err)

    def test_explain(self):
        for code in ("LRS0101", "lrs0101", "101"):
            r = self.lrsc("--explain", code)
            self.assertEqual(self.lrsc("check", "--explain=" + code).out, r.out)
            self.assertTrue(r.out.startswith("LRS0101: "), r)
            self.assertGreater(len(r.out), 80)
        for code in ("LRS9999", "", "abc", "LRS", "-1", "99999999999999999999"):
            self.assertIn("not the code", self.lrsc("--explain=" + code, code=USAGE).err)

    def test_every_reported_code_is_explained(self):
        r = self.lrsc("check", "-", stdin=cli.BAD, code=DIAGNOSTICS)
        codes = re.findall(r"LRS\d{4}", r.err)
        self.assertTrue(codes, r)
        for code in codes:
            self.lrsc("--explain", code)

    def test_print_targets(self):
        self.need_llvm()
        r = self.lrsc("--print-targets")
        self.assertIn("x86", r.out)
        self.assertIn("aarch64", r.out)

    def test_defines(self):
        self.write("p.lrs", "param peak = 0.1\nhold peak\n")
        for text, value in (("0.5", 0.5), ("5e-1", 0.5), (".5", 0.5), ("90k", 90000.0), ("2.5M", 2.5e6), ("1B", 1e9),
                            ("1T", 1e12), ("10%", 0.1), ("1_000", 1000.0), ("-3", -3.0), ("1e-3k", 1.0), ("0.3M", 300000.0),
                            ("7%", 0.07), ("4.35k", 4350.0), ("0", 0.0)):
            r = self.lrsc("eval", "-D", f"peak={text}", "--at=0", "--format=hex", "p.lrs")
            self.assertEqual(r.out, f"step,lr\n0,{cli.bits(value)}\n", text)
        self.assertIn(cli.bits(0.25), self.lrsc("eval", "-Dpeak=0.5", "-Dpeak=0.25", "--at=0", "--format=hex", "p.lrs").out)

    def test_use_in_place_of_files(self):
        self.write("conf/a.lrs", 'use "lib.lrs"\nuse "../other.lrs"\nhold rate + more\n')
        self.write("built.lrs", "let rate = 3\n")
        self.write("old.lrs", "let rate = 5\n")
        self.write("other.lrs", 'use "conf/x.lrs"\nlet more = 10*rate\n')
        uses = ["--use=conf/lib.lrs=old.lrs", "--use=conf/lib.lrs=built.lrs", "--use=conf/../conf/x.lrs=built.lrs"]
        r = self.lrsc("eval", "--at=0", *uses, "conf/a.lrs")
        self.assertEqual(r.out.split()[-1], "0,33", r)
        self.assertEqual(self.lrsc("check", *uses, "conf/a.lrs").code, 0)
        self.assertIn("not standard input", self.lrsc("check", "--use=conf/lib.lrs=-", "conf/a.lrs", code=USAGE, stdin="let rate = 3").err)
        one = ["--use=one.lrs=built.lrs", "--use=two.lrs=./built.lrs"]
        self.assertEqual(self.lrsc("check", *one, "-e", 'use "one.lrs"\nuse "two.lrs"\nhold rate').code, 0)  # one file
        for text in ('use "built.lrs"\nuse "./built.lrs"\nhold rate', 'use "./built.lrs"\nuse "built.lrs"\nhold rate'):  # by another name it is found on the disk
            r = self.lrsc("eval", "--at=0", "--use=built.lrs=old.lrs", "-e", text)
            self.assertEqual(r.out.split()[-1], "0,5", r)
        for arg in ("conf/lib.lrs", "=built.lrs", "conf/lib.lrs="):
            self.assertIn("--use takes NAME=FILE", self.lrsc("check", f"--use={arg}", "conf/a.lrs", code=USAGE).err)
        self.assertIn("nowhere.lrs", self.lrsc("check", "--use=conf/lib.lrs=nowhere.lrs", "conf/a.lrs", code=IO).err)

    def test_use_without_files(self):
        self.write("lib.lrs", "let rate = 3\n")
        self.write("a.lrs", 'use "lib.lrs"\nhold rate\n')
        self.assertEqual(self.lrsc("check", "a.lrs").code, 0)
        self.assertIn("help: allow it with --use", self.lrsc("check", "--no-use-files", "a.lrs", code=DIAGNOSTICS).err)
        self.assertIn("help: name it with --use", self.lrsc("check", "--no-use-files", "--use=b.lrs=lib.lrs", "a.lrs", code=DIAGNOSTICS).err)
        self.assertEqual(self.lrsc("check", "--no-use-files", "--use=lib.lrs=lib.lrs", "a.lrs").code, 0)

    def test_bad_defines(self):
        self.write("p.lrs", "param peak = 0.1\nhold peak\n")
        for text in ("peak", "=1", "1peak=2", "peak=", "peak=x", "peak=1x", "peak=1__0", "peak=1e", "peak=inf", "peak=1e999",
                     "peak=0x10", "peak=1 ", "peak=5 epochs", "a b=1", "peak=1k%", "peak=_1"):
            r = self.lrsc("eval", "-D", text, "--at=0", "p.lrs", code=USAGE)
            self.assertIn("-D", r.err)
        self.assertIn("unit", self.lrsc("eval", "-D", "peak=5 epochs", "p.lrs", code=USAGE).err)
        self.assertIn("out of the range", self.lrsc("eval", "-D", "peak=1e999", "p.lrs", code=USAGE).err)

    def test_unknown_param(self):
        self.write("p.lrs", "param peak = 0.1\nhold peak\n")
        r = self.lrsc("eval", "-D", "paek=1", "p.lrs", code=DIAGNOSTICS)
        self.assertIn("peak", r.err)
        self.assertIn("did you mean", r.err)

    def test_param_without_value(self):
        r = self.lrsc("eval", "-e", "param peak\nhold peak", "--at=0", code=DIAGNOSTICS)
        self.assertIn("peak", r.err)
        self.lrsc("eval", "-e", "param peak\nhold peak", "--at=0", "-Dpeak=1")


class Messages(cli.Case):
    def test_diagnostics_go_to_stderr_with_code_1(self):
        self.write("bad.lrs", cli.BAD)
        for args in (("bad.lrs",), ("--check", "bad.lrs"), ("check", "bad.lrs"), ("eval", "bad.lrs"), ("plot", "bad.lrs"),
                     ("--emit=ast", "bad.lrs")):
            r = self.lrsc(*args, code=DIAGNOSTICS)
            self.assertEqual(r.out, "")
            self.assertRegex(r.err, r"(?m)^bad\.lrs:1:\d+: error: ")
        self.assertEqual(self.files(), ["bad.lrs"])

    def test_check_of_good_files_is_silent(self):
        self.write("a.lrs", "hold 0.1 for 100\n")
        r = self.lrsc("check", "a.lrs")
        self.assertEqual((r.out, r.err), ("", ""))
        self.assertEqual(self.files(), ["a.lrs"])

    def test_notes_are_printed_by_check(self):
        """A warm-up from 0 makes a first update of 0, which is worth a note, and no more."""
        self.write("a.lrs", CARD)
        note = self.lrsc("check", "a.lrs").err
        self.assertRegex(note, r"(?m)^a\.lrs:1:1: note: ")
        self.assertEqual(self.lrsc("--check", "a.lrs").err, note)
        self.assertEqual(self.lrsc("check", "-Werror", "a.lrs").err, note)
        for args in (("--emit=ir",), ("eval", "--at=0"), ("plot",)):
            self.assertEqual(self.lrsc(*args, "a.lrs").err, "")
            self.assertEqual(self.lrsc(*args, "-W", "a.lrs").err, note)
            self.assertEqual(self.lrsc(*args, "-Wall", "-w", "a.lrs").err, "")
        self.assertEqual(self.lrsc("check", "-w", "a.lrs").err, "")

    def test_check_of_text(self):
        r = self.lrsc("check", "-e", cli.BAD, code=DIAGNOSTICS)
        self.assertRegex(r.err, r"^<command line>:1:\d+: error: ")
        self.assertEqual(self.lrsc("check", "-e", "hold peak", "-Dpeak=1", code=DIAGNOSTICS).out, "")
        r = self.lrsc("check", "-e", "hold 0.1 for 100")
        self.assertEqual((r.out, r.err), ("", ""))
        self.lrsc("check", "-Werror", "-e", "hold 0.1; on plateau(patience=3) *2", code=DIAGNOSTICS)
        self.assertIn("not both", self.lrsc("check", "-e", CARD, "a.lrs", code=USAGE).err)
        self.assertEqual(self.files(), [])

    def test_check_looks_at_all_files(self):
        self.write("a.lrs", cli.BAD)
        self.write("b.lrs", CARD)
        self.write("c.lrs", "hold 0.1 for\n")
        r = self.lrsc("check", "a.lrs", "b.lrs", "c.lrs", code=DIAGNOSTICS)
        self.assertIn("a.lrs:1:", r.err)
        self.assertIn("c.lrs:1:", r.err)

    def test_warnings(self):
        text = "warmup 5 -> 0.1; then hold; on plateau(patience=3) *2\n"
        self.write("w.lrs", text)
        r = self.lrsc("check", "w.lrs")
        self.assertIn("warning:", r.err)
        self.assertEqual(self.lrsc("check", "-W", "w.lrs").err, r.err)
        self.assertEqual(self.lrsc("check", "-w", "w.lrs").err, "")
        r = self.lrsc("check", "-Werror", "w.lrs", code=DIAGNOSTICS)
        self.assertIn("treated as errors", r.err)
        self.lrsc("eval", "-Werror", "w.lrs", code=DIAGNOSTICS)
        self.lrsc("-Werror", "--emit=c", "w.lrs", code=DIAGNOSTICS)
        self.assertEqual(self.files(), ["w.lrs"])
        self.lrsc("check", "-Werror", "-Wno-error", "w.lrs")
        self.lrsc("check", "-w", "-Werror", "w.lrs")

    def test_colour(self):
        self.write("bad.lrs", cli.BAD)
        escape = "\x1b["

        def colours(*args, **env):
            return escape in self.lrsc("check", *args, "bad.lrs", code=DIAGNOSTICS, env=env).err

        self.assertFalse(colours())
        self.assertTrue(colours("--color=always"))
        self.assertTrue(colours("--color=always", NO_COLOR="1"))
        self.assertTrue(colours(CLICOLOR_FORCE="1"))
        self.assertTrue(colours(FORCE_COLOR="1"))
        self.assertFalse(colours(FORCE_COLOR="0"))
        self.assertFalse(colours(CLICOLOR_FORCE="1", NO_COLOR="1"))
        self.assertTrue(colours(CLICOLOR_FORCE="1", NO_COLOR=""))
        self.assertFalse(colours("--color=never", CLICOLOR_FORCE="1"))
        self.assertIn(escape, self.lrsc("check", "--color=always", "--nope", code=USAGE).err)

    def test_colour_on_a_terminal(self):
        import os
        import subprocess
        self.write("bad.lrs", cli.BAD)

        def colours(**env):
            master, slave = cli.open_terminal()
            full = cli._environment()
            full.update(env)
            subprocess.run([cli.LRSC, "check", "bad.lrs"], stderr=slave, cwd=self.dir, env=full)
            os.close(slave)
            text = b""
            try:
                while chunk := os.read(master, 4096):
                    text += chunk
            except OSError:
                pass
            os.close(master)
            return b"\x1b[" in text

        self.assertTrue(colours())
        self.assertFalse(colours(NO_COLOR="1"))
        self.assertFalse(colours(TERM="dumb"))

    def test_verbose(self):
        self.write("a.lrs", CARD)
        r = self.lrsc("-v", "--emit=c", "a.lrs")
        self.assertRegex(r.err, r"a\.lrs: compiled, [\d.]+ ms")
        self.assertRegex(r.err, r"a\.lrs: made c, \d+ bytes")
        self.assertEqual(r.out, "")

    def test_ascii_locale(self):
        self.write("bad.lrs", cli.BAD)
        r = self.lrsc("check", "bad.lrs", code=DIAGNOSTICS, env={"LC_ALL": "C", "LANG": "C"})
        self.assertTrue(r.err.isascii(), r.err)


if __name__ == "__main__":
    cli.main()
