/* ---- the program ---- */

static const lrs_k_layout lrsc_sched_layout = {
    0x<program's hash>u, /* hash */
    3, /* ni */
    12, /* nd */
    4, /* nsave */
    4, /* nparam */
    1, /* ninput */
    LRS_K_NONE, /* input */
    4, /* event */
    0, /* nevent */
    4, /* table */
    8, /* ntable */
    1, /* nout */
    0, /* ndet */
    0, /* nrule */
    0, /* nscale */
    1, /* nkind */
    0, /* nblock */
    0, /* uses */
    LRS_K_NONE /* clock */
};
/* nseg, seg, kind, mask, nscale, scale, bounds */
static const lrs_k_out lrsc_sched_outs[1] = {
    {1, 0, 0, 2, 0, 0, LRS_K_NONE} /* int */
};
static const uint8_t lrsc_sched_kinds[1] = {
    LRS_K_LINEAR};
static const uint32_t lrsc_sched_phases[1] = {
    LRS_K_NONE};
static const uint32_t lrsc_sched_exprs[1] = {
    LRS_K_NONE};

/* Fills the table T from the params P and the event ends E: 0, or 1 + the number of the condition that does not hold. */
static int lrsc_sched_bind(const void *ctx, const double *P, const double *E, double *T)
{
    double v7 = P[1] * P[2];
    double v8 = P[0] + P[3];
    (void)ctx;
    (void)P;
    (void)E;
    T[0] = LRS_C_INF;
    T[1] = 0x0p+0;
    T[2] = v7;
    T[3] = 0x0p+0;
    T[4] = v8;
    T[5] = 0x0p+0;
    T[6] = 0x0p+0;
    T[7] = 0x0p+0;
    return 0;
}

static const lrs_k_program lrsc_sched_program = {
    &lrsc_sched_layout,
    lrsc_sched_outs,
    lrsc_sched_kinds,
    lrsc_sched_phases,
    lrsc_sched_exprs,
    0, /* no scales */
    0, /* no dets */
    0, /* no rules */
    0, /* no blocks */
    0, /* no table */
    0, /* no expr */
    lrsc_sched_bind,
    0 /* ctx */
};

/* ---- the interface ---- */

void sched_params_default(sched_params *p)
{
    p->default_ = LRS_C_NAN;
    p->class_ = 0x1p+1;
    p->default__ = LRS_C_NAN;
    p->peak = 0x1.8p+1;
}

int sched_init(sched_state *s, const sched_params *p)
{
    sched_params defaults;
    double P[4];
    size_t k;
    int failed;
    if (!s)
        return -1000;
    if (!p) {
        sched_params_default(&defaults);
        p = &defaults;
    }
    P[0] = p->default_;
    P[1] = p->class_;
    P[2] = p->default__;
    P[3] = p->peak;
    if (!(P[0] >= 0x0p+0 && P[0] <= 0x1p+0))
        return -1;
    if (!(lrs_k_abs(P[1]) < LRS_C_INF))
        return -2;
    if (!(lrs_k_abs(P[2]) < LRS_C_INF))
        return -3;
    if (!(P[3] >= 0x1.8p+1 && P[3] <= 0x1.8p+1))
        return -4;
    failed = lrsc_sched_bind(0, P, 0, s->d + 4);
    if (failed)
        return -1000 - failed;
    for (k = 0; k < 4; k++)
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
        return "parameter `default` must be within 0..1 and has no default: set the member default_ of sched_params";
    case -2:
        return "parameter `class` must be a finite number: set the member class_ of sched_params (its default is 2)";
    case -3:
        return "parameter `default_` must be a finite number and has no default: set the member default__ of sched_params";
    case -4:
        return "parameter `peak` must be within 3..3: set the member peak of sched_params (its default is 3)";
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

double sched_int(const sched_state *s, int64_t step)
{
    return lrs_k_value(&lrsc_sched_program, s->d, 0, step);
}

void sched_fill_int(const sched_state *s, int64_t first, size_t n, double *out)
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
