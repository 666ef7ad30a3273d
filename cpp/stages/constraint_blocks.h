// Runs a constraint program over blocks of points on all threads; every thread has a working set of its own.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "stages/constraint_program.h"
#include "stages/cosets.h"
#include "stages/inputs.h"
#include "stages/words.h"

namespace openswirl::stages {

// How many points a block has: groups * lanes, each at `period` positions.
struct BlockShape {
  size_t groups = 1, period = 1;
};
// Groups such that a row has about 16 vectors (words of one plane), but no more than `points` need.
BlockShape block_shape(size_t points, size_t period, size_t planes, size_t lanes);

// The columns of a trace that a program reads.
struct ColumnLeaf {
  const Fp* values = nullptr;
  uint32_t part = 0, column = 0;
  static constexpr uint32_t kAbsent = ~uint32_t{0};
  uint32_t plain_row = kAbsent, rotated_row = kAbsent;
};
std::vector<ColumnLeaf> column_leaves(const ConstraintProgram& program, const TraceView& trace);

class ProgramBlocks {
 public:
  struct WorkingSet {
    Buffer<uint32_t> rows, staging;
    Buffer<uint64_t> scratch, load_scratch;
    std::vector<Ext> totals;
    ProgramRun run;

    uint32_t* row(uint32_t index) { return rows.data() + index * row_words; }
    size_t row_words = 0;
  };

  // `planes` is 1 over the base field, 4 over the extension. staging_words: scratch for the caller's loads.
  // Run i adds to table i % tables of the totals.
  ProgramBlocks(const Context& context, const ConstraintProgram& program, const TraceView& trace,
                BlockShape shape, size_t planes, size_t staging_words, std::span<const Ext> weights,
                size_t tables = 1);

  // Calls body(working set, i) for i < blocks. The body loads the rows of columns and selectors and sets
  // point_weights or the outputs; the run follows it.
  void run(size_t blocks, const std::function<void(WorkingSet&, size_t)>& body,
           const std::function<void(WorkingSet&, size_t)>& after = {});
  // Sums of all runs: [table][sum][position].
  std::vector<Ext> totals() const;

  BlockShape shape() const { return shape_; }
  size_t points_per_block() const { return shape_.groups * lanes_; }

 private:
  std::unique_ptr<WorkingSet> make() const;
  std::unique_ptr<WorkingSet> acquire();

  const Context& context_;
  const ConstraintProgram& program_;
  const TraceView& trace_;
  BlockShape shape_;
  size_t planes_, staging_words_, lanes_, tables_;
  std::span<const Ext> weights_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<WorkingSet>> idle_;
};

// The values of lifted rows [first, first + count) of a column and, at the end, the row that follows
// cyclically: a pointer into the column where they lie there, else a copy in `staging`, zero beyond the
// lifted height.
const uint32_t* block_values(const Fp* column, uint64_t stride, const TraceShape& shape, uint32_t l_skip,
                             size_t first, size_t count, uint32_t* staging);

// The weight table of a program: weights[i] belongs to output i.
std::vector<Ext> weight_table(const ConstraintProgram& program, std::span<const Ext> weights);

}  // namespace openswirl::stages
