// The check that host values are canonical residues.
#include "bindings/bindings.h"
#include "field/fp.h"

namespace openswirl::bindings {

void check_canonical(const uint32_t* data, uint64_t rows, uint64_t columns, const std::string& what) {
  const uint64_t count = rows * columns;
  constexpr uint64_t kBlock = 4096;
  for (uint64_t begin = 0; begin < count; begin += kBlock) {
    const uint64_t end = begin + kBlock < count ? begin + kBlock : count;
    uint32_t highest = 0;
    for (uint64_t i = begin; i < end; ++i) highest = data[i] > highest ? data[i] : highest;
    if (highest < Fp::kModulus) continue;
    uint64_t i = begin;
    while (data[i] < Fp::kModulus) ++i;
    throw Error(FailureKind::kInput, what + "[" + std::to_string(i / columns) + ", " + std::to_string(i % columns) +
                                         "] is " + std::to_string(data[i]) +
                                         ", must be below p = " + std::to_string(Fp::kModulus));
  }
}

}  // namespace openswirl::bindings
