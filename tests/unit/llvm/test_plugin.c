/* test_plugin.c: what the plugin emits, looked at as bytes: symbols, sections, sizes, determinism, kinds of output, lines of
 * the source, and the sentences of what it refuses. That objects compute the right values is for objects.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "backend.h"
#include "elfview.h"
#include "iprog.h"

static const char *const targets[] = {"x86_64-linux-gnu", "aarch64-linux-gnu", "riscv64-linux-gnu"};
enum { NTARGETS = sizeof targets / sizeof targets[0] };

static const llvm_backend *backend(void)
{
    char error[4096];
    const llvm_backend *b = backend_llvm(error, sizeof error);
    if (!b)
        fail_msg("%s", error);
    return b;
}

/* Emits a hand-built program; the buffer is the caller's. */
static backend_buffer emit(const char *name, const backend_options *o)
{
    backend_buffer out;
    arena mem;
    char error[1024] = "";
    memset(&out, 0, sizeof out);
    arena_init(&mem, NULL);
    if (backend()->emit(iprog_build_name(name, &mem), o, &out, error, sizeof error) != 0)
        fail_msg("%s for %s: %s", name, o->triple ? o->triple : "this machine", error);
    arena_free(&mem);
    return out;
}

static backend_options options(int level, const char *triple)
{
    backend_options o;
    memset(&o, 0, sizeof o);
    o.prefix = "sched";
    o.optimize = level;
    o.triple = triple;
    return o;
}

static elfview view(const backend_buffer *b)
{
    elfview e;
    assert_int_equal(elfview_open(&e, b->at, b->n), 0);
    return e;
}

/* ---- symbols ---- */

static int is_one_of(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(name, *list) == 0)
            return 1;
    return 0;
}

static void check_symbols(const char *name, const backend_options *o, const char *const *undefined)
{
    backend_buffer b = emit(name, o);
    elfview e = view(&b);
    size_t i;
    for (i = 0; i < e.nsymbols; i++) {
        const char *need = elfview_undefined(&e, i), *give = elfview_global(&e, i);
        if (need && !is_one_of(need, undefined))
            fail_msg("%s -O%d for %s needs %s", name, o->optimize, o->triple, need);
        if (give && strncmp(give, "sched_", 6) != 0 && strcmp(give, "get_lr") != 0)
            fail_msg("%s -O%d for %s shows %s", name, o->optimize, o->triple, give);
    }
    assert_null(elfview_section(&e, ".init_array"));
    assert_null(elfview_section(&e, ".ctors"));
    assert_null(elfview_section(&e, ".eh_frame"));
    assert_non_null(elfview_section(&e, ".note.GNU-stack"));
    assert_int_equal(elfview_section(&e, ".note.GNU-stack")->sh_flags & SHF_EXECINSTR, 0);
    buffer_free(&b);
}

static void test_nothing_undefined(void **state)
{
    static const char *const none[] = {NULL};
    size_t i, t;
    int level;
    (void)state;
    for (i = 0; i < iprog_count(); i++)
        for (t = 0; t < NTARGETS; t++)
            for (level = 0; level <= 3; level += t == 0 ? 1 : 2) {
                backend_options o = options(level, targets[t]);
                check_symbols(iprog_get(i)->name, &o, none);
            }
}

static void test_only_fma_without_fma(void **state)
{
    static const char *const fma_only[] = {"fma", NULL};
    size_t i;
    int level;
    (void)state;
    for (i = 0; i < iprog_count(); i++)
        for (level = 0; level <= 2; level += 2) {
            backend_options o = options(level, "x86_64-linux-gnu");
            o.cpu = "x86-64";
            check_symbols(iprog_get(i)->name, &o, fma_only);
        }
}

static int gives(const elfview *e, const char *name)
{
    size_t i;
    for (i = 0; i < e->nsymbols; i++) {
        const char *give = elfview_global(e, i);
        if (give && strcmp(give, name) == 0)
            return 1;
    }
    return 0;
}

