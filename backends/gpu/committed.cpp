#include "gpu/committed.h"

#include <algorithm>

namespace openswirl::gpu {
namespace {

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
  const auto log_height = static_cast<uint32_t>(params.log_stacked_height()),
             log_codeword = static_cast<uint32_t>(params.log_stacked_height() + params.log_blowup);
  return std::max(encode_values_bytes(width, log_height, static_cast<uint32_t>(params.l_skip), log_codeword),
                  DeviceTree::scratch_bytes(uint64_t{1} << log_codeword, uint64_t{1} << params.whir.k));
}

Committed::Committed(Work& work, const SystemParams& params, std::span<const TraceSource> matrices,
                     const std::function<void(const Committed&)>& meanwhile)
    : layout_(layout_of(params, matrices)),
      log_codeword_(static_cast<uint32_t>(params.log_stacked_height() + params.log_blowup)),
      rows_per_query_(uint64_t{1} << params.whir.k) {
  const uint64_t rows = uint64_t{1} << log_codeword_;
  stacked_ = stack(work, layout_, matrices);
  const size_t stacked = work.recorder().mark();
  codeword_ = work.words(layout_.width << log_codeword_, "codeword");
  encode_values(work, stacked_.range(), layout_.width, layout_.log_stacked_height, layout_.l_skip,
                log_codeword_, codeword_.range());
  const size_t encoded = work.recorder().mark();
  tree_ = DeviceTree(work, {codeword_.range(), rows, layout_.width, 1, rows}, rows_per_query_);
  const size_t hashed = work.recorder().mark();
  work.recorder().download(tree_.layer(tree_.depth()), std::as_writable_bytes(std::span(root_)));
  if (meanwhile) {
    work.recorder().submit();
    meanwhile(*this);
  }
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
