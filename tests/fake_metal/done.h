// Which dispatches are over at some point of the GPU's work, as ranges of their numbers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "sim/shadow.h"

namespace fake_metal {

class Done final : public openswirl::sim::Earlier {
 public:
  // begin .. end - 1 are over too.
  void add(uint32_t begin, uint32_t end) {
    if (begin == end) return;
    spans_.push_back({begin, end});
    std::sort(spans_.begin(), spans_.end());
    std::vector<std::pair<uint32_t, uint32_t>> joined;
    for (const auto& span : spans_) {
      if (!joined.empty() && span.first <= joined.back().second) {
        joined.back().second = std::max(joined.back().second, span.second);
      } else {
        joined.push_back(span);
      }
    }
    spans_ = std::move(joined);
  }
  void add(const Done& other) {
    for (const auto& [begin, end] : other.spans_) add(begin, end);
  }
  bool over(uint32_t dispatch) const override {
    for (const auto& [begin, end] : spans_) {
      if (begin <= dispatch && dispatch < end) return true;
    }
    return false;
  }

 private:
  std::vector<std::pair<uint32_t, uint32_t>> spans_;
};

}  // namespace fake_metal
