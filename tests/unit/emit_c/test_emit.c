/* test_emit.c: names, numbers, texts and errors of generated code, and golden texts of headers and C files.
 *
 * With LRS_UPDATE_GOLDEN=1 in the environment the golden files are written instead of compared. */
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend.h"
#include "embed.h"
#include "emit_js.h"
#include "emit_text.h"
#include "iprog.h"

/* ---- numbers ---- */

static void numbers_read_back(void **state) {
    (void)state;
    static const struct {
        double v;
        const char *decimal, *hex;
    } known[] = {
        {0.0, "0", "0x0p+0"},         {-0.0, "-0", "-0x0p+0"},     {1.0, "1", "0x1p+0"},
        {0.1, "0.1", "0x1.999999999999ap-4"}, {1000.0, "1000", "0x1.f4p+9"}, {-2.5, "-2.5", "-0x1.4p+1"},
        {1e-8, "1e-08", "0x1.5798ee2308c3ap-27"}, {1e22, "1e+22", "0x1.0f0cf064dd592p+73"},
        {0x1p-1074, "5e-324", "0x0.0000000000001p-1022"}, {0x1.fffffffffffffp+1023, "1.7976931348623157e+308", "0x1.fffffffffffffp+1023"},
        {INFINITY, "inf", "inf"},     {-INFINITY, "-inf", "-inf"},
    };
    char text[EMIT_NUMBER_SIZE];
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        assert_string_equal(emit_decimal(text, known[i].v), known[i].decimal);
        assert_string_equal(emit_hex(text, known[i].v), known[i].hex);
    }
    assert_string_equal(emit_hex(text, (double)NAN), "nan");
    uint64_t seed = 3;
    for (int i = 0; i < 200000; i++) {
        uint64_t u = iprog_random(&seed);
        double v;
        if (i % 8 == 0)
            u &= UINT64_C(0x800fffffffffffff); /* subnormal */
        memcpy(&v, &u, sizeof v);
        if (isnan(v))
            continue;
        assert_true(iprog_bits(strtod(emit_decimal(text, v), NULL)) == u);
        assert_true(iprog_bits(strtod(emit_hex(text, v), NULL)) == u);
    }
}

static void numbers_have_no_locale(void **state) {
    (void)state;
    static const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "ps_AF.UTF-8"};
    char text[EMIT_NUMBER_SIZE];
    const char *name = NULL;
    for (size_t i = 0; !name && i < sizeof locales / sizeof locales[0]; i++)
        name = setlocale(LC_NUMERIC, locales[i]);
    if (!name)
        skip();
    emit_decimal(text, 1234.5);
    setlocale(LC_NUMERIC, "C");
    assert_string_equal(text, "1234.5");
}

/* ---- text ---- */

static void text_is_made_safe(void **state) {
    (void)state;
    backend_buffer b = {0};
    emit_string(&b, "a \"b\" \\ ?\?/ \n\x01 \xc3\xa9");
    assert_string_equal(b.at, "\"a \\\"b\\\" \\\\ \\?\\?/ \\012\\001 \\303\\251\"");
    buffer_free(&b);
    emit_comment(&b, "x */ y /* z ?\?/ \n end");
    assert_string_equal(b.at, "x * / y / * z ? ?/   end");
    buffer_free(&b);
    emit_comment(&b, "\xc3\xa9 a\xe2\x80\xae" "b\xff\xe2\x80\xa8*\n/\x7f"); /* a letter, a turn, no UTF-8, a line that ends in JavaScript */
    assert_string_equal(b.at, "\xc3\xa9 a\\u{202e}b\\xff\\u{2028}* /\\x7f");
    buffer_free(&b);
}

/* ---- names ---- */

static emit_names names_of(const ir_program *p, const char *prefix, int own_prefix, arena *mem) {
    backend_options o = {.prefix = prefix, .own_prefix = own_prefix};
    emit_names n;
    assert_int_equal(emit_names_make(&n, p, &o, mem), 0);
    return n;
}

