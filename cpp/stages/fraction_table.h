// One layer of the LogUp-GKR tree on host memory (protocol part 04, 3.4 to 4.1).
#pragma once

#include "protocol/proof.h"
#include "runtime/context.h"
#include "stages/words.h"

namespace openswirl::stages {

inline constexpr size_t kNodesPerRange = 4096;  // of loops over nodes with several threads

// The stored prefix of 2^log_size fractions; all others are (0, padding). A table without memory of its own
// says only how much there is.
struct FractionTable {
  uint32_t log_size = 0;
  size_t stored = 0;  // a multiple of 4, or everything; the buffers may be longer
  Ext padding;
  Buffer<Fp> base_p;  // leaves only
  Buffer<Ext> p, q;

  FractionTable() = default;
  // Room for the first `used` fractions, without memory.
  FractionTable(uint32_t log_size, size_t used, const Ext& padding);
  // The same with memory, of base elements p if `base`.
  FractionTable(const Context& context, uint32_t log_size, size_t used, const Ext& padding, bool base);

  // Fills what is stored from here on.
  void pad(size_t from);
  // The layer above: node y is the projective sum of nodes 2y and 2y + 1.
  FractionTable parents(const Context& context) const;
  // Of nodes 0 and 1.
  LayerClaims claims() const;

  size_t p_words() const { return base_p.size() > 0 ? 1 : 4; }
  const uint32_t* p_data() const { return p_words() == 1 ? words(base_p.data()) : words(p.data()); }
  const uint32_t* q_data() const { return words(q.data()); }
};

}  // namespace openswirl::stages
