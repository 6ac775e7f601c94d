/* ---- the program ---- */

static const lrs_k_layout lrsc_sched_layout = {
    0x<program's hash>u, /* hash */
    14, /* ni */
    91, /* nd */
    11, /* nsave */
    1, /* nparam */
    2, /* ninput */
    9, /* input */
    11, /* event */
    0, /* nevent */
    11, /* table */
    80, /* ntable */
    4, /* nout */
    2, /* ndet */
    2, /* nrule */
    3, /* nscale */
    7, /* nkind */
    0, /* nblock */
    129, /* uses */
    LRS_K_NONE /* clock */
};
/* nseg, seg, kind, mask, nscale, scale, bounds */
static const lrs_k_out lrsc_sched_outs[4] = {
    {2, 0, 0, 1024, 1, 0, 17}, /* lr */
    {1, 19, 2, 1024, 0, 1, LRS_K_NONE}, /* wd */
    {2, 27, 3, 1025, 1, 1, LRS_K_NONE}, /* head */
    {2, 47, 5, 6, 1, 2, LRS_K_NONE} /* part */
};
static const uint8_t lrsc_sched_kinds[7] = {
    LRS_K_EXPR, LRS_K_EXPR, LRS_K_EXPR, LRS_K_EXPR, LRS_K_CONST, LRS_K_LINEAR, LRS_K_EXP2};
static const uint32_t lrsc_sched_phases[7] = {
    LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE};
static const uint32_t lrsc_sched_exprs[7] = {
    0, 1, 2, 3, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE};
/* what, n, t, d */
static const lrs_k_scale lrsc_sched_scales[3] = {
    {2, 0, 16, 7},
    {1, 0, 43, LRS_K_NONE},
    {2, 0, 63, 8}};
/* kind, dialect, watch, mode_max, absolute, patience_by, cooldown_by, expr, out, seg, nseg, t, i, d */
static const lrs_k_det lrsc_sched_dets[2] = {
    {0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 64, 4, 1},
    {0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 69, 7, 4}};
/* det, action, out, t, low, i, d */
static const lrs_k_rule lrsc_sched_rules[2] = {
    {0, 0, 0, 74, LRS_K_NONE, 10, 7},
    {1, 0, 3, 77, LRS_K_NONE, 12, 8}};
static const volatile double lrsc_sched_constants[80] = {
    0x1.9p+8, 0x0p+0, 0x1.47ae147ae147bp-9, -0x1.eb851eb851eb8p-65, 0x0p+0, 0x0p+0, 0x1.9p+8, 0x0p+0,
    LRS_C_INF, 0x1.9p+8, 0x1.47ae147ae147bp-7, -0x1.eb851eb851eb8p-63, 0x0p+0, 0x0p+0, 0x1.f4p+8, 0x0p+0,
    0x1.12e0be826d695p-30, 0x1.ad7f29abcaf48p-24, 0x0p+0, LRS_C_INF, 0x0p+0, 0x1p+0, 0x0p+0, 0x0p+0,
    0x0p+0, 0x1p+0, 0x0p+0, 0x1.2cp+8, 0x0p+0, 0x1.b4e81b4e81b4fp-9, -0x1.f92c5f92c5f93p-63, 0x0p+0,
    0x0p+0, 0x1.2cp+8, 0x0p+0, LRS_C_INF, 0x0p+0, 0x0p+0, 0x0p+0, 0x1p-1,
    0x0p+0, 0x0p+0, 0x0p+0, -0x1.374d65d9e608dp-3, -0x1.4a73904346a4cp-59, 0x1.0c6f7a0b5ed8dp-20, 0x1.9p+5, 0x1.9p+5,
    0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0, LRS_C_INF,
    0x1.9p+5, -0x1.899c0f601899cp-9, -0x1.ec0313381ec03p-66, 0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0, -LRS_C_INF,
    0x1.8p+1, 0x1.a36e2eb1c432dp-14, 0x0p+0, 0x0p+0, 0x0p+0, 0x1.8p+2, 0x1.a36e2eb1c432dp-14, 0x0p+0,
    0x0p+0, 0x0p+0, 0x1p-1, 0x1.12e0be826d695p-30, 0x0p+0, 0x1.ccccccccccccdp-1, -LRS_C_INF, 0x0p+0};

