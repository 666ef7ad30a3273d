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

// The columns that a program loads, in its order.
struct ColumnValues {
  const Fp* values = nullptr;
  uint64_t stride = 1;
};
std::vector<ColumnValues> loaded_columns(const ConstraintProgram& program, const TraceView& trace);

class ProgramBlocks {
 public:
  struct WorkingSet;
  // Fills the rows of a column for the block of a working set; either may be null.
  using Load = std::function<void(WorkingSet&, uint32_t column, uint32_t* plain, uint32_t* rotated)>;

  struct WorkingSet {
    Buffer<uint32_t> rows, staging;
    Buffer<uint64_t> scratch, load_scratch;
    std::vector<Ext> totals;
    ProgramRun run;
    size_t block = 0;
    const Load* load = nullptr;

    uint32_t* row(uint32_t index) { return rows.data() + index * row_words; }
    size_t row_words = 0;
  };

  // `planes` is 1 over the base field, 4 over the extension. staging_words: scratch for the caller's loads.
  // Run i adds to table i % tables of the totals.
  ProgramBlocks(const Context& context, const ConstraintProgram& program, const TraceView& trace,
                BlockShape shape, size_t planes, size_t staging_words, std::span<const Ext> weights,
                size_t tables = 1);

  // Calls body(working set) for every block. The body fills the rows of selectors and sets point_weights or
  // the outputs; the run follows it.
  void run(size_t blocks, const Load& load, const std::function<void(WorkingSet&)>& body,
           const std::function<void(WorkingSet&)>& after = {});
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

// One list after the other: the weights of a program's outputs.
std::vector<Ext> joined(std::initializer_list<const std::vector<Ext>*> lists);

// The weight table of a program: weights[i] belongs to output i.
std::vector<Ext> weight_table(const ConstraintProgram& program, std::span<const Ext> weights);

}  // namespace openswirl::stages