static void test_interface(void **state)
{
    static const char *const api[] = {"sched_params_default", "sched_init",  "sched_get_lr", "sched_lr",
                                      "sched_fill_lr",        "sched_save",  "sched_load",   "sched_observe",
                                      "sched_stopped",        "sched_error", "get_lr"};
    backend_options o = options(2, NULL);
    backend_buffer b = emit("card", &o);
    elfview e = view(&b);
    size_t i, n = 0;
    (void)state;
    for (i = 0; i < sizeof api / sizeof api[0]; i++)
        if (!gives(&e, api[i]))
            fail_msg("%s is missing", api[i]);
    for (i = 0; i < e.nsymbols; i++)
        n += elfview_global(&e, i) != NULL;
    assert_int_equal(n, sizeof api / sizeof api[0]);
    buffer_free(&b);

    o.own_prefix = 1;
    b = emit("card", &o);
    e = view(&b);
    assert_true(gives(&e, "sched_get_lr") && gives(&e, "sched_get_lr_r") && !gives(&e, "get_lr"));
    buffer_free(&b);

    o.own_prefix = 0;
    b = emit("names", &o); /* a param without a default: no own state */
    e = view(&b);
    assert_true(gives(&e, "sched_get_lr") && !gives(&e, "get_lr"));
    buffer_free(&b);
}

/* ---- size ---- */

static void test_card_is_small(void **state)
{
    /* Plain RISC-V reads unaligned words byte by byte, which older LLVMs do at length. */
    static const size_t limit[NTARGETS] = {4096, 4096, 4352};
    size_t t;
    (void)state;
    for (t = 0; t < NTARGETS; t++) {
        backend_options o = options(2, targets[t]);
        backend_buffer b = emit("card", &o);
        elfview e = view(&b);
        print_message("the card's program at -O2 for %s: %zu bytes of code\n", targets[t], elfview_text(&e));
        assert_true(elfview_text(&e) <= limit[t]);
        buffer_free(&b);
    }
}

/* Segments are data: ten times as many are no more code. */
static void test_segments_are_data(void **state)
{
    backend_options o = options(2, NULL);
    backend_buffer b = emit("many", &o);
    elfview e = view(&b);
    (void)state;
    assert_true(elfview_text(&e) <= 16384);
    buffer_free(&b);
}

/* ---- determinism ---- */

static void test_same_bytes_twice(void **state)
{
    static const enum backend_emit kinds[] = {BACKEND_OBJECT, BACKEND_ASM, BACKEND_LLVM, BACKEND_BITCODE};
    size_t i, k;
    (void)state;
    for (i = 0; i < iprog_count(); i++)
        for (k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
            backend_options o = options(2, targets[i % NTARGETS]);
            backend_buffer a, b;
            o.emit = kinds[k];
            o.debug = (int)(i % 2);
            a = emit(iprog_get(i)->name, &o);
            b = emit(iprog_get(i)->name, &o);
            assert_int_equal(a.n, b.n);
            assert_memory_equal(a.at, b.at, a.n);
            buffer_free(&a);
            buffer_free(&b);
        }
}

/* ---- kinds of output ---- */

static void test_kinds(void **state)
{
    backend_options o = options(2, "x86_64-linux-gnu");
    backend_buffer b;
    (void)state;
    o.emit = BACKEND_ASM;
    b = emit("card", &o);
    assert_non_null(strstr(b.at, "sched_get_lr:"));
    buffer_free(&b);
    o.emit = BACKEND_LLVM;
    b = emit("card", &o);
    assert_non_null(strstr(b.at, "define"));
    assert_non_null(strstr(b.at, "@sched_get_lr("));
    assert_null(strstr(b.at, " fast "));
    assert_null(strstr(b.at, " contract "));
    assert_null(strstr(b.at, " reassoc "));
    buffer_free(&b);
    o.emit = BACKEND_BITCODE;
    b = emit("card", &o);
    assert_memory_equal(b.at, "BC\xc0\xde", 4);
    buffer_free(&b);
}

static void test_machines(void **state)
{
    static const unsigned machines[NTARGETS] = {EM_X86_64, EM_AARCH64, EM_RISCV};
    size_t t;
    (void)state;
    for (t = 0; t < NTARGETS; t++) {
        backend_options o = options(2, targets[t]);
        backend_buffer b = emit("expr", &o);
        elfview e = view(&b);
        assert_int_equal(e.head->e_machine, machines[t]);
        if (machines[t] == EM_RISCV)
            assert_int_equal(e.head->e_flags & 6u, 4u); /* doubles are passed in registers: lp64d */
        buffer_free(&b);
    }
}

