/* engines.c: the engines of the library, and the code that the others are made of.
 *
 * In: a case file (generate.py says what is in it). Out, by the first argument:
 *   engines reference CASES DIR      DIR/reference: the interpreter's answers, fills value by value; DIR/scripts and
 *                                    DIR/schedules.h for runner.c. Programs that are rejected are printed with their diagnostics.
 *                                    Lines `ran NUMBER WORDS`; `resumed N M K`: N states were loaded, M of them saved in a phase
 *                                    that an event may end, and in K of these the event came after the loading.
 *   engines interpreter CASES OUT    the interpreter's answers, fills by lrs_fill
 *   engines jit LEVEL CASES OUT      the JIT's
 *   engines c CASES DIR              pN.c and pN.h of program N, and all.c, which includes them all
 *   engines js CASES DIR             pN.mjs of program N
 *   engines object TRIPLE CPU CASES DIR   pN.o and pN.h; TRIPLE `-`: this machine
 *   engines edges CASES              what a script is made for: lines `edge NUMBER TIME`, where phases end, `outputs NUMBER N`, `input NUMBER NAME`
 * Exit codes: 0, 1 a difference that it saw itself, 70 trouble, 77 an engine that this build does not have (and why).
 * Calls the library, its IR entries and its backends.
 */
#include "cases.h"

#include "api.h"
#include "backend.h"
#include "emit_js.h"
#include "emit_names.h"
#include "kernel/state.h"
#include "lrs/lrs.h"
#include "program.h"

static char case_folder[4096] = "."; /* where the files are that cases use: that of the case file */

static void open_cases(case_file *f, const char *cases) {
    const char *slash = strrchr(cases, '/');
    if (slash && (size_t)(slash - cases) < sizeof case_folder)
        snprintf(case_folder, sizeof case_folder, "%.*s", (int)(slash - cases), cases);
    case_open(f, cases);
}

static FILE *create(const char *dir, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    if (!f)
        script_fail("cannot create a file");
    return f;
}

static void put_file(const char *dir, const char *name, const backend_buffer *b) {
    FILE *f = create(dir, name);
    if (b->failed || fwrite(b->at, 1, b->n, f) != b->n || fclose(f) != 0)
        script_fail("cannot write a file");
}

/* ---- the library as an engine ---------------------------------------------------------------------- */

typedef struct library {
    const test_case *of;
    lrs_program *program;
    lrs_plan *plan, *own_plan;
    lrs_state *state, *own;
    int jitted;
    lrs_functions code;
    struct resuming { /* what becomes of saved states, where it is counted */
        int counts, in_event, was_saved_in_event;
        int64_t now;
        double *ends;      /* of the phases that events end, when it was loaded; NULL: nothing is watched */
        unsigned loads, in_events, came;
    } resuming;
} library;

/* ---- states that are saved while a phase runs that an event may end -------------------------------- */

static const double *event_ends(const library *l) {
    return lrs_k_state_cd(&l->plan->k, (const uint64_t *)(const void *)l->state) + l->plan->k.layout->event;
}

/* May an event end the phase of some output that runs at the last observed step? */
static int in_event_phase(const library *l) {
    const lrs_k_program *k = &l->plan->k;
    const double *D = lrs_k_state_cd(k, (const uint64_t *)(const void *)l->state), *T = lrs_k_table(k, D);
    for (uint32_t i = 0; i < k->layout->nout; i++) {
        const lrs_k_out *o = &k->outs[i];
        if (k->phases && k->phases[o->kind + lrs_k_segment_at(o, T, lrs_k_time(l->resuming.now))] != LRS_K_NONE)
            return 1;
    }
    return 0;
}

/* What the events did since the state was loaded. */
static void stop_watching(library *l) {
    struct resuming *r = &l->resuming;
    if (r->ends && memcmp(r->ends, event_ends(l), l->plan->k.layout->nevent * sizeof *r->ends) != 0)
        r->came++;
    free(r->ends);
    r->ends = NULL;
}

static void watch(library *l) {
    struct resuming *r = &l->resuming;
    size_t n = l->plan->k.layout->nevent * sizeof *r->ends;
    r->loads++;
    r->in_events += r->was_saved_in_event != 0;
    if (r->was_saved_in_event) {
        r->ends = script_alloc(NULL, n);
        memcpy(r->ends, event_ends(l), n);
    }
}

