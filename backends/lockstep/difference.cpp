#include "lockstep/difference.h"

namespace openswirl {

std::string Difference::text() const {
  std::string text = "[lockstep] " + device_a + " and " + device_b + " differ in stage " + stage;
  if (layer) text += ", layer " + std::to_string(*layer);
  if (round) text += ", round " + std::to_string(*round);
  if (fold) text += ", fold " + std::to_string(*fold);
  text += ", " + call;
  if (!element.empty()) text += ", element " + element;
  return text + ": " + value_a + " on " + device_a + ", " + value_b + " on " + device_b;
}

namespace lockstep {
namespace {

std::string show(Fp value) { return std::to_string(value.canonical()); }
std::string show(const Ext& value) {
  std::string text = "(";
  for (size_t i = 0; i < 4; ++i) {
    if (i > 0) text += ", ";
    text += show(value.c[i]);
  }
  text += ")";
  return text;
}

// The first of several named members that differs.
struct Members {
  MaybeFound found;

  template <class T>
  Members& member(const char* name, const T& a, const T& b) {
    if (found) return *this;
    found = compare(a, b);
    if (found) found->element.insert(0, name);
    return *this;
  }
  Members& size(const char* name, uint64_t a, uint64_t b) {
    if (!found) found = compare_sizes(a, b, name);
    return *this;
  }
};

template <class T>
MaybeFound compare_rows(const OpenedRows<T>& a, const OpenedRows<T>& b) {
  return Members{}
      .size(" num_queries", a.num_queries, b.num_queries)
      .size(" rows_per_query", a.rows_per_query, b.rows_per_query)
      .size(" width", a.width, b.width)
      .member(" values", a.values, b.values)
      .found;
}

}  // namespace

MaybeFound compare_sizes(uint64_t a, uint64_t b, const char* what) {
  if (a == b) return std::nullopt;
  return Found{what, std::to_string(a), std::to_string(b)};
}

Found inside_element(size_t index, Found found) {
  std::string element = "[";
  element += std::to_string(index);
  element += "]";
  element += found.element;
  found.element = std::move(element);
  return found;
}

MaybeFound compare(Fp a, Fp b) {
  if (a == b) return std::nullopt;
  return Found{"", show(a), show(b)};
}
MaybeFound compare(const Ext& a, const Ext& b) {
  if (a == b) return std::nullopt;
  return Found{"", show(a), show(b)};
}
MaybeFound compare(const LayerClaims& a, const LayerClaims& b) {
  return Members{}
      .member("p0", a.p0, b.p0)
      .member("q0", a.q0, b.q0)
      .member("p1", a.p1, b.p1)
      .member("q1", a.q1, b.q1)
      .found;
}
MaybeFound compare(const Fraction& a, const Fraction& b) {
  return Members{}.member("numerator", a.p, b.p).member("denominator", a.q, b.q).found;
}
MaybeFound compare(const SumClaim& a, const SumClaim& b) {
  return Members{}
      .member(" numerator", a.numerator, b.numerator)
      .member(" denominator", a.denominator, b.denominator)
      .found;
}
MaybeFound compare(const OpenedRows<Fp>& a, const OpenedRows<Fp>& b) { return compare_rows(a, b); }
MaybeFound compare(const OpenedRows<Ext>& a, const OpenedRows<Ext>& b) { return compare_rows(a, b); }
MaybeFound compare(const MerklePaths& a, const MerklePaths& b) {
  return Members{}
      .size(" num_queries", a.num_queries, b.num_queries)
      .size(" depth", a.depth, b.depth)
      .member(" digests", a.digests, b.digests)
      .found;
}
MaybeFound compare(const QueryOpenings& a, const QueryOpenings& b) {
  return Members{}
      .member("initial_rows", a.initial_rows, b.initial_rows)
      .member("initial_paths", a.initial_paths, b.initial_paths)
      .member("codeword_values", a.codeword_values, b.codeword_values)
      .member("codeword_paths", a.codeword_paths, b.codeword_paths)
      .found;
}
MaybeFound compare(const HostCommitment& a, const HostCommitment& b) {
  return Members{}
      .size("stacked_width", a.stacked_width, b.stacked_width)
      .member("stacked", a.stacked, b.stacked)
      .member("codeword", a.codeword, b.codeword)
      .member("digest_layers", a.digest_layers, b.digest_layers)
      .found;
}

}  // namespace lockstep
}  // namespace openswirl
