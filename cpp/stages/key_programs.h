// The constraint programs of a key, which all its proofs share.
#pragma once

#include <memory>

#include "stages/constraint_program.h"
#include "stages/constraint_weights.h"

namespace openswirl::stages {

// The nodes of `functions` as the sums of a program, one after the other.
struct AirPrograms {
  explicit AirPrograms(const AirVk& air);

  RowFunctions functions;
  // Without interactions the first two are empty.
  ConstraintProgram fractions;
  ConstraintProgram domain;  // messages in sum 0, counts in sum 1
  ConstraintProgram cosets;  // messages, then counts in sum 0, constraints in sum 1
  ConstraintProgram lines;   // constraints, messages, then counts in one sum
};

class KeyPrograms {
 public:
  // The key outlives the object.
  explicit KeyPrograms(const VerifyingKey& vk);
  ~KeyPrograms();
  KeyPrograms(const KeyPrograms&) = delete;
  KeyPrograms& operator=(const KeyPrograms&) = delete;

  // Compiled by whoever asks first: a proof has few of a large key's AIRs, and devices with kernels of their
  // own ask for few.
  const AirPrograms& air(uint32_t air_id) const;

 private:
  struct Slot;
  const VerifyingKey& vk_;
  std::unique_ptr<Slot[]> slots_;
};

}  // namespace openswirl::stages
