#!/usr/bin/env python3
"""The differential test: one program, many engines, the same bits.

In: the `engines` program, the folder of examples, a seed and a number. Every example and that many random programs run on every
engine that this machine can run; each answer is compared with the interpreter's, which in turn is compared with what meaning.py
says by exact arithmetic. Out: a table of comparisons; for each difference the program, the engine, the step and both values.
Exit codes: 0, 1 for any difference.

    differential.py --engines build/tests/differential/differential_engines --examples examples --seed 7 --count 5000
"""
import argparse
import collections
import concurrent.futures
import glob
import math
import os
import platform
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
from array import array
from decimal import Decimal

import constructs
import expression
import generate
from meaning import meanings_of

HERE = os.path.dirname(os.path.abspath(__file__))
MACHINE = platform.machine()
X86, ARM = MACHINE in ("x86_64", "AMD64"), MACHINE in ("aarch64", "arm64")
WARNINGS = ["-std=c99", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror"]
COMMAND_LIMIT = 900   # seconds: a compiler that takes minutes over one chunk is a bug
PER_ENGINE = 4        # differences shown in full
REJECTED_LIMIT = 0.02
AGREEMENT = Decimal("1e-12")


class Case:
    def __init__(self, number, title, text, defines, bindings, ops, program=None):
        self.number, self.title, self.text, self.defines, self.bindings, self.ops = number, title, text, defines, bindings, ops
        self.program = program


def words_of(op):
    return int(op.split()[-1]) if op[0] in "FYE" else 2 if op[0] == "S" else 1


# ---- the cases ------------------------------------------------------------------------------------------------

def example_cases(folders, tool, work, seed):
    """Every example twice: with its defaults, and with three quarters of each param."""
    raw = []
    for path in sorted(p for f in folders for p in glob.glob(os.path.join(f, "*.lrs"))):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        raw.append((os.path.basename(path), text, []))
        params = re.findall(r"^param\s+(\w+)\s*=\s*([0-9.]+(?:e-?[0-9]+)?)([kMBT]?)", text, re.M)
        if params:
            power = {"": 1, "k": 10 ** 3, "M": 10 ** 6, "B": 10 ** 9, "T": 10 ** 12}
            bound = [(n, float(Decimal(v) * power[k] * Decimal("0.75"))) for n, v, k in params]
            raw.append((os.path.basename(path) + " with other params", text, bound))
    put_common(work)
    path = os.path.join(work, "examples.cases")
    with open(path, "wb") as out:
        for i, (_, text, bound) in enumerate(raw):
            generate.write_case(out, i, text, [], bound, [])
    edges, outputs, inputs = {}, {}, {}
    for line in subprocess.run([tool, "edges", path], check=True, capture_output=True, text=True).stdout.splitlines():
        what, number, value = line.split()
        if what == "edge":
            edges.setdefault(int(number), []).append(float(value))
        elif what == "outputs":
            outputs[int(number)] = int(value)
        else:
            inputs.setdefault(int(number), []).append(value)
    r = generate.Random(seed)
    return [(title, text, bound, generate.script_for(r, edges.get(i, []), inputs.get(i, ["metric"]), outputs.get(i, 1))) for i, (title, text, bound) in enumerate(raw)]


def put_common(folder):
    """The file that programs use."""
    with open(os.path.join(folder, "common.lrs"), "w", encoding="utf-8") as f:
        f.write(generate.COMMON)


def chunk_cases(settings, k):
    """The cases of chunk k: a pure function of the settings, so that workers need not pass them on."""
    if k < 0:
        examples = settings["examples"]
        per = settings["chunk"]
        first = (-k - 1) * per
        return [Case(1000000 + i, title, text, [], bound, ops)
                for i, (title, text, bound, ops) in list(enumerate(examples))[first:first + per]]
    first = settings["first"] + k * settings["chunk"]
    found = []
    for i in range(first, min(first + settings["chunk"], settings["first"] + settings["count"])):
        p = generate.program_of(settings["seed"], i)
        found.append(Case(i, "random program %d of seed %d" % (i, settings["seed"]), p.text, p.defines, p.bindings, p.ops, p))
    return found


def show_case(c):
    lines = ["%s:" % c.title] + ["    " + line for line in c.text.splitlines()]
    lines += ["    # -D %s=%r" % d for d in c.defines] + ["    # bound: %s = %r" % b for b in c.bindings]
    return "\n".join(lines)


# ---- engines --------------------------------------------------------------------------------------------------

def find(names):
    for n in names:
        if shutil.which(n):
            return shutil.which(n)
    return None


def cpu_has(*flags):
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as f:
            have = set(re.findall(r"\w+", f.read()))
        return all(f in have for f in flags)
    except OSError:
        return False


class Engine:
    """kind: library (arguments of `engines`), c (compiler and flags), js (node), object (triple, cpu)."""

    def __init__(self, name, kind, how, missing=None, compiler=None, runner=()):
        self.name, self.kind, self.how, self.missing, self.compiler, self.runner = name, kind, how, missing, compiler, list(runner)
        self.optimises = kind == "object" or bool({"2", "-O2", "-O3"} & set(how))   # nearly all of the time goes there


def runs_chunk(engines, engine, k, share, turn):
    """With --share each chunk of random programs is for one in so many of the optimising engines, in turn. The others are fast."""
    if not engine.optimises or k < 0:
        return turn == 0
    place = [e.name for e in engines if e.optimises].index(engine.name)
    return (place + k + turn) % share == 0


def all_engines(cc):
    gcc, clang = find(["gcc"]), find(["clang"] + ["clang-%d" % n for n in range(22, 13, -1)])
    host = find([cc, "cc", "gcc", "clang"])
    arm_cc = host if ARM else find(["aarch64-linux-gnu-gcc"])
    qemu = [] if ARM else [find(["qemu-aarch64", "qemu-aarch64-static"])]
    no_arm = None if arm_cc and None not in qemu else "no " + ("aarch64-linux-gnu-gcc" if not arm_cc else "qemu-aarch64")
    native = "-march=native" if X86 else "-mcpu=native"
    found = [Engine("interpreter, bulk fill", "library", ["interpreter"])]
    for level in "02":
        found.append(Engine("JIT -O" + level, "library", ["jit", level]))
    not_x86 = None if X86 else "this machine is no x86-64"
    found.append(Engine("object, x86-64", "object", ["x86_64-linux-gnu", "x86-64"], not_x86, host))
    found.append(Engine("object, x86-64-v3", "object", ["x86_64-linux-gnu", "x86-64-v3"],
                        not_x86 or (None if cpu_has("avx2", "fma", "bmi2") else "the processor is no x86-64-v3"), host))
    found.append(Engine("object, aarch64", "object", ["aarch64-linux-gnu", "generic"], no_arm, arm_cc, qemu))
    for name, compiler in (("gcc", gcc), ("clang", clang)):
        for flags in (["-O0"], ["-O2"], ["-O3", native]):
            found.append(Engine("C, %s %s" % (name, " ".join(flags)), "c", flags, None if compiler else "no " + name, compiler))
    found.append(Engine("C, aarch64 gcc -O2", "c", ["-O2"], no_arm, arm_cc, qemu))
    node = find(["node", "nodejs"])
    found.append(Engine("js", "js", [node], None if node else "no node"))
    return found


class Trouble(Exception):
    pass


class Absent(Exception):
    pass


def run(command, **more):
    try:
        r = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=COMMAND_LIMIT, **more)
    except subprocess.TimeoutExpired:
        raise Trouble("%s\ndid not end in %d seconds" % (" ".join(command), COMMAND_LIMIT)) from None
    text = r.stdout.decode(errors="replace")
    if r.returncode == 77:
        raise Absent(text.strip())
    if r.returncode != 0:
        raise Trouble("%s\ngave exit code %d:\n%s" % (" ".join(command), r.returncode, text[-3000:]))
    return text