static int lib_fresh(void *self) {
    library *l = self;
    stop_watching(l);
    memset(l->state, 0xa5, lrs_state_size(l->plan));
    lrs_state_init(l->state, l->plan);
    return 0;
}
static double lib_value(void *self, unsigned output, int64_t step) {
    library *l = self;
    return l->jitted ? l->code.value(l->state, output, step) : lrs_value(l->plan, l->state, output, step);
}
static void lib_fill(void *self, unsigned output, int64_t first, size_t n, double *out) {
    library *l = self;
    if (l->jitted)
        l->code.fill(l->state, output, first, n, out);
    else
        lrs_fill(l->plan, l->state, output, first, n, out);
}
static void lib_eval(void *self, int64_t step, double *out) {
    library *l = self;
    if (l->jitted)
        l->code.values(l->state, step, out);
    else
        lrs_values(l->plan, l->state, step, out);
}
static int lib_observe(void *self, unsigned input, int64_t step, double metric) {
    library *l = self;
    l->resuming.now = step;
    return l->jitted ? l->code.observe(l->state, input, step, metric) : lrs_observe(l->plan, l->state, input, step, metric);
}
static double lib_get_lr(void *self, int64_t step, double metric) {
    library *l = self;
    l->resuming.now = step;
    return l->jitted ? l->code.get_lr(l->state, step, metric) : lrs_get_lr(l->plan, l->state, step, metric);
}
static double lib_own(void *self, int64_t step, double metric) {
    library *l = self;
    return l->jitted ? l->code.get_lr(l->own, step, metric) : lrs_get_lr(l->own_plan, l->own, step, metric);
}
static int lib_stopped(void *self) {
    library *l = self;
    return lrs_stopped(l->state);
}
static size_t lib_save(void *self, void *buf, size_t cap) {
    library *l = self;
    if (l->resuming.counts)
        l->resuming.was_saved_in_event = in_event_phase(l);
    return lrs_state_save(l->plan, l->state, buf, cap);
}
static int lib_load(void *self, const void *buf, size_t len) {
    library *l = self;
    int status = lrs_state_load(l->plan, l->state, buf, len, NULL, 0);
    if (status == 0 && l->resuming.counts)
        watch(l);
    return status;
}

static int lib_refuses(void *self, const char *param, double value, const char *words) {
    library *l = self;
    binding_list b = l->of->params;
    lrs_plan *plan = NULL;
    char error[1000] = "";
    size_t i = 0;
    while (i < b.n && strcmp(b.at[i].name, param) != 0)
        i++;
    if (i == sizeof b.at / sizeof b.at[0])
        script_fail("too many params");
    b.at[i] = (lrs_binding){.name = param, .value = value};
    int status = lrs_bind(&plan, l->program, b.at, i < b.n ? b.n : b.n + 1, error, sizeof error);
    lrs_plan_free(plan);
    return status == 0 ? 0 : strstr(error, words) ? 2 : 1;
}

static void lib_close(library *l) {
    free(l->resuming.ends);
    lrs_jit_free(&l->code);
    if (l->state)
        lrs_state_free(l->state, l->plan);
    if (l->own)
        lrs_state_free(l->own, l->own_plan);
    lrs_plan_free(l->plan);
    lrs_plan_free(l->own_plan);
    lrs_program_free(l->program);
    memset(l, 0, sizeof *l);
}

