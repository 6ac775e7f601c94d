/* test_api.c: the public calls from text to values: programs, params and their messages, explanations, allocators, memory
 * that runs out at every allocation in turn, a locale with another decimal point. */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "api.h"
#include "kernel/state.h"
#include "rt.h"

static const char card[] = "warmup 5 linear -> 0.1; then exp s=1000; on plateau(patience=3) *0.5\n";
static const char params[] = "param peak = 0.1 in 0.01..1 log\n"
                             "param total = 1000\n"
                             "param extra\n"
                             "warmup 100 linear -> peak\n"
                             "cosine until total -> extra\n"
                             "at 500 *0.5\n"
                             "bounds 1e-6 .. 10\n";

static lrs_program *compile(const char *text)
{
    lrs_program *p;
    lrs_diagnostics *d;
    int e = lrs_compile(&p, text, strlen(text), NULL, &d);
    if (e) {
        char message[2000];
        lrs_diagnostics_render(d, 0, message, sizeof message);
        fail_msg("%s", message);
    }
    lrs_diagnostics_free(d);
    return p;
}

static void the_card(void **unused)
{
    lrs_program *p = compile(card);
    lrs_plan *plan;
    lrs_state *s;
    (void)unused;
    assert_int_equal(lrs_program_outputs(p), 1);
    assert_string_equal(lrs_program_output_name(p, 0), "lr");
    assert_null(lrs_program_output_name(p, 1));
    assert_int_equal(lrs_program_inputs(p), 1);
    assert_string_equal(lrs_program_input_name(p, 0), "metric");
    assert_null(lrs_program_input_name(p, 1));
    assert_int_equal(lrs_program_params(p), 0);
    assert_int_equal(lrs_program_param(&(lrs_param_info){.size = sizeof(lrs_param_info)}, p, 0), LRS_E_ARG);
    assert_int_equal(lrs_bind(&plan, p, NULL, 0, NULL, 0), LRS_OK);
    assert_true(lrs_program_hash(p) == plan->k.layout->hash);
    assert_ptr_equal(lrs_plan_ir(plan), lrs_program_ir(p));
    assert_null(ir_verify(lrs_program_ir(p)));
    lrs_program_free(p); /* the plan keeps it */
    assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
    assert_same_bits(lrs_value(plan, s, 0, 0), 0.0);
    assert_same_bits(lrs_value(plan, s, 0, -7), 0.0);
    assert_same_bits(lrs_value(plan, s, 0, 1), 0.02);
    assert_same_bits(lrs_value(plan, s, 0, 5), 0.1);
    assert_true(llabs((long long)(rt_bits(lrs_value(plan, s, 0, 1005)) - rt_bits(0.01))) <= 1);
    errno = 77;
    double rate = 0;
    for (int64_t step = 0; step < 5; step++)
        rate = lrs_get_lr(plan, s, step, 1.0);
    assert_int_equal(errno, 77);
    assert_true(fabs(rate - 0.08 / 2) < 1e-15); /* the fifth observation halves */
    lrs_state_free(s, plan);
    lrs_plan_free(plan);
}

static void messages(void **unused)
{
    static const struct {
        lrs_binding b[2];
        const char *text;
    } cases[] = {
        {{{"extra", 0}, {"peak", 3}}, "param `peak` must be within 0.01..1, got 3"},
        {{{"extra", 0}, {"peak", NAN}}, "param `peak` must be a finite number, got nan"},
        {{{"extra", 0}, {"peak", -(double)INFINITY}}, "param `peak` must be a finite number, got -inf"},
        {{{"extra", 0}, {"paek", 0.1}}, "there is no param `paek`: did you mean `peak`?"},
        {{{"extra", 0}, {"zzzzzz", 0.1}}, "there is no param `zzzzzz`: see the program's `param` lines for their names"},
        {{{"peak", 0.1}, {"peak", 0.2}}, "param `extra` has no default: give it a value"},
    };
    lrs_program *p = compile(params);
    (void)unused;
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        char error[200] = "x", few[8];
        lrs_plan *plan = (lrs_plan *)(void *)&plan;
        assert_int_equal(lrs_bind(&plan, p, cases[k].b, 2, error, sizeof error), LRS_E_PARAM);
        assert_null(plan);
        assert_string_equal(error, cases[k].text);
        assert_int_equal(lrs_bind(&plan, p, cases[k].b, 2, few, sizeof few), LRS_E_PARAM);
        assert_int_equal(strlen(few), 7);
        assert_int_equal(lrs_bind(&plan, p, cases[k].b, 2, NULL, 0), LRS_E_PARAM);
    }
    char error[200];
    lrs_plan *plan;
    /* a phase that cannot be */
    lrs_program *lengths = compile("param length = 10\nwarmup length linear -> 0.1\nlinear 5 -> 0\n");
    assert_int_equal(lrs_bind(&plan, lengths, &(lrs_binding){"length", -1}, 1, error, sizeof error), LRS_E_PARAM);
    assert_string_equal(error, "the duration of `warmup length linear -> 0.1` must be finite and not negative (length = -1)");
    lrs_program_free(lengths);
    /* with its params, four of them at most */
    lrs_program *many = compile("param a = 1\nparam b = 2\nparam c = 0.1\nparam d = 4\nparam f = 5\nhold c for a - b + d - f + 7\n");
    assert_int_equal(lrs_bind(&plan, many, &(lrs_binding){"a", -10}, 1, error, sizeof error), LRS_E_PARAM);
    assert_non_null(strstr(error, " must be finite and not negative (a = -10, b = 2, c = 0.1, d = 4, ...)"));
    char little[30];
    assert_int_equal(lrs_bind(&plan, many, &(lrs_binding){"a", -10}, 1, little, sizeof little), LRS_E_PARAM);
    assert_int_equal(strlen(little), 29);
    lrs_program_free(many);
    assert_int_equal(lrs_bind(NULL, p, NULL, 0, NULL, 0), LRS_E_ARG);
    assert_int_equal(lrs_bind(&plan, NULL, NULL, 0, NULL, 0), LRS_E_ARG);
    assert_int_equal(lrs_bind(&plan, p, NULL, 1, NULL, 0), LRS_E_ARG);
    assert_int_equal(lrs_bind(&plan, p, &(lrs_binding){NULL, 1}, 1, NULL, 0), LRS_E_ARG);

    lrs_param_info info = {.size = sizeof info};
    assert_int_equal(lrs_program_params(p), 3);
    assert_int_equal(lrs_program_param(&info, p, 0), LRS_OK);
    assert_string_equal(info.name, "peak");
    assert_true(info.has_default && info.has_range && info.is_log && info.def == 0.1 && info.lo == 0.01 && info.hi == 1);
    assert_int_equal(lrs_program_param(&info, p, 2), LRS_OK);
    assert_true(!info.has_default && !info.has_range && !info.is_log && info.def == 0 && info.lo == 0 && info.hi == 0);
    lrs_program_free(p);
}

