/* test_module.mjs: what a module of `lrsc --emit=js` offers, and what it says when it is used wrongly.
 *
 * In: lrsc. Out: a line a test. Exit codes: 0, 1 when one fails. Values are compared with those that `lrsc eval` prints.
 */
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {pathToFileURL} from "node:url";
import vm from "node:vm";

const lrsc = path.resolve(process.argv[2]);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lrs-js-"));

function run(...args) {
    const done = spawnSync(lrsc, args, {cwd: folder, encoding: "utf8"});
    assert.equal(done.status, 0, done.stderr);
    return done.stdout;
}

/* The module of a program. */
async function module_of(name, text) {
    fs.writeFileSync(path.join(folder, `${name}.lrs`), text);
    run("-w", `${name}.lrs`, "-o", `${name}.mjs`);
    return import(pathToFileURL(path.join(folder, `${name}.mjs`)));
}

/* Rows of numbers, as the interpreter has them: step, then the outputs. */
function rows_of(name, ...args) {
    return run("eval", "-w", `${name}.lrs`, ...args).trim().split("\n").slice(1).map((line) => line.split(",").map(Number));
}

const CARD = "warmup 5 linear -> 0.1; then exp s=1000; on plateau(patience=3) *0.5\n";
const RICH = `let steps_per_epoch = 10
param peak = 3e-4 in 1e-5..1e-2 log
param n = 5 epochs in 1..20
param last
input val
input train
warmup n -> peak
then cosine until 20 epochs -> last
on diverge(train) stop
on plateau(val, patience=1) *0.5
schedule wd = 0.1 * lr / peak
schedule momentum { hold 0.9 }
`;

