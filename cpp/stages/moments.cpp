#include "stages/moments.h"

#include <algorithm>
#include <mutex>

#include "field/two_adic.h"
#include "stages/kernels.h"
#include "stages/words.h"

namespace openswirl::stages {
namespace {

// Below this many low exponent bits the weights of a block cost more than the block.
constexpr uint32_t kMinLogBlock = 6;

}  // namespace

std::array<Ext, 2> MomentTables::sums() const {
  std::array<Ext, 2> sums{Ext::zero(), Ext::zero()};
  std::mutex mutex;
  const ColumnKernels& kernels = stages::kernels().columns;
  context_->parallel_for(coefficients_.size / 2, kEntriesPerRange, [&](size_t begin, size_t end) {
    std::array<Ext, 2> part{Ext::zero(), Ext::zero()};
    kernels.moment_sums(words(coefficients_.data.data()), words(moments_.data.data()), coefficients_.size,
                        begin, end, words(part.data()));
    const std::lock_guard lock(mutex);
    for (size_t i = 0; i < 2; ++i) sums[i] += part[i];
  });
  return sums;
}

void MomentTables::bind(const Ext& alpha) {
  const size_t half = coefficients_.size / 2;
  PlaneTable coefficients(*context_, half, "WHIR polynomial"), moments(*context_, half, "WHIR moments");
  const ColumnKernels& kernels = stages::kernels().columns;
  context_->parallel_for(half, kEntriesPerRange, [&](size_t begin, size_t end) {
    kernels.bind_moments(words(coefficients_.data.data()), words(moments_.data.data()), coefficients_.size,
                         words(&alpha), begin, end, words(coefficients.data.data()),
                         words(moments.data.data()), half);
  });
  coefficients_ = std::move(coefficients);
  moments_ = std::move(moments);
}

Ext MomentTables::evaluate(const Ext& z0) const {
  const size_t size = coefficients_.size;
  Ext sum = Ext::zero();
  std::mutex mutex;
  context_->parallel_for(size, kEntriesPerRange, [&](size_t begin, size_t end) {
    Ext value = Ext::zero();
    for (size_t i = end; i-- > begin;) value = value * z0 + coefficients_.at(i);
    // Ranges start at multiples of their length, a power of two, or at 0.
    Ext shift = Ext::one(), power = z0;
    for (size_t exponent = begin; exponent > 0; exponent >>= 1, power = power.square()) {
      if (exponent & 1) shift *= power;
    }
    const std::lock_guard lock(mutex);
    sum += value * shift;
  });
  return sum;
}

// M[T] += gamma z0^T + sum_l gamma^(l+1) z_l^T. With T = low + 2^a high this is, per value of high, a
// weighted sum of the columns z^low: base columns for the queries, the four coefficients of z0^low for the
// out-of-domain point.
void MomentTables::update(Fp generator, const Ext& z0, std::span<const uint32_t> indices, const Ext& gamma) {
  const size_t size = moments_.size, columns = indices.size() + 4;
  uint32_t log_size = 0;
  while (size_t{1} << log_size < size) ++log_size;
  const uint32_t log_block = std::min(log_size, std::max(kMinLogBlock, (log_size + 1) / 2));
  const size_t block = size_t{1} << log_block;

  std::vector<Fp> points;  // z_l^(2^a)
  Buffer<Fp> low = context_->buffer<Fp>(columns * block, "WHIR weights");
  for (size_t l = 0; l < indices.size(); ++l) {
    const Fp point = generator.pow(indices[l]);
    Fp power = Fp::one();
    for (size_t i = 0; i < block; ++i, power *= point) low[l * block + i] = power;
    points.push_back(power);
  }
  Ext z0_block = Ext::one();  // z0^(2^a)
  for (size_t i = 0; i < block; ++i, z0_block *= z0) {
    for (size_t k = 0; k < 4; ++k) low[(indices.size() + k) * block + i] = z0_block.c[k];
  }
  const std::vector<Ext> gammas = powers(gamma, indices.size() + 2);

  const ColumnKernels& kernels = stages::kernels().columns;
  const size_t blocks = size / block;
  context_->parallel_for(blocks, std::max<size_t>(blocks / 64, 1), [&](size_t begin, size_t end) {
    std::vector<Ext> weights(columns);
    for (size_t l = 0; l < indices.size(); ++l) weights[l] = gammas[l + 2] * points[l].pow(begin);
    Ext z0_weight = gamma, power = z0_block;
    for (size_t exponent = begin; exponent > 0; exponent >>= 1, power = power.square()) {
      if (exponent & 1) z0_weight *= power;
    }
    for (size_t high = begin; high < end; ++high) {
      for (size_t k = 0; k < 4; ++k) {
        Ext unit = Ext::zero();
        unit.c[k] = Fp::one();
        weights[indices.size() + k] = z0_weight * unit;
      }
      kernels.accumulate(words(low.data()), block, columns, words(weights.data()), 0, block,
                         words(moments_.data.data() + high * block), size);
      for (size_t l = 0; l < indices.size(); ++l) weights[l] = weights[l] * points[l];
      z0_weight *= z0_block;
    }
  });
}

}  // namespace openswirl::stages
