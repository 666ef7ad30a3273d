#include "stages/commitment.h"

#include <algorithm>
#include <bit>
#include <string>

#include "openswirl/failure.h"
#include "stages/encode.h"
#include "stages/kernels.h"
#include "stages/words.h"

namespace openswirl::stages {
namespace {

constexpr size_t kRowsPerRange = 256;
constexpr size_t kWordsPerRange = size_t{1} << 16;

// Rows are hashed across all columns: at a power-of-two distance their lines and pages would share one set of
// every cache, of translations too.
uint64_t codeword_stride(uint32_t log_codeword) {
  constexpr uint32_t kLogLarge = 16;
  constexpr uint64_t kPageAndLine = 1024 + 16;  // words
  return (uint64_t{1} << log_codeword) + (log_codeword >= kLogLarge ? kPageAndLine : 0);
}

// A column shorter than 2^l_skip: its cells lie `stride` apart, with zeros between them.
void spread(const SourceMatrix& matrix, size_t column, Fp* cells, uint64_t stride) {
  std::fill(cells, cells + matrix.rows * stride, Fp::zero());
  for (uint64_t row = 0; row < matrix.rows; ++row) {
    const uint64_t at = matrix.row_major ? row * matrix.columns + column : column * matrix.rows + row;
    cells[row * stride] = Fp::from_u32(matrix.data[at]);
  }
}

}  // namespace

StackedLayout stacked_layout_of(const SystemParams& params, std::span<const SourceMatrix> matrices) {
  const auto log_stacked = static_cast<uint32_t>(params.log_stacked_height());
  std::vector<MatrixShape> shapes;
  for (const SourceMatrix& matrix : matrices) {
    const auto log_height = static_cast<uint32_t>(std::countr_zero(matrix.rows));
    if (matrix.columns > 0 && log_height > log_stacked) {
      throw Error(FailureKind::kInput, "a matrix of 2^" + std::to_string(log_height) +
                                           " rows does not fit the stacked height 2^" +
                                           std::to_string(log_stacked) + "; use larger parameters");
    }
    if (!shapes.empty() && log_height > shapes.back().log_height) {
      throw Error(FailureKind::kInput, "matrices of one commitment must be sorted by height, tallest first");
    }
    shapes.push_back({matrix.columns, log_height});
  }
  return make_stacked_layout(static_cast<uint32_t>(params.l_skip), log_stacked, shapes);
}

void require_fits(const SystemParams& params, const HostCommitment& data) {
  const uint64_t height = uint64_t{1} << params.log_stacked_height(),
                 codeword_height = height << params.log_blowup;
  const StackedLayout expected =
      make_stacked_layout(static_cast<uint32_t>(params.l_skip),
                          static_cast<uint32_t>(params.log_stacked_height()), data.layout.matrices);
  bool fits = data.layout.l_skip == params.l_skip &&
              data.layout.log_stacked_height == params.log_stacked_height() &&
              data.layout.width == expected.width && data.stacked_width == expected.width &&
              data.layout.slices.size() == expected.slices.size() && data.stacked_height == height &&
              data.stacked.size() == height * expected.width && data.codeword_height == codeword_height &&
              data.codeword.size() == codeword_height * expected.width &&
              data.rows_per_query == uint64_t{1} << params.whir.k;
  uint64_t digests = codeword_height >> params.whir.k;
  for (const std::vector<Digest>& layer : data.digest_layers) {
    fits = fits && layer.size() == digests;
    digests /= 2;
  }
  if (!fits || data.digest_layers.empty() || data.digest_layers.back().size() != 1) {
    throw Error(
        FailureKind::kInput,
        "the commitment was made with other parameters than the key's; commit the matrix again with them");
  }
}

HostCommitted::HostCommitted(const Context& context, const SystemParams& params,
                             std::span<const SourceMatrix> matrices)
    : layout_(stacked_layout_of(params, matrices)),
      log_codeword_(static_cast<uint32_t>(params.log_stacked_height() + params.log_blowup)),
      rows_per_query_(uint64_t{1} << params.whir.k) {
  const uint32_t log_height = layout_.log_stacked_height;
  own_stacked_ = context.buffer<Fp>(layout_.width << log_height, "stacked matrix");
  stacked_ = own_stacked_.data();
  stack(context, matrices);
  codeword_stride_ = codeword_stride(log_codeword_);
  own_codeword_ = context.buffer<Fp>(layout_.width * codeword_stride_, "codeword");
  codeword_ = own_codeword_.data();
  {
    const Span span(*context.spans, "rs_code_matrix");
    encode_blocks(context, stacked_, layout_.l_skip, layout_.width, log_height, log_codeword_,
                  own_codeword_.data(), codeword_stride_);
  }
  const Span span(*context.spans, "merkle_tree");
  tree_ = DigestTree(context, codeword_, size_t{1} << log_codeword_, codeword_stride_, layout_.width,
                     rows_per_query_);
}

// Slices follow each other without gaps, so the columns of a matrix lie at one stride, and zeros follow the
// last one (part 03, 6.2).
void HostCommitted::stack(const Context& context, std::span<const SourceMatrix> matrices) {
  uint64_t used = 0;
  if (!layout_.slices.empty()) {
    const StackedSlice& last = layout_.slices.back();
    used = (uint64_t{last.stacked_column} << layout_.log_stacked_height) + last.start_row +
           layout_.lifted_length(last);
  }
  context.parallel_for(own_stacked_.size() - used, kWordsPerRange, [&](size_t begin, size_t end) {
    std::fill(own_stacked_.data() + used + begin, own_stacked_.data() + used + end, Fp::zero());
  });
  const ColumnKernels& kernels = stages::kernels().columns;
  for (size_t m = 0; m < matrices.size(); ++m) {
    const SourceMatrix& matrix = matrices[m];
    if (matrix.columns == 0) continue;
    const StackedSlice& first = layout_.slices[layout_.matrix_starts[m]];
    const uint64_t lifted = layout_.lifted_length(first), stride = layout_.stride(first);
    Fp* start = own_stacked_.data() + (uint64_t{first.stacked_column} << layout_.log_stacked_height) +
                first.start_row;
    if (stride > 1) {
      context.parallel_for(matrix.columns, kRowsPerRange, [&](size_t begin, size_t end) {
        for (size_t c = begin; c < end; ++c) spread(matrix, c, start + c * lifted, stride);
      });
    } else if (matrix.row_major) {
      context.parallel_for(matrix.rows, kRowsPerRange, [&](size_t begin, size_t end) {
        kernels.import_rows(matrix.data, matrix.columns, begin, end, words(start), lifted);
      });
    } else {
      context.parallel_for(matrix.rows * matrix.columns, kWordsPerRange, [&](size_t begin, size_t end) {
        kernels.import_words(matrix.data + begin, words(start) + begin, end - begin);
      });
    }
  }
}

HostCommitted::HostCommitted(const Context& context, const SystemParams& params,
                             std::shared_ptr<const HostCommitment> data)
    : layout_(data->layout),
      log_codeword_(static_cast<uint32_t>(params.log_stacked_height() + params.log_blowup)),
      rows_per_query_(uint64_t{1} << params.whir.k),
      shared_(std::move(data)),
      stacked_(shared_->stacked.data()),
      codeword_(shared_->codeword.data()),
      codeword_stride_(shared_->codeword_height) {
  require_fits(params, *shared_);
  tree_ = DigestTree(context, shared_->digest_layers);
}

HostCommitment HostCommitted::to_host() const {
  if (shared_) return *shared_;
  HostCommitment result;
  result.layout = layout_;
  result.stacked_height = uint64_t{1} << layout_.log_stacked_height;
  result.stacked_width = layout_.width;
  result.codeword_height = uint64_t{1} << log_codeword_;
  result.rows_per_query = rows_per_query_;
  result.stacked.assign(stacked_, stacked_ + result.stacked_height * layout_.width);
  result.codeword.reserve(result.codeword_height * layout_.width);
  for (uint64_t c = 0; c < layout_.width; ++c) {
    const Fp* column = codeword_ + c * codeword_stride_;
    result.codeword.insert(result.codeword.end(), column, column + result.codeword_height);
  }
  for (uint32_t level = 0; level <= tree_.depth(); ++level) {
    const auto layer = tree_.layer(level);
    result.digest_layers.emplace_back(layer.begin(), layer.end());
  }
  return result;
}

uint64_t HostCommitted::matrix_bytes(const SystemParams& params, uint64_t width) {
  const uint64_t height = uint64_t{1} << params.log_stacked_height();
  const auto log_codeword = static_cast<uint32_t>(params.log_stacked_height() + params.log_blowup);
  return (height + codeword_stride(log_codeword)) * width * sizeof(Fp);
}

uint64_t HostCommitted::held_bytes(const SystemParams& params, uint64_t width) {
  const uint64_t codeword = uint64_t{1} << (params.log_stacked_height() + params.log_blowup);
  return matrix_bytes(params, width) + DigestTree::bytes(codeword >> params.whir.k);
}

uint64_t HostCommitted::peak_bytes(const SystemParams& params, uint64_t width, unsigned threads) {
  const auto log_codeword = static_cast<uint32_t>(params.log_stacked_height() + params.log_blowup);
  const auto log_height = static_cast<uint32_t>(params.log_stacked_height());
  return held_bytes(params, width) +
         encode_blocks_bytes(static_cast<uint32_t>(params.l_skip), width, log_height, log_codeword, threads);
}

}  // namespace openswirl::stages
