"""test_transformers.py: lrs.transformers in short trainings of the Trainer, on a tiny GPT-2 made from a config."""
import math
import os
import re
import tempfile
import unittest
import warnings

import frameworks

frameworks.need("torch", "transformers", "accelerate")
import torch  # noqa: E402
import transformers  # noqa: E402

import lrs  # noqa: E402
import lrs.transformers  # noqa: E402

torch.set_num_threads(1)
warnings.filterwarnings("ignore")
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

RULES = """
input eval_loss
input acc
param total
param peak = 0.01
warmup 10% -> peak
then cosine until total -> peak/10
on plateau(eval_loss, patience=0, threshold=0.05) *0.5
on (acc > 0.5) *0.8
"""
# The metric `acc` is the part of the run that is done, so that it does not depend on what the network learns.


class Log(transformers.TrainerCallback):
    """The rates that updates are made with."""

    def __init__(self):
        self.rates, self.metrics = [], []

    def on_pre_optimizer_step(self, args, state, control, optimizer=None, **kwargs):
        self.rates.append(float(optimizer.param_groups[0]["lr"]))

    def on_evaluate(self, args, state, control, metrics=None, **kwargs):
        self.metrics.append((state.global_step, dict(metrics)))


class Data(torch.utils.data.Dataset):
    def __init__(self, n):
        self.ids = torch.randint(0, 16, (n, 8), generator=torch.Generator().manual_seed(3))

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, i):
        return {"input_ids": self.ids[i], "labels": self.ids[i]}


def model():
    torch.manual_seed(1)
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(vocab_size=16, n_positions=8, n_embd=8, n_layer=1, n_head=1, resid_pdrop=0,
                                                                embd_pdrop=0, attn_pdrop=0, bos_token_id=0, eos_token_id=0))


def arguments(folder, **options):
    given = {"max_steps": 40, "per_device_train_batch_size": 4, "eval_strategy": "steps", "eval_steps": 5, "save_strategy": "steps",
             "save_steps": 5, "logging_steps": 1, "report_to": [], "use_cpu": True, "disable_tqdm": True, "seed": 7, "weight_decay": 0.1,
             **options}
    return transformers.TrainingArguments(folder, **given)


def trained(folder, make, log, checkpoint=None, **options):
    """make(common arguments of a Trainer) -> a Trainer"""
    trainer = make(model=model(), args=arguments(folder, **options), train_dataset=Data(64), eval_dataset=Data(8), callbacks=[log])
    trainer.remove_callback(transformers.trainer_callback.PrinterCallback)
    trainer.train(resume_from_checkpoint=checkpoint)
    return trainer


def bytes_of(trainer):
    return b"".join(p.detach().numpy().tobytes() for p in trainer.model.parameters())


def with_acc(cls):
    class WithAcc(cls):
        def evaluation_loop(self, *args, **kwargs):
            out = super().evaluation_loop(*args, **kwargs)
            out.metrics["eval_acc"] = self.state.global_step / 40
            return out
    return WithAcc


def with_optimizer(text, metrics=None, **params):
    """A Trainer as it is, with an optimizer of one's own."""
    def make(callbacks, **common):
        optimizer = torch.optim.AdamW(common["model"].parameters())
        scheduler = lrs.torch.Scheduler(optimizer, text, params)
        return with_acc(transformers.Trainer)(callbacks=[*callbacks, lrs.transformers.Metrics(metrics)], optimizers=(optimizer, scheduler),
                                              **common)
    return make


def with_schedule(text, **options):
    return lambda **common: with_acc(lrs.transformers.Trainer)(schedule=text, **options, **common)