/* 1; 0 when the program is rejected, which is printed when loud. */
static int lib_open(library *l, const test_case *c, int loud) {
    const char *folder = case_folder;
    lrs_options o = {.size = sizeof o, .name = "case.lrs", .defines = c->defines.at, .ndefines = c->defines.n,
                     .include_dirs = &folder, .ninclude_dirs = 1, .use_files = 1};
    lrs_diagnostics *d = NULL;
    char error[1000] = "";
    memset(l, 0, sizeof *l);
    l->of = c;
    int status = lrs_compile(&l->program, c->text, c->len, &o, &d);
    if (status && loud) {
        static char text[20000];
        printf("rejected %u: %s\n", c->number, lrs_strerror(status));
        print_text(c);
        if (d)
            lrs_diagnostics_render(d, LRS_RENDER_ASCII, text, sizeof text);
        printf("%s\n", d ? text : "(no diagnostics)");
        if (status != LRS_E_SOURCE || !d || lrs_diagnostics_errors(d) == 0)
            printf("BUG %u: a rejected program without an error diagnostic\n", c->number);
    }
    lrs_diagnostics_free(d);
    if (status)
        return 0;
    status = lrs_bind(&l->plan, l->program, c->params.at, c->params.n, error, sizeof error);
    if (status) {
        if (loud) {
            printf("unbound %u: %s\n", c->number, error);
            print_text(c);
        }
        lib_close(l);
        return 0;
    }
    if (lrs_state_new(&l->state, l->plan) != 0)
        script_fail("no memory for a state");
    return 1;
}

/* The state of the plain get_lr, when the generated code has one. */
static void open_own(library *l, int has_own) {
    if (!has_own)
        return;
    if (lrs_bind(&l->own_plan, l->program, NULL, 0, NULL, 0) != 0 || lrs_state_new(&l->own, l->own_plan) != 0)
        script_fail("the defaults bind in generated code, but not in the library");
}

static engine lib_engine(library *l) {
    return (engine){l, lib_fresh, lib_value, lib_fill, lib_eval, lib_observe, lib_get_lr, l->own ? lib_own : NULL,
                    lib_stopped, lib_save, lib_load, lib_refuses};
}

/* ---- names of generated code ------------------------------------------------------------------------- */

typedef struct naming {
    char prefix[32];
    int has_own;
} naming;

static backend_options options_for(const naming *n, const char *header) {
    return (backend_options){.prefix = n->prefix, .own_prefix = 1, .source_name = "case.lrs", .header_name = header, .optimize = 2};
}

static void name_case(naming *n, const test_case *c, const library *l) {
    arena mem;
    emit_names names;
    snprintf(n->prefix, sizeof n->prefix, "p%u", c->number);
    backend_options o = options_for(n, NULL);
    arena_init(&mem, NULL);
    if (emit_names_make(&names, lrs_program_ir(l->program), &o, &mem) != 0)
        script_fail("no names");
    n->has_own = names.initial != NULL;
    arena_free(&mem);
}

