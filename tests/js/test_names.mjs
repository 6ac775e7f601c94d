/* test_names.mjs: kernel.js has the functions of the kernel's headers, in their order, and no others but those that are listed here.
 * And the numbers in a function of math.h are those in the same function of kernel.js.
 *
 * In: the folder runtime/kernel. Out: what is missing or too much. Exit codes: 0, 1.
 */
import fs from "node:fs";
import path from "node:path";

const folder = process.argv[2];
const read = (name) => fs.readFileSync(path.join(folder, name), "utf8");

/* Each with why it is not in kernel.js. */
const LEFT_OUT = new Map([
    ["for vectors: lrs_k_fill is a loop there", ["fill_same", "lanes", "fill_kind", "fill_expr", "fill_segment", "run", "is_at",
        "spot_run", "in_step", "fill_spot", "fill_in_blocks", "fill_base", "fill_scaled", "period_run", "fill_scale", "fill_block",
        "fill_at"]],
    ["for compilers, which fold what a program has none of", ["kind", "uses", "dialect", "by"]],
    ["for the compiler of schedules", ["det_i", "det_t"]],
    ["for pointers: indices there", ["load_seg", "state_i", "state_d", "state_ci", "state_cd"]],
    ["for bytes and words: DataView there", ["put4", "get4", "put", "get", "state_version"]],
].flatMap(([why, names]) => names.map((name) => [name, why])));

const OWN = new Set(["scale2", "integer", "nearest", "fma_rare", "odd", /* fma */
    "state", "error", "index", "check_step", "check_whole", "step", "params", "new_run", "schedule"]); /* the interface */

function functions_of(text, pattern) {
    return [...text.matchAll(pattern)].map(([, name, body]) => ({name, body}));
}

const HEADERS = ["base.h", "types.h", "math.h", "value.h", "observe.h", "state.h"];
const in_c = HEADERS.flatMap((h) => functions_of(read(h), /^LRS_KFN [^\n;(]*?\blrs_k_(\w+)\(([^]*?^)\}/gm));
const in_js = functions_of(read("kernel.js"), /^function lrs_k_(\w+)\(([^]*?^)\}/gm);

/* Numbers with a fraction or an exponent, as doubles, without signs; powers of two aside, which have other uses in each. */
function number_of(word) {
    const hex = /^0x([01])(?:\.([0-9a-f]+))?p([+-]?\d+)$/.exec(word);
    if (!hex)
        return Number(word);
    const digits = hex[2] ?? "";
    return Number(`0x${hex[1]}${digits}`) * 2 ** (Number(hex[3]) - 4 * digits.length);
}

function numbers_of(body) {
    const plain = body.replace(/\/\*[^]*?\*\//g, "");
    const words = plain.match(/\b0x[01](\.[0-9a-f]+)?p[+-]?\d+|\b\d+\.\d+(e[+-]?\d+)?|\b\d+e[+-]?\d+/g) ?? [];
    return words.map(number_of).filter((v) => Math.log2(v) % 1 !== 0 && v !== 0 && v !== 1.5 * 2 ** 51 && v !== 1.5 * 2 ** 52).sort();
}

const problems = [];
const names_in_c = new Map(in_c.map((f) => [f.name, f])), names_in_js = new Map(in_js.map((f) => [f.name, f]));
for (const {name} of in_c) {
    if (!names_in_js.has(name) && !LEFT_OUT.has(name))
        problems.push(`lrs_k_${name} of the headers is not in kernel.js`);
    if (names_in_js.has(name) && LEFT_OUT.has(name))
        problems.push(`lrs_k_${name} is in kernel.js, but listed as left out: ${LEFT_OUT.get(name)}`);
}
for (const {name} of in_js)
    if (!names_in_c.has(name) && !OWN.has(name))
        problems.push(`lrs_k_${name} of kernel.js is not in the headers`);
for (const name of [...LEFT_OUT.keys(), ...OWN])
    if (!names_in_c.has(name) && !names_in_js.has(name))
        problems.push(`lrs_k_${name} is listed here, but is nowhere`);

const both = (list, other) => list.map((f) => f.name).filter((name) => other.has(name) && name !== "fma");
const order_in_c = both(in_c, names_in_js), order_in_js = both(in_js, names_in_c);
const stray = order_in_c.findIndex((name, i) => name !== order_in_js[i]);
if (stray >= 0)
    problems.push(`where the headers have lrs_k_${order_in_c[stray]}, kernel.js has lrs_k_${order_in_js[stray]}`);

let numbers = 0;
for (const name of functions_of(read("math.h"), /^LRS_KFN [^\n;(]*?\blrs_k_(\w+)\(([^]*?^)\}/gm).map((f) => f.name)) {
    const c = numbers_of(names_in_c.get(name).body), js = numbers_of(names_in_js.get(name)?.body ?? "");
    const table = name === "log2_exact" || name === "fma"; /* a table outside of the function; the one that C has built in */
    if (!table && c.join() !== js.join())
        problems.push(`the numbers of lrs_k_${name} differ: ${c.join(" ")} in math.h, ${js.join(" ")} in kernel.js`);
    numbers += c.length;
}

problems.forEach((p) => console.log(p));
console.log(`${order_in_c.length} functions in both, ${LEFT_OUT.size} in C alone, ${OWN.size} in JavaScript alone; ${numbers} numbers`);
process.exitCode = problems.length || order_in_c.length < 100 || numbers < 80 ? 1 : 0;
