#!/usr/bin/env python3
"""Holds the standard modules of lrs to the libraries whose schedules they are.

    conformance.py LRSC                     the stored tables, and random cases against the formulas: needs no library
    conformance.py LRSC --params            the same, with params for numbers: what is computed when the run starts, and not by the compiler
    conformance.py LRSC --live              random cases against the real libraries, as far as they are installed
    conformance.py --references             no lrs: are the formulas and the stored tables what the libraries do?

Prints a table, and a failing program with its parameters, its first wrong step and both values. Exit code 0: all agree, 1: some do not,
2: wrong usage, 77: nothing could be compared, because no library is installed, or because this lrs has none of the modules.

A step agrees when one of these holds:
  float64     the relative difference is at most 1e-12, or the absolute one is at most `ulps` units of 2^-53 of the largest value of the run:
              1 + cos(pi t) near its zero, for one, has lost its digits in the library
  recursion   the same against the formula; and against the library, whose rounding errors add up, `drift` of the largest value of the run
  float32     the relative difference is at most 1 ulp of float32, or the absolute one `ulps` units of 2^-24 of the largest value of the run
"""

import argparse
import json
import math
import os
import re
import struct
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from references.record import ALL, Draw, Missing
import references  # noqa: F401  (fills ALL)

HERE = os.path.dirname(os.path.abspath(__file__))
TABLES = os.path.join(HERE, "tables")
PARAMS = "--params" in sys.argv
STDLIB = os.path.join(os.path.dirname(os.path.dirname(HERE)), "stdlib")


# --- comparing --------------------------------------------------------------------------------------------------------------

class Tally:
    """What is known of one scheduler: how much was compared, how far off, and the first failure."""

    def __init__(self, record):
        self.record = record
        self.cases = self.steps = self.left_out = 0
        self.relative = self.units = self.drift = 0.0
        self.reasons = {}
        self.failure = None
        self.failures = 0
        self.missing = None
        self.lacking = False                                # it is lrs that does not have it

    def fail(self, text):
        self.failures += 1
        self.failure = self.failure or text


def same(a, b):
    return a == b or (math.isnan(a) and math.isnan(b))


def largest(values):
    return max([abs(v) for v in values if v is not None and math.isfinite(v)] or [0.0])


def compare(tally, p, ours, theirs, what, drift=None):
    """Compare step by step; returns the text of the first difference that is too great, or None."""
    r = tally.record
    single = r.arithmetic == "float32"
    unit = (2.0**-24 if single else 2.0**-53)*largest(theirs)
    for t, (a, b) in enumerate(zip(ours, theirs)):
        reason = r.skip(p, t) if r.skip else None
        if b is None or reason:
            tally.left_out += 1
            tally.reasons[reason or "undefined in the library"] = t
            continue
        tally.steps += 1
        if same(a, b):
            continue
        off = abs(a - b)
        relative = off/abs(b) if b else math.inf
        if drift is None:
            tally.units = max(tally.units, off/unit if unit else math.inf)
            if off > r.ulps*unit:
                tally.relative = max(tally.relative, relative)
            ok = off <= r.ulps*unit or relative <= (2.0**-23 if single else 1e-12)
        else:
            tally.drift = max(tally.drift, off/largest(theirs) if largest(theirs) else math.inf)
            ok = off <= drift*largest(theirs)
        if not ok or math.isnan(off):
            return "step %d: lrs %r, %s %r" % (t, a, what, b)
    return None


class NotThere(Exception):
    """This lrsc says itself (LRS0211) that it does not have what the program uses, or its standard library has no such module."""


# --- running lrs --------------------------------------------------------------------------------------------------------------

def with_params(text):
    """The program with a param for each number that is a named argument."""
    params = []

    def named(found):
        params.append("param p%d = %s; " % (len(params), found[2]))
        return "%s=p%d" % (found[1], len(params) - 1)
    text = re.sub(r"(\w+)=(-?[0-9][0-9.e+-]*)(?=[,)])", named, text)
    return "".join(params) + text