/* The wrappers of the functions that outputs and inputs have in the generated header. */
static void put_shims(FILE *f, const naming *n, const library *l) {
    size_t nout = lrs_program_outputs(l->program), nin = lrs_program_inputs(l->program);
    const char *p = n->prefix;
    arena mem;
    emit_names names;
    backend_options o = options_for(n, NULL);
    arena_init(&mem, NULL);
    if (emit_names_make(&names, lrs_program_ir(l->program), &o, &mem) != 0)
        script_fail("no names");
    fprintf(f, "#include \"%s.h\"\nSCHEDULE_SHIMS(%s)\n", p, p);
    fprintf(f, "static double %s_shim_value(const void *s, unsigned output, int64_t step) {\n    switch (output) {\n", p);
    for (size_t i = 0; i < nout; i++)
        fprintf(f, "    case %zu: return %s_%s(s, step);\n", i, p, names.outputs[i]);
    fprintf(f, "    default: return -1.0;\n    }\n}\n"
               "static void %s_shim_fill(const void *s, unsigned output, int64_t first, size_t n, double *out) {\n    switch (output) {\n", p);
    for (size_t i = 0; i < nout; i++)
        fprintf(f, "    case %zu: %s_fill_%s(s, first, n, out); break;\n", i, p, names.outputs[i]);
    fprintf(f, "    default: break;\n    }\n}\nstatic void %s_shim_eval(const void *s, int64_t step, double *out) {\n", p);
    if (names.values)
        fprintf(f, "    %s_values v;\n    %s_eval(s, step, &v);\n    memcpy(out, &v, sizeof v);\n}\n", p, p);
    else
        fprintf(f, "    out[0] = %s_%s(s, step);\n}\n", p, names.outputs[0]);
    if (names.metrics) {
        fprintf(f, "static %s_metrics %s_shim_one(unsigned input, double metric) {\n    %s_metrics m;\n    double v[%zu];\n"
                   "    for (size_t i = 0; i < %zu; i++)\n        v[i] = i == input ? metric : script_double(UINT64_C(0x7ff8000000000000));\n"
                   "    memcpy(&m, v, sizeof m);\n    return m;\n}\n", p, p, p, nin, nin);
        fprintf(f, "static int %s_shim_observe(void *s, unsigned input, int64_t step, double metric) {\n"
                   "    %s_metrics m = %s_shim_one(input, metric);\n    if (step & 1)\n        return %s_observe(s, step, &m);\n    switch (input) {\n",
                p, p, p, p);
        for (size_t i = 0; i < nin; i++)
            fprintf(f, "    case %zu: return %s_observe_%s(s, step, metric);\n", i, p, names.inputs[i]);
        fprintf(f, "    default: return -1;\n    }\n}\n");
        fprintf(f, "static double %s_shim_get_lr(void *s, int64_t step, double metric) {\n    %s_metrics m = %s_shim_one(0, metric);\n"
                   "    return %s_get_lr_r(s, step, &m);\n}\n", p, p, p, p);
        if (n->has_own)
            fprintf(f, "static double %s_shim_own(int64_t step, double metric) {\n    %s_metrics m = %s_shim_one(0, metric);\n"
                       "    return %s_get_lr(step, &m);\n}\n", p, p, p, p);
    } else {
        fprintf(f, "static int %s_shim_observe(void *s, unsigned input, int64_t step, double metric) {\n    (void)input;\n"
                   "    return %s_observe(s, step, metric);\n}\n", p, p);
        fprintf(f, "static double %s_shim_get_lr(void *s, int64_t step, double metric) {\n    return %s_get_lr_r(s, step, metric);\n}\n", p, p);
        if (n->has_own)
            fprintf(f, "static double %s_shim_own(int64_t step, double metric) {\n    return %s_get_lr(step, metric);\n}\n", p, p);
    }
    arena_free(&mem);
}

/* ---- reference --------------------------------------------------------------------------------------- */

static size_t param_number(const library *l, const char *name) {
    lrs_param_info info = {.size = sizeof info};
    for (size_t i = 0; lrs_program_param(&info, l->program, i) == 0; i++)
        if (strcmp(info.name, name) == 0)
            return i;
    script_fail("there is no such param");
    return 0;
}

static void put_script(FILE *f, const test_case *c, const library *l) {
    size_t np = lrs_program_params(l->program);
    fprintf(f, "case %u %zu %zu\n", c->number, np, c->nops);
    for (size_t i = 0; i < np; i++)
        fprintf(f, "%016" PRIx64 "\n", script_bits(lrs_plan_param(l->plan, i)));
    for (size_t i = 0; i < c->nops; i++) {
        const operation *o = &c->ops[i];
        switch (o->what) {
        case 'V':
            fprintf(f, "V %" PRId64 "\n", o->step);
            break;
        case 'F':
            fprintf(f, "F %" PRId64 " %zu\n", o->step, o->n);
            break;
        case 'U':
            fprintf(f, "U %u %" PRId64 "\n", o->output, o->step);
            break;
        case 'Y':
            fprintf(f, "Y %u %" PRId64 " %zu\n", o->output, o->step, o->n);
            break;
        case 'E':
            fprintf(f, "E %" PRId64 " %zu\n", o->step, o->n);
            break;
        case 'I':
            fprintf(f, "I %u %" PRId64 " %016" PRIx64 "\n", o->input, o->step, o->metric);
            break;
        case 'R':
            fprintf(f, "R %zu %016" PRIx64 " %s\n", param_number(l, o->param), o->metric, (const char *)o->blob);
            break;
        case 'O': case 'G': case 'W':
            fprintf(f, "%c %" PRId64 " %016" PRIx64 "\n", o->what, o->step, o->metric);
            break;
        case 'L':
            fprintf(f, "L %zu ", o->len);
            for (size_t k = 0; k < o->len; k++)
                fprintf(f, "%02x", o->blob[k]);
            fprintf(f, "\n");
            break;
        default:
            fprintf(f, "%c\n", o->what);
            break;
        }
    }
}

