// Sixteen neighbouring rows of one AIR as values of the DAG evaluator. Internal to check.
#pragma once

#include <array>
#include <vector>

#include "check/check.h"

namespace openswirl::checking {

struct alignas(64) RowBlock {
  static constexpr size_t kRows = 16;
  std::array<Fp, kRows> values;

  static RowBlock filled(Fp value) {
    RowBlock block;
    block.values.fill(value);
    return block;
  }
  bool is_zero(size_t rows) const {
    uint32_t any = 0;
    for (size_t i = 0; i < rows; ++i) any |= values[i].word();
    return any == 0;
  }
  friend RowBlock operator+(const RowBlock& a, const RowBlock& b) {
    RowBlock result;
    for (size_t i = 0; i < kRows; ++i) result.values[i] = a.values[i] + b.values[i];
    return result;
  }
  friend RowBlock operator-(const RowBlock& a, const RowBlock& b) {
    RowBlock result;
    for (size_t i = 0; i < kRows; ++i) result.values[i] = a.values[i] - b.values[i];
    return result;
  }
  friend RowBlock operator*(const RowBlock& a, const RowBlock& b) {
    RowBlock result;
    for (size_t i = 0; i < kRows; ++i) result.values[i] = a.values[i] * b.values[i];
    return result;
  }
  friend RowBlock operator-(const RowBlock& a) {
    RowBlock result;
    for (size_t i = 0; i < kRows; ++i) result.values[i] = -a.values[i];
    return result;
  }
};

// All parts of one present AIR, addressed as the DAG does.
class AirRows {
 public:
  // Throws Error{kInput} if the parts do not fit the key.
  AirRows(const ProvingKey& key, const CheckTrace& trace);

  uint32_t air_id() const { return trace_->air_id; }
  uint64_t rows() const { return trace_->common.rows; }
  const AirVk& air() const { return *air_; }
  Fp value(const Variable& variable, uint64_t row) const;

 private:
  [[noreturn]] void fail(const std::string& what) const;
  void check_matrix(const CheckMatrix& matrix, uint64_t columns, const std::string& what) const;

  const AirVk* air_;
  const CheckTrace* trace_;
  const HostCommitment* preprocessed_;
  std::string name_;
};

// Leaves of the evaluator for the block of rows that starts at first_row; rows past the end wrap around.
class BlockLeaves {
 public:
  BlockLeaves(const AirRows& air, uint64_t first_row) : air_(air), first_row_(first_row) {}

  RowBlock variable(const Variable& variable) const;
  RowBlock is_first_row() const { return marked(0, Fp::zero(), Fp::one()); }
  RowBlock is_last_row() const { return marked(air_.rows() - 1, Fp::zero(), Fp::one()); }
  RowBlock is_transition() const { return marked(air_.rows() - 1, Fp::one(), Fp::zero()); }
  RowBlock constant(Fp value) const { return RowBlock::filled(value); }

 private:
  RowBlock marked(uint64_t row, Fp elsewhere, Fp there) const {
    RowBlock block = RowBlock::filled(elsewhere);
    if (row >= first_row_ && row - first_row_ < RowBlock::kRows) block.values[row - first_row_] = there;
    return block;
  }

  const AirRows& air_;
  uint64_t first_row_;
};

}  // namespace openswirl::checking
