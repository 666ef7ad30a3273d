// Every kernel family, compiled once per instruction set by stages/isa/<isa>.cpp, and the table of it.
#pragma once

#include "stages/kernels.h"
#include "stages/kernels/arithmetic.h"
#include "stages/kernels/columns.h"
#include "stages/kernels/constraints.h"
#include "stages/kernels/fractions.h"
#include "stages/kernels/hashing.h"
#include "stages/kernels/stacking.h"
#include "stages/kernels/transform.h"

namespace openswirl::OPENSWIRL_ISA {

#define OPENSWIRL_QUOTE2(name) #name
#define OPENSWIRL_QUOTE(name) OPENSWIRL_QUOTE2(name)

// Constant-initialised: no instruction of the set runs before it is known to exist.
extern const stages::Kernels kKernels;
constinit const stages::Kernels kKernels = {
    OPENSWIRL_QUOTE(OPENSWIRL_ISA), Vec::kLanes,
    make_hashing_kernels(),         make_transform_kernels(),
    make_column_kernels(),          make_constraint_kernels(),
    make_fraction_kernels(),        make_stacking_kernels(),
    make_arithmetic_kernels(),
};

}  // namespace openswirl::OPENSWIRL_ISA
