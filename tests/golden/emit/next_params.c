/* ---- the program ---- */

static const lrs_k_layout lrsc_enc_layout = {
    0x<program's hash>u, /* hash */
    8, /* ni */
    36, /* nd */
    6, /* nsave */
    2, /* nparam */
    1, /* ninput */
    LRS_K_NONE, /* input */
    5, /* event */
    1, /* nevent */
    6, /* table */
    29, /* ntable */
    1, /* nout */
    1, /* ndet */
    1, /* nrule */
    0, /* nscale */
    3, /* nkind */
    0, /* nblock */
    257, /* uses */
    LRS_K_NONE /* clock */
};
/* nseg, seg, kind, mask, nscale, scale, bounds */
static const lrs_k_out lrsc_enc_outs[1] = {
    {3, 0, 0, 17, 0, 0, LRS_K_NONE} /* lr */
};
static const uint8_t lrsc_enc_kinds[3] = {
    LRS_K_CONST, LRS_K_HCOS, LRS_K_CONST};
static const uint32_t lrsc_enc_phases[3] = {
    0, LRS_K_NONE, LRS_K_NONE};
static const uint32_t lrsc_enc_exprs[3] = {
    LRS_K_NONE, LRS_K_NONE, LRS_K_NONE};
/* kind, dialect, watch, mode_max, absolute, patience_by, cooldown_by, expr, out, seg, nseg, t, i, d */
static const lrs_k_det lrsc_enc_dets[1] = {
    {0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 24, 3, 2}};
/* det, action, out, t, low, i, d */
static const lrs_k_rule lrsc_enc_rules[1] = {
    {0, 1, 0, 29, LRS_K_NONE, 6, LRS_K_NONE}};

/* Fills the table T from the params P and the event ends E: 0, or 1 + the number of the condition that does not hold. */
static int lrsc_enc_bind(const void *ctx, const double *P, const double *E, double *T)
{
    double v6 = P[1] * 0x1p+2;
    double v7 = v6 < E[0] ? v6 : E[0];
    double v9 = 0x1.4p+3 <= v7 ? 1.0 : 0.0;
    double v10 = P[1] + v7;
    double v11 = v10 - v7;
    double v13 = (-0x1p+0) / v11;
    double v14 = lrs_k_neg(v13);
    double v15 = LRS_K_FMA(v11, v14, (-0x1p+0));
    double v16 = v15 / v11;
    (void)ctx;
    (void)P;
    (void)E;
    if (v9 == 0.0)
        return 1; /* the first phase must last 10 steps */
    T[0] = v7;
    T[1] = 0x0p+0;
    T[2] = 0x0p+0;
    T[3] = 0x0p+0;
    T[4] = P[0];
    T[5] = 0x0p+0;
    T[6] = 0x0p+0;
    T[7] = 0x0p+0;
    T[8] = v10;
    T[9] = v10;
    T[10] = v13;
    T[11] = v16;
    T[12] = 0x0p+0;
    T[13] = P[0];
    T[14] = 0x0p+0;
    T[15] = 0x0p+0;
    T[16] = LRS_C_INF;
    T[17] = 0x0p+0;
    T[18] = 0x0p+0;
    T[19] = 0x0p+0;
    T[20] = 0x0p+0;
    T[21] = 0x0p+0;
    T[22] = 0x0p+0;
    T[23] = 0x0p+0;
    T[24] = 0x1p+0;
    T[25] = 0x1.47ae147ae147bp-7;
    T[26] = 0x0p+0;
    T[27] = 0x0p+0;
    T[28] = 0x0p+0;
    return 0;
}

static const lrs_k_program lrsc_enc_program = {
    &lrsc_enc_layout,
    lrsc_enc_outs,
    lrsc_enc_kinds,
    lrsc_enc_phases,
    lrsc_enc_exprs,
    0, /* no scales */
    lrsc_enc_dets,
    lrsc_enc_rules,
    0, /* no blocks */
    0, /* no table */
    0, /* no expr */
    lrsc_enc_bind,
    0 /* ctx */
};

/* ---- the interface ---- */

void enc_params_default(enc_params *p)
{
    p->peak = 0x1.999999999999ap-3;
    p->length = 0x1.ep+5;
}

static const double lrsc_enc_no_events[1] = {
    LRS_C_INF};

