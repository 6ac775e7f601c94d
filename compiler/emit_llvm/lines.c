/* lines.c: -g: which line of the schedule's source code comes from.
 *
 * In: functions whose bodies are complete. Out: DWARF line tables and one subprogram for each function of the interface,
 * for bind() and for each piece of step code.
 *
 * What is in a table has no code of its own, so the functions of the interface carry the line of the first phase; step
 * code carries the line of the phase that it computes. May call: nothing but LLVM.
 */
#include "emit_llvm.h"
#include <stdlib.h>
#include <string.h>

struct lines {
    LLVMContextRef c;
    LLVMDIBuilderRef di;
    LLVMMetadataRef file, type;
    const ir_program *p;
    const backend_options *o;
    int optimized;
};

static void flag(LLVMModuleRef m, const char *name, unsigned value)
{
    LLVMContextRef c = LLVMGetModuleContext(m);
    LLVMValueRef v = LLVMConstInt(LLVMInt32TypeInContext(c), value, 0);
    LLVMAddModuleFlag(m, LLVMModuleFlagBehaviorWarning, name, strlen(name), LLVMValueAsMetadata(v));
}

lines *lines_open(LLVMModuleRef m, const ir_program *p, const backend_options *o, const target *t)
{
    static const char producer[] = "lrs " LRS_VERSION_STRING;
    const char *name = o->source_name ? o->source_name : p->name ? p->name : "schedule.lrs";
    const char *base = strrchr(name, '/');
    lines *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->c = LLVMGetModuleContext(m);
    l->di = LLVMCreateDIBuilder(m);
    l->p = p;
    l->o = o;
    l->optimized = t->optimize > 0;
    /* The folder as given, not made absolute: the same input gives the same object wherever it is compiled. */
    if (base)
        l->file = LLVMDIBuilderCreateFile(l->di, base + 1, strlen(base + 1), name, base == name ? 1 : (size_t)(base - name));
    else
        l->file = LLVMDIBuilderCreateFile(l->di, name, strlen(name), ".", 1);
    LLVMDIBuilderCreateCompileUnit(l->di, LLVMDWARFSourceLanguageC99, l->file, producer, strlen(producer), l->optimized, "", 0,
                                   0, "", 0, LLVMDWARFEmissionFull, 0, 0, 0, "", 0, "", 0);
    l->type = LLVMDIBuilderCreateSubroutineType(l->di, l->file, NULL, 0, LLVMDIFlagZero);
    flag(m, "Debug Info Version", LLVMDebugMetadataVersion());
    flag(m, "Dwarf Version", 4);
    return l;
}

/* 1-based line of a phase in the source, 0 when the source does not show it: the phase may come from another file. */
static unsigned line_of(const lines *l, uint32_t phase)
{
    const ir_phase *ph;
    const char *text = l->o->source_text;
    unsigned line = 1;
    size_t i, n;
    if (!text || phase >= l->p->nphase)
        return 0;
    ph = &l->p->phase[phase];
    n = ph->text ? strlen(ph->text) : 0;
    if (ph->at.begin > l->o->source_len || n > l->o->source_len - ph->at.begin || memcmp(text + ph->at.begin, ph->text ? ph->text : "", n))
        return 0;
    for (i = 0; i < ph->at.begin; i++)
        line += text[i] == '\n';
    return line;
}

void lines_function(lines *l, LLVMValueRef f, const char *name, uint32_t phase)
{
    unsigned line = line_of(l, phase);
    size_t n;
    const char *linkage = LLVMGetValueName2(f, &n);
    LLVMMetadataRef sub = LLVMDIBuilderCreateFunction(
        l->di, l->file, name, strlen(name), linkage, n, l->file, line, l->type, LLVMGetLinkage(f) == LLVMInternalLinkage, 1,
        line, LLVMDIFlagZero, l->optimized);
    LLVMMetadataRef at = LLVMDIBuilderCreateDebugLocation(l->c, line, 0, sub, NULL);
    LLVMBasicBlockRef b;
    LLVMValueRef i;
    LLVMSetSubprogram(f, sub);
    for (b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b))
        for (i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
            LLVMInstructionSetDebugLoc(i, at);
}

void lines_close(lines *l)
{
    LLVMDIBuilderFinalize(l->di);
    LLVMDisposeDIBuilder(l->di);
    free(l);
}