static int reference(const char *cases, const char *dir) {
    case_file f;
    test_case c;
    answers a = {0};
    FILE *scripts = create(dir, "scripts"), *table = create(dir, "schedules.h");
    char path[4096];
    backend_buffer rows = {0};
    open_cases(&f, cases);
    for (; case_read(&c, &f); case_free(&c)) {
        library l;
        naming n;
        if (!lib_open(&l, &c, 1))
            continue;
        name_case(&n, &c, &l);
        open_own(&l, n.has_own);
        engine e = lib_engine(&l);
        size_t before = a.n;
        l.resuming.counts = 1;
        script_run(&e, c.ops, c.nops, 1, 1, &a);
        stop_watching(&l);
        printf("resumed %u %u %u\n", l.resuming.loads, l.resuming.in_events, l.resuming.came);
        printf("ran %u %zu\n", c.number, a.n - before);
        put_script(scripts, &c, &l);
        put_shims(table, &n, &l);
        buffer_printf(&rows, "    SCHEDULE_ROW(%s, %u, %zu, %s%s)\n", n.prefix, c.number, lrs_program_params(l.program),
                      n.has_own ? n.prefix : "NULL", n.has_own ? "_shim_own" : "");
        lib_close(&l);
    }
    case_close(&f);
    fprintf(table, "static const schedule schedules[] = {\n%.*s};\n", (int)rows.n, rows.n ? rows.at : "");
    buffer_free(&rows);
    if (fclose(table) != 0 || fclose(scripts) != 0)
        script_fail("cannot write");
    snprintf(path, sizeof path, "%s/reference", dir);
    script_write(path, &a);
    free(a.words);
    return 0;
}

/* ---- the other engines of the library ------------------------------------------------------------------ */

static int run_library(int level, const char *cases, const char *out) {
    case_file f;
    test_case c;
    answers a = {0};
    char error[2000] = "";
    open_cases(&f, cases);
    for (; case_read(&c, &f); case_free(&c)) {
        library l;
        naming n;
        if (!lib_open(&l, &c, 0))
            continue;
        name_case(&n, &c, &l);
        open_own(&l, n.has_own);
        if (level >= 0) {
            l.code.size = sizeof l.code;
            int status = lrs_jit(&l.code, l.plan, level, error, sizeof error);
            if (status == LRS_E_NOENGINE) {
                printf("%s\n", error);
                return 77;
            }
            if (status) {
                printf("the JIT fails for case %u: %s\n", c.number, error);
                return 1;
            }
            l.jitted = 1;
        }
        engine e = lib_engine(&l);
        script_run(&e, c.ops, c.nops, 0, 0, &a);
        lib_close(&l);
    }
    case_close(&f);
    script_write(out, &a);
    free(a.words);
    return 0;
}

/* ---- generated code -------------------------------------------------------------------------------------- */

static void emit_one_c(const char *dir, const naming *n, const ir_program *ir, FILE *all) {
    backend_buffer b = {0};
    char name[64], header[64];
    snprintf(header, sizeof header, "%s.h", n->prefix);
    snprintf(name, sizeof name, "%s.c", n->prefix);
    backend_options o = options_for(n, header);
    if (emit_c(ir, &o, &b) != 0)
        script_fail("emit_c fails");
    put_file(dir, name, &b);
    buffer_free(&b);
    fprintf(all, "#include \"%s\"\n", name);
}

static void emit_one_header(const char *dir, const naming *n, const ir_program *ir) {
    backend_buffer b = {0};
    char header[64];
    snprintf(header, sizeof header, "%s.h", n->prefix);
    backend_options o = options_for(n, header);
    if (emit_header(ir, &o, &b) != 0)
        script_fail("emit_header fails");
    put_file(dir, header, &b);
    buffer_free(&b);
}

