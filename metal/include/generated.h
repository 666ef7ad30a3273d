// What every text that is written at run time begins with.
#ifndef OPENSWIRL_GENERATED_H
#define OPENSWIRL_GENERATED_H

#include "reduce.h"
#include "sums.h"

#endif
