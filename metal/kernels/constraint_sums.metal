// The batched zerocheck and LogUp input sumcheck (protocol part 04, 5 and 6): columns on cosets of D, the
// interpreter of constraint programs over points and over lines, and what adds up its tiles. One dispatch
// serves all traces.
#include "constraint_sums.h"
#include "descriptors.h"

#define PIECE_WORDS 16u     /* of ConstraintsPiece */
#define RESULT_WORDS 8u     /* of ConstraintsResult */
#define EXTENSION_WORDS 16u /* of ConstraintsExtension */
#define FOLD_WORDS 10u      /* of ConstraintsFold */
#define BIND_LOG_GROUP 6u   /* threads of constraint_sums_bind */

// sum_i in[i] k[(z + a - i) mod N] for a = 0 .. 3, over four i at a time: eight neighbouring constants.
struct Extended {
  u64 v[4];
};
FN u64 extended_dot(u64 sum, Points in, Fp k0, Fp k1, Fp k2, Fp k3) {
  const u64 half = fp_sum_fold(sum + fp_product(in.v[0], k0) + fp_product(in.v[1], k1));
  return fp_sum_fold(half + fp_product(in.v[2], k2) + fp_product(in.v[3], k3));
}
FN Extended extended_add(Extended sum, Points in, Points low, Points high) {
  const Fp k[8] = {low.v[0],  low.v[1],  low.v[2],  low.v[3],
                   high.v[0], high.v[1], high.v[2], high.v[3]};
  Extended result;
  UNROLL
  for (u32 a = 0; a < 4u; ++a) result.v[a] = extended_dot(sum.v[a], in, k[a + 3u], k[a + 2u], k[a + 1u], k[a]);
  return result;
}

// Rows of a column that are `first`, first + 1, .. on the cycle of the trace.
FN Fp column_value(DEVICE const u32* column, u32 row, u32 last_row, u32 log_stride) {
  return fp_load(column + ((u64)(row & last_row) << log_stride));
}
FN Points column_values(DEVICE const u32* column, u32 first, u32 last_row, u32 log_stride) {
  if (log_stride == 0 && last_row >= 3u && (first & 3u) == 0) return points_load(column + (first & last_row));
  return points(column_value(column, first, last_row, log_stride), column_value(column, first + 1u, last_row, log_stride),
                column_value(column, first + 2u, last_row, log_stride),
                column_value(column, first + 3u, last_row, log_stride));
}
FN void points_write(DEVICE u32* to, Points values) {
  gpu_store4(to, gpu_u4(values.v[0].v, values.v[1].v, values.v[2].v, values.v[3].v));
}

// The same, word by word, where a block has one or two points.
FN void extend_small_block(DEVICE const u32* column, DEVICE const u32* kernel_words, u32 block, u32 row, u32 last_row,
                           u32 log_stride, DEVICE u32* plain, DEVICE u32* rotated, bool with_plain, bool with_rotated) {
  const u32 z = row & (block - 1u);
  const Fp even = column_value(column, row - z, last_row, log_stride);
  const Fp odd = column_value(column, row - z + block - 1u, last_row, log_stride);
  const Fp same = fp_load(kernel_words + 3), other = fp_load(kernel_words + 4);
  const Fp first = block == 1u ? even : fp_add(fp_mul(even, same), fp_mul(odd, other));
  const Fp second = block == 1u ? even : fp_add(fp_mul(even, other), fp_mul(odd, same));
  if (with_plain) fp_store(plain, z == 0 ? first : second);
  if (!with_rotated) return;
  const Fp step = fp_sub(column_value(column, row - z + block, last_row, log_stride), even);
  fp_store(rotated, fp_add(z == 0 ? second : first, fp_mul(step, z + 1u == block ? same : other)));
}

