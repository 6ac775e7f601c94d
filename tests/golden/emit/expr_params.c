/* ---- the program ---- */

static const lrs_k_layout lrsc_sched_layout = {
    0x<program's hash>u, /* hash */
    8, /* ni */
    37, /* nd */
    7, /* nsave */
    3, /* nparam */
    1, /* ninput */
    LRS_K_NONE, /* input */
    7, /* event */
    0, /* nevent */
    7, /* table */
    30, /* ntable */
    1, /* nout */
    1, /* ndet */
    1, /* nrule */
    1, /* nscale */
    2, /* nkind */
    0, /* nblock */
    129, /* uses */
    LRS_K_NONE /* clock */
};
/* nseg, seg, kind, mask, nscale, scale, bounds */
static const lrs_k_out lrsc_sched_outs[1] = {
    {2, 0, 0, 1024, 1, 0, 17} /* lr */
};
static const uint8_t lrsc_sched_kinds[2] = {
    LRS_K_EXPR, LRS_K_EXPR};
static const uint32_t lrsc_sched_phases[2] = {
    LRS_K_NONE, LRS_K_NONE};
static const uint32_t lrsc_sched_exprs[2] = {
    0, 1};
/* what, n, t, d */
static const lrs_k_scale lrsc_sched_scales[1] = {
    {2, 0, 16, 6}};
/* kind, dialect, watch, mode_max, absolute, patience_by, cooldown_by, expr, out, seg, nseg, t, i, d */
static const lrs_k_det lrsc_sched_dets[1] = {
    {0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 19, 3, 3}};
/* det, action, out, t, low, i, d */
static const lrs_k_rule lrsc_sched_rules[1] = {
    {0, 0, 0, 24, LRS_K_NONE, 6, 6}};

/* Fills the table T from the params P and the event ends E: 0, or 1 + the number of the condition that does not hold. */
static int lrsc_sched_bind(const void *ctx, const double *P, const double *E, double *T)
{
    double v9 = P[0] * 0x1.47ae147ae147bp-7;
    double v11 = P[0] - v9;
    double v20 = 0x1p+0 / P[1];
    double v21 = lrs_k_neg(v20);
    double v22 = LRS_K_FMA(P[1], v21, 0x1p+0);
    double v23 = v22 / P[1];
    double v24 = lrs_k_sqrt(P[1]);
    double v28 = P[1] + P[1];
    double v29 = v28 - P[1];
    double v30 = 0x1p+0 / v29;
    double v31 = lrs_k_neg(v30);
    double v32 = LRS_K_FMA(v29, v31, 0x1p+0);
    double v33 = v32 / v29;
    double v36 = v9 * 0x1.0624dd2f1a9fcp-10;
    double v39 = 0x1p+0 / P[2];
    (void)ctx;
    (void)P;
    (void)E;
    T[0] = P[1];
    T[1] = 0x0p+0;
    T[2] = v20;
    T[3] = v23;
    T[4] = 0x0p+0;
    T[5] = 0x0p+0;
    T[6] = P[1];
    T[7] = 0x0p+0;
    T[8] = LRS_C_INF;
    T[9] = P[1];
    T[10] = v30;
    T[11] = v33;
    T[12] = 0x0p+0;
    T[13] = 0x0p+0;
    T[14] = v28;
    T[15] = 0x0p+0;
    T[16] = v9;
    T[17] = v36;
    T[18] = P[0];
    T[19] = 0x1p+2;
    T[20] = 0x1.a36e2eb1c432dp-14;
    T[21] = 0x0p+0;
    T[22] = 0x0p+0;
    T[23] = 0x0p+0;
    T[24] = v39;
    T[25] = v9;
    T[26] = 0x0p+0;
    T[27] = P[2];
    T[28] = v11;
    T[29] = v24;
    return 0;
}


/* Step code: at time x, tau steps into a segment, u of it done and cou of it left, in round `cycle` of a repeat. */
static double lrsc_sched_expr(const lrs_k_program *k, uint32_t expr, const double *T, const double *D, double x,
    double tau, double u, double cou, double cycle)
{
    (void)k;
    (void)expr;
    (void)T;
    (void)D;
    (void)x;
    (void)tau;
    (void)u;
    (void)cou;
    (void)cycle;
    switch (expr) {
    case 0: {
        double v10 = lrs_k_pow(cou, T[27]);
        double v12 = v10 * T[28];
        double v13 = T[16] + v12;
        double v14 = T[27] * u;
        double v15 = lrs_k_sinpi(v14);
        double v16 = T[16] * v15;
        double v18 = v16 + 0x1p+0;
        double v19 = v13 * v18;
        return v19;
    }
    default:
        break;
    }
    {
        double v25 = tau / T[29];
        double v26 = 0x1p+0 + v25;
        double v27 = T[16] / v26;
        return v27;
    }
}

static const lrs_k_program lrsc_sched_program = {
    &lrsc_sched_layout,
    lrsc_sched_outs,
    lrsc_sched_kinds,
    lrsc_sched_phases,
    lrsc_sched_exprs,
    lrsc_sched_scales,
    lrsc_sched_dets,
    lrsc_sched_rules,
    0, /* no blocks */
    0, /* no table */
    lrsc_sched_expr,
    lrsc_sched_bind,
    0 /* ctx */
};

