// The entry points through which the registry loads this backend.
#include "openswirl/plugin.h"

#include "backend.h"

OPENSWIRL_PLUGIN("reference", "0.1.0", openswirl::make_reference_backend);
