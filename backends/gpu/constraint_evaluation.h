// The seam between the constraint sums (protocol part 04, 5 and 6) and what evaluates constraints on the
// device: the interpreter of metal/kernels/constraint_sums.metal, or a kernel made for one AIR. Who lays out
// the operands, weighs the points and adds the results up never changes with the evaluator.
//
// ROWS. An evaluator reads rows: columns, rotated columns and the three selectors of a trace, numbered once
// for an AIR (AirRows) and the same in every round. `addresses` is a table of u64; row r of a piece begins at
// addresses[piece.rows + r], 16-byte aligned (0: not read in this round). Constants and public values are no
// rows; public value i is word piece.publics + i of the weights.
//   points (round 0): base elements; point p of the piece's coset c is word (c << max(log_size, 2)) + p,
//   where
//                     p = (x - first_block) 2^l_skip + z. At least four words a coset.
//   lines (MLE rounds): extension elements of four words; line y goes through elements 2y and 2y + 1. X = 0
//   is
//                     element 2y alone, and the only position asked for where there is one element.
//
// PIECES (ConstraintsPiece in metal/include/constraint_sums_args.h). A dispatch evaluates pieces: some of the
// constraints, messages or counts of one trace, whose weighted sum goes to one of the dispatch's results. A
// piece has tiles; a group takes one tile at a time, the piece of a tile is descriptor_of() the tile.
//   points: a tile has 256 consecutive points of one coset; thread t of 64 has points 4t .. 4t + 3 of it, so
//           that one 16-byte load brings an operand of all four (points_place, points_offset, points_load).
//   lines:  a tile has 64 consecutive lines at one X; a thread has one line (lines_place, line_pair,
//   line_value).
//
// RESULT. The evaluator finds, for every point of the tile, sum_i weights[i] node_i over the piece's nodes
// (weights: extension elements, lambda^k or e(T, s) beta^j times the batching factors of the round), and
// hands it to points_store or lines_store of metal/include/constraint_sums.h, which multiply by eq(xi, x),
// add up the tile per z (lines: altogether) and store min(N, 256) elements (lines: one) at element
// piece.first_partial + tile in piece * min(N, 256) of `partials`. TileSums adds up tiles and pieces. Nothing
// else is written; evaluators keep no state between dispatches.
#pragma once

#include <vector>

#include "stages/constraint_program.h"

namespace openswirl::gpu {

// The rows of an AIR: every column, rotated column and selector that its constraints or interactions read.
struct AirRows {
  std::vector<stages::LeafSource> rows;

  explicit AirRows(const AirVk& air);
  // Row of a leaf that is neither constant nor public value.
  uint32_t of(const stages::LeafSource& leaf) const;
};

}  // namespace openswirl::gpu
