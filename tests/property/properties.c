/* properties.c: what holds for every schedule, tried on random ones.
 *
 * In: a case file of tests/differential/generate.py. Out: how often each property was tried; on a failure the property, the
 * program and the step. Usage: properties CASES [EVERY]: emits with LRS_LLVM for every EVERYth program (default 8).
 * Calls the library, its IR entries and its backends. Exit codes: 0, 1 a property does not hold, 70 trouble.
 */
#include "cases.h"

#include <math.h>

#include "api.h"
#include "backend.h"
#include "emit_js.h"

enum property {
    RANDOM_ACCESS,  /* a value does not depend on the values asked for before; get_lr without a metric changes nothing */
    NEGATIVE_STEP,  /* a step below 0 is step 0 */
    BEYOND_END,     /* past the last phase the last value holds */
    FILL,           /* fill is value */
    OBSERVE_AGAIN,  /* an observation that is not later than the last, or NaN, changes nothing */
    SCALE_FALLS,    /* a plateau rule whose factor is below 1 only ever reduces */
    STOP_STAYS,     /* the stop flag is never taken back */
    SAVE_LOAD,      /* saved and loaded anywhere, a run goes on as if nothing had been */
    SAVE_BYTES,     /* what was loaded is saved as the same bytes */
    SNAPSHOT,       /* a copy of the memory of a state is the state */
    HASH,           /* compiled twice: the same hash; comments and blank lines do not change it */
    EMIT,           /* emitted twice: the same bytes */
    PROPERTIES
};

static const char *const names[PROPERTIES] = {
    "random access is stepping", "steps below 0 are step 0", "the last value holds", "fill is value",
    "an observation counts once", "plateau rules only reduce", "stop stays", "save and load change nothing",
    "saved twice, the same bytes", "a copy of the memory is a snapshot", "same program, same hash", "emitted twice, the same bytes",
};

typedef struct trial {
    const test_case *c;
    lrs_program *program;
    lrs_plan *plan;
    size_t size;       /* of a state */
    uint64_t random;
} trial;

static unsigned long tried[PROPERTIES], failed[PROPERTIES];

static void check(const trial *t, enum property p, int holds, int64_t step) {
    tried[p]++;
    if (holds)
        return;
    if (failed[p]++ < 3) {
        printf("\nFAILS: %s, at step %" PRId64 ", program %u:\n", names[p], step, t->c->number);
        print_text(t->c);
    }
}

static uint64_t next_random(trial *t) {
    t->random ^= t->random << 13;
    t->random ^= t->random >> 7;
    t->random ^= t->random << 17;
    return t->random;
}

static lrs_state *new_state(const trial *t) {
    lrs_state *s;
    if (lrs_state_new(&s, t->plan) != 0)
        script_fail("no memory for a state");
    return s;
}

static int same(double a, double b) {
    return script_bits(a) == script_bits(b);
}

/* ---- the pure half -------------------------------------------------------------------------------------- */

static void check_random_access(trial *t) {
    enum { STEPS = 200 };
    double walked[STEPS];
    lrs_state *s = new_state(t), *other = new_state(t);
    for (int64_t i = 0; i < STEPS; i++)
        walked[i] = lrs_get_lr(t->plan, s, i, NAN);
    check(t, RANDOM_ACCESS, memcmp(s, other, t->size) == 0, 0);
    for (int i = 0; i < STEPS; i++) {
        int64_t step = (int64_t)(next_random(t) % STEPS);
        if (i % 3 == 0)
            lrs_value(t->plan, other, 0, (int64_t)next_random(t));
        check(t, RANDOM_ACCESS, same(lrs_value(t->plan, other, 0, step), walked[step]), step);
    }
    for (int i = 0; i < 8; i++) {
        int64_t step = -(int64_t)(next_random(t) >> (1 + i * 7));
        check(t, NEGATIVE_STEP, same(lrs_value(t->plan, s, 0, step), walked[0]), step);
    }
    check(t, NEGATIVE_STEP, same(lrs_value(t->plan, s, 0, INT64_MIN), walked[0]), INT64_MIN);
    lrs_state_free(s, t->plan);
    lrs_state_free(other, t->plan);
}