/* What each detector knows, against the rule counted by hand. */
static void detectors(void **unused)
{
    static const char text[] = "hold 0.1\non plateau(patience=2, cooldown=1) *0.5\non diverge(factor=3, window=2) stop\n"
                               "on plateau(smooth=0.5, every=2, mode=max) *0.5\n";
    lrs_program *p = compile(text);
    lrs_plan *plan;
    lrs_state *s;
    lrs_detector d = {.size = sizeof d};
    (void)unused;
    assert_int_equal(lrs_bind(&plan, p, NULL, 0, NULL, 0), LRS_OK);
    assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
    assert_int_equal(lrs_plan_detectors(plan), 3);
    assert_int_equal(lrs_plan_detectors(NULL), 0);
    assert_int_equal(lrs_detector_at(&d, plan, s, 0), LRS_OK);
    assert_string_equal(d.kind, "plateau");
    assert_string_equal(d.rule_text, "on plateau(patience=2, cooldown=1) *0.5");
    assert_true(d.best == (double)INFINITY && isnan(d.smoothed) && d.seen_step == INT64_MIN);
    assert_true(d.inputs == 1 && d.bad == 0 && d.cooling == 0 && d.fired == 0 && d.patience == 2);

    static const double metrics[] = {1, 2, 2, 2, 0.5, 2};
    static const int bad[] = {0, 1, 2, 0, 0, 1}, cooling[] = {0, 0, 0, 1, 0, 0}, fired[] = {0, 0, 0, 1, 1, 1};
    static const double best[] = {1, 1, 1, 1, 0.5, 0.5};
    for (int k = 0; k < 6; k++) {
        lrs_observe(plan, s, 0, 10 * k, metrics[k]);
        assert_int_equal(lrs_detector_at(&d, plan, s, 0), LRS_OK);
        assert_int_equal(d.bad, bad[k]);
        assert_int_equal(d.cooling, cooling[k]);
        assert_int_equal(d.fired, fired[k]);
        assert_int_equal(d.fired_step, fired[k] ? 30 : 0);
        assert_int_equal(d.seen_step, 10 * k);
        assert_same_bits(d.best, best[k]);
    }
    assert_int_equal(lrs_detector_at(&d, plan, s, 1), LRS_OK);
    assert_string_equal(d.kind, "diverge");
    assert_true(d.best == 0.5 && d.bad == 1 && d.patience == 2); /* 2 is past three times 0.5 */
    assert_int_equal(lrs_detector_at(&d, plan, s, 2), LRS_OK);
    double ema = 0, weight = 0;
    for (int k = 0; k < 6; k++) {
        ema = 0.5 * ema + 0.5 * metrics[k];
        weight = 0.5 * weight + 0.5;
    }
    assert_same_bits(d.smoothed, ema / weight);

    assert_int_equal(lrs_detector_at(&d, plan, s, 3), LRS_E_ARG);
    assert_int_equal(lrs_detector_at(NULL, plan, s, 0), LRS_E_ARG);
    assert_int_equal(lrs_detector_at(&d, NULL, s, 0), LRS_E_ARG);
    assert_int_equal(lrs_detector_at(&d, plan, NULL, 0), LRS_E_ARG);
    d.size = 1;
    assert_int_equal(lrs_detector_at(&d, plan, s, 0), LRS_E_ARG);
    lrs_state_free(s, plan);
    lrs_plan_free(plan);
    lrs_program_free(p);
}

