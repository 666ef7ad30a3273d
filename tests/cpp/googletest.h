// GoogleTest, and how its messages print values of the core.
#pragma once

#include <gtest/gtest.h>

#include <ostream>

#include "field/ext.h"
#include "openswirl/failure.h"

// That the text has this part.
#define EXPECT_CONTAINS(text, part) EXPECT_PRED_FORMAT2(testing::IsSubstring, part, text)

namespace openswirl {

inline void PrintTo(Fp value, std::ostream* out) { *out << value.canonical(); }
inline void PrintTo(const Ext& value, std::ostream* out) {
  *out << '(' << value.c[0].canonical();
  for (size_t i = 1; i < 4; ++i) *out << ", " << value.c[i].canonical();
  *out << ')';
}
inline void PrintTo(FailureKind kind, std::ostream* out) {
  static constexpr const char* kNames[] = {"kFormat",  "kKeygen",      "kInput",       "kUnbalancedBus",
                                           "kDevice",  "kUnsupported", "kOutOfMemory", "kCancelled",
                                           "kTimeout", "kUnsatisfied", "kInternal"};
  *out << kNames[static_cast<size_t>(kind)];
}

}  // namespace openswirl
