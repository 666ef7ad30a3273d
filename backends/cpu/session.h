// One proof on the CPU.
#pragma once

#include "handles.h"

namespace openswirl::cpu {

// Throws Error{kInput} if a trace does not fit its AIR or a handle belongs to another device.
std::unique_ptr<Session> make_session(std::shared_ptr<const Key> key, const ProofShape& shape,
                                      std::vector<TraceInput> traces, const Context& context);

}  // namespace openswirl::cpu