static void later_bindings_win(void **unused)
{
    lrs_program *p = compile(params);
    lrs_plan *plan;
    const lrs_binding b[] = {{"extra", 1}, {"peak", 0.02}, {"extra", 0.5}, {"peak", 0.3}};
    (void)unused;
    assert_int_equal(lrs_bind(&plan, p, b, 4, NULL, 0), LRS_OK);
    assert_same_bits(lrs_plan_param(plan, 0), 0.3);
    assert_same_bits(lrs_plan_param(plan, 1), 1000.0);
    assert_same_bits(lrs_plan_param(plan, 2), 0.5);
    lrs_plan_free(plan);
    lrs_program_free(p);
}

static void explanations(void **unused)
{
    lrs_program *p = compile(params);
    lrs_plan *plan;
    lrs_state *s;
    lrs_explanation x = {.size = sizeof x};
    (void)unused;
    assert_int_equal(lrs_bind(&plan, p, &(lrs_binding){"extra", 0}, 1, NULL, 0), LRS_OK);
    assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
    assert_int_equal(lrs_explain_at(&x, plan, s, 0, 50), LRS_OK);
    assert_same_bits(x.value, 0.05);
    assert_same_bits(x.base, 0.05);
    assert_same_bits(x.scale, 1.0);
    assert_int_equal(x.phase, 0);
    assert_string_equal(x.phase_text, "warmup 100 linear -> peak");
    assert_same_bits(x.phase_start, 0.0);
    assert_same_bits(x.phase_end, 100.0);
    assert_string_equal(x.law, "linear");
    assert_int_equal(x.fired, 0);
    assert_int_equal(lrs_explain_at(&x, plan, s, 0, 550), LRS_OK);
    assert_string_equal(x.phase_text, "cosine until total -> extra");
    assert_string_equal(x.law, "half-cosine");
    assert_same_bits(x.scale, 0.5);
    assert_true(fabs(x.base - 0.05) < 1e-15);
    assert_same_bits(x.value, x.base * 0.5);
    assert_same_bits(x.phase_start, 100.0);
    assert_same_bits(x.phase_end, 1000.0);
    assert_int_equal(lrs_explain_at(&x, plan, s, 0, INT64_MAX), LRS_OK);
    assert_same_bits(x.value, 1e-6);
    assert_same_bits(x.base, 0.0);
    assert_int_equal(lrs_explain_at(&x, plan, s, 1, 0), LRS_E_ARG);
    assert_int_equal(lrs_explain_at(NULL, plan, s, 0, 0), LRS_E_ARG);
    assert_int_equal(lrs_explain_at(&x, NULL, s, 0, 0), LRS_E_ARG);
    assert_int_equal(lrs_explain_at(&x, plan, NULL, 0, 0), LRS_E_ARG);
    lrs_state_free(s, plan);
    lrs_plan_free(plan);
    lrs_program_free(p);
}

static void errors(void **unused)
{
    lrs_program *p = (lrs_program *)(void *)&p;
    lrs_diagnostics *d;
    lrs_options o = {.size = sizeof o, .name = "bad.lrs"};
    lrs_diagnostic g = {.size = sizeof g};
    (void)unused;
    assert_int_equal(lrs_compile(&p, "warmup 5 linaer -> 0.1", 22, &o, &d), LRS_E_SOURCE);
    assert_null(p);
    assert_true(lrs_diagnostics_errors(d) >= 1);
    assert_int_equal(lrs_diagnostics_get(&g, d, 0), LRS_OK);
    assert_string_equal(g.file, "bad.lrs");
    lrs_diagnostics_free(d);
    assert_int_equal(lrs_compile(&p, "warmup 5 linaer -> 0.1", 22, &o, NULL), LRS_E_SOURCE);
    assert_int_equal(lrs_compile(&p, "warmup -> ->", 12, NULL, &d), LRS_E_SOURCE);
    assert_true(lrs_diagnostics_errors(d) >= 1);
    lrs_diagnostics_free(d);
    assert_int_equal(lrs_compile(&p, NULL, 0, NULL, &d), LRS_E_SOURCE); /* an empty program has no schedule */
    lrs_diagnostics_free(d);
    assert_int_equal(lrs_compile(&p, NULL, 1, NULL, &d), LRS_E_ARG);
    assert_null(d);
    assert_int_equal(lrs_compile(NULL, card, 1, NULL, &d), LRS_E_ARG);
    assert_int_equal(lrs_compile(&p, card, sizeof card - 1, &(lrs_options){0}, &d), LRS_E_ARG); /* no size */
    assert_int_equal(lrs_compile(&p, card, sizeof card - 1, &(lrs_options){.size = sizeof o, .ndefines = 1}, &d), LRS_E_ARG);
    assert_int_equal(lrs_compile(&p, card, sizeof card - 1, &(lrs_options){.size = sizeof o, .nparams = 1}, &d), LRS_E_ARG);
    /* more text than is read at all: only its length is looked at */
    assert_int_equal(lrs_compile(&p, card, ((size_t)64 << 20) + 1, &o, &d), LRS_E_SOURCE);
    assert_int_equal(lrs_diagnostics_get(&g, d, 0), LRS_OK);
    assert_int_equal(g.code, DIAG_TOO_LARGE);
    lrs_diagnostics_free(d);
    /* an option struct of an older header */
    struct {
        size_t size;
        const char *name;
    } old = {sizeof old, "old.lrs"};
    lrs_options small;
    memset(&small, 0xff, sizeof small);
    memcpy(&small, &old, sizeof old);
    assert_int_equal(lrs_compile(&p, card, sizeof card - 1, &small, NULL), LRS_OK);
    lrs_program_free(p);
    lrs_program_free(NULL);
    lrs_diagnostics_free(NULL);
}

