/* ---- the program ---- */

static const lrs_k_layout lrsc_sched_layout = {
    0x<program's hash>u, /* hash */
    8, /* ni */
    4, /* nd */
    4, /* nsave */
    0, /* nparam */
    1, /* ninput */
    LRS_K_NONE, /* input */
    4, /* event */
    0, /* nevent */
    LRS_K_NONE, /* table */
    25, /* ntable */
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
    {2, 0, 0, 6, 1, 0, LRS_K_NONE} /* lr */
};
static const uint8_t lrsc_sched_kinds[2] = {
    LRS_K_LINEAR, LRS_K_EXP2};
static const uint32_t lrsc_sched_phases[2] = {
    LRS_K_NONE, LRS_K_NONE};
static const uint32_t lrsc_sched_exprs[2] = {
    LRS_K_NONE, LRS_K_NONE};
/* what, n, t, d */
static const lrs_k_scale lrsc_sched_scales[1] = {
    {2, 0, 16, 3}};
/* kind, dialect, watch, mode_max, absolute, patience_by, cooldown_by, expr, out, seg, nseg, t, i, d */
static const lrs_k_det lrsc_sched_dets[1] = {
    {0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 17, 3, 0}};
/* det, action, out, t, low, i, d */
static const lrs_k_rule lrsc_sched_rules[1] = {
    {0, 0, 0, 22, LRS_K_NONE, 6, 3}};
static const double lrsc_sched_table[25] = {
    0x1.4p+2, 0x0p+0, 0x1.47ae147ae147bp-6, 0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0, 0x0p+0,
    LRS_C_INF, 0x1.4p+2, -0x1.b369690dedc9dp-9, -0x1.c3bb1249b7842p-66, 0x0p+0, 0x1.999999999999ap-4, 0x0p+0, 0x0p+0,
    -LRS_C_INF, 0x1.8p+1, 0x1.a36e2eb1c432dp-14, 0x0p+0, 0x0p+0, 0x0p+0, 0x1p-1, -LRS_C_INF,
    0x1.5798ee2308c3ap-27};

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
    lrsc_sched_table,
    0, /* no expr */
    0, /* no bind */
    0 /* ctx */
};

/* ---- the interface ---- */

void sched_params_default(sched_params *p)
{
    p->none = 0;
}

int sched_init(sched_state *s, const sched_params *p)
{
    if (!s)
        return -1000;
    (void)p;
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
    0x0000000e00000002u, 0x<program's hash>u,
    {0, 0, INT64_MIN, 0, 0, INT64_MIN, 0, INT64_MIN},
    {LRS_C_INF, 0x0p+0, 0x0p+0, 0x1p+0}};

double get_lr(int64_t step, double metric)
{
    return sched_get_lr(&lrsc_sched_own, step, metric);
}
