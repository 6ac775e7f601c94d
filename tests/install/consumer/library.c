/* A library that holds a schedule. */
#include "ramp.h"

double middle(void);

double middle(void)
{
    ramp_state s;
    return ramp_init(&s, NULL) < 0 ? -1.0 : ramp_lr(&s, 5);
}