static void check_beyond(trial *t, const lrs_state *s) {
    lrs_explanation end = {.size = sizeof end}, x = {.size = sizeof x};
    if (lrs_explain_at(&end, t->plan, s, 0, INT64_MAX) != 0)
        script_fail("no explanation");
    if (!(end.phase_end < 4e18)) /* it never ends */
        return;
    int64_t first = (int64_t)ceil(end.phase_end);
    for (int i = 0; i < 12; i++) {
        int64_t step = i == 0 ? first : first + (int64_t)(next_random(t) >> (2 + 5 * i));
        if (step < first || lrs_explain_at(&x, t->plan, s, 0, step) != 0)
            continue;
        check(t, BEYOND_END, same(x.base, end.base) && strcmp(x.law, "constant") == 0, step);
    }
}

static void check_fill(trial *t, const lrs_state *s, int64_t near) {
    enum { MOST = 700 };
    double block[MOST];
    size_t n = next_random(t) % MOST;
    int64_t first = (int64_t)(next_random(t) % 3 ? (uint64_t)near - n / 2 : next_random(t) >> (next_random(t) % 64));
    lrs_fill(t->plan, s, 0, first, n, block);
    for (size_t i = 0; i < n; i++) {
        int64_t step = first > INT64_MAX - (int64_t)i ? INT64_MAX : first + (int64_t)i;
        check(t, FILL, same(block[i], lrs_value(t->plan, s, 0, step)), step);
    }
}

/* ---- the reactive half ---------------------------------------------------------------------------------------- */

static double scale_at(const trial *t, const lrs_state *s, int64_t step) {
    lrs_explanation x = {.size = sizeof x};
    if (lrs_explain_at(&x, t->plan, s, 0, step) != 0)
        script_fail("no explanation");
    return x.scale;
}

static void check_observe_again(trial *t, lrs_state *s, lrs_state *copy, int64_t step, double metric) {
    const double again[] = {metric, 0, -1e9, 1e9, INFINITY};
    memcpy(copy, s, t->size);
    for (size_t i = 0; i < sizeof again / sizeof again[0]; i++) {
        int64_t at = i % 2 && step > INT64_MIN ? step - 1 : step;
        int acted = lrs_observe(t->plan, s, 0, at, again[i]);
        check(t, OBSERVE_AGAIN, acted == 0 && memcmp(copy, s, t->size) == 0, at);
    }
    if (step < INT64_MAX) {
        int acted = lrs_observe(t->plan, s, 0, step + 1, NAN);
        check(t, OBSERVE_AGAIN, acted == 0 && memcmp(copy, s, t->size) == 0, step + 1);
    }
}

/* All plateau rules of these programs reduce: the generator writes no factors above 1. */
static void check_run(trial *t) {
    lrs_state *s = new_state(t), *copy = new_state(t);
    int stopped = 0;
    for (size_t i = 0; i < t->c->nops; i++) {
        const operation *o = &t->c->ops[i];
        if (o->what != 'O' && o->what != 'G')
            continue;
        double metric = script_double(o->metric);
        int64_t at = o->step < 0 ? 0 : o->step;
        double before = scale_at(t, s, at);
        lrs_observe(t->plan, s, 0, o->step, metric);
        double after = scale_at(t, s, at);
        check(t, SCALE_FALLS, before != before || (after <= before && after >= 0), o->step); /* 0 times infinity: `every` may overflow */
        check(t, STOP_STAYS, lrs_stopped(s) >= stopped, o->step);
        stopped = lrs_stopped(s);
        if (metric == metric)
            check_observe_again(t, s, copy, o->step, metric);
        if (i % 5 == 0)
            check_fill(t, s, o->step);
        check_beyond(t, s);
    }
    lrs_state_free(s, t->plan);
    lrs_state_free(copy, t->plan);
}

/* ---- saving ------------------------------------------------------------------------------------------------------ */

