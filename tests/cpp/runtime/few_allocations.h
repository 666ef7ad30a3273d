// Lets operator new fail on demand, in the thread that asks for it; it is replaced in context_test.cpp.
#pragma once

#include <cstdint>

// How many more allocations of this thread succeed; negative: all.
inline thread_local int64_t allocations_left = -1;

class FewAllocations {
 public:
  explicit FewAllocations(int64_t count) { allocations_left = count; }
  ~FewAllocations() { allocations_left = -1; }
};