class Resume(unittest.TestCase):
    def check(self, what, make, at, **options):
        with tempfile.TemporaryDirectory() as folder:
            whole, first, second = Log(), Log(), Log()
            a = trained(os.path.join(folder, "a"), make, whole, **options)
            trained(os.path.join(folder, "b"), make, first, **options)
            c = trained(os.path.join(folder, "c"), make, second, os.path.join(folder, "b", f"checkpoint-{at}"), **options)
            frameworks.resumed(self, f"{what}, from checkpoint-{at}", whole.rates, first.rates[:at], second.rates, bytes_of(a), bytes_of(c))
            return a, whole

    def test_own_optimizer(self):
        trainer, log = self.check("optimizers=", with_optimizer(RULES, total=40), 20)
        s = lrs.compile(RULES, total=40)
        expected = []
        for step in range(40):
            expected.append(s(step))
            for at, metrics in log.metrics:
                if at == step + 1:
                    s.observe(at, eval_loss=metrics["eval_loss"], acc=metrics["eval_acc"])
        self.assertEqual(log.rates, expected)
        self.assertGreater(sum(d.fired for d in s.detectors), 1)
        logged = [h["learning_rate"] for h in trainer.state.log_history if "learning_rate" in h]
        self.assertEqual(logged, expected)

    def test_schedule_of_the_trainer(self):
        trainer, log = self.check("schedule=", with_schedule(RULES, params={"peak": 0.02}), 15)
        self.assertAlmostEqual(log.rates[4], 0.02)
        self.assertEqual(trainer.lr_scheduler.schedule.params["total"].value, 40)
        self.assertEqual(len(trainer.optimizer.param_groups), 2)  # those of the Trainer, with and without weight decay

    def test_accumulated_gradients(self):
        text = "param total\nwarmup 25% -> 0.01; then cosine until total -> 0"
        _, log = self.check("accumulated", with_schedule(text), 15, gradient_accumulation_steps=2)
        self.assertEqual(log.rates, list(lrs.compile(text, total=40)[0:40]))


class Own(unittest.TestCase):
    """The schedulers that the Trainer makes by itself."""

    def compare(self, what, make, options, plateau=False):
        mine, theirs = Log(), Log()
        with tempfile.TemporaryDirectory() as folder:
            trained(folder, make, mine)
            trained(folder, lambda **c: with_acc(transformers.Trainer)(**c), theirs, learning_rate=0.01, **options)
        frameworks.compared(self, what, mine.rates, theirs.rates, 1e-11)

    def test_names(self):
        for name, options in (("cosine", {}), ("linear", {}), ("inverse_sqrt", {}), ("cosine_with_min_lr", {"min_lr": 1e-4})):
            call = f"hf.{'get_' + name + '_schedule' if name == 'inverse_sqrt' else 'get_' + name + '_schedule_with_warmup'}"
            total = "" if name == "inverse_sqrt" else ", num_training_steps=40"
            text = f"use hf\n{call}(num_warmup_steps=5{total}, lr=0.01{''.join(f', {k}={v}' for k, v in options.items())})"
            with self.subTest(name=name):
                self.compare(f"lr_scheduler_type={name}", with_schedule(text),
                             {"lr_scheduler_type": name, "warmup_steps": 5, "lr_scheduler_kwargs": options})

    def test_plateau(self):
        text = "hold 0.01; on plateau(patience=0, threshold=0.05) *0.5"
        self.compare("lr_scheduler_type=reduce_lr_on_plateau", with_schedule(text), {
            "lr_scheduler_type": "reduce_lr_on_plateau", "lr_scheduler_kwargs": {"factor": 0.5, "patience": 0, "threshold": 0.05},
            "metric_for_best_model": "loss"})


