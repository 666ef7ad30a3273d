// The entry points through which the registry loads this backend.
#include "openswirl/plugin.h"

#include "sim/backend.h"

OPENSWIRL_PLUGIN("sim", "0.1.0", openswirl::make_sim_backend);
