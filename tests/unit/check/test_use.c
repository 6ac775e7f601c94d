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

/* What a program says that it has read makes the same program again: without the right to use files, without looking at one, and
 * whatever has become of them. */
static uint64_t compiled_from(const char *text, const lrs_options *o, lrs_program **p)
{
    assert_int_equal(lrs_compile(p, text, strlen(text), o, NULL), LRS_OK);
    return lrs_program_hash(*p);
}

static void test_sources(void **unused)
{
    static const char text[] = "use \"a.lrs\"\nuse \"./b.lrs\"\nuse \"b.lrs\"\nuse \"away.lrs\"\nuse torch\nhold twice*away\n";
    static const char *const names[] = {"a.lrs", "b.lrs", "./b.lrs", "lib/away.lrs"};
    char main_name[128], lib[128], want[160];
    const char *dirs[1] = {lib};
    lrs_source sources[4], again[4], none;
    lrs_program *p, *q;
    (void)unused;
    snprintf(main_name, sizeof main_name, "%s/main.lrs", folder);
    snprintf(lib, sizeof lib, "%s/lib", folder);
    put("a.lrs", "use \"b.lrs\"\nlet twice = 2*once\n");
    put("b.lrs", "let once = 4\n");
    put("lib/away.lrs", "let away = 10\n");
    lrs_options o = {.size = sizeof o, .name = main_name, .use_files = 1, .include_dirs = dirs, .ninclude_dirs = 1};
    uint64_t hash = compiled_from(text, &o, &p);
    assert_int_equal(lrs_program_sources(p), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(lrs_program_source(&sources[i], p, i), LRS_OK);
        snprintf(want, sizeof want, "%s/%s", folder, names[i]);
        assert_string_equal(sources[i].name, want);
    }
    assert_ptr_equal(sources[1].text, sources[2].text); /* one file */
    assert_int_equal(sources[1].len, strlen("let once = 4\n"));
    assert_int_equal(lrs_program_source(&none, p, 4), LRS_E_ARG);
    assert_int_equal(lrs_program_source(NULL, p, 0), LRS_E_ARG);
    assert_int_equal(lrs_program_sources(NULL), 0);
    assert_int_equal(lrs_program_source(&none, NULL, 0), LRS_E_ARG);

    put("b.lrs", "let once = 5\n");
    o.use_files = 0;
    o.sources = sources;
    o.nsources = 4;
    looks = 0;
    assert_true(compiled_from(text, &o, &q) == hash);
    assert_int_equal(looks, 0);
    assert_true(first_rate(text, &o) == 80);
    lrs_program_free(p); /* q has texts of its own */
    assert_int_equal(lrs_program_sources(q), 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(lrs_program_source(&again[i], q, i), LRS_OK);
    o.sources = again;
    assert_true(first_rate(text, &o) == 80);
    assert_int_equal(looks, 0);
    o.nsources = 3;
    assert_true(first_rate(text, &o) == -220); /* what is not there is not looked for */
    assert_int_equal(looks, 0);
    lrs_program_free(q);
}

static void test_given_texts(void **unused)
{
    lrs_source sources[] = {{"lib.lrs", "let rate = 3\nwhatever", 13}, {"deep/er.lrs", "use \"../lib.lrs\"\nuse \"round.lrs\"", 32},
                            {"deep/../lib.lrs", sources[0].text, 13}, {"deep/round.lrs", "use \"er.lrs\"", 12}, {"empty.lrs", NULL, 0},
                            {"main.lrs", "", 0}, {"other.lrs", "let rate = 3\n", 13}, {"large.lrs", "", (4u << 20) + 1}};
    lrs_options o = {.size = sizeof o, .name = "main.lrs", .sources = sources, .nsources = sizeof sources / sizeof *sources};
    (void)unused;
    looks = 0;
    assert_true(first_rate("use \"lib.lrs\"\nuse \"empty.lrs\"\nhold rate", &o) == 3);
    assert_true(first_rate("use \"lib.lrs\"\nuse \"other.lrs\"\nhold rate", &o) == -202); /* two files with one text */
    assert_true(first_rate("use \"lib.lrs\"\nuse \"deep/er.lrs\"\nhold rate", &o) == -210);
    assert_true(first_rate("use \"main.lrs\"\nhold 1", &o) == -210);
    assert_true(first_rate("use \"large.lrs\"\nhold 1", &o) == -220);
    assert_true(first_rate("use \"/etc/hostname\"\nhold 1", &o) == -220);
    sources[3].text = "let turn = 1";
    sources[3].len = 12;
    assert_true(first_rate("use \"lib.lrs\"\nuse \"deep/er.lrs\"\nhold rate + turn", &o) == 4);
    assert_int_equal(looks, 0);
    /* and what is wrong */
    lrs_program *p;
    sources[6].text = NULL;
    assert_int_equal(lrs_compile(&p, "hold 1", 6, &o, NULL), LRS_E_ARG);
    sources[6] = (lrs_source){NULL, "", 0};
    assert_int_equal(lrs_compile(&p, "hold 1", 6, &o, NULL), LRS_E_ARG);
    o = (lrs_options){.size = sizeof o, .nsources = 1};
    assert_int_equal(lrs_compile(&p, "hold 1", 6, &o, NULL), LRS_E_ARG);
}

/* A hostile text cannot make the list long. */
static void test_many_names(void **unused)
{
    enum { TIMES = 1100 };
    char name[128], *text = calloc(TIMES, 4 * 30);
    size_t n = 0;
    (void)unused;
    assert_non_null(text);
    put("b.lrs", "let once = 4\n");
    for (int i = 0; i < TIMES; i++)
        n += (size_t)sprintf(text + n, "use \"%.*s%.*sb.lrs\"\n", 2 + 2 * (i % 40), "././././././././././././././././././././././././././././././././././././././././",
                             i / 40, "////////////////////////////");
    snprintf(name, sizeof name, "%s/main.lrs", folder);
    lrs_options o = {.size = sizeof o, .name = name, .use_files = 1};
    strcpy(text + n, "hold once");
    assert_true(first_rate(text, &o) == -215);
    free(text);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_files), cmocka_unit_test(test_circles), cmocka_unit_test(test_sources), cmocka_unit_test(test_given_texts),
        cmocka_unit_test(test_many_names), cmocka_unit_test(test_unknown_size), cmocka_unit_test(test_no_files),
                                       cmocka_unit_test(test_read_once)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
