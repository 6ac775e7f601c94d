/* Uses the library: prints the rate in the middle of a ramp. With an argument it prints it again, by machine code, and the folder of
 * the plugin that made it; or "none". */
#define _GNU_SOURCE /* dl_iterate_phdr */
#include <lrs/lrs.h>

#include <link.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A program has names of its own: these are also some of the library's inside. */
int arena_init(void);
int arena_init(void)
{
    return 1;
}
int diag_add = 2, ir_verify = 3, buffer_put = 4, lrs_lower = 5, lrs_kernels_baseline = 6;

/* The folder of a library that this process has loaded. */
static int print_folder(struct dl_phdr_info *info, size_t size, void *file)
{
    const char *name = strrchr(info->dlpi_name, '/');
    (void)size;
    if (!name || strcmp(name + 1, file) != 0)
        return 0;
    printf(" %.*s", (int)(name - info->dlpi_name), info->dlpi_name);
    return 1;
}

int main(int argc, char **argv)
{
    const char *text = "warmup 10 linear -> 0.1";
    lrs_program *program;
    lrs_plan *plan;
    lrs_state *state;
    lrs_functions jit = {.size = sizeof jit};
    (void)argv;
    if (lrs_compile(&program, text, strlen(text), NULL, NULL) || lrs_bind(&plan, program, NULL, 0, NULL, 0) || lrs_state_new(&state, plan))
        return 1;
    printf("%g", lrs_get_lr(plan, state, 5, (double)NAN));
    if (argc > 1 && lrs_jit(&jit, plan, 2, NULL, 0) == LRS_OK) {
        printf(" %g", jit.get_lr(state, 5, (double)NAN));
        dl_iterate_phdr(print_folder, "lrs-llvm.so");
    } else if (argc > 1) {
        printf(" none");
    }
    printf("\n");
    lrs_jit_free(&jit);
    lrs_state_free(state, plan);
    lrs_plan_free(plan);
    lrs_program_free(program);
    return 0;
}
