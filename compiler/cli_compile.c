/* cli_compile.c: from files to outputs, as cc does it.
 * In: the options. Out: files, all of one input or none of them, and the exit code. Calls the compiler and the
 * backends. */
#include "cli_compile.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "api.h"
#include "ast.h"
#include "backend.h"
#include "cli_call.h"
#include "cli_io.h"
#include "diag.h"
#include "emit_jax.h"
#include "emit_js.h"

#define ERROR_CAP 1024

/* ---- statuses and diagnostics ------------------------------------------------------------------ */

int cli_status(int status, const char *name, const char *error)
{
    static const struct {
        int status, code;
    } codes[] = {
        {LRS_E_SOURCE, CLI_DIAGNOSTICS},
        {LRS_E_PARAM, CLI_DIAGNOSTICS},
        {LRS_E_LIMIT, CLI_DIAGNOSTICS},
        {LRS_E_ARG, CLI_USAGE},
        {LRS_E_NOENGINE, CLI_IO},
        {LRS_E_NOMEM, CLI_IO},
        {LRS_E_IO, CLI_IO},
    };
    const char *why = error && *error ? error : lrs_strerror(status);
    if (status == LRS_OK) {
        return CLI_OK;
    }
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].status == status) {
            cli_error("%s%s%s", name ? name : "", name ? ": " : "", why);
            return codes[i].code;
        }
    }
    cli_error("internal error: %s", why);
    cli_note("this is a bug in lrsc; please report it together with %s and the options", name ? name : "the input");
    return CLI_INTERNAL;
}

/* What is less than this, or of another code where there is one, goes; what stays keeps the notes inside it. */
static void drop_others(lrs_diagnostics *d, int severity, int code)
{
    diag **link = &d->first;
    while (*link) {
        if ((*link)->severity < severity || (code >= 0 && (int)(*link)->code != code)) {
            *link = (*link)->next;
            d->count--;
        } else {
            link = &(*link)->next;
        }
    }
    d->tail = link;
}

static void render(const lrs_diagnostics *d)
{
    if (lrs_diagnostics_count(d) > 0) {
        unsigned flags =
            (cli_color(stderr) ? (unsigned)LRS_RENDER_COLOR : 0) | (cli_utf8() ? 0 : (unsigned)LRS_RENDER_ASCII);
        size_t n = lrs_diagnostics_render(d, flags, NULL, 0);
        char *text = cli_alloc(n + 1);
        lrs_diagnostics_render(d, flags, text, n + 1);
        fflush(stdout);
        fwrite(text, 1, n, stderr);
        free(text);
    }
}

void cli_show_code(lrs_diagnostics *d, int code)
{
    if (d) {
        drop_others(d, LRS_NOTE, code);
        render(d);
    }
}

int cli_show_diagnostics(lrs_diagnostics *d, const cli_options *o)
{
    size_t warnings = 0;
    if (!d) {
        return CLI_OK;
    }
    if (o->warnings < 0) {
        drop_others(d, LRS_ERROR, -1);
    } else if (o->warnings == 0 && !o->check_only) { /* notes are for those who ask: check, -W */
        drop_others(d, LRS_WARNING, -1);
    }
    for (size_t i = 0; i < lrs_diagnostics_count(d); i++) {
        lrs_diagnostic g = {.size = sizeof g};
        warnings += lrs_diagnostics_get(&g, d, i) == LRS_OK && g.severity == LRS_WARNING;
    }
    render(d);
    if (lrs_diagnostics_errors(d) > 0) {
        return CLI_DIAGNOSTICS;
    }
    if (warnings > 0 && o->werror) {
        cli_error("warnings are treated as errors (-Werror)");
        return CLI_DIAGNOSTICS;
    }
    return CLI_OK;
}

/* ---- names of outputs -------------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Where the suffix of a path begins; its end when it has none. A leading dot begins a hidden name, not a suffix. */
static const char *suffix_of(const char *path)
{
    const char *base = base_name(path), *dot = strrchr(base, '.');
    return dot && dot != base ? dot : base + strlen(base);
}

static int kind_of_suffix(const char *suffix)
{
    for (int i = 0; i < EMIT_KINDS; i++) {
        if (strcmp(emit_kinds[i].suffix, suffix) == 0) {
            return i;
        }
    }
    return strcmp(suffix, ".mjs") == 0 ? EMIT_JS : -1;
}