const tests = {
    async the_program_is_described() {
        const m = await module_of("rich", RICH);
        assert.deepEqual(m.params, [
            {name: "peak", unit: null, def: 3e-4, lo: 1e-5, hi: 1e-2, log: true},
            {name: "n", unit: "epochs", def: 5, lo: 1, hi: 20, log: false},
            {name: "last", unit: null, def: null, lo: null, hi: null, log: false},
        ]);
        assert.deepEqual(m.outputs, ["lr", "wd", "momentum"]);
        assert.deepEqual(m.inputs, ["val", "train"]);
        assert.equal(m.unit, "step");
        assert.match(m.hash, /^[0-9a-f]{16}$/);
        const {default: all, ...members} = m;
        assert.deepEqual({...all}, {...members});
        const total = await module_of("total", "param total = 100\nwarmup 10 -> 0.1; then cosine until total -> 0\n");
        assert.equal(total.total, 100);
        assert.deepEqual(total.inputs, ["metric"]);
    },

    async values_are_those_of_eval() {
        const m = await module_of("rich", RICH);
        const steps = [0, 1, 7, 49, 50, 51, 100, 199, 200, 1000000];
        const r = m.create({peak: 1e-3, n: 2, last: 1e-6});
        const rows = rows_of("rich", "-D", "peak=1e-3", "-D", "n=2", "-D", "last=1e-6", "--at", steps.join(","));
        assert.equal(rows.length, steps.length);
        for (const [step, ...values] of rows) {
            assert.deepEqual([...r.values(step)], values);
            assert.deepEqual(m.outputs.map((name) => r.value(step, name)), values);
            assert.deepEqual(m.outputs.map((_, i) => r.value(BigInt(step), i)), values);
            assert.equal(r.value(step), values[0]);
        }
    },

    async fills_are_values() {
        const r = (await module_of("card", CARD)).create();
        const at = (steps) => Float64Array.from(steps, (s) => r.value(s));
        assert.deepEqual(r.fill("lr", 0, 4), at([0, 1, 2, 3]));
        assert.deepEqual(r.fill(0, -2, 4), at([-2, -1, 0, 1]));
        assert.deepEqual(r.fill(0, 1000, 3, -400), at([1000, 600, 200]));
        assert.deepEqual(r.fill(0, 3n, 3, 2n), at([3, 5, 7]));
        assert.deepEqual(r.fill(0, 2 ** 53 - 1, 3), at([2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n]));
        assert.equal(r.fill(0, 0, 0).length, 0);
        const last = 2n ** 63n - 1n, line = (await module_of("line", `linear ${last} from 0 -> ${last}\nthen linear ${last} -> 0\n`)).create();
        const rows = rows_of("line", "--at", `0,${last - 1n},${last}`);
        assert.deepEqual(line.fill(0, last - 1n, 3000), Float64Array.from({length: 3000}, (_, i) => rows[i ? 2 : 1][1]));
        assert.deepEqual(line.fill(0, 0n, 3, last), Float64Array.of(rows[0][1], rows[2][1], rows[2][1]));
        assert.throws(() => line.fill(0, 2n ** 63n, 3), /has no 64-bit integer/);
        assert.throws(() => r.fill(0, 0.5, 3), /a step is a whole number, not 0.5/);
        assert.throws(() => r.fill(1, 0, 3), /there is no output 1; there are: lr/);
    },

    async steps_are_whole() {
        const r = (await module_of("card", CARD)).create();
        assert.equal(r.value(-5), r.value(0));
        assert.ok(Object.is(r.value(-0), r.value(0)));
        assert.equal(r.value(2 ** 60), r.value(2n ** 60n));
        for (const wrong of [0.5, NaN, Infinity, "1", undefined, null])
            assert.throws(() => r.value(wrong), {name: "RangeError", message: `a step is a whole number, not ${wrong}`});
        for (const far of [2n ** 63n, 2n ** 70n, 2 ** 63, -(2n ** 63n) - 1n, 1e300])
            for (const call of [(s) => r.observe(s, 1), (s) => r.value(s), (s) => r.values(s), (s) => r.explain(s), (s) => r.getLr(s, 1)])
                assert.throws(() => call(far), {name: "RangeError", message: `the step ${far} has no 64-bit integer`});
        assert.equal(r.value(-(2n ** 63n)), r.value(0));
        assert.throws(() => r.value(0, "wd"), {message: "there is no output `wd`; there are: lr"});
        assert.throws(() => r.observe(0, 1, "loss"), {message: "there is no input `loss`; there are: metric"});
    },

    async params_are_checked() {
        const m = await module_of("rich", RICH);
        const throws = (values, message, code) => assert.throws(() => m.create(values), (e) => {
            assert.ok(e instanceof Error);
            assert.equal(e.message, message);
            assert.equal(e.code, code);
            return true;
        });
        const range = "parameter `peak` must be within 1e-05..0.01: give create another value (its default is 0.0003)";
        for (const wrong of [1, 0, -1e-3, NaN, Infinity, "1e-3", null, true])
            throws({peak: wrong, last: 0}, range, -1);
        throws({last: 0, n: 21}, "parameter `n` must be within 1..20: give create another value (its default is 5)", -2);
        throws({}, "parameter `last` must be a finite number and has no default: give create its value", -3);
        throws({last: Infinity}, "parameter `last` must be a finite number and has no default: give create its value", -3);
        throws({lats: 0}, "there is no parameter `lats`; there are: peak, n, last", undefined);
        m.create({last: 0, peak: undefined});
        m.create({last: 0, peak: 1e-2, n: 1});
        const check = await module_of("check", "param n = 5\nwarmup n -> 0.1; then hold\n");
        assert.throws(() => check.create({n: -1}), (e) => e.code === -1001 && /duration of `warmup n/.test(e.message) &&
            /depends on `n`/.test(e.message));
    },

    async rules_act() {
        const r = (await module_of("card", CARD)).create();
        const plain = r.value(1000);
        assert.deepEqual([0, 1, 2, 3, 4].map((step) => r.observe(step, 1)), [0, 0, 0, 0, 1]);
        assert.equal(r.value(1000), plain * 0.5);
        for (const none of [NaN, undefined, null])
            assert.equal(r.observe(9, none), 0);
        assert.equal(r.observe(4, 1), 0); /* a step that was seen */
        assert.equal(r.getLr(5, 1), r.value(5));
        assert.equal(r.getLr(6), r.value(6));
    },

    async explain_tells_of_phases_and_rules() {
        const m = await module_of("told", "param n = 100\nwarmup n -> 0.1; then hold until 500; then linear until 1k -> 0\non plateau(patience=1) *0.5\nat 700 *0.5\n");
        const r = m.create(), phases = [[0, "warmup n -> 0.1", 0, 100], [99, "warmup n -> 0.1", 0, 100], [100, "hold until 500", 100, 500],
            [500, "linear until 1k -> 0", 500, 1000], [999, "linear until 1k -> 0", 500, 1000]];
        for (const [step, phase, start, end] of phases)
            assert.deepEqual(r.explain(step), {phase, start, end, rule: null, ruleStep: null});
        assert.equal(m.create({n: 250}).explain(100, "lr").end, 250);
        assert.equal(r.explain(5000).end <= 5000, true);
        for (const step of [110, 120, 130])
            r.observe(step, 1);
        const {rule, ruleStep} = r.explain(130);
        assert.deepEqual([rule, ruleStep], ["on plateau(patience=1) *0.5", 130n]);
        assert.throws(() => r.explain(0.5), /whole number/);
        assert.throws(() => r.explain(0, "wd"), /there is no output `wd`/);
    },

    async inputs_have_names() {
        const m = await module_of("rich", RICH);
        const a = m.create({last: 0}), b = m.create({last: 0});
        for (let step = 0; step < 3; step++) {
            assert.equal(a.getLr(step, {val: 1, train: 2}), (b.observe(step, 1), b.observe(step, 2, "train"), b.value(step)));
            assert.deepEqual(a.save(), b.save());
        }
        assert.ok(a.value(50) < m.create({last: 0}).value(50));
        assert.throws(() => a.getLr(3, {loss: 1}), {message: "there is no input `loss`; there are: val, train"});
        assert.equal(a.stopped, false);
        a.getLr(3, {train: Infinity});
        assert.equal(a.stopped, true);
        assert.equal(m.create({last: 0}).stopped, false);
        const pure = (await module_of("pure", "hold 0.1\n")).create();
        assert.equal(pure.getLr(3, 1), 0.1);
        assert.equal(pure.observe(3, 1), 0);
    },

    async states_are_saved() {
        const m = await module_of("card", CARD), other = await module_of("other", "hold 0.1\n");
        const rich = await module_of("rich", RICH);
        const r = m.create();
        for (let step = 0; step < 9; step++)
            r.observe(step, 1 + step);
        const bytes = r.save();
        assert.ok(bytes instanceof Uint8Array);
        const again = m.create(), wide = new Uint8Array(bytes.length + 5);
        wide.set(bytes, 5);
        again.load(wide.subarray(5));
        assert.deepEqual(again.save(), bytes);
        assert.equal(again.value(100), r.value(100));
        const fails = (run, what, message, code) => {
            const before = run.save();
            assert.throws(() => run.load(what), (e) => e.code === code && e.message.startsWith(message));
            assert.deepEqual(run.save(), before);
        };
        fails(again, bytes.slice(0, 10), "the saved state is cut short", -101);
        fails(again, new Uint8Array(100), "this is not a saved state: load what save() gave", -102);
        for (let i = 20; i < bytes.length; i += 7)
            fails(again, bytes.map((b, k) => k === i ? b ^ 16 : b), "the saved state is damaged", -104);
        fails(other.create(), bytes, "the saved state is of another schedule", -105);
        fails(rich.create({last: 0}), rich.create({last: 1e-6}).save(), "the saved state has other parameter values: give create", -106);
        assert.throws(() => again.load(bytes.buffer), {name: "TypeError", message: "load takes the Uint8Array that save gave"});
    },

    async the_text_stands_in_a_page() {
        const group = 'schedule lr["<!--</script>\u2028"] = 10 * lr\n';
        const m = await module_of("page", "warmup 10 -> 0.1; then hold\n" + group);
        const text = fs.readFileSync(path.join(folder, "page.mjs"), "utf8");
        assert.doesNotMatch(text, /<\/|<!--|<script/i);
        assert.doesNotMatch(text, /^import|\bimport\(|require\(/m);
        const script = text.replace(/export [^;]*;\n/g, "");
        const page = vm.createContext({});
        vm.runInContext(script, page);
        assert.equal(vm.runInContext("schedule.create().value(5)", page), m.create().value(5));
        assert.deepEqual([...vm.runInContext("schedule.outputs", page)], m.outputs);
        assert.equal(m.outputs[1], 'lr["<!--</script>\u2028"]');
        /* nothing of Math that is rounded in ways of its own */
        const used = new Set([...text.matchAll(/Math\.(\w+)/g)].map((x) => x[1]));
        assert.deepEqual([...used].sort(), ["abs", "ceil", "floor", "fround", "sqrt", "trunc"]);
    },

    async the_command_writes_it() {
        fs.writeFileSync(path.join(folder, "card.lrs"), CARD);
        run("card.lrs", "-o", "a.js");
        run("card.lrs", "-o", "a.mjs");
        run("card.lrs", "--emit=js");
        run("card.lrs", "--emit=js,c", "-o", "b.mjs");
        const read = (name) => fs.readFileSync(path.join(folder, name), "utf8");
        const text = run("card.lrs", "--emit=js", "-o", "-");
        for (const name of ["a.js", "a.mjs", "card.js", "b.mjs"])
            assert.equal(read(name), text);
        assert.match(read("b.c"), /lrs_k_program/);
    },
};

let failed = 0;
try {
    for (const [name, test] of Object.entries(tests)) {
        try {
            await test();
            console.log(`ok      ${name.replaceAll("_", " ")}`);
        } catch (e) {
            failed++;
            console.log(`FAILED  ${name.replaceAll("_", " ")}\n${e.stack}`);
        }
    }
} finally {
    fs.rmSync(folder, {recursive: true});
}
process.exitCode = failed ? 1 : 0;
