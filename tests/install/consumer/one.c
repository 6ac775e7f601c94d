/* Prints the rate at the start, the middle and the end of the ramp. */
#include "ramp.h"

#include <math.h>
#include <stdio.h>

int main(void)
{
    printf("%g %g %g\n", get_lr(0, NAN), get_lr(5, NAN), get_lr(10, NAN));
    return 0;
}
