"""Compiling: kinds of output, names, dependencies, determinism, several inputs."""
import os
import re
import shutil
import struct
import subprocess
import cli
from cli import CARD, DIAGNOSTICS, IO, USAGE


def text_size(elf):
    """The size of .text in a 64-bit little-endian ELF object."""
    at, entry, n, names = struct.unpack_from("<Q", elf, 0x28)[0], *struct.unpack_from("<HHH", elf, 0x3a)
    sections = [struct.unpack_from("<IIQQQQ", elf, at + k*entry) for k in range(n)]
    strings = sections[names][4]
    return sum(s[5] for s in sections if elf[strings + s[0]:].startswith(b".text\0"))


class Kinds(cli.Case):
    def setUp(self):
        super().setUp()
        self.write("card.lrs", CARD)

    def test_object_and_header(self):
        self.need_llvm()
        self.lrsc("card.lrs", "-o", "out.o")
        self.assertEqual(self.files(), ["card.lrs", "out.h", "out.o"])
        self.assertTrue(self.read("out.o").startswith(b"\x7fELF"))
        self.assertIn(b"out_init", self.read("out.h"))

    def test_object_is_small(self):
        """What a schedule does not use of the kernels is not in its object."""
        self.need_llvm()
        self.lrsc("card.lrs", "-o", "out.o", "--target=x86_64-linux-gnu")
        self.assertLessEqual(text_size(self.read("out.o")), 4096)

    def test_default_output(self):
        self.need_llvm()
        os.mkdir(self.path("sub"))
        self.write("sub/my-card.lrs", CARD)
        self.lrsc("sub/my-card.lrs")
        self.assertEqual(self.files(), ["card.lrs", "my-card.h", "my-card.o", "sub"])
        self.assertIn(b"my_card_init", self.read("my-card.h"))
        self.assertEqual(os.listdir(self.path("sub")), ["my-card.lrs"])

    def test_accepted_for_the_habit(self):
        self.need_llvm()
        self.lrsc("card.lrs", "-o", "a.o")
        self.lrsc("-c", "-fPIC", "-fpic", "-fPIE", "-fpie", "card.lrs", "-oa2.o", "--prefix=a")
        self.assertIn("a_get_lr", self.read("a2.h").decode())

    def test_what_no_engine_runs_is_refused_everywhere(self):
        sines = [f"sin(t + {i})" for i in range(400)]
        self.write("wide.lrs", "curve " + "+".join(sines) + "+" + "*".join(sines) + "\n")
        for command in (("check",), ("--check",), ("--emit=c", "-o", "wide.c"), ("eval", "--at=0")):
            done = self.lrsc(*command, "wide.lrs", code=DIAGNOSTICS)
            self.assertIn("more than 252 intermediate values", str(done.err))
        self.assertEqual(self.files(), ["card.lrs", "wide.lrs"])

    def test_suffix_says_what(self):
        for suffix, needs_llvm, begins in ((".c", False, b"/*"), (".h", False, b"/*"), (".s", True, b""), (".ll", True, b"; ModuleID"),
                                           (".bc", True, b"BC\xc0\xde")):
            if needs_llvm and not cli.has_llvm():
                continue
            name = "x" + suffix
            self.lrsc("card.lrs", "-o", name)
            self.assertTrue(self.read(name).startswith(begins), name)
            self.assertEqual(self.files(), ["card.lrs", name])
            os.remove(self.path(name))

    def test_a_call_or_a_text_in_place_of_a_file(self):
        """As from standard input: what it becomes has no name of its own."""
        call, text = "torch.StepLR(30, lr=0.1)", "hold 0.1"
        for what in ((call,), ("-e", text)):
            self.lrsc(*what, "--emit=c,js", code=USAGE)
            self.assertTrue(self.lrsc(*what, "--emit=c").raw.startswith(b"/*"))
            self.lrsc(*what, "-o", "x.c", "-MD")
            self.assertIn(b"x_get_lr", self.read("x.c"))
            self.assertEqual(self.read("x.d").strip(), b"x.c:")
            self.lrsc(*what, "--emit=c,header", "-o", "x")
            self.assertEqual(self.files(), ["card.lrs", "x.c", "x.d", "x.h"])
            for name in ("x.c", "x.d", "x.h"):
                os.remove(self.path(name))
            if cli.has_llvm():
                self.lrsc(*what, "-o", "x.o")
                self.assertEqual(self.files(), ["card.lrs", "x.h", "x.o"])
                os.remove(self.path("x.o"))
                os.remove(self.path("x.h"))
        self.write("same.lrs", "use torch\n" + call + "\n")
        self.assertEqual(self.lrsc(call, "--emit=ir").out.split("\n", 1)[1], self.lrsc("same.lrs", "--emit=ir").out.split("\n", 1)[1])
        self.assertIn("StepLR", self.lrsc(call, "--emit=ast").out)
        self.assertEqual(self.lrsc("check", call).err, "")
        r = self.lrsc("check", "torch.StepLR(30)", code=cli.DIAGNOSTICS)
        self.assertTrue(r.err.startswith("torch.StepLR(30):1:1: error: `torch.StepLR` needs a rate to start from [LRS0208]\n    1 | torch.StepLR(30)\n"), r.err)
        r = self.lrsc("torch.StepLR(30", "--emit=ast", code=cli.DIAGNOSTICS)
        self.assertIn("torch.StepLR(30:1:13: error: this `(` is never closed", r.err)
        self.lrsc(call, "-e", text, "--emit=c", code=USAGE)

    def test_unknown_suffix(self):
        for name in ("x.so", "x.cu", "x.lrs", "x.txt"):
            self.assertIn("--emit", self.lrsc("card.lrs", "-o", name, code=USAGE).err)
        self.lrsc("card.lrs", "--emit=c", "-o", "x.txt")
        self.assertEqual(self.files(), ["card.lrs", "x.txt"])

    def test_assembly(self):
        self.need_llvm()
        self.lrsc("-S", "card.lrs")
        self.assertIn(b"get_lr", self.read("card.s"))

    def test_several_kinds(self):
        self.lrsc("card.lrs", "--emit=c,header", "--emit=ir", "-o", "x.c")
        self.assertEqual(self.files(), ["card.lrs", "x.c", "x.h", "x.ir"])
        self.assertIn(b'#include "x.h"', self.read("x.c"))
        self.lrsc("card.lrs", "--emit=c", "-o", "y.c")
        self.assertNotIn(b'#include "y.h"', self.read("y.c"))
        self.lrsc("card.lrs", "--emit=c,header")
        self.assertIn("card.c", self.files())
        self.assertIn("card.h", self.files())

    def test_trees_and_ir_go_to_stdout(self):
        tree = self.lrsc("--emit=ast", "card.lrs").out
        self.assertIn("warmup", tree)
        ir = self.lrsc("--emit=ir", "card.lrs").out
        self.assertGreater(len(ir.splitlines()), 5)
        self.lrsc("--emit=ast", "-o", "t.txt", "card.lrs")
        self.assertEqual(self.read("t.txt").decode(), tree)
        self.assertEqual(self.lrsc("--emit=ast,ir", "card.lrs").out, ir + tree)

    def test_texts_are_what_they_look_like(self):
        """Names and texts that turn the direction of writing, or end a comment: compilers warn of the first, and compile the second."""
        name = "a\u202e*\n\u2028\\.lrs"
        self.write(name, 'param a = 1\nrequire a < 2 "x\u202ey"\nschedule lr { hold a }\nschedule lr["q\u202e"] = 2*lr\n')
        for kind, first in (("c", "/* The schedule a\\u{202e}* \\u{2028}\\.lrs, compiled to C99 "), ("header", "/* The schedule a\\u{202e}* \\u{2028}\\.lrs, compiled "),
                            ("js", "/* The schedule a\\u{202e}* \\u{2028}\\.lrs, compiled to JavaScript "), ("jax", "# The schedule a\\u{202e}* \\u{2028}\\.lrs, compiled for JAX "),
                            ("ast", "param a")):
            text = str(self.lrsc(f"--emit={kind}", "--prefix=p", "-o", "-", name).out)
            self.assertTrue(text.startswith(first), text[:100])
            self.assertNotIn("\u202e", text)
        self.assertIn('require "x\\u{202e}y"', text)
        self.assertIn('output 1 lr["q\\u{202e}"]\n', self.lrsc("--emit=ir", "-o", "-", name).out)
        self.assertIn("cannot read '\u00e9\\u{202e}\\x7f", self.lrsc("check", "\u00e9\u202e\x7f.lrs", code=IO).err)
        self.write("x\x7f.lrs", "hold 5000\n")
        self.assertTrue(self.lrsc("check", "x\x7f.lrs").err.startswith("x\\x7f.lrs:1:6: warning"))
        self.assertTrue(self.lrsc("--emit=c", "-o", "-", "x\x7f.lrs").out.startswith("/* The schedule x\\x7f.lrs, compiled"))

    def test_a_tree_needs_no_meaning(self):
        self.write("odd.lrs", "nonsense 5 -> unknown\n")
        self.assertIn("nonsense", self.lrsc("--emit=ast", "odd.lrs").out)
        self.lrsc("--emit=ir", "odd.lrs", code=DIAGNOSTICS)

    def test_stdin_and_stdout(self):
        from_file = self.lrsc("--emit=c", "--prefix=p", "-o", "-", "card.lrs").out
        from_stdin = self.lrsc("--emit=c", "--prefix=p", "-", stdin=CARD).out
        self.assertIn("p_get_lr", from_file)
        strip = lambda text: [line for line in text.splitlines() if "card.lrs" not in line and "<stdin>" not in line]
        self.assertEqual(strip(from_file), strip(from_stdin))
        self.lrsc("-", "-o", "x.c", stdin=CARD)
        self.assertEqual(self.files(), ["card.lrs", "x.c"])
        self.assertIn("several kinds", self.lrsc("--emit=c,header", "-", stdin=CARD, code=USAGE).err)
        self.assertIn("several kinds", self.lrsc("--emit=c,header", "-o", "-", "card.lrs", code=USAGE).err)
        r = self.lrsc("check", "-", stdin=cli.BAD, code=DIAGNOSTICS)
        self.assertIn("<stdin>:1:", r.err)

    def test_object_to_stdout(self):
        self.need_llvm()
        self.assertTrue(self.lrsc("-o", "-", "card.lrs").raw.startswith(b"\x7fELF"))
        self.assertTrue(self.lrsc("-", stdin=CARD).raw.startswith(b"\x7fELF"))
        self.assertEqual(self.files(), ["card.lrs"])

    def test_no_object_on_a_terminal(self):
        self.need_llvm()

        def on_terminal(*args):
            master, slave = cli.open_terminal()
            try:
                return self.lrsc(*args, stdin=CARD, stdout=slave, code=USAGE)
            finally:
                os.close(slave)
                os.close(master)

        for args in (("-",), ("--emit=obj", "-"), ("--emit=bitcode", "-")):
            r = on_terminal(*args)
            self.assertIn("-o FILE", r.err)
            self.assertEqual(r.out, "")

    def test_without_llvm(self):
        r = self.lrsc("card.lrs", env={"LRS_LLVM_PLUGIN": "/nonexistent/lrs-llvm.so"}, code=IO)
        self.assertIn("--emit=c", r.err)
        self.assertEqual(self.files(), ["card.lrs"])
        self.lrsc("--emit=c", "card.lrs", env={"LRS_LLVM_PLUGIN": "/nonexistent/lrs-llvm.so"})
        r = self.lrsc("--version", env={"LRS_LLVM_PLUGIN": "/nonexistent/lrs-llvm.so"})
        self.assertIn("LLVM: none", r.out)

    def test_llvm_is_not_loaded_when_it_is_not_needed(self):
        if not shutil.which("ldd") or not os.path.exists("/proc/self/maps"):
            self.skipTest("no ldd")
        self.assertNotIn("LLVM", subprocess.run(["ldd", cli.LRSC], stdout=subprocess.PIPE, text=True).stdout)
        # A plugin that cannot be loaded disturbs nothing that does without it.
        broken = self.write("broken.so", "not a library")
        for args in (("--emit=c", "card.lrs"), ("eval", "--at=0", "card.lrs"), ("plot", "card.lrs"), ("check", "card.lrs"),
                     ("--help",)):
            self.lrsc(*args, env={"LRS_LLVM_PLUGIN": broken})

    def test_targets(self):
        self.need_llvm()
        for triple, machine in (("x86_64-linux-gnu", 62), ("aarch64-linux-gnu", 183), ("riscv64-linux-gnu", 243)):
            self.lrsc("--target=" + triple, "-o", "x.o", "card.lrs")
            self.assertEqual(int.from_bytes(self.read("x.o")[18:20], "little"), machine)
        self.assertIn("nosuch", self.lrsc("--target=nosuch-machine", "-o", "y.o", "card.lrs", code=USAGE).err)
        self.assertIn("nosuchcpu", self.lrsc("--cpu=nosuchcpu", "-o", "y.o", "card.lrs", code=USAGE).err)
        self.assertNotIn("y.o", self.files())
        self.lrsc("--cpu=native", "-o", "n.o", "card.lrs")
        self.lrsc("--cpu=x86-64", "--target=x86_64-linux-gnu", "-o", "b.o", "card.lrs")
        self.assertNotEqual(self.read("b.o"), self.read("x.o"))

    def test_debug_and_optimisation(self):
        self.need_llvm()
        sizes = set()
        for level in ("-O0", "-O1", "-O2", "-O3", "-O", "-g"):
            self.lrsc(level, "card.lrs", "-o", "x.o")
            sizes.add(self.read("x.o"))
        self.assertGreaterEqual(len(sizes), 3)
        self.assertIn(b".debug_line", self.read("x.o"))