int enc_init(enc_state *s, const enc_params *p)
{
    enc_params defaults;
    double P[2];
    size_t k;
    int failed;
    if (!s)
        return -1000;
    if (!p) {
        enc_params_default(&defaults);
        p = &defaults;
    }
    P[0] = p->peak;
    P[1] = p->length;
    if (!(P[0] >= 0x0p+0 && P[0] <= 0x1p+0))
        return -1;
    if (!(P[1] >= 0x1p+0 && P[1] <= 0x1.e848p+19))
        return -2;
    failed = lrsc_enc_bind(0, P, lrsc_enc_no_events, s->d + 6);
    if (failed)
        return -1000 - failed;
    for (k = 0; k < 2; k++)
        s->d[k] = P[k];
    lrs_k_reset(&lrsc_enc_program, (uint64_t *)(void *)s);
    return 0;
}

const char *enc_error(int code)
{
    switch (code) {
    case 0:
        return "no error";
    case -1:
        return "parameter `peak` must be within 0..1: set the member peak of enc_params (its default is 0.2)";
    case -2:
        return "parameter `length` must be within 1..1000000: set the member length of enc_params (its default is 60)";
    case -101:
        return "the saved state is cut short: load a whole one";
    case -102:
        return "this is not a saved state: load what enc_save wrote";
    case -103:
        return "the saved state has another version of the format: use the version of lrs that wrote it";
    case -104:
        return "the saved state is damaged (its length, checksum or contents are wrong): load another checkpoint";
    case -105:
        return "the saved state is of another schedule: load it with the schedule that saved it";
    case -106:
        return "the saved state has other parameter values: give enc_init those of the saved run, then load";
    case -107:
        return "the state was not initialised: call enc_init before load";
    case -1000:
        return "an argument is NULL";
    case -1001:
        return "the first phase must last 10 steps; it depends on `length` (1..1000000, by default 60)";
    default:
        return "unknown error code";
    }
}

int enc_observe(enc_state *s, int64_t step, double metric)
{
    return lrs_k_observe(&lrsc_enc_program, s->i, s->d, 0, step, metric);
}

int enc_stopped(const enc_state *s)
{
    return (s->i[0] & LRS_K_STOPPED) != 0;
}

double enc_get_lr_r(enc_state *s, int64_t step, double metric)
{
    if (s->program != enc_PROGRAM_HASH)
        return LRS_C_NAN; /* init has not made it */
    enc_observe(s, step, metric);
    return lrs_k_value(&lrsc_enc_program, s->d, 0, step);
}

double enc_lr(const enc_state *s, int64_t step)
{
    return lrs_k_value(&lrsc_enc_program, s->d, 0, step);
}

void enc_fill_lr(const enc_state *s, int64_t first, size_t n, double *out)
{
    if (s->program == enc_PROGRAM_HASH)
        lrs_k_fill(&lrsc_enc_program, s->d, 0, first, n, out);
    else
        lrs_k_fill_same(LRS_C_NAN, n, out);
}

size_t enc_save(const enc_state *s, void *buf, size_t cap)
{
    if (!s)
        return 0;
    return lrs_k_save(&lrsc_enc_program, (const uint64_t *)(const void *)s, buf, cap);
}

int enc_load(enc_state *s, const void *buf, size_t len)
{
    if (!s || !buf)
        return -1000;
    return lrs_k_load(&lrsc_enc_program, (uint64_t *)(void *)s, buf, len);
}

/* The state of enc_get_lr. */
static enc_state lrsc_enc_own = {
    0x0000002e00000002u, 0x<program's hash>u,
    {0, 0, INT64_MIN, 0, 0, INT64_MIN, 0, INT64_MIN},
    {0x1.999999999999ap-3, 0x1.ep+5, LRS_C_INF, 0x0p+0, 0x0p+0, LRS_C_INF, 0x1.ep+7, 0x0p+0,
     0x0p+0, 0x0p+0, 0x1.999999999999ap-3, 0x0p+0, 0x0p+0, 0x0p+0, 0x1.2cp+8, 0x1.2cp+8,
     -0x1.1111111111111p-6, -0x1.1111111111111p-62, 0x0p+0, 0x1.999999999999ap-3, 0x0p+0, 0x0p+0, LRS_C_INF, 0x0p+0,
     0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0, 0x1p+0, 0x1.47ae147ae147bp-7,
     0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0}};

double enc_get_lr(int64_t step, double metric)
{
    return enc_get_lr_r(&lrsc_enc_own, step, metric);
}
