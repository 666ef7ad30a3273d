// The evaluation domain of the univariate round: D and its cosets g^c D with g = 31, and interpolation from
// them (protocol part 04, 5.2 and 9.4). Which cosets are used never shows in a proof.
#pragma once

#include <span>
#include <vector>

#include "field/ext.h"
#include "stages/kernels/constraints_table.h"

namespace openswirl::stages {

// Tables of the coset g^index * D; the pointers of tables() live as long as the object.
class Coset {
 public:
  Coset(uint32_t l_skip, uint32_t index);
  CosetTables tables() const;
  // The point s omega^z.
  Fp point(size_t z) const { return points_[z]; }
  // Z^N, the same at every point of the coset.
  Fp vanishing_power() const { return power_; }

 private:
  uint32_t l_skip_;
  Fp power_;
  std::vector<Fp> points_, twiddles_, inverse_twiddles_, twist_, wrap_;
};

// Coefficients of the polynomial of degree < N * cosets.size() with these values: values[c * N + z] at point
// z of cosets[c].
std::vector<Ext> interpolate_cosets(uint32_t l_skip, std::span<const Coset> cosets,
                                    std::span<const Ext> values);

std::vector<Ext> multiply_polynomials(std::span<const Ext> a, std::span<const Ext> b);
// to += from, growing it where needed.
void add_polynomial(std::vector<Ext>& to, std::span<const Ext> from);

}  // namespace openswirl::stages
