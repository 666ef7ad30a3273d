// The tree shapes of derived operations. Operands are evaluated in statement order, so that every shape is
// exact.
#include "keygen/derived_ops.h"

namespace openswirl {

Tree double_of(SymbolicTrees& trees, Tree x) { return trees.add(x, x); }

Tree square(SymbolicTrees& trees, Tree x) { return trees.mul(x, x); }

Tree cube(SymbolicTrees& trees, Tree x) { return trees.mul(square(trees, x), x); }

Tree xor_of(SymbolicTrees& trees, Tree x, Tree y) {
  const Tree sum = trees.add(x, y);
  return trees.sub(sum, trees.mul(x, double_of(trees, y)));
}

Tree xor3(SymbolicTrees& trees, Tree x, Tree y, Tree z) { return xor_of(trees, xor_of(trees, x, y), z); }

Tree andn(SymbolicTrees& trees, Tree x, Tree y) {
  return trees.mul(trees.sub(trees.constant(Fp::one()), x), y);
}

Tree bool_check(SymbolicTrees& trees, Tree x) {
  return trees.mul(x, trees.sub(x, trees.constant(Fp::one())));
}

Tree ternary_check(SymbolicTrees& trees, Tree x) {
  const Tree low = bool_check(trees, x);
  return trees.mul(low, trees.sub(x, trees.constant(Fp::two())));
}

Tree halve(SymbolicTrees& trees, Tree x) { return div_2exp(trees, x, 1); }

Tree div_2exp(SymbolicTrees& trees, Tree x, uint64_t exponent) {
  return trees.mul(x, trees.constant(Fp::one().halve().pow(exponent)));
}

Tree mul_2exp(SymbolicTrees& trees, Tree x, uint64_t exponent) {
  return trees.mul(x, exp_u64(trees, trees.constant(Fp::two()), exponent));
}

Tree exp_u64(SymbolicTrees& trees, Tree x, uint64_t exponent) {
  Tree product = trees.constant(Fp::one());
  for (Tree current = x; exponent != 0; exponent >>= 1) {
    if (exponent & 1) product = trees.mul(product, current);
    if (exponent > 1) current = square(trees, current);
  }
  return product;
}

Tree exp_const(SymbolicTrees& trees, Tree x, uint64_t exponent) {
  switch (exponent) {
    case 0:
      return trees.constant(Fp::one());
    case 1:
      return x;
    case 2:
      return square(trees, x);
    case 3:
      return cube(trees, x);
    case 4:
      return square(trees, square(trees, x));
    case 5:
      return trees.mul(exp_const(trees, x, 4), x);
    case 6:
      return cube(trees, square(trees, x));
    case 7: {
      const Tree x2 = square(trees, x);
      const Tree x3 = trees.mul(x2, x);
      return trees.mul(x3, square(trees, x2));
    }
    default:
      return exp_u64(trees, x, exponent);
  }
}

Tree exp_power_of_2(SymbolicTrees& trees, Tree x, uint64_t log_exponent) {
  for (; log_exponent != 0; --log_exponent) x = square(trees, x);
  return x;
}

Tree sum(SymbolicTrees& trees, std::span<const Tree> terms) {
  if (terms.empty()) return trees.constant(Fp::zero());
  Tree result = terms[0];
  for (const Tree term : terms.subspan(1)) result = trees.add(result, term);
  return result;
}

Tree product(SymbolicTrees& trees, std::span<const Tree> factors) {
  if (factors.empty()) return trees.constant(Fp::one());
  Tree result = factors[0];
  for (const Tree factor : factors.subspan(1)) result = trees.mul(result, factor);
  return result;
}

Tree dot_product(SymbolicTrees& trees, std::span<const Tree> left, std::span<const Tree> right) {
  std::vector<Tree> terms;
  for (size_t i = 0; i < left.size(); ++i) terms.push_back(trees.mul(left[i], right[i]));
  return sum(trees, terms);
}

std::vector<Tree> powers(SymbolicTrees& trees, Tree x, size_t count) {
  std::vector<Tree> result;
  for (size_t i = 0; i < count; ++i) {
    result.push_back(i == 0 ? trees.constant(Fp::one()) : trees.mul(result.back(), x));
  }
  return result;
}

Tree bits_to_number(SymbolicTrees& trees, std::span<const Tree> bits) {
  Tree result = bits.back();
  for (size_t i = bits.size() - 1; i-- > 0;) result = trees.add(double_of(trees, result), bits[i]);
  return result;
}

}  // namespace openswirl