/* ---- the interface ---- */

void sched_params_default(sched_params *p)
{
    p->peak = 0x1.3333333333333p-2;
    p->total = 0x1.5ep+9;
    p->shape = 0x1.b333333333333p+0;
}

int sched_init(sched_state *s, const sched_params *p)
{
    sched_params defaults;
    double P[3];
    size_t k;
    int failed;
    if (!s)
        return -1000;
    if (!p) {
        sched_params_default(&defaults);
        p = &defaults;
    }
    P[0] = p->peak;
    P[1] = p->total;
    P[2] = p->shape;
    if (!(P[0] >= 0x1.0c6f7a0b5ed8dp-20 && P[0] <= 0x1.4p+3))
        return -1;
    if (!(P[1] >= 0x1.4p+3 && P[1] <= 0x1.dcd65p+29))
        return -2;
    if (!(P[2] >= 0x1p-1 && P[2] <= 0x1p+2))
        return -3;
    failed = lrsc_sched_bind(0, P, 0, s->d + 7);
    if (failed)
        return -1000 - failed;
    for (k = 0; k < 3; k++)
        s->d[k] = P[k];
    lrs_k_reset(&lrsc_sched_program, (uint64_t *)(void *)s);
    return 0;
}

const char *sched_error(int code)
{
    switch (code) {
    case 0:
        return "no error";
    case -1:
        return "parameter `peak` must be within 1e-06..10: set the member peak of sched_params (its default is 0.3)";
    case -2:
        return "parameter `total` must be within 10..1000000000: set the member total of sched_params (its default is 700)";
    case -3:
        return "parameter `shape` must be within 0.5..4: set the member shape of sched_params (its default is 1.7)";
    case -101:
        return "the saved state is cut short: load a whole one";
    case -102:
        return "this is not a saved state: load what sched_save wrote";
    case -103:
        return "the saved state has another version of the format: use the version of lrs that wrote it";
    case -104:
        return "the saved state is damaged (its length, checksum or contents are wrong): load another checkpoint";
    case -105:
        return "the saved state is of another schedule: load it with the schedule that saved it";
    case -106:
        return "the saved state has other parameter values: give sched_init those of the saved run, then load";
    case -107:
        return "the state was not initialised: call sched_init before load";
    case -1000:
        return "an argument is NULL";
    default:
        return "unknown error code";
    }
}

int sched_observe(sched_state *s, int64_t step, double metric)
{
    return lrs_k_observe(&lrsc_sched_program, s->i, s->d, 0, step, metric);
}

int sched_stopped(const sched_state *s)
{
    return (s->i[0] & LRS_K_STOPPED) != 0;
}

double sched_get_lr(sched_state *s, int64_t step, double metric)
{
    if (s->program != sched_PROGRAM_HASH)
        return LRS_C_NAN; /* init has not made it */
    sched_observe(s, step, metric);
    return lrs_k_value(&lrsc_sched_program, s->d, 0, step);
}

double sched_lr(const sched_state *s, int64_t step)
{
    return lrs_k_value(&lrsc_sched_program, s->d, 0, step);
}

void sched_fill_lr(const sched_state *s, int64_t first, size_t n, double *out)
{
    if (s->program == sched_PROGRAM_HASH)
        lrs_k_fill(&lrsc_sched_program, s->d, 0, first, n, out);
    else
        lrs_k_fill_same(LRS_C_NAN, n, out);
}

size_t sched_save(const sched_state *s, void *buf, size_t cap)
{
    if (!s)
        return 0;
    return lrs_k_save(&lrsc_sched_program, (const uint64_t *)(const void *)s, buf, cap);
}

int sched_load(sched_state *s, const void *buf, size_t len)
{
    if (!s || !buf)
        return -1000;
    return lrs_k_load(&lrsc_sched_program, (uint64_t *)(void *)s, buf, len);
}

/* The state of get_lr. */
static sched_state lrsc_sched_own = {
    0x0000002f00000002u, 0x<program's hash>u,
    {0, 0, INT64_MIN, 0, 0, INT64_MIN, 0, INT64_MIN},
    {0x1.3333333333333p-2, 0x1.5ep+9, 0x1.b333333333333p+0, LRS_C_INF, 0x0p+0, 0x0p+0, 0x1p+0, 0x1.5ep+9,
     0x0p+0, 0x1.767dce434a9b1p-10, 0x1.767dce434a9b1p-70, 0x0p+0, 0x0p+0, 0x1.5ep+9, 0x0p+0, LRS_C_INF,
     0x1.5ep+9, 0x1.767dce434a9b1p-10, 0x1.767dce434a9b1p-70, 0x0p+0, 0x0p+0, 0x1.5ep+10, 0x0p+0, 0x1.89374bc6a7efap-9,
     0x1.92a737110e454p-19, 0x1.3333333333333p-2, 0x1p+2, 0x1.a36e2eb1c432dp-14, 0x0p+0, 0x0p+0, 0x0p+0, 0x1.2d2d2d2d2d2d3p-1,
     0x1.89374bc6a7efap-9, 0x0p+0, 0x1.b333333333333p+0, 0x1.3020c49ba5e35p-2, 0x1.a751f9447b724p+4}};

double get_lr(int64_t step, double metric)
{
    return sched_get_lr(&lrsc_sched_own, step, metric);
}
