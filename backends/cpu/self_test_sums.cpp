// The kernels of the three sumchecks against the scalar ones. Some lay points out by lanes, so what they
// write is compared point by point.
#include "kernel_comparison.h"

#include <algorithm>
#include <utility>

#include "runtime/context.h"
#include "stages/kernels.h"

namespace openswirl::cpu {
namespace {

using stages::Instruction;
using stages::Kernels;

constexpr size_t kPoints = 32;  // whole vectors on every instruction set

// Where coefficient k (of `planes`) at position t (of `period`) of point x lies in a row of vectors.
struct RowLayout {
  size_t lanes, period, planes;

  size_t size() const { return kPoints * period * planes; }
  size_t index(size_t x, size_t t, size_t k) const {
    return ((x / lanes * period + t) * planes + k) * lanes + x % lanes;
  }
  // Between rows in this layout and the same words point by point.
  Words arranged(const Words& points) const {
    Words rows(points.size());
    for (size_t i = 0; i < points.size(); ++i) rows[place(i)] = points[i];
    return rows;
  }
  Words by_point(const uint32_t* rows, size_t count) const {
    Words points(count * size());
    for (size_t i = 0; i < points.size(); ++i) points[i] = rows[place(i)];
    return points;
  }

 private:
  size_t place(size_t i) const {
    const size_t in_row = i % size();
    return i - in_row + index(in_row / planes / period, in_row / planes % period, in_row % planes);
  }
};

// Rows 0 to 2 are inputs, 3 to 7 are made by one instruction each.
constexpr Instruction kArithmetic[] = {
    {Instruction::kAdd, 3, 0, 1},         {Instruction::kSub, 4, 3, 2},
    {Instruction::kMul, 5, 4, 3},         {Instruction::kNeg, 6, 5, 0},
    {Instruction::kMulBase, 7, 6, 1},     {Instruction::kAccumulate0, 0, 7, 5},
    {Instruction::kAccumulate1, 2, 4, 6}, {Instruction::kAccumulate0, 4, 3, 0},
};
constexpr size_t kRows = 8, kPeriod = 3, kSums = 2;

// The rows after the program and its two sums.
Words run_arithmetic(const Kernels& kernels, size_t planes, const Context& context) {
  const RowLayout layout{kernels.lanes, kPeriod, planes};
  const Words points = layout.arranged(sample(kRows * layout.size(), 20));
  auto rows = context.buffer<uint32_t>(points.size(), "self test");
  std::copy(points.begin(), points.end(), rows.data());
  auto scratch = context.buffer<uint64_t>(4 * kSums * kPeriod * kPoints, "self test");
  const Words weights = sample(4 * 6, 21), point_weights = sample(4 * kPoints, 22);
  Words totals = sample(4 * kSums * kPeriod, 23);

  stages::ProgramRun run;
  run.instructions = kArithmetic;
  run.num_instructions = std::size(kArithmetic);
  run.weights = weights.data();
  run.rows = rows.data();
  run.groups = kPoints / kernels.lanes;
  run.period = kPeriod;
  run.num_sums = kSums;
  run.scratch = scratch.data();
  run.point_weights = point_weights.data();
  run.totals = totals.data();
  (planes == 1 ? kernels.constraints.run_base : kernels.constraints.run_ext)(run);

  Words result = layout.by_point(rows.data(), kRows);
  result.insert(result.end(), totals.begin(), totals.end());
  return result;
}

// Numerators and denominators of two fractions.
Words run_fractions(const Kernels& kernels, const Context& context) {
  constexpr Instruction kFractions[] = {
      {Instruction::kAccumulate0, 0, 1, 2}, {Instruction::kEmit, 0, 0, 0}, {Instruction::kMul, 3, 1, 2},
      {Instruction::kAccumulate0, 2, 3, 1}, {Instruction::kEmit, 1, 3, 0},
  };
  const Words points = sample(4 * kPoints, 24);
  auto rows = context.buffer<uint32_t>(points.size(), "self test");
  std::copy(points.begin(), points.end(), rows.data());
  auto scratch = context.buffer<uint64_t>(4 * kPoints, "self test");
  const Words weights = sample(4 * 4, 25), constants = sample(4 * 2, 26);
  Words numerators(2 * kPoints), denominators(4 * 2 * kPoints);

  stages::ProgramRun run;
  run.instructions = kFractions;
  run.num_instructions = std::size(kFractions);
  run.weights = weights.data();
  run.rows = rows.data();
  run.groups = kPoints / kernels.lanes;
  run.period = 1;
  run.num_sums = 1;
  run.scratch = scratch.data();
  run.emit_constants = constants.data();
  run.emit_scale = sample(1, 27)[0];
  run.numerators = numerators.data();
  run.denominators = denominators.data();
  run.emit_stride = kPoints;
  kernels.constraints.run_base(run);

  numerators.insert(numerators.end(), denominators.begin(), denominators.end());
  return numerators;
}

// The sizes compiled with known bounds, and another one; on the domain itself (no twist) and on a coset.
Words load_cosets(const Kernels& kernels, const Context& context) {
  Words result;
  for (const size_t log_size : {2, 3, 4}) {
    const size_t size = size_t{1} << log_size, groups = kPoints / kernels.lanes;
    const RowLayout layout{kernels.lanes, size, 1};
    const Words values = sample(kPoints * size + 1, 28), twiddles = sample(size / 2, 29);
    const Words inverse_twiddles = sample(size / 2, 30), twist = sample(size, 31), wrap = sample(size, 32);
    auto scratch = context.buffer<uint32_t>((2 * size + groups + 1) * kernels.lanes, "self test");
    Words plain(layout.size()), rotated(layout.size());
    for (const uint32_t* twisted : {twist.data(), static_cast<const uint32_t*>(nullptr)}) {
      const stages::CosetTables tables{log_size, twiddles.data(), inverse_twiddles.data(), twisted,
                                       wrap.data()};
      kernels.constraints.load_coset(values.data(), groups, tables, scratch.data(), plain.data(),
                                     rotated.data());
      for (const Words* row : {&plain, &rotated}) {
        const Words points = layout.by_point(row->data(), 1);
        result.insert(result.end(), points.begin(), points.end());
      }
    }
  }
  return result;
}

Words fold_blocks(const Kernels& kernels, const Context& context) {
  constexpr size_t kLogSize = 3, kSize = 1 << kLogSize;
  const Words values = sample(kPoints * kSize + 1, 33), weights = sample(4 * kSize, 34);
  auto scratch = context.buffer<uint32_t>(2 * kSize * kernels.lanes, "self test");
  Words plain(4 * kPoints), rotated(4 * kPoints);
  kernels.constraints.fold_blocks(values.data(), kPoints / kernels.lanes, kLogSize, weights.data(),
                                  scratch.data(), plain.data(), rotated.data(), kPoints);
  plain.insert(plain.end(), rotated.begin(), rotated.end());
  return plain;
}

// Extension columns as the kernels of an instruction set have them, two side by side.
struct ColumnLayout {
  size_t together;  // entries

