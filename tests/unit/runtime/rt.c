/* rt.c: see rt.h. */
#include "rt.h"

#include <math.h>
#include <stdlib.h>

#include "encode.h"

static void keep(void *owner)
{
    (void)owner;
}

lrs_program *rt_program(const ir_program *p, arena *mem)
{
    lrs_program *q = arena_alloc(mem, sizeof *q);
    const char *wrong = ir_verify(p);
    if (wrong)
        fail_msg("%s", wrong);
    assert_non_null(q);
    atomic_init(&q->references, 1);
    q->free_owner = keep;
    assert_int_equal(lrs_encode(q, p, mem), 0);
    return q;
}

size_t rt_kernels(const lrs_kernels *out[4])
{
    size_t n = 0;
    out[n++] = &lrs_kernels_baseline;
    if (lrs_kernels_pick() != &lrs_kernels_baseline)
        out[n++] = lrs_kernels_pick();
    return n;
}

lrs_plan *rt_plan(const lrs_program *q, const double *params, const lrs_kernels *kernels)
{
    lrs_binding b[64];
    char error[256];
    lrs_plan *plan;
    uint32_t k;
    assert_true(q->layout.nparam <= 64);
    for (k = 0; k < q->layout.nparam; k++) {
        b[k].name = q->params[k].name;
        b[k].value = params[k];
    }
    if (lrs_bind_with(&plan, q, b, q->layout.nparam, error, sizeof error, kernels))
        fail_msg("bind: %s", error);
    return plan;
}

ir_program *rt_plateau_ir(const rt_plateau *s, arena *mem)
{
    static const char *const metric = "metric", *const lr = "lr";
    ir_program *p = arena_alloc(mem, sizeof *p);
    ir_builder *b = ir_begin(mem);
    int scale = s->action == LRS_K_SCALE;
    const double words[] = {INFINITY, 0, 0, 0, s->base, 0, 0, 0, /* the segment */
                            s->floor,                            /* the scale */
                            s->patience, s->threshold, s->cooldown, s->every, s->smooth, s->factor, s->floor, s->eps};
    uint32_t n = sizeof words / sizeof words[0], k;
    p->layout.nout = p->layout.nkind = p->layout.ninput = p->layout.ndet = p->layout.nrule = 1;
    p->layout.nscale = scale ? 1 : 0;
    p->layout.ntable = n;
    p->inputs = arena_alloc(mem, sizeof *p->inputs);
    p->output_names = arena_alloc(mem, sizeof *p->output_names);
    p->inputs[0] = metric;
    p->output_names[0] = lr;
    p->outs = arena_alloc(mem, sizeof *p->outs);
    p->outs[0] = (lrs_k_out){.nseg = 1, .nscale = p->layout.nscale, .bounds = LRS_K_NONE};
    p->kinds = arena_alloc(mem, 1);
    p->phases = arena_alloc(mem, sizeof *p->phases);
    p->exprs = arena_alloc(mem, sizeof *p->exprs);
    p->phases[0] = p->exprs[0] = LRS_K_NONE;
    p->scales = arena_alloc(mem, sizeof *p->scales);
    p->scales[0] = (lrs_k_scale){.what = LRS_K_STATE, .t = 8, .d = 0};
    p->dets = arena_alloc(mem, sizeof *p->dets);
    p->dets[0] = (lrs_k_det){.watch = 1, .mode_max = (uint32_t)s->mode_max, .absolute = (uint32_t)s->absolute, .t = 9};
    p->rules = arena_alloc(mem, sizeof *p->rules);
    p->rules[0] = (lrs_k_rule){.action = s->action, .t = 14, .low = LRS_K_NONE};
    p->table = arena_alloc(mem, n * sizeof *p->table);
    for (k = 0; k < n; k++)
        p->table[k] = ir_const(b, words[k]);
    assert_int_equal(ir_finish(p, b, mem), 0);
    return p;
}

uint64_t rt_bits(double v)
{
    uint64_t u;
    memcpy(&u, &v, sizeof u);
    return u;
}
