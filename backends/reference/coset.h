// Small polynomials by their values on a shifted subgroup: where round 0 of the sumchecks is evaluated.
// The shift never reaches a message: values on enough points give the same coefficients on any coset.
#pragma once

#include <vector>

#include "poly/univariate.h"

namespace openswirl::reference {

class Coset {
 public:
  explicit Coset(uint32_t log_size)
      : log_size_(log_size), shifts_(powers(Fp::from_u32(Fp::kGenerator), size())) {}
  size_t size() const { return size_t{1} << log_size_; }

  std::vector<Fp> points() const {
    std::vector<Fp> points = powers(two_adic_generator(log_size_), size());
    for (Fp& point : points) point *= Fp::from_u32(Fp::kGenerator);
    return points;
  }

  // Values on the coset of the polynomial of degree < cells.size() that has these values on the subgroup D.
  std::vector<Fp> extend(std::vector<Fp> cells, uint32_t l_skip) const {
    inverse_dft(std::span(cells), l_skip);
    cells.resize(size(), Fp::zero());
    for (size_t k = 0; k < size(); ++k) cells[k] *= shifts_[k];
    dft(std::span(cells), log_size_);
    return cells;
  }

  // The first `count` coefficients of the polynomial of degree < count with these values on the coset.
  std::vector<Ext> coefficients(std::vector<Ext> values, size_t count) const {
    inverse_dft(std::span(values), log_size_);
    Fp scale = Fp::one();
    for (Ext& value : values) {
      value *= scale;
      scale *= Fp::from_u32(Fp::kGenerator).inverse();
    }
    values.resize(count);
    return values;
  }

 private:
  uint32_t log_size_;
  std::vector<Fp> shifts_;
};

}  // namespace openswirl::reference
