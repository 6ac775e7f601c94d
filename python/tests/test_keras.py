"""test_keras.py: lrs.keras in short trainings of Keras 3, with each backend that is installed.

usage: test_keras.py [BACKEND [unittest's arguments]]; without one, a process for each of torch, jax and tensorflow.
"""
import math
import os
import subprocess
import sys
import tempfile
import unittest
import warnings

import frameworks

BACKENDS = ("torch", "jax", "tensorflow")
if __name__ == "__main__" and sys.argv[1:2] and sys.argv[1] in BACKENDS:
    BACKEND = sys.argv.pop(1)
    os.environ["KERAS_BACKEND"] = BACKEND
    frameworks.need(BACKEND, "keras")
elif __name__ == "__main__":
    import importlib.util
    if importlib.util.find_spec("keras") is None:
        frameworks.need("keras")
    codes = []
    for name in BACKENDS:
        if importlib.util.find_spec(name) is None:
            print(f"not run: the backend {name} is not installed", flush=True)
            continue
        codes.append(subprocess.run([sys.executable, "-B", __file__, name, *sys.argv[1:]], stdin=subprocess.DEVNULL).returncode)
    if not codes:
        print("SKIP: no backend of Keras is installed")
    sys.exit(77 if not codes else max(map(abs, codes)))

import keras  # noqa: E402
import numpy  # noqa: E402

import lrs  # noqa: E402
import lrs.keras  # noqa: E402

warnings.filterwarnings("ignore")
warnings.filterwarnings("error", category=lrs.LrsWarning)  # what is not expected, but for those of the compiler
warnings.filterwarnings("ignore", message="<text>:")
if BACKEND == "torch":
    import torch
    torch.set_num_threads(1)

BATCHES, EPOCHS = 5, 8
PURE = "param peak = 0.05\nwarmup 7 -> peak; then cosine until 40 -> peak/10"
RULES = PURE + "\ninput val_loss\ninput val_mae\non plateau(val_loss, patience=1, threshold=0.9) *0.5\non (val_mae < 1e9) *0.8"
X = numpy.random.default_rng(1).normal(size=(8 * BATCHES, 3)).astype("float32")
Y = X @ numpy.array([[1.0], [-2.0], [3.0]], "float32")


def model(optimizer, **compile_options):
    keras.utils.set_random_seed(1)
    m = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, activation="tanh"), keras.layers.Dense(1)])
    m.compile(optimizer, "mse", metrics=["mae"], **compile_options)
    return m


class Log(keras.callbacks.Callback):
    """The rates that updates are made with, read from the optimizer before each batch; it stands after what sets them."""

    def __init__(self):
        super().__init__()
        self.rates = []

    def on_train_batch_begin(self, batch, logs=None):
        self.rates.append(float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)))


class Stop(keras.callbacks.Callback):
    """An interruption: after so many epochs, and after what was saved then."""

    def __init__(self, after):
        super().__init__()
        self.after = after

    def on_epoch_end(self, epoch, logs=None):
        if epoch + 1 == self.after:
            raise KeyboardInterrupt


def fit(m, callbacks=(), epochs=EPOCHS, **options):
    log = Log()
    options.setdefault("validation_data", (X[:8], Y[:8]))
    try:
        m.fit(X, Y, batch_size=8, epochs=epochs, shuffle=False, verbose=0, callbacks=[*callbacks, log], **options)
    except KeyboardInterrupt:
        pass
    return log.rates