REQUIRING = """
param peak = 0.5
param n = 5
def part(n: duration, lr = start) {
  require lr <= 1 "lr must be at most 1"
  require n > 2 and n != 7 "n must be above 2, and not 7"
  hold lr for n
}
require peak != 0.25 "not a quarter"
warmup 5 -> peak
part(n)
linear 5 -> 0
"""

ASKING = r"""
#include <stdio.h>
#include "sched.h"
int main(void) {
    static const double cases[][2] = {{0.5, 5}, {2, 5}, {0.5, 1}, {0.5, 7}, {0.25, 5}, {1, 3}};
    for (int i = 0; i < 6; i++) {
        sched_params p;
        sched_state s;
        sched_params_default(&p);
        p.peak = cases[i][0];
        p.n = cases[i][1];
        int status = sched_init(&s, &p);
        printf("%d %s\n", status < 0 ? -1 : status, status < 0 ? sched_error(status) : "");
    }
    return 0;
}
"""


class Requirements(cli.Case):
    """What depends on params is refused when they are set, with the words of the program."""

    def check_kind(self, *sources):
        cc = shutil.which("cc") or self.skipTest("there is no C compiler")
        self.write("main.c", ASKING)
        subprocess.run([cc, "main.c", *sources, "-lm", "-o", "main"], cwd=self.dir, check=True)
        lines = subprocess.run([self.path("main")], cwd=self.dir, check=True, stdout=subprocess.PIPE).stdout.decode().splitlines()
        wanted = ["0", "-1 `part`: lr must be at most 1", "-1 `part`: n must be above 2, and not 7", "-1 `part`: n must be above 2, and not 7",
                  "-1 not a quarter", "0"]
        self.assertEqual(len(lines), len(wanted))
        for line, want in zip(lines, wanted):
            self.assertTrue(line.startswith(want), f"{line!r}, not {want!r}")

    def test_c(self):
        self.write("sched.lrs", REQUIRING)
        self.lrsc("sched.lrs", "--emit=c", "-o", "sched.c")
        self.lrsc("sched.lrs", "--emit=header", "-o", "sched.h")
        self.check_kind("sched.c")

    def test_of_a_param_that_no_number_depends_on(self):
        """Every engine refuses it, also where the whole schedule is known when it is compiled."""
        self.write("sched.lrs", "param total = 6000\nrequire total <= 12000 \"too long\"\nhold 0.1\n")
        self.write("main.c", '#include <stdio.h>\n#include "sched.h"\nint main(void) { sched_params p; sched_state s; sched_params_default(&p);\n'
                   'int good = sched_init(&s, &p); p.total = 24000; int bad = sched_init(&s, &p);\n'
                   'printf("%d %d %s\\n", good, bad < 0, sched_error(bad)); return 0; }\n')
        cc = shutil.which("cc") or self.skipTest("there is no C compiler")
        self.lrsc("sched.lrs", "--emit=c,header", "-o", "sched.c")
        sources = ["sched.c"]
        if cli.has_llvm():
            self.lrsc("sched.lrs", "-o", "sched.o")
            sources.append("sched.o")
        for source in sources:
            subprocess.run([cc, "main.c", source, "-lm", "-o", "main"], cwd=self.dir, check=True)
            self.assertRegex(subprocess.run([self.path("main")], cwd=self.dir, check=True, stdout=subprocess.PIPE).stdout.decode(), "^0 1 too long")

    def test_object(self):
        self.need_llvm()
        self.write("sched.lrs", REQUIRING)
        self.lrsc("sched.lrs", "-o", "sched.o")
        self.check_kind("sched.o")


