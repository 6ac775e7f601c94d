/* backend.c: opens the LLVM plugin.
 *
 * In: nothing. Out: the plugin's table, or a sentence that says why there is none. The search happens once in a process,
 * on first need, so that nothing of LLVM is loaded before; its outcome stays. May call: the loader.
 */
#include "backend.h"

#include <stdio.h>

#ifndef LRS_HAVE_LLVM
#define LRS_HAVE_LLVM 0
#endif

#if LRS_HAVE_LLVM

#include <pthread.h>
#include "loader.h"

static struct {
    pthread_once_t once;
    const llvm_backend *backend;
    char error[2 * PATH_MAX];
} plugin = {.once = PTHREAD_ONCE_INIT};

static void search(void)
{
    static const loader llvm = {"LLVM plugin", "lrs-llvm.so", "LRS_LLVM_PLUGIN", "emit_llvm",
                                "this build has no JIT and no object files: use --emit=c"};
    char path[PATH_MAX];
    void *handle = loader_open(&llvm, path, plugin.error, sizeof plugin.error);
    if (!handle)
        return;
    llvm_backend_fn entry = (llvm_backend_fn)loader_function(handle, "lrs_llvm_backend");
    if (!entry || entry()->abi != BACKEND_ABI) {
        loader_refuse(&llvm, path, plugin.error, sizeof plugin.error);
        loader_close(handle);
        return;
    }
    plugin.backend = entry(); /* stays loaded: LLVM does not unload cleanly */
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
