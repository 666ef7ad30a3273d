// What the device stages read of a proof: the shape, and the committed matrices on the device.
#pragma once

#include <vector>

#include "gpu/merkle.h"
#include "protocol/shape.h"

namespace openswirl::gpu {

// One commitment, commit order. The ranges of a commitment without columns are empty.
struct DeviceCommitment {
  const StackedLayout* layout = nullptr;
  Range stacked;   // columns of 2^(l_skip + n_stack) words
  Range codeword;  // columns of 2^(l_skip + n_stack + log_blowup) words
  const DeviceTree* tree = nullptr;
};

// Outlives the stages that read it.
struct DeviceInputs {
  const ProofShape& shape;
  std::vector<DeviceCommitment> commitments;
};

}  // namespace openswirl::gpu