def answers_of(engine, settings, folder, k):
    tool, cases = settings["tool"], os.path.join(folder, "cases")
    out = os.path.join(folder, "answers." + re.sub(r"\W+", "_", engine.name))
    if engine.kind == "library":
        run([tool] + engine.how + [cases, out])
    elif engine.kind == "js":
        place = os.path.join(folder, "js")
        os.makedirs(place, exist_ok=True)
        run([tool, "js", cases, place])
        run(engine.how + [os.path.join(HERE, "runner.mjs"), os.path.join(folder, "scripts"), place, out])
        shutil.rmtree(place)
    else:
        static = ["-static"] if engine.runner else []
        place = os.path.join(folder, re.sub(r"\W+", "_", engine.name))
        os.makedirs(place, exist_ok=True)
        program = os.path.join(place, "run")
        if engine.kind == "object":
            run([tool, "object"] + engine.how + [cases, place])
            parts = sorted(glob.glob(os.path.join(place, "p*.o")))
        else:
            parts = [os.path.join(place, "all.o")]
            run([engine.compiler] + WARNINGS + engine.how + ["-c", os.path.join(folder, "c", "all.c"), "-o", parts[0]])
        headers = place if engine.kind == "object" else os.path.join(folder, "c")
        run([engine.compiler, "-std=c99", "-O1", "-I", headers, "-I", folder, "-I", HERE, os.path.join(HERE, "runner.c")]
            + parts + static + ["-lm", "-o", program])
        run(engine.runner + [program, os.path.join(folder, "scripts"), out])
        shutil.rmtree(place)
    with open(out, "rb") as f:
        return f.read()


