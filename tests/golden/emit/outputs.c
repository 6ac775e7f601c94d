/* ---- the program ---- */

static const lrs_k_layout lrsc_sched_layout = {
    0x<program's hash>u, /* hash */
    19, /* ni */
    95, /* nd */
    11, /* nsave */
    0, /* nparam */
    2, /* ninput */
    LRS_K_NONE, /* input */
    10, /* event */
    1, /* nevent */
    11, /* table */
    83, /* ntable */
    3, /* nout */
    3, /* ndet */
    3, /* nrule */
    1, /* nscale */
    8, /* nkind */
    0, /* nblock */
    897, /* uses */
    LRS_K_NONE /* clock */
};
/* nseg, seg, kind, mask, nscale, scale, bounds */
static const lrs_k_out lrsc_sched_outs[3] = {
    {3, 0, 0, 17, 1, 0, LRS_K_NONE}, /* lr */
    {3, 25, 3, 17, 0, 1, LRS_K_NONE}, /* momentum */
    {2, 49, 6, 1, 0, 1, LRS_K_NONE} /* init */
};
static const uint8_t lrsc_sched_kinds[8] = {
    LRS_K_HCOS, LRS_K_HCOS, LRS_K_CONST, LRS_K_HCOS, LRS_K_HCOS, LRS_K_CONST, LRS_K_CONST, LRS_K_CONST};
static const uint32_t lrsc_sched_phases[8] = {
    LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, 0, LRS_K_NONE};
static const uint32_t lrsc_sched_exprs[8] = {
    LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE, LRS_K_NONE};
/* what, n, t, d */
static const lrs_k_scale lrsc_sched_scales[1] = {
    {2, 0, 24, 9}};
/* kind, dialect, watch, mode_max, absolute, patience_by, cooldown_by, expr, out, seg, nseg, t, i, d */
static const lrs_k_det lrsc_sched_dets[3] = {
    {0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 65, 4, 0},
    {0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 70, 7, 3},
    {0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 75, 10, 6}};
/* det, action, out, t, low, i, d */
static const lrs_k_rule lrsc_sched_rules[3] = {
    {0, 0, 0, 80, LRS_K_NONE, 13, 9},
    {1, 1, 2, 83, LRS_K_NONE, 15, LRS_K_NONE},
    {2, 2, 0, 83, LRS_K_NONE, 17, LRS_K_NONE}};
static const volatile double lrsc_sched_constants[83] = {
    0x1.2cp+8, 0x0p+0, 0x1.b4e81b4e81b4fp-9, -0x1.f92c5f92c5f93p-63, 0x1.0624dd2f1a9fcp-8, 0x1.89374bc6a7efap-4, 0x0p+0, 0x0p+0,
    0x1.f4p+9, 0x1.f4p+9, -0x1.767dce434a9b1p-10, -0x1.767dce434a9b1p-70, 0x1.ad7f29abcaf48p-22, 0x1.99992e39cf2ebp-4, 0x0p+0, 0x0p+0,
    LRS_C_INF, 0x0p+0, 0x0p+0, 0x0p+0, 0x1.ad7f29abcaf48p-22, 0x0p+0, 0x0p+0, 0x0p+0,
    -LRS_C_INF, 0x1.2cp+8, 0x1.2cp+8, -0x1.b4e81b4e81b4fp-9, 0x1.f92c5f92c5f93p-63, 0x1.b333333333333p-1, 0x1.9999999999998p-4, 0x0p+0,
    0x0p+0, 0x1.f4p+9, 0x1.2cp+8, 0x1.767dce434a9b1p-10, 0x1.767dce434a9b1p-70, 0x1.b333333333333p-1, 0x1.9999999999998p-4, 0x0p+0,
    0x0p+0, LRS_C_INF, 0x0p+0, 0x0p+0, 0x0p+0, 0x1.e666666666666p-1, 0x0p+0, 0x0p+0,
    0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0, 0x1p+0, 0x0p+0, 0x0p+0,
    0x0p+0, LRS_C_INF, 0x0p+0, 0x0p+0, 0x0p+0, 0x1p+1, 0x0p+0, 0x0p+0,
    0x0p+0, 0x1.8p+1, 0x1.a36e2eb1c432dp-14, 0x0p+0, 0x0p+0, 0x0p+0, 0x1.8p+2, 0x1.a36e2eb1c432dp-14,
    0x0p+0, 0x0p+0, 0x0p+0, 0x1.8p+3, 0x1.a36e2eb1c432dp-14, 0x0p+0, 0x0p+0, 0x0p+0,
    0x1p-1, -LRS_C_INF, 0x1.5798ee2308c3ap-27};

/* Fills the table T from the params P and the event ends E: 0, or 1 + the number of the condition that does not hold. */
static int lrsc_sched_bind(const void *ctx, const double *P, const double *E, double *T)
{
    size_t k;
    (void)ctx;
    (void)P;
    (void)E;
    for (k = 0; k < 83; k++)
        T[k] = lrsc_sched_constants[k];
    T[49] = E[0];
    return 0;
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
    0, /* no expr */
    lrsc_sched_bind,
    0 /* ctx */
};

