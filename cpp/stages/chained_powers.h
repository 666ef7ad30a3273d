// Powers of a challenge, of which a proof needs thousands.
#pragma once

#include <algorithm>

#include "field/two_adic.h"

namespace openswirl::stages {

// first, first base, first base^2, .. in chains that do not wait for each other.
inline std::vector<Ext> chained_powers(const Ext& base, size_t count, const Ext& first = Ext::one()) {
  constexpr size_t kChains = 8;
  std::vector<Ext> result;
  result.reserve(count);
  Ext power = first;
  for (size_t i = 0; i < std::min(count, kChains); ++i, power *= base) result.push_back(power);
  const Ext step = base.pow(kChains);
  for (size_t i = kChains; i < count; ++i) result.push_back(result[i - kChains] * step);
  return result;
}

}  // namespace openswirl::stages