static void test_targets_list(void **state)
{
    backend_buffer b;
    size_t t;
    (void)state;
    memset(&b, 0, sizeof b);
    backend()->targets(&b);
    for (t = 0; t < NTARGETS; t++)
        assert_non_null(strstr(b.at, targets[t]));
    buffer_free(&b);
    assert_true(atoi(backend()->llvm_version) >= 16);
}

/* ---- lines ---- */

static void test_lines(void **state)
{
    backend_options o = options(2, NULL);
    backend_buffer b;
    arena mem;
    ir_program *p;
    char *text, error[1024] = "";
    (void)state;
    arena_init(&mem, NULL);
    p = iprog_build_name("expr", &mem);
    assert_true(p->nphase > 0);
    /* A source of three lines in which the program's first phase is on the third. */
    text = arena_printf(&mem, "# one\n# two\n%s\n", p->phase[0].text);
    p->phase[0].at.begin = 12;
    o.debug = 1;
    o.source_name = "dir/lesson.lrs";
    o.source_text = text;
    o.source_len = strlen(text);
    o.emit = BACKEND_LLVM;
    memset(&b, 0, sizeof b);
    assert_int_equal(backend()->emit(p, &o, &b, error, sizeof error), 0);
    assert_non_null(strstr(b.at, "filename: \"lesson.lrs\", directory: \"dir\""));
    assert_non_null(strstr(b.at, "line: 3,"));
    buffer_free(&b);
    o.emit = BACKEND_OBJECT;
    memset(&b, 0, sizeof b);
    assert_int_equal(backend()->emit(p, &o, &b, error, sizeof error), 0);
    {
        elfview e = view(&b);
        assert_non_null(elfview_section(&e, ".debug_line"));
        assert_non_null(elfview_section(&e, ".debug_info"));
    }
    buffer_free(&b);
    arena_free(&mem);
}

static void test_debug_changes_no_code(void **state)
{
    backend_options o = options(2, NULL);
    backend_buffer plain = emit("card", &o), debug;
    elfview a, b;
    const Elf64_Shdr *s, *t;
    (void)state;
    o.debug = 1;
    debug = emit("card", &o);
    a = view(&plain);
    b = view(&debug);
    s = elfview_section(&a, ".text");
    t = elfview_section(&b, ".text");
    assert_int_equal(s->sh_size, t->sh_size);
    assert_memory_equal(a.at + s->sh_offset, b.at + t->sh_offset, s->sh_size);
    assert_null(elfview_section(&a, ".debug_line"));
    buffer_free(&plain);
    buffer_free(&debug);
}

/* ---- what is refused ---- */

static void check_refused(const char *triple, const char *cpu, const char *expected)
{
    backend_options o = options(2, triple);
    backend_buffer b;
    arena mem;
    char error[1024] = "";
    memset(&b, 0, sizeof b);
    o.cpu = cpu;
    arena_init(&mem, NULL);
    assert_int_equal(backend()->emit(iprog_build_name("card", &mem), &o, &b, error, sizeof error), LRS_E_ARG);
    if (!strstr(error, expected))
        fail_msg("\"%s\" does not say \"%s\"", error, expected);
    assert_int_equal(b.n, 0);
    buffer_free(&b);
    arena_free(&mem);
}

static void test_refused(void **state)
{
    (void)state;
    check_refused("vax-linux-gnu", NULL, "vax-linux-gnu");
    check_refused("", NULL, "no code can be made");
    check_refused("x86_64-pc-windows-msvc", NULL, "no code can be made");
    check_refused("i386-linux-gnu", NULL, "x86_64-linux-gnu");
    check_refused("x86_64-linux-gnu", "pentagon", "no processor `pentagon`");
    check_refused("x86_64-linux-gnu", "x86-64-v33", "did you mean `x86-64-v3`");
    check_refused("x86_64-linux-gnu", "i386", "no processor `i386`"); /* 32 bits only */
    check_refused("riscv64-linux-gnu", "generic-rv32", "no processor");
    check_refused("aarch64-linux-gnu", "haswell", "no processor `haswell`");
#if defined(__x86_64__)
    check_refused("aarch64-linux-gnu", "native", "is this machine's");
#endif
}

/* ---- signs ---- */

