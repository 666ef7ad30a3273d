// The vector kernels of hashing, one table per instruction set, chosen at run time. hash/isa/<isa>.cpp
// compiles hash/kernels/all.h once per instruction set; the rules for those texts are those of
// stages/kernels.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace openswirl {

struct HashKernels {
  const char* name;  // "scalar", "avx2", "avx512", "avx512ifma", "neon"
  // Permutes one state of 16 words in place: the shortest time until its result is there.
  void (*permute)(uint32_t* state);
  // Permutes `count` states of 16 consecutive words in place.
  void (*permute_many)(uint32_t* states, size_t count);
};

// Those of all instruction sets compiled in that this machine has, the best first; scalar is always the last
// one.
std::span<const HashKernels* const> available_hash_kernels();

// Those that the environment variable OPENSWIRL_CPU names when they are first asked for, the best by default.
// A name that this machine lacks is an error of the cpu device; everything else, such as a verifier, hashes
// with the scalar ones then.
const HashKernels& hash_kernels();

}  // namespace openswirl