/* The run from operation `first` on, as words. */
static void go_on(const trial *t, lrs_state *s, size_t first, answers *a) {
    for (size_t i = first; i < t->c->nops; i++) {
        const operation *o = &t->c->ops[i];
        if (o->what == 'O')
            answer(a, (uint64_t)lrs_observe(t->plan, s, 0, o->step, script_double(o->metric)));
        else if (o->what == 'G')
            answer(a, script_bits(lrs_get_lr(t->plan, s, o->step, script_double(o->metric))));
        else if (o->what == 'V')
            answer(a, script_bits(lrs_value(t->plan, s, 0, o->step)));
        else if (o->what == 'T')
            answer(a, (uint64_t)lrs_stopped(s));
    }
}

/* Are two states one? The rest of the memory is the bound table, which follows from this part, and working space. */
static int same_state(const trial *t, const lrs_state *a, const lrs_state *b) {
    const lrs_k_layout *l = &lrs_program_ir(t->program)->layout;
    return memcmp(a, b, (LRS_K_HEADER_WORDS + (size_t)l->ni + l->nsave) * sizeof(uint64_t)) == 0;
}

static void check_saving(trial *t) {
    lrs_state *s = new_state(t), *loaded = new_state(t), *copy = new_state(t);
    size_t n = lrs_state_save(t->plan, s, NULL, 0);
    uint8_t *bytes = script_alloc(NULL, n), *again = script_alloc(NULL, n);
    answers whole = {0}, rest = {0}, step = {0};
    go_on(t, s, 0, &whole);
    lrs_state_init(s, t->plan);
    for (size_t i = 0; i < t->c->nops; i++) {
        const operation *o = &t->c->ops[i];
        if (o->what != 'O' && o->what != 'G' && o->what != 'V' && o->what != 'T')
            continue;
        /* before operation i: save, load into another state, and let that one finish */
        if (o->what == 'O' || o->what == 'G') {
            lrs_state_save(t->plan, s, bytes, n);
            lrs_state_init(loaded, t->plan);
            int status = lrs_state_load(t->plan, loaded, bytes, n, NULL, 0);
            check(t, SAVE_LOAD, status == 0 && same_state(t, loaded, s), o->step);
            lrs_state_save(t->plan, loaded, again, n);
            check(t, SAVE_BYTES, memcmp(bytes, again, n) == 0, o->step);
            memcpy(copy, s, t->size);
            rest.n = 0;
            go_on(t, loaded, i, &rest);
            check(t, SAVE_LOAD, rest.n <= whole.n && memcmp(rest.words, whole.words + (whole.n - rest.n), rest.n * 8) == 0, o->step);
            rest.n = 0;
            go_on(t, copy, i, &rest);
            check(t, SNAPSHOT, memcmp(rest.words, whole.words + (whole.n - rest.n), rest.n * 8) == 0, o->step);
        }
        /* then operation i itself */
        trial one = *t;
        test_case just = *t->c;
        just.ops += i;
        just.nops = 1;
        one.c = &just;
        go_on(&one, s, 0, &step);
    }
    check(t, SAVE_LOAD, step.n == whole.n && memcmp(step.words, whole.words, step.n * 8) == 0, 0);
    free(whole.words);
    free(rest.words);
    free(step.words);
    free(bytes);
    free(again);
    lrs_state_free(s, t->plan);
    lrs_state_free(loaded, t->plan);
    lrs_state_free(copy, t->plan);
}

/* ---- compiling twice --------------------------------------------------------------------------------------------- */

static lrs_program *compile(const test_case *c, const char *text, size_t len) {
    lrs_options o = {.size = sizeof o, .name = "case.lrs", .defines = c->defines.at, .ndefines = c->defines.n};
    lrs_program *p = NULL;
    lrs_compile(&p, text, len, &o, NULL);
    return p;
}

static void put_ir(void *ctx, const char *text, size_t n) {
    buffer_put_cb(ctx, text, n);
}

