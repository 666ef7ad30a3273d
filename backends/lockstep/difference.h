// The first difference between two devices that should have sent the same message.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "backend/backend.h"

namespace openswirl {

// Where and what. Counted as in the protocol: layers from 1, sumcheck rounds of the constraints and of the
// stacked reduction from 0 (the univariate one), everything else from 0.
struct Difference {
  std::string stage;  // "commit", "grind", "logup_gkr", "constraints", "stacked_reduction", "whir"
  std::string call;   // "ConstraintSum::next"
  std::optional<uint32_t> layer;  // of the fraction tree
  std::optional<uint32_t> round;  // of the sumcheck; the WHIR round in stage "whir"
  std::optional<uint32_t> fold;   // within a WHIR round
  std::string element;            // "[3]", "numerator", "initial_rows[0] value 17"
  std::string value_a, value_b;   // canonical residues
  std::string device_a, device_b;

  // One sentence with all of it.
  std::string text() const;
};

namespace lockstep {

// What differs inside a message, and the two values.
struct Found {
  std::string element, a, b;
};
using MaybeFound = std::optional<Found>;

MaybeFound compare(Fp a, Fp b);
MaybeFound compare(const Ext& a, const Ext& b);
MaybeFound compare(const LayerClaims& a, const LayerClaims& b);
MaybeFound compare(const Fraction& a, const Fraction& b);
MaybeFound compare(const SumClaim& a, const SumClaim& b);
MaybeFound compare(const OpenedRows<Fp>& a, const OpenedRows<Fp>& b);
MaybeFound compare(const OpenedRows<Ext>& a, const OpenedRows<Ext>& b);
MaybeFound compare(const MerklePaths& a, const MerklePaths& b);
MaybeFound compare(const QueryOpenings& a, const QueryOpenings& b);
MaybeFound compare(const HostCommitment& a, const HostCommitment& b);
MaybeFound compare_sizes(uint64_t a, uint64_t b, const char* what);
// "[index]" before what differs inside that element.
Found inside_element(size_t index, Found found);

template <class T, size_t N>
MaybeFound compare(const std::array<T, N>& a, const std::array<T, N>& b);
template <class T>
MaybeFound compare(const std::vector<T>& a, const std::vector<T>& b);
template <class T>
MaybeFound compare(const CompactList<T>& a, const CompactList<T>& b);

template <class T>
MaybeFound compare_range(const T& a, const T& b) {
  for (size_t i = 0; i < a.size(); ++i) {
    if (MaybeFound found = compare(a[i], b[i])) return inside_element(i, *std::move(found));
  }
  return std::nullopt;
}
template <class T, size_t N>
MaybeFound compare(const std::array<T, N>& a, const std::array<T, N>& b) {
  return compare_range(a, b);
}
template <class T>
MaybeFound compare(const std::vector<T>& a, const std::vector<T>& b) {
  if (MaybeFound found = compare_sizes(a.size(), b.size(), " length")) return found;
  return compare_range(a, b);
}
template <class T>
MaybeFound compare(const CompactList<T>& a, const CompactList<T>& b) {
  if (MaybeFound found = compare_sizes(a.size(), b.size(), " length")) return found;
  return compare_range(a, b);
}

}  // namespace lockstep
}  // namespace openswirl