/* Fills the table T from the params P and the event ends E: 0, or 1 + the number of the condition that does not hold. */
static int lrsc_sched_bind(const void *ctx, const double *P, const double *E, double *T)
{
    size_t k;
    double v54 = P[0] / 0x1.9p+5;
    (void)ctx;
    (void)P;
    (void)E;
    for (k = 0; k < 80; k++)
        T[k] = lrsc_sched_constants[k];
    T[18] = P[0];
    T[49] = v54;
    T[60] = P[0];
    return 0;
}

static double lrsc_sched_out_0(const double *D, double x);
static double lrsc_sched_out_1(const double *D, double x);
static double lrsc_sched_out_3(const double *D, double x);

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
        double v8 = lrsc_sched_out_3(D, x);
        double v12 = lrs_k_sqrt(cou);
        double v13 = v8 * v12;
        return v13;
    }
    case 1: {
        double v8 = lrsc_sched_out_3(D, x);
        double v20 = tau * 0x1p-2;
        double v21 = 0x1p+1 + v20;
        double v22 = v8 / v21;
        return v22;
    }
    case 2: {
        double v7 = lrsc_sched_out_0(D, x);
        double v33 = v7 * 0x1.999999999999ap-4;
        double v34 = v33 / T[18];
        return v34;
    }
    default:
        break;
    }
    {
        double v7 = lrsc_sched_out_0(D, x);
        double v9 = lrsc_sched_out_1(D, x);
        double v35 = D[10] - D[9];
        double v36 = v9 * v9;
        double v38 = v7 * 0x1.4p+3;
        double v39 = v36 + v38;
        double v40 = v35 == v35 ? 1.0 : 0.0;
        double v41 = lrs_k_tanh(v35);
        double v42 = v40 != 0.0 ? v41 : 0x1p-2;
        double v43 = v39 + v42;
        double v44 = x * cycle;
        double v45 = v43 + v44;
        return v45;
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

#if defined(__GNUC__)
__attribute__((noinline))
#endif
static double lrsc_sched_out_0(const double *D, double x)
{
    return lrs_k_out_at(&lrsc_sched_program, D, 0, x);
}

#if defined(__GNUC__)
__attribute__((noinline))
#endif
static double lrsc_sched_out_1(const double *D, double x)
{
    return lrs_k_out_at(&lrsc_sched_program, D, 1, x);
}

#if defined(__GNUC__)
__attribute__((noinline))
#endif
static double lrsc_sched_out_3(const double *D, double x)
{
    return lrs_k_out_at(&lrsc_sched_program, D, 3, x);
}

/* ---- the interface ---- */

void sched_params_default(sched_params *p)
{
    p->peak = 0x1.3333333333333p-2;
}

int sched_init(sched_state *s, const sched_params *p)
{
    sched_params defaults;
    double P[1];
    size_t k;
    int failed;
    if (!s)
        return -1000;
    if (!p) {
        sched_params_default(&defaults);
        p = &defaults;
    }
    P[0] = p->peak;
    if (!(P[0] >= 0x1.0c6f7a0b5ed8dp-20 && P[0] <= 0x1.4p+3))
        return -1;
    failed = lrsc_sched_bind(0, P, 0, s->d + 11);
    if (failed)
        return -1000 - failed;
    for (k = 0; k < 1; k++)
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

int sched_observe_train_loss(sched_state *s, int64_t step, double metric)
{
    return lrs_k_observe(&lrsc_sched_program, s->i, s->d, 0, step, metric);
}

int sched_observe_val_loss(sched_state *s, int64_t step, double metric)
{
    return lrs_k_observe(&lrsc_sched_program, s->i, s->d, 1, step, metric);
}

int sched_observe(sched_state *s, int64_t step, const sched_metrics *metrics)
{
    int acted = 0;
    if (!metrics)
        return 0;
    acted += sched_observe_train_loss(s, step, metrics->train_loss);
    acted += sched_observe_val_loss(s, step, metrics->val_loss);
    return acted;
}

int sched_stopped(const sched_state *s)
{
    return (s->i[0] & LRS_K_STOPPED) != 0;
}

double sched_get_lr(sched_state *s, int64_t step, const sched_metrics *metrics)
{
    if (s->program != sched_PROGRAM_HASH)
        return LRS_C_NAN; /* init has not made it */
    sched_observe(s, step, metrics);
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

double sched_wd(const sched_state *s, int64_t step)
{
    return lrs_k_value(&lrsc_sched_program, s->d, 1, step);
}

void sched_fill_wd(const sched_state *s, int64_t first, size_t n, double *out)
{
    if (s->program == sched_PROGRAM_HASH)
        lrs_k_fill(&lrsc_sched_program, s->d, 1, first, n, out);
    else
        lrs_k_fill_same(LRS_C_NAN, n, out);
}

double sched_head(const sched_state *s, int64_t step)
{
    return lrs_k_value(&lrsc_sched_program, s->d, 2, step);
}

void sched_fill_head(const sched_state *s, int64_t first, size_t n, double *out)
{
    if (s->program == sched_PROGRAM_HASH)
        lrs_k_fill(&lrsc_sched_program, s->d, 2, first, n, out);
    else
        lrs_k_fill_same(LRS_C_NAN, n, out);
}

double sched_part(const sched_state *s, int64_t step)
{
    return lrs_k_value(&lrsc_sched_program, s->d, 3, step);
}

void sched_fill_part(const sched_state *s, int64_t first, size_t n, double *out)
{
    if (s->program == sched_PROGRAM_HASH)
        lrs_k_fill(&lrsc_sched_program, s->d, 3, first, n, out);
    else
        lrs_k_fill_same(LRS_C_NAN, n, out);
}

void sched_eval(const sched_state *s, int64_t step, sched_values *out)
{
    out->lr = sched_lr(s, step);
    out->wd = sched_wd(s, step);
    out->head = sched_head(s, step);
    out->part = sched_part(s, step);
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
    0x0000006b00000002u, 0x<program's hash>u,
    {0, 0, INT64_MIN, INT64_MIN, 0, 0, INT64_MIN, 0,
     0, INT64_MIN, 0, INT64_MIN, 0, INT64_MIN},
    {0x1.3333333333333p-2, LRS_C_INF, 0x0p+0, 0x0p+0, LRS_C_INF, 0x0p+0, 0x0p+0, 0x1p+0,
     0x1p+0, LRS_C_NAN, LRS_C_NAN, 0x1.9p+8, 0x0p+0, 0x1.47ae147ae147bp-9, -0x1.eb851eb851eb8p-65, 0x0p+0,
     0x0p+0, 0x1.9p+8, 0x0p+0, LRS_C_INF, 0x1.9p+8, 0x1.47ae147ae147bp-7, -0x1.eb851eb851eb8p-63, 0x0p+0,
     0x0p+0, 0x1.f4p+8, 0x0p+0, 0x1.12e0be826d695p-30, 0x1.ad7f29abcaf48p-24, 0x1.3333333333333p-2, LRS_C_INF, 0x0p+0,
     0x1p+0, 0x0p+0, 0x0p+0, 0x0p+0, 0x1p+0, 0x0p+0, 0x1.2cp+8, 0x0p+0,
     0x1.b4e81b4e81b4fp-9, -0x1.f92c5f92c5f93p-63, 0x0p+0, 0x0p+0, 0x1.2cp+8, 0x0p+0, LRS_C_INF, 0x0p+0,
     0x0p+0, 0x0p+0, 0x1p-1, 0x0p+0, 0x0p+0, 0x0p+0, -0x1.374d65d9e608dp-3, -0x1.4a73904346a4cp-59,
     0x1.0c6f7a0b5ed8dp-20, 0x1.9p+5, 0x1.9p+5, 0x0p+0, 0x1.89374bc6a7efap-8, 0x0p+0, 0x0p+0, 0x0p+0,
     0x0p+0, 0x0p+0, LRS_C_INF, 0x1.9p+5, -0x1.899c0f601899cp-9, -0x1.ec0313381ec03p-66, 0x0p+0, 0x1.3333333333333p-2,
     0x0p+0, 0x0p+0, -LRS_C_INF, 0x1.8p+1, 0x1.a36e2eb1c432dp-14, 0x0p+0, 0x0p+0, 0x0p+0,
     0x1.8p+2, 0x1.a36e2eb1c432dp-14, 0x0p+0, 0x0p+0, 0x0p+0, 0x1p-1, 0x1.12e0be826d695p-30, 0x0p+0,
     0x1.ccccccccccccdp-1, -LRS_C_INF, 0x0p+0}};

double get_lr(int64_t step, const sched_metrics *metrics)
{
    return sched_get_lr(&lrsc_sched_own, step, metrics);
}
