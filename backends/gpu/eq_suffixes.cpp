#include "gpu/eq_suffixes.h"

#include "gpu/elements.h"

namespace openswirl::gpu {
namespace {

// Tables over [start, variables) for start = variables, variables - 1, .., 0, one behind the other: where
// each begins, by start.
std::vector<uint32_t> suffix_places(size_t variables, uint64_t first) {
  std::vector<uint32_t> places(variables + 1);
  for (size_t start = 0; start <= variables; ++start) {
    places[start] = u32_of(first + (uint64_t{1} << (variables - start)) - 1);
  }
  return places;
}

void append_suffixes(std::span<const Ext> point, std::vector<Ext>& elements) {
  size_t above = elements.size();
  elements.push_back(Ext::one());
  for (size_t start = point.size(); start-- > 0;) {
    const size_t begin = elements.size();
    for (size_t i = above; i < begin; ++i) {
      const Ext one = elements[i] * point[start];
      elements.push_back(elements[i] - one);
      elements.push_back(one);
    }
    above = begin;
  }
}

}  // namespace

EqSuffixTables::EqSuffixTables(size_t variables, uint64_t first)
    : half_(variables / 2),
      low_(suffix_places(half_, first)),
      high_(suffix_places(variables - half_, first + (uint64_t{2} << half_) - 1)) {}

void EqSuffixTables::append(std::span<const Ext> point, std::vector<Ext>& elements) const {
  append_suffixes(point.first(half_), elements);
  append_suffixes(point.subspan(half_), elements);
}

EqSuffixTables::Split EqSuffixTables::from(size_t start) const {
  if (start >= half_) return {low_.back(), high_[start - half_], 0};
  return {low_[start], high_[0], static_cast<uint32_t>(half_ - start)};
}

EqSuffixes::EqSuffixes(Work& work, std::span<const Ext> point) : tables_(point.size(), 0) {
  std::vector<Ext> elements;
  tables_.append(point, elements);
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
