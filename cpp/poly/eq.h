// Equality, selector and rotation kernels on the hypercube, on the subgroup D and on the prism (part 03, 3).
// T is Fp or Ext. Point index 0 belongs to index bit 0 everywhere.
#pragma once

#include <span>
#include <vector>

#include "field/two_adic.h"

namespace openswirl {

// 1 - x - y + 2xy; y may be of the base field below T.
template <class T, class Y>
constexpr T eq1(const T& x, const Y& y) {
  const T xy = x * y;
  return T::one() - x - y + xy + xy;
}

template <class T>
T eq_eval(std::span<const T> x, std::span<const T> y) {
  T product = T::one();
  for (size_t i = 0; i < x.size(); ++i) product *= eq1(x[i], y[i]);
  return product;
}

// eq(x, bits(index)).
template <class T>
T eq_at_index(std::span<const T> x, uint64_t index) {
  T product = T::one();
  for (size_t i = 0; i < x.size(); ++i) product *= (index >> i) & 1 ? x[i] : T::one() - x[i];
  return product;
}

// Table of prod_j (bit j of b ? one_factor(j) : zero_factor(j)) over b in [0, 2^n): eq tables and their kin.
template <class T, class ZeroFactor, class OneFactor>
std::vector<T> product_table(size_t n, ZeroFactor zero_factor, OneFactor one_factor) {
  std::vector<T> table(size_t{1} << n);
  table[0] = T::one();
  for (size_t j = 0; j < n; ++j) {
    const T zero = zero_factor(j), one = one_factor(j);
    for (size_t b = size_t{1} << j; b-- > 0;) {
      table[b + (size_t{1} << j)] = table[b] * one;
      table[b] *= zero;
    }
  }
  return table;
}

// eq(x, b) for all b (part 03, 3.1).
template <class T>
std::vector<T> eq_table(std::span<const T> x) {
  return product_table<T>(
      x.size(), [&](size_t j) { return T::one() - x[j]; }, [&](size_t j) { return x[j]; });
}

// prod_j ((1 - 2u_j)(1 - x_j) + u_j x_j) (part 03, 3.7).
template <class T>
T mobius_eq(std::span<const T> u, std::span<const T> x) {
  T product = T::one();
  for (size_t j = 0; j < u.size(); ++j) product *= (T::one() - u[j] - u[j]) * (T::one() - x[j]) + u[j] * x[j];
  return product;
}

// eq_D(X, Y) on the subgroup of order 2^log_size (part 03, 3.2).
template <class T>
T eq_domain(uint32_t log_size, T x, T y) {
  T result = T::one();
  Fp scale = Fp::one();
  for (uint32_t j = 0; j < log_size; ++j) {
    result = (x + y) * result + (x - T::one()) * (y - T::one());
    x = x.square(), y = y.square();
    scale = scale.halve();
  }
  return result * scale;
}

// eq_D(X, 1) = 2^-l prod_j (X^(2^j) + 1).
template <class T>
T eq_domain_at_one(uint32_t log_size, T x) {
  T result = T::one();
  for (uint32_t j = 0; j < log_size; ++j) {
    result = (result * (x + T::one())).halve();
    x = x.square();
  }
  return result;
}

// Coefficients in Z of eq_D(x, Z): 1/N, then x^(N-j)/N for Z^j.
template <class T>
std::vector<T> eq_domain_coefficients(uint32_t log_size, const T& x) {
  const size_t size = size_t{1} << log_size;
  std::vector<T> coefficients(size);
  T power = T::one() * Fp::one().div_2exp(log_size);
  coefficients[0] = power;
  for (size_t j = size; j-- > 1;) {
    power *= x;
    coefficients[j] = power;
  }
  return coefficients;
}

// in_n(Z): 1 on the strided cells of a trace with n = log_height - l_skip < 0, 0 on the rest of D (part
// 03, 3.4).
template <class T>
T strided_indicator(uint32_t l_skip, int32_t n, const T& z) {
  T result = T::one();
  if (n >= 0) return result;
  T power = z;
  for (uint32_t j = 0; j < l_skip; ++j) {
    if (j >= l_skip - static_cast<uint32_t>(-n)) result = (result * (power + T::one())).halve();
    power = power.square();
  }
  return result;
}

// The prefix of an evaluation point that a trace uses, in its own domain (part 05, 3): for n < 0 the single
// coordinate r_0^(2^-n) on the subgroup of order 2^(l_skip + n).
struct TracePoint {
  uint32_t log_domain;        // l_skip, or l_skip + n for short traces
  Ext z;                      // r_0 or r_0^(2^-n)
  std::span<const Ext> cube;  // r_1 .. r_n
};
inline TracePoint trace_point(uint32_t l_skip, int32_t n, std::span<const Ext> r) {
  if (n >= 0) return {l_skip, r[0], r.subspan(1, static_cast<size_t>(n))};
  const auto short_by = static_cast<uint32_t>(-n);
  return {l_skip - short_by, r[0].pow_2exp(short_by), {}};
}

// Values of the selectors at a trace's point (part 02, 1.4).
struct Selectors {
  Ext first, last, transition;
};
inline Selectors selectors_at(const TracePoint& point) {
  Selectors s{eq_domain_at_one(point.log_domain, point.z),
              eq_domain_at_one(point.log_domain, point.z * two_adic_generator(point.log_domain)),
              Ext::zero()};
  for (const Ext& x : point.cube) {
    s.first *= Ext::one() - x;
    s.last *= x;
  }
  s.transition = Ext::one() - s.last;
  return s;
}

// eq and cyclic "+1" kernels of the prism at (x_0; x) and (y_0; y), both with cube parts of one length
// (part 03, 3.5 and 3.6): rotation is 1 on D_n x D_n iff x is the successor of y.
struct PrismKernels {
  Ext eq, rotation;
};
inline PrismKernels prism_kernels(uint32_t log_domain, const Ext& x0, std::span<const Ext> x, const Ext& y0,
                                  std::span<const Ext> y) {
  Ext equal = Ext::one(), next = Ext::one();
  for (size_t i = x.size(); i-- > 0;) {
    const Ext nx = Ext::one() - x[i], ny = Ext::one() - y[i];
    next = x[i] * ny * equal + nx * y[i] * next;
    equal *= x[i] * y[i] + nx * ny;
  }
  const Ext shifted = y0 * two_adic_generator(log_domain);
  return {eq_domain(log_domain, x0, y0) * equal,
          eq_domain(log_domain, x0, shifted) * equal +
              eq_domain_at_one(log_domain, x0) * eq_domain_at_one(log_domain, shifted) * (next - equal)};
}

}  // namespace openswirl