/* Everything that --emit can write, after each other. */
static void emit_everything(const lrs_program *p, int with_llvm, backend_buffer *out) {
    static const enum backend_emit kinds[] = {BACKEND_OBJECT, BACKEND_ASM, BACKEND_LLVM, BACKEND_BITCODE};
    static const char *const triples[] = {"x86_64-linux-gnu", "aarch64-linux-gnu", "riscv64-linux-gnu"};
    const ir_program *ir = lrs_program_ir(p);
    backend_options o = {.prefix = "sched", .source_name = "case.lrs", .header_name = "sched.h", .optimize = 2};
    char error[1000] = "";
    ir_print(ir, put_ir, out);
    if (emit_header(ir, &o, out) != 0 || emit_c(ir, &o, out) != 0 || emit_js(ir, &o, EMIT_JS_MODULE, out) != 0)
        script_fail("emitting fails");
    const llvm_backend *llvm = with_llvm ? backend_llvm(error, sizeof error) : NULL;
    for (size_t i = 0; llvm && i < 12; i++) {
        o.emit = kinds[i % 4];
        o.triple = triples[i / 4];
        o.debug = i % 2;
        if (llvm->emit(ir, &o, out, error, sizeof error) != 0) {
            fprintf(stderr, "%s\n", error);
            script_fail("emitting by LLVM fails");
        }
    }
}

static void check_twice(trial *t, int with_llvm) {
    const test_case *c = t->c;
    lrs_program *second = compile(c, c->text, c->len);
    check(t, HASH, second && lrs_program_hash(second) == lrs_program_hash(t->program), 0);
    static const char before[] = "# a comment\n\n", after[] = "\n   # another";
    char *text = script_alloc(NULL, c->len + sizeof before + sizeof after);
    size_t n = sizeof before - 1;
    memcpy(text, before, n);
    memcpy(text + n, c->text, c->len);
    memcpy(text + n + c->len, after, sizeof after - 1);
    lrs_program *commented = compile(c, text, n + c->len + sizeof after - 1);
    check(t, HASH, commented && lrs_program_hash(commented) == lrs_program_hash(t->program), 0);
    backend_buffer a = {0}, b = {0};
    if (second) {
        emit_everything(t->program, with_llvm, &a);
        emit_everything(second, with_llvm, &b);
        check(t, EMIT, !a.failed && a.n == b.n && memcmp(a.at, b.at, a.n) == 0, 0);
    }
    buffer_free(&a);
    buffer_free(&b);
    free(text);
    lrs_program_free(second);
    lrs_program_free(commented);
}

/* ---- all of it ---------------------------------------------------------------------------------------------------- */

int main(int argc, char **argv) {
    unsigned every = argc > 2 ? (unsigned)atoi(argv[2]) : 8, programs = 0, rejected = 0;
    char error[1000] = "";
    case_file f;
    test_case c;
    if (argc < 2)
        script_fail("usage: properties CASES [EVERY]");
    case_open(&f, argv[1]);
    int llvm = every && backend_llvm(error, sizeof error) != NULL;
    if (!llvm)
        printf("not emitted by LLVM: %s\n", every ? error : "not asked for");
    for (; case_read(&c, &f); case_free(&c)) {
        trial t = {.c = &c, .random = 0x9e3779b97f4a7c15u ^ c.number};
        t.program = compile(&c, c.text, c.len);
        if (!t.program || lrs_bind(&t.plan, t.program, c.params.at, c.params.n, NULL, 0) != 0) {
            rejected++;
        } else {
            programs++;
            t.size = lrs_state_size(t.plan);
            check_random_access(&t);
            check_run(&t);
            check_saving(&t);
            check_twice(&t, llvm && c.number % every == 0);
        }
        lrs_plan_free(t.plan);
        lrs_program_free(t.program);
    }
    case_close(&f);
    int bad = programs == 0;
    printf("%u programs, %u not valid\n\n%-40s %12s %8s\n", programs, rejected, "property", "tried", "failed");
    for (int i = 0; i < PROPERTIES; i++) {
        printf("%-40s %12lu %8lu\n", names[i], tried[i], failed[i]);
        bad |= failed[i] != 0 || tried[i] == 0;
    }
    return bad;
}
