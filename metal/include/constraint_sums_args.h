// Arguments of kernels/constraint_sums.metal, seen by host and device. Elements are extension elements of
// four words; places in arrays of elements count elements.
#define CONSTRAINT_GROUP 64u
#define CONSTRAINT_LOG_LINES 6u      /* a tile of lines: one for each thread */
#define CONSTRAINT_LOG_LONE_LINES 5u /* in a tile of so few, all are of one SIMD group */
#define CONSTRAINT_LOG_POINTS 8u     /* a tile of points: four for each thread */
#define CONSTRAINT_SLOTS 16u         /* of four words for each thread, in threadgroup memory */

// Instructions of four words: op and kinds of both operands, a, b, target.
#define CONSTRAINT_ADD 0u
#define CONSTRAINT_SUB 1u
#define CONSTRAINT_MUL 2u
#define CONSTRAINT_SCALE 3u /* a times b, which lies in the base field */
#define CONSTRAINT_NEG 4u
#define CONSTRAINT_ACCUMULATE 5u /* sum += weights[target] a + weights[target + 1] b */
#define CONSTRAINT_KIND_A_SHIFT 8u
#define CONSTRAINT_KIND_B_SHIFT 16u

#define CONSTRAINT_SLOT 0u
#define CONSTRAINT_SPILLED 1u   /* a slot in device memory */
#define CONSTRAINT_ROW 2u       /* a column, a rotated column or a selector */
#define CONSTRAINT_IMMEDIATE 3u /* the operand itself */
#define CONSTRAINT_PUBLIC 4u    /* a public value */

// Some nodes of one trace, evaluated at all points or along all lines of the trace.
struct ConstraintsPiece {
  u32 first_tile;                      // of the dispatch
  u32 instructions, num_instructions;  // words of the programs; how many
  u32 rows;                            // in the table of addresses
  u32 weights;                         // elements of the weights
  u32 publics;                         // words of the weights
  u32 log_size;                        // points of a coset, or lines
  u32 log_block;                       // l_skip; of lines 0
  u32 first_block;                     // x of the first point; of lines 0
  u32 first_position;                  // lines: X of the first tile
  u32 eq_low, eq_high, log_low;        // eq(xi, x) = low[x mod 2^log_low] high[x >> log_low]
  u32 first_partial;
  u32 reserved[2];
};

struct ConstraintSumsPointsArgs {
  u32 pieces, tiles;
};

struct ConstraintSumsLinesArgs {
  u32 pieces, tiles;
};

// Of one result: the sums at 2^log_block z of each of a number of cosets, or one sum at each of a number of X
// (log_block = 0). partials: [part][coset or X][2^log_size elements, of which z, z + 2^log_block, .. add up].
struct ConstraintsResult {
  u32 first_sum;  // of the dispatch
  u32 first_partial;
  u32 parts, positions;
  u32 log_size, log_block;
  u32 reserved[2];
};

struct ConstraintSumsReduceArgs {
  u32 results;
};

// The rows of one trace at the points of some of its blocks.
struct ConstraintsExtension {
  u32 first_group;           // of the dispatch
  u32 entries, num_entries;  // in the table of entries
  u32 log_height, log_stride;
  u32 log_points;               // of a coset
  u32 first_block, last_block;  // x of the first point, and of the last block of the trace
  u32 selectors;                // word of the tables: of coset after coset, first[z], then last[z]
  u32 first_coset, cosets;      // 0 is D itself
  u32 first_word;               // of the extension's part of `rows`
  u32 reserved[4];
};

struct ConstraintSumsExtendArgs {
  u32 extensions;
  u32 log_block;  // l_skip
};

// An entry is four words: the address of row 0 of a column, then where in the extension's part its row begins
// and where its rotation; NO_ROW: nowhere. A selector (0 first, 1 last, 2 transition) has its number in place
// of the address and SELECTOR_ROW as rotation.
#define CONSTRAINT_NO_ROW 0xffffffffu
#define CONSTRAINT_SELECTOR_ROW 0xfffffffeu

// The columns of one trace: of 2^(log_length + 1) elements, 2^log_from elements apart at the address `from`;
// of half as many, 2^log_to elements apart, at `to`.
struct ConstraintsFold {
  u32 first_group;  // of the dispatch
  u32 items;        // elements written
  u32 log_length;
  u32 log_from, log_to;
  u32 reserved;
  u64 from, to;
};

struct ConstraintSumsFoldArgs {
  u32 challenge[4];
  u32 folds;
};

struct ConstraintSumsBindArgs {
  u32 low, high, log_low;  // eq(r, x) = low[x mod 2^log_low] high[x >> log_low]
  u32 log_bound;           // variables
};
