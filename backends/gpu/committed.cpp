#include "gpu/committed.h"

#include <algorithm>

namespace openswirl::gpu {
namespace {

// Columns whose messages are on the device at a time: at most this many words of them.
constexpr uint64_t kMessageWords = uint64_t{1} << 24;

void encode_stacked(Work& work, const StackedLayout& layout, uint32_t log_codeword, const Array& stacked,
                    const Array& codeword) {
  const uint32_t log_height = layout.log_stacked_height;
  const uint64_t height = uint64_t{1} << log_height, size = uint64_t{1} << log_codeword;
  const uint64_t group = std::max<uint64_t>(kMessageWords >> log_height, 1);
  for (uint64_t first = 0; first < layout.width; first += group) {
    const uint64_t count = std::min(layout.width - first, group);
    const Array messages = work.words(count * height, "messages");
    block_messages(work, stacked.words(first * height, count * height), height, messages.range(), height,
                   count, log_height, layout.l_skip);
    encode_columns(work, messages.range(), height, count, log_height, log_codeword,
                   codeword.words(first * size, count * size));
  }
}

StackedLayout layout_of(const SystemParams& params, std::span<const TraceSource> traces) {
  const std::vector<stages::SourceMatrix> matrices(traces.begin(), traces.end());
  return stages::stacked_layout_of(params, matrices);
}

std::vector<Fp> download(Work& work, const Range& range) {
  std::vector<Fp> values(range.bytes / sizeof(Fp));
  work.recorder().download(range, std::as_writable_bytes(std::span(values)));
  return values;
}

}  // namespace

uint64_t Committed::scratch_bytes(const SystemParams& params, uint64_t width) {
  const uint64_t height = uint64_t{1} << params.log_stacked_height(), rows = height << params.log_blowup;
  const uint64_t messages = 4 * std::min(width * height, std::max(kMessageWords, height));
  return std::max(
      messages + encode_bytes(width, static_cast<uint32_t>(params.log_stacked_height()),
                              static_cast<uint32_t>(params.log_stacked_height() + params.log_blowup)),
      DeviceTree::scratch_bytes(rows, uint64_t{1} << params.whir.k));
}

Committed::Committed(Work& work, const SystemParams& params, std::span<const TraceSource> matrices)
    : layout_(layout_of(params, matrices)),
      log_codeword_(static_cast<uint32_t>(params.log_stacked_height() + params.log_blowup)),
      rows_per_query_(uint64_t{1} << params.whir.k) {
  const uint64_t rows = uint64_t{1} << log_codeword_;
  stacked_ = stack(work, layout_, matrices);
  const size_t stacked = work.recorder().mark();
  codeword_ = work.words(layout_.width << log_codeword_, "codeword");
  encode_stacked(work, layout_, log_codeword_, stacked_, codeword_);
  const size_t encoded = work.recorder().mark();
  tree_ = DeviceTree(work, {codeword_.range(), rows, layout_.width, 1, rows}, rows_per_query_);
  const size_t hashed = work.recorder().mark();
  work.recorder().download(tree_.layer(tree_.depth()), std::as_writable_bytes(std::span(root_)));
  const std::vector<double> marks = work.wait();
  SpanRecorder& spans = *work.context().spans;
  spans.add("rs_code_matrix", marks[stacked], marks[encoded], true);
  spans.add("merkle_tree", marks[encoded], marks[hashed], true);
}

Committed::Committed(Work& work, const SystemParams& params, std::shared_ptr<const HostCommitment> data)
    : layout_(data->layout),
      log_codeword_(static_cast<uint32_t>(params.log_stacked_height() + params.log_blowup)),
      rows_per_query_(uint64_t{1} << params.whir.k) {
  stages::require_fits(params, *data);
  root_ = data->root();
  stacked_ = work.words(data->stacked.size(), "stacked matrix");
  codeword_ = work.words(data->codeword.size(), "codeword");
  work.recorder().upload_borrowed(std::as_bytes(std::span(data->stacked)), stacked_.range());
  work.recorder().upload_borrowed(std::as_bytes(std::span(data->codeword)), codeword_.range());
  tree_ = DeviceTree(work, data->digest_layers);
  work.wait();
}

HostCommitment Committed::record_download(Work& work) const {
  HostCommitment result;
  result.layout = layout_;
  result.stacked_height = uint64_t{1} << layout_.log_stacked_height;
  result.stacked_width = layout_.width;
  result.codeword_height = uint64_t{1} << log_codeword_;
  result.rows_per_query = rows_per_query_;
  result.stacked = download(work, stacked_.range());
  result.codeword = download(work, codeword_.range());
  result.digest_layers = tree_.download(work);
  return result;
}

HostCommitment Committed::to_host(Work& work) const {
  HostCommitment result = record_download(work);
  work.wait();
  return result;
}

}  // namespace openswirl::gpu
