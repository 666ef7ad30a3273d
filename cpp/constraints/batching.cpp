#include "constraints/batching.h"

#include "poly/eq.h"

namespace openswirl {
namespace {

// Fewer weights than this are found one by one.
constexpr size_t kManyBlocks = 256;

// eq(point, k) for many k: from two tables of half the coordinates each.
class EqOfBlocks {
 public:
  EqOfBlocks(std::span<const Ext> point, size_t count) : point_(point) {
    if (count < kManyBlocks) return;
    log_low_ = point.size() / 2;
    low_ = eq_table(point.first(log_low_)), high_ = eq_table(point.subspan(log_low_));
  }
  Ext at(uint64_t k) const {
    if (low_.empty()) return eq_at_index(point_, k);
    return low_[k & (low_.size() - 1)] * high_[k >> log_low_];
  }

 private:
  std::span<const Ext> point_;
  size_t log_low_ = 0;
  std::vector<Ext> low_, high_;
};

}  // namespace

std::vector<std::vector<Ext>> interaction_weights(const VerifyingKey& vk, const ProofShape& shape,
                                                  std::span<const Ext> xi) {
  const auto count = [&](const TraceShape& trace) {
    return vk.airs[trace.air_id].constraints.interactions.size();
  };
  std::vector<std::vector<Ext>> weights;
  uint64_t start = 0;
  for (size_t first = 0, end = 0; first < shape.traces.size(); first = end) {
    // Traces of one height. Heights are non-increasing, so every block starts at a multiple of its own lifted
    // height.
    const uint32_t lifted_n = shape.traces[first].lifted_n;
    size_t of_height = 0;
    for (; end < shape.traces.size() && shape.traces[end].lifted_n == lifted_n; ++end) {
      of_height += count(shape.traces[end]);
    }
    if (of_height == 0) {
      weights.resize(end);
      continue;
    }
    const uint64_t log_height = shape.params.l_skip + lifted_n;
    const EqOfBlocks eq(xi.subspan(log_height, shape.n_logup - lifted_n), of_height);
    for (size_t t = first; t < end; ++t) {
      std::vector<Ext>& of_trace = weights.emplace_back();
      of_trace.reserve(count(shape.traces[t]));
      for (size_t s = 0; s < count(shape.traces[t]); ++s) {
        of_trace.push_back(eq.at(start >> log_height));
        start += uint64_t{1} << log_height;
      }
    }
  }
  return weights;
}

}  // namespace openswirl