/* ---- the interface ---- */

void sched_params_default(sched_params *p)
{
    p->none = 0;
}

static const double lrsc_sched_no_events[1] = {
    LRS_C_INF};

int sched_init(sched_state *s, const sched_params *p)
{
    int failed;
    if (!s)
        return -1000;
    (void)p;
    failed = lrsc_sched_bind(0, 0, lrsc_sched_no_events, s->d + 11);
    if (failed)
        return -1000 - failed;
    lrs_k_reset(&lrsc_sched_program, (uint64_t *)(void *)s);
    return 0;
}

const char *sched_error(int code)
{
    switch (code) {
    case 0:
        return "no error";
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

double sched_momentum(const sched_state *s, int64_t step)
{
    return lrs_k_value(&lrsc_sched_program, s->d, 1, step);
}

void sched_fill_momentum(const sched_state *s, int64_t first, size_t n, double *out)
{
    if (s->program == sched_PROGRAM_HASH)
        lrs_k_fill(&lrsc_sched_program, s->d, 1, first, n, out);
    else
        lrs_k_fill_same(LRS_C_NAN, n, out);
}

double sched_init_(const sched_state *s, int64_t step)
{
    return lrs_k_value(&lrsc_sched_program, s->d, 2, step);
}

void sched_fill_init_(const sched_state *s, int64_t first, size_t n, double *out)
{
    if (s->program == sched_PROGRAM_HASH)
        lrs_k_fill(&lrsc_sched_program, s->d, 2, first, n, out);
    else
        lrs_k_fill_same(LRS_C_NAN, n, out);
}

void sched_eval(const sched_state *s, int64_t step, sched_values *out)
{
    out->lr = sched_lr(s, step);
    out->momentum = sched_momentum(s, step);
    out->init = sched_init_(s, step);
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
    0x0000007400000002u, 0x<program's hash>u,
    {0, 0, INT64_MIN, INT64_MIN, 0, 0, INT64_MIN, 0,
     0, INT64_MIN, 0, 0, INT64_MIN, 0, INT64_MIN, 0,
     INT64_MIN, 0, INT64_MIN},
    {LRS_C_INF, 0x0p+0, 0x0p+0, LRS_C_INF, 0x0p+0, 0x0p+0, LRS_C_INF, 0x0p+0,
     0x0p+0, 0x1p+0, LRS_C_INF, 0x1.2cp+8, 0x0p+0, 0x1.b4e81b4e81b4fp-9, -0x1.f92c5f92c5f93p-63, 0x1.0624dd2f1a9fcp-8,
     0x1.89374bc6a7efap-4, 0x0p+0, 0x0p+0, 0x1.f4p+9, 0x1.f4p+9, -0x1.767dce434a9b1p-10, -0x1.767dce434a9b1p-70, 0x1.ad7f29abcaf48p-22,
     0x1.99992e39cf2ebp-4, 0x0p+0, 0x0p+0, LRS_C_INF, 0x0p+0, 0x0p+0, 0x0p+0, 0x1.ad7f29abcaf48p-22,
     0x0p+0, 0x0p+0, 0x0p+0, -LRS_C_INF, 0x1.2cp+8, 0x1.2cp+8, -0x1.b4e81b4e81b4fp-9, 0x1.f92c5f92c5f93p-63,
     0x1.b333333333333p-1, 0x1.9999999999998p-4, 0x0p+0, 0x0p+0, 0x1.f4p+9, 0x1.2cp+8, 0x1.767dce434a9b1p-10, 0x1.767dce434a9b1p-70,
     0x1.b333333333333p-1, 0x1.9999999999998p-4, 0x0p+0, 0x0p+0, LRS_C_INF, 0x0p+0, 0x0p+0, 0x0p+0,
     0x1.e666666666666p-1, 0x0p+0, 0x0p+0, 0x0p+0, LRS_C_INF, 0x0p+0, 0x0p+0, 0x0p+0,
     0x1p+0, 0x0p+0, 0x0p+0, 0x0p+0, LRS_C_INF, 0x0p+0, 0x0p+0, 0x0p+0,
     0x1p+1, 0x0p+0, 0x0p+0, 0x0p+0, 0x1.8p+1, 0x1.a36e2eb1c432dp-14, 0x0p+0, 0x0p+0,
     0x0p+0, 0x1.8p+2, 0x1.a36e2eb1c432dp-14, 0x0p+0, 0x0p+0, 0x0p+0, 0x1.8p+3, 0x1.a36e2eb1c432dp-14,
     0x0p+0, 0x0p+0, 0x0p+0, 0x1p-1, -LRS_C_INF, 0x1.5798ee2308c3ap-27, 0x0p+0}};

double get_lr(int64_t step, const sched_metrics *metrics)
{
    return sched_get_lr(&lrsc_sched_own, step, metrics);
}
