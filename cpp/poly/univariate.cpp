#include "poly/univariate.h"

namespace openswirl {

Ext interpolate_at(std::span<const Ext> values, const Ext& x) {
  // Lagrange on 0..n-1 with prefix and suffix products of (x - i), so that x may be a point itself.
  const size_t n = values.size();
  std::vector<Ext> suffix(n + 1, Ext::one());
  for (size_t i = n; i-- > 0;) suffix[i] = suffix[i + 1] * (x - Fp::from_u64(i));
  std::vector<Fp> inverse_factorial(n, Fp::one());
  for (size_t i = 1; i < n; ++i) inverse_factorial[i] = inverse_factorial[i - 1] * Fp::from_u64(i);
  batch_inverse(std::span(inverse_factorial));
  Ext result = Ext::zero(), prefix = Ext::one();
  for (size_t i = 0; i < n; ++i) {
    const Fp weight = inverse_factorial[i] * inverse_factorial[n - 1 - i];
    const Ext term = values[i] * prefix * suffix[i + 1] * weight;
    result += (n - 1 - i) % 2 == 0 ? term : -term;
    prefix *= x - Fp::from_u64(i);
  }
  return result;
}

}  // namespace openswirl