/* ---- structs of other versions of the header ---- */

/* What fills a struct, and how large it is here. */
typedef struct filler {
    int (*fill)(void *out, const void *of);
    const void *of;
    size_t size;
} filler;

static int fill_diagnostic(void *out, const void *of)
{
    return lrs_diagnostics_get(out, of, 0);
}

static int fill_param(void *out, const void *of)
{
    return lrs_program_param(out, of, 0);
}

typedef struct running {
    const lrs_plan *plan;
    const lrs_state *state;
} running;

static int fill_explanation(void *out, const void *of)
{
    const running *r = of;
    return lrs_explain_at(out, r->plan, r->state, 0, 50);
}

static void check_filler(const filler *f)
{
    enum { MORE = 64 };
    static const size_t none[] = {0, 1, sizeof(size_t), 2 * sizeof(size_t) - 1, LRS_STRUCT_MAX + 1, SIZE_MAX / 2, SIZE_MAX};
    size_t whole_words[(LRS_STRUCT_MAX + MORE) / sizeof(size_t)], words[(LRS_STRUCT_MAX + MORE) / sizeof(size_t)];
    unsigned char *whole = (unsigned char *)whole_words, *bytes = (unsigned char *)words;
    memset(whole, 0, sizeof whole_words);
    whole_words[0] = f->size;
    assert_int_equal(f->fill(whole, f->of), LRS_OK);
    assert_int_equal(whole_words[0], f->size);
    /* an older caller, of any size that there may have been; a newer one; the newest that can be */
    for (size_t size = 2 * sizeof(size_t); size <= LRS_STRUCT_MAX; size += size < f->size + MORE ? sizeof(size_t) : 512) {
        size_t both = size < f->size ? size : f->size;
        memset(bytes, 0xa5, sizeof words);
        words[0] = size;
        assert_int_equal(f->fill(bytes, f->of), LRS_OK);
        assert_int_equal(words[0], size);
        assert_memory_equal(bytes + sizeof(size_t), whole + sizeof(size_t), both - sizeof(size_t));
        for (size_t i = both; i < sizeof words; i++)
            assert_int_equal(bytes[i], i < size ? 0 : 0xa5);
    }
    for (size_t k = 0; k < sizeof none / sizeof none[0]; k++) {
        memset(bytes, 0xa5, sizeof words);
        words[0] = none[k];
        assert_int_equal(f->fill(bytes, f->of), LRS_E_ARG);
        assert_int_equal(words[0], none[k]);
        for (size_t i = sizeof(size_t); i < sizeof words; i++)
            assert_int_equal(bytes[i], 0xa5);
    }
}

static void structs_that_are_filled(void **unused)
{
    lrs_program *p = compile(params), *wrong;
    lrs_plan *plan;
    lrs_state *s;
    lrs_diagnostics *d;
    (void)unused;
    assert_int_equal(lrs_bind(&plan, p, &(lrs_binding){"extra", 0}, 1, NULL, 0), LRS_OK);
    assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
    assert_int_equal(lrs_compile(&wrong, "warmup 5 linaer -> 0.1", 22, NULL, &d), LRS_E_SOURCE);
    const running r = {plan, s};
    const filler fillers[] = {
        {fill_diagnostic, d, sizeof(lrs_diagnostic)},
        {fill_param, p, sizeof(lrs_param_info)},
        {fill_explanation, &r, sizeof(lrs_explanation)},
    };
    for (size_t k = 0; k < sizeof fillers / sizeof fillers[0]; k++)
        check_filler(&fillers[k]);
    lrs_diagnostics_free(d);
    lrs_state_free(s, plan);
    lrs_plan_free(plan);
    lrs_program_free(p);
}

