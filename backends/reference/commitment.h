// Matrices and stacked commitments on host memory (protocol part 03, 6 to 8).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "backend/backend.h"
#include "memory.h"
#include "poly/univariate.h"

namespace openswirl::reference {

// A trace, column-major.
class Matrix final : public DeviceMatrix {
 public:
  Matrix(const HostMatrix& source, const Context& context);
  uint64_t rows() const override { return rows_; }
  uint64_t columns() const override { return columns_; }
  Fp cell(uint64_t row, uint64_t column) const { return values_[column * rows_ + row]; }

 private:
  uint64_t rows_, columns_;
  Charge charge_;
  std::vector<Fp> values_;
};

class StackedCommitment final : public Commitment {
 public:
  StackedCommitment(std::shared_ptr<const HostCommitment> data, const Context& context);
  const Digest& root() const override { return data_->root(); }
  const StackedLayout& layout() const override { return data_->layout; }
  const HostCommitment& data() const { return *data_; }

 private:
  Charge charge_;
  std::shared_ptr<const HostCommitment> data_;
};

// Stacks, encodes and hashes the matrices, which are sorted by height descending.
HostCommitment commit_matrices(const SystemParams& params, std::span<const Matrix* const> matrices,
                               const Context& context);

// Throws Error{kInput} unless sizes and layout are those of a commitment made with these parameters.
void check_commitment(const SystemParams& params, const HostCommitment& commitment);

// Values of sum_i message[i] X^i on the subgroup of order 2^log_size, natural order.
template <class T>
std::vector<T> encode(std::vector<T> message, uint32_t log_size, const Context& context) {
  message.resize(size_t{1} << log_size, T::zero());
  dft_with_root(std::span(message), two_adic_generator(log_size), [&] { context.cancel->poll(); });
  return message;
}

// The stored layers of a tree over these row digests: query digests (2^k rows at distance rows / 2^k each)
// first, the root last.
std::vector<std::vector<Digest>> merkle_layers(std::span<const Digest> row_digests, uint64_t k,
                                               const Context& context);

// The siblings from query digest `index` up to the root.
void append_path(const std::vector<std::vector<Digest>>& layers, uint64_t index, std::vector<Digest>& path);

}  // namespace openswirl::reference