/* The C name made of a file's name: my-sched.lrs -> my_sched, 1cycle.lrs -> lrs_1cycle. */
static char *prefix_of(const char *path)
{
    const char *base = strcmp(path, "-") == 0 ? "sched" : base_name(path), *end = suffix_of(base);
    int reserved = !((*base >= 'a' && *base <= 'z') || (*base >= 'A' && *base <= 'Z'));
    char *name = cli_printf("%s%.*s", reserved ? "lrs_" : "", (int)(end - base), base);
    for (char *p = name; *p; p++) {
        int keep = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');
        *p = keep ? *p : '_';
    }
    return name;
}

static int is_special(const char *path)
{
    struct stat st;
    return strcmp(path, "-") == 0 || (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode));
}

/* One input and what becomes of it. */
typedef struct unit {
    const char *path;
    int is_call;           /* the path is the call of a schedule: what it becomes goes where that of standard input does */
    char *out[EMIT_KINDS]; /* path of the output of each kind, NULL: not written */
    char *depend;          /* path of the make rule, NULL: none */
    char *prefix;
} unit;

static void unit_free(unit *u)
{
    for (int i = 0; i < EMIT_KINDS; i++) {
        free(u->out[i]);
    }
    free(u->depend);
    free(u->prefix);
}

static int count_bits(unsigned v)
{
    int n = 0;
    for (; v; v &= v - 1) {
        n++;
    }
    return n;
}

/* What to write: --emit, else what the suffix of -o says, else an object. */
static int decide_kinds(unsigned *kinds, const cli_options *o)
{
    *kinds = o->emit ? o->emit : 1u << EMIT_OBJ;
    if (o->emit || !o->out) {
        return CLI_OK;
    }
    const char *suffix = suffix_of(o->out);
    int kind = kind_of_suffix(suffix);
    if (kind < 0 && *suffix && !is_special(o->out)) {
        cli_error("the suffix '%s' of -o does not say what to write; use .o .s .ll .bc .c .h .js .mjs .py, or say it with --emit",
                  suffix);
        return CLI_USAGE;
    }
    if (kind >= 0) {
        *kinds = 1u << kind;
    }
    return CLI_OK;
}

static char *path_of_kind(const cli_options *o, const char *input, unsigned kinds, int kind)
{
    const char *suffix = emit_kinds[kind].suffix;
    if (!o->out) {
        if (strcmp(input, "-") == 0 || kind == EMIT_AST || kind == EMIT_IR) {
            return cli_strdup("-");
        }
        const char *base = base_name(input);
        return cli_printf("%.*s%s", (int)(suffix_of(input) - base), base, suffix);
    }
    const char *end = suffix_of(o->out);
    if (count_bits(kinds) == 1 || kind_of_suffix(end) == kind || is_special(o->out)) {
        return cli_strdup(o->out);
    }
    int known = kind_of_suffix(end) >= 0;
    return cli_printf("%.*s%s", known ? (int)(end - o->out) : (int)strlen(o->out), o->out, suffix);
}

static char *with_suffix(const char *path, const char *suffix)
{
    const char *end = suffix_of(path);
    return cli_printf("%.*s%s", (int)(end - path), path, suffix);
}

static int plan_unit(unit *u, const cli_options *o, const char *input, unsigned kinds)
{
    const char *main_out = NULL;
    char *call = cli_call_text(input);
    memset(u, 0, sizeof *u);
    u->path = input;
    u->is_call = call != NULL;
    input = call ? "-" : input;
    free(call);
    u->prefix = o->prefix ? cli_strdup(o->prefix) : prefix_of(o->out && strcmp(o->out, "-") != 0 ? o->out : input);
    if (o->check_only) {
        return CLI_OK;
    }
    for (int i = 0; i < EMIT_KINDS; i++) {
        if (kinds & (1u << i)) {
            u->out[i] = path_of_kind(o, input, kinds, i);
            main_out = main_out ? main_out : u->out[i];
        }
    }
    if (u->out[EMIT_OBJ] && !u->out[EMIT_HEADER] && !is_special(u->out[EMIT_OBJ])) {
        u->out[EMIT_HEADER] = with_suffix(u->out[EMIT_OBJ], ".h");
    }
    if (o->depend) {
        if (is_special(main_out) && (!o->depend_file || !o->depend_targets.n)) {
            cli_error("-MD needs -MF and -MT when the output is not a file");
            return CLI_USAGE;
        }
        u->depend = o->depend_file ? cli_strdup(o->depend_file) : with_suffix(main_out, ".d");
    }
    return CLI_OK;
}