def said(call):
    """The warnings of lrs.keras."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", message="<text>:")
        call()
    return [str(w.message) for w in caught if w.category is lrs.LrsWarning]


def bytes_of(m):
    return b"".join(numpy.ascontiguousarray(w).tobytes() for w in m.get_weights())


def float32(values):
    return [float(numpy.float32(v)) for v in values]


class One(keras.Layer):
    """A weight whose gradient is always 1."""

    def __init__(self, first):
        super().__init__()
        self.first = first

    def build(self, shape):
        self.w = self.add_weight(shape=(), initializer=self.first)

    def call(self, x):
        return self.w + 0 * x


class OfTheStep(unittest.TestCase):
    """lrs.keras.Schedule"""

    def test_rates(self):
        rates = fit(model(keras.optimizers.Adam(lrs.keras.Schedule(PURE, peak=0.1))))
        self.assertEqual(rates, float32(lrs.compile(PURE, peak=0.1)[0:BATCHES * EPOCHS]))
        table = model(keras.optimizers.Adam(lrs.keras.Schedule(PURE, peak=0.1, steps=30)), jit_compile=BACKEND != "torch")
        self.assertEqual(fit(table), rates[:30] + rates[29:30] * 10)

    def test_ways_to_compile(self):
        """The rates and the weights are those of the Scheduler, whatever the training step is made of."""
        ways = [{}, {"run_eagerly": True}] + ([{"jit_compile": True}, {"jit_compile": False}] if BACKEND != "torch" else [])
        for way in ways:
            xla = BACKEND == "tensorflow" and way.get("jit_compile")
            with self.subTest(way=way):
                one = model(keras.optimizers.Adam(), **way)
                rates = fit(one, [lrs.keras.Scheduler(PURE)], epochs=2, validation_data=None)
                self.assertEqual(rates, float32(lrs.compile(PURE)[0:2 * BATCHES]))
                for options in ({}, {"steps": 40}):
                    other = model(keras.optimizers.Adam(lrs.keras.Schedule(PURE, **options)), **way)
                    if xla and not options:
                        with self.assertRaisesRegex(Exception, "lrs.keras.Schedule_needs_steps_for_XLA"):
                            fit(other, epochs=2, validation_data=None)
                        continue
                    self.assertEqual(fit(other, epochs=2, validation_data=None), rates)
                    self.assertEqual(bytes_of(other), bytes_of(one))

    def test_what_is_computed_with_it(self):
        """What SGD does with the rate in a compiled step is what the rates say: a weight whose gradient is always 1."""
        m = keras.Sequential([keras.Input((1,)), One("zeros")])
        m.compile(keras.optimizers.SGD(lrs.keras.Schedule("linear 8 from 1 -> 0.5")), loss=lambda y, p: p)
        m.fit(numpy.zeros((8, 1)), numpy.zeros((8, 1)), batch_size=1, verbose=0)
        self.assertEqual(float(m.get_weights()[0]), -sum(lrs.compile("linear 8 from 1 -> 0.5")[0:8]))

    def test_saved_model(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "m.keras")
            whole = model(keras.optimizers.Adam(lrs.keras.Schedule(PURE, peak=0.1)))
            rates = fit(whole)
            first = model(keras.optimizers.Adam(lrs.keras.Schedule(PURE, peak=0.1)))
            before = fit(first, epochs=3)
            first.save(path)
            second = keras.saving.load_model(path)
            self.assertEqual(second.optimizer._learning_rate.schedule.params["peak"].value, 0.1)
            after = fit(second, epochs=EPOCHS, initial_epoch=3)
            frameworks.resumed(self, f"{BACKEND}, Schedule, model.save and load_model", rates, before, after, bytes_of(whole), bytes_of(second))

    def test_config(self):
        with tempfile.TemporaryDirectory() as folder:
            name = os.path.join(folder, "a.lrs")
            with open(os.path.join(folder, "common.lrs"), "w", encoding="utf-8") as f:
                f.write("param peak = 0.5\n")
            with open(name, "w", encoding="utf-8") as f:
                f.write("use \"common.lrs\"\nwarmup 4 -> peak\nschedule wd = 0.1*lr # größer\n")
            a = lrs.keras.Schedule(name, peak=0.25, output="wd")
            b = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(a))
            self.assertEqual(float(keras.ops.convert_to_numpy(b(2))), float(numpy.float32(0.0125)))
            self.assertEqual(a.get_config(), b.get_config())
            self.assertEqual(a.schedule.hash, b.schedule.hash)
        with self.assertWarnsRegex(lrs.LrsWarning, "nothing of `bias`"):
            a = lrs.keras.Schedule("hold 1; schedule bias { hold 2 }")
        with warnings.catch_warnings():
            warnings.simplefilter("error", lrs.LrsWarning)  # who loads cannot answer it
            b = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(a))
        self.assertEqual(float(keras.ops.convert_to_numpy(b(0))), 1.0)

    def test_files_of_a_stranger(self):
        """A model that is loaded reads no file of this machine: the texts of the files that its schedule uses are in it."""
        code = ("import sys, keras, lrs, lrs.keras\nm = None\ntry:\n    m = keras.saving.load_model(sys.argv[1], safe_mode=sys.argv[2] == 'safe')\n"
                "except lrs.LrsError as e:\n    print(e)\nelse:\n    print(m.optimizer._learning_rate.schedule(2))")

        def loaded(mode):
            with tempfile.TemporaryDirectory() as elsewhere:
                done = subprocess.run([sys.executable, "-B", "-c", code, path, mode], cwd=elsewhere, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, encoding="utf-8")
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout.strip().split("\n")[-1]

        with tempfile.TemporaryDirectory() as folder:
            path, name, common = (os.path.join(folder, n) for n in ("m.keras", "a.lrs", "common.lrs"))
            with open(common, "w", encoding="utf-8") as f:
                f.write("param peak = 0.5\n")
            with open(name, "w", encoding="utf-8") as f:
                f.write("use \"common.lrs\"\nwarmup 4 -> peak\n")
            model(keras.optimizers.Adam(lrs.keras.Schedule(name))).save(path)
            os.remove(name)
            with open(common, "w", encoding="utf-8") as f:
                f.write("a secret\n")
            self.assertEqual(loaded("safe"), "0.25")
            config = {**lrs.keras.Schedule("hold 1").get_config(), "text": f"use \"{common}\"\nhold 1\n"}
            for files in ({}, {"use_files": True}, {"use_files": True, "include_dirs": [folder]}, {"use_files": True, "file": name}):
                with self.assertRaises(lrs.LrsError) as e:
                    lrs.keras.Schedule.from_config({**config, **files})
                self.assertNotIn("secret", str(e.exception))

    def test_own(self):
        pairs = {"CosineDecay": ("CosineDecay(0, 30, alpha=0.1, warmup_target=0.05, warmup_steps=6)",
                                 keras.optimizers.schedules.CosineDecay(0.0, 30, alpha=0.1, warmup_target=0.05, warmup_steps=6)),
                 "ExponentialDecay": ("ExponentialDecay(0.05, 10, 0.5)", keras.optimizers.schedules.ExponentialDecay(0.05, 10, 0.5)),
                 "PolynomialDecay": ("PolynomialDecay(0.05, 30, 0.01, power=2)",
                                     keras.optimizers.schedules.PolynomialDecay(0.05, 30, 0.01, power=2)),
                 "PiecewiseConstantDecay": ("PiecewiseConstantDecay([10, 25], [0.05, 0.01, 0.001])",
                                            keras.optimizers.schedules.PiecewiseConstantDecay([10, 25], [0.05, 0.01, 0.001]))}
        for name, (text, theirs) in pairs.items():
            with self.subTest(name=name):
                mine = fit(model(keras.optimizers.Adam(lrs.keras.Schedule(f"use keras\nkeras.{text}"))))
                frameworks.compared(self, f"{BACKEND}, {name}", mine, fit(model(keras.optimizers.Adam(theirs))), 1e-6)

    def test_wrong(self):
        with self.assertRaisesRegex(lrs.LrsError, "use lrs.keras.Scheduler"):
            lrs.keras.Schedule(RULES)
        with self.assertRaisesRegex(lrs.LrsError, "no output `wd`"):
            lrs.keras.Schedule(PURE, output="wd")
        with self.assertRaisesRegex(lrs.LrsError, "no param `peek`: did you mean `peak`"):
            lrs.keras.Schedule(PURE, peek=1)
        with self.assertRaisesRegex(ValueError, "steps is below 1"):
            lrs.keras.Schedule(PURE, steps=0)
        for steps in ("100", 10.0):
            with self.assertRaisesRegex(TypeError, f"^steps is a whole number, that of all updates, and not {steps!r}$"):
                lrs.keras.Schedule(PURE, steps=steps)
        for make in (lrs.keras.Schedule, lrs.keras.Scheduler):
            with self.assertRaisesRegex(lrs.LrsError, r"`total` has no default: give it a value; that of all updates is epochs \* len\(dataset\), of a dataset"):
                make("param total; linear until total from 1 -> 0")
            with self.assertRaisesRegex(lrs.LrsError, "`top` has no default: give it a value$"):
                make("param top; hold top")
        for unit, param in (("epoch", "steps_per_epoch"), ("token", "tokens_per_step")):
            with self.assertRaisesRegex(lrs.LrsError, f"counts {unit}s, and Keras counts updates, .* `unit step` in it, and lengths with their units, "
                                        f"as `5 {unit}s`; these need `param {param}`$"):
                lrs.keras.Schedule(f"unit {unit}; hold 1 for 2; then hold 0.1")

    def test_outputs(self):
        decay = "schedule weight_decay { hold 0.3 }"
        with self.assertRaisesRegex(lrs.LrsError, "is the learning rate `lr`: there is `weight_decay`. Name one `lr`, or say .* output=\"weight_decay\""):
            lrs.keras.Schedule(decay)
        with self.assertRaisesRegex(lrs.LrsError, "there is `a`, `b`"):
            lrs.keras.Schedule("schedule a { hold 1 }\nschedule b { hold 2 }", steps=3)
        for options in ({}, {"steps": 3}):
            self.assertEqual(float(lrs.keras.Schedule(decay, output="weight_decay", **options)(0)), float(numpy.float32(0.3)))
            with self.assertWarnsRegex(lrs.LrsWarning, "nothing of `weight_decay`"):
                self.assertEqual(float(lrs.keras.Schedule(decay + "\nschedule lr { hold 0.5 }", **options)(0)), 0.5)


class OfTheRun(unittest.TestCase):
    """lrs.keras.Scheduler"""

    def expected(self, text, logs):
        """What the same observations make of the schedule alone."""
        s, rates = lrs.compile(text), []
        for epoch in range(EPOCHS):
            rates += s[epoch * BATCHES:(epoch + 1) * BATCHES]
            s.observe((epoch + 1) * BATCHES, val_loss=logs["val_loss"][epoch], val_mae=logs["val_mae"][epoch])
        self.assertGreater(sum(d.fired for d in s.detectors), 1)
        return float32(rates)

    def test_backup_of_what_else_the_optimizer_has(self):
        text = "hold 0.01; on plateau(patience=0, threshold=0.9) *0.5\nschedule weight_decay = 0.1*lr\nschedule momentum { linear 40 from 0.5 -> 0.9 }"

        def part(*callbacks):
            m = model(keras.optimizers.SGD(0.01, momentum=0.9, weight_decay=0.004), run_eagerly=BACKEND != "torch")
            return m, fit(m, [lrs.keras.Scheduler(text), *callbacks])
        with tempfile.TemporaryDirectory() as folder:
            whole, rates = part()
            self.assertGreater(len(set(rates)), 2)
            _, before = part(keras.callbacks.BackupAndRestore(folder, delete_checkpoint=False), Stop(4))
            second, after = part(keras.callbacks.BackupAndRestore(folder))
            frameworks.resumed(self, f"{BACKEND}, weight decay and momentum, BackupAndRestore", rates, before, after, bytes_of(whole), bytes_of(second))
            self.assertEqual((second.optimizer.weight_decay, second.optimizer.momentum), (whole.optimizer.weight_decay, whole.optimizer.momentum))

    def test_saved_before_the_metrics(self):
        """A callback that saves before the Scheduler has the metrics of the epoch is told, once."""
        with tempfile.TemporaryDirectory() as folder:
            def trained(*callbacks):
                return said(lambda: fit(model(keras.optimizers.Adam()), callbacks, epochs=2))
            for save in (keras.callbacks.ModelCheckpoint(os.path.join(folder, "m.keras")), keras.callbacks.BackupAndRestore(folder)):
                self.assertEqual([t[:96] for t in trained(save, lrs.keras.Scheduler(RULES))],
                                 ["these weights are saved before the rules of the schedule have the metrics of this epoch, so that "[:96]])
                self.assertEqual(trained(lrs.keras.Scheduler(RULES), save), [])
                self.assertEqual(trained(save, lrs.keras.Scheduler(PURE)), [])
            often = keras.callbacks.ModelCheckpoint(os.path.join(folder, "m.keras"), save_freq=2)
            self.assertEqual(trained(often, lrs.keras.Scheduler(RULES)), [])
            m, s = model(keras.optimizers.Adam()), lrs.keras.Scheduler(RULES)
            fit(m, [s], epochs=1)
            m.evaluate(X, Y, verbose=0, callbacks=[s])
            m.save(os.path.join(folder, "m.keras"))

    def test_rules_that_begin_late(self):
        """Rules that know nothing of the steps before are told, unless that is what is asked for."""
        for text, begins in (("warmup 10 -> 0.1; on plateau(patience=1) *0.5", "step 20"),
                             ("unit epoch; warmup 2 -> 0.1; on plateau(patience=1) *0.5", "epoch 4")):
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "m.keras")
                first = model(keras.optimizers.Adam())
                fit(first, [lrs.keras.Scheduler(text)], epochs=4)
                first.save(path)

                def rest(prepare=lambda m, s: None, text=text):
                    m, s = keras.saving.load_model(path), lrs.keras.Scheduler(text)
                    prepare(m, s)
                    return said(lambda: (fit(m, [s], initial_epoch=4, epochs=6), fit(m, [s], initial_epoch=6, epochs=7)))

                def restored(m, s):
                    s.set_model(m)
                    m.load_weights(path)
                self.assertRegex("; ".join(rest()), f"^this training begins at {begins}, and the rules of the schedule know nothing [^;]*; for rules "
                                 r"that begin here, scheduler.reset\(\)$")
                if "epoch" in begins:
                    continue
                self.assertEqual(rest(restored), [])
                self.assertEqual(rest(lambda m, s: s.reset()), [])
                self.assertEqual(rest(lambda m, s: s.load_state_dict(s.state_dict())), [])
                self.assertEqual(rest(text=text.partition("on ")[0]), [])

    def test_a_callback_that_hands_on_calls(self):
        class Wrapped(keras.callbacks.Callback):
            def __init__(self, inner):
                super().__init__()
                self.inner = inner

            def set_model(self, m):
                self.inner._model = m

            def __getattribute__(self, name):
                mine = name in ("inner", "set_model", "set_params") or not name.startswith("on_")
                return object.__getattribute__(self, name) if mine else getattr(self.inner, name)

        rates = fit(model(keras.optimizers.Adam()), [Wrapped(lrs.keras.Scheduler(PURE))], epochs=2)
        self.assertEqual(rates, fit(model(keras.optimizers.Adam()), [lrs.keras.Scheduler(PURE)], epochs=2))

    def test_what_else_sets_the_rate(self):
        """It is told when the rate is not the one that was set, once, and not before."""
        def trained(text, *before, after=()):
            return said(lambda: fit(model(keras.optimizers.Adam()), [*before, lrs.keras.Scheduler(text), *after], epochs=3, validation_data=None))

        class Own(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                self.model.optimizer.learning_rate = 0.25

        for text, other, there in ((PURE, lambda: keras.callbacks.LearningRateScheduler(lambda epoch: 0.7), "0.7"), (PURE, Own, "0.25"),
                                   (PURE, lambda: keras.callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=1e9, factor=0.5), ""),
                                   ("unit epoch; hold 0.5", lambda: keras.callbacks.LearningRateScheduler(lambda epoch: 0.7), "0.7")):
            for warned in (trained(text, other()), trained(text, after=[other()])):
                self.assertEqual(len(warned), 1, (text, there, warned))
                self.assertRegex(warned[0], fr"^the learning rate is {there}.*, and lrs.keras.Scheduler has set .* names=\{{\"lr\": None\}}$")
        self.assertEqual(trained("unit epoch; hold 0.5", keras.callbacks.ReduceLROnPlateau("loss", patience=50), keras.callbacks.EarlyStopping("loss", patience=50),
                                 keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate)), [])
        self.assertEqual(trained("hold 1e-9"), [])
        quiet = said(lambda: fit(model(keras.optimizers.SGD(0.1, momentum=0.5), run_eagerly=BACKEND != "torch"),
                                 [lrs.keras.Scheduler("hold 1\nschedule momentum { hold 0.75 }", names={"lr": None}), Own()], epochs=2,
                                 validation_data=None))
        self.assertEqual(quiet, [])

    def test_weights_that_are_loaded_in_between(self):
        """They may hold another rate, which nothing else has set."""
        class Back(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                if epoch == 0:
                    self.model.save_weights(path)
                elif epoch == 2:
                    self.model.load_weights(path)

        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "m.weights.h5")
            for text in ("unit epoch; linear 8 from 0.1 -> 0.01", "linear 40 from 0.1 -> 0.01"):
                for callbacks in ([lrs.keras.Scheduler(text), Back()], [Back(), lrs.keras.Scheduler(text)]):
                    fit(model(keras.optimizers.Adam()), callbacks, epochs=4, validation_data=None)

    def test_two(self):
        with self.assertRaisesRegex(lrs.LrsError, "there are two lrs.keras.Scheduler in the callbacks, .* into one schedule"):
            fit(model(keras.optimizers.Adam()), [lrs.keras.Scheduler(PURE), lrs.keras.Scheduler(PURE)])
        m = model(keras.optimizers.Adam())  # one after the other
        one, other = lrs.keras.Scheduler(PURE), lrs.keras.Scheduler(PURE)
        for s in (one, other, one):
            fit(m, [s], epochs=1)

    def test_values_out_of_range(self):
        cases = [("SGD", "momentum", "momentum", 1.5), ("SGD", "momentum", "momentum", 0.0), ("AdamW", "beta1", "beta_1", math.nan), ("AdamW", "beta2", "beta_2", 1.0),
                 ("AdamW", "momentum", "beta_1", -1.0), ("AdamW", "weight_decay", "weight_decay", -0.1), ("AdamW", "weight_decay", "weight_decay", 2.0)]
        for kind, name, key, value in cases:
            hi = "inf" if key == "weight_decay" else "1"
            optimizer = getattr(keras.optimizers, kind)(0.1, **({"momentum": 0.9} if kind == "SGD" else {}))
            scheduler = lrs.keras.Scheduler(f"hold 0.1\nschedule {name} {{ curve 0.5 for 5; curve {'log(-1)' if math.isnan(value) else repr(value)} }}")
            m = model(optimizer, run_eagerly=BACKEND != "torch")
            with self.subTest(kind=kind, name=name, value=value):
                fit(m, [scheduler], epochs=1, validation_data=None)  # what no batch is trained with is no error
                if 0 <= value < float(hi):
                    fit(m, [scheduler], epochs=2, initial_epoch=1, validation_data=None)
                    self.assertEqual(getattr(optimizer, key), value)
                else:
                    with self.assertRaisesRegex(lrs.LrsError, f"^the output `{name}` is {value!r} at step 5: {kind} takes 0 <= {key} < {hi}"):
                        fit(m, [scheduler], epochs=2, initial_epoch=1, validation_data=None)
                    self.assertEqual(getattr(optimizer, key), 0.5)

    def test_backup_and_restore(self):
        with tempfile.TemporaryDirectory() as folder:
            whole = model(keras.optimizers.Adam())
            rates = fit(whole, [lrs.keras.Scheduler(RULES)])
            self.assertEqual(rates, self.expected(RULES, whole.history.history))
            self.assertEqual(whole.history.history["learning_rate"], rates[BATCHES - 1::BATCHES])
            first = model(keras.optimizers.Adam())
            backup = keras.callbacks.BackupAndRestore(folder, delete_checkpoint=False)
            before = fit(first, [lrs.keras.Scheduler(RULES), backup, Stop(4)])
            second = model(keras.optimizers.Adam())
            after = fit(second, [lrs.keras.Scheduler(RULES), keras.callbacks.BackupAndRestore(folder)])
            self.assertEqual(len(before), 4 * BATCHES)
            frameworks.resumed(self, f"{BACKEND}, Scheduler, BackupAndRestore", rates, before, after, bytes_of(whole), bytes_of(second))

    def test_saved_model(self):
        """A whole model, which is saved by ModelCheckpoint: its weights are loaded once more when the callback is there."""
        with tempfile.TemporaryDirectory() as folder:
            whole = model(keras.optimizers.Adam())
            rates = fit(whole, [lrs.keras.Scheduler(RULES)])
            first = model(keras.optimizers.Adam())
            before = fit(first, [lrs.keras.Scheduler(RULES), keras.callbacks.ModelCheckpoint(os.path.join(folder, "{epoch}.keras"))], epochs=5)
            path = os.path.join(folder, "3.keras")
            second, scheduler = keras.saving.load_model(path), lrs.keras.Scheduler(RULES)
            scheduler.set_model(second)
            second.load_weights(path)
            after = fit(second, [scheduler], initial_epoch=3)
            frameworks.resumed(self, f"{BACKEND}, Scheduler, ModelCheckpoint", rates, before[:15], after, bytes_of(whole), bytes_of(second))

    def test_state_of_another_schedule(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "m.weights.h5")
            m = model(keras.optimizers.Adam())
            fit(m, [lrs.keras.Scheduler(RULES)], epochs=1)
            m.save_weights(path)
            other = model(keras.optimizers.Adam())
            fit(other, [lrs.keras.Scheduler(RULES, peak=0.2)], epochs=1)
            with self.assertRaisesRegex(Exception, "`peak` was 0.05 and is 0.2"):
                other.load_weights(path)
            plain = model(keras.optimizers.Adam())  # without a Scheduler they are weights as others are
            plain.build()
            plain.load_weights(path)

    def test_own_plateau(self):
        options = {"patience": 2, "min_delta": 0.05, "factor": 0.5, "cooldown": 1}
        theirs = fit(model(keras.optimizers.SGD(0.05)), [keras.callbacks.ReduceLROnPlateau(**options)], epochs=20)
        mine = fit(model(keras.optimizers.SGD(1.0)), [lrs.keras.Scheduler(
            "use keras\nkeras.ReduceLROnPlateau(factor=0.5, patience=2, min_delta=0.05, cooldown=1, lr=0.05)")], epochs=20)
        frameworks.compared(self, f"{BACKEND}, ReduceLROnPlateau", mine, theirs, 1e-6)

    def test_epochs(self):
        text = "unit epoch\nwarmup 2 -> 0.1; then cosine until 8 -> 0.01"
        rates = fit(model(keras.optimizers.Adam()), [lrs.keras.Scheduler(text)])
        self.assertEqual(rates, float32(v for v in lrs.compile(text)[0:EPOCHS] for _ in range(BATCHES)))

    def test_accumulated_gradients(self):
        text = "warmup 4 -> 0.1; then cosine until 20 -> 0.01"
        rates = fit(model(keras.optimizers.Adam(gradient_accumulation_steps=2)), [lrs.keras.Scheduler(text)])
        self.assertEqual(rates, float32(v for v in lrs.compile(text)[0:20] for _ in range(2)))

    @unittest.skipIf(BACKEND == "torch", "the backend torch has none")
    def test_steps_per_execution(self):
        text = "warmup 4 -> 0.1; then cosine until 20 -> 0.01"
        m = model(keras.optimizers.Adam(), steps_per_execution=5)
        self.assertEqual(fit(m, [lrs.keras.Scheduler(text)]), float32(lrs.compile(text)[0:40:5]))

    def test_stop(self):
        m = model(keras.optimizers.Adam())
        rates = fit(m, [lrs.keras.Scheduler("hold 0.1; on plateau(patience=1, threshold=0.9) stop")], epochs=50)
        self.assertLess(len(rates), 10 * BATCHES)

    def test_second_training(self):
        """A training that begins before the last metrics of the rules is a new run, as for ReduceLROnPlateau."""
        for text in ("unit epoch\nhold 0.1\non plateau(patience=1, threshold=0.9) *0.5", "unit epoch\nhold 0.1\non (metric > 0) *0.5"):
            s = lrs.keras.Scheduler(text)
            runs = [fit(model(keras.optimizers.Adam()), [s], epochs=6) for _ in range(2)]
            self.assertEqual(runs[0], runs[1])
            self.assertGreater(len(set(runs[0])), 1)
            m = model(keras.optimizers.Adam())
            parts = fit(m, [s], epochs=3) + fit(m, [s], epochs=6, initial_epoch=3)
            self.assertEqual(parts, runs[0])
        s = lrs.keras.Scheduler("hold 0.1; on plateau(patience=1, threshold=0.9) *0.5")  # updates: another optimizer begins at 0
        runs = [fit(model(keras.optimizers.Adam()), [s], epochs=6) for _ in range(2)]
        self.assertEqual(runs[0], runs[1])
        self.assertGreater(len(set(runs[0])), 1)
        other = lrs.keras.Scheduler("unit epoch\nhold 0.1\non plateau(patience=1, threshold=0.9) *0.5")
        fit(model(keras.optimizers.Adam()), [other], epochs=6)
        s = lrs.keras.Scheduler("unit epoch\nhold 0.1\non plateau(patience=1, threshold=0.9) *0.5")
        s.load_state_dict(other.state_dict())
        with self.assertRaisesRegex(lrs.LrsError, "at epoch 6, and this training begins at epoch 0: give fit initial_epoch=6, or"):
            fit(model(keras.optimizers.Adam()), [s], epochs=6)
        s.reset()
        fit(model(keras.optimizers.Adam()), [s], epochs=6)
        self.assertEqual(s.state_dict(), other.state_dict())

    OTHERS = "linear 8 from 0.5 -> 0.25\nschedule weight_decay = lr/2\nschedule momentum { linear 8 from 0.75 -> 0.5 }"

    def test_what_else_the_optimizer_has(self):
        """Weight decay and momentum, of which the weight says whether the steps had them: one whose gradient is always 1."""
        m = keras.Sequential([keras.Input((1,)), One("ones")])
        optimizer = keras.optimizers.SGD(0.01, momentum=0.9, weight_decay=0.004)
        m.compile(optimizer, loss=lambda y, p: p, run_eagerly=BACKEND != "torch")
        m.fit(numpy.zeros((6, 1)), numpy.zeros((6, 1)), batch_size=1, verbose=0, callbacks=[lrs.keras.Scheduler(self.OTHERS)])
        s, w, velocity = lrs.compile(self.OTHERS), 1.0, 0.0
        for t in range(6):
            lr, decay, momentum = s.values(t)
            w -= w * decay * lr
            velocity = velocity * momentum - lr
            w += velocity
        self.assertAlmostEqual(float(m.get_weights()[0]), w, delta=1e-5)
        self.assertEqual((optimizer.weight_decay, optimizer.momentum), s.values(6)[1:])

    def test_numbers_by_name(self):
        def numbers(optimizer, text, names, **options):
            m = model(optimizer, run_eagerly=BACKEND != "torch")
            fit(m, [lrs.keras.Scheduler(text, **options)], epochs=1)
            inner = getattr(optimizer, "inner_optimizer", optimizer)
            return [float(keras.ops.convert_to_numpy(getattr(inner, name))) for name in names]
        rate = float(numpy.float32(0.25))
        # what no output is for stays as it is
        self.assertEqual(numbers(keras.optimizers.SGD(rate, weight_decay=0.1), "schedule weight_decay { hold 0.5 }", ["learning_rate", "weight_decay"]),
                         [rate, 0.5])
        self.assertEqual(numbers(keras.optimizers.AdamW(rate), "schedule beta1 { hold 0.5 }\nschedule beta2 { hold 0.75 }\nschedule epsilon { hold 0.125 }",
                                 ["learning_rate", "beta_1", "beta_2", "epsilon"]), [rate, 0.5, 0.75, 0.125])
        self.assertEqual(numbers(keras.optimizers.Adam(rate), "hold 0.5\nschedule momentum { hold 0.625 }\nschedule weight_decay { hold 0.125 }",
                                 ["learning_rate", "beta_1", "weight_decay"]), [0.5, 0.625, 0.125])
        self.assertEqual(numbers(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(rate, momentum=0.5)),
                                 "hold 0.5\nschedule momentum { hold 0.625 }", ["learning_rate", "momentum"]), [0.5, 0.625])
        self.assertEqual(numbers(keras.optimizers.SGD(rate, momentum=0.5), "hold 0.5\nschedule momentum { hold 0.625 }", ["learning_rate", "momentum"],
                                 output="momentum"), [0.625, 0.5])

    def test_numbers_of_other_types(self):
        """An int that is 0, and what a sweep of NumPy gives."""
        for decay, beta in ((0, 0.9), (None, numpy.float32(0.9)), (numpy.float32(0.5), numpy.float64(0.9))):
            optimizer = keras.optimizers.Adam(1.0, weight_decay=decay, beta_1=beta)
            with warnings.catch_warnings():
                warnings.simplefilter("error", lrs.LrsWarning)
                fit(model(optimizer, run_eagerly=BACKEND != "torch"),
                    [lrs.keras.Scheduler("hold 0.5\nschedule weight_decay = 0.25*lr\nschedule beta1 { hold 0.75 }")], epochs=1)
            self.assertEqual((optimizer.weight_decay, optimizer.beta_1), (0.125, 0.75))

    def test_names(self):
        optimizer = keras.optimizers.SGD(0.01, momentum=0.9, weight_decay=0.25)
        scheduler = lrs.keras.Scheduler("hold 0.5\nschedule wd = 0.25*lr\nschedule momentum { hold 0.75 }", names={"wd": "weight_decay", "momentum": None})
        fit(model(optimizer, run_eagerly=BACKEND != "torch"), [scheduler], epochs=1)
        self.assertEqual((float(keras.ops.convert_to_numpy(optimizer.learning_rate)), optimizer.weight_decay, optimizer.momentum), (0.5, 0.125, 0.9))
        with self.assertRaisesRegex(lrs.LrsError, "no output `wb`"):
            lrs.keras.Scheduler("hold 1", names={"wb": "weight_decay"})
        with self.assertRaisesRegex(TypeError, "names is a dict"):
            lrs.keras.Scheduler("hold 1", names=["lr"])
        with self.assertRaisesRegex(TypeError, "names says 3 for `lr`"):
            lrs.keras.Scheduler("hold 1", names={"lr": 3})
        with self.assertRaisesRegex(lrs.LrsError, "`x` sets `iterations`, which is no number of the optimizer SGD"):
            fit(model(keras.optimizers.SGD(0.01)), [lrs.keras.Scheduler("hold 1\nschedule x { hold 2 }", names={"x": "iterations"})], epochs=1)

    def test_a_loop_of_its_own(self):
        """One that does not say that a training begins."""
        m, s = model(keras.optimizers.SGD(1.0)), lrs.keras.Scheduler("linear 8 from 0.5 -> 0.25")
        s.set_model(m)
        s.on_epoch_begin(0)
        s.on_train_batch_begin(0)
        self.assertEqual(float(keras.ops.convert_to_numpy(m.optimizer.learning_rate)), 0.5)
        other = model(keras.optimizers.SGD(1.0))
        s.set_model(other)
        s.on_train_batch_begin(0)
        self.assertEqual(float(keras.ops.convert_to_numpy(other.optimizer.learning_rate)), 0.5)

    def test_numbers_that_are_not_there(self):
        def failed(optimizer, text, error, **options):
            rate = float(keras.ops.convert_to_numpy(optimizer.learning_rate))
            with self.assertRaisesRegex(lrs.LrsError, error):
                fit(model(optimizer, **options), [lrs.keras.Scheduler(text)], epochs=1)
            self.assertEqual(float(keras.ops.convert_to_numpy(optimizer.learning_rate)), rate)
        failed(keras.optimizers.SGD(0.01), "schedule foo { hold 0.3 }", "sets anything of the optimizer SGD: `foo`. Name one `lr`, or .* output=\"foo\"")
        for name in ("iterations", "ema_overwrite_frequency", "gradient_accumulation_steps", "name", "nesterov", "use_ema", "loss_scale_factor", "built", "_lock", "build"):
            failed(keras.optimizers.SGD(0.01), f"schedule {name} {{ hold 0.3 }}", f"sets anything of the optimizer SGD: `{name}`")
        failed(keras.optimizers.SGD(0.01), "hold 1\nschedule momentum { hold 0.3 }", "`momentum` needs a SGD that was made with a momentum",
               run_eagerly=True)
        failed(keras.optimizers.Adam(0.01), "hold 1\nschedule momentum { hold 0.3 }\nschedule beta1 { hold 0.5 }",
               "`momentum` and `beta1` are both for `beta_1`", run_eagerly=True)
        if BACKEND != "torch":
            m = model(keras.optimizers.SGD(0.01, momentum=0.9))
            failed(m.optimizer, self.OTHERS, f"`weight_decay` sets `weight_decay` of SGD, which Keras compiles .* the backend {BACKEND}: compile the "
                   "model with run_eagerly=True, .* output=\"lr\"")
            self.assertEqual(fit(m, [lrs.keras.Scheduler(self.OTHERS, output="lr")], epochs=1), lrs.compile(self.OTHERS)[0:BATCHES].tolist())

    def test_outputs_that_set_nothing(self):
        def trained(text, **options):
            return said(lambda: fit(model(keras.optimizers.SGD(0.01)), [lrs.keras.Scheduler(text, **options)], epochs=1))
        self.assertEqual(trained("hold 1; schedule weight_decy = 2*lr"),
                         ["the output `weight_decy` sets nothing of the optimizer SGD: did you mean `weight_decay`? If not, say that it sets nothing, "
                          "names={\"weight_decy\": None}"])
        self.assertEqual(trained("hold 1 # xyz\nschedule xyz = 2*lr"),
                         ["the output `xyz` sets nothing of the optimizer SGD: say that it sets nothing, names={\"xyz\": None}"])
        self.assertEqual(trained("hold 1\nschedule xyz = 2*lr", names={"xyz": None}), [])
        self.assertEqual(trained("hold 1\nschedule beta1 { hold 0.5 }")[0][:62], "the output `beta1` sets nothing of the optimizer SGD: say that")  # SGD has none
        self.assertEqual(trained("hold 1; schedule lr[\"head\"] = 2*lr")[0][:34], "the output `lr[\"head\"]` sets nothi")
        self.assertEqual(trained("schedule base { hold 1 }\nschedule lr = 2*base"), [])
        self.assertEqual(trained("hold 1; schedule weight_decy = 2*lr", output="lr"), [])
        self.assertEqual(said(lambda: lrs.keras.Schedule("hold 1; schedule weight_decay = 2*lr")),
                         ["a LearningRateSchedule sets the rate, and nothing of `weight_decay`: use lrs.keras.Scheduler, or say output=\"lr\""])
        self.assertEqual(said(lambda: lrs.keras.Schedule("hold 1; schedule weight_decay = 2*lr", output="lr")), [])
        self.assertEqual(said(lambda: lrs.keras.Schedule("schedule base { hold 1 }\nschedule lr = 2*base")), [])

    def test_a_schedule_that_ends_at_0_too_early(self):
        def trained(text, optimizer=None, epochs=4, more=lambda m, s: None, **options):
            m, s = model(optimizer or keras.optimizers.SGD(0.01)), lrs.keras.Scheduler(text)
            return said(lambda: (fit(m, [s], epochs=epochs, **options), more(m, s)))
        early = "cosine 12 from 0.1 -> 0"
        self.assertEqual(trained(early), ["the rate is 0 in the last 8 of the 20 steps of this training: the last phase, `cosine 12 from 0.1 -> 0`, ends at step 12. Let "
                                          "it end with the training, as with `param total` and `until total`; if this is meant, write `then hold 0` after it"])
        self.assertEqual(trained(early, more=lambda m, s: fit(m, [s], epochs=2))[0][:52], "the rate is 0 in the last 8 of the 20 steps of this ")
        self.assertEqual(trained("unit epoch; linear 2 from 0.1 -> 0")[0][:52], "the rate is 0 in the last 2 of the 4 epochs of this ")
        self.assertEqual(trained("linear 4 from 0.1 -> 0", keras.optimizers.SGD(0.01, gradient_accumulation_steps=2))[0][:52],
                         "the rate is 0 in the last 6 of the 10 steps of this ")
        for text in (early.replace("12", "20"), early.replace("12", "19"), early + "; then hold 0", "unit epoch; linear 4 from 0.1 -> 0", "hold 0"):
            self.assertEqual(trained(text), [], text)
        self.assertEqual(trained("linear 10 from 0.1 -> 0", keras.optimizers.SGD(0.01, gradient_accumulation_steps=2)), [])
        parts = lambda m, s: fit(m, [s], epochs=4, initial_epoch=2)  # noqa: E731
        self.assertEqual(trained(early.replace("12", "20"), epochs=2, more=parts), [])
        self.assertEqual(trained(early, epochs=2, more=parts)[0][:52], "the rate is 0 in the last 8 of the 20 steps of this ")
        self.assertEqual(trained("cosine 20 from 0.1 -> 0", more=lambda m, s: fit(m, [lrs.keras.Scheduler("cosine 20 from 0.1 -> 0")], epochs=2))[0][:94],
                         "the rate is 0 in the last 10 of the 30 steps of this training, of which 20 were made before it")

    def test_a_loss_that_is_nan(self):
        """It has diverged, which an `on diverge` is told."""
        class Diverges(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                logs["val_loss"] = 1.0 if epoch < 2 else math.nan
        for rule, epochs in (("diverge", 3), ("plateau(patience=50)", 6)):
            m = model(keras.optimizers.SGD(0.01))
            fit(m, [Diverges(), lrs.keras.Scheduler(f"hold 0.01; on {rule} stop")], epochs=6)
            self.assertEqual(len(m.history.epoch), epochs)

    def test_names_of_arguments(self):
        self.assertEqual(lrs.keras.Scheduler(schedule=PURE, params={"peak": 0.5}).schedule(7), 0.5)
        self.assertEqual(lrs.keras.Schedule(schedule=PURE, params={"peak": 0.5}).schedule(7), 0.5)

    def test_validation_now_and_then(self):
        text = "hold 0.1; on plateau(patience=0, threshold=0.9) *0.5"
        rates = fit(model(keras.optimizers.Adam()), [lrs.keras.Scheduler(text)], validation_freq=2)
        self.assertEqual([math.log2(0.1 / r) for r in rates[::BATCHES]][:2], [math.log2(0.1 / float(numpy.float32(0.1)))] * 2)
        with self.assertWarnsRegex(lrs.LrsWarning, "`val_loss`, and there was no validation"):
            fit(model(keras.optimizers.Adam()), [lrs.keras.Scheduler(text)], epochs=1, validation_data=None)
        fit(model(keras.optimizers.Adam()), [lrs.keras.Scheduler(text, metrics="loss")], epochs=1, validation_data=None)

    def test_wrong(self):
        with self.assertRaisesRegex(lrs.LrsError, "no metric `val_los` for it; there is .*`val_loss`"):
            fit(model(keras.optimizers.Adam()), [lrs.keras.Scheduler("hold 1; on plateau *0.5", metrics="val_los")])
        with self.assertRaisesRegex(lrs.LrsError, r"no metric `val_accuracy` for it; there is .*`val_mae`\. Log it, or say which of these it is, .*: \.\.\.\}$"):
            fit(model(keras.optimizers.Adam()), [lrs.keras.Scheduler("hold 1; on plateau *0.5", metrics="val_accuracy")])
        with self.assertRaisesRegex(lrs.LrsError, "no input `acc`"):
            lrs.keras.Scheduler(RULES, metrics={"acc": "val_acc"})
        with self.assertRaisesRegex(lrs.LrsError, "counts samples"):
            lrs.keras.Scheduler("unit sample\nhold 1")
        with self.assertRaisesRegex(TypeError, "LearningRateSchedule"):
            fit(model(keras.optimizers.Adam(lrs.keras.Schedule(PURE))), [lrs.keras.Scheduler(PURE)])


if __name__ == "__main__":
    unittest.main(warnings="")  # the filters above
