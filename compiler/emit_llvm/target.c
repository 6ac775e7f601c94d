/* target.c: which machine the code is for.
 *
 * In: a triple and a processor's name, or nothing for this machine. Out: an LLVM target machine, and what module.c must
 * know of the calling convention. Names that LLVM does not know are refused here, because LLVM itself would only print
 * a warning and go on.
 */
#include "emit_llvm.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct arch {
    const char *name;          /* the triple's first part, as LLVM writes it */
    const char *const *cpus;
    const char *cpu;           /* the default */
    const char *features;      /* always on */
    const char *abi;
    int extend_int;
    int fuses_negation;        /* selects -(a*b) - c for -(a*b + c), which has the other sign when the sum is 0 */
    const char *triple;        /* shown by --print-targets */
} arch;

/* All are 64-bit, little-endian and ELF: that is what the kernels' bitcode holds for. */
static const arch arches[] = {
    {"x86_64", lrs_cpus_x86_64, "x86-64-v3", "", NULL, 0, 0, "x86_64-linux-gnu"},
    {"aarch64", lrs_cpus_aarch64, "generic", "", NULL, 0, 1, "aarch64-linux-gnu"},
    {"riscv64", lrs_cpus_riscv64, "generic-rv64", "+m,+a,+f,+d,+c", "lp64d", 1, 0, "riscv64-linux-gnu"},
};
#define NARCHES (sizeof arches / sizeof arches[0])

static void initialize(void)
{
    LLVMInitializeAllTargetInfos();
    LLVMInitializeAllTargets();
    LLVMInitializeAllTargetMCs();
    LLVMInitializeAllAsmPrinters();
}

static void initialize_once(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, initialize);
}

static const arch *arch_of(const char *triple)
{
    size_t n = strcspn(triple, "-");
    size_t i;
    for (i = 0; i < NARCHES; i++)
        if (strlen(arches[i].name) == n && memcmp(arches[i].name, triple, n) == 0)
            return &arches[i];
    return NULL;
}

static int cpu_known(const arch *a, const char *cpu)
{
    const char *const *c;
    for (c = a->cpus; *c; c++)
        if (strcmp(*c, cpu) == 0)
            return 1;
    return 0;
}

/* The name that shares the longest beginning with cpu: good enough for "did you mean". */
static const char *cpu_like(const arch *a, const char *cpu)
{
    const char *best = a->cpu;
    size_t most = 0;
    const char *const *c;
    for (c = a->cpus; *c; c++) {
        size_t n = 0;
        while ((*c)[n] && (*c)[n] == cpu[n])
            n++;
        if (n > most) {
            most = n;
            best = *c;
        }
    }
    return best;
}

static char *join(const char *a, const char *b)
{
    size_t n = strlen(a) + strlen(b) + 2;
    char *s = malloc(n);
    if (s)
        snprintf(s, n, "%s%s%s", a, *a && *b ? "," : "", b);
    return s;
}

static int open_native(target *t, const arch *a, LLVMTargetRef of, LLVMCodeGenOptLevel level, report *r)
{
    const arch *host;
    char *here = LLVMGetDefaultTargetTriple();
    char *cpu, *found, *features;
    host = arch_of(here);
    LLVMDisposeMessage(here);
    if (host != a)
        return report_say(r, LRS_E_ARG, "the processor `native` is this machine's and cannot be had for the target %s", t->triple);
    cpu = LLVMGetHostCPUName();
    found = LLVMGetHostCPUFeatures();
    features = join(a->features, found);
    if (features)
        t->machine = compat_target_machine(of, t->triple, cpu, features, a->abi, level);
    free(features);
    LLVMDisposeMessage(found);
    LLVMDisposeMessage(cpu);
    return features ? 0 : report_say(r, LRS_E_NOMEM, "out of memory");
}

int target_open(target *t, const char *triple, const char *cpu, int optimize, report *r)
{
    static const LLVMCodeGenOptLevel levels[] = {LLVMCodeGenLevelNone, LLVMCodeGenLevelLess, LLVMCodeGenLevelDefault,
                                                 LLVMCodeGenLevelAggressive};
    LLVMTargetRef of;
    const arch *a;
    char *message = NULL;
    int status = 0;

    memset(t, 0, sizeof *t);
    initialize_once();
    t->optimize = optimize < 0 ? 0 : optimize > 3 ? 3 : optimize;
    t->triple = triple ? LLVMNormalizeTargetTriple(triple) : LLVMGetDefaultTargetTriple();
    a = arch_of(t->triple);
    if (!a || !strstr(t->triple, "linux"))
        return report_say(r, LRS_E_ARG, "no code can be made for the target `%s`: there are x86_64-linux-gnu, "
                          "aarch64-linux-gnu and riscv64-linux-gnu", triple ? triple : t->triple);
    if (LLVMGetTargetFromTriple(t->triple, &of, &message)) {
        LLVMDisposeMessage(message);
        return report_say(r, LRS_E_ARG, "this LLVM (%s) was built without the target `%s`", LLVM_VERSION_STRING, t->triple);
    }
    t->abi = a->abi;
    t->extend_int = a->extend_int;
    t->fuses_negation = a->fuses_negation;
    if (!cpu)
        cpu = a->cpu;
    if (strcmp(cpu, "native") == 0)
        status = open_native(t, a, of, levels[t->optimize], r);
    else if (!cpu_known(a, cpu))
        return report_say(r, LRS_E_ARG, "LLVM %s knows no processor `%s` for the target %s; did you mean `%s`?",
                          LLVM_VERSION_STRING, cpu, t->triple, cpu_like(a, cpu));
    else
        t->machine = compat_target_machine(of, t->triple, cpu, a->features, a->abi, levels[t->optimize]);
    if (status == 0 && !t->machine)
        return report_say(r, LRS_E_INTERNAL, "LLVM could not make a target machine for %s", t->triple);
    return status;
}

void target_close(target *t)
{
    if (t->machine)
        LLVMDisposeTargetMachine(t->machine);
    if (t->triple)
        LLVMDisposeMessage(t->triple);
    memset(t, 0, sizeof *t);
}

void target_list(backend_buffer *out)
{
    size_t i;
    initialize_once();
    for (i = 0; i < NARCHES; i++) {
        LLVMTargetRef of;
        char *message = NULL;
        if (LLVMGetTargetFromTriple(arches[i].triple, &of, &message)) {
            LLVMDisposeMessage(message);
            continue;
        }
        buffer_printf(out, "%s (default processor %s)\n", arches[i].triple, arches[i].cpu);
    }
}
