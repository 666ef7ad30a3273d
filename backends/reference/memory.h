// What the reference backend charges to the meter, and the plan made of the same numbers.
#pragma once

#include "backend/backend.h"

namespace openswirl::reference {

// Bytes on the meter for as long as the object lives.
class Charge {
 public:
  // Throws Error{kOutOfMemory} beyond the meter's limit.
  Charge(const Context& context, uint64_t bytes, const char* what) : meter_(context.meter), bytes_(bytes) {
    meter_->charge(bytes, what);
  }
  ~Charge() { meter_->release(bytes_); }
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;

 private:
  std::shared_ptr<MemoryMeter> meter_;
  uint64_t bytes_;
};

// Stacked matrix, codeword and digest layers of one commitment.
uint64_t commitment_bytes(const SystemParams& params, uint64_t stacked_width);
// Digests of all codeword rows, alive while a tree is built.
uint64_t row_digest_bytes(uint64_t log_rows);

// Working sets of the four workers.
uint64_t fractions_bytes(const ProofShape& shape);
uint64_t constraints_bytes(const VerifyingKey& vk, const ProofShape& shape);
uint64_t stacking_bytes(const ProofShape& shape);
uint64_t opening_bytes(const ProofShape& shape);

MemoryPlan make_plan(const VerifyingKey& vk, const ProofShape& shape);

}  // namespace openswirl::reference
