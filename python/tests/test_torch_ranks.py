"""test_torch_ranks.py: lrs.torch.Scheduler in several processes of torch.distributed (gloo, on the CPU). Skipped where that is missing.

usage: test_torch_ranks.py                      runs itself in 2 and in 3 processes, and compares what they say
       test_torch_ranks.py FOLDER RANK WORLD    is one of them: writes FOLDER/RANK.json
"""
import datetime
import json
import math
import os
import random
import struct
import subprocess
import sys
import tempfile
import unittest
import warnings

try:
    import torch

    import lrs
except ModuleNotFoundError as e:  # lrs: where python_package could not build it
    print(f"SKIP: {e}")
    sys.exit(77)
import torch.distributed as dist

import lrs.torch

if not dist.is_available() or not dist.is_gloo_available():
    print("SKIP: this torch has no gloo")
    sys.exit(77)

TEXT = "warmup 3 -> 0.1; then hold\non plateau(patience=2, threshold=0.01) *0.5\nschedule wd = 0.1 * lr"
TWO = "input loss\ninput acc\nhold 1\non plateau(loss, patience=0) *0.5\non plateau(acc, mode=max, patience=0) *0.1"
STEPS = 60


def local_loss(rank, step):
    """Of this rank's own data: each rank would do something else."""
    r = random.Random(1000 * rank + step)
    return round(1 / (1 + min(step, 15)) + 0.2 * r.random(), 3)


def hexed(values):
    return [struct.pack("<d", v).hex() for v in values]


def made(text=TEXT, params=None, **options):
    o = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1.0)
    return lrs.torch.Scheduler(o, text, params, **options)


def course(scheduler, metric):
    """The bits of the rate at each step, and whether the ranks agree at the end."""
    rates = []
    for t in range(STEPS):
        scheduler.step(metric(t))
        rates += scheduler.get_last_lr()
    return {"rates": hexed(rates), "print": scheduler.fingerprint(), "said": said(scheduler.check_ranks)}


def said(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except RuntimeError as e:
        return str(e)
    return ""


def largest(value):
    t = torch.tensor(value, dtype=torch.float64)
    dist.all_reduce(t, op=dist.ReduceOp.MAX)
    return t


def one_rank(folder, rank, world):
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", lrs.LrsWarning)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=world, timeout=datetime.timedelta(seconds=300))
    out = {
        "mean": course(made(sync="mean"), lambda t: local_loss(rank, t)),
        "rank0": course(made(sync="rank0"), lambda t: local_loss(0, t) if rank == 0 else math.nan),
        "max": course(made(sync=largest), lambda t: local_loss(rank, t)),
        "none": course(made(), lambda t: local_loss(rank, t)),
        "no metric of one": course(made(sync="mean"), lambda t: math.nan if rank == 1 else 1.0),
    }
    s = made(TWO, sync="mean")
    for t in range(4):
        s.step(loss=torch.tensor(float(rank)), acc=1.0)
    out["two"] = {"rates": hexed(s.get_last_lr()), "said": said(s.check_ranks)}

    s = made(TWO, sync="mean")
    s.step(loss=1.0, acc=1.0)
    before = s.state_dict()
    out["other metrics"] = said(s.step, **({"loss": 1.0} if rank == 0 else {"acc": 1.0}))
    out["other step"] = said(s.step, 1.0, increment=1 + rank)
    out["unchanged"] = s.state_dict() == before
    s.observe(loss=1.0, acc=1.0)  # the ranks are still together

    text = "param p = 1\nhold p\nschedule other = 2"
    out["params"] = said(made(text, {"p": 1.0 if rank == 0 else 2.0}).check_ranks)
    out["program"] = said(made("hold 1" if rank == 0 else "hold 2").check_ranks)
    s = made()
    s.step(increment=1 if rank < world - 1 else 7)
    out["step"] = said(s.check_ranks)
    out["fine"] = said(made().check_ranks)
    dist.barrier()
    dist.destroy_process_group()
    with open(os.path.join(folder, f"{rank}.json"), "w", encoding="utf-8") as f:
        json.dump(out, f)


def alone(metric):
    """The same in one process that knows the metric."""
    s = made()
    rates = []
    for t in range(STEPS):
        s.step(metric(t))
        rates += s.get_last_lr()
    return hexed(rates)


class Ranks(unittest.TestCase):
    def run_of(self, world):
        with tempfile.TemporaryDirectory() as folder:
            env = {**os.environ, "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"}
            ranks = [subprocess.Popen([sys.executable, __file__, folder, str(rank), str(world)], env=env, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8") for rank in range(world)]
            try:
                texts = [p.communicate(timeout=900)[0] for p in ranks]
            finally:
                for p in ranks:
                    p.kill()
            self.assertEqual([p.returncode for p in ranks], [0] * world, "\n".join(texts))
            out = []
            for rank in range(world):
                with open(os.path.join(folder, f"{rank}.json"), encoding="utf-8") as f:
                    out.append(json.load(f))
            return out

    def check(self, world):
        out = self.run_of(world)

        def mean(values):
            total = 0.0
            for v in values:
                total += v
            return total / len(values)
        expected = {"mean": alone(lambda t: mean([local_loss(r, t) for r in range(world)])), "rank0": alone(lambda t: local_loss(0, t)),
                    "max": alone(lambda t: max(local_loss(r, t) for r in range(world))), "no metric of one": alone(lambda t: None)}
        for name, rates in expected.items():
            for rank in range(world):
                self.assertEqual(out[rank][name]["rates"], rates, f"{name}, rank {rank}")
                self.assertEqual(out[rank][name]["said"], "")
            self.assertEqual(len({o[name]["print"] for o in out}), 1)
            self.assertGreater(len(set(rates)), 2 if name == "no metric of one" else 5)

        # without it they go apart, and are told so
        self.assertEqual(len({tuple(o["none"]["rates"]) for o in out}), world)
        self.assertEqual(len({o["none"]["print"] for o in out}), world)
        for o in out:
            self.assertRegex(o["none"]["said"], "differ in state: rank 0 has [0-9a-f]{16}, rank 1.* has [0-9a-f]{16}")

        for o in out:
            self.assertEqual(o["two"]["said"], "")
            # the mean loss is always the same, so that both rules act at the second, third and fourth observation
            self.assertEqual(o["two"]["rates"], out[0]["two"]["rates"])
            self.assertTrue(o["unchanged"])
            self.assertIn("different metrics at step 2: rank 1", o["other metrics"])
            self.assertIn("rank 0 observes at step 2, rank 1 at step 3", o["other step"])
            self.assertRegex(o["params"], "differ in params: rank 0 has .*; values:")
            self.assertRegex(o["program"], "differ in program: ")
            self.assertRegex(o["step"], f"differ in step: rank 0 has 1, rank {world - 1} has 7; values: ")
            self.assertEqual(o["fine"], "")

    def test_two_processes(self):
        self.check(2)

    def test_three_processes(self):
        self.check(3)


def setUpModule():
    warnings.simplefilter("ignore", lrs.LrsWarning)


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[2].isdigit():
        one_rank(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    else:
        unittest.main()
