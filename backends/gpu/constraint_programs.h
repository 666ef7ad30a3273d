// The row functions of every AIR (protocol part 04, 5.1) as programs on the device, made once for a key:
// pieces of them that are evaluated side by side, because few rounds have as many points as a device has
// threads.
#pragma once

#include "gpu/constraint_evaluation.h"
#include "gpu/engine.h"
#include "stages/constraint_weights.h"

namespace openswirl::gpu {

enum class RowFunction : uint8_t { kConstraints, kMessages, kCounts };
inline constexpr RowFunction kRowFunctions[] = {RowFunction::kConstraints, RowFunction::kMessages,
                                                RowFunction::kCounts};

// Nodes of one row function.
struct ConstraintPiece {
  RowFunction function = RowFunction::kConstraints;
  uint32_t instructions = 0, num_instructions = 0;  // word of the programs; how many
  uint32_t spilled_slots = 0;                       // that do not fit threadgroup memory
  // Of every weight of the program: which of the function's nodes it belongs to, kNoNode for none.
  std::vector<uint32_t> nodes;
  static constexpr uint32_t kNoNode = ~uint32_t{0};
  std::vector<uint32_t> rows;  // that it reads
};

struct AirPrograms {
  AirRows rows;
  stages::RowFunctions functions;
  std::vector<ConstraintPiece> pieces;  // constraints first, then messages, then counts
  // The same nodes in shorter pieces, for rounds in which so few lines are left that a device waits for the
  // longest piece; empty where they would be no shorter.
  std::vector<ConstraintPiece> short_pieces;
};

class ConstraintPrograms {
 public:
  // Waits for the device. A piece has about this many instructions, more where its nodes share much.
  static constexpr size_t kPieceInstructions = 128;
  static constexpr size_t kTimesShorter = 4;
  ConstraintPrograms(Work& work, const VerifyingKey& vk, size_t piece_instructions = kPieceInstructions);

  const AirPrograms& air(uint32_t air_id) const { return airs_[air_id]; }
  const Range& words() const { return words_.range(); }

 private:
  std::vector<AirPrograms> airs_;
  Array words_;
};

}  // namespace openswirl::gpu
