#include "stages/opening.h"

#include <algorithm>
#include <mutex>

#include "poly/univariate.h"
#include "stages/encode.h"
#include "stages/kernels.h"
#include "stages/words.h"

namespace openswirl::stages {
namespace {

constexpr size_t kEntriesPerRange = size_t{1} << 13;
// Below this many low exponent bits the weights of a block cost more than the block.
constexpr uint32_t kMinLogBlock = 6;

template <class T, class Cell>
OpenedRows<T> open_rows(std::span<const uint32_t> indices, uint64_t rows_per_query, uint64_t stride,
                        uint64_t width, Cell cell) {
  OpenedRows<T> rows{indices.size(), rows_per_query, width, {}};
  rows.values.reserve(indices.size() * rows_per_query * width);
  for (const uint64_t index : indices) {
    for (uint64_t t = 0; t < rows_per_query; ++t) {
      for (uint64_t c = 0; c < width; ++c) rows.values.push_back(cell(index + t * stride, c));
    }
  }
  return rows;
}

MerklePaths open_paths(std::span<const uint32_t> indices, const DigestTree& tree) {
  MerklePaths paths{indices.size(), tree.depth(), {}};
  paths.digests.reserve(indices.size() * tree.depth());
  for (const uint32_t index : indices) tree.append_path(index, paths.digests);
  return paths;
}

}  // namespace

OpeningStage::OpeningStage(const StageInputs& inputs, std::span<const Ext> u, const Ext& mu)
    : inputs_(inputs) {
  batch_columns(mu);
  start_moments(u);
}

OpeningStage::Table OpeningStage::table(size_t size, const char* what, bool zeroed) const {
  return {inputs_.context.buffer<Fp>(4 * size, what, zeroed), size};
}

uint32_t OpeningStage::log_domain() const {
  return static_cast<uint32_t>(inputs_.shape.params.log_stacked_height() + inputs_.shape.params.log_blowup) -
         round_;
}

// Conversion to messages is linear: the columns are batched first, then one extension column is converted.
void OpeningStage::batch_columns(const Ext& mu) {
  const Context& context = inputs_.context;
  const size_t height = size_t{1} << inputs_.shape.params.log_stacked_height();
  const std::vector<Ext> weights = powers(mu, inputs_.shape.total_stacked_width());
  const ColumnKernels& kernels = stages::kernels().columns;
  coefficients_ = table(height, "WHIR polynomial", true);
  context.parallel_for(height, kEntriesPerRange, [&](size_t begin, size_t end) {
    size_t used = 0;
    for (const CommitmentView& commitment : inputs_.commitments) {
      kernels.accumulate(words(commitment.stacked), height, commitment.layout->width,
                         words(weights.data() + used), begin, end, words(coefficients_.data.data()), height);
      used += commitment.layout->width;
    }
  });
  block_messages(context, coefficients_.data.data(), coefficients_.data.data(), 4 * height,
                 static_cast<uint32_t>(inputs_.shape.params.l_skip));
}

// The moments of the initial weight are an ordinary eq table of the cube point.
void OpeningStage::start_moments(std::span<const Ext> u) {
  const size_t height = size_t{1} << inputs_.shape.params.log_stacked_height();
  const std::vector<Ext> cube = prism_to_cube(u, static_cast<uint32_t>(inputs_.shape.params.l_skip));
  moments_ = table(height, "WHIR moments");
  for (size_t k = 0; k < 4; ++k) moments_.data[k * height] = k == 0 ? Fp::one() : Fp::zero();
  const ColumnKernels& kernels = stages::kernels().columns;
  for (size_t j = 0; j < cube.size(); ++j) {
    inputs_.context.parallel_for(size_t{1} << j, kEntriesPerRange, [&](size_t begin, size_t end) {
      kernels.double_eq(words(moments_.data.data()), height, size_t{1} << j, words(&cube[j]), begin, end);
    });
  }
}

std::array<Ext, 2> OpeningStage::next(const Ext* challenge) {
  if (challenge) bind(*challenge);
  std::array<Ext, 2> sums{Ext::zero(), Ext::zero()};
  std::mutex mutex;
  const ColumnKernels& kernels = stages::kernels().columns;
  inputs_.context.parallel_for(coefficients_.size / 2, kEntriesPerRange, [&](size_t begin, size_t end) {
    std::array<Ext, 2> part{Ext::zero(), Ext::zero()};
    kernels.moment_sums(words(coefficients_.data.data()), words(moments_.data.data()), coefficients_.size,
                        begin, end, words(part.data()));
    const std::lock_guard lock(mutex);
    for (size_t i = 0; i < 2; ++i) sums[i] += part[i];
  });
  return sums;
}

void OpeningStage::bind(const Ext& alpha) {
  const size_t half = coefficients_.size / 2;
  Table coefficients = table(half, "WHIR polynomial"), moments = table(half, "WHIR moments");
  const ColumnKernels& kernels = stages::kernels().columns;
  inputs_.context.parallel_for(half, kEntriesPerRange, [&](size_t begin, size_t end) {
    kernels.bind_moments(words(coefficients_.data.data()), words(moments_.data.data()), coefficients_.size,
                         words(&alpha), begin, end, words(coefficients.data.data()),
                         words(moments.data.data()), half);
  });
  coefficients_ = std::move(coefficients);
  moments_ = std::move(moments);
}

Digest OpeningStage::commit_folded(const Ext& challenge) {
  bind(challenge);
  const Context& context = inputs_.context;
  // The domain only halves, although k variables were folded.
  const uint32_t log_codeword = log_domain() - 1;
  uint32_t log_message = 0;
  while (size_t{1} << log_message < coefficients_.size) ++log_message;
  next_codeword_.values = table(size_t{1} << log_codeword, "folded codeword");
  encode_columns(context, coefficients_.data.data(), coefficients_.size, 4, log_message, log_codeword,
                 next_codeword_.values.data.data());
  const Span span(*context.spans, "merkle_tree");
  next_codeword_.tree = DigestTree(context, next_codeword_.values.data.data(), next_codeword_.values.size, 4,
                                   size_t{1} << inputs_.shape.params.whir.k);
  return next_codeword_.tree.root();
}

Ext OpeningStage::evaluate(const Ext& z0) const {
  const size_t size = coefficients_.size;
  Ext sum = Ext::zero();
  std::mutex mutex;
  inputs_.context.parallel_for(size, kEntriesPerRange, [&](size_t begin, size_t end) {
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

OpenedQueries OpeningStage::open(std::span<const uint32_t> indices) const {
  const uint64_t rows_per_query = uint64_t{1} << inputs_.shape.params.whir.k;
  const uint64_t height = uint64_t{1} << log_domain(), stride = height / rows_per_query;
  OpenedQueries opened;
  if (round_ > 0) {
    opened.codeword_values = open_rows<Ext>(indices, rows_per_query, stride, 1,
                                            [&](uint64_t row, uint64_t) { return codeword_.values.at(row); });
    opened.codeword_paths = open_paths(indices, codeword_.tree);
    return opened;
  }
  for (const CommitmentView& commitment : inputs_.commitments) {
    inputs_.context.cancel->poll();
    opened.initial_rows.push_back(open_rows<Fp>(
        indices, rows_per_query, stride, commitment.layout->width,
        [&](uint64_t row, uint64_t column) { return commitment.codeword[column * height + row]; }));
    opened.initial_paths.push_back(open_paths(indices, *commitment.tree));
  }
  return opened;
}

// M[T] += gamma z0^T + sum_l gamma^(l+1) z_l^T. With T = low + 2^a high this is, per value of high, a
// weighted sum of the columns z^low: base columns for the queries, the four coefficients of z0^low for the
// out-of-domain point.
void OpeningStage::update(const Ext& z0, std::span<const uint32_t> indices, const Ext& gamma) {
  const size_t size = moments_.size, columns = indices.size() + 4;
  uint32_t log_size = 0;
  while (size_t{1} << log_size < size) ++log_size;
  const uint32_t log_block = std::min(log_size, std::max(kMinLogBlock, (log_size + 1) / 2));
  const size_t block = size_t{1} << log_block;

  const Fp generator = two_adic_generator(log_domain() - static_cast<uint32_t>(inputs_.shape.params.whir.k));
  std::vector<Fp> points;  // z_l^(2^a)
  Buffer<Fp> low = inputs_.context.buffer<Fp>(columns * block, "WHIR weights");
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
  inputs_.context.parallel_for(blocks, std::max<size_t>(blocks / 64, 1), [&](size_t begin, size_t end) {
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
  codeword_ = std::move(next_codeword_);
  next_codeword_ = {};
  ++round_;
}

std::vector<Ext> OpeningStage::tail(const Ext& challenge) {
  bind(challenge);
  std::vector<Ext> coefficients;
  for (size_t i = 0; i < coefficients_.size; ++i) coefficients.push_back(coefficients_.at(i));
  return coefficients;
}

uint64_t OpeningStage::bytes(const ProofShape& shape, unsigned threads) {
  const auto log_height = static_cast<uint32_t>(shape.params.log_stacked_height());
  const auto log_codeword = static_cast<uint32_t>(log_height + shape.params.log_blowup) - 1;
  // Two tables and their halves; or two quarters with two codewords, their trees and an encoding.
  const uint64_t tables = 3 * (sizeof(Ext) << log_height);
  const uint64_t tree = DigestTree::bytes((uint64_t{1} << log_codeword) >> shape.params.whir.k);
  const auto log_message = static_cast<uint32_t>(log_height - shape.params.whir.k);
  return tables + 2 * ((sizeof(Ext) << log_codeword) + tree) +
         encode_bytes(4, log_message, log_codeword, threads);
}

}  // namespace openswirl::stages