def evaluate(lrsc, record, p, n):
    """Values of lrs at the steps 0..n-1, or a text that says why there are none."""
    text = record.text(p)
    args = [lrsc, "eval", "-w", "-e", with_params(text) if PARAMS else text, "--range", "0:%d" % (n - 1), "--format", "hex"]
    name = None
    if record.output != "lr":
        args += ["--output", record.output]
    try:
        if record.metrics:
            with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as f:
                name = f.name
                f.write("step,metric\n")
                f.writelines("%d,%r\n" % (t, m) for t, m in enumerate(record.metrics(p)))
            args += ["--metrics", name]
        if STDLIB and text.startswith("use ") and not os.path.exists(os.path.join(STDLIB, record.library + ".lrs")):
            raise NotThere("no module %s.lrs" % record.library)
        done = subprocess.run(args, capture_output=True, text=True, check=False)
    finally:
        if name:
            os.unlink(name)
    if "[LRS0211]" in done.stderr:
        raise NotThere("this lrsc does not have that part of the language")
    if "there is no law `%s." % record.library in done.stderr:
        raise NotThere("%s.lrs does not have it" % record.library)
    if done.returncode:
        return "lrsc eval: exit code %d\n%s" % (done.returncode, done.stderr.strip())
    lines = done.stdout.split()[1:]
    return [struct.unpack(">d", bytes.fromhex(line.split(",")[1]))[0] for line in lines]


def described(record, p, what):
    return "%s\n    program     %s\n    parameters  %s" % (what, record.text(p), json.dumps(p))


# --- cases --------------------------------------------------------------------------------------------------------------------

def draws(record, cases, seed):
    """(parameters, steps): the same for the same seed, whatever else is drawn."""
    for k in range(cases):
        p = record.draw(Draw("%s/%d/%d" % (record.name, seed, k)))
        yield p, record.steps(p)


def one_case(tally, p, n, ours, theirs, source):
    r = tally.record
    formula = r.by_formula(p, n)
    recursive = r.arithmetic == "float64 recursion"
    if recursive or theirs is None:
        wrong = compare(tally, p, ours, formula, "formula")
        if wrong:
            return wrong
    if theirs is not None:
        return compare(tally, p, ours, theirs, source, r.drift if recursive else None)
    return None


def against(lrsc, record, cases, source):
    """Run lrs for each (parameters, steps, values) and compare. Two at a time: lrsc is a process of its own."""
    tally = Tally(record)

    def run(case):
        p, n, theirs = case
        return p, n, theirs, evaluate(lrsc, record, p, n)
    with ThreadPoolExecutor(2) as pool:
        try:
            for p, n, theirs, ours in pool.map(run, cases):
                tally.cases += 1
                wrong = ours if isinstance(ours, str) else one_case(tally, p, n, ours, theirs, source)
                if wrong:
                    tally.fail(described(record, p, wrong))
        except NotThere as error:
            tally.missing, tally.lacking = str(error), True
    return tally


def live(record, p, n):
    try:
        values = record.live(p, n)
    except Missing:
        raise
    except Exception as error:
        raise RuntimeError("%s does not take %r" % (record.name, p)) from error
    assert len(values) == n, (record.name, len(values), n)
    return values


def live_cases(record, cases, seed):
    for p, n in draws(record, cases, seed):
        yield p, n, live(record, p, n) if record.live else None


def stored(record, tables):
    for case in tables.get(record.name, []):
        yield case["params"], len(case["values"]), [None if v is None else float(v) for v in case["values"]]


def read_tables():
    tables = {}
    for name in sorted(os.listdir(TABLES)):
        with open(os.path.join(TABLES, name), encoding="utf-8") as f:
            tables.update(json.load(f)["schedulers"])
    return tables


# --- what is run --------------------------------------------------------------------------------------------------------------

def run_stored(lrsc, record, tables, options):
    cases = list(stored(record, tables)) + [(p, n, None) for p, n in draws(record, options.cases, options.seed)]
    return against(lrsc, record, cases, "table")


def run_live(lrsc, record, options):
    tally = Tally(record)
    if record.live is None:
        tally.missing = "cannot be installed: formula only"
        return tally
    try:
        p, n = next(draws(record, 1, options.seed))
        evaluate(lrsc, record, p, n)                         # before the library is made to work for nothing
        cases = list(live_cases(record, options.cases, options.seed))
    except Missing as error:
        tally.missing = str(error)
        return tally
    except NotThere as error:
        tally.missing, tally.lacking = str(error), True
        return tally
    return against(lrsc, record, cases, record.library)


