/* Two schedules in one program: the rates in the middle of both ramps. */
#include "ramp.h"
#include "steep-ramp.h"

#include <math.h>
#include <stdio.h>

int main(void)
{
    printf("%g %g\n", team_ramp_get_lr(5, NAN), team_steep_ramp_get_lr(5, NAN));
    return 0;
}
