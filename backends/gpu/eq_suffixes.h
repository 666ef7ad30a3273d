// eq tables over the last variables of a point, on the device: a sumcheck weighs its round k by eq over the
// variables behind k (protocol part 04, 2).
#pragma once

#include "field/ext.h"
#include "gpu/engine.h"

namespace openswirl::gpu {

// Two tables, of the first and the second half of the variables, instead of one: a weight is the product of
// an element of each. Both are kept for every start, so that a round needs no pass over a table.
class EqSuffixTables {
 public:
  EqSuffixTables() = default;
  // Of a point of so many coordinates; the tables begin at element `first`.
  EqSuffixTables(size_t variables, uint64_t first);
  uint64_t end() const { return high_.front() + (uint64_t{1} << (high_.size() - 1)); }
  // Appends the tables' elements: those in front of them are there already.
  void append(std::span<const Ext> point, std::vector<Ext>& elements) const;

  // Weight of index i of eq over the variables from `start` on: element low + i mod 2^log_low times element
  // high + i / 2^log_low.
  struct Split {
    uint32_t low = 0, high = 0, log_low = 0;
  };
  Split from(size_t start) const;

 private:
  size_t half_ = 0;
  std::vector<uint32_t> low_, high_;  // element at which the table of a start begins
};

// The tables of one point, on the device.
class EqSuffixes {
 public:
  using Split = EqSuffixTables::Split;
  EqSuffixes() = default;
  EqSuffixes(Work& work, std::span<const Ext> point);

  Split from(size_t start) const { return tables_.from(start); }
  const Range& words() const { return words_.range(); }

 private:
  EqSuffixTables tables_;
  Array words_;
};

// Sum of eq(point, b) over b < count.
Ext eq_prefix_sum(std::span<const Ext> point, uint64_t count);

}  // namespace openswirl::gpu
