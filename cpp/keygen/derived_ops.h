// Operations that are written as calls but stand for several tree nodes; their shapes are fixed (part
// 02, 2.2).
#pragma once

#include <span>

#include "keygen/symbolic.h"

namespace openswirl {

Tree double_of(SymbolicTrees& trees, Tree x);
Tree square(SymbolicTrees& trees, Tree x);
Tree cube(SymbolicTrees& trees, Tree x);
// For bits: x + y - x (y + y).
Tree xor_of(SymbolicTrees& trees, Tree x, Tree y);
Tree xor3(SymbolicTrees& trees, Tree x, Tree y, Tree z);
// For bits: (not x) and y.
Tree andn(SymbolicTrees& trees, Tree x, Tree y);
// x (x - 1)
Tree bool_check(SymbolicTrees& trees, Tree x);
// x (x - 1) (x - 2)
Tree ternary_check(SymbolicTrees& trees, Tree x);
Tree halve(SymbolicTrees& trees, Tree x);
Tree div_2exp(SymbolicTrees& trees, Tree x, uint64_t exponent);
Tree mul_2exp(SymbolicTrees& trees, Tree x, uint64_t exponent);
// Square and multiply from the lowest bit.
Tree exp_u64(SymbolicTrees& trees, Tree x, uint64_t exponent);
// Short chains for exponents up to 7, exp_u64 above.
Tree exp_const(SymbolicTrees& trees, Tree x, uint64_t exponent);
Tree exp_power_of_2(SymbolicTrees& trees, Tree x, uint64_t log_exponent);

// Left folds that start from the first element; an empty sum is ZERO, an empty product ONE.
Tree sum(SymbolicTrees& trees, std::span<const Tree> terms);
Tree product(SymbolicTrees& trees, std::span<const Tree> factors);
// Equal lengths.
Tree dot_product(SymbolicTrees& trees, std::span<const Tree> left, std::span<const Tree> right);
// ONE, ONE x, (ONE x) x, ...: `count` trees.
std::vector<Tree> powers(SymbolicTrees& trees, Tree x, size_t count);
// Little endian, at least one bit.
Tree bits_to_number(SymbolicTrees& trees, std::span<const Tree> bits);

}  // namespace openswirl
