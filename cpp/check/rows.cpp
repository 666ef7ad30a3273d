// Reads trace cells by DAG variable and refuses parts that do not fit the key.
#include "check/rows.h"

#include <bit>

#include "openswirl/failure.h"

namespace openswirl::checking {

AirRows::AirRows(const ProvingKey& key, const CheckTrace& trace) : trace_(&trace) {
  if (trace.air_id >= key.vk.airs.size()) {
    throw Error(FailureKind::kInput, "[check] there is a trace for AIR " + std::to_string(trace.air_id) +
                                         " but the key has only " + std::to_string(key.vk.airs.size()) +
                                         " AIRs");
  }
  air_ = &key.vk.airs[trace.air_id];
  preprocessed_ = key.airs[trace.air_id].preprocessed.get();
  name_ = key.airs[trace.air_id].name;
  if (!std::has_single_bit(rows())) {
    fail("the trace has " + std::to_string(rows()) + " rows, which is not a power of two");
  }
  check_matrix(trace.common, air_->width.common_main, "the common main");
  if (trace.cached.size() != air_->width.cached_mains.size()) {
    fail("there are " + std::to_string(trace.cached.size()) + " cached parts, the key has " +
         std::to_string(air_->width.cached_mains.size()));
  }
  for (size_t i = 0; i < trace.cached.size(); ++i) {
    check_matrix(trace.cached[i], air_->width.cached_mains[i], "cached part " + std::to_string(i));
  }
  if (trace.public_values.size() != air_->num_public_values) {
    fail("there are " + std::to_string(trace.public_values.size()) + " public values, the key has " +
         std::to_string(air_->num_public_values));
  }
  if (!air_->width.preprocessed) return;
  if (preprocessed_ == nullptr) fail("the key holds no preprocessed trace");
  const uint64_t preprocessed_rows = uint64_t{1} << preprocessed_->layout.matrices.at(0).log_height;
  if (rows() != preprocessed_rows) {
    fail("the trace has " + std::to_string(rows()) + " rows, the preprocessed trace " +
         std::to_string(preprocessed_rows));
  }
}

void AirRows::fail(const std::string& what) const {
  throw Error(FailureKind::kInput,
              "[check] AIR " + std::to_string(trace_->air_id) + " (" + name_ + "): " + what);
}

void AirRows::check_matrix(const CheckMatrix& matrix, uint64_t columns, const std::string& what) const {
  if (matrix.columns != columns) {
    fail(what + " has " + std::to_string(matrix.columns) + " columns, the key has " +
         std::to_string(columns));
  }
  if (matrix.rows != rows()) {
    fail(what + " has " + std::to_string(matrix.rows) + " rows, the common main " + std::to_string(rows()));
  }
  for (uint64_t i = 0; i < matrix.rows * matrix.columns; ++i) {
    if (matrix.data[i] < Fp::kModulus) continue;
    fail(what + " has the value " + std::to_string(matrix.data[i]) + " at row " +
         std::to_string(i / columns) + ", column " + std::to_string(i % columns) +
         "; it must be below p = " + std::to_string(Fp::kModulus));
  }
}

Fp AirRows::value(const Variable& variable, uint64_t row) const {
  const uint64_t at = (row + variable.offset) & (rows() - 1);
  switch (variable.entry) {
    case Variable::Entry::kPublic:
      return trace_->public_values[variable.index];
    case Variable::Entry::kPreprocessed: {
      const StackedLayout& layout = preprocessed_->layout;
      const StackedSlice& slice = layout.slices[layout.matrix_starts[0] + variable.index];
      const uint64_t stacked_row = slice.start_row + at * layout.stride(slice);
      return preprocessed_->stacked[slice.stacked_column * preprocessed_->stacked_height + stacked_row];
    }
    default: {
      const bool cached = variable.part_index < trace_->cached.size();
      const CheckMatrix& matrix = cached ? trace_->cached[variable.part_index] : trace_->common;
      return Fp::from_u32(matrix.data[at * matrix.columns + variable.index]);
    }
  }
}

RowBlock BlockLeaves::variable(const Variable& variable) const {
  RowBlock block;
  for (size_t i = 0; i < RowBlock::kRows; ++i) block.values[i] = air_.value(variable, first_row_ + i);
  return block;
}

}  // namespace openswirl::checking