static void options_of_other_versions(void **unused)
{
    struct {
        lrs_options now;
        double later[2];
    } newer;
    lrs_options o;
    lrs_program *p;
    static const size_t none[] = {0, 1, sizeof(size_t), 2 * sizeof(size_t) - 1, LRS_STRUCT_MAX + 1, SIZE_MAX};
    (void)unused;
    /* what an older caller does not have is not looked at */
    for (size_t size = offsetof(lrs_options, defines); size < sizeof o; size += sizeof(size_t)) {
        memset(&o, 0, sizeof o);
        memset((char *)&o + size, 0xff, sizeof o - size);
        o.size = size;
        assert_int_equal(lrs_compile(&p, card, sizeof card - 1, &o, NULL), LRS_OK);
        lrs_program_free(p);
    }
    /* what this library does not have must not be asked of it */
    memset(&newer, 0, sizeof newer);
    newer.now.size = sizeof newer;
    assert_int_equal(lrs_compile(&p, card, sizeof card - 1, &newer.now, NULL), LRS_OK);
    lrs_program_free(p);
    newer.later[1] = 1;
    assert_int_equal(lrs_compile(&p, card, sizeof card - 1, &newer.now, NULL), LRS_E_ARG);
    assert_null(p);
    for (size_t k = 0; k < sizeof none / sizeof none[0]; k++) {
        o = (lrs_options){.size = none[k]};
        assert_int_equal(lrs_compile(&p, card, sizeof card - 1, &o, NULL), LRS_E_ARG);
    }
}

/* ---- NULL, and what is out of range ---- */

static void outputs_that_are_read(void **unused)
{
    static const char text[] = "def half() { curve 0.5 * base for 100; then hold 0.1 }\n"
                               "require 1 < 2 \"#1\"; schedule base { hold 1 }; schedule lr { half() }\n"
                               "schedule x = 2; schedule x[\"head\"] = 2 * x; schedule alone = 3 # base alone\n"
                               "let part { curve inner }; schedule inner = 4; schedule outer = part\n"
                               "schedule watched { linear 100 from 1 -> 0 }; schedule ends { hold 1 { on (metric < watched) *0.5 } }\n";
    static const struct {
        const char *name;
        int is_read;
    } want[] = {{"lr", 0}, {"base", 1}, {"x", 1}, {"x[\"head\"]", 0}, {"alone", 0}, {"inner", 1}, {"outer", 0}, {"watched", 1}, {"ends", 0}};
    lrs_program *p = compile(text);
    (void)unused;
    assert_int_equal(lrs_program_outputs(p), sizeof want / sizeof *want);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_string_equal(lrs_program_output_name(p, i), want[i].name);
        assert_int_equal(lrs_program_output_is_read(p, i), want[i].is_read);
    }
    for (size_t i = sizeof want / sizeof *want; i < 2 * sizeof want / sizeof *want; i++)
        assert_int_equal(lrs_program_output_is_read(p, i), 0); /* parts are no outputs */
    lrs_program_free(p);
}

static void nothing(void **unused)
{
    lrs_program *p = compile(params);
    lrs_plan *plan;
    lrs_state *s;
    char buf[8] = "x";
    (void)unused;
    assert_int_equal(lrs_diagnostics_count(NULL), 0);
    assert_int_equal(lrs_diagnostics_errors(NULL), 0);
    assert_int_equal(lrs_diagnostics_render(NULL, 0, buf, sizeof buf), 0);
    assert_string_equal(buf, "");
    assert_int_equal(lrs_diagnostics_get(NULL, NULL, 0), LRS_E_ARG);
    assert_int_equal(lrs_program_hash(NULL), 0);
    assert_null(lrs_program_unit(NULL));
    assert_int_equal(lrs_program_outputs(NULL), 0);
    assert_null(lrs_program_output_name(NULL, 0));
    assert_int_equal(lrs_program_output_is_read(NULL, 0), 0);
    assert_int_equal(lrs_program_inputs(NULL), 0);
    assert_null(lrs_program_input_name(NULL, 0));
    assert_int_equal(lrs_program_params(NULL), 0);
    assert_int_equal(lrs_program_param(NULL, p, 0), LRS_E_ARG);
    assert_int_equal(lrs_program_param(&(lrs_param_info){.size = sizeof(lrs_param_info)}, NULL, 0), LRS_E_ARG);
    assert_int_equal(lrs_program_param(&(lrs_param_info){.size = sizeof(lrs_param_info)}, p, SIZE_MAX), LRS_E_ARG);
    assert_true(isnan(lrs_plan_param(NULL, 0)));
    assert_int_equal(lrs_state_size(NULL), 0);
    assert_int_equal(lrs_state_new(NULL, NULL), LRS_E_ARG);
    assert_int_equal(lrs_state_new(&s, NULL), LRS_E_ARG);
    assert_null(s);
    lrs_state_free(NULL, NULL);
    lrs_plan_free(NULL);
    assert_int_equal(lrs_state_save(NULL, NULL, NULL, 0), 0);
    assert_int_equal(lrs_state_load(NULL, NULL, NULL, 0, NULL, 0), LRS_E_ARG);
    assert_int_equal(lrs_bind(&plan, p, &(lrs_binding){"extra", 0}, 1, NULL, 0), LRS_OK);
    assert_true(isnan(lrs_plan_param(plan, 3)) && isnan(lrs_plan_param(plan, SIZE_MAX)));
    assert_int_equal(lrs_state_save(plan, NULL, NULL, 0), 0);
    lrs_plan_free(plan);
    lrs_program_free(p);
}

