// The results of dispatches that evaluate constraints tile by tile: where the tiles leave their sums, and
// what adds them up.
#pragma once

#include "field/ext.h"
#include "gpu/engine.h"
#include "gpu/kernels.h"

namespace openswirl::gpu {

class TileSums {
 public:
  // A result: at each of `positions` (cosets, or values of X) 2^log_block sums over `parts` evaluations of
  // 2^log_size partial sums. Returns its number.
  size_t add(uint64_t parts, uint32_t positions, uint32_t log_size, uint32_t log_block);
  // Where a part of a result begins in the partial sums.
  uint64_t first_partial(size_t result, uint32_t part) const;
  // Once all results are known.
  const Range& allocate(Work& work);
  const Range& partials() const { return partials_.range(); }
  // Once they are allocated: what the device needs to add them up; nothing where that is the host's.
  std::vector<ConstraintsResult> descriptors() const;
  // Once what fills the partial sums is recorded: brings the sums to the host by the next wait.
  void record(Work& work, const Range& descriptors);
  // The same, with descriptors of its own.
  void record(Work& work);
  // After the wait: [position][z].
  std::vector<Ext> sums(size_t result) const;

 private:
  struct Result {
    uint64_t first_sum, first_partial, parts;
    uint32_t positions, log_size, log_block;
  };
  std::vector<Result> results_;
  uint64_t num_sums_ = 0, num_partials_ = 0;
  Array partials_, sums_;
  bool reduced_ = false;  // by the device
  std::vector<Ext> read_;
};

}  // namespace openswirl::gpu
