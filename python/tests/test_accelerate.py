"""test_accelerate.py: lrs.accelerate in short trainings with Accelerate, in one process and in two (gloo, on the CPU)."""
import inspect
import io
import json
import math
import os
import subprocess
import sys
import tempfile
import unittest
import warnings

import frameworks

if __name__ == "__main__" and "--rank" not in sys.argv:
    frameworks.need("torch", "accelerate")
import accelerate  # noqa: E402
import torch  # noqa: E402

import lrs  # noqa: E402
import lrs.accelerate  # noqa: E402

torch.set_num_threads(1)
warnings.filterwarnings("ignore")

RULES = "warmup 5 -> 0.05; then cosine until 30 -> 0.005\non plateau(patience=2) *0.5"
LONGER = "warmup 10 -> 0.05; then cosine until 60 -> 0.005"  # the same, with lengths for two steps an update
N = 64


def run(folder=None, save_at=None, load=False, updates=30, accumulate=1, theirs=False):
    """A training, on each process: the rates that updates were made with, and the weights."""
    torch.manual_seed(1)
    accelerator = accelerate.Accelerator(cpu=True, gradient_accumulation_steps=accumulate)
    x = torch.randn(N, 3, generator=torch.Generator().manual_seed(2))
    data = torch.utils.data.TensorDataset(x, x @ torch.tensor([1.0, -2.0, 3.0]))
    net = torch.nn.Linear(3, 1)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
    net, optimizer, loader = accelerator.prepare(net, optimizer, torch.utils.data.DataLoader(data, batch_size=4))
    if theirs:
        wrong = accelerator.prepare(lrs.torch.Scheduler(torch.optim.Adam([torch.nn.Parameter(torch.ones(1))]), RULES))
        curve = lrs.compile(LONGER)
        scheduler = accelerator.prepare(torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: curve(t) / 0.05))
    else:
        scheduler = lrs.accelerate.prepare(accelerator, lrs.torch.Scheduler(optimizer, RULES if not accumulate > 1 else LONGER))
    done = 0
    if load:
        accelerator.load_state(folder)
        done = scheduler.scheduler.last_epoch
    rates, skipped, start = [], done * accumulate % len(loader), done
    while done < updates:
        for x, y in accelerator.skip_first_batches(loader, skipped) if skipped else loader:
            with accelerator.accumulate(net):
                loss = ((net(x)[:, 0] - y) ** 2).mean()
                accelerator.backward(loss)
                rate = optimizer.param_groups[0]["lr"]
                optimizer.step()
                # the metric would be an evaluation, the same on all processes
                metric = max(0.3, 1 - done / 10) if not theirs and accumulate == 1 and done % 2 else None
                scheduler.step(*(() if theirs else (metric,)))
                optimizer.zero_grad()
            if accelerator.sync_gradients:
                rates.append(rate)
                done += 1
                if done == save_at:
                    accelerator.save_state(folder)
                if done == updates:
                    break
        skipped = 0
    wrapped = getattr(scheduler, "scheduler", scheduler)
    result = {"rates": rates, "start": start, "steps": wrapped.last_epoch, "processes": accelerator.num_processes,
              "weights": b"".join(p.detach().numpy().tobytes() for p in accelerator.unwrap_model(net).parameters()).hex()}
    if theirs:
        wrong.step(1.0)
        result["wrong"] = wrong.scheduler.last_epoch
    else:
        result["counts"] = [d.bad for d in scheduler.schedule.detectors] + [d.seen_step for d in scheduler.schedule.detectors]
    accelerator.wait_for_everyone()
    return result