# ---- comparing -------------------------------------------------------------------------------------------------

def hexed(word):
    return "%016x (%r)" % (word, struct.unpack("<d", struct.pack("<Q", word))[0])


def unpack(data):
    a = array("Q", data)
    if sys.byteorder == "big":
        a.byteswap()
    return a


def ops_in_order(cases, ran):
    """(case, op, index of its first word) over all that ran."""
    at = 0
    for c in cases:
        if c.number not in ran:
            continue
        for op in c.ops:
            yield c, op, at
            at += words_of(op)


def differences(cases, ran, reference, got):
    found = []
    if len(reference) != len(got):
        return ["%d words of answers instead of %d" % (len(got), len(reference))], abs(len(reference) - len(got))
    total = 0
    for c, op, at in ops_in_order(cases, ran):
        for i in range(words_of(op)):
            if reference[at + i] != got[at + i]:
                total += 1
                if len(found) < PER_ENGINE:
                    step = op if op[0] not in "FY" else "step %d of fill %s" % (int(op.split()[-2]) + i, op)
                    found.append("%s\n    at %s: %s instead of %s" % (show_case(c), step, hexed(got[at + i]), hexed(reference[at + i])))
                break
    return found, total


def check_meaning(cases, ran, reference):
    """The interpreter's values before any observation against the independent evaluator."""
    compared, unsure, found = 0, 0, []
    skip, meanings = set(), {}
    for c, op, at in ops_in_order(cases, ran):
        if op[0] == "R" and reference[at] != 2:
            found.append("%s\n    %s: the interpreter answers %d" % (show_case(c), op, reference[at]))
        if c.program is None or c.number in skip:
            continue
        if op[0] not in "VFUYE":
            skip.add(c.number)
            continue
        if c.number not in meanings:
            c.program.cache = {}
            meanings[c.number] = meanings_of(c.program)
        n = words_of(op)
        first = int(op.split()[-1] if op[0] in "VU" else op.split()[-2])
        for i in range(0, n, 1 if n < 9 else n // 8):
            output = i if op[0] == "E" else int(op.split()[1]) if op[0] in "UY" else 0
            m = meanings[c.number][output]
            step = first if op[0] == "E" else min(first + i, generate.INT64_MAX)
            got = struct.unpack("<d", struct.pack("<Q", reference[at + i]))[0]
            try:
                v, e = m.at(step)
            except expression.Unsure:
                unsure += 1
                continue
            compared += 1
            if c.number in skip:
                break
            if math.isfinite(got) and abs(Decimal(got) - v) <= AGREEMENT * abs(v) + e:
                continue
            if len(found) < PER_ENGINE:
                skip.add(c.number)   # one of a program is enough
                found.append("%s\n    output %d at step %d: the interpreter says %s, and the definition %.17g (within %.2g)"
                             % (show_case(c), output, step, hexed(reference[at + i]), v, e))
    return compared, unsure, found


# ---- the jobs --------------------------------------------------------------------------------------------------

Prepared = collections.namedtuple("Prepared", "ran values others rejected unbound said resumed used")


def prepare(settings, k):
    cases = chunk_cases(settings, k)
    folder = os.path.join(settings["work"], "chunk%d" % k)
    os.makedirs(os.path.join(folder, "c"), exist_ok=True)
    with open(os.path.join(folder, "cases"), "wb") as out:
        for c in cases:
            generate.write_case(out, c.number, c.text, c.defines, c.bindings, c.ops)
    put_common(folder)
    said = run([settings["tool"], "reference", os.path.join(folder, "cases"), folder])
    run([settings["tool"], "c", os.path.join(folder, "cases"), os.path.join(folder, "c")])
    ran, expected = {}, {c.number: sum(words_of(op) for op in c.ops) for c in cases}
    for m in re.finditer(r"^ran (\d+) (\d+)$", said, re.M):
        ran[int(m[1])] = int(m[2])
        if expected[int(m[1])] != int(m[2]):
            raise Trouble("case %s has %s answers instead of %d" % (m[1], m[2], expected[int(m[1])]))
    resumed = [sum(int(m[i]) for m in re.finditer(r"^resumed (\d+) (\d+) (\d+)$", said, re.M)) for i in (1, 2, 3)]
    rest = re.sub(r"^(?:ran|resumed) .*\n", "", said, flags=re.M)
    used = collections.Counter(name for c in cases if c.program and c.number in ran for name in c.program.constructs)
    rejected, unbound = len(re.findall(r"^rejected ", rest, re.M)), len(re.findall(r"^unbound ", rest, re.M))
    values = others = 0
    for c, op, _ in ops_in_order(cases, ran):
        if op[0] in "VFUYEGW":
            values += words_of(op)
        else:
            others += words_of(op)
    return Prepared(ran, values, others, rejected, unbound, rest, resumed, used)


def job(settings, k, name):
    """One engine, or the meaning, over one chunk: (name, chunk, comparisons, findings, total, note)."""
    cases = chunk_cases(settings, k)
    folder = os.path.join(settings["work"], "chunk%d" % k)
    ran = settings["ran"][k]
    with open(os.path.join(folder, "reference"), "rb") as f:
        expected = f.read()
    if name == "meaning":
        compared, unsure, found = check_meaning(cases, ran, unpack(expected))
        return name, k, compared, found, len(found), unsure
    engine = next(e for e in all_engines(settings["cc"]) if e.name == name)
    try:
        got = answers_of(engine, settings, folder, k)
    except Absent as why:
        return name, k, 0, [], 0, str(why)
    except Trouble as why:
        return name, k, 0, [str(why)], 1, None
    if got == expected:
        return name, k, len(expected) // 8, [], 0, None
    found, total = differences(cases, ran, unpack(expected), unpack(got))
    return name, k, len(expected) // 8, found, total, None


def main():
    a = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    a.add_argument("--engines", required=True, help="the program of engines.c")
    a.add_argument("--examples", nargs="*", default=[], help="folders of .lrs files; kept/ here is always one of them")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--count", type=int, default=300, help="random programs")
    a.add_argument("--first", type=int, default=0, help="number of the first random program: `--first 22 --count 1` is program 22 alone")
    a.add_argument("--chunk", type=int, default=20, help="programs in one run of a compiler")
    a.add_argument("--share", type=int, default=1, help="run a chunk on one in so many of the engines that optimise, in turn")
    a.add_argument("--turn", type=int, default=0, help="with --share: which engines begin; 0, 1, ... share - 1 together are all")
    a.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    a.add_argument("--cc", default=os.environ.get("CC", "cc"), help="the C compiler that links objects")
    a.add_argument("--only", help="engines whose name has this in it")
    a.add_argument("--keep", help="work in this folder, and leave it")
    a = a.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))   # so that the folder goes away
    work = a.keep or tempfile.mkdtemp(prefix="lrs-differential-")
    os.makedirs(work, exist_ok=True)
    try:
        return test(a, work)
    finally:
        if not a.keep:
            shutil.rmtree(work, ignore_errors=True)