// Columns on cosets g^c D: a thread finds a row, and its rotation, at four points of every coset. A block's
// values are a cyclic convolution of those on D with k[z] = eq_D(g^c w^z, 1), and the first value of the next
// block enters its rotation with k[z + 1] (part 04, 9.4). `kernels` has, coset after coset from 1 on,
// k[(m - 3) mod N] for m < max(N, 4) + 4. D itself is a copy.
KERNEL(constraint_sums_extend, 256, BUF(0, DEVICE const u32* extensions), BUF(1, DEVICE const u32* entries),
       BUF(2, DEVICE const u32* kernels), BUF(3, DEVICE const u32* selectors), BUF(4, DEVICE u32* rows),
       ARGS(5, ConstraintSumsExtendArgs, args)) {
  DEVICE const u32* extension =
      extensions + EXTENSION_WORDS * descriptor_of(extensions, EXTENSION_WORDS, args.extensions, gpu_bid.x);
  const u32 log_points = gpu_load(extension + 5), log_block = args.log_block, block = 1u << log_block;
  const u32 log_coset = log_points < 2u ? 2u : log_points, log_quads = log_coset - 2u;
  const u32 item = (gpu_bid.x - gpu_load(extension)) * gpu_tgs.x + gpu_tid.x;
  const u32 entry = item >> log_quads, point = (item & ((1u << log_quads) - 1u)) << 2;
  if (entry >= gpu_load(extension + 2)) return;
  const U4 words = gpu_load4(entries + 4u * ((u64)gpu_load(extension + 1) + entry));
  const u32 first_block = gpu_load(extension + 6), last_block = gpu_load(extension + 7);
  const u32 first_coset = gpu_load(extension + 9), cosets = gpu_load(extension + 10);
  DEVICE u32* own_rows = rows + gpu_load(extension + 11);

  if (words.w == CONSTRAINT_SELECTOR_ROW) {
    DEVICE const u32* table = selectors + gpu_load(extension + 8);
    for (u32 c = 0; c < cosets; ++c) {
      Points values = points(fp_zero(), fp_zero(), fp_zero(), fp_zero());
      UNROLL
      for (u32 k = 0; k < 4u; ++k) {
        if (((point + k) >> log_points) != 0) continue;
        const u32 x = first_block + ((point + k) >> log_block), z = (point + k) & (block - 1u);
        const bool special = x == (words.x == 0 ? 0u : last_block);
        DEVICE const u32* at = table + ((2u * c + (words.x == 0 ? 0u : 1u)) << log_block) + z;
        const Fp value = special ? fp_load(at) : fp_zero();
        values.v[k] = words.x == 2u ? fp_sub(fp_one(), value) : value;
      }
      points_write(own_rows + words.z + ((u64)c << log_coset) + point, values);
    }
    return;
  }

  DEVICE const u32* column = gpu_address(((u64)words.y << 32) | words.x);
  const u32 last_row = (1u << gpu_load(extension + 3)) - 1u, log_stride = gpu_load(extension + 4);
  const u32 first_row = (first_block << log_block) + point;
  for (u32 c = 0; c < cosets; ++c) {
    const u64 at = ((u64)c << log_coset) + point;
    DEVICE u32* plain_out = own_rows + words.z + at;
    DEVICE u32* rotated_out = own_rows + words.w + at;
    if (first_coset + c != 0 && block < 4u) {
      DEVICE const u32* kernel_words = kernels + (first_coset + c - 1u) * 8u;
      for (u32 k = 0; k < 4u; ++k) {
        if (((point + k) >> log_points) == 0) {
          extend_small_block(column, kernel_words, block, first_row + k, last_row, log_stride, plain_out + k,
                             rotated_out + k, words.z != CONSTRAINT_NO_ROW, words.w != CONSTRAINT_NO_ROW);
        } else {
          if (words.z != CONSTRAINT_NO_ROW) fp_store(plain_out + k, fp_zero());
          if (words.w != CONSTRAINT_NO_ROW) fp_store(rotated_out + k, fp_zero());
        }
      }
      continue;
    }
    Points plain = points(fp_zero(), fp_zero(), fp_zero(), fp_zero()), rotated = plain;
    if (first_coset + c == 0) {
      if ((point >> log_points) == 0) {
        if (words.z != CONSTRAINT_NO_ROW) plain = column_values(column, first_row, last_row, log_stride);
        if (words.w != CONSTRAINT_NO_ROW) rotated = column_values(column, first_row + 1u, last_row, log_stride);
      }
      UNROLL
      for (u32 k = 1u; k < 4u; ++k) {
        if (((point + k) >> log_points) != 0) plain.v[k] = rotated.v[k] = fp_zero();
      }
    } else {
      const u32 z = point & (block - 1u), start = first_row - z;
      DEVICE const u32* kernel_words = kernels + (first_coset + c - 1u) * (block + 4u);
      Extended sum;
      UNROLL
      for (u32 a = 0; a < 4u; ++a) sum.v[a] = 0;
      for (u32 i = 0; i < block; i += 4u) {
        DEVICE const u32* at_k = kernel_words + ((z - i) & (block - 1u));
        sum = extended_add(sum, column_values(column, start + i, last_row, log_stride), points_load(at_k),
                           points_load(at_k + 4));
      }
      plain = points(fp_reduce(sum.v[0]), fp_reduce(sum.v[1]), fp_reduce(sum.v[2]), fp_reduce(sum.v[3]));
      if (words.w != CONSTRAINT_NO_ROW) {
        // The value at z + 4.
        u64 next = 0;
        for (u32 i = 0; i < block; i += 4u) {
          const Points k = points_load(kernel_words + ((z - i) & (block - 1u)) + 4u);
          next = extended_dot(next, column_values(column, start + i, last_row, log_stride), k.v[3], k.v[2], k.v[1],
                              k.v[0]);
        }
        const Fp step = fp_sub(column_value(column, start + block, last_row, log_stride),
                               column_value(column, start, last_row, log_stride));
        const Points wrap = points_load(kernel_words + z + 4u);
        rotated = points(fp_add(plain.v[1], fp_mul(step, wrap.v[0])), fp_add(plain.v[2], fp_mul(step, wrap.v[1])),
                         fp_add(plain.v[3], fp_mul(step, wrap.v[2])), fp_add(fp_reduce(next), fp_mul(step, wrap.v[3])));
      }
    }
    if (words.z != CONSTRAINT_NO_ROW) points_write(plain_out, plain);
    if (words.w != CONSTRAINT_NO_ROW) points_write(rotated_out, rotated);
  }
}