def rank_main():
    """What each process of a launch does: the runs that the arguments describe, their results as a file for each rank."""
    runs, out = json.loads(sys.argv[2]), sys.argv[3]
    results = []
    for options in runs:
        results.append(run(**options))
        accelerate.state.GradientState._reset_state()
    with open(f"{out}.{os.environ.get('RANK', '0')}", "w", encoding="utf-8") as f:
        json.dump(results, f)
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def launched(processes, *runs):
    """The results of runs, by rank, in processes that torchrun starts."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        command = [sys.executable, "-B", "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
        done = subprocess.run([*command, os.path.abspath(__file__), "--rank", json.dumps(runs), out], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=500,
                              env={**os.environ, "ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"})
        if done.returncode:
            raise AssertionError(done.stdout[-4000:])
        results = []
        for rank in range(processes):
            with open(f"{out}.{rank}", encoding="utf-8") as f:
                results.append(json.load(f))
        return results


class Processes(unittest.TestCase):
    def expected(self, processes):
        s = lrs.compile(RULES)
        rates = []
        for step in range(30):
            rates.append(s(step))
            s.observe(step + 1, max(0.3, 1 - step / 10) if step % 2 else None)
        self.assertGreater(s.detectors[0].fired, 0)
        return rates, [s.detectors[0].bad, s.detectors[0].seen_step]

    def check(self, processes):
        with tempfile.TemporaryDirectory() as folder:
            ranks = launched(processes, {"folder": folder, "save_at": 13}, {"folder": folder, "load": True}, {"accumulate": 3, "updates": 20},
                             {"theirs": True})
        rates, counts = self.expected(processes)
        for rank, (whole, resumed, accumulated, theirs) in enumerate(ranks):
            what = f"{processes} processes, rank {rank}"
            self.assertEqual(whole["processes"], processes)
            self.assertEqual(whole["rates"], rates)  # each update counted once, and each metric
            self.assertEqual(whole["counts"], counts)
            self.assertEqual(whole["steps"], 30)
            self.assertEqual(resumed["start"], 13)
            frameworks.resumed(self, what, whole["rates"], whole["rates"][:13], resumed["rates"], bytes.fromhex(whole["weights"]),
                               bytes.fromhex(resumed["weights"]))
            self.assertEqual(accumulated["rates"], list(lrs.compile(LONGER)[0:20]))
            self.assertEqual(accumulated["steps"], 20)
            print(f"{what}: 30 updates were {whole['steps']} steps of lrs, {theirs['steps']} of accelerator.prepare(LambdaLR); 60 batches in "
                  f"groups of 3 were {accumulated['steps']} steps")
            self.assertEqual(theirs["steps"], 30 * processes)
            self.assertEqual(theirs["wrong"], processes)  # a metric is counted once for each process
            # with one process each, what they call a step is a half; with two, their lengths and ours are the same
            pure = lrs.compile("warmup 5 -> 0.05; then cosine until 30 -> 0.005" if processes == 2 else LONGER)
            frameworks.compared(self, f"{what}, LambdaLR", list(pure[0:30]), theirs["rates"], 1e-12)
        for other in ranks[1:]:
            self.assertEqual([r["weights"] for r in other], [r["weights"] for r in ranks[0]])

    def test_one(self):
        self.check(1)

    def test_two(self):
        self.check(2)


class Parts(unittest.TestCase):
    def prepared(self, text, **options):
        accelerate.state.GradientState._reset_state()
        accelerator = accelerate.Accelerator(cpu=True, **options)
        net = torch.nn.Linear(1, 1)
        net, optimizer = accelerator.prepare(net, torch.optim.SGD(net.parameters(), lr=1.0))
        return accelerator, net, optimizer, lrs.accelerate.prepare(accelerator, lrs.torch.Scheduler(optimizer, text))

    def test_skipped_update(self):
        """After an update that was skipped (an overflow of mixed precision) there is no step, and a metric is not lost."""
        accelerator, net, optimizer, scheduler = self.prepared("warmup 10 -> 1; on (metric > 5) *0.5")
        optimizer.step()
        scheduler.step()
        self.assertEqual(scheduler.get_last_lr(), [0.1])
        optimizer._is_overflow = True
        scheduler.step()
        self.assertEqual(scheduler.get_last_lr(), [0.1])
        scheduler.step(6)
        self.assertEqual(scheduler.get_last_lr(), [0.1])
        optimizer._is_overflow = False
        scheduler.step()
        self.assertEqual(scheduler.get_last_lr(), [0.1])
        self.assertEqual(scheduler.schedule.detectors[0].fired, 1)
        self.assertFalse(scheduler.stopped)

    def test_skipped_update_with_a_metric_at_each_step(self):
        for given, fired in (((1.0, 12.0, 1.0), 1), ((1.0, 6.0, 1.0), 0), ((1.0, 6.0, None), 1), ((1.0, 6.0, math.nan), 1), ((1.0, None, 6.0), 1)):
            accelerator, net, optimizer, scheduler = self.prepared("hold 1; on (metric > 5) *0.5")
            for metric, skipped in zip(given, (False, True, False)):
                optimizer._is_overflow = skipped
                scheduler.step(metric)
            self.assertEqual((scheduler.scheduler.last_epoch, scheduler.schedule.detectors[0].fired), (2, fired), given)

    def test_metrics_of_batches(self):
        """The mean of those of an update, whichever batch they come with, and also where a checkpoint is among them."""
        text = "input loss\ninput acc\nhold 1; on (loss > 5) *0.5; on (acc > 1) *0.1"
        for save in (False, True):
            accelerator, net, optimizer, scheduler = self.prepared(text, gradient_accumulation_steps=4)
            rates = []
            for loss in (1, 1, 1, 1, 1, 20, 1, 1, 5, 5, 5, 4, 0, 6, 0, 0):
                with accelerator.accumulate(net):
                    optimizer.step()
                    scheduler.step(loss=loss, **({"acc": 2} if loss == 6 else {}))
                    rates.append(scheduler.get_last_lr()[0])
                if save:
                    state = scheduler.state_dict()
                    file = io.BytesIO()
                    torch.save(state, file)
                    file.seek(0)
                    scheduler = lrs.accelerate.prepare(accelerator, lrs.torch.Scheduler(optimizer, text))
                    scheduler.load_state_dict(torch.load(file, weights_only=True))
                    self.assertEqual(scheduler.state_dict(), state)
            self.assertEqual(rates, [1] * 7 + [0.5] * 8 + [0.5 * 0.1])
            self.assertEqual(scheduler.scheduler.last_epoch, 4)
        before = scheduler.state_dict()
        for wrong, error in (({"los": 1}, lrs.LrsError), ({"loss": "x"}, TypeError), ({"increment": 1.5}, TypeError)):
            with self.assertRaises(error):
                scheduler.step(**wrong)
            self.assertEqual(scheduler.state_dict(), before)

    def test_a_metric_without_a_name(self):
        _, _, _, scheduler = self.prepared("input a\ninput b\nhold 1; on (b > 5) *0.5")
        with self.assertWarnsRegex(lrs.LrsWarning, "without a name is that of the first input, `a`.* they watch `b`") as said:
            scheduler.step(1.0)
        self.assertEqual(os.path.basename(said.filename), os.path.basename(__file__))

    def test_tokens(self):
        """All of them count, those of batches that are no step too."""
        for add in (int, torch.tensor):
            accelerator, net, optimizer, scheduler = self.prepared("unit token; linear 1000 tokens from 1 -> 0", gradient_accumulation_steps=2)
            steps = []
            for tokens in (10, 11, 12, 13, 14, 15):
                with accelerator.accumulate(net):
                    optimizer._is_overflow = tokens == 13
                    optimizer.step()
                    optimizer._is_overflow = tokens == 13
                    scheduler.step(increment=add(tokens))
                steps.append(scheduler.scheduler.last_epoch)
            self.assertEqual(steps, [0, 21, 21, 21, 21, 75])
            self.assertEqual(scheduler.get_last_lr(), [scheduler.schedule(75)])

    def test_units(self):
        for unit in ("epoch", "token", "sample"):
            accelerator, net, optimizer, scheduler = self.prepared(f"unit {unit}; linear 10 from 1 -> 0")
            with self.assertRaisesRegex(lrs.LrsError, f"counts {unit}s, and Accelerate updates"):
                scheduler.step()
            scheduler.step(increment=2)
            self.assertEqual(scheduler.get_last_lr(), [0.8])

    def test_accelerator_prepare(self):
        """It loses what is given while gradients are accumulated, as docs/python.md says; where nothing is, there is nothing to warn of."""
        for lose in (False, True):
            accelerator, _, _, _ = self.prepared("hold 1", gradient_accumulation_steps=2)
            net = torch.nn.Linear(1, 1)
            o = torch.optim.SGD(net.parameters(), lr=1.0)
            s = lrs.torch.Scheduler(o, "hold 1; on plateau(patience=2) *0.5")
            with warnings.catch_warnings():
                warnings.simplefilter("error", lrs.LrsWarning)
                inspect.getmembers(s)
                net, o, theirs = accelerator.prepare(net, o, s)
                for batch in range(20):
                    with accelerator.accumulate(net):
                        o.step()
                        theirs.step(*((1.0,) if batch % 2 != lose else ()))
            self.assertEqual((s.last_epoch, s.schedule.detectors[0].fired), (10, 0 if lose else 3))

    def test_rules_that_begin_late(self):
        """The warning is at a line of the caller, and what it advises is there."""
        for reset in (False, True):
            accelerator, net, o, _ = self.prepared("hold 1")
            prepared = lrs.accelerate.prepare(accelerator, lrs.torch.Scheduler(o, "hold 1; on plateau(patience=0) *0.5", last_epoch=9))
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always", lrs.LrsWarning)
                if reset:
                    prepared.reset()
                for metric in (1.0, 1.0, 1.0):
                    o.step()
                    prepared.step(metric)
            self.assertEqual([(os.path.basename(w.filename), "scheduler.reset()" in str(w.message)) for w in said],
                             [] if reset else [(os.path.basename(__file__), True)])
            self.assertEqual(prepared.get_last_lr(), [0.25])
            o._is_overflow = True
            prepared.step(2.0)
            prepared.reset()
            self.assertEqual(prepared.get_last_lr(), [1.0])
            o._is_overflow = False
            prepared.step(3.0)
            prepared.step(3.0)
            self.assertEqual(prepared.get_last_lr(), [0.5])  # 3 is the best that there was

    def test_pictures(self):
        prepared = self.prepared("hold 1")[3]
        self.assertEqual(prepared.plot(0, 20, log=True).svg(), prepared.schedule.plot(0, 20, log=True).svg())
        self.assertEqual((prepared._repr_svg_(), prepared._repr_html_()), (prepared.schedule._repr_svg_(), prepared.schedule._repr_html_()))

    def test_the_optimizer_below(self):
        accelerator = accelerate.Accelerator(cpu=True)
        net = torch.nn.Linear(1, 1)
        plain = torch.optim.SGD(net.parameters(), lr=1.0)
        net, optimizer = accelerator.prepare(net, plain)
        scheduler = lrs.accelerate.prepare(accelerator, lrs.torch.Scheduler(plain, "hold 0.25"))
        self.assertEqual(optimizer.param_groups[0]["lr"], 0.25)
        self.assertEqual(scheduler.optimizers, [optimizer])

    def test_free_memory(self):
        """As find_executable_batch_size does between its tries: what was prepared before is not saved."""
        def started(accelerator):
            accelerator.free_memory()
            net, optimizer = accelerator.prepare(torch.nn.Linear(1, 1), torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1.0))
            return lrs.accelerate.prepare(accelerator, lrs.torch.Scheduler(optimizer, "linear 10 from 1 -> 0"))

        with tempfile.TemporaryDirectory() as folder:
            first, second = (accelerate.Accelerator(cpu=True) for _ in range(2))
            started(first)
            scheduler = started(first)
            scheduler.observe(None)
            scheduler.scheduler.step()
            first.save_state(folder)
            again = started(second)
            second.load_state(folder)
            self.assertEqual(again.last_epoch, 1)

    def test_wrong(self):
        accelerator = accelerate.Accelerator(cpu=True)
        o = torch.optim.SGD(torch.nn.Linear(1, 1).parameters(), lr=1.0)
        with self.assertRaisesRegex(ValueError, "has not been prepared"):
            lrs.accelerate.prepare(accelerator, lrs.torch.Scheduler(o, "hold 1"))
        accelerator, net, o, prepared = self.prepared("hold 1")
        for again in (prepared, prepared.scheduler):
            with self.assertRaisesRegex(ValueError, "has been prepared already"):
                lrs.accelerate.prepare(accelerator, again)
        self.assertEqual(len(accelerator._custom_objects), 1)
        prepared.step()
        self.assertEqual(prepared.last_epoch, prepared.scheduler.last_epoch)
        for swapped in (prepared, prepared.scheduler):
            with self.assertRaisesRegex(TypeError, r"the accelerator comes first: lrs.accelerate.prepare\(accelerator, scheduler\)"):
                lrs.accelerate.prepare(swapped, accelerator)
        with self.assertRaisesRegex(TypeError, "ConstantLR is not an lrs.torch.Scheduler"):
            lrs.accelerate.prepare(accelerator, torch.optim.lr_scheduler.ConstantLR(o))


if __name__ == "__main__":
    if "--rank" in sys.argv:
        rank_main()
    else:
        unittest.main(warnings="ignore")
