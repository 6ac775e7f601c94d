/* ---- the program ---- */

const layout = Object.assign({hash: 0x<program's hash>n}, {ni: 8, nd: 4, nsave: 4, nparam: 0, ninput: 1, input: LRS_K_NONE, event: 4, nevent: 0, table: LRS_K_NONE, ntable: 25, clock: LRS_K_NONE});
const outs = [
    {nseg: 2, seg: 0, kind: 0, mask: 6, nscale: 1, scale: 0, bounds: LRS_K_NONE},
];
const blocks = [
];
const kinds = [
    LRS_K_LINEAR, LRS_K_EXP2
];
const phases = [
    LRS_K_NONE, LRS_K_NONE
];
const exprs_of = [
    LRS_K_NONE, LRS_K_NONE
];
const scales = [
    {what: 2, n: 0, t: 16, d: 3},
];
const dets = [
    {kind: 0, dialect: 0, watch: 1, mode_max: 0, absolute: 0, patience_by: 0, cooldown_by: 0, expr: 0, out: 0, seg: 0, nseg: 0, t: 17, i: 3, d: 0},
];
const rules = [
    {det: 0, action: 0, out: 0, t: 22, low: LRS_K_NONE, i: 6, d: 3},
];

const table = new Float64Array([
    5, 0, 0.02, 0, 0, 0, 0, 0,
    Infinity, 5, -0.0033219280948873623, -2.3914426667261045e-20, 0, 0.1, 0, 0,
    -Infinity, 3, 0.0001, 0, 0, 0, 0.5, -Infinity,
    1e-08
]);

const program = {
    layout, outs, kinds, phases, exprs: exprs_of, scales, dets, rules, blocks,
    table: table,
    expr: null,
    bind: null,
};

return lrs_k_schedule(program, {
    params: [
    ],
    outputs: ["lr"],
    inputs: ["metric"],
    hash: "<program's hash>",
    unit: null,
    total: null,
    phase_of: [0, 1],
    phases: [
        {text: "linear", start: (T) => 0, end: (T) => 5},
        {text: "exp", start: (T) => 5, end: (T) => Infinity},
    ],
    rules: [null],
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
