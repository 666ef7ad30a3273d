// Constraint kernels: straight-line programs over rows of vectors, and the loads and folds that feed them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace openswirl::stages {

// Operands and targets are rows of the working set, unless said otherwise.
struct Instruction {
  enum Op : uint32_t {
    kAdd,
    kSub,
    kMul,
    kNeg,
    kMulBase,      // the second operand lies in the base field
    kAccumulate0,  // sum 0 += weights[target] * a + weights[target + 1] * b
    kAccumulate1,  // the same for sum 1
    kEmit,         // fraction `target`: count row a, denominator sum 0, which starts again from zero
    // Column `target` of the program comes to row a; the same one row on; both, the latter to row b.
    kLoad,
    kLoadRotated,
    kLoadBoth,
  };
  uint32_t op, target, a, b;
};

// One run over groups * lanes points, each at `period` evaluation positions (elements of a coset, or values
// of X). Vector g * period + t of a row holds position t of the points of group g; over the extension it is
// four consecutive vectors, coefficient by coefficient.
struct ProgramRun {
  const Instruction* instructions = nullptr;
  size_t num_instructions = 0;
  const uint32_t* weights = nullptr;  // extension elements
  uint32_t* rows = nullptr;           // 64-byte aligned
  size_t groups = 0, period = 0;
  size_t num_sums = 0;
  void* scratch = nullptr;                  // 32 * num_sums * groups * period * lanes bytes, 64-byte aligned
  const uint32_t* point_weights = nullptr;  // groups * lanes extension elements
  uint32_t* totals = nullptr;  // num_sums * period extension elements: += sum over points of weight * sum

  // Programs that load columns: fills the rows of one, of which either may be null.
  void (*load)(void* loader, uint32_t column, uint32_t* plain, uint32_t* rotated) = nullptr;
  void* loader = nullptr;

  // Programs with kEmit: points are consecutive rows of a trace, period = 1.
  const uint32_t* emit_constants = nullptr;  // per fraction, added to the denominator
  uint32_t emit_scale = 0;                   // base element times the numerator
  uint32_t *numerators = nullptr, *denominators = nullptr;
  size_t emit_stride = 0;  // elements from one fraction's outputs to the next's
};

// The points of one coset s * D: tables of the transform from values on D (protocol part 04, 9.4).
struct CosetTables {
  size_t log_size = 0;
  const uint32_t* twiddles = nullptr;          // omega^j, j < N / 2
  const uint32_t* inverse_twiddles = nullptr;  // omega^-j
  const uint32_t* twist = nullptr;             // s^r / N at bit-reversed positions; null for D itself
  const uint32_t* wrap = nullptr;              // eq_D(s omega^z, omega^-1)
};

// Of an extension column n = 2 * lanes entries lie together, in four planes: coefficient k of entry x is word
// (x / n) * distance + k * n + x % n of the column. Kernels read and write whole vectors.

struct ConstraintKernels {
  void (*run_base)(const ProgramRun& run);
  void (*run_ext)(const ProgramRun& run);

  // `values` holds groups * lanes blocks of N values on D and, after them, the first value of the block that
  // follows cyclically. Writes the values on the coset to the row `plain` and those of the next rows to
  // `rotated`; either may be null. scratch: (2 N + groups + 1) vectors, 64-byte aligned.
  void (*load_coset)(const uint32_t* values, size_t groups, const CosetTables& tables, void* scratch,
                     uint32_t* plain, uint32_t* rotated);

  // Weighted sums of each block's N values and of the same values one row on, for `vectors` * lanes blocks
  // laid out as above: coefficient k of block x to plain[k * stride + x]. `rotated` may be null.
  void (*fold_blocks)(const uint32_t* values, size_t vectors, size_t log_size, const uint32_t* weights,
                      void* scratch, uint32_t* plain, uint32_t* rotated, size_t stride);

  // Values at X = first .. first + period - 1 of the lines through entries 2y and 2y + 1 of a column, y =
  // start
  // .. start + groups * lanes.
  void (*load_lines)(const uint32_t* column, size_t distance, size_t start, size_t groups, size_t first,
                     size_t period, uint32_t* row);

  // Binds the lowest variable of a column in place, of which twice `distance` is the new one: the entries of
  // the same lines of the column of half the length. Calls for other lines may run at the same time.
  void (*fold_lines)(uint32_t* column, size_t distance, const uint32_t* challenge, size_t start,
                     size_t groups);

  // Binds the lowest variable of four planes of entries in place; whole vectors are read and written.
  void (*fold_planes)(uint32_t* planes, size_t stride, size_t new_length, const uint32_t* challenge);
};

}  // namespace openswirl::stages
