// How the checks of the verifier end a verification. Internal to the verifier.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "field/ext.h"

namespace openswirl::verifier {

// Caught by verify() and turned into a Verdict.
struct Rejected {
  std::string check, detail;
};

inline std::string show(const Ext& value) {
  std::string text = "(";
  for (size_t i = 0; i < 4; ++i) text += (i ? ", " : "") + std::to_string(value.c[i].canonical());
  return text + ")";
}

// Rejects with "expected .., actual .." unless the two are equal. `where` says which entry, if there are
// several.
inline void require_equal(const char* check, uint64_t expected, uint64_t actual,
                          const std::string& where = "") {
  if (expected == actual) return;
  throw Rejected{check, (where.empty() ? "" : where + ": ") + "expected " + std::to_string(expected) +
                            ", actual " + std::to_string(actual)};
}
inline void require_equal(const char* check, const Ext& expected, const Ext& actual) {
  if (expected == actual) return;
  throw Rejected{check, "expected " + show(expected) + ", actual " + show(actual)};
}

}  // namespace openswirl::verifier