  explicit ColumnLayout(const Kernels& kernels) : together(2 * kernels.lanes) {}
  size_t distance() const { return 8 * together; }
  size_t index(size_t x, size_t k, size_t distance) const {
    return 4 * together + x / together * distance + k * together + x % together;
  }
  // The second one, of these words entry by entry.
  Words arranged(const Words& entries) const {
    Words columns(2 * entries.size());
    for (size_t i = 0; i < entries.size(); ++i) columns[index(i / 4, i % 4, distance())] = entries[i];
    return columns;
  }
};

// From the middle of the column on.
Words load_lines(const Kernels& kernels) {
  const RowLayout layout{kernels.lanes, kPeriod, 4};
  const ColumnLayout columns(kernels);
  const Words words = columns.arranged(sample(4 * 4 * kPoints, 35));
  Words result;
  for (const size_t first : {0, 1}) {
    Words row(layout.size());
    kernels.constraints.load_lines(words.data() + 4 * columns.together, columns.distance(), kPoints,
                                   kPoints / kernels.lanes, first, kPeriod, row.data());
    const Words points = layout.by_point(row.data(), 1);
    result.insert(result.end(), points.begin(), points.end());
  }
  return result;
}

// The second half first: lines do not depend on each other.
Words fold_lines(const Kernels& kernels) {
  const ColumnLayout columns(kernels);
  Words words = columns.arranged(sample(8 * 4 * kPoints, 36)), result;
  const Words challenge = sample(4, 37);
  for (const size_t start : {kPoints, size_t{0}}) {
    kernels.constraints.fold_lines(words.data() + 4 * columns.together, columns.distance(), challenge.data(),
                                   start, kPoints / kernels.lanes);
  }
  for (size_t i = 0; i < 4 * 4 * kPoints; ++i)
    result.push_back(words[columns.index(i / 4, i % 4, 2 * columns.distance())]);
  return result;
}

}  // namespace

void compare_constraints(const Kernels& tested, const Context& context) {
  compare(tested, "run_base", [&](const Kernels& kernels) { return run_arithmetic(kernels, 1, context); });
  compare(tested, "run_base with fractions",
          [&](const Kernels& kernels) { return run_fractions(kernels, context); });
  compare(tested, "run_ext", [&](const Kernels& kernels) { return run_arithmetic(kernels, 4, context); });
  compare(tested, "load_coset", [&](const Kernels& kernels) { return load_cosets(kernels, context); });
  compare(tested, "fold_blocks", [&](const Kernels& kernels) { return fold_blocks(kernels, context); });
  compare(tested, "load_lines", load_lines);
  compare(tested, "fold_lines", fold_lines);
  compare(tested, "fold_planes", [](const Kernels& kernels) {
    Words planes = sample(4 * 2 * kPoints, 38);
    kernels.constraints.fold_planes(planes.data(), 2 * kPoints, kPoints, sample(4, 37).data());
    return planes;
  });
}

// Numerators in the base field and in the extension; counts are odd, so that tails run too.
void compare_fractions(const Kernels& tested) {
  const Words p = sample(16 * 37, 40), q = sample(16 * 37, 41), challenge = sample(4, 42);
  for (const size_t p_words : {1, 4}) {
    compare(tested, "add_pairs", [&](const Kernels& kernels) {
      Words out(8 * 37);
      kernels.fractions.add_pairs(p.data(), p_words, q.data(), 2, 37, out.data(), out.data() + 4 * 37);
      return out;
    });
    compare(tested, "round_sums", [&](const Kernels& kernels) {
      Words sums = sample(12, 43);
      kernels.fractions.round_sums(p.data(), p_words, q.data(), sample(4 * 37, 44).data(), challenge.data(),
                                   0, 37, sums.data());
      return sums;
    });
    compare(tested, "bind", [&](const Kernels& kernels) {
      Words out(16 * 37);
      kernels.fractions.bind(p.data(), p_words, q.data(), challenge.data(), 0, 37, out.data(),
                             out.data() + 8 * 37);
      return out;
    });
    compare(tested, "bind_and_sum", [&](const Kernels& kernels) {
      Words out(2 * 16 * 18 + 12);
      uint32_t* const out_q = out.data() + 16 * 18;
      kernels.fractions.bind_and_sum(p.data(), p_words, q.data(), challenge.data(), sample(4 * 18, 44).data(),
                                     sample(4, 45).data(), 0, 18, out.data(), out_q, out_q + 16 * 18);
      return out;
    });
  }
}

void compare_stacking(const Kernels& tested, const Context& context) {
  const Words values = sample(5 * 37, 50);
  std::vector<const uint32_t*> columns;
  for (size_t c = 0; c < 5; ++c) columns.push_back(values.data() + 37 * c);
  auto scratch = context.buffer<uint64_t>(8 * 256, "self test");
  compare(tested, "combine", [&](const Kernels& kernels) {
    const Words weights = sample(8 * 5, 51);
    Words out(3 * 4 * 37);
    uint32_t* rotated = out.data() + 4 * 37;
    kernels.stacking.combine(columns.data(), 5, weights.data(), 0, 37, scratch.data(), out.data(), rotated);
    kernels.stacking.combine(columns.data(), 5, weights.data(), 0, 37, scratch.data(), rotated + 4 * 37,
                             nullptr);
    return out;
  });
  compare(tested, "products", [&](const Kernels& kernels) {
    Words sums = sample(4 * 5, 52);
    kernels.stacking.products(columns.data(), 5, sample(4 * 37, 53).data(), 37, 0, 37, sums.data());
    return sums;
  });
}

}  // namespace openswirl::cpu
