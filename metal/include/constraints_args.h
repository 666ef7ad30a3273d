// Arguments of kernels/constraints.metal, seen by host and device.
#define CONSTRAINTS_GROUP 64u
#define CONSTRAINTS_SHARED_SLOTS 32u /* of each thread; more lie in device memory */

// An operand is its kind in the upper three bits and an index below.
#define OPERAND_SLOT 0u
#define OPERAND_CONSTANT 1u
#define OPERAND_COLUMN 2u
#define OPERAND_ROTATED 3u
#define OPERAND_FIRST 4u
#define OPERAND_LAST 5u
#define OPERAND_TRANSITION 6u
#define OPERAND_KIND_SHIFT 29u

// Instructions: op, target, a, b.
#define OP_ADD 0u
#define OP_SUB 1u
#define OP_MUL 2u
#define OP_NEG 3u
#define OP_ACCUMULATE 4u /* sum += weights[target] a + weights[target + 1] b */
#define OP_EMIT 5u       /* fraction `target`: count a, denominator sum, which starts again from zero */

// Places are words of the programs unless said otherwise; those of extension elements are 16-byte aligned.
struct ConstraintsTrace {
  u32 first_group;  // of the dispatch
  u32 log_height, log_lifted, log_stride;
  u32 instructions, num_instructions;
  u32 constants, weights, fraction_constants;
  u32 columns;  // in the table of addresses
  u32 first_fraction;
  u32 scale;  // Montgomery word times every numerator
};

struct ConstraintsFractionsArgs {
  u32 traces;  // descriptors, at the start of the programs
  u32 groups;  // of all traces
};

struct ConstraintsFoldTrace {
  u32 first_group;  // of the dispatch
  u32 log_height, log_stride, log_blocks;
  u32 items;    // columns and three selectors, times blocks
  u32 columns;            // in the table of columns
  u32 selectors;          // element of the first one's first block
  u32 rotated;            // 1: every column has its rotation too
  u32 first[4], last[4];  // the selectors at r_0, where they are not zero
};

// A column is two words of 64 bits: the address of row 0, then the elements where its first block goes and, in the
// upper half, where that of its rotation does. With this bit, among those that are only opened.
#define FOLD_OPENED 0x80000000u

struct ConstraintsFoldRowsArgs {
  u32 traces;
  u32 log_block;  // l_skip
};
