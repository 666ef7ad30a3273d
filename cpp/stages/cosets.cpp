#include "stages/cosets.h"

#include "poly/eq.h"
#include "poly/univariate.h"

namespace openswirl::stages {

Coset::Coset(uint32_t l_skip, uint32_t index) : l_skip_(l_skip) {
  const size_t size = size_t{1} << l_skip;
  const Fp omega = two_adic_generator(l_skip), shift = Fp::from_u32(Fp::kGenerator).pow(index);
  power_ = shift.pow(size);
  points_ = powers(omega, size);
  for (Fp& point : points_) point *= shift;
  twiddles_ = powers(omega, size / 2);
  inverse_twiddles_ = powers(omega.inverse(), size / 2);
  if (index > 0) {
    twist_ = powers(shift, size);
    for (Fp& factor : twist_) factor = factor.div_2exp(l_skip);
    bit_reverse(std::span(twist_));
  }
  for (const Fp point : points_) wrap_.push_back(eq_domain(l_skip, point, omega.inverse()));
}

CosetTables Coset::tables() const {
  const auto words = [](const std::vector<Fp>& table) {
    return reinterpret_cast<const uint32_t*>(table.data());
  };
  return {l_skip_, words(twiddles_), words(inverse_twiddles_), twist_.empty() ? nullptr : words(twist_),
          words(wrap_)};
}

std::vector<Ext> interpolate_cosets(uint32_t l_skip, std::span<const Coset> cosets,
                                    std::span<const Ext> values) {
  const size_t size = size_t{1} << l_skip, count = cosets.size();
  // On one coset f is a polynomial of degree < N whose coefficient r is s^r sum_q a_{r + qN} t^q with t =
  // s^N.
  std::vector<Ext> folded(values.begin(), values.end());
  for (size_t c = 0; c < count; ++c) {
    const std::span<Ext> block = std::span(folded).subspan(c * size, size);
    inverse_dft(block, l_skip);
    const Fp inverse_shift = cosets[c].point(0).inverse();
    Fp power = Fp::one();
    for (Ext& coefficient : block) coefficient *= power, power *= inverse_shift;
  }
  // Newton interpolation in t, for every r at once.
  std::vector<Ext> coefficients(count * size, Ext::zero());
  for (size_t level = 1; level < count; ++level) {
    for (size_t c = count; c-- > level;) {
      const Fp scale = (cosets[c].vanishing_power() - cosets[c - level].vanishing_power()).inverse();
      for (size_t r = 0; r < size; ++r) {
        folded[c * size + r] = (folded[c * size + r] - folded[(c - 1) * size + r]) * scale;
      }
    }
  }
  for (size_t c = count; c-- > 0;) {
    // coefficients = coefficients * (t - t_c) + difference c.
    for (size_t r = 0; r < size; ++r) {
      for (size_t q = count; q-- > 0;) {
        const Ext below = q > 0 ? coefficients[(q - 1) * size + r] : folded[c * size + r];
        coefficients[q * size + r] = below - coefficients[q * size + r] * cosets[c].vanishing_power();
      }
    }
  }
  return coefficients;
}

std::vector<Ext> multiply_polynomials(std::span<const Ext> a, std::span<const Ext> b) {
  if (a.empty() || b.empty()) return {};
  std::vector<Ext> product(a.size() + b.size() - 1, Ext::zero());
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; j < b.size(); ++j) product[i + j] += a[i] * b[j];
  }
  return product;
}

void add_polynomial(std::vector<Ext>& to, std::span<const Ext> from) {
  if (to.size() < from.size()) to.resize(from.size(), Ext::zero());
  for (size_t i = 0; i < from.size(); ++i) to[i] += from[i];
}

}  // namespace openswirl::stages
