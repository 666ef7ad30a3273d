// The GPUs of this machine that the kernels can run on, and what each allows.
#pragma once

#include <string>
#include <vector>

#include "metal/apple.h"

namespace openswirl::metal {

struct Gpu {
  NS::SharedPtr<MTL::Device> device;
  std::string name;             // "Apple M2 Max"
  int family = 0;               // of Apple's GPU families: 7 is M1
  uint64_t working_set = 0;     // bytes that its memory may have in all
  uint64_t max_buffer = 0;      // bytes of one allocation
  bool residency_sets = false;  // macOS 15: memory stays resident without naming it in every encoder
};

// For people.
std::string describe(const Gpu& gpu);

// Best first. If there is none, `why_none` says why.
std::vector<Gpu> find_gpus(std::string& why_none);

}  // namespace openswirl::metal