class Names(cli.Case):
    def prefix_of(self, file, *args):
        self.write(file, CARD)
        text = self.lrsc("--emit=header", "-o", "-", *args, file).out
        return re.search(r"\b(\w+)_init\b", text).group(1)

    def test_prefix(self):
        self.assertEqual(self.prefix_of("card.lrs"), "card")
        self.assertEqual(self.prefix_of("my-card.v2.lrs"), "my_card_v2")
        self.assertEqual(self.prefix_of("1cycle.lrs"), "lrs_1cycle")
        self.assertEqual(self.prefix_of("_x.lrs"), "lrs__x")
        self.assertEqual(self.prefix_of("card.lrs", "--prefix=enc"), "enc")
        self.write("card.lrs", CARD)
        self.lrsc("card.lrs", "-o", "other.h")
        self.assertIn(b"other_init", self.read("other.h"))

    def test_own_get_lr(self):
        self.write("card.lrs", CARD)
        self.assertRegex(self.lrsc("--emit=header", "-o", "-", "card.lrs").out, r"(?m)^\w*\s*double get_lr\(")
        text = self.lrsc("--emit=header", "--prefix=enc", "-o", "-", "card.lrs").out
        self.assertNotRegex(text, r"\bget_lr\(")
        self.assertIn("enc_get_lr(int64_t step, double metric)", text)

    def test_collisions(self):
        self.write("a/x.lrs", CARD)
        self.write("b/x.lrs", CARD)
        self.assertIn("two outputs", self.lrsc("--emit=c", "a/x.lrs", "b/x.lrs", code=USAGE).err)
        self.assertIn("overwrite the input", self.lrsc("--emit=c", "-o", "a/x.lrs", "a/x.lrs", code=USAGE).err)
        self.assertIn("two outputs", self.lrsc("--emit=obj", "-o", "x.h", "a/x.lrs", code=USAGE).err)
        self.assertIn("two outputs", self.lrsc("--emit=c", "-MD", "-MF", "x.c", "-o", "x.c", "a/x.lrs", code=USAGE).err)
        os.symlink("a/x.lrs", self.path("link.c"))
        self.assertIn("overwrite the input", self.lrsc("-o", "link.c", "a/x.lrs", code=USAGE).err)
        self.assertEqual(self.read("a/x.lrs").decode(), CARD)


