// One proof on a GPU. Which stages run on the device and which on the host is said in docs/gpu-backends.md
// and in the spans of every proof.
#pragma once

#include "gpu/handles.h"

namespace openswirl::gpu {

// Throws Error{kInput} if a trace does not fit its AIR or a handle belongs to another device.
std::unique_ptr<Session> make_session(std::shared_ptr<const Engine> engine, std::shared_ptr<const Key> key,
                                      const ProofShape& shape, std::vector<TraceInput> traces,
                                      const Context& context);

}  // namespace openswirl::gpu