// Layers of transforms of 16 values in registers; roots: w^0 .. w^7 of the order 16, or of its inverse. Down:
// values to coefficients, 16 times those, whose numbers have their bits backwards; up: back again.
template <u32 LAYER>
FN void block_layer_down(THREAD Fp* x, DEVICE const u32* roots) {
  UNROLL for (u32 j = 0; j < (1u << LAYER); ++j) {
    const Fp root = j == 0 ? fp_one() : fp_load(roots + (j << (3u - LAYER)));
    UNROLL for (u32 i = j; i < 16u; i += 2u << LAYER) {
      const Fp a = x[i], b = x[i + (1u << LAYER)];
      x[i] = fp_add(a, b);
      x[i + (1u << LAYER)] = j == 0 ? fp_sub(a, b) : fp_mul(fp_sub(a, b), root);
    }
  }
}
template <u32 LAYER>
FN void block_layer_up(THREAD Fp* x, DEVICE const u32* roots) {
  UNROLL for (u32 j = 0; j < (1u << LAYER); ++j) {
    const Fp root = j == 0 ? fp_one() : fp_load(roots + (j << (3u - LAYER)));
    UNROLL for (u32 i = j; i < 16u; i += 2u << LAYER) {
      const Fp a = x[i], b = j == 0 ? x[i + (1u << LAYER)] : fp_mul(x[i + (1u << LAYER)], root);
      x[i] = fp_add(a, b);
      x[i + (1u << LAYER)] = fp_sub(a, b);
    }
  }
}

