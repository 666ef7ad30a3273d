// The Poseidon2 permutation of width 16 on one state, scalar (protocol part 01, 3).
#pragma once

#include <array>

#include "field/fp.h"

namespace openswirl {

inline constexpr size_t kStateWidth = 16;
inline constexpr size_t kRate = 8;
inline constexpr size_t kDigestWidth = 8;

using SpongeState = std::array<Fp, kStateWidth>;
using Digest = std::array<Fp, kDigestWidth>;

// Permutes the state in place.
void poseidon2_permute(SpongeState& state);

}  // namespace openswirl
