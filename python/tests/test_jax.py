"""test_jax.py: schedules in JAX and optax, against the values of the library. Skipped where there is no JAX, or no optax.

LRS_EXAMPLES: the folder of the examples; beside it are the golden programs and the generator of the differential test.
LRS_JAX_PROGRAMS: how many random programs, 40 by default. They run operation by operation, which takes no compiler; what XLA makes of
the operations is tested with the examples, the golden programs and one random program in 15, which are compiled.
"""
import copy
import importlib.util
import math
import os
import pickle
import subprocess
import sys
import unittest
import warnings

try:
    import jax
    import jax.numpy as jnp
    import numpy as np
    import optax
    if jax.__version_info__ < (0, 7, 2):
        raise ModuleNotFoundError(f"JAX {jax.__version__} is older than 0.7.2")

    import lrs
except ModuleNotFoundError as e:  # lrs: where python_package could not build it
    print(f"SKIP: {e}")
    sys.exit(77)
try:
    from jax import enable_x64
except ImportError:  # before JAX 0.8
    from jax.experimental import enable_x64
import lrs.jax

print(f"jax {jax.__version__}, optax {optax.__version__}, {jax.default_backend()}")

EXAMPLES = os.environ.get("LRS_EXAMPLES", os.path.join(os.path.dirname(__file__), "..", "..", "examples"))
TESTS = os.path.join(EXAMPLES, "..", "tests")
PROGRAMS = int(os.environ.get("LRS_JAX_PROGRAMS", "40"))
POINTS = 128
PLATEAU = "warmup 5 -> 0.1; then hold\non plateau(patience=2) *0.5"


def files(*folders):
    found = [os.path.join(f, n) for f in folders if os.path.isdir(f) for n in sorted(os.listdir(f)) if n.endswith(".lrs")]
    return [(os.path.basename(f), lrs.load(f)) for f in found]


def steps_of(s, output):
    """The edges of phases, and steps between them; as many for each program, so that JAX compiles its operations once."""
    ends = [p.end for p in s.phases_of(output) if p.end < 2.0**31 - 2]
    steps = {int(e) + d for e in ends[:20] for d in (-1, 0, 1)} | {0, 1, 2, 3, 7, 100, 1000, 2**24 + 1, 2**31 - 1}
    steps = sorted(t for t in steps if t >= 0)
    last = int(1.3 * max(ends + [1000]))
    more = np.random.default_rng(1).integers(0, last + 1, POINTS)
    return np.array((steps + more.tolist())[:POINTS], np.int32)


def ulps(a, b):
    """How many doubles lie between these. Subnormal numbers are 0 in XLA."""
    if a == b or math.isnan(a) and math.isnan(b) or abs(a) < 2.3e-308 and abs(b) < 2.3e-308:
        return 0
    n, m = (int(v) if v >= 0 else -(2**63 + int(v)) for v in (np.float64(x).view(np.int64) for x in (a, b)))
    return abs(n - m)


class Worst:
    """The largest difference of each kind, printed at the end."""
    found = {}

    @classmethod
    def add(cls, kind, difference, values, where):
        old = cls.found.setdefault(kind, [0, 0, ""])
        old[1] += values
        if difference > old[0]:
            old[0], old[2] = difference, where


class Base(unittest.TestCase):
    def agrees(self, kind, name, s, output, values, steps):
        exact = [s.value(int(t), output) for t in steps]
        self.assertEqual(values.shape, steps.shape)
        if values.dtype == np.float64:
            worst = max(map(ulps, values.tolist(), exact))
            Worst.add(kind + " in float64, in ulps", worst, len(steps), f"{name} {output}")
            self.assertEqual(worst, 0, [(int(t), a, b) for t, a, b in zip(steps, values.tolist(), exact) if ulps(a, b)][:3])
            return
        self.assertEqual(values.dtype, np.float32)
        with np.errstate(over="ignore", under="ignore"):
            rounded = np.array(exact).astype(np.float32)
        tiny = np.finfo(np.float32).tiny
        for t, a, b, e in zip(steps, values, rounded, exact):
            if not (math.isnan(a) and math.isnan(b) or abs(a) <= tiny and abs(b) <= tiny):
                self.assertEqual(a, b, f"{name} {output} at {t}")
                if e and math.isfinite(a):
                    Worst.add(kind + " in float32, relative", abs(float(a) - e) / abs(e), 1, f"{name} {output}")


