// The vector kernels of the stages, one table of function pointers per instruction set, chosen at run time.
//
// A kernel family is two headers:
//   stages/kernels/<family>_table.h  a struct of function pointers, seen by everybody who calls the kernels;
//   stages/kernels/<family>.h        their text, written once over `Vec` of field/<isa>/vector.h (and over
//                                    scalar::Vec for what is left when a count is no multiple of the lanes),
//                                    with `constexpr <Family>Kernels make_<family>_kernels()` at its end.
// To add one: write the two headers, add the struct as a member of Kernels below and the make_ call to
// stages/kernels/all.h, in the same order. stages/isa/<isa>.cpp compiles all.h once per instruction set.
//
// Rules inside a family's text, because code compiled with -mavx512f must never be linked into a caller that
// runs on an older machine: everything lives in `namespace openswirl::OPENSWIRL_ISA { namespace { ... } }`;
// no std:: containers or algorithms, no functions of other headers except the always-inlined operators of Fp
// and Vec (not Ext's multiplication, pow or inverse); tables are constexpr C arrays.
// tests/cpp/stages/isa_test.cmake checks that the objects of stages/isa define no other symbol. Kernels take
// raw pointers to Montgomery words, allocate nothing, throw nothing, and leave threads and cancellation to
// their caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "stages/kernels/arithmetic_table.h"
#include "stages/kernels/columns_table.h"
#include "stages/kernels/constraints_table.h"
#include "stages/kernels/fractions_table.h"
#include "stages/kernels/hashing_table.h"
#include "stages/kernels/stacking_table.h"
#include "stages/kernels/transform_table.h"

namespace openswirl::stages {

struct Kernels {
  const char* name;  // "scalar", "avx2", "avx512", "avx512ifma", "neon"
  size_t lanes;
  HashingKernels hashing;
  TransformKernels transform;
  ColumnKernels columns;
  ConstraintKernels constraints;
  FractionKernels fractions;
  StackingKernels stacking;
  ArithmeticKernels arithmetic;
};

// All instruction sets compiled in that this machine has, the best first; scalar is always the last one.
std::span<const Kernels* const> available_kernels();

// The best available ones, or those that the environment variable OPENSWIRL_CPU names when it is first asked.
// Throws Error{kInput} if it names an unknown instruction set or one that this machine lacks.
const Kernels& kernels();

// The available ones of this name; throws as above.
const Kernels& kernels_named(const char* name);

}  // namespace openswirl::stages