static void names_do_not_collide(void **state) {
    (void)state;
    arena mem;
    arena_init(&mem, NULL);
    ir_program *p = iprog_build_name("names", &mem);
    emit_names n = names_of(p, "sched", 0, &mem);
    assert_string_equal(n.params[0], "default_");
    assert_string_equal(n.params[1], "class_");
    assert_string_equal(n.params[2], "default__"); /* default_ was taken */
    assert_string_equal(n.params[3], "peak");
    assert_string_equal(n.outputs[0], "int"); /* sched_int is a fine name */
    assert_string_equal(n.own_get_lr, "get_lr");
    assert_string_equal(n.get_lr, "sched_get_lr");
    assert_null(n.initial);
    assert_string_equal(n.why_no_own, "the parameter `default` has no default");
    n = names_of(p, "enc", 1, &mem);
    assert_string_equal(n.own_get_lr, "enc_get_lr");
    assert_string_equal(n.get_lr, "enc_get_lr_r");

    p = iprog_build_name("outputs", &mem);
    n = names_of(p, "sched", 0, &mem);
    assert_string_equal(n.outputs[0], "lr");
    assert_string_equal(n.outputs[2], "init_");
    assert_string_equal(n.inputs[1], "val_loss");
    assert_non_null(n.initial);
    const char *strange[] = {"lr[\"head\"]", "lr_head", "fill_lr_head"}, *more[] = {"fill_x", "x", "observe_val_loss"};
    p->output_names = strange;
    n = names_of(p, "sched", 0, &mem);
    assert_string_equal(n.outputs[0], "lr_head");
    assert_string_equal(n.outputs[1], "lr_head_");
    assert_string_equal(n.outputs[2], "fill_lr_head__"); /* sched_fill_lr_head_ fills lr_head_ */
    p->output_names = more;
    n = names_of(p, "sched", 0, &mem);
    assert_string_equal(n.outputs[0], "fill_x");
    assert_string_equal(n.outputs[1], "x_");
    assert_string_equal(n.outputs[2], "observe_val_loss_");
    const char *lr[] = {"lr", "get_lr", ""};
    p->output_names = lr;
    n = names_of(p, "get", 0, &mem);
    assert_string_equal(n.outputs[0], "lr_"); /* get_lr is the function of the own state */
    assert_string_equal(n.outputs[1], "get_lr_");
    assert_string_equal(n.outputs[2], "_");
    arena_free(&mem);
}

/* ---- errors ---- */

static const char *error_text(const emit_names *n, int code) {
    for (size_t i = 0; i < n->nerrors; i++)
        if (n->errors[i].code == code)
            return n->errors[i].text;
    return NULL;
}

static void errors_say_what_to_do(void **state) {
    (void)state;
    arena mem;
    arena_init(&mem, NULL);
    ir_program *p = iprog_build_name("params", &mem);
    emit_names n = names_of(p, "sched", 0, &mem);
    assert_string_equal(error_text(&n, -1), "parameter `peak` must be within 0.0001..10: set the member peak of sched_params "
                                            "(its default is 0.1)");
    assert_string_equal(error_text(&n, -2), "parameter `total` must be a finite number: set the member total of sched_params "
                                            "(its default is 1000)");
    assert_string_equal(error_text(&n, -1002), "`cosine` would end before it begins: raise `total`; it depends on `total` (any number, by default 1000)");
    assert_string_equal(error_text(&n, LRS_K_E_UNINIT), "the state was not initialised: call sched_init before load");
    assert_string_equal(error_text(&n, -1000), "an argument is NULL");
    assert_string_equal(error_text(&n, 0), "no error");
    assert_null(error_text(&n, -4));
    p = iprog_build_name("names", &mem);
    n = names_of(p, "sched", 0, &mem);
    assert_string_equal(error_text(&n, -1), "parameter `default` must be within 0..1 and has no default: set the member "
                                            "default_ of sched_params");
    arena_free(&mem);
}