static const char *unit_file(const unit *u, int i)
{
    return i < EMIT_KINDS ? u->out[i] : u->depend;
}

static int same_file(const char *a, const char *b)
{
    struct stat x, y;
    if (strcmp(a, b) == 0) {
        return 1;
    }
    return stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* No file is written twice, and no input is overwritten. */
static int check_collisions(const unit *units, size_t n)
{
    for (size_t a = 0; a < n; a++) {
        for (int i = 0; i <= EMIT_KINDS; i++) {
            const char *x = unit_file(&units[a], i);
            if (!x || is_special(x)) {
                continue;
            }
            for (size_t b = 0; b < n; b++) {
                if (strcmp(units[b].path, "-") != 0 && same_file(x, units[b].path)) {
                    cli_error("the output '%s' would overwrite the input '%s'", x, units[b].path);
                    return CLI_USAGE;
                }
                for (int j = 0; j <= EMIT_KINDS; j++) {
                    const char *y = unit_file(&units[b], j);
                    if (y && (b > a || (b == a && j > i)) && same_file(x, y)) {
                        cli_error("two outputs would be written to '%s'", x);
                        return CLI_USAGE;
                    }
                }
            }
        }
    }
    return CLI_OK;
}

/* The bytes of an object are nothing for a terminal, unless -o asked for it. */
static int check_terminal(const unit *u, const cli_options *o)
{
    static const int binary[] = {EMIT_OBJ, EMIT_BITCODE};
    for (size_t i = 0; i < sizeof binary / sizeof *binary; i++) {
        const char *path = u->out[binary[i]];
        if (path && !o->out && strcmp(path, "-") == 0 && isatty(STDOUT_FILENO)) {
            cli_error("%s is not written to a terminal: give -o FILE", binary[i] == EMIT_OBJ ? "an object" : "bitcode");
            return CLI_USAGE;
        }
    }
    return CLI_OK;
}

static int refuse_one_stream(const cli_options *o, unsigned kinds)
{
    char *call = o->text ? NULL : cli_call_text(o->files.at[0]);
    int is_stream = o->out ? is_special(o->out) : o->text || call || strcmp(o->files.at[0], "-") == 0;
    free(call);
    if (count_bits(kinds) > 1 && !o->check_only && is_stream) {
        cli_error("several kinds of output cannot go to one stream: give -o FILE");
        return CLI_USAGE;
    }
    return CLI_OK;
}

static int plan_units(unit *units, const cli_options *o)
{
    unsigned kinds;
    int code = decide_kinds(&kinds, o);
    size_t n = o->files.n;
    if (code != CLI_OK) {
        return code;
    }
    if (n > 1 && (o->out || o->prefix || o->depend_file || o->depend_targets.n)) {
        cli_error("%s cannot be used with several input files", o->out           ? "-o"
                                                                : o->prefix      ? "--prefix"
                                                                : o->depend_file ? "-MF"
                                                                                 : "-MT");
        return CLI_USAGE;
    }
    code = refuse_one_stream(o, kinds);
    if (code != CLI_OK) {
        return code;
    }
    for (size_t i = 0; i < n; i++) {
        code = plan_unit(&units[i], o, o->files.at[i], kinds);
        code = code ? code : check_terminal(&units[i], o);
        if (code != CLI_OK) {
            return code;
        }
    }
    return check_collisions(units, n);
}

/* ---- one input --------------------------------------------------------------------------------- */

typedef struct job {
    const cli_options *o;
    const unit *u;
    const char *name; /* for people */
    char *text;
    size_t len;
    arena mem;
    lrs_diagnostics *diags;
    ir_program *ir;
    backend_buffer buffers[EMIT_KINDS + 1];
    double clock;
} job;

/* -v: what took how long since the last call. */
static void step_done(job *j, const char *what)
{
    if (j->o->verbose) {
        double now = cli_clock_ms();
        fprintf(stderr, "lrsc: %s: %s, %.2f ms\n", j->name, what, now - j->clock);
        j->clock = cli_clock_ms();
    }
}

static int emit_tree(job *j)
{
    arena mem;
    ast_stmt *tree = NULL;
    lrs_diagnostics *d = diags_new(NULL);
    if (!d) {
        return cli_no_memory();
    }
    arena_init(&mem, NULL);
    int status = diags_add_source(d, j->name, j->text, j->len) ? LRS_E_NOMEM : lrs_parse(&tree, &mem, d, 0);
    if (j->u->is_call) {
        cli_call_places(d);
    }
    int code = cli_show_diagnostics(d, j->o);
    if (code == CLI_OK) {
        code = cli_status(status, j->name, NULL);
    }
    if (code == CLI_OK) {
        ast_print(tree, buffer_put_cb, &j->buffers[EMIT_AST]);
        step_done(j, "parsed");
    }
    arena_free(&mem);
    lrs_diagnostics_free(d);
    return code;
}

/* What a trainer would be told by init(NULL) is told now. */
static int check_defaults(const job *j)
{
    if (!j->ir->has_defaults) {
        return CLI_OK;
    }
    uint64_t *words = cli_alloc((LRS_K_HEADER_WORDS + (size_t)j->ir->layout.ni + j->ir->layout.nd) * sizeof *words);
    int failed = ir_initial_state(j->ir, words);
    free(words);
    if (failed > 0 && (uint32_t)failed <= j->ir->nchecks) {
        lrs_report_check(j->diags, &j->ir->checks[failed - 1]);
        cli_show_diagnostics(j->diags, j->o);
        return CLI_DIAGNOSTICS;
    }
    return CLI_OK;
}

/* Outputs do not depend on the folder that the compiler was called in, except for what a debugger must find. */
static const char *source_name(const job *j)
{
    return j->o->debug || j->u->is_call ? j->name : base_name(j->name);
}

static int make_ir(job *j)
{
    lrs_options options = cli_compile_options(j->o, j->name);
    int status = lrs_compile_ir(&j->ir, &j->mem, j->diags, j->text, j->len, &options);
    if (j->u->is_call) {
        cli_call_places(j->diags);
    }
    int code = cli_show_diagnostics(j->diags, j->o);
    if (status == LRS_OK || code == CLI_OK) {
        code = code ? code : cli_status(status, j->name, NULL);
    }
    if (code != CLI_OK) {
        return code;
    }
    step_done(j, "compiled");
    j->ir->name = source_name(j);
    const char *unsound = ir_verify(j->ir);
    return unsound ? cli_status(LRS_E_INTERNAL, j->name, unsound) : check_defaults(j);
}

static backend_options backend_options_of(const job *j, const char *source_name)
{
    backend_options b = {0};
    b.prefix = j->u->prefix;
    b.own_prefix = j->o->prefix != NULL;
    b.header_name =
        j->u->out[EMIT_HEADER] && !is_special(j->u->out[EMIT_HEADER]) ? base_name(j->u->out[EMIT_HEADER]) : NULL;
    b.source_name = source_name;
    b.source_text = j->text;
    b.source_len = j->len;
    b.optimize = j->o->optimize;
    b.debug = j->o->debug;
    b.triple = j->o->target;
    b.cpu = j->o->cpu;
    return b;
}

static int emit_machine(job *j, const backend_options *options, int kind)
{
    static const enum backend_emit which[] = {[EMIT_OBJ] = BACKEND_OBJECT,
                                              [EMIT_ASM] = BACKEND_ASM,
                                              [EMIT_LLVM] = BACKEND_LLVM,
                                              [EMIT_BITCODE] = BACKEND_BITCODE};
    char error[ERROR_CAP] = "";
    const llvm_backend *llvm = backend_llvm(error, sizeof error);
    if (!llvm) {
        return cli_status(LRS_E_NOENGINE, NULL, error);
    }
    backend_options b = *options;
    b.emit = which[kind];
    return cli_status(llvm->emit(j->ir, &b, &j->buffers[kind], error, sizeof error), j->name, error);
}

static int emit_kind_of(job *j, const backend_options *b, int kind)
{
    switch (kind) {
    case EMIT_C:
        return cli_status(emit_c(j->ir, b, &j->buffers[kind]), j->name, NULL);
    case EMIT_HEADER:
        return cli_status(emit_header(j->ir, b, &j->buffers[kind]), j->name, NULL);
    case EMIT_JS:
        return cli_status(emit_js(j->ir, b, EMIT_JS_MODULE, &j->buffers[kind]), j->name, NULL);
    case EMIT_JAX:
        return cli_status(emit_jax(j->ir, b, NULL, &j->buffers[kind]), j->name, NULL);
    case EMIT_IR:
        ir_print(j->ir, buffer_put_cb, &j->buffers[kind]);
        return CLI_OK;
    case EMIT_AST:
        return CLI_OK; /* made before */
    default:
        return emit_machine(j, b, kind);
    }
}

static int emit_all(job *j)
{
    backend_options b = backend_options_of(j, source_name(j));
    for (int i = 0; i < EMIT_KINDS; i++) {
        if (!j->u->out[i]) {
            continue;
        }
        int code = emit_kind_of(j, &b, i);
        if (code == CLI_OK && j->buffers[i].failed) {
            code = cli_no_memory();
        }
        if (code != CLI_OK) {
            return code;
        }
        char *what = cli_printf("made %s, %zu bytes", emit_kinds[i].name, j->buffers[i].n);
        step_done(j, what);
        free(what);
    }
    return CLI_OK;
}

/* ---- the make rule ----------------------------------------------------------------------------- */

static void put_make_word(backend_buffer *b, const char *word)
{
    for (; *word; word++) {
        if (*word == ' ' || *word == '\t' || *word == '#') {
            buffer_put(b, "\\", 1);
        } else if (*word == '$') {
            buffer_put(b, "$", 1);
        }
        buffer_put(b, word, 1);
    }
}

static const char *first_output(const unit *u)
{
    for (int i = 0; i < EMIT_KINDS; i++) {
        if (u->out[i]) {
            return u->out[i];
        }
    }
    return "";
}

/* The file that a source was read from, which is another one than its name says where --use said so. */
static const char *file_of(const job *j, size_t i)
{
    const source *s = &j->diags->sources.at[i];
    return s->given ? j->o->used.at[s->given - 1] : s->name;
}

static int is_listed(const job *j, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strcmp(file_of(j, k), file_of(j, i)) == 0) {
            return 1;
        }
    }
    return 0;
}

