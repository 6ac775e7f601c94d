/* loader.h: parts of lrs that are files of their own, because they are linked with large libraries: found and opened when they
 * are first needed. */
#ifndef LRS_LOADER_H
#define LRS_LOADER_H

#include <limits.h>
#include <stddef.h>

#ifndef PATH_MAX
#define PATH_MAX 4096
#endif

typedef struct loader {
    const char *what;     /* "LLVM plugin", for messages */
    const char *file;     /* "lrs-llvm.so" */
    const char *variable; /* of the environment: the path of it, instead of a search */
    const char *folder;   /* where a build has it, beside the binary */
    const char *advice;   /* what to do without it */
} loader;

/* Searched for beside the binary that holds this code, beside the executable, and where it was installed. Returns what dlopen
 * does, and its path; or NULL with a sentence in error. */
void *loader_open(const loader *l, char path[PATH_MAX], char *error, size_t error_cap);
/* A function of it; NULL: it has none of this name. */
typedef void (*loader_fn)(void);
loader_fn loader_function(void *handle, const char *name);
void loader_close(void *handle);
/* The sentence for one whose function or version is not the expected one. */
void loader_refuse(const loader *l, const char *path, char *error, size_t error_cap);

#endif