static void many_params(void **state) {
    (void)state;
    arena mem;
    arena_init(&mem, NULL);
    ir_program *p = iprog_build_name("names", &mem);
    ir_param *params = arena_alloc(&mem, (EMIT_MAX_PARAMS + 1) * sizeof *params);
    for (size_t i = 0; i <= EMIT_MAX_PARAMS; i++)
        params[i].name = arena_printf(&mem, "p%zu", i);
    p->params = params;
    p->layout.nparam = EMIT_MAX_PARAMS;
    emit_names n = names_of(p, "sched", 0, &mem);
    assert_non_null(strstr(error_text(&n, -101), "`p100`")); /* the code of both */
    assert_non_null(strstr(error_text(&n, -101), "cut short"));
    assert_non_null(strstr(error_text(&n, -999), "`p998`"));
    for (size_t i = 0; i < n.nerrors; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(n.errors[i].code != n.errors[j].code);
    p->layout.nparam = EMIT_MAX_PARAMS + 1;
    backend_options o = {.prefix = "sched"};
    assert_int_equal(emit_names_make(&n, p, &o, &mem), LRS_E_LIMIT);
    arena_free(&mem);
}

/* The unit that a parameter was declared with, and whether it has a range, are said where it is set. */
static void units(void **state) {
    (void)state;
    arena mem;
    arena_init(&mem, NULL);
    ir_program *p = iprog_build_name("names", &mem);
    p->params[1].unit = "epochs";
    backend_options o = {.prefix = "sched", .header_name = "sched.h", .source_name = p->name};
    backend_buffer b = {0};
    assert_int_equal(emit_header(p, &o, &b), 0);
    assert_non_null(strstr(b.at, "double class_; /* the parameter `class`: in epochs, default 2, no range declared */"));
    assert_null(strstr(b.at, "double peak; /* in "));
    buffer_free(&b);
    arena_free(&mem);
}

/* ---- golden texts ---- */

static char *read_all(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    fseek(f, 0, SEEK_END);
    long n = ftell(f);
    rewind(f);
    char *text = malloc((size_t)n + 1);
    assert_non_null(text);
    text[fread(text, 1, (size_t)n, f)] = '\0';
    fclose(f);
    return text;
}

/* The hash of a program is no part of what this test is about. */
static void hide_hash(char *text, uint64_t hash) {
    char digits[24];
    snprintf(digits, sizeof digits, "%016llx", (unsigned long long)hash);
    for (char *at; (at = strstr(text, digits));)
        memcpy(at, "<program's hash>", 16);
}

static void compare_golden(const char *name, char *text, uint64_t hash) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, name);
    hide_hash(text, hash);
    if (getenv("LRS_UPDATE_GOLDEN")) {
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        fputs(text, f);
        assert_int_equal(fclose(f), 0);
        return;
    }
    char *want = read_all(path);
    if (!want)
        fail_msg("%s is missing", path);
    if (strcmp(text, want) != 0) {
        size_t i = 0, line = 1;
        for (; text[i] == want[i]; i++)
            line += text[i] == '\n';
        fail_msg("%s: line %zu differs: now \"%.60s\", not \"%.60s\"", name, line, text + i, want + i);
    }
    free(want);
}

static void golden(const char *name, const char *prefix, int own_prefix) {
    arena mem;
    arena_init(&mem, NULL);
    ir_program *p = iprog_build_name(name, &mem);
    char header[64], file[64];
    snprintf(header, sizeof header, "%s.h", prefix);
    backend_options o = {.prefix = prefix, .own_prefix = own_prefix, .header_name = header, .source_name = p->name};
    backend_buffer b = {0}, again = {0};
    assert_int_equal(emit_header(p, &o, &b), 0);
    assert_int_equal(emit_header(p, &o, &again), 0);
    assert_string_equal(b.at, again.at);
    snprintf(file, sizeof file, "%s.h", name);
    compare_golden(file, b.at, p->layout.hash);
    buffer_free(&b);
    buffer_free(&again);
    assert_int_equal(emit_c(p, &o, &b), 0);
    assert_int_equal(emit_c(p, &o, &again), 0);
    assert_string_equal(b.at, again.at);
    char *own = strstr(b.at, "/* ---- the program ---- */");
    assert_non_null(own);
    snprintf(file, sizeof file, "%s.c", name);
    compare_golden(file, own, p->layout.hash);
    buffer_free(&b);
    buffer_free(&again);
    assert_int_equal(emit_js(p, &o, EMIT_JS_MODULE, &b), 0);
    assert_int_equal(emit_js(p, &o, EMIT_JS_EXPRESSION, &again), 0);
    assert_non_null(strstr(b.at, again.at));
    assert_null(strstr(b.at, "</"));
    assert_null(strstr(b.at, "<!--"));
    own = strstr(b.at, "/* ---- the program ---- */");
    assert_non_null(own);
    snprintf(file, sizeof file, "%s.js", name);
    compare_golden(file, own, p->layout.hash);
    buffer_free(&b);
    buffer_free(&again);
    arena_free(&mem);
}

