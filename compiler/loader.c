/* loader.c: see loader.h. May call: the dynamic loader. */
#define _GNU_SOURCE /* dladdr, secure_getenv */
#include "loader.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where installation and build put it; the build's comes last, so that an installed lrs does not look there first. */
#ifndef LRS_PLUGIN_DIR
#define LRS_PLUGIN_DIR "/usr/local/lib/lrs"
#endif
#ifndef LRS_PLUGIN_BELOW
#define LRS_PLUGIN_BELOW "../lib/lrs"
#endif

typedef struct search {
    const loader *l;
    char *path;
    void *handle;
    char *error;
    size_t error_cap;
} search;

static const char *from_environment(const char *name)
{
#if defined(__GLIBC__)
    return secure_getenv(name); /* a program with another user's rights must not load what it is told */
#else
    return getenv(name);
#endif
}

/* Opens one file. 1: done, handle or error is set. 0: there is no such file. */
static int try_file(search *s, const char *path)
{
    if (access(path, F_OK) != 0 || strlen(path) >= PATH_MAX) {
        return 0;
    }
    memcpy(s->path, path, strlen(path) + 1);
    s->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!s->handle) {
        snprintf(s->error, s->error_cap, "the %s %s could not be loaded: %s", s->l->what, path, dlerror());
    }
    return 1;
}

static int try_folder(search *s, const char *folder, const char *slash, const char *below)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s%s%s/%s", folder, slash, below, s->l->file);
    return n > 0 && (size_t)n < sizeof path && try_file(s, path);
}

/* Cuts the file name off; 0 when there is no folder. */
static int folder_of(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash) {
        return 0;
    }
    *slash = 0;
    return 1;
}

/* From the folder of a binary: beside it, as built, and as installed in a tree that was moved. */
static int try_near(search *s, const char *folder)
{
    return try_folder(s, folder, "", "") || try_folder(s, folder, "/", s->l->folder) || try_folder(s, folder, "/", "lrs") ||
           try_folder(s, folder, "/", LRS_PLUGIN_BELOW) || try_folder(s, folder, "/", "../lib/lrs") || try_folder(s, folder, "/", "../lib");
}

/* The binary that holds this code: liblrs, or the program when it is linked statically. */
static int library_folder(char *out, size_t cap)
{
    static const char here = 0;
    Dl_info info;
    char real[PATH_MAX];
    if (!dladdr(&here, &info) || !info.dli_fname || !realpath(info.dli_fname, real) || strlen(real) >= cap) {
        return 0;
    }
    memcpy(out, real, strlen(real) + 1);
    return folder_of(out);
}

static int program_folder(char *out, size_t cap)
{
    ssize_t n = readlink("/proc/self/exe", out, cap - 1);
    if (n <= 0) {
        return 0;
    }
    out[n] = 0;
    return folder_of(out);
}

static int try_fixed(search *s)
{
    if (try_folder(s, LRS_PLUGIN_DIR, "", "")) {
        return 1;
    }
#ifdef LRS_BUILD_PLUGIN_DIR
    return try_folder(s, LRS_BUILD_PLUGIN_DIR, "/", s->l->folder);
#else
    return 0;
#endif
}

void *loader_open(const loader *l, char path[PATH_MAX], char *error, size_t error_cap)
{
    search s = {l, path, NULL, error, error_cap};
    const char *told = from_environment(l->variable);
    char library[PATH_MAX] = "", program[PATH_MAX] = "";
    if (told && *told) {
        char here[PATH_MAX] = "";
        snprintf(here, sizeof here, "%s%s", strchr(told, '/') ? "" : "./", told); /* a name alone would be searched for */
        if (!try_file(&s, here)) {
            snprintf(error, error_cap, "there is no %s at %s, where %s points; %s", l->what, told, l->variable, l->advice);
        }
        return s.handle;
    }
    if (library_folder(library, sizeof library) && try_near(&s, library)) {
        return s.handle;
    }
    if (program_folder(program, sizeof program) && strcmp(program, library) != 0 && try_near(&s, program)) {
        return s.handle;
    }
    if (!try_fixed(&s)) {
        snprintf(error, error_cap, "the %s %s was not found in %s%s" LRS_PLUGIN_DIR "; %s", l->what, l->file, *library ? library : program,
                 *library || *program ? " or " : "", l->advice);
    }
    return s.handle;
}

loader_fn loader_function(void *handle, const char *name)
{
    loader_fn fn;
    *(void **)(void *)&fn = dlsym(handle, name); /* POSIX makes this conversion work; C has no direct one */
    return fn;
}

void loader_close(void *handle)
{
    dlclose(handle);
}

void loader_refuse(const loader *l, const char *path, char *error, size_t error_cap)
{
    snprintf(error, error_cap, "the %s %s is of another version of lrs: install the one that belongs to this version, or point %s at it", l->what, path,
             l->variable);
}
