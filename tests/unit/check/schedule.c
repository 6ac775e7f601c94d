/* schedule.c: see schedule.h. Calls the public interface, and the IR for kinds_of. */
#include "schedule.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"

#define MOST 16

typedef struct bindings {
    lrs_binding at[MOST];
    char names[MOST][64];
    size_t n;
} bindings;

static void read_bindings(bindings *b, const char *text)
{
    b->n = 0;
    while (text && *text) {
        int used = 0;
        assert_true(b->n < MOST);
        assert_int_equal(sscanf(text, " %63[^=]=%lf%n", b->names[b->n], &b->at[b->n].value, &used), 2);
        b->at[b->n].name = b->names[b->n];
        b->n++;
        text += used;
        text += strspn(text, " ");
    }
}

static int compile(lrs_program **out, const char *text, const char *defines, lrs_diagnostics **d)
{
    bindings b;
    read_bindings(&b, defines);
    lrs_options o = {.size = sizeof o, .name = "test.lrs", .defines = b.at, .ndefines = b.n};
    return lrs_compile(out, text, strlen(text), &o, d);
}

static void show(const lrs_diagnostics *d)
{
    static char text[4096];
    lrs_diagnostics_render(d, LRS_RENDER_ASCII, text, sizeof text);
    print_error("%s", text);
}

schedule schedule_open(const char *text, const char *defines, const char *params)
{
    schedule s = {0};
    lrs_diagnostics *d = NULL;
    bindings b;
    char error[256] = "";
    int status = compile(&s.program, text, defines, &d);
    if (status != LRS_OK) {
        show(d);
        print_error("in: %s\n", text);
    }
    lrs_diagnostics_free(d);
    assert_int_equal(status, LRS_OK);
    read_bindings(&b, params);
    status = lrs_bind(&s.plan, s.program, b.at, b.n, error, sizeof error);
    if (status != LRS_OK)
        print_error("%s\nin: %s\n", error, text);
    assert_int_equal(status, LRS_OK);
    assert_int_equal(lrs_state_new(&s.state, s.plan), LRS_OK);
    return s;
}

void schedule_close(schedule *s)
{
    lrs_state_free(s->state, s->plan);
    lrs_plan_free(s->plan);
    lrs_program_free(s->program);
}

double schedule_at(const schedule *s, int64_t step)
{
    return lrs_value(s->plan, s->state, 0, step);
}

double value_of(const char *text, int64_t step)
{
    schedule s = schedule_open(text, NULL, NULL);
    double v = schedule_at(&s, step);
    schedule_close(&s);
    return v;
}

void assert_near(double found, long double expected, const char *what, int64_t step)
{
    long double error = fabsl((long double)found - expected), scale = fabsl(expected);
    if (!(error <= RELATIVE * scale || error < 1e-300L)) {
        print_error("%s at step %lld: %.17g, expected %.20Lg\n", what, (long long)step, found, expected);
        fail();
    }
}

int first_error(const char *text, const char *defines, char *message, size_t cap)
{
    lrs_program *p = NULL;
    lrs_diagnostics *d = NULL;
    lrs_diagnostic g = {.size = sizeof g};
    int code = 0;
    int status = compile(&p, text, defines, &d);
    assert_int_equal(status, LRS_E_SOURCE);
    assert_null(p);
    assert_true(lrs_diagnostics_errors(d) > 0);
    for (size_t i = 0; code == 0 && lrs_diagnostics_get(&g, d, i) == LRS_OK; i++) {
        if (g.severity == LRS_ERROR) {
            code = g.code;
            if (message)
                snprintf(message, cap, "%s", g.message);
        }
    }
    lrs_diagnostics_free(d);
    return code;
}

static const char *codes_in(int status, lrs_program *p, lrs_diagnostics *d)
{
    static char codes[512];
    size_t n = 0;
    lrs_diagnostic g = {.size = sizeof g};
    if (status != LRS_OK)
        show(d);
    assert_int_equal(status, LRS_OK);
    codes[0] = 0;
    for (size_t i = 0; d && lrs_diagnostics_get(&g, d, i) == LRS_OK && n + 8 < sizeof codes; i++)
        n += (size_t)snprintf(codes + n, sizeof codes - n, "%s%d", n ? " " : "", g.code);
    lrs_diagnostics_free(d);
    lrs_program_free(p);
    return codes;
}

const char *codes_of(const char *text, const char *defines)
{
    lrs_program *p = NULL;
    lrs_diagnostics *d = NULL;
    int status = compile(&p, text, defines, &d);
    return codes_in(status, p, d);
}

const char *codes_with(const char *text, const lrs_options *options)
{
    lrs_program *p = NULL;
    lrs_diagnostics *d = NULL;
    int status = lrs_compile(&p, text, strlen(text), options, &d);
    return codes_in(status, p, d);
}

const char *kinds_of(const char *text)
{
    static const char *const names[LRS_K_KINDS] = {"const", "linear", "exp2", "stair", "hcos", "pow", "sqrt", "cosqrt", "rsqrt", "recip", "expr"};
    static char kinds[512];
    size_t n = 0;
    arena mem;
    ir_program *p = NULL;
    lrs_diagnostics *d = diags_new(NULL);
    arena_init(&mem, NULL);
    int status = lrs_compile_ir(&p, &mem, d, text, strlen(text), NULL);
    if (status != LRS_OK)
        show(d);
    assert_int_equal(status, LRS_OK);
    assert_null(ir_verify(p));
    kinds[0] = 0;
    for (uint32_t k = 0; k < p->outs[0].nseg; k++)
        n += (size_t)snprintf(kinds + n, sizeof kinds - n, "%s%s", n ? " " : "", names[p->kinds[p->outs[0].kind + k]]);
    arena_free(&mem);
    lrs_diagnostics_free(d);
    return kinds;
}