static void make_rule(job *j)
{
    backend_buffer *b = &j->buffers[EMIT_KINDS];
    const cli_strings *targets = &j->o->depend_targets;
    for (size_t i = 0; i < targets->n; i++) { /* -MT is taken as it is: gcc's -MT does no quoting */
        buffer_printf(b, "%s%s", i ? " " : "", targets->at[i]);
    }
    if (!targets->n) {
        put_make_word(b, first_output(j->u));
    }
    buffer_put(b, ":", 1);
    const source_map *m = &j->diags->sources;
    if (m->n == 0 && strcmp(j->u->path, "-") != 0 && !j->u->is_call) {
        buffer_put(b, " ", 1);
        put_make_word(b, j->u->path);
    }
    for (size_t i = j->u->is_call ? 1 : 0; i < m->n; i++) {
        /* Names in angle brackets are not files: standard input, the built-in modules. */
        const char *file = file_of(j, i);
        if (m->at[i].name[0] != '<' && !is_listed(j, i)) {
            buffer_put(b, " \\\n  ", i == 0 ? 1 : 5);
            put_make_word(b, file);
        }
    }
    buffer_put(b, "\n", 1);
}

/* ---- all of it --------------------------------------------------------------------------------- */

static int write_outputs(job *j)
{
    cli_output outs[EMIT_KINDS + 1];
    size_t n = 0;
    /* The object comes last: what make looks at is in place only when all the rest is. */
    for (int i = EMIT_KINDS; i >= 0; i--) {
        const char *path = unit_file(j->u, i);
        if (path) {
            outs[n++] = (cli_output){.path = path, .data = j->buffers[i].at, .n = j->buffers[i].n};
        }
    }
    int code = cli_write_all(outs, n);
    if (code == CLI_OK && n > 0) {
        step_done(j, "written");
    }
    return code;
}

