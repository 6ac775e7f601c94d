/* ---- the program ---- */

const layout = Object.assign({hash: 0x<program's hash>n}, {ni: 8, nd: 36, nsave: 6, nparam: 2, ninput: 1, input: LRS_K_NONE, event: 5, nevent: 1, table: 6, ntable: 29, clock: LRS_K_NONE});
const outs = [
    {nseg: 3, seg: 0, kind: 0, mask: 17, nscale: 0, scale: 0, bounds: LRS_K_NONE},
];
const blocks = [
];
const kinds = [
    LRS_K_CONST, LRS_K_HCOS, LRS_K_CONST
];
const phases = [
    0, LRS_K_NONE, LRS_K_NONE
];
const exprs_of = [
    LRS_K_NONE, LRS_K_NONE, LRS_K_NONE
];
const scales = [
];
const dets = [
    {kind: 0, dialect: 0, watch: 1, mode_max: 0, absolute: 0, patience_by: 0, cooldown_by: 0, expr: 0, out: 0, seg: 0, nseg: 0, t: 24, i: 3, d: 2},
];
const rules = [
    {det: 0, action: 1, out: 0, t: 29, low: LRS_K_NONE, i: 6, d: LRS_K_NONE},
];

const table = new Float64Array([
    0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
    Infinity, 0, 0, 0, 0, 0, 0, 0,
    1, 0.01, 0, 0, 0
]);

/* Fills the table T from the params P and the event ends E: 0, or 1 + the number of the condition that does not hold. */
function bind(P, E, T) {
    const v6 = P[1] * 4;
    const v7 = v6 < E[0] ? v6 : E[0];
    const v9 = 10 <= v7 ? 1 : 0;
    const v10 = P[1] + v7;
    const v11 = v10 - v7;
    const v13 = (-1) / v11;
    const v14 = lrs_k_neg(v13);
    const v15 = lrs_k_fma(v11, v14, (-1));
    const v16 = v15 / v11;
    if (v9 === 0)
        return 1; /* the first phase must last 10 steps */
    T.set(table);
    T[0] = v7;
    T[4] = P[0];
    T[8] = v10;
    T[9] = v10;
    T[10] = v13;
    T[11] = v16;
    T[13] = P[0];
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
        {name: "peak", unit: null, def: 0.2, lo: 0, hi: 1, log: false},
        {name: "length", unit: null, def: 60, lo: 1, hi: 1000000, log: false},
    ],
    outputs: ["lr"],
    inputs: ["metric"],
    hash: "<program's hash>",
    unit: null,
    total: null,
    phase_of: [0, 1, 2],
    phases: [
        {text: "hold", start: (T) => 0, end: (T) => T[0]},
        {text: "cosine", start: (T) => T[0], end: (T) => T[8]},
        {text: "hold", start: (T) => T[8], end: (T) => Infinity},
    ],
    rules: [null],
    errors: {
        "-1": "parameter `peak` must be within 0..1: give create another value (its default is 0.2)",
        "-2": "parameter `length` must be within 1..1000000: give create another value (its default is 60)",
        "-101": "the saved state is cut short: load a whole one",
        "-102": "this is not a saved state: load what save() gave",
        "-103": "the saved state has another version of the format: use the version of lrs that wrote it",
        "-104": "the saved state is damaged (its length, checksum or contents are wrong): load another checkpoint",
        "-105": "the saved state is of another schedule: load it with the schedule that saved it",
        "-106": "the saved state has other parameter values: give create those of the saved run, then load",
        "-1001": "the first phase must last 10 steps; it depends on `length` (1..1000000, by default 60)",
    },
});
})();

export default schedule;
export const {params, outputs, inputs, hash, unit, total, create} = schedule;
