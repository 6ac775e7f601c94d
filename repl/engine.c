/* engine.c: see engine.h. */
#include "engine.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "api.h"
#include "backend.h"
#include "cli_compile.h"
#include "cli_io.h"
#include "emit_names.h"

#define ERROR_CAP 1024
#define PREFIX "lrs_eval"

/* How an engine is started and asked. */
typedef struct engine_ops {
    int (*open)(engine *e, const cli_options *o, const lrs_program *program);
    double (*value)(const engine *e, size_t output, int64_t step);
    void (*fill)(const engine *e, size_t output, int64_t first, size_t n, double *out);
    int (*observe)(engine *e, size_t input, int64_t step, double metric);
    void (*restart)(engine *e);
} engine_ops;

/* The functions of what was compiled. */
typedef struct engine_output {
    double (*value)(const void *s, int64_t step);
    void (*fill)(const void *s, int64_t first, size_t n, double *out);
} engine_output;
typedef struct engine_input {
    int (*observe)(void *s, int64_t step, double metric);
} engine_input;

/* ---- interpreter ------------------------------------------------------------------------------- */

static int interp_open(engine *e, const cli_options *o, const lrs_program *program)
{
    (void)o;
    (void)program;
    return cli_status(lrs_state_new(&e->state, e->plan), NULL, NULL);
}

static double interp_value(const engine *e, size_t output, int64_t step)
{
    return lrs_value(e->plan, e->state, output, step);
}

static void interp_fill(const engine *e, size_t output, int64_t first, size_t n, double *out)
{
    lrs_fill(e->plan, e->state, output, first, n, out);
}

static int interp_observe(engine *e, size_t input, int64_t step, double metric)
{
    return lrs_observe(e->plan, e->state, input, step, metric);
}

static void state_restart(engine *e)
{
    lrs_state_init(e->state, e->plan);
}

/* ---- JIT --------------------------------------------------------------------------------------- */

static int jit_open(engine *e, const cli_options *o, const lrs_program *program)
{
    char error[ERROR_CAP] = "";
    (void)program;
    e->jit.size = sizeof e->jit;
    int code = cli_status(lrs_state_new(&e->state, e->plan), NULL, NULL);
    return code ? code : cli_status(lrs_jit(&e->jit, e->plan, o->optimize, error, sizeof error), NULL, error);
}

static double jit_value(const engine *e, size_t output, int64_t step)
{
    return e->jit.value(e->state, output, step);
}

static void jit_fill(const engine *e, size_t output, int64_t first, size_t n, double *out)
{
    e->jit.fill(e->state, output, first, n, out);
}

static int jit_observe(engine *e, size_t input, int64_t step, double metric)
{
    return e->jit.observe(e->state, input, step, metric);
}

/* ---- objects and emitted C: built in a folder of their own, which is gone before the first value --------- */

typedef struct build {
    char *folder, *source, *shared, *log;
    int slots[4];
} build;

static int build_begin(build *b, const char *suffix)
{
    const char *tmp = getenv("TMPDIR");
    b->folder = cli_printf("%s/lrsc-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(b->folder)) {
        cli_error("cannot make a folder like '%s': %s", b->folder, strerror(errno));
        free(b->folder);
        b->folder = NULL;
        return CLI_IO;
    }
    b->source = cli_printf("%s/schedule%s", b->folder, suffix);
    b->shared = cli_printf("%s/schedule.so", b->folder);
    b->log = cli_printf("%s/log", b->folder);
    b->slots[0] = cli_temp_remember(b->folder);
    b->slots[1] = cli_temp_remember(b->source);
    b->slots[2] = cli_temp_remember(b->shared);
    b->slots[3] = cli_temp_remember(b->log);
    return CLI_OK;
}

static void build_end(build *b)
{
    if (!b->folder) {
        return;
    }
    unlink(b->log);
    unlink(b->shared);
    unlink(b->source);
    rmdir(b->folder);
    for (size_t i = 4; i-- > 0;) {
        cli_temp_forget(b->slots[i]);
    }
    free(b->log);
    free(b->shared);
    free(b->source);
    free(b->folder);
}

/* $CC may hold options: "gcc -O3 -march=native". It is split at blanks; no shell reads it. */
static char **compiler_words(char *cc, const build *b, char *level)
{
    size_t n = 0;
    char **words = cli_alloc((strlen(cc) / 2 + 10) * sizeof *words);
    for (char *p = strtok(cc, " \t"); p; p = strtok(NULL, " \t")) {
        words[n++] = p;
        if (n == 1) {
            words[n++] = level; /* before the options in $CC, so that theirs win */
        }
    }
    static char pic[] = "-fPIC", shared[] = "-shared", out[] = "-o", math[] = "-lm";
    char *last[] = {pic, shared, out, b->shared, b->source, math};
    for (size_t i = 0; i < sizeof last / sizeof *last; i++) {
        words[n++] = last[i];
    }
    return words;
}