def test(a, work):
    settings = {"tool": os.path.abspath(a.engines), "work": work, "seed": a.seed, "first": a.first, "count": a.count, "chunk": a.chunk, "cc": a.cc}
    settings["examples"] = example_cases(a.examples + [os.path.join(HERE, "kept")], settings["tool"], work, a.seed)
    chunks = [-1 - i for i in range(-(-len(settings["examples"]) // a.chunk))] + list(range(-(-a.count // a.chunk)))
    engines = [e for e in all_engines(a.cc) if not a.only or a.only in e.name]
    failed = False
    print("seed %d: %d random programs, %d cases of examples; %d jobs at a time" % (a.seed, a.count, len(settings["examples"]), a.jobs))
    with concurrent.futures.ProcessPoolExecutor(a.jobs) as pool:
        settings["ran"], values, others, rejected, unbound = {}, 0, 0, 0, 0
        resumed, used = [0, 0, 0], collections.Counter()
        for k, p in zip(chunks, pool.map(prepare, [settings] * len(chunks), chunks)):
            settings["ran"][k] = p.ran
            values, others, rejected, unbound = values + p.values, others + p.others, rejected + p.rejected, unbound + p.unbound
            resumed = [a + b for a, b in zip(resumed, p.resumed)]
            used += p.used
            if p.said.strip():
                print(p.said.strip())
            failed |= "BUG " in p.said or (k < 0 and p.rejected > 0)
        programs = sum(len(r) for r in settings["ran"].values())
        print("%d programs run; rejected by the compiler: %d (%.2f %%), by bind: %d" %
              (programs, rejected, 100 * rejected / max(1, a.count), unbound))
        if rejected + unbound > REJECTED_LIMIT * a.count + 1:
            print("too many programs are rejected: the generator or the checker is wrong")
            failed = True
        names = [e.name for e in engines if not e.missing] + ([] if a.only and a.only not in "meaning" else ["meaning"])
        table = {n: [0, 0, None] for n in names}
        shown = {n: 0 for n in names}
        todo = [pool.submit(job, settings, k, e.name) for k in chunks for e in engines
                if not e.missing and runs_chunk(engines, e, k, a.share, a.turn)]
        todo += [pool.submit(job, settings, k, "meaning") for k in chunks if "meaning" in names and a.turn == 0]
        for f in concurrent.futures.as_completed(todo):
            name, k, compared, found, total, note = f.result()
            row = table[name]
            row[0] += compared
            row[1] += total
            if name == "meaning":
                row[2] = (row[2] or 0) + note
            elif note:
                row[2] = note
            for text in found:
                if shown[name] < PER_ENGINE:
                    print("\nDIFFERENCE: %s\n%s" % (name, text))
                    shown[name] += 1
    print("\n%-28s %14s %10s" % ("engine", "comparisons", "differing"))
    for e in engines:
        if e.missing or table[e.name][2]:
            print("%-28s skipped: %s" % (e.name, e.missing or table[e.name][2]))
        else:
            print("%-28s %14d %10d" % (e.name, table[e.name][0], table[e.name][1]))
    if "meaning" in table and a.turn == 0:
        print("%-28s %14d %10d   (%d more could not be told)" % ("exact arithmetic", table["meaning"][0], table["meaning"][1], table["meaning"][2] or 0))
    print("of each engine's comparisons %d are values, %d are results of observe, load, saved bytes and stop flags" % (values, others))
    print("saved by the interpreter and loaded by each engine: %d states, of which %d in a phase that an event may end; in %d of these the event came later" % tuple(resumed))
    failed |= any(row[1] for row in table.values())
    print()
    failed |= constructs.show(used, a.count)
    print("FAILED" if failed else "all equal")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
