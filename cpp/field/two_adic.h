// Two-adic subgroups: fixed generators, power tables, batch inversion (protocol part 01, 1.5).
#pragma once

#include <span>
#include <vector>

#include "field/ext.h"

namespace openswirl {

namespace detail {
constexpr std::array<Fp, Fp::kTwoAdicity + 1> make_two_adic_generators() {
  std::array<Fp, Fp::kTwoAdicity + 1> g{};
  g[Fp::kTwoAdicity] = Fp::from_u32(440564289);  // 31^15
  for (unsigned k = Fp::kTwoAdicity; k > 0; --k) g[k - 1] = g[k].square();
  return g;
}
inline constexpr auto kTwoAdicGenerators = make_two_adic_generators();
}  // namespace detail

// The fixed generator of the subgroup of order 2^k; k <= 27.
constexpr Fp two_adic_generator(unsigned k) { return detail::kTwoAdicGenerators[k]; }

// base^0, base^1, ..., base^(count-1).
template <class T>
std::vector<T> powers(const T& base, size_t count) {
  std::vector<T> result(count);
  T current = T::one();
  for (auto& slot : result) {
    slot = current;
    current *= base;
  }
  return result;
}

// Replaces every element by its inverse with one inversion; zeros stay zero.
template <class T>
void batch_inverse(std::span<T> values) {
  std::vector<T> prefix(values.size());
  T product = T::one();
  for (size_t i = 0; i < values.size(); ++i) {
    prefix[i] = product;
    if (!values[i].is_zero()) product *= values[i];
  }
  T inverse = product.inverse();
  for (size_t i = values.size(); i-- > 0;) {
    if (values[i].is_zero()) continue;
    const T value = values[i];
    values[i] = inverse * prefix[i];
    inverse *= value;
  }
}

}  // namespace openswirl
