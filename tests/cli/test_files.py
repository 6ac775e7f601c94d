"""Reading and writing: whole or not at all, and what is said when it cannot be."""
import os
import re
import resource
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import unittest
import cli
from cli import CARD, DIAGNOSTICS, IO, LRSC


class Reading(cli.Case):
    def test_missing(self):
        for args in (("x.lrs",), ("check", "x.lrs"), ("eval", "x.lrs"), ("plot", "no/x.lrs"), ("eval", "--metrics=x.csv", "-e", "hold 1")):
            r = self.lrsc(*args, code=IO)
            self.assertRegex(r.err, r"cannot read '.*x\.(lrs|csv)': No such file")

    def test_directory(self):
        os.mkdir(self.path("d.lrs"))
        self.assertIn("is a directory", self.lrsc("d.lrs", code=IO).err)

    def test_unreadable(self):
        self.write("x.lrs", CARD)
        os.chmod(self.path("x.lrs"), 0)
        self.assertIn("Permission denied", self.lrsc("x.lrs", code=IO, **self.as_somebody()).err)

    def test_too_large(self):
        path = self.path("big.lrs")
        with open(path, "wb") as f:
            f.truncate((4 << 20) + 1)
        self.assertIn("4 MiB", self.lrsc("check", "big.lrs", code=IO).err)

    def test_endless_input(self):
        with open("/dev/zero", "rb") as f:
            self.assertIn("4 MiB", self.lrsc("check", "-", stdin_file=f, code=IO).err)

    def test_closed_stdin(self):
        self.assertIn("cannot read '<stdin>'", self.lrsc("check", "-", code=IO, stdin_file=None, preexec_fn=lambda: os.close(0)).err)

    def test_any_bytes(self):
        for text in (b"", b"\0", b"\xff\xfe\0\0" * 100, b"hold 0.1\0", bytes(range(256)), b"(" * 100000):
            r = cli.run("check", "-", stdin=text, cwd=self.dir)
            self.assertEqual(r.code, DIAGNOSTICS, r.err[:500])
            self.assertIn("error:", r.err)
            self.assertNotIn("\0", r.err)

    def test_named_pipe(self):
        os.mkfifo(self.path("pipe"))
        writer = subprocess.Popen(["sh", "-c", "echo 'hold 0.1' > pipe"], cwd=self.dir)
        self.addCleanup(self.end, writer)
        self.lrsc("check", "pipe")


