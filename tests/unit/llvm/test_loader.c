/* test_loader.c: finding the plugin: the sentences of every way in which that fails, and that it works from several threads.
 * The search happens once in a process, so each case is a child.
 *
 * usage: test_loader PATH_OF_THE_PLUGIN */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "backend.h"

static const char *plugin_path;

/* In a child: the plugin's version with LRS_LLVM_PLUGIN set to `path`, or the error. */
static int child_answer(const char *path, char *answer, size_t cap)
{
    int fd[2], status;
    pid_t pid;
    size_t n = 0;
    ssize_t got;
    assert_int_equal(pipe(fd), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char error[4096] = "";
        const llvm_backend *b;
        setenv("LRS_LLVM_PLUGIN", path, 1);
        b = backend_llvm(error, sizeof error);
        dprintf(fd[1], "%s", b ? b->llvm_version : error);
        _exit(b ? 0 : 1);
    }
    close(fd[1]);
    while (n + 1 < cap && (got = read(fd[0], answer + n, cap - n - 1)) > 0)
        n += (size_t)got;
    answer[n] = 0;
    close(fd[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_found(void **state)
{
    char answer[4096];
    (void)state;
    assert_int_equal(child_answer(plugin_path, answer, sizeof answer), 0);
    assert_true(atoi(answer) >= 16);
}

static void test_missing(void **state)
{
    char answer[4096];
    (void)state;
    assert_int_equal(child_answer("/nonexistent/lrs-llvm.so", answer, sizeof answer), 1);
    assert_non_null(strstr(answer, "/nonexistent/lrs-llvm.so"));
    assert_non_null(strstr(answer, "--emit=c"));
}

static void test_not_a_library(void **state)
{
    char answer[4096], path[] = "/tmp/lrs-not-a-plugin-XXXXXX";
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "hello\n", 6), 6);
    close(fd);
    assert_int_equal(child_answer(path, answer, sizeof answer), 1);
    assert_non_null(strstr(answer, "could not be loaded"));
    unlink(path);
}

static void test_another_library(void **state)
{
    char answer[4096];
    (void)state;
    if (access("/lib/x86_64-linux-gnu/libm.so.6", R_OK) != 0)
        skip();
    assert_int_equal(child_answer("/lib/x86_64-linux-gnu/libm.so.6", answer, sizeof answer), 1);
    assert_non_null(strstr(answer, "another version"));
}

static void *ask(void *arg)
{
    char error[4096];
    (void)arg;
    return (void *)(uintptr_t)backend_llvm(error, sizeof error);
}

static void test_threads(void **state)
{
    pthread_t t[8];
    void *got[8];
    size_t i;
    (void)state;
    setenv("LRS_LLVM_PLUGIN", plugin_path, 1);
    for (i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&t[i], NULL, ask, NULL), 0);
    for (i = 0; i < 8; i++) {
        pthread_join(t[i], &got[i]);
        assert_non_null(got[i]);
        assert_ptr_equal(got[i], got[0]);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),           cmocka_unit_test(test_missing), cmocka_unit_test(test_not_a_library),
        cmocka_unit_test(test_another_library), cmocka_unit_test(test_threads),
    };
    if (argc != 2) {
        fprintf(stderr, "usage: test_loader PLUGIN\n");
        return 2;
    }
    plugin_path = argv[1];
    return cmocka_run_group_tests_name("the plugin's loader", tests, NULL, NULL);
}
