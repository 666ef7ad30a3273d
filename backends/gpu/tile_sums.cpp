#include "gpu/tile_sums.h"

#include <algorithm>

#include "gpu/elements.h"

namespace openswirl::gpu {
namespace {

// So few partial sums are the host's: it adds them sooner than a kernel starts.
constexpr uint32_t kHostPartials = 2048;

}  // namespace

size_t TileSums::add(uint64_t parts, uint32_t positions, uint32_t log_size, uint32_t log_block) {
  results_.push_back({num_sums_, num_partials_, parts, positions, log_size, log_block});
  if (parts > 0) num_sums_ += uint64_t{positions} << log_block;
  num_partials_ += (parts * positions) << log_size;
  return results_.size() - 1;
}

uint64_t TileSums::first_partial(size_t result, uint32_t part) const {
  const Result& r = results_[result];
  return r.first_partial + ((uint64_t{part} * r.positions) << r.log_size);
}

const Range& TileSums::allocate(Work& work) {
  reduced_ = num_partials_ > work.host_entries(kHostPartials);
  partials_ = work.words(4 * std::max<uint64_t>(num_partials_, 1), "constraint sums of tiles");
  return partials_.range();
}

std::vector<ConstraintsResult> TileSums::descriptors() const {
  std::vector<ConstraintsResult> table;
  if (!reduced_) return table;
  for (const Result& r : results_) {
    if (r.parts == 0) continue;
    table.push_back({u32_of(r.first_sum),
                     u32_of(r.first_partial),
                     u32_of(r.parts),
                     r.positions,
                     r.log_size,
                     r.log_block,
                     {}});
  }
  return table;
}

void TileSums::record(Work& work) {
  const std::vector<ConstraintsResult> table = descriptors();
  const Array words = work.upload(std::span<const ConstraintsResult>(table), "constraint results");
  record(work, words.range());
}

void TileSums::record(Work& work, const Range& descriptors) {
  if (num_partials_ == 0) return;
  if (reduced_) {
    sums_ = work.words(8 * num_sums_, "constraint sums");
    const ConstraintSumsReduceArgs args{u32_of(descriptors.bytes / sizeof(ConstraintsResult))};
    work.recorder().groups(
        calls::ConstraintSumsReduce{descriptors, partials_.range(), sums_.range(), args}.call(), num_sums_);
  }
  read_.resize(reduced_ ? 2 * num_sums_ : num_partials_);
  work.recorder().download(reduced_ ? sums_.range() : partials_.range(),
                           std::as_writable_bytes(std::span(read_)));
}

std::vector<Ext> TileSums::sums(size_t result) const {
  const Result& r = results_[result];
  const size_t block = size_t{1} << r.log_block, size = size_t{1} << r.log_size;
  std::vector<Ext> sums(r.positions * block, Ext::zero());
  if (r.parts == 0) return sums;
  for (size_t i = 0; i < sums.size(); ++i) {
    if (reduced_) {
      sums[i] = read_[2 * (r.first_sum + i)];
      continue;
    }
    for (size_t part = 0; part < r.parts; ++part) {
      const size_t first = r.first_partial + (part * r.positions + i / block) * size;
      for (size_t j = i % block; j < size; j += block) sums[i] += read_[first + j];
    }
  }
  return sums;
}

}  // namespace openswirl::gpu
