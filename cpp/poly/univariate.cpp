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

Ext evaluate_at_base(std::span<const Ext> coefficients, Fp x) {
  constexpr size_t kBlock = 64;
  const Fp x2 = x.square(), x4 = x2.square(), x_block = x.pow(kBlock);
  std::array<Fp, kBlock> powers{Fp::one(), x, x2, x2 * x};
  for (size_t i = 4; i < kBlock; ++i) powers[i] = powers[i - 4] * x4;
  Ext result = Ext::zero();
  for (size_t end = coefficients.size(); end > 0;) {
    const size_t count = end % kBlock == 0 ? kBlock : end % kBlock;
    end -= count;
    result = result * x_block + dot(coefficients.data() + end, powers.data(), count);
  }
  return result;
}

}  // namespace openswirl
