// The entry points through which the registry loads this backend.
#include "openswirl/plugin.h"

#include "backend.h"

OPENSWIRL_PLUGIN("cpu", "0.1.0", openswirl::make_cpu_backend);