// constraint_sums_extend for blocks of 16 on cosets other than D: a thread brings one block, by its
// coefficients. tables: the roots, inverse ones first; then of each coset 16 factors of the coefficients and
// k[z + 1], z = 0 .. 15.
KERNEL(constraint_sums_extend_blocks, 128, BUF(0, DEVICE const u32* extensions), BUF(1, DEVICE const u32* entries),
       BUF(2, DEVICE const u32* tables), BUF(3, DEVICE const u32* selectors), BUF(4, DEVICE u32* rows),
       ARGS(5, ConstraintSumsExtendArgs, args)) {
  DEVICE const u32* extension =
      extensions + EXTENSION_WORDS * descriptor_of(extensions, EXTENSION_WORDS, args.extensions, gpu_bid.x);
  const u32 log_points = gpu_load(extension + 5), log_blocks = log_points - 4u;
  const u32 item = (gpu_bid.x - gpu_load(extension)) * gpu_tgs.x + gpu_tid.x;
  const u32 entry = item >> log_blocks, block = item & ((1u << log_blocks) - 1u);
  if (entry >= gpu_load(extension + 2)) return;
  const U4 words = gpu_load4(entries + 4u * ((u64)gpu_load(extension + 1) + entry));
  const u32 x = gpu_load(extension + 6) + block, first_coset = gpu_load(extension + 9),
            cosets = gpu_load(extension + 10);
  DEVICE u32* own_rows = rows + gpu_load(extension + 11) + 16u * block;

  if (words.w == CONSTRAINT_SELECTOR_ROW) {
    const bool special = x == (words.x == 0 ? 0u : gpu_load(extension + 7));
    for (u32 c = 0; c < cosets; ++c) {
      DEVICE const u32* at = selectors + gpu_load(extension + 8) + 16u * (2u * c + (words.x == 0 ? 0u : 1u));
      for (u32 z = 0; z < 16u; z += 4u) {
        Points values = points(fp_zero(), fp_zero(), fp_zero(), fp_zero());
        UNROLL
        for (u32 k = 0; k < 4u; ++k) {
          if (special) values.v[k] = fp_load(at + z + k);
          if (words.x == 2u) values.v[k] = fp_sub(fp_one(), values.v[k]);
        }
        points_write(own_rows + words.z + ((u64)c << log_points) + z, values);
      }
    }
    return;
  }

  DEVICE const u32* column = gpu_address(((u64)words.y << 32) | words.x);
  const u32 last_row = (1u << gpu_load(extension + 3)) - 1u, log_stride = gpu_load(extension + 4);
  Fp coefficients[16];
  UNROLL for (u32 z = 0; z < 16u; z += 4u) {
    const Points values = column_values(column, 16u * x + z, last_row, log_stride);
    UNROLL for (u32 k = 0; k < 4u; ++k) coefficients[z + k] = values.v[k];
  }
  Fp step = fp_zero();
  if (words.w != CONSTRAINT_NO_ROW) {
    step = fp_sub(column_value(column, 16u * x + 16u, last_row, log_stride), coefficients[0]);
  }
  block_layer_down<3>(coefficients, tables);
  block_layer_down<2>(coefficients, tables);
  block_layer_down<1>(coefficients, tables);
  block_layer_down<0>(coefficients, tables);
  for (u32 c = 0; c < cosets; ++c) {
    DEVICE const u32* of_coset = tables + 16u + 32u * (first_coset + c - 1u);
    const u64 at = (u64)c << log_points;
    Fp values[16];
    UNROLL for (u32 i = 0; i < 16u; i += 4u) {
      const Points factors = points_load(of_coset + i);
      UNROLL for (u32 k = 0; k < 4u; ++k) values[i + k] = fp_mul(coefficients[i + k], factors.v[k]);
    }
    block_layer_up<0>(values, tables + 8);
    block_layer_up<1>(values, tables + 8);
    block_layer_up<2>(values, tables + 8);
    block_layer_up<3>(values, tables + 8);
    if (words.z != CONSTRAINT_NO_ROW) {
      UNROLL for (u32 z = 0; z < 16u; z += 4u) {
        points_write(own_rows + words.z + at + z, points(values[z], values[z + 1u], values[z + 2u], values[z + 3u]));
      }
    }
    if (words.w != CONSTRAINT_NO_ROW) {
      UNROLL for (u32 z = 0; z < 16u; z += 4u) {
        const Points wrap = points_load(of_coset + 16u + z);
        points_write(own_rows + words.w + at + z,
                     points(fp_add(values[z + 1u], fp_mul(step, wrap.v[0])),
                            fp_add(values[z + 2u], fp_mul(step, wrap.v[1])),
                            fp_add(values[z + 3u], fp_mul(step, wrap.v[2])),
                            fp_add(values[(z + 4u) & 15u], fp_mul(step, wrap.v[3]))));
      }
    }
  }
}

