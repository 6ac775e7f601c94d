/* emit_objects.c: compiles every hand-built program to FOLDER/NAME.o, with NAME as the prefix of its functions.
 *
 * usage: emit_objects FOLDER [-O0..-O3] [-g] [--target TRIPLE] [--cpu NAME] */
#include <stdio.h>
#include <string.h>
#include "backend.h"
#include "iprog.h"

static int write_object(const llvm_backend *b, const char *folder, size_t i, backend_options o)
{
    char path[4096], error[1024] = "";
    backend_buffer out;
    arena mem;
    FILE *f;
    int status;
    memset(&out, 0, sizeof out);
    arena_init(&mem, NULL);
    o.prefix = iprog_get(i)->name;
    o.own_prefix = 1;
    status = b->emit(iprog_build(i, &mem), &o, &out, error, sizeof error);
    arena_free(&mem);
    if (status) {
        fprintf(stderr, "emit_objects: %s: %s\n", o.prefix, error);
        return 1;
    }
    snprintf(path, sizeof path, "%s/%s.o", folder, o.prefix);
    f = fopen(path, "wb");
    status = !f || fwrite(out.at, 1, out.n, f) != out.n;
    if (f)
        status |= fclose(f) != 0;
    if (status)
        fprintf(stderr, "emit_objects: cannot write %s\n", path);
    buffer_free(&out);
    return status;
}

int main(int argc, char **argv)
{
    backend_options o;
    char error[4096];
    const llvm_backend *b = backend_llvm(error, sizeof error);
    size_t i;
    int j;
    memset(&o, 0, sizeof o);
    if (!b || argc < 2) {
        fprintf(stderr, "emit_objects: %s\n", b ? "usage: emit_objects FOLDER [-O0..-O3] [-g] [--target TRIPLE] [--cpu NAME]" : error);
        return 2;
    }
    for (j = 2; j < argc; j++) {
        if (strncmp(argv[j], "-O", 2) == 0)
            o.optimize = argv[j][2] - '0';
        else if (strcmp(argv[j], "-g") == 0)
            o.debug = 1;
        else if (strcmp(argv[j], "--target") == 0 && j + 1 < argc)
            o.triple = argv[++j];
        else if (strcmp(argv[j], "--cpu") == 0 && j + 1 < argc)
            o.cpu = argv[++j];
        else
            return 2;
    }
    for (i = 0; i < iprog_count(); i++)
        if (write_object(b, argv[1], i, o))
            return 1;
    return 0;
}