/* It goes to terminals and logs of any program. */
static void errors_are_what_they_look_like(void **unused)
{
    lrs_program *p = compile("param a = 1\nrequire a < 2 \"x\xe2\x80\xaey\"\nhold a");
    lrs_plan *plan;
    char error[100];
    (void)unused;
    assert_int_equal(lrs_bind(&plan, p, &(lrs_binding){"a", 3}, 1, error, sizeof error), LRS_E_PARAM);
    assert_string_equal(error, "x\\u{202e}y (a = 3)");
    lrs_program_free(p);
}

static void a_state_of_another_program(void **unused)
{
    lrs_program *p = compile(params), *other = compile(card);
    lrs_plan *plan, *theirs;
    lrs_state *s, *t;
    unsigned char buf[1000];
    lrs_explanation x = {.size = sizeof x};
    (void)unused;
    assert_int_equal(lrs_bind(&plan, p, &(lrs_binding){"extra", 0}, 1, NULL, 0), LRS_OK);
    assert_int_equal(lrs_bind(&theirs, other, NULL, 0, NULL, 0), LRS_OK);
    assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
    assert_int_equal(lrs_state_new(&t, theirs), LRS_OK);
    assert_int_equal(lrs_state_save(plan, t, buf, sizeof buf), 0);
    assert_int_equal(lrs_explain_at(&x, plan, t, 0, 0), LRS_E_ARG);
    size_t n = lrs_state_save(plan, s, buf, sizeof buf);
    assert_true(n > 0 && n <= sizeof buf);
    char said[200], wanted[200];
    assert_int_equal(lrs_state_load(plan, t, buf, n, said, sizeof said), LRS_E_ARG);
    assert_string_equal(said, "the state to load into was not initialised, or for another program");
    assert_int_equal(lrs_state_load(theirs, t, buf, n, NULL, 0), LRS_E_MISMATCH);
    assert_int_equal(lrs_state_load(theirs, t, buf, n, said, sizeof said), LRS_E_MISMATCH);
    snprintf(wanted, sizeof wanted, "the state is of another program: %016llx, and this one is %016llx. Compile the text that the run began with",
             (unsigned long long)lrs_program_hash(p), (unsigned long long)lrs_program_hash(other));
    assert_string_equal(said, wanted);
    assert_int_equal(lrs_state_load(plan, s, buf, n, said, sizeof said), LRS_OK);
    assert_string_equal(said, "");
    assert_int_equal(lrs_state_load(plan, s, buf, n - 1, said, sizeof said), LRS_E_STATE);
    assert_string_equal(said, "the saved state is cut short");
    assert_int_equal(lrs_state_load(plan, NULL, buf, n, said, sizeof said), LRS_E_ARG);
    assert_string_equal(said, "a plan, a state and the bytes of a saved state are needed");
    lrs_plan *changed;
    lrs_state *u;
    assert_int_equal(lrs_bind(&changed, p, (lrs_binding[]){{"extra", -0.0}, {"peak", 0.25}}, 2, NULL, 0), LRS_OK);
    assert_int_equal(lrs_state_new(&u, changed), LRS_OK);
    for (size_t cap = sizeof said; cap > 0; cap--) { /* cut to fit, wherever that is */
        memset(said, 'x', sizeof said);
        assert_int_equal(lrs_state_load(changed, u, buf, n, said, cap), LRS_E_MISMATCH);
        if (cap == sizeof said)
            strcpy(wanted, said);
        assert_int_equal(strlen(said), strlen(wanted) < cap ? strlen(wanted) : cap - 1);
        assert_memory_equal(said, wanted, strlen(said));
    }
    assert_string_equal(wanted, "the state is of a run with other params: `peak` was 0.1 and is 0.25, `extra` was 0 and is -0. Give the values of that run");
    lrs_state_free(u, changed);
    lrs_plan_free(changed);
    lrs_state_free(s, plan);
    lrs_state_free(t, theirs);
    lrs_plan_free(plan);
    lrs_plan_free(theirs);
    lrs_program_free(p);
    lrs_program_free(other);
}

static char *copy_of(const char *text)
{
    char *copy = malloc(strlen(text) + 1);
    assert_non_null(copy);
    strcpy(copy, text);
    return copy;
}