static int emit_one_object(const llvm_backend *llvm, const char *dir, const naming *n, const ir_program *ir,
                           const char *triple, const char *cpu) {
    backend_buffer b = {0};
    char name[64], error[2000] = "";
    snprintf(name, sizeof name, "%s.o", n->prefix);
    backend_options o = options_for(n, NULL);
    o.triple = strcmp(triple, "-") == 0 ? NULL : triple;
    o.cpu = cpu;
    o.emit = BACKEND_OBJECT;
    if (llvm->emit(ir, &o, &b, error, sizeof error) != 0) {
        printf("no object for %s: %s\n", n->prefix, error);
        return 1;
    }
    put_file(dir, name, &b);
    buffer_free(&b);
    return 0;
}

static int emit_all_js(const char *cases, const char *dir) {
    case_file f;
    test_case c;
    open_cases(&f, cases);
    for (; case_read(&c, &f); case_free(&c)) {
        library l;
        naming n;
        backend_buffer b = {0};
        char name[64];
        if (!lib_open(&l, &c, 0))
            continue;
        name_case(&n, &c, &l);
        snprintf(name, sizeof name, "%s.mjs", n.prefix);
        backend_options o = options_for(&n, NULL);
        if (emit_js(lrs_program_ir(l.program), &o, EMIT_JS_MODULE, &b) != 0)
            script_fail("emit_js fails");
        put_file(dir, name, &b);
        buffer_free(&b);
        lib_close(&l);
    }
    case_close(&f);
    return 0;
}

static int emit_all(const char *triple, const char *cpu, const char *cases, const char *dir) {
    case_file f;
    test_case c;
    char error[2000] = "";
    const llvm_backend *llvm = triple ? backend_llvm(error, sizeof error) : NULL;
    FILE *all = triple ? NULL : create(dir, "all.c");
    int code = 0;
    if (triple && !llvm) {
        printf("%s\n", error);
        return 77;
    }
    open_cases(&f, cases);
    for (; code == 0 && case_read(&c, &f); case_free(&c)) {
        library l;
        naming n;
        if (!lib_open(&l, &c, 0))
            continue;
        name_case(&n, &c, &l);
        const ir_program *ir = lrs_program_ir(l.program);
        emit_one_header(dir, &n, ir);
        if (triple)
            code = emit_one_object(llvm, dir, &n, ir, triple, cpu);
        else
            emit_one_c(dir, &n, ir, all);
        lib_close(&l);
    }
    case_close(&f);
    if (all && fclose(all) != 0)
        script_fail("cannot write all.c");
    return code;
}

/* ---- where phases end ----------------------------------------------------------------------------------- */

static int edges(const char *cases) {
    case_file f;
    test_case c;
    open_cases(&f, cases);
    for (; case_read(&c, &f); case_free(&c)) {
        library l;
        lrs_explanation x = {.size = sizeof x};
        double at = 0;
        if (!lib_open(&l, &c, 0))
            continue;
        printf("outputs %u %zu\n", c.number, lrs_program_outputs(l.program));
        for (size_t i = 0; i < lrs_program_inputs(l.program); i++)
            printf("input %u %s\n", c.number, lrs_program_input_name(l.program, i));
        for (int i = 0; i < 64 && lrs_explain_at(&x, l.plan, l.state, 0, (int64_t)at) == 0 && x.phase_end < 1e17; i++) {
            printf("edge %u %.17g\n", c.number, x.phase_end);
            at = x.phase_end > at ? x.phase_end + 1 : at + 1;
        }
        lib_close(&l);
    }
    case_close(&f);
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "reference") == 0)
        return reference(argv[2], argv[3]);
    if (argc == 4 && strcmp(argv[1], "interpreter") == 0)
        return run_library(-1, argv[2], argv[3]);
    if (argc == 5 && strcmp(argv[1], "jit") == 0)
        return run_library(atoi(argv[2]), argv[3], argv[4]);
    if (argc == 4 && strcmp(argv[1], "c") == 0)
        return emit_all(NULL, NULL, argv[2], argv[3]);
    if (argc == 4 && strcmp(argv[1], "js") == 0)
        return emit_all_js(argv[2], argv[3]);
    if (argc == 6 && strcmp(argv[1], "object") == 0)
        return emit_all(argv[2], argv[3], argv[4], argv[5]);
    if (argc == 3 && strcmp(argv[1], "edges") == 0)
        return edges(argv[2]);
    script_fail("usage: engines edges|reference|interpreter|jit|c|js|object ...");
    return 70;
}
