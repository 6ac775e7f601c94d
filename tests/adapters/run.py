#!/usr/bin/env python3
"""run.py PART LRSC SOURCE_DIR LIBRARY_DIR CC PYTHON [FLAG...]: the adapters for programs in C and C++, compiled and run.

  schedule   include/lrs/schedule.hpp; and that include/lrs/torch.hpp is C++17
  llmc       include/lrs/llmc.h and examples/adapters/llmc, in C and in C++
  ggml       examples/adapters/ggml, against declarations of the shape of ggml's
  darknet    examples/adapters/darknet, likewise
  torch      include/lrs/torch.hpp and the program in docs/embedding.md, against the libtorch of PYTHON's package torch

In: LIBRARY_DIR holds liblrs; FLAGs are what programs that link it must be compiled with (sanitizers).
Out: status 0, 1 with what differs, or 77 after a line with the reason. The rates that are expected are those of `lrsc eval`; it prints some.
"""
import csv
import io
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

PART, LRSC, SOURCE, LIBRARY, CC, PYTHON = sys.argv[1:7]
FLAGS = sys.argv[7:]
LRSC, SOURCE, LIBRARY = map(os.path.abspath, (LRSC, SOURCE, LIBRARY))
HERE = os.path.join(SOURCE, "tests", "adapters")
EXAMPLES = os.path.join(SOURCE, "examples", "adapters")
CXX = os.environ.get("CXX") or shutil.which("c++") or shutil.which("g++")
WARNINGS = ["-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wundef", "-Werror"]
LIBLRS = ["-I", os.path.join(SOURCE, "include"), "-L", LIBRARY, f"-Wl,-rpath,{LIBRARY}", "-llrs"]


def skip(reason):
    print(f"SKIP: {reason}")
    sys.exit(77)


def fail(text):
    print(f"FAIL: {text}")
    sys.exit(1)


