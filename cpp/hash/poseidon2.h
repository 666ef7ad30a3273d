// The Poseidon2 permutation of width 16 (protocol part 01, 3).
#pragma once

#include <array>
#include <span>

#include "field/fp.h"

namespace openswirl {

inline constexpr size_t kStateWidth = 16;
inline constexpr size_t kRate = 8;
inline constexpr size_t kDigestWidth = 8;

using SpongeState = std::array<Fp, kStateWidth>;
using Digest = std::array<Fp, kDigestWidth>;

// Permutes the state in place, with the vector kernels of the machine (hash/kernels.h).
void poseidon2_permute(SpongeState& state);
// Permutes every state, several at once.
void poseidon2_permute(std::span<SpongeState> states);

// The same, as the protocol writes it: what the kernels are compared with.
void poseidon2_permute_plainly(SpongeState& state);

}  // namespace openswirl
