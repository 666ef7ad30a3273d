// A stacked commitment of one matrix, with the device that holds it.
#pragma once

#include <memory>
#include <string>

#include "backend/backend.h"
#include "backend/registry.h"

namespace openswirl::bindings {

struct BoundCommitment {
  std::shared_ptr<Device> device;
  std::shared_ptr<const Commitment> commitment;
  SystemParams params;
  uint64_t rows = 0, columns = 0;
};

// Throws Error{kInput} for the first value that is not below p, naming `what`, row and column.
void require_canonical(const HostMatrix& matrix, const std::string& what, const Context& context);

// The stacked commitment of one matrix on its own.
std::shared_ptr<const Commitment> commit_matrix(Device& device, const SystemParams& params,
                                                const HostMatrix& matrix, const Context& context);

// The commitment as `device` holds it: itself on its own device, else exported and taken over as it is.
std::shared_ptr<const Commitment> commitment_on(const BoundCommitment& bound, Device& device,
                                                const Context& context);

}  // namespace openswirl::bindings