class Parts(unittest.TestCase):
    def test_a_value_after_the_last_update(self):
        """It is refused only where a batch is trained with it."""
        make = with_schedule("hold 0.1\nschedule beta2 { linear 8 from 0.9 -> 1 }")
        with tempfile.TemporaryDirectory() as folder:
            trainer = trained(folder, make, Log(), max_steps=8, save_steps=4)
            self.assertEqual(trainer.lr_scheduler.last_epoch, 8)
            with self.assertRaisesRegex(lrs.LrsError, "`beta2` is 1.0 at step 8: AdamW takes"):
                trained(folder, make, Log(), max_steps=12, checkpoint=os.path.join(folder, "checkpoint-8"))

    def test_stop(self):
        log = Log()
        with tempfile.TemporaryDirectory() as folder:
            trained(folder, with_schedule("hold 0.01; on (metric > 0.3) stop", metrics="acc"), log)
        self.assertEqual(len(log.rates), 15)
        print("stop: training ended after step 15 of 40")

    def test_what_the_trainer_knows(self):
        """total, steps_per_epoch and samples_per_step are given their values, where they are declared and not given."""
        def known(text, **params):
            with tempfile.TemporaryDirectory() as folder:
                trainer = lrs.transformers.Trainer(model=model(), args=arguments(folder, gradient_accumulation_steps=2, eval_strategy="no"), train_dataset=Data(66),
                                                   schedule=text, params=params)
                trainer.create_scheduler(40, trainer.create_optimizer())
                return {name: p.value for name, p in trainer.lr_scheduler.schedule.params.items()}
        self.assertEqual(known("param total\nlinear until total from 1 -> 0"), {"total": 40})
        self.assertEqual(known("param total = 7\nlinear until total from 1 -> 0"), {"total": 40})
        self.assertEqual(known("param total = 7\nlinear until total from 1 -> 0", total=9), {"total": 9})
        self.assertEqual(known("param steps_per_epoch = 5\nparam total = 7 epochs\nlinear until total from 1 -> 0"),
                         {"steps_per_epoch": 9, "total": 7})
        self.assertEqual(known("param steps_per_epoch\nlinear 2 epochs from 1 -> 0"), {"steps_per_epoch": 9})
        self.assertEqual(known("param steps_per_epoch\nlinear 2 epochs from 1 -> 0", steps_per_epoch=3), {"steps_per_epoch": 3})
        self.assertEqual(known("param samples_per_step\nparam total\nparam peak = 2\nwarmup 64 samples -> peak; then cosine until total -> 0"),
                         {"samples_per_step": 8, "total": 40, "peak": 2})
        self.assertEqual(known("hold 1"), {})
        epochs = "param total = 3 epochs; param steps_per_epoch; linear until total from 1 -> 0"  # what has another unit is not given one of updates
        self.assertEqual(known(epochs), {"total": 3, "steps_per_epoch": 9})
        self.assertEqual(known(epochs, total=2), {"total": 2, "steps_per_epoch": 9})
        self.assertEqual(known("param total = 3 steps; param peak; linear until total from peak -> 0", peak=2), {"total": 40, "peak": 2})
        with self.assertRaisesRegex(lrs.LrsError, "^param `total_steps` has no default: give it a value, in params={...}; the Trainer has those of `total`, "
                                    "`steps_per_epoch` and `samples_per_step`$"):
            known("param total_steps\nlinear until total_steps from 1 -> 0")
        with self.assertRaisesRegex(lrs.LrsError, "there is no param `totl`"):
            known("param total\nlinear until total from 1 -> 0", totl=9)
        with self.assertRaisesRegex(lrs.LrsError, "LRS0"):
            known("param total\nliner until total from 1 -> 0")
        with self.assertRaisesRegex(lrs.LrsError, "peak"):
            known("param peak\nlinear 5 from peak -> 0")
        with self.assertRaisesRegex(lrs.LrsError, "peak"):
            known("param peak\nparam total\nlinear until total from peak -> 0")
        with self.assertRaisesRegex(lrs.LrsError, "give total"):
            known("param total = 100\nrequire total > 50 \"give total\"\nlinear until total from 1 -> 0")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            known("param total = 7; param idle = 1; linear until total from 1 -> 0")
        self.assertEqual(len([w for w in caught if w.category is lrs.LrsWarning]), 1)

    def test_epochs(self):
        """What the errors say to write is what works: the advice is no circle."""
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(lrs.LrsError, "counts epochs, and the Trainer counts updates: write `unit step` in it, and lengths with "
                                        "their units, as `5 epochs`; these need `param steps_per_epoch`, which gets its value there"):
                trained(folder, with_schedule("unit epoch; linear 1 from 1 -> 0"), Log(), max_steps=5)
            log = Log()
            trained(folder, with_schedule("unit step; param steps_per_epoch; linear 1 epochs from 1 -> 0"), log, max_steps=5)
            self.assertEqual(log.rates, [1 - t / 16 for t in range(5)])

            class Stream(torch.utils.data.IterableDataset):
                def __iter__(self):
                    return iter([Data(64)[i] for i in range(64)])

            def stream(train_dataset, **common):
                return lrs.transformers.Trainer(train_dataset=Stream(), schedule="param steps_per_epoch; linear 1 epochs from 1 -> 0", **common)
            with self.assertRaisesRegex(lrs.LrsError, "have no length.*params={\"steps_per_epoch\": 1000}"):
                trained(folder, stream, Log(), max_steps=5)

    def said(self, make, log=None, checkpoint=None, folder=None, **options):
        """The warnings of a short training."""
        with tempfile.TemporaryDirectory() as empty, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            trained(folder or empty, make, log or Log(), checkpoint, **{"max_steps": 12, **options})
        return [str(w.message) for w in caught if w.category is lrs.LrsWarning]

    def test_a_schedule_that_ends_at_0_too_early(self):
        text = "warmup 2 -> 1e-3; cosine until 5 -> 0"
        for make in (with_schedule(text), with_optimizer(text), with_schedule(text + "; on plateau *0.5")):
            self.assertEqual(self.said(make), [
                "the rate is 0 in the last 7 of the 12 steps of this training: the last phase, `cosine until 5 -> 0`, ends at step 5. Let it end with the "
                "training, as with `param total` and `until total`; if this is meant, write `then hold 0` after it"])
        for text in (text + "; then hold 0", text.replace("-> 0", "-> 1e-9"), text.replace("5", "12"), text.replace("5", "11"), text.replace("5", "400"),
                     "param total; warmup 10% -> 1; cosine until total -> 0", "hold 0", "param total; linear until total from 1 -> 0; on (metric > 0) *0.5",
                     "repeat { cosine 5 from 1 -> 0 }", "cosine until 5 from 1 -> 0; on plateau *0.5; bounds 1e-5..1",
                     "warmup 2 -> 1; hold until plateau; then linear 3 -> 0", "schedule lr { cosine until 5 from 1 -> 0 }; schedule lr[\"1\"] { hold 1 }",
                     "use hf; hf.get_cosine_schedule_with_warmup(num_warmup_steps=2, num_training_steps=12, lr=1e-3)"):
            self.assertEqual(self.said(with_schedule(text)), [], text)

    def test_a_loss_that_is_nan(self):
        """It has diverged, which an `on diverge` is told."""
        def make(text, **options):
            def trainer(**common):
                made = lrs.transformers.Trainer(schedule=text, compute_metrics=lambda p: {"x": 1.0 if made.state.global_step < 8 else math.nan}, **options, **common)
                return made
            return trainer
        for text, steps in (("input x\nhold 1e-3; on diverge(x) stop", 10), ("input x\nhold 1e-3; on diverge(x, mode=max) stop", 10),
                            ("input x\nhold 1e-3; on plateau(x, patience=50) stop", 20), ("input x\nhold 1e-3; on (x > 1e9) stop", 20)):
            log = Log()
            with tempfile.TemporaryDirectory() as folder:
                trained(folder, make(text), log, max_steps=20)
            self.assertEqual(len(log.rates), steps, text)

    def test_a_checkpoint_without_a_scheduler(self):
        """The schedule goes on where the Trainer does."""
        text = "linear 20 from 1e-3 -> 0"
        rules = text + "; on plateau(patience=50) *0.5"
        with tempfile.TemporaryDirectory() as folder:
            at = os.path.join(folder, "checkpoint-5")
            trained(folder, with_schedule(text), Log(), max_steps=5, save_only_model=True)
            self.assertFalse(os.path.exists(os.path.join(at, "scheduler.pt")))
            for make, warned in ((with_schedule(text), 0), (with_optimizer(text), 0), (with_schedule(rules), 1)):
                log = Log()
                said = self.said(make, log, at)
                self.assertEqual(log.rates, lrs.compile(text)[5:12].tolist())
                self.assertEqual([s[:84] for s in said], ["this training goes on at step 5 from a checkpoint without a scheduler.pt, and the ru"] * warned)

            def begins(callbacks, **common):  # what the warning says
                optimizer = torch.optim.SGD(common["model"].parameters())
                scheduler = lrs.torch.Scheduler(optimizer, rules, last_epoch=4)
                scheduler.reset()
                return transformers.Trainer(callbacks=[*callbacks, lrs.transformers.Metrics()], optimizers=(optimizer, scheduler), **common)
            log = Log()
            self.assertEqual(self.said(begins, log, at), [])
            self.assertEqual(log.rates, lrs.compile(text)[5:12].tolist())
        with tempfile.TemporaryDirectory() as folder:
            trained(folder, with_schedule(rules), Log(), max_steps=5)
            self.assertEqual(self.said(with_schedule(rules), None, os.path.join(folder, "checkpoint-5")), [])

    def test_another_mode_than_that_of_the_trainer(self):
        def said(rule, name, greater, **options):
            return self.said(with_schedule(f"hold 1e-3; {rule}", **options), metric_for_best_model=name, greater_is_better=greater, max_steps=5)
        for rule in ("on plateau(patience=0) *0.5", "on diverge stop", "on plateau(smooth=0.9) *0.5"):
            self.assertEqual(said(rule, "acc", True), [f"`{rule}` takes less of `acc` for better, and the Trainer more, greater_is_better=True: write mode=max "
                                                       "in the rule, or give TrainingArguments(greater_is_better=False)"])
            self.assertEqual(said(rule, "eval_acc", False), [])
            self.assertEqual(said(rule, "acc", True, metrics="loss"), [])
            rule = rule.replace("(", "(mode=max, ") if "(" in rule else rule.replace("diverge", "diverge(mode=max)")
            self.assertEqual(said(rule, "eval_acc", True), [])
            self.assertEqual(len(said(rule, "loss", None)), 1)  # False, by the Trainer itself
        self.assertEqual(said("on (metric > 0.5) *0.5", "acc", True), [])

    def test_two_schedules(self):
        with tempfile.TemporaryDirectory() as folder:
            m = model()
            optimizer = torch.optim.SGD(m.parameters())
            with self.assertRaisesRegex(lrs.LrsError, "two schedules.*optimizers=\\(optimizer, None\\), or leave out schedule="):
                lrs.transformers.Trainer(m, arguments(folder, eval_strategy="no"), schedule="hold 5e-4",
                                         optimizers=(optimizer, lrs.torch.Scheduler(optimizer, "hold 1e-4")))

    def test_a_longer_run(self):
        """It is refused, and the message and docs/python.md say what to do, which works."""
        text = "param total; linear until total from 1 -> 0"
        rules = "param total; linear until total from 1 -> 0; on (metric > 0) *0.5"
        with tempfile.TemporaryDirectory() as folder:
            for text, metrics in ((text, None), (rules, "acc")):
                at = os.path.join(folder, "a", "checkpoint-5")
                trained(os.path.join(folder, "a"), with_schedule(text, metrics=metrics), Log(), max_steps=8)
                with self.assertRaisesRegex(lrs.LrsError, "`total` was 8 and is 12.*the Trainer gives `total` from its arguments.*"
                                            "params={\"total\": 8.0} goes on with the schedule of that run"):
                    trained(os.path.join(folder, "b"), with_schedule(text, metrics=metrics), Log(), at, max_steps=12)
                log = Log()
                trained(os.path.join(folder, "b"), with_schedule(text, metrics=metrics, params={"total": 8}), log, at, max_steps=12)
                scale = 0.5 if metrics else 1
                self.assertEqual(log.rates, [scale * max(0, 1 - t / 8) for t in range(5, 12)])
                # the recipe of "A longer run"
                file = os.path.join(at, "scheduler.pt")
                state = torch.load(file, weights_only=True)
                longer = lrs.torch.Scheduler(torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], 1.0), text, total=12,
                                             last_epoch=state["last_epoch"] - 1)
                if metrics:
                    longer.schedule.observe(5, 1.0)
                torch.save(longer.state_dict(), file)
                log = Log()
                trained(os.path.join(folder, "b"), with_schedule(text, metrics=metrics), log, at, max_steps=12)
                self.assertEqual(log.rates[:5], [scale * rate for rate in lrs.compile(text, total=12)[5:10]])
            with self.assertRaisesRegex(lrs.LrsError, "of another program") as e:
                trained(os.path.join(folder, "b"), with_schedule("param total; linear until total from 2 -> 0"), Log(), at, max_steps=12)
            self.assertNotIn("the Trainer gives", str(e.exception))

    def test_a_longer_run_of_many_updates(self):
        """The advice is a number of all its digits."""
        def scheduler(updates, folder, **params):
            trainer = lrs.transformers.Trainer(model=model(), args=arguments(folder, eval_strategy="no"), train_dataset=Data(8), params=params,
                                               schedule="param total; linear until total from 1 -> 0")
            return trainer.create_scheduler(updates, trainer.create_optimizer())
        with tempfile.TemporaryDirectory() as folder:
            state = scheduler(1234567, folder).state_dict()
            with self.assertRaisesRegex(lrs.LrsError, "params={\"total\": 1234567.0} goes on with the schedule of that run") as e:
                scheduler(2000000, folder).load_state_dict(state)
            advice = float(re.search("\"total\": ([^}]*)}", str(e.exception)).group(1))
            scheduler(2000000, folder, total=advice).load_state_dict(state)
            for wrong in ("scheduler.pt", None, 3, [state], {**state, "schedule": "other params"}, "other params"):
                with self.assertRaises(lrs.LrsError):
                    scheduler(2000000, folder).load_state_dict(wrong)

    def test_weight_decay(self):
        """A weight decay of the schedule leaves out the parameters that the Trainer leaves out: biases and norms."""
        class Decays(Log):
            def on_pre_optimizer_step(self, args, state, control, optimizer=None, model=None, **kwargs):
                names = {id(p): name for name, p in model.named_parameters()}
                self.rates.append({names[id(p)]: group["weight_decay"] for group in optimizer.param_groups for p in group["params"]})
                self.metrics.append([float(group["lr"]) for group in optimizer.param_groups])

        def decays(text, names=None, checkpoint=None, folder=None, optimizer=None, weight_decay=0.0, steps=6):
            log = Decays()
            with tempfile.TemporaryDirectory() as empty, warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")

                def make(**common):
                    own = {"optimizers": (optimizer(common["model"]), None)} if optimizer else {}
                    return lrs.transformers.Trainer(schedule=text, names=names, **own, **common)
                trained(folder or empty, make, log, checkpoint, weight_decay=weight_decay, eval_strategy="no", max_steps=steps)
            self.assertEqual([str(w.message) for w in caught if w.category is lrs.LrsWarning], [])
            return log

        def expected(steps, decay, other=lambda t: 0.0):
            without = [n for n, _ in model().named_parameters() if n.endswith("bias") or ".ln_" in n]
            self.assertTrue(0 < len(without) < len(list(model().parameters())))
            return [{n: other(t) if n in without else decay(t) for n, _ in model().named_parameters()} for t in steps]
        text = "hold 0.01; schedule weight_decay { linear 10 from 0.1 -> 0.2 }"
        decay = lrs.compile("linear 10 from 0.1 -> 0.2")
        for given in (0.0, 0.1):
            log = decays(text, weight_decay=given)
            self.assertEqual(log.rates, expected(range(6), decay))
            self.assertEqual(log.metrics, [[0.01, 0.01]] * 6)  # the rate is that of all
        wd = text.replace("weight_decay", "wd")
        self.assertEqual(decays(wd, {"wd": "weight_decay"}).rates, expected(range(6), decay))
        # what is said of the group itself is done
        self.assertEqual(decays(text + '; schedule weight_decay["1"] { hold 0.5 }').rates, expected(range(6), decay, lambda t: 0.5))
        both = wd + "; schedule rest { hold 0.5 }"
        self.assertEqual(decays(both, {"wd": "weight_decay", "rest": "weight_decay[1]"}).rates, expected(range(6), decay, lambda t: 0.5))
        with tempfile.TemporaryDirectory() as folder:
            decays(text, folder=folder)
            log = decays(text, folder=folder, checkpoint=os.path.join(folder, "checkpoint-5"), steps=9)
            self.assertEqual(log.rates, expected(range(5, 9), decay))
        # an optimizer of one's own: groups without decay that hold nothing else stay so; a single group has all
        one = lambda m: torch.optim.SGD(m.parameters(), 1.0)  # noqa: E731
        self.assertEqual(decays(text, optimizer=one).rates, expected(range(6), decay, decay))

        def two(m):
            bias = [p for n, p in m.named_parameters() if n.endswith("bias") or ".ln_" in n]
            rest = [p for n, p in m.named_parameters() if not (n.endswith("bias") or ".ln_" in n)]
            return torch.optim.AdamW([{"params": bias, "weight_decay": 0.0}, {"params": rest}], 1.0)
        self.assertEqual(decays(text, optimizer=two).rates, expected(range(6), decay))

    def test_arguments_without_effect(self):
        def said(**options):
            with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                lrs.transformers.Trainer(model=model(), args=arguments(folder, eval_strategy="no", **options), schedule="hold 1")
            return [str(w.message) for w in caught if w.category is lrs.LrsWarning]
        self.assertEqual(said(), [])
        self.assertEqual(said(learning_rate=1e-3, warmup_steps=10, lr_scheduler_type="cosine"), [
            "the rate of this Trainer is that of its schedule, and TrainingArguments(learning_rate=, lr_scheduler_type=, warmup_steps=) have no effect"])

    def test_an_optimizer_of_ones_own(self):
        """With the optimizer in its place the metrics are fed as well."""
        log = Log()
        with tempfile.TemporaryDirectory() as folder:
            def make(**common):
                optimizer = torch.optim.SGD(common["model"].parameters(), lr=1.0)
                return with_acc(lrs.transformers.Trainer)(schedule="hold 0.01; on (metric > 0.3) *0.5", metrics="acc", optimizers=(optimizer, None),
                                                          **common)
            trainer = trained(folder, make, log, max_steps=20)
            self.assertIsInstance(trainer.optimizer.optimizer, torch.optim.SGD)
        self.assertEqual(log.rates, [0.01] * 15 + [0.005] * 5)

    def test_train_again(self):
        """A second train() begins anew, with a compiled Schedule too, which stays as it is."""
        s = lrs.compile("hold 0.01; on (metric > 0.3) *0.5")
        log = Log()
        with tempfile.TemporaryDirectory() as folder:
            trainer = trained(folder, with_schedule(s, metrics="acc"), log)
            trainer.train()
        self.assertEqual(log.rates[:40], log.rates[40:])
        self.assertEqual(s(1000), 0.01)

    def test_several_sets(self):
        """Each set is an evaluation of its own, with its own metrics; so is one under another prefix."""
        rules = "input x\ninput y\nhold 0.01; on plateau(x, patience=0, threshold=0.9) *0.5; on plateau(y, patience=0, threshold=0.9) *0.1"
        for text, metrics, fired in (("hold 0.01; on plateau(patience=0, threshold=0.9) *0.5", "a_loss", [3]),
                                     ("hold 0.01; on plateau(patience=0, threshold=0.9) *0.5", "eval_b_loss", [3]),
                                     ("input eval_b_loss\nhold 0.01; on plateau(eval_b_loss, patience=0, threshold=0.9) *0.5", None, [3]),
                                     (rules, {"x": "a_loss", "y": "b_loss"}, [3, 3])):
            with tempfile.TemporaryDirectory() as folder:
                def make(eval_dataset, **common):
                    return with_schedule(text, metrics=metrics)(eval_dataset={"a": eval_dataset, "b": eval_dataset}, **common)
                trainer = trained(folder, make, Log(), max_steps=20)
                scheduler = trainer.lr_scheduler
                self.assertEqual([d.fired for d in scheduler.schedule.detectors], fired)
                before = scheduler.state_dict()
                self.assertIn("test_loss", trainer.evaluate(Data(8), metric_key_prefix="test"))
                trainer.evaluate()
                self.assertEqual(scheduler.state_dict(), before)
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(
                lrs.LrsError, "no metric `loss` for it; there is `eval_a_loss`.*`eval_b_loss`"):
            trained(folder, lambda eval_dataset, **common: with_schedule("hold 1; on plateau *0.5")(
                eval_dataset={"a": eval_dataset, "b": eval_dataset}, **common), Log(), max_steps=10)

    def test_evaluation_under_another_prefix(self):
        class Tests(transformers.TrainerCallback):
            trainer = None

            def on_step_begin(self, *args, **kwargs):
                self.trainer.evaluate(Data(8), metric_key_prefix="test")
        with tempfile.TemporaryDirectory() as folder:
            def make(**common):
                trainer = lrs.transformers.Trainer(schedule="hold 0.01; on plateau(patience=0, threshold=0.9) *0.5", **common)
                tests = Tests()
                tests.trainer = trainer
                trainer.add_callback(tests)
                return trainer
            trainer = trained(folder, make, Log(), max_steps=10)
            self.assertEqual(trainer.lr_scheduler.schedule.detectors[0].fired, 1)

    def test_wrong(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaisesRegex(lrs.LrsError, "no metric `los` for it; there is .*`eval_loss`"):
                trained(folder, with_schedule("hold 1; on plateau *0.5", metrics="los"), Log(), max_steps=6)
            for name in ("accuracy", "train_loss"):  # nothing is near
                with self.assertRaisesRegex(lrs.LrsError, f"no metric `{name}` for it; there is .*`eval_runtime`.*Log it, or say which of these it is, "
                                            f"metrics={{\"{name}\": ...}}$"):
                    trained(folder, lambda **c: lrs.transformers.Trainer(schedule=f"input {name}; hold 1; on plateau({name}) *0.5", **c), Log(), max_steps=6)
            with self.assertRaisesRegex(lrs.LrsError, "watch `loss`, and there is no evaluation: give TrainingArguments an eval_strategy"):
                trained(folder, with_schedule("hold 1; on plateau *0.5"), Log(), max_steps=5, eval_strategy="no")
            with self.assertRaisesRegex(lrs.LrsError, "`metrics` asks for `acc`, and there is no evaluation"):
                trained(folder, with_schedule("hold 1", metrics="acc"), Log(), max_steps=5, eval_strategy="no")
            trained(folder, with_schedule("hold 1; on plateau *0.5", metrics={}), Log(), max_steps=5, eval_strategy="no")
            trained(folder, with_schedule("hold 1"), Log(), max_steps=5, eval_strategy="no")
            for metrics in ("los", "loss"):  # the only evaluation is at the end
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    trained(folder, with_schedule("hold 1; on plateau *0.5", metrics=metrics), Log(), max_steps=5)
                said = [str(w.message) for w in caught if w.category is lrs.LrsWarning]
                self.assertEqual(said, ["the rules of the schedule watch `los`, and there was no evaluation with it"] * (metrics == "los"))
            for unit in ("epoch", "token"):
                with self.assertRaisesRegex(lrs.LrsError, f"counts {unit}s, and the Trainer counts updates"):
                    trained(folder, with_optimizer(f"unit {unit}\nlinear 4 from 1 -> 0"), Log(), max_steps=5)
            with self.assertRaisesRegex(lrs.LrsError, "counts epochs, and the Trainer counts updates"):
                trained(folder, with_schedule("unit epoch\nhold 1"), Log(), max_steps=5)
            with self.assertRaisesRegex(lrs.LrsError, "is a LambdaLR, and not one of lrs"):
                def plain(callbacks, **common):
                    return transformers.Trainer(callbacks=[*callbacks, lrs.transformers.Metrics()], **common)
                trained(folder, plain, Log(), max_steps=5)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
