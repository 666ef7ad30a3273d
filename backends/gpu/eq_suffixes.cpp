#include "gpu/eq_suffixes.h"

#include "gpu/elements.h"

namespace openswirl::gpu {
namespace {

// Appends the tables over [start, size) for start = size, size - 1, .., 0; where each begins, by start.
std::vector<uint32_t> append_suffixes(std::span<const Ext> point, std::vector<Ext>& elements) {
  std::vector<uint32_t> begins(point.size() + 1);
  begins.back() = u32_of(elements.size());
  elements.push_back(Ext::one());
  for (size_t start = point.size(); start-- > 0;) {
    const size_t above = begins[start + 1], size = elements.size() - above;
    begins[start] = u32_of(elements.size());
    for (size_t i = 0; i < size; ++i) {
      const Ext one = elements[above + i] * point[start];
      elements.push_back(elements[above + i] - one);
      elements.push_back(one);
    }
  }
  return begins;
}

}  // namespace

EqSuffixTables::EqSuffixTables(std::span<const Ext> point, std::vector<Ext>& elements)
    : half_(point.size() / 2) {
  low_ = append_suffixes(point.first(half_), elements);
  high_ = append_suffixes(point.subspan(half_), elements);
}

EqSuffixTables::Split EqSuffixTables::from(size_t start) const {
  if (start >= half_) return {low_.back(), high_[start - half_], 0};
  return {low_[start], high_[0], static_cast<uint32_t>(half_ - start)};
}

EqSuffixes::EqSuffixes(Work& work, std::span<const Ext> point) {
  std::vector<Ext> elements;
  tables_ = EqSuffixTables(point, elements);
  words_ = work.upload(std::span<const Ext>(elements), "eq tables");
}

Ext eq_prefix_sum(std::span<const Ext> point, uint64_t count) {
  if (count >> point.size()) return Ext::one();
  // Indices below count agree with it above some set bit, where they have a zero; the bits below are free.
  Ext sum = Ext::zero(), prefix = Ext::one();
  for (size_t j = point.size(); j-- > 0;) {
    const Ext one = prefix * point[j];
    if ((count >> j) & 1) {
      sum += prefix - one;
      prefix = one;
    } else {
      prefix -= one;
    }
  }
  return sum;
}

}  // namespace openswirl::gpu
