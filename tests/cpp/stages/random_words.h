// Field words for kernel tests: random ones mixed with the extremes 0, 1 and p - 1.
#pragma once

#include <random>
#include <vector>

#include "field/ext.h"

namespace stages_test {

inline std::vector<uint32_t> words(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<uint32_t> result(count);
  for (uint32_t& word : result) {
    switch (random() % 16) {
      case 0:
        word = 0;
        break;
      case 1:
        word = 1;
        break;
      case 2:
        word = openswirl::Fp::kModulus - 1;
        break;
      default:
        word = random() % openswirl::Fp::kModulus;
    }
  }
  return result;
}

inline std::vector<openswirl::Fp> fields(size_t count, uint32_t seed) {
  std::vector<openswirl::Fp> result;
  for (const uint32_t word : words(count, seed)) result.push_back(openswirl::Fp::from_word(word));
  return result;
}

inline openswirl::Ext ext(const uint32_t* words) {
  using openswirl::Fp;
  return {Fp::from_word(words[0]), Fp::from_word(words[1]), Fp::from_word(words[2]), Fp::from_word(words[3])};
}
inline openswirl::Ext plane_ext(const uint32_t* table, size_t stride, size_t i) {
  const uint32_t four[4] = {table[i], table[stride + i], table[2 * stride + i], table[3 * stride + i]};
  return ext(four);
}

}  // namespace stages_test
