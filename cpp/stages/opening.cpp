#include "stages/opening.h"

#include <algorithm>

#include "poly/univariate.h"
#include "stages/encode.h"
#include "stages/kernels.h"
#include "stages/words.h"

namespace openswirl::stages {
namespace {

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
    : inputs_(inputs), tables_(inputs.context, batch_columns(mu), start_moments(u)) {}

uint32_t OpeningStage::log_domain() const {
  return static_cast<uint32_t>(inputs_.shape.params.log_stacked_height() + inputs_.shape.params.log_blowup) -
         round_;
}

// Conversion to messages is linear: the columns are batched first, then one extension column is converted.
PlaneTable OpeningStage::batch_columns(const Ext& mu) const {
  const Context& context = inputs_.context;
  const size_t height = size_t{1} << inputs_.shape.params.log_stacked_height();
  const std::vector<Ext> weights = powers(mu, inputs_.shape.total_stacked_width());
  const ColumnKernels& kernels = stages::kernels().columns;
  PlaneTable coefficients(context, height, "WHIR polynomial");
  context.parallel_for(height, kEntriesPerRange, [&](size_t begin, size_t end) {
    for (size_t k = 0; k < 4; ++k) {
      Fp* plane = coefficients.data.data() + k * height;
      std::fill(plane + begin, plane + end, Fp::zero());
    }
    size_t used = 0;
    for (const CommitmentView& commitment : inputs_.commitments) {
      kernels.accumulate(words(commitment.stacked), height, commitment.layout->width,
                         words(weights.data() + used), begin, end, words(coefficients.data.data()), height);
      used += commitment.layout->width;
    }
  });
  block_messages(context, coefficients.data.data(), coefficients.data.data(), 4 * height,
                 static_cast<uint32_t>(inputs_.shape.params.l_skip));
  return coefficients;
}

// The moments of the initial weight are an ordinary eq table of the cube point.
PlaneTable OpeningStage::start_moments(std::span<const Ext> u) const {
  const size_t height = size_t{1} << inputs_.shape.params.log_stacked_height();
  const std::vector<Ext> cube = prism_to_cube(u, static_cast<uint32_t>(inputs_.shape.params.l_skip));
  PlaneTable moments(inputs_.context, height, "WHIR moments");
  for (size_t k = 0; k < 4; ++k) moments.data[k * height] = k == 0 ? Fp::one() : Fp::zero();
  const ColumnKernels& kernels = stages::kernels().columns;
  for (size_t j = 0; j < cube.size(); ++j) {
    inputs_.context.parallel_for(size_t{1} << j, kEntriesPerRange, [&](size_t begin, size_t end) {
      kernels.double_eq(words(moments.data.data()), height, size_t{1} << j, words(&cube[j]), begin, end);
    });
  }
  return moments;
}

std::array<Ext, 2> OpeningStage::next(const Ext* challenge) {
  if (challenge) tables_.bind(*challenge);
  return tables_.sums();
}

Digest OpeningStage::commit_folded(const Ext& challenge) {
  tables_.bind(challenge);
  const Context& context = inputs_.context;
  const PlaneTable& coefficients = tables_.coefficients();
  // The domain only halves, although k variables were folded.
  const uint32_t log_codeword = log_domain() - 1;
  uint32_t log_message = 0;
  while (size_t{1} << log_message < coefficients.size) ++log_message;
  next_codeword_.values = PlaneTable(context, size_t{1} << log_codeword, "folded codeword");
  encode_columns(context, coefficients.data.data(), coefficients.size, 4, log_message, log_codeword,
                 next_codeword_.values.data.data(), next_codeword_.values.size);
  const Span span(*context.spans, "merkle_tree");
  next_codeword_.tree = DigestTree(context, next_codeword_.values.data.data(), next_codeword_.values.size,
                                   next_codeword_.values.size, 4, size_t{1} << inputs_.shape.params.whir.k);
  return next_codeword_.tree.root();
}

Ext OpeningStage::evaluate(const Ext& z0) const { return tables_.evaluate(z0); }

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
        indices, rows_per_query, stride, commitment.layout->width, [&](uint64_t row, uint64_t column) {
          return commitment.codeword[column * commitment.codeword_stride + row];
        }));
    opened.initial_paths.push_back(open_paths(indices, *commitment.tree));
  }
  return opened;
}

void OpeningStage::update(const Ext& z0, std::span<const uint32_t> indices, const Ext& gamma) {
  const Fp generator = two_adic_generator(log_domain() - static_cast<uint32_t>(inputs_.shape.params.whir.k));
  tables_.update(generator, z0, indices, gamma);
  codeword_ = std::move(next_codeword_);
  next_codeword_ = {};
  ++round_;
}

std::vector<Ext> OpeningStage::tail(const Ext& challenge) {
  tables_.bind(challenge);
  std::vector<Ext> polynomial;
  for (size_t i = 0; i < tables_.coefficients().size; ++i) polynomial.push_back(tables_.coefficients().at(i));
  return polynomial;
}

uint64_t OpeningStage::bytes(const ProofShape& shape, unsigned threads) {
  const auto log_height = static_cast<uint32_t>(shape.params.log_stacked_height());
  const auto log_codeword = static_cast<uint32_t>(log_height + shape.params.log_blowup) - 1;
  // Two tables and their halves; or two quarters with two codewords, their trees and an encoding.
  const uint64_t tables = 3 * (sizeof(Ext) << log_height);
  const uint64_t tree = DigestTree::bytes((uint64_t{1} << log_codeword) >> shape.params.whir.k);
  const auto log_message = static_cast<uint32_t>(log_height - shape.params.whir.k);
  return tables + 2 * ((sizeof(Ext) << log_codeword) + tree) +
         encode_columns_bytes(4, log_message, log_codeword, threads);
}

}  // namespace openswirl::stages
