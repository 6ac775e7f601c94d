/* A library that holds a schedule. */
#include "ramp.h"

double middle(void);

double middle(void)
{
    sched_state s;
    return sched_init(&s, NULL) < 0 ? -1.0 : sched_lr(&s, 5);
}
