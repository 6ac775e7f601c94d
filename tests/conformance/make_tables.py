#!/usr/bin/env python3
"""Writes tables/LIBRARY.json from the real libraries, or from the formulas of those that cannot be installed.

    make_tables.py [--only LIBRARY] [--cases 6] [--steps 48] [--seed 2026]

Runs are short, so that every step of them is there, the steps past their ends too. Doubles are written with the digits that read back as the same double.
A library that is missing keeps its table.
"""

import argparse
import importlib.metadata
import json
import math
import os
import sys

from conformance import TABLES, live
from references.record import ALL, Draw, Missing
import references  # noqa: F401  (fills ALL)

PACKAGES = {"hf": "transformers", "composer": "mosaicml", "megatron": "megatron-core", "paddle": "paddlepaddle", "olmo": "ai2-olmo"}
SOURCES = {
    "caffe": "formula: BVLC/caffe src/caffe/solvers/sgd_solver.cpp", "darknet": "formula: AlexeyAB/darknet src/network.c",
    "llmc": "formula: karpathy/llm.c llmc/schedulers.h", "nanogpt": "formula: karpathy/nanoGPT train.py",
    "marian": "formula: marian-nmt/marian-dev src/training/scheduler.h", "big_vision": "formula: google-research/big_vision big_vision/utils.py",
}


def version(library):
    if library in SOURCES:
        return SOURCES[library]
    name = PACKAGES.get(library, library)
    return "%s %s" % (name, importlib.metadata.version(name).split("+")[0])


def cases(record, options):
    """The first draws whose runs are short."""
    out, k = [], 0
    while len(out) < options.cases and k < 4000:
        p = record.draw(Draw("table/%s/%d/%d" % (record.name, options.seed, k)))
        k += 1
        n = record.steps(p)
        if n > options.steps and k < 3000:
            continue
        n = min(n, 2*options.steps)
        values = live(record, p, n) if record.live else record.by_formula(p, n)
        out.append({"params": p, "values": [None if v is None else repr(v) if not math.isfinite(v) else v for v in values]})
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="")
    parser.add_argument("--cases", type=int, default=6)
    parser.add_argument("--steps", type=int, default=48)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    for library in sorted({r.library for r in ALL.values()}):
        if options.only not in ("", library):
            continue
        try:
            schedulers = {r.name: cases(r, options) for r in ALL.values() if r.library == library}
        except Missing as error:
            print("%s: kept as it is (%s)" % (library, error))
            continue
        text = json.dumps({"library": library, "source": version(library), "schedulers": schedulers}, separators=(",", ":"))
        for name in schedulers:
            text = text.replace('"%s":[{' % name, '\n"%s":[\n{' % name)
        text = text.replace('},{"params"', '},\n{"params"')
        with open(os.path.join(TABLES, library + ".json"), "w", encoding="utf-8") as f:
            f.write(text + "\n")
        print("%s: %d schedulers, %d bytes" % (library, len(schedulers), len(text)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
