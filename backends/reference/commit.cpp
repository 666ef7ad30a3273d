// Stage 1 (protocol part 03): stacking, encoding, Merkle tree.
#include <bit>

#include "commitment.h"

namespace openswirl::reference {
namespace {

// Part 03, 6.2: column after column, a short one spread over its slice with zeros in between.
std::vector<Fp> stack(const StackedLayout& layout, std::span<const Matrix* const> matrices,
                      const Context& context) {
  const uint64_t height = uint64_t{1} << layout.log_stacked_height;
  std::vector<Fp> stacked(height * layout.width, Fp::zero());
  for (const StackedSlice& slice : layout.slices) {
    context.cancel->poll();
    const Matrix& matrix = *matrices[slice.matrix];
    Fp* cells = stacked.data() + slice.stacked_column * height + slice.start_row;
    for (uint64_t row = 0; row < matrix.rows(); ++row) {
      cells[row * layout.stride(slice)] = matrix.cell(row, slice.column);
    }
  }
  return stacked;
}

std::vector<Digest> hash_rows(const HostCommitment& commitment, const Context& context) {
  std::vector<Digest> digests(commitment.codeword_height);
  std::vector<Fp> row(commitment.stacked_width);
  for (uint64_t r = 0; r < digests.size(); ++r) {
    if (r % 1024 == 0) context.cancel->poll();
    for (uint64_t c = 0; c < row.size(); ++c)
      row[c] = commitment.codeword[c * commitment.codeword_height + r];
    digests[r] = hash_slice(row);
  }
  return digests;
}

}  // namespace

Matrix::Matrix(const HostMatrix& source, const Context& context)
    : rows_(source.rows), columns_(source.columns), charge_(context, rows_ * columns_ * sizeof(Fp), "trace") {
  values_.resize(rows_ * columns_);
  const bool by_row = source.order == HostMatrix::Order::kRowMajor;
  for (uint64_t column = 0; column < columns_; ++column) {
    context.cancel->poll();
    for (uint64_t row = 0; row < rows_; ++row) {
      const uint64_t at = by_row ? row * columns_ + column : column * rows_ + row;
      values_[column * rows_ + row] = Fp::from_u32(source.data[at]);
    }
  }
}

StackedCommitment::StackedCommitment(std::shared_ptr<const HostCommitment> data, const Context& context)
    : charge_(context,
              (data->stacked.size() + data->codeword.size()) * sizeof(Fp) +
                  2 * data->digest_layers.front().size() * sizeof(Digest),
              "commitment"),
      data_(std::move(data)) {}

HostCommitment commit_matrices(const SystemParams& params, std::span<const Matrix* const> matrices,
                               const Context& context) {
  std::vector<MatrixShape> shapes;
  for (const Matrix* matrix : matrices) {
    const auto log_height = static_cast<uint32_t>(std::countr_zero(matrix->rows()));
    if (matrix->columns() > 0 && log_height > params.log_stacked_height()) {
      throw Error(FailureKind::kInput,
                  "a matrix of 2^" + std::to_string(log_height) + " rows does not fit the stacked height 2^" +
                      std::to_string(params.log_stacked_height()) + "; use larger parameters");
    }
    if (!shapes.empty() && log_height > shapes.back().log_height) {
      throw Error(FailureKind::kInput, "matrices of one commitment must be sorted by height, tallest first");
    }
    shapes.push_back({matrix->columns(), log_height});
  }

  HostCommitment commitment;
  const auto log_height = static_cast<uint32_t>(params.log_stacked_height());
  const auto log_codeword = static_cast<uint32_t>(log_height + params.log_blowup);
  commitment.layout = make_stacked_layout(static_cast<uint32_t>(params.l_skip), log_height, shapes);
  commitment.stacked_height = uint64_t{1} << log_height;
  commitment.stacked_width = commitment.layout.width;
  commitment.codeword_height = uint64_t{1} << log_codeword;
  commitment.rows_per_query = uint64_t{1} << params.whir.k;
  const Charge charge(context,
                      commitment_bytes(params, commitment.stacked_width) + row_digest_bytes(log_codeword),
                      "commitment under construction");

  commitment.stacked = stack(commitment.layout, matrices, context);
  {
    const Span span(*context.spans, "rs_code_matrix");
    commitment.codeword.reserve(commitment.codeword_height * commitment.stacked_width);
    for (uint64_t c = 0; c < commitment.stacked_width; ++c) {
      const auto column =
          std::span(commitment.stacked).subspan(c * commitment.stacked_height, commitment.stacked_height);
      std::vector<Fp> message(column.begin(), column.end());
      evaluations_to_message(std::span(message), commitment.layout.l_skip);
      const std::vector<Fp> codeword = encode(std::move(message), log_codeword, context);
      commitment.codeword.insert(commitment.codeword.end(), codeword.begin(), codeword.end());
    }
  }
  const Span span(*context.spans, "merkle_tree");
  commitment.digest_layers = merkle_layers(hash_rows(commitment, context), params.whir.k, context);
  return commitment;
}

void check_commitment(const SystemParams& params, const HostCommitment& commitment) {
  const uint64_t height = uint64_t{1} << params.log_stacked_height();
  const uint64_t codeword_height = height << params.log_blowup;
  const StackedLayout& layout = commitment.layout;
  const StackedLayout expected =
      make_stacked_layout(static_cast<uint32_t>(params.l_skip),
                          static_cast<uint32_t>(params.log_stacked_height()), layout.matrices);
  bool fits = layout.l_skip == params.l_skip && layout.log_stacked_height == params.log_stacked_height() &&
              layout.width == expected.width && commitment.stacked_width == expected.width &&
              layout.slices.size() == expected.slices.size() && commitment.stacked_height == height &&
              commitment.stacked.size() == height * expected.width &&
              commitment.codeword_height == codeword_height &&
              commitment.codeword.size() == codeword_height * expected.width &&
              commitment.rows_per_query == uint64_t{1} << params.whir.k;
  uint64_t digests = codeword_height >> params.whir.k;
  for (const std::vector<Digest>& layer : commitment.digest_layers) {
    fits = fits && layer.size() == digests;
    digests /= 2;
  }
  if (!fits || commitment.digest_layers.empty() || commitment.digest_layers.back().size() != 1) {
    throw Error(
        FailureKind::kInput,
        "the commitment was made with other parameters than the key's; commit the matrix again with them");
  }
}

std::vector<std::vector<Digest>> merkle_layers(std::span<const Digest> row_digests, uint64_t k,
                                               const Context& context) {
  const uint64_t rows_per_query = uint64_t{1} << k;
  const uint64_t stride = row_digests.size() >> k;
  std::vector<std::vector<Digest>> layers(1, std::vector<Digest>(stride));
  std::vector<Digest> rows(rows_per_query);
  for (uint64_t y = 0; y < stride; ++y) {
    if (y % 256 == 0) context.cancel->poll();
    for (uint64_t t = 0; t < rows_per_query; ++t) rows[t] = row_digests[y + t * stride];
    layers[0][y] = tree_compress(rows);
  }
  while (layers.back().size() > 1) {
    const std::vector<Digest>& below = layers.back();
    std::vector<Digest> above(below.size() / 2);
    for (uint64_t i = 0; i < above.size(); ++i) {
      if (i % 1024 == 0) context.cancel->poll();
      above[i] = compress(below[2 * i], below[2 * i + 1]);
    }
    layers.push_back(std::move(above));
  }
  return layers;
}

void append_path(const std::vector<std::vector<Digest>>& layers, uint64_t index, std::vector<Digest>& path) {
  for (size_t j = 0; j + 1 < layers.size(); ++j) path.push_back(layers[j][(index >> j) ^ 1]);
}

}  // namespace openswirl::reference
