/* ---- the program ---- */

const layout = Object.assign({hash: 0x<program's hash>n}, {ni: 14, nd: 91, nsave: 11, nparam: 1, ninput: 2, input: 9, event: 11, nevent: 0, table: 11, ntable: 80, clock: LRS_K_NONE});
const outs = [
    {nseg: 2, seg: 0, kind: 0, mask: 1024, nscale: 1, scale: 0, bounds: 17},
    {nseg: 1, seg: 19, kind: 2, mask: 1024, nscale: 0, scale: 1, bounds: LRS_K_NONE},
    {nseg: 2, seg: 27, kind: 3, mask: 1025, nscale: 1, scale: 1, bounds: LRS_K_NONE},
    {nseg: 2, seg: 47, kind: 5, mask: 6, nscale: 1, scale: 2, bounds: LRS_K_NONE},
];
const blocks = [
];
const kinds = [
    LRS_K_EXPR, LRS_K_EXPR, LRS_K_EXPR, LRS_K_EXPR, LRS_K_CONST, LRS_K_LINEAR, LRS_K_EXP2
];
const phases = [
    LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE
];
const exprs_of = [
    0, 1, 2, 3, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE
];
const scales = [
    {what: 2, n: 0, t: 16, d: 7},
    {what: 1, n: 0, t: 43, d: LRS_K_NONE},
    {what: 2, n: 0, t: 63, d: 8},
];
const dets = [
    {kind: 0, dialect: 0, watch: 2, mode_max: 0, absolute: 0, patience_by: 0, cooldown_by: 0, expr: 0, out: 0, seg: 0, nseg: 0, t: 64, i: 4, d: 1},
    {kind: 0, dialect: 0, watch: 1, mode_max: 0, absolute: 0, patience_by: 0, cooldown_by: 0, expr: 0, out: 0, seg: 0, nseg: 0, t: 69, i: 7, d: 4},
];
const rules = [
    {det: 0, action: 0, out: 0, t: 74, low: LRS_K_NONE, i: 10, d: 7},
    {det: 1, action: 0, out: 3, t: 77, low: LRS_K_NONE, i: 12, d: 8},
];

const table = new Float64Array([
    400, 0, 0.0025, -5.204170427930421e-20, 0, 0, 400, 0,
    Infinity, 400, 0.01, -2.0816681711721684e-19, 0, 0, 500, 0,
    1e-09, 1e-07, 0, Infinity, 0, 1, 0, 0,
    0, 1, 0, 300, 0, 0.0033333333333333335, -2.1394922870380621e-19, 0,
    0, 300, 0, Infinity, 0, 0, 0, 0.5,
    0, 0, 0, -0.15200309344504995, -2.2392259218291144e-18, 1e-06, 50, 50,
    0, 0, 0, 0, 0, 0, 0, Infinity,
    50, -0.003003003003003003, -2.6046899038690797e-20, 0, 0, 0, 0, -Infinity,
    3, 0.0001, 0, 0, 0, 6, 0.0001, 0,
    0, 0, 0.5, 1e-09, 0, 0.9, -Infinity, 0
]);

/* Fills the table T from the params P and the event ends E: 0, or 1 + the number of the condition that does not hold. */
function bind(P, E, T) {
    const v54 = P[0] / 50;
    T.set(table);
    T[18] = P[0];
    T[49] = v54;
    T[60] = P[0];
    return 0;
}

/* Step code: at time x, tau steps into a segment, u of it done and cou of it left, in round `cycle` of a repeat. */
const exprs = [
    (k, T, D, x, tau, u, cou, cycle) => {
        const v8 = lrs_k_out_at(k, D, 3, x);
        const v12 = lrs_k_sqrt(cou);
        const v13 = v8 * v12;
        return v13;
    },
    (k, T, D, x, tau, u, cou, cycle) => {
        const v8 = lrs_k_out_at(k, D, 3, x);
        const v20 = tau * 0.25;
        const v21 = 2 + v20;
        const v22 = v8 / v21;
        return v22;
    },
    (k, T, D, x, tau, u, cou, cycle) => {
        const v7 = lrs_k_out_at(k, D, 0, x);
        const v33 = v7 * 0.1;
        const v34 = v33 / T[18];
        return v34;
    },
    (k, T, D, x, tau, u, cou, cycle) => {
        const v7 = lrs_k_out_at(k, D, 0, x);
        const v9 = lrs_k_out_at(k, D, 1, x);
        const v35 = D[10] - D[9];
        const v36 = v9 * v9;
        const v38 = v7 * 10;
        const v39 = v36 + v38;
        const v40 = v35 === v35 ? 1 : 0;
        const v41 = lrs_k_tanh(v35);
        const v42 = v40 !== 0 ? v41 : 0.25;
        const v43 = v39 + v42;
        const v44 = x * cycle;
        const v45 = v43 + v44;
        return v45;
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
    ],
    outputs: ["lr", "wd", "head", "part"],
    inputs: ["train_loss", "val_loss"],
    hash: "<program's hash>",
    unit: null,
    total: null,
    phase_of: [0, 1, 2, 3, 4, 5, 6],
    phases: [
        {text: "curve", start: (T) => 0, end: (T) => 400},
        {text: "curve", start: (T) => 400, end: (T) => Infinity},
        {text: "curve", start: (T) => 0, end: (T) => Infinity},
        {text: "curve", start: (T) => 0, end: (T) => 300},
        {text: "hold", start: (T) => 300, end: (T) => Infinity},
        {text: "linear", start: (T) => 0, end: (T) => 50},
        {text: "exp", start: (T) => 50, end: (T) => Infinity},
    ],
    rules: [null, null],
    errors: {
        "-1": "parameter `peak` must be within 1e-06..10: give create another value (its default is 0.3)",
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
