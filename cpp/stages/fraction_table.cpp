#include "stages/fraction_table.h"

#include <algorithm>

#include "stages/kernels.h"

namespace openswirl::stages {

FractionTable::FractionTable(uint32_t log_size, size_t used, const Ext& padding)
    : log_size(log_size), stored(std::min((used + 3) / 4 * 4, size_t{1} << log_size)), padding(padding) {}

FractionTable::FractionTable(const Context& context, uint32_t log_size, size_t used, const Ext& padding,
                             bool base)
    : FractionTable(log_size, used, padding) {
  if (base) {
    base_p = context.buffer<Fp>(stored, "LogUp leaves");
  } else {
    p = context.buffer<Ext>(stored, "LogUp layers");
  }
  q = context.buffer<Ext>(stored, "LogUp layers");
}

void FractionTable::pad(size_t from) {
  for (size_t i = from; i < stored; ++i) {
    if (p_words() == 1) {
      base_p[i] = Fp::zero();
    } else {
      p[i] = Ext::zero();
    }
    q[i] = padding;
  }
}

FractionTable FractionTable::parents(const Context& context) const {
  FractionTable result(context, log_size - 1, (stored + 1) / 2, padding.square(), false);
  context.parallel_for(stored / 2, kNodesPerRange, [&](size_t begin, size_t end) {
    kernels().fractions.add_pairs(p_data(), p_words(), q_data(), begin, end, words(result.p.data()),
                                  words(result.q.data()));
  });
  result.pad(stored / 2);
  return result;
}

LayerClaims FractionTable::claims() const {
  if (p_words() == 1) return {Ext(base_p[0]), q[0], Ext(base_p[1]), q[1]};
  return {p[0], q[0], p[1], q[1]};
}

}  // namespace openswirl::stages
