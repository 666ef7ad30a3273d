// The entry points through which the registry loads this backend.
#include "openswirl/plugin.h"

#include "cuda/backend.h"

OPENSWIRL_PLUGIN("cuda", "0.1.0", openswirl::make_cuda_backend);
