// One trace in the rounds over the hypercube, on host memory (protocol part 04, 5.5 and 6): its columns at
// the challenges bound so far, and the weighted sum of its nodes along the lines through neighbouring
// entries.
#pragma once

#include <vector>

#include "protocol/proof.h"
#include "stages/constraint_blocks.h"
#include "stages/constraint_weights.h"

namespace openswirl::stages {

class ConstraintLines {
 public:
  // Columns of 2^log_length entries, all zero. Context and view outlive the object; of the view, AIR and
  // public values are read.
  ConstraintLines(const Context& context, const TraceView& view, uint32_t log_length);

  // Columns are numbered part after part in opening order, rotated ones right behind the plain ones, and the
  // three selectors at the end.
  size_t num_columns() const { return num_columns_; }
  size_t part_start(size_t part) const { return part_starts_[part]; }
  // Coefficient k of entry x of a column is at x + k stride().
  uint32_t* column(size_t index) { return columns_.data() + index * 4 * stride_; }
  size_t stride() const { return stride_; }
  // Selectors as they are at r_0: first in the first entry, last in the last one.
  void set_selectors(const Ext& first, const Ext& last);
  void set_column(size_t index, std::span<const Ext> entries);

  void set_weights(const RowFunctions& functions, const RowWeights& weights);

  // Binds the lowest variable.
  void bind(const Ext& challenge);
  // Values at X = first .. first + count - 1 of the sum over y of eq(point, y) times the nodes' sum and the
  // constant, along the lines through entries 2y and 2y + 1.
  std::vector<Ext> evaluate(std::span<const Ext> point, size_t first, size_t count) const;
  // The same where one entry is left.
  Ext value() const { return evaluate({}, 0, 1)[0]; }
  // Once one entry is left.
  PartOpenings openings() const;

 private:
  const Context& context_;
  const TraceView& view_;
  uint32_t log_length_;
  std::vector<size_t> part_starts_;
  size_t num_columns_ = 0, stride_ = 0;
  Buffer<uint32_t> columns_;
  ConstraintProgram program_;
  std::vector<Ext> program_weights_;
  Ext constant_ = Ext::zero();
};

}  // namespace openswirl::stages
