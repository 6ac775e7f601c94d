"""frameworks.py: what the tests of the adapters for frameworks share.

Each runs a framework's own loop on a tiny model, stops and resumes it from the framework's own checkpoint, and compares both with the
run that was not stopped; and it compares rates with those of the framework's own scheduler, for a schedule that both have.
"""
import importlib
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ["CUDA_VISIBLE_DEVICES"] = ""


def need(*names):
    """Ends the test as skipped where a module is missing, or lrs, which python_package could not build then; prints the versions of
    those that are there."""
    for name in (*names, "lrs"):
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as e:
            print(f"SKIP: {name} is not installed for {sys.executable} ({e})", flush=True)
            sys.exit(77)
    print(", ".join(f"{name} {getattr(sys.modules[name], '__version__', '')}" for name in names), flush=True)


def brief(rates, n=12):
    """A log of rates in short: where it changes."""
    changes = [(i, r) for i, r in enumerate(rates) if i == 0 or r != rates[i - 1]]
    stride = -(-len(changes) // n)
    return " ".join(f"{i}:{r:.6g}" for i, r in changes[::stride])


def resumed(test, what, whole, first, second, weights, weights_resumed):
    """The rates of a run and those of its two parts are equal bit for bit, and so are the weights at the end."""
    parts = first + second
    test.assertGreater(len(first), 0)
    test.assertGreater(len(second), 0)
    test.assertEqual([r.hex() for r in whole], [r.hex() for r in parts])
    test.assertEqual(weights, weights_resumed)
    print(f"{what}: rates {brief(whole)}\n{what}: resumed = uninterrupted: {len(whole)} steps equal, {len(second)} of them after the resume, "
          f"and {len(weights)} bytes of weights", flush=True)


def compared(test, what, mine, theirs, tolerance=1e-12):
    """The rates of lrs and those of the framework's own scheduler, which are often recursive and so differ by roundings."""
    test.assertEqual(len(mine), len(theirs))
    test.assertGreater(len(set(mine)), 1)
    worst = max(abs(a - b) for a, b in zip(mine, theirs)) / max(map(abs, theirs))
    test.assertLessEqual(worst, tolerance)
    print(f"{what}: {len(mine)} rates of lrs and of the framework, largest difference {worst:.2g} of the greatest rate", flush=True)