/* What the caller passes in is gone when the call returns. */
static void nothing_is_kept(void **unused)
{
    char *text = copy_of(params), *wrong = copy_of("warmup 5 linaer -> 0.1"), *name = copy_of("borrowed.lrs"), *define = copy_of("total");
    char *bound = copy_of("extra"), shown[500];
    lrs_binding *defines = malloc(sizeof *defines), *bindings = malloc(sizeof *bindings);
    lrs_options *o = malloc(sizeof *o);
    lrs_param_info info = {.size = sizeof info};
    lrs_explanation x = {.size = sizeof x};
    lrs_program *p, *none;
    lrs_diagnostics *d;
    lrs_plan *plan;
    lrs_state *s;
    (void)unused;
    assert_true(defines && bindings && o);
    *defines = (lrs_binding){define, 700};
    *bindings = (lrs_binding){bound, 0};
    *o = (lrs_options){.size = sizeof *o, .name = name, .defines = defines, .ndefines = 1};
    assert_int_equal(lrs_compile(&p, text, strlen(text), o, NULL), LRS_OK);
    o->ndefines = 0;
    assert_int_equal(lrs_compile(&none, wrong, strlen(wrong), o, &d), LRS_E_SOURCE);
    assert_int_equal(lrs_bind(&plan, p, bindings, 1, NULL, 0), LRS_OK);
    free(text);
    free(wrong);
    free(name);
    free(define);
    free(bound);
    free(defines);
    free(bindings);
    free(o);
    lrs_diagnostics_render(d, LRS_RENDER_ASCII, shown, sizeof shown);
    assert_non_null(strstr(shown, "borrowed.lrs:1:10: error: "));
    assert_non_null(strstr(shown, "warmup 5 linaer -> 0.1"));
    lrs_diagnostics_free(d);
    assert_int_equal(lrs_program_params(p), 2);
    assert_int_equal(lrs_program_param(&info, p, 1), LRS_OK);
    lrs_program_free(p); /* texts live as long as the plan */
    assert_string_equal(info.name, "extra");
    assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
    assert_int_equal(lrs_explain_at(&x, plan, s, 0, 200), LRS_OK);
    assert_string_equal(x.phase_text, "cosine until total -> extra");
    assert_same_bits(x.phase_end, 700.0);
    lrs_state_free(s, plan);
    lrs_plan_free(plan);
}

static void constant_params(void **unused)
{
    lrs_program *p = compile("param a = 2*pi in e..10*pi\nparam b = -pi/2\nhold a + b\n");
    lrs_param_info a = {.size = sizeof a}, b = {.size = sizeof b};
    (void)unused;
    assert_int_equal(lrs_program_param(&a, p, 0), LRS_OK);
    assert_int_equal(lrs_program_param(&b, p, 1), LRS_OK);
    assert_same_bits(a.def, 0x1.921fb54442d18p+2);
    assert_same_bits(a.lo, 0x1.5bf0a8b145769p+1);
    assert_true(fabs(a.hi - 31.41592653589793) < 1e-14);
    assert_same_bits(b.def, -0x1.921fb54442d18p+0);
    lrs_program_free(p);
}

static void units(void **unused)
{
    lrs_program *p = compile("unit epoch\nparam warm = 5 epochs\nparam peak = 0.1\nwarmup warm -> peak\n");
    lrs_param_info info = {.size = sizeof info};
    (void)unused;
    assert_string_equal(lrs_program_unit(p), "epoch");
    assert_int_equal(lrs_program_param(&info, p, 0), LRS_OK);
    assert_string_equal(info.unit, "epochs");
    assert_int_equal(lrs_program_param(&info, p, 1), LRS_OK);
    assert_null(info.unit);
    lrs_program_free(p);
    p = compile("param warm = 5 steps\nwarmup warm -> 1\n");
    assert_string_equal(lrs_program_unit(p), "step");
    assert_int_equal(lrs_program_inputs(p), 1);
    assert_int_equal(lrs_program_param(&info, p, 0), LRS_OK);
    assert_string_equal(info.unit, "steps");
    lrs_program_free(p);
}

static void too_many_values_at_once(void **unused)
{
    /* ((((t*2.1+1)... each term is used twice, once at each end, so that all are needed in the middle */
    static char text[60000];
    size_t n = 0;
    lrs_program *p;
    lrs_diagnostics *d;
    (void)unused;
    n += (size_t)sprintf(text + n, "hold 0.1 for 3; curve ");
    for (int k = 0; k < 320; k++)
        n += (size_t)sprintf(text + n, "(sin(t*%d) - ", k + 2);
    n += (size_t)sprintf(text + n, "t");
    for (int k = 0; k < 320; k++)
        n += (size_t)sprintf(text + n, ")");
    n += (size_t)sprintf(text + n, " for 100\n");
    int e = lrs_compile(&p, text, n, NULL, &d);
    assert_true(e == LRS_OK || (e == LRS_E_SOURCE && lrs_diagnostics_errors(d) > 0));
    if (e == LRS_OK)
        lrs_program_free(p);
    lrs_diagnostics_free(d);
}

/* ---- memory ---- */

typedef struct meter {
    long live, calls, fail_at;
} meter;

static void *metered(void *ctx, void *p, size_t n)
{
    meter *m = ctx;
    if (n == 0) {
        m->live -= p != NULL;
        free(p);
        return NULL;
    }
    if (++m->calls == m->fail_at)
        return NULL;
    m->live += p == NULL;
    return realloc(p, n);
}

