/* digits.h: the handwritten digits.
 *
 * In: a csv file of 64 pixels (0 to 16) and a label (0 to 9) a line, after one line of column names.
 * Out: the samples in memory, pixels scaled to 0..1.  May call: the C library.
 */
#ifndef TRAINER_DIGITS_H
#define TRAINER_DIGITS_H

#include <stddef.h>
#include <stdint.h>

enum { DIGITS_PIXELS = 64, DIGITS_CLASSES = 10 };

typedef struct digits {
    size_t n;
    double (*pixels)[DIGITS_PIXELS];
    uint8_t *labels;
    uint64_t hash; /* of all values: a checkpoint belongs to the data that it was trained on */
} digits;

/* 0, or -1 with a sentence about what is wrong in error. */
int digits_read(digits *d, const char *path, char *error, size_t cap);
void digits_free(digits *d);

#endif