def run(*command, status=0, **more):
    """What it prints."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", **more)
    if done.returncode != status:
        fail(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout[-3000:]}{done.stderr}")
    return done.stderr if status else done.stdout


def rows(text):
    """Tables of numbers, without their heads."""
    return [[float(x) for x in row] for row in csv.reader(io.StringIO(text)) if row and not row[0].isidentifier()]


def evaluated(file, *arguments):
    return rows(run(LRSC, "eval", "-w", file, *arguments))


def single(x):
    """A double rounded to float."""
    return struct.unpack("f", struct.pack("f", x))[0]


def singles(table):
    """Floats that were printed with 9 digits, as they were."""
    return [[row[0], *map(single, row[1:])] for row in table]


def compare(what, got, expected):
    if len(got) != len(expected) or not got:
        fail(f"{what}: {len(got)} rows, not {len(expected)}")
    for mine, theirs in zip(got, expected):
        if mine != theirs:
            fail(f"{what}: it printed {mine}, not {theirs}")
    shown = got[:: max(1, len(got) // 4)]
    print(f"{what}: {len(got)} rows as expected: " + ", ".join(f"{row[0]:g}: {' '.join(repr(x) for x in row[1:])}" for row in shown))


def compiler(command):
    return run(command, "--version").split("\n")[0]


def need_cxx():
    if not CXX:
        skip("there is no C++ compiler")
    print(compiler(CXX))


def part_schedule():
    need_cxx()
    for standard in ("c++17", "c++20"):
        run(CXX, f"-std={standard}", "-pedantic", *WARNINGS, *FLAGS, os.path.join(HERE, "schedule.cpp"), *LIBLRS, "-o", "program")
        file = os.path.join(EXAMPLES, "ggml", "finetune.lrs")
        compare(f"schedule.hpp, {standard}", rows(run("./program", file)), [row[:2] for row in evaluated(file, "--range=-5:294")])
        # A recent libtorch needs C++20 itself: that torch.hpp does not is seen beside declarations of the shape of libtorch's.
        with open("reads.cpp", "w", encoding="utf-8") as f:
            f.write("#include <lrs/torch.hpp>\n\nvoid uses(torch::optim::Optimizer &o);\nvoid uses(torch::optim::Optimizer &o)\n{\n"
                    "    lrs::torch::Scheduler s(o, lrs::Schedule::load(\"wsd.lrs\"));\n    s.step(0.5);\n    s.restore(s.save());\n}\n")
        run(CXX, f"-std={standard}", "-pedantic-errors", *WARNINGS, "-fsyntax-only", "-isystem", os.path.join(HERE, "shapes", "torch", "include"),
            "-I", os.path.join(SOURCE, "include"), "reads.cpp")
        print(f"torch.hpp, {standard}: compiles")


def part_llmc():
    print(compiler(CC))
    given = {"learning_rate": repr(single(6e-4)), "warmup_iterations": "20", "train_num_batches": "200", "final_learning_rate_frac": repr(single(0.1))}
    source = os.path.join(EXAMPLES, "llmc", "train.c")
    programs = {"C": [CC, "-std=c99", "-pedantic"], "C11": [CC]}
    if CXX:
        programs["C++"] = [CXX, "-std=c++17", "-x", "c++"]
    with open("metrics.csv", "w", encoding="utf-8") as f:
        f.write("step,metric\n" + "".join(f"{s},{4 - 0.05 * s if s < 40 else 2}\n" for s in range(0, 201, 10)))
    for language, command in programs.items():
        run(*command, *WARNINGS, *FLAGS, source, *LIBLRS, "-o", "program")
        for name in ("cosine", "linear", "constant", "wsd"):
            with open("called.lrs", "w", encoding="utf-8") as f:
                arguments = ", ".join(f"{k}={v}" for k, v in given.items())
                f.write(f"use llmc\nllmc.{name}({arguments})\n")
            compare(f"{language}, {name}", singles(rows(run("./program", name))), [[s, single(x)] for s, x in evaluated("called.lrs", "--range=0:200")])
        file = os.path.join(EXAMPLES, "llmc", "wsd.lrs")
        bound = [f"-D{k}={v}" for k, v in given.items()]
        expected = [[s, single(x)] for s, x in evaluated(file, "--range=0:200", *bound, "--metrics", "metrics.csv")]
        if expected[140][1] == expected[50][1]:
            fail("the rule does not act in this test")
        compare(f"{language}, wsd.lrs", singles(rows(run("./program", file))), expected)

    # llm.c's own formula, in double precision.
    for step, rate in rows(run("./program", "linear")):
        top, w, n = single(6e-4), 20, 200
        ratio = (step - w) / (n - w)
        own = top * (step + 1) / w if step < w else top - ratio * (top - top * single(0.1))
        if abs(rate - own) > 1e-7 * own:
            fail(f"linear at step {step:g}: {rate}, and llm.c has {own}")

    # A program that still includes llm.c's header gets this one alone.
    os.mkdir("llmc")
    with open("llmc/schedulers.h", "w", encoding="utf-8") as f:
        f.write("#ifndef SCHEDULERS_H\n#define SCHEDULERS_H\n#error \"this header is not to be read\"\n#endif\n")
    with open("old.c", "w", encoding="utf-8") as f:
        f.write('#include "llmc/schedulers.h"\nint main(void)\n{\n    LearningRateScheduler s;\n    lr_scheduler_init(&s, "constant", 0.5f, 0, 10, 1.0f);\n'
                "    return get_learning_rate(&s, 3) == 0.5f ? 0 : 1;\n}\n")
    # What llm.c never frees is still in reach of main.
    run(CC, *FLAGS, "-include", "lrs/llmc.h", "old.c", *LIBLRS, "-o", "old")
    run("./old", env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})

    with open("wrong.lrs", "w", encoding="utf-8") as f:
        f.write("param learning_rate = 1 in 1..2\nhold learning_rat\n")
    with open("range.lrs", "w", encoding="utf-8") as f:
        f.write("param learning_rate = 1 in 1..2\nhold learning_rate\n")
    with open("tokens.lrs", "w", encoding="utf-8") as f:
        f.write("unit token\nwarmup 10M -> 1e-3; hold\n")
    with open("decay.lrs", "w", encoding="utf-8") as f:
        f.write("schedule wd { hold 0.1 }\nschedule momentum { hold 0.9 }\n")
    with open("second.lrs", "w", encoding="utf-8") as f:
        f.write("schedule wd { hold 0.1 }\nschedule lr { hold 0.25 }\n")
    if rows(run("./program", "second.lrs"))[7] != [7, 0.25]:
        fail("second.lrs: the rate is not the output lr")
    with open("own.lrs", "w", encoding="utf-8") as f:
        f.write("param learning_rate = 1\nparam train_num_batches = 10\nwarmup 300 -> learning_rate; then cosine until train_num_batches -> 0\n")
    text = subprocess.run(["./program", "own.lrs"], check=True, capture_output=True, text=True).stderr
    for said in ("this phase never runs", "`train_num_batches` is given as 200", "for want of these params: `warmup_iterations`, `final_learning_rate_frac`\n"):
        if said not in text:
            fail(f"own.lrs: {text!r} says not {said!r}")
    for name, said in (("tokens.lrs", "write `unit step`"), ("decay.lrs", "no output of the file is the learning rate `lr`: the first is `wd`\n"), ("step", "`step`: give cosine, linear, constant, wsd, or a file whose name ends with .lrs"),
                       ("none.lrs", "`none.lrs`: No such file"), ("wrong.lrs", "wrong.lrs:2:6: error: "), ("range.lrs", "`learning_rate` must be within 1..2")):
        text = run("./program", name, status=1, env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
        if said not in text:
            fail(f"the type {name} is refused with {text!r}, which says not {said!r}")


def generated(folder, *names):
    for name in names:
        run(LRSC, "-w", os.path.join(EXAMPLES, folder, name + ".lrs"), f"--prefix={name}", "--emit=c,header", "-o", name + ".c")


def part_ggml():
    print(compiler(CC))
    generated("ggml", "finetune", "epochs")
    folder = os.path.join(EXAMPLES, "ggml")
    own = ["-I.", "-I", os.path.join(HERE, "shapes", "ggml", "include"), "-I", folder]
    run(CC, *FLAGS, "-ffp-contract=off", "-c", "finetune.c", "epochs.c")
    run(CC, "-std=c11", *WARNINGS, *FLAGS, *own, os.path.join(HERE, "ggml.c"), os.path.join(folder, "callback.c"), "finetune.o", "epochs.o", "-lm",
        "-o", "program")
    printed = singles(rows(run("./program")))
    least = 2.0 ** -126
    expected = [[s, single(max(lr, least)), single(wd)] for s, lr, wd in evaluated(os.path.join(folder, "finetune.lrs"), "--range=0:309")]
    compare("ggml, optimizer steps", printed[:310], expected)
    expected = [[s + 1, single(max(lr, least))] for s, lr in evaluated(os.path.join(folder, "epochs.lrs"), "--range=0:199")]
    compare("ggml, epochs", printed[310:], expected)


def part_darknet():
    print(compiler(CC))
    generated("darknet", "yolo")
    folder = os.path.join(EXAMPLES, "darknet")
    run(CC, *FLAGS, "-ffp-contract=off", "-c", "yolo.c")
    run(CC, "-std=c11", *WARNINGS, *FLAGS, "-I.", "-I", os.path.join(HERE, "shapes", "darknet", "src"), os.path.join(HERE, "darknet.c"),
        os.path.join(folder, "rate.c"), "yolo.o", "-lm", "-o", "program")
    bound = [f"-Dlearning_rate={single(0.0013)!r}", "-Dburn_in=100", "-Dmax_batches=1000"]
    expected = [[s, single(x)] for s, x in evaluated(os.path.join(folder, "yolo.lrs"), "--range=1:1010", *bound)]
    compare("darknet", singles(rows(run("./program"))), expected)
    # Its own burn-in: learning_rate*(batch/burn_in)^power.
    for batch, rate in rows(run("./program"))[:99]:
        if abs(rate - 0.0013 * (batch / 100) ** 4) > 1e-6 * rate:
            fail(f"the burn-in at batch {batch:g} is {rate}")
    text = run("./program", "-5", status=1)
    print(f"darknet, a burn-in below 0: {text.strip()}")


def find_libtorch():
    """The folder of the package torch, without importing it, and its version."""
    script = "import importlib.util as u, importlib.metadata as m; s = u.find_spec('torch'); print(s.submodule_search_locations[0]); print(m.version('torch'))"
    done = subprocess.run([PYTHON, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8")
    if done.returncode:
        skip(f"{PYTHON} has no package torch")
    folder, version = done.stdout.split("\n")[:2]
    if not os.path.exists(os.path.join(folder, "include", "torch", "csrc", "api", "include", "torch", "torch.h")):
        skip(f"the package torch in {folder} comes without the headers of libtorch")
    return folder, version


def page_program():
    """The program of docs/embedding.md, and what the page says that it prints."""
    with open(os.path.join(SOURCE, "docs", "embedding.md"), encoding="utf-8") as f:
        page = f.read()
    schedule = re.search(r"^```lrs wsd\.lrs\n(.*?)^```", page, re.M | re.S)[1]
    found = re.search(r"^```cpp torch_train\.cpp\n(.*?)^```\n```console libtorch\n\$ [^\n]*\n(.*?)^```", page, re.M | re.S)
    return schedule, found[1], found[2]


def part_torch():
    need_cxx()
    if FLAGS:
        skip("libtorch was not built with sanitizers")
    folder, version = find_libtorch()
    print(f"torch {version}")
    schedule, program, printed = page_program()
    for name, text in (("wsd.lrs", schedule), ("torch_train.cpp", program)):
        with open(name, "w", encoding="utf-8") as f:
            f.write(text)
    include, lib = os.path.join(folder, "include"), os.path.join(folder, "lib")
    run(CXX, "-std=c++20", "-O0", *WARNINGS, "-I.", "-isystem", include, "-isystem", os.path.join(include, "torch", "csrc", "api", "include"),
        os.path.join(HERE, "torch.cpp"), *LIBLRS, "-L", lib, f"-Wl,-rpath,{lib}", "-ltorch", "-ltorch_cpu", "-lc10", "-o", "program")
    said = run("./program", "page")
    if said != printed:
        fail(f"the program of docs/embedding.md prints {said!r}, not {printed!r}")
    file = os.path.join(EXAMPLES, "ggml", "finetune.lrs")
    expected = [row[:2] for row in evaluated(file, "--range=0:309")]
    got = rows(run("./program", "rates", file))
    for kind, name in enumerate(("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "LBFGS")):
        compare(name, [[step - 1000 * kind, lr] for step, lr in got[310 * kind:310 * (kind + 1)]], expected)
    print(run("./program"), end="")


def main():
    with tempfile.TemporaryDirectory(prefix="lrs-adapters-") as folder:
        os.chdir(folder)
        try:
            globals()["part_" + PART]()
        finally:
            os.chdir("/")


if __name__ == "__main__":
    main()
