/* test_kernel.mjs: the functions of kernel.js have the bits of those in C.
 *
 * In: kernel.js, the program of kernel_cases.c and its arguments. Out: a line a function. Exit codes: 0, 1 for any difference.
 */
import {spawn} from "node:child_process";
import fs from "node:fs";

const [kernel, program, ...args] = process.argv.slice(2);
const SHOWN = 5;
const PAIRS = ["a", "b", "c", "result"];

function function_of(name) {
    return new Function(`"use strict";\n${fs.readFileSync(kernel, "utf8")}\nreturn lrs_k_${name};`)();
}

/* Bytes as they come, taken in pieces of any size. */
class Stream {
    constructor(source) {
        this.source = source[Symbol.asyncIterator]();
        this.rest = Buffer.alloc(0);
    }
    /* At least n bytes, and a multiple of n; fewer than n at the end. At most `most`. */
    async take(n, most) {
        while (this.rest.length < n) {
            const {value, done} = await this.source.next();
            if (done)
                break;
            this.rest = Buffer.concat([this.rest, value]);
        }
        const size = Math.min(most, this.rest.length - this.rest.length % n);
        const taken = this.rest.subarray(0, size);
        this.rest = this.rest.subarray(size);
        return taken;
    }
}

function show(view, at) {
    return PAIRS.map((what, i) => `${what} ${view.getBigUint64(at + 8 * i, true).toString(16).padStart(16, "0")}`).join(", ");
}

const word = new DataView(new ArrayBuffer(8));

/* The number of differing results among the points. */
function compare(name, f, bytes, shown) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let differing = 0;
    for (let at = 0; at < bytes.length; at += 32) {
        const want = view.getFloat64(at + 24, true);
        const got = f(view.getFloat64(at, true), view.getFloat64(at + 8, true), view.getFloat64(at + 16, true));
        if (Object.is(got, want))
            continue;
        differing++;
        if (shown + differing <= SHOWN) {
            word.setFloat64(0, got);
            console.log(`${name}: ${show(view, at)}; in JavaScript ${word.getBigUint64(0).toString(16).padStart(16, "0")}`);
        }
    }
    return differing;
}

const child = spawn(program, args, {stdio: ["ignore", "pipe", "inherit"]});
const ended = new Promise((resolve) => child.on("close", resolve));
const stream = new Stream(child.stdout);
let failed = false, functions = 0;
for (;;) {
    const head = await stream.take(24, 24);
    if (head.length < 24)
        break;
    const name = head.toString("latin1", 0, 16).replace(/\0.*/s, "");
    const points = Number(head.readBigUInt64LE(16));
    const f = function_of(name);
    let differing = 0, seen = 0;
    while (seen < points) {
        const bytes = await stream.take(32, 32 * (points - seen));
        if (bytes.length === 0)
            throw new Error(`the points of ${name} end early`);
        differing += compare(name, f, bytes, differing);
        seen += bytes.length / 32;
    }
    console.log(`${name.padEnd(12)} ${seen} points, ${differing} differing`);
    failed ||= differing > 0;
    functions++;
}
failed ||= (await ended) !== 0 || functions === 0;
process.exitCode = failed ? 1 : 0;
