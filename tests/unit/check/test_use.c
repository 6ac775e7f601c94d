/* test_use.c: files that use others, from the library: what is read, and what is not.
 * The messages are in tests/golden/check. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "lrs/lrs.h"

static char folder[] = "/tmp/lrs-use-XXXXXX";

/* The compiler's calls of stat come here. */
static int looks;
int stat(const char *restrict path, struct stat *restrict info)
{
    looks++;
    return fstatat(AT_FDCWD, path, info, 0);
}

static void put(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

/* The rate at step 0, or the code of the first error, negative. */
static double first_rate(const char *text, const lrs_options *o)
{
    lrs_program *p = NULL;
    lrs_plan *plan = NULL;
    lrs_state *s = NULL;
    lrs_diagnostics *d = NULL;
    double rate = 0;
    if (lrs_compile(&p, text, strlen(text), o, &d)) {
        lrs_diagnostic g = {.size = sizeof g};
        assert_int_equal(lrs_diagnostics_get(&g, d, 0), LRS_OK);
        rate = -g.code;
    } else {
        assert_int_equal(lrs_bind(&plan, p, NULL, 0, NULL, 0), LRS_OK);
        assert_int_equal(lrs_state_new(&s, plan), LRS_OK);
        rate = lrs_value(plan, s, 0, 0);
    }
    lrs_diagnostics_free(d);
    lrs_state_free(s, plan);
    lrs_plan_free(plan);
    lrs_program_free(p);
    return rate;
}

static void test_files(void **unused)
{
    char main_name[128], lib[128];
    const char *dirs[1] = {lib};
    (void)unused;
    snprintf(main_name, sizeof main_name, "%s/main.lrs", folder);
    snprintf(lib, sizeof lib, "%s/lib", folder);
    assert_int_equal(mkdir(lib, 0700), 0);
    put("beside.lrs", "use \"nested.lrs\"\ndef twice(x) { hold 2*x*unit_rate }\n");
    put("nested.lrs", "let unit_rate = 3\n");
    put("lib/nested.lrs", "let unit_rate = 7\n");
    put("lib/away.lrs", "use \"nested.lrs\"\ndef away(x) { hold x*unit_rate }\n");
    lrs_options o = {.size = sizeof o, .name = main_name, .use_files = 1, .include_dirs = dirs, .ninclude_dirs = 1};
    assert_true(first_rate("use \"beside.lrs\"\ntwice(0.5)", &o) == 3);
    assert_true(first_rate("use \"beside.lrs\"\nuse \"nested.lrs\"\ntwice(0.5)", &o) == 3); /* read once */
    assert_true(first_rate("use \"away.lrs\"\naway(0.5)", &o) == 3.5);                      /* in the folder of -I, and what is beside it */
    assert_true(first_rate("use \"lib/away.lrs\"\naway(0.5)", &o) == 3.5);
    assert_true(first_rate("use \"beside.lrs\"\nuse \"away.lrs\"\nhold 1", &o) == -202); /* two files, one name */
    assert_true(first_rate("use \"nowhere.lrs\"\nhold 1", &o) == -220);
    assert_true(first_rate("use \"lib\"\nhold 1", &o) == -220);
    o.use_files = 0;
    assert_true(first_rate("use \"beside.lrs\"\ntwice(0.5)", &o) == -220);
    assert_true(first_rate("use \"beside.lrs\"\ntwice(0.5)", NULL) == -220);
    assert_true(first_rate("use torch\ntorch.ConstantLR(0.5, total_iters=5) from 1", NULL) == 0.5);
}

/* Files of the kernel say that they have 0 bytes. */
static void test_unknown_size(void **unused)
{
    static const char path[] = "/proc/self/maps";
    struct stat info;
    (void)unused;
    if (stat(path, &info) || info.st_size)
        skip();
    lrs_options o = {.size = sizeof o, .name = "main.lrs", .use_files = 1};
    assert_true(first_rate("use \"/proc/self/maps\"\nhold 1", &o) < 0);
}

/* Without the right to use files none is looked at, not even to find out whether the text is one. */
static void test_no_files(void **unused)
{
    lrs_options o = {.size = sizeof o, .name = folder};
    (void)unused;
    looks = 0;
    assert_true(first_rate("hold 1", &o) == 1);
    assert_int_equal(looks, 0);
    o.use_files = 1;
    assert_true(first_rate("hold 1", &o) == 1);
    assert_int_equal(looks, 1);
}

static void test_circles(void **unused)
{
    char name[128];
    (void)unused;
    snprintf(name, sizeof name, "%s/a.lrs", folder);
    put("a.lrs", "use \"b.lrs\"\nhold 1\n");
    put("b.lrs", "use \"a.lrs\"\n");
    lrs_options o = {.size = sizeof o, .name = name, .use_files = 1};
    assert_true(first_rate("use \"b.lrs\"\nhold 1\n", &o) == -210);
}

/* All that is allocated, given back or not. */
static void *counting(void *ctx, void *p, size_t n)
{
    *(size_t *)ctx += n;
    if (n)
        return realloc(p, n);
    free(p);
    return NULL;
}

/* A file that is used again is known before it is read, by whatever path. */
static void test_read_once(void **unused)
{
    enum { SIZE = 1 << 20, TIMES = 1000 };
    static const char *const uses[] = {"use \"large.lrs\"\n", "use \"./large.lrs\"\n", "use \"link.lrs\"\n", "use torch\n"};
    char name[128], path[128], link_path[128], *large = malloc(SIZE + 1), *text = calloc(TIMES, 32);
    size_t total = 0;
    lrs_allocator allocator = {&total, counting};
    (void)unused;
    assert_true(large && text);
    memset(large, '#', SIZE);
    large[SIZE] = 0;
    memcpy(large, "let rate = 4\n", 13);
    put("large.lrs", large);
    snprintf(path, sizeof path, "%s/large.lrs", folder);
    snprintf(link_path, sizeof link_path, "%s/link.lrs", folder);
    assert_int_equal(symlink(path, link_path), 0);
    for (int i = 0; i < TIMES; i++)
        strcat(text, uses[i % 4]);
    strcat(text, "hold rate\n");
    snprintf(name, sizeof name, "%s/main.lrs", folder);
    lrs_options o = {.size = sizeof o, .name = name, .use_files = 1, .allocator = &allocator};
    assert_true(first_rate(text, &o) == 4);
    assert_true(total < 12 * SIZE);
    free(large);
    free(text);
}

static int set_up(void **unused)
{
    (void)unused;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **unused)
{
    static const char *const names[] = {"beside.lrs", "nested.lrs", "lib/nested.lrs", "lib/away.lrs", "large.lrs", "link.lrs", "a.lrs", "b.lrs", "lib", ""};
    char path[128];
    (void)unused;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_files), cmocka_unit_test(test_circles), cmocka_unit_test(test_unknown_size), cmocka_unit_test(test_no_files),
                                       cmocka_unit_test(test_read_once)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
