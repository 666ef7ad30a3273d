// The entry points through which the registry loads this backend.
#include "openswirl/plugin.h"

#include "metal/backend.h"

OPENSWIRL_PLUGIN("metal", "0.1.0", openswirl::make_metal_backend);