class SeveralInputs(cli.Case):
    def test_each_to_its_own(self):
        self.write("a.lrs", CARD)
        self.write("b.lrs", "hold 0.1\n")
        self.lrsc("--emit=c,header", "a.lrs", "b.lrs")
        self.assertEqual(self.files(), ["a.c", "a.h", "a.lrs", "b.c", "b.h", "b.lrs"])

    def test_what_belongs_to_one(self):
        self.write("a.lrs", CARD)
        self.write("b.lrs", CARD)
        for args in (("-o", "x.c"), ("--prefix=x",), ("-MF", "x.d"), ("-MD", "-MT", "x")):
            self.assertIn("several input files", self.lrsc("--emit=c", *args, "a.lrs", "b.lrs", code=USAGE).err)
        self.assertEqual(self.files(), ["a.lrs", "b.lrs"])

    def test_one_bad_does_not_stop_the_others(self):
        self.write("a.lrs", cli.BAD)
        self.write("b.lrs", CARD)
        self.lrsc("--emit=c", "a.lrs", "b.lrs", code=DIAGNOSTICS)
        self.assertEqual(self.files(), ["a.lrs", "b.c", "b.lrs"])
        self.lrsc("--emit=c", "a.lrs", "missing.lrs", code=IO)


class Dependencies(cli.Case):
    def setUp(self):
        super().setUp()
        self.write("card.lrs", CARD)

    def test_beside_the_output(self):
        self.lrsc("-MD", "card.lrs", "-o", "out.c")
        self.assertEqual(self.read("out.d").decode(), "out.c: card.lrs\n")

    def test_file_and_target(self):
        self.lrsc("-MD", "-MF", "x.dep", "-MT", "all of it", "card.lrs", "-o", "out.c")
        self.assertEqual(self.read("x.dep").decode(), "all of it: card.lrs\n")
        self.lrsc("-MFy.dep", "-MTa", "-MT", "b", "card.lrs", "-o", "out.c")
        self.assertEqual(self.read("y.dep").decode(), "a b: card.lrs\n")
        self.assertNotIn("out.d", self.files())

    def test_files_of_use(self):
        """A rule has the files that are read, and not the names that they are read for."""
        self.write("a.lrs", 'use "common.lrs"\nuse "more.lrs"\nhold rate\n')
        self.write("built.lrs", "let rate = 3\n")
        self.write("more.lrs", "let other = rate\n")
        self.lrsc("-MD", "a.lrs", "-o", "out.c", "--use=common.lrs=older.lrs", "--use=common.lrs=built.lrs", code=IO)
        self.write("older.lrs", "let rate = 2\n")
        self.lrsc("-MD", "a.lrs", "-o", "out.c", "--use=common.lrs=older.lrs", "--use=common.lrs=built.lrs")
        self.assertEqual(self.read("out.d").decode(), "out.c: a.lrs \\\n  built.lrs \\\n  more.lrs\n")

    def test_files_of_use_by_other_names(self):
        self.write("common.lrs", "let rate = 1\n")
        self.write("older.lrs", "let rate = 2\n")
        self.write("built.lrs", "let rate = 3\n")
        os.symlink("common.lrs", self.path("alias.lrs"))
        for name in ("./common.lrs", ".//././common.lrs", f"../{os.path.basename(self.dir)}/common.lrs", "alias.lrs"):
            self.write("a.lrs", f'use "{name}"\nhold rate\n')
            self.lrsc("-MD", "a.lrs", "-o", "out.c", "--use=common.lrs=built.lrs")
            self.assertEqual(self.read("out.d").decode(), "out.c: a.lrs \\\n  built.lrs\n")
        self.lrsc("-MD", "a.lrs", "-o", "out.c", "--use=a.lrs=built.lrs")
        self.assertEqual(self.read("out.d").decode(), "out.c: a.lrs \\\n  alias.lrs\n")
        self.write("a.lrs", 'use "./common.lrs"\nhold rate\n')
        for order in (("common.lrs=built.lrs", "alias.lrs=older.lrs"), ("alias.lrs=older.lrs", "common.lrs=built.lrs")):
            for more in ((), ("--no-use-files",)):
                r = self.lrsc("eval", "--at=0", "a.lrs", *(f"--use={use}" for use in order), *more)
                self.assertEqual(r.out, "step,lr\n0,3\n")
        self.write("a.lrs", 'use "b.lrs"\nuse "c.lrs"\nhold rate\n')
        self.lrsc("-MD", "a.lrs", "-o", "out.c", "--use=b.lrs=built.lrs", "--use=c.lrs=built.lrs")
        self.assertEqual(self.read("out.d").decode(), "out.c: a.lrs \\\n  built.lrs\n")

    def test_quoting(self):
        self.write("a b$c#d.lrs", CARD)
        self.lrsc("-MD", "--emit=c", "a b$c#d.lrs")
        self.assertEqual(self.read("a b$c#d.d").decode(), "a\\ b$$c\\#d.c: a\\ b$$c\\#d.lrs\n")

    def test_make_understands_it(self):
        make = shutil.which("make")
        if not make:
            self.skipTest("no make")
        self.write("with space.lrs", CARD)
        self.lrsc("-MD", "-MF", "deps", "--emit=c", "-o", "out.c", "with space.lrs")
        os.utime(self.path("with space.lrs"), (2000, 2000))
        self.write("Makefile", "all: out.c\ninclude deps\nout.c:\n\t@echo rebuilt\n")
        os.utime(self.path("out.c"), (1000, 1000))
        self.assertIn("rebuilt", subprocess.run([make], cwd=self.dir, stdout=subprocess.PIPE, text=True).stdout)
        os.utime(self.path("with space.lrs"), (500, 500))
        self.assertNotIn("rebuilt", subprocess.run([make], cwd=self.dir, stdout=subprocess.PIPE, text=True).stdout)

    def test_stdin(self):
        self.assertIn("-MT", self.lrsc("-MD", "--emit=c", "-", stdin=CARD, code=USAGE).err)
        self.lrsc("-MD", "-o", "x.c", "-", stdin=CARD)
        self.assertEqual(self.read("x.d").decode(), "x.c:\n")
        self.lrsc("-MD", "-MF", "y.d", "-MT", "y", "--emit=c", "-", stdin=CARD)
        self.assertEqual(self.read("y.d").decode(), "y:\n")

    def test_not_written_on_errors(self):
        self.write("bad.lrs", cli.BAD)
        self.lrsc("-MD", "--emit=c", "bad.lrs", code=DIAGNOSTICS)
        self.assertEqual(self.files(), ["bad.lrs", "card.lrs"])


class Determinism(cli.Case):
    def test_same_bytes(self):
        kinds = ["c", "header", "ast", "ir"] + (["obj", "asm", "llvm", "bitcode"] if cli.has_llvm() else [])
        self.write("one/card.lrs", CARD)
        self.write("elsewhere/deep/card.lrs", CARD)
        for kind in kinds:
            texts = set()
            for folder, env in (("one", {}), ("elsewhere/deep", {"LC_ALL": "C", "TZ": "Asia/Tokyo"}), ("one", {"COLUMNS": "40"})):
                texts.add(self.lrsc("--emit=" + kind, "-o", "-", "card.lrs", cwd=self.path(folder), env=env).raw)
                texts.add(self.lrsc("--emit=" + kind, "-o", "-", self.path(folder + "/card.lrs"), env=env).raw)
            self.assertEqual(len(texts), 1, kind)


if __name__ == "__main__":
    cli.main()
