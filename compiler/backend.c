/* backend.c: finds and opens the LLVM plugin.
 *
 * In: nothing. Out: the plugin's table, or a sentence that says why there is none. The search happens once in a process,
 * on first need, so that nothing of LLVM is loaded before; its outcome stays. May call: the dynamic loader.
 */
#define _GNU_SOURCE /* dladdr, secure_getenv */
#include "backend.h"

#include <stdio.h>

#ifndef LRS_HAVE_LLVM
#define LRS_HAVE_LLVM 0
#endif

#if LRS_HAVE_LLVM

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLUGIN "lrs-llvm.so"
#define ADVICE "this build has no JIT and no object files: use --emit=c"

/* Where installation and build put it; the build's comes last, so that an installed lrs does not look there first. */
#ifndef LRS_PLUGIN_DIR
#define LRS_PLUGIN_DIR "/usr/local/lib/lrs"
#endif
static const char *const fixed_places[] = {
    LRS_PLUGIN_DIR,
#ifdef LRS_BUILD_PLUGIN_DIR
    LRS_BUILD_PLUGIN_DIR,
#endif
};

/* From the folder of the binary: as built, beside it, and as installed in a tree that was moved. */
static const char *const near_places[] = {"", "/emit_llvm", "/lrs", "/../lib/lrs", "/../lib"};

#define LEN(a) (sizeof(a) / sizeof(a)[0])

static struct {
    pthread_once_t once;
    const llvm_backend *backend;
    char error[2 * PATH_MAX];
} plugin = {.once = PTHREAD_ONCE_INIT};

static const char *from_environment(const char *name)
{
#if defined(__GLIBC__)
    return secure_getenv(name); /* a program with another user's rights must not load what it is told */
#else
    return getenv(name);
#endif
}

/* Opens one file. 1: done, backend or error is set. 0: there is no such file. */
static int try_file(const char *path)
{
    llvm_backend_fn entry;
    void *handle;
    if (access(path, F_OK) != 0)
        return 0;
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        snprintf(plugin.error, sizeof plugin.error, "the LLVM plugin %s could not be loaded: %s", path, dlerror());
        return 1;
    }
    /* POSIX makes this conversion work; C has no direct one. */
    *(void **)(void *)&entry = dlsym(handle, "lrs_llvm_backend");
    if (!entry || entry()->abi != BACKEND_ABI) {
        snprintf(plugin.error, sizeof plugin.error, "the LLVM plugin %s is of another version of lrs: install the one that belongs to "
                 "this version, or point LRS_LLVM_PLUGIN at it", path);
        dlclose(handle);
        return 1;
    }
    plugin.backend = entry(); /* stays loaded: LLVM does not unload cleanly */
    return 1;
}

static int try_folder(const char *folder, const char *below)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s%s/" PLUGIN, folder, below);
    return n > 0 && (size_t)n < sizeof path && try_file(path);
}

/* Cuts the file name off; 0 when there is no folder. */
static int folder_of(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash)
        return 0;
    *slash = 0;
    return 1;
}

static int try_near(const char *folder)
{
    size_t i;
    for (i = 0; i < LEN(near_places); i++)
        if (try_folder(folder, near_places[i]))
            return 1;
    return 0;
}

/* The binary that holds this code: liblrs, or the program when it is linked statically. */
static int library_folder(char *out, size_t cap)
{
    static const char here = 0;
    Dl_info info;
    char real[PATH_MAX];
    if (!dladdr(&here, &info) || !info.dli_fname || !realpath(info.dli_fname, real) || strlen(real) >= cap)
        return 0;
    memcpy(out, real, strlen(real) + 1);
    return folder_of(out);
}

static int program_folder(char *out, size_t cap)
{
    ssize_t n = readlink("/proc/self/exe", out, cap - 1);
    if (n <= 0)
        return 0;
    out[n] = 0;
    return folder_of(out);
}

static void search(void)
{
    const char *told = from_environment("LRS_LLVM_PLUGIN");
    char library[PATH_MAX] = "", program[PATH_MAX] = "";
    size_t i;
    if (told && *told) {
        if (!try_file(told))
            snprintf(plugin.error, sizeof plugin.error, "there is no LLVM plugin at %s, where LRS_LLVM_PLUGIN points; " ADVICE, told);
        return;
    }
    if (library_folder(library, sizeof library) && try_near(library))
        return;
    if (program_folder(program, sizeof program) && strcmp(program, library) != 0 && try_near(program))
        return;
    for (i = 0; i < LEN(fixed_places); i++)
        if (try_folder(fixed_places[i], ""))
            return;
    snprintf(plugin.error, sizeof plugin.error, "the LLVM plugin " PLUGIN " was not found in %s%s" LRS_PLUGIN_DIR "; " ADVICE,
             *library ? library : program, *library || *program ? " or " : "");
}

const llvm_backend *backend_llvm(char *error, size_t error_cap)
{
    pthread_once(&plugin.once, search);
    if (!plugin.backend && error && error_cap)
        snprintf(error, error_cap, "%s", plugin.error);
    return plugin.backend;
}

#else

const llvm_backend *backend_llvm(char *error, size_t error_cap)
{
    if (error && error_cap)
        snprintf(error, error_cap, "lrs was built without LLVM (-DLRS_LLVM=OFF), so there is no JIT and there are no object files: "
                 "use --emit=c");
    return NULL;
}

#endif