// Where the interpreter's operands are.
struct OperandPlace {
  u32 thread_index;
  u32 spilled_pitch;  // words from a spilled slot to the next
  u32 rows, publics;
};

FN u32 slot_at(OperandPlace place, u32 slot) { return 4u * (CONSTRAINT_GROUP * slot + place.thread_index); }
FN u64 spilled_at(OperandPlace place, u32 slot) { return (u64)slot * place.spilled_pitch; }

FN Ext slot_load(THREADGROUP const u32* slots, OperandPlace place, u32 slot) {
  const u32 at = slot_at(place, slot);
  return ext_words(slots[at], slots[at + 1u], slots[at + 2u], slots[at + 3u]);
}
FN void slot_store(THREADGROUP u32* slots, DEVICE u32* spilled, OperandPlace place, u32 slot, Ext value) {
  if (slot >= CONSTRAINT_SLOTS) {
    ext_store(spilled + spilled_at(place, slot - CONSTRAINT_SLOTS), value);
    return;
  }
  const u32 at = slot_at(place, slot);
  UNROLL
  for (u32 k = 0; k < 4u; ++k) slots[at + k] = value.c[k].v;
}

FN Points points_of(Ext value) { return points(value.c[0], value.c[1], value.c[2], value.c[3]); }
FN Ext words_of(Points value) { return ext(value.v[0], value.v[1], value.v[2], value.v[3]); }

FN Points points_operand(DEVICE const u64* addresses, DEVICE const u32* weights, DEVICE const u32* spilled,
                         THREADGROUP const u32* slots, OperandPlace place, u32 offset, u32 kind, u32 operand) {
  if (kind == CONSTRAINT_SLOT) return points_of(slot_load(slots, place, operand));
  if (kind == CONSTRAINT_ROW) return points_load(gpu_address(gpu_load(addresses + place.rows + operand)) + offset);
  if (kind == CONSTRAINT_SPILLED) return points_load(spilled + spilled_at(place, operand));
  const Fp value = kind == CONSTRAINT_IMMEDIATE ? fp_word(operand) : fp_load(weights + place.publics + operand);
  return points(value, value, value, value);
}