static int run_job(job *j)
{
    const unit *u = j->u;
    int code = CLI_OK;
    if (j->o->text) {
        j->text = cli_strdup(j->o->text);
        j->len = strlen(j->text);
    } else {
        int is_call;
        code = cli_read_schedule(&j->text, &j->len, &is_call, u->path, j->o->verb);
    }
    int only_tree = u->out[EMIT_AST] && !u->depend;
    for (int i = 0; i < EMIT_KINDS; i++) {
        only_tree = only_tree && (i == EMIT_AST || !u->out[i]);
    }
    if (code == CLI_OK && u->out[EMIT_AST]) {
        code = emit_tree(j);
    }
    if (code == CLI_OK && !only_tree) {
        code = make_ir(j);
    }
    if (code == CLI_OK) {
        code = emit_all(j);
    }
    if (code == CLI_OK && u->depend) {
        make_rule(j);
    }
    for (int i = 0; i <= EMIT_KINDS && code == CLI_OK; i++) {
        code = j->buffers[i].failed ? cli_no_memory() : CLI_OK;
    }
    return code == CLI_OK ? write_outputs(j) : code;
}

static int compile_unit(const cli_options *o, const unit *u)
{
    job j = {.o = o, .u = u, .name = o->text_name ? o->text_name : o->text ? "<command line>" : cli_display_name(u->path), .clock = cli_clock_ms()};
    j.diags = diags_new(NULL);
    if (!j.diags) {
        return cli_no_memory();
    }
    arena_init(&j.mem, NULL);
    int code = run_job(&j);
    for (int i = 0; i <= EMIT_KINDS; i++) {
        buffer_free(&j.buffers[i]);
    }
    arena_free(&j.mem);
    lrs_diagnostics_free(j.diags);
    free(j.text);
    return code;
}

