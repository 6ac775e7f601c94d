/* runner.mjs: runs the scripts on emitted JavaScript, as runner.c does on other code.
 *
 * In: the script file that `engines reference` wrote, a folder with pN.mjs for each program N. Out: the answers.
 * Usage: node runner.mjs SCRIPTS FOLDER ANSWERS
 */
import fs from "node:fs";
import path from "node:path";
import {pathToFileURL} from "node:url";

const [scripts, folder, out] = process.argv.slice(2);

const words = new DataView(new ArrayBuffer(8));

function bits_of(x) {
    words.setFloat64(0, x);
    return Number.isNaN(x) ? 0x7ff8000000000000n : words.getBigUint64(0); /* a NaN of JavaScript has no bits */
}

function double_of(hex) {
    words.setBigUint64(0, BigInt("0x" + hex));
    return words.getFloat64(0);
}

function hash_of(bytes) {
    return bytes.reduce((h, b) => BigInt.asUintN(64, (h ^ BigInt(b)) * 1099511628211n), 14695981039346656037n);
}

/* Most steps are Numbers to a trainer: those that are exact are given as such, and as BigInts every third time. */
let turn = 0;
function step_of(text) {
    const step = BigInt(text);
    turn++;
    return Number.isSafeInteger(Number(step)) && turn % 3 ? Number(step) : step;
}

function code_of(f) {
    try {
        f();
        return 0;
    } catch (e) {
        if (!e.code)
            throw e;
        return e.code;
    }
}

/* The run with the defaults that generated code has: there is none where they give no schedule. */
function own_of(schedule) {
    let own = null;
    return code_of(() => { own = schedule.create(); }) ? null : own;
}

/* 0: these params are taken; 1: refused; 2: refused with these words. */
function refusal_of(schedule, params, words) {
    try {
        schedule.create(params);
        return 0n;
    } catch (e) {
        if (!e.code)
            throw e;
        return e.message.includes(words) ? 2n : 1n;
    }
}

function run_case(schedule, params, ops, answer) {
    const fresh = () => schedule.create(params);
    const own = own_of(schedule);
    let run = fresh(), saved = null;
    const read = {
        V: ([step]) => answer(bits_of(run.value(step_of(step)))),
        U: ([output, step]) => answer(bits_of(run.value(step_of(step), schedule.outputs[Number(output)]))),
        F: ([step, n]) => run.fill(0, step_of(step), Number(n)).forEach((v) => answer(bits_of(v))),
        Y: ([output, step, n]) => run.fill(Number(output), step_of(step), Number(n)).forEach((v) => answer(bits_of(v))),
        E: ([step]) => run.values(step_of(step)).forEach((v) => answer(bits_of(v))),
        O: ([step, metric]) => answer(BigInt(run.observe(step_of(step), double_of(metric)))),
        I: ([input, step, metric]) => answer(BigInt(run.observe(step_of(step), double_of(metric), Number(input)))),
        G: ([step, metric]) => answer(bits_of(run.getLr(step_of(step), double_of(metric)))),
        W: ([step, metric]) => answer(own ? bits_of(own.getLr(step_of(step), {[schedule.inputs[0]]: double_of(metric)})) : 0n),
        T: () => answer(run.stopped ? 1n : 0n),
        R: ([param, hex, ...words]) => answer(refusal_of(schedule, {...params, [schedule.params[Number(param)].name]: double_of(hex)}, words.join(" "))),
        S: () => {
            saved = run.save();
            answer(BigInt(saved.length));
            answer(hash_of(saved));
        },
        L: ([n, bytes]) => {
            run = fresh();
            answer(BigInt(code_of(() => run.load(Number(n) ? Uint8Array.from(Buffer.from(bytes, "hex")) : saved))));
        },
    };
    for (const op of ops)
        read[op[0]](op.slice(1).trim().split(" "));
}

const lines = fs.readFileSync(scripts, "utf8").split("\n");
const chunks = [];
for (let at = 0; lines[at];) {
    const [, number, nparams, nops] = lines[at++].split(" ").map(Number);
    const {default: schedule} = await import(pathToFileURL(path.resolve(folder, `p${number}.mjs`)));
    const params = {};
    for (let i = 0; i < nparams; i++)
        params[schedule.params[i].name] = double_of(lines[at++]);
    const answers = [];
    run_case(schedule, params, lines.slice(at, at + nops), (word) => answers.push(BigInt.asUintN(64, word)));
    at += nops;
    const bytes = Buffer.alloc(8 * answers.length);
    answers.forEach((word, i) => bytes.writeBigUInt64LE(word, 8 * i));
    chunks.push(bytes);
}
fs.writeFileSync(out, Buffer.concat(chunks));
