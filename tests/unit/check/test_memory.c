/* test_memory.c: lrs_compile where the nth allocation fails, and where that one and all later ones do: out of memory or the
 * result that it has with enough, never a crash, and nothing is left behind. */
#include "schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct heap {
    long calls, live;   /* allocations so far; blocks not given back */
    long fail_at;       /* number of the call that fails; -1: none */
    int for_good;       /* and all later ones */
    int failed;
} heap;

static void *heap_realloc(void *ctx, void *p, size_t n)
{
    heap *h = ctx;
    if (n == 0) {
        h->live -= p != NULL;
        free(p);
        return NULL;
    }
    long call = h->calls++;
    if (h->fail_at >= 0 && (call == h->fail_at || (h->for_good && call > h->fail_at))) {
        h->failed = 1;
        return NULL;
    }
    void *q = realloc(p, n);
    h->live += q && !p;
    return q;
}

static void put(char *text, size_t *n, const char *more)
{
    memcpy(text + *n, more, strlen(more) + 1);
    *n += strlen(more);
}

static int compile_once(heap *h, const char *text, long fail_at, int for_good)
{
    lrs_program *p = NULL;
    lrs_diagnostics *d = NULL;
    *h = (heap){.fail_at = fail_at, .for_good = for_good};
    lrs_allocator allocator = {h, heap_realloc};
    lrs_binding define = {"defined", 3};
    lrs_source lib = {"lib.lrs", "let from_lib = 3\n", 17};
    lrs_options o = {.size = sizeof o, .name = "memory.lrs", .allocator = &allocator, .sources = &lib, .nsources = 1};
    if (strstr(text, "defined")) {
        o.defines = &define;
        o.ndefines = 1;
    }
    int status = lrs_compile(&p, text, strlen(text), &o, &d);
    assert_true((status == LRS_OK) == (p != NULL));
    if (status == LRS_E_SOURCE)
        assert_true(d && lrs_diagnostics_errors(d) > 0);
    lrs_program_free(p);
    lrs_diagnostics_free(d);
    return status;
}

static const char *const texts[] = {
    "warmup 5 linear -> 0.1; then exp s=1000; on plateau(patience=3) *0.5",
    "param peak = 0.1 in 0.01..1 log\nparam total = 10k in 1..1M\ncosine 30% from peak/25 -> peak\nthen cosine until total -> 0\nbounds 0 .. 1",
    "def f(x, y = 2) = x^y\nshape s(u, n = 3) = f(u, n)\ndecay d(t, k) = 1/(1 + k*t)\ns 10 from 1 -> 2\nthen d(k=3) for 10\ncurve sin(t)*cos(t) for 5",
    "hold 1 for 10; linear 10 -> 0; on plateau(patience=0) next; at 5, 6 *0.5; every 7 *0.9",
    "param defined = 1\nlet a = 2*defined\nhold a",
    "use \"lib.lrs\"\nuse \"lib.lrs\"\nhold from_lib",
    "param total = 100\nparam unused = 1\nwarmup 5 -> 0.1\nlinear 10 from 0.5 -> -1\nhold until 5\ncurve 1/(t - 3) for 10\non plateau(patience=500) *2 floor=9", /* every warning */
    "warmup 5 epochs -> peek\nthen cosin 10 -> 0\non plateau(patiense=3) *0.5\nat 10, 5 *0.1\nexp from 1", /* errors of all kinds */
    "warmup 5 linear -> 0.1 then exp s= ; ) on",                                                              /* and of syntax */
    "",
};

static void each(int for_good)
{
    heap h;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int whole = compile_once(&h, texts[i], -1, 0);
        long n = h.calls, failures = 0;
        assert_int_equal(h.live, 0);
        assert_true(whole == LRS_OK || whole == LRS_E_SOURCE);
        for (long k = 0; k < n; k++) {
            int status = compile_once(&h, texts[i], k, for_good);
            if (status != LRS_E_NOMEM && status != whole)
                print_error("allocation %ld of %ld: status %d\nin: %s\n", k, n, status, texts[i]);
            assert_true(status == LRS_E_NOMEM || status == whole);
            if (h.live)
                print_error("allocation %ld of %ld: %ld blocks are left\nin: %s\n", k, n, h.live, texts[i]);
            assert_int_equal(h.live, 0);
            failures += status == LRS_E_NOMEM;
        }
        assert_true(failures > 0);
    }
}

static void test_one_fails(void **unused)
{
    (void)unused;
    each(0);
}

static void test_all_fail_from_one_on(void **unused)
{
    (void)unused;
    each(1);
}

/* A larger program: its blocks grow, so that failures come in the middle of every stage. */
static void test_large(void **unused)
{
    (void)unused;
    static char text[200000];
    size_t n = 0;
    for (int i = 0; i < 1500; i++) {
        const char *line = i % 3 == 0 ? "linear 10 from 1 -> 2\n" : i % 3 == 1 ? "curve sin(t/7) + 2 for 10\n" : "cosine 10 -> 0.5\n";
        put(text, &n, line);
    }
    heap h;
    assert_int_equal(compile_once(&h, text, -1, 0), LRS_OK);
    long calls = h.calls;
    for (long k = 0; k < calls; k += 1 + calls / 60) {
        int status = compile_once(&h, text, k, 1);
        assert_true(status == LRS_E_NOMEM || status == LRS_OK);
        assert_int_equal(h.live, 0);
    }
}

/* Memory is taken a block at a time: declarations before it move what of a text is the first in a new one. */
static void test_templates(void **unused)
{
    static const char *const bodies[] = {
        "def f(mode = \"min\", n = 3) { require mode == \"min\" or mode == \"max\" \"`mode` is min or max\"; require n < 5 \"small n\"; hold 0.1 for n }\n"
        "def g(mode = \"mni\", n = 7) { f(mode, n); f(\"mxa\"); hold 1 }\nlet mm = \"mxi\"\ng()\ng(mm)\ng(\"min\", 9)\nf(\"max\", 4)\n",
        "def f(x) { hold for 4k; at 2k *x }\ndef h(b = start) { f(b/3); linear 1k -> b/2; at 1k *b }\nhold 0.9 for 3k\nrepeat for 5k { h(); hold 0.4 for 1k }\nhold\n",
        "param k = 3\ndef f(n = 3, l = [1, 2, 3], a = start) {\n  require n > k and len(l) > 2 \"small n\"\n  note a > k \"aa\"\n  let b = a*2 + k\n"
        "  hold b for n\n  linear n -> b*a\n  at (l + 1) *0.5\n  every 7 *k floor=0.01\n}\n"
        "hold 0.4 for 5\nf(4) shift=1\nrepeat 3 shift=k for 50 { f(n=4, a=0.1) shift=-2; linear 3 -> 0.1 }\nhold for 5\n",
    };
    static char text[4000];
    long failures = 0;
    (void)unused;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        for (int before = 0; before < 60; before++) {
            size_t n = 0;
            heap h;
            for (int k = 0; k < before; k++) {
                char line[32];
                snprintf(line, sizeof line, "let zz%d = %d\n", k, k);
                put(text, &n, line);
            }
            put(text, &n, bodies[i]);
            int whole = compile_once(&h, text, -1, 0);
            long calls = h.calls;
            for (long k = 0; k < 2 * calls; k++) {
                int status = compile_once(&h, text, k / 2, (int)(k % 2));
                assert_true(status == LRS_E_NOMEM || status == whole);
                assert_int_equal(h.live, 0);
                failures += status == LRS_E_NOMEM;
            }
        }
    assert_true(failures > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_fails),
        cmocka_unit_test(test_all_fail_from_one_on),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_templates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
