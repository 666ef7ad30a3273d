// The interpreter of constraint programs (protocol part 02, 8): straight-line code over the rows of a trace,
// the same for every AIR. One dispatch serves all traces; each group finds its own by its number.
#include "descriptors.h"
#include "sums.h"
#include "constraints_args.h"

#define TRACE_WORDS 12u     /* of ConstraintsTrace */
#define FOLD_TRACE_WORDS 16u /* of ConstraintsFoldTrace */

FN u32 trace_word(DEVICE const u32* programs, u32 trace, u32 word) {
  return gpu_load(programs + TRACE_WORDS * trace + word);
}

// Where a thread's operands are. Slots beyond the shared ones lie in device memory, thread beside thread.
struct RowPlace {
  u32 thread_index, thread_in_grid, threads;
  u32 row, next_row, last_row;
  u32 log_stride, constants, columns;
};

FN Fp row_operand(DEVICE const u32* programs, DEVICE const u64* columns, DEVICE const u32* spilled,
                  THREADGROUP const u32* slots, RowPlace place, u32 operand) {
  const u32 kind = operand >> OPERAND_KIND_SHIFT, index = operand & ((1u << OPERAND_KIND_SHIFT) - 1u);
  if (kind == OPERAND_SLOT) {
    if (index < CONSTRAINTS_SHARED_SLOTS) return fp_word(slots[CONSTRAINTS_GROUP * index + place.thread_index]);
    return fp_load(spilled + (u64)(index - CONSTRAINTS_SHARED_SLOTS) * place.threads + place.thread_in_grid);
  }
  if (kind == OPERAND_CONSTANT) return fp_load(programs + place.constants + index);
  if (kind == OPERAND_COLUMN || kind == OPERAND_ROTATED) {
    const u32 row = kind == OPERAND_COLUMN ? place.row : place.next_row;
    return fp_load(gpu_address(gpu_load(columns + place.columns + index)) + ((u64)row << place.log_stride));
  }
  const bool is_last = place.row == place.last_row;
  const bool one = kind == OPERAND_FIRST ? place.row == 0 : kind == OPERAND_LAST ? is_last : !is_last;
  return one ? fp_one() : fp_zero();
}

FN void row_result(DEVICE u32* spilled, THREADGROUP u32* slots, RowPlace place, u32 slot, Fp value) {
  if (slot < CONSTRAINTS_SHARED_SLOTS) {
    slots[CONSTRAINTS_GROUP * slot + place.thread_index] = value.v;
  } else {
    fp_store(spilled + (u64)(slot - CONSTRAINTS_SHARED_SLOTS) * place.threads + place.thread_in_grid, value);
  }
}

// The fractions of all interactions (part 04, 3.5): one thread for each lifted row.
KERNEL(constraints_fractions, 64, BUF(0, DEVICE const u32* programs), BUF(1, DEVICE const u64* columns),
       BUF(2, DEVICE u32* spilled), BUF(3, DEVICE u32* p), BUF(4, DEVICE u32* q),
       ARGS(5, ConstraintsFractionsArgs, args)) {
  SHARED(u32, slots, 2048);
  for (u32 group = gpu_bid.x; group < args.groups; group += gpu_ntg.x) {
    const u32 trace = descriptor_of(programs, TRACE_WORDS, args.traces, group);
    const u32 lifted_row = (group - trace_word(programs, trace, 0)) * CONSTRAINTS_GROUP + gpu_tid.x;
    const u32 log_lifted = trace_word(programs, trace, 2);
    RowPlace place;
    place.thread_index = gpu_tid.x;
    place.thread_in_grid = gpu_gid.x;
    place.threads = gpu_ntg.x * gpu_tgs.x;
    place.last_row = (1u << trace_word(programs, trace, 1)) - 1u;
    place.row = lifted_row & place.last_row;
    place.next_row = (place.row + 1u) & place.last_row;
    place.log_stride = trace_word(programs, trace, 3);
    place.constants = trace_word(programs, trace, 6);
    place.columns = trace_word(programs, trace, 9);
    // Nothing below waits for the other threads of the group.
    if ((lifted_row >> log_lifted) != 0) continue;

    DEVICE const u32* instructions = programs + trace_word(programs, trace, 4);
    const u32 count = trace_word(programs, trace, 5);
    DEVICE const u32* weights = programs + trace_word(programs, trace, 7);
    DEVICE const u32* fraction_constants = programs + trace_word(programs, trace, 8);
    const u64 first = trace_word(programs, trace, 10) + (u64)lifted_row;
    const Fp scale = fp_word(trace_word(programs, trace, 11));
    ExtSum sum = ext_sum_zero();
    for (u32 i = 0; i < count; ++i) {
      const U4 instruction = gpu_load4(instructions + 4u * i);
      const Fp a = row_operand(programs, columns, spilled, slots, place, instruction.z);
      const Fp b = row_operand(programs, columns, spilled, slots, place, instruction.w);
      if (instruction.x == OP_ACCUMULATE) {
        sum = ext_sum_pair(sum, ext_load(weights + 4u * instruction.y), a,
                           ext_load(weights + 4u * instruction.y + 4u), b);
      } else if (instruction.x == OP_EMIT) {
        const u64 at = first + ((u64)instruction.y << log_lifted);
        fp_store(p + at, fp_mul(a, scale));
        ext_store(q + 4u * at, ext_add(ext_sum_value(sum), ext_load(fraction_constants + 4u * instruction.y)));
        sum = ext_sum_zero();
      } else {
        const Fp value = instruction.x == OP_ADD   ? fp_add(a, b)
                         : instruction.x == OP_SUB ? fp_sub(a, b)
                         : instruction.x == OP_MUL ? fp_mul(a, b)
                                                   : fp_sub(fp_zero(), a);
        row_result(spilled, slots, place, instruction.y, value);
      }
    }
  }
}