// The interpreter over base elements, four points a thread.
KERNEL(constraint_sums_points, 64, BUF(0, DEVICE const u32* programs), BUF(1, DEVICE const u32* pieces),
       BUF(2, DEVICE const u64* addresses), BUF(3, DEVICE const u32* weights), BUF(4, DEVICE const u32* eq),
       BUF(5, DEVICE u32* spilled), BUF(6, DEVICE u32* partials), ARGS(7, ConstraintSumsPointsArgs, args)) {
  SHARED(u32, slots, 4096);
  OperandPlace place;
  place.thread_index = gpu_tid.x;
  place.spilled_pitch = 4u * gpu_ntg.x * gpu_tgs.x;
  DEVICE u32* own_spilled = spilled + 4u * gpu_gid.x;
  for (u32 tile = gpu_bid.x; tile < args.tiles; tile += gpu_ntg.x) {
    DEVICE const u32* piece = pieces + PIECE_WORDS * descriptor_of(pieces, PIECE_WORDS, args.pieces, tile);
    const TilePlace at = points_place(piece, tile, place.thread_index);
    PointSums sums = point_sums_zero();
    const Fp zero = fp_zero();
    if (at.active) {
      DEVICE const u32* instructions = programs + gpu_load(piece + 1);
      const u32 count = gpu_load(piece + 2), offset = points_offset(piece, at);
      DEVICE const u32* piece_weights = weights + 4u * gpu_load(piece + 4);
      place.rows = gpu_load(piece + 3);
      place.publics = gpu_load(piece + 5);
      for (u32 i = 0; i < count; ++i) {
        const U4 words = gpu_load4(instructions + 4u * i);
        const u32 op = words.x & 255u;
        const Points a = points_operand(addresses, weights, own_spilled, slots, place, offset,
                                        (words.x >> CONSTRAINT_KIND_A_SHIFT) & 255u, words.y);
        if (op == CONSTRAINT_NEG) {
          slot_store(slots, own_spilled, place, words.w, words_of(points_sub(points(zero, zero, zero, zero), a)));
          continue;
        }
        const Points b = points_operand(addresses, weights, own_spilled, slots, place, offset,
                                        words.x >> CONSTRAINT_KIND_B_SHIFT, words.z);
        if (op == CONSTRAINT_ACCUMULATE) {
          sums = points_accumulate(sums, piece_weights + 4u * words.w, a, b);
          continue;
        }
        const Points value = op == CONSTRAINT_ADD   ? points_add(a, b)
                             : op == CONSTRAINT_SUB ? points_sub(a, b)
                                                    : points_mul(a, b);
        slot_store(slots, own_spilled, place, words.w, words_of(value));
      }
    }
    points_store(slots, piece, eq, at, sums, partials, place.thread_index);
  }
}

// Where a row operand begins; 0 for other operands.
FN u64 row_address(DEVICE const u64* rows, u32 kind, u32 operand) {
  return kind == CONSTRAINT_ROW ? gpu_load(rows + operand) : 0u;
}
FN u32 kind_a(U4 instruction) { return (instruction.x >> CONSTRAINT_KIND_A_SHIFT) & 255u; }
FN u32 kind_b(U4 instruction) { return instruction.x >> CONSTRAINT_KIND_B_SHIFT; }

FN Ext lines_operand(DEVICE const u32* weights, DEVICE const u32* spilled, THREADGROUP const u32* slots,
                     OperandPlace place, LinePair pair, u32 position, u32 kind, u32 operand) {
  if (kind == CONSTRAINT_SLOT) return slot_load(slots, place, operand);
  if (kind == CONSTRAINT_ROW) return line_value(pair, position);
  if (kind == CONSTRAINT_SPILLED) return ext_load(spilled + spilled_at(place, operand));
  return ext_from_fp(kind == CONSTRAINT_IMMEDIATE ? fp_word(operand) : fp_load(weights + place.publics + operand));
}

