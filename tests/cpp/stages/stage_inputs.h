// Contexts for stage tests: one and two threads, a meter, no limits.
#pragma once

#include "runtime/context.h"

namespace stages_test {

inline openswirl::Context context(unsigned threads) {
  openswirl::Context result;
  result.pool = std::make_shared<openswirl::ThreadPool>(threads);
  return result;
}

}  // namespace stages_test
