/* ---- the program ---- */

const layout = Object.assign({hash: 0x<program's hash>n}, {ni: 3, nd: 12, nsave: 4, nparam: 4, ninput: 1, input: LRS_K_NONE, event: 4, nevent: 0, table: 4, ntable: 8, clock: LRS_K_NONE});
const outs = [
    {nseg: 1, seg: 0, kind: 0, mask: 2, nscale: 0, scale: 0, bounds: LRS_K_NONE},
];
const blocks = [
];
const kinds = [
    LRS_K_LINEAR
];
const phases = [
    LRS_K_NONE
];
const exprs_of = [
    LRS_K_NONE
];
const scales = [
];
const dets = [
];
const rules = [
];

const table = new Float64Array([
    Infinity, 0, 0, 0, 0, 0, 0, 0
]);

/* Fills the table T from the params P and the event ends E: 0, or 1 + the number of the condition that does not hold. */
function bind(P, E, T) {
    const v7 = P[1] * P[2];
    const v8 = P[0] + P[3];
    T.set(table);
    T[2] = v7;
    T[4] = v8;
    return 0;
}

const program = {
    layout, outs, kinds, phases, exprs: exprs_of, scales, dets, rules, blocks,
    table: null /* in the state */,
    expr: null,
    bind: bind,
};

return lrs_k_schedule(program, {
    params: [
        {name: "default", unit: null, def: null, lo: 0, hi: 1, log: false},
        {name: "class", unit: null, def: 2, lo: null, hi: null, log: false},
        {name: "default_", unit: null, def: null, lo: null, hi: null, log: false},
        {name: "peak", unit: null, def: 3, lo: 3, hi: 3, log: false},
    ],
    outputs: ["int"],
    inputs: ["metric"],
    hash: "<program's hash>",
    unit: null,
    total: null,
    phase_of: [0],
    phases: [
        {text: "linear", start: (T) => 0, end: (T) => Infinity},
    ],
    rules: [],
    errors: {
        "-1": "parameter `default` must be within 0..1 and has no default: give create its value",
        "-2": "parameter `class` must be a finite number: give create another value (its default is 2)",
        "-3": "parameter `default_` must be a finite number and has no default: give create its value",
        "-4": "parameter `peak` must be within 3..3: give create another value (its default is 3)",
        "-101": "the saved state is cut short: load a whole one",
        "-102": "this is not a saved state: load what save() gave",
        "-103": "the saved state has another version of the format: use the version of lrs that wrote it",
        "-104": "the saved state is damaged (its length, checksum or contents are wrong): load another checkpoint",
        "-105": "the saved state is of another schedule: load it with the schedule that saved it",
        "-106": "the saved state has other parameter values: give create those of the saved run, then load",
    },
});
})();

export default schedule;
export const {params, outputs, inputs, hash, unit, total, create} = schedule;
