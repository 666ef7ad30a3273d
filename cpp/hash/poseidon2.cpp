#include "hash/poseidon2.h"

#include "hash/kernels.h"
#include "hash/poseidon2_constants.h"

namespace openswirl {
namespace {

template <size_t N>
constexpr std::array<Fp, N> to_field(const std::array<uint32_t, N>& canonical) {
  std::array<Fp, N> result{};
  for (size_t i = 0; i < N; ++i) result[i] = Fp::from_u32(canonical[i]);
  return result;
}
template <size_t R, size_t N>
constexpr std::array<std::array<Fp, N>, R> to_field(const std::array<std::array<uint32_t, N>, R>& canonical) {
  std::array<std::array<Fp, N>, R> result{};
  for (size_t r = 0; r < R; ++r) result[r] = to_field(canonical[r]);
  return result;
}

constexpr auto kExternalInitial = to_field(poseidon2_constants::kExternalInitial);
constexpr auto kInternal = to_field(poseidon2_constants::kInternal);
constexpr auto kExternalFinal = to_field(poseidon2_constants::kExternalFinal);
constexpr auto kDiagonal = to_field(poseidon2_constants::kInternalDiagonal);

OPENSWIRL_INLINE Fp sbox(Fp x) {
  const Fp x2 = x.square(), x3 = x2 * x, x4 = x2.square();
  return x3 * x4;
}

// M4 (rows 2 3 1 1 / 1 2 3 1 / 1 1 2 3 / 3 1 1 2) on each group of four, then each residue's column sum is
// added.
OPENSWIRL_INLINE void external_linear(SpongeState& s) {
  for (size_t g = 0; g < 16; g += 4) {
    const Fp a = s[g], b = s[g + 1], c = s[g + 2], d = s[g + 3];
    const Fp ab = a + b, cd = c + d, all = ab + cd;
    s[g] = all + ab + b;
    s[g + 1] = all + b + c + c;
    s[g + 2] = all + cd + d;
    s[g + 3] = all + d + a + a;
  }
  for (size_t j = 0; j < 4; ++j) {
    const Fp sum = s[j] + s[j + 4] + s[j + 8] + s[j + 12];
    for (size_t i = j; i < 16; i += 4) s[i] += sum;
  }
}

OPENSWIRL_INLINE void internal_linear(SpongeState& s) {
  Fp sum = s[0];
  for (size_t i = 1; i < 16; ++i) sum += s[i];
  for (size_t i = 0; i < 16; ++i) s[i] = sum + kDiagonal[i] * s[i];
}

OPENSWIRL_INLINE void external_round(SpongeState& s, const std::array<Fp, 16>& constants) {
  for (size_t i = 0; i < 16; ++i) s[i] = sbox(s[i] + constants[i]);
  external_linear(s);
}

}  // namespace

void poseidon2_permute_plainly(SpongeState& s) {
  OPENSWIRL_COUNT_AS(permutations);
  external_linear(s);
  for (const auto& constants : kExternalInitial) external_round(s, constants);
  for (const Fp constant : kInternal) {
    s[0] = sbox(s[0] + constant);
    internal_linear(s);
  }
  for (const auto& constants : kExternalFinal) external_round(s, constants);
}

#ifdef OPENSWIRL_COUNT_WORK

// Only operations of Fp count themselves.
void poseidon2_permute(SpongeState& state) { poseidon2_permute_plainly(state); }
void poseidon2_permute(std::span<SpongeState> states) {
  for (SpongeState& state : states) poseidon2_permute_plainly(state);
}

#else

namespace {

// An Fp is its word.
uint32_t* words(SpongeState* states) { return reinterpret_cast<uint32_t*>(states); }
SpongeState* states(uint32_t* words) { return reinterpret_cast<SpongeState*>(words); }

void permute_one(uint32_t* state) { poseidon2_permute_plainly(*states(state)); }
void permute_many(uint32_t* words, size_t count) {
  for (size_t i = 0; i < count; ++i) poseidon2_permute_plainly(states(words)[i]);
}

}  // namespace

namespace scalar {
extern const HashKernels kHashKernels;
constinit const HashKernels kHashKernels = {"scalar", permute_one, permute_many};
}  // namespace scalar

void poseidon2_permute(SpongeState& state) { hash_kernels().permute(words(&state)); }
void poseidon2_permute(std::span<SpongeState> states) {
  hash_kernels().permute_many(words(states.data()), states.size());
}

#endif

}  // namespace openswirl