/* From text to a state with this allocator; the status of the call that failed. */
static int whole_way(const char *text, const lrs_binding *b, size_t nb, meter *m)
{
    lrs_allocator allocator = {m, metered};
    lrs_options o = {.size = sizeof o, .allocator = &allocator};
    lrs_program *p;
    lrs_diagnostics *d;
    lrs_plan *plan;
    lrs_state *s;
    int e = lrs_compile(&p, text, strlen(text), &o, &d);
    memset(&allocator, 0, sizeof allocator); /* hooks are copied */
    lrs_diagnostics_free(d);
    if (e) {
        assert_null(p);
        return e;
    }
    e = lrs_bind(&plan, p, b, nb, NULL, 0);
    lrs_program_free(p);
    if (e) {
        assert_null(plan);
        return e;
    }
    e = lrs_state_new(&s, plan);
    if (!e) {
        long calls = m->calls;
        for (int64_t step = 0; step < 100; step++)
            lrs_get_lr(plan, s, step, 1.0);
        assert_int_equal(m->calls, calls); /* nothing is allocated on the way to a value */
        lrs_state_free(s, plan);
    }
    lrs_plan_free(plan);
    return e;
}

static void no_memory(void **unused)
{
    static const struct {
        const char *text;
        lrs_binding b[1];
        size_t nb;
    } cases[] = {{card, {{NULL, 0}}, 0}, {params, {{"extra", 0.0}}, 1}, {"curve 0.1/(1 + t^1.5/sin(u + 2)) for 100; nonsense 5", {{NULL, 0}}, 0}};
    (void)unused;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        meter good = {0, 0, 0};
        int want = whole_way(cases[c].text, cases[c].b, cases[c].nb, &good);
        assert_int_equal(good.live, 0);
        assert_true(good.calls > 3);
        for (long at = 1; at <= good.calls; at++) {
            meter m = {0, 0, at};
            int e = whole_way(cases[c].text, cases[c].b, cases[c].nb, &m);
            if (e != LRS_E_NOMEM && e != want)
                fail_msg("case %zu, allocation %ld of %ld fails: status %d", c, at, good.calls, e);
            assert_int_equal(m.live, 0);
        }
    }
}

static void numbers_in_any_locale(void **unused)
{
    static const double v[] = {0, 0.1, 1e-5, 1e300, 123456789, 1.0 / 3, -2.5, INFINITY, 0x1p-1074};
    static const char *const want[] = {"0", "0.1", "1e-05", "1e+300", "123456789", "0.3333333333333333", "-2.5", "inf", "5e-324"};
    static const char *const locales[] = {"C", "de_DE.UTF-8", "fr_FR.UTF-8"};
    (void)unused;
    for (size_t l = 0; l < 3; l++) {
        if (!setlocale(LC_ALL, locales[l]))
            continue;
        for (size_t k = 0; k < sizeof v / sizeof v[0]; k++) {
            char text[LRS_NUMBER_TEXT];
            lrs_number_text(text, v[k]);
            assert_string_equal(text, want[k]);
        }
        setlocale(LC_ALL, "C");
    }
}

static void did_you_mean(void **unused)
{
    static const lrs_param_info names[] = {{.name = "peak"}, {.name = "total"}, {.name = "steps_per_epoch"}, {.name = "b"}};
    (void)unused;
    assert_string_equal(lrs_nearest("paek", names, 4), "peak");
    assert_string_equal(lrs_nearest("totl", names, 4), "total");
    assert_string_equal(lrs_nearest("step_per_epoch", names, 4), "steps_per_epoch");
    assert_null(lrs_nearest("a", names, 4));
    assert_null(lrs_nearest("", names, 4));
    assert_null(lrs_nearest("gamma", names, 4));
    assert_null(lrs_nearest("a_very_long_name_that_is_nothing_like_any_of_these_names", names, 4));
}

static void statuses(void **unused)
{
    (void)unused;
    assert_string_equal(lrs_version(), LRS_VERSION_STRING);
    for (int e = -100; e <= 5; e++)
        assert_true(strlen(lrs_strerror(e)) > 0);
    assert_string_not_equal(lrs_strerror(LRS_E_NOMEM), lrs_strerror(-99));
    /* pinned numbers */
    assert_int_equal(LRS_E_SOURCE, -1);
    assert_int_equal(LRS_E_NOMEM, -2);
    assert_int_equal(LRS_E_ARG, -3);
    assert_int_equal(LRS_E_PARAM, -4);
    assert_int_equal(LRS_E_STATE, -5);
    assert_int_equal(LRS_E_MISMATCH, -6);
    assert_int_equal(LRS_E_NOENGINE, -7);
    assert_int_equal(LRS_E_LIMIT, -8);
    assert_int_equal(LRS_E_IO, -9);
    assert_int_equal(LRS_E_INTERNAL, -70);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_card),  cmocka_unit_test(messages),
        cmocka_unit_test(later_bindings_win), cmocka_unit_test(explanations), cmocka_unit_test(detectors),
        cmocka_unit_test(errors),    cmocka_unit_test(structs_that_are_filled),
        cmocka_unit_test(options_of_other_versions), cmocka_unit_test(outputs_that_are_read), cmocka_unit_test(nothing),
        cmocka_unit_test(errors_are_what_they_look_like),
        cmocka_unit_test(a_state_of_another_program), cmocka_unit_test(units),
        cmocka_unit_test(constant_params), cmocka_unit_test(nothing_is_kept), cmocka_unit_test(too_many_values_at_once),
        cmocka_unit_test(no_memory), cmocka_unit_test(numbers_in_any_locale),
        cmocka_unit_test(did_you_mean), cmocka_unit_test(statuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