class Writing(cli.Case):
    def setUp(self):
        super().setUp()
        self.write("card.lrs", CARD)

    def test_directory_as_output(self):
        os.mkdir(self.path("x.c"))
        self.assertIn("is a directory", self.lrsc("card.lrs", "-o", "x.c", code=IO).err)
        self.assertEqual(self.files(), ["card.lrs", "x.c"])

    def test_folder_that_is_missing(self):
        self.assertIn("No such file", self.lrsc("card.lrs", "-o", "no/x.c", code=IO).err)
        self.assertEqual(self.files(), ["card.lrs"])

    def test_both_or_none(self):
        """The second of two outputs cannot be written: the old first one survives, byte for byte."""
        self.write("x.c", "old\n")
        os.mkdir(self.path("x.h"))
        self.lrsc("--emit=c,header", "-o", "x.c", "card.lrs", code=IO)
        self.assertEqual(self.read("x.c"), b"old\n")
        self.assertEqual(self.files(), ["card.lrs", "x.c", "x.h"])
        os.rmdir(self.path("x.h"))
        self.write("x.h", "old\n")
        self.lrsc("--emit=c,header", "-MD", "-MF", "no/such/dep", "-o", "x.c", "card.lrs", code=IO)
        self.assertEqual((self.read("x.c"), self.read("x.h")), (b"old\n", b"old\n"))
        self.assertEqual(self.files(), ["card.lrs", "x.c", "x.h"])

    def test_errors_leave_the_old_file(self):
        self.write("bad.lrs", cli.BAD)
        self.write("x.c", "old\n")
        self.lrsc("bad.lrs", "-o", "x.c", code=DIAGNOSTICS)
        self.assertEqual(self.read("x.c"), b"old\n")

    def test_full_device(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        before = os.stat("/dev/full")
        r = self.lrsc("--emit=c", "-o", "/dev/full", "card.lrs", code=IO)
        self.assertIn("No space left", r.err)
        after = os.stat("/dev/full")
        self.assertTrue(stat.S_ISCHR(after.st_mode) and after.st_rdev == before.st_rdev)
        with open("/dev/full", "wb") as full:
            for args in (("--emit=c", "-o", "-", "card.lrs"), ("--emit=ir", "card.lrs"), ("--help",), ("--version",),
                         ("eval", "card.lrs"), ("eval", "--at=0", "card.lrs"), ("plot", "card.lrs"), ("--explain=101",)):
                r = self.lrsc(*args, stdout=full, code=IO)
                self.assertRegex(r.err, "cannot write")

    def test_full_file_system(self):
        if os.geteuid() != 0:
            self.skipTest("mounting a small file system needs root")
        small = self.path("small")
        os.mkdir(small)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", small], stderr=subprocess.DEVNULL).returncode:
            self.skipTest("mount is not permitted")
        self.addCleanup(subprocess.run, ["umount", small])
        self.write("small/x.c", "old\n")
        self.assertIn("No space left", self.lrsc("--emit=c", "-o", "small/x.c", "card.lrs", code=IO).err)
        self.assertEqual(os.listdir(small), ["x.c"])
        self.assertEqual(self.read("small/x.c"), b"old\n")
        self.write("small/filler", b"x" * 8000)
        # The header fits, the C file does not.
        self.lrsc("--emit=c,header", "-o", "small/x.c", "card.lrs", code=IO)
        self.assertEqual(sorted(os.listdir(small)), ["filler", "x.c"])

    def test_size_limit(self):
        """A write that fails in the middle: the limit on file sizes stands for a disk that fills up."""
        self.write("x.c", "old\n")

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

        r = self.lrsc("--emit=c", "-o", "x.c", "card.lrs", preexec_fn=limit, code=IO)
        self.assertIn("cannot write", r.err)
        self.assertEqual(self.files(), ["card.lrs", "x.c"])
        self.assertEqual(self.read("x.c"), b"old\n")

    def test_unwritable(self):
        somebody = self.as_somebody()
        self.write("x.c", "old\n")
        os.chmod(self.path("x.c"), 0o444)
        self.assertIn("Permission denied", self.lrsc("--emit=c", "-o", "x.c", "card.lrs", code=IO, **somebody).err)
        self.assertEqual(self.read("x.c"), b"old\n")
        os.mkdir(self.path("d"), 0o555)
        self.assertIn("Permission denied", self.lrsc("--emit=c", "-o", "d/x.c", "card.lrs", code=IO, **somebody).err)
        self.assertIn("cannot write 'd/x.c'", self.lrsc("--emit=c,header", "-o", "d/x.c", "card.lrs", code=IO, **somebody).err)
        self.assertEqual(os.listdir(self.path("d")), [])

    @unittest.skipUnless(shutil.which("strace"), "no strace to see the calls with")
    def test_data_is_on_disk_before_it_has_its_name(self):
        traced = subprocess.run(["strace", "-f", "-o", "trace", "-e", "trace=fsync,rename,renameat,renameat2", LRSC, "card.lrs", "-o", "x.c"], cwd=self.dir,
                                capture_output=True)
        trace = self.read("trace").decode() if os.path.exists(self.path("trace")) else ""
        if traced.returncode != 0 or "+++ exited" not in trace:
            self.skipTest("strace is not allowed to trace here")
        self.assertEqual(re.findall(r"(fsync|rename)[a-z0-9]*\(", trace), ["fsync", "rename"], trace)

    def test_modes_and_links(self):
        self.lrsc("card.lrs", "-o", "new.c", preexec_fn=lambda: os.umask(0o027))
        self.assertEqual(stat.S_IMODE(os.stat(self.path("new.c")).st_mode), 0o640)
        self.write("x.c", "old\n")
        os.chmod(self.path("x.c"), 0o604)
        os.symlink("x.c", self.path("link.c"))
        self.lrsc("card.lrs", "-o", "link.c")
        self.assertTrue(os.path.islink(self.path("link.c")))
        self.assertIn(b"link_init", self.read("x.c"))
        self.assertEqual(stat.S_IMODE(os.stat(self.path("x.c")).st_mode), 0o604)

    def test_pipes_and_devices_are_written_directly(self):
        self.lrsc("--emit=c", "-o", "/dev/null", "card.lrs")
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/null").st_mode))
        self.assertFalse(os.path.exists("/dev/null.h"))
        os.mkfifo(self.path("pipe.c"))
        reader = subprocess.Popen(["cat", "pipe.c"], cwd=self.dir, stdout=subprocess.PIPE)
        self.addCleanup(self.end, reader)
        self.lrsc("card.lrs", "-o", "pipe.c")
        self.assertIn(b"int pipe_init(", reader.communicate()[0])

    def test_long_names(self):
        name = "x" * 253 + ".c"
        self.lrsc("card.lrs", "-o", name)
        self.assertEqual(self.files(), ["card.lrs", name])
        self.assertIn("too long", self.lrsc("card.lrs", "-o", "y" * 300 + ".c", code=IO).err)

    def test_closed_stdout(self):
        for args in (("--help",), ("eval", "card.lrs"), ("plot", "card.lrs"), ("--emit=ir", "card.lrs"), ("--version",)):
            r = self.lrsc(*args, code=IO, preexec_fn=lambda: os.close(1))
            self.assertIn("cannot write", r.err)
        # A file opened while descriptor 1 is free must not receive what is meant for standard output.
        self.lrsc("--emit=c", "-o", "x.c", "card.lrs", preexec_fn=lambda: os.close(1))
        self.assertIn(b"x_init", self.read("x.c"))

    def test_closed_stderr(self):
        self.write("bad.lrs", cli.BAD)
        self.lrsc("bad.lrs", "-o", "x.c", code=DIAGNOSTICS, preexec_fn=lambda: os.close(2))
        self.assertEqual(self.files(), ["bad.lrs", "card.lrs"])

    def test_broken_pipe(self):
        read, write = os.pipe()
        os.close(read)
        commands = (("eval", "--range=0:1M", "card.lrs"), ("--help",), ("--emit=c", "-o", "-", "card.lrs"))
        for args in commands:  # as cat and seq do
            r = self.lrsc(*args, stdout=write, code=-signal.SIGPIPE)
            self.assertEqual(r.err, "")
        for args in commands:  # the caller ignores the signal
            r = self.lrsc(*args, stdout=write, code=IO, preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN))
            self.assertIn("cannot write", r.err)
        os.close(write)

    def test_broken_pipe_leaves_no_files(self):
        """The make rule lies ready beside its place when the reader of the C file is found to be gone."""
        read, write = os.pipe()
        os.close(read)
        self.write("x.d", "old\n")
        for action, code in ((signal.SIG_DFL, -signal.SIGPIPE), (signal.SIG_IGN, IO)):
            self.lrsc("--emit=c", "-MD", "-MF", "x.d", "-MT", "x", "-o", "-", "card.lrs", stdout=write, code=code,
                      preexec_fn=lambda: signal.signal(signal.SIGPIPE, action))
            self.assertEqual(self.files(), ["card.lrs", "x.d"])
            self.assertEqual(self.read("x.d"), b"old\n")
        os.close(write)

    def test_endless_range_ends_with_its_reader(self):
        text = subprocess.run(["sh", "-c", f"'{LRSC}' eval --range=0:1T card.lrs | head -n 3"], cwd=self.dir, timeout=300,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        self.assertEqual(text, b"step,lr\n0,0\n1,0.02\n")

    def test_signals_leave_nothing(self):
        """Killed while the C compiler runs: no temporary folder stays."""
        tmp = self.path("tmp")
        os.mkdir(tmp)
        slow = self.write("slow", "#!/bin/sh\necho started > \"$LRS_TEST_MARK\"\nexec sleep 60\n")
        os.chmod(slow, 0o755)
        env = dict(cli._environment(), TMPDIR=tmp, CC=slow, LRS_TEST_MARK=self.path("mark"))
        for number in (signal.SIGTERM, signal.SIGINT):
            p = subprocess.Popen([LRSC, "eval", "--engine=c", "--at=0", "card.lrs"], cwd=self.dir, env=env,
                                 stdout=subprocess.DEVNULL, start_new_session=True)
            for _ in range(1000):
                if os.path.exists(self.path("mark")):
                    break
                time.sleep(0.02)
            self.assertEqual(len(os.listdir(tmp)), 1)
            p.send_signal(number)
            self.assertEqual(p.wait(30), -number)
            try:
                os.killpg(p.pid, signal.SIGKILL)  # the compiler, which outlives it here
            except ProcessLookupError:
                pass
            self.assertEqual(os.listdir(tmp), [])
            os.remove(self.path("mark"))


if __name__ == "__main__":
    cli.main()
