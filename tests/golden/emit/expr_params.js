/* ---- the program ---- */

const layout = Object.assign({hash: 0x<program's hash>n}, {ni: 8, nd: 37, nsave: 7, nparam: 3, ninput: 1, input: LRS_K_NONE, event: 7, nevent: 0, table: 7, ntable: 30, clock: LRS_K_NONE});
const outs = [
    {nseg: 2, seg: 0, kind: 0, mask: 1024, nscale: 1, scale: 0, bounds: 17},
];
const blocks = [
];
const kinds = [
    LRS_K_EXPR, LRS_K_EXPR
];
const phases = [
    LRS_K_NONE, LRS_K_NONE
];
const exprs_of = [
    0, 1
];
const scales = [
    {what: 2, n: 0, t: 16, d: 6},
];
const dets = [
    {kind: 0, dialect: 0, watch: 1, mode_max: 0, absolute: 0, patience_by: 0, cooldown_by: 0, expr: 0, out: 0, seg: 0, nseg: 0, t: 19, i: 3, d: 3},
];
const rules = [
    {det: 0, action: 0, out: 0, t: 24, low: LRS_K_NONE, i: 6, d: 6},
];

const table = new Float64Array([
    0, 0, 0, 0, 0, 0, 0, 0,
    Infinity, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 4, 0.0001, 0, 0, 0,
    0, 0, 0, 0, 0, 0
]);

/* Fills the table T from the params P and the event ends E: 0, or 1 + the number of the condition that does not hold. */
function bind(P, E, T) {
    const v9 = P[0] * 0.01;
    const v11 = P[0] - v9;
    const v20 = 1 / P[1];
    const v21 = lrs_k_neg(v20);
    const v22 = lrs_k_fma(P[1], v21, 1);
    const v23 = v22 / P[1];
    const v24 = lrs_k_sqrt(P[1]);
    const v28 = P[1] + P[1];
    const v29 = v28 - P[1];
    const v30 = 1 / v29;
    const v31 = lrs_k_neg(v30);
    const v32 = lrs_k_fma(v29, v31, 1);
    const v33 = v32 / v29;
    const v36 = v9 * 0.001;
    const v39 = 1 / P[2];
    T.set(table);
    T[0] = P[1];
    T[2] = v20;
    T[3] = v23;
    T[6] = P[1];
    T[9] = P[1];
    T[10] = v30;
    T[11] = v33;
    T[14] = v28;
    T[16] = v9;
    T[17] = v36;
    T[18] = P[0];
    T[24] = v39;
    T[25] = v9;
    T[27] = P[2];
    T[28] = v11;
    T[29] = v24;
    return 0;
}

/* Step code: at time x, tau steps into a segment, u of it done and cou of it left, in round `cycle` of a repeat. */
const exprs = [
    (k, T, D, x, tau, u, cou, cycle) => {
        const v10 = lrs_k_pow(cou, T[27]);
        const v12 = v10 * T[28];
        const v13 = T[16] + v12;
        const v14 = T[27] * u;
        const v15 = lrs_k_sinpi(v14);
        const v16 = T[16] * v15;
        const v18 = v16 + 1;
        const v19 = v13 * v18;
        return v19;
    },
    (k, T, D, x, tau, u, cou, cycle) => {
        const v25 = tau / T[29];
        const v26 = 1 + v25;
        const v27 = T[16] / v26;
        return v27;
    },
];

const program = {
    layout, outs, kinds, phases, exprs: exprs_of, scales, dets, rules, blocks,
    table: null /* in the state */,
    expr: (k, expr, T, D, x, tau, u, cou, cycle) => exprs[expr](k, T, D, x, tau, u, cou, cycle),
    bind: bind,
};

return lrs_k_schedule(program, {
    params: [
        {name: "peak", unit: null, def: 0.3, lo: 1e-06, hi: 10, log: false},
        {name: "total", unit: null, def: 700, lo: 10, hi: 1000000000, log: false},
        {name: "shape", unit: null, def: 1.7, lo: 0.5, hi: 4, log: false},
    ],
    outputs: ["lr"],
    inputs: ["metric"],
    hash: "<program's hash>",
    unit: null,
    total: null,
    phase_of: [0, 1],
    phases: [
        {text: "curve", start: (T) => 0, end: (T) => T[0]},
        {text: "curve", start: (T) => T[0], end: (T) => Infinity},
    ],
    rules: [null],
    errors: {
        "-1": "parameter `peak` must be within 1e-06..10: give create another value (its default is 0.3)",
        "-2": "parameter `total` must be within 10..1000000000: give create another value (its default is 700)",
        "-3": "parameter `shape` must be within 0.5..4: give create another value (its default is 1.7)",
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
