// The sums of the univariate round on the device (protocol part 04, 5.2): rows of traces at the points of
// cosets of D, and the constraints over them.
#pragma once

#include <functional>
#include <memory>

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
};

// What the tasks read.
struct CosetOperands {
  const stages::StageInputs& inputs;  // shape, AIRs and public values
  const DeviceTraces& traces;
  const ConstraintPrograms& programs;
  // By trace: its kernels, null for the interpreter; where eq(xi[l..l+n), x) is.
  std::span<const std::shared_ptr<const GeneratedAir>> generated;
  std::span<const EqSuffixTables> eq;
};

// Made before any challenge: which rows are brought onto which cosets, in which turns, and what evaluates
// them.
class CosetSums {
 public:
  // Records uploads. Each task has the results that `result_of` names, [coset][z] each. Memory for rows:
  // max_words, or what one block of a trace takes. The operands outlive the object.
  CosetSums(Work& work, const CosetOperands& operands, std::vector<CosetTask> tasks,
            const ResultOf& result_of, uint64_t max_words);
  ~CosetSums();
  CosetSums(const CosetSums&) = delete;
  CosetSums& operator=(const CosetSums&) = delete;

  std::span<const CosetTask> tasks() const { return tasks_; }
  PreparedPieces& prepared() { return prepared_; }

  // Records everything, and has the device begin; the sums are there after the next wait, until when the
  // object lives. `weigh` is called for each task, on some thread, when the device has begun, and weighs it
  // in prepared().
  void record(Work& work, const Range& eq_words, const std::function<void(size_t)>& weigh);
  // After the wait.
  std::vector<Ext> sums(size_t task, size_t result) const;
  // Around the kernels of single AIRs.
  std::span<const Marks> generated() const { return generated_; }

 private:
  struct Plan;

  std::vector<CosetTask> tasks_;
  PreparedPieces prepared_;
  TileSums sums_;
  std::vector<size_t> first_result_;  // by task
  std::unique_ptr<Plan> plan_;
  std::vector<Marks> generated_;
};

}  // namespace openswirl::gpu
