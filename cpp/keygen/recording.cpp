// Constraints enter the list with their conditions as left factors, the condition added last innermost.
#include "keygen/recording.h"

#include <utility>

namespace openswirl {

void Recording::assert_zero(std::span<const Tree> conditions, Tree tree, std::string source) {
  for (size_t i = conditions.size(); i-- > 0;) tree = trees.mul(conditions[i], tree);
  constraints.push_back({tree, std::move(source)});
}

}  // namespace openswirl