FN Ext fold_constant(DEVICE const u32* trace, u32 word) {
  return ext_words(gpu_load(trace + word), gpu_load(trace + word + 1u), gpu_load(trace + word + 2u),
                   gpu_load(trace + word + 3u));
}

// A selector at Z = r_0 is constant but in the first or the last block.
FN Ext folded_selector(DEVICE const u32* trace, u32 selector, u32 block, u32 last_block) {
  if (selector == 0) return block == 0 ? fold_constant(trace, 8) : ext_zero();
  const Ext last = block == last_block ? fold_constant(trace, 12) : ext_zero();
  return selector == 1u ? last : ext_sub(ext_one(), last);
}

FN DEVICE u32* fold_target(DEVICE u32* folded, DEVICE u32* opened, u32 element) {
  if ((element & FOLD_OPENED) != 0) return opened + 4u * (u64)(element - FOLD_OPENED);
  return folded + 4u * (u64)element;
}

// Every column of every trace at Z = r_0 (part 04, 5.5), in one pass: a thread weighs the N values of a block
// and, for the rotation, the same values one row on. weights: zero, eq_D(r_0, w^z) for z < N, zero. Behind the
// columns come the selectors.
KERNEL(constraints_fold_rows, 128, BUF(0, DEVICE const u32* traces), BUF(1, DEVICE const u64* columns),
       BUF(2, DEVICE const u32* weights), BUF(3, DEVICE u32* folded), BUF(4, DEVICE u32* opened),
       ARGS(5, ConstraintsFoldRowsArgs, args)) {
  DEVICE const u32* trace =
      traces + FOLD_TRACE_WORDS * descriptor_of(traces, FOLD_TRACE_WORDS, args.traces, gpu_bid.x);
  const u32 item = (gpu_bid.x - gpu_load(trace)) * gpu_tgs.x + gpu_tid.x;
  if (item >= gpu_load(trace + 4)) return;
  const u32 last_row = (1u << gpu_load(trace + 1)) - 1u, log_stride = gpu_load(trace + 2);
  const u32 log_blocks = gpu_load(trace + 3), rotated = gpu_load(trace + 7);
  const u32 column = item >> log_blocks, block = item & ((1u << log_blocks) - 1u);
  const u32 columns_here = (gpu_load(trace + 4) >> log_blocks) - 3u;
  if (column >= columns_here) {
    DEVICE u32* out = folded + 4u * ((u64)gpu_load(trace + 6) + (item - (columns_here << log_blocks)));
    ext_store(out, folded_selector(trace, column - columns_here, block, (1u << log_blocks) - 1u));
    return;
  }
  DEVICE const u64* own = columns + 2u * (gpu_load(trace + 5) + column);
  DEVICE const u32* values = gpu_address(gpu_load(own));
  const u64 elements = gpu_load(own + 1);
  const u32 size = 1u << args.log_block, first_row = block << args.log_block;

  // Four values at a time where they lie side by side.
  const bool quads = log_stride == 0 && size >= 4u && last_row >= 3u;
  ExtSum plain = ext_sum_zero(), next = ext_sum_zero();
  Ext before = ext_zero();
  U4 words = gpu_u4(0, 0, 0, 0);
  for (u32 z = 0; z < size; z += 2u) {
    Fp a, b;
    if (quads) {
      if ((z & 2u) == 0) words = gpu_load4(values + ((first_row + z) & last_row));
      a = fp_word((z & 2u) == 0 ? words.x : words.z);
      b = fp_word((z & 2u) == 0 ? words.y : words.w);
    } else {
      a = fp_load(values + ((u64)((first_row + z) & last_row) << log_stride));
      b = fp_load(values + ((u64)((first_row + z + 1u) & last_row) << log_stride));
    }
    const Ext at_a = ext_load(weights + 4u * (z + 1u)), at_b = ext_load(weights + 4u * (z + 2u));
    plain = ext_sum_pair(plain, at_a, a, at_b, b);
    if (rotated != 0) next = ext_sum_pair(next, before, a, at_a, b);
    before = at_b;
  }
  ext_store(fold_target(folded, opened, (u32)elements) + 4u * (u64)block, ext_sum_value(plain));
  if (rotated == 0) return;
  if (size > 1u) {
    const Fp last = fp_load(values + ((u64)((first_row + size) & last_row) << log_stride));
    next = ext_sum_pair(next, before, last, ext_zero(), fp_zero());
  }
  ext_store(fold_target(folded, opened, (u32)(elements >> 32)) + 4u * (u64)block, ext_sum_value(next));
}
