/* script.h: the form of the file that make_script writes and run_script reads: 64-bit words in the machine's order.
 *
 * Commands: the command, the number of the schedule, arguments; then the number of result words and the results wanted. */
#ifndef LRS_TESTS_EMIT_SCRIPT_H
#define LRS_TESTS_EMIT_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

enum script_command {
    SCRIPT_INIT,     /* n, n params -> code; a schedule with n params. n = -1: NULL */
    SCRIPT_VALUE,    /* output, step -> bits */
    SCRIPT_FILL,     /* output, first, n -> n bits */
    SCRIPT_OBSERVE,  /* input, step, metric -> rules acted */
    SCRIPT_GET_LR,   /* step, metric -> bits */
    SCRIPT_OWN,      /* step, metric -> bits, of the object's own state */
    SCRIPT_STOPPED,  /* -> 0 or 1 */
    SCRIPT_SAVE,     /* -> size, then the bytes, eight a word, the last word filled with zeros */
    SCRIPT_LOAD,     /* size, bytes as above -> code */
    SCRIPT_WORDS     /* -> the first words of the state itself: all but its table */
};

/* The functions of one schedule behind one type; make_script writes a table of them. */
typedef struct schedule {
    const char *name;
    size_t state_size, nparam, nout, ninput;
    int (*init)(void *s, const double *params); /* NULL: the defaults */
    double (*value)(const void *s, size_t out, int64_t step);
    void (*fill)(const void *s, size_t out, int64_t first, size_t n, double *y);
    int (*observe)(void *s, size_t input, int64_t step, double metric);
    double (*get_lr)(void *s, int64_t step, double metric);
    double (*own)(int64_t step, double metric); /* NULL: there is no own state */
    int (*stopped)(const void *s);
    size_t (*save)(const void *s, void *buf, size_t cap);
    int (*load)(void *s, const void *buf, size_t len);
} schedule;

extern const schedule schedules[];
extern const size_t nschedules;

#endif
