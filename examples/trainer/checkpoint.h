/* checkpoint.h: everything that a training run needs to go on, in a file.
 *
 * In: the run between two epochs.  Out: a file, the same bytes on every machine; and back.
 * May call: mlp.h, rng.h, the C library and POSIX fsync.  It does not know what is inside the schedule's saved state.
 */
#ifndef TRAINER_CHECKPOINT_H
#define TRAINER_CHECKPOINT_H

#include "mlp.h"
#include "rng.h"

#include <stddef.h>
#include <stdint.h>

enum { CHECKPOINT_SCHEDULE_MAX = 4096 };

typedef struct checkpoint {
    uint64_t seed;      /* of the split */
    uint64_t data_hash; /* of the samples */
    uint64_t epoch;     /* epochs done */
    uint64_t step;      /* updates done */
    rng random;
    mlp *model;                                   /* the caller's: read by write, filled by read */
    unsigned char schedule[CHECKPOINT_SCHEDULE_MAX]; /* what card_save wrote */
    size_t schedule_len;
} checkpoint;

/* Writes path.tmp, then renames it to path: there is never half a checkpoint under that name.
 * 0, or -1 with a sentence in error. */
int checkpoint_write(const checkpoint *c, const char *path, char *error, size_t cap);

/* c->model points to a model to fill. 0, or -1 with a sentence in error; then the contents of *c and of the model are unspecified. */
int checkpoint_read(checkpoint *c, const char *path, char *error, size_t cap);

#endif
