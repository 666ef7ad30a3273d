// Univariate helpers: Horner, interpolation on 0..n, small natural-order DFTs, block transforms (part 03, 3.8
// and 7). T is Fp or Ext; transforms over Ext act coefficient by coefficient with roots in F.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "field/two_adic.h"

namespace openswirl {

// sum_i coefficients[i] x^i.
template <class T, class X>
X horner(std::span<const T> coefficients, const X& x) {
  X result = X::zero();
  for (size_t i = coefficients.size(); i-- > 0;) result = result * x + coefficients[i];
  return result;
}

// The same at a point of the base field, where four chains of powers do not wait for each other.
Ext evaluate_at_base(std::span<const Ext> coefficients, Fp x);

// Sum of a polynomial over the subgroup of order 2^log_size: 2^log_size times the coefficients at its
// multiples.
inline Ext sum_over_domain(std::span<const Ext> coefficients, uint32_t log_size) {
  Ext sum = Ext::zero();
  for (size_t i = 0; i < coefficients.size(); i += size_t{1} << log_size) sum += coefficients[i];
  return sum * Fp::from_u64(uint64_t{1} << log_size);
}

// Value at x of the polynomial of degree < values.size() through (0, values[0]), (1, values[1]), ...
// Exact also where x is one of the points. At most 256 points.
Ext interpolate_at(std::span<const Ext> values, const Ext& x);

// Bit-reversal permutation of a power-of-two length.
template <class T>
void bit_reverse(std::span<T> values) {
  const size_t n = values.size();
  for (size_t i = 1, j = 0; i < n; ++i) {
    size_t bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) std::swap(values[i], values[j]);
  }
}

// In-place DFT of a power-of-two length, natural order in and out: values at root^0, root^1, ... of the
// polynomial with these coefficients, root of order exactly values.size(). Calls before_layer() log2(size)
// times.
template <class T, class BeforeLayer>
void dft_with_root(std::span<T> values, Fp root, BeforeLayer before_layer) {
  bit_reverse(values);
  const size_t n = values.size();
  for (size_t half = 1; half < n; half *= 2) {
    before_layer();
    const Fp step = root.pow(n / (2 * half));
    Fp twiddle = Fp::one();
    for (size_t j = 0; j < half; ++j, twiddle *= step) {
      for (size_t start = j; start < n; start += 2 * half) {
        const T a = values[start], b = values[start + half] * twiddle;
        values[start] = a + b;
        values[start + half] = a - b;
      }
    }
  }
}
template <class T>
void dft_with_root(std::span<T> values, Fp root) {
  dft_with_root(values, root, [] {});
}
template <class T>
void dft(std::span<T> values, uint32_t log_size) {
  dft_with_root(values, two_adic_generator(log_size));
}
template <class T>
void inverse_dft(std::span<T> values, uint32_t log_size) {
  dft_with_root(values, two_adic_generator(log_size).inverse());
  const Fp scale = Fp::one().div_2exp(log_size);
  for (T& value : values) value *= scale;
}

// Subset-sum transform over all index bits: out[j] = sum over submasks k of j of in[k].
template <class T>
void zeta_transform(std::span<T> values) {
  for (size_t bit = 1; bit < values.size(); bit *= 2) {
    for (size_t j = 0; j < values.size(); ++j) {
      if (j & bit) values[j] += values[j ^ bit];
    }
  }
}

// The message of one stacked column, in place: per block of 2^l_skip cells an inverse DFT, then zeta (part
// 03, 7.1).
template <class T>
void evaluations_to_message(std::span<T> column, uint32_t l_skip) {
  const size_t block = size_t{1} << l_skip;
  for (size_t start = 0; start < column.size(); start += block) {
    inverse_dft(column.subspan(start, block), l_skip);
    zeta_transform(column.subspan(start, block));
  }
}

// Binds the lowest variable of a table: v[y] = v[2y] + (v[2y+1] - v[2y]) x. Halves the vector.
template <class T>
void fold_lowest(std::vector<T>& table, const T& x) {
  for (size_t y = 0; y < table.size() / 2; ++y)
    table[y] = table[2 * y] + (table[2 * y + 1] - table[2 * y]) * x;
  table.resize(table.size() / 2);
}

// (u_0, u_0^2, u_0^4, ..., u_1, u_2, ...): the cube point of a prism point (part 06, 3.4).
inline std::vector<Ext> prism_to_cube(std::span<const Ext> u, uint32_t l_skip) {
  std::vector<Ext> cube;
  Ext power = u[0];
  for (uint32_t j = 0; j < l_skip; ++j, power = power.square()) cube.push_back(power);
  cube.insert(cube.end(), u.begin() + 1, u.end());
  return cube;
}

}  // namespace openswirl
