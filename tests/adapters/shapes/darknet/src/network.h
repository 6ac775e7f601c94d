/* network.h: the few declarations of Darknet that the example of a rate needs, with the members and signatures that
 * Darknet has. */
#ifndef SHAPE_NETWORK_H
#define SHAPE_NETWORK_H

#include <stdint.h>

typedef struct network {
    int batch, subdivisions;
    uint64_t *seen; /* images */
    float learning_rate;
    int burn_in, max_batches;
} network;

int get_current_batch(network net);
float get_current_rate(network net);
#endif