#define SIGNALLED 256

/* Runs words; what it says goes to a file. 0; otherwise its exit status, SIGNALLED + the signal that ended it, or -1
 * with errno when it could not be run. */
static int run_quietly(char **words, const char *log)
{
    int report[2], failed = 0, status = 0;
    if (pipe(report) != 0) {
        return -1;
    }
    fcntl(report[1], F_SETFD, FD_CLOEXEC);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (fd >= 0) {
            dup2(fd, STDOUT_FILENO);
            dup2(fd, STDERR_FILENO);
        }
        execvp(words[0], words);
        int e = errno;
        if (write(report[1], &e, sizeof e) < 0) {
            _exit(126);
        }
        _exit(127);
    }
    close(report[1]);
    if (pid < 0) {
        close(report[0]);
        return -1;
    }
    ssize_t got = read(report[0], &failed, sizeof failed);
    close(report[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (got == (ssize_t)sizeof failed) {
        errno = failed;
        return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALLED + (WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

static int compile_shared(const build *b, int optimize)
{
    const char *named = getenv("CC");
    char *cc = cli_strdup(named && strspn(named, " \t") < strlen(named) ? named : "cc");
    char level[] = "-O2";
    level[2] = (char)('0' + optimize);
    char **words = compiler_words(cc, b, level);
    int status = run_quietly(words, b->log), e = errno, code = CLI_OK;
    if (status < 0) {
        cli_error("the C compiler '%s' cannot be run: %s; name one with CC=...", words[0], strerror(e));
        code = CLI_IO;
    } else if (status > 0) {
        char *text = NULL;
        size_t n;
        int said = cli_read(&text, &n, b->log, CLI_MAX_DATA) == CLI_OK && n > 0;
        cli_error("the C compiler '%s' %s %d%s", words[0], status < SIGNALLED ? "failed with status" : "was ended by signal",
                  status % SIGNALLED, said ? ":" : ", and said nothing");
        if (said) {
            fwrite(text, 1, n, stderr);
        }
        free(text);
        code = CLI_IO;
    }
    free(words);
    free(cc);
    return code;
}

/* Objects are for x86-64-v3 unless told otherwise; here they must run on this machine. */
static const char *runnable_cpu(const char *cpu)
{
#if defined(__x86_64__) && defined(__GNUC__)
    if (!cpu && !(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))) {
        return "x86-64";
    }
#endif
    return cpu;
}

/* o may be NULL where nothing is written. */
static backend_options options_of(const cli_options *o)
{
    backend_options b = {.prefix = PREFIX, .own_prefix = 1, .source_name = "eval", .emit = BACKEND_OBJECT};
    b.optimize = o ? o->optimize : 0;
    b.cpu = o ? runnable_cpu(o->cpu) : NULL;
    return b;
}

static int emit_source(backend_buffer *b, const cli_options *o, const ir_program *ir)
{
    char error[ERROR_CAP] = "";
    backend_options options = options_of(o);
    if (o->engine == ENGINE_C) {
        return cli_status(emit_c(ir, &options, b), NULL, NULL);
    }
    const llvm_backend *llvm = backend_llvm(error, sizeof error);
    if (!llvm) {
        return cli_status(LRS_E_NOENGINE, NULL, error);
    }
    return cli_status(llvm->emit(ir, &options, b, error, sizeof error), NULL, error);
}

static int load_shared(engine *e, const build *b)
{
    e->library = dlopen(b->shared, RTLD_NOW | RTLD_LOCAL);
    if (!e->library) {
        cli_error("cannot load what was compiled: %s", dlerror());
        return CLI_IO;
    }
    return CLI_OK;
}

/* Function pointers and object pointers are the same size wherever dlsym exists; memcpy says so to the compiler. */
static int find_symbol(engine *e, void *fn, const char *name)
{
    void *p = dlsym(e->library, name);
    if (!p) {
        cli_error("internal error: the compiled schedule has no '%s'", name);
        return CLI_INTERNAL;
    }
    memcpy(fn, &p, sizeof p);
    return CLI_OK;
}

static int find_named(engine *e, void *fn, const char *format, const char *name)
{
    char *whole = cli_printf(format, name);
    int code = find_symbol(e, fn, whole);
    free(whole);
    return code;
}

/* The functions of outputs and inputs, by the names that the header gives them. */
static int find_functions(engine *e, const ir_program *ir)
{
    size_t ninput = ir->layout.ninput;
    backend_options options = options_of(NULL);
    emit_names names;
    arena mem;
    arena_init(&mem, NULL);
    int code = cli_status(emit_names_make(&names, ir, &options, &mem), NULL, NULL);
    if (code == CLI_OK) {
        e->outputs = cli_alloc(ir->npublic * sizeof *e->outputs);
        e->inputs = cli_alloc((ninput + 1) * sizeof *e->inputs);
        for (size_t i = 0; i < ir->npublic && code == CLI_OK; i++) {
            code = find_named(e, &e->outputs[i].value, PREFIX "_%s", names.outputs[i]);
            code = code ? code : find_named(e, &e->outputs[i].fill, PREFIX "_fill_%s", names.outputs[i]);
        }
        for (size_t i = 0; i < ninput && code == CLI_OK; i++) {
            code = names.inputs ? find_named(e, &e->inputs[i].observe, PREFIX "_observe_%s", names.inputs[i])
                                : find_symbol(e, &e->inputs[i].observe, PREFIX "_observe");
        }
    }
    arena_free(&mem);
    return code;
}

static int start_compiled(engine *e, const lrs_program *program, const ir_program *ir)
{
    int code = find_functions(e, ir);
    code = code ? code : find_symbol(e, &e->init, PREFIX "_init");
    if (code != CLI_OK) {
        return code;
    }
    /* The params of the generated struct are doubles in the order of the program. */
    size_t n = lrs_program_params(program);
    e->params = cli_alloc((n + 1) * sizeof *e->params);
    for (size_t i = 0; i < n; i++) {
        e->params[i] = lrs_plan_param(e->plan, i);
    }
    e->words = cli_alloc((LRS_K_HEADER_WORDS + (size_t)ir->layout.ni + ir->layout.nd) * sizeof(uint64_t));
    if (e->init(e->words, e->params) != 0) {
        cli_error("internal error: the compiled schedule refuses params that the interpreter takes");
        code = CLI_INTERNAL;
    }
    return code;
}

static int compiled_open(engine *e, const cli_options *o, const lrs_program *program)
{
    const ir_program *ir = lrs_program_ir(program);
    backend_buffer buffer = {0};
    build b = {0};
    int code = emit_source(&buffer, o, ir);
    if (code == CLI_OK && buffer.failed) {
        code = cli_no_memory();
    }
    if (code == CLI_OK) {
        code = build_begin(&b, o->engine == ENGINE_C ? ".c" : ".o");
    }
    if (code == CLI_OK) {
        cli_output out = {.path = b.source, .data = buffer.at, .n = buffer.n};
        code = cli_write_all(&out, 1);
    }
    code = code ? code : compile_shared(&b, o->optimize);
    code = code ? code : load_shared(e, &b);
    build_end(&b);
    buffer_free(&buffer);
    return code ? code : start_compiled(e, program, ir);
}

static double compiled_value(const engine *e, size_t output, int64_t step)
{
    return e->outputs[output].value(e->words, step);
}

static void compiled_fill(const engine *e, size_t output, int64_t first, size_t n, double *out)
{
    e->outputs[output].fill(e->words, first, n, out);
}

static int compiled_observe(engine *e, size_t input, int64_t step, double metric)
{
    return e->inputs[input].observe(e->words, step, metric);
}

static void compiled_restart(engine *e)
{
    e->init(e->words, e->params);
}

/* ---- any --------------------------------------------------------------------------------------- */

static const engine_ops engines[] = {
    [ENGINE_INTERP] = {interp_open, interp_value, interp_fill, interp_observe, state_restart},
    [ENGINE_JIT] = {jit_open, jit_value, jit_fill, jit_observe, state_restart},
    [ENGINE_OBJECT] = {compiled_open, compiled_value, compiled_fill, compiled_observe, compiled_restart},
    [ENGINE_C] = {compiled_open, compiled_value, compiled_fill, compiled_observe, compiled_restart},
};

int engine_open(engine *e, const cli_options *o, const lrs_program *program, const lrs_plan *plan)
{
    memset(e, 0, sizeof *e);
    e->ops = &engines[o->engine];
    e->plan = plan;
    return e->ops->open(e, o, program);
}

void engine_close(engine *e)
{
    lrs_jit_free(&e->jit);
    if (e->state) {
        lrs_state_free(e->state, e->plan);
    }
    if (e->library) {
        dlclose(e->library);
    }
    free(e->words);
    free(e->params);
    free(e->outputs);
    free(e->inputs);
    memset(e, 0, sizeof *e);
}

void engine_restart(engine *e)
{
    e->ops->restart(e);
}

double engine_value(const engine *e, size_t output, int64_t step)
{
    return e->ops->value(e, output, step);
}

void engine_fill(const engine *e, size_t output, int64_t first, size_t n, double *out)
{
    e->ops->fill(e, output, first, n, out);
}

int engine_observe(engine *e, size_t input, int64_t step, double metric)
{
    return e->ops->observe(e, input, step, metric);
}