/* One segment of step code: -(tau*tau + x). */
static ir_program *negated_fma(arena *mem)
{
    static const char *inputs[] = {"metric"}, *outputs[] = {"lr"};
    static const double segment[8] = {0, 0, 1, 0, 0, 0, 1, 0};
    ir_builder *b = ir_begin(mem);
    ir_program *p = arena_alloc(mem, sizeof *p);
    ir_ref tau = ir_leaf(b, IR_TAU), x = ir_leaf(b, IR_TIME);
    unsigned i;
    p->name = "negated";
    p->inputs = inputs;
    p->output_names = outputs;
    p->layout.ninput = p->layout.nout = p->layout.nkind = 1;
    p->layout.ntable = 8;
    p->outs = arena_alloc(mem, sizeof *p->outs);
    *p->outs = (lrs_k_out){.nseg = 1, .mask = 1u << LRS_K_EXPR, .bounds = LRS_K_NONE};
    p->kinds = arena_alloc(mem, 1);
    p->kinds[0] = LRS_K_EXPR;
    p->phases = arena_alloc(mem, sizeof *p->phases);
    p->phases[0] = LRS_K_NONE;
    p->exprs = arena_alloc(mem, sizeof *p->exprs);
    p->phase_of = arena_alloc(mem, sizeof *p->phase_of);
    p->table = arena_alloc(mem, 8 * sizeof *p->table);
    for (i = 0; i < 8; i++)
        p->table[i] = ir_const(b, i == 0 ? (double)INFINITY : segment[i]);
    p->expr = arena_alloc(mem, sizeof *p->expr);
    p->nexpr = 1;
    p->expr[0].root = ir_op(b, IR_NEG, ir_op(b, IR_FMA, tau, tau, x), 0, 0);
    p->phase = arena_alloc(mem, sizeof *p->phase);
    p->phase[0].text = "curve -(t*t + step)";
    p->phase[0].start = p->phase[0].end = p->table[0];
    p->nphase = 1;
    p->has_defaults = 1;
    assert_int_equal(ir_finish(p, b, mem), 0);
    return p;
}

/* -(a*b) - c in one instruction is not -(a*b + c) when that is 0. */
static void test_negation_is_not_fused(void **state)
{
    static const char *const fused[NTARGETS] = {"vfnmsub", "fnmadd", "fnmadd"};
    size_t t;
    int level;
    (void)state;
    for (t = 0; t < NTARGETS; t++)
        for (level = 0; level <= 3; level++) {
            backend_options o = options(level, targets[t]);
            backend_buffer b;
            arena mem;
            char error[1024] = "";
            memset(&b, 0, sizeof b);
            o.emit = BACKEND_ASM;
            arena_init(&mem, NULL);
            if (backend()->emit(negated_fma(&mem), &o, &b, error, sizeof error) != 0)
                fail_msg("%s", error);
            if (strstr(b.at, fused[t]))
                fail_msg("%s in code for %s at -O%d", fused[t], targets[t], level);
            buffer_free(&b);
            arena_free(&mem);
        }
}

/* ---- memory of the caller runs out ---- */

static void *no_memory(void *ctx, void *p, size_t n)
{
    size_t *left = ctx;
    if (n == 0) {
        free(p);
        return NULL;
    }
    if (n > *left)
        return NULL;
    return realloc(p, n);
}

static void test_no_memory(void **state)
{
    size_t left = 2000;
    lrs_allocator hooks = {&left, no_memory};
    backend_options o = options(2, NULL);
    backend_buffer b;
    arena mem;
    char error[1024] = "";
    (void)state;
    memset(&b, 0, sizeof b);
    b.allocator = &hooks;
    arena_init(&mem, NULL);
    assert_int_equal(backend()->emit(iprog_build_name("card", &mem), &o, &b, error, sizeof error), LRS_E_NOMEM);
    assert_non_null(strstr(error, "memory"));
    buffer_free(&b);
    arena_free(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_undefined),  cmocka_unit_test(test_only_fma_without_fma),
        cmocka_unit_test(test_interface),          cmocka_unit_test(test_card_is_small),
        cmocka_unit_test(test_segments_are_data),  cmocka_unit_test(test_same_bytes_twice),
        cmocka_unit_test(test_kinds),              cmocka_unit_test(test_machines),
        cmocka_unit_test(test_targets_list),       cmocka_unit_test(test_lines),
        cmocka_unit_test(test_debug_changes_no_code), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_negation_is_not_fused), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests_name("the LLVM plugin's output", tests, NULL, NULL);
}