static void golden_card(void **state) {
    (void)state;
    golden("card", "sched", 0);
}
static void golden_next_params(void **state) {
    (void)state;
    golden("next_params", "enc", 1);
}
static void golden_expr_params(void **state) {
    (void)state;
    golden("expr_params", "sched", 0);
}
static void golden_names(void **state) {
    (void)state;
    golden("names", "sched", 0);
}
static void golden_outputs(void **state) {
    (void)state;
    golden("outputs", "sched", 0);
    golden("relations", "sched", 0);
}

/* Without a header's name the file declares everything itself, in the words of the header. */
static void standing_alone(void **state) {
    (void)state;
    arena mem;
    arena_init(&mem, NULL);
    ir_program *p = iprog_build_name("params", &mem);
    backend_options o = {.prefix = "sched"};
    backend_buffer h = {0}, c = {0};
    assert_int_equal(emit_header(p, &o, &h), 0);
    assert_int_equal(emit_c(p, &o, &c), 0);
    assert_non_null(strstr(c.at, h.at));
    assert_null(strstr(c.at, "#include \""));
    for (size_t i = 0; i < lrs_kernel_count; i++)
        assert_non_null(strstr(c.at, lrs_kernel[i].text));
    buffer_free(&h);
    buffer_free(&c);
    arena_free(&mem);
}

/* ---- memory ---- */

typedef struct failing {
    long left;  /* allocations that still succeed */
    long alive; /* blocks not freed */
} failing;

static void *failing_realloc(void *ctx, void *p, size_t n) {
    failing *f = ctx;
    if (n == 0) {
        f->alive -= p != NULL;
        free(p);
        return NULL;
    }
    if (f->left-- <= 0)
        return NULL;
    f->alive += p == NULL;
    return realloc(p, n);
}

static int emit_a_module(const ir_program *p, const backend_options *o, backend_buffer *b) {
    return emit_js(p, o, EMIT_JS_MODULE, b);
}

/* Whatever allocation fails, what is there is freed. */
static void memory_runs_out_in(int (*emit)(const ir_program *p, const backend_options *o, backend_buffer *b)) {
    arena mem;
    arena_init(&mem, NULL);
    ir_program *p = iprog_build_name("expr_params", &mem);
    backend_options o = {.prefix = "sched"};
    int status = LRS_E_NOMEM;
    long n = 0;
    for (; status != 0; n++) {
        failing f = {.left = n};
        lrs_allocator a = {.ctx = &f, .realloc = failing_realloc};
        backend_buffer b = {.allocator = &a};
        status = emit(p, &o, &b);
        assert_true(status == 0 || status == LRS_E_NOMEM);
        buffer_free(&b);
        assert_int_equal(f.alive, 0);
        assert_true(n < 10000);
    }
    assert_true(n > 3);
    arena_free(&mem);
}

static void memory_may_run_out(void **state) {
    (void)state;
    memory_runs_out_in(emit_c);
    memory_runs_out_in(emit_a_module);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_read_back),  cmocka_unit_test(numbers_have_no_locale),
        cmocka_unit_test(text_is_made_safe),  cmocka_unit_test(names_do_not_collide),
        cmocka_unit_test(errors_say_what_to_do), cmocka_unit_test(many_params),
        cmocka_unit_test(units),
        cmocka_unit_test(golden_card),        cmocka_unit_test(golden_next_params),
        cmocka_unit_test(golden_expr_params), cmocka_unit_test(golden_names),
        cmocka_unit_test(golden_outputs),     cmocka_unit_test(standing_alone),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
