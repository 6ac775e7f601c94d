"""Running lrsc from tests. Every test has an empty folder of its own; the locale, the terminal and the colours are fixed.

Usage of a test script: test_NAME.py LRSC SOURCE_DIR [unittest arguments]
"""
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

LRSC = os.path.abspath(sys.argv[1])
SOURCE = os.path.abspath(sys.argv[2])

OK, DIAGNOSTICS, USAGE, IO, INTERNAL = 0, 1, 2, 3, 70

CARD = "warmup 5 linear -> 0.1; then exp s=1000; on plateau(patience=3) *0.5\n"
BAD = "warmup 5 linear -> ;\n"


def _environment():
    env = {k: v for k, v in os.environ.items()
           if k not in ("NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "COLUMNS", "CC", "POSIXLY_CORRECT")
           and not k.startswith("LC_")}
    env.update(LANG="C.UTF-8", LC_ALL="C.UTF-8", TERM="xterm")
    return env


class Result:
    def __init__(self, done):
        self.code, self.raw, self.out, self.err = (done.returncode, done.stdout,
                                                  done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))

    def __repr__(self):
        return f"code {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


def run(*args, stdin=b"", cwd=None, env=None, **kwargs):
    if isinstance(stdin, str):
        stdin = stdin.encode()
    full = _environment()
    full.update(env or {})
    full = {k: v for k, v in full.items() if v is not None}
    if "stdin_file" in kwargs:
        done = subprocess.run([LRSC, *args], stdin=kwargs.pop("stdin_file"), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd=cwd, env=full, timeout=300, **kwargs)
    else:
        kwargs.setdefault("stdout", subprocess.PIPE)
        done = subprocess.run([LRSC, *args], input=stdin, stderr=subprocess.PIPE, cwd=cwd, env=full, timeout=300, **kwargs)
        done.stdout = done.stdout or b""
    return Result(done)


def open_terminal():
    """The two ends of a terminal, as of os.openpty; a test is skipped where there are none to open (no /dev/pts)."""
    try:
        return os.openpty()
    except OSError as e:
        raise unittest.SkipTest(f"no terminal can be opened here: {e}")


def has_llvm():
    return "LLVM: none" not in run("--version").out


def bits(value):
    return struct.pack(">d", value).hex()


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="lrs-cli-")
        self.addCleanup(shutil.rmtree, self.dir, True)

    @staticmethod
    def end(process):
        """For a helper that waits on a pipe which nobody may ever open."""
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return path

    def read(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def files(self):
        return sorted(os.listdir(self.dir))

    def lrsc(self, *args, code=OK, **kwargs):
        kwargs.setdefault("cwd", self.dir)
        r = run(*args, **kwargs)
        self.assertEqual(r.code, code, f"lrsc {' '.join(args)}\n{r}")
        self.assertNotIn("Sanitizer", r.err)
        return r

    def as_somebody(self):
        """Arguments of run() that take root's rights away; the test's folder stays open to all. Nothing when root is not here."""
        if os.geteuid() != 0:
            return {}
        os.chmod(self.dir, 0o777)

        def drop():
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)

        try:
            subprocess.run([LRSC, "--help"], preexec_fn=drop, stdout=subprocess.DEVNULL, cwd=self.dir)
        except (OSError, subprocess.SubprocessError):
            self.skipTest("root cannot be left, or lrsc lies where others cannot reach it")
        return {"preexec_fn": drop}

    def need_llvm(self):
        if not has_llvm():
            self.skipTest("this lrsc has no LLVM")


    def check_golden(self, path, text):
        """The text is what is stored there. LRS_UPDATE_GOLDEN=1 stores it instead; look at it before you commit it."""
        if os.environ.get("LRS_UPDATE_GOLDEN"):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        with open(path, encoding="utf-8") as f:
            self.assertEqual(text, f.read(), os.path.basename(path))


class Counting(unittest.TextTestResult):
    """Knows how many tests passed, too."""
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


SKIPPED = 77  # as CMakeLists.txt tells ctest


def main():
    """Ends the process: 0, 1 when something failed, SKIPPED when nothing could be run here, with the reasons."""
    program = unittest.main(argv=[sys.argv[0], "-v", *sys.argv[3:]], testRunner=unittest.TextTestRunner(verbosity=2, resultclass=Counting), exit=False)
    result = program.result
    if result.wasSuccessful() and result.skipped and result.passed == 0:
        print("SKIP:", "; ".join(sorted({reason for _, reason in result.skipped})))
        sys.exit(SKIPPED)
    sys.exit(not result.wasSuccessful())
