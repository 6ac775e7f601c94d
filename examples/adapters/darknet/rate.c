/* rate.c: a schedule of lrs in Darknet. This function takes the place of the one of the same name in src/network.c;
 * policy, steps and scales of the .cfg are not looked at any more, learning_rate, burn_in and max_batches are.
 *
 *     lrsc yolo.lrs --prefix=yolo --emit=c,header -o yolo.c
 *
 * It keeps nothing between two calls, so that the threads of several GPUs may ask at once.
 */
#include "network.h"
#include "yolo.h"

#include <stdio.h>
#include <stdlib.h>

float get_current_rate(network net)
{
    yolo_params p;
    yolo_state s;
    int code;

    yolo_params_default(&p);
    p.learning_rate = (double)net.learning_rate;
    p.burn_in = net.burn_in;
    p.max_batches = net.max_batches;
    code = yolo_init(&s, &p);
    if (code) {
        fprintf(stderr, "%s\n", yolo_error(code));
        exit(EXIT_FAILURE);
    }
    return (float)yolo_lr(&s, get_current_batch(net)); /* 1 at the first update */
}