/* A text in place of a file: what it is compiled to goes where that of standard input does. */
static int compile_text(const cli_options *o)
{
    unit u = {.path = "-"};
    unsigned kinds = 0;
    if (o->files.n > 0) {
        cli_error("%s takes files or -e TEXT, not both", o->verb == VERB_COMPILE ? "lrsc" : cli_verb_name(o->verb));
        return CLI_USAGE;
    }
    int code = o->check_only ? CLI_OK : decide_kinds(&kinds, o);
    code = code ? code : refuse_one_stream(o, kinds);
    code = code || o->check_only ? code : plan_unit(&u, o, "-", kinds);
    code = code || o->check_only ? code : check_terminal(&u, o);
    code = code ? code : compile_unit(o, &u);
    unit_free(&u);
    return cli_finish_stdout(code);
}

int cli_compile(const cli_options *o)
{
    if (o->text) {
        return compile_text(o);
    }
    if (o->files.n == 0) {
        cli_error("no input file");
        cli_note("lrsc%s%s --help says how it is used", o->verb == VERB_CHECK ? " " : "", cli_verb_name(o->verb));
        return CLI_USAGE;
    }
    unit *units = cli_alloc(o->files.n * sizeof *units);
    int worst = plan_units(units, o);
    for (size_t i = 0; i < o->files.n && worst != CLI_USAGE; i++) {
        int code = compile_unit(o, &units[i]);
        worst = code > worst ? code : worst; /* the other files are still looked at, as cc does */
    }
    for (size_t i = 0; i < o->files.n; i++) {
        unit_free(&units[i]);
    }
    free(units);
    return cli_finish_stdout(worst);
}

/* ---- answers ----------------------------------------------------------------------------------- */

int cli_print_targets(void)
{
    char error[ERROR_CAP] = "";
    const llvm_backend *llvm = backend_llvm(error, sizeof error);
    if (!llvm) {
        return cli_status(LRS_E_NOENGINE, NULL, error);
    }
    backend_buffer b = {0};
    llvm->targets(&b);
    int failed = b.failed;
    fwrite(b.at, 1, b.n, stdout);
    buffer_free(&b);
    return failed ? cli_no_memory() : cli_finish_stdout(CLI_OK);
}

int cli_print_version(void)
{
    char error[ERROR_CAP] = "";
    const llvm_backend *llvm = backend_llvm(error, sizeof error);
    printf("lrsc %s\n", lrs_version());
    if (llvm) {
        printf("LLVM: %s\n", llvm->llvm_version);
    } else {
        printf("LLVM: none (%s)\n", error);
    }
    return cli_finish_stdout(CLI_OK);
}

int cli_explain(const char *code)
{
    const char *digits = code;
    if (strncmp(code, "LRS", 3) == 0 || strncmp(code, "lrs", 3) == 0) {
        digits += 3;
    }
    char *end;
    long number = strtol(digits, &end, 10);
    const char *text = *digits >= '0' && *digits <= '9' && !*end && number < 100000 ? diag_explain((int)number) : NULL;
    if (!text) {
        cli_error("'%s' is not the code of a diagnostic; codes look like LRS0101", code);
        return CLI_USAGE;
    }
    printf("LRS%04ld: %s\n\n%s\n", number, diag_title((int)number), text);
    return cli_finish_stdout(CLI_OK);
}