// The interpreter over extension elements, one line a thread. Few lines leave a device waiting for memory: an
// instruction is loaded two ahead, the addresses of its rows one ahead, and everything that it reads at once.
KERNEL(constraint_sums_lines, 64, BUF(0, DEVICE const u32* programs), BUF(1, DEVICE const u32* pieces),
       BUF(2, DEVICE const u64* addresses), BUF(3, DEVICE const u32* weights), BUF(4, DEVICE const u32* eq),
       BUF(5, DEVICE u32* spilled), BUF(6, DEVICE u32* partials), ARGS(7, ConstraintSumsLinesArgs, args)) {
  SHARED(u32, slots, 4096);
  OperandPlace place;
  place.thread_index = gpu_tid.x;
  place.spilled_pitch = 4u * gpu_ntg.x * gpu_tgs.x;
  DEVICE u32* own_spilled = spilled + 4u * gpu_gid.x;
  for (u32 tile = gpu_bid.x; tile < args.tiles; tile += gpu_ntg.x) {
    DEVICE const u32* piece = pieces + PIECE_WORDS * descriptor_of(pieces, PIECE_WORDS, args.pieces, tile);
    const TilePlace at = lines_place(piece, tile, place.thread_index);
    const u32 count = gpu_load(piece + 2);
    Ext sum = ext_zero();
    if (at.active && count != 0) {
      DEVICE const u32* instructions = programs + gpu_load(piece + 1);
      DEVICE const u32* piece_weights = weights + 4u * gpu_load(piece + 4);
      DEVICE const u64* rows = addresses + gpu_load(piece + 3);
      place.publics = gpu_load(piece + 5);
      const u32 position = gpu_load(piece + 9) + at.coset;
      U4 words = gpu_load4(instructions);
      U4 next = gpu_load4(instructions + 4u * gpu_min(1u, count - 1u));
      u64 row_a = row_address(rows, kind_a(words), words.y), row_b = row_address(rows, kind_b(words), words.z);
      for (u32 i = 0; i < count; ++i) {
        const U4 after = gpu_load4(instructions + 4u * gpu_min(i + 2u, count - 1u));
        const u64 next_a = row_address(rows, kind_a(next), next.y), next_b = row_address(rows, kind_b(next), next.z);
        const u32 op = words.x & 255u;
        Ext weight_a = ext_zero(), weight_b = ext_zero();
        if (op == CONSTRAINT_ACCUMULATE) {
          weight_a = ext_load(piece_weights + 4u * words.w);
          weight_b = ext_load(piece_weights + 4u * words.w + 4u);
        }
        const LinePair pair_a = line_pair(row_a, at.first, position), pair_b = line_pair(row_b, at.first, position);
        const Ext a = lines_operand(weights, own_spilled, slots, place, pair_a, position, kind_a(words), words.y);
        const Ext b = lines_operand(weights, own_spilled, slots, place, pair_b, position, kind_b(words), words.z);
        if (op == CONSTRAINT_ACCUMULATE) {
          sum = ext_add(sum, ext_add(ext_mul(weight_a, a), ext_mul(weight_b, b)));
        } else {
          const Ext value = op == CONSTRAINT_ADD     ? ext_add(a, b)
                            : op == CONSTRAINT_SUB   ? ext_sub(a, b)
                            : op == CONSTRAINT_SCALE ? ext_scale(a, b.c[0])
                            : op == CONSTRAINT_NEG   ? ext_sub(ext_zero(), a)
                                                     : ext_mul(a, b);
          slot_store(slots, own_spilled, place, words.w, value);
        }
        words = next;
        next = after;
        row_a = next_a;
        row_b = next_b;
      }
    }
    lines_store(slots, piece, eq, at, sum, partials, place.thread_index, gpu_lane, gpu_simd);
  }
}

// One group for each sum: eight words, of which the first four are the element.
KERNEL(constraint_sums_reduce, 256, BUF(0, DEVICE const u32* results), BUF(1, DEVICE const u32* partials),
       BUF(2, DEVICE u32* sums), ARGS(3, ConstraintSumsReduceArgs, args)) {
  SHARED(u32, scratch, 64);
  DEVICE const u32* result = results + RESULT_WORDS * descriptor_of(results, RESULT_WORDS, args.results, gpu_bid.x);
  const u32 own = gpu_bid.x - gpu_load(result), log_size = gpu_load(result + 4), log_block = gpu_load(result + 5);
  const u32 z = own & ((1u << log_block) - 1u), position = own >> log_block, positions = gpu_load(result + 3);
  const u32 log_terms = log_size - log_block, terms = gpu_load(result + 2) << log_terms;
  Ext sum = ext_zero();
  for (u32 i = gpu_tid.x; i < terms; i += gpu_tgs.x) {
    const u32 part = i >> log_terms, term = i & ((1u << log_terms) - 1u);
    const u64 at = ((u64)(part * positions + position) << log_size) + (term << log_block) + z;
    sum = ext_add(sum, ext_load(partials + 4u * ((u64)gpu_load(result + 1) + at)));
  }
  group_store_sums(scratch, sum, ext_zero(), sums + 8u * gpu_bid.x, gpu_tid.x, gpu_lane, gpu_simd, 8);
}

