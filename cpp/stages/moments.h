// The two tables of the WHIR sumcheck on host memory, in coefficient and moment form (protocol part
// 06, 10.2).
#pragma once

#include <array>
#include <span>
#include <vector>

#include "field/ext.h"
#include "runtime/context.h"

namespace openswirl::stages {

inline constexpr size_t kEntriesPerRange = size_t{1} << 13;  // of loops over entries with several threads

// Extension elements as four planes: coefficient k of entry i at data[k * size + i].
struct PlaneTable {
  Buffer<Fp> data;
  size_t size = 0;

  PlaneTable() = default;
  PlaneTable(const Context& context, size_t size, const char* what, bool zeroed = false)
      : data(context.buffer<Fp>(4 * size, what, zeroed)), size(size) {}
  Ext at(size_t i) const { return {data[i], data[size + i], data[2 * size + i], data[3 * size + i]}; }
};

class MomentTables {
 public:
  MomentTables() = default;
  // Of equal size, a power of two. The context outlives the tables.
  MomentTables(const Context& context, PlaneTable coefficients, PlaneTable moments)
      : context_(&context), coefficients_(std::move(coefficients)), moments_(std::move(moments)) {}

  const PlaneTable& coefficients() const { return coefficients_; }
  const PlaneTable& moments() const { return moments_; }

  // S(1), S(2).
  std::array<Ext, 2> sums() const;
  // Binds the lowest variable of both.
  void bind(const Ext& alpha);
  // The coefficients as a univariate polynomial at z0.
  Ext evaluate(const Ext& z0) const;
  // Adds the weights of a round: gamma at z0, and powers of gamma from the second on at the points
  // generator^index.
  void update(Fp generator, const Ext& z0, std::span<const uint32_t> indices, const Ext& gamma);

 private:
  const Context* context_ = nullptr;
  PlaneTable coefficients_, moments_;
};

}  // namespace openswirl::stages