def run_references(record, tables, options):
    """The formula against the library, and the stored table against the library, in place of lrs."""
    tally = Tally(record)
    if record.live is None:
        tally.missing = "cannot be installed: formula only"
        return tally
    try:
        for p, n in draws(record, options.cases, options.seed):
            tally.cases += 1
            wrong = compare(tally, p, [math.nan if v is None else v for v in record.by_formula(p, n)], live(record, p, n), record.library,
                            record.drift if record.arithmetic == "float64 recursion" else None)
            if wrong:
                tally.fail(described(record, p, wrong.replace("lrs", "formula")))
        for p, n, values in stored(record, tables):
            now = live(record, p, n)
            if [v is None for v in now] != [v is None for v in values] or compare(Tally(record), p, [v or 0.0 for v in now], values, "table"):
                tally.fail(described(record, p, "the stored table is not what this version of the library gives"))
    except Missing as error:
        tally.missing = str(error)
    return tally


def nan_check():
    """What the libraries do with NaN, as documented."""
    from references.ref_plateau import nan_behaviour
    bad = 0
    for library, what, rates, expected in nan_behaviour():
        try:
            got = rates()
        except Missing as error:
            print("NaN, %-8s not installed (%s)" % (library, error))
            continue
        agree = all(math.isclose(a, b, rel_tol=1e-6) for a, b in zip(got, expected))
        bad += not agree
        print("NaN, %-8s %s: %s" % (library, what, "so it is" if agree else "NO: %r, expected %r" % (got, expected)))
    return bad


def show(tallies):
    head = ("scheduler", "cases", "steps", "relative", "of largest", "drift")
    width = max([len(t.record.name) for t in tallies] + [10])
    print("%-*s %6s %8s %9s %11s %9s  arithmetic" % ((width,) + head))
    for t in tallies:
        r = t.record
        if t.missing:
            print("%-*s skipped: %s" % (width, r.name, t.missing))
            continue
        unit = 2.0**-24 if r.arithmetic == "float32" else 2.0**-53
        print("%-*s %6d %8d %9.2g %11.2g %9s  %s%s" % (width, r.name, t.cases, t.steps, t.relative, t.units*unit, "%.2g" % t.drift if t.drift else "-",
                                                       r.arithmetic, "  %d FAILED" % t.failures if t.failures else ""))
    ran = [t for t in tallies if not t.missing]
    print("%d schedulers of %d libraries, %d cases, %d steps compared, %d steps not compared, %d cases failed" % (
        len(ran), len({t.record.library for t in ran}), sum(t.cases for t in ran), sum(t.steps for t in ran), sum(t.left_out for t in ran),
        sum(t.failures for t in ran)))
    for reason in sorted({reason for t in ran for reason in t.reasons}):
        print("not compared: %s (%s)" % (reason, ", ".join(t.record.name for t in ran if reason in t.reasons)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("lrsc", nargs="?")
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--params", action="store_true", help="numbers are params of the program")
    parser.add_argument("--references", action="store_true")
    parser.add_argument("--cases", type=int, default=None, help="random cases for each scheduler")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="schedulers whose name begins so: torch, torch.OneCycleLR")
    parser.add_argument("--complete", action="store_true", help="a module or scheduler that lrs does not have is a failure")
    parser.add_argument("--quiet", action="store_true", help="of a failure, only its first line")
    options = parser.parse_args()
    if bool(options.lrsc) == options.references:
        parser.error("give LRSC or --references")
    if options.cases is None:
        options.cases = 200 if options.live or options.references else 10
    records = [r for r in ALL.values() if not options.only or r.library == options.only or ("." in options.only and r.name.startswith(options.only))]
    if not records:
        parser.error("no scheduler begins with %r" % options.only)
    tables = read_tables()
    tallies = []
    for r in records:
        if options.references:
            tallies.append(run_references(r, tables, options))
        elif options.live:
            tallies.append(run_live(options.lrsc, r, options))
        else:
            tallies.append(run_stored(options.lrsc, r, tables, options))
    show(tallies)
    lacking = [t for t in tallies if t.lacking]
    if lacking:
        print("lrs does not have %d of these %d schedulers" % (len(lacking), len(tallies)))
    bad = nan_check() if options.references and not options.only else 0
    for t in tallies:
        if t.failure:
            bad += 1
            print("\n%s: %d of %d cases failed; the first:\n  %s" % (t.record.name, t.failures, t.cases,
                                                                   t.failure.split("\n")[0] if options.quiet else t.failure))
    if lacking and options.complete:
        return 1
    if all(t.missing for t in tallies):
        print("SKIP: nothing could be compared here: the libraries are not installed")
        return 77
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