// Binds the lowest variable of columns.
KERNEL(constraint_sums_fold, 256, BUF(0, DEVICE const u32* folds), ARGS(1, ConstraintSumsFoldArgs, args)) {
  DEVICE const u32* fold = folds + FOLD_WORDS * descriptor_of(folds, FOLD_WORDS, args.folds, gpu_bid.x);
  const u32 item = (gpu_bid.x - gpu_load(fold)) * gpu_tgs.x + gpu_tid.x, log_length = gpu_load(fold + 2);
  if (item >= gpu_load(fold + 1)) return;
  const u64 column = item >> log_length, element = item & ((1u << log_length) - 1u);
  const u64 from = ((u64)gpu_load(fold + 7) << 32) | gpu_load(fold + 6);
  const u64 to = ((u64)gpu_load(fold + 9) << 32) | gpu_load(fold + 8);
  DEVICE const u32* pair = gpu_address(from) + 4u * ((column << gpu_load(fold + 3)) + 2u * element);
  const Ext even = ext_load(pair), odd = ext_load(pair + 4);
  ext_store(gpu_address_mut(to) + 4u * ((column << gpu_load(fold + 4)) + element),
            ext_add(even, ext_mul(ext_sub(odd, even), ext_constant(args.challenge))));
}

// Binds the lowest variables of columns at once: a group for each element of the result.
KERNEL(constraint_sums_bind, 64, BUF(0, DEVICE const u32* columns), BUF(1, DEVICE const u32* eq),
       BUF(2, DEVICE u32* bound), ARGS(3, ConstraintSumsBindArgs, args)) {
  SHARED(u32, scratch, 8);
  DEVICE const u32* entries = columns + 4u * ((u64)gpu_bid.x << args.log_bound);
  // A thread stays with one weight of the low variables while it goes through the high ones.
  const u32 lows = 1u << args.log_low, highs = 1u << (args.log_bound - args.log_low);
  const u32 log_wide = gpu_min(args.log_low, BIND_LOG_GROUP);
  Ext sum = ext_zero();
  for (u32 low = gpu_tid.x & ((1u << log_wide) - 1u); low < lows; low += 1u << log_wide) {
    Ext of_low = ext_zero();
    for (u32 high = gpu_tid.x >> log_wide; high < highs; high += gpu_tgs.x >> log_wide) {
      const Ext entry = ext_load(entries + 4u * ((u64)(high << args.log_low) + low));
      of_low = ext_add(of_low, ext_mul(ext_load(eq + 4u * (args.high + high)), entry));
    }
    sum = ext_add(sum, ext_mul(ext_load(eq + 4u * (args.low + low)), of_low));
  }
  sum = ext_simd_sum(sum);
  if (gpu_lane == 0) {
    UNROLL
    for (u32 c = 0; c < 4u; ++c) scratch[4u * gpu_simd + c] = sum.c[c].v;
  }
  gpu_barrier_threadgroup();
  if (gpu_tid.x < 4u) {
    fp_store(bound + 4u * (u64)gpu_bid.x + gpu_tid.x,
             fp_add(fp_word(scratch[gpu_tid.x]), fp_word(scratch[4u + gpu_tid.x])));
  }
}
