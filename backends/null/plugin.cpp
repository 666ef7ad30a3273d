// The entry points through which the registry loads this backend.
#include "openswirl/plugin.h"

#include "null/backend.h"

OPENSWIRL_PLUGIN("null", "0.1.0", openswirl::make_null_backend);
