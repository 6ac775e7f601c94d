/* ---- the program ---- */

const layout = Object.assign({hash: 0x<program's hash>n}, {ni: 19, nd: 95, nsave: 11, nparam: 0, ninput: 2, input: LRS_K_NONE, event: 10, nevent: 1, table: 11, ntable: 83, clock: LRS_K_NONE});
const outs = [
    {nseg: 3, seg: 0, kind: 0, mask: 17, nscale: 1, scale: 0, bounds: LRS_K_NONE},
    {nseg: 3, seg: 25, kind: 3, mask: 17, nscale: 0, scale: 1, bounds: LRS_K_NONE},
    {nseg: 2, seg: 49, kind: 6, mask: 1, nscale: 0, scale: 1, bounds: LRS_K_NONE},
];
const blocks = [
];
const kinds = [
    LRS_K_HCOS, LRS_K_HCOS, LRS_K_CONST, LRS_K_HCOS, LRS_K_HCOS, LRS_K_CONST, LRS_K_CONST, LRS_K_CONST
];
const phases = [
    LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, 0, LRS_K_NONE
];
const exprs_of = [
    LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE
];
const scales = [
    {what: 2, n: 0, t: 24, d: 9},
];
const dets = [
    {kind: 0, dialect: 0, watch: 2, mode_max: 0, absolute: 0, patience_by: 0, cooldown_by: 0, expr: 0, out: 0, seg: 0, nseg: 0, t: 65, i: 4, d: 0},
    {kind: 0, dialect: 0, watch: 1, mode_max: 0, absolute: 0, patience_by: 0, cooldown_by: 0, expr: 0, out: 0, seg: 0, nseg: 0, t: 70, i: 7, d: 3},
    {kind: 0, dialect: 0, watch: 2, mode_max: 0, absolute: 0, patience_by: 0, cooldown_by: 0, expr: 0, out: 0, seg: 0, nseg: 0, t: 75, i: 10, d: 6},
];
const rules = [
    {det: 0, action: 0, out: 0, t: 80, low: LRS_K_NONE, i: 13, d: 9},
    {det: 1, action: 1, out: 2, t: 83, low: LRS_K_NONE, i: 15, d: LRS_K_NONE},
    {det: 2, action: 2, out: 0, t: 83, low: LRS_K_NONE, i: 17, d: LRS_K_NONE},
];

const table = new Float64Array([
    300, 0, 0.0033333333333333335, -2.1394922870380621e-19, 0.004, 0.096, 0, 0,
    1000, 1000, -0.0014285714285714286, -1.2390881971262908e-21, 4e-07, 0.09999960000000001, 0, 0,
    Infinity, 0, 0, 0, 4e-07, 0, 0, 0,
    -Infinity, 300, 300, -0.0033333333333333335, 2.1394922870380621e-19, 0.85, 0.09999999999999998, 0,
    0, 1000, 300, 0.0014285714285714286, 1.2390881971262908e-21, 0.85, 0.09999999999999998, 0,
    0, Infinity, 0, 0, 0, 0.95, 0, 0,
    0, 0, 0, 0, 0, 1, 0, 0,
    0, Infinity, 0, 0, 0, 2, 0, 0,
    0, 3, 0.0001, 0, 0, 0, 6, 0.0001,
    0, 0, 0, 12, 0.0001, 0, 0, 0,
    0.5, -Infinity, 1e-08
]);

/* Fills the table T from the params P and the event ends E: 0, or 1 + the number of the condition that does not hold. */
function bind(P, E, T) {
    T.set(table);
    T[49] = E[0];
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
    ],
    outputs: ["lr", "momentum", "init"],
    inputs: ["train_loss", "val_loss"],
    hash: "<program's hash>",
    unit: null,
    total: null,
    phase_of: [0, 1, 2, 3, 4, 5, 6, 7],
    phases: [
        {text: "cosine", start: (T) => 0, end: (T) => 300},
        {text: "cosine", start: (T) => 300, end: (T) => 1000},
        {text: "hold", start: (T) => 1000, end: (T) => Infinity},
        {text: "cosine", start: (T) => 0, end: (T) => 300},
        {text: "cosine", start: (T) => 300, end: (T) => 1000},
        {text: "hold", start: (T) => 1000, end: (T) => Infinity},
        {text: "hold", start: (T) => 0, end: (T) => T[49]},
        {text: "hold", start: (T) => T[49], end: (T) => Infinity},
    ],
    rules: [null, null, null],
    errors: {
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
