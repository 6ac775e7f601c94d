/* Asks get_current_rate of examples/adapters/darknet as Darknet does, and prints batch,rate. With an argument, the
 * burn-in is that long. */
#include "network.h"

#include <stdio.h>
#include <stdlib.h>

int get_current_batch(network net)
{
    return (int)(*net.seen / (uint64_t)(net.batch * net.subdivisions));
}

int main(int argc, char **argv)
{
    uint64_t seen = 0;
    network net = {.batch = 16, .subdivisions = 4, .seen = &seen, .learning_rate = 0.0013f, .burn_in = argc > 1 ? atoi(argv[1]) : 100, .max_batches = 1000};

    for (int update = 1; update <= 1010; update++) {
        seen += 64;
        printf("%d,%.9g\n", update, (double)get_current_rate(net));
    }
    return 0;
}
