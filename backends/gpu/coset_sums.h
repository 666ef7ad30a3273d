// The sums of the univariate round on the device (protocol part 04, 5.2): rows of traces at the points of
// cosets of D, and the constraints over them.
#pragma once

#include "gpu/constraint_pieces.h"
#include "gpu/tile_sums.h"
#include "gpu/trace_columns.h"
#include "stages/cosets.h"
#include "stages/inputs.h"

namespace openswirl::gpu {

// Rows on cosets are in memory so many words at a time; what is more takes turns. Far more points than a
// device has threads, so that turns cost nothing.
inline constexpr uint64_t kCosetWords = uint64_t{1} << 26;

// What is wanted of one trace.
struct CosetTask {
  size_t trace = 0;
  uint32_t first_coset = 0, cosets = 0;
  size_t results = 0;        // [coset][z] each
  EqSuffixTables::Split eq;  // of eq(xi[l..l+n), x)
};

// What the tasks read.
struct CosetOperands {
  const stages::StageInputs& inputs;  // shape and AIRs
  const DeviceTraces& traces;
  const ConstraintPrograms& programs;
  std::span<const stages::Coset> cosets;
  PreparedPieces& prepared;  // of the tasks, in order; not weighed yet
  Range eq;
};

class CosetSums {
 public:
  // Records everything; the sums are there after the next wait. `weigh` is called for each task, on some
  // thread, when the device has begun. Memory for rows: max_words, or what one block of a
  // trace takes.
  CosetSums(Work& work, const CosetOperands& operands, std::span<const CosetTask> tasks,
            const std::function<void(size_t)>& weigh, uint64_t max_words = kCosetWords);
  // After the wait.
  std::vector<Ext> sums(size_t task, size_t result) const;
  // Around the kernels of single AIRs.
  std::span<const Marks> generated() const { return generated_; }

 private:
  TileSums sums_;
  std::vector<size_t> first_result_;
  std::vector<Marks> generated_;
  std::vector<std::vector<Ext>> constants_;  // by task and result
};

}  // namespace openswirl::gpu
