// What the parts of a GPU device's self-test share.
#pragma once

#include <string>
#include <vector>

#include "field/ext.h"
#include "gpu/engine.h"

namespace openswirl::gpu {

inline void expect(bool right, const std::string& what) {
  if (!right) throw Error(FailureKind::kDevice, "the device computes a wrong " + what + "; do not use it");
}

// Elements that reach the limits of every word operation.
inline std::vector<Fp> sample(size_t count) {
  std::vector<Fp> values{Fp::zero(), Fp::one(), Fp::minus_one(), Fp::from_word(1)};
  while (values.size() < count)
    values.push_back(values.back() * Fp::from_u32(31) + values[values.size() - 3]);
  values.resize(count);
  return values;
}

// The elements of a range, after everything recorded has run.
inline std::vector<Fp> download(Work& work, const Range& range) {
  std::vector<Fp> values(range.bytes / 4);
  work.recorder().download(range, std::as_writable_bytes(std::span(values)));
  work.wait();
  return values;
}

// Every stage of a proof, all of it on the device, beside the same stage of the host.
void test_stages(Work& work);

}  // namespace openswirl::gpu