class Values(Base):
    def test_examples_compiled(self):
        for name, s in files(EXAMPLES, os.path.join(TESTS, "golden", "values")):
            for output in s.outputs:
                steps = steps_of(s, output)
                f = lrs.jax.schedule(s, output=output, ignore_metrics=True)
                with self.subTest(program=name, output=output):
                    self.agrees("compiled", name, s, output, np.asarray(jax.jit(jax.vmap(f))(steps)), steps)
                    with enable_x64(True):
                        self.agrees("compiled", name, s, output, np.asarray(jax.jit(jax.vmap(f))(steps)), steps)

    def test_one_by_one(self):
        # a vector and a single number are two programs to XLA
        for name in ("card.lrs", "gpt_cosine.lrs", "sgdr.lrs", "noam.lrs"):
            s = lrs.load(os.path.join(EXAMPLES, name))
            f = jax.jit(lrs.jax.schedule(s, ignore_metrics=True))
            steps = steps_of(s, "lr")[:60]
            self.agrees("one by one", name, s, "lr", np.array([np.asarray(f(t)) for t in steps]), steps)
            with enable_x64(True):
                f = jax.jit(lrs.jax.schedule(s, ignore_metrics=True))
                self.agrees("one by one", name, s, "lr", np.array([np.asarray(f(t)) for t in steps]), steps)

    def test_random_programs(self):
        sys.path.insert(0, os.path.join(TESTS, "differential"))
        if importlib.util.find_spec("generate") is None:
            self.skipTest("the generator is not here")
        import generate
        import tempfile
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "common.lrs"), "w", encoding="utf-8") as f:
                f.write(generate.COMMON)
            compared = 0
            for i in range(3 * PROGRAMS + 20):
                if compared == PROGRAMS:
                    break
                p = generate.program_of(5, i)
                try:
                    s = lrs.compile(p.text, dict(p.defines) | dict(p.bindings), use_files=True, name=os.path.join(folder, "x.lrs"))
                except lrs.LrsError:
                    continue  # for its params, or for what only a constant may say
                compared += 1
                for output in s.outputs:
                    steps = steps_of(s, output)
                    f = lrs.jax.schedule(s, output=output, ignore_metrics=True)
                    with self.subTest(program=i, output=output), enable_x64(True):
                        with jax.disable_jit():
                            values = np.asarray(jax.vmap(f)(steps))
                        self.agrees("random", f"program {i}", s, output, values, steps)
                        if i % 15 == 1:
                            self.agrees("random, compiled", f"program {i}", s, output, np.asarray(jax.jit(jax.vmap(f))(steps)), steps)
            print(f"{compared} random programs")
            self.assertEqual(compared, PROGRAMS)

    def test_module_of_the_command(self):
        lrsc = os.environ.get("LRSC")
        if not lrsc:
            self.skipTest("LRSC does not say where the command is")
        path = os.path.join(EXAMPLES, "gpt_cosine.lrs")
        text = subprocess.run([lrsc, "--emit=jax", "-o", "-", path], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
        names = {}
        exec(text, names)
        s, f = lrs.load(path), jax.jit(names["schedule"])
        for t in (0, 100, 5000, 10**6):
            self.assertEqual(f(t), np.float32(s(t)))

    def test_negative_and_real_steps(self):
        f = lrs.jax.schedule("warmup 10 -> 1; then linear 10 -> 0")
        self.assertEqual([float(f(t)) for t in (-5, 0, 2.5, 12.5, jnp.float16(5), jnp.uint8(20))], [0, 0, 0.25, 0.75, 0.5, 0])
        self.assertEqual(f(np.arange(6).reshape(2, 3)).tolist(), np.float32([[0, .1, .2], [.3, .4, .5]]).tolist())


class Tracing(Base):
    TEXT = "param peak = 1e-3 in 1e-6..1\nwarmup 10 -> peak; then cosine 90 -> peak/10; then exp s=50"

    def test_transformations(self):
        s = lrs.compile(self.TEXT)
        f = lrs.jax.schedule(s)
        exact = np.array(s[0:200], np.float32)
        self.assertTrue((np.asarray(jax.vmap(f)(jnp.arange(200))) == exact).all())
        self.assertTrue((np.asarray(jax.lax.scan(lambda t, _: (t + 1, f(t)), 0, None, length=200)[1]) == exact).all())
        self.assertTrue((np.asarray(jax.lax.map(f, jnp.arange(200))) == exact).all())
        self.assertEqual(jax.jit(lambda t: jax.lax.cond(t > 5, f, lambda t: 0.0 * t, t))(50), exact[50])
        self.assertEqual(jax.checkpoint(f)(50), exact[50])
        self.assertIs(f(3).dtype, jnp.dtype("float32"))

    def test_slopes_by_the_step(self):
        texts = ["linear from 1 10 -> 0", "cosine from 1 10 -> 0.1", "exp from 1 s=7", "sqrt from 1 10 -> 0", "poly from 1 10 power=1.7 -> 0",
                 "invsqrt from 1 timescale=3", "curve 0.1*exp(-t/5)*cos(t/3) + log(t + 2)", "curve tanh(t/4) + pow(t + 1, 0.3) + sinpi(t/7)",
                 "def wave(a) { linear from a 4 -> a/2; then cosine 3 -> a }\nrepeat { wave(1) } stretch=1.5",
                 "schedule lr = 2 * base\nlet base { cosine from 1 10 -> 0 }"]
        with enable_x64(True):
            for text in texts:
                try:
                    s = lrs.compile(text)
                except lrs.LrsError as e:
                    self.fail(f"{text}: {e}")
                f = lrs.jax.schedule(s)
                slope = jax.jit(jax.grad(f))
                for t in (0.5, 2.25, 6.125, 8.5):
                    h = 1e-5
                    wanted = (float(f(t + h)) - float(f(t - h))) / (2 * h)
                    self.assertAlmostEqual(float(slope(t)), wanted, delta=1e-8 + 1e-7 * abs(wanted), msg=f"{text} at {t}")
        self.assertLess(abs(jax.grad(lrs.jax.schedule("cosine from 1 10 -> 0"))(0.0)), 1e-12)
        self.assertEqual(float(jax.grad(lrs.jax.schedule("linear from 1 8 -> 0; then hold"))(20.0)), 0)

    def test_slopes_do_not_mix(self):
        # at a step that another phase would make NaN or infinite
        f = lrs.jax.schedule("sqrt from 1 4 -> 0; then linear 4 -> 1; then poly 4 power=0.5 -> 0")
        for t in (4.0, 5.0, 12.5, 100.0):
            self.assertTrue(math.isfinite(jax.grad(f)(t)), t)
            self.assertTrue(math.isfinite(jax.jit(jax.grad(lambda t: f(t) ** 2))(t)), t)

    def test_params(self):
        f = lrs.jax.schedule(self.TEXT)
        with enable_x64(True):
            peaks = np.geomspace(1e-5, 0.9, 7)
            runs = np.asarray(jax.jit(jax.vmap(lambda p: jax.vmap(f.with_params(peak=p))(jnp.arange(200))))(peaks))
            for peak, run in zip(peaks, runs):
                self.assertEqual(max(map(ulps, run.tolist(), lrs.compile(self.TEXT, peak=peak)[0:200])), 0)
            self.assertEqual(float(f.with_params(peak=0.5)(50)), lrs.compile(self.TEXT, peak=0.5)(50))
            slope = jax.jit(jax.grad(lambda p, t: f.with_params(peak=p)(t)))
            for t in (5, 50, 150):
                wanted = (lrs.compile(self.TEXT, peak=1e-2 + 1e-7)(t) - lrs.compile(self.TEXT, peak=1e-2 - 1e-7)(t)) / 2e-7
                self.assertAlmostEqual(float(slope(1e-2, t)), wanted, delta=1e-6 * abs(wanted))
            by_both = jax.grad(lambda p, t: f.with_params(peak=p)(t), argnums=(0, 1))(1e-2, 5.0)
            np.testing.assert_allclose(by_both, (0.5, 1e-3), rtol=1e-12)
            self.assertTrue(math.isnan(f.with_params(peak=jnp.float64(2.0))(5)))  # out of its range
        with self.assertRaisesRegex(ValueError, "range"):
            f.with_params(peak=2)
        with self.assertRaisesRegex(ValueError, "no param `paek`; there is `peak`"):
            f.with_params(paek=2)
        self.assertEqual(f.with_params(peak=0.5).params, {"peak": 0.5})

    def test_ends_of_a_range(self):
        """A param in single precision reaches the ends of its range, which are not numbers of that precision."""
        f = lrs.jax.schedule("param peak = 3e-4 in 1e-5..1e-2 log; hold peak")
        for dtype in (jnp.float32, jnp.float16, jnp.bfloat16):
            ends = jnp.asarray([1e-5, 3e-4, 1e-2], dtype)
            self.assertTrue(float(ends[0]) < 1e-5 or float(ends[2]) > 1e-2 or dtype == jnp.float16)
            rates = jax.vmap(lambda p: f.with_params(peak=p)(0))(ends)
            np.testing.assert_array_equal(rates, np.clip(np.asarray(ends, np.float64), 1e-5, 1e-2).astype(rates.dtype))
            self.assertEqual(jax.vmap(jax.grad(lambda p: f.with_params(peak=p)(0)))(ends).tolist(), [1, 1, 1])
            outside = jnp.nextafter(ends, jnp.asarray([0, 1, 1], dtype))[::2]
            self.assertTrue(bool(jnp.isnan(jax.vmap(lambda p: f.with_params(peak=p)(0))(outside)).all()))
        with enable_x64(True):
            double = jax.vmap(lambda p: f.with_params(peak=p)(0))
            self.assertEqual(double(jnp.asarray([1e-5, 1e-2])).tolist(), [1e-5, 1e-2])
            self.assertTrue(bool(jnp.isnan(double(jnp.asarray([np.nextafter(1e-5, 0), np.nextafter(1e-2, 1)]))).all()))

    def test_pickle(self):
        f = lrs.jax.schedule("param peak = 0.1 in 0.01..1\nschedule lr { warmup 10 -> peak }\nschedule wd = 0.5 * lr / peak").with_params(peak=0.2)
        for g in (f, f.output("wd"), f.with_params(peak=jnp.float32(0.5))):
            for h in (pickle.loads(pickle.dumps(g)), copy.deepcopy(g), pickle.loads(pickle.dumps(copy.copy(g)))):
                self.assertEqual((repr(h), float(h(5)), h.params), (repr(g), float(g(5)), g.params))

    def test_params_of_times(self):
        text = "param total = 100\nparam n = 10\nwarmup n -> 1; then cosine until total -> 0; then hold\nat 0.5*total *0.5"
        f = lrs.jax.schedule(text)
        with enable_x64(True):
            g = jax.jit(lambda total, n: jax.vmap(f.with_params(total=total, n=n))(jnp.arange(300)))
            for total, n in ((100, 10), (250, 33), (77, 1)):
                self.assertEqual(max(map(ulps, np.asarray(g(float(total), float(n))).tolist(), lrs.compile(text, total=total, n=n)[0:300])), 0)
            self.assertTrue(np.isnan(g(100.0, -1.0)).all())  # what binding refuses

    def test_outputs(self):
        text = "param peak = 0.1\nschedule lr { warmup 10 -> peak }\nschedule wd = 0.5 * lr / peak"
        f = lrs.jax.schedule(text, output="wd")
        self.assertEqual((f.outputs, f(5), f.output("lr")(5)), (("lr", "wd"), 0.25, np.float32(0.05)))
        with self.assertRaisesRegex(lrs.LrsError, "no output `mu`"):
            lrs.jax.schedule(text, output="mu")

    def test_metrics_are_refused(self):
        with self.assertRaisesRegex(lrs.LrsError, "scale_by_learning_rate"):
            lrs.jax.schedule(PLATEAU)
        self.assertEqual(float(lrs.jax.schedule(PLATEAU, ignore_metrics=True)(100)), np.float32(0.1))


def train(optimizer, n, state=None, params=None, first=0, values=None):
    """A small regression, in one scan: the losses, the state, the params and the sizes of the updates."""
    x = jnp.asarray(np.random.default_rng(0).standard_normal((64, 5)), jnp.float32)
    y = x @ jnp.arange(5.0) + 0.1 * jnp.sin(9 * x[:, 0])

    def loss_of(w):
        return jnp.mean((x @ w - y) ** 2)
    if params is None:
        params = jnp.zeros(5)
    if state is None:
        state = optimizer.init(params)

    def one(carry, value):
        w, s = carry
        loss, g = jax.value_and_grad(loss_of)(w)
        u, s = optimizer.update(g, s, w, value=loss if values is None else value)
        return (optax.apply_updates(w, u), s), (loss, u / jnp.where(g == 0, 1, g))
    fed = jnp.zeros(n) if values is None else jnp.asarray(values[first:first + n])
    (params, state), (losses, sizes) = jax.jit(lambda c: jax.lax.scan(one, c, fed))((params, state))
    return losses, state, params, sizes


class Optax(Base):
    NOISE = np.abs(np.random.default_rng(3).standard_normal(200)).astype(np.float32)

    def test_as_a_schedule(self):
        f = lrs.jax.schedule("warmup 20 -> 0.1; then cosine 180 -> 0")
        mine, theirs = (train(optax.sgd(g, momentum=0.9), 200) for g in (f, optax.warmup_cosine_decay_schedule(0.0, 0.1, 20, 200)))
        np.testing.assert_allclose(mine[0], theirs[0], rtol=2e-4)
        self.assertLess(mine[0][-1], 0.1 * mine[0][0])
        tx = optax.inject_hyperparams(optax.adam)(learning_rate=f)
        _, state, _, _ = train(tx, 30)
        self.assertEqual(state.hyperparams["learning_rate"], f(29))

    def test_the_modules_of_optax(self):
        for text, theirs in (("use optax\noptax.cosine_decay_schedule(0.1, 100, 0.1)", optax.cosine_decay_schedule(0.1, 100, 0.1)),
                             ("use optax\noptax.exponential_decay(0.1, 10, 0.5)", optax.exponential_decay(0.1, 10, 0.5)),
                             ("use optax\noptax.linear_onecycle_schedule(100, 0.1)", optax.linear_onecycle_schedule(100, 0.1))):
            f = lrs.jax.schedule(text)
            with enable_x64(True):
                np.testing.assert_allclose(f(np.arange(99)), [theirs(t) for t in range(99)], rtol=1e-6, atol=1e-12, err_msg=text)

    def test_plateau_is_that_of_the_engine(self):
        tx = lrs.jax.scale_by_learning_rate(PLATEAU)
        _, state, _, sizes = train(tx, 200, values=self.NOISE)
        s = lrs.compile(PLATEAU)
        rates = np.array([s.get_lr(t, float(v)) for t, v in enumerate(self.NOISE)], np.float32)
        self.assertLess(rates[-1], rates[10])
        np.testing.assert_allclose(-np.asarray(sizes).mean(1)[1:], rates[1:], rtol=1e-5)
        self.assertEqual((int(state.count), state.value), (200, rates[-1]))
        self.assertEqual(np.asarray(state.saved).tobytes(), s._save())

    def test_plateau_of_optax(self):
        text = "use optax\nhold 0.1\non plateau(patience=3, dialect=optax) *0.5"
        theirs = optax.chain(optax.sgd(0.1), optax.contrib.reduce_on_plateau(factor=0.5, patience=3, rtol=1e-4))
        mine = optax.chain(optax.identity(), lrs.jax.scale_by_learning_rate(text))
        a, b = (train(tx, 200, values=self.NOISE) for tx in (mine, theirs))
        np.testing.assert_allclose(a[3], b[3], rtol=1e-5)
        np.testing.assert_allclose(a[0], b[0], rtol=1e-5)

    def test_resumed(self):
        tx = optax.chain(optax.scale_by_adam(), lrs.jax.scale_by_learning_rate(PLATEAU))
        whole = train(tx, 200, values=self.NOISE)
        half = train(tx, 77, values=self.NOISE)
        kept = pickle.dumps(jax.tree.map(np.asarray, (half[1], half[2])))
        again = optax.chain(optax.scale_by_adam(), lrs.jax.scale_by_learning_rate(PLATEAU))
        state, params = jax.tree.map(jnp.asarray, pickle.loads(kept))
        rest = train(again, 123, state, params, first=77, values=self.NOISE)
        self.assertEqual(np.concatenate([half[0], rest[0]]).tobytes(), np.asarray(whole[0]).tobytes())
        self.assertEqual(jax.tree.map(lambda x: np.asarray(x).tobytes(), rest[1:3]), jax.tree.map(lambda x: np.asarray(x).tobytes(), whole[1:3]))

    def test_injected(self):
        text = "schedule lr { warmup 5 -> 0.1; then hold\non plateau(loss, patience=2) *0.5 }\nschedule momentum { linear from 0.8 100 -> 0.95 }\ninput loss"
        lr, momentum = (lrs.jax.StatefulSchedule(text, output=o) for o in ("lr", "momentum"))
        self.assertIsInstance(lr, optax.StatefulSchedule if hasattr(optax, "StatefulSchedule") else object)
        tx = optax.inject_hyperparams(optax.sgd)(learning_rate=lr, momentum=momentum)
        _, state, _, _ = train(tx, 50, values=self.NOISE)
        s = lrs.compile(text)
        for t in range(50):
            s.observe(t, loss=float(self.NOISE[t]))
            values = s.values(t)
        self.assertEqual((state.hyperparams["learning_rate"], state.hyperparams["momentum"]), tuple(map(np.float32, values)))
        self.assertEqual(lr.at(state.hyperparams_states["learning_rate"]).explain(50).fired, s.explain(50).fired)

    def test_names_of_metrics(self):
        tx = lrs.jax.scale_by_schedule("input loss\ninput accuracy\nhold 1\non plateau(loss, patience=0) *0.5\non plateau(accuracy, patience=0, mode=max) *0.1")
        state = tx.init(jnp.zeros(()))
        sizes = []
        for extra in ({"value": 1.0, "accuracy": 0.5}, {"loss": 2.0}, {"loss": float("nan"), "other": 3}, {"accuracy": 0.4}, {"accuracy": None},
                      {"value": None}):
            u, state = tx.update(jnp.ones(()), state, **extra)
            sizes.append(float(u))
        np.testing.assert_allclose(sizes, [1, 0.5, 0.5, 0.05, 0.05, 0.05], rtol=1e-6)

    def test_a_stateful_schedule_in_the_place_of_a_schedule(self):
        for text in ("hold 0.1", PLATEAU):
            tx = optax.adam(lrs.jax.StatefulSchedule(text))
            state = tx.init(jnp.ones(()))
            for update in (tx.update, jax.jit(tx.update)):
                with self.assertRaisesRegex(TypeError, r"not with a step.*optax.inject_hyperparams.*lrs.jax.schedule\(\.\.\.\)"):
                    update(jnp.ones(()), state)

    def test_metrics_that_are_no_numbers(self):
        tx = lrs.jax.scale_by_schedule(PLATEAU)
        state = tx.init(jnp.ones(()))
        for wrong in (jnp.ones(2), np.ones((2, 2)), jnp.ones(0), [0.1, 0.2], [[1.0], [1.0, 2.0]], {"a": 1}, "0.3", b"0.3", 1j, object(), jnp.asarray(1j),
                      np.array("3"), np.array(None), np.datetime64("2020"), 10**400):
            for name in ("value", "metric"):
                with self.assertRaisesRegex(TypeError, f"the metric `{name}` is not a number: "):
                    tx.update(jnp.ones(()), state, **{name: wrong})
        with self.assertRaisesRegex(TypeError, "the metric `value` is not a number: .*float.*2"):
            jax.jit(lambda v: tx.update(jnp.ones(()), state, value=v))(jnp.ones(2))
        expected = tx.update(jnp.ones(()), state, value=2.0)
        for number in (2, True + 1, np.float32(2), jnp.full(1, 2), np.full((1, 1), 2.0), jnp.bfloat16(2), [2]):
            for a, b in zip(jax.tree.leaves(tx.update(jnp.ones(()), state, value=number)), jax.tree.leaves(expected)):
                np.testing.assert_array_equal(a, b)

    def test_metrics_that_no_rule_watches(self):
        """An update that gives none of those that rules watch is an error when it is traced: they would wait for ever."""
        text = "hold 0.1; on plateau(patience=0) *0.5"
        two = "input loss\ninput acc\ninput idle\nhold 1\non plateau(loss) *0.5\non plateau(acc, mode=max) *0.5"
        stateful = lrs.jax.StatefulSchedule(text)
        for tx in (lrs.jax.scale_by_learning_rate(text), optax.chain(optax.scale_by_adam(), lrs.jax.scale_by_learning_rate(text)),
                   optax.inject_hyperparams(optax.sgd)(learning_rate=stateful)):
            one = jnp.ones(())
            state = tx.init(one)
            for update in (tx.update, jax.jit(tx.update)):
                for extra, hint in (({"loss": 1.0}, "has `loss`\\. Write update\\(..., metric=loss\\), or value=loss"),
                                    ({"metrc": 1.0}, "did you mean `metric`?"), ({"vlaue": 1.0}, "did you mean `value`?"), ({}, "has no metric")):
                    with self.assertRaisesRegex(lrs.LrsError, f"rules of the schedule watch `metric`, and update .*{hint}"):
                        update(one, state, one, **extra)
                for extra in ({"value": 1.0}, {"metric": 1.0}, {"value": None}, {"metric": None, "loss": 2.0}, {"value": jnp.nan, "other": 1}):
                    update(one, state, one, **extra)
        tx = lrs.jax.scale_by_schedule(two)
        for extra, error in (({"loss": 1}, None), ({"acc": 1}, None), ({"idle": 1}, "watch `loss`, `acc`, and update has `idle`"), ({}, "no metric")):
            if error is None:
                tx.update(jnp.ones(()), tx.init(()), **extra)
            else:
                with self.assertRaisesRegex(lrs.LrsError, error):
                    tx.update(jnp.ones(()), tx.init(()), **extra)
        with self.assertRaisesRegex(lrs.LrsError, "has `loss`"):
            stateful.update(stateful.init(), loss=1)
        self.assertEqual(stateful(stateful.init()), np.float32(0.1))  # inject_hyperparams asks so, before the first update
        tx = lrs.jax.scale_by_learning_rate("hold 0.1")  # without rules anything goes
        tx.update(jnp.ones(()), tx.init(()))
        tx.update(jnp.ones(()), tx.init(()), loss=1)

    def test_units(self):
        """What counts updates refuses schedules in something else; a function of the step takes any."""
        for unit, param in (("epoch", "steps_per_epoch"), ("token", "tokens_per_step"), ("sample", "samples_per_step")):
            text = f"unit {unit}; linear 8 from 1 -> 0"
            for make in (lrs.jax.StatefulSchedule, lrs.jax.scale_by_schedule, lrs.jax.scale_by_learning_rate):
                with self.assertRaisesRegex(lrs.LrsError, f"counts {unit}s, and optax counts updates: write `unit step` .*`param {param}`$"):
                    make(text)
            self.assertEqual(float(lrs.jax.schedule(text)(2)), 0.75)

    def test_names_of_arguments(self):
        text = {"schedule": "param peak = 1; hold peak", "params": {"peak": 0.5}}
        self.assertEqual(float(lrs.jax.schedule(**text)(2)), 0.5)
        stateful = lrs.jax.StatefulSchedule(**text)
        self.assertEqual(float(stateful(stateful.init())), 0.5)
        for make, sign in ((lrs.jax.scale_by_schedule, 1), (lrs.jax.scale_by_learning_rate, -1)):
            tx = make(**text)
            self.assertEqual(float(tx.update(jnp.ones(()), tx.init(()))[0]), sign * 0.5)

    def test_outputs_that_are_no_rate(self):
        decay, several = "schedule weight_decay { hold 0.3 }", "schedule a { hold 0.3 }\nschedule b { hold 0.5 }"
        for make in (lrs.jax.schedule, lrs.jax.StatefulSchedule, lrs.jax.scale_by_schedule, lrs.jax.scale_by_learning_rate):
            with self.assertRaisesRegex(lrs.LrsError, "`lr`: there is `weight_decay`. Name one `lr`, or say which it is, as in output=\"weight_decay\""):
                make(decay)
            with self.assertRaisesRegex(lrs.LrsError, "`lr`: there is `a`, `b`"):
                make(several)
            with self.assertRaisesRegex(lrs.LrsError, "no output `c`"):
                make(several, output="c")
            make(several, output="b")
        self.assertEqual(lrs.jax.schedule(decay, output="weight_decay")(0), np.float32(0.3))
        tx = lrs.jax.scale_by_learning_rate("schedule weight_decay { hold 0.3 }\nschedule lr { hold 0.5 }")
        self.assertEqual(tx.update(jnp.ones(()), tx.init(()))[0], -0.5)

    def test_states_of_others(self):
        one = jnp.ones(())

        def state_of(text, **params):
            return lrs.jax.scale_by_learning_rate(text, **params).init(one)

        def updated(state, text, jit, **params):
            tx = lrs.jax.scale_by_learning_rate(text, **params)
            update = jax.jit(tx.update) if jit else tx.update
            return jax.block_until_ready(update(one, state, value=1.0)[0])
        rules = "param n = 0\nparam peak = 0.2\nhold peak\non plateau(patience=n) *0.5"
        other, longer = rules.replace("*0.5", "*0.25"), rules + "\non plateau(patience=5) *0.1"
        pure, other_pure = "param peak = 0.2\nhold peak", "param peak = 0.2\nwarmup 5 -> peak"
        for text, theirs, params, error in (
                (rules, rules, {"peak": 0.3}, "run with other params: `peak` was 0.3 and is 0.2. Give the values of that run"),
                (rules, other, {}, "of another program: [0-9a-f]{16}, and this one is [0-9a-f]{16}"), (rules, longer, {}, "another program: .* words"),
                (longer, rules, {}, "another program: .* words"), (rules, pure, {}, "another program: .* words"),
                (pure, pure, {"peak": 0.3}, "`peak` was 0.3 and is 0.2"), (pure, other_pure, {}, "of another program: [0-9a-f]{16}, and this one is [0-9a-f]{16}")):
            state = state_of(theirs, **params)
            with self.assertRaisesRegex(lrs.LrsError, error):
                updated(state, text, False)
            with self.assertRaisesRegex(lrs.LrsError, error):
                lrs.jax.StatefulSchedule(text).at(state)
            if "words" in error:  # is known when it is traced
                with self.assertRaisesRegex(lrs.LrsError, error):
                    updated(state, text, True)
            elif text == rules:
                with self.assertRaisesRegex(Exception, error):
                    updated(state, text, True)
            else:  # there is no host to say it
                self.assertTrue(math.isnan(updated(state, text, True)))
        for text in (rules, pure):
            for jit in (False, True):
                self.assertEqual(updated(state_of(text), text, jit), np.float32(-0.2))

    def test_many_runs_in_one_vmap(self):
        tx = lrs.jax.scale_by_schedule(PLATEAU)

        def run(values):
            def one(state, value):
                u, state = tx.update(jnp.ones(()), state, value=value)
                return state, u
            return jax.lax.scan(one, tx.init(jnp.zeros(())), values)[1]
        fed = np.stack([self.NOISE[:30], np.linspace(1, 0, 30, dtype=np.float32)])
        rates = jax.jit(jax.vmap(run))(fed)
        for row, values in zip(rates, fed):
            s = lrs.compile(PLATEAU)
            self.assertEqual(row.tolist(), np.array([s.get_lr(t, float(v)) for t, v in enumerate(values)], np.float32).tolist())

    def test_a_schedule_without_rules_needs_no_host(self):
        tx = lrs.jax.scale_by_learning_rate("warmup 5 -> 0.1")
        self.assertNotIn("callback", str(jax.make_jaxpr(tx.update)(jnp.ones(()), tx.init(jnp.ones(())))))

    def test_damaged_state(self):
        tx = lrs.jax.scale_by_learning_rate(PLATEAU)
        state = tx.init(jnp.zeros(()))
        with self.assertRaisesRegex(Exception, "damaged"):
            jax.block_until_ready(tx.update(jnp.ones(()), state._replace(saved=state.saved.at[5].add(1)), value=1.0))

    def test_derivatives_do_not_go_through_the_host(self):
        tx = lrs.jax.scale_by_schedule(PLATEAU)
        state = tx.init(jnp.zeros(()))
        self.assertEqual(jax.grad(lambda g: tx.update(g, state, value=g)[0])(2.0), state.value)


def tearDownModule():
    for kind, (worst, values, where) in sorted(Worst.found.items()):
        print(f"{kind}: the largest of {values} differences is {worst:.3g}{f' ({where})' if where else ''}")


if __name__ == "__main__":
    warnings.simplefilter("ignore", lrs.LrsWarning)
    unittest.main(warnings="ignore")
