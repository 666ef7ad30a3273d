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
  // Columns of 2^log_length entries, which the caller sets. Context, view and program (AirPrograms::lines)
  // outlive the object; of the view, AIR and public values are read.
  ConstraintLines(const Context& context, const TraceView& view, const ConstraintProgram& program,
                  uint32_t log_length);

  // Columns are numbered part after part in opening order, rotated ones right behind the plain ones, and the
  // three selectors at the end.
  size_t num_columns() const { return num_columns_; }
  // Entries lie as kernels want them: together() of them, distance() words from the first to the next ones.
  size_t together() const { return together_; }
  uint32_t* column(size_t index) { return columns_.data() + index * 4 * together_; }
  size_t distance() const { return distance_; }
  // Selectors as they are at r_0: first in the first entry, last in the last one.
  void set_selectors(const Ext& first, const Ext& last);
  void set_column(size_t index, std::span<const Ext> entries);

  void set_weights(const RowWeights& weights);

  // Binds the lowest variable.
  void bind(const Ext& challenge);
  // Binds the lowest variable first if there is a challenge, in the same pass. Values at X = first .. first +
  // count - 1 of the sum over y of eq(point, y) times the nodes' sum and the constant, along the lines
  // through entries 2y and 2y + 1.
  std::vector<Ext> evaluate(std::span<const Ext> point, size_t first, size_t count, const Ext* challenge);
  // The same where one entry is left.
  Ext value() { return evaluate({}, 0, 1, nullptr)[0]; }
  // Once one entry is left.
  PartOpenings openings() const;

 private:
  // Of columns of half the length.
  size_t folded_distance() const;
  // After a fold of all columns.
  void halve();

  const Context& context_;
  const TraceView& view_;
  const ConstraintProgram& program_;
  uint32_t log_length_;
  std::vector<size_t> part_starts_;
  const size_t together_;  // entries
  size_t num_columns_ = 0, distance_ = 0;
  std::vector<std::pair<uint32_t, size_t>> selectors_;  // row of the program, column
  std::vector<size_t> loaded_;  // of the columns that the program loads, the plain one
  Buffer<uint32_t> columns_;
  std::vector<Ext> program_weights_;
  Ext constant_ = Ext::zero();
};

}  // namespace openswirl::stages
