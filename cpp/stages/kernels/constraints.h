// Constraint kernels: the interpreter of constraint programs and the vectors it works on.
#pragma once

#include "stages/kernels/constraints_table.h"
#include "stages/kernels/lanes.h"

namespace openswirl::OPENSWIRL_ISA {
namespace {

using stages::Instruction;
using stages::ProgramRun;

static_assert(sizeof(Vec::Accumulator) == 8 * Vec::kLanes);
constexpr size_t kTogether = 2 * Vec::kLanes;  // entries of an extension column

OPENSWIRL_INLINE void accumulate_base(const ProgramRun& run, Vec::Accumulator* sums,
                                      const Instruction& instruction, const uint32_t* a, const uint32_t* b,
                                      size_t vectors) {
  const uint32_t* weights = run.weights + 4 * size_t{instruction.target};
  for (size_t k = 0; k < 4; ++k) {
    const Vec weight_a = Vec::broadcast(weights[k]), weight_b = Vec::broadcast(weights[4 + k]);
    for (size_t v = 0; v < vectors; ++v) {
      Vec::Accumulator sum = sums[k * vectors + v];
      sum.add_product(Vec::load(a + v * Vec::kLanes), weight_a);
      sum.add_product(Vec::load(b + v * Vec::kLanes), weight_b);
      sum.correct();
      sums[k * vectors + v] = sum;
    }
  }
}

OPENSWIRL_INLINE ExtVec<Vec> reduced(const Vec::Accumulator* sums, size_t vectors, size_t v) {
  return {{sums[v].reduce(), sums[vectors + v].reduce(), sums[2 * vectors + v].reduce(),
           sums[3 * vectors + v].reduce()}};
}

OPENSWIRL_INLINE void emit_base(const ProgramRun& run, Vec::Accumulator* sums, const Instruction& instruction,
                                const uint32_t* count, size_t vectors) {
  const size_t at = instruction.target * run.emit_stride;
  const auto constant = ExtVec<Vec>::broadcast(run.emit_constants + 4 * size_t{instruction.target});
  const Vec scale = Vec::broadcast(run.emit_scale);
  for (size_t v = 0; v < vectors; ++v) {
    (Vec::load(count + v * Vec::kLanes) * scale).store(run.numerators + at + v * Vec::kLanes);
    (reduced(sums, vectors, v) + constant).store(run.denominators + 4 * (at + v * Vec::kLanes));
  }
  for (size_t i = 0; i < 4 * vectors; ++i) sums[i] = Vec::Accumulator::zero();
}

OPENSWIRL_INLINE void load_column(const ProgramRun& run, const Instruction& instruction, uint32_t* a,
                                  uint32_t* b) {
  const bool rotated = instruction.op == Instruction::kLoadRotated;
  run.load(run.loader, instruction.target, rotated ? nullptr : a,
           rotated                                    ? a
           : instruction.op == Instruction::kLoadBoth ? b
                                                      : nullptr);
}

void run_base(const ProgramRun& run) {
  const size_t vectors = run.groups * run.period, row = vectors * Vec::kLanes;
  auto* sums = static_cast<Vec::Accumulator*>(run.scratch);
  for (size_t i = 0; i < run.num_sums * 4 * vectors; ++i) sums[i] = Vec::Accumulator::zero();

  for (size_t i = 0; i < run.num_instructions; ++i) {
    const Instruction instruction = run.instructions[i];
    uint32_t* const row_a = run.rows + instruction.a * row;
    uint32_t* const row_b = run.rows + instruction.b * row;
    const uint32_t *a = row_a, *b = row_b;
    uint32_t* target = run.rows + instruction.target * row;
    switch (instruction.op) {
      case Instruction::kAdd:
        for (size_t v = 0; v < row; v += Vec::kLanes) (Vec::load(a + v) + Vec::load(b + v)).store(target + v);
        break;
      case Instruction::kSub:
        for (size_t v = 0; v < row; v += Vec::kLanes) (Vec::load(a + v) - Vec::load(b + v)).store(target + v);
        break;
      case Instruction::kMul:
      case Instruction::kMulBase:
        for (size_t v = 0; v < row; v += Vec::kLanes) (Vec::load(a + v) * Vec::load(b + v)).store(target + v);
        break;
      case Instruction::kNeg:
        for (size_t v = 0; v < row; v += Vec::kLanes) (-Vec::load(a + v)).store(target + v);
        break;
      case Instruction::kAccumulate0:
        accumulate_base(run, sums, instruction, a, b, vectors);
        break;
      case Instruction::kAccumulate1:
        accumulate_base(run, sums + 4 * vectors, instruction, a, b, vectors);
        break;
      case Instruction::kEmit:
        emit_base(run, sums, instruction, a, vectors);
        break;
      default:
        load_column(run, instruction, row_a, row_b);
    }
  }

  if (run.totals == nullptr) return;
  for (size_t s = 0; s < run.num_sums; ++s) {
    for (size_t t = 0; t < run.period; ++t) {
      auto total = ExtVec<Vec>::zero();
      for (size_t g = 0; g < run.groups; ++g) {
        const auto weight = ExtVec<Vec>::load(run.point_weights + 4 * g * Vec::kLanes);
        total = total + reduced(sums + s * 4 * vectors, vectors, g * run.period + t) * weight;
      }
      add_lanes(total, run.totals + 4 * (s * run.period + t));
    }
  }
}

OPENSWIRL_INLINE ExtVec<Vec> load_ext(const uint32_t* words) {
  return ExtVec<Vec>::load_planes(words, Vec::kLanes);
}

void run_ext(const ProgramRun& run) {
  const size_t vectors = run.groups * run.period, step = 4 * Vec::kLanes, row = vectors * step;
  auto* sums = static_cast<uint32_t*>(run.scratch);
  for (size_t i = 0; i < run.num_sums * row; i += Vec::kLanes) Vec::zero().store(sums + i);

  for (size_t i = 0; i < run.num_instructions; ++i) {
    const Instruction instruction = run.instructions[i];
    uint32_t* const row_a = run.rows + instruction.a * row;
    uint32_t* const row_b = run.rows + instruction.b * row;
    const uint32_t *a = row_a, *b = row_b;
    uint32_t* target = run.rows + instruction.target * row;
    switch (instruction.op) {
      case Instruction::kAdd:
        for (size_t v = 0; v < row; v += Vec::kLanes) (Vec::load(a + v) + Vec::load(b + v)).store(target + v);
        break;
      case Instruction::kSub:
        for (size_t v = 0; v < row; v += Vec::kLanes) (Vec::load(a + v) - Vec::load(b + v)).store(target + v);
        break;
      case Instruction::kNeg:
        for (size_t v = 0; v < row; v += Vec::kLanes) (-Vec::load(a + v)).store(target + v);
        break;
      case Instruction::kMul:
        for (size_t v = 0; v < row; v += step) {
          (load_ext(a + v) * load_ext(b + v)).store_planes(target + v, Vec::kLanes);
        }
        break;
      case Instruction::kMulBase:
        for (size_t v = 0; v < row; v += step) {
          (load_ext(a + v) * Vec::load(b + v)).store_planes(target + v, Vec::kLanes);
        }
        break;
      case Instruction::kAccumulate0:
      case Instruction::kAccumulate1: {
        uint32_t* sum = sums + (instruction.op == Instruction::kAccumulate1 ? row : 0);
        const auto weight_a = ExtVec<Vec>::broadcast(run.weights + 4 * size_t{instruction.target});
        const auto weight_b = ExtVec<Vec>::broadcast(run.weights + 4 * size_t{instruction.target} + 4);
        for (size_t v = 0; v < row; v += step) {
          (load_ext(sum + v) + load_ext(a + v) * weight_a + load_ext(b + v) * weight_b)
              .store_planes(sum + v, Vec::kLanes);
        }
        break;
      }
      default:
        load_column(run, instruction, row_a, row_b);
    }
  }

  for (size_t s = 0; s < run.num_sums; ++s) {
    for (size_t t = 0; t < run.period; ++t) {
      auto total = ExtVec<Vec>::zero();
      for (size_t g = 0; g < run.groups; ++g) {
        const auto weight = ExtVec<Vec>::load(run.point_weights + 4 * g * Vec::kLanes);
        total = total + load_ext(sums + s * row + (g * run.period + t) * step) * weight;
      }
      add_lanes(total, run.totals + 4 * (s * run.period + t));
    }
  }
}

// Vector z of the result holds value z of kLanes consecutive blocks of N = 2^log_size values. buffers: 2 N
// vectors.
OPENSWIRL_INLINE const Vec* split_blocks(const uint32_t* values, size_t log_size, Vec* buffers) {
  const size_t size = size_t{1} << log_size;
  Vec *from = buffers, *to = buffers + size;
  for (size_t i = 0; i < size; ++i) from[i] = Vec::load(values + i * Vec::kLanes);
  for (size_t bit = 0; bit < log_size; ++bit) {
    const size_t length = size >> bit, half = length / 2;
    for (size_t s = 0; s < size_t{1} << bit; ++s) {
      for (size_t i = 0; i < half; ++i) {
        deinterleave(from[s * length + 2 * i], from[s * length + 2 * i + 1], to[s * half + i],
                     to[(s + (size_t{1} << bit)) * half + i]);
      }
    }
    Vec* other = from;
    from = to, to = other;
  }
  return from;
}

// Values on D to values on the coset, in place.
OPENSWIRL_INLINE void to_coset(Vec* values, const stages::CosetTables& tables, size_t log_size) {
  const size_t size = size_t{1} << log_size;
  for (size_t half = size / 2; half > 0; half /= 2) {
    for (size_t j = 0; j < half; ++j) {
      const Vec twiddle = Vec::broadcast(tables.inverse_twiddles[j * (size / 2 / half)]);
      for (size_t i = j; i < size; i += 2 * half) {
        const Vec a = values[i], b = values[i + half];
        values[i] = a + b;
        values[i + half] = (a - b) * twiddle;
      }
    }
  }
  for (size_t i = 0; i < size; ++i) values[i] = values[i] * Vec::broadcast(tables.twist[i]);
  for (size_t half = 1; half < size; half *= 2) {
    for (size_t j = 0; j < half; ++j) {
      const Vec twiddle = Vec::broadcast(tables.twiddles[j * (size / 2 / half)]);
      for (size_t i = j; i < size; i += 2 * half) {
        const Vec a = values[i], b = values[i + half] * twiddle;
        values[i] = a + b;
        values[i + half] = a - b;
      }
    }
  }
}

OPENSWIRL_INLINE void load_coset_of(size_t log_size, const uint32_t* values, size_t groups,
                                    const stages::CosetTables& tables, void* scratch, uint32_t* plain,
                                    uint32_t* rotated) {
  const size_t size = size_t{1} << log_size, group_words = size * Vec::kLanes;
  auto* buffers = static_cast<Vec*>(scratch);
  for (size_t g = 0; g < groups; ++g) {
    const uint32_t* blocks = values + g * group_words;
    auto* points = const_cast<Vec*>(split_blocks(blocks, log_size, buffers));
    uint32_t next[Vec::kLanes] = {};
    if (rotated != nullptr) {
      for (size_t l = 0; l < Vec::kLanes; ++l) next[l] = blocks[(l + 1) * size];
    }
    const Vec difference = rotated != nullptr ? Vec::load(next) - points[0] : Vec::zero();
    if (tables.twist != nullptr) to_coset(points, tables, log_size);
    if (plain != nullptr) {
      for (size_t z = 0; z < size; ++z) points[z].store(plain + g * group_words + z * Vec::kLanes);
    }
    if (rotated == nullptr) continue;
    for (size_t z = 0; z < size; ++z) {
      const Vec moved = points[z + 1 == size ? 0 : z + 1] + difference * Vec::broadcast(tables.wrap[z]);
      moved.store(rotated + g * group_words + z * Vec::kLanes);
    }
  }
}

// The sizes of the presets are compiled with known bounds, so that their butterflies unroll.
void load_coset(const uint32_t* values, size_t groups, const stages::CosetTables& tables, void* scratch,
                uint32_t* plain, uint32_t* rotated) {
  switch (tables.log_size) {
    case 2:
      return load_coset_of(2, values, groups, tables, scratch, plain, rotated);
    case 4:
      return load_coset_of(4, values, groups, tables, scratch, plain, rotated);
    default:
      return load_coset_of(tables.log_size, values, groups, tables, scratch, plain, rotated);
  }
}

OPENSWIRL_INLINE void store_planes(const Vec::Accumulator sums[4], uint32_t* out, size_t stride) {
  for (size_t k = 0; k < 4; ++k) sums[k].reduce().store(out + k * stride);
}

void fold_blocks(const uint32_t* values, size_t vectors, size_t log_size, const uint32_t* weights,
                 void* scratch, uint32_t* plain, uint32_t* rotated, size_t stride) {
  using Sum = Vec::Accumulator;
  const size_t size = size_t{1} << log_size;
  for (size_t v = 0; v < vectors; ++v) {
    const uint32_t* blocks = values + v * size * Vec::kLanes;
    const Vec* points = split_blocks(blocks, log_size, static_cast<Vec*>(scratch));
    uint32_t next[Vec::kLanes] = {};
    if (rotated != nullptr) {
      for (size_t l = 0; l < Vec::kLanes; ++l) next[l] = blocks[(l + 1) * size];
    }
    for (size_t shift = 0; shift < 2; ++shift) {
      uint32_t* out = shift == 0 ? plain : rotated;
      if (out == nullptr) continue;
      Sum sums[4] = {Sum::zero(), Sum::zero(), Sum::zero(), Sum::zero()};
      for (size_t z = 0; z < size; ++z) {
        const Vec value = z + shift < size ? points[z + shift] : Vec::load(next);
        for (size_t k = 0; k < 4; ++k) {
          sums[k].add_product(value, Vec::broadcast(weights[4 * z + k]));
          if (z % 2 == 1 || z + 1 == size) sums[k].correct();
        }
      }
      store_planes(sums, out + v * Vec::kLanes, stride);
    }
  }
}

// Where kLanes entries from x on lie.
OPENSWIRL_INLINE size_t entry_offset(size_t x, size_t distance) {
  return x / kTogether * distance + x % kTogether;
}
OPENSWIRL_INLINE ExtVec<Vec> load_entries(const uint32_t* column, size_t distance, size_t x) {
  return ExtVec<Vec>::load_planes(column + entry_offset(x, distance), kTogether);
}

void load_lines(const uint32_t* column, size_t distance, size_t start, size_t groups, size_t first,
                size_t period, uint32_t* row) {
  for (size_t g = 0; g < groups; ++g) {
    const size_t x = 2 * (start + g * Vec::kLanes);
    ExtVec<Vec> even, odd;
    deinterleave_ext(load_entries(column, distance, x), load_entries(column, distance, x + Vec::kLanes), even,
                     odd);
    const auto difference = odd - even;
    auto value = first == 0 ? even : odd;
    for (size_t t = 0; t < period; ++t, row += 4 * Vec::kLanes) {
      if (t > 0) value = value + difference;
      value.store_planes(row, Vec::kLanes);
    }
  }
}

void fold_lines(uint32_t* column, size_t distance, const uint32_t* challenge, size_t start, size_t groups) {
  const auto r = ExtVec<Vec>::broadcast(challenge);
  for (size_t x = 2 * start; x < 2 * (start + groups * Vec::kLanes); x += Vec::kLanes) {
    ExtVec<Vec> even, odd;
    deinterleave_ext(load_entries(column, distance, 2 * x),
                     load_entries(column, distance, 2 * x + Vec::kLanes), even, odd);
    // Over what these lines read, and no other ones read.
    (even + (odd - even) * r).store_planes(column + entry_offset(x, 2 * distance), kTogether);
  }
}

void fold_planes(uint32_t* planes, size_t stride, size_t new_length, const uint32_t* challenge) {
  const auto r = ExtVec<Vec>::broadcast(challenge);
  for (size_t y = 0; y < new_length; y += Vec::kLanes) {
    ExtVec<Vec> even, odd;
    deinterleave_ext(ExtVec<Vec>::load_planes(planes + 2 * y, stride),
                     ExtVec<Vec>::load_planes(planes + 2 * y + Vec::kLanes, stride), even, odd);
    (even + (odd - even) * r).store_planes(planes + y, stride);
  }
}

constexpr stages::ConstraintKernels make_constraint_kernels() {
  return {run_base, run_ext, load_coset, fold_blocks, load_lines, fold_lines, fold_planes};
}

}  // namespace
}  // namespace openswirl::OPENSWIRL_ISA
