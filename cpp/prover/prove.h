// Makes a proof on a device (protocol part 07, 7): the order of the protocol comes from the schedule, every
// message from the device's session.
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "backend/backend.h"
#include "transcript/transcript.h"

namespace openswirl {

// The traces of one present AIR. All parts have the same height, a power of two.
struct AirTrace {
  uint32_t air_id = 0;
  // On the host (values canonical, see check_canonical) or already on the device that proves.
  std::variant<HostMatrix, std::shared_ptr<const DeviceMatrix>> common_main;
  // Made earlier by the same device with the key's parameters, in the AIR's order.
  std::vector<std::shared_ptr<const Commitment>> cached_mains;
  std::vector<Fp> public_values;
};

struct ProveOptions {
  // Verify the fresh proof before returning it.
  bool verify_after = true;
  // Receives every element observed and sampled, in order; null = not recorded.
  std::vector<LogEntry>* log = nullptr;
};

// The proof for these traces, in any order; AIRs without a trace are absent. `key` was loaded by `device`.
// Throws Error: kInput, kUnsupported (also for a device that executes nothing) and a planned kOutOfMemory
// (see check_inputs.h) before any work; kUnbalancedBus if the LogUp sum is not zero; kUnsatisfied if the
// fresh proof does not verify (`where` is the failed check); kCancelled, kTimeout, kOutOfMemory, kDevice from
// the device. Progress and spans go to `context`, on the calling thread.
Proof prove(Device& device, std::shared_ptr<const DeviceKey> key, std::vector<AirTrace> traces,
            const ProveOptions& options, const Context& context);

// The whole protocol on a device that executes nothing. There is no proof: what the device would have done is
// in the spans of `context`. Throws as prove() does for inputs and devices, and Error{kUnsupported} for a
// device that executes.
void rehearse(Device& device, std::shared_ptr<const DeviceKey> key, std::vector<AirTrace> traces,
              const Context& context);

}  // namespace openswirl
