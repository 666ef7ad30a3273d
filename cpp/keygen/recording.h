// What the code of an AIR records while it runs once: constraint trees and interactions (part 02, 2.3
// to 2.5).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "keygen/symbolic.h"

namespace openswirl {

struct RecordedConstraint {
  Tree tree = 0;
  std::string source;  // "file:line" of the code that recorded it; may be empty
};

struct RecordedInteraction {
  std::vector<Tree> message;
  Tree count = 0;
  uint16_t bus_index = 0;
  uint32_t count_weight = 0;
  std::string source;
};

struct Recording {
  SymbolicTrees trees;
  std::vector<RecordedConstraint> constraints;
  std::vector<RecordedInteraction> interactions;

  // Records tree = 0 under conditions, outermost first: mul(c0, mul(c1, tree)) (part 02, 2.4).
  void assert_zero(std::span<const Tree> conditions, Tree tree, std::string source);
};

}  // namespace openswirl
